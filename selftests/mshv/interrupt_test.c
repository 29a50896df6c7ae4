// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that the VMM sends: HVCALL_ASSERT_VIRTUAL_INTERRUPT and MSHV_IRQFD
 * with MSHV_SET_MSI_ROUTING, edge and level, into a guest that halts.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

#include "x86/guest_test.h"
#include "x86/intercept.h"
#include "apic.h"
#include "sim.h"

#define VECTOR	0x61
/* The driver takes the vector of an EOI for the GSI: only so it finds it. */
#define GSI	VECTOR

static struct shared {
	volatile uint64_t taken[256];
	volatile uint64_t tmr;
} shared;

static void on_interrupt(struct guest_frame *frame)
{
	shared.tmr = apic_bit(APIC_TMR, frame->vector);
	shared.taken[frame->vector]++;
	apic_write(APIC_EOI, 0);
}

static void on_nmi(struct guest_frame *frame)
{
	shared.taken[frame->vector]++;
}

/* An ExtINT is in no register of the APIC, and gets no EOI. */
static void on_extint(struct guest_frame *frame)
{
	GUEST_ASSERT(!apic_bit(APIC_ISR, frame->vector));
	shared.taken[frame->vector]++;
}

/* Each interrupt is a sync with its number; then the guest halts again. */
static void guest_waits(uint64_t extint)
{
	guest_handle(2, on_nmi);
	guest_handle(VECTOR, extint ? on_extint : on_interrupt);
	apic_write(APIC_LDR, 2u << 24);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	for (;;) {
		/* Made up before the test can send more. */
		uint64_t seen = shared.taken[VECTOR] + shared.taken[2];

		guest_sync(shared.taken[VECTOR], shared.taken[2]);
		GUEST_HALT_UNTIL(shared.taken[VECTOR] + shared.taken[2] != seen);
	}
}

FIXTURE(interrupt) {
	struct env env;
	struct guest g;
	struct shared *shared;
};

FIXTURE_SETUP(interrupt)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC) | PT(X2APIC)));
	self->shared = guest_copy_of(&self->g, &shared);
}

MSHV_TEARDOWN(interrupt)

static int assert_interrupt(int pt, uint32_t type, uint64_t dest, uint32_t vector,
			    unsigned int flags, uint16_t *status)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = type,
		.control.level_triggered = flags & 1,
		.control.logical_dest_mode = flags >> 1 & 1,
		.dest_addr = dest,
		.vector = vector,
	};
	struct hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in_bytes = sizeof(in),
		.in = &in,
	};
	int ret = hvcall(pt, &call);

	if (status)
		*status = call.status;
	return ret;
}

#define LEVEL	1u
#define LOGICAL	2u

/* Run to the next sync; the guest must have seen so many interrupts, NMIs. */
#define SEES(taken, nmis) do {						\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(taken, self->g.vp[0].args[0]);			\
	EXPECT_U64(nmis, self->g.vp[0].args[1]);			\
} while (0)

#define ASSERT_INT(type, dest, vector, flags) \
	OK(assert_interrupt(self->g.pt, HV_X64_INTERRUPT_TYPE_##type, dest, vector, flags, NULL))

TEST_F(interrupt, each_type)
{
	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	ASSERT_INT(FIXED, 0, VECTOR, 0);
	SEES(1, 0);
	EXPECT_U64(0, self->shared->tmr);
	ASSERT_INT(FIXED, 2, VECTOR, LOGICAL);
	SEES(2, 0);
	ASSERT_INT(LOWESTPRIORITY, 2, VECTOR, LOGICAL);
	SEES(3, 0);
	ASSERT_INT(FIXED, 0xff, VECTOR, 0);
	SEES(4, 0);
	ASSERT_INT(NMI, 0, 0, 0);
	SEES(4, 1);
}

struct sender {
	int fd;			/* of the partition, or of an irqfd */
	int (*send)(int fd);
	int times, result;
	volatile int taken;	/* by the guest, as far as the test knows */
	volatile bool over;
};

static int send_fixed(int pt)
{
	return assert_interrupt(pt, HV_X64_INTERRUPT_TYPE_FIXED, 0, VECTOR, 0, NULL);
}

static int send_event(int fd)
{
	return eventfd_write(fd, 1);
}

/* Two of which the guest has taken none are one. */
static void *send_later(void *arg)
{
	const struct timespec a_while = { .tv_nsec = 30000000 };
	struct sender *s = arg;
	int i;

	for (i = 0; i < s->times; i++) {
		do
			nanosleep(&a_while, NULL);
		while (s->taken < i);
		s->result |= s->send(s->fd);
	}
	return NULL;
}

/* While MSHV_RUN_VP waits for the guest. */
TEST_F(interrupt, ends_hlt)
{
	struct sender s = { .fd = self->g.pt, .send = send_fixed, .times = 5 };
	pthread_t thread;
	int i;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_later, &s));
	for (i = 1; i <= 5; i++) {
		SEES(i, 0);
		s.taken = i;
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, s.result);
}

