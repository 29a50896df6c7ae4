// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A local APIC as a page: each register in its place, nothing lost. */
#include "config.h"

#include <mshv/lapic.h>

#include "fake.h"

#define STATE	struct hv_local_interrupt_controller_state
#define AT(name)	offsetof(STATE, apic_##name)

/* Offsets as the processors' manuals have them, not by our constants. */
static const struct {
	uint16_t page, state;
} places[] = {
	{ 0x20, AT(id) }, { 0x30, AT(version) }, { 0xc0, AT(remote_read) },
	{ 0xd0, AT(ldr) }, { 0xe0, AT(dfr) }, { 0xf0, AT(spurious) },
	{ 0x100, AT(isr[0]) }, { 0x110, AT(isr[1]) }, { 0x120, AT(isr[2]) },
	{ 0x130, AT(isr[3]) }, { 0x140, AT(isr[4]) }, { 0x150, AT(isr[5]) },
	{ 0x160, AT(isr[6]) }, { 0x170, AT(isr[7]) },
	{ 0x180, AT(tmr[0]) }, { 0x190, AT(tmr[1]) }, { 0x1a0, AT(tmr[2]) },
	{ 0x1b0, AT(tmr[3]) }, { 0x1c0, AT(tmr[4]) }, { 0x1d0, AT(tmr[5]) },
	{ 0x1e0, AT(tmr[6]) }, { 0x1f0, AT(tmr[7]) },
	{ 0x200, AT(irr[0]) }, { 0x210, AT(irr[1]) }, { 0x220, AT(irr[2]) },
	{ 0x230, AT(irr[3]) }, { 0x240, AT(irr[4]) }, { 0x250, AT(irr[5]) },
	{ 0x260, AT(irr[6]) }, { 0x270, AT(irr[7]) },
	{ 0x280, AT(esr) }, { 0x2f0, AT(lvt_cmci) },
	{ 0x300, AT(icr_low) }, { 0x310, AT(icr_high) },
	{ 0x320, AT(lvt_timer) }, { 0x330, AT(lvt_thermal) },
	{ 0x340, AT(lvt_perfmon) }, { 0x350, AT(lvt_lint0) },
	{ 0x360, AT(lvt_lint1) }, { 0x370, AT(lvt_error) },
	{ 0x380, AT(initial_count) }, { 0x390, AT(counter_value) },
	{ 0x3e0, AT(divide_configuration) },
};

/* A byte more, so that neither is aligned. */
static uint8_t raw_page[4097], raw_state[sizeof(STATE) + 1];
static uint8_t *const page = raw_page + 1, *const bytes = raw_state + 1;

static STATE *state_of(uint8_t *where)
{
	return (STATE *)(void *)where;	/* packed, so of any alignment */
}

static int setup(void **state)
{
	memset(raw_page, 0, sizeof(raw_page));
	memset(raw_state, 0, sizeof(raw_state));
	return fake_reset(state);
}

#define page_test(f)	cmocka_unit_test_setup_teardown(f, setup, fake_done)

/* All of the state but apic_error_status has a place, and only one. */
static void each_register(void **state)
{
	static const uint8_t value[4] = { 0x12, 0xff, 0x80, 0x01 };
	uint8_t want[4096], covered[sizeof(STATE)] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		memset(raw_page, 0, sizeof(raw_page));
		memset(raw_state, 0, sizeof(raw_state));
		memset(want, 0, sizeof(want));
		memcpy(bytes + places[i].state, value, 4);
		memcpy(want + places[i].page, value, 4);
		assert_works(mshv_lapic_to_page(state_of(bytes), page, 4096));
		assert_memory_equal(page, want, sizeof(want));

		memset(bytes, 0xa5, sizeof(STATE));
		assert_works(mshv_lapic_from_page(state_of(bytes), page, 4096));
		assert_memory_equal(bytes + places[i].state, value, 4);
		memset(covered + places[i].state, 1, 4);
	}
	for (i = 0; i < sizeof(STATE); i++)
		assert_int_equal(covered[i], i - AT(error_status) >= 4);
}

