// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a guest is that of a process, which goes on doing with it what
 * processes do: whatever that is, the guest sees what the process sees.
 */
#include <linux/mman.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"
#include "x86/region.h"
#include "huge.h"
#include "sim.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define GPA		GUEST_HOLE_GPA
#define HUGE_BYTES	(2ull << 20)
#define HUGE_PAGES	(HUGE_BYTES / PAGE_BYTES)
#define REGION_PAGES	(2 * HUGE_PAGES)
#define REGION_BYTES	(REGION_PAGES * PAGE_BYTES)
#define POOL		"/sys/kernel/mm/hugepages/hugepages-2048kB"
#define POOL_PAGES	8	/* a region, what it moves to, and copies for a child */

/* What the guest is to do next: fill, check, or find zero. */
static struct {
	struct region r;
	guest_fn *what;
} work;

static void guest_works(uint64_t arg)
{
	(void)arg;
	for (;;) {
		work.what((uintptr_t)&work.r);
		guest_sync(0, work.r.seed);
	}
}

/* A guest, and memory of the test that it has at GPA. */
struct movable {
	struct guest g;
	char *host;
	struct region r;
};

/* A number of the pool of large pages. */
static long pool(const char *name)
{
	char path[128];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), POOL "/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (fscanf(f, "%ld", &value) != 1)
		value = -EPROTO;
	fclose(f);
	return value;
}

/* Those that nobody has, or was promised. */
static long pool_free(void)
{
	return pool("free_hugepages") - pool("resv_hugepages");
}

/* What others use stays theirs: there are only more than before, until the test ends. */
static bool pool_has_enough(void)
{
	long missing = POOL_PAGES - pool_free(), all = pool("nr_hugepages");
	char count[32];

	if (all < 0)
		return false;
	if (missing > 0) {
		snprintf(count, sizeof(count), "%ld", all + missing);
		borrow_and_write(POOL "/nr_hugepages", count);
	}
	return pool_free() >= POOL_PAGES;
}

