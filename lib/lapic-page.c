// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The state of a local APIC as its page of registers. See <mshv/lapic.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/lapic.h>

#include "internal.h"

#define STRIDE	16		/* from one register to the next */
#define WIDTH	4

/* Registers that follow each other, in the page and in the structure. */
static const struct row {
	uint16_t offset, count;
	uint16_t field;
} rows[] = {
#define ROW(reg, count, name) { LIBMSHV_LAPIC_##reg, count, \
	offsetof(struct hv_local_interrupt_controller_state, apic_##name) }
	ROW(ID, 1, id),
	ROW(VERSION, 1, version),
	ROW(REMOTE_READ, 1, remote_read),
	ROW(LDR, 1, ldr),
	ROW(DFR, 1, dfr),
	ROW(SPURIOUS, 1, spurious),
	ROW(ISR, 8, isr),
	ROW(TMR, 8, tmr),
	ROW(IRR, 8, irr),
	ROW(ESR, 1, esr),
	ROW(LVT_CMCI, 1, lvt_cmci),
	ROW(ICR_LOW, 1, icr_low),
	ROW(ICR_HIGH, 1, icr_high),
	ROW(LVT_TIMER, 1, lvt_timer),
	ROW(LVT_THERMAL, 1, lvt_thermal),
	ROW(LVT_PERFMON, 1, lvt_perfmon),
	ROW(LVT_LINT0, 1, lvt_lint0),
	ROW(LVT_LINT1, 1, lvt_lint1),
	ROW(LVT_ERROR, 1, lvt_error),
	ROW(INITIAL_COUNT, 1, initial_count),
	ROW(CURRENT_COUNT, 1, counter_value),
	ROW(DIVIDE, 1, divide_configuration),
#undef ROW
};

/* The page has them, and the structure doesn't; nothing is lost. */
static bool is_derived(size_t offset)
{
	return offset == LIBMSHV_LAPIC_TPR || offset == LIBMSHV_LAPIC_APR ||
	       offset == LIBMSHV_LAPIC_PPR;
}

static bool is_register(size_t offset)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (offset - rows[i].offset < (size_t)rows[i].count * STRIDE)
			return true;
	return is_derived(offset);
}

static int check(const void *lapic, const void *page, size_t size)
{
	if (!lapic || !page)
		return libmshv_fail(EINVAL, "APIC page: NULL argument");
	if (size < LIBMSHV_LAPIC_PAGE_MIN || size > MSHV_HV_PAGE_SIZE)
		return libmshv_fail(EINVAL, "APIC page: size out of range");
	return 0;
}

int mshv_lapic_to_page(const struct hv_local_interrupt_controller_state *lapic,
		       void *page, size_t size)
{
	const char *from = (const char *)lapic;
	char *to = page;
	size_t i, k;
	int ret;

	ret = check(lapic, page, size);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (k = 0; k < rows[i].count; k++)
			memcpy(to + rows[i].offset + k * STRIDE,
			       from + rows[i].field + k * WIDTH, WIDTH);
	return 0;
}

int mshv_lapic_from_page(struct hv_local_interrupt_controller_state *lapic,
			 const void *page, size_t size)
{
	const char *from = page;
	char *to = (char *)lapic;
	size_t i, k;
	int ret;

	ret = check(lapic, page, size);
	if (ret)
		return ret;
	for (i = 0; i < size; i++) {
		if (!from[i] || (i % STRIDE < WIDTH &&
				 is_register(i - i % STRIDE)))
			continue;
		ret = libmshv_fail(EBADMSG, "APIC page: reserved bytes are set");
		libmshv_error_set_index(i);
		return ret;
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (k = 0; k < rows[i].count; k++)
			memcpy(to + rows[i].field + k * WIDTH,
			       from + rows[i].offset + k * STRIDE, WIDTH);
	return 0;
}
