// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The walk of page tables, with tables made here. */
#include "config.h"

#include "fake.h"

#define CR0_PE_PG	0x80000001ULL
#define CR0_WP		(1ULL << 16)
#define CR4_PSE		(1ULL << 4)
#define CR4_PAE		(1ULL << 5)
#define CR4_LA57	(1ULL << 12)
#define CR4_SMEP	(1ULL << 20)
#define CR4_SMAP	(1ULL << 21)
#define LMA		(1ULL << 10)
#define NXE		(1ULL << 11)
#define AC		(1ULL << 18)
#define NX		(1ULL << 63)
#define P		1ULL
#define W		2ULL
#define U		4ULL
#define PS		0x80ULL
#define ALL		(P | W | U)

#define READ		HV_TRANSLATE_GVA_VALIDATE_READ
#define WRITE		HV_TRANSLATE_GVA_VALIDATE_WRITE
#define EXECUTE		HV_TRANSLATE_GVA_VALIDATE_EXECUTE
#define PRESENT_FAULT	1
#define RESERVED_FAULT	8

/* Guest memory: pages 1 to 8 are tables, everything else isn't there. */
static uint64_t tables[9][512];
static unsigned int reads;

static int read_guest(void *context, uint64_t gpa, void *buf, size_t size)
{
	assert_ptr_equal(context, tables);
	assert_true(size == 4 || size == 8);
	assert_int_equal(gpa % size, 0);
	reads++;
	if (gpa < 4096 || gpa >= sizeof(tables))
		return -1;
	memcpy(buf, (char *)tables + gpa, size);
	return 0;
}

static struct mshv_x64_paging paging;
static struct mshv_walk walked;

static int walk(uint64_t gva, uint64_t flags)
{
	memset(&walked, 0xa5, sizeof(walked));
	reads = 0;
	return mshv_x64_walk_gva(&paging, gva, flags, read_guest, tables,
				 &walked);
}

#define assert_walks(gva, to, bytes) do { \
	assert_works(walk(gva, 0)); \
	assert_int_equal(walked.gpa, to); \
	assert_int_equal(walked.page_bytes, bytes); \
	assert_int_equal(walked.result, HV_TRANSLATE_GVA_SUCCESS); \
	assert_int_equal(walked.vector, 0); \
	assert_int_equal(walked.error_code, 0); \
} while (0)

#define assert_faults(gva, flags, reason, code) do { \
	assert_fails(walk(gva, flags), EFAULT); \
	assert_int_equal(walked.result, HV_TRANSLATE_GVA_##reason); \
	assert_int_equal(walked.vector, 14); \
	assert_int_equal(walked.error_code, code); \
	assert_int_equal(walked.page_bytes, 0); \
} while (0)

static int setup(void **state)
{
	fake_reset(state);
	memset(tables, 0, sizeof(tables));
	paging = (struct mshv_x64_paging) {
		.cr0 = CR0_PE_PG | CR0_WP,
		.cr3 = 0x1000,
		.cr4 = CR4_PAE,
		.efer = LMA | NXE,
	};
	return 0;
}

#define walk_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_done)

static void no_paging(void **state)
{
	(void)state;
	paging.cr0 = 1;
	paging.efer = 0;
	paging.cr4 = 0;
	assert_walks(0xdeadbeef, 0xdeadbeef, 4096);
	assert_int_equal(reads, 0);
	assert_works(walk(0x1234, WRITE | EXECUTE | HV_TRANSLATE_GVA_USER_ACCESS));
	assert_faults(1ULL << 32, READ, PAGE_NOT_PRESENT, 0);
}

static uint32_t *tables_32(unsigned int page)
{
	return (uint32_t *)tables[page];
}

