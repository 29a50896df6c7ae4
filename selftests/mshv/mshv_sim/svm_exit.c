// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens when the guest has left VMRUN: a table from exit code (AMD APM
 * volume 2, appendix C) to handler.  A handler either deals with the exit and
 * lets the guest go on, or writes an intercept message for the VMM.
 *
 * An intercepted instruction has not been executed and RIP is at it; the VMM
 * finds it so in the message and completes it itself.  What is handled here is
 * skipped here.
 */
#include <linux/bug.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/trapnr.h>
#include <asm/tsc.h>

#include "engine.h"
#include "intercept.h"

struct svm_exit_row {
	int (*fn)(struct sim_vp *vp);
	enum sim_exit count;
};

/* ------------------------------------------------------------ instructions */

struct svm_insn {
	u8 bytes[16];
	u32 n;		/* bytes that could be read */
	u32 op;		/* index of the opcode, after the prefixes */
	u8 rex;
};

static bool svm_is_prefix(u8 b)
{
	static const u8 prefixes[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (b == prefixes[i])
			return true;
	return false;
}

/*
 * The intercepted instruction, up to its opcode.  False if the guest's memory
 * has changed so that it can't be read any more, or if it isn't @opcode any
 * more: then the guest executes what is there now.  (A guest that runs from a
 * device's memory, on a processor without nRIP, gets no further.)
 */
static bool svm_insn_read(struct sim_vp *vp, const char *opcode, struct svm_insn *insn)
{
	u32 len = strlen(opcode);

	*insn = (struct svm_insn) { .op = 0 };
	insn->n = sim_fetch(vp, insn->bytes);
	while (insn->op < insn->n && svm_is_prefix(insn->bytes[insn->op]))
		insn->op++;
	if (sim_64bit(vp) && insn->op < insn->n && (insn->bytes[insn->op] & 0xf0) == 0x40)
		insn->rex = insn->bytes[insn->op++];
	return insn->op + len <= insn->n && !memcmp(insn->bytes + insn->op, opcode, len);
}

/* Length of the intercepted instruction, 0 if it has to be tried again. */
static u32 svm_insn_length(struct sim_vp *vp, const char *opcode)
{
	u64 length = vp->vmcb->control.next_rip - vp->vmcb->save.rip;
	struct svm_insn insn;

	/* nRIP is there for these instructions if it is there at all (15.7.1). */
	if (sim_svm_has_next_rip && length && length <= 15)
		return length;
	if (!svm_insn_read(vp, opcode, &insn))
		return 0;
	return insn.op + strlen(opcode);
}

/* Done with an instruction: step over it, with what else that entails. */
int sim_svm_skip(struct sim_vp *vp, u32 length)
{
	struct sim_vmcb_save *s = &vp->vmcb->save;

	s->rip += length;
	if (!sim_64bit(vp))
		s->rip = (u32)s->rip;
	s->rflags &= ~X86_EFLAGS_RF;
	sim_shadow_set(vp, false);
	if (s->rflags & X86_EFLAGS_TF) {
		s->dr6 |= DR_STEP;
		sim_vp_raise(vp, X86_TRAP_DB, false, 0);
	}
	return SIM_RUN_AGAIN;
}

static int svm_ud(struct sim_vp *vp)
{
	sim_vp_raise(vp, X86_TRAP_UD, false, 0);
	return SIM_RUN_AGAIN;
}

int sim_svm_gp(struct sim_vp *vp)
{
	sim_vp_raise(vp, X86_TRAP_GP, true, 0);
	return SIM_RUN_AGAIN;
}

/* --------------------------------------------------------- nothing to handle */

/* The host takes its interrupt once run() has enabled them. */
static int svm_exit_host(struct sim_vp *vp)
{
	return SIM_RUN_PREEMPTED;
}

/* The guest can take an interrupt now: the next entry injects it. */
static int svm_exit_window(struct sim_vp *vp)
{
	sim_notify_check(vp);
	return SIM_RUN_AGAIN;
}

static int svm_exit_iret(struct sim_vp *vp)
{
	sim_svm_step_iret(vp);
	return SIM_RUN_AGAIN;
}

static int svm_exit_debug_register(struct sim_vp *vp)
{
	sim_svm_load_debug(vp);
	return SIM_RUN_AGAIN;
}

/* With the FPU it gets its own CR0, which is not intercepted. */
static int svm_exit_cr0(struct sim_vp *vp)
{
	sim_svm_load_fpu(vp);
	return SIM_RUN_AGAIN;
}

/* ---------------------------------------------------------------- exceptions */

static int svm_exit_exception(struct sim_vp *vp)
{
	const struct sim_vmcb_control *c = &vp->vmcb->control;
	u8 vector = c->exitcode - SVM_EXIT_EXCP_BASE;
	bool has_error = BIT(vector) & (BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) |
					BIT(X86_TRAP_SS) | BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) |
					BIT(X86_TRAP_AC));
	u32 error = has_error ? c->exitinfo1 : 0;

	/* The guest gets its own #NM, if CR0 is for one, at the second try. */
	if (vector == X86_TRAP_NM && sim_svm_load_fpu(vp))
		return SIM_RUN_AGAIN;
	if (READ_ONCE(vp->pt->intercepts.exceptions) & BIT(vector))
		return sim_intercept_exception(vp, vector, has_error, error,
					       vector == X86_TRAP_PF ? c->exitinfo2 : 0);
	sim_vp_raise(vp, vector, has_error, error);
	return SIM_RUN_AGAIN;
}

