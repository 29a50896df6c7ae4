/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The virtual machine: one partition, one VP, three devices. */
#ifndef MSHV_RUN_VMM_H
#define MSHV_RUN_VMM_H

#include <stdint.h>
#include <stdio.h>

#include <mshv/mshv.h>

#include "memory.h"
#include "serial.h"

enum vmm_exit_kind {
	VMM_EXIT_IO_PORT,
	VMM_EXIT_HALT,
	VMM_EXIT_UNMAPPED_GPA,
	VMM_EXIT_TRIPLE_FAULT,
	VMM_EXIT_OTHER,
	VMM_NR_EXIT_KINDS
};

struct vmm {
	const struct memory *memory;
	struct mshv_dev *dev;
	struct mshv_partition *partition;
	struct mshv_vp *vp;
	struct serial com1;

	/* For the statistics. */
	uint64_t exits[VMM_NR_EXIT_KINDS];
	uint64_t interrupted;
};

/*
 * Make a machine that is ready to run what is in @memory, with COM1 on @out.
 * Returns 0, or -1 after a complaint; then there is nothing to free.
 */
int vmm_create(struct vmm *vmm, const struct memory *memory, FILE *out);

/* Run it to its end. Returns the exit status, COMPLAINED after a complaint. */
int vmm_run(struct vmm *vmm);

/* Print the statistics of a run that ended with @status. */
void vmm_print_stats(const struct vmm *vmm, int status, FILE *out);

void vmm_destroy(struct vmm *vmm);

#endif
