/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC of a guest's VP: xAPIC and x2APIC (AMD APM volume 2, chapter
 * 16; Intel SDM volume 3, "APIC").
 *
 *   lapic.c        registers, acceptance and priorities, EOI
 *   lapic_timer.c  the timer
 *   lapic_ipi.c    who is meant, interrupts between VPs and from the VMM, start-up
 *   lapic_msr.c    x2APIC MSRs, IA32_APIC_BASE, the hypervisor's APIC MSRs
 *   lapic_mmio.c   the page at APIC_BASE
 *   lapic_eoi.c    level-triggered interrupts: their end, as the parent hears of it
 *   state.c        HVCALL_GET_VP_STATE, HVCALL_SET_VP_STATE
 *
 * Registers belong to who owns the VP (vp->running, or vp->lock while it does
 * not run).  Others, in any context and without a lock, do no more than set bits
 * in IRR and TMR and make NMI, INIT, SIPI, ExtINT pending, then sim_vp_wake();
 * to find out whom a destination means they read id, LDR, DFR, SVR and APIC_BASE
 * as they happen to be.
 */
#ifndef MSHV_SIM_LAPIC_H
#define MSHV_SIM_LAPIC_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <hyperv/hvhdk.h>

struct sim_vp;
struct sim_partition;
struct sim_mem_insn;

/* A message on its way to a SynIC slot; embedded, so that posting can't fail. */
struct sim_msg {
	struct list_head link;
	bool queued;
	/* Called when the message got its slot: true if there is one more to send. */
	bool (*next)(struct sim_msg *m);
	struct hv_message msg;
};

/* Register numbers: the low byte of the x2APIC MSR, the MMIO offset / 16. */
enum {
	APIC_REG_ID		= 0x02,
	APIC_REG_VERSION	= 0x03,
	APIC_REG_TPR		= 0x08,
	APIC_REG_APR		= 0x09,
	APIC_REG_PPR		= 0x0a,
	APIC_REG_EOI		= 0x0b,
	APIC_REG_RRD		= 0x0c,
	APIC_REG_LDR		= 0x0d,
	APIC_REG_DFR		= 0x0e,
	APIC_REG_SVR		= 0x0f,
	APIC_REG_ISR		= 0x10,
	APIC_REG_TMR		= 0x18,
	APIC_REG_IRR		= 0x20,
	APIC_REG_ESR		= 0x28,
	APIC_REG_ICR		= 0x30,
	APIC_REG_ICR_HIGH	= 0x31,
	APIC_REG_LVT_TIMER	= 0x32,
	APIC_REG_LVT_THERMAL	= 0x33,
	APIC_REG_LVT_PERFMON	= 0x34,
	APIC_REG_LVT_LINT0	= 0x35,
	APIC_REG_LVT_LINT1	= 0x36,
	APIC_REG_LVT_ERROR	= 0x37,
	APIC_REG_INITIAL_COUNT	= 0x38,
	APIC_REG_CURRENT_COUNT	= 0x39,
	APIC_REG_DIVIDE		= 0x3e,
	APIC_REG_SELF_IPI	= 0x3f,
	APIC_REGS		= 0x40,
};

#define SIM_LVT_COUNT		6
#define SIM_LVT(reg)		((reg) - APIC_REG_LVT_TIMER)
#define SIM_LVT_VECTOR		GENMASK(7, 0)
#define SIM_LVT_MODE_SHIFT	8
#define SIM_LVT_MODE		GENMASK(10, 8)
#define SIM_LVT_LEVEL		BIT(15)
#define SIM_LVT_MASKED		BIT(16)
#define SIM_LVT_TIMER_MODE	GENMASK(18, 17)
#define SIM_LVT_PERIODIC	BIT(17)
#define SIM_LVT_TSC_DEADLINE	BIT(18)
#define SIM_SVR_ENABLE		BIT(8)
#define SIM_ICR_STATUS		BIT(12)
#define SIM_ESR_SEND_VECTOR	BIT(5)
#define SIM_ESR_RECV_VECTOR	BIT(6)
#define SIM_ESR_REGISTER	BIT(7)

