// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Guest memory: the registry, and the log of written pages. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <mshv/memory.h>

#include "fake.h"

#define PAGE	4096ull
#define PAGES	140000

/*
 * A driver with its quirks: it marks pages as dirty for NOOP, leaves garbage in
 * the last byte of a bitmap, and won't stop while a page is clean.
 */
static uint8_t dirty[PAGES];
static bool tracking;
static unsigned int largest, calls;
static int fail_at;		/* which ioctl fails with EIO; 0: none */
static uint64_t hole;		/* a page without memory; 0: none */

static int bitmap_ioctl(const struct mshv_gpap_access_bitmap *args)
{
	uint8_t *bits = (uint8_t *)(uintptr_t)args->bitmap_ptr;
	uint64_t i;

	assert_int_equal(args->access_type, MSHV_GPAP_ACCESS_TYPE_DIRTY);
	assert_true(args->page_count && args->gpap_base + args->page_count <= PAGES);
	if (args->page_count > largest)
		largest = (unsigned int)args->page_count;
	memset(bits, 0xff, (args->page_count + 7) / 8);
	for (i = 0; i < args->page_count; i++) {
		uint8_t *page = &dirty[args->gpap_base + i];

		/* what was changed stays so, and nothing is delivered */
		if (hole && args->gpap_base + i == hole) {
			memset(bits, 0, (args->page_count + 7) / 8);
			errno = EINVAL;
			return -1;
		}
		if (!*page)
			bits[i / 8] &= (uint8_t)~(1 << i % 8);
		*page = args->access_op != MSHV_GPAP_ACCESS_OP_CLEAR;
	}
	return 0;
}

static int hvcall(struct mshv_root_hvcall *args)
{
	const struct hv_input_get_gpa_pages_access_state *in =
		(const void *)(uintptr_t)args->in_ptr;
	const struct hv_input_set_partition_property *property =
		(const void *)(uintptr_t)args->in_ptr;
	uint8_t *states = (uint8_t *)(uintptr_t)args->out_ptr;
	uint16_t i;

	if (args->code == HVCALL_SET_PARTITION_PROPERTY) {
		assert_int_equal(property->property_code,
				 HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING);
		if (!property->property_value && memchr(dirty, 0, PAGES)) {
			args->status = HV_STATUS_OPERATION_DENIED;
			errno = EIO;
			return -1;
		}
		tracking = property->property_value;
		memset(dirty, 1, PAGES);
		return 0;
	}
	assert_int_equal(args->code, HVCALL_GET_GPA_PAGES_ACCESS_STATES);
	assert_int_equal(in->flags.as_uint64, 0);
	assert_true(args->reps <= 4095 && args->out_sz == args->reps);
	for (i = 0; i < args->reps; i++)	/* and accessed, which isn't asked */
		states[i] = (uint8_t)(dirty[in->hv_gpa_page_number + i] << 1 | 1);
	return 0;
}

static int driver(int fd, uint32_t request, void *arg)
{
	(void)fd;
	if (fail_at && ++calls == (unsigned int)fail_at) {
		errno = EIO;
		return -1;
	}
	if (request == MSHV_GET_GPAP_ACCESS_BITMAP)
		return bitmap_ioctl(arg);
	if (request == MSHV_ROOT_HVCALL)
		return hvcall(arg);
	assert_int_equal(request, MSHV_SET_GUEST_MEMORY);
	return 0;
}

static struct mshv_partition *partition;
static struct mshv_memory *memory;
static int fd;

static int setup(void **state)
{
	fake_reset(state);
	fake_instead = driver;
	tracking = false;
	largest = calls = 0;
	fail_at = 0;
	hole = 0;
	memset(dirty, 1, PAGES);
	fd = fake_no_page_fd();
	assert_works(mshv_partition_from_fd(NULL, fd, &partition));
	assert_works(mshv_memory_create(partition, &memory));
	return 0;
}

static int teardown(void **state)
{
	mshv_partition_close(partition);
	assert_true(fake_fd_open(fd));
	errno = EXDEV;
	mshv_memory_close(memory);
	assert_int_equal(errno, EXDEV);
	assert_false(fake_fd_open(fd));
	fake_instead = NULL;
	return fake_done(state);
}

#define memory_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Two regions that touch, one apart, one at the end of all addresses. */
static _Alignas(4096) char low[2 * 4096], mid[4096], far[4096], end[4096];
#define FAR	(16 * PAGE)
#define END	(0 - PAGE)

