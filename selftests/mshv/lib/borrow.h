/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test changes on the machine comes back: before the next test, whatever became of
 * this one, and when the program ends, also by SIGHUP, SIGINT or SIGTERM. (A test that
 * takes too long is killed together with the process that would tear it down.)
 */
#ifndef MSHV_BORROW_H
#define MSHV_BORROW_H

#include <stddef.h>

/* In the first process of a program, before there are tests. Else -errno, and why. */
int borrow_begin(char *why, size_t size);

/*
 * Before the first write to a small file (of /proc or /sys): it gets back what is in it
 * now. 0 or -errno; without borrow_begin() nothing is kept. One thread of one test at a
 * time.
 */
int borrow_file(const char *path);
/* The same, and write. */
int borrow_and_write(const char *path, const char *value);

/* Something else that is to be done when the program ends; 0: it was. */
void borrow_at_end(int (*give_back)(void));

/* For env_begin(), and what is borrowed before: it is this test that may be killed. */
void borrow_test_begins(void);
/* For env_end(). The number of files that could not be written; stderr says which. */
int borrow_give_back(void);

#endif /* MSHV_BORROW_H */
