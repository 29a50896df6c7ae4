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
#define SETTLE_TICKS	60	/* of 100 ms: some memory is freed in a while */

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

/* What there is more of after some cycles, NULL if nothing. */
static const char *grows(const struct sweep_op *op, int ctl, long *more)
{
	const struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };
	static struct kept before, after;
	const char *name = "a failure";
	int tries;

	*more = 1;
	if (kept_read(&before) || cycles(op, ctl, CYCLES))
		return name;
	for (tries = 0; tries < SETTLE_TICKS && name; tries++) {
		if (tries)
			nanosleep(&tick, NULL);
		if (kept_read(&after))
			break;
		name = kept_more(&before, &after, MANY, more);
	}
	return name;
}

/* The rest of the machine may take something for good, but not each time. */
TEST_F(leak, again_and_again)
{
	const struct sweep_op *op = sweep_find(variant->op);
	static struct kept unused;
	const char *name = "";
	long more = 0;
	int tries;

	ASSERT_NE(NULL, op);
	/* To look needs memory, too, the first time. */
	OK(kept_read(&unused));
	OK(cycles(op, self->ctl, WARM_UP));
	for (tries = 0; tries < 3 && name; tries++)
		name = grows(op, self->ctl, &more);
	EXPECT_EQ(NULL, name) {
		TH_LOG("%s: %ld more after %d times", name, more, CYCLES);
	}
}

MSHV_TEST_MAIN
