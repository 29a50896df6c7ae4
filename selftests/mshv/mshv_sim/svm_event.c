// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, NMIs and exceptions on their way into the guest: what to inject
 * with an entry (AMD APM volume 2, 15.20), how to learn when more can be
 * injected, and what an exit interrupted halfway (15.7.2).
 *
 * The VMM's view is the register HvX64RegisterPendingInterruption: an event
 * that was being delivered when the VP left the guest is visible there, and
 * whatever stands there goes in with the next entry.
 */
#include <asm/debugreg.h>
#include <asm/trapnr.h>

#include "engine.h"

/* Register HvRegisterPendingEvent0, low half (TLFS, "pending events"). */
#define SIM_EVENT_PENDING		BIT_ULL(0)
#define SIM_EVENT_TYPE			GENMASK_ULL(3, 1)
#define SIM_EVENT_EXCEPTION		0
#define SIM_EVENT_EXTINT		(5 << 1)
#define SIM_EVENT_DELIVER_ERROR		BIT_ULL(8)

static struct sim_vmcb_host *svm_host(struct sim_vp *vp)
{
	return &vp->vmcb->control.host;
}

/* The event of this type that the VMM wants delivered as soon as possible. */
static bool svm_event_pending(const struct sim_vp *vp, u64 type)
{
	u64 e = vp->pending_event[0].low_part;

	return (e & SIM_EVENT_PENDING) && (e & SIM_EVENT_TYPE) == type;
}

/* Whether a maskable interrupt can go in right now, TPR aside. */
static bool svm_interrupts_open(const struct sim_vp *vp)
{
	return (vp->vmcb->save.rflags & X86_EFLAGS_IF) && !sim_shadow_get(vp);
}

/* Nearly always, and asked several times with an entry. */
static bool svm_irr_empty(const struct sim_vp *vp)
{
	const unsigned long *irr = vp->irr;

	BUILD_BUG_ON(ARRAY_SIZE(vp->irr) != 4);
	return !(READ_ONCE(irr[0]) | READ_ONCE(irr[1]) | READ_ONCE(irr[2]) | READ_ONCE(irr[3]));
}

static bool svm_irr_open(const struct sim_vp *vp)
{
	int vector = svm_irr_empty(vp) ? -1 : sim_lapic_highest(vp);

	/* Priority classes: APM volume 2, 16.6.3. */
	return vector >= 0 && (vector >> 4) > (vp->cr8 & 0xf);
}

static bool svm_nmi_pending(const struct sim_vp *vp)
{
	return test_bit(SIM_PENDING_NMI, &vp->pending) && !vp->nmi_masked;
}

/* The VMM's, else the APIC's; -1: none. */
static int svm_extint(const struct sim_vp *vp)
{
	if (svm_event_pending(vp, SIM_EVENT_EXTINT))
		return vp->pending_event[0].low_part >> 8 & 0xff;
	return sim_lapic_extint(vp);
}

bool sim_vp_deliverable(const struct sim_vp *vp)
{
	return vp->pending_interruption.interruption_pending ||
	       svm_event_pending(vp, SIM_EVENT_EXCEPTION) || svm_nmi_pending(vp) ||
	       ((svm_interrupts_open(vp) || vp->idle) &&
		(svm_extint(vp) >= 0 || svm_irr_open(vp)));
}

/*
 * An exception of the guest's own instruction takes precedence over an event
 * whose delivery it interrupted.  Only what came from outside must not be lost:
 * the guest's instructions will cause theirs again.
 */
void sim_vp_raise(struct sim_vp *vp, u8 vector, bool has_error, u32 error)
{
	union hv_x64_pending_interruption_register *p = &vp->pending_interruption;

	if (p->interruption_pending && p->interruption_type == SIM_INTERRUPTION_INTERRUPT)
		sim_lapic_unack(vp, p->interruption_vector);
	else if (p->interruption_pending && p->interruption_type == SIM_INTERRUPTION_NMI)
		set_bit(SIM_PENDING_NMI, &vp->pending);

	*p = (union hv_x64_pending_interruption_register) {
		.interruption_pending = 1,
		.interruption_type = SIM_INTERRUPTION_EXCEPTION,
		.interruption_vector = vector,
		.deliver_error_code = has_error,
		.error_code = has_error ? error : 0,
	};
}

/* ---------------------------------------------------------------- stepping */

/*
 * NMIs are masked until the guest's next IRET (APM 8.2.3), and there is no
 * intercept for "IRET has completed": execute it with TF set and take the #DB.
 * The same gets an NMI past an interrupt shadow.
 *
 * A fault of the stepped instruction that goes to the guest shows our TF in the
 * RFLAGS that it pushes.
 */
