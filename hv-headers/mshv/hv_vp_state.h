/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * State of a VP in bulk: the register page, the state components, the local APIC.
 *
 * Linux 7.2, the fields of the local APIC from rust-vmm/mshv 0.7; not in the TLFS.
 */
#ifndef MSHV_HV_VP_STATE_H
#define MSHV_HV_VP_STATE_H

#include "hv_registers.h"
#include "hv_synic.h"

/* HVCALL_MAP_VP_STATE_PAGE, HVCALL_UNMAP_VP_STATE_PAGE */
enum hv_vp_state_page_type {
	HV_VP_STATE_PAGE_REGISTERS		= 0,
	HV_VP_STATE_PAGE_INTERCEPT_MESSAGE	= 1,
	HV_VP_STATE_PAGE_GHCB			= 2,
	HV_VP_STATE_PAGE_COUNT			= 3,
};

__extension__ struct hv_input_map_vp_state_page {
	__u64 partition_id;
	__u32 vp_index;
	__u16 type;			/* enum hv_vp_state_page_type */
	union hv_input_vtl input_vtl;
	union {
		__u8 as_uint8;
		struct {
			__u8 map_location_provided : 1;
			__u8 reserved : 7;
		} HV_PACKED;
	} flags;
	__u64 requested_map_location;
} HV_PACKED;

struct hv_output_map_vp_state_page {
	__u64 map_location;		/* page number */
} HV_PACKED;

struct hv_input_unmap_vp_state_page {
	__u64 partition_id;
	__u32 vp_index;
	__u16 type;			/* enum hv_vp_state_page_type */
	union hv_input_vtl input_vtl;
	__u8 reserved0;
} HV_PACKED;

/* The register page. A VP that does not run has its registers here; dirty names the classes that were changed. */
#define HV_VP_REGISTER_PAGE_VERSION_1			1u
#define HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT	7

__extension__ union hv_vp_register_page_interrupt_vectors {
	__u64 as_uint64;
	struct {
		__u8 vector_count;
		__u8 vector[HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT];
	};
};

