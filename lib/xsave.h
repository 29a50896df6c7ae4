/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the sources of <mshv/xsave.h> share. */
#ifndef LIBMSHV_XSAVE_INTERNAL_H
#define LIBMSHV_XSAVE_INTERNAL_H

#include <mshv/xsave.h>

#include "internal.h"

#define XSAVE_FIRST	2	/* component behind the header */

int libmshv_xsave_fail(int errnum, const char *what, size_t index);
int libmshv_xsave_check_layout(const struct mshv_xsave_layout *layout);

#endif /* LIBMSHV_XSAVE_INTERNAL_H */
