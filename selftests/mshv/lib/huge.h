/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transparent huge pages, for tests that show nothing without: madvise() succeeds
 * also where there are none.
 */
#ifndef MSHV_HUGE_H
#define MSHV_HUGE_H

#include <stddef.h>

/* Kilobytes of huge pages in the mapping around @host, maybe merged with another. */
long huge_kilobytes(const char *host);

/* Small pages become huge ones. -errno */
int huge_collapse(char *host, size_t bytes);

/*
 * All of it is made of huge pages; what is in there stays. -errno: they can't be had,
 * although memory was compacted.
 */
int huge_pages(char *host, size_t bytes);

#define NEEDS_HUGE_PAGES(host, bytes) do {				\
	int huge_result = huge_pages(host, bytes);			\
									\
	if (huge_result)						\
		SKIP(return, "no transparent huge pages: %s",		\
		     strerror(-huge_result));				\
} while (0)

/* Free memory is brought together. */
void huge_compact(void);

#endif /* MSHV_HUGE_H */
