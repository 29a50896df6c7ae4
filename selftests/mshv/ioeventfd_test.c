// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSHV_IOEVENTFD: a write of the guest fires an eventfd and does not reach the
 * VMM, on a match and only then.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "x86/guest_test.h"
#include "sim.h"

#define BELL	GUEST_HOLE_GPA
#define VALUE	0x1122334455667788ull

FIXTURE(ioeventfd) {
	struct env env;
	struct guest g;
	int fd;
};

FIXTURE_SETUP(ioeventfd)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

MSHV_TEARDOWN(ioeventfd)

static int ioeventfd(int pt, int fd, uint64_t addr, uint32_t len, unsigned int flags,
		     uint64_t datamatch)
{
	struct mshv_user_ioeventfd args = {
		.fd = fd, .addr = addr, .len = len, .flags = flags, .datamatch = datamatch,
	};

	return mshv_ioctl(pt, MSHV_IOEVENTFD, &args);
}

#define DATAMATCH	(1u << MSHV_IOEVENTFD_BIT_DATAMATCH)
#define DEASSIGN	(1u << MSHV_IOEVENTFD_BIT_DEASSIGN)
#define PIO		(1u << MSHV_IOEVENTFD_BIT_PIO)

/* How often the eventfd was fired since the last look; waits for the first. */
static uint64_t fired(int fd, bool expect)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t n = 0;

	/* The event comes by an interrupt, which may be behind the guest. */
	if (poll(&p, 1, expect ? LONG_MS : 0) == 1 && read(fd, &n, sizeof(n)) != sizeof(n))
		n = 0;
	return n;
}

/* One store of each size, lowest bytes of VALUE; then whatever the test says. */
static void guest_stores(uint64_t gpa)
{
	volatile void *p = guest_ptr(gpa);

	*(volatile uint8_t *)p = (uint8_t)VALUE;
	guest_sync(1, 0);
	*(volatile uint16_t *)p = (uint16_t)VALUE;
	guest_sync(2, 0);
	*(volatile uint32_t *)p = (uint32_t)VALUE;
	guest_sync(4, 0);
	*(volatile uint64_t *)p = VALUE;
	guest_sync(8, 0);
	/* An immediate, in another encoding. */
	__asm__ volatile("movl $0x55667788, (%0)" : : "r" (p) : "memory");
	guest_sync(40, 0);
	*(volatile uint32_t *)p = 7;
	guest_done(0);
}

/* The store was consumed: nothing but the guest's next call is seen. */
#define CONSUMED(size) do {						\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(size, self->g.vp[0].args[0]);			\
	EXPECT_U64(1, fired(self->fd, true));				\
} while (0)

/* The store was not, and is the VMM's to finish. */
#define PASSED(size) do {						\
	RUN_TO(HVMSG_UNMAPPED_GPA, &self->g, 0);			\
	EXPECT_U64(0, fired(self->fd, false));				\
	OK(guest_skip_store(&self->g));					\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(size, self->g.vp[0].args[0]);			\
} while (0)

/*
 * Stores here are REX/66 prefix, opcode, ModRM and perhaps an immediate; the
 * message has no length for memory accesses on every hypervisor.
 */
static int guest_skip_store(struct guest *g)
{
	const struct hv_x64_memory_intercept_message *m =
		guest_payload(g, 0, hv_x64_memory_intercept_message);
	const uint8_t *b = m->instruction_bytes;
	unsigned int n = 0;

	if (m->instruction_byte_count < 8)
		return -EIO;
	while (b[n] == 0x66 || (b[n] & 0xf0) == 0x40)
		n++;
	n += b[n] == 0xc7 ? 6 : b[n] == 0xc6 ? 3 : 2;
	return guest_set_reg(g, 0, HV_X64_REGISTER_RIP, m->header.rip + n);
}

TEST_F(ioeventfd, any_size_any_value)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 0, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	CONSUMED(1);
	CONSUMED(2);
	CONSUMED(4);
	CONSUMED(8);
	CONSUMED(40);
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(1, fired(self->fd, true));
}

TEST_F(ioeventfd, size_and_value)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 4, DATAMATCH, (uint32_t)VALUE));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	PASSED(1);
	PASSED(2);
	CONSUMED(4);
	PASSED(8);
	CONSUMED(40);
	RUN_TO(HVMSG_UNMAPPED_GPA, &self->g, 0);
	EXPECT_U64(0, fired(self->fd, false));
}

