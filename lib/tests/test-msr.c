// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* MSRs and CPUID. */
#include "config.h"

#include <mshv/msr.h>

#include "fake-vp.h"

static void map(void **state)
{
	static const struct {
		uint32_t msr, name;
	} rows[] = {
		{ 0x10, HV_X64_REGISTER_TSC },
		{ 0x8f, HV_X64_REGISTER_SGX_LAUNCH_CONTROL3 },
		{ 0xe1, HV_X64_REGISTER_UMWAIT_CONTROL },
		{ 0x122, HV_X64_REGISTER_TSX_CTRL },
		{ 0x174, HV_X64_REGISTER_SYSENTER_CS },
		{ 0x1c4, HV_X64_REGISTER_XFD },
		{ 0x1c5, HV_X64_REGISTER_XFD_ERR },
		{ 0x200, HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0 },
		{ 0x201, HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0 },
		{ 0x20f, HV_X64_REGISTER_MSR_MTRR_PHYS_MASK7 },
		{ 0x21e, HV_X64_REGISTER_MSR_MTRR_PHYS_BASEF },
		{ 0x21f, HV_X64_REGISTER_MSR_MTRR_PHYS_MASKF },
		{ 0x26f, HV_X64_REGISTER_MSR_MTRR_FIX4KF8000 },
		{ 0x6a8, HV_X64_REGISTER_INTERRUPT_SSP_TABLE_ADDR },
		{ 0x6e0, HV_X64_REGISTER_TSC_DEADLINE },
		{ 0xda0, HV_X64_REGISTER_U_XSS },
		{ HV_X64_MSR_HYPERCALL, HV_X64_REGISTER_HYPERCALL },
		{ HV_X64_MSR_SINT15, HV_REGISTER_SINT15 },
		{ HV_X64_MSR_STIMER3_COUNT, HV_REGISTER_STIMER3_COUNT },
		{ HV_X64_MSR_CRASH_CTL, HV_REGISTER_GUEST_CRASH_CTL },
		{ HV_X64_MSR_VP_ASSIST_PAGE, HV_REGISTER_VP_ASSIST_PAGE },
		{ 0xc0000103, HV_X64_REGISTER_TSC_AUX },
	};
	static const uint32_t none[] = { 0, 0x11, 0x220, 0x270, 0x6a1, 0x6a3,
		0x6a9, 0xc0000100, 0xc0000101, 0x400000a0, 0x400000b8, 0xffffffff };
	uint32_t got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_works(mshv_msr_to_register(rows[i].msr, &got));
		assert_int_equal(got, rows[i].name);
		assert_works(mshv_msr_from_register(rows[i].name, &got));
		assert_int_equal(got, rows[i].msr);
	}
	for (i = 0; i < ARRAY_SIZE(none); i++) {
		got = 5;
		assert_fails(mshv_msr_to_register(none[i], &got), ENOENT);
		assert_int_equal(got, 5);
	}
	assert_fails(mshv_msr_from_register(HV_X64_REGISTER_RAX, &got), ENOENT);
	assert_fails(mshv_msr_from_register(0xffffffff, &got), ENOENT);
	assert_fails(mshv_msr_to_register(0x10, NULL), EINVAL);
	assert_fails(mshv_msr_from_register(0, NULL), EINVAL);
}

/* Both directions agree, for every number there can be. */
static void map_is_one_to_one(void **state)
{
	static const struct { uint32_t from, to; } spans[] = {
		{ 0, 0x2000 }, { 0x40000000, 0x40002000 },
		{ 0xc0000000, 0xc0012000 },
	};
	uint32_t msr, name, back = 0;
	unsigned int n = 0;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(spans); i++)
		for (msr = spans[i].from; msr < spans[i].to; msr++) {
			if (mshv_msr_to_register(msr, &name))
				continue;
			assert_works(mshv_msr_from_register(name, &back));
			assert_int_equal(back, msr);
			n++;
		}
	assert_true(n > 100);
}

