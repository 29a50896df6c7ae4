// SPDX-License-Identifier: GPL-2.0-only
/* Accesses to guest-physical addresses at which nothing is mapped. */
#include "x86/guest_test.h"

#define VALUE	0x8877665544332211ull

FIXTURE(mmio) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(mmio)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
}

MSHV_TEARDOWN(mmio)

/* Written as assembly so that the register is known: RAX. */
static void guest_writes(uint64_t gpa)
{
	volatile void *p = guest_ptr(gpa);

	__asm__ volatile("movb %%al, %0" : "=m" (*(volatile uint8_t *)p) : "a" (VALUE));
	__asm__ volatile("movw %%ax, %0" : "=m" (*(volatile uint16_t *)p) : "a" (VALUE));
	__asm__ volatile("movl %%eax, %0" : "=m" (*(volatile uint32_t *)p) : "a" (VALUE));
	__asm__ volatile("movq %%rax, %0" : "=m" (*(volatile uint64_t *)p) : "a" (VALUE));
}

static void guest_reads(uint64_t gpa)
{
	volatile void *p = guest_ptr(gpa);
	uint64_t rax;

	__asm__ volatile("movb %1, %%al" : "=a" (rax) : "m" (*(volatile uint8_t *)p), "0" (0ull));
	guest_sync(1, rax);
	__asm__ volatile("movw %1, %%ax" : "=a" (rax) : "m" (*(volatile uint16_t *)p), "0" (0ull));
	guest_sync(2, rax);
	__asm__ volatile("movl %1, %%eax" : "=a" (rax) : "m" (*(volatile uint32_t *)p), "0" (0ull));
	guest_sync(4, rax);
	__asm__ volatile("movq %1, %%rax" : "=a" (rax) : "m" (*(volatile uint64_t *)p), "0" (0ull));
	guest_sync(8, rax);
}

/* The length of the instruction at the intercept: a mov of known form. */
static unsigned int mov_length(struct guest *g)
{
	const uint8_t *code = guest_copy_of(g, (void *)(uintptr_t)guest_header(g, 0)->rip);
	unsigned int n = 0;
	uint8_t mod, rm;

	n += code[n] == 0x66;
	n += (code[n] & 0xf0) == 0x40;
	n++;			/* opcode */
	mod = code[n] >> 6;
	rm = code[n++] & 7;
	n += mod != 3 && rm == 4;
	if (mod == 1)
		n += 1;
	else if (mod == 2 || (mod == 0 && rm == 5))
		n += 4;
	return n;
}

static void expect_unmapped(struct __test_metadata *_metadata, struct guest *g,
			    uint64_t gpa, unsigned int access)
{
	const struct hv_x64_memory_intercept_message *memory =
		guest_payload(g, 0, hv_x64_memory_intercept_message);
	const void *code;

	RUN_TO(HVMSG_UNMAPPED_GPA, g, 0);
	EXPECT_LE(sizeof(*memory), g->vp[0].message.header.payload_size);
	EXPECT_EQ(gpa, memory->guest_physical_address);
	EXPECT_EQ(access, memory->header.intercept_access_type);
	EXPECT_U64(0, memory->header.vp_index);
	EXPECT_U64(1, memory->header.execution_state.efer_lma);
	if (memory->memory_access_info.gva_valid) {
		EXPECT_EQ(GUEST_DIRECT + gpa, memory->guest_virtual_address);
	}
	/* Not every hypervisor or processor gives the instruction. */
	ASSERT_GE(sizeof(memory->instruction_bytes), memory->instruction_byte_count);
	if (memory->instruction_byte_count && access != HV_INTERCEPT_ACCESS_EXECUTE) {
		code = guest_copy_of(g, (void *)(uintptr_t)memory->header.rip);
		EXPECT_EQ(0, memcmp(memory->instruction_bytes, code,
				    memory->instruction_byte_count));
	}
}

static int skip_mov(struct guest *g)
{
	return guest_set_reg(g, 0, HV_X64_REGISTER_RIP,
			     guest_header(g, 0)->rip + mov_length(g));
}

TEST_F(mmio, write)
{
	const uint64_t gpa = GUEST_HOLE_GPA + 0x123450;
	uint64_t rax;
	int i;

	OK(guest_add_vp(&self->g, 0, guest_writes, gpa));
	for (i = 0; i < 4; i++) {
		expect_unmapped(_metadata, &self->g, gpa, HV_INTERCEPT_ACCESS_WRITE);
		OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RAX, &rax));
		EXPECT_EQ(VALUE, rax);
		OK(skip_mov(&self->g));
	}
	RUN(GUEST_DONE, &self->g, 0);
}

TEST_F(mmio, read)
{
	const uint64_t gpa = GUEST_HOLE_GPA + 0x9000;
	const uint64_t cut[] = { 0xff, 0xffff, 0xffffffff, ~0ull };
	int i;

	OK(guest_add_vp(&self->g, 0, guest_reads, gpa));
	for (i = 0; i < 4; i++) {
		expect_unmapped(_metadata, &self->g, gpa, HV_INTERCEPT_ACCESS_READ);
		OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RAX, VALUE & cut[i]));
		OK(skip_mov(&self->g));
		RUN(GUEST_SYNC, &self->g, 0);
		EXPECT_EQ(1u << i, self->g.vp[0].args[0]);
		EXPECT_EQ(VALUE & cut[i], self->g.vp[0].args[1]);
	}
	RUN(GUEST_DONE, &self->g, 0);
}

/* The lowest and the highest address that the guest's page tables reach. */
TEST_F(mmio, addresses)
{
	const uint64_t gpas[] = {
		GUEST_RAM_BYTES, GUEST_RAM_BYTES + PAGE_BYTES - 8,
		0x7ffffff8, 0x80000000, 0xfee00000 - 8, 0xfffffff8,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		OK(guest_create(&self->g, 0));
		OK(guest_add_vp(&self->g, 0, guest_writes, gpas[i]));
		expect_unmapped(_metadata, &self->g, gpas[i], HV_INTERCEPT_ACCESS_WRITE);
	}
}

static void guest_jumps(uint64_t gpa)
{
	((void (*)(void))guest_ptr(gpa))();
}

TEST_F(mmio, execute)
{
	const uint64_t gpa = GUEST_HOLE_GPA + 0x3000;

	OK(guest_add_vp(&self->g, 0, guest_jumps, gpa));
	expect_unmapped(_metadata, &self->g, gpa, HV_INTERCEPT_ACCESS_EXECUTE);
	EXPECT_EQ(GUEST_DIRECT + gpa, guest_header(&self->g, 0)->rip);
}

/* The answer to an unmapped access may be to map something and to try again. */
TEST_F(mmio, map_on_demand)
{
	const uint64_t gpa = GUEST_HOLE_GPA;
	uint64_t *page = PAGES(PAGE_BYTES);

	OK(guest_add_vp(&self->g, 0, guest_reads, gpa));
	expect_unmapped(_metadata, &self->g, gpa, HV_INTERCEPT_ACCESS_READ);
	*page = VALUE;
	OK(memory_map(self->g.pt, gpa, page, PAGE_BYTES, MEM_W));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_EQ(VALUE & 0xff, self->g.vp[0].args[1]);
	*page = ~VALUE;
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_EQ(~VALUE & 0xffff, self->g.vp[0].args[1]);

	/* And away again, under a guest that has used it. */
	OK(memory_unmap(self->g.pt, gpa, page, PAGE_BYTES));
	expect_unmapped(_metadata, &self->g, gpa, HV_INTERCEPT_ACCESS_READ);
}

GUEST_TEST_MAIN
