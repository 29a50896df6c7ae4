// SPDX-License-Identifier: GPL-2.0-only
/*
 * Smaller things that a hypervisor offers its guests: what CPUID says of them, the
 * VP assist page, idling, last words.
 */
#include <pthread.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "msr.h"

#define ASSIST_GPA	0x700000ull
#define LOW		0x41
#define HIGH		0x82

static uint64_t everything(void)
{
	return GUEST_FEATURES(
		.access_vp_run_time_reg = 1,
		.access_partition_reference_counter = 1,
		.access_synic_regs = 1,
		.access_synthetic_timer_regs = 1,
		.access_intr_ctrl_regs = 1,
		.access_hypercall_regs = 1,
		.access_vp_index = 1,
		.access_partition_reference_tsc = 1,
		.access_guest_idle_reg = 1,
		.access_frequency_regs = 1,
		.direct_synthetic_timers = 1,
		.tb_flush_hypercalls = 1,
		.synthetic_cluster_ipi = 1,
		.signal_events = 1);
}

static uint64_t little(void)
{
	return GUEST_FEATURES(.access_vp_index = 1);
}

FIXTURE(enlighten) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(enlighten)
{
	MSHV_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), everything()));
}

MSHV_TEARDOWN(enlighten)

#define GUEST_TEST(name)						\
	static void guest_##name(uint64_t arg);				\
	TEST_F(enlighten, name)						\
	{								\
		OK(guest_add_vp(&self->g, 0, guest_##name, 0));		\
		RUN(GUEST_DONE, &self->g, 0);				\
	}								\
	static void guest_##name(uint64_t arg __attribute__((unused)))

/* ---------------------------------------------------------------------- CPUID */

enum { EAX, EBX, ECX, EDX };

/* An MSR is there if, and only if, its bit of EAX is. */
static const struct {
	uint8_t bit;
	uint32_t msr;
} announced[] = {
	{ 0, HV_X64_MSR_VP_RUNTIME },
	{ 1, HV_X64_MSR_TIME_REF_COUNT },
	{ 2, HV_X64_MSR_SCONTROL },
	{ 3, HV_X64_MSR_STIMER0_CONFIG },
	{ 4, HV_X64_MSR_TPR },
	{ 5, HV_X64_MSR_HYPERCALL },
	{ 6, HV_X64_MSR_VP_INDEX },
	{ 7, HV_X64_MSR_RESET },
	{ 9, HV_X64_MSR_REFERENCE_TSC },
	{ 11, HV_X64_MSR_TSC_FREQUENCY },
};

static void guest_checks_cpuid(uint64_t eax)
{
	uint32_t r[4];
	unsigned int i;

	guest_cpuid(1, 0, r);
	GUEST_ASSERT(r[ECX] & 1u << 31);
	guest_cpuid(0x40000000, 0, r);
	GUEST_ASSERT(r[EAX] >= 0x40000005 && r[EAX] < 0x40000100);
	GUEST_ASSERT_EQ(0x7263694d, r[EBX]);	/* "Micr" */
	guest_cpuid(0x40000001, 0, r);
	GUEST_ASSERT_EQ(0x31237648, r[EAX]);	/* "Hv#1" */
	guest_cpuid(0x40000002, 0, r);
	GUEST_ASSERT(r[EAX] != 0);		/* build number */
	guest_cpuid(0x40000003, 0, r);
	GUEST_ASSERT_EQ(eax, r[EAX]);
	for (i = 0; i < ARRAY_SIZE(announced); i++)
		GUEST_ASSERT_EQ(!(r[EAX] & 1u << announced[i].bit),
				guest_rdmsr_faults(announced[i].msr));
	guest_cpuid(0x40000005, 0, r);
	GUEST_ASSERT(r[EAX] >= 1);		/* VPs */
}

TEST_F(enlighten, cpuid)
{
	struct guest g;

	OK(guest_add_vp(&self->g, 0, guest_checks_cpuid, 0xe7f));
	RUN(GUEST_DONE, &self->g, 0);
	OK(guest_create_with(&g, PT(LAPIC), little()));
	OK(guest_add_vp(&g, 0, guest_checks_cpuid, 1 << 6));
	RUN(GUEST_DONE, &g, 0);
}

/* --------------------------------------------------------------------- reset */

static void guest_resets(uint64_t arg)
{
	uint32_t r[4];

	guest_checks_cpuid(arg);
	guest_cpuid(0x40000004, 0, r);
	GUEST_ASSERT(r[EAX] & 1u << 4);		/* recommended */
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_RESET));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_RESET, 3));
	guest_wrmsr(HV_X64_MSR_RESET, 0);
	guest_sync(0, 0);
	guest_wrmsr(HV_X64_MSR_RESET, 1);
	guest_sync(1, 0);
}