static void two_levels(void **state)
{
	(void)state;
	paging.cr4 = CR4_PSE;
	paging.efer = 0;
	paging.cr3 = 0x1018;			/* cache bits don't count */
	tables_32(1)[0x3ff] = 0x2000 | ALL;
	tables_32(2)[0x3fe] = 0x12345000 | ALL | PS;	/* PAT */
	tables_32(1)[5] = 0x40400000 | 0x1fe000 | ALL | PS;
	assert_walks(0xffffeabc, 0x12345abc, 4096);
	assert_int_equal(reads, 2);
	/* PSE-36: 0xff in bits 20 to 13 becomes bits 39 to 32 */
	assert_walks(0x01412345, 0xff40412345, 4 << 20);
	assert_int_equal(reads, 1);

	paging.physical_bits = 36;
	assert_faults(0x01412345, READ, INVALIDE_PAGE_TABLE_FLAGS,
		      PRESENT_FAULT | RESERVED_FAULT);
	tables_32(1)[5] = 0x40400000 | 0x01e000 | ALL | PS;
	assert_walks(0x01412345, 0xf40412345, 4 << 20);
	tables_32(1)[5] |= 1 << 21;
	paging.physical_bits = 0;
	assert_faults(0x01412345, READ, INVALIDE_PAGE_TABLE_FLAGS,
		      PRESENT_FAULT | RESERVED_FAULT);

	/* without PSE the bit means nothing */
	paging.cr4 = 0;
	tables_32(1)[5] = 0x3000 | ALL | PS;
	tables_32(3)[2] = 0x77000 | ALL;
	assert_walks(0x01402001, 0x77001, 4096);

	assert_faults(0x1000000000, READ, PAGE_NOT_PRESENT, 0);
	assert_faults(0, WRITE, PAGE_NOT_PRESENT, 2);
	/* no bit for instruction fetches in this mode */
	assert_faults(0, EXECUTE, PAGE_NOT_PRESENT, 0);
	paging.cr4 = CR4_SMEP;
	assert_faults(0, EXECUTE, PAGE_NOT_PRESENT, 0x10);
}

static void pae(void **state)
{
	unsigned int bit;

	(void)state;
	paging.efer = NXE;
	paging.cr3 = 0x1020;			/* 32 bytes are enough */
	tables[1][4 + 3] = 0x2000 | P;		/* no rights here */
	tables[2][1] = 0x3000 | ALL;
	tables[3][511] = 0xffffff7000 | ALL;
	tables[2][2] = 0xfff200000 | ALL | PS | NX;
	assert_walks(0xc03ff123, 0xffffff7123, 4096);
	assert_int_equal(reads, 3);
	assert_walks(0xc0412345, 0xfff212345, 2 << 20);
	assert_works(walk(0xc03ff123, WRITE | EXECUTE));
	assert_faults(0xc0412345, EXECUTE, PRIVILEGE_VIOLATION, 0x11);
	assert_faults(0x1ffffffff, READ, PAGE_NOT_PRESENT, 0);

	for (bit = 0; bit < 64; bit++) {
		bool bad = bit == 1 || bit == 2 || (bit >= 5 && bit <= 8) ||
			   bit >= 52;

		tables[1][4 + 3] = 0x2000 | P | 1ULL << bit;
		if (bit >= 12 && bit < 52)
			continue;
		assert_int_equal(walk(0xc03ff123, 0), bad ? -EFAULT : 0);
	}
	tables[1][4 + 3] = 0x2000 | P;
	for (bit = 52; bit < 64; bit++) {
		tables[3][511] = 0x7000 | ALL | 1ULL << bit;
		assert_int_equal(walk(0xc03ff123, 0), bit == 63 ? 0 : -EFAULT);
	}
	paging.efer = 0;
	assert_faults(0xc03ff123, READ, INVALIDE_PAGE_TABLE_FLAGS, 9);
}

/* One table per level from page 1 on, all at entry @index. */
static void chain(unsigned int levels, unsigned int index)
{
	unsigned int i;

	for (i = 1; i < levels; i++)
		tables[i][index] = (i + 1) * 0x1000 | ALL;
	tables[levels][index] = 0x8000000000000 | ALL;
}

