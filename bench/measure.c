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
 * At one instruction per nanosecond a timer tick comes every 4 million; one try
 * has to fit between two of them.
 */
#define TRY		1000000u
#define TRIES		12

static uint64_t least(bench_loop loop, void *ctx, unsigned int n)
{
	uint64_t best = UINT64_MAX, start, took;
	int i;

	for (i = 0; i < TRIES; i++) {
		start = bench_now();
		loop(ctx, n);
		took = bench_now() - start;
		if (took < best)
			best = took;
	}
	return best;
}

double bench_per_round(bench_loop loop, void *ctx)
{
	uint64_t rough, shorter, longer;
	unsigned int n;

	loop(ctx, 20);
	rough = least(loop, ctx, 20) / 20 + 1;
	n = TRY / rough + 2;
	if (n > 2000)
		n = 2000;
	shorter = least(loop, ctx, n / 2);
	longer = least(loop, ctx, n);
	return (double)(longer - shorter) / (n - n / 2);
}

double bench_least(uint64_t (*once)(void *ctx), void *ctx, unsigned int tries)
{
	uint64_t best = UINT64_MAX, took;

	while (tries--) {
		took = once(ctx);
		if (took < best)
			best = took;
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

static uint64_t kick_once(timer_t timer, void (*run)(void *ctx), void *ctx)
{
	uint64_t when = nanoseconds() + 300000;
	struct itimerspec at = {
		.it_value = { when / 1000000000, when % 1000000000 },
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

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

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
	qsort(late, KICKS, sizeof(late[0]), by_size);
	return late[KICKS / 2];
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
