// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mshv_ops.h"
#include "sim.h"
#include "x86/contract.h"

const struct row rows[] = {
#define SIMPLE(c, in, out, flags, states)	{ HVCALL_##c, in, 0, out, 0, 0, flags, states, #c }
#define REP(c, in, rep_in, rep_out, flags, states) \
	{ HVCALL_##c, in, rep_in, 0, rep_out, 1, flags, states, #c }
	SIMPLE(CREATE_PARTITION, 56, 8, 0, 0),
	SIMPLE(INITIALIZE_PARTITION, 8, 0, PART, UNINIT),
	SIMPLE(FINALIZE_PARTITION, 8, 0, PART, LIVE),
	SIMPLE(DELETE_PARTITION, 8, 0, PART, UNINIT | FINALIZED),
	SIMPLE(GET_PARTITION_PROPERTY, 16, 8, PART | SELF_OK, LIVE),
	SIMPLE(SET_PARTITION_PROPERTY, 24, 0, PART, LIVE),
	REP(DEPOSIT_MEMORY, 8, 8, 0, PART | SELF_OK | PAGES_OF_ROOT, LIVE),
	REP(WITHDRAW_MEMORY, 16, 0, 8, PART | SELF_OK | PAGES_OF_ROOT, ANY),
	REP(MAP_GPA_PAGES, 24, 8, 0, PART | PAGES_OF_ROOT, LIVE),
	REP(UNMAP_GPA_PAGES, 24, 0, 0, PART, ANY),
	SIMPLE(INSTALL_INTERCEPT, 24, 0, PART, LIVE),
	SIMPLE(CREATE_VP, 40, 0, PART, ACTIVE),
	SIMPLE(DELETE_VP, 16, 0, VP, ACTIVE),
	REP(GET_VP_REGISTERS, 16, 4, 16, VP, ACTIVE),
	REP(SET_VP_REGISTERS, 16, 32, 0, VP, ACTIVE),
	SIMPLE(TRANSLATE_VIRTUAL_ADDRESS, 32, 16, VP, ACTIVE),
	SIMPLE(CLEAR_VIRTUAL_INTERRUPT, 8, 0, PART, ACTIVE),
	SIMPLE(DELETE_PORT, 16, 0, PART | SELF_OK, ANY),
	SIMPLE(DISCONNECT_PORT, 16, 0, PART | SELF_OK, LIVE),
	SIMPLE(POST_MESSAGE, 256, 0, 0, 0),
	SIMPLE(SIGNAL_EVENT, 8, 0, 0, 0),
	SIMPLE(MAP_STATS_PAGE, 24, 8, STATS, 0),
	SIMPLE(UNMAP_STATS_PAGE, 24, 0, STATS, 0),
	SIMPLE(GET_SYSTEM_PROPERTY, 16, 8, 0, 0),
	SIMPLE(NOTIFY_PORT_RING_EMPTY, 8, 0, 0, 0),
	SIMPLE(REGISTER_INTERCEPT_RESULT, 60, 0, PART, ACTIVE),
	SIMPLE(ASSERT_VIRTUAL_INTERRUPT, 32, 0, PART, ACTIVE),
	SIMPLE(CREATE_PORT, 56, 0, PART | SELF_OK, LIVE),
	SIMPLE(CONNECT_PORT, 72, 0, PART | SELF_OK, LIVE),
	SIMPLE(SIGNAL_EVENT_DIRECT, 16, 8, VP, ACTIVE),
	SIMPLE(POST_MESSAGE_DIRECT, 280, 0, VP, ACTIVE),
	SIMPLE(DISPATCH_VP, 32, 8, VP, ACTIVE),
	REP(GET_GPA_PAGES_ACCESS_STATES, 24, 0, 1, PART, ACTIVE),
	SIMPLE(MAP_VP_STATE_PAGE, 24, 8, VP | PAGES_OF_ROOT, ACTIVE),
	SIMPLE(UNMAP_VP_STATE_PAGE, 16, 0, VP | PAGES_OF_ROOT, ACTIVE),
	SIMPLE(GET_VP_STATE, 40, 200, VP | HEADER, ACTIVE),
	SIMPLE(SET_VP_STATE, 40, 0, VP | HEADER, ACTIVE),
	REP(GET_VP_CPUID_VALUES, 24, 24, 16, VP, ACTIVE),
	SIMPLE(GET_PARTITION_PROPERTY_EX, 24, 8, PART | SELF_OK, LIVE),
	SIMPLE(MAP_STATS_PAGE2, 32, 0, STATS | OVERLAY, 0),
};

const unsigned int rows_count = sizeof(rows) / sizeof(rows[0]);

const struct row *row_of(uint16_t code)
{
	const struct row *r;

	for (r = rows; r->code != code; r++)
		;
	return r;
}

static uint8_t output[PAGE_BYTES];

int64_t probe(int ctl, const struct probe *p)
{
	struct mshv_sim_hypercall h = {
		.size = sizeof(h),
		.control = p->control,
		.flags = (p->no_in ? MSHV_SIM_CALL_RAW_INPUT : 0) |
			 (p->no_out ? MSHV_SIM_CALL_RAW_OUTPUT : 0),
		.input = p->no_in ? p->raw : (uintptr_t)p->in,
		.input_bytes = p->no_in ? 0 : p->in_bytes,
		.input_offset = p->in_at,
		.output = p->no_out ? p->raw : (uintptr_t)output,
		.output_bytes = p->no_out ? 0 : p->out_bytes,
		.output_offset = p->out_at,
	};
	int ret = sim_ioctl(ctl, MSHV_SIM_HYPERCALL, &h);

	return ret ? ret : (int64_t)h.result;
}

struct probe to_nobody(const struct row *r, uint64_t *in, uint64_t nobody)
{
	memset(in, 0, PAGE_BYTES);
	in[0] = r->flags & STATS ? NO_STATS : nobody;
	return (struct probe) {
		.control = r->code | REPS(r->reps),
		.in = in,
		.in_bytes = r->in + r->rep_in,
		.out_bytes = r->out + r->rep_out,
		.no_out = !(r->out + r->rep_out),
	};
}