/* -------------------------------------------------------------- port accesses */

/* APM 15.10.2.  Every port intercepts in an exo partition (contract, row 4d). */
static int svm_exit_ioio(struct sim_vp *vp)
{
	const struct sim_vmcb_control *c = &vp->vmcb->control;
	u32 how = c->exitinfo1;
	u32 info = (how & SVM_IOIO_SIZE) >> SVM_IOIO_SIZE_SHIFT |
		  (how & (SVM_IOIO_STRING | SVM_IOIO_REP)) << 1;

	BUILD_BUG_ON(SVM_IOIO_STRING << 1 != SIM_PORT_STRING);
	BUILD_BUG_ON(SVM_IOIO_REP << 1 != SIM_PORT_REP);
	/* EXITINFO2 is the address of the instruction that follows. */
	return sim_intercept_io_port(vp, how >> SVM_IOIO_PORT_SHIFT, info,
				     how & SVM_IOIO_IN ? HV_INTERCEPT_ACCESS_READ :
							 HV_INTERCEPT_ACCESS_WRITE,
				     c->exitinfo2 - vp->vmcb->save.rip);
}

/* ---------------------------------------------------------- CPUID, MSRs, TSC */

static bool svm_cpuid_wanted(struct sim_partition *pt, u32 leaf)
{
	struct sim_intercepts *i = &pt->intercepts;
	bool wanted = false;
	u32 n;

	if (!READ_ONCE(i->nr_cpuid) && !READ_ONCE(i->cpuid_all))
		return false;
	raw_spin_lock(&pt->lock);
	for (n = 0; n < i->nr_cpuid && n < SIM_CPUID_INTERCEPTS; n++)
		wanted |= i->cpuid[n] == leaf;
	wanted |= i->cpuid_all;
	raw_spin_unlock(&pt->lock);
	return wanted;
}

static int svm_exit_cpuid(struct sim_vp *vp)
{
	u32 leaf = vp->gpr[SIM_RAX], subleaf = vp->gpr[SIM_RCX];
	u32 length = svm_insn_length(vp, "\x0f\xa2");
	struct sim_cpuid r;

	if (!length)
		return SIM_RUN_AGAIN;
	if (leaf == 0xd)
		sim_svm_sync_xcr0(vp);
	r = sim_cpuid_guest(vp, leaf, subleaf);
	if (svm_cpuid_wanted(vp->pt, leaf))
		return sim_intercept_cpuid(vp, &r, length);
	vp->gpr[SIM_RAX] = r.eax;
	vp->gpr[SIM_RBX] = r.ebx;
	vp->gpr[SIM_RCX] = r.ecx;
	vp->gpr[SIM_RDX] = r.edx;
	return sim_svm_skip(vp, length);
}

