// SPDX-License-Identifier: GPL-2.0-only
/* Registers by hypercall and by the register page, as host and guest see them. */
#include "x86/guest_test.h"

#define PORT	0x80
#define GPRS	16

/*
 * A guest that shows all of its general registers: writes them to its copy of
 * dump[], inverts each, and stops at the port. No stack, no scratch register.
 */
uint64_t dump[GPRS];
extern const char dump_loop[], dump_out[];

__asm__(
	".macro show reg, index\n"
	"	mov	%\\reg, dump + 8 * \\index(%rip)\n"
	"	not	%\\reg\n"
	".endm\n"
	".globl dump_loop, dump_out\n"
	"dump_loop:\n"
	"	show	rax, 0\n"
	"	show	rcx, 1\n"
	"	show	rdx, 2\n"
	"	show	rbx, 3\n"
	"	show	rsp, 4\n"
	"	show	rbp, 5\n"
	"	show	rsi, 6\n"
	"	show	rdi, 7\n"
	"	show	r8, 8\n"
	"	show	r9, 9\n"
	"	show	r10, 10\n"
	"	show	r11, 11\n"
	"	show	r12, 12\n"
	"	show	r13, 13\n"
	"	show	r14, 14\n"
	"	show	r15, 15\n"
	"dump_out:\n"
	"	out	%al, $0x80\n"
	"	jmp	dump_loop\n");

static uint64_t pattern(unsigned int index, unsigned int round)
{
	return 0x0101010101010101ull * (index + 1) + ((uint64_t)round << 32) + round;
}

static void nothing(uint64_t arg)
{
	(void)arg;
}

FIXTURE(registers) {
	struct env env;
	struct guest g;
	struct hv_vp_register_page *page;
	uint64_t *dump;		/* the guest's */
};

FIXTURE_SETUP(registers)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 0, nothing, 0));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RIP, (uintptr_t)dump_loop));
	self->page = vp_state_page(self->g.vp[0].fd, MSHV_VP_MMAP_OFFSET_REGISTERS,
				   PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, self->page);
	self->dump = guest_copy_of(&self->g, dump);
}

MSHV_TEARDOWN(registers)

static int get(struct guest *g, uint32_t first, unsigned int count,
	       union hv_register_value *values)
{
	uint32_t names[64];
	unsigned int i;

	for (i = 0; i < count; i++)
		names[i] = first + i;
	return vp_get_registers(g->vp[0].fd, 0, names, values, count);
}

static int set_gprs(struct guest *g, unsigned int round)
{
	struct hv_register_assoc regs[GPRS] = { 0 };
	unsigned int i;

	for (i = 0; i < GPRS; i++) {
		regs[i].name = HV_X64_REGISTER_RAX + i;
		regs[i].value.reg64 = pattern(i, round);
	}
	return vp_set_registers(g->vp[0].fd, 0, regs, GPRS);
}

/* mshv_create_vp leaves a VP suspended until it is run. */
TEST_F(registers, suspended_after_create)
{
	uint64_t value;

	OK(guest_get_reg(&self->g, 0, HV_REGISTER_EXPLICIT_SUSPEND, &value));
	EXPECT_U64(1, value);
	OK(guest_get_reg(&self->g, 0, HV_REGISTER_INTERCEPT_SUSPEND, &value));
	EXPECT_U64(0, value);
}

TEST_F(registers, suspended_at_an_intercept)
{
	uint64_t value;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	OK(guest_get_reg(&self->g, 0, HV_REGISTER_INTERCEPT_SUSPEND, &value));
	EXPECT_U64(1, value);
}

