// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual processors: life cycle, and the state pages shared with the driver.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "engine.h"

void sim_vp_get(struct sim_vp *vp)
{
	refcount_inc(&vp->ref);
}

bool sim_vp_tryget(struct sim_vp *vp)
{
	return refcount_inc_not_zero(&vp->ref);
}

void sim_vp_put(struct sim_vp *vp)
{
	if (!refcount_dec_and_test(&vp->ref))
		return;
	if (sim_engine->vp_free)
		sim_engine->vp_free(vp);
	sim_partition_put(vp->pt);
	kfree_rcu(vp, rcu);
}

/* Everything that a VP has in its partition's deposit, for take and give. */
static void **sim_vp_pages(struct sim_vp *vp, int i)
{
	void **pages[] = {
		(void **)&vp->vmcb, &vp->fpu,
		&vp->reg_state.own, &vp->intercept_state.own,
		&vp->simp, &vp->siefp, &vp->assist.page,
	};

	return i < ARRAY_SIZE(pages) ? pages[i] : NULL;
}

static void sim_vp_give_lent(struct sim_vp *vp, struct sim_state_page *s)
{
	if (s->lent) {
		sim_mem_give_lent(&vp->pt->mem, s->own);
		s->own = NULL;
	}
}

static void sim_vp_give_pages(struct sim_vp *vp)
{
	void **p;
	int i;

	sim_vp_give_lent(vp, &vp->reg_state);
	sim_vp_give_lent(vp, &vp->intercept_state);
	for (i = 0; (p = sim_vp_pages(vp, i)); i++) {
		sim_mem_give(&vp->pt->mem, *p);
		*p = NULL;
	}
}

static bool sim_vp_take_pages(struct sim_vp *vp)
{
	void **p;
	int i;

	for (i = 0; (p = sim_vp_pages(vp, i)); i++) {
		*p = sim_mem_take(&vp->pt->mem);
		if (!*p) {
			sim_vp_give_pages(vp);
			return false;
		}
	}
	return true;
}

