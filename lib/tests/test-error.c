// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The second error channel, and the version. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>

#include <mshv/downstream.h>

#include "fake.h"
#include "internal.h"

static void before_the_first_failure(void **state)
{
	const struct mshv_error *error = mshv_last_error();

	(void)state;
	assert_int_equal(error->errnum, 0);
	assert_int_equal(error->hv_status, 0);
	assert_int_equal(error->hypercall, 0);
	assert_int_equal(error->request, 0);
	assert_int_equal(error->index, LIBMSHV_INDEX_NONE);
	assert_string_equal(error->what, "no error");
}

static void failure_overwrites_everything(void **state)
{
	uint64_t value;

	(void)state;
	*fake_hvcall(7, HVCALL_GET_PARTITION_PROPERTY, 0,
		     (uint8_t [16]) { 0 }, 16, 8) = (struct fake_answer) {
		.err = EIO,
		.status = HV_STATUS_UNKNOWN_PROPERTY,
	};
	assert_fails(mshv_hvcall_get_partition_property(7, 0, &value), EIO);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(mshv_last_error()->hypercall,
			 HVCALL_GET_PARTITION_PROPERTY);
	assert_int_equal(mshv_last_error()->request, MSHV_ROOT_HVCALL);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);

	assert_fails(mshv_hvcall_get_partition_property(7, 0, NULL), EINVAL);
	assert_int_equal(mshv_last_error()->hv_status, 0);
	assert_int_equal(mshv_last_error()->hypercall, 0);
	assert_int_equal(mshv_last_error()->request, 0);
}

static void success_leaves_it_alone(void **state)
{
	(void)state;
	assert_fails(mshv_ioctl_irqfd(7, NULL), EINVAL);
	fake_ioctl(7, MSHV_INITIALIZE_PARTITION, NULL, 0);
	assert_works(mshv_ioctl_initialize_partition(7));
	assert_int_equal(mshv_last_error()->errnum, EINVAL);
}

/* A kernel that first says no to what the library then gets in another way. */
static unsigned int refusals;

static int refuse(int err)
{
	refusals++;
	errno = err;
	return -1;
}

static int reluctant_hvcall(struct mshv_root_hvcall *call)
{
	static const uint16_t all = 5;	/* registers of struct mshv_events */

	if (call->code == HVCALL_SET_PARTITION_PROPERTY) {
		if (refusals)
			return 0;
		call->status = HV_STATUS_INSUFFICIENT_MEMORY;
		return refuse(EAGAIN);
	}
	if (call->reps < all)
		return 0;
	call->reps--;
	call->status = HV_STATUS_INVALID_PARAMETER;
	return refuse(EINVAL);
}

static int reluctant(int fd, uint32_t request, void *arg)
{
	struct mshv_get_set_vp_state *state = arg;

	(void)fd;
	switch (request) {
	case MSHV_ROOT_HVCALL:
		return reluctant_hvcall(arg);
	case MSHV_GET_VP_STATE:
		if (state->buf_sz == 8192)
			return 0;
		state->buf_sz = 8192;
		return refuse(EINVAL);
	case 0x4018b802:	/* has attribute, before Linux 6.18 */
		return refuse(ENOTTY);
	case 0x4018b801:
		return 0;
	}
	fail_msg("request 0x%x", request);
	return -1;
}

static void answers_are_no_failures(void **state)
{
	static uint8_t buf[8192];
	struct mshv_vp *vp = fake_vp_from_fd(NULL, fake_no_page_fd(), 0);
	struct mshv_events events;
	size_t size, i;

	(void)state;
	memset(&events, 0, sizeof(events));
	fake_instead = reluctant;
	for (i = 0; i < 5; i++) {
		int ret = 0;

		libmshv_fail(EDOM, "before");
		libmshv_error_set_index(i);
		refusals = 0;
		switch (i) {
		case 0:
			ret = mshv_hvcall_set_partition_property(7, 1, 2);
			break;
		case 1:
			ret = mshv_vp_get_state(vp, MSHV_VP_STATE_XSAVE, buf,
						sizeof(buf), &size);
			break;
		case 2:
			ret = mshv_downstream_has_attribute(7, 1, 2);
			break;
#if defined(__x86_64__)		/* that lacks a register of the set */
		case 3:
			ret = mshv_vp_get_events(vp, &events);
			break;
		case 4:
			ret = mshv_vp_set_events(vp, &events);
			break;
#else
		default:
			continue;
#endif
		}
		assert_int_equal(ret, 0);
		assert_int_equal(refusals, 1);
		assert_int_equal(mshv_last_error()->errnum, EDOM);
		assert_int_equal(mshv_last_error()->index, i);
		assert_int_equal(mshv_last_error()->request, 0);
		assert_int_equal(mshv_last_error()->hv_status, 0);
		assert_string_equal(mshv_last_error()->what, "before");
	}
	mshv_vp_close(vp);
}

static void errno_zero_is_still_a_failure(void **state)
{
	(void)state;
	assert_int_equal(libmshv_fail(0, "nonsense"), -EPROTO);
	assert_int_equal(mshv_last_error()->errnum, EPROTO);
}

