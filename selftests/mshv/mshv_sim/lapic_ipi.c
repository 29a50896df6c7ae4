// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts from one VP to others (ICR), from the VMM
 * (HVCALL_ASSERT_VIRTUAL_INTERRUPT), and what INIT and SIPI do to a VP: AMD APM
 * volume 2, 16.5 and 16.6; TLFS, "Virtual interrupt controller".
 */
#include "engine.h"

struct ipi {
	u32 type;		/* HV_X64_INTERRUPT_TYPE_* */
	u32 vector;
	u32 dest;
	bool logical, level;
	bool wide;		/* dest has 32 bits: an x2APIC's */
};

#define ICR_VECTOR		GENMASK(7, 0)
#define ICR_MODE_SHIFT		8
#define ICR_MODE		GENMASK(10, 8)
#define ICR_LOGICAL		BIT(11)
#define ICR_ASSERT		BIT(14)
#define ICR_LEVEL		BIT(15)
#define ICR_SHORTHAND		GENMASK(19, 18)
#define ICR_SELF		BIT(18)
#define ICR_ALL			BIT(19)
#define ICR_OTHERS		(BIT(18) | BIT(19))

/* -------------------------------------------------------------- destinations */

static bool ipi_broadcast(const struct ipi *ipi)
{
	return ipi->dest == (ipi->wide ? U32_MAX : 0xff);
}

static bool ipi_matches_logical(const struct sim_vp *vp, u32 dest)
{
	u32 ldr = sim_lapic_ldr(vp);

	if (sim_lapic_x2(vp))
		return ldr >> 16 == dest >> 16 && (ldr & dest & 0xffff);
	ldr >>= 24;
	/* Flat model, else clusters of four. */
	if (READ_ONCE(vp->lapic.dfr) >> 28 == 0xf)
		return ldr & dest;
	return ldr >> 4 == dest >> 4 && (ldr & dest & 0xf);
}

static bool ipi_matches(const struct sim_vp *vp, const struct ipi *ipi)
{
	if (!sim_lapic_enabled(vp))
		return false;
	if (ipi_broadcast(ipi))
		return true;
	if (ipi->logical)
		return ipi_matches_logical(vp, ipi->dest);
	return READ_ONCE(vp->lapic.id) == ipi->dest;
}

/* ------------------------------------------------------------------ delivery */

static void ipi_deliver(struct sim_vp *vp, const struct ipi *ipi)
{
	int startup;

	switch (ipi->type) {
	case HV_X64_INTERRUPT_TYPE_FIXED:
	case HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY:
		sim_lapic_accept(vp, ipi->vector, ipi->level);
		break;
	case HV_X64_INTERRUPT_TYPE_NMI:
		set_bit(SIM_PENDING_NMI, &vp->pending);
		break;
	case HV_X64_INTERRUPT_TYPE_INIT:
		/* A SIPI that came before it is void. */
		atomic_set(&vp->lapic.startup, SIM_STARTUP_INIT);
		smp_mb__before_atomic();	/* pairs with sim_lapic_startup() */
		set_bit(SIM_PENDING_STARTUP, &vp->pending);
		break;
	case HV_X64_INTERRUPT_TYPE_SIPI:
		startup = atomic_read(&vp->lapic.startup);
		do {
			if (startup & SIM_STARTUP_SIPI)
				break;
		} while (!atomic_try_cmpxchg(&vp->lapic.startup, &startup, startup |
					     SIM_STARTUP_SIPI | (ipi->vector & 0xff)));
		set_bit(SIM_PENDING_STARTUP, &vp->pending);
		break;
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		atomic_set(&vp->lapic.extint, SIM_EXTINT | (ipi->vector & 0xff));
		sim_irq_pending(vp);
		break;
	case HV_X64_INTERRUPT_TYPE_LOCALINT0:
		sim_lapic_local(vp, APIC_REG_LVT_LINT0);
		break;
	case HV_X64_INTERRUPT_TYPE_LOCALINT1:
		sim_lapic_local(vp, APIC_REG_LVT_LINT1);
		break;
	}
	smp_mb__after_atomic();		/* then see whether the VP runs */
	sim_vp_wake(vp);
}

