// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

#define QUEUE_MAX	64

static struct expected {
	int fd;
	uint32_t request;
	uint8_t in[MSHV_HV_PAGE_SIZE];
	size_t in_size;
	/* a hypercall */
	bool hvcall;
	uint16_t code, reps;
	size_t out_size;
	struct fake_answer answer;
} queue[QUEUE_MAX];
static unsigned int queued, made;
static unsigned int alloc_countdown, allocs;
static unsigned int map_countdown;
static int map_err;

static struct expected *expect(int fd, uint32_t request, const void *in,
			       size_t in_size)
{
	struct expected *e;

	assert_true(queued < QUEUE_MAX);
	assert_true(in_size <= sizeof(e->in));
	e = &queue[queued++];
	memset(e, 0, sizeof(*e));
	e->fd = fd;
	e->request = request;
	if (in_size)
		memcpy(e->in, in, in_size);
	e->in_size = in_size;
	return e;
}

struct fake_answer *fake_ioctl(int fd, uint32_t request, const void *arg,
			       size_t size)
{
	return &expect(fd, request, arg, size)->answer;
}

struct fake_answer *fake_hvcall(int fd, uint16_t code, uint16_t reps,
				const void *in, size_t in_size,
				size_t out_size)
{
	struct expected *e = expect(fd, MSHV_ROOT_HVCALL, in, in_size);

	e->hvcall = true;
	e->code = code;
	e->reps = reps;
	e->out_size = out_size;
	e->answer.reps = reps;
	return &e->answer;
}

unsigned int fake_calls(void)
{
	return made;
}

static void check_bytes(const void *got, const struct expected *e)
{
	if (!e->in_size)
		return;
	assert_non_null(got);
	assert_memory_equal(got, e->in, e->in_size);
}

static void do_hvcall(struct mshv_root_hvcall *args, const struct expected *e)
{
	static const uint8_t zero[sizeof(args->rsvd)];

	assert_int_equal(args->code, e->code);
	assert_int_equal(args->reps, e->reps);
	assert_int_equal(args->in_sz, e->in_size);
	assert_int_equal(args->out_sz, e->out_size);
	assert_int_equal(args->status, 0);
	assert_memory_equal(args->rsvd, zero, sizeof(zero));
	check_bytes((const void *)(uintptr_t)args->in_ptr, e);
	if (e->out_size)
		assert_true(args->out_ptr != 0);
	else
		assert_true(args->out_ptr == 0);

	if (e->answer.keep_args)
		return;
	args->status = e->answer.status;
	args->reps = e->answer.reps;
	if (!e->answer.err && e->answer.out_size)
		memcpy((void *)(uintptr_t)args->out_ptr, e->answer.out,
		       e->answer.out_size);
}

int (*fake_instead)(int fd, uint32_t request, void *arg);

#ifdef __GLIBC__
int __real_ioctl(int fd, unsigned long request, ...);
#else
int __real_ioctl(int fd, int request, ...);
#endif

/*
 * qemu-user doesn't pass an ioctl on that it doesn't know, but says ENOSYS, which
 * no kernel does. Then the fd is looked up in another way.
 */
static int ask_kernel(int fd, uint32_t request, void *arg)
{
	int ret = __real_ioctl(fd, request, arg), flags;

	if (ret < 0 && errno == ENOSYS) {
		flags = fcntl(fd, F_GETFL);
		errno = flags < 0 || flags & O_PATH ? EBADF : ENOTTY;
	}
	return ret;
}

static int do_ioctl(int fd, uint32_t request, void *arg)
{
	const struct expected *e;

	if (fake_instead)
		return fake_instead(fd, request, arg);
	if (made == queued)
		fail_msg("unexpected ioctl 0x%x on fd %d", request, fd);
	e = &queue[made++];

	assert_int_equal(request, e->request);
	if (e->fd != FAKE_ANY_FD)
		assert_int_equal(fd, e->fd);
	if (e->answer.real)
		return ask_kernel(fd, request, arg);
	if (e->hvcall) {
		do_hvcall(arg, e);
	} else {
		check_bytes(arg, e);
		if (!e->answer.err && e->answer.out_size)
			memcpy(arg, e->answer.out, e->answer.out_size);
	}

	if (e->answer.then)
		e->answer.then();
	if (e->answer.err) {
		errno = e->answer.err;
		return -1;
	}
	return e->answer.ret;
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

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return do_ioctl(fd, (uint32_t)request, arg);
}

