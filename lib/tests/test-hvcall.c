// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Typed hypercalls: the bytes that reach the kernel, and what comes back. */
#include "config.h"

#include "fake.h"

#define FD	9
#define VP	6

static void get_property(void **state)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
	};
	uint64_t sent = 0x1122334455667788, got = 0;
	struct fake_answer *answer;

	(void)state;
	answer = fake_hvcall(FD, 0x44, 0, &in, 16, 8);
	answer->out = &sent;
	answer->out_size = sizeof(sent);
	assert_works(mshv_hvcall_get_partition_property(FD, 0x6000a, &got));
	assert_int_equal(got, sent);

	fake_hvcall(FD, 0x44, 0, &in, 16, 8)->err = EIO;
	got = 77;
	assert_fails(mshv_hvcall_get_partition_property(FD, 0x6000a, &got),
		     EIO);
	assert_int_equal(got, 77);
	assert_fails(mshv_hvcall_get_partition_property(FD, 0x6000a, NULL),
		     EINVAL);
}

static void set_property(void **state)
{
	struct hv_input_set_partition_property in = {
		.property_code = 0x50017,
		.property_value = 0xfedcba9876543210,
	};

	(void)state;
	fake_hvcall(FD, 0x45, 0, &in, 24, 0);
	assert_works(mshv_hvcall_set_partition_property(FD, 0x50017,
							0xfedcba9876543210));
}

static void get_property_ex(void **state)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = 0x90007,
		.arg = 5,
	};
	uint8_t sent[4072], got[4072] = { 0 };
	struct fake_answer *answer;

	(void)state;
	memset(sent, 0x5a, sizeof(sent));
	answer = fake_hvcall(FD, 0x101, 0, &in, 24, sizeof(got));
	answer->out = sent;
	answer->out_size = sizeof(sent);
	assert_works(mshv_hvcall_get_partition_property_ex(FD, 0x90007, 5, got,
							   sizeof(got)));
	assert_memory_equal(got, sent, sizeof(got));

	assert_fails(mshv_hvcall_get_partition_property_ex(FD, 0x90007, 5, got,
							   4073), EINVAL);
	assert_fails(mshv_hvcall_get_partition_property_ex(FD, 0x90007, 5, got,
							   0), EINVAL);
	assert_fails(mshv_hvcall_get_partition_property_ex(FD, 0x90007, 5, NULL,
							   8), EINVAL);
}

static void install_intercept(void **state)
{
	struct hv_input_install_intercept in = {
		.access_type = HV_INTERCEPT_ACCESS_MASK_EXECUTE,
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.intercept_parameter.cpuid_index = 0x40000000,
	};

	(void)state;
	fake_hvcall(FD, 0x4d, 0, &in, 24, 0);
	assert_works(mshv_hvcall_install_intercept(FD, 4, 2, 0x40000000));
}

static void translate(void **state)
{
	struct hv_input_translate_virtual_address in = {
		.vp_index = VP,
		.control_flags = HV_TRANSLATE_GVA_VALIDATE_WRITE,
		.gva_page = 0xffff800012345,
	};
	struct hv_output_translate_virtual_address out = {
		.translation_result.result_code =
			HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
		.gpa_page = 0x77,
	};
	uint64_t result = 0, gpa = 0;
	struct fake_answer *answer;

	(void)state;
	answer = fake_hvcall(FD, 0x52, 0, &in, 32, 16);
	answer->out = &out;
	answer->out_size = sizeof(out);
	assert_works(mshv_hvcall_translate_virtual_address(FD, VP,
			HV_TRANSLATE_GVA_VALIDATE_WRITE, 0xffff800012345678,
			&result, &gpa));
	assert_int_equal(result, HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS);
	assert_int_equal(gpa, 0x77678);

	fake_hvcall(FD, 0x52, 0, &in, 32, 16)->err = EINVAL;
	assert_fails(mshv_hvcall_translate_virtual_address(FD, VP,
			HV_TRANSLATE_GVA_VALIDATE_WRITE, 0xffff800012345678,
			&result, &gpa), EINVAL);

	assert_fails(mshv_hvcall_translate_virtual_address(FD, VP, 0, 0, NULL,
							   &gpa), EINVAL);
	assert_fails(mshv_hvcall_translate_virtual_address(FD, VP, 0, 0,
							   &result, NULL),
		     EINVAL);
}

