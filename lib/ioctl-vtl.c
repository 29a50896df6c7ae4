// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * One call per ioctl of the mshv_vtl driver. See <mshv/ioctl_vtl.h>.
 */
#include "config.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <mshv/hv_hypercall.h>
#include <mshv/ioctl_vtl.h>

#include "internal.h"

#define ASSERT_SIZE(request, type) \
	_Static_assert(_IOC_SIZE(request) == sizeof(type), \
		       #request " does not take a " #type)

ASSERT_SIZE(MSHV_GET_VP_REGISTERS, struct mshv_vp_registers);
ASSERT_SIZE(MSHV_SET_VP_REGISTERS, struct mshv_vp_registers);
ASSERT_SIZE(MSHV_ADD_VTL0_MEMORY, struct mshv_vtl_ram_disposition);
ASSERT_SIZE(MSHV_SET_POLL_FILE, struct mshv_vtl_set_poll_file);
ASSERT_SIZE(MSHV_SINT_SIGNAL_EVENT, struct mshv_vtl_signal_event);
ASSERT_SIZE(MSHV_SINT_POST_MESSAGE, struct mshv_vtl_sint_post_msg);
ASSERT_SIZE(MSHV_SINT_SET_EVENTFD, struct mshv_vtl_set_eventfd);
ASSERT_SIZE(MSHV_SINT_PAUSE_MESSAGE_STREAM, struct mshv_sint_mask);
ASSERT_SIZE(MSHV_HVCALL_SETUP, struct mshv_vtl_hvcall_setup);
ASSERT_SIZE(MSHV_HVCALL, struct mshv_vtl_hvcall);

static int call(int fd, uint32_t request, const void *args, const char *what)
{
	if (!args)
		return libmshv_fail(EINVAL, what);
	return libmshv_ioctl0(fd, request, args, what);
}

int mshv_ioctl_create_vtl(int dev_fd)
{
	char ignored = 0;

	return libmshv_ioctl(dev_fd, MSHV_CREATE_VTL, &ignored, "create VTL");
}

int mshv_ioctl_get_vp_registers(int vtl_fd, const struct mshv_vp_registers *args)
{
	return call(vtl_fd, MSHV_GET_VP_REGISTERS, args, "get registers of VTL 0");
}

int mshv_ioctl_set_vp_registers(int vtl_fd, const struct mshv_vp_registers *args)
{
	return call(vtl_fd, MSHV_SET_VP_REGISTERS, args, "set registers of VTL 0");
}

int mshv_ioctl_add_vtl0_memory(int vtl_fd,
			       const struct mshv_vtl_ram_disposition *args)
{
	return call(vtl_fd, MSHV_ADD_VTL0_MEMORY, args, "add memory of VTL 0");
}

int mshv_ioctl_set_poll_file(int vtl_fd,
			     const struct mshv_vtl_set_poll_file *args)
{
	return call(vtl_fd, MSHV_SET_POLL_FILE, args, "set poll file");
}

int mshv_ioctl_return_to_lower_vtl(int vtl_fd)
{
	return libmshv_ioctl0(vtl_fd, MSHV_RETURN_TO_LOWER_VTL, NULL,
			      "return to lower VTL");
}

int mshv_ioctl_sint_signal_event(int sint_fd,
				 const struct mshv_vtl_signal_event *args)
{
	return call(sint_fd, MSHV_SINT_SIGNAL_EVENT, args, "signal event");
}

int mshv_ioctl_sint_post_message(int sint_fd,
				 const struct mshv_vtl_sint_post_msg *args)
{
	int ret;

	if (!args)
		return libmshv_fail(EINVAL, "post message");
	ret = libmshv_ioctl(sint_fd, MSHV_SINT_POST_MESSAGE, args, "post message");
	if (ret <= 0)
		return ret;
	/* Linux 7.2 gives the hypervisor's status as it is, as if it were success. */
	libmshv_fail_ioctl(EIO, MSHV_SINT_POST_MESSAGE, "post message");
	libmshv_error_set_hvcall(HVCALL_POST_MESSAGE, (uint16_t)ret);
	return -EIO;
}

int mshv_ioctl_sint_set_eventfd(int sint_fd,
				const struct mshv_vtl_set_eventfd *args)
{
	return call(sint_fd, MSHV_SINT_SET_EVENTFD, args, "set eventfd of a flag");
}

int mshv_ioctl_sint_pause_message_stream(int sint_fd,
					 const struct mshv_sint_mask *args)
{
	return call(sint_fd, MSHV_SINT_PAUSE_MESSAGE_STREAM, args,
		    "pause messages");
}

int mshv_ioctl_hvcall_setup(int hvcall_fd,
			    const struct mshv_vtl_hvcall_setup *args)
{
	return call(hvcall_fd, MSHV_HVCALL_SETUP, args, "allow hypercalls");
}

int mshv_ioctl_hvcall(int hvcall_fd, struct mshv_vtl_hvcall *args)
{
	return call(hvcall_fd, MSHV_HVCALL, args, "hypercall");
}
