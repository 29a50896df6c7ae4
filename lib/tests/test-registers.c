// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Registers of a VP: which way each takes, and that page and hypercalls never
 * contradict each other.
 */
#include "config.h"

#include <unistd.h>

#include "fake-vp.h"

static uint64_t get1(uint32_t name)
{
	struct hv_register_assoc reg = {
		.name = name, .value.reg128 = { 0x5555, 0x5555 },
	};

	assert_works(mshv_vp_get_registers(vp, &reg, 1));
	assert_int_equal(reg.name, name);
	return reg.value.reg64;
}

static int set1(uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = {
		.name = name, .value.reg128 = { value, 0 },
	};

	return mshv_vp_set_registers(vp, &reg, 1);
}

static void arguments(void **state)
{
	struct hv_register_assoc reg = { .name = 0 };
	struct mshv_standard_registers standard = { 0 };
	struct mshv_special_registers special;

	(void)state;
	memset(&special, 0, sizeof(special));
	assert_works(mshv_vp_get_registers(vp, NULL, 0));
	assert_works(mshv_vp_set_registers(vp, NULL, 0));
	assert_fails(mshv_vp_get_registers(vp, NULL, 1), EINVAL);
	assert_fails(mshv_vp_set_registers(vp, NULL, 1), EINVAL);
	assert_fails(mshv_vp_get_registers(NULL, &reg, 1), EINVAL);
	assert_fails(mshv_vp_set_registers(NULL, &reg, 1), EINVAL);
	assert_fails(mshv_vp_get_standard_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_standard_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_special_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_special_registers(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_standard_registers(NULL, &standard), EINVAL);
	assert_fails(mshv_vp_set_standard_registers(NULL, &standard), EINVAL);
	assert_fails(mshv_vp_get_special_registers(NULL, &special), EINVAL);
	assert_fails(mshv_vp_set_special_registers(NULL, &special), EINVAL);
	assert_int_equal(fake_calls(), 0);
}

/* More than any batch holds, none of it in the page. */
static void many_by_hypercall(void **state)
{
	static struct hv_register_assoc regs[300];
	uint32_t names[300];
	uint32_t i;

	(void)state;
	for (i = 0; i < 300; i++) {
		names[i] = 0x90000 + i;
		regs[i] = (struct hv_register_assoc) {
			.name = names[i], .value.reg128 = { i, 0 },
		};
	}
	expect_set(regs, 127);
	expect_set(regs + 127, 127);
	expect_set(regs + 254, 46);
	assert_works(mshv_vp_set_registers(vp, regs, 300));

	expect_get(names, 256, 1);
	expect_get(names + 256, 44, 1);
	assert_works(mshv_vp_get_registers(vp, regs, 300));
	for (i = 0; i < 300; i++)
		assert_int_equal(regs[i].value.reg64, names[i] + 1);
}

#if defined(__x86_64__)

static void page_answers_reads(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 16; i++) {
		page->gp_registers[i] = 0x100 + i;
		assert_int_equal(get1(HV_X64_REGISTER_RAX + i), 0x100 + i);
	}
	for (i = 0; i < 6; i++) {
		page->segment_registers[i].base = 0x200 + i;
		assert_int_equal(get1(HV_X64_REGISTER_ES + i), 0x200 + i);
		page->xmm_registers[i].low_part = 0x300 + i;
		assert_int_equal(get1(HV_X64_REGISTER_XMM0 + i), 0x300 + i);
	}
	page->rip = 1;
	page->rflags = 2;
	page->cr0 = 3;
	page->cr3 = 4;
	page->cr4 = 5;
	page->cr8 = 6;
	page->efer = 7;
	assert_int_equal(get1(HV_X64_REGISTER_RIP), 1);
	assert_int_equal(get1(HV_X64_REGISTER_RFLAGS), 2);
	assert_int_equal(get1(HV_X64_REGISTER_CR0), 3);
	assert_int_equal(get1(HV_X64_REGISTER_CR3), 4);
	assert_int_equal(get1(HV_X64_REGISTER_CR4), 5);
	assert_int_equal(get1(HV_X64_REGISTER_CR8), 6);
	assert_int_equal(get1(HV_X64_REGISTER_EFER), 7);
	assert_int_equal(fake_calls(), 0);
	assert_int_equal(page->dirty, 0);
}

