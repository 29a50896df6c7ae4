/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Devices, as the calls for interrupts and domains name them.
 *
 * Linux 7.2; not in the TLFS.
 */
#ifndef MSHV_HV_DEVICE_H
#define MSHV_HV_DEVICE_H

#include "hv_types.h"

typedef __u16 hv_pci_rid;
typedef __u16 hv_pci_segment;
typedef __u64 hv_logical_device_id;

__extension__ union hv_pci_bdf {
	__u16 as_uint16;
	struct {
		__u8 function : 3;
		__u8 device : 5;
		__u8 bus;
	} HV_PACKED;
} HV_PACKED;

__extension__ union hv_pci_bus_range {
	__u16 as_uint16;
	struct {
		__u8 subordinate_bus;
		__u8 secondary_bus;
	} HV_PACKED;
} HV_PACKED;

enum hv_device_type {
	HV_DEVICE_TYPE_LOGICAL	= 0,
	HV_DEVICE_TYPE_PCI	= 1,
	HV_DEVICE_TYPE_IOAPIC	= 2,
	HV_DEVICE_TYPE_ACPI	= 3,
};

/* Values of pci.source_shadow. */
#define HV_SOURCE_SHADOW_NONE			0x0
#define HV_SOURCE_SHADOW_BRIDGE_BUS_RANGE	0x1

__extension__ union hv_device_id {
	__u64 as_uint64;
	struct {
		__u64 reserved0 : 62;
		__u64 device_type : 2;
	} HV_PACKED;
	/* HV_DEVICE_TYPE_LOGICAL */
	struct {
		__u64 id : 62;
		__u64 device_type : 2;
	} HV_PACKED logical;
	/* HV_DEVICE_TYPE_PCI */
	struct {
		union {
			hv_pci_rid rid;
			union hv_pci_bdf bdf;
		};
		hv_pci_segment segment;
		union hv_pci_bus_range shadow_bus_range;
		__u16 phantom_function_bits : 2;
		__u16 source_shadow : 1;
		__u16 rsvdz0 : 11;
		__u16 device_type : 2;
	} HV_PACKED pci;
	/* HV_DEVICE_TYPE_IOAPIC */
	struct {
		__u8 ioapic_id;
		__u8 rsvdz0;
		__u16 rsvdz1;
		__u16 rsvdz2;
		__u16 rsvdz3 : 14;
		__u16 device_type : 2;
	} HV_PACKED ioapic;
	/* HV_DEVICE_TYPE_ACPI */
	struct {
		__u32 input_mapping_base;
		__u32 input_mapping_count : 30;
		__u32 device_type : 2;
	} HV_PACKED acpi;
} HV_PACKED;

#endif /* MSHV_HV_DEVICE_H */
