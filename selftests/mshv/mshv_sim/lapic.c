// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a local APIC, how interrupts are accepted and which of them
 * goes first.  References: AMD APM volume 2, chapter 16; Intel SDM volume 3,
 * "APIC" for what is x2APIC's.
 *
 * Some things have another home: the upper half of TPR is sim_vp.cr8, which the
 * guest changes without us; IRR is sim_vp.irr, which VPs without an APIC use as
 * well.
 */
#include <linux/bitmap.h>

#include "engine.h"

/* Version 14h, as of the P6 and later; six entries in the local vector table. */
#define LAPIC_VERSION	(0x14 | (SIM_LVT_COUNT - 1) << 16)

/* ----------------------------------------------------------------- life cycle */

void sim_lapic_reset(struct sim_vp *vp)
{
	struct sim_lapic *l = &vp->lapic;
	int i;

	sim_lapic_timer_stop(vp);
	sim_assist_sync(vp);
	bitmap_zero(vp->irr, 256);
	bitmap_zero(l->tmr, 256);
	bitmap_zero(l->isr, 256);
	for (i = 0; i < SIM_LVT_COUNT; i++)
		WRITE_ONCE(l->lvt[i], SIM_LVT_MASKED);
	WRITE_ONCE(l->ldr, 0);
	WRITE_ONCE(l->dfr, U32_MAX);
	WRITE_ONCE(l->svr, 0xff);
	l->esr = 0;
	atomic_set(&l->errors, 0);
	l->icr = 0;
	l->icr_high = 0;
	l->tpr = 0;
	vp->cr8 = 0;
	l->timer.divide = 0;
	l->timer.initial = 0;
	atomic_set(&l->extint, 0);
	l->exit = SIM_LAPIC_NO_EXIT;
}

void sim_lapic_init(struct sim_vp *vp)
{
	struct sim_lapic *l = &vp->lapic;

	l->id = vp->index;
	l->initial_id = vp->index;
	sim_lapic_timer_init(vp);
	sim_lapic_eoi_init(vp);
	sim_lapic_reset(vp);
}

void sim_lapic_destroy(struct sim_vp *vp)
{
	sim_lapic_timer_destroy(vp);
	sim_synic_cancel(&vp->lapic.eoi_msg);
}

/* ----------------------------------------------------- acceptance, priorities */

void sim_lapic_accept(struct sim_vp *vp, u8 vector, bool level)
{
	if (sim_partition_has_lapic(vp->pt)) {
		if (!sim_lapic_enabled(vp) || !(READ_ONCE(vp->lapic.svr) & SIM_SVR_ENABLE))
			return;
		if (vector < 16) {
			sim_lapic_error(vp, SIM_ESR_RECV_VECTOR);
			return;
		}
		assign_bit(vector, vp->lapic.tmr, level);
	}
	/* Who finds the vector in IRR must find the right trigger mode, too. */
	smp_mb__before_atomic();
	set_bit(vector, vp->irr);
	sim_irq_pending(vp);
}

/* An error in the error interrupt's own entry is not reported again. */
void sim_lapic_error(struct sim_vp *vp, u32 error)
{
	if (atomic_fetch_or(error, &vp->lapic.errors) & error)
		return;
	sim_lapic_local(vp, APIC_REG_LVT_ERROR);
}

void sim_lapic_local(struct sim_vp *vp, u32 reg)
{
	u32 lvt = READ_ONCE(vp->lapic.lvt[SIM_LVT(reg)]);
	u8 vector = lvt & SIM_LVT_VECTOR;

	if (!sim_lapic_enabled(vp) || (lvt & SIM_LVT_MASKED))
		return;
	/* Two entries are fixed without saying so. */
	if (reg == APIC_REG_LVT_TIMER || reg == APIC_REG_LVT_ERROR)
		lvt &= ~SIM_LVT_MODE;
	switch ((lvt & SIM_LVT_MODE) >> SIM_LVT_MODE_SHIFT) {
	case HV_X64_INTERRUPT_TYPE_FIXED:
		sim_lapic_accept(vp, vector, false);
		break;
	case HV_X64_INTERRUPT_TYPE_NMI:
		set_bit(SIM_PENDING_NMI, &vp->pending);
		break;
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		atomic_set(&vp->lapic.extint, SIM_EXTINT | vector);
		sim_irq_pending(vp);
		break;
	}
}

