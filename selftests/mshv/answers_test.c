// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers of the hypervisor that no other test provokes, and sizes that no hypercall
 * takes. Needs mshv_sim, which answers as it is told.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <mshv/hv_status.h>
#include <mshv/hv_system.h>

#include "x86/guest_test.h"
#include "process.h"
#include "sim.h"

#define STATUS_CALL_PENDING	0x79
#define HUNDRED_MS		100000

FIXTURE(answers) {
	struct env env;
	struct guest g;
	int ctl, vp;
	uint64_t id;
};

/* In the guest's copy of the program. */
static volatile bool guest_runs;

static void guest_spins(uint64_t arg)
{
	(void)arg;
	guest_runs = true;
	for (;;)
		;
}

FIXTURE_SETUP(answers)
{
	MSHV_SIM_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
	self->vp = self->g.vp[0].fd;
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(answers)

/* Each flag of CREATE_PARTITION becomes one of the hypervisor's, and no other. */
TEST_F(answers, creation_flags)
{
	static const struct {
		uint64_t asked, given;
	} flags[] = {
		{ PT(LAPIC), HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED },
		{ PT(X2APIC), HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE },
		{ PT(GPA_SUPER_PAGES), HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED },
		{ PT(NESTED_VIRTUALIZATION),
		  HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE },
		{ PT(SMT_ENABLED_GUEST), HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST },
	};
	const uint64_t always = HV_PARTITION_CREATION_FLAG_EXO_PARTITION |
				HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED;
	struct mshv_sim_record record;
	int pt, rule;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		/* What a hypervisor makes of them is not asked. */
		rule = OK(sim_fail_once(self->ctl, HVCALL_CREATE_PARTITION, 0,
					HV_STATUS_ACCESS_DENIED));
		OK(sim_record(self->ctl, HVCALL_CREATE_PARTITION, 0));
		pt = partition_create(self->g.dev, flags[i].asked);
		EXPECT_GT(0, pt);
		EXPECT_EQ(1, sim_fault_hits(self->ctl, rule));
		ASSERT_U64(sizeof(record), read(self->ctl, &record, sizeof(record)));
		EXPECT_U64(always | flags[i].given, *(uint64_t *)record.input);
	}
}

/* "Later" is an answer for those calls only whose end a message tells. */
TEST_F(answers, pending_call_that_cannot_be)
{
	uint64_t value;
	int rule = OK(sim_fail_once(self->ctl, HVCALL_GET_VP_REGISTERS, self->id,
				    STATUS_CALL_PENDING));

	EXPECT_EQ(-EBADFD, vp_get_reg64(self->vp, 0, HV_X64_REGISTER_RIP, &value));
	EXPECT_EQ(1, sim_fault_hits(self->ctl, rule));
	OK(vp_get_reg64(self->vp, 0, HV_X64_REGISTER_RIP, &value));
}

static const unsigned long requests[] = { MSHV_GET_VP_STATE, MSHV_SET_VP_STATE };

/* A state that is larger than the buffer: nothing is done but to say how large it is. */
TEST_F(answers, state_larger_than_the_buffer)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = MSHV_SIM_OVERRIDE_PROPERTY,
		.index = HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, .partition = self->id,
		.vp = MSHV_SIM_ANY_VP, .value = 3 * PAGE_BYTES, .mask = ~0ull,
	};
	char *page = PAGES(PAGE_BYTES);
	uint32_t bytes;
	int i;

	page[0] = 0x5a;
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	for (i = 0; i < 2; i++) {
		bytes = PAGE_BYTES;
		EXPECT_EQ(-EINVAL, vp_state(self->vp, requests[i], MSHV_VP_STATE_XSAVE, page, &bytes));
		EXPECT_U64(3 * PAGE_BYTES, bytes);
	}
	EXPECT_EQ(0x5a, page[0]);
}

/* A buffer of more pages than one hypercall can name. */
TEST_F(answers, state_of_too_many_pages)
{
	const uint32_t pages = 512;
	char *buf = PAGES(pages * PAGE_BYTES);
	uint32_t bytes;
	int i;

	for (i = 0; i < 2; i++) {
		bytes = pages * PAGE_BYTES;
		EXPECT_EQ(-EINVAL, vp_state(self->vp, requests[i], MSHV_VP_STATE_LAPIC, buf, &bytes));
	}
	EXPECT_EQ(0, buf[0]);
	/* Not that the size is wrong as such. */
	bytes = 4 * PAGE_BYTES;
	OK(vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_LAPIC, buf, &bytes));
}

/* Buffers that are not there, or not all of them, or that may not be written. */
TEST_F(answers, state_in_bad_memory)
{
	static const unsigned int types[] = {
		MSHV_VP_STATE_LAPIC, MSHV_VP_STATE_XSAVE, MSHV_VP_STATE_SIMP,
	};
	char *buf = PAGES(2 * PAGE_BYTES);
	uint32_t bytes;
	size_t t;
	int i;

	ASSERT_EQ(0, munmap(buf + PAGE_BYTES, PAGE_BYTES));
	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (i = 0; i < 2; i++) {
			bytes = PAGE_BYTES;
			EXPECT_EQ(-EFAULT, vp_state(self->vp, requests[i], types[t],
						 buf + PAGE_BYTES, &bytes));
			bytes = 2 * PAGE_BYTES;
			EXPECT_EQ(-EFAULT, vp_state(self->vp, requests[i], types[t], buf, &bytes));
			bytes = PAGE_BYTES;
			EXPECT_EQ(-EFAULT, vp_state(self->vp, requests[i], types[t],
						 (void *)(1ull << 63), &bytes));
		}
	}
	/* This one is copied. */
	bytes = PAGE_BYTES;
	EXPECT_EQ(-EFAULT, vp_state(self->vp, MSHV_SET_VP_STATE, MSHV_VP_STATE_SYNTHETIC_TIMERS,
				 buf + PAGE_BYTES, &bytes));
	ASSERT_EQ(0, mprotect(buf, PAGE_BYTES, PROT_READ));
	bytes = PAGE_BYTES;
	EXPECT_EQ(-EFAULT, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_SYNTHETIC_TIMERS,
				 buf, &bytes));
	bytes = PAGE_BYTES;
	OK(vp_state(self->vp, MSHV_SET_VP_STATE, MSHV_VP_STATE_SYNTHETIC_TIMERS, buf, &bytes));
}

