/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that guest and process both see, with a content that tells whose it is:
 * the first and the last word of each page follow from its number and a seed.
 */
#ifndef MSHV_REGION_H
#define MSHV_REGION_H

#include "guest_vm.h"

struct region {
	uint64_t gpa, pages, seed;
};

/* For the guest: @arg is the address of its copy of a struct region. */
void region_guest_fills(uint64_t arg);
void region_guest_checks(uint64_t arg);
void region_guest_finds_zero(uint64_t arg);

void region_host_fills(char *host, const struct region *r);
/* Number of pages with another content. */
uint64_t region_host_differs(const char *host, const struct region *r);

#endif /* MSHV_REGION_H */
