// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts between VPs, and how VPs are started: INIT and SIPI. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "x86/guest_test.h"
#include "apic.h"

#define VECTOR		0x51
#define VPS		3

/* In memory of the guest; [0] is the first VP's. */
struct shared {
	volatile uint64_t ready[VPS], taken[VPS], nmis[VPS], stop;
};

static struct shared shared;

static void on_vector(struct guest_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&shared.taken[guest_self()->vp_index], 1, __ATOMIC_SEQ_CST);
	apic_write(APIC_EOI, 0);
}

static void on_x2_vector(struct guest_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&shared.taken[guest_self()->vp_index], 1, __ATOMIC_SEQ_CST);
	x2apic_write(APIC_EOI, 0);
}

static void on_nmi(struct guest_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&shared.nmis[guest_self()->vp_index], 1, __ATOMIC_SEQ_CST);
}

/* Halts between interrupts, until told to stop; then an interrupt ends it. */
static void guest_listens(uint64_t x2)
{
	uint64_t i = guest_self()->vp_index;

	guest_handle(2, on_nmi);
	if (x2) {
		guest_handle(VECTOR, on_x2_vector);
		guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
		x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	} else {
		guest_handle(VECTOR, on_vector);
		GUEST_ASSERT_EQ(i, apic_read(APIC_ID) >> 24);
		apic_write(APIC_LDR, 1u << (24 + i));
		apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	}
	shared.ready[i] = 1;
	GUEST_HALT_UNTIL(shared.stop);
	guest_done(shared.taken[i]);
}

static void expect(unsigned int vp, volatile uint64_t *counters, uint64_t value)
{
	while (counters[vp] < value)
		__asm__ volatile("pause");
	GUEST_ASSERT_EQ(value, counters[vp]);
}

static void wait_ready(void)
{
	unsigned int i;

	for (i = 1; i < VPS; i++)
		expect(i, shared.ready, 1);
}

static void guest_sends(uint64_t rounds)
{
	uint64_t n = 0;
	unsigned int i;

	guest_handle(VECTOR, on_vector);
	apic_write(APIC_LDR, 1u << 24);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	wait_ready();

	while (rounds--) {
		n++;
		apic_ipi(1, VECTOR);
		expect(1, shared.taken, n);
		apic_ipi(2, VECTOR);
		expect(2, shared.taken, n);
	}
	/* One by one: logical destinations. */
	apic_ipi(1u << 1, APIC_DEST_LOGICAL | VECTOR);
	expect(1, shared.taken, n + 1);
	GUEST_ASSERT_EQ(n, shared.taken[2]);
	apic_ipi(6, APIC_DEST_LOGICAL | VECTOR);
	expect(1, shared.taken, n + 2);
	expect(2, shared.taken, n + 1);
	/* To others, and not to itself. */
	apic_write(APIC_ICR, APIC_TO_OTHERS | VECTOR);
	expect(1, shared.taken, n + 3);
	expect(2, shared.taken, n + 2);
	GUEST_ASSERT_EQ(0, shared.taken[0]);
	/* To everybody, by physical broadcast. */
	guest_sti();
	apic_ipi(0xff, VECTOR);
	for (i = 0; i < VPS; i++)
		expect(i, shared.taken, (uint64_t[]){ 1, n + 4, n + 3 }[i]);
	guest_cli();

	apic_ipi(2, APIC_DM_NMI | APIC_ASSERT);
	expect(2, shared.nmis, 1);
	GUEST_ASSERT_EQ(0, shared.nmis[1]);

	/* Lowest priority: somebody, but one only. */
	n = shared.taken[1] + shared.taken[2];
	apic_ipi(6, APIC_DEST_LOGICAL | 0x100 | VECTOR);
	while (shared.taken[1] + shared.taken[2] == n)
		__asm__ volatile("pause");
	GUEST_ASSERT_EQ(n + 1, shared.taken[1] + shared.taken[2]);

	shared.stop = 1;
	apic_write(APIC_ICR, APIC_TO_OTHERS | VECTOR);
}

static void guest_sends_x2(uint64_t rounds)
{
	uint64_t n = 0;

	guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
	x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	wait_ready();
	while (rounds--) {
		n++;
		x2apic_write(APIC_ICR, 1ull << 32 | VECTOR);
		expect(1, shared.taken, n);
	}
	/* Cluster 0, members 1 and 2. */
	x2apic_write(APIC_ICR, 6ull << 32 | APIC_DEST_LOGICAL | VECTOR);
	expect(1, shared.taken, n + 1);
	expect(2, shared.taken, 1);
	/* Another cluster: nobody. */
	x2apic_write(APIC_ICR, 0x10006ull << 32 | APIC_DEST_LOGICAL | VECTOR);
	x2apic_write(APIC_ICR, APIC_TO_OTHERS | VECTOR);
	expect(1, shared.taken, n + 2);
	expect(2, shared.taken, 2);
	shared.stop = 1;
	x2apic_write(APIC_ICR, APIC_TO_OTHERS | VECTOR);
}

