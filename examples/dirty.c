// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Which pages has the guest written? What a migration asks again and again.
 */
#include <stdio.h>

#include "vm.h"

#define PORT	0x80

/*
 * A round: write a byte at 64 KiB * round + {0, 0x3000}, then OUT; for ever.
 * again: add bx, 0x1000; mov ds, bx; mov byte [0], 1; mov byte [0x3000], 1;
 * out PORT, al; jmp again
 */
static const uint8_t code[] = {
	0x81, 0xc3, 0x00, 0x10, 0x8e, 0xdb, 0xc6, 0x06, 0x00, 0x00, 0x01,
	0xc6, 0x06, 0x00, 0x30, 0x01, 0xe6, PORT, 0xeb, 0xec,
};

static void print_log(struct vm *vm, const char *when)
{
	uint64_t bitmap[RAM_SIZE / MSHV_HV_PAGE_SIZE / 64];
	unsigned int page;

	/* What is reported counts as clean from now on. */
	must(mshv_partition_get_dirty_log(vm->partition, 0, RAM_SIZE, bitmap,
					  LIBMSHV_DIRTY_CLEAR),
	     "read the dirty log");
	printf("%s:", when);
	for (page = 0; page < RAM_SIZE / MSHV_HV_PAGE_SIZE; page++)
		if (bitmap[page / 64] & 1ull << page % 64)
			printf(" 0x%x", page * MSHV_HV_PAGE_SIZE);
	printf("\n");
}

int main(void)
{
	uint64_t all[RAM_SIZE / MSHV_HV_PAGE_SIZE / 64];
	struct vm vm;

	vm_open(&vm, 0, code, sizeof(code));
	vm_run_to_port(&vm, PORT);

	/* At the start of a log everything is dirty: copy all, once. */
	must(mshv_partition_start_dirty_log(vm.partition), "start the log");
	must(mshv_partition_get_dirty_log(vm.partition, 0, RAM_SIZE, all,
					  LIBMSHV_DIRTY_CLEAR),
	     "read the dirty log");

	print_log(&vm, "the guest has not run");
	vm_run_to_port(&vm, PORT);
	print_log(&vm, "one round");
	print_log(&vm, "nothing since");
	vm_run_to_port(&vm, PORT);
	vm_run_to_port(&vm, PORT);
	print_log(&vm, "two rounds");

	must(mshv_memory_stop_dirty_log(vm.memory), "stop the log");
	vm_close(&vm);
	return 0;
}