static void map_all(void)
{
	assert_works(mshv_memory_map(memory, FAR, far, PAGE, 0));
	assert_works(mshv_memory_map(memory, END, end, PAGE, 0));
	assert_works(mshv_memory_map(memory, PAGE, low, 2 * PAGE, 0));
	assert_works(mshv_memory_map(memory, 3 * PAGE, mid, PAGE, 0));
}

static void addresses(void **state)
{
	uint64_t gpa = 1;
	void *addr;

	(void)state;
	assert_fails(mshv_memory_to_host(memory, PAGE, 1, &addr), EFAULT);
	map_all();
	assert_works(mshv_memory_to_host(memory, PAGE + 5, 2 * PAGE - 5, &addr));
	assert_ptr_equal(addr, low + 5);
	assert_fails(mshv_memory_to_host(memory, PAGE + 5, 2 * PAGE - 4, &addr), EFAULT);
	assert_null(addr);
	assert_works(mshv_memory_to_host(memory, ~0ULL, 1, &addr));
	assert_ptr_equal(addr, end + 4095);
	assert_fails(mshv_memory_to_host(memory, ~0ULL, 2, &addr), EFAULT);
	assert_fails(mshv_memory_to_host(memory, 0, 1, &addr), EFAULT);
	assert_fails(mshv_memory_to_host(memory, 4 * PAGE, 1, &addr), EFAULT);
	assert_fails(mshv_memory_to_host(memory, PAGE, 0, &addr), EINVAL);
	assert_fails(mshv_memory_to_host(memory, PAGE, ~0ULL, &addr), EFAULT);
	assert_fails(mshv_memory_to_host(memory, PAGE, 1, NULL), EINVAL);
	assert_fails(mshv_memory_to_host(NULL, PAGE, 1, &addr), EINVAL);

	assert_works(mshv_memory_to_guest(memory, mid + 4095, &gpa));
	assert_int_equal(gpa, 4 * PAGE - 1);
	assert_works(mshv_memory_to_guest(memory, end, &gpa));
	assert_true(gpa == END);
	assert_fails(mshv_memory_to_guest(memory, &gpa, &gpa), EFAULT);
	assert_fails(mshv_memory_to_guest(memory, NULL, &gpa), EFAULT);
	assert_fails(mshv_memory_to_guest(memory, low, NULL), EINVAL);
	assert_fails(mshv_memory_to_guest(NULL, low, &gpa), EINVAL);
}

static void read_and_write(void **state)
{
	char in[3 * 4096], out[3 * 4096];
	size_t i;

	(void)state;
	map_all();
	for (i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7 + i / 256);
	assert_works(mshv_memory_write(memory, PAGE, in, sizeof(in)));
	assert_memory_equal(low, in, sizeof(low));
	assert_memory_equal(mid, in + sizeof(low), sizeof(mid));
	memset(out, 0, sizeof(out));
	assert_works(mshv_memory_read(memory, PAGE + 3, out, 3 * PAGE - 3));
	assert_memory_equal(out, in + 3, sizeof(in) - 3);
	assert_works(mshv_memory_write(memory, ~0ULL - 1, "xy", 2));
	assert_memory_equal(end + 4094, "xy", 2);

	/* all or nothing */
	memset(out, 0x5a, sizeof(out));
	assert_fails(mshv_memory_read(memory, 3 * PAGE, out, PAGE + 1), EFAULT);
	for (i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 0x5a);
	assert_fails(mshv_memory_write(memory, 3 * PAGE, out, PAGE + 1), EFAULT);
	assert_memory_equal(mid, in + sizeof(low), sizeof(mid));
	assert_fails(mshv_memory_write(memory, ~0ULL - 1, in, 3), EFAULT);
	assert_fails(mshv_memory_read(memory, 0, out, 1), EFAULT);
	assert_works(mshv_memory_read(memory, 0, NULL, 0));
	assert_fails(mshv_memory_read(memory, PAGE, NULL, 1), EINVAL);
	assert_fails(mshv_memory_read(NULL, PAGE, out, 1), EINVAL);
	assert_fails(mshv_memory_write(NULL, PAGE, out, 1), EINVAL);
}

