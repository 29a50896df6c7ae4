// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that go wrong, each in another way, and good ones between them: for
 * scripts/check-isolation, which sees whether the bad ones fail, and only they.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "sim.h"

FIXTURE(bad) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(bad)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
}

MSHV_TEARDOWN(bad)

static void guest_spins(uint64_t arg)
{
	for (;;)
		guest_sync(arg, 0);
}

static void guest_spins_silently(uint64_t arg)
{
	for (;;)
		__asm__ volatile("pause" : : "r" (arg));
}

/* Each bad test is followed by this: a guest runs, and the sim refuses nothing. */
#define GOOD(name)							\
TEST_F(bad, name)							\
{									\
	OK(guest_add_vp(&self->g, 0, guest_spins, 42));			\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(42, self->g.vp[0].args[0]);				\
}

TEST_F(bad, fails_an_expectation)
{
	EXPECT_EQ(1, 2);
}

GOOD(good_1)

TEST_F(bad, fails_an_assertion)
{
	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
	RUN(GUEST_DONE, &self->g, 0);
}

GOOD(good_2)

TEST_F(bad, crashes)
{
	volatile int *volatile nothing = NULL;

	*nothing = 0;
}

GOOD(good_3)

/* In the guest, with nobody to stop it. */
TEST_F_TIMEOUT(bad, hangs_in_the_guest, 3)
{
	OK(guest_add_vp(&self->g, 0, guest_spins_silently, 0));
	RUN(GUEST_DONE, &self->g, 0);
}

GOOD(good_4)

static void *run(void *arg)
{
	struct guest *g = arg;

	return (void *)(long)guest_run(g, 0);
}

/* With a thread in the guest, and rules of the simulator in force. */
TEST_F_TIMEOUT(bad, hangs_with_threads_and_faults, 3)
{
	struct mshv_sim_hold hold = {
		.size = sizeof(hold), .message_type = HVMSG_OPAQUE_INTERCEPT,
	};
	pthread_t thread;
	int ctl;

	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
	RUN(GUEST_SYNC, &self->g, 0);
	if (self->env.sim) {
		ctl = OK(sim_open());
		hold.partition = sim_newest_partition(ctl);
		OK(sim_ioctl(ctl, MSHV_SIM_HOLD, &hold));
		OK(sim_fail_once(ctl, HVCALL_CREATE_PARTITION, 0, 5));
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, run, &self->g));
	for (;;)
		pause();
}

GOOD(good_5)

TEST_F(bad, kills_its_group)
{
	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
	kill(0, SIGKILL);
	pause();
}

GOOD(good_6)

/* A child that nobody knows of keeps the partition for a while. */
TEST_F(bad, leaves_a_child)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		setsid();
		/* longer than all that follows: not while the ledger of another is compared */
		sleep(600);
		_exit(0);
	}
	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
}

GOOD(good_7)

static int complain(void)
{
	FILE *f = fopen("/dev/kmsg", "w");

	if (!f)
		return -errno;
	fprintf(f, "WARNING: as a test of the tests\n");
	return fclose(f);
}

TEST_F(bad, makes_the_kernel_complain)
{
	ASSERT_EQ(0, complain());
}

GOOD(good_8)

/* When the test is over, and not yet what it had. */
TEST_F(bad, makes_the_kernel_complain_late)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		setsid();
		sleep(1);
		_exit(complain());
	}
}

GOOD(good_9)

TEST_F(bad, exhausts_its_files)
{
	while (dup(0) >= 0)
		;
	OK(vp_create(self->g.pt, 0));
}

GOOD(good_10)

GUEST_TEST_MAIN