static void *other_thread(void *arg)
{
	(void)arg;
	if (mshv_last_error()->errnum)
		return (void *)"another thread's failure";
	mshv_dev_fd(NULL);
	if (mshv_last_error()->errnum != EINVAL)
		return (void *)"own failure is lost";
	return NULL;
}

static void one_record_per_thread(void **state)
{
	pthread_t thread;
	void *complaint;

	(void)state;
	libmshv_fail(EIO, "main thread");
	assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
	assert_int_equal(pthread_join(thread, &complaint), 0);
	assert_null(complaint);
	assert_int_equal(mshv_last_error()->errnum, EIO);
	assert_string_equal(mshv_last_error()->what, "main thread");
}

static void text(void **state)
{
	static const struct {
		struct mshv_error error;
		const char *format;	/* %s: what the C library says */
	} rows[] = {
		{ { .errnum = EINVAL, .index = LIBMSHV_INDEX_NONE,
		    .what = "do it" },
		  "do it: %s" },
		{ { .errnum = EIO, .index = LIBMSHV_INDEX_NONE, .what = "w",
		    .hypercall = 0x51 },
		  "w: %s (hypercall 0x51)" },
		{ { .errnum = EIO, .index = 3, .what = "w", .hypercall = 0x51,
		    .hv_status = HV_STATUS_INVALID_REGISTER_VALUE },
		  "w: %s (hypercall 0x51: HV_STATUS_INVALID_REGISTER_VALUE, element 3)" },
		{ { .errnum = EIO, .index = LIBMSHV_INDEX_NONE, .what = "w",
		    .hypercall = 0x101, .hv_status = 0xfffe },
		  "w: %s (hypercall 0x101: hypervisor status 0xfffe)" },
		{ { .errnum = EIO, .index = 0, .what = "w" },
		  "w: %s, element 0" },
	};
	char buf[256], text[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int length = snprintf(text, sizeof(text), rows[i].format,
				      strerror(rows[i].error.errnum));

		errno = ENOENT;
		assert_int_equal(mshv_error_format(&rows[i].error, buf,
						   sizeof(buf)), length);
		assert_string_equal(buf, text);
		assert_int_equal(errno, ENOENT);

		/* cut short, but told how long it would be */
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(mshv_error_format(&rows[i].error, buf, 5),
				 length);
		assert_int_equal(strlen(buf), 4);
		assert_int_equal(buf[5], 'x');
		assert_int_equal(mshv_error_format(&rows[i].error, NULL, 0),
				 length);
	}
	/* a number that the C library complains about */
	errno = ENOENT;
	assert_true(mshv_error_format(&(struct mshv_error) {
		.errnum = 123456, .what = "w" }, buf, sizeof(buf)) > 3);
	assert_int_equal(errno, ENOENT);

	assert_fails(mshv_error_format(NULL, buf, sizeof(buf)), EINVAL);
	assert_fails(mshv_error_format(&rows[0].error, NULL, 1), EINVAL);
}

static void longest_status_fits(void **state)
{
	unsigned int status, longest = 0;
	char buf[256];

	(void)state;
	for (status = 0; status <= UINT16_MAX; status++) {
		const char *name = mshv_hv_status_name((uint16_t)status);
		struct mshv_error error = {
			.errnum = EIO, .index = UINT32_MAX - 1, .what = "w",
			.hypercall = UINT16_MAX,
			.hv_status = (uint16_t)status,
		};

		if (!name || !status)
			continue;
		assert_int_equal(strncmp(name, "HV_STATUS_", 10), 0);
		assert_true(mshv_error_format(&error, buf, sizeof(buf)) > 0);
		assert_non_null(strstr(buf, name));
		assert_non_null(strstr(buf, ", element 4294967294)"));
		if (strlen(name) > longest)
			longest = (unsigned int)strlen(name);
	}
	assert_true(longest > 0);
}

static void status_names(void **state)
{
	(void)state;
	assert_string_equal(mshv_hv_status_name(0), "HV_STATUS_SUCCESS");
	assert_string_equal(mshv_hv_status_name(0x79),
			    "HV_STATUS_CALL_PENDING");
	assert_string_equal(mshv_hv_status_name(0x75),
			    "HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY");
	assert_null(mshv_hv_status_name(0xffff));
}

static void version(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%d.%d.%d", LIBMSHV_VERSION_MAJOR,
		 LIBMSHV_VERSION_MINOR, LIBMSHV_VERSION_PATCH);
	assert_string_equal(mshv_version(), text);
	assert_string_equal(mshv_version(), PACKAGE_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(before_the_first_failure),
		fake_test(failure_overwrites_everything),
		fake_test(success_leaves_it_alone),
		fake_test(answers_are_no_failures),
		fake_test(errno_zero_is_still_a_failure),
		fake_test(one_record_per_thread),
		fake_test(text),
		fake_test(longest_status_fits),
		fake_test(status_names),
		fake_test(version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
