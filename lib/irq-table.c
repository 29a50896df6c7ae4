// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The routing table of interrupts. See <mshv/irq.h>.
 *
 * Kept as the kernel wants it, sorted by GSI, so that a commit sends it as it
 * is.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/irq.h>

#include "internal.h"

#define ROOM_MIN	32

struct mshv_irq_table {
	struct mshv_partition *partition;
	struct mshv_user_irq_table *routes;
	uint32_t room;
	bool committed;
};

static size_t routes_size(uint32_t room)
{
	return sizeof(struct mshv_user_irq_table) +
	       room * sizeof(struct mshv_user_irq_entry);
}

int mshv_irq_table_create(struct mshv_partition *partition,
			  struct mshv_irq_table **out)
{
	struct mshv_irq_table *table;

	if (!out)
		return libmshv_fail(EINVAL, "create routing table: NULL argument");
	*out = NULL;
	if (!partition)
		return libmshv_fail(EINVAL, "create routing table: NULL argument");

	table = calloc(1, sizeof(*table));
	if (!table)
		return libmshv_fail(ENOMEM, "create routing table: no memory");
	table->routes = calloc(1, routes_size(ROOM_MIN));
	if (!table->routes) {
		free(table);
		return libmshv_fail(ENOMEM, "create routing table: no memory");
	}
	table->room = ROOM_MIN;
	table->partition = libmshv_partition_get(partition);
	*out = table;
	return 0;
}

void mshv_irq_table_close(struct mshv_irq_table *table)
{
	int saved = errno;

	if (!table)
		return;
	mshv_partition_close(table->partition);
	free(table->routes);
	free(table);
	errno = saved;
}

/* The place of a GSI, or where it would have to be. */
static uint32_t find(const struct mshv_irq_table *table, uint32_t gsi)
{
	uint32_t low = 0, high = table->routes->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (table->routes->entries[middle].gsi < gsi)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct mshv_irq_table *table, uint32_t at, uint32_t gsi)
{
	return at < table->routes->nr && table->routes->entries[at].gsi == gsi;
}

static int check(const struct mshv_irq_table *table, uint32_t gsi,
		 uint64_t address)
{
	if (!table)
		return libmshv_fail(EINVAL, "set route: NULL argument");
	if (gsi >= LIBMSHV_GSI_COUNT)
		return libmshv_fail(EINVAL, "set route: GSI out of range");
	if (address > UINT32_MAX)
		return libmshv_fail(EINVAL,
				    "set route: address has more than 32 bits");
#if defined(__x86_64__)
	if (address >> 20 != 0xfee)
		return libmshv_fail(EINVAL,
				    "set route: address is not that of a local APIC");
#endif
	return 0;
}

static int make_room(struct mshv_irq_table *table)
{
	struct mshv_user_irq_table *routes;

	if (table->routes->nr < table->room)
		return 0;
	routes = malloc(routes_size(2 * table->room));
	if (!routes)
		return libmshv_fail(ENOMEM, "set route: no memory");
	memcpy(routes, table->routes, routes_size(table->room));
	free(table->routes);
	table->routes = routes;
	table->room *= 2;
	return 0;
}

int mshv_irq_table_set(struct mshv_irq_table *table, uint32_t gsi,
		       uint64_t address, uint32_t data)
{
	struct mshv_user_irq_entry new = {
		.gsi = gsi, .address_lo = (uint32_t)address, .data = data,
	};
	struct mshv_user_irq_entry *entry;
	uint32_t at;
	int ret;

	ret = check(table, gsi, address);
	if (ret)
		return ret;

	at = find(table, gsi);
	if (!is_at(table, at, gsi)) {
		ret = make_room(table);
		if (ret)
			return ret;
		entry = &table->routes->entries[at];
		memmove(entry + 1, entry,
			(table->routes->nr - at) * sizeof(*entry));
		table->routes->nr++;
	} else {
		entry = &table->routes->entries[at];
		if (!memcmp(entry, &new, sizeof(new)))
			return 0;
	}
	*entry = new;
	table->committed = false;
	return 0;
}

int mshv_irq_table_add(struct mshv_irq_table *table, uint32_t first_gsi,
		       uint64_t address, uint32_t data, uint32_t *gsi)
{
	uint32_t at;
	int ret;

	if (!gsi)
		return libmshv_fail(EINVAL, "add route: NULL argument");
	ret = check(table, first_gsi, address);
	if (ret)
		return ret;

	for (at = find(table, first_gsi); is_at(table, at, first_gsi); at++)
		first_gsi++;
	if (first_gsi >= LIBMSHV_GSI_COUNT)
		return libmshv_fail(ENOSPC, "add route: no GSI is free");
	ret = mshv_irq_table_set(table, first_gsi, address, data);
	if (!ret)
		*gsi = first_gsi;
	return ret;
}

int mshv_irq_table_remove(struct mshv_irq_table *table, uint32_t gsi)
{
	struct mshv_user_irq_entry *entry;
	uint32_t at;

	if (!table)
		return libmshv_fail(EINVAL, "remove route: NULL argument");
	at = find(table, gsi);
	if (!is_at(table, at, gsi))
		return libmshv_fail(ENOENT, "remove route: no such route");

	entry = &table->routes->entries[at];
	table->routes->nr--;
	memmove(entry, entry + 1, (table->routes->nr - at) * sizeof(*entry));
	table->committed = false;
	return 0;
}

int mshv_irq_table_commit(struct mshv_irq_table *table)
{
	int ret;

	if (!table)
		return libmshv_fail(EINVAL, "commit routes: NULL argument");
	if (table->committed)
		return 0;
	ret = mshv_ioctl_set_msi_routing(table->partition->fd, table->routes);
	table->committed = !ret;
	return ret;
}
