/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The XSAVE area of x86_64, which is the component MSHV_VP_STATE_XSAVE of a VP:
 * its two formats, and the way from one to the other (Intel SDM volume 1,
 * chapter 13). Nothing here asks the kernel, so it works on any host.
 */
#ifndef MSHV_XSAVE_H
#define MSHV_XSAVE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/msr.h>

LIBMSHV_BEGIN_DECLS

/* The legacy region of 512 bytes and the header of 64. */
#define LIBMSHV_XSAVE_MIN		576

/* Bits of XCR0 and IA32_XSS; bit 63 is none. */
#define LIBMSHV_XSAVE_COMPONENTS	63

/* A component of IA32_XSS: has no place in the standard format. */
#define LIBMSHV_XSAVE_SUPERVISOR	(1U << 0)
/* Starts at a multiple of 64 in the compacted format. */
#define LIBMSHV_XSAVE_ALIGNED		(1U << 1)

/**
 * enum libmshv_xsave_format - How components are placed in an XSAVE area
 * @LIBMSHV_XSAVE_STANDARD: each at its own offset, as XSAVE writes it
 * @LIBMSHV_XSAVE_COMPACTED: one after the other, as XSAVEC and XSAVES do;
 *	bit 63 of XCOMP_BV is set
 *
 * Since: 0.1
 */
enum libmshv_xsave_format {
	LIBMSHV_XSAVE_STANDARD,
	LIBMSHV_XSAVE_COMPACTED,
};

/**
 * struct mshv_xsave_component - Size and place of a component
 * @size: in bytes, up to 16 MiB; 0 if there is no such component
 * @offset: in bytes, in the standard format; 0 with LIBMSHV_XSAVE_SUPERVISOR
 * @flags: bitmask of LIBMSHV_XSAVE_SUPERVISOR and LIBMSHV_XSAVE_ALIGNED
 *
 * These are EAX, EBX and ECX of CPUID leaf 0xD, with the number of the component
 * as subleaf.
 *
 * Since: 0.1
 */
struct mshv_xsave_component {
	uint32_t size;
	uint32_t offset;
	uint32_t flags;
};

/**
 * struct mshv_xsave_layout - The components that a processor has
 * @mxcsr_mask: the bits that MXCSR can have besides 0 to 15, which it always
 *	can: 0, or MXCSR_MASK as FXSAVE writes it, where bit 17 is set on some
 *	processors of AMD
 * @component: by number. 0 and 1, x87 and SSE, are in the legacy region of every
 *	area, and zero here.
 *
 * From mshv_xsave_host_layout() or mshv_xsave_layout_from_cpuid(), or filled in
 * by hand.
 *
 * Since: 0.1
 */
struct mshv_xsave_layout {
	uint32_t mxcsr_mask;
	struct mshv_xsave_component component[LIBMSHV_XSAVE_COMPONENTS];
};

/**
 * struct mshv_xsave_info - What the header of an XSAVE area says
 * @format: one of enum libmshv_xsave_format
 * @xstate_bv: the components that are not in their initial state
 * @xcomp_bv: the components that have a place, without bit 63; 0 in the standard
 *	format
 * @size: how many bytes of the area mean something
 *
 * Since: 0.1
 */
struct mshv_xsave_info {
	uint32_t format;
	uint64_t xstate_bv;
	uint64_t xcomp_bv;
	size_t size;
};

/**
 * mshv_xsave_layout_from_cpuid() - Read a layout from CPUID leaf 0xD
 * @layout: where to put it; not touched on failure
 * @entries: results of CPUID, in any order. Of those with leaf 0xD subleaf and
 *	value are read; others may be among them.
 * @count: number of elements
 *
 * Subleaves 0 and 1 say which components there are, in EDX:EAX and in EDX:ECX;
 * the subleaf of each of them has to be there too. For a partition's processor
 * fill the subleaves 0 to 62 with mshv_vp_get_cpuid().
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -ENOENT: a subleaf is missing; mshv_last_error()->index is which
 * * -EBADMSG: no layout can be like that: a component without size, outside of
 *   16 MiB, in another one or in the first 576 bytes, in both XCR0 and IA32_XSS,
 *   with an unknown flag, or 0, 1 or 63 where none may be;
 *   mshv_last_error()->index is its number
 *
 * Since: 0.1
 */
int mshv_xsave_layout_from_cpuid(struct mshv_xsave_layout *layout,
				 const struct mshv_cpuid *entries,
				 size_t count);

/**
 * mshv_xsave_host_layout() - The layout of the processor this runs on
 * @layout: where to put it; not touched on failure
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: @layout is NULL
 * * -EOPNOTSUPP: not x86_64, or a processor without XSAVE
 * * -EBADMSG: as in mshv_xsave_layout_from_cpuid()
 *
 * Since: 0.1
 */
