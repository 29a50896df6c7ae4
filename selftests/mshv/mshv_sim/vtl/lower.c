// SPDX-License-Identifier: GPL-2.0-only
/*
 * VTL 0: notes what it was entered with, and does the next step of its CPU.
 *
 * It runs where the hypervisor would have switched (TLFS, "VTL Return"): interrupts
 * off, with the registers that the two VTLs share as the driver has loaded them,
 * those of the FPU included.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <asm/apic.h>
#include <asm/fpu/types.h>
#include <asm/irq_vectors.h>
#include <asm/special_insns.h>

#include "../reg_names.h"
#include "vtl.h"

/* enum hv_vtl_entry_reason of the TLFS */
#define VTL_ENTRY_INTERRUPT	2
#define VTL_ENTRY_INTERCEPT	3

#define VTL_MAX_STEPS		4096
#define VTL_MAX_RUN_US		(5 * USEC_PER_SEC)

struct vtl_step {
	struct list_head link;
	struct sim_file *file;
	struct mshv_sim_vtl_step s;
};

struct vtl_lower {
	raw_spinlock_t lock;
	struct list_head steps;
	struct vtl_step *busy;		/* the first of them, while it is done */
	u32 waiting;
	struct mshv_sim_vtl_cpu seen;
	struct fxregs_state fx __aligned(16);
};

static DEFINE_PER_CPU(struct vtl_lower, vtl_lowers);

/* TLFS, "VTL Control": what HvCallVtlReturn has in ECX; bit 0: RAX and RCX stay. */
#define VTL_RETURN_FAST		BIT(0)

/* ------------------------------------------------------------- what it does */

static void vtl_message(const struct mshv_sim_vtl_step *s, struct hv_vp_assist_page *assist)
{
	if (vtl_intercept_page) {
		memcpy(assist->intercept_message, s->message, sizeof(assist->intercept_message));
		assist->vtl_entry_reason = VTL_ENTRY_INTERCEPT;
	} else {
		vtl_synic_message(HV_SYNIC_INTERCEPTION_SINT_INDEX,
				  (const struct hv_message *)s->message);
		assist->vtl_entry_reason = VTL_ENTRY_INTERRUPT;
	}
}

/* The highest vector that waits for this CPU to enable interrupts; 0: none. */
static u32 vtl_pending_vector(void)
{
	int i;

	for (i = 7; i >= 0; i--) {
		u32 reg = APIC_IRR + i * 0x10;
		u32 irr = x2apic_enabled() ? native_apic_msr_read(reg) :
					     native_apic_mem_read(reg);

		/* The timer's doesn't count. */
		if (i == LOCAL_TIMER_VECTOR / 32)
			irr &= ~BIT(LOCAL_TIMER_VECTOR % 32);
		if (irr)
			return i * 32 + fls(irr) - 1;
	}
	return 0;
}

/* Returns whether the step is over. */
static bool vtl_run(struct vtl_lower *l, struct mshv_sim_vtl_step *s)
{
	u64 start = ktime_get_mono_fast_ns(), us;
	u32 vector;

	do {
		vector = vtl_pending_vector();
		if (!vector)
			udelay(1);
		us = (ktime_get_mono_fast_ns() - start) / NSEC_PER_USEC;
	} while (!vector && us < s->delay_us);
	l->seen.last_vector = vector;
	s->delay_us -= min_t(u64, us, s->delay_us);
	return vector == RESCHEDULE_VECTOR || !s->delay_us;
}

/* Returns whether the step is over. */
static bool vtl_act(struct vtl_lower *l, struct mshv_sim_vtl_step *s,
		    struct hv_vp_assist_page *assist)
{
	assist->vtl_entry_reason = VTL_ENTRY_INTERRUPT;
	switch (s->action) {
	case MSHV_SIM_VTL_INTERCEPT:
		sim_delay(s->delay_us);
		vtl_message(s, assist);
		break;
	case MSHV_SIM_VTL_RUN:
		return vtl_run(l, s);
	case MSHV_SIM_VTL_RAW:
		assist->vtl_entry_reason = s->reason;
		break;
	default:
		sim_delay(s->delay_us);
	}
	return true;
}

/* ---------------------------------------------------------------- registers */

/*
 * A VP register page takes what VTL 2 has marked as dirty, and shows VTL 0 when it
 * is intercepted (TLFS, "VP register page").  Of what it has, only these are not
 * shared by the VTLs.
 */
