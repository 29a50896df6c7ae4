// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partitions in numbers: created and destroyed, killed with the process that has
 * them, and many at once. A program of its own, as the numbers that mean something
 * take long: $MSHV_CYCLES, $MSHV_KILLS and $MSHV_LIVE; see scripts/stress.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"

#define MOVED_PAGES	32

FIXTURE(churn) {
	struct env env;
	struct timespec start;
};

FIXTURE_SETUP(churn)
{
	MSHV_SETUP(self);
	clock_gettime(CLOCK_MONOTONIC, &self->start);
}

MSHV_TEARDOWN(churn)

static unsigned int number(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

/* The guest is this program: no floating point. */
static long seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec;
}

/* Number of entries of the ledger that differ, after the driver had time for them. */
static int ledger_differs(const struct env *env)
{
	const struct timespec a_while = { .tv_nsec = 10 * 1000 * 1000 };
	struct env_ledger now;
	unsigned int i;
	int tries, differ = 0;

	for (tries = 0; env->sim && tries < 6000; tries++) {
		if (env_ledger_read(&now) || now.count != env->ledger.count)
			return -1;
		for (i = differ = 0; i < now.count; i++)
			differ += now.entry[i].value != env->ledger.entry[i].value;
		if (!differ)
			break;
		nanosleep(&a_while, NULL);
	}
	return differ;
}

static int one_cycle(int dev, unsigned int kind)
{
	int pt = partition_create(dev, kind & 1 ? PT(LAPIC) : 0), vp = -1, ret = 0;

	if (pt < 0)
		return pt;
	/* One in eight ends before it has begun. */
	if (kind % 8 != 7)
		ret = partition_initialize(pt);
	if (!ret && kind % 8 != 7)
		ret = vp = vp_create(pt, 0);
	if (vp >= 0)
		close(vp);
	close(pt);
	return ret < 0 ? ret : 0;
}

TEST_F_TIMEOUT(churn, cycles, 36000)
{
	unsigned int i, cycles = number("MSHV_CYCLES", 500);
	int dev = OK(dev_open());

	for (i = 0; i < cycles; i++) {
		OK(one_cycle(dev, i));
		if (i % 1000 == 999)
			ASSERT_EQ(0, ledger_differs(&self->env));
	}
	EXPECT_EQ(0, ledger_differs(&self->env));
	ksft_print_msg("%u partitions created and destroyed in %ld s\n", cycles,
		       seconds_since(&self->start));
}

/* ------------------------------------------------------- what gets killed */

static void guest_spins(uint64_t arg)
{
	(void)arg;
	for (;;)
		asm volatile("pause");
}

/* Guests that exit, spin, and lose memory; a VMM that never comes to an end. */
static void busy_vmm(unsigned int seed)
{
	struct mshv_user_ioeventfd doorbell = {
		.addr = GUEST_HOLE_GPA, .len = 4, .fd = eventfd(0, EFD_CLOEXEC),
	};
	unsigned int vps = 1 + rand_r(&seed) % 4, i;
	struct racer runner[4];
	struct guest g;
	uint64_t moved;

	if (guest_create(&g, seed & 1 ? PT(LAPIC) : 0))
		_exit(1);
	moved = guest_alloc(&g, MOVED_PAGES * PAGE_BYTES);
	for (i = 0; i < vps; i++) {
		if (guest_add_vp(&g, i, i & 1 ? guest_spins : race_guest, i) ||
		    racer_start(&runner[i], race_run_vp, &g, i))
			_exit(1);
	}
	mshv_ioctl(g.pt, MSHV_IOEVENTFD, &doorbell);
	for (;;) {
		madvise(guest_host(&g, moved), MOVED_PAGES * PAGE_BYTES, MADV_DONTNEED);
		memset(guest_host(&g, moved), 1, MOVED_PAGES * PAGE_BYTES);
		if (vps < 4)
			one_cycle(g.dev, rand_r(&seed) % 7);
	}
}

TEST_F_TIMEOUT(churn, killed, 36000)
{
	unsigned int i, kills = number("MSHV_KILLS", 20), seed = 1, early = 0;
	int status;
	pid_t pid;

	for (i = 0; i < kills; i++) {
		unsigned int vmm = rand_r(&seed);
		/* From its first steps to some time after all VPs have run. */
		unsigned int us = rand_r(&seed) % (1u << (8 + rand_r(&seed) % 12));

		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			busy_vmm(vmm);
		usleep(us);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status)) {
			TH_LOG("VMM %u ended by itself: %#x", i, status);
		}
		early += us < 1000;
		if (i % 10 == 9)
			ASSERT_EQ(0, ledger_differs(&self->env));
	}
	EXPECT_EQ(0, ledger_differs(&self->env));
	ksft_print_msg("%u VMMs killed, %u within a millisecond, in %ld s\n", kills, early,
		       seconds_since(&self->start));
}

/* ---------------------------------------------------------- many at once */

TEST_F_TIMEOUT(churn, live, 36000)
{
	unsigned int i, live = number("MSHV_LIVE", 50);
	struct rlimit files = { live + 64, live + 64 };
	int *pt = calloc(live, sizeof(*pt)), dev = OK(dev_open());
	struct env_ledger ledger;
	long created;

	ASSERT_NE(NULL, pt);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	for (i = 0; i < live; i++) {
		pt[i] = OK(partition_create(dev, 0));
		OK(partition_initialize(pt[i]));
		ASSERT_EQ(0, close(OK(vp_create(pt[i], 0))));
	}
	created = seconds_since(&self->start);
	if (self->env.sim) {
		OK(env_ledger_read(&ledger));
		for (i = 0; i < ledger.count; i++)
			ksft_print_msg("%s %lld\n", ledger.entry[i].name, ledger.entry[i].value);
		EXPECT_EQ((long long)live, ledger.entry[0].value - self->env.ledger.entry[0].value);
	}
	/* All of them live: each can still get one more VP. */
	for (i = 0; i < live; i += 97)
		ASSERT_EQ(0, close(OK(vp_create(pt[i], 1))));
	for (i = 0; i < live; i++)
		ASSERT_EQ(0, close(pt[i]));
	EXPECT_EQ(0, ledger_differs(&self->env));
	ksft_print_msg("%u partitions with a VP each in %ld s, gone after %ld s\n", live, created,
		       seconds_since(&self->start));
}

GUEST_TEST_MAIN
