// SPDX-License-Identifier: GPL-2.0-only
/* Extended processor state of a guest: XCR0, AVX, and both as the VMM sees them. */
#include "x86/guest_test.h"
#include "msr.h"

#define CR4_OSXSAVE	(1ull << 18)
#define XSAVE		(1u << 26)	/* CPUID 1, ECX */
#define OSXSAVE		(1u << 27)
#define AVX		(1u << 28)

#define DISABLED_XSAVE	(1ull << 0)	/* of struct mshv_create_partition_v2 */
#define DISABLED_AVX	(1ull << 2)

enum { EAX, EBX, ECX, EDX };

FIXTURE(xsave) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(xsave)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
}

MSHV_TEARDOWN(xsave)

/* The guest says that the processor lacks what the test is about. */
#define LACKS	0x1ac5

#define RUN_OR_SKIP(expected, index) do {				\
	int skip_event = guest_run(&self->g, index);			\
	if (skip_event == GUEST_SYNC && self->g.vp[index].args[0] == LACKS) \
		SKIP(return, "the processor has no AVX for guests");	\
	ASSERT_EQ(expected, skip_event) {				\
		TH_LOG("%s", guest_describe(&self->g, index, skip_event)); \
	}								\
} while (0)

static volatile uint64_t uds, gps;

static void on_ud(struct guest_frame *frame)
{
	uds++;
	frame->rip += 3;
}

static void on_gp(struct guest_frame *frame)
{
	gps++;
	frame->rip += 3;
}

static uint64_t get_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r" (value));
	return value;
}

static void set_cr4(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr4" : : "r" (value) : "memory");
}

static uint64_t xgetbv(void)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile("xgetbv" : "+a" (low), "+d" (high) : "c" (0));
	return low | (uint64_t)high << 32;
}

/* All three are three bytes long, as CR4's MOV from a low register is. */
static void xsetbv(uint32_t index, uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c" (index), "a" ((uint32_t)value),
			 "d" ((uint32_t)(value >> 32)) : "memory");
}

static bool enable(uint64_t xcr0)
{
	uint32_t r[4];

	guest_cpuid(1, 0, r);
	if (!(r[ECX] & XSAVE) || ((xcr0 & 4) && !(r[ECX] & AVX))) {
		guest_sync(LACKS, 0);
		return false;
	}
	set_cr4(get_cr4() | CR4_OSXSAVE);
	xsetbv(0, xcr0);
	return true;
}

/* ----------------------------------------------------------------------- XCR0 */

static void guest_sets_xcr0(uint64_t arg)
{
	uint32_t r[4];

	(void)arg;
	guest_handle(6, on_ud);
	guest_handle(13, on_gp);
	guest_cpuid(1, 0, r);
	GUEST_ASSERT(!(r[ECX] & OSXSAVE));
	xgetbv();
	GUEST_ASSERT_EQ(1, uds);
	xsetbv(0, 1);
	GUEST_ASSERT_EQ(2, uds);
	if (!enable(7))
		return;
	guest_cpuid(1, 0, r);
	GUEST_ASSERT(r[ECX] & OSXSAVE);
	GUEST_ASSERT_EQ(7, xgetbv());
	guest_cpuid(0xd, 0, r);
	GUEST_ASSERT_EQ(7, r[EAX]);
	GUEST_ASSERT_EQ(832, r[EBX]);
	GUEST_ASSERT_EQ(832, r[ECX]);
	xsetbv(0, 1);
	GUEST_ASSERT_EQ(1, xgetbv());
	guest_cpuid(0xd, 0, r);
	GUEST_ASSERT_EQ(576, r[EBX]);
	guest_cpuid(0xd, 2, r);
	GUEST_ASSERT_EQ(256, r[EAX]);
	GUEST_ASSERT_EQ(576, r[EBX]);

	/* Without x87, AVX without SSE, what nobody has, another register. */
	GUEST_ASSERT_EQ(0, gps);
	xsetbv(0, 2);
	xsetbv(0, 5);
	xsetbv(0, 1ull << 62 | 1);
	xsetbv(1, 1);
	GUEST_ASSERT_EQ(4, gps);
	GUEST_ASSERT_EQ(1, xgetbv());
	set_cr4(get_cr4() & ~CR4_OSXSAVE);
	xgetbv();
	GUEST_ASSERT_EQ(3, uds);
}