static void unmap(void **state)
{
	void *addr;

	(void)state;
	assert_fails(mshv_memory_unmap(memory, PAGE), ENOENT);
	map_all();
	assert_fails(mshv_memory_unmap(memory, 2 * PAGE), ENOENT);
	fail_at = 1;
	assert_fails(mshv_memory_unmap(memory, PAGE), EIO);
	assert_works(mshv_memory_to_host(memory, PAGE, 1, &addr));
	assert_works(mshv_memory_unmap(memory, PAGE));
	assert_fails(mshv_memory_to_host(memory, PAGE, 1, &addr), EFAULT);
	assert_works(mshv_memory_to_host(memory, 3 * PAGE, 1, &addr));
	assert_works(mshv_memory_unmap(memory, END));
	assert_fails(mshv_memory_unmap(NULL, PAGE), EINVAL);
}

static void failed_map(void **state)
{
	struct mshv_memory *other = (void *)1;
	void *addr;
	uint64_t i;

	(void)state;
	fake_fail_alloc(1);
	assert_fails(mshv_memory_map(memory, PAGE, low, PAGE, 0), ENOMEM);
	/* there is room now, but not for the bitmap */
	fake_fail_alloc(1);
	assert_fails(mshv_memory_map(memory, PAGE, low, PAGE, 0), ENOMEM);
	assert_fails(mshv_memory_map(memory, PAGE, low, ~0ull, 0), EINVAL);
	fail_at = 1;
	assert_fails(mshv_memory_map(memory, PAGE, low, PAGE, 0), EIO);
	assert_fails(mshv_memory_to_host(memory, PAGE, 1, &addr), EFAULT);
	assert_fails(mshv_memory_map(memory, 1, low, PAGE, 0), EINVAL);
	assert_fails(mshv_memory_map(NULL, PAGE, low, PAGE, 0), EINVAL);
	for (i = 20; i; i--)
		assert_works(mshv_memory_map(memory, i * PAGE, low, PAGE, 0));
	for (i = 20; i; i--)
		assert_works(mshv_memory_to_host(memory, i * PAGE, PAGE, &addr));

	assert_fails(mshv_memory_create(NULL, &other), EINVAL);
	assert_null(other);
	assert_fails(mshv_memory_create(partition, NULL), EINVAL);
	fake_fail_alloc(1);
	assert_fails(mshv_memory_create(partition, &other), ENOMEM);
	mshv_memory_close(NULL);
}

/*
 * Memory comes and goes, the table grows, while others read what stays. What is
 * wrong with that shows with the thread sanitizer.
 */
#define ROUNDS	200
#define MORE	20

static atomic_bool changing;

struct reader {
	pthread_t thread;
	uint64_t own;		/* page offset, for this thread alone */
	unsigned int odd;
};

static void *reader(void *arg)
{
	struct reader *r = arg;
	char byte = 0;
	uint64_t gpa;
	void *addr;

	while (atomic_load(&changing)) {
		r->odd += mshv_memory_read(memory, FAR + 7, &byte, 1) ||
			  byte != 'r';
		r->odd += mshv_memory_write(memory, FAR + r->own, "w", 1) != 0;
		r->odd += mshv_memory_to_host(memory, FAR, PAGE, &addr) ||
			  addr != far;
		r->odd += mshv_memory_to_guest(memory, far + 9, &gpa) ||
			  gpa != FAR + 9;
		/* comes and goes */
		r->odd += !mshv_memory_read(memory, PAGE, &byte, 1) &&
			  byte != 'l';
	}
	return NULL;
}

static void threads(void **state)
{
	struct mshv_memory *first = memory;
	struct reader readers[2] = { { .own = 3000 }, { .own = 3001 } };
	uint64_t i, round;

	(void)state;
	memset(far, 'r', PAGE / 2);
	memset(low, 'l', sizeof(low));
	for (round = 0; round < ROUNDS; round++) {
		/* a new one each time: its table grows */
		assert_works(mshv_memory_create(partition, &memory));
		assert_works(mshv_memory_map(memory, FAR, far, PAGE, 0));
		atomic_store(&changing, true);
		for (i = 0; i < 2; i++)
			assert_int_equal(pthread_create(&readers[i].thread, NULL,
							reader, &readers[i]), 0);
		for (i = 1; i < MORE; i++)
			if (i * PAGE != FAR)
				assert_works(mshv_memory_map(memory, i * PAGE,
							     low, PAGE, 0));
		for (i = 1; i < MORE; i++)
			if (i * PAGE != FAR)
				assert_works(mshv_memory_unmap(memory, i * PAGE));
		atomic_store(&changing, false);
		for (i = 0; i < 2; i++)
			assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		mshv_memory_close(memory);
	}
	memory = first;
	assert_int_equal(readers[0].odd, 0);
	assert_int_equal(readers[1].odd, 0);
}