/* A write to the APIC is done; the VMM may have to know of what it caused. */
int sim_svm_apic_written(struct sim_vp *vp, u32 length)
{
	enum sim_lapic_exit exit = vp->lapic.exit;

	vp->lapic.exit = SIM_LAPIC_NO_EXIT;
	if (exit == SIM_LAPIC_SIPI)
		return sim_intercept_sipi(vp, vp->lapic.exit_vp, vp->lapic.exit_vector, length);
	sim_svm_skip(vp, length);
	if (exit == SIM_LAPIC_EOI)
		return sim_intercept_apic_eoi(vp, vp->lapic.exit_vector);
	return SIM_RUN_AGAIN;
}

static bool svm_msr_wanted(struct sim_partition *pt, u32 msr, bool write)
{
	u8 access = BIT(write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);
	struct sim_intercepts *i = &pt->intercepts;
	u8 every = READ_ONCE(i->msr);
	bool wanted = every & access;
	u32 n;

	if (wanted || !(every & SIM_MSR_SOME))
		return wanted;
	raw_spin_lock(&pt->lock);
	for (n = 0; n < i->nr_msrs; n++)
		wanted |= i->msrs[n].msr == msr && (i->msrs[n].access & access);
	raw_spin_unlock(&pt->lock);
	return wanted;
}

/* Until an interrupt is there, whether the guest takes it or not. */
static int svm_idle(struct sim_vp *vp, u32 length)
{
	sim_svm_skip(vp, length);
	if (!sim_vp_deliverable(vp))
		return SIM_RUN_HALTED;
	vp->idle = false;
	return SIM_RUN_AGAIN;
}

static int svm_exit_msr(struct sim_vp *vp)
{
	bool write = vp->vmcb->control.exitinfo1 & 1, unknown = false;
	u32 length = svm_insn_length(vp, write ? "\x0f\x30" : "\x0f\x32");
	u32 msr = vp->gpr[SIM_RCX];
	u64 value;

	if (!length)
		return SIM_RUN_AGAIN;
	if (svm_msr_wanted(vp->pt, msr, write))
		return sim_intercept_msr(vp, write, length);

	if (write) {
		value = vp->gpr[SIM_RDX] << 32 | (u32)vp->gpr[SIM_RAX];
		if (sim_msr_resets(vp, msr, value))
			return sim_intercept_msr(vp, true, length);
		if (!sim_msr_write(vp, msr, value, &unknown) &&
		    !(unknown && sim_msr_ignored(vp, msr, true)))
			return sim_svm_gp(vp);
	} else {
		if (!sim_msr_read(vp, msr, &value, &unknown)) {
			if (!unknown || !sim_msr_ignored(vp, msr, false))
				return sim_svm_gp(vp);
			value = 0;
		}
		vp->gpr[SIM_RAX] = (u32)value;
		vp->gpr[SIM_RDX] = value >> 32;
		if (vp->idle)
			return svm_idle(vp, length);
	}
	return sim_svm_apic_written(vp, length);
}

/*
 * Intercepted because TSC_AUX is the host's while the guest runs.  QEMU (7.2) does
 * not have this intercept: there the guest sees the host's TSC_AUX.
 */
static int svm_exit_rdtscp(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\x0f\x01\xf9");
	bool unknown = false;
	u64 tsc, aux;

	if (!length)
		return SIM_RUN_AGAIN;
	if (!(sim_cpuid_default(vp, 0x80000001, 0).edx & BIT(27)))
		return svm_ud(vp);
	if (!sim_msr_read(vp, MSR_TSC_AUX, &aux, &unknown))
		aux = 0;
	tsc = rdtsc() + vp->vmcb->control.tsc_offset;
	vp->gpr[SIM_RAX] = (u32)tsc;
	vp->gpr[SIM_RDX] = tsc >> 32;
	vp->gpr[SIM_RCX] = (u32)aux;
	return sim_svm_skip(vp, length);
}

