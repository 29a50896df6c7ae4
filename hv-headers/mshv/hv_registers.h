/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Register values, and the hypercalls that read and write them.
 *
 * TLFS "Virtual Processors", HvCallGetVpRegisters and HvCallSetVpRegisters.
 */
#ifndef MSHV_HV_REGISTERS_H
#define MSHV_HV_REGISTERS_H

#include "hv_msr_x64.h"
#include "hv_register_names.h"
#include "hv_registers_arm64.h"
#include "hv_registers_x64.h"

/* Three reasons not to run: the owner said so, an intercept is unanswered, the scheduler holds the VP. */
__extension__ union hv_explicit_suspend_register {
	__u64 as_uint64;
	struct {
		__u64 suspended : 1;
		__u64 reserved : 63;
	};
};

__extension__ union hv_intercept_suspend_register {
	__u64 as_uint64;
	struct {
		__u64 suspended : 1;
		__u64 reserved : 63;
	};
};

__extension__ union hv_dispatch_suspend_register {
	__u64 as_uint64;
	struct {
		__u64 suspended : 1;
		__u64 reserved : 63;
	};
};

__extension__ union hv_internal_activity_register {
	__u64 as_uint64;
	struct {
		__u64 startup_suspend : 1;
		__u64 halt_suspend : 1;
		__u64 idle_suspend : 1;
		__u64 rsvd_z : 61;
	};
};

/* A register value, 128 bits. The two members whose layout depends on the processor keep one name. */
__extension__ union hv_register_value {
	struct hv_u128 reg128;
	__u64 reg64;
	__u32 reg32;
	__u16 reg16;
	__u8 reg8;

	union hv_explicit_suspend_register explicit_suspend;
	union hv_intercept_suspend_register intercept_suspend;
	union hv_dispatch_suspend_register dispatch_suspend;
	union hv_internal_activity_register internal_activity;
#if defined(__x86_64__)
	union hv_x64_interrupt_state_register interrupt_state;
	union hv_x64_pending_interruption_register pending_interruption;
#else
	union hv_arm64_interrupt_state_register interrupt_state;
	union hv_arm64_pending_interruption_register pending_interruption;
#endif
	/* x86 */
	struct hv_x64_segment_register segment;
	struct hv_x64_table_register table;
	union hv_x64_fp_register fp;
	union hv_x64_fp_control_status_register fp_control_status;
	union hv_x64_xmm_control_status_register xmm_control_status;
	union hv_x64_msr_npiep_config_contents npiep_config;
	union hv_x64_pending_exception_event pending_exception_event;
	union hv_x64_pending_virtualization_fault_event pending_virtualization_fault_event;
	union hv_x64_register_sev_control sev_control;
	/* arm64 */
	union hv_arm64_pending_synthetic_exception_event pending_synthetic_exception_event;
};

/* Which VTL a call means; 0 in all bits is the caller's own. */
__extension__ union hv_input_vtl {
	__u8 as_uint8;
	struct {
		__u8 target_vtl : 4;
		__u8 use_target_vtl : 1;
		__u8 reserved_z : 3;
	};
};

#define HV_NORMAL_VTL	0
#define HV_VTL_MASK	0xf

struct hv_register_assoc {
	__u32 name;			/* enum hv_register_name */
	__u32 reserved1;
	__u64 reserved2;
	union hv_register_value value;
} HV_PACKED;

/* HVCALL_GET_VP_REGISTERS */
__extension__ struct hv_input_get_vp_registers {
	__u64 partition_id;
	__u32 vp_index;
	union hv_input_vtl input_vtl;
	__u8 rsvd_z8;
	__u16 rsvd_z16;
	__u32 names[];			/* enum hv_register_name */
} HV_PACKED;

__extension__ struct hv_output_get_vp_registers {
	HV_FLEX_ARRAY(union hv_register_value, values);
};

/* HVCALL_SET_VP_REGISTERS */
__extension__ struct hv_input_set_vp_registers {
	__u64 partition_id;
	__u32 vp_index;
	union hv_input_vtl input_vtl;
	__u8 rsvd_z8;
	__u16 rsvd_z16;
	struct hv_register_assoc elements[];
} HV_PACKED;

