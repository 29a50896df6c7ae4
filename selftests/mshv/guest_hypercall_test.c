// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls that a guest makes: the page, the convention, what they do. */
#include <pthread.h>

#include "x86/guest_test.h"
#include "x86/intercept.h"
#include "apic.h"
#include "hypercall.h"
#include "msr.h"

#define VECTOR		0x71

static uint64_t features(bool all)
{
	return GUEST_FEATURES(
		.access_synic_regs = 1,
		.access_hypercall_regs = 1,
		.access_vp_index = 1,
		.tb_flush_hypercalls = all,
		.synthetic_cluster_ipi = all,
		.extended_processor_masks = all,
		.notify_long_spin_wait = all,
		.signal_events = all,
		.access_vp_regs = all);
}

FIXTURE(guest_hypercall) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(guest_hypercall)
{
	MSHV_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), features(true)));
}

MSHV_TEARDOWN(guest_hypercall)

#define GUEST_TEST(name)						\
	static void guest_##name(uint64_t arg);				\
	TEST_F(guest_hypercall, name)					\
	{								\
		OK(guest_add_vp(&self->g, 0, guest_##name, 0));		\
		RUN(GUEST_DONE, &self->g, 0);				\
	}								\
	static void guest_##name(uint64_t arg __attribute__((unused)))

/* ------------------------------------------------------------------- the page */

static volatile uint64_t uds, gps;

static void on_ud(struct guest_frame *frame)
{
	uds++;
	frame->rip += 3;
}

static void on_gp(struct guest_frame *frame)
{
	gps++;
	frame->rip += 2;	/* mov %al, (%rdi) */
}

static void vmmcall(void)
{
	__asm__ volatile("vmmcall" : : "a" (0), "c" (FAST | HVCALL_NOTIFY_LONG_SPIN_WAIT),
			 "d" (0) : "memory");
}

GUEST_TEST(page)
{
	volatile uint8_t *page = guest_ptr(PAGE_GPA);

	guest_handle(6, on_ud);
	GUEST_ASSERT_EQ(0, guest_rdmsr(HV_X64_MSR_GUEST_OS_ID));
	vmmcall();
	GUEST_ASSERT_EQ(1, uds);
	/* Nobody may place it before saying who it is. */
	guest_wrmsr(HV_X64_MSR_HYPERCALL, PAGE_GPA | 1);
	GUEST_ASSERT_EQ(PAGE_GPA, guest_rdmsr(HV_X64_MSR_HYPERCALL));
	page[0] = 0x5a;
	enable_hypercalls();
	GUEST_ASSERT_EQ(OS_ID, guest_rdmsr(HV_X64_MSR_GUEST_OS_ID));
	GUEST_ASSERT_EQ(PAGE_GPA | 1, guest_rdmsr(HV_X64_MSR_HYPERCALL));
	GUEST_ASSERT(page[0] != 0x5a);
	GUEST_ASSERT_EQ(0, call(FAST | HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, 0));

	/* Its code is not the guest's. */
	guest_handle(13, on_gp);
	__asm__ volatile("mov %%al, (%%rdi)" : : "a" (0), "D" (page) : "memory");
	GUEST_ASSERT_EQ(1, gps);
	GUEST_ASSERT_EQ(0, call(FAST | HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, 0));

	guest_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	GUEST_ASSERT_EQ(PAGE_GPA, guest_rdmsr(HV_X64_MSR_HYPERCALL));
	GUEST_ASSERT_EQ(0x5a, page[0]);
	vmmcall();
	GUEST_ASSERT_EQ(2, uds);

	enable_hypercalls();
	guest_wrmsr(HV_X64_MSR_HYPERCALL, PAGE_GPA | 3);
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_HYPERCALL, PAGE_GPA | 1));
	GUEST_ASSERT_EQ(PAGE_GPA | 3, guest_rdmsr(HV_X64_MSR_HYPERCALL));
}

static void guest_without(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT(guest_rdmsr_faults(HV_X64_MSR_HYPERCALL));
	GUEST_ASSERT(guest_wrmsr_faults(HV_X64_MSR_GUEST_OS_ID, OS_ID));
	guest_handle(6, on_ud);
	vmmcall();
	GUEST_ASSERT_EQ(1, uds);
}

TEST_F(guest_hypercall, needs_the_feature)
{
	struct guest g;

	OK(guest_create(&g, PT(LAPIC)));
	OK(guest_add_vp(&g, 0, guest_without, 0));
	RUN(GUEST_DONE, &g, 0);
}

