// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that make hypercalls fail, lie or take long.  A rule belongs to the
 * open file that made it and goes with it: a test that dies leaves none behind.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "control.h"

struct sim_fault {
	struct list_head link;
	struct sim_file *file;
	struct mshv_sim_fault rule;
};

atomic_t sim_watchers = ATOMIC_INIT(0);

/*
 * By the clock that tests measure with: udelay() goes by a calibration that an
 * emulator on a busy host may have spoiled.  It bounds the wait, all the same,
 * should the clock stand still while interrupts are off.
 */
void sim_delay(u32 us)
{
	u64 end = ktime_get_mono_fast_ns() + (u64)us * NSEC_PER_USEC;
	u64 left = 100ull * us;

	while (left-- && ktime_get_mono_fast_ns() < end)
		udelay(1);
}

static LIST_HEAD(sim_faults);
static DEFINE_RAW_SPINLOCK(sim_fault_lock);
static u32 sim_fault_last_id;

static bool sim_fault_applies(const struct mshv_sim_fault *r, u16 code, u64 partition, u32 vp)
{
	return (r->code == MSHV_SIM_ANY_CODE || r->code == code) &&
	       (r->partition == MSHV_SIM_ANY_PARTITION || r->partition == partition) &&
	       (r->vp == MSHV_SIM_ANY_VP || r->vp == vp);
}

void sim_fault_match(u16 code, u64 partition, u32 vp, struct sim_fault_hit *hit)
{
	struct sim_fault *f;
	unsigned long flags;

	hit->id = 0;
	hit->flags = 0;
	raw_spin_lock_irqsave(&sim_fault_lock, flags);
	list_for_each_entry(f, &sim_faults, link) {
		struct mshv_sim_fault *r = &f->rule;

		if (!sim_fault_applies(r, code, partition, vp))
			continue;
		if (r->matches++ < r->skip || (r->count && r->hits == r->count))
			continue;
		r->hits++;
		*hit = (struct sim_fault_hit) {
			.id = r->id, .flags = r->flags, .reps = r->reps,
			.delay_us = r->delay_us, .status = r->status,
		};
		break;
	}
	raw_spin_unlock_irqrestore(&sim_fault_lock, flags);
}

long sim_fault_add(struct sim_file *file, void *arg)
{
	struct mshv_sim_fault *r = arg;
	struct sim_fault *f;
	unsigned long flags;

	if (r->flags & ~(MSHV_SIM_FAULT_STATUS | MSHV_SIM_FAULT_AFTER) || r->reserved || r->id)
		return -EINVAL;
	if (r->delay_us > SIM_MAX_DELAY_US)
		return -EINVAL;
	/* A rule that does nothing is a mistake, and so is half a rule. */
	if (!(r->flags & MSHV_SIM_FAULT_STATUS) && (r->status || r->reps || !r->delay_us))
		return -EINVAL;
	if ((r->flags & MSHV_SIM_FAULT_AFTER) && r->reps)
		return -EINVAL;
	if (file->nr_faults == SIM_MAX_RULES)
		return -ENOSPC;

	f = kzalloc_obj(*f, GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->file = file;
	r->matches = 0;
	r->hits = 0;
	if (r->partition == HV_PARTITION_ID_SELF)
		r->partition = sim_config.root_id;

	raw_spin_lock_irqsave(&sim_fault_lock, flags);
	do
		r->id = ++sim_fault_last_id;
	while (!r->id);
	f->rule = *r;
	list_add_tail(&f->link, &sim_faults);
	raw_spin_unlock_irqrestore(&sim_fault_lock, flags);
	file->nr_faults++;
	atomic_inc(&sim_watchers);
	return 0;
}

/* Under the lock: the file's rule with this id, or its first one after it. */
static struct sim_fault *sim_fault_find(struct sim_file *file, u32 id, bool next)
{
	struct sim_fault *f;

	list_for_each_entry(f, &sim_faults, link)
		if (f->file == file && (next ? f->rule.id > id : f->rule.id == id))
			return f;
	return NULL;
}

static long sim_fault_copy(struct sim_file *file, struct mshv_sim_fault *r, bool next,
			   bool remove)
{
	u32 size = r->size;
	struct sim_fault *f;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_fault_lock, flags);
	f = sim_fault_find(file, r->id, next);
	if (f) {
		*r = f->rule;
		r->size = size;
		if (remove)
			list_del(&f->link);
	}
	raw_spin_unlock_irqrestore(&sim_fault_lock, flags);
	if (!f)
		return -ENOENT;
	if (remove) {
		kfree(f);
		file->nr_faults--;
		atomic_dec(&sim_watchers);
	}
	return 0;
}

/* Tells what the rule has counted until then. */
long sim_fault_remove(struct sim_file *file, void *arg)
{
	return sim_fault_copy(file, arg, false, true);
}

long sim_fault_query(struct sim_file *file, void *arg)
{
	return sim_fault_copy(file, arg, false, false);
}

long sim_fault_next(struct sim_file *file, void *arg)
{
	return sim_fault_copy(file, arg, true, false);
}

long sim_fault_clear(struct sim_file *file, void *arg)
{
	struct mshv_sim_fault r;

	do
		r = (struct mshv_sim_fault) { .id = 0 };
	while (!sim_fault_copy(file, &r, true, true));
	return 0;
}