static void assert_interrupt(void **state)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.as_uint64 = 0x300000001,
		.dest_addr = 0x1234567890,
		.vector = 0x41,
		.target_vtl = 2,
	};

	(void)state;
	fake_hvcall(FD, 0x94, 0, &in, 32, 0);
	assert_works(mshv_hvcall_assert_virtual_interrupt(FD, 0x300000001,
							  0x1234567890, 0x41,
							  2));
}

static void cpuid_result(void **state)
{
	struct hv_register_x64_cpuid_result_parameters leaf = {
		.input = { .eax = 7, .ecx = 1, .subleaf_specific = 1,
			   .always_override = 1 },
		.result = { .ebx = 0xf0, .ebx_mask = 0xff },
	};

	(void)state;
#if defined(__x86_64__)
	struct hv_input_register_intercept_result in = {
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid = leaf,
	};

	fake_hvcall(FD, 0x91, 0, &in, 60, 0);
	assert_works(mshv_hvcall_register_intercept_result_cpuid(FD, HV_ANY_VP,
								 &leaf));
	assert_fails(mshv_hvcall_register_intercept_result_cpuid(FD, 0, NULL),
		     EINVAL);
#else
	assert_fails(mshv_hvcall_register_intercept_result_cpuid(FD, HV_ANY_VP,
								 &leaf),
		     EOPNOTSUPP);
#endif
}

static void msr_result(void **state)
{
	struct hv_register_x64_msr_result_parameters msr = {
		.msr_index = 0x123,
		.access_type = HV_INTERCEPT_ACCESS_MASK_READ |
			       HV_INTERCEPT_ACCESS_MASK_WRITE,
		.action = HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO,
	};

	(void)state;
#if defined(__x86_64__)
	/* partition, VP, type; MSR, access, action; the rest of 60 bytes is 0 */
	const uint32_t in[15] = { 0, 0, 5, 1, 0x123, 3, 1 };

	fake_hvcall(FD, 0x91, 0, in, 60, 0);
	assert_works(mshv_hvcall_register_intercept_result_msr(FD, 5, &msr));
	fake_hvcall(FD, 0x91, 0, in, 60, 0)->err = EINVAL;
	assert_fails(mshv_hvcall_register_intercept_result_msr(FD, 5, &msr),
		     EINVAL);
	assert_string_equal(mshv_last_error()->what, "register MSR result");
#else
	assert_fails(mshv_hvcall_register_intercept_result_msr(FD, 5, &msr),
		     EOPNOTSUPP);
#endif
	assert_fails(mshv_hvcall_register_intercept_result_msr(FD, 5, NULL),
		     EINVAL);
}

#define MANY	600

static struct hv_register_assoc regs[MANY];
static union hv_register_value values[MANY];

static void fill_registers(void)
{
	uint32_t i;

	for (i = 0; i < MANY; i++) {
		regs[i] = (struct hv_register_assoc) {
			.name = 0x20000 + i,
			.value.reg128 = { i, ~(uint64_t)i },
		};
		values[i].reg128 = (struct hv_u128) { i * 3, i * 5 };
	}
}

static struct fake_answer *expect_get(uint32_t first, uint16_t count)
{
	static uint8_t in[4096];
	struct hv_input_get_vp_registers header = {
		.vp_index = VP, .input_vtl.as_uint8 = 0x12,
	};
	struct fake_answer *answer;
	uint32_t i, name;

	memcpy(in, &header, sizeof(header));
	for (i = 0; i < count; i++) {
		name = regs[first + i].name;
		memcpy(in + 16 + i * 4, &name, 4);
	}
	answer = fake_hvcall(FD, 0x50, count, in, 16 + count * 4u, count * 16u);
	answer->out = &values[first];
	answer->out_size = count * 16u;
	return answer;
}

static struct fake_answer *expect_set(uint32_t first, uint16_t count)
{
	static uint8_t in[4096];
	struct hv_input_set_vp_registers header = {
		.vp_index = VP, .input_vtl.as_uint8 = 0x12,
	};

