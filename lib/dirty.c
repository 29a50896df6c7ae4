// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The log of written pages. See <mshv/memory.h>.
 *
 * What MSHV_GET_GPAP_ACCESS_BITMAP does wrong (Linux 7.2), and what is done
 * about it:
 *
 * - MSHV_GPAP_ACCESS_OP_NOOP marks the pages as dirty. Looking goes through
 *   HVCALL_GET_GPA_PAGES_ACCESS_STATES with no flags instead.
 * - It counts pages in 32 bits and allocates a byte for each with its lock
 *   held: it is asked for 65536 at a time.
 * - It fills the bits behind the last page with something. They are cut off.
 * - It clears first and delivers then: in several hypercalls, of which the last
 *   may fail, and the copy to the process may, too. Nobody knows any more which
 *   pages were dirty, so all of that batch count as such.
 *
 * And the hypervisor sees no write that doesn't come from the guest. Of these
 * each region has a bitmap of its own, in which bits are set whether there is a
 * log or not: a log begins with all pages dirty. To set the hypervisor's bits
 * would take a system call for each write, which could fail when the write has
 * been done.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/memory.h>

#include "internal.h"

#define BATCH_PAGES	65536
#define BATCH_WORDS	(BATCH_PAGES / 64)
/* A multiple of 64 that fits one hypercall. */
#define LOOK_PAGES	4032
#define DIRTY		2	/* hv_gpa_page_access_state.dirty */
#define PAGE_MASK	(MSHV_HV_PAGE_SIZE - 1ULL)
#define FLAGS		(LIBMSHV_DIRTY_CLEAR | LIBMSHV_DIRTY_MERGE)

static int tracking(struct mshv_partition *partition, bool on)
{
	return mshv_partition_set_property(partition,
			HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, on);
}

int mshv_partition_start_dirty_log(struct mshv_partition *partition)
{
	return tracking(partition, true);
}

/* Into the caller's bitmap: only the bits that stand for pages. */
static void store(uint64_t *bitmap, const uint64_t *found, size_t pages,
		  bool merge)
{
	size_t words = pages / 64, i;
	uint64_t mask;

	for (i = 0; i < words; i++)
		bitmap[i] = merge ? bitmap[i] | found[i] : found[i];
	if (!(pages % 64))
		return;
	mask = (1ULL << pages % 64) - 1;
	bitmap[i] = (bitmap[i] & (merge ? ~0ULL : ~mask)) | (found[i] & mask);
}

static int change(int fd, uint8_t op, uint64_t gfn, size_t pages,
		  uint64_t *found)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = op,
		.page_count = pages,
		.gpap_base = gfn,
		.bitmap_ptr = (uintptr_t)found,
	};

	/* The kernel writes whole bytes, and perhaps fewer than these. */
	memset(found, 0, (pages + 63) / 64 * 8);
	return mshv_ioctl_get_gpap_access_bitmap(fd, &args);
}

static int look(int fd, uint64_t gfn, size_t pages, uint64_t *found)
{
	uint8_t states[LOOK_PAGES];
	size_t i;
	int ret;

	ret = mshv_hvcall_get_gpa_pages_access_states(fd, 0, gfn, states, pages);
	if (ret)
		return ret;
	memset(found, 0, (pages + 63) / 64 * 8);
	for (i = 0; i < pages; i++)
		if (states[i] & DIRTY)
			found[i / 64] |= 1ULL << i % 64;
	return 0;
}

/* The bits of a word that stand for @first to @last. */
static uint64_t mask_of(uint64_t word, uint64_t first, uint64_t last)
{
	uint64_t mask = ~0ULL;

	if (word == first / 64)
		mask &= ~0ULL << first % 64;
	if (word == last / 64)
		mask &= ~0ULL >> (63 - last % 64);
	return mask;
}

/* Who finds the bit finds what was written before it. */
void libmshv_dirty_mark(const struct libmshv_region *region, uint64_t gpa,
			uint64_t size_bytes)
{
	uint64_t first = (gpa - region->gpa) / MSHV_HV_PAGE_SIZE, word;
	uint64_t last = (gpa - region->gpa + (size_bytes - 1)) /
			MSHV_HV_PAGE_SIZE;

	for (word = first / 64; word <= last / 64; word++)
		atomic_fetch_or_explicit(&region->written[word],
					 mask_of(word, first, last),
					 memory_order_release);
}