/* MOV to a control register: what it moves.  Length 0: has to be tried again. */
static u32 svm_mov_to_cr(struct sim_vp *vp, u64 *value)
{
	struct svm_insn insn;
	u8 modrm;

	if (!svm_insn_read(vp, "\x0f\x22", &insn) || insn.op + 3 > insn.n)
		return 0;
	modrm = insn.bytes[insn.op + 2];
	*value = vp->gpr[(modrm & 7) | (insn.rex & 1) << 3];
	if (!sim_64bit(vp))
		*value = (u32)*value;
	return insn.op + 3;
}

/* Bits of features that the partition does not have are reserved. */
static int svm_exit_write_cr4(struct sim_vp *vp)
{
	struct sim_vmcb_save *s = &vp->vmcb->save;
	u64 value;
	u32 length = svm_mov_to_cr(vp, &value);

	if (!length)
		return SIM_RUN_AGAIN;
	if (value & ~sim_cr4_allowed(vp))
		return sim_svm_gp(vp);
	/* APM 3.1.3: these can't change, or can't be had, in long mode. */
	if (sim_long_mode(vp) && (!(value & X86_CR4_PAE) || ((value ^ s->cr4) & X86_CR4_LA57)))
		return sim_svm_gp(vp);
	if ((value & ~s->cr4 & X86_CR4_PCIDE) && (!sim_long_mode(vp) || (s->cr3 & 0xfff)))
		return sim_svm_gp(vp);
	sim_svm_sync_xcr0(vp);
	s->cr4 = value;
	sim_xcr0_update(vp);
	sim_svm_xcr0_changed(vp);
	sim_tlb_stale(vp);
	return sim_svm_skip(vp, length);
}

/*
 * MOV to CR8, also written LOCK MOV CR0 (CPUID AltMovCr8): intercepted while an
 * interrupt waits for the TPR to go down.
 */
static int svm_exit_write_cr8(struct sim_vp *vp)
{
	u64 value;
	u32 length = svm_mov_to_cr(vp, &value);

	if (!length)
		return SIM_RUN_AGAIN;
	if (value & ~0xfULL)
		return sim_svm_gp(vp);
	vp->cr8 = value;
	sim_notify_check(vp);
	return sim_svm_skip(vp, length);
}

static int svm_exit_xsetbv(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\x0f\x01\xd1");
	u64 value = vp->gpr[SIM_RDX] << 32 | (u32)vp->gpr[SIM_RAX];

	if (!length)
		return SIM_RUN_AGAIN;
	if (!(vp->vmcb->save.cr4 & X86_CR4_OSXSAVE))
		return svm_ud(vp);
	if (sim_cpl(vp) || (u32)vp->gpr[SIM_RCX] || !sim_xcr0_set(vp, value))
		return sim_svm_gp(vp);
	sim_svm_xcr0_changed(vp);
	return sim_svm_skip(vp, length);
}

/* Caches are coherent and the guest has no devices behind them. */
static int svm_exit_invd(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\x0f\x08");

	return length ? sim_svm_skip(vp, length) : SIM_RUN_AGAIN;
}

static int svm_exit_wbinvd(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\x0f\x09");

	return length ? sim_svm_skip(vp, length) : SIM_RUN_AGAIN;
}

/* ------------------------------------------------------------------------ HLT */

/*
 * With a LAPIC the hypervisor waits for an interrupt itself; RIP is behind the
 * HLT then, as on hardware.  Without one nothing could end the HLT but the VMM:
 * it gets a message (contract, 3.7).
 *
 * Where RIP is in that message on a real hypervisor is not known.  We leave it
 * at the HLT, as the message header says of all intercepts.  No client looks:
 * cloud-hypervisor resets the VM, the test of mshv-ioctls stops.
 */
static int svm_exit_hlt(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\xf4");

	if (!length)
		return SIM_RUN_AGAIN;
	if (sim_partition_has_lapic(vp->pt)) {
		sim_svm_skip(vp, length);
		return sim_vp_deliverable(vp) ? SIM_RUN_AGAIN : SIM_RUN_HALTED;
	}
	return sim_intercept_header(vp, HVMSG_X64_HALT, HV_INTERCEPT_ACCESS_EXECUTE, length);
}

