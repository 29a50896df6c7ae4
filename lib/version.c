// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include "internal.h"

const char *mshv_version(void)
{
	return PACKAGE_VERSION;
}
