// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * XSAVE areas in either format. See <mshv/xsave.h>.
 *
 * Sections are those of Intel SDM volume 1, chapter 13. Numbers in an area are
 * little endian, as all hosts are that the library is for.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "xsave.h"

#define COMPACTED	(1ULL << 63)	/* of XCOMP_BV */
#define X87		(1ULL << 0)
#define SSE		(1ULL << 1)
#define AVX		(1ULL << 2)

/* 13.4.1 and 13.4.2: the legacy region and the header. */
enum {
	AT_X87 = 0, AT_MXCSR = 24, AT_MXCSR_MASK = 28, AT_ST0 = 32,
	AT_XMM0 = 160, AT_REST = 416,
	AT_XSTATE_BV = 512, AT_XCOMP_BV = 520, AT_RESERVED = 528,
};

#define INIT_FCW	0x37f
#define INIT_MXCSR	0x1f80
#define MXCSR_BITS	0xffff

static uint64_t get64(const uint8_t *area, size_t offset)
{
	uint64_t value;

	memcpy(&value, area + offset, sizeof(value));
	return value;
}

static uint32_t get_mxcsr(const uint8_t *area)
{
	uint32_t value;

	memcpy(&value, area + AT_MXCSR, sizeof(value));
	return value;
}

/*
 * Calls go on from component to component: where @i is in an area with those of
 * @mask. *@end starts as LIBMSHV_XSAVE_MIN (13.4.3).
 */
static size_t place(const struct mshv_xsave_component *c, uint32_t format,
		    size_t *end)
{
	size_t at = c->offset;

	if (format == LIBMSHV_XSAVE_COMPACTED) {
		at = *end;
		if (c->flags & LIBMSHV_XSAVE_ALIGNED)
			at = (at + 63) & ~(size_t)63;
	}
	if (at + c->size > *end)
		*end = at + c->size;
	return at;
}

static bool has_place(const struct mshv_xsave_layout *layout, uint32_t format,
		      unsigned int i)
{
	const struct mshv_xsave_component *c = &layout->component[i];

	if (i < XSAVE_FIRST)
		return true;
	return i < LIBMSHV_XSAVE_COMPONENTS && c->size &&
	       (format == LIBMSHV_XSAVE_COMPACTED ||
		!(c->flags & LIBMSHV_XSAVE_SUPERVISOR));
}

/* The lowest bit of @mask that can't be; 64 if all can. */
static unsigned int first_impossible(const struct mshv_xsave_layout *layout,
				     uint32_t format, uint64_t mask)
{
	unsigned int i;

	for (i = 0; i < 64; i++)
		if (mask >> i & 1 && !has_place(layout, format, i))
			break;
	return i;
}

static size_t size_of(const struct mshv_xsave_layout *layout, uint32_t format,
		      uint64_t mask)
{
	size_t end = LIBMSHV_XSAVE_MIN;
	unsigned int i;

	for (i = XSAVE_FIRST; i < LIBMSHV_XSAVE_COMPONENTS; i++)
		if (mask >> i & 1)
			place(&layout->component[i], format, &end);
	return end;
}

int mshv_xsave_size(const struct mshv_xsave_layout *layout, uint32_t format,
		    uint64_t mask, size_t *size)
{
	unsigned int bad;
	int ret;

	if (!layout || !size)
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	if (format > LIBMSHV_XSAVE_COMPACTED)
		return libmshv_fail(EINVAL, "XSAVE: unknown format");
	ret = libmshv_xsave_check_layout(layout);
	if (ret)
		return ret;
	bad = first_impossible(layout, format, mask);
	if (bad < 64)
		return libmshv_xsave_fail(EOPNOTSUPP,
			"XSAVE: the format has no place for a component", bad);
	*size = size_of(layout, format, mask);
	return 0;
}

/* When XRSTOR takes MXCSR from memory: 13.8.1, 13.8.2. */
static bool mxcsr_counts(const struct mshv_xsave_info *info, uint64_t enabled)
{
	return info->format == LIBMSHV_XSAVE_COMPACTED ?
		info->xstate_bv & SSE : enabled & (SSE | AVX);
}

