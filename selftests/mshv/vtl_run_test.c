// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_RETURN_TO_LOWER_VTL: into VTL 0 and back, and what ends that. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mshv_test.h"
#include "x86/vtl.h"

#define RESCHEDULE_VECTOR	0xfd	/* arch/x86/include/asm/irq_vectors.h */
#define XMM0			160	/* in what FXSAVE writes */

FIXTURE(run) {
	struct env env;
	struct vtl vtl;
};

FIXTURE_SETUP(run)
{
	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
}

MSHV_TEARDOWN(run)

static const struct hv_message *message(struct vtl *v)
{
	return (const void *)v->run->exit_message;
}

static uint64_t entries(struct vtl *v)
{
	struct mshv_sim_vtl_cpu seen;

	return vtl_seen(v, v->cpu, &seen) ? 0 : seen.entries;
}

TEST_F(run, intercept)
{
	static const char payload[240] = "what VTL 0 has done";
	uint64_t before = entries(&self->vtl);

	OK(vtl_push(&self->vtl, HVMSG_X64_IO_PORT_INTERCEPT, payload, sizeof(payload)));
	ASSERT_EQ(0, vtl_return(&self->vtl));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, message(&self->vtl)->header.message_type);
	EXPECT_EQ(240, message(&self->vtl)->header.payload_size);
	EXPECT_EQ(0, memcmp(payload, message(&self->vtl)->u.payload, 240));
	EXPECT_EQ(before + 1, entries(&self->vtl));
}

TEST_F(run, many_intercepts)
{
	uint32_t i;

	for (i = 0; i < 500; i++) {
		OK(vtl_push(&self->vtl, HVMSG_UNMAPPED_GPA, &i, sizeof(i)));
		ASSERT_EQ(0, vtl_return(&self->vtl));
		ASSERT_EQ(HVMSG_UNMAPPED_GPA, message(&self->vtl)->header.message_type);
		ASSERT_EQ(i, (uint32_t)message(&self->vtl)->u.payload[0]);
	}
}

/* An interrupt for the kernel is no business of user space. */
TEST_F(run, interrupt)
{
	const struct mshv_sim_vtl_step step = { .action = MSHV_SIM_VTL_INTERRUPT };
	uint64_t before = entries(&self->vtl);

	OK(vtl_step(&self->vtl, &step));
	OK(vtl_step(&self->vtl, &step));
	OK(vtl_push(&self->vtl, HVMSG_X64_HALT, "h", 1));
	ASSERT_EQ(0, vtl_return(&self->vtl));
	EXPECT_EQ(HVMSG_X64_HALT, message(&self->vtl)->header.message_type);
	EXPECT_EQ(before + 3, entries(&self->vtl));
}

/* All that the two VTLs share goes in, and comes out again. */
TEST_F(run, registers)
{
	struct mshv_vtl_cpu_context *c = &self->vtl.run->cpu_context;
	struct mshv_sim_vtl_step step = {
		.action = MSHV_SIM_VTL_INTERCEPT,
		.flags = MSHV_SIM_VTL_SET_XMM0,
		.gpr_mask = 0xffff,
		.xmm0 = { 0x0123456789abcdef, 0xfedcba9876543210 },
	};
	uint64_t xmm0[2] = { 0x1111222233334444, 0x5555666677778888 };
	struct mshv_sim_vtl_cpu seen;
	unsigned int i;

	step.message[0] = 1;
	for (i = 0; i < 16; i++) {
		c->gp_regs[i] = 0xa5a5000000000000ull + i;
		step.gprs[i] = 0x5a5a000000000000ull + i;
	}
	memcpy(&c->fx_state[XMM0], xmm0, sizeof(xmm0));
	OK(vtl_step(&self->vtl, &step));
	ASSERT_EQ(0, vtl_return(&self->vtl));

	OK(vtl_seen(&self->vtl, 0, &seen));
	EXPECT_EQ(0, memcmp(xmm0, seen.xmm0, sizeof(xmm0)));
	EXPECT_EQ(0, memcmp(step.xmm0, &c->fx_state[XMM0], sizeof(step.xmm0)));
	/* not a fast return: RAX and RCX by way of the assist page */
	EXPECT_U64(0, seen.control);
	for (i = 0; i < 16; i++) {
		EXPECT_EQ(0xa5a5000000000000ull + i, seen.gprs[i]);
		EXPECT_EQ(0x5a5a000000000000ull + i, c->gp_regs[i]);
	}
}

