// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC of one VP, as its guest sees it: registers, priorities, timer,
 * x2APIC mode.
 */
#include "x86/guest_test.h"
#include "apic.h"
#include "msr.h"

#define LOW	0x41
#define HIGH	0x82

/* What the handlers of a guest saw; each guest has its copy. */
static volatile uint64_t taken[256];
static volatile unsigned int order[8], orders;
static volatile bool in_service;

static void on_interrupt(struct guest_frame *frame)
{
	taken[frame->vector]++;
	if (orders < 8)
		order[orders++] = frame->vector;
	in_service = apic_bit(APIC_ISR, frame->vector);
	apic_write(APIC_EOI, 0);
}

static void on_x2_interrupt(struct guest_frame *frame)
{
	taken[frame->vector]++;
	x2apic_write(APIC_EOI, 0);
}

static void enable(void)
{
	guest_handle(LOW, on_interrupt);
	guest_handle(HIGH, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
}

FIXTURE(lapic) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(lapic)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC) | PT(X2APIC)));
}

MSHV_TEARDOWN(lapic)

#define GUEST_TEST(name)						\
	static void guest_##name(uint64_t arg);				\
	TEST_F(lapic, name)						\
	{								\
		OK(guest_add_vp(&self->g, 0, guest_##name, 0));		\
		RUN(GUEST_DONE, &self->g, 0);				\
	}								\
	static void guest_##name(uint64_t arg __attribute__((unused)))

GUEST_TEST(reset_state)
{
	uint64_t base = guest_rdmsr(APIC_BASE_MSR);
	unsigned int reg;

	GUEST_ASSERT_EQ(APIC_GPA | APIC_BASE_ENABLE | APIC_BASE_BSP, base);
	GUEST_ASSERT_EQ(0, apic_read(APIC_ID));
	GUEST_ASSERT((apic_read(APIC_VERSION) & 0xff) >= 0x10);
	GUEST_ASSERT((apic_read(APIC_VERSION) >> 16 & 0xff) >= 3);
	GUEST_ASSERT_EQ(0, apic_read(APIC_TPR));
	GUEST_ASSERT_EQ(0xff, apic_read(APIC_SVR) & 0x1ff);
	GUEST_ASSERT_EQ(0, apic_read(APIC_LDR));
	GUEST_ASSERT_EQ(0xffffffff, apic_read(APIC_DFR));
	GUEST_ASSERT_EQ(APIC_LVT_MASKED, apic_read(APIC_LVT_TIMER));
	GUEST_ASSERT_EQ(0, apic_read(APIC_INITIAL));
	GUEST_ASSERT_EQ(0, apic_read(APIC_CURRENT));
	for (reg = APIC_ISR; reg < APIC_ESR; reg++)
		GUEST_ASSERT_EQ(0, apic_read(reg));
}

GUEST_TEST(registers)
{
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xf0);
	GUEST_ASSERT_EQ(APIC_SVR_ENABLE | 0xf0, apic_read(APIC_SVR) & 0x1ff);
	apic_write(APIC_LDR, 0x5affffff);
	GUEST_ASSERT_EQ(0x5a000000, apic_read(APIC_LDR));
	apic_write(APIC_DFR, 0);
	GUEST_ASSERT_EQ(0x0fffffff, apic_read(APIC_DFR));
	apic_write(APIC_TPR, 0x57);
	GUEST_ASSERT_EQ(0x57, apic_read(APIC_TPR));
	GUEST_ASSERT_EQ(0x5, guest_get_cr8());
	GUEST_ASSERT_EQ(0x50, apic_read(APIC_PPR) & 0xf0);
	guest_set_cr8(0x9);
	GUEST_ASSERT_EQ(0x90, apic_read(APIC_TPR));
	apic_write(APIC_LVT_LINT1, 0x400);
	GUEST_ASSERT_EQ(0x400, apic_read(APIC_LVT_LINT1));
	apic_write(APIC_DIVIDE, 0xb);
	GUEST_ASSERT_EQ(0xb, apic_read(APIC_DIVIDE));

	/* Software disabled: no entry can be unmasked. */
	apic_write(APIC_SVR, 0xff);
	GUEST_ASSERT_EQ(0x400 | APIC_LVT_MASKED, apic_read(APIC_LVT_LINT1));
	apic_write(APIC_LVT_LINT1, 0x400);
	GUEST_ASSERT_EQ(0x400 | APIC_LVT_MASKED, apic_read(APIC_LVT_LINT1));
}

GUEST_TEST(self_ipi)
{
	enable();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT(apic_bit(APIC_IRR, LOW));
	GUEST_ASSERT_EQ(0, taken[LOW]);
	guest_sti();
	GUEST_ASSERT_EQ(1, taken[LOW]);
	GUEST_ASSERT(in_service);
	GUEST_ASSERT(!apic_bit(APIC_IRR, LOW));
	GUEST_ASSERT(!apic_bit(APIC_ISR, LOW));

	/* By its id, and with everybody. */
	apic_ipi(0, LOW);
	GUEST_ASSERT_EQ(2, taken[LOW]);
	apic_write(APIC_ICR, APIC_TO_ALL | LOW);
	GUEST_ASSERT_EQ(3, taken[LOW]);
	apic_write(APIC_ICR, APIC_TO_OTHERS | LOW);
	GUEST_ASSERT_EQ(3, taken[LOW]);
	GUEST_ASSERT_EQ(0, apic_read(APIC_ICR) & 0x1000);
}

GUEST_TEST(disabled_takes_nothing)
{
	guest_handle(LOW, on_interrupt);
	guest_sti();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	enable();
	GUEST_ASSERT(!apic_bit(APIC_IRR, LOW));
	GUEST_ASSERT_EQ(0, taken[LOW]);
}

GUEST_TEST(higher_vector_first)
{
	enable();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	guest_sti();
	GUEST_ASSERT_EQ(2, orders);
	GUEST_ASSERT_EQ(HIGH, order[0]);
	GUEST_ASSERT_EQ(LOW, order[1]);
}

/* Interrupts on, and no EOI yet: only a higher class gets through. */
static void on_nesting(struct guest_frame *frame)
{
	apic_write(APIC_ICR, APIC_TO_SELF | (LOW + 1));
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	guest_sti();
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	GUEST_ASSERT_EQ(0, taken[LOW + 1]);
	GUEST_ASSERT_EQ(LOW & 0xf0, apic_read(APIC_PPR) & 0xf0);
	guest_cli();
	taken[frame->vector]++;
	apic_write(APIC_EOI, 0);
}

GUEST_TEST(nested)
{
	enable();
	guest_handle(LOW, on_nesting);
	guest_handle(LOW + 1, on_interrupt);
	guest_sti();
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(1, taken[LOW]);
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	GUEST_ASSERT_EQ(1, taken[LOW + 1]);
}

GUEST_TEST(task_priority)
{
	enable();
	guest_sti();
	/* Same class: held back. */
	guest_set_cr8(LOW >> 4);
	apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(0, taken[LOW]);
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	guest_set_cr8((LOW >> 4) - 1);
	GUEST_ASSERT_EQ(1, taken[LOW]);

	/* The other way to the same register. */
	apic_write(APIC_TPR, 0xff);
	apic_write(APIC_ICR, APIC_TO_SELF | HIGH);
	GUEST_ASSERT_EQ(1, taken[HIGH]);
	apic_write(APIC_TPR, 0);
	GUEST_ASSERT_EQ(2, taken[HIGH]);
}

GUEST_TEST(illegal_vectors)
{
	enable();
	apic_write(APIC_ESR, 0);
	apic_write(APIC_ICR, APIC_TO_SELF | 5);
	apic_write(APIC_ESR, 0);
	GUEST_ASSERT(apic_read(APIC_ESR) & 0x60);
	apic_write(APIC_ESR, 0);
	GUEST_ASSERT_EQ(0, apic_read(APIC_ESR));
}

static void on_nmi(struct guest_frame *frame)
{
	taken[frame->vector]++;
}

GUEST_TEST(nmi_to_itself)
{
	guest_handle(2, on_nmi);
	enable();
	apic_ipi(0, APIC_DM_NMI | APIC_ASSERT);
	GUEST_ASSERT_EQ(1, taken[2]);
	apic_ipi(0, APIC_DM_NMI | APIC_ASSERT);
	GUEST_ASSERT_EQ(2, taken[2]);
}

/* ------------------------------------------------------------------ the timer */

GUEST_TEST(timer_once)
{
	uint32_t first, second;

	enable();
	apic_write(APIC_DIVIDE, 0xb);
	apic_write(APIC_LVT_TIMER, LOW);
	apic_write(APIC_INITIAL, 0xffffffff);
	first = apic_read(APIC_CURRENT);
	second = apic_read(APIC_CURRENT);
	GUEST_ASSERT(first <= 0xffffffff && second < first);

	apic_write(APIC_INITIAL, 200000);
	GUEST_HALT_UNTIL(taken[LOW] >= 1);
	GUEST_ASSERT_EQ(0, apic_read(APIC_CURRENT));
	GUEST_ASSERT_EQ(200000, apic_read(APIC_INITIAL));
	GUEST_ASSERT_EQ(1, taken[LOW]);
}

GUEST_TEST(timer_periodic)
{
	enable();
	apic_write(APIC_DIVIDE, 0x3);
	apic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | HIGH);
	apic_write(APIC_INITIAL, 20000);
	GUEST_HALT_UNTIL(taken[HIGH] >= 5);
	/* Stopped it stays. */
	apic_write(APIC_INITIAL, 0);
	GUEST_ASSERT_EQ(0, apic_read(APIC_CURRENT));
}

