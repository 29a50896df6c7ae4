/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Ends with 0 if COM1 behaves like a 16550A with an idle line. */
#include "guest.h"

	/* Read the register at \offset: it must be \value. */
	.macro expect offset, value
	movw	$COM1 + \offset, %dx
	inb	%dx, %al
	movb	$\offset + 1, %bl
	cmpb	$\value, %al
	jne	wrong
	.endm

	.macro set offset, value
	movw	$COM1 + \offset, %dx
	movb	$\value, %al
	outb	%al, %dx
	.endm

	expect	5, 0x60			/* LSR: transmitter empty */
	expect	0, 0x00			/* RBR: nothing received */
	expect	2, 0x01			/* IIR: nothing pending */
	expect	6, 0xb0			/* MSR: the other side is there */
	set	1, 0xf5
	expect	1, 0x05			/* IER: the high half reads as zero */
	set	2, 0x01
	expect	2, 0xc1			/* FIFOs on: a 16550A */
	set	7, 0xa5
	expect	7, 0xa5			/* SCR */
	set	3, 0x83			/* DLAB */
	expect	3, 0x83
	set	0, 0x0c
	set	1, 0x01
	expect	0, 0x0c			/* divisor */
	expect	1, 0x01
	set	3, 0x03
	expect	1, 0x05			/* IER is back */
	set	4, 0x1a			/* loopback with RTS and OUT2 */
	expect	6, 0x90
	set	0, 'x'			/* goes round, not out */
	set	4, 0x0b
	expect	4, 0x0b
	expect	6, 0xb0

	/* A word access is two byte accesses: SCR lies above MSR. */
	movw	$COM1 + 6, %dx
	inw	%dx, %ax
	movb	$100, %bl
	cmpw	$0xa5b0, %ax
	jne	wrong

	print	all_right
	exit	0

wrong:
	movb	%bl, %al
	outb	%al, $EXIT_PORT

print_routine
all_right:
	.asciz	"COM1 ok\n"
