/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What owner.c knows of the memory that the driver watches, for compare.c.
 */
#ifndef MSHV_SIM_OWNER_H
#define MSHV_SIM_OWNER_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>

#include "mshv_sim.h"

/* Memory that the driver watches with one notifier. */
struct sim_region {
	struct list_head link;
	struct mmu_interval_notifier *mni;
	struct mm_struct *mm;		/* lives as long as the notifier */
	unsigned long start, end;	/* addresses in the process */
	struct task_struct *task;	/* maps it next; NULL: it has */
	u64 partition, gfn;		/* where, once it has */
	u64 invalidations;		/* that have begun, of any part of it */
	bool blind;			/* that are begun may never end */
};

/*
 * How many regions there are of the partition, or of all.  The first @room of them
 * are copied; their mms are held then, but not what is mapped there.
 */
u32 sim_regions_copy(u64 partition, struct sim_region *to, u32 room);

/*
 * Is it still as in the copy, and is nobody changing it?  -ENOENT: it is not, or that
 * can't be told; -EBUSY: somebody is.  What is seen of it between two calls that gave
 * the same number of invalidations, the first of them 0, belongs together.
 */
int sim_region_steady(const struct sim_region *copy, u64 *invalidations);

#endif
