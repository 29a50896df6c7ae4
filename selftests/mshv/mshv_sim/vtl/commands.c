// SPDX-License-Identifier: GPL-2.0-only
/* What /dev/mshv_sim can do in mshv_vtl_sim only: one table row per command. */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>

#include "vtl.h"

static long vtl_probe(struct sim_file *file, void *arg)
{
	struct mshv_sim_probe *p = arg;

	if (p->reserved)
		return -EINVAL;
	p->features = MSHV_SIM_HAS_FAULTS | MSHV_SIM_HAS_RECORDING | MSHV_SIM_HAS_VTL;
	p->root_partition = sim_config.root_id;
	p->scheduler = 0;
	p->l1vh = 0;
	p->max_rules = SIM_MAX_RULES;
	p->max_records = SIM_MAX_RECORDS;
	p->max_messages = 0;
	p->max_script = 0;
	p->max_delay_us = SIM_MAX_DELAY_US;
	p->record_size = sizeof(struct mshv_sim_record);
	return 0;
}

static bool vtl_cpu_ok(u32 cpu)
{
	return cpu < nr_cpu_ids && cpu_possible(cpu);
}

static long vtl_info(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_info *a = arg;
	union hv_register_value v;

	if (!vtl_cpu_ok(a->cpu))
		return -ENXIO;
	vtl_reg_get(a->cpu, 2, HV_REGISTER_VSM_CAPABILITIES, &v);
	a->capabilities = v.reg64;
	vtl_reg_get(a->cpu, 2, HV_REGISTER_VSM_PARTITION_CONFIG, &v);
	a->partition_config = v.reg64;
	vtl_reg_get(a->cpu, 2, HV_X64_REGISTER_REG_PAGE, &v);
	a->register_page = v.reg64;
	a->has_handler = sim_driver_has_handler();
	vtl_synic_info(a);
	return 0;
}

static long vtl_register(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_register *a = arg;
	union hv_register_value v;
	u64 status;

	BUILD_BUG_ON(sizeof(v) != sizeof(a->value));
	if (!vtl_cpu_ok(a->cpu))
		return -ENXIO;
	if (a->flags & ~MSHV_SIM_VTL_WRITE || a->reserved || (a->vtl && a->vtl != 2))
		return -EINVAL;
	if (a->flags & MSHV_SIM_VTL_WRITE) {
		memcpy(&v, a->value, sizeof(v));
		status = vtl_reg_set(a->cpu, a->vtl, a->name, &v);
	} else {
		status = vtl_reg_get(a->cpu, a->vtl, a->name, &v);
		memcpy(a->value, &v, sizeof(v));
	}
	return status == HV_STATUS_SUCCESS ? 0 : -ENOENT;
}

/* Not through the direct map, which has these pages only once the driver knows them. */
static long vtl_memory(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_memory *a = arg;
	void *p;

	if (a->flags & ~MSHV_SIM_VTL_WRITE || a->reserved || !a->bytes ||
	    a->bytes > sizeof(a->data) || a->gpa + a->bytes < a->gpa)
		return -EINVAL;
	if (region_intersects(a->gpa, a->bytes, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return -EPERM;
	/* To be asked for more than the processor can address is worth a WARN to memremap(). */
	if (a->gpa + a->bytes > BIT_ULL(boot_cpu_data.x86_phys_bits))
		return -ENXIO;
	p = memremap(a->gpa, a->bytes, MEMREMAP_WB);
	if (!p)
		return -ENXIO;
	if (a->flags & MSHV_SIM_VTL_WRITE)
		memcpy(p, a->data, a->bytes);
	else
		memcpy(a->data, p, a->bytes);
	memunmap(p);
	return 0;
}

const struct sim_command sim_commands[] = {
	COMMAND(PROBE, mshv_sim_probe, vtl_probe),
	COMMAND(VTL_INFO, mshv_sim_vtl_info, vtl_info),
	COMMAND(VTL_PUSH, mshv_sim_vtl_step, vtl_lower_push),
	COMMAND(VTL_QUERY, mshv_sim_vtl_cpu, vtl_lower_query),
	COMMAND(VTL_POST, mshv_sim_vtl_post, vtl_synic_post),
	COMMAND(VTL_ANSWER, mshv_sim_vtl_answer, vtl_call_answer),
	COMMAND(VTL_POSTED, mshv_sim_vtl_posted, vtl_call_posted),
	COMMAND(VTL_REGISTER, mshv_sim_vtl_register, vtl_register),
	COMMAND(VTL_MEMORY, mshv_sim_vtl_memory, vtl_memory),
	{}
};

void sim_commands_open(struct sim_file *file)
{
}

void sim_commands_close(struct sim_file *file)
{
	vtl_lower_close(file);
	vtl_call_close(file);
}
