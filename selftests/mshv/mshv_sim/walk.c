// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest virtual addresses: a walk of the guest's page tables in software (AMD
 * APM volume 2, chapter 5), the bytes at its RIP, and the hypercall that
 * translates an address for the VMM.
 *
 * The walk sets no accessed and dirty bits, and does not know protection keys,
 * which no partition has.
 */
#include <linux/bits.h>
#include <linux/string.h>
#include <asm/pgtable_types.h>

#include "engine.h"

/* HV_TRANSLATE_GVA_RESULT_CODE (TLFS). */
enum {
	SIM_WALK_NOT_PRESENT		= 1,
	SIM_WALK_PRIVILEGE		= 2,
	SIM_WALK_INVALID_FLAGS		= 3,
	SIM_WALK_GPA_UNMAPPED		= 4,
	SIM_WALK_GPA_NO_READ		= 5,
};

/* What is asked of a translation. */
#define WALK_READ	BIT(HV_INTERCEPT_ACCESS_READ)
#define WALK_WRITE	BIT(HV_INTERCEPT_ACCESS_WRITE)
#define WALK_EXECUTE	BIT(HV_INTERCEPT_ACCESS_EXECUTE)

/* A paging mode.  Levels count from 1, the one with the 4K pages. */
struct walk_mode {
	u8 levels;
	u8 bits;		/* of an address, that index a table */
	u8 entry;		/* bytes of an entry */
	u8 large;		/* BIT(level) where _PAGE_PSE makes a leaf */
	u8 plain;		/* BIT(level) where entries carry no rights */
	u64 root;		/* the bits of CR3 that are the table's address */
};

#define WALK_ADDR	GENMASK_ULL(51, 12)

static const struct walk_mode walk_32 = {
	.levels = 2, .bits = 10, .entry = 4, .large = BIT(2), .root = GENMASK_ULL(31, 12),
};

static const struct walk_mode walk_pae = {
	.levels = 3, .bits = 9, .entry = 8, .large = BIT(2), .plain = BIT(3),
	.root = GENMASK_ULL(31, 5),
};

static const struct walk_mode walk_4level = {
	.levels = 4, .bits = 9, .entry = 8, .large = BIT(2) | BIT(3), .root = WALK_ADDR,
};

static const struct walk_mode walk_5level = {
	.levels = 5, .bits = 9, .entry = 8, .large = BIT(2) | BIT(3), .root = WALK_ADDR,
};

static const struct walk_mode *walk_mode(const struct sim_vmcb_save *s)
{
	if (!(s->cr4 & X86_CR4_PAE))
		return &walk_32;
	if (!(s->efer & EFER_LMA))
		return &walk_pae;
	return s->cr4 & X86_CR4_LA57 ? &walk_5level : &walk_4level;
}

/* Address bits below what an entry of this level maps. */
static int walk_shift(const struct walk_mode *m, int level)
{
	return 12 + m->bits * (level - 1);
}

static bool walk_canonical(const struct walk_mode *m, u64 gva)
{
	int unused = 64 - walk_shift(m, m->levels + 1);

	return (s64)(gva << unused) >> unused == (s64)gva;
}

static bool walk_is_large(const struct sim_vmcb_save *s, const struct walk_mode *m, int level,
			  u64 entry)
{
	return (entry & _PAGE_PSE) && (m->large & BIT(level)) &&
	       (m != &walk_32 || (s->cr4 & X86_CR4_PSE));
}

static u64 walk_reserved(const struct sim_vmcb_save *s, const struct walk_mode *m, int level,
			 bool large)
{
	u64 reserved = s->efer & EFER_NX ? 0 : _PAGE_NX;

	if (m == &walk_32)
		return large ? BIT(21) : 0;
	/* Long mode ignores these bits, or keeps protection keys there. */
	if (m == &walk_pae)
		reserved |= GENMASK_ULL(62, 52);
	if (m->plain & BIT(level))
		return reserved | _PAGE_NX | _PAGE_RW | _PAGE_USER | GENMASK_ULL(8, 5);
	if (large)
		return reserved | GENMASK_ULL(walk_shift(m, level) - 1, 13);
	return level > 3 ? reserved | _PAGE_PSE : reserved;
}