TEST_F(interrupt, extint)
{
	OK(guest_add_vp(&self->g, 0, guest_waits, 1));
	SEES(0, 0);
	ASSERT_INT(EXTINT, 0, VECTOR, 0);
	SEES(1, 0);
}

TEST_F(interrupt, refused)
{
	uint16_t status = 0;
	int pt = self->g.pt;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	/* Nobody has this id. */
	EXPECT_EQ(-EINVAL, assert_interrupt(pt, HV_X64_INTERRUPT_TYPE_FIXED, 7, VECTOR, 0,
					    &status));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, status);
	/* Vectors below 16 belong to exceptions. */
	EXPECT_EQ(-EINVAL, assert_interrupt(pt, HV_X64_INTERRUPT_TYPE_FIXED, 0, 3, 0, &status));
	EXPECT_EQ(-EINVAL, assert_interrupt(pt, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0x100, 0,
					    &status));
	EXPECT_EQ(-EINVAL, assert_interrupt(pt, HV_X64_INTERRUPT_TYPE_MAXIMUM, 0, VECTOR, 0,
					    &status));
	SEES(0, 0);
	EXPECT_U64(0, self->shared->taken[VECTOR]);
}

/* INIT: the first VP starts again at the reset vector. */
TEST_F(interrupt, init)
{
	uint64_t value;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	ASSERT_INT(INIT, 0, 0, 0);
	/* There is no memory below 4 GiB: the first fetch says so. */
	RUN_TO(HVMSG_UNMAPPED_GPA, &self->g, 0);
	EXPECT_U64(0xfff0, guest_header(&self->g, 0)->rip);
	EXPECT_U64(0xffff0000, guest_header(&self->g, 0)->cs_segment.base);
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_CR3, &value));
	EXPECT_U64(0, value);
}

/* --------------------------------------------------------------------- irqfds */

static int route(int pt, uint32_t gsi, uint32_t address_lo, uint32_t data)
{
	return route_one(pt, gsi, address_lo, data);
}

#define MSI_ADDRESS	0xfee00000
#define MSI_LOGICAL	0x4
#define MSI_LEVEL	0x8000

static int assign(int pt, int fd, int resample, uint32_t gsi, uint32_t flags)
{
	struct mshv_user_irqfd args = {
		.fd = fd,
		.resamplefd = resample,
		.gsi = gsi,
		.flags = flags,
	};

	return mshv_ioctl(pt, MSHV_IRQFD, &args);
}

#define SIGNAL(fd)	ASSERT_EQ(0, eventfd_write(fd, 1))

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

TEST_F(interrupt, irqfd_edge)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int i;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, VECTOR));
	OK(assign(self->g.pt, fd, 0, GSI, 0));
	for (i = 1; i <= 20; i++) {
		SIGNAL(fd);
		SEES(i, 0);
	}
	/* The same interrupt by another way. */
	OK(route(self->g.pt, GSI, MSI_ADDRESS | 2u << 12 | MSI_LOGICAL, VECTOR));
	SIGNAL(fd);
	SEES(21, 0);
	/* What was signalled has been taken: nobody else finds it. */
	EXPECT_FALSE(readable(fd, 0));
	OK(assign(self->g.pt, fd, 0, GSI, 1u << MSHV_IRQFD_BIT_DEASSIGN));
	SIGNAL(fd);
	EXPECT_TRUE(readable(fd, 0));
}

