// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The registry of guest memory: regions sorted by guest address, which the
 * kernel keeps from overlapping. See <mshv/memory.h>.
 *
 * VPs read the table while memory comes and goes. A change waits for those that
 * are at it, but they don't wait for a change that waits for the kernel, which
 * may have a long list of pages to go through: so there are two locks.
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
	/* These can't fail with the C libraries that Linux has. */
	pthread_mutex_init(&memory->change, NULL);
	pthread_rwlock_init(&memory->table, NULL);
	memory->partition = libmshv_partition_get(partition);
	pthread_mutex_lock(&partition->lock);
	memory->next = partition->memories;
	partition->memories = memory;
	pthread_mutex_unlock(&partition->lock);
	*out = memory;
	return 0;
}

static void leave_partition(struct mshv_memory *memory)
{
	struct mshv_memory **at = &memory->partition->memories;

	pthread_mutex_lock(&memory->partition->lock);
	while (*at != memory)
		at = &(*at)->next;
	*at = memory->next;
	pthread_mutex_unlock(&memory->partition->lock);
	mshv_partition_close(memory->partition);
}

void mshv_memory_close(struct mshv_memory *memory)
{
	int saved = errno;
	size_t i;

	if (!memory)
		return;
	leave_partition(memory);
	for (i = 0; i < memory->count; i++)
		free(memory->regions[i].written);
	pthread_rwlock_destroy(&memory->table);
	pthread_mutex_destroy(&memory->change);
	free(memory->regions);
	free(memory);
	errno = saved;
}

/* To look at the table changes nothing that callers would call a change. */
static pthread_rwlock_t *table(const struct mshv_memory *memory)
{
	return (pthread_rwlock_t *)(uintptr_t)&memory->table;
}

void libmshv_memory_lock(const struct mshv_memory *memory)
{
	pthread_rwlock_rdlock(table(memory));
}

void libmshv_memory_unlock(const struct mshv_memory *memory)
{
	pthread_rwlock_unlock(table(memory));
}

/* The first region that ends behind @gpa. */
size_t libmshv_region_find(const struct mshv_memory *memory, uint64_t gpa)
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
	struct libmshv_region *regions, *old = memory->regions;

	if (memory->count < memory->room)
		return 0;
	regions = calloc(room, sizeof(*regions));
	if (!regions)
		return libmshv_fail(ENOMEM, "map guest memory: no memory");
	if (memory->count)
		memcpy(regions, old, memory->count * sizeof(*regions));
	pthread_rwlock_wrlock(&memory->table);
	memory->regions = regions;
	memory->room = room;
	pthread_rwlock_unlock(&memory->table);
	free(old);
	return 0;
}

static void insert(struct mshv_memory *memory, const struct libmshv_region *new)
{
	struct libmshv_region *region;
	size_t at;

	pthread_rwlock_wrlock(&memory->table);
	at = libmshv_region_find(memory, new->gpa);
	region = &memory->regions[at];
	memmove(region + 1, region, (memory->count - at) * sizeof(*region));
	memory->count++;
	*region = *new;
	pthread_rwlock_unlock(&memory->table);
}

static int map(struct mshv_memory *memory, uint64_t gpa, void *addr,
	       uint64_t size_bytes, uint32_t flags)
{
	struct libmshv_region region = {
		.gpa = gpa, .last = gpa + (size_bytes - 1), .addr = addr,
		.flags = flags,
	};
	uint64_t pages = size_bytes / MSHV_HV_PAGE_SIZE;
	int ret;

	ret = libmshv_memory_range_check(memory->partition, gpa, addr,
					 size_bytes);
	ret = ret ? ret : make_room(memory);
	if (ret)
		return ret;
	region.written = calloc((pages + 63) / 64, sizeof(*region.written));
	if (!region.written)
		return libmshv_fail(ENOMEM, "map guest memory: no memory");
	ret = mshv_partition_map_memory(memory->partition, gpa, addr,
					size_bytes, flags);
	if (ret) {
		free(region.written);
		errno = -ret;
		return ret;
	}
	insert(memory, &region);
	return 0;
}

int mshv_memory_map(struct mshv_memory *memory, uint64_t gpa, void *addr,
		    uint64_t size_bytes, uint32_t flags)
{
	int ret;

	if (!memory)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	pthread_mutex_lock(&memory->change);
	ret = map(memory, gpa, addr, size_bytes, flags);
	pthread_mutex_unlock(&memory->change);
	return ret;
}

static int unmap(struct mshv_memory *memory, uint64_t gpa)
{
	struct libmshv_region *region;
	_Atomic uint64_t *written;
	size_t at;
	int ret;

	at = libmshv_region_find(memory, gpa);
	if (at == memory->count || memory->regions[at].gpa != gpa)
		return libmshv_fail(ENOENT,
				    "unmap guest memory: no mapping begins there");
	region = &memory->regions[at];

	ret = mshv_partition_unmap_memory(memory->partition, gpa, region->addr,
					  region->last - gpa + 1);
	if (ret)
		return ret;
	pthread_rwlock_wrlock(&memory->table);
	written = region->written;
	memory->count--;
	memmove(region, region + 1, (memory->count - at) * sizeof(*region));
	pthread_rwlock_unlock(&memory->table);
	free(written);
	return 0;
}

