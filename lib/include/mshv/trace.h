/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Seeing every ioctl that the library makes, for logs and for debugging.
 */
#ifndef MSHV_TRACE_H
#define MSHV_TRACE_H

#include <stdint.h>

#include <mshv/export.h>

LIBMSHV_BEGIN_DECLS

/**
 * struct mshv_trace - One ioctl that returned
 * @request: number of the ioctl, as in <mshv/uapi.h>
 * @fd: the fd it was made on
 * @result: what it returned; negative errno value if it failed
 * @hypercall: HVCALL_* code if @request is MSHV_ROOT_HVCALL, else 0
 * @hv_status: HV_STATUS_* that the kernel left in the arguments of
 *	MSHV_ROOT_HVCALL if it failed, else 0. If the kernel refused before it
 *	asked the hypervisor, what the caller had put there.
 *
 * Later versions may append members; the library owns the structure.
 *
 * Since: 0.1
 */
struct mshv_trace {
	uint32_t request;
	int fd;
	int result;
	uint16_t hypercall;
	uint16_t hv_status;
};

/* What mshv_set_trace() has called. */
typedef void (*mshv_trace_fn)(const struct mshv_trace *trace, void *ctx);

/**
 * mshv_set_trace() - Have a function called after each ioctl
 * @callback: the function, or NULL for none
 * @ctx: what to give to it
 *
 * For the whole process; the last call counts. An ioctl that is made again
 * because a signal came is reported each time.
 *
 * The thread that made the ioctl calls @callback, so several threads do so at
 * once if several use the library; what the ioctl was for waits meanwhile. It has
 * to return, and must not call a function of this library that makes an ioctl.
 * What it leaves in errno is not seen.
 *
 * Not to make each exit of a guest dearer, the runs of a VP (mshv_vp_run()) are
 * reported for sure only if there was a callback when the VP ran first: who runs
 * it in a loop is seen again only when the argument for the message is another
 * one.
 *
 * Context: Any thread, while no other thread is in a function of this library:
 * best before the first one is called.
 * Since: 0.1
 */
void mshv_set_trace(mshv_trace_fn callback, void *ctx);

LIBMSHV_END_DECLS

#endif /* MSHV_TRACE_H */
