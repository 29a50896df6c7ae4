// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seam: how the kernel's way to the hypervisor is turned to us.
 *
 * Every hypercall of the x86-64 kernel ends in hv_std_hypercall(), every SynIC
 * MSR access of mshv_root in hv_{get,set}_non_nested_msr().  ftrace moves the
 * entry of these functions to ours; nothing in the kernel or the driver is
 * changed.  hv_setup_mshv_handler() is moved too, since it hands over the
 * driver's interrupt handler (driver.c).
 *
 * The variables that a boot under the hypervisor would have set are set here
 * and put back when the module goes.
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "mshv_sim.h"
#include "redirect.h"

/* Exported for mshv_root, which has the only declaration in a private header. */
extern u8 * __percpu *hv_synic_eventring_tail;

/* ------------------------------------------------------------ redirections */

/*
 * Version numbers as in CPUID leaf 0x40000002 (TLFS, "Hypervisor system
 * identity").  The driver says which builds it was validated with.
 */
static unsigned int build = 27744;
module_param(build, uint, 0444);
MODULE_PARM_DESC(build, "Build number that the hypervisor reports (default 27744)");

void sim_hypervisor_version(union hv_hypervisor_version_info *info)
{
	memset(info, 0, sizeof(*info));
	info->build_number = build;
	info->major_version = 10;
}

static int sim_get_hypervisor_version(union hv_hypervisor_version_info *info)
{
	sim_hypervisor_version(info);
	return 0;
}

/* Vectors on the register page instead of hypercalls: driver's mshv_eventfd.c. */
static bool fast_irq;
module_param(fast_irq, bool, 0444);
MODULE_PARM_DESC(fast_irq, "Offer interrupt injection through HVCALL_DISPATCH_VP (default N)");

static struct sim_redirect sim_redirects[] = {
	{ "hv_std_hypercall",		sim_hypercall,			SIM_OPS },
	{ "hv_get_non_nested_msr",	sim_synic_rdmsr,		SIM_OPS },
	{ "hv_set_non_nested_msr",	sim_synic_wrmsr,		SIM_OPS },
	{ "hv_get_hypervisor_version",	sim_get_hypervisor_version,	SIM_OPS },
	{ "hv_setup_mshv_handler",	sim_driver_set_handler,		SIM_OPS },
};

/* --------------------------------------------------------------- variables */

static struct {
	enum hv_partition_type type;
	u64 id;
	u32 hints, ext_features;
	u32 *vp_index;
} sim_saved;

static unsigned int vp_index_offset;
module_param(vp_index_offset, uint, 0444);
MODULE_PARM_DESC(vp_index_offset, "Added to the CPU number to form the root's VP index (default 0)");

static void sim_variables_free(void)
{
	int cpu;

	if (hyperv_pcpu_input_arg)
		for_each_possible_cpu(cpu)
			free_pages((unsigned long)*per_cpu_ptr(hyperv_pcpu_input_arg, cpu), 1);
	if (hv_synic_eventring_tail)
		for_each_possible_cpu(cpu)
			kfree(*per_cpu_ptr(hv_synic_eventring_tail, cpu));
	free_percpu(hyperv_pcpu_input_arg);
	free_percpu(hyperv_pcpu_output_arg);
	free_percpu(hv_synic_eventring_tail);
	kfree(hv_vp_index);
	hyperv_pcpu_input_arg = NULL;
	hyperv_pcpu_output_arg = NULL;
	hv_synic_eventring_tail = NULL;
	hv_vp_index = sim_saved.vp_index;
}

static int sim_variables_alloc(void)
{
	int cpu;

	/* Set by hyperv_init() only, which refuses to run without Hyper-V. */
	if (hyperv_pcpu_input_arg || hyperv_pcpu_output_arg || hv_synic_eventring_tail)
		return -EBUSY;
	sim_saved.vp_index = hv_vp_index;

	hyperv_pcpu_input_arg = alloc_percpu(void *);
	hyperv_pcpu_output_arg = alloc_percpu(void *);
	hv_synic_eventring_tail = alloc_percpu(u8 *);
	hv_vp_index = kmalloc_array(nr_cpu_ids, sizeof(*hv_vp_index), GFP_KERNEL);
	if (!hyperv_pcpu_input_arg || !hyperv_pcpu_output_arg ||
	    !hv_synic_eventring_tail || !hv_vp_index)
		goto fail;

	for_each_possible_cpu(cpu) {
		/* The kernel passes physical addresses: one page in, one out. */
		void *args = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, 1);
		u8 *tails = kcalloc(HV_SYNIC_SINT_COUNT, 1, GFP_KERNEL);

		*per_cpu_ptr(hyperv_pcpu_input_arg, cpu) = args;
		*per_cpu_ptr(hyperv_pcpu_output_arg, cpu) = args + HV_HYP_PAGE_SIZE;
		*per_cpu_ptr(hv_synic_eventring_tail, cpu) = tails;
		if (!args || !tails)
			goto fail;
		hv_vp_index[cpu] = cpu + vp_index_offset;
	}
	return 0;
fail:
	sim_variables_free();
	return -ENOMEM;
}

int sim_seam_attach(void)
{
	int err;

	err = sim_variables_alloc();
	if (err)
		return err;
	err = sim_redirects_on(sim_redirects, ARRAY_SIZE(sim_redirects));
	if (err) {
		sim_variables_free();
		return err;
	}

	sim_saved.type = hv_curr_partition_type;
	sim_saved.id = hv_current_partition_id;
	sim_saved.hints = ms_hyperv.hints;
	sim_saved.ext_features = ms_hyperv.ext_features;
	hv_curr_partition_type = sim_config.l1vh ? HV_PARTITION_TYPE_L1VH :
						   HV_PARTITION_TYPE_ROOT;
	/* An L1VH parent never learns its id: it uses SELF (hv_common.c). */
	hv_current_partition_id = sim_config.l1vh ? HV_PARTITION_ID_SELF :
						    sim_config.root_id;
	/* Without this hint the driver would ask for auto-EOI SINTs. */
	ms_hyperv.hints |= HV_DEPRECATING_AEOI_RECOMMENDED;
	if (fast_irq)
		ms_hyperv.ext_features |= HV_VP_DISPATCH_INTERRUPT_INJECTION_AVAILABLE;
	return 0;
}

void sim_seam_detach(void)
{
	ms_hyperv.hints = sim_saved.hints;
	ms_hyperv.ext_features = sim_saved.ext_features;
	hv_current_partition_id = sim_saved.id;
	hv_curr_partition_type = sim_saved.type;
	sim_redirects_off(sim_redirects, ARRAY_SIZE(sim_redirects));
	sim_variables_free();
}
