// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The routing table against a simple model of it. */
#include "config.h"

#include "fuzz.h"

static struct route {
	bool used;
	uint32_t address, data;
} model[LIBMSHV_GSI_COUNT];

/* Volatile: libc declares that ioctl() calls nothing back, and here it does. */
static volatile bool sent;

/* What goes to the kernel is what the model has, sorted. */
static void seen(uint32_t request, void *arg)
{
	const struct mshv_user_irq_table *table = arg;
	uint32_t gsi, n = 0;

	check(request == MSHV_SET_MSI_ROUTING);
	check(!table->rsvd);
	for (gsi = 0; gsi < LIBMSHV_GSI_COUNT; gsi++) {
		const struct mshv_user_irq_entry *e = &table->entries[n];

		if (!model[gsi].used)
			continue;
		check(n++ < table->nr);
		check(e->gsi == gsi && e->address_lo == model[gsi].address);
		check(!e->address_hi && e->data == model[gsi].data);
	}
	check(n == table->nr);
	sent = true;
}

/* Near the ends of what is allowed. */
static uint64_t address(void)
{
	uint8_t kind = fuzz_u8();

	return kind < 250 ? 0xfee00000ull + (kind << 12) : fuzz_u64();
}

static void set(uint32_t gsi, uint64_t to, uint32_t value)
{
	model[gsi] = (struct route) { true, (uint32_t)to, value };
}

static bool valid(uint32_t gsi, uint64_t to)
{
#if defined(__x86_64__)
	return gsi < LIBMSHV_GSI_COUNT && to >> 20 == 0xfee;
#else
	return gsi < LIBMSHV_GSI_COUNT && to <= UINT32_MAX;
#endif
}

static void step(struct mshv_irq_table *table, uint8_t what)
{
	uint32_t got, gsi = fuzz_u16() % (LIBMSHV_GSI_COUNT + 16);
	uint64_t to = address();
	uint32_t value = fuzz_u8();
	int ret;

	switch (what % 8) {
	case 0:
	case 1:
	case 2:
		ret = checked(mshv_irq_table_set(table, gsi, to, value));
		check(!ret == valid(gsi, to));
		if (!ret)
			set(gsi, to, value);
		break;
	case 3:
	case 4:
		ret = checked(mshv_irq_table_add(table, gsi, to, value, &got));
		if (ret) {
			check(!valid(gsi, to) || ret == -ENOSPC);
			break;
		}
		check(got >= gsi && got < LIBMSHV_GSI_COUNT &&
		      !model[got].used);
		set(got, to, value);
		break;
	case 5:
	case 6:
		ret = checked(mshv_irq_table_remove(table, gsi));
		check(!ret == (gsi < LIBMSHV_GSI_COUNT && model[gsi].used));
		if (!ret)
			model[gsi].used = false;
		break;
	default:
		checked(mshv_irq_table_commit(table));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mshv_irq_table *table;
	struct fuzz_objects o;

	memset(model, 0, sizeof(model));
	fuzz_begin(data, size);
	fuzz_open(&o);
	check(!mshv_irq_table_create(o.partition, &table));
	fuzz_kernel.seen = seen;
	while (fuzz_left())
		step(table, fuzz_u8());

	/* Whatever was refused before: in the end it can be sent. */
	fuzz_kernel.obeys = true;
	check(!mshv_irq_table_set(table, 1, 0xfee00000, ~0u));
	set(1, 0xfee00000, ~0u);
	sent = false;
	check(!mshv_irq_table_commit(table) && sent);
	mshv_irq_table_close(table);
	fuzz_close(&o);
	return 0;
}
