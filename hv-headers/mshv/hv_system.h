/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The machine as a whole: system properties, logical processors, sleep, crash.
 *
 * TLFS "Physical Hardware Management". Linux 7.2.
 */
#ifndef MSHV_HV_SYSTEM_H
#define MSHV_HV_SYSTEM_H

#include "hv_memory.h"

enum hv_scheduler_type {
	HV_SCHEDULER_TYPE_LP		= 1,
	HV_SCHEDULER_TYPE_LP_SMT	= 2,
	HV_SCHEDULER_TYPE_CORE_SMT	= 3,
	HV_SCHEDULER_TYPE_ROOT		= 4,
	HV_SCHEDULER_TYPE_MAX		= 5,
};

enum hv_system_property {
	HV_SYSTEM_PROPERTY_SLEEP_STATE		= 3,
	HV_SYSTEM_PROPERTY_SCHEDULER_TYPE	= 15,
	HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY	= 21,
	HV_SYSTEM_PROPERTY_CRASHDUMPAREA	= 47,
};

enum hv_dynamic_processor_feature_property {
	HV_X64_DYNAMIC_PROCESSOR_FEATURE_MAX_ENCRYPTED_PARTITIONS	= 13,
	HV_X64_DYNAMIC_PROCESSOR_FEATURE_SNP_STATUS			= 16,
};

/* HVCALL_GET_SYSTEM_PROPERTY */
__extension__ struct hv_input_get_system_property {
	__u32 property_id;		/* enum hv_system_property */
	__u32 reserved;
	union {
		__u64 as_uint64;
		__u32 hv_processor_feature;	/* enum hv_dynamic_processor_feature_property */
	};
} HV_PACKED;

__extension__ struct hv_output_get_system_property {
	union {
		__u32 scheduler_type;	/* enum hv_scheduler_type */
		__u64 hv_processor_feature_value;
		union hv_pfn_range hv_cda_info;	/* the area for a crash dump */
		__u64 hv_tramp_pa;	/* the trampoline into it */
	};
} HV_PACKED;

/* HVCALL_SET_SYSTEM_PROPERTY, HVCALL_ENTER_SLEEP_STATE */
enum hv_sleep_state {
	HV_SLEEP_STATE_S1	= 1,
	HV_SLEEP_STATE_S2	= 2,
	HV_SLEEP_STATE_S3	= 3,
	HV_SLEEP_STATE_S4	= 4,
	HV_SLEEP_STATE_S5	= 5,
	/* no more registrations after this one */
	HV_SLEEP_STATE_LOCK	= 6,
};

struct hv_sleep_state_info {
	__u32 sleep_state;		/* enum hv_sleep_state */
	__u8 pm1a_slp_typ;
	__u8 pm1b_slp_typ;
} HV_PACKED;

__extension__ struct hv_input_set_system_property {
	__u32 property_id;		/* enum hv_system_property */
	__u32 reserved;
	union {
		struct hv_sleep_state_info set_sleep_state_info;
		__u64 reserved0[8];
	};
} HV_PACKED;

struct hv_input_enter_sleep_state {
	__u32 sleep_state;		/* enum hv_sleep_state */
} HV_PACKED;

/* HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME */
struct hv_input_get_logical_processor_run_time {
	__u32 lp_index;
} HV_PACKED;

struct hv_output_get_logical_processor_run_time {
	__u64 global_time;
	__u64 local_run_time;
	__u64 rsvdz0;
	__u64 hypervisor_time;
} HV_PACKED;

/* HVCALL_ADD_LOGICAL_PROCESSOR */
struct hv_input_add_logical_processor {
	__u32 lp_index;
	__u32 apic_id;
	struct hv_proximity_domain_info proximity_domain_info;
} HV_PACKED;

struct hv_lp_startup_status {
	__u64 hv_status;
	__u64 substatus1;
	__u64 substatus2;
	__u64 substatus3;
	__u64 substatus4;
	__u64 substatus5;
	__u64 substatus6;
} HV_PACKED;

struct hv_output_add_logical_processor {
	struct hv_lp_startup_status startup_status;
};

/* HVCALL_NOTIFY_PARTITION_EVENT */
enum hv_crashdump_action {
	HV_CRASHDUMP_NONE			= 0,
	HV_CRASHDUMP_SUSPEND_ALL_VPS		= 1,
	HV_CRASHDUMP_PREPARE_FOR_STATE_SAVE	= 2,
	HV_CRASHDUMP_STATE_SAVED		= 3,
	HV_CRASHDUMP_ENTRY			= 4,
};

enum hv_partition_event {
	HV_PARTITION_EVENT_ROOT_CRASHDUMP		= 2,
	HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED	= 4,
};

struct hv_partition_event_root_crashdump_input {
	__u32 crashdump_action;		/* enum hv_crashdump_action */
} HV_PACKED;

union hv_partition_event_input {
	struct hv_partition_event_root_crashdump_input crashdump_input;
};

struct hv_input_notify_partition_event {
	__u32 event;			/* enum hv_partition_event */
	union hv_partition_event_input input;
} HV_PACKED;

/* HVCALL_DISABLE_HYP_EX: the machine goes on at rip without a hypervisor. */
struct hv_input_disable_hyp_ex {
	__u64 rip;
	__u64 arg;
} HV_PACKED;

__extension__ struct hv_crashdump_area {
	__u32 version;
	union {
		__u32 flags_as_uint32;
		struct {
			__u32 cda_valid : 1;
			__u32 cda_unused : 31;
		} HV_PACKED;
	};
} HV_PACKED;

#endif /* MSHV_HV_SYSTEM_H */
