// SPDX-License-Identifier: GPL-2.0-only
/* The synthetic interrupt controller of a guest: its registers, and its pages. */
#include "x86/guest_test.h"
#include "msr.h"
#include "synic.h"

#define SINT		4
#define FEATURES	GUEST_FEATURES(.access_synic_regs = 1, .access_vp_index = 1)

FIXTURE(synic) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(synic)
{
	MSHV_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), FEATURES));
}

MSHV_TEARDOWN(synic)

#define SYNC(a, b)	RUN_TO_SYNC(a, b, &self->g, 0)

/* ------------------------------------------------------------------ registers */

static void guest_reset_state(uint64_t arg)
{
	unsigned int i;

	(void)arg;
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_SCONTROL));
	GUEST_ASSERT_EQ(1, guest_rdmsr(HV_X64_MSR_SVERSION));
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_SIEFP));
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_SIMP));
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_EOM));
	for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
		GUEST_ASSERT_EQ(SINT_MASKED, guest_rdmsr(HV_X64_MSR_SINT0 + i));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_SVERSION, 1));
	/* Vectors 0 to 15 are no interrupts; a masked source needs none. */
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_SINT0, 15));
	GUEST_ASSERT(!guest_wrmsr_faults(HV_X64_MSR_SINT0, SINT_MASKED | 15));
	GUEST_ASSERT(!guest_wrmsr_faults(HV_X64_MSR_SINT0 + 15, 16));
	GUEST_ASSERT_EQ(16, guest_rdmsr(HV_X64_MSR_SINT0 + 15));
	/* Beyond any physical memory. */
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_SIMP, 1ull << 60 | 1));
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_SIMP));
}

TEST_F(synic, reset_state)
{
	OK(guest_add_vp(&self->g, 0, guest_reset_state, 0));
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_without(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT(guest_rdmsr_faults(HV_X64_MSR_SCONTROL));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_SCONTROL, 1));
	GUEST_ASSERT(guest_rdmsr_faults(HV_X64_MSR_SINT0 + SINT));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_EOM, 0));
	GUEST_ASSERT(guest_rdmsr_faults(HV_X64_MSR_VP_INDEX));
}

/* A partition that was not given the registers does not have them. */
TEST_F(synic, needs_the_feature)
{
	struct guest g;

	OK(guest_create(&g, PT(LAPIC)));
	OK(guest_add_vp(&g, 0, guest_without, 0));
	RUN(GUEST_DONE, &g, 0);
}

/* ---------------------------------------------------------------- the pages */

#define PATTERN		0x6161616161616161ull
#define OTHER_GPA	0x702000ull

static void guest_pages(uint64_t arg)
{
	volatile uint64_t *ram = guest_ptr(SIMP_GPA), *other = guest_ptr(OTHER_GPA);
	volatile uint64_t *hole = guest_ptr(GUEST_HOLE_GPA);

	(void)arg;
	*ram = PATTERN;
	*other = PATTERN + 1;
	guest_wrmsr(HV_X64_MSR_SIMP, SIMP_GPA | 1);
	GUEST_ASSERT_EQ(0, *ram);
	*ram = 1;
	guest_sync(1, 0);
	/* What the VMM has done below the page is not to be seen. */
	GUEST_ASSERT_EQ(1, *ram);
	guest_wrmsr(HV_X64_MSR_SIMP, OTHER_GPA | 1);
	GUEST_ASSERT_EQ(PATTERN + 7, *ram);
	GUEST_ASSERT_EQ(1, *other);
	/* Two pages in one place: the second is seen, then the first again. */
	guest_wrmsr(HV_X64_MSR_SIEFP, OTHER_GPA | 1);
	GUEST_ASSERT_EQ(0, *other);
	*other = 2;
	guest_wrmsr(HV_X64_MSR_SIMP, GUEST_HOLE_GPA | 1);
	GUEST_ASSERT_EQ(2, *other);
	GUEST_ASSERT_EQ(1, *hole);
	guest_wrmsr(HV_X64_MSR_SIEFP, 0);
	GUEST_ASSERT_EQ(PATTERN + 1, *other);
	guest_wrmsr(HV_X64_MSR_SIMP, 0);
	guest_sync(2, 0);
	*hole = 0;	/* nothing is there now */
}

TEST_F(synic, pages_lie_over_memory)
{
	struct guest *g = &self->g;
	uint64_t *ram;

	OK(guest_add_vp(g, 0, guest_pages, 0));
	ram = guest_host(g, SIMP_GPA);
	SYNC(1, 0);
	EXPECT_U64(PATTERN, *ram);
	*ram = PATTERN + 7;
	SYNC(2, 0);
	RUN_TO(HVMSG_UNMAPPED_GPA, g, 0);
}

/* The VMM may take its memory away, or give it back, while a page lies over it. */
static void guest_stays(uint64_t arg)
{
	volatile uint64_t *ram = guest_ptr(arg);

	guest_wrmsr(HV_X64_MSR_SIEFP, arg | 1);
	*ram = 5;
	guest_sync(1, 0);
	GUEST_ASSERT_EQ(5, *ram);
	*ram = 6;
	guest_sync(2, 0);
	GUEST_ASSERT_EQ(6, *ram);
	guest_wrmsr(HV_X64_MSR_SIEFP, 0);
	GUEST_ASSERT_EQ(PATTERN, *ram);
}

TEST_F(synic, memory_below_can_be_remapped)
{
	struct guest *g = &self->g;
	const uint64_t bytes = 2ull << 20, gpa = GUEST_HOLE_GPA;
	uint64_t *memory = PAGES(2 * bytes);

	/* Large pages, if there are any: then a small one has to go between them. */
	memory = (uint64_t *)(((uintptr_t)memory + bytes - 1) & ~(bytes - 1));
	madvise(memory, bytes, MADV_HUGEPAGE);
	memory[3 * 512] = PATTERN;
	OK(guest_add_vp(g, 0, guest_stays, gpa + 3 * PAGE_BYTES));
	OK(memory_map(g->pt, gpa, memory, bytes, MEM_W));
	SYNC(1, 0);
	OK(memory_unmap(g->pt, gpa, memory, bytes));
	SYNC(2, 0);
	OK(memory_map(g->pt, gpa, memory, bytes, MEM_W));
	RUN(GUEST_DONE, g, 0);
	EXPECT_U64(PATTERN, memory[3 * 512]);
}

GUEST_TEST_MAIN
