/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What mshv-info prints about a device. */
#ifndef MSHV_INFO_INFO_H
#define MSHV_INFO_INFO_H

#include <mshv/mshv.h>

struct info {
	const char *path;
	struct mshv_answer answers[LIBMSHV_ASK_COUNT];
};

/* For people: groups of lines, and the names of the bits of a value. */
void info_print_text(const struct info *info);

/* For programs: one JSON object; see mshv-info(1). */
void info_print_json(const struct info *info);

#endif
