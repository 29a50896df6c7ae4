/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers by name: rows of tables that say for each register where it lives
 * and what it accepts.  Names and value layouts: include/hyperv where the kernel
 * has them, else the TLFS ("Virtual processor register names").  Consecutive
 * names that live in consecutive places share a row.
 *
 *   regs.c       finds rows, reads and writes, the hypercalls
 *   regs_run.c   run state, pending events, what the hypervisor counts
 *   regs_x64.c   the processor's own registers and MSRs
 *   regs_hv.c    the hypervisor's synthetic registers, but for those
 *                that synth.h tells of
 *   msr.c        RDMSR and WRMSR of the guest
 */
#ifndef MSHV_SIM_REGS_H
#define MSHV_SIM_REGS_H

#include "engine.h"
#include "reg_names.h"

enum sim_reg_kind {
	KIND_SAVE,	/* u64 in the VMCB's save area, at .where */
	KIND_VP,	/* u64 in struct sim_vp, at .where */
	KIND_SEGMENT,	/* struct sim_vmcb_seg in the save area, 128 bits */
	KIND_TABLE,	/* likewise, as base and limit */
	KIND_FPU,	/* 128 bits of the FXSAVE image, at .where */
	KIND_STORED,	/* kept, without effect yet */
	KIND_FN,
};

struct sim_reg {
	u32 name;
	u16 count;
	u8 kind;
	u16 where;
	u16 stride;		/* from one place to the next */
	u32 msr;		/* 0: not an MSR */
	u32 msr_stride;
	u64 valid;		/* bits that may be set; 0: read as ALL */
	u64 feature;		/* BIT(enum sim_feature): the guest needs it for the MSR */
	void (*get)(struct sim_vp *vp, u32 i, union hv_register_value *val);
	u64 (*set)(struct sim_vp *vp, u32 i, const union hv_register_value *val);
};

#define ALL		(~0ULL)
#define BAD_VALUE	HV_STATUS_INVALID_REGISTER_VALUE

#define SAVE_OFF(f)	offsetof(struct sim_vmcb, save.f)
#define SAVE(_n, f, ...)	{ _n, 1, KIND_SAVE, SAVE_OFF(f), ##__VA_ARGS__ }
#define SAVE_MSR(_n, f, _msr)	{ _n, 1, KIND_SAVE, SAVE_OFF(f), 0, _msr }
#define VPREG(_n, f, ...)	{ _n, 1, KIND_VP, offsetof(struct sim_vp, f), ##__VA_ARGS__ }
#define SEG(_n, f)	{ _n, 1, KIND_SEGMENT, SAVE_OFF(f) }
#define TABLE(_n, f)	{ _n, 1, KIND_TABLE, SAVE_OFF(f) }
#define FPU(_n, c, off)	{ _n, c, KIND_FPU, off, 16 }
#define STORED(_n, c, _msr, st)	{ _n, c, KIND_STORED, 0, 8, _msr, st }
#define FN(_n, _get, _set)	{ _n, 1, KIND_FN, .get = _get, .set = _set }
#define FN_MSR(_n, _msr, _get, _set)	\
	{ _n, 1, KIND_FN, .msr = _msr, .get = _get, .set = _set }

/* Sorted by name. */
struct sim_reg_table {
	struct sim_reg *rows;
	u32 nr;
};

extern const struct sim_reg_table sim_regs_run, sim_regs_x64, sim_regs_hv,
				  sim_regs_reftime, sim_regs_synic, sim_regs_stimer,
				  sim_regs_hypercall, sim_regs_assist;

/* The row of an MSR; NULL: the guest has no such MSR. */
const struct sim_reg *sim_reg_find_msr(u32 msr, u32 *i);
void sim_reg_read(struct sim_vp *vp, const struct sim_reg *r, u32 i,
		  union hv_register_value *val);
u64 sim_reg_write(struct sim_vp *vp, const struct sim_reg *r, u32 i,
		  const union hv_register_value *val);
/* By the hypercalls of the guest: those that it has as synthetic MSRs. */
u64 sim_reg_guest_get(struct sim_vp *vp, u32 name, union hv_register_value *val);
u64 sim_reg_guest_set(struct sim_vp *vp, u32 name, const union hv_register_value *val);
/* What the guest's WRMSR may do to EFER; false: #GP. */
bool sim_efer_write(struct sim_vp *vp, u64 val);

#endif /* MSHV_SIM_REGS_H */
