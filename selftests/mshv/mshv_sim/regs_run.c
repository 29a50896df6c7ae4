// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers about a VP rather than of its processor: may it run, what is it
 * about to take.
 */
#include "regs.h"

#define SUSPEND(field)							\
static void get_##field(struct sim_vp *vp, u32 i, union hv_register_value *val)	\
{									\
	val->reg64 = vp->field;						\
}									\
static u64 set_##field(struct sim_vp *vp, u32 i, const union hv_register_value *val)	\
{									\
	if (val->reg64 & ~1ULL)						\
		return BAD_VALUE;					\
	vp->field = val->reg64;						\
	return HV_STATUS_SUCCESS;					\
}

SUSPEND(explicit_suspend)
SUSPEND(intercept_suspend)
SUSPEND(dispatch_suspend)

/* TLFS, HvX64RegisterInternalActivityState: bit 0 "waits for SIPI", 1 "halted". */
static void get_activity(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->startup_suspend | (u64)vp->halted << 1;
}

static u64 set_activity(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~3ULL)
		return BAD_VALUE;
	vp->startup_suspend = val->reg64 & 1;
	vp->halted = val->reg64 & 2;
	return HV_STATUS_SUCCESS;
}

static void get_interruption(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->pending_interruption = vp->pending_interruption;
}

/* Types: 0 interrupt, 2 NMI, 3 exception, 4..6 software (TLFS, 7.9.2). */
static u64 set_interruption(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	const union hv_x64_pending_interruption_register *p = &val->pending_interruption;

	if (p->interruption_pending &&
	    (p->interruption_type == 1 || p->interruption_type == 7 ||
	     p->interruption_vector > 255 || p->reserved ||
	     (p->interruption_type == 3 && p->interruption_vector > 31)))
		return BAD_VALUE;
	vp->pending_interruption = *p;
	return HV_STATUS_SUCCESS;
}

static void get_interrupt_state(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = sim_shadow_get(vp) | (u64)vp->nmi_masked << 1;
}

static u64 set_interrupt_state(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~3ULL)
		return BAD_VALUE;
	sim_shadow_set(vp, val->reg64 & 1);
	vp->nmi_masked = val->reg64 & 2;
	return HV_STATUS_SUCCESS;
}

static void get_event(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg128 = vp->pending_event[i];
}

/*
 * An event to inject (TLFS, HvX64RegisterPendingEvent0/1).  The engine injects
 * event 0 if it is an exception (0) or an external interrupt (5).
 */
static u64 set_event(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 low = val->reg128.low_part;
	u32 type = low >> 1 & 7;

	if ((low & 1) && (i || (type != 0 && type != 5)))
		return HV_STATUS_INVALID_PARAMETER;
	if ((low & 1) && !type && (low >> 16 & 0xffff) > 31)
		return BAD_VALUE;
	vp->pending_event[i] = val->reg128;
	return HV_STATUS_SUCCESS;
}

#define NOTIFICATIONS	(SIM_NOTIFY_NMI | SIM_NOTIFY_INTERRUPT | SIM_NOTIFY_PRIORITY |	\
			 SIM_NOTIFY_SINTS)

static u64 set_notifications(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~NOTIFICATIONS)
		return HV_STATUS_INVALID_PARAMETER;
	vp->deliverability = val->reg64;
	sim_notify_check(vp);
	return HV_STATUS_SUCCESS;
}

static void get_notifications(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->deliverability;
}

static struct sim_reg run_rows[] = {
	FN(HV_REGISTER_EXPLICIT_SUSPEND, get_explicit_suspend, set_explicit_suspend),
	FN(HV_REGISTER_INTERCEPT_SUSPEND, get_intercept_suspend, set_intercept_suspend),
	STORED(R_INSTRUCTION_EMULATION_HINTS, 1, 0, 0),
	FN(HV_REGISTER_DISPATCH_SUSPEND, get_dispatch_suspend, set_dispatch_suspend),
	FN(R_INTERNAL_ACTIVITY_STATE, get_activity, set_activity),
	FN(R_PENDING_INTERRUPTION, get_interruption, set_interruption),
	FN(R_INTERRUPT_STATE, get_interrupt_state, set_interrupt_state),
	{ R_PENDING_EVENT0, 2, KIND_FN, .get = get_event, .set = set_event },
	FN(R_DELIVERABILITY_NOTIFICATIONS, get_notifications, set_notifications),
};

const struct sim_reg_table sim_regs_run = { run_rows, ARRAY_SIZE(run_rows) };