/* -------------------------------------------------------------- the convention */

GUEST_TEST(refused)
{
	uint64_t *in = guest_ptr(IN_GPA);

	enable_hypercalls();
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, call(0x3fff, IN_GPA, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, call(0x8001, IN_GPA, OUT_GPA));
	/* What only a parent may. */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
			call(HVCALL_CREATE_PARTITION, IN_GPA, OUT_GPA));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE | 1ull << 27, IN_GPA, 0));
	/* A list where there is none, none where there should be, a start behind its end. */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE | REPS(1), IN_GPA, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST, IN_GPA, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			status(call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | REPS(2) | REP_START(2),
				    IN_GPA, 0)));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_SEND_IPI | VARHEAD(1), IN_GPA, 0));
	/* Too much for registers: 24 bytes and 12 elements; no output in them here. */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | FAST | REPS(12), 0, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call(HVCALL_GET_VP_REGISTERS | FAST | REPS(1), ~0ull, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_ALIGNMENT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, IN_GPA + 4, 0));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_ALIGNMENT,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, IN_GPA + 0xff0, 0));
	in[1] = 1 << 4;		/* flags */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, IN_GPA, 0));
}

static void guest_denied(uint64_t arg)
{
	static const uint16_t codes[] = {
		HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		HVCALL_NOTIFY_LONG_SPIN_WAIT, HVCALL_SEND_IPI, HVCALL_SEND_IPI_EX,
		HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS, HVCALL_SIGNAL_EVENT,
	};
	unsigned int i;

	(void)arg;
	enable_hypercalls();
	for (i = 0; i < ARRAY_SIZE(codes); i++)
		GUEST_ASSERT_EQ(HV_STATUS_ACCESS_DENIED, status(call(codes[i], IN_GPA, OUT_GPA)));
}

TEST_F(guest_hypercall, denied)
{
	struct guest g;

	OK(guest_create_with(&g, PT(LAPIC), features(false)));
	OK(guest_add_vp(&g, 0, guest_denied, 0));
	RUN(GUEST_DONE, &g, 0);
}

static void guest_points_nowhere(uint64_t arg)
{
	enable_hypercalls();
	call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, arg, 0);
	guest_sync(1, 0);
}

/* The VMM is asked for the memory, as for any access of the guest. */
TEST_F(guest_hypercall, arguments_in_no_memory)
{
	struct guest *g = &self->g;
	const struct hv_x64_memory_intercept_message *m;
	void *page = PAGES(PAGE_BYTES);

	OK(guest_add_vp(g, 0, guest_points_nowhere, GUEST_HOLE_GPA + 8));
	RUN_TO(HVMSG_UNMAPPED_GPA, g, 0);
	m = guest_payload(g, 0, hv_x64_memory_intercept_message);
	EXPECT_U64(GUEST_HOLE_GPA + 8, m->guest_physical_address);
	EXPECT_U64(HV_INTERCEPT_ACCESS_READ, m->header.intercept_access_type);
	OK(memory_map(g->pt, GUEST_HOLE_GPA, page, PAGE_BYTES, 0));
	RUN(GUEST_SYNC, g, 0);
}

GUEST_TEST(all_reps)
{
	enable_hypercalls();
	GUEST_ASSERT_EQ(REPS(5), call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | REPS(5), IN_GPA, 0));
	GUEST_ASSERT_EQ(REPS(5), call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | REPS(5) | REP_START(3),
				      IN_GPA, 0));
}

/* ------------------------------------------------------------- translations */

#define VA	0xffffa00000000000ull

static uint64_t *pte_of(uint64_t va)
{
	uint64_t *table, cr3;
	int level;

	__asm__ volatile("mov %%cr3, %0" : "=r" (cr3));
	table = guest_ptr(cr3 & ~0xfffull);
	for (level = 3; level > 0; level--)
		table = guest_ptr(table[va >> (12 + 9 * level) & 511] & 0xffffffffff000ull);
	return &table[va >> 12 & 511];
}

