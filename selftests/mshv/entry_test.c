// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a thread while it is in MSHV_RUN_VP: signals with and without a
 * message under way, stops and tracing, other CPUs, more VPs than CPUs, and the end of
 * the files below it.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "process.h"
#include "sim.h"

#define ROOT_SCHEDULER	4	/* HV_SCHEDULER_TYPE_ROOT */
#define SHARED_GPA	GUEST_HOLE_GPA
#define VECTOR		0x71
#define VPS		GUEST_VPS_MAX
#define ROUNDS		4

/* A page that the test, its children and the guest all see. */
struct shared {
	volatile uint64_t count, stop;
};

FIXTURE(entry) {
	struct env env;
	struct guest g;
	struct shared *shared;
};

FIXTURE_SETUP(entry)
{
	MSHV_SETUP(self);
	self->shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	OK(guest_create(&self->g, 0));
	OK(memory_map(self->g.pt, SHARED_GPA, self->shared, PAGE_BYTES, MEM_W));
}

MSHV_TEARDOWN(entry)

static void guest_counts(uint64_t gpa)
{
	struct shared *shared = guest_ptr(gpa);

	while (!shared->stop)
		shared->count++;
	guest_done(shared->count);
}

static void sleep_ms(unsigned int ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Until the guest has got on. */
static void wait_counts(struct __test_metadata *_metadata, struct shared *shared)
{
	uint64_t before = shared->count;

	WAIT_FOR(shared->count != before);
}

struct runner {
	struct guest *g;
	uint32_t index;
	int result;
	pthread_t thread;
	volatile bool over;
};

static void *run_once(void *arg)
{
	struct runner *r = arg;

	r->result = guest_run(r->g, r->index);
	r->over = true;
	return NULL;
}

static void on_signal(int signal)
{
	(void)signal;
}

/* ------------------------------------------------------------------- signals */

static void guest_outs(uint64_t port)
{
	for (;;)
		guest_outl(port, port);
}

static struct mshv_sim_hold hold_messages(uint32_t type, uint64_t partition)
{
	return (struct mshv_sim_hold){
		.size = sizeof(struct mshv_sim_hold),
		.message_type = type, .partition = partition,
	};
}

/*
 * A guest whose next message is held back: that the VP has stopped or, with the root
 * scheduler (true), that it may go on.
 */
static bool hold_next_message(struct __test_metadata *_metadata, FIXTURE_DATA(entry) *self,
			      int ctl, struct mshv_sim_hold *hold)
{
	struct mshv_sim_probe probe;
	bool root;

	OK(sim_probe(ctl, &probe));
	root = probe.scheduler == ROOT_SCHEDULER;
	*hold = hold_messages(root ? HVMSG_SCHEDULER_VP_SIGNAL_PAIR : HVMSG_OPAQUE_INTERCEPT,
			      sim_newest_partition(ctl));
	OK(guest_add_vp(&self->g, 0, guest_outs, 0x100));
	if (!root) {
		/* Its memory is there then: the next message is that of an exit. */
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		OK(guest_skip_instruction(&self->g, 0));
	}
	OK(sim_ioctl(ctl, MSHV_SIM_HOLD, hold));
	return root;
}

static void wait_held(struct __test_metadata *_metadata, int ctl, struct mshv_sim_hold *hold)
{
	WAIT_FOR((OK(sim_ioctl(ctl, MSHV_SIM_HOLD, hold)), hold->held));
}

static int end_hold(int ctl, struct mshv_sim_hold *hold)
{
	hold->message_type = 0;
	return sim_ioctl(ctl, MSHV_SIM_HOLD, hold);
}

/*
 * A signal while that message is under way. An intercept is not lost: it is waited for.
 * Where there is none, the call ends, and the late message does no harm.
 */
TEST_F(entry, signal_with_a_message_in_flight)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct runner r = { .g = &self->g };
	struct mshv_sim_hold hold;
	bool root;
	int ctl, i;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	root = hold_next_message(_metadata, self, ctl, &hold);
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_once, &r));
	wait_held(_metadata, ctl, &hold);

	for (i = 0; i < 5 || (root && !r.over); i++) {
		ASSERT_EQ(0, r.over ? 0 : pthread_kill(r.thread, SIGUSR1));
		sleep_ms(10);
	}
	EXPECT_EQ(root, r.over);
	OK(end_hold(ctl, &hold));
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(root ? -EINTR : GUEST_EXIT, r.result);
	/* Stopped or not by that: it goes on, and each exit comes. */
	for (i = 0; i < 3; i++) {
		if (i || root)
			RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		EXPECT_EQ(0x100, guest_payload(&self->g, 0,
					       hv_x64_io_port_intercept_message)->port_number);
		OK(guest_skip_instruction(&self->g, 0));
	}
}

