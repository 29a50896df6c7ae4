/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The ground the other headers stand on: integer types, packing, and the check that the target can read the layouts.
 *
 * Everything of the hypervisor is little-endian and made for 64-bit processors. All bit fields are written down from
 * bit 0 upwards, which is what both supported ABIs do.
 */
#ifndef MSHV_HV_TYPES_H
#define MSHV_HV_TYPES_H

#include <linux/types.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the hypervisor's interface is defined for x86_64 and arm64 only"
#endif

/* A structure of the wire: no padding, and it may lie at any address. */
#define HV_PACKED	__attribute__((__packed__))

/* An array of unknown length as the only member, or in a union: C++ has no such thing, C needs a neighbour. */
#ifdef __cplusplus
#define HV_FLEX_ARRAY(type, name)	type name[0]
#else
#define HV_FLEX_ARRAY(type, name)	struct { struct { } name##_start; type name[]; }
#endif

struct hv_u128 {
	__u64 low_part;
	__u64 high_part;
} HV_PACKED;

/* Time in units of 100 ns, the hypervisor's clock tick. */
typedef __u64 hv_nano100_time_t;

#endif /* MSHV_HV_TYPES_H */