static void get_and_set(void **state)
{
	uint32_t names[] = { HV_X64_REGISTER_SYSENTER_CS, HV_REGISTER_SINT0 + 2 };
	struct mshv_msr msrs[] = { { .msr = 0x174 }, { .msr = 0x40000092 }, { .msr = 0x11 } };
	struct hv_register_assoc regs[2];
	struct fake_answer *answer;

	(void)state;
	expect_get(names, 2, 1);
	assert_works(mshv_vp_get_msrs(vp, msrs, 2));
	assert_int_equal(msrs[0].value, names[0] + 1);
	assert_int_equal(msrs[1].value, names[1] + 1);

	memset(regs, 0, sizeof(regs));
	regs[0].name = names[0];
	regs[0].value.reg64 = 3;
	regs[1].name = names[1];
	regs[1].value.reg64 = 4;
	msrs[0].value = 3;
	msrs[1].value = 4;
	expect_set(regs, 2);
	assert_works(mshv_vp_set_msrs(vp, msrs, 2));
	answer = expect_set(regs, 2);
	answer->err = EINVAL;
	answer->status = HV_STATUS_INVALID_REGISTER_VALUE;
	answer->reps = 1;
	assert_fails(mshv_vp_set_msrs(vp, msrs, 2), EINVAL);
	assert_int_equal(mshv_last_error()->index, 1);

	assert_fails(mshv_vp_set_msrs(vp, msrs, 3), ENOENT);
	assert_int_equal(mshv_last_error()->index, 2);
	assert_fails(mshv_vp_get_msrs(vp, msrs, 3), ENOENT);
	fake_fail_alloc(1);
	assert_fails(mshv_vp_get_msrs(vp, msrs, 2), ENOMEM);
	assert_works(mshv_vp_get_msrs(vp, NULL, 0));
	assert_works(mshv_vp_set_msrs(vp, NULL, 0));
	assert_fails(mshv_vp_get_msrs(vp, NULL, 1), EINVAL);
	assert_fails(mshv_vp_set_msrs(vp, NULL, 1), EINVAL);
	assert_fails(mshv_vp_get_msrs(NULL, msrs, 1), EINVAL);
	assert_fails(mshv_vp_set_msrs(NULL, msrs, 1), EINVAL);
}

#if defined(__x86_64__)
static struct mshv_partition *partition(void)
{
	struct mshv_partition *p;

	assert_works(mshv_partition_from_fd(NULL, fake_no_page_fd(), &p));
	return p;
}

static void expect_features(struct mshv_partition *p, const uint64_t *values)
{
	static const uint32_t codes[] = { 0x6000a, 0x6000b, 0x60002, 0x10001 };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct hv_input_get_partition_property in = { .property_code = codes[i] };
		struct fake_answer *answer = fake_hvcall(mshv_partition_fd(p), 0x44, 0,
							 &in, 16, 8);

		answer->out = &values[i];
		answer->out_size = 8;
	}
}

static bool contains(const uint32_t *msrs, size_t n, uint32_t msr)
{
	while (n--)
		if (msrs[n] == msr)
			return true;
	return false;
}

static void list(void **state)
{
	struct mshv_partition *p = partition();
	uint64_t nothing[4] = { 0 };
	uint64_t all[4] = { ~0ULL, ~0ULL, ~0ULL, ~0ULL };
	uint32_t few[256], many[256];
	size_t n_few, n_many, i;

	(void)state;
	expect_features(p, nothing);
	assert_works(mshv_partition_get_msr_list(p, few, 256, &n_few));
	expect_features(p, all);
	assert_works(mshv_partition_get_msr_list(p, many, 256, &n_many));
	assert_true(n_many > n_few + 30);
	for (i = 0; i < n_few; i++)
		assert_true(contains(many, n_many, few[i]));
	for (i = 1; i < n_many; i++)
		assert_true(many[i - 1] < many[i]);
	assert_true(contains(few, n_few, 0xc0000080));
	assert_false(contains(few, n_few, HV_X64_MSR_SINT0));
	assert_false(contains(few, n_few, 0xc0000103));
	assert_true(contains(many, n_many, HV_X64_MSR_STIMER0_CONFIG));
	assert_true(contains(many, n_many, 0x6a8));
	assert_false(contains(many, n_many, 0xfe));

	expect_features(p, nothing);
	few[1] = 7;
	assert_fails(mshv_partition_get_msr_list(p, few, 1, &n_many), E2BIG);
	assert_int_equal(n_many, n_few);
	assert_int_equal(few[1], 7);
	expect_features(p, nothing);
	assert_fails(mshv_partition_get_msr_list(p, NULL, 0, &n_many), E2BIG);
	assert_fails(mshv_partition_get_msr_list(p, NULL, 1, &n_many), EINVAL);
	assert_fails(mshv_partition_get_msr_list(p, few, 1, NULL), EINVAL);
	assert_fails(mshv_partition_get_msr_list(NULL, few, 1, &n_many), EINVAL);
	mshv_partition_close(p);
}