/* The machine is the VMM's: it gets the write, again and again until it acts on it. */
TEST_F(enlighten, reset)
{
	const struct hv_x64_msr_intercept_message *m;
	struct guest g;
	unsigned int i;

	OK(guest_create_privileged(&g, PT(LAPIC), little(),
				   HV_PARTITION_PRIVILEGE_ACCESS_RESET_MSR));
	OK(guest_add_vp(&g, 0, guest_resets, 1 << 6 | 1 << 7));
	RUN(GUEST_SYNC, &g, 0);
	for (i = 0; i < 2; i++) {
		RUN_TO(HVMSG_X64_MSR_INTERCEPT, &g, 0);
		m = guest_payload(&g, 0, hv_x64_msr_intercept_message);
		EXPECT_U64(HV_X64_MSR_RESET, m->msr_number);
		EXPECT_U64(HV_INTERCEPT_ACCESS_WRITE, m->header.intercept_access_type);
		EXPECT_U64(1, m->rax);
		EXPECT_U64(0, m->rdx);
	}
	OK(guest_skip_instruction(&g, 0));
	RUN(GUEST_SYNC, &g, 0);
	EXPECT_U64(1, g.vp[0].args[0]);
}

/* -------------------------------------------------------------------- runtime */

#define VP_RUNTIME	0x90000

static void guest_counts(uint64_t arg)
{
	uint64_t then = guest_rdmsr(HV_X64_MSR_VP_RUNTIME);

	(void)arg;
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_VP_RUNTIME, 0));
	/* It grows, however long that takes. */
	while (guest_rdmsr(HV_X64_MSR_VP_RUNTIME) <= then)
		;
	guest_sync(guest_rdmsr(HV_X64_MSR_VP_RUNTIME), 0);
	guest_sync(guest_rdmsr(HV_X64_MSR_VP_RUNTIME), 0);
}

TEST_F(enlighten, runtime)
{
	const uint64_t later = 1ull << 50;
	struct guest *g = &self->g;
	uint64_t stopped, value;

	OK(guest_add_vp(g, 0, guest_counts, 0));
	OK(guest_get_reg(g, 0, VP_RUNTIME, &value));
	EXPECT_U64(0, value);
	RUN(GUEST_SYNC, g, 0);
	OK(guest_get_reg(g, 0, VP_RUNTIME, &stopped));
	EXPECT_LE(g->vp[0].args[0], stopped);
	/* Not the time that passes while it does not run. */
	usleep(1000);
	OK(guest_get_reg(g, 0, VP_RUNTIME, &value));
	EXPECT_U64(stopped, value);
	OK(guest_set_reg(g, 0, VP_RUNTIME, later));
	RUN(GUEST_SYNC, g, 0);
	EXPECT_LE(later - 1, g->vp[0].args[0]);		/* it is kept in other units */
	EXPECT_GT(2 * later, g->vp[0].args[0]);
}

/* ------------------------------------------------------------- VP assist page */

static volatile uint64_t taken[256], spared, not_spared, in_service;

static void on_interrupt(struct guest_frame *frame)
{
	uint32_t *assist = guest_ptr(ASSIST_GPA);

	taken[frame->vector]++;
	/* As Linux does: the bit taken back is the EOI. */
	if (__sync_fetch_and_and(assist, ~1u) & 1) {
		spared++;
	} else {
		not_spared++;
		guest_wrmsr(HV_X64_MSR_EOI, 0);
	}
}

static void enable(void)
{
	guest_handle(LOW, on_interrupt);
	guest_handle(HIGH, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, ASSIST_GPA | 1);
}

GUEST_TEST(assist_page)
{
	uint64_t *page = guest_ptr(ASSIST_GPA);

	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE));
	*page = 0x1234;
	guest_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, ASSIST_GPA | 1);
	GUEST_ASSERT_EQ(ASSIST_GPA | 1, guest_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE));
	GUEST_ASSERT_EQ(0, *page);
	guest_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, 0);
	GUEST_ASSERT_EQ(0x1234, *page);
}

GUEST_TEST(no_eoi_required)
{
	enable();
	guest_sti();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(1, taken[LOW]);
	GUEST_ASSERT_EQ(1, spared);
	GUEST_ASSERT(!apic_bit(APIC_ISR, LOW));
	/* And the next one comes, whatever its priority. */
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	GUEST_ASSERT_EQ(2, taken[LOW]);
	GUEST_ASSERT_EQ(3, spared);
	GUEST_ASSERT_EQ(0, not_spared);
}

/* While another interrupt waits, the hypervisor has to know of the EOI. */
GUEST_TEST(eoi_required)
{
	enable();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	guest_sti();
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	GUEST_ASSERT_EQ(1, taken[LOW]);
	GUEST_ASSERT_EQ(1, not_spared);
	GUEST_ASSERT_EQ(1, spared);
}