GUEST_TEST(timer_masked)
{
	enable();
	apic_write(APIC_DIVIDE, 0xb);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | LOW);
	guest_sti();
	apic_write(APIC_INITIAL, 1000);
	while (apic_read(APIC_CURRENT))
		;
	GUEST_ASSERT_EQ(0, taken[LOW]);
	GUEST_ASSERT(!apic_bit(APIC_IRR, LOW));
}

static uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a" (low), "=d" (high));
	return low | (uint64_t)high << 32;
}

GUEST_TEST(timer_tsc_deadline)
{
	uint32_t regs[4];
	uint64_t when;

	guest_cpuid(1, 0, regs);
	if (!(regs[2] & 1u << 24))
		return;
	enable();
	apic_write(APIC_LVT_TIMER, APIC_TIMER_DEADLINE | LOW);
	when = rdtsc() + 3000000;
	guest_wrmsr(0x6e0, when);
	GUEST_HALT_UNTIL(taken[LOW] >= 1);
	GUEST_ASSERT(rdtsc() >= when);
	GUEST_ASSERT_EQ(0, guest_rdmsr(0x6e0));
	/* The past is now. */
	guest_wrmsr(0x6e0, 1);
	GUEST_HALT_UNTIL(taken[LOW] >= 2);
}

/* --------------------------------------------------------------------- x2APIC */

