// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * MSRs and the registers that stand for them. See <mshv/msr.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/msr.h>

#include "needs.h"

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

#define RANGE(msr, name, count, stride, need) \
	{ msr, HV_##name, count, stride, LIBMSHV_NEED_##need }
#define X64(msr, name, need)	RANGE(msr, X64_REGISTER_##name, 1, 1, need)
#define ALL(msr, name, need)	RANGE(msr, REGISTER_##name, 1, 1, need)

static const struct msr_range msr_ranges[] = {
	X64(0x00000010, TSC, NOTHING),
	X64(0x0000001b, APIC_BASE, NOTHING),
	X64(0x0000003a, IA32_FEATURE_CONTROL, NEVER),
	X64(0x0000003b, TSC_ADJUST, TSC_ADJUST),
	X64(0x00000048, SPEC_CTRL, SPEC_CTRL),
	X64(0x00000049, PRED_CMD, NEVER),
	RANGE(0x0000008c, X64_REGISTER_SGX_LAUNCH_CONTROL0, 4, 1, NEVER),
	X64(0x000000e1, UMWAIT_CONTROL, UMWAIT),
	X64(0x000000fe, MSR_MTRR_CAP, NEVER),
	X64(0x00000122, TSX_CTRL, TSX_CTRL),
	X64(0x00000174, SYSENTER_CS, NOTHING),
	X64(0x00000175, SYSENTER_ESP, NOTHING),
	X64(0x00000176, SYSENTER_EIP, NOTHING),
	X64(0x000001a0, MSR_IA32_MISC_ENABLE, NEVER),
	X64(0x000001c4, XFD, XFD),
	X64(0x000001c5, XFD_ERR, XFD),
	X64(0x000001d9, DEBUG_CTL, NEVER),
	RANGE(0x00000200, X64_REGISTER_MSR_MTRR_PHYS_BASE0, 8, 2, NOTHING),
	RANGE(0x00000201, X64_REGISTER_MSR_MTRR_PHYS_MASK0, 8, 2, NOTHING),
	RANGE(0x00000210, X64_REGISTER_MSR_MTRR_PHYS_BASE8, 8, 2, NEVER),
	RANGE(0x00000211, X64_REGISTER_MSR_MTRR_PHYS_MASK8, 8, 2, NEVER),
	X64(0x00000250, MSR_MTRR_FIX64K00000, NOTHING),
	X64(0x00000258, MSR_MTRR_FIX16K80000, NOTHING),
	X64(0x00000259, MSR_MTRR_FIX16KA0000, NOTHING),
	RANGE(0x00000268, X64_REGISTER_MSR_MTRR_FIX4KC0000, 8, 1, NOTHING),
	X64(0x00000277, PAT, NOTHING),
	X64(0x000002ff, MSR_MTRR_DEF_TYPE, NOTHING),
	X64(0x000006a0, U_CET, CET),
	X64(0x000006a2, S_CET, CET),
	RANGE(0x000006a4, X64_REGISTER_PL0_SSP, 5, 1, CET),
	X64(0x000006e0, TSC_DEADLINE, NEVER),	/* see mshv_register_list() */
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
	RANGE(0x40000090, REGISTER_SINT0, 16, 1, SYNIC),
	RANGE(0x400000b0, REGISTER_STIMER0_CONFIG, 8, 1, STIMER),
	RANGE(0x40000100, REGISTER_GUEST_CRASH_P0, 6, 1, NEVER),
	X64(0xc0000080, EFER, NOTHING),
	X64(0xc0000081, STAR, NOTHING),
	X64(0xc0000082, LSTAR, NOTHING),
	X64(0xc0000083, CSTAR, NOTHING),
	X64(0xc0000084, SFMASK, NOTHING),
	X64(0xc0000102, KERNEL_GS_BASE, NOTHING),
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

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

#define MSRS_MAX	256

int libmshv_msr_list(const struct libmshv_granted *features, uint32_t *msrs,
		     size_t max, size_t *count)
{
	uint32_t found[MSRS_MAX];
	size_t i, n = 0;
	unsigned int k;

	for (i = 0; i < ARRAY_SIZE(msr_ranges); i++) {
		const struct msr_range *range = &msr_ranges[i];

		if (!libmshv_is_granted(features,
					(enum libmshv_need)range->need))
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

int libmshv_msr_list(const struct libmshv_granted *features, uint32_t *msrs,
		     size_t max, size_t *count)
{
	(void)features;
	(void)msrs;
	(void)max;
	*count = 0;
	return 0;
}

#endif

int mshv_partition_get_msr_list(struct mshv_partition *partition,
				uint32_t *msrs, size_t max, size_t *count)
{
	struct libmshv_granted features;
	int ret;

	if (!partition || !count || (!msrs && max))
		return libmshv_fail(EINVAL, "MSR list: NULL argument");
	ret = libmshv_granted_get(partition->fd, &features);
	return ret ? ret : libmshv_msr_list(&features, msrs, max, count);
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
