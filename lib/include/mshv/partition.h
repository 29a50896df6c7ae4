/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The partition: a guest, its properties and its memory.
 */
#ifndef MSHV_PARTITION_H
#define MSHV_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/device.h>
#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/uapi.h>

LIBMSHV_BEGIN_DECLS

struct mshv_partition;

/**
 * struct mshv_partition_options - How to create a partition
 * @size: sizeof(struct mshv_partition_options)
 * @flags: bitmask of 1 << MSHV_PT_BIT_* (LAPIC, X2APIC, GPA_SUPER_PAGES,
 *	CPU_AND_XSAVE_FEATURES, NESTED_VIRTUALIZATION, SMT_ENABLED_GUEST)
 * @isolation: MSHV_PT_ISOLATION_*
 * @disabled_processor_features: features that the guest shall not have, as in
 *	union hv_partition_processor_features. They count only with
 *	MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES in @flags and must be 0 without it.
 * @disabled_xsave_features: the same for union
 *	hv_partition_processor_xsave_features; must be 0 except on x86_64
 *
 * Start from LIBMSHV_PARTITION_OPTIONS_INIT. Later versions append members;
 * all zeroes always means what the kernel does by itself.
 *
 * Since: 0.1
 */
struct mshv_partition_options {
	size_t size;
	uint64_t flags;
	uint64_t isolation;
	uint64_t disabled_processor_features[2];
	uint64_t disabled_xsave_features;
};

#define LIBMSHV_PARTITION_OPTIONS_INIT \
	{ sizeof(struct mshv_partition_options), 0, 0, { 0, 0 }, 0 }

/**
 * mshv_partition_create() - Create a partition
 * @dev: the device; the partition keeps it alive
 * @options: how, or NULL for no flags, no isolation and all features
 * @out: where to put the handle; set to NULL on failure
 *
 * The partition is not yet initialized: this is the time for the properties
 * that have to be set early. Then call mshv_partition_initialize().
 *
 * If no feature is disabled, the first version of the kernel's arguments says
 * all there is to say, so that this works with the oldest driver.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_partition_close(), or
 *
 * * -EINVAL: a pointer is NULL; @options->size is too small to be any version;
 *   disabled features without the flag that makes them count; the kernel
 *   doesn't know a flag or the isolation (compare mshv_dev_probe()); or the
 *   hypervisor refused
 * * -E2BIG: @options->size is larger than a page; or members of @options that
 *   this library doesn't know are not zero
 * * -ENOTTY: the device isn't driven by mshv_root
 * * -EIO: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -EMFILE, -ENFILE: too many open files
 *
 * Since: 0.1
 */
int mshv_partition_create(struct mshv_dev *dev,
			  const struct mshv_partition_options *options,
			  struct mshv_partition **out);

/**
 * mshv_partition_from_fd() - Make a handle of the fd of a partition
 * @dev: the device that the handle shall keep alive, or NULL
 * @fd: fd of a partition, for instance received over a socket. On success the
 *	handle owns it; on failure it stays the caller's.
 * @out: where to put the handle; set to NULL on failure
 *
 * An fd of another kind is not noticed here: the first call that uses it fails
 * with -ENOTTY.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_partition_close(), or
 *
 * * -EINVAL: @out is NULL
 * * -EBADF: @fd is not open
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_partition_from_fd(struct mshv_dev *dev, int fd,
			   struct mshv_partition **out);

/**
 * mshv_partition_close() - Give up a partition
 * @partition: the handle, or NULL
 *
 * The fd stays open as long as VP handles made from @partition exist. With the
 * last of them (and the last duplicate of a fd) the kernel destroys the
 * partition and unmaps its memory. errno is left alone.
 *
 * Context: Any thread. The caller must not use @partition any more.
 * Since: 0.1
 */
void mshv_partition_close(struct mshv_partition *partition);

/**
 * mshv_partition_fd() - The fd of the partition
 * @partition: the handle
 *
 * Context: Any thread.
 * Return: the fd, which the handle goes on owning: duplicate it to keep it.
 * -EINVAL if @partition is NULL.
 * Since: 0.1
 */
int mshv_partition_fd(const struct mshv_partition *partition);

