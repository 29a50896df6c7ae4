// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions with one operand in memory, for memory that is emulated here: the
 * moves that drivers use for device registers, and read-modify-write arithmetic.
 * Encodings: AMD APM volume 3, appendix A.
 *
 * The operand's address is not computed: the nested page fault has given it.
 */
#include <linux/bits.h>
#include <linux/string.h>

#include "engine.h"

struct insn {
	u8 bytes[16];
	u32 n, at;		/* bytes there are, next one to look at */
	bool failed;		/* there were not enough */
	bool opsize, addrsize, rep;
	u8 rex;
	u8 modrm;
};

static u64 insn_take(struct insn *s, u32 bytes)
{
	u64 v = 0;

	if (s->at + bytes > s->n || s->at + bytes > 15) {
		s->failed = true;
		return 0;
	}
	memcpy(&v, s->bytes + s->at, bytes);
	s->at += bytes;
	return v;
}

/* ------------------------------------------------------------------ decoding */

static void insn_prefixes(struct sim_vp *vp, struct insn *s)
{
	for (;;) {
		u8 b = insn_take(s, 1);

		switch (b) {
		case 0x66:
			s->opsize = true;
			continue;
		case 0x67:
			s->addrsize = true;
			continue;
		case 0xf2:
		case 0xf3:
			s->rep = true;
			continue;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
		case 0xf0:
			if (!s->failed)
				continue;
			break;
		}
		if (sim_64bit(vp) && (b & 0xf0) == 0x40) {
			s->rex = b;
			return;
		}
		if (!s->failed)
			s->at--;
		return;
	}
}

/* Bytes of an operand that is not a byte. */
static u8 insn_operand_size(struct sim_vp *vp, const struct insn *s)
{
	bool wide = vp->vmcb->save.cs.attrib & BIT(10);

	if (sim_64bit(vp))
		return s->rex & 8 ? 8 : s->opsize ? 2 : 4;
	return wide != s->opsize ? 4 : 2;
}

static u8 insn_address_size(struct sim_vp *vp, const struct insn *s)
{
	bool wide = vp->vmcb->save.cs.attrib & BIT(10);

	if (sim_64bit(vp))
		return s->addrsize ? 4 : 8;
	return wide != s->addrsize ? 4 : 2;
}

/* ModRM, SIB and displacement; false if the operand is a register. */
static bool insn_modrm(struct sim_vp *vp, struct insn *s)
{
	u8 mod, rm, disp, sib;

	s->modrm = insn_take(s, 1);
	mod = s->modrm >> 6;
	rm = s->modrm & 7;
	if (mod == 3)
		return false;
	if (insn_address_size(vp, s) == 2) {
		disp = mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0;
	} else {
		disp = mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0;
		if (rm == 4) {
			sib = insn_take(s, 1);
			if (!mod && (sib & 7) == 5)
				disp = 4;
		}
	}
	insn_take(s, disp);
	return !s->failed;
}

/* How an opcode is encoded. */
#define BYTE	BIT(0)	/* the operand is a byte */
#define STORE	BIT(1)	/* memory is the destination */
#define LOAD	BIT(2)	/* a register is */
#define IMM	BIT(3)	/* immediate of the operand's size, at most 4 bytes */
#define IMM8	BIT(4)
#define MOFFS	BIT(5)	/* the accumulator and an address, no ModRM */
#define STRING	BIT(6)
#define GROUP	BIT(7)	/* ModRM.reg is part of the opcode */

struct insn_row {
	u16 opcode;		/* 0x0fxx: two bytes */
	u8 op;
	u8 flags;
	u8 group;		/* what ModRM.reg must be */
};

static const struct insn_row insn_rows[] = {
	{ 0x84, SIM_INSN_TEST, BYTE | STORE },
	{ 0x85, SIM_INSN_TEST, STORE },
	{ 0x86, SIM_INSN_XCHG, BYTE | STORE | LOAD },
	{ 0x87, SIM_INSN_XCHG, STORE | LOAD },
	{ 0x88, SIM_INSN_MOV, BYTE | STORE },
	{ 0x89, SIM_INSN_MOV, STORE },
	{ 0x8a, SIM_INSN_MOV, BYTE | LOAD },
	{ 0x8b, SIM_INSN_MOV, LOAD },
	{ 0xa0, SIM_INSN_MOV, BYTE | LOAD | MOFFS },
	{ 0xa1, SIM_INSN_MOV, LOAD | MOFFS },
	{ 0xa2, SIM_INSN_MOV, BYTE | STORE | MOFFS },
	{ 0xa3, SIM_INSN_MOV, STORE | MOFFS },
	{ 0xaa, SIM_INSN_MOV, BYTE | STORE | STRING },
	{ 0xab, SIM_INSN_MOV, STORE | STRING },
	{ 0xac, SIM_INSN_MOV, BYTE | LOAD | STRING },
	{ 0xad, SIM_INSN_MOV, LOAD | STRING },
	{ 0xc6, SIM_INSN_MOV, BYTE | STORE | IMM8 | GROUP, 0 },
	{ 0xc7, SIM_INSN_MOV, STORE | IMM | GROUP, 0 },
	{ 0xf6, SIM_INSN_TEST, BYTE | STORE | IMM8 | GROUP, 0 },
	{ 0xf7, SIM_INSN_TEST, STORE | IMM | GROUP, 0 },
	{ 0x0fc3, SIM_INSN_MOV, STORE },	/* MOVNTI */
};