static int lapic_find_last(const unsigned long *bits)
{
	unsigned long word;
	int i;

	for (i = 256 / BITS_PER_LONG - 1; i >= 0; i--) {
		word = READ_ONCE(bits[i]);
		if (word)
			return i * BITS_PER_LONG + __fls(word);
	}
	return -1;
}

int sim_lapic_highest(const struct sim_vp *vp)
{
	int irr = lapic_find_last(vp->irr), isr;

	if (irr < 0 || !sim_partition_has_lapic(vp->pt))
		return irr;
	if (!sim_lapic_enabled(vp))
		return -1;
	sim_assist_sync(vp);
	isr = lapic_find_last(vp->lapic.isr);
	return isr < 0 || irr >> 4 > isr >> 4 ? irr : -1;
}

int sim_lapic_extint(const struct sim_vp *vp)
{
	int e = atomic_read(&vp->lapic.extint);

	return e & SIM_EXTINT ? e & 0xff : -1;
}

void sim_lapic_ack(struct sim_vp *vp, u8 vector)
{
	clear_bit(vector, vp->irr);
	if (!sim_partition_has_lapic(vp->pt) || test_bit(vector, vp->vsynic.auto_eoi))
		return;
	__set_bit(vector, vp->lapic.isr);
	sim_assist_offer(vp, vector);
}

void sim_lapic_ack_extint(struct sim_vp *vp)
{
	atomic_set(&vp->lapic.extint, 0);
}

/*
 * An interrupt that is not in service never came through IRR: it was an ExtINT,
 * or the VMM has made it pending.
 */
void sim_lapic_unack(struct sim_vp *vp, u8 vector)
{
	sim_assist_sync(vp);
	if (sim_partition_has_lapic(vp->pt) && !__test_and_clear_bit(vector, vp->lapic.isr) &&
	    !test_bit(vector, vp->vsynic.auto_eoi))
		atomic_cmpxchg(&vp->lapic.extint, 0, SIM_EXTINT | vector);
	else
		set_bit(vector, vp->irr);
	sim_irq_pending(vp);
}

u8 sim_lapic_tpr(const struct sim_vp *vp)
{
	u8 tpr = vp->lapic.tpr;

	return tpr >> 4 == vp->cr8 ? tpr : vp->cr8 << 4;
}

static u8 lapic_ppr(const struct sim_vp *vp)
{
	int isr = lapic_find_last(vp->lapic.isr);
	u8 tpr = sim_lapic_tpr(vp);

	return isr >= 0 && isr >> 4 > tpr >> 4 ? isr & 0xf0 : tpr;
}

void sim_lapic_eoi(struct sim_vp *vp)
{
	int vector;

	sim_assist_sync(vp);
	vector = lapic_find_last(vp->lapic.isr);
	if (vector < 0)
		return;
	__clear_bit(vector, vp->lapic.isr);
	if (test_bit(vector, vp->lapic.tmr))
		sim_lapic_eoi_notify(vp, vector);
	sim_vsynic_eoi(vp);
}

/* ------------------------------------------------------------------ registers */

#define XAPIC_R		BIT(0)
#define XAPIC_W		BIT(1)
#define X2APIC_R	BIT(2)
#define X2APIC_W	BIT(3)
#define XAPIC		(XAPIC_R | XAPIC_W)
#define X2APIC		(X2APIC_R | X2APIC_W)
#define R		(XAPIC_R | X2APIC_R)
#define RW		(XAPIC | X2APIC)

struct lapic_reg {
	u8 access;
	u32 valid;	/* bits that can be written */
};

