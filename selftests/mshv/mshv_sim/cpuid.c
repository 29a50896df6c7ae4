// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID: what a guest sees is what the host's processor has, less what the
 * engine can't run, less what the partition was created without, and changed by
 * what the VMM registered (HvCallRegisterInterceptResult).
 */
#include <linux/slab.h>
#include <asm/cpuid/api.h>
#include <asm/processor-flags.h>

#include "engine.h"

enum { EAX, EBX, ECX, EDX };

/* ---------------------------------------------------------------- features */

/* Features without which nothing was ever built, or that nothing switches off. */
struct cpuid_word {
	u32 leaf, subleaf;
	u8 reg;
	u32 bits;
};

static const struct cpuid_word cpuid_basics[] = {
	/* fpu vme de pse tsc msr pae cx8 sep mtrr pge cmov pat pse36 clfsh mmx fxsr sse sse2 */
	{ 1, 0, EDX, 0x078bb97f },
	/* fpu vme de pse tsc msr pae cx8 syscall mtrr pge cmov pat pse36 nx mmx fxsr ffxsr lm */
	{ 0x80000001, 0, EDX, 0x2393b97f },
	/* prefetchw */
	{ 0x80000001, 0, ECX, BIT(8) },
};

/*
 * Features with a bit in HV_PARTITION_PROCESSOR_FEATURES (hyperv/hvhdk.h), which
 * the engine can give to a guest: those need no state beyond FXSAVE's, or AVX's if
 * they say so, and no MSR that is the host's while the guest runs.  AMD APM volume 3,
 * appendix E.
 */
struct cpuid_feature {
	u8 bank, bit;
	u8 reg, reg_bit;
	u32 leaf, subleaf;
	bool avx;
};

static const struct cpuid_feature cpuid_features[] = {
	{ 0, 0, ECX, 0, 1, 0 },			/* sse3 */
	{ 0, 1, ECX, 0, 0x80000001, 0 },	/* lahf_sahf */
	{ 0, 2, ECX, 9, 1, 0 },			/* ssse3 */
	{ 0, 3, ECX, 19, 1, 0 },		/* sse4_1 */
	{ 0, 4, ECX, 20, 1, 0 },		/* sse4_2 */
	{ 0, 5, ECX, 6, 0x80000001, 0 },	/* sse4a */
	{ 0, 7, ECX, 23, 1, 0 },		/* pop_cnt */
	{ 0, 8, ECX, 13, 1, 0 },		/* cmpxchg16b */
	{ 0, 9, ECX, 4, 0x80000001, 0 },	/* altmovcr8 */
	{ 0, 10, ECX, 5, 0x80000001, 0 },	/* lzcnt */
	{ 0, 11, ECX, 7, 0x80000001, 0 },	/* mis_align_sse */
	{ 0, 12, EDX, 22, 0x80000001, 0 },	/* mmx_ext */
	{ 0, 13, EDX, 31, 0x80000001, 0 },	/* amd3dnow */
	{ 0, 14, EDX, 30, 0x80000001, 0 },	/* extended_amd3dnow */
	{ 0, 15, EDX, 26, 0x80000001, 0 },	/* page_1gb */
	{ 0, 16, ECX, 25, 1, 0 },		/* aes */
	{ 0, 17, ECX, 1, 1, 0 },		/* pclmulqdq */
	{ 0, 18, ECX, 17, 1, 0 },		/* pcid */
	{ 0, 20, ECX, 29, 1, 0, true },		/* f16c */
	{ 0, 21, ECX, 30, 1, 0 },		/* rd_rand */
	{ 0, 22, EBX, 0, 7, 0 },		/* rd_wr_fs_gs */
	{ 0, 23, EBX, 7, 7, 0 },		/* smep */
	{ 0, 24, EBX, 9, 7, 0 },		/* enhanced_fast_string */
	{ 0, 25, EBX, 3, 7, 0 },		/* bmi1 */
	{ 0, 26, EBX, 8, 7, 0 },		/* bmi2 */
	{ 0, 29, ECX, 22, 1, 0 },		/* movbe */
	{ 0, 32, EBX, 18, 7, 0 },		/* rd_seed */
	{ 0, 33, EBX, 19, 7, 0 },		/* adx */
	{ 0, 35, EBX, 20, 7, 0 },		/* smap */
	{ 0, 38, EDX, 27, 0x80000001, 0 },	/* rdtscp */
	{ 0, 39, EBX, 23, 7, 0 },		/* clflushopt */
	{ 0, 40, EBX, 24, 7, 0 },		/* clwb */
	{ 0, 41, EBX, 29, 7, 0 },		/* sha */
	{ 0, 43, EBX, 10, 7, 0 },		/* invpcid */
	{ 0, 49, EDX, 4, 7, 0 },		/* fast_short_rep_mov */
	{ 0, 58, ECX, 2, 7, 0 },		/* umip */
	{ 1, 1, EDX, 8, 0x80000007, 0 },	/* tsc_invariant */
	{ 1, 2, EBX, 0, 0x80000008, 0 },	/* cl_zero */
	{ 1, 4, ECX, 16, 7, 0 },		/* la57 */
	{ 1, 13, ECX, 27, 7, 0 },		/* movdiri */
	{ 1, 14, ECX, 28, 7, 0 },		/* movdir64b */
	{ 1, 15, ECX, 25, 7, 0 },		/* cldemote */
	{ 1, 16, EDX, 14, 7, 0 },		/* serialize */
	{ 1, 19, EAX, 10, 7, 1 },		/* fzlrep_movsb */
	{ 1, 20, EAX, 11, 7, 1 },		/* fsrep_stosb */
	{ 1, 21, EAX, 12, 7, 1 },		/* fsrep_cmpsb */
};

