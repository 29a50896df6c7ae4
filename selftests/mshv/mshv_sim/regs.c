// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers by name, for HVCALL_GET/SET_VP_REGISTERS, and by MSR number, for
 * the guest: one table says for each where it lives and what it accepts.
 *
 * Names and value layouts: include/hyperv where the kernel has them, else the
 * TLFS ("Virtual processor register names").  Consecutive names that live in
 * consecutive places share a row.
 */
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/processor-flags.h>

#include "engine.h"
#include "reg_names.h"

#define CR0_VALID	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
			 X86_CR0_PG)
#define EFER_VALID	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX | EFER_FFXSR)
#define RFLAGS_VALID	0x3f7fd7ULL
#define ALL		(~0ULL)

enum sim_reg_kind {
	KIND_SAVE,	/* u64 in the VMCB's save area, at .where */
	KIND_VP,	/* u64 in struct sim_vp, at .where */
	KIND_SEGMENT,	/* struct sim_vmcb_seg in the save area, 128 bits */
	KIND_TABLE,	/* likewise, as base and limit */
	KIND_FPU,	/* 128 bits of the FXSAVE image, at .where */
	KIND_STORED,	/* kept, without effect yet */
	KIND_FN,
};

struct sim_reg {
	u32 name;
	u16 count;
	u8 kind;
	u16 where;
	u16 stride;		/* from one place to the next */
	u32 msr;		/* 0: not an MSR */
	u32 msr_stride;
	u64 valid;		/* bits that may be set; 0: read as ALL */
	void (*get)(struct sim_vp *vp, u32 i, union hv_register_value *val);
	u64 (*set)(struct sim_vp *vp, u32 i, const union hv_register_value *val);
};

#define SAVE_OFF(f)	offsetof(struct sim_vmcb, save.f)
#define SAVE(_n, f, ...)	{ _n, 1, KIND_SAVE, SAVE_OFF(f), ##__VA_ARGS__ }
#define SAVE_MSR(_n, f, _msr)	{ _n, 1, KIND_SAVE, SAVE_OFF(f), 0, _msr }
#define VPREG(_n, f, ...)	{ _n, 1, KIND_VP, offsetof(struct sim_vp, f), ##__VA_ARGS__ }
#define SEG(_n, f)	{ _n, 1, KIND_SEGMENT, SAVE_OFF(f) }
#define TABLE(_n, f)	{ _n, 1, KIND_TABLE, SAVE_OFF(f) }
#define FPU(_n, c, off)	{ _n, c, KIND_FPU, off, 16 }
#define STORED(_n, c, _msr, st)	{ _n, c, KIND_STORED, 0, 8, _msr, st }
#define FN(_n, _get, _set)	{ _n, 1, KIND_FN, .get = _get, .set = _set }
#define FN_MSR(_n, _msr, _get, _set)	\
	{ _n, 1, KIND_FN, .msr = _msr, .get = _get, .set = _set }

/* ------------------------------------------------- registers with a mind */

#define BAD_VALUE	HV_STATUS_INVALID_REGISTER_VALUE

#define SUSPEND(field)							\
static void get_##field(struct sim_vp *vp, u32 i, union hv_register_value *val)	\
{									\
	val->reg64 = vp->field;						\
}									\
static u64 set_##field(struct sim_vp *vp, u32 i, const union hv_register_value *val)	\
{									\
	if (val->reg64 & ~1ULL)						\
		return BAD_VALUE;					\
	vp->field = val->reg64;						\
	return HV_STATUS_SUCCESS;					\
}

SUSPEND(explicit_suspend)
SUSPEND(intercept_suspend)
SUSPEND(dispatch_suspend)

/* TLFS, HvX64RegisterInternalActivityState: bit 0 "waits for SIPI", 1 "halted". */
static void get_activity(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->startup_suspend | (u64)vp->halted << 1;
}

static u64 set_activity(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~3ULL)
		return BAD_VALUE;
	vp->startup_suspend = val->reg64 & 1;
	vp->halted = val->reg64 & 2;
	return HV_STATUS_SUCCESS;
}