/* Signalled before it was assigned: the interrupt comes all the same. */
TEST_F(interrupt, irqfd_pending)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, VECTOR));
	OK(assign(self->g.pt, fd, 0, GSI, 0));
	SEES(1, 0);
}

TEST_F(interrupt, irqfd_ends_hlt)
{
	struct sender s = {
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .send = send_event, .times = 5,
	};
	pthread_t thread;
	int i;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, VECTOR));
	OK(assign(self->g.pt, s.fd, 0, GSI, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_later, &s));
	for (i = 1; i <= 5; i++) {
		SEES(i, 0);
		s.taken = i;
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, s.result);
}

/* F20, F58: an irqfd has two ways, if the hypervisor offers the faster one. */
static bool may_go_the_fast_way(const struct env *env)
{
	int ctl = sim_open();
	bool may = ctl >= 0 ? sim_injects_at_dispatch(ctl) : !env->sim;	/* else nobody says */

	if (ctl >= 0)
		close(ctl);
	return may;
}

#define TWICE	"F58: one event was two interrupts"
#define QUIET	5

/*
 * It never halts, and makes no exit until the interrupt has come. Then it makes a few, so
 * that more could come that is still on its way.
 */
static void guest_spins(uint64_t arg)
{
	uint64_t seen, i;

	(void)arg;
	guest_handle(VECTOR, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sti();
	for (;;) {
		for (i = 0; i < QUIET; i++)
			guest_sync(shared.taken[VECTOR], 0);
		/* Before the test can send the next one. */
		seen = shared.taken[VECTOR];
		guest_sync(seen, 0);
		while (shared.taken[VECTOR] == seen)
			;
	}
}

/* One event, one interrupt. */
TEST_F(interrupt, irqfd_into_a_running_guest)
{
	struct sender s = {
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .send = send_event, .times = 1,
	};
	pthread_t thread;
	uint64_t i;
	int quiet;

	OK(guest_add_vp(&self->g, 0, guest_spins, 0));
	for (quiet = 0; quiet <= QUIET; quiet++)
		SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, VECTOR));
	OK(assign(self->g.pt, s.fd, 0, GSI, 0));
	for (i = 1; i <= 3; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, send_later, &s));
		RUN(GUEST_SYNC, &self->g, 0);
		/* All that the event is to be has been sent. */
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, s.result);
		for (quiet = 0; quiet < QUIET; quiet++)
			RUN(GUEST_SYNC, &self->g, 0);
		if (self->g.vp[0].args[0] == i + 1 && may_go_the_fast_way(&self->env))
			DRIVER_DEFECT(return, TWICE);
		ASSERT_U64(i, self->g.vp[0].args[0]);
	}
}

/* It runs for some time between any two exits. */
static void guest_is_busy(uint64_t arg)
{
	(void)arg;
	guest_handle(VECTOR, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sti();
	for (;;) {
		volatile int delay;

		for (delay = 0; delay < 50000; delay++)
			;
		guest_sync(shared.taken[VECTOR], 0);
	}
}

static void *send_now(void *arg)
{
	struct sender *s = arg;

	s->result = s->send(s->fd);
	s->over = true;
	return NULL;
}

/*
 * F58: one event is one interrupt, also if the guest exits between the two ways in which
 * the driver may send it. That is what it does here: the second way takes long.
 */
TEST_F(interrupt, irqfd_while_the_guest_exits)
{
	struct mshv_sim_fault slow = {
		.size = sizeof(slow), .code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	struct sender s = {
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .send = send_event,
	};
	uint64_t before, more;
	pthread_t thread;
	int round, quiet;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	OK(sim_ioctl(OK(sim_open()), MSHV_SIM_FAULT_ADD, &slow));
	OK(guest_add_vp(&self->g, 0, guest_is_busy, 0));
	SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, VECTOR));
	OK(assign(self->g.pt, s.fd, 0, GSI, 0));
	for (round = 0; round < 10; round++) {
		before = self->shared->taken[VECTOR];
		s.over = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, send_now, &s));
		for (quiet = 0; quiet < QUIET; quiet += s.over)
			RUN(GUEST_SYNC, &self->g, 0);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, s.result);
		more = self->shared->taken[VECTOR] - before;
		if (more == 2 && may_go_the_fast_way(&self->env))
			DRIVER_DEFECT(return, TWICE);
		ASSERT_EQ(1ull, more);
	}
}

