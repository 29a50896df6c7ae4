/* SPDX-License-Identifier: GPL-2.0-only */
/* RDMSR and WRMSR of a guest that may fault. */
#ifndef GUEST_MSR_H
#define GUEST_MSR_H

#include "guest.h"

static volatile uint64_t guest_msr_faults;

/* #GP of RDMSR or WRMSR, which have two bytes. */
static void guest_msr_on_gp(struct guest_frame *frame)
{
	guest_msr_faults++;
	frame->rip += 2;
}

static inline bool guest_wrmsr_faults(uint32_t msr, uint64_t value)
{
	uint64_t before = guest_msr_faults;

	guest_handle(13, guest_msr_on_gp);
	guest_wrmsr(msr, value);
	return guest_msr_faults != before;
}

static inline bool guest_rdmsr_faults(uint32_t msr)
{
	uint64_t before = guest_msr_faults;

	guest_handle(13, guest_msr_on_gp);
	guest_rdmsr(msr);
	return guest_msr_faults != before;
}

#endif /* GUEST_MSR_H */