/*
 * Under RCU.  Lowest priority goes to the VP with the lowest TPR of those meant,
 * of equals to the first: real processors don't say which either.
 */
static u32 ipi_send(struct sim_partition *pt, const struct ipi *ipi, struct sim_vp *except)
{
	bool one = ipi->type == HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY;
	struct sim_vp *vp, *best = NULL;
	u32 n = 0;

	sim_for_each_vp(pt, vp) {
		if (vp == except || !ipi_matches(vp, ipi))
			continue;
		n++;
		if (!one)
			ipi_deliver(vp, ipi);
		else if ((READ_ONCE(vp->lapic.svr) & SIM_SVR_ENABLE) &&
			 (!best || READ_ONCE(vp->cr8) < READ_ONCE(best->cr8)))
			best = vp;
	}
	if (best)
		ipi_deliver(best, ipi);
	return n;
}

/* -------------------------------------------------------------- ICR of a VP */

/* What the VMM asked to see: it sends the SIPI itself, if it wants to. */
static bool ipi_sipi_intercepted(struct sim_vp *vp, const struct ipi *ipi)
{
	struct sim_vp *to;

	if (ipi->type != HV_X64_INTERRUPT_TYPE_SIPI || !READ_ONCE(vp->pt->intercepts.sipi))
		return false;
	sim_for_each_vp(vp->pt, to) {
		if (to == vp || !ipi_matches(to, ipi))
			continue;
		vp->lapic.exit = SIM_LAPIC_SIPI;
		vp->lapic.exit_vp = to->index;
		vp->lapic.exit_vector = ipi->vector;
		return true;
	}
	return false;
}