FIXTURE(smp) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(smp)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC) | PT(X2APIC)));
}

MSHV_TEARDOWN(smp)

struct runner {
	struct guest *g;
	uint32_t index;
	int event;
	pthread_t thread;
};

static void *run_vp(void *arg)
{
	struct runner *r = arg;

	r->event = guest_run(r->g, r->index);
	return NULL;
}

/* A VP of this partition waits for SIPI; here the VMM starts it where it likes. */
static int add_started_vp(struct guest *g, uint32_t index, guest_fn *fn, uint64_t arg)
{
	int ret = guest_add_vp(g, index, fn, arg);

	return ret < 0 ? ret : guest_set_reg(g, index, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
}

#define RUN_ALL(g_, runners) do {					\
	unsigned int ra;						\
									\
	for (ra = 0; ra < VPS; ra++) {					\
		runners[ra].g = (g_);					\
		runners[ra].index = ra;					\
		ASSERT_EQ(0, pthread_create(&runners[ra].thread, NULL,	\
					    run_vp, &runners[ra]));	\
	}								\
	for (ra = 0; ra < VPS; ra++) {					\
		ASSERT_EQ(0, pthread_join(runners[ra].thread, NULL));	\
		EXPECT_EQ(GUEST_DONE, runners[ra].event) {		\
			TH_LOG("%s", guest_describe(g_, ra, runners[ra].event)); \
		}							\
	}								\
} while (0)

TEST_F(smp, xapic)
{
	struct runner runners[VPS];

	OK(guest_add_vp(&self->g, 0, guest_sends, 50));
	OK(add_started_vp(&self->g, 1, guest_listens, 0));
	OK(add_started_vp(&self->g, 2, guest_listens, 0));
	RUN_ALL(&self->g, runners);
}

TEST_F(smp, x2apic)
{
	struct runner runners[VPS];

	OK(guest_add_vp(&self->g, 0, guest_sends_x2, 50));
	OK(add_started_vp(&self->g, 1, guest_listens, 1));
	OK(add_started_vp(&self->g, 2, guest_listens, 1));
	RUN_ALL(&self->g, runners);
}

/* ----------------------------------------------------------------- INIT, SIPI */

#define START_GPA	0x2000ull
#define START_PORT	0x99
#define COUNT_GPA	0x600
/* How many of its starts the test has seen, and completed. */
#define SEEN_GPA	0x602

/*
 * Real mode, at page 2: count in memory, tell the test, halt; whoever wakes it
 * (nobody but INIT) finds it here again.
 */
static const uint8_t start_code[] = {
	0x31, 0xc0,				/* xor %ax, %ax */
	0x8e, 0xd8,				/* mov %ax, %ds */
	0xff, 0x06, COUNT_GPA & 0xff, COUNT_GPA >> 8,	/* incw COUNT */
	0x8c, 0xc8,				/* mov %cs, %ax */
	0xe7, START_PORT,			/* out %ax, $START_PORT */
	0xf4,					/* hlt */
	0xeb, 0xfd,				/* jmp to the hlt */
};

static volatile uint16_t *word(uint64_t gpa)
{
	return guest_ptr(gpa);
}

static void start_others(void)
{
	apic_write(APIC_ICR, APIC_TO_OTHERS | APIC_DM_INIT | APIC_ASSERT);
	apic_write(APIC_ICR, APIC_TO_OTHERS | APIC_DM_STARTUP | APIC_ASSERT | START_GPA >> 12);
	/* The second one that boot code sends has no effect. */
	apic_write(APIC_ICR, APIC_TO_OTHERS | APIC_DM_STARTUP | APIC_ASSERT | 0xff);
}

static void guest_starts_other(uint64_t arg)
{
	uint16_t i;

	(void)arg;
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	for (i = 1; i < 5; i++) {
		start_others();
		/* An INIT before that would undo the intercept, or what follows it. */
		while (*word(SEEN_GPA) < i)
			__asm__ volatile("pause");
		GUEST_ASSERT_EQ(i, *word(COUNT_GPA));
	}
}

static void *run_started(void *arg)
{
	struct runner *r = arg;
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(r->g, r->index, hv_x64_io_port_intercept_message);
	int i;

	for (i = 0; i < 4; i++) {
		r->event = guest_run(r->g, r->index);
		if (r->event != GUEST_EXIT ||
		    r->g->vp[r->index].message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
		    io->port_number != START_PORT || (uint16_t)io->rax != START_GPA >> 4 ||
		    io->header.cs_segment.base != START_GPA ||
		    io->header.execution_state.cr0_pe) {
			r->event = -EPROTO;
			return NULL;
		}
		r->event = guest_skip_instruction(r->g, r->index);
		if (r->event)
			return NULL;
		++*(volatile uint16_t *)guest_host(r->g, SEEN_GPA);
	}
	return NULL;
}

