/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The guest's memory, and what is in it before the guest starts. */
#ifndef MSHV_RUN_MEMORY_H
#define MSHV_RUN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define MEMORY_MIN_MIB		1
#define MEMORY_DEFAULT_MIB	64
#define MEMORY_MAX_MIB		3072	/* from 3 GiB on a PC has its devices */

/* Where the image goes: the address to which a BIOS loads a boot sector. */
#define MEMORY_IMAGE_GPA	0x7c00

/*
 * There is no BIOS. So that a call to it ends in a message and not in zeros,
 * each of the 256 real-mode vectors n points to a HLT of its own, at
 * MEMORY_BIOS_SEGMENT : MEMORY_BIOS_OFFSET + n.
 */
#define MEMORY_BIOS_SEGMENT	0xf000
#define MEMORY_BIOS_OFFSET	0xe000
#define MEMORY_NR_VECTORS	256

struct memory {
	void *base;		/* guest physical address 0, page aligned */
	size_t size_bytes;
	size_t image_bytes;
};

/*
 * Get @mib MiB of memory and put the vectors and the image in the file @path
 * into it. Returns 0, or -1 after a complaint; then there is nothing to free.
 */
int memory_create(struct memory *memory, unsigned int mib, const char *path);

/* Copy @size bytes from @gpa on. Returns 0, or -1 if not all of it is memory. */
int memory_read(const struct memory *memory, uint64_t gpa, void *to,
		size_t size);

void memory_destroy(struct memory *memory);

#endif
