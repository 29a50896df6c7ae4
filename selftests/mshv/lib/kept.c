// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kept.h"

#define SLAB	"/sys/kernel/slab"
#define PAGES	"pages in use"

static void add(struct kept *k, const char *name, long value)
{
	if (k->count == KEPT_MAX) {
		k->full = true;
		return;
	}
	snprintf(k->entry[k->count].name, KEPT_NAME, "%.*s", KEPT_NAME - 1, name);
	k->entry[k->count++].value = value;
}

/* The number behind a name in a file of such lines. -1: it is not there. */
static long number(const char *path, const char *name)
{
	FILE *f = fopen(path, "re");
	char line[256];
	long value = -1;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)) &&
		    sscanf(line + strlen(name), " %ld", &value) == 1)
			break;
	}
	fclose(f);
	return value;
}

/* Objects that are in use, and none that a CPU keeps for the next allocation. */
static long slab_objects(const char *cache)
{
	char path[320];
	FILE *f;

	snprintf(path, sizeof(path), SLAB "/%s/shrink", cache);
	f = fopen(path, "we");
	if (f) {
		fputs("1", f);
		fclose(f);
	}
	snprintf(path, sizeof(path), SLAB "/%s/objects", cache);
	return number(path, "");
}

static void add_slabs(struct kept *k)
{
	DIR *dir = opendir(SLAB);
	const struct dirent *entry;
	long value;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "kmalloc-", 8))
			continue;
		value = slab_objects(entry->d_name);
		if (value >= 0)
			add(k, entry->d_name, value);
	}
	if (dir)
		closedir(dir);
}

/* Free pages that a CPU keeps for the next allocation. */
static long pages_of_cpus(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	char line[256];
	long count, sum = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %ld", &count) == 1)
			sum += count;
	if (f)
		fclose(f);
	return sum;
}

/* Neither free nor cached, nor a slab's: those are counted by themselves. */
static void add_pages(struct kept *k)
{
	static const char *const known[] = {
		"nr_free_pages", "nr_active_anon", "nr_inactive_anon", "nr_active_file",
		"nr_inactive_file", "nr_unevictable", "nr_slab_reclaimable",
		"nr_slab_unreclaimable", "nr_page_table_pages",
	};
	long value, sum = pages_of_cpus();
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		value = number("/proc/vmstat", known[i]);
		if (value < 0)
			return;
		sum += value;
	}
	add(k, PAGES, -sum);
}

static void add_pins(struct kept *k)
{
	long acquired = number("/proc/vmstat", "nr_foll_pin_acquired");
	long released = number("/proc/vmstat", "nr_foll_pin_released");

	if (acquired >= 0 && released >= 0)
		add(k, "pinned pages", acquired - released);
}

static void add_vmalloc(struct kept *k)
{
	FILE *f = fopen("/proc/vmallocinfo", "re");
	char line[512];
	long areas = 0;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		areas += strstr(line, "[mshv_root]") != NULL;
	fclose(f);
	add(k, "vmalloc areas", areas);
}

int eventfd_id(int fd)
{
	char path[64];
	long id;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	id = number(path, "eventfd-id:");
	return id < 0 ? -ENOENT : (int)id;
}

/* The number of one more, when those that are free below it have been taken. */
static void add_eventfds(struct kept *k)
{
	int fds[16], n, id = -1;

	for (n = 0; n < (int)(sizeof(fds) / sizeof(fds[0])); n++) {
		fds[n] = eventfd(0, EFD_CLOEXEC);
		if (fds[n] < 0)
			break;
		id = eventfd_id(fds[n]);
	}
	while (n--)
		close(fds[n]);
	if (id >= 0)
		add(k, "contexts of eventfds", id);
}

int kept_read(struct kept *k)
{
	int slabs;

	k->count = 0;
	k->full = false;
	add_slabs(k);
	slabs = k->count;
	add_pages(k);
	add_pins(k);
	add_vmalloc(k);
	add_eventfds(k);
	if (k->full)
		return -ENOSPC;
	return slabs ? 0 : -ENOENT;
}

const char *kept_more(const struct kept *before, const struct kept *after, long many,
		      long *more)
{
	int i, j;

	for (i = 0; i < after->count; i++) {
		for (j = 0; j < before->count; j++)
			if (!strcmp(before->entry[j].name, after->entry[i].name))
				break;
		if (j == before->count)
			continue;
		*more = after->entry[i].value - before->entry[j].value;
		if (*more >= (strcmp(after->entry[i].name, PAGES) ? many : many * KEPT_PAGES))
			return after->entry[i].name;
	}
	return NULL;
}
