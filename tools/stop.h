/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Ending the run from outside, by SIGHUP, SIGINT or SIGTERM. */
#ifndef MSHV_RUN_STOP_H
#define MSHV_RUN_STOP_H

/*
 * Take over these signals from now on. A second one of a kind kills, and the
 * process ends with 128 + N some seconds after the first if it has not by then.
 */
void stop_install(void);

/* The signal that asks for the end, or 0. Once set, it stays. */
int stop_signal(void);

#endif
