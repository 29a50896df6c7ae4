// SPDX-License-Identifier: GPL-2.0-only
/*
 * mshv_sim: module parameters, start and end.
 */
#include <linux/module.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/hypervisor.h>

#include "control.h"

static char *sched = "root";
module_param(sched, charp, 0444);
MODULE_PARM_DESC(sched, "Scheduler type: lp, lp_smt, core_smt or root (default)");

static char *type = "root";
module_param(type, charp, 0444);
MODULE_PARM_DESC(type, "Partition that the kernel plays: root (default) or l1vh");

static char *engine = "auto";
module_param(engine, charp, 0444);
MODULE_PARM_DESC(engine, "How VPs run: svm, scripted, or auto (default): svm if the CPU has it");

static bool overlay;
module_param(overlay, bool, 0444);
MODULE_PARM_DESC(overlay, "type=l1vh: the parent brings the state and statistics pages");

struct sim_config sim_config = { .root_id = 1 };
const struct sim_engine *sim_engine;

static const char * const sim_schedulers[] = {
	[HV_SCHEDULER_TYPE_LP]		= "lp",
	[HV_SCHEDULER_TYPE_LP_SMT]	= "lp_smt",
	[HV_SCHEDULER_TYPE_CORE_SMT]	= "core_smt",
	[HV_SCHEDULER_TYPE_ROOT]	= "root",
};

const char *sim_scheduler_name(void)
{
	return sim_schedulers[sim_config.sched];
}

static int __init sim_parse_config(void)
{
	int i;

	for (i = HV_SCHEDULER_TYPE_LP; i < ARRAY_SIZE(sim_schedulers); i++)
		if (!strcmp(sched, sim_schedulers[i]))
			sim_config.sched = i;
	if (!sim_config.sched) {
		pr_err("sched=%s: must be lp, lp_smt, core_smt or root\n", sched);
		return -EINVAL;
	}

	sim_config.l1vh = !strcmp(type, "l1vh");
	if (!sim_config.l1vh && strcmp(type, "root")) {
		pr_err("type=%s: must be root or l1vh\n", type);
		return -EINVAL;
	}
	sim_config.overlay = overlay;
	if (overlay && !sim_config.l1vh) {
		pr_err("overlay=1 is for type=l1vh\n");
		return -EINVAL;
	}
	/*
	 * An L1VH parent has no system property to ask: the driver takes the
	 * core scheduler, or the root one if the capabilities say so.
	 */
	if (sim_config.l1vh && sim_config.sched != HV_SCHEDULER_TYPE_ROOT)
		sim_config.sched = HV_SCHEDULER_TYPE_CORE_SMT;
	return 0;
}

static int __init sim_choose_engine(void)
{
	bool svm = boot_cpu_has(X86_FEATURE_SVM) && boot_cpu_has(X86_FEATURE_NPT);

	if (!strcmp(engine, "svm")) {
		sim_engine = &sim_engine_svm;
	} else if (!strcmp(engine, "scripted")) {
		sim_engine = &sim_engine_scripted;
	} else if (strcmp(engine, "auto")) {
		pr_err("engine=%s: must be svm, scripted or auto\n", engine);
		return -EINVAL;
	} else if (svm) {
		sim_engine = &sim_engine_svm;
	} else {
		pr_notice("no AMD SVM with nested paging on this CPU: scripted engine, no guest code runs\n");
		sim_engine = &sim_engine_scripted;
	}
	return 0;
}

static int __init sim_init(void)
{
	int err;

	if (hypervisor_is_type(X86_HYPER_MS_HYPERV)) {
		pr_err("this machine runs on the real hypervisor: refusing to play it\n");
		return -EBUSY;
	}
	err = sim_parse_config() ?: sim_choose_engine();
	if (err)
		return err;

	err = sim_hypercalls_init() ?: sim_regs_init();
	if (err)
		return err;
	err = sim_engine->init();
	if (err)
		return err;
	err = sim_sched_init();
	if (err)
		goto engine;
	err = sim_synic_init();
	if (err)
		goto sched;
	err = sim_partitions_init();
	if (err)
		goto synic;
	err = sim_debugfs_init();
	if (err)
		goto partitions;
	err = sim_driver_watch("mshv_root");
	if (err)
		goto debugfs;
	err = sim_owner_attach();
	if (err)
		goto driver;
	err = sim_seam_attach();
	if (err)
		goto owner;
	err = sim_control_init();
	if (err)
		goto seam;

	pr_info("playing the hypervisor for a%s partition, %s scheduler, %s engine\n",
		sim_config.l1vh ? "n L1VH" : " root", sim_scheduler_name(),
		sim_engine->name);
	return 0;

seam:
	sim_seam_detach();
owner:
	sim_owner_detach();
driver:
	sim_driver_unwatch();
debugfs:
	sim_debugfs_exit();
partitions:
	sim_partitions_exit();
synic:
	sim_synic_exit();
sched:
	sim_sched_exit();
engine:
	sim_engine->exit();
	return err;
}

static void __exit sim_exit(void)
{
	sim_control_exit();
	sim_seam_detach();
	sim_owner_detach();
	sim_driver_unwatch();
	sim_debugfs_exit();
	sim_partitions_exit();
	sim_synic_exit();
	sim_sched_exit();
	sim_engine->exit();
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated Microsoft hypervisor below mshv_root, for tests");
MODULE_AUTHOR("The libmshv authors");
MODULE_LICENSE("GPL");
/* modpost adds this only for modules below tools/testing of a kernel tree. */
MODULE_INFO(test, "Y");
