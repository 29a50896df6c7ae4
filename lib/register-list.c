// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The registers that make up a VP, in the order in which they are put back:
 * those that say what there is (control registers) before what depends on them,
 * and at last what makes the VP act. Snapshots and mshv_register_list() have
 * this one list.
 */
#include "config.h"

#include <errno.h>

#include <mshv/hv_register_names.h>

#include "register-list.h"

#define RANGE(name, count, optional, need) \
	{ HV_##name, count, optional, LIBMSHV_NEED_##need }
#define X64(name, count)	RANGE(X64_REGISTER_##name, count, false, NOTHING)
#define ARM64(name, count)	RANGE(ARM64_REGISTER_##name, count, false, NOTHING)
#define ANY(name, count)	RANGE(REGISTER_##name, count, false, NOTHING)
#define OPTIONAL(name)		RANGE(name, 1, true, NOTHING)
#define FEATURE(name, need)	RANGE(X64_REGISTER_##name, 1, true, need)

static const struct libmshv_range x64_registers[] = {
	X64(CR0, 1), X64(CR2, 1), X64(CR3, 1), X64(CR4, 1), X64(CR8, 1),
	X64(XFEM, 1), X64(EFER, 1), X64(APIC_BASE, 1),
	X64(IDTR, 2),		/* and GDTR */
	X64(LDTR, 2),		/* and TR */
	X64(ES, 6),		/* CS, SS, DS, FS, GS */
	X64(RAX, 16), X64(RIP, 2),	/* and RFLAGS */
	X64(DR0, 4), X64(DR6, 2),
	FEATURE(SSP, CET_SS), FEATURE(TSX_CTRL, TSX_CTRL),
	FEATURE(UMWAIT_CONTROL, UMWAIT),
};

/*
 * XFD takes states away from XSAVE, so it follows MSHV_VP_STATE_XSAVE. What is
 * written to TSC_DEADLINE starts the APIC's timer, if the APIC's state has put
 * it into that mode, and is compared with the time stamp counter: both have to
 * be there before.
 */
static const struct libmshv_range x64_events[] = {
	ANY(INTERNAL_ACTIVITY_STATE, 1),
	ANY(PENDING_INTERRUPTION, 2),	/* and INTERRUPT_STATE */
	ANY(PENDING_EVENT0, 2),
	OPTIONAL(REGISTER_DELIVERABILITY_NOTIFICATIONS),
	OPTIONAL(X64_REGISTER_PENDING_DEBUG_EXCEPTION),
	FEATURE(XFD, XFD), FEATURE(XFD_ERR, XFD),
	FEATURE(TSC_DEADLINE, TSC_DEADLINE),
};

/*
 * The GIC's state isn't published; MSHV_VP_STATE_LAPIC may have it.
 *
 * ACTLR_EL1 belongs to the maker of the processor, who may have given it no bits
 * that can be written; CSSELR_EL1 says which cache CCSIDR_EL1 tells of, and a
 * guest can be stopped between the two; the keys are those of pointer
 * authentication. Not every processor, nor every hypervisor, has them, and
 * mshv_vp_restore() doesn't write what is so already.
 */
static const struct libmshv_range arm64_registers[] = {
	ARM64(SCTLR_EL1, 1), ARM64(CPACR_EL1, 11),	/* to TPIDR_EL1 */
	ARM64(TPIDRRO_EL0, 9),	/* TPIDR_EL0, FPCR to AMAIR_EL1 */
	ARM64(X0, 31), ARM64(SP_EL0, 4),	/* SP_EL1, PC, PSTATE */
	ARM64(Q0, 32),
	ARM64(CNTKCTL_EL1, 1), ARM64(CNTV_CTL_EL0, 2),
	OPTIONAL(ARM64_REGISTER_ACTLR_EL1), OPTIONAL(ARM64_REGISTER_CSSELR_EL1),
	RANGE(ARM64_REGISTER_APD_A_KEY_HI_EL1, 10, true, NOTHING), /* to API_B_KEY_LO */
	OPTIONAL(REGISTER_VP_ASSIST_PAGE), OPTIONAL(REGISTER_GUEST_OS_ID),
	OPTIONAL(REGISTER_REFERENCE_TSC), OPTIONAL(REGISTER_SCONTROL),
	OPTIONAL(REGISTER_SIEFP), OPTIONAL(REGISTER_SIMP),
	RANGE(REGISTER_SINT0, 16, true, NOTHING),
};

static const struct libmshv_range arm64_events[] = {
	ANY(INTERNAL_ACTIVITY_STATE, 1),
	ANY(PENDING_INTERRUPTION, 2),
	ANY(PENDING_EVENT0, 2),
	OPTIONAL(REGISTER_DELIVERABILITY_NOTIFICATIONS),
};

#define LISTS(arch) { \
	{ arch##_registers, ARRAY_SIZE(arch##_registers), \
	  LIBMSHV_SNAPSHOT_REGISTERS }, \
	{ arch##_events, ARRAY_SIZE(arch##_events), \
	  LIBMSHV_SNAPSHOT_EVENTS }, \
}

const struct libmshv_register_list
libmshv_register_lists[LIBMSHV_ARCH_ARM64 + 1][LIBMSHV_REGISTER_LISTS] = {
	[LIBMSHV_ARCH_X64] = LISTS(x64),
	[LIBMSHV_ARCH_ARM64] = LISTS(arm64),
};

/* Those that a hypervisor must have before those that it may have. */
static size_t add(const struct libmshv_register_list *from, bool optional,
		  struct mshv_register_entry *list, size_t max, size_t n)
{
	uint32_t flags = optional ? LIBMSHV_REGISTER_OPTIONAL : 0, k;
	size_t i;

	if (from->section == LIBMSHV_SNAPSHOT_EVENTS)
		flags |= LIBMSHV_REGISTER_LAST;
	for (i = 0; i < from->count; i++) {
		if (from->ranges[i].optional != optional)
			continue;
		for (k = 0; k < from->ranges[i].count; k++, n++)
			if (n < max)
				list[n] = (struct mshv_register_entry) {
					.name = from->ranges[i].name + k,
					.flags = flags,
				};
	}
	return n;
}

int mshv_register_list(enum libmshv_arch arch,
		       struct mshv_register_entry *list, size_t max,
		       size_t *count)
{
	size_t i, n = 0;

	if (!count || (!list && max))
		return libmshv_fail(EINVAL, "register list: NULL argument");
	if (arch == LIBMSHV_ARCH_NATIVE)
		arch = LIBMSHV_ARCH_BUILT;
	if (arch != LIBMSHV_ARCH_X64 && arch != LIBMSHV_ARCH_ARM64)
		return libmshv_fail(EINVAL, "register list: no such architecture");

	for (i = 0; i < LIBMSHV_REGISTER_LISTS; i++) {
		n = add(&libmshv_register_lists[arch][i], false, list, max, n);
		n = add(&libmshv_register_lists[arch][i], true, list, max, n);
	}
	*count = n;
	if (n > max)
		return libmshv_fail(E2BIG, "register list: array too small");
	return 0;
}
