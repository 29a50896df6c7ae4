/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The registers of a VP in sets, as structures. <mshv/vp.h> reads and writes
 * any other list of them.
 */
#ifndef MSHV_REGISTERS_H
#define MSHV_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/message.h>

LIBMSHV_BEGIN_DECLS

struct mshv_vp;

/**
 * DOC: sets of registers
 *
 * Each set is read and written with one system call, or none if all of it is in
 * a valid register page. Which register was refused is in
 * mshv_last_error()->index: they count in the order in which the structure has
 * them, arrays element by element, except for struct mshv_special_registers of
 * x86_64, where the control registers come first. Writing isn't atomic, see
 * mshv_vp_set_registers().
 */

#if defined(__x86_64__)

/**
 * struct mshv_standard_registers - The integer registers (x86_64)
 * @rax: HV_X64_REGISTER_RAX
 * @rcx: HV_X64_REGISTER_RCX
 * @rdx: HV_X64_REGISTER_RDX
 * @rbx: HV_X64_REGISTER_RBX
 * @rsp: HV_X64_REGISTER_RSP
 * @rbp: HV_X64_REGISTER_RBP
 * @rsi: HV_X64_REGISTER_RSI
 * @rdi: HV_X64_REGISTER_RDI
 * @r8: HV_X64_REGISTER_R8
 * @r9: HV_X64_REGISTER_R9
 * @r10: HV_X64_REGISTER_R10
 * @r11: HV_X64_REGISTER_R11
 * @r12: HV_X64_REGISTER_R12
 * @r13: HV_X64_REGISTER_R13
 * @r14: HV_X64_REGISTER_R14
 * @r15: HV_X64_REGISTER_R15
 * @rip: HV_X64_REGISTER_RIP
 * @rflags: HV_X64_REGISTER_RFLAGS
 *
 * In the order of the hypervisor's register names and of the register page.
 *
 * Since: 0.1
 */
struct mshv_standard_registers {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
};

/**
 * struct mshv_special_registers - Segments, tables and control (x86_64)
 * @es: HV_X64_REGISTER_ES
 * @cs: HV_X64_REGISTER_CS
 * @ss: HV_X64_REGISTER_SS
 * @ds: HV_X64_REGISTER_DS
 * @fs: HV_X64_REGISTER_FS
 * @gs: HV_X64_REGISTER_GS
 * @ldtr: HV_X64_REGISTER_LDTR
 * @tr: HV_X64_REGISTER_TR
 * @idtr: HV_X64_REGISTER_IDTR
 * @gdtr: HV_X64_REGISTER_GDTR
 * @cr0: HV_X64_REGISTER_CR0
 * @cr2: HV_X64_REGISTER_CR2
 * @cr3: HV_X64_REGISTER_CR3
 * @cr4: HV_X64_REGISTER_CR4
 * @cr8: HV_X64_REGISTER_CR8
 * @efer: HV_X64_REGISTER_EFER
 * @apic_base: HV_X64_REGISTER_APIC_BASE
 *
 * Since: 0.1
 */
struct mshv_special_registers {
	struct hv_x64_segment_register es, cs, ss, ds, fs, gs, ldtr, tr;
	struct hv_x64_table_register idtr, gdtr;
	uint64_t cr0, cr2, cr3, cr4, cr8;
	uint64_t efer, apic_base;
};

/**
 * struct mshv_fpu - Floating point and vectors (x86_64)
 * @xmm: HV_X64_REGISTER_XMM0 to HV_X64_REGISTER_XMM15
 * @fp: HV_X64_REGISTER_FP_MMX0 to HV_X64_REGISTER_FP_MMX7: ST(0) to ST(7)
 * @fp_control_status: HV_X64_REGISTER_FP_CONTROL_STATUS
 * @xmm_control_status: HV_X64_REGISTER_XMM_CONTROL_STATUS, with MXCSR
 *
 * What lies beyond (AVX and so on) is in the XSAVE area, see
 * mshv_vp_get_state().
 *
 * Since: 0.1
 */
struct mshv_fpu {
	struct hv_u128 xmm[16];
	union hv_x64_fp_register fp[8];
	union hv_x64_fp_control_status_register fp_control_status;
	union hv_x64_xmm_control_status_register xmm_control_status;
};

