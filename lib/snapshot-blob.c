// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The layout of a snapshot: writing it, and reading what somebody else says is
 * one. See <mshv/snapshot.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

static const uint8_t magic[8] = { 'M', 'S', 'H', 'V', 'S', 'N', 'A', 'P' };

#define HEADER_BYTES	40
#define AT_VERSION	8
#define AT_ARCH		12
#define AT_SIZE		16
#define AT_SECTIONS	24
#define AT_CRC		28
#define AT_RESERVED	32

#define SECTION_BYTES	24
#define AT_TYPE		0
#define AT_FLAGS	4
#define AT_VP		8
#define AT_ZERO		12
#define AT_LENGTH	16

#define CRC32C_POLYNOMIAL	0x82f63b78u	/* reflected */

static uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
	uint32_t table[256], value;
	unsigned int i, bit;

	for (i = 0; i < 256; i++) {
		value = i;
		for (bit = 0; bit < 8; bit++)
			value = value >> 1 ^
				(value & 1 ? CRC32C_POLYNOMIAL : 0);
		table[i] = value;
	}
	while (size--)
		crc = crc >> 8 ^ table[(crc ^ *bytes++) & 0xff];
	return crc;
}

static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	static const uint8_t zero[4];
	uint32_t crc = crc32c(~0u, bytes, AT_CRC);

	crc = crc32c(crc, zero, sizeof(zero));
	return ~crc32c(crc, bytes + AT_RESERVED, size - AT_RESERVED);
}

