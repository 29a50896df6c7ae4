/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The root's synthetic interrupt controllers: synic.c has what the driver uses,
 * synic_port.c what comes through ports of messages and events.
 */
#ifndef MSHV_SIM_SYNIC_H
#define MSHV_SIM_SYNIC_H

#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "mshv_sim.h"

struct sim_synic {
	u64 scontrol, siefp, simp, sirbp;
	u64 sint[HV_SYNIC_SINT_COUNT];
	struct hv_message_page *messages;
	void *event_flags;
	struct hv_synic_event_ring_page *rings;
	struct list_head queue;
	u8 ring_head[HV_SYNIC_SINT_COUNT];
	struct list_head overflow[HV_SYNIC_SINT_COUNT];
	struct sim_msg notice;		/* "look into your ring" */
	struct list_head ports;		/* messages of ports that wait for their slot */
	u64 delivered;		/* messages put into the slot */
	struct irq_work irq;
	call_single_data_t csd;
};

DECLARE_PER_CPU(struct sim_synic, sim_synics);
/*
 * One for all: a message that moves from one CPU's queue to another's is never
 * in neither, so that it can be taken back at any time.
 */
extern raw_spinlock_t sim_synic_lock;

/*
 * Ask for EOM, if the slot is taken, and look again: who empties it may have been
 * faster.
 */
static inline bool sim_synic_slot_free(struct hv_message *slot)
{
	if (READ_ONCE(slot->header.message_type) == HVMSG_NONE)
		return true;
	WRITE_ONCE(slot->header.message_flags.asu8, 1);
	smp_mb();	/* pairs with the one after the driver frees the slot */
	return READ_ONCE(slot->header.message_type) == HVMSG_NONE;
}

/* Under the lock.  The driver's SINT takes messages; its interrupt, on that CPU. */
bool sim_synic_ready(const struct sim_synic *s);
void sim_synic_raise(struct sim_synic *s, int cpu);

/* On its CPU: a slot may have become free, or usable. */
void sim_synic_continue_ports(struct sim_synic *s);

#endif /* MSHV_SIM_SYNIC_H */
