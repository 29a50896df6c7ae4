// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MSRs of a local APIC: IA32_APIC_BASE and the modes it chooses, the
 * registers in x2APIC mode, the TSC deadline; and those of the hypervisor (TLFS,
 * "Virtual APIC MSRs" and "Frequency MSRs"), which work in both modes.
 */
#include <asm/tsc.h>

#include "engine.h"

#define BASE_MODE	(MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE)
#define BASE_PAGE	GENMASK_ULL(47, 12)
#define X2APIC_FIRST	0x800
#define X2APIC_LAST	0x8ff

/* ---------------------------------------------------------- IA32_APIC_BASE */

/*
 * SDM, "x2APIC state transitions": disabled, xAPIC, x2APIC in this order, and
 * back only by disabling.
 */
static bool lapic_base_reachable(u64 old, u64 new)
{
	old &= BASE_MODE;
	new &= BASE_MODE;
	if (old == new)
		return true;
	switch (new) {
	case 0:
		return true;
	case MSR_IA32_APICBASE_ENABLE:
		return !old;
	case BASE_MODE:
		return old == MSR_IA32_APICBASE_ENABLE;
	}
	return false;
}

bool sim_lapic_set_base(struct sim_vp *vp, u64 val, bool guest)
{
	bool x2_capable = vp->pt->flags & HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE;
	u64 old = vp->apic_base;

	if (val & ~(BASE_PAGE | BASE_MODE | MSR_IA32_APICBASE_BSP))
		return false;
	if ((val & BASE_MODE) == X2APIC_ENABLE || ((val & X2APIC_ENABLE) && !x2_capable))
		return false;
	if ((val & BASE_MODE) && !sim_partition_has_lapic(vp->pt))
		return false;
	if (guest && !lapic_base_reachable(old, val))
		return false;
	/* Whoever leaves a mode for "disabled" finds the APIC reset on return. */
	if (!(val & BASE_MODE) && (old & BASE_MODE))
		sim_lapic_reset(vp);
	WRITE_ONCE(vp->apic_base, val);
	return true;
}

void sim_lapic_set_id(struct sim_vp *vp, u32 id)
{
	WRITE_ONCE(vp->lapic.id, id);
}

/* ---------------------------------------------------------------------- MSRs */

static bool lapic_synthetic(const struct sim_vp *vp, u32 msr)
{
	union hv_partition_synthetic_processor_features f = {
		.as_uint64[0] = vp->pt->synthetic_features,
	};

	switch (msr) {
	case HV_X64_MSR_EOI:
	case HV_X64_MSR_ICR:
	case HV_X64_MSR_TPR:
		return f.access_intr_ctrl_regs;
	case HV_X64_MSR_TSC_FREQUENCY:
	case HV_X64_MSR_APIC_FREQUENCY:
		return f.access_frequency_regs;
	}
	return false;
}

bool sim_lapic_has_msr(const struct sim_vp *vp, u32 msr)
{
	if (!sim_partition_has_lapic(vp->pt))
		return false;
	return (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) || msr == MSR_IA32_APICBASE ||
	       msr == MSR_IA32_TSC_DEADLINE || lapic_synthetic(vp, msr);
}

static u64 lapic_read_icr(const struct sim_vp *vp)
{
	return (u64)vp->lapic.icr_high << 32 | vp->lapic.icr;
}

/* In both modes the layout of the registers that it stands for. */
static bool lapic_write_icr(struct sim_vp *vp, u64 val)
{
	u32 high = val >> 32;

	vp->lapic.icr_high = high;
	if (!sim_lapic_x2(vp))
		return sim_lapic_write(vp, APIC_REG_ICR, val);
	if (val & 0xfff33000 & ~(u64)SIM_ICR_STATUS)
		return false;
	sim_lapic_icr(vp, (u32)val & ~SIM_ICR_STATUS, high);
	return true;
}

static bool lapic_rdmsr_x2(struct sim_vp *vp, u32 msr, u64 *val)
{
	u32 reg = msr - X2APIC_FIRST, low;

	if (!sim_lapic_x2(vp))
		return false;
	if (reg == APIC_REG_ICR) {
		*val = lapic_read_icr(vp);
		return true;
	}
	if (!sim_lapic_read(vp, reg, &low))
		return false;
	*val = low;
	return true;
}

static bool lapic_wrmsr_x2(struct sim_vp *vp, u32 msr, u64 val)
{
	u32 reg = msr - X2APIC_FIRST;

	if (!sim_lapic_x2(vp))
		return false;
	if (reg == APIC_REG_ICR)
		return lapic_write_icr(vp, val);
	return !(val >> 32) && sim_lapic_write(vp, reg, val);
}

bool sim_lapic_rdmsr(struct sim_vp *vp, u32 msr, u64 *val, bool *unknown)
{
	switch (msr) {
	case MSR_IA32_APICBASE:
		*val = vp->apic_base;
		return true;
	case MSR_IA32_TSC_DEADLINE:
		*val = READ_ONCE(vp->lapic.timer.tsc_deadline);
		return true;
	case HV_X64_MSR_TSC_FREQUENCY:
		*val = (u64)tsc_khz * 1000;
		return true;
	case HV_X64_MSR_APIC_FREQUENCY:
		*val = SIM_LAPIC_HZ;
		return true;
	case HV_X64_MSR_ICR:
		*val = lapic_read_icr(vp);
		return sim_lapic_enabled(vp);
	case HV_X64_MSR_TPR:
		*val = sim_lapic_tpr(vp);
		return sim_lapic_enabled(vp);
	case HV_X64_MSR_EOI:
		return false;	/* write-only */
	}
	return lapic_rdmsr_x2(vp, msr, val);
}

bool sim_lapic_wrmsr(struct sim_vp *vp, u32 msr, u64 val, bool *unknown)
{
	switch (msr) {
	case MSR_IA32_APICBASE:
		return sim_lapic_set_base(vp, val, true);
	case MSR_IA32_TSC_DEADLINE:
		sim_lapic_timer_deadline(vp, val);
		return true;
	case HV_X64_MSR_TSC_FREQUENCY:
	case HV_X64_MSR_APIC_FREQUENCY:
		return false;
	case HV_X64_MSR_ICR:
		return sim_lapic_enabled(vp) && lapic_write_icr(vp, val);
	case HV_X64_MSR_TPR:
		return sim_lapic_enabled(vp) && !(val >> 8) &&
		       sim_lapic_write(vp, APIC_REG_TPR, val);
	case HV_X64_MSR_EOI:
		/* x2APIC's own wants 0; the TLFS says nothing of this one. */
		return sim_lapic_enabled(vp) && sim_lapic_write(vp, APIC_REG_EOI, 0);
	}
	return lapic_wrmsr_x2(vp, msr, val);
}
