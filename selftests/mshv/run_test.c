// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_RUN_VP: port I/O, HLT, triple fault, and going on after each. */
#include <pthread.h>

#include "x86/guest_test.h"

#define RESULT_GPA	(GUEST_REAL_GPA + 0x800)
#define RAX		0x1122334455667788ull

static bool is_port(struct guest *g, uint16_t port)
{
	return g->vp[0].message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
	       guest_payload(g, 0, hv_x64_io_port_intercept_message)->port_number == port;
}

FIXTURE(port) {
	struct env env;
	struct guest g;
};

FIXTURE_VARIANT(port) {
	uint8_t code[4], bytes;
	uint8_t size;
	uint8_t access;
	uint16_t port;
};

#define PORT_VARIANT(name, access_, size_, port_, ...)			\
FIXTURE_VARIANT_ADD(port, name) {					\
	.code = { __VA_ARGS__ },					\
	.bytes = sizeof((uint8_t []){ __VA_ARGS__ }),			\
	.access = HV_INTERCEPT_ACCESS_##access_,			\
	.size = size_,							\
	.port = port_,							\
}

PORT_VARIANT(outb_imm, WRITE, 1, 0x80, 0xe6, 0x80);
PORT_VARIANT(outw_imm, WRITE, 2, 0x80, 0xe7, 0x80);
PORT_VARIANT(outl_imm, WRITE, 4, 0x80, 0x66, 0xe7, 0x80);
PORT_VARIANT(outb_dx, WRITE, 1, 0x3f8, 0xee);
PORT_VARIANT(outw_dx, WRITE, 2, 0x3f8, 0xef);
PORT_VARIANT(outl_dx, WRITE, 4, 0xcfc, 0x66, 0xef);
PORT_VARIANT(inb_imm, READ, 1, 0x60, 0xe4, 0x60);
PORT_VARIANT(inw_imm, READ, 2, 0x60, 0xe5, 0x60);
PORT_VARIANT(inl_imm, READ, 4, 0x60, 0x66, 0xe5, 0x60);
PORT_VARIANT(inb_dx, READ, 1, 0x3fd, 0xec);
PORT_VARIANT(inw_dx, READ, 2, 0xfffe, 0xed);
PORT_VARIANT(inl_dx, READ, 4, 0xcf8, 0x66, 0xed);

FIXTURE_SETUP(port)
{
	/* Behind the instruction: EAX to memory, then another port. */
	static const uint8_t tail[] = {
		0x66, 0xa3, RESULT_GPA & 0xff, RESULT_GPA >> 8,
		0xe6, 0x81,
	};
	uint8_t code[sizeof(variant->code) + sizeof(tail)];

	memcpy(code, variant->code, variant->bytes);
	memcpy(code + variant->bytes, tail, sizeof(tail));

	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
	OK(guest_add_real_vp(&self->g, 0, code, variant->bytes + sizeof(tail)));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RAX, RAX));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RDX, variant->port));
}

MSHV_TEARDOWN(port)

TEST_F(port, message)
{
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(&self->g, 0, hv_x64_io_port_intercept_message);
	const struct hv_message_header *header = &self->g.vp[0].message.header;
	uint64_t cut = variant->size == 4 ? UINT32_MAX : (1ull << 8 * variant->size) - 1;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);

	EXPECT_LE(sizeof(*io), header->payload_size);
	EXPECT_U64(0, io->header.vp_index);
	EXPECT_EQ(variant->access, io->header.intercept_access_type);
	EXPECT_EQ(variant->port, io->port_number);
	EXPECT_U64(variant->size, io->access_info.access_size);
	EXPECT_U64(0, io->access_info.string_op);
	EXPECT_U64(0, io->access_info.rep_prefix);
	EXPECT_EQ(GUEST_REAL_GPA, io->header.rip);
	EXPECT_U64(variant->bytes, io->header.instruction_length);
	EXPECT_EQ(RAX & cut, io->rax & cut);

	/* Real mode */
	EXPECT_U64(0, io->header.execution_state.cr0_pe);
	EXPECT_U64(0, io->header.execution_state.efer_lma);
	EXPECT_U64(0, io->header.execution_state.cpl);
	EXPECT_U64(0, io->header.cs_segment.base);
	EXPECT_EQ(0, io->header.cs_segment.selector);
	EXPECT_U64(2, io->header.rflags);

	/* The hypervisor need not have fetched the instruction. */
	ASSERT_GE(sizeof(io->instruction_bytes), io->instruction_byte_count);
	if (io->instruction_byte_count >= variant->bytes) {
		EXPECT_EQ(0, memcmp(io->instruction_bytes, variant->code, variant->bytes));
	}
}

