/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the examples other than smallest.c have in common: a guest to look at. */
#ifndef EXAMPLES_VM_H
#define EXAMPLES_VM_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/mshv.h>

#define RAM_SIZE	(1u << 20)
#define CODE		0x7c00		/* where the guest's code is */

struct vm {
	struct mshv_dev *dev;
	struct mshv_partition *partition;
	struct mshv_memory *memory;
	struct mshv_vp *vp;
	uint8_t *ram;			/* RAM_SIZE bytes at guest address 0 */
};

/* Ends the program with what libmshv knows of the failure, if there is one. */
void must(int ret, const char *what);

/*
 * A guest of one processor in real mode with this code. All segments begin at
 * address 0; data segments reach to 4 GiB. @flags as in
 * struct mshv_partition_options.
 */
void vm_open(struct vm *vm, uint64_t flags, const void *code, size_t size);
void vm_close(struct vm *vm);

/* Runs the guest, which must stop to write to @port. */
void vm_run_to_port(struct vm *vm, uint16_t port);

#endif /* EXAMPLES_VM_H */