static void get_interruption(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->pending_interruption = vp->pending_interruption;
}

/* Types: 0 interrupt, 2 NMI, 3 exception, 4..6 software (TLFS, 7.9.2). */
static u64 set_interruption(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	const union hv_x64_pending_interruption_register *p = &val->pending_interruption;

	if (p->interruption_pending &&
	    (p->interruption_type == 1 || p->interruption_type == 7 ||
	     p->interruption_vector > 255 || p->reserved ||
	     (p->interruption_type == 3 && p->interruption_vector > 31)))
		return BAD_VALUE;
	vp->pending_interruption = *p;
	return HV_STATUS_SUCCESS;
}

static void get_interrupt_state(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = sim_shadow_get(vp) | (u64)vp->nmi_masked << 1;
}

static u64 set_interrupt_state(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~3ULL)
		return BAD_VALUE;
	sim_shadow_set(vp, val->reg64 & 1);
	vp->nmi_masked = val->reg64 & 2;
	return HV_STATUS_SUCCESS;
}

static void get_event(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg128 = vp->pending_event[i];
}

/*
 * An event to inject (TLFS, HvX64RegisterPendingEvent0/1).  The engine injects
 * event 0 if it is an exception (0) or an external interrupt (5).
 */
static u64 set_event(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 low = val->reg128.low_part;
	u32 type = low >> 1 & 7;

	if ((low & 1) && (i || (type != 0 && type != 5)))
		return HV_STATUS_INVALID_PARAMETER;
	if ((low & 1) && !type && (low >> 16 & 0xffff) > 31)
		return BAD_VALUE;
	vp->pending_event[i] = val->reg128;
	return HV_STATUS_SUCCESS;
}

static void get_efer(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = sim_efer_get(vp);
}

static u64 set_efer(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~EFER_VALID)
		return BAD_VALUE;
	sim_efer_set(vp, val->reg64);
	sim_tlb_stale(vp);
	return HV_STATUS_SUCCESS;
}

/*
 * What the guest's WRMSR may do: LMA is the processor's, and long mode can't be
 * switched on or off under paging (APM vol. 2, 3.1.7 and 14.6.1).
 */
static bool sim_efer_write(struct sim_vp *vp, u64 val)
{
	union hv_register_value v;
	u64 old = sim_efer_get(vp);

	if ((vp->vmcb->save.cr0 & X86_CR0_PG) && ((val ^ old) & EFER_LME))
		return false;
	v.reg64 = (val & ~EFER_LMA) | (old & EFER_LMA);
	return set_efer(vp, 0, &v) == HV_STATUS_SUCCESS;
}

static void get_cr4(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vmcb->save.cr4;
}

/* Only what CPUID offers can be switched on; VMRUN would refuse some of it. */
static u64 set_cr4(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~sim_cr4_allowed(vp))
		return BAD_VALUE;
	vp->vmcb->save.cr4 = val->reg64;
	sim_tlb_stale(vp);
	return HV_STATUS_SUCCESS;
}

static void get_pat(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vmcb->save.g_pat;
}

/* Memory types 0, 1, 4, 5, 6, 7 (APM vol. 2, 7.8.1); VMRUN refuses others. */
static u64 set_pat(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 types = val->reg64;

	for (; types; types >>= 8)
		if ((types & 0xff) > 7 || (types & 0xff) == 2 || (types & 0xff) == 3)
			return BAD_VALUE;
	vp->vmcb->save.g_pat = val->reg64;
	sim_tlb_stale(vp);
	return HV_STATUS_SUCCESS;
}

static void get_tsc(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = rdtsc() + vp->vmcb->control.tsc_offset;
}

static u64 set_tsc(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	vp->vmcb->control.tsc_offset = val->reg64 - rdtsc();
	return HV_STATUS_SUCCESS;
}

static void get_vp_index(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->index;
}

/* A VP without APIC is known by its index. */
static u64 check_apic_id(const struct sim_vp *vp, u64 id)
{
	if (sim_partition_has_lapic(vp->pt) ? id >= U32_MAX : id != vp->index)
		return BAD_VALUE;
	return HV_STATUS_SUCCESS;
}