/* ModRM.reg of opcodes 80 to 83, and bits 3-5 of 00 to 3b. */
static const u8 insn_alu[] = {
	SIM_INSN_ADD, SIM_INSN_OR, SIM_INSN_ADC, SIM_INSN_SBB,
	SIM_INSN_AND, SIM_INSN_SUB, SIM_INSN_XOR, SIM_INSN_CMP,
};

static bool insn_find(const struct insn *s, u16 opcode, u8 next, struct insn_row *row)
{
	static const u8 alu_flags[] = { BYTE | STORE, STORE, BYTE | LOAD, LOAD };
	static const u8 imm_flags[] = {
		BYTE | STORE | IMM8, STORE | IMM, BYTE | STORE | IMM8, STORE | IMM8,
	};
	int i;

	if (opcode < 0x40 && (opcode & 7) < 4) {
		row->op = insn_alu[opcode >> 3];
		row->flags = alu_flags[opcode & 3];
		return true;
	}
	if (opcode >= 0x80 && opcode <= 0x83) {
		row->op = insn_alu[next >> 3 & 7];
		row->flags = imm_flags[opcode & 3];
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(insn_rows); i++) {
		if (insn_rows[i].opcode != opcode)
			continue;
		*row = insn_rows[i];
		return !(row->flags & GROUP) || (next >> 3 & 7) == row->group;
	}
	return false;
}

static u64 insn_cut(u64 v, u8 size)
{
	return size == 8 ? v : v & (BIT_ULL(8 * size) - 1);
}

static void insn_register(struct sim_vp *vp, const struct insn *s, struct sim_mem_insn *insn,
			  u8 number)
{
	insn->reg = number;
	insn->reg_high = insn->reg_size == 1 && !s->rex && number >= 4 && number < 8;
	if (insn->reg_high)
		insn->reg -= 4;
}

/* MOVZX and MOVSX: 0F B6, B7, BE, BF. */
static bool insn_extend(struct sim_vp *vp, struct insn *s, struct sim_mem_insn *insn, u8 opcode)
{
	insn->op = SIM_INSN_MOV;
	insn->reads = true;
	insn->to_reg = true;
	insn->size = opcode & 1 ? 2 : 1;
	insn->sign_extend = opcode & 8;
	insn->reg_size = insn_operand_size(vp, s);
	if (!insn_modrm(vp, s))
		return false;
	insn_register(vp, s, insn, (s->modrm >> 3 & 7) | (s->rex & 4) << 1);
	insn->length = s->at;
	return true;
}

static s64 insn_immediate(struct insn *s, const struct insn_row *row, u8 size)
{
	u8 bytes = row->flags & IMM8 ? 1 : min_t(u8, size, 4);

	return sign_extend64(insn_take(s, bytes), 8 * bytes - 1);
}

static bool insn_decode(struct sim_vp *vp, struct insn *s, struct sim_mem_insn *insn)
{
	struct insn_row row = { 0 };
	u16 opcode;
	u8 reg = SIM_RAX;

	insn_prefixes(vp, s);
	opcode = insn_take(s, 1);
	if (opcode == 0x0f)
		opcode = 0x0f00 | insn_take(s, 1);
	if (s->failed)
		return false;
	if ((opcode & ~0x9u) == 0x0fb6)
		return insn_extend(vp, s, insn, opcode);
	if (!insn_find(s, opcode, s->at < s->n ? s->bytes[s->at] : 0, &row))
		return false;
	/* A repeated string instruction is many accesses: the VMM's business. */
	if ((row.flags & STRING) && (s->rep || insn_address_size(vp, s) == 2 || s->addrsize))
		return false;

	insn->op = row.op;
	insn->size = row.flags & BYTE ? 1 : insn_operand_size(vp, s);
	insn->reg_size = insn->size;
	if (row.flags & MOFFS) {
		insn_take(s, insn_address_size(vp, s));
	} else if (row.flags & STRING) {
		insn->string = vp->vmcb->save.rflags & X86_EFLAGS_DF ? -insn->size : insn->size;
	} else {
		if (!insn_modrm(vp, s))
			return false;
		reg = (s->modrm >> 3 & 7) | (s->rex & 4) << 1;
	}
	insn_register(vp, s, insn, reg);

	if (row.flags & (IMM | IMM8)) {
		insn->value = insn_cut(insn_immediate(s, &row, insn->size), insn->size);
	} else {
		insn->value = vp->gpr[insn->reg] >> (insn->reg_high ? 8 : 0);
		insn->value = insn_cut(insn->value, insn->size);
	}
	insn->to_reg = (row.flags & LOAD) && row.op != SIM_INSN_CMP;
	insn->reads = row.op != SIM_INSN_MOV || (row.flags & LOAD);
	insn->writes = (row.flags & STORE) && row.op != SIM_INSN_CMP && row.op != SIM_INSN_TEST;
	insn->value_first = row.flags & LOAD;
	insn->length = s->at;
	return !s->failed;
}

