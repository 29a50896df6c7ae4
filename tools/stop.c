// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A signal ends mshv_vp_run() only if it arrives inside the system call. One
 * that comes between the look at stop_signal() and the call would be forgotten
 * until the guest stops by itself. So the first signal starts a timer, and each
 * tick of it is another signal, until one is in time.
 *
 * A write to a full pipe does not end that way. If the end has not come after
 * so many ticks, it is not waited for.
 */
#include "config.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "stop.h"

#define TICK_US		20000
#define TICKS_MAX	100

static volatile sig_atomic_t stop;
static volatile sig_atomic_t ticks;

static void on_stop(int sig)
{
	/* A plain system call in every libc, though POSIX does not list it. */
	const struct itimerval tick = {
		.it_interval = { .tv_usec = TICK_US },
		.it_value = { .tv_usec = TICK_US },
	};

	stop = sig;
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void on_tick(int sig)
{
	(void)sig;
	/* Ticks that come while this process can't run count as one. */
	ticks = ticks + 1;
	if (ticks >= TICKS_MAX)
		_exit(128 + stop);
}

void stop_install(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action;
	size_t i;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);

	action.sa_flags = SA_RESTART;
	action.sa_handler = on_tick;
	sigaction(SIGALRM, &action, NULL);

	action.sa_flags = SA_RESTART | SA_RESETHAND;
	action.sa_handler = on_stop;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old;

		/* nohup and shells in the background have a reason. */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}

	/* A reader that went away is an error of write(), not the end. */
	action.sa_flags = 0;
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

int stop_signal(void)
{
	return stop;
}