static void guest_flushes(uint64_t arg)
{
	volatile uint64_t *page = (void *)VA;
	uint64_t *in = guest_ptr(IN_GPA), *pte = pte_of(VA);
	uint64_t one = arg, two = arg + 0x1000;

	enable_hypercalls();
	*(uint64_t *)guest_ptr(one) = 1;
	*(uint64_t *)guest_ptr(two) = 2;
	GUEST_ASSERT_EQ(1, *page);
	*pte = *pte - one + two;
	in[2] = 1;		/* this VP */
	GUEST_ASSERT_EQ(0, call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, IN_GPA, 0));
	GUEST_ASSERT_EQ(2, *page);
	*pte = *pte - two + one;
	in[3] = VA;
	GUEST_ASSERT_EQ(REPS(1), call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST | REPS(1), IN_GPA, 0));
	GUEST_ASSERT_EQ(1, *page);
	/* A set: format sparse, bank 0, VP 0. */
	*pte = *pte - one + two;
	in[2] = 0;
	in[3] = 1;
	in[4] = 1;
	GUEST_ASSERT_EQ(0, call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1), IN_GPA, 0));
	GUEST_ASSERT_EQ(2, *page);
	/* The same with a list, behind the banks. */
	*pte = *pte - two + one;
	in[5] = VA;
	GUEST_ASSERT_EQ(REPS(1), call(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX | VARHEAD(1) | REPS(1),
				      IN_GPA, 0));
	GUEST_ASSERT_EQ(1, *page);
	/* More banks than the header has. */
	in[3] = 3;
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1), IN_GPA, 0));
	in[2] = 2;	/* no such format */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER,
			call(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX, IN_GPA, 0));
}

TEST_F(guest_hypercall, flush)
{
	uint64_t gpa = guest_alloc(&self->g, 2 * PAGE_BYTES);

	OK(guest_map_page(&self->g, VA, gpa));
	OK(guest_add_vp(&self->g, 0, guest_flushes, gpa));
	RUN(GUEST_DONE, &self->g, 0);
}

/* ----------------------------------------------------------------- interrupts */

static volatile uint64_t taken[2], ready;

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	__sync_fetch_and_add(&taken[guest_self()->vp_index], 1);
	x2apic_write(APIC_EOI, 0);
}

static void prepare(void)
{
	guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
	guest_handle(VECTOR, on_interrupt);
	x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
}

struct ipi {
	uint32_t vector, vtl;
	uint64_t set[3];
};

static void guest_sends(uint64_t arg)
{
	struct ipi *in = guest_ptr(IN_GPA);

	(void)arg;
	prepare();
	enable_hypercalls();
	guest_sti();
	while (!ready)
		;
	GUEST_ASSERT_EQ(0, call(HVCALL_SEND_IPI | FAST, VECTOR, 1 << 1));
	while (taken[1] < 1)
		;
	GUEST_ASSERT_EQ(0, taken[0]);
	GUEST_ASSERT_EQ(0, call(HVCALL_SEND_IPI | FAST, VECTOR, 3));
	while (taken[1] < 2)
		;
	GUEST_ASSERT_EQ(1, taken[0]);
	in->vector = VECTOR;
	in->set[1] = 1;
	in->set[2] = 2;
	GUEST_ASSERT_EQ(0, call(HVCALL_SEND_IPI_EX | VARHEAD(1), IN_GPA, 0));
	while (taken[1] < 3)
		;
	GUEST_ASSERT_EQ(1, taken[0]);
	in->set[0] = 1;		/* all */
	GUEST_ASSERT_EQ(0, call(HVCALL_SEND_IPI_EX, IN_GPA, 0));
	while (taken[1] < 4)
		;
	GUEST_ASSERT_EQ(2, taken[0]);
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER, call(HVCALL_SEND_IPI | FAST, 15, 1));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER, call(HVCALL_SEND_IPI | FAST, 0x100, 1));
	ready = 2;
	/* To end the other's HLT. */
	call(HVCALL_SEND_IPI | FAST, VECTOR, 1 << 1);
}

static void guest_receives(uint64_t arg)
{
	(void)arg;
	prepare();
	ready = 1;
	GUEST_HALT_UNTIL(ready >= 2 && taken[1] >= 5);
}

static void *run_second(void *arg)
{
	return (void *)(intptr_t)guest_run(arg, 1);
}

TEST_F(guest_hypercall, cluster_ipi)
{
	struct guest *g = &self->g;
	pthread_t thread;
	void *event;

	OK(guest_add_vp(g, 0, guest_sends, 0));
	OK(guest_add_vp(g, 1, guest_receives, 0));
	OK(guest_set_reg(g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_second, g));
	RUN(GUEST_DONE, g, 0);
	ASSERT_EQ(0, pthread_join(thread, &event));
	EXPECT_EQ(GUEST_DONE, (intptr_t)event);
}

/* ------------------------------------------------------------------ registers */

struct get {
	uint64_t partition;
	uint32_t vp, vtl;
	uint32_t names[4];
};