/* Those that stand and fall with the XSAVE features of a partition. */
struct cpuid_xsave {
	u64 feature;
	u8 reg, reg_bit;
	u32 leaf, subleaf;
	u64 needs;		/* states */
};

static const struct cpuid_xsave cpuid_xsave[] = {
	{ SIM_XSAVE_SUPPORT, ECX, 26, 1, 0 },
	{ SIM_XSAVEOPT, EAX, 0, 0xd, 1 },
	{ SIM_XSAVEC, EAX, 1, 0xd, 1 },
	{ SIM_XSAVE_AVX, ECX, 28, 1, 0, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_AVX2, EBX, 5, 7, 0, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_FMA, ECX, 12, 1, 0, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_XCR1, EAX, 2, 0xd, 1 },
	{ SIM_XSAVE_GFNI, ECX, 8, 7, 0 },
	{ SIM_XSAVE_VAES, ECX, 9, 7, 0, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_VPCLMULQDQ, ECX, 10, 7, 0, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_AVX_VNNI, EAX, 4, 7, 1, XFEATURE_MASK_YMM },
	{ SIM_XSAVE_AVX_IFMA, EAX, 23, 7, 1, XFEATURE_MASK_YMM },
};

static bool cpuid_xsave_allowed(const struct sim_partition *pt, const struct cpuid_xsave *x)
{
	return sim_xsave_has(pt) && !(pt->disabled_xsave & x->feature) &&
	       !(x->needs & ~sim_xsave_states(pt));
}

/* In bank 1; it is the emulated APIC's, so it does not take a host that has it. */
#define CPUID_TSC_DEADLINE	BIT_ULL(17)

static void cpuid_host(u32 leaf, u32 subleaf, u32 r[4])
{
	cpuid_count(leaf, subleaf, &r[EAX], &r[EBX], &r[ECX], &r[EDX]);
}

/* The highest leaf of the host in the range that @leaf belongs to. */
static u32 cpuid_host_max(u32 leaf)
{
	return cpuid_eax(leaf & 0x80000000);
}

