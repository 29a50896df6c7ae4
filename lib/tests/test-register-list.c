// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The registers that make up a VP. */
#include "config.h"

#include <mshv/hv_register_names.h>

#include "fake.h"

#define ROOM	200

static const enum libmshv_arch archs[] = {
	LIBMSHV_ARCH_X64, LIBMSHV_ARCH_ARM64,
};

static struct mshv_register_entry list[ROOM];
static size_t count;

static void get(enum libmshv_arch arch)
{
	memset(list, 0xa5, sizeof(list));
	assert_works(mshv_register_list(arch, list, ROOM, &count));
	assert_in_range(count, 1, ROOM - 1);
	assert_int_equal(list[count].name, 0xa5a5a5a5);
}

/* ROOM if it isn't there. */
static size_t where(uint32_t name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].name == name)
			return i;
	return ROOM;
}

static void each_once(void **state)
{
	size_t a, i;

	(void)state;
	for (a = 0; a < ARRAY_SIZE(archs); a++) {
		get(archs[a]);
		for (i = 0; i < count; i++) {
			assert_int_equal(where(list[i].name), i);
			assert_non_null(mshv_register_name(archs[a],
							   list[i].name));
			assert_int_equal(list[i].flags &
					 ~(uint32_t)(LIBMSHV_REGISTER_OPTIONAL |
						     LIBMSHV_REGISTER_LAST), 0);
		}
	}
}

static void assert_order(const uint32_t *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		assert_true(where(names[i]) < count);
		if (i)
			assert_true(where(names[i - 1]) < where(names[i]));
	}
}

static void safe_order(void **state)
{
	static const uint32_t x64[] = {
		HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR4, HV_X64_REGISTER_EFER,
		HV_X64_REGISTER_CS, HV_X64_REGISTER_RIP,
		HV_REGISTER_INTERNAL_ACTIVITY_STATE,
		HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_PENDING_EVENT0,
		HV_X64_REGISTER_TSC_DEADLINE,
	};
	static const uint32_t arm64[] = {
		HV_ARM64_REGISTER_SCTLR_EL1, HV_ARM64_REGISTER_TTBR0_EL1,
		HV_ARM64_REGISTER_X0, HV_ARM64_REGISTER_PC,
		HV_REGISTER_SINT0, HV_REGISTER_INTERNAL_ACTIVITY_STATE,
		HV_REGISTER_PENDING_EVENT0,
	};
	uint32_t last;
	size_t a, i;

	(void)state;
	get(LIBMSHV_ARCH_X64);
	assert_order(x64, ARRAY_SIZE(x64));
	get(LIBMSHV_ARCH_ARM64);
	assert_order(arm64, ARRAY_SIZE(arm64));

	for (a = 0; a < ARRAY_SIZE(archs); a++) {
		get(archs[a]);
		for (i = 0, last = 0; i < count; i++) {
			assert_true((list[i].flags & LIBMSHV_REGISTER_LAST) >=
				    last);
			last = list[i].flags & LIBMSHV_REGISTER_LAST;
		}
		i = where(HV_REGISTER_INTERNAL_ACTIVITY_STATE);
		assert_int_equal(list[i].flags, LIBMSHV_REGISTER_LAST);
		i = where(HV_REGISTER_DELIVERABILITY_NOTIFICATIONS);
		assert_int_equal(list[i].flags, LIBMSHV_REGISTER_LAST |
						LIBMSHV_REGISTER_OPTIONAL);
	}
}

/*
 * What belongs to the other architecture, or can't be written, isn't in the
 * list. The numbers of many names are those of another on the other one.
 */
