// SPDX-License-Identifier: GPL-2.0-only
/* RDMSR and WRMSR of the guest, and what if there is no such MSR. */
#include <asm/msr.h>

#include "regs.h"

/* FS and GS bases are MSRs as well, but part of a wider register. */
static u64 *sim_msr_segment_base(struct sim_vp *vp, u32 msr)
{
	switch (msr) {
	case MSR_FS_BASE:
		return &vp->vmcb->save.fs.base;
	case MSR_GS_BASE:
		return &vp->vmcb->save.gs.base;
	}
	return NULL;
}

/* A synthetic MSR that the partition has not been given does not exist. */
static const struct sim_reg *guest_find_msr(struct sim_vp *vp, u32 msr, u32 *i)
{
	const struct sim_reg *r = sim_reg_find_msr(msr, i);

	return r && (r->feature & ~vp->pt->synthetic_features) ? NULL : r;
}

/*
 * There is nothing to be read in it.  What the hypervisor does when bit 0 is set, is
 * to tell the VMM, who has the rest of the machine: svm_exit.c.
 */
static bool guest_has_reset(const struct sim_vp *vp, u32 msr)
{
	return msr == HV_X64_MSR_RESET && (vp->pt->privileges & HV_MSR_RESET_AVAILABLE);
}

bool sim_msr_resets(const struct sim_vp *vp, u32 msr, u64 val)
{
	return guest_has_reset(vp, msr) && val == 1;
}

bool sim_msr_read(struct sim_vp *vp, u32 msr, u64 *val, bool *unknown)
{
	u64 *base = sim_msr_segment_base(vp, msr);
	union hv_register_value v;
	const struct sim_reg *r;
	u32 i;

	*unknown = false;
	if (sim_lapic_has_msr(vp, msr))
		return sim_lapic_rdmsr(vp, msr, val, unknown);
	if (base) {
		*val = *base;
		return true;
	}
	/* Reading it is waiting (TLFS, "Virtual processor idle sleep state"). */
	if (msr == HV_X64_MSR_GUEST_IDLE &&
	    (vp->pt->synthetic_features & BIT_ULL(SIM_FEATURE_GUEST_IDLE))) {
		*val = 0;
		vp->idle = true;
		return true;
	}
	if (guest_has_reset(vp, msr)) {
		*val = 0;
		return true;
	}
	r = guest_find_msr(vp, msr, &i);
	*unknown = !r;
	if (!r)
		return false;
	sim_reg_read(vp, r, i, &v);
	*val = v.reg64;
	return true;
}

bool sim_msr_write(struct sim_vp *vp, u32 msr, u64 val, bool *unknown)
{
	u64 *base = sim_msr_segment_base(vp, msr);
	union hv_register_value v = { .reg64 = val };
	const struct sim_reg *r;
	u32 i;

	*unknown = false;
	if (sim_lapic_has_msr(vp, msr))
		return sim_lapic_wrmsr(vp, msr, val, unknown);
	if (base) {
		*base = val;
		return true;
	}
	if (msr == MSR_EFER)
		return sim_efer_write(vp, val);
	if (guest_has_reset(vp, msr))
		return !val;
	r = guest_find_msr(vp, msr, &i);
	*unknown = !r;
	return r && sim_reg_write(vp, r, i, &v) == HV_STATUS_SUCCESS;
}

/* ------------------------------------------------- MSRs that do not exist */

#define ACTION_IGNORE	1	/* HvUnimplementedMsrActionIgnoreWriteReadZero */

/* What was registered for this VP comes first, then what is for all. */
static int msr_result(const struct sim_partition *pt, u32 vp_index, u32 msr, u8 access)
{
	const struct sim_msr_results *s = &pt->msr_results;
	int action = -ENOENT;
	u32 i;

	for (i = 0; i < s->nr; i++) {
		if (s->results[i].msr != msr || !(s->results[i].access & access))
			continue;
		if (s->results[i].vp_index == vp_index)
			return s->results[i].action;
		if (s->results[i].vp_index == HV_ANY_VP)
			action = s->results[i].action;
	}
	return action;
}

bool sim_msr_ignored(struct sim_vp *vp, u32 msr, bool write)
{
	u8 access = BIT(write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);
	unsigned long flags;
	int action;

	raw_spin_lock_irqsave(&vp->pt->lock, flags);
	action = msr_result(vp->pt, vp->index, msr, access);
	if (action < 0)		/* HvPartitionPropertyUnimplementedMsrAction */
		action = vp->pt->unimplemented_msr_action;
	raw_spin_unlock_irqrestore(&vp->pt->lock, flags);
	return action == ACTION_IGNORE;
}

/* One entry for each access, so that a later call can change one of them. */
static u64 msr_register(struct sim_msr_results *s, const struct sim_input_register_result *in,
			u8 access)
{
	u32 i;

	for (i = 0; i < s->nr; i++)
		if (s->results[i].vp_index == in->vp_index && s->results[i].msr == in->msr &&
		    s->results[i].access == access)
			break;
	if (i == SIM_MSR_RESULTS)
		return HV_STATUS_NO_RESOURCES;
	s->results[i].vp_index = in->vp_index;
	s->results[i].msr = in->msr;
	s->results[i].access = access;
	s->results[i].action = in->msr_action;
	s->nr = max(s->nr, i + 1);
	return HV_STATUS_SUCCESS;
}

u64 sim_msr_register_result(struct sim_partition *pt,
			    const struct sim_input_register_result *in)
{
	static const u8 accesses[] = {
		BIT(HV_INTERCEPT_ACCESS_READ), BIT(HV_INTERCEPT_ACCESS_WRITE),
	};
	u64 status = HV_STATUS_SUCCESS;
	unsigned long flags;
	u32 i;

	if (!in->msr_access || (in->msr_access & ~(accesses[0] | accesses[1])) ||
	    in->msr_action > ACTION_IGNORE)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&pt->lock, flags);
	for (i = 0; i < ARRAY_SIZE(accesses) && status == HV_STATUS_SUCCESS; i++)
		if (in->msr_access & accesses[i])
			status = msr_register(&pt->msr_results, in, accesses[i]);
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return status;
}
