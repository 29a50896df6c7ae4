// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values that the driver reads, replaced by those of a test: MSRs, registers,
 * properties, words of statistics pages.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "control.h"

#define SIM_PROPERTY_WORDS	64	/* of an extended property */

struct sim_override {
	struct list_head link;
	struct sim_file *file;
	struct mshv_sim_override o;
};

static LIST_HEAD(sim_overrides);
static DEFINE_RAW_SPINLOCK(sim_override_lock);
static u32 sim_override_last_id;
static u32 sim_override_kinds[MSHV_SIM_OVERRIDE_STATS + 1];	/* how many of each */

static bool sim_overridden(u32 kind)
{
	return READ_ONCE(sim_override_kinds[kind]);
}

/* Apply all that fit to *val; true: there was one. */
static bool sim_override_value(u32 kind, u64 partition, u32 vp, u32 index, u32 area,
			       u32 word, u64 *val)
{
	struct sim_override *e;
	unsigned long flags;
	bool any = false;

	raw_spin_lock_irqsave(&sim_override_lock, flags);
	list_for_each_entry(e, &sim_overrides, link) {
		struct mshv_sim_override *o = &e->o;

		if (o->kind != kind || o->index != index || o->area != area || o->word != word)
			continue;
		if (o->partition != MSHV_SIM_ANY_PARTITION && o->partition != partition)
			continue;
		if (o->vp != MSHV_SIM_ANY_VP && o->vp != vp)
			continue;
		*val = (*val & ~o->mask) | (o->value & o->mask);
		o->uses++;
		any = true;
	}
	raw_spin_unlock_irqrestore(&sim_override_lock, flags);
	return any;
}

u64 sim_override_msr(u32 msr, u64 value)
{
	if (sim_overridden(MSHV_SIM_OVERRIDE_MSR))
		sim_override_value(MSHV_SIM_OVERRIDE_MSR, 0, raw_smp_processor_id(), msr,
				   0, 0, &value);
	return value;
}

/* ------------------------------------------------------------- hypercalls */

static u64 sim_override_one(u32 kind, u64 partition, u32 code, void *out, u32 words, u64 status)
{
	bool any = false;
	u64 *p = out;
	u32 i;

	if (!sim_overridden(kind) || !out)
		return status;
	words = min_t(u32, words, (HV_HYP_PAGE_SIZE - offset_in_page(out)) / sizeof(u64));
	for (i = 0; i < words; i++) {
		/* What a refused call left in its output is nobody's answer. */
		u64 val = status == HV_STATUS_SUCCESS ? p[i] : 0;

		if (sim_override_value(kind, partition, MSHV_SIM_ANY_VP, code, 0, i, &val)) {
			p[i] = val;
			any = true;
		}
	}
	return any ? HV_STATUS_SUCCESS : status;
}

u64 sim_override_register(const struct sim_vp *vp, u32 name, union hv_register_value *val,
			  u64 status)
{
	union hv_register_value answer = {};

	if (!sim_overridden(MSHV_SIM_OVERRIDE_REGISTER))
		return status;
	if (status == HV_STATUS_SUCCESS)
		answer = *val;
	if (!sim_override_value(MSHV_SIM_OVERRIDE_REGISTER, vp->pt->id, vp->index, name, 0, 0,
				&answer.reg64))
		return status;
	*val = answer;
	return HV_STATUS_SUCCESS;
}

u64 sim_override_call(const struct sim_watch *w, struct sim_call *c, u64 status)
{
	switch (c->row->code) {
	case HVCALL_GET_PARTITION_PROPERTY: {
		struct hv_input_get_partition_property *in = c->in;

		return sim_override_one(MSHV_SIM_OVERRIDE_PROPERTY, w->partition,
					in->property_code, c->out, 1, status);
	}
	case HVCALL_GET_PARTITION_PROPERTY_EX: {
		struct hv_input_get_partition_property_ex *in = c->in;

		return sim_override_one(MSHV_SIM_OVERRIDE_PROPERTY_EX, w->partition,
					in->property_code, c->out, SIM_PROPERTY_WORDS,
					status);
	}
	case HVCALL_GET_SYSTEM_PROPERTY: {
		struct hv_input_get_system_property *in = c->in;

		return sim_override_one(MSHV_SIM_OVERRIDE_SYSTEM, w->partition,
					in->property_id, c->out, 1, status);
	}
	}
	return status;
}

/* ------------------------------------------------------------- statistics */

/* Writes what is overridden in a page, so it must be in nobody else's hands. */
void sim_override_stats(u32 type, const union hv_stats_object_identity *id,
			struct hv_stats_page *page)
{
	u32 area = id->hv.stats_area_type, vp = MSHV_SIM_ANY_VP, word;
	u64 partition = 0, val;
	struct sim_override *e;
	unsigned long flags;

