/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports and connections (TLFS, "Inter-partition communication").
 *
 *   port.c   making and ending them, and doorbells
 *   ipc.c    messages and events
 *   monitor.c  notifications by way of a shared page
 *
 * A port belongs to the partition where what is sent through it arrives, and its id
 * is that partition's.  A connection belongs to the partition that sends, and may
 * outlive its port.
 */
#ifndef MSHV_SIM_PORT_H
#define MSHV_SIM_PORT_H

#include "mshv_sim.h"

struct sim_port {
	struct list_head link;
	struct sim_partition *pt;
	u32 id;
	u32 type;		/* enum hv_port_type */
	u64 connection_partition;
	struct sim_connection *connection;	/* NULL: none */
	u32 sint, vp_index;
	u16 base_flag, flag_count;
	struct sim_ring_entry entry;		/* of a doorbell */
	struct sim_port_message *messages;	/* of a port for them: ipc.c */
	struct sim_monitor *monitor;		/* of a port for notifications */
};

/* A buffer of a port: in use until the message has got its slot. */
struct sim_port_message {
	struct list_head link;	/* in the queue of a SynIC, under its lock */
	bool queued;
	u32 sint;
	struct sim_vp *vp;	/* whose SynIC; NULL: the root's */
	struct hv_message msg;
};

struct sim_connection {
	struct list_head link;
	u32 id;
	u32 type;
	struct sim_port *port;	/* NULL: deleted */
	u64 gpa;		/* of a doorbell, or the monitor's page */
	u64 value, flags;	/* of a doorbell */
};

/*
 * All ports, and what of a connection is about its port.  Inside of
 * sim_partition.lock, which guards the partition's list of connections, and
 * outside of the SynICs' locks.
 */
extern raw_spinlock_t sim_ports_lock;

/* Under the partition's lock.  Doorbells have ids of their own. */
struct sim_connection *sim_connection_find(struct sim_partition *pt, u32 id, bool doorbell);

/* ------------------------------------------------------------------ ipc.c */

bool sim_port_messages_alloc(struct sim_port *p);
/* The port goes: what has not been delivered goes with it. */
void sim_port_messages_free(struct sim_port *p);

struct sim_input_post_message {
	u32 connection_id;
	u32 reserved;
	u32 message_type;
	u32 payload_size;
	u8 payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT];
};

struct sim_input_signal_event {
	u32 connection_id;
	u16 flag_number;
	u16 reserved;
};

/* What a partition sends through one of its connections. */
u64 sim_ipc_post(struct sim_partition *from, const struct sim_input_post_message *in);
u64 sim_ipc_signal(struct sim_partition *from, const struct sim_input_signal_event *in);

/* -------------------------------------------------------------- monitor.c */

/* Each returns an HV_STATUS_*; the two in the middle are under both locks. */
u64 sim_monitor_create(struct sim_port *p, u64 gpa);
u64 sim_monitor_place(struct sim_monitor *m);
u64 sim_monitor_connect(struct sim_monitor *m, struct sim_partition *from, u64 gpa);
/* Under sim_ports_lock. */
void sim_monitor_disconnect(struct sim_monitor *m);
void sim_monitor_remove(struct sim_monitor *m);
/* Under no lock: waits for the timer's end. */
void sim_monitor_free(struct sim_monitor *m);

/* --------------------------------------------------- the two kinds of SynICs */

/*
 * Into a slot, or behind those that wait for it; STATUS_INVALID_SYNIC_STATE if there
 * is none.  Events likewise.  The caller wakes the VP.
 */
u64 sim_vsynic_queue(struct sim_vp *vp, struct sim_port_message *m);
u64 sim_vsynic_signal(struct sim_vp *vp, u32 sint, u32 flag);
void sim_vsynic_unqueue(struct sim_port_message *m);
u64 sim_synic_queue(int cpu, struct sim_port_message *m);
u64 sim_synic_signal(int cpu, u32 sint, u32 flag);
void sim_synic_unqueue(struct sim_port_message *m);

#endif /* MSHV_SIM_PORT_H */
