// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"
#include "borrow.h"
#include "injection.h"

/*
 * Each kind of failure, and what has to be set for all of its places to count:
 * an allocation that may sleep, a single page. The report of each would look
 * like a fault of the driver.
 */
static const struct {
	const char *file, *value;
} settings[] = {
	{ "failslab/ignore-gfp-wait", "N" },
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "fail_page_alloc/min-order", "0" },
	{ "fail_page_alloc/verbose", "0" },
	{ "fail_usercopy/verbose", "0" },
};

static int prepare(void)
{
	char path[128];
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s", settings[i].file);
		ret = borrow_and_write(path, settings[i].value);
		if (ret)
			return ret;
	}
	return 0;
}

int injection_open(void)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = prepare();
	if (ret)
		close(fd);
	return ret ? ret : fd;
}

int injection_set(int fd, int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", nth), tries;

	/* Writing the number has places itself, one of which may be the nth. */
	for (tries = 0; tries < 2; tries++)
		if (pwrite(fd, text, n, 0) == n)
			return 0;
	return -errno;
}

/* Reading this comes nearer to the place, or is it. */
bool injection_left(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) < 0 || atoi(text) > 0;
}

int injection_try(int fd, int nth, int (*operate)(void *arg), void *arg, bool *left)
{
	int tries, ret = 0;

	for (tries = 0; tries < 2 && !ret; tries++) {
		ret = injection_set(fd, nth);
		if (ret)
			return ret;
		ret = operate(arg);
		*left = injection_left(fd);
		if (*left)
			break;
	}
	return ret;
}

int injection_rest(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) < 0 ? 0 : atoi(text);
}
