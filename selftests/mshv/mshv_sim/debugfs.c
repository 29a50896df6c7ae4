// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a person or a test can read, below /sys/kernel/debug/mshv_sim:
 *
 *   info        what hypervisor this is, "key: value" lines
 *   hypercalls  "code name calls elements failures" per hypercall
 *   exits       "kind count": why VPs left the guest
 *   ledger      "name value": zero in each line while no partition exists
 *   violations  how often the driver broke the contract, then the last reports
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "control.h"

static struct dentry *sim_dir;

static int violations_show(struct seq_file *m, void *v)
{
	sim_violations_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(violations);

static int ledger_show(struct seq_file *m, void *v)
{
	struct mshv_sim_ledger l = {};

	sim_ledger_read(MSHV_SIM_ANY_PARTITION, &l);
	seq_printf(m, "partitions %llu\n", l.partitions);
	seq_printf(m, "vps %llu\n", l.vps);
	seq_printf(m, "deposited_pages %llu\n", l.deposited_pages);
	seq_printf(m, "used_pages %llu\n", l.used_pages);
	seq_printf(m, "gpa_mappings %llu\n", l.gpa_mappings);
	seq_printf(m, "state_pages %llu\n", l.state_pages);
	seq_printf(m, "ports %llu\n", l.ports);
	seq_printf(m, "child_stats_pages %llu\n", l.stats_pages);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ledger);

/* ----------------------------------------------------------------- exits */

static const char * const sim_exit_names[SIM_NR_EXITS] = {
	[SIM_EXIT_IO] = "io_port",
	[SIM_EXIT_UNMAPPED_GPA] = "unmapped_gpa",
	[SIM_EXIT_GPA_INTERCEPT] = "gpa_intercept",
	[SIM_EXIT_CPUID] = "cpuid",
	[SIM_EXIT_MSR] = "msr",
	[SIM_EXIT_HLT] = "hlt",
	[SIM_EXIT_TRIPLE_FAULT] = "triple_fault",
	[SIM_EXIT_EXCEPTION] = "exception",
	[SIM_EXIT_HYPERCALL] = "hypercall",
	[SIM_EXIT_INTERRUPT] = "host_interrupt",
	[SIM_EXIT_APIC] = "apic",
	[SIM_EXIT_DOORBELL] = "doorbell",
	[SIM_EXIT_OTHER] = "other",
};

/* VPs that have gone are added up here. */
static atomic64_t sim_past_exits[SIM_NR_EXITS];

void sim_exits_retire(const struct sim_vp *vp)
{
	int i;

	for (i = 0; i < SIM_NR_EXITS; i++)
		atomic64_add(vp->exits[i], &sim_past_exits[i]);
}

static void sim_exits_add(struct sim_partition *pt, void *arg)
{
	u64 *sum = arg;
	struct sim_vp *vp;
	int e;

	sim_for_each_vp(pt, vp)
		for (e = 0; e < SIM_NR_EXITS; e++)
			sum[e] += READ_ONCE(vp->exits[e]);
}

static int exits_show(struct seq_file *m, void *v)
{
	u64 sum[SIM_NR_EXITS] = {};
	int i;

	sim_partitions_for_each(sim_exits_add, sum);
	for (i = 0; i < SIM_NR_EXITS; i++)
		seq_printf(m, "%s %llu\n", sim_exit_names[i],
			   sum[i] + atomic64_read(&sim_past_exits[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(exits);

/* ------------------------------------------------------------------ rest */

static int hypercalls_show(struct seq_file *m, void *v)
{
	sim_hypercalls_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hypercalls);

static int info_show(struct seq_file *m, void *v)
{
	union hv_hypervisor_version_info version;

	seq_printf(m, "engine: %s\n", sim_engine->name);
	seq_printf(m, "partition_type: %s\n", sim_config.l1vh ? "l1vh" : "root");
	seq_printf(m, "scheduler: %s\n", sim_scheduler_name());
	if (!hv_get_hypervisor_version(&version))
		seq_printf(m, "build: %u\n", version.build_number);
	seq_printf(m, "logical_processors: %u\n", num_present_cpus());
	seq_printf(m, "orphaned_pages: %llu\n", sim_orphaned_pages());
	seq_printf(m, "unwatched_regions: %llu\n", sim_owner_missed());
	seq_printf(m, "audited_pages: %llu\n", sim_audit_pages());
	seq_printf(m, "unclaimed_messages: %llu\n", sim_synic_unclaimed());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(info);

int sim_debugfs_init(void)
{
	sim_dir = debugfs_create_dir("mshv_sim", NULL);
	debugfs_create_file("info", 0444, sim_dir, NULL, &info_fops);
	debugfs_create_file("hypercalls", 0444, sim_dir, NULL, &hypercalls_fops);
	debugfs_create_file("exits", 0444, sim_dir, NULL, &exits_fops);
	debugfs_create_file("ledger", 0444, sim_dir, NULL, &ledger_fops);
	debugfs_create_file("violations", 0444, sim_dir, NULL, &violations_fops);
	return 0;	/* debugfs is a view: its failure stops nothing */
}

void sim_debugfs_exit(void)
{
	debugfs_remove_recursive(sim_dir);
}
