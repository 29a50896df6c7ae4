// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Interrupts, events, page states and CPUID: the bytes of the hypercalls. */
#include "config.h"

#include "fake.h"

#define FD	9
#define VP	6

static void clear_interrupt(void **state)
{
	uint64_t in = 0;

	(void)state;
	fake_hvcall(FD, 0x56, 0, &in, 8, 0);
	assert_works(mshv_hvcall_clear_virtual_interrupt(FD));
	fake_hvcall(FD, 0x56, 0, &in, 8, 0)->err = EIO;
	assert_fails(mshv_hvcall_clear_virtual_interrupt(FD), EIO);
}

static void signal_event(void **state)
{
	static const uint8_t in[16] = {
		0, 0, 0, 0, 0, 0, 0, 0, VP, 0, 0, 0, 1, 15, 0xff, 0x07,
	};
	uint8_t out[8] = { 1, 0xaa, 0xaa };
	struct fake_answer *answer;
	int newly = 7;

	(void)state;
	answer = fake_hvcall(FD, 0xc0, 0, in, 16, 8);
	answer->out = out;
	answer->out_size = 8;
	assert_works(mshv_hvcall_signal_event_direct(FD, VP, 1, 15, 2047, &newly));
	assert_int_equal(newly, 1);
	fake_hvcall(FD, 0xc0, 0, in, 16, 8);
	assert_works(mshv_hvcall_signal_event_direct(FD, VP, 1, 15, 2047, &newly));
	assert_int_equal(newly, 0);
	fake_hvcall(FD, 0xc0, 0, in, 16, 8);
	assert_works(mshv_hvcall_signal_event_direct(FD, VP, 1, 15, 2047, NULL));
	newly = 7;
	fake_hvcall(FD, 0xc0, 0, in, 16, 8)->err = EINVAL;
	assert_fails(mshv_hvcall_signal_event_direct(FD, VP, 1, 15, 2047, &newly),
		     EINVAL);
	assert_int_equal(newly, 7);
}

static void post_message(void **state)
{
	struct hv_input_post_message_direct in = {
		.vp_index = VP, .vtl = 2, .sint_index = 3,
	};
	uint8_t message[HV_MESSAGE_SIZE];

	(void)state;
	memset(message, 0x77, sizeof(message));
	memset(in.message, 0x77, 17);
	fake_hvcall(FD, 0xc1, 0, &in, sizeof(in), 0);
	assert_works(mshv_hvcall_post_message_direct(FD, VP, 2, 3, message, 17));
	memset(in.message, 0x77, sizeof(message));
	fake_hvcall(FD, 0xc1, 0, &in, sizeof(in), 0);
	assert_works(mshv_hvcall_post_message_direct(FD, VP, 2, 3, message, 256));
	assert_fails(mshv_hvcall_post_message_direct(FD, VP, 2, 3, message, 257), EINVAL);
	assert_fails(mshv_hvcall_post_message_direct(FD, VP, 2, 3, message, 0), EINVAL);
	assert_fails(mshv_hvcall_post_message_direct(FD, VP, 2, 3, NULL, 1), EINVAL);
}

static struct fake_answer *expect_states(uint64_t gfn, uint16_t count,
					 const uint8_t *states)
{
	struct hv_input_get_gpa_pages_access_state in = {
		.flags.as_uint64 = 4, .hv_gpa_page_number = gfn,
	};
	struct fake_answer *answer = fake_hvcall(FD, 0xc9, count, &in, 24, count);

	answer->out = states;
	answer->out_size = count;
	return answer;
}

static void access_states(void **state)
{
	static uint8_t sent[4095 + 9], got[4095 + 9];
	struct fake_answer *answer;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i % 3);
	expect_states(0x100, 4095, sent);
	expect_states(0x100 + 4095, 9, sent + 4095);
	assert_works(mshv_hvcall_get_gpa_pages_access_states(FD, 4, 0x100, got,
							     sizeof(got)));
	assert_memory_equal(got, sent, sizeof(sent));

	expect_states(0, 4095, sent);
	answer = expect_states(4095, 9, sent);
	answer->err = EINVAL;
	answer->status = HV_STATUS_INVALID_PARAMETER;
	answer->reps = 2;
	assert_fails(mshv_hvcall_get_gpa_pages_access_states(FD, 4, 0, got,
							     sizeof(got)), EINVAL);
	assert_int_equal(mshv_last_error()->index, 4097);
	assert_works(mshv_hvcall_get_gpa_pages_access_states(FD, 4, 0, NULL, 0));
	assert_fails(mshv_hvcall_get_gpa_pages_access_states(FD, 4, 0, NULL, 1), EINVAL);
}

static void cpuid_values(void **state)
{
	static struct hv_cpuid_leaf_info leaves[170];
	static union hv_output_get_vp_cpuid_values sent[170], got[170];
#if defined(__x86_64__)
	struct hv_input_get_vp_cpuid_values header = {
		.vp_index = VP, .flags.as_uint32 = 2,
	};
	struct fake_answer *answer;
	uint8_t in[4096];
	uint32_t i;

	for (i = 0; i < 170; i++) {
		leaves[i] = (struct hv_cpuid_leaf_info) { .eax = i, .xss = 9 };
		sent[i].eax = i + 5;
	}
	memcpy(in, &header, 24);
	memcpy(in + 24, leaves, 169 * 24);
	answer = fake_hvcall(FD, 0xf4, 169, in, 24 + 169 * 24, 169 * 16);
	answer->out = sent;
	answer->out_size = 169 * 16;
	memcpy(in + 24, leaves + 169, 24);
	answer = fake_hvcall(FD, 0xf4, 1, in, 48, 16);
	answer->out = sent + 169;
	answer->out_size = 16;
	assert_works(mshv_hvcall_get_vp_cpuid_values(FD, VP, 2, leaves, got, 170));
	assert_memory_equal(got, sent, sizeof(sent));
#else
	(void)sent;
	assert_fails(mshv_hvcall_get_vp_cpuid_values(FD, VP, 2, leaves, got, 1),
		     EOPNOTSUPP);
#endif
	(void)state;
	assert_works(mshv_hvcall_get_vp_cpuid_values(FD, VP, 0, NULL, NULL, 0));
	assert_fails(mshv_hvcall_get_vp_cpuid_values(FD, VP, 0, NULL, got, 1), EINVAL);
	assert_fails(mshv_hvcall_get_vp_cpuid_values(FD, VP, 0, leaves, NULL, 1), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(clear_interrupt),
		fake_test(signal_event),
		fake_test(post_message),
		fake_test(access_states),
		fake_test(cpuid_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