/* The neighbours of what is in the page are not. */
static void others_are_hypercalls(void **state)
{
	static const uint32_t names[] = {
		HV_X64_REGISTER_RAX - 1, HV_X64_REGISTER_RFLAGS + 1,
		HV_X64_REGISTER_XMM6, HV_X64_REGISTER_LDTR, HV_X64_REGISTER_TR,
		HV_X64_REGISTER_CR2, HV_X64_REGISTER_XFEM,
		HV_X64_REGISTER_EFER - 1, HV_X64_REGISTER_EFER + 1,
		HV_REGISTER_EXPLICIT_SUSPEND, UINT32_MAX,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		expect_get(&names[i], 1, 5);
		assert_int_equal((uint32_t)get1(names[i]),
				 (uint32_t)(names[i] + 5));
	}
}

static void page_takes_writes(void **state)
{
	static const struct {
		uint32_t first, count, dirty;
	} rows[] = {
		{ HV_X64_REGISTER_RAX, 16, GENERAL },
		{ HV_X64_REGISTER_RIP, 1, IP },
		{ HV_X64_REGISTER_RFLAGS, 1, FLAGS },
		{ HV_X64_REGISTER_XMM0, 6, XMM },
		{ HV_X64_REGISTER_ES, 6, SEGMENT },
	};
	size_t i;
	uint32_t j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; j < rows[i].count; j++) {
			page->dirty = 0x80;
			assert_works(set1(rows[i].first + j, 0x700 + j));
			assert_int_equal(page->dirty, 0x80 | rows[i].dirty);
			assert_int_equal(get1(rows[i].first + j), 0x700 + j);
		}
	}
	assert_int_equal(page->registers[17], 0x700);
	assert_int_equal(page->rip, 0x700);
	assert_int_equal(page->xmm5.low_part, 0x705);
	assert_int_equal(page->gs.base, 0x705);
	assert_int_equal(fake_calls(), 0);
}

static void invalid_page_is_not_used(void **state)
{
	uint32_t rip = HV_X64_REGISTER_RIP;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i)
			page->isvalid = 0;
		else
			page->version = HV_VP_REGISTER_PAGE_VERSION_1 + 1;
		page->rip = 0xbad;
		page->dirty = IP;
		expect_get(&rip, 1, 0);
		assert_int_equal(get1(rip), rip);
		expect_set1(rip, 0x99);
		assert_works(set1(rip, 0x99));
		assert_int_equal(page->rip, 0xbad);
		page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	}
}

/* CR0 can't be written in the page; then the page is old until the VP ran. */
static void control_registers_after_a_write(void **state)
{
	uint32_t cr0 = HV_X64_REGISTER_CR0, efer = HV_X64_REGISTER_EFER;

	(void)state;
	page->cr0 = 0x10;
	page->efer = 0x20;
	page->rip = 0x30;
	expect_set1(cr0, 0x80000001);
	assert_works(set1(cr0, 0x80000001));
	assert_int_equal(page->dirty, 0);
	expect_get(&cr0, 1, 0);
	assert_int_equal(get1(cr0), cr0);
	expect_get(&efer, 1, 0);
	assert_int_equal(get1(efer), efer);
	assert_int_equal(get1(HV_X64_REGISTER_RIP), 0x30);

	run(0);
	assert_int_equal(get1(cr0), 0x10);
	assert_int_equal(get1(efer), 0x20);

	/* a failed write may have done half of its work */
	expect_set1(cr0, 1)->err = EIO;
	assert_fails(set1(cr0, 1), EIO);
	expect_get(&cr0, 1, 0);
	assert_int_equal(get1(cr0), cr0);
}

/* Nobody promises that the page is filled when a signal ended the run. */
static void page_after_a_signal(void **state)
{
	uint32_t rip = HV_X64_REGISTER_RIP, cr3 = HV_X64_REGISTER_CR3;

	(void)state;
	run(0);
	page->rip = 0x1000;
	assert_int_equal(get1(rip), 0x1000);
	run(EINTR);
	expect_get(&rip, 1, 0);
	assert_int_equal(get1(rip), rip);
	expect_get(&cr3, 1, 0);
	assert_int_equal(get1(cr3), cr3);
	expect_set1(rip, 0x2000);
	assert_works(set1(rip, 0x2000));
	assert_int_equal(page->rip, 0x1000);
	assert_int_equal(page->dirty, 0);

	run(0);
	assert_int_equal(get1(rip), 0x1000);
	assert_int_equal(get1(cr3), page->cr3);
}

