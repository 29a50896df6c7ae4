// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Names of registers, from the lists of <mshv/hv_register_names.h>.
 */
#include "config.h"

#include <mshv/hv_register_names.h>

#include "internal.h"

struct row {
	uint32_t value;
	const char *name;
};

#define ROW(name, value)	{ value, #name },

static const struct row common[] = { HV_REGISTER_NAMES(ROW) };
static const struct row x64[] = { HV_X64_REGISTER_NAMES(ROW) };
static const struct row arm64[] = { HV_ARM64_REGISTER_NAMES(ROW) };

static const char *find(const struct row *rows, size_t count, uint32_t value)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].value == value)
			return rows[i].name;
	return NULL;
}

const char *mshv_register_name(enum libmshv_arch arch, uint32_t name)
{
	const char *found;

	if (arch == LIBMSHV_ARCH_NATIVE)
		arch = LIBMSHV_ARCH_BUILT;
	if (arch != LIBMSHV_ARCH_X64 && arch != LIBMSHV_ARCH_ARM64)
		return NULL;

	found = find(common, ARRAY_SIZE(common), name);
	if (found)
		return found;
	return arch == LIBMSHV_ARCH_X64 ? find(x64, ARRAY_SIZE(x64), name) :
					  find(arm64, ARRAY_SIZE(arm64), name);
}
