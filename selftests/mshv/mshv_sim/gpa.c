// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest physical address map of a partition.
 *
 * The map *is* the nested page table (AMD APM vol. 2, 15.25): a leaf's software
 * bits hold what hardware has no place for, so there is nothing to keep in
 * step.  A page mapped without access is a leaf that is not present for the
 * hardware but carries LEAF_MAPPED: touching it is a GPA intercept, touching
 * anything else is an unmapped GPA.
 *
 * Nested paging walks with the paging mode of the host (APM 15.25.3), hence
 * five levels if this kernel runs with CR4.LA57.
 *
 * Tables are pages of the partition's deposit.  All of this runs with
 * interrupts off, inside hypercalls.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "control.h"
#include "gpa.h"

static int npt_levels(void)
{
	return pgtable_l5_enabled() ? 5 : 4;
}

static u64 *npt_table(u64 entry)
{
	return __va(entry & NPT_ADDR);
}

static u64 *npt_slot(u64 *table, u64 gfn, int level)
{
	return &table[(gfn >> (9 * (level - 1))) & 511];
}

static bool npt_is_table(u64 entry, int level)
{
	return level > 1 && (entry & NPT_PRESENT) && !(entry & LEAF_MAPPED);
}

void sim_gpa_init(struct sim_gpa *g)
{
	raw_spin_lock_init(&g->lock);
	INIT_LIST_HEAD(&g->overlays);
	atomic64_set(&g->gen, 1);
}

/* ------------------------------------------------------------- the table */

u64 sim_npt_leaf(u64 pfn, u32 flags, bool large)
{
	u64 leaf = LEAF_MAPPED | (large ? NPT_LARGE : 0);
	u64 rights = flags & HV_MAP_GPA_PERMISSIONS_MASK;

	if (flags & HV_MAP_GPA_ADJUSTABLE)
		leaf |= LEAF_ADJUSTABLE;
	if ((flags & HV_MAP_GPA_NO_ACCESS) || !rights)
		return leaf;

	leaf |= rights << LEAF_RIGHTS_SHIFT | pfn << PAGE_SHIFT | NPT_PRESENT | NPT_USER;
	if (flags & HV_MAP_GPA_WRITABLE)
		leaf |= NPT_WRITE;
	/* Hardware knows one kind of execution only: either right gives it. */
	if (!(flags & HV_MAP_GPA_EXECUTABLE))
		leaf |= NPT_NX;
	if (flags & HV_MAP_GPA_NOT_CACHED)
		leaf |= NPT_NOT_CACHED;
	return leaf;
}

static bool leaf_reduces(u64 old, u64 new)
{
	if (!(old & NPT_PRESENT))
		return false;
	return !(new & NPT_PRESENT) || (old & NPT_ADDR) != (new & NPT_ADDR) ||
	       ((old & NPT_WRITE) && !(new & NPT_WRITE)) ||
	       (!(old & NPT_NX) && (new & NPT_NX));
}

/* Replace a 2M leaf by a table of 4K leaves that say the same. */
static bool npt_split(struct sim_partition *pt, u64 *slot)
{
	u64 *table = sim_mem_take(&pt->mem), old;
	int i;

	if (!table)
		return false;
	/*
	 * Off first, so that the guest can't set a dirty bit that is lost; it
	 * faults meanwhile, finds the page mapped, and tries again.
	 */
	old = xchg(slot, *slot & LEAF_MAPPED);
	sim_gpa_flush(pt);
	for (i = 0; i < LARGE_PAGES; i++) {
		table[i] = old & ~NPT_LARGE;
		if (old & NPT_PRESENT)
			table[i] += (u64)i << PAGE_SHIFT;
	}
	WRITE_ONCE(*slot, __pa(table) | NPT_PRESENT | NPT_WRITE | NPT_USER);
	return true;
}