TEST_F(smp, init_sipi)
{
	struct runner ap = { .g = &self->g, .index = 1 };
	uint64_t activity;

	OK(guest_add_vp(&self->g, 0, guest_starts_other, 0));
	self->g.vp[1].fd = OK(vp_create(self->g.pt, 1));
	memcpy(guest_host(&self->g, START_GPA), start_code, sizeof(start_code));
	OK(guest_get_reg(&self->g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, &activity));
	EXPECT_U64(1, activity & 1);

	ASSERT_EQ(0, pthread_create(&ap.thread, NULL, run_started, &ap));
	RUN(GUEST_DONE, &self->g, 0);
	ASSERT_EQ(0, pthread_join(ap.thread, NULL));
	EXPECT_EQ(0, ap.event);
	OK(guest_get_reg(&self->g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, &activity));
	EXPECT_U64(0, activity & 1);
}

#define STARTS	2000

/*
 * As start_code, but it tells the test of the last start only: what starts it once more
 * comes by the HLT.  Its own count says which is the last: whoever counts along sees the
 * one before while this here is still behind its INC.
 */
static const uint8_t start_and_halt_code[] = {
	0x31, 0xc0,				/* xor %ax, %ax */
	0x8e, 0xd8,				/* mov %ax, %ds */
	0xff, 0x06, COUNT_GPA & 0xff, COUNT_GPA >> 8,	/* incw COUNT */
	0x81, 0x3e, COUNT_GPA & 0xff, COUNT_GPA >> 8,	/* cmpw $STARTS, COUNT */
	STARTS & 0xff, STARTS >> 8,
	0x75, 0x02,				/* jne to the hlt */
	0xe7, START_PORT,			/* out %ax, $START_PORT */
	0xf4,					/* hlt */
	0xeb, 0xfd,				/* jmp to the hlt */
};

static void guest_starts_other_often(uint64_t arg)
{
	uint16_t i;

	(void)arg;
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	for (i = 1; i <= STARTS; i++) {
		start_others();
		while (*word(COUNT_GPA) < i)
			__asm__ volatile("pause");
		GUEST_ASSERT_EQ(i, *word(COUNT_GPA));
	}
}

/* Whether an INIT and a SIPI find a VP before, in or behind its HLT, they start it. */
TEST_F(smp, starts_by_the_hlt)
{
	struct runner ap = { .g = &self->g, .index = 1 };

	OK(guest_add_vp(&self->g, 0, guest_starts_other_often, 0));
	self->g.vp[1].fd = OK(vp_create(self->g.pt, 1));
	memcpy(guest_host(&self->g, START_GPA), start_and_halt_code,
	       sizeof(start_and_halt_code));
	ASSERT_EQ(0, pthread_create(&ap.thread, NULL, run_vp, &ap));
	RUN(GUEST_DONE, &self->g, 0);
	ASSERT_EQ(0, pthread_join(ap.thread, NULL));
	EXPECT_EQ(GUEST_EXIT, ap.event);
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, self->g.vp[1].message.header.message_type);
}

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

/* A VP that waits for SIPI runs nothing, and its MSHV_RUN_VP can be interrupted. */
TEST_F(smp, waits_for_sipi)
{
	struct sigaction action = { .sa_handler = on_signal };
	/* Again and again, as the first may come before the run on a busy machine. */
	const struct itimerspec when = {
		.it_interval.tv_nsec = 30000000, .it_value.tv_nsec = 30000000,
	};
	timer_t timer;
	uint64_t rip;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, NULL, &timer));
	self->g.vp[1].fd = OK(vp_create(self->g.pt, 1));
	ASSERT_EQ(0, timer_settime(timer, 0, &when, NULL));
	EXPECT_EQ(-EINTR, guest_run(&self->g, 1));
	timer_delete(timer);
	EXPECT_LE(1, signals);
	OK(guest_get_reg(&self->g, 1, HV_X64_REGISTER_RIP, &rip));
	EXPECT_U64(0xfff0, rip);
}

/* The VMM may ask to see a SIPI instead. */
static void guest_sends_sipi(uint64_t arg)
{
	apic_ipi(1, APIC_DM_STARTUP | APIC_ASSERT | arg);
	guest_done(1);
}

TEST_F(smp, sipi_intercept)
{
	const struct hv_x64_sipi_intercept_message *sipi =
		guest_payload(&self->g, 0, hv_x64_sipi_intercept_message);
	uint64_t activity;

	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_X64_APIC_INIT_SIPI, 2, 0));
	OK(guest_add_vp(&self->g, 0, guest_sends_sipi, 0x12));
	self->g.vp[1].fd = OK(vp_create(self->g.pt, 1));
	RUN_TO(HVMSG_X64_SIPI_INTERCEPT, &self->g, 0);
	EXPECT_U64(1, sipi->target_vp_index);
	EXPECT_U64(0x12, sipi->interrupt_vector);
	OK(guest_skip_instruction(&self->g, 0));
	RUN(GUEST_DONE, &self->g, 0);
	OK(guest_get_reg(&self->g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, &activity));
	EXPECT_U64(1, activity & 1);
}

GUEST_TEST_MAIN