/**
 * mshv_partition_initialize() - Let the hypervisor set the partition up
 * @partition: the handle
 *
 * Has to come after the early properties and before the first VP. Doing it
 * again has no effect.
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; or the hypervisor refused
 * * -EIO: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_initialize(struct mshv_partition *partition);

/**
 * mshv_partition_get_property() - Read a property
 * @partition: the handle
 * @code: HV_PARTITION_PROPERTY_*
 * @value: where to put it; not touched on failure
 *
 * Context: Any thread. Waits while another call on this partition is busy, but
 * not for running VPs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the hypervisor refused (see
 *   mshv_last_error())
 * * -EIO: the hypervisor refused, for instance a property that it doesn't know
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_get_property(struct mshv_partition *partition, uint32_t code,
				uint64_t *value);

/**
 * mshv_partition_set_property() - Change a property
 * @partition: the handle
 * @code: HV_PARTITION_PROPERTY_*
 * @value: the new value
 *
 * Some properties can only be set before mshv_partition_initialize(), others
 * only after it; the hypervisor refuses with
 * HV_STATUS_INVALID_PARTITION_STATE. The hypervisor may finish the call later;
 * the kernel waits for it.
 *
 * Context: Any thread. Waits while another call on this partition is busy, but
 * not for running VPs.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; or the hypervisor refused (see
 *   mshv_last_error())
 * * -EIO: the hypervisor refused
 * * -EPERM: the kernel has another asynchronous call of this partition under
 *   way
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_set_property(struct mshv_partition *partition, uint32_t code,
				uint64_t value);

/**
 * mshv_partition_get_property_ex() - Read a large property
 * @partition: the handle
 * @code: HV_PARTITION_PROPERTY_*
 * @arg: argument of the property (union hv_partition_property_arg), or 0
 * @buf: where to put it; not touched on failure
 * @size: how much to read in bytes, 1 to HV_PARTITION_PROPERTY_EX_MAX_VAR_SIZE.
 *	The hypervisor doesn't say how much it has; bytes beyond that are
 *	undefined.
 *
 * Context: Any thread. Waits while another call on this partition is busy, but
 * not for running VPs.
 * Return: 0, or an error of mshv_partition_get_property(); also -EINVAL if
 * @size is out of range, or the kernel is too old to pass this hypercall on.
 * Since: 0.1
 */
int mshv_partition_get_property_ex(struct mshv_partition *partition,
				   uint32_t code, uint64_t arg, void *buf,
				   size_t size);

/**
 * mshv_partition_install_intercept() - Ask to be told what the guest does
 * @partition: the handle
 * @access: HV_INTERCEPT_ACCESS_MASK_*; HV_INTERCEPT_ACCESS_MASK_NONE takes the
 *	intercept away again
 * @type: HV_INTERCEPT_TYPE_*
 * @parameter: which port, CPUID leaf or exception vector: union
 *	hv_intercept_parameters.as_uint64; 0 for types without a parameter
 *
 * Context: Any thread. Waits while another call on this partition is busy, but
 * not for running VPs.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; or the hypervisor refused (see
 *   mshv_last_error())
 * * -EIO: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_install_intercept(struct mshv_partition *partition,
				     uint32_t access, uint32_t type,
				     uint64_t parameter);

/**
 * DOC: registers of a VP that runs
 *
 * Which fd a call goes through decides what it waits for:
 *
 * * a call on a VP's fd waits until that VP has stopped: the kernel holds the
 *   VP's lock for all of MSHV_RUN_VP;
 * * a call on the partition's fd waits for other calls on that fd only, each of
 *   which is short, and never for a VP that runs.
 *
 * So mshv_partition_get_vp_registers() and mshv_partition_set_vp_registers()
 * reach any VP at any time. What they read from a VP that runs is as old as the
 * return of the call; the hypervisor stops the VP for a moment, so that the
 * values of one call (up to LIBMSHV_GET_REGISTERS_MAX,
 * LIBMSHV_SET_REGISTERS_MAX) should belong together, but nobody promises that.
 * They know nothing of the VP's register page: of a VP that has stopped, its
 * own handle is the one to ask, because what was written to the page and not
 * yet taken over is invisible here, and what is written here may not be seen
 * there until the VP has run.
 */

