// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The other devices of a paravisor. See <mshv/vtl_devices.h>.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vtl-internal.h"

struct mshv_sint {
	int fd;
};

struct mshv_vtl_low {
	int fd;
};

struct mshv_gate {
	int fd;
};

/* Bits of the codes that are allowed, as much as the kernel takes. */
#define BITMAP_SIZE	((UINT16_MAX + 1) / 8)

/* A hypervisor that runs out of time so often, and does nothing, won't stop. */
#define TIMEOUTS_MAX	4096

/* All three kinds of handle are a fd and nothing else. */
static int handle_new(int fd, const char *what, void *out)
{
	int *handle = malloc(sizeof(*handle));

	if (!handle)
		return libmshv_fail(ENOMEM, what);
	*handle = fd;
	memcpy(out, &handle, sizeof(handle));
	return 0;
}

static int handle_open(const char *path, int flags, const char *what, void *out)
{
	int fd = open(path, flags | O_CLOEXEC), ret;

	if (fd < 0)
		return libmshv_fail(errno, what);
	ret = handle_new(fd, what, out);
	if (ret)
		libmshv_fd_close(fd);
	return ret;
}

static int handle_from_fd(int fd, const char *what, void *out)
{
	int ret = libmshv_fd_check(fd, what);

	return ret ? ret : handle_new(fd, what, out);
}

static void handle_close(void *handle)
{
	if (!handle)
		return;
	libmshv_fd_close(*(int *)handle);
	free(handle);
}

int mshv_sint_open(const char *path, int nonblocking, struct mshv_sint **out)
{
	if (!out)
		return libmshv_fail(EINVAL, "open message device: NULL argument");
	*out = NULL;
	return handle_open(path ? path : LIBMSHV_SINT_PATH,
			   O_RDWR | (nonblocking ? O_NONBLOCK : 0),
			   "open message device", out);
}

int mshv_sint_from_fd(int fd, struct mshv_sint **out)
{
	if (!out)
		return libmshv_fail(EINVAL, "message device: NULL argument");
	*out = NULL;
	return handle_from_fd(fd, "message device", out);
}

void mshv_sint_close(struct mshv_sint *sint)
{
	handle_close(sint);
}

int mshv_sint_fd(const struct mshv_sint *sint)
{
	if (!sint)
		return libmshv_fail(EINVAL, "message device: NULL argument");
	return sint->fd;
}

int mshv_sint_read(struct mshv_sint *sint, struct hv_message *message)
{
	ssize_t got;

	if (!sint || !message)
		return libmshv_fail(EINVAL, "read message: NULL argument");
	got = read(sint->fd, message, sizeof(*message));
	if (got < 0)
		return libmshv_fail(errno, "read message");
	if (!got)
		return libmshv_fail(ENODATA, "read message: paused, and none left");
	if ((size_t)got != sizeof(*message))
		return libmshv_fail(EPROTO, "read message: a part of one");
	return 0;
}

int mshv_sint_pause(struct mshv_sint *sint, int pause)
{
	struct mshv_sint_mask args = { .mask = !!pause };

	if (!sint)
		return libmshv_fail(EINVAL, "pause messages: NULL argument");
	return mshv_ioctl_sint_pause_message_stream(sint->fd, &args);
}

int mshv_sint_set_eventfd(struct mshv_sint *sint, uint32_t flag, int eventfd)
{
	struct mshv_vtl_set_eventfd args = { .fd = eventfd, .flag = flag };

	if (!sint)
		return libmshv_fail(EINVAL, "set eventfd of a flag: NULL argument");
	return mshv_ioctl_sint_set_eventfd(sint->fd, &args);
}

int mshv_sint_signal_event(struct mshv_sint *sint, uint32_t connection_id,
			   uint32_t flag)
{
	struct mshv_vtl_signal_event args = {
		.connection_id = connection_id, .flag = flag,
	};

	if (!sint)
		return libmshv_fail(EINVAL, "signal event: NULL argument");
	return mshv_ioctl_sint_signal_event(sint->fd, &args);
}

