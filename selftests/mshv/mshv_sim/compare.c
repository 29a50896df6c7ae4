// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guests reach, compared with the page tables of the process that owns the
 * memory: when a test asks (MSHV_SIM_CHECK), and again and again (audit_ms).
 */
#include <linux/delay.h>
#include <linux/hmm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "control.h"
#include "owner.h"

#define SIM_COMPARE_PAGES	512u
#define SIM_COMPARE_TRIES	16

/* One look at a part of a region: what the guest reaches, what the process has. */
struct sim_compare {
	struct sim_region region;	/* as it was; holds the mm */
	struct mshv_sim_check *result;
	u64 gfn, pages;
	u64 reached[SIM_COMPARE_PAGES];	/* pfn + 1, 0: nothing */
	bool writable[SIM_COMPARE_PAGES];
	unsigned long owned[SIM_COMPARE_PAGES];	/* enum hmm_pfn_flags */
};

/* What of it the guest reaches; false: nothing. */
static bool sim_compare_reached(struct sim_compare *c)
{
	u64 gfn = c->gfn, end = c->gfn + c->pages, pages, i;
	struct sim_partition *pt;
	struct sim_gpa_leaf leaf;
	bool any = false;

	memset(c->reached, 0, sizeof(c->reached));
	rcu_read_lock();
	pt = sim_partition_find(c->region.partition);
	while (pt && sim_gpa_next(pt, &gfn, end, &leaf, &pages)) {
		for (i = 0; i < pages && gfn < end; i++, gfn++) {
			c->reached[gfn - c->gfn] = leaf.pfn + i + 1;
			c->writable[gfn - c->gfn] = leaf.flags & HV_MAP_GPA_WRITABLE;
		}
		any = true;
	}
	rcu_read_unlock();
	return any;
}

/*
 * The page tables as they are, no fault.
 *
 * munmap() takes the mapping away, lets others read mmap, and only then begins the
 * invalidation: a reader can't tell that from memory the driver has forgotten.  With
 * @alone nobody is between the two.
 *
 * The process may have ended: under mmap_lock there is something to look at, or there
 * are no mappings.
 */
static int sim_compare_owned(struct sim_compare *c, bool alone)
{
	/* hmm.c asks it whether anything has changed; we ask owner.c when it is done. */
	struct mmu_interval_notifier unused = { .mm = c->region.mm };
	struct hmm_range range = {
		.notifier = &unused,
		.start = c->region.start + ((c->gfn - c->region.gfn) << PAGE_SHIFT),
		.hmm_pfns = c->owned,
	};
	int err;

	range.end = range.start + (c->pages << PAGE_SHIFT);
	memset(c->owned, 0, sizeof(c->owned));
	if (alone)
		mmap_write_lock(unused.mm);
	else
		mmap_read_lock(unused.mm);
	err = hmm_range_fault(&range);
	if (alone)
		mmap_write_unlock(unused.mm);
	else
		mmap_read_unlock(unused.mm);
	return err;
}

static bool sim_compare_same(const struct sim_compare *c, u64 i)
{
	return (c->owned[i] & HMM_PFN_VALID) &&
	       (c->owned[i] & ~HMM_PFN_FLAGS) == c->reached[i] - 1;
}

/* No mapping at all where the guest reaches something. */
static bool sim_compare_hole(const struct sim_compare *c)
{
	u64 i;

	for (i = 0; i < c->pages; i++)
		if (c->reached[i] && (c->owned[i] & HMM_PFN_ERROR))
			return true;
	return false;
}

/* One violation tells of all pages with the same trouble. */
static void sim_compare_judge(struct sim_compare *c)
{
	u64 i, other = 0, writable = 0, first_other = 0, first_writable = 0;

	for (i = 0; i < c->pages; i++) {
		if (!c->reached[i])
			continue;
		c->result->compared++;
		if (!sim_compare_same(c, i)) {
			if (!other++)
				first_other = i;
		} else if (c->writable[i] && !(c->owned[i] & HMM_PFN_WRITE)) {
			if (!writable++)
				first_writable = i;
		}
	}
	if (other) {
		i = first_other;
		sim_violation("partition %llu: %llu pages from gfn %#llx on: pfn %#llx, not %#lx",
			      c->region.partition, other, c->gfn + i, c->reached[i] - 1,
			      c->owned[i] & HMM_PFN_VALID ? c->owned[i] & ~HMM_PFN_FLAGS : 0);
	}
	if (writable)
		sim_violation("partition %llu: %llu pages from gfn %#llx on: owner can't write",
			      c->region.partition, writable, c->gfn + first_writable);
	c->result->found += !!other + !!writable;
}

