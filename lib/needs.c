// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Which registers a partition's features provide. See needs.h.
 */
#include "config.h"

#include <string.h>

#include <mshv/ioctl.h>

#include "needs.h"

#if defined(__x86_64__)

bool libmshv_is_granted(const struct libmshv_granted *f,
			enum libmshv_need need)
{
	switch (need) {
	case LIBMSHV_NEED_NOTHING:
		return true;
	case LIBMSHV_NEED_NEVER:
		return false;
	case LIBMSHV_NEED_TSC_AUX:
		return f->processor.rdtscp_support || f->processor.rd_pid_support;
	case LIBMSHV_NEED_TSC_ADJUST:
		return f->processor.tsc_adjust_support;
	case LIBMSHV_NEED_TSC_DEADLINE:
		return f->processor.tsc_deadline_tmr_support;
	case LIBMSHV_NEED_SPEC_CTRL:
		return f->processor.ibrs_support || f->processor.stibp_support;
	case LIBMSHV_NEED_TSX_CTRL:
		return f->processor.tsx_ctrl_support;
	case LIBMSHV_NEED_UMWAIT:
		return f->processor.umwait_tpause_support;
	case LIBMSHV_NEED_XSS:
		return f->xsave.xsave_supervisor_support;
	case LIBMSHV_NEED_XFD:
		return f->xsave.xfd_support;
	case LIBMSHV_NEED_CET:
		return f->processor.cet_ss_support || f->processor.cet_ibt_support;
	case LIBMSHV_NEED_CET_SS:
		return f->processor.cet_ss_support;
	case LIBMSHV_NEED_SYNIC:
		return f->synthetic.access_synic_regs;
	case LIBMSHV_NEED_STIMER:
		return f->synthetic.access_synthetic_timer_regs;
	case LIBMSHV_NEED_HYPERCALL:
		return f->synthetic.access_hypercall_regs;
	case LIBMSHV_NEED_APIC_ASSIST:
		return f->synthetic.access_intr_ctrl_regs;
	case LIBMSHV_NEED_REFERENCE_TSC:
		return f->synthetic.access_partition_reference_tsc;
	}
	return false;
}

/* The driver and the hypervisor state features, not what is disabled. */
int libmshv_granted_get(int fd, struct libmshv_granted *f)
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

#else

bool libmshv_is_granted(const struct libmshv_granted *f,
			enum libmshv_need need)
{
	(void)f;
	return need == LIBMSHV_NEED_NOTHING;
}

int libmshv_granted_get(int fd, struct libmshv_granted *f)
{
	(void)fd;
	memset(f, 0, sizeof(*f));
	return 0;
}

#endif
