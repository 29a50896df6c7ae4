// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * State of a VP in bulk. See <mshv/state.h>.
 *
 * The kernel wants whole pages, and states in buf_sz how long the component is,
 * before it looks whether that fits. Pages are mapped rather than allocated:
 * they have to be aligned, and what is in them shall not stay in the heap.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <mshv/ioctl.h>
#include <mshv/state.h>

#include "internal.h"

#define PAGE		((size_t)MSHV_HV_PAGE_SIZE)
/* Far more than any processor has; a kernel that asks for it is mad. */
#define SIZE_LIMIT	(1u << 24)

struct bounce {
	void *pages;
	size_t size;
};

static int bounce_map(struct bounce *bounce, size_t size)
{
	bounce->size = (size + PAGE - 1) / PAGE * PAGE;
	bounce->pages = mmap(NULL, bounce->size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bounce->pages == MAP_FAILED)
		return libmshv_fail(ENOMEM, "VP state: no memory");
	return 0;
}

static void bounce_unmap(struct bounce *bounce)
{
	int saved = errno;

	munmap(bounce->pages, bounce->size);
	errno = saved;
}

/* What the kernel states is in @size, 0 if it didn't get so far. */
static int transfer(struct mshv_vp *vp, uint32_t type, struct bounce *bounce,
		    bool set, size_t *size)
{
	struct mshv_get_set_vp_state args = {
		.type = (uint8_t)type,
		.buf_sz = (uint32_t)bounce->size,
		.buf_ptr = (uintptr_t)bounce->pages,
	};
	int ret = set ? mshv_ioctl_set_vp_state(vp->fd, &args) :
			mshv_ioctl_get_vp_state(vp->fd, &args);

	*size = args.buf_sz;
	if (!ret && (!*size || *size > bounce->size))
		return libmshv_fail_ioctl(EPROTO, set ? MSHV_SET_VP_STATE :
					  MSHV_GET_VP_STATE,
					  "VP state: the kernel states a size that can't be");
	return ret;
}

static int check(const struct mshv_vp *vp, uint32_t type)
{
	if (!vp)
		return libmshv_fail(EINVAL, "VP state: NULL argument");
	if (type > MSHV_VP_STATE_SYNTHETIC_TIMERS)
		return libmshv_fail(EINVAL, "VP state: unknown component");
	return 0;
}

/* Read into a bounce buffer that the caller unmaps on success. */
static int get(struct mshv_vp *vp, uint32_t type, struct bounce *bounce,
	       size_t *size)
{
	const struct mshv_error before = *mshv_last_error();
	size_t wanted = PAGE;
	int ret, again;

	for (again = 0; ; again++) {
		ret = bounce_map(bounce, wanted);
		if (ret)
			return ret;
		ret = transfer(vp, type, bounce, false, size);
		if (!ret) {
			if (again)
				libmshv_error_restore(&before);
			return 0;
		}
		bounce_unmap(bounce);
		/* Too small? Then EINVAL, and more than there was. */
		if (ret != -EINVAL || *size <= bounce->size || again)
			return ret;
		if (*size > SIZE_LIMIT)
			return libmshv_fail(EPROTO,
					    "VP state: the kernel states a size that can't be");
		wanted = *size;
	}
}

int mshv_vp_get_state(struct mshv_vp *vp, uint32_t type, void *buf, size_t max,
		      size_t *size)
{
	struct bounce bounce;
	int ret;

	if (!size || (!buf && max))
		return libmshv_fail(EINVAL, "VP state: NULL argument");
	ret = check(vp, type);
	if (!ret)
		ret = libmshv_page_flush(vp);
	if (!ret)
		ret = get(vp, type, &bounce, size);
	if (ret)
		return ret;

	if (*size > max)
		ret = libmshv_fail(E2BIG, "VP state: buffer too small");
	else
		memcpy(buf, bounce.pages, *size);
	bounce_unmap(&bounce);
	return ret;
}

int mshv_vp_set_state(struct mshv_vp *vp, uint32_t type, const void *buf,
		      size_t size)
{
	struct bounce bounce;
	size_t wanted;
	int ret;

	if (!buf || !size || size > SIZE_LIMIT)
		return libmshv_fail(EINVAL,
				    "VP state: NULL buffer or size out of range");
	ret = check(vp, type);
	if (!ret)
		ret = libmshv_page_flush(vp);
	if (!ret)
		ret = bounce_map(&bounce, size);
	if (ret)
		return ret;

	/* The page has XMM registers, and CR8, which is the APIC's as well. */
	vp->state.page_current = false;
	memcpy(bounce.pages, buf, size);
	ret = transfer(vp, type, &bounce, true, &wanted);
	if (ret == -EINVAL && wanted > bounce.size)
		libmshv_error_set_what("VP state: shorter than the component");
	bounce_unmap(&bounce);
	return ret;
}

#if defined(__x86_64__)

int mshv_vp_get_lapic(struct mshv_vp *vp,
		      struct hv_local_interrupt_controller_state *lapic)
{
	char page[MSHV_HV_PAGE_SIZE];
	size_t size;
	int ret;

	if (!lapic)
		return libmshv_fail(EINVAL, "VP state: NULL argument");
	ret = mshv_vp_get_state(vp, MSHV_VP_STATE_LAPIC, page, sizeof(page),
				&size);
	if (ret)
		return ret;
	if (size < sizeof(*lapic))
		return libmshv_fail(EPROTO, "VP state: LAPIC too short");
	memcpy(lapic, page, sizeof(*lapic));
	return 0;
}

int
mshv_vp_set_lapic(struct mshv_vp *vp,
		  const struct hv_local_interrupt_controller_state *lapic)
{
	char page[MSHV_HV_PAGE_SIZE] = { 0 };

	if (!lapic)
		return libmshv_fail(EINVAL, "VP state: NULL argument");
	memcpy(page, lapic, sizeof(*lapic));
	return mshv_vp_set_state(vp, MSHV_VP_STATE_LAPIC, page, sizeof(page));
}

#else

static int no_lapic(const void *vp, const void *lapic)
{
	if (!vp || !lapic)
		return libmshv_fail(EINVAL, "VP state: NULL argument");
	return libmshv_fail(EOPNOTSUPP, "local APIC: x86_64 only");
}

int mshv_vp_get_lapic(struct mshv_vp *vp,
		      struct hv_local_interrupt_controller_state *lapic)
{
	return no_lapic(vp, lapic);
}

int
mshv_vp_set_lapic(struct mshv_vp *vp,
		  const struct hv_local_interrupt_controller_state *lapic)
{
	return no_lapic(vp, lapic);
}

#endif
