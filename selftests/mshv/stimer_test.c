// SPDX-License-Identifier: GPL-2.0-only
/* Time as a hypervisor gives it to a guest: reference time, synthetic timers. */
#include "x86/guest_test.h"
#include "apic.h"
#include "msr.h"
#include "synic.h"

#define SINT		3
#define VECTOR		0x61
#define DIRECT_VECTOR	0x62
#define TSC_PAGE_GPA	0x702000ull

#define CONFIG(i)	(HV_X64_MSR_STIMER0_CONFIG + 2 * (i))
#define COUNT(i)	(HV_X64_MSR_STIMER0_CONFIG + 2 * (i) + 1)
#define ENABLE		(1ull << 0)
#define PERIODIC	(1ull << 1)
#define LAZY		(1ull << 2)
#define AUTO_ENABLE	(1ull << 3)
#define DIRECT(vector)	(1ull << 12 | (uint64_t)(vector) << 4)
#define TO_SINT(sint)	((uint64_t)(sint) << 16)

/* Reference time counts 100 ns. */
#define MS		10000ull
#define FOREVER		(1ull << 62)

#define TIME_FREEZE	0x30003
#define REFERENCE_TIME	0x30005

static uint64_t features(bool direct)
{
	return GUEST_FEATURES(
		.access_partition_reference_counter = 1,
		.access_synic_regs = 1,
		.access_synthetic_timer_regs = 1,
		.access_partition_reference_tsc = 1,
		.direct_synthetic_timers = direct);
}

FIXTURE(stimer) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(stimer)
{
	MSHV_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), features(true)));
}

MSHV_TEARDOWN(stimer)

#define GUEST_TEST(name)						\
	static void guest_##name(uint64_t arg);				\
	TEST_F(stimer, name)						\
	{								\
		OK(guest_add_vp(&self->g, 0, guest_##name, 0));		\
		RUN(GUEST_DONE, &self->g, 0);				\
	}								\
	static void guest_##name(uint64_t arg __attribute__((unused)))

#define SYNC() RUN(GUEST_SYNC, &self->g, 0)
#define ARG(i) (self->g.vp[0].args[i])

static uint64_t now(void)
{
	return guest_rdmsr(HV_X64_MSR_TIME_REF_COUNT);
}

static uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return low | (uint64_t)high << 32;
}

/* ------------------------------------------------------------ reference time */

GUEST_TEST(reference_counter)
{
	uint64_t first = now(), i, last = first, t;

	for (i = 0; i < 100; i++) {
		t = now();
		GUEST_ASSERT(t >= last);
		last = t;
	}
	while (now() < first + MS)
		;
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_TIME_REF_COUNT, 0));
	/* From the creation of the partition: not an hour ago. */
	GUEST_ASSERT(first < 3600 * 1000 * MS);
}

struct tsc_page {
	volatile uint32_t sequence;
	uint32_t reserved;
	volatile uint64_t scale;
	volatile int64_t offset;
};

static bool page_time(uint64_t *time)
{
	struct tsc_page *page = guest_ptr(TSC_PAGE_GPA);
	uint64_t product, tsc, ignored;
	uint32_t sequence;
	int64_t offset;

	do {
		sequence = page->sequence;
		if (!sequence)
			return false;
		tsc = rdtsc();
		__asm__ volatile("mul %3" : "=d" (product), "=a" (ignored)
				 : "a" (tsc), "r" (page->scale));
		offset = page->offset;
	} while (page->sequence != sequence);
	*time = product + offset;
	return true;
}

/* The page says what the MSR says, to the unit in which they are rounded. */
static void check_page(void)
{
	uint64_t before, after, t;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		before = now();
		GUEST_ASSERT(page_time(&t));
		after = now();
		GUEST_ASSERT(before <= t + 2);
		GUEST_ASSERT(t <= after + 2);
	}
}

GUEST_TEST(reference_page)
{
	uint64_t t;

	guest_wrmsr(HV_X64_MSR_REFERENCE_TSC, TSC_PAGE_GPA | 1);
	GUEST_ASSERT_EQ(TSC_PAGE_GPA | 1, guest_rdmsr(HV_X64_MSR_REFERENCE_TSC));
	check_page();
	guest_wrmsr(HV_X64_MSR_REFERENCE_TSC, 0);
	/* Memory of the VMM again, which is zero. */
	GUEST_ASSERT(!page_time(&t));
}

