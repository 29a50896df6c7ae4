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
 * Messages of both architectures can be looked at on either of them, for
 * instance in a trace. The few types that both have in common, such as
 * HVMSG_UNMAPPED_GPA, have structures that differ, and nothing in the message
 * tells which one it is: by the name of the view the caller says so.
 *
 * Where a structure ends with a list, the elements that aren't used may be
 * missing from the payload.
 */

/**
 * enum libmshv_arch - Whose VP a message or a register belongs to
 * @LIBMSHV_ARCH_NATIVE: the architecture that libmshv was built for
 * @LIBMSHV_ARCH_X64: x86_64
 * @LIBMSHV_ARCH_ARM64: arm64
 *
 * Since: 0.1
 */
enum libmshv_arch {
	LIBMSHV_ARCH_NATIVE	= 0,
	LIBMSHV_ARCH_X64	= 1,
	LIBMSHV_ARCH_ARM64	= 2,
};

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
 * For HVMSG_UNMAPPED_GPA (nothing is mapped at this address),
 * HVMSG_GPA_INTERCEPT (something is, but this access is not allowed) and
 * HVMSG_UNACCEPTED_GPA (an isolated guest has not accepted the page yet). The
 * kind of access is in header.intercept_access_type. Take the instruction from
 * mshv_message_instruction(), not from the structure.
 *
 * To emulate a device, decode the instruction, do the access, and set the
 * register that it loads, and RIP. header.instruction_length may be 0: the
 * hypervisor doesn't always look at the instruction.
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
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_arm64_memory_intercept_message *
mshv_message_arm64_memory(const struct hv_message *message);

/**
 * mshv_message_x64_msr() - View of HVMSG_X64_MSR_INTERCEPT
 * @message: the message
 *
 * header.intercept_access_type tells RDMSR from WRMSR. mshv_vp_complete_msr()
 * finishes the instruction.
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
 * mshv_vp_complete_cpuid() finishes the instruction.
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
 * memory since. The message is taken for one of LIBMSHV_ARCH_NATIVE.
 *
 * Context: Any thread; async-signal-safe.
 * Return: number of bytes, 0 to 16 (4 on arm64); 0 also for every other type
 * and every malformed message. A larger count in the message, which real
 * hypervisors send, is taken for 0: nothing is known.
 * Since: 0.1
 */
size_t mshv_message_instruction(const struct hv_message *message,
				const uint8_t **bytes);

