/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Payloads of intercept messages, x86. The message type that carries each is named above it.
 *
 * TLFS "Intercepts" and appendix "Intercept Message Formats"; the memory and EOI messages in Linux 7.2, all in
 * rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_MESSAGE_X64_H
#define MSHV_HV_MESSAGE_X64_H

#include "hv_registers.h"
#include "hv_vp_set.h"

/* The VP's state at the intercept. */
__extension__ union hv_x64_vp_execution_state {
	__u16 as_uint16;
	struct {
		__u16 cpl : 2;
		__u16 cr0_pe : 1;
		__u16 cr0_am : 1;
		__u16 efer_lma : 1;
		__u16 debug_active : 1;
		__u16 interruption_pending : 1;
		__u16 vtl : 4;
		__u16 enclave_mode : 1;
		__u16 interrupt_shadow : 1;
		__u16 virtualization_fault_active : 1;
		__u16 reserved : 2;
	};
};

struct hv_x64_intercept_message_header {
	__u32 vp_index;
	__u8 instruction_length : 4;
	__u8 cr8 : 4;			/* of an exo partition */
	__u8 intercept_access_type;	/* enum hv_intercept_access_type */
	union hv_x64_vp_execution_state execution_state;
	struct hv_x64_segment_register cs_segment;
	__u64 rip;
	__u64 rflags;
} HV_PACKED;

/* HVMSG_UNMAPPED_GPA, HVMSG_GPA_INTERCEPT, HVMSG_UNACCEPTED_GPA */
__extension__ union hv_x64_memory_access_info {
	__u8 as_uint8;
	struct {
		__u8 gva_valid : 1;
		__u8 gva_gpa_valid : 1;
		__u8 hypercall_output_pending : 1;
		__u8 tlb_locked_no_overlay : 1;
		__u8 reserved : 4;
	};
};

struct hv_x64_memory_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 cache_type;		/* enum hv_cache_type of the TLFS */
	__u8 instruction_byte_count;	/* not to be trusted: may exceed the array */
	union hv_x64_memory_access_info memory_access_info;
	__u8 tpr_priority;
	__u8 reserved1;
	__u64 guest_virtual_address;
	__u64 guest_physical_address;
	__u8 instruction_bytes[16];
} HV_PACKED;

/* HVMSG_X64_IO_PORT_INTERCEPT */
__extension__ union hv_x64_io_port_access_info {
	__u8 as_uint8;
	struct {
		__u8 access_size : 3;
		__u8 string_op : 1;
		__u8 rep_prefix : 1;
		__u8 reserved : 3;
	};
};

struct hv_x64_io_port_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u16 port_number;
	union hv_x64_io_port_access_info access_info;
	__u8 instruction_byte_count;
	__u32 reserved;
	__u64 rax;
	__u8 instruction_bytes[16];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register es_segment;
	__u64 rcx;
	__u64 rsi;
	__u64 rdi;
} HV_PACKED;

/* HVMSG_X64_MSR_INTERCEPT */
struct hv_x64_msr_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 msr_number;
	__u32 reserved;
	__u64 rdx;
	__u64 rax;
} HV_PACKED;

/* HVMSG_X64_CPUID_INTERCEPT */
struct hv_x64_cpuid_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 rax;
	__u64 rcx;
	__u64 rdx;
	__u64 rbx;
	__u64 default_result_rax;
	__u64 default_result_rcx;
	__u64 default_result_rdx;
	__u64 default_result_rbx;
} HV_PACKED;

/* HVMSG_X64_EXCEPTION_INTERCEPT */
__extension__ union hv_x64_exception_info {
	__u8 as_uint8;
	struct {
		__u8 error_code_valid : 1;
		__u8 software_exception : 1;
		__u8 reserved : 6;
	};
};

struct hv_x64_exception_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u16 exception_vector;
	union hv_x64_exception_info exception_info;
	__u8 instruction_byte_count;
	__u32 error_code;
	__u64 exception_parameter;
	__u64 reserved;
	__u8 instruction_bytes[16];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register ss_segment;
	__u64 rax;
	__u64 rcx;
	__u64 rdx;
	__u64 rbx;
	__u64 rsp;
	__u64 rbp;
	__u64 rsi;
	__u64 rdi;
	__u64 r8;
	__u64 r9;
	__u64 r10;
	__u64 r11;
	__u64 r12;
	__u64 r13;
	__u64 r14;
	__u64 r15;
} HV_PACKED;

