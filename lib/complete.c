// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Finishing other intercepted instructions than those for ports (io.c).
 * See <mshv/vp.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "internal.h"

#if defined(__x86_64__)

#define REGISTERS_MAX	5	/* RIP, and what CPUID returns */

struct results {
	struct hv_register_assoc regs[REGISTERS_MAX];
	size_t count;
};

static void add(struct results *results, uint32_t name, uint64_t value)
{
	struct hv_register_assoc *reg = &results->regs[results->count++];

	memset(reg, 0, sizeof(*reg));
	reg->name = name;
	reg->value.reg64 = value;
}

/*
 * Begins @results with where the guest goes on. All errors that finishing can
 * end with, except those of the hypervisor, are found here.
 */
static int begin(const struct mshv_vp *vp, uint32_t type,
		 struct results *results)
{
	const struct hv_x64_intercept_message_header *header;

	if (!vp)
		return libmshv_fail(EINVAL, "complete instruction: NULL argument");
	if (!vp->state.has_message || vp->state.io_done ||
	    (type != HVMSG_NONE &&
	     vp->buf.message.header.message_type != type))
		return libmshv_fail(EINVAL,
				    "complete instruction: no such one is waiting");
	header = mshv_message_x64_header(&vp->buf.message);
	if (!header)
		return -errno;
	if (!header->instruction_length)
		return libmshv_fail(EBADMSG,
				    "complete instruction: length unknown");
	results->count = 0;
	add(results, HV_X64_REGISTER_RIP, libmshv_next_rip(header));
	return 0;
}

static int finish(struct mshv_vp *vp, const struct results *results)
{
	int ret = mshv_vp_set_registers(vp, results->regs, results->count);

	vp->state.io_done = !ret;
	return ret;
}

int mshv_vp_skip_instruction(struct mshv_vp *vp)
{
	struct results results;
	int ret = begin(vp, HVMSG_NONE, &results);

	return ret ? ret : finish(vp, &results);
}

int mshv_vp_complete_msr(struct mshv_vp *vp, uint64_t value)
{
	const struct hv_x64_msr_intercept_message *msr;
	struct results results;
	int ret = begin(vp, HVMSG_X64_MSR_INTERCEPT, &results);

	if (ret)
		return ret;
	msr = (const void *)vp->buf.message.u.payload;
	switch (msr->header.intercept_access_type) {
	case HV_INTERCEPT_ACCESS_READ:
		add(&results, HV_X64_REGISTER_RAX, (uint32_t)value);
		add(&results, HV_X64_REGISTER_RDX, value >> 32);
		break;
	case HV_INTERCEPT_ACCESS_WRITE:
		break;
	default:
		return libmshv_fail(EBADMSG,
				    "complete MSR: neither read nor written");
	}
	return finish(vp, &results);
}

int mshv_vp_complete_cpuid(struct mshv_vp *vp, const uint32_t *value)
{
	const struct hv_x64_cpuid_intercept_message *cpuid;
	struct results results;
	int ret = begin(vp, HVMSG_X64_CPUID_INTERCEPT, &results);

	if (ret)
		return ret;
	cpuid = (const void *)vp->buf.message.u.payload;
	add(&results, HV_X64_REGISTER_RAX,
	    value ? value[0] : (uint32_t)cpuid->default_result_rax);
	add(&results, HV_X64_REGISTER_RBX,
	    value ? value[1] : (uint32_t)cpuid->default_result_rbx);
	add(&results, HV_X64_REGISTER_RCX,
	    value ? value[2] : (uint32_t)cpuid->default_result_rcx);
	add(&results, HV_X64_REGISTER_RDX,
	    value ? value[3] : (uint32_t)cpuid->default_result_rdx);
	return finish(vp, &results);
}

#else

static int no_x64(const struct mshv_vp *vp)
{
	if (!vp)
		return libmshv_fail(EINVAL, "complete instruction: NULL argument");
	return libmshv_fail(EOPNOTSUPP, "complete instruction: x86_64 only");
}

int mshv_vp_skip_instruction(struct mshv_vp *vp)
{
	return no_x64(vp);
}

int mshv_vp_complete_msr(struct mshv_vp *vp, uint64_t value)
{
	(void)value;
	return no_x64(vp);
}

int mshv_vp_complete_cpuid(struct mshv_vp *vp, const uint32_t *value)
{
	(void)value;
	return no_x64(vp);
}

#endif