static volatile uint64_t gps;

static void on_gp(struct guest_frame *frame)
{
	gps++;
	frame->rip += 3;	/* mov %rax, (%rdi) */
}

GUEST_TEST(reference_page_is_read_only)
{
	(void)arg;
	guest_handle(13, on_gp);
	guest_wrmsr(HV_X64_MSR_REFERENCE_TSC, TSC_PAGE_GPA | 1);
	__asm__ volatile("mov %%rax, (%%rdi)" : : "a" (0ull),
			 "D" (guest_ptr(TSC_PAGE_GPA)) : "memory");
	GUEST_ASSERT_EQ(1, gps);
	check_page();
}

static void guest_checks_page(uint64_t arg)
{
	uint64_t t;

	(void)arg;
	guest_wrmsr(HV_X64_MSR_REFERENCE_TSC, TSC_PAGE_GPA | 1);
	check_page();
	guest_sync(page_time(&t), 0);
	check_page();
	guest_sync(page_time(&t), rdtsc());
	guest_sync(page_time(&t), now());
	guest_sync(page_time(&t), now());
	guest_sync(page_time(&t), now());
	check_page();
}

/* The VMM sets TSC and time, stops time and lets it go on. */
TEST_F(stimer, time_under_control)
{
	struct guest *g = &self->g;
	uint64_t t, frozen;

	OK(guest_add_vp(g, 0, guest_checks_page, 0));
	SYNC();
	EXPECT_U64(1, ARG(0));
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_TSC, 1000));
	SYNC();
	EXPECT_U64(1, ARG(0));
	EXPECT_LT(1000, (int64_t)ARG(1));

	OK(partition_set_property(g->pt, TIME_FREEZE, 1));
	OK(partition_get_property(g->pt, REFERENCE_TIME, &frozen));
	OK(partition_get_property(g->pt, TIME_FREEZE, &t));
	EXPECT_U64(1, t);
	SYNC();
	EXPECT_U64(0, ARG(0));
	EXPECT_U64(frozen, ARG(1));

	OK(partition_set_property(g->pt, REFERENCE_TIME, 5 * MS));
	SYNC();
	EXPECT_U64(5 * MS, ARG(1));
	OK(partition_set_property(g->pt, TIME_FREEZE, 0));
	SYNC();
	EXPECT_U64(1, ARG(0));
	EXPECT_LT(5 * MS, ARG(1));
	EXPECT_GT(3600 * 1000 * MS, ARG(1));
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		  partition_set_property_status(g->pt, TIME_FREEZE, 2));
	RUN(GUEST_DONE, g, 0);
}

/* VPs that don't agree about the TSC can't use one page. */
TEST_F(stimer, page_needs_one_tsc)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_checks_page, 0));
	OK(guest_add_vp(g, 1, guest_checks_page, 0));
	SYNC();
	EXPECT_U64(1, ARG(0));
	OK(guest_set_reg(g, 1, HV_X64_REGISTER_TSC, 1ull << 60));
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_TSC, 1000));
	RUN(GUEST_FAILED, g, 0);
}

/* -------------------------------------------------------------------- timers */

struct seen {
	uint64_t index, expired, delivered;
};

static volatile uint64_t messages, directs;
static volatile struct seen seen[64];

static void on_message(struct guest_frame *frame)
{
	volatile struct hv_message *slot = synic_slot(SINT);
	volatile struct seen *s = &seen[messages % 64];

	(void)frame;
	if (slot->header.message_type == HVMSG_TIMER_EXPIRED) {
		s->index = slot->u.payload[0];
		s->expired = slot->u.payload[1];
		s->delivered = slot->u.payload[2];
		messages++;
		synic_release(SINT);
	}
	apic_write(APIC_EOI, 0);
}

static void on_direct(struct guest_frame *frame)
{
	(void)frame;
	directs++;
	apic_write(APIC_EOI, 0);
}

static void enable(void)
{
	guest_handle(VECTOR, on_message);
	guest_handle(DIRECT_VECTOR, on_direct);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	synic_enable(SINT, VECTOR);
}

static bool enabled(unsigned int i)
{
	return guest_rdmsr(CONFIG(i)) & ENABLE;
}

