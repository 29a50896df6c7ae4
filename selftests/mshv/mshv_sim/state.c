// SPDX-License-Identifier: GPL-2.0-only
/*
 * State of a VP in bulk: HVCALL_GET_VP_STATE and HVCALL_SET_VP_STATE.  The types
 * with HV_GET_SET_VP_STATE_TYPE_PFN travel in pages of the caller, the synthetic
 * timers in the hypercall's own (include/hyperv/hvhdk.h).
 *
 * Layout of the local APIC: rust-vmm's mshv-bindings; the extended state is in
 * xsave.c.
 */
#include <linux/mm.h>

#include "engine.h"

/* ------------------------------------------------------------------ local APIC */

struct state_lapic {
	u32 id, version, ldr, dfr, spurious;
	u32 isr[8], tmr[8], irr[8];
	u32 esr, icr_high, icr_low;
	u32 lvt_timer, lvt_thermal, lvt_perfmon, lvt_lint0, lvt_lint1, lvt_error, lvt_cmci;
	u32 error_status, initial_count, counter_value, divide, remote_read;
};

static_assert(sizeof(struct state_lapic) == 176);

static void lapic_bits_get(const unsigned long *bits, u32 *words)
{
	int i;

	for (i = 0; i < 8; i++)
		words[i] = READ_ONCE(bits[i / 2]) >> 32 * (i & 1);
}

static void lapic_bits_set(unsigned long *bits, const u32 *words)
{
	int i;

	for (i = 0; i < 4; i++)
		WRITE_ONCE(bits[i], words[2 * i] | (unsigned long)words[2 * i + 1] << 32);
}

static u64 lapic_get(struct sim_vp *vp, void *data)
{
	const struct sim_lapic *l = &vp->lapic;
	struct state_lapic *s = data;

	sim_assist_sync(vp);
	*s = (struct state_lapic) {
		.id = sim_lapic_x2(vp) ? l->id : l->id << 24,
		.ldr = sim_lapic_ldr(vp),
		.dfr = sim_lapic_x2(vp) ? 0 : l->dfr,
		.spurious = l->svr,
		.esr = l->esr,
		.icr_high = l->icr_high,
		.icr_low = l->icr,
		.lvt_timer = l->lvt[SIM_LVT(APIC_REG_LVT_TIMER)],
		.lvt_thermal = l->lvt[SIM_LVT(APIC_REG_LVT_THERMAL)],
		.lvt_perfmon = l->lvt[SIM_LVT(APIC_REG_LVT_PERFMON)],
		.lvt_lint0 = l->lvt[SIM_LVT(APIC_REG_LVT_LINT0)],
		.lvt_lint1 = l->lvt[SIM_LVT(APIC_REG_LVT_LINT1)],
		.lvt_error = l->lvt[SIM_LVT(APIC_REG_LVT_ERROR)],
		.lvt_cmci = l->lvt_cmci,
		.error_status = atomic_read(&l->errors),
		.initial_count = l->timer.initial,
		.counter_value = sim_lapic_timer_current(vp),
		.divide = l->timer.divide,
		.remote_read = l->remote_read,
	};
	sim_lapic_read(vp, APIC_REG_VERSION, &s->version);
	lapic_bits_get(l->isr, s->isr);
	lapic_bits_get(l->tmr, s->tmr);
	lapic_bits_get(vp->irr, s->irr);
	return HV_STATUS_SUCCESS;
}

/*
 * Id and version are the hypervisor's: what the VMM gives for them is not looked
 * at.  Vectors 0 to 15 don't exist.
 */
static u64 lapic_set(struct sim_vp *vp, const void *data)
{
	const struct state_lapic *s = data;
	struct sim_lapic *l = &vp->lapic;

	if (((s->isr[0] | s->irr[0]) & 0xffff) || (s->divide & ~0xbu) || (s->spurious & ~0x3ffu))
		return HV_STATUS_INVALID_PARAMETER;

	sim_lapic_timer_stop(vp);
	sim_assist_sync(vp);
	if (!sim_lapic_x2(vp)) {
		WRITE_ONCE(l->ldr, s->ldr & 0xff000000);
		WRITE_ONCE(l->dfr, s->dfr | 0x0fffffff);
	}
	WRITE_ONCE(l->svr, s->spurious & 0x1ff);
	l->esr = s->esr;
	l->icr_high = s->icr_high;
	l->icr = s->icr_low & ~SIM_ICR_STATUS;
	l->lvt[SIM_LVT(APIC_REG_LVT_TIMER)] = s->lvt_timer & 0x700ff;
	l->lvt[SIM_LVT(APIC_REG_LVT_THERMAL)] = s->lvt_thermal & 0x107ff;
	l->lvt[SIM_LVT(APIC_REG_LVT_PERFMON)] = s->lvt_perfmon & 0x107ff;
	l->lvt[SIM_LVT(APIC_REG_LVT_LINT0)] = s->lvt_lint0 & 0x1a7ff;
	l->lvt[SIM_LVT(APIC_REG_LVT_LINT1)] = s->lvt_lint1 & 0x1a7ff;
	l->lvt[SIM_LVT(APIC_REG_LVT_ERROR)] = s->lvt_error & 0x100ff;
	l->lvt_cmci = s->lvt_cmci;
	sim_lapic_svr_changed(vp);
	atomic_set(&l->errors, s->error_status);
	l->remote_read = s->remote_read;
	lapic_bits_set(l->isr, s->isr);
	lapic_bits_set(l->tmr, s->tmr);
	lapic_bits_set(vp->irr, s->irr);
	sim_irq_pending(vp);
	l->timer.divide = s->divide;
	sim_lapic_timer_load(vp, s->initial_count, min(s->counter_value, s->initial_count));
	return HV_STATUS_SUCCESS;
}

