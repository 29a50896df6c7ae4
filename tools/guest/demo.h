/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Constants of the demo guest: the little machine that mshv-run offers, and
 * the bits of the processor that the guest switches.
 */
#ifndef DEMO_H
#define DEMO_H

/* The machine (see mshv-run(1)). */
#define COM1		0x3f8		/* transmit register */
#define COM1_LSR	0x3fd		/* line status register */
#define LSR_THR_EMPTY	0x20
#define EXIT_PORT	0xf4

/* What the exit status says. */
#define EXIT_OK		0
#define EXIT_NO_LONG	1		/* the processor has no long mode */
#define EXIT_MEMORY	2		/* memory did not keep what was written */

/* Intel SDM vol. 3, 2.5 and 2.2.1; AMD APM vol. 2, 3.1. */
#define CR0_PE		0x00000001
#define CR0_PG		0x80000000
#define CR4_PAE		0x00000020
#define MSR_EFER	0xc0000080
#define EFER_LME	0x00000100

/* CPUID 8000_0001h, EDX bit 29: long mode. */
#define CPUID_EXT_MAX	0x80000000
#define CPUID_EXT_FEAT	0x80000001
#define CPUID_LM	0x20000000

/* Selectors of the descriptor table in modes.S. */
#define SEL_CODE32	0x08
#define SEL_DATA	0x10
#define SEL_CODE64	0x18

/* Page table entries, and the 1 GiB that one page directory of 2 MiB pages maps. */
#define PTE_TABLE	0x003		/* present, writable */
#define PTE_2M		0x083		/* the same, and a large page */
#define PTES_PER_TABLE	512

/* The memory test: PLACES words, one in each 2 MiB from 2 MiB on. */
#define PLACES		15
#define PLACE_STEP	0x00201008	/* 2 MiB, and another page and word each time */
#define PLACE_MIB	32		/* all of them are below this */

#define PRIME_LIMIT	10000
#define MERSENNE_LIMIT	61

#endif
