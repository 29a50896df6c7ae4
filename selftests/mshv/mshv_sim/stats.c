// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics pages, identified by object type and identity (hvhdk_mini.h).
 * Their memory is the root's: the driver deposits there when MAP_STATS_PAGE
 * asks for it.
 *
 * The contents are what the driver relies on: the number of logical processors,
 * and the counter that says that a VP's dispatch thread is blocked.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "control.h"

static bool parent_stats = true;
module_param(parent_stats, bool, 0444);
MODULE_PARM_DESC(parent_stats, "Have statistics in the parent area; hypervisors before it did not");

#define STATS_HYPERVISOR_LPS	1	/* HvLogicalProcessors */

struct sim_stats {
	struct list_head link;
	u32 type;
	union hv_stats_object_identity identity;
	struct hv_stats_page *page;
	bool overlay;		/* the page is the parent's */
};

static LIST_HEAD(sim_stats_pages);
static DEFINE_RAW_SPINLOCK(sim_stats_lock);
static u32 sim_stats_children;

/* Pages of objects that are not the root or part of it. */
static bool sim_stats_of_child(const struct sim_stats *s)
{
	u64 id;

	switch (s->type) {
	case HV_STATS_OBJECT_PARTITION:
		id = s->identity.partition.partition_id;
		break;
	case HV_STATS_OBJECT_VP:
		id = s->identity.vp.partition_id;
		break;
	default:
		return false;
	}
	return id != sim_root->id && id != HV_PARTITION_ID_SELF;
}

u32 sim_stats_nr_children(void)
{
	return READ_ONCE(sim_stats_children);
}

/* The area is the last byte of each kind of identity. */
static u8 sim_stats_area(const union hv_stats_object_identity *id)
{
	return id->hv.stats_area_type;
}

static struct sim_stats *sim_stats_find(u32 type, const union hv_stats_object_identity *id)
{
	struct sim_stats *s;

	list_for_each_entry(s, &sim_stats_pages, link)
		if (s->type == type && !memcmp(&s->identity, id, sizeof(*id)))
			return s;
	return NULL;
}

static struct sim_vp *sim_stats_vp(u32 type, const union hv_stats_object_identity *id)
{
	struct sim_partition *pt;

	if (type != HV_STATS_OBJECT_VP)
		return NULL;
	pt = sim_partition_find(id->vp.partition_id);
	if (!pt || pt == sim_root || id->vp.vp_index >= SIM_MAX_VPS)
		return NULL;
	return rcu_dereference(pt->vps[id->vp.vp_index]);
}

