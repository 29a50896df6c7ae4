// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Telling somebody of each ioctl. See <mshv/trace.h>. */
#include "config.h"

#include <errno.h>

#include <mshv/trace.h>

#include "internal.h"

mshv_trace_fn libmshv_trace_hook;
static void *hook_ctx;

void mshv_set_trace(mshv_trace_fn callback, void *ctx)
{
	libmshv_trace_hook = callback;
	hook_ctx = ctx;
}

int libmshv_trace(int fd, uint32_t request, const void *arg, int ret)
{
	int saved = errno;
	struct mshv_trace trace = {
		.request = request,
		.fd = fd,
		.result = ret < 0 ? -saved : ret,
	};

	if (request == MSHV_ROOT_HVCALL && arg) {
		const struct mshv_root_hvcall *call = arg;

		trace.hypercall = call->code;
		trace.hv_status = ret < 0 ? call->status : 0;
	}
	libmshv_trace_hook(&trace, hook_ctx);
	errno = saved;
	return ret;
}
