/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The first driver there was, that of Linux 6.15, with a small hypervisor below it.
 * What it lacks and does otherwise than that of 7.2:
 *
 * - the device takes one call, with the 16 bytes of its first version and three
 *   flags; it passes no hypercalls on
 * - 13 hypercalls; HVCALL_GET_PARTITION_PROPERTY_EX is not among them
 * - a hypervisor out of memory is given a page, and the caller told to call again
 * - the output of a hypercall is copied even if that failed
 * - memory that isn't there can't be unmapped, but with EINVAL; and no two
 *   regions share an address of the VMM
 */
#ifndef LIBMSHV_TESTS_FAKE_LINUX_6_15_H
#define LIBMSHV_TESTS_FAKE_LINUX_6_15_H

#include "fake.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)
#define V1_FLAGS	(FLAG(LAPIC) | FLAG(X2APIC) | FLAG(GPA_SUPER_PAGES))
#define REGISTERS	400
#define PROPERTIES	40
#define PAGES		70000
#define REGIONS		8

extern struct linux_6_15 {
	int dev, partition, vp;
	bool initialized;
	bool hungry;		/* each hypercall asks for a page first */
	bool fed;		/* ... and has got it */
	unsigned int deposits;
	uint64_t flags;

	struct { uint32_t name; union hv_register_value value; } regs[REGISTERS];
	struct { uint32_t code; uint64_t value; } properties[PROPERTIES];
	struct mshv_user_mem_region regions[REGIONS];
	uint8_t access[PAGES];
	uint8_t states[5][4096];
	unsigned int routes, irqfds, ioeventfds, interrupts, messages;
} k;

/* What fake_instead is to be. */
int driver(int fd, uint32_t request, void *arg);

/* Of the partition. */
uint64_t *property(uint32_t code);

#endif