GUEST_TEST(base_transitions)
{
	uint64_t base = guest_rdmsr(APIC_BASE_MSR);
	uint64_t off = base & ~(uint64_t)APIC_BASE_ENABLE;
	uint32_t regs[4];

	/* Without x2APIC its registers are none. */
	GUEST_ASSERT(guest_rdmsr_faults(X2APIC_MSR + APIC_ID));
	GUEST_ASSERT(guest_wrmsr_faults(APIC_BASE_MSR, off | APIC_BASE_X2APIC));
	guest_wrmsr(APIC_BASE_MSR, base | APIC_BASE_X2APIC);
	GUEST_ASSERT(!guest_rdmsr_faults(X2APIC_MSR + APIC_ID));
	/* The way back is by switching it off. */
	GUEST_ASSERT(guest_wrmsr_faults(APIC_BASE_MSR, base));
	guest_wrmsr(APIC_BASE_MSR, off);
	guest_cpuid(1, 0, regs);
	GUEST_ASSERT_EQ(0, regs[3] & 1u << 9);
	GUEST_ASSERT(guest_rdmsr_faults(X2APIC_MSR + APIC_ID));
	GUEST_ASSERT(guest_wrmsr_faults(APIC_BASE_MSR, base | APIC_BASE_X2APIC));
	guest_wrmsr(APIC_BASE_MSR, base);
	GUEST_ASSERT_EQ(0xff, apic_read(APIC_SVR) & 0x1ff);
	GUEST_ASSERT(guest_wrmsr_faults(APIC_BASE_MSR, base | 1));
}

