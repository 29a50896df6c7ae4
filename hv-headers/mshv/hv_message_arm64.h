/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Payloads of intercept messages, arm64. The message type that carries each is named above it.
 *
 * Not in the TLFS: Linux 7.2 (memory), rust-vmm/mshv 0.7 (all).
 */
#ifndef MSHV_HV_MESSAGE_ARM64_H
#define MSHV_HV_MESSAGE_ARM64_H

#include "hv_registers.h"

/* The VP's state at the intercept. */
__extension__ union hv_arm64_vp_execution_state {
	__u16 as_uint16;
	struct {
		__u16 cpl : 2;		/* the exception level */
		__u16 debug_active : 1;
		__u16 interruption_pending : 1;
		__u16 vtl : 4;
		__u16 virtualization_fault_active : 1;
		__u16 reserved : 7;
	};
};

struct hv_arm64_intercept_message_header {
	__u32 vp_index;
	__u8 instruction_length;
	__u8 intercept_access_type;	/* enum hv_intercept_access_type */
	union hv_arm64_vp_execution_state execution_state;
	__u64 pc;
	__u64 cpsr;
} HV_PACKED;

/* HVMSG_UNMAPPED_GPA, HVMSG_GPA_INTERCEPT, HVMSG_UNACCEPTED_GPA */
__extension__ union hv_arm64_memory_access_info {
	__u8 as_uint8;
	struct {
		__u8 gva_valid : 1;
		__u8 gva_gpa_valid : 1;
		__u8 hypercall_output_pending : 1;
		__u8 reserved : 5;
	};
};

struct hv_arm64_memory_intercept_message {
	struct hv_arm64_intercept_message_header header;
	__u32 cache_type;
	__u8 instruction_byte_count;	/* not to be trusted: may exceed the array */
	union hv_arm64_memory_access_info memory_access_info;
	__u16 reserved1;
	__u8 instruction_bytes[4];
	__u32 reserved2;
	__u64 guest_virtual_address;
	__u64 guest_physical_address;
	__u64 syndrome;
} HV_PACKED;

/* Intercepted access to a system register. */
union hv_arm64_register_access_info {
	union hv_register_value source_value;
	__u32 destination_register;	/* enum hv_register_name */
} HV_PACKED;

__extension__ struct hv_arm64_register_intercept_message {
	struct hv_arm64_intercept_message_header Header;
	struct {
		__u8 is_memory_op : 1;
		__u8 reserved : 7;
	} HV_PACKED;
	__u8 reserved8;
	__u16 reserved16;
	__u32 register_name;		/* enum hv_register_name */
	union hv_arm64_register_access_info access_info;
} HV_PACKED;

/* HVMSG_ARM64_RESET_INTERCEPT */
enum hv_arm64_reset_type {
	HV_ARM64_RESET_TYPE_POWER_OFF		= 0,
	HV_ARM64_RESET_TYPE_REBOOT		= 1,
	HV_ARM64_RESET_TYPE_SYSTEM_RESET2	= 2,
	HV_ARM64_RESET_TYPE_HIBERNATE		= 3,
	HV_ARM64_RESET_TYPE_MAX			= 4,
};

struct hv_arm64_reset_intercept_message {
	struct hv_arm64_intercept_message_header header;
	__u32 reset_type;		/* enum hv_arm64_reset_type */
	__u32 reset_code;
};

#endif /* MSHV_HV_MESSAGE_ARM64_H */