static void svm_step(struct sim_vp *vp, u8 why)
{
	struct sim_vmcb_save *save = &vp->vmcb->save;

	svm_host(vp)->flags |= SIM_VMCB_STEP | why;
	if (save->rflags & X86_EFLAGS_TF)
		svm_host(vp)->flags |= SIM_VMCB_STEP_TF;
	save->rflags |= X86_EFLAGS_TF;
}

static u8 svm_step_end(struct sim_vp *vp)
{
	struct sim_vmcb_host *host = svm_host(vp);
	u8 was = host->flags & (SIM_VMCB_STEP | SIM_VMCB_STEP_IRET | SIM_VMCB_STEP_TF);

	if ((was & SIM_VMCB_STEP) && !(was & SIM_VMCB_STEP_TF))
		vp->vmcb->save.rflags &= ~X86_EFLAGS_TF;
	host->flags &= ~was;
	return was;
}

bool sim_svm_step_done(struct sim_vp *vp)
{
	struct sim_vmcb *vmcb = vp->vmcb;
	u8 was = svm_step_end(vp);

	/* Any other exit: the instruction is still to be executed, step it again. */
	if (!(was & SIM_VMCB_STEP) || vmcb->control.exitcode != SVM_EXIT_EXCP_BASE + X86_TRAP_DB ||
	    !(vmcb->save.dr6 & DR_STEP))
		return false;
	if (was & SIM_VMCB_STEP_IRET)
		vp->nmi_masked = false;
	sim_notify_check(vp);	/* that mask, or a shadow, has gone */
	if (was & SIM_VMCB_STEP_TF)
		return false;	/* the guest steps too: the trap is for it */
	vmcb->save.dr6 &= ~(u64)DR_STEP;
	/* Breakpoints that the same instruction hit are the guest's. */
	return !(vmcb->save.dr6 & DR_TRAP_BITS);
}

void sim_svm_step_iret(struct sim_vp *vp)
{
	svm_step(vp, SIM_VMCB_STEP_IRET);
}

/* --------------------------------------------------------------- injection */

static void svm_eventinj(struct sim_vp *vp, enum sim_svm_event type, u8 vector)
{
	vp->vmcb->control.eventinj = SVM_EVENT_VALID | type << SVM_EVENT_TYPE_SHIFT | vector;
}

static void svm_eventinj_error(struct sim_vp *vp, u32 error)
{
	vp->vmcb->control.eventinj |= SVM_EVENT_HAS_ERROR |
				      (u64)error << SVM_EVENT_ERROR_SHIFT;
}

/*
 * A software event returns behind its instruction.  The processor takes that
 * address from nRIP if it has it; else RIP must already stand there (15.20).
 */
static void svm_software_rip(struct sim_vp *vp, u8 length)
{
	struct sim_vmcb *vmcb = vp->vmcb;

	svm_host(vp)->software_length = length;
	if (sim_svm_has_next_rip)
		vmcb->control.next_rip = vmcb->save.rip + length;
	else
		vmcb->save.rip += length;
}

static bool svm_inject_interruption(struct sim_vp *vp)
{
	union hv_x64_pending_interruption_register p = vp->pending_interruption;
	u8 vector = p.interruption_vector;

	if (!p.interruption_pending)
		return false;
	vp->pending_interruption.as_uint64 = 0;

	switch (p.interruption_type) {
	case SIM_INTERRUPTION_INTERRUPT:
		svm_eventinj(vp, SVM_EVENT_INTR, vector);
		break;
	case SIM_INTERRUPTION_NMI:
		svm_eventinj(vp, SVM_EVENT_NMI, X86_TRAP_NMI);
		vp->nmi_masked = true;
		break;
	case SIM_INTERRUPTION_SOFTWARE:
		svm_eventinj(vp, SVM_EVENT_SOFTWARE, vector);
		svm_software_rip(vp, p.instruction_length);
		break;
	case SIM_INTERRUPTION_PRIVILEGED:
	case SIM_INTERRUPTION_SOFT_EXCEPTION:
		svm_eventinj(vp, SVM_EVENT_EXCEPTION, vector);
		svm_software_rip(vp, p.instruction_length);
		break;
	case SIM_INTERRUPTION_EXCEPTION:
	default:
		/* A type that does not exist makes VMRUN fail: the VMM is told. */
		svm_eventinj(vp, p.interruption_type, vector);
		break;
	}
	if (p.deliver_error_code)
		svm_eventinj_error(vp, p.error_code);
	return true;
}