static u64 walk_frame(const struct walk_mode *m, int level, u64 entry)
{
	/* PSE-36: bits 13-20 of a 4M entry are bits 32-39 of the address. */
	if (m == &walk_32 && level == 2)
		return (entry & GENMASK_ULL(31, 22)) | (entry & GENMASK_ULL(20, 13)) << 19;
	return entry & WALK_ADDR & ~(BIT_ULL(walk_shift(m, level)) - 1);
}

/* @rights: R/W and U/S of all levels ANDed, and so the inverse of NX. */
static bool walk_allowed(const struct sim_vmcb_save *s, u64 rights, u32 need, bool user)
{
	bool user_page = rights & _PAGE_USER;

	if (user && !user_page)
		return false;
	if ((need & WALK_WRITE) && !(rights & _PAGE_RW) && (user || (s->cr0 & X86_CR0_WP)))
		return false;
	if ((need & WALK_EXECUTE) && !(rights & _PAGE_NX))
		return false;
	if (user || !user_page)
		return true;
	/* A supervisor at a page of the user. */
	if ((need & WALK_EXECUTE) && (s->cr4 & X86_CR4_SMEP))
		return false;
	return !(need & (WALK_READ | WALK_WRITE)) || !(s->cr4 & X86_CR4_SMAP) ||
	       (s->rflags & X86_EFLAGS_AC);
}

static struct sim_walk walk_fail(u32 result)
{
	return (struct sim_walk) { .result = result };
}

/* A page table that can't be read is the VMM's business, not the guest's. */
static struct sim_walk walk_no_table(struct sim_vp *vp, u64 gpa)
{
	struct sim_gpa_leaf leaf = sim_gpa_lookup(vp->pt, gpa >> HV_HYP_PAGE_SHIFT);

	return walk_fail(leaf.state == SIM_GPA_UNMAPPED ? SIM_WALK_GPA_UNMAPPED :
							   SIM_WALK_GPA_NO_READ);
}

static struct sim_walk walk(struct sim_vp *vp, u64 gva, u32 need, bool user)
{
	const struct sim_vmcb_save *s = &vp->vmcb->save;
	const struct walk_mode *m = walk_mode(s);
	u64 rights = ~0ull, table, entry;
	bool large;
	int level;

	if (!sim_long_mode(vp))
		gva = (u32)gva;
	if (!(s->cr0 & X86_CR0_PG))
		return (struct sim_walk) { .ok = true, .gpa = gva };
	if (sim_long_mode(vp) && !walk_canonical(m, gva))
		return walk_fail(SIM_WALK_NOT_PRESENT);

	table = s->cr3 & m->root;
	for (level = m->levels; ; level--) {
		u64 index = gva >> walk_shift(m, level) & (BIT(m->bits) - 1);
		u64 gpa = table + index * m->entry;

		entry = 0;
		if (!sim_gpa_read(vp->pt, gpa, &entry, m->entry))
			return walk_no_table(vp, gpa);
		if (!(entry & _PAGE_PRESENT))
			return walk_fail(SIM_WALK_NOT_PRESENT);
		large = walk_is_large(s, m, level, entry);
		if (entry & walk_reserved(s, m, level, large))
			return walk_fail(SIM_WALK_INVALID_FLAGS);
		if (!(m->plain & BIT(level)))
			rights &= entry ^ _PAGE_NX;
		if (level == 1 || large)
			break;
		table = entry & WALK_ADDR;
	}
	if (!walk_allowed(s, rights, need, user))
		return walk_fail(SIM_WALK_PRIVILEGE);
	return (struct sim_walk) {
		.ok = true,
		.gpa = walk_frame(m, level, entry) |
		       (gva & (BIT_ULL(walk_shift(m, level)) - 1)),
	};
}

struct sim_walk sim_walk(struct sim_vp *vp, u64 gva, u32 access, bool user)
{
	return walk(vp, gva, BIT(access), user);
}

