// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Snapshots: any bytes are refused or taken, never followed outside of the blob;
 * and what is saved from a hypervisor that says anything can be read again.
 */
#include "config.h"

#include "fuzz.h"

#define ROOM	(1 << 20)

static uint8_t saved[ROOM];

/* CRC-32C, bit by bit: reversed polynomial of Castagnoli. */
static uint32_t crc32c(const uint8_t *bytes, size_t size)
{
	uint32_t crc = ~0u;
	unsigned int bit;

	while (size--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* What no fuzzer guesses is made right, so that it gets further. */
static void make_plausible(uint8_t *blob, size_t size)
{
	uint32_t crc, version = LIBMSHV_SNAPSHOT_VERSION;
	uint64_t length = size;

	if (size < 40)
		return;
	memcpy(blob, "MSHVSNAP", 8);
	memcpy(blob + 8, &version, 4);
	memcpy(blob + 16, &length, 8);
	memset(blob + 28, 0, 12);
	crc = crc32c(blob, size);
	memcpy(blob + 28, &crc, 4);
}

static void list(const uint8_t *blob, size_t size)
{
	struct mshv_snapshot_section section = { .type = 0 };
	struct mshv_snapshot_info info = { .version = 0 };
	int good = mshv_snapshot_check(blob, size, &info), ret;
	const uint8_t *data;
	uint32_t n = 0;

	check(good <= 0);
	while ((ret = mshv_snapshot_next(blob, size, &section)) == 1) {
		data = section.data;
		check(data >= blob && data <= blob + size);
		check(section.size_bytes <= (size_t)(blob + size - data));
		check(n++ <= size);
	}
	check(ret <= 0);
	if (!good)
		check(!ret && n == info.sections);
}

static void restore(struct fuzz_objects *o, const uint8_t *blob, size_t size)
{
	checked(mshv_vp_restore(o->vp, blob, size));
	checked(mshv_partition_restore(o->partition, &o->vp, 1, blob, size));
}

static void from_input(struct fuzz_objects *o, bool plausible)
{
	size_t size = fuzz_u16() % 2048;
	uint8_t *blob = malloc(size + 1);

	check(blob);
	/* not aligned, and no byte to spare */
	fuzz_bytes(blob + 1, size);
	if (plausible)
		make_plausible(blob + 1, size);
	list(blob + 1, size);
	restore(o, blob + 1, size);
	free(blob);
}

static void save(struct fuzz_objects *o, bool all)
{
	size_t size;
	int ret = all ? mshv_partition_save(o->partition, &o->vp, 1, saved,
					    sizeof(saved), &size) :
			mshv_vp_save(o->vp, saved, sizeof(saved), &size);

	if (checked(ret))
		return;
	check(size <= sizeof(saved));
	check(!mshv_snapshot_check(saved, size, NULL));
	list(saved, size);
	restore(o, saved, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_objects o;

	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		uint8_t what = fuzz_u8();

		/* Else an error comes before a save is done. */
		fuzz_kernel.willing = what & 4;
		if (what & 1)
			save(&o, what & 2);
		else
			from_input(&o, what & 2);
	}
	fuzz_close(&o);
	return 0;
}
