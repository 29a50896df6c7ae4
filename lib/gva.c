// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Guest memory at guest virtual addresses. See <mshv/translate.h>.
 *
 * Page by page, with the table of regions locked from the first entry of a page
 * table to the last byte. As regions consist of whole pages, what is asked for
 * in one page is in one region.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/translate.h>

#include "internal.h"

static int read_entry(void *context, uint64_t gpa, void *buf, size_t size)
{
	const struct libmshv_region *region = libmshv_region_at(context, gpa);

	if (!region)
		return -1;
	memcpy(buf, region->addr + (gpa - region->gpa), size);
	return 0;
}

static int walk_gva(const struct mshv_x64_paging *paging,
		    const struct mshv_memory *memory, uint64_t gva,
		    uint64_t flags, struct mshv_walk *walk)
{
	return mshv_x64_walk_gva(paging, gva, flags, read_entry,
				 (void *)(uintptr_t)memory, walk);
}

/* The page tables are the guest's: they can't give it more than the VMM did. */
static int copy_in_page(const struct mshv_x64_paging *paging,
			const struct mshv_memory *memory, uint64_t gva,
			uint64_t flags, char *buf, size_t size,
			enum libmshv_access access, struct mshv_walk *walk)
{
	int ret = walk_gva(paging, memory, gva, flags, walk);
	const struct libmshv_region *region;
	char *addr;

	if (ret)
		return ret;
	region = libmshv_region_at(memory, walk->gpa);
	if (!region) {
		walk->result = HV_TRANSLATE_GVA_GPA_UNMAPPED;
		return libmshv_fail(ENXIO,
				    "guest virtual memory: the guest has none there");
	}
	if (access != LIBMSHV_ACCESS_READ &&
	    !(region->flags & LIBMSHV_MEMORY_WRITABLE)) {
		walk->result = HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS;
		return libmshv_fail(ENXIO,
				    "guest virtual memory: the guest may only read it");
	}
	addr = region->addr + (walk->gpa - region->gpa);
	if (access == LIBMSHV_ACCESS_READ)
		memcpy(buf, addr, size);
	if (access == LIBMSHV_ACCESS_WRITE) {
		memcpy(addr, buf, size);
		libmshv_dirty_mark(region, walk->gpa, size);
	}
	return 0;
}

int libmshv_copy_gva(const struct mshv_x64_paging *paging,
		     const struct mshv_memory *memory, uint64_t gva,
		     uint64_t flags, char *buf, size_t size,
		     enum libmshv_access access, struct mshv_walk *walk)
{
	size_t n;
	int ret;

	for (; size; size -= n, gva += n, buf += n) {
		n = libmshv_min(HV_HYP_PAGE_SIZE - gva % HV_HYP_PAGE_SIZE, size);
		libmshv_memory_lock(memory);
		ret = copy_in_page(paging, memory, gva, flags, buf, n, access,
				   walk);
		libmshv_memory_unlock(memory);
		if (ret)
			return ret;
	}
	return 0;
}

int mshv_vp_walk_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		     uint64_t gva, uint64_t flags, struct mshv_walk *walk)
{
	struct mshv_x64_paging paging;
	int ret;

	if (!memory || !walk)
		return libmshv_fail(EINVAL, "walk: NULL argument");
	ret = mshv_vp_get_paging(vp, &paging);
	if (ret)
		return ret;
	libmshv_memory_lock(memory);
	ret = walk_gva(&paging, memory, gva, flags, walk);
	libmshv_memory_unlock(memory);
	return ret;
}

static int copy_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		    uint64_t gva, uint64_t flags, char *buf, size_t size,
		    enum libmshv_access access, struct mshv_walk *walk)
{
	struct mshv_x64_paging paging;
	int ret;

	if (!memory || !walk || (!buf && size))
		return libmshv_fail(EINVAL, "guest virtual memory: NULL argument");
	if (size && gva + (size - 1) < gva)
		return libmshv_fail(EINVAL,
				    "guest virtual memory: range wraps around");
	ret = mshv_vp_get_paging(vp, &paging);
	return ret ? ret : libmshv_copy_gva(&paging, memory, gva, flags, buf,
					    size, access, walk);
}

int mshv_vp_read_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		     uint64_t gva, uint64_t flags, void *buf, size_t size_bytes,
		     struct mshv_walk *walk)
{
	return copy_gva(vp, memory, gva, flags, buf, size_bytes,
			LIBMSHV_ACCESS_READ, walk);
}

int mshv_vp_write_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		      uint64_t gva, uint64_t flags, const void *buf,
		      size_t size_bytes, struct mshv_walk *walk)
{
	return copy_gva(vp, memory, gva, flags, (char *)(uintptr_t)buf,
			size_bytes, LIBMSHV_ACCESS_WRITE, walk);
}
