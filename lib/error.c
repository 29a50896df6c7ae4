// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The record of the last failure, one per thread.
 *
 * Per thread rather than per handle: it serves the calls that have no handle
 * yet or never get one, and two threads on one partition don't disturb each
 * other. A success doesn't touch it, so it costs nothing on the way into the
 * guest.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static _Thread_local struct mshv_error last = {
	.index = LIBMSHV_INDEX_NONE,
	.what = "no error",
};

int libmshv_fail_ioctl(int errnum, uint32_t request, const char *what)
{
	/* A failure with errno 0 would look like a success to the caller. */
	if (errnum <= 0)
		errnum = EPROTO;

	last = (struct mshv_error) {
		.errnum = errnum,
		.index = LIBMSHV_INDEX_NONE,
		.request = request,
		.what = what,
	};
	errno = errnum;
	return -errnum;
}

int libmshv_fail(int errnum, const char *what)
{
	return libmshv_fail_ioctl(errnum, 0, what);
}

void libmshv_error_set_hvcall(uint16_t code, uint16_t status)
{
	last.hypercall = code;
	last.hv_status = status;
}

void libmshv_error_set_index(size_t index)
{
	last.index = index < LIBMSHV_INDEX_NONE ? (uint32_t)index :
						  LIBMSHV_INDEX_NONE;
}

void libmshv_error_set_what(const char *what)
{
	last.what = what;
}

/* For a failure that turned out to be an answer. */
void libmshv_error_restore(const struct mshv_error *before)
{
	last = *before;
}

const struct mshv_error *mshv_last_error(void)
{
	return &last;
}

int mshv_error_format(const struct mshv_error *error, char *buf, size_t size)
{
	char status[64] = "", element[32] = "";
	const char *name, *string;
	int saved = errno, ret;

	if (!error || (!buf && size))
		return libmshv_fail(EINVAL, "mshv_error_format: NULL argument");

	/* Thread-safe for the numbers that exist, in glibc and in musl. */
	string = strerror(error->errnum);

	if (error->hv_status) {
		name = mshv_hv_status_name(error->hv_status);
		if (name)
			snprintf(status, sizeof(status), ": %s", name);
		else
			snprintf(status, sizeof(status),
				 ": hypervisor status 0x%04x",
				 error->hv_status);
	}
	if (error->index != LIBMSHV_INDEX_NONE)
		snprintf(element, sizeof(element), ", element %u",
			 error->index);

	if (error->hypercall)
		ret = snprintf(buf, size, "%s: %s (hypercall 0x%02x%s%s)",
			       error->what, string, error->hypercall, status,
			       element);
	else
		ret = snprintf(buf, size, "%s: %s%s", error->what, string,
			       element);

	errno = saved;
	return ret;
}
