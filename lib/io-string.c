// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * INS and OUTS: port accesses that move memory. See <mshv/vp.h>.
 *
 * Intel SDM volume 2, "INS", "OUTS", "REP"; volume 1, "Address-Size Attribute".
 * An instruction can be interrupted between two elements, with RCX and RSI or
 * RDI at the next one and RIP where it was: so that is how far one call goes.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/translate.h>

#include "internal.h"

#if defined(__x86_64__)

/* What a guest can keep a VMM busy with before it looks at something else. */
#define ELEMENTS_MAX	4096

#define RFLAGS_DF	(1ULL << 10)
#define EXCEPTION_SS	12
#define EXCEPTION_GP	13
#define NO_OVERRIDE	0xffffffffu

struct string {
	const struct hv_x64_io_port_intercept_message *io;
	struct mshv_x64_paging paging;
	struct hv_x64_segment_register segment;
	bool input, long_mode, is_stack;
	unsigned int size;		/* of an element */
	uint64_t mask;			/* of the address size */
	uint64_t index, count;		/* RSI or RDI, RCX; as @mask says */
};

/* The prefixes that matter: the segment, and whether the other address size. */
static uint32_t prefixes(const struct hv_x64_io_port_intercept_message *io,
			 bool long_mode, bool *other_size)
{
	static const struct {
		uint8_t byte;
		uint32_t name;
	} overrides[] = {
		{ 0x26, HV_X64_REGISTER_ES }, { 0x2e, HV_X64_REGISTER_CS },
		{ 0x36, HV_X64_REGISTER_SS }, { 0x3e, HV_X64_REGISTER_DS },
		{ 0x64, HV_X64_REGISTER_FS }, { 0x65, HV_X64_REGISTER_GS },
	};
	uint32_t name = NO_OVERRIDE;
	size_t count = libmshv_min(io->instruction_byte_count,
				   sizeof(io->instruction_bytes)), i, k;

	*other_size = false;
	for (i = 0; i < count; i++) {
		uint8_t byte = io->instruction_bytes[i];

		/* INS and OUTS themselves */
		if (byte >= 0x6c && byte <= 0x6f)
			break;
		if (byte == 0x67)
			*other_size = true;
		for (k = 0; k < ARRAY_SIZE(overrides); k++)
			/* in 64-bit code the first four mean nothing */
			if (byte == overrides[k].byte && (k >= 4 || !long_mode))
				name = overrides[k].name;
	}
	return name;
}

static int get_segment(struct mshv_vp *vp, uint32_t name, struct string *s)
{
	struct hv_register_assoc reg;
	int ret;

	s->is_stack = name == HV_X64_REGISTER_SS;
	if (s->input || name == HV_X64_REGISTER_ES)
		s->segment = s->io->es_segment;
	else if (name == NO_OVERRIDE || name == HV_X64_REGISTER_DS)
		s->segment = s->io->ds_segment;
	else if (name == HV_X64_REGISTER_CS)
		s->segment = s->io->header.cs_segment;
	else {
		memset(&reg, 0, sizeof(reg));
		reg.name = name;
		ret = mshv_vp_get_registers(vp, &reg, 1);
		if (ret)
			return ret;
		s->segment = reg.value.segment;
	}
	/* in 64-bit code only FS and GS begin anywhere */
	if (s->long_mode && (s->input || (name != HV_X64_REGISTER_FS &&
					  name != HV_X64_REGISTER_GS)))
		s->segment.base = 0;
	return 0;
}

static int begin(struct mshv_vp *vp, struct string *s)
{
	const struct hv_x64_intercept_message_header *header = &s->io->header;
	bool other_size;
	uint32_t name;
	int ret;

	s->input = header->intercept_access_type == HV_INTERCEPT_ACCESS_READ;
	s->long_mode = header->execution_state.efer_lma &&
		       header->cs_segment._long;
	s->size = s->io->access_info.access_size;
	name = prefixes(s->io, s->long_mode, &other_size);
	if (s->long_mode)
		s->mask = other_size ? UINT32_MAX : UINT64_MAX;
	else
		s->mask = header->cs_segment._default != other_size ?
			  UINT32_MAX : UINT16_MAX;
	s->index = (s->input ? s->io->rdi : s->io->rsi) & s->mask;
	s->count = s->io->access_info.rep_prefix ? s->io->rcx & s->mask : 1;

	ret = get_segment(vp, name, s);
	return ret ? ret : mshv_vp_get_paging(vp, &s->paging);
}

/* The linear address of the element, if the segment has it. */
static int address(const struct string *s, uint64_t *gva, struct mshv_walk *walk)
{
	const struct hv_x64_segment_register *segment = &s->segment;
	uint64_t last = s->index + s->size - 1;
	bool down = (segment->segment_type & 0xc) == 4, inside;

	*gva = segment->base + s->index;
	if (s->long_mode)
		return 0;
	*gva = (uint32_t)*gva;
	if (down)
		inside = s->index > segment->limit &&
			 last <= (segment->_default ? UINT32_MAX : UINT16_MAX);
	else
		inside = last <= segment->limit;
	if (inside)
		return 0;
	memset(walk, 0, sizeof(*walk));
	walk->gva = *gva;
	walk->vector = s->is_stack ? EXCEPTION_SS : EXCEPTION_GP;
	walk->result = HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION;
	return libmshv_fail(EFAULT, "string I/O: behind the end of the segment");
}

