// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The usual sets of registers as structures. */
#include "config.h"

#include "fake-vp.h"

/* Expect that these are written, each with its name plus @add; -1: with 0. */
static struct fake_answer *expect_set_all(const uint32_t *names,
					  uint16_t count, int add)
{
	struct hv_register_assoc regs[34];
	uint16_t i;

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < count; i++) {
		regs[i].name = names[i];
		regs[i].value.reg64 = add < 0 ? 0 : names[i] + (uint32_t)add;
	}
	return expect_set(regs, count);
}

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

static void fpu(void **state)
{
	struct mshv_fpu out;
	uint32_t names[20], i;

	(void)state;
	/* XMM0 to XMM5 are in the page */
	for (i = 0; i < 20; i++)
		names[i] = HV_X64_REGISTER_XMM0 + 6 + i;
	page->xmm_registers[0] = (struct hv_u128) { 1, 2 };
	page->xmm_registers[5] = (struct hv_u128) { 3, 4 };
	expect_get(names, 20, 1);
	assert_works(mshv_vp_get_fpu(vp, &out));
	assert_memory_equal(out.xmm, page->xmm_registers, 6 * 16);
	assert_int_equal(out.xmm[5].high_part, 4);
	assert_int_equal(out.xmm[6].low_part, HV_X64_REGISTER_XMM6 + 1);
	assert_int_equal(out.fp[7].mantissa, HV_X64_REGISTER_FP_MMX7 + 1);
	assert_int_equal(out.xmm_control_status.last_fp_rdp,
			 HV_X64_REGISTER_XMM_CONTROL_STATUS + 1);

	out.xmm[0].high_part = 77;
	expect_set_all(names, 20, 1);
	assert_works(mshv_vp_set_fpu(vp, &out));
	assert_int_equal(page->dirty, XMM);
	assert_int_equal(page->xmm_registers[0].high_part, 77);
}

static void debug_registers(void **state)
{
	static const uint32_t names[] = {
		HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR1, HV_X64_REGISTER_DR2,
		HV_X64_REGISTER_DR3, HV_X64_REGISTER_DR6, HV_X64_REGISTER_DR7,
	};
	struct mshv_debug_registers out;
	struct fake_answer *answer;

	(void)state;
	expect_get(names, 6, 2);
	assert_works(mshv_vp_get_debug_registers(vp, &out));
	assert_int_equal(out.dr0, HV_X64_REGISTER_DR0 + 2);
	assert_int_equal(out.dr6, HV_X64_REGISTER_DR6 + 2);
	expect_set_all(names, 6, 2);
	assert_works(mshv_vp_set_debug_registers(vp, &out));

	answer = expect_set_all(names, 6, 2);
	answer->err = EIO;
	answer->reps = 4;
	answer->status = HV_STATUS_INVALID_REGISTER_VALUE;
	assert_fails(mshv_vp_set_debug_registers(vp, &out), EIO);
	assert_int_equal(mshv_last_error()->index, 4);

	assert_fails(mshv_vp_get_debug_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_debug_registers(NULL, &out), EINVAL);
	assert_fails(mshv_vp_set_debug_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_debug_registers(NULL, &out), EINVAL);
}

