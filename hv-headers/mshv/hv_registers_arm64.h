/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Layouts of arm64 register values.
 *
 * TLFS "Virtual Processors" has no arm64 chapter: Linux 7.2, rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_REGISTERS_ARM64_H
#define MSHV_HV_REGISTERS_ARM64_H

#include "hv_types.h"

__extension__ union hv_arm64_interrupt_state_register {
	__u64 as_uint64;
	struct {
		__u64 interrupt_shadow : 1;
		__u64 reserved : 63;
	};
};

__extension__ union hv_arm64_pending_interruption_register {
	__u64 as_uint64;
	struct {
		__u64 interruption_pending : 1;
		__u64 interruption_type : 1;
		__u64 reserved : 30;
		__u64 error_code : 32;
	};
};

enum hv_arm64_pending_interruption_type {
	HV_ARM64_PENDING_INTERRUPT	= 0,
	HV_ARM64_PENDING_EXCEPTION	= 1,
};

__extension__ union hv_arm64_pending_synthetic_exception_event {
	__u64 as_uint64[2];
	struct {
		__u8 event_pending : 1;
		__u8 event_type : 3;
		__u8 reserved : 4;
		__u8 rsvd[3];
		__u32 exception_type;
		__u64 context;
	};
};

__extension__ struct hv_get_vp_registers_output {
	union {
		struct {
			__u32 a;
			__u32 b;
			__u32 c;
			__u32 d;
		} HV_PACKED as32;
		struct {
			__u64 low;
			__u64 high;
		} HV_PACKED as64;
	};
} HV_PACKED;

#endif /* MSHV_HV_REGISTERS_ARM64_H */
