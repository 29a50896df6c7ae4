/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel keeps and no ledger of a hypervisor knows of: its own memory, pages
 * that it pinned, contexts of eventfds. Numbers of the whole machine, thus for operations
 * that are done often enough to stand out.
 */
#ifndef MSHV_KEPT_H
#define MSHV_KEPT_H

#include <stdbool.h>

#define KEPT_MAX	512
#define KEPT_NAME	32

struct kept {
	int count;
	bool full;		/* there was more */
	struct {
		char name[KEPT_NAME];
		long value;
	} entry[KEPT_MAX];
};

/*
 * What this kernel does not tell is left out. -ENOSPC: there is more than KEPT_MAX;
 * -ENOENT: it tells nothing of its slabs, for want of CONFIG_SLUB_DEBUG.
 */
int kept_read(struct kept *k);

/*
 * The name of something of which there are at least @many more than before, NULL if
 * there is none; @more says how many. Pages in small numbers come and go with everything
 * else in the machine: of them it has to be KEPT_PAGES times as many.
 */
#define KEPT_PAGES	64
const char *kept_more(const struct kept *before, const struct kept *after, long many,
		      long *more);

/* The number of an eventfd's context, the lowest that is free when it is made. -errno. */
int eventfd_id(int fd);

#endif /* MSHV_KEPT_H */
