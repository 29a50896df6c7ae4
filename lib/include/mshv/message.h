/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Messages: why a VP stopped.
 *
 * Every function here is pure: it looks at the 256 bytes of the message and
 * nothing else, returns pointers into it, and is safe whatever the bytes are.
 */
#ifndef MSHV_MESSAGE_H
#define MSHV_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>

LIBMSHV_BEGIN_DECLS

/**
 * DOC: typed views of a message
 *
 * mshv_message_x64_io_port() and its siblings take a message and return it as
 * the structure of its type, or NULL with errno set to
 *
 * * EINVAL: @message is NULL, or it is a message of another type
 * * EBADMSG: the message says of itself that it is shorter than the structure,
 *   or a field holds a value that the structure can't have
 *
 * The pointer points into @message and lives as long as it does; nothing is
 * copied. The structures are those of <mshv/hvhdk.h> and are not aligned. A
 * payload size of 0 is taken for "not stated".
 *
 * HVMSG_UNMAPPED_GPA and the like are types of both architectures: a message is
 * taken for one of the architecture that libmshv was built for. The views of the
 * other one then say EINVAL.
 */

/**
 * mshv_message_type() - What kind of message this is
 * @message: the message, or NULL
 *
 * Context: Any thread; async-signal-safe.
 * Return: HVMSG_*, HVMSG_NONE (0) if @message is NULL.
 * Since: 0.1
 */
uint32_t mshv_message_type(const struct hv_message *message);

/**
 * mshv_message_type_name() - Name of a message type
 * @type: HVMSG_*
 *
 * Context: Any thread; async-signal-safe.
 * Return: the name of the constant, such as "HVMSG_X64_IO_PORT_INTERCEPT", or
 * NULL if libmshv doesn't know the value. A constant.
 * Since: 0.1
 */
const char *mshv_message_type_name(uint32_t type);

/**
 * mshv_message_x64_header() - What all intercepts of an x64 VP have in common
 * @message: the message
 *
 * VP index, instruction length, kind of access, execution state, CS, RIP and
 * RFLAGS at the intercepted instruction, which is not yet done.
 *
 * Context: Any thread.
 * Return: the header, or NULL with errno EINVAL: the type has no such header;
 * EBADMSG: malformed.
 * Since: 0.1
 */
const struct hv_x64_intercept_message_header *
mshv_message_x64_header(const struct hv_message *message);

/**
 * mshv_message_x64_io_port() - View of HVMSG_X64_IO_PORT_INTERCEPT
 * @message: the message
 *
 * access_info.access_size of the result is 1, 2 or 4 bytes.
 * mshv_vp_complete_io() finishes the instruction.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_io_port_intercept_message *
mshv_message_x64_io_port(const struct hv_message *message);

/**
 * mshv_message_x64_memory() - View of an access to memory that isn't there
 * @message: the message
 *
 * For HVMSG_UNMAPPED_GPA (nothing is mapped at this address) and
 * HVMSG_GPA_INTERCEPT (something is, but this access is not allowed). The kind
 * of access is in header.intercept_access_type. Take the instruction from
 * mshv_message_instruction(), not from the structure.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_memory_intercept_message *
mshv_message_x64_memory(const struct hv_message *message);

/**
 * mshv_message_arm64_memory() - View of an access to memory that isn't there
 * @message: the message
 *
 * The same as mshv_message_x64_memory() for a VP of an arm64 hypervisor.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type, or libmshv was
 * built for another architecture; EBADMSG: malformed.
 * Since: 0.1
 */
const struct hv_arm64_memory_intercept_message *
mshv_message_arm64_memory(const struct hv_message *message);

/**
 * mshv_message_x64_msr() - View of HVMSG_X64_MSR_INTERCEPT
 * @message: the message
 *
 * header.intercept_access_type tells RDMSR from WRMSR.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_msr_intercept_message *
mshv_message_x64_msr(const struct hv_message *message);

/**
 * mshv_message_x64_cpuid() - View of HVMSG_X64_CPUID_INTERCEPT
 * @message: the message
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_cpuid_intercept_message *
mshv_message_x64_cpuid(const struct hv_message *message);

/**
 * mshv_message_x64_exception() - View of HVMSG_X64_EXCEPTION_INTERCEPT
 * @message: the message
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_exception_intercept_message *
mshv_message_x64_exception(const struct hv_message *message);

/**
 * mshv_message_x64_halt() - View of HVMSG_X64_HALT
 * @message: the message
 *
 * Sent only when the partition has no interrupt controller of the hypervisor
 * that could wake the VP again.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_halt_message *
mshv_message_x64_halt(const struct hv_message *message);

/**
 * mshv_message_x64_unrecoverable_exception() - View of a triple fault
 * @message: the message
 *
 * For HVMSG_UNRECOVERABLE_EXCEPTION. The VP can't go on; real hardware would
 * reset.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_unrecoverable_exception_message *
mshv_message_x64_unrecoverable_exception(const struct hv_message *message);

/**
 * mshv_message_instruction() - The bytes of the instruction, if they are known
 * @message: an I/O port, memory or exception message
 * @bytes: set to the first byte, inside @message; to NULL if there are none
 *
 * The hypervisor may leave the bytes out, and the guest may have changed its
 * memory since.
 *
 * Context: Any thread; async-signal-safe.
 * Return: number of bytes, 0 to 16 (4 on arm64); 0 also for every other type
 * and every malformed message. A larger count in the message, which real
 * hypervisors send, is taken for 0: nothing is known.
 * Since: 0.1
 */
size_t mshv_message_instruction(const struct hv_message *message,
				const uint8_t **bytes);

LIBMSHV_END_DECLS

#endif /* MSHV_MESSAGE_H */
