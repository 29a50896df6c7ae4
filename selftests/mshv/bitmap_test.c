// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSHV_GET_GPAP_ACCESS_BITMAP: which bit is whose, and what an operation on one kind of
 * bit does to the other.
 */
#include <sys/mman.h>

#include "x86/guest_test.h"

#define GPA	GUEST_HOLE_GPA
/* More than one hypercall tells of (4095), and the last one far behind. */
#define PAGES_	4200u
#define WRITTEN	1u
#define READ	3u
#define FAR	4100u

FIXTURE(bitmap) {
	struct env env;
	struct guest g;
	char *host;
	uint8_t bits[PAGES_ / 8 + 1];
};

/* Sees to it that each touch is one of the memory. */
static void guest_touches(uint64_t gpa)
{
	for (;;) {
		*(volatile uint64_t *)guest_ptr(gpa + WRITTEN * PAGE_BYTES) = 1;
		(void)*(volatile uint64_t *)guest_ptr(gpa + READ * PAGE_BYTES);
		*(volatile uint64_t *)guest_ptr(gpa + FAR * PAGE_BYTES) = 1;
		guest_sync(0, 0);
	}
}

static int get(FIXTURE_DATA(bitmap) *self, uint8_t type, uint8_t op, uint64_t pages)
{
	const struct mshv_gpap_access_bitmap args = {
		.access_type = type, .access_op = op, .page_count = pages,
		.gpap_base = GPA / PAGE_BYTES, .bitmap_ptr = (uintptr_t)self->bits,
	};

	memset(self->bits, 0xaa, sizeof(self->bits));
	return mshv_ioctl(self->g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args);
}

#define GET(type, op, pages)	OK(get(self, MSHV_GPAP_ACCESS_TYPE_##type, \
				       MSHV_GPAP_ACCESS_OP_##op, pages))

static bool bit(FIXTURE_DATA(bitmap) *self, unsigned int page)
{
	return self->bits[page / 8] >> page % 8 & 1;
}

/* Bits that are set among those of so many pages. */
static unsigned int count(FIXTURE_DATA(bitmap) *self, unsigned int pages)
{
	unsigned int i, n = 0;

	for (i = 0; i < pages; i++)
		n += bit(self, i);
	return n;
}

/* All pages are there, the guest has touched its three, and no bit is left of it. */
FIXTURE_SETUP(bitmap)
{
	MSHV_SETUP(self);
	self->host = PAGES(PAGES_ * PAGE_BYTES);
	/* A large page has one bit for all. */
	ASSERT_EQ(0, madvise(self->host, PAGES_ * PAGE_BYTES, MADV_NOHUGEPAGE));
	OK(guest_create(&self->g, 0));
	OK(memory_map(self->g.pt, GPA, self->host, PAGES_ * PAGE_BYTES, MEM_W));
	OK(guest_add_vp(&self->g, 0, guest_touches, GPA));
	RUN(GUEST_SYNC, &self->g, 0);
	GET(ACCESSED, CLEAR, PAGES_);
	GET(DIRTY, CLEAR, PAGES_);
}

MSHV_TEARDOWN(bitmap)

TEST_F(bitmap, each_page_has_its_bit)
{
	RUN(GUEST_SYNC, &self->g, 0);
	GET(DIRTY, CLEAR, PAGES_);
	EXPECT_TRUE(bit(self, WRITTEN));
	EXPECT_TRUE(bit(self, FAR));
	EXPECT_EQ(2u, count(self, PAGES_));
	GET(DIRTY, CLEAR, PAGES_);
	EXPECT_EQ(0u, count(self, PAGES_));
	/* What was read is accessed, and was not dirty. */
	GET(ACCESSED, CLEAR, PAGES_);
	EXPECT_TRUE(bit(self, WRITTEN));
	EXPECT_TRUE(bit(self, READ));
	EXPECT_TRUE(bit(self, FAR));
	EXPECT_EQ(3u, count(self, PAGES_));
}

/* A page that nobody accessed was not written either. */
TEST_F(bitmap, not_accessed_is_not_dirty)
{
	RUN(GUEST_SYNC, &self->g, 0);
	GET(ACCESSED, CLEAR, PAGES_);
	EXPECT_EQ(3u, count(self, PAGES_));
	GET(DIRTY, CLEAR, PAGES_);
	EXPECT_EQ(0u, count(self, PAGES_));
}

/* And one that was written was accessed. */
TEST_F(bitmap, dirty_is_accessed)
{
	GET(DIRTY, SET, 8);
	GET(ACCESSED, CLEAR, 8);
	EXPECT_EQ(8u, count(self, 8));
}

TEST_F(bitmap, accessed_is_not_dirty)
{
	GET(ACCESSED, SET, 8);
	GET(DIRTY, CLEAR, 8);
	EXPECT_EQ(0u, count(self, 8));
	GET(ACCESSED, CLEAR, 8);
	EXPECT_EQ(8u, count(self, 8));
}

/* A symbol of this name is in the kernel. */
static bool kernel_has(const char *function)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[256], name[128];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %127s", name) == 1 && !strcmp(name, function);
	if (f)
		fclose(f);
	return found;
}

/*
 * What belongs to no page is zero, and behind the last byte nothing changes. Where KASAN
 * sees it, fewer than eight pages get a machine of their own: docs/driver-findings.md, F30.
 */
TEST_F(bitmap, behind_the_last_page)
{
	unsigned int pages = kernel_has("kasan_report") ? 8 : 1;

	for (; pages < 16; pages++) {
		GET(DIRTY, SET, 16);
		GET(DIRTY, SET, pages);
		EXPECT_EQ(pages, count(self, (pages + 7) / 8 * 8));
		EXPECT_EQ(0xaa, self->bits[(pages + 7) / 8]);
	}
}

GUEST_TEST_MAIN