/* Of the bits that are @from to @to in @region; the first is @at in @found. */
static void take_bits(const struct libmshv_region *region, uint64_t from,
		      uint64_t to, uint64_t at, bool clear, uint64_t *found)
{
	uint64_t word, mask, bits, to_bit;

	for (word = from / 64; word <= to / 64; word++) {
		mask = mask_of(word, from, to);
		bits = atomic_load_explicit(&region->written[word],
					    memory_order_acquire) & mask;
		/* Most are 0, and memory that nobody has touched stays so. */
		if (bits && clear)
			bits = mask & atomic_fetch_and_explicit(
				&region->written[word], ~mask,
				memory_order_acquire);
		for (; bits; bits &= bits - 1) {
			to_bit = word * 64 + (uint64_t)__builtin_ctzll(bits) -
				 from + at;
			found[to_bit / 64] |= 1ULL << to_bit % 64;
		}
	}
}

static void add_written(const struct mshv_memory *memory, uint64_t gfn,
			uint64_t pages, bool clear, uint64_t *found)
{
	uint64_t last = gfn + pages - 1, begin, from, to;
	const struct libmshv_region *region;
	size_t i = libmshv_region_find(memory, gfn * MSHV_HV_PAGE_SIZE);

	for (; i < memory->count; i++) {
		region = &memory->regions[i];
		begin = region->gpa / MSHV_HV_PAGE_SIZE;
		if (begin > last)
			return;
		from = begin > gfn ? begin : gfn;
		to = region->last / MSHV_HV_PAGE_SIZE;
		to = to < last ? to : last;
		take_bits(region, from - begin, to - begin, from - gfn, clear,
			  found);
	}
}

static void add_all_written(struct mshv_partition *partition, uint64_t gfn,
			    uint64_t pages, bool clear, uint64_t *found)
{
	const struct mshv_memory *memory;

	pthread_mutex_lock(&partition->lock);
	for (memory = partition->memories; memory; memory = memory->next) {
		libmshv_memory_lock(memory);
		add_written(memory, gfn, pages, clear, found);
		libmshv_memory_unlock(memory);
	}
	pthread_mutex_unlock(&partition->lock);
}

int mshv_partition_get_dirty_log(struct mshv_partition *partition,
				 uint64_t gpa, uint64_t size_bytes,
				 uint64_t *bitmap, uint32_t flags)
{
	uint64_t found[BATCH_WORDS];
	uint64_t gfn = gpa / MSHV_HV_PAGE_SIZE;
	uint64_t left = size_bytes / MSHV_HV_PAGE_SIZE;
	bool clear = flags & LIBMSHV_DIRTY_CLEAR;
	size_t pages;
	int ret;

	if (!partition || (!bitmap && size_bytes))
		return libmshv_fail(EINVAL, "dirty log: NULL argument");
	if ((gpa | size_bytes) & PAGE_MASK)
		return libmshv_fail(EINVAL, "dirty log: not whole pages");
	if (size_bytes && gpa + (size_bytes - 1) < gpa)
		return libmshv_fail(EINVAL, "dirty log: range wraps around");
	if (flags & ~FLAGS)
		return libmshv_fail(EINVAL, "dirty log: unknown flags");

	for (; left; left -= pages, gfn += pages, bitmap += pages / 64) {
		pages = libmshv_min(left, clear ? BATCH_PAGES : LOOK_PAGES);
		ret = clear ? change(partition->fd, MSHV_GPAP_ACCESS_OP_CLEAR,
				     gfn, pages, found) :
			      look(partition->fd, gfn, pages, found);
		if (ret && !clear)
			return ret;
		if (ret)
			memset(found, 0xff, sizeof(found));
		else
			add_all_written(partition, gfn, pages, clear, found);
		store(bitmap, found, pages, flags & LIBMSHV_DIRTY_MERGE);
		if (ret)
			return ret;
	}
	return 0;
}

static int set_dirty(const struct mshv_memory *memory,
		     const struct libmshv_region *region)
{
	uint64_t found[BATCH_WORDS];
	uint64_t gfn = region->gpa / MSHV_HV_PAGE_SIZE;
	uint64_t left = region->last / MSHV_HV_PAGE_SIZE - gfn + 1;
	size_t pages;
	int ret;

	for (; left; left -= pages, gfn += pages) {
		pages = libmshv_min(left, BATCH_PAGES);
		ret = change(memory->partition->fd, MSHV_GPAP_ACCESS_OP_SET,
			     gfn, pages, found);
		if (ret)
			return ret;
	}
	return 0;
}

static int set_all_dirty(const struct mshv_memory *memory)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < memory->count && !ret; i++)
		ret = set_dirty(memory, &memory->regions[i]);
	return ret;
}

int mshv_memory_stop_dirty_log(struct mshv_memory *memory)
{
	int ret;

	if (!memory)
		return libmshv_fail(EINVAL, "dirty log: NULL argument");
	/* The table stays as it is, but others may look at it. */
	pthread_mutex_lock(&memory->change);
	ret = set_all_dirty(memory);
	ret = ret ? ret : tracking(memory->partition, false);
	pthread_mutex_unlock(&memory->change);
	return ret;
}