TEST_F(port, continue_behind_it)
{
	const uint64_t answer = 0xcafef00d;
	uint64_t cut = (1ull << 8 * variant->size) - 1;
	uint32_t seen, expected;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	/* For IN it is the test that completes the instruction. */
	if (variant->access == HV_INTERCEPT_ACCESS_READ) {
		OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RAX,
				 (RAX & ~cut) | (answer & cut)));
	}
	OK(guest_skip_instruction(&self->g, 0));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);

	EXPECT_TRUE(is_port(&self->g, 0x81));
	memcpy(&seen, guest_host(&self->g, RESULT_GPA), sizeof(seen));
	expected = variant->access == HV_INTERCEPT_ACCESS_READ ?
		(uint32_t)((RAX & ~cut) | (answer & cut)) : (uint32_t)RAX;
	EXPECT_U64(expected, seen);
}

/* Nobody skips the instruction: it is intercepted again, the same way. */
TEST_F(port, run_again)
{
	struct hv_message first;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	first = self->g.vp[0].message;
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(0, memcmp(&first, &self->g.vp[0].message, sizeof(first.header) +
			    sizeof(struct hv_x64_io_port_intercept_message)));
}

FIXTURE(real) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(real)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
}

MSHV_TEARDOWN(real)

/* The buffer cannot be written: an error, and the intercept is not lost. */
TEST_F(real, bad_buffer)
{
	static const uint8_t code[] = { 0xe6, 0x80 };		/* out %al, $0x80 */

	OK(guest_add_real_vp(&self->g, 0, code, sizeof(code)));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->g.vp[0].fd, MSHV_RUN_VP, NULL));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->g.vp[0].fd, MSHV_RUN_VP, (void *)-1l));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(GUEST_REAL_GPA, guest_header(&self->g, 0)->rip);
}

TEST_F(real, rep_outsb)
{
	static const uint8_t code[] = {
		0xf3, 0x6e,					/* rep outsb */
		0xe6, 0x81,					/* out %al, $0x81 */
	};
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(&self->g, 0, hv_x64_io_port_intercept_message);

	OK(guest_add_real_vp(&self->g, 0, code, sizeof(code)));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RCX, 3));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RSI, RESULT_GPA));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RDI, 0x77));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RDX, 0xe9));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(0xe9, io->port_number);
	EXPECT_U64(1, io->access_info.access_size);
	EXPECT_U64(1, io->access_info.string_op);
	EXPECT_U64(1, io->access_info.rep_prefix);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, io->header.intercept_access_type);
	EXPECT_U64(3, io->rcx);
	EXPECT_EQ(RESULT_GPA, io->rsi);
	EXPECT_U64(0x77, io->rdi);
	EXPECT_U64(0, io->ds_segment.base);
	EXPECT_U64(sizeof(code) - 2, io->header.instruction_length);

	OK(guest_skip_instruction(&self->g, 0));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_TRUE(is_port(&self->g, 0x81));
}

/* Without a local APIC nothing in the hypervisor could wake the VP. */
TEST_F(real, hlt)
{
	static const uint8_t code[] = { 0xf4, 0xe6, 0x81 };	/* hlt; out %al, $0x81 */

	OK(guest_add_real_vp(&self->g, 0, code, sizeof(code)));
	RUN_TO(HVMSG_X64_HALT, &self->g, 0);
	EXPECT_U64(0, guest_header(&self->g, 0)->vp_index);

	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RIP, GUEST_REAL_GPA + 1));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_TRUE(is_port(&self->g, 0x81));
}

TEST_F(real, triple_fault)
{
	static const uint8_t code[] = { 0x0f, 0x0b };		/* ud2 */
	struct hv_register_assoc idtr = { .name = HV_X64_REGISTER_IDTR };

	OK(guest_add_real_vp(&self->g, 0, code, sizeof(code)));
	OK(vp_set_registers(self->g.vp[0].fd, 0, &idtr, 1));
	RUN_TO(HVMSG_UNRECOVERABLE_EXCEPTION, &self->g, 0);
	EXPECT_U64(0, guest_header(&self->g, 0)->vp_index);
}

FIXTURE(c_guest) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(c_guest)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
}

MSHV_TEARDOWN(c_guest)

static void guest_talks(uint64_t arg)
{
	guest_printf("text %s %c %d %u %x %lx %p", "string", 'c', -5, 5u, 0x5a,
		     0x123456789abcul, (void *)arg);
	guest_sync(1, arg);
	guest_sync(2, guest_self()->vp_index);
	guest_done(0x1234567890ull);
}

