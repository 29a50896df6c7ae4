// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "report.h"

#define OPCODE_HLT	0xf4

static void set_vectors(uint8_t *base)
{
	uint8_t *bios = base + MEMORY_BIOS_SEGMENT * 16 + MEMORY_BIOS_OFFSET;
	unsigned int n;

	for (n = 0; n < MEMORY_NR_VECTORS; n++) {
		uint8_t *vector = base + 4 * n;

		vector[0] = (MEMORY_BIOS_OFFSET + n) & 0xff;
		vector[1] = (MEMORY_BIOS_OFFSET + n) >> 8;
		vector[2] = MEMORY_BIOS_SEGMENT & 0xff;
		vector[3] = MEMORY_BIOS_SEGMENT >> 8;
		bios[n] = OPCODE_HLT;
	}
}

/*
 * Read all of @fd to @to. The file may be a pipe, so its size shows only when
 * it ends. Returns how much there was, @room + 1 if it is more than @room, or
 * -errno.
 */
static ssize_t read_all(int fd, uint8_t *to, size_t room)
{
	size_t done = 0;

	for (;;) {
		uint8_t extra;
		ssize_t got;

		if (done < room)
			got = read(fd, to + done, room - done);
		else
			got = read(fd, &extra, 1);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		done += got;
		if (got == 0 || done > room)
			return done;
	}
}

static int load_image(struct memory *memory, const char *path)
{
	uint8_t *to = (uint8_t *)memory->base + MEMORY_IMAGE_GPA;
	size_t room = memory->size_bytes - MEMORY_IMAGE_GPA;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		complain("cannot open image %s: %s", path, strerror(errno));
		return -1;
	}
	got = read_all(fd, to, room);
	close(fd);

	if (got < 0) {
		complain("cannot read image %s: %s", path, strerror((int)-got));
		return -1;
	}
	if (got == 0) {
		complain("image %s is empty", path);
		return -1;
	}
	if ((size_t)got > room) {
		complain("image %s does not fit: loaded at 0x%x, it may have %zu bytes in %zu MiB of memory; give more with --mem",
			 path, MEMORY_IMAGE_GPA, room, memory->size_bytes >> 20);
		return -1;
	}
	memory->image_bytes = (size_t)got;

	return 0;
}

int memory_create(struct memory *memory, unsigned int mib, const char *path)
{
	memory->size_bytes = (size_t)mib << 20;
	memory->base = mmap(NULL, memory->size_bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory->base == MAP_FAILED) {
		complain("cannot get %u MiB of memory for the guest: %s", mib,
			 strerror(errno));
		return -1;
	}

	set_vectors(memory->base);
	if (load_image(memory, path)) {
		memory_destroy(memory);
		return -1;
	}

	return 0;
}

int memory_read(const struct memory *memory, uint64_t gpa, void *to,
		size_t size)
{
	if (gpa > memory->size_bytes || size > memory->size_bytes - gpa)
		return -1;
	memcpy(to, (const uint8_t *)memory->base + gpa, size);

	return 0;
}

void memory_destroy(struct memory *memory)
{
	munmap(memory->base, memory->size_bytes);
	memory->base = NULL;
}