static int check_header(const struct mshv_xsave_layout *layout,
			const uint8_t *area, struct mshv_xsave_info *info)
{
	uint64_t xcomp_bv = get64(area, AT_XCOMP_BV);
	uint32_t mxcsr_bits = layout->mxcsr_mask | MXCSR_BITS;
	size_t i;

	info->format = xcomp_bv & COMPACTED ? LIBMSHV_XSAVE_COMPACTED :
					      LIBMSHV_XSAVE_STANDARD;
	info->xcomp_bv = xcomp_bv & ~COMPACTED;
	info->xstate_bv = get64(area, AT_XSTATE_BV);

	for (i = AT_RESERVED; i < LIBMSHV_XSAVE_MIN; i++)
		if (area[i])
			return libmshv_xsave_fail(EBADMSG,
				"XSAVE: reserved bytes are set", i);
	if (info->format == LIBMSHV_XSAVE_STANDARD ? info->xcomp_bv != 0 :
	    first_impossible(layout, info->format, info->xcomp_bv) < 64)
		return libmshv_xsave_fail(EBADMSG, "XSAVE: XCOMP_BV can't be",
					  AT_XCOMP_BV);
	if (info->format == LIBMSHV_XSAVE_STANDARD ?
	    first_impossible(layout, info->format, info->xstate_bv) < 64 :
	    info->xstate_bv & ~info->xcomp_bv)
		return libmshv_xsave_fail(EBADMSG, "XSAVE: XSTATE_BV can't be",
					  AT_XSTATE_BV);
	if (mxcsr_counts(info, SSE) && get_mxcsr(area) & ~mxcsr_bits)
		return libmshv_xsave_fail(EBADMSG,
			"XSAVE: reserved bits of MXCSR are set", AT_MXCSR);
	return 0;
}

int mshv_xsave_parse(const struct mshv_xsave_layout *layout, const void *area,
		     size_t size, struct mshv_xsave_info *info)
{
	struct mshv_xsave_info found;
	int ret;

	if (!layout || !area || !info)
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	ret = libmshv_xsave_check_layout(layout);
	if (ret)
		return ret;
	if (size < LIBMSHV_XSAVE_MIN)
		return libmshv_fail(EMSGSIZE, "XSAVE: area without a header");
	ret = check_header(layout, area, &found);
	if (ret)
		return ret;
	found.size = size_of(layout, found.format,
			     found.xcomp_bv | found.xstate_bv);
	if (found.size > size)
		return libmshv_fail(EMSGSIZE, "XSAVE: area is cut short");
	*info = found;
	return 0;
}

int mshv_xsave_find(const struct mshv_xsave_layout *layout, const void *area,
		    size_t size, unsigned int component, size_t *offset,
		    size_t *length)
{
	size_t at = 0, end = LIBMSHV_XSAVE_MIN;
	struct mshv_xsave_info info;
	unsigned int i;
	int ret;

	if (!offset || !length)
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	if (component >= LIBMSHV_XSAVE_COMPONENTS)
		return libmshv_fail(EINVAL, "XSAVE: no such component");
	ret = mshv_xsave_parse(layout, area, size, &info);
	if (ret)
		return ret;
	if (info.format == LIBMSHV_XSAVE_STANDARD ?
	    !has_place(layout, info.format, component) :
	    component >= XSAVE_FIRST && !(info.xcomp_bv >> component & 1))
		return libmshv_fail(ENOENT, "XSAVE: no place for the component");
	if (!(info.xstate_bv >> component & 1))
		return libmshv_fail(ENODATA,
				    "XSAVE: component in its initial state");
	if (component < XSAVE_FIRST) {
		*offset = component ? AT_XMM0 : AT_X87;
		*length = component ? AT_REST - AT_XMM0 : AT_XMM0 - AT_X87;
		return 0;
	}
	for (i = XSAVE_FIRST; i <= component; i++)
		if (i == component || info.xcomp_bv >> i & 1)
			at = place(&layout->component[i], info.format, &end);
	*offset = at;
	*length = layout->component[component].size;
	return 0;
}

