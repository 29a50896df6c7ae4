/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entries of a partition's map, which are those of its nested page table:
 * gpa.c; and pages of the hypervisor that lie over the guest's: overlay.c.
 */
#ifndef MSHV_SIM_GPA_H
#define MSHV_SIM_GPA_H

#include "mshv_sim.h"

#define NPT_PRESENT	BIT_ULL(0)
#define NPT_WRITE	BIT_ULL(1)
#define NPT_USER	BIT_ULL(2)	/* nested walks are user accesses */
#define NPT_NOT_CACHED	BIT_ULL(4)
#define NPT_ACCESSED	BIT_ULL(5)
#define NPT_DIRTY	BIT_ULL(6)
#define NPT_LARGE	BIT_ULL(7)
#define NPT_NX		BIT_ULL(63)
#define NPT_ADDR	GENMASK_ULL(51, 12)

/* Ignored by hardware, whether the entry is present or not. */
#define LEAF_MAPPED	BIT_ULL(9)
#define LEAF_OVERLAY	BIT_ULL(10)	/* 4K: a page of the hypervisor's lies here */
#define LEAF_RIGHTS_SHIFT	52	/* HV_MAP_GPA_PERMISSIONS_MASK, 4 bits */
#define LEAF_ADJUSTABLE	BIT_ULL(56)

#define LARGE_PAGES	512u		/* 4K pages in a 2M page */
#define GFN_BITS	36		/* 48 bits of GPA: what 4 levels reach */

/* ----------------------------------------------------------------- gpa.c */

/*
 * All under sim_gpa.lock.  The slot for gfn at a level (1: 4K, 2: 2M), with the
 * tables above it built if @build.  NULL: nothing there, or no memory for it.
 */
u64 *sim_npt_walk(struct sim_partition *pt, u64 gfn, int level, bool build);
u64 sim_npt_leaf(u64 pfn, u32 flags, bool large);

/* ------------------------------------------------------------- overlay.c */

/* Under sim_gpa.lock: what an entry for gfn says if no page lies over it. */
u64 *sim_overlay_below(struct sim_gpa *g, u64 gfn, u64 *entry);
bool sim_overlay_within(struct sim_gpa *g, u64 gfn, u64 pages);

#endif /* MSHV_SIM_GPA_H */
