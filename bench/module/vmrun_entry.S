/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * void bench_vmrun(u64 guest_pa, u64 *gpr, u64 host_pa, u64 rounds, u64 *rip)
 *
 * Rounds of what no hypervisor on AMD SVM can do without: global interrupts off,
 * the guest's and the host's other segments in and out (VMLOAD, VMSAVE), the
 * general registers in and out, VMRUN, global interrupts on, and RIP moved over
 * the two bytes of the OUT that the guest stopped at.
 *
 * rip is where the VMCB has the guest's RIP. Called with interrupts off.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

SYM_FUNC_START(bench_vmrun)
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%r8
	push	%rcx
	push	%rdx
	push	%rdi
	push	%rsi

.Lround:
	clgi
	mov	16(%rsp), %rax
	vmsave	%rax
	mov	8(%rsp), %rax
	vmload	%rax
	mov	(%rsp), %rsi
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
	vmsave	%rax
	mov	(%rsp), %rax
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
	mov	16(%rsp), %rax
	vmload	%rax
	stgi
	mov	32(%rsp), %rax
	addq	$2, (%rax)
	decq	24(%rsp)
	jnz	.Lround

	add	$40, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	RET
SYM_FUNC_END(bench_vmrun)

STACK_FRAME_NON_STANDARD_FP bench_vmrun