/* What VTL 0 leaves alone stays, one register after the other. */
TEST_F(run, one_register)
{
	struct mshv_vtl_cpu_context *c = &self->vtl.run->cpu_context;
	unsigned int i, k;

	for (i = 0; i < 16; i++) {
		struct mshv_sim_vtl_step step = {
			.action = MSHV_SIM_VTL_INTERCEPT,
			.gpr_mask = 1 << i,
		};

		step.message[0] = 1;
		for (k = 0; k < 16; k++)
			c->gp_regs[k] = 0x100 + k;
		step.gprs[i] = ~0ull;
		OK(vtl_step(&self->vtl, &step));
		ASSERT_EQ(0, vtl_return(&self->vtl));
		for (k = 0; k < 16; k++)
			EXPECT_EQ(k == i ? ~0ull : 0x100 + k, c->gp_regs[k]);
	}
}

/* The page of the CPU that the thread is on, whatever was mapped before. */
TEST_F(run, page_of_the_cpu)
{
	struct mshv_vtl_run *run1 = vtl_page(self->vtl.fd, RUN_PAGE(1));
	struct mshv_sim_vtl_step step = { .action = MSHV_SIM_VTL_INTERCEPT };

	ASSERT_NE(NULL, run1);
	memset(run1, 0, sizeof(*run1));
	OK(vtl_bind(1));
	self->vtl.cpu = 1;
	memcpy(step.message, &(uint32_t){ HVMSG_X64_HALT }, 4);
	OK(vtl_step(&self->vtl, &step));
	ASSERT_EQ(0, vtl_return(&self->vtl));
	EXPECT_EQ(HVMSG_X64_HALT, ((struct hv_message *)run1->exit_message)->header.message_type);
	EXPECT_U64(0, message(&self->vtl)->header.message_type);
}

static void *run_cpu1(void *arg)
{
	struct vtl v;
	uintptr_t bad = 0;
	uint32_t i;

	(void)arg;
	if (vtl_open(&v, 1))
		return (void *)1;
	for (i = 0; i < 200; i++) {
		v.run->cpu_context.rbx = i;
		bad |= vtl_push(&v, HVMSG_UNMAPPED_GPA, &i, sizeof(i)) != 0;
		bad |= vtl_return(&v) != 0;
		bad |= (uint32_t)message(&v)->u.payload[0] != i;
		bad |= v.run->cpu_context.rbx != i;
	}
	return (void *)bad;
}

TEST_F(run, two_cpus)
{
	pthread_t thread;
	void *bad;
	uint32_t i, k;

	ASSERT_EQ(0, pthread_create(&thread, NULL, run_cpu1, NULL));
	for (i = 0; i < 200; i++) {
		k = i | 0x80000000;
		self->vtl.run->cpu_context.rbx = k;
		OK(vtl_push(&self->vtl, HVMSG_X64_IO_PORT_INTERCEPT, &k, sizeof(k)));
		ASSERT_EQ(0, vtl_return(&self->vtl));
		ASSERT_EQ(k, (uint32_t)message(&self->vtl)->u.payload[0]);
		ASSERT_EQ(k, self->vtl.run->cpu_context.rbx);
	}
	pthread_join(thread, &bad);
	EXPECT_EQ(NULL, bad);
}

/* ------------------------------------------------------------------ what ends it */

static void on_signal(int signal)
{
	(void)signal;
}

FIXTURE(vtl_signals) {
	struct env env;
	struct vtl vtl;
};

FIXTURE_VARIANT(vtl_signals) {
	int sa_flags;
};

FIXTURE_VARIANT_ADD(vtl_signals, plain) {
	.sa_flags = 0,
};

/* The call is not restarted, whatever the process prefers. */
FIXTURE_VARIANT_ADD(vtl_signals, sa_restart) {
	.sa_flags = SA_RESTART,
};

FIXTURE_SETUP(vtl_signals)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = variant->sa_flags };

	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
}

MSHV_TEARDOWN(vtl_signals)

TEST_F(vtl_signals, end_the_run)
{
	/* again and again, as the first may come before the run on a busy machine */
	const struct itimerval often = {
		.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000,
	};
	const struct itimerval never = { 0 };
	uint64_t before = entries(&self->vtl);
	int tries;

	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	for (tries = 0; tries < 100 && entries(&self->vtl) == before; tries++)
		ASSERT_EQ(-EINTR, vtl_return(&self->vtl));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
	EXPECT_LT(before, entries(&self->vtl));
	EXPECT_U64(0, message(&self->vtl)->header.message_type);
	/* Nothing of it is left. */
	EXPECT_U64(0, self->vtl.run->cancel);
	OK(vtl_push(&self->vtl, HVMSG_X64_HALT, "h", 1));
	EXPECT_EQ(0, vtl_return(&self->vtl));
	EXPECT_EQ(HVMSG_X64_HALT, message(&self->vtl)->header.message_type);
}

