// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_SET_GUEST_MEMORY: which mappings are taken, and which are refused. */
#include "mshv_test.h"

#define GPA	0x100000ull
#define BYTES	(16 * PAGE_BYTES)

FIXTURE(memory) {
	struct env env;
	int pt;
	char *host;
};

FIXTURE_SETUP(memory)
{
	int dev;

	MSHV_SETUP(self);
	dev = OK(dev_open());
	self->pt = OK(partition_create(dev, 0));
	OK(partition_initialize(self->pt));
	self->host = PAGES(BYTES);
}

MSHV_TEARDOWN(memory)

TEST_F(memory, map_and_unmap)
{
	const unsigned int flags[] = { MEM_R, MEM_W, MEM_X, MEM_W | MEM_X };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		OK(memory_map(self->pt, GPA, self->host, BYTES, flags[i]));
		OK(memory_unmap(self->pt, GPA, self->host, BYTES));
	}
}

TEST_F(memory, left_mapped)
{
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
}

TEST_F(memory, bad_flags)
{
	unsigned int bit;

	for (bit = MSHV_SET_MEM_BIT_COUNT; bit < 8; bit++)
		EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host, BYTES, 1u << bit));
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host, BYTES, MEM_UNMAP | 0x80));
}

/* With the flag that unmaps, the others mean nothing. */
TEST_F(memory, unmap_ignores_rights)
{
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_UNMAP | MEM_W | MEM_X));
	EXPECT_EQ(-ENOENT, memory_unmap(self->pt, GPA, self->host, BYTES));
}

TEST_F(memory, reserved_bytes)
{
	struct mshv_user_mem_region region = {
		.size = BYTES,
		.guest_pfn = GPA / PAGE_BYTES,
		.userspace_addr = (uintptr_t)self->host,
		.flags = MEM_W,
	};
	unsigned int i;

	for (i = 0; i < sizeof(region.rsvd); i++) {
		region.rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->pt, MSHV_SET_GUEST_MEMORY, &region));
		region.rsvd[i] = 0;
	}
	OK(mshv_ioctl(self->pt, MSHV_SET_GUEST_MEMORY, &region));
}

TEST_F(memory, misaligned)
{
	const uint64_t off[] = { 1, 8, 512, PAGE_BYTES - 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(off); i++) {
		EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host + off[i],
					      PAGE_BYTES, MEM_W));
		EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host,
					      off[i], MEM_W));
		EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host,
					      PAGE_BYTES + off[i], MEM_W));
	}
}

TEST_F(memory, no_size)
{
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host, 0, MEM_W));
	EXPECT_EQ(-EINVAL, memory_unmap(self->pt, GPA, self->host, 0));
}

TEST_F(memory, no_vma)
{
	ASSERT_EQ(0, munmap(self->host, BYTES));
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, NULL, BYTES, MEM_W));
}

TEST_F(memory, address_of_the_kernel)
{
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA,
				      (void *)0xffff800000000000ull, BYTES, MEM_W));
	/* Begins in user space, ends beyond. */
	EXPECT_EQ(-EINVAL, memory_map(self->pt, GPA, self->host,
				      1ull << 63, MEM_W));
}

TEST_F(memory, bad_pointer)
{
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->pt, MSHV_SET_GUEST_MEMORY, NULL));
}

TEST_F(memory, overlap)
{
	/* Relative to a region of 4 pages at page 8. */
	static const struct {
		int first, pages;
		int result;
	} cases[] = {
		{ 8, 4, -EEXIST },	/* the same */
		{ 9, 2, -EEXIST },	/* inside */
		{ 8, 1, -EEXIST },	/* first page */
		{ 11, 1, -EEXIST },	/* last page */
		{ 7, 2, -EEXIST },	/* over the beginning */
		{ 11, 2, -EEXIST },	/* over the end */
		{ 4, 12, -EEXIST },	/* around */
		{ 4, 4, 0 },		/* just before */
		{ 12, 4, 0 },		/* just after */
		{ 0, 4, 0 },
	};
	unsigned int i;

	OK(memory_map(self->pt, GPA + 8 * PAGE_BYTES, self->host, 4 * PAGE_BYTES, MEM_W));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].result,
			  memory_map(self->pt, GPA + cases[i].first * PAGE_BYTES, self->host,
				     cases[i].pages * PAGE_BYTES, MEM_W)) {
			TH_LOG("%d pages at page %d", cases[i].pages, cases[i].first);
		}
	}
}

/* Two guest addresses may show the same memory. */
TEST_F(memory, alias)
{
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
	OK(memory_map(self->pt, GPA + BYTES, self->host, BYTES, MEM_R));
	OK(memory_unmap(self->pt, GPA, self->host, BYTES));
	OK(memory_unmap(self->pt, GPA + BYTES, self->host, BYTES));
}

TEST_F(memory, unmap_needs_the_whole_region)
{
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));

	EXPECT_EQ(-ENOENT, memory_unmap(self->pt, GPA + BYTES, self->host, BYTES));
	EXPECT_EQ(-ENOENT, memory_unmap(self->pt, GPA - PAGE_BYTES, self->host, BYTES));
	EXPECT_EQ(-EINVAL, memory_unmap(self->pt, GPA, self->host, BYTES - PAGE_BYTES));
	EXPECT_EQ(-EINVAL, memory_unmap(self->pt, GPA, self->host, BYTES + PAGE_BYTES));
	EXPECT_EQ(-EINVAL, memory_unmap(self->pt, GPA, self->host + PAGE_BYTES, BYTES));
	EXPECT_EQ(-EINVAL, memory_unmap(self->pt, GPA + PAGE_BYTES, self->host,
					BYTES - PAGE_BYTES));

	OK(memory_unmap(self->pt, GPA, self->host, BYTES));
	EXPECT_EQ(-ENOENT, memory_unmap(self->pt, GPA, self->host, BYTES));
	/* The addresses are free again. */
	OK(memory_map(self->pt, GPA, self->host, PAGE_BYTES, MEM_X));
}

/* The memory of the process may go first. */
TEST_F(memory, host_memory_unmapped_first)
{
	OK(memory_map(self->pt, GPA, self->host, BYTES, MEM_W));
	ASSERT_EQ(0, munmap(self->host, BYTES));
	OK(memory_unmap(self->pt, GPA, self->host, BYTES));
}

TEST_F(memory, many_regions)
{
	const int regions = 64;
	int i;

	for (i = 0; i < regions; i++)
		OK(memory_map(self->pt, GPA + 2 * i * PAGE_BYTES, self->host,
			      PAGE_BYTES, MEM_W));
	for (i = 0; i < regions; i += 2)
		OK(memory_unmap(self->pt, GPA + 2 * i * PAGE_BYTES, self->host,
				PAGE_BYTES));
	for (i = 0; i < regions; i++)
		EXPECT_EQ(i % 2 ? -EEXIST : 0,
			  memory_map(self->pt, GPA + 2 * i * PAGE_BYTES, self->host,
				     PAGE_BYTES, MEM_W));
}

MSHV_TEST_MAIN
