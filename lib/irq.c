// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Interrupts and doorbells. See <mshv/irq.h>. The routing table is in
 * irq-table.c.
 */
#include "config.h"

#include <errno.h>

#include <mshv/ioctl.h>
#include <mshv/irq.h>

#include "internal.h"

static int irqfd(struct mshv_partition *partition,
		 const struct mshv_user_irqfd *args, const char *what)
{
	int ret;

	if (!partition)
		return libmshv_fail(EINVAL, "irqfd: NULL argument");
	if (args->gsi >= LIBMSHV_GSI_COUNT)
		return libmshv_fail(EINVAL, "irqfd: GSI out of range");
	ret = mshv_ioctl_irqfd(partition->fd, args);
	if (ret)
		libmshv_error_set_what(what);
	return ret;
}

int mshv_partition_assign_irqfd(struct mshv_partition *partition, int eventfd,
				int resample_eventfd, uint32_t gsi)
{
	struct mshv_user_irqfd args = { .fd = eventfd, .gsi = gsi };

	if (resample_eventfd < -1)
		return libmshv_fail(EBADF, "irqfd: resample eventfd");
	if (resample_eventfd >= 0) {
		args.resamplefd = resample_eventfd;
		args.flags = 1 << MSHV_IRQFD_BIT_RESAMPLE;
	}
	return irqfd(partition, &args, resample_eventfd < 0 ? "assign irqfd" :
		     "assign irqfd: needs a level-triggered route, and eventfds");
}

int mshv_partition_deassign_irqfd(struct mshv_partition *partition,
				  int eventfd, uint32_t gsi)
{
	return irqfd(partition, &(struct mshv_user_irqfd) {
		.fd = eventfd,
		.gsi = gsi,
		.flags = 1 << MSHV_IRQFD_BIT_DEASSIGN,
	}, "deassign irqfd");
}

static int ioeventfd(struct mshv_partition *partition, int eventfd,
		     uint64_t gpa, uint32_t size_bytes,
		     const uint64_t *datamatch, uint32_t flags)
{
	struct mshv_user_ioeventfd args = {
		.addr = gpa, .len = size_bytes, .fd = eventfd, .flags = flags,
	};

	if (!partition)
		return libmshv_fail(EINVAL, "ioeventfd: NULL argument");
	if (size_bytes > 8 || size_bytes & (size_bytes - 1))
		return libmshv_fail(EINVAL,
				    "ioeventfd: size is not 0, 1, 2, 4 or 8");
	if (gpa + size_bytes < gpa)
		return libmshv_fail(EINVAL, "ioeventfd: address wraps around");
	if (datamatch) {
		if (!size_bytes)
			return libmshv_fail(EINVAL,
					    "ioeventfd: datamatch without a size");
		if (size_bytes < 8 && *datamatch >> size_bytes * 8)
			return libmshv_fail(EINVAL,
					    "ioeventfd: datamatch is wider than the size");
		args.datamatch = *datamatch;
		args.flags |= 1 << MSHV_IOEVENTFD_BIT_DATAMATCH;
	}
	return mshv_ioctl_ioeventfd(partition->fd, &args);
}

int mshv_partition_assign_ioeventfd(struct mshv_partition *partition,
				    int eventfd, uint64_t gpa,
				    uint32_t size_bytes,
				    const uint64_t *datamatch)
{
	return ioeventfd(partition, eventfd, gpa, size_bytes, datamatch, 0);
}

int mshv_partition_deassign_ioeventfd(struct mshv_partition *partition,
				      int eventfd, uint64_t gpa,
				      uint32_t size_bytes,
				      const uint64_t *datamatch)
{
	return ioeventfd(partition, eventfd, gpa, size_bytes, datamatch,
			 1 << MSHV_IOEVENTFD_BIT_DEASSIGN);
}

#if defined(__x86_64__)
#define FLAGS	(LIBMSHV_INTERRUPT_LEVEL | LIBMSHV_INTERRUPT_LOGICAL)
#else
#define FLAGS	LIBMSHV_INTERRUPT_ASSERTED
#endif

int mshv_partition_assert_interrupt(struct mshv_partition *partition,
				    uint32_t type, uint32_t flags,
				    uint64_t destination, uint32_t vector)
{
	union hv_interrupt_control control = { .interrupt_type = type };

	if (!partition)
		return libmshv_fail(EINVAL, "assert interrupt: NULL argument");
	if (flags & ~(uint32_t)FLAGS)
		return libmshv_fail(EINVAL, "assert interrupt: unknown flags");
#if defined(__x86_64__)
	control.level_triggered = !!(flags & LIBMSHV_INTERRUPT_LEVEL);
	control.logical_dest_mode = !!(flags & LIBMSHV_INTERRUPT_LOGICAL);
#else
	control.asserted = !!(flags & LIBMSHV_INTERRUPT_ASSERTED);
#endif
	return mshv_hvcall_assert_virtual_interrupt(partition->fd,
						    control.as_uint64,
						    destination, vector, 0);
}

int mshv_partition_clear_interrupt(struct mshv_partition *partition)
{
	if (!partition)
		return libmshv_fail(EINVAL, "clear interrupt: NULL argument");
	return mshv_hvcall_clear_virtual_interrupt(partition->fd);
}

int mshv_partition_notify_deliverable(struct mshv_partition *partition,
				      uint32_t vp_index,
				      uint64_t notifications)
{
	struct hv_register_assoc reg = {
		.name = HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
		.value.reg128 = { notifications, 0 },
	};

	return mshv_partition_set_vp_registers(partition, vp_index, &reg, 1);
}

int mshv_partition_post_message(struct mshv_partition *partition,
				uint32_t vp_index, uint32_t sint,
				const struct hv_message *message)
{
	if (!partition || !message)
		return libmshv_fail(EINVAL, "post message: NULL argument");
	if (sint >= HV_SYNIC_SINT_COUNT)
		return libmshv_fail(EINVAL, "post message: no such interrupt source");
	return mshv_hvcall_post_message_direct(partition->fd, vp_index, 0, sint,
					       message, sizeof(*message));
}

int mshv_partition_signal_event(struct mshv_partition *partition,
				uint32_t vp_index, uint32_t sint, uint32_t flag,
				int *newly_signaled)
{
	if (!partition)
		return libmshv_fail(EINVAL, "signal event: NULL argument");
	if (sint >= HV_SYNIC_SINT_COUNT || flag >= HV_EVENT_FLAGS_COUNT)
		return libmshv_fail(EINVAL,
				    "signal event: no such interrupt source or flag");
	return mshv_hvcall_signal_event_direct(partition->fd, vp_index, 0,
					       (uint8_t)sint, (uint16_t)flag,
					       newly_signaled);
}
