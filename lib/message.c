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

#include "message-table.h"

uint32_t mshv_message_type(const struct hv_message *message)
{
	return message ? message->header.message_type : (uint32_t)HVMSG_NONE;
}

const char *mshv_message_type_name(uint32_t type)
{
	const struct libmshv_message_type *row =
		libmshv_message_find(type, LIBMSHV_ARCH_X64);

	return row ? row->name : NULL;
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
			enum libmshv_arch arch, uint8_t header)
{
	const struct libmshv_message_type *row =
		libmshv_message_find(type, arch);

	if (mshv_message_type(message) != type || !row || !row->size ||
	    row->header != header)
		return wrong_type();
	return payload(message, row->size);
}

static const void *view_x64(const struct hv_message *message, uint32_t type)
{
	return view(message, type, LIBMSHV_ARCH_X64, LIBMSHV_HEADER_X64);
}

static const void *view_arm64(const struct hv_message *message, uint32_t type)
{
	return view(message, type, LIBMSHV_ARCH_ARM64, LIBMSHV_HEADER_ARM64);
}

/* Of a structure without header; all that it counts is there. */
static const void *view_plain(const struct hv_message *message, uint32_t type)
{
	const struct libmshv_message_type *row =
		libmshv_message_find(type, LIBMSHV_ARCH_X64);
	size_t needs;

	if (mshv_message_type(message) != type)
		return wrong_type();
	needs = libmshv_message_needs(row,
				      (const uint8_t *)message->u.payload);
	if (needs == SIZE_MAX)
		return no_view(EBADMSG, "message: list too long");
	return payload(message, needs);
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
	return type == HVMSG_UNMAPPED_GPA || type == HVMSG_GPA_INTERCEPT ||
	       type == HVMSG_UNACCEPTED_GPA;
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

	return is_memory(type) ? view_arm64(message, type) : wrong_type();
}

const struct hv_arm64_intercept_message_header *
mshv_message_arm64_header(const struct hv_message *message)
{
	return view_arm64(message, mshv_message_type(message));
}

#define VIEW(name, structure, how, type) \
const struct structure *mshv_message_##name(const struct hv_message *message) \
{ \
	return view_##how(message, type); \
}

VIEW(x64_msr, hv_x64_msr_intercept_message, x64, HVMSG_X64_MSR_INTERCEPT)
VIEW(x64_cpuid, hv_x64_cpuid_intercept_message, x64, HVMSG_X64_CPUID_INTERCEPT)
VIEW(x64_exception, hv_x64_exception_intercept_message, x64,
     HVMSG_X64_EXCEPTION_INTERCEPT)
VIEW(x64_halt, hv_x64_halt_message, x64, HVMSG_X64_HALT)
VIEW(x64_hypercall, hv_x64_hypercall_intercept_message, x64,
     HVMSG_HYPERCALL_INTERCEPT)
VIEW(x64_interruption_deliverable, hv_x64_interruption_deliverable_message, x64,
     HVMSG_X64_INTERRUPTION_DELIVERABLE)
VIEW(x64_sint_deliverable, hv_x64_sint_deliverable_message, x64,
     HVMSG_SYNIC_SINT_DELIVERABLE)
VIEW(x64_sipi, hv_x64_sipi_intercept_message, x64, HVMSG_X64_SIPI_INTERCEPT)
VIEW(x64_unrecoverable_exception, hv_x64_unrecoverable_exception_message, x64,
     HVMSG_UNRECOVERABLE_EXCEPTION)
VIEW(x64_vmgexit, hv_x64_vmgexit_intercept_message, x64,
     HVMSG_X64_SEV_VMGEXIT_INTERCEPT)
VIEW(x64_apic_eoi, hv_x64_apic_eoi_message, plain, HVMSG_X64_APIC_EOI)
VIEW(x64_gpa_attribute, hv_x64_gpa_attribute_intercept_message, plain,
     HVMSG_GPA_ATTRIBUTE_INTERCEPT)
VIEW(x64_invalid_vp_register, hv_x64_invalid_vp_register_message, plain,
     HVMSG_INVALID_VP_REGISTER_VALUE)
VIEW(x64_unsupported_feature, hv_x64_unsupported_feature_message, plain,
     HVMSG_UNSUPPORTED_FEATURE)
VIEW(arm64_reset, hv_arm64_reset_intercept_message, arm64,
     HVMSG_ARM64_RESET_INTERCEPT)
VIEW(opaque_intercept, hv_opaque_intercept_message, plain,
     HVMSG_OPAQUE_INTERCEPT)
VIEW(timer, hv_timer_message_payload, plain, HVMSG_TIMER_EXPIRED)
VIEW(async_completion, hv_async_completion_message_payload, plain,
     HVMSG_ASYNC_CALL_COMPLETION)
VIEW(vp_signal_bitset, hv_vp_signal_bitset_scheduler_message, plain,
     HVMSG_SCHEDULER_VP_SIGNAL_BITSET)
VIEW(vp_signal_pair, hv_vp_signal_pair_scheduler_message, plain,
     HVMSG_SCHEDULER_VP_SIGNAL_PAIR)

size_t mshv_message_instruction(const struct hv_message *message,
				const uint8_t **bytes)
{
	const struct libmshv_message_type *row =
		libmshv_message_find(mshv_message_type(message),
				     LIBMSHV_ARCH_NATIVE);
	const struct libmshv_field *field;
	const uint8_t *at;
	size_t count;

	if (bytes)
		*bytes = NULL;
	if (!row || !row->fields || payload_shorter(message, row->size))
		return 0;

	at = (const uint8_t *)message->u.payload;
	for (field = row->fields; field->label; field++) {
		if (field->kind != LIBMSHV_FIELD_BYTES)
			continue;
		count = libmshv_field_count(field, at);
		if (!count || count > field->max)
			return 0;
		if (bytes)
			*bytes = at + field->at;
		return count;
	}
	return 0;
}
