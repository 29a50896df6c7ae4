/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Sets of virtual processors, and the hypercalls that take them: translation flushes, interrupts to others.
 *
 * TLFS "Virtual MMU and Caching", "Virtual Interrupt Controller"; sparse sets in "Data Types".
 */
#ifndef MSHV_HV_VP_SET_H
#define MSHV_HV_VP_SET_H

#include "hv_page.h"
#include "hv_types.h"

#if defined(__x86_64__)
#define HV_MAXIMUM_PROCESSORS		2048
#else
#define HV_MAXIMUM_PROCESSORS		320
#endif
#define HV_MAX_VP_INDEX			(HV_MAXIMUM_PROCESSORS - 1)

/* Stand-ins for a VP index: the caller, or no VP in particular. */
#define HV_VP_INDEX_SELF		((__u32)-2)
#define HV_ANY_VP			((__u32)-1)

/* Banks of 64 VPs each; only the banks named in the mask follow. */
enum hv_generic_set_format {
	HV_GENERIC_SET_SPARSE_4K	= 0,
	HV_GENERIC_SET_ALL		= 1,
};

#define HV_GENERIC_SET_FORMAT		hv_generic_set_format
#define HV_GENERIC_SET_SHIFT		6
#define HV_GENERIC_SET_MASK		63
#define HV_MAX_SPARSE_VCPU_BANKS	64
#define HV_VCPUS_PER_SPARSE_BANK	64

__extension__ struct hv_vpset {
	__u64 format;			/* enum hv_generic_set_format */
	__u64 valid_bank_mask;
	__u64 bank_contents[];
} HV_PACKED;

/* Quadwords of a set for up to max VPs: format, mask, banks. */
#define HV_GENERIC_SET_QWORD_COUNT(max)	(((((max) - 1) >> 6) + 1) + 2)

/* HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE and _LIST */
__extension__ struct hv_tlb_flush {
	__u64 address_space;
	__u64 flags;			/* HV_FLUSH_* */
	__u64 processor_mask;
	__u64 gva_list[];
} HV_PACKED;

#define HV_FLUSH_ALL_PROCESSORS			(1UL << 0)
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES	(1UL << 1)
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY	(1UL << 2)
#define HV_FLUSH_USE_EXTENDED_RANGE_FORMAT	(1UL << 3)

/* The same with a sparse set; the addresses follow after the set's last bank. */
__extension__ struct hv_tlb_flush_ex {
	__u64 address_space;
	__u64 flags;
	union {
		struct hv_vpset hv_vp_set;
		struct {
			__u64 hv_vp_set_header[2];
			__u64 gva_list[];
		} HV_PACKED;
	};
} HV_PACKED;

/* HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_SPACE and _LIST */
struct hv_guest_mapping_flush {
	__u64 address_space;
	__u64 flags;
} HV_PACKED;

#define HV_MAX_FLUSH_PAGES		2048	/* additional_pages + 1 */
#define HV_GPA_PAGE_RANGE_PAGE_SIZE_2MB	0
#define HV_GPA_PAGE_RANGE_PAGE_SIZE_1GB	1

__extension__ union hv_gpa_page_range {
	__u64 address_space;
	/* of 4 KiB pages, or with largepage of the size in the second form */
	struct {
		__u64 additional_pages : 11;
		__u64 largepage : 1;
		__u64 basepfn : 52;
	} page;
	struct {
		__u64 reserved : 12;
		__u64 page_size : 1;
		__u64 reserved1 : 8;
		__u64 base_large_pfn : 43;
	};
};

/* As many ranges as fit a page beside the two quadwords. */
#define HV_MAX_FLUSH_REP_COUNT		((HV_HYP_PAGE_SIZE - 2 * sizeof(__u64)) / sizeof(union hv_gpa_page_range))

struct hv_guest_mapping_flush_list {
	__u64 address_space;
	__u64 flags;
	union hv_gpa_page_range gpa_list[HV_MAX_FLUSH_REP_COUNT];
};

/* HVCALL_SEND_IPI and _EX */
#define HV_IPI_LOW_VECTOR		0x10
#define HV_IPI_HIGH_VECTOR		0xff

struct hv_send_ipi {
	__u32 vector;
	__u32 reserved;
	__u64 cpu_mask;
} HV_PACKED;

__extension__ struct hv_send_ipi_ex {
	__u32 vector;
	__u32 reserved;
	struct hv_vpset vp_set;
} HV_PACKED;

#endif /* MSHV_HV_VP_SET_H */