/**
 * struct mshv_events - What is about to be delivered to the guest (x86_64)
 * @pending_interruption: HV_REGISTER_PENDING_INTERRUPTION: the event whose
 *	delivery an intercept has cut short
 * @interrupt_state: HV_REGISTER_INTERRUPT_STATE: what holds interrupts back
 * @pending_event: HV_REGISTER_PENDING_EVENT0 and 1, see
 *	union hv_x64_pending_exception_event
 * @pending_debug_exception: HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION; 0 if the
 *	hypervisor doesn't have it
 *
 * Since: 0.1
 */
struct mshv_events {
	union hv_x64_pending_interruption_register pending_interruption;
	union hv_x64_interrupt_state_register interrupt_state;
	struct hv_u128 pending_event[2];
	uint64_t pending_debug_exception;
};

#elif defined(__aarch64__)

/**
 * struct mshv_standard_registers - The integer registers (arm64)
 * @x: HV_ARM64_REGISTER_X0 to HV_ARM64_REGISTER_X28
 * @fp: HV_ARM64_REGISTER_FP (X29)
 * @lr: HV_ARM64_REGISTER_LR (X30)
 * @sp: HV_ARM64_REGISTER_SP
 * @pc: HV_ARM64_REGISTER_PC
 * @pstate: HV_ARM64_REGISTER_PSTATE
 *
 * Since: 0.1
 */
struct mshv_standard_registers {
	uint64_t x[29];
	uint64_t fp, lr, sp;
	uint64_t pc, pstate;
};

/**
 * struct mshv_special_registers - State of exception levels 0 and 1 (arm64)
 * @sctlr_el1: HV_ARM64_REGISTER_SCTLR_EL1
 * @cpacr_el1: HV_ARM64_REGISTER_CPACR_EL1
 * @ttbr0_el1: HV_ARM64_REGISTER_TTBR0_EL1
 * @ttbr1_el1: HV_ARM64_REGISTER_TTBR1_EL1
 * @tcr_el1: HV_ARM64_REGISTER_TCR_EL1
 * @mair_el1: HV_ARM64_REGISTER_MAIR_EL1
 * @amair_el1: HV_ARM64_REGISTER_AMAIR_EL1
 * @vbar_el1: HV_ARM64_REGISTER_VBAR_EL1
 * @sp_el0: HV_ARM64_REGISTER_SP_EL0
 * @sp_el1: HV_ARM64_REGISTER_SP_EL1
 * @elr_el1: HV_ARM64_REGISTER_ELR_EL1
 * @spsr_el1: HV_ARM64_REGISTER_SPSR_EL1
 * @esr_el1: HV_ARM64_REGISTER_ESR_EL1
 * @far_el1: HV_ARM64_REGISTER_FAR_EL1
 * @par_el1: HV_ARM64_REGISTER_PAR_EL1
 * @afsr0_el1: HV_ARM64_REGISTER_AFSR0_EL1
 * @afsr1_el1: HV_ARM64_REGISTER_AFSR1_EL1
 * @contextidr_el1: HV_ARM64_REGISTER_CONTEXTIDR_EL1
 * @tpidr_el1: HV_ARM64_REGISTER_TPIDR_EL1
 * @tpidr_el0: HV_ARM64_REGISTER_TPIDR_EL0
 * @tpidrro_el0: HV_ARM64_REGISTER_TPIDRRO_EL0
 *
 * Since: 0.1
 */
struct mshv_special_registers {
	uint64_t sctlr_el1, cpacr_el1;
	uint64_t ttbr0_el1, ttbr1_el1, tcr_el1, mair_el1, amair_el1;
	uint64_t vbar_el1, sp_el0, sp_el1, elr_el1, spsr_el1;
	uint64_t esr_el1, far_el1, par_el1, afsr0_el1, afsr1_el1;
	uint64_t contextidr_el1, tpidr_el1, tpidr_el0, tpidrro_el0;
};

/**
 * struct mshv_fpu - Floating point and vectors (arm64)
 * @q: HV_ARM64_REGISTER_Q0 to HV_ARM64_REGISTER_Q31
 * @fpcr: HV_ARM64_REGISTER_FPCR
 * @fpsr: HV_ARM64_REGISTER_FPSR
 *
 * Since: 0.1
 */
struct mshv_fpu {
	struct hv_u128 q[32];
	uint64_t fpcr, fpsr;
};

/**
 * struct mshv_events - What is about to be delivered to the guest (arm64)
 * @pending_interruption: HV_REGISTER_PENDING_INTERRUPTION
 * @interrupt_state: HV_REGISTER_INTERRUPT_STATE
 * @pending_event: HV_REGISTER_PENDING_EVENT0 and 1, see
 *	union hv_arm64_pending_synthetic_exception_event
 *
 * Since: 0.1
 */
