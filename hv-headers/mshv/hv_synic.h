/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Synthetic interrupt controller: interrupt sources, messages, event flags, timers.
 *
 * TLFS "Virtual Interrupt Controller", "Inter-Partition Communication", "Timers".
 */
#ifndef MSHV_HV_SYNIC_H
#define MSHV_HV_SYNIC_H

#include "hv_types.h"

#define HV_SYNIC_SINT_COUNT			16	/* synthetic interrupt sources of a VP */
#define HV_SYNIC_STIMER_COUNT	4
#define HV_SYNIC_VERSION_1	1
#define HV_SYNIC_FIRST_VALID_VECTOR	16

/* Sources with a fixed user; the first free one is where Linux takes doorbells. */
#define HV_SYNIC_INTERCEPTION_SINT_INDEX	0
#define HV_SYNIC_IOMMU_FAULT_SINT_INDEX		1
#define HV_SYNIC_VMBUS_SINT_INDEX		2
#define HV_SYNIC_FIRST_UNUSED_SINT_INDEX	5
#define HV_SYNIC_DOORBELL_SINT_INDEX		HV_SYNIC_FIRST_UNUSED_SINT_INDEX

/* The enable bits of SCONTROL, SIMP and SIEFP, and the bits of a SINT. */
#define HV_SYNIC_CONTROL_ENABLE		(1ULL << 0)
#define HV_SYNIC_SIMP_ENABLE		(1ULL << 0)
#define HV_SYNIC_SIEFP_ENABLE		(1ULL << 0)
#define HV_SYNIC_SINT_MASKED		(1ULL << 16)
#define HV_SYNIC_SINT_AUTO_EOI		(1ULL << 17)
#define HV_SYNIC_SINT_VECTOR_MASK	0xff

__extension__ union hv_synic_sint {
	__u64 as_uint64;
	struct {
		__u64 vector : 8;
		__u64 reserved1 : 8;
		__u64 masked : 1;
		__u64 auto_eoi : 1;
		__u64 polling : 1;
		__u64 as_intercept : 1;
		__u64 proxy : 1;	/* another VTL's SynIC gets it */
		__u64 reserved2 : 43;
	};
};

__extension__ union hv_synic_scontrol {
	__u64 as_uint64;
	struct {
		__u64 enable : 1;
		__u64 reserved : 63;
	};
};

/* Page addresses: of messages, of event flags, of the event rings (root scheduler, Linux 7.2). */
__extension__ union hv_synic_simp {
	__u64 as_uint64;
	struct {
		__u64 simp_enabled : 1;
		__u64 preserved : 11;
		__u64 base_simp_gpa : 52;
	};
};

__extension__ union hv_synic_siefp {
	__u64 as_uint64;
	struct {
		__u64 siefp_enabled : 1;
		__u64 preserved : 11;
		__u64 base_siefp_gpa : 52;
	};
};

__extension__ union hv_synic_sirbp {
	__u64 as_uint64;
	struct {
		__u64 sirbp_enabled : 1;
		__u64 preserved : 11;
		__u64 base_sirbp_gpa : 52;
	};
};

/* A connection or port as a 24-bit number. */
__extension__ union hv_port_id {
	__u32 asu32;
	struct {
		__u32 id : 24;
		__u32 reserved : 8;
	} u;
};

__extension__ union hv_connection_id {
	__u32 asu32;
	struct {
		__u32 id : 24;
		__u32 reserved : 8;
	} u;
};

#define HV_MESSAGE_SIZE			256
#define HV_MESSAGE_PAYLOAD_BYTE_COUNT	240
#define HV_MESSAGE_PAYLOAD_QWORD_COUNT	30

__extension__ enum hv_message_type {
	/* an empty slot */
	HVMSG_NONE				= 0x00000000,
	/* accesses to guest physical memory */
	HVMSG_UNMAPPED_GPA			= 0x80000000,
	HVMSG_GPA_INTERCEPT			= 0x80000001,
	HVMSG_UNACCEPTED_GPA			= 0x80000003,
	HVMSG_GPA_ATTRIBUTE_INTERCEPT		= 0x80000004,
	/* a synthetic timer */
	HVMSG_TIMER_EXPIRED			= 0x80000010,
	/* the VP cannot go on */
	HVMSG_INVALID_VP_REGISTER_VALUE		= 0x80000020,
	HVMSG_UNRECOVERABLE_EXCEPTION		= 0x80000021,
	HVMSG_UNSUPPORTED_FEATURE		= 0x80000022,
	/* the message itself is on the intercept message page */
	HVMSG_OPAQUE_INTERCEPT			= 0x8000003f,
	HVMSG_EVENTLOG_BUFFERCOMPLETE		= 0x80000040,
	HVMSG_HYPERCALL_INTERCEPT		= 0x80000050,
	/* the guest's SynIC */
	HVMSG_SYNIC_EVENT_INTERCEPT		= 0x80000060,
	HVMSG_SYNIC_SINT_INTERCEPT		= 0x80000061,
	HVMSG_SYNIC_SINT_DELIVERABLE		= 0x80000062,
	/* a hypercall that answered HV_STATUS_CALL_PENDING has ended */
	HVMSG_ASYNC_CALL_COMPLETION		= 0x80000070,
	/* to the root scheduler: these VPs want to run */
	HVMSG_SCHEDULER_VP_SIGNAL_BITSET	= 0x80000100,
	HVMSG_SCHEDULER_VP_SIGNAL_PAIR		= 0x80000101,
	/* intercepts of one architecture */
	HVMSG_X64_IO_PORT_INTERCEPT		= 0x80010000,
	HVMSG_X64_MSR_INTERCEPT			= 0x80010001,
	HVMSG_X64_CPUID_INTERCEPT		= 0x80010002,
	HVMSG_X64_EXCEPTION_INTERCEPT		= 0x80010003,
	HVMSG_X64_APIC_EOI			= 0x80010004,
	HVMSG_X64_LEGACY_FP_ERROR		= 0x80010005,
	HVMSG_X64_IOMMU_PRQ			= 0x80010006,
	HVMSG_X64_HALT				= 0x80010007,
	HVMSG_X64_INTERRUPTION_DELIVERABLE	= 0x80010008,
	HVMSG_X64_SIPI_INTERCEPT		= 0x80010009,
	HVMSG_ARM64_RESET_INTERCEPT		= 0x8001000c,
	HVMSG_X64_SEV_VMGEXIT_INTERCEPT		= 0x80010013,
};

