// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Registers of a VP: through the register page where that is right, by
 * hypercall where it isn't. See <mshv/vp.h>.
 *
 * How the page and the hypercalls stay coherent:
 *
 * - The hypervisor fills the page when the VP stops with a message, and takes
 *   over the classes whose dirty bit is set when the VP goes on and before a
 *   register hypercall.
 * - A class with its dirty bit set was written here and not yet taken over:
 *   the page has the last word on it.
 * - When a run ended without a message (mshv_vp_run()) nobody promises that the
 *   page was filled: until the next message it isn't used, except to read dirty
 *   classes. mshv_vp_register_page_is_current() tells the caller.
 * - The control registers can't be written through the page. A hypercall that
 *   writes any register may change them (CR0 changes EFER), so after one they
 *   are read by hypercall until the next message.
 *
 * The first rule is what rust-vmm's test of the page and QEMU rely on; that the
 * hypervisor fills the page again after a hypercall is nowhere relied on here.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>

#include "internal.h"

#if defined(__x86_64__)

#define READ_ONLY	UINT32_MAX

/* Where consecutive registers lie in the page. */
struct page_range {
	uint32_t first;
	uint32_t count;
	uint16_t offset;
	uint16_t size;		/* of one register */
	uint32_t class;		/* HV_X64_REGISTER_CLASS_*, or READ_ONLY */
};

#define RANGE(first, count, member, size, class) \
	{ first, count, offsetof(struct hv_vp_register_page, member), \
	  size, class }

static const struct page_range page_ranges[] = {
	RANGE(HV_X64_REGISTER_RAX, 16, gp_registers, 8,
	      HV_X64_REGISTER_CLASS_GENERAL),
	RANGE(HV_X64_REGISTER_RIP, 1, rip, 8, HV_X64_REGISTER_CLASS_IP),
	RANGE(HV_X64_REGISTER_RFLAGS, 1, rflags, 8,
	      HV_X64_REGISTER_CLASS_FLAGS),
	RANGE(HV_X64_REGISTER_XMM0, 6, xmm_registers, 16,
	      HV_X64_REGISTER_CLASS_XMM),
	RANGE(HV_X64_REGISTER_ES, 6, segment_registers, 16,
	      HV_X64_REGISTER_CLASS_SEGMENT),
	RANGE(HV_X64_REGISTER_CR0, 1, cr0, 8, READ_ONLY),
	RANGE(HV_X64_REGISTER_CR3, 1, cr3, 8, READ_ONLY),
	RANGE(HV_X64_REGISTER_CR4, 1, cr4, 8, READ_ONLY),
	RANGE(HV_X64_REGISTER_CR8, 1, cr8, 8, READ_ONLY),
	RANGE(HV_X64_REGISTER_EFER, 1, efer, 8, READ_ONLY),
};

static const struct page_range *find_range(uint32_t name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(page_ranges); i++)
		if (name - page_ranges[i].first < page_ranges[i].count)
			return &page_ranges[i];
	return NULL;
}

static void *in_page(const struct mshv_vp *vp, const struct page_range *range,
		     uint32_t name)
{
	return (char *)vp->page + range->offset +
	       (size_t)(name - range->first) * range->size;
}

static bool page_writable(uint32_t name)
{
	const struct page_range *range = find_range(name);

	return range && range->class != READ_ONLY;
}

static bool page_readable(const struct mshv_vp *vp,
			  const struct page_range *range)
{
	if (!range || !libmshv_page_valid(vp))
		return false;
	if (range->class == READ_ONLY)
		return vp->state.page_current && !vp->state.control_stale;
	return vp->state.page_current || vp->page->dirty & (1U << range->class);
}

static bool page_read(const struct mshv_vp *vp, struct hv_register_assoc *reg)
{
	const struct page_range *range = find_range(reg->name);

	if (!page_readable(vp, range))
		return false;
	/* Sizes that the compiler knows: a call of memcpy() costs more than it does. */
	memset(&reg->value, 0, sizeof(reg->value));
	if (range->size == 8)
		memcpy(&reg->value, in_page(vp, range, reg->name), 8);
	else
		memcpy(&reg->value, in_page(vp, range, reg->name), 16);
	return true;
}

static void page_write(struct mshv_vp *vp, const struct hv_register_assoc *reg)
{
	const struct page_range *range = find_range(reg->name);

	if (range->size == 8)
		memcpy(in_page(vp, range, reg->name), &reg->value, 8);
	else
		memcpy(in_page(vp, range, reg->name), &reg->value, 16);
	vp->page->dirty |= 1U << range->class;
}

/* As it is for all that an exit usually needs; nothing is done if it isn't. */
static bool page_write_all(struct mshv_vp *vp,
			   const struct hv_register_assoc *registers,
			   size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!page_writable(registers[i].name))
			return false;
	for (i = 0; i < count; i++)
		page_write(vp, &registers[i]);
	return true;
}

/* What was written to the page goes to the hypervisor at once. */
int libmshv_page_flush(struct mshv_vp *vp)
{
	struct hv_register_assoc regs[32];
	const struct page_range *range = page_ranges;
	const struct page_range *end = range + ARRAY_SIZE(page_ranges);
	uint32_t i, count = 0;
	int ret;

	if (!libmshv_page_valid(vp) || !vp->page->dirty)
		return 0;
	memset(regs, 0, sizeof(regs));
	for (; range < end; range++) {
		if (range->class == READ_ONLY ||
		    !(vp->page->dirty & (1U << range->class)))
			continue;
		for (i = 0; i < range->count; i++, count++) {
			regs[count].name = range->first + i;
			memcpy(&regs[count].value,
			       in_page(vp, range, range->first + i),
			       range->size);
		}
	}
	vp->state.control_stale = true;
	ret = mshv_hvcall_set_vp_registers(vp->fd, vp->index, 0, regs, count);
	if (!ret)
		vp->page->dirty = 0;
	return ret;
}

