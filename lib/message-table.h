/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What is known of each type of message: the table that the views and the
 * printer share.
 */
#ifndef LIBMSHV_MESSAGE_TABLE_H
#define LIBMSHV_MESSAGE_TABLE_H

#include "internal.h"

/* How a field is written. */
enum libmshv_field_kind {
	LIBMSHV_FIELD_HEX,
	LIBMSHV_FIELD_DEC,
	LIBMSHV_FIELD_NAME,	/* one of names[], which may have gaps */
	LIBMSHV_FIELD_FLAGS,	/* names[] of the bits; gaps are other fields */
	LIBMSHV_FIELD_LIST,	/* as many elements as the message says */
	LIBMSHV_FIELD_BYTES,	/* likewise, one byte each, without gaps */
	LIBMSHV_FIELD_BANKS,	/* an element for each bit of a mask */
};

/* All places are bytes of the payload. Fields lie within it: see the tests. */
struct libmshv_field {
	const char *label;	/* NULL ends a table */
	const char *const *names;
	uint8_t at;
	uint8_t size;		/* of one element, in bytes */
	uint8_t shift, width;	/* in bits; width 0: all of it */
	uint8_t kind;
	uint8_t max;		/* entries of names[], elements of a list */
	uint8_t count_at;	/* of the count, which is a byte ... */
	uint8_t count_mask;	/* ... less its other bits; BANKS: a quadword */
};

/* What the payload begins with. */
enum libmshv_message_header {
	LIBMSHV_HEADER_NONE,
	LIBMSHV_HEADER_X64,
	LIBMSHV_HEADER_ARM64,
};

struct libmshv_message_type {
	uint32_t type;
	uint8_t archs;		/* a bit for each enum libmshv_arch */
	uint8_t header;
	uint8_t size;		/* of the structure; 0: layout not known */
	const char *name;
	const struct libmshv_field *fields;	/* after the header, or NULL */
};

const struct libmshv_message_type *
libmshv_message_find(uint32_t type, enum libmshv_arch arch);
const struct libmshv_field *
libmshv_message_header_fields(const struct libmshv_message_type *row);

/*
 * How many bytes of payload make the message whole: a list need not be sent
 * with the elements that it doesn't use. SIZE_MAX if it can't have as many as
 * it says.
 */
size_t libmshv_message_needs(const struct libmshv_message_type *row,
			     const uint8_t *payload);
/* How many elements the message states, which may be more than max. */
size_t libmshv_field_count(const struct libmshv_field *field,
			   const uint8_t *payload);
uint64_t libmshv_field_value(const struct libmshv_field *field,
			     const uint8_t *payload, size_t index);

#endif /* LIBMSHV_MESSAGE_TABLE_H */
