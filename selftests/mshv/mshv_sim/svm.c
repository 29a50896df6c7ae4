// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine that executes guests with AMD SVM (APM volume 2, chapter 15): a VP's
 * VMCB, what else is switched with it, and the loop around VMRUN.
 *
 * Not covered: machine checks, which go to the guest that was running.
 */
#include <linux/entry-virt.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <trace/events/ipi.h>	/* smp_send_reschedule() */
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/fpu/api.h>
#include <asm/msr.h>
#include <asm/trapnr.h>

#include "svm_cpu.h"

static atomic64_t svm_serial = ATOMIC64_INIT(0);

/* ------------------------------------------------------------------- reset */

static struct sim_vmcb_seg svm_reset_seg(u16 selector, u64 base, u16 attrib)
{
	return (struct sim_vmcb_seg) {
		.selector = selector, .base = base, .limit = 0xffff, .attrib = attrib,
	};
}

/*
 * What both RESET and INIT set: APM volume 2, table 14-1.  The contract says the
 * same of a new VP: CS F000:FFFF0000, RIP FFF0.
 */
static void svm_vp_reset(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;
	struct sim_vmcb_save *s = &vp->vmcb->save;
	struct sim_vmcb_seg data = svm_reset_seg(0, 0, 0x93);

	s->cs = svm_reset_seg(0xf000, 0xffff0000, 0x9b);
	s->ds = data;
	s->es = data;
	s->fs = data;
	s->gs = data;
	s->ss = data;
	s->gdtr = svm_reset_seg(0, 0, 0);
	s->idtr = svm_reset_seg(0, 0, 0);
	s->ldtr = svm_reset_seg(0, 0, 0x82);
	s->tr = svm_reset_seg(0, 0, 0x8b);
	s->rip = 0xfff0;
	s->rflags = X86_EFLAGS_FIXED;
	s->cr0 = (s->cr0 & (X86_CR0_CD | X86_CR0_NW)) | X86_CR0_ET;
	s->cr2 = 0;
	s->cr3 = 0;
	s->cr4 = 0;
	sim_xcr0_update(vp);
	s->dr6 = DR6_RESERVED;
	s->dr7 = DR7_FIXED_1;
	s->cpl = 0;
	sim_efer_set(vp, 0);

	memset(vp->gpr, 0, sizeof(vp->gpr));
	vp->gpr[SIM_RDX] = sim_cpuid_default(vp, 1, 0).eax;
	memset(vp->dr, 0, sizeof(vp->dr));
	vp->cr8 = 0;

	sim_shadow_set(vp, false);
	c->eventinj = 0;
	c->exitintinfo = 0;
	c->host.injected = 0;
	c->host.flags = SIM_VMCB_WINDOW;
	sim_tlb_stale(vp);
}

/* SIPI: real mode at the page that the vector names. */
static void svm_vp_start(struct sim_vp *vp, u8 vector)
{
	vp->vmcb->save.cs = svm_reset_seg(vector << 8, vector << 12, 0x9b);
	vp->vmcb->save.rip = 0;
}

/*
 * #AC and #DB are for the guest, but the processor can get lost in a loop of
 * delivering them; an intercept ends it.  #NM is for us while the guest doesn't
 * have the FPU (below).
 */
static u32 svm_exceptions(const struct sim_vp *vp, bool fpu)
{
	return READ_ONCE(vp->pt->intercepts.exceptions) | BIT(X86_TRAP_AC) | BIT(X86_TRAP_DB) |
	       (fpu ? 0 : BIT(X86_TRAP_NM));
}

/* #NM, and all that shows or changes CR0. */
static void svm_intercept_fpu(const struct sim_vp *vp, bool on)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;

	c->intercept_exceptions = svm_exceptions(vp, !on);
	c->intercept_cr_read = on ? BIT(0) : 0;
	c->intercept_cr_write = (c->intercept_cr_write & ~BIT(0)) | (on ? BIT(0) : 0);
}

static void svm_intercept_debug(struct sim_vmcb_control *c, bool on)
{
	c->intercept_dr_read = on ? 0xffff : 0;
	c->intercept_dr_write = c->intercept_dr_read;
}

