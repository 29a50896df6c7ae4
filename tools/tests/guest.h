/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the small guests of these tests share. Each is one .S file. */
#include "../guest/demo.h"

	.code16
	.section .text.start, "ax"
	.globl	_start
_start:
	/* End the run with status \value. */
	.macro exit value
	movb	$\value, %al
	outb	%al, $EXIT_PORT
	.endm

	.macro print text
	movw	$\text, %si
	call	print_text
	.endm

	.macro print_routine
print_text:
	cld
	movw	$COM1, %dx
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	ret
	.endm

	.section .note.GNU-stack, "", %progbits
	.section .text.start, "ax"
