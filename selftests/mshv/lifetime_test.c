// SPDX-License-Identifier: GPL-2.0-only
/* Partitions come and go: in each order, often, and without a trace. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x86/guest_test.h"

static void guest_outs(uint64_t arg)
{
	for (;;)
		guest_outl(0x100, arg);
}

FIXTURE(lifetime) {
	struct env env;
};

FIXTURE_SETUP(lifetime)
{
	MSHV_SETUP(self);
}

MSHV_TEARDOWN(lifetime)

/* What a running guest is held by. */
enum { DEVICE, PARTITION, VP, MAPPING, HOLDERS };

struct holders {
	struct guest g;
	void *page;
};

static void drop(struct __test_metadata *_metadata, struct holders *h, int which)
{
	switch (which) {
	case DEVICE:
		ASSERT_EQ(0, close(h->g.dev));
		break;
	case PARTITION:
		ASSERT_EQ(0, close(h->g.pt));
		break;
	case VP:
		ASSERT_EQ(0, close(h->g.vp[0].fd));
		break;
	case MAPPING:
		ASSERT_EQ(0, munmap(h->page, PAGE_BYTES));
		break;
	}
}

static void one_order(struct __test_metadata *_metadata, const int order[HOLDERS])
{
	struct holders h;
	bool vp_open = true;
	int i;

	OK(guest_create(&h.g, 0));
	OK(guest_add_vp(&h.g, 0, guest_outs, 1));
	h.page = vp_state_page(h.g.vp[0].fd, MSHV_VP_MMAP_OFFSET_REGISTERS,
			       PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, h.page);
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &h.g, 0);
	for (i = 0; i < HOLDERS; i++) {
		drop(_metadata, &h, order[i]);
		vp_open &= order[i] != VP;
		/* As long as its file is open, the VP runs. */
		if (vp_open)
			RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &h.g, 0);
	}
	ASSERT_EQ(0, munmap(h.g.ram, GUEST_RAM_BYTES));
}

TEST_F(lifetime, close_in_each_order)
{
	int order[HOLDERS], code, seen, i;

	/* All numbers of four digits, base four, with different digits. */
	for (code = 0; code < 256; code++) {
		for (i = seen = 0; i < HOLDERS; i++) {
			order[i] = code >> 2 * i & 3;
			seen |= 1 << order[i];
		}
		if (seen == 0xf)
			one_order(_metadata, order);
	}
}

TEST_F(lifetime, hundred_cycles)
{
	struct env_ledger ledger;
	struct guest g;
	unsigned int i;
	int cycle;

	for (cycle = 0; cycle < 100; cycle++) {
		OK(guest_create(&g, cycle % 2 ? PT(LAPIC) : 0));
		OK(guest_add_vp(&g, 0, guest_outs, cycle));
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &g, 0);
		ASSERT_EQ(cycle, (int)guest_payload(&g, 0, hv_x64_io_port_intercept_message)->rax);
		ASSERT_EQ(0, close(g.vp[0].fd));
		ASSERT_EQ(0, close(g.pt));
		ASSERT_EQ(0, close(g.dev));
		ASSERT_EQ(0, munmap(g.ram, GUEST_RAM_BYTES));

		if (!self->env.sim)
			continue;
		OK(env_ledger_read(&ledger));
		for (i = 0; i < ledger.count; i++) {
			ASSERT_EQ(0, ledger.entry[i].value) {
				TH_LOG("cycle %d: %s", cycle, ledger.entry[i].name);
			}
		}
	}
}

/* ------------------------------------------------------------- fork and exec */

static long long ledger_partitions(void)
{
	struct env_ledger ledger;
	unsigned int i;

	if (env_ledger_read(&ledger))
		return -1;
	for (i = 0; i < ledger.count; i++)
		if (!strcmp(ledger.entry[i].name, "partitions"))
			return ledger.entry[i].value;
	return -1;
}

/*
 * A child that holds what it was given until it is killed, as this program or, with
 * @exec, as another one.
 */
static pid_t holder_start(struct __test_metadata *_metadata, bool exec)
{
	int fds[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid && exec) {
		dup2(fds[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", "echo; exec sleep 1000", NULL);
		_exit(127);
	}
	if (!pid) {
		(void)!write(fds[1], "x", 1);
		pause();
		_exit(0);
	}
	/* It says when it is there. */
	close(fds[1]);
	ASSERT_EQ(1, read(fds[0], &c, 1));
	close(fds[0]);
	return pid;
}

static void holder_kill(struct __test_metadata *_metadata, pid_t pid)
{
	int status;

	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
}

static void drop_all(struct guest *g)
{
	close(g->vp[0].fd);
	close(g->pt);
	close(g->dev);
}

/*
 * A child has the files of its parent, too: it ends nothing when it closes them, and
 * holds what the parent closes.
 */
TEST_F(lifetime, forked)
{
	struct guest g;
	pid_t child;
	int status;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_outs, 1));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &g, 0);
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		drop_all(&g);
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(1, ledger_partitions());
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &g, 0);

	child = holder_start(_metadata, false);
	drop_all(&g);
	EXPECT_EQ(1, ledger_partitions());
	holder_kill(_metadata, child);
	EXPECT_EQ(0, ledger_partitions());
}

/* A program that a child starts has none of them, ... */
TEST_F(lifetime, execed)
{
	struct guest g;
	pid_t child;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_outs, 1));
	EXPECT_EQ(FD_CLOEXEC, fcntl(g.pt, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(g.vp[0].fd, F_GETFD));
	child = holder_start(_metadata, true);
	EXPECT_EQ(1, ledger_partitions());
	drop_all(&g);
	EXPECT_EQ(0, ledger_partitions());
	holder_kill(_metadata, child);
}

/* ... unless it was to have them: one is enough to keep the partition. */
TEST_F(lifetime, execed_with_the_vp)
{
	struct guest g;
	pid_t child;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_outs, 1));
	ASSERT_EQ(0, fcntl(g.vp[0].fd, F_SETFD, 0));
	child = holder_start(_metadata, true);
	drop_all(&g);
	EXPECT_EQ(1, ledger_partitions());
	holder_kill(_metadata, child);
	EXPECT_EQ(0, ledger_partitions());
}

/* ---------------------------------------------------------------- what is left */

/* Memory may be mapped before the partition is initialized, and left behind. */
TEST_F(lifetime, memory_without_initialize)
{
	void *host = PAGES(PAGE_BYTES);
	long long before, after;
	int dev, pt;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(env_sim_info("orphaned_pages:", &before));
	dev = OK(dev_open());
	pt = OK(partition_create(dev, 0));
	OK(memory_map(pt, 0x100000, host, PAGE_BYTES, MEM_W));
	ASSERT_EQ(0, close(pt));
	OK(env_sim_info("orphaned_pages:", &after));
	if (after > before)
		DRIVER_DEFECT(return, "%lld deposited pages are lost", after - before);
}

/* Only a simulator shows what it holds. */
TEST_F(lifetime, ledger_counts)
{
	struct env_ledger before, during;
	unsigned int i, grown = 0;
	struct guest g;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(env_ledger_read(&before));
	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_outs, 0));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &g, 0);
	OK(env_ledger_read(&during));
	ASSERT_EQ(before.count, during.count);
	for (i = 0; i < during.count; i++)
		grown += during.entry[i].value > before.entry[i].value;
	/* At least: partitions, VPs, deposited and mapped pages. */
	EXPECT_LE(4u, grown);
}

GUEST_TEST_MAIN
