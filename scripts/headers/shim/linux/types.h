/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What include/hyperv/*.h takes from the kernel's own headers, so that the files of any tree compile alone: no
 * configuration, no generated headers. A name missing here shows as a compiler error that check-headers passes on.
 */
#ifndef MSHV_SHIM_LINUX_TYPES_H
#define MSHV_SHIM_LINUX_TYPES_H

#if defined(__x86_64__)
#define CONFIG_X86		1
#define CONFIG_X86_64		1
#elif defined(__aarch64__)
#define CONFIG_ARM64		1
#endif
#define IS_ENABLED(option)	(option)

typedef unsigned char		u8, __u8;
typedef unsigned short		u16, __u16;
typedef unsigned int		u32, __u32;
typedef unsigned long long	u64, __u64;
typedef signed char		s8, __s8;
typedef short			s16, __s16;
typedef int			s32, __s32;
typedef long long		s64, __s64;
typedef unsigned long		ulong;
typedef _Bool			bool;

#define __packed		__attribute__((__packed__))
#define __aligned(n)		__attribute__((__aligned__(n)))
#define offsetof(type, member)	__builtin_offsetof(type, member)
#define static_assert(...)	_Static_assert(__VA_ARGS__, "")

/* An array of unknown length where C wants a named member before it. */
#define DECLARE_FLEX_ARRAY(type, name) \
	struct { struct { } empty_##name; type name[]; }

/* A struct that ends in a flexible array, and members that start where that array does. */
#define __TRAILING_OVERLAP(type, name, flex, attrs, members) \
	union { \
		type name; \
		struct { unsigned char pad_##flex[offsetof(type, flex)]; members } attrs; \
	}

#endif