/* HVMSG_HYPERCALL_INTERCEPT */
#define HV_HYPERCALL_INTERCEPT_MAX_XMM_REGISTERS	6

__extension__ struct hv_x64_hypercall_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 rax;
	__u64 rbx;
	__u64 rcx;
	__u64 rdx;
	__u64 r8;
	__u64 rsi;
	__u64 rdi;
	struct hv_u128 xmmregisters[HV_HYPERCALL_INTERCEPT_MAX_XMM_REGISTERS];
	struct {
		__u32 isolated : 1;
		__u32 reserved : 31;
	} HV_PACKED;
} HV_PACKED;

/* Intercepted access to a control register or the like. */
union hv_x64_register_access_info {
	union hv_register_value source_value;
	__u32 destination_register;
	__u64 source_address;
	__u64 destination_address;
};

__extension__ struct hv_x64_register_intercept_message {
	struct hv_x64_intercept_message_header header;
	struct {
		__u8 is_memory_op : 1;
		__u8 reserved : 7;
	} HV_PACKED;
	__u8 reserved8;
	__u16 reserved16;
	__u32 register_name;		/* enum hv_register_name */
	union hv_x64_register_access_info access_info;
} HV_PACKED;

/* HVMSG_X64_HALT */
struct hv_x64_halt_message {
	struct hv_x64_intercept_message_header header;
};

/* HVMSG_X64_SIPI_INTERCEPT */
struct hv_x64_sipi_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 target_vp_index;
	__u32 interrupt_vector;
} HV_PACKED;

/* HVMSG_X64_APIC_EOI */
struct hv_x64_apic_eoi_message {
	__u32 vp_index;
	__u32 interrupt_vector;
} HV_PACKED;

/* HVMSG_X64_INTERRUPTION_DELIVERABLE */
struct hv_x64_interruption_deliverable_message {
	struct hv_x64_intercept_message_header header;
	__u32 deliverable_type;		/* HV_X64_PENDING_* */
	__u32 rsvd;
} HV_PACKED;

/* HVMSG_SYNIC_SINT_DELIVERABLE */
struct hv_x64_sint_deliverable_message {
	struct hv_x64_intercept_message_header header;
	__u16 deliverable_sints;
	__u16 rsvd1;
	__u32 rsvd2;
} HV_PACKED;

/* HVMSG_INVALID_VP_REGISTER_VALUE */
struct hv_x64_invalid_vp_register_message {
	__u32 vp_index;
	__u32 reserved;
} HV_PACKED;

/* HVMSG_UNRECOVERABLE_EXCEPTION */
struct hv_x64_unrecoverable_exception_message {
	struct hv_x64_intercept_message_header header;
};

/* HVMSG_UNSUPPORTED_FEATURE */
#define HV_UNSUPPORTED_FEATURE_INTERCEPT	1
#define HV_UNSUPPORTED_FEATURE_TASK_SWITCH_TSS	2

struct hv_x64_unsupported_feature_message {
	__u32 vp_index;
	__u32 feature_code;		/* HV_UNSUPPORTED_FEATURE_* */
	__u64 feature_parameter;
} HV_PACKED;

/* HVMSG_GPA_ATTRIBUTE_INTERCEPT */
#define HV_GPA_ATTRIBUTE_INTERCEPT_MAX_RANGES	29

__extension__ struct hv_x64_gpa_attribute_intercept_message {
	__u32 vp_index;
	struct {
		__u32 range_count : 5;
		__u32 adjust : 1;
		__u32 host_visibility : 2;
		__u32 memory_type : 6;
		__u32 reserved : 18;
	} HV_PACKED;
	union hv_gpa_page_range ranges[HV_GPA_ATTRIBUTE_INTERCEPT_MAX_RANGES];
} HV_PACKED;

/* HVMSG_X64_SEV_VMGEXIT_INTERCEPT */
__extension__ struct hv_x64_vmgexit_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 ghcb_msr;
	struct {
		__u64 ghcb_page_valid : 1;
		__u64 reserved : 63;
	} HV_PACKED;
	struct {
		__u32 ghcb_usage;
		__u32 rserved_ghcb_page;
		struct {
			__u16 ghcb_protocol_version;
			__u16 reserved_st[3];
			__u64 sw_exit_code;
			__u64 sw_exit_info1;
			__u64 sw_exit_info2;
			__u64 sw_scratch;
		} HV_PACKED;
	} HV_PACKED;
} HV_PACKED;

#endif /* MSHV_HV_MESSAGE_X64_H */
