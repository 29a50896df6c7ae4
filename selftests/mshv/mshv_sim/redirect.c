// SPDX-License-Identifier: GPL-2.0-only
/* See redirect.h. */
#include <linux/module.h>
#include <linux/string.h>

#include "redirect.h"

#if IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_JMP)

static int sim_redirect_on(struct sim_redirect *r)
{
	return register_ftrace_direct(&r->ops, ftrace_jmp_set((unsigned long)r->to));
}

static void sim_redirect_off(struct sim_redirect *r)
{
	unregister_ftrace_direct(&r->ops, ftrace_jmp_set((unsigned long)r->to), false);
}

#else

void notrace sim_redirect_entry(unsigned long ip, unsigned long parent_ip,
				struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct sim_redirect *r = container_of(ops, struct sim_redirect, ops);

	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)r->to);
}

static int sim_redirect_on(struct sim_redirect *r)
{
	return register_ftrace_function(&r->ops);
}

static void sim_redirect_off(struct sim_redirect *r)
{
	unregister_ftrace_function(&r->ops);
}

#endif

void sim_redirects_off(struct sim_redirect *table, unsigned int count)
{
	while (count--) {
		struct sim_redirect *r = &table[count];

		if (!r->active)
			continue;
		sim_redirect_off(r);
		ftrace_free_filter(&r->ops);
		r->active = false;
	}
}

int sim_redirects_on(struct sim_redirect *table, unsigned int count)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		struct sim_redirect *r = &table[i];

		err = ftrace_set_filter(&r->ops, (unsigned char *)r->name,
					strlen(r->name), 0);
		if (!err)
			err = sim_redirect_on(r);
		if (err) {
			pr_err("cannot redirect %s: %d%s\n", r->name, err,
			       err == -EBUSY ? " (a live patch or another user owns it)" :
			       " (needs CONFIG_HYPERV=y and CONFIG_FUNCTION_TRACER=y)");
			ftrace_free_filter(&r->ops);
			sim_redirects_off(table, count);
			return err;
		}
		r->active = true;
	}
	return 0;
}