/* A child with the VP, for what is done to a process from outside. */
static pid_t run_in_a_child(struct guest *g)
{
	pid_t pid = fork();
	struct hv_message message;
	int ret;

	if (pid)
		return pid ? pid : -errno;
	do {
		ret = vp_run(g->vp[0].fd, &message);
	} while (ret == -EINTR);
	_exit(ret || message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT);
}

static void expect_still(struct __test_metadata *_metadata, struct shared *shared)
{
	uint64_t before = shared->count;

	sleep_ms(30);
	EXPECT_EQ(before, shared->count);
}

/* ------------------------------------------------- killed, with a message to come */

/*
 * The child was sent SIGKILL, and has gone. False: it has waited for a second, whenever
 * one looked; one that is slow does not.
 */
static bool is_gone(pid_t child)
{
	int waits = 0;

	while (waits < 100) {
		if (waitpid(child, NULL, WNOHANG) == child)
			return true;
		sleep_ms(10);
		waits = process_waits(child) ? waits + 1 : 0;
	}
	return false;
}

/* The child waits for a message: it is killed, and only then the message comes. */
static bool killed_while_held(struct __test_metadata *_metadata, int ctl,
			      struct mshv_sim_hold *hold, pid_t child)
{
	bool gone;

	wait_held(_metadata, ctl, hold);
	ASSERT_EQ(0, kill(child, SIGKILL));
	gone = is_gone(child);
	OK(end_hold(ctl, hold));
	if (!gone)
		ASSERT_EQ(child, waitpid(child, NULL, 0));
	return gone;
}

#define UNKILLABLE	"F60: a process can't be killed while a message is to come"

/* F60: the message of an intercept, which the hypervisor has not yet sent. */
TEST_F(entry, killed_with_a_message_in_flight)
{
	struct mshv_sim_hold hold;
	pid_t child;
	int ctl;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	hold_next_message(_metadata, self, ctl, &hold);
	child = OK(run_in_a_child(&self->g));
	if (!killed_while_held(_metadata, ctl, &hold, child))
		DRIVER_DEFECT(, UNKILLABLE);
	/* The VP is this process' now. */
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
}

/* F60: no message will come, as it was this process that has stopped the VP. */
TEST_F(entry, killed_while_suspended_by_another)
{
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;
	pid_t child;
	int ctl;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	OK(guest_add_vp(&self->g, 0, guest_counts, SHARED_GPA));
	child = OK(run_in_a_child(&self->g));
	wait_counts(_metadata, self->shared);
	OK(vp_set_reg64(self->g.pt, 0, HV_REGISTER_INTERCEPT_SUSPEND, 1));
	ASSERT_EQ(0, kill(child, SIGKILL));
	if (!is_gone(child)) {
		/* Of VP 0: what is not set is 0. */
		message->header.message_type = HVMSG_OPAQUE_INTERCEPT;
		message->header.payload_size = sizeof(struct hv_opaque_intercept_message);
		message->header.sender = sim_newest_partition(ctl);
		OK(sim_ioctl(ctl, MSHV_SIM_POST_MESSAGE, &m));
		ASSERT_EQ(child, waitpid(child, NULL, 0));
		DRIVER_DEFECT(, UNKILLABLE);
	}
	self->shared->stop = 1;
	RUN(GUEST_DONE, &self->g, 0);
}

