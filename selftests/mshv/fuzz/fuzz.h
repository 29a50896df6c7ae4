/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ioctl fuzzer: what it plays with. Each step draws its numbers from the seed
 * and its own index alone, so that a step does the same in a shorter run.
 */
#ifndef MSHV_FUZZ_H
#define MSHV_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#include "mshv_ops.h"

#define FUZZ_FDS	32
#define FUZZ_MAPS	8
#define FUZZ_POOL_BYTES	(8ull << 20)

enum fuzz_kind { FUZZ_NONE, FUZZ_DEV, FUZZ_PARTITION, FUZZ_VP, FUZZ_EVENT };

struct fuzz_fd {
	enum fuzz_kind kind;
	int fd;
	uint32_t vp_index;
};

struct fuzz {
	uint64_t rng;
	/*
	 * Also what is known to make the driver complain or the machine stop, see
	 * docs/driver-findings.md.
	 */
	bool wild;
	struct fuzz_fd fds[FUZZ_FDS];
	/* VPs' state pages; NULL: none. Another thread writes to them. */
	uint64_t *volatile maps[FUZZ_MAPS];
	uint8_t *pool;			/* memory for guests and for arguments */
	uint8_t *page;			/* where the next argument is made */
};

struct fuzz_op {
	const char *name;
	unsigned int weight;
	long (*step)(struct fuzz *f);	/* result of the system call, or -errno */
};

/* It had nothing to work on. */
#define FUZZ_IDLE	(-4095)

extern const struct fuzz_op fuzz_ops[];
extern const unsigned int fuzz_ops_count;

void fuzz_seed(struct fuzz *f, uint64_t seed, uint64_t step);
uint64_t fuzz_random(struct fuzz *f);
/* From 0 to n - 1. */
uint64_t fuzz_below(struct fuzz *f, uint64_t n);
bool fuzz_one_in(struct fuzz *f, unsigned int n);
/* A number that programs get wrong. */
uint64_t fuzz_odd_number(struct fuzz *f);
/* A file of that kind, or FUZZ_NONE: a free place. NULL if there is none. */
struct fuzz_fd *fuzz_any(struct fuzz *f, enum fuzz_kind kind);
long fuzz_step_hypercall(struct fuzz *f);
int fuzz_open(struct fuzz *f);
void fuzz_close(struct fuzz *f);

#endif /* MSHV_FUZZ_H */
