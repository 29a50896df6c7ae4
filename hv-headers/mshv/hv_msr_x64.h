/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Synthetic MSRs of x86, and the layout of their contents.
 *
 * TLFS, appendix "Hypervisor Synthetic MSRs", and the chapter of each subject. Nested SynIC MSRs: Linux 7.2.
 */
#ifndef MSHV_HV_MSR_X64_H
#define MSHV_HV_MSR_X64_H

#include "hv_types.h"

/* Identity, hypercall page, time. */
#define HV_X64_MSR_GUEST_OS_ID		0x40000000
#define HV_X64_MSR_HYPERCALL		0x40000001
#define HV_X64_MSR_VP_INDEX		0x40000002
#define HV_X64_MSR_RESET		0x40000003
#define HV_X64_MSR_VP_RUNTIME		0x40000010
#define HV_X64_MSR_TIME_REF_COUNT	0x40000020
#define HV_X64_MSR_REFERENCE_TSC	0x40000021
#define HV_X64_MSR_TSC_FREQUENCY	0x40000022
#define HV_X64_MSR_APIC_FREQUENCY	0x40000023

/* Interrupt controller without leaving the guest, and the VP assist page. */
#define HV_X64_MSR_EOI			0x40000070
#define HV_X64_MSR_ICR			0x40000071
#define HV_X64_MSR_TPR			0x40000072
#define HV_X64_MSR_VP_ASSIST_PAGE	0x40000073

/* Synthetic interrupt controller. */
#define HV_X64_MSR_SCONTROL		0x40000080
#define HV_X64_MSR_SVERSION		0x40000081
#define HV_X64_MSR_SIEFP		0x40000082
#define HV_X64_MSR_SIMP			0x40000083
#define HV_X64_MSR_EOM			0x40000084
#define HV_X64_MSR_SIRBP		0x40000085
#define HV_X64_MSR_SINT0		0x40000090
#define HV_X64_MSR_SINT1		0x40000091
#define HV_X64_MSR_SINT2		0x40000092
#define HV_X64_MSR_SINT3		0x40000093
#define HV_X64_MSR_SINT4		0x40000094
#define HV_X64_MSR_SINT5		0x40000095
#define HV_X64_MSR_SINT6		0x40000096
#define HV_X64_MSR_SINT7		0x40000097
#define HV_X64_MSR_SINT8		0x40000098
#define HV_X64_MSR_SINT9		0x40000099
#define HV_X64_MSR_SINT10		0x4000009a
#define HV_X64_MSR_SINT11		0x4000009b
#define HV_X64_MSR_SINT12		0x4000009c
#define HV_X64_MSR_SINT13		0x4000009d
#define HV_X64_MSR_SINT14		0x4000009e
#define HV_X64_MSR_SINT15		0x4000009f

/* Synthetic timers. */
#define HV_X64_MSR_STIMER0_CONFIG	0x400000b0
#define HV_X64_MSR_STIMER0_COUNT	0x400000b1
#define HV_X64_MSR_STIMER1_CONFIG	0x400000b2
#define HV_X64_MSR_STIMER1_COUNT	0x400000b3
#define HV_X64_MSR_STIMER2_CONFIG	0x400000b4
#define HV_X64_MSR_STIMER2_COUNT	0x400000b5
#define HV_X64_MSR_STIMER3_CONFIG	0x400000b6
#define HV_X64_MSR_STIMER3_COUNT	0x400000b7

/* Reading it gives the processor back until an interrupt comes. */
#define HV_X64_MSR_GUEST_IDLE	0x400000f0

/* Crash report: five values, then the control register that publishes them. */
#define HV_X64_MSR_CRASH_P0		0x40000100
#define HV_X64_MSR_CRASH_P1		0x40000101
#define HV_X64_MSR_CRASH_P2		0x40000102
#define HV_X64_MSR_CRASH_P3		0x40000103
#define HV_X64_MSR_CRASH_P4		0x40000104
#define HV_X64_MSR_CRASH_CTL		0x40000105
#define HV_X64_MSR_CRASH_PARAMS		(1 + (HV_X64_MSR_CRASH_P4 - HV_X64_MSR_CRASH_P0))
#define HV_CRASH_CTL_CRASH_NOTIFY_MSG	(1ULL << 62)
#define HV_CRASH_CTL_CRASH_NOTIFY	(1ULL << 63)