/* What was set is what is got: all classes, before the VP has run. */
TEST_F(registers, round_trip_64)
{
	static const struct {
		uint32_t name;
		uint64_t value;
	} cases[] = {
		{ HV_X64_REGISTER_RIP, 0x00007fffdeadbeefull },
		{ HV_X64_REGISTER_RFLAGS, 0x246 },
		{ HV_X64_REGISTER_CR0, 0x80010033 },
		{ HV_X64_REGISTER_CR0, 0x80050033 },
		{ HV_X64_REGISTER_CR2, 0x123456789abcdef0ull },
		{ HV_X64_REGISTER_CR3, 0x7000 },
		{ HV_X64_REGISTER_CR4, 0x620 },
		{ HV_X64_REGISTER_CR4, 0x6a0 },
		{ HV_X64_REGISTER_CR8, 5 },
		{ HV_X64_REGISTER_EFER, 0x501 },
		{ HV_X64_REGISTER_DR0, 0x1000 },
		{ HV_X64_REGISTER_DR1, 0x2000 },
		{ HV_X64_REGISTER_DR2, 0x3000 },
		{ HV_X64_REGISTER_DR3, 0x4000 },
		{ HV_X64_REGISTER_DR7, 0x400 },
		{ HV_X64_REGISTER_SYSENTER_CS, 0x10 },
		{ HV_X64_REGISTER_SYSENTER_EIP, 0x00007ffff0000000ull },
		{ HV_X64_REGISTER_SYSENTER_ESP, 0x00007ffff0001000ull },
		{ HV_X64_REGISTER_STAR, 0x0023001000000000ull },
		{ HV_X64_REGISTER_LSTAR, 0xffff800000001000ull },
		{ HV_X64_REGISTER_SFMASK, 0x700 },
		{ HV_X64_REGISTER_KERNEL_GS_BASE, 0xffff800000002000ull },
		{ HV_X64_REGISTER_PAT, 0x0007040600070406ull },
	};
	uint64_t value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		value = ~cases[i].value;
		OK(guest_set_reg(&self->g, 0, cases[i].name, cases[i].value));
		OK(guest_get_reg(&self->g, 0, cases[i].name, &value));
		EXPECT_EQ(cases[i].value, value) {
			TH_LOG("register 0x%x", cases[i].name);
		}
	}
}

TEST_F(registers, round_trip_gprs)
{
	union hv_register_value values[GPRS];
	unsigned int i;

	OK(set_gprs(&self->g, 1));
	OK(get(&self->g, HV_X64_REGISTER_RAX, GPRS, values));
	for (i = 0; i < GPRS; i++)
		EXPECT_EQ(pattern(i, 1), values[i].reg64) {
			TH_LOG("register %u", i);
		}
}

TEST_F(registers, round_trip_segments)
{
	struct hv_register_assoc regs[8] = { 0 };
	union hv_register_value values[8];
	unsigned int i;

	/* ES to TR have successive names. All are data but CS, LDTR and TR. */
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i].name = HV_X64_REGISTER_ES + i;
		regs[i].value.segment.base = 0x10000ull * (i + 1);
		regs[i].value.segment.limit = 0xfffff;
		regs[i].value.segment.selector = 8 * (i + 1);
		regs[i].value.segment.attributes = 0xc093;
	}
	regs[HV_X64_REGISTER_CS - HV_X64_REGISTER_ES].value.segment.attributes = 0xc09b;
	regs[HV_X64_REGISTER_LDTR - HV_X64_REGISTER_ES].value.segment.attributes = 0x0082;
	regs[HV_X64_REGISTER_TR - HV_X64_REGISTER_ES].value.segment.attributes = 0x008b;

	OK(vp_set_registers(self->g.vp[0].fd, 0, regs, ARRAY_SIZE(regs)));
	OK(get(&self->g, HV_X64_REGISTER_ES, ARRAY_SIZE(regs), values));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		EXPECT_EQ(0, memcmp(&regs[i].value, &values[i], sizeof(values[i]))) {
			TH_LOG("segment %u: base 0x%llx limit 0x%x selector 0x%x attributes 0x%x",
			       i, (unsigned long long)values[i].segment.base,
			       values[i].segment.limit, values[i].segment.selector,
			       values[i].segment.attributes);
		}
	}
}

TEST_F(registers, round_trip_tables)
{
	const uint32_t names[] = { HV_X64_REGISTER_IDTR, HV_X64_REGISTER_GDTR };
	struct hv_register_assoc reg;
	union hv_register_value value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		memset(&reg, 0, sizeof(reg));
		reg.name = names[i];
		reg.value.table.base = 0xffff800000003000ull + i;
		reg.value.table.limit = 0x3ff + i;
		OK(vp_set_registers(self->g.vp[0].fd, 0, &reg, 1));
		OK(vp_get_registers(self->g.vp[0].fd, 0, &names[i], &value, 1));
		EXPECT_EQ(reg.value.table.base, value.table.base);
		EXPECT_EQ(reg.value.table.limit, value.table.limit);
	}
}

