// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation, with each of its allocations and user copies failing, one
 * after the other: by /proc/thread-self/fail-nth. Needs mshv_sim, which knows
 * what is left behind, and a kernel with fault injection (vm/run --debug).
 */
#include <unistd.h>

#include "mshv_test.h"
#include "injection.h"
#include "x86/sweep.h"

#define NTH_MAX		2000	/* no operation has so many places */

/* What is known to go wrong, see docs/driver-findings.md. */
static const struct {
	const char *op, *defect;
} known[] = {
	{ "initialize", "a partition that was not initialized to the end never will be" },
	{ "dirty_bitmap", "bits are cleared although the caller could not be told of them" },
	{ "close", "without memory for one page, all deposited pages are lost" },
};

FIXTURE(fail_nth) {
	struct env env;
	int ctl, nth_fd;
	unsigned int defects;
	const char *defect;	/* the one that may show up */
};

FIXTURE_VARIANT(fail_nth) {
	const char *op;
};

#define VARIANT(name) FIXTURE_VARIANT_ADD(fail_nth, name) { .op = #name };
SWEEP_OPS(VARIANT)

FIXTURE_SETUP(fail_nth)
{
	int ret;

	MSHV_SIM_SETUP(self);
	ret = injection_open();
	if (ret == -ENOENT)
		SKIP(return, "needs FAILSLAB, FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY and their debugfs (vm/run --debug)");
	self->nth_fd = OK(ret);
	self->env.memory_fails = true;
}

MSHV_TEARDOWN(fail_nth)

/* Not as it should be: a defect that is known, or a failure of the test. */
#define BAD(fmt, ...) do {							\
	self->defects++;							\
	EXPECT_NE(NULL, self->defect) {						\
		TH_LOG("place %d: " fmt, nth, ##__VA_ARGS__);			\
	}									\
} while (0)

/*
 * 1: the nth place has failed, 0: there are not so many. An operation may get
 * over a failure, as by giving smaller pieces of memory: then it has its effect.
 */
static int attempt(struct __test_metadata *_metadata, FIXTURE_DATA(fail_nth) *self,
		   const struct sweep_op *op, int nth)
{
	struct sweep_holdings start, before, after;
	const char *difference;
	struct sweep s;
	bool left;
	int ret;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &start));
	ASSERT_EQ(0, sweep_begin(&s, op, self->ctl));
	ASSERT_EQ(0, sweep_holdings(self->ctl, &before));

	OK(injection_set(self->nth_fd, nth));
	ret = op->operate(&s);
	left = injection_left(self->nth_fd);
	OK(injection_set(self->nth_fd, 0));

	if (ret) {
		EXPECT_TRUE(ret == -ENOMEM || ret == -EFAULT) {
			TH_LOG("place %d: %s", nth, strerror(-ret));
		}
		EXPECT_FALSE(left);
		ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
		difference = sweep_difference(&before, &after);
		if (difference)
			BAD("left behind: %s", difference);
		ret = op->operate(&s);
		if (ret)
			BAD("again: %s", strerror(-ret));
	}
	if (!ret && op->check(&s))
		BAD("no effect");
	sweep_end(&s);
	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(&start, &after);
	if (difference) {
		BAD("left in the end: %s", difference);
		/* the simulator has said so, too */
		if (self->defect)
			sim_forgive(self->ctl, NULL);
	}
	return !left;
}

TEST_F_TIMEOUT(fail_nth, places, 600)
{
	const struct sweep_op *op = sweep_find(variant->op);
	const char *missing;
	size_t i;
	int nth;

	ASSERT_NE(NULL, op);
	missing = sweep_missing(op, self->ctl);
	if (missing)
		SKIP(return, "%s", missing);
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].op, op->name))
			self->defect = known[i].defect;
	for (nth = 1; nth < NTH_MAX; nth++)
		if (!attempt(_metadata, self, op, nth))
			break;
	ASSERT_GT(NTH_MAX, nth);
	ksft_print_msg("%s: %d places failed\n", op->name, nth - 1);
	if (self->defects && self->defect)
		DRIVER_DEFECT(return, "%s (%u of %d)", self->defect, self->defects, nth - 1);
}

MSHV_TEST_MAIN
