// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The input stream, and the kernel that lives off it. */
#include "config.h"

#include <linux/ioctl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/ioctl_vtl.h>

#include "fuzz.h"

static const uint8_t *input;
static size_t left;
struct fuzz_kernel fuzz_kernel;

void fuzz_begin(const uint8_t *data, size_t size)
{
	input = data;
	left = size;
	memset(&fuzz_kernel, 0, sizeof(fuzz_kernel));
}

size_t fuzz_left(void)
{
	return left;
}

void fuzz_bytes(void *to, size_t size)
{
	size_t n = size < left ? size : left;

	if (n)
		memcpy(to, input, n);
	memset((char *)to + n, 0, size - n);
	input += n;
	left -= n;
}

#define NUMBER(bits) \
uint##bits##_t fuzz_u##bits(void) \
{ \
	uint##bits##_t value; \
\
	fuzz_bytes(&value, sizeof(value)); \
	return value; \
}
NUMBER(8)
NUMBER(16)
NUMBER(32)
NUMBER(64)

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static void answer_hvcall(struct mshv_root_hvcall *args)
{
	if (args->out_ptr)
		fuzz_bytes(pointer(args->out_ptr), args->out_sz);
	if (fuzz_kernel.willing)
		return;
	if (fuzz_u8() & 1)
		args->status = fuzz_u16();
	if (fuzz_u8() & 1)
		args->reps = fuzz_u16();
}

static void answer_state(struct mshv_get_set_vp_state *args)
{
	fuzz_bytes(pointer(args->buf_ptr), args->buf_sz);
	args->buf_sz = fuzz_kernel.willing ? fuzz_u8() * 16u + 16 :
		       fuzz_u32() >> (fuzz_u8() & 31);
}

/* One register of VTL 0. */
static void answer_register(const struct mshv_vp_registers *args)
{
	struct hv_register_assoc *reg = pointer(args->regs_ptr);

	fuzz_bytes(&reg->value, sizeof(reg->value));
}

/* Mostly that all elements are done. */
static void answer_gate(struct mshv_vtl_hvcall *args)
{
	fuzz_bytes(pointer(args->output_ptr), args->output_size);
	args->status = args->control & HV_HYPERCALL_REP_COMP_MASK;
	if (fuzz_u8() & 1)
		args->status = fuzz_u64();
	/* HV_STATUS_TIME_OUT: a part of them */
	if (fuzz_u8() & 1)
		args->status = (uint64_t)fuzz_u8() << HV_HYPERCALL_REP_COMP_OFFSET |
			       HV_STATUS_TIME_OUT;
}

static void answer(uint32_t request, void *arg)
{
	struct mshv_gpap_access_bitmap *bitmap = arg;

	switch (request) {
	case MSHV_ROOT_HVCALL:
		answer_hvcall(arg);
		break;
	case MSHV_GET_VP_STATE:
		answer_state(arg);
		break;
	case MSHV_SET_VP_STATE:
		if (!fuzz_kernel.willing)
			((struct mshv_get_set_vp_state *)arg)->buf_sz =
				fuzz_u32();
		break;
	case MSHV_GET_GPAP_ACCESS_BITMAP:
		fuzz_bytes(pointer(bitmap->bitmap_ptr),
			   (bitmap->page_count + 7) / 8);
		bitmap->page_count = fuzz_u64();
		break;
	case MSHV_GET_VP_REGISTERS:
		answer_register(arg);
		break;
	case MSHV_HVCALL:
		answer_gate(arg);
		break;
	case MSHV_RUN_VP:
		fuzz_bytes(arg, sizeof(struct mshv_run_vp));
		break;
	}
}

static volatile uint8_t sink;

/* What is passed in is read as a kernel would, for the sanitizers. */
static void read_all(uint32_t request, const void *arg)
{
	const struct mshv_root_hvcall *call = arg;
	const struct mshv_user_irq_table *table = arg;
	const uint8_t *bytes = arg;
	size_t i, size = _IOC_SIZE(request);

	if (request == MSHV_SET_MSI_ROUTING)
		size += table->nr * sizeof(table->entries[0]);
	if (!(_IOC_DIR(request) & _IOC_WRITE))
		size = 0;
	for (i = 0; i < size; i++)
		sink = bytes[i];
	if (request != MSHV_ROOT_HVCALL)
		return;
	bytes = pointer(call->in_ptr);
	for (i = 0; i < call->in_sz; i++)
		sink = bytes[i];
}

static int new_fd(void **page)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("mshv", MFD_CLOEXEC);

	check(fd >= 0 && !ftruncate(fd, (off_t)size));
	if (page) {
		*page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			     fd, 0);
		check(*page != MAP_FAILED);
	}
	return fd;
}

/* What a VP is created with, once; after that what the input says. */
static int vp_fd = -1;

static int do_ioctl(uint32_t request, void *arg)
{
	static const int errors[] = {
		EINVAL, EIO, ENOTTY, EBUSY, ENOMEM, EFAULT, EBADF, EAGAIN,
		EINTR, 4095,
	};
	bool creates = request == MSHV_CREATE_PARTITION ||
		       request == MSHV_CREATE_VP;
	uint8_t how;
	int error;

	if (request == MSHV_CREATE_VP && vp_fd >= 0) {
		error = vp_fd;
		vp_fd = -1;
		return error;
	}
	if (!fuzz_kernel.blind)
		read_all(request, arg);
	fuzz_kernel.request = request;
	fuzz_kernel.arg = arg;
	if (fuzz_kernel.seen)
		fuzz_kernel.seen(request, arg);
	if (fuzz_kernel.obeys)
		return 0;

	how = fuzz_kernel.willing ? 0 : fuzz_u8();
	error = how >= 192 && how < 250 ? errors[how % ARRAY_SIZE(errors)] : 0;
	/* That one comes before anything is done: see libmshv_ioctl(). */
	if (error != EINTR && !fuzz_kernel.blind)
		answer(request, arg);
	if (error) {
		errno = error;
		return -1;
	}
	if (how < 192)
		return creates ? new_fd(NULL) : 0;
	/* What was not asked for; but not a fd of ours, which would be closed. */
	return creates ? 1 << 20 : 1;
}

/* The C libraries don't agree on the type of the request. */
#ifdef __GLIBC__
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
#else
int __wrap_ioctl(int fd, int request, ...);
int __wrap_ioctl(int fd, int request, ...)
#endif
{
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return do_ioctl((uint32_t)request, arg);
}

void fuzz_open(struct fuzz_objects *objects)
{
	check(!mshv_dev_from_fd(new_fd(NULL), &objects->dev));
	check(!mshv_partition_from_fd(objects->dev, new_fd(NULL),
				      &objects->partition));
	vp_fd = new_fd(&objects->page);
	check(!mshv_vp_create(objects->partition, 1, &objects->vp));
}

struct mshv_memory *fuzz_memory(struct fuzz_objects *objects, void *ram, size_t bytes)
{
	const bool obeys = fuzz_kernel.obeys;
	struct mshv_memory *memory;

	fuzz_kernel.obeys = true;
	check(!mshv_memory_create(objects->partition, &memory));
	check(!mshv_memory_map(memory, 0, ram, bytes, LIBMSHV_MEMORY_WRITABLE));
	fuzz_kernel.obeys = obeys;
	return memory;
}

void fuzz_close(struct fuzz_objects *objects)
{
	mshv_vp_close(objects->vp);
	mshv_partition_close(objects->partition);
	mshv_dev_close(objects->dev);
	munmap(objects->page, (size_t)sysconf(_SC_PAGESIZE));
}
