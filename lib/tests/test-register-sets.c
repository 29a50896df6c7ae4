// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The usual sets of registers as structures. */
#include "config.h"

#include "fake-vp.h"

#if defined(__x86_64__)

static void standard_registers(void **state)
{
	struct mshv_standard_registers in = { 0 }, out = { 0 };
	uint64_t *word = (uint64_t *)&in;
	size_t i;

	(void)state;
	assert_int_equal(sizeof(in), 18 * 8);
	for (i = 0; i < 18; i++)
		word[i] = 0x1000 + i;
	assert_works(mshv_vp_set_standard_registers(vp, &in));
	assert_memory_equal(page->registers, &in, sizeof(in));
	assert_int_equal(page->dirty, GENERAL | IP | FLAGS);
	assert_works(mshv_vp_get_standard_registers(vp, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(in.rsp, page->rsp);
	assert_int_equal(in.r15, page->r15);
	assert_int_equal(fake_calls(), 0);
}

static void standard_registers_by_hypercall(void **state)
{
	struct mshv_standard_registers out = { 0 };
	struct hv_register_assoc regs[18];
	uint32_t names[18], i;

	(void)state;
	page->isvalid = 0;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < 18; i++) {
		names[i] = HV_X64_REGISTER_RAX + i;
		regs[i].name = names[i];
		regs[i].value.reg64 = names[i] + 7;
	}
	expect_get(names, 18, 7);
	assert_works(mshv_vp_get_standard_registers(vp, &out));
	assert_int_equal(out.rax, HV_X64_REGISTER_RAX + 7);
	assert_int_equal(out.rflags, HV_X64_REGISTER_RFLAGS + 7);
	expect_set(regs, 18);
	assert_works(mshv_vp_set_standard_registers(vp, &out));

	expect_get(names, 18, 7)->err = EIO;
	assert_fails(mshv_vp_get_standard_registers(vp, &out), EIO);
}

static void special_registers(void **state)
{
	static const uint32_t get[] = {
		HV_X64_REGISTER_CR2, HV_X64_REGISTER_APIC_BASE,
		HV_X64_REGISTER_IDTR, HV_X64_REGISTER_GDTR,
		HV_X64_REGISTER_LDTR, HV_X64_REGISTER_TR,
	};
	static const uint32_t set[] = {
		HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR2, HV_X64_REGISTER_CR3,
		HV_X64_REGISTER_CR4, HV_X64_REGISTER_CR8, HV_X64_REGISTER_EFER,
		HV_X64_REGISTER_APIC_BASE, HV_X64_REGISTER_IDTR,
		HV_X64_REGISTER_GDTR, HV_X64_REGISTER_LDTR, HV_X64_REGISTER_TR,
	};
	struct hv_register_assoc regs[ARRAY_SIZE(set)];
	struct mshv_special_registers out;
	size_t i;

	(void)state;
	page->cr0 = 0x11;
	page->cr4 = 0x22;
	page->efer = 0x500;
	page->cs.base = 0xffff0000;
	page->cs.selector = 0xf000;
	page->gs.limit = 0xffff;
	expect_get(get, ARRAY_SIZE(get), 0);
	assert_works(mshv_vp_get_special_registers(vp, &out));
	assert_int_equal(out.cr0, 0x11);
	assert_int_equal(out.cr4, 0x22);
	assert_int_equal(out.efer, 0x500);
	assert_int_equal(out.cs.base, 0xffff0000);
	assert_int_equal(out.cs.selector, 0xf000);
	assert_int_equal(out.gs.limit, 0xffff);
	assert_int_equal(out.cr2, HV_X64_REGISTER_CR2);
	assert_int_equal(out.apic_base, HV_X64_REGISTER_APIC_BASE);
	assert_int_equal(out.tr.base, HV_X64_REGISTER_TR);

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < ARRAY_SIZE(set); i++)
		regs[i].name = set[i];
	regs[0].value.reg64 = out.cr0;
	regs[1].value.reg64 = out.cr2;
	regs[3].value.reg64 = out.cr4;
	regs[5].value.reg64 = out.efer;
	regs[6].value.reg64 = out.apic_base;
	regs[7].value.table = out.idtr;
	regs[8].value.table = out.gdtr;
	regs[9].value.segment = out.ldtr;
	regs[10].value.segment = out.tr;
	expect_set(regs, ARRAY_SIZE(regs));
	assert_works(mshv_vp_set_special_registers(vp, &out));
	assert_int_equal(page->dirty, SEGMENT);
	assert_int_equal(page->cs.selector, 0xf000);
}

#else /* arm64 */

static void standard_registers(void **state)
{
	struct mshv_standard_registers out = { 0 };
	struct hv_register_assoc regs[34];
	uint32_t names[34], i;

	(void)state;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < 34; i++) {
		names[i] = HV_ARM64_REGISTER_X0 + i;
		if (i >= 32)
			names[i] = HV_ARM64_REGISTER_PC + i - 32;
		regs[i].name = names[i];
		regs[i].value.reg64 = names[i] + 1;
	}
	expect_get(names, 34, 1);
	assert_works(mshv_vp_get_standard_registers(vp, &out));
	assert_int_equal(out.x[28], HV_ARM64_REGISTER_X0 + 28 + 1);
	assert_int_equal(out.sp, HV_ARM64_REGISTER_SP + 1);
	assert_int_equal(out.pstate, HV_ARM64_REGISTER_PSTATE + 1);
	expect_set(regs, 34);
	assert_works(mshv_vp_set_standard_registers(vp, &out));
}

static void special_registers(void **state)
{
	static const uint32_t names[] = {
		HV_ARM64_REGISTER_SCTLR_EL1, HV_ARM64_REGISTER_TTBR0_EL1,
		HV_ARM64_REGISTER_TTBR1_EL1, HV_ARM64_REGISTER_TCR_EL1,
		HV_ARM64_REGISTER_MAIR_EL1, HV_ARM64_REGISTER_VBAR_EL1,
	};
	struct hv_register_assoc regs[6];
	struct mshv_special_registers out = { 0 };
	size_t i;

	(void)state;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < 6; i++) {
		regs[i].name = names[i];
		regs[i].value.reg64 = names[i];
	}
	expect_get(names, 6, 0);
	assert_works(mshv_vp_get_special_registers(vp, &out));
	assert_int_equal(out.sctlr_el1, names[0]);
	assert_int_equal(out.vbar_el1, names[5]);
	expect_set(regs, 6);
	assert_works(mshv_vp_set_special_registers(vp, &out));
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_vp_test(standard_registers),
		fake_vp_test(special_registers),
#if defined(__x86_64__)
		fake_vp_test(standard_registers_by_hypercall),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