void fake_fail_alloc(unsigned int nth)
{
	alloc_countdown = nth;
}

unsigned int fake_allocs(void)
{
	return allocs;
}

static bool alloc_fails(void)
{
	allocs++;
	if (!alloc_countdown || --alloc_countdown)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return alloc_fails() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return alloc_fails() ? NULL : __real_calloc(n, size);
}

void fake_fail_map(unsigned int nth, int err)
{
	map_countdown = nth;
	map_err = err;
}

void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t offset)
{
	if (!map_countdown || --map_countdown)
		return __real_mmap(addr, size, prot, flags, fd, offset);
	errno = map_err;
	return MAP_FAILED;
}

int fake_page_fd(void **page)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("mshv_vp", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	*page = __real_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);
	assert_true(*page != MAP_FAILED);
	return fd;
}

int fake_no_page_fd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int refuse(int err)
{
	errno = err;
	return -1;
}

/* The checks at the start of mshv_vp_ioctl_get_set_state(), in its order. */
int fake_vp_question(int fd, uint32_t request, void *arg)
{
	const struct mshv_get_set_vp_state *args = arg;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	(void)fd;
	if (request != MSHV_GET_VP_STATE)
		return refuse(ENOTTY);
	if (args->type >= MSHV_VP_STATE_COUNT || args->rsvd[0] ||
	    args->rsvd[1] || args->rsvd[2] || !args->buf_sz ||
	    args->buf_sz % page || args->buf_ptr % page)
		return refuse(EINVAL);
	/* The upper half of the addresses is the kernel's: access_ok() */
	if (args->buf_ptr >> 63)
		return refuse(EFAULT);
	fail_msg("a question that the kernel would answer with the state");
	return -1;
}

struct mshv_vp *fake_vp_from_fd(struct mshv_partition *partition, int fd,
				uint32_t vp_index)
{
	int (*before)(int fd, uint32_t request, void *arg) = fake_instead;
	struct mshv_vp *vp;

	fake_instead = fake_vp_question;
	assert_works(mshv_vp_from_fd(partition, fd, vp_index, &vp));
	fake_instead = before;
	return vp;
}

static int created_fd;

static int create_vp(int fd, uint32_t request, void *arg)
{
	(void)fd;
	(void)arg;
	assert_int_equal(request, MSHV_CREATE_VP);
	return created_fd;
}

struct mshv_vp *fake_vp_create(int fd, uint32_t vp_index)
{
	int (*before)(int fd, uint32_t request, void *arg) = fake_instead;
	struct mshv_partition *partition;
	struct mshv_vp *vp;

	assert_works(mshv_partition_from_fd(NULL, fake_no_page_fd(),
					    &partition));
	created_fd = fd;
	fake_instead = create_vp;
	assert_works(mshv_vp_create(partition, vp_index, &vp));
	fake_instead = before;
	mshv_partition_close(partition);	/* the VP keeps it */
	return vp;
}

bool fake_fd_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

bool fake_readable(const void *from, size_t size)
{
	int pipe_fds[2];
	ssize_t copied;

	assert_true(size <= MSHV_HV_PAGE_SIZE);
	assert_int_equal(pipe(pipe_fds), 0);
	copied = write(pipe_fds[1], from, size);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return copied == (ssize_t)size;
}

int fake_reset(void **state)
{
	(void)state;
	queued = made = alloc_countdown = map_countdown = allocs = 0;
	fake_instead = NULL;
	return 0;
}

int fake_done(void **state)
{
	(void)state;
	if (made == queued && !alloc_countdown && !map_countdown)
		return 0;
	print_error("%u of %u expected ioctls made, %u allocations and %u mappings to come\n",
		    made, queued, alloc_countdown, map_countdown);
	return -1;
}