static void members(void **state)
{
	static const struct mshv_register_entry newer[] = {
		{ HV_X64_REGISTER_SSP, LIBMSHV_REGISTER_OPTIONAL },
		{ HV_X64_REGISTER_TSX_CTRL, LIBMSHV_REGISTER_OPTIONAL },
		{ HV_X64_REGISTER_UMWAIT_CONTROL, LIBMSHV_REGISTER_OPTIONAL },
		{ HV_X64_REGISTER_XFD,
		  LIBMSHV_REGISTER_OPTIONAL | LIBMSHV_REGISTER_LAST },
		{ HV_X64_REGISTER_XFD_ERR,
		  LIBMSHV_REGISTER_OPTIONAL | LIBMSHV_REGISTER_LAST },
		{ HV_X64_REGISTER_TSC_DEADLINE,
		  LIBMSHV_REGISTER_OPTIONAL | LIBMSHV_REGISTER_LAST },
	};
	uint32_t i;

	(void)state;
	get(LIBMSHV_ARCH_X64);
	for (i = 0; i < 16; i++)
		assert_true(where(HV_X64_REGISTER_RAX + i) < count);
	assert_true(where(HV_X64_REGISTER_CS) < count);
	assert_int_equal(where(HV_ARM64_REGISTER_PAR_EL1), ROOM);
	for (i = 0; i < ARRAY_SIZE(newer); i++) {
		assert_true(where(newer[i].name) < count);
		assert_int_equal(list[where(newer[i].name)].flags,
				 newer[i].flags);
	}
	get(LIBMSHV_ARCH_ARM64);
	for (i = 0; i < ARRAY_SIZE(newer); i++)
		assert_int_equal(where(newer[i].name), ROOM);
	for (i = 0; i < 31; i++)
		assert_true(where(HV_ARM64_REGISTER_X0 + i) < count);
	for (i = 0; i < 32; i++)
		assert_true(where(HV_ARM64_REGISTER_Q0 + i) < count);
	assert_true(where(HV_ARM64_REGISTER_PAR_EL1) < count);
	assert_int_equal(list[where(HV_REGISTER_SINT0)].flags,
			 LIBMSHV_REGISTER_OPTIONAL);
	assert_int_equal(list[where(HV_ARM64_REGISTER_ACTLR_EL1)].flags,
			 LIBMSHV_REGISTER_OPTIONAL);
	assert_int_equal(list[where(HV_ARM64_REGISTER_CSSELR_EL1)].flags,
			 LIBMSHV_REGISTER_OPTIONAL);
	assert_true(where(HV_ARM64_REGISTER_APD_A_KEY_HI_EL1) < count);
	assert_true(where(HV_ARM64_REGISTER_API_B_KEY_LO_EL1) < count);
	assert_int_equal(where(HV_X64_REGISTER_CS), ROOM);
	assert_int_equal(where(HV_ARM64_REGISTER_MPIDR_EL1), ROOM);
	assert_int_equal(where(HV_ARM64_REGISTER_CNTVCT_EL0), ROOM);
}

static void native(void **state)
{
	struct mshv_register_entry other[ROOM];
	size_t n;

	(void)state;
#if defined(__x86_64__)
	get(LIBMSHV_ARCH_X64);
#else
	get(LIBMSHV_ARCH_ARM64);
#endif
	assert_works(mshv_register_list(LIBMSHV_ARCH_NATIVE, other, ROOM, &n));
	assert_int_equal(n, count);
	assert_memory_equal(other, list, n * sizeof(list[0]));
}

static void arguments(void **state)
{
	struct mshv_register_entry part[4];
	size_t n = 0;

	(void)state;
	get(LIBMSHV_ARCH_X64);
	assert_fails(mshv_register_list(LIBMSHV_ARCH_X64, NULL, 0, &n), E2BIG);
	assert_int_equal(n, count);
	assert_works(mshv_register_list(LIBMSHV_ARCH_X64, list, count, &n));
	memset(part, 0xa5, sizeof(part));
	assert_fails(mshv_register_list(LIBMSHV_ARCH_X64, part, 3, &n), E2BIG);
	assert_int_equal(n, count);
	assert_memory_equal(part, list, 3 * sizeof(part[0]));
	assert_int_equal(part[3].name, 0xa5a5a5a5);
	n = 77;
	assert_fails(mshv_register_list((enum libmshv_arch)3, part, 3, &n),
		     EINVAL);
	assert_int_equal(n, 77);
	assert_fails(mshv_register_list(LIBMSHV_ARCH_X64, NULL, 1, &n), EINVAL);
	assert_fails(mshv_register_list(LIBMSHV_ARCH_X64, part, 3, NULL), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(each_once),
		fake_test(safe_order),
		fake_test(members),
		fake_test(native),
		fake_test(arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
