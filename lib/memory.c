// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Guest memory. See <mshv/partition.h>.
 *
 * The driver answers EINVAL to a dozen different mistakes and doesn't notice a
 * range that wraps around; so they are told apart here before it is asked.
 */
#include "config.h"

#include <errno.h>

#include <mshv/ioctl.h>

#include "internal.h"

#define PAGE_MASK	(MSHV_HV_PAGE_SIZE - 1ULL)
#define ACCESS_FLAGS	(LIBMSHV_MEMORY_WRITABLE | LIBMSHV_MEMORY_EXECUTABLE)

int libmshv_memory_range_check(const struct mshv_partition *partition,
			       uint64_t gpa, const void *addr,
			       uint64_t size_bytes)
{
	uint64_t hva = (uintptr_t)addr;

	if (!partition)
		return libmshv_fail(EINVAL, "guest memory: NULL argument");
	if (!size_bytes)
		return libmshv_fail(EINVAL, "guest memory: size is 0");
	if (size_bytes & PAGE_MASK)
		return libmshv_fail(EINVAL,
				    "guest memory: size is not a multiple of 4096");
	if (gpa & PAGE_MASK)
		return libmshv_fail(EINVAL,
				    "guest memory: guest address is not a multiple of 4096");
	if (hva & PAGE_MASK)
		return libmshv_fail(EINVAL,
				    "guest memory: address is not a multiple of 4096");
	if (gpa + (size_bytes - 1) < gpa)
		return libmshv_fail(EINVAL,
				    "guest memory: guest address range wraps around");
	if (hva + (size_bytes - 1) < hva)
		return libmshv_fail(EINVAL,
				    "guest memory: address range wraps around");
	return 0;
}

static int set_memory(const struct mshv_partition *partition, uint64_t gpa,
		      const void *addr, uint64_t size_bytes, uint8_t flags)
{
	struct mshv_user_mem_region region = {
		.size = size_bytes,
		.guest_pfn = gpa / MSHV_HV_PAGE_SIZE,
		.userspace_addr = (uintptr_t)addr,
		.flags = flags,
	};

	return mshv_ioctl_set_guest_memory(partition->fd, &region);
}

int mshv_partition_map_memory(struct mshv_partition *partition, uint64_t gpa,
			      void *addr, uint64_t size_bytes, uint32_t flags)
{
	int ret = libmshv_memory_range_check(partition, gpa, addr, size_bytes);

	if (ret)
		return ret;
	if (flags & ~(uint32_t)ACCESS_FLAGS)
		return libmshv_fail(EINVAL, "guest memory: unknown flags");

	ret = set_memory(partition, gpa, addr, size_bytes, (uint8_t)flags);
	if (ret == -EEXIST)
		libmshv_error_set_what("map guest memory: overlaps memory that the guest has");
	else if (ret == -EINVAL)
		libmshv_error_set_what("map guest memory: nothing mapped at the address, or refused by the hypervisor");
	else if (ret)
		libmshv_error_set_what("map guest memory");
	return ret;
}

int mshv_partition_unmap_memory(struct mshv_partition *partition, uint64_t gpa,
				void *addr, uint64_t size_bytes)
{
	int ret = libmshv_memory_range_check(partition, gpa, addr, size_bytes);

	if (ret)
		return ret;

	ret = set_memory(partition, gpa, addr, size_bytes,
			 1 << MSHV_SET_MEM_BIT_UNMAP);
	if (ret == -ENOENT)
		libmshv_error_set_what("unmap guest memory: the guest has none there");
	else if (ret == -EINVAL)
		libmshv_error_set_what("unmap guest memory: not exactly one earlier mapping");
	else if (ret)
		libmshv_error_set_what("unmap guest memory");
	return ret;
}
