// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mshv/mshv.h>

#include "report.h"

void occupy_standard_files(void)
{
	int fd;

	/* The lowest number that is free. Nothing can be written there, either. */
	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void complain(const char *format, ...)
{
	va_list args;

	/* Keep the order in which things happened, where both go to one place. */
	fflush(stdout);

	fprintf(stderr, "%s: ", program_name);
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

/* What to try when the device can't be opened. */
static const char *open_hint(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "The driver mshv_root is not loaded, or this machine is not a root partition of\n"
		       "the Microsoft Hypervisor. In the source tree of libmshv, \"vm/run -- COMMAND\"\n"
		       "runs a command in a machine with a simulated hypervisor.";
	case EACCES:
	case EPERM:
		return "Only root may open it.";
	case ENOTTY:
		return "It is not a character device.";
	default:
		return NULL;
	}
}

void complain_open(const char *path, int errnum)
{
	const char *hint = open_hint(errnum);

	complain("cannot open %s: %s%s%s", path, strerror(errnum),
		 hint ? "\n" : "", hint ? hint : "");
}

int refuse_usage(void)
{
	fprintf(stderr, "Try '%s --help'.\n", program_name);
	return COMPLAINED;
}

void print_version(void)
{
	printf("%s %d.%d.%d\n"
	       "libmshv %s\n", program_name, LIBMSHV_VERSION_MAJOR,
	       LIBMSHV_VERSION_MINOR, LIBMSHV_VERSION_PATCH, mshv_version());
}

int flush_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;

	/* A complaint about a character that did not get through came before. */
	if (status != COMPLAINED)
		complain("cannot write to standard output: %s", strerror(errno));

	return COMPLAINED;
}
