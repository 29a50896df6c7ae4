/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a tool says on standard error when something is wrong. */
#ifndef MSHV_TOOLS_REPORT_H
#define MSHV_TOOLS_REPORT_H

/* The exit status that goes with a complaint. */
#define COMPLAINED	125

/* Each program defines its own. */
extern const char program_name[];

/*
 * For the start of main(): no file that is opened later shall take the place of a
 * standard one that the caller has closed. Using these fails as before.
 */
void occupy_standard_files(void);

/* Print the name of the program, ": ", the text and a newline. */
void complain(const char *format, ...)
	__attribute__((__format__(__printf__, 1, 2)));

/* The same for a call of libmshv that just failed: @doing and all that the
 * library knows about it. */
void complain_mshv(const char *doing);

/* mshv_dev_open() of @path failed with @errnum: say so, and what to try. */
void complain_open(const char *path, int errnum);

/* The command line was wrong, which a complaint has said: where to read more.
 * Returns COMPLAINED. */
int refuse_usage(void);

/* Print the versions of the program and of the library to standard output. */
void print_version(void);

/* Standard output has to arrive. Returns @status, or COMPLAINED if it did not. */
int flush_output(int status);

#endif
