// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Typed views of messages. See <mshv/message.h>.
 *
 * Nothing in a message is trusted: the hypervisor may be of another version,
 * and some bytes come from the guest. All structures fit the 240 bytes of
 * payload, so that no view can reach outside of the message.
 */
#include "config.h"

#include <errno.h>

#include "internal.h"

enum header {
	HEADER_NONE,
	HEADER_X64,	/* begins with struct hv_x64_intercept_message_header */
};

struct message_type {
	uint32_t type;
	const char *name;
	uint8_t size;		/* of the structure; 0: no view of it here */
	uint8_t header;		/* enum header */
};

#define FITS(structure) \
	(sizeof(struct structure) + \
	 0 * sizeof(char[sizeof(struct structure) <= \
			 HV_MESSAGE_PAYLOAD_BYTE_COUNT ? 1 : -1]))
#define NAMED(type)		{ type, #type, 0, HEADER_NONE }
#define PLAIN(type, structure)	{ type, #type, FITS(structure), HEADER_NONE }
#define X64(type, structure)	{ type, #type, FITS(structure), HEADER_X64 }

static const struct message_type message_types[] = {
	NAMED(HVMSG_NONE),

	/* Types that both architectures have, each with its own structure. */
#if defined(__x86_64__)
	X64(HVMSG_UNMAPPED_GPA, hv_x64_memory_intercept_message),
	X64(HVMSG_GPA_INTERCEPT, hv_x64_memory_intercept_message),
	X64(HVMSG_UNACCEPTED_GPA, hv_x64_memory_intercept_message),
	X64(HVMSG_UNRECOVERABLE_EXCEPTION,
	    hv_x64_unrecoverable_exception_message),
	X64(HVMSG_HYPERCALL_INTERCEPT, hv_x64_hypercall_intercept_message),
	X64(HVMSG_SYNIC_SINT_DELIVERABLE, hv_x64_sint_deliverable_message),
#else
	PLAIN(HVMSG_UNMAPPED_GPA, hv_arm64_memory_intercept_message),
	PLAIN(HVMSG_GPA_INTERCEPT, hv_arm64_memory_intercept_message),
	PLAIN(HVMSG_UNACCEPTED_GPA, hv_arm64_memory_intercept_message),
	NAMED(HVMSG_UNRECOVERABLE_EXCEPTION),
	NAMED(HVMSG_HYPERCALL_INTERCEPT),
	NAMED(HVMSG_SYNIC_SINT_DELIVERABLE),
#endif
	NAMED(HVMSG_GPA_ATTRIBUTE_INTERCEPT),
	NAMED(HVMSG_TIMER_EXPIRED),
	NAMED(HVMSG_INVALID_VP_REGISTER_VALUE),
	NAMED(HVMSG_UNSUPPORTED_FEATURE),
	NAMED(HVMSG_OPAQUE_INTERCEPT),
	NAMED(HVMSG_EVENTLOG_BUFFERCOMPLETE),
	NAMED(HVMSG_SYNIC_EVENT_INTERCEPT),
	NAMED(HVMSG_SYNIC_SINT_INTERCEPT),
	NAMED(HVMSG_ASYNC_CALL_COMPLETION),
	NAMED(HVMSG_SCHEDULER_VP_SIGNAL_BITSET),
	NAMED(HVMSG_SCHEDULER_VP_SIGNAL_PAIR),

	X64(HVMSG_X64_IO_PORT_INTERCEPT, hv_x64_io_port_intercept_message),
	X64(HVMSG_X64_MSR_INTERCEPT, hv_x64_msr_intercept_message),
	X64(HVMSG_X64_CPUID_INTERCEPT, hv_x64_cpuid_intercept_message),
	X64(HVMSG_X64_EXCEPTION_INTERCEPT, hv_x64_exception_intercept_message),
	NAMED(HVMSG_X64_APIC_EOI),
	NAMED(HVMSG_X64_LEGACY_FP_ERROR),
	NAMED(HVMSG_X64_IOMMU_PRQ),
	X64(HVMSG_X64_HALT, hv_x64_halt_message),
	X64(HVMSG_X64_INTERRUPTION_DELIVERABLE,
	    hv_x64_interruption_deliverable_message),
	X64(HVMSG_X64_SIPI_INTERCEPT, hv_x64_sipi_intercept_message),
	X64(HVMSG_X64_SEV_VMGEXIT_INTERCEPT, hv_x64_vmgexit_intercept_message),
	NAMED(HVMSG_ARM64_RESET_INTERCEPT),
};

static const struct message_type *find_type(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(message_types); i++)
		if (message_types[i].type == type)
			return &message_types[i];
	return NULL;
}

uint32_t mshv_message_type(const struct hv_message *message)
{
	return message ? message->header.message_type : (uint32_t)HVMSG_NONE;
}

const char *mshv_message_type_name(uint32_t type)
{
	const struct message_type *found = find_type(type);

	return found ? found->name : NULL;
}

static const void *no_view(int errnum, const char *what)
{
	libmshv_fail(errnum, what);
	return NULL;
}

static const void *wrong_type(void)
{
	return no_view(EINVAL, "message: not of this type");
}