/* What the timer counts at, before its divider; HV_X64_MSR_APIC_FREQUENCY. */
#define SIM_LAPIC_HZ		200000000u

struct sim_lapic_timer {
	raw_spinlock_t lock;
	struct hrtimer hrtimer;
	bool armed;
	ktime_t deadline;
	u64 period_ns;		/* 0: once */
	u32 initial;
	u32 divide;
	u64 tsc_deadline;
};

/* Something for the VMM that a write to a register has caused. */
enum sim_lapic_exit {
	SIM_LAPIC_NO_EXIT,
	SIM_LAPIC_SIPI,		/* instead of the write */
	SIM_LAPIC_EOI,		/* after it */
};

struct sim_lapic {
	u32 id;			/* 32 bits wide in both modes */
	u32 initial_id;
	u32 ldr, dfr, svr;
	unsigned long tmr[256 / BITS_PER_LONG];	/* IRR: sim_vp.irr */
	unsigned long isr[256 / BITS_PER_LONG];
	u32 lvt[SIM_LVT_COUNT];
	u32 esr;
	atomic_t errors;	/* since ESR was written last */
	u32 icr, icr_high;
	u8 tpr;			/* its upper half may be stale: that is vp->cr8 */
	u32 lvt_cmci, error_status, remote_read;	/* kept for GET_VP_STATE only */
	atomic_t extint;	/* SIM_EXTINT | vector */
#define SIM_EXTINT	BIT(8)
	atomic_t startup;	/* SIM_STARTUP_INIT, then SIM_STARTUP_SIPI | vector */
#define SIM_STARTUP_SIPI	BIT(8)
#define SIM_STARTUP_INIT	BIT(9)
	struct sim_lapic_timer timer;

	enum sim_lapic_exit exit;
	u32 exit_vp, exit_vector;

	/* EOI messages to the parent: one in flight, the others wait here. */
	struct sim_msg eoi_msg;
	unsigned long eoi_busy;
	unsigned long eoi[256 / BITS_PER_LONG];
};

/* --------------------------------------------------------------- lapic.c */

void sim_lapic_init(struct sim_vp *vp);
void sim_lapic_destroy(struct sim_vp *vp);
/* As INIT leaves it; the ids stay. */
void sim_lapic_reset(struct sim_vp *vp);
/* A fixed interrupt arrives; any context.  The caller wakes the VP. */
void sim_lapic_accept(struct sim_vp *vp, u8 vector, bool level);
/* Whatever an entry of the local vector table delivers. */
void sim_lapic_local(struct sim_vp *vp, u32 reg);
void sim_lapic_error(struct sim_vp *vp, u32 error);
/* Highest vector that no interrupt in service holds back, or -1; TPR aside. */
int sim_lapic_highest(const struct sim_vp *vp);
/* An ExtINT that waits, or -1. */
int sim_lapic_extint(const struct sim_vp *vp);
/* The VP has taken what the two above returned. */
void sim_lapic_ack(struct sim_vp *vp, u8 vector);
void sim_lapic_ack_extint(struct sim_vp *vp);
/* ... and gives it back, as something else came before its delivery. */
void sim_lapic_unack(struct sim_vp *vp, u8 vector);
u8 sim_lapic_tpr(const struct sim_vp *vp);
void sim_lapic_eoi(struct sim_vp *vp);
/* False: no such register in the APIC's present mode, or a value it refuses. */
bool sim_lapic_read(struct sim_vp *vp, u32 reg, u32 *val);
bool sim_lapic_write(struct sim_vp *vp, u32 reg, u32 val);
u32 sim_lapic_ldr(const struct sim_vp *vp);
/* Software-disabled: all local interrupts are masked. */
void sim_lapic_svr_changed(struct sim_vp *vp);

/* ---------------------------------------------------------- lapic_timer.c */

