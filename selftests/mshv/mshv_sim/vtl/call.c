// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls of VTL 2: registers, messages and signals have an effect; what
 * else user space may call through /dev/mshv_hvcall answers as a test says.
 */
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <hyperv_vmbus.h>

#include "vtl.h"

struct vtl_call {
	u16 code;
	bool fast;
	u32 reps, start;
	u32 limit;			/* elements that a rule lets pass */
	u64 p1;
	const void *in;
	void *out;
};

/* ----------------------------------------------------------------- registers */

/* Both calls begin with the same 16 bytes, for this VP and nobody else. */
static u64 vtl_call_target(const struct hv_input_get_vp_registers *in, u8 *vtl)
{
	if (in->partition_id != HV_PARTITION_ID_SELF)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (in->vp_index != HV_VP_INDEX_SELF && in->vp_index != raw_smp_processor_id())
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->rsvd_z8 || in->rsvd_z16 || in->input_vtl.reserved_z)
		return HV_STATUS_INVALID_PARAMETER;
	*vtl = in->input_vtl.use_target_vtl ? in->input_vtl.target_vtl : 2;
	return *vtl == 0 || *vtl == 2 ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

static u64 vtl_get_registers(struct vtl_call *c, u32 *done)
{
	const struct hv_input_get_vp_registers *in = c->in;
	union hv_register_value *out = c->out;
	u64 status;
	u8 vtl;

	status = vtl_call_target(in, &vtl);
	for (; status == HV_STATUS_SUCCESS && *done < c->limit; (*done)++) {
		status = vtl_reg_get(raw_smp_processor_id(), vtl, in->names[*done], &out[*done]);
		if (status != HV_STATUS_SUCCESS)
			break;
	}
	return status;
}

static u64 vtl_set_registers(struct vtl_call *c, u32 *done)
{
	const struct hv_input_set_vp_registers *in = c->in;
	u64 status;
	u8 vtl;

	status = vtl_call_target(c->in, &vtl);
	for (; status == HV_STATUS_SUCCESS && *done < c->limit; (*done)++) {
		const struct hv_register_assoc *e = &in->elements[*done];

		status = vtl_reg_set(raw_smp_processor_id(), vtl, e->name, &e->value);
		if (status != HV_STATUS_SUCCESS)
			break;
	}
	return status;
}

/* -------------------------------------------------------- messages and signals */

static struct mshv_sim_vtl_posted vtl_posted;
static DEFINE_RAW_SPINLOCK(vtl_posted_lock);

static u64 vtl_post_message(struct vtl_call *c, u32 *done)
{
	const struct hv_input_post_message *in = c->in;
	unsigned long flags;

	if (!in->connectionid.asu32)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (in->reserved || in->payload_size > sizeof(vtl_posted.payload))
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&vtl_posted_lock, flags);
	vtl_posted.messages++;
	vtl_posted.connection = in->connectionid.asu32;
	vtl_posted.type = in->message_type;
	vtl_posted.bytes = in->payload_size;
	memset(vtl_posted.payload, 0, sizeof(vtl_posted.payload));
	memcpy(vtl_posted.payload, in->payload, in->payload_size);
	raw_spin_unlock_irqrestore(&vtl_posted_lock, flags);
	return HV_STATUS_SUCCESS;
}

static u64 vtl_signal_event(struct vtl_call *c, u32 *done)
{
	unsigned long flags;

	if (!(u32)c->p1)
		return HV_STATUS_INVALID_CONNECTION_ID;
	raw_spin_lock_irqsave(&vtl_posted_lock, flags);
	vtl_posted.signals++;
	vtl_posted.signal = c->p1;
	raw_spin_unlock_irqrestore(&vtl_posted_lock, flags);
	return HV_STATUS_SUCCESS;
}

long vtl_call_posted(struct sim_file *file, void *arg)
{
	struct mshv_sim_vtl_posted *a = arg;
	u32 size = a->size;
	unsigned long flags;

	if (a->reserved)
		return -EINVAL;
	raw_spin_lock_irqsave(&vtl_posted_lock, flags);
	*a = vtl_posted;
	raw_spin_unlock_irqrestore(&vtl_posted_lock, flags);
	a->size = size;
	return 0;
}

/* ------------------------------------------------------- what a test has it say */

struct vtl_answer {
	struct list_head link;		/* newest first */
	struct sim_file *file;
	struct mshv_sim_vtl_answer a;
};

static LIST_HEAD(vtl_answers);
static DEFINE_RAW_SPINLOCK(vtl_answers_lock);

static bool vtl_call_answered(struct vtl_call *c, u64 *status, u32 *done)
{
	struct vtl_answer *answer;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&vtl_answers_lock, flags);
	list_for_each_entry(answer, &vtl_answers, link) {
		const struct mshv_sim_vtl_answer *a = &answer->a;

		if (a->code != c->code)
			continue;
		if (c->out && a->flags & MSHV_SIM_VTL_ECHO)
			memcpy(c->out, c->in, a->bytes);
		else if (c->out)
			memcpy(c->out, a->output, a->bytes);
		*status = a->status;
		*done = a->reps;
		found = true;
		break;
	}
	raw_spin_unlock_irqrestore(&vtl_answers_lock, flags);
	return found;
}

