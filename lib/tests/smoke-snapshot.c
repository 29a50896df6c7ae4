// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A guest that moves: it is run in one partition, saved, restored into another,
 * and has to go on as one that never moved.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smoke.h"

#define STEPS		200
#define KERNEL_GS_BASE	0xc0000102
#define LSTAR		0xc0000082

/*
 * A sum that hangs on EAX, XMM0 and memory, and goes to port 0x80 each time:
 *
 * 1: imul eax, eax, 1664525; add eax, 1013904223
 *    xor [0x9000], eax; add eax, [0x9000]
 *    movd xmm1, eax; paddd xmm0, xmm1; movd edx, xmm0; xor eax, edx
 *    out 0x80, eax; jmp 1b
 */
static const uint8_t code[] = {
	0x66, 0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00,
	0x66, 0x05, 0x5f, 0xf3, 0x6e, 0x3c,
	0x66, 0x31, 0x06, 0x00, 0x90, 0x66, 0x03, 0x06, 0x00, 0x90,
	0x66, 0x0f, 0x6e, 0xc8, 0x66, 0x0f, 0xfe, 0xc1,
	0x66, 0x0f, 0x7e, 0xc2, 0x66, 0x31, 0xd0,
	0x66, 0xe7, 0x80, 0xeb, 0xd5,
};

/* A guest with something in every kind of state. */
static int prepare(struct guest *guest)
{
	static uint8_t simp[4096];
	const struct mshv_debug_registers debug = {
		0x1000, 0x2000, 0x3000, 0x4000, 0xffff0ff0, 0x400,
	};
	const struct mshv_msr msrs[] = {
		{ .msr = KERNEL_GS_BASE, .value = 0xffff888812345000 },
		{ .msr = LSTAR, .value = 0xffffffff81000000 },
	};
	struct hv_local_interrupt_controller_state lapic;
	struct mshv_special_registers special;

	if (!load_guest(guest, code, sizeof(code)) ||
	    mshv_vp_get_special_registers(guest->vp, &special) ||
	    mshv_vp_get_lapic(guest->vp, &lapic))
		return 0;
	special.cr4 |= 1 << 9;
	special.cr2 = 0x1234;
	lapic.apic_ldr = 0x4000000;
	lapic.apic_spurious = 0x1ff;
	memset(simp, 0x5c, sizeof(simp));
	return !mshv_vp_set_special_registers(guest->vp, &special) &&
	       !mshv_vp_set_debug_registers(guest->vp, &debug) &&
	       !mshv_vp_set_msrs(guest->vp, msrs, 2) &&
	       !mshv_vp_set_lapic(guest->vp, &lapic) &&
	       !mshv_vp_set_state(guest->vp, MSHV_VP_STATE_SIMP, simp,
				  sizeof(simp));
}

/* What the guest says in the next @steps steps; whether it went well. */
static int run_steps(struct guest *guest, uint32_t *values, unsigned int steps)
{
	const struct hv_x64_io_port_intercept_message *io;
	const struct hv_message *message;

	for (; steps; steps--) {
		if (mshv_vp_run(guest->vp, &message))
			return 0;
		io = mshv_message_x64_io_port(message);
		if (!io || io->port_number != 0x80)
			return 0;
		*values++ = (uint32_t)io->rax;
		if (mshv_vp_complete_io(guest->vp, 0))
			return 0;
	}
	return 1;
}

/* All but what runs on by itself: the time stamp counter, the first MSR. */
static int same_state(const void *a, size_t a_size, const void *b, size_t b_size)
{
	struct mshv_snapshot_section x = { 0 }, y = { 0 };
	size_t skip;
	int more, count = 0;

	while ((more = mshv_snapshot_next(a, a_size, &x)) > 0) {
		if (mshv_snapshot_next(b, b_size, &y) != 1 || x.type != y.type ||
		    x.size_bytes != y.size_bytes)
			return 0;
		skip = x.type == LIBMSHV_SNAPSHOT_MSRS ? 16 : 0;
		if (x.type != LIBMSHV_SNAPSHOT_REFERENCE_TIME &&
		    memcmp((const char *)x.data + skip,
			   (const char *)y.data + skip, x.size_bytes - skip)) {
			printf("# %s differs\n", mshv_snapshot_type_name(x.type));
			return 0;
		}
		count++;
	}
	return !more && count >= 8;
}

static void list(const void *blob, size_t size)
{
	struct mshv_snapshot_section s = { 0 };

	while (mshv_snapshot_next(blob, size, &s) > 0)
		printf("# %-14s %5u bytes\n", mshv_snapshot_type_name(s.type),
		       (unsigned int)s.size_bytes);
}

static int other_features(const void *blob, size_t size)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_partition *partition = NULL;
	struct mshv_vp *vp = NULL;
	int ok;

	/* no SSE3 */
	options.flags = 1ULL << MSHV_PT_BIT_LAPIC |
			1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES;
	options.disabled_processor_features[0] = 1;
	ok = !mshv_partition_create(g.dev, &options, &partition) &&
	     !mshv_partition_initialize(partition) &&
	     !mshv_vp_create(partition, 0, &vp) &&
	     mshv_partition_restore(partition, &vp, 1, blob, size) == -ENXIO;
	mshv_vp_close(vp);
	mshv_partition_close(partition);
	return ok;
}

void smoke_snapshot(void)
{
	static uint32_t expected[STEPS], got[STEPS];
	struct guest whole = { 0 }, from = { 0 }, to = { 0 };
	void *blob = NULL, *again = NULL, *ram = malloc(RAM_SIZE);
	size_t size = 0, size_again = 0;
	int ret;

	ret = !open_guest(&whole) || !prepare(&whole) ||
	      !run_steps(&whole, expected, STEPS);
	ret = ret || !open_guest(&from) || !prepare(&from) ||
	      !run_steps(&from, got, STEPS / 2);
	result(!ret, "two guests count");

	ret = ret || mshv_partition_save_alloc(from.partition, &from.vp, 1,
					       &blob, &size);
	ret = ret || mshv_snapshot_check(blob, size, NULL);
	result(!ret, "one is saved");
	list(blob, size);

	ret = ret || !ram || !open_guest(&to);
	if (!ret)
		memcpy(to.ram, memcpy(ram, from.ram, RAM_SIZE), RAM_SIZE);
	close_guest(&from);
	ret = ret || mshv_partition_restore(to.partition, &to.vp, 1, blob, size);
	result(!ret, "and restored into another partition");
	ret = ret || mshv_partition_save_alloc(to.partition, &to.vp, 1, &again,
					       &size_again);
	result(!ret && same_state(blob, size, again, size_again),
	       "where its state is the same");
	ret = ret || !run_steps(&to, got + STEPS / 2, STEPS / 2);
	result(!ret && !memcmp(expected, got, sizeof(got)),
	       "and it goes on as if it had never moved");

	/* back in time: to a VP whose register page is in use */
	memset(got + STEPS / 2, 0, sizeof(got) / 2);
	ret = ret || mshv_vp_restore(to.vp, blob, size);
	if (!ret)
		memcpy(to.ram, ram, RAM_SIZE);
	ret = ret || !run_steps(&to, got + STEPS / 2, STEPS / 2);
	result(!ret && !memcmp(expected, got, sizeof(got)),
	       "a VP that has run goes back to the same state");

	result(blob && other_features(blob, size),
	       "a partition with other features is refused");
	free(blob);
	free(again);
	free(ram);
	close_guest(&to);
	close_guest(&whole);
}
