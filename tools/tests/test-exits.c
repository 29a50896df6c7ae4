// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What mshv-run makes of messages, also of those that no processor and no
 * simulator sends. There is no VP: the functions at the top stand for those of
 * the library, which tools/local.mk gives another name here.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exits.h"
#include "report.h"

static char complaint[512];
static unsigned int completed;
static uint32_t completed_value;
static int complete_result;

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint, sizeof(complaint), format, args);
	va_end(args);
}

void complain_mshv(const char *doing)
{
	snprintf(complaint, sizeof(complaint), "%s", doing);
}

int mshv_vp_complete_io(struct mshv_vp *vp, uint32_t value)
{
	(void)vp;
	completed++;
	completed_value = value;
	return complete_result;
}

/* What the stack pointer is said to be. */
static uint64_t stack_base, stack_offset;
static int registers_result;

int mshv_vp_get_registers(struct mshv_vp *vp,
			  struct hv_register_assoc *registers, size_t count)
{
	size_t i;

	(void)vp;
	for (i = 0; i < count; i++) {
		if (registers[i].name == HV_X64_REGISTER_RSP)
			registers[i].value.reg64 = stack_offset;
		else if (registers[i].name == HV_X64_REGISTER_SS)
			registers[i].value.segment.base = stack_base;
		else
			fail_msg("unexpected register 0x%x", registers[i].name);
	}

	return registers_result;
}

#define MEMORY_BYTES	4096

static uint8_t memory_bytes[MEMORY_BYTES];
static const struct memory memory = {
	.base = memory_bytes,
	.size_bytes = MEMORY_BYTES,
};

struct fixture {
	struct vmm vmm;
	struct hv_message message;
	char out[64];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	FILE *out;

	assert_non_null(f);
	out = fmemopen(f->out, sizeof(f->out), "w");
	assert_non_null(out);
	setbuf(out, NULL);
	f->vmm.memory = &memory;
	serial_init(&f->vmm.com1, out);

	complaint[0] = '\0';
	completed = 0;
	completed_value = 0;
	complete_result = 0;
	registers_result = 0;
	stack_base = 0;
	stack_offset = 0;
	*state = f;

	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fclose(f->vmm.com1.out);
	free(f);

	return 0;
}

/* The payload, cleared, of a message of @type that says it has @size bytes. */
static void *payload(struct fixture *f, uint32_t type, size_t size)
{
	memset(&f->message, 0, sizeof(f->message));
	f->message.header.message_type = type;
	f->message.header.payload_size = (uint8_t)size;

	return f->message.u.payload;
}

static int handle(struct fixture *f)
{
	return exit_handle(&f->vmm, &f->message);
}

static void assert_complaint(const char *part)
{
	if (!strstr(complaint, part))
		fail_msg("\"%s\" is not about \"%s\"", complaint, part);
}

static struct hv_x64_io_port_intercept_message *
io_port(struct fixture *f, unsigned int port, unsigned int size, bool write)
{
	struct hv_x64_io_port_intercept_message *io =
		payload(f, HVMSG_X64_IO_PORT_INTERCEPT, sizeof(*io));

	io->header.instruction_length = 1;
	io->header.intercept_access_type = write ? HV_INTERCEPT_ACCESS_WRITE :
						   HV_INTERCEPT_ACCESS_READ;
	io->header.rip = 0x7c05;
	io->port_number = (uint16_t)port;
	io->access_info.access_size = size & 7;

	return io;
}

static int out(struct fixture *f, unsigned int port, unsigned int size,
	       uint64_t rax)
{
	io_port(f, port, size, true)->rax = rax;
	return handle(f);
}

static int in(struct fixture *f, unsigned int port, unsigned int size)
{
	io_port(f, port, size, false)->rax = UINT64_MAX;
	return handle(f);
}

static void test_serial_output(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(out(f, 0x3f8, 1, 0xffffff00 | 'a'), EXIT_HANDLED);
	assert_int_equal(out(f, 0x3f8, 1, 'b'), EXIT_HANDLED);
	assert_string_equal(f->out, "ab");
	assert_int_equal(completed, 2);
	assert_int_equal(f->vmm.exits[VMM_EXIT_IO_PORT], 2);
	assert_int_equal(f->vmm.com1.sent, 2);
	assert_string_equal(complaint, "");
}

