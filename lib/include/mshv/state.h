/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * State of a VP in bulk: local APIC, XSAVE area, SynIC pages, timers.
 */
#ifndef MSHV_STATE_H
#define MSHV_STATE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/vp.h>

LIBMSHV_BEGIN_DECLS

/**
 * mshv_vp_get_state() - Read one component of the state, whatever its size
 * @vp: the handle
 * @type: MSHV_VP_STATE_*
 * @buf: where to put it; need not be aligned; may be NULL if @max is 0
 * @max: size of @buf in bytes
 * @size: how long the component is, also if that is more than @max
 *
 * The bytes are the hypervisor's, unchanged: nothing is lost by giving them
 * back to mshv_vp_set_state(). For MSHV_VP_STATE_XSAVE a compacted XSAVE area
 * of the size that the partition's features ask for, for MSHV_VP_STATE_SIMP and
 * _SIEFP a page.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; @type is unknown; or the hypervisor refused
 * * -E2BIG: @max is too small; @buf was not touched
 * * -EIO: the hypervisor refused, for instance a LAPIC that is not there
 * * -ENOMEM: out of memory
 * * -EPROTO: the kernel states a size that can't be
 * * -ENOTTY: the fd is not that of a VP
 *
 * Since: 0.1
 */
int mshv_vp_get_state(struct mshv_vp *vp, uint32_t type, void *buf, size_t max,
		      size_t *size);

/**
 * mshv_vp_set_state() - Write one component of the state
 * @vp: the handle
 * @type: MSHV_VP_STATE_*
 * @buf: the bytes, as mshv_vp_get_state() gave them
 * @size: how many
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; @type is unknown; @size is 0 or, counted in
 *   pages, less than the component has; or the hypervisor refused
 * * -EIO, -ENOMEM, -EPROTO, -ENOTTY: as in mshv_vp_get_state()
 *
 * Since: 0.1
 */
int mshv_vp_set_state(struct mshv_vp *vp, uint32_t type, const void *buf,
		      size_t size);

/**
 * mshv_vp_get_lapic() - Read the local APIC (x86_64)
 * @vp: the handle
 * @lapic: where to put it; not touched on failure
 *
 * All that the hypervisor has, in its own layout. The task priority isn't in
 * there: it is CR8.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_state(); -EPROTO also if the component
 * is shorter than the structure; -EOPNOTSUPP on another architecture.
 * Since: 0.1
 */
int mshv_vp_get_lapic(struct mshv_vp *vp,
		      struct hv_local_interrupt_controller_state *lapic);

/**
 * mshv_vp_set_lapic() - Write the local APIC (x86_64)
 * @vp: the handle
 * @lapic: what mshv_vp_get_lapic() gave, perhaps changed
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_set_state(); -EOPNOTSUPP on another
 * architecture.
 * Since: 0.1
 */
int
mshv_vp_set_lapic(struct mshv_vp *vp,
		  const struct hv_local_interrupt_controller_state *lapic);

LIBMSHV_END_DECLS

#endif /* MSHV_STATE_H */