static void get_initial_apic_id(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->lapic.initial_id;
}

/* What CPUID says, and so what the APIC has out of reset. */
static u64 set_initial_apic_id(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 status = check_apic_id(vp, val->reg64);

	if (status == HV_STATUS_SUCCESS) {
		vp->lapic.initial_id = val->reg64;
		sim_lapic_set_id(vp, val->reg64);
	}
	return status;
}

static void get_apic_id(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->lapic.id;
}

static u64 set_apic_id(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 status = check_apic_id(vp, val->reg64);

	if (status == HV_STATUS_SUCCESS)
		sim_lapic_set_id(vp, val->reg64);
	return status;
}

static void get_apic_version(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	u32 version = 0;

	if (sim_lapic_enabled(vp))
		sim_lapic_read(vp, APIC_REG_VERSION, &version);
	val->reg64 = version;
}

static void get_apic_base(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->apic_base;
}

static u64 set_apic_base(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	return sim_lapic_set_base(vp, val->reg64, false) ? HV_STATUS_SUCCESS : BAD_VALUE;
}

static void get_signal_count(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->signal_count;
}

/* XCR0: x87 must be on; nothing beyond SSE is offered. */
static void get_xfem(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->xfem;
}

static u64 set_xfem(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (!(val->reg64 & 1) || val->reg64 & ~3ULL)
		return BAD_VALUE;
	vp->xfem = val->reg64;
	return HV_STATUS_SUCCESS;
}

/* IA32_MTRRCAP: 8 variable ranges, fixed ranges, write-combining (SDM vol. 3). */
static void get_mtrr_cap(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = 0x508;
}

/* Bits 1..: interrupt, NMI, SINTs (TLFS, 7.9.7): accepted, not yet acted upon. */
static u64 set_notifications(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~0xffff0000003fULL)
		return HV_STATUS_INVALID_PARAMETER;
	vp->deliverability = val->reg64;
	return HV_STATUS_SUCCESS;
}

static void get_notifications(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->deliverability;
}

/* ------------------------------------------------------------- the table */