/* The guest's EOI of a level-triggered interrupt comes back as an event. */
TEST_F(interrupt, irqfd_resample)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int back = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	eventfd_t count;
	int i, event;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	OK(route(self->g.pt, GSI, MSI_ADDRESS, MSI_LEVEL | VECTOR));
	OK(assign(self->g.pt, fd, back, GSI, 1u << MSHV_IRQFD_BIT_RESAMPLE));
	for (i = 1; i <= 5; i++) {
		EXPECT_FALSE(readable(back, 0));
		SIGNAL(fd);
		event = guest_run(&self->g, 0);
		if (event == GUEST_EXIT &&
		    self->g.vp[0].message.header.message_type == HVMSG_X64_APIC_EOI)
			SKIP(return, "this hypervisor returns EOIs from MSHV_RUN_VP");
		ASSERT_EQ(GUEST_SYNC, event) {
			TH_LOG("%s", guest_describe(&self->g, 0, event));
		}
		EXPECT_U64(i, self->g.vp[0].args[0]);
		if (!self->shared->tmr && may_go_the_fast_way(&self->env))
			DRIVER_DEFECT(return, "F20: level-triggered, but sent the fast way, as an edge");
		EXPECT_U64(1, self->shared->tmr);
		EXPECT_TRUE(readable(back, LONG_MS));
		ASSERT_EQ(0, eventfd_read(back, &count));
	}
}

/*
 * Level-triggered, and no irqfd waits for the EOI. MSHV_RUN_VP may return it; in
 * any case interrupts and intercepts must go on.
 */
TEST_F(interrupt, level_without_resample)
{
	const struct hv_x64_apic_eoi_message *eoi =
		guest_payload(&self->g, 0, hv_x64_apic_eoi_message);
	int i, event;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	for (i = 1; i <= 5; i++) {
		ASSERT_INT(FIXED, 0, VECTOR, LEVEL);
		event = guest_run(&self->g, 0);
		if (event == GUEST_EXIT) {
			ASSERT_EQ((uint32_t)HVMSG_X64_APIC_EOI,
				  self->g.vp[0].message.header.message_type);
			EXPECT_U64(0, eoi->vp_index);
			EXPECT_U64(VECTOR, eoi->interrupt_vector);
			event = guest_run(&self->g, 0);
		}
		ASSERT_EQ(GUEST_SYNC, event) {
			TH_LOG("%s", guest_describe(&self->g, 0, event));
		}
		EXPECT_U64(i, self->g.vp[0].args[0]);
		EXPECT_U64(1, self->shared->tmr);
	}
}

/* A VMM that asks for it gets each EOI of a level-triggered interrupt, and no other. */
TEST_F(interrupt, eoi_intercept)
{
	const struct hv_x64_apic_eoi_message *eoi =
		guest_payload(&self->g, 0, hv_x64_apic_eoi_message);
	int i;

	OK(partition_install_intercept(self->g.pt, INTERCEPT_X64_APIC_EOI,
				       HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SEES(0, 0);
	for (i = 1; i <= 5; i += 2) {
		ASSERT_INT(FIXED, 0, VECTOR, LEVEL);
		RUN_TO(HVMSG_X64_APIC_EOI, &self->g, 0);
		EXPECT_U64(0, eoi->vp_index);
		EXPECT_U64(VECTOR, eoi->interrupt_vector);
		SEES(i, 0);
		EXPECT_U64(1, self->shared->tmr);
		ASSERT_INT(FIXED, 0, VECTOR, 0);
		SEES(i + 1, 0);
	}
}

GUEST_TEST_MAIN
