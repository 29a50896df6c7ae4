// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports and connections: see port.h.  And doorbells, which are the only ones that
 * the driver makes: a write of the child at a guest physical address is consumed
 * and queues the port's id in the parent's event ring (synic.c).
 */
#include <linux/slab.h>

#include "port.h"

static LIST_HEAD(sim_ports);
DEFINE_RAW_SPINLOCK(sim_ports_lock);
static u32 sim_nr_ports;

u32 sim_ports_count(void)
{
	return READ_ONCE(sim_nr_ports);
}

static struct sim_port *sim_port_find(const struct sim_partition *pt, u32 id)
{
	struct sim_port *p;

	list_for_each_entry(p, &sim_ports, link)
		if (p->pt == pt && p->id == id)
			return p;
	return NULL;
}

struct sim_connection *sim_connection_find(struct sim_partition *pt, u32 id, bool doorbell)
{
	struct sim_connection *c;

	list_for_each_entry(c, &pt->connections, link) {
		bool is_doorbell = c->type == HV_PORT_TYPE_DOORBELL;

		if (c->id == id && is_doorbell == doorbell)
			return c;
	}
	return NULL;
}

/* ----------------------------------------------------------------- ports */

/* Takes over the target; false: not one that there could be.  SINT 0 is none for ports. */
static bool sim_port_target(struct sim_port *p, u32 sint, u32 vp_index)
{
	p->sint = sint;
	p->vp_index = vp_index;
	return sint && sint < HV_SYNIC_SINT_COUNT;
}

/* The VP that it names is there. */
static bool sim_port_has_target(const struct sim_port *p)
{
	int cpu;

	if (p->vp_index == HV_ANY_VP)
		return true;
	if (p->pt != sim_root)
		return p->vp_index < SIM_MAX_VPS && rcu_access_pointer(p->pt->vps[p->vp_index]);
	for_each_online_cpu(cpu)
		if (hv_vp_index[cpu] == p->vp_index)
			return true;
	return false;
}

/* Doorbells are for the root only, which has a ring for them on each CPU. */
static bool sim_port_doorbell(struct sim_port *p, const struct hv_port_info *info)
{
	return p->pt == sim_root && !info->doorbell_port_info.rsvdz &&
	       sim_port_target(p, info->doorbell_port_info.target_sint,
			       info->doorbell_port_info.target_vp) &&
	       p->vp_index == HV_ANY_VP;
}

static bool sim_port_message(struct sim_port *p, const struct hv_port_info *info)
{
	return !info->message_port_info.rsvdz &&
	       sim_port_target(p, info->message_port_info.target_sint,
			       info->message_port_info.target_vp);
}

static bool sim_port_event(struct sim_port *p, const struct hv_port_info *info)
{
	p->base_flag = info->event_port_info.base_flag_number;
	p->flag_count = info->event_port_info.flag_count;
	return !info->event_port_info.rsvdz && p->flag_count &&
	       p->base_flag + p->flag_count <= HV_EVENT_FLAGS_COUNT &&
	       sim_port_target(p, info->event_port_info.target_sint,
			       info->event_port_info.target_vp);
}

static u64 sim_port_set(struct sim_port *p, const struct hv_port_info *info)
{
	bool ok = false;

	switch (p->type) {
	case HV_PORT_TYPE_MESSAGE:
		ok = sim_port_message(p, info);
		break;
	case HV_PORT_TYPE_EVENT:
		ok = sim_port_event(p, info);
		break;
	case HV_PORT_TYPE_MONITOR:
		if (!info->monitor_port_info.rsvdz)
			return sim_monitor_create(p, info->monitor_port_info.monitor_address);
		break;
	case HV_PORT_TYPE_DOORBELL:
		ok = sim_port_doorbell(p, info);
		break;
	}
	if (!ok)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_port_has_target(p) ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_VP_INDEX;
}

/* The caller has a reference to the partition, and the port takes it over. */
static struct sim_port *sim_port_alloc(struct sim_partition *pt, u32 type)
{
	struct sim_port *p = kzalloc_obj(*p, GFP_ATOMIC | __GFP_NOWARN);

	if (!p)
		return NULL;
	p->pt = pt;
	p->type = type;
	if (type == HV_PORT_TYPE_MESSAGE && !sim_port_messages_alloc(p)) {
		kfree(p);
		return NULL;
	}
	return p;
}

/* It is in no list any more. */
static void sim_port_free(struct sim_port *p)
{
	sim_ring_cancel(&p->entry);
	sim_port_messages_free(p);
	sim_monitor_free(p->monitor);
	sim_partition_put(p->pt);
	kfree(p);
}

