// SPDX-License-Identifier: GPL-2.0-only
/* Intercepts that the VMM asks for, and those that nobody wants. */
#include "x86/guest_test.h"
#include "x86/intercept.h"

#define LEAF	0x100		/* no processor has it */
#define MSR	0x12345678	/* nor that */
#define GP	13
#define LSTAR	0xc0000082
#define FS_BASE	0xc0000100

FIXTURE(intercept) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(intercept)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
}

MSHV_TEARDOWN(intercept)

static int set_rax_to_rdx(struct guest *g, const uint64_t values[4])
{
	/* The order of their names: RAX RCX RDX RBX */
	struct hv_register_assoc regs[4] = { 0 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		regs[i].name = HV_X64_REGISTER_RAX + i;
		regs[i].value.reg64 = values[i];
	}
	return vp_set_registers(g->vp[0].fd, 0, regs, 4);
}

static void guest_cpuids(uint64_t subleaf)
{
	uint32_t regs[4];

	/* Another leaf is none of the intercept's business. */
	guest_cpuid(0, 0, regs);
	GUEST_ASSERT(regs[0] != 0);
	guest_cpuid(LEAF, subleaf, regs);
	GUEST_ASSERT_EQ(0xa, regs[0]);
	GUEST_ASSERT_EQ(0xb, regs[1]);
	GUEST_ASSERT_EQ(0xc, regs[2]);
	GUEST_ASSERT_EQ(0xd, regs[3]);
}

TEST_F(intercept, cpuid)
{
	const struct hv_x64_cpuid_intercept_message *cpuid =
		guest_payload(&self->g, 0, hv_x64_cpuid_intercept_message);

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_X64_CPUID,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, LEAF));
	OK(guest_add_vp(&self->g, 0, guest_cpuids, 7));
	RUN_TO(HVMSG_X64_CPUID_INTERCEPT, &self->g, 0);
	EXPECT_LE(sizeof(*cpuid), self->g.vp[0].message.header.payload_size);
	EXPECT_U64(LEAF, cpuid->rax);
	EXPECT_U64(7, cpuid->rcx);
	EXPECT_U64(2, cpuid->header.instruction_length);

	OK(set_rax_to_rdx(&self->g, (uint64_t []){ 0xa, 0xc, 0xd, 0xb }));
	OK(guest_skip_instruction(&self->g, 0));
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_outs(uint64_t arg)
{
	guest_outb(arg, 0x5a);
}

/* All ports are the VMM's as it is; it may ask for some of them all the same. */
TEST_F(intercept, io_ports)
{
	const struct hv_x64_io_port_intercept_message *port =
		guest_payload(&self->g, 0, hv_x64_io_port_intercept_message);

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_X64_IO_PORT,
				       HV_INTERCEPT_ACCESS_MASK_READ |
				       HV_INTERCEPT_ACCESS_MASK_WRITE, 0x80));
	OK(partition_install_intercept(self->g.pt, INTERCEPT_X64_IO_PORT_RANGE,
				       HV_INTERCEPT_ACCESS_MASK_READ |
				       HV_INTERCEPT_ACCESS_MASK_WRITE, 0x70 | 0x77 << 16));
	OK(guest_add_vp(&self->g, 0, guest_outs, 0x77));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_U64(0x77, port->port_number);
	EXPECT_U64(0x5a, port->rax & 0xff);
}

static void guest_cpuids_freely(uint64_t arg)
{
	uint32_t regs[4];

	guest_cpuid(arg, 0, regs);
	guest_sync(regs[0], regs[1]);
}

/* Nobody asked: the hypervisor answers. */
TEST_F(intercept, cpuid_not_installed)
{
	OK(guest_add_vp(&self->g, 0, guest_cpuids_freely, 0));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_NE(0ull, self->g.vp[0].args[0]);
	EXPECT_NE(0ull, self->g.vp[0].args[1]);
}

static void guest_reads_msr(uint64_t msr)
{
	guest_sync(0, guest_rdmsr(msr));
}

