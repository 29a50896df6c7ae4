// SPDX-License-Identifier: GPL-2.0-only
/*
 * mshv_vtl_sim: module parameters, start and end.
 */
#include <linux/module.h>
#include <linux/string.h>
#include <asm/hypervisor.h>

#include "vtl.h"

bool vtl_intercept_page = true, vtl_return_action = true, vtl_dr6_shared = true;
module_param_named(intercept_page, vtl_intercept_page, bool, 0444);
MODULE_PARM_DESC(intercept_page, "Intercepts come on the VP assist page, not in SINT 0 (default Y)");
module_param_named(return_action, vtl_return_action, bool, 0444);
MODULE_PARM_DESC(return_action, "Offer VTL return actions (default Y)");
module_param_named(dr6_shared, vtl_dr6_shared, bool, 0444);
MODULE_PARM_DESC(dr6_shared, "DR6 is one register for all VTLs (default Y)");

/* For the shared parts: a partition that only knows itself. */
struct sim_config sim_config = { .root_id = HV_PARTITION_ID_SELF };

static int __init vtl_init(void)
{
	int err;

	if (hypervisor_is_type(X86_HYPER_MS_HYPERV)) {
		pr_err("this machine runs on the real hypervisor: refusing to play it\n");
		return -EBUSY;
	}
	err = vtl_lower_init();
	if (err)
		return err;
	vtl_synic_init();
	err = sim_driver_watch("mshv_vtl");
	if (err)
		return err;
	err = vtl_seam_attach();
	if (err)
		goto driver;
	err = sim_control_init();
	if (err)
		goto seam;
	pr_info("playing the hypervisor and VTL 0 for a kernel in VTL 2\n");
	return 0;

seam:
	vtl_seam_detach();
driver:
	sim_driver_unwatch();
	return err;
}

static void __exit vtl_exit(void)
{
	sim_control_exit();
	vtl_synic_exit();
	vtl_seam_detach();
	sim_driver_unwatch();
}

module_init(vtl_init);
module_exit(vtl_exit);

MODULE_DESCRIPTION("Simulated Microsoft hypervisor and lower VTL around mshv_vtl, for tests");
MODULE_AUTHOR("The libmshv authors");
MODULE_LICENSE("GPL");
/* modpost adds this only for modules below tools/testing of a kernel tree. */
MODULE_INFO(test, "Y");
