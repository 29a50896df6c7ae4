// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A walk of x86 page tables. See <mshv/translate.h>.
 *
 * Intel SDM volume 3, chapter "Paging" (sections on 32-bit, PAE, 4- and 5-level
 * paging, access rights, page-fault exceptions); AMD APM volume 2, chapter 5.
 * Every entry is the guest's, who may change it at any time: each is read once.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/translate.h>

#include "internal.h"

#define BIT(n)		(1ULL << (n))
#define BITS(low, high)	((~0ULL << (low)) & (~0ULL >> (63 - (high))))

#define CR0_WP		BIT(16)
#define CR0_PG		BIT(31)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_LA57	BIT(12)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)
#define CR4_PKS		BIT(24)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)
#define RFLAGS_AC	BIT(18)

#define ENTRY_PRESENT	BIT(0)
#define ENTRY_WRITE	BIT(1)
#define ENTRY_USER	BIT(2)
#define ENTRY_LARGE	BIT(7)
#define ENTRY_NX	BIT(63)

#define FAULT_PRESENT	BIT(0)
#define FAULT_WRITE	BIT(1)
#define FAULT_USER	BIT(2)
#define FAULT_RESERVED	BIT(3)
#define FAULT_FETCH	BIT(4)

#define EXCEPTION_GP	13
#define EXCEPTION_PF	14

#define READ		HV_TRANSLATE_GVA_VALIDATE_READ
#define WRITE		HV_TRANSLATE_GVA_VALIDATE_WRITE
#define EXECUTE		HV_TRANSLATE_GVA_VALIDATE_EXECUTE
#define SMAP_FLAGS	(HV_TRANSLATE_GVA_ENFORCE_SMAP | HV_TRANSLATE_GVA_OVERRIDE_SMAP)
#define MODE_FLAGS	(HV_TRANSLATE_GVA_SUPERVISOR_ACCESS | HV_TRANSLATE_GVA_USER_ACCESS)
#define KNOWN_FLAGS	(READ | WRITE | EXECUTE | SMAP_FLAGS | MODE_FLAGS | \
			 HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT | \
			 HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT)
#define REFUSED_FLAGS	(HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS | \
			 HV_TRANSLATE_GVA_SHADOW_STACK | \
			 HV_TRANSLATE_GVA_INPUT_VTL_MASK)

/* What an entry of a table can be. */
enum kind {
	TABLE,		/* leads to another table, has rights */
	LARGE,		/* that, or a large page */
	LARGE_32,	/* the same, with address bits in odd places */
	ROOT_PAE,	/* leads to a table, has no rights */
	PAGE,		/* a page of 4 KiB */
};

struct level {
	uint8_t shift;	/* address bits below those that index the table */
	uint8_t kind;
};

struct mode {
	const struct level *levels;	/* the last one is PAGE */
	uint8_t entry_bytes;
	uint8_t gva_bits;
	uint64_t root;			/* bits of CR3 */
};

static const struct level levels_32[] = { { 22, LARGE_32 }, { 12, PAGE } };
static const struct level levels_pae[] = {
	{ 30, ROOT_PAE }, { 21, LARGE }, { 12, PAGE },
};
static const struct level levels_64[] = {
	{ 48, TABLE }, { 39, TABLE }, { 30, LARGE }, { 21, LARGE }, { 12, PAGE },
};

static const struct mode mode_32 = { levels_32, 4, 32, BITS(12, 31) };
static const struct mode mode_pae = { levels_pae, 8, 32, BITS(5, 31) };
static const struct mode mode_4_level = { levels_64 + 1, 8, 48, BITS(12, 51) };
static const struct mode mode_5_level = { levels_64, 8, 57, BITS(12, 51) };

static const struct mode *find_mode(const struct mshv_x64_paging *p)
{
	if (!(p->cr4 & CR4_PAE))
		return &mode_32;
	if (!(p->efer & EFER_LMA))
		return &mode_pae;
	return p->cr4 & CR4_LA57 ? &mode_5_level : &mode_4_level;
}

static unsigned int physical_bits(const struct mshv_x64_paging *p)
{
	return p->physical_bits ? p->physical_bits : 52;
}

