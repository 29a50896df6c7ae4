/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two things at once: threads that go on until they are told to stop, for a few
 * rounds by default and for $MSHV_STRESS seconds if that is set.
 */
#ifndef MSHV_RACE_H
#define MSHV_RACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "guest_vm.h"

/* How long a race takes. */
struct race {
	unsigned int rounds, max_rounds;
	time_t end;		/* CLOCK_MONOTONIC; 0: rounds count */
};

void race_start(struct race *race, unsigned int rounds);
/* Once a round, in one thread. */
bool race_goes_on(struct race *race);

/* A thread that calls @step until it is stopped or @step fails. */
struct racer {
	pthread_t thread;
	volatile bool stop;
	int (*step)(struct racer *r);
	void *arg;
	uint64_t index;		/* for the step's use */
	volatile uint64_t steps;
	volatile int error;	/* of the step that failed */
};

int racer_start(struct racer *r, int (*step)(struct racer *r), void *arg, uint64_t index);
/* Until it has done so many steps. Returns its error. */
int racer_wait(struct racer *r, uint64_t steps);
/* Interrupts what it waits for, as often as needed. Returns its error. */
int racer_stop(struct racer *r);

/* Close all its files, and drop its memory. */
void race_give_up(struct guest *g);

/* A guest that exits all the time: whoever runs it gets a chance to stop. */
void race_guest(uint64_t arg);

/*
 * A step: run VP @index of the struct guest @arg. A guest_sync() or a signal is fine, and
 * nothing else; or an access to memory that the guest does not have at the moment, too.
 */
int race_run_vp(struct racer *r);
int race_run_vp_without_memory(struct racer *r);

#endif /* MSHV_RACE_H */