	memcpy(in, &header, sizeof(header));
	memcpy(in + 16, &regs[first], count * 32u);
	return fake_hvcall(FD, 0x51, count, in, 16 + count * 32u, 0);
}

static void get_registers(void **state)
{
	static const size_t counts[] = { 0, 1, 255, 256, 257, 512, MANY };
	size_t i, j, done;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		fill_registers();
		for (done = 0; done < counts[i]; done += 256) {
			size_t left = counts[i] - done;

			expect_get((uint32_t)done,
				   (uint16_t)(left < 256 ? left : 256));
		}
		assert_works(mshv_hvcall_get_vp_registers(FD, VP, 0x12, regs,
							  counts[i]));
		for (j = 0; j < counts[i]; j++) {
			assert_int_equal(regs[j].name, 0x20000 + j);
			assert_memory_equal(&regs[j].value, &values[j], 16);
		}
		/* not one more than asked for */
		if (counts[i] < MANY)
			assert_int_equal(regs[counts[i]].value.reg64, counts[i]);
	}
	assert_fails(mshv_hvcall_get_vp_registers(FD, VP, 0, NULL, 1), EINVAL);
	assert_works(mshv_hvcall_get_vp_registers(FD, VP, 0, NULL, 0));
}

static void set_registers(void **state)
{
	static const size_t counts[] = { 0, 1, 126, 127, 128, 254, MANY };
	size_t i, done;

	(void)state;
	fill_registers();
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (done = 0; done < counts[i]; done += 127) {
			size_t left = counts[i] - done;

			expect_set((uint32_t)done,
				   (uint16_t)(left < 127 ? left : 127));
		}
		assert_works(mshv_hvcall_set_vp_registers(FD, VP, 0x12, regs,
							  counts[i]));
	}
	assert_fails(mshv_hvcall_set_vp_registers(FD, VP, 0, NULL, 1), EINVAL);
	assert_works(mshv_hvcall_set_vp_registers(FD, VP, 0, NULL, 0));
}

static void refuse(struct fake_answer *answer, uint16_t done)
{
	answer->err = EINVAL;
	answer->status = HV_STATUS_INVALID_PARAMETER;
	answer->reps = done;
}

static void failing_register_is_named(void **state)
{
	size_t i;

	(void)state;
	fill_registers();
	expect_get(0, 256);
	refuse(expect_get(256, 200), 17);
	assert_fails(mshv_hvcall_get_vp_registers(FD, VP, 0x12, regs, 456),
		     EINVAL);
	assert_int_equal(mshv_last_error()->index, 256 + 17);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INVALID_PARAMETER);
	/* the batch that was done has its values, the other is untouched */
	for (i = 0; i < 456; i++)
		assert_int_equal(regs[i].value.reg64,
				 i < 256 ? values[i].reg64 : i);

	fill_registers();
	expect_set(0, 127);
	expect_set(127, 127);
	refuse(expect_set(254, 46), 45);
	assert_fails(mshv_hvcall_set_vp_registers(FD, VP, 0x12, regs, 300),
		     EINVAL);
	assert_int_equal(mshv_last_error()->index, 299);
}

static void success_that_is_short(void **state)
{
	(void)state;
	fill_registers();
	expect_get(0, 10)->reps = 4;
	assert_fails(mshv_hvcall_get_vp_registers(FD, VP, 0x12, regs, 10),
		     EPROTO);
	assert_int_equal(mshv_last_error()->index, 4);
	assert_int_equal(mshv_last_error()->hypercall, 0x50);

	expect_set(0, 10)->reps = 11;
	assert_fails(mshv_hvcall_set_vp_registers(FD, VP, 0x12, regs, 10),
		     EPROTO);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);
}

static void not_a_partition(void **state)
{
	struct fake_answer *answer;

	(void)state;
	fill_registers();
	answer = expect_set(0, 1);
	answer->err = ENOTTY;
	answer->keep_args = true;
	assert_fails(mshv_hvcall_set_vp_registers(FD, VP, 0x12, regs, 1),
		     ENOTTY);
	assert_int_equal(mshv_last_error()->hv_status, 0);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);
}

/*
 * Linux 6.15 to 6.17: the hypervisor is out of memory, gets a page, and the call
 * has to be made again, from its first element on.
 */
