/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Ends with 0 if the machine is in the state that mshv-run(1) promises. */
#include "guest.h"

	/* The first thing that is wrong gives its number. */
	.macro check number
	je	1f
	exit	\number
1:
	.endm

	pushfw
	popw	%bx			/* flags, before anything changes them */
	cmpw	$0x0002, %bx
	check	1
	movw	%cs, %ax
	testw	%ax, %ax
	check	2
	movw	%ds, %ax
	movw	%es, %cx
	orw	%cx, %ax
	movw	%fs, %cx
	orw	%cx, %ax
	movw	%gs, %cx
	orw	%cx, %ax
	movw	%ss, %cx
	orw	%cx, %ax
	check	3
	cmpl	$0x7c00, %esp
	check	4
	call	1f
1:	popw	%ax
	cmpw	$1b, %ax
	check	5
	movl	%cr0, %eax
	cmpl	$0x00000010, %eax
	check	6
	movl	%cr4, %eax
	testl	%eax, %eax
	check	7
	/* The real-mode table: 256 entries at 0. */
	sidt	idt
	cmpw	$0x3ff, idt
	check	8
	cmpl	$0, idt + 2
	check	9
	exit	0

idt:
	.word	0
	.long	0