int mshv_memory_unmap(struct mshv_memory *memory, uint64_t gpa)
{
	int ret;

	if (!memory)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	pthread_mutex_lock(&memory->change);
	ret = unmap(memory, gpa);
	pthread_mutex_unlock(&memory->change);
	return ret;
}

const struct libmshv_region *
libmshv_region_at(const struct mshv_memory *memory, uint64_t gpa)
{
	size_t at = libmshv_region_find(memory, gpa);

	if (at == memory->count || memory->regions[at].gpa > gpa)
		return NULL;
	return &memory->regions[at];
}

/* How much of the range from @gpa on is in one region, and in which. */
static uint64_t piece(const struct mshv_memory *memory, uint64_t gpa,
		      uint64_t size_bytes, const struct libmshv_region **found)
{
	const struct libmshv_region *region = libmshv_region_at(memory, gpa);
	uint64_t rest;

	*found = region;
	if (!region)
		return 0;
	rest = region->last - gpa;
	return rest < size_bytes - 1 ? rest + 1 : size_bytes;
}

int mshv_memory_to_host(const struct mshv_memory *memory, uint64_t gpa,
			uint64_t size_bytes, void **addr)
{
	const struct libmshv_region *region;
	bool found;

	if (!addr)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	*addr = NULL;
	if (!memory || !size_bytes)
		return libmshv_fail(EINVAL,
				    "guest memory: NULL argument, or no size");
	libmshv_memory_lock(memory);
	found = piece(memory, gpa, size_bytes, &region) == size_bytes;
	if (found)
		*addr = region->addr + (gpa - region->gpa);
	libmshv_memory_unlock(memory);
	return found ? 0 :
	       libmshv_fail(EFAULT, "guest memory: not in one mapping");
}

static bool find_addr(const struct mshv_memory *memory, const void *addr,
		      uint64_t *gpa)
{
	const struct libmshv_region *region;
	uintptr_t offset;
	size_t i;

	for (i = 0; i < memory->count; i++) {
		region = &memory->regions[i];
		offset = (uintptr_t)addr - (uintptr_t)region->addr;
		if ((uintptr_t)addr < (uintptr_t)region->addr ||
		    offset > region->last - region->gpa)
			continue;
		*gpa = region->gpa + offset;
		return true;
	}
	return false;
}

int mshv_memory_to_guest(const struct mshv_memory *memory, const void *addr,
			 uint64_t *gpa)
{
	bool found;

	if (!memory || !gpa)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	libmshv_memory_lock(memory);
	found = find_addr(memory, addr, gpa);
	libmshv_memory_unlock(memory);
	return found ? 0 :
	       libmshv_fail(EFAULT, "guest memory: not the guest's");
}

/* What to do with a range; the first only asks whether all of it is there. */
enum what { LOOK, READ, WRITE, MARK };

static int each_piece(const struct mshv_memory *memory, uint64_t gpa, char *buf,
		      uint64_t size_bytes, enum what what)
{
	const struct libmshv_region *region;
	char *addr;
	uint64_t n;

	for (; size_bytes; size_bytes -= n, gpa += n) {
		n = piece(memory, gpa, size_bytes, &region);
		/* A piece that reaches the end of all addresses is the last. */
		if (!n || (gpa + n == 0 && n != size_bytes))
			return libmshv_fail(EFAULT,
					    "guest memory: the guest has none there");
		addr = region->addr + (gpa - region->gpa);
		if (what == READ)
			memcpy(buf, addr, n);
		if (what == WRITE)
			memcpy(addr, buf, n);
		if (what == WRITE || what == MARK)
			libmshv_dirty_mark(region, gpa, n);
		if (buf)
			buf += n;
	}
	return 0;
}

static int all_or_nothing(const struct mshv_memory *memory, uint64_t gpa,
			  char *buf, uint64_t size_bytes, enum what what)
{
	int ret;

	if (!memory || (!buf && size_bytes && what != MARK))
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	libmshv_memory_lock(memory);
	ret = each_piece(memory, gpa, NULL, size_bytes, LOOK);
	if (!ret)
		each_piece(memory, gpa, buf, size_bytes, what);
	libmshv_memory_unlock(memory);
	return ret;
}

int mshv_memory_read(const struct mshv_memory *memory, uint64_t gpa, void *buf,
		     uint64_t size_bytes)
{
	return all_or_nothing(memory, gpa, buf, size_bytes, READ);
}

int mshv_memory_write(const struct mshv_memory *memory, uint64_t gpa,
		      const void *buf, uint64_t size_bytes)
{
	return all_or_nothing(memory, gpa, (char *)(uintptr_t)buf, size_bytes,
			      WRITE);
}

int mshv_memory_mark_dirty(const struct mshv_memory *memory, uint64_t gpa,
			   uint64_t size_bytes)
{
	return all_or_nothing(memory, gpa, NULL, size_bytes, MARK);
}
