// SPDX-License-Identifier: GPL-2.0-only
/* Signals end MSHV_RUN_VP, and neither lose nor invent an intercept. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "x86/guest_test.h"

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

/* A signal each @us, so that one comes in any case while the VP runs. */
static void timer(unsigned int us)
{
	struct itimerval it = {
		.it_interval.tv_usec = us,
		.it_value.tv_usec = us,
	};

	setitimer(ITIMER_REAL, &it, NULL);
}

/* What host and guest tell each other: one page of guest memory. */
struct shared {
	uint64_t ready, go;
};

FIXTURE(signals) {
	struct env env;
	struct guest g;
	uint64_t gpa;
	volatile struct shared *shared;
};

FIXTURE_VARIANT(signals) {
	int sa_flags;
};

FIXTURE_VARIANT_ADD(signals, plain) {
	.sa_flags = 0,
};

/* The call is not restarted, whatever the process prefers. */
FIXTURE_VARIANT_ADD(signals, sa_restart) {
	.sa_flags = SA_RESTART,
};

static int setup(struct guest *g, uint64_t pt_flags, int sa_flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = sa_flags };

	signals = 0;
	if (sigaction(SIGALRM, &action, NULL))
		return -errno;
	return guest_create(g, pt_flags);
}

FIXTURE_SETUP(signals)
{
	MSHV_SETUP(self);
	OK(setup(&self->g, 0, variant->sa_flags));
	self->gpa = guest_alloc(&self->g, PAGE_BYTES);
	ASSERT_NE(0ull, self->gpa);
	self->shared = guest_host(&self->g, self->gpa);
}

MSHV_TEARDOWN(signals)

static void guest_spins(uint64_t gpa)
{
	volatile struct shared *shared = guest_ptr(gpa);

	shared->ready = 1;
	while (!shared->go)
		;
	guest_sync(0, 0x5e1f);
}

/* A signal ends the run, some times, and as often as it takes the guest to begin. */
static void interrupt(struct __test_metadata *_metadata, struct guest *g,
		      const volatile struct shared *shared)
{
	int i;

	for (i = 0; i < 5 || !shared->ready; i++) {
		signals = 0;
		timer(20000);
		EXPECT_EQ(-EINTR, guest_run(g, 0));
		timer(0);
		EXPECT_LE(1, signals);
	}
}

TEST_F(signals, guest_spins)
{
	OK(guest_add_vp(&self->g, 0, guest_spins, self->gpa));
	interrupt(_metadata, &self->g, self->shared);
	/* It did run, and runs on. */
	EXPECT_U64(1, self->shared->ready);
	self->shared->go = 1;
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(0x5e1f, self->g.vp[0].args[1]);
	RUN(GUEST_DONE, &self->g, 0);
}

static void guest_counts(uint64_t count)
{
	volatile uint64_t delay;
	uint32_t i;

	for (i = 0; i < count; i++) {
		for (delay = 0; delay < 2000; delay++)
			;
		guest_outl(0x100, i);
	}
}

/* Signals at random moments: with and without a message under way. */
TEST_F(signals, no_exit_is_lost)
{
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(&self->g, 0, hv_x64_io_port_intercept_message);
	const uint32_t count = 500;
	unsigned int interrupted = 0;
	uint32_t next = 0;
	int event;

	OK(guest_add_vp(&self->g, 0, guest_counts, count));
	timer(997);
	while (next < count) {
		event = guest_run(&self->g, 0);
		if (event == -EINTR) {
			interrupted++;
			continue;
		}
		ASSERT_EQ(GUEST_EXIT, event) {
			TH_LOG("%s", guest_describe(&self->g, 0, event));
		}
		ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
			  self->g.vp[0].message.header.message_type);
		ASSERT_EQ(0x100, io->port_number);
		ASSERT_EQ(next, (uint32_t)io->rax);
		next++;
		OK(guest_skip_instruction(&self->g, 0));
	}
	timer(0);
	TH_LOG("%u exits, %u times interrupted", next, interrupted);
	RUN(GUEST_DONE, &self->g, 0);
}

/* A signal that the thread does not take is none. */
TEST_F(signals, blocked)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	OK(guest_add_vp(&self->g, 0, guest_counts, 10));
	timer(1000);
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	timer(0);
	EXPECT_EQ(0, signals);
	ASSERT_EQ(0, sigprocmask(SIG_UNBLOCK, &set, NULL));
}

/* The VP is stopped once the call has ended. */
TEST_F(signals, stopped_after_eintr)
{
	const struct timespec a_while = { .tv_nsec = 20 * 1000 * 1000 };
	uint64_t rip, again;

	OK(guest_add_vp(&self->g, 0, guest_spins, self->gpa));
	timer(20000);
	EXPECT_EQ(-EINTR, guest_run(&self->g, 0));
	timer(0);

	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RIP, &rip));
	self->shared->go = 1;
	nanosleep(&a_while, NULL);
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_RIP, &again));
	EXPECT_EQ(rip, again);
	RUN(GUEST_SYNC, &self->g, 0);
}

/* Killed while its guest spins: everything is given back (see the teardown). */
TEST_F(signals, killed_in_the_guest)
{
	const struct timespec a_while = { .tv_nsec = 10 * 1000 * 1000 };
	int status;
	volatile struct shared *shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	ASSERT_NE(MAP_FAILED, shared);
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		struct guest g;

		if (guest_create(&g, 0) ||
		    memory_map(g.pt, GUEST_HOLE_GPA, (void *)shared, PAGE_BYTES, MEM_W) ||
		    guest_add_vp(&g, 0, guest_spins, GUEST_HOLE_GPA) < 0)
			_exit(1);
		guest_run(&g, 0);
		_exit(2);
	}
	/* The guest itself tells that it runs. */
	while (!shared->ready) {
		ASSERT_EQ(0, waitpid(child, &status, WNOHANG));
		nanosleep(&a_while, NULL);
	}
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
}

FIXTURE(halted) {
	struct env env;
	struct guest g;
	uint64_t gpa;
	volatile struct shared *shared;
};

FIXTURE_SETUP(halted)
{
	MSHV_SETUP(self);
	/* With a local APIC a halted VP idles in the hypervisor. */
	OK(setup(&self->g, PT(LAPIC), 0));
	self->gpa = guest_alloc(&self->g, PAGE_BYTES);
	ASSERT_NE(0ull, self->gpa);
	self->shared = guest_host(&self->g, self->gpa);
}

MSHV_TEARDOWN(halted)

static void guest_halts(uint64_t gpa)
{
	volatile struct shared *shared = guest_ptr(gpa);

	shared->ready = 1;
	guest_hlt();
	guest_fail(__FILE__, __LINE__, "the guest woke up by itself", 0, 0);
}

TEST_F(halted, interrupted)
{
	OK(guest_add_vp(&self->g, 0, guest_halts, self->gpa));
	interrupt(_metadata, &self->g, self->shared);
	EXPECT_U64(1, self->shared->ready);
}

TEST_F(halted, destroyed)
{
	OK(guest_add_vp(&self->g, 0, guest_halts, self->gpa));
	timer(20000);
	EXPECT_EQ(-EINTR, guest_run(&self->g, 0));
	timer(0);
	EXPECT_EQ(0, close(self->g.vp[0].fd));
	EXPECT_EQ(0, close(self->g.pt));
}

GUEST_TEST_MAIN
