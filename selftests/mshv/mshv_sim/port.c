// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports and connections (TLFS, "Inter-partition communication"), of the one
 * kind that the driver uses: a doorbell.  The parent makes a port and connects
 * a child to it at a guest physical address; a write of the child there is
 * consumed and queues the port's id in the parent's event ring (synic.c).
 */
#include <linux/slab.h>

#include "engine.h"

struct sim_port {
	struct list_head link;
	u32 id;
	u32 sint;
	u64 connection_partition;
	u32 connections;
	struct sim_ring_entry entry;
};

struct sim_connection {
	struct list_head link;
	u32 id;
	u32 port_id;
	u64 gpa;
	u64 value;
	u64 flags;
};

static LIST_HEAD(sim_ports);
static DEFINE_RAW_SPINLOCK(sim_ports_lock);	/* inside sim_partition.lock */
static u32 sim_nr_ports;

u32 sim_ports_count(void)
{
	return READ_ONCE(sim_nr_ports);
}

static struct sim_port *sim_port_find(u32 id)
{
	struct sim_port *p;

	list_for_each_entry(p, &sim_ports, link)
		if (p->id == id)
			return p;
	return NULL;
}

static struct sim_connection *sim_connection_find(struct sim_partition *pt, u32 id)
{
	struct sim_connection *c;

	list_for_each_entry(c, &pt->connections, link)
		if (c->id == id)
			return c;
	return NULL;
}

/* ----------------------------------------------------------------- ports */

u64 sim_hc_create_port(struct sim_call *c)
{
	struct hv_input_create_port *in = c->in;
	const struct hv_port_info *info = &in->port_info;
	u64 status = HV_STATUS_SUCCESS;
	unsigned long flags;
	struct sim_port *p;

	/* Ports of other partitions, and of other kinds, have no user here. */
	if (c->pt != sim_root || info->port_type != HV_PORT_TYPE_DOORBELL ||
	    in->port_vtl || in->min_connection_vtl || in->padding || info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!in->port_id.u.id || in->port_id.u.reserved)
		return HV_STATUS_INVALID_PORT_ID;
	if (info->doorbell_port_info.target_sint >= HV_SYNIC_SINT_COUNT ||
	    info->doorbell_port_info.target_vp != HV_ANY_VP ||
	    info->doorbell_port_info.rsvdz)
		return HV_STATUS_INVALID_PARAMETER;
	if (!sim_partition_find(in->connection_partition_id))
		return HV_STATUS_INVALID_PARTITION_ID;

	p = kzalloc_obj(*p, GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	p->id = in->port_id.u.id;
	p->sint = info->doorbell_port_info.target_sint;
	p->connection_partition = in->connection_partition_id;
	p->entry.port_id = p->id;

	raw_spin_lock_irqsave(&sim_ports_lock, flags);
	if (sim_port_find(p->id)) {
		status = HV_STATUS_INVALID_PORT_ID;
	} else {
		list_add(&p->link, &sim_ports);
		sim_nr_ports++;
	}
	raw_spin_unlock_irqrestore(&sim_ports_lock, flags);
	if (status != HV_STATUS_SUCCESS)
		kfree(p);
	return status;
}

u64 sim_hc_delete_port(struct sim_call *c)
{
	union hv_input_delete_port *in = c->in;
	unsigned long flags;
	struct sim_port *p;

	if (c->pt != sim_root)
		return HV_STATUS_INVALID_PARTITION_ID;
	raw_spin_lock_irqsave(&sim_ports_lock, flags);
	p = sim_port_find(in->port_id.u.id);
	if (p) {
		if (p->connections)
			sim_violation("port %u deleted with %u connections", p->id,
				      p->connections);
		list_del(&p->link);
		sim_nr_ports--;
		/* The id may be in the ring by now; the driver copes with that. */
		sim_ring_cancel(&p->entry);
	}
	raw_spin_unlock_irqrestore(&sim_ports_lock, flags);
	if (!p)
		return HV_STATUS_INVALID_PORT_ID;
	kfree(p);
	return HV_STATUS_SUCCESS;
}

/* ----------------------------------------------------------- connections */

#define SIM_DOORBELL_FLAGS	(HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK |	\
				 HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE)

/* Under both locks. */
static u64 sim_connect(struct sim_partition *pt, struct sim_connection *conn)
{
	struct sim_port *p = sim_port_find(conn->port_id);

	if (!p || p->connection_partition != pt->id)
		return HV_STATUS_INVALID_PORT_ID;
	if (!(pt->state & (SIM_UNINIT | SIM_ACTIVE)))
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (sim_connection_find(pt, conn->id))
		return HV_STATUS_INVALID_CONNECTION_ID;
	p->connections++;
	list_add(&conn->link, &pt->connections);
	return HV_STATUS_SUCCESS;
}

