// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The usual sets of registers as structures. See <mshv/vp.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "internal.h"

struct field {
	uint32_t name;
	uint16_t offset;
	uint16_t size;
};

#define FIELD(type, member, name) \
	{ name, offsetof(struct type, member), \
	  sizeof(((struct type *)NULL)->member) }

#if defined(__x86_64__)

#define STANDARD(member, name) \
	FIELD(mshv_standard_registers, member, HV_X64_REGISTER_##name)
#define SPECIAL(member, name) \
	FIELD(mshv_special_registers, member, HV_X64_REGISTER_##name)

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

#else /* arm64 */

#define STANDARD(member, name) \
	FIELD(mshv_standard_registers, member, HV_ARM64_REGISTER_##name)
#define SPECIAL(member, name) \
	FIELD(mshv_special_registers, member, HV_ARM64_REGISTER_##name)
#define X(n)	STANDARD(x[n], X##n)

static const struct field standard_fields[] = {
	X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9),
	X(10), X(11), X(12), X(13), X(14), X(15), X(16), X(17), X(18), X(19),
	X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27), X(28),
	STANDARD(fp, FP), STANDARD(lr, LR), STANDARD(sp, SP),
	STANDARD(pc, PC), STANDARD(pstate, PSTATE),
};

static const struct field special_fields[] = {
	SPECIAL(sctlr_el1, SCTLR_EL1), SPECIAL(ttbr0_el1, TTBR0_EL1),
	SPECIAL(ttbr1_el1, TTBR1_EL1), SPECIAL(tcr_el1, TCR_EL1),
	SPECIAL(mair_el1, MAIR_EL1), SPECIAL(vbar_el1, VBAR_EL1),
};

#endif

#define FIELDS_MAX	ARRAY_SIZE(standard_fields)

_Static_assert(ARRAY_SIZE(special_fields) <= FIELDS_MAX, "FIELDS_MAX");

static int get_fields(struct mshv_vp *vp, const struct field *fields,
		      size_t count, void *set)
{
	struct hv_register_assoc regs[FIELDS_MAX];
	size_t i;
	int ret;

	if (!set)
		return libmshv_fail(EINVAL, "get VP registers: NULL argument");

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < count; i++)
		regs[i].name = fields[i].name;

	ret = mshv_vp_get_registers(vp, regs, count);
	if (ret)
		return ret;

	for (i = 0; i < count; i++)
		memcpy((char *)set + fields[i].offset, &regs[i].value,
		       fields[i].size);
	return 0;
}

static int set_fields(struct mshv_vp *vp, const struct field *fields,
		      size_t count, const void *set)
{
	struct hv_register_assoc regs[FIELDS_MAX];
	size_t i;

	if (!set)
		return libmshv_fail(EINVAL, "set VP registers: NULL argument");

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < count; i++) {
		regs[i].name = fields[i].name;
		memcpy(&regs[i].value, (const char *)set + fields[i].offset,
		       fields[i].size);
	}
	return mshv_vp_set_registers(vp, regs, count);
}

int mshv_vp_get_standard_registers(struct mshv_vp *vp,
				   struct mshv_standard_registers *registers)
{
	return get_fields(vp, standard_fields, ARRAY_SIZE(standard_fields),
			  registers);
}

int
mshv_vp_set_standard_registers(struct mshv_vp *vp,
			       const struct mshv_standard_registers *registers)
{
	return set_fields(vp, standard_fields, ARRAY_SIZE(standard_fields),
			  registers);
}

int mshv_vp_get_special_registers(struct mshv_vp *vp,
				  struct mshv_special_registers *registers)
{
	return get_fields(vp, special_fields, ARRAY_SIZE(special_fields),
			  registers);
}

int
mshv_vp_set_special_registers(struct mshv_vp *vp,
			      const struct mshv_special_registers *registers)
{
	return set_fields(vp, special_fields, ARRAY_SIZE(special_fields),
			  registers);
}
