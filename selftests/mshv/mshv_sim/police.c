// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policing of the driver: a log of broken rules of the contract, checks that can
 * be made at any time or when the driver reaches a point of a partition's life,
 * and the ledger of what it has given and not taken back.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "control.h"

#define SIM_LOG		512
#define SIM_LOG_SHOWN	16

static struct mshv_sim_violation sim_log[SIM_LOG];
static DECLARE_BITMAP(sim_log_forgiven, SIM_LOG);
static u64 sim_log_end;			/* sequence number of the next entry */
static u64 sim_log_open;		/* how many nobody has forgiven */
static DEFINE_RAW_SPINLOCK(sim_log_lock);

void sim_violation(const char *fmt, ...)
{
	struct mshv_sim_violation *v;
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&sim_log_lock, flags);
	v = &sim_log[sim_log_end % SIM_LOG];
	memset(v, 0, sizeof(*v));
	__clear_bit(sim_log_end % SIM_LOG, sim_log_forgiven);
	sim_log_open++;
	v->seq = sim_log_end++;
	v->time_ns = ktime_get_mono_fast_ns();
	v->cpu = raw_smp_processor_id();
	v->pid = current->pid;
	va_start(args, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, args);
	va_end(args);
	pr_warn_ratelimited("violation: %s\n", v->text);
	raw_spin_unlock_irqrestore(&sim_log_lock, flags);
}

u64 sim_violations_end(void)
{
	unsigned long flags;
	u64 end;

	raw_spin_lock_irqsave(&sim_log_lock, flags);
	end = sim_log_end;
	raw_spin_unlock_irqrestore(&sim_log_lock, flags);
	return end;
}

/* The entry with number *seq, or the oldest after it that is still there. */
static bool sim_log_get(u64 *seq, struct mshv_sim_violation *v, bool forgive)
{
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&sim_log_lock, flags);
	if (sim_log_end > SIM_LOG && *seq < sim_log_end - SIM_LOG)
		*seq = sim_log_end - SIM_LOG;
	any = *seq < sim_log_end;
	if (any) {
		*v = sim_log[*seq % SIM_LOG];
		/* Once, whoever else does. */
		if (forgive && !__test_and_set_bit(*seq % SIM_LOG, sim_log_forgiven))
			sim_log_open--;
	}
	raw_spin_unlock_irqrestore(&sim_log_lock, flags);
	return any;
}

void sim_violations_show(struct seq_file *m)
{
	struct mshv_sim_violation v;
	u64 seq, end, open;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_log_lock, flags);
	end = sim_log_end;
	open = sim_log_open;
	raw_spin_unlock_irqrestore(&sim_log_lock, flags);

	seq_printf(m, "%llu\n", open);
	for (seq = end > SIM_LOG_SHOWN ? end - SIM_LOG_SHOWN : 0;
	     seq < end && sim_log_get(&seq, &v, false); seq++)
		seq_printf(m, "%s\n", v.text);
}

long sim_police_violations(struct sim_file *file, void *arg)
{
	struct mshv_sim_violations *a = arg;
	bool skip = a->flags & MSHV_SIM_VIOLATIONS_SKIP;
	struct mshv_sim_violation __user *to = u64_to_user_ptr(a->entries);
	u64 seq = file->violations_seen, start = seq;
	struct mshv_sim_violation v;
	u32 n = 0, room = skip ? U32_MAX : a->count;

	if (a->flags & ~(MSHV_SIM_VIOLATIONS_SKIP | MSHV_SIM_VIOLATIONS_FORGIVE))
		return -EINVAL;
	if (skip && (a->entries || a->count))
		return -EINVAL;
	sim_compare_settle();
	a->lost = 0;
	while (n < room && sim_log_get(&seq, &v, a->flags & MSHV_SIM_VIOLATIONS_FORGIVE)) {
		a->lost += seq - start;
		start = ++seq;
		file->violations_seen = seq;
		if (!skip && copy_to_user(to + n, &v, sizeof(v)))
			return -EFAULT;
		n++;
	}
	a->count = n;
	a->left = min(sim_violations_end() - seq, (u64)SIM_LOG);
	return 0;
}

/* ----------------------------------------------------------------- checks */

static bool sim_police_blames(const struct sim_partition *pt)
{
	/* A call that a test made fail excuses what follows. */
	return !READ_ONCE(pt->faulted);
}

/* Pages behind GPA mappings that nobody holds, or that were deposited. */
static u64 sim_police_leaf(struct sim_partition *pt, u64 gfn, const struct sim_gpa_leaf *leaf,
			   u64 pages)
{
	u64 i, found = 0;

	for (i = 0; i < pages; i++) {
		struct page *page = pfn_valid(leaf->pfn + i) ? pfn_to_page(leaf->pfn + i) : NULL;

		/* No struct page: memory of a device. */
		if (!page)
			continue;
		if (!page_count(page)) {
			sim_violation("partition %llu: gfn %#llx leads to free pfn %#llx",
				      pt->id, gfn + i, leaf->pfn + i);
			found++;
		} else if (sim_mem_is_deposited(page)) {
			sim_violation("partition %llu: gfn %#llx leads to deposited pfn %#llx",
				      pt->id, gfn + i, leaf->pfn + i);
			found++;
		}
	}
	return found;
}

static u64 sim_police_map(struct sim_partition *pt, u64 *total)
{
	u64 gfn = 0, pages, seen = 0, found = 0;
	struct sim_gpa_leaf leaf;

	while (sim_gpa_next(pt, &gfn, U64_MAX, &leaf, &pages)) {
		found += sim_police_leaf(pt, gfn, &leaf, pages);
		seen += pages;
		gfn += pages;
	}
	*total += seen;
	return found;
}

