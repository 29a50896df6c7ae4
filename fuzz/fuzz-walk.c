// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Page tables that a guest made up: entries that come as they are asked for, and
 * tables in guest memory, where the library and a second, simple-minded walker
 * have to find the same.
 */
#include "config.h"

#include "fuzz.h"

#define RAM_PAGES	8
#define PRESENT		1ull
#define WRITABLE	2ull
#define USER		4ull
#define LARGE		0x80ull
#define NO_EXECUTE	(1ull << 63)

#define READ		HV_TRANSLATE_GVA_VALIDATE_READ
#define WRITE		HV_TRANSLATE_GVA_VALIDATE_WRITE
#define EXECUTE		HV_TRANSLATE_GVA_VALIDATE_EXECUTE

static unsigned int reads;

/* Mostly the next of the input; some memory isn't there. */
static int read_table(void *context, uint64_t gpa, void *buf, size_t size)
{
	const struct mshv_x64_paging *paging = context;
	uint8_t how = fuzz_u8();

	check(size == 4 || size == 8);
	check(gpa % size == 0);
	check(!paging->physical_bits || !(gpa >> 52));
	check(++reads <= 5);
	if (how > 250)
		return -1;
	fuzz_bytes(buf, size);
	/* so that it doesn't end at once */
	if (how & 1)
		*(uint8_t *)buf |= 7;
	return 0;
}

static _Alignas(4096) uint8_t ram[RAM_PAGES * 4096];

struct verdict {
	int ret;
	uint32_t result;
	uint64_t gpa, page_bytes;
};

static bool bit(uint64_t value, unsigned int n)
{
	return value >> n & 1;
}

/* SDM volume 3, "Access Rights", one sentence after the other. */
static bool denied(const struct mshv_x64_paging *p, uint64_t flags, bool w,
		   bool u, bool x)
{
	bool exempt = flags & HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT;
	bool user = !exempt && (flags & HV_TRANSLATE_GVA_USER_ACCESS ||
		    (p->cpl == 3 && !(flags & HV_TRANSLATE_GVA_SUPERVISOR_ACCESS)));
	bool data = flags & (READ | WRITE);

	if (flags & WRITE && !w && (user || bit(p->cr0, 16)))
		return true;
	if (flags & EXECUTE && !x)
		return true;
	if (exempt)
		return false;
	if (user)
		return !u && (data || flags & EXECUTE);
	if (!u)
		return false;
	if (flags & EXECUTE && bit(p->cr4, 20))
		return true;
	if (!data || !bit(p->cr4, 21) || flags & HV_TRANSLATE_GVA_OVERRIDE_SMAP)
		return false;
	return flags & HV_TRANSLATE_GVA_ENFORCE_SMAP || !bit(p->rflags, 18);
}

static struct verdict fault(uint32_t result)
{
	return (struct verdict) { .ret = -EFAULT, .result = result };
}

/* The bits that have to be 0 in an entry, which maps 2^@shift bytes if @leaf. */
static uint64_t must_be_zero(const struct mshv_x64_paging *p, bool pae,
			     bool long_mode, unsigned int shift, bool leaf)
{
	unsigned int width = p->physical_bits ? p->physical_bits : 52, i;
	uint64_t bits = 0;

	if (!pae) {
		if (leaf && shift == 22)
			for (bits = 1 << 21, i = 32; i < 40; i++)
				if (i >= width)
					bits |= 1ull << (i - 19);
		return bits;
	}
	for (i = width; i < 52; i++)
		bits |= 1ull << i;
	if (!long_mode)
		for (i = 52; i < 63; i++)
			bits |= 1ull << i;
	if (!bit(p->efer, 11))
		bits |= NO_EXECUTE;
	if (!long_mode && shift == 30)
		return bits | NO_EXECUTE | 6 | 0x1e0;
	if (shift >= 39)
		bits |= LARGE;
	if (leaf && shift > 12)
		for (i = 13; i < shift; i++)
			bits |= 1ull << i;
	return bits;
}

