// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation, from the first file to the last close, again and again: what the
 * kernel keeps for itself does not grow. The ledger of the simulator knows what the
 * driver gave away, and not what it forgot.
 */
#include <time.h>

#include "mshv_test.h"
#include "kept.h"
#include "x86/sweep.h"

#define WARM_UP		4	/* what is allocated once, and stays */
#define CYCLES		24
#define MANY		(CYCLES * 2 / 3)	/* one a cycle, and other things come and go */
#define SETTLE_TICKS	100	/* of 100 ms: some memory is freed in a while */

FIXTURE(leak) {
	struct env env;
	int ctl;
};

FIXTURE_VARIANT(leak) {
	const char *op;
};

#define VARIANT(name) FIXTURE_VARIANT_ADD(leak, name) { .op = #name };
SWEEP_OPS(VARIANT)

FIXTURE_SETUP(leak)
{
	MSHV_SIM_SETUP(self);
}

MSHV_TEARDOWN(leak)

static int cycles(const struct sweep_op *op, int ctl, int count)
{
	static struct sweep s;
	int ret = 0;

	while (!ret && count--) {
		ret = sweep_begin(&s, op, ctl);
		if (!ret)
			ret = op->operate(&s);
		if (!ret)
			ret = op->check(&s);
		sweep_end(&s);
	}
	return ret;
}

TEST_F(leak, again_and_again)
{
	const struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };
	const struct sweep_op *op = sweep_find(variant->op);
	static struct kept before, after;
	const char *name = "";
	long more = 0;
	int tries;

	ASSERT_NE(NULL, op);
	OK(cycles(op, self->ctl, WARM_UP));
	OK(kept_read(&before));
	OK(cycles(op, self->ctl, CYCLES));
	for (tries = 0; tries < SETTLE_TICKS && name; tries++) {
		OK(kept_read(&after));
		name = kept_more(&before, &after, MANY, &more);
		if (name)
			nanosleep(&tick, NULL);
	}
	EXPECT_EQ(NULL, name) {
		TH_LOG("%s: %ld more after %d times", name, more, CYCLES);
	}
}

MSHV_TEST_MAIN