/* Under the partition's lock: it can't be finalized now. */
static u64 sim_port_add(struct sim_port *p)
{
	u64 status = HV_STATUS_SUCCESS;

	raw_spin_lock(&sim_ports_lock);
	if (!(p->pt->state & (SIM_UNINIT | SIM_ACTIVE)))
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else if (sim_port_find(p->pt, p->id))
		status = HV_STATUS_INVALID_PORT_ID;
	else if (p->monitor)
		status = sim_monitor_place(p->monitor);
	if (status == HV_STATUS_SUCCESS) {
		list_add(&p->link, &sim_ports);
		sim_nr_ports++;
	}
	raw_spin_unlock(&sim_ports_lock);
	return status;
}

u64 sim_hc_create_port(struct sim_call *c)
{
	struct hv_input_create_port *in = c->in;
	const struct hv_port_info *info = &in->port_info;
	struct sim_partition *sender;
	unsigned long flags;
	struct sim_port *p;
	u64 status;

	if (in->port_vtl || in->min_connection_vtl || in->padding || info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!in->port_id.u.id || in->port_id.u.reserved)
		return HV_STATUS_INVALID_PORT_ID;
	sender = sim_partition_find(in->connection_partition_id);
	if (!sender || sender == c->pt)
		return HV_STATUS_INVALID_PARTITION_ID;

	if (!sim_partition_tryget(c->pt))
		return HV_STATUS_INVALID_PARTITION_ID;
	p = sim_port_alloc(c->pt, info->port_type);
	if (!p) {
		sim_partition_put(c->pt);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	p->id = in->port_id.u.id;
	p->entry.port_id = p->id;
	p->connection_partition = in->connection_partition_id;
	status = sim_port_set(p, info);
	if (status == HV_STATUS_SUCCESS) {
		raw_spin_lock_irqsave(&c->pt->lock, flags);
		status = sim_port_add(p);
		raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	}
	if (status != HV_STATUS_SUCCESS)
		sim_port_free(p);
	return status;
}

/* Under the lock. */
static void sim_port_remove(struct sim_port *p)
{
	if (p->monitor)
		sim_monitor_remove(p->monitor);
	if (p->connection)
		p->connection->port = NULL;
	list_del(&p->link);
	sim_nr_ports--;
}

u64 sim_hc_delete_port(struct sim_call *c)
{
	union hv_input_delete_port *in = c->in;
	unsigned long flags;
	struct sim_port *p;

	if (in->reserved || in->port_id.u.reserved)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&sim_ports_lock, flags);
	p = sim_port_find(c->pt, in->port_id.u.id);
	if (p) {
		/* The driver disconnects first. */
		if (p->type == HV_PORT_TYPE_DOORBELL && p->connection)
			sim_violation("port %u deleted with a connection", p->id);
		sim_port_remove(p);
	}
	raw_spin_unlock_irqrestore(&sim_ports_lock, flags);
	if (!p)
		return HV_STATUS_INVALID_PORT_ID;
	/* Its id may be in the ring by now; the driver copes with that. */
	sim_port_free(p);
	return HV_STATUS_SUCCESS;
}

static struct sim_port *sim_port_take(const struct sim_partition *pt)
{
	struct sim_port *p, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_ports_lock, flags);
	list_for_each_entry(p, &sim_ports, link)
		if (!pt || p->pt == pt)
			found = p;
	if (found)
		sim_port_remove(found);
	raw_spin_unlock_irqrestore(&sim_ports_lock, flags);
	return found;
}

void sim_delete_ports(struct sim_partition *pt)
{
	struct sim_port *p;

	while ((p = sim_port_take(pt)))
		sim_port_free(p);
}

/* The driver has gone; what it left behind is its own defect. */
void sim_ports_exit(void)
{
	struct sim_port *p;

	while ((p = sim_port_take(NULL))) {
		pr_warn("port %u was never deleted\n", p->id);
		sim_port_free(p);
	}
}

/* ----------------------------------------------------------- connections */

#define SIM_DOORBELL_FLAGS	(HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK |	\
				 HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE)

