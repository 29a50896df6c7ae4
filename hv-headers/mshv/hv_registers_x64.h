/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Layouts of x86 register values.
 *
 * TLFS "Virtual Processors". Floating point, pending events, SEV: rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_REGISTERS_X64_H
#define MSHV_HV_REGISTERS_X64_H

#include "hv_types.h"

__extension__ struct hv_x64_segment_register {
	__u64 base;
	__u32 limit;
	__u16 selector;
	union {
		struct {
			__u16 segment_type : 4;
			__u16 non_system_segment : 1;
			__u16 descriptor_privilege_level : 2;
			__u16 present : 1;
			__u16 reserved : 4;
			__u16 available : 1;
			__u16 _long : 1;
			__u16 _default : 1;
			__u16 granularity : 1;
		} HV_PACKED;
		__u16 attributes;
	};
} HV_PACKED;

struct hv_x64_table_register {
	__u16 pad[3];
	__u16 limit;
	__u64 base;
} HV_PACKED;

__extension__ union hv_x64_fp_register {
	struct hv_u128 as_uint128;
	struct {
		__u64 mantissa;
		__u64 biased_exponent : 15;
		__u64 sign : 1;
		__u64 reserved : 48;
	} HV_PACKED;
} HV_PACKED;

__extension__ union hv_x64_fp_control_status_register {
	struct hv_u128 as_uint128;
	struct {
		__u16 fp_control;
		__u16 fp_status;
		__u8 fp_tag;
		__u8 reserved;
		__u16 last_fp_op;
		union {
			__u64 last_fp_rip;
			struct {
				__u32 last_fp_eip;
				__u16 last_fp_cs;
				__u16 padding;
			} HV_PACKED;
		};
	} HV_PACKED;
} HV_PACKED;

__extension__ union hv_x64_xmm_control_status_register {
	struct hv_u128 as_uint128;
	struct {
		union {
			__u64 last_fp_rdp;
			struct {
				__u32 last_fp_dp;
				__u16 last_fp_ds;
				__u16 padding;
			} HV_PACKED;
		};
		__u32 xmm_status_control;
		__u32 xmm_status_control_mask;
	} HV_PACKED;
} HV_PACKED;

/* XCR0 and IA32_XSS: which processor states an XSAVE area has. */
__extension__ union hv_x64_xsave_xfem_register {
	__u64 as_uint64;
	struct {
		__u32 low_uint32;
		__u32 high_uint32;
	};
	struct {
		__u64 legacy_x87 : 1;
		__u64 legacy_sse : 1;
		__u64 avx : 1;
		__u64 mpx_bndreg : 1;
		__u64 mpx_bndcsr : 1;
		__u64 avx_512_op_mask : 1;
		__u64 avx_512_zmmhi : 1;
		__u64 avx_512_zmm16_31 : 1;
		__u64 rsvd8_9 : 2;
		__u64 pasid : 1;
		__u64 cet_u : 1;
		__u64 cet_s : 1;
		__u64 rsvd13_16 : 4;
		__u64 xtile_cfg : 1;
		__u64 xtile_data : 1;
		__u64 rsvd19_63 : 45;
	};
};

__extension__ union hv_x64_interrupt_state_register {
	__u64 as_uint64;
	struct {
		__u64 interrupt_shadow : 1;
		__u64 nmi_masked : 1;
		__u64 reserved : 62;
	};
};

/* The event that will be injected at the next entry. */
__extension__ union hv_x64_pending_interruption_register {
	__u64 as_uint64;
	struct {
		__u32 interruption_pending : 1;
		__u32 interruption_type : 3;
		__u32 deliver_error_code : 1;
		__u32 instruction_length : 4;
		__u32 nested_event : 1;
		__u32 reserved : 6;
		__u32 interruption_vector : 16;
		__u32 error_code;
	};
};

/* HV_X64_PENDING_*: types of a pending interruption. */
#define HV_X64_PENDING_INTERRUPT	0
#define HV_X64_PENDING_NMI		2
#define HV_X64_PENDING_EXCEPTION	3

/* HV_REGISTER_PENDING_EVENT0: an exception, or a fault for a #VE handler. */
__extension__ union hv_x64_pending_exception_event {
	__u64 as_uint64[2];
	struct {
		__u32 event_pending : 1;
		__u32 event_type : 3;
		__u32 reserved0 : 4;
		__u32 deliver_error_code : 1;
		__u32 reserved1 : 7;
		__u32 vector : 16;
		__u32 error_code;
		__u64 exception_parameter;
	};
};

__extension__ union hv_x64_pending_virtualization_fault_event {
	__u64 as_uint64[2];
	struct {
		__u32 event_pending : 1;
		__u32 event_type : 3;
		__u32 reserved0 : 4;
		__u32 reserved1 : 8;
		__u32 parameter0 : 16;
		__u32 code;
		__u64 parameter1;
	};
};

/* AMD SEV-SNP. */
__extension__ union hv_x64_register_sev_control {
	__u64 as_uint64;
	struct {
		__u64 enable_encrypted_state : 1;
		__u64 reserved_z : 11;
		__u64 vmsa_gpa_page_number : 52;
	};
};

__extension__ union hv_x64_register_sev_ghcb {
	__u64 as_uint64;
	struct {
		__u64 enabled : 1;
		__u64 reservedz : 11;
		__u64 page_number : 52;
	};
};

__extension__ union hv_x64_register_sev_hv_doorbell {
	__u64 as_uint64;
	struct {
		__u64 enabled : 1;
		__u64 reservedz : 11;
		__u64 page_number : 52;
	};
};

/* Bits of the register page's dirty mask. */
#define HV_X64_REGISTER_CLASS_GENERAL	0
#define HV_X64_REGISTER_CLASS_IP	1
#define HV_X64_REGISTER_CLASS_XMM	2
#define HV_X64_REGISTER_CLASS_SEGMENT	3
#define HV_X64_REGISTER_CLASS_FLAGS	4

#endif /* MSHV_HV_REGISTERS_X64_H */
