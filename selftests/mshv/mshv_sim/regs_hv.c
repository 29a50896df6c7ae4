// SPDX-License-Identifier: GPL-2.0-only
/* The synthetic registers: what only a hypervisor has. */
#include <asm/msr.h>
#include <asm/tsc.h>

#include "regs.h"

static void get_vp_index(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->index;
}

static void get_signal_count(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->signal_count;
}

/*
 * What the guest's last words are.  CTL reads as what can be done with it; a write
 * that asks to notify somebody has no effect beyond being kept for the VMM, who
 * can read all of it.
 */
#define CRASH_CTL	(HV_CRASH_CTL_CRASH_NOTIFY | HV_CRASH_CTL_CRASH_NOTIFY_MSG)

static void get_crash_ctl(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->running ? CRASH_CTL : vp->crash_ctl;
}

static u64 set_crash_ctl(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~CRASH_CTL)
		return BAD_VALUE;
	vp->crash_ctl = val->reg64;
	return HV_STATUS_SUCCESS;
}

/*
 * For how long the VP has run on a processor, the hypervisor's work for it included,
 * in units of 100 ns.  The VMM may set it: a guest that is restored goes on counting.
 */
static void get_runtime(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	u64 ticks = vp->runtime + (vp->running ? rdtsc() - vp->run_start : 0);

	val->reg64 = mul_u64_u64_div_u64(ticks, 10000, tsc_khz);
}

static u64 set_runtime(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	/* What would be more ticks than there can be, a DIV does not survive. */
	if (vp->running || val->reg64 > U64_MAX / tsc_khz * 10000)
		return BAD_VALUE;
	vp->runtime = mul_u64_u64_div_u64(val->reg64, tsc_khz, 10000);
	return HV_STATUS_SUCCESS;
}

static struct sim_reg hv_rows[] = {
	{ R_GUEST_CRASH_P0, 5, KIND_STORED, .stride = 8, .msr = HV_X64_MSR_CRASH_P0,
	  .msr_stride = 1, .feature = BIT_ULL(SIM_FEATURE_HV1) },
	{ R_GUEST_CRASH_CTL, 1, KIND_FN, .msr = HV_X64_MSR_CRASH_CTL,
	  .feature = BIT_ULL(SIM_FEATURE_HV1), .get = get_crash_ctl, .set = set_crash_ctl },
	{ R_VP_RUNTIME, 1, KIND_FN, .msr = HV_X64_MSR_VP_RUNTIME,
	  .feature = BIT_ULL(SIM_FEATURE_VP_RUNTIME), .get = get_runtime, .set = set_runtime },
	{ HV_REGISTER_VP_INDEX, 1, KIND_FN, .msr = HV_X64_MSR_VP_INDEX,
	  .feature = BIT_ULL(SIM_FEATURE_VP_INDEX), .get = get_vp_index },
	FN(HV_REGISTER_VP_ROOT_SIGNAL_COUNT, get_signal_count, NULL),
};

const struct sim_reg_table sim_regs_hv = { hv_rows, ARRAY_SIZE(hv_rows) };