GUEST_TEST(x2apic)
{
	guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
	guest_handle(LOW, on_x2_interrupt);
	GUEST_ASSERT_EQ(0, x2apic_read(APIC_ID));
	GUEST_ASSERT_EQ(1, x2apic_read(APIC_LDR));
	x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sti();
	x2apic_write(APIC_SELF_IPI, LOW);
	GUEST_ASSERT_EQ(1, taken[LOW]);
	x2apic_write(APIC_ICR, APIC_TO_SELF | LOW);
	GUEST_ASSERT_EQ(2, taken[LOW]);
	/* By id, by logical id, to everybody. */
	x2apic_write(APIC_ICR, LOW);
	GUEST_ASSERT_EQ(3, taken[LOW]);
	x2apic_write(APIC_ICR, 1ull << 32 | APIC_DEST_LOGICAL | LOW);
	GUEST_ASSERT_EQ(4, taken[LOW]);
	x2apic_write(APIC_ICR, 0xffffffffull << 32 | LOW);
	GUEST_ASSERT_EQ(5, taken[LOW]);

	x2apic_write(APIC_DIVIDE, 0xb);
	x2apic_write(APIC_LVT_TIMER, LOW);
	x2apic_write(APIC_INITIAL, 100000);
	GUEST_HALT_UNTIL(taken[LOW] >= 6);

	/* What does not exist in this mode, is read-only, or reserved. */
	GUEST_ASSERT(guest_rdmsr_faults(X2APIC_MSR + APIC_DFR));
	GUEST_ASSERT(guest_rdmsr_faults(X2APIC_MSR + APIC_ICR_HIGH));
	GUEST_ASSERT(guest_rdmsr_faults(X2APIC_MSR + APIC_SELF_IPI));
	GUEST_ASSERT(guest_wrmsr_faults(X2APIC_MSR + APIC_ID, 0));
	GUEST_ASSERT(guest_wrmsr_faults(X2APIC_MSR + APIC_EOI, 1));
	GUEST_ASSERT(guest_wrmsr_faults(X2APIC_MSR + APIC_TPR, 0x100));
	GUEST_ASSERT(guest_wrmsr_faults(X2APIC_MSR + APIC_LVT_TIMER, 1ull << 32));
}

/* ----------------------------------------------- instructions at the registers */

/* EFLAGS that arithmetic sets: CF PF AF ZF SF OF */
#define STATUS_FLAGS	0x8d5

#define ALU(insn, size, reg, mem, value) ({				\
	uint64_t alu_flags;						\
	__asm__ volatile(insn size " %" reg "2, %1; pushf; pop %0"	\
			 : "=r" (alu_flags), "+m" (mem)			\
			 : "r" (value) : "cc", "memory");		\
	alu_flags & STATUS_FLAGS;					\
})

/* The same on ordinary memory must give the same. */
#define SAME(insn, start, value) do {					\
	volatile uint32_t *tpr = guest_ptr(APIC_GPA + APIC_TPR * 16);	\
	volatile uint32_t plain = (start);				\
	uint64_t here, there;						\
									\
	*tpr = (start);							\
	there = ALU(insn, "l", "k", plain, (uint32_t)(value));		\
	here = ALU(insn, "l", "k", *tpr, (uint32_t)(value));		\
	GUEST_ASSERT_EQ(plain & 0xff, *tpr);				\
	GUEST_ASSERT_EQ(there, here);					\
} while (0)

GUEST_TEST(arithmetic)
{
	static const uint32_t values[] = { 0, 1, 0xf, 0x55, 0x80, 0xff, 0x7fffffff, 0xffffffff };
	unsigned int i, j;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < 8; j++) {
			SAME("add", values[i], values[j]);
			SAME("sub", values[i], values[j]);
			SAME("and", values[i], values[j]);
			SAME("or", values[i], values[j]);
			SAME("xor", values[i], values[j]);
			SAME("cmp", values[i], values[j]);
			SAME("test", values[i], values[j]);
			SAME("adc", values[i], values[j]);
			SAME("sbb", values[i], values[j]);
		}
	}
}

