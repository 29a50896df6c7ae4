// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The registry of guest memory against a model: 64 pages of guest, of which
 * each is nowhere or at some page of the host. And the dirty log.
 */
#include "config.h"

#include "fuzz.h"

#define PAGES		64
#define PAGE		((uint64_t)MSHV_HV_PAGE_SIZE)
/* The same at both ends of the address space. */
#define HIGH		(0 - PAGES * PAGE)

static _Alignas(4096) char host[PAGES * MSHV_HV_PAGE_SIZE];
static int where[PAGES];	/* the page of host[], or -1 */
static int length[PAGES];	/* of the region that begins here, or 0 */
static uint64_t base;

static bool is_free(unsigned int page, unsigned int n)
{
	for (; n; n--)
		if (where[page++] >= 0)
			return false;
	return true;
}

static void map(struct mshv_memory *memory)
{
	unsigned int i, page = fuzz_u8() % PAGES, to = fuzz_u8() % PAGES;
	unsigned int n = fuzz_u8() % 8 + 1;

	/* The kernel, too, refuses what overlaps. */
	if (page + n > PAGES || to + n > PAGES || !is_free(page, n))
		return;
	if (checked(mshv_memory_map(memory, base + page * PAGE,
				    host + to * PAGE, n * PAGE, 0)))
		return;
	length[page] = (int)n;
	for (i = 0; i < n; i++)
		where[page + i] = (int)(to + i);
}

static void unmap(struct mshv_memory *memory)
{
	unsigned int i, page = fuzz_u8() % PAGES;
	int ret = checked(mshv_memory_unmap(memory, base + page * PAGE));

	check(length[page] || ret == -ENOENT);
	if (ret)
		return;
	for (i = 0; i < (unsigned int)length[page]; i++)
		where[page + i] = -1;
	length[page] = 0;
}

/* The byte of host[] that is at this place of the guest; NULL if none is. */
static char *at(uint64_t gpa)
{
	uint64_t page = (gpa - base) / PAGE;

	if (page >= PAGES || where[page] < 0)
		return NULL;
	return host + (uint64_t)where[page] * PAGE + gpa % PAGE;
}

static void access_memory(struct mshv_memory *memory, uint8_t what)
{
	static char buf[8 * MSHV_HV_PAGE_SIZE];
	uint64_t i, gpa = base + fuzz_u32() % (PAGES * PAGE);
	uint64_t size = fuzz_u16() % sizeof(buf);
	bool there = true;
	int ret;

	for (i = 0; i < size; i++)
		/* not around the end of all addresses */
		there = there && gpa + i >= gpa && at(gpa + i);
	memset(buf, fuzz_u8(), sizeof(buf));
	if (what & 2)
		ret = mshv_memory_mark_dirty(memory, gpa, size);
	else if (what & 1)
		ret = mshv_memory_write(memory, gpa, buf, size);
	else
		ret = mshv_memory_read(memory, gpa, buf, size);
	check(checked(ret) == (there ? 0 : -EFAULT));
	if (!ret && size && !(what & 2))
		check(buf[size - 1] == *at(gpa + size - 1));
}

static void translate(struct mshv_memory *memory)
{
	uint64_t gpa = base + fuzz_u32() % (PAGES * PAGE);
	uint64_t back;
	void *addr;

	if (mshv_memory_to_host(memory, gpa, 1, &addr)) {
		check(!at(gpa));
		return;
	}
	check(addr == at(gpa));
	/* There may be several. */
	check(!mshv_memory_to_guest(memory, addr, &back));
	check(at(back) == addr);
	checked(mshv_memory_to_host(memory, gpa, fuzz_u64(), &addr));
}

static void dirty(struct fuzz_objects *o)
{
	uint64_t pages = fuzz_u16() * 2u, words = (pages + 63) / 64;
	uint64_t *bitmap = calloc(words + 1, sizeof(*bitmap));
	uint32_t flags = fuzz_u8() & 3;

	check(bitmap);
	bitmap[words] = 0x5555555555555555;
	checked(mshv_partition_get_dirty_log(o->partition, 0, pages * PAGE,
					     bitmap, flags));
	check(bitmap[words] == 0x5555555555555555);
	/* bits that stand for no page stay as they were */
	check(!(pages % 64) || !(bitmap[words - 1] >> pages % 64));
	free(bitmap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mshv_memory *memory;
	struct fuzz_objects o;

	memset(where, -1, sizeof(where));
	memset(length, 0, sizeof(length));
	fuzz_begin(data, size);
	base = fuzz_u8() & 1 ? HIGH : 0;
	fuzz_open(&o);
	check(!mshv_memory_create(o.partition, &memory));
	while (fuzz_left()) {
		switch (fuzz_u8() % 8) {
		case 0:
		case 1:
			map(memory);
			break;
		case 2:
			unmap(memory);
			break;
		case 3:
		case 4:
			access_memory(memory, fuzz_u8());
			break;
		case 5:
		case 6:
			translate(memory);
			break;
		default:
			dirty(&o);
			break;
		}
	}
	checked(mshv_memory_stop_dirty_log(memory));
	mshv_memory_close(memory);
	fuzz_close(&o);
	return 0;
}
