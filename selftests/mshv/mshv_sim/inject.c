// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages for the driver that the simulator has no reason to send, and holding
 * back those that it has.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
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
	const struct hv_message *message = (const void *)a->message;
	struct sim_msg *m;

	BUILD_BUG_ON(sizeof(a->message) != sizeof(m->msg));
	/* An empty slot is what the driver and we call a type of 0. */
	if (a->flags || a->reserved || message->header.message_type == HVMSG_NONE)
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
	sim_synic_post_to(m, a->cpu);
	return 0;
}

/* ------------------------------------------------------------ holding back */

static struct {
	struct sim_file *holder;	/* one at a time */
	u32 type;
	u64 partition;
	struct list_head queue;
} sim_held = { .queue = LIST_HEAD_INIT(sim_held.queue) };

/* Outside of sim_synic_lock: a message goes from our queue to theirs under it. */
static DEFINE_RAW_SPINLOCK(sim_hold_lock);

bool sim_hold_catch(struct sim_msg *m)
{
	unsigned long flags;
	bool held;

	if (!READ_ONCE(sim_held.holder))
		return false;
	raw_spin_lock_irqsave(&sim_hold_lock, flags);
	held = sim_held.holder && sim_held.type == m->msg.header.message_type &&
	       (!sim_held.partition || sim_held.partition == m->msg.header.sender);
	if (held) {
		WRITE_ONCE(m->queued, true);
		list_add_tail(&m->link, &sim_held.queue);
	}
	raw_spin_unlock_irqrestore(&sim_hold_lock, flags);
	return held;
}

void sim_hold_cancel(struct sim_msg *m)
{
	unsigned long flags;
	struct sim_msg *h;

	raw_spin_lock_irqsave(&sim_hold_lock, flags);
	list_for_each_entry(h, &sim_held.queue, link) {
		if (h == m) {
			list_del(&m->link);
			WRITE_ONCE(m->queued, false);
			break;
		}
	}
	raw_spin_unlock_irqrestore(&sim_hold_lock, flags);
}

static u64 sim_hold_end(struct sim_file *file)
{
	unsigned long flags;
	struct sim_msg *m;
	u64 n = 0;

	raw_spin_lock_irqsave(&sim_hold_lock, flags);
	if (sim_held.holder == file) {
		WRITE_ONCE(sim_held.holder, NULL);
		while (!list_empty(&sim_held.queue)) {
			m = list_first_entry(&sim_held.queue, struct sim_msg, link);
			list_del(&m->link);
			sim_synic_post_to(m, -1);
			n++;
		}
	}
	raw_spin_unlock_irqrestore(&sim_hold_lock, flags);
	return n;
}

/*
 * A process that waits for the message that it has held can't be killed before that comes
 * (docs/driver-findings.md, F60), nor is its file closed.
 */
#define SIM_HOLD_LOOK	(HZ / 10)

static bool sim_hold_is_orphaned(const struct sim_file *file)
{
	const struct task_struct *opener;
	bool orphaned;

	rcu_read_lock();
	opener = pid_task(file->opener, PIDTYPE_TGID);
	orphaned = !opener || (READ_ONCE(opener->signal->flags) & SIGNAL_GROUP_EXIT);
	rcu_read_unlock();
	return orphaned;
}

static void sim_hold_watch(struct work_struct *work)
{
	struct sim_file *file = container_of(to_delayed_work(work), struct sim_file, hold_watch);

	if (READ_ONCE(sim_held.holder) != file)
		return;
	if (sim_hold_is_orphaned(file))
		sim_hold_end(file);
	else
		schedule_delayed_work(&file->hold_watch, SIM_HOLD_LOOK);
}

long sim_inject_hold(struct sim_file *file, void *arg)
{
	struct mshv_sim_hold *a = arg;
	unsigned long flags;
	long err = 0;

	if (a->message_type == HVMSG_NONE) {
		a->held = sim_hold_end(file);
		return 0;
	}
	raw_spin_lock_irqsave(&sim_hold_lock, flags);
	if (sim_held.holder && sim_held.holder != file) {
		err = -EBUSY;
	} else {
		sim_held.type = a->message_type;
		sim_held.partition = a->partition;
		WRITE_ONCE(sim_held.holder, file);
		a->held = list_count_nodes(&sim_held.queue);
	}
	raw_spin_unlock_irqrestore(&sim_hold_lock, flags);
	if (!err)
		schedule_delayed_work(&file->hold_watch, SIM_HOLD_LOOK);
	return err;
}

void sim_inject_open(struct sim_file *file)
{
	file->opener = get_pid(task_tgid(current));
	INIT_DELAYED_WORK(&file->hold_watch, sim_hold_watch);
}

void sim_inject_close(struct sim_file *file)
{
	int i;

	sim_hold_end(file);
	cancel_delayed_work_sync(&file->hold_watch);
	put_pid(file->opener);
	for (i = 0; file->mailbox && i < SIM_MAX_MESSAGES; i++)
		sim_synic_cancel(&file->mailbox->slots[i]);
	kvfree(file->mailbox);
	file->mailbox = NULL;
}
