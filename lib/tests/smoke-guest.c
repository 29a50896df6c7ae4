// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The guest of the smoke tests: one VP, 1 MiB of memory, real mode. */
#include "config.h"

#include <stdio.h>
#include <sys/mman.h>

#include "smoke.h"

struct guest g;
static unsigned int tests, failures;

void result(int ok, const char *name)
{
	char text[256] = "";

	if (!ok)
		mshv_error_format(mshv_last_error(), text, sizeof(text));
	printf("%sok %u - %s%s%s\n", ok ? "" : "not ", ++tests, name,
	       ok ? "" : " # last error: ", text);
	fflush(stdout);
	failures += !ok;
}

int smoke_end(void)
{
	printf("1..%u\n", tests);
	return failures != 0;
}

int open_guest(struct guest *guest)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;

	options.flags = 1ULL << MSHV_PT_BIT_LAPIC;
	guest->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return guest->ram != MAP_FAILED &&
	       !mshv_dev_open(NULL, &guest->dev) &&
	       !mshv_partition_create(guest->dev, &options, &guest->partition) &&
	       !mshv_partition_initialize(guest->partition) &&
	       !mshv_memory_create(guest->partition, &guest->memory) &&
	       !mshv_memory_map(guest->memory, 0, guest->ram, RAM_SIZE,
				LIBMSHV_MEMORY_WRITABLE |
				LIBMSHV_MEMORY_EXECUTABLE) &&
	       !mshv_vp_create(guest->partition, 0, &guest->vp);
}

void close_guest(struct guest *guest)
{
	mshv_vp_close(guest->vp);
	mshv_memory_close(guest->memory);
	mshv_partition_close(guest->partition);
	mshv_dev_close(guest->dev);
	if (guest->ram != MAP_FAILED)
		munmap(guest->ram, RAM_SIZE);
}

/* Real mode, code and data from address 0 on. */
int load_guest(struct guest *guest, const void *code, size_t size)
{
	struct mshv_special_registers special;
	struct mshv_standard_registers standard = { .rip = CODE, .rflags = 2 };

	if (mshv_vp_get_special_registers(guest->vp, &special))
		return 0;
	special.cs.base = 0;
	special.cs.selector = 0;
	return !mshv_vp_set_special_registers(guest->vp, &special) &&
	       !mshv_vp_set_standard_registers(guest->vp, &standard) &&
	       !mshv_memory_write(guest->memory, CODE, code, size);
}

int load(const void *code, size_t size)
{
	return load_guest(&g, code, size);
}