static bool sim_connection_set(struct sim_connection *conn, const struct hv_connection_info *info)
{
	switch (conn->type) {
	case HV_PORT_TYPE_MESSAGE:
		return !info->message_connection_info.rsvdz;
	case HV_PORT_TYPE_EVENT:
		return !info->event_connection_info.rsvdz;
	case HV_PORT_TYPE_MONITOR:
		conn->gpa = info->monitor_connection_info.monitor_address;
		return true;
	case HV_PORT_TYPE_DOORBELL:
		conn->gpa = info->doorbell_connection_info.gpa;
		conn->value = info->doorbell_connection_info.trigger_value;
		conn->flags = info->doorbell_connection_info.flags;
		return !(conn->flags & ~(u64)SIM_DOORBELL_FLAGS) &&
		       (conn->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK) <=
		       HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD;
	}
	return false;
}

/* Under both locks. */
static u64 sim_connect(struct sim_partition *pt, struct sim_connection *conn, struct sim_port *p)
{
	u64 status = HV_STATUS_SUCCESS;

	if (!p || p->connection || p->type != conn->type ||
	    sim_partition_find(p->connection_partition) != pt)
		return HV_STATUS_INVALID_PORT_ID;
	if (!(pt->state & (SIM_UNINIT | SIM_ACTIVE)))
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (sim_connection_find(pt, conn->id, conn->type == HV_PORT_TYPE_DOORBELL))
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (p->monitor)
		status = sim_monitor_connect(p->monitor, pt, conn->gpa);
	if (status != HV_STATUS_SUCCESS)
		return status;
	conn->port = p;
	p->connection = conn;
	list_add(&conn->link, &pt->connections);
	return HV_STATUS_SUCCESS;
}

u64 sim_hc_connect_port(struct sim_call *c)
{
	struct hv_input_connect_port *in = c->in;
	const struct hv_connection_info *info = &in->connection_info;
	struct sim_partition *port_pt = sim_partition_find(in->port_partition_id);
	u64 status = HV_STATUS_INVALID_PARAMETER;
	struct sim_connection *conn;
	unsigned long flags;

	if (in->connection_vtl || in->rsvdz0 || in->rsvdz1 || in->reserved2 || info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!port_pt)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (!in->connection_id.u.id || in->connection_id.u.reserved)
		return HV_STATUS_INVALID_CONNECTION_ID;

	conn = kzalloc_obj(*conn, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	conn->id = in->connection_id.u.id;
	conn->type = info->port_type;
	if (sim_connection_set(conn, info)) {
		raw_spin_lock_irqsave(&c->pt->lock, flags);
		raw_spin_lock(&sim_ports_lock);
		status = sim_connect(c->pt, conn, sim_port_find(port_pt, in->port_id.u.id));
		raw_spin_unlock(&sim_ports_lock);
		raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	}
	if (status != HV_STATUS_SUCCESS)
		kfree(conn);
	return status;
}

/* Under both locks. */
static void sim_disconnect(struct sim_connection *conn)
{
	if (conn->port) {
		conn->port->connection = NULL;
		if (conn->port->monitor)
			sim_monitor_disconnect(conn->port->monitor);
	}
	list_del(&conn->link);
	kfree(conn);
}

u64 sim_hc_disconnect_port(struct sim_call *c)
{
	union hv_input_disconnect_port *in = c->in;
	struct sim_connection *conn;
	unsigned long flags;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&c->pt->lock, flags);
	raw_spin_lock(&sim_ports_lock);
	conn = sim_connection_find(c->pt, in->connection_id.u.id, in->is_doorbell);
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

/* -------------------------------------------------------------- doorbells */

static bool sim_doorbell_matches(const struct sim_connection *conn, u64 gpa, u32 size,
				 u64 value)
{
	/* HV_DOORBELL_FLAG_TRIGGER_SIZE_*: 0 any, else log2 of the size, plus 1. */
	u32 want = conn->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;

	if (conn->type != HV_PORT_TYPE_DOORBELL || conn->gpa != gpa ||
	    (want && size != 1u << (want - 1)))
		return false;
	return (conn->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE) || conn->value == value;
}

bool sim_doorbell_ring(struct sim_vp *vp, u64 gpa, u32 size, u64 value)
{
	struct sim_partition *pt = vp->pt;
	struct sim_connection *conn;
	unsigned long flags;
	bool rang = false;

	raw_spin_lock_irqsave(&pt->lock, flags);
	list_for_each_entry(conn, &pt->connections, link) {
		if (!sim_doorbell_matches(conn, gpa, size, value))
			continue;
		raw_spin_lock(&sim_ports_lock);
		if (conn->port)
			sim_ring_add(&conn->port->entry, conn->port->sint);
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
		if (conn->type == HV_PORT_TYPE_DOORBELL && conn->gpa == gpa)
			found = true;
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return found;
}
