// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mshv_sim itself has to survive: values, and calls at the same time, that no
 * driver would come up with. A test may, in the place of the root's kernel.
 */
#include <pthread.h>
#include <unistd.h>

#include <mshv/hv_register_names.h>

#include "x86/contract.h"
#include "x86/guest_test.h"
#include "x86/race.h"
#include "sim.h"

#define BYTES(a)	((uint32_t)sizeof(a))

FIXTURE(hostile) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id;
};

FIXTURE_SETUP(hostile)
{
	MSHV_SIM_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(hostile)

/* ------------------------------------------------------------------- registers */

static const struct {
	uint32_t first, count;
} names[] = {
	{ 0x00000, 0x10 }, { 0x00200, 0x20 }, { 0x10000, 0x10 }, { 0x20000, 0x20 },
	{ 0x30000, 0x20 }, { 0x40000, 0x10 }, { 0x41000, 0x10 }, { 0x50000, 0x10 },
	{ 0x60000, 0x10 }, { 0x70000, 0x10 }, { 0x80000, 0x100 }, { 0x84800, 0x40 },
	{ 0x90000, 0x20 }, { 0xa0000, 0x30 }, { 0xb0000, 0x10 },
};

static const uint64_t values[] = { ~0ull, 1ull << 63, ~0ull >> 1, 0xffffffffull << 31 };

/* Each register that there is, and some that are not, takes a value or refuses it. */
TEST_F(hostile, register_values)
{
	struct hv_register_assoc reg;
	unsigned int i, n, taken = 0;
	uint64_t value;
	int vp = OK(vp_create(self->g.pt, 0));
	size_t v;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (n = 0; n < names[i].count; n++) {
			for (v = 0; v < ARRAY_SIZE(values); v++) {
				memset(&reg, 0, sizeof(reg));
				reg.name = names[i].first + n;
				reg.value.reg128.low_part = values[v];
				reg.value.reg128.high_part = values[v];
				taken += !vp_set_registers(vp, 0, &reg, 1);
				vp_get_reg64(vp, 0, reg.name, &value);
			}
		}
	}
	EXPECT_LT(100u, taken);
}

/* A time that is taken is kept; one that the processor cannot count is refused. */
TEST_F(hostile, runtime_that_is_too_long)
{
	int bit, longest = -1, vp = OK(vp_create(self->g.pt, 0));
	uint64_t value, seen;

	for (bit = 0; bit < 64; bit++) {
		value = ~0ull >> (63 - bit);
		if (vp_set_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, value))
			break;
		OK(vp_get_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, &seen));
		EXPECT_LE(value - 1, seen);
		EXPECT_LE(seen, value);
		longest = bit;
	}
	/* A hundred years of 100 ns. */
	EXPECT_LE(54, longest);
	for (; bit < 64; bit++)
		EXPECT_NE(0, vp_set_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, ~0ull >> (63 - bit)));
}

MSHV_TEST_MAIN