/* Nothing is defined for arm64 yet, apart from the four fields at the top. */
__extension__ struct hv_vp_register_page {
	__u16 version;
	__u8 isvalid;
	__u8 rsvdz;
	__u32 dirty;			/* 1 << HV_X64_REGISTER_CLASS_* */
#if defined(__x86_64__)
	union {
		struct {
			union {
				struct {
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
				__u64 gp_registers[16];
			};
			__u64 rip;
			__u64 rflags;
		} HV_PACKED;
		__u64 registers[18];
	};
	__u8 reserved[8];
	union {
		struct {
			struct hv_u128 xmm0;
			struct hv_u128 xmm1;
			struct hv_u128 xmm2;
			struct hv_u128 xmm3;
			struct hv_u128 xmm4;
			struct hv_u128 xmm5;
		} HV_PACKED;
		struct hv_u128 xmm_registers[6];
	};
	union {
		struct {
			struct hv_x64_segment_register es;
			struct hv_x64_segment_register cs;
			struct hv_x64_segment_register ss;
			struct hv_x64_segment_register ds;
			struct hv_x64_segment_register fs;
			struct hv_x64_segment_register gs;
		} HV_PACKED;
		struct hv_x64_segment_register segment_registers[6];
	};

	/* to be read only */
	__u64 cr0;
	__u64 cr3;
	__u64 cr4;
	__u64 cr8;
	__u64 efer;
	__u64 dr7;
	union hv_x64_pending_interruption_register pending_interruption;
	union hv_x64_interrupt_state_register interrupt_state;
	__u64 instruction_emulation_hints;
	__u64 xfem;

	/* what follows is not part of a saved state */
	__u8 reserved1[0x100];
	union hv_vp_register_page_interrupt_vectors interrupt_vectors;	/* injected by HVCALL_DISPATCH_VP */
#endif
} HV_PACKED;

/* HVCALL_GET_VP_STATE, HVCALL_SET_VP_STATE. A component with this bit travels in pages of the caller. */
#define HV_GET_SET_VP_STATE_TYPE_PFN	0x80000000

__extension__ enum hv_get_set_vp_state_type {
	HV_GET_SET_VP_STATE_LAPIC_STATE		= 0x80000000,
	HV_GET_SET_VP_STATE_XSAVE		= 0x80000001,
	HV_GET_SET_VP_STATE_SIM_PAGE		= 0x80000002,
	HV_GET_SET_VP_STATE_SIEF_PAGE		= 0x80000003,
	HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS	= 0x00000004,
};

/* HV_GET_SET_VP_STATE_XSAVE */
struct hv_vp_state_data_xsave {
	__u64 flags;
	union hv_x64_xsave_xfem_register states;
} HV_PACKED;

/* HV_GET_SET_VP_STATE_LAPIC_STATE on x86; the layout of arm64 is not published. */
struct hv_local_interrupt_controller_state {
	__u32 apic_id;
	__u32 apic_version;
	__u32 apic_ldr;
	__u32 apic_dfr;
	__u32 apic_spurious;
	__u32 apic_isr[8];
	__u32 apic_tmr[8];
	__u32 apic_irr[8];
	__u32 apic_esr;
	__u32 apic_icr_high;
	__u32 apic_icr_low;
	__u32 apic_lvt_timer;
	__u32 apic_lvt_thermal;
	__u32 apic_lvt_perfmon;
	__u32 apic_lvt_lint0;
	__u32 apic_lvt_lint1;
	__u32 apic_lvt_error;
	__u32 apic_lvt_cmci;
	__u32 apic_error_status;
	__u32 apic_initial_count;
	__u32 apic_counter_value;
	__u32 apic_divide_configuration;
	__u32 apic_remote_read;
} HV_PACKED;

struct hv_vp_state_data {
	__u32 type;			/* enum hv_get_set_vp_state_type */
	__u32 rsvd;
	struct hv_vp_state_data_xsave xsave;
} HV_PACKED;

__extension__ struct hv_input_get_vp_state {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd0;
	__u16 rsvd1;
	struct hv_vp_state_data state_data;
	__u64 output_data_pfns[];
} HV_PACKED;

union hv_output_get_vp_state {
	struct hv_synthetic_timers_state synthetic_timers_state;
};

union hv_input_set_vp_state_data {
	__u64 pfns;
	__u8 bytes;
} HV_PACKED;

__extension__ struct hv_input_set_vp_state {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd0;
	__u16 rsvd1;
	struct hv_vp_state_data state_data;
	union hv_input_set_vp_state_data data[];
} HV_PACKED;

/* HVCALL_GET_VP_CPUID_VALUES: rust-vmm/mshv 0.7. */
struct hv_cpuid_leaf_info {
	__u32 eax;
	__u32 ecx;
	__u64 xfem;
	__u64 xss;
} HV_PACKED;

__extension__ union hv_get_vp_cpuid_values_flags {
	__u32 as_uint32;
	struct {
		__u32 use_vp_xfem_xss : 1;
		__u32 apply_registered_values : 1;
		__u32 reserved : 30;
	} HV_PACKED;
} HV_PACKED;

__extension__ struct hv_input_get_vp_cpuid_values {
	__u64 partition_id;
	__u32 vp_index;
	union hv_get_vp_cpuid_values_flags flags;
	__u32 reserved;
	__u32 padding;
	struct hv_cpuid_leaf_info cpuid_leaf_info[];
} HV_PACKED;

__extension__ union hv_output_get_vp_cpuid_values {
	__u32 as_uint32[4];
	struct {
		__u32 eax;
		__u32 ebx;
		__u32 ecx;
		__u32 edx;
	};
};

#endif /* MSHV_HV_VP_STATE_H */
