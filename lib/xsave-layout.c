// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Which components an XSAVE area can have. See <mshv/xsave.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "xsave.h"

#define LEAF		0xd
#define LEAF_FEATURES	1
#define HAS_XSAVE	(1u << 26)	/* ECX of leaf 1 */
/* Far more than any processor has. */
#define LIMIT		(1u << 24)
#define FLAGS		(LIBMSHV_XSAVE_SUPERVISOR | LIBMSHV_XSAVE_ALIGNED)

int libmshv_xsave_fail(int errnum, const char *what, size_t index)
{
	int ret = libmshv_fail(errnum, what);

	libmshv_error_set_index(index);
	return ret;
}

static bool possible(const struct mshv_xsave_component *c)
{
	if (!c->size)
		return !c->offset && !c->flags;
	if (c->size > LIMIT || c->flags & ~FLAGS)
		return false;
	if (c->flags & LIBMSHV_XSAVE_SUPERVISOR)
		return !c->offset;
	return c->offset >= LIBMSHV_XSAVE_MIN && c->offset <= LIMIT - c->size;
}

static bool overlaps(const struct mshv_xsave_component *a,
		     const struct mshv_xsave_component *b)
{
	return a->offset && b->offset && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

int libmshv_xsave_check_layout(const struct mshv_xsave_layout *layout)
{
	const struct mshv_xsave_component *c = layout->component;
	unsigned int i, k;

	for (i = 0; i < LIBMSHV_XSAVE_COMPONENTS; i++) {
		if (!possible(&c[i]) || (c[i].size && i < XSAVE_FIRST))
			return libmshv_xsave_fail(EBADMSG,
				"XSAVE: a component that can't be", i);
		for (k = XSAVE_FIRST; c[i].offset && k < i; k++)
			if (overlaps(&c[i], &c[k]))
				return libmshv_xsave_fail(EBADMSG,
					"XSAVE: components overlap", i);
	}
	return 0;
}

static const struct mshv_cpuid *find(const struct mshv_cpuid *entries,
				     size_t count, uint32_t subleaf)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (entries[i].leaf == LEAF && entries[i].subleaf == subleaf)
			return &entries[i];
	libmshv_xsave_fail(ENOENT, "XSAVE: no such subleaf of CPUID 0xD",
			   subleaf);
	return NULL;
}

static int read_component(struct mshv_xsave_layout *layout, unsigned int i,
			  bool supervisor, const struct mshv_cpuid *entry)
{
	struct mshv_xsave_component *c = &layout->component[i];

	*c = (struct mshv_xsave_component) {
		.size = entry->value[0],
		.offset = entry->value[1],
		/* Bit 2 says that XFD can disable it; others may come. */
		.flags = entry->value[2] & FLAGS,
	};
	if (!c->size || supervisor != !!(c->flags & LIBMSHV_XSAVE_SUPERVISOR))
		return libmshv_xsave_fail(EBADMSG,
			"XSAVE: CPUID contradicts itself", i);
	return 0;
}

int mshv_xsave_layout_from_cpuid(struct mshv_xsave_layout *layout,
				 const struct mshv_cpuid *entries,
				 size_t count)
{
	struct mshv_xsave_layout found = { 0 };
	const struct mshv_cpuid *user, *supervisor, *entry;
	uint64_t xcr0, xss, bit;
	unsigned int i;
	int ret;

	if (!layout || (!entries && count))
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	user = find(entries, count, 0);
	supervisor = user ? find(entries, count, 1) : NULL;
	if (!supervisor)
		return -ENOENT;
	xcr0 = (uint64_t)user->value[3] << 32 | user->value[0];
	xss = (uint64_t)supervisor->value[3] << 32 | supervisor->value[2];

	/* x87 and SSE have no subleaf, but are never IA32_XSS's; 63 is none. */
	for (i = 0; i < 64; i++) {
		bit = 1ULL << i;
		if (xcr0 & xss & bit || (xss & bit && i < XSAVE_FIRST) ||
		    ((xcr0 | xss) & bit && i >= LIBMSHV_XSAVE_COMPONENTS))
			return libmshv_xsave_fail(EBADMSG,
				"XSAVE: CPUID contradicts itself", i);
		if (i < XSAVE_FIRST || !((xcr0 | xss) & bit))
			continue;
		entry = find(entries, count, i);
		if (!entry)
			return -ENOENT;
		ret = read_component(&found, i, xss & bit, entry);
		if (ret)
			return ret;
	}
	ret = libmshv_xsave_check_layout(&found);
	if (!ret)
		*layout = found;
	return ret;
}

#if defined(__x86_64__)
int mshv_xsave_host_layout(struct mshv_xsave_layout *layout)
{
	struct mshv_cpuid entries[LIBMSHV_XSAVE_COMPONENTS] = { 0 };
	uint32_t *value, a, b, c = 0, d, i;

	if (!layout)
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	if (!__get_cpuid(LEAF_FEATURES, &a, &b, &c, &d) || !(c & HAS_XSAVE))
		return libmshv_fail(EOPNOTSUPP, "XSAVE: not of this processor");
	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i].leaf = LEAF;
		entries[i].subleaf = i;
		value = entries[i].value;
		__cpuid_count(LEAF, i, value[0], value[1], value[2], value[3]);
	}
	return mshv_xsave_layout_from_cpuid(layout, entries, ARRAY_SIZE(entries));
}
#else
int mshv_xsave_host_layout(struct mshv_xsave_layout *layout)
{
	if (!layout)
		return libmshv_fail(EINVAL, "XSAVE: NULL argument");
	return libmshv_fail(EOPNOTSUPP, "XSAVE: not of this processor");
}
#endif
