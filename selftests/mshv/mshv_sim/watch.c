// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens around a hypercall while there are fault rules, overrides or
 * recorders.  The dispatcher comes here only then.
 */
#include <linux/delay.h>
#include <linux/timekeeping.h>

#include "control.h"

void sim_watch_init(struct sim_watch *w)
{
	w->partition = 0;
	w->vp = MSHV_SIM_ANY_VP;
	w->input_bytes = 0;
	w->output_bytes = 0;
	w->fault.id = 0;
	w->fault.flags = 0;
}

/* Statistics calls name their object in their own way. */
static void sim_watch_stats(struct sim_watch *w, const struct hv_input_map_stats_page *in)
{
	w->partition = sim_config.root_id;
	if (in->type == HV_STATS_OBJECT_PARTITION)
		w->partition = in->identity.partition.partition_id;
	if (in->type == HV_STATS_OBJECT_VP) {
		w->partition = in->identity.vp.partition_id;
		w->vp = in->identity.vp.vp_index;
	}
}

static void sim_watch_target(struct sim_watch *w, const struct sim_call *c)
{
	const struct sim_hypercall *row = c->row;

	switch (row->code) {
	case HVCALL_MAP_STATS_PAGE:
	case HVCALL_MAP_STATS_PAGE2:
	case HVCALL_UNMAP_STATS_PAGE:
		sim_watch_stats(w, c->in);
		break;
	case HVCALL_CREATE_VP:
	case HVCALL_REGISTER_INTERCEPT_RESULT:
		/* Has an index, though not one that must exist. */
		w->vp = *(u32 *)(c->in + 8);
		fallthrough;
	default:
		w->partition = row->flags & SIM_CALL_PARTITION ? *(u64 *)c->in :
								 sim_config.root_id;
		if (row->flags & SIM_CALL_VP)
			w->vp = *(u32 *)(c->in + 8);
	}
	if (w->partition == HV_PARTITION_ID_SELF)
		w->partition = sim_config.root_id;
}

bool sim_watch_begin(struct sim_watch *w, struct sim_call *c)
{
	struct sim_partition *pt;

	w->input_bytes = min_t(u32, c->in_size, sizeof(w->input));
	memcpy(w->input, c->in, w->input_bytes);
	sim_watch_target(w, c);

	sim_fault_match(c->row->code, w->partition, w->vp, &w->fault);
	if (!w->fault.id)
		return false;
	if (w->fault.flags & MSHV_SIM_FAULT_STATUS) {
		/* What goes wrong with it later is not the driver's fault. */
		pt = sim_partition_find(w->partition);
		if (pt)
			WRITE_ONCE(pt->faulted, true);
	}
	if (w->fault.flags & MSHV_SIM_FAULT_AFTER)
		return false;
	sim_delay(w->fault.delay_us);
	if (!(w->fault.flags & MSHV_SIM_FAULT_STATUS))
		return false;
	if (!c->row->rep || !w->fault.reps)
		return true;
	c->rep_limit = w->fault.reps;
	return false;
}

u64 sim_watch_end(struct sim_watch *w, struct sim_call *c, u64 status, u32 *done)
{
	if (w->fault.flags & MSHV_SIM_FAULT_AFTER)
		sim_delay(w->fault.delay_us);
	if (w->fault.flags & MSHV_SIM_FAULT_STATUS) {
		status = w->fault.status;
		/* The driver repeats a success that completes nothing, for ever. */
		if (status == HV_STATUS_SUCCESS && c->row->rep && !c->rep_limit)
			*done = c->rep_count;
	} else {
		status = sim_override_call(w, c, status);
	}

	/* The one partition that no input can name. */
	if (c->row->code == HVCALL_CREATE_PARTITION && status == HV_STATUS_SUCCESS && c->out)
		w->partition = *(u64 *)c->out;
	if (c->out && status == HV_STATUS_SUCCESS) {
		w->output_bytes = min_t(u32, c->out_size, sizeof(w->output));
		memcpy(w->output, c->out, w->output_bytes);
	}
	return status;
}