static bool bit(const uint64_t *bitmap, size_t i)
{
	return bitmap[i / 64] >> i % 64 & 1;
}

static uint64_t bitmap[PAGES / 64 + 1];

/* Every size around the edges of words and batches, both ways of reading. */
static void log_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 7, 8, 63, 64, 65, 4031, 4032, 4033,
		4095, 4097, 65535, 65536, 65537, 131072, 131079 };
	size_t i, k, n, first = 5;
	uint32_t flags;

	(void)state;
	assert_works(mshv_partition_start_dirty_log(partition));
	assert_true(tracking);
	for (flags = 0; flags <= LIBMSHV_DIRTY_CLEAR; flags += LIBMSHV_DIRTY_CLEAR)
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			n = sizes[k];
			for (i = 0; i < PAGES; i++)
				dirty[i] = i % 3 == 0;
			memset(bitmap, 0xff, sizeof(bitmap));
			assert_works(mshv_partition_get_dirty_log(partition,
				first * PAGE, n * PAGE, bitmap, flags));
			for (i = 0; i < n; i++)
				if (bit(bitmap, i) != ((i + first) % 3 == 0))
					fail_msg("page %zu of %zu", i, n);
			/* not a bit further */
			for (; i < (n + 63) / 64 * 64 + 64; i++)
				assert_true(bit(bitmap, i));
			for (i = 0; i < PAGES; i++) {
				bool inside = flags && i >= first && i < first + n;

				if (dirty[i] != (i % 3 == 0 && !inside))
					fail_msg("page %zu changed", i);
			}
		}
	assert_int_equal(largest, 65536);
}

static void log_merges(void **state)
{
	uint64_t map[2] = { 1, 1ULL << 63 };

	(void)state;
	memset(dirty, 0, PAGES);
	dirty[3] = dirty[66] = 1;
	assert_works(mshv_partition_get_dirty_log(partition, 0, 70 * PAGE, map,
			LIBMSHV_DIRTY_MERGE | LIBMSHV_DIRTY_CLEAR));
	assert_true(map[0] == 9);
	assert_true(map[1] == (1ULL << 63 | 4));
	assert_int_equal(dirty[3], 0);
}

/* Reads the log of the first 70 pages and clears it. */
static void read_log(uint64_t *map)
{
	memset(map, 0, 16);
	assert_works(mshv_partition_get_dirty_log(partition, 0, 70 * PAGE, map,
						  LIBMSHV_DIRTY_CLEAR));
}

/* The hypervisor sees no write of the VMM: these are noted by the registries. */
static void own_writes(void **state)
{
	static _Alignas(4096) char more[4096];
	struct mshv_memory *other;
	uint64_t map[2], i;

	(void)state;
	map_all();
	assert_works(mshv_memory_create(partition, &other));
	assert_works(mshv_memory_map(other, 69 * PAGE, more, PAGE, 0));
	memset(dirty, 0, PAGES);

	/* two pages of one region, and the next region */
	assert_works(mshv_memory_write(memory, 3 * PAGE - 1, "xyz", 2));
	assert_works(mshv_memory_write(other, 70 * PAGE - 1, "x", 1));
	dirty[5] = 1;
	/* looking leaves them */
	for (i = 0; i < 2; i++) {
		memset(map, 0, sizeof(map));
		assert_works(mshv_partition_get_dirty_log(partition, 0,
							  70 * PAGE, map, 0));
		assert_true(map[0] == (1 << 2 | 1 << 3 | 1 << 5));
		assert_true(map[1] == 1 << 5);
	}
	read_log(map);
	assert_true(map[0] == (1 << 2 | 1 << 3 | 1 << 5));
	assert_true(map[1] == 1 << 5);
	read_log(map);
	assert_int_equal(map[0] | map[1], 0);

	/* a part of the log clears that part; it begins inside of a region */
	assert_works(mshv_memory_mark_dirty(memory, PAGE + 1, 3 * PAGE - 1));
	assert_works(mshv_memory_mark_dirty(memory, FAR + 4095, 1));
	assert_works(mshv_partition_get_dirty_log(partition, 2 * PAGE, PAGE, map,
						  LIBMSHV_DIRTY_CLEAR));
	assert_true((map[0] & 1) == 1);
	read_log(map);
	assert_true(map[0] == (1 << 1 | 1 << 3 | 1 << 16));

	/* all or nothing; and what only is read */
	assert_fails(mshv_memory_mark_dirty(memory, 3 * PAGE, PAGE + 1), EFAULT);
	assert_fails(mshv_memory_write(memory, 3 * PAGE, bitmap, PAGE + 1), EFAULT);
	assert_works(mshv_memory_read(memory, 3 * PAGE, map, 8));
	assert_works(mshv_memory_mark_dirty(memory, 3 * PAGE, 0));
	read_log(map);
	assert_int_equal(map[0] | map[1], 0);
	assert_fails(mshv_memory_mark_dirty(NULL, PAGE, 1), EINVAL);

	/* a call that fails takes none away */
	assert_works(mshv_memory_mark_dirty(memory, PAGE, 1));
	fail_at = 1;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, 70 * PAGE, map,
						  LIBMSHV_DIRTY_CLEAR), EIO);
	read_log(map);
	assert_true(map[0] == 1 << 1);

	/* gone with its mapping, or with its registry */
	assert_works(mshv_memory_mark_dirty(memory, PAGE, PAGE));
	assert_works(mshv_memory_unmap(memory, PAGE));
	assert_works(mshv_memory_map(memory, PAGE, low, 2 * PAGE, 0));
	assert_works(mshv_memory_mark_dirty(other, 69 * PAGE, 1));
	mshv_memory_close(other);
	read_log(map);
	assert_int_equal(map[0] | map[1], 0);
}

