/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Interrupts into a guest, and interrupts of devices.
 *
 * TLFS "Virtual Interrupt Controller"; device interrupts: Linux 7.2.
 */
#ifndef MSHV_HV_INTERRUPT_H
#define MSHV_HV_INTERRUPT_H

#include "hv_vp_set.h"

enum hv_interrupt_type {
	HV_X64_INTERRUPT_TYPE_FIXED		= 0x0000,
	HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY	= 0x0001,
	HV_X64_INTERRUPT_TYPE_SMI		= 0x0002,
	HV_X64_INTERRUPT_TYPE_REMOTEREAD	= 0x0003,
	HV_X64_INTERRUPT_TYPE_NMI		= 0x0004,
	HV_X64_INTERRUPT_TYPE_INIT		= 0x0005,
	HV_X64_INTERRUPT_TYPE_SIPI		= 0x0006,
	HV_X64_INTERRUPT_TYPE_EXTINT		= 0x0007,
	HV_X64_INTERRUPT_TYPE_LOCALINT0		= 0x0008,
	HV_X64_INTERRUPT_TYPE_LOCALINT1		= 0x0009,
	HV_X64_INTERRUPT_TYPE_MAXIMUM		= 0x000a,
	HV_ARM64_INTERRUPT_TYPE_FIXED		= 0x0000,
	HV_ARM64_INTERRUPT_TYPE_MAXIMUM		= 0x0008,
};

#define HV_INTERRUPT_VECTOR_NONE	0xffffffff

__extension__ union hv_interrupt_control {
	__u64 as_uint64;
	struct {
		__u32 interrupt_type;		/* enum hv_interrupt_type */
#if defined(__x86_64__)
		__u32 level_triggered : 1;
		__u32 logical_dest_mode : 1;
		__u32 rsvd : 30;
#else
		__u32 rsvd1 : 2;
		__u32 asserted : 1;
		__u32 rsvd2 : 29;
#endif
	};
};

/* HVCALL_ASSERT_VIRTUAL_INTERRUPT */
struct hv_input_assert_virtual_interrupt {
	__u64 partition_id;
	union hv_interrupt_control control;
	__u64 dest_addr;		/* APIC id or logical destination; MPIDR on arm64 */
	__u32 vector;
	__u8 target_vtl;
	__u8 rsvd_z0;
	__u16 rsvd_z1;
} HV_PACKED;

/* HVCALL_MAP_DEVICE_INTERRUPT, HVCALL_UNMAP_DEVICE_INTERRUPT, HVCALL_RETARGET_INTERRUPT. */
__extension__ union hv_msi_address_register {
	__u32 as_uint32;
	struct {
		__u32 reserved1 : 2;
		__u32 destination_mode : 1;
		__u32 redirection_hint : 1;
		__u32 reserved2 : 8;
		__u32 destination_id : 8;
		__u32 msi_base : 12;
	} HV_PACKED;
} HV_PACKED;

__extension__ union hv_msi_data_register {
	__u32 as_uint32;
	struct {
		__u32 vector : 8;
		__u32 delivery_mode : 3;
		__u32 reserved1 : 3;
		__u32 level_assert : 1;
		__u32 trigger_mode : 1;
		__u32 reserved2 : 16;
	} HV_PACKED;
} HV_PACKED;

#if defined(__x86_64__)
__extension__ union hv_msi_entry {
	__u64 as_uint64;
	struct {
		union hv_msi_address_register address;
		union hv_msi_data_register data;
	};
};
#else
__extension__ union hv_msi_entry {
	__u64 as_uint64[2];
	struct {
		__u64 address;
		__u32 data;
		__u32 reserved;
	};
};
#endif

__extension__ union hv_ioapic_rte {
	__u64 as_uint64;
	struct {
		__u32 vector : 8;
		__u32 delivery_mode : 3;
		__u32 destination_mode : 1;
		__u32 delivery_status : 1;
		__u32 interrupt_polarity : 1;
		__u32 remote_irr : 1;
		__u32 trigger_mode : 1;
		__u32 interrupt_mask : 1;
		__u32 reserved1 : 15;
		__u32 reserved2 : 24;
		__u32 destination_id : 8;
	} HV_PACKED;
	struct {
		__u32 low_uint32;
		__u32 high_uint32;
	} HV_PACKED;
} HV_PACKED;

enum hv_interrupt_source {
	HV_INTERRUPT_SOURCE_MSI		= 1,
	HV_INTERRUPT_SOURCE_IOAPIC	= 2,
};

__extension__ struct hv_interrupt_entry {
	__u32 source;			/* enum hv_interrupt_source */
	__u32 reserved1;
	union {
		union hv_msi_entry msi_entry;
		union hv_ioapic_rte ioapic_rte;
	};
} HV_PACKED;

enum hv_interrupt_trigger_mode {
	HV_INTERRUPT_TRIGGER_MODE_EDGE	= 0,
	HV_INTERRUPT_TRIGGER_MODE_LEVEL	= 1,
};

#define HV_DEVICE_INTERRUPT_TARGET_MULTICAST		0x1
#define HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET	0x2

__extension__ struct hv_device_interrupt_target {
	__u32 vector;
	__u32 flags;			/* HV_DEVICE_INTERRUPT_TARGET_* */
	union {
		__u64 vp_mask;
		struct hv_vpset vp_set;
	};
} HV_PACKED;

__extension__ struct hv_device_interrupt_descriptor {
	__u32 interrupt_type;		/* enum hv_interrupt_type */
	__u32 trigger_mode;		/* enum hv_interrupt_trigger_mode */
	__u32 vector_count;
	__u32 reserved;
	struct hv_device_interrupt_target target;
} HV_PACKED;

__extension__ struct hv_input_map_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	__u32 flags;
	__u32 base_irt_idx;
	struct hv_interrupt_entry logical_interrupt_entry;
	struct hv_device_interrupt_descriptor interrupt_descriptor;
} HV_PACKED;

struct hv_output_map_device_interrupt {
	struct hv_interrupt_entry interrupt_entry;
	__u64 ext_status_deprecated[5];
} HV_PACKED;

struct hv_input_unmap_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	struct hv_interrupt_entry interrupt_entry;
	__u32 flags;
} HV_PACKED;

__extension__ struct hv_retarget_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	struct hv_interrupt_entry int_entry;
	__u64 reserved2;
	struct hv_device_interrupt_target int_target;
};

#endif /* MSHV_HV_INTERRUPT_H */
