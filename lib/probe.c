// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What does the driver behind /dev/mshv take? Asked with calls that can't have
 * an effect, because there is no call to ask.
 *
 * MSHV_CREATE_PARTITION first copies the 16 bytes of its first version, checks
 * the flags and the isolation (EINVAL), and if the flag for processor features
 * is set, copies the rest of the second version. So the 16 bytes are put at the
 * end of a page with nothing behind it: EFAULT then means that the kernel
 * accepted flags and isolation and wanted to read on, EINVAL that it didn't.
 * Either way no partition comes into being.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/ioctl.h>

#include "internal.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)

/* The last one we know; MSHV_PT_BIT_COUNT depends on the system's header. */
#define LAST_FLAG	MSHV_PT_BIT_SMT_ENABLED_GUEST

/* What the first driver (Linux 6.15) takes, where the trick can't look. */
#define FIRST_FLAGS	(FLAG(LAPIC) | FLAG(X2APIC) | FLAG(GPA_SUPER_PAGES))

/* As long as the first version that had this structure. */
#define INFO_SIZE_MIN	sizeof(struct mshv_dev_info)
#define INFO_SIZE_MAX	4096

struct fence {
	char *pages;
	size_t page_size;
};

static int fence_map(struct fence *fence)
{
	fence->page_size = (size_t)sysconf(_SC_PAGESIZE);
	fence->pages = mmap(NULL, 2 * fence->page_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fence->pages == MAP_FAILED)
		return libmshv_fail(errno, "probe: no memory");

	if (mprotect(fence->pages + fence->page_size, fence->page_size,
		     PROT_NONE) < 0) {
		int err = errno;

		munmap(fence->pages, 2 * fence->page_size);
		return libmshv_fail(err, "probe: no memory");
	}
	return 0;
}

static void fence_unmap(struct fence *fence)
{
	munmap(fence->pages, 2 * fence->page_size);
}

/* Returns -EFAULT for "yes", -EINVAL for "no". */
static int try_create(int fd, struct fence *fence, uint64_t flags,
		      uint64_t isolation)
{
	struct mshv_create_partition v1 = {
		.pt_flags = flags | FLAG(CPU_AND_XSAVE_FEATURES),
		.pt_isolation = isolation,
	};
	void *args = fence->pages + fence->page_size - sizeof(v1);
	int ret;

	memcpy(args, &v1, sizeof(v1));
	ret = libmshv_ioctl(fd, MSHV_CREATE_PARTITION, args, "probe");

	/* A driver for which the flag means something else: undo it. */
	if (ret >= 0) {
		libmshv_fd_close(ret);
		return -EINVAL;
	}
	return ret;
}

static void probe_create(int fd, struct fence *fence,
			 struct mshv_dev_info *info)
{
	unsigned int bit;
	int ret;

	ret = try_create(fd, fence, 0, MSHV_PT_ISOLATION_NONE);
	if (ret != -EFAULT && ret != -EINVAL)
		return;

	info->driver = LIBMSHV_DRIVER_ROOT;
	info->create_flags = FIRST_FLAGS;
	info->isolations = 1ULL << MSHV_PT_ISOLATION_NONE;
	if (ret == -EINVAL)
		return;

	info->features |= LIBMSHV_DEV_CREATE_V2;
	info->create_flags = 0;
	for (bit = 0; bit <= LAST_FLAG; bit++)
		if (try_create(fd, fence, 1ULL << bit,
			       MSHV_PT_ISOLATION_NONE) == -EFAULT)
			info->create_flags |= 1ULL << bit;

	/* Isolations are numbered without gaps. */
	for (bit = MSHV_PT_ISOLATION_NONE + 1; bit < 64; bit++) {
		if (try_create(fd, fence, 0, bit) != -EFAULT)
			break;
		info->isolations |= 1ULL << bit;
	}
}

/* The hypervisor answered, be it with a refusal: the kernel let it through. */
static bool passed_on(int ret)
{
	return !ret || mshv_last_error()->hv_status;
}

static void probe_properties(int fd, struct mshv_dev_info *info)
{
	struct hv_partition_property_vmm_capabilities caps;
	uint64_t value;
	int ret;

	ret = mshv_hvcall_get_partition_property(fd,
			HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0, &value);
	if (passed_on(ret))
		info->features |= LIBMSHV_DEV_PROPERTY;

	memset(&caps, 0, sizeof(caps));
	ret = mshv_hvcall_get_partition_property_ex(fd,
			HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0, &caps,
			sizeof(caps));
	if (passed_on(ret))
		info->features |= LIBMSHV_DEV_PROPERTY_EX;
	if (!ret && caps.bank_count) {
		info->features |= LIBMSHV_DEV_VMM_CAPABILITIES;
		info->vmm_capabilities = caps.as_uint64[0];
	}
}

int mshv_dev_probe(struct mshv_dev *dev, struct mshv_dev_info *info)
{
	struct mshv_dev_info found = { .driver = LIBMSHV_DRIVER_UNKNOWN };
	struct mshv_error before = *mshv_last_error();
	struct fence fence;
	size_t size;
	int ret;

	if (!dev || !info)
		return libmshv_fail(EINVAL, "probe: NULL argument");
	size = info->size;
	if (size < INFO_SIZE_MIN)
		return libmshv_fail(EINVAL, "probe: size not set");
	if (size > INFO_SIZE_MAX)
		return libmshv_fail(E2BIG, "probe: size too large");

	ret = fence_map(&fence);
	if (ret)
		return ret;

	/* mshv_root has no such ioctl. */
	if (mshv_ioctl_check_extension(dev->fd, MSHV_CAP_CORE_API_STABLE) >= 0)
		found.driver = LIBMSHV_DRIVER_VTL;
	else
		probe_create(dev->fd, &fence, &found);
	fence_unmap(&fence);

	if (found.driver == LIBMSHV_DRIVER_ROOT)
		probe_properties(dev->fd, &found);

	/* What was refused on the way is an answer. */
	libmshv_error_restore(&before);
	found.size = size;
	memset(info, 0, size);
	memcpy(info, &found, size < sizeof(found) ? size : sizeof(found));
	return 0;
}
