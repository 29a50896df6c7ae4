// SPDX-License-Identifier: GPL-2.0-only
/* The registers that the processor itself has, its MSRs among them. */
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/processor-flags.h>

#include "regs.h"

#define CR0_VALID	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
			 X86_CR0_PG)
#define EFER_VALID	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX | EFER_FFXSR)
#define RFLAGS_VALID	0x3f7fd7ULL

static void get_efer(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = sim_efer_get(vp);
}

static u64 set_efer(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	if (val->reg64 & ~EFER_VALID)
		return BAD_VALUE;
	sim_efer_set(vp, val->reg64);
	sim_cpl_update(vp);
	sim_tlb_stale(vp);
	return HV_STATUS_SUCCESS;
}

/*
 * What the guest's WRMSR may do: LMA is the processor's, and long mode can't be
 * switched on or off under paging (APM vol. 2, 3.1.7 and 14.6.1).
 */
bool sim_efer_write(struct sim_vp *vp, u64 val)
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
	sim_xcr0_update(vp);
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
	vp->tsc_offset = val->reg64 - rdtsc();
	vp->vmcb->control.tsc_offset = vp->tsc_offset;
	WRITE_ONCE(vp->pt->tsc_offset, vp->tsc_offset);
	sim_reftime_tsc_changed(vp->pt);
	return HV_STATUS_SUCCESS;
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

static void get_xfem(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->xfem;
}

static u64 set_xfem(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	return sim_xcr0_set(vp, val->reg64) ? HV_STATUS_SUCCESS : BAD_VALUE;
}

/* IA32_MTRRCAP: 8 variable ranges, fixed ranges, write-combining (SDM vol. 3). */
static void get_mtrr_cap(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = 0x508;
}

static struct sim_reg x64_rows[] = {
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
};

const struct sim_reg_table sim_regs_x64 = { x64_rows, ARRAY_SIZE(x64_rows) };
