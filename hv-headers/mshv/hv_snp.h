/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Partitions with encrypted memory: AMD SEV-SNP.
 *
 * rust-vmm/mshv 0.7; the status codes: Linux 7.2. The fields that the hypervisor only passes on are those of
 * AMD's SEV-SNP firmware ABI and GHCB specifications.
 */
#ifndef MSHV_HV_SNP_H
#define MSHV_HV_SNP_H

#include "hv_types.h"

/* HV_X64_DYNAMIC_PROCESSOR_FEATURE_SNP_STATUS */
enum hv_snp_status {
	HV_SNP_STATUS_NONE				= 0,
	HV_SNP_STATUS_AVAILABLE				= 1,
	HV_SNP_STATUS_INCOMPATIBLE			= 2,
	HV_SNP_STATUS_PSP_UNAVAILABLE			= 3,
	HV_SNP_STATUS_PSP_INIT_FAILED			= 4,
	HV_SNP_STATUS_PSP_BAD_FW_VERSION		= 5,
	HV_SNP_STATUS_BAD_CONFIGURATION			= 6,
	HV_SNP_STATUS_PSP_FW_UPDATE_IN_PROGRESS		= 7,
	HV_SNP_STATUS_PSP_RB_INIT_FAILED		= 8,
	HV_SNP_STATUS_PSP_PLATFORM_STATUS_FAILED	= 9,
	HV_SNP_STATUS_PSP_INIT_LATE_FAILED		= 10,
};

/* HV_PARTITION_PROPERTY_ISOLATION_STATE */
enum hv_partition_isolation_state {
	/* not an isolated partition */
	HV_PARTITION_ISOLATION_INVALID			= 0,
	/* nobody uses it yet, or not any more: clean, or to be scrubbed first */
	HV_PARTITION_ISOLATION_INSECURE_CLEAN		= 1,
	HV_PARTITION_ISOLATION_INSECURE_DIRTY		= 2,
	/* in use; or an attempt to get there has failed; or on the way back */
	HV_PARTITION_ISOLATION_SECURE			= 3,
	HV_PARTITION_ISOLATION_SECURE_DIRTY		= 4,
	HV_PARTITION_ISOLATION_SECURE_TERMINATING	= 5,
};

__extension__ union hv_snp_guest_policy {
	struct {
		__u64 minor_version : 8;
		__u64 major_version : 8;
		__u64 smt_allowed : 1;
		__u64 vmpls_required : 1;
		__u64 migration_agent_allowed : 1;
		__u64 debug_allowed : 1;
		__u64 reserved : 44;
	};
	__u64 as_uint64;
};

struct hv_snp_id_block {
	__u8 launch_digest[48];
	__u8 family_id[16];
	__u8 image_id[16];
	__u32 version;
	__u32 guest_svn;
	union hv_snp_guest_policy policy;
} HV_PACKED;

struct hv_snp_id_auth_info {
	__u32 id_key_algorithm;
	__u32 auth_key_algorithm;
	__u8 reserved0[56];
	__u8 id_block_signature[512];
	__u8 id_key[1028];
	__u8 reserved1[60];
	__u8 id_key_signature[512];
	__u8 author_key[1028];
} HV_PACKED;

/* HVCALL_COMPLETE_ISOLATED_IMPORT */
struct hv_psp_launch_finish_data {
	struct hv_snp_id_block id_block;
	struct hv_snp_id_auth_info id_auth_info;
	__u8 host_data[32];
	__u8 id_block_enabled;
	__u8 author_key_enabled;
};

union hv_partition_complete_isolated_import_data {
	__u64 reserved;
	struct hv_psp_launch_finish_data psp_parameters;
} HV_PACKED;

struct hv_input_complete_isolated_import {
	__u64 partition_id;
	union hv_partition_complete_isolated_import_data import_data;
} HV_PACKED;

/* HVCALL_IMPORT_ISOLATED_PAGES */
enum hv_isolated_page_type {
	HV_ISOLATED_PAGE_TYPE_NORMAL		= 0,
	HV_ISOLATED_PAGE_TYPE_VMSA		= 1,
	HV_ISOLATED_PAGE_TYPE_ZERO		= 2,
	HV_ISOLATED_PAGE_TYPE_UNMEASURED	= 3,
	HV_ISOLATED_PAGE_TYPE_SECRETS		= 4,
	HV_ISOLATED_PAGE_TYPE_CPUID		= 5,
	HV_ISOLATED_PAGE_TYPE_COUNT		= 6,
};

enum hv_isolated_page_size {
	HV_ISOLATED_PAGE_SIZE_4KB	= 0,
	HV_ISOLATED_PAGE_SIZE_2MB	= 1,
};

__extension__ struct hv_input_import_isolated_pages {
	__u64 partition_id;
	__u32 page_type;		/* enum hv_isolated_page_type */
	__u32 page_size;		/* enum hv_isolated_page_size */
	__u64 page_number[];
} HV_PACKED;

/* The contents of an HV_ISOLATED_PAGE_TYPE_CPUID page. */
struct hv_psp_cpuid_leaf {
	__u32 eax_in;
	__u32 ecx_in;
	__u64 xfem_in;
	__u64 xss_in;
	__u32 eax_out;
	__u32 ebx_out;
	__u32 ecx_out;
	__u32 edx_out;
	__u64 reserved_z;
} HV_PACKED;

#define HV_PSP_CPUID_LEAF_COUNT_MAX	64

struct hv_psp_cpuid_page {
	__u32 count;
	__u32 reserved_z1;
	__u64 reserved_z2;
	struct hv_psp_cpuid_leaf cpuid_leaf_info[HV_PSP_CPUID_LEAF_COUNT_MAX];
} HV_PACKED;

/* HVCALL_ISSUE_SNP_PSP_GUEST_REQUEST */
struct hv_input_issue_psp_guest_request {
	__u64 partition_id;
	__u64 request_page;
	__u64 response_page;
} HV_PACKED;

/* HV_PARTITION_PROPERTY_SEV_VMGEXIT_OFFLOADS: exits that the hypervisor answers itself, by page and by MSR protocol. */
__extension__ union hv_sev_vmgexit_offload {
	__u64 as_uint64;
	struct {
		__u64 nae_rdtsc : 1;
		__u64 nae_cpuid : 1;
		__u64 nae_reserved_io_port : 1;
		__u64 nae_rdmsr : 1;
		__u64 nae_wrmsr : 1;
		__u64 nae_vmmcall : 1;
		__u64 nae_wbinvd : 1;
		__u64 nae_snp_page_state_change : 1;
		__u64 reserved0 : 24;
		__u64 msr_cpuid : 1;
		__u64 msr_snp_page_state_change : 1;
		__u64 reserved1 : 30;
	};
};

#endif /* MSHV_HV_SNP_H */