/* VPs look again at their next entry; where one may run, there is a root for good. */
static void npt_set_root(struct sim_gpa *g, u64 *table)
{
	WRITE_ONCE(g->root, table);
	atomic64_inc(&g->gen);
}

u64 *sim_npt_walk(struct sim_partition *pt, u64 gfn, int level, bool build)
{
	struct sim_gpa *g = &pt->gpa;
	int l = npt_levels();
	u64 *table, *slot;

	if (!g->root) {
		if (!build)
			return NULL;
		table = sim_mem_take(&pt->mem);
		if (!table)
			return NULL;
		npt_set_root(g, table);
	}
	for (table = g->root; l > level; l--) {
		slot = npt_slot(table, gfn, l);
		if (!npt_is_table(*slot, l)) {
			if (!build)
				return NULL;
			if (*slot & LEAF_MAPPED) {
				if (!npt_split(pt, slot))
					return NULL;
			} else {
				u64 *next = sim_mem_take(&pt->mem);

				if (!next)
					return NULL;
				WRITE_ONCE(*slot, __pa(next) | NPT_PRESENT | NPT_WRITE |
					   NPT_USER);
			}
		}
		table = npt_table(*slot);
	}
	return npt_slot(table, gfn, level);
}

/* What stands for gfn: a slot at level 1, or at level 2 for a 2M leaf. */
static u64 *npt_find(struct sim_partition *pt, u64 gfn, int *level)
{
	u64 *table = pt->gpa.root, *slot;
	int l;

	if (!table || gfn >> GFN_BITS)
		return NULL;
	for (l = npt_levels(); ; l--) {
		slot = npt_slot(table, gfn, l);
		if (!npt_is_table(*slot, l))
			break;
		table = npt_table(*slot);
	}
	*level = l;
	return *slot & LEAF_MAPPED ? slot : NULL;
}

static u64 leaf_pages(int level)
{
	return level == 2 ? LARGE_PAGES : 1;
}

/* Give back the tables below an entry; counts what they mapped. */
static u64 npt_free_below(struct sim_partition *pt, u64 entry, int level)
{
	u64 *table, mapped = 0;
	int i;

	if (entry & LEAF_MAPPED)
		return leaf_pages(level);
	if (!npt_is_table(entry, level))
		return 0;
	table = npt_table(entry);
	for (i = 0; i < 512; i++)
		mapped += npt_free_below(pt, table[i], level - 1);
	sim_mem_give(&pt->mem, table);
	return mapped;
}

/* Give back tables that map nothing; true if the entry itself maps nothing. */
static bool npt_prune_below(struct sim_partition *pt, u64 *slot, int level)
{
	bool empty = true;
	u64 *table;
	int i;

	if (!npt_is_table(*slot, level))
		return !(*slot & LEAF_MAPPED);
	table = npt_table(*slot);
	for (i = 0; i < 512; i++)
		if (!npt_prune_below(pt, &table[i], level - 1))
			empty = false;
	if (empty) {
		WRITE_ONCE(*slot, 0);
		sim_mem_give(&pt->mem, table);
	}
	return empty;
}

static u64 npt_root_entry(struct sim_gpa *g)
{
	return __pa(g->root) | NPT_PRESENT;
}

void sim_gpa_prune(struct sim_partition *pt)
{
	struct sim_gpa *g = &pt->gpa;
	unsigned long flags;
	u64 entry;

	/* A VP could be walking the tables: only where none can run. */
	if (pt == sim_root || pt->state == SIM_ACTIVE)
		return;
	raw_spin_lock_irqsave(&g->lock, flags);
	if (g->root) {
		entry = npt_root_entry(g);
		if (npt_prune_below(pt, &entry, npt_levels() + 1))
			npt_set_root(g, NULL);
	}
	raw_spin_unlock_irqrestore(&g->lock, flags);
}

