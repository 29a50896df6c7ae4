/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Host interface, the rest: what a virtual machine monitor needs.
 */
#ifndef MSHV_HVHDK_H
#define MSHV_HVHDK_H

#include "hvhdk_mini.h"
#include "hvgdk.h"
#include "hv_message_arm64.h"
#include "hv_message_x64.h"
#include "hv_partition.h"
#include "hv_port.h"
#include "hv_root_scheduler.h"
#include "hv_vp_state.h"

/* HVMSG_OPAQUE_INTERCEPT. Linux 7.2. */
struct hv_opaque_intercept_message {
	__u32 vp_index;
} HV_PACKED;

/* rust-vmm/mshv's marks of what its headers can do. */
#define HV_SUPPORTS_REGISTER_INTERCEPT
#define HV_SUPPORTS_VP_STATE

#endif /* MSHV_HVHDK_H */
