/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Host interface, the part that the kernel of the host needs early.
 */
#ifndef MSHV_HVHDK_MINI_H
#define MSHV_HVHDK_MINI_H

#include "hvgdk_mini.h"
#include "hv_memory.h"
#include "hv_partition_property.h"
#include "hv_snp.h"
#include "hv_stats.h"
#include "hv_system.h"

/*
 * HVCALL_CREATE_VP. TLFS "Virtual Processors".
 */
enum {
	HV_SUBNODE_ANY		= 0,
	HV_SUBNODE_SOCKET	= 1,
	HV_SUBNODE_CLUSTER	= 2,
	HV_SUBNODE_L3		= 3,
	HV_SUBNODE_COUNT	= 4,
	HV_SUBNODE_INVALID = -1,
};

struct hv_create_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u8 padding[3];
	__u8 subnode_type;		/* HV_SUBNODE_* */
	__u64 subnode_id;
	struct hv_proximity_domain_info proximity_domain_info;
	__u64 flags;
} HV_PACKED;

#endif /* MSHV_HVHDK_MINI_H */
