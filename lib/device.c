// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The device: an open /dev/mshv. See <mshv/device.h>.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <mshv/ioctl.h>

#include "internal.h"

static int dev_new(int fd, struct mshv_dev **out)
{
	struct mshv_dev *dev = malloc(sizeof(*dev));

	if (!dev)
		return libmshv_fail(ENOMEM, "open device: no memory");
	atomic_init(&dev->refs, 1);
	dev->fd = fd;
	*out = dev;
	return 0;
}

int mshv_dev_open(const char *path, struct mshv_dev **out)
{
	struct stat st;
	int fd, ret;

	if (!out)
		return libmshv_fail(EINVAL, "open device: NULL argument");
	*out = NULL;

	fd = open(path ? path : LIBMSHV_DEV_PATH, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return libmshv_fail(errno, "open device");

	if (fstat(fd, &st) < 0)
		ret = libmshv_fail(errno, "open device");
	else if (!S_ISCHR(st.st_mode))
		ret = libmshv_fail(ENOTTY,
				   "open device: not a character device");
	else
		ret = dev_new(fd, out);

	if (ret)
		libmshv_fd_close(fd);
	return ret;
}

int mshv_dev_from_fd(int fd, struct mshv_dev **out)
{
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "device from fd: NULL argument");
	*out = NULL;

	ret = libmshv_fd_check(fd, "device from fd");
	return ret ? ret : dev_new(fd, out);
}

struct mshv_dev *libmshv_dev_get(struct mshv_dev *dev)
{
	if (dev)
		atomic_fetch_add_explicit(&dev->refs, 1, memory_order_relaxed);
	return dev;
}

void mshv_dev_close(struct mshv_dev *dev)
{
	if (!dev || atomic_fetch_sub(&dev->refs, 1) != 1)
		return;
	libmshv_fd_close(dev->fd);
	free(dev);
}

int mshv_dev_fd(const struct mshv_dev *dev)
{
	return dev ? dev->fd : libmshv_fail(EINVAL, "device fd: NULL argument");
}

int mshv_dev_get_property(struct mshv_dev *dev, uint32_t code, uint64_t *value)
{
	if (!dev)
		return libmshv_fail(EINVAL, "get property: NULL argument");
	return mshv_hvcall_get_partition_property(dev->fd, code, value);
}

int mshv_dev_get_property_ex(struct mshv_dev *dev, uint32_t code, uint64_t arg,
			     void *buf, size_t size)
{
	if (!dev)
		return libmshv_fail(EINVAL, "get property: NULL argument");
	return mshv_hvcall_get_partition_property_ex(dev->fd, code, arg, buf,
						     size);
}
