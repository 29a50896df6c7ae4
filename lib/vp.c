// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The virtual processor: life, and running it. See <mshv/vp.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/ioctl.h>

#include "internal.h"

_Static_assert(sizeof(struct hv_message) == MSHV_RUN_VP_BUF_SZ,
	       "a message doesn't fill the buffer of MSHV_RUN_VP");

/*
 * The register page is a short cut, so failing to map it (ENODEV: this VP has
 * none) is no error. On arm64 the page exists, but its layout isn't defined.
 */
static struct hv_vp_register_page *map_register_page(int fd)
{
#if defined(__x86_64__)
	off_t offset = MSHV_VP_MMAP_OFFSET_REGISTERS * sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, MSHV_HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, offset);

	return page == MAP_FAILED ? NULL : page;
#else
	(void)fd;
	return NULL;
#endif
}

static void vp_init(struct mshv_vp *vp, struct mshv_partition *partition,
		    int fd, uint32_t vp_index)
{
	vp->fd = fd;
	vp->run_fd = fd;
	vp->out = libmshv_no_out(vp);
	vp->index = vp_index;
	vp->partition = libmshv_partition_get(partition);
	vp->page = map_register_page(fd);
}

int mshv_vp_create(struct mshv_partition *partition, uint32_t vp_index,
		   struct mshv_vp **out)
{
	struct mshv_vp *vp;
	int fd;

	if (!out)
		return libmshv_fail(EINVAL, "create VP: NULL argument");
	*out = NULL;
	if (!partition)
		return libmshv_fail(EINVAL, "create VP: NULL argument");

	/* What can fail comes before the kernel's part: that isn't undone. */
	vp = calloc(1, sizeof(*vp));
	if (!vp)
		return libmshv_fail(ENOMEM, "create VP: no memory");
	fd = mshv_ioctl_create_vp(partition->fd, vp_index);
	if (fd < 0) {
		free(vp);
		errno = -fd;
		return fd;
	}
	vp_init(vp, partition, fd, vp_index);
	/* It has never run, so no run of it ended without a message. */
	vp->state.page_current = true;
	*out = vp;
	return 0;
}

/* On a multiple of any page size, and no process has memory there. */
#define NOWHERE		(UINT64_MAX << 16)

/*
 * Is it a VP? Its state is asked for with a buffer that can't be. The driver
 * refuses that with EFAULT, before it looks at anything else (from Linux 6.15 to
 * 7.2 in mshv_vp_ioctl_get_set_state()); files that don't know the request say
 * ENOTTY, or EINVAL as those of KVM.
 */
static int check_is_vp(int fd)
{
	const struct mshv_error before = *mshv_last_error();
	struct mshv_get_set_vp_state args = {
		.type = MSHV_VP_STATE_LAPIC,
		.buf_sz = 1 << 16,
		.buf_ptr = NOWHERE,
	};

	switch (mshv_ioctl_get_vp_state(fd, &args)) {
	case -EFAULT:
		libmshv_error_restore(&before);
		return 0;
	case -EBADF:	/* O_PATH */
		return libmshv_fail(EBADF, "VP from fd");
	default:
		return libmshv_fail_ioctl(ENOTTY, MSHV_GET_VP_STATE,
					  "VP from fd: not the fd of a VP");
	}
}

int mshv_vp_from_fd(struct mshv_partition *partition, int fd, uint32_t vp_index,
		    struct mshv_vp **out)
{
	struct mshv_vp *vp;
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "VP from fd: NULL argument");
	*out = NULL;

	ret = libmshv_fd_check(fd, "VP from fd");
	/* Any file can be mapped, and then be made shorter. */
	if (!ret)
		ret = check_is_vp(fd);
	if (ret)
		return ret;
	vp = calloc(1, sizeof(*vp));
	if (!vp)
		return libmshv_fail(ENOMEM, "VP from fd: no memory");
	/* How its last run ended is not known here, so neither is the page. */
	vp_init(vp, partition, fd, vp_index);
	*out = vp;
	return 0;
}