static void test_serial_input(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in(f, 0x3fd, 1), EXIT_HANDLED);
	assert_int_equal(completed_value, 0x60);
	assert_int_equal(out(f, 0x3ff, 1, 0xa5), EXIT_HANDLED);

	/* Modem status and scratch; then what is behind the device. */
	assert_int_equal(in(f, 0x3fe, 2), EXIT_HANDLED);
	assert_int_equal(completed_value, 0xa5b0);
	assert_int_equal(in(f, 0x3ff, 4), EXIT_HANDLED);
	assert_int_equal(completed_value, 0xffffffa5);
	assert_string_equal(f->out, "");
}

/* There are 64 bytes; the 65th character does not fit. */
static void test_output_is_full(void **state)
{
	struct fixture *f = *state;
	int status = EXIT_HANDLED;
	int n;

	for (n = 0; n < 100 && status == EXIT_HANDLED; n++)
		status = out(f, 0x3f8, 1, 'x');
	assert_int_equal(status, COMPLAINED);
	assert_in_range(n, 60, 66);
	assert_complaint("cannot write to standard output: No space");
}

static void test_exit_port(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(out(f, 0xf4, 1, 0), 0);
	assert_int_equal(out(f, 0xf4, 1, 0xffffff2a), 42);
	assert_int_equal(out(f, 0xf4, 2, 0x0103), 3);
	assert_int_equal(out(f, 0xf4, 4, 0x010000ff), 255);
	assert_int_equal(completed, 0);
	assert_int_equal(in(f, 0xf4, 1), EXIT_HANDLED);
	assert_string_equal(complaint, "");
}

static void test_unhandled_ports(void **state)
{
	static const unsigned int ports[] = {
		0, 0x7f, 0x81, 0xf3, 0xf5, 0x3f7, 0x400, 0xffff
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		char port[16];

		snprintf(port, sizeof(port), "port 0x%x at", ports[i]);
		assert_int_equal(out(f, ports[i], 4, 0), COMPLAINED);
		assert_complaint("write of 4 bytes to");
		assert_complaint(port);
		assert_int_equal(in(f, ports[i], 1), COMPLAINED);
		assert_complaint("read of 1 byte from");
		assert_complaint(port);
		assert_complaint("0000:7c05");
	}
	assert_int_equal(completed, 0);
}

static void test_string_instructions(void **state)
{
	struct fixture *f = *state;

	io_port(f, 0x3f8, 1, true)->access_info.string_op = 1;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("OUTS");
	io_port(f, 0x3f8, 1, false)->access_info.string_op = 1;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("INS");
}

static void test_io_not_finished(void **state)
{
	struct fixture *f = *state;

	complete_result = -EBADMSG;
	assert_int_equal(in(f, 0x3fd, 1), COMPLAINED);
	assert_complaint("cannot finish");
}

static void test_malformed_io(void **state)
{
	static const unsigned int sizes[] = { 0, 3, 5, 6, 7 };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(out(f, 0x3f8, sizes[i], 'x'), COMPLAINED);
		assert_complaint("malformed");
		assert_complaint("HVMSG_X64_IO_PORT_INTERCEPT");
	}
	io_port(f, 0x3f8, 1, true)->header.intercept_access_type =
		HV_INTERCEPT_ACCESS_EXECUTE;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("malformed");
	io_port(f, 0x3f8, 1, true);
	f->message.header.payload_size--;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("malformed");
	assert_string_equal(f->out, "");
}

static void test_halt(void **state)
{
	struct fixture *f = *state;
	struct hv_x64_halt_message *halt =
		payload(f, HVMSG_X64_HALT, sizeof(*halt));

	halt->header.rip = 0x7c10;
	halt->header.rflags = 0x2;
	assert_int_equal(handle(f), 0);
	assert_string_equal(complaint, "");

	halt->header.rflags = 0x202;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("waits for an interrupt (HLT) at 0000:7c10");
	assert_int_equal(f->vmm.exits[VMM_EXIT_HALT], 2);
}

static void test_bios_call(void **state)
{
	struct fixture *f = *state;
	struct hv_x64_halt_message *halt =
		payload(f, HVMSG_X64_HALT, sizeof(*halt));

	halt->header.cs_segment.selector = MEMORY_BIOS_SEGMENT;
	halt->header.rip = MEMORY_BIOS_OFFSET + 0x13;
	memcpy(memory_bytes + 0x120, "\x34\x12\x78\x56", 4);
	stack_base = 0x100;
	stack_offset = 0xffff0020;	/* 16 bits count */
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("interrupt 0x13 in real mode, to return to 5678:1234");

	/* A stack of which the last byte is missing, and one that is nowhere. */
	stack_base = MEMORY_BYTES - 0x20 - 3;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("to return to an unknown place");
	stack_base = UINT64_MAX;
	stack_offset = 0;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("to return to an unknown place");
	stack_base = 0;
	registers_result = -EIO;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("to return to an unknown place");

	/* Next to the stand-ins, and at the same address in protected mode. */
	halt->header.rip = MEMORY_BIOS_OFFSET - 1;
	assert_int_equal(handle(f), 0);
	halt->header.rip = MEMORY_BIOS_OFFSET + MEMORY_NR_VECTORS;
	assert_int_equal(handle(f), 0);
	halt->header.rip = MEMORY_BIOS_OFFSET;
	halt->header.execution_state.cr0_pe = 1;
	assert_int_equal(handle(f), 0);
}

