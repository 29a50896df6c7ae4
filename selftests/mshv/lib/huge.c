// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "huge.h"
#include "mshv_ops.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define TRIES	1000	/* of 10 ms: the memory is there, but in pieces */

long huge_kilobytes(const char *host)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[256];
	unsigned long from, to;
	long kilobytes = -1;
	bool inside = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from <= (uintptr_t)host && (uintptr_t)host < to;
		if (inside && sscanf(line, "AnonHugePages: %ld", &kilobytes) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kilobytes;
}

void huge_compact(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "1", 1);
	close(fd);
}

int huge_collapse(char *host, size_t bytes)
{
	int tries, err = 0;

	for (tries = 0; tries < TRIES; tries++) {
		if (!madvise(host, bytes, MADV_COLLAPSE))
			return 0;
		err = errno;
		/*
		 * EAGAIN: somebody holds one of the pages for a moment, or moves it
		 * elsewhere; ENOMEM, EBUSY: there is no huge page.
		 */
		if (err != EAGAIN && err != ENOMEM && err != EBUSY)
			break;
		if (tries % 100 == 10)
			huge_compact();
		usleep(10000);
	}
	return -err;
}

int huge_pages(char *host, size_t bytes)
{
	volatile char *p;
	int ret;

	if (madvise(host, bytes, MADV_HUGEPAGE))
		return -errno;
	for (p = host; p < host + bytes; p += PAGE_BYTES)
		*p = *p;
	if (huge_kilobytes(host) >= (long)(bytes / 1024))
		return 0;
	ret = huge_collapse(host, bytes);
	if (!ret && huge_kilobytes(host) < (long)(bytes / 1024))
		ret = -ENOMEM;
	return ret;
}
