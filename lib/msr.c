// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * MSRs and the registers that stand for them. See <mshv/msr.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/msr.h>

#include "internal.h"

/* What a partition must have for an MSR to be there. */
enum need {
	ALWAYS,
	NEVER,		/* not part of a state: read-only, or an action */
	TSC_AUX,
	TSC_ADJUST,
	SPEC_CTRL,
	XSS,
	CET,
	SYNIC,
	STIMER,
	HYPERCALL,
	APIC_ASSIST,
	REFERENCE_TSC,
};

/*
 * Consecutive registers, and MSRs at equal distances. IA32_FS_BASE and
 * IA32_GS_BASE are missing: they are parts of segment registers.
 */
struct msr_range {
	uint32_t msr;
	uint32_t name;
	uint8_t count;
	uint8_t stride;		/* of the MSRs; registers have 1 */
	uint8_t need;
};

#define X64(msr, name, need)	{ msr, HV_X64_REGISTER_##name, 1, 1, need }
#define ALL(msr, name, need)	{ msr, HV_REGISTER_##name, 1, 1, need }

static const struct msr_range msr_ranges[] = {
	X64(0x00000010, TSC, ALWAYS),
	X64(0x0000001b, APIC_BASE, ALWAYS),
	X64(0x0000003a, IA32_FEATURE_CONTROL, NEVER),
	X64(0x0000003b, TSC_ADJUST, TSC_ADJUST),
	X64(0x00000048, SPEC_CTRL, SPEC_CTRL),
	X64(0x00000049, PRED_CMD, NEVER),
	{ 0x0000008c, HV_X64_REGISTER_SGX_LAUNCH_CONTROL0, 4, 1, NEVER },
	X64(0x000000fe, MSR_MTRR_CAP, NEVER),
	X64(0x00000174, SYSENTER_CS, ALWAYS),
	X64(0x00000175, SYSENTER_ESP, ALWAYS),
	X64(0x00000176, SYSENTER_EIP, ALWAYS),
	X64(0x000001a0, MSR_IA32_MISC_ENABLE, NEVER),
	X64(0x000001d9, DEBUG_CTL, NEVER),
	{ 0x00000200, HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 8, 2, ALWAYS },
	{ 0x00000201, HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, 8, 2, ALWAYS },
	{ 0x00000210, HV_X64_REGISTER_MSR_MTRR_PHYS_BASE8, 8, 2, NEVER },
	{ 0x00000211, HV_X64_REGISTER_MSR_MTRR_PHYS_MASK8, 8, 2, NEVER },
	X64(0x00000250, MSR_MTRR_FIX64K00000, ALWAYS),
	X64(0x00000258, MSR_MTRR_FIX16K80000, ALWAYS),
	X64(0x00000259, MSR_MTRR_FIX16KA0000, ALWAYS),
	{ 0x00000268, HV_X64_REGISTER_MSR_MTRR_FIX4KC0000, 8, 1, ALWAYS },
	X64(0x00000277, PAT, ALWAYS),
	X64(0x000002ff, MSR_MTRR_DEF_TYPE, ALWAYS),
	X64(0x000006a0, U_CET, CET),
	X64(0x000006a2, S_CET, CET),
	{ 0x000006a4, HV_X64_REGISTER_PL0_SSP, 5, 1, CET },
	X64(0x00000d90, BNDCFGS, NEVER),
	X64(0x00000da0, U_XSS, XSS),
	ALL(0x40000000, GUEST_OS_ID, HYPERCALL),
	X64(0x40000001, HYPERCALL, HYPERCALL),
	ALL(0x40000002, VP_INDEX, NEVER),
	ALL(0x40000010, VP_RUNTIME, NEVER),
	ALL(0x40000020, TIME_REF_COUNT, NEVER),
	ALL(0x40000021, REFERENCE_TSC, REFERENCE_TSC),
	ALL(0x40000073, VP_ASSIST_PAGE, APIC_ASSIST),
	ALL(0x40000080, SCONTROL, SYNIC),
	ALL(0x40000081, SVERSION, NEVER),
	ALL(0x40000082, SIEFP, SYNIC),
	ALL(0x40000083, SIMP, SYNIC),
	ALL(0x40000084, EOM, NEVER),
	ALL(0x40000085, SIRBP, NEVER),
	{ 0x40000090, HV_REGISTER_SINT0, 16, 1, SYNIC },
	{ 0x400000b0, HV_REGISTER_STIMER0_CONFIG, 8, 1, STIMER },
	{ 0x40000100, HV_REGISTER_GUEST_CRASH_P0, 6, 1, NEVER },
	X64(0xc0000080, EFER, ALWAYS),
	X64(0xc0000081, STAR, ALWAYS),
	X64(0xc0000082, LSTAR, ALWAYS),
	X64(0xc0000083, CSTAR, ALWAYS),
	X64(0xc0000084, SFMASK, ALWAYS),
	X64(0xc0000102, KERNEL_GS_BASE, ALWAYS),
	X64(0xc0000103, TSC_AUX, TSC_AUX),
	X64(0xc001011f, VIRT_SPEC_CTRL, NEVER),
};

int mshv_msr_to_register(uint32_t msr, uint32_t *name)
{
	const struct msr_range *range = msr_ranges;
	const struct msr_range *end = range + ARRAY_SIZE(msr_ranges);
	uint32_t at;

	if (!name)
		return libmshv_fail(EINVAL, "MSR to register: NULL argument");

	for (; range < end; range++) {
		at = msr - range->msr;
		if (at % range->stride || at / range->stride >= range->count)
			continue;
		*name = range->name + at / range->stride;
		return 0;
	}
	return libmshv_fail(ENOENT, "MSR to register: none for this MSR");
}

int mshv_msr_from_register(uint32_t name, uint32_t *msr)
{
	const struct msr_range *range = msr_ranges;
	const struct msr_range *end = range + ARRAY_SIZE(msr_ranges);

	if (!msr)
		return libmshv_fail(EINVAL, "MSR from register: NULL argument");

	for (; range < end; range++) {
		if (name - range->name >= range->count)
			continue;
		*msr = range->msr + (name - range->name) * range->stride;
		return 0;
	}
	return libmshv_fail(ENOENT, "MSR from register: not an MSR");
}

#if defined(__x86_64__)

struct features {
	union hv_partition_processor_features processor;
	union hv_partition_processor_xsave_features xsave;
	union hv_partition_synthetic_processor_features synthetic;
};

static bool has(const struct features *f, enum need need)
{
	switch (need) {
	case ALWAYS:
		return true;
	case NEVER:
		return false;
	case TSC_AUX:
		return f->processor.rdtscp_support || f->processor.rd_pid_support;
	case TSC_ADJUST:
		return f->processor.tsc_adjust_support;
	case SPEC_CTRL:
		return f->processor.ibrs_support || f->processor.stibp_support;
	case XSS:
		return f->xsave.xsave_supervisor_support;
	case CET:
		return f->processor.cet_ss_support || f->processor.cet_ibt_support;
	case SYNIC:
		return f->synthetic.access_synic_regs;
	case STIMER:
		return f->synthetic.access_synthetic_timer_regs;
	case HYPERCALL:
		return f->synthetic.access_hypercall_regs;
	case APIC_ASSIST:
		return f->synthetic.access_intr_ctrl_regs;
	case REFERENCE_TSC:
		return f->synthetic.access_partition_reference_tsc;
	}
	return false;
}

/* The driver and the hypervisor state features, not what is disabled. */
static int get_features(int fd, struct features *f)
{
	const struct {
		uint32_t code;
		__u64 *value;
	} wanted[] = {
		{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
		  &f->processor.as_uint64[0] },
		{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
		  &f->processor.as_uint64[1] },
		{ HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES,
		  &f->xsave.as_uint64 },
		{ HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
		  &f->synthetic.as_uint64[0] },
	};
	uint64_t value;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		ret = mshv_hvcall_get_partition_property(fd, wanted[i].code,
							 &value);
		if (ret)
			return ret;
		*wanted[i].value = value;
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

#define MSRS_MAX	256

int libmshv_msr_list(int fd, uint32_t *msrs, size_t max, size_t *count)
{
	uint32_t found[MSRS_MAX];
	struct features features;
	size_t i, n = 0;
	unsigned int k;
	int ret;

	ret = get_features(fd, &features);
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(msr_ranges); i++) {
		const struct msr_range *range = &msr_ranges[i];

		if (!has(&features, (enum need)range->need))
			continue;
		for (k = 0; k < range->count && n < MSRS_MAX; k++)
			found[n++] = range->msr + k * range->stride;
	}

	/* Ranges with strides are interleaved. */
	qsort(found, n, sizeof(found[0]), by_number);
	*count = n;
	if (msrs)
		memcpy(msrs, found, (n < max ? n : max) * sizeof(found[0]));
	if (n > max)
		return libmshv_fail(E2BIG, "MSR list: array too small");
	return 0;
}

#else

int libmshv_msr_list(int fd, uint32_t *msrs, size_t max, size_t *count)
{
	(void)fd;
	(void)msrs;
	(void)max;
	*count = 0;
	return 0;
}

#endif

int mshv_partition_get_msr_list(struct mshv_partition *partition,
				uint32_t *msrs, size_t max, size_t *count)
{
	if (!partition || !count || (!msrs && max))
		return libmshv_fail(EINVAL, "MSR list: NULL argument");
	return libmshv_msr_list(partition->fd, msrs, max, count);
}

static int to_registers(const struct mshv_msr *msrs, size_t count,
			struct hv_register_assoc **out)
{
	struct hv_register_assoc *regs = calloc(count, sizeof(*regs));
	uint32_t name;
	size_t i;
	int ret;

	if (!regs)
		return libmshv_fail(ENOMEM, "MSRs: no memory");
	for (i = 0; i < count; i++) {
		ret = mshv_msr_to_register(msrs[i].msr, &name);
		if (ret) {
			libmshv_error_set_index(i);
			free(regs);
			return ret;
		}
		regs[i].name = name;
		regs[i].value.reg64 = msrs[i].value;
	}
	*out = regs;
	return 0;
}

int mshv_vp_get_msrs(struct mshv_vp *vp, struct mshv_msr *msrs, size_t count)
{
	struct hv_register_assoc *regs;
	size_t i;
	int ret;

	if (!vp || (!msrs && count))
		return libmshv_fail(EINVAL, "get MSRs: NULL argument");
	if (!count)
		return 0;

	ret = to_registers(msrs, count, &regs);
	if (ret)
		return ret;
	ret = mshv_vp_get_registers(vp, regs, count);
	for (i = 0; !ret && i < count; i++)
		msrs[i].value = regs[i].value.reg64;
	free(regs);
	return ret;
}

int mshv_vp_set_msrs(struct mshv_vp *vp, const struct mshv_msr *msrs,
		     size_t count)
{
	struct hv_register_assoc *regs;
	int ret;

	if (!vp || (!msrs && count))
		return libmshv_fail(EINVAL, "set MSRs: NULL argument");
	if (!count)
		return 0;

	ret = to_registers(msrs, count, &regs);
	if (ret)
		return ret;
	ret = mshv_vp_set_registers(vp, regs, count);
	free(regs);
	return ret;
}