/*
 * Interrupted between STI and HLT: execute the HLT here, as its interrupt shadow
 * will not be there any more (sim_svm_take_back()).
 */
static noinline bool svm_before_hlt(struct sim_vp *vp)
{
	u32 code = vp->vmcb->control.exitcode;
	struct svm_insn insn;

	return code >= SVM_EXIT_INTR && code <= SVM_EXIT_VINTR &&
	       svm_insn_read(vp, "\xf4", &insn);
}

/* ----------------------------------------------------------------- the others */

static int svm_no_memory(struct sim_vp *vp, u8 access, u64 gpa)
{
	struct sim_gpa_leaf leaf = sim_gpa_lookup(vp->pt, gpa >> HV_HYP_PAGE_SHIFT);

	return sim_intercept_memory(vp, leaf.state == SIM_GPA_UNMAPPED ? HVMSG_UNMAPPED_GPA :
					HVMSG_GPA_INTERCEPT, access, gpa);
}

static int svm_exit_vmmcall(struct sim_vp *vp)
{
	u32 length = svm_insn_length(vp, "\x0f\x01\xd9");
	struct sim_guest_fault fault;

	if (!length)
		return SIM_RUN_AGAIN;
	switch (sim_guest_hypercall(vp, &fault)) {
	case SIM_GUEST_CALL_INTERCEPT:
		return sim_intercept_hypercall(vp, length);
	case SIM_GUEST_CALL_FAULT:
		return svm_no_memory(vp, fault.access, fault.gpa);
	case SIM_GUEST_CALL_UD:
		return svm_ud(vp);
	case SIM_GUEST_CALL_YIELD:
		sim_svm_skip(vp, length);
		return SIM_RUN_PREEMPTED;
	case SIM_GUEST_CALL_DONE:
		break;
	}
	return sim_svm_skip(vp, length);
}

/*
 * A triple fault.  The state that the VMCB holds now is undefined (APM 15.14.3);
 * the VMM is expected to reset the VP.
 */
static int svm_exit_shutdown(struct sim_vp *vp)
{
	return sim_intercept_header(vp, HVMSG_UNRECOVERABLE_EXCEPTION,
				    HV_INTERCEPT_ACCESS_EXECUTE, 0);
}

/* APM 15.14.1.  The parameter's meaning is not known: we give the new TSS. */
static int svm_exit_task_switch(struct sim_vp *vp)
{
	return sim_intercept_unsupported(vp, SIM_UNSUPPORTED_TASK_SWITCH,
					 vp->vmcb->control.exitinfo1 & 0xffff);
}

/* The checks of VMRUN failed: somebody set registers that can't be (15.5.1). */
static int svm_exit_invalid(struct sim_vp *vp)
{
	return sim_intercept_invalid_register(vp);
}

#define ROW(_fn, _count)	{ .fn = svm_exit_##_fn, .count = SIM_EXIT_##_count }
#define UD			{ .fn = svm_ud, .count = SIM_EXIT_OTHER }

