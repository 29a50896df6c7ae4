// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that each VTL of a VP has for itself, as the calls 50 and 51 know them
 * (TLFS, "Virtual processor register names").  General purpose registers other
 * than RSP are shared: they are what the CPU has in them, and not asked for.
 */
#include <linux/io.h>
#include <linux/percpu.h>

#include "../reg_names.h"
#include "vtl.h"

struct vtl_reg {
	u32 name;
	bool vtl0, vtl2;
};

static const struct vtl_reg vtl_regs[] = {
	{ HV_REGISTER_VSM_PARTITION_CONFIG,	.vtl2 = true },
	{ HV_X64_REGISTER_REG_PAGE,		.vtl2 = true },
	{ R_RAX + 4,			.vtl0 = true },
	{ R_RIP,			.vtl0 = true },
	{ R_RFLAGS,		.vtl0 = true },
	{ R_CR0,			.vtl0 = true },
	{ R_CR3,			.vtl0 = true },
	{ R_CR4,			.vtl0 = true },
	{ R_CR8,			.vtl0 = true },
	{ R_EFER,			.vtl0 = true },
	{ R_ES + 1,			.vtl0 = true },
	{ HV_X64_REGISTER_DR6,			.vtl0 = true },
	{ HV_X64_REGISTER_DR7,			.vtl0 = true },
	{ R_PENDING_EVENT0,		.vtl0 = true },
};

static DEFINE_PER_CPU(union hv_register_value [ARRAY_SIZE(vtl_regs)], vtl_values);
static DEFINE_RAW_SPINLOCK(vtl_values_lock);

static union hv_register_value *vtl_reg_find(unsigned int cpu, u8 vtl, u32 name)
{
	int i;

	/* One for the whole partition. */
	if (name == HV_REGISTER_VSM_PARTITION_CONFIG)
		cpu = 0;
	for (i = 0; i < ARRAY_SIZE(vtl_regs); i++)
		if (vtl_regs[i].name == name &&
		    (vtl ? vtl_regs[i].vtl2 : vtl_regs[i].vtl0))
			return &per_cpu(vtl_values, cpu)[i];
	return NULL;
}

/* What the hypervisor says about itself: no way to write it. */
static bool vtl_reg_constant(u8 vtl, u32 name, u64 *value)
{
	union hv_register_vsm_page_offsets offsets = {};
	union hv_register_vsm_capabilities caps = {};

	if (!vtl)
		return false;
	switch (name) {
	case HV_REGISTER_VSM_CODE_PAGE_OFFSETS:
		offsets.vtl_return_offset = VTL_RETURN_OFFSET;
		*value = offsets.as_uint64;
		return true;
	case HV_REGISTER_VSM_CAPABILITIES:
		caps.dr6_shared = vtl_dr6_shared;
		caps.intercept_page_available = vtl_intercept_page;
		caps.return_action_available = vtl_return_action;
		*value = caps.as_uint64;
		return true;
	}
	return false;
}

u64 vtl_reg_get(unsigned int cpu, u8 vtl, u32 name, union hv_register_value *value)
{
	union hv_register_value *r = vtl_reg_find(cpu, vtl, name);
	unsigned long flags;

	memset(value, 0, sizeof(*value));
	if (vtl_reg_constant(vtl, name, &value->reg64))
		return HV_STATUS_SUCCESS;
	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&vtl_values_lock, flags);
	*value = *r;
	raw_spin_unlock_irqrestore(&vtl_values_lock, flags);
	return HV_STATUS_SUCCESS;
}

u64 vtl_reg_set(unsigned int cpu, u8 vtl, u32 name, const union hv_register_value *value)
{
	union hv_register_value *r = vtl_reg_find(cpu, vtl, name);
	unsigned long flags;

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	/* The page is read and written by us: it must be memory. */
	if (name == HV_X64_REGISTER_REG_PAGE && (value->reg64 & 1) &&
	    !pfn_valid(value->reg64 >> HV_HYP_PAGE_SHIFT))
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&vtl_values_lock, flags);
	*r = *value;
	raw_spin_unlock_irqrestore(&vtl_values_lock, flags);
	return HV_STATUS_SUCCESS;
}

struct hv_vp_register_page *vtl_reg_page(unsigned int cpu)
{
	union hv_register_value value;

	vtl_reg_get(cpu, 2, HV_X64_REGISTER_REG_PAGE, &value);
	return value.reg64 & 1 ?
		phys_to_virt(value.reg64 & ~(u64)(HV_HYP_PAGE_SIZE - 1)) : NULL;
}
