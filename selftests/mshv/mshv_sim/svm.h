/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine control block of AMD SVM, and what the other files need
 * to know about it: AMD64 Architecture Programmer's Manual, volume 2 ("APM"),
 * chapter 15 and appendix B.  Field names are those of the APM.  The kernel has
 * a definition too, but its names are KVM's own and move between releases.
 *
 * The exit codes are the kernel's, from uapi.
 */
#ifndef MSHV_SIM_SVM_H
#define MSHV_SIM_SVM_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/stddef.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <uapi/asm/svm.h>

#include "mshv_sim.h"

/* APM table B-1, offset 00Ch: intercept_misc1. */
#define SVM_INTERCEPT_INTR		BIT(0)
#define SVM_INTERCEPT_NMI		BIT(1)
#define SVM_INTERCEPT_SMI		BIT(2)
#define SVM_INTERCEPT_INIT		BIT(3)
#define SVM_INTERCEPT_VINTR		BIT(4)
#define SVM_INTERCEPT_RDPMC		BIT(15)
#define SVM_INTERCEPT_CPUID		BIT(18)
#define SVM_INTERCEPT_IRET		BIT(20)
#define SVM_INTERCEPT_INVD		BIT(22)
#define SVM_INTERCEPT_HLT		BIT(24)
#define SVM_INTERCEPT_INVLPGA		BIT(26)
#define SVM_INTERCEPT_IOIO		BIT(27)
#define SVM_INTERCEPT_MSR		BIT(28)
#define SVM_INTERCEPT_TASK_SWITCH	BIT(29)
#define SVM_INTERCEPT_SHUTDOWN		BIT(31)

/* Offset 010h: intercept_misc2. */
#define SVM_INTERCEPT_VMRUN		BIT(0)
#define SVM_INTERCEPT_VMMCALL		BIT(1)
#define SVM_INTERCEPT_VMLOAD		BIT(2)
#define SVM_INTERCEPT_VMSAVE		BIT(3)
#define SVM_INTERCEPT_STGI		BIT(4)
#define SVM_INTERCEPT_CLGI		BIT(5)
#define SVM_INTERCEPT_SKINIT		BIT(6)
#define SVM_INTERCEPT_RDTSCP		BIT(7)
#define SVM_INTERCEPT_WBINVD		BIT(9)
#define SVM_INTERCEPT_MONITOR		BIT(10)
#define SVM_INTERCEPT_MWAIT		BIT(11)
#define SVM_INTERCEPT_XSETBV		BIT(13)
#define SVM_INTERCEPT_RDPRU		BIT(14)

/* Offset 060h: virtual interrupts. */
#define SVM_V_TPR_MASK			GENMASK(3, 0)
#define SVM_V_IRQ			BIT(8)
#define SVM_V_IGN_TPR			BIT(20)
#define SVM_V_INTR_MASKING		BIT(24)

/* Offset 068h. */
#define SVM_INTERRUPT_SHADOW		BIT(0)

/* Offset 05Ch. Flushing all is what every implementation has. */
#define SVM_TLB_FLUSH_ALL		1

/* Offset 090h. */
#define SVM_NP_ENABLE			BIT(0)

/* APM 15.20, the layout of EVENTINJ and of EXITINTINFO. */
#define SVM_EVENT_VECTOR		GENMASK(7, 0)
#define SVM_EVENT_TYPE_SHIFT		8
#define SVM_EVENT_TYPE			GENMASK(10, 8)
#define SVM_EVENT_HAS_ERROR		BIT(11)
#define SVM_EVENT_VALID			BIT(31)
#define SVM_EVENT_ERROR_SHIFT		32

enum sim_svm_event {
	SVM_EVENT_INTR		= 0,
	SVM_EVENT_NMI		= 2,
	SVM_EVENT_EXCEPTION	= 3,
	SVM_EVENT_SOFTWARE	= 4,	/* INTn */
};

/* APM 15.10.2, EXITINFO1 of an intercepted port access. */
#define SVM_IOIO_IN			BIT(0)
#define SVM_IOIO_STRING			BIT(2)
#define SVM_IOIO_REP			BIT(3)
#define SVM_IOIO_SIZE_SHIFT		4	/* one bit each for 1, 2 and 4 bytes */
#define SVM_IOIO_SIZE			GENMASK(6, 4)
#define SVM_IOIO_PORT_SHIFT		16

/* APM 15.25.6, EXITINFO1 of a nested page fault. */
#define SVM_NPF_WRITE			BIT(1)
#define SVM_NPF_RESERVED		BIT(3)
#define SVM_NPF_FETCH			BIT(4)

/*
 * What the engine remembers of a VP.  It lives in the bytes that the APM leaves
 * to the software of the host (table B-1, offset 3E0h).
 */