void sim_gpa_destroy(struct sim_partition *pt)
{
	struct sim_gpa *g = &pt->gpa;
	unsigned long flags;

	raw_spin_lock_irqsave(&g->lock, flags);
	if (g->root) {
		g->nr_mapped -= npt_free_below(pt, npt_root_entry(g), npt_levels() + 1);
		npt_set_root(g, NULL);
	}
	raw_spin_unlock_irqrestore(&g->lock, flags);
}

/* --------------------------------------------------- reading through it */

static struct sim_gpa_leaf leaf_read(u64 entry, u64 gfn, int level)
{
	struct sim_gpa_leaf res = {
		.state = SIM_GPA_NO_ACCESS,
		.flags = entry >> LEAF_RIGHTS_SHIFT & HV_MAP_GPA_PERMISSIONS_MASK,
		.overlay = entry & LEAF_OVERLAY,
		.device = entry & NPT_NOT_CACHED,
	};

	if (entry & NPT_PRESENT) {
		res.state = SIM_GPA_MAPPED;
		res.pfn = (entry & NPT_ADDR) >> PAGE_SHIFT;
		if (level == 2)
			res.pfn += gfn & (LARGE_PAGES - 1);
	}
	return res;
}

struct sim_gpa_leaf sim_gpa_lookup(struct sim_partition *pt, u64 gfn)
{
	struct sim_gpa_leaf res = { .state = SIM_GPA_UNMAPPED };
	unsigned long flags;
	u64 *slot;
	int level;

	raw_spin_lock_irqsave(&pt->gpa.lock, flags);
	slot = npt_find(pt, gfn, &level);
	if (slot)
		res = leaf_read(*slot, gfn, level);
	raw_spin_unlock_irqrestore(&pt->gpa.lock, flags);
	return res;
}

/*
 * The first entry at or behind *gfn that the guest can reach something through;
 * NULL: there is none before *gfn then.  Looks at a few tables at a time only.
 */
static u64 *npt_next(struct sim_gpa *g, u64 *gfn, u64 end, int *level)
{
	u64 *table, *slot, stop = min(end, *gfn + 4 * LARGE_PAGES);
	int l;

	while (*gfn < stop) {
		table = g->root;
		for (l = npt_levels(); ; l--) {
			slot = npt_slot(table, *gfn, l);
			if (!npt_is_table(*slot, l))
				break;
			table = npt_table(*slot);
		}
		if (*sim_overlay_below(g, *gfn, slot) & NPT_PRESENT) {
			*level = l;
			return slot;
		}
		/* Nothing below this entry: on to what the next one covers. */
		*gfn = (*gfn | (BIT_ULL(9 * (l - 1)) - 1)) + 1;
	}
	return NULL;
}

bool sim_gpa_next(struct sim_partition *pt, u64 *gfn, u64 end, struct sim_gpa_leaf *leaf,
		  u64 *pages)
{
	struct sim_gpa *g = &pt->gpa;
	unsigned long flags;
	u64 *slot = NULL;
	int level;

	end = min(end, BIT_ULL(GFN_BITS));
	while (!slot && *gfn < end) {
		raw_spin_lock_irqsave(&g->lock, flags);
		if (g->root)
			slot = npt_next(g, gfn, end, &level);
		else
			*gfn = end;
		if (slot) {
			*leaf = leaf_read(*sim_overlay_below(g, *gfn, slot), *gfn, level);
			*pages = leaf_pages(level) - (*gfn & (leaf_pages(level) - 1));
		}
		raw_spin_unlock_irqrestore(&g->lock, flags);
	}
	return slot;
}

/*
 * The lock is held across the copy: once a mapping is revoked, the page may
 * belong to somebody else.
 */