__extension__ union hv_message_flags {
	__u8 asu8;
	struct {
		__u8 msg_pending : 1;	/* more is queued: write EOM when done */
		__u8 reserved : 7;
	};
};

__extension__ struct hv_message_header {
	__u32 message_type;
	__u8 payload_size;
	union hv_message_flags message_flags;
	__u8 reserved[2];
	union {
		__u64 sender;
		union hv_port_id port;
	};
} HV_PACKED;

__extension__ struct hv_message {
	struct hv_message_header header;
	union {
		__u64 payload[HV_MESSAGE_PAYLOAD_QWORD_COUNT];
	} u;
} HV_PACKED;

/* The SIM page: one slot for each source. */
struct hv_message_page {
	struct hv_message sint_message[HV_SYNIC_SINT_COUNT];
};

struct hv_timer_message_payload {
	__u32 timer_index;
	__u32 reserved;
	__u64 expiration_time;		/* when it ran out */
	__u64 delivery_time;		/* when the message was sent */
} HV_PACKED;

/* Payload when a source is marked as_intercept. */
struct hv_notification_message_payload {
	__u32 sint_index;
} HV_PACKED;

struct hv_async_completion_message_payload {
	__u64 partition_id;
	__u32 status;
	__u32 completion_count;
	__u64 sub_status;
} HV_PACKED;

/* Event flags: 2048 bits for each source, 16 sources on the SIEF page. */
#define HV_EVENT_FLAGS_COUNT		2048
#define HV_EVENT_FLAGS_BYTE_COUNT	256
#define HV_EVENT_FLAGS32_COUNT		(256 / sizeof(__u32))
#define HV_EVENT_FLAGS_UL_COUNT		(256 / sizeof(unsigned long))

union hv_synic_event_flags {
	__u8 flags8[HV_EVENT_FLAGS_BYTE_COUNT];
	__u32 flags32[HV_EVENT_FLAGS32_COUNT];
	unsigned long flags[HV_EVENT_FLAGS_UL_COUNT];
};

struct hv_synic_event_flags_page {
	volatile union hv_synic_event_flags event_flags[HV_SYNIC_SINT_COUNT];
};

/* Event rings: port numbers instead of bits. */
#define HV_SYNIC_EVENT_RING_MESSAGE_COUNT	63

struct hv_synic_event_ring {
	__u8 signal_masked;
	__u8 ring_full;
	__u16 reserved_z;
	__u32 data[HV_SYNIC_EVENT_RING_MESSAGE_COUNT];
} HV_PACKED;

struct hv_synic_event_ring_page {
	struct hv_synic_event_ring sint_event_ring[HV_SYNIC_SINT_COUNT];
};

/* HV_X64_MSR_STIMERn_CONFIG, HV_REGISTER_STIMERn_CONFIG. */
__extension__ union hv_stimer_config {
	__u64 as_uint64;
	struct {
		__u64 enable : 1;
		__u64 periodic : 1;
		__u64 lazy : 1;
		__u64 auto_enable : 1;
		__u64 apic_vector : 8;	/* with direct_mode */
		__u64 direct_mode : 1;
		__u64 reserved_z0 : 3;
		__u64 sintx : 4;	/* without direct_mode */
		__u64 reserved_z1 : 44;
	};
};

/* HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS. */
__extension__ struct hv_stimer_state {
	struct {
		__u32 undelivered_msg_pending : 1;
		__u32 reserved : 31;
	} HV_PACKED flags;
	__u32 resvd;
	__u64 config;
	__u64 count;
	__u64 adjustment;
	__u64 undelivered_exp_time;
} HV_PACKED;

struct hv_synthetic_timers_state {
	struct hv_stimer_state timers[HV_SYNIC_STIMER_COUNT];
	__u64 reserved[5];		/* kept for the timer of unhalted time */
} HV_PACKED;

#endif /* MSHV_HV_SYNIC_H */