bool sim_insn_decode_mem(struct sim_vp *vp, struct sim_mem_insn *insn)
{
	struct insn s = { 0 };

	memset(insn, 0, sizeof(*insn));
	s.n = sim_fetch(vp, s.bytes);
	return insn_decode(vp, &s, insn);
}

/* ----------------------------------------------------------------- executing */

#define FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |	\
		 X86_EFLAGS_SF | X86_EFLAGS_OF)

static u64 insn_parity(u64 v)
{
	return hweight8(v) & 1 ? 0 : X86_EFLAGS_PF;
}

/* APM volume 1, 3.1.4: what arithmetic does to the status flags. */
static u64 insn_arithmetic(struct sim_vp *vp, const struct sim_mem_insn *insn, u64 a, u64 b)
{
	u64 *rflags = &vp->vmcb->save.rflags;
	u64 sign = BIT_ULL(8 * insn->size - 1), carry = *rflags & X86_EFLAGS_CF;
	u64 flags = 0, r, all;

	switch (insn->op) {
	case SIM_INSN_ADD:
	case SIM_INSN_ADC:
		r = a + b + (insn->op == SIM_INSN_ADC ? carry : 0);
		/* Carries out of each bit position. */
		all = (a & b) | ((a | b) & ~r);
		break;
	case SIM_INSN_SUB:
	case SIM_INSN_CMP:
	case SIM_INSN_SBB:
		r = a - b - (insn->op == SIM_INSN_SBB ? carry : 0);
		/* Borrows. */
		all = (~a & b) | ((~a | b) & r);
		break;
	case SIM_INSN_AND:
	case SIM_INSN_TEST:
		r = a & b;
		all = 0;
		break;
	case SIM_INSN_OR:
		r = a | b;
		all = 0;
		break;
	default:
		r = a ^ b;
		all = 0;
		break;
	}
	r = insn_cut(r, insn->size);

	if (all & sign)
		flags |= X86_EFLAGS_CF;
	if (all & BIT(3))
		flags |= X86_EFLAGS_AF;
	/* Overflow: the carry into the sign differs from the one out of it. */
	if (!(all & sign) != !(all & (sign >> 1)))
		flags |= X86_EFLAGS_OF;
	if (!r)
		flags |= X86_EFLAGS_ZF;
	if (r & sign)
		flags |= X86_EFLAGS_SF;
	flags |= insn_parity(r);
	*rflags = (*rflags & ~(u64)FLAGS) | flags;
	return r;
}

/* Writes of 32 bits clear the upper half, narrower ones leave the rest alone. */
static void insn_to_register(struct sim_vp *vp, const struct sim_mem_insn *insn, u64 v)
{
	u64 *reg = &vp->gpr[insn->reg];
	u64 mask;

	if (insn->sign_extend)
		v = sign_extend64(v, 8 * insn->size - 1);
	v = insn_cut(v, insn->reg_size);
	if (insn->reg_high) {
		*reg = (*reg & ~0xff00ull) | v << 8;
		return;
	}
	mask = insn->reg_size >= 4 ? ~0ull : BIT_ULL(8 * insn->reg_size) - 1;
	*reg = (*reg & ~mask) | v;
}

static void insn_step(struct sim_vp *vp, const struct sim_mem_insn *insn)
{
	u64 *index = &vp->gpr[insn->reads ? SIM_RSI : SIM_RDI];

	if (sim_64bit(vp))
		*index += insn->string;
	else
		*index = (*index & ~0xffffffffull) | (u32)(*index + insn->string);
}

u64 sim_insn_execute(struct sim_vp *vp, const struct sim_mem_insn *insn, u64 mem)
{
	u64 a = insn->value_first ? insn->value : mem;
	u64 b = insn->value_first ? mem : insn->value;
	u64 r;

	mem = insn_cut(mem, insn->size);
	switch (insn->op) {
	case SIM_INSN_MOV:
		r = insn->reads ? mem : insn->value;
		break;
	case SIM_INSN_XCHG:
		insn_to_register(vp, insn, mem);
		return insn->value;
	default:
		r = insn_arithmetic(vp, insn, insn_cut(a, insn->size), insn_cut(b, insn->size));
		break;
	}
	if (insn->to_reg)
		insn_to_register(vp, insn, r);
	if (insn->string)
		insn_step(vp, insn);
	return r;
}
