// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VP assist page (TLFS, "Virtual processor assist page").  Of its fields only
 * the first is in use here: with "no EOI required" the hypervisor tells that the
 * interrupt which it has just delivered was the only one there is, and that the
 * guest may clear the bit instead of writing EOI.
 *
 * The interrupt is in service meanwhile.  Whoever wants to know what is in service
 * calls sim_assist_sync() first, which finds out whether the guest was faster.
 */
#include <linux/bitmap.h>

#include "regs.h"

#define NO_EOI_REQUIRED	0	/* bit of apic_assist */

void sim_assist_offer(struct sim_vp *vp, u8 vector)
{
	struct sim_assist *a = &vp->assist;

	if (!(a->msr & 1) || test_bit(vector, vp->lapic.tmr) ||
	    !bitmap_empty(vp->irr, 256) || bitmap_weight(vp->lapic.isr, 256) != 1)
		return;
	a->offered = true;
	a->vector = vector;
	set_bit(NO_EOI_REQUIRED, a->page);
}

void __sim_assist_sync(struct sim_vp *vp)
{
	struct sim_assist *a = &vp->assist;

	a->offered = false;
	/* Still set: now the guest has to write EOI. */
	if (!test_and_clear_bit(NO_EOI_REQUIRED, a->page))
		__clear_bit(a->vector, vp->lapic.isr);
}

static void get_assist(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->assist.msr;
}

static u64 set_assist(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	struct sim_assist *a = &vp->assist;
	u64 status;

	sim_assist_sync(vp);
	status = sim_overlay_set(vp->pt, &a->overlay, a->page, val->reg64,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE);
	if (status == HV_STATUS_SUCCESS)
		a->msr = val->reg64;
	return status;
}

static struct sim_reg assist_rows[] = {
	{ HV_REGISTER_VP_ASSIST_PAGE, 1, KIND_FN, .msr = HV_X64_MSR_VP_ASSIST_PAGE,
	  .feature = BIT_ULL(SIM_FEATURE_INTR_CTRL), .get = get_assist, .set = set_assist },
};

const struct sim_reg_table sim_regs_assist = { assist_rows, ARRAY_SIZE(assist_rows) };

/* The page goes. */
void sim_assist_destroy(struct sim_vp *vp)
{
	sim_assist_sync(vp);
	vp->assist.msr = 0;
	sim_overlay_remove(vp->pt, &vp->assist.overlay);
}