TEST_F(xsave, xcr0)
{
	struct guest *g = &self->g;
	uint64_t xfem;

	OK(guest_add_vp(g, 0, guest_sets_xcr0, 0));
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_XFEM, &xfem));
	EXPECT_U64(1, xfem);
	RUN_OR_SKIP(GUEST_DONE, 0);
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_XFEM, &xfem));
	EXPECT_U64(1, xfem);
	EXPECT_EQ(-EINVAL, guest_set_reg(g, 0, HV_X64_REGISTER_XFEM, 5));
	OK(guest_set_reg(g, 0, HV_X64_REGISTER_XFEM, 7));
}

static void guest_keeps_xcr0(uint64_t arg)
{
	unsigned int i;

	if (!enable(arg))
		return;
	for (i = 0; i < 20; i++) {
		GUEST_ASSERT_EQ(arg, xgetbv());
		guest_sync(i, 0);
	}
}

/* Each VP has its own, whoever ran in between. */
TEST_F(xsave, xcr0_of_two)
{
	struct guest *g = &self->g;
	unsigned int i;

	OK(guest_add_vp(g, 0, guest_keeps_xcr0, 7));
	OK(guest_add_vp(g, 1, guest_keeps_xcr0, 3));
	OK(guest_set_reg(g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	for (i = 0; i < 20; i++) {
		RUN_OR_SKIP(GUEST_SYNC, 0);
		RUN_OR_SKIP(GUEST_SYNC, 1);
	}
	RUN(GUEST_DONE, g, 0);
	RUN(GUEST_DONE, g, 1);
}

/* ------------------------------------------------------------------------ AVX */

struct ymm {
	uint64_t part[4];
} __attribute__((aligned(32)));

static struct ymm get_ymm5(void)
{
	struct ymm value;

	__asm__ volatile("vmovdqu %%ymm5, %0" : "=m" (value));
	return value;
}

/* By its address: compilers differ in how they pass 32 bytes. */
static void set_ymm5(const struct ymm *value)
{
	__asm__ volatile("vmovdqu %0, %%ymm5" : : "m" (*value));
}

static struct ymm pattern(uint64_t start)
{
	return (struct ymm) { { start, start + 1, start + 2, start + 3 } };
}

static void guest_uses_avx(uint64_t start)
{
	struct ymm y = pattern(start);
	unsigned int i;

	if (!enable(7))
		return;
	set_ymm5(&y);
	for (i = 0; i < 4; i++) {
		guest_sync(i, 0);
		y = get_ymm5();
		GUEST_ASSERT_EQ(start, y.part[0]);
		GUEST_ASSERT_EQ(start + 3, y.part[3]);
	}
	guest_sync(4, 0);
	y = get_ymm5();
	guest_sync(y.part[0], y.part[3]);
}

TEST_F(xsave, avx_of_two)
{
	struct guest *g = &self->g;
	unsigned int i;

	OK(guest_add_vp(g, 0, guest_uses_avx, 0x1000));
	OK(guest_add_vp(g, 1, guest_uses_avx, 0x2000));
	OK(guest_set_reg(g, 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	for (i = 0; i < 5; i++) {
		RUN_OR_SKIP(GUEST_SYNC, 0);
		RUN_OR_SKIP(GUEST_SYNC, 1);
	}
}

/* XSAVE's compacted format: AVX's upper halves are the first behind the header. */
struct image {
	uint8_t legacy[160];
	uint64_t xmm[16][2];
	uint8_t rest[96];
	uint64_t xstate_bv, xcomp_bv, reserved[6];
	uint64_t ymm[16][2];
};

TEST_F(xsave, avx_state)
{
	struct guest *g = &self->g;
	struct image *x = PAGES(PAGE_BYTES);
	uint64_t states, bytes;
	unsigned int i;
	int vp;

	_Static_assert(sizeof(*x) == 832, "legacy area, header, AVX");
	OK(guest_add_vp(g, 0, guest_uses_avx, 0x3000));
	vp = g->vp[0].fd;
	for (i = 0; i < 5; i++)
		RUN_OR_SKIP(GUEST_SYNC, 0);
	OK(partition_get_property(g->pt, HV_PARTITION_PROPERTY_XSAVE_STATES, &states));
	EXPECT_U64(7, states);
	OK(partition_get_property(g->pt, HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, &bytes));
	EXPECT_U64(832, bytes);
	OK(vp_get_state(vp, MSHV_VP_STATE_XSAVE, x));
	EXPECT_U64(1ull << 63 | 7, x->xcomp_bv);
	EXPECT_U64(7, x->xstate_bv);
	EXPECT_U64(0x3000, x->xmm[5][0]);
	EXPECT_U64(0x3003, x->ymm[5][1]);
	x->xmm[5][0] = 0x11;
	x->ymm[5][1] = 0x22;
	OK(vp_set_state(vp, MSHV_VP_STATE_XSAVE, x));
	RUN(GUEST_SYNC, g, 0);
	EXPECT_U64(0x11, g->vp[0].args[0]);
	EXPECT_U64(0x22, g->vp[0].args[1]);
	/* A state that is not there is initial. */
	x->xstate_bv = 3;
	OK(vp_set_state(vp, MSHV_VP_STATE_XSAVE, x));
	OK(vp_get_state(vp, MSHV_VP_STATE_XSAVE, x));
	EXPECT_U64(0, x->ymm[5][1]);
	EXPECT_U64(0x11, x->xmm[5][0]);
}

/* -------------------------------------------------- instructions on AVX's state */

static const struct {
	uint32_t leaf, subleaf;
	uint8_t reg, bit;
} avx_bits[] = {
	{ 1, 0, ECX, 12 },	/* FMA */
	{ 1, 0, ECX, 29 },	/* F16C */
	{ 7, 0, EBX, 5 },	/* AVX2 */
	{ 7, 0, ECX, 9 },	/* VAES */
	{ 7, 0, ECX, 10 },	/* VPCLMULQDQ */
	{ 7, 1, EAX, 4 },	/* AVX-VNNI */
	{ 7, 1, EAX, 23 },	/* AVX-IFMA */
};

static uint64_t avx_offered(void)
{
	uint64_t bits = 0;
	uint32_t r[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(avx_bits); i++) {
		guest_cpuid(avx_bits[i].leaf, avx_bits[i].subleaf, r);
		bits |= (uint64_t)(r[avx_bits[i].reg] >> avx_bits[i].bit & 1) << i;
	}
	return bits;
}

static void guest_uses_what_is_offered(uint64_t arg)
{
	const uint64_t offered = avx_offered();
	struct ymm twice = { { 1, 2, 1, 2 } };
	uint32_t halves = 0x3c003c00, floats[4], low, high, r[4];

	(void)arg;
	guest_sync(offered, 0);
	if (!enable(7))
		return;
	if (offered & 1 << 1) {
		__asm__ volatile("vmovd %1, %%xmm0; vcvtph2ps %%xmm0, %%xmm1; vmovdqu %%xmm1, %0"
				 : "=m" (floats) : "r" (halves));
		GUEST_ASSERT_EQ(0x3f800000, floats[0]);
		GUEST_ASSERT_EQ(0x3f800000, floats[1]);
		GUEST_ASSERT_EQ(0, floats[2]);
	}
	if (offered & 1 << 3) {
		struct ymm one;

		/* Both halves as the instruction for one does it. */
		__asm__ volatile("vmovdqu %0, %%ymm0; vaesenclast %%ymm0, %%ymm0, %%ymm1; "
				 "vmovdqu %%xmm0, %%xmm2; vaesenclast %%xmm2, %%xmm2, %%xmm2; "
				 "vmovdqu %%ymm1, %0; vmovdqu %%xmm2, %1"
				 : "+m" (twice), "=m" (one.part));
		GUEST_ASSERT_EQ(one.part[0], twice.part[0]);
		GUEST_ASSERT_EQ(one.part[1], twice.part[1]);
		GUEST_ASSERT_EQ(one.part[0], twice.part[2]);
		GUEST_ASSERT_EQ(one.part[1], twice.part[3]);
		GUEST_ASSERT(one.part[0] != 1);
	}
	guest_cpuid(0xd, 1, r);
	if (r[EAX] & 1 << 2) {
		__asm__ volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (1));
		GUEST_ASSERT_EQ(0, (low | (uint64_t)high << 32) & ~7ull);
	}
	guest_sync(r[EAX], 0);
}

/* What the processor has of these a guest has too, and no more. */
TEST_F(xsave, avx_instructions)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_uses_what_is_offered, 0));
	RUN(GUEST_SYNC, g, 0);
	EXPECT_U64(avx_offered(), g->vp[0].args[0]);
	RUN_OR_SKIP(GUEST_SYNC, 0);
}

