/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the programs have in common that go the way of a known VMM.
 */
#ifndef LIBMSHV_TESTS_VM_CLIENT_H
#define LIBMSHV_TESTS_VM_CLIENT_H

#include "smoke.h"

#define HOLE		RAM_SIZE	/* the first address without memory */
#define PORT_END	0xf4		/* where the guest's program ends */

/* What the guest's program has done so far. */
struct seen {
	unsigned int outs, ins, strings, mmio_reads, mmio_writes;
	uint32_t last_out;
	uint64_t written;
};

/*
 * Port output and input, a write and a read of memory that isn't there, a
 * string from a port to memory, and the end. To be put at CODE.
 */
extern const uint8_t client_program[];
extern const size_t client_program_size;

/* All of a VP that a VMM saves. */
struct client_state {
	struct mshv_standard_registers standard;
	struct mshv_special_registers special;
	struct mshv_fpu fpu;
	struct mshv_debug_registers debug;
	struct mshv_events events;
	uint64_t xcr0;
	struct mshv_msr msrs[256];
	size_t msr_count;
	/* MSHV_VP_STATE_*, as long as they are */
	uint8_t components[5][0x4000];
	size_t sizes[5];
};

/* A partition from a description; without a VP. Fills g. */
int client_open(const char *lines, struct mshv_dev *dev);
void client_close(void);
int client_set_freeze(uint64_t freeze);
int client_set_boot_msrs(void);
int client_set_lint(void);
/* Until the guest's program ends; 0, or what went wrong. */
int client_run(struct seen *seen);
int client_save(struct client_state *state);
int client_restore(const struct client_state *state);
int client_same(const struct client_state *a, const struct client_state *b);

#endif /* LIBMSHV_TESTS_VM_CLIENT_H */
