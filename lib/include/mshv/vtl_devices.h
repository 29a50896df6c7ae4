/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The other devices of a paravisor: messages and events of the host, memory of
 * VTL 0, and hypercalls. See <mshv/vtl.h>.
 */
#ifndef MSHV_VTL_DEVICES_H
#define MSHV_VTL_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>

LIBMSHV_BEGIN_DECLS

struct hv_message;
struct mshv_sint;
struct mshv_vtl_low;
struct mshv_gate;

#define LIBMSHV_SINT_PATH	"/dev/mshv_sint"
#define LIBMSHV_VTL_LOW_PATH	"/dev/mshv_vtl_low"
#define LIBMSHV_GATE_PATH	"/dev/mshv_hvcall"

/**
 * mshv_sint_open() - Open the device of messages and events
 * @path: path of the device, or NULL for /dev/mshv_sint
 * @nonblocking: not 0: mshv_sint_read() doesn't wait
 * @out: where to put the handle; set to NULL on failure
 *
 * The stream of messages is paused at first, see mshv_sint_pause().
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_sint_close(); or -EINVAL if @out
 * is NULL, -ENOMEM, or an errno of open(2).
 * Since: 0.1
 */
int mshv_sint_open(const char *path, int nonblocking, struct mshv_sint **out);

/**
 * mshv_sint_from_fd() - Make a handle of an fd that was opened elsewhere
 * @fd: an open /dev/mshv_sint. On success the handle owns it.
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_sint_close(); or -EINVAL if @out
 * is NULL, -EBADF if @fd is not open, -ENOMEM.
 * Since: 0.1
 */
int mshv_sint_from_fd(int fd, struct mshv_sint **out);

/**
 * mshv_sint_close() - Give up the device
 * @sint: the handle, or NULL
 *
 * Context: Any thread. errno is left alone.
 * Since: 0.1
 */
void mshv_sint_close(struct mshv_sint *sint);

/**
 * mshv_sint_fd() - The fd, for poll(2)
 * @sint: the handle
 *
 * Readable when there is a message, or the stream is paused.
 *
 * Context: Any thread.
 * Return: the fd, which the handle goes on owning; or -EINVAL.
 * Since: 0.1
 */
int mshv_sint_fd(const struct mshv_sint *sint);

/**
 * mshv_sint_read() - The next message of the host
 * @sint: the handle
 * @message: where to put it
 *
 * Waits for it, unless the fd is non-blocking.
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -ENODATA: the stream is paused, and there is no message left
 * * -EAGAIN: there is none yet, and the fd is non-blocking
 * * -EINTR: a signal arrived
 * * -EPROTO: the kernel gave a part of a message
 *
 * Since: 0.1
 */
int mshv_sint_read(struct mshv_sint *sint, struct hv_message *message);

/**
 * mshv_sint_pause() - Hold the stream of messages, or let it flow
 * @sint: the handle
 * @pause: not 0: hold it
 *
 * Context: Any thread. Reaches all users of the device.
 * Return: 0; or -EINVAL if @sint is NULL, or an error of the kernel.
 * Since: 0.1
 */
int mshv_sint_pause(struct mshv_sint *sint, int pause);

/**
 * mshv_sint_set_eventfd() - Tie an event flag of the host to an eventfd
 * @sint: the handle
 * @flag: number of the flag, 0 to 2047
 * @eventfd: what to signal, or -1 for nothing any more
 *
 * Context: Any thread.
 * Return: 0; or -EINVAL if @sint is NULL, @flag out of range or the fd no
 * eventfd, -EBADF if it is not open.
 * Since: 0.1
 */
int mshv_sint_set_eventfd(struct mshv_sint *sint, uint32_t flag, int eventfd);

/**
 * mshv_sint_signal_event() - Signal an event to the host
 * @sint: the handle
 * @connection_id: the connection
 * @flag: number of the flag
 *
 * Context: Any thread.
 * Return: 0; or -EINVAL if @sint is NULL or the hypervisor refused, -EIO.
 * Since: 0.1
 */
int mshv_sint_signal_event(struct mshv_sint *sint, uint32_t connection_id,
			   uint32_t flag);

/**
 * mshv_sint_post_message() - Send a message to the host
 * @sint: the handle
 * @connection_id: the connection
 * @type: type of the message
 * @payload: what it says
 * @size: length of @payload in bytes, up to HV_MESSAGE_PAYLOAD_BYTE_COUNT
 *
 * Context: Any thread.
 * Return: 0; or -EINVAL if @sint is NULL, @payload is NULL and @size isn't 0, or
 * it is too long; or -EIO if the hypervisor refused: mshv_last_error()->hv_status
 * says why.
 * Since: 0.1
 */
int mshv_sint_post_message(struct mshv_sint *sint, uint32_t connection_id,
			   uint64_t type, const void *payload, size_t size);