/* Is there such an object?  The root's own VPs are CPUs. */
static u64 sim_stats_object(u32 type, const union hv_stats_object_identity *id)
{
	struct sim_partition *pt;
	int cpu;

	switch (type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		return id->lp.lp_index < num_present_cpus() ? HV_STATUS_SUCCESS :
							      HV_STATUS_INVALID_LP_INDEX;
	case HV_STATS_OBJECT_PARTITION:
		return sim_partition_find(id->partition.partition_id) ?
		       HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARTITION_ID;
	case HV_STATS_OBJECT_VP:
		pt = sim_partition_find(id->vp.partition_id);
		if (!pt)
			return HV_STATUS_INVALID_PARTITION_ID;
		if (pt != sim_root)
			return sim_stats_vp(type, id) ? HV_STATUS_SUCCESS :
							HV_STATUS_INVALID_VP_INDEX;
		for_each_present_cpu(cpu)
			if (hv_vp_index[cpu] == id->vp.vp_index)
				return HV_STATUS_SUCCESS;
		return HV_STATUS_INVALID_VP_INDEX;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

static void sim_stats_free(struct sim_stats *s)
{
	if (!s->overlay)
		sim_mem_give(&sim_root->mem, s->page);
	kfree(s);
}

static void sim_stats_attach(struct sim_stats *s, struct hv_stats_page *page)
{
	struct sim_vp *vp = sim_stats_vp(s->type, &s->identity);
	u8 area = sim_stats_area(&s->identity);

	if (vp)
		WRITE_ONCE(vp->stats[area], page);
}

void sim_stats_refresh(void)
{
	struct sim_stats *s;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_stats_lock, flags);
	list_for_each_entry(s, &sim_stats_pages, link)
		sim_override_stats(s->type, &s->identity, s->page);
	raw_spin_unlock_irqrestore(&sim_stats_lock, flags);
}

/* @page: the parent's own, or NULL for one of its deposit. */
static u64 sim_stats_map(u32 type, const union hv_stats_object_identity *id, void *page,
			 u64 *pfn)
{
	struct sim_stats *s;
	unsigned long flags;
	u64 status;

	s = kzalloc_obj(*s, GFP_ATOMIC | __GFP_NOWARN);
	if (!s)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	s->type = type;
	s->identity = *id;
	s->overlay = page;
	s->page = page ?: sim_mem_take(&sim_root->mem);
	if (!s->page) {
		kfree(s);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	if (page)
		clear_page(page);
	if (type == HV_STATS_OBJECT_HYPERVISOR)
		s->page->data[STATS_HYPERVISOR_LPS] = num_present_cpus();

	raw_spin_lock_irqsave(&sim_stats_lock, flags);
	status = sim_stats_find(type, id) ? HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
	if (status == HV_STATUS_SUCCESS) {
		list_add(&s->link, &sim_stats_pages);
		sim_stats_children += sim_stats_of_child(s);
		sim_stats_attach(s, s->page);
		sim_override_stats(s->type, &s->identity, s->page);
		*pfn = page_to_pfn(virt_to_page(s->page));
	}
	raw_spin_unlock_irqrestore(&sim_stats_lock, flags);

	if (status != HV_STATUS_SUCCESS) {
		sim_violation("stats page of object %#x mapped twice", type);
		sim_stats_free(s);
	}
	return status;
}

/* Is there such an object, with such an area? */
static u64 sim_stats_check(u32 type, u32 padding, const union hv_stats_object_identity *id)
{
	u8 area = sim_stats_area(id);

	if (padding || (area != HV_STATS_AREA_SELF && area != HV_STATS_AREA_PARENT))
		return HV_STATUS_INVALID_PARAMETER;
	if (area == HV_STATS_AREA_PARENT && !parent_stats)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_stats_object(type, id);
}

u64 sim_hc_map_stats_page(struct sim_call *c)
{
	struct hv_input_map_stats_page *in = c->in;
	struct hv_output_map_stats_page *out = c->out;
	u64 status = sim_stats_check(in->type, in->padding, &in->identity);

	if (status == HV_STATUS_SUCCESS)
		status = sim_stats_map(in->type, &in->identity, NULL, &out->map_location);
	return status;
}

/* Statistics in a page that the parent brings: only where overlay pages exist. */
u64 sim_hc_map_stats_page2(struct sim_call *c)
{
	struct hv_input_map_stats_page2 *in = c->in;
	u64 status = sim_stats_check(in->type, in->padding, &in->identity);
	void *page = sim_overlay_page(in->map_location);
	u64 pfn;

	if (status == HV_STATUS_SUCCESS && !page)
		status = HV_STATUS_INVALID_PARAMETER;
	if (status == HV_STATUS_SUCCESS)
		status = sim_stats_map(in->type, &in->identity, page, &pfn);
	return status;
}

u64 sim_hc_unmap_stats_page(struct sim_call *c)
{
	struct hv_input_unmap_stats_page *in = c->in;
	struct sim_stats *s;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_stats_lock, flags);
	s = sim_stats_find(in->type, &in->identity);
	if (s) {
		list_del(&s->link);
		sim_stats_children -= sim_stats_of_child(s);
		sim_stats_attach(s, NULL);
	}
	raw_spin_unlock_irqrestore(&sim_stats_lock, flags);
	if (!s) {
		sim_violation("stats page of object %#x unmapped, not mapped", in->type);
		return HV_STATUS_INVALID_PARAMETER;
	}
	sim_stats_free(s);
	return HV_STATUS_SUCCESS;
}

/* The counter lives in the parent's area where there is one (mshv_root_main.c). */
void sim_stats_vp_blocked(struct sim_vp *vp, bool blocked)
{
	u8 area = vp->stats[HV_STATS_AREA_PARENT] ? HV_STATS_AREA_PARENT : HV_STATS_AREA_SELF;
	union hv_stats_object_identity id = {
		.vp = { .partition_id = vp->pt->id, .vp_index = vp->index,
			.stats_area_type = area },
	};
	struct hv_stats_page *page;
	unsigned long flags;

	/* The lock keeps the page from being unmapped under us. */
	raw_spin_lock_irqsave(&sim_stats_lock, flags);
	page = vp->stats[area];
	if (page) {
		WRITE_ONCE(page->data[SIM_STATS_VP_BLOCKED], blocked);
		sim_override_stats(HV_STATS_OBJECT_VP, &id, page);
	}
	raw_spin_unlock_irqrestore(&sim_stats_lock, flags);
}

/* What the driver left mapped goes with the root's memory. */
void sim_stats_exit(void)
{
	struct sim_stats *s, *next;

	list_for_each_entry_safe(s, next, &sim_stats_pages, link) {
		pr_warn("stats page of object %#x was never unmapped\n", s->type);
		list_del(&s->link);
		sim_stats_free(s);
	}
}