struct set {
	uint64_t partition;
	uint32_t vp, vtl;
	struct {
		uint32_t name, reserved0;
		uint64_t reserved1, low, high;
	} reg[2];
};

GUEST_TEST(registers)
{
	struct get *get = guest_ptr(IN_GPA);
	struct set *set = guest_ptr(IN_GPA);
	uint64_t *out = guest_ptr(OUT_GPA);

	enable_hypercalls();
	*get = (struct get) {
		.partition = ~0ull,
		.vp = HV_VP_INDEX_SELF,
		.names = { HV_REGISTER_GUEST_OS_ID, HV_REGISTER_SCONTROL, HV_REGISTER_VP_INDEX,
			   HV_X64_REGISTER_RIP },
	};
	GUEST_ASSERT_EQ(REPS(3), call(HVCALL_GET_VP_REGISTERS | REPS(3), IN_GPA, OUT_GPA));
	GUEST_ASSERT_EQ(OS_ID, out[0]);
	GUEST_ASSERT_EQ(0, out[2]);
	GUEST_ASSERT_EQ(0, out[4]);
	/* Not what the processor has anyway. */
	GUEST_ASSERT_EQ(REPS(3) | HV_STATUS_INVALID_PARAMETER,
			call(HVCALL_GET_VP_REGISTERS | REPS(4), IN_GPA, OUT_GPA));
	GUEST_ASSERT_EQ(REPS(3), call(HVCALL_GET_VP_REGISTERS | REPS(3) | REP_START(2),
				      IN_GPA, OUT_GPA));
	get->vp = 1;
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_VP_INDEX,
			status(call(HVCALL_GET_VP_REGISTERS | REPS(1), IN_GPA, OUT_GPA)));
	get->vp = 0;
	get->partition = 1;
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARTITION_ID,
			status(call(HVCALL_GET_VP_REGISTERS | REPS(1), IN_GPA, OUT_GPA)));

	*set = (struct set) {
		.partition = ~0ull,
		.vp = 0,
		.reg = {
			{ .name = HV_REGISTER_SCONTROL, .low = 1 },
			{ .name = HV_REGISTER_SINT0, .low = 5 },
		},
	};
	/* The second value is none. */
	GUEST_ASSERT_EQ(1, reps_done(call(HVCALL_SET_VP_REGISTERS | REPS(2), IN_GPA, 0)));
	GUEST_ASSERT_EQ(1, guest_rdmsr(HV_X64_MSR_SCONTROL));
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_REGISTER_VALUE,
			status(call(HVCALL_SET_VP_REGISTERS | REPS(2), IN_GPA, 0)));
}

/* --------------------------------------------------------------- in registers */

/* RDX, R8, XMM0 to 5. */
struct block {
	uint64_t gpr[2], xmm[12];
};

#define EACH_XMM(X) X("16", "0") X("32", "1") X("48", "2") X("64", "3") X("80", "4") X("96", "5")
#define LOAD_XMM(at, n)		"movdqu " at "(%0), %%xmm" n "\n\t"
#define STORE_XMM(at, n)	"movdqu %%xmm" n ", " at "(%0)\n\t"

static void load_xmm(const struct block *b)
{
	__asm__ volatile(EACH_XMM(LOAD_XMM) : : "r" (b) : "memory");
}

static void store_xmm(struct block *b)
{
	__asm__ volatile(EACH_XMM(STORE_XMM) : : "r" (b) : "memory");
}

static uint64_t call_fast(uint64_t control, struct block *b)
{
	uint64_t result;

	load_xmm(b);
	result = call(control | FAST, b->gpr[0], b->gpr[1]);
	store_xmm(b);
	return result;
}

static void enable_sse(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r" (cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r" (cr4 | 1 << 9) : "memory");
}

