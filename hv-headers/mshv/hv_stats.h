/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Statistics: pages of counters about the hypervisor, a logical processor, a partition, a VP.
 *
 * Linux 7.2; the counters' numbers are in hv_stats_counters.h.
 */
#ifndef MSHV_HV_STATS_H
#define MSHV_HV_STATS_H

#include "hv_page.h"
#include "hv_types.h"

enum hv_stats_object_type {
	HV_STATS_OBJECT_HYPERVISOR		= 0x00000001,
	HV_STATS_OBJECT_LOGICAL_PROCESSOR	= 0x00000002,
	HV_STATS_OBJECT_PARTITION		= 0x00010001,
	HV_STATS_OBJECT_VP			= 0x00010002,
};

enum hv_stats_area_type {
	HV_STATS_AREA_SELF	= 0,
	HV_STATS_AREA_PARENT	= 1,
	HV_STATS_AREA_INTERNAL	= 2,
	HV_STATS_AREA_COUNT	= 3,
};

__extension__ union hv_stats_object_identity {
	/* HV_STATS_OBJECT_HYPERVISOR */
	struct {
		__u8 reserved[15];
		__u8 stats_area_type;
	} HV_PACKED hv;
	/* HV_STATS_OBJECT_LOGICAL_PROCESSOR */
	struct {
		__u32 lp_index;
		__u8 reserved[11];
		__u8 stats_area_type;
	} HV_PACKED lp;
	/* HV_STATS_OBJECT_PARTITION */
	struct {
		__u64 partition_id;
		__u8 reserved[7];
		__u8 stats_area_type;
	} HV_PACKED partition;
	/* HV_STATS_OBJECT_VP */
	struct {
		__u64 partition_id;
		__u32 vp_index;
		__u16 flags;
		__u8 reserved;
		__u8 stats_area_type;
	} HV_PACKED vp;
} HV_PACKED;

/* HVCALL_MAP_STATS_PAGE, HVCALL_MAP_STATS_PAGE2 (the caller names the page), HVCALL_UNMAP_STATS_PAGE */
struct hv_input_map_stats_page {
	__u32 type;			/* enum hv_stats_object_type */
	__u32 padding;
	union hv_stats_object_identity identity;
} HV_PACKED;

struct hv_input_map_stats_page2 {
	__u32 type;			/* enum hv_stats_object_type */
	__u32 padding;
	union hv_stats_object_identity identity;
	__u64 map_location;
} HV_PACKED;

struct hv_output_map_stats_page {
	__u64 map_location;
} HV_PACKED;

struct hv_input_unmap_stats_page {
	__u32 type;			/* enum hv_stats_object_type */
	__u32 padding;
	union hv_stats_object_identity identity;
} HV_PACKED;

struct hv_stats_page {
	__u64 data[HV_HYP_PAGE_SIZE / sizeof(__u64)];
} HV_PACKED;

#endif /* MSHV_HV_STATS_H */