TEST_F(ioeventfd, size_without_value)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 8, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	PASSED(1);
	PASSED(2);
	PASSED(4);
	CONSUMED(8);
}

TEST_F(ioeventfd, byte)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 1, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	CONSUMED(1);
	PASSED(2);
	PASSED(4);
	PASSED(8);
}

TEST_F(ioeventfd, word)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 2, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	PASSED(1);
	CONSUMED(2);
	PASSED(4);
	PASSED(8);
}

TEST_F(ioeventfd, another_address)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL + 4, 0, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	PASSED(1);
}

/* One address, two values, two eventfds. */
TEST_F(ioeventfd, value_selects)
{
	int other = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	ASSERT_LE(0, other);
	OK(ioeventfd(self->g.pt, self->fd, BELL, 4, DATAMATCH, (uint32_t)VALUE));
	OK(ioeventfd(self->g.pt, other, BELL, 4, DATAMATCH, 7));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	PASSED(1);
	PASSED(2);
	CONSUMED(4);
	PASSED(8);
	CONSUMED(40);
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(1, fired(other, true));
	EXPECT_U64(0, fired(self->fd, false));
	close(other);
}

TEST_F(ioeventfd, deassigned)
{
	OK(ioeventfd(self->g.pt, self->fd, BELL, 0, 0, 0));
	OK(guest_add_vp(&self->g, 0, guest_stores, BELL));
	CONSUMED(1);
	OK(ioeventfd(self->g.pt, self->fd, BELL, 0, DEASSIGN, 0));
	PASSED(2);
	OK(ioeventfd(self->g.pt, self->fd, BELL, 4, 0, 0));
	CONSUMED(4);
}

struct assigner {
	int pt, fd, result;
};

static void *assign_bell(void *arg)
{
	struct assigner *a = arg;

	a->result = ioeventfd(a->pt, a->fd, BELL, 4, 0, 0);
	return NULL;
}

static void guest_goes_on_ringing(uint64_t gpa)
{
	for (;;) {
		*(volatile uint32_t *)guest_ptr(gpa) = 1;
		guest_sync(0, 0);
	}
}

/* Run to the end of the guest's next store: 1 if it was consumed, 0 if the VMM got it. */
static int store(struct guest *g)
{
	int event = guest_run(g, 0), ret;

	if (event != GUEST_EXIT)
		return event == GUEST_SYNC ? 1 : -EPROTO;
	if (g->vp[0].message.header.message_type != HVMSG_UNMAPPED_GPA)
		return -EPROTO;
	ret = guest_skip_store(g);
	if (ret)
		return ret;
	return guest_run(g, 0) == GUEST_SYNC ? 0 : -EPROTO;
}

/*
 * F57: the first store that does not reach the VMM fires the eventfd, though the call that
 * assigns it is not over: here the hypervisor returns long after it has connected.
 */
TEST_F(ioeventfd, rings_while_it_is_assigned)
{
	struct mshv_sim_fault slow = {
		.size = sizeof(slow), .flags = MSHV_SIM_FAULT_AFTER,
		.code = HVCALL_CONNECT_PORT, .vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	struct assigner a = { .pt = self->g.pt, .fd = self->fd };
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	uint64_t events, rung;
	pthread_t thread;
	int ctl, round;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	OK(guest_add_vp(&self->g, 0, guest_goes_on_ringing, BELL));
	EXPECT_EQ(0, OK(store(&self->g)));
	OK(sim_ioctl(ctl, MSHV_SIM_FAULT_ADD, &slow));
	for (round = 0; round < 10; round++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, assign_bell, &a));
		while (!OK(store(&self->g)))
			;
		ASSERT_EQ(0, pthread_join(thread, NULL));
		OK(a.result);
		rung = 1;
		if (!poll(&p, 1, 500)) {
			/* One that is late comes with the next one; one that is lost does not. */
			EXPECT_EQ(1, OK(store(&self->g)));
			rung = 2;
		}
		events = fired(self->fd, true);
		if (events == 1 && rung == 2)
			DRIVER_DEFECT(return, "F57: a doorbell was lost while it was assigned");
		EXPECT_U64(rung, events);
		OK(ioeventfd(self->g.pt, self->fd, BELL, 4, DEASSIGN, 0));
	}
}