static const struct lapic_reg lapic_regs[APIC_REGS] = {
	[APIC_REG_ID]		= { R },
	[APIC_REG_VERSION]	= { R },
	[APIC_REG_TPR]		= { RW, 0xff },
	[APIC_REG_APR]		= { XAPIC_R },
	[APIC_REG_PPR]		= { R },
	/* x2APIC wants zero here; the others don't care. */
	[APIC_REG_EOI]		= { XAPIC_W | X2APIC_W, 0 },
	[APIC_REG_RRD]		= { XAPIC_R },
	[APIC_REG_LDR]		= { XAPIC | X2APIC_R, 0xff000000 },
	[APIC_REG_DFR]		= { XAPIC, 0xf0000000 },
	[APIC_REG_SVR]		= { RW, 0x1ff },
	[APIC_REG_ISR ... APIC_REG_ISR + 7] = { R },
	[APIC_REG_TMR ... APIC_REG_TMR + 7] = { R },
	[APIC_REG_IRR ... APIC_REG_IRR + 7] = { R },
	[APIC_REG_ESR]		= { RW, 0 },
	[APIC_REG_ICR]		= { RW, 0xccfff | SIM_ICR_STATUS },
	[APIC_REG_ICR_HIGH]	= { XAPIC, 0xff000000 },
	[APIC_REG_LVT_TIMER]	= { RW, 0x710ff },
	[APIC_REG_LVT_THERMAL]	= { RW, 0x117ff },
	[APIC_REG_LVT_PERFMON]	= { RW, 0x117ff },
	[APIC_REG_LVT_LINT0]	= { RW, 0x1f7ff },
	[APIC_REG_LVT_LINT1]	= { RW, 0x1f7ff },
	[APIC_REG_LVT_ERROR]	= { RW, 0x110ff },
	[APIC_REG_INITIAL_COUNT] = { RW, U32_MAX },
	[APIC_REG_CURRENT_COUNT] = { R },
	[APIC_REG_DIVIDE]	= { RW, 0xb },
	[APIC_REG_SELF_IPI]	= { X2APIC_W, 0xff },
};

/* Delivery status, and of LINT0 and LINT1 also the remote IRR: not writable. */
#define LVT_READ_ONLY	(BIT(12) | BIT(14))

u32 sim_lapic_ldr(const struct sim_vp *vp)
{
	u32 id = READ_ONCE(vp->lapic.id);

	/* SDM, "deriving logical x2APIC ID from the local x2APIC ID". */
	return sim_lapic_x2(vp) ? id >> 4 << 16 | BIT(id & 0xf) : READ_ONCE(vp->lapic.ldr);
}

static u32 lapic_bits(const unsigned long *bits, u32 i)
{
	return READ_ONCE(bits[i / 2]) >> 32 * (i & 1);
}

static bool lapic_known(const struct sim_vp *vp, u32 reg, u8 access)
{
	if (sim_lapic_x2(vp))
		access <<= 2;
	return reg < APIC_REGS && (lapic_regs[reg].access & access);
}

static bool lapic_bad_register(struct sim_vp *vp)
{
	if (!sim_lapic_x2(vp))
		sim_lapic_error(vp, SIM_ESR_REGISTER);
	return false;
}

bool sim_lapic_read(struct sim_vp *vp, u32 reg, u32 *val)
{
	const struct sim_lapic *l = &vp->lapic;

	*val = 0;
	if (!lapic_known(vp, reg, XAPIC_R))
		return lapic_bad_register(vp);
	sim_assist_sync(vp);
	switch (reg) {
	case APIC_REG_ID:
		*val = sim_lapic_x2(vp) ? l->id : l->id << 24;
		break;
	case APIC_REG_VERSION:
		*val = LAPIC_VERSION;
		break;
	case APIC_REG_TPR:
		*val = sim_lapic_tpr(vp);
		break;
	case APIC_REG_PPR:
		*val = lapic_ppr(vp);
		break;
	case APIC_REG_RRD:
		*val = l->remote_read;
		break;
	case APIC_REG_LDR:
		*val = sim_lapic_ldr(vp);
		break;
	case APIC_REG_DFR:
		*val = l->dfr;
		break;
	case APIC_REG_SVR:
		*val = l->svr;
		break;
	case APIC_REG_ISR ... APIC_REG_ISR + 7:
		*val = lapic_bits(l->isr, reg - APIC_REG_ISR);
		break;
	case APIC_REG_TMR ... APIC_REG_TMR + 7:
		*val = lapic_bits(l->tmr, reg - APIC_REG_TMR);
		break;
	case APIC_REG_IRR ... APIC_REG_IRR + 7:
		*val = lapic_bits(vp->irr, reg - APIC_REG_IRR);
		break;
	case APIC_REG_ESR:
		*val = l->esr;
		break;
	case APIC_REG_ICR:
		*val = l->icr;
		break;
	case APIC_REG_ICR_HIGH:
		*val = l->icr_high;
		break;
	case APIC_REG_LVT_TIMER ... APIC_REG_LVT_ERROR:
		*val = l->lvt[SIM_LVT(reg)];
		break;
	case APIC_REG_INITIAL_COUNT:
		*val = l->timer.initial;
		break;
	case APIC_REG_CURRENT_COUNT:
		*val = sim_lapic_timer_current(vp);
		break;
	case APIC_REG_DIVIDE:
		*val = l->timer.divide;
		break;
	}
	return true;
}

