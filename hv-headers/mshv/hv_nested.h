/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Enlightenments for a hypervisor that runs inside a partition.
 *
 * TLFS "Nested Virtualization".
 */
#ifndef MSHV_HV_NESTED_H
#define MSHV_HV_NESTED_H

#include "hv_types.h"

/* The enlightened VMCS: Intel's VM control structure as plain memory. */
__extension__ struct hv_enlightened_vmcs {
	__u32 revision_id;		/* 1 */
	__u32 abort;
	__u16 host_es_selector;
	__u16 host_cs_selector;
	__u16 host_ss_selector;
	__u16 host_ds_selector;
	__u16 host_fs_selector;
	__u16 host_gs_selector;
	__u16 host_tr_selector;
	__u16 padding16_1;
	__u64 host_ia32_pat;
	__u64 host_ia32_efer;
	__u64 host_cr0;
	__u64 host_cr3;
	__u64 host_cr4;
	__u64 host_ia32_sysenter_esp;
	__u64 host_ia32_sysenter_eip;
	__u64 host_rip;
	__u32 host_ia32_sysenter_cs;
	__u32 pin_based_vm_exec_control;
	__u32 vm_exit_controls;
	__u32 secondary_vm_exec_control;
	__u64 io_bitmap_a;
	__u64 io_bitmap_b;
	__u64 msr_bitmap;
	__u16 guest_es_selector;
	__u16 guest_cs_selector;
	__u16 guest_ss_selector;
	__u16 guest_ds_selector;
	__u16 guest_fs_selector;
	__u16 guest_gs_selector;
	__u16 guest_ldtr_selector;
	__u16 guest_tr_selector;
	__u32 guest_es_limit;
	__u32 guest_cs_limit;
	__u32 guest_ss_limit;
	__u32 guest_ds_limit;
	__u32 guest_fs_limit;
	__u32 guest_gs_limit;
	__u32 guest_ldtr_limit;
	__u32 guest_tr_limit;
	__u32 guest_gdtr_limit;
	__u32 guest_idtr_limit;
	__u32 guest_es_ar_bytes;
	__u32 guest_cs_ar_bytes;
	__u32 guest_ss_ar_bytes;
	__u32 guest_ds_ar_bytes;
	__u32 guest_fs_ar_bytes;
	__u32 guest_gs_ar_bytes;
	__u32 guest_ldtr_ar_bytes;
	__u32 guest_tr_ar_bytes;
	__u64 guest_es_base;
	__u64 guest_cs_base;
	__u64 guest_ss_base;
	__u64 guest_ds_base;
	__u64 guest_fs_base;
	__u64 guest_gs_base;
	__u64 guest_ldtr_base;
	__u64 guest_tr_base;
	__u64 guest_gdtr_base;
	__u64 guest_idtr_base;
	__u64 padding64_1[3];
	__u64 vm_exit_msr_store_addr;
	__u64 vm_exit_msr_load_addr;
	__u64 vm_entry_msr_load_addr;
	__u64 cr3_target_value0;
	__u64 cr3_target_value1;
	__u64 cr3_target_value2;
	__u64 cr3_target_value3;
	__u32 page_fault_error_code_mask;
	__u32 page_fault_error_code_match;
	__u32 cr3_target_count;
	__u32 vm_exit_msr_store_count;
	__u32 vm_exit_msr_load_count;
	__u32 vm_entry_msr_load_count;
	__u64 tsc_offset;
	__u64 virtual_apic_page_addr;
	__u64 vmcs_link_pointer;
	__u64 guest_ia32_debugctl;
	__u64 guest_ia32_pat;
	__u64 guest_ia32_efer;
	__u64 guest_pdptr0;
	__u64 guest_pdptr1;
	__u64 guest_pdptr2;
	__u64 guest_pdptr3;
	__u64 guest_pending_dbg_exceptions;
	__u64 guest_sysenter_esp;
	__u64 guest_sysenter_eip;
	__u32 guest_activity_state;
	__u32 guest_sysenter_cs;
	__u64 cr0_guest_host_mask;
	__u64 cr4_guest_host_mask;
	__u64 cr0_read_shadow;
	__u64 cr4_read_shadow;
	__u64 guest_cr0;
	__u64 guest_cr3;
	__u64 guest_cr4;
	__u64 guest_dr7;
	__u64 host_fs_base;
	__u64 host_gs_base;
	__u64 host_tr_base;
	__u64 host_gdtr_base;
	__u64 host_idtr_base;
	__u64 host_rsp;
	__u64 ept_pointer;
	__u16 virtual_processor_id;
	__u16 padding16_2[3];
	__u64 padding64_2[5];
	__u64 guest_physical_address;
	__u32 vm_instruction_error;
	__u32 vm_exit_reason;
	__u32 vm_exit_intr_info;
	__u32 vm_exit_intr_error_code;
	__u32 idt_vectoring_info_field;
	__u32 idt_vectoring_error_code;
	__u32 vm_exit_instruction_len;
	__u32 vmx_instruction_info;
	__u64 exit_qualification;
	__u64 exit_io_instruction_ecx;
	__u64 exit_io_instruction_esi;
	__u64 exit_io_instruction_edi;
	__u64 exit_io_instruction_eip;
	__u64 guest_linear_address;
	__u64 guest_rsp;
	__u64 guest_rflags;
	__u32 guest_interruptibility_info;
	__u32 cpu_based_vm_exec_control;
	__u32 exception_bitmap;
	__u32 vm_entry_controls;
	__u32 vm_entry_intr_info_field;
	__u32 vm_entry_exception_error_code;
	__u32 vm_entry_instruction_len;
	__u32 tpr_threshold;
	__u64 guest_rip;
	__u32 hv_clean_fields;		/* HV_VMX_ENLIGHTENED_CLEAN_FIELD_* */
	__u32 padding32_1;
	__u32 hv_synthetic_controls;
	struct {
		__u32 nested_flush_hypercall : 1;
		__u32 msr_bitmap : 1;
		__u32 reserved : 30;
	} HV_PACKED hv_enlightenments_control;
	__u32 hv_vp_id;
	__u32 padding32_2;
	__u64 hv_vm_id;
	__u64 partition_assist_page;
	__u64 padding64_4[4];
	__u64 guest_bndcfgs;
	__u64 guest_ia32_perf_global_ctrl;
	__u64 guest_ia32_s_cet;
	__u64 guest_ssp;
	__u64 guest_ia32_int_ssp_table_addr;
	__u64 guest_ia32_lbr_ctl;
	__u64 padding64_5[2];
	__u64 xss_exit_bitmap;
	__u64 encls_exiting_bitmap;
	__u64 host_ia32_perf_global_ctrl;
	__u64 tsc_multiplier;
	__u64 host_ia32_s_cet;
	__u64 host_ssp;
	__u64 host_ia32_int_ssp_table_addr;
	__u64 padding64_6;
} HV_PACKED;