/* -------------------------------------------------- a VP that cannot be stopped */

static void on_signal(int signal)
{
	(void)signal;
}

/* A signal that comes before the VP runs is lost (F37): there is always another one. */
static int interrupted_run(struct guest *g)
{
	const struct itimerval often = {
		.it_value.tv_usec = HUNDRED_MS, .it_interval.tv_usec = HUNDRED_MS,
	};
	const struct itimerval never = { 0 };
	int ret;

	setitimer(ITIMER_REAL, &often, NULL);
	ret = guest_run(g, 0);
	setitimer(ITIMER_REAL, &never, NULL);
	return ret;
}

/*
 * A signal ends MSHV_RUN_VP, but the hypervisor does not let the VP be stopped, or does
 * not say whether it was: that is told, and the next run is as any other. The root
 * scheduler has nothing to ask: the VP is stopped when its dispatch ends.
 */
TEST_F(answers, stop_is_refused)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.status = HV_STATUS_OPERATION_FAILED, .vp = MSHV_SIM_ANY_VP, .count = 1,
		.partition = self->id,
	};
	struct mshv_sim_probe probe;
	bool root;

	OK(sim_probe(self->ctl, &probe));
	root = probe.scheduler == HV_SCHEDULER_TYPE_ROOT;
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	EXPECT_EQ(-EINTR, interrupted_run(&self->g));

	f.code = HVCALL_SET_VP_REGISTERS;
	f.skip = 1;	/* the first lets it run */
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	EXPECT_EQ(root ? -EINTR : -EIO, interrupted_run(&self->g));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	EXPECT_U64(!root, f.hits);
	EXPECT_EQ(-EINTR, interrupted_run(&self->g));

	f.id = 0;
	f.code = HVCALL_GET_VP_REGISTERS;
	f.skip = 0;
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	EXPECT_EQ(root ? -EINTR : -EIO, interrupted_run(&self->g));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	EXPECT_U64(!root, f.hits);
	EXPECT_EQ(-EINTR, interrupted_run(&self->g));
}

/* ------------------------------------------------------ killed while it waits */

static void *run_for_ever(void *g)
{
	return (void *)(long)guest_run(g, 0);
}

static void *ask_vp(void *g)
{
	uint64_t value;

	return (void *)(long)vp_get_reg64(((struct guest *)g)->vp[0].fd, 0, HV_X64_REGISTER_RIP,
					  &value);
}

/* The VP's file serves one call at a time; who waits can be killed, and all ends. */
TEST_F(answers, killed_while_the_vp_is_busy)
{
	const volatile bool *runs = guest_copy_of(&self->g, (void *)&guest_runs);
	int status, waits = 0, go[2];
	cpu_set_t cpu;
	pid_t child;

	ASSERT_EQ(0, pipe(go));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		pthread_t runner, waiter;
		char byte;

		/* On one CPU: a lock whose owner runs is not slept for, but spun for. */
		CPU_ZERO(&cpu);
		CPU_SET(sched_getcpu(), &cpu);
		sched_setaffinity(0, sizeof(cpu), &cpu);
		pthread_create(&runner, NULL, run_for_ever, &self->g);
		if (read(go[0], &byte, 1) != 1)
			_exit(2);
		pthread_create(&waiter, NULL, ask_vp, &self->g);
		pthread_join(waiter, NULL);
		_exit(1);
	}
	/* Once the guest runs, the VP is the runner's. */
	WAIT_FOR(*runs);
	ASSERT_EQ(1, write(go[1], "", 1));
	/* Once may be for something else, and soon over. */
	while (waits < 3) {
		usleep(HUNDRED_MS);
		ASSERT_EQ(0, waitpid(child, &status, WNOHANG));
		waits = process_waits(child) ? waits + 1 : 0;
	}
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	/* the VP is the parent's again */
	EXPECT_EQ(0, (long)ask_vp(&self->g));
}

static void *ask_partition(void *g)
{
	uint64_t value;

	/* as many as it takes */
	for (;;)
		if (partition_get_property(((struct guest *)g)->pt,
					   HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value))
			return NULL;
	return NULL;
}

/* The same of a partition's file, whose calls are short: here each takes its time. */
TEST_F(answers, killed_while_the_partition_is_busy)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .code = HVCALL_GET_PARTITION_PROPERTY, .partition = self->id,
		.vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	int status, i;
	pid_t child;

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		pthread_t asker[3];

		for (i = 0; i < 3; i++)
			pthread_create(&asker[i], NULL, ask_partition, &self->g);
		pthread_join(asker[0], NULL);
		_exit(1);
	}
	/* Three ask, one is served. */
	WAIT_FOR(OK(sim_fault_hits(self->ctl, f.id)) >= 3);
	EXPECT_EQ(0, waitpid(child, &status, WNOHANG));
	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	EXPECT_LT(2u, f.hits);
	close(OK(vp_create(self->g.pt, 1)));
}

GUEST_TEST_MAIN