static void guest_calls_in_xmm(uint64_t arg)
{
	/* Address space, flags; then sparse, banks, VPs. */
	struct block flush = { .xmm = { 0, 1, 1 } };
	/* Vector, sparse; then banks, VPs. */
	struct block ipi = { .gpr = { VECTOR, 0 }, .xmm = { 1, 1 } };
	struct block set = {
		.gpr = { ~0ull, HV_VP_INDEX_SELF },
		.xmm = { HV_REGISTER_SCONTROL, 0, 1, 0 },
	};
	uint32_t r[4];

	(void)arg;
	enable_sse();
	prepare();
	enable_hypercalls();
	guest_cpuid(0x40000003, 0, r);
	GUEST_ASSERT(r[3] & 1u << 4);
	GUEST_ASSERT(!(r[3] & 1u << 15));
	GUEST_ASSERT_EQ(0, call_fast(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1), &flush));
	flush.xmm[1] = 3;
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_PARAMETER,
			call_fast(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX | VARHEAD(1), &flush));
	GUEST_ASSERT_EQ(3, flush.xmm[1]);
	GUEST_ASSERT_EQ(REPS(1), call_fast(HVCALL_SET_VP_REGISTERS | REPS(1), &set));
	GUEST_ASSERT_EQ(1, guest_rdmsr(HV_X64_MSR_SCONTROL));

	/* The registers are there also when the processor has had others meanwhile. */
	load_xmm(&ipi);
	guest_sync(0, 0);
	GUEST_ASSERT_EQ(0, call(HVCALL_SEND_IPI_EX | VARHEAD(1) | FAST, VECTOR, 0));
	guest_sti();
	GUEST_ASSERT_EQ(1, taken[0]);
	guest_sync(1, 0);
}

#define RUN_SYNCS(g, last) do {						\
	unsigned int syncs;						\
	for (syncs = 0; syncs <= (last); syncs++) {			\
		RUN(GUEST_SYNC, g, 0);					\
		EXPECT_U64(syncs, (g)->vp[0].args[0]);			\
	}								\
} while (0)

TEST_F(guest_hypercall, xmm_input)
{
	OK(guest_add_vp(&self->g, 0, guest_calls_in_xmm, 0));
	RUN_SYNCS(&self->g, 1);
}

/* Output is behind the input, and only there. */
static void guest_gets_registers(uint64_t arg)
{
	struct block b = {
		.gpr = { ~0ull, HV_VP_INDEX_SELF },
		.xmm = {
			HV_REGISTER_GUEST_OS_ID | (uint64_t)HV_REGISTER_SCONTROL << 32, 0x11,
			0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
		},
	};
	uint32_t r[4];

	(void)arg;
	enable_sse();
	enable_hypercalls();
	guest_cpuid(0x40000003, 0, r);
	GUEST_ASSERT(r[3] & 1u << 15);
	guest_wrmsr(HV_X64_MSR_SCONTROL, 1);
	GUEST_ASSERT_EQ(REPS(2), call_fast(HVCALL_GET_VP_REGISTERS | REPS(2), &b));
	GUEST_ASSERT_EQ(0x11, b.xmm[1]);
	GUEST_ASSERT_EQ(OS_ID, b.xmm[2]);
	GUEST_ASSERT_EQ(0, b.xmm[3]);
	GUEST_ASSERT_EQ(1, b.xmm[4]);
	GUEST_ASSERT_EQ(0, b.xmm[5]);
	GUEST_ASSERT_EQ(0x66, b.xmm[6]);
	GUEST_ASSERT_EQ(0xbb, b.xmm[11]);
	/* With registers of others in the processor before the call, and after. */
	load_xmm(&b);
	guest_sync(0, 0);
	GUEST_ASSERT_EQ(REPS(1), call(HVCALL_GET_VP_REGISTERS | REPS(1) | FAST, ~0ull,
				      HV_VP_INDEX_SELF));
	guest_sync(1, 0);
	store_xmm(&b);
	GUEST_ASSERT_EQ(OS_ID, b.xmm[2]);
	GUEST_ASSERT_EQ(1, b.xmm[4]);
	/* 36 bytes, 80 behind 48. */
	GUEST_ASSERT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
			call_fast(HVCALL_GET_VP_REGISTERS | REPS(5), &b));
	guest_sync(2, 0);
}

TEST_F(guest_hypercall, xmm_output)
{
	struct guest g;

	OK(guest_create_with(&g, PT(LAPIC), features(true) | 1 << 18));
	OK(guest_add_vp(&g, 0, guest_gets_registers, 0));
	RUN_SYNCS(&g, 2);
}

/* ----------------------------------------------------------- ports, and the VMM */

struct message {
	uint32_t connection, reserved, type, bytes;
	uint64_t payload[30];
};