TEST_F(c_guest, talks)
{
	struct guest_vp *vp = &self->g.vp[0];

	OK(guest_add_vp(&self->g, 0, guest_talks, 0xabcd));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_STREQ("text string c -5 5 5a 123456789abc 0xabcd", vp->text);
	EXPECT_U64(1, vp->args[0]);
	EXPECT_U64(0xabcd, vp->args[1]);
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(2, vp->args[0]);
	EXPECT_U64(0, vp->args[1]);
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_EQ(0x1234567890ull, vp->args[0]);
	/* It does not come back, but may be asked again. */
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_asserts(uint64_t arg)
{
	GUEST_ASSERT_EQ(1, arg);
}

/* A test must notice when its guest complains. */
TEST_F(c_guest, failure_is_seen)
{
	OK(guest_add_vp(&self->g, 0, guest_asserts, 2));
	RUN(GUEST_FAILED, &self->g, 0);
	EXPECT_NE(NULL, strstr(self->g.vp[0].text, "1 == arg (0x1, 0x2)"));
	OK(guest_add_vp(&self->g, 1, guest_asserts, 1));
	RUN(GUEST_DONE, &self->g, 1);
}

static void skip_ud2(struct guest_frame *frame)
{
	GUEST_ASSERT_EQ(6, frame->vector);
	frame->rip += 2;
	frame->rbx = 0x600d;
}

static void guest_handles_exception(uint64_t arg)
{
	uint64_t rbx = arg;

	guest_handle(6, skip_ud2);
	__asm__ volatile("ud2" : "+b" (rbx));
	guest_done(rbx);
}

static void guest_page_fault(uint64_t arg)
{
	*(volatile uint64_t *)arg;
}

TEST_F(c_guest, exceptions)
{
	OK(guest_add_vp(&self->g, 0, guest_handles_exception, 0));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0x600d, self->g.vp[0].args[0]);

	OK(guest_add_vp(&self->g, 1, guest_page_fault, 0x1000));
	RUN(GUEST_FAILED, &self->g, 1);
	EXPECT_NE(NULL, strstr(self->g.vp[1].text, "exception 14, error code 0x0"));
	EXPECT_NE(NULL, strstr(self->g.vp[1].text, "cr2 0x1000"));
}

static void guest_triple_fault(uint64_t arg)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idt = { 0, arg };

	__asm__ volatile("lidt %0; ud2" : : "m" (idt));
}

TEST_F(c_guest, triple_fault)
{
	OK(guest_add_vp(&self->g, 0, guest_triple_fault, 0));
	RUN_TO(HVMSG_UNRECOVERABLE_EXCEPTION, &self->g, 0);
}

static void guest_counts(uint64_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		guest_outl(0x100, i);
}

/* None is lost, none comes twice, none out of order. */
TEST_F(c_guest, many_exits)
{
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(&self->g, 0, hv_x64_io_port_intercept_message);
	uint32_t i;

	OK(guest_add_vp(&self->g, 0, guest_counts, 1000));
	for (i = 0; i < 1000; i++) {
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		ASSERT_EQ(0x100, io->port_number);
		ASSERT_EQ(i, (uint32_t)io->rax);
		/* Long mode, ring 0 */
		ASSERT_U64(1, io->header.execution_state.efer_lma);
		ASSERT_U64(1, io->header.execution_state.cr0_pe);
		ASSERT_U64(0, io->header.execution_state.cpl);
		ASSERT_EQ(GUEST_CS, io->header.cs_segment.selector);
		OK(guest_skip_instruction(&self->g, 0));
	}
	RUN(GUEST_DONE, &self->g, 0);
}

static uint64_t together;

static void guest_adds(uint64_t rounds)
{
	while (rounds--) {
		__atomic_add_fetch(&together, 1, __ATOMIC_SEQ_CST);
		guest_sync(0, rounds);
	}
}

struct runner {
	struct guest *g;
	uint32_t index;
	int syncs, result;
};

static void *run_to_the_end(void *arg)
{
	struct runner *r = arg;

	for (;;) {
		r->result = guest_run(r->g, r->index);
		if (r->result != GUEST_SYNC)
			return NULL;
		r->syncs++;
	}
}

/* VPs of one partition, a thread for each, in memory that they share. */
TEST_F(c_guest, several_vps)
{
	const int vps = 3, rounds = 50;
	pthread_t threads[vps];
	struct runner runners[vps];
	int i;

	for (i = 0; i < vps; i++) {
		OK(guest_add_vp(&self->g, i, guest_adds, rounds));
		runners[i] = (struct runner){ .g = &self->g, .index = i };
	}
	for (i = 0; i < vps; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, run_to_the_end, &runners[i]));
	for (i = 0; i < vps; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(GUEST_DONE, runners[i].result) {
			TH_LOG("%s", guest_describe(&self->g, i, runners[i].result));
		}
		EXPECT_EQ(rounds, runners[i].syncs);
	}
	EXPECT_U64(vps * rounds, *(uint64_t *)guest_copy_of(&self->g, &together));
}

/* The file of the partition may be closed while its VP runs on. */
TEST_F(c_guest, runs_without_partition_fd)
{
	OK(guest_add_vp(&self->g, 0, guest_talks, 0));
	RUN(GUEST_SYNC, &self->g, 0);
	ASSERT_EQ(0, close(self->g.pt));
	RUN(GUEST_SYNC, &self->g, 0);
	ASSERT_EQ(0, close(self->g.dev));
	RUN(GUEST_DONE, &self->g, 0);
}

GUEST_TEST_MAIN
