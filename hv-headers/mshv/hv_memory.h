/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Memory: the pool that each partition's bookkeeping lives in, and the guest physical address space.
 *
 * TLFS "Resource Management" and "Guest Physical Address Spaces". Page states: Linux 7.2.
 */
#ifndef MSHV_HV_MEMORY_H
#define MSHV_HV_MEMORY_H

#include "hv_page.h"
#include "hv_types.h"

/* Pages that must lie side by side in one deposit. */
#define HV_MAX_CONTIGUOUS_ALLOCATION_PAGES	8

/* Where memory or a processor should be near to. */
struct hv_proximity_domain_flags {
	__u32 proximity_preferred : 1;
	__u32 reserved : 30;
	__u32 proximity_info_valid : 1;
} HV_PACKED;

struct hv_proximity_domain_info {
	__u32 domain_id;
	struct hv_proximity_domain_flags flags;
} HV_PACKED;

/* HVCALL_DEPOSIT_MEMORY */
__extension__ struct hv_deposit_memory {
	__u64 partition_id;
	__u64 gpa_page_list[];
} HV_PACKED;

/* HVCALL_WITHDRAW_MEMORY */
struct hv_input_withdraw_memory {
	__u64 partition_id;
	struct hv_proximity_domain_info proximity_domain_info;
} HV_PACKED;

__extension__ struct hv_output_withdraw_memory {
	HV_FLEX_ARRAY(__u64, gpa_page_list);
} HV_PACKED;

/* A run of pages: first page and how many more. */
#define HV_PFN_RANGE_PGBITS		24
#define HV_PFN_RNG_PAGEBITS		HV_PFN_RANGE_PGBITS	/* rust-vmm's name */

__extension__ union hv_pfn_range {
	__u64 as_uint64;
	struct {
		__u64 base_pfn : 40;
		__u64 add_pfns : 24;
	};
};

/* HVCALL_MAP_GPA_PAGES */
__extension__ struct hv_input_map_gpa_pages {
	__u64 target_partition_id;
	__u64 target_gpa_base;
	__u32 map_flags;		/* HV_MAP_GPA_* */
	__u32 padding;
	__u64 source_gpa_page_list[];
} HV_PACKED;

#define HV_MAP_GPA_PERMISSIONS_NONE	0x00000000
#define HV_MAP_GPA_READABLE		0x00000001
#define HV_MAP_GPA_WRITABLE		0x00000002
#define HV_MAP_GPA_KERNEL_EXECUTABLE	0x00000004
#define HV_MAP_GPA_USER_EXECUTABLE	0x00000008
#define HV_MAP_GPA_EXECUTABLE		0x0000000c
#define HV_MAP_GPA_PERMISSIONS_MASK	0x0000000f
#define HV_MAP_GPA_ADJUSTABLE		0x00008000
#define HV_MAP_GPA_NO_ACCESS		0x00010000
#define HV_MAP_GPA_NOT_CACHED		0x00200000
#define HV_MAP_GPA_LARGE_PAGE		0x80000000

/* HVCALL_GET_GPA_PAGES_ACCESS_STATES: one state byte for each page. */
__extension__ union hv_gpa_page_access_state_flags {
	struct {
		__u64 clear_accessed : 1;
		__u64 set_accessed : 1;
		__u64 clear_dirty : 1;
		__u64 set_dirty : 1;
		__u64 reserved : 60;
	};
	__u64 as_uint64;
};

struct hv_input_get_gpa_pages_access_state {
	__u64 partition_id;
	union hv_gpa_page_access_state_flags flags;
	__u64 hv_gpa_page_number;
} HV_PACKED;

__extension__ union hv_gpa_page_access_state {
	struct {
		__u8 accessed : 1;
		__u8 dirty : 1;
		__u8 reserved : 6;
	};
	__u8 as_uint8;
};

/* HVCALL_ACQUIRE_ and HVCALL_RELEASE_SPARSE_SPA_PAGE_HOST_ACCESS */
__extension__ struct hv_input_modify_sparse_spa_page_host_access {
	__u32 host_access : 2;
	__u32 reserved : 30;
	__u32 flags;			/* HV_MODIFY_SPA_PAGE_HOST_ACCESS_* */
	__u64 partition_id;
	__u64 spa_page_list[];
} HV_PACKED;

#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_MAKE_EXCLUSIVE	0x1
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_MAKE_SHARED	0x2
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_LARGE_PAGE	0x4
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_HUGE_PAGE	0x8