/*
 * HV_MSR_*: a register under one name for both processors. On x86 it is the number of an MSR, on arm64 that of a
 * register of the hypercalls above.
 */
#if defined(__x86_64__)
#define HV_MSR_CRASH_P0			HV_X64_MSR_CRASH_P0
#define HV_MSR_CRASH_P1			HV_X64_MSR_CRASH_P1
#define HV_MSR_CRASH_P2			HV_X64_MSR_CRASH_P2
#define HV_MSR_CRASH_P3			HV_X64_MSR_CRASH_P3
#define HV_MSR_CRASH_P4			HV_X64_MSR_CRASH_P4
#define HV_MSR_CRASH_CTL		HV_X64_MSR_CRASH_CTL
#define HV_MSR_VP_INDEX			HV_X64_MSR_VP_INDEX
#define HV_MSR_TIME_REF_COUNT		HV_X64_MSR_TIME_REF_COUNT
#define HV_MSR_REFERENCE_TSC		HV_X64_MSR_REFERENCE_TSC
#define HV_MSR_SINT0			HV_X64_MSR_SINT0
#define HV_MSR_SVERSION			HV_X64_MSR_SVERSION
#define HV_MSR_SCONTROL			HV_X64_MSR_SCONTROL
#define HV_MSR_SIEFP			HV_X64_MSR_SIEFP
#define HV_MSR_SIMP			HV_X64_MSR_SIMP
#define HV_MSR_EOM			HV_X64_MSR_EOM
#define HV_MSR_SIRBP			HV_X64_MSR_SIRBP
#define HV_MSR_STIMER0_CONFIG		HV_X64_MSR_STIMER0_CONFIG
#define HV_MSR_STIMER0_COUNT		HV_X64_MSR_STIMER0_COUNT
#define HV_MSR_NESTED_SCONTROL		HV_X64_MSR_NESTED_SCONTROL
#define HV_MSR_NESTED_SVERSION		HV_X64_MSR_NESTED_SVERSION
#define HV_MSR_NESTED_SIEFP		HV_X64_MSR_NESTED_SIEFP
#define HV_MSR_NESTED_SIMP		HV_X64_MSR_NESTED_SIMP
#define HV_MSR_NESTED_EOM		HV_X64_MSR_NESTED_EOM
#define HV_MSR_NESTED_SINT0		HV_X64_MSR_NESTED_SINT0
#else
#define HV_MSR_CRASH_P0			HV_REGISTER_GUEST_CRASH_P0
#define HV_MSR_CRASH_P1			HV_REGISTER_GUEST_CRASH_P1
#define HV_MSR_CRASH_P2			HV_REGISTER_GUEST_CRASH_P2
#define HV_MSR_CRASH_P3			HV_REGISTER_GUEST_CRASH_P3
#define HV_MSR_CRASH_P4			HV_REGISTER_GUEST_CRASH_P4
#define HV_MSR_CRASH_CTL		HV_REGISTER_GUEST_CRASH_CTL
#define HV_MSR_VP_INDEX			HV_REGISTER_VP_INDEX
#define HV_MSR_TIME_REF_COUNT		HV_REGISTER_TIME_REF_COUNT
#define HV_MSR_REFERENCE_TSC		HV_REGISTER_REFERENCE_TSC
#define HV_MSR_SINT0			HV_REGISTER_SINT0
#define HV_MSR_SCONTROL			HV_REGISTER_SCONTROL
#define HV_MSR_SIEFP			HV_REGISTER_SIEFP
#define HV_MSR_SIMP			HV_REGISTER_SIMP
#define HV_MSR_EOM			HV_REGISTER_EOM
#define HV_MSR_SIRBP			HV_REGISTER_SIRBP
#define HV_MSR_STIMER0_CONFIG		HV_REGISTER_STIMER0_CONFIG
#define HV_MSR_STIMER0_COUNT		HV_REGISTER_STIMER0_COUNT
#endif

#endif /* MSHV_HV_REGISTERS_H */
