/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the kernel whose entry ftrace moves to ours; a table of them.
 */
#ifndef MSHV_SIM_REDIRECT_H
#define MSHV_SIM_REDIRECT_H

#include <linux/ftrace.h>

struct sim_redirect {
	const char *name;
	void *to;
	struct ftrace_ops ops;
	bool active;
};

/*
 * Kernels that can put a jump to the replacement where the call of ftrace would
 * be (DYNAMIC_FTRACE_WITH_JMP) spare each hypercall ftrace's saving of registers:
 * the replacement then finds the stack as the caller has left it.
 */
#if IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_JMP)

#define SIM_OPS	{ .flags = FTRACE_OPS_FL_PERMANENT }

#else

void sim_redirect_entry(unsigned long ip, unsigned long parent_ip,
			struct ftrace_ops *ops, struct ftrace_regs *fregs);

/*
 * RECURSION: otherwise ftrace may skip the callback and the original body would
 * run.  PERMANENT: kernel.ftrace_enabled=0 must not cut us off.
 */
#define SIM_OPS	{							\
	.func = sim_redirect_entry,					\
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION |	\
		 FTRACE_OPS_FL_PERMANENT |				\
		 (IS_ENABLED(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS) ? 0 :	\
		  FTRACE_OPS_FL_SAVE_REGS),				\
}

#endif

/* All of the table, or none. */
int sim_redirects_on(struct sim_redirect *table, unsigned int count);
void sim_redirects_off(struct sim_redirect *table, unsigned int count);

#endif /* MSHV_SIM_REDIRECT_H */