static struct fake_answer *expect_deposit(struct fake_answer *answer,
					  uint16_t done)
{
	answer->err = EAGAIN;
	answer->status = HV_STATUS_INSUFFICIENT_MEMORY;
	answer->reps = done;
	return answer;
}

static void deposits(void **state)
{
	struct hv_input_set_partition_property in = {
		.property_code = 7, .property_value = 8,
	};
	struct hv_input_get_gpa_pages_access_state pages = {
		.flags.as_uint64 = 4, .hv_gpa_page_number = 1,
	};
	_Alignas(16) uint8_t room[sizeof(struct hv_input_set_vp_registers) +
				   3 * sizeof(struct hv_register_assoc)] = { 0 };
	struct hv_input_set_vp_registers *set = (void *)room;
	struct hv_register_assoc *elements = (void *)(set + 1);
	uint8_t states[3];
	int i;

	(void)state;
	set->vp_index = VP;
	for (i = 0; i < 3; i++)
		expect_deposit(fake_hvcall(FD, 0x45, 0, &in, 24, 0), 0);
	fake_hvcall(FD, 0x45, 0, &in, 24, 0);
	assert_works(mshv_hvcall_set_partition_property(FD, 7, 8));

	for (i = 0; i < 3; i++)
		elements[i].name = (uint32_t)i + 5;
	expect_deposit(fake_hvcall(FD, 0x51, 3, set, sizeof(room), 0), 2);
	fake_hvcall(FD, 0x51, 3, set, sizeof(room), 0);
	assert_works(mshv_hvcall_set_vp_registers(FD, VP, 0, elements, 3));

	/* what was looked at and cleared would be lost the second time */
	expect_deposit(fake_hvcall(FD, 0xc9, 3, &pages, 24, 3), 0);
	expect_deposit(fake_hvcall(FD, 0xc9, 3, &pages, 24, 3), 1);
	assert_fails(mshv_hvcall_get_gpa_pages_access_states(FD, 4, 1, states, 3),
		     EAGAIN);
	assert_int_equal(mshv_last_error()->index, 1);
	/* with nothing cleared there is nothing to lose */
	pages.flags.as_uint64 = 0;
	expect_deposit(fake_hvcall(FD, 0xc9, 3, &pages, 24, 3), 1);
	fake_hvcall(FD, 0xc9, 3, &pages, 24, 3);
	assert_works(mshv_hvcall_get_gpa_pages_access_states(FD, 0, 1, states, 3));

	/* EAGAIN for another reason, and memory that there isn't */
	fake_hvcall(FD, 0x45, 0, &in, 24, 0)->err = EAGAIN;
	assert_fails(mshv_hvcall_set_partition_property(FD, 7, 8), EAGAIN);
	expect_deposit(fake_hvcall(FD, 0x45, 0, &in, 24, 0), 0)->err = ENOMEM;
	assert_fails(mshv_hvcall_set_partition_property(FD, 7, 8), ENOMEM);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INSUFFICIENT_MEMORY);
}

static unsigned int made;

static int never_enough(int fd, uint32_t request, void *arg)
{
	struct mshv_root_hvcall *call = arg;

	(void)fd;
	assert_int_equal(request, MSHV_ROOT_HVCALL);
	assert_int_equal(call->status, 0);
	made++;
	call->status = HV_STATUS_INSUFFICIENT_MEMORY;
	errno = EAGAIN;
	return -1;
}

static void endless_deposits(void **state)
{
	(void)state;
	fake_instead = never_enough;
	made = 0;
	assert_fails(mshv_hvcall_set_partition_property(FD, 7, 8), EAGAIN);
	assert_int_equal(made, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(get_property),
		fake_test(set_property),
		fake_test(get_property_ex),
		fake_test(install_intercept),
		fake_test(translate),
		fake_test(assert_interrupt),
		fake_test(cpuid_result),
		fake_test(msr_result),
		fake_test(get_registers),
		fake_test(set_registers),
		fake_test(failing_register_is_named),
		fake_test(success_that_is_short),
		fake_test(not_a_partition),
		fake_test(deposits),
		fake_test(endless_deposits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