void sim_cpuid_banks(u64 bank[HV_PARTITION_PROCESSOR_FEATURES_BANKS])
{
	u32 r[4];
	int i;

	memset(bank, 0, sizeof(*bank) * HV_PARTITION_PROCESSOR_FEATURES_BANKS);
	bank[1] = CPUID_TSC_DEADLINE;
	for (i = 0; i < ARRAY_SIZE(cpuid_features); i++) {
		const struct cpuid_feature *f = &cpuid_features[i];

		if (f->leaf > cpuid_host_max(f->leaf))
			continue;
		cpuid_host(f->leaf, f->subleaf, r);
		if (r[f->reg] & BIT(f->reg_bit))
			bank[f->bank] |= BIT_ULL(f->bit);
	}
}

/* The feature bits of a leaf that a partition may show. */
static void cpuid_allowed(struct sim_partition *pt, u32 leaf, u32 subleaf, u32 allowed[4])
{
	int i;

	memset(allowed, 0, 4 * sizeof(*allowed));
	for (i = 0; i < ARRAY_SIZE(cpuid_basics); i++) {
		const struct cpuid_word *w = &cpuid_basics[i];

		if (w->leaf == leaf && w->subleaf == subleaf)
			allowed[w->reg] |= w->bits;
	}
	for (i = 0; i < ARRAY_SIZE(cpuid_features); i++) {
		const struct cpuid_feature *f = &cpuid_features[i];

		if (f->avx && !(sim_xsave_states(pt) & XFEATURE_MASK_YMM))
			continue;
		if (f->leaf == leaf && f->subleaf == subleaf &&
		    !(pt->disabled_features.as_uint64[f->bank] & BIT_ULL(f->bit)))
			allowed[f->reg] |= BIT(f->reg_bit);
	}
	for (i = 0; i < ARRAY_SIZE(cpuid_xsave); i++) {
		const struct cpuid_xsave *x = &cpuid_xsave[i];

		if (x->leaf == leaf && x->subleaf == subleaf && cpuid_xsave_allowed(pt, x))
			allowed[x->reg] |= BIT(x->reg_bit);
	}
}

u64 sim_cpuid_xsave_features(struct sim_partition *pt)
{
	u64 features = 0;
	u32 r[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(cpuid_xsave); i++) {
		const struct cpuid_xsave *x = &cpuid_xsave[i];

		cpuid_host(x->leaf, x->subleaf, r);
		if (cpuid_xsave_allowed(pt, x) && (r[x->reg] & BIT(x->reg_bit)))
			features |= x->feature;
	}
	return features;
}

/* ----------------------------------------------------------------- the leaves */

#define CPUID_MAX		0xd
#define CPUID_MAX_EXTENDED	0x80000008
#define CPUID_HV		HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS

static union hv_partition_synthetic_processor_features
cpuid_synthetic(const struct sim_partition *pt)
{
	return (union hv_partition_synthetic_processor_features) {
		.as_uint64[0] = pt->synthetic_features,
	};
}

/* Leaf 0xb: no SMT, one package. */
static void cpuid_topology(struct sim_vp *vp, u32 subleaf, u32 r[4])
{
	u32 nr = READ_ONCE(vp->pt->nr_vps);

	memset(r, 0, 4 * sizeof(*r));
	r[ECX] = subleaf & 0xff;
	r[EDX] = vp->lapic.initial_id;
	if (subleaf == 0) {
		r[EBX] = 1;
		r[ECX] |= 1 << 8;	/* SMT level */
	} else if (subleaf == 1) {
		r[EAX] = 8;		/* SIM_MAX_VPS ids below the package */
		r[EBX] = nr;
		r[ECX] |= 2 << 8;	/* core level */
	}
}