static bool sim_gpa_copy(struct sim_partition *pt, u64 gpa, void *buf, u32 len, bool write)
{
	unsigned long flags;
	bool ok = true;

	raw_spin_lock_irqsave(&pt->gpa.lock, flags);
	while (len && ok) {
		u32 in_page = gpa & (HV_HYP_PAGE_SIZE - 1);
		u32 n = min_t(u32, len, HV_HYP_PAGE_SIZE - in_page);
		u64 need = NPT_PRESENT | (write ? NPT_WRITE : 0);
		int level;
		u64 *slot = npt_find(pt, gpa >> PAGE_SHIFT, &level);
		u64 pfn;

		ok = slot && (*slot & need) == need;
		if (!ok)
			break;
		pfn = (*slot & NPT_ADDR) >> PAGE_SHIFT;
		if (level == 2)
			pfn += gpa >> PAGE_SHIFT & (LARGE_PAGES - 1);
		ok = pfn_valid(pfn) && !(*slot & NPT_NOT_CACHED);
		if (!ok)
			break;
		if (write) {
			memcpy(pfn_to_kaddr(pfn) + in_page, buf, n);
			atomic64_or(NPT_ACCESSED | NPT_DIRTY, (atomic64_t *)slot);
		} else {
			memcpy(buf, pfn_to_kaddr(pfn) + in_page, n);
			atomic64_or(NPT_ACCESSED, (atomic64_t *)slot);
		}
		buf += n;
		gpa += n;
		len -= n;
	}
	raw_spin_unlock_irqrestore(&pt->gpa.lock, flags);
	return ok;
}

bool sim_gpa_read(struct sim_partition *pt, u64 gpa, void *buf, u32 len)
{
	return sim_gpa_copy(pt, gpa, buf, len, false);
}

bool sim_gpa_write(struct sim_partition *pt, u64 gpa, const void *buf, u32 len)
{
	return sim_gpa_copy(pt, gpa, (void *)buf, len, true);
}

/*
 * A VP says "in the guest" before it looks at the generation; we raise the
 * generation before we look at who is in the guest.  So each VP either sees
 * the new generation and flushes, or is seen here and made to leave.  Leaving
 * takes none of our locks and no interrupt of this CPU, so we may spin.
 */
void sim_gpa_flush(struct sim_partition *pt)
{
	struct sim_vp *vp;
	u64 gen;

	gen = atomic64_inc_return(&pt->gpa.gen);	/* a full barrier, too */
	sim_for_each_vp(pt, vp) {
		/* Pairs with the release at the end of a run, here and below. */
		if (!smp_load_acquire(&vp->in_guest))
			continue;
		sim_engine->kick(vp);
		while (READ_ONCE(vp->gpa_gen_seen) < gen) {
			/* What the guest did comes before our return. */
			if (!smp_load_acquire(&vp->in_guest))
				break;
			cpu_relax();
		}
	}
}

/* ------------------------------------------------------------ hypercalls */

#define SIM_MAP_FLAGS	(HV_MAP_GPA_PERMISSIONS_MASK | HV_MAP_GPA_ADJUSTABLE |	\
			 HV_MAP_GPA_NO_ACCESS | HV_MAP_GPA_NOT_CACHED |		\
			 HV_MAP_GPA_LARGE_PAGE)

static u64 sim_map_one(struct sim_call *c, u64 gfn, u64 pfn, u32 flags, bool large)
{
	struct sim_gpa *g = &c->pt->gpa;
	u64 leaf = sim_npt_leaf(pfn, flags, large), old, replaced = 0;
	int level = large ? 2 : 1;
	u64 *slot, i, status;

	/* A page of ours stays where it is, so it takes 4K pages around it. */
	if (large && sim_overlay_within(g, gfn, LARGE_PAGES)) {
		for (i = 0; i < LARGE_PAGES; i++) {
			status = sim_map_one(c, gfn + i, pfn ? pfn + i : 0, flags, false);
			if (status != HV_STATUS_SUCCESS)
				return status;
		}
		return HV_STATUS_SUCCESS;
	}
	slot = sim_npt_walk(c->pt, gfn, level, true);
	if (!slot)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	slot = sim_overlay_below(g, gfn, slot);
	old = *slot;
	if (npt_is_table(old, level)) {
		/* A 2M leaf takes the place of a table: revoke it first. */
		WRITE_ONCE(*slot, 0);
		sim_gpa_flush(c->pt);
		replaced = npt_free_below(c->pt, old, level);
	} else if (old & LEAF_MAPPED) {
		replaced = leaf_pages(level);
	}
	if (leaf_reduces(old, leaf))
		c->flush = c->pt;
	old = xchg(slot, leaf);
	/* Memory that stays mapped stays dirty: nobody has read the bits yet. */
	if ((old & NPT_ADDR) == (leaf & NPT_ADDR) && (leaf & NPT_PRESENT))
		atomic64_or(old & (NPT_ACCESSED | NPT_DIRTY), (atomic64_t *)slot);
	g->nr_mapped += leaf_pages(level) - replaced;
	return HV_STATUS_SUCCESS;
}