/* F60: the message that a call of the partition is complete. */
TEST_F(entry, killed_while_a_call_completes)
{
	const uint32_t code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
	struct mshv_sim_hold hold;
	uint64_t value;
	pid_t child;
	int ctl;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	hold = hold_messages(HVMSG_ASYNC_CALL_COMPLETION, sim_newest_partition(ctl));
	OK(sim_ioctl(ctl, MSHV_SIM_HOLD, &hold));
	OK(sim_set_parameter("async", "Y"));
	child = fork();
	if (!child)
		_exit(!!partition_set_property(self->g.pt, code, 1));
	ASSERT_LE(0, child);
	if (!killed_while_held(_metadata, ctl, &hold, child))
		DRIVER_DEFECT(, UNKILLABLE);
	/* The partition serves others again. */
	OK(partition_get_property(self->g.pt, code, &value));
	EXPECT_EQ(1u, value);
}

/* ------------------------------------------------------------ stopped and traced */

/* The process is stopped: so is its guest. */
TEST_F(entry, stopped_and_continued)
{
	int status, i;
	pid_t child;

	OK(guest_add_vp(&self->g, 0, guest_counts, SHARED_GPA));
	child = run_in_a_child(&self->g);
	ASSERT_LE(0, child);
	for (i = 0; i < 3; i++) {
		wait_counts(_metadata, self->shared);
		ASSERT_EQ(0, kill(child, SIGSTOP));
		ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
		EXPECT_TRUE(WIFSTOPPED(status));
		expect_still(_metadata, self->shared);
		ASSERT_EQ(0, kill(child, SIGCONT));
	}
	wait_counts(_metadata, self->shared);
	self->shared->stop = 1;
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* As a debugger does it. */
TEST_F(entry, traced)
{
	int status, i;
	pid_t child;

	OK(guest_add_vp(&self->g, 0, guest_counts, SHARED_GPA));
	child = run_in_a_child(&self->g);
	ASSERT_LE(0, child);
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, child, NULL, NULL));
	for (i = 0; i < 3; i++) {
		wait_counts(_metadata, self->shared);
		ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, child, NULL, NULL));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		ASSERT_TRUE(WIFSTOPPED(status));
		expect_still(_metadata, self->shared);
		ASSERT_EQ(0, ptrace(PTRACE_CONT, child, NULL, NULL));
	}
	wait_counts(_metadata, self->shared);
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, child, NULL, NULL));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, child, NULL, NULL));
	self->shared->stop = 1;
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* ---------------------------------------------------------------------- CPUs */

static int allowed_cpus(int *cpus, int max)
{
	cpu_set_t set;
	int cpu, n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	for (cpu = 0; cpu < CPU_SETSIZE && n < max; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[n++] = cpu;
	return n;
}

static int move_to(pthread_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return -pthread_setaffinity_np(thread, sizeof(set), &set);
}

/* Its thread is moved while the guest runs: it runs on, elsewhere. */
TEST_F(entry, moved_between_cpus)
{
	struct runner r = { .g = &self->g };
	int cpus[2], n = allowed_cpus(cpus, 2), i;

	ASSERT_LE(1, n);
	if (n < 2)
		SKIP(return, "one CPU only");
	OK(guest_add_vp(&self->g, 0, guest_counts, SHARED_GPA));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_once, &r));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, move_to(r.thread, cpus[i % 2]));
		wait_counts(_metadata, self->shared);
	}
	self->shared->stop = 1;
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(GUEST_DONE, r.result) {
		TH_LOG("%s", guest_describe(&self->g, 0, r.result));
	}
	EXPECT_EQ(self->shared->count, self->g.vp[0].args[0]);
}

/* Of a copy of the program that all VPs share. */
static volatile uint64_t started, ready, token[VPS];

/* Nobody exits before all have come so far: each needs a CPU while others have it. */
static void guest_meets_others(uint64_t count)
{
	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	while (started < count)
		__asm__ volatile("pause");
	guest_done(1);
}

static void on_token(struct guest_frame *frame)
{
	(void)frame;
	token[guest_self()->vp_index]++;
	apic_write(APIC_EOI, 0);
}