static bool svm_inject_exception(struct sim_vp *vp)
{
	struct hv_u128 e = vp->pending_event[0];

	if (!svm_event_pending(vp, SIM_EVENT_EXCEPTION))
		return false;
	vp->pending_event[0] = (struct hv_u128) { 0 };
	svm_eventinj(vp, SVM_EVENT_EXCEPTION, e.low_part >> 16);
	if (e.low_part & SIM_EVENT_DELIVER_ERROR)
		svm_eventinj_error(vp, e.low_part >> 32);
	/* The exception's parameter: the faulting address, the DR6 of a trap. */
	if ((u8)(e.low_part >> 16) == X86_TRAP_PF)
		vp->vmcb->save.cr2 = e.high_part;
	else if ((u8)(e.low_part >> 16) == X86_TRAP_DB)
		vp->vmcb->save.dr6 = (u32)e.high_part | DR6_RESERVED;
	return true;
}

static bool svm_inject_nmi(struct sim_vp *vp)
{
	if (sim_shadow_get(vp) && (svm_nmi_pending(vp) || sim_notify_waits_for_nmi(vp))) {
		svm_step(vp, 0);
		return false;
	}
	if (!svm_nmi_pending(vp))
		return false;
	clear_bit(SIM_PENDING_NMI, &vp->pending);
	vp->nmi_masked = true;
	svm_eventinj(vp, SVM_EVENT_NMI, X86_TRAP_NMI);
	return true;
}

/*
 * QEMU's VMRUN does not load the interrupt shadow that its #VMEXIT has saved.
 * Seen when an exit for a window comes at the very instruction that the shadow
 * is for; from then on that instruction is stepped over.
 */
static bool svm_ignores_shadow;

static void svm_note_shadow(struct sim_vp *vp)
{
	if (!sim_shadow_get(vp))
		return;
	svm_host(vp)->flags |= SIM_VMCB_SHADOW;
	vp->shadow_rip = vp->vmcb->save.rip;
}

/* Nothing has been executed yet: the shadow is still there, whatever the VMCB says. */
static void svm_keep_shadow(struct sim_vp *vp)
{
	u32 code = vp->vmcb->control.exitcode;

	if (!(svm_host(vp)->flags & SIM_VMCB_SHADOW))
		return;
	if (vp->vmcb->save.rip == vp->shadow_rip &&
	    code >= SVM_EXIT_INTR && code <= SVM_EXIT_VINTR) {
		if (code == SVM_EXIT_VINTR)
			WRITE_ONCE(svm_ignores_shadow, true);
		sim_shadow_set(vp, true);
	}
}

static bool svm_inject_interrupt(struct sim_vp *vp)
{
	int vector;

	if (!svm_interrupts_open(vp)) {
		if (READ_ONCE(svm_ignores_shadow) && (vp->vmcb->save.rflags & X86_EFLAGS_IF) &&
		    (svm_extint(vp) >= 0 || svm_irr_open(vp) || sim_notify_waits_for_window(vp)))
			svm_step(vp, 0);
		return false;
	}
	/* An ExtINT asks no TPR. */
	vector = svm_extint(vp);
	if (vector >= 0) {
		svm_eventinj(vp, SVM_EVENT_INTR, vector);
		if (svm_event_pending(vp, SIM_EVENT_EXTINT))
			vp->pending_event[0] = (struct hv_u128) { 0 };
		else
			sim_lapic_ack_extint(vp);
		return true;
	}
	if (!svm_irr_open(vp))
		return false;
	vector = sim_lapic_highest(vp);
	sim_lapic_ack(vp, vector);
	svm_eventinj(vp, SVM_EVENT_INTR, vector);
	return true;
}

/* Likewise for an interrupt that the VMM has not asserted yet: notify.c. */
static void svm_notify_window(struct sim_vp *vp, struct sim_vmcb_control *c)
{
	if (!sim_notify_waits_for_window(vp)) {
		c->intercept_cr_write |= BIT(8);
	} else if (!(svm_host(vp)->flags & SIM_VMCB_STEP)) {
		c->vintr |= SVM_V_IRQ | SVM_V_IGN_TPR;
		c->intercept_misc1 |= SVM_INTERCEPT_VINTR;
	}
}

/*
 * For an interrupt that can't go in yet, ask for an exit at the next chance.
 *
 * If IF or an interrupt shadow is in its way, a dummy virtual interrupt is
 * intercepted as soon as the guest would take it (APM 15.21.4).  If the TPR is,
 * the guest's next write to CR8 is intercepted: QEMU and the APM don't agree
 * whether a virtual interrupt is masked by a TPR of its own priority.
 */