/**
 * mshv_vtl_low_open() - Open the device of VTL 0's memory
 * @path: path of the device, or NULL for /dev/mshv_vtl_low
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread, with CAP_SYS_ADMIN.
 * Return: 0, the caller closes @out with mshv_vtl_low_close(); or -EINVAL if
 * @out is NULL, -ENOMEM, or an errno of open(2).
 * Since: 0.1
 */
int mshv_vtl_low_open(const char *path, struct mshv_vtl_low **out);

/**
 * mshv_vtl_low_from_fd() - Make a handle of an fd that was opened elsewhere
 * @fd: an open /dev/mshv_vtl_low. On success the handle owns it.
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_vtl_low_close(); or -EINVAL if
 * @out is NULL, -EBADF if @fd is not open, -ENOMEM.
 * Since: 0.1
 */
int mshv_vtl_low_from_fd(int fd, struct mshv_vtl_low **out);

/**
 * mshv_vtl_low_close() - Give up the device
 * @low: the handle, or NULL
 *
 * What was mapped stays mapped. errno is left alone.
 *
 * Context: Any thread.
 * Since: 0.1
 */
void mshv_vtl_low_close(struct mshv_vtl_low *low);

/**
 * mshv_vtl_low_map() - Map memory of VTL 0
 * @low: the handle
 * @gpa: guest physical address, aligned to MSHV_HV_PAGE_SIZE
 * @size_bytes: how much, a multiple of MSHV_HV_PAGE_SIZE, not 0
 * @writable: not 0: also for writing
 * @addr: where to put the address; set to NULL on failure
 *
 * Whether VTL 0 has memory there is not checked: an access to a hole ends in
 * SIGBUS. The content is the guest's and may change at any time.
 *
 * Context: Any thread.
 * Return: 0, the caller unmaps @addr with munmap(2); or -EINVAL if a pointer is
 * NULL, something is misaligned, empty or out of range, or an errno of mmap(2).
 * Since: 0.1
 */
int mshv_vtl_low_map(struct mshv_vtl_low *low, uint64_t gpa,
		     uint64_t size_bytes, int writable, void **addr);

/**
 * mshv_gate_open() - Open the device of hypercalls, for some of them
 * @path: path of the device, or NULL for /dev/mshv_hvcall
 * @codes: HVCALL_* that shall be possible
 * @count: number of elements
 * @out: where to put the handle; set to NULL on failure
 *
 * The kernel refuses every other code for good.
 *
 * Context: Any thread, with CAP_SYS_ADMIN.
 * Return: 0, the caller closes @out with mshv_gate_close(); or -EINVAL if a
 * pointer is NULL, -ENOMEM, -ENOTTY if it is another device, or an errno of
 * open(2).
 * Since: 0.1
 */
int mshv_gate_open(const char *path, const uint16_t *codes, size_t count,
		   struct mshv_gate **out);

/**
 * mshv_gate_from_fd() - Make a handle of an fd that was set up elsewhere
 * @fd: an open /dev/mshv_hvcall. On success the handle owns it.
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_gate_close(); or -EINVAL if @out
 * is NULL, -EBADF if @fd is not open, -ENOMEM.
 * Since: 0.1
 */
int mshv_gate_from_fd(int fd, struct mshv_gate **out);

/**
 * mshv_gate_close() - Give up the device
 * @gate: the handle, or NULL
 *
 * Context: Any thread. errno is left alone.
 * Since: 0.1
 */
void mshv_gate_close(struct mshv_gate *gate);

/**
 * struct mshv_gate_call - A hypercall
 * @code: HVCALL_*
 * @reps: number of elements for a call that takes a list, else 0
 * @header_qwords: variable part of the header, in units of 8 bytes
 * @reserved: 0
 * @in: input, all of it: nothing is filled in by the kernel
 * @in_size: its length in bytes, up to MSHV_HV_PAGE_SIZE
 * @out: where to put the output
 * @out_size: its length in bytes, up to MSHV_HV_PAGE_SIZE; with @reps, a
 *	multiple of it, one part for each element
 *
 * Since: 0.1
 */
struct mshv_gate_call {
	uint16_t code;
	uint16_t reps;
	uint16_t header_qwords;
	uint16_t reserved;
	const void *in;
	size_t in_size;
	void *out;
	size_t out_size;
};

/**
 * mshv_gate_call() - Make a hypercall
 * @gate: the handle
 * @call: which one, with what
 *
 * A list that takes the hypervisor too long (HV_STATUS_TIME_OUT) is resumed
 * where it stopped, until it has stopped at the same element 4096 times.
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, a number is out of range
 * * -EPERM: the code was not among those of mshv_gate_open()
 * * -EIO: the hypervisor refused: mshv_last_error() says why and which element
 * * -ENOMEM: out of memory
 * * -EPROTO: the hypervisor claims to have done something else than asked for
 *
 * Since: 0.1
 */
int mshv_gate_call(struct mshv_gate *gate, const struct mshv_gate_call *call);

LIBMSHV_END_DECLS

#endif /* MSHV_VTL_DEVICES_H */
