// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* XSAVE areas, with a processor made here that has AMX and AVX-512. */
#include "config.h"

#include "fake.h"

#define SUPERVISOR	LIBMSHV_XSAVE_SUPERVISOR
#define ALIGNED		LIBMSHV_XSAVE_ALIGNED
#define STANDARD	LIBMSHV_XSAVE_STANDARD
#define COMPACTED	LIBMSHV_XSAVE_COMPACTED
#define BIT(n)		(1ULL << (n))
#define USER		(7 | BIT(5) | BIT(6) | BIT(7) | BIT(9) | BIT(17) | BIT(18))
#define TILEDATA	18

/* What CPUID says of Sapphire Rapids. */
static const struct mshv_xsave_layout amx = {
	.component = {
		[2] = { 256, 576, 0 },
		[5] = { 64, 1088, 0 },
		[6] = { 512, 1152, 0 },
		[7] = { 1024, 1664, 0 },
		[9] = { 8, 2688, 0 },
		[11] = { 16, 0, SUPERVISOR },
		[12] = { 24, 0, SUPERVISOR },
		[17] = { 64, 2752, ALIGNED },
		[18] = { 8192, 2816, ALIGNED },
	},
};

static uint8_t area[12288], other[12288], back[12288], untouched[12288];
static size_t offset, length, size;

static int setup(void **state)
{
	memset(area, 0, sizeof(area));
	memset(other, 0x5a, sizeof(other));
	memset(back, 0xa5, sizeof(back));
	memset(untouched, 0x5a, sizeof(untouched));
	return fake_reset(state);
}

#define xsave_test(f)	cmocka_unit_test_setup_teardown(f, setup, fake_done)

static void put(size_t at, uint64_t value, size_t bytes)
{
	memcpy(area + at, &value, bytes);
}

static uint64_t get(const uint8_t *from, size_t at, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, from + at, bytes);
	return value;
}

/* A standard area where each component of @mask has bytes of its own. */
static void fill(uint64_t mask)
{
	unsigned int i;

	memset(area, 0, sizeof(area));
	put(0, 0x37f, 2);
	put(24, 0x1f80, 4);
	put(28, 0xffff, 4);
	put(512, mask, 8);
	if (mask & 1) {
		memset(area, 0x11, 24);
		memset(area + 32, 0x11, 128);
	}
	if (mask & 2)
		memset(area + 160, 0x22, 256);
	for (i = 2; i < 63; i++)
		if (mask >> i & 1)
			memset(area + amx.component[i].offset, 0x30 + (int)i,
			       amx.component[i].size);
}

