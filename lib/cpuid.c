// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What CPUID tells the guest. See <mshv/msr.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/msr.h>

#include "internal.h"

#define FLAGS	(LIBMSHV_CPUID_SUBLEAF | LIBMSHV_CPUID_OVERRIDE)

static int check(const struct mshv_cpuid *entries, size_t count)
{
	size_t i;
	int ret;

	for (i = 0; i < count; i++) {
		if (!(entries[i].flags & ~FLAGS) && !entries[i].reserved)
			continue;
		ret = libmshv_fail(EINVAL, "set CPUID: unknown flags");
		libmshv_error_set_index(i);
		return ret;
	}
	return 0;
}

static int set_one(int fd, uint32_t vp_index, const struct mshv_cpuid *e)
{
	struct hv_register_x64_cpuid_result_parameters p;
	bool subleaf = e->flags & LIBMSHV_CPUID_SUBLEAF;

	memset(&p, 0, sizeof(p));
	p.input.eax = e->leaf;
	p.input.ecx = subleaf ? e->subleaf : 0;
	p.input.subleaf_specific = subleaf;
	p.input.always_override = !!(e->flags & LIBMSHV_CPUID_OVERRIDE);
	p.result.eax = e->value[0];
	p.result.eax_mask = e->mask[0];
	p.result.ebx = e->value[1];
	p.result.ebx_mask = e->mask[1];
	p.result.ecx = e->value[2];
	p.result.ecx_mask = e->mask[2];
	p.result.edx = e->value[3];
	p.result.edx_mask = e->mask[3];
	return mshv_hvcall_register_intercept_result_cpuid(fd, vp_index, &p);
}

static int set(int fd, uint32_t vp_index, const struct mshv_cpuid *entries,
	       size_t count)
{
	size_t i;
	int ret;

	ret = check(entries, count);
	for (i = 0; !ret && i < count; i++) {
		ret = set_one(fd, vp_index, &entries[i]);
		if (ret)
			libmshv_error_set_index(i);
	}
	return ret;
}

int mshv_partition_set_cpuid(struct mshv_partition *partition,
			     const struct mshv_cpuid *entries, size_t count)
{
	if (!partition || (!entries && count))
		return libmshv_fail(EINVAL, "set CPUID: NULL argument");
	return set(partition->fd, HV_ANY_VP, entries, count);
}

int mshv_vp_set_cpuid(struct mshv_vp *vp, const struct mshv_cpuid *entries,
		      size_t count)
{
	if (!vp || (!entries && count))
		return libmshv_fail(EINVAL, "set CPUID: NULL argument");
	return set(vp->fd, vp->index, entries, count);
}

static int get_batch(struct mshv_vp *vp, struct mshv_cpuid *entries, size_t n)
{
	const union hv_get_vp_cpuid_values_flags flags = {
		.as_uint32 = 3,	/* the VP's XCR0 and XSS, and what was set */
	};
	struct hv_cpuid_leaf_info leaves[LIBMSHV_GET_CPUID_MAX];
	union hv_output_get_vp_cpuid_values values[LIBMSHV_GET_CPUID_MAX];
	size_t i;
	int ret;

	memset(leaves, 0, sizeof(leaves));
	for (i = 0; i < n; i++) {
		leaves[i].eax = entries[i].leaf;
		leaves[i].ecx = entries[i].subleaf;
	}
	ret = mshv_hvcall_get_vp_cpuid_values(vp->fd, vp->index,
					      flags.as_uint32, leaves, values,
					      n);
	for (i = 0; !ret && i < n; i++)
		memcpy(entries[i].value, values[i].as_uint32,
		       sizeof(entries[i].value));
	return ret;
}

int mshv_vp_get_cpuid(struct mshv_vp *vp, struct mshv_cpuid *entries,
		      size_t count)
{
	size_t done;
	uint16_t n;
	int ret;

	if (!vp || (!entries && count))
		return libmshv_fail(EINVAL, "get CPUID: NULL argument");

	for (done = 0; done < count; done += n) {
		n = libmshv_batch_size(count - done, LIBMSHV_GET_CPUID_MAX);
		ret = get_batch(vp, entries + done, n);
		if (ret)
			return libmshv_batch_failed(ret, done);
	}
	return 0;
}