/* Time stamp counter after a migration. */
#define HV_X64_MSR_REENLIGHTENMENT_CONTROL	0x40000106
#define HV_X64_MSR_TSC_EMULATION_CONTROL	0x40000107
#define HV_X64_MSR_TSC_EMULATION_STATUS		0x40000108
#define HV_X64_MSR_TSC_INVARIANT_CONTROL	0x40000118

/* The SynIC that a nested hypervisor gives to its own root. */
#define HV_X64_MSR_NESTED_SCONTROL	0x40001080
#define HV_X64_MSR_NESTED_SVERSION	0x40001081
#define HV_X64_MSR_NESTED_SIEFP		0x40001082
#define HV_X64_MSR_NESTED_SIMP		0x40001083
#define HV_X64_MSR_NESTED_EOM		0x40001084
#define HV_X64_MSR_NESTED_SINT0		0x40001090

/* Contents of HV_X64_MSR_HYPERCALL. */
#define HV_X64_MSR_HYPERCALL_ENABLE		0x1
#define HV_X64_MSR_HYPERCALL_PAGE_ADDRESS_SHIFT	12
#define HV_X64_MSR_HYPERCALL_PAGE_ADDRESS_MASK	0xfffffffffffff000ULL

__extension__ union hv_x64_msr_hypercall_contents {
	__u64 as_uint64;
	struct {
		__u64 enable : 1;
		__u64 reserved : 11;
		__u64 guest_physical_address : 52;
	};
};

/* Contents of HV_X64_MSR_VP_ASSIST_PAGE; the union is also HV_REGISTER_VP_ASSIST_PAGE. */
#define HV_X64_MSR_VP_ASSIST_PAGE_ENABLE	0x1
#define HV_X64_MSR_VP_ASSIST_PAGE_ADDRESS_SHIFT	12
#define HV_X64_MSR_VP_ASSIST_PAGE_ADDRESS_MASK	0xfffffffffffff000ULL

__extension__ union hv_vp_assist_msr_contents {
	__u64 as_uint64;
	struct {
		__u64 enable : 1;
		__u64 reserved : 11;
		__u64 pfn : 52;
	};
};

/* Contents of HV_X64_MSR_REFERENCE_TSC, and of the page it points at. */
#define HV_X64_MSR_TSC_REFERENCE_ENABLE		0x1
#define HV_X64_MSR_TSC_REFERENCE_ADDRESS_SHIFT	12

__extension__ union hv_reference_tsc_msr {
	__u64 as_uint64;
	struct {
		__u64 enable : 1;
		__u64 reserved : 11;
		__u64 pfn : 52;
	};
};

struct ms_hyperv_tsc_page {
	volatile __u32 tsc_sequence;	/* 0: do not use the page; changes with every update */
	__u32 reserved1;
	volatile __u64 tsc_scale;	/* time = ((tsc * scale) >> 64) + offset, in 100 ns */
	volatile __s64 tsc_offset;
} HV_PACKED;

/* Contents of the three TSC emulation MSRs. */
struct hv_reenlightenment_control {
	__u64 vector : 8;
	__u64 reserved1 : 8;
	__u64 enabled : 1;
	__u64 reserved2 : 15;
	__u64 target_vp : 32;
} HV_PACKED;

struct hv_tsc_emulation_control {
	__u64 enabled : 1;
	__u64 reserved : 63;
} HV_PACKED;

struct hv_tsc_emulation_status {
	__u64 inprogress : 1;
	__u64 reserved : 63;
} HV_PACKED;

#define HV_EXPOSE_INVARIANT_TSC	(1UL << 0)

/* Instructions that a guest's user mode may not run. */
__extension__ union hv_x64_msr_npiep_config_contents {
	__u64 as_uint64;
	struct {
		__u64 prevents_gdt : 1;
		__u64 prevents_idt : 1;
		__u64 prevents_ldt : 1;
		__u64 prevents_tr : 1;
		__u64 reserved : 60;
	};
};

#endif /* MSHV_HV_MSR_X64_H */
