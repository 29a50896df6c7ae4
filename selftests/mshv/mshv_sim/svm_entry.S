/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world switch: AMD APM volume 2, 15.5 (VMRUN), 15.14 (GIF, VMLOAD, VMSAVE).
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

/*
 * void sim_svm_enter(u64 guest_pa, u64 *gpr, u64 host_pa)
 *
 * guest_pa and host_pa are VMCBs; the host's takes what VMRUN does not save.
 * gpr[] is in encoding order; VMRUN itself switches RAX and RSP.
 *
 * Called with interrupts off.  GIF is cleared first, so that nothing at all can
 * interrupt while segment registers are the guest's.  RFLAGS.IF is set under
 * cleared GIF because VMRUN takes the host's IF as the mask for intercepted
 * physical interrupts (15.21.1, V_INTR_MASKING).  The instructions between STI
 * and VMRUN also let STI's interrupt shadow expire; QEMU carries it into the
 * guest otherwise.
 */
SYM_FUNC_START(sim_svm_enter)
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdx
	push	%rsi

	clgi
	sti
	mov	%rdx, %rax
	vmsave	%rax
	mov	%rdi, %rax
	vmload	%rax

	mov	(1 * 8)(%rsi), %rcx
	mov	(2 * 8)(%rsi), %rdx
	mov	(3 * 8)(%rsi), %rbx
	mov	(5 * 8)(%rsi), %rbp
	mov	(7 * 8)(%rsi), %rdi
	mov	(8 * 8)(%rsi), %r8
	mov	(9 * 8)(%rsi), %r9
	mov	(10 * 8)(%rsi), %r10
	mov	(11 * 8)(%rsi), %r11
	mov	(12 * 8)(%rsi), %r12
	mov	(13 * 8)(%rsi), %r13
	mov	(14 * 8)(%rsi), %r14
	mov	(15 * 8)(%rsi), %r15
	mov	(6 * 8)(%rsi), %rsi

	vmrun	%rax

	/* RAX and RSP are the host's again, the rest is the guest's. */
	vmsave	%rax
	pop	%rax
	mov	%rcx, (1 * 8)(%rax)
	mov	%rdx, (2 * 8)(%rax)
	mov	%rbx, (3 * 8)(%rax)
	mov	%rbp, (5 * 8)(%rax)
	mov	%rsi, (6 * 8)(%rax)
	mov	%rdi, (7 * 8)(%rax)
	mov	%r8, (8 * 8)(%rax)
	mov	%r9, (9 * 8)(%rax)
	mov	%r10, (10 * 8)(%rax)
	mov	%r11, (11 * 8)(%rax)
	mov	%r12, (12 * 8)(%rax)
	mov	%r13, (13 * 8)(%rax)
	mov	%r14, (14 * 8)(%rax)
	mov	%r15, (15 * 8)(%rax)
	pop	%rax
	vmload	%rax

	cli
	stgi

	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET
SYM_FUNC_END(sim_svm_enter)

/* RBP holds a guest's value for a while: no frame pointer to unwind by. */
STACK_FRAME_NON_STANDARD_FP sim_svm_enter