/**
 * mshv_partition_get_vp_registers() - Read registers of a VP, also if it runs
 * @partition: the handle
 * @vp_index: number of the VP
 * @registers: array; name is read, value is written, the rest is ignored
 * @count: number of elements; any number, 0 does nothing
 *
 * Context: Any thread, also while the VP runs. Waits while another call on this
 * partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; there is no such VP; or the hypervisor refused
 *   a register. Then mshv_last_error()->index says which; the values of all
 *   elements are undefined.
 * * -EIO: the hypervisor refused, likewise
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -EPROTO: the kernel answered with nonsense
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_get_vp_registers(struct mshv_partition *partition,
				    uint32_t vp_index,
				    struct hv_register_assoc *registers,
				    size_t count);

/**
 * mshv_partition_set_vp_registers() - Write registers of a VP, also if it runs
 * @partition: the handle
 * @vp_index: number of the VP
 * @registers: array of names and values; reserved fields must be 0
 * @count: number of elements; any number, 0 does nothing
 *
 * For what may be written while the VP runs, such as
 * HV_REGISTER_DELIVERABILITY_NOTIFICATIONS: that asks for a message as soon as
 * an interrupt can be delivered. Not atomic: the registers in front of one that
 * is refused have been written.
 *
 * Context: Any thread, also while the VP runs. Waits while another call on this
 * partition is busy.
 * Return: 0, or an error of mshv_partition_get_vp_registers().
 * Since: 0.1
 */
int mshv_partition_set_vp_registers(struct mshv_partition *partition,
				    uint32_t vp_index,
				    const struct hv_register_assoc *registers,
				    size_t count);

/**
 * enum libmshv_memory_flags - What the guest may do with memory
 * @LIBMSHV_MEMORY_READABLE: read; always granted, stands for no other flag
 * @LIBMSHV_MEMORY_WRITABLE: write
 * @LIBMSHV_MEMORY_EXECUTABLE: execute
 *
 * Since: 0.1
 */
enum libmshv_memory_flags {
	LIBMSHV_MEMORY_READABLE = 0,
	LIBMSHV_MEMORY_WRITABLE = 1 << MSHV_SET_MEM_BIT_WRITABLE,
	LIBMSHV_MEMORY_EXECUTABLE = 1 << MSHV_SET_MEM_BIT_EXECUTABLE,
};

/**
 * mshv_partition_map_memory() - Give the guest memory
 * @partition: the handle
 * @gpa: guest physical address where it shall appear, aligned to
 *	MSHV_HV_PAGE_SIZE
 * @addr: where it is in this process, aligned to MSHV_HV_PAGE_SIZE. A device
 *	mapping (VFIO) becomes a mapping of the device.
 * @size_bytes: how much, a multiple of MSHV_HV_PAGE_SIZE, not 0
 * @flags: LIBMSHV_MEMORY_*
 *
 * The pages need not be present: the kernel follows what happens to the
 * process' mapping, page by page. Whether the whole range is mapped in the
 * process is not checked here; a guest access to a hole ends in an exit.
 *
 * The memory stays the caller's. It may be given to a partition more than
 * once, at different guest addresses.
 *
 * Context: Any thread, also while VPs run. Waits while another call on this
 * partition is busy.
 * Return: 0, or (nothing was mapped)
 *
 * * -EINVAL: @partition is NULL; @size_bytes is 0; something is misaligned;
 *   unknown flags; the range wraps around; nothing is mapped at @addr; or the
 *   hypervisor refused. mshv_last_error() tells which.
 * * -EEXIST: the guest has memory in a part of the range already
 * * -EIO: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -EFAULT: the pages can't be pinned
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_map_memory(struct mshv_partition *partition, uint64_t gpa,
			      void *addr, uint64_t size_bytes, uint32_t flags);

/**
 * mshv_partition_unmap_memory() - Take memory away from the guest
 * @partition: the handle
 * @gpa: guest physical address
 * @addr: address in this process
 * @size_bytes: size
 *
 * All three have to be the same as in one earlier call of
 * mshv_partition_map_memory(): a mapping can't be split. When this returns, the
 * guest doesn't reach the memory any more.
 *
 * Context: Any thread, also while VPs run. Waits while another call on this
 * partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; @size_bytes is 0; something is misaligned; the
 *   range wraps around; or it is not exactly one mapping. mshv_last_error()
 *   tells which.
 * * -ENOENT: nothing is mapped at @gpa
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_unmap_memory(struct mshv_partition *partition, uint64_t gpa,
				void *addr, uint64_t size_bytes);

LIBMSHV_END_DECLS

#endif /* MSHV_PARTITION_H */