u64 sim_hc_map_gpa(struct sim_call *c, u32 i)
{
	struct hv_input_map_gpa_pages *in = c->in;
	bool large = in->map_flags & HV_MAP_GPA_LARGE_PAGE;
	u64 gfn = in->target_gpa_base + (u64)i * (large ? LARGE_PAGES : 1);
	u64 pfn = in->source_gpa_page_list[i];
	unsigned long irq;
	u64 status;

	if (in->map_flags & ~SIM_MAP_FLAGS)
		return HV_STATUS_INVALID_PARAMETER;
	if (gfn >> GFN_BITS || (large && !IS_ALIGNED(gfn, LARGE_PAGES)))
		return HV_STATUS_INVALID_PARAMETER;
	if (in->map_flags & HV_MAP_GPA_NO_ACCESS) {
		pfn = 0;
	} else {
		/* x86 can't map write-only or execute-only memory. */
		if ((in->map_flags & HV_MAP_GPA_PERMISSIONS_MASK) &&
		    !(in->map_flags & HV_MAP_GPA_READABLE))
			return HV_STATUS_INVALID_PARAMETER;
		if (large && !IS_ALIGNED(pfn, LARGE_PAGES))
			return HV_STATUS_INVALID_PARAMETER;
		if (pfn >> (boot_cpu_data.x86_phys_bits - PAGE_SHIFT))
			return HV_STATUS_INVALID_PARAMETER;
		if (!(in->map_flags & HV_MAP_GPA_NOT_CACHED)) {
			if (!pfn_valid(pfn))
				return HV_STATUS_INVALID_PARAMETER;
			if (!page_count(pfn_to_page(pfn))) {
				sim_violation("partition %llu: gfn %#llx mapped to free pfn %#llx",
					      c->pt->id, gfn, pfn);
				return HV_STATUS_INVALID_PARAMETER;
			}
		}
	}

	if (!i)
		sim_owner_mapping(c->pt, gfn, pfn);
	raw_spin_lock_irqsave(&c->pt->gpa.lock, irq);
	status = sim_map_one(c, gfn, pfn, in->map_flags, large);
	raw_spin_unlock_irqrestore(&c->pt->gpa.lock, irq);
	return status;
}

static u64 sim_unmap_one(struct sim_call *c, u64 gfn, bool large)
{
	struct sim_gpa *g = &c->pt->gpa;
	int level = large ? 2 : 1, found;
	u64 *slot, old, i;

	if (large && sim_overlay_within(g, gfn, LARGE_PAGES)) {
		for (i = 0; i < LARGE_PAGES; i++)
			sim_unmap_one(c, gfn + i, false);
		return HV_STATUS_SUCCESS;
	}
	slot = npt_find(c->pt, gfn, &found);
	if (slot && found > level) {
		/* A 4K page inside a 2M leaf. */
		slot = sim_npt_walk(c->pt, gfn, level, true);
		if (!slot)
			return HV_STATUS_INSUFFICIENT_MEMORY;
	} else if (large) {
		slot = sim_npt_walk(c->pt, gfn, level, false);
	}
	if (!slot)
		return HV_STATUS_SUCCESS;
	slot = sim_overlay_below(g, gfn, slot);
	old = *slot;
	WRITE_ONCE(*slot, 0);
	if (npt_is_table(old, level)) {
		sim_gpa_flush(c->pt);
		g->nr_mapped -= npt_free_below(c->pt, old, level);
	} else if (old & LEAF_MAPPED) {
		if (old & NPT_PRESENT)
			c->flush = c->pt;
		g->nr_mapped -= leaf_pages(level);
	}
	return HV_STATUS_SUCCESS;
}

