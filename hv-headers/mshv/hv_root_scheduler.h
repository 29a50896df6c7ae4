/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The root scheduler: the root's threads run the VPs of its children.
 *
 * Linux 7.2; not in the TLFS.
 */
#ifndef MSHV_HV_ROOT_SCHEDULER_H
#define MSHV_HV_ROOT_SCHEDULER_H

#include "hv_synic.h"
#include "hv_vp_set.h"

/* HVCALL_DISPATCH_VP returns why the VP stopped. */
enum hv_vp_dispatch_state {
	HV_VP_DISPATCH_STATE_INVALID	= 0,
	HV_VP_DISPATCH_STATE_BLOCKED	= 1,
	HV_VP_DISPATCH_STATE_READY	= 2,
};

enum hv_vp_dispatch_event {
	HV_VP_DISPATCH_EVENT_INVALID	= 0,
	HV_VP_DISPATCH_EVENT_SUSPEND	= 1,
	HV_VP_DISPATCH_EVENT_INTERCEPT	= 2,
};

#define HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND	0x1
#define HV_DISPATCH_VP_FLAG_ENABLE_CALLER_INTERRUPTS	0x2
#define HV_DISPATCH_VP_FLAG_SET_CALLER_SPEC_CTRL	0x4
#define HV_DISPATCH_VP_FLAG_SKIP_VP_SPEC_FLUSH		0x8
#define HV_DISPATCH_VP_FLAG_SKIP_CALLER_SPEC_FLUSH	0x10
#define HV_DISPATCH_VP_FLAG_SKIP_CALLER_USER_SPEC_FLUSH	0x20
#define HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION	0x40

struct hv_input_dispatch_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u32 flags;			/* HV_DISPATCH_VP_FLAG_* */
	__u64 time_slice;		/* in 100 ns */
	__u64 spec_ctrl;
} HV_PACKED;

struct hv_output_dispatch_vp {
	__u32 dispatch_state;		/* enum hv_vp_dispatch_state */
	__u32 dispatch_event;		/* enum hv_vp_dispatch_event */
} HV_PACKED;

#define HV_ROOT_SCHEDULER_MAX_VPS_PER_CHILD_PARTITION	1024

/* HVMSG_SCHEDULER_VP_SIGNAL_BITSET: these VPs of one partition want to run. */
__extension__ struct hv_vp_signal_bitset_scheduler_message {
	__u64 partition_id;
	__u32 overflow_count;
	__u16 vp_count;
	__u16 reserved;
	union {
		struct hv_vpset bitset;
		__u64 bitset_buffer[HV_GENERIC_SET_QWORD_COUNT(HV_ROOT_SCHEDULER_MAX_VPS_PER_CHILD_PARTITION)];
	} vp_bitset;
} HV_PACKED;

/* HVMSG_SCHEDULER_VP_SIGNAL_PAIR: the same for VPs of several partitions; what a payload holds, less one. */
#define HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT \
	(((sizeof(struct hv_message) - sizeof(struct hv_message_header)) / (sizeof(__u64) + sizeof(__u32))) - 1)

struct hv_vp_signal_pair_scheduler_message {
	__u32 overflow_count;
	__u8 vp_count;
	__u8 reserved1[3];
	__u64 partition_ids[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	__u32 vp_indexes[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	__u8 reserved2[4];
} HV_PACKED;

#endif /* MSHV_HV_ROOT_SCHEDULER_H */