#else /* the layout of the page is defined for x86_64 only */

int libmshv_page_flush(struct mshv_vp *vp)
{
	(void)vp;
	return 0;
}

static bool libmshv_page_valid(const struct mshv_vp *vp)
{
	(void)vp;
	return false;
}

static bool page_writable(uint32_t name)
{
	(void)name;
	return false;
}

static bool page_read(const struct mshv_vp *vp, struct hv_register_assoc *reg)
{
	(void)vp;
	(void)reg;
	return false;
}

static void page_write(struct mshv_vp *vp, const struct hv_register_assoc *reg)
{
	(void)vp;
	(void)reg;
}

static bool page_write_all(struct mshv_vp *vp,
			   const struct hv_register_assoc *registers,
			   size_t count)
{
	(void)vp;
	(void)registers;
	(void)count;
	return false;
}

#endif

int mshv_vp_register_page_is_current(const struct mshv_vp *vp)
{
	return vp && vp->state.page_current && libmshv_page_valid(vp);
}

/* Registers on their way to a hypercall, and where in the list they stand. */
struct batch {
	struct hv_register_assoc regs[LIBMSHV_GET_REGISTERS_MAX];
	size_t at[LIBMSHV_GET_REGISTERS_MAX];
	size_t count, max;
};

_Static_assert(LIBMSHV_SET_REGISTERS_MAX <= LIBMSHV_GET_REGISTERS_MAX,
	       "a batch has no room for what one hypercall can write");

static bool batch_add(struct batch *batch, const struct hv_register_assoc *reg,
		      size_t at)
{
	batch->regs[batch->count] = *reg;
	batch->at[batch->count++] = at;
	return batch->count == batch->max;
}

static int batch_failed(const struct batch *batch, int ret)
{
	uint32_t index = mshv_last_error()->index;

	if (index < batch->count)
		libmshv_error_set_index(batch->at[index]);
	return ret;
}

static int batch_get(struct mshv_vp *vp, struct batch *batch,
		     struct hv_register_assoc *registers)
{
	size_t i;
	int ret;

	if (!batch->count)
		return 0;
	ret = mshv_hvcall_get_vp_registers(vp->fd, vp->index, 0, batch->regs,
					   batch->count);
	if (ret)
		return batch_failed(batch, ret);
	for (i = 0; i < batch->count; i++)
		registers[batch->at[i]].value = batch->regs[i].value;
	batch->count = 0;
	return 0;
}

int mshv_vp_get_registers(struct mshv_vp *vp,
			  struct hv_register_assoc *registers, size_t count)
{
	struct batch batch;
	size_t i;
	int ret;

	if (!vp || (!registers && count))
		return libmshv_fail(EINVAL, "get VP registers: NULL argument");

	batch.count = 0;
	batch.max = LIBMSHV_GET_REGISTERS_MAX;
	for (i = 0; i < count; i++) {
		if (page_read(vp, &registers[i]) ||
		    !batch_add(&batch, &registers[i], i))
			continue;
		ret = batch_get(vp, &batch, registers);
		if (ret)
			return ret;
	}
	return batch_get(vp, &batch, registers);
}

static int batch_set(struct mshv_vp *vp, struct batch *batch)
{
	int ret;

	if (!batch->count)
		return 0;
	vp->state.control_stale = true;
	ret = mshv_hvcall_set_vp_registers(vp->fd, vp->index, 0, batch->regs,
					   batch->count);
	if (ret)
		return batch_failed(batch, ret);
	batch->count = 0;
	return 0;
}

enum which {
	OFF_PAGE,	/* those that can't be written through the page */
	ON_PAGE,	/* those that can */
	ALL,
};

static int set_by_hvcall(struct mshv_vp *vp,
			 const struct hv_register_assoc *registers,
			 size_t count, enum which which)
{
	struct batch batch;
	size_t i;
	int ret;

	batch.count = 0;
	batch.max = LIBMSHV_SET_REGISTERS_MAX;
	for (i = 0; i < count; i++) {
		if (which != ALL &&
		    page_writable(registers[i].name) != (which == ON_PAGE))
			continue;
		if (!batch_add(&batch, &registers[i], i))
			continue;
		ret = batch_set(vp, &batch);
		if (ret)
			return ret;
	}
	return batch_set(vp, &batch);
}

int mshv_vp_set_registers(struct mshv_vp *vp,
			  const struct hv_register_assoc *registers,
			  size_t count)
{
	size_t i;
	int ret;

	if (!vp || (!registers && count))
		return libmshv_fail(EINVAL, "set VP registers: NULL argument");

	if (!vp->state.page_current || !libmshv_page_valid(vp))
		return set_by_hvcall(vp, registers, count, ALL);
	if (page_write_all(vp, registers, count))
		return 0;

	/* What goes through the page can't fail, so it comes last. */
	ret = set_by_hvcall(vp, registers, count, OFF_PAGE);
	if (ret)
		return ret;

	/* The hypercall may have cost the page its validity. */
	if (!libmshv_page_valid(vp))
		return set_by_hvcall(vp, registers, count, ON_PAGE);

	for (i = 0; i < count; i++)
		if (page_writable(registers[i].name))
			page_write(vp, &registers[i]);
	return 0;
}