/* One that comes after the promise takes it back. */
static void on_sends_another(struct guest_frame *frame)
{
	volatile uint32_t *assist = guest_ptr(ASSIST_GPA);

	GUEST_ASSERT_EQ(1, *assist & 1);
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(0, *assist & 1);
	in_service = apic_bit(APIC_ISR, frame->vector);
	on_interrupt(frame);
}

GUEST_TEST(promise_taken_back)
{
	enable();
	guest_handle(HIGH, on_sends_another);
	guest_sti();
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	GUEST_ASSERT_EQ(1, in_service);
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	GUEST_ASSERT_EQ(1, taken[LOW]);
	GUEST_ASSERT_EQ(1, not_spared);
}

/* ----------------------------------------------------------------------- idle */

static void sti_idle(void)
{
	uint32_t low, high;

	__asm__ volatile("sti; rdmsr" : "=a" (low), "=d" (high)
			 : "c" (HV_X64_MSR_GUEST_IDLE) : "memory");
}

static void guest_idles(uint64_t arg)
{
	(void)arg;
	enable();
	guest_sync(0, 0);
	/* Interrupts are off: it ends the idling, and is taken later. */
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_GUEST_IDLE));
	GUEST_ASSERT_EQ(0, taken[LOW]);
	GUEST_ASSERT(apic_bit(APIC_IRR, LOW));
	guest_sti();
	GUEST_ASSERT_EQ(1, taken[LOW]);
	guest_cli();
	guest_sync(1, 0);
	guest_rdmsr(HV_X64_MSR_GUEST_IDLE);
	GUEST_ASSERT(apic_bit(APIC_IRR, LOW));
	guest_sti();
	GUEST_ASSERT_EQ(2, taken[LOW]);
	guest_sync(2, 0);
	while (taken[LOW] < 3) {
		/* With interrupts on it is like HLT; STI lets none in before it. */
		guest_cli();
		if (taken[LOW] < 3)
			sti_idle();
	}
}

static int assert_interrupt(struct guest *g, uint32_t vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = HV_X64_INTERRUPT_TYPE_FIXED,
		.vector = vector,
	};
	struct hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in_bytes = sizeof(in),
		.in = &in,
	};

	return hvcall(g->pt, &call);
}

/* Most likely the guest idles by then; if not, it finds the interrupt there. */
static void *assert_later(void *g)
{
	usleep(50000);
	return (void *)(intptr_t)assert_interrupt(g, LOW);
}

TEST_F(enlighten, idle)
{
	struct guest *g = &self->g;
	pthread_t thread;
	unsigned int i;
	void *ret;

	OK(guest_add_vp(g, 0, guest_idles, 0));
	RUN(GUEST_SYNC, g, 0);
	OK(assert_interrupt(g, LOW));
	RUN(GUEST_SYNC, g, 0);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, assert_later, g));
		RUN(i ? GUEST_DONE : GUEST_SYNC, g, 0);
		ASSERT_EQ(0, pthread_join(thread, &ret));
		EXPECT_EQ(NULL, ret);
	}
}

/* ----------------------------------------------------------------- last words */

#define NOTIFY		(1ull << 63)
#define CRASH_P0	0x210
#define CRASH_CTL	0x215

static void guest_crashes(uint64_t arg)
{
	unsigned int i;

	(void)arg;
	GUEST_ASSERT(guest_rdmsr(HV_X64_MSR_CRASH_CTL) & NOTIFY);
	for (i = 0; i < 5; i++)
		guest_wrmsr(HV_X64_MSR_CRASH_P0 + i, 0xdead0000 + i);
	GUEST_ASSERT_EQ(0xdead0003, guest_rdmsr(HV_X64_MSR_CRASH_P0 + 3));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_CRASH_CTL, 1));
	guest_wrmsr(HV_X64_MSR_CRASH_CTL, NOTIFY);
	guest_sync(0, 0);
}

TEST_F(enlighten, crash)
{
	struct guest *g = &self->g;
	uint64_t value, i;

	OK(guest_add_vp(g, 0, guest_crashes, 0));
	OK(guest_get_reg(g, 0, CRASH_CTL, &value));
	EXPECT_U64(0, value);
	RUN(GUEST_SYNC, g, 0);
	for (i = 0; i < 5; i++) {
		OK(guest_get_reg(g, 0, CRASH_P0 + i, &value));
		EXPECT_U64(0xdead0000 + i, value);
	}
	OK(guest_get_reg(g, 0, CRASH_CTL, &value));
	EXPECT_U64(NOTIFY, value);
}

GUEST_TEST_MAIN