static void four_levels(void **state)
{
	const uint64_t gva = 0xffffffffffffffffULL;
	unsigned int level;

	(void)state;
	chain(4, 511);
	paging.cr3 = 0x1000 | 0xfff;		/* PCID */
	assert_walks(gva, 0x8000000000fff, 4096);
	assert_int_equal(reads, 4);

	for (level = 1; level <= 4; level++) {
		uint64_t good = tables[level][511];

		tables[level][511] &= ~P;
		assert_faults(gva, WRITE, PAGE_NOT_PRESENT, 2);
		assert_int_equal(reads, level);
		tables[level][511] = good;
		if (level == 4)
			break;
		tables[level][511] = 0x100000 | ALL;
		assert_fails(walk(gva, READ), ENXIO);
		assert_int_equal(walked.result, HV_TRANSLATE_GVA_GPA_UNMAPPED);
		assert_int_equal(walked.gpa, 0x100ff8);
		assert_int_equal(walked.vector, 0);
		tables[level][511] = good;
	}
	tables[2][511] = 0x40000000 | ALL | PS;
	assert_walks(gva, 0x7fffffff, 1 << 30);
	tables[2][511] = 0x3000 | ALL;
	tables[3][511] = 0x40000000 | ALL | PS | 0x1000;	/* PAT */
	assert_walks(gva, 0x401fffff, 2 << 20);
	tables[1][511] |= PS;
	assert_faults(gva, READ, INVALIDE_PAGE_TABLE_FLAGS, 9);
}

static void five_levels(void **state)
{
	uint64_t gva = 0xfe00000000000abcULL;	/* bit 56 is set below */
	unsigned int i;

	(void)state;
	paging.cr4 |= CR4_LA57;
	chain(5, 0x1ab);
	for (i = 0; i < 5; i++)
		gva |= 0x1abULL << (12 + 9 * i);
	assert_walks(gva, 0x8000000000abc, 4096);
	assert_int_equal(reads, 5);
	tables[1][0x1ab] |= PS;
	assert_faults(gva, READ, INVALIDE_PAGE_TABLE_FLAGS, 9);
	tables[1][0x1ab] &= ~PS;
	tables[2][0x1ab] |= PS;
	assert_faults(gva, READ, INVALIDE_PAGE_TABLE_FLAGS, 9);
}

static void canonical(void **state)
{
	static const struct {
		uint64_t gva;
		bool four, five;
	} rows[] = {
		{ 0x00007fffffffffff, true, true },
		{ 0x0000800000000000, false, true },
		{ 0xffff800000000000, true, true },
		{ 0xffff7fffffffffff, false, true },
		{ 0x00ffffffffffffff, false, true },
		{ 0x0100000000000000, false, false },
		{ 0xff00000000000000, false, true },
		{ 0xfeffffffffffffff, false, false },
		{ 0x8000000000000000, false, false },
	};
	size_t i;
	int la57;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (la57 = 0; la57 < 2; la57++) {
			bool good = la57 ? rows[i].five : rows[i].four;

			paging.cr4 = CR4_PAE | (la57 ? CR4_LA57 : 0);
			assert_fails(walk(rows[i].gva, WRITE), EFAULT);
			assert_int_equal(walked.result,
					 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
			assert_int_equal(walked.vector, good ? 14 : 13);
			assert_int_equal(walked.error_code, good ? 2 : 0);
			assert_int_equal(reads, good);
		}
	}
}

