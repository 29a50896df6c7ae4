// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest reaches and what the process that owns its memory has there: the
 * simulator compares them, here with the driver as it is and with one that was
 * deceived. Needs the simulator, and one that runs guests.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "sim.h"

#define GPA	GUEST_HOLE_GPA
#define NPAGES	16

FIXTURE(owner) {
	struct env env;
	struct guest g;
	uint64_t id;
	uint8_t *host;
	int ctl;
};

/* An argument of a guest: how it goes through the memory. */
enum { FOR_READING, FOR_WRITING };

static void guest_touches(uint64_t writing)
{
	volatile uint8_t *byte = guest_ptr(GPA);
	int i;

	for (i = 0; i < NPAGES; i++) {
		if (writing == FOR_WRITING)
			byte[i * PAGE_BYTES] = 1;
		else
			(void)byte[i * PAGE_BYTES];
	}
}

FIXTURE_SETUP(owner)
{
	struct mshv_sim_probe p;

	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &p));
	if (!(p.features & MSHV_SIM_HAS_OWNER))
		SKIP(return, "mshv_sim was loaded with owner=0");
	self->host = PAGES(NPAGES * PAGE_BYTES);
	OK(guest_create(&self->g, 0));
	self->id = sim_newest_partition(self->ctl);
	OK(memory_map(self->g.pt, GPA, self->host, NPAGES * PAGE_BYTES, MEM_W));
	OK(guest_add_vp(&self->g, 0, guest_touches, FOR_WRITING));
	RUN(GUEST_DONE, &self->g, 0);
}

MSHV_TEARDOWN(owner)

static struct mshv_sim_check check_all(struct __test_metadata *_metadata, int ctl, uint64_t id)
{
	struct mshv_sim_check check = { .size = sizeof(check), .partition = id };

	EXPECT_EQ(0, sim_ioctl(ctl, MSHV_SIM_CHECK, &check));
	return check;
}

#define CHECK(self)	check_all(_metadata, (self)->ctl, (self)->id)

/* From now on the driver only believes that it takes memory from the guest. */
static int deceive(int ctl, uint64_t id, uint16_t code)
{
	struct mshv_sim_fault lie = {
		.size = sizeof(lie), .flags = MSHV_SIM_FAULT_STATUS, .code = code,
		.partition = id, .vp = MSHV_SIM_ANY_VP,
	};

	return sim_ioctl(ctl, MSHV_SIM_FAULT_ADD, &lie);
}

/* Ends it: what the guest has still got is nobody's fault but the test's. */
static void forgive_the_rest(int ctl, struct guest *g)
{
	close(g->vp[0].fd);
	close(g->pt);
	sim_forgive(ctl, NULL);
}

TEST_F(owner, same_pages)
{
	struct mshv_sim_check c = CHECK(self);

	EXPECT_U64(0, c.found);
	EXPECT_LE(NPAGES, (int64_t)c.compared);
	EXPECT_EQ(c.pages, c.compared);
}

/* The driver follows whatever the process does. */
TEST_F(owner, follows)
{
	struct guest *g = &self->g;
	uint64_t before = CHECK(self).compared;

	ASSERT_EQ(0, madvise(self->host, 4 * PAGE_BYTES, MADV_DONTNEED));
	EXPECT_U64(before - 4, CHECK(self).compared);
	ASSERT_EQ(0, mprotect(self->host, 8 * PAGE_BYTES, PROT_READ));
	EXPECT_U64(before - 8, CHECK(self).compared);
	ASSERT_EQ(0, mprotect(self->host, 8 * PAGE_BYTES, PROT_READ | PROT_WRITE));
	OK(guest_add_vp(g, 1, guest_touches, FOR_WRITING));
	RUN(GUEST_DONE, g, 1);
	EXPECT_U64(before, CHECK(self).compared);
	EXPECT_U64(0, CHECK(self).found);
}

/* A child has the same pages, which nobody may write from then on. */
TEST_F(owner, fork_takes_all)
{
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(0);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_U64(0, CHECK(self).found);
	OK(guest_add_vp(&self->g, 1, guest_touches, FOR_WRITING));
	RUN(GUEST_DONE, &self->g, 1);
	EXPECT_U64(0, CHECK(self).found);
}

/*
 * From here on there are violations. A module that was loaded with audit_ms= finds
 * some of them more often than the test asks.
 */

/* Memory that is taken away, and that the guest keeps, is seen when it happens. */
TEST_F(owner, keeps_what_was_lost)
{
	struct mshv_sim_violation v = {};

	OK(deceive(self->ctl, self->id, HVCALL_MAP_GPA_PAGES));
	EXPECT_EQ(0, sim_forgive(self->ctl, NULL));
	ASSERT_EQ(0, madvise(self->host + PAGE_BYTES, 3 * PAGE_BYTES, MADV_DONTNEED));
	EXPECT_EQ(1, sim_forgive_text(self->ctl, ": 3 pages from gfn 0x40001 on are lost",
				      &v, NULL));
	EXPECT_U64(getpid(), v.pid);
	forgive_the_rest(self->ctl, &self->g);
}

/* Another page is there in the meantime: what the guest sees is not the owner's. */
TEST_F(owner, has_another_page)
{
	OK(deceive(self->ctl, self->id, HVCALL_MAP_GPA_PAGES));
	ASSERT_EQ(0, madvise(self->host, PAGE_BYTES, MADV_DONTNEED));
	/* The page that was freed would be the next to be given out. */
	memset(PAGES(64 * PAGE_BYTES), 1, 64 * PAGE_BYTES);
	self->host[0] = 1;
	sim_forgive(self->ctl, NULL);
	EXPECT_LE(1, (int64_t)CHECK(self).found);
	EXPECT_LE(1, sim_forgive_text(self->ctl, ": 1 pages from gfn 0x40000 on: pfn", NULL, NULL));
	forgive_the_rest(self->ctl, &self->g);
}

/* Fewer rights: the owner would get a copy of its own when it writes. */
TEST_F(owner, has_fewer_rights)
{
	int wait_for[2], status;
	char end;
	pid_t pid;

	ASSERT_EQ(0, pipe(wait_for));
	OK(deceive(self->ctl, self->id, HVCALL_MAP_GPA_PAGES));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(wait_for[1]);
		_exit(read(wait_for[0], &end, 1) != 0);
	}
	EXPECT_LE(1, sim_forgive_text(self->ctl, "are lost", NULL, NULL));
	EXPECT_LE(1, (int64_t)CHECK(self).found);
	EXPECT_LE(1, sim_forgive_text(self->ctl, ": 16 pages from gfn 0x40000 on: owner can't write",
				      NULL, NULL));
	close(wait_for[1]);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	forgive_the_rest(self->ctl, &self->g);
}

/* After an unmap that did not happen nobody looks after the pages any more. */
TEST_F(owner, let_go_but_mapped)
{
	OK(deceive(self->ctl, self->id, HVCALL_UNMAP_GPA_PAGES));
	OK(memory_unmap(self->g.pt, GPA, self->host, NPAGES * PAGE_BYTES));
	EXPECT_EQ(0, sim_forgive(self->ctl, NULL));
	EXPECT_U64(NPAGES, CHECK(self).found);
	EXPECT_EQ(NPAGES, sim_forgive_text(self->ctl, "not pinned or watched", NULL, NULL));
	forgive_the_rest(self->ctl, &self->g);
}

GUEST_TEST_MAIN