struct sim_vmcb_host {
	u64 serial;		/* of the VP on the CPU where it ran last; 0: see there */
	u64 npf_gpa;		/* nested fault that was answered by re-entry */
	u64 injected;		/* EVENTINJ of the last entry */
	u8 npf_again;		/* how often in a row npf_gpa was */
	u8 software_length;	/* instruction of the software event injected */
	u8 flags;
#define SIM_VMCB_WINDOW		BIT(0)	/* an exit at the next chance was asked for */
#define SIM_VMCB_STEP		BIT(1)	/* TF is ours for one instruction */
#define SIM_VMCB_STEP_IRET	BIT(2)	/* ... which ends the NMI handler */
#define SIM_VMCB_STEP_TF	BIT(3)	/* the guest had TF set as well */
#define SIM_VMCB_SHADOW		BIT(4)	/* entered, and left, in an interrupt shadow */
	u8 reserved[5];
};

struct sim_vmcb_control {
	u16 intercept_cr_read;
	u16 intercept_cr_write;
	u16 intercept_dr_read;
	u16 intercept_dr_write;
	u32 intercept_exceptions;
	u32 intercept_misc1;
	u32 intercept_misc2;
	u32 intercept_misc3;
	u8 reserved1[0x24];
	u16 pause_filter_threshold;
	u16 pause_filter_count;
	u64 iopm_base_pa;
	u64 msrpm_base_pa;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved2[3];
	u64 vintr;
	u64 interrupt_state;
	u64 exitcode;
	u64 exitinfo1;
	u64 exitinfo2;
	u64 exitintinfo;
	u64 nested_ctl;
	u8 reserved3[0x10];
	u64 eventinj;
	u64 nested_cr3;
	u64 virt_ext;
	u32 clean;
	u32 reserved4;
	u64 next_rip;
	u8 fetched;		/* decode assist: number of bytes */
	u8 bytes[15];
	u8 reserved5[0x300];
	struct sim_vmcb_host host;
};

struct sim_vmcb_seg {
	u16 selector;
	u16 attrib;
	u32 limit;
	u64 base;
};

struct sim_vmcb_save {
	struct sim_vmcb_seg es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved1[0x2b];
	u8 cpl;
	u32 reserved2;
	u64 efer;
	u8 reserved3[0x70];
	u64 cr4;
	u64 cr3;
	u64 cr0;
	u64 dr7;
	u64 dr6;
	u64 rflags;
	u64 rip;
	u8 reserved4[0x58];
	u64 rsp;
	u64 s_cet;
	u64 ssp;
	u64 isst_addr;
	u64 rax;
	u64 star;
	u64 lstar;
	u64 cstar;
	u64 sfmask;
	u64 kernel_gs_base;
	u64 sysenter_cs;
	u64 sysenter_esp;
	u64 sysenter_eip;
	u64 cr2;
	u8 reserved5[0x20];
	u64 g_pat;
	u64 dbgctl;
	u64 br_from;
	u64 br_to;
	u64 lastexcpfrom;
	u64 lastexcpto;
	u8 reserved6[0x968];
};

struct sim_vmcb {
	struct sim_vmcb_control control;
	struct sim_vmcb_save save;
};

#define SIM_AT(type, field, offset) \
	static_assert(offsetof(struct type, field) == (offset))

SIM_AT(sim_vmcb_control, intercept_exceptions, 0x008);
SIM_AT(sim_vmcb_control, intercept_misc1, 0x00c);
SIM_AT(sim_vmcb_control, iopm_base_pa, 0x040);
SIM_AT(sim_vmcb_control, msrpm_base_pa, 0x048);
SIM_AT(sim_vmcb_control, tsc_offset, 0x050);
SIM_AT(sim_vmcb_control, asid, 0x058);
SIM_AT(sim_vmcb_control, tlb_control, 0x05c);
SIM_AT(sim_vmcb_control, vintr, 0x060);
SIM_AT(sim_vmcb_control, interrupt_state, 0x068);
SIM_AT(sim_vmcb_control, exitcode, 0x070);
SIM_AT(sim_vmcb_control, exitintinfo, 0x088);
SIM_AT(sim_vmcb_control, nested_ctl, 0x090);
SIM_AT(sim_vmcb_control, eventinj, 0x0a8);
SIM_AT(sim_vmcb_control, nested_cr3, 0x0b0);
SIM_AT(sim_vmcb_control, clean, 0x0c0);
SIM_AT(sim_vmcb_control, next_rip, 0x0c8);
SIM_AT(sim_vmcb_control, fetched, 0x0d0);
SIM_AT(sim_vmcb_control, host, 0x3e0);
SIM_AT(sim_vmcb_save, gdtr, 0x060);
SIM_AT(sim_vmcb_save, tr, 0x090);
SIM_AT(sim_vmcb_save, cpl, 0x0cb);
SIM_AT(sim_vmcb_save, efer, 0x0d0);
SIM_AT(sim_vmcb_save, cr4, 0x148);
SIM_AT(sim_vmcb_save, rip, 0x178);
SIM_AT(sim_vmcb_save, rsp, 0x1d8);
SIM_AT(sim_vmcb_save, rax, 0x1f8);
SIM_AT(sim_vmcb_save, star, 0x200);
SIM_AT(sim_vmcb_save, cr2, 0x240);
SIM_AT(sim_vmcb_save, g_pat, 0x268);
SIM_AT(sim_vmcb_save, lastexcpto, 0x290);
SIM_AT(sim_vmcb, save, 0x400);
static_assert(sizeof(struct sim_vmcb_host) == 0x20);
static_assert(sizeof(struct sim_vmcb) == 0x1000);

