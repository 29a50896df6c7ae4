/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The device: an open /dev/mshv, and what stands behind it.
 */
#ifndef MSHV_DEVICE_H
#define MSHV_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/uapi.h>

LIBMSHV_BEGIN_DECLS

/* Where mshv_dev_open() looks when it is given no path. */
#define LIBMSHV_DEV_PATH	"/dev/mshv"

struct mshv_dev;

/**
 * mshv_dev_open() - Open the device
 * @path: path of the device, or NULL for /dev/mshv
 * @out: where to put the handle; set to NULL on failure
 *
 * Opens for reading and writing, close-on-exec. Two drivers use the same path:
 * mshv_root, which creates partitions, and mshv_vtl. mshv_dev_probe() tells
 * them apart.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_dev_close(), or
 *
 * * -EINVAL: @out is NULL
 * * -ENOMEM: out of memory
 * * -ENOENT: no such device; the driver isn't loaded, or found no hypervisor
 * * -EACCES: the file may not be opened; the driver creates it with mode 0600
 * * -ENODEV, -ENXIO: the file is there but no driver behind it
 * * -ENOTTY: @path is not a character device
 * * any other errno of open(2)
 *
 * Since: 0.1
 */
int mshv_dev_open(const char *path, struct mshv_dev **out);

/**
 * mshv_dev_from_fd() - Make a handle of an fd that was opened elsewhere
 * @fd: an open /dev/mshv, for instance received over a socket. On success the
 *	handle owns it; on failure it stays the caller's.
 * @out: where to put the handle; set to NULL on failure
 *
 * An fd of another kind is not noticed here: the first call that uses it fails
 * with -ENOTTY.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_dev_close(), or
 *
 * * -EINVAL: @out is NULL
 * * -EBADF: @fd is not open
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_dev_from_fd(int fd, struct mshv_dev **out);

/**
 * mshv_dev_close() - Give up the device
 * @dev: the handle, or NULL
 *
 * Partitions that were created with it go on living and keep the fd open until
 * the last of them is closed. errno is left alone.
 *
 * Context: Any thread. The caller must not use @dev any more.
 * Since: 0.1
 */
void mshv_dev_close(struct mshv_dev *dev);

/**
 * mshv_dev_fd() - The fd of the device
 * @dev: the handle
 *
 * Context: Any thread.
 * Return: the fd, which the handle goes on owning: duplicate it to keep it.
 * -EINVAL if @dev is NULL.
 * Since: 0.1
 */
int mshv_dev_fd(const struct mshv_dev *dev);

/**
 * enum libmshv_driver - Which driver stands behind /dev/mshv
 * @LIBMSHV_DRIVER_UNKNOWN: neither answered as expected
 * @LIBMSHV_DRIVER_ROOT: mshv_root: creates and runs partitions
 * @LIBMSHV_DRIVER_VTL: mshv_vtl: runs the lower VTL of its own partition
 *
 * Since: 0.1
 */
enum libmshv_driver {
	LIBMSHV_DRIVER_UNKNOWN,
	LIBMSHV_DRIVER_ROOT,
	LIBMSHV_DRIVER_VTL,
};

/**
 * struct mshv_dev_info - What this kernel and this hypervisor offer
 * @size: set by the caller to sizeof(struct mshv_dev_info)
 * @driver: enum libmshv_driver. If it is not LIBMSHV_DRIVER_ROOT, all the
 *	others are 0.
 * @reserved: 0
 * @features: bitmask of LIBMSHV_DEV_*
 * @create_flags: bitmask of 1 << MSHV_PT_BIT_* that may be set in
 *	mshv_partition_options.flags, as far as this library knows them
 * @isolations: bitmask of 1 << MSHV_PT_ISOLATION_*, likewise
 * @vmm_capabilities: struct hv_partition_property_vmm_capabilities, first word
 *	of flags; 0 unless LIBMSHV_DEV_VMM_CAPABILITIES is set
 *
 * Later versions append members. A library that knows fewer members than the
 * caller sets the rest to 0.
 *
 * Since: 0.1
 */
struct mshv_dev_info {
	size_t size;
	uint32_t driver;
	uint32_t reserved;
	uint64_t features;
	uint64_t create_flags;
	uint64_t isolations;
	uint64_t vmm_capabilities;
};

/* The arguments of the second version of MSHV_CREATE_PARTITION are taken:
 * processor features can be disabled. */
#define LIBMSHV_DEV_CREATE_V2		(1ULL << 0)
/* Properties of the own (root) partition can be read. */
#define LIBMSHV_DEV_PROPERTY		(1ULL << 1)
/* So can the properties with an argument or of variable size. */
#define LIBMSHV_DEV_PROPERTY_EX		(1ULL << 2)
/* The hypervisor states its VMM capabilities. */
#define LIBMSHV_DEV_VMM_CAPABILITIES	(1ULL << 3)

/**
 * mshv_dev_probe() - Find out what this kernel and this hypervisor offer
 * @dev: the handle
 * @info: where to put the answer; @info->size must be set
 *
 * Asks the driver with calls that can't have an effect; never looks at kernel
 * version numbers. Nothing is created. The answer can't change while the
 * driver is loaded.
 *
 * Context: Any thread. A few system calls, two pages are mapped and unmapped.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @info->size is too small to be any version
 * * -E2BIG: @info->size is larger than a page
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_dev_probe(struct mshv_dev *dev, struct mshv_dev_info *info);

/**
 * mshv_dev_get_property() - Read a property of the own (root) partition
 * @dev: the handle
 * @code: HV_PARTITION_PROPERTY_*
 * @value: where to put it; not touched on failure
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the kernel doesn't pass this hypercall on;
 *   or the hypervisor refused (see mshv_last_error())
 * * -ENOTTY: the kernel has no hypercalls on this fd, or it is no /dev/mshv
 * * -EIO: the hypervisor refused (see mshv_last_error())
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_dev_get_property(struct mshv_dev *dev, uint32_t code, uint64_t *value);

/**
 * mshv_dev_get_property_ex() - Read a large property of the own partition
 * @dev: the handle
 * @code: HV_PARTITION_PROPERTY_*
 * @arg: argument of the property (union hv_partition_property_arg), or 0
 * @buf: where to put it; not touched on failure
 * @size: how much to read in bytes, 1 to HV_PARTITION_PROPERTY_EX_MAX_VAR_SIZE.
 *	The hypervisor doesn't say how much it has; bytes beyond that are
 *	undefined.
 *
 * Context: Any thread.
 * Return: 0, or an error of mshv_dev_get_property(); also -EINVAL if @size is
 * out of range.
 * Since: 0.1
 */
int mshv_dev_get_property_ex(struct mshv_dev *dev, uint32_t code, uint64_t arg,
			     void *buf, size_t size);

LIBMSHV_END_DECLS

#endif /* MSHV_DEVICE_H */