GUEST_TEST(registers)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		GUEST_ASSERT_EQ(0, guest_rdmsr(CONFIG(i)));
		GUEST_ASSERT_EQ(0, guest_rdmsr(COUNT(i)));
	}
	/* Without a count, or a SINT, there is nothing to do. */
	guest_wrmsr(CONFIG(0), ENABLE);
	GUEST_ASSERT(!enabled(0));
	guest_wrmsr(CONFIG(0), ENABLE | TO_SINT(SINT));
	GUEST_ASSERT(enabled(0));
	guest_wrmsr(COUNT(0), FOREVER);
	GUEST_ASSERT(enabled(0));
	guest_wrmsr(COUNT(0), 0);
	GUEST_ASSERT(!enabled(0));
	guest_wrmsr(CONFIG(1), AUTO_ENABLE | TO_SINT(SINT));
	GUEST_ASSERT(!enabled(1));
	guest_wrmsr(COUNT(1), FOREVER);
	GUEST_ASSERT(enabled(1));
	GUEST_ASSERT_EQ(FOREVER, guest_rdmsr(COUNT(1)));
	GUEST_ASSERT(guest_wrmsr_faults(CONFIG(2), 1 << 13));
	GUEST_ASSERT(guest_wrmsr_faults(CONFIG(2), 1 << 20));
	GUEST_ASSERT_EQ(0, guest_rdmsr(CONFIG(2)));
}

GUEST_TEST(once)
{
	uint64_t due;

	enable();
	due = now() + 2 * MS;
	guest_wrmsr(CONFIG(2), ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(2), due);
	GUEST_HALT_UNTIL(messages >= 1);
	GUEST_ASSERT_EQ(2, seen[0].index);
	GUEST_ASSERT_EQ(due, seen[0].expired);
	GUEST_ASSERT(seen[0].delivered >= due);
	GUEST_ASSERT(!enabled(2));
	/* The past is now. */
	guest_wrmsr(CONFIG(2), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(2), 1);
	GUEST_HALT_UNTIL(messages >= 2);
	GUEST_ASSERT_EQ(1, seen[1].expired);
}

GUEST_TEST(periodic)
{
	uint64_t start, i;

	enable();
	start = now();
	guest_wrmsr(COUNT(0), MS);
	guest_wrmsr(CONFIG(0), ENABLE | PERIODIC | LAZY | TO_SINT(SINT));
	GUEST_HALT_UNTIL(messages >= 5);
	GUEST_ASSERT(enabled(0));
	guest_wrmsr(CONFIG(0), 0);
	GUEST_ASSERT(seen[0].expired >= start + MS);
	for (i = 1; i < 5; i++) {
		/* Whole periods. */
		GUEST_ASSERT(seen[i].expired > seen[i - 1].expired);
		GUEST_ASSERT_EQ(0, (seen[i].expired - seen[0].expired) % MS);
	}
}

GUEST_TEST(direct)
{
	enable();
	guest_wrmsr(COUNT(3), MS);
	guest_wrmsr(CONFIG(3), ENABLE | PERIODIC | DIRECT(DIRECT_VECTOR));
	GUEST_HALT_UNTIL(directs >= 3);
	guest_wrmsr(CONFIG(3), 0);
	GUEST_ASSERT_EQ(0, messages);
}

/* A message that finds its slot in use waits for the EOM. */
GUEST_TEST(slot_in_use)
{
	uint64_t due;

	enable();
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR | SINT_POLLING);
	guest_wrmsr(CONFIG(0), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(CONFIG(1), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(0), now() + MS);
	while (synic_slot(SINT)->header.message_type == HVMSG_NONE)
		;
	due = now() + MS;
	guest_wrmsr(COUNT(1), due);
	while (!synic_slot(SINT)->header.message_flags.msg_pending)
		;
	GUEST_ASSERT_EQ(0, synic_slot(SINT)->u.payload[0]);
	GUEST_ASSERT(!enabled(0));
	GUEST_ASSERT(!enabled(1));
	synic_release(SINT);
	GUEST_ASSERT_EQ(HVMSG_TIMER_EXPIRED, synic_slot(SINT)->header.message_type);
	GUEST_ASSERT_EQ(1, synic_slot(SINT)->u.payload[0]);
	GUEST_ASSERT_EQ(due, synic_slot(SINT)->u.payload[1]);
	GUEST_ASSERT(synic_slot(SINT)->u.payload[2] >= due);
}