/* Sorted by name. */
static struct sim_reg sim_regs[] = {
	FN(HV_REGISTER_EXPLICIT_SUSPEND, get_explicit_suspend, set_explicit_suspend),
	FN(HV_REGISTER_INTERCEPT_SUSPEND, get_intercept_suspend, set_intercept_suspend),
	STORED(R_INSTRUCTION_EMULATION_HINTS, 1, 0, 0),
	FN(HV_REGISTER_DISPATCH_SUSPEND, get_dispatch_suspend, set_dispatch_suspend),
	FN(R_INTERNAL_ACTIVITY_STATE, get_activity, set_activity),
	FN(R_PENDING_INTERRUPTION, get_interruption, set_interruption),
	FN(R_INTERRUPT_STATE, get_interrupt_state, set_interrupt_state),
	{ R_PENDING_EVENT0, 2, KIND_FN, .get = get_event, .set = set_event },
	FN(R_DELIVERABILITY_NOTIFICATIONS, get_notifications, set_notifications),
	{ R_RAX, 16, KIND_VP, offsetof(struct sim_vp, gpr), 8 },
	SAVE(R_RIP, rip),
	SAVE(R_RFLAGS, rflags, .valid = RFLAGS_VALID),
	FPU(R_XMM0, 16, 160),
	FPU(R_FP_MMX0, 8, 32),
	FPU(R_FP_CONTROL_STATUS, 1, 0),
	FPU(R_XMM_CONTROL_STATUS, 1, 16),
	SAVE(R_CR0, cr0, .valid = CR0_VALID),
	SAVE(R_CR2, cr2),
	SAVE(R_CR3, cr3),
	FN(R_CR4, get_cr4, set_cr4),
	VPREG(R_CR8, cr8, .valid = 0xf),
	FN(R_XFEM, get_xfem, set_xfem),
	/* What the guest itself sees; without nesting there is no difference. */
	SAVE(R_INTERMEDIATE_CR0, cr0, .valid = CR0_VALID),
	SAVE(R_INTERMEDIATE_CR3, cr3),
	FN(R_INTERMEDIATE_CR4, get_cr4, set_cr4),
	VPREG(R_INTERMEDIATE_CR8, cr8, .valid = 0xf),
	{ HV_X64_REGISTER_DR0, 4, KIND_VP, offsetof(struct sim_vp, dr), 8 },
	SAVE(HV_X64_REGISTER_DR6, dr6, .valid = 0xffffffff),
	SAVE(HV_X64_REGISTER_DR7, dr7, .valid = 0xffffffff),
	/* es cs ss ds fs gs: the save area has the same order. */
	{ R_ES, 6, KIND_SEGMENT, SAVE_OFF(es), sizeof(struct sim_vmcb_seg) },
	SEG(R_LDTR, ldtr),
	SEG(R_TR, tr),
	TABLE(R_IDTR, idtr),
	TABLE(R_GDTR, gdtr),
	FN_MSR(R_TSC, MSR_IA32_TSC, get_tsc, set_tsc),
	FN_MSR(R_EFER, MSR_EFER, get_efer, set_efer),
	SAVE_MSR(R_KERNEL_GS_BASE, kernel_gs_base, MSR_KERNEL_GS_BASE),
	FN_MSR(R_APIC_BASE, MSR_IA32_APICBASE, get_apic_base, set_apic_base),
	FN_MSR(R_PAT, MSR_IA32_CR_PAT, get_pat, set_pat),
	SAVE_MSR(R_SYSENTER_CS, sysenter_cs, MSR_IA32_SYSENTER_CS),
	SAVE_MSR(R_SYSENTER_EIP, sysenter_eip, MSR_IA32_SYSENTER_EIP),
	SAVE_MSR(R_SYSENTER_ESP, sysenter_esp, MSR_IA32_SYSENTER_ESP),
	SAVE_MSR(R_STAR, star, MSR_STAR),
	SAVE_MSR(R_LSTAR, lstar, MSR_LSTAR),
	SAVE_MSR(R_CSTAR, cstar, MSR_CSTAR),
	SAVE_MSR(R_SFMASK, sfmask, MSR_SYSCALL_MASK),
	FN(R_INITIAL_APIC_ID, get_initial_apic_id, set_initial_apic_id),
	FN_MSR(HV_X64_REGISTER_MSR_MTRR_CAP, MSR_MTRRcap, get_mtrr_cap, NULL),
	STORED(HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 1, MSR_MTRRdefType, 0),
	STORED(HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 16, MTRRphysBase_MSR(0), 2),
	STORED(HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, 16, MTRRphysMask_MSR(0), 2),
	STORED(HV_X64_REGISTER_MSR_MTRR_FIX64K00000, 1, MSR_MTRRfix64K_00000, 0),
	STORED(HV_X64_REGISTER_MSR_MTRR_FIX16K80000, 2, MSR_MTRRfix16K_80000, 1),
	STORED(HV_X64_REGISTER_MSR_MTRR_FIX4KC0000, 8, MSR_MTRRfix4K_C0000, 1),
	STORED(R_TSC_AUX, 1, MSR_TSC_AUX, 0),
	VPREG(R_TSC_ADJUST, tsc_adjust, .msr = MSR_IA32_TSC_ADJUST),
	FN(R_APIC_ID, get_apic_id, set_apic_id),
	FN(R_APIC_VERSION, get_apic_version, NULL),
	STORED(R_HYPERCALL, 1, HV_X64_MSR_HYPERCALL, 0),
	STORED(HV_REGISTER_GUEST_OS_ID, 1, HV_X64_MSR_GUEST_OS_ID, 0),
	FN_MSR(HV_REGISTER_VP_INDEX, HV_X64_MSR_VP_INDEX, get_vp_index, NULL),
	STORED(HV_REGISTER_VP_ASSIST_PAGE, 1, HV_X64_MSR_VP_ASSIST_PAGE, 0),
	FN(HV_REGISTER_VP_ROOT_SIGNAL_COUNT, get_signal_count, NULL),
	STORED(HV_REGISTER_REFERENCE_TSC, 1, HV_X64_MSR_REFERENCE_TSC, 0),
	STORED(HV_REGISTER_SINT0, 16, HV_X64_MSR_SINT0, 1),
	STORED(HV_REGISTER_SCONTROL, 1, HV_X64_MSR_SCONTROL, 0),
	STORED(HV_REGISTER_SIEFP, 1, HV_X64_MSR_SIEFP, 0),
	STORED(HV_REGISTER_SIMP, 1, HV_X64_MSR_SIMP, 0),
	STORED(HV_REGISTER_STIMER0_CONFIG, 8, HV_X64_MSR_STIMER0_CONFIG, 1),
};

