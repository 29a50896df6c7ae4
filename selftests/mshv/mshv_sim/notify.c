// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deliverability notifications: a VMM that has an interrupt or a message for a VP
 * which can't take it now sets HvX64RegisterDeliverabilityNotifications, and gets
 * a message as soon as the VP can.  Each bit is for one message.
 *
 * What is due is looked at before the guest is entered, while SIM_PENDING_NOTIFY
 * is set: whatever may make something due sets it.
 */
#include <asm/processor-flags.h>

#include "engine.h"
#include "intercept.h"

static u8 notify_priority(const struct sim_vp *vp)
{
	return (vp->deliverability & SIM_NOTIFY_PRIORITY) >> SIM_NOTIFY_PRIORITY_SHIFT;
}

/* The priority class of the interrupt, as in the TPR; 0: whatever the TPR is. */
static bool notify_below_tpr(const struct sim_vp *vp)
{
	return notify_priority(vp) && notify_priority(vp) <= (vp->cr8 & 0xf);
}

bool sim_notify_waits_for_window(const struct sim_vp *vp)
{
	return (vp->deliverability & SIM_NOTIFY_INTERRUPT) && !notify_below_tpr(vp);
}

bool sim_notify_waits_for_nmi(const struct sim_vp *vp)
{
	return (vp->deliverability & SIM_NOTIFY_NMI) && !vp->nmi_masked;
}

static bool notify_open(const struct sim_vp *vp)
{
	return !vp->pending_interruption.interruption_pending && !sim_shadow_get(vp);
}

static bool notify_interrupt_due(const struct sim_vp *vp)
{
	return (vp->deliverability & SIM_NOTIFY_INTERRUPT) && notify_open(vp) &&
	       (vp->vmcb->save.rflags & X86_EFLAGS_IF) && !notify_below_tpr(vp);
}

static bool notify_nmi_due(const struct sim_vp *vp)
{
	return (vp->deliverability & SIM_NOTIFY_NMI) && notify_open(vp) && !vp->nmi_masked;
}

void sim_notify_check(struct sim_vp *vp)
{
	if (vp->deliverability)
		set_bit(SIM_PENDING_NOTIFY, &vp->pending);
}

bool sim_notify_take(struct sim_vp *vp)
{
	u64 sints = vp->deliverability >> SIM_NOTIFY_SINTS_SHIFT;
	u16 ready;

	if (!vp->deliverability)
		return false;
	if (notify_nmi_due(vp)) {
		vp->deliverability &= ~SIM_NOTIFY_NMI;
		sim_intercept_deliverable(vp, SIM_INTERRUPTION_NMI);
	} else if (notify_interrupt_due(vp)) {
		vp->deliverability &= ~(SIM_NOTIFY_INTERRUPT | SIM_NOTIFY_PRIORITY);
		sim_intercept_deliverable(vp, SIM_INTERRUPTION_INTERRUPT);
	} else {
		ready = sints ? sim_vsynic_ready(vp, sints) : 0;
		if (!ready)
			return false;
		vp->deliverability &= ~((u64)ready << SIM_NOTIFY_SINTS_SHIFT);
		sim_intercept_sint_deliverable(vp, ready);
	}
	/* There may be more of it. */
	sim_notify_check(vp);
	return true;
}