static void test_unmapped_gpa(void **state)
{
	struct fixture *f = *state;
	struct hv_x64_memory_intercept_message *access =
		payload(f, HVMSG_UNMAPPED_GPA, sizeof(*access));

	access->guest_physical_address = 0x123456789abcULL;
	access->header.execution_state.cr0_pe = 1;
	access->header.rip = 0xffffffff80000000ULL;
	access->header.intercept_access_type = HV_INTERCEPT_ACCESS_WRITE;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("write at guest physical address 0x123456789abc");
	assert_complaint("at 0xffffffff80000000; the guest has 0 MiB");

	access->header.intercept_access_type = 0xff;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("access at guest physical address");
	assert_int_equal(f->vmm.exits[VMM_EXIT_UNMAPPED_GPA], 2);
}

static void test_triple_fault(void **state)
{
	struct fixture *f = *state;
	struct hv_x64_unrecoverable_exception_message *fault =
		payload(f, HVMSG_UNRECOVERABLE_EXCEPTION, sizeof(*fault));

	fault->header.cs_segment.selector = 0x1234;
	fault->header.rip = 0xff;
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("triple fault at 1234:00ff");
	assert_int_equal(f->vmm.exits[VMM_EXIT_TRIPLE_FAULT], 1);
}

static void test_unhandled_types(void **state)
{
	struct fixture *f = *state;

	payload(f, HVMSG_X64_MSR_INTERCEPT,
		sizeof(struct hv_x64_msr_intercept_message));
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("HVMSG_X64_MSR_INTERCEPT) at 0000:0000");

	payload(f, HVMSG_NONE, 0);
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("type 0x0");

	payload(f, 0x12345678, 0);
	assert_int_equal(handle(f), COMPLAINED);
	assert_complaint("type 0x12345678 (unknown)");
	assert_int_equal(f->vmm.exits[VMM_EXIT_OTHER], 3);
}

/* Any bytes: an answer, and nothing that a sanitizer would stop at. */
static void test_any_bytes(void **state)
{
	static const uint32_t types[] = {
		HVMSG_X64_IO_PORT_INTERCEPT, HVMSG_X64_HALT,
		HVMSG_UNMAPPED_GPA, HVMSG_UNRECOVERABLE_EXCEPTION,
		HVMSG_X64_CPUID_INTERCEPT, 0
	};
	struct fixture *f = *state;
	uint64_t seed = 1;
	int round;

	for (round = 0; round < 20000; round++) {
		uint8_t *bytes = (uint8_t *)&f->message;
		size_t type = (size_t)round % (sizeof(types) / sizeof(types[0]));
		size_t i;
		int status;

		for (i = 0; i < sizeof(f->message); i++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			bytes[i] = (uint8_t)(seed >> 56);
		}
		if (types[type])
			f->message.header.message_type = types[type];
		if (round & 1)
			f->message.header.payload_size = 0;
		rewind(f->vmm.com1.out);
		status = handle(f);
		if (status != EXIT_HANDLED)
			assert_in_range(status, 0, 255);
	}
}

static void test_kind_names(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < VMM_NR_EXIT_KINDS; a++)
		for (b = 0; b < a; b++)
			assert_string_not_equal(
				exit_kind_name((enum vmm_exit_kind)a),
				exit_kind_name((enum vmm_exit_kind)b));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_serial_output),
		TEST(test_serial_input),
		TEST(test_output_is_full),
		TEST(test_exit_port),
		TEST(test_unhandled_ports),
		TEST(test_string_instructions),
		TEST(test_io_not_finished),
		TEST(test_malformed_io),
		TEST(test_halt),
		TEST(test_bios_call),
		TEST(test_unmapped_gpa),
		TEST(test_triple_fault),
		TEST(test_unhandled_types),
		TEST(test_any_bytes),
		cmocka_unit_test(test_kind_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
