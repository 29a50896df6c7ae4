// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * XSAVE areas and layouts that a guest or a hypervisor made up. Buffers are of
 * the heap and as long as is said, for the address sanitizer to watch.
 */
#include "config.h"

#include "fuzz.h"

#define USUAL		0x602e7ull
#define SUPERVISOR	0x1800ull
#define LONGEST		16384

static const struct mshv_xsave_layout usual = {
	.component = {
		[2] = { 256, 576, 0 }, [5] = { 64, 1088, 0 },
		[6] = { 512, 1152, 0 }, [7] = { 1024, 1664, 0 },
		[9] = { 8, 2688, 0 },
		[11] = { 16, 0, LIBMSHV_XSAVE_SUPERVISOR },
		[12] = { 24, 0, LIBMSHV_XSAVE_SUPERVISOR },
		[17] = { 64, 2752, LIBMSHV_XSAVE_ALIGNED },
		[18] = { 8192, 2816, LIBMSHV_XSAVE_ALIGNED },
	},
};

static void make_layout(struct mshv_xsave_layout *layout)
{
	struct mshv_xsave_component *c;
	uint8_t how = fuzz_u8();

	*layout = usual;
	if (how & 1)
		layout->mxcsr_mask = fuzz_u32();
	for (how = how >> 1 & 3; how; how--) {
		c = &layout->component[fuzz_u8() % LIBMSHV_XSAVE_COMPONENTS];
		c->size = fuzz_u16();
		c->offset = fuzz_u8() & 1 ? fuzz_u32() : fuzz_u16();
		c->flags = fuzz_u8() & 7;
	}
}

static void try_cpuid(void)
{
	struct mshv_cpuid entries[8] = { 0 };
	struct mshv_xsave_layout layout;
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i].leaf = 0xd;
		entries[i].subleaf = i < 3 ? i : fuzz_u8() % 64;
		entries[i].value[0] = fuzz_u16();
		entries[i].value[1] = fuzz_u16();
		entries[i].value[2] = fuzz_u8();
		entries[i].value[3] = fuzz_u8() & 1 ? fuzz_u32() : 0;
	}
	/* What it takes, the others take. */
	if (!checked(mshv_xsave_layout_from_cpuid(&layout, entries,
						  ARRAY_SIZE(entries))))
		check(!mshv_xsave_size(&layout, 0, 3, &size));
}

static uint64_t components(void)
{
	uint64_t mask = fuzz_u64();

	return fuzz_u8() & 3 ? mask & (USUAL | SUPERVISOR) : mask;
}

static uint8_t *make_area(size_t *size)
{
	uint8_t how = fuzz_u8(), *area;
	uint64_t bits;

	*size = fuzz_u16() % LONGEST;
	if (how & 1)
		*size |= 0x2000 | 576;
	area = malloc(*size ? *size : 1);
	check(area);
	memset(area, fuzz_u8(), *size);
	if (*size < LIBMSHV_XSAVE_MIN)
		return area;
	memset(area + 512, 0, 64);
	if (how & 2)
		memset(area + 26, 0, 2);
	bits = components();
	memcpy(area + 512, &bits, 8);
	if (how & 4) {
		bits |= components() | 1ull << 63;
		memcpy(area + 520, &bits, 8);
	}
	if (how & 8)
		fuzz_bytes(area + 24, 4);
	if ((how >> 4 & 7) == 7)
		area[512 + fuzz_u8() % 64] ^= fuzz_u8();
	return area;
}

/* @area is fine: all that is in use is found, and inside. */
static void find_all(const struct mshv_xsave_layout *layout,
		     const uint8_t *area, const struct mshv_xsave_info *info)
{
	size_t offset, length;
	unsigned int i;
	int ret;

	for (i = 0; i < LIBMSHV_XSAVE_COMPONENTS; i++) {
		ret = checked(mshv_xsave_find(layout, area, info->size, i,
					      &offset, &length));
		check((info->xstate_bv >> i & 1) == !ret);
		if (!ret)
			check(length && length <= info->size &&
			      offset <= info->size - length);
		else
			check(ret == -ENOENT || ret == -ENODATA);
	}
}

static uint8_t *convert(const struct mshv_xsave_layout *layout,
			const uint8_t *area, size_t size, uint32_t format,
			uint64_t mask, size_t *needed)
{
	struct mshv_xsave_info info;
	uint8_t *to;
	int ret;

	ret = checked(mshv_xsave_convert(layout, area, size, format, mask, NULL,
					 0, needed));
	check(ret);
	if (ret != -E2BIG)
		return NULL;
	to = malloc(*needed);
	check(to);
	check(!mshv_xsave_convert(layout, area, size, format, mask, to, *needed,
				  needed));
	check(!mshv_xsave_parse(layout, to, *needed, &info));
	check(info.format == format && info.size <= *needed);
	return to;
}

/* To one format, to the other and back is the same bytes. */
static void there_and_back(const struct mshv_xsave_layout *layout,
			   const uint8_t *area, size_t size, uint64_t mask)
{
	size_t first_size, second_size, third_size;
	uint8_t *first, *second, *third;

	first = convert(layout, area, size, LIBMSHV_XSAVE_COMPACTED, mask,
			&first_size);
	if (!first)
		return;
	second = convert(layout, first, first_size, LIBMSHV_XSAVE_STANDARD,
			 mask, &second_size);
	if (second) {
		third = convert(layout, second, second_size,
				LIBMSHV_XSAVE_COMPACTED, mask, &third_size);
		check(third && third_size == first_size);
		check(!memcmp(third, first, first_size));
		free(third);
	}
	free(second);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mshv_xsave_layout layout;
	struct mshv_xsave_info info;
	uint64_t mask;
	uint8_t *area;
	size_t length;

	fuzz_begin(data, size);
	make_layout(&layout);
	area = make_area(&length);
	mask = components();
	if (!checked(mshv_xsave_parse(&layout, area, length, &info))) {
		check(info.size <= length);
		find_all(&layout, area, &info);
		there_and_back(&layout, area, length, mask);
		there_and_back(&layout, area, length,
			       info.xstate_bv | info.xcomp_bv | 3);
	} else {
		check(mshv_xsave_convert(&layout, area, length, 0, mask, NULL, 0,
					 &length) != -E2BIG);
	}
	free(area);
	try_cpuid();
	return 0;
}