static void svm_vp_init(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;
	u16 fcw = 0x40;
	u32 mxcsr = 0x1f80;

	vp->vmcb->save.cr0 = X86_CR0_CD | X86_CR0_NW;
	vp->vmcb->save.g_pat = 0x0007040600070406;
	svm_vp_reset(vp);

	vp->xmm_page = NULL;
	/* Offsets in the FXSAVE image: APM volume 2, figure 11-8. */
	memset(vp->fpu, 0, 512);
	memcpy(vp->fpu, &fcw, sizeof(fcw));
	memset(vp->fpu + 4, 0xff, 1);	/* tags: no register is empty */
	memcpy(vp->fpu + 24, &mxcsr, sizeof(mxcsr));

	if (sim_svm_iopm)
		c->iopm_base_pa = __pa(sim_svm_iopm);
	c->nested_ctl = SVM_NP_ENABLE;
	c->asid = 1;
	c->intercept_cr_write = BIT(4);
	svm_intercept_fpu(vp, true);
	svm_intercept_debug(c, true);
	c->intercept_misc1 = SVM_INTERCEPT_INTR | SVM_INTERCEPT_NMI | SVM_INTERCEPT_INIT |
			     SVM_INTERCEPT_RDPMC | SVM_INTERCEPT_CPUID |
			     SVM_INTERCEPT_INVD | SVM_INTERCEPT_HLT |
			     SVM_INTERCEPT_INVLPGA | SVM_INTERCEPT_IOIO |
			     SVM_INTERCEPT_MSR | SVM_INTERCEPT_TASK_SWITCH |
			     SVM_INTERCEPT_SHUTDOWN;
	c->intercept_misc2 = SVM_INTERCEPT_VMRUN | SVM_INTERCEPT_VMMCALL |
			     SVM_INTERCEPT_VMLOAD | SVM_INTERCEPT_VMSAVE |
			     SVM_INTERCEPT_STGI | SVM_INTERCEPT_CLGI |
			     SVM_INTERCEPT_SKINIT | SVM_INTERCEPT_RDTSCP |
			     SVM_INTERCEPT_WBINVD | SVM_INTERCEPT_MONITOR |
			     SVM_INTERCEPT_MWAIT | SVM_INTERCEPT_XSETBV |
			     SVM_INTERCEPT_RDPRU;
}

/* __pa() of a page from the allocator, which the kernel's image need not be asked about. */
static u64 svm_pa(const void *page)
{
	return (unsigned long)page - PAGE_OFFSET;
}

/* ------------------------------------------------- what VMRUN doesn't switch */

static void svm_xcr0_begin(struct sim_vp *vp, struct svm_cpu *c)
{
	if (likely(!vp->osxsave))
		return;
	sim_xcr0_begin(vp);
	c->xcr0 = true;
}

static void svm_xcr0_end(struct sim_vp *vp, struct svm_cpu *c)
{
	if (!c->xcr0)
		return;
	sim_xcr0_sync(vp);
	sim_xcr0_end();
	c->xcr0 = false;
}

void sim_svm_sync_xcr0(struct sim_vp *vp)
{
	if (this_cpu_read(sim_svm_cpus.xcr0))
		sim_xcr0_sync(vp);
}

void sim_svm_xcr0_changed(struct sim_vp *vp)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);

	if (c->xcr0)
		sim_xcr0_end();
	c->xcr0 = false;
	svm_xcr0_begin(vp, c);
}

/*
 * Many exits come and go without the guest touching the FPU.  Until it does, it
 * runs with CR0.TS set (and CR0.MP, for WAIT), and what shows or changes CR0 is
 * intercepted.  All of this is with interrupts off.
 */
bool sim_svm_load_fpu(struct sim_vp *vp)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);
	u32 *mxcsr = vp->fpu + 24;

	if (c->fpu)
		return false;
	svm_xcr0_end(vp, c);
	kernel_fpu_begin();
	*mxcsr &= sim_svm_mxcsr_mask;
	sim_xsave_restore(vp);
	svm_xcr0_begin(vp, c);
	svm_intercept_fpu(vp, false);
	c->fpu = true;
	return true;
}

void sim_svm_sync_fpu(struct sim_vp *vp)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);

	if (!c->fpu)
		return;
	svm_xcr0_end(vp, c);
	sim_xsave_save(vp);
	svm_xcr0_begin(vp, c);
}

void sim_svm_fpu_changed(struct sim_vp *vp)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);

	vp->xmm_page = NULL;
	if (!c->fpu)
		return;
	svm_xcr0_end(vp, c);
	sim_xsave_restore(vp);
	svm_xcr0_begin(vp, c);
}

static void svm_fpu_save(struct sim_vp *vp, struct svm_cpu *c)
{
	if (!c->fpu)
		return;
	sim_xsave_save(vp);
	kernel_fpu_end();
	svm_intercept_fpu(vp, true);
	c->fpu = false;
	vp->xmm_page = NULL;
}