/* Groups of fields that did not change since the last entry. */
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_NONE			0
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_IO_BITMAP		(1UL << 0)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_MSR_BITMAP		(1UL << 1)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_GRP2		(1UL << 2)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_GRP1		(1UL << 3)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_PROC		(1UL << 4)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_EVENT		(1UL << 5)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_ENTRY		(1UL << 6)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_EXCPN		(1UL << 7)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CRDR			(1UL << 8)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_CONTROL_XLAT		(1UL << 9)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_GUEST_BASIC		(1UL << 10)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_GUEST_GRP1		(1UL << 11)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_GUEST_GRP2		(1UL << 12)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_HOST_POINTER		(1UL << 13)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_HOST_GRP1		(1UL << 14)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_ENLIGHTENMENTSCONTROL	(1UL << 15)
#define HV_VMX_ENLIGHTENED_CLEAN_FIELD_ALL			0xffff

/* A flush by hypercall on behalf of the nested guest is done: a synthetic exit, on VMX and on SVM. */
#define HV_VMX_SYNTHETIC_EXIT_REASON_TRAP_AFTER_FLUSH	0x10000031
#define HV_SVM_EXITCODE_ENL				0xf0000000
#define HV_SVM_ENL_EXITCODE_TRAP_AFTER_FLUSH	1

/* AMD: the part of the VMCB that software may use, and its clean bit. */
struct hv_enlightenments_control {
	__u32 nested_flush_hypercall : 1;
	__u32 msr_bitmap : 1;
	__u32 enlightened_npt_tlb : 1;
	__u32 reserved : 29;
} HV_PACKED;

struct hv_vmcb_enlightenments {
	struct hv_enlightenments_control hv_enlightenments_control;
	__u32 hv_vp_id;
	__u64 hv_vm_id;
	__u64 partition_assist_page;
	__u64 reserved;
} HV_PACKED;

#define HV_VMCB_NESTED_ENLIGHTENMENTS	31

/* Not zero: the nested hypervisor must not be told of flushes. */
struct hv_partition_assist_pg {
	__u32 tlb_lock_count;
};

#endif /* MSHV_HV_NESTED_H */
