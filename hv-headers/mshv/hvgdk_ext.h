/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Extended hypercalls, which the virtualization stack answers instead of the hypervisor.
 *
 * TLFS "Hypercall Interface", extended hypercalls; the memory hints: Linux 7.2.
 */
#ifndef MSHV_HVGDK_EXT_H
#define MSHV_HVGDK_EXT_H

#include "hvgdk_mini.h"

#define HV_EXT_CALL_QUERY_CAPABILITIES	0x8001
#define HV_EXT_CALL_MEMORY_HEAT_HINT	0x8003

enum {
	HV_EXTCALL_QUERY_CAPABILITIES	= 0x8001,
	HV_EXTCALL_MEMORY_HEAT_HINT	= 0x8003,
};

/* What HV_EXT_CALL_QUERY_CAPABILITIES reports. */
#define HV_EXT_CAPABILITY_MEMORY_COLD_DISCARD_HINT	(1UL << 8)

enum {
	HV_EXTMEM_HEAT_HINT_COLD		= 0,
	HV_EXTMEM_HEAT_HINT_HOT			= 1,
	HV_EXTMEM_HEAT_HINT_COLD_DISCARD	= 2,
	HV_EXTMEM_HEAT_HINT_MAX			= 3,
};

#define HV_EXT_MEMORY_HEAT_HINT_TYPE_COLD_DISCARD	2

/* HV_EXT_CALL_MEMORY_HEAT_HINT; all ranges must fit one page. */
__extension__ struct hv_memory_hint {
	__u64 heat_type : 2;		/* HV_EXTMEM_HEAT_HINT_* */
	__u64 reserved : 62;
	union hv_gpa_page_range ranges[];
} HV_PACKED;

#define HV_MEMORY_HINT_MAX_GPA_PAGE_RANGES \
	((HV_HYP_PAGE_SIZE - sizeof(struct hv_memory_hint)) / sizeof(union hv_gpa_page_range))

#endif /* MSHV_HVGDK_EXT_H */
