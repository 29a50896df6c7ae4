// SPDX-License-Identifier: GPL-2.0-only
/*
 * The root's synthetic interrupt controller (TLFS, "Virtual interrupt
 * controller"), one per CPU: the MSRs that the driver programs, the message
 * slot of SINT0, and the interrupt.
 *
 * A message is delivered into a free slot; if the slot is taken it waits in the
 * CPU's queue and the slot's message is flagged, so that the driver writes EOM
 * when it is done.
 */
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "control.h"

struct sim_synic {
	u64 scontrol, siefp, simp, sirbp;
	u64 sint[HV_SYNIC_SINT_COUNT];
	struct hv_message_page *messages;
	void *event_flags;
	struct hv_synic_event_ring_page *rings;
	struct list_head queue;
	struct irq_work irq;
	call_single_data_t csd;
};

static DEFINE_PER_CPU(struct sim_synic, sim_synics);
/*
 * One for all: a message that moves from one CPU's queue to another's is never
 * in neither, so that it can be taken back at any time.
 */
static DEFINE_RAW_SPINLOCK(sim_synic_lock);

/* Messages that a test wants to be late. */
static struct {
	void *holder;
	u32 type;
	u64 partition;
	struct list_head queue;
} sim_held = { .queue = LIST_HEAD_INIT(sim_held.queue) };

#define SINT	HV_SYNIC_INTERCEPTION_SINT_INDEX

/* -------------------------------------------------------------- messages */

static bool sim_synic_ready(const struct sim_synic *s)
{
	return (s->scontrol & HV_SYNIC_CONTROL_ENABLE) && (s->simp & HV_SYNIC_SIMP_ENABLE) &&
	       !(s->sint[SINT] & HV_SYNIC_SINT_MASKED) && sim_seam_has_handler();
}

static void sim_synic_irq(struct irq_work *work)
{
	sim_seam_interrupt();
}

static void sim_synic_remote(void *arg)
{
	struct sim_synic *s = arg;

	irq_work_queue(&s->irq);
}

/*
 * On the own CPU through irq_work, which arrives as an interrupt does; another
 * CPU is asked to do the same.  A call to the own CPU would run at once, with
 * our locks held.
 */
static void sim_synic_raise(struct sim_synic *s, int cpu)
{
	if (cpu == smp_processor_id())
		irq_work_queue(&s->irq);
	else
		smp_call_function_single_async(cpu, &s->csd);
}

/* Under the lock: fill the slot from the queue if it is free. */
static bool sim_synic_deliver(struct sim_synic *s)
{
	struct hv_message *slot = &s->messages->sint_message[SINT];
	struct sim_msg *m;

	if (!sim_synic_ready(s) || list_empty(&s->queue))
		return false;
	if (READ_ONCE(slot->header.message_type) != HVMSG_NONE) {
		/* Ask for EOM, then look again: the driver may have been faster. */
		WRITE_ONCE(slot->header.message_flags.asu8, 1);
		smp_mb();	/* pairs with the one after the driver frees the slot */
		if (READ_ONCE(slot->header.message_type) != HVMSG_NONE)
			return false;
	}
	m = list_first_entry(&s->queue, struct sim_msg, link);
	list_del(&m->link);
	WRITE_ONCE(m->queued, false);

	memcpy(slot->u.payload, m->msg.u.payload, sizeof(slot->u.payload));
	slot->header.payload_size = m->msg.header.payload_size;
	slot->header.sender = m->msg.header.sender;
	slot->header.message_flags.asu8 = !list_empty(&s->queue);
	smp_wmb();	/* the type says that the rest is there */
	WRITE_ONCE(slot->header.message_type, m->msg.header.message_type);
	return true;
}