TEST_F(registers, round_trip_xmm)
{
	struct hv_register_assoc regs[16] = { 0 };
	union hv_register_value values[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i].name = HV_X64_REGISTER_XMM0 + i;
		regs[i].value.reg128.low_part = pattern(i, 2);
		regs[i].value.reg128.high_part = ~pattern(i, 2);
	}
	OK(vp_set_registers(self->g.vp[0].fd, 0, regs, ARRAY_SIZE(regs)));
	OK(get(&self->g, HV_X64_REGISTER_XMM0, ARRAY_SIZE(regs), values));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		EXPECT_EQ(regs[i].value.reg128.low_part, values[i].reg128.low_part);
		EXPECT_EQ(regs[i].value.reg128.high_part, values[i].reg128.high_part);
	}
}

/* The partition's file reaches each VP, the VP's its own and the others. */
TEST_F(registers, by_either_file)
{
	uint64_t value = 0;

	OK(vp_set_reg64(self->g.pt, 0, HV_X64_REGISTER_RBX, 0x1111));
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_U64(0x1111, value);
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RBX, 0x2222));
	OK(vp_get_reg64(self->g.pt, 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_U64(0x2222, value);
}

/* One VP's registers are not another's. */
TEST_F(registers, vps_are_separate)
{
	uint64_t value = 0;

	OK(guest_add_vp(&self->g, 1, nothing, 0));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_R12, 0xaaaa));
	OK(guest_set_reg(&self->g, 1, HV_X64_REGISTER_R12, 0xbbbb));
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_R12, &value));
	EXPECT_U64(0xaaaa, value);
	OK(guest_get_reg(&self->g, 1, HV_X64_REGISTER_R12, &value));
	EXPECT_U64(0xbbbb, value);
}

TEST_F(registers, unknown_name)
{
	const uint32_t bad = 0x7ffffff0;
	union hv_register_value value;

	EXPECT_GT(0, vp_get_registers(self->g.vp[0].fd, 0, &bad, &value, 1));
	EXPECT_GT(0, guest_set_reg(&self->g, 0, bad, 0));
}

TEST_F(registers, unknown_vp)
{
	uint64_t value;

	EXPECT_EQ(-EINVAL, vp_get_reg64(self->g.pt, 5, HV_X64_REGISTER_RAX, &value));
	EXPECT_EQ(-EINVAL, vp_set_reg64(self->g.pt, 5, HV_X64_REGISTER_RAX, 0));
}

/* The most registers that fit into one call. */
TEST_F(registers, many_at_once)
{
	struct hv_register_assoc regs[127];
	uint32_t names[256];
	union hv_register_value values[256];
	unsigned int i;

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i].name = HV_X64_REGISTER_RAX + i % GPRS;
		regs[i].value.reg64 = i;
	}
	OK(vp_set_registers(self->g.vp[0].fd, 0, regs, ARRAY_SIZE(regs)));

	for (i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = HV_X64_REGISTER_RAX + i % GPRS;
	OK(vp_get_registers(self->g.vp[0].fd, 0, names, values, ARRAY_SIZE(names)));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		/* They are set in order, so the last value for each counts. */
		unsigned int last = (i % GPRS) + GPRS * ((126 - i % GPRS) / GPRS);

		EXPECT_EQ(last, values[i].reg64);
	}
}

/* Set by hypercall, shown by the guest, got by hypercall. */
TEST_F(registers, guest_sees_hypercall)
{
	union hv_register_value values[GPRS];
	unsigned int round, i;

	for (round = 0; round < 3; round++) {
		OK(set_gprs(&self->g, round));
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		OK(get(&self->g, HV_X64_REGISTER_RAX, GPRS, values));
		for (i = 0; i < GPRS; i++) {
			EXPECT_EQ(pattern(i, round), self->dump[i]) {
				TH_LOG("register %u", i);
			}
			EXPECT_EQ(~pattern(i, round), values[i].reg64) {
				TH_LOG("register %u", i);
			}
		}
		OK(guest_skip_instruction(&self->g, 0));
	}
}