static void svm_window(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;
	bool waits = svm_extint(vp) >= 0 || svm_irr_open(vp);

	if (waits && !(svm_host(vp)->flags & SIM_VMCB_STEP)) {
		c->vintr |= SVM_V_IRQ | SVM_V_IGN_TPR;
		c->intercept_misc1 |= SVM_INTERCEPT_VINTR;
	}
	if (!waits && !svm_irr_empty(vp) && sim_lapic_highest(vp) >= 0)
		c->intercept_cr_write |= BIT(8);
	if (unlikely(vp->deliverability & SIM_NOTIFY_INTERRUPT))
		svm_notify_window(vp, c);
}

void sim_svm_inject(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;
	bool injected;

	/* Who comes later sets it again. */
	clear_bit(SIM_PENDING_IRQ, &vp->pending);
	smp_mb__after_atomic();		/* pairs with sim_irq_pending() */
	c->intercept_misc1 &= ~(SVM_INTERCEPT_VINTR | SVM_INTERCEPT_IRET);
	c->intercept_cr_write &= ~BIT(8);
	svm_host(vp)->flags &= ~(SIM_VMCB_SHADOW | SIM_VMCB_WINDOW);
	if (svm_host(vp)->flags & SIM_VMCB_STEP) {
		/* Asynchronous events wait for the one instruction. */
		if (vp->pending_interruption.interruption_pending)
			svm_step_end(vp);
		injected = svm_inject_interruption(vp);
	} else {
		injected = svm_inject_interruption(vp) || svm_inject_exception(vp) ||
			   svm_inject_nmi(vp) ||
			   (!(svm_host(vp)->flags & SIM_VMCB_STEP) && svm_inject_interrupt(vp));
	}
	if (injected)
		sim_shadow_set(vp, false);
	svm_note_shadow(vp);
	/*
	 * One event per entry.  An NMI behind another event has no window of
	 * its own; an interrupt of the host ends the entry once that event is
	 * delivered (15.21.3).
	 */
	if (injected && svm_nmi_pending(vp))
		sim_engine_svm.kick(vp);

	svm_window(vp);
	if (vp->nmi_masked && !(svm_host(vp)->flags & SIM_VMCB_STEP))
		c->intercept_misc1 |= SVM_INTERCEPT_IRET;
	if ((c->intercept_misc1 & (SVM_INTERCEPT_VINTR | SVM_INTERCEPT_IRET)) ||
	    (c->intercept_cr_write & BIT(8)))
		svm_host(vp)->flags |= SIM_VMCB_WINDOW;
	if (!svm_irr_empty(vp) || atomic_read(&vp->lapic.extint))
		set_bit(SIM_PENDING_IRQ, &vp->pending);
	c->host.injected = c->eventinj;
}

/* --------------------------------------------------------------- take back */

void sim_svm_take_back(struct sim_vp *vp)
{
	union hv_x64_pending_interruption_register p = { .interruption_pending = 1 };
	struct sim_vmcb_control *c = &vp->vmcb->control;
	u64 info = c->exitintinfo, ours = svm_host(vp)->injected;
	u8 length = svm_host(vp)->software_length;
	u8 type;

	svm_keep_shadow(vp);
	svm_host(vp)->software_length = 0;
	svm_host(vp)->injected = 0;
	c->eventinj = 0;
	/* A VMRUN that failed its checks has injected nothing. */
	if ((u32)c->exitcode == (u32)SVM_EXIT_ERR && (ours & SVM_EVENT_VALID))
		info = ours;
	if (!(info & SVM_EVENT_VALID))
		return;

	type = (info & SVM_EVENT_TYPE) >> SVM_EVENT_TYPE_SHIFT;
	p.interruption_vector = info & SVM_EVENT_VECTOR;
	if (info & SVM_EVENT_HAS_ERROR) {
		p.deliver_error_code = 1;
		p.error_code = info >> SVM_EVENT_ERROR_SHIFT;
	}
	p.interruption_type = type;

	if (type == SVM_EVENT_NMI) {
		vp->nmi_masked = false;
	} else if (type == SVM_EVENT_SOFTWARE ||
		   (type == SVM_EVENT_EXCEPTION && length)) {
		/* INTn of the guest's own: RIP is at it, and it runs again. */
		if (!length)
			return;
		if (type == SVM_EVENT_EXCEPTION)
			p.interruption_type = p.interruption_vector == X86_TRAP_DB ?
				SIM_INTERRUPTION_PRIVILEGED : SIM_INTERRUPTION_SOFT_EXCEPTION;
		p.instruction_length = length;
		if (!sim_svm_has_next_rip)
			vp->vmcb->save.rip -= length;
	} else if (type == SVM_EVENT_EXCEPTION && (u32)info != (u32)ours &&
		   (p.interruption_vector == X86_TRAP_BP ||
		    p.interruption_vector == X86_TRAP_OF)) {
		/* Likewise INT3 and INTO. */
		return;
	}
	vp->pending_interruption = p;
}
