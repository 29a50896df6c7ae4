// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages and events from one partition to another (TLFS, "Inter-partition
 * communication"): HvCallPostMessage and HvCallSignalEvent, of a guest or of the
 * root.
 *
 * A message waits in one of the 16 buffers of its port until the slot of its SINT is
 * free.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "port.h"

#define BUFFERS		16

bool sim_port_messages_alloc(struct sim_port *p)
{
	p->messages = kzalloc_objs(*p->messages, BUFFERS, GFP_ATOMIC | __GFP_NOWARN);
	return p->messages;
}

void sim_port_messages_free(struct sim_port *p)
{
	int i;

	for (i = 0; p->messages && i < BUFFERS; i++) {
		sim_vsynic_unqueue(&p->messages[i]);
		sim_synic_unqueue(&p->messages[i]);
	}
	kfree(p->messages);
}

/* A buffer is free again once its SynIC has let go of it. */
static struct sim_port_message *ipc_buffer(struct sim_port *p)
{
	int i;

	for (i = 0; i < BUFFERS; i++)
		if (!smp_load_acquire(&p->messages[i].queued))	/* nobody reads it any more */
			return &p->messages[i];
	return NULL;
}

/* ------------------------------------------------------------- one target */

/* What is on its way; each function gives an HV_STATUS_*. */
struct ipc_sent {
	u32 type;		/* of the port that takes it */
	const struct sim_input_post_message *message;
	u32 flag;
	struct sim_vp *woken;	/* out, with a reference */
};

static u64 ipc_message(struct sim_port *p, const struct ipc_sent *s, struct sim_vp *vp, int cpu)
{
	struct sim_port_message *m = ipc_buffer(p);

	if (!m)
		return HV_STATUS_INSUFFICIENT_BUFFERS;
	memset(&m->msg, 0, sizeof(m->msg));
	m->msg.header.message_type = s->message->message_type;
	m->msg.header.payload_size = s->message->payload_size;
	m->msg.header.port.u.id = p->id;
	memcpy(m->msg.u.payload, s->message->payload, s->message->payload_size);
	m->sint = p->sint;
	m->vp = vp;
	return vp ? sim_vsynic_queue(vp, m) : sim_synic_queue(cpu, m);
}

static u64 ipc_event(struct sim_port *p, const struct ipc_sent *s, struct sim_vp *vp, int cpu)
{
	u32 flag = p->base_flag + s->flag;

	if (s->flag >= p->flag_count)
		return HV_STATUS_INVALID_PARAMETER;
	return vp ? sim_vsynic_signal(vp, p->sint, flag) : sim_synic_signal(cpu, p->sint, flag);
}

static u64 ipc_to(struct sim_port *p, struct ipc_sent *s, struct sim_vp *vp, int cpu)
{
	u64 status = s->message ? ipc_message(p, s, vp, cpu) : ipc_event(p, s, vp, cpu);

	/* One that has gone since has nothing to wake up for. */
	if (vp && status == HV_STATUS_SUCCESS && sim_vp_tryget(vp))
		s->woken = vp;
	return status;
}

/* --------------------------------------------------------- who is the target */

/*
 * The VP that the port names, or the first that can take it.  What is wrong with
 * those that can't is the answer if none can.
 */
static u64 ipc_to_child(struct sim_port *p, struct ipc_sent *s)
{
	u64 status = HV_STATUS_INVALID_VP_INDEX;
	struct sim_vp *vp;

	sim_for_each_vp(p->pt, vp) {
		if (p->vp_index != HV_ANY_VP && p->vp_index != vp->index)
			continue;
		status = ipc_to(p, s, vp, -1);
		if (status != SIM_STATUS_INVALID_SYNIC_STATE)
			break;
	}
	return status;
}

static u64 ipc_to_root(struct sim_port *p, struct ipc_sent *s)
{
	u64 status = HV_STATUS_INVALID_VP_INDEX;
	int cpu;

	for_each_online_cpu(cpu) {
		if (p->vp_index != HV_ANY_VP && p->vp_index != hv_vp_index[cpu])
			continue;
		status = ipc_to(p, s, NULL, cpu);
		if (status != SIM_STATUS_INVALID_SYNIC_STATE)
			break;
	}
	return status;
}

/* Under both locks: a connection that is there may lead nowhere (TLFS). */
static u64 ipc_through(struct sim_partition *from, u32 id, struct ipc_sent *s)
{
	struct sim_connection *conn = sim_connection_find(from, id, false);
	struct sim_port *p = conn ? conn->port : NULL;

	if (!conn)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (!p || p->type != s->type || READ_ONCE(p->pt->state) != SIM_ACTIVE)
		return HV_STATUS_INVALID_PORT_ID;
	return p->pt == sim_root ? ipc_to_root(p, s) : ipc_to_child(p, s);
}

static u64 ipc_send(struct sim_partition *from, u32 id, struct ipc_sent *s)
{
	unsigned long flags;
	u64 status;

	rcu_read_lock();
	raw_spin_lock_irqsave(&from->lock, flags);
	raw_spin_lock(&sim_ports_lock);
	status = ipc_through(from, id, s);
	raw_spin_unlock(&sim_ports_lock);
	raw_spin_unlock_irqrestore(&from->lock, flags);
	rcu_read_unlock();
	if (s->woken) {
		sim_vp_wake(s->woken);
		sim_vp_put(s->woken);
	}
	return status;
}

/* ---------------------------------------------------------------- the calls */

/* Types with the upper bit set are the hypervisor's own. */
u64 sim_ipc_post(struct sim_partition *from, const struct sim_input_post_message *in)
{
	struct ipc_sent s = { .type = HV_PORT_TYPE_MESSAGE, .message = in };

	if (in->reserved || in->payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT ||
	    !in->message_type || (in->message_type & BIT(31)))
		return HV_STATUS_INVALID_PARAMETER;
	return ipc_send(from, in->connection_id, &s);
}

u64 sim_ipc_signal(struct sim_partition *from, const struct sim_input_signal_event *in)
{
	struct ipc_sent s = { .type = HV_PORT_TYPE_EVENT, .flag = in->flag_number };

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	return ipc_send(from, in->connection_id, &s);
}

u64 sim_hc_post_message(struct sim_call *c)
{
	return sim_ipc_post(sim_root, c->in);
}

u64 sim_hc_signal_event(struct sim_call *c)
{
	return sim_ipc_signal(sim_root, c->in);
}
