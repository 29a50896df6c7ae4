// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The usual sets of registers as structures. See <mshv/registers.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "internal.h"

/* Consecutive registers, and where they are in a structure. */
struct field {
	uint32_t name;
	uint16_t offset;
	uint8_t size;		/* of one register */
	uint8_t count;
};

#define FIELD(type, member, name) \
	{ name, offsetof(struct type, member), \
	  sizeof(((struct type *)NULL)->member), 1 }
#define FIELDS(type, member, name) \
	{ name, offsetof(struct type, member), \
	  sizeof(((struct type *)NULL)->member[0]), \
	  ARRAY_SIZE(((struct type *)NULL)->member) }

#define ACTIVITY(member, name)	FIELD(mshv_activity, member, HV_REGISTER_##name)
#define EVENTS(member, name)	FIELD(mshv_events, member, HV_REGISTER_##name)

static const struct field activity_fields[] = {
	ACTIVITY(explicit_suspend, EXPLICIT_SUSPEND),
	ACTIVITY(intercept_suspend, INTERCEPT_SUSPEND),
	ACTIVITY(internal, INTERNAL_ACTIVITY_STATE),
};

#if defined(__x86_64__)

#define STANDARD(member, name) \
	FIELD(mshv_standard_registers, member, HV_X64_REGISTER_##name)
#define SPECIAL(member, name) \
	FIELD(mshv_special_registers, member, HV_X64_REGISTER_##name)
#define FPU(member, name) \
	FIELD(mshv_fpu, member, HV_X64_REGISTER_##name)
#define DEBUG(member, name) \
	FIELD(mshv_debug_registers, member, HV_X64_REGISTER_##name)

static const struct field standard_fields[] = {
	STANDARD(rax, RAX), STANDARD(rcx, RCX), STANDARD(rdx, RDX),
	STANDARD(rbx, RBX), STANDARD(rsp, RSP), STANDARD(rbp, RBP),
	STANDARD(rsi, RSI), STANDARD(rdi, RDI), STANDARD(r8, R8),
	STANDARD(r9, R9), STANDARD(r10, R10), STANDARD(r11, R11),
	STANDARD(r12, R12), STANDARD(r13, R13), STANDARD(r14, R14),
	STANDARD(r15, R15), STANDARD(rip, RIP), STANDARD(rflags, RFLAGS),
};

/*
 * Written in this order: the control registers before the segments, which the
 * hypervisor may check against the mode that they set up.
 */
static const struct field special_fields[] = {
	SPECIAL(cr0, CR0), SPECIAL(cr2, CR2), SPECIAL(cr3, CR3),
	SPECIAL(cr4, CR4), SPECIAL(cr8, CR8), SPECIAL(efer, EFER),
	SPECIAL(apic_base, APIC_BASE), SPECIAL(idtr, IDTR),
	SPECIAL(gdtr, GDTR), SPECIAL(ldtr, LDTR), SPECIAL(tr, TR),
	SPECIAL(es, ES), SPECIAL(cs, CS), SPECIAL(ss, SS), SPECIAL(ds, DS),
	SPECIAL(fs, FS), SPECIAL(gs, GS),
};

static const struct field fpu_fields[] = {
	FIELDS(mshv_fpu, xmm, HV_X64_REGISTER_XMM0),
	FIELDS(mshv_fpu, fp, HV_X64_REGISTER_FP_MMX0),
	FPU(fp_control_status, FP_CONTROL_STATUS),
	FPU(xmm_control_status, XMM_CONTROL_STATUS),
};

static const struct field debug_fields[] = {
	DEBUG(dr0, DR0), DEBUG(dr1, DR1), DEBUG(dr2, DR2), DEBUG(dr3, DR3),
	DEBUG(dr6, DR6), DEBUG(dr7, DR7),
};

static const struct field xcr0_field[] = {
	{ HV_X64_REGISTER_XFEM, 0, sizeof(uint64_t), 1 },
};

/* The last one isn't there in every hypervisor. */
#define EVENTS_OPTIONAL	1

static const struct field event_fields[] = {
	EVENTS(pending_interruption, PENDING_INTERRUPTION),
	EVENTS(interrupt_state, INTERRUPT_STATE),
	FIELDS(mshv_events, pending_event, HV_REGISTER_PENDING_EVENT0),
	FIELD(mshv_events, pending_debug_exception,
	      HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION),
};

#else /* arm64 */

#define STANDARD(member, name) \
	FIELD(mshv_standard_registers, member, HV_ARM64_REGISTER_##name)
#define SPECIAL(member, name) \
	FIELD(mshv_special_registers, member, HV_ARM64_REGISTER_##name)

static const struct field standard_fields[] = {
	FIELDS(mshv_standard_registers, x, HV_ARM64_REGISTER_X0),
	STANDARD(fp, FP), STANDARD(lr, LR), STANDARD(sp, SP),
	STANDARD(pc, PC), STANDARD(pstate, PSTATE),
};

static const struct field special_fields[] = {
	SPECIAL(sctlr_el1, SCTLR_EL1), SPECIAL(cpacr_el1, CPACR_EL1),
	SPECIAL(ttbr0_el1, TTBR0_EL1), SPECIAL(ttbr1_el1, TTBR1_EL1),
	SPECIAL(tcr_el1, TCR_EL1), SPECIAL(mair_el1, MAIR_EL1),
	SPECIAL(amair_el1, AMAIR_EL1), SPECIAL(vbar_el1, VBAR_EL1),
	SPECIAL(sp_el0, SP_EL0), SPECIAL(sp_el1, SP_EL1),
	SPECIAL(elr_el1, ELR_EL1), SPECIAL(spsr_el1, SPSR_EL1),
	SPECIAL(esr_el1, ESR_EL1), SPECIAL(far_el1, FAR_EL1),
	SPECIAL(par_el1, PAR_EL1), SPECIAL(afsr0_el1, AFSR0_EL1),
	SPECIAL(afsr1_el1, AFSR1_EL1), SPECIAL(contextidr_el1, CONTEXTIDR_EL1),
	SPECIAL(tpidr_el1, TPIDR_EL1), SPECIAL(tpidr_el0, TPIDR_EL0),
	SPECIAL(tpidrro_el0, TPIDRRO_EL0),
};

static const struct field fpu_fields[] = {
	FIELDS(mshv_fpu, q, HV_ARM64_REGISTER_Q0),
	FIELD(mshv_fpu, fpcr, HV_ARM64_REGISTER_FPCR),
	FIELD(mshv_fpu, fpsr, HV_ARM64_REGISTER_FPSR),
};

#define EVENTS_OPTIONAL	0

static const struct field event_fields[] = {
	EVENTS(pending_interruption, PENDING_INTERRUPTION),
	EVENTS(interrupt_state, INTERRUPT_STATE),
	FIELDS(mshv_events, pending_event, HV_REGISTER_PENDING_EVENT0),
};

#endif

#define REGISTERS_MAX	34	/* FPU of arm64 */

/* A set on its way; all members that are no values are 0. */
struct batch {
	struct hv_register_assoc regs[REGISTERS_MAX];
	size_t count;
};

static void batch_fill(struct batch *batch, const struct field *fields,
		       size_t count, const void *set)
{
	struct hv_register_assoc *reg = batch->regs;
	size_t i, k;

	memset(batch, 0, sizeof(*batch));
	for (i = 0; i < count; i++) {
		for (k = 0; k < fields[i].count; k++, reg++) {
			reg->name = fields[i].name + (uint32_t)k;
			if (set)
				memcpy(&reg->value, (const char *)set +
				       fields[i].offset + k * fields[i].size,
				       fields[i].size);
		}
	}
	batch->count = (size_t)(reg - batch->regs);
}

static void batch_take(const struct batch *batch, const struct field *fields,
		       size_t count, void *set)
{
	const struct hv_register_assoc *reg = batch->regs;
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < fields[i].count; k++, reg++)
			memcpy((char *)set + fields[i].offset +
			       k * fields[i].size, &reg->value, fields[i].size);
}

/* The hypervisor says that it doesn't have the last register of the batch. */
static bool last_is_missing(const struct batch *batch)
{
	const struct mshv_error *error = mshv_last_error();

	return error->hv_status && error->index == batch->count - 1;
}

static int get_fields(struct mshv_vp *vp, const struct field *fields,
		      size_t count, size_t optional, void *set)
{
	const struct mshv_error before = *mshv_last_error();
	struct batch batch;
	int ret;

	if (!set)
		return libmshv_fail(EINVAL, "get VP registers: NULL argument");

	batch_fill(&batch, fields, count, NULL);
	ret = mshv_vp_get_registers(vp, batch.regs, batch.count);
	if (ret && optional && last_is_missing(&batch)) {
		memset(&batch.regs[batch.count - 1].value, 0,
		       sizeof(union hv_register_value));
		ret = mshv_vp_get_registers(vp, batch.regs, batch.count - 1);
		if (!ret)
			libmshv_error_restore(&before);
	}
	if (!ret)
		batch_take(&batch, fields, count, set);
	return ret;
}

static int set_fields(struct mshv_vp *vp, const struct field *fields,
		      size_t count, size_t optional, const void *set)
{
	const struct mshv_error before = *mshv_last_error();
	struct batch batch;
	int ret;

	if (!set)
		return libmshv_fail(EINVAL, "set VP registers: NULL argument");

	batch_fill(&batch, fields, count, set);
	ret = mshv_vp_set_registers(vp, batch.regs, batch.count);
	/* Those in front of it have been written. */
	if (ret && optional && last_is_missing(&batch) &&
	    libmshv_all_zero(&batch.regs[batch.count - 1].value,
			     sizeof(union hv_register_value))) {
		libmshv_error_restore(&before);
		return 0;
	}
	return ret;
}

#define GET(vp, fields, set) \
	get_fields(vp, fields, ARRAY_SIZE(fields), 0, set)
#define SET(vp, fields, set) \
	set_fields(vp, fields, ARRAY_SIZE(fields), 0, set)

int mshv_vp_get_standard_registers(struct mshv_vp *vp,
				   struct mshv_standard_registers *registers)
{
	return GET(vp, standard_fields, registers);
}

int
mshv_vp_set_standard_registers(struct mshv_vp *vp,
			       const struct mshv_standard_registers *registers)
{
	return SET(vp, standard_fields, registers);
}

int mshv_vp_get_special_registers(struct mshv_vp *vp,
				  struct mshv_special_registers *registers)
{
	return GET(vp, special_fields, registers);
}

int
mshv_vp_set_special_registers(struct mshv_vp *vp,
			      const struct mshv_special_registers *registers)
{
	return SET(vp, special_fields, registers);
}

int mshv_vp_get_fpu(struct mshv_vp *vp, struct mshv_fpu *fpu)
{
	return GET(vp, fpu_fields, fpu);
}

int mshv_vp_set_fpu(struct mshv_vp *vp, const struct mshv_fpu *fpu)
{
	return SET(vp, fpu_fields, fpu);
}

int mshv_vp_get_events(struct mshv_vp *vp, struct mshv_events *events)
{
	return get_fields(vp, event_fields, ARRAY_SIZE(event_fields),
			  EVENTS_OPTIONAL, events);
}

int mshv_vp_set_events(struct mshv_vp *vp, const struct mshv_events *events)
{
	return set_fields(vp, event_fields, ARRAY_SIZE(event_fields),
			  EVENTS_OPTIONAL, events);
}

int mshv_vp_get_activity(struct mshv_vp *vp, struct mshv_activity *activity)
{
	return GET(vp, activity_fields, activity);
}

int mshv_vp_set_activity(struct mshv_vp *vp,
			 const struct mshv_activity *activity)
{
	return SET(vp, activity_fields, activity);
}

#if defined(__x86_64__)

int mshv_vp_get_debug_registers(struct mshv_vp *vp,
				struct mshv_debug_registers *registers)
{
	return GET(vp, debug_fields, registers);
}

int mshv_vp_set_debug_registers(struct mshv_vp *vp,
				const struct mshv_debug_registers *registers)
{
	return SET(vp, debug_fields, registers);
}

int mshv_vp_get_xcr0(struct mshv_vp *vp, uint64_t *xcr0)
{
	return GET(vp, xcr0_field, xcr0);
}

int mshv_vp_set_xcr0(struct mshv_vp *vp, uint64_t xcr0)
{
	return SET(vp, xcr0_field, &xcr0);
}

#else

static int x86_64_only(void)
{
	return libmshv_fail(EOPNOTSUPP, "registers: x86_64 only");
}

int mshv_vp_get_debug_registers(struct mshv_vp *vp,
				struct mshv_debug_registers *registers)
{
	(void)vp;
	(void)registers;
	return x86_64_only();
}

int mshv_vp_set_debug_registers(struct mshv_vp *vp,
				const struct mshv_debug_registers *registers)
{
	(void)vp;
	(void)registers;
	return x86_64_only();
}

int mshv_vp_get_xcr0(struct mshv_vp *vp, uint64_t *xcr0)
{
	(void)vp;
	(void)xcr0;
	return x86_64_only();
}

int mshv_vp_set_xcr0(struct mshv_vp *vp, uint64_t xcr0)
{
	(void)vp;
	(void)xcr0;
	return x86_64_only();
}

#endif