static const struct {
	u32 name, index, dirty;
} vtl_page_regs[] = {
	{ R_RAX + 4, 4, HV_X64_REGISTER_CLASS_GENERAL },
	{ R_RIP, 16, HV_X64_REGISTER_CLASS_IP },
	{ R_RFLAGS, 17, HV_X64_REGISTER_CLASS_FLAGS },
};

static void vtl_page_in(unsigned int cpu)
{
	struct hv_vp_register_page *page = vtl_reg_page(cpu);
	union hv_register_value v = {};
	u32 dirty;
	int i;

	if (!page)
		return;
	dirty = READ_ONCE(page->dirty);
	for (i = 0; i < ARRAY_SIZE(vtl_page_regs); i++) {
		if (!(dirty & BIT(vtl_page_regs[i].dirty)))
			continue;
		v.reg64 = page->registers[vtl_page_regs[i].index];
		vtl_reg_set(cpu, 0, vtl_page_regs[i].name, &v);
	}
	page->dirty = 0;
	page->isvalid = 0;
}

static void vtl_page_out(unsigned int cpu, const u64 *gprs)
{
	struct hv_vp_register_page *page = vtl_reg_page(cpu);
	union hv_register_value v;
	int i;

	if (!page)
		return;
	memcpy(page->registers, gprs, VTL_GPRS * sizeof(*gprs));
	for (i = 0; i < ARRAY_SIZE(vtl_page_regs); i++) {
		vtl_reg_get(cpu, 0, vtl_page_regs[i].name, &v);
		page->registers[vtl_page_regs[i].index] = v.reg64;
	}
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->dirty = 0;
	page->isvalid = 1;
}

static void vtl_xmm0(struct vtl_lower *l, u64 *get, const u64 *set)
{
	asm volatile("fxsaveq %0" : "=m" (l->fx));
	if (get)
		memcpy(get, l->fx.xmm_space, 16);
	if (!set)
		return;
	memcpy(l->fx.xmm_space, set, 16);
	asm volatile("fxrstorq %0" : : "m" (l->fx));
}

/* ----------------------------------------------------------------- the entry */

static bool vtl_halt;
module_param_named(halt, vtl_halt, bool, 0644);
MODULE_PARM_DESC(halt, "VTL 0 executes HLT when it has no steps, and is intercepted (default N)");

static struct mshv_sim_vtl_step vtl_halt_step;

static struct vtl_step *vtl_next(struct vtl_lower *l)
{
	struct vtl_step *step;

	raw_spin_lock(&l->lock);
	l->seen.entries++;
	step = list_first_entry_or_null(&l->steps, struct vtl_step, link);
	l->busy = step;
	raw_spin_unlock(&l->lock);
	return step;
}

/* A step that is over is gone, as is one whose file was closed meanwhile. */
static void vtl_done(struct vtl_lower *l, struct vtl_step *step, bool over)
{
	raw_spin_lock(&l->lock);
	l->busy = NULL;
	if (over || !step->file) {
		list_del(&step->link);
		l->seen.steps++;
		l->waiting--;
	} else {
		step = NULL;
	}
	raw_spin_unlock(&l->lock);
	kfree(step);
}

static void vtl_see(struct vtl_lower *l, const u64 *gprs, u32 control,
		    struct hv_vp_assist_page *assist)
{
	memcpy(l->seen.gprs, gprs, sizeof(l->seen.gprs));
	vtl_xmm0(l, l->seen.xmm0, NULL);
	memcpy(l->seen.actions, assist->vtl_ret_actions, sizeof(l->seen.actions));
	l->seen.control = control;
}