/* So does one whose SINT is masked. */
GUEST_TEST(masked)
{
	uint64_t due = now() + MS;

	enable();
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR | SINT_MASKED);
	guest_wrmsr(CONFIG(0), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(0), due);
	while (enabled(0))
		;
	GUEST_ASSERT_EQ(HVMSG_NONE, synic_slot(SINT)->header.message_type);
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	GUEST_HALT_UNTIL(messages >= 1);
	GUEST_ASSERT_EQ(due, seen[0].expired);
}

/* What wasn't delivered in time is made up for, unless the timer is lazy. */
static uint64_t late(uint64_t config)
{
	uint64_t until;

	messages = 0;
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR | SINT_MASKED);
	guest_wrmsr(COUNT(0), 8 * MS);
	guest_wrmsr(CONFIG(0), ENABLE | PERIODIC | TO_SINT(SINT) | config);
	until = now() + 42 * MS;
	while (now() < until)
		;
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	GUEST_HALT_UNTIL(messages >= 3);
	guest_wrmsr(CONFIG(0), 0);
	return seen[2].expired - seen[1].expired;
}

GUEST_TEST(lazy)
{
	enable();
	GUEST_ASSERT_EQ(0, late(LAZY) % (8 * MS));
	GUEST_ASSERT(late(0) >= 4 * MS);
}

/* A period without end: nothing comes, and the host has no more to do for it. */
GUEST_TEST(endless)
{
	uint64_t until;
	unsigned int i;

	enable();
	for (i = 0; i < 4; i++) {
		guest_wrmsr(COUNT(i), ~0ull - i);
		guest_wrmsr(CONFIG(i), ENABLE | PERIODIC | (i & 1 ? LAZY : 0) |
			    (i & 2 ? DIRECT(DIRECT_VECTOR) : TO_SINT(SINT)));
	}
	for (until = now() + 5 * MS; now() < until; )
		guest_sti();
	GUEST_ASSERT_EQ(0, messages);
	GUEST_ASSERT_EQ(0, directs);
	for (i = 0; i < 4; i++)
		GUEST_ASSERT(enabled(i));
}

static void guest_without_direct(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT(guest_wrmsr_faults(CONFIG(0), DIRECT(DIRECT_VECTOR)));
	GUEST_ASSERT(!guest_wrmsr_faults(CONFIG(0), TO_SINT(SINT)));
}

TEST_F(stimer, direct_needs_the_feature)
{
	struct guest g;

	OK(guest_create_with(&g, PT(LAPIC), features(false)));
	OK(guest_add_vp(&g, 0, guest_without_direct, 0));
	RUN(GUEST_DONE, &g, 0);
}

static void guest_without(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT(guest_rdmsr_faults(CONFIG(0)));
	GUEST_ASSERT(guest_rdmsr_faults(HV_X64_MSR_TIME_REF_COUNT));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_REFERENCE_TSC, 0));
}

TEST_F(stimer, needs_the_feature)
{
	struct guest g;

	OK(guest_create(&g, PT(LAPIC)));
	OK(guest_add_vp(&g, 0, guest_without, 0));
	RUN(GUEST_DONE, &g, 0);
}

/* ------------------------------------------------------------ what the VMM does */

static void guest_migrates(uint64_t arg)
{
	uint64_t due;

	(void)arg;
	enable();
	guest_wrmsr(CONFIG(2), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(2), FOREVER);
	guest_sync(0, 0);
	/* From here on time stands still, and what is due soon is not due yet. */
	due = now() + 20 * MS;
	guest_wrmsr(CONFIG(0), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(0), due);
	guest_wrmsr(COUNT(1), 30 * MS);
	guest_wrmsr(CONFIG(1), ENABLE | PERIODIC | DIRECT(DIRECT_VECTOR));
	guest_sync(due, 0);
	/* Here all timers are off, and are brought back. */
	GUEST_ASSERT(!enabled(0) && !enabled(1) && !enabled(2));
	GUEST_ASSERT_EQ(0, messages);
	GUEST_ASSERT_EQ(0, directs);
	guest_sync(1, 0);
	GUEST_HALT_UNTIL(messages >= 1);
	GUEST_ASSERT_EQ(due, seen[0].expired);
	GUEST_HALT_UNTIL(directs >= 2);
}