/* What comes with one feature, and with no other. */
static void list_of_features(void **state)
{
	static const struct {
		unsigned int property, bit;
		uint32_t msr;
	} rows[] = {
		{ 0, 62, 0x122 }, { 1, 8, 0x6a0 }, { 1, 12, 0xe1 },
		{ 1, 18, 0x3b }, { 2, 12, 0xda0 }, { 2, 26, 0x1c4 },
		{ 2, 26, 0x1c5 },
	};
	struct mshv_partition *p = partition();
	uint64_t features[4];
	uint32_t msrs[256];
	size_t i, k, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(features, 0, sizeof(features));
		features[rows[i].property] = 1ULL << rows[i].bit;
		expect_features(p, features);
		assert_works(mshv_partition_get_msr_list(p, msrs, 256, &n));
		for (k = 0; k < ARRAY_SIZE(rows); k++)
			assert_int_equal(contains(msrs, n, rows[k].msr),
					 rows[k].property == rows[i].property &&
					 rows[k].bit == rows[i].bit);
	}
	/* This one has to follow the APIC: a register, if there is one. */
	memset(features, 0xff, sizeof(features));
	expect_features(p, features);
	assert_works(mshv_partition_get_msr_list(p, msrs, 256, &n));
	assert_false(contains(msrs, n, 0x6e0));
	mshv_partition_close(p);
}

static struct fake_answer *expect_cpuid(int on, uint32_t index, uint8_t subleaf,
					uint8_t override)
{
	static struct hv_input_register_intercept_result in;

	memset(&in, 0, sizeof(in));
	in.vp_index = index;
	in.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID;
	in.parameters.cpuid.input.eax = 7;
	in.parameters.cpuid.input.ecx = subleaf;
	in.parameters.cpuid.input.subleaf_specific = subleaf;
	in.parameters.cpuid.input.always_override = override;
	in.parameters.cpuid.result.ebx = 0x10;
	in.parameters.cpuid.result.ebx_mask = 0x30;
	in.parameters.cpuid.result.edx_mask = 1;
	return fake_hvcall(on, 0x91, 0, &in, sizeof(in), 0);
}

static void set_cpuid(void **state)
{
	struct mshv_partition *p = partition();
	struct mshv_cpuid e[2] = {
		{ .leaf = 7, .subleaf = 1, .value = { 0, 0x10 }, .mask = { 0, 0x30, 0, 1 } },
	};

	(void)state;
	expect_cpuid(mshv_partition_fd(p), HV_ANY_VP, 0, 0);
	assert_works(mshv_partition_set_cpuid(p, e, 1));
	e[0].flags = LIBMSHV_CPUID_SUBLEAF | LIBMSHV_CPUID_OVERRIDE;
	expect_cpuid(fd, 3, 1, 1);
	assert_works(mshv_vp_set_cpuid(vp, e, 1));

	e[1] = e[0];
	expect_cpuid(fd, 3, 1, 1);
	expect_cpuid(fd, 3, 1, 1)->err = EIO;
	assert_fails(mshv_vp_set_cpuid(vp, e, 2), EIO);
	assert_int_equal(mshv_last_error()->index, 1);
	e[1].flags = 4;
	assert_fails(mshv_vp_set_cpuid(vp, e, 2), EINVAL);
	assert_int_equal(mshv_last_error()->index, 1);
	e[1].flags = 0;
	e[1].reserved = 1;
	assert_fails(mshv_partition_set_cpuid(p, e, 2), EINVAL);
	assert_works(mshv_partition_set_cpuid(p, NULL, 0));
	assert_fails(mshv_partition_set_cpuid(p, NULL, 1), EINVAL);
	assert_fails(mshv_partition_set_cpuid(NULL, e, 1), EINVAL);
	assert_fails(mshv_vp_set_cpuid(NULL, e, 1), EINVAL);
	mshv_partition_close(p);
}

static void get_cpuid(void **state)
{
	struct mshv_cpuid e[2] = { { .leaf = 1 }, { .leaf = 0xb, .subleaf = 2 } };
	uint8_t in[24 + 48] = { [8] = 3, [12] = 3, [24] = 1, [48] = 0xb, [52] = 2 };
	uint32_t out[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct fake_answer *answer;

	(void)state;
	answer = fake_hvcall(fd, 0xf4, 2, in, sizeof(in), 32);
	answer->out = out;
	answer->out_size = sizeof(out);
	assert_works(mshv_vp_get_cpuid(vp, e, 2));
	assert_memory_equal(e[0].value, out, 16);
	assert_memory_equal(e[1].value, out + 4, 16);
	answer = fake_hvcall(fd, 0xf4, 2, in, sizeof(in), 32);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_PARAMETER;
	answer->reps = 1;
	assert_fails(mshv_vp_get_cpuid(vp, e, 2), EIO);
	assert_int_equal(mshv_last_error()->index, 1);
	assert_works(mshv_vp_get_cpuid(vp, NULL, 0));
	assert_fails(mshv_vp_get_cpuid(vp, NULL, 1), EINVAL);
	assert_fails(mshv_vp_get_cpuid(NULL, e, 1), EINVAL);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(map),
		fake_test(map_is_one_to_one),
		fake_vp_test(get_and_set),
#if defined(__x86_64__)
		fake_test(list),
		fake_test(list_of_features),
		fake_vp_test(set_cpuid),
		fake_vp_test(get_cpuid),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
