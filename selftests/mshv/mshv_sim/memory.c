// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory deposits (TLFS, "Partition management": memory pools).
 *
 * A parent gives pages to the hypervisor for a partition and takes the unused
 * ones back.  A deposited page is ours until it is withdrawn: the driver hands
 * over order-0 pages with one reference and frees what WITHDRAW lists.
 */
#include <linux/mm.h>

#include "control.h"

/* In page->private of each page that is deposited, to catch what isn't. */
#define SIM_PAGE_MAGIC	0x6d736876UL	/* "mshv" */

bool sim_mem_is_deposited(struct page *page)
{
	return page_private(page) == SIM_PAGE_MAGIC;
}

void sim_mem_init(struct sim_mem *m)
{
	raw_spin_lock_init(&m->lock);
	INIT_LIST_HEAD(&m->free);
	INIT_LIST_HEAD(&m->lent);
}

bool sim_mem_deposit(struct sim_mem *m, u64 pfn)
{
	struct page *page;
	unsigned long flags;

	if (!pfn_valid(pfn))
		return false;
	page = pfn_to_page(pfn);
	if (sim_mem_is_deposited(page)) {
		sim_violation("pfn %#llx deposited twice", pfn);
		return false;
	}
	if (page_count(page) != 1 || PageCompound(page)) {
		sim_violation("pfn %#llx deposited in use: refcount %d", pfn,
			      page_count(page));
		return false;
	}
	set_page_private(page, SIM_PAGE_MAGIC);
	raw_spin_lock_irqsave(&m->lock, flags);
	list_add(&page->lru, &m->free);
	m->nr_free++;
	raw_spin_unlock_irqrestore(&m->lock, flags);
	return true;
}

static struct page *sim_mem_pop(struct sim_mem *m, struct list_head *list)
{
	struct page *page = list_first_entry_or_null(list, struct page, lru);

	if (page) {
		list_del(&page->lru);
		m->nr_free--;
	}
	return page;
}

bool sim_mem_withdraw(struct sim_mem *m, u64 *pfn)
{
	struct page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&m->lock, flags);
	page = sim_mem_pop(m, &m->free) ?: sim_mem_pop(m, &m->lent);
	raw_spin_unlock_irqrestore(&m->lock, flags);
	if (!page)
		return false;
	set_page_private(page, 0);
	*pfn = page_to_pfn(page);
	return true;
}

void *sim_mem_take(struct sim_mem *m)
{
	struct page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&m->lock, flags);
	page = sim_mem_pop(m, &m->free);
	if (page)
		m->nr_used++;
	raw_spin_unlock_irqrestore(&m->lock, flags);
	if (!page)
		return NULL;
	clear_page(page_address(page));
	return page_address(page);
}

static void sim_mem_put(struct sim_mem *m, void *p, struct list_head *list)
{
	unsigned long flags;

	if (!p)
		return;
	raw_spin_lock_irqsave(&m->lock, flags);
	list_add(&virt_to_page(p)->lru, list);
	m->nr_free++;
	m->nr_used--;
	raw_spin_unlock_irqrestore(&m->lock, flags);
}

void sim_mem_give(struct sim_mem *m, void *p)
{
	sim_mem_put(m, p, &m->free);
}

void sim_mem_give_lent(struct sim_mem *m, void *p)
{
	sim_mem_put(m, p, &m->lent);
}

u32 sim_mem_move(struct sim_mem *to, struct sim_mem *from)
{
	unsigned long flags;
	LIST_HEAD(pages);
	u32 n;

	raw_spin_lock_irqsave(&from->lock, flags);
	list_splice_init(&from->free, &pages);
	list_splice_init(&from->lent, &pages);
	n = from->nr_free;
	from->nr_free = 0;
	raw_spin_unlock_irqrestore(&from->lock, flags);

	raw_spin_lock_irqsave(&to->lock, flags);
	list_splice(&pages, &to->lent);
	to->nr_free += n;
	raw_spin_unlock_irqrestore(&to->lock, flags);
	return n;
}

void sim_mem_release(struct sim_mem *m)
{
	u64 pfn;

	while (sim_mem_withdraw(m, &pfn))
		__free_page(pfn_to_page(pfn));
}

void *sim_overlay_page(u64 pfn)
{
	struct page *page = pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;

	if (!page || !page_count(page) || sim_mem_is_deposited(page)) {
		sim_violation("overlay page %#llx is not the parent's to give", pfn);
		return NULL;
	}
	return page_address(page);
}

u64 sim_hc_deposit(struct sim_call *c, u32 i)
{
	struct hv_deposit_memory *in = c->in;

	if (!(c->pt->state & (SIM_UNINIT | SIM_ACTIVE)))
		return HV_STATUS_INVALID_PARTITION_STATE;
	return sim_mem_deposit(&c->pt->mem, in->gpa_page_list[i]) ?
	       HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

u64 sim_hc_withdraw(struct sim_call *c, u32 i)
{
	u64 *out = c->out;

	if (!i) {
		sim_police_withdraw(c->pt);
		if (c->pt->state == SIM_FINALIZED)
			sim_gpa_destroy(c->pt);
		else
			sim_gpa_prune(c->pt);
	}
	/* NO_RESOURCES is how the hypervisor says "that was all". */
	return sim_mem_withdraw(&c->pt->mem, &out[i]) ?
	       HV_STATUS_SUCCESS : HV_STATUS_NO_RESOURCES;
}
