/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Ports and connections: the two ends of messages, events and doorbells between partitions.
 *
 * TLFS "Inter-Partition Communication"; doorbells, direct calls and event rings: Linux 7.2, rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_PORT_H
#define MSHV_HV_PORT_H

#include "hv_memory.h"
#include "hv_synic.h"

enum hv_port_type {
	HV_PORT_TYPE_MESSAGE	= 1,
	HV_PORT_TYPE_EVENT	= 2,
	HV_PORT_TYPE_MONITOR	= 3,
	HV_PORT_TYPE_DOORBELL	= 4,
};

__extension__ struct hv_port_info {
	__u32 port_type;		/* enum hv_port_type */
	__u32 padding;
	union {
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u64 rsvdz;
		} HV_PACKED message_port_info;
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u16 base_flag_number;
			__u16 flag_count;
			__u32 rsvdz;
		} HV_PACKED event_port_info;
		struct {
			__u64 monitor_address;
			__u64 rsvdz;
		} HV_PACKED monitor_port_info;
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u64 rsvdz;
		} HV_PACKED doorbell_port_info;
	};
} HV_PACKED;

__extension__ struct hv_connection_info {
	__u32 port_type;		/* enum hv_port_type */
	__u32 padding;
	union {
		struct {
			__u64 rsvdz;
		} HV_PACKED message_connection_info;
		struct {
			__u64 rsvdz;
		} HV_PACKED event_connection_info;
		struct {
			__u64 monitor_address;
		} HV_PACKED monitor_connection_info;
		struct {
			__u64 gpa;
			__u64 trigger_value;
			__u64 flags;
		} HV_PACKED doorbell_connection_info;
	};
} HV_PACKED;

/* The flags of a doorbell connection: the width of the write, and whether its value matters. */
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_ANY	0x00000000
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_BYTE	0x00000001
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_WORD	0x00000002
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_DWORD	0x00000003
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD	0x00000004
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK	0x00000007
#define HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE	0x80000000

/* HVCALL_CREATE_PORT, HVCALL_DELETE_PORT */
struct hv_input_create_port {
	__u64 port_partition_id;
	union hv_port_id port_id;
	__u8 port_vtl;
	__u8 min_connection_vtl;
	__u16 padding;
	__u64 connection_partition_id;
	struct hv_port_info port_info;
	struct hv_proximity_domain_info proximity_domain_info;
} HV_PACKED;

__extension__ union hv_input_delete_port {
	__u64 as_uint64[2];
	struct {
		__u64 port_partition_id;
		union hv_port_id port_id;
		__u32 reserved;
	} HV_PACKED;
} HV_PACKED;

/* HVCALL_CONNECT_PORT, HVCALL_DISCONNECT_PORT */
struct hv_input_connect_port {
	__u64 connection_partition_id;
	union hv_connection_id connection_id;
	__u8 connection_vtl;
	__u8 rsvdz0;
	__u16 rsvdz1;
	__u64 port_partition_id;
	union hv_port_id port_id;
	__u32 reserved2;
	struct hv_connection_info connection_info;
	struct hv_proximity_domain_info proximity_domain_info;
} HV_PACKED;

__extension__ union hv_input_disconnect_port {
	__u64 as_uint64[2];
	struct {
		__u64 connection_partition_id;
		union hv_connection_id connection_id;
		__u32 is_doorbell : 1;
		__u32 reserved : 31;
	} HV_PACKED;
} HV_PACKED;

/* HVCALL_NOTIFY_PORT_RING_EMPTY */
__extension__ union hv_input_notify_port_ring_empty {
	__u64 as_uint64;
	struct {
		__u32 sint_index;
		__u32 reserved;
	} HV_PACKED;
} HV_PACKED;

/* HVCALL_SIGNAL_EVENT_DIRECT, HVCALL_POST_MESSAGE_DIRECT: to a VP's SynIC, without a port. */
struct hv_input_signal_event_direct {
	__u64 target_partition;
	__u32 target_vp;
	__u8 target_vtl;
	__u8 target_sint;
	__u16 flag_number;
} HV_PACKED;

struct hv_output_signal_event_direct {
	__u8 newly_signaled;
	__u8 reserved[7];
};

struct hv_input_post_message_direct {
	__u64 partition_id;
	__u32 vp_index;
	__u8 vtl;
	__u8 padding[3];
	__u32 sint_index;
	__u8 message[HV_MESSAGE_SIZE];
	__u32 padding2;
} HV_PACKED;

#endif /* MSHV_HV_PORT_H */