/*
 * The caller who follows what is written: the page isn't to be used when the
 * library doesn't, or its dirty bit would bring the old RCX back.
 */
static void page_is_current(void **state)
{
	static const char lapic[4096] = { 1 };

	(void)state;
	assert_int_equal(mshv_vp_register_page_is_current(NULL), 0);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 1);
	run(0);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 1);
	page->isvalid = 0;
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	page->isvalid = 1;
	page->version = HV_VP_REGISTER_PAGE_VERSION_1 + 1;
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;

	run(EINTR);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	page->rcx = 0x1000;
	expect_set1(HV_X64_REGISTER_RCX, 0x2000);
	assert_works(set1(HV_X64_REGISTER_RCX, 0x2000));
	assert_int_equal(page->rcx, 0x1000);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	run(0);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 1);

	fake_ioctl(fd, MSHV_SET_VP_STATE, NULL, 0);
	assert_works(mshv_vp_set_state(vp, MSHV_VP_STATE_LAPIC, lapic,
				       sizeof(lapic)));
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	run(0);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 1);
}

/* How the last run of another handle ended is not known. */
static void page_of_a_received_vp(void **state)
{
	struct mshv_vp *other = fake_vp_from_fd(NULL, dup(fd), 3);
	struct hv_register_assoc reg = {
		.name = HV_X64_REGISTER_RIP, .value.reg128 = { 9, 0 },
	};
	struct hv_input_set_vp_registers header = { .vp_index = 3 };
	uint8_t in[16 + sizeof(reg)];
	int there = mshv_vp_fd(other);

	(void)state;
	assert_non_null(mshv_vp_register_page(other));
	assert_int_equal(mshv_vp_register_page_is_current(other), 0);
	memcpy(in, &header, 16);
	memcpy(in + 16, &reg, sizeof(reg));
	fake_hvcall(there, HVCALL_SET_VP_REGISTERS, 1, in, sizeof(in), 0);
	assert_works(mshv_vp_set_registers(other, &reg, 1));
	assert_int_equal(page->dirty, 0);

	fake_ioctl(there, MSHV_RUN_VP, NULL, 0);
	assert_works(mshv_vp_run(other, NULL));
	assert_int_equal(mshv_vp_register_page_is_current(other), 1);
	mshv_vp_close(other);
}

/* Written to the page, but the signal came before the VP took it over. */
static void pending_writes_after_a_signal(void **state)
{
	uint32_t rflags = HV_X64_REGISTER_RFLAGS;

	(void)state;
	run(0);
	assert_works(set1(HV_X64_REGISTER_RIP, 0x4444));
	run(EINTR);
	assert_int_equal(page->dirty, IP);
	assert_int_equal(get1(HV_X64_REGISTER_RIP), 0x4444);
	expect_get(&rflags, 1, 0);
	assert_int_equal(get1(rflags), rflags);
}

/* Page and hypercalls in one list: order kept, nothing lost. */
static void mixed_list(void **state)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg128 = { 1, 0 } },
		{ .name = HV_X64_REGISTER_CR2, .value.reg128 = { 2, 0 } },
		{ .name = HV_X64_REGISTER_RAX, .value.reg128 = { 3, 0 } },
		{ .name = HV_X64_REGISTER_CR0, .value.reg128 = { 4, 0 } },
		{ .name = HV_X64_REGISTER_RAX, .value.reg128 = { 5, 0 } },
	};
	struct hv_register_assoc by_hypercall[] = { regs[1], regs[3] };
	uint32_t names[] = { HV_X64_REGISTER_CR2, HV_X64_REGISTER_CR0 };

	(void)state;
	expect_set(by_hypercall, 2);
	assert_works(mshv_vp_set_registers(vp, regs, 5));
	assert_int_equal(page->rip, 1);
	assert_int_equal(page->rax, 5);
	assert_int_equal(page->dirty, IP | GENERAL);

	expect_get(names, 2, 0);
	assert_works(mshv_vp_get_registers(vp, regs, 5));
	assert_int_equal(regs[0].value.reg64, 1);
	assert_int_equal(regs[1].value.reg64, names[0]);
	assert_int_equal(regs[2].value.reg64, 5);
	assert_int_equal(regs[3].value.reg64, names[1]);
	assert_int_equal(regs[4].value.reg64, 5);
}

