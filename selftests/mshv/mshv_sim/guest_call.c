// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls of the guest: the hypercall page and its MSRs, the calling
 * convention, and a table of those that the hypervisor serves (TLFS, "Hypercall
 * interface" and "Hypercall reference").  What is not in the table, and is not
 * for the VMM either, answers INVALID_HYPERCALL_CODE.
 */
#include <linux/bitops.h>
#include <linux/mm.h>

#include "guest_call.h"
#include "regs.h"

/* -------------------------------------------------------- page and MSRs */

#define HYPERCALL_ENABLE	BIT_ULL(0)
#define HYPERCALL_LOCKED	BIT_ULL(1)

/* VMMCALL; RET.  Nothing else in the page is to be executed. */
static void page_fill(u8 *page)
{
	static const u8 code[] = { 0x0f, 0x01, 0xd9, 0xc3 };

	memset(page, 0xcc, HV_HYP_PAGE_SIZE);
	memcpy(page, code, sizeof(code));
}

static u64 page_set(struct sim_partition *pt, u64 msr)
{
	void *page = READ_ONCE(pt->hypercall.page);
	u64 status;

	if (!page)
		return HV_STATUS_INVALID_PARTITION_STATE;
	status = sim_overlay_set(pt, &pt->hypercall.overlay, page, msr,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_EXECUTABLE);
	if (status == HV_STATUS_SUCCESS)
		WRITE_ONCE(pt->hypercall.msr, msr);
	return status;
}

static void get_guest_os_id(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = READ_ONCE(vp->pt->hypercall.os_id);
}

/* A guest that takes its name back has no hypercalls any more. */
static u64 set_guest_os_id(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	WRITE_ONCE(vp->pt->hypercall.os_id, val->reg64);
	if (val->reg64 || !vp->running)
		return HV_STATUS_SUCCESS;
	return page_set(vp->pt, vp->pt->hypercall.msr & ~HYPERCALL_ENABLE);
}

static void get_hypercall(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = READ_ONCE(vp->pt->hypercall.msr);
}

/*
 * The guest must have said first who it is, and may lock the register.  The VMM,
 * which restores registers in any order, is bound to neither.
 */
static u64 set_hypercall(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 msr = val->reg64;

	if (vp->running && (vp->pt->hypercall.msr & HYPERCALL_LOCKED))
		return BAD_VALUE;
	if (vp->running && !vp->pt->hypercall.os_id)
		msr &= ~HYPERCALL_ENABLE;
	return page_set(vp->pt, msr);
}

#define ROW(_n, _msr, _name)						\
	{ _n, 1, KIND_FN, .msr = _msr, .feature = BIT_ULL(SIM_FEATURE_HYPERCALL), \
	  .get = get_##_name, .set = set_##_name }

static struct sim_reg hypercall_rows[] = {
	ROW(R_HYPERCALL, HV_X64_MSR_HYPERCALL, hypercall),
	ROW(HV_REGISTER_GUEST_OS_ID, HV_X64_MSR_GUEST_OS_ID, guest_os_id),
};

const struct sim_reg_table sim_regs_hypercall = {
	hypercall_rows, ARRAY_SIZE(hypercall_rows)
};

void sim_guest_calls_start(struct sim_partition *pt, void *page)
{
	page_fill(page);
	WRITE_ONCE(pt->hypercall.page, page);
}

void sim_guest_calls_stop(struct sim_partition *pt)
{
	void *page = xchg(&pt->hypercall.page, NULL);

	sim_overlay_remove(pt, &pt->hypercall.overlay);
	sim_mem_give(&pt->mem, page);
}

/* ------------------------------------------------------------- the table */

#define SIMPLE(_code, _in, _feature, _fn)				\
	{ .code = _code, .in = _in, .feature = BIT_ULL(SIM_FEATURE_##_feature), .fn = _fn }
#define SIMPLE_EX(_code, _in, _feature, _fn)				\
	{ .code = _code, .in = _in, .feature = BIT_ULL(SIM_FEATURE_##_feature), \
	  .varhead = true, .fn = _fn }
#define REP(_code, _in, _rep_in, _rep_out, _feature, _fn)		\
	{ .code = _code, .in = _in, .rep_in = _rep_in, .rep_out = _rep_out, .reps = true, \
	  .feature = BIT_ULL(SIM_FEATURE_##_feature), .fn = _fn }

/* Sorted by code. */
static const struct sim_guest_row guest_rows[] = {
	SIMPLE(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, 24, FLUSH, sim_gc_flush),
	REP(HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST, 24, 8, 0, FLUSH, sim_gc_flush),
	SIMPLE(HVCALL_NOTIFY_LONG_SPIN_WAIT, 8, LONG_SPIN_WAIT, sim_gc_spin_wait),
	SIMPLE(HVCALL_SEND_IPI, 16, CLUSTER_IPI, sim_gc_send_ipi),
	SIMPLE_EX(HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX, 32, FLUSH, sim_gc_flush_ex),
	{ .code = HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX, .in = 32, .rep_in = 8, .reps = true,
	  .varhead = true, .feature = BIT_ULL(SIM_FEATURE_FLUSH), .fn = sim_gc_flush_ex },
	SIMPLE_EX(HVCALL_SEND_IPI_EX, 24, CLUSTER_IPI, sim_gc_send_ipi_ex),
	REP(HVCALL_GET_VP_REGISTERS, 16, 4, 16, VP_REGISTERS, sim_gc_get_registers),
	REP(HVCALL_SET_VP_REGISTERS, 16, 32, 0, VP_REGISTERS, sim_gc_set_registers),
	SIMPLE(HVCALL_POST_MESSAGE, 256, SYNIC, sim_gc_post_message),
	SIMPLE(HVCALL_SIGNAL_EVENT, 8, SIGNAL_EVENTS, sim_gc_signal_event),
};

static const struct sim_guest_row *guest_row(u16 code)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(guest_rows); i++)
		if (guest_rows[i].code == code)
			return &guest_rows[i];
	return NULL;
}

/* ----------------------------------------------------- calling convention */

static u64 pair(u64 high, u64 low)
{
	return high << 32 | (u32)low;
}

static u64 guest_control(const struct sim_vp *vp)
{
	return sim_64bit(vp) ? vp->gpr[SIM_RCX] :
			       pair(vp->gpr[SIM_RDX], vp->gpr[SIM_RAX]);
}

static u64 guest_in(const struct sim_vp *vp)
{
	return sim_64bit(vp) ? vp->gpr[SIM_RDX] :
			       pair(vp->gpr[SIM_RBX], vp->gpr[SIM_RCX]);
}

static u64 guest_out(const struct sim_vp *vp)
{
	return sim_64bit(vp) ? vp->gpr[SIM_R8] :
			       pair(vp->gpr[SIM_RDI], vp->gpr[SIM_RSI]);
}

static void guest_result(struct sim_vp *vp, u64 result)
{
	if (sim_64bit(vp)) {
		vp->gpr[SIM_RAX] = result;
	} else {
		vp->gpr[SIM_RAX] = (u32)result;
		vp->gpr[SIM_RDX] = result >> 32;
	}
}

static bool guest_area_ok(u64 gpa, u32 size)
{
	return IS_ALIGNED(gpa, 8) && offset_in_page(gpa) + size <= HV_HYP_PAGE_SIZE;
}

bool sim_guest_read(struct sim_guest_call *g, u64 gpa, void *buf, u32 len)
{
	if (g->fast) {
		memcpy(buf, g->block + gpa, len);
		return true;
	}
	if (sim_gpa_read(g->vp->pt, gpa, buf, len))
		return true;
	g->fault = (struct sim_guest_fault) { true, HV_INTERCEPT_ACCESS_READ, gpa };
	return false;
}

bool sim_guest_write(struct sim_guest_call *g, u64 gpa, const void *buf, u32 len)
{
	if (g->fast) {
		memcpy(g->block + gpa, buf, len);
		return true;
	}
	if (sim_gpa_write(g->vp->pt, gpa, buf, len))
		return true;
	g->fault = (struct sim_guest_fault) { true, HV_INTERCEPT_ACCESS_WRITE, gpa };
	return false;
}

/* ------------------------------------------------------------- fast calls */

#define FAST_GPRS	(2 * sizeof(u64))

static u8 *guest_xmm(const struct sim_vp *vp)
{
	return vp->fpu + SIM_FX_XMM;
}

/*
 * TLFS, "XMM fast hypercall input" and "output": the output is in the registers
 * behind those of the input, in units of 16 bytes.
 */
static bool guest_fast_input(struct sim_guest_call *g, u32 in, u32 out)
{
	u64 regs[2] = { g->in_gpa, g->out_gpa };
	u32 out_at = round_up(in, FAST_GPRS);

	if (out && !(g->vp->pt->synthetic_features & BIT_ULL(SIM_FEATURE_FAST_OUTPUT)))
		return false;
	if (out_at + out > sizeof(g->block))
		return false;
	memcpy(g->block, regs, sizeof(regs));
	if (out_at + out > FAST_GPRS) {
		sim_svm_sync_fpu(g->vp);
		memcpy(g->block + FAST_GPRS, guest_xmm(g->vp), sizeof(g->block) - FAST_GPRS);
	}
	g->in_gpa = 0;
	g->out_gpa = out_at;
	return true;
}

/* All calls have input, so that no output is in RDX or R8. */
static void guest_fast_output(struct sim_guest_call *g)
{
	if (!g->fast || !g->row->rep_out)
		return;
	memcpy(guest_xmm(g->vp), g->block + FAST_GPRS, sizeof(g->block) - FAST_GPRS);
	sim_svm_fpu_changed(g->vp);
}

/*
 * Whole input: the fixed part and the variable header come along, the elements of
 * a list are read as they are needed.  Memory that is not there is an intercept as
 * if the guest had accessed it: the driver maps it, or the VMM has to.
 */
static u64 guest_get_input(struct sim_guest_call *g)
{
	const struct sim_guest_row *row = g->row;
	u32 fixed = row->in + 8 * g->varhead;
	u32 in = fixed + g->rep_count * row->rep_in, out = g->rep_count * row->rep_out;

	if (fixed > sizeof(g->in))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (g->fast) {
		if (!guest_fast_input(g, in, out))
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
	} else if (!guest_area_ok(g->in_gpa, in) || (out && !guest_area_ok(g->out_gpa, out))) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	return sim_guest_read(g, g->in_gpa, g->in, fixed) ?
	       HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

static u64 guest_serve(struct sim_guest_call *g, u64 control)
{
	const struct sim_guest_row *row = g->row;
	u64 status;

	g->varhead = (control & HV_HYPERCALL_VARHEAD_MASK) >> HV_HYPERCALL_VARHEAD_OFFSET;
	g->rep_count = (control & HV_HYPERCALL_REP_COMP_MASK) >> HV_HYPERCALL_REP_COMP_OFFSET;
	g->done = (control & HV_HYPERCALL_REP_START_MASK) >> HV_HYPERCALL_REP_START_OFFSET;

	if (!(g->vp->pt->synthetic_features & row->feature))
		return HV_STATUS_ACCESS_DENIED;
	if ((control & HV_HYPERCALL_RSVD_MASK) || (g->varhead && !row->varhead))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (row->reps ? g->done >= g->rep_count : g->rep_count || g->done)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	g->fast = control & HV_HYPERCALL_FAST_BIT;
	status = guest_get_input(g);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = row->fn(g);
	guest_fast_output(g);
	return status;
}

/* Ring 0 of protected mode, after the guest has placed the page (TLFS). */
static bool guest_may_call(const struct sim_vp *vp)
{
	return (vp->vmcb->save.cr0 & X86_CR0_PE) && !sim_cpl(vp) &&
	       !(vp->vmcb->save.rflags & X86_EFLAGS_VM) &&
	       READ_ONCE(vp->pt->hypercall.os_id) &&
	       (READ_ONCE(vp->pt->hypercall.msr) & HYPERCALL_ENABLE);
}

/*
 * HV_INTERCEPT_TYPE_HYPERCALL is taken to mean what the hypervisor does not do
 * itself: OpenVMM installs it and answers to little else.
 */
enum sim_guest_call_end sim_guest_hypercall(struct sim_vp *vp, struct sim_guest_fault *fault)
{
	u64 control = guest_control(vp);
	struct sim_guest_call g = {
		.vp = vp,
		.row = guest_row(control & HV_HYPERCALL_RESULT_MASK),
		.in_gpa = guest_in(vp),
		.out_gpa = guest_out(vp),
	};
	const struct sim_intercepts *i = &vp->pt->intercepts;
	bool wanted = READ_ONCE(i->hypercall);
	u64 status = HV_STATUS_INVALID_HYPERCALL_CODE;

	if (!guest_may_call(vp))
		return wanted ? SIM_GUEST_CALL_INTERCEPT : SIM_GUEST_CALL_UD;
	/* Partitions have no devices of the hypervisor's: each is one it does not know. */
	if ((control & HV_HYPERCALL_RESULT_MASK) == HVCALL_RETARGET_INTERRUPT)
		wanted |= READ_ONCE(i->retarget);
	if (!g.row && wanted)
		return SIM_GUEST_CALL_INTERCEPT;
	if (g.row)
		status = guest_serve(&g, control);
	*fault = g.fault;
	if (g.fault.is)
		return SIM_GUEST_CALL_FAULT;
	if (g.for_vmm)
		return SIM_GUEST_CALL_INTERCEPT;
	guest_result(vp, status | (u64)g.done << HV_HYPERCALL_REP_COMP_OFFSET);
	return g.yield ? SIM_GUEST_CALL_YIELD : SIM_GUEST_CALL_DONE;
}