int mshv_sint_post_message(struct mshv_sint *sint, uint32_t connection_id,
			   uint64_t type, const void *payload, size_t size)
{
	struct mshv_vtl_sint_post_msg args = {
		.message_type = type,
		.connection_id = connection_id,
		.payload_size = (uint32_t)size,
		.payload_ptr = (uintptr_t)payload,
	};

	if (!sint || (!payload && size))
		return libmshv_fail(EINVAL, "post message: NULL argument");
	if (size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return libmshv_fail(EINVAL, "post message: too long");
	return mshv_ioctl_sint_post_message(sint->fd, &args);
}

int mshv_vtl_low_open(const char *path, struct mshv_vtl_low **out)
{
	if (!out)
		return libmshv_fail(EINVAL, "open memory device: NULL argument");
	*out = NULL;
	return handle_open(path ? path : LIBMSHV_VTL_LOW_PATH, O_RDWR,
			   "open memory device", out);
}

int mshv_vtl_low_from_fd(int fd, struct mshv_vtl_low **out)
{
	if (!out)
		return libmshv_fail(EINVAL, "memory device: NULL argument");
	*out = NULL;
	return handle_from_fd(fd, "memory device", out);
}

void mshv_vtl_low_close(struct mshv_vtl_low *low)
{
	handle_close(low);
}

int mshv_vtl_low_map(struct mshv_vtl_low *low, uint64_t gpa,
		     uint64_t size_bytes, int writable, void **addr)
{
	void *mapped;

	if (!addr)
		return libmshv_fail(EINVAL, "map memory of VTL 0: NULL argument");
	*addr = NULL;
	if (!low)
		return libmshv_fail(EINVAL, "map memory of VTL 0: NULL argument");
	if (!size_bytes || (gpa | size_bytes) % MSHV_HV_PAGE_SIZE)
		return libmshv_fail(EINVAL,
				    "map memory of VTL 0: empty, or not a multiple of 4096");
	/* the offset of a file has a sign */
	if (gpa > INT64_MAX || size_bytes > INT64_MAX - gpa)
		return libmshv_fail(EINVAL, "map memory of VTL 0: out of range");

	mapped = mmap(NULL, size_bytes, PROT_READ | (writable ? PROT_WRITE : 0),
		      MAP_SHARED, low->fd, (off_t)gpa);
	if (mapped == MAP_FAILED)
		return libmshv_fail(errno, "map memory of VTL 0");
	*addr = mapped;
	return 0;
}

int mshv_gate_open(const char *path, const uint16_t *codes, size_t count,
		   struct mshv_gate **out)
{
	uint8_t bitmap[BITMAP_SIZE] = { 0 };
	struct mshv_vtl_hvcall_setup args = {
		.bitmap_array_size = sizeof(bitmap),
		.allow_bitmap_ptr = (uintptr_t)bitmap,
	};
	size_t i;
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "open hypercall device: NULL argument");
	*out = NULL;
	if (!codes && count)
		return libmshv_fail(EINVAL, "open hypercall device: NULL argument");

	/* The kernel sees longs; on the processors it exists for it's the same. */
	for (i = 0; i < count; i++)
		bitmap[codes[i] / 8] |= (uint8_t)(1 << codes[i] % 8);
	ret = handle_open(path ? path : LIBMSHV_GATE_PATH, O_RDWR,
			  "open hypercall device", out);
	if (ret)
		return ret;
	ret = mshv_ioctl_hvcall_setup((*out)->fd, &args);
	if (ret) {
		mshv_gate_close(*out);
		*out = NULL;
	}
	return ret;
}

int mshv_gate_from_fd(int fd, struct mshv_gate **out)
{
	if (!out)
		return libmshv_fail(EINVAL, "hypercall device: NULL argument");
	*out = NULL;
	return handle_from_fd(fd, "hypercall device", out);
}