static void xcr0(void **state)
{
	static const uint32_t name = HV_X64_REGISTER_XFEM;
	uint64_t value = 0;

	(void)state;
	expect_get(&name, 1, 0);
	assert_works(mshv_vp_get_xcr0(vp, &value));
	assert_int_equal(value, HV_X64_REGISTER_XFEM);
	expect_set1(HV_X64_REGISTER_XFEM, 7);
	assert_works(mshv_vp_set_xcr0(vp, 7));
	assert_fails(mshv_vp_get_xcr0(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_xcr0(NULL, &value), EINVAL);
	assert_fails(mshv_vp_set_xcr0(NULL, 7), EINVAL);
}

static const uint32_t event_names[] = {
	HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_INTERRUPT_STATE,
	HV_REGISTER_PENDING_EVENT0, HV_REGISTER_PENDING_EVENT1,
	HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION,
};

static void events(void **state)
{
	struct mshv_events out;

	(void)state;
	expect_get(event_names, 5, 1);
	assert_works(mshv_vp_get_events(vp, &out));
	assert_int_equal(out.pending_interruption.as_uint64, event_names[0] + 1);
	assert_int_equal(out.pending_event[0].low_part, event_names[2] + 1);
	assert_int_equal(out.pending_event[1].low_part, event_names[3] + 1);
	assert_int_equal(out.pending_debug_exception, event_names[4] + 1);
	expect_set_all(event_names, 5, 1);
	assert_works(mshv_vp_set_events(vp, &out));
}

/* Refuse the nth register of a list. */
static void refuse(struct fake_answer *answer, uint16_t nth)
{
	answer->err = EINVAL;
	answer->reps = nth;
	answer->status = HV_STATUS_INVALID_PARAMETER;
}

static void events_without_debug_exception(void **state)
{
	struct hv_register_assoc regs[5];
	struct mshv_events out;
	size_t i;

	(void)state;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < 5; i++)
		regs[i].name = event_names[i];
	regs[4].value.reg64 = 1;
	refuse(expect_get(event_names, 5, 1), 4);
	expect_get(event_names, 4, 1);
	memset(&out, 0xff, sizeof(out));
	assert_works(mshv_vp_get_events(vp, &out));
	assert_int_equal(out.pending_event[1].low_part, event_names[3] + 1);
	assert_int_equal(out.pending_debug_exception, 0);

	/* what isn't there can't be set, except to nothing */
	memset(&out, 0, sizeof(out));
	refuse(expect_set_all(event_names, 5, -1), 4);
	assert_works(mshv_vp_set_events(vp, &out));
	out.pending_debug_exception = 1;
	refuse(expect_set(regs, 5), 4);
	assert_fails(mshv_vp_set_events(vp, &out), EINVAL);
	assert_int_equal(mshv_last_error()->index, 4);

	/* another register, or a failure that isn't the hypervisor's */
	refuse(expect_get(event_names, 5, 1), 2);
	assert_fails(mshv_vp_get_events(vp, &out), EINVAL);
	assert_int_equal(mshv_last_error()->index, 2);
	expect_get(event_names, 5, 1)->err = ENOMEM;
	assert_fails(mshv_vp_get_events(vp, &out), ENOMEM);
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
		HV_ARM64_REGISTER_SCTLR_EL1, HV_ARM64_REGISTER_CPACR_EL1,
		HV_ARM64_REGISTER_TTBR0_EL1, HV_ARM64_REGISTER_TTBR1_EL1,
		HV_ARM64_REGISTER_TCR_EL1, HV_ARM64_REGISTER_MAIR_EL1,
		HV_ARM64_REGISTER_AMAIR_EL1, HV_ARM64_REGISTER_VBAR_EL1,
		HV_ARM64_REGISTER_SP_EL0, HV_ARM64_REGISTER_SP_EL1,
		HV_ARM64_REGISTER_ELR_EL1, HV_ARM64_REGISTER_SPSR_EL1,
		HV_ARM64_REGISTER_ESR_EL1, HV_ARM64_REGISTER_FAR_EL1,
		HV_ARM64_REGISTER_PAR_EL1, HV_ARM64_REGISTER_AFSR0_EL1,
		HV_ARM64_REGISTER_AFSR1_EL1, HV_ARM64_REGISTER_CONTEXTIDR_EL1,
		HV_ARM64_REGISTER_TPIDR_EL1, HV_ARM64_REGISTER_TPIDR_EL0,
		HV_ARM64_REGISTER_TPIDRRO_EL0,
	};
	struct mshv_special_registers out = { 0 };

	(void)state;
	expect_get(names, ARRAY_SIZE(names), 5);
	assert_works(mshv_vp_get_special_registers(vp, &out));
	assert_int_equal(out.sctlr_el1, names[0] + 5);
	assert_int_equal(out.tpidrro_el0, names[20] + 5);
	expect_set_all(names, ARRAY_SIZE(names), 5);
	assert_works(mshv_vp_set_special_registers(vp, &out));
}

