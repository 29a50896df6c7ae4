/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each test program includes: the harness, the operations, the witnesses.
 */
#ifndef MSHV_TEST_H
#define MSHV_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "borrow.h"
#include "mshv_env.h"
#include "mshv_ops.h"

/* For a test that hangs, and not for one on a busy emulated machine. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

/*
 * What has to come, however slow or busy the machine is: the time limit of the test
 * ends the wait.
 */
#define WAIT_FOR(condition) do {						\
	unsigned int wait_ms = 0;					\
									\
	while (!(condition)) {						\
		usleep(1000);						\
		if (++wait_ms == 30000)					\
			TH_LOG("still waiting for %s", #condition);	\
	}								\
} while (0)

/* The same for poll(), in ms: its caller says what did not come. */
#define LONG_MS		60000

/* The operation must succeed; its result is the value. */
#define OK(op) ({							\
	long ok_result = (op);						\
	ASSERT_LE(0, ok_result) {					\
		TH_LOG("%s: %s", #op, strerror(-ok_result));		\
	}								\
	ok_result;							\
})

/* For what has no sign: registers, fields of messages, bit-fields too. */
#define EXPECT_U64(expected, seen) \
	EXPECT_EQ((uint64_t)(expected), (uint64_t)(seen))
#define ASSERT_U64(expected, seen) \
	ASSERT_EQ((uint64_t)(expected), (uint64_t)(seen))

/* Memory of the test, zero. */
#define PAGES(bytes) ({							\
	void *pages_result = pages_alloc(bytes);			\
	ASSERT_NE(NULL, pages_result);					\
	pages_result;							\
})

/*
 * The driver of this kernel behaves as in an entry of docs/driver-findings.md:
 * the test is an expected failure. To be called when that was seen, never by
 * version; a driver that does better passes. What has already failed stays failed.
 */
#define DRIVER_DEFECT(statement, fmt, ...) do {				\
	snprintf(_metadata->results->reason,				\
		 sizeof(_metadata->results->reason), fmt, ##__VA_ARGS__); \
	if (_metadata->exit_code != KSFT_FAIL)				\
		_metadata->exit_code = KSFT_XFAIL;			\
	statement;							\
} while (0)

/*
 * Each fixture has a field "struct env env", calls MSHV_SETUP() first and has
 * this teardown. It runs when the process of the test is gone, so whatever the
 * test left open is closed by then.
 */
#define MSHV_TEARDOWN(fixture)						\
	FIXTURE_TEARDOWN_PARENT(fixture)				\
	{								\
		EXPECT_EQ(0, env_end(&self->env));			\
	}

#define MSHV_SETUP(self) ASSERT_EQ(0, env_begin(&(self)->env))

/* Without a device there is nothing to test: say why, once, and skip the program. */
#define MSHV_TEST_MAIN MSHV_TEST_MAIN_OF(env_require_device)

#define MSHV_TEST_MAIN_OF(require)					\
	int main(int argc, char **argv)					\
	{								\
		char why[512];						\
		int opt = 0;						\
									\
		if (argc > 1)						\
			opt = !strcmp(argv[1], "-l") || !strcmp(argv[1], "-h"); \
		if (!opt && (borrow_begin(why, sizeof(why)) ||		\
			     require(why, sizeof(why)))) {		\
			ksft_print_header();				\
			ksft_exit_skip("%s\n", why);			\
		}							\
		return test_harness_run(argc, argv);			\
	}

#endif /* MSHV_TEST_H */
