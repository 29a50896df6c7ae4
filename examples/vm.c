// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vm.h"

void must(int ret, const char *what)
{
	char text[256];

	if (!ret)
		return;
	mshv_error_format(mshv_last_error(), text, sizeof(text));
	fprintf(stderr, "%s: %s\n", what, text);
	exit(1);
}

static void flat(struct hv_x64_segment_register *segment)
{
	segment->base = 0;
	segment->selector = 0;
	segment->limit = 0xffffffff;
	segment->granularity = 1;
}

static void set_registers(struct mshv_vp *vp)
{
	struct mshv_standard_registers standard = {
		.rip = CODE, .rsp = CODE, .rflags = 2,
	};
	struct mshv_special_registers special;

	must(mshv_vp_get_special_registers(vp, &special), "read registers");
	special.cs.base = 0;
	special.cs.selector = 0;
	flat(&special.ds);
	flat(&special.es);
	flat(&special.ss);
	must(mshv_vp_set_special_registers(vp, &special), "write registers");
	must(mshv_vp_set_standard_registers(vp, &standard), "write registers");
}

void vm_open(struct vm *vm, uint64_t flags, const void *code, size_t size)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;

	options.flags = flags;
	must(mshv_dev_open(NULL, &vm->dev), "open the device");
	must(mshv_partition_create(vm->dev, &options, &vm->partition),
	     "create a partition");
	must(mshv_partition_initialize(vm->partition), "initialize it");

	vm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED) {
		perror("memory");
		exit(1);
	}
	must(mshv_memory_create(vm->partition, &vm->memory), "memory");
	must(mshv_memory_map(vm->memory, 0, vm->ram, RAM_SIZE,
			     LIBMSHV_MEMORY_WRITABLE |
			     LIBMSHV_MEMORY_EXECUTABLE), "map memory");
	memcpy(vm->ram + CODE, code, size);

	must(mshv_vp_create(vm->partition, 0, &vm->vp), "create a VP");
	set_registers(vm->vp);
}

void vm_close(struct vm *vm)
{
	mshv_vp_close(vm->vp);
	mshv_memory_close(vm->memory);
	mshv_partition_close(vm->partition);
	mshv_dev_close(vm->dev);
	munmap(vm->ram, RAM_SIZE);
}

void vm_run_to_port(struct vm *vm, uint16_t port)
{
	const struct hv_x64_io_port_intercept_message *io;
	char text[LIBMSHV_MESSAGE_TEXT_BYTES];
	const struct hv_message *message;

	must(mshv_vp_run(vm->vp, &message), "run the VP");
	io = mshv_message_x64_io_port(message);
	if (!io || io->port_number != port) {
		mshv_message_format(message, LIBMSHV_ARCH_NATIVE, text,
				    sizeof(text));
		fprintf(stderr, "unexpected: %s\n", text);
		exit(1);
	}
	must(mshv_vp_complete_io(vm->vp, 0), "complete the port access");
}