#define RINGS	200

static void guest_rings(uint64_t gpa)
{
	uint64_t i;

	for (i = 0; i < RINGS; i++)
		*(volatile uint32_t *)guest_ptr(gpa + i % 100 * 8) = i;
	guest_done(i);
}

/*
 * More events than the ring of the hypervisor holds, in one go: each eventfd is
 * fired. An eventfd counts, but two events of one may come as one.
 */
TEST_F(ioeventfd, ring_overflow)
{
	int i, fds[100];

	for (i = 0; i < 100; i++) {
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		ASSERT_LE(0, fds[i]);
		OK(ioeventfd(self->g.pt, fds[i], BELL + i * 8, 4, 0, 0));
	}
	OK(guest_add_vp(&self->g, 0, guest_rings, BELL));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_U64(RINGS, self->g.vp[0].args[0]);
	for (i = 0; i < 100; i++) {
		uint64_t n = fired(fds[i], true);

		EXPECT_LE(1u, n) TH_LOG("eventfd %d", i);
		EXPECT_GE(2u, n);
		close(fds[i]);
	}
}

TEST_F(ioeventfd, arguments)
{
	int pt = self->g.pt, not_eventfd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct mshv_user_ioeventfd args = { .fd = self->fd, .addr = BELL, .len = 4 };

	ASSERT_LE(0, not_eventfd);
	EXPECT_EQ(-EINVAL, ioeventfd(pt, self->fd, BELL, 3, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(pt, self->fd, BELL, 16, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(pt, self->fd, UINT64_MAX - 1, 4, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(pt, self->fd, BELL, 4, 1u << MSHV_IOEVENTFD_BIT_COUNT, 0));
	EXPECT_EQ(-EOPNOTSUPP, ioeventfd(pt, self->fd, BELL, 4, PIO, 0));
	EXPECT_EQ(-EBADF, ioeventfd(pt, -1, BELL, 4, 0, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(pt, not_eventfd, BELL, 4, 0, 0));
	args.rsvd[0] = 1;
	EXPECT_EQ(-EINVAL, mshv_ioctl(pt, MSHV_IOEVENTFD, &args));
	EXPECT_EQ(-EFAULT, mshv_ioctl(pt, MSHV_IOEVENTFD, NULL));
	EXPECT_EQ(-ENOENT, ioeventfd(pt, self->fd, BELL, 4, DEASSIGN, 0));

	OK(ioeventfd(pt, self->fd, BELL, 4, 0, 0));
	EXPECT_EQ(-EEXIST, ioeventfd(pt, self->fd, BELL, 4, 0, 0));
	EXPECT_EQ(-EEXIST, ioeventfd(pt, self->fd, BELL, 4, DATAMATCH, 1));
	/* Another size is another doorbell. */
	OK(ioeventfd(pt, self->fd, BELL, 2, 0, 0));
	EXPECT_EQ(-ENOENT, ioeventfd(pt, self->fd, BELL, 4, DEASSIGN | DATAMATCH, 1));
	EXPECT_EQ(-ENOENT, ioeventfd(pt, self->fd, BELL, 8, DEASSIGN, 0));
	OK(ioeventfd(pt, self->fd, BELL, 4, DEASSIGN, 0));
	EXPECT_EQ(-ENOENT, ioeventfd(pt, self->fd, BELL, 4, DEASSIGN, 0));
	EXPECT_EQ(-EBADF, ioeventfd(pt, -1, BELL, 2, DEASSIGN, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(pt, not_eventfd, BELL, 2, DEASSIGN, 0));
	/* The value is a part of which it is. */
	OK(ioeventfd(pt, self->fd, BELL + 16, 4, DATAMATCH, 5));
	EXPECT_EQ(-ENOENT, ioeventfd(pt, self->fd, BELL + 16, 4, DEASSIGN | DATAMATCH, 6));
	OK(ioeventfd(pt, self->fd, BELL + 16, 4, DEASSIGN | DATAMATCH, 5));
	close(not_eventfd);
}

GUEST_TEST_MAIN