static void *kick(void *arg)
{
	struct mshv_vtl_run *run = arg;

	vtl_bind(1);
	usleep(20000);
	__atomic_store_n(&run->cancel, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

TEST_F(run, cancel)
{
	uint64_t before = entries(&self->vtl);
	pthread_t thread;

	OK(vtl_push(&self->vtl, HVMSG_X64_HALT, "h", 1));
	/* Any value will do; it is user space that takes it back. */
	self->vtl.run->cancel = 0x80000000;
	EXPECT_EQ(-EINTR, vtl_return(&self->vtl));
	EXPECT_EQ(-EINTR, vtl_return(&self->vtl));
	EXPECT_EQ(0x80000000, self->vtl.run->cancel);
	EXPECT_EQ(before, entries(&self->vtl));
	self->vtl.run->cancel = 0;
	EXPECT_EQ(0, vtl_return(&self->vtl));

	/* While it runs. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, kick, self->vtl.run));
	EXPECT_EQ(-EINTR, vtl_return(&self->vtl));
	EXPECT_U64(1, self->vtl.run->cancel);
	pthread_join(thread, NULL);
	self->vtl.run->cancel = 0;
}

/* ---------------------------------------------------------------------- poll files */

static int set_poll_file(struct vtl *v, uint32_t cpu, int fd)
{
	struct mshv_vtl_set_poll_file args = { .cpu = cpu, .fd = fd };

	return mshv_ioctl(v->fd, MSHV_SET_POLL_FILE, &args);
}

/* An eventfd in place of whatever file an earlier test has set. */
static int poll_eventfd(struct vtl *v, uint32_t cpu)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = set_poll_file(v, cpu, fd);
	return ret ? ret : fd;
}

struct signaller {
	int fd;
	struct vtl *v;
	volatile bool ready;	/* and elsewhere: VTL 0 will leave it no time here */
};

static void *signal_when_running(void *arg)
{
	struct signaller *s = arg;
	uint64_t before = entries(s->v);

	vtl_bind(1);
	s->ready = true;
	while (entries(s->v) == before)
		usleep(1000);
	eventfd_write(s->fd, 1);
	return NULL;
}

/*
 * VTL 0 has the CPU and no reason to give it back: only the interrupt that the
 * driver sends can end this before the time is up. Unless another one comes between
 * the flag, which the driver sets first, and its own: then once more.
 */
TEST_F(run, poll_file_interrupts)
{
	const struct mshv_sim_vtl_step step = {
		.action = MSHV_SIM_VTL_RUN, .delay_us = 5000000,
	};
	struct signaller s = { .v = &self->vtl };
	struct mshv_sim_vtl_cpu seen = { 0 };
	pthread_t thread;
	int tries;

	s.fd = OK(poll_eventfd(&self->vtl, 0));
	for (tries = 0; tries < 10 && seen.last_vector != RESCHEDULE_VECTOR; tries++) {
		OK(vtl_step(&self->vtl, &step));
		s.ready = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, signal_when_running, &s));
		while (!s.ready)
			usleep(1000);
		EXPECT_EQ(-EINTR, vtl_return(&self->vtl));
		pthread_join(thread, NULL);
		OK(vtl_seen(&self->vtl, 0, &seen));
		EXPECT_U64(1, self->vtl.run->cancel);
		self->vtl.run->cancel = 0;
	}
	EXPECT_U64(RESCHEDULE_VECTOR, seen.last_vector);
}

/* It is not lost if nothing runs. */
TEST_F(run, poll_file_before)
{
	int fd = OK(poll_eventfd(&self->vtl, 0));
	uint64_t before = entries(&self->vtl);

	EXPECT_U64(0, self->vtl.run->cancel);
	ASSERT_EQ(0, eventfd_write(fd, 1));
	EXPECT_U64(1, self->vtl.run->cancel);
	OK(vtl_push(&self->vtl, HVMSG_X64_HALT, "h", 1));
	EXPECT_EQ(-EINTR, vtl_return(&self->vtl));
	EXPECT_EQ(before, entries(&self->vtl));
	self->vtl.run->cancel = 0;
	EXPECT_EQ(0, vtl_return(&self->vtl));
}

/* Wake-ups count, not levels: as with EPOLLET. */
TEST_F(run, poll_file_ready_already)
{
	int fd = eventfd(1, EFD_CLOEXEC);

	ASSERT_LE(0, fd);
	OK(set_poll_file(&self->vtl, 0, fd));
	EXPECT_U64(0, self->vtl.run->cancel);
	ASSERT_EQ(0, eventfd_write(fd, 1));
	EXPECT_U64(1, self->vtl.run->cancel);
	self->vtl.run->cancel = 0;
}

