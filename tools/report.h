/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What mshv-run says on standard error when something is wrong. */
#ifndef MSHV_RUN_REPORT_H
#define MSHV_RUN_REPORT_H

/* Print "mshv-run: ", the text and a newline. */
void complain(const char *format, ...)
	__attribute__((__format__(__printf__, 1, 2)));

/* The same for a call of libmshv that just failed: @doing and all that the
 * library knows about it. */
void complain_mshv(const char *doing);

#endif
