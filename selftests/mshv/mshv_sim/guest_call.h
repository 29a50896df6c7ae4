/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls of guests: guest_call.c takes them apart, guest_hc.c has what they do.
 */
#ifndef MSHV_SIM_GUEST_CALL_H
#define MSHV_SIM_GUEST_CALL_H

#include "engine.h"

struct sim_guest_call;

struct sim_guest_row {
	u16 code;
	u16 in;			/* fixed part of the input, in bytes */
	u16 rep_in, rep_out;	/* per element */
	bool reps, varhead;
	u64 feature;		/* BIT(enum sim_feature), else ACCESS_DENIED */
	u64 (*fn)(struct sim_guest_call *g);
};

/* The largest fixed part, or the longest VP set there can be. */
#define SIM_GUEST_IN	(32 + 8 * HV_MAX_SPARSE_VCPU_BANKS)

/* What a fast call has: RDX, R8, XMM0 to 5, for its input and behind that its output. */
#define SIM_GUEST_BLOCK	112

struct sim_guest_call {
	struct sim_vp *vp;
	const struct sim_guest_row *row;
	u64 in_gpa, out_gpa;	/* in a fast call: offsets in the block */
	bool fast;
	u32 varhead;		/* qwords */
	u32 rep_count;
	u32 done;		/* elements, with those of earlier calls */
	bool for_vmm;		/* becomes an intercept, nothing was done */
	bool yield;
	struct sim_guest_fault fault;
	u8 in[SIM_GUEST_IN] __aligned(8);
	u8 block[SIM_GUEST_BLOCK] __aligned(8);
};

/* The call's memory; false: it is not there, and the call is tried again later. */
bool sim_guest_read(struct sim_guest_call *g, u64 gpa, void *buf, u32 len);
bool sim_guest_write(struct sim_guest_call *g, u64 gpa, const void *buf, u32 len);

u64 sim_gc_flush(struct sim_guest_call *g);
u64 sim_gc_flush_ex(struct sim_guest_call *g);
u64 sim_gc_spin_wait(struct sim_guest_call *g);
u64 sim_gc_send_ipi(struct sim_guest_call *g);
u64 sim_gc_send_ipi_ex(struct sim_guest_call *g);
u64 sim_gc_get_registers(struct sim_guest_call *g);
u64 sim_gc_set_registers(struct sim_guest_call *g);
u64 sim_gc_post_message(struct sim_guest_call *g);
u64 sim_gc_signal_event(struct sim_guest_call *g);

#endif /* MSHV_SIM_GUEST_CALL_H */