static void guest_posts(uint64_t arg)
{
	struct message *in = guest_ptr(IN_GPA);

	enable_hypercalls();
	*in = (struct message) { .connection = 4, .type = 1, .bytes = 8, .payload = { 0x77 } };
	guest_sync(call(HVCALL_POST_MESSAGE, IN_GPA, 0), 0);
	guest_sync(call(HVCALL_SIGNAL_EVENT | FAST, 3, 0), 0);
	if (!arg) {
		in->type = 1u << 31;
		guest_sync(call(HVCALL_POST_MESSAGE, IN_GPA, 0), 0);
		in->type = 1;
		in->bytes = 241;
		guest_sync(call(HVCALL_POST_MESSAGE, IN_GPA, 0), 0);
		guest_sync(call(HVCALL_SIGNAL_EVENT | FAST, 1ull << 48, 0), 0);
	}
	guest_sync(call(0x3fff, IN_GPA, 0), 0);
}

#define SYNC(value) do {						\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(value, self->g.vp[0].args[0]);			\
} while (0)

TEST_F(guest_hypercall, no_connection)
{
	OK(guest_add_vp(&self->g, 0, guest_posts, 0));
	SYNC(HV_STATUS_INVALID_CONNECTION_ID);
	SYNC(HV_STATUS_INVALID_CONNECTION_ID);
	SYNC(HV_STATUS_INVALID_PARAMETER);
	SYNC(HV_STATUS_INVALID_PARAMETER);
	SYNC(HV_STATUS_INVALID_PARAMETER);
	SYNC(HV_STATUS_INVALID_HYPERCALL_CODE);
}

/* The VMM serves the call: it gets the guest's registers, and answers in RAX. */
#define SERVED(control, answer) do {					\
	const struct hv_x64_hypercall_intercept_message *m;		\
	RUN_TO(HVMSG_HYPERCALL_INTERCEPT, &self->g, 0);			\
	m = guest_payload(&self->g, 0, hv_x64_hypercall_intercept_message); \
	EXPECT_U64(control, m->rcx);					\
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_RAX, answer));	\
	OK(guest_skip_instruction(&self->g, 0));			\
	SYNC(answer);							\
} while (0)

TEST_F(guest_hypercall, unknown_connection_intercept)
{
	OK(partition_install_intercept(self->g.pt, INTERCEPT_UNKNOWN_CONNECTION,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0));
	OK(guest_add_vp(&self->g, 0, guest_posts, 1));
	SERVED(HVCALL_POST_MESSAGE, 0x11);
	SERVED(HVCALL_SIGNAL_EVENT | FAST, 0x22);
	SYNC(HV_STATUS_INVALID_HYPERCALL_CODE);
}

static void guest_retargets(uint64_t arg)
{
	uint64_t i;

	enable_hypercalls();
	for (i = 0; i < arg; i++)
		guest_sync(call(HVCALL_RETARGET_INTERRUPT, IN_GPA, 0), 0);
	guest_sync(call(0x3fff, IN_GPA, 0), 0);
}

/* A partition has no devices that the hypervisor would know. */
TEST_F(guest_hypercall, retarget_intercept)
{
	OK(partition_install_intercept(self->g.pt, INTERCEPT_RETARGET,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0));
	OK(guest_add_vp(&self->g, 0, guest_retargets, 2));
	SERVED(HVCALL_RETARGET_INTERRUPT, 0x44);
	OK(partition_install_intercept(self->g.pt, INTERCEPT_RETARGET, 0, 0));
	SYNC(HV_STATUS_INVALID_HYPERCALL_CODE);
	SYNC(HV_STATUS_INVALID_HYPERCALL_CODE);
}

static void guest_mixes(uint64_t arg)
{
	(void)arg;
	enable_hypercalls();
	guest_sync(call(FAST | HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, 0), 0);
	guest_sync(call(0x3fff, IN_GPA, 0), 0);
}

/* What the hypervisor serves itself is not the VMM's. */
TEST_F(guest_hypercall, hypercall_intercept)
{
	OK(partition_install_intercept(self->g.pt, HV_INTERCEPT_TYPE_HYPERCALL,
				       HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0));
	OK(guest_add_vp(&self->g, 0, guest_mixes, 0));
	SYNC(0);
	SERVED(0x3fff, 0x33);
}

/* The VMM restores registers in an order of its own. */
static void guest_restored(uint64_t arg)
{
	(void)arg;
	GUEST_ASSERT_EQ(0, call(FAST | HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, 0));
}

TEST_F(guest_hypercall, restored)
{
	OK(guest_add_vp(&self->g, 0, guest_restored, 0));
	OK(guest_set_reg(&self->g, 0, HV_X64_REGISTER_HYPERCALL, PAGE_GPA | 1));
	OK(guest_set_reg(&self->g, 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
	RUN(GUEST_DONE, &self->g, 0);
}

GUEST_TEST_MAIN