u32 sim_fetch(struct sim_vp *vp, u8 *buf)
{
	const struct sim_vmcb_save *s = &vp->vmcb->save;
	u64 gva = sim_64bit(vp) ? s->rip : (u32)(s->cs.base + s->rip);
	u32 n = 0;

	while (n < 16) {
		u32 in_page = HV_HYP_PAGE_SIZE - ((gva + n) & (HV_HYP_PAGE_SIZE - 1));
		u32 len = min_t(u32, 16 - n, in_page);
		struct sim_walk w = sim_walk(vp, gva + n, HV_INTERCEPT_ACCESS_EXECUTE,
					     sim_cpl(vp) == 3);

		if (!w.ok || !sim_gpa_read(vp->pt, w.gpa, buf + n, len))
			break;
		n += len;
	}
	return n;
}

/* ------------------------------------------------------------- the hypercall */

/* HvCallTranslateVirtualAddress (TLFS); the kernel's headers lack it. */
struct sim_input_translate {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
	u64 flags;
	u64 gva_page;
};

struct sim_output_translate {
	u32 result_code;
	u32 cache_type : 8;
	u32 overlay_page : 1;
	u32 reserved : 23;
	u64 gpa_page;
};

static_assert(sizeof(struct sim_input_translate) == 32);
static_assert(sizeof(struct sim_output_translate) == 16);

#define SIM_TRANSLATE_READ		BIT(0)
#define SIM_TRANSLATE_WRITE		BIT(1)
#define SIM_TRANSLATE_EXECUTE		BIT(2)
#define SIM_TRANSLATE_PRIVILEGE_EXEMPT	BIT(3)
#define SIM_TRANSLATE_TLB_INHIBIT	BIT(5)	/* nothing to inhibit here */
/*
 * Bit 4 asks for accessed and dirty bits to be set in the guest's tables.  Not
 * built: refused, rather than silently not done.  No known client uses it.
 */
#define SIM_TRANSLATE_FLAGS	(SIM_TRANSLATE_READ | SIM_TRANSLATE_WRITE |		\
				 SIM_TRANSLATE_EXECUTE | SIM_TRANSLATE_PRIVILEGE_EXEMPT | \
				 SIM_TRANSLATE_TLB_INHIBIT)

/*
 * Without a validate flag no rights are checked.  The GPA codes are about page
 * tables only: whether a real hypervisor also looks at the page translated to
 * is not known, and VMMs translate addresses of devices with this call.
 */
static struct sim_walk sim_translate(struct sim_vp *vp, const struct sim_input_translate *in)
{
	bool user = sim_cpl(vp) == 3 && !(in->flags & SIM_TRANSLATE_PRIVILEGE_EXEMPT);
	u32 need = 0;

	if (in->flags & SIM_TRANSLATE_READ)
		need |= WALK_READ;
	if (in->flags & SIM_TRANSLATE_WRITE)
		need |= WALK_WRITE;
	if (in->flags & SIM_TRANSLATE_EXECUTE)
		need |= WALK_EXECUTE;
	return walk(vp, in->gva_page << HV_HYP_PAGE_SHIFT, need, user && need);
}

u64 sim_hc_translate(struct sim_call *c)
{
	const struct sim_input_translate *in = c->in;
	struct sim_output_translate *out = c->out;
	unsigned long flags;
	struct sim_walk w = { 0 };
	bool dead;

	/* The upper byte chooses a VTL: there is none but 0. */
	if (in->padding || (in->flags & ~SIM_TRANSLATE_FLAGS))
		return HV_STATUS_INVALID_PARAMETER;

	sim_vp_stop(c->vp, &flags);
	dead = c->vp->dead;
	if (!dead)
		w = sim_translate(c->vp, in);
	sim_vp_resume(c->vp, flags);
	if (dead)
		return HV_STATUS_INVALID_VP_INDEX;

	*out = (struct sim_output_translate) {
		.result_code = w.result,
		.gpa_page = w.ok ? w.gpa >> HV_HYP_PAGE_SHIFT : 0,
	};
	return HV_STATUS_SUCCESS;
}