/* All bits from the top one on are the same; without long mode they are 0. */
static bool in_range(const struct mode *mode, uint64_t gva)
{
	uint64_t high;

	if (mode->gva_bits == 32)
		return !(gva >> 32);
	high = gva >> (mode->gva_bits - 1);
	return !high || high == ~0ULL >> (mode->gva_bits - 1);
}

static bool is_large(const struct mshv_x64_paging *p, const struct level *level,
		     uint64_t entry)
{
	if (level->kind == LARGE_32 && !(p->cr4 & CR4_PSE))
		return false;
	return (level->kind == LARGE || level->kind == LARGE_32) &&
	       entry & ENTRY_LARGE;
}

/* The bits that have to be 0. */
static uint64_t reserved(const struct mshv_x64_paging *p,
			 const struct mode *mode, const struct level *level,
			 bool large)
{
	unsigned int width = physical_bits(p);
	uint64_t bits = 0;

	if (mode == &mode_32) {
		/* PSE-36: bits 13 to 20 are 32 to 39 of the address. */
		if (large)
			bits = width < 40 ? BITS(width - 19, 21) : BIT(21);
		return bits;
	}

	if (width < 52)
		bits |= BITS(width, 51);
	if (mode == &mode_pae)
		bits |= BITS(52, 62);
	if (!(p->efer & EFER_NXE))
		bits |= ENTRY_NX;
	if (level->kind == ROOT_PAE)
		bits |= ENTRY_NX | BITS(1, 2) | BITS(5, 8);
	else if (level->kind == TABLE)
		bits |= ENTRY_LARGE;
	else if (large)
		bits |= BITS(13, level->shift - 1);
	return bits;
}

static uint64_t page_address(const struct level *level, uint64_t entry)
{
	if (level->kind == LARGE_32)
		return (entry & BITS(22, 31)) | (entry & BITS(13, 20)) << 19;
	return entry & BITS(level->shift, 51);
}

struct access {
	uint64_t flags;
	bool user;
	bool exempt;
};

/* @rights: of all levels together; R/W and U/S, and NX upside down. */
static bool allowed(const struct mshv_x64_paging *p,
		    const struct access *access, uint64_t rights)
{
	uint64_t need = access->flags & (READ | WRITE | EXECUTE);

	if (need & WRITE && !(rights & ENTRY_WRITE) &&
	    (access->user || p->cr0 & CR0_WP))
		return false;
	if (need & EXECUTE && !(rights & ENTRY_NX))
		return false;
	if (!need || access->exempt)
		return true;
	if (!(rights & ENTRY_USER))
		return !access->user;
	if (access->user)
		return true;

	/* A supervisor at a page of the user. */
	if (need & EXECUTE && p->cr4 & CR4_SMEP)
		return false;
	if (!(need & (READ | WRITE)) || !(p->cr4 & CR4_SMAP) ||
	    access->flags & HV_TRANSLATE_GVA_OVERRIDE_SMAP)
		return true;
	return p->rflags & RFLAGS_AC &&
	       !(access->flags & HV_TRANSLATE_GVA_ENFORCE_SMAP);
}

static int page_fault(const struct mshv_x64_paging *p,
		      const struct access *access, uint32_t result,
		      struct mshv_walk *walk)
{
	uint64_t code = 0;

	if (result != HV_TRANSLATE_GVA_PAGE_NOT_PRESENT)
		code |= FAULT_PRESENT;
	if (result == HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS)
		code |= FAULT_RESERVED;
	if (access->flags & WRITE)
		code |= FAULT_WRITE;
	if (access->user)
		code |= FAULT_USER;
	if (access->flags & EXECUTE &&
	    ((p->cr4 & CR4_PAE && p->efer & EFER_NXE) || p->cr4 & CR4_SMEP))
		code |= FAULT_FETCH;

	walk->result = result;
	walk->vector = EXCEPTION_PF;
	walk->error_code = (uint32_t)code;
	return libmshv_fail(EFAULT, "walk: the guest's page tables refuse");
}