struct mshv_events {
	union hv_arm64_pending_interruption_register pending_interruption;
	union hv_arm64_interrupt_state_register interrupt_state;
	struct hv_u128 pending_event[2];
};

#endif

/**
 * struct mshv_debug_registers - Breakpoints of the guest (x86_64)
 * @dr0: HV_X64_REGISTER_DR0
 * @dr1: HV_X64_REGISTER_DR1
 * @dr2: HV_X64_REGISTER_DR2
 * @dr3: HV_X64_REGISTER_DR3
 * @dr6: HV_X64_REGISTER_DR6
 * @dr7: HV_X64_REGISTER_DR7
 *
 * Since: 0.1
 */
struct mshv_debug_registers {
	uint64_t dr0, dr1, dr2, dr3, dr6, dr7;
};

/**
 * struct mshv_activity - Why a VP doesn't execute; several may hold
 * @explicit_suspend: HV_REGISTER_EXPLICIT_SUSPEND: suspended by the VMM. Every
 *	VP is born so, and mshv_vp_run() ends it.
 * @intercept_suspend: HV_REGISTER_INTERCEPT_SUSPEND: stopped with a message;
 *	mshv_vp_run() ends it
 * @internal: HV_REGISTER_INTERNAL_ACTIVITY_STATE: the guest itself: it halted,
 *	or waits for a startup interrupt (SIPI)
 *
 * Since: 0.1
 */
struct mshv_activity {
	union hv_explicit_suspend_register explicit_suspend;
	union hv_intercept_suspend_register intercept_suspend;
	union hv_internal_activity_register internal;
};

struct mshv_standard_registers;
struct mshv_special_registers;
struct mshv_fpu;
struct mshv_events;

/**
 * mshv_vp_get_standard_registers() - Read the integer registers
 * @vp: the handle
 * @registers: where to put them; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs. No system
 * call if the register page is valid.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_get_standard_registers(struct mshv_vp *vp,
				   struct mshv_standard_registers *registers);

/**
 * mshv_vp_set_standard_registers() - Write the integer registers
 * @vp: the handle
 * @registers: the new values
 *
 * Context: The thread that uses the VP. Waits while the VP runs. No system
 * call if the register page is valid.
 * Return: 0, or an error of mshv_vp_set_registers().
 * Since: 0.1
 */
int
mshv_vp_set_standard_registers(struct mshv_vp *vp,
			       const struct mshv_standard_registers *registers);

/**
 * mshv_vp_get_special_registers() - Read the registers of the system
 * @vp: the handle
 * @registers: where to put them; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_get_special_registers(struct mshv_vp *vp,
				  struct mshv_special_registers *registers);

/**
 * mshv_vp_set_special_registers() - Write the registers of the system
 * @vp: the handle
 * @registers: the new values; start from what
 *	mshv_vp_get_special_registers() returns
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers().
 * Since: 0.1
 */
int
mshv_vp_set_special_registers(struct mshv_vp *vp,
			      const struct mshv_special_registers *registers);

/**
 * mshv_vp_get_fpu() - Read floating point and vectors
 * @vp: the handle
 * @fpu: where to put them; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_get_fpu(struct mshv_vp *vp, struct mshv_fpu *fpu);

/**
 * mshv_vp_set_fpu() - Write floating point and vectors
 * @vp: the handle
 * @fpu: the new values
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers().
 * Since: 0.1
 */
int mshv_vp_set_fpu(struct mshv_vp *vp, const struct mshv_fpu *fpu);

/**
 * mshv_vp_get_debug_registers() - Read the debug registers (x86_64)
 * @vp: the handle
 * @registers: where to put them; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers(); -EOPNOTSUPP if the
 * architecture is another.
 * Since: 0.1
 */
int mshv_vp_get_debug_registers(struct mshv_vp *vp,
				struct mshv_debug_registers *registers);

/**
 * mshv_vp_set_debug_registers() - Write the debug registers (x86_64)
 * @vp: the handle
 * @registers: the new values
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers(); -EOPNOTSUPP if the
 * architecture is another.
 * Since: 0.1
 */
int mshv_vp_set_debug_registers(struct mshv_vp *vp,
				const struct mshv_debug_registers *registers);

