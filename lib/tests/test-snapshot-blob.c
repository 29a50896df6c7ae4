// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The layout of a snapshot: what is refused, and that nothing else is read. */
#include "config.h"

#include <stdlib.h>

#include "fake.h"
#include "snapshot.h"

#undef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define NO_VP	LIBMSHV_SNAPSHOT_NO_VP

static uint8_t blob[1024];
static size_t size;

/* The checksum once more, bit by bit. */
static void seal(void)
{
	uint32_t crc = ~0u;
	size_t i, bit;

	memset(blob + 28, 0, 4);
	for (i = 0; i < size; i++) {
		crc ^= blob[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	crc = ~crc;
	for (i = 0; i < 4; i++)
		blob[28 + i] = (uint8_t)(crc >> 8 * i);
}

/* 40 + (24 + 16) + (24 + 24) + (24 + 8) + (24 + 8) bytes */
static int setup(void **state)
{
	struct libmshv_blob b;

	fake_reset(state);
	assert_works(libmshv_blob_begin(&b));
	assert_works(libmshv_blob_section(&b, LIBMSHV_SNAPSHOT_PROPERTIES, NO_VP));
	assert_works(libmshv_blob_put64(&b, 0x1122334455667788));
	assert_works(libmshv_blob_put64(&b, 1));
	assert_works(libmshv_blob_section(&b, LIBMSHV_SNAPSHOT_REGISTERS, 0));
	memset(libmshv_blob_space(&b, 24), 0x11, 24);
	assert_works(libmshv_blob_section(&b, LIBMSHV_SNAPSHOT_SIMP, 0));
	memset(libmshv_blob_space(&b, 5), 0x22, 5);
	assert_works(libmshv_blob_section(&b, LIBMSHV_SNAPSHOT_SIMP, 7));
	memset(libmshv_blob_space(&b, 8), 0x33, 8);
	assert_works(libmshv_blob_finish(&b));
	size = b.used;
	memcpy(blob, b.bytes, size);
	free(b.bytes);
	return 0;
}

#define blob_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_done)

static void layout(void **state)
{
	static const uint8_t header[] = {
		'M', 'S', 'H', 'V', 'S', 'N', 'A', 'P', 1, 0, 0, 0,
		LIBMSHV_ARCH, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0,
	};
	static const uint8_t section[] = {
		1, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
		16, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
		0x22, 0x11, 1, 0, 0, 0, 0, 0, 0, 0,
	};
	uint8_t before[sizeof(blob)];

	(void)state;
	assert_int_equal(size, 192);
	assert_memory_equal(blob, header, sizeof(header));
	assert_memory_equal(blob + 40, section, sizeof(section));
	memcpy(before, blob, size);
	seal();
	assert_memory_equal(blob, before, size);
}

static void sections(void **state)
{
	static const struct {
		uint32_t type, vp;
		uint64_t size;
	} rows[] = {
		{ LIBMSHV_SNAPSHOT_PROPERTIES, NO_VP, 16 },
		{ LIBMSHV_SNAPSHOT_REGISTERS, 0, 24 },
		{ LIBMSHV_SNAPSHOT_SIMP, 0, 5 },
		{ LIBMSHV_SNAPSHOT_SIMP, 7, 8 },
	};
	struct mshv_snapshot_section s = { 0 }, other;
	struct mshv_snapshot_info info;
	size_t i;

	(void)state;
	assert_works(mshv_snapshot_check(blob, size, &info));
	assert_int_equal(info.version, 1);
	assert_int_equal(info.arch, LIBMSHV_ARCH);
	assert_int_equal(info.sections, 4);
	assert_int_equal(info.vps, 2);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(mshv_snapshot_next(blob, size, &s), 1);
		assert_int_equal(s.type, rows[i].type);
		assert_int_equal(s.vp_index, rows[i].vp);
		assert_int_equal(s.size_bytes, rows[i].size);
		assert_int_equal(s.flags, LIBMSHV_SNAPSHOT_CRITICAL);
		assert_int_equal(s.reserved, 0);
	}
	assert_int_equal(*(const uint8_t *)s.data, 0x33);
	other = s;
	assert_int_equal(mshv_snapshot_next(blob, size, &s), 0);
	assert_memory_equal(&other, &s, sizeof(s));

	/* a section that isn't of this blob */
	s.data = blob + 39;
	assert_fails(mshv_snapshot_next(blob, size, &s), EINVAL);
	s.data = blob + size + 1;
	assert_fails(mshv_snapshot_next(blob, size, &s), EINVAL);
	s = other;
	s.size_bytes = UINT64_MAX;
	assert_fails(mshv_snapshot_next(blob, size, &s), EINVAL);
	s.data = blob + 60;
	s.size_bytes = 120;
	assert_fails(mshv_snapshot_next(blob, size, &s), EBADMSG);

	assert_fails(mshv_snapshot_next(blob, size, NULL), EINVAL);
	memset(&s, 0, sizeof(s));
	assert_fails(mshv_snapshot_next(NULL, size, &s), EINVAL);
	assert_fails(mshv_snapshot_next(blob, size - 8, &s), EBADMSG);
	assert_fails(mshv_snapshot_check(NULL, 0, NULL), EINVAL);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(mshv_snapshot_type_name(1), "PROPERTIES");
	assert_string_equal(mshv_snapshot_type_name(LIBMSHV_SNAPSHOT_EVENTS),
			    "EVENTS");
	assert_null(mshv_snapshot_type_name(0));
	assert_null(mshv_snapshot_type_name(3));
	assert_null(mshv_snapshot_type_name(24));
}

/* In memory that ends where the blob ends. */
static int check_exactly(size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	int ret;

	memcpy(copy, blob, n);
	ret = mshv_snapshot_check(copy, n, NULL);
	free(copy);
	return ret;
}

static void cut_short(void **state)
{
	size_t n;

	(void)state;
	assert_works(check_exactly(size));
	for (n = 0; n < size; n++)
		assert_fails(check_exactly(n), EBADMSG);
	assert_fails(check_exactly(size + 8), EBADMSG);
	/* also if the header agrees */
	for (n = 40; n < size; n++) {
		size_t whole = size;

		blob[16] = (uint8_t)n;
		size = n;
		seal();
		size = whole;
		assert_fails(check_exactly(n), EBADMSG);
	}
}

static void each_bit(void **state)
{
	size_t bit;

	(void)state;
	for (bit = 0; bit < size * 8; bit++) {
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(mshv_snapshot_check(blob, size, NULL) < 0);
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* One value at one place, the checksum right. */
static void damaged(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		int err;
	} rows[] = {
		{ 0, 'm', EBADMSG }, { 8, 2, EOPNOTSUPP },
		{ 11, 1, EOPNOTSUPP },
		{ 24, 3, EBADMSG }, { 24, 5, EBADMSG },	/* sections */
		{ 32, 1, EBADMSG }, { 39, 1, EBADMSG },
		{ 40, 0, EBADMSG },		/* a type that can't be */
		{ 40, 3, EOPNOTSUPP },		/* that isn't known */
		{ 40, 17, EBADMSG },		/* of a VP */
		{ 44, 0, 0 }, { 44, 3, EBADMSG }, { 47, 1, EBADMSG },
		{ 48, 0, EBADMSG },		/* all others are before VP 254 */
		{ 52, 1, EBADMSG },
		{ 56, 15, EBADMSG }, { 56, 0, EBADMSG }, { 63, 1, EBADMSG },
		{ 63, 0xff, EBADMSG },
		{ 80, 1, EBADMSG },		/* of a partition */
		{ 80, 23, EBADMSG },		/* behind the next one */
		{ 128, 16, EBADMSG },		/* twice */
		{ 144, 0, EBADMSG }, { 144, 6, 0 }, { 144, 9, EBADMSG },
		{ 157, 1, EBADMSG },		/* padding */
		{ 168, 0, EBADMSG },		/* twice, the same VP */
		{ 184, 0x44, 0 },
	};
	uint8_t old;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		old = blob[rows[i].at];
		blob[rows[i].at] = rows[i].value;
		seal();
		if (mshv_snapshot_check(blob, size, NULL) != -rows[i].err)
			fail_msg("row %u: %s", (unsigned int)i,
				 mshv_last_error()->what);
		blob[rows[i].at] = old;
	}
}

static void unknown_sections(void **state)
{
	struct mshv_snapshot_info info;

	(void)state;
	blob[40] = 3;
	blob[44] = 0;
	seal();
	assert_works(mshv_snapshot_check(blob, size, &info));
	assert_int_equal(info.sections, 4);
	/* another version says no more than that */
	blob[8] = 9;
	blob[12] = 77;
	assert_fails(mshv_snapshot_check(blob, size, &info), EOPNOTSUPP);
	assert_int_equal(info.version, 9);
	assert_int_equal(info.arch, 77);
	assert_int_equal(info.vps, 0);
}

/* Any bytes behind a header that is right. */
static void hostile(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15ULL;
	struct mshv_snapshot_section s;
	unsigned int i, k, found;

	(void)state;
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < 3; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			blob[40 + seed % (size - 40)] = (uint8_t)(seed >> 32);
		}
		if (i % 16 == 0)
			setup(NULL);
		memset(&s, 0, sizeof(s));
		for (found = 0; mshv_snapshot_next(blob, size, &s) > 0; found++) {
			assert_true((const uint8_t *)s.data >= blob + 64);
			assert_true((const uint8_t *)s.data + s.size_bytes <=
				    blob + size);
		}
		assert_true(found <= 6);
		seal();
		mshv_snapshot_check(blob, size, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		blob_test(layout),
		blob_test(sections),
		blob_test(names),
		blob_test(cut_short),
		blob_test(each_bit),
		blob_test(damaged),
		blob_test(unknown_sections),
		blob_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
