// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The registry of guest memory: regions sorted by guest address, which the
 * kernel keeps from overlapping. See <mshv/memory.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/memory.h>

#include "internal.h"

#define ROOM_MIN	8

int mshv_memory_create(struct mshv_partition *partition,
		       struct mshv_memory **out)
{
	struct mshv_memory *memory;

	if (!out)
		return libmshv_fail(EINVAL, "create memory: NULL argument");
	*out = NULL;
	if (!partition)
		return libmshv_fail(EINVAL, "create memory: NULL argument");

	memory = calloc(1, sizeof(*memory));
	if (!memory)
		return libmshv_fail(ENOMEM, "create memory: no memory");
	memory->partition = libmshv_partition_get(partition);
	*out = memory;
	return 0;
}

void mshv_memory_close(struct mshv_memory *memory)
{
	int saved = errno;

	if (!memory)
		return;
	mshv_partition_close(memory->partition);
	free(memory->regions);
	free(memory);
	errno = saved;
}

/* The first region that ends behind @gpa. */
static size_t find(const struct mshv_memory *memory, uint64_t gpa)
{
	size_t low = 0, high = memory->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (memory->regions[middle].last < gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Before the kernel is asked: what it has done can't fail any more. */
static int make_room(struct mshv_memory *memory)
{
	size_t room = memory->room ? 2 * memory->room : ROOM_MIN;
	struct libmshv_region *regions;

	if (memory->count < memory->room)
		return 0;
	regions = calloc(room, sizeof(*regions));
	if (!regions)
		return libmshv_fail(ENOMEM, "map guest memory: no memory");
	if (memory->count)
		memcpy(regions, memory->regions,
		       memory->count * sizeof(*regions));
	free(memory->regions);
	memory->regions = regions;
	memory->room = room;
	return 0;
}

int mshv_memory_map(struct mshv_memory *memory, uint64_t gpa, void *addr,
		    uint64_t size_bytes, uint32_t flags)
{
	struct libmshv_region *region;
	size_t at;
	int ret;

	if (!memory)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	ret = make_room(memory);
	if (ret)
		return ret;
	ret = mshv_partition_map_memory(memory->partition, gpa, addr,
					size_bytes, flags);
	if (ret)
		return ret;

	at = find(memory, gpa);
	region = &memory->regions[at];
	memmove(region + 1, region, (memory->count - at) * sizeof(*region));
	memory->count++;
	*region = (struct libmshv_region) {
		.gpa = gpa, .last = gpa + (size_bytes - 1), .addr = addr,
	};
	return 0;
}

int mshv_memory_unmap(struct mshv_memory *memory, uint64_t gpa)
{
	struct libmshv_region *region;
	size_t at;
	int ret;

	if (!memory)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	at = find(memory, gpa);
	if (at == memory->count || memory->regions[at].gpa != gpa)
		return libmshv_fail(ENOENT,
				    "unmap guest memory: no mapping begins there");
	region = &memory->regions[at];

	ret = mshv_partition_unmap_memory(memory->partition, gpa, region->addr,
					  region->last - gpa + 1);
	if (ret)
		return ret;
	memory->count--;
	memmove(region, region + 1, (memory->count - at) * sizeof(*region));
	return 0;
}

/* How much of the range from @gpa on is in one region, and where. */
static uint64_t piece(const struct mshv_memory *memory, uint64_t gpa,
		      uint64_t size_bytes, char **addr)
{
	size_t at = find(memory, gpa);
	const struct libmshv_region *region;
	uint64_t rest;

	if (at == memory->count || memory->regions[at].gpa > gpa)
		return 0;
	region = &memory->regions[at];
	*addr = region->addr + (gpa - region->gpa);
	rest = region->last - gpa;
	return rest < size_bytes - 1 ? rest + 1 : size_bytes;
}

int mshv_memory_to_host(const struct mshv_memory *memory, uint64_t gpa,
			uint64_t size_bytes, void **addr)
{
	char *found = NULL;

	if (!addr)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	*addr = NULL;
	if (!memory || !size_bytes)
		return libmshv_fail(EINVAL,
				    "guest memory: NULL argument, or no size");
	if (piece(memory, gpa, size_bytes, &found) != size_bytes)
		return libmshv_fail(EFAULT, "guest memory: not in one mapping");
	*addr = found;
	return 0;
}

int mshv_memory_to_guest(const struct mshv_memory *memory, const void *addr,
			 uint64_t *gpa)
{
	const struct libmshv_region *region;
	uintptr_t offset;
	size_t i;

	if (!memory || !gpa)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	for (i = 0; i < memory->count; i++) {
		region = &memory->regions[i];
		offset = (uintptr_t)addr - (uintptr_t)region->addr;
		if ((uintptr_t)addr < (uintptr_t)region->addr ||
		    offset > region->last - region->gpa)
			continue;
		*gpa = region->gpa + offset;
		return 0;
	}
	return libmshv_fail(EFAULT, "guest memory: not the guest's");
}

/* Copies nothing if @buf is NULL: is all of it there? */
static int copy(const struct mshv_memory *memory, uint64_t gpa, char *buf,
		uint64_t size_bytes, bool write)
{
	char *addr = NULL;
	uint64_t n;

	for (; size_bytes; size_bytes -= n, gpa += n) {
		n = piece(memory, gpa, size_bytes, &addr);
		/* A piece that reaches the end of all addresses is the last. */
		if (!n || (gpa + n == 0 && n != size_bytes))
			return libmshv_fail(EFAULT,
					    "guest memory: the guest has none there");
		if (!buf)
			continue;
		if (write)
			memcpy(addr, buf, n);
		else
			memcpy(buf, addr, n);
		buf += n;
	}
	return 0;
}

static int checked_copy(const struct mshv_memory *memory, uint64_t gpa,
			char *buf, uint64_t size_bytes, bool write)
{
	int ret;

	if (!memory || (!buf && size_bytes))
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	ret = copy(memory, gpa, NULL, size_bytes, write);
	return ret ? ret : copy(memory, gpa, buf, size_bytes, write);
}

int mshv_memory_read(const struct mshv_memory *memory, uint64_t gpa, void *buf,
		     uint64_t size_bytes)
{
	return checked_copy(memory, gpa, buf, size_bytes, false);
}

int mshv_memory_write(const struct mshv_memory *memory, uint64_t gpa,
		      const void *buf, uint64_t size_bytes)
{
	return checked_copy(memory, gpa, (char *)(uintptr_t)buf, size_bytes,
			    true);
}