/* Offsets counted by hand. */
static void sizes(void **state)
{
	static const struct {
		uint64_t mask;
		size_t standard, compacted;
	} rows[] = {
		{ 0, 576, 576 },
		{ 3, 576, 576 },
		{ 7, 832, 832 },
		{ BIT(9), 2696, 584 },
		{ BIT(9) | BIT(17), 2816, 704 },	/* 584 up to 640 */
		{ BIT(18) | 7, 11008, 832 + 8192 },
		/* 576 + 256 + 64 + 512 + 1024 + 8 = 2440, then 2496 */
		{ USER, 11008, 2496 + 64 + 8192 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_works(mshv_xsave_size(&amx, STANDARD, rows[i].mask, &size));
		assert_int_equal(size, rows[i].standard);
		assert_works(mshv_xsave_size(&amx, COMPACTED, rows[i].mask, &size));
		assert_int_equal(size, rows[i].compacted);
	}
	assert_works(mshv_xsave_size(&amx, COMPACTED, BIT(11) | BIT(12), &size));
	assert_int_equal(size, 576 + 16 + 24);

	size = 1;
	assert_fails(mshv_xsave_size(&amx, STANDARD, BIT(11), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 11);
	assert_fails(mshv_xsave_size(&amx, COMPACTED, BIT(10), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 10);
	assert_fails(mshv_xsave_size(&amx, COMPACTED, BIT(63), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 63);
	assert_fails(mshv_xsave_size(&amx, 2, 7, &size), EINVAL);
	assert_int_equal(size, 1);
}

static void impossible_layouts(void **state)
{
	static const struct {
		unsigned int number;
		struct mshv_xsave_component component;
	} rows[] = {
		{ 0, { 160, 0, 0 } },
		{ 1, { 256, 576, 0 } },
		{ 3, { 64, 575, 0 } },
		{ 3, { 0, 960, 0 } },
		{ 3, { 0, 0, 2 } },
		{ 3, { 64, 12288, 4 } },
		{ 3, { 64, 12288, SUPERVISOR } },
		{ 3, { UINT32_MAX, 0, SUPERVISOR } },
		{ 3, { 64, UINT32_MAX, 0 } },
		{ 3, { (1 << 24) - 575, 576, 0 } },
		{ 62, { 65, 1024, 0 } },	/* reaches into the opmasks */
		{ 62, { 1, 11007, 0 } },	/* in the tiles */
	};
	struct mshv_xsave_layout layout;
	struct mshv_xsave_info info;
	size_t i;

	(void)state;
	fill(3);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		layout = amx;
		layout.component[rows[i].number] = rows[i].component;
		assert_fails(mshv_xsave_size(&layout, STANDARD, 3, &size), EBADMSG);
		assert_int_equal(mshv_last_error()->index, rows[i].number);
		assert_fails(mshv_xsave_parse(&layout, area, 576, &info), EBADMSG);
	}
	layout = amx;
	layout.component[62] = (struct mshv_xsave_component) { 64, 11008, 0 };
	assert_works(mshv_xsave_size(&layout, STANDARD, BIT(62), &size));
	assert_int_equal(size, 11072);
}

/* One direction against offsets counted by hand, then back. */
static void round_trip(void **state)
{
	struct mshv_xsave_info info;

	(void)state;
	fill(USER);
	assert_works(mshv_xsave_convert(&amx, area, sizeof(area), COMPACTED,
					USER, other, sizeof(other), &size));
	assert_int_equal(size, 10752);
	assert_memory_equal(other, area, 512);
	assert_int_equal(get(other, 512, 8), USER);
	assert_int_equal(get(other, 520, 8), USER | BIT(63));
	assert_int_equal(other[2431], 0x37);
	assert_int_equal(other[2432], 0x39);
	assert_int_equal(other[2439], 0x39);
	assert_int_equal(other[2440], 0);
	assert_int_equal(other[2495], 0);
	assert_int_equal(other[2496], 0x41);
	assert_int_equal(other[2560], 0x42);
	assert_int_equal(other[10751], 0x42);
	assert_int_equal(other[10752], 0x5a);
	assert_works(mshv_xsave_parse(&amx, other, size, &info));
	assert_int_equal(info.format, COMPACTED);
	assert_int_equal(info.xstate_bv, USER);
	assert_int_equal(info.xcomp_bv, USER);
	assert_int_equal(info.size, 10752);
	assert_works(mshv_xsave_find(&amx, other, size, TILEDATA, &offset, &length));
	assert_int_equal(offset, 2560);
	assert_int_equal(length, 8192);

	assert_works(mshv_xsave_convert(&amx, other, size, STANDARD, USER, back,
					11008, &size));
	assert_int_equal(size, 11008);
	assert_memory_equal(back, area, 11008);
	assert_int_equal(back[11008], 0xa5);
	assert_works(mshv_xsave_find(&amx, back, size, TILEDATA, &offset, &length));
	assert_int_equal(offset, 2816);
	assert_int_equal(length, 8192);
}

/* Every set of components, there and back. */
static void each_set(void **state)
{
	uint64_t mask;
	size_t whole;

	(void)state;
	for (mask = USER; ; mask = (mask - 1) & USER) {
		fill(mask);
		assert_works(mshv_xsave_convert(&amx, area, 11008, COMPACTED,
						mask, other, sizeof(other),
						&size));
		assert_works(mshv_xsave_convert(&amx, other, size, STANDARD,
						USER, back, 11008, &whole));
		assert_int_equal(whole, 11008);
		assert_memory_equal(back, area, 11008);
		if (!mask)
			break;
	}
}

/* Junk where the state is the initial one is not taken over. */
static void initial(void **state)
{
	(void)state;
	memset(area, 0xee, sizeof(area));
	memset(area + 512, 0, 64);
	put(24, 0x1f80, 4);
	assert_works(mshv_xsave_convert(&amx, area, 11008, STANDARD, USER, other,
					sizeof(other), &size));
	fill(0);
	put(28, 0xeeeeeeee, 4);
	memset(area + 416, 0xee, 96);
	assert_memory_equal(other, area, 11008);

	/* Compacted, MXCSR is of SSE, so it is junk as well. */
	fill(0);
	put(520, BIT(63) | 7, 8);
	put(24, 0xdeadbeef, 4);
	assert_works(mshv_xsave_convert(&amx, area, 832, STANDARD, 7, other,
					sizeof(other), &size));
	assert_int_equal(get(other, 24, 4), 0x1f80);
	assert_int_equal(get(other, 0, 2), 0x37f);
	assert_int_equal(get(other, 512, 8), 0);
}

static void mxcsr(void **state)
{
	struct mshv_xsave_layout layout = amx;
	struct mshv_xsave_info info;

	(void)state;
	fill(0);
	put(24, 0x1fa0, 4);
	memset(area + 160, 0xee, 256);
	assert_works(mshv_xsave_convert(&amx, area, 576, COMPACTED, 3, other,
					sizeof(other), &size));
	assert_int_equal(get(other, 512, 8), 2);
	assert_int_equal(get(other, 24, 4), 0x1fa0);
	assert_int_equal(get(other, 160, 8), 0);
	/* AVX without SSE has no place for it, x87 alone doesn't have it */
	assert_fails(mshv_xsave_convert(&amx, area, 576, COMPACTED, 5, other,
					sizeof(other), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 1);
	assert_works(mshv_xsave_convert(&amx, area, 576, COMPACTED, 1, other,
					sizeof(other), &size));
	assert_int_equal(get(other, 24, 4), 0x1f80);

	put(24, 0x21f80, 4);
	assert_fails(mshv_xsave_parse(&amx, area, 576, &info), EBADMSG);
	assert_int_equal(mshv_last_error()->index, 24);
	layout.mxcsr_mask = 0x2ffff;
	assert_works(mshv_xsave_parse(&layout, area, 576, &info));
	put(520, BIT(63) | 3, 8);
	assert_works(mshv_xsave_parse(&amx, area, 576, &info));
	put(512, 2, 8);
	assert_fails(mshv_xsave_parse(&amx, area, 576, &info), EBADMSG);
}

static void supervisor(void **state)
{
	(void)state;
	fill(0);
	put(520, BIT(63) | 3 | BIT(11) | BIT(12), 8);
	put(512, BIT(12), 8);
	memset(area + 592, 0xcc, 24);
	assert_works(mshv_xsave_find(&amx, area, 616, 12, &offset, &length));
	assert_int_equal(offset, 592);
	assert_int_equal(length, 24);
	assert_fails(mshv_xsave_convert(&amx, area, 616, STANDARD, 3, other,
					sizeof(other), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 12);
	assert_memory_equal(other, untouched, sizeof(other));
	/* not in use, it is not lost */
	put(512, 0, 8);
	assert_works(mshv_xsave_convert(&amx, area, 616, STANDARD, 3, other,
					sizeof(other), &size));
	assert_int_equal(size, 576);
	/* another set, another place */
	put(512, BIT(12), 8);
	assert_works(mshv_xsave_convert(&amx, area, 616, COMPACTED,
					BIT(12), other, 600, &size));
	assert_int_equal(size, 600);
	assert_memory_equal(other + 576, area + 592, 24);
}

static void find(void **state)
{
	(void)state;
	fill(3 | BIT(9));
	assert_works(mshv_xsave_find(&amx, area, 2696, 0, &offset, &length));
	assert_int_equal(offset, 0);
	assert_int_equal(length, 160);
	assert_works(mshv_xsave_find(&amx, area, 2696, 1, &offset, &length));
	assert_int_equal(offset, 160);
	assert_int_equal(length, 256);
	assert_works(mshv_xsave_find(&amx, area, 2696, 9, &offset, &length));
	assert_int_equal(offset, 2688);
	assert_int_equal(length, 8);
	assert_fails(mshv_xsave_find(&amx, area, 2696, 2, &offset, &length), ENODATA);
	assert_fails(mshv_xsave_find(&amx, area, 2696, 11, &offset, &length), ENOENT);
	assert_fails(mshv_xsave_find(&amx, area, 2696, 10, &offset, &length), ENOENT);
	assert_fails(mshv_xsave_find(&amx, area, 2696, 63, &offset, &length), EINVAL);
	put(512, 3, 8);
	put(520, BIT(63) | 3, 8);
	assert_fails(mshv_xsave_find(&amx, area, 576, 2, &offset, &length), ENOENT);
	assert_int_equal(offset, 2688);
	assert_int_equal(length, 8);
}

static void hostile(void **state)
{
	struct mshv_xsave_info info = { .size = 1 };
	size_t i;

	(void)state;
	for (i = 528; i < 576; i++) {
		fill(3);
		area[i] = 0x80;
		assert_fails(mshv_xsave_parse(&amx, area, 576, &info), EBADMSG);
		assert_int_equal(mshv_last_error()->index, i);
	}
	for (i = 0; i < 64; i++) {
		fill(BIT(0));
		put(512, BIT(i), 8);
		if (USER & BIT(i)) {
			assert_works(mshv_xsave_parse(&amx, area, 11008, &info));
		} else {
			assert_fails(mshv_xsave_parse(&amx, area, 11008, &info), EBADMSG);
			assert_int_equal(mshv_last_error()->index, 512);
		}
		/* in use, but without a place */
		put(520, BIT(63) | (USER & ~BIT(i)), 8);
		assert_fails(mshv_xsave_parse(&amx, area, 11008, &info), EBADMSG);
		assert_int_equal(mshv_last_error()->index, 512);
		put(512, 0, 8);
		put(520, i == 63 ? 1 : BIT(63) | BIT(i), 8);
		if ((USER | BIT(11) | BIT(12)) & BIT(i)) {
			assert_works(mshv_xsave_parse(&amx, area, 11008, &info));
		} else {
			assert_fails(mshv_xsave_parse(&amx, area, 11008, &info), EBADMSG);
			assert_int_equal(mshv_last_error()->index, 520);
		}
	}
}

static void cut_short(void **state)
{
	struct mshv_xsave_info info = { .size = 1 };

	(void)state;
	fill(USER);
	assert_fails(mshv_xsave_parse(&amx, area, 0, &info), EMSGSIZE);
	assert_fails(mshv_xsave_parse(&amx, area, 575, &info), EMSGSIZE);
	assert_fails(mshv_xsave_parse(&amx, area, 4096, &info), EMSGSIZE);
	assert_fails(mshv_xsave_parse(&amx, area, 11007, &info), EMSGSIZE);
	assert_int_equal(info.size, 1);
	assert_works(mshv_xsave_parse(&amx, area, 11008, &info));
	assert_fails(mshv_xsave_convert(&amx, area, 11007, COMPACTED, USER,
					other, sizeof(other), &size), EMSGSIZE);
	assert_fails(mshv_xsave_find(&amx, area, 11007, 0, &offset, &length), EMSGSIZE);
	/* The place counts in the compacted format, in use or not. */
	fill(0);
	put(520, BIT(63) | BIT(18), 8);
	assert_fails(mshv_xsave_parse(&amx, area, 576 + 8191, &info), EMSGSIZE);
	assert_works(mshv_xsave_parse(&amx, area, 576 + 8192, &info));
}

static void buffers(void **state)
{
	(void)state;
	fill(USER);
	size = 0;
	assert_fails(mshv_xsave_convert(&amx, area, 11008, COMPACTED, USER, NULL,
					0, &size), E2BIG);
	assert_int_equal(size, 10752);
	assert_fails(mshv_xsave_convert(&amx, area, 11008, COMPACTED, USER,
					other, 10751, &size), E2BIG);
	size = 1;
	assert_fails(mshv_xsave_convert(&amx, area, 11008, COMPACTED, 7, other,
					sizeof(other), &size), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, 5);
	assert_fails(mshv_xsave_convert(&amx, area, 11008, 2, USER, other,
					sizeof(other), &size), EINVAL);
	assert_fails(mshv_xsave_convert(&amx, area, 11008, COMPACTED, USER, area,
					sizeof(area), &size), EINVAL);
	assert_fails(mshv_xsave_convert(&amx, area, 11008, COMPACTED, USER,
					area + 11007, 10752, &size), EINVAL);
	assert_int_equal(size, 1);
	assert_memory_equal(other, untouched, sizeof(other));
}

static void arguments(void **state)
{
	struct mshv_xsave_info info;

	(void)state;
	fill(3);
	assert_fails(mshv_xsave_size(NULL, STANDARD, 3, &size), EINVAL);
	assert_fails(mshv_xsave_size(&amx, STANDARD, 3, NULL), EINVAL);
	assert_fails(mshv_xsave_parse(NULL, area, 576, &info), EINVAL);
	assert_fails(mshv_xsave_parse(&amx, NULL, 576, &info), EINVAL);
	assert_fails(mshv_xsave_parse(&amx, area, 576, NULL), EINVAL);
	assert_fails(mshv_xsave_find(NULL, area, 576, 0, &offset, &length), EINVAL);
	assert_fails(mshv_xsave_find(&amx, NULL, 576, 0, &offset, &length), EINVAL);
	assert_fails(mshv_xsave_find(&amx, area, 576, 0, NULL, &length), EINVAL);
	assert_fails(mshv_xsave_find(&amx, area, 576, 0, &offset, NULL), EINVAL);
	assert_fails(mshv_xsave_convert(NULL, area, 576, STANDARD, 3, other, 576,
					&size), EINVAL);
	assert_fails(mshv_xsave_convert(&amx, NULL, 576, STANDARD, 3, other, 576,
					&size), EINVAL);
	assert_fails(mshv_xsave_convert(&amx, area, 576, STANDARD, 3, NULL, 576,
					&size), EINVAL);
	assert_fails(mshv_xsave_convert(&amx, area, 576, STANDARD, 3, other, 576,
					NULL), EINVAL);
	assert_memory_equal(other, untouched, sizeof(other));
}

static struct mshv_cpuid cpuid[63];

static void fill_cpuid(void)
{
	uint32_t i;

	memset(cpuid, 0, sizeof(cpuid));
	for (i = 0; i < 63; i++) {
		cpuid[i].leaf = 0xd;
		cpuid[i].subleaf = i;
		cpuid[i].value[0] = amx.component[i].size;
		cpuid[i].value[1] = amx.component[i].offset;
		/* also XFD's bit, which is not about the area */
		cpuid[i].value[2] = amx.component[i].flags | (i == 18 ? 4 : 0);
	}
	cpuid[0].value[0] = USER;
	cpuid[1].value[2] = BIT(11) | BIT(12);
}

static void from_cpuid(void **state)
{
	static const struct {
		unsigned int subleaf, reg;
		uint32_t flip;
		size_t bad;
	} rows[] = {
		{ 0, 0, BIT(11), 11 },	/* in both */
		{ 1, 2, BIT(1), 1 },
		{ 0, 3, BIT(31), 63 },
		{ 0, 0, BIT(3), 3 },	/* without size */
		{ 2, 2, SUPERVISOR, 2 },
		{ 11, 2, SUPERVISOR, 11 },
		{ 2, 1, 576, 2 },	/* in the legacy region */
		{ 7, 1, 128, 7 },	/* 1536, in component 6 */
	};
	struct mshv_xsave_layout layout, none;
	size_t i;

	(void)state;
	fill_cpuid();
	memset(&layout, 0x5a, sizeof(layout));
	assert_works(mshv_xsave_layout_from_cpuid(&layout, cpuid, 63));
	assert_memory_equal(&layout, &amx, sizeof(amx));

	memset(&layout, 0x5a, sizeof(layout));
	none = layout;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill_cpuid();
		cpuid[rows[i].subleaf].value[rows[i].reg] ^= rows[i].flip;
		assert_fails(mshv_xsave_layout_from_cpuid(&layout, cpuid, 63),
			     EBADMSG);
		assert_int_equal(mshv_last_error()->index, rows[i].bad);
	}
	fill_cpuid();
	assert_fails(mshv_xsave_layout_from_cpuid(&layout, cpuid, 18), ENOENT);
	assert_int_equal(mshv_last_error()->index, 18);
	assert_fails(mshv_xsave_layout_from_cpuid(&layout, cpuid, 1), ENOENT);
	assert_int_equal(mshv_last_error()->index, 1);
	assert_fails(mshv_xsave_layout_from_cpuid(&layout, NULL, 0), ENOENT);
	assert_int_equal(mshv_last_error()->index, 0);
	assert_fails(mshv_xsave_layout_from_cpuid(&layout, NULL, 1), EINVAL);
	assert_fails(mshv_xsave_layout_from_cpuid(NULL, cpuid, 63), EINVAL);
	assert_memory_equal(&layout, &none, sizeof(none));
}

/* What this processor writes is understood, where it can write both formats. */
static void host(void **state)
{
	struct mshv_xsave_layout layout;
	int ret = mshv_xsave_host_layout(&layout);

	(void)state;
	assert_fails(mshv_xsave_host_layout(NULL), EINVAL);
	if (ret) {
		assert_int_equal(ret, -EOPNOTSUPP);
		skip();
	}
	assert_works(mshv_xsave_size(&layout, STANDARD, 3, &size));
	assert_int_equal(size, 576);
#if defined(__x86_64__)
	{
		static _Alignas(64) uint8_t wrote[2][16384];
		uint32_t low, high, a = 0xd, b, c = 1, d;
		uint64_t xcr0;

		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		xcr0 = (uint64_t)high << 32 | low;
		if (!(a & 2) || mshv_xsave_size(&layout, STANDARD, xcr0, &size) ||
		    size > sizeof(wrote[0]))
			skip();
		__asm__ volatile("xsave64 %0\n\txsavec64 %1"
				 : "+m"(wrote[0]), "+m"(wrote[1])
				 : "a"(low), "d"(high));
		assert_works(mshv_xsave_convert(&layout, wrote[0], size, COMPACTED,
						xcr0, other, sizeof(other), &size));
		assert_works(mshv_xsave_convert(&layout, wrote[1], size, COMPACTED,
						xcr0, back, sizeof(back), &size));
		/* XSTATE_BV may differ: XSAVE may call in use what is not */
		assert_int_equal(get(other, 520, 8), xcr0 | BIT(63));
		assert_memory_equal(other + 520, wrote[1] + 520, 56);
		assert_memory_equal(other + 160, back + 160, 256);
		assert_memory_equal(other + 576, back + 576, size - 576);
	}
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		xsave_test(sizes),
		xsave_test(impossible_layouts),
		xsave_test(round_trip),
		xsave_test(each_set),
		xsave_test(initial),
		xsave_test(mxcsr),
		xsave_test(supervisor),
		xsave_test(find),
		xsave_test(hostile),
		xsave_test(cut_short),
		xsave_test(buffers),
		xsave_test(arguments),
		xsave_test(from_cpuid),
		xsave_test(host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