/* Every bit of large regions, in a log whose words lie elsewhere. */
static void own_writes_of_any_size(void **state)
{
	static const struct {
		uint64_t first, pages;
	} marks[] = {
		{ 3, 1 }, { 66, 1 }, { 67, 1 }, { 3, 64 }, { 4, 63 }, { 3, 65 },
		{ 60, 200 }, { 3, 70000 }, { 70002, 1 }, { 70002, 2 },
		{ 70003, 69997 - 3 }, { 65539, 1 }, { 65530, 20 },
	};
	uint64_t i, k, from = 1;

	(void)state;
	/* nobody touches their bytes here */
	assert_works(mshv_memory_map(memory, 3 * PAGE, low, 70000 * PAGE, 0));
	assert_works(mshv_memory_map(memory, 70003 * PAGE, low,
				     (PAGES - 70003) * PAGE, 0));
	memset(dirty, 0, PAGES);
	for (k = 0; k < ARRAY_SIZE(marks); k++) {
		assert_works(mshv_memory_mark_dirty(memory, marks[k].first * PAGE,
						    marks[k].pages * PAGE));
		memset(bitmap, 0, sizeof(bitmap));
		assert_works(mshv_partition_get_dirty_log(partition, from * PAGE,
				(PAGES - from) * PAGE, bitmap,
				LIBMSHV_DIRTY_CLEAR));
		for (i = from; i < PAGES; i++)
			if (bit(bitmap, i - from) !=
			    (i >= marks[k].first &&
			     i - marks[k].first < marks[k].pages))
				fail_msg("%u: page %u", (unsigned int)k,
					 (unsigned int)i);
	}
}

/* One writes and marks, the other clears and copies: nothing is lost. */
static atomic_uint written;

static void *writer(void *arg)
{
	unsigned int *failed = arg;
	uint32_t i;

	for (i = 1; i <= 20000; i++) {
		*failed |= mshv_memory_write(memory, PAGE, &i, sizeof(i)) != 0;
		atomic_store(&written, i);
	}
	return NULL;
}

/*
 * Copies a page while it is written, as a migration does. The thread sanitizer
 * need not be told that: if the page changes, it is copied once more.
 */
__attribute__((noinline, no_sanitize("thread")))
static uint32_t copy_of_low(void)
{
	return *(volatile uint32_t *)(void *)low;
}

static void own_writes_of_a_thread(void **state)
{
	unsigned int failed = 0;
	uint32_t copied = 0, before;
	uint64_t map[2];
	pthread_t thread;

	(void)state;
	map_all();
	memset(dirty, 0, PAGES);
	atomic_store(&written, 0);
	read_log(map);
	assert_int_equal(pthread_create(&thread, NULL, writer, &failed), 0);
	do {
		before = atomic_load(&written);
		read_log(map);
		if (map[0] & 1 << 1)
			copied = copy_of_low();
		if (copied < before)
			break;
	} while (before < 20000);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(failed, 0);
	assert_true(copied >= before);
	read_log(map);
	if (map[0] & 1 << 1)
		copied = copy_of_low();
	assert_int_equal(copied, 20000);
}