static void fpu(void **state)
{
	struct mshv_fpu out;
	uint32_t names[34], i;

	(void)state;
	for (i = 0; i < 32; i++)
		names[i] = HV_ARM64_REGISTER_Q0 + i;
	names[32] = HV_ARM64_REGISTER_FPCR;
	names[33] = HV_ARM64_REGISTER_FPSR;
	expect_get(names, 34, 9);
	assert_works(mshv_vp_get_fpu(vp, &out));
	assert_int_equal(out.q[31].low_part, names[31] + 9);
	assert_int_equal(out.fpsr, names[33] + 9);
	expect_set_all(names, 34, 9);
	assert_works(mshv_vp_set_fpu(vp, &out));
}

static void events(void **state)
{
	static const uint32_t names[] = {
		HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_INTERRUPT_STATE,
		HV_REGISTER_PENDING_EVENT0, HV_REGISTER_PENDING_EVENT1,
	};
	struct mshv_events out;

	(void)state;
	expect_get(names, 4, 3);
	assert_works(mshv_vp_get_events(vp, &out));
	assert_int_equal(out.pending_event[1].low_part, names[3] + 3);
	expect_set_all(names, 4, 3);
	assert_works(mshv_vp_set_events(vp, &out));
}

static void x86_only(void **state)
{
	struct mshv_debug_registers debug = { 0 };
	uint64_t xcr0;

	(void)state;
	assert_fails(mshv_vp_get_debug_registers(vp, &debug), EOPNOTSUPP);
	assert_fails(mshv_vp_set_debug_registers(vp, &debug), EOPNOTSUPP);
	assert_fails(mshv_vp_get_xcr0(vp, &xcr0), EOPNOTSUPP);
	assert_fails(mshv_vp_set_xcr0(vp, 1), EOPNOTSUPP);
}

#endif

static void activity(void **state)
{
	static const uint32_t names[] = {
		HV_REGISTER_EXPLICIT_SUSPEND, HV_REGISTER_INTERCEPT_SUSPEND,
		HV_REGISTER_INTERNAL_ACTIVITY_STATE,
	};
	struct mshv_activity out;

	(void)state;
	/* bits 1, 2 and 5 of all three, and the name's own */
	expect_get(names, 3, 0);
	assert_works(mshv_vp_get_activity(vp, &out));
	assert_int_equal(out.explicit_suspend.suspended, 0);
	assert_int_equal(out.intercept_suspend.suspended, 1);
	assert_int_equal(out.internal.startup_suspend, 0);
	assert_int_equal(out.internal.halt_suspend, 0);
	assert_int_equal(out.internal.idle_suspend, 1);
	expect_set_all(names, 3, 0);
	assert_works(mshv_vp_set_activity(vp, &out));
}

static void null_arguments(void **state)
{
	struct mshv_activity activity = { { 0 }, { 0 }, { 0 } };
	struct mshv_events events;
	struct mshv_fpu fpu;

	(void)state;
	memset(&events, 0, sizeof(events));
	memset(&fpu, 0, sizeof(fpu));
	assert_fails(mshv_vp_get_activity(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_activity(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_activity(NULL, &activity), EINVAL);
	assert_fails(mshv_vp_set_activity(NULL, &activity), EINVAL);
	assert_fails(mshv_vp_get_events(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_events(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_events(NULL, &events), EINVAL);
	assert_fails(mshv_vp_set_events(NULL, &events), EINVAL);
	assert_fails(mshv_vp_get_fpu(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_fpu(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_fpu(NULL, &fpu), EINVAL);
	assert_fails(mshv_vp_set_fpu(NULL, &fpu), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_vp_test(standard_registers),
		fake_vp_test(special_registers),
		fake_vp_test(fpu),
		fake_vp_test(events),
		fake_vp_test(activity),
		fake_vp_test(null_arguments),
#if defined(__x86_64__)
		fake_vp_test(standard_registers_by_hypercall),
		fake_vp_test(debug_registers),
		fake_vp_test(xcr0),
		fake_vp_test(events_without_debug_exception),
#else
		fake_vp_test(x86_only),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