/* From entry.S.  @gprs: of VTL 0, both ways; RAX and RCX are not yet. */
void vtl_lower(u64 *gprs)
{
	unsigned int cpu = smp_processor_id();
	struct vtl_lower *l = this_cpu_ptr(&vtl_lowers);
	struct hv_vp_assist_page *assist = hv_vp_assist_page[cpu];
	u32 control = gprs[VTL_RCX];
	struct vtl_step *step;
	int i;

	if (!(control & VTL_RETURN_FAST)) {
		gprs[VTL_RAX] = assist->vtl_ret_x64rax;
		gprs[VTL_RCX] = assist->vtl_ret_x64rcx;
	}
	gprs[VTL_CR2] = native_read_cr2();
	vtl_page_in(cpu);

	step = vtl_next(l);
	if (step) {
		struct mshv_sim_vtl_step *s = &step->s;
		bool intercept = s->action == MSHV_SIM_VTL_INTERCEPT;

		vtl_see(l, gprs, control, assist);
		for (i = 0; i < VTL_GPRS; i++)
			if (s->gpr_mask & BIT(i))
				gprs[i] = s->gprs[i];
		if (s->flags & MSHV_SIM_VTL_SET_XMM0)
			vtl_xmm0(l, NULL, s->xmm0);
		vtl_done(l, step, vtl_act(l, s, assist));
		if (intercept)
			vtl_page_out(cpu, gprs);
	} else if (READ_ONCE(vtl_halt)) {
		vtl_message(&vtl_halt_step, assist);
		vtl_page_out(cpu, gprs);
	} else {
		assist->vtl_entry_reason = VTL_ENTRY_INTERRUPT;
	}
	/* "Hypervisor will take care of clearing": of the driver's contract. */
	memset(assist->vtl_ret_actions, 0, sizeof(assist->vtl_ret_actions));
	native_write_cr2(gprs[VTL_CR2]);
}

/* ------------------------------------------------------------------ commands */

long vtl_lower_push(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_step *s = arg;
	struct vtl_lower *l;
	struct vtl_step *step;
	unsigned long flags;
	long ret = 0;

	if (s->cpu >= nr_cpu_ids || !cpu_possible(s->cpu))
		return -ENXIO;
	if (s->action < MSHV_SIM_VTL_INTERCEPT || s->action > MSHV_SIM_VTL_RAW ||
	    s->flags & ~MSHV_SIM_VTL_SET_XMM0 || s->reserved || s->gpr_mask > U16_MAX ||
	    s->delay_us > VTL_MAX_RUN_US || (s->reason && s->action != MSHV_SIM_VTL_RAW))
		return -EINVAL;
	step = kzalloc_obj(*step, GFP_KERNEL_ACCOUNT);
	if (!step)
		return -ENOMEM;
	step->file = file;
	step->s = *s;

	l = per_cpu_ptr(&vtl_lowers, s->cpu);
	raw_spin_lock_irqsave(&l->lock, flags);
	if (l->waiting == VTL_MAX_STEPS) {
		ret = -ENOSPC;
	} else {
		l->waiting++;
		list_add_tail(&step->link, &l->steps);
		step = NULL;
	}
	raw_spin_unlock_irqrestore(&l->lock, flags);
	kfree(step);
	return ret;
}

long vtl_lower_query(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_cpu *a = arg;
	u32 size = a->size, cpu = a->cpu;
	struct vtl_lower *l;
	unsigned long flags;

	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -ENXIO;
	l = per_cpu_ptr(&vtl_lowers, cpu);
	raw_spin_lock_irqsave(&l->lock, flags);
	*a = l->seen;
	raw_spin_unlock_irqrestore(&l->lock, flags);
	a->size = size;
	a->cpu = cpu;
	return 0;
}

void vtl_lower_close(struct sim_file *file)
{
	struct vtl_step *step, *next;
	unsigned long flags;
	LIST_HEAD(gone);
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vtl_lower *l = per_cpu_ptr(&vtl_lowers, cpu);

		raw_spin_lock_irqsave(&l->lock, flags);
		list_for_each_entry_safe(step, next, &l->steps, link) {
			if (step->file != file)
				continue;
			step->file = NULL;
			if (step == l->busy)
				continue;
			list_move(&step->link, &gone);
			l->waiting--;
		}
		raw_spin_unlock_irqrestore(&l->lock, flags);
	}
	list_for_each_entry_safe(step, next, &gone, link)
		kfree(step);
}

int vtl_lower_init(void)
{
	struct hv_message *halt = (struct hv_message *)vtl_halt_step.message;
	int cpu;

	halt->header.message_type = HVMSG_X64_HALT;
	halt->header.payload_size = sizeof(struct hv_x64_intercept_message_header);
	for_each_possible_cpu(cpu) {
		struct vtl_lower *l = per_cpu_ptr(&vtl_lowers, cpu);

		raw_spin_lock_init(&l->lock);
		INIT_LIST_HEAD(&l->steps);
	}
	return 0;
}
