// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policing against the page tables of the process that owns the memory.
 *
 * The driver maps ordinary memory without pinning it, and promises the kernel
 * to take it from the guest when the process loses it: that is what an MMU
 * interval notifier is (Documentation/mm/hmm.rst).  We learn of each of the
 * driver's notifiers when it is inserted, and of its place in the guest from the
 * MAP_GPA_PAGES without access that the same thread makes next.  Then:
 *
 * - when an invalidation ends, the guest must not reach any page of that range.
 *   Whoever takes pages away waits for the driver before that, and nobody may map
 *   new ones before it has ended, so there is nothing to race with;
 * - at any time, what the guest reaches must be what the page tables say, and
 *   writable only if it is writable there (MSHV_SIM_CHECK).
 *
 * Nothing is changed in the kernel: ftrace calls us on entry of three functions.
 */
#include <linux/ftrace.h>
#include <linux/hmm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "control.h"

static bool owner_watch = true;
module_param_named(owner, owner_watch, bool, 0444);
MODULE_PARM_DESC(owner, "Compare what guests reach with the page tables of the owner (default Y)");

/* Memory that the driver watches with one notifier. */
struct sim_region {
	struct list_head link;
	struct mmu_interval_notifier *mni;
	struct mm_struct *mm;		/* lives as long as the notifier */
	unsigned long start, end;	/* addresses in the process */
	struct task_struct *task;	/* maps it next; NULL: it has */
	u64 partition, gfn;		/* where, once it has */
};

/*
 * ftrace may call us wherever its function is called, and a test that lets
 * allocations fail must not hit ours: so they are all made beforehand.
 */
#define SIM_REGIONS	4096

static struct sim_region sim_region_pool[SIM_REGIONS];
static LIST_HEAD(sim_regions);
static LIST_HEAD(sim_regions_free);
static DEFINE_RAW_SPINLOCK(sim_regions_lock);
static atomic_t sim_regions_pending = ATOMIC_INIT(0);
static u64 sim_regions_missed;

bool sim_owner_attached(void)
{
	return owner_watch;
}

u64 sim_owner_missed(void)
{
	return READ_ONCE(sim_regions_missed);
}

/* -------------------------------------------- what the driver is watching */

static void sim_region_drop(struct sim_region *r)
{
	if (r->task)
		atomic_dec(&sim_regions_pending);
	list_move(&r->link, &sim_regions_free);
}

/* Of a notifier whose insertion has failed nothing is ever mapped. */
static void sim_regions_drop_pending(void)
{
	struct sim_region *r, *next;

	list_for_each_entry_safe(r, next, &sim_regions, link)
		if (r->task == current)
			sim_region_drop(r);
}

