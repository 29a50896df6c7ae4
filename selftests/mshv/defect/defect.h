/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the defects that defect_vm shows have in common.  Each is a function that gives
 * RIGHT, WRONG (and says on stderr what was wrong), or UNKNOWN.
 */
#ifndef MSHV_DEFECT_H
#define MSHV_DEFECT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest.h"
#include "x86/sweep.h"

#define RIGHT	0
#define UNKNOWN	1
#define WRONG	10

#define NEED(op) do {							\
	long need_result = (op);					\
	if (need_result < 0) {						\
		fprintf(stderr, "%s: %s\n", #op, strerror(-need_result)); \
		exit(UNKNOWN);						\
	}								\
} while (0)

extern const struct sweep_op nothing, with_lapic;

/* What begin() has made, and which all of them use. */
extern struct sweep s;

/* A partition whose VP 0 has run, and is about to store to 0x2000. */
void begin(const struct sweep_op *op);
/* The next call of this code. */
void fail_once(uint16_t code, uint16_t status);
/* A VP that will read from, or store to, @gpa in the 64 KiB it can address. */
void let_guest(int store, uint16_t gpa);
int run(void);
/* In a child: does it come to an end? Nobody waits for more than @seconds. */
int comes_back(int (*what)(void), unsigned int seconds);
/* The VP and the partition of begin(). */
int close_all(void);

/* memory.c */
int read_only_memory(void);
int unmapped_memory(void);
int userfaultfd_memory(void);
int memory_of_a_dead_process(void);
int invalidation_refused(void);
int invalidation_needs_memory(void);
int pinned_map_refused(void);
int partial_deposit(void);
int bad_neighbour(void);
int huge_region(void);
int huge_bitmap(void);
int userfaultfd_killed(void);
int memory_changes_while_closing(void);

#endif /* MSHV_DEFECT_H */