GUEST_TEST(moves)
{
	volatile uint32_t *svr = guest_ptr(APIC_GPA + APIC_SVR * 16);
	volatile uint32_t *tpr = guest_ptr(APIC_GPA + APIC_TPR * 16);
	uint64_t v;

	*svr = 0x1f7;
	__asm__ volatile("mov $-1, %0; movl %1, %k0" : "=&r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0x1f7, v);
	__asm__ volatile("mov $-1, %0; movw %1, %w0" : "=&r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xffffffffffff01f7ull, v);
	__asm__ volatile("mov $-1, %0; movb %1, %b0" : "=&r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xfffffffffffffff7ull, v);
	__asm__ volatile("mov $0, %%eax; movb %1, %%ah" : "=a" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xf700, v);
	__asm__ volatile("mov $-1, %0; movzbl %1, %k0" : "=&r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xf7, v);
	__asm__ volatile("movsbq %1, %0" : "=r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xfffffffffffffff7ull, v);
	__asm__ volatile("movsbl %1, %k0" : "=r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0xfffffff7ull, v);
	__asm__ volatile("movzwq %1, %0" : "=r" (v) : "m" (*svr));
	GUEST_ASSERT_EQ(0x1f7, v);
	__asm__ volatile("movabs 0xffff8000fee000f0, %%eax" : "=a" (v));
	GUEST_ASSERT_EQ(0x1f7, v);
	__asm__ volatile("lodsl" : "=a" (v), "=S" (svr) : "S" (svr) : "memory");
	GUEST_ASSERT_EQ(0x1f7, v);
	GUEST_ASSERT_EQ((uintptr_t)guest_ptr(APIC_GPA + APIC_SVR * 16 + 4), (uintptr_t)svr);

	__asm__ volatile("movl $0x21, %0" : "=m" (*tpr));
	GUEST_ASSERT_EQ(0x21, *tpr);
	__asm__ volatile("movnti %1, %0" : "=m" (*tpr) : "r" (0x32));
	GUEST_ASSERT_EQ(0x32, *tpr);
	v = 0x43;
	__asm__ volatile("xchgl %k0, %1" : "+r" (v), "+m" (*tpr));
	GUEST_ASSERT_EQ(0x32, v);
	GUEST_ASSERT_EQ(0x43, *tpr);
	v = 0x54;
	__asm__ volatile("mov %%eax, 0x80(%1,%2,8)" : : "a" (v),
			 "r" (guest_ptr(APIC_GPA)), "r" (0ull) : "memory");
	GUEST_ASSERT_EQ(0x54, *tpr);
	__asm__ volatile("add %1, %k0" : "+r" (v) : "m" (*tpr));
	GUEST_ASSERT_EQ(0xa8, v);
	__asm__ volatile("movabs %%eax, 0xffff8000fee00080" : : "a" (0x65) : "memory");
	GUEST_ASSERT_EQ(0x65, *tpr);
	__asm__ volatile("stosl" : "=D" (tpr) : "a" (0x76), "D" (tpr) : "memory");
	GUEST_ASSERT_EQ(0x76, apic_read(APIC_TPR));
}

/* ------------------------------------------------- the hypervisor's own MSRs */

#define RESULT_GPA	0x800

#define MOV_ECX(msr)	0x66, 0xb9, (msr) & 0xff, 0, 0, 0x40
#define MOV_EAX(value)	0x66, 0xb8, value, 0, 0, 0
#define XOR_EDX		0x66, 0x31, 0xd2
#define RDMSR		0x0f, 0x32
#define WRMSR		0x0f, 0x30
#define STORE_EAX(i)	0x66, 0xa3, ((RESULT_GPA + 4 * (i)) & 0xff), (RESULT_GPA >> 8)

static const uint8_t synthetic_code[] = {
	MOV_ECX(0x22), RDMSR, STORE_EAX(0),		/* TSC frequency */
	MOV_ECX(0x23), RDMSR, STORE_EAX(1),		/* APIC frequency */
	XOR_EDX,
	MOV_ECX(0x72), MOV_EAX(0x35), WRMSR,		/* TPR */
	RDMSR, STORE_EAX(2),
	MOV_ECX(0x71), MOV_EAX(0x7f), WRMSR,		/* ICR */
	RDMSR, STORE_EAX(3),
	XOR_EDX,
	MOV_ECX(0x70), MOV_EAX(0), WRMSR,		/* EOI */
	0xe6, 0x81,					/* out %al, $0x81 */
};

/* A partition that was given them before it was initialized. */
static int create_with_msrs(struct guest *g)
{
	union hv_partition_synthetic_processor_features features = {
		.hypervisor_present = 1,
		.hv1 = 1,
		.access_intr_ctrl_regs = 1,
		.access_frequency_regs = 1,
	};
	int ret;

	g->dev = dev_open();
	if (g->dev < 0)
		return g->dev;
	g->pt = partition_create(g->dev, PT(LAPIC));
	if (g->pt < 0)
		return g->pt;
	ret = partition_set_property(g->pt, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				     features.as_uint64[0]);
	if (!ret)
		ret = partition_initialize(g->pt);
	if (ret)
		return ret;
	g->ram = pages_alloc(GUEST_RAM_BYTES);
	if (!g->ram)
		return -ENOMEM;
	return memory_map(g->pt, 0, g->ram, GUEST_RAM_BYTES, MEM_W | MEM_X);
}

TEST_F(lapic, synthetic_msrs)
{
	struct guest g = { 0 };
	uint32_t seen[4];

	OK(create_with_msrs(&g));
	OK(guest_add_real_vp(&g, 0, synthetic_code, sizeof(synthetic_code)));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &g, 0);
	memcpy(seen, guest_host(&g, RESULT_GPA), sizeof(seen));
	EXPECT_NE(0u, seen[0]);
	EXPECT_NE(0u, seen[1]);
	EXPECT_U64(0x35, seen[2]);
	EXPECT_U64(0x7f, seen[3] & 0xff);
}

GUEST_TEST_MAIN
