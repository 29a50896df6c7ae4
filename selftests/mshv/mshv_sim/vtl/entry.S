/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the driver's code ends up that returns to VTL 0: what the hypercall page
 * has at the offset of HV_REGISTER_VSM_CODE_PAGE_OFFSETS (TLFS, "VTL Return").
 *
 * All registers but RAX, RCX and RSP are those of VTL 0, both ways.  They become an
 * array in the order of struct mshv_vtl_cpu_context, with CR2 in place of RSP.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

SYM_FUNC_START(vtl_return_entry)
	ENDBR
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%r11
	push	%r10
	push	%r9
	push	%r8
	push	%rdi
	push	%rsi
	push	%rbp
	push	$0
	push	%rbx
	push	%rdx
	push	%rcx
	push	%rax
	mov	%rsp, %rdi
	call	vtl_lower
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rbx
	add	$8, %rsp
	pop	%rbp
	pop	%rsi
	pop	%rdi
	pop	%r8
	pop	%r9
	pop	%r10
	pop	%r11
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	RET
SYM_FUNC_END(vtl_return_entry)

	.section .note.GNU-stack, "", @progbits