static struct verdict model(const struct mshv_x64_paging *p, uint64_t gva,
			    uint64_t flags)
{
	bool pae = bit(p->cr4, 5), long_mode = pae && bit(p->efer, 10);
	bool w = true, u = true, x = true;
	unsigned int top = !pae ? 22 : !long_mode ? 30 : bit(p->cr4, 12) ? 48 : 39;
	unsigned int step = pae ? 9 : 10, size = pae ? 8 : 4, shift;
	unsigned int unused = long_mode ? 64 - top - 9 : 0;
	uint64_t table = p->cr3 & (pae && !long_mode ? 0xffffffe0 : pae ?
				   0xffffffffff000 : 0xfffff000), entry, at;

	if (long_mode ? (uint64_t)((int64_t)(gva << unused) >> unused) != gva :
			gva >> 32 != 0)
		return fault(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);

	for (shift = top; ; shift -= step) {
		bool leaf = shift == 12;

		at = table + (gva >> shift & ((1u << step) - 1)) * size;
		if (at > sizeof(ram) - size)
			return (struct verdict) {
				.ret = -ENXIO, .gpa = at,
				.result = HV_TRANSLATE_GVA_GPA_UNMAPPED,
			};
		entry = 0;
		memcpy(&entry, ram + at, size);
		if (!(entry & PRESENT))
			return fault(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
		if (entry & LARGE && (pae ? shift == 21 || (long_mode && shift == 30) :
					    shift == 22 && bit(p->cr4, 4)))
			leaf = true;
		if (entry & must_be_zero(p, pae, long_mode, shift, leaf))
			return fault(HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS);
		if (long_mode || shift != 30) {
			w &= !!(entry & WRITABLE);
			u &= !!(entry & USER);
			x &= !(entry & NO_EXECUTE);
		}
		if (leaf)
			break;
		table = entry & 0xffffffffff000;
	}
	if (denied(p, flags, w, u, x))
		return fault(HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	at = entry & 0xffffffffff000;
	if (shift == 22)
		at = (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
	at &= ~0ull << shift;
	return (struct verdict) {
		.gpa = at | (gva & ~(~0ull << shift)), .page_bytes = 1ull << shift,
	};
}

static int read_ram(void *context, uint64_t gpa, void *buf, size_t size)
{
	return mshv_memory_read(context, gpa, buf, size);
}

/* Entries that mostly lead to another page of the memory. */
static void make_tables(void)
{
	uint64_t shape = fuzz_u8(), entry;
	size_t i;

	for (i = 0; i < sizeof(ram); i += 8) {
		/* the same few bytes everywhere, but not in every eighth entry */
		entry = (i >> 3) * (2 * shape + 1);
		entry = (entry % RAM_PAGES) << 12 | (i >> 12) << 20 | 7;
		if (i >> 6 & shape)
			entry |= LARGE;
		memcpy(ram + i, &entry, 8);
	}
	for (i = fuzz_u8() % 64; i; i--) {
		entry = fuzz_u64();
		if (fuzz_u8() & 1)
			entry = (entry & 0x8000000000007fff) | PRESENT;
		memcpy(ram + fuzz_u16() % (sizeof(ram) / 8) * 8, &entry, 8);
	}
}

static void compare(struct mshv_memory *memory)
{
	static const uint8_t widths[] = { 0, 32, 36, 40, 46, 52 };
	uint8_t mode = fuzz_u8();
	struct mshv_x64_paging paging = {
		.cr0 = 1ull << 31 | (uint64_t)(mode & 1) << 16,
		.cr3 = (fuzz_u8() % RAM_PAGES) << 12,
		.cr4 = fuzz_u32() & 0x00303030,
		.efer = (mode & 2 ? 0x400 : 0) | (mode & 4 ? 0x800 : 0),
		.rflags = (uint64_t)(mode & 8) << 15,
		.cpl = mode >> 6,
		.physical_bits = widths[fuzz_u8() % ARRAY_SIZE(widths)],
	};
	uint64_t gva = fuzz_u64() & (mode & 16 ? ~0ull : 0xffffffff);
	uint64_t flags = fuzz_u8() & (READ | WRITE | EXECUTE);
	uint8_t more = fuzz_u8();
	struct mshv_walk walk = { 0 };
	struct verdict expected;
	int ret;

	if (paging.efer & 0x400)
		paging.cr4 |= 0x20;
	if (mode & 32)
		gva |= 0xffff800000000000;
	flags |= more & 1 ? HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT : 0;
	flags |= more & 2 ? HV_TRANSLATE_GVA_USER_ACCESS :
		 more & 4 ? HV_TRANSLATE_GVA_SUPERVISOR_ACCESS : 0;
	flags |= more & 8 ? HV_TRANSLATE_GVA_ENFORCE_SMAP :
		 more & 16 ? HV_TRANSLATE_GVA_OVERRIDE_SMAP : 0;

	expected = model(&paging, gva, flags);
	ret = checked(mshv_x64_walk_gva(&paging, gva, flags, read_ram, memory,
					&walk));
	check(ret == expected.ret);
	check(walk.result == expected.result);
	check(walk.gpa == expected.gpa);
	check(walk.page_bytes == expected.page_bytes);
	check(!walk.vector == (ret != -EFAULT));
}

static void tables_in_memory(const uint8_t *data, size_t size)
{
	struct mshv_memory *memory;
	struct fuzz_objects o;

	fuzz_begin(data, size);
	fuzz_open(&o);
	fuzz_kernel.obeys = true;
	memory = fuzz_memory(&o, ram, sizeof(ram));
	make_tables();
	while (fuzz_left())
		compare(memory);
	mshv_memory_close(memory);
	fuzz_close(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t widths[] = { 0, 32, 36, 46, 52, 53 };
	struct mshv_x64_paging paging;
	struct mshv_walk walk;
	struct fuzz_objects o;
	uint64_t gva, flags;
	int ret;

	fuzz_begin(data, size);
	while (fuzz_left()) {
		uint8_t mode = fuzz_u8();

		paging = (struct mshv_x64_paging) {
			.cr0 = 1 | (uint64_t)(mode & 1) << 31 |
			       (uint64_t)(mode & 2) << 15,
			.cr3 = fuzz_u64(),
			.cr4 = fuzz_u32(),
			.efer = mode & 4 ? 0xd00 : 0,
			.rflags = fuzz_u32(),
			.cpl = mode >> 6,
			.physical_bits = widths[fuzz_u8() % ARRAY_SIZE(widths)],
		};
		if (mode & 8)
			paging.cr4 |= 0x20;
		gva = fuzz_u64() >> (mode & 16 ? 17 : 0);
		flags = fuzz_u16();
		reads = 0;
		memset(&walk, 0, sizeof(walk));
		ret = checked(mshv_x64_walk_gva(&paging, gva, flags, read_table,
						&paging, &walk));
		if (ret)
			continue;
		check(!walk.vector && walk.page_bytes >= 4096);
		check(!(walk.page_bytes & (walk.page_bytes - 1)));
		check((walk.gpa ^ gva) % 4096 == 0);
		check(!(walk.gpa >> 52));
	}

	tables_in_memory(data, size);

	/* The same with a VP and a kernel. */
	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		uint32_t result;

		gva = fuzz_u64();
		checked(mshv_vp_translate_gva(o.vp, gva, fuzz_u64(), &gva,
					      &result));
		checked(mshv_vp_get_paging(o.vp, &paging));
	}
	fuzz_close(&o);
	return 0;
}