/* Around VMRUN. */
static void svm_fpu_hide(struct sim_vmcb_save *s, struct svm_cpu *c)
{
	if (unlikely(c->fpu))
		return;
	c->cr0 = s->cr0;
	s->cr0 = c->cr0 | X86_CR0_TS | X86_CR0_MP;
}

static void svm_fpu_unhide(struct sim_vmcb_save *s, struct svm_cpu *c)
{
	if (likely(!c->fpu))
		s->cr0 = c->cr0;
}

/*
 * DR0-3 are switched when the guest has breakpoints, or as soon as it looks at
 * a debug register: until then accesses to them are intercepted.
 */
void sim_svm_load_debug(struct sim_vp *vp)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);

	if (c->debug)
		return;
	get_debugreg(c->dr[0], 0);
	get_debugreg(c->dr[1], 1);
	get_debugreg(c->dr[2], 2);
	get_debugreg(c->dr[3], 3);
	set_debugreg(vp->dr[0], 0);
	set_debugreg(vp->dr[1], 1);
	set_debugreg(vp->dr[2], 2);
	set_debugreg(vp->dr[3], 3);
	svm_intercept_debug(&vp->vmcb->control, false);
	c->debug = true;
}

static void svm_debug_begin(struct sim_vp *vp, struct svm_cpu *c)
{
	if (unlikely(hw_breakpoint_active())) {
		c->dr7 = __this_cpu_read(cpu_dr7);
		set_debugreg(DR7_FIXED_1, 7);
		c->breakpoints = true;
	}
	if (unlikely(vp->vmcb->save.dr7 & (DR_LOCAL_ENABLE_MASK | DR_GLOBAL_ENABLE_MASK)))
		sim_svm_load_debug(vp);
}

static void svm_debug_end(struct sim_vp *vp, struct svm_cpu *c)
{
	if (c->debug) {
		unsigned long dr[4];
		int i;

		get_debugreg(dr[0], 0);
		get_debugreg(dr[1], 1);
		get_debugreg(dr[2], 2);
		get_debugreg(dr[3], 3);
		for (i = 0; i < ARRAY_SIZE(dr); i++)
			vp->dr[i] = dr[i];
		set_debugreg(c->dr[0], 0);
		set_debugreg(c->dr[1], 1);
		set_debugreg(c->dr[2], 2);
		set_debugreg(c->dr[3], 3);
		svm_intercept_debug(&vp->vmcb->control, true);
		c->debug = false;
	}
	if (c->breakpoints)
		set_debugreg(c->dr7, 7);
	c->breakpoints = false;
}

/* --------------------------------------------------------------- the loop */

#define SVM_PENDING_LEAVE	(BIT(SIM_PENDING_STARTUP) | BIT(SIM_PENDING_NOTIFY))

/*
 * Under the root scheduler the caller is the VMM's thread, and the driver does
 * this work before it dispatches again; a worker only has to yield.
 */
static bool svm_must_leave(struct sim_vp *vp)
{
	if (READ_ONCE(vp->want_stop) || (READ_ONCE(vp->pending) & SVM_PENDING_LEAVE))
		return true;
	if (current->flags & PF_KTHREAD)
		return sim_must_yield();
	return __xfer_to_guest_mode_work_pending();
}

/*
 * One ASID for all VPs: translations survive on this CPU until another VP runs
 * here, this one has run elsewhere (it then has another serial), or some were
 * revoked.
 */
static noinline void svm_prepare_slow(struct sim_vp *vp, struct svm_cpu *cpu, u64 gen)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;

	c->tlb_control = SVM_TLB_FLUSH_ALL;
	cpu->last = atomic64_inc_return(&svm_serial);
	c->host.serial = cpu->last;

	WRITE_ONCE(vp->gpa_gen_seen, gen);
	c->nested_cr3 = svm_pa(READ_ONCE(vp->pt->gpa.root) ?: sim_svm_no_memory);
	c->msrpm_base_pa = svm_pa(READ_ONCE(vp->pt->intercepts.msr) ? sim_svm_msrpm_all :
								       sim_svm_msrpm);
	c->intercept_exceptions = svm_exceptions(vp, cpu->fpu);
}

