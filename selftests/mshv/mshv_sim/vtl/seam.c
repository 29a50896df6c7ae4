// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seam of a VTL 2 kernel that was booted as a plain one: hypercalls and SynIC
 * MSRs come to us as in mshv_sim, the driver's interrupt handler is kept, and
 * pointers that a boot under the hypervisor would have set are set.
 *
 * The way to VTL 0 stays the kernel's own: mshv_vtl_return_call() down to the call
 * of the hypercall page.  There is no such page here; its address, which is NULL,
 * and the offset that we gave the driver are added in mshv_vtl_return_call_init(),
 * so its argument gets the address of ours on top.
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include <hyperv_vmbus.h>

#include "../redirect.h"
#include "vtl.h"

static struct sim_redirect vtl_redirects[] = {
	{ "hv_std_hypercall",		vtl_hypercall,			SIM_OPS },
	{ "hv_get_non_nested_msr",	vtl_synic_rdmsr,		SIM_OPS },
	{ "hv_set_non_nested_msr",	vtl_synic_wrmsr,		SIM_OPS },
	{ "hv_setup_vmbus_handler",	sim_driver_set_handler,		SIM_OPS },
};

/* ------------------------------------------------------- the hypercall page */

/* An offset that is not ours would be a jump to anywhere: no call at all then. */
static void notrace vtl_return_call_init(unsigned long ip, unsigned long parent_ip,
					 struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	u64 offset = ftrace_regs_get_argument(fregs, 0);

	if (offset != VTL_RETURN_OFFSET) {
		pr_err("the driver wants to return to VTL 0 at offset %#llx of the hypercall page, not %#x\n",
		       offset, VTL_RETURN_OFFSET);
		arch_ftrace_regs(fregs)->regs.di = 0;
		return;
	}
	arch_ftrace_regs(fregs)->regs.di = (unsigned long)vtl_return_entry;
}

static struct ftrace_ops vtl_return_ops = {
	.func = vtl_return_call_init,
	.flags = FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_PERMANENT,
};

static int vtl_return_on(void)
{
	static unsigned char name[] = "mshv_vtl_return_call_init";
	int err = ftrace_set_filter(&vtl_return_ops, name, sizeof(name) - 1, 0);

	if (!err)
		err = register_ftrace_function(&vtl_return_ops);
	if (err) {
		pr_err("cannot watch %s: %d (needs CONFIG_HYPERV_VTL_MODE=y)\n", name, err);
		ftrace_free_filter(&vtl_return_ops);
	}
	return err;
}

static void vtl_return_off(void)
{
	unregister_ftrace_function(&vtl_return_ops);
	ftrace_free_filter(&vtl_return_ops);
	/* Address NULL and offset 0: nothing is called any more. */
	mshv_vtl_return_call_init(0);
}

/* --------------------------------------------------------------- variables */

static u32 vtl_saved_hints;
static struct hv_context *vtl_hv_context;

/* Page by page, as the hypervisor takes physical addresses. */
enum { PAGE_IN, PAGE_OUT, PAGE_ASSIST, PAGE_SIMP, PAGE_SIEFP, NR_VTL_PAGES };

struct vtl_pages {
	void *page[NR_VTL_PAGES];
};

static DEFINE_PER_CPU(struct vtl_pages, vtl_pages);

struct hv_message *vtl_seam_message(unsigned int cpu, u32 sint)
{
	return (struct hv_message *)per_cpu(vtl_pages, cpu).page[PAGE_SIMP] + sint;
}

unsigned long *vtl_seam_event_flags(unsigned int cpu, u32 sint)
{
	union hv_synic_event_flags *flags = per_cpu(vtl_pages, cpu).page[PAGE_SIEFP];

	return flags[sint].flags;
}

static void vtl_variables_free(void)
{
	int cpu, i;

	free_percpu(hyperv_pcpu_input_arg);
	free_percpu(hyperv_pcpu_output_arg);
	kfree(hv_vp_assist_page);
	hyperv_pcpu_input_arg = NULL;
	hyperv_pcpu_output_arg = NULL;
	hv_vp_assist_page = NULL;
	if (vtl_hv_context) {
		free_percpu(vtl_hv_context->cpu_context);
		vtl_hv_context->cpu_context = NULL;
		symbol_put(hv_context);
		vtl_hv_context = NULL;
	}
	for_each_possible_cpu(cpu) {
		for (i = 0; i < NR_VTL_PAGES; i++) {
			free_page((unsigned long)per_cpu(vtl_pages, cpu).page[i]);
			per_cpu(vtl_pages, cpu).page[i] = NULL;
		}
	}
}

static int vtl_variables_alloc(void)
{
	struct hv_context *context;
	int cpu, i;

	/* Set by hyperv_init() and the VMBus driver, which don't run without Hyper-V. */
	if (hyperv_pcpu_input_arg || hyperv_pcpu_output_arg || hv_vp_assist_page)
		return -EBUSY;
	/* Exported to mshv_vtl only, by name; this is how others may ask. */
	context = symbol_get(hv_context);
	if (!context)
		return -ENOENT;
	if (context->cpu_context) {
		symbol_put(hv_context);
		return -EBUSY;
	}
	vtl_hv_context = context;

	hyperv_pcpu_input_arg = alloc_percpu(void *);
	hyperv_pcpu_output_arg = alloc_percpu(void *);
	hv_vp_assist_page = kcalloc(nr_cpu_ids, sizeof(*hv_vp_assist_page), GFP_KERNEL);
	context->cpu_context = alloc_percpu(struct hv_per_cpu_context);
	if (!hyperv_pcpu_input_arg || !hyperv_pcpu_output_arg || !hv_vp_assist_page ||
	    !context->cpu_context)
		goto fail;

	for_each_possible_cpu(cpu) {
		void **pages = per_cpu(vtl_pages, cpu).page;
		struct hv_per_cpu_context *synic = per_cpu_ptr(context->cpu_context, cpu);

		for (i = 0; i < NR_VTL_PAGES; i++) {
			pages[i] = (void *)get_zeroed_page(GFP_KERNEL);
			if (!pages[i])
				goto fail;
		}
		*per_cpu_ptr(hyperv_pcpu_input_arg, cpu) = pages[PAGE_IN];
		*per_cpu_ptr(hyperv_pcpu_output_arg, cpu) = pages[PAGE_OUT];
		hv_vp_assist_page[cpu] = pages[PAGE_ASSIST];
		synic->hyp_synic_message_page = pages[PAGE_SIMP];
		synic->hyp_synic_event_page = pages[PAGE_SIEFP];
	}
	return 0;
fail:
	vtl_variables_free();
	return -ENOMEM;
}

int vtl_seam_attach(void)
{
	int err;

	err = vtl_variables_alloc();
	if (err)
		return err;
	err = sim_redirects_on(vtl_redirects, ARRAY_SIZE(vtl_redirects));
	if (err)
		goto variables;
	err = vtl_return_on();
	if (err)
		goto redirects;
	/* Without this hint the driver would ask for auto-EOI SINTs. */
	vtl_saved_hints = ms_hyperv.hints;
	ms_hyperv.hints |= HV_DEPRECATING_AEOI_RECOMMENDED;
	return 0;

redirects:
	sim_redirects_off(vtl_redirects, ARRAY_SIZE(vtl_redirects));
variables:
	vtl_variables_free();
	return err;
}

void vtl_seam_detach(void)
{
	ms_hyperv.hints = vtl_saved_hints;
	vtl_return_off();
	sim_redirects_off(vtl_redirects, ARRAY_SIZE(vtl_redirects));
	vtl_variables_free();
}
