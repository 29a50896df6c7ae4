/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Guest memory as the VMM sees it: what is where, its bytes, and which pages
 * the guest has written.
 */
#ifndef MSHV_MEMORY_H
#define MSHV_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/partition.h>

LIBMSHV_BEGIN_DECLS

struct mshv_memory;

/**
 * DOC: threads and guest memory
 *
 * A registry may be used and changed by several threads at the same time: memory
 * is added while a VP's thread does a string I/O. While the kernel maps or unmaps
 * memory, only another change waits. No lock is held while the caller's function
 * for a port runs (mshv_vp_complete_string_io()), so it may use and change the
 * registry, too.
 */

/**
 * mshv_memory_create() - Make an empty registry of guest memory
 * @partition: the partition whose memory it is; kept alive by the registry
 * @out: where to put the registry; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_memory_close(), or -EINVAL if a
 * pointer is NULL, -ENOMEM if out of memory.
 * Since: 0.1
 */
int mshv_memory_create(struct mshv_partition *partition,
		       struct mshv_memory **out);

/**
 * mshv_memory_close() - Give up a registry
 * @memory: the registry, or NULL
 *
 * The guest keeps its memory. errno is left alone.
 *
 * Context: Any thread. The caller must not use @memory any more.
 * Since: 0.1
 */
void mshv_memory_close(struct mshv_memory *memory);

/**
 * mshv_memory_map() - Give the guest memory, and remember it
 * @memory: the registry
 * @gpa: guest physical address, as in mshv_partition_map_memory()
 * @addr: where it is in this process
 * @size_bytes: how much
 * @flags: LIBMSHV_MEMORY_*
 *
 * Context: Any thread. VPs may run. Waits for another change of @memory.
 * Return: 0, or an error of mshv_partition_map_memory(); nothing was mapped
 * then.
 * Since: 0.1
 */
int mshv_memory_map(struct mshv_memory *memory, uint64_t gpa, void *addr,
		    uint64_t size_bytes, uint32_t flags);

/**
 * mshv_memory_unmap() - Take memory away from the guest
 * @memory: the registry
 * @gpa: where a mapping begins
 *
 * Context: Any thread. VPs may run. Waits for another change of @memory. When
 * this returns 0, no function of the library is at the memory any more.
 * Return: 0, or -EINVAL if @memory is NULL, -ENOENT if no mapping begins at
 * @gpa; or an error of mshv_partition_unmap_memory(), the mapping stays then.
 * Since: 0.1
 */
int mshv_memory_unmap(struct mshv_memory *memory, uint64_t gpa);

/**
 * mshv_memory_to_host() - Where guest memory is in this process
 * @memory: the registry
 * @gpa: guest physical address
 * @size_bytes: how much is to be reached there, 1 or more
 * @addr: where to put the address; set to NULL on failure
 *
 * Context: Any thread. What is found may be taken away by the next
 * mshv_memory_unmap(): that nobody uses @addr then is up to the caller.
 * Return: 0, or -EINVAL if a pointer is NULL or @size_bytes 0; -EFAULT if not
 * all of it is in one mapping.
 * Since: 0.1
 */
int mshv_memory_to_host(const struct mshv_memory *memory, uint64_t gpa,
			uint64_t size_bytes, void **addr);

/**
 * mshv_memory_to_guest() - Where memory of this process is in the guest
 * @memory: the registry
 * @addr: address in this process
 * @gpa: where to put the guest physical address; not touched on failure. If
 *	it is mapped more than once, the lowest.
 *
 * Context: Any thread.
 * Return: 0, or -EINVAL if @memory or @gpa is NULL, -EFAULT if the guest
 * doesn't have this memory.
 * Since: 0.1
 */
int mshv_memory_to_guest(const struct mshv_memory *memory, const void *addr,
			 uint64_t *gpa);

/**
 * mshv_memory_read() - Read guest memory
 * @memory: the registry
 * @gpa: guest physical address, need not be aligned
 * @buf: where to put the bytes
 * @size_bytes: how many; any number, across mappings; 0 does nothing
 *
 * Not atomic: a guest that writes there meanwhile may be seen half way.
 *
 * Context: Any thread. VPs may run.
 * Return: 0, or -EINVAL if a pointer is NULL; -EFAULT if the guest has no
 * memory in some part of the range. Nothing was copied then.
 * Since: 0.1
 */
int mshv_memory_read(const struct mshv_memory *memory, uint64_t gpa, void *buf,
		     uint64_t size_bytes);

/**
 * mshv_memory_write() - Write guest memory
 * @memory: the registry
 * @gpa: guest physical address, need not be aligned
 * @buf: the bytes
 * @size_bytes: how many; any number, across mappings; 0 does nothing
 *
 * For the VMM, so it writes also where the guest itself may only read; what is
 * mapped read-only in this process, too, can't be written like this. The pages
 * are dirty then to mshv_partition_get_dirty_log().
 *
 * Context: Any thread. VPs may run.
 * Return: 0, or an error of mshv_memory_read(). Nothing was written then.
 * Since: 0.1
 */
