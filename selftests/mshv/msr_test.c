// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers that register_test.c does not go through: MSRs, as guest and VMM see
 * them, and those that few ask for.
 */
#include "x86/guest_test.h"
#include "msr.h"

FIXTURE(msr) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(msr)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
}

MSHV_TEARDOWN(msr)

/* ------------------------------------------------- what guest and VMM both see */

#define VALID_PAT	0x0007010600070106ull

static const struct both {
	uint32_t name, msr;
	uint8_t count, stride;	/* of consecutive registers; from MSR to MSR */
	uint64_t of_vmm, of_guest;
} both[] = {
	{ HV_X64_REGISTER_KERNEL_GS_BASE, 0xc0000102, 1, 0, 0x1000, 0xffff800000002000 },
	{ HV_X64_REGISTER_PAT, 0x277, 1, 0, 0x0007040600070406, VALID_PAT },
	{ HV_X64_REGISTER_SYSENTER_CS, 0x174, 1, 0, 0x10, 0x18 },
	{ HV_X64_REGISTER_SYSENTER_ESP, 0x175, 1, 0, 0x1000, 0xffff800000002000 },
	{ HV_X64_REGISTER_SYSENTER_EIP, 0x176, 1, 0, 0x1000, 0xffff800000003000 },
	{ HV_X64_REGISTER_STAR, 0xc0000081, 1, 0, 0x0008001000000000, 0x0018002000000000 },
	{ HV_X64_REGISTER_LSTAR, 0xc0000082, 1, 0, 0x1000, 0xffff800000002000 },
	{ HV_X64_REGISTER_CSTAR, 0xc0000083, 1, 0, 0x1000, 0xffff800000002000 },
	{ HV_X64_REGISTER_SFMASK, 0xc0000084, 1, 0, 0x100, 0x300 },
	{ HV_X64_REGISTER_TSC_AUX, 0xc0000103, 1, 0, 1, 2 },
	{ HV_X64_REGISTER_TSC_ADJUST, 0x3b, 1, 0, 0, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0x2ff, 1, 0, 0xc00, 0xc06 },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 0x200, 8, 2, 0x80000000, 0xc0000006 },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, 0x201, 8, 2, 0xf80000800, 0xfc0000800 },
	{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000, 0x250, 1, 0, 0x0606060606060606, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_FIX16K80000, 0x258, 2, 1, 0x0606060606060606, 0 },
	{ HV_X64_REGISTER_MSR_MTRR_FIX4KC0000, 0x268, 8, 1, 0x0505050505050505, 0 },
};

static void guest_has_them(uint64_t arg)
{
	unsigned int i, k;

	(void)arg;
	for (i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		const struct both *b = &both[i];

		for (k = 0; k < b->count; k++) {
			uint32_t msr = b->msr + k * b->stride;

			GUEST_ASSERT_EQ(b->of_vmm ? b->of_vmm + k : 0, guest_rdmsr(msr));
			guest_wrmsr(msr, b->of_guest ? b->of_guest + k : 0);
		}
	}
	GUEST_ASSERT(guest_rdmsr(0xfe) != 0);		/* MTRRcap */
	GUEST_ASSERT(guest_wrmsr_faults(0xfe, 0));
	guest_sync(0, 0);
	/* Some values are none. */
	GUEST_ASSERT(guest_wrmsr_faults(0x277, 2));
	GUEST_ASSERT_EQ(VALID_PAT, guest_rdmsr(0x277));
}

TEST_F(msr, both)
{
	const struct both *b;
	uint64_t value;
	unsigned int k;

	OK(guest_add_vp(&self->g, 0, guest_has_them, 0));
	for (b = both; b < both + ARRAY_SIZE(both); b++)
		for (k = 0; k < b->count; k++)
			OK(guest_set_reg(&self->g, 0, b->name + k, b->of_vmm ? b->of_vmm + k : 0));
	RUN(GUEST_SYNC, &self->g, 0);
	for (b = both; b < both + ARRAY_SIZE(both); b++) {
		for (k = 0; k < b->count; k++) {
			OK(guest_get_reg(&self->g, 0, b->name + k, &value));
			EXPECT_U64(b->of_guest ? b->of_guest + k : 0, value) {
				TH_LOG("register %#x", b->name + k);
			}
		}
	}
	OK(guest_get_reg(&self->g, 0, HV_X64_REGISTER_MSR_MTRR_CAP, &value));
	EXPECT_NE(0u, value);
	EXPECT_EQ(-EINVAL, guest_set_reg(&self->g, 0, HV_X64_REGISTER_MSR_MTRR_CAP, 0));
	EXPECT_EQ(-EINVAL, guest_set_reg(&self->g, 0, HV_X64_REGISTER_PAT, 2));
	RUN(GUEST_DONE, &self->g, 0);
}

/* --------------------------------------------------------- what the VMM sees */

static void guest_ends(uint64_t arg)
{
	(void)arg;
}

