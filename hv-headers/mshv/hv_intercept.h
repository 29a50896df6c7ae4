/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Intercepts: what can be intercepted, and the hypercalls that ask for it.
 *
 * TLFS "Intercepts". Result registration: rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_INTERCEPT_H
#define MSHV_HV_INTERCEPT_H

#include "hv_types.h"

__extension__ enum hv_intercept_type {
	HV_INTERCEPT_TYPE_X64_IO_PORT			= 0x00,
	HV_INTERCEPT_TYPE_X64_MSR			= 0x01,
	HV_INTERCEPT_TYPE_X64_CPUID			= 0x02,
	HV_INTERCEPT_TYPE_EXCEPTION			= 0x03,
	HV_INTERCEPT_TYPE_RESERVED0			= 0x04,
	HV_INTERCEPT_TYPE_MMIO				= 0x05,
	HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID		= 0x06,
	HV_INTERCEPT_TYPE_X64_APIC_SMI			= 0x07,
	HV_INTERCEPT_TYPE_HYPERCALL			= 0x08,
	HV_INTERCEPT_TYPE_X64_APIC_INIT_SIPI		= 0x09,
	HV_INTERCEPT_MC_UPDATE_PATCH_LEVEL_MSR_READ	= 0x0a,
	HV_INTERCEPT_TYPE_X64_APIC_WRITE		= 0x0b,
	HV_INTERCEPT_TYPE_X64_MSR_INDEX			= 0x0c,
#if defined(__x86_64__)
	HV_INTERCEPT_TYPE_MAX				= 0x0d,
#else
	HV_INTERCEPT_TYPE_MAX				= 0x09,
#endif
	HV_INTERCEPT_TYPE_INVALID			= 0xffffffff,
};

/* The kind of access that was intercepted, and the mask of those to intercept. */
enum hv_intercept_access_type {
	HV_INTERCEPT_ACCESS_READ	= 0,
	HV_INTERCEPT_ACCESS_WRITE	= 1,
	HV_INTERCEPT_ACCESS_EXECUTE	= 2,
};

#define HV_INTERCEPT_ACCESS_MASK_NONE		0x0
#define HV_INTERCEPT_ACCESS_MASK_READ		0x1
#define HV_INTERCEPT_ACCESS_MASK_WRITE		0x2
#define HV_INTERCEPT_ACCESS_MASK_EXECUTE	0x4

/* One member for each type that needs to say more; the whole of it is 64 bits. */
union hv_intercept_parameters {
	__u64 as_uint64;
	__u16 io_port;
	__u32 cpuid_index;
	__u32 apic_write_mask;
	__u16 exception_vector;
	__u32 msr_index;
};

/* HVCALL_INSTALL_INTERCEPT */
struct hv_input_install_intercept {
	__u64 partition_id;
	__u32 access_type;		/* HV_INTERCEPT_ACCESS_MASK_* */
	__u32 intercept_type;		/* enum hv_intercept_type */
	union hv_intercept_parameters intercept_parameter;
} HV_PACKED;

/* HVCALL_REGISTER_INTERCEPT_RESULT: the hypervisor answers by itself from now on. */
__extension__ struct hv_register_x64_cpuid_result_parameters {
	struct {
		__u32 eax;
		__u32 ecx;
		__u8 subleaf_specific;
		__u8 always_override;
		__u16 padding;
	} HV_PACKED input;
	struct {
		__u32 eax;
		__u32 eax_mask;		/* bits of the value that replace the processor's */
		__u32 ebx;
		__u32 ebx_mask;
		__u32 ecx;
		__u32 ecx_mask;
		__u32 edx;
		__u32 edx_mask;
	} HV_PACKED result;
} HV_PACKED;

struct hv_register_x64_msr_result_parameters {
	__u32 msr_index;
	__u32 access_type;
	__u32 action;			/* enum hv_unimplemented_msr_action */
} HV_PACKED;

union hv_register_intercept_result_parameters {
	struct hv_register_x64_cpuid_result_parameters cpuid;
	struct hv_register_x64_msr_result_parameters msr;
};

struct hv_input_register_intercept_result {
	__u64 partition_id;
	__u32 vp_index;
	__u32 intercept_type;		/* enum hv_intercept_type */
	union hv_register_intercept_result_parameters parameters;
} HV_PACKED;

/* HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION */
enum hv_unimplemented_msr_action {
	HV_UNIMPLEMENTED_MSR_ACTION_FAULT			= 0,
	HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO	= 1,
	HV_UNIMPLEMENTED_MSR_ACTION_COUNT			= 2,
};

#endif /* MSHV_HV_INTERCEPT_H */