static void guest_writes_msr(uint64_t msr)
{
	guest_wrmsr(msr, 0x1111111122222222ull);
}

TEST_F(intercept, msr_read)
{
	const struct hv_x64_msr_intercept_message *msr =
		guest_payload(&self->g, 0, hv_x64_msr_intercept_message);

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_X64_MSR,
				       HV_INTERCEPT_ACCESS_MASK_READ |
				       HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	OK(guest_add_vp(&self->g, 0, guest_reads_msr, MSR));
	RUN_TO(HVMSG_X64_MSR_INTERCEPT, &self->g, 0);
	EXPECT_LE(sizeof(*msr), self->g.vp[0].message.header.payload_size);
	EXPECT_U64(MSR, msr->msr_number);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, msr->header.intercept_access_type);
	EXPECT_U64(2, msr->header.instruction_length);

	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RAX, 0x89abcdef));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RDX, 0x01234567));
	OK(guest_skip_instruction(&self->g, 0));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_EQ(0x0123456789abcdefull, self->g.vp[0].args[1]);
	RUN(GUEST_DONE, &self->g, 0);
}

TEST_F(intercept, msr_write)
{
	const struct hv_x64_msr_intercept_message *msr =
		guest_payload(&self->g, 0, hv_x64_msr_intercept_message);

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_X64_MSR,
				       HV_INTERCEPT_ACCESS_MASK_READ |
				       HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	OK(guest_add_vp(&self->g, 0, guest_writes_msr, MSR));
	RUN_TO(HVMSG_X64_MSR_INTERCEPT, &self->g, 0);
	EXPECT_U64(MSR, msr->msr_number);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, msr->header.intercept_access_type);
	EXPECT_U64(0x22222222, (uint32_t)msr->rax);
	EXPECT_U64(0x11111111, (uint32_t)msr->rdx);
	OK(guest_skip_instruction(&self->g, 0));
	RUN(GUEST_DONE, &self->g, 0);
}

static int set_fs_base(struct guest *g, uint64_t base)
{
	struct hv_register_assoc fs = {
		.name = HV_X64_REGISTER_FS,
		.value.segment = { .base = base, .limit = ~0u, .selector = GUEST_DS,
				   .attributes = 0xc093 },
	};

	return vp_set_registers(g->vp[0].fd, 0, &fs, 1);
}

static void guest_uses_two(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT_EQ(0x11, guest_rdmsr(LSTAR));
	guest_wrmsr(LSTAR, 0x22);
	GUEST_ASSERT_EQ(0x33, guest_rdmsr(FS_BASE));
	guest_wrmsr(FS_BASE, 0x44);
	guest_sync(guest_rdmsr(LSTAR), guest_rdmsr(FS_BASE));
}

/* One MSR to be read, and another to be written; both are the processor's else. */
TEST_F(intercept, msr_index)
{
	const struct hv_x64_msr_intercept_message *msr =
		guest_payload(&self->g, 0, hv_x64_msr_intercept_message);
	struct guest *g = &self->g;

	OK(partition_install_intercept(g->pt, HV_INTERCEPT_TYPE_X64_MSR_INDEX,
				       HV_INTERCEPT_ACCESS_MASK_READ, LSTAR));
	OK(partition_install_intercept(g->pt, HV_INTERCEPT_TYPE_X64_MSR_INDEX,
				       HV_INTERCEPT_ACCESS_MASK_WRITE, FS_BASE));
	OK(guest_add_vp(g, 0, guest_uses_two, 0));
	RUN_TO(HVMSG_X64_MSR_INTERCEPT, g, 0);
	EXPECT_U64(LSTAR, msr->msr_number);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, msr->header.intercept_access_type);
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_RAX, 0x11));
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_RDX, 0));
	OK(guest_skip_instruction(g, 0));
	/* The next is none of ours: the base is what the VMM made it. */
	OK(set_fs_base(g, 0x33));
	RUN_TO(HVMSG_X64_MSR_INTERCEPT, g, 0);
	EXPECT_U64(FS_BASE, msr->msr_number);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, msr->header.intercept_access_type);
	EXPECT_U64(0x44, msr->rax);
	OK(guest_skip_instruction(g, 0));
	OK(partition_install_intercept(g->pt, HV_INTERCEPT_TYPE_X64_MSR_INDEX, 0, LSTAR));
	RUN(GUEST_SYNC, g, 0);
	EXPECT_U64(0x22, g->vp[0].args[0]);
	EXPECT_U64(0x33, g->vp[0].args[1]);
}