static void cpuid_leaf_1(struct sim_vp *vp, u32 r[4])
{
	struct sim_partition *pt = vp->pt;
	u32 nr = min(READ_ONCE(pt->nr_vps), 255u);

	/* Initial APIC id, logical processors, CLFLUSH size; no brand index. */
	r[EBX] = vp->lapic.initial_id << 24 | nr << 16 | (r[EBX] & 0xff00);
	if (nr > 1)
		r[EDX] |= BIT(28);
	if (sim_partition_has_lapic(pt)) {
		if (sim_lapic_enabled(vp))
			r[EDX] |= BIT(9);
		if (pt->flags & HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)
			r[ECX] |= BIT(21);
		if (!(pt->disabled_features.as_uint64[1] & CPUID_TSC_DEADLINE))
			r[ECX] |= BIT(24);
	}
	if (vp->vmcb->save.cr4 & X86_CR4_OSXSAVE)
		r[ECX] |= BIT(27);
	if (cpuid_synthetic(pt).hypervisor_present)
		r[ECX] |= BIT(31);
}

/* Leaf 0xd: XSAVES is not among the features, so that XSS is none. */
static void cpuid_xstate(struct sim_vp *vp, u32 subleaf, u32 r[4])
{
	u64 states = sim_xsave_states(vp->pt);

	if (!sim_xsave_has(vp->pt)) {
		memset(r, 0, 4 * sizeof(*r));
	} else if (subleaf == 0) {
		r[EAX] = states;
		r[EBX] = sim_xsave_size(vp->xfem);
		r[ECX] = sim_xsave_size(states);
	} else if (subleaf == 1) {
		r[EBX] = sim_xsave_size(vp->xfem);
	} else if (subleaf == 2 && (states & XFEATURE_MASK_YMM)) {
		r[EAX] = SIM_XSAVE_MAX - sim_xsave_size(0);
		r[EBX] = sim_xsave_size(0);
	}
}

/*
 * Leaves that are features get those that are allowed; leaves that describe
 * the processor are the host's; what is left describes things that partitions
 * don't have (monitor, thermal, PMU) and is zero.
 */
static void cpuid_default(struct sim_vp *vp, u32 leaf, u32 subleaf, u32 r[4])
{
	struct sim_partition *pt = vp->pt;
	u32 host[4], allowed[4];
	int i;

	memset(r, 0, 4 * sizeof(*r));
	/* Other leaves do not look at ECX (APM volume 3, appendix E). */
	if (leaf != 7 && leaf != 0xb && leaf != 0xd)
		subleaf = 0;
	if (leaf >> 16 == CPUID_HV >> 16) {
		sim_cpuid_hypervisor(pt, leaf, r);
		return;
	}
	if (leaf != 0 && leaf != 0x80000000 && leaf > cpuid_host_max(leaf))
		return;
	if (leaf > (leaf & 0x80000000 ? CPUID_MAX_EXTENDED : CPUID_MAX))
		return;

	cpuid_host(leaf, subleaf, host);
	cpuid_allowed(pt, leaf, subleaf, allowed);
	for (i = 0; i < 4; i++)
		r[i] = host[i] & allowed[i];

	switch (leaf) {
	case 0:
	case 0x80000000:
		memcpy(r, host, sizeof(host));
		r[EAX] = min(host[EAX], leaf ? CPUID_MAX_EXTENDED : CPUID_MAX);
		break;
	case 1:
		r[EAX] = host[EAX];
		r[EBX] = host[EBX];
		cpuid_leaf_1(vp, r);
		break;
	case 7:
		r[EAX] = subleaf ? r[EAX] : min(host[EAX], 1u);
		break;
	case 0xb:
		cpuid_topology(vp, subleaf, r);
		break;
	case 0xd:
		cpuid_xstate(vp, subleaf, r);
		break;
	case 0x80000001:
		r[EAX] = host[EAX];
		if (sim_lapic_enabled(vp))
			r[EDX] |= BIT(9);
		break;
	case 0x80000002 ... 0x80000006:	/* name, caches, TLBs */
		memcpy(r, host, sizeof(host));
		break;
	case 0x80000008:
		r[EAX] = host[EAX] & 0xffff;	/* address widths */
		break;
	}
}

struct sim_cpuid sim_cpuid_default(struct sim_vp *vp, u32 leaf, u32 subleaf)
{
	u32 r[4];