uint32_t libmshv_get32(const void *data, size_t at)
{
	const uint8_t *b = (const uint8_t *)data + at;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

uint64_t libmshv_get64(const void *data, size_t at)
{
	return libmshv_get32(data, at) |
	       (uint64_t)libmshv_get32(data, at + 4) << 32;
}

static void put(uint8_t *bytes, uint64_t value, unsigned int size)
{
	for (; size--; value >>= 8)
		*bytes++ = (uint8_t)value;
}

/* ---------------------------------------------------------------- writing */

uint8_t *libmshv_blob_space(struct libmshv_blob *blob, size_t size)
{
	uint8_t *bytes;
	size_t room;

	if (size > blob->room - blob->used) {
		room = 2 * (blob->used + size);
		bytes = malloc(room);
		if (!bytes) {
			libmshv_fail(ENOMEM, "snapshot: no memory");
			return NULL;
		}
		if (blob->used)
			memcpy(bytes, blob->bytes, blob->used);
		free(blob->bytes);
		blob->bytes = bytes;
		blob->room = room;
	}
	bytes = blob->bytes + blob->used;
	memset(bytes, 0, size);
	blob->used += size;
	return bytes;
}

static int put_number(struct libmshv_blob *blob, uint64_t value,
		      unsigned int size)
{
	uint8_t *bytes = libmshv_blob_space(blob, size);

	if (!bytes)
		return -ENOMEM;
	put(bytes, value, size);
	return 0;
}

int libmshv_blob_put32(struct libmshv_blob *blob, uint32_t value)
{
	return put_number(blob, value, 4);
}

int libmshv_blob_put64(struct libmshv_blob *blob, uint64_t value)
{
	return put_number(blob, value, 8);
}

int libmshv_blob_begin(struct libmshv_blob *blob)
{
	memset(blob, 0, sizeof(*blob));
	return libmshv_blob_space(blob, HEADER_BYTES) ? 0 : -ENOMEM;
}

/* Now it is known how long the last section is. */
static int close_section(struct libmshv_blob *blob)
{
	size_t length;

	if (!blob->open)
		return 0;
	length = blob->used - blob->open - SECTION_BYTES;
	put(blob->bytes + blob->open + AT_LENGTH, length, 8);
	return libmshv_blob_space(blob, -length % 8) ? 0 : -ENOMEM;
}

int libmshv_blob_section(struct libmshv_blob *blob, uint32_t type,
			 uint32_t vp_index)
{
	uint8_t *bytes;
	size_t at;

	if (close_section(blob))
		return -ENOMEM;
	at = blob->used;
	bytes = libmshv_blob_space(blob, SECTION_BYTES);
	if (!bytes)
		return -ENOMEM;
	put(bytes + AT_TYPE, type, 4);
	put(bytes + AT_FLAGS, LIBMSHV_SNAPSHOT_CRITICAL, 4);
	put(bytes + AT_VP, vp_index, 4);
	blob->open = at;
	blob->sections++;
	return 0;
}

int libmshv_blob_finish(struct libmshv_blob *blob)
{
	if (close_section(blob))
		return -ENOMEM;
	blob->open = 0;
	memcpy(blob->bytes, magic, sizeof(magic));
	put(blob->bytes + AT_VERSION, LIBMSHV_SNAPSHOT_VERSION, 4);
	put(blob->bytes + AT_ARCH, LIBMSHV_ARCH, 4);
	put(blob->bytes + AT_SIZE, blob->used, 8);
	put(blob->bytes + AT_SECTIONS, blob->sections, 4);
	put(blob->bytes + AT_CRC, checksum(blob->bytes, blob->used), 4);
	return 0;
}

/* ---------------------------------------------------------------- reading */

/* What is known of each type. */
static const struct type {
	const char *name;
	uint32_t type;
	bool partition;
	uint8_t element;	/* 0: any length but 0 */
} types[] = {
#define TYPE(name, partition, element) \
	{ #name, LIBMSHV_SNAPSHOT_##name, partition, element }
	TYPE(PROPERTIES, true, LIBMSHV_PROPERTY_BYTES),
	TYPE(REFERENCE_TIME, true, 8),
	TYPE(REGISTERS, false, LIBMSHV_REGISTER_BYTES),
	TYPE(MSRS, false, LIBMSHV_MSR_BYTES),
	TYPE(XSAVE, false, 0),
	TYPE(LAPIC, false, 0),
	TYPE(SIMP, false, 0),
	TYPE(SIEFP, false, 0),
	TYPE(TIMERS, false, 0),
	TYPE(EVENTS, false, LIBMSHV_REGISTER_BYTES),
#undef TYPE
};

static const struct type *find_type(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

const char *mshv_snapshot_type_name(uint32_t type)
{
	const struct type *known = find_type(type);

	return known ? known->name : NULL;
}

static int check_header(const uint8_t *blob, size_t size,
			struct mshv_snapshot_info *info)
{
	if (!blob)
		return libmshv_fail(EINVAL, "snapshot: NULL argument");
	if (size < HEADER_BYTES || memcmp(blob, magic, sizeof(magic)))
		return libmshv_fail(EBADMSG, "snapshot: not a snapshot");
	if (info) {
		info->version = libmshv_get32(blob, AT_VERSION);
		info->arch = libmshv_get32(blob, AT_ARCH);
		info->sections = libmshv_get32(blob, AT_SECTIONS);
		info->vps = 0;
	}
	if (libmshv_get32(blob, AT_VERSION) != LIBMSHV_SNAPSHOT_VERSION)
		return libmshv_fail(EOPNOTSUPP, "snapshot: unknown version");
	if (libmshv_get64(blob, AT_SIZE) != size)
		return libmshv_fail(EBADMSG, "snapshot: of another length");
	if (libmshv_get64(blob, AT_RESERVED))
		return libmshv_fail(EBADMSG, "snapshot: reserved bits are set");
	return 0;
}

int mshv_snapshot_next(const void *blob, size_t size_bytes,
		       struct mshv_snapshot_section *section)
{
	const uint8_t *bytes = blob, *data;
	size_t at = HEADER_BYTES;
	uint64_t length, room;
	int ret;

	if (!section)
		return libmshv_fail(EINVAL, "snapshot: NULL argument");
	ret = check_header(blob, size_bytes, NULL);
	if (ret)
		return ret;

	data = section->data;
	if (data) {
		if ((uintptr_t)data < (uintptr_t)bytes + HEADER_BYTES ||
		    (uintptr_t)data > (uintptr_t)bytes + size_bytes ||
		    section->size_bytes > size_bytes - (size_t)(data - bytes))
			return libmshv_fail(EINVAL,
					    "snapshot: a section of another blob");
		at = (size_t)(data - bytes) + (size_t)section->size_bytes;
		at += -at % 8;
	}
	if (at == size_bytes)
		return 0;

	if (at > size_bytes || size_bytes - at < SECTION_BYTES)
		return libmshv_fail(EBADMSG, "snapshot: cut short");
	room = size_bytes - at - SECTION_BYTES;
	length = libmshv_get64(bytes, at + AT_LENGTH);
	if (length > room || -length % 8 > room - length)
		return libmshv_fail(EBADMSG,
				    "snapshot: a section longer than the blob");
	*section = (struct mshv_snapshot_section) {
		.type = libmshv_get32(bytes, at + AT_TYPE),
		.flags = libmshv_get32(bytes, at + AT_FLAGS),
		.vp_index = libmshv_get32(bytes, at + AT_VP),
		.reserved = libmshv_get32(bytes, at + AT_ZERO),
		.size_bytes = length,
		.data = bytes + at + SECTION_BYTES,
	};
	return 1;
}

static int check_section(const struct mshv_snapshot_section *s)
{
	const struct type *known = find_type(s->type);
	const uint8_t *end = (const uint8_t *)s->data + s->size_bytes;

	if (s->reserved || s->flags & ~LIBMSHV_SNAPSHOT_CRITICAL ||
	    !libmshv_all_zero(end, -s->size_bytes % 8))
		return libmshv_fail(EBADMSG, "snapshot: reserved bits are set");
	if (!known && s->flags & LIBMSHV_SNAPSHOT_CRITICAL)
		return libmshv_fail(EOPNOTSUPP,
				    "snapshot: an unknown section is critical");
	if (!known)
		return 0;
	if (known->partition != (s->vp_index == LIBMSHV_SNAPSHOT_NO_VP))
		return libmshv_fail(EBADMSG, "snapshot: a section of the wrong owner");
	if (!s->size_bytes ||
	    (known->element && s->size_bytes % known->element) ||
	    (s->type == LIBMSHV_SNAPSHOT_REFERENCE_TIME && s->size_bytes != 8))
		return libmshv_fail(EBADMSG, "snapshot: a section of odd length");
	return 0;
}

/* By VP, those of the partition first, and then by type. */
static uint64_t order(const struct mshv_snapshot_section *s)
{
	return (uint64_t)(s->vp_index + 1) << 32 | s->type;
}

static int check_sections(const void *blob, size_t size,
			  struct mshv_snapshot_info *info)
{
	struct mshv_snapshot_section s = { 0 };
	uint64_t last = 0;
	uint32_t count = 0, vps = 0;
	int ret;

	while ((ret = mshv_snapshot_next(blob, size, &s)) > 0) {
		/* Type 0 of the partition would be the smallest: there is none. */
		if (order(&s) <= last)
			return libmshv_fail(EBADMSG,
					    "snapshot: sections out of order");
		if (s.vp_index != LIBMSHV_SNAPSHOT_NO_VP &&
		    order(&s) >> 32 != last >> 32)
			vps++;
		last = order(&s);
		count++;
		ret = check_section(&s);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	if (count != libmshv_get32(blob, AT_SECTIONS))
		return libmshv_fail(EBADMSG, "snapshot: sections are missing");
	if (info)
		info->vps = vps;
	return 0;
}

int mshv_snapshot_check(const void *blob, size_t size_bytes,
			struct mshv_snapshot_info *info)
{
	int ret = check_header(blob, size_bytes, info);

	if (ret)
		return ret;
	if (libmshv_get32(blob, AT_CRC) != checksum(blob, size_bytes))
		return libmshv_fail(EBADMSG, "snapshot: wrong checksum");
	return check_sections(blob, size_bytes, info);
}

bool libmshv_find_section(const void *blob, size_t size, uint32_t type,
			  uint32_t vp_index,
			  struct mshv_snapshot_section *section)
{
	memset(section, 0, sizeof(*section));
	while (mshv_snapshot_next(blob, size, section) > 0)
		if (section->type == type && section->vp_index == vp_index)
			return true;
	return false;
}