long vtl_call_answer(struct sim_file *file, void *arg)
{
	const struct mshv_sim_vtl_answer *a = arg;
	struct vtl_answer *answer;
	unsigned long flags;

	if (a->flags & ~MSHV_SIM_VTL_ECHO || a->bytes > sizeof(a->output) ||
	    a->reps > HV_HYPERCALL_REP_COMP_MASK >> HV_HYPERCALL_REP_COMP_OFFSET)
		return -EINVAL;
	answer = kzalloc_obj(*answer, GFP_KERNEL_ACCOUNT);
	if (!answer)
		return -ENOMEM;
	answer->file = file;
	answer->a = *a;
	raw_spin_lock_irqsave(&vtl_answers_lock, flags);
	list_add(&answer->link, &vtl_answers);
	raw_spin_unlock_irqrestore(&vtl_answers_lock, flags);
	return 0;
}

void vtl_call_close(struct sim_file *file)
{
	struct vtl_answer *answer, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	raw_spin_lock_irqsave(&vtl_answers_lock, flags);
	list_for_each_entry_safe(answer, next, &vtl_answers, link)
		if (answer->file == file)
			list_move(&answer->link, &gone);
	raw_spin_unlock_irqrestore(&vtl_answers_lock, flags);
	list_for_each_entry_safe(answer, next, &gone, link)
		kfree(answer);
}

/* ------------------------------------------------------------------- the entry */

static const struct vtl_row {
	u16 code;
	bool rep;
	u16 head, in, out;		/* bytes: fixed part, per element */
	u64 (*fn)(struct vtl_call *c, u32 *done);
} vtl_rows[] = {
	{ HVCALL_GET_VP_REGISTERS, true, 16, 4, 16, vtl_get_registers },
	{ HVCALL_SET_VP_REGISTERS, true, 16, 32, 0, vtl_set_registers },
	{ HVCALL_POST_MESSAGE, false, sizeof(struct hv_input_post_message), 0, 0,
	  vtl_post_message },
	{ HVCALL_SIGNAL_EVENT, false, 0, 0, 0, vtl_signal_event },
};

static const struct vtl_row *vtl_row_find(u16 code)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vtl_rows); i++)
		if (vtl_rows[i].code == code)
			return &vtl_rows[i];
	return NULL;
}

/* Areas of a page each, aligned to 8 bytes (TLFS, "Hypercall inputs"). */
static void *vtl_area(u64 pa)
{
	return pa && IS_ALIGNED(pa, 8) && pfn_valid(PHYS_PFN(pa)) ? phys_to_virt(pa) : NULL;
}

static u64 vtl_call_check(const struct vtl_row *row, const struct vtl_call *c)
{
	if (row->rep ? c->start >= c->reps : c->reps || c->start)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (c->fast != (c->code == HVCALL_SIGNAL_EVENT))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (c->fast)
		return HV_STATUS_SUCCESS;
	if (row->head + c->reps * row->in > HV_HYP_PAGE_SIZE ||
	    c->reps * row->out > HV_HYP_PAGE_SIZE)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	return c->in && (!row->out || c->out) ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_ALIGNMENT;
}

static u64 vtl_call_run(struct vtl_call *c, u32 *done)
{
	const struct vtl_row *row;
	u64 status;

	if (vtl_call_answered(c, &status, done))
		return status;
	row = vtl_row_find(c->code);
	if (!row)
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	status = vtl_call_check(row, c);
	return status == HV_STATUS_SUCCESS ? row->fn(c, done) : status;
}

static void vtl_watch_begin(struct sim_watch *w, const struct vtl_call *c)
{
	memset(w, 0, sizeof(*w));
	w->partition = HV_PARTITION_ID_SELF;
	w->vp = raw_smp_processor_id();
	if (c->fast) {
		w->input_bytes = sizeof(c->p1);
		memcpy(w->input, &c->p1, sizeof(c->p1));
	} else if (c->in) {
		/* how much of the page is the call's, only the caller knows */
		w->input_bytes = sizeof(w->input);
		memcpy(w->input, c->in, sizeof(w->input));
	}
	sim_fault_match(c->code, w->partition, w->vp, &w->fault);
	if (w->fault.id)
		sim_delay(w->fault.delay_us);
}

/* What hv_std_hypercall() has become. */
u64 vtl_hypercall(u64 control, u64 p1, u64 p2)
{
	struct vtl_call c = {
		.code = control & HV_HYPERCALL_RESULT_MASK,
		.fast = control & HV_HYPERCALL_FAST_BIT,
		.reps = (control & HV_HYPERCALL_REP_COMP_MASK) >> HV_HYPERCALL_REP_COMP_OFFSET,
		.start = (control & HV_HYPERCALL_REP_START_MASK) >> HV_HYPERCALL_REP_START_OFFSET,
		.p1 = p1,
	};
	bool irqs_off = irqs_disabled();
	u32 done = c.start;
	struct sim_watch w;
	u64 result, status = HV_STATUS_SUCCESS;
	bool refused;

	if (!c.fast) {
		c.in = vtl_area(p1);
		c.out = vtl_area(p2);
	}
	c.limit = c.reps;
	rcu_read_lock();
	vtl_watch_begin(&w, &c);
	refused = w.fault.flags & MSHV_SIM_FAULT_STATUS;
	if (refused && !(w.fault.flags & MSHV_SIM_FAULT_AFTER))
		c.limit = min(c.start + w.fault.reps, c.reps);
	if (control & HV_HYPERCALL_RSVD_MASK)
		status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	else if (!refused || w.fault.flags & MSHV_SIM_FAULT_AFTER || w.fault.reps)
		status = vtl_call_run(&c, &done);
	if (refused)
		status = w.fault.status;
	result = status | (u64)done << HV_HYPERCALL_REP_COMP_OFFSET;
	if (sim_watched())
		sim_record(&w, control, result, irqs_off);
	rcu_read_unlock();
	return result;
}