static void round_trip(void **state)
{
	uint8_t before[sizeof(STATE)], old_page[4096];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(STATE); i++)
		before[i] = bytes[i] = (uint8_t)(i * 7 + 1);
	for (size = 1024; size <= 4096; size += 3072) {
		memset(page, 0, 4096);
		assert_works(mshv_lapic_to_page(state_of(bytes), page, size));
		memset(bytes, 0, AT(error_status));
		memset(bytes + AT(error_status) + 4, 0,
		       sizeof(STATE) - AT(error_status) - 4);
		assert_works(mshv_lapic_from_page(state_of(bytes), page, size));
		assert_memory_equal(bytes, before, sizeof(STATE));
		memcpy(old_page, page, sizeof(old_page));
		assert_works(mshv_lapic_to_page(state_of(bytes), page, size));
		assert_memory_equal(page, old_page, sizeof(old_page));
	}
}

/* Priorities of the page stay, and do no harm to the state. */
static void priorities(void **state)
{
	static const uint16_t offsets[] = { 0x80, 0x90, 0xa0 };
	uint8_t none[sizeof(STATE)] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		memset(page + offsets[i], 0xf0, 4);
	assert_works(mshv_lapic_from_page(state_of(bytes), page, 4096));
	assert_memory_equal(bytes, none, sizeof(none));
	assert_works(mshv_lapic_to_page(state_of(bytes), page, 4096));
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		assert_int_equal(page[offsets[i] + 3], 0xf0);
}

static bool has_place(size_t at)
{
	size_t i;

	if (at >= 0x80 && at < 0xb0)
		return at % 16 < 4;
	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (at >= places[i].page && at < places[i].page + 4u)
			return true;
	return false;
}

/* Each byte of the page in turn: taken, or refused by its offset. */
static void hostile(void **state)
{
	uint8_t before[sizeof(STATE)];
	size_t i;

	(void)state;
	memset(before, 0x5a, sizeof(before));
	for (i = 0; i < 4096; i++) {
		memset(page, 0, 4096);
		memset(bytes, 0x5a, sizeof(STATE));
		page[i] = 0x80;
		if (has_place(i)) {
			assert_works(mshv_lapic_from_page(state_of(bytes), page,
							  4096));
			continue;
		}
		assert_fails(mshv_lapic_from_page(state_of(bytes), page, 4096),
			     EBADMSG);
		assert_int_equal(mshv_last_error()->index, i);
		assert_memory_equal(bytes, before, sizeof(before));
	}
	/* Beyond the size nothing is looked at. */
	memset(page, 0, 4096);
	page[1024] = 1;
	assert_works(mshv_lapic_from_page(state_of(bytes), page, 1024));
	assert_fails(mshv_lapic_from_page(state_of(bytes), page, 1025), EBADMSG);
}

static void arguments(void **state)
{
	static const size_t sizes[] = { 0, 4, 1023, 4097, SIZE_MAX };
	uint8_t zero[4096] = { 0 };
	size_t i;

	(void)state;
	memset(bytes, 0xff, sizeof(STATE));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_fails(mshv_lapic_to_page(state_of(bytes), page, sizes[i]),
			     EINVAL);
		assert_fails(mshv_lapic_from_page(state_of(bytes), page,
						  sizes[i]), EINVAL);
	}
	assert_memory_equal(page, zero, sizeof(zero));
	assert_int_equal(bytes[0], 0xff);
	assert_fails(mshv_lapic_to_page(NULL, page, 4096), EINVAL);
	assert_fails(mshv_lapic_to_page(state_of(bytes), NULL, 4096), EINVAL);
	assert_fails(mshv_lapic_from_page(NULL, page, 4096), EINVAL);
	assert_fails(mshv_lapic_from_page(state_of(bytes), NULL, 4096), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		page_test(each_register),
		page_test(round_trip),
		page_test(priorities),
		page_test(hostile),
		page_test(arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