u64 sim_hc_connect_port(struct sim_call *c)
{
	struct hv_input_connect_port *in = c->in;
	const struct hv_connection_info *info = &in->connection_info;
	struct sim_connection *conn;
	unsigned long flags;
	u64 status;

	if (info->port_type != HV_PORT_TYPE_DOORBELL || in->connection_vtl ||
	    in->rsvdz0 || in->rsvdz1 || in->reserved2 || info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (sim_partition_find(in->port_partition_id) != sim_root)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (!in->connection_id.u.id)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (info->doorbell_connection_info.flags & ~(u64)SIM_DOORBELL_FLAGS ||
	    (info->doorbell_connection_info.flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK) >
	    HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD)
		return HV_STATUS_INVALID_PARAMETER;

	conn = kzalloc_obj(*conn, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	conn->id = in->connection_id.u.id;
	conn->port_id = in->port_id.u.id;
	conn->gpa = info->doorbell_connection_info.gpa;
	conn->value = info->doorbell_connection_info.trigger_value;
	conn->flags = info->doorbell_connection_info.flags;

	raw_spin_lock_irqsave(&c->pt->lock, flags);
	raw_spin_lock(&sim_ports_lock);
	status = sim_connect(c->pt, conn);
	raw_spin_unlock(&sim_ports_lock);
	raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	if (status != HV_STATUS_SUCCESS)
		kfree(conn);
	return status;
}

/* Under both locks. */
static void sim_disconnect(struct sim_connection *conn)
{
	struct sim_port *p = sim_port_find(conn->port_id);

	if (p)
		p->connections--;
	list_del(&conn->link);
	kfree(conn);
}

u64 sim_hc_disconnect_port(struct sim_call *c)
{
	union hv_input_disconnect_port *in = c->in;
	struct sim_connection *conn;
	unsigned long flags;

	if (!in->is_doorbell || in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&c->pt->lock, flags);
	raw_spin_lock(&sim_ports_lock);
	conn = sim_connection_find(c->pt, in->connection_id.u.id);
	if (conn)
		sim_disconnect(conn);
	raw_spin_unlock(&sim_ports_lock);
	raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	return conn ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_CONNECTION_ID;
}

void sim_disconnect_all(struct sim_partition *pt)
{
	struct sim_connection *conn, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&pt->lock, flags);
	raw_spin_lock(&sim_ports_lock);
	list_for_each_entry_safe(conn, next, &pt->connections, link)
		sim_disconnect(conn);
	raw_spin_unlock(&sim_ports_lock);
	raw_spin_unlock_irqrestore(&pt->lock, flags);
}

/* The driver has gone; what it left behind is its own defect. */
void sim_ports_exit(void)
{
	struct sim_port *p, *next;

	list_for_each_entry_safe(p, next, &sim_ports, link) {
		pr_warn("port %u was never deleted\n", p->id);
		list_del(&p->link);
		kfree(p);
	}
}

/* -------------------------------------------------------------- doorbells */

static bool sim_doorbell_matches(const struct sim_connection *conn, u64 gpa, u32 size,
				 u64 value)
{
	/* HV_DOORBELL_FLAG_TRIGGER_SIZE_*: 0 any, else log2 of the size, plus 1. */
	u32 want = conn->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;

	if (conn->gpa != gpa || (want && size != 1u << (want - 1)))
		return false;
	return (conn->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE) || conn->value == value;
}

bool sim_doorbell_ring(struct sim_vp *vp, u64 gpa, u32 size, u64 value)
{
	struct sim_partition *pt = vp->pt;
	struct sim_connection *conn;
	struct sim_port *p;
	unsigned long flags;
	bool rang = false;

	raw_spin_lock_irqsave(&pt->lock, flags);
	list_for_each_entry(conn, &pt->connections, link) {
		if (!sim_doorbell_matches(conn, gpa, size, value))
			continue;
		raw_spin_lock(&sim_ports_lock);
		p = sim_port_find(conn->port_id);
		if (p)
			sim_ring_add(&p->entry, p->sint);
		raw_spin_unlock(&sim_ports_lock);
		rang = true;
		break;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return rang;
}

/* Whether a write there could ring; spares the rest the decoding. */
bool sim_doorbell_at(struct sim_vp *vp, u64 gpa)
{
	struct sim_partition *pt = vp->pt;
	struct sim_connection *conn;
	unsigned long flags;
	bool found = false;

	if (list_empty_careful(&pt->connections))
		return false;
	raw_spin_lock_irqsave(&pt->lock, flags);
	list_for_each_entry(conn, &pt->connections, link)
		if (conn->gpa == gpa)
			found = true;
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return found;
}