/* FS and GS bases are MSRs as well, but part of a wider register. */
static u64 *sim_msr_segment_base(struct sim_vp *vp, u32 msr)
{
	switch (msr) {
	case MSR_FS_BASE:
		return &vp->vmcb->save.fs.base;
	case MSR_GS_BASE:
		return &vp->vmcb->save.gs.base;
	}
	return NULL;
}

/* Places for what is only kept are handed out once, in table order. */
int sim_regs_init(void)
{
	u32 next = 0, i;

	for (i = 0; i < ARRAY_SIZE(sim_regs); i++) {
		struct sim_reg *r = &sim_regs[i];

		if (i && r->name < sim_regs[i - 1].name + sim_regs[i - 1].count) {
			pr_err("register table out of order at %#x\n", r->name);
			return -EINVAL;
		}
		if (r->kind == KIND_STORED) {
			r->where = offsetof(struct sim_vp, stored) + next * sizeof(u64);
			next += r->count;
		}
		if (!r->valid)
			r->valid = ALL;
	}
	return next <= SIM_NR_STORED ? 0 : -E2BIG;
}

static const struct sim_reg *sim_reg_find(u32 name)
{
	u32 lo = 0, hi = ARRAY_SIZE(sim_regs);

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;
		const struct sim_reg *r = &sim_regs[mid];

		if (name < r->name)
			hi = mid;
		else if (name >= r->name + r->count)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

static void *sim_reg_place(struct sim_vp *vp, const struct sim_reg *r, u32 i)
{
	u32 off = r->where + i * r->stride;

	switch (r->kind) {
	case KIND_SAVE:
	case KIND_SEGMENT:
	case KIND_TABLE:
		return (void *)vp->vmcb + off;
	case KIND_FPU:
		return vp->fpu + off;
	default:
		return (void *)vp + off;
	}
}

static void sim_reg_read(struct sim_vp *vp, const struct sim_reg *r, u32 i,
			 union hv_register_value *val)
{
	void *p = sim_reg_place(vp, r, i);
	struct sim_vmcb_seg *seg = p;

	memset(val, 0, sizeof(*val));
	switch (r->kind) {
	case KIND_FN:
		r->get(vp, i, val);
		break;
	case KIND_SEGMENT:
		sim_seg_get(seg, &val->segment);
		break;
	case KIND_TABLE:
		sim_table_get(seg, &val->table);
		break;
	case KIND_FPU:
		memcpy(val, p, sizeof(val->reg128));
		break;
	default:
		val->reg64 = *(u64 *)p;
	}
}

static u64 sim_reg_write(struct sim_vp *vp, const struct sim_reg *r, u32 i,
			 const union hv_register_value *val)
{
	void *p = sim_reg_place(vp, r, i);
	struct sim_vmcb_seg *seg = p;

	switch (r->kind) {
	case KIND_FN:
		return r->set ? r->set(vp, i, val) : HV_STATUS_INVALID_PARAMETER;
	case KIND_SEGMENT:
		sim_seg_set(seg, &val->segment);
		/* The privilege level is that of the stack segment (APM 15.5.1). */
		if (seg == &vp->vmcb->save.ss)
			vp->vmcb->save.cpl = val->segment.descriptor_privilege_level;
		break;
	case KIND_TABLE:
		sim_table_set(seg, &val->table);
		break;
	case KIND_FPU:
		memcpy(p, val, sizeof(val->reg128));
		break;
	default:
		if (val->reg64 & ~r->valid)
			return BAD_VALUE;
		*(u64 *)p = val->reg64;
		if (r->name == R_RFLAGS)
			*(u64 *)p |= X86_EFLAGS_FIXED;
		else if (r->kind == KIND_SAVE)
			sim_tlb_stale(vp);	/* it may be CR0 or CR3 */
	}
	return HV_STATUS_SUCCESS;
}

u64 sim_reg_get(struct sim_vp *vp, u32 name, union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find(name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	sim_reg_read(vp, r, name - r->name, val);
	return HV_STATUS_SUCCESS;
}

u64 sim_reg_set(struct sim_vp *vp, u32 name, const union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find(name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_write(vp, r, name - r->name, val);
}

/* ------------------------------------------------------- the guest's MSRs */

static const struct sim_reg *sim_msr_find(u32 msr, u32 *i)
{
	const struct sim_reg *r;

	for (r = sim_regs; r < sim_regs + ARRAY_SIZE(sim_regs); r++) {
		if (!r->msr || msr < r->msr)
			continue;
		if (msr == r->msr) {
			*i = 0;
			return r;
		}
		if (!r->msr_stride || (msr - r->msr) % r->msr_stride)
			continue;
		*i = (msr - r->msr) / r->msr_stride;
		if (*i < r->count)
			return r;
	}
	return NULL;
}

bool sim_msr_read(struct sim_vp *vp, u32 msr, u64 *val, bool *unknown)
{
	u64 *base = sim_msr_segment_base(vp, msr);
	union hv_register_value v;
	const struct sim_reg *r;
	u32 i;

	*unknown = false;
	if (sim_lapic_has_msr(vp, msr))
		return sim_lapic_rdmsr(vp, msr, val, unknown);
	if (base) {
		*val = *base;
		return true;
	}
	r = sim_msr_find(msr, &i);
	*unknown = !r;
	if (!r)
		return false;
	sim_reg_read(vp, r, i, &v);
	*val = v.reg64;
	return true;
}

bool sim_msr_write(struct sim_vp *vp, u32 msr, u64 val, bool *unknown)
{
	u64 *base = sim_msr_segment_base(vp, msr);
	union hv_register_value v = { .reg64 = val };
	const struct sim_reg *r;
	u32 i;

	*unknown = false;
	if (sim_lapic_has_msr(vp, msr))
		return sim_lapic_wrmsr(vp, msr, val, unknown);
	if (base) {
		*base = val;
		return true;
	}
	if (msr == MSR_EFER)
		return sim_efer_write(vp, val);
	r = sim_msr_find(msr, &i);
	*unknown = !r;
	return r && sim_reg_write(vp, r, i, &v) == HV_STATUS_SUCCESS;
}

void sim_regs_reset(struct sim_vp *vp)
{
	vp->xfem = 1;
	vp->apic_base = 0xfee00000 | (vp->index ? 0 : MSR_IA32_APICBASE_BSP) |
			(sim_partition_has_lapic(vp->pt) ? MSR_IA32_APICBASE_ENABLE : 0);
}

/* ------------------------------------------------------------ hypercalls */

/* Only VTL 0 exists here; it may be named or left out. */
static bool sim_vtl_ok(union hv_input_vtl vtl)
{
	return !vtl.target_vtl && !vtl.reserved_z;
}

u64 sim_hc_get_vp_registers(struct sim_call *c, u32 i)
{
	struct hv_input_get_vp_registers *in = c->in;
	union hv_register_value *out = c->out;

	if (!sim_vtl_ok(in->input_vtl) || in->rsvd_z8 || in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_get(c->vp, in->names[i], &out[i]);
}

u64 sim_hc_set_vp_registers(struct sim_call *c, u32 i)
{
	struct hv_input_set_vp_registers *in = c->in;

	if (!sim_vtl_ok(in->input_vtl) || in->rsvd_z8 || in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_set(c->vp, in->elements[i].name, &in->elements[i].value);
}
