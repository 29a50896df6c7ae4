/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* TAP for the programs that run with the real driver. */
#ifndef LIBMSHV_TESTS_TAP_H
#define LIBMSHV_TESTS_TAP_H

#include <stdio.h>

#include <mshv/mshv.h>

static unsigned int tap_tests, tap_failures;

/* A failure comes with what the library says about the last one. */
static inline int tap_result(int ok, const char *name)
{
	char text[256] = "";

	if (!ok)
		mshv_error_format(mshv_last_error(), text, sizeof(text));
	printf("%sok %u - %s%s%s\n", ok ? "" : "not ", ++tap_tests, name,
	       ok ? "" : " # last error: ", text);
	fflush(stdout);
	tap_failures += !ok;
	return ok;
}

static inline int tap_end(void)
{
	printf("1..%u\n", tap_tests);
	return tap_failures != 0;
}

#endif /* LIBMSHV_TESTS_TAP_H */
