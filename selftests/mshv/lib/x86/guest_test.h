/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests that run guests: mshv_test.h and what one expects of a guest. */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include "mshv_test.h"
#include "x86/guest_vm.h"

/* For programs that are all about guests. */
#define GUEST_TEST_MAIN MSHV_TEST_MAIN_OF(guest_require)

/* In a setup or a test of the others. */
#define NEEDS_GUESTS() do {						\
	const char *missing = guest_missing();				\
									\
	if (missing)							\
		SKIP(return, "%s", missing);				\
} while (0)

/* Run the VP; this and nothing else must happen. */
#define RUN(expected, g, index) do {					\
	int run_event = guest_run(g, index);				\
	ASSERT_EQ(expected, run_event) {				\
		TH_LOG("%s", guest_describe(g, index, run_event));	\
	}								\
} while (0)

/* Run the VP; it must come to an intercept with this message. */
#define RUN_TO(message_type_, g, index) do {				\
	RUN(GUEST_EXIT, g, index);					\
	ASSERT_EQ((uint32_t)(message_type_),				\
		  (g)->vp[index].message.header.message_type) {		\
		TH_LOG("%s", guest_describe(g, index, GUEST_EXIT));	\
	}								\
} while (0)

/* Run the VP; it must come to guest_sync(a, b). */
#define RUN_TO_SYNC(a, b, g, index) do {				\
	RUN(GUEST_SYNC, g, index);					\
	EXPECT_U64(a, (g)->vp[index].args[0]);				\
	EXPECT_U64(b, (g)->vp[index].args[1]);				\
} while (0)

#endif /* GUEST_TEST_H */
