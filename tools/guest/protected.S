/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Protected mode: flat 32-bit segments; then the way into long mode. */

protected_mode:
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss

	movl	$protected_hello, %esi
	call	puts_32
	movl	%cs, %ebx
	movl	$4, %ecx
	call	puthex_32
	movl	$cr0_is, %esi
	call	puts_32
	movl	%cr0, %ebx
	movl	$8, %ecx
	call	puthex_32

	movl	$primes_are, %esi
	call	puts_32
	movl	$PRIME_LIMIT, %ebx
	call	putdec_32
	movl	$counted, %esi
	call	puts_32
	call	count_primes
	call	putdec_32
	movl	$newline, %esi
	call	puts_32

	movl	$CPUID_EXT_MAX, %eax
	cpuid
	cmpl	$CPUID_EXT_FEAT, %eax
	jb	no_long_mode
	movl	$CPUID_EXT_FEAT, %eax
	cpuid
	testl	$CPUID_LM, %edx
	jz	no_long_mode

	/* One table of each level; the lowest maps 1 GiB in pages of 2 MiB. */
	movl	$pdpt + PTE_TABLE, pml4
	movl	$page_dir + PTE_TABLE, pdpt
	movl	$page_dir, %edi
	movl	$PTE_2M, %eax
	movl	$PTES_PER_TABLE, %ecx
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	loop	1b

	/* Intel SDM vol. 3, 10.8.5: PAE, CR3, LME, then paging turns it on. */
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE64, $long_mode

no_long_mode:
	movl	$no_long_text, %esi
	call	puts_32
	movb	$EXIT_NO_LONG, %al
	outb	%al, $EXIT_PORT
	hlt

/* count_primes: the number of primes below PRIME_LIMIT, in %ebx. */
count_primes:
	xorl	%ebx, %ebx
	movl	$2, %ecx
1:	cmpb	$0, sieve(%ecx)
	jne	3f
	incl	%ebx
	leal	(%ecx, %ecx), %edx
2:	cmpl	$PRIME_LIMIT, %edx
	jae	3f
	movb	$1, sieve(%edx)
	addl	%ecx, %edx
	jmp	2b
3:	incl	%ecx
	cmpl	$PRIME_LIMIT, %ecx
	jb	1b
	ret

	.section .rodata
protected_hello:
	.asciz	"protected: cs="
primes_are:
	.asciz	"\nprotected: primes below "
counted:
	.asciz	": "
no_long_text:
	.asciz	"protected: this processor has no long mode\n"

	.bss
sieve:
	.skip	PRIME_LIMIT
	.balign	4096
pml4:
	.skip	4096
pdpt:
	.skip	4096
page_dir:
	.skip	4096
	.text
