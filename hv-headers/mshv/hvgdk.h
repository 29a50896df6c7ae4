/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Guest interface, the rest.
 */
#ifndef MSHV_HVGDK_H
#define MSHV_HVGDK_H

#include "hvgdk_mini.h"
#include "hvgdk_ext.h"
#include "hv_nested.h"

/*
 * What Linux writes as the vendor part of HV_X64_MSR_GUEST_OS_ID: open source (bit 15 of it), system type 1 (Linux).
 * TLFS "Hypercall Interface", guest OS identity.
 */
#define HV_LINUX_VENDOR_ID	0x8100

/* HVCALL_UNMAP_GPA_PAGES. Linux 7.2. */
struct hv_input_unmap_gpa_pages {
	__u64 target_partition_id;
	__u64 target_gpa_base;
	__u32 unmap_flags;		/* HV_UNMAP_GPA_* */
	__u32 padding;
} HV_PACKED;

#define HV_UNMAP_GPA_LARGE_PAGE	0x2

#endif /* MSHV_HVGDK_H */