static void note_gp(struct guest_frame *frame)
{
	GUEST_ASSERT_EQ(0, frame->error_code);
	guest_done(frame->vector);
}

static void guest_expects_gp(uint64_t msr)
{
	guest_handle(GP, note_gp);
	guest_rdmsr(msr);
	guest_done(0);
}

/* Nobody asked, and the processor does not have it: a fault in the guest. */
TEST_F(intercept, msr_not_installed)
{
	OK(guest_add_vp(&self->g, 0, guest_expects_gp, MSR));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(GP, self->g.vp[0].args[0]);
}

static void note_ud(struct guest_frame *frame)
{
	guest_done(frame->vector);
}

static void guest_traps(uint64_t arg)
{
	(void)arg;
	guest_handle(6, note_ud);
	/* Not installed: the guest's. */
	guest_handle(GP, note_gp);
	__asm__ volatile("mov $0x77, %%ebx; ud2" : : : "rbx");
}

#define UD	6

TEST_F(intercept, exception)
{
	const struct hv_x64_exception_intercept_message *m =
		guest_payload(&self->g, 0, hv_x64_exception_intercept_message);

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_EXCEPTION,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, UD));
	OK(guest_add_vp(&self->g, 0, guest_traps, 0));
	RUN_TO(HVMSG_X64_EXCEPTION_INTERCEPT, &self->g, 0);
	EXPECT_U64(UD, m->exception_vector);
	EXPECT_U64(0, m->exception_info.error_code_valid);
	EXPECT_U64(0x77, m->rbx);
	if (m->instruction_byte_count) {
		EXPECT_LE(2, m->instruction_byte_count);
		EXPECT_U64(0x0f, m->instruction_bytes[0]);
		EXPECT_U64(0x0b, m->instruction_bytes[1]);
	}
	/* The guest is to have it after all: as an event, of type exception. */
	OK(guest_set_reg(&self->g, 0, HV_REGISTER_PENDING_EVENT0, 1 | UD << 16));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(UD, self->g.vp[0].args[0]);
}

TEST_F(intercept, exception_of_another_vector)
{
	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_EXCEPTION,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, UD));
	OK(guest_add_vp(&self->g, 0, guest_expects_gp, MSR));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(GP, self->g.vp[0].args[0]);
}

/*
 * A state that no processor can be in: paging without protection. Emulated SVM does
 * not keep the rest of the state then, so that it can't be mended here.
 */
TEST_F(intercept, invalid_register)
{
	const struct hv_x64_invalid_vp_register_message *m =
		guest_payload(&self->g, 0, hv_x64_invalid_vp_register_message);
	struct guest *g = &self->g;
	uint64_t cr0;

	OK(guest_add_vp(g, 0, guest_cpuids_freely, 0));
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_CR0, &cr0));
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_CR0, cr0 & ~1ull));
	RUN_TO(HVMSG_INVALID_VP_REGISTER_VALUE, g, 0);
	EXPECT_U64(0, m->vp_index);
	EXPECT_U64(8, g->vp[0].message.header.payload_size);
}

/* An intercept belongs to its partition. */
TEST_F(intercept, other_partition)
{
	struct guest other;

	OK(guest_create(&other, 0));
	OK(partition_install_intercept(other.pt, HV_INTERCEPT_TYPE_X64_CPUID,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, LEAF));
	OK(guest_add_vp(&self->g, 0, guest_cpuids_freely, LEAF));
	RUN(GUEST_SYNC, &self->g, 0);
}

GUEST_TEST_MAIN
