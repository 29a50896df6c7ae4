// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages for the driver that the simulator has no reason to send, and holding
 * back those that it has.
 */
#include <linux/slab.h>

#include "control.h"

/* Memory for messages on their way: posting needs no allocation. */
struct sim_mailbox {
	struct sim_msg slots[SIM_MAX_MESSAGES];
};

static struct sim_msg *sim_mailbox_slot(struct sim_mailbox *box)
{
	int i;

	for (i = 0; i < SIM_MAX_MESSAGES; i++)
		if (!READ_ONCE(box->slots[i].queued))
			return &box->slots[i];
	return NULL;
}

long sim_inject_message(struct sim_file *file, void *arg)
{
	struct mshv_sim_message *a = arg;
	struct sim_msg *m;

	BUILD_BUG_ON(sizeof(a->message) != sizeof(m->msg));
	if (a->flags || a->reserved)
		return -EINVAL;
	if (a->cpu >= nr_cpu_ids || !cpu_online(a->cpu))
		return -ENXIO;
	if (!file->mailbox)
		file->mailbox = kvzalloc_obj(*file->mailbox, GFP_KERNEL_ACCOUNT);
	if (!file->mailbox)
		return -ENOMEM;
	m = sim_mailbox_slot(file->mailbox);
	if (!m)
		return -EAGAIN;
	memcpy(&m->msg, a->message, sizeof(m->msg));
	/* An empty slot is what the driver and we call a type of 0. */
	if (m->msg.header.message_type == HVMSG_NONE)
		return -EINVAL;
	sim_synic_post_to(m, a->cpu);
	return 0;
}

long sim_inject_hold(struct sim_file *file, void *arg)
{
	struct mshv_sim_hold *a = arg;

	if (a->message_type == HVMSG_NONE) {
		a->held = sim_synic_release(file);
		return 0;
	}
	return sim_synic_hold(file, a->message_type, a->partition, &a->held);
}

void sim_inject_close(struct sim_file *file)
{
	int i;

	sim_synic_release(file);
	for (i = 0; file->mailbox && i < SIM_MAX_MESSAGES; i++)
		sim_synic_cancel(&file->mailbox->slots[i]);
	kvfree(file->mailbox);
	file->mailbox = NULL;
}