/* Each reserved bit of each kind of entry. */
static void reserved_bits(void **state)
{
	const uint64_t gva = 0;
	unsigned int level, bit, large;

	(void)state;
	paging.physical_bits = 40;
	for (level = 1; level <= 4; level++) {
		for (large = 0; large <= (level == 2 || level == 3); large++) {
			uint64_t low = level == 2 ? 1 << 30 : 1 << 21;

			for (bit = 0; bit < 64; bit++) {
				bool bad = (bit >= 40 && bit < 52) ||
					   (level == 1 && bit == 7) ||
					   (large && bit >= 13 &&
					    1ULL << bit < low);

				chain(4, 0);
				tables[4][0] = 0x5000 | ALL;
				if (large)
					tables[level][0] = ALL | PS;
				else if (bit == 7 && level != 1 && level != 4)
					continue;
				if (bit == 0)
					continue;	/* present */
				tables[level][0] |= 1ULL << bit;
				walk(gva, 0);
				assert_int_equal(walked.result ==
						 HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS,
						 bad);
			}
			paging.efer = LMA;
			tables[level][0] |= NX;
			assert_fails(walk(gva, 0), EFAULT);
			paging.efer = LMA | NXE;
		}
	}
}

/* All rights of two levels, all modes: against the rules as the manual has them. */
static void rights(void **state)
{
	static const uint64_t needs[] = { 0, READ, WRITE, EXECUTE, READ | WRITE };
	unsigned int combination, mode, n, good = 0;

	(void)state;
	chain(4, 0);
	for (combination = 0; combination < 64; combination++) {
		uint64_t upper = (combination & 1 ? W : 0) |
				 (combination & 2 ? U : 0) |
				 (combination & 4 ? NX : 0);
		uint64_t lower = (combination & 8 ? W : 0) |
				 (combination & 16 ? U : 0) |
				 (combination & 32 ? NX : 0);
		bool user_page = upper & lower & U, writable = upper & lower & W;
		bool fetchable = !((upper | lower) & NX);

		tables[3][0] = 0x4000 | P | upper;
		tables[4][0] = 0x5000 | P | lower;
		for (mode = 0; mode < 32; mode++) {
			bool wp = mode & 1, smep = mode & 2, smap = mode & 4;
			bool ac = mode & 8, user = mode & 16;

			paging.cr0 = CR0_PE_PG | (wp ? CR0_WP : 0);
			paging.cr4 = CR4_PAE | (smep ? CR4_SMEP : 0) |
				     (smap ? CR4_SMAP : 0);
			paging.rflags = ac ? AC : 0;
			paging.cpl = user ? 3 : combination % 3;
			for (n = 0; n < ARRAY_SIZE(needs); n++) {
				bool data = needs[n] & (READ | WRITE), ok = true;

				if (user && !user_page && needs[n])
					ok = false;
				if (needs[n] & WRITE && !writable && (user || wp))
					ok = false;
				if (needs[n] & EXECUTE && !fetchable)
					ok = false;
				if (needs[n] & EXECUTE && !user && user_page && smep)
					ok = false;
				if (data && !user && user_page && smap && !ac)
					ok = false;
				assert_int_equal(walk(0, needs[n]),
						 ok ? 0 : -EFAULT);
				good += ok;
				if (ok)
					continue;
				assert_int_equal(walked.result,
						 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
				assert_int_equal(walked.error_code, 1 |
						 (needs[n] & WRITE ? 2 : 0) |
						 (user ? 4 : 0) |
						 (needs[n] & EXECUTE ? 16 : 0));
			}
		}
	}
	assert_true(good > 1000);
}

static void privilege_by_flag(void **state)
{
	(void)state;
	chain(4, 0);
	tables[4][0] = 0x5000 | P;		/* of the supervisor, read-only */
	paging.cpl = 3;
	assert_fails(walk(0, READ), EFAULT);
	assert_works(walk(0, READ | HV_TRANSLATE_GVA_SUPERVISOR_ACCESS));
	assert_works(walk(0, READ | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT |
			     HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT));
	assert_fails(walk(0, WRITE | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT), EFAULT);
	paging.cpl = 0;
	assert_works(walk(0, READ));
	assert_faults(0, READ | HV_TRANSLATE_GVA_USER_ACCESS,
		      PRIVILEGE_VIOLATION, 5);

	tables[4][0] = 0x5000 | ALL;		/* of the user */
	paging.cr4 |= CR4_SMAP | CR4_SMEP;
	paging.rflags = AC;
	assert_works(walk(0, READ));
	assert_faults(0, READ | HV_TRANSLATE_GVA_ENFORCE_SMAP,
		      PRIVILEGE_VIOLATION, 1);
	paging.rflags = 0;
	assert_fails(walk(0, READ), EFAULT);
	assert_works(walk(0, READ | HV_TRANSLATE_GVA_OVERRIDE_SMAP));
	assert_fails(walk(0, EXECUTE | HV_TRANSLATE_GVA_OVERRIDE_SMAP), EFAULT);
	assert_works(walk(0, READ | EXECUTE | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT));
}

static void refused(void **state)
{
	static const uint64_t invalid[] = {
		1ULL << 11, 1ULL << 55, 0x300, 0xc0,
	};
	static const uint64_t not_supported[] = {
		HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS,
		HV_TRANSLATE_GVA_SHADOW_STACK, 1ULL << 56, 1ULL << 60,
	};
	size_t i;

	(void)state;
	chain(4, 0);
	for (i = 0; i < ARRAY_SIZE(invalid); i++)
		assert_fails(walk(0, invalid[i]), EINVAL);
	for (i = 0; i < ARRAY_SIZE(not_supported); i++)
		assert_fails(walk(0, not_supported[i]), EOPNOTSUPP);
	assert_fails(mshv_x64_walk_gva(NULL, 0, 0, read_guest, NULL, &walked),
		     EINVAL);
	assert_fails(mshv_x64_walk_gva(&paging, 0, 0, NULL, NULL, &walked),
		     EINVAL);
	assert_fails(mshv_x64_walk_gva(&paging, 0, 0, read_guest, NULL, NULL),
		     EINVAL);

	paging.cpl = 4;
	assert_fails(walk(0, 0), EINVAL);
	paging.cpl = 0;
	paging.physical_bits = 31;
	assert_fails(walk(0, 0), EINVAL);
	paging.physical_bits = 53;
	assert_fails(walk(0, 0), EINVAL);
	paging.physical_bits = 52;
	assert_works(walk(0, 0));
	paging.cr4 = CR4_PAE | 1 << 22;
	assert_works(walk(0, EXECUTE));
	assert_fails(walk(0, READ), EOPNOTSUPP);
	paging.cr4 = CR4_PAE | 1 << 24;
	assert_fails(walk(0, WRITE), EOPNOTSUPP);
	paging.cr4 = 0;
	assert_fails(walk(0, 0), EINVAL);
	assert_int_equal(reads, 0);
}

/* Any bytes as tables, any registers: an answer, after at most 5 reads. */
static void hostile(void **state)
{
	uint64_t seed = 88172645463325252ULL;
	uint64_t *word = &tables[1][0];
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < 64; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			/* often a table that is there, also the same again */
			word[seed % (8 * 512)] = i & 1 ? seed :
				(seed & 7) << 12 | (seed >> 20 & 0xf87) | 1;
		}
		paging.cr0 = seed | (i & 2 ? CR0_PE_PG : 0);
		paging.cr3 = i & 4 ? seed : 0x1000;
		paging.cr4 = seed >> 3 | CR4_PAE;
		paging.efer = seed >> 5;
		paging.cpl = seed & 3;
		walk(i & 8 ? seed : seed & 0x7fffffffffff, seed >> 32 & 0x3f);
		assert_true(reads <= 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		walk_test(no_paging),
		walk_test(two_levels),
		walk_test(pae),
		walk_test(four_levels),
		walk_test(five_levels),
		walk_test(canonical),
		walk_test(reserved_bits),
		walk_test(rights),
		walk_test(privilege_by_flag),
		walk_test(refused),
		walk_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