TEST_F(run, poll_file_of_each_cpu)
{
	struct mshv_vtl_run *run1 = vtl_page(self->vtl.fd, RUN_PAGE(1));
	int fd0 = OK(poll_eventfd(&self->vtl, 0));
	int fd1 = OK(poll_eventfd(&self->vtl, 1));

	ASSERT_NE(NULL, run1);
	run1->cancel = 0;
	ASSERT_EQ(0, eventfd_write(fd1, 1));
	EXPECT_U64(1, run1->cancel);
	EXPECT_U64(0, self->vtl.run->cancel);
	run1->cancel = 0;
	ASSERT_EQ(0, eventfd_write(fd0, 1));
	EXPECT_U64(0, run1->cancel);
	EXPECT_U64(1, self->vtl.run->cancel);
	self->vtl.run->cancel = 0;
}

/* The driver keeps the file until another one takes its place. */
TEST_F(run, poll_file_replaced)
{
	int ends[2], fd;

	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	OK(set_poll_file(&self->vtl, 0, ends[0]));
	close(ends[0]);
	EXPECT_EQ(1, write(ends[1], "x", 1));
	EXPECT_U64(1, self->vtl.run->cancel);
	self->vtl.run->cancel = 0;

	fd = OK(poll_eventfd(&self->vtl, 0));
	EXPECT_EQ(-1, write(ends[1], "x", 1));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_U64(0, self->vtl.run->cancel);
	ASSERT_EQ(0, eventfd_write(fd, 1));
	EXPECT_U64(1, self->vtl.run->cancel);
	self->vtl.run->cancel = 0;
}

/* A file that has nothing to wait for is as good as none. */
TEST_F(run, poll_file_without_poll)
{
	int fd = OK(poll_eventfd(&self->vtl, 0));
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, null);
	OK(set_poll_file(&self->vtl, 0, null));
	ASSERT_EQ(0, eventfd_write(fd, 1));
	EXPECT_U64(0, self->vtl.run->cancel);
}

TEST_F(run, poll_file_arguments)
{
	int fd = OK(poll_eventfd(&self->vtl, 0));

	EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, MSHV_SET_POLL_FILE, NULL));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, MSHV_SET_POLL_FILE, (void *)8));
	EXPECT_EQ(-EBADFD, set_poll_file(&self->vtl, 0, -1));
	EXPECT_EQ(-EBADFD, set_poll_file(&self->vtl, 0, 1000));
	EXPECT_EQ(-EINVAL, set_poll_file(&self->vtl, 2, fd));
	EXPECT_EQ(-EINVAL, set_poll_file(&self->vtl, 64, fd));
	EXPECT_EQ(-EINVAL, set_poll_file(&self->vtl, 0xffffffff, fd));
	/* None of them took the place of the file. */
	ASSERT_EQ(0, eventfd_write(fd, 1));
	EXPECT_U64(1, self->vtl.run->cancel);
	self->vtl.run->cancel = 0;
}

/* ------------------------------------------------------------------- return actions */

static int run_with_actions(struct vtl *v, uint32_t size, struct mshv_sim_vtl_cpu *seen)
{
	int ret = vtl_push(v, HVMSG_X64_HALT, "h", 1);

	memset(v->run->vtl_ret_actions, 0xa5, sizeof(v->run->vtl_ret_actions));
	v->run->vtl_ret_action_size = size;
	if (!ret)
		ret = vtl_return(v);
	return ret ? ret : vtl_seen(v, 0, seen);
}

TEST_F(run, return_actions)
{
	const uint32_t sizes[] = { 0, 1, 8, 255, 256, 257, 0xffffffff };
	struct mshv_sim_vtl_cpu seen;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t n = sizes[i] < 256 ? sizes[i] : 256;

		OK(run_with_actions(&self->vtl, sizes[i], &seen));
		if (!self->vtl.caps.return_action_available) {
			/* nobody has looked at them */
			EXPECT_EQ(sizes[i], self->vtl.run->vtl_ret_action_size);
			n = 0;
		} else {
			EXPECT_U64(0, self->vtl.run->vtl_ret_action_size);
		}
		for (k = 0; k < 256; k++)
			ASSERT_EQ(k < n ? 0xa5 : 0, seen.actions[k]);
	}
	self->vtl.run->vtl_ret_action_size = 0;
}

/* A cancelled run leaves them for the next. */
TEST_F(run, return_actions_of_a_cancelled_run)
{
	struct mshv_sim_vtl_cpu seen;

	self->vtl.run->cancel = 1;
	EXPECT_EQ(-EINTR, run_with_actions(&self->vtl, 8, &seen));
	EXPECT_U64(8, self->vtl.run->vtl_ret_action_size);
	self->vtl.run->cancel = 0;
	OK(vtl_return(&self->vtl));
	OK(vtl_seen(&self->vtl, 0, &seen));
	EXPECT_EQ(self->vtl.caps.return_action_available ? 0xa5 : 0, seen.actions[7]);
	EXPECT_EQ(0, seen.actions[8]);
	self->vtl.run->vtl_ret_action_size = 0;
}

VTL_TEST_MAIN
