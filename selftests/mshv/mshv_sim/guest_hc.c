// SPDX-License-Identifier: GPL-2.0-only
/* What the hypercalls of guests do: TLFS, "Hypercall reference". */
#include <linux/bitops.h>

#include "guest_call.h"
#include "port.h"
#include "regs.h"

/* --------------------------------------------------------- sets of VPs */

#define VPSET_SPARSE	0	/* HV_GENERIC_SET_SPARSE_4K */
#define VPSET_ALL	1

struct vp_set {
	bool all;
	u64 mask;		/* of banks */
	const u64 *banks;	/* those that are in the mask */
};

static bool vp_set_has(const struct vp_set *s, u32 vp_index)
{
	u32 bank = vp_index / HV_VCPUS_PER_SPARSE_BANK;
	u64 below = bank ? s->mask & (BIT_ULL(bank) - 1) : 0;

	if (s->all)
		return true;
	return (s->mask & BIT_ULL(bank)) &&
	       (s->banks[hweight64(below)] & BIT_ULL(vp_index % HV_VCPUS_PER_SPARSE_BANK));
}

/* As it stands at the end of the fixed part, with the banks behind that. */
static u64 vp_set_parse(const struct sim_guest_call *g, const void *at, struct vp_set *s)
{
	const struct hv_vpset *in = at;

	*s = (struct vp_set) {
		.all = in->format == VPSET_ALL,
		.mask = in->valid_bank_mask,
		.banks = in->bank_contents,
	};
	if (in->format == VPSET_ALL)
		return HV_STATUS_SUCCESS;
	if (in->format != VPSET_SPARSE || hweight64(s->mask) != g->varhead)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/* ----------------------------------------------------- address translation */

struct flush_input {
	u64 address_space;
	u64 flags;
	u64 set[];		/* a mask of VPs, or a struct hv_vpset */
};

#define FLUSH_ALL_PROCESSORS	BIT_ULL(0)
#define FLUSH_FLAGS		GENMASK_ULL(3, 0)

/*
 * Whatever is asked for is less than what is done: all translations of all VPs of
 * the partition are gone when the call returns.
 */
static u64 flush(struct sim_guest_call *g)
{
	const struct flush_input *in = (void *)g->in;

	if (in->flags & ~FLUSH_FLAGS)
		return HV_STATUS_INVALID_PARAMETER;
	rcu_read_lock();
	sim_gpa_flush(g->vp->pt);
	rcu_read_unlock();
	g->done = g->rep_count;
	return HV_STATUS_SUCCESS;
}

u64 sim_gc_flush(struct sim_guest_call *g)
{
	return flush(g);
}

u64 sim_gc_flush_ex(struct sim_guest_call *g)
{
	const struct flush_input *in = (void *)g->in;
	struct vp_set set;
	u64 status = HV_STATUS_SUCCESS;

	if (!(in->flags & FLUSH_ALL_PROCESSORS))
		status = vp_set_parse(g, in->set, &set);
	return status == HV_STATUS_SUCCESS ? flush(g) : status;
}

/* ------------------------------------------------------------- scheduling */

/* The guest spins for a lock that a VP holds which may not be running. */
u64 sim_gc_spin_wait(struct sim_guest_call *g)
{
	g->yield = true;
	return HV_STATUS_SUCCESS;
}

/* --------------------------------------------------------------- interrupts */

struct ipi_input {
	u32 vector;
	u8 vtl;
	u8 reserved[3];
	u64 set[];		/* as above */
};

static u64 send_ipi(struct sim_guest_call *g, const struct vp_set *set)
{
	const struct ipi_input *in = (void *)g->in;
	struct sim_vp *vp;

	if (in->vector < 16 || in->vector > 255 || in->vtl || in->reserved[0] ||
	    in->reserved[1] || in->reserved[2])
		return HV_STATUS_INVALID_PARAMETER;
	rcu_read_lock();
	sim_for_each_vp(g->vp->pt, vp) {
		if (!vp_set_has(set, vp->index))
			continue;
		sim_lapic_accept(vp, in->vector, false);
		smp_mb__after_atomic();		/* then see whether the VP runs */
		if (vp != g->vp)
			sim_vp_wake(vp);
	}
	rcu_read_unlock();
	return HV_STATUS_SUCCESS;
}

u64 sim_gc_send_ipi(struct sim_guest_call *g)
{
	const struct ipi_input *in = (void *)g->in;
	struct vp_set set = { .mask = 1, .banks = in->set };

	return send_ipi(g, &set);
}

u64 sim_gc_send_ipi_ex(struct sim_guest_call *g)
{
	const struct ipi_input *in = (void *)g->in;
	struct vp_set set;
	u64 status = vp_set_parse(g, in->set, &set);

	return status == HV_STATUS_SUCCESS ? send_ipi(g, &set) : status;
}

/* ---------------------------------------------------------------- registers */

struct registers_input {
	u64 partition_id;
	u32 vp_index;
	u8 vtl;
	u8 padding[3];
};

/*
 * Of its own, and those that are MSRs of the hypervisor anyway.  A VP can't stop
 * another one here, which reading registers takes: two could do so at once.
 */
static u64 registers_check(const struct sim_guest_call *g)
{
	const struct registers_input *in = (void *)g->in;

	if (in->partition_id != HV_PARTITION_ID_SELF && in->partition_id != g->vp->pt->id)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (in->vp_index != HV_VP_INDEX_SELF && in->vp_index != g->vp->index)
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->vtl || in->padding[0] || in->padding[1] || in->padding[2])
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

u64 sim_gc_get_registers(struct sim_guest_call *g)
{
	u64 status = registers_check(g);
	union hv_register_value val;
	u32 name;

	for (; status == HV_STATUS_SUCCESS && g->done < g->rep_count; g->done++) {
		u64 in = g->in_gpa + g->row->in + g->done * sizeof(name);
		u64 out = g->out_gpa + g->done * sizeof(val);

		if (!sim_guest_read(g, in, &name, sizeof(name)))
			return HV_STATUS_INVALID_PARAMETER;
		status = sim_reg_guest_get(g->vp, name, &val);
		if (status != HV_STATUS_SUCCESS)
			break;
		if (!sim_guest_write(g, out, &val, sizeof(val)))
			return HV_STATUS_INVALID_PARAMETER;
	}
	return status;
}

u64 sim_gc_set_registers(struct sim_guest_call *g)
{
	u64 status = registers_check(g);
	struct hv_register_assoc reg;

	for (; status == HV_STATUS_SUCCESS && g->done < g->rep_count; g->done++) {
		u64 in = g->in_gpa + g->row->in + g->done * sizeof(reg);

		if (!sim_guest_read(g, in, &reg, sizeof(reg)))
			return HV_STATUS_INVALID_PARAMETER;
		status = sim_reg_guest_set(g->vp, reg.name, &reg.value);
		if (status != HV_STATUS_SUCCESS)
			break;
	}
	return status;
}

/* ------------------------------------------- inter-partition communication */

/*
 * Without a port behind it a connection may be one that the VMM serves itself: it
 * asks for the intercept of type 0xd (OpenVMM).
 */
static u64 connected(struct sim_guest_call *g, u64 status)
{
	const struct sim_intercepts *i = &g->vp->pt->intercepts;

	if (status == HV_STATUS_INVALID_CONNECTION_ID)
		g->for_vmm = READ_ONCE(i->unknown_connection) || READ_ONCE(i->hypercall);
	return status;
}

u64 sim_gc_post_message(struct sim_guest_call *g)
{
	return connected(g, sim_ipc_post(g->vp->pt, (void *)g->in));
}

u64 sim_gc_signal_event(struct sim_guest_call *g)
{
	return connected(g, sim_ipc_signal(g->vp->pt, (void *)g->in));
}