static const struct svm_exit_row svm_rows[] = {
	[SVM_EXIT_READ_CR0]	= ROW(cr0, OTHER),
	[SVM_EXIT_WRITE_CR0]	= ROW(cr0, OTHER),
	[SVM_EXIT_WRITE_CR4]	= ROW(write_cr4, OTHER),
	[SVM_EXIT_WRITE_CR8]	= ROW(write_cr8, OTHER),
	[SVM_EXIT_READ_DR0 ... SVM_EXIT_READ_DR7] = ROW(debug_register, OTHER),
	[SVM_EXIT_WRITE_DR0 ... SVM_EXIT_WRITE_DR7] = ROW(debug_register, OTHER),
	[SVM_EXIT_EXCP_BASE ... SVM_EXIT_LAST_EXCP] = ROW(exception, EXCEPTION),
	[SVM_EXIT_INTR]		= ROW(host, INTERRUPT),
	[SVM_EXIT_NMI]		= ROW(host, INTERRUPT),
	[SVM_EXIT_SMI]		= ROW(host, INTERRUPT),
	[SVM_EXIT_INIT]		= ROW(host, INTERRUPT),
	[SVM_EXIT_VINTR]	= ROW(window, OTHER),
	[SVM_EXIT_RDPMC]	= { .fn = sim_svm_gp, .count = SIM_EXIT_OTHER },
	[SVM_EXIT_CPUID]	= ROW(cpuid, CPUID),
	[SVM_EXIT_IRET]		= ROW(iret, OTHER),
	[SVM_EXIT_INVD]		= ROW(invd, OTHER),
	[SVM_EXIT_HLT]		= ROW(hlt, HLT),
	[SVM_EXIT_INVLPGA]	= UD,
	[SVM_EXIT_IOIO]		= ROW(ioio, IO),
	[SVM_EXIT_MSR]		= ROW(msr, MSR),
	[SVM_EXIT_TASK_SWITCH]	= ROW(task_switch, OTHER),
	[SVM_EXIT_SHUTDOWN]	= ROW(shutdown, TRIPLE_FAULT),
	/* What CPUID does not show does not exist. */
	[SVM_EXIT_VMRUN]	= UD,
	[SVM_EXIT_VMMCALL]	= ROW(vmmcall, HYPERCALL),
	[SVM_EXIT_VMLOAD]	= UD,
	[SVM_EXIT_VMSAVE]	= UD,
	[SVM_EXIT_STGI]		= UD,
	[SVM_EXIT_CLGI]		= UD,
	[SVM_EXIT_SKINIT]	= UD,
	[SVM_EXIT_RDTSCP]	= ROW(rdtscp, OTHER),
	[SVM_EXIT_WBINVD]	= ROW(wbinvd, OTHER),
	[SVM_EXIT_MONITOR]	= UD,
	[SVM_EXIT_MWAIT]	= UD,
	[SVM_EXIT_XSETBV]	= ROW(xsetbv, OTHER),
	[SVM_EXIT_RDPRU]	= UD,
};

/* Nothing else has been asked for, but for the one code that is no exit. */
static noinline int svm_exit_unknown(struct sim_vp *vp, u32 code)
{
	vp->exits[SIM_EXIT_OTHER]++;
	if (code == (u32)SVM_EXIT_ERR)
		return svm_exit_invalid(vp);
	WARN_ONCE(1, "SVM exit code %#x\n", code);
	return sim_intercept_unsupported(vp, SIM_UNSUPPORTED_INTERCEPT, code);
}

static __always_inline int svm_exit_row(struct sim_vp *vp, u32 code)
{
	/* UBSAN wants the range looked at before the address is made. */
	const struct svm_exit_row *row = code < ARRAY_SIZE(svm_rows) ? &svm_rows[code] : NULL;

	if (unlikely(!row || !row->fn))
		return svm_exit_unknown(vp, code);
	vp->exits[row->count]++;
	return row->fn(vp);
}

static noinline int svm_exit_shadow(struct sim_vp *vp, u32 code)
{
	if (!svm_before_hlt(vp))
		return svm_exit_row(vp, code);
	vp->exits[SIM_EXIT_HLT]++;
	return svm_exit_hlt(vp);
}

static __always_inline int svm_exit_code(struct sim_vp *vp, struct sim_vmcb_control *c)
{
	u32 code = c->exitcode;		/* QEMU leaves the upper half 0 */

	if (code == SVM_EXIT_NPF)
		return sim_svm_exit_npf(vp);
	c->host.npf_again = 0;
	if (unlikely(c->interrupt_state & SVM_INTERRUPT_SHADOW))
		return svm_exit_shadow(vp, code);
	return svm_exit_row(vp, code);
}

/* Something was on its way into the guest, or was done to it. */
static noinline int svm_exit_event(struct sim_vp *vp)
{
	sim_svm_take_back(vp);
	if (!sim_svm_step_done(vp))
		return svm_exit_code(vp, &vp->vmcb->control);
	vp->exits[SIM_EXIT_OTHER]++;
	return SIM_RUN_AGAIN;
}

int sim_svm_exit(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;

	if (unlikely(c->host.injected || c->host.flags || (c->exitintinfo & SVM_EVENT_VALID)))
		return svm_exit_event(vp);
	return svm_exit_code(vp, c);
}
