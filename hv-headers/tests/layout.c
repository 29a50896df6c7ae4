/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The wire's layout, checked by the compiler: size and alignment of each type, offset and size of each field.
 *
 * The place of a bit field is no constant of C: those are looked at when the program runs. It sets all bits of one field
 * and looks which bits of the memory changed.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <mshv/hv.h>
#include <mshv/uapi.h>
#include <mshv/vtl_run.h>

#ifdef __cplusplus
#define _Static_assert static_assert
#define _Alignof alignof
#endif

#define TYPE(type, bytes, alignment) \
	_Static_assert(sizeof(type) == (bytes), #type); \
	_Static_assert(_Alignof(type) == (alignment), #type);
#define FIELD(type, field, first, bytes) \
	_Static_assert(offsetof(type, field) == (first), #type ": " #field); \
	_Static_assert(sizeof(((type *)0)->field) == (bytes), #type ": " #field);
#define TAIL(type, field, first) \
	_Static_assert(offsetof(type, field) == (first), #type ": " #field);
#define BITS(type, field, first, bits)
#include "layout-rows.h"
#undef TYPE
#undef FIELD
#undef TAIL
#undef BITS

static unsigned int checked, failed;

/* Exactly the bits [first, first + bits) of the object are set. */
static void check_bits(const void *object, size_t bytes, size_t first, size_t bits, const char *name)
{
	const unsigned char *byte = (const unsigned char *)object;
	size_t i;

	checked++;
	for (i = 0; i < bytes * 8; i++) {
		if (((byte[i / 8] >> i % 8) & 1) == (i >= first && i < first + bits))
			continue;
		printf("%s: bit %zu is %s\n", name, i, i >= first && i < first + bits ? "not part of it" : "part of it");
		failed++;
		return;
	}
}

#define TYPE(type, bytes, alignment)
#define FIELD(type, field, first, bytes)
#define TAIL(type, field, first)
#define BITS(type, field, first, bits) \
	{ \
		type object; \
		\
		memset(&object, 0, sizeof(object)); \
		object.field--; \
		check_bits(&object, sizeof(object), first, bits, #type ": " #field); \
	}

int main(void)
{
#include "layout-rows.h"

	printf("layout: %u bit fields checked, %u wrong\n", checked, failed);
	return failed || !checked;
}