void sim_lapic_timer_init(struct sim_vp *vp);
void sim_lapic_timer_destroy(struct sim_vp *vp);
void sim_lapic_timer_stop(struct sim_vp *vp);
void sim_lapic_timer_start(struct sim_vp *vp, u32 initial);
/* As start, but @current ticks are left of @initial. */
void sim_lapic_timer_load(struct sim_vp *vp, u32 initial, u32 current_count);
u32 sim_lapic_timer_current(struct sim_vp *vp);
void sim_lapic_timer_divide(struct sim_vp *vp, u32 divide);
/* LVT_TIMER had value @old. */
void sim_lapic_timer_mode(struct sim_vp *vp, u32 old);
void sim_lapic_timer_deadline(struct sim_vp *vp, u64 tsc);

/* ------------------------------------------------------------ lapic_ipi.c */

/* HV_X64_INTERRUPT_TYPE_* of ICR bits 8-10: the numbers are the same. */
void sim_lapic_icr(struct sim_vp *vp, u32 low, u32 dest);
void sim_lapic_self_ipi(struct sim_vp *vp, u32 vector);
/*
 * INIT and SIPI that have arrived take effect.  Under vp->lock, with the VP
 * neither running nor suspended.
 */
void sim_lapic_startup(struct sim_vp *vp);

/* ------------------------------------------------------------ lapic_msr.c */

bool sim_lapic_has_msr(const struct sim_vp *vp, u32 msr);
bool sim_lapic_rdmsr(struct sim_vp *vp, u32 msr, u64 *val, bool *unknown);
bool sim_lapic_wrmsr(struct sim_vp *vp, u32 msr, u64 val, bool *unknown);
/* IA32_APIC_BASE: as the guest may change it, or to any state that exists. */
bool sim_lapic_set_base(struct sim_vp *vp, u64 val, bool guest);
/* The VMM gives the VP another id. */
void sim_lapic_set_id(struct sim_vp *vp, u32 id);

/* ----------------------------------------------------------- lapic_mmio.c */

bool sim_lapic_covers(const struct sim_vp *vp, u64 gpa);
void sim_lapic_mmio(struct sim_vp *vp, u64 gpa, const struct sim_mem_insn *insn);

/* ----------------------------------------------------------- lapic_eoi.c */

/* The guest has ended a level-triggered interrupt. */
void sim_lapic_eoi_notify(struct sim_vp *vp, u8 vector);
void sim_lapic_eoi_init(struct sim_vp *vp);

/* ------------------------------------------------------------------ insn.c */

enum sim_insn_op {
	SIM_INSN_MOV, SIM_INSN_XCHG, SIM_INSN_ADD, SIM_INSN_OR, SIM_INSN_ADC, SIM_INSN_SBB,
	SIM_INSN_AND, SIM_INSN_SUB, SIM_INSN_XOR, SIM_INSN_CMP, SIM_INSN_TEST,
};

/* An instruction with one operand in memory, as much as emulating it needs. */
struct sim_mem_insn {
	u8 length;		/* of the instruction */
	u8 size;		/* of the memory operand: 1, 2, 4 or 8 bytes */
	u8 op;			/* enum sim_insn_op */
	bool reads, writes;	/* memory */
	u64 value;		/* the other operand: of a plain store, what is stored */
	bool value_first;	/* it is the first operand, memory the second */
	/* Where the result goes, if to a register. */
	bool to_reg;
	u8 reg;			/* index of sim_vp.gpr */
	u8 reg_size;
	bool reg_high;		/* AH, CH, DH, BH */
	bool sign_extend;	/* else zero */
	s8 string;		/* LODS, STOS: step of the index register, else 0 */
};

/*
 * The instruction at CS:RIP.  False if it is not one of the forms known, has no
 * operand in memory or can't be read: nothing has been changed then.
 */
bool sim_insn_decode_mem(struct sim_vp *vp, struct sim_mem_insn *insn);
/*
 * Registers and flags get what the instruction gives them.  @mem is what memory
 * holds (if insn->reads); returns what it shall hold (if insn->writes).  RIP is
 * the caller's business.
 */
u64 sim_insn_execute(struct sim_vp *vp, const struct sim_mem_insn *insn, u64 mem);

#endif /* MSHV_SIM_LAPIC_H */