/**
 * mshv_vp_get_xcr0() - Read XCR0, which XSAVE states are in use (x86_64)
 * @vp: the handle
 * @xcr0: where to put it (union hv_x64_xsave_xfem_register); undefined on
 *	failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers(); -EOPNOTSUPP if the
 * architecture is another.
 * Since: 0.1
 */
int mshv_vp_get_xcr0(struct mshv_vp *vp, uint64_t *xcr0);

/**
 * mshv_vp_set_xcr0() - Write XCR0 (x86_64)
 * @vp: the handle
 * @xcr0: the new value
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers(); -EOPNOTSUPP if the
 * architecture is another.
 * Since: 0.1
 */
int mshv_vp_set_xcr0(struct mshv_vp *vp, uint64_t xcr0);

/**
 * mshv_vp_get_events() - Read what is about to be delivered
 * @vp: the handle
 * @events: where to put it; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_get_events(struct mshv_vp *vp, struct mshv_events *events);

/**
 * mshv_vp_set_events() - Write what is about to be delivered
 * @vp: the handle
 * @events: the new values. A pending_debug_exception of 0 is fine also if the
 *	hypervisor doesn't have that register.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers().
 * Since: 0.1
 */
int mshv_vp_set_events(struct mshv_vp *vp, const struct mshv_events *events);

/**
 * mshv_vp_get_activity() - Why the VP doesn't execute
 * @vp: the handle
 * @activity: where to put it; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_get_activity(struct mshv_vp *vp, struct mshv_activity *activity);

/**
 * mshv_vp_set_activity() - Make the VP execute or not
 * @vp: the handle
 * @activity: the new values; start from what mshv_vp_get_activity() returns
 *
 * Change @activity->internal only, unless you know the driver: it writes the
 * two suspensions itself and keeps its own account of the intercept.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_registers().
 * Since: 0.1
 */
int mshv_vp_set_activity(struct mshv_vp *vp,
			 const struct mshv_activity *activity);

/**
 * enum libmshv_register_flag - What to know about a register that is saved
 * @LIBMSHV_REGISTER_OPTIONAL: not every hypervisor has it, or lets it be written;
 *	read such registers one by one, leave out those that are refused as not
 *	there (see mshv_vp_save()), and write back only those that have another
 *	value; but a TSC_DEADLINE other than 0 always, as this starts the timer
 * @LIBMSHV_REGISTER_LAST: it makes the VP act, or depends on the rest; write it
 *	when all else of the VP has been written, also MSRs and
 *	mshv_vp_set_state()
 *
 * Since: 0.1
 */
enum libmshv_register_flag {
	LIBMSHV_REGISTER_OPTIONAL	= 1,
	LIBMSHV_REGISTER_LAST		= 2,
};

/**
 * struct mshv_register_entry - A register that has to be saved
 * @name: HV_REGISTER_*, HV_X64_REGISTER_* or HV_ARM64_REGISTER_*
 * @flags: bitmask of enum libmshv_register_flag
 *
 * Since: 0.1
 */
struct mshv_register_entry {
	uint32_t name;
	uint32_t flags;
};

/**
 * mshv_register_list() - The registers that make up a VP
 * @arch: whose VP
 * @list: array for them; may be NULL if @max is 0
 * @max: number of elements that @list has room for
 * @count: how many there are, also if that is more than @max
 *
 * What has to be saved and restored, none of it twice, in an order in which it
 * can be written back; those with LIBMSHV_REGISTER_LAST are at the end. The list
 * is the one of mshv_vp_save(), which is all that most programs need.
 *
 * It lacks what is saved otherwise: on x86_64 MSRs (see
 * mshv_partition_get_msr_list()), floating point and vectors
 * (MSHV_VP_STATE_XSAVE) and the other components of mshv_vp_get_state(). EFER,
 * APIC_BASE and optional registers (TSX_CTRL, UMWAIT_CONTROL, XFD, XFD_ERR) are
 * in both lists; SSP and TSC_DEADLINE are in this one only. It also lacks what
 * only identifies the processor or only counts, such as MPIDR_EL1 and
 * CNTVCT_EL0 of arm64. Whether the hypervisor keeps more state of an arm64 VP
 * than can be read isn't known.
 *
 * Context: Any thread, any time. A constant list of each libmshv.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @arch is none
 * * -E2BIG: @max is too small; the first @max were written
 *
 * Since: 0.1
 */
int mshv_register_list(enum libmshv_arch arch,
		       struct mshv_register_entry *list, size_t max,
		       size_t *count);

LIBMSHV_END_DECLS

#endif /* MSHV_REGISTERS_H */