	if (!sim_overridden(MSHV_SIM_OVERRIDE_STATS))
		return;
	if (type == HV_STATS_OBJECT_LOGICAL_PROCESSOR) {
		vp = id->lp.lp_index;
	} else if (type == HV_STATS_OBJECT_PARTITION) {
		partition = id->partition.partition_id;
	} else if (type == HV_STATS_OBJECT_VP) {
		partition = id->vp.partition_id;
		vp = id->vp.vp_index;
	}
	if (partition == HV_PARTITION_ID_SELF)
		partition = sim_config.root_id;

	raw_spin_lock_irqsave(&sim_override_lock, flags);
	list_for_each_entry(e, &sim_overrides, link) {
		struct mshv_sim_override *o = &e->o;

		if (o->kind != MSHV_SIM_OVERRIDE_STATS || o->index != type || o->area != area)
			continue;
		if (o->partition != MSHV_SIM_ANY_PARTITION && o->partition != partition)
			continue;
		if (o->vp != MSHV_SIM_ANY_VP && o->vp != vp)
			continue;
		word = o->word;
		val = READ_ONCE(page->data[word]);
		WRITE_ONCE(page->data[word], (val & ~o->mask) | (o->value & o->mask));
		o->uses++;
	}
	raw_spin_unlock_irqrestore(&sim_override_lock, flags);
}

/* --------------------------------------------------------------- commands */

static bool sim_override_valid(const struct mshv_sim_override *o)
{
	u32 words = 1;

	if (o->reserved || o->id || !o->mask)
		return false;
	switch (o->kind) {
	case MSHV_SIM_OVERRIDE_STATS:
		words = ARRAY_SIZE(((struct hv_stats_page *)NULL)->data);
		break;
	case MSHV_SIM_OVERRIDE_PROPERTY_EX:
		words = SIM_PROPERTY_WORDS;
		break;
	case MSHV_SIM_OVERRIDE_MSR:
	case MSHV_SIM_OVERRIDE_REGISTER:
	case MSHV_SIM_OVERRIDE_PROPERTY:
	case MSHV_SIM_OVERRIDE_SYSTEM:
		break;
	default:
		return false;
	}
	return o->word < words && (o->kind == MSHV_SIM_OVERRIDE_STATS || !o->area);
}

static void sim_override_count(u32 kind, int n)
{
	WRITE_ONCE(sim_override_kinds[kind], sim_override_kinds[kind] + n);
}

long sim_override_add(struct sim_file *file, void *arg)
{
	struct mshv_sim_override *o = arg;
	struct sim_override *e;
	unsigned long flags;

	if (!sim_override_valid(o))
		return -EINVAL;
	if (file->nr_overrides == SIM_MAX_RULES)
		return -ENOSPC;
	e = kzalloc_obj(*e, GFP_KERNEL_ACCOUNT);
	if (!e)
		return -ENOMEM;
	e->file = file;
	o->uses = 0;
	if (o->partition == HV_PARTITION_ID_SELF)
		o->partition = sim_config.root_id;

	raw_spin_lock_irqsave(&sim_override_lock, flags);
	do
		o->id = ++sim_override_last_id;
	while (!o->id);
	e->o = *o;
	list_add_tail(&e->link, &sim_overrides);
	sim_override_count(o->kind, 1);
	raw_spin_unlock_irqrestore(&sim_override_lock, flags);
	file->nr_overrides++;
	atomic_inc(&sim_watchers);
	if (o->kind == MSHV_SIM_OVERRIDE_STATS)
		sim_stats_refresh();
	return 0;
}

/* The file's override with this id, or with any if it is 0. */
static bool sim_override_take(struct sim_file *file, struct mshv_sim_override *o)
{
	struct sim_override *e, *found = NULL;
	u32 size = o->size;
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_override_lock, flags);
	list_for_each_entry(e, &sim_overrides, link) {
		if (e->file == file && (!o->id || e->o.id == o->id)) {
			found = e;
			break;
		}
	}
	if (found) {
		list_del(&found->link);
		sim_override_count(found->o.kind, -1);
	}
	raw_spin_unlock_irqrestore(&sim_override_lock, flags);
	if (!found)
		return false;
	*o = found->o;
	o->size = size;
	kfree(found);
	file->nr_overrides--;
	atomic_dec(&sim_watchers);
	return true;
}

long sim_override_remove(struct sim_file *file, void *arg)
{
	struct mshv_sim_override *o = arg;

	if (o->reserved)
		return -EINVAL;
	return o->id && sim_override_take(file, o) ? 0 : -ENOENT;
}

long sim_override_clear(struct sim_file *file, void *arg)
{
	struct mshv_sim_override o;

	do
		o = (struct mshv_sim_override) { .id = 0 };
	while (sim_override_take(file, &o));
	return 0;
}
