// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Sets of registers, written, seen by the guest where it can, and read again. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "smoke.h"

/* movdqu [0x9000], xmm0; movdqu [0x9010], xmm15 needs REX: so xmm7; out 0x80, al */
static const uint8_t store_xmm[] = {
	0xf3, 0x0f, 0x7f, 0x06, 0x00, 0x90, 0xf3, 0x0f, 0x7f, 0x3e, 0x10, 0x90,
	0xe6, 0x80,
};

static void fpu(void)
{
	struct mshv_special_registers special;
	struct mshv_fpu in, out;
	unsigned int i;
	uint8_t stored[32];
	int ret;

	ret = !load(store_xmm, sizeof(store_xmm));
	/* CR4.OSFXSR, so that the guest may use them */
	ret = ret ? ret : mshv_vp_get_special_registers(g.vp, &special);
	special.cr4 |= 1 << 9;
	ret = ret ? ret : mshv_vp_set_special_registers(g.vp, &special);
	ret = ret ? ret : mshv_vp_get_fpu(g.vp, &in);
	for (i = 0; i < 16; i++)
		in.xmm[i] = (struct hv_u128) { 0x1111111111111111ULL * i, ~i };
	in.fp[3].mantissa = 0xc000000000000000;
	in.fp[3].biased_exponent = 0x3fff;
	in.xmm_control_status.xmm_status_control = 0x1fa0;
	ret = ret ? ret : mshv_vp_set_fpu(g.vp, &in);
	ret = ret ? ret : mshv_vp_get_fpu(g.vp, &out);
	result(!ret && !memcmp(&in, &out, sizeof(in)),
	       "floating point and vectors, written and read again");

	ret = ret ? ret : mshv_vp_run(g.vp, NULL);
	ret = ret ? ret : mshv_memory_read(g.memory, 0x9000, stored, 32);
	result(!ret && !memcmp(stored, &in.xmm[0], 16) &&
	       !memcmp(stored + 16, &in.xmm[7], 16), "the guest has them");
	ret = ret ? ret : mshv_vp_get_fpu(g.vp, &out);
	result(!ret && !memcmp(in.xmm, out.xmm, sizeof(in.xmm)),
	       "they are the same after it ran");
}

static void debug_registers(void)
{
	const struct mshv_debug_registers in = {
		0x1000, 0x2000, 0x3000, 0x4000, 0xffff0ff0, 0x400,
	};
	struct mshv_debug_registers old, out;
	uint64_t xcr0 = 0, again = 0;
	int ret;

	ret = mshv_vp_get_debug_registers(g.vp, &old);
	ret = ret ? ret : mshv_vp_set_debug_registers(g.vp, &in);
	ret = ret ? ret : mshv_vp_get_debug_registers(g.vp, &out);
	result(!ret && !memcmp(&in, &out, sizeof(in)),
	       "debug registers, written and read again");
	mshv_vp_set_debug_registers(g.vp, &old);

	ret = mshv_vp_get_xcr0(g.vp, &xcr0);
	ret = ret ? ret : mshv_vp_set_xcr0(g.vp, 3);
	ret = ret ? ret : mshv_vp_get_xcr0(g.vp, &again);
	result(!ret && xcr0 & 1 && again == 3, "XCR0, written and read again");
}

/* 0x7c00: nop; out 0x80, al. A handler at 0x8000: out 0x81, al */
static const uint8_t quiet[] = { 0x90, 0xe6, 0x80 };
static const uint8_t handler[] = { 0xe6, 0x81 };

static void events(void)
{
	const struct hv_x64_io_port_intercept_message *io = NULL;
	const struct hv_message *message;
	struct mshv_events in, out;
	const uint16_t vector[2] = { 0x8000, 0 };
	int ret;

	/* an exception that waits: vector 6, its entry in the vector table */
	ret = !load(quiet, sizeof(quiet));
	ret = ret ? ret : mshv_memory_write(g.memory, 0x8000, handler, 2);
	ret = ret ? ret : mshv_memory_write(g.memory, 6 * 4, vector, 4);
	ret = ret ? ret : mshv_vp_get_events(g.vp, &in);
	result(!ret && !in.pending_interruption.interruption_pending,
	       "no event is pending");
	in.pending_interruption.interruption_pending = 1;
	in.pending_interruption.interruption_type = HV_X64_PENDING_EXCEPTION;
	in.pending_interruption.interruption_vector = 6;
	ret = ret ? ret : mshv_vp_set_events(g.vp, &in);
	ret = ret ? ret : mshv_vp_get_events(g.vp, &out);
	result(!ret && !memcmp(&in, &out, sizeof(in)),
	       "a pending exception, written and read again");
	ret = ret ? ret : mshv_vp_run(g.vp, &message);
	if (!ret)
		io = mshv_message_x64_io_port(message);
	result(io && io->port_number == 0x81, "the guest takes it");
}

static void activity(void)
{
	struct mshv_activity activity;
	int ret = mshv_vp_get_activity(g.vp, &activity);

	result(!ret && !activity.internal.startup_suspend &&
	       !activity.internal.halt_suspend, "neither halted nor waiting");
	activity.internal.halt_suspend = 1;
	ret = ret ? ret : mshv_vp_set_activity(g.vp, &activity);
	ret = ret ? ret : mshv_vp_get_activity(g.vp, &activity);
	result(!ret && activity.internal.halt_suspend, "halted by the VMM");
	activity.internal.halt_suspend = 0;
	ret = ret ? ret : mshv_vp_set_activity(g.vp, &activity);
	result(!ret, "and not any more");
}

void smoke_registers(void)
{
	fpu();
	debug_registers();
	events();
	activity();
}
