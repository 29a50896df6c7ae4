/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk to boot from, for a guest of QEMU: real mode, and the BIOS for the disk.
 * Once a round it reads the second sector again, adds one to a word in each of
 * PAGES pages and says on the serial port which round that was.  Whether it is
 * stopped, moved or restored: no round may be missing, no page may be behind.
 */
	PAGES = 96
	FIRST = 0x1000			/* segment of the first page */
	STEP = 0x100			/* segments from one to the next */
	COM1 = 0x3f8
	SECOND = 0x7e00
	SECTOR_MAGIC = 0x5ec2
	CYCLES = 50000000		/* between two rounds */

	.code16
	.text
	.globl	_start
_start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$_start, %sp
	movb	%dl, drive

	/* Memory is what the BIOS has left in it. */
	movw	$FIRST, %bx
	movw	$PAGES, %cx
1:	movw	%bx, %es
	movl	$0, %es:0
	addw	$STEP, %bx
	loop	1b

	call	read_sector
	movw	$second_says, %si
	call	puts

	xorl	%ebp, %ebp
round:
	call	read_sector
	call	touch_pages
	movw	$round_is, %si
	call	puts
	movl	%ebp, %eax
	call	putdec
	movw	$newline, %si
	call	puts
	incl	%ebp

	rdtsc
	movl	%eax, %ebx
2:	rdtsc
	subl	%ebx, %eax
	cmpl	$CYCLES, %eax
	jb	2b
	jmp	round

/* Sector 2 (they count from 1) of cylinder 0, head 0, to SECOND. */
read_sector:
	movw	%ds, %ax
	movw	%ax, %es
	movw	$0, SECOND
	movw	$0x0201, %ax
	movw	$0x0002, %cx
	movb	$0, %dh
	movb	drive, %dl
	movw	$SECOND, %bx
	pushl	%ebp
	int	$0x13
	popl	%ebp
	cli
	movw	$no_disk, %si
	jc	fail
	cmpw	$SECTOR_MAGIC, SECOND
	jne	fail
	ret

/* Each page has to be where the last round left it: ebp. */
touch_pages:
	movw	$FIRST, %bx
	movw	$PAGES, %cx
3:	movw	%bx, %es
	cmpl	%ebp, %es:0
	movw	$page_lost, %si
	jne	fail
	incl	%es:0
	addw	$STEP, %bx
	loop	3b
	ret

fail:
	call	puts
4:	hlt
	jmp	4b

putdec:
	movl	$10, %ecx
	xorl	%edx, %edx
	divl	%ecx
	pushw	%dx
	testl	%eax, %eax
	jz	5f
	call	putdec
5:	popw	%ax
	addb	$'0', %al
putc:
	movw	$COM1, %dx
	outb	%al, %dx
	ret

6:	call	putc
puts:
	lodsb
	testb	%al, %al
	jnz	6b
	ret

drive:
	.byte	0
round_is:
	.asciz	"round "
newline:
	.asciz	"\n"
no_disk:
	.asciz	"cannot read the disk\n"
page_lost:
	.asciz	"a page was lost\n"

	.org	510
	.word	0xaa55

	.word	SECTOR_MAGIC
second_says:
	.asciz	"the second sector says hello\n"
	.org	1048576
