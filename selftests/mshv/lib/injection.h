/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures on demand in this thread's system calls, by /proc/thread-self/fail-nth:
 * of allocations and of copies from and to user space.
 */
#ifndef MSHV_INJECTION_H
#define MSHV_INJECTION_H

#include <stdbool.h>

/* A file for the others; -ENOENT: the kernel can't. */
int injection_open(void);
/* From now on the nth place of this thread fails; 0: none. */
int injection_set(int fd, int nth);
/* Was there no nth place? */
bool injection_left(int fd);
/*
 * The result of @operate with its nth place failing; *left: it has not so many. What
 * succeeds is tried again: the slab allocator, which has to refill a cache now and then,
 * gets over a page that it can't have, and then the places have moved by that one.
 */
int injection_try(int fd, int nth, int (*operate)(void *arg), void *arg, bool *left);
/* How many places are to come before the one that fails. */
int injection_rest(int fd);

#endif /* MSHV_INJECTION_H */