u64 sim_hc_unmap_gpa(struct sim_call *c, u32 i)
{
	struct hv_input_unmap_gpa_pages *in = c->in;
	bool large = in->unmap_flags & HV_UNMAP_GPA_LARGE_PAGE;
	u64 pages = large ? LARGE_PAGES : 1;
	u64 gfn = in->target_gpa_base + i * pages;
	struct sim_gpa *g = &c->pt->gpa;
	unsigned long irq;
	u64 status, before;

	if (in->unmap_flags & ~HV_UNMAP_GPA_LARGE_PAGE)
		return HV_STATUS_INVALID_PARAMETER;
	if (gfn >> GFN_BITS || (large && !IS_ALIGNED(gfn, LARGE_PAGES)))
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&g->lock, irq);
	before = g->nr_mapped;
	status = sim_unmap_one(c, gfn, large);
	pages -= before - g->nr_mapped;
	raw_spin_unlock_irqrestore(&g->lock, irq);
	if (status == HV_STATUS_SUCCESS && pages)
		sim_police_unmap(c->pt, gfn, pages);
	return status;
}

/*
 * Accessed and dirty bits are those of the nested page tables.  A 2M leaf has one
 * pair for all of its pages, so it is split before the bits of one are changed:
 * else those of its neighbours would be lost.
 */
u64 sim_hc_access_states(struct sim_call *c, u32 i)
{
	struct hv_input_get_gpa_pages_access_state *in = c->in;
	union hv_gpa_page_access_state *out = c->out;
	u64 gfn = in->hv_gpa_page_number + i, clear = 0, set = 0, *slot, old = 0;
	struct sim_gpa *g = &c->pt->gpa;
	unsigned long irq;
	int level;

	if (in->flags.reserved || gfn >> GFN_BITS)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->flags.clear_accessed)
		clear |= NPT_ACCESSED;
	if (in->flags.clear_dirty)
		clear |= NPT_DIRTY;
	if (in->flags.set_accessed)
		set |= NPT_ACCESSED;
	if (in->flags.set_dirty)
		set |= NPT_DIRTY;

	raw_spin_lock_irqsave(&g->lock, irq);
	slot = npt_find(c->pt, gfn, &level);
	if (slot && level > 1 && (clear | set)) {
		if (!npt_split(c->pt, slot)) {
			raw_spin_unlock_irqrestore(&g->lock, irq);
			return HV_STATUS_INSUFFICIENT_MEMORY;
		}
		slot = npt_find(c->pt, gfn, &level);
	}
	if (slot) {
		slot = sim_overlay_below(g, gfn, slot);
		old = *slot;
		/* The guest's CPU may be setting bits: no lost update. */
		if (clear)
			old = atomic64_fetch_and(~clear, (atomic64_t *)slot);
		if (set)
			old |= atomic64_fetch_or(set, (atomic64_t *)slot);
		if (old & clear)
			c->flush = c->pt;
	}
	raw_spin_unlock_irqrestore(&g->lock, irq);

	out[i].as_uint8 = 0;
	out[i].accessed = !!(old & NPT_ACCESSED);
	out[i].dirty = !!(old & NPT_DIRTY);
	return HV_STATUS_SUCCESS;
}