static void notrace sim_owner_insert(struct ftrace_regs *fregs)
{
	struct mm_struct *mm = (void *)ftrace_regs_get_argument(fregs, 1);
	unsigned long start = ftrace_regs_get_argument(fregs, 2);
	struct sim_region *r;
	unsigned long flags;

	if (!sim_driver_has(ftrace_regs_get_argument(fregs, 4)))
		return;		/* somebody else's operations */
	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	sim_regions_drop_pending();
	r = list_first_entry_or_null(&sim_regions_free, struct sim_region, link);
	if (r) {
		r->mni = (void *)ftrace_regs_get_argument(fregs, 0);
		r->mm = mm;
		r->start = start;
		r->end = start + ftrace_regs_get_argument(fregs, 3);
		r->task = current;
		r->partition = 0;
		atomic_inc(&sim_regions_pending);
		list_move(&r->link, &sim_regions);
	} else {
		sim_regions_missed++;
	}
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

static void notrace sim_owner_remove(struct ftrace_regs *fregs)
{
	struct mmu_interval_notifier *mni = (void *)ftrace_regs_get_argument(fregs, 0);
	struct sim_region *r, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry_safe(r, next, &sim_regions, link)
		if (r->mni == mni)
			sim_region_drop(r);
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

void sim_owner_mapping(const struct sim_partition *pt, u64 gfn, bool access)
{
	struct sim_region *r, *next;
	unsigned long flags;

	if (!atomic_read(&sim_regions_pending))
		return;
	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry_safe(r, next, &sim_regions, link) {
		if (r->task != current)
			continue;
		if (access) {
			/* Pinned: the driver does so if it can't watch. */
			sim_region_drop(r);
			continue;
		}
		r->partition = pt->id;
		r->gfn = gfn;
		r->task = NULL;
		atomic_dec(&sim_regions_pending);
	}
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

/* Under sim_regions_lock. */
static bool sim_region_covers(const struct sim_region *r, u64 partition, u64 gfn)
{
	return !r->task && r->partition == partition && gfn >= r->gfn &&
	       gfn - r->gfn < (r->end - r->start) >> PAGE_SHIFT;
}

bool sim_owner_watches(const struct sim_partition *pt, u64 gfn)
{
	struct sim_region *r;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry(r, &sim_regions, link)
		found |= sim_region_covers(r, pt->id, gfn);
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
	return found;
}

/* ---------------------------------------------- when the process loses it */

static void sim_region_lost(const struct sim_region *r, const struct mmu_notifier_range *range)
{
	struct sim_partition *pt = sim_partition_find(r->partition);
	unsigned long start = max(range->start, r->start);
	u64 gfn = r->gfn + ((start - r->start) >> PAGE_SHIFT);
	u64 end = r->gfn + ((min(range->end, r->end) - r->start + PAGE_SIZE - 1) >> PAGE_SHIFT);
	u64 first = 0, reached = 0, pages;
	struct sim_gpa_leaf leaf;

	while (pt && sim_gpa_next(pt, &gfn, end, &leaf, &pages)) {
		if (!reached)
			first = gfn;
		reached += min(pages, end - gfn);
		gfn += pages;
	}
	if (reached)
		sim_violation("partition %llu: %llu pages from gfn %#llx on are lost (event %d)",
			      pt->id, reached, first, range->event);
}

static void notrace sim_owner_invalidated(struct ftrace_regs *fregs)
{
	const struct mmu_notifier_range *range = (void *)ftrace_regs_get_argument(fregs, 0);
	struct sim_region *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	rcu_read_lock();
	list_for_each_entry(r, &sim_regions, link)
		if (r->mm == range->mm && !r->task &&
		    r->start < range->end && range->start < r->end)
			sim_region_lost(r, range);
	rcu_read_unlock();
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

/* ---------------------------------------------------------- at any time */

#define SIM_COMPARE_PAGES	512u
#define SIM_COMPARE_TRIES	16

/* One look at a part of a region: what the guest reaches, what the process has. */
struct sim_compare {
	struct mmu_interval_notifier mni;
	struct sim_region region;	/* as it was; holds the mm */
	struct mshv_sim_check *result;
	u64 gfn, pages;
	u64 reached[SIM_COMPARE_PAGES];	/* pfn + 1, 0: nothing */
	bool writable[SIM_COMPARE_PAGES];
	unsigned long owned[SIM_COMPARE_PAGES];	/* enum hmm_pfn_flags */
};

static bool sim_compare_invalidate(struct mmu_interval_notifier *mni,
				   const struct mmu_notifier_range *range, unsigned long seq)
{
	mmu_interval_set_seq(mni, seq);
	return true;
}

static const struct mmu_interval_notifier_ops sim_compare_ops = {
	.invalidate = sim_compare_invalidate,
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
 * The page tables as they are, no fault; -EBUSY: they are being changed.
 *
 * munmap() takes the mapping away, lets others read mmap, and only then begins the
 * invalidation: a reader can't tell that from memory the driver has forgotten.  With
 * @alone nobody is between the two.
 */
static int sim_compare_owned(struct sim_compare *c, unsigned long seq, bool alone)
{
	struct mm_struct *mm = c->region.mm;
	struct hmm_range range = {
		.notifier = &c->mni,
		.notifier_seq = seq,
		.start = c->region.start + ((c->gfn - c->region.gfn) << PAGE_SHIFT),
		.hmm_pfns = c->owned,
	};
	int err;

	range.end = range.start + (c->pages << PAGE_SHIFT);
	memset(c->owned, 0, sizeof(c->owned));
	if (alone)
		mmap_write_lock(mm);
	else
		mmap_read_lock(mm);
	err = hmm_range_fault(&range);
	if (alone)
		mmap_write_unlock(mm);
	else
		mmap_read_unlock(mm);
	if (mmu_interval_read_retry(&c->mni, seq))
		return -EBUSY;
	return err;
}

static bool sim_compare_current(const struct sim_region *old)
{
	struct sim_region *r;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry(r, &sim_regions, link)
		found |= r->mni == old->mni && sim_region_covers(r, old->partition, old->gfn);
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
	return found;
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

/*
 * What the guest reached before we looked, and what has not been invalidated
 * until afterwards, was there in between.
 */
static void sim_compare_part(struct sim_compare *c)
{
	bool alone = false;
	unsigned long seq;
	int tries, err;

	for (tries = 0; tries < SIM_COMPARE_TRIES; tries++) {
		seq = mmu_interval_read_begin(&c->mni);
		if (!sim_compare_reached(c))
			return;
		err = sim_compare_owned(c, seq, alone);
		if (err == -EBUSY)
			continue;
		if (!err && !alone && sim_compare_hole(c)) {
			alone = true;
			continue;
		}
		if (!err && sim_compare_current(&c->region))
			sim_compare_judge(c);
		return;
	}
}

static void sim_compare_region(struct sim_compare *c)
{
	const struct sim_region *r = &c->region;
	u64 end = r->gfn + ((r->end - r->start) >> PAGE_SHIFT);
	int err;

	/* Without users it is being taken apart: nothing can be looked at. */
	if (!mmget_not_zero(r->mm))
		return;
	err = mmu_interval_notifier_insert(&c->mni, r->mm, r->start, r->end - r->start,
					   &sim_compare_ops);
	/*
	 * A user for no longer: if the process ends meanwhile, it is the last user who
	 * takes its memory apart, best before its files are closed (F67 of
	 * docs/driver-findings.md).  Under mmap_lock there is something to look at, or
	 * there are no mappings.
	 */
	mmput(r->mm);
	if (err)
		return;
	for (c->gfn = r->gfn; c->gfn < end; c->gfn += c->pages) {
		c->pages = min_t(u64, SIM_COMPARE_PAGES, end - c->gfn);
		sim_compare_part(c);
		cond_resched();
	}
	mmu_interval_notifier_remove(&c->mni);
}

/*
 * How many regions there are of the partition, or of all.  The first @room of them
 * are copied; their mms are held then.
 */
static u32 sim_regions_copy(u64 partition, struct sim_region *to, u32 room)
{
	struct sim_region *r;
	unsigned long flags;
	u32 n = 0;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry(r, &sim_regions, link) {
		if (r->task || (partition && partition != r->partition))
			continue;
		if (n < room) {
			mmgrab(r->mm);
			to[n] = *r;
		}
		n++;
	}
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
	return n;
}

int sim_owner_check(struct mshv_sim_check *result)
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

static void sim_owner_audit(struct work_struct *work);
static DECLARE_DELAYED_WORK(sim_owner_work, sim_owner_audit);
static u64 sim_owner_audited;

static void sim_owner_rearm(void)
{
	if (owner_watch && audit_ms)
		queue_delayed_work(system_dfl_wq, &sim_owner_work, msecs_to_jiffies(audit_ms));
}

static void sim_owner_audit(struct work_struct *work)
{
	struct mshv_sim_check result = { .partition = MSHV_SIM_ANY_PARTITION };

	sim_owner_check(&result);
	WRITE_ONCE(sim_owner_audited, sim_owner_audited + result.compared);
	sim_owner_rearm();
}

u64 sim_owner_pages_audited(void)
{
	return READ_ONCE(sim_owner_audited);
}

/* ------------------------------------------------------------------ hooks */

static const char * const sim_hooks[] = {
	"mmu_interval_notifier_insert",
	"mmu_interval_notifier_remove",
	"__mmu_notifier_invalidate_range_end",	/* not exported */
};

/* The call of ftrace may stand behind an ENDBR. */
static bool notrace sim_entered(unsigned long ip, const void *function)
{
	return ip - (unsigned long)function < 16;
}

static void notrace sim_owner_hook(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (sim_entered(ip, mmu_interval_notifier_insert))
		sim_owner_insert(fregs);
	else if (sim_entered(ip, mmu_interval_notifier_remove))
		sim_owner_remove(fregs);
	else
		sim_owner_invalidated(fregs);
}

/* One for all: to take one away costs a grace period of RCU tasks, 0.1 s or more. */
static struct ftrace_ops sim_owner_ops = {
	.func = sim_owner_hook,
	.flags = FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_ARGS,
};

static bool sim_owner_hooked;

void sim_owner_detach(void)
{
	cancel_delayed_work_sync(&sim_owner_work);
	if (sim_owner_hooked)
		unregister_ftrace_function(&sim_owner_ops);
	sim_owner_hooked = false;
	ftrace_free_filter(&sim_owner_ops);
}

int sim_owner_attach(void)
{
	int i, err = 0;

	for (i = 0; i < SIM_REGIONS; i++)
		list_add(&sim_region_pool[i].link, &sim_regions_free);
	for (i = 0; owner_watch && !err && i < ARRAY_SIZE(sim_hooks); i++) {
		err = ftrace_set_filter(&sim_owner_ops, (unsigned char *)sim_hooks[i],
					strlen(sim_hooks[i]), 0);
		if (err)
			pr_err("cannot watch %s: %d\n", sim_hooks[i], err);
	}
	if (owner_watch && !err) {
		err = register_ftrace_function(&sim_owner_ops);
		sim_owner_hooked = !err;
		if (err)
			pr_err("cannot watch memory: %d\n", err);
	}
	if (err)
		sim_owner_detach();
	else
		sim_owner_rearm();
	return err;
}
