/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Real mode: 16-bit segments, no protection, the first megabyte. */

real_mode:
	/* Whoever loaded the image may have left anything behind it. */
	movw	$bss_start, %di
	movw	$bss_end, %cx
	subw	%di, %cx
	xorb	%al, %al
	rep stosb

	movl	$real_hello, %esi
	call	puts_16
	movw	%cs, %bx
	movl	$4, %ecx
	call	puthex_16
	movl	$cr0_is, %esi
	call	puts_16
	movl	%cr0, %ebx
	movl	$8, %ecx
	call	puthex_16

	/* The check value that every description of CRC-32 gives: cbf43926. */
	movl	$crc_check_is, %esi
	call	puts_16
	movl	$crc_check, %esi
	movl	$9, %ecx
	call	crc32_16
	movl	$8, %ecx
	call	puthex_16
	movl	$newline, %esi
	call	puts_16

	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $protected_mode

	.section .rodata
real_hello:
	.asciz	"real: cs="
crc_check:
	.ascii	"123456789"
crc_check_is:
	.asciz	"\nreal: crc32 of \"123456789\" is "

/*
 * Flat segments (Intel SDM vol. 3, 3.4.5). The accessed bit is set already, so
 * that the processor has no reason to write to the table.
 */
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32: 4 GiB, execute/read */
	.quad	0x00cf93000000ffff	/* SEL_DATA:   4 GiB, read/write */
	.quad	0x00af9b000000ffff	/* SEL_CODE64: the L bit, execute/read */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
	.text
