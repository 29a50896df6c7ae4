// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Two translations of the same addresses: the hypervisor's and the library's.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "smoke.h"

#define TABLES		0x40000
#define PAGES		8
#define APART		0x40000000
#define ROUNDS		40
#define ADDRESSES	60

#define PE_PG		0x80000001ULL
#define PAE		(1ULL << 5)

static uint64_t seed = 0x2545f4914f6cdd1dULL;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Reads a byte of each table: the hypervisor gets access to what a guest uses. */
static int touch_tables(void)
{
	/* mov al, [si]; add si, 0x1000; cmp si, 0x8000; jb; out 0x80, al */
	static const uint8_t code[] = {
		0x8a, 0x04, 0x81, 0xc6, 0x00, 0x10, 0x81, 0xfe, 0x00, 0x80,
		0x72, 0xf4, 0xe6, 0x80,
	};
	struct mshv_special_registers special;

	if (!load(code, sizeof(code)) ||
	    mshv_vp_get_special_registers(g.vp, &special))
		return 0;
	special.ds.base = TABLES;
	return !mshv_vp_set_special_registers(g.vp, &special) &&
	       !mshv_vp_run(g.vp, NULL);
}

/* Tables that mostly lead to each other, with all rights and some mistakes. */
static void make_tables(unsigned int entry_bytes)
{
	char *tables = (char *)g.ram + TABLES;
	size_t at;

	for (at = 0; at < PAGES * 4096; at += entry_bytes) {
		uint64_t r = next(), entry;

		entry = (TABLES + (r % PAGES << 12)) | (r >> 8 & 0x66) | 1;
		if (r >> 16 & 7)
			entry |= 6;
		if (!(r >> 20 & 15))
			entry ^= 1;
		if (!(r >> 24 & 7))
			entry |= 0x80;
		if (!(r >> 28 & 15))
			entry += 0x10000000;	/* where no memory is */
		if (!(r >> 32 & 7) && entry_bytes == 8)
			entry |= 1ULL << 63;
		if (!(r >> 35 & 63) && entry_bytes == 8)
			entry |= 1ULL << (52 + (r >> 41) % 11);
		/* PAE has four entries at the top, which carry no rights. */
		if (at < 4 * 8 && entry_bytes == 8 && r >> 52 & 7)
			entry &= ~(1ULL << 63 | 0x1e6);
		memcpy(tables + at, &entry, entry_bytes);
	}
}

static int set_mode(const struct mshv_special_registers *old, unsigned int mode)
{
	static const uint64_t cr4[] = { 0, 1 << 4, PAE, PAE, PAE | 1 << 12 };
	struct mshv_special_registers special = *old;
	struct mshv_standard_registers standard = { .rip = CODE, .rflags = 2 };
	uint64_t r = next();

	special.cr0 = PE_PG | (r & 1) << 16;
	special.cr3 = TABLES;
	special.cr4 = cr4[mode];
	if (r & 6)		/* SMEP, SMAP */
		special.cr4 |= (r >> 1 & 3) << 20;
	special.efer = (mode >= 3 ? 0x500 : 0) | (r & 8 ? 1 << 11 : 0);
	if (r & 0x10)
		special.ss.descriptor_privilege_level = 3;
	if (r & 0x20)
		standard.rflags |= 1 << 18;
	return mshv_vp_set_special_registers(g.vp, &special) ?
	       mshv_last_error()->errnum :
	       mshv_vp_set_standard_registers(g.vp, &standard);
}

static unsigned int results[16];

static int compare(unsigned int mode)
{
	uint64_t gva = next(), flags = next() & 7, gpa = 0;
	struct mshv_walk walk;
	uint32_t code = 99;
	int asked, walked;

	if (mode < 3)
		gva &= 0xffffffff;
	else
		gva = (uint64_t)((int64_t)(gva << 16) >> 16);

	asked = mshv_vp_translate_gva(g.vp, gva, flags, &gpa, &code);
	walked = mshv_vp_walk_gva(g.vp, g.memory, gva, flags, &walk);
	if (code < 16)
		results[code]++;
	if (asked == walked && code == walk.result &&
	    (asked || gpa == walk.gpa))
		return 1;
	printf("# mode %u, gva 0x%llx, flags %llu: asked %d %u 0x%llx, walked %d %u 0x%llx\n",
	       mode, (unsigned long long)gva, (unsigned long long)flags, asked,
	       code, (unsigned long long)gpa, walked, walk.result,
	       (unsigned long long)walk.gpa);
	return 0;
}

/* PAE tables in memory that no guest has touched yet: not even its neighbours. */
static int not_faulted_in(const struct mshv_special_registers *old)
{
	struct mshv_special_registers special = *old;
	uint64_t *tables = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mshv_walk walk;
	uint32_t code = 0;
	uint64_t gpa;
	int asked, ok;

	if (tables == MAP_FAILED ||
	    mshv_memory_map(g.memory, APART, tables, 8192, 0))
		return 0;
	tables[0] = (APART + 0x1000) | 1;
	tables[512] = 0x600000 | 0x83;
	special.cr0 = PE_PG;
	special.cr3 = APART;
	special.cr4 = PAE;
	ok = !mshv_vp_set_special_registers(g.vp, &special);
	asked = mshv_vp_translate_gva(g.vp, 0x12345, 0, &gpa, &code);
	ok = ok && asked == -ENXIO &&
	     code == HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS &&
	     !mshv_vp_walk_gva(g.vp, g.memory, 0x12345, 0, &walk) &&
	     walk.gpa == 0x612345 && walk.page_bytes == 2 << 20;
	ok = !mshv_memory_unmap(g.memory, APART) && ok;
	munmap(tables, 8192);
	return ok;
}

void smoke_translate(void)
{
	struct mshv_special_registers old;
	unsigned int mode, round, i, same = 0, asked = 0, modes = 0;
	int ret;

	ret = mshv_vp_get_special_registers(g.vp, &old);
	result(!ret && not_faulted_in(&old),
	       "tables that aren't faulted in: the hypervisor fails, the walk doesn't");
	ret = mshv_vp_set_special_registers(g.vp, &old);
	result(!ret && touch_tables(), "the guest touches its tables");

	for (mode = 0; mode < 5; mode++) {
		for (round = 0; round < ROUNDS; round++) {
			make_tables(mode < 2 ? 4 : 8);
			/* LA57 isn't everywhere */
			if (set_mode(&old, mode))
				continue;
			modes |= 1 << mode;
			for (i = 0; i < ADDRESSES; i++, asked++)
				same += compare(mode);
		}
	}
	mshv_vp_set_special_registers(g.vp, &old);
	printf("# modes 0x%x, %u addresses, results %u %u %u %u %u\n", modes,
	       asked, results[0], results[1], results[2], results[3], results[4]);
	result((modes & 0xf) == 0xf && same == asked && results[0] > 100 &&
	       results[1] > 100 && results[2] > 100 && results[3] > 100,
	       "the hypervisor and the walk agree");
}