/* ------------------------------------------------------------ synthetic pages */

static u64 simp_get(struct sim_vp *vp, void *data)
{
	memcpy(data, vp->simp, HV_HYP_PAGE_SIZE);
	return HV_STATUS_SUCCESS;
}

static u64 simp_set(struct sim_vp *vp, const void *data)
{
	memcpy(vp->simp, data, HV_HYP_PAGE_SIZE);
	return HV_STATUS_SUCCESS;
}

static u64 siefp_get(struct sim_vp *vp, void *data)
{
	memcpy(data, vp->siefp, HV_HYP_PAGE_SIZE);
	return HV_STATUS_SUCCESS;
}

static u64 siefp_set(struct sim_vp *vp, const void *data)
{
	memcpy(vp->siefp, data, HV_HYP_PAGE_SIZE);
	return HV_STATUS_SUCCESS;
}

/* ------------------------------------------------------------ synthetic timers */

static u64 stimers_get(struct sim_vp *vp, void *data)
{
	sim_stimers_get(vp, data);
	return HV_STATUS_SUCCESS;
}

static u64 stimers_set(struct sim_vp *vp, const void *data)
{
	return sim_stimers_set(vp, data);
}

/* ------------------------------------------------------------- the hypercalls */

struct state_type {
	u32 type;
	u32 size;
	bool lapic;	/* of a partition that has APICs */
	u64 (*get)(struct sim_vp *vp, void *data);
	u64 (*set)(struct sim_vp *vp, const void *data);
};

static const struct state_type state_types[] = {
	{ HV_GET_SET_VP_STATE_LAPIC_STATE, sizeof(struct state_lapic), true,
	  lapic_get, lapic_set },
	{ HV_GET_SET_VP_STATE_XSAVE, SIM_XSAVE_MAX, false, sim_xsave_get_state,
	  sim_xsave_set_state },
	{ HV_GET_SET_VP_STATE_SIM_PAGE, HV_HYP_PAGE_SIZE, false, simp_get, simp_set },
	{ HV_GET_SET_VP_STATE_SIEF_PAGE, HV_HYP_PAGE_SIZE, false, siefp_get, siefp_set },
	{ HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS, sizeof(struct hv_synthetic_timers_state), false,
	  stimers_get, stimers_set },
};

/*
 * The fixed part of both inputs is the same.  XSAVE says which states it is
 * about; the others leave that empty.
 */
static u64 state_check(struct sim_call *c, const struct state_type **type)
{
	const struct hv_input_get_vp_state *in = c->in;
	const struct hv_vp_state_data *d = &in->state_data;
	u64 states = d->xsave.states.as_uint64;
	int i;

	*type = NULL;
	for (i = 0; i < ARRAY_SIZE(state_types); i++)
		if (state_types[i].type == d->type)
			*type = &state_types[i];
	if (!*type || in->input_vtl || in->rsvd0 || in->rsvd1 || d->rsvd || d->xsave.flags)
		return HV_STATUS_INVALID_PARAMETER;
	if ((*type)->lapic && !sim_partition_has_lapic(c->pt))
		return HV_STATUS_INVALID_PARAMETER;
	if (d->type == HV_GET_SET_VP_STATE_XSAVE ?
	    (states & ~sim_xsave_states(c->pt)) || !states : !!states)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/* All state that there is fits into the first page of the caller's. */
static void *state_page(const u64 *pfns, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!pfn_valid(pfns[i]))
			return NULL;
	return n ? page_address(pfn_to_page(pfns[0])) : NULL;
}

static u64 state_do(struct sim_call *c, const struct state_type *type, void *data, bool set)
{
	unsigned long flags;
	u64 status;

	sim_vp_stop(c->vp, &flags);
	if (c->vp->dead)
		status = HV_STATUS_INVALID_VP_INDEX;
	else
		status = set ? type->set(c->vp, data) : type->get(c->vp, data);
	sim_vp_resume(c->vp, flags);
	return status;
}

u64 sim_hc_get_vp_state(struct sim_call *c)
{
	const struct hv_input_get_vp_state *in = c->in;
	const struct state_type *type;
	u64 status = state_check(c, &type);
	void *data = c->out;

	if (status != HV_STATUS_SUCCESS)
		return status;
	if (type->type & HV_GET_SET_VP_STATE_TYPE_PFN)
		data = state_page(in->output_data_pfns, c->varhead);
	else if (c->varhead)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	return data ? state_do(c, type, data, false) : HV_STATUS_INVALID_PARAMETER;
}

/*
 * A page of user space may change while it is checked: what is checked is a copy,
 * unless any content will do.
 */
u64 sim_hc_set_vp_state(struct sim_call *c)
{
	const struct hv_input_set_vp_state *in = c->in;
	u8 copy[SIM_XSAVE_MAX] __aligned(8);
	const struct state_type *type;
	u64 status = state_check(c, &type);
	void *data = (void *)in->data;

	if (status != HV_STATUS_SUCCESS)
		return status;
	if (type->type & HV_GET_SET_VP_STATE_TYPE_PFN)
		data = state_page(data, c->varhead);
	else if (c->varhead * 8 < type->size)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (!data)
		return HV_STATUS_INVALID_PARAMETER;
	if (type->size <= sizeof(copy))
		data = memcpy(copy, data, type->size);
	return state_do(c, type, data, true);
}
