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
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "control.h"
#include "synic.h"

DEFINE_PER_CPU(struct sim_synic, sim_synics);
DEFINE_RAW_SPINLOCK(sim_synic_lock);

#define SIM_SYNIC_PAGE	GENMASK_ULL(63, 12)	/* of SIMP, SIEFP and SIRBP */

#define SINT	HV_SYNIC_INTERCEPTION_SINT_INDEX

/* -------------------------------------------------------------- messages */

bool sim_synic_ready(const struct sim_synic *s)
{
	return (s->scontrol & HV_SYNIC_CONTROL_ENABLE) && (s->simp & HV_SYNIC_SIMP_ENABLE) &&
	       !(s->sint[SINT] & HV_SYNIC_SINT_MASKED) && sim_driver_has_handler();
}

static void sim_synic_unblock(struct sim_synic *s, u64 delivered);

static void sim_synic_irq(struct irq_work *work)
{
	struct sim_synic *s = container_of(work, struct sim_synic, irq);
	u64 delivered = READ_ONCE(s->delivered);

	smp_rmb();	/* a message that comes later is not the one we look at */
	sim_driver_interrupt();
	sim_synic_unblock(s, delivered);
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
void sim_synic_raise(struct sim_synic *s, int cpu)
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
	u32 type;

	if (!sim_synic_ready(s) || list_empty(&s->queue))
		return false;
	if (!sim_synic_slot_free(slot))
		return false;
	m = list_first_entry(&s->queue, struct sim_msg, link);
	list_del(&m->link);
	memcpy(slot->u.payload, m->msg.u.payload, sizeof(slot->u.payload));
	slot->header.payload_size = m->msg.header.payload_size;
	slot->header.sender = m->msg.header.sender;
	type = m->msg.header.message_type;
	/* Its owner's again before next() says so: it may be sent, or held, at once. */
	smp_store_release(&m->queued, false);
	if (m->next && m->next(m)) {
		WRITE_ONCE(m->queued, true);
		list_add_tail(&m->link, &s->queue);
	}
	slot->header.message_flags.asu8 = !list_empty(&s->queue);
	smp_wmb();	/* the type says that the rest is there */
	WRITE_ONCE(slot->header.message_type, type);
	smp_wmb();	/* pairs with the read barrier in sim_synic_irq() */
	WRITE_ONCE(s->delivered, s->delivered + 1);
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

/* @cpu: -1 for one that can take it at once, this one if possible. */
void sim_synic_post_to(struct sim_msg *m, int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	cpu = sim_synic_enqueue(m, cpu < 0 ? sim_synic_target() : cpu);
	if (cpu >= 0)
		sim_synic_raise(per_cpu_ptr(&sim_synics, cpu), cpu);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

void sim_synic_post(struct sim_msg *m)
{
	if (!sim_hold_catch(m))
		sim_synic_post_to(m, -1);
}

/* It may just be on its way into the slot, and is behind that when we have the lock. */
void sim_synic_cancel(struct sim_msg *m)
{
	unsigned long flags;

	sim_hold_cancel(m);
	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (m->queued) {
		list_del(&m->link);
		WRITE_ONCE(m->queued, false);
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

/*
 * HVMSG_X64_APIC_EOI stays in the slot if no irqfd of the driver is there for it
 * (mshv_synic.c), and would be the last message of this CPU.  What keeps a real
 * machine from that is not known.  Here the hypervisor takes it back, unless it
 * came after the handler had looked: then the handler is called once more.
 */
static atomic64_t sim_synic_left;

u64 sim_synic_unclaimed(void)
{
	return atomic64_read(&sim_synic_left);
}

static void sim_synic_unblock(struct sim_synic *s, u64 delivered)
{
	struct hv_message *slot = &s->messages->sint_message[SINT];
	bool raise = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (s->delivered == delivered && sim_synic_ready(s) &&
	    READ_ONCE(slot->header.message_type) == HVMSG_X64_APIC_EOI) {
		WRITE_ONCE(slot->header.message_type, HVMSG_NONE);
		atomic64_inc(&sim_synic_left);
		raise = sim_synic_deliver(s);
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	if (raise)
		sim_synic_raise(s, smp_processor_id());
}

/* ----------------------------------------------------------- event rings */

/*
 * A ring of port ids, ours to fill at the head and the parent's to empty at the
 * tail, where 0 is a free place.  signal_masked says that the parent is at it
 * and needs no notice; ring_full asks it to tell us when the ring is empty, as
 * more is waiting (struct hv_synic_event_ring and its use in mshv_synic.c; the
 * TLFS does not have it).
 */
static struct hv_synic_event_ring *sim_ring(struct sim_synic *s, u32 sint)
{
	struct hv_synic_event_ring_page *page;

	/* An L1VH parent brings the page itself: only while it says so. */
	if (!(s->sirbp & 1))
		return NULL;
	page = __va(s->sirbp & SIM_SYNIC_PAGE);
	return &page->sint_event_ring[sint];
}

static bool sim_ring_put(struct sim_synic *s, u32 sint, u32 port_id)
{
	struct hv_synic_event_ring *ring = sim_ring(s, sint);
	u8 *head = &s->ring_head[sint];

	if (!ring)
		return false;
	if (READ_ONCE(ring->data[*head])) {
		WRITE_ONCE(ring->ring_full, 1);
		return false;
	}
	WRITE_ONCE(ring->data[*head], port_id);
	*head = (*head + 1) % HV_SYNIC_EVENT_RING_MESSAGE_COUNT;
	return true;
}

/* The SINT that takes messages of intercepts gets the notice: as_intercept. */
static bool sim_ring_notify(struct sim_synic *s, u32 sint)
{
	struct hv_synic_event_ring *ring = sim_ring(s, sint);
	struct hv_notification_message_payload *p = (void *)s->notice.msg.u.payload;

	smp_mb();	/* the entry first: the parent unmasks, then looks again */
	if (!ring || READ_ONCE(ring->signal_masked) || s->notice.queued)
		return false;
	WRITE_ONCE(ring->signal_masked, 1);
	memset(&s->notice.msg, 0, sizeof(s->notice.msg));
	s->notice.msg.header.message_type = HVMSG_SYNIC_SINT_INTERCEPT;
	s->notice.msg.header.payload_size = sizeof(*p);
	p->sint_index = sint;
	s->notice.queued = true;
	list_add_tail(&s->notice.link, &s->queue);
	return sim_synic_deliver(s);
}

/* Under the lock. */
static void sim_ring_queue(struct sim_synic *s, struct sim_ring_entry *e, u32 sint)
{
	if (list_empty(&s->overflow[sint]) && sim_ring_put(s, sint, e->port_id))
		return;
	list_add_tail(&e->link, &s->overflow[sint]);
	e->queued = true;
}

void sim_ring_add(struct sim_ring_entry *e, u32 sint)
{
	int cpu = sim_synic_target();
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);
	unsigned long flags;
	bool raise;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	/* Waiting once is enough: ringing twice is ringing. */
	if (!e->queued)
		sim_ring_queue(s, e, sint);
	raise = sim_ring_notify(s, sint);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	if (raise)
		sim_synic_raise(s, cpu);
}

void sim_ring_cancel(struct sim_ring_entry *e)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (e->queued) {
		list_del(&e->link);
		e->queued = false;
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

/* HVCALL_NOTIFY_PORT_RING_EMPTY: what waited goes in, as far as there is room. */
u64 sim_hc_notify_ring_empty(struct sim_call *c)
{
	union hv_input_notify_port_ring_empty *in = c->in;
	struct sim_ring_entry *e, *next;
	struct sim_synic *s;
	unsigned long flags;

	if (in->sint_index >= HV_SYNIC_SINT_COUNT || in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	preempt_disable();
	s = this_cpu_ptr(&sim_synics);
	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	list_for_each_entry_safe(e, next, &s->overflow[in->sint_index], link) {
		if (!sim_ring_put(s, in->sint_index, e->port_id))
			break;
		list_del(&e->link);
		e->queued = false;
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	preempt_enable();
	return HV_STATUS_SUCCESS;
}

/* ------------------------------------------------------- CPUs that come and go */

/* The entry that came last, and its place; 0: there is none. */
static u32 sim_ring_last(struct sim_synic *s, u32 sint, u8 *at)
{
	const struct hv_synic_event_ring *ring = sim_ring(s, sint);

	*at = (s->ring_head[sint] ?: HV_SYNIC_EVENT_RING_MESSAGE_COUNT) - 1;
	return ring ? READ_ONCE(ring->data[*at]) : 0;
}

/*
 * Under the lock, on the CPU of @s, which does not look into its rings any more: the
 * last entries first, so that the parent finds the others, or none, where it left off.
 */
static bool sim_ring_move(struct sim_synic *s, struct sim_synic *to, u32 sint)
{
	struct hv_synic_event_ring *ring = sim_ring(s, sint);
	struct sim_ring_entry *e, *next;
	u32 port;
	u8 at;

	if (!ring || (list_empty(&s->overflow[sint]) && !sim_ring_last(s, sint, &at)))
		return false;
	while ((port = sim_ring_last(s, sint, &at)) && sim_ring_put(to, sint, port)) {
		WRITE_ONCE(ring->data[at], 0);
		s->ring_head[sint] = at;
	}
	list_for_each_entry_safe(e, next, &s->overflow[sint], link) {
		list_del(&e->link);
		e->queued = false;
		sim_ring_queue(to, e, sint);
	}
	/* Nobody is at it, nor is a notice under way. */
	WRITE_ONCE(ring->signal_masked, 0);
	return sim_ring_notify(to, sint);
}

/*
 * A CPU whose SynIC was closed keeps nothing: another CPU takes it over.  But for its
 * notice, which is about its own rings.
 */
static void sim_synic_drain(struct sim_synic *s)
{
	struct sim_synic *to;
	unsigned long flags;
	struct sim_msg *m;
	bool raise = false;
	int cpu, sint;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	cpu = sim_synic_target();
	to = per_cpu_ptr(&sim_synics, cpu);
	if (to == s)
		goto unlock;
	while (!list_empty(&s->queue)) {
		m = list_first_entry(&s->queue, struct sim_msg, link);
		list_del(&m->link);
		if (m == &s->notice)
			m->queued = false;
		else
			raise |= sim_synic_enqueue(m, cpu) >= 0;
	}
	for (sint = 0; sint < HV_SYNIC_SINT_COUNT; sint++)
		raise |= sim_ring_move(s, to, sint);
	if (raise)
		sim_synic_raise(to, cpu);
unlock:
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

/* What no other CPU had room for waits for this one to come back. */
static void sim_synic_return(struct sim_synic *s)
{
	unsigned long flags;
	bool raise = false;
	int sint;
	u8 at;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	for (sint = 0; sint < HV_SYNIC_SINT_COUNT; sint++)
		if (sim_ring_last(s, sint, &at))
			raise |= sim_ring_notify(s, sint);
	if (raise)
		sim_synic_raise(s, smp_processor_id());
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

/* ------------------------------------------------------------------ MSRs */

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

/* Whoever closes a CPU's SynIC has undone the rest before: it stays for the next one. */
static void sim_police_closing(const struct sim_synic *s)
{
	int i;

	for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
		if (!(s->sint[i] & HV_SYNIC_SINT_MASKED))
			sim_violation("SynIC closed with SINT%d open", i);
	if ((s->simp | s->siefp | s->sirbp) & 1)
		sim_violation("SynIC closed with a page enabled: SIMP %llu, SIEFP %llu, SIRBP %llu",
			      s->simp & 1, s->siefp & 1, s->sirbp & 1);
}

void sim_synic_wrmsr(u32 msr, u64 val)
{
	struct sim_synic *s;
	unsigned long flags;
	bool ready;
	u64 *reg;

	preempt_disable();
	s = this_cpu_ptr(&sim_synics);
	ready = sim_synic_ready(s);
	reg = sim_synic_register(s, msr);
	if (msr == HV_X64_MSR_SCONTROL && s->scontrol & ~val & 1)
		sim_police_closing(s);
	if (reg) {
		raw_spin_lock_irqsave(&sim_synic_lock, flags);
		*reg = sim_synic_accept(msr, *reg, val);
		raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	} else if (msr != HV_X64_MSR_EOM) {
		sim_violation("write of MSR %#x, which the hypervisor does not have", msr);
	}
	/* EOM frees the slot; an unmasked SINT or an enabled page may do so too. */
	if (!sim_synic_ready(s)) {
		sim_synic_drain(s);
	} else {
		if (!ready)
			sim_synic_return(s);
		sim_synic_continue(s);
	}
	if (unlikely(!list_empty(&s->ports)))
		sim_synic_continue_ports(s);
	preempt_enable();
}

/* ---------------------------------------------------------- start and end */

static void sim_synic_nop(void *unused)
{
}

void sim_synic_exit(void)
{
	int cpu;

	/* Requests to raise an interrupt are behind us once this has run. */
	on_each_cpu(sim_synic_nop, NULL, 1);
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
		INIT_LIST_HEAD(&s->ports);
		for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
			INIT_LIST_HEAD(&s->overflow[i]);
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
