/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What a partition must have been given for an MSR or another register to be
 * there.
 */
#ifndef LIBMSHV_NEEDS_H
#define LIBMSHV_NEEDS_H

#include "internal.h"

enum libmshv_need {
	LIBMSHV_NEED_NOTHING,
	LIBMSHV_NEED_TSC_AUX,
	LIBMSHV_NEED_TSC_ADJUST,
	LIBMSHV_NEED_TSC_DEADLINE,
	LIBMSHV_NEED_SPEC_CTRL,
	LIBMSHV_NEED_TSX_CTRL,
	LIBMSHV_NEED_UMWAIT,
	LIBMSHV_NEED_XSS,
	LIBMSHV_NEED_XFD,
	LIBMSHV_NEED_CET,	/* shadow stacks or indirect branch tracking */
	LIBMSHV_NEED_CET_SS,
	LIBMSHV_NEED_SYNIC,
	LIBMSHV_NEED_STIMER,
	LIBMSHV_NEED_HYPERCALL,
	LIBMSHV_NEED_APIC_ASSIST,
	LIBMSHV_NEED_REFERENCE_TSC,
	LIBMSHV_NEED_NEVER,	/* not part of a state: read-only, or an action */
};

/* Of a partition. Only those of x86_64 are asked for. */
struct libmshv_granted {
#if defined(__x86_64__)
	union hv_partition_processor_features processor;
	union hv_partition_processor_xsave_features xsave;
	union hv_partition_synthetic_processor_features synthetic;
#else
	uint8_t none;
#endif
};

/* By way of any fd that belongs to the partition. */
int libmshv_granted_get(int fd, struct libmshv_granted *f);
bool libmshv_is_granted(const struct libmshv_granted *f,
			enum libmshv_need need);

/* msr.c: the list of a partition with these */
int libmshv_msr_list(const struct libmshv_granted *features, uint32_t *msrs,
		     size_t max, size_t *count);

#endif /* LIBMSHV_NEEDS_H */