/* What the VMCB has of the partition is up to date as long as nothing has changed there. */
static void svm_prepare(struct sim_vp *vp, struct svm_cpu *cpu, struct sim_vmcb *vmcb)
{
	u64 gen = atomic64_read(&vp->pt->gpa.gen);

	vmcb->control.tlb_control = 0;
	if (unlikely(gen != vp->gpa_gen_seen || cpu->last != vmcb->control.host.serial))
		svm_prepare_slow(vp, cpu, gen);
	vmcb->control.vintr = SVM_V_INTR_MASKING | vp->cr8;
	if (unlikely(!sim_svm_quiet(vp, &vmcb->control)))
		sim_svm_inject(vp);
	vmcb->save.rax = vp->gpr[SIM_RAX];
	vmcb->save.rsp = vp->gpr[SIM_RSP];
}

static void svm_collect(struct sim_vp *vp, struct sim_vmcb *vmcb)
{
	struct sim_vmcb_save *s = &vmcb->save;

	vp->gpr[SIM_RAX] = s->rax;
	vp->gpr[SIM_RSP] = s->rsp;
	vp->cr8 = vmcb->control.vintr & SVM_V_TPR_MASK;
	/* SYSRET does not write SS.DPL (APM volume 3): the VMM is shown the CPL. */
	if (unlikely((s->ss.attrib >> 5 ^ s->cpl) & 3) && (s->cr0 & X86_CR0_PE))
		s->ss.attrib = (s->ss.attrib & ~(3 << 5)) | (s->cpl & 3) << 5;
}

/* The guest was not entered.  In passing: has the VMM to be told that it could be? */
static int svm_not_entered(struct sim_vp *vp)
{
	if (!test_and_clear_bit(SIM_PENDING_NOTIFY, &vp->pending))
		return SIM_RUN_PREEMPTED;
	return sim_notify_take(vp) ? SIM_RUN_INTERCEPT : SIM_RUN_AGAIN;
}

static __always_inline int svm_run_once(struct sim_vp *vp, struct svm_cpu *cpu)
{
	struct sim_vmcb *vmcb = vp->vmcb;

	WRITE_ONCE(vp->cpu, smp_processor_id());
	WRITE_ONCE(vp->in_guest, 1);
	/*
	 * Pairs with the barriers in svm_kick() and sim_gpa_flush(): either we
	 * see what they have changed, or they see in_guest.  No lock may be
	 * taken before in_guest is 0 again: they spin with interrupts off.
	 */
	smp_mb();
	if (unlikely(svm_must_leave(vp))) {
		/* Nothing done yet. */
		smp_store_release(&vp->in_guest, 0);
		return svm_not_entered(vp);
	}
	svm_prepare(vp, cpu, vmcb);
	svm_fpu_hide(&vmcb->save, cpu);
	sim_svm_enter(svm_pa(vmcb), vp->gpr, svm_pa(cpu->host));
	svm_fpu_unhide(&vmcb->save, cpu);
	svm_collect(vp, vmcb);
	/* The guest's last access comes before this. */
	smp_store_release(&vp->in_guest, 0);

	return sim_svm_exit(vp);
}

static noinline void svm_put_back(struct sim_vp *vp, struct svm_cpu *cpu)
{
	svm_debug_end(vp, cpu);
	svm_xcr0_end(vp, cpu);
	svm_fpu_save(vp, cpu);
}

static enum sim_run svm_run(struct sim_vp *vp)
{
	struct svm_cpu *cpu = this_cpu_ptr(&sim_svm_cpus);
	int res;

	if (unlikely(!READ_ONCE(cpu->enabled)))
		return SIM_RUN_PREEMPTED;	/* this CPU is going offline */
	svm_debug_begin(vp, cpu);
	svm_xcr0_begin(vp, cpu);
	do {
		res = svm_run_once(vp, cpu);
	} while (res == SIM_RUN_AGAIN);
	/* #VMEXIT restores neither (15.6): DR6 is the guest's, DR7 is off. */
	set_debugreg(DR6_RESERVED, 6);
	if (unlikely(cpu->switched))
		svm_put_back(vp, cpu);
	return res;
}

/*
 * The interrupt itself is enough: it ends VMRUN, or is pending when VMRUN comes.
 */
static void svm_kick(struct sim_vp *vp)
{
	smp_mb();	/* what the VP shall see, before: is it in the guest? */
	if (READ_ONCE(vp->in_guest))
		smp_send_reschedule(READ_ONCE(vp->cpu));
}

const struct sim_engine sim_engine_svm = {
	.name = "svm",
	.init = sim_svm_init,
	.exit = sim_svm_exit_engine,
	.vp_init = svm_vp_init,
	.vp_reset = svm_vp_reset,
	.vp_start = svm_vp_start,
	.run = svm_run,
	.kick = svm_kick,
};