void sim_lapic_icr(struct sim_vp *vp, u32 low, u32 dest)
{
	u32 shorthand = low & ICR_SHORTHAND;
	struct ipi ipi = {
		.type = (low & ICR_MODE) >> ICR_MODE_SHIFT,
		.vector = low & ICR_VECTOR,
		.dest = dest,
		.logical = low & ICR_LOGICAL,
		.wide = sim_lapic_x2(vp),
	};

	/* Between processors only edges: level is INIT's, whose de-assert is void. */
	vp->lapic.icr = low;
	if (ipi.type == HV_X64_INTERRUPT_TYPE_INIT && (low & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL)
		return;
	if (ipi.type <= HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY && ipi.vector < 16) {
		sim_lapic_error(vp, SIM_ESR_SEND_VECTOR);
		return;
	}
	if (shorthand == ICR_SELF) {
		/* INIT, SIPI to oneself are invalid. */
		if (ipi.type < HV_X64_INTERRUPT_TYPE_INIT)
			ipi_deliver(vp, &ipi);
		return;
	}
	if (shorthand == ICR_ALL || shorthand == ICR_OTHERS) {
		ipi.dest = U32_MAX;
		ipi.wide = true;
		ipi.logical = false;
	}
	rcu_read_lock();
	if (!ipi_sipi_intercepted(vp, &ipi))
		ipi_send(vp->pt, &ipi, shorthand == ICR_OTHERS ? vp : NULL);
	rcu_read_unlock();
}

void sim_lapic_self_ipi(struct sim_vp *vp, u32 vector)
{
	if (vector < 16)
		sim_lapic_error(vp, SIM_ESR_SEND_VECTOR);
	else
		sim_lapic_accept(vp, vector, false);
}

/* ------------------------------------------------------------------ start-up */

/* The bootstrap processor starts at its reset vector, others wait for a SIPI. */
static void lapic_init_arrives(struct sim_vp *vp)
{
	bool bsp = vp->apic_base & MSR_IA32_APICBASE_BSP;

	sim_engine->vp_reset(vp);
	sim_lapic_reset(vp);
	vp->pending_interruption.as_uint64 = 0;
	memset(vp->pending_event, 0, sizeof(vp->pending_event));
	vp->nmi_masked = false;
	vp->halted = false;
	vp->startup_suspend = !bsp;
	clear_bit(SIM_PENDING_NMI, &vp->pending);
}

/*
 * One word has what came, so that it is taken in its order: boot code sends two SIPIs, and
 * the second may come, and even the next INIT, while the first is taken.
 */
void sim_lapic_startup(struct sim_vp *vp)
{
	int startup;

	clear_bit(SIM_PENDING_STARTUP, &vp->pending);
	smp_mb__after_atomic();		/* who comes later sets it again */
	startup = atomic_xchg(&vp->lapic.startup, 0);
	if (startup & SIM_STARTUP_INIT)
		lapic_init_arrives(vp);
	/* One that is not waited for has no effect. */
	if ((startup & SIM_STARTUP_SIPI) && vp->startup_suspend) {
		sim_engine->vp_start(vp, startup & 0xff);
		vp->startup_suspend = false;
	}
}

/* ------------------------------------------------------------- the hypercalls */

/* Without APICs a VP is named by its index and takes what it is given. */
static u64 assert_simple(struct sim_partition *pt, const struct ipi *ipi)
{
	struct sim_vp *vp = ipi->dest < SIM_MAX_VPS ? rcu_dereference(pt->vps[ipi->dest]) : NULL;

	if (!vp || ipi->logical)
		return HV_STATUS_INVALID_PARAMETER;
	switch (ipi->type) {
	case HV_X64_INTERRUPT_TYPE_FIXED:
	case HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY:
	case HV_X64_INTERRUPT_TYPE_NMI:
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		ipi_deliver(vp, ipi);
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

/* SMI and remote read have no meaning for a guest here. */
#define ASSERT_TYPES							\
	(BIT(HV_X64_INTERRUPT_TYPE_FIXED) |				\
	 BIT(HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY) |			\
	 BIT(HV_X64_INTERRUPT_TYPE_NMI) | BIT(HV_X64_INTERRUPT_TYPE_INIT) |	\
	 BIT(HV_X64_INTERRUPT_TYPE_SIPI) | BIT(HV_X64_INTERRUPT_TYPE_EXTINT) |	\
	 BIT(HV_X64_INTERRUPT_TYPE_LOCALINT0) |				\
	 BIT(HV_X64_INTERRUPT_TYPE_LOCALINT1))

u64 sim_hc_assert_interrupt(struct sim_call *c)
{
	const struct hv_input_assert_virtual_interrupt *in = c->in;
	struct ipi ipi = {
		.type = in->control.interrupt_type,
		.vector = in->vector,
		.dest = in->dest_addr,
		.logical = in->control.logical_dest_mode,
		.level = in->control.level_triggered,
		.wide = in->dest_addr > 0xff,
	};

	if (in->rsvd_z0 || in->rsvd_z1 || in->target_vtl || in->control.rsvd ||
	    in->dest_addr > U32_MAX)
		return HV_STATUS_INVALID_PARAMETER;
	if (ipi.type >= HV_X64_INTERRUPT_TYPE_MAXIMUM || !(ASSERT_TYPES & BIT(ipi.type)))
		return HV_STATUS_INVALID_PARAMETER;
	if (ipi.vector > 0xff ||
	    (ipi.type <= HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY && ipi.vector < 16))
		return HV_STATUS_INVALID_PARAMETER;
	if (!sim_partition_has_lapic(c->pt))
		return assert_simple(c->pt, &ipi);
	return ipi_send(c->pt, &ipi, NULL) ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

/* An ExtINT that nobody has taken yet. */
u64 sim_hc_clear_interrupt(struct sim_call *c)
{
	struct sim_vp *vp;

	sim_for_each_vp(c->pt, vp)
		sim_lapic_ack_extint(vp);
	return HV_STATUS_SUCCESS;
}
