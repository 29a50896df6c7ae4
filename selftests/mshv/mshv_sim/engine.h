/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the engine share with each other, and the little that the
 * rest of the module may want from them.
 */
#ifndef MSHV_SIM_ENGINE_H
#define MSHV_SIM_ENGINE_H

#include <linux/sched.h>

#include "svm.h"

/* interruption_type of register HvX64RegisterPendingInterruption (TLFS). */
enum sim_interruption {
	SIM_INTERRUPTION_INTERRUPT	= 0,
	SIM_INTERRUPTION_NMI		= 2,
	SIM_INTERRUPTION_EXCEPTION	= 3,
	SIM_INTERRUPTION_SOFTWARE	= 4,	/* INTn */
	SIM_INTERRUPTION_PRIVILEGED	= 5,	/* INT1 */
	SIM_INTERRUPTION_SOFT_EXCEPTION	= 6,	/* INT3, INTO */
};

/* GPRs by their number in an instruction: the indexes of sim_vp.gpr. */
enum sim_gpr {
	SIM_RAX, SIM_RCX, SIM_RDX, SIM_RBX, SIM_RSP, SIM_RBP, SIM_RSI, SIM_RDI,
	SIM_R8, SIM_R15 = 15,
};

/*
 * Something else shall run here.  A worker is the hypervisor, under which the root's
 * threads are guests like others: it doesn't keep them waiting until the tick, as a
 * thread of the kernel may.
 */
static inline bool sim_must_yield(void)
{
	return read_thread_flags() & (_TIF_NEED_RESCHED | _TIF_NEED_RESCHED_LAZY);
}

/* A handler's answer when the guest goes on; else it is an enum sim_run. */
#define SIM_RUN_AGAIN	(-1)

/* ------------------------------------------------------ svm_init.c, svm.c */

extern bool sim_svm_has_next_rip;
/* Give the guest the debug registers until the end of this run. */
void sim_svm_load_debug(struct sim_vp *vp);
/* Give the guest the FPU until then; false: it had it already. */
bool sim_svm_load_fpu(struct sim_vp *vp);
/* From within run(): bring vp->xfem up to date; it, or CR4.OSXSAVE, was changed. */
void sim_svm_sync_xcr0(struct sim_vp *vp);
void sim_svm_xcr0_changed(struct sim_vp *vp);
/* From within run(): bring vp->fpu up to date; it was changed. */
void sim_svm_sync_fpu(struct sim_vp *vp);
void sim_svm_fpu_changed(struct sim_vp *vp);

/* ---------------------------------------------------------------- xsave.c */

/* Bits of HV_PARTITION_PROCESSOR_XSAVE_FEATURES (hyperv/hvhdk.h). */
#define SIM_XSAVE_SUPPORT	BIT_ULL(0)
#define SIM_XSAVEOPT		BIT_ULL(1)
#define SIM_XSAVE_AVX		BIT_ULL(2)
#define SIM_XSAVE_AVX2		BIT_ULL(3)
#define SIM_XSAVE_FMA		BIT_ULL(4)
#define SIM_XSAVEC		BIT_ULL(11)
#define SIM_XSAVE_XCR1		BIT_ULL(13)	/* XGETBV with ECX = 1 */
#define SIM_XSAVE_GFNI		BIT_ULL(19)
#define SIM_XSAVE_VAES		BIT_ULL(20)
#define SIM_XSAVE_VPCLMULQDQ	BIT_ULL(22)
#define SIM_XSAVE_AVX_VNNI	BIT_ULL(30)
#define SIM_XSAVE_AVX_IFMA	BIT_ULL(31)

#define SIM_FX_XMM		160	/* where the XMM registers are in the image */
#define SIM_XSAVE_MAX		832	/* bytes of all states that there can be */

void sim_xsave_init(void);
bool sim_xsave_has(const struct sim_partition *pt);
/* The states that a VP can have, and the size of an image of some. */
u64 sim_xsave_states(const struct sim_partition *pt);
u32 sim_xsave_size(u64 states);
/* The guest sets XCR0, or the VMM does; false: not a value for it. */
bool sim_xcr0_set(struct sim_vp *vp, u64 xcr0);
/* CR4.OSXSAVE may have changed. */
void sim_xcr0_update(struct sim_vp *vp);
/* The processor's XCR0 becomes the guest's; vp->xfem what it is; the host's. */
void sim_xcr0_begin(struct sim_vp *vp);
void sim_xcr0_sync(struct sim_vp *vp);
void sim_xcr0_end(void);
/* vp->fpu to the registers, and back; under the host's XCR0. */
void sim_xsave_restore(struct sim_vp *vp);
void sim_xsave_save(struct sim_vp *vp);
u64 sim_xsave_get_state(struct sim_vp *vp, void *data);
u64 sim_xsave_set_state(struct sim_vp *vp, const void *data);

/* ------------------------------------------------------------ svm_entry.S */

void sim_svm_enter(u64 guest_pa, u64 *gpr, u64 host_pa);

/* ------------------------------------------------------------- svm_exit.c */

/* Handle the exit that the VMCB describes: SIM_RUN_AGAIN or an enum sim_run. */
int sim_svm_exit(struct sim_vp *vp);

/*
 * Done with an instruction: step over it.  With a write to the APIC, which the VMM
 * may have to hear of.  A #GP instead of it.
 */
int sim_svm_skip(struct sim_vp *vp, u32 length);
int sim_svm_apic_written(struct sim_vp *vp, u32 length);
int sim_svm_gp(struct sim_vp *vp);

/* -------------------------------------------------------------- svm_npf.c */

int sim_svm_exit_npf(struct sim_vp *vp);

/* ------------------------------------------------------------ svm_event.c */

/*
 * Whether something is pending that the VP takes now, or that ends its HLT.
 * The caller owns the VP or holds vp->lock with the VP not running.
 */
bool sim_vp_deliverable(const struct sim_vp *vp);
/* Make an exception pending; it goes in with the next entry. */
void sim_vp_raise(struct sim_vp *vp, u8 vector, bool has_error, u32 error);
/* Choose what to inject with this entry, and ask for exits at windows. */
void sim_svm_inject(struct sim_vp *vp);

/* Nearly always: no event waits, or is one that the VMM waits for; nothing to choose. */
static inline bool sim_svm_quiet(const struct sim_vp *vp, const struct sim_vmcb_control *c)
{
	return !(vp->pending_interruption.as_uint64 | vp->pending_event[0].low_part |
		 READ_ONCE(vp->pending) | vp->nmi_masked | vp->deliverability |
		 c->host.flags | c->interrupt_state);
}

/* If there was one: take back what the guest did not get to see of the injected event. */
void sim_svm_take_back(struct sim_vp *vp);
/* The guest is at an IRET that unmasks NMIs: execute it, and come back. */
void sim_svm_step_iret(struct sim_vp *vp);
/* End a single step of ours; true if this exit was it and nothing else. */
bool sim_svm_step_done(struct sim_vp *vp);

/* --------------------------------------------------------------- cpuid.c */

/* HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 and 1 as far as CPUID shows them. */
void sim_cpuid_banks(u64 bank[HV_PARTITION_PROCESSOR_FEATURES_BANKS]);
/* HV_PARTITION_PROCESSOR_XSAVE_FEATURES likewise. */
u64 sim_cpuid_xsave_features(struct sim_partition *pt);
/* The CR4 bits that the partition's features allow. */
u64 sim_cr4_allowed(struct sim_vp *vp);

#endif /* MSHV_SIM_ENGINE_H */
