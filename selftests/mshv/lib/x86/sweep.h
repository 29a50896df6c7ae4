/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that make an operation fail at each place where it can: what an
 * operation is, what it works on, and what it may not leave behind.
 */
#ifndef MSHV_SWEEP_H
#define MSHV_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"
#include "guest_vm.h"

#define SWEEP_RAM_PAGES	16

/* How far a partition is before the operation. */
enum sweep_stage {
	SWEEP_DEVICE,
	SWEEP_CREATED,
	SWEEP_INITIALIZED,
	SWEEP_VP,	/* VP 0 has run, all of its RAM is there */
};

struct sweep {
	int ctl;
	struct guest g;		/* RAM from GPA 0 on; no image, real mode */
	char *more;		/* memory that the operation may map */
	uint64_t more_pages;
	int event[2];
	uint8_t page[4096] __attribute__((aligned(4096)));
};

/* Each function gives 0 or -errno. */
struct sweep_op {
	const char *name;
	enum sweep_stage stage;
	uint64_t pt_flags;
	int (*prepare)(struct sweep *s);	/* may be NULL */
	/* Can be repeated once it has failed, until it succeeds. */
	int (*operate)(struct sweep *s);
	/* The effect is there, seen by another way than the result. */
	int (*check)(struct sweep *s);
};

/* The name of each, for the variants of a test. */
#define SWEEP_OPS(X) \
	X(create) X(initialize) X(create_vp) X(map) X(map_batches) \
	X(unmap) X(get_registers) X(set_registers) X(get_property) X(set_property) \
	X(install_intercept) X(translate) X(run_first) X(run) X(route) \
	X(irqfd) X(irqfd_pending) X(irqfd_signal) X(irqfd_deassign) X(ioeventfd) \
	X(ioeventfd_deassign) X(get_lapic) X(set_lapic) X(get_xsave) X(dirty_bitmap) \
	X(close) X(close_uninitialized) \
	X(assert_interrupt) X(intercept_result) X(access_states) X(cpuid_values)

#define SWEEP_COUNT(name)	+ 1
enum { SWEEP_OP_COUNT = 0 SWEEP_OPS(SWEEP_COUNT) };

/* The last ones are hypercalls that the driver only passes on. */
#define SWEEP_PASSTHROUGH_COUNT	4
extern const struct sweep_op sweep_passthrough_ops[];

const struct sweep_op *sweep_find(const char *name);

/* Why it cannot be tried here; NULL: it can. */
const char *sweep_missing(const struct sweep_op *op, int ctl);

int sweep_begin(struct sweep *s, const struct sweep_op *op, int ctl);
/* Closes whatever there is. */
void sweep_end(struct sweep *s);

/* What must be as before after a failure. */
struct sweep_holdings {
	struct mshv_sim_ledger ledger;
	int fds;
	long long orphaned;	/* deposited pages that nobody withdrew */
};

int sweep_holdings(int ctl, struct sweep_holdings *h);
/* NULL if they are the same, else what differs, in words. */
const char *sweep_difference(const struct sweep_holdings *before,
			     const struct sweep_holdings *after);

/*
 * What this driver's errno for an HV_STATUS_* is; status_errno_test knows if it is
 * right. -ENODATA if the status did not get there.
 */
int sweep_errno(int ctl, uint16_t status);

/* One hypercall of an operation: the nth of its code, from 0 on. */
struct sweep_site {
	uint16_t code;
	uint16_t nth;
};

/*
 * The hypercalls that the operation makes each time if nothing fails. Returns how many
 * sites there are, at most @max; repetitions of a code from @max_nth on are
 * left out.
 */
int sweep_sites(const struct sweep_op *op, int ctl, struct sweep_site *sites, int max,
		unsigned int max_nth);

#endif /* MSHV_SWEEP_H */