/* At an address that large pages can begin at, with room behind it. */
static char *map_region(int map_flags)
{
	char *p = mmap(NULL, 2 * REGION_BYTES + HUGE_BYTES, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return p;
	p = (char *)(((uintptr_t)p + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	return mmap(p, REGION_BYTES, PROT_READ | PROT_WRITE, map_flags | MAP_FIXED, -1, 0);
}

static int movable_begin(struct movable *m, int map_flags, uint64_t pt_flags)
{
	int ret;

	m->host = map_region(map_flags);
	if (m->host == MAP_FAILED)
		return -errno;
	m->r = (struct region){ .gpa = GPA, .pages = REGION_PAGES };
	ret = guest_create(&m->g, pt_flags);
	if (!ret)
		ret = memory_map(m->g.pt, GPA, m->host, REGION_BYTES, MEM_W);
	return ret ? ret : guest_add_vp(&m->g, 0, guest_works, 0);
}

static void tell(struct guest *g, guest_fn *what, const struct region *r)
{
	typeof(work) *w = guest_copy_of(g, &work);

	w->r = *r;
	w->what = what;
}

/* One piece of work; pages that the guest finds otherwise are a failure. */
#define GUEST_DOES(what, seed_) do {					\
	self->m.r.seed = (seed_);					\
	tell(&self->m.g, what, &self->m.r);				\
	RUN(GUEST_SYNC, &self->m.g, 0);					\
} while (0)

#define EXPECT_HOST_SEES(at, seed_) do {				\
	self->m.r.seed = (seed_);					\
	EXPECT_U64(0, region_host_differs(at, &self->m.r));		\
} while (0)

FIXTURE(movable) {
	struct env env;
	struct movable m;
};

FIXTURE_VARIANT(movable) {
	int map_flags;
	uint64_t pt_flags;
};

FIXTURE_VARIANT_ADD(movable, private) {
	.map_flags = MAP_PRIVATE | MAP_ANONYMOUS,
};

FIXTURE_VARIANT_ADD(movable, shared) {
	.map_flags = MAP_SHARED | MAP_ANONYMOUS,
};

FIXTURE_VARIANT_ADD(movable, large_gpa_pages) {
	.map_flags = MAP_PRIVATE | MAP_ANONYMOUS,
	.pt_flags = PT(GPA_SUPER_PAGES),
};

FIXTURE_VARIANT_ADD(movable, hugetlb) {
	.map_flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB,
	.pt_flags = PT(GPA_SUPER_PAGES),
};

static bool is_private(const FIXTURE_VARIANT(movable) *variant)
{
	return variant->map_flags & MAP_PRIVATE;
}

FIXTURE_SETUP(movable)
{
	MSHV_SETUP(self);
	if ((variant->map_flags & MAP_HUGETLB) && !pool_has_enough()) {
		EXPECT_EQ(0, borrow_give_back());
		SKIP(return, "%d huge pages are not to be had from " POOL, POOL_PAGES);
	}
	OK(movable_begin(&self->m, variant->map_flags, variant->pt_flags));
}

MSHV_TEARDOWN(movable)

/* ----------------------------------------------------------------- processes */

/* A child that waits for a byte, then judges its copy of the memory. */
static pid_t fork_witness(const char *host, struct region r, uint64_t seed, int *wake)
{
	int pipe_fds[2];
	pid_t pid;
	char c;

	if (pipe(pipe_fds))
		return -errno;
	pid = fork();
	if (!pid) {
		close(pipe_fds[1]);
		r.seed = seed;
		_exit(read(pipe_fds[0], &c, 1) != 1 || region_host_differs(host, &r));
	}
	close(pipe_fds[0]);
	*wake = pipe_fds[1];
	return pid;
}

/*
 * What is private is the guest's and the parent's; the child has a copy of the moment
 * of the fork, into which the guest must not write.
 */
TEST_F(movable, fork)
{
	int status, wake = -1;
	pid_t child;

	GUEST_DOES(region_guest_fills, 1);
	child = fork_witness(self->m.host, self->m.r, is_private(variant) ? 1 : 2, &wake);
	ASSERT_LE(0, child);
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
	ASSERT_EQ(1, write(wake, "", 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	GUEST_DOES(region_guest_checks, 2);
	GUEST_DOES(region_guest_fills, 3);
	EXPECT_HOST_SEES(self->m.host, 3);
	close(wake);
}

/* A VP that another process runs has the memory of the one that mapped it. */
TEST_F(movable, run_by_a_child)
{
	struct hv_message message;
	pid_t child;
	int status;

	self->m.r.seed = 7;
	tell(&self->m.g, region_guest_fills, &self->m.r);
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(vp_run(self->m.g.vp[0].fd, &message) ||
		      message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
		      (is_private(variant) &&
		       region_host_differs(self->m.host, &self->m.r) != REGION_PAGES));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_HOST_SEES(self->m.host, 7);
	/* The child has not gone behind the guest's call: it comes again. */
	RUN(GUEST_SYNC, &self->m.g, 0);
	GUEST_DOES(region_guest_checks, 7);
}

/* ---------------------------------------------- what an address leads to changes */

TEST_F(movable, mremap)
{
	char *elsewhere = self->m.host + REGION_BYTES;

	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(elsewhere, mremap(self->m.host, REGION_BYTES, REGION_BYTES,
				    MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere));
	EXPECT_HOST_SEES(elsewhere, 1);
	/* The guest has what is at the address, and not what was there. */
	ASSERT_EQ(self->m.host, mmap(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE,
				   variant->map_flags | MAP_FIXED_NOREPLACE, -1, 0));
	GUEST_DOES(region_guest_finds_zero, 0);
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
	EXPECT_HOST_SEES(elsewhere, 1);
	/* And back, over what is there now. */
	ASSERT_EQ(self->m.host, mremap(elsewhere, REGION_BYTES, REGION_BYTES,
				     MREMAP_MAYMOVE | MREMAP_FIXED, self->m.host));
	GUEST_DOES(region_guest_checks, 1);
}

TEST_F(movable, munmap)
{
	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(0, munmap(self->m.host, REGION_BYTES));
	ASSERT_EQ(self->m.host, mmap(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE,
				   variant->map_flags | MAP_FIXED, -1, 0));
	GUEST_DOES(region_guest_finds_zero, 0);
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
}

/* Rights that come back before the guest needs them. */
TEST_F(movable, mprotect)
{
	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(0, mprotect(self->m.host, REGION_BYTES, PROT_READ));
	EXPECT_HOST_SEES(self->m.host, 1);
	ASSERT_EQ(0, mprotect(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE));
	GUEST_DOES(region_guest_checks, 1);
	ASSERT_EQ(0, mprotect(self->m.host, REGION_BYTES, PROT_NONE));
	ASSERT_EQ(0, mprotect(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE));
	GUEST_DOES(region_guest_checks, 1);
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
}

/* ------------------------------------------------- the same memory, other pages */

TEST_F(movable, mlock)
{
	if (mlock(self->m.host, REGION_BYTES))
		SKIP(return, "mlock: %s", strerror(errno));
	GUEST_DOES(region_guest_fills, 1);
	EXPECT_HOST_SEES(self->m.host, 1);
	GUEST_DOES(region_guest_checks, 1);
	ASSERT_EQ(0, munlock(self->m.host, REGION_BYTES));
	GUEST_DOES(region_guest_checks, 1);
	ASSERT_EQ(0, mlock2(self->m.host, REGION_BYTES, MLOCK_ONFAULT));
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
}

/*
 * A page that user space fills is there for the guest. (One that is missing is not
 * waited for: see "userfaultfd_memory" of defect_vm.)
 */
TEST_F(movable, userfaultfd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)self->m.host, .len = REGION_BYTES },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = { .dst = range.range.start, .len = REGION_BYTES };
	char *source = PAGES(REGION_BYTES);
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		SKIP(return, "userfaultfd: %s", strerror(errno));
	ASSERT_EQ(0, ioctl(fd, UFFDIO_API, &api));
	ASSERT_EQ(0, ioctl(fd, UFFDIO_REGISTER, &range));
	self->m.r.seed = 5;
	region_host_fills(source, &self->m.r);
	copy.src = (uintptr_t)source;
	ASSERT_EQ(0, ioctl(fd, UFFDIO_COPY, &copy));
	EXPECT_U64(REGION_BYTES, copy.copy);
	GUEST_DOES(region_guest_checks, 5);
	GUEST_DOES(region_guest_fills, 6);
	EXPECT_HOST_SEES(self->m.host, 6);
	/* Gone, filled again, and still the guest's. */
	ASSERT_EQ(0, madvise(self->m.host, REGION_BYTES, MADV_DONTNEED));
	if (!is_private(variant))
		ASSERT_EQ(0, madvise(self->m.host, REGION_BYTES, MADV_REMOVE));
	copy.copy = 0;
	ASSERT_EQ(0, ioctl(fd, UFFDIO_COPY, &copy));
	GUEST_DOES(region_guest_checks, 5);
	close(fd);
	GUEST_DOES(region_guest_fills, 7);
	EXPECT_HOST_SEES(self->m.host, 7);
}

/* ---------------------------------------------------------- all that at once */

static int be_guest(struct racer *r)
{
	struct guest *g = r->arg;
	typeof(work) *w = guest_copy_of(g, &work);
	int event = guest_run(g, 0);

	if (event == -EINTR)
		return 0;
	if (event != GUEST_SYNC) {
		ksft_print_msg("%s\n", guest_describe(g, 0, event));
		return event < 0 ? event : -EPROTO;
	}
	/* In turn: fill with a new seed, and find that. */
	if (w->what == region_guest_checks)
		w->r.seed++;
	w->what = w->what == region_guest_checks ? region_guest_fills : region_guest_checks;
	return 0;
}

/* Whatever keeps the content, while the guest runs: it keeps it for the guest, too. */
TEST_F_TIMEOUT(movable, storm, 3600)
{
	struct racer runner;
	struct race race;
	pid_t child;

	self->m.r.seed = 1;
	tell(&self->m.g, region_guest_fills, &self->m.r);
	OK(racer_start(&runner, be_guest, &self->m.g, 0));
	race_start(&race, 10);
	while (race_goes_on(&race)) {
		child = fork();
		ASSERT_LE(0, child);
		if (!child)
			_exit(0);
		ASSERT_EQ(child, waitpid(child, NULL, 0));
		mlock(self->m.host, HUGE_BYTES);
		munlock(self->m.host, HUGE_BYTES);
		madvise(self->m.host, REGION_BYTES, MADV_COLLAPSE);
		madvise(self->m.host + 5 * PAGE_BYTES, PAGE_BYTES, MADV_COLD);
		huge_compact();
	}
	EXPECT_EQ(0, racer_wait(&runner, 4));
	EXPECT_EQ(0, racer_stop(&runner));
}

/* ---------------------------------------------- large pages that come and go */

FIXTURE(large) {
	struct env env;
	struct movable m;
};

FIXTURE_VARIANT(large) {
	uint64_t pt_flags;
};

FIXTURE_VARIANT_ADD(large, small_gpa_pages) {
	.pt_flags = 0,
};

FIXTURE_VARIANT_ADD(large, large_gpa_pages) {
	.pt_flags = PT(GPA_SUPER_PAGES),
};

FIXTURE_SETUP(large)
{
	MSHV_SETUP(self);
	OK(movable_begin(&self->m, MAP_PRIVATE | MAP_ANONYMOUS, variant->pt_flags));
}

MSHV_TEARDOWN(large)

/* Small pages become large ones below a guest that uses them. */
TEST_F(large, collapse)
{
	int ret;

	if (madvise(self->m.host, REGION_BYTES, MADV_NOHUGEPAGE))
		SKIP(return, "no transparent huge pages: %s", strerror(errno));
	GUEST_DOES(region_guest_fills, 1);
	EXPECT_EQ(0, huge_kilobytes(self->m.host));
	ASSERT_EQ(0, madvise(self->m.host, REGION_BYTES, MADV_HUGEPAGE));
	ret = huge_collapse(self->m.host, REGION_BYTES);
	if (ret)
		SKIP(return, "MADV_COLLAPSE: %s", strerror(-ret));
	EXPECT_EQ(REGION_BYTES / 1024, (uint64_t)huge_kilobytes(self->m.host));
	GUEST_DOES(region_guest_checks, 1);
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
}

/*
 * One page out of the middle of a large one: the others are as they were. The driver
 * takes the rest of a large page for all of it.
 */
TEST_F(large, split)
{
	const uint64_t middle = HUGE_PAGES / 2 + 3;
	const int ctl = sim_open();	/* there may be no simulator */
	struct region whole = self->m.r;
	int event, others = 0;
	char text[64];

	NEEDS_HUGE_PAGES(self->m.host, REGION_BYTES);
	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(0, madvise(self->m.host + middle * PAGE_BYTES, PAGE_BYTES, MADV_DONTNEED));
	EXPECT_U64(1, region_host_differs(self->m.host, &self->m.r));
	self->m.r.gpa = GPA + middle * PAGE_BYTES;
	self->m.r.pages = 1;
	tell(&self->m.g, region_guest_finds_zero, &self->m.r);
	event = guest_run(&self->m.g, 0);
	if (event == GUEST_FAILED) {
		/* An audit (audit_ms=) may have seen it, too. */
		close(self->m.g.vp[0].fd);
		close(self->m.g.pt);
		snprintf(text, sizeof(text), "1 pages from gfn %#llx on",
			 (unsigned long long)GPA / PAGE_BYTES + middle);
		if (ctl >= 0)
			OK(sim_forgive_text(ctl, text, NULL, &others));
		EXPECT_EQ(0, others);
		DRIVER_DEFECT(return, "the guest keeps a page that the process gave away");
	}
	ASSERT_EQ(GUEST_SYNC, event);
	/* What was before it, and the second large page. */
	self->m.r = whole;
	self->m.r.pages = middle;
	GUEST_DOES(region_guest_checks, 1);
	self->m.r = whole;
	GUEST_DOES(region_guest_fills, 2);
	EXPECT_HOST_SEES(self->m.host, 2);
}

/*
 * "The pages in the range may be freed, until the caller writes to them": by a guest,
 * too.
 */
TEST_F(large, write_after_madv_free)
{
	uint64_t differs;

	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(0, madvise(self->m.host, REGION_BYTES, MADV_FREE));
	GUEST_DOES(region_guest_fills, 2);
	/* The pages that may be freed are freed now. */
	if (madvise(self->m.host, REGION_BYTES, MADV_PAGEOUT))
		SKIP(return, "MADV_PAGEOUT: %s", strerror(errno));
	self->m.r.seed = 2;
	differs = region_host_differs(self->m.host, &self->m.r);
	if (differs)
		DRIVER_DEFECT(return, "%lu of %llu pages that the guest wrote are lost",
			      (unsigned long)differs, REGION_PAGES);
	GUEST_DOES(region_guest_checks, 2);
}

/* The large page of the process is none of the guest: its address is another one. */
TEST_F(large, between_two_large_pages)
{
	const uint64_t gpa = GPA + 2 * REGION_BYTES + PAGE_BYTES;

	NEEDS_HUGE_PAGES(self->m.host, REGION_BYTES);
	memset(self->m.host, 1, REGION_BYTES);
	OK(memory_map(self->m.g.pt, gpa, self->m.host, REGION_BYTES, MEM_W));
	self->m.r.gpa = gpa;
	GUEST_DOES(region_guest_fills, 1);
	EXPECT_HOST_SEES(self->m.host, 1);
}

/* Nor has it more of one than its region has: behind that there is nothing. */
TEST_F(large, part_of_a_large_page)
{
	const uint64_t gpa = GPA + 2 * REGION_BYTES, pages = HUGE_PAGES + 1;

	NEEDS_HUGE_PAGES(self->m.host, REGION_BYTES);
	memset(self->m.host, 1, REGION_BYTES);
	OK(memory_map(self->m.g.pt, gpa, self->m.host, pages * PAGE_BYTES, MEM_W));
	self->m.r.gpa = gpa;
	self->m.r.pages = pages;
	GUEST_DOES(region_guest_fills, 1);
	EXPECT_HOST_SEES(self->m.host, 1);
	self->m.r.gpa = gpa + pages * PAGE_BYTES;
	self->m.r.pages = 1;
	tell(&self->m.g, region_guest_fills, &self->m.r);
	RUN_TO(HVMSG_UNMAPPED_GPA, &self->m.g, 0);
}

/* A file that is mapped again has the content that the guest gave it. */
TEST_F(large, memfd)
{
	int fd;

	fd = syscall(SYS_memfd_create, "movable", 1u /* MFD_CLOEXEC */);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, REGION_BYTES));
	ASSERT_EQ(self->m.host, mmap(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, fd, 0));
	GUEST_DOES(region_guest_fills, 1);
	ASSERT_EQ(0, munmap(self->m.host, REGION_BYTES));
	ASSERT_EQ(self->m.host, mmap(self->m.host, REGION_BYTES, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, fd, 0));
	GUEST_DOES(region_guest_checks, 1);
	/* A hole is zero for both. */
	ASSERT_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, REGION_BYTES));
	GUEST_DOES(region_guest_finds_zero, 0);
}

GUEST_TEST_MAIN