/* @to is zeroed. The rules for MXCSR: see mxcsr_counts(). */
static void convert_legacy(const uint8_t *from, uint8_t *to,
			   uint64_t xstate_bv, bool keep_mxcsr)
{
	const uint16_t fcw = INIT_FCW;
	const uint32_t mxcsr = INIT_MXCSR;

	if (xstate_bv & X87) {
		memcpy(to, from, AT_MXCSR);
		memcpy(to + AT_ST0, from + AT_ST0, AT_XMM0 - AT_ST0);
	} else {
		memcpy(to, &fcw, sizeof(fcw));
	}
	if (keep_mxcsr)
		memcpy(to + AT_MXCSR, from + AT_MXCSR, sizeof(mxcsr));
	else
		memcpy(to + AT_MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(to + AT_MXCSR_MASK, from + AT_MXCSR_MASK,
	       AT_ST0 - AT_MXCSR_MASK);
	if (xstate_bv & SSE)
		memcpy(to + AT_XMM0, from + AT_XMM0, AT_REST - AT_XMM0);
	memcpy(to + AT_REST, from + AT_REST, AT_XSTATE_BV - AT_REST);
}

static void convert_components(const struct mshv_xsave_layout *layout,
			       const struct mshv_xsave_info *info,
			       const uint8_t *from, uint32_t format,
			       uint64_t mask, uint8_t *to)
{
	size_t from_end = LIBMSHV_XSAVE_MIN, to_end = from_end;
	uint64_t had = info->xcomp_bv | info->xstate_bv;
	const struct mshv_xsave_component *c;
	size_t source = 0, target = 0;
	unsigned int i;

	for (i = XSAVE_FIRST; i < LIBMSHV_XSAVE_COMPONENTS; i++) {
		c = &layout->component[i];
		if (had >> i & 1)
			source = place(c, info->format, &from_end);
		if (mask >> i & 1)
			target = place(c, format, &to_end);
		if (info->xstate_bv >> i & 1)
			memcpy(to + target, from + source, c->size);
	}
}

static bool buffers_overlap(const void *a, size_t a_size, const void *b,
			    size_t b_size)
{
	return (uintptr_t)a - (uintptr_t)b < b_size ||
	       (uintptr_t)b - (uintptr_t)a < a_size;
}

static unsigned int lowest(uint64_t bits)
{
	unsigned int i = 0;

	while (!(bits >> i & 1))
		i++;
	return i;
}

int mshv_xsave_convert(const struct mshv_xsave_layout *layout,
		       const void *area, size_t size, uint32_t format,
		       uint64_t mask, void *to, size_t max, size_t *needed)
{
	struct mshv_xsave_info info;
	uint64_t xstate_bv, xcomp_bv, lost;
	bool keep_mxcsr;
	size_t length;
	int ret;

	if (!needed || (!to && max))
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	ret = mshv_xsave_parse(layout, area, size, &info);
	if (!ret)
		ret = mshv_xsave_size(layout, format, mask, &length);
	if (ret)
		return ret;

	/* 13.10: the compacted format has MXCSR only where SSE is in use. */
	keep_mxcsr = mxcsr_counts(&info, mask);
	xstate_bv = info.xstate_bv;
	if (format == LIBMSHV_XSAVE_COMPACTED && keep_mxcsr &&
	    get_mxcsr(area) != INIT_MXCSR)
		xstate_bv |= SSE;
	lost = xstate_bv & ~mask;
	if (lost)
		return libmshv_xsave_fail(EOPNOTSUPP,
			"XSAVE: a component would be lost", lowest(lost));
	if (length <= max && buffers_overlap(area, info.size, to, length))
		return libmshv_fail(EINVAL, "XSAVE: buffers overlap");
	*needed = length;
	if (length > max)
		return libmshv_fail(E2BIG, "XSAVE: buffer too small");

	memset(to, 0, length);
	convert_legacy(area, to, info.xstate_bv, keep_mxcsr);
	xcomp_bv = format == LIBMSHV_XSAVE_COMPACTED ? mask | COMPACTED : 0;
	memcpy((uint8_t *)to + AT_XSTATE_BV, &xstate_bv, sizeof(xstate_bv));
	memcpy((uint8_t *)to + AT_XCOMP_BV, &xcomp_bv, sizeof(xcomp_bv));
	convert_components(layout, &info, area, format, mask, to);
	return 0;
}
