/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Guest interface, the part that every user of the hypervisor needs.
 *
 * Small things live here, each larger group in a file of its own.
 */
#ifndef MSHV_HVGDK_MINI_H
#define MSHV_HVGDK_MINI_H

#include "hv_types.h"
#include "hv_cpuid.h"
#include "hv_device.h"
#include "hv_hypercall.h"
#include "hv_intercept.h"
#include "hv_interrupt.h"
#include "hv_msr_x64.h"
#include "hv_page.h"
#include "hv_registers.h"
#include "hv_status.h"
#include "hv_synic.h"
#include "hv_vp_set.h"
#include "hv_vtl.h"

/* The reference time counts at 10 MHz. TLFS "Timers". */
#define HV_CLOCK_HZ			10000000L

/* Stand-ins for a partition id. TLFS "Partition Management". */
#define HV_PARTITION_ID_INVALID		((__u64)0)
#define HV_PARTITION_ID_SELF		((__u64)-1)

/* HVCALL_GET_PARTITION_ID */
struct hv_output_get_partition_id {
	__u64 partition_id;
} HV_PACKED;

/*
 * Pages that an isolated guest shows to the host. Linux 7.2.
 */
enum hv_mem_host_visibility {
	VMBUS_PAGE_NOT_VISIBLE		= 0,
	VMBUS_PAGE_VISIBLE_READ_ONLY	= 1,
	VMBUS_PAGE_VISIBLE_READ_WRITE	= 3,
};

/* HVCALL_MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY */
#define HV_MAX_MODIFY_GPA_REP_COUNT	((HV_HYP_PAGE_SIZE / sizeof(__u64)) - 2)

struct hv_gpa_range_for_visibility {
	__u64 partition_id;
	__u32 host_visibility : 2;	/* enum hv_mem_host_visibility */
	__u32 reserved0 : 30;
	__u32 reserved1;
	__u64 gpa_page_list[HV_MAX_MODIFY_GPA_REP_COUNT];
} HV_PACKED;

/*
 * Memory mapped I/O that the hypervisor does for an isolated guest. Linux 7.2.
 */
#define HV_HYPERCALL_MMIO_MAX_DATA_LENGTH	64

struct hv_mmio_read_input {
	__u64 gpa;
	__u32 size;
	__u32 reserved;
} HV_PACKED;

struct hv_mmio_read_output {
	__u8 data[HV_HYPERCALL_MMIO_MAX_DATA_LENGTH];
};

struct hv_mmio_write_input {
	__u64 gpa;
	__u32 size;
	__u32 reserved;
	__u8 data[HV_HYPERCALL_MMIO_MAX_DATA_LENGTH];
} HV_PACKED;

#endif /* MSHV_HVGDK_MINI_H */
