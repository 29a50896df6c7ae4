/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls, as a guest makes them: through the page, as the TLFS asks for. */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include <mshv/hvhdk.h>
#include "guest.h"

/* Where the tests place the page, and arguments: RAM of the guest, to begin with. */
#define PAGE_GPA	0x708000ull
#define IN_GPA		0x709000ull
#define OUT_GPA		0x70a000ull
#define OS_ID		0x8100123400000001ull

/* The control word, beside the code. */
#define FAST		(1ull << 16)
#define VARHEAD(n)	((uint64_t)(n) << 17)
#define REPS(n)		((uint64_t)(n) << 32)
#define REP_START(n)	((uint64_t)(n) << 48)

static inline uint64_t call(uint64_t control, uint64_t in, uint64_t out)
{
	uint64_t result;
	register uint64_t r8 __asm__("r8") = out;

	__asm__ volatile("call *%2" : "=a" (result), "+r" (r8)
			 : "r" (guest_ptr(PAGE_GPA)), "c" (control), "d" (in)
			 : "memory", "cc");
	return result;
}

static inline void enable_hypercalls(void)
{
	guest_wrmsr(HV_X64_MSR_GUEST_OS_ID, OS_ID);
	guest_wrmsr(HV_X64_MSR_HYPERCALL, PAGE_GPA | 1);
}

static inline uint64_t status(uint64_t result)
{
	return result & 0xffff;
}

static inline uint64_t reps_done(uint64_t result)
{
	return result >> 32 & 0xfff;
}

#endif /* GUEST_HYPERCALL_H */