int mshv_memory_write(const struct mshv_memory *memory, uint64_t gpa,
		      const void *buf, uint64_t size_bytes);

/**
 * mshv_memory_mark_dirty() - Say that memory of the guest was written
 * @memory: the registry
 * @gpa: guest physical address, need not be aligned
 * @size_bytes: how much; any number, across mappings; 0 does nothing
 *
 * For what is written by way of mshv_memory_to_host(), by a device of the VMM, or
 * by another process: the hypervisor sees none of it. All pages that the range
 * touches are dirty to mshv_partition_get_dirty_log() until that clears them.
 * Call this after the write: if the log is read in between, and the page copied,
 * the write is lost. Pages are marked at these guest addresses only, not where
 * the guest has the same memory once more.
 *
 * Makes no system call, and may be called whether there is a log or not. A mark
 * goes with its mapping (mshv_memory_unmap(), mshv_memory_close()).
 *
 * Context: Any thread. VPs may run.
 * Return: 0, or -EINVAL if @memory is NULL; -EFAULT if the guest has no memory in
 * some part of the range. Nothing was marked then.
 * Since: 0.1
 */
int mshv_memory_mark_dirty(const struct mshv_memory *memory, uint64_t gpa,
			   uint64_t size_bytes);

/* How to read the dirty log. */
/* The pages that are reported count as clean afterwards. */
#define LIBMSHV_DIRTY_CLEAR	(1U << 0)
/* Set bits in the bitmap, leave the others alone. */
#define LIBMSHV_DIRTY_MERGE	(1U << 1)

/**
 * mshv_partition_start_dirty_log() - Begin to note which pages are written
 * @partition: the handle
 *
 * For the whole partition. All pages count as dirty at first, so read the log
 * once with LIBMSHV_DIRTY_CLEAR.
 *
 * Context: Any thread, also while VPs run.
 * Return: 0, or an error of mshv_partition_set_property().
 * Since: 0.1
 */
int mshv_partition_start_dirty_log(struct mshv_partition *partition);

/**
 * mshv_partition_get_dirty_log() - Which pages were written
 * @partition: the handle with which the registries of its memory were made
 * @gpa: guest physical address of the first page, aligned to MSHV_HV_PAGE_SIZE
 * @size_bytes: how much memory, a multiple of MSHV_HV_PAGE_SIZE; 0 does nothing
 * @bitmap: bit n % 64 of element n / 64 stands for page n. As many elements as
 *	it takes; in the last the bits behind the end are not touched.
 * @flags: bitmask of LIBMSHV_DIRTY_*
 *
 * By the guest, or for it: pages that mshv_memory_write(), mshv_vp_write_gva() or
 * mshv_vp_complete_string_io() wrote count, and those of mshv_memory_mark_dirty().
 * What else the VMM writes doesn't, if it isn't marked.
 *
 * Reading without LIBMSHV_DIRTY_CLEAR changes nothing. (The driver of Linux 7.2
 * marks pages as dirty when it is asked like that; this call goes around it.)
 *
 * Allocates nothing. The kernel spends about a millisecond per GiB.
 *
 * Context: Any thread, also while VPs run. Waits while another call on this
 * partition is busy; between batches of 65536 pages it lets others in.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; misaligned; the range wraps around; unknown
 *   flags; or the hypervisor refused, for instance a page without memory
 * * -EIO, -ENOMEM, -ENOTTY: as in mshv_partition_set_property()
 *
 * With LIBMSHV_DIRTY_CLEAR keep the bitmap even then. It has the pages of the
 * batches before the failure, which are clean now, and all pages of the batch
 * that failed: some of them may be clean, and which were dirty isn't known. Bits
 * behind that batch are not touched.
 *
 * Since: 0.1
 */
int mshv_partition_get_dirty_log(struct mshv_partition *partition,
				 uint64_t gpa, uint64_t size_bytes,
				 uint64_t *bitmap, uint32_t flags);

/**
 * mshv_memory_stop_dirty_log() - Stop to note which pages are written
 * @memory: all memory that the partition has
 *
 * The hypervisor refuses to stop as long as a page counts as clean; so all are
 * marked as dirty first.
 *
 * Context: Any thread. VPs may run. A change of @memory waits until this is done.
 * Return: 0, or -EINVAL if @memory is NULL, or an error of
 * mshv_partition_get_dirty_log() or mshv_partition_set_property(); then the log
 * goes on, and pages may count as dirty that are not.
 * Since: 0.1
 */
int mshv_memory_stop_dirty_log(struct mshv_memory *memory);

LIBMSHV_END_DECLS

#endif /* MSHV_MEMORY_H */