/* The token goes round by interrupts, whoever does not have it halts. */
static void guest_passes_token(uint64_t count)
{
	uint64_t i = guest_self()->vp_index, round;

	guest_handle(VECTOR, on_token);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	if (!i) {
		while (ready < count)
			guest_sync(0, 0);
		token[0] = 1;
	}
	for (round = 1; round <= ROUNDS; round++) {
		GUEST_HALT_UNTIL(token[i] >= round);
		if (i < count - 1 || round < ROUNDS)
			apic_ipi((i + 1) % count, VECTOR);
	}
	guest_done(token[i]);
}

static void *run_to_the_end(void *arg)
{
	struct runner *r = arg;

	do {
		r->result = guest_run(r->g, r->index);
	} while (r->result == GUEST_SYNC);
	return NULL;
}

FIXTURE(many_vps) {
	struct env env;
	struct guest g;
};

FIXTURE_VARIANT(many_vps) {
	int cpus;
};

FIXTURE_VARIANT_ADD(many_vps, on_one_cpu) {
	.cpus = 1,
};

FIXTURE_VARIANT_ADD(many_vps, on_all_cpus) {
	.cpus = 0,
};

FIXTURE_SETUP(many_vps)
{
	int cpu;

	MSHV_SETUP(self);
	if (variant->cpus) {
		ASSERT_EQ(1, allowed_cpus(&cpu, 1));
		/* Threads that are made from now on have it from this one. */
		OK(move_to(pthread_self(), cpu));
	}
}

MSHV_TEARDOWN(many_vps)

static void run_many(struct __test_metadata *_metadata, struct guest *g, guest_fn *fn,
		     uint64_t flags, uint64_t result)
{
	struct runner runners[VPS];
	unsigned int i;

	OK(guest_create(g, flags));
	for (i = 0; i < VPS; i++) {
		OK(guest_add_vp(g, i, fn, VPS));
		/* The others would wait for a SIPI. */
		if (flags & PT(LAPIC))
			OK(guest_set_reg(g, i, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	}
	for (i = 0; i < VPS; i++) {
		runners[i] = (struct runner){ .g = g, .index = i };
		ASSERT_EQ(0, pthread_create(&runners[i].thread, NULL, run_to_the_end,
					    &runners[i]));
	}
	for (i = 0; i < VPS; i++) {
		ASSERT_EQ(0, pthread_join(runners[i].thread, NULL));
		EXPECT_EQ(GUEST_DONE, runners[i].result) {
			TH_LOG("%s", guest_describe(g, i, runners[i].result));
		}
		EXPECT_EQ(result, g->vp[i].args[0]);
	}
}

TEST_F(many_vps, meet)
{
	run_many(_metadata, &self->g, guest_meets_others, 0, 1);
}

TEST_F(many_vps, pass_a_token)
{
	run_many(_metadata, &self->g, guest_passes_token, PT(LAPIC), ROUNDS);
}

/* --------------------------------------------------------------- the end of files */

/* Its files are closed below a VP that runs: it runs on, until it comes out. */
TEST_F(entry, closed_while_running)
{
	struct runner r = { .g = &self->g };
	struct env_ledger ledger;
	unsigned int i;

	OK(guest_add_vp(&self->g, 0, guest_counts, SHARED_GPA));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_once, &r));
	wait_counts(_metadata, self->shared);
	ASSERT_EQ(0, close(self->g.pt));
	ASSERT_EQ(0, close(self->g.vp[0].fd));
	ASSERT_EQ(0, close(self->g.dev));
	wait_counts(_metadata, self->shared);
	EXPECT_FALSE(r.over);
	self->shared->stop = 1;
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	/* The exit came; the helper then wants to step over it, by a closed file. */
	EXPECT_EQ(-EBADF, r.result);
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, self->g.vp[0].message.header.message_type);
	if (!self->env.sim)
		return;
	/* The call that returned was the last that held it. */
	OK(env_ledger_read(&ledger));
	for (i = 0; i < ledger.count; i++)
		EXPECT_EQ(self->env.ledger.entry[i].value, ledger.entry[i].value);
}

GUEST_TEST_MAIN
