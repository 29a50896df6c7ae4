/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Text output over COM1, and CRC-32.
 *
 * This file is assembled three times, once for each mode of the processor: it
 * keeps to instructions that all three have, and FN() tells the copies apart.
 * Addresses are 32 bits wide in each of them, arguments travel in registers,
 * and only %ebx and %ebp survive a call.
 */

/* putc: print the character in %al. */
FN(putc):
	movb	%al, %ah
	movw	$COM1_LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_THR_EMPTY, %al
	jz	1b
	movb	%ah, %al
	movw	$COM1, %dx
	outb	%al, %dx
	ret

/* puts: print the zero-terminated text at %esi. */
FN(puts):
	movb	(%esi), %al
	testb	%al, %al
	jz	1f
	call	FN(putc)
	addl	$1, %esi
	jmp	FN(puts)
1:	ret

/* puthex: print the low %ecx digits of %ebx in hexadecimal. */
FN(puthex):
	movl	$digits_end, %esi
	movl	%ebx, %edx
1:	movl	%edx, %eax
	andl	$15, %eax
	movb	hex_digits(%eax), %al
	subl	$1, %esi
	movb	%al, (%esi)
	shrl	$4, %edx
	subl	$1, %ecx
	jnz	1b
	jmp	FN(puts)

/* putdec: print %ebx in decimal. */
FN(putdec):
	movl	$digits_end, %esi
	movl	%ebx, %eax
	movl	$10, %ecx
1:	xorl	%edx, %edx
	divl	%ecx
	addb	$'0', %dl
	subl	$1, %esi
	movb	%dl, (%esi)
	testl	%eax, %eax
	jnz	1b
	jmp	FN(puts)

/*
 * crc32: CRC-32 (IEEE 802.3, reflected, polynomial edb88320h) of the %ecx
 * bytes at %esi, returned in %ebx.
 */
FN(crc32):
	movl	$-1, %ebx
1:	testl	%ecx, %ecx
	jz	4f
	xorb	(%esi), %bl
	addl	$1, %esi
	subl	$1, %ecx
	movl	$8, %edx
2:	shrl	$1, %ebx
	jnc	3f
	xorl	$0xedb88320, %ebx
3:	subl	$1, %edx
	jnz	2b
	jmp	1b
4:	notl	%ebx
	ret

#undef FN
