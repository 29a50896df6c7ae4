// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Move a guest: it counts in one partition, is saved, and counts on in another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

#define PORT	0x80

/* next: inc byte [0x9000]; mov al, [0x9000]; inc bx; out PORT, al; jmp next */
static const char counter[] = "\xfe\x06\x00\x90\xa0\x00\x90\x43\xe6\x80\xeb\xf4";

static void count(struct vm *vm, const char *name)
{
	struct mshv_standard_registers registers;
	int i;

	for (i = 0; i < 3; i++) {
		vm_run_to_port(vm, PORT);
		must(mshv_vp_get_standard_registers(vm->vp, &registers),
		     "read registers");
		printf("%s: memory %u, register %u\n", name, vm->ram[0x9000],
		       (unsigned int)registers.rbx);
	}
}

static void list(const void *blob, size_t size)
{
	struct mshv_snapshot_section section = { 0 };

	printf("saved:");
	while (mshv_snapshot_next(blob, size, &section) > 0)
		printf(" %s", mshv_snapshot_type_name(section.type));
	printf("\n");
}

int main(void)
{
	struct vm here, there;
	size_t size;
	void *blob;

	vm_open(&here, 1ULL << MSHV_PT_BIT_LAPIC, counter, sizeof(counter));
	count(&here, "here");
	/* Its last port access is finished, so that it won't come again there. */
	must(mshv_partition_set_property(here.partition,
					 HV_PARTITION_PROPERTY_TIME_FREEZE, 1),
	     "freeze the time");
	must(mshv_partition_save_alloc(here.partition, &here.vp, 1, &blob,
				       &size), "save");
	list(blob, size);

	/* The same features; memory is the VMM's to move. */
	vm_open(&there, 1ULL << MSHV_PT_BIT_LAPIC, counter, sizeof(counter));
	memcpy(there.ram, here.ram, RAM_SIZE);
	vm_close(&here);
	must(mshv_partition_set_property(there.partition,
					 HV_PARTITION_PROPERTY_TIME_FREEZE, 1),
	     "freeze the time");
	must(mshv_partition_restore(there.partition, &there.vp, 1, blob, size),
	     "restore");
	must(mshv_partition_set_property(there.partition,
					 HV_PARTITION_PROPERTY_TIME_FREEZE, 0),
	     "let time go on");
	free(blob);
	count(&there, "there");
	vm_close(&there);
	return 0;
}