static int check(const struct mshv_x64_paging *p, uint64_t flags)
{
	if (flags & ~(uint64_t)(KNOWN_FLAGS | REFUSED_FLAGS) ||
	    (flags & SMAP_FLAGS) == SMAP_FLAGS ||
	    (flags & MODE_FLAGS) == MODE_FLAGS)
		return libmshv_fail(EINVAL, "walk: unknown or exclusive flags");
	if (flags & REFUSED_FLAGS)
		return libmshv_fail(EOPNOTSUPP, "walk: flag not supported");
	if (p->cpl > 3 || physical_bits(p) < 32 || physical_bits(p) > 52)
		return libmshv_fail(EINVAL, "walk: privilege or width out of range");
	if (!(p->cr0 & CR0_PG))
		return 0;
	if (p->efer & EFER_LMA && !(p->cr4 & CR4_PAE))
		return libmshv_fail(EINVAL, "walk: long mode without PAE");
	if (p->efer & EFER_LMA && p->cr4 & (CR4_PKE | CR4_PKS) &&
	    flags & (READ | WRITE))
		return libmshv_fail(EOPNOTSUPP, "walk: protection keys");
	return 0;
}

/* The entry at @gpa, or that the VMM doesn't have it. */
static int read_entry(const struct mode *mode, uint64_t gpa,
		      int (*read)(void *context, uint64_t gpa, void *buf,
				  size_t size),
		      void *context, uint64_t *entry, struct mshv_walk *walk)
{
	uint32_t half = 0;
	int ret;

	*entry = 0;
	if (mode->entry_bytes == 4) {
		ret = read(context, gpa, &half, sizeof(half));
		*entry = half;
	} else {
		ret = read(context, gpa, entry, sizeof(*entry));
	}
	if (!ret)
		return 0;
	walk->gpa = gpa;
	walk->result = HV_TRANSLATE_GVA_GPA_UNMAPPED;
	return libmshv_fail(ENXIO, "walk: a page table can't be read");
}

int mshv_x64_walk_gva(const struct mshv_x64_paging *paging, uint64_t gva,
		      uint64_t flags,
		      int (*read)(void *context, uint64_t gpa, void *buf,
				  size_t size),
		      void *context, struct mshv_walk *walk)
{
	uint64_t rights = ~0ULL, table, entry;
	const struct level *level;
	const struct mode *mode;
	struct access access;
	bool large;
	int ret;

	if (!paging || !read || !walk)
		return libmshv_fail(EINVAL, "walk: NULL argument");
	ret = check(paging, flags);
	if (ret)
		return ret;

	memset(walk, 0, sizeof(*walk));
	walk->gva = gva;
	access.flags = flags;
	access.exempt = flags & HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT;
	access.user = !access.exempt &&
		      (flags & HV_TRANSLATE_GVA_USER_ACCESS ||
		       (paging->cpl == 3 &&
			!(flags & HV_TRANSLATE_GVA_SUPERVISOR_ACCESS)));

	mode = paging->cr0 & CR0_PG ? find_mode(paging) : &mode_32;
	if (!in_range(mode, gva)) {
		ret = page_fault(paging, &access,
				 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, walk);
		if (mode->gva_bits > 32) {
			walk->vector = EXCEPTION_GP;
			walk->error_code = 0;
		}
		return ret;
	}
	if (!(paging->cr0 & CR0_PG)) {
		walk->gpa = gva;
		walk->page_bytes = HV_HYP_PAGE_SIZE;
		return 0;
	}

	table = paging->cr3 & mode->root;
	for (level = mode->levels; ; level++) {
		uint64_t index = gva >> level->shift &
				 (HV_HYP_PAGE_SIZE / mode->entry_bytes - 1);

		ret = read_entry(mode, table + index * mode->entry_bytes, read,
				 context, &entry, walk);
		if (ret)
			return ret;
		if (!(entry & ENTRY_PRESENT))
			return page_fault(paging, &access,
					  HV_TRANSLATE_GVA_PAGE_NOT_PRESENT,
					  walk);
		large = is_large(paging, level, entry);
		if (entry & reserved(paging, mode, level, large))
			return page_fault(paging, &access,
					  HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS,
					  walk);
		if (level->kind != ROOT_PAE)
			rights &= entry ^ ENTRY_NX;
		if (large || level->kind == PAGE)
			break;
		table = entry & BITS(12, 51);
	}

	if (!allowed(paging, &access, rights))
		return page_fault(paging, &access,
				  HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION, walk);
	walk->page_bytes = BIT(level->shift);
	walk->gpa = page_address(level, entry) | (gva & (walk->page_bytes - 1));
	return 0;
}