#undef SIM_AT

/*
 * The VMCB packs the twelve attribute bits of a descriptor; the hypervisor's
 * segment register leaves a gap where the descriptor has limit bits 16-19.
 */
static inline void sim_seg_get(const struct sim_vmcb_seg *seg,
			       struct hv_x64_segment_register *reg)
{
	/* selector, attrib, limit: the other half first, each field as it is ... */
	u64 rest = ror64(*(const u64 *)seg, 32);

	*(u64 *)reg = seg->base;
	*((u64 *)reg + 1) = rest;
	/* ... but for the upper four attributes, which have a gap before them. */
	*((u8 *)reg + 15) = rest >> 56 << 4;
}

static inline void sim_seg_set(struct sim_vmcb_seg *seg,
			       const struct hv_x64_segment_register *reg)
{
	seg->base = reg->base;
	seg->limit = reg->limit;
	seg->selector = reg->selector;
	seg->attrib = (reg->attributes & 0xff) | (reg->attributes >> 4 & 0xf00);
}

/* GDTR and IDTR. */
static inline void sim_table_get(const struct sim_vmcb_seg *seg,
				 struct hv_x64_table_register *reg)
{
	*reg = (struct hv_x64_table_register) { .base = seg->base, .limit = seg->limit };
}

static inline void sim_table_set(struct sim_vmcb_seg *seg,
				 const struct hv_x64_table_register *reg)
{
	*seg = (struct sim_vmcb_seg) { .base = reg->base, .limit = reg->limit };
}

/* VMRUN insists on EFER.SVME (APM 15.5.1); the guest has no SVM and no such bit. */
static inline u64 sim_efer_get(const struct sim_vp *vp)
{
	return vp->vmcb->save.efer & ~EFER_SVME;
}

static inline void sim_efer_set(struct sim_vp *vp, u64 efer)
{
	vp->vmcb->save.efer = efer | EFER_SVME;
}

/*
 * To be called by who changes CR0, CR3, CR4, EFER or PAT of a VP from outside
 * the guest: VMRUN drops no translations by itself (APM 15.16).
 */
static inline void sim_tlb_stale(struct sim_vp *vp)
{
	vp->vmcb->control.host.serial = 0;
}

static inline bool sim_shadow_get(const struct sim_vp *vp)
{
	return vp->vmcb->control.interrupt_state & SVM_INTERRUPT_SHADOW;
}

static inline void sim_shadow_set(struct sim_vp *vp, bool shadow)
{
	vp->vmcb->control.interrupt_state = shadow ? SVM_INTERRUPT_SHADOW : 0;
}

static inline bool sim_long_mode(const struct sim_vp *vp)
{
	return vp->vmcb->save.efer & EFER_LMA;
}

/* In 64-bit mode, as opposed to its compatibility mode: CS.L, attribute bit 9. */
static inline bool sim_64bit(const struct sim_vp *vp)
{
	return sim_long_mode(vp) && (vp->vmcb->save.cs.attrib & BIT(9));
}

/* By the registers, as VMRUN takes it too; the VMM may have changed them. */
static inline u8 sim_cpl(const struct sim_vp *vp)
{
	const struct sim_vmcb_save *s = &vp->vmcb->save;

	if (!(s->cr0 & X86_CR0_PE))
		return 0;
	if ((s->rflags & X86_EFLAGS_VM) && !sim_long_mode(vp))
		return 3;
	return s->ss.attrib >> 5 & 3;
}

/* To be called by who changes CR0, EFER, RFLAGS or SS of a VP from outside the guest. */
static inline void sim_cpl_update(struct sim_vp *vp)
{
	vp->vmcb->save.cpl = sim_cpl(vp);
}

#endif /* MSHV_SIM_SVM_H */