/* What was cleared and not delivered isn't lost. */
static void log_fails(void **state)
{
	const size_t first = 65536, behind = 2 * first;
	size_t i;

	(void)state;
	hole = first + 30000;
	for (i = 0; i < PAGES; i++)
		dirty[i] = i % 3 == 0;
	memset(bitmap, 0, sizeof(bitmap));
	bitmap[behind / 64] = 0x5a;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, PAGES * PAGE,
			bitmap, LIBMSHV_DIRTY_CLEAR), EINVAL);
	for (i = 0; i < PAGES; i++) {
		bool expected = i < first ? i % 3 == 0 : i < behind;

		if (i < behind && bit(bitmap, i) != expected)
			fail_msg("page %zu in the bitmap", i);
		if (i % 3 == 0 && !dirty[i] && !bit(bitmap, i))
			fail_msg("page %zu was lost", i);
	}
	assert_int_equal(dirty[first + 2], 0);
	assert_true(bitmap[behind / 64] == 0x5a);

	/* nothing was changed, nothing is claimed */
	memset(bitmap, 0, sizeof(bitmap));
	hole = 0;
	calls = 0;
	fail_at = 1;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, 70 * PAGE, bitmap,
						  LIBMSHV_DIRTY_MERGE), EIO);
	assert_int_equal(bitmap[0] | bitmap[1], 0);
	/* not a bit further than the batch, which is shorter here */
	calls = 0;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, 70 * PAGE, bitmap,
			LIBMSHV_DIRTY_MERGE | LIBMSHV_DIRTY_CLEAR), EIO);
	assert_true(bitmap[0] == ~0ull);
	assert_true(bitmap[1] == 63);
}

static void stop(void **state)
{
	uint64_t map[1];

	(void)state;
	assert_works(mshv_memory_map(memory, 0, low, 2 * PAGE, 0));
	/* a region of more than a batch; nobody touches its bytes here */
	assert_works(mshv_memory_map(memory, 2 * PAGE, low, 70000 * PAGE, 0));
	assert_works(mshv_partition_start_dirty_log(partition));
	assert_works(mshv_partition_get_dirty_log(partition, 0, 64 * PAGE, map,
						  LIBMSHV_DIRTY_CLEAR));
	dirty[70001] = 0;
	assert_works(mshv_memory_stop_dirty_log(memory));
	assert_false(tracking);

	assert_works(mshv_partition_start_dirty_log(partition));
	dirty[1] = 0;
	for (fail_at = 1; fail_at <= 4; fail_at++) {
		calls = 0;
		assert_fails(mshv_memory_stop_dirty_log(memory), EIO);
		assert_true(tracking);
	}
	fail_at = 0;
	assert_works(mshv_memory_stop_dirty_log(memory));
	assert_fails(mshv_memory_stop_dirty_log(NULL), EINVAL);
}

static void refused_log(void **state)
{
	uint64_t map[2];

	(void)state;
	assert_works(mshv_partition_get_dirty_log(partition, 0, 0, NULL, 0));
	assert_fails(mshv_partition_get_dirty_log(NULL, 0, PAGE, map, 0), EINVAL);
	assert_fails(mshv_partition_get_dirty_log(partition, 0, PAGE, NULL, 0), EINVAL);
	assert_fails(mshv_partition_get_dirty_log(partition, 1, PAGE, map, 0), EINVAL);
	assert_fails(mshv_partition_get_dirty_log(partition, 0, 1, map, 0), EINVAL);
	assert_fails(mshv_partition_get_dirty_log(partition, 0, PAGE, map, 4), EINVAL);
	assert_fails(mshv_partition_get_dirty_log(partition, END, 2 * PAGE, map, 0), EINVAL);
	assert_fails(mshv_partition_start_dirty_log(NULL), EINVAL);
	fail_at = 1;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, PAGE, map, 0), EIO);
	calls = 0;
	assert_fails(mshv_partition_get_dirty_log(partition, 0, PAGE, map, 1), EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		memory_test(addresses),
		memory_test(read_and_write),
		memory_test(unmap),
		memory_test(failed_map),
		memory_test(threads),
		memory_test(log_of_any_size),
		memory_test(log_merges),
		memory_test(log_fails),
		memory_test(own_writes),
		memory_test(own_writes_of_any_size),
		memory_test(own_writes_of_a_thread),
		memory_test(stop),
		memory_test(refused_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
