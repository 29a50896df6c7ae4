// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SynIC of VTL 2: messages and event flags that come to the pages of a CPU, and
 * the interrupt that tells of them (TLFS, "Synthetic interrupt controller").
 *
 * A message whose slot is taken waits behind it; the one in the slot is marked, so
 * that the driver writes the EOM register.
 */
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "vtl.h"

#define VTL_MAX_QUEUED	16

struct vtl_synic {
	u64 sint[HV_SYNIC_SINT_COUNT];
	struct irq_work interrupt;
	u32 queued;
	struct {
		u32 sint;
		struct hv_message message;
	} queue[VTL_MAX_QUEUED];
};

/* Touched on its own CPU, interrupts off. */
static DEFINE_PER_CPU(struct vtl_synic, vtl_synics);
static atomic64_t vtl_eoms, vtl_interrupts;

static void vtl_synic_interrupt(struct irq_work *work)
{
	atomic64_inc(&vtl_interrupts);
	sim_driver_interrupt();
}

static void vtl_synic_raise(struct vtl_synic *s, u32 sint)
{
	union hv_synic_sint v = { .as_uint64 = READ_ONCE(s->sint[sint]) };

	if (!v.masked)
		irq_work_queue(&s->interrupt);
}

/* False if the slot is taken. */
static bool vtl_slot_fill(u32 sint, const struct hv_message *message)
{
	struct hv_message *slot = vtl_seam_message(raw_smp_processor_id(), sint);

	if (READ_ONCE(slot->header.message_type) != HVMSG_NONE) {
		slot->header.message_flags.msg_pending = 1;
		return false;
	}
	memcpy((void *)slot + sizeof(slot->header.message_type),
	       (const void *)message + sizeof(slot->header.message_type),
	       sizeof(*slot) - sizeof(slot->header.message_type));
	slot->header.message_flags.msg_pending = 0;
	/* The type says that the rest is there. */
	smp_store_release(&slot->header.message_type, message->header.message_type);
	return true;
}

void vtl_synic_message(u32 sint, const struct hv_message *message)
{
	struct vtl_synic *s = this_cpu_ptr(&vtl_synics);

	if (vtl_slot_fill(sint, message)) {
		vtl_synic_raise(s, sint);
	} else if (s->queued < VTL_MAX_QUEUED) {
		s->queue[s->queued].sint = sint;
		s->queue[s->queued++].message = *message;
	}
}

/* Those that wait, in their order, as far as there are slots. */
static void vtl_synic_rescan(struct vtl_synic *s)
{
	u32 i, left = 0, taken = 0;
	struct hv_message *slot;

	for (i = 0; i < s->queued; i++) {
		u32 sint = s->queue[i].sint;

		/* one that stays waiting lets none of its SINT overtake it */
		if (!(taken & BIT(sint)) && vtl_slot_fill(sint, &s->queue[i].message)) {
			vtl_synic_raise(s, sint);
			continue;
		}
		slot = vtl_seam_message(raw_smp_processor_id(), sint);
		slot->header.message_flags.msg_pending = 1;
		taken |= BIT(sint);
		s->queue[left++] = s->queue[i];
	}
	s->queued = left;
}

/* --------------------------------------------------------------------- the MSRs */

u64 vtl_synic_rdmsr(unsigned int msr)
{
	if (msr >= HV_X64_MSR_SINT0 && msr <= HV_X64_MSR_SINT15)
		return this_cpu_read(vtl_synics.sint[msr - HV_X64_MSR_SINT0]);
	pr_warn_once("MSR %#x is read, which is not simulated\n", msr);
	return 0;
}

void vtl_synic_wrmsr(unsigned int msr, u64 value)
{
	struct vtl_synic *s;
	unsigned long flags;

	local_irq_save(flags);
	s = this_cpu_ptr(&vtl_synics);
	if (msr >= HV_X64_MSR_SINT0 && msr <= HV_X64_MSR_SINT15) {
		s->sint[msr - HV_X64_MSR_SINT0] = value;
	} else if (msr == HV_X64_MSR_EOM) {
		atomic64_inc(&vtl_eoms);
		vtl_synic_rescan(s);
	} else {
		pr_warn_once("MSR %#x is written, which is not simulated\n", msr);
	}
	local_irq_restore(flags);
}

/* ------------------------------------------------------------------- commands */

static void vtl_synic_post_here(void *arg)
{
	const struct mshv_sim_vtl_post *p = arg;
	unsigned long flags;

	local_irq_save(flags);
	if (p->flags & MSHV_SIM_VTL_MESSAGE) {
		vtl_synic_message(p->sint, (const struct hv_message *)p->message);
	} else {
		set_bit(p->event, vtl_seam_event_flags(raw_smp_processor_id(), p->sint));
		vtl_synic_raise(this_cpu_ptr(&vtl_synics), p->sint);
	}
	local_irq_restore(flags);
}

long vtl_synic_post(struct sim_file *file, void *arg)
{
	const struct mshv_sim_vtl_post *p = arg;
	const struct hv_message *m = (const struct hv_message *)p->message;

	if (p->flags != MSHV_SIM_VTL_MESSAGE && p->flags != MSHV_SIM_VTL_EVENT)
		return -EINVAL;
	if (p->reserved || p->sint >= HV_SYNIC_SINT_COUNT || p->event >= HV_EVENT_FLAGS_COUNT)
		return -EINVAL;
	if (p->flags == MSHV_SIM_VTL_MESSAGE && m->header.message_type == HVMSG_NONE)
		return -EINVAL;
	return smp_call_function_single(p->cpu, vtl_synic_post_here, arg, true);
}

void vtl_synic_info(struct mshv_sim_vtl_info *info)
{
	const struct vtl_synic *s = per_cpu_ptr(&vtl_synics, info->cpu);

	memcpy(info->sint, s->sint, sizeof(info->sint));
	info->queued = READ_ONCE(s->queued);
	info->eoms = atomic64_read(&vtl_eoms);
	info->interrupts = atomic64_read(&vtl_interrupts);
}

void vtl_synic_init(void)
{
	union hv_synic_sint masked = { .masked = true };
	int cpu, i;

	for_each_possible_cpu(cpu) {
		struct vtl_synic *s = per_cpu_ptr(&vtl_synics, cpu);

		for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
			s->sint[i] = masked.as_uint64;
		init_irq_work(&s->interrupt, vtl_synic_interrupt);
	}
}

void vtl_synic_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu_ptr(&vtl_synics, cpu)->interrupt);
}