TEST_F(stimer, state)
{
	struct guest *g = &self->g;
	struct hv_synthetic_timers_state *s = PAGES(PAGE_BYTES), *none = PAGES(PAGE_BYTES);
	int vp;

	OK(guest_add_vp(g, 0, guest_migrates, 0));
	vp = g->vp[0].fd;
	SYNC();
	OK(partition_set_property(g->pt, TIME_FREEZE, 1));
	SYNC();
	OK(vp_get_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
	EXPECT_U64(ENABLE | AUTO_ENABLE | TO_SINT(SINT), s->timers[0].config);
	EXPECT_U64(ARG(0), s->timers[0].count);
	EXPECT_U64(0, s->timers[0].flags.undelivered_msg_pending);
	EXPECT_U64(30 * MS, s->timers[1].count);
	EXPECT_LT(0u, s->timers[1].adjustment);
	EXPECT_GE(30 * MS, s->timers[1].adjustment);
	EXPECT_U64(ENABLE | AUTO_ENABLE | TO_SINT(SINT), s->timers[2].config);
	EXPECT_U64(FOREVER, s->timers[2].count);
	OK(vp_set_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, none));
	OK(partition_set_property(g->pt, TIME_FREEZE, 0));
	SYNC();
	OK(vp_set_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
	RUN(GUEST_DONE, g, 0);
}

static void guest_waits_undelivered(uint64_t arg)
{
	(void)arg;
	enable();
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR | SINT_MASKED);
	guest_wrmsr(CONFIG(1), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(1), 7);
	while (enabled(1))
		;
	guest_sync(0, 0);
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	guest_sti();
	GUEST_ASSERT_EQ(0, messages);
	guest_sync(1, 0);
	GUEST_HALT_UNTIL(messages >= 1);
	GUEST_ASSERT_EQ(1, seen[0].index);
	GUEST_ASSERT_EQ(7, seen[0].expired);
}

/* A message that waits is part of the state. */
TEST_F(stimer, undelivered_state)
{
	struct guest *g = &self->g;
	struct hv_synthetic_timers_state *s = PAGES(PAGE_BYTES), *none = PAGES(PAGE_BYTES);
	int vp;

	OK(guest_add_vp(g, 0, guest_waits_undelivered, 0));
	vp = g->vp[0].fd;
	SYNC();
	OK(vp_get_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
	EXPECT_U64(1, s->timers[1].flags.undelivered_msg_pending);
	EXPECT_U64(7, s->timers[1].undelivered_exp_time);
	OK(vp_set_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, none));
	SYNC();
	OK(vp_set_state(vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
	RUN(GUEST_DONE, g, 0);
}

TEST_F(stimer, state_refuses)
{
	struct hv_synthetic_timers_state *s = PAGES(PAGE_BYTES);

	OK(guest_add_vp(&self->g, 0, guest_migrates, 0));
	s->timers[0].config = 1 << 20;
	EXPECT_EQ(-EINVAL, vp_set_state(self->g.vp[0].fd, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
	s->timers[0].config = 0;
	s->timers[0].flags.reserved = 1;
	EXPECT_EQ(-EINVAL, vp_set_state(self->g.vp[0].fd, MSHV_VP_STATE_SYNTHETIC_TIMERS, s));
}

static void guest_frozen(uint64_t arg)
{
	uint64_t i;

	(void)arg;
	enable();
	guest_wrmsr(CONFIG(0), AUTO_ENABLE | TO_SINT(SINT));
	guest_wrmsr(COUNT(0), now() + 100);
	guest_sti();
	for (i = 0; i < 1000000; i++)
		__asm__ volatile("pause");
	guest_sync(messages, 0);
	GUEST_HALT_UNTIL(messages >= 1);
	guest_sync(messages, 0);
}

/* A timer does not run out while time stands still. */
TEST_F(stimer, frozen)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_frozen, 0));
	OK(partition_set_property(g->pt, TIME_FREEZE, 1));
	SYNC();
	EXPECT_U64(0, ARG(0));
	OK(partition_set_property(g->pt, TIME_FREEZE, 0));
	SYNC();
	EXPECT_U64(1, ARG(0));
}

GUEST_TEST_MAIN
