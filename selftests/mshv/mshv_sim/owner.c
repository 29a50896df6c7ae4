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
 *   writable only if it is writable there (compare.c).
 *
 * Nothing is changed in the kernel: ftrace calls us on entry of four functions.  Nor
 * is anything changed for the process: who holds its memory, or watches it as the
 * driver does, moves the moment at which it is taken apart (F67 of
 * docs/driver-findings.md).
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "control.h"
#include "owner.h"

static bool owner_watch = true;
module_param_named(owner, owner_watch, bool, 0444);
MODULE_PARM_DESC(owner, "Compare what guests reach with the page tables of the owner (default Y)");

/*
 * ftrace may call us wherever its function is called, and a test that lets
 * allocations fail must not hit ours: so they are all made beforehand.
 */
#define SIM_REGIONS		4096
#define SIM_INVALIDATIONS	64

static struct sim_region sim_region_pool[SIM_REGIONS];
static LIST_HEAD(sim_regions);
static LIST_HEAD(sim_regions_free);
static DEFINE_RAW_SPINLOCK(sim_regions_lock);
static atomic_t sim_regions_pending = ATOMIC_INIT(0);
static u64 sim_regions_missed;

/* An invalidation that has begun; whoever makes it keeps the range until it ends. */
struct sim_invalidation {
	const struct mmu_notifier_range *range;	/* NULL: unused */
	struct mm_struct *mm;
	unsigned long start, end;
};

static struct sim_invalidation sim_invalidations[SIM_INVALIDATIONS];

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
		r->invalidations = 0;
		r->blind = false;
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

u32 sim_regions_copy(u64 partition, struct sim_region *to, u32 room)
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

/* Under sim_regions_lock. */
static bool sim_region_invalidating(const struct sim_region *r)
{
	const struct sim_invalidation *inv;
	bool any = false;

	for (inv = sim_invalidations; inv < sim_invalidations + SIM_INVALIDATIONS; inv++)
		any |= inv->range && inv->mm == r->mm &&
		       inv->start < r->end && r->start < inv->end;
	return any;
}

int sim_region_steady(const struct sim_region *copy, u64 *invalidations)
{
	struct sim_region *r;
	unsigned long flags;
	int ret = -ENOENT;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	list_for_each_entry(r, &sim_regions, link) {
		if (r->mni != copy->mni || r->blind ||
		    !sim_region_covers(r, copy->partition, copy->gfn))
			continue;
		*invalidations = r->invalidations;
		ret = sim_region_invalidating(r) ? -EBUSY : 0;
		break;
	}
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
	return ret;
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

/* Under sim_regions_lock; NULL finds room for one more. */
static struct sim_invalidation *sim_invalidation_find(const struct mmu_notifier_range *range)
{
	struct sim_invalidation *inv;

	for (inv = sim_invalidations; inv < sim_invalidations + SIM_INVALIDATIONS; inv++)
		if (inv->range == range)
			return inv;
	return NULL;
}

/*
 * The end of one that mustn't wait is never heard of if somebody refuses it: memory
 * that it touches is not compared again.  (It is the OOM killer's.)
 */
static void notrace sim_owner_invalidating(struct ftrace_regs *fregs)
{
	const struct mmu_notifier_range *range = (void *)ftrace_regs_get_argument(fregs, 0);
	struct sim_invalidation *inv = NULL;
	struct sim_region *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	if (mmu_notifier_range_blockable(range))
		inv = sim_invalidation_find(range) ?: sim_invalidation_find(NULL);
	if (inv)
		*inv = (struct sim_invalidation) {
			.range = range, .mm = range->mm,
			.start = range->start, .end = range->end,
		};
	list_for_each_entry(r, &sim_regions, link)
		if (r->mm == range->mm && r->start < range->end && range->start < r->end) {
			r->invalidations++;
			if (!inv && !r->blind) {
				r->blind = true;
				sim_regions_missed++;
			}
		}
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

static void notrace sim_owner_invalidated(struct ftrace_regs *fregs)
{
	const struct mmu_notifier_range *range = (void *)ftrace_regs_get_argument(fregs, 0);
	struct sim_invalidation *inv;
	struct sim_region *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_regions_lock, flags);
	inv = sim_invalidation_find(range);
	if (inv)
		inv->range = NULL;
	rcu_read_lock();
	list_for_each_entry(r, &sim_regions, link)
		if (r->mm == range->mm && !r->task &&
		    r->start < range->end && range->start < r->end)
			sim_region_lost(r, range);
	rcu_read_unlock();
	raw_spin_unlock_irqrestore(&sim_regions_lock, flags);
}

/* ------------------------------------------------------------------ hooks */

/* The call of ftrace may stand behind an ENDBR. */
static bool notrace sim_entered(unsigned long ip, const void *function)
{
	return ip - (unsigned long)function < 16;
}

static void notrace sim_owner_begin_hook(unsigned long ip, unsigned long parent_ip,
					 struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	sim_owner_invalidating(fregs);
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

#define SIM_HOOK_OPS(function) {					\
	.func = function,						\
	.flags = FTRACE_OPS_FL_PERMANENT | FTRACE_OPS_FL_SAVE_ARGS,	\
}

/*
 * To take one away costs a grace period of RCU tasks, 0.1 s or more.  Two are needed,
 * as two of the functions are not exported: their addresses don't tell them apart.
 */
static struct sim_hooks {
	struct ftrace_ops ops;
	const char *names[3];
	bool active;
} sim_hooks[] = {
	{ SIM_HOOK_OPS(sim_owner_begin_hook), { "__mmu_notifier_invalidate_range_start" } },
	{ SIM_HOOK_OPS(sim_owner_hook),
	  { "mmu_interval_notifier_insert", "mmu_interval_notifier_remove",
	    "__mmu_notifier_invalidate_range_end" } },
};

static void sim_hooks_off(void)
{
	struct sim_hooks *h;

	for (h = sim_hooks; h < sim_hooks + ARRAY_SIZE(sim_hooks); h++) {
		if (h->active)
			unregister_ftrace_function(&h->ops);
		h->active = false;
		ftrace_free_filter(&h->ops);
	}
}

static int sim_hooks_on(struct sim_hooks *h)
{
	int i, err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(h->names) && h->names[i]; i++) {
		err = ftrace_set_filter(&h->ops, (unsigned char *)h->names[i],
					strlen(h->names[i]), 0);
		if (err)
			pr_err("cannot watch %s: %d\n", h->names[i], err);
	}
	if (err)
		return err;
	err = register_ftrace_function(&h->ops);
	h->active = !err;
	if (err)
		pr_err("cannot watch memory: %d\n", err);
	return err;
}

void sim_owner_detach(void)
{
	sim_audit_stop();
	sim_hooks_off();
}

int sim_owner_attach(void)
{
	int i, err = 0;

	for (i = 0; i < SIM_REGIONS; i++)
		list_add(&sim_region_pool[i].link, &sim_regions_free);
	for (i = 0; owner_watch && !err && i < ARRAY_SIZE(sim_hooks); i++)
		err = sim_hooks_on(&sim_hooks[i]);
	if (err)
		sim_owner_detach();
	else if (owner_watch)
		sim_audit_start();
	return err;
}