TEST_F(msr, of_the_vmm)
{
	static const struct {
		uint32_t name, same_as;
		uint64_t value;
	} cases[] = {
		{ HV_X64_REGISTER_DR6, 0, 0xffff4ff1 },
		{ HV_X64_REGISTER_INTERMEDIATE_CR0, HV_X64_REGISTER_CR0, 0x80050033 },
		{ HV_X64_REGISTER_INTERMEDIATE_CR3, HV_X64_REGISTER_CR3, 0x8000 },
		{ HV_X64_REGISTER_INTERMEDIATE_CR4, HV_X64_REGISTER_CR4, 0x6a0 },
		{ HV_X64_REGISTER_INTERMEDIATE_CR8, HV_X64_REGISTER_CR8, 7 },
		{ HV_REGISTER_INSTRUCTION_EMULATION_HINTS, 0, 1 },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0, 2 },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0, 0 },
		{ HV_REGISTER_DISPATCH_SUSPEND, 0, 1 },
		{ HV_REGISTER_DISPATCH_SUSPEND, 0, 0 },
		{ HV_REGISTER_INTERRUPT_STATE, 0, 3 },
		{ HV_REGISTER_INTERRUPT_STATE, 0, 0 },
		/* An NMI, pending; an exception as event 0, #UD; none of either. */
		{ HV_REGISTER_PENDING_INTERRUPTION, 0, 0x20005 },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0, 0 },
		{ HV_REGISTER_PENDING_EVENT0, 0, 0x60001 },
		{ HV_REGISTER_PENDING_EVENT0, 0, 0 },
		{ HV_REGISTER_PENDING_EVENT1, 0, 0 },
	};
	static const struct {
		uint32_t name;
		uint64_t value;
	} refused[] = {
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, 4 },
		{ HV_REGISTER_DISPATCH_SUSPEND, 2 },
		{ HV_REGISTER_INTERRUPT_STATE, 4 },
		{ HV_REGISTER_PENDING_INTERRUPTION, 3 },
		{ HV_REGISTER_PENDING_EVENT0, 3 },
		{ HV_X64_REGISTER_APIC_VERSION, 0 },
	};
	struct guest *g = &self->g;
	uint64_t value;
	unsigned int i;

	OK(guest_add_vp(g, 0, guest_ends, 0));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		OK(guest_set_reg(g, 0, cases[i].name, cases[i].value));
		OK(guest_get_reg(g, 0, cases[i].name, &value));
		EXPECT_U64(cases[i].value, value) {
			TH_LOG("register %#x", cases[i].name);
		}
		if (!cases[i].same_as)
			continue;
		OK(guest_get_reg(g, 0, cases[i].same_as, &value));
		EXPECT_U64(cases[i].value, value);
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_EQ(-EINVAL, guest_set_reg(g, 0, refused[i].name, refused[i].value)) {
			TH_LOG("register %#x", refused[i].name);
		}
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_INITIAL_APIC_ID, &value));
	EXPECT_U64(0, value);
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_APIC_ID, &value));
	EXPECT_U64(0, value);
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_APIC_VERSION, &value));
	EXPECT_U64(0x10, value & 0xf0);		/* integrated */
	OK(guest_get_reg(g, 0, HV_REGISTER_VP_INDEX, &value));
	EXPECT_U64(0, value);
}

/* --------------------------------------------------------------- the x87 FPU */

static void guest_stores_st0(uint64_t arg)
{
	volatile uint8_t image[10];
	volatile uint16_t control;

	(void)arg;
	__asm__ volatile("fnstcw %0" : "=m" (control));
	__asm__ volatile("fstpt %0" : "=m" (image));
	guest_sync(*(volatile uint64_t *)image, control);
}

TEST_F(msr, x87)
{
	struct guest *g = &self->g;
	struct hv_register_assoc regs[10] = { 0 };
	union hv_register_value seen[10];
	uint32_t names[10];
	unsigned int i;

	OK(guest_add_vp(g, 0, guest_stores_st0, 0));
	for (i = 0; i < 8; i++) {
		regs[i].name = HV_X64_REGISTER_FP_MMX0 + i;
		regs[i].value.reg128.low_part = 0x8000000000000000 + i;
		regs[i].value.reg128.high_part = 0x3fff;
	}
	/* Precision of 53 bits, all registers in use; MXCSR with its mask. */
	regs[8].name = HV_X64_REGISTER_FP_CONTROL_STATUS;
	regs[8].value.reg128.low_part = 0x27f | 0xffull << 32;
	regs[9].name = HV_X64_REGISTER_XMM_CONTROL_STATUS;
	regs[9].value.reg128.high_part = 0x1fa0 | 0xffffull << 32;
	OK(vp_set_registers(g->vp[0].fd, 0, regs, 10));
	for (i = 0; i < 10; i++)
		names[i] = regs[i].name;
	OK(vp_get_registers(g->vp[0].fd, 0, names, seen, 10));
	for (i = 0; i < 9; i++) {
		EXPECT_U64(regs[i].value.reg128.low_part, seen[i].reg128.low_part);
		EXPECT_U64(regs[i].value.reg128.high_part, seen[i].reg128.high_part);
	}
	EXPECT_U64(0x1fa0, (uint32_t)seen[9].reg128.high_part);
	RUN(GUEST_SYNC, g, 0);
	EXPECT_U64(0x8000000000000000, g->vp[0].args[0]);
	EXPECT_U64(0x27f, g->vp[0].args[1]);
}

GUEST_TEST_MAIN
