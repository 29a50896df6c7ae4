// SPDX-License-Identifier: GPL-2.0-only
/* /dev/mshv_vtl_low: the memory of VTL 0, mapped into a process of VTL 2. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mshv_test.h"
#include "x86/vtl.h"

#define MIB	(1ull << 20)
#define HUGE	(2 * MIB)

FIXTURE(low) {
	struct env env;
	struct vtl vtl;
	int fd;
	uint64_t gpa;
};

/* With memory that the driver was told of, and without: it maps both. */
FIXTURE_VARIANT(low) {
	bool added;
};

FIXTURE_VARIANT_ADD(low, added) {
	.added = true,
};

FIXTURE_VARIANT_ADD(low, not_added) {
	.added = false,
};

FIXTURE_SETUP(low)
{
	struct mshv_vtl_ram_disposition args;

	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
	self->fd = open(LOW_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	OK(vtl_take_memory(2 * HUGE, &self->gpa));
	if (!variant->added)
		return;
	args.start_pfn = self->gpa / PAGE_BYTES;
	args.last_pfn = args.start_pfn + 2 * HUGE / PAGE_BYTES;
	OK(mshv_ioctl(self->vtl.fd, MSHV_ADD_VTL0_MEMORY, &args));
}

MSHV_TEARDOWN(low)

/* At an address with the given offset within @align. */
static char *map(int fd, uint64_t gpa, size_t bytes, int prot, int flags, size_t align,
		 size_t offset)
{
	char *space, *p;

	space = mmap(NULL, bytes + 2 * align, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return NULL;
	p = (char *)(((uintptr_t)space + align - 1) / align * align + offset);
	p = mmap(p, bytes, prot, flags | MAP_FIXED, fd, gpa);
	return p == MAP_FAILED ? NULL : p;
}

#define RW	(PROT_READ | PROT_WRITE)

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

TEST_F(low, shared)
{
	uint64_t value = 0x1122334455667788, seen = 0;
	char *p = map(self->fd, self->gpa + PAGE_BYTES, PAGE_BYTES, RW, MAP_SHARED, PAGE_BYTES, 0);
	char *again = map(self->fd, self->gpa, 2 * PAGE_BYTES, RW, MAP_SHARED, PAGE_BYTES, 0);

	ASSERT_NE(NULL, p);
	ASSERT_NE(NULL, again);
	/* VTL 0 sees it, and we see what VTL 0 does. */
	memcpy(p + 16, &value, sizeof(value));
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa + PAGE_BYTES + 16, &seen, sizeof(seen), false));
	EXPECT_EQ(value, seen);
	EXPECT_EQ(0, memcmp(again + PAGE_BYTES + 16, &value, sizeof(value)));
	value = ~value;
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa + PAGE_BYTES + 16, &value, sizeof(value), true));
	EXPECT_EQ(0, memcmp(p + 16, &value, sizeof(value)));
}

/* 2 MiB at a time, where address and GPA are alike. */
TEST_F(low, huge_pages)
{
	char *p = map(self->fd, self->gpa, 2 * HUGE, RW, MAP_SHARED, HUGE, 0);
	uint64_t seen = 0, i;
	long before;

	ASSERT_NE(NULL, p);
	before = faults();
	for (i = 0; i < 2 * HUGE; i += PAGE_BYTES)
		p[i] = i >> 12;
	EXPECT_GE(8, faults() - before);
	for (i = 0; i < 2 * HUGE; i += 117 * PAGE_BYTES) {
		OK(vtl_sim_memory(self->vtl.ctl, self->gpa + i, &seen, 1, false));
		EXPECT_EQ((uint8_t)(i >> 12), seen);
	}
}

TEST_F(low, small_pages)
{
	char *p = map(self->fd, self->gpa, HUGE, RW, MAP_SHARED, HUGE, PAGE_BYTES);
	uint64_t seen = 0, i;
	long before;

	ASSERT_NE(NULL, p);
	before = faults();
	for (i = 0; i < HUGE; i += PAGE_BYTES)
		p[i] = ~(i >> 12);
	EXPECT_LE(512, faults() - before);
	for (i = 0; i < HUGE; i += 51 * PAGE_BYTES) {
		OK(vtl_sim_memory(self->vtl.ctl, self->gpa + i, &seen, 1, false));
		EXPECT_EQ((uint8_t)~(i >> 12), seen);
	}
}

/* A mapping that ends within a huge page does not get all of it. */
TEST_F(low, ends_inside)
{
	char *p = map(self->fd, self->gpa, HUGE + PAGE_BYTES, RW, MAP_SHARED, HUGE, 0);
	char *next = p + HUGE + PAGE_BYTES;

	ASSERT_NE(NULL, p);
	p[0] = p[HUGE] = 1;
	ASSERT_NE(MAP_FAILED, mmap(next, PAGE_BYTES, RW,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	next[0] = 0x77;
	p = map(self->fd, self->gpa + HUGE + PAGE_BYTES, PAGE_BYTES, RW, MAP_SHARED, PAGE_BYTES, 0);
	ASSERT_NE(NULL, p);
	EXPECT_NE(0x77, p[0]);
}

TEST_F(low, split)
{
	char *p = map(self->fd, self->gpa, HUGE, RW, MAP_SHARED, HUGE, 0);
	uint64_t seen = 0;

	ASSERT_NE(NULL, p);
	p[0] = 1;
	ASSERT_EQ(0, munmap(p + PAGE_BYTES, PAGE_BYTES));
	p[0] = 2;
	p[2 * PAGE_BYTES] = 3;
	ASSERT_EQ(0, mprotect(p, PAGE_BYTES, PROT_READ));
	p[3 * PAGE_BYTES] = 4;
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa, &seen, 1, false));
	EXPECT_U64(2, seen);
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa + 3 * PAGE_BYTES, &seen, 1, false));
	EXPECT_U64(4, seen);
}

static sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

TEST_F(low, read_only)
{
	struct sigaction action = { .sa_handler = on_fault };
	char *p = map(self->fd, self->gpa, HUGE, PROT_READ, MAP_SHARED, HUGE, 0);
	uint64_t value = 0x99, seen = 0;

	ASSERT_NE(NULL, p);
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa, &value, sizeof(value), true));
	EXPECT_EQ(0x99, *(volatile char *)p & 0xff);
	ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
	if (!sigsetjmp(fault, 1)) {
		*(volatile char *)p = 1;
		EXPECT_TRUE(false);
	}
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa, &seen, 1, false));
	EXPECT_U64(0x99, seen);
	/* A file that was opened for reading gives no more. */
	close(self->fd);
	self->fd = open(LOW_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE_BYTES, RW, MAP_SHARED, self->fd, self->gpa));
	EXPECT_EQ(EACCES, errno);
}

/* What a process writes for itself, VTL 0 does not see. */
static void private_write(struct __test_metadata *_metadata, FIXTURE_DATA(low) *self,
			  size_t offset)
{
	uint64_t value = 0x11, seen = 0;
	char *p;

	OK(vtl_sim_memory(self->vtl.ctl, self->gpa, &value, sizeof(value), true));
	p = map(self->fd, self->gpa, HUGE, RW, MAP_PRIVATE, HUGE, offset);
	if (!p)
		return; /* and it is fine not to have such mappings */
	p[0] = 0x22;
	EXPECT_EQ(0x22, p[0]);
	OK(vtl_sim_memory(self->vtl.ctl, self->gpa, &seen, sizeof(seen), false));
	if (seen == value)
		return;
	ASSERT_U64(0x22, seen);
	DRIVER_DEFECT(return, "a write to a private mapping reaches VTL 0");
}

TEST_F(low, private_small)
{
	private_write(_metadata, self, PAGE_BYTES);
}

TEST_F(low, private_huge)
{
	private_write(_metadata, self, 0);
}

TEST_F(low, fork)
{
	char *p = map(self->fd, self->gpa, HUGE, RW, MAP_SHARED, HUGE, 0);
	int status;
	pid_t pid;

	ASSERT_NE(NULL, p);
	p[0] = 1;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		p[PAGE_BYTES] = p[0] + 1;
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(2, p[PAGE_BYTES]);
}

/* The kernel can hold a page of it, as it does for direct I/O: here in a pipe. */
static void pin(struct __test_metadata *_metadata, FIXTURE_DATA(low) *self, bool added,
		size_t offset)
{
	char *p = map(self->fd, self->gpa, HUGE, RW, MAP_SHARED, HUGE, offset), copy[8] = "";
	struct iovec from = { p, sizeof(copy) };
	int ends[2];
	ssize_t n;

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, pipe(ends));
	memcpy(p, "pinned?", 8);
	n = vmsplice(ends[1], &from, 1, 0);
	if (!added) {
		/* no page, nothing to pin: the kernel has two words for it */
		EXPECT_EQ(-1, n);
		EXPECT_TRUE(errno == EFAULT || errno == EEXIST);
		return;
	}
	if (n == 8) {
		EXPECT_EQ(8, read(ends[0], copy, sizeof(copy)));
		EXPECT_STREQ("pinned?", copy);
		return;
	}
	ASSERT_TRUE(errno == EFAULT || errno == EEXIST);
	DRIVER_DEFECT(return, "V15: memory that was added can't be pinned all the same");
}

TEST_F(low, pinned_small)
{
	pin(_metadata, self, variant->added, PAGE_BYTES);
}

/* Without pages this ends the machine: vtl_defect_vm has that. */
TEST_F(low, pinned_huge)
{
	if (variant->added)
		pin(_metadata, self, true, 0);
}

/* 1 GiB at a time. */
TEST(low_giant_pages)
{
	int fd = open(LOW_DEVICE, O_RDWR | O_CLOEXEC);
	struct env env;
	long before;
	char *p;

	ASSERT_EQ(0, env_begin(&env));
	ASSERT_LE(0, fd);
	p = map(fd, LOW_GPA, LOW_BYTES, PROT_READ, MAP_SHARED, LOW_BYTES, 0);
	ASSERT_NE(NULL, p);
	before = faults();
	(void)*(volatile char *)p;
	(void)*(volatile char *)(p + LOW_BYTES / 2);
	(void)*(volatile char *)(p + LOW_BYTES - 1);
	EXPECT_EQ(1, faults() - before);
	ASSERT_EQ(0, munmap(p, LOW_BYTES));
	EXPECT_EQ(0, env_end(&env));
}

VTL_TEST_MAIN
