// SPDX-License-Identifier: GPL-2.0-only
/* What /dev/mshv_sim can do in mshv_sim only: one table row per command. */
#include "control.h"

static long sim_control_probe(struct sim_file *file, void *arg)
{
	struct mshv_sim_probe *p = arg;

	if (p->reserved)
		return -EINVAL;
	p->features = MSHV_SIM_HAS_FAULTS | MSHV_SIM_HAS_RECORDING | MSHV_SIM_HAS_OVERRIDES |
		      MSHV_SIM_HAS_MESSAGES | MSHV_SIM_HAS_VIOLATIONS | MSHV_SIM_HAS_CHECK |
		      MSHV_SIM_HAS_LEDGER | MSHV_SIM_HAS_HOLD | MSHV_SIM_HAS_HYPERCALLS;
	if (sim_owner_attached())
		p->features |= MSHV_SIM_HAS_OWNER;
	if (sim_engine == &sim_engine_scripted)
		p->features |= MSHV_SIM_HAS_SCRIPTS;
	else
		p->features |= MSHV_SIM_HAS_GUESTS;
	p->root_partition = sim_config.root_id;
	p->scheduler = sim_config.sched;
	p->l1vh = sim_config.l1vh;
	p->max_rules = SIM_MAX_RULES;
	p->max_records = SIM_MAX_RECORDS;
	p->max_messages = SIM_MAX_MESSAGES;
	p->max_script = SIM_MAX_STEPS;
	p->max_delay_us = SIM_MAX_DELAY_US;
	p->record_size = sizeof(struct mshv_sim_record);
	return 0;
}

const struct sim_command sim_commands[] = {
	COMMAND(PROBE, mshv_sim_probe, sim_control_probe),
	COMMAND(OVERRIDE_ADD, mshv_sim_override, sim_override_add),
	COMMAND(OVERRIDE_REMOVE, mshv_sim_override, sim_override_remove),
	COMMAND(OVERRIDE_CLEAR, mshv_sim_override, sim_override_clear),
	COMMAND(POST_MESSAGE, mshv_sim_message, sim_inject_message),
	COMMAND(HOLD, mshv_sim_hold, sim_inject_hold),
	COMMAND(VIOLATIONS, mshv_sim_violations, sim_police_violations),
	COMMAND(CHECK, mshv_sim_check, sim_police_check),
	COMMAND(LEDGER, mshv_sim_ledger, sim_police_ledger),
	COMMAND(SCRIPT_PUSH, mshv_sim_step, sim_script_push),
	COMMAND(SCRIPT_QUERY, mshv_sim_script, sim_script_query),
	COMMAND(SCRIPT_CLEAR, mshv_sim_script, sim_script_clear),
	COMMAND(HYPERCALL, mshv_sim_hypercall, sim_call_hypercall),
	COMMAND(SINT, mshv_sim_sint, sim_call_sint),
	{}
};

void sim_commands_open(struct sim_file *file)
{
	file->violations_seen = sim_violations_end();
	sim_inject_open(file);
}

void sim_commands_close(struct sim_file *file)
{
	sim_override_clear(file, NULL);
	sim_inject_close(file);
	sim_script_close(file);
	sim_call_close(file);
}
