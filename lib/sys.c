// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The only place that talks to the kernel's ioctls, and so the only place that
 * decides what an interrupted or odd answer means.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

/*
 * EINTR. The driver takes its locks killably, so that every ioctl can return
 * EINTR, and does so before it has done anything. Then only a fatal signal is
 * the reason, unless a stopped or traced process gets there another way; doing
 * it again is right in both cases. MSHV_RUN_VP and MSHV_RETURN_TO_LOWER_VTL wait
 * interruptibly: there EINTR is an answer.
 */
int libmshv_ioctl(int fd, uint32_t request, const void *arg, const char *what)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
		if (unlikely(libmshv_trace_hook))
			ret = libmshv_trace(fd, request, arg, ret);
	} while (ret < 0 && errno == EINTR && request != MSHV_RUN_VP &&
		 request != MSHV_RETURN_TO_LOWER_VTL);

	if (ret < 0)
		return libmshv_fail_ioctl(errno, request, what);
	return ret;
}

int libmshv_ioctl0(int fd, uint32_t request, const void *arg, const char *what)
{
	int ret = libmshv_ioctl(fd, request, arg, what);

	if (ret > 0)
		return libmshv_fail_ioctl(EPROTO, request, what);
	return ret;
}

int libmshv_fd_check(int fd, const char *what)
{
	if (fcntl(fd, F_GETFD) < 0)
		return libmshv_fail(errno, what);
	return 0;
}

/* For destructors: what was in errno matters more than how close() went. */
void libmshv_fd_close(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

bool libmshv_all_zero(const void *p, size_t size)
{
	const unsigned char *byte = p;

	while (size--)
		if (*byte++)
			return false;
	return true;
}