void mshv_vp_close(struct mshv_vp *vp)
{
	int saved = errno;

	if (!vp)
		return;
	if (vp->page)
		munmap(vp->page, MSHV_HV_PAGE_SIZE);
	libmshv_kick_close(vp);
	libmshv_fd_close(vp->fd);
	mshv_partition_close(vp->partition);
	free(vp);
	errno = saved;
}

int mshv_vp_fd(const struct mshv_vp *vp)
{
	return vp ? vp->fd : libmshv_fail(EINVAL, "VP fd: NULL argument");
}

uint32_t mshv_vp_index(const struct mshv_vp *vp)
{
	return vp ? vp->index : UINT32_MAX;
}

struct hv_vp_register_page *mshv_vp_register_page(const struct mshv_vp *vp)
{
	return vp ? vp->page : NULL;
}

const struct hv_message *mshv_vp_message(const struct mshv_vp *vp)
{
	return vp && vp->state.has_message ? &vp->buf.message : NULL;
}

/* Nobody promises what the register page holds then (registers.c). */
__attribute__((noinline, cold))
static int run_failed(struct mshv_vp *vp, int ret)
{
	*vp->out = NULL;
	vp->state = (struct vp_state){ .has_message = false };
	ret = libmshv_fail_ioctl(ret < 0 ? errno : EPROTO, MSHV_RUN_VP,
				 "run VP");
	return libmshv_kick_after_run(vp, ret);
}

__attribute__((noinline, cold))
static int run_nothing(const struct hv_message **message)
{
	if (message)
		*message = NULL;
	return libmshv_fail(EINVAL, "run VP: NULL argument");
}

static inline int run_done(struct mshv_vp *vp, int ret)
{
	if (unlikely(ret))
		return run_failed(vp, ret);
	vp->state = (struct vp_state){
		.has_message = true, .page_current = true,
	};
	/* The register has the 0 that is returned; knowing it, gcc makes another. */
	__asm__("" : "+r"(ret));
	return ret;
}

static inline int run(struct mshv_vp *vp)
{
	*vp->out = &vp->buf.message;
	return run_done(vp, ioctl(vp->run_fd, MSHV_RUN_VP, &vp->buf.run));
}

__attribute__((noinline, cold))
static int run_traced(struct mshv_vp *vp)
{
	int ret;

	*vp->out = &vp->buf.message;
	ret = ioctl(vp->run_fd, MSHV_RUN_VP, &vp->buf.run);
	return run_done(vp, libmshv_trace(vp->run_fd, MSHV_RUN_VP, &vp->buf.run,
					  ret));
}

/* Not as last time, or never the same: what has to be known before the run. */
__attribute__((noinline))
static int run_anew(struct mshv_vp *vp, const struct hv_message **message)
{
	const struct hv_message *unwanted;
	int ret = libmshv_kick_before_run(vp);

	vp->out = message ? message : &unwanted;
	if (!ret) {
		ret = unlikely(libmshv_trace_hook) ? run_traced(vp) : run(vp);
	} else {
		/* The thread can't be kicked; the VP is where it was. */
		*vp->out = NULL;
		vp->state = (struct vp_state){ .has_message = false };
	}
	if (!message || vp->kick.signo || libmshv_trace_hook)
		vp->out = libmshv_no_out(vp);
	return ret;
}

/*
 * What a guest pays for with every exit, so mshv_ioctl_run_vp() and its layers
 * are not called, and only what a success needs is done here: bench/ counts
 * what this adds to the ioctl. Who runs a VP in a loop puts the message where it
 * was put before, which saves looking at anything else.
 */
int mshv_vp_run(struct mshv_vp *vp, const struct hv_message **message)
{
	if (unlikely(!vp))
		return run_nothing(message);
	if (unlikely(vp->out != message))
		return run_anew(vp, message);
	return run(vp);
}
