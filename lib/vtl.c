// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The VTL: memory, poll files, registers. See <mshv/vtl.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include <mshv/ioctl.h>

#include "vtl-internal.h"

static bool has_register_page(struct mshv_dev *dev)
{
	struct mshv_error before = *mshv_last_error();
	bool yes;

	if (!dev)
		return false;
	yes = mshv_ioctl_check_extension(dev->fd, MSHV_CAP_REGISTER_PAGE) > 0;
	libmshv_error_restore(&before);
	return yes;
}

static int vtl_new(struct mshv_dev *dev, int fd, struct mshv_vtl **out)
{
	struct mshv_vtl *vtl = malloc(sizeof(*vtl));

	if (!vtl)
		return libmshv_fail(ENOMEM, "create VTL: no memory");
	atomic_init(&vtl->refs, 1);
	vtl->fd = fd;
	vtl->has_register_page = has_register_page(dev);
	vtl->dev = libmshv_dev_get(dev);
	*out = vtl;
	return 0;
}

int mshv_vtl_create(struct mshv_dev *dev, struct mshv_vtl **out)
{
	int fd, ret;

	if (!out)
		return libmshv_fail(EINVAL, "create VTL: NULL argument");
	*out = NULL;
	if (!dev)
		return libmshv_fail(EINVAL, "create VTL: NULL argument");

	fd = mshv_ioctl_create_vtl(dev->fd);
	if (fd < 0)
		return fd;
	ret = vtl_new(dev, fd, out);
	if (ret)
		libmshv_fd_close(fd);
	return ret;
}

int mshv_vtl_from_fd(struct mshv_dev *dev, int fd, struct mshv_vtl **out)
{
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "VTL from fd: NULL argument");
	*out = NULL;
	ret = libmshv_fd_check(fd, "VTL from fd");
	return ret ? ret : vtl_new(dev, fd, out);
}

struct mshv_vtl *libmshv_vtl_get(struct mshv_vtl *vtl)
{
	atomic_fetch_add_explicit(&vtl->refs, 1, memory_order_relaxed);
	return vtl;
}

void mshv_vtl_close(struct mshv_vtl *vtl)
{
	if (!vtl || atomic_fetch_sub(&vtl->refs, 1) != 1)
		return;
	libmshv_fd_close(vtl->fd);
	mshv_dev_close(vtl->dev);
	free(vtl);
}

int mshv_vtl_fd(const struct mshv_vtl *vtl)
{
	if (!vtl)
		return libmshv_fail(EINVAL, "VTL fd: NULL argument");
	return vtl->fd;
}

int mshv_vtl_add_memory(struct mshv_vtl *vtl, uint64_t gpa, uint64_t size_bytes)
{
	struct mshv_vtl_ram_disposition args = {
		.start_pfn = gpa / MSHV_HV_PAGE_SIZE,
		.last_pfn = gpa / MSHV_HV_PAGE_SIZE +
			    size_bytes / MSHV_HV_PAGE_SIZE,
	};

	if (!vtl)
		return libmshv_fail(EINVAL, "add memory of VTL 0: NULL argument");
	if (!size_bytes || (gpa | size_bytes) % MSHV_HV_PAGE_SIZE)
		return libmshv_fail(EINVAL,
				    "add memory of VTL 0: empty, or not a multiple of 4096");
	if (gpa + (size_bytes - 1) < gpa)
		return libmshv_fail(EINVAL, "add memory of VTL 0: range wraps around");
	return mshv_ioctl_add_vtl0_memory(vtl->fd, &args);
}

int mshv_vtl_set_poll_file(struct mshv_vtl *vtl, uint32_t cpu, int fd)
{
	struct mshv_vtl_set_poll_file args = { .cpu = cpu, .fd = (uint32_t)fd };

	if (!vtl)
		return libmshv_fail(EINVAL, "set poll file: NULL argument");
	return mshv_ioctl_set_poll_file(vtl->fd, &args);
}

/* The kernel takes one register at a time. */
int mshv_vtl_get_registers(struct mshv_vtl *vtl,
			   struct hv_register_assoc *registers, size_t count)
{
	size_t i;

	if (!vtl || (!registers && count))
		return libmshv_fail(EINVAL, "get registers of VTL 0: NULL argument");
	for (i = 0; i < count; i++) {
		struct mshv_vp_registers args = {
			.count = 1, .regs_ptr = (uintptr_t)&registers[i],
		};
		int ret = mshv_ioctl_get_vp_registers(vtl->fd, &args);

		if (ret) {
			libmshv_error_set_index(i);
			return ret;
		}
	}
	return 0;
}

int mshv_vtl_set_registers(struct mshv_vtl *vtl,
			   const struct hv_register_assoc *registers,
			   size_t count)
{
	size_t i;

	if (!vtl || (!registers && count))
		return libmshv_fail(EINVAL, "set registers of VTL 0: NULL argument");
	for (i = 0; i < count; i++) {
		struct mshv_vp_registers args = {
			.count = 1, .regs_ptr = (uintptr_t)&registers[i],
		};
		int ret = mshv_ioctl_set_vp_registers(vtl->fd, &args);

		if (ret) {
			libmshv_error_set_index(i);
			return ret;
		}
	}
	return 0;
}
