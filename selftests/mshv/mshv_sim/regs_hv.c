// SPDX-License-Identifier: GPL-2.0-only
/* The synthetic registers: what only a hypervisor has. */
#include "regs.h"

static void get_vp_index(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->index;
}

static void get_signal_count(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->signal_count;
}

static struct sim_reg hv_rows[] = {
	STORED(R_HYPERCALL, 1, HV_X64_MSR_HYPERCALL, 0),
	STORED(HV_REGISTER_GUEST_OS_ID, 1, HV_X64_MSR_GUEST_OS_ID, 0),
	FN_MSR(HV_REGISTER_VP_INDEX, HV_X64_MSR_VP_INDEX, get_vp_index, NULL),
	STORED(HV_REGISTER_VP_ASSIST_PAGE, 1, HV_X64_MSR_VP_ASSIST_PAGE, 0),
	FN(HV_REGISTER_VP_ROOT_SIGNAL_COUNT, get_signal_count, NULL),
	STORED(HV_REGISTER_REFERENCE_TSC, 1, HV_X64_MSR_REFERENCE_TSC, 0),
	STORED(HV_REGISTER_SINT0, 16, HV_X64_MSR_SINT0, 1),
	STORED(HV_REGISTER_SCONTROL, 1, HV_X64_MSR_SCONTROL, 0),
	STORED(HV_REGISTER_SIEFP, 1, HV_X64_MSR_SIEFP, 0),
	STORED(HV_REGISTER_SIMP, 1, HV_X64_MSR_SIMP, 0),
	STORED(HV_REGISTER_STIMER0_CONFIG, 8, HV_X64_MSR_STIMER0_CONFIG, 1),
};

const struct sim_reg_table sim_regs_hv = { hv_rows, ARRAY_SIZE(hv_rows) };