	cpuid_default(vp, leaf, subleaf, r);
	return (struct sim_cpuid) { .eax = r[EAX], .ebx = r[EBX], .ecx = r[ECX], .edx = r[EDX] };
}

/* CR4 bits that stand for a CPUID bit; APM volume 2, 3.1.3. */
u64 sim_cr4_allowed(struct sim_vp *vp)
{
	static const struct cr4_feature {
		u64 cr4;
		u32 leaf;
		u8 reg, bit;
	} features[] = {
		{ X86_CR4_PCIDE, 1, ECX, 17 },
		{ X86_CR4_FSGSBASE, 7, EBX, 0 },
		{ X86_CR4_SMEP, 7, EBX, 7 },
		{ X86_CR4_SMAP, 7, EBX, 20 },
		{ X86_CR4_UMIP, 7, ECX, 2 },
		{ X86_CR4_LA57, 7, ECX, 16 },
		{ X86_CR4_OSXSAVE, 1, ECX, 26 },
	};
	u64 cr4 = X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | X86_CR4_PSE |
		  X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | X86_CR4_PCE |
		  X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;
	u32 r[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		cpuid_default(vp, features[i].leaf, 0, r);
		if (r[features[i].reg] & BIT(features[i].bit))
			cr4 |= features[i].cr4;
	}
	return cr4;
}

/* ------------------------------------------------------------------ overrides */

/* Bounded, because they are not taken from the partition's deposit. */
#define SIM_MAX_OVERRIDES	1024

/* A VP's own before the partition's, a subleaf's before the leaf's. */
static int override_rank(const struct sim_cpuid_override *o)
{
	return (o->vp_index != HV_ANY_VP ? 2 : 0) + (o->subleaf_specific ? 1 : 0);
}

static const struct sim_cpuid_override *override_find(struct sim_vp *vp, u32 leaf, u32 subleaf)
{
	const struct sim_cpuid_override *o, *best = NULL;

	list_for_each_entry(o, &vp->pt->cpuid_overrides, link) {
		if (o->leaf != leaf || (o->subleaf_specific && o->subleaf != subleaf))
			continue;
		if (o->vp_index != HV_ANY_VP && o->vp_index != vp->index)
			continue;
		if (!best || override_rank(o) > override_rank(best))
			best = o;
	}
	return best;
}

struct sim_cpuid sim_cpuid_guest(struct sim_vp *vp, u32 leaf, u32 subleaf)
{
	const struct sim_cpuid_override *o;
	unsigned long flags;
	u32 r[4];
	int i;

	cpuid_default(vp, leaf, subleaf, r);
	raw_spin_lock_irqsave(&vp->pt->lock, flags);
	o = override_find(vp, leaf, subleaf);
	for (i = 0; o && i < 4; i++)
		r[i] = (r[i] & ~o->mask[i]) | (o->value[i] & o->mask[i]);
	raw_spin_unlock_irqrestore(&vp->pt->lock, flags);
	return (struct sim_cpuid) { .eax = r[EAX], .ebx = r[EBX], .ecx = r[ECX], .edx = r[EDX] };
}

void sim_cpuid_free_overrides(struct sim_partition *pt)
{
	struct sim_cpuid_override *o, *next;
	unsigned long flags;
	LIST_HEAD(list);

	raw_spin_lock_irqsave(&pt->lock, flags);
	list_splice_init(&pt->cpuid_overrides, &list);
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	list_for_each_entry_safe(o, next, &list, link)
		kfree(o);
}

static bool override_same(const struct sim_cpuid_override *a, const struct sim_cpuid_override *b)
{
	return a->vp_index == b->vp_index && a->leaf == b->leaf &&
	       a->subleaf_specific == b->subleaf_specific &&
	       (!a->subleaf_specific || a->subleaf == b->subleaf);
}

