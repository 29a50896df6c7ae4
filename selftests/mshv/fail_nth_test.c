// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation, with each of its allocations and user copies failing, one
 * after the other: by /proc/thread-self/fail-nth. Needs mshv_sim, which knows
 * what is left behind, and a kernel with fault injection (vm/run --debug).
 */
#include <unistd.h>

#include <mshv/hv_status.h>

#include "mshv_test.h"
#include "injection.h"
#include "x86/sweep.h"

#define NTH_MAX		2000	/* no operation has so many places */

/* What is known to go wrong, and nothing else: see docs/driver-findings.md. */
enum defect {
	NO_DEFECT,
	FINAL,		/* F32: again, it has the errno of a partition that is finalized */
	PAGES_LOST,	/* F33: in the end there are more orphaned pages */
	BITS_LOST,	/* F34: EFAULT, and then no effect */
};

static const struct {
	const char *op, *text;
} known[] = {
	[FINAL] = { "initialize", "a partition that was not initialized to the end never will be" },
	[PAGES_LOST] = { "close", "without memory for one page, all deposited pages are lost" },
	[BITS_LOST] = { "dirty_bitmap", "bits are cleared although the caller could not be told of them" },
};

FIXTURE(fail_nth) {
	struct env env;
	int ctl, nth_fd;
	int finalized;		/* errno of a call that comes too late */
	enum defect defect;	/* the one that may show up */
	unsigned int defects;
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
	self->finalized = sweep_errno(self->ctl, HV_STATUS_INVALID_PARTITION_STATE);
	self->env.memory_fails = true;
}

MSHV_TEARDOWN(fail_nth)

/* Not as it should be: the defect that is known, or a failure of the test. */
#define KNOWN_OR_BAD(is_known, fmt, ...) do {					\
	const bool known_one = (is_known);					\
										\
	self->defects += known_one;						\
	EXPECT_TRUE(known_one) {						\
		TH_LOG("place %d: " fmt, nth, ##__VA_ARGS__);			\
	}									\
} while (0)

#define BAD(...) KNOWN_OR_BAD(false, __VA_ARGS__)

/* Deposited pages that nobody has, and no other difference. */
static bool only_orphans(const struct sweep_holdings *before, const struct sweep_holdings *after)
{
	struct sweep_holdings rest = *after;

	rest.orphaned = before->orphaned;
	return after->orphaned > before->orphaned && !sweep_difference(before, &rest);
}

/*
 * 1: the nth place has failed, 0: there are not so many. An operation may get
 * over a failure, as by giving smaller pieces of memory: then it has its effect.
 */
static int attempt(struct __test_metadata *_metadata, FIXTURE_DATA(fail_nth) *self,
		   const struct sweep_op *op, int nth)
{
	struct sweep_holdings start, before, after;
	const char *difference;
	int ret, first, others = 0;
	struct sweep s;
	bool left;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &start));
	ASSERT_EQ(0, sweep_begin(&s, op, self->ctl));
	ASSERT_EQ(0, sweep_holdings(self->ctl, &before));

	OK(injection_set(self->nth_fd, nth));
	ret = first = op->operate(&s);
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
			KNOWN_OR_BAD(self->defect == FINAL && ret == self->finalized,
				     "again: %s", strerror(-ret));
	}
	if (!ret && op->check(&s))
		KNOWN_OR_BAD(self->defect == BITS_LOST && first == -EFAULT, "no effect");
	sweep_end(&s);
	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(&start, &after);
	if (difference) {
		KNOWN_OR_BAD(self->defect == PAGES_LOST && only_orphans(&start, &after),
			     "left in the end: %s", difference);
		/* The simulator has said so, too. */
		if (self->defect == PAGES_LOST) {
			EXPECT_LE(0, sim_forgive_text(self->ctl, " deleted before ", NULL, &others));
			EXPECT_EQ(0, others);
		}
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
	for (i = NO_DEFECT + 1; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].op, op->name))
			self->defect = i;
	for (nth = 1; nth < NTH_MAX; nth++)
		if (!attempt(_metadata, self, op, nth))
			break;
	ASSERT_GT(NTH_MAX, nth);
	ksft_print_msg("%s: %d places failed\n", op->name, nth - 1);
	ASSERT_LT(1, nth);
	if (self->defects)
		DRIVER_DEFECT(return, "%s (%u of %d)", known[self->defect].text, self->defects,
			      nth - 1);
}

MSHV_TEST_MAIN
