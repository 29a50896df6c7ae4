// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a number comes about. See bench.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/*
 * Two lengths of the loop, many times each. The middle of what they took leaves out
 * those that a timer interrupt or another thread fell into, and so it does not
 * depend on when those come, which no two boots agree on; nor on how long a try
 * that nothing falls into is lucky to find everything in place, which the least
 * does once there is a scheduler in the round.
 */
#define SHORTER		2
#define LONGER		10
#define TRIES_MAX	401
#define TRIES_MIN	21
#define ENOUGH		60000000ull	/* instructions for all of it */

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t middle(uint64_t *values, unsigned int n)
{
	qsort(values, n, sizeof(values[0]), by_size);
	return values[n / 2];
}

static uint64_t took(bench_loop loop, void *ctx, unsigned int rounds)
{
	uint64_t start = bench_now();

	loop(ctx, rounds);
	return bench_now() - start;
}

double bench_per_round(bench_loop loop, void *ctx)
{
	uint64_t shorter[TRIES_MAX], longer[TRIES_MAX];
	uint64_t rough, tries;
	unsigned int i;

	loop(ctx, 20);
	rough = took(loop, ctx, 20) / 20 + 1;
	tries = ENOUGH / (rough * (SHORTER + LONGER)) | 1;
	if (tries > TRIES_MAX)
		tries = TRIES_MAX;
	if (tries < TRIES_MIN)
		tries = TRIES_MIN;
	loop(ctx, tries);
	for (i = 0; i < tries; i++) {
		shorter[i] = took(loop, ctx, SHORTER);
		longer[i] = took(loop, ctx, LONGER);
	}
	return (double)(int64_t)(middle(longer, tries) - middle(shorter, tries)) /
	       (LONGER - SHORTER);
}

double bench_least(uint64_t (*once)(void *ctx), void *ctx, unsigned int tries)
{
	uint64_t best = UINT64_MAX, cost;

	while (tries--) {
		cost = once(ctx);
		if (cost < best)
			best = cost;
	}
	return best;
}

void bench_print(const char *job, const char *path, const char *what, double value)
{
	printf("%s,%s,%s,%.1f\n", job, path, what, value);
	fflush(stdout);
}

void bench_die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("mshv-bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void bench_failed(const char *what, const char *file, int line)
{
	bench_die("%s:%d: %s: %s", file, line, what, strerror(errno));
}

void *bench_memory(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		bench_die("no memory for a guest of %zu bytes", bytes);
	/* Pages of 4 KiB everywhere, and there before anybody looks at the clock. */
	madvise(p, bytes, MADV_NOHUGEPAGE);
	memset(p, 0, bytes);
	return p;
}

/* ---------------------------------------------------------------------- kick */

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static volatile sig_atomic_t kicked;

static void on_kick(int sig)
{
	(void)sig;
	kicked = 1;
}

/* Time enough for the guest to run by then. */
#define KICK_AFTER_NS	100000

static uint64_t kick_once(timer_t timer, void (*run)(void *ctx), void *ctx)
{
	uint64_t when = nanoseconds() + KICK_AFTER_NS;
	struct itimerspec at = {
		.it_value = { when / 1000000000, when % 1000000000 },
		/* Again: one that comes right before the run ends nothing. */
		.it_interval = { 0, 100000000 },
	};

	kicked = 0;
	bench_ok(timer_settime(timer, TIMER_ABSTIME, &at, NULL));
	/* Preempted before it has begun: the signal does not find it running. */
	while (!kicked)
		run(ctx);
	return nanoseconds() - when;
}

/* The middle of many: where the timer's interrupt falls is not ours to say. */
#define KICKS	101

double bench_kick(void (*run)(void *ctx), void *ctx)
{
	struct sigaction act = { .sa_handler = on_kick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	uint64_t late[KICKS];
	timer_t timer;
	int i;

	bench_ok(sigaction(SIGUSR1, &act, NULL));
	bench_ok(timer_create(CLOCK_MONOTONIC, &event, &timer));
	for (i = 0; i < KICKS; i++)
		late[i] = kick_once(timer, run, ctx);
	timer_delete(timer);
	return middle(late, KICKS);
}

/* ---------------------------------------------------------------------- wake */

static int wake_fd, wake_request;

static void *waker(void *arg)
{
	uint64_t one = 1;

	(void)arg;
	for (;;) {
		bench_ok(read(wake_request, &one, sizeof(one)));
		one = 1;
		bench_ok(write(wake_fd, &one, sizeof(one)));
	}
	return NULL;
}

void bench_wake_start(int fd)
{
	pthread_t thread;

	wake_fd = fd;
	wake_request = bench_ok(eventfd(0, EFD_CLOEXEC));
	if (pthread_create(&thread, NULL, waker, NULL))
		bench_die("no thread");
	pthread_detach(thread);
}

void bench_wake_next(void)
{
	uint64_t one = 1;

	bench_ok(write(wake_request, &one, sizeof(one)));
}
