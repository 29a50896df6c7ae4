// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a trace callback is told, and that it changes nothing. */
#include "config.h"

#include "fake-vp.h"

static struct mshv_trace seen[8];
static unsigned int count;

static void note(const struct mshv_trace *trace, void *ctx)
{
	assert_ptr_equal(ctx, seen);
	assert_true(count < ARRAY_SIZE(seen));
	seen[count++] = *trace;
	errno = ENOSPC;		/* shall not come through */
}

static int setup(void **state)
{
	count = 0;
	memset(seen, 0, sizeof(seen));
	return fake_vp_setup(state);
}

static int teardown(void **state)
{
	mshv_set_trace(NULL, NULL);
	return fake_vp_teardown(state);
}

static void assert_seen(unsigned int i, int on, uint32_t request, int result)
{
	assert_true(i < count);
	assert_int_equal(seen[i].fd, on);
	assert_int_equal(seen[i].request, request);
	assert_int_equal(seen[i].result, result);
}

static void success_and_failure(void **state)
{
	(void)state;
	mshv_set_trace(note, seen);
	fake_ioctl(7, MSHV_INITIALIZE_PARTITION, NULL, 0);
	assert_works(mshv_ioctl_initialize_partition(7));
	fake_ioctl(8, MSHV_INITIALIZE_PARTITION, NULL, 0)->err = EBUSY;
	assert_fails(mshv_ioctl_initialize_partition(8), EBUSY);
	assert_int_equal(count, 2);
	assert_seen(0, 7, MSHV_INITIALIZE_PARTITION, 0);
	assert_seen(1, 8, MSHV_INITIALIZE_PARTITION, -EBUSY);
	assert_int_equal(seen[1].hypercall, 0);
}

static void interrupted_calls_are_seen(void **state)
{
	(void)state;
	mshv_set_trace(note, seen);
	fake_ioctl(7, MSHV_INITIALIZE_PARTITION, NULL, 0)->err = EINTR;
	fake_ioctl(7, MSHV_INITIALIZE_PARTITION, NULL, 0);
	assert_works(mshv_ioctl_initialize_partition(7));
	assert_int_equal(count, 2);
	assert_seen(0, 7, MSHV_INITIALIZE_PARTITION, -EINTR);
	assert_seen(1, 7, MSHV_INITIALIZE_PARTITION, 0);
}

static void hypercalls_have_a_status(void **state)
{
	uint64_t value;

	(void)state;
	mshv_set_trace(note, seen);
	*fake_hvcall(7, HVCALL_GET_PARTITION_PROPERTY, 0,
		     (uint8_t [16]) { 0 }, 16, 8) = (struct fake_answer) {
		.err = EIO,
		.status = HV_STATUS_UNKNOWN_PROPERTY,
	};
	assert_fails(mshv_hvcall_get_partition_property(7, 0, &value), EIO);
	assert_int_equal(count, 1);
	assert_seen(0, 7, MSHV_ROOT_HVCALL, -EIO);
	assert_int_equal(seen[0].hypercall, HVCALL_GET_PARTITION_PROPERTY);
	assert_int_equal(seen[0].hv_status, HV_STATUS_UNKNOWN_PROPERTY);
}

static void run_once(const struct hv_message **got, int err)
{
	fake_ioctl(fd, MSHV_RUN_VP, NULL, 0)->err = err;
	if (err) {
		assert_fails(mshv_vp_run(vp, got), err);
		assert_null(*got);
	} else {
		assert_works(mshv_vp_run(vp, got));
		assert_ptr_equal(*got, mshv_vp_message(vp));
	}
}

static void runs_are_seen(void **state)
{
	const struct hv_message *got;

	(void)state;
	mshv_set_trace(note, seen);
	run_once(&got, 0);
	run_once(&got, 0);
	run_once(&got, EINTR);
	assert_int_equal(count, 3);
	assert_seen(0, fd, MSHV_RUN_VP, 0);
	assert_seen(1, fd, MSHV_RUN_VP, 0);
	assert_seen(2, fd, MSHV_RUN_VP, -EINTR);

	mshv_set_trace(NULL, NULL);
	run_once(&got, 0);
	run_once(&got, 0);
	assert_int_equal(count, 3);
}

/* In a loop that began before, with the same argument: from another one on. */
static void a_loop_is_seen_later(void **state)
{
	const struct hv_message *got, *other;

	(void)state;
	run_once(&got, 0);
	mshv_set_trace(note, seen);
	run_once(&got, 0);
	assert_int_equal(count, 0);
	run_once(&other, 0);
	run_once(&other, 0);
	run_once(&got, 0);
	assert_int_equal(count, 3);
}

#define trace_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		trace_test(success_and_failure),
		trace_test(interrupted_calls_are_seen),
		trace_test(hypercalls_have_a_status),
		trace_test(runs_are_seen),
		trace_test(a_loop_is_seen_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
