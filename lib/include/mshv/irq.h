/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Interrupts into the guest, and doorbells out of it.
 */
#ifndef MSHV_IRQ_H
#define MSHV_IRQ_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/partition.h>

LIBMSHV_BEGIN_DECLS

/* GSIs (numbers of interrupt lines) are smaller than this. */
#define LIBMSHV_GSI_COUNT	4096

struct mshv_irq_table;

/**
 * DOC: routing of interrupts
 *
 * An irqfd raises a GSI; the routing table says which MSI that is. The kernel
 * takes only whole tables. A struct mshv_irq_table keeps the wanted one, is
 * changed entry by entry, and sends it when asked to.
 *
 * Two properties of the driver (Linux 7.2) to plan with: an irqfd whose GSI has
 * no route does nothing, except GSI 0, which then interrupts vector 0 of APIC
 * id 0, so better leave GSI 0 alone; and a route may name only APIC ids below
 * 256, of VPs that exist by the time that it is used.
 */

/**
 * mshv_irq_table_create() - Make an empty routing table
 * @partition: the partition whose routes it shall hold; kept alive by the table
 * @out: where to put the table; set to NULL on failure
 *
 * The kernel isn't told before mshv_irq_table_commit(). One table for a
 * partition, or each will replace what the other has set.
 *
 * Context: Any thread; the functions on one table one at a time.
 * Return: 0, the caller closes @out with mshv_irq_table_close(), or -EINVAL if
 * a pointer is NULL, -ENOMEM if out of memory.
 * Since: 0.1
 */
int mshv_irq_table_create(struct mshv_partition *partition,
			  struct mshv_irq_table **out);

/**
 * mshv_irq_table_close() - Give up a routing table
 * @table: the table, or NULL
 *
 * What was committed stays in force. errno is left alone.
 *
 * Context: Any thread. The caller must not use @table any more.
 * Since: 0.1
 */
void mshv_irq_table_close(struct mshv_irq_table *table);

/**
 * mshv_irq_table_set() - Add or change a route
 * @table: the table
 * @gsi: number of the line, below LIBMSHV_GSI_COUNT
 * @address: address of the MSI; must fit 32 bits, and be 0xfeexxxxx on x86_64
 * @data: data of the MSI
 *
 * Context: Any thread; the functions on one table one at a time.
 * Return: 0, or -EINVAL if @table is NULL, or @gsi or @address out of range;
 * -ENOMEM if out of memory. Nothing was changed then.
 * Since: 0.1
 */
int mshv_irq_table_set(struct mshv_irq_table *table, uint32_t gsi,
		       uint64_t address, uint32_t data);

/**
 * mshv_irq_table_add() - Add a route on a line that is free
 * @table: the table
 * @first_gsi: smallest GSI that may be taken
 * @address: address of the MSI, as in mshv_irq_table_set()
 * @data: data of the MSI
 * @gsi: where to put the number of the line; not touched on failure
 *
 * Context: Any thread; the functions on one table one at a time.
 * Return: 0, or an error of mshv_irq_table_set(); -ENOSPC if no line is free.
 * Since: 0.1
 */
int mshv_irq_table_add(struct mshv_irq_table *table, uint32_t first_gsi,
		       uint64_t address, uint32_t data, uint32_t *gsi);

/**
 * mshv_irq_table_remove() - Remove a route
 * @table: the table
 * @gsi: number of the line
 *
 * Context: Any thread; the functions on one table one at a time.
 * Return: 0, or -EINVAL if @table is NULL, -ENOENT if there is no such route.
 * Since: 0.1
 */
int mshv_irq_table_remove(struct mshv_irq_table *table, uint32_t gsi);

