/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The registers that make up a VP, as the files of the library see them.
 */
#ifndef LIBMSHV_REGISTER_LIST_H
#define LIBMSHV_REGISTER_LIST_H

#include "needs.h"

/* Registers of consecutive names. */
struct libmshv_range {
	uint32_t name;
	uint16_t count;
	bool optional;		/* a hypervisor may lack them */
	uint8_t need;		/* enum libmshv_need, of optional ones */
};

struct libmshv_register_list {
	const struct libmshv_range *ranges;
	size_t count;
	uint32_t section;	/* LIBMSHV_SNAPSHOT_*, and when to restore */
};

/* What is restored first, and what is restored last. */
#define LIBMSHV_REGISTER_LISTS	2

/* Of each enum libmshv_arch; NATIVE has none. */
extern const struct libmshv_register_list
	libmshv_register_lists[LIBMSHV_ARCH_ARM64 + 1][LIBMSHV_REGISTER_LISTS];

#endif /* LIBMSHV_REGISTER_LIST_H */
