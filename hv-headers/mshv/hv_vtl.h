/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Virtual secure mode: several virtual trust levels (VTL) in one VP.
 *
 * TLFS "Virtual Secure Mode". Linux 7.2.
 */
#ifndef MSHV_HV_VTL_H
#define MSHV_HV_VTL_H

#include "hv_registers.h"

/* HV_REGISTER_VSM_PARTITION_CONFIG */
__extension__ union hv_register_vsm_partition_config {
	__u64 as_uint64;
	struct {
		__u64 enable_vtl_protection : 1;
		__u64 default_vtl_protection_mask : 4;
		__u64 zero_memory_on_reset : 1;
		__u64 deny_lower_vtl_startup : 1;
		__u64 intercept_acceptance : 1;
		__u64 intercept_enable_vtl_protection : 1;
		__u64 intercept_vp_startup : 1;
		__u64 intercept_cpuid_unimplemented : 1;
		__u64 intercept_unrecoverable_exception : 1;
		__u64 intercept_page : 1;
		__u64 intercept_restore_partition_time : 1;
		__u64 intercept_not_present : 1;
		__u64 mbz : 49;
	};
};

/* HV_REGISTER_VSM_CAPABILITIES */
__extension__ union hv_register_vsm_capabilities {
	__u64 as_uint64;
	struct {
		__u64 dr6_shared : 1;
		__u64 mbec_vtl_mask : 16;
		__u64 deny_lower_vtl_startup : 1;
		__u64 supervisor_shadow_stack : 1;
		__u64 hardware_hvpt_available : 1;
		__u64 software_hvpt_available : 1;
		__u64 hardware_hvpt_range_bits : 6;
		__u64 intercept_page_available : 1;
		__u64 return_action_available : 1;
		__u64 reserved : 35;
	};
};

/* HV_REGISTER_VSM_CODE_PAGE_OFFSETS: where in the hypercall page the two switches are. */
__extension__ union hv_register_vsm_page_offsets {
	struct {
		__u64 vtl_call_offset : 12;
		__u64 vtl_return_offset : 12;
		__u64 reserved_mbz : 40;
	};
	__u64 as_uint64;
};

/* HVCALL_ENABLE_VP_VTL and HVCALL_START_VP: the state in which the VTL starts. */
struct hv_init_vp_context {
	__u64 rip;
	__u64 rsp;
	__u64 rflags;
	struct hv_x64_segment_register cs;
	struct hv_x64_segment_register ds;
	struct hv_x64_segment_register es;
	struct hv_x64_segment_register fs;
	struct hv_x64_segment_register gs;
	struct hv_x64_segment_register ss;
	struct hv_x64_segment_register tr;
	struct hv_x64_segment_register ldtr;
	struct hv_x64_table_register idtr;
	struct hv_x64_table_register gdtr;
	__u64 efer;
	__u64 cr0;
	__u64 cr3;
	__u64 cr4;
	__u64 msr_cr_pat;
} HV_PACKED;

struct hv_enable_vp_vtl {
	__u64 partition_id;
	__u32 vp_index;
	union hv_input_vtl target_vtl;
	__u8 mbz0;
	__u16 mbz1;
	struct hv_init_vp_context vp_context;
} HV_PACKED;

/* HVCALL_GET_VP_INDEX_FROM_APIC_ID */
__extension__ struct hv_get_vp_from_apic_id_in {
	__u64 partition_id;
	union hv_input_vtl target_vtl;
	__u8 res[7];
	__u32 apic_ids[];
} HV_PACKED;

__extension__ struct hv_nested_enlightenments_control {
	struct {
		__u32 directhypercall : 1;
		__u32 reserved : 31;
	} HV_PACKED features;
	struct {
		__u32 inter_partition_comm : 1;
		__u32 reserved : 31;
	} HV_PACKED hypercall_controls;
} HV_PACKED;

/* The page that HV_REGISTER_VP_ASSIST_PAGE names. */
struct hv_vp_assist_page {
	__u32 apic_assist;
	__u32 reserved1;
	__u32 vtl_entry_reason;
	__u32 vtl_reserved;
	__u64 vtl_ret_x64rax;
	__u64 vtl_ret_x64rcx;
	struct hv_nested_enlightenments_control nested_control;
	__u8 enlighten_vmentry;
	__u8 reserved2[7];
	__u64 current_nested_vmcs;
	__u8 synthetic_time_unhalted_timer_expired;
	__u8 reserved3[7];
	__u8 virtualization_fault_information[40];
	__u8 reserved4[8];
	__u8 intercept_message[256];
	__u8 vtl_ret_actions[256];
} HV_PACKED;

#endif /* MSHV_HV_VTL_H */
