// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Messages as text. See mshv_message_format() in <mshv/message.h>.
 *
 * Without stdio: a message is what one wants to see in a signal handler, when
 * all else has gone wrong.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "message-table.h"

/* Counts what doesn't fit, as snprintf() does. */
struct out {
	char *buf;
	size_t size, len;
};

static void put_char(struct out *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void put(struct out *out, const char *text)
{
	while (*text)
		put_char(out, *text++);
}

static void put_digit(struct out *out, unsigned int digit)
{
	put_char(out, "0123456789abcdef"[digit]);
}

static void put_number(struct out *out, uint64_t value, unsigned int base)
{
	unsigned char digits[20];
	size_t n = 0;

	if (base == 16)
		put(out, "0x");
	do {
		digits[n++] = (unsigned char)(value % base);
		value /= base;
	} while (value);
	while (n)
		put_digit(out, digits[--n]);
}

static void put_bytes(struct out *out, const uint8_t *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		put_digit(out, bytes[i] >> 4);
		put_digit(out, bytes[i] & 15);
	}
}

static void put_name(struct out *out, const struct libmshv_field *field,
		     uint64_t value)
{
	if (value < field->max && field->names[value])
		put(out, field->names[value]);
	else
		put_number(out, value, 16);
}

static void put_flags(struct out *out, const struct libmshv_field *field,
		      uint64_t value)
{
	const char *between = "";
	unsigned int bit;

	for (bit = 0; bit < field->max; bit++) {
		if (value & 1ULL << bit && field->names[bit]) {
			put(out, between);
			put(out, field->names[bit]);
			between = ",";
		}
	}
	value >>= field->max;
	if (value) {
		put(out, between);
		put_number(out, value << field->max, 16);
	} else if (!*between) {
		put_char(out, '-');
	}
}

static void put_list(struct out *out, const struct libmshv_field *field,
		     const uint8_t *payload)
{
	size_t i, count = libmshv_field_count(field, payload);

	if (count > field->max) {
		put_char(out, '?');	/* that many can't be there */
		put_number(out, count, 10);
		return;
	}
	if (!count)
		put_char(out, '-');
	if (field->kind == LIBMSHV_FIELD_BYTES) {
		put_bytes(out, payload + field->at, count);
		return;
	}
	for (i = 0; i < count; i++) {
		if (i)
			put_char(out, ',');
		put_number(out, libmshv_field_value(field, payload, i), 16);
	}
}

static void put_field(struct out *out, const struct libmshv_field *field,
		      const uint8_t *payload)
{
	uint64_t value = libmshv_field_value(field, payload, 0);

	put_char(out, ' ');
	put(out, field->label);
	put_char(out, '=');
	switch (field->kind) {
	case LIBMSHV_FIELD_NAME:
		put_name(out, field, value);
		break;
	case LIBMSHV_FIELD_FLAGS:
		put_flags(out, field, value);
		break;
	case LIBMSHV_FIELD_DEC:
		put_number(out, value, 10);
		break;
	case LIBMSHV_FIELD_HEX:
		put_number(out, value, 16);
		break;
	default:
		put_list(out, field, payload);
	}
}

/* Those that are within the first @size bytes. */
static void put_fields(struct out *out, const struct libmshv_field *field,
		       const uint8_t *payload, size_t size)
{
	for (; field && field->label; field++) {
		size_t count = libmshv_field_count(field, payload);

		if (count > field->max)	/* a lie; or not a list: one */
			count = 1;
		if (field->at + field->size * count <= size &&
		    field->count_at < size)
			put_field(out, field, payload);
	}
}

/* What the hypervisor says is there, or else all up to the last that is set. */
static size_t raw_size(const uint8_t *payload, size_t stated)
{
	size_t size = HV_MESSAGE_PAYLOAD_BYTE_COUNT;

	if (stated)
		return stated;
	while (size && !payload[size - 1])
		size--;
	return size;
}

static void put_message(struct out *out, const struct hv_message *message,
			enum libmshv_arch arch)
{
	const uint8_t *payload = (const uint8_t *)message->u.payload;
	const struct libmshv_message_type *row =
		libmshv_message_find(message->header.message_type, arch);
	size_t stated = message->header.payload_size;
	size_t size = libmshv_min(stated, HV_MESSAGE_PAYLOAD_BYTE_COUNT);

	if (row) {
		put(out, row->name);
	} else {
		put(out, "message ");
		put_number(out, message->header.message_type, 16);
	}

	if (row && row->size) {
		size_t there = size ? size : HV_MESSAGE_PAYLOAD_BYTE_COUNT;
		size_t needs = libmshv_message_needs(row, payload);

		put_fields(out, libmshv_message_header_fields(row), payload,
			   there);
		put_fields(out, row->fields, payload, there);
		if (there < needs && needs != SIZE_MAX)
			put(out, " (truncated)");
	} else {
		size = raw_size(payload, size);
		if (size)
			put(out, " payload=");
		put_bytes(out, payload, size);
	}
	if (stated > HV_MESSAGE_PAYLOAD_BYTE_COUNT) {
		put(out, " (payload_size ");
		put_number(out, stated, 10);
		put_char(out, ')');
	}
}

int mshv_message_format(const struct hv_message *message,
			enum libmshv_arch arch, char *buf, size_t size)
{
	struct out out = { .buf = buf, .size = size };

	if (!message || (!buf && size))
		return libmshv_fail(EINVAL, "format message: NULL argument");
	if (arch != LIBMSHV_ARCH_NATIVE && arch != LIBMSHV_ARCH_X64 &&
	    arch != LIBMSHV_ARCH_ARM64)
		return libmshv_fail(EINVAL, "format message: unknown architecture");

	put_message(&out, message, arch);
	if (size)
		buf[libmshv_min(out.len, size - 1)] = '\0';
	return (int)out.len;
}
