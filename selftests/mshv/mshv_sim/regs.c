// SPDX-License-Identifier: GPL-2.0-only
/* Registers by name, for HVCALL_GET/SET_VP_REGISTERS: see regs.h. */
#include "control.h"
#include "regs.h"

static const struct sim_reg_table *const sim_tables[] = {
	&sim_regs_run, &sim_regs_x64, &sim_regs_hv, &sim_regs_reftime,
	&sim_regs_synic, &sim_regs_stimer, &sim_regs_hypercall, &sim_regs_assist,
};

/* Places for what is only kept are handed out once, in table order. */
static int sim_table_init(const struct sim_reg_table *t, u32 *next)
{
	u32 i;

	for (i = 0; i < t->nr; i++) {
		struct sim_reg *r = &t->rows[i];

		if (i && r->name < r[-1].name + r[-1].count) {
			pr_err("register table out of order at %#x\n", r->name);
			return -EINVAL;
		}
		if (r->kind == KIND_STORED) {
			r->where = offsetof(struct sim_vp, stored) + *next * sizeof(u64);
			*next += r->count;
		}
		if (!r->valid)
			r->valid = ALL;
	}
	return 0;
}

int sim_regs_init(void)
{
	u32 next = 0, i;
	int err;

	for (i = 0; i < ARRAY_SIZE(sim_tables); i++) {
		err = sim_table_init(sim_tables[i], &next);
		if (err)
			return err;
	}
	return next <= SIM_NR_STORED ? 0 : -E2BIG;
}

