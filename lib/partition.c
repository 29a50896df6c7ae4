// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The partition: life, properties, intercepts. See <mshv/partition.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/ioctl.h>

#include "internal.h"

#define CPU_FEATURES	(1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)

_Static_assert(sizeof(((struct mshv_create_partition_v2 *)NULL)->pt_cpu_fbanks) ==
	       sizeof(((struct mshv_partition_options *)NULL)->disabled_processor_features),
	       "the kernel has another number of feature banks");

static int partition_new(struct mshv_dev *dev, int fd,
			 struct mshv_partition **out)
{
	struct mshv_partition *partition = malloc(sizeof(*partition));

	if (!partition)
		return libmshv_fail(ENOMEM, "create partition: no memory");
	atomic_init(&partition->refs, 1);
	partition->fd = fd;
	partition->no_lapic = false;
	partition->dev = libmshv_dev_get(dev);
	pthread_mutex_init(&partition->lock, NULL);
	partition->memories = NULL;
	*out = partition;
	return 0;
}

/* Take over the members that we know; what else there is has to be 0. */
static int options_read(struct mshv_partition_options *to,
			const struct mshv_partition_options *from)
{
	size_t size;

	memset(to, 0, sizeof(*to));
	if (!from)
		return 0;

	size = from->size;
	if (size < LIBMSHV_OPTIONS_SIZE_MIN)
		return libmshv_fail(EINVAL, "create partition: size of options not set");
	if (size > LIBMSHV_OPTIONS_SIZE_MAX)
		return libmshv_fail(E2BIG, "create partition: size of options too large");
	if (size > sizeof(*to)) {
		const char *tail = (const char *)from + sizeof(*to);

		if (!libmshv_all_zero(tail, size - sizeof(*to)))
			return libmshv_fail(E2BIG,
					    "create partition: options from a newer libmshv");
		size = sizeof(*to);
	}
	memcpy(to, from, size);
	return 0;
}

static bool disables_features(const struct mshv_partition_options *options)
{
	return options->disabled_processor_features[0] ||
	       options->disabled_processor_features[1] ||
	       options->disabled_xsave_features;
}

static int create_fd(int dev_fd, const struct mshv_partition_options *options)
{
	struct mshv_create_partition v1 = {
		.pt_flags = options->flags & ~CPU_FEATURES,
		.pt_isolation = options->isolation,
	};
	struct mshv_create_partition_v2 v2 = {
		.pt_flags = options->flags,
		.pt_isolation = options->isolation,
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
	};

	/* Version 1 asks for everything, as does version 2 without features. */
	if (!disables_features(options))
		return mshv_ioctl_create_partition(dev_fd, &v1);

	if (!(options->flags & CPU_FEATURES))
		return libmshv_fail(EINVAL,
				    "create partition: disabled features without the flag for them");

	memcpy(v2.pt_cpu_fbanks, options->disabled_processor_features,
	       sizeof(v2.pt_cpu_fbanks));
#if defined(__x86_64__)
	v2.pt_disabled_xsave = options->disabled_xsave_features;
#else
	if (options->disabled_xsave_features)
		return libmshv_fail(EINVAL,
				    "create partition: XSAVE features exist on x86_64 only");
#endif
	return mshv_ioctl_create_partition_v2(dev_fd, &v2);
}

int mshv_partition_create(struct mshv_dev *dev,
			  const struct mshv_partition_options *options,
			  struct mshv_partition **out)
{
	struct mshv_partition_options known;
	int fd, ret;

	if (!out)
		return libmshv_fail(EINVAL, "create partition: NULL argument");
	*out = NULL;
	if (!dev)
		return libmshv_fail(EINVAL, "create partition: NULL argument");

	ret = options_read(&known, options);
	if (ret)
		return ret;

	fd = create_fd(dev->fd, &known);
	if (fd < 0)
		return fd;

	ret = partition_new(dev, fd, out);
	if (ret)
		libmshv_fd_close(fd);
	else
		(*out)->no_lapic = !(known.flags & 1ULL << MSHV_PT_BIT_LAPIC);
	return ret;
}

int mshv_partition_from_fd(struct mshv_dev *dev, int fd,
			   struct mshv_partition **out)
{
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "partition from fd: NULL argument");
	*out = NULL;

	ret = libmshv_fd_check(fd, "partition from fd");
	return ret ? ret : partition_new(dev, fd, out);
}

struct mshv_partition *libmshv_partition_get(struct mshv_partition *partition)
{
	if (partition)
		atomic_fetch_add_explicit(&partition->refs, 1,
					  memory_order_relaxed);
	return partition;
}

void mshv_partition_close(struct mshv_partition *partition)
{
	if (!partition || atomic_fetch_sub(&partition->refs, 1) != 1)
		return;
	libmshv_fd_close(partition->fd);
	mshv_dev_close(partition->dev);
	pthread_mutex_destroy(&partition->lock);
	free(partition);
}

int mshv_partition_fd(const struct mshv_partition *partition)
{
	if (!partition)
		return libmshv_fail(EINVAL, "partition fd: NULL argument");
	return partition->fd;
}

int mshv_partition_initialize(struct mshv_partition *partition)
{
	if (!partition)
		return libmshv_fail(EINVAL,
				    "initialize partition: NULL argument");
	return mshv_ioctl_initialize_partition(partition->fd);
}

int mshv_partition_get_property(struct mshv_partition *partition, uint32_t code,
				uint64_t *value)
{
	if (!partition)
		return libmshv_fail(EINVAL, "get property: NULL argument");
	return mshv_hvcall_get_partition_property(partition->fd, code, value);
}

int mshv_partition_set_property(struct mshv_partition *partition, uint32_t code,
				uint64_t value)
{
	if (!partition)
		return libmshv_fail(EINVAL, "set property: NULL argument");
	return mshv_hvcall_set_partition_property(partition->fd, code, value);
}

int mshv_partition_get_property_ex(struct mshv_partition *partition,
				   uint32_t code, uint64_t arg, void *buf,
				   size_t size)
{
	if (!partition)
		return libmshv_fail(EINVAL, "get property: NULL argument");
	return mshv_hvcall_get_partition_property_ex(partition->fd, code, arg,
						     buf, size);
}

int mshv_partition_install_intercept(struct mshv_partition *partition,
				     uint32_t access, uint32_t type,
				     uint64_t parameter)
{
	if (!partition)
		return libmshv_fail(EINVAL, "install intercept: NULL argument");
	return mshv_hvcall_install_intercept(partition->fd, access, type,
					     parameter);
}

int mshv_partition_get_vp_registers(struct mshv_partition *partition,
				    uint32_t vp_index,
				    struct hv_register_assoc *registers,
				    size_t count)
{
	if (!partition)
		return libmshv_fail(EINVAL, "get VP registers: NULL argument");
	return mshv_hvcall_get_vp_registers(partition->fd, vp_index, 0,
					    registers, count);
}

int mshv_partition_set_vp_registers(struct mshv_partition *partition,
				    uint32_t vp_index,
				    const struct hv_register_assoc *registers,
				    size_t count)
{
	if (!partition)
		return libmshv_fail(EINVAL, "set VP registers: NULL argument");
	return mshv_hvcall_set_vp_registers(partition->fd, vp_index, 0,
					    registers, count);
}
