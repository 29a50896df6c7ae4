// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "race.h"

#define RACE_SIGNAL	SIGUSR1

static const struct timespec a_while = { .tv_nsec = 1000000 };

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

void race_start(struct race *race, unsigned int rounds)
{
	const char *seconds = getenv("MSHV_STRESS");

	race->rounds = 0;
	race->max_rounds = rounds;
	race->end = seconds && atoi(seconds) > 0 ? now() + atoi(seconds) : 0;
}

bool race_goes_on(struct race *race)
{
	race->rounds++;
	return race->end ? now() < race->end : race->rounds <= race->max_rounds;
}

static void nothing(int signal)
{
	(void)signal;
}

static void *racer_main(void *arg)
{
	struct racer *r = arg;

	while (!r->stop && !r->error) {
		r->error = r->step(r);
		r->steps++;
	}
	return NULL;
}

int racer_start(struct racer *r, int (*step)(struct racer *r), void *arg, uint64_t index)
{
	struct sigaction action = { .sa_handler = nothing };

	memset(r, 0, sizeof(*r));
	r->step = step;
	r->arg = arg;
	r->index = index;
	if (sigaction(RACE_SIGNAL, &action, NULL))
		return -errno;
	return -pthread_create(&r->thread, NULL, racer_main, r);
}

int racer_wait(struct racer *r, uint64_t steps)
{
	while (r->steps < steps && !r->error)
		nanosleep(&a_while, NULL);
	return r->error;
}

int racer_stop(struct racer *r)
{
	r->stop = true;
	while (pthread_tryjoin_np(r->thread, NULL) == EBUSY) {
		pthread_kill(r->thread, RACE_SIGNAL);
		nanosleep(&a_while, NULL);
	}
	return r->error;
}

/* An exit to @memory that the guest does not have is fine as well. */
static int run_vp(struct racer *r, bool memory)
{
	struct guest *g = r->arg;
	const struct hv_message *message = &g->vp[r->index].message;
	int event = guest_run(g, r->index);

	if (event == GUEST_SYNC || event == -EINTR)
		return 0;
	if (memory && event == GUEST_EXIT &&
	    (message->header.message_type == HVMSG_UNMAPPED_GPA ||
	     message->header.message_type == HVMSG_GPA_INTERCEPT))
		return 0;
	fprintf(stderr, "# %s\n", guest_describe(g, r->index, event));
	return event < 0 ? event : -EPROTO;
}

int race_run_vp(struct racer *r)
{
	return run_vp(r, false);
}

int race_run_vp_without_memory(struct racer *r)
{
	return run_vp(r, true);
}

void race_give_up(struct guest *g)
{
	unsigned int i;

	for (i = 0; i < GUEST_VPS_MAX; i++)
		if (g->vp[i].fd > 0)
			close(g->vp[i].fd);
	close(g->pt);
	close(g->dev);
	munmap(g->ram, GUEST_RAM_BYTES);
}

void race_guest(uint64_t arg)
{
	for (;;) {
		volatile int delay;

		for (delay = 0; delay < 200; delay++)
			;
		guest_sync(arg, 0);
	}
}