TEST_F(registers, page_at_an_intercept)
{
	struct hv_vp_register_page *page = self->page;
	uint64_t rflags;
	unsigned int i;

	OK(set_gprs(&self->g, 7));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);

	EXPECT_EQ(HV_VP_REGISTER_PAGE_VERSION_1, page->version);
	EXPECT_EQ(1, page->isvalid);
	EXPECT_U64(0, page->dirty);
	for (i = 0; i < GPRS; i++)
		EXPECT_EQ(~pattern(i, 7), page->gp_registers[i]) {
			TH_LOG("register %u", i);
		}
	EXPECT_EQ((uintptr_t)dump_out, page->rip);
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RFLAGS, &rflags));
	EXPECT_EQ(rflags, page->rflags);
	EXPECT_EQ(GUEST_CS, page->cs.selector);
	EXPECT_U64(1, page->cs._long);
	EXPECT_EQ(GUEST_DS, page->ss.selector);
	EXPECT_EQ((uintptr_t)self->g.vp[0].self->self, page->gs.base);
	EXPECT_EQ(self->g.cr3, page->cr3);
	EXPECT_EQ(0x80010033, page->cr0);
	EXPECT_U64(0x620, page->cr4);
	EXPECT_U64(0x500, page->efer);
}

/* Set in the page, shown by the guest. */
TEST_F(registers, guest_sees_page)
{
	struct hv_vp_register_page *page = self->page;
	unsigned int round, i;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < GPRS; i++)
			page->gp_registers[i] = pattern(i, round);
		page->rip += guest_header(&self->g, 0)->instruction_length;
		page->dirty = 1u << HV_X64_REGISTER_CLASS_GENERAL |
			      1u << HV_X64_REGISTER_CLASS_IP;
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		EXPECT_U64(0, page->dirty);
		for (i = 0; i < GPRS; i++) {
			EXPECT_EQ(pattern(i, round), self->dump[i]) {
				TH_LOG("register %u", i);
			}
			EXPECT_EQ(~pattern(i, round), page->gp_registers[i]) {
				TH_LOG("register %u", i);
			}
		}
	}
}

/* Without its dirty bit a class of the page is a copy and no more. */
TEST_F(registers, page_without_dirty_bit)
{
	struct hv_vp_register_page *page = self->page;
	uint64_t rbx = pattern(3, 0);

	OK(set_gprs(&self->g, 0));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	/* Another class is dirty, this one not. */
	page->rbx = 0x5555;
	page->rip = (uintptr_t)dump_loop;
	page->dirty = 1u << HV_X64_REGISTER_CLASS_IP;
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(~rbx, self->dump[3]);
	EXPECT_EQ(rbx, page->rbx);
}

/* A hypercall sees what the page holds and the VP does not have yet. */
TEST_F(registers, hypercall_sees_dirty_page)
{
	uint64_t value = 0;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	self->page->rdx = 0x123456789ull;
	self->page->dirty = 1u << HV_X64_REGISTER_CLASS_GENERAL;
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RDX, &value));
	EXPECT_EQ(0x123456789ull, value);
}

TEST_F(registers, page_flags_segments_xmm)
{
	struct hv_vp_register_page *page = self->page;
	const uint32_t xmm0 = HV_X64_REGISTER_XMM0, fs = HV_X64_REGISTER_FS;
	union hv_register_value value;

	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	/* Nothing in the loop changes the carry flag. */
	page->rflags ^= 1;
	page->fs.base = 0x7654321000ull;
	page->xmm0.low_part = pattern(0, 9);
	page->xmm0.high_part = pattern(1, 9);
	page->rip += guest_header(&self->g, 0)->instruction_length;
	page->dirty = 1u << HV_X64_REGISTER_CLASS_FLAGS |
		      1u << HV_X64_REGISTER_CLASS_SEGMENT |
		      1u << HV_X64_REGISTER_CLASS_XMM |
		      1u << HV_X64_REGISTER_CLASS_IP;
	value.reg64 = page->rflags;
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(value.reg64 & 1, guest_header(&self->g, 0)->rflags & 1);
	EXPECT_EQ(value.reg64 & 1, page->rflags & 1);

	OK(vp_get_registers(self->g.vp[0].fd, 0, &fs, &value, 1));
	EXPECT_EQ(0x7654321000ull, value.segment.base);
	OK(vp_get_registers(self->g.vp[0].fd, 0, &xmm0, &value, 1));
	EXPECT_EQ(pattern(0, 9), value.reg128.low_part);
	EXPECT_EQ(pattern(1, 9), value.reg128.high_part);
}

GUEST_TEST_MAIN