void sim_lapic_svr_changed(struct sim_vp *vp)
{
	struct sim_lapic *l = &vp->lapic;
	int i;

	if (l->svr & SIM_SVR_ENABLE)
		return;
	for (i = 0; i < SIM_LVT_COUNT; i++)
		WRITE_ONCE(l->lvt[i], l->lvt[i] | SIM_LVT_MASKED);
}

static void lapic_write_lvt(struct sim_vp *vp, u32 reg, u32 val)
{
	struct sim_lapic *l = &vp->lapic;
	u32 old = l->lvt[SIM_LVT(reg)];

	val &= ~LVT_READ_ONLY;
	if (!(l->svr & SIM_SVR_ENABLE))
		val |= SIM_LVT_MASKED;
	WRITE_ONCE(l->lvt[SIM_LVT(reg)], val);
	if (reg == APIC_REG_LVT_TIMER)
		sim_lapic_timer_mode(vp, old);
}

static void lapic_write(struct sim_vp *vp, u32 reg, u32 val)
{
	struct sim_lapic *l = &vp->lapic;

	switch (reg) {
	case APIC_REG_TPR:
		l->tpr = val;
		vp->cr8 = l->tpr >> 4;
		break;
	case APIC_REG_EOI:
		sim_lapic_eoi(vp);
		break;
	case APIC_REG_LDR:
		WRITE_ONCE(l->ldr, val);
		break;
	case APIC_REG_DFR:
		WRITE_ONCE(l->dfr, val | 0x0fffffff);
		break;
	case APIC_REG_SVR:
		WRITE_ONCE(l->svr, val);
		sim_lapic_svr_changed(vp);
		break;
	case APIC_REG_ESR:
		/* A write makes what has happened since the last one readable. */
		l->esr = atomic_xchg(&l->errors, 0);
		break;
	case APIC_REG_ICR:
		sim_lapic_icr(vp, val & ~SIM_ICR_STATUS, l->icr_high >> 24);
		break;
	case APIC_REG_ICR_HIGH:
		l->icr_high = val;
		break;
	case APIC_REG_LVT_TIMER ... APIC_REG_LVT_ERROR:
		lapic_write_lvt(vp, reg, val);
		break;
	case APIC_REG_INITIAL_COUNT:
		sim_lapic_timer_start(vp, val);
		break;
	case APIC_REG_DIVIDE:
		sim_lapic_timer_divide(vp, val);
		break;
	case APIC_REG_SELF_IPI:
		sim_lapic_self_ipi(vp, val);
		break;
	}
}

/* x2APIC faults on reserved bits, xAPIC ignores them. */
bool sim_lapic_write(struct sim_vp *vp, u32 reg, u32 val)
{
	if (!lapic_known(vp, reg, XAPIC_W))
		return lapic_bad_register(vp);
	if (sim_lapic_x2(vp) && (val & ~lapic_regs[reg].valid))
		return false;
	lapic_write(vp, reg, val & lapic_regs[reg].valid);
	return true;
}
