/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Long mode: 64-bit code over the page tables that protected.S made. */

long_mode:
	movl	$long_hello, %esi
	call	puts_64
	movl	%cs, %ebx
	movl	$4, %ecx
	call	puthex_64
	movl	$cr0_is, %esi
	call	puts_64
	movq	%cr0, %rbx
	movl	$8, %ecx
	call	puthex_64
	movl	$efer_is, %esi
	call	puts_64
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, %ebx
	movl	$8, %ecx
	call	puthex_64
	movl	$newline, %esi
	call	puts_64

	call	mersenne
	call	touch_memory

	/* The loader can compute this one too. */
	movl	$image_of, %esi
	call	puts_64
	movl	$image_bytes, %ebx
	call	putdec_64
	movl	$image_crc_is, %esi
	call	puts_64
	movl	$_start, %esi
	movl	$image_bytes, %ecx
	call	crc32_64
	movl	$8, %ecx
	call	puthex_64
	movl	$goodbye, %esi
	call	puts_64

	movb	$EXIT_OK, %al
	outb	%al, $EXIT_PORT
	hlt

/*
 * mersenne: print the exponents p up to MERSENNE_LIMIT for which 2^p - 1 is
 * prime (OEIS A000043). 2 is known; for an odd p the Lucas-Lehmer test says:
 * with s = 4, replaced p - 2 times by s*s - 2 mod 2^p - 1, the last s is 0.
 */
mersenne:
	movl	$mersenne_are, %esi
	call	puts_64
	movl	$3, %ebx
1:	movl	%ebx, %ecx
	movl	$1, %r8d
	shlq	%cl, %r8
	decq	%r8			/* r8 = 2^p - 1 */
	movl	$4, %eax
	leal	-2(%rbx), %ecx
2:	mulq	%rax			/* below 2^2p, so the quotient fits */
	divq	%r8
	movq	%rdx, %rax
	subq	$2, %rax
	jnc	3f
	addq	%r8, %rax
3:	loop	2b
	testq	%rax, %rax
	jnz	4f
	movb	$' ', %al
	call	putc_64
	call	putdec_64
4:	addl	$2, %ebx
	cmpl	$MERSENNE_LIMIT, %ebx
	jbe	1b
	movl	$newline, %esi
	jmp	puts_64

/*
 * touch_memory: write a different word to each place first, and only then read
 * them all back. Each place is the first access to its 2 MiB.
 */
touch_memory:
	movl	$1, %ecx
1:	imull	$PLACE_STEP, %ecx, %edi
	movq	%rdi, %rax
	notq	%rax
	movq	%rax, (%rdi)
	incl	%ecx
	cmpl	$PLACES, %ecx
	jbe	1b
2:	decl	%ecx
	jz	3f
	imull	$PLACE_STEP, %ecx, %edi
	movq	%rdi, %rax
	notq	%rax
	cmpq	%rax, (%rdi)
	je	2b

	movl	$memory_bad, %esi
	call	puts_64
	movl	%edi, %ebx
	movl	$8, %ecx
	call	puthex_64
	movl	$newline, %esi
	call	puts_64
	movb	$EXIT_MEMORY, %al
	outb	%al, $EXIT_PORT
	hlt

3:	movl	$memory_good, %esi
	call	puts_64
	movl	$PLACES, %ebx
	call	putdec_64
	movl	$memory_in, %esi
	call	puts_64
	movl	$PLACE_MIB, %ebx
	call	putdec_64
	movl	$memory_done, %esi
	jmp	puts_64

	.section .rodata
long_hello:
	.asciz	"long: cs="
efer_is:
	.asciz	" efer="
mersenne_are:
	.asciz	"long: 2^p - 1 is prime for p = 2"
memory_good:
	.asciz	"long: "
memory_in:
	.asciz	" places in "
memory_done:
	.asciz	" MiB written and read back\n"
memory_bad:
	.asciz	"long: memory lost what was written at "
image_of:
	.asciz	"long: image of "
image_crc_is:
	.asciz	" bytes has crc32 "
goodbye:
	.asciz	"\nlong: done\n"
	.text