/**
 * mshv_irq_table_commit() - Make the kernel use the table
 * @table: the table
 *
 * No system call if nothing has changed since the last time. If it fails, the
 * routes committed before stay in force, and the next commit tries again.
 *
 * Context: Any thread; the functions on one table one at a time. Waits while
 * another call on the partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: @table is NULL
 * * -ENOMEM: out of memory
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_irq_table_commit(struct mshv_irq_table *table);

/**
 * mshv_partition_assign_irqfd() - Let an eventfd raise an interrupt
 * @partition: the handle
 * @eventfd: the eventfd; the kernel takes a reference, the fd may be closed
 * @resample_eventfd: eventfd that the kernel signals when the guest has
 *	acknowledged a level-triggered interrupt; or -1 for edge
 * @gsi: number of the line, below LIBMSHV_GSI_COUNT
 *
 * With a resample eventfd the route of @gsi must be committed before, and be
 * level-triggered (bit 15 of its data).
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; @gsi is out of range; an fd is no eventfd; no
 *   level-triggered route for a resample eventfd
 * * -EBADF: an fd is not open
 * * -EBUSY: @eventfd is an irqfd of this partition already
 * * -ENOMEM: out of memory
 * * -ENOTTY: the partition's fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_assign_irqfd(struct mshv_partition *partition, int eventfd,
				int resample_eventfd, uint32_t gsi);

/**
 * mshv_partition_deassign_irqfd() - End what mshv_partition_assign_irqfd() began
 * @partition: the handle
 * @eventfd: the same eventfd
 * @gsi: the same line
 *
 * When this returns, no interrupt of it is on the way any more. The kernel
 * doesn't say whether there was such an irqfd.
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or an error of mshv_partition_assign_irqfd().
 * Since: 0.1
 */
int mshv_partition_deassign_irqfd(struct mshv_partition *partition,
				  int eventfd, uint32_t gsi);

/**
 * mshv_partition_assign_ioeventfd() - Let a write of the guest ring an eventfd
 * @partition: the handle
 * @eventfd: the eventfd; the kernel takes a reference, the fd may be closed
 * @gpa: guest physical address of the doorbell
 * @size_bytes: 1, 2, 4 or 8: only writes of this size; 0: of any size
 * @datamatch: only writes of this value, which must fit @size_bytes; NULL: of
 *	any value. A datamatch needs a size.
 *
 * Such writes don't stop the VP any more. (The kernel has no doorbells in
 * I/O space.)
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; @size_bytes or @datamatch as above; the
 *   address wraps around; @eventfd is no eventfd; or the hypervisor refused
 * * -EBADF: @eventfd is not open
 * * -EEXIST: there is a doorbell like this
 * * -ENOMEM, -EIO: out of memory; the hypervisor refused
 * * -ENOTTY: the partition's fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_assign_ioeventfd(struct mshv_partition *partition,
				    int eventfd, uint64_t gpa,
				    uint32_t size_bytes,
				    const uint64_t *datamatch);

/**
 * mshv_partition_deassign_ioeventfd() - Remove a doorbell
 * @partition: the handle
 * @eventfd: as it was assigned
 * @gpa: as it was assigned
 * @size_bytes: as it was assigned
 * @datamatch: as it was assigned
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or an error of mshv_partition_assign_ioeventfd(); -ENOENT if there
 * is no such doorbell.
 * Since: 0.1
 */
int mshv_partition_deassign_ioeventfd(struct mshv_partition *partition,
				      int eventfd, uint64_t gpa,
				      uint32_t size_bytes,
				      const uint64_t *datamatch);

/**
 * enum libmshv_interrupt_flags - How an interrupt is asserted
 * @LIBMSHV_INTERRUPT_LEVEL: level-triggered (x86_64)
 * @LIBMSHV_INTERRUPT_LOGICAL: the destination is a logical one (x86_64)
 * @LIBMSHV_INTERRUPT_ASSERTED: the line is raised, not lowered (arm64)
 *
 * Since: 0.1
 */