/* Is the page at gfn the guest's for as long as it is mapped? */
static bool sim_police_held(struct sim_partition *pt, u64 gfn, u64 pfn)
{
	struct sim_gpa_leaf again;

	if (!pfn_valid(pfn) || folio_maybe_dma_pinned(page_folio(pfn_to_page(pfn))) ||
	    sim_owner_watches(pt, gfn))
		return true;
	/* Was it just being unmapped? */
	again = sim_gpa_lookup(pt, gfn);
	return !again.overlay && (again.state != SIM_GPA_MAPPED || again.pfn != pfn);
}

/* The first page of each mapping stands for all of it. */
static u64 sim_police_holds(struct sim_partition *pt)
{
	u64 gfn = 0, pages, found = 0;
	struct sim_gpa_leaf leaf;

	while (sim_owner_attached() && sim_gpa_next(pt, &gfn, U64_MAX, &leaf, &pages)) {
		if (!leaf.device && !sim_police_held(pt, gfn, leaf.pfn)) {
			sim_violation("partition %llu: gfn %#llx, pfn %#llx: not pinned or watched",
				      pt->id, gfn, leaf.pfn);
			found++;
		}
		gfn += pages;
	}
	return found;
}

static void sim_police_check_one(struct sim_partition *pt, void *arg)
{
	struct mshv_sim_check *a = arg;

	if (a->partition == MSHV_SIM_ANY_PARTITION || a->partition == pt->id)
		a->found += sim_police_map(pt, &a->pages) + sim_police_holds(pt);
}

long sim_police_check(struct sim_file *file, void *arg)
{
	struct mshv_sim_check *a = arg;

	if (a->reserved)
		return -EINVAL;
	a->pages = 0;
	a->found = 0;
	a->compared = 0;
	sim_partitions_for_each(sim_police_check_one, a);
	return sim_compare(a);
}

/* What is mapped is unmapped once: the balance of both. */
void sim_police_unmap(struct sim_partition *pt, u64 gfn, u64 pages)
{
	if (sim_police_blames(pt))
		sim_violation("partition %llu: gfn %#llx unmapped with %llu pages not mapped",
			      pt->id, gfn, pages);
}

/*
 * The driver takes a partition apart in this order: no VP can be dispatched,
 * then FINALIZE, then its memory is unmapped, then the deposit is withdrawn.  One
 * that was never initialized has no VPs and is not finalized.
 * See destroy_partition() in drivers/hv/mshv_root_main.c.
 */
void sim_police_finalize(struct sim_partition *pt)
{
	struct sim_vp *vp;
	u64 pages = 0;

	if (!sim_police_blames(pt))
		return;
	sim_police_map(pt, &pages);
	if (pt->nr_state_pages)
		sim_violation("partition %llu finalized with %u VP state pages mapped",
			      pt->id, pt->nr_state_pages);
	if (!sim_root_scheduler())
		return;
	sim_for_each_vp(pt, vp)
		if (!READ_ONCE(vp->dispatch_suspend))
			sim_violation("partition %llu finalized while VP %u can be dispatched",
				      pt->id, vp->index);
}

void sim_police_withdraw(struct sim_partition *pt)
{
	u64 pages = 0;

	if (pt == sim_root || !sim_police_blames(pt))
		return;
	if (pt->state == SIM_ACTIVE) {
		sim_violation("memory of partition %llu withdrawn while it is active", pt->id);
		return;
	}
	/*
	 * Only what the guest could reach: the driver never unmaps pages that it
	 * mapped without access (mshv_region_unmap() skips them).
	 */
	sim_police_map(pt, &pages);
	if (pages)
		sim_violation("memory of partition %llu withdrawn with %llu pages mapped",
			      pt->id, pages);
}

void sim_police_delete(struct sim_partition *pt)
{
	u64 pages = 0;

	if (!sim_police_blames(pt))
		return;
	if (!(pt->state & (SIM_UNINIT | SIM_FINALIZED))) {
		sim_violation("partition %llu deleted while it is active", pt->id);
		return;
	}
	/* WITHDRAW_MEMORY has looked as well, but not if there is nothing to withdraw. */
	sim_police_map(pt, &pages);
	if (pages)
		sim_violation("partition %llu deleted with %llu pages mapped", pt->id, pages);
	if (pt->mem.nr_free)
		sim_violation("partition %llu deleted before %u pages were withdrawn", pt->id,
			      pt->mem.nr_free);
}

/* ----------------------------------------------------------------- ledger */

static void sim_ledger_add(struct sim_partition *pt, void *arg)
{
	struct mshv_sim_ledger *l = arg;

	if (l->partition != MSHV_SIM_ANY_PARTITION && l->partition != pt->id)
		return;
	l->partitions++;
	l->vps += pt->nr_vps;
	l->deposited_pages += pt->mem.nr_free + pt->mem.nr_used;
	l->used_pages += pt->mem.nr_used;
	l->gpa_mappings += pt->gpa.nr_mapped;
	l->state_pages += pt->nr_state_pages;
	l->newest_partition = max(l->newest_partition, pt->id);
}

/*
 * Of children only: what the driver maps and deposits for the root itself stays
 * for as long as it is loaded.
 */
void sim_ledger_read(u64 partition, struct mshv_sim_ledger *l)
{
	*l = (struct mshv_sim_ledger) { .size = l->size, .partition = partition };
	sim_partitions_for_each(sim_ledger_add, l);
	l->stats_pages = sim_stats_nr_children();
	l->ports = sim_ports_count();
}

long sim_police_ledger(struct sim_file *file, void *arg)
{
	struct mshv_sim_ledger *l = arg;

	if (l->reserved)
		return -EINVAL;
	sim_ledger_read(l->partition, l);
	return 0;
}
