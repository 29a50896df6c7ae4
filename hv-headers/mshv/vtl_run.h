/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The run page: mmap() of a VTL's file shows one for each CPU. The state of VTL 0 goes in and out through it.
 *
 * Linux 7.2, x86 only. The structure is of the driver (drivers/hv/mshv_vtl.h), not of <linux/mshv.h>, so it may change
 * with the kernel: scripts/check-headers compares it.
 */
#ifndef MSHV_VTL_RUN_H
#define MSHV_VTL_RUN_H

#include "uapi.h"

#if defined(__x86_64__)

__extension__ struct mshv_vtl_cpu_context {
	union {
		struct {
			__u64 rax;
			__u64 rcx;
			__u64 rdx;
			__u64 rbx;
			__u64 cr2;		/* where a stack pointer would be */
			__u64 rbp;
			__u64 rsi;
			__u64 rdi;
			__u64 r8;
			__u64 r9;
			__u64 r10;
			__u64 r11;
			__u64 r12;
			__u64 r13;
			__u64 r14;
			__u64 r15;
		};
		__u64 gp_regs[16];
	};
	__u8 fx_state[512] __attribute__((__aligned__(16)));	/* as FXSAVE writes it */
};

__extension__ struct mshv_vtl_run {
	__u32 cancel;
	__u32 vtl_ret_action_size;
	__u32 pad[2];
	char exit_message[MSHV_MAX_RUN_MSG_SIZE];		/* struct hv_message */
	union {
		struct mshv_vtl_cpu_context cpu_context;
		char reserved[1024];				/* the context may grow */
	};
	char vtl_ret_actions[MSHV_MAX_RUN_MSG_SIZE];
};

#endif

#endif /* MSHV_VTL_RUN_H */