static const struct sim_reg *sim_table_find(const struct sim_reg_table *t, u32 name)
{
	u32 lo = 0, hi = t->nr;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;
		const struct sim_reg *r = &t->rows[mid];

		if (name < r->name)
			hi = mid;
		else if (name >= r->name + r->count)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

static const struct sim_reg *sim_reg_find(u32 name)
{
	const struct sim_reg *r = NULL;
	int i;

	for (i = 0; i < ARRAY_SIZE(sim_tables) && !r; i++)
		r = sim_table_find(sim_tables[i], name);
	return r;
}

static const struct sim_reg *sim_table_find_msr(const struct sim_reg_table *t, u32 msr, u32 *i)
{
	const struct sim_reg *r;

	for (r = t->rows; r < t->rows + t->nr; r++) {
		if (!r->msr || msr < r->msr)
			continue;
		if (msr == r->msr) {
			*i = 0;
			return r;
		}
		if (!r->msr_stride || (msr - r->msr) % r->msr_stride)
			continue;
		*i = (msr - r->msr) / r->msr_stride;
		if (*i < r->count)
			return r;
	}
	return NULL;
}

const struct sim_reg *sim_reg_find_msr(u32 msr, u32 *i)
{
	const struct sim_reg *r = NULL;
	int t;

	for (t = 0; t < ARRAY_SIZE(sim_tables) && !r; t++)
		r = sim_table_find_msr(sim_tables[t], msr, i);
	return r;
}

static void *sim_reg_place(struct sim_vp *vp, const struct sim_reg *r, u32 i)
{
	u32 off = r->where + i * r->stride;

	switch (r->kind) {
	case KIND_SAVE:
	case KIND_SEGMENT:
	case KIND_TABLE:
		return (void *)vp->vmcb + off;
	case KIND_FPU:
		return vp->fpu + off;
	default:
		return (void *)vp + off;
	}
}

void sim_reg_read(struct sim_vp *vp, const struct sim_reg *r, u32 i,
		  union hv_register_value *val)
{
	void *p = sim_reg_place(vp, r, i);
	struct sim_vmcb_seg *seg = p;

	memset(val, 0, sizeof(*val));
	switch (r->kind) {
	case KIND_FN:
		r->get(vp, i, val);
		break;
	case KIND_SEGMENT:
		sim_seg_get(seg, &val->segment);
		break;
	case KIND_TABLE:
		sim_table_get(seg, &val->table);
		break;
	case KIND_FPU:
		memcpy(val, p, sizeof(val->reg128));
		break;
	default:
		val->reg64 = *(u64 *)p;
	}
}

u64 sim_reg_write(struct sim_vp *vp, const struct sim_reg *r, u32 i,
		  const union hv_register_value *val)
{
	void *p = sim_reg_place(vp, r, i);
	struct sim_vmcb_seg *seg = p;

	switch (r->kind) {
	case KIND_FN:
		return r->set ? r->set(vp, i, val) : HV_STATUS_INVALID_PARAMETER;
	case KIND_SEGMENT:
		sim_seg_set(seg, &val->segment);
		sim_cpl_update(vp);
		break;
	case KIND_TABLE:
		sim_table_set(seg, &val->table);
		break;
	case KIND_FPU:
		memcpy(p, val, sizeof(val->reg128));
		break;
	default:
		if (val->reg64 & ~r->valid)
			return BAD_VALUE;
		*(u64 *)p = val->reg64;
		if (r->name == R_RFLAGS)
			*(u64 *)p |= X86_EFLAGS_FIXED;
		else if (r->kind == KIND_SAVE)
			sim_tlb_stale(vp);	/* it may be CR0 or CR3 */
		sim_cpl_update(vp);
	}
	return HV_STATUS_SUCCESS;
}

u64 sim_reg_get(struct sim_vp *vp, u32 name, union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find(name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	sim_reg_read(vp, r, name - r->name, val);
	return HV_STATUS_SUCCESS;
}

u64 sim_reg_set(struct sim_vp *vp, u32 name, const union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find(name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_write(vp, r, name - r->name, val);
}

static const struct sim_reg *sim_reg_find_guest(const struct sim_vp *vp, u32 name)
{
	const struct sim_reg *r = sim_reg_find(name);

	if (!r || !r->feature || (r->feature & ~vp->pt->synthetic_features))
		return NULL;
	return r;
}

u64 sim_reg_guest_get(struct sim_vp *vp, u32 name, union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find_guest(vp, name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	sim_reg_read(vp, r, name - r->name, val);
	return HV_STATUS_SUCCESS;
}

u64 sim_reg_guest_set(struct sim_vp *vp, u32 name, const union hv_register_value *val)
{
	const struct sim_reg *r = sim_reg_find_guest(vp, name);

	if (!r)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_write(vp, r, name - r->name, val);
}

void sim_regs_reset(struct sim_vp *vp)
{
	vp->xfem = 1;
	vp->apic_base = 0xfee00000 | (vp->index ? 0 : MSR_IA32_APICBASE_BSP) |
			(sim_partition_has_lapic(vp->pt) ? MSR_IA32_APICBASE_ENABLE : 0);
}

/* ------------------------------------------------------------ hypercalls */

/* Only VTL 0 exists here; it may be named or left out. */
static bool sim_vtl_ok(union hv_input_vtl vtl)
{
	return !vtl.target_vtl && !vtl.reserved_z;
}

u64 sim_hc_get_vp_registers(struct sim_call *c, u32 i)
{
	struct hv_input_get_vp_registers *in = c->in;
	union hv_register_value *out = c->out;
	u32 name = in->names[i];

	if (!sim_vtl_ok(in->input_vtl) || in->rsvd_z8 || in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_override_register(c->vp, name, &out[i], sim_reg_get(c->vp, name, &out[i]));
}

u64 sim_hc_set_vp_registers(struct sim_call *c, u32 i)
{
	struct hv_input_set_vp_registers *in = c->in;

	if (!sim_vtl_ok(in->input_vtl) || in->rsvd_z8 || in->rsvd_z16)
		return HV_STATUS_INVALID_PARAMETER;
	return sim_reg_set(c->vp, in->elements[i].name, &in->elements[i].value);
}