/* ----------------------------------------------------------- what is switched off */

static int create_without(struct guest *g, uint64_t disabled)
{
	struct mshv_create_partition_v2 args = {
		.pt_flags = PT(LAPIC) | PT(CPU_AND_XSAVE_FEATURES),
		.pt_isolation = MSHV_PT_ISOLATION_NONE,
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
		.pt_disabled_xsave = disabled,
	};

	return guest_create_v2(g, &args);
}

static void guest_without_avx(uint64_t arg)
{
	uint32_t r[4];

	(void)arg;
	guest_handle(13, on_gp);
	guest_cpuid(1, 0, r);
	GUEST_ASSERT(!(r[ECX] & AVX));
	GUEST_ASSERT_EQ(0, avx_offered());
	if (!enable(3))
		return;
	GUEST_ASSERT_EQ(0, gps);
	guest_cpuid(0xd, 0, r);
	GUEST_ASSERT_EQ(3, r[EAX]);
	GUEST_ASSERT_EQ(576, r[ECX]);
	/* Refused; where emulated SVM has no intercept for it, taken back later. */
	xsetbv(0, 7);
	guest_sync(0, 0);
	GUEST_ASSERT_EQ(3, xgetbv());
}

TEST_F(xsave, without_avx)
{
	struct guest *g = &self->g;
	struct guest other;

	OK(create_without(&other, DISABLED_AVX));
	OK(guest_add_vp(&other, 0, guest_without_avx, 0));
	*g = other;
	RUN_OR_SKIP(GUEST_SYNC, 0);
	RUN(GUEST_DONE, g, 0);
}

static void guest_without_xsave(uint64_t arg)
{
	uint32_t r[4];

	(void)arg;
	guest_handle(13, on_gp);
	guest_cpuid(1, 0, r);
	GUEST_ASSERT(!(r[ECX] & (XSAVE | OSXSAVE | AVX)));
	guest_cpuid(0xd, 0, r);
	GUEST_ASSERT_EQ(0, r[EAX]);
	set_cr4(get_cr4() | CR4_OSXSAVE);
	GUEST_ASSERT_EQ(1, gps);
}

TEST_F(xsave, without_xsave)
{
	struct guest g;

	OK(create_without(&g, DISABLED_XSAVE));
	OK(guest_add_vp(&g, 0, guest_without_xsave, 0));
	RUN(GUEST_DONE, &g, 0);
}

GUEST_TEST_MAIN
