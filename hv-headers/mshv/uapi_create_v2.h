/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Our statement of <linux/mshv.h>: the second form of MSHV_CREATE_PARTITION's argument. Included by uapi.h.
 *
 * Linux 7.2. The number of the ioctl stays that of the first form; MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES in pt_flags
 * tells the kernel to read on.
 */
#ifndef MSHV_UAPI_CREATE_V2_H
#define MSHV_UAPI_CREATE_V2_H

#include "uapi.h"

#ifndef MSHV_NUM_CPU_FEATURES_BANKS

#define MSHV_NUM_CPU_FEATURES_BANKS	2

struct mshv_create_partition_v2 {
	__u64 pt_flags;
	__u64 pt_isolation;
	__u16 pt_num_cpu_fbanks;	/* MSHV_NUM_CPU_FEATURES_BANKS */
	__u8 pt_rsvd[6];
	__u64 pt_cpu_fbanks[MSHV_NUM_CPU_FEATURES_BANKS];	/* union hv_partition_processor_features, to be off */
	__u64 pt_rsvd1[2];
#if defined(__x86_64__)
	__u64 pt_disabled_xsave;	/* union hv_partition_processor_xsave_features */
#else
	__u64 pt_rsvd2;
#endif
} __attribute__((__packed__));

#endif

#endif /* MSHV_UAPI_CREATE_V2_H */