/**
 * mshv_message_arm64_header() - What intercepts of an arm64 VP have in common
 * @message: the message
 *
 * VP index, instruction length, kind of access, execution state, PC and CPSR at
 * the intercepted instruction, which is not yet done.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_arm64_intercept_message_header *
mshv_message_arm64_header(const struct hv_message *message);

/**
 * mshv_message_arm64_reset() - View of HVMSG_ARM64_RESET_INTERCEPT
 * @message: the message
 *
 * The guest asked to be switched off, or to be started again: see
 * enum hv_arm64_reset_type.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_arm64_reset_intercept_message *
mshv_message_arm64_reset(const struct hv_message *message);

/**
 * mshv_message_async_completion() - View of HVMSG_ASYNC_CALL_COMPLETION
 * @message: the message
 *
 * Status is that of the hypercall that has ended now.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_async_completion_message_payload *
mshv_message_async_completion(const struct hv_message *message);

/**
 * mshv_message_opaque_intercept() - View of HVMSG_OPAQUE_INTERCEPT
 * @message: the message
 *
 * It only says which VP has a message on its intercept message page. The driver
 * turns it into that message; mshv_vp_run() never returns one.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_opaque_intercept_message *
mshv_message_opaque_intercept(const struct hv_message *message);

/**
 * mshv_message_timer() - View of HVMSG_TIMER_EXPIRED
 * @message: the message
 *
 * A synthetic timer's message to a guest. Times are in units of 100 ns.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_timer_message_payload *
mshv_message_timer(const struct hv_message *message);

/**
 * mshv_message_vp_signal_bitset() - View of HVMSG_SCHEDULER_VP_SIGNAL_BITSET
 * @message: the message
 *
 * The hypervisor tells the root scheduler which VPs of one partition can run.
 * There are as many banks as vp_bitset.bitset.valid_bank_mask has bits.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_vp_signal_bitset_scheduler_message *
mshv_message_vp_signal_bitset(const struct hv_message *message);

/**
 * mshv_message_vp_signal_pair() - View of HVMSG_SCHEDULER_VP_SIGNAL_PAIR
 * @message: the message
 *
 * The same for VPs of several partitions: vp_count of them, at most 19.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_vp_signal_pair_scheduler_message *
mshv_message_vp_signal_pair(const struct hv_message *message);

/**
 * mshv_message_x64_apic_eoi() - View of HVMSG_X64_APIC_EOI
 * @message: the message
 *
 * The guest ended a level-triggered interrupt.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_apic_eoi_message *
mshv_message_x64_apic_eoi(const struct hv_message *message);

/**
 * mshv_message_x64_gpa_attribute() - View of HVMSG_GPA_ATTRIBUTE_INTERCEPT
 * @message: the message
 *
 * An isolated guest changes which of its pages the host may see: range_count
 * ranges, at most 29.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_gpa_attribute_intercept_message *
mshv_message_x64_gpa_attribute(const struct hv_message *message);

/**
 * mshv_message_x64_hypercall() - View of HVMSG_HYPERCALL_INTERCEPT
 * @message: the message
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_hypercall_intercept_message *
mshv_message_x64_hypercall(const struct hv_message *message);

/**
 * mshv_message_x64_interruption_deliverable() - View of HVMSG_X64_INTERRUPTION_DELIVERABLE
 * @message: the message
 *
 * Sent once for each mshv_partition_notify_deliverable().
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_interruption_deliverable_message *
mshv_message_x64_interruption_deliverable(const struct hv_message *message);

/**
 * mshv_message_x64_invalid_vp_register() - View of HVMSG_INVALID_VP_REGISTER_VALUE
 * @message: the message
 *
 * The VP can't go on: its registers are in a state that no processor takes.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_invalid_vp_register_message *
mshv_message_x64_invalid_vp_register(const struct hv_message *message);

/**
 * mshv_message_x64_sint_deliverable() - View of HVMSG_SYNIC_SINT_DELIVERABLE
 * @message: the message
 *
 * Bit n of deliverable_sints stands for SINT n.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_sint_deliverable_message *
mshv_message_x64_sint_deliverable(const struct hv_message *message);

/**
 * mshv_message_x64_sipi() - View of HVMSG_X64_SIPI_INTERCEPT
 * @message: the message
 *
 * The VP of the header has sent a startup IPI to target_vp_index.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_sipi_intercept_message *
mshv_message_x64_sipi(const struct hv_message *message);

/**
 * mshv_message_x64_unsupported_feature() - View of HVMSG_UNSUPPORTED_FEATURE
 * @message: the message
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_unsupported_feature_message *
mshv_message_x64_unsupported_feature(const struct hv_message *message);

/**
 * mshv_message_x64_vmgexit() - View of HVMSG_X64_SEV_VMGEXIT_INTERCEPT
 * @message: the message
 *
 * What a guest with SEV-SNP asks for through its GHCB.
 *
 * Context: Any thread.
 * Return: the view, or NULL with errno EINVAL: another type; EBADMSG:
 * malformed.
 * Since: 0.1
 */
const struct hv_x64_vmgexit_intercept_message *
mshv_message_x64_vmgexit(const struct hv_message *message);

/* Room for the text of any message. */
#define LIBMSHV_MESSAGE_TEXT_BYTES	1024

/**
 * mshv_message_format() - A message as one line of text
 * @message: the message
 * @arch: whose VP sent it
 * @buf: where to write; may be NULL if @size is 0
 * @size: size of @buf in bytes, with the terminating NUL
 *
 * The name of the type, then "name=value" for each field, for instance
 * "HVMSG_X64_HALT vp=0 rip=0x7c01 rflags=0x2 ...", without a newline. It is for
 * people: fields may be added. A payload that libmshv can't take apart is shown
 * as "payload=" and its bytes, a value outside of its list as a number, a count
 * that can't be right as "?" and the count. Of a message that says it is
 * shorter than its structure only what is there is shown, and "(truncated)".
 *
 * Context: Any thread; async-signal-safe. Allocates nothing.
 * Return: length of the whole text without the NUL, as snprintf() does: @buf has
 * all of it if this is less than @size. Always less than
 * LIBMSHV_MESSAGE_TEXT_BYTES. Or -EINVAL: @message is NULL, @buf is NULL though
 * @size is not 0, or @arch is none.
 * Since: 0.1
 */
int mshv_message_format(const struct hv_message *message,
			enum libmshv_arch arch, char *buf, size_t size);

/**
 * mshv_intercept_access_name() - Name of a kind of access
 * @access: HV_INTERCEPT_ACCESS_*
 *
 * Context: Any thread; async-signal-safe.
 * Return: "read", "write", "execute", or NULL if it is none of these. A
 * constant.
 * Since: 0.1
 */
const char *mshv_intercept_access_name(uint32_t access);

/**
 * mshv_register_name() - Name of a register
 * @arch: whose VP has it
 * @name: HV_REGISTER_*, HV_X64_REGISTER_* or HV_ARM64_REGISTER_*
 *
 * Context: Any thread; async-signal-safe.
 * Return: the name of the constant, such as "HV_X64_REGISTER_RIP", or NULL if
 * libmshv doesn't know the value or @arch is none. A constant.
 * Since: 0.1
 */
const char *mshv_register_name(enum libmshv_arch arch, uint32_t name);

LIBMSHV_END_DECLS

#endif /* MSHV_MESSAGE_H */
