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

#define KEPT(_n, _c, _msr, _stride, _feature)				\
	{ _n, _c, KIND_STORED, .stride = 8, .msr = _msr, .msr_stride = _stride,	\
	  .feature = BIT_ULL(SIM_FEATURE_##_feature) }

static struct sim_reg hv_rows[] = {
	KEPT(R_HYPERCALL, 1, HV_X64_MSR_HYPERCALL, 0, HYPERCALL),
	KEPT(HV_REGISTER_GUEST_OS_ID, 1, HV_X64_MSR_GUEST_OS_ID, 0, HYPERCALL),
	{ HV_REGISTER_VP_INDEX, 1, KIND_FN, .msr = HV_X64_MSR_VP_INDEX,
	  .feature = BIT_ULL(SIM_FEATURE_VP_INDEX), .get = get_vp_index },
	KEPT(HV_REGISTER_VP_ASSIST_PAGE, 1, HV_X64_MSR_VP_ASSIST_PAGE, 0, INTR_CTRL),
	FN(HV_REGISTER_VP_ROOT_SIGNAL_COUNT, get_signal_count, NULL),
};

const struct sim_reg_table sim_regs_hv = { hv_rows, ARRAY_SIZE(hv_rows) };
