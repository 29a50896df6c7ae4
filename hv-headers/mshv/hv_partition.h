/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The life of a partition and what its processors can do.
 *
 * TLFS "Partition Management", "Partition Properties". Linux 7.2.
 */
#ifndef MSHV_HV_PARTITION_H
#define MSHV_HV_PARTITION_H

#include "hv_memory.h"
#include "hv_processor_features_x64.h"
#include "hv_processor_features_arm64.h"

/* HVCALL_CREATE_PARTITION: a set bit takes the feature away. */
struct hv_partition_creation_properties {
	union hv_partition_processor_features disabled_processor_features;
	union hv_partition_processor_xsave_features disabled_processor_xsave_features;
} HV_PACKED;

__extension__ union hv_partition_isolation_properties {
	__u64 as_uint64;
	struct {
		__u64 isolation_type : 5;	/* HV_PARTITION_ISOLATION_TYPE_* */
		__u64 isolation_host_type : 2;	/* HV_PARTITION_ISOLATION_HOST_TYPE_* */
		__u64 rsvd_z : 5;
		__u64 shared_gpa_boundary_page_number : 52;
	};
};

#define HV_PARTITION_ISOLATION_TYPE_NONE	0
#define HV_PARTITION_ISOLATION_TYPE_SNP		2
#define HV_PARTITION_ISOLATION_TYPE_TDX		3
#define HV_PARTITION_ISOLATION_HOST_TYPE_NONE		0
#define HV_PARTITION_ISOLATION_HOST_TYPE_HARDWARE	1
#define HV_PARTITION_ISOLATION_HOST_TYPE_RESERVED	2

#define HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST			(1UL << 0)
#define HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE	(1UL << 1)
#define HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED		(1UL << 4)
#define HV_PARTITION_CREATION_FLAG_EXO_PARTITION			(1UL << 8)
#define HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED			(1UL << 13)
#define HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED	(1UL << 19)
#define HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE			(1UL << 22)

#define HV_MAKE_COMPATIBILITY_VERSION(major, minor)	((__u32)((major) << 8 | (minor)))
#define HV_COMPATIBILITY_21_H2				HV_MAKE_COMPATIBILITY_VERSION(0x6, 0x9)

struct hv_input_create_partition {
	__u64 flags;			/* HV_PARTITION_CREATION_FLAG_* */
	struct hv_proximity_domain_info proximity_domain_info;
	__u32 compatibility_version;	/* HV_COMPATIBILITY_* */
	__u32 padding;
	struct hv_partition_creation_properties partition_creation_properties;
	union hv_partition_isolation_properties isolation_properties;
} HV_PACKED;

struct hv_output_create_partition {
	__u64 partition_id;
} HV_PACKED;

/* HVCALL_INITIALIZE_, HVCALL_FINALIZE_, HVCALL_DELETE_PARTITION */
struct hv_input_initialize_partition {
	__u64 partition_id;
} HV_PACKED;

struct hv_input_finalize_partition {
	__u64 partition_id;
} HV_PACKED;

struct hv_input_delete_partition {
	__u64 partition_id;
} HV_PACKED;

/* HVCALL_DELETE_VP */
__extension__ union hv_input_delete_vp {
	__u64 as_uint64[2];
	struct {
		__u64 partition_id;
		__u32 vp_index;
		__u8 reserved[4];
	} HV_PACKED;
} HV_PACKED;

#endif /* MSHV_HV_PARTITION_H */
