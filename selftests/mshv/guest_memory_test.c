// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that guest and process share: who sees what, and what a guest may not
 * do. Regions are empty at first; the driver fills them when they are touched. Only
 * those of huge pages have them from the start, so as to be sure of them.
 */
#include <pthread.h>
#include <sched.h>

#include "x86/guest_test.h"
#include "x86/region.h"
#include "huge.h"

#define GPA	GUEST_HOLE_GPA

/* The argument of a guest: read by its copy of the program. */
static struct region region;

FIXTURE(shared) {
	struct env env;
	struct guest g;
	char *host;
	uint64_t bytes;
};

FIXTURE_VARIANT(shared) {
	uint64_t pt_flags;
	uint64_t pages;
	bool huge;
};

FIXTURE_VARIANT_ADD(shared, page) {
	.pages = 1,
};

/* More than the driver fills at a time, and not a multiple of it. */
FIXTURE_VARIANT_ADD(shared, several_chunks) {
	.pages = 2 * 512 + 3,
};

FIXTURE_VARIANT_ADD(shared, huge_pages) {
	.pt_flags = PT(GPA_SUPER_PAGES),
	.pages = 2 * 512,
	.huge = true,
};

FIXTURE_SETUP(shared)
{
	const uint64_t huge = 2ull << 20;
	char *p;

	MSHV_SETUP(self);
	self->bytes = variant->pages * PAGE_BYTES;
	p = PAGES(self->bytes + huge);
	self->host = (char *)(((uintptr_t)p + huge - 1) & ~(huge - 1));
	if (variant->huge)
		NEEDS_HUGE_PAGES(self->host, self->bytes);

	region = (struct region){ .gpa = GPA, .pages = variant->pages, .seed = 1 };
	OK(guest_create(&self->g, variant->pt_flags));
	OK(memory_map(self->g.pt, GPA, self->host, self->bytes, MEM_W));
}

MSHV_TEARDOWN(shared)

TEST_F(shared, guest_writes_host_sees)
{
	OK(guest_add_vp(&self->g, 0, region_guest_fills, (uintptr_t)&region));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0, region_host_differs(self->host, &region));
}

TEST_F(shared, host_writes_guest_sees)
{
	region_host_fills(self->host, &region);
	OK(guest_add_vp(&self->g, 0, region_guest_checks, (uintptr_t)&region));
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_checks_again_and_again(uint64_t arg)
{
	struct region *r = (void *)arg;

	for (; r->seed < 4; r->seed++) {
		region_guest_checks(arg);
		guest_sync(0, r->seed);
	}
}

/* It stays the same memory. */
TEST_F(shared, back_and_forth)
{
	region_host_fills(self->host, &region);
	OK(guest_add_vp(&self->g, 0, guest_checks_again_and_again, (uintptr_t)&region));
	for (; region.seed < 4; region.seed++) {
		region_host_fills(self->host, &region);
		RUN(GUEST_SYNC, &self->g, 0);
		EXPECT_EQ(region.seed, self->g.vp[0].args[1]);
	}
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_finds_zero(uint64_t arg)
{
	region_guest_fills(arg);
	guest_sync(0, 0);
	region_guest_finds_zero(arg);
	region_guest_fills(arg);
}

/* The process gives its pages away: the guest must not keep them. */
TEST_F(shared, madvise_dontneed)
{
	OK(guest_add_vp(&self->g, 0, guest_finds_zero, (uintptr_t)&region));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(0, region_host_differs(self->host, &region));
	ASSERT_EQ(0, madvise(self->host, self->bytes, MADV_DONTNEED));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0, region_host_differs(self->host, &region));
}

static void guest_waits_for_zero(uint64_t arg)
{
	const struct region *r = (void *)arg;
	volatile uint64_t *first = guest_ptr(r->gpa);
	volatile uint64_t *last = guest_ptr(r->gpa + (r->pages - 1) * PAGE_BYTES);

	last[1] = 1;
	first[0] = 1;
	while (first[0] || last[1])
		;
}

struct runner {
	struct guest *g;
	int result;
};

static void *run_vp(void *arg)
{
	struct runner *r = arg;

	r->result = guest_run(r->g, 0);
	return NULL;
}

/* The same under a guest that never leaves by itself. */
TEST_F(shared, madvise_while_running)
{
	volatile uint64_t *first = (uint64_t *)self->host;
	struct runner r = { .g = &self->g };
	pthread_t thread;

	OK(guest_add_vp(&self->g, 0, guest_waits_for_zero, (uintptr_t)&region));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_vp, &r));
	while (!*first)
		sched_yield();
	/* What the process reads now it reads from new, empty pages. */
	ASSERT_EQ(0, madvise(self->host, self->bytes, MADV_DONTNEED));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(GUEST_DONE, r.result) {
		TH_LOG("%s", guest_describe(&self->g, 0, r.result));
	}
}

/* Mapped, used, unmapped, and mapped elsewhere. */
TEST_F(shared, move)
{
	OK(guest_add_vp(&self->g, 0, region_guest_fills, (uintptr_t)&region));
	RUN(GUEST_DONE, &self->g, 0);
	OK(memory_unmap(self->g.pt, GPA, self->host, self->bytes));

	((struct region *)guest_copy_of(&self->g, &region))->gpa = GPA + (256ull << 20);
	OK(memory_map(self->g.pt, GPA + (256ull << 20), self->host, self->bytes, MEM_R));
	OK(guest_add_vp(&self->g, 1, region_guest_checks, (uintptr_t)&region));
	RUN(GUEST_DONE, &self->g, 1);
}