/* This CPU if it can, else the first that can, else this one, to wait. */
static int sim_synic_target(void)
{
	int self = smp_processor_id(), cpu;

	if (sim_synic_ready(per_cpu_ptr(&sim_synics, self)))
		return self;
	for_each_online_cpu(cpu)
		if (sim_synic_ready(per_cpu_ptr(&sim_synics, cpu)))
			return cpu;
	return self;
}

/* Under the lock.  Returns the CPU whose slot was filled, or -1. */
static int sim_synic_enqueue(struct sim_msg *m, int cpu)
{
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);

	WRITE_ONCE(m->queued, true);
	list_add_tail(&m->link, &s->queue);
	return sim_synic_deliver(s) ? cpu : -1;
}

static bool sim_synic_is_held(const struct sim_msg *m)
{
	return sim_held.holder && sim_held.type == m->msg.header.message_type &&
	       (!sim_held.partition || sim_held.partition == m->msg.header.sender);
}

void sim_synic_post(struct sim_msg *m)
{
	unsigned long flags;
	int cpu = -1;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (sim_synic_is_held(m)) {
		WRITE_ONCE(m->queued, true);
		list_add_tail(&m->link, &sim_held.queue);
	} else {
		cpu = sim_synic_enqueue(m, sim_synic_target());
	}
	if (cpu >= 0)
		sim_synic_raise(per_cpu_ptr(&sim_synics, cpu), cpu);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

void sim_synic_post_to(struct sim_msg *m, int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	cpu = sim_synic_enqueue(m, cpu);
	if (cpu >= 0)
		sim_synic_raise(per_cpu_ptr(&sim_synics, cpu), cpu);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

void sim_synic_cancel(struct sim_msg *m)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (m->queued) {
		list_del(&m->link);
		WRITE_ONCE(m->queued, false);
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

int sim_synic_hold(void *holder, u32 type, u64 partition, u64 *held)
{
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (sim_held.holder && sim_held.holder != holder) {
		err = -EBUSY;
	} else {
		sim_held.holder = holder;
		sim_held.type = type;
		sim_held.partition = partition;
		*held = list_count_nodes(&sim_held.queue);
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	return err;
}

u64 sim_synic_release(void *holder)
{
	unsigned long flags;
	struct sim_msg *m;
	u64 n = 0;
	bool mine;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	mine = sim_held.holder == holder;
	if (mine)
		sim_held.holder = NULL;
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);

	while (mine) {
		raw_spin_lock_irqsave(&sim_synic_lock, flags);
		m = list_first_entry_or_null(&sim_held.queue, struct sim_msg, link);
		if (m) {
			int cpu;

			list_del(&m->link);
			cpu = sim_synic_enqueue(m, sim_synic_target());
			if (cpu >= 0)
				sim_synic_raise(per_cpu_ptr(&sim_synics, cpu), cpu);
			n++;
		}
		raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
		if (!m)
			break;
	}
	return n;
}

/* A CPU whose SynIC was closed keeps nothing: another CPU takes it over. */
static void sim_synic_drain(struct sim_synic *s)
{
	unsigned long flags;
	struct sim_msg *m;
	int cpu;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	while (!list_empty(&s->queue)) {
		cpu = sim_synic_target();
		if (cpu == smp_processor_id())
			break;
		m = list_first_entry(&s->queue, struct sim_msg, link);
		list_del(&m->link);
		cpu = sim_synic_enqueue(m, cpu);
		if (cpu >= 0)
			sim_synic_raise(per_cpu_ptr(&sim_synics, cpu), cpu);
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

static void sim_synic_continue(struct sim_synic *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (sim_synic_deliver(s))
		sim_synic_raise(s, smp_processor_id());
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

/* ------------------------------------------------------------------ MSRs */

#define SIM_SYNIC_PAGE	GENMASK_ULL(63, 12)

static u64 *sim_synic_register(struct sim_synic *s, u32 msr)
{
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		return &s->scontrol;
	case HV_X64_MSR_SIEFP:
		return &s->siefp;
	case HV_X64_MSR_SIMP:
		return &s->simp;
	case HV_X64_MSR_SIRBP:
		return &s->sirbp;
	case HV_X64_MSR_SINT0 ... HV_X64_MSR_SINT15:
		return &s->sint[msr - HV_X64_MSR_SINT0];
	}
	return NULL;
}

/*
 * The kernel reaches these for its own CPU: from a hotplug thread bound to it,
 * or from the interrupt handler.
 */
u64 sim_synic_rdmsr(u32 msr)
{
	u64 *reg = sim_synic_register(this_cpu_ptr(&sim_synics), msr);

	if (msr == HV_X64_MSR_SVERSION)
		return sim_override_msr(msr, HV_SYNIC_VERSION_1);
	if (!reg) {
		sim_violation("read of MSR %#x, which the hypervisor does not have", msr);
		return 0;
	}
	return sim_override_msr(msr, READ_ONCE(*reg));
}

/* The hypervisor places a root's pages; only an L1VH parent brings its SIRBP. */
static u64 sim_synic_accept(u32 msr, u64 old, u64 val)
{
	bool own_page = msr == HV_X64_MSR_SIRBP && sim_config.l1vh;

	if (msr != HV_X64_MSR_SIMP && msr != HV_X64_MSR_SIEFP && msr != HV_X64_MSR_SIRBP)
		return val;
	if (!own_page && (val & SIM_SYNIC_PAGE) != (old & SIM_SYNIC_PAGE)) {
		sim_violation("MSR %#x moved from %#llx to %#llx", msr, old, val);
		return (val & ~SIM_SYNIC_PAGE) | (old & SIM_SYNIC_PAGE);
	}
	return val;
}

void sim_synic_wrmsr(u32 msr, u64 val)
{
	struct sim_synic *s;
	unsigned long flags;
	u64 *reg;

	preempt_disable();
	s = this_cpu_ptr(&sim_synics);
	reg = sim_synic_register(s, msr);
	if (reg) {
		raw_spin_lock_irqsave(&sim_synic_lock, flags);
		*reg = sim_synic_accept(msr, *reg, val);
		raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	} else if (msr != HV_X64_MSR_EOM) {
		sim_violation("write of MSR %#x, which the hypervisor does not have", msr);
	}
	/* EOM frees the slot; an unmasked SINT or an enabled page may do so too. */
	if (sim_synic_ready(s))
		sim_synic_continue(s);
	else
		sim_synic_drain(s);
	preempt_enable();
}

/* ---------------------------------------------------------- start and end */

void sim_synic_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);

		if (!s->messages)
			continue;
		irq_work_sync(&s->irq);
		free_page((unsigned long)s->messages);
		free_page((unsigned long)s->event_flags);
		free_page((unsigned long)s->rings);
		memset(s, 0, sizeof(*s));
	}
}

/* Ordinary pages: the driver's memremap() of memory gives the direct map. */
int sim_synic_init(void)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);

		INIT_LIST_HEAD(&s->queue);
		init_irq_work(&s->irq, sim_synic_irq);
		INIT_CSD(&s->csd, sim_synic_remote, s);
		s->messages = (void *)get_zeroed_page(GFP_KERNEL);
		s->event_flags = (void *)get_zeroed_page(GFP_KERNEL);
		s->rings = (void *)get_zeroed_page(GFP_KERNEL);
		if (!s->messages || !s->event_flags || !s->rings) {
			free_page((unsigned long)s->messages);
			free_page((unsigned long)s->event_flags);
			free_page((unsigned long)s->rings);
			s->messages = NULL;
			sim_synic_exit();
			return -ENOMEM;
		}
		s->simp = __pa(s->messages);
		s->siefp = __pa(s->event_flags);
		s->sirbp = sim_config.l1vh ? 0 : __pa(s->rings);
		for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
			s->sint[i] = HV_SYNIC_SINT_MASKED;
	}
	return 0;
}
