// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recording of hypercalls, one ring per open file.  Writers come with
 * interrupts off from any CPU, the reader is a system call.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "control.h"

struct sim_recorder {
	struct list_head link;		/* in sim_recorders while it records */
	raw_spinlock_t lock;
	u64 partition;
	u16 code;
	bool active;
	u32 size;			/* of the ring */
	u64 head, tail, lost;		/* records ever written, read, dropped */
	struct mshv_sim_record ring[] __counted_by(size);
};

static LIST_HEAD(sim_recorders);		/* changed under the mutex */
static DEFINE_MUTEX(sim_recorders_lock);
static atomic64_t sim_record_seq;

static bool sim_record_wanted(const struct sim_recorder *r, const struct sim_watch *w,
			      u64 control)
{
	return (r->partition == MSHV_SIM_ANY_PARTITION || r->partition == w->partition) &&
	       (r->code == MSHV_SIM_ANY_CODE ||
		r->code == (control & HV_HYPERCALL_RESULT_MASK));
}

static void sim_record_put(struct sim_recorder *r, const struct mshv_sim_record *rec)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&r->lock, flags);
	if (r->head - r->tail == r->size)
		r->lost++;
	else
		r->ring[r->head++ % r->size] = *rec;
	raw_spin_unlock_irqrestore(&r->lock, flags);
}

/* Under RCU. */
void sim_record(const struct sim_watch *w, u64 control, u64 result, bool irqs_off)
{
	struct mshv_sim_record rec;
	struct sim_recorder *r;

	if (list_empty(&sim_recorders))
		return;
	memset(&rec, 0, sizeof(rec));
	rec.seq = atomic64_inc_return(&sim_record_seq);
	rec.time_ns = ktime_get_mono_fast_ns();
	rec.control = control;
	rec.partition = w->partition;
	rec.vp = w->vp;
	rec.cpu = raw_smp_processor_id();
	rec.status = hv_result(result);
	rec.reps_done = hv_repcomp(result);
	rec.input_bytes = w->input_bytes;
	rec.output_bytes = w->output_bytes;
	rec.fault = w->fault.id;
	rec.irqs_off = irqs_off;
	memcpy(rec.input, w->input, w->input_bytes);
	memcpy(rec.output, w->output, w->output_bytes);
	list_for_each_entry_rcu(r, &sim_recorders, link)
		if (sim_record_wanted(r, w, control))
			sim_record_put(r, &rec);
}

static void sim_record_off(struct sim_recorder *r)
{
	if (!r || !r->active)
		return;
	mutex_lock(&sim_recorders_lock);
	list_del_rcu(&r->link);
	mutex_unlock(&sim_recorders_lock);
	r->active = false;
	atomic_dec(&sim_watchers);
	synchronize_rcu();
}

void sim_record_close(struct sim_file *file)
{
	sim_record_off(file->recorder);
	kvfree(file->recorder);
	file->recorder = NULL;
}

static void sim_record_tell(struct sim_recorder *r, struct mshv_sim_recording *a)
{
	unsigned long flags;

	a->ready = 0;
	a->lost = 0;
	if (!r)
		return;
	raw_spin_lock_irqsave(&r->lock, flags);
	a->ready = r->head - r->tail;
	a->lost = r->lost;
	raw_spin_unlock_irqrestore(&r->lock, flags);
}

static bool sim_record_reserved(const struct mshv_sim_recording *a)
{
	return a->reserved[0] || a->reserved[1] || a->reserved[2];
}

long sim_record_start(struct sim_file *file, void *arg)
{
	struct mshv_sim_recording *a = arg;
	u32 size = a->records ?: 1024;
	struct sim_recorder *r;

	if (sim_record_reserved(a) || size > SIM_MAX_RECORDS)
		return -EINVAL;
	r = kvzalloc_flex(*r, ring, size, GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	raw_spin_lock_init(&r->lock);
	r->size = size;
	r->code = a->code;
	r->partition = a->partition;
	if (r->partition == HV_PARTITION_ID_SELF)
		r->partition = sim_config.root_id;

	sim_record_close(file);
	file->recorder = r;
	r->active = true;
	mutex_lock(&sim_recorders_lock);
	list_add_tail_rcu(&r->link, &sim_recorders);
	mutex_unlock(&sim_recorders_lock);
	atomic_inc(&sim_watchers);
	sim_record_tell(r, a);
	return 0;
}

long sim_record_stop(struct sim_file *file, void *arg)
{
	if (sim_record_reserved(arg))
		return -EINVAL;
	sim_record_off(file->recorder);
	sim_record_tell(file->recorder, arg);
	return 0;
}

long sim_record_query(struct sim_file *file, void *arg)
{
	if (sim_record_reserved(arg))
		return -EINVAL;
	sim_record_tell(file->recorder, arg);
	return 0;
}

static bool sim_record_get(struct sim_recorder *r, struct mshv_sim_record *rec)
{
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&r->lock, flags);
	any = r->head != r->tail;
	if (any)
		*rec = r->ring[r->tail++ % r->size];
	raw_spin_unlock_irqrestore(&r->lock, flags);
	return any;
}

ssize_t sim_record_read(struct sim_file *file, char __user *buf, size_t count)
{
	struct mshv_sim_record rec;
	size_t done = 0;

	if (!file->recorder)
		return -ENODATA;
	if (count < sizeof(rec))
		return -EINVAL;
	while (done + sizeof(rec) <= count && sim_record_get(file->recorder, &rec)) {
		if (copy_to_user(buf + done, &rec, sizeof(rec)))
			return done ?: -EFAULT;
		done += sizeof(rec);
	}
	return done;
}