/* Takes over @new, or frees it. */
static u64 override_register(struct sim_partition *pt, struct sim_cpuid_override *new)
{
	struct sim_cpuid_override *o, *old = NULL;
	u64 status = HV_STATUS_SUCCESS;
	unsigned long flags;
	u32 n = 0;

	raw_spin_lock_irqsave(&pt->lock, flags);
	list_for_each_entry(o, &pt->cpuid_overrides, link) {
		n++;
		if (override_same(o, new))
			old = o;
	}
	if (old) {
		list_replace(&old->link, &new->link);
	} else if (n < SIM_MAX_OVERRIDES) {
		list_add_tail(&new->link, &pt->cpuid_overrides);
	} else {
		/* Not INSUFFICIENT_MEMORY: more deposits would not help. */
		status = HV_STATUS_NO_RESOURCES;
		old = new;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	kfree(old);
	return status;
}

/* ----------------------------------------------------------------- hypercalls */

static bool cpuid_vp_exists(struct sim_partition *pt, u32 vp_index)
{
	return vp_index == HV_ANY_VP ||
	       (vp_index < SIM_MAX_VPS && rcu_access_pointer(pt->vps[vp_index]));
}

/*
 * What always_override = 0 leaves to the hypervisor is not known; here every
 * override is one.
 */
static u64 cpuid_register_result(struct sim_call *c, const struct sim_input_register_result *in)
{
	struct sim_cpuid_override *o;
	int i;

	if (in->padding || in->subleaf_specific > 1 || in->always_override > 1)
		return HV_STATUS_INVALID_PARAMETER;

	o = kzalloc_obj(*o, GFP_ATOMIC | __GFP_NOWARN);
	if (!o)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	o->vp_index = in->vp_index;
	o->leaf = in->eax;
	o->subleaf = in->ecx;
	o->subleaf_specific = in->subleaf_specific;
	o->always_override = in->always_override;
	for (i = 0; i < 4; i++) {
		o->value[i] = in->result[i].value;
		o->mask[i] = in->result[i].mask;
	}
	return override_register(c->pt, o);
}

u64 sim_hc_register_intercept_result(struct sim_call *c)
{
	const struct sim_input_register_result *in = c->in;

	if (in->intercept_type != HV_INTERCEPT_TYPE_X64_CPUID &&
	    in->intercept_type != HV_INTERCEPT_TYPE_X64_MSR)
		return HV_STATUS_INVALID_PARAMETER;
	if (!cpuid_vp_exists(c->pt, in->vp_index))
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->intercept_type == HV_INTERCEPT_TYPE_X64_MSR)
		return sim_msr_register_result(c->pt, in);
	return cpuid_register_result(c, in);
}

/* HvCallGetVpCpuidValues: structures and flags as in rust-vmm's mshv-bindings. */
struct sim_input_vp_cpuid {
	u64 partition_id;
	u32 vp_index;
	u32 flags;
	u32 reserved[2];
	struct {
		u32 eax, ecx;
		u64 xfem, xss;
	} leaf[];
} __packed;

static_assert(sizeof(struct sim_input_vp_cpuid) == 24);

/* XFEM is the VP's in leaf 0xd, whatever the input says. */
#define SIM_CPUID_USE_VP_XFEM_XSS	BIT(0)
#define SIM_CPUID_APPLY_REGISTERED	BIT(1)

u64 sim_hc_get_vp_cpuid(struct sim_call *c, u32 i)
{
	const struct sim_input_vp_cpuid *in = c->in;
	struct sim_cpuid *out = c->out;
	u32 leaf = in->leaf[i].eax, subleaf = in->leaf[i].ecx;

	if ((in->flags & ~(SIM_CPUID_USE_VP_XFEM_XSS | SIM_CPUID_APPLY_REGISTERED)) ||
	    in->reserved[0] || in->reserved[1])
		return HV_STATUS_INVALID_PARAMETER;
	out[i] = in->flags & SIM_CPUID_APPLY_REGISTERED ?
		 sim_cpuid_guest(c->vp, leaf, subleaf) :
		 sim_cpuid_default(c->vp, leaf, subleaf);
	return HV_STATUS_SUCCESS;
}