FIXTURE(rights) {
	struct env env;
	struct guest g;
	uint64_t *host;
};

FIXTURE_SETUP(rights)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
	self->host = PAGES(PAGE_BYTES);
}

MSHV_TEARDOWN(rights)

static void expect_intercept(struct __test_metadata *_metadata, struct guest *g,
			     unsigned int access)
{
	const struct hv_x64_memory_intercept_message *memory =
		guest_payload(g, 0, hv_x64_memory_intercept_message);

	RUN_TO(HVMSG_GPA_INTERCEPT, g, 0);
	EXPECT_EQ(access, memory->header.intercept_access_type);
	EXPECT_EQ(GPA, memory->guest_physical_address);
}

static void guest_writes(uint64_t gpa)
{
	*(volatile uint64_t *)guest_ptr(gpa) = 0xbad;
}

static void guest_reads_then_writes(uint64_t gpa)
{
	guest_sync(0, *(volatile uint64_t *)guest_ptr(gpa));
	guest_writes(gpa);
}

/* The region is still empty when the guest writes. */
TEST_F(rights, read_only_first_touch)
{
	*self->host = 0x600d;
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_R));
	OK(guest_add_vp(&self->g, 0, guest_writes, GPA));
	expect_intercept(_metadata, &self->g, HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_U64(0x600d, *self->host);
	/* As often as it tries. */
	expect_intercept(_metadata, &self->g, HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_U64(0x600d, *self->host);
}

TEST_F(rights, read_only_after_read)
{
	*self->host = 0x600d;
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_R));
	OK(guest_add_vp(&self->g, 0, guest_reads_then_writes, GPA));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(0x600d, self->g.vp[0].args[1]);
	expect_intercept(_metadata, &self->g, HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_U64(0x600d, *self->host);
}

static void guest_calls(uint64_t gpa)
{
	guest_done(((uint64_t (*)(void))guest_ptr(gpa))());
}

/* mov $0x600d, %eax; ret */
static const uint8_t code[] = { 0xb8, 0x0d, 0x60, 0x00, 0x00, 0xc3 };

TEST_F(rights, executable)
{
	memcpy(self->host, code, sizeof(code));
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_X));
	OK(guest_add_vp(&self->g, 0, guest_calls, GPA));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0x600d, self->g.vp[0].args[0]);
}

TEST_F(rights, not_executable)
{
	memcpy(self->host, code, sizeof(code));
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_W));
	OK(guest_add_vp(&self->g, 0, guest_calls, GPA));
	expect_intercept(_metadata, &self->g, HV_INTERCEPT_ACCESS_EXECUTE);
}

static void guest_sees_alias(uint64_t gpa)
{
	volatile uint64_t *one = guest_ptr(gpa), *two = guest_ptr(gpa + PAGE_BYTES);

	*one = 0x1234;
	GUEST_ASSERT_EQ(0x1234, *two);
	*two = 0x4321;
	GUEST_ASSERT_EQ(0x4321, *one);
}

TEST_F(rights, alias)
{
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_W));
	OK(memory_map(self->g.pt, GPA + PAGE_BYTES, self->host, PAGE_BYTES, MEM_W));
	OK(guest_add_vp(&self->g, 0, guest_sees_alias, GPA));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0x4321, *self->host);
}

/* An address that needs more than 32 bits, and in those it has is another page's. */
TEST_F(rights, above_4_gib)
{
	const uint64_t high = GPA + (5ull << 32), va = 0xffffa00000000000ull;
	uint64_t *low = PAGES(PAGE_BYTES);

	OK(memory_map(self->g.pt, GPA, low, PAGE_BYTES, MEM_W));
	OK(memory_map(self->g.pt, high, self->host, PAGE_BYTES, MEM_W));
	OK(guest_map_page(&self->g, va, high));
	OK(guest_add_vp(&self->g, 0, guest_writes, va - (uintptr_t)guest_ptr(0)));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(0xbad, *self->host);
	EXPECT_U64(0, *low);
}

/*
 * Unmapped before anybody touched it: as unmapped as a region that was used
 * (see "move" above and "map_on_demand" of mmio_test).
 */
TEST_F(rights, unmap_untouched)
{
	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_W));
	OK(memory_unmap(self->g.pt, GPA, self->host, PAGE_BYTES));
	OK(guest_add_vp(&self->g, 0, guest_writes, GPA));
	RUN(GUEST_EXIT, &self->g, 0);
	if (self->g.vp[0].message.header.message_type == HVMSG_GPA_INTERCEPT)
		DRIVER_DEFECT(return, "pages that were never touched stay mapped");
	EXPECT_U64(HVMSG_UNMAPPED_GPA, self->g.vp[0].message.header.message_type);
}

/* Memory of one partition is not seen at the same address of another. */
TEST_F(rights, partitions_are_separate)
{
	struct guest other;

	OK(memory_map(self->g.pt, GPA, self->host, PAGE_BYTES, MEM_W));
	OK(guest_create(&other, 0));
	OK(guest_add_vp(&other, 0, guest_writes, GPA));
	RUN_TO(HVMSG_UNMAPPED_GPA, &other, 0);
	EXPECT_U64(0, *self->host);
}

GUEST_TEST_MAIN
