// SPDX-License-Identifier: GPL-2.0-only
/* RDMSR and WRMSR of the guest. */
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