void mshv_gate_close(struct mshv_gate *gate)
{
	handle_close(gate);
}

static int check_call(const struct mshv_gate_call *call)
{
	if ((!call->in && call->in_size) || (!call->out && call->out_size))
		return libmshv_fail(EINVAL, "hypercall: NULL argument");
	if (call->in_size > MSHV_HV_PAGE_SIZE ||
	    call->out_size > MSHV_HV_PAGE_SIZE)
		return libmshv_fail(EINVAL, "hypercall: more than a page");
	/* 12 and 10 bits of the control word */
	if (call->reps >= 1 << 12 || call->header_qwords >= 1 << 10 ||
	    call->reserved)
		return libmshv_fail(EINVAL, "hypercall: a number is out of range");
	if (call->reps && call->out_size % call->reps)
		return libmshv_fail(EINVAL,
				    "hypercall: output of no whole number of elements");
	return 0;
}

static int call_failed(const struct mshv_gate_call *call, int err,
		       uint16_t status, uint16_t done)
{
	int ret = libmshv_fail_ioctl(err, MSHV_HVCALL, "hypercall");

	libmshv_error_set_hvcall(call->code, status);
	if (call->reps && done < call->reps)
		libmshv_error_set_index(done);
	return ret;
}

/*
 * The kernel clears the output before each hypercall, so that one which resumes
 * a list comes with the output of its own elements only: keep those.
 */
static void keep_output(const struct mshv_gate_call *call, const uint8_t *out,
			uint16_t from, uint16_t to)
{
	size_t element;

	if (!call->reps) {
		from = 0;
		to = 1;
	}
	element = call->out_size / (call->reps ? call->reps : 1);
	if (call->out_size)
		memcpy((uint8_t *)call->out + from * element,
		       out + from * element, (size_t)(to - from) * element);
}

int mshv_gate_call(struct mshv_gate *gate, const struct mshv_gate_call *call)
{
	uint8_t out[MSHV_HV_PAGE_SIZE];
	uint16_t status, done = 0, before;
	unsigned int timeouts = 0;
	int ret;

	if (!gate || !call)
		return libmshv_fail(EINVAL, "hypercall: NULL argument");
	ret = check_call(call);
	if (ret)
		return ret;

	do {
		struct mshv_vtl_hvcall args = {
			.control = call->code |
				(uint64_t)call->header_qwords << HV_HYPERCALL_VARHEAD_OFFSET |
				(uint64_t)call->reps << HV_HYPERCALL_REP_COMP_OFFSET |
				(uint64_t)done << HV_HYPERCALL_REP_START_OFFSET,
			.input_size = call->in_size,
			.input_ptr = (uintptr_t)call->in,
			.output_size = call->out_size,
			.output_ptr = (uintptr_t)out,
		};

		ret = mshv_ioctl_hvcall(gate->fd, &args);
		if (ret) {
			libmshv_error_set_hvcall(call->code, 0);
			return ret;
		}
		before = done;
		status = (uint16_t)(args.status & HV_HYPERCALL_RESULT_MASK);
		if (call->reps)
			done = (uint16_t)((args.status & HV_HYPERCALL_REP_COMP_MASK) >>
					  HV_HYPERCALL_REP_COMP_OFFSET);
		if (done > call->reps || done < before)
			return call_failed(call, EPROTO, status, call->reps);
		if (call->reps || !status)
			keep_output(call, out, before, done);
		timeouts = done == before ? timeouts + 1 : 0;
	} while (status == HV_STATUS_TIME_OUT && done < call->reps &&
		 timeouts < TIMEOUTS_MAX);

	if (status)
		return call_failed(call, EIO, status, done);
	if (done != call->reps)
		return call_failed(call, EPROTO, status, done);
	return 0;
}
