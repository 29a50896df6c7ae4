// SPDX-License-Identifier: GPL-2.0-only
#include "region.h"

static uint64_t pattern(uint64_t page, uint64_t seed)
{
	return (page + 1) * 0x9e3779b97f4a7c15ull ^ seed;
}

static volatile uint64_t *guest_page(const struct region *r, uint64_t page)
{
	return guest_ptr(r->gpa + page * PAGE_BYTES);
}

void region_guest_fills(uint64_t arg)
{
	const struct region *r = (void *)arg;
	volatile uint64_t *word;
	uint64_t page;

	for (page = 0; page < r->pages; page++) {
		word = guest_page(r, page);
		word[0] = pattern(page, r->seed);
		word[511] = ~pattern(page, r->seed);
	}
}

void region_guest_checks(uint64_t arg)
{
	const struct region *r = (void *)arg;
	volatile uint64_t *word;
	uint64_t page;

	for (page = 0; page < r->pages; page++) {
		word = guest_page(r, page);
		GUEST_ASSERT_EQ(pattern(page, r->seed), word[0]);
		GUEST_ASSERT_EQ(~pattern(page, r->seed), word[511]);
	}
}

void region_guest_finds_zero(uint64_t arg)
{
	const struct region *r = (void *)arg;
	uint64_t page;

	for (page = 0; page < r->pages; page++) {
		GUEST_ASSERT_EQ(0, guest_page(r, page)[0]);
		GUEST_ASSERT_EQ(0, guest_page(r, page)[511]);
	}
}

void region_host_fills(char *host, const struct region *r)
{
	uint64_t page, *word;

	for (page = 0; page < r->pages; page++) {
		word = (uint64_t *)(host + page * PAGE_BYTES);
		word[0] = pattern(page, r->seed);
		word[511] = ~pattern(page, r->seed);
	}
}

uint64_t region_host_differs(const char *host, const struct region *r)
{
	uint64_t page, differs = 0;
	const uint64_t *word;

	for (page = 0; page < r->pages; page++) {
		word = (const uint64_t *)(host + page * PAGE_BYTES);
		differs += word[0] != pattern(page, r->seed) ||
			   word[511] != ~pattern(page, r->seed);
	}
	return differs;
}
