/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * One thin call per ioctl of the mshv_vtl driver. What <mshv/ioctl.h> says of
 * its calls holds for these. The objects are in <mshv/vtl.h>.
 */
#ifndef MSHV_IOCTL_VTL_H
#define MSHV_IOCTL_VTL_H

#include <mshv/export.h>
#include <mshv/uapi.h>

LIBMSHV_BEGIN_DECLS

/**
 * mshv_ioctl_create_vtl() - MSHV_CREATE_VTL
 * @dev_fd: /dev/mshv of the mshv_vtl driver
 *
 * Context: Any thread.
 * Return: the fd of the VTL (close-on-exec), the caller closes it; or an error,
 * -ENOTTY if the driver is mshv_root.
 * Since: 0.1
 */
int mshv_ioctl_create_vtl(int dev_fd);

/**
 * mshv_ioctl_get_vp_registers() - MSHV_GET_VP_REGISTERS
 * @vtl_fd: a VTL
 * @args: one register, in and out
 *
 * Context: A thread on the CPU whose VP is meant.
 * Return: 0 or an error, -EINVAL unless @args->count is 1.
 * Since: 0.1
 */
int mshv_ioctl_get_vp_registers(int vtl_fd,
				const struct mshv_vp_registers *args);

/**
 * mshv_ioctl_set_vp_registers() - MSHV_SET_VP_REGISTERS
 * @vtl_fd: a VTL
 * @args: one register
 *
 * Context: A thread on the CPU whose VP is meant.
 * Return: 0 or an error, -EINVAL unless @args->count is 1.
 * Since: 0.1
 */
int mshv_ioctl_set_vp_registers(int vtl_fd,
				const struct mshv_vp_registers *args);

/**
 * mshv_ioctl_add_vtl0_memory() - MSHV_ADD_VTL0_MEMORY
 * @vtl_fd: a VTL
 * @args: pages from start_pfn up to, but without, last_pfn
 *
 * There is no way back as long as the kernel runs.
 *
 * Context: Any thread.
 * Return: 0 or an error, -EFAULT also for an empty range.
 * Since: 0.1
 */
int mshv_ioctl_add_vtl0_memory(int vtl_fd,
			       const struct mshv_vtl_ram_disposition *args);

/**
 * mshv_ioctl_set_poll_file() - MSHV_SET_POLL_FILE
 * @vtl_fd: a VTL
 * @args: CPU and fd
 *
 * Context: Any thread.
 * Return: 0 or an error, -EBADFD if fd is not open.
 * Since: 0.1
 */
int mshv_ioctl_set_poll_file(int vtl_fd,
			     const struct mshv_vtl_set_poll_file *args);

/**
 * mshv_ioctl_return_to_lower_vtl() - MSHV_RETURN_TO_LOWER_VTL
 * @vtl_fd: a VTL
 *
 * Context: A thread that is bound to the CPU whose VP is to run.
 * Return: 0 if there is a message in the run page; or an error, -EINTR if a
 * signal came, or if cancel is set in the run page.
 * Since: 0.1
 */
int mshv_ioctl_return_to_lower_vtl(int vtl_fd);

/**
 * mshv_ioctl_sint_signal_event() - MSHV_SINT_SIGNAL_EVENT
 * @sint_fd: /dev/mshv_sint
 * @args: connection and flag
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_sint_signal_event(int sint_fd,
				 const struct mshv_vtl_signal_event *args);

/**
 * mshv_ioctl_sint_post_message() - MSHV_SINT_POST_MESSAGE
 * @sint_fd: /dev/mshv_sint
 * @args: connection, type and payload
 *
 * Context: Any thread.
 * Return: 0 or an error, -EINVAL for more than HV_MESSAGE_PAYLOAD_BYTE_COUNT;
 * -EIO if the hypervisor refused, and mshv_last_error()->hv_status says why.
 * Since: 0.1
 */
int mshv_ioctl_sint_post_message(int sint_fd,
				 const struct mshv_vtl_sint_post_msg *args);

/**
 * mshv_ioctl_sint_set_eventfd() - MSHV_SINT_SET_EVENTFD
 * @sint_fd: /dev/mshv_sint
 * @args: eventfd, negative for none, and flag
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_sint_set_eventfd(int sint_fd,
				const struct mshv_vtl_set_eventfd *args);

/**
 * mshv_ioctl_sint_pause_message_stream() - MSHV_SINT_PAUSE_MESSAGE_STREAM
 * @sint_fd: /dev/mshv_sint
 * @args: whether to pause
 *
 * Has the number of MSHV_SET_POLL_FILE; the kind of fd decides which it is.
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_sint_pause_message_stream(int sint_fd,
					 const struct mshv_sint_mask *args);

/**
 * mshv_ioctl_hvcall_setup() - MSHV_HVCALL_SETUP
 * @hvcall_fd: /dev/mshv_hvcall
 * @args: bitmap of the codes that are allowed; can be set once
 *
 * Context: Any thread.
 * Return: 0 or an error, -EINVAL the second time.
 * Since: 0.1
 */
int mshv_ioctl_hvcall_setup(int hvcall_fd,
			    const struct mshv_vtl_hvcall_setup *args);

/**
 * mshv_ioctl_hvcall() - MSHV_HVCALL
 * @hvcall_fd: /dev/mshv_hvcall
 * @args: control word, buffers, and the result word (out)
 *
 * Context: Any thread.
 * Return: 0 if the hypervisor was asked, whatever it said; or an error, -EPERM
 * if the code is not allowed.
 * Since: 0.1
 */
int mshv_ioctl_hvcall(int hvcall_fd, struct mshv_vtl_hvcall *args);

LIBMSHV_END_DECLS

#endif /* MSHV_IOCTL_VTL_H */
