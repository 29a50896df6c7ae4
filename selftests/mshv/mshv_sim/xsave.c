// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended processor state: the FPU, SSE and, if the processor has it and the
 * partition may, AVX (AMD APM volume 2, 11.5).  Where there is no XSAVE, FXSAVE
 * does; the image of a VP is the same, its first 512 bytes.
 *
 * SVM does not switch XCR0.  A guest that has set CR4.OSXSAVE can read it, so it
 * is the guest's for as long as a run lasts, unless it is what the host has.
 */
#include <linux/string.h>
#include <asm/cpuid/api.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>

#include "engine.h"

#define FX_MXCSR	24
#define FX_END		416	/* of what FXSAVE defines in 64-bit mode */

#define LEGACY		(XFEATURE_MASK_FP | XFEATURE_MASK_SSE)

/* In compacted form as in the other: there is no component before AVX's. */
struct xsave_image {
	u8 legacy[512];
	u64 xstate_bv;
	u64 xcomp_bv;
	u64 reserved[6];
	u8 ymm[256];
};

static_assert(sizeof(struct xsave_image) == SIM_XSAVE_MAX);
static_assert(offsetof(struct xsave_image, ymm) == 576);

static u64 xsave_host_xcr0;
/* What is switched with a guest; 0: no XSAVE. */
static u64 xsave_switched;

void sim_xsave_init(void)
{
	u32 eax, ebx, ecx, edx;

	if (!boot_cpu_has(X86_FEATURE_OSXSAVE))
		return;
	xsave_host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	xsave_switched = xsave_host_xcr0 & (LEGACY | XFEATURE_MASK_YMM);
	/* AVX's place is fixed in practice, not by the architecture. */
	cpuid_count(0xd, 2, &eax, &ebx, &ecx, &edx);
	if (ebx != offsetof(struct xsave_image, ymm))
		xsave_switched &= ~XFEATURE_MASK_YMM;
}

bool sim_xsave_has(const struct sim_partition *pt)
{
	return xsave_switched && !(pt->disabled_xsave & SIM_XSAVE_SUPPORT);
}

u64 sim_xsave_states(const struct sim_partition *pt)
{
	if (!sim_xsave_has(pt) || (pt->disabled_xsave & SIM_XSAVE_AVX))
		return LEGACY;
	return LEGACY | (xsave_switched & XFEATURE_MASK_YMM);
}

u32 sim_xsave_size(u64 states)
{
	return states & XFEATURE_MASK_YMM ? sizeof(struct xsave_image) :
					    offsetof(struct xsave_image, ymm);
}

/* ----------------------------------------------------------------- XCR0 */

void sim_xcr0_update(struct sim_vp *vp)
{
	vp->osxsave = vp->vmcb->save.cr4 & X86_CR4_OSXSAVE;
}

bool sim_xcr0_set(struct sim_vp *vp, u64 xcr0)
{
	if (!(xcr0 & XFEATURE_MASK_FP) || (xcr0 & ~sim_xsave_states(vp->pt)))
		return false;
	if ((xcr0 & XFEATURE_MASK_YMM) && !(xcr0 & XFEATURE_MASK_SSE))
		return false;
	vp->xfem = xcr0;
	return true;
}

void sim_xcr0_begin(struct sim_vp *vp)
{
	if (vp->xfem != xsave_host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, vp->xfem);
}

/*
 * QEMU (7.2) does not have the intercept of XSETBV: what the guest has set there
 * it has set, and it is taken over here, without what the partition may not have.
 */
void sim_xcr0_sync(struct sim_vp *vp)
{
	u64 xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);

	if (xcr0 != vp->xfem)
		vp->xfem = (xcr0 & sim_xsave_states(vp->pt)) | XFEATURE_MASK_FP;
}

void sim_xcr0_end(void)
{
	if (xgetbv(XCR_XFEATURE_ENABLED_MASK) != xsave_host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, xsave_host_xcr0);
}

/* ----------------------------------------- in and out of the registers */

/* Under the host's XCR0. */
void sim_xsave_restore(struct sim_vp *vp)
{
	struct xsave_image *x = vp->fpu;

	if (!xsave_switched) {
		asm volatile("fxrstor64 %0" : : "m" (*(u8 (*)[512])vp->fpu));
		return;
	}
	/* Whoever writes to the legacy area does not care for its bits. */
	x->xstate_bv |= LEGACY;
	asm volatile("xrstor64 %0" : : "m" (*x), "a" ((u32)xsave_switched), "d" (0));
}

void sim_xsave_save(struct sim_vp *vp)
{
	struct xsave_image *x = vp->fpu;

	if (!xsave_switched)
		asm volatile("fxsave64 %0" : "=m" (*(u8 (*)[512])vp->fpu));
	else
		asm volatile("xsave64 %0" : "+m" (*x) : "a" ((u32)xsave_switched), "d" (0));
}

/* ------------------------------------------------------- state of a VP */

u64 sim_xsave_get_state(struct sim_vp *vp, void *data)
{
	const struct xsave_image *from = vp->fpu;
	u64 states = sim_xsave_states(vp->pt);
	struct xsave_image *x = data;

	memset(x, 0, sim_xsave_size(states));
	memcpy(x->legacy, from->legacy, FX_END);
	x->xstate_bv = LEGACY | (from->xstate_bv & states);
	x->xcomp_bv = XCOMP_BV_COMPACTED_FORMAT | states;
	if (x->xstate_bv & XFEATURE_MASK_YMM)
		memcpy(x->ymm, from->ymm, sizeof(x->ymm));
	return HV_STATUS_SUCCESS;
}

static bool xsave_acceptable(const struct xsave_image *x, u64 states)
{
	u32 mxcsr, i;

	if (!(x->xcomp_bv & XCOMP_BV_COMPACTED_FORMAT) ||
	    (x->xcomp_bv & ~(XCOMP_BV_COMPACTED_FORMAT | states)) ||
	    (x->xstate_bv & ~(x->xcomp_bv & states)))
		return false;
	for (i = 0; i < ARRAY_SIZE(x->reserved); i++)
		if (x->reserved[i])
			return false;
	memcpy(&mxcsr, x->legacy + FX_MXCSR, sizeof(mxcsr));
	return !(mxcsr >> 18);
}

/* What XRSTOR would refuse is refused; a state that is not there is initialized. */
u64 sim_xsave_set_state(struct sim_vp *vp, const void *data)
{
	const struct xsave_image *x = data;
	struct xsave_image *to = vp->fpu;
	const u16 fcw = 0x37f;

	if (!xsave_acceptable(x, sim_xsave_states(vp->pt)))
		return HV_STATUS_INVALID_PARAMETER;
	memset(to, 0, sizeof(*to));
	memcpy(to->legacy, x->legacy, SIM_FX_XMM);
	if (!(x->xstate_bv & XFEATURE_MASK_FP)) {
		memset(to->legacy, 0, FX_MXCSR);
		memset(to->legacy + 32, 0, SIM_FX_XMM - 32);
		memcpy(to->legacy, &fcw, sizeof(fcw));
	}
	if (x->xstate_bv & XFEATURE_MASK_SSE)
		memcpy(to->legacy + SIM_FX_XMM, x->legacy + SIM_FX_XMM, FX_END - SIM_FX_XMM);
	to->xstate_bv = LEGACY;
	if (x->xstate_bv & XFEATURE_MASK_YMM) {
		memcpy(to->ymm, x->ymm, sizeof(to->ymm));
		to->xstate_bv |= XFEATURE_MASK_YMM;
	}
	return HV_STATUS_SUCCESS;
}
