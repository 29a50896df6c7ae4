// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include <mshv/mshv.h>

#include "report.h"

void complain(const char *format, ...)
{
	va_list args;

	/* Keep the order in which things happened, where both go to one place. */
	fflush(stdout);

	fputs("mshv-run: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void complain_mshv(const char *doing)
{
	char text[256];

	mshv_error_format(mshv_last_error(), text, sizeof(text));
	complain("%s: %s", doing, text);
}