/*
 * A fault comes before the port is touched, which can't be undone.
 */
static int one_element(struct string *s, const struct mshv_memory *memory,
		       int (*port)(void *context, uint16_t port, int write,
				   void *data, size_t size),
		       void *context, struct mshv_walk *walk)
{
	uint64_t flags = s->input ? HV_TRANSLATE_GVA_VALIDATE_WRITE :
				    HV_TRANSLATE_GVA_VALIDATE_READ;
	enum libmshv_access first = s->input ? LIBMSHV_ACCESS_MAY_WRITE :
					       LIBMSHV_ACCESS_READ;
	char data[4] = { 0 };
	uint64_t gva;
	int ret;

	ret = address(s, &gva, walk);
	if (!ret)
		ret = libmshv_copy_gva(&s->paging, memory, gva, flags, data,
				       s->size, first, walk);
	if (ret)
		return ret;
	if (port(context, s->io->port_number, !s->input, data, s->size))
		return libmshv_fail(ECANCELED, "string I/O: the port ended it");
	if (s->input)
		ret = libmshv_copy_gva(&s->paging, memory, gva, flags, data,
				       s->size, LIBMSHV_ACCESS_WRITE, walk);
	return ret;
}

/* What becomes of a register whose lower part an instruction writes. */
static uint64_t merged(const struct string *s, uint64_t old, uint64_t value)
{
	return s->mask == UINT16_MAX ? (old & ~s->mask) | value : value;
}

static int finish(struct mshv_vp *vp, const struct string *s)
{
	struct hv_register_assoc regs[3];
	size_t n = 1;
	int ret;

	memset(regs, 0, sizeof(regs));
	regs[0].name = s->input ? HV_X64_REGISTER_RDI : HV_X64_REGISTER_RSI;
	regs[0].value.reg64 = merged(s, s->input ? s->io->rdi : s->io->rsi,
				     s->index);
	if (s->io->access_info.rep_prefix) {
		regs[n].name = HV_X64_REGISTER_RCX;
		regs[n++].value.reg64 = merged(s, s->io->rcx, s->count);
	}
	if (!s->count) {
		regs[n].name = HV_X64_REGISTER_RIP;
		regs[n++].value.reg64 = libmshv_next_rip(&s->io->header);
	}
	ret = mshv_vp_set_registers(vp, regs, n);
	vp->state.io_done = !ret;
	return ret;
}

static int check(const struct mshv_vp *vp)
{
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)vp->buf.message.u.payload;

	if (!vp->state.has_message || vp->state.io_done ||
	    vp->buf.message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return libmshv_fail(EINVAL, "string I/O: no port access is waiting");
	if (libmshv_io_port_flaw(&vp->buf.message))
		return libmshv_fail(EBADMSG, "string I/O: malformed message");
	if (!io->access_info.string_op)
		return libmshv_fail(EINVAL, "string I/O: neither INS nor OUTS");
	if (!io->header.instruction_length)
		return libmshv_fail(EBADMSG,
				    "string I/O: instruction length unknown");
	return 0;
}

int mshv_vp_complete_string_io(struct mshv_vp *vp,
			       const struct mshv_memory *memory,
			       int (*port)(void *context, uint16_t port,
					   int write, void *data, size_t size),
			       void *context, struct mshv_walk *walk)
{
	struct string s = { .io = NULL };
	unsigned int done;
	int ret, finished;

	if (!vp || !memory || !port || !walk)
		return libmshv_fail(EINVAL, "string I/O: NULL argument");
	ret = check(vp);
	if (ret)
		return ret;
	s.io = (const void *)vp->buf.message.u.payload;
	ret = begin(vp, &s);
	for (done = 0; !ret && s.count && done < ELEMENTS_MAX; done++) {
		ret = one_element(&s, memory, port, context, walk);
		if (ret)
			break;
		s.index += s.io->header.rflags & RFLAGS_DF ? -(uint64_t)s.size :
							    s.size;
		s.index &= s.mask;
		s.count--;
	}
	if (ret && !done)
		return ret;
	finished = finish(vp, &s);
	return finished ? finished : ret;
}

#else

int mshv_vp_complete_string_io(struct mshv_vp *vp,
			       const struct mshv_memory *memory,
			       int (*port)(void *context, uint16_t port,
					   int write, void *data, size_t size),
			       void *context, struct mshv_walk *walk)
{
	(void)context;
	if (!vp || !memory || !port || !walk)
		return libmshv_fail(EINVAL, "string I/O: NULL argument");
	return libmshv_fail(EOPNOTSUPP, "string I/O: x86_64 only");
}

#endif
