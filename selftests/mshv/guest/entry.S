/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where exceptions and interrupts of a guest arrive: one stub for each vector,
 * GUEST_STUB_BYTES apart, that completes the frame (struct guest_frame).
 */
	.section .note.GNU-stack, "", @progbits
	.text

/* Vectors with an error code: #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX */
#define HAS_ERROR_CODE	0x60227d00

	.globl	guest_stubs
	.balign	16
guest_stubs:
	vector = 0
	.rept	256
	.balign	16
	.if	vector >= 32 || !((HAS_ERROR_CODE >> (vector & 31)) & 1)
	push	$0
	.endif
	push	$vector
	jmp	common
	vector = vector + 1
	.endr

common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	/* The C function wants its stack aligned, whatever was interrupted. */
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	guest_exception
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq
