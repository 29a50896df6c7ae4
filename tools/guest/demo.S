/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The demo guest: it starts in real mode like a boot sector, goes on to
 * protected mode and to long mode, and in each of them says where it is and
 * computes something with a known answer. It needs PLACE_MIB of memory.
 *
 * The image is never written to while it runs (variables live behind it), so
 * the CRC that it prints of itself is the CRC of the file it was loaded from.
 */
#include "demo.h"

	.section .text.start, "ax"
	.code16
	.globl	_start
_start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$stack_top, %esp
	ljmp	$0, $real_mode

	.text
#define FN(name) name##_16
#include "text.S"
#include "real.S"

	.code32
#define FN(name) name##_32
#include "text.S"
#include "protected.S"

	.code64
#define FN(name) name##_64
#include "text.S"
#include "long.S"

	.section .rodata
hex_digits:
	.ascii	"0123456789abcdef"
newline:
	.asciz	"\n"
cr0_is:
	.asciz	" cr0="

	.bss
digits:
	.skip	16
digits_end:
	.skip	1			/* stays zero: ends the text */
	.balign	16
	.skip	1024
stack_top:

	.section .note.GNU-stack, "", %progbits