/* Held while what was seen is found to be true, and told. */
static DEFINE_MUTEX(sim_verdict_lock);

void sim_compare_settle(void)
{
	mutex_lock(&sim_verdict_lock);
	mutex_unlock(&sim_verdict_lock);
}

/* -EAGAIN: it may have been a part of before and a part of after. */
static int sim_compare_conclude(struct sim_compare *c, u64 before)
{
	u64 after;
	int err;

	mutex_lock(&sim_verdict_lock);
	err = sim_region_steady(&c->region, &after);
	if (err != -ENOENT)
		err = after == before ? 0 : -EAGAIN;
	if (!err)
		sim_compare_judge(c);
	mutex_unlock(&sim_verdict_lock);
	return err;
}

/*
 * What the guest reached before we looked, and what has not been invalidated
 * until afterwards, was there in between.
 */
static void sim_compare_part(struct sim_compare *c)
{
	bool alone = false;
	int tries, err;
	u64 before;

	for (tries = 0; tries < SIM_COMPARE_TRIES; tries++) {
		err = sim_region_steady(&c->region, &before);
		if (err == -EBUSY) {
			fsleep(min(100ul << tries, 20000ul));
			continue;
		}
		if (err || !sim_compare_reached(c) || sim_compare_owned(c, alone))
			return;
		if (!alone && sim_compare_hole(c)) {
			alone = true;
			continue;
		}
		err = sim_compare_conclude(c, before);
		if (err != -EAGAIN)
			return;
	}
}

static void sim_compare_region(struct sim_compare *c)
{
	const struct sim_region *r = &c->region;
	u64 end = r->gfn + ((r->end - r->start) >> PAGE_SHIFT);

	for (c->gfn = r->gfn; c->gfn < end; c->gfn += c->pages) {
		c->pages = min_t(u64, SIM_COMPARE_PAGES, end - c->gfn);
		sim_compare_part(c);
		cond_resched();
	}
}

int sim_compare(struct mshv_sim_check *result)
{
	/* Those that come meanwhile are for the next time. */
	u32 i, n, room = sim_regions_copy(result->partition, NULL, 0);
	struct sim_region *regions;
	struct sim_compare *c;
	int ret = -ENOMEM;

	if (!room)
		return 0;
	regions = kvmalloc_array(room, sizeof(*regions), GFP_KERNEL);
	c = kvzalloc_obj(*c, GFP_KERNEL);
	if (!regions || !c)
		goto out;
	c->result = result;
	n = min(sim_regions_copy(result->partition, regions, room), room);
	for (i = 0; i < n; i++) {
		c->region = regions[i];
		sim_compare_region(c);
		mmdrop(c->region.mm);
	}
	ret = 0;
out:
	kvfree(c);
	kvfree(regions);
	return ret;
}

/* Again and again, for tests that do something else. */
static unsigned int audit_ms;
module_param(audit_ms, uint, 0444);
MODULE_PARM_DESC(audit_ms, "Compare all so often, in milliseconds (default 0: never)");

static void sim_audit(struct work_struct *work);
static DECLARE_DELAYED_WORK(sim_audit_work, sim_audit);
static u64 sim_audited;

void sim_audit_start(void)
{
	if (audit_ms)
		queue_delayed_work(system_dfl_wq, &sim_audit_work, msecs_to_jiffies(audit_ms));
}

static void sim_audit(struct work_struct *work)
{
	struct mshv_sim_check result = { .partition = MSHV_SIM_ANY_PARTITION };

	sim_compare(&result);
	WRITE_ONCE(sim_audited, sim_audited + result.compared);
	sim_audit_start();
}

void sim_audit_stop(void)
{
	cancel_delayed_work_sync(&sim_audit_work);
}

u64 sim_audit_pages(void)
{
	return READ_ONCE(sim_audited);
}

