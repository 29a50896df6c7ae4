// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Page tables that a guest made up. */
#include "config.h"

#include "fuzz.h"

static unsigned int reads;

/* Mostly the next of the input; some memory isn't there. */
static int read_table(void *context, uint64_t gpa, void *buf, size_t size)
{
	const struct mshv_x64_paging *paging = context;
	uint8_t how = fuzz_u8();

	check(size == 4 || size == 8);
	check(gpa % size == 0);
	check(!paging->physical_bits || !(gpa >> 52));
	check(++reads <= 5);
	if (how > 250)
		return -1;
	fuzz_bytes(buf, size);
	/* so that it doesn't end at once */
	if (how & 1)
		*(uint8_t *)buf |= 7;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t widths[] = { 0, 32, 36, 46, 52, 53 };
	struct mshv_x64_paging paging;
	struct mshv_walk walk;
	struct fuzz_objects o;
	uint64_t gva, flags;
	int ret;

	fuzz_begin(data, size);
	while (fuzz_left()) {
		uint8_t mode = fuzz_u8();

		paging = (struct mshv_x64_paging) {
			.cr0 = 1 | (uint64_t)(mode & 1) << 31 |
			       (uint64_t)(mode & 2) << 15,
			.cr3 = fuzz_u64(),
			.cr4 = fuzz_u32(),
			.efer = mode & 4 ? 0xd00 : 0,
			.rflags = fuzz_u32(),
			.cpl = mode >> 6,
			.physical_bits = widths[fuzz_u8() % ARRAY_SIZE(widths)],
		};
		if (mode & 8)
			paging.cr4 |= 0x20;
		gva = fuzz_u64() >> (mode & 16 ? 17 : 0);
		flags = fuzz_u16();
		reads = 0;
		memset(&walk, 0, sizeof(walk));
		ret = checked(mshv_x64_walk_gva(&paging, gva, flags, read_table,
						&paging, &walk));
		if (ret)
			continue;
		check(!walk.vector && walk.page_bytes >= 4096);
		check(!(walk.page_bytes & (walk.page_bytes - 1)));
		check((walk.gpa ^ gva) % 4096 == 0);
		check(!(walk.gpa >> 52));
	}

	/* The same with a VP and a kernel. */
	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		uint32_t result;

		gva = fuzz_u64();
		checked(mshv_vp_translate_gva(o.vp, gva, fuzz_u64(), &gva,
					      &result));
		checked(mshv_vp_get_paging(o.vp, &paging));
	}
	fuzz_close(&o);
	return 0;
}