enum libmshv_interrupt_flags {
	LIBMSHV_INTERRUPT_LEVEL = 1 << 0,
	LIBMSHV_INTERRUPT_LOGICAL = 1 << 1,
	LIBMSHV_INTERRUPT_ASSERTED = 1 << 2,
};

/**
 * mshv_partition_assert_interrupt() - Interrupt the guest
 * @partition: the handle
 * @type: HV_X64_INTERRUPT_TYPE_* or HV_ARM64_INTERRUPT_TYPE_*
 * @flags: LIBMSHV_INTERRUPT_*
 * @destination: APIC id, or logical destination; MPIDR on arm64
 * @vector: interrupt vector; interrupt id on arm64
 *
 * Context: Any thread, also while VPs run.
 * Return: 0, or
 *
 * * -EINVAL: @partition is NULL; flags that are unknown or those of the other
 *   architecture; or the hypervisor refused (see mshv_last_error())
 * * -EIO: the hypervisor refused
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_assert_interrupt(struct mshv_partition *partition,
				    uint32_t type, uint32_t flags,
				    uint64_t destination, uint32_t vector);

/**
 * mshv_partition_clear_interrupt() - Take an external interrupt back
 * @partition: the handle
 *
 * Context: Any thread, also while VPs run.
 * Return: 0, or an error of mshv_hvcall_clear_virtual_interrupt().
 * Since: 0.1
 */
int mshv_partition_clear_interrupt(struct mshv_partition *partition);

/**
 * mshv_partition_notify_deliverable() - Ask when a VP can take an interrupt
 * @partition: the handle
 * @vp_index: number of the VP
 * @notifications: HV_REGISTER_DELIVERABILITY_NOTIFICATIONS; 0 asks for nothing
 *
 * The VP then stops with HVMSG_X64_INTERRUPTION_DELIVERABLE or
 * HVMSG_SYNIC_SINT_DELIVERABLE.
 *
 * Context: Any thread, also while the VP runs.
 * Return: 0, or an error of mshv_partition_set_vp_registers().
 * Since: 0.1
 */
int mshv_partition_notify_deliverable(struct mshv_partition *partition,
				      uint32_t vp_index,
				      uint64_t notifications);

struct hv_message;

/**
 * mshv_partition_post_message() - Put a message into a slot of a VP's SynIC
 * @partition: the handle
 * @vp_index: number of the VP
 * @sint: synthetic interrupt source, 0 to HV_SYNIC_SINT_COUNT - 1
 * @message: what the guest shall find there, all of it
 *
 * No port and no connection is needed. If the slot is in use,
 * mshv_last_error()->hv_status is HV_STATUS_INSUFFICIENT_BUFFERS:
 * mshv_partition_notify_deliverable() then tells when it isn't any more.
 *
 * Context: Any thread, also while VPs run.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, @sint is out of range; or the hypervisor refused
 *   (see mshv_last_error())
 * * -EIO, -ENOBUFS, -EAGAIN: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_partition_post_message(struct mshv_partition *partition,
				uint32_t vp_index, uint32_t sint,
				const struct hv_message *message);

/**
 * mshv_partition_signal_event() - Set an event flag of a VP's SynIC
 * @partition: the handle
 * @vp_index: number of the VP
 * @sint: synthetic interrupt source, 0 to HV_SYNIC_SINT_COUNT - 1
 * @flag: number of the flag, 0 to HV_EVENT_FLAGS_COUNT - 1
 * @newly_signaled: set to 1 if the flag was clear, 0 if it was set; or NULL
 *
 * Context: Any thread, also while VPs run.
 * Return: 0, or an error of mshv_partition_post_message(), -EINVAL also if
 * @flag is out of range.
 * Since: 0.1
 */
int mshv_partition_signal_event(struct mshv_partition *partition,
				uint32_t vp_index, uint32_t sint, uint32_t flag,
				int *newly_signaled);

LIBMSHV_END_DECLS

#endif /* MSHV_IRQ_H */