static void failure_in_a_mixed_list(void **state)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg128 = { 1, 0 } },
		{ .name = HV_X64_REGISTER_CR2, .value.reg128 = { 2, 0 } },
		{ .name = HV_X64_REGISTER_RAX, .value.reg128 = { 3, 0 } },
		{ .name = HV_X64_REGISTER_CR0, .value.reg128 = { 4, 0 } },
	};
	struct hv_register_assoc by_hypercall[] = { regs[1], regs[3] };
	uint32_t names[] = { HV_X64_REGISTER_CR2, HV_X64_REGISTER_CR0 };
	struct fake_answer *answer;

	(void)state;
	answer = expect_set(by_hypercall, 2);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_REGISTER_VALUE;
	answer->reps = 1;
	assert_fails(mshv_vp_set_registers(vp, regs, 4), EIO);
	assert_int_equal(mshv_last_error()->index, 3);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INVALID_REGISTER_VALUE);
	/* what goes through the page was left alone */
	assert_int_equal(page->rip, 0);
	assert_int_equal(page->dirty, 0);

	answer = expect_get(names, 2, 0);
	answer->err = EINVAL;
	answer->status = HV_STATUS_INVALID_PARAMETER;
	answer->reps = 0;
	assert_fails(mshv_vp_get_registers(vp, regs, 4), EINVAL);
	assert_int_equal(mshv_last_error()->index, 1);
}

static void take_page_away(void)
{
	page->isvalid = 0;
}

/* A page that is no longer valid after the hypercall: nothing gets lost. */
static void page_lost_on_the_way(void **state)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg128 = { 1, 0 } },
		{ .name = HV_X64_REGISTER_CR2, .value.reg128 = { 2, 0 } },
		{ .name = HV_X64_REGISTER_RAX, .value.reg128 = { 3, 0 } },
	};
	struct hv_register_assoc rest[] = { regs[0], regs[2] };
	struct fake_answer *answer;

	(void)state;
	expect_set(&regs[1], 1)->then = take_page_away;
	expect_set(rest, 2);
	assert_works(mshv_vp_set_registers(vp, regs, 3));
	assert_int_equal(page->rip, 0);
	assert_int_equal(page->dirty, 0);

	page->isvalid = 1;
	expect_set(&regs[1], 1)->then = take_page_away;
	answer = expect_set(rest, 2);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_VP_STATE;
	answer->reps = 1;
	assert_fails(mshv_vp_set_registers(vp, regs, 3), EIO);
	assert_int_equal(mshv_last_error()->index, 2);
}

#else /* arm64: all of it by hypercall */

static void no_page(void **state)
{
	uint32_t pc = HV_ARM64_REGISTER_PC;

	(void)state;
	assert_null(mshv_vp_register_page(vp));
	run(0);
	assert_int_equal(mshv_vp_register_page_is_current(vp), 0);
	expect_get(&pc, 1, 0);
	assert_int_equal(get1(pc), pc);
	expect_set1(pc, 0x99);
	assert_works(set1(pc, 0x99));
	assert_int_equal(page->dirty, 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_vp_test(arguments),
		fake_vp_test(many_by_hypercall),
#if defined(__x86_64__)
		fake_vp_test(page_answers_reads),
		fake_vp_test(others_are_hypercalls),
		fake_vp_test(page_takes_writes),
		fake_vp_test(invalid_page_is_not_used),
		fake_vp_test(control_registers_after_a_write),
		fake_vp_test(page_after_a_signal),
		fake_vp_test(page_is_current),
		fake_vp_test(page_of_a_received_vp),
		fake_vp_test(pending_writes_after_a_signal),
		fake_vp_test(mixed_list),
		fake_vp_test(failure_in_a_mixed_list),
		fake_vp_test(page_lost_on_the_way),
#else
		fake_vp_test(no_page),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
