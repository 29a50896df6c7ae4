// SPDX-License-Identifier: GPL-2.0-only
/* What comes to the root through ports of messages and events: ipc.c. */
#include "port.h"
#include "synic.h"

#define DRIVERS_SINT	HV_SYNIC_INTERCEPTION_SINT_INDEX
#define SINT_POLLING	BIT_ULL(18)

static bool sim_synic_enabled(const struct sim_synic *s, u64 page)
{
	return (s->scontrol & HV_SYNIC_CONTROL_ENABLE) && (page & HV_SYNIC_SIMP_ENABLE);
}

/*
 * Under the lock.  The one vector that has a handler here is the driver's; others
 * would need a gate that a machine without Hyper-V does not have.
 */
static void sim_synic_port_interrupt(struct sim_synic *s, int cpu, u32 sint)
{
	u64 config = s->sint[sint];
	u64 differs = config ^ s->sint[DRIVERS_SINT];

	if (!(config & (HV_SYNIC_SINT_MASKED | SINT_POLLING)) && sim_synic_ready(s) &&
	    !(differs & HV_SYNIC_SINT_VECTOR_MASK))
		sim_synic_raise(s, cpu);
}

/* Under the lock.  Each slot in the order in which its messages came. */
static void sim_synic_deliver_ports(struct sim_synic *s, int cpu)
{
	struct sim_port_message *m, *next;
	u16 behind = 0;

	if (!sim_synic_enabled(s, s->simp))
		return;
	list_for_each_entry_safe(m, next, &s->ports, link) {
		struct hv_message *slot = &s->messages->sint_message[m->sint];

		if ((behind & BIT(m->sint)) || !sim_synic_slot_free(slot)) {
			behind |= BIT(m->sint);
			continue;
		}
		memcpy(slot->u.payload, m->msg.u.payload, sizeof(slot->u.payload));
		slot->header.payload_size = m->msg.header.payload_size;
		slot->header.sender = m->msg.header.sender;
		slot->header.message_flags.asu8 = 0;
		/* The type says that the rest is there. */
		smp_store_release(&slot->header.message_type, m->msg.header.message_type);
		sim_synic_port_interrupt(s, cpu, m->sint);
		list_del(&m->link);
		smp_store_release(&m->queued, false);	/* the port's again */
	}
}

u64 sim_synic_queue(int cpu, struct sim_port_message *m)
{
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);
	u64 status = SIM_STATUS_INVALID_SYNIC_STATE;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (sim_synic_enabled(s, s->simp)) {
		m->queued = true;
		list_add_tail(&m->link, &s->ports);
		sim_synic_deliver_ports(s, cpu);
		status = HV_STATUS_SUCCESS;
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	return status;
}

void sim_synic_unqueue(struct sim_port_message *m)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (m->queued && !m->vp) {
		list_del(&m->link);
		m->queued = false;
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

static unsigned long *sim_synic_flags(struct sim_synic *s, u32 sint)
{
	return s->event_flags + sint * HV_EVENT_FLAGS_BYTE_COUNT;
}

u64 sim_synic_signal(int cpu, u32 sint, u32 flag)
{
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);
	u64 status = SIM_STATUS_INVALID_SYNIC_STATE;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	if (sim_synic_enabled(s, s->siefp) && !(s->sint[sint] & HV_SYNIC_SINT_MASKED)) {
		if (!test_and_set_bit(flag, sim_synic_flags(s, sint)))
			sim_synic_port_interrupt(s, cpu, sint);
		status = HV_STATUS_SUCCESS;
	}
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
	return status;
}

void sim_synic_continue_ports(struct sim_synic *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	sim_synic_deliver_ports(s, smp_processor_id());
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

/* What another driver of the root would do with a SINT of its own, from any CPU. */
void sim_synic_configure(int cpu, u32 sint, u64 config)
{
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	s->sint[sint] = config;
	sim_synic_deliver_ports(s, cpu);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}

void sim_synic_take(int cpu, u32 sint, struct hv_message *message, void *events)
{
	struct sim_synic *s = per_cpu_ptr(&sim_synics, cpu);
	struct hv_message *slot = &s->messages->sint_message[sint];
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&sim_synic_lock, flags);
	memcpy(message, slot, sizeof(*message));
	WRITE_ONCE(slot->header.message_type, HVMSG_NONE);
	sim_synic_deliver_ports(s, cpu);
	for (i = 0; i < HV_EVENT_FLAGS_BYTE_COUNT / sizeof(long); i++)
		((unsigned long *)events)[i] = xchg(&sim_synic_flags(s, sint)[i], 0);
	raw_spin_unlock_irqrestore(&sim_synic_lock, flags);
}
