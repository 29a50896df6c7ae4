// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Registers of a VP: which way each takes, and that page and hypercalls never
 * contradict each other.
 */
#include "config.h"

#include <sys/mman.h>

#include "fake.h"

#define VP	3
#define GENERAL	(1u << HV_X64_REGISTER_CLASS_GENERAL)
#define IP	(1u << HV_X64_REGISTER_CLASS_IP)
#define XMM	(1u << HV_X64_REGISTER_CLASS_XMM)
#define SEGMENT	(1u << HV_X64_REGISTER_CLASS_SEGMENT)
#define FLAGS	(1u << HV_X64_REGISTER_CLASS_FLAGS)

static struct mshv_vp *vp;
static struct hv_vp_register_page *page;
static int fd;

static int setup(void **state)
{
	void *mapped;

	fake_reset(state);
	fd = fake_page_fd(&mapped);
	page = mapped;
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->isvalid = 1;
	assert_works(mshv_vp_from_fd(NULL, fd, VP, &vp));
	return 0;
}

static int teardown(void **state)
{
	mshv_vp_close(vp);
	munmap(page, MSHV_HV_PAGE_SIZE);
	return fake_done(state);
}

#define vp_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* A hypercall that reads these registers; each gets its name plus @add. */
static struct fake_answer *expect_get(const uint32_t *names, uint16_t count,
				      uint64_t add)
{
	static union hv_register_value pool[2048];
	static size_t used;
	union hv_register_value *values = &pool[used];
	struct hv_input_get_vp_registers header = { .vp_index = VP };
	uint8_t in[16 + 4 * 256];
	struct fake_answer *answer;
	uint16_t i;

	assert_true(used + count <= ARRAY_SIZE(pool));
	used += count;
	memcpy(in, &header, 16);
	memcpy(in + 16, names, count * 4u);
	for (i = 0; i < count; i++)
		values[i].reg128 = (struct hv_u128) { names[i] + add, 0 };
	answer = fake_hvcall(fd, HVCALL_GET_VP_REGISTERS, count, in,
			     16 + count * 4u, count * 16u);
	answer->out = values;
	answer->out_size = count * 16u;
	return answer;
}

static struct fake_answer *expect_set(const struct hv_register_assoc *regs,
				      uint16_t count)
{
	struct hv_input_set_vp_registers header = { .vp_index = VP };
	uint8_t in[4096];

	memcpy(in, &header, 16);
	memcpy(in + 16, regs, count * 32u);
	return fake_hvcall(fd, HVCALL_SET_VP_REGISTERS, count, in,
			   16 + count * 32u, 0);
}

static struct fake_answer *expect_set1(uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = {
		.name = name, .value.reg128 = { value, 0 },
	};

	return expect_set(&reg, 1);
}

static void run(int err)
{
	static const struct hv_message message = {
		.header.message_type = HVMSG_X64_HALT,
	};
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);

	answer->err = err;
	answer->out = &message;
	answer->out_size = sizeof(message);
	if (err)
		assert_fails(mshv_vp_run(vp, NULL), err);
	else
		assert_works(mshv_vp_run(vp, NULL));
}

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

	expect_get(names, 127, 1);
	expect_get(names + 127, 127, 1);
	expect_get(names + 254, 46, 1);
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

#else /* arm64: all of it by hypercall */

static void no_page(void **state)
{
	uint32_t pc = HV_ARM64_REGISTER_PC;

	(void)state;
	assert_null(mshv_vp_register_page(vp));
	run(0);
	expect_get(&pc, 1, 0);
	assert_int_equal(get1(pc), pc);
	expect_set1(pc, 0x99);
	assert_works(set1(pc, 0x99));
	assert_int_equal(page->dirty, 0);
}

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
		vp_test(arguments),
		vp_test(many_by_hypercall),
		vp_test(standard_registers),
		vp_test(special_registers),
#if defined(__x86_64__)
		vp_test(page_answers_reads),
		vp_test(others_are_hypercalls),
		vp_test(page_takes_writes),
		vp_test(invalid_page_is_not_used),
		vp_test(control_registers_after_a_write),
		vp_test(page_after_a_signal),
		vp_test(pending_writes_after_a_signal),
		vp_test(mixed_list),
		vp_test(failure_in_a_mixed_list),
		vp_test(page_lost_on_the_way),
		vp_test(standard_registers_by_hypercall),
#else
		vp_test(no_page),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
