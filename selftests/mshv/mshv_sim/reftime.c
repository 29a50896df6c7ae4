// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition reference time: counts units of 100 ns from the partition's creation
 * (TLFS, "Timers").  A guest reads it from an MSR, or computes it from its TSC
 * with what the reference TSC page says.  The VMM may set it, and freeze it.
 *
 * It is derived from the host's TSC, so that both ways give the same.
 */
#include <linux/math64.h>
#include <asm/tsc.h>

#include "regs.h"

/* 2^64 * 10 MHz / TSC frequency. */
static u64 reftime_scale(void)
{
	return mul_u64_u64_div_u64(20000, BIT_ULL(63), tsc_khz);
}

static u64 reftime_scaled(u64 tsc)
{
	return mul_u64_u64_shr(tsc, reftime_scale(), 64);
}

/* Under the lock. */
static u64 reftime_now(const struct sim_reftime *r)
{
	return r->frozen ? r->frozen_at : reftime_scaled(rdtsc()) + r->offset;
}

u64 sim_reftime_now(struct sim_partition *pt)
{
	unsigned long flags;
	u64 now;

	raw_spin_lock_irqsave(&pt->reftime.lock, flags);
	now = reftime_now(&pt->reftime);
	raw_spin_unlock_irqrestore(&pt->reftime.lock, flags);
	return now;
}

/* -------------------------------------------------------------- the page */

/* All VPs must see the same TSC; the page is for the whole partition. */
static bool reftime_same_tsc(struct sim_partition *pt, u64 *tsc_offset)
{
	struct sim_vp *vp;
	bool first = true;

	*tsc_offset = 0;
	sim_for_each_vp(pt, vp) {
		u64 offset = READ_ONCE(vp->tsc_offset);

		if (!first && offset != *tsc_offset)
			return false;
		*tsc_offset = offset;
		first = false;
	}
	return true;
}

/*
 * Sequence 0 says that the page is not valid; then the guest reads the MSR.  It
 * is so while time is frozen: the guest's TSC is not.
 */
static void reftime_write_page(struct sim_partition *pt)
{
	struct sim_reftime *r = &pt->reftime;
	struct ms_hyperv_tsc_page *page = r->page;
	u64 tsc_offset;

	if (!page)
		return;
	WRITE_ONCE(page->tsc_sequence, 0);
	if (r->frozen || !reftime_same_tsc(pt, &tsc_offset))
		return;
	smp_wmb();	/* readers look at the sequence before and after */
	page->tsc_scale = reftime_scale();
	/* The guest's TSC is the host's plus its offset, which may be negative. */
	if ((s64)tsc_offset < 0)
		page->tsc_offset = r->offset + reftime_scaled(-tsc_offset);
	else
		page->tsc_offset = r->offset - reftime_scaled(tsc_offset);
	smp_wmb();	/* as above: valid again only with all of it */
	r->sequence = r->sequence >= U32_MAX - 1 ? 1 : r->sequence + 1;
	WRITE_ONCE(page->tsc_sequence, r->sequence);
}

void sim_reftime_tsc_changed(struct sim_partition *pt)
{
	unsigned long flags;

	rcu_read_lock();
	raw_spin_lock_irqsave(&pt->reftime.lock, flags);
	reftime_write_page(pt);
	raw_spin_unlock_irqrestore(&pt->reftime.lock, flags);
	rcu_read_unlock();
}

/* ------------------------------------------------------------ properties */

static void reftime_change(struct sim_partition *pt, bool frozen, const u64 *set)
{
	struct sim_reftime *r = &pt->reftime;
	unsigned long flags;
	u64 now;

	raw_spin_lock_irqsave(&r->lock, flags);
	now = set ? *set : reftime_now(r);
	r->frozen = frozen;
	r->frozen_at = now;
	r->offset = now - reftime_scaled(rdtsc());
	reftime_write_page(pt);
	raw_spin_unlock_irqrestore(&r->lock, flags);
	sim_stimers_time_changed(pt);
}

void sim_reftime_freeze(struct sim_partition *pt, bool frozen)
{
	reftime_change(pt, frozen, NULL);
}

void sim_reftime_set(struct sim_partition *pt, u64 now)
{
	reftime_change(pt, READ_ONCE(pt->reftime.frozen), &now);
}

/* ------------------------------------------------------------- registers */

static void get_time_ref_count(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = sim_reftime_now(vp->pt);
}

static void get_reference_tsc(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = READ_ONCE(vp->pt->reftime.msr);
}

static u64 set_reference_tsc(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	struct sim_reftime *r = &vp->pt->reftime;
	void *page = READ_ONCE(r->page);
	u64 status;

	if (!page)
		return HV_STATUS_INVALID_PARTITION_STATE;
	status = sim_overlay_set(vp->pt, &r->overlay, page, val->reg64, HV_MAP_GPA_READABLE);
	if (status == HV_STATUS_SUCCESS)
		WRITE_ONCE(r->msr, val->reg64);
	return status;
}

static struct sim_reg reftime_rows[] = {
	{ HV_REGISTER_TIME_REF_COUNT, 1, KIND_FN, .msr = HV_X64_MSR_TIME_REF_COUNT,
	  .feature = BIT_ULL(SIM_FEATURE_REFERENCE_COUNTER), .get = get_time_ref_count },
	{ HV_REGISTER_REFERENCE_TSC, 1, KIND_FN, .msr = HV_X64_MSR_REFERENCE_TSC,
	  .feature = BIT_ULL(SIM_FEATURE_REFERENCE_TSC),
	  .get = get_reference_tsc, .set = set_reference_tsc },
};

const struct sim_reg_table sim_regs_reftime = { reftime_rows, ARRAY_SIZE(reftime_rows) };

/* ---------------------------------------------------- life of a partition */

void sim_reftime_init(struct sim_partition *pt)
{
	raw_spin_lock_init(&pt->reftime.lock);
	pt->reftime.offset = -reftime_scaled(rdtsc());
}

void sim_reftime_start(struct sim_partition *pt, void *page)
{
	WRITE_ONCE(pt->reftime.page, page);
	sim_reftime_tsc_changed(pt);
}

void sim_reftime_stop(struct sim_partition *pt)
{
	struct sim_reftime *r = &pt->reftime;
	unsigned long flags;
	void *page;

	sim_overlay_remove(pt, &r->overlay);
	raw_spin_lock_irqsave(&r->lock, flags);
	page = r->page;
	r->page = NULL;
	raw_spin_unlock_irqrestore(&r->lock, flags);
	sim_mem_give(&pt->mem, page);
}
