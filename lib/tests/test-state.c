// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* State of a VP in bulk: any size, no byte lost. */
#include "config.h"

#include <sys/mman.h>

#include <mshv/state.h>

#include "fake-vp.h"

/* A VP with one component of this size, in the manner of the driver. */
static uint8_t component[5 * 4096];
static uint32_t component_size;
static unsigned int calls;
static int fails;

static int driver(int on, uint32_t request, void *arg)
{
	struct mshv_get_set_vp_state *args = arg;
	void *buf = (void *)(uintptr_t)args->buf_ptr;
	uint32_t room = args->buf_sz;

	assert_int_equal(on, fd);
	calls++;
	assert_int_equal(args->rsvd[0] | args->rsvd[1] | args->rsvd[2], 0);
	assert_true(room && room % 4096 == 0 && args->buf_ptr % 4096 == 0);
	if (fails) {
		errno = fails;
		return -1;
	}
	args->buf_sz = component_size;
	if (component_size > room && component_size < 0xffff0000) {
		errno = EINVAL;
		return -1;
	}
	if (component_size >= 0xffff0000)
		return 0;
	if (request == MSHV_GET_VP_STATE)
		memcpy(buf, component, component_size);
	else if (request == MSHV_SET_VP_STATE)
		memcpy(component, buf, component_size);
	else
		fail_msg("request 0x%x", request);
	return 0;
}

static int setup(void **state)
{
	size_t i;

	fake_vp_setup(state);
	fake_instead = driver;
	calls = 0;
	fails = 0;
	for (i = 0; i < sizeof(component); i++)
		component[i] = (uint8_t)(i * 3 + i / 4096);
	return 0;
}

#define state_test(f) \
	cmocka_unit_test_setup_teardown(f, setup, fake_vp_teardown)

static void any_size(void **state)
{
	static const uint32_t sizes[] = { 1, 200, 4095, 4096, 4097, 11008, 20480 };
	static uint8_t got[5 * 4096 + 1], want[sizeof(component)];
	size_t i, size;

	(void)state;
	memcpy(want, component, sizeof(want));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		component_size = sizes[i];
		calls = 0;
		memset(got, 0xa5, sizeof(got));
		assert_works(mshv_vp_get_state(vp, MSHV_VP_STATE_XSAVE, got,
					       sizes[i], &size));
		assert_int_equal(size, sizes[i]);
		assert_memory_equal(got, component, size);
		assert_int_equal(got[size], 0xa5);
		assert_int_equal(calls, sizes[i] > 4096 ? 2 : 1);

		assert_fails(mshv_vp_get_state(vp, MSHV_VP_STATE_XSAVE, got,
					       sizes[i] - 1, &size), E2BIG);
		assert_int_equal(size, sizes[i]);
		assert_fails(mshv_vp_get_state(vp, MSHV_VP_STATE_XSAVE, NULL,
					       0, &size), E2BIG);

		memset(component, 0, sizeof(component));
		assert_works(mshv_vp_set_state(vp, MSHV_VP_STATE_XSAVE, got,
					       sizes[i]));
		assert_memory_equal(component, want, sizes[i]);
		memcpy(component, want, sizeof(want));
	}
}

static void too_short_to_set(void **state)
{
	static const uint8_t bytes[8192];

	(void)state;
	component_size = 8193;
	assert_fails(mshv_vp_set_state(vp, MSHV_VP_STATE_XSAVE, bytes, 8192), EINVAL);
	assert_string_equal(mshv_last_error()->what,
			    "VP state: shorter than the component");
}

static void refused(void **state)
{
	uint8_t buf[8];
	size_t size;

	(void)state;
	component_size = 8;
	assert_fails(mshv_vp_get_state(NULL, 0, buf, 8, &size), EINVAL);
	assert_fails(mshv_vp_get_state(vp, 5, buf, 8, &size), EINVAL);
	assert_fails(mshv_vp_get_state(vp, 256, buf, 8, &size), EINVAL);
	assert_fails(mshv_vp_get_state(vp, 0, NULL, 8, &size), EINVAL);
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, NULL), EINVAL);
	assert_fails(mshv_vp_set_state(NULL, 0, buf, 8), EINVAL);
	assert_fails(mshv_vp_set_state(vp, 5, buf, 8), EINVAL);
	assert_fails(mshv_vp_set_state(vp, 0, NULL, 8), EINVAL);
	assert_fails(mshv_vp_set_state(vp, 0, buf, 0), EINVAL);
	assert_fails(mshv_vp_set_state(vp, 0, buf, (size_t)-1), EINVAL);
	assert_int_equal(calls, 0);
	fake_fail_map(1, EAGAIN);
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), ENOMEM);
	fake_fail_map(1, EAGAIN);
	assert_fails(mshv_vp_set_state(vp, 0, buf, 8), ENOMEM);
	assert_int_equal(calls, 0);
	fails = EIO;
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), EIO);
	assert_fails(mshv_vp_set_state(vp, 0, buf, 8), EIO);
	fails = EINVAL;
	calls = 0;
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), EINVAL);
	assert_int_equal(calls, 1);
}

static void kernel_of_no_sense(void **state)
{
	uint8_t buf[8];
	size_t size;

	(void)state;
	component_size = 0;
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), EPROTO);
	component_size = 0xffffffff;	/* and yet a success */
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), EPROTO);
	assert_fails(mshv_vp_set_state(vp, 0, buf, 8), EPROTO);
	component_size = 0x7fffffff;	/* asks for that much room */
	assert_fails(mshv_vp_get_state(vp, 0, buf, 8, &size), EPROTO);
}

static void lapic(void **state)
{
	struct hv_local_interrupt_controller_state got, other;

	(void)state;
	component_size = 4096;
	memset(&got, 0, sizeof(got));
#if defined(__x86_64__)
	assert_works(mshv_vp_get_lapic(vp, &got));
	assert_memory_equal(&got, component, sizeof(got));
	memset(component, 0xff, sizeof(component));
	assert_works(mshv_vp_set_lapic(vp, &got));
	assert_works(mshv_vp_get_lapic(vp, &other));
	assert_memory_equal(&got, &other, sizeof(got));
	assert_int_equal(component[sizeof(got)], 0);
	component_size = sizeof(got) - 1;
	assert_fails(mshv_vp_get_lapic(vp, &got), EPROTO);
#else
	/* nor is the kernel asked, which would give something else */
	other = got;
	assert_fails(mshv_vp_get_lapic(vp, &got), EOPNOTSUPP);
	assert_memory_equal(&got, &other, sizeof(got));
	assert_fails(mshv_vp_set_lapic(vp, &got), EOPNOTSUPP);
	assert_int_equal(calls, 0);
#endif
	assert_fails(mshv_vp_get_lapic(vp, NULL), EINVAL);
	assert_fails(mshv_vp_set_lapic(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_lapic(NULL, &got), EINVAL);
	assert_fails(mshv_vp_set_lapic(NULL, &got), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		state_test(any_size),
		state_test(too_short_to_set),
		state_test(refused),
		state_test(kernel_of_no_sense),
		state_test(lapic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
