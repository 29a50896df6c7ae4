// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* MSRs and CPUID: the tables, and what the hypervisor says of them. */
#include "config.h"

#include "fuzz.h"

#define MAX	300

static void tables(uint32_t number)
{
	uint32_t name, msr;

	if (!checked(mshv_msr_to_register(number, &name))) {
		check(!mshv_msr_from_register(name, &msr));
		check(msr == number);
	}
	if (!checked(mshv_msr_from_register(number, &msr))) {
		check(!mshv_msr_to_register(msr, &name));
		check(name == number);
	}
}

static void list(struct mshv_partition *partition)
{
	uint32_t msrs[MAX], name;
	size_t i, count = 0, max = fuzz_u16() % MAX;
	int ret = checked(mshv_partition_get_msr_list(partition, msrs, max,
						      &count));

	if (ret && ret != -E2BIG)
		return;
	check(!ret == (count <= max));
	for (i = 0; i < count && i < max; i++) {
		check(!mshv_msr_to_register(msrs[i], &name));
		check(!i || msrs[i] > msrs[i - 1]);
	}
}

static void values(struct mshv_vp *vp)
{
	struct mshv_msr msrs[MAX];
	size_t i, count = fuzz_u16() % MAX;

	for (i = 0; i < count; i++)
		msrs[i] = (struct mshv_msr) {
			.msr = i % 8 ? 0x174 + i % 3 : fuzz_u32(),
		};
	if (!checked(mshv_vp_get_msrs(vp, msrs, count)))
		checked(mshv_vp_set_msrs(vp, msrs, count));
}

static void cpuid(struct fuzz_objects *o)
{
	struct mshv_cpuid entries[MAX];
	size_t count = fuzz_u16() % MAX;

	fuzz_bytes(entries, count * sizeof(entries[0]));
	checked(mshv_vp_get_cpuid(o->vp, entries, count));
	checked(mshv_vp_set_cpuid(o->vp, entries, count));
	checked(mshv_partition_set_cpuid(o->partition, entries, count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_objects o;

	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		switch (fuzz_u8() % 4) {
		case 0:
			tables(fuzz_u32());
			break;
		case 1:
			list(o.partition);
			break;
		case 2:
			values(o.vp);
			break;
		default:
			cpuid(&o);
			break;
		}
	}
	fuzz_close(&o);
	return 0;
}