/* Does the message say so itself? A size of 0 is taken for "not stated". */
static bool payload_shorter(const struct hv_message *message, size_t size)
{
	size_t stated = message->header.payload_size;

	return stated && stated < size;
}

static const void *payload(const struct hv_message *message, size_t size)
{
	if (payload_shorter(message, size))
		return no_view(EBADMSG, LIBMSHV_PAYLOAD_TOO_SHORT);
	return message->u.payload;
}

/* The payload as the structure that belongs to @type in the table. */
static const void *view(const struct hv_message *message, uint32_t type,
			enum header header)
{
	const struct message_type *row = find_type(type);

	if (mshv_message_type(message) != type || !row || !row->size ||
	    row->header != header)
		return wrong_type();
	return payload(message, row->size);
}

static const void *view_x64(const struct hv_message *message, uint32_t type)
{
	return view(message, type, HEADER_X64);
}

const struct hv_x64_intercept_message_header *
mshv_message_x64_header(const struct hv_message *message)
{
	return view_x64(message, mshv_message_type(message));
}

const struct hv_x64_io_port_intercept_message *
mshv_message_x64_io_port(const struct hv_message *message)
{
	const char *flaw;

	/* Not through the table: this one is in the way of every port access. */
	if (mshv_message_type(message) != HVMSG_X64_IO_PORT_INTERCEPT)
		return wrong_type();
	flaw = libmshv_io_port_flaw(message);
	return flaw ? no_view(EBADMSG, flaw) : (const void *)message->u.payload;
}

static bool is_memory(uint32_t type)
{
	return type == HVMSG_UNMAPPED_GPA || type == HVMSG_GPA_INTERCEPT;
}

const struct hv_x64_memory_intercept_message *
mshv_message_x64_memory(const struct hv_message *message)
{
	uint32_t type = mshv_message_type(message);

	return is_memory(type) ? view_x64(message, type) : wrong_type();
}

const struct hv_arm64_memory_intercept_message *
mshv_message_arm64_memory(const struct hv_message *message)
{
	uint32_t type = mshv_message_type(message);

	return is_memory(type) ? view(message, type, HEADER_NONE) :
				 wrong_type();
}

const struct hv_x64_msr_intercept_message *
mshv_message_x64_msr(const struct hv_message *message)
{
	return view_x64(message, HVMSG_X64_MSR_INTERCEPT);
}

const struct hv_x64_cpuid_intercept_message *
mshv_message_x64_cpuid(const struct hv_message *message)
{
	return view_x64(message, HVMSG_X64_CPUID_INTERCEPT);
}

const struct hv_x64_exception_intercept_message *
mshv_message_x64_exception(const struct hv_message *message)
{
	return view_x64(message, HVMSG_X64_EXCEPTION_INTERCEPT);
}

const struct hv_x64_halt_message *
mshv_message_x64_halt(const struct hv_message *message)
{
	return view_x64(message, HVMSG_X64_HALT);
}

const struct hv_x64_unrecoverable_exception_message *
mshv_message_x64_unrecoverable_exception(const struct hv_message *message)
{
	return view_x64(message, HVMSG_UNRECOVERABLE_EXCEPTION);
}

/* The structures that have instruction bytes, and where. */
#define BYTES(type, structure) \
	{ type, offsetof(struct structure, instruction_byte_count), \
	  offsetof(struct structure, instruction_bytes), \
	  sizeof(((struct structure *)NULL)->instruction_bytes) }

static const struct {
	uint32_t type;
	uint8_t count_at;
	uint8_t bytes_at;
	uint8_t bytes_max;
} instruction_bytes[] = {
	BYTES(HVMSG_X64_IO_PORT_INTERCEPT, hv_x64_io_port_intercept_message),
	BYTES(HVMSG_X64_EXCEPTION_INTERCEPT,
	      hv_x64_exception_intercept_message),
#if defined(__x86_64__)
	BYTES(HVMSG_UNMAPPED_GPA, hv_x64_memory_intercept_message),
	BYTES(HVMSG_GPA_INTERCEPT, hv_x64_memory_intercept_message),
#else
	BYTES(HVMSG_UNMAPPED_GPA, hv_arm64_memory_intercept_message),
	BYTES(HVMSG_GPA_INTERCEPT, hv_arm64_memory_intercept_message),
#endif
};

size_t mshv_message_instruction(const struct hv_message *message,
				const uint8_t **bytes)
{
	uint32_t type = mshv_message_type(message);
	const struct message_type *row = find_type(type);
	const uint8_t *at;
	size_t i, count;

	if (bytes)
		*bytes = NULL;

	for (i = 0; i < ARRAY_SIZE(instruction_bytes); i++)
		if (instruction_bytes[i].type == type)
			break;
	if (i == ARRAY_SIZE(instruction_bytes) || !row)
		return 0;

	at = (const uint8_t *)message->u.payload;
	count = at[instruction_bytes[i].count_at];
	if (payload_shorter(message, row->size) || !count ||
	    count > instruction_bytes[i].bytes_max)
		return 0;

	if (bytes)
		*bytes = at + instruction_bytes[i].bytes_at;
	return count;
}