/* The driver leaves padding and subnode_id as it finds them: not checked. */
u64 sim_hc_create_vp(struct sim_call *c)
{
	struct hv_create_vp *in = c->in;
	struct sim_partition *pt = c->pt;
	u64 status = HV_STATUS_SUCCESS;
	unsigned long flags;
	struct sim_vp *vp;

	if (in->vp_index >= SIM_MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	if (rcu_access_pointer(pt->vps[in->vp_index]))
		return HV_STATUS_INVALID_VP_INDEX;

	vp = kzalloc_obj(*vp, GFP_ATOMIC | __GFP_NOWARN);
	if (!vp)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	vp->pt = pt;
	vp->index = in->vp_index;
	refcount_set(&vp->ref, 1);
	raw_spin_lock_init(&vp->lock);
	if (!sim_vp_take_pages(vp)) {
		kfree(vp);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	vp->reg_page = vp->reg_state.own;
	vp->intercept_page = vp->intercept_state.own;
	sim_regs_reset(vp);
	sim_engine->vp_init(vp);
	sim_lapic_init(vp);
	sim_vsynic_init(vp);
	vp->tsc_offset = READ_ONCE(pt->tsc_offset);
	vp->vmcb->control.tsc_offset = vp->tsc_offset;
	vp->timed = pt->synthetic_features & BIT_ULL(SIM_FEATURE_VP_RUNTIME);
	/* Behind an APIC all but the first wait for INIT and SIPI (clients.md, 1.1). */
	vp->startup_suspend = sim_partition_has_lapic(pt) && vp->index;
	/* Out of CREATE_VP a VP is suspended (mshv-ioctls test_get_suspend_regs). */
	vp->explicit_suspend = true;
	sim_sched_vp_init(vp);
	sim_register_page_publish(vp);
	vp->reg_page_valid = true;

	raw_spin_lock_irqsave(&pt->lock, flags);
	if (pt->state != SIM_ACTIVE) {
		status = HV_STATUS_INVALID_PARTITION_STATE;
	} else if (rcu_access_pointer(pt->vps[vp->index])) {
		status = HV_STATUS_INVALID_VP_INDEX;
	} else {
		sim_partition_get(pt);
		pt->vps_end = max(pt->vps_end, vp->index + 1);
		rcu_assign_pointer(pt->vps[vp->index], vp);
		pt->nr_vps++;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);

	if (status != HV_STATUS_SUCCESS) {
		sim_vp_give_pages(vp);
		kfree(vp);
	}
	return status;
}

void sim_vp_destroy(struct sim_vp *vp)
{
	struct sim_partition *pt = vp->pt;
	unsigned long flags;
	bool mine = false;

	raw_spin_lock_irqsave(&pt->lock, flags);
	if (rcu_access_pointer(pt->vps[vp->index]) == vp) {
		RCU_INIT_POINTER(pt->vps[vp->index], NULL);
		pt->nr_vps--;
		mine = true;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	if (!mine)
		return;

	sim_vp_stop(vp, &flags);
	vp->dead = true;
	sim_exits_retire(vp);
	sim_vsynic_destroy(vp);
	sim_assist_destroy(vp);
	/* From here on the lock and "dead" keep everybody off the pages. */
	sim_vp_give_pages(vp);
	sim_vp_resume(vp, flags);
	sim_lapic_destroy(vp);
	sim_stimers_destroy(vp);
	sim_synic_cancel(&vp->intercept_msg);
	sim_synic_cancel(&vp->signal_msg);
	sim_vp_put(vp);
}

u64 sim_hc_delete_vp(struct sim_call *c)
{
	sim_vp_destroy(c->vp);
	return HV_STATUS_SUCCESS;
}

/* ----------------------------------------------------------- state pages */

static struct sim_state_page *sim_vp_state_page(struct sim_vp *vp, u16 type)
{
	switch (type) {
	case HV_VP_STATE_PAGE_REGISTERS:
		return &vp->reg_state;
	case HV_VP_STATE_PAGE_INTERCEPT_MESSAGE:
		return &vp->intercept_state;
	}
	return NULL;	/* GHCB: only for isolated partitions, of which there are none */
}

/* Where the hypervisor reads and writes; the contents move along. */
static void sim_vp_state_page_use(struct sim_vp *vp, u16 type, void *page)
{
	if (type == HV_VP_STATE_PAGE_REGISTERS) {
		copy_page(page, vp->reg_page);
		vp->reg_page = page;
	} else {
		copy_page(page, vp->intercept_page);
		vp->intercept_page = page;
	}
}

/* @page: the parent's own, or NULL for the VP's. */
static u64 sim_vp_state_page_map(struct sim_vp *vp, u16 type, void *page, u64 *pfn)
{
	struct sim_state_page *s = sim_vp_state_page(vp, type);

	if (!s)
		return HV_STATUS_INVALID_PARAMETER;
	if (s->mapped) {
		sim_violation("partition %llu VP %u: state page %u mapped twice", vp->pt->id,
			      vp->index, type);
		return HV_STATUS_INVALID_PARAMETER;
	}
	s->mapped = true;
	s->overlay = page;
	s->lent |= !page;
	if (page)
		sim_vp_state_page_use(vp, type, page);
	*pfn = page_to_pfn(virt_to_page(page ?: s->own));
	return HV_STATUS_SUCCESS;
}

static u64 sim_vp_state_page_unmap(struct sim_vp *vp, u16 type)
{
	struct sim_state_page *s = sim_vp_state_page(vp, type);

	if (!s)
		return HV_STATUS_INVALID_PARAMETER;
	if (!s->mapped) {
		sim_violation("partition %llu VP %u: state page %u unmapped twice", vp->pt->id,
			      vp->index, type);
		return HV_STATUS_INVALID_PARAMETER;
	}
	s->mapped = false;
	if (s->overlay)
		sim_vp_state_page_use(vp, type, s->own);
	s->overlay = false;
	return HV_STATUS_SUCCESS;
}

static void sim_vp_state_page_count(struct sim_vp *vp, int n)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->pt->lock, flags);
	vp->pt->nr_state_pages += n;
	raw_spin_unlock_irqrestore(&vp->pt->lock, flags);
}

u64 sim_hc_map_vp_state_page(struct sim_call *c)
{
	struct hv_input_map_vp_state_page *in = c->in;
	struct hv_output_map_vp_state_page *out = c->out;
	bool overlay = in->flags.map_location_provided;
	void *page = NULL;
	unsigned long flags;
	u64 status;

	if (in->input_vtl.target_vtl || in->input_vtl.reserved_z || in->flags.reserved)
		return HV_STATUS_INVALID_PARAMETER;
	/* Overlay pages are only for a parent told that it can provide them. */
	if (overlay && !sim_config.overlay)
		return HV_STATUS_INVALID_PARAMETER;
	if (overlay) {
		page = sim_overlay_page(in->requested_map_location);
		if (!page)
			return HV_STATUS_INVALID_PARAMETER;
	}

	sim_vp_stop(c->vp, &flags);
	status = c->vp->dead ? HV_STATUS_INVALID_VP_STATE :
		 sim_vp_state_page_map(c->vp, in->type, page, &out->map_location);
	sim_vp_resume(c->vp, flags);
	if (status == HV_STATUS_SUCCESS)
		sim_vp_state_page_count(c->vp, 1);
	return status;
}

u64 sim_hc_unmap_vp_state_page(struct sim_call *c)
{
	struct hv_input_unmap_vp_state_page *in = c->in;
	unsigned long flags;
	u64 status;

	if (in->input_vtl.target_vtl || in->input_vtl.reserved_z)
		return HV_STATUS_INVALID_PARAMETER;
	sim_vp_stop(c->vp, &flags);
	status = c->vp->dead ? HV_STATUS_INVALID_VP_STATE :
		 sim_vp_state_page_unmap(c->vp, in->type);
	sim_vp_resume(c->vp, flags);
	if (status == HV_STATUS_SUCCESS)
		sim_vp_state_page_count(c->vp, -1);
	return status;
}
