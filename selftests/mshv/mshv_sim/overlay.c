// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlay pages (TLFS, "Overlay pages"): a page of the hypervisor's that the
 * guest has placed into its physical address space.  What the VMM has mapped
 * there, if anything, is hidden until the page is taken away, and can be mapped
 * and unmapped meanwhile.
 *
 * The map holds the overlay's entry, the overlay keeps the entry that it hides.
 * Pages of the same place hide each other, the one that came last all others.
 */
#include "gpa.h"

static struct sim_overlay *overlay_of(struct sim_gpa *g, u64 gfn, u64 entry)
{
	struct sim_overlay *o;

	list_for_each_entry(o, &g->overlays, link)
		if (o->gfn == gfn && __pa(o->page) == (entry & NPT_ADDR))
			return o;
	WARN_ON_ONCE(1);
	return NULL;
}

u64 *sim_overlay_below(struct sim_gpa *g, u64 gfn, u64 *entry)
{
	struct sim_overlay *o;

	while (*entry & LEAF_OVERLAY) {
		o = overlay_of(g, gfn, *entry);
		if (!o)
			break;
		entry = &o->under;
	}
	return entry;
}

bool sim_overlay_within(struct sim_gpa *g, u64 gfn, u64 pages)
{
	struct sim_overlay *o;

	list_for_each_entry(o, &g->overlays, link)
		if (o->gfn >= gfn && o->gfn - gfn < pages)
			return true;
	return false;
}

/* The entry that holds the overlay's: in the map, or in one that hides it. */
static u64 *overlay_entry(struct sim_partition *pt, struct sim_overlay *o)
{
	u64 *entry = sim_npt_walk(pt, o->gfn, 1, false);
	struct sim_overlay *above;

	while (entry && (*entry & NPT_ADDR) != __pa(o->page)) {
		above = *entry & LEAF_OVERLAY ? overlay_of(&pt->gpa, o->gfn, *entry) : NULL;
		entry = above ? &above->under : NULL;
	}
	return entry;
}

static void overlay_remove(struct sim_partition *pt, struct sim_overlay *o)
{
	u64 *entry;

	if (!o->placed)
		return;
	entry = overlay_entry(pt, o);
	if (!WARN_ON_ONCE(!entry))
		WRITE_ONCE(*entry, o->under);
	list_del(&o->link);
	o->placed = false;
	sim_gpa_flush(pt);
}

void sim_overlay_remove(struct sim_partition *pt, struct sim_overlay *o)
{
	unsigned long flags;

	rcu_read_lock();
	raw_spin_lock_irqsave(&pt->gpa.lock, flags);
	overlay_remove(pt, o);
	raw_spin_unlock_irqrestore(&pt->gpa.lock, flags);
	rcu_read_unlock();
}

static bool overlay_place(struct sim_partition *pt, struct sim_overlay *o, void *page,
			  u64 gfn, u32 rights)
{
	u64 *slot;

	if (o->placed && o->gfn == gfn)
		return true;
	overlay_remove(pt, o);
	slot = sim_npt_walk(pt, gfn, 1, true);
	if (!slot)
		return false;
	o->gfn = gfn;
	o->page = page;
	o->placed = true;
	list_add(&o->link, &pt->gpa.overlays);
	o->under = xchg(slot, sim_npt_leaf(PHYS_PFN(__pa(page)), rights, false) | LEAF_OVERLAY);
	sim_gpa_flush(pt);
	return true;
}

u64 sim_overlay_set(struct sim_partition *pt, struct sim_overlay *o, void *page, u64 reg,
		    u32 rights)
{
	u64 gfn = reg >> HV_HYP_PAGE_SHIFT;
	unsigned long flags;
	bool ok = true;

	if (!(reg & 1)) {
		sim_overlay_remove(pt, o);
		return HV_STATUS_SUCCESS;
	}
	if (gfn >> GFN_BITS)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	rcu_read_lock();
	raw_spin_lock_irqsave(&pt->gpa.lock, flags);
	ok = overlay_place(pt, o, page, gfn, rights);
	raw_spin_unlock_irqrestore(&pt->gpa.lock, flags);
	rcu_read_unlock();
	return ok ? HV_STATUS_SUCCESS : HV_STATUS_INSUFFICIENT_MEMORY;
}
