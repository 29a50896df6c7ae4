// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * One call per ioctl. See <mshv/ioctl.h>.
 */
#include "config.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <mshv/ioctl.h>

#include "internal.h"

/* The number of an ioctl carries the size of its argument: hold us to it. */
#define ASSERT_SIZE(request, type) \
	_Static_assert(_IOC_SIZE(request) == sizeof(type), \
		       #request " does not take a " #type)

ASSERT_SIZE(MSHV_CREATE_PARTITION, struct mshv_create_partition);
ASSERT_SIZE(MSHV_CHECK_EXTENSION, uint32_t);
ASSERT_SIZE(MSHV_CREATE_VP, struct mshv_create_vp);
ASSERT_SIZE(MSHV_SET_GUEST_MEMORY, struct mshv_user_mem_region);
ASSERT_SIZE(MSHV_IRQFD, struct mshv_user_irqfd);
ASSERT_SIZE(MSHV_IOEVENTFD, struct mshv_user_ioeventfd);
ASSERT_SIZE(MSHV_SET_MSI_ROUTING, struct mshv_user_irq_table);
ASSERT_SIZE(MSHV_GET_GPAP_ACCESS_BITMAP, struct mshv_gpap_access_bitmap);
ASSERT_SIZE(MSHV_ROOT_HVCALL, struct mshv_root_hvcall);
ASSERT_SIZE(MSHV_RUN_VP, struct mshv_run_vp);
ASSERT_SIZE(MSHV_GET_VP_STATE, struct mshv_get_set_vp_state);
ASSERT_SIZE(MSHV_SET_VP_STATE, struct mshv_get_set_vp_state);

/* The second version begins with the first, whose size the number carries. */
_Static_assert(offsetof(struct mshv_create_partition_v2, pt_num_cpu_fbanks) ==
	       sizeof(struct mshv_create_partition),
	       "mshv_create_partition_v2 does not begin with version 1");

#define CPU_FEATURES	(1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)

static int no_argument(const char *what)
{
	return libmshv_fail(EINVAL, what);
}

int mshv_ioctl_create_partition(int dev_fd,
				const struct mshv_create_partition *args)
{
	if (!args)
		return no_argument("create partition: NULL argument");
	/* The kernel would read 48 bytes that are not there. */
	if (args->pt_flags & CPU_FEATURES)
		return libmshv_fail(EINVAL,
				    "create partition: feature flag without features");
	return libmshv_ioctl(dev_fd, MSHV_CREATE_PARTITION, args,
			     "create partition");
}

int mshv_ioctl_create_partition_v2(int dev_fd,
				   const struct mshv_create_partition_v2 *args)
{
	if (!args)
		return no_argument("create partition: NULL argument");
	/* The kernel would ignore all that makes this version 2. */
	if (!(args->pt_flags & CPU_FEATURES))
		return libmshv_fail(EINVAL,
				    "create partition: features without feature flag");
	return libmshv_ioctl(dev_fd, MSHV_CREATE_PARTITION, args,
			     "create partition");
}

int mshv_ioctl_check_extension(int dev_fd, uint32_t capability)
{
	return libmshv_ioctl(dev_fd, MSHV_CHECK_EXTENSION, &capability,
			     "check extension");
}

int mshv_ioctl_initialize_partition(int partition_fd)
{
	return libmshv_ioctl0(partition_fd, MSHV_INITIALIZE_PARTITION, NULL,
			      "initialize partition");
}

int mshv_ioctl_create_vp(int partition_fd, uint32_t vp_index)
{
	struct mshv_create_vp args = { .vp_index = vp_index };

	return libmshv_ioctl(partition_fd, MSHV_CREATE_VP, &args, "create VP");
}

int mshv_ioctl_set_guest_memory(int partition_fd,
				const struct mshv_user_mem_region *region)
{
	if (!region)
		return no_argument("set guest memory: NULL argument");
	return libmshv_ioctl0(partition_fd, MSHV_SET_GUEST_MEMORY, region,
			      "set guest memory");
}

int mshv_ioctl_irqfd(int partition_fd, const struct mshv_user_irqfd *args)
{
	if (!args)
		return no_argument("irqfd: NULL argument");
	return libmshv_ioctl0(partition_fd, MSHV_IRQFD, args, "irqfd");
}

int mshv_ioctl_ioeventfd(int partition_fd,
			 const struct mshv_user_ioeventfd *args)
{
	if (!args)
		return no_argument("ioeventfd: NULL argument");
	return libmshv_ioctl0(partition_fd, MSHV_IOEVENTFD, args, "ioeventfd");
}

int mshv_ioctl_set_msi_routing(int partition_fd,
			       const struct mshv_user_irq_table *table)
{
	if (!table)
		return no_argument("set MSI routing: NULL argument");
	return libmshv_ioctl0(partition_fd, MSHV_SET_MSI_ROUTING, table,
			      "set MSI routing");
}

int mshv_ioctl_get_gpap_access_bitmap(int partition_fd,
				      struct mshv_gpap_access_bitmap *args)
{
	if (!args)
		return no_argument("get page access bitmap: NULL argument");
	return libmshv_ioctl0(partition_fd, MSHV_GET_GPAP_ACCESS_BITMAP, args,
			      "get page access bitmap");
}

int mshv_ioctl_root_hvcall(int fd, struct mshv_root_hvcall *args)
{
	uint16_t status_in, reps;
	int ret;

	if (!args)
		return no_argument("hypercall: NULL argument");

	status_in = args->status;
	reps = args->reps;
	ret = libmshv_ioctl0(fd, MSHV_ROOT_HVCALL, args, "hypercall");
	if (!ret)
		return 0;

	/* A status that the caller left there was refused, not returned. */
	if (status_in) {
		libmshv_error_set_hvcall(args->code, 0);
		return ret;
	}
	libmshv_error_set_hvcall(args->code, args->status);
	/* Which element failed; a kernel that has done all of them doesn't know. */
	if (args->status && args->reps < reps)
		libmshv_error_set_index(args->reps);
	return ret;
}

int mshv_ioctl_run_vp(int vp_fd, struct mshv_run_vp *args)
{
	if (!args)
		return no_argument("run VP: NULL argument");
	return libmshv_ioctl0(vp_fd, MSHV_RUN_VP, args, "run VP");
}

int mshv_ioctl_get_vp_state(int vp_fd, struct mshv_get_set_vp_state *args)
{
	if (!args)
		return no_argument("get VP state: NULL argument");
	return libmshv_ioctl0(vp_fd, MSHV_GET_VP_STATE, args, "get VP state");
}

int mshv_ioctl_set_vp_state(int vp_fd, struct mshv_get_set_vp_state *args)
{
	if (!args)
		return no_argument("set VP state: NULL argument");
	return libmshv_ioctl0(vp_fd, MSHV_SET_VP_STATE, args, "set VP state");
}