int mshv_xsave_host_layout(struct mshv_xsave_layout *layout);

/**
 * mshv_xsave_size() - How long an area with these components is
 * @layout: the components of the processor
 * @format: one of enum libmshv_xsave_format
 * @mask: the components: bits of XCR0 and of IA32_XSS
 * @size: where to put the size in bytes, at least LIBMSHV_XSAVE_MIN; not touched
 *	on failure
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @format is unknown
 * * -EBADMSG: @layout can't be, as in mshv_xsave_layout_from_cpuid()
 * * -EOPNOTSUPP: @mask has a component that @layout doesn't have, or that the
 *   format has no place for; mshv_last_error()->index is its number
 *
 * Since: 0.1
 */
int mshv_xsave_size(const struct mshv_xsave_layout *layout, uint32_t format,
		    uint64_t mask, size_t *size);

/**
 * mshv_xsave_parse() - Check an XSAVE area, and read its header
 * @layout: the components of the processor
 * @area: the area; need not be aligned
 * @size: its size in bytes; may be more than is used
 * @info: where to put what the header says; not touched on failure
 *
 * What passes is what XRSTOR would take (XRSTORS, for components of IA32_XSS)
 * with all components of @layout enabled, and a little less: all reserved bytes
 * of the header have to be zero in both formats.
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -EBADMSG: @layout can't be, as in mshv_xsave_layout_from_cpuid(); or the area
 *   can't: then mshv_last_error()->index is the offset of what is wrong there,
 *   24 (MXCSR), 512 (XSTATE_BV), 520 (XCOMP_BV) or a reserved byte from 528 on
 * * -EMSGSIZE: the area is cut short
 *
 * Since: 0.1
 */
int mshv_xsave_parse(const struct mshv_xsave_layout *layout, const void *area,
		     size_t size, struct mshv_xsave_info *info);

/**
 * mshv_xsave_find() - Where a component is in an XSAVE area
 * @layout: the components of the processor
 * @area: the area; need not be aligned
 * @size: its size in bytes
 * @component: its number, 0 to 62. 0 is the 160 bytes with the x87 registers,
 *	with MXCSR among them; 1 is XMM0 to XMM15.
 * @offset: where to put its offset in bytes; not touched on failure
 * @length: where to put its length in bytes; not touched on failure
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @component is out of range
 * * -ENOENT: the area has no place for it
 * * -ENODATA: it is in its initial state; what is in its place means nothing
 * * -EBADMSG, -EMSGSIZE: as in mshv_xsave_parse()
 *
 * Since: 0.1
 */
int mshv_xsave_find(const struct mshv_xsave_layout *layout, const void *area,
		    size_t size, unsigned int component, size_t *offset,
		    size_t *length);

/**
 * mshv_xsave_convert() - Write an XSAVE area in another format
 * @layout: the components of the processor
 * @area: the area, in either format
 * @size: its size in bytes
 * @format: one of enum libmshv_xsave_format; may be what @area has
 * @mask: the components to have a place in the result: bits of XCR0 and of
 *	IA32_XSS
 * @to: where to put the result; need not be aligned, may not overlap @area; not
 *	touched on failure
 * @max: its size in bytes
 * @needed: where to put how long the result is: what mshv_xsave_size() says of
 *	@format and @mask. Written also with -E2BIG, so that @max of 0 asks; with
 *	other errors not touched.
 *
 * A processor that restores the components of @mask is in the same state. What means nothing
 * gets the initial state: zero, but 0x37f for the x87 control word and 0x1f80
 * for MXCSR. So areas of the same state are the same bytes after conversion, but
 * for MXCSR_MASK and the last 96 bytes of the legacy region, which go over as
 * they are.
 *
 * MXCSR belongs to SSE in the compacted format only. From the standard format it
 * can therefore set bit 1 of XSTATE_BV, with XMM registers of zero.
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, @format is unknown, or the buffers overlap
 * * -E2BIG: the result is longer than @max
 * * -EOPNOTSUPP: as in mshv_xsave_size(); or a component that is not in its
 *   initial state isn't in @mask. mshv_last_error()->index is its number.
 * * -EBADMSG, -EMSGSIZE: as in mshv_xsave_parse()
 *
 * Since: 0.1
 */
int mshv_xsave_convert(const struct mshv_xsave_layout *layout,
		       const void *area, size_t size, uint32_t format,
		       uint64_t mask, void *to, size_t max, size_t *needed);

LIBMSHV_END_DECLS

#endif /* MSHV_XSAVE_H */