/* HVCALL_READ_GPA and HVCALL_WRITE_GPA: rust-vmm/mshv 0.7. */
enum hv_access_gpa_result_code {
	HV_ACCESS_GPA_SUCCESS			= 0,
	HV_ACCESS_GPA_UNMAPPED			= 1,
	HV_ACCESS_GPA_READ_INTERCEPT		= 2,
	HV_ACCESS_GPA_WRITE_INTERCEPT		= 3,
	HV_ACCESS_GPA_ILLEGAL_OVERLAY_ACCESS	= 4,
};

__extension__ union hv_access_gpa_result {
	__u64 as_uint64;
	struct {
		__u32 result_code;	/* enum hv_access_gpa_result_code */
		__u32 reserved;
	};
};

__extension__ union hv_access_gpa_control_flags {
	__u64 as_uint64;
	struct {
		__u64 cache_type : 8;
		__u64 reserved : 56;
	};
};

#define HV_READ_WRITE_GPA_MAX_SIZE	16

struct hv_input_read_gpa {
	__u64 partition_id;
	__u32 vp_index;
	__u32 byte_count;
	__u64 base_gpa;
	union hv_access_gpa_control_flags control_flags;
} HV_PACKED;

struct hv_output_read_gpa {
	union hv_access_gpa_result access_result;
	__u8 data[HV_READ_WRITE_GPA_MAX_SIZE];
} HV_PACKED;

struct hv_input_write_gpa {
	__u64 partition_id;
	__u32 vp_index;
	__u32 byte_count;
	__u64 base_gpa;
	union hv_access_gpa_control_flags control_flags;
	__u8 data[HV_READ_WRITE_GPA_MAX_SIZE];
} HV_PACKED;

struct hv_output_write_gpa {
	union hv_access_gpa_result access_result;
} HV_PACKED;

/* HVCALL_TRANSLATE_VIRTUAL_ADDRESS: TLFS "Virtual MMU and Caching"; the structures from rust-vmm/mshv 0.7. */
#define HV_TRANSLATE_GVA_VALIDATE_READ		0x0001
#define HV_TRANSLATE_GVA_VALIDATE_WRITE		0x0002
#define HV_TRANSLATE_GVA_VALIDATE_EXECUTE	0x0004
#define HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT	0x0008
#define HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS	0x0010
#define HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT	0x0020
#define HV_TRANSLATE_GVA_SUPERVISOR_ACCESS	0x0040
#define HV_TRANSLATE_GVA_USER_ACCESS		0x0080
/* x86 only, then arm64 only. */
#define HV_TRANSLATE_GVA_ENFORCE_SMAP	0x0100
#define HV_TRANSLATE_GVA_OVERRIDE_SMAP	0x0200
#define HV_TRANSLATE_GVA_SHADOW_STACK	0x0400
#define HV_TRANSLATE_GVA_PAN_SET	0x0100
#define HV_TRANSLATE_GVA_PAN_CLEAR	0x0200
/* Where the flags hold a union hv_input_vtl. */
#define HV_TRANSLATE_GVA_INPUT_VTL_MASK		0xff00000000000000ULL

enum hv_translate_gva_result_code {
	HV_TRANSLATE_GVA_SUCCESS			= 0,
	HV_TRANSLATE_GVA_PAGE_NOT_PRESENT		= 1,
	HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION		= 2,
	HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS	= 3,
	HV_TRANSLATE_GVA_GPA_UNMAPPED			= 4,
	HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS		= 5,
	HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS		= 6,
	HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS	= 7,
	HV_TRANSLATE_GVA_INTERCEPT			= 8,
	HV_TRANSLATE_GVA_GPA_UNACCEPTED			= 9,
};

__extension__ union hv_translate_gva_result {
	__u64 as_uint64;
	struct {
		__u32 result_code;	/* enum hv_translate_gva_result_code */
		__u32 cache_type : 8;
		__u32 overlay_page : 1;
		__u32 reserved : 23;
	};
};

struct hv_input_translate_virtual_address {
	__u64 partition_id;
	__u32 vp_index;
	__u32 padding;
	__u64 control_flags;		/* HV_TRANSLATE_GVA_* */
	__u64 gva_page;
} HV_PACKED;

struct hv_output_translate_virtual_address {
	union hv_translate_gva_result translation_result;
	__u64 gpa_page;
} HV_PACKED;

#endif /* MSHV_HV_MEMORY_H */
