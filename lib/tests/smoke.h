/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the parts of the smoke test share.
 */
#ifndef LIBMSHV_TESTS_SMOKE_H
#define LIBMSHV_TESTS_SMOKE_H

#include <mshv/mshv.h>

#define RAM_SIZE	(1u << 20)
#define CODE		0x7c00

extern struct guest {
	struct mshv_dev *dev;
	struct mshv_partition *partition;
	struct mshv_memory *memory;
	struct mshv_vp *vp;
	void *ram;
} g;

/* One line of TAP; with the last error if it isn't ok. */
void result(int ok, const char *name);
/* The plan; returns the exit status. */
int smoke_end(void);

/* These return whether it worked. */
int open_guest(struct guest *guest);
int load_guest(struct guest *guest, const void *code, size_t size);
int load(const void *code, size_t size);	/* into g */
void close_guest(struct guest *guest);

void smoke_devices(void);
void smoke_instructions(void);
void smoke_registers(void);
void smoke_snapshot(void);
void smoke_string(void);
void smoke_translate(void);

#endif /* LIBMSHV_TESTS_SMOKE_H */
