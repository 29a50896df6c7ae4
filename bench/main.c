// SPDX-License-Identifier: GPL-2.0-only
/*
 * mshv-bench: what things cost. scripts/bench runs it; see docs/performance.md.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char help[] =
"Usage: mshv-bench mshv                     exits of a guest of /dev/mshv\n"
"       mshv-bench kvm                      the same guests under /dev/kvm\n"
"       mshv-bench scale                    pages, registers and objects\n"
"       mshv-bench profile JOB PATH DIR     one exit again and again, until there is\n"
"                                           a file DIR/done; DIR/ready says when,\n"
"                                           DIR/symbols, maps and marks where\n"
"\n"
"Prints lines of job,path,unit,cost. The cost is in time stamp units, which are\n"
"instructions under vm/run --icount. JOB is run, out, in, mmio,\n"
"touch, wake or kick; the last three have one path, libmshv.\n";

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "--help";

	if (!strcmp(what, "mshv"))
		return bench_mshv();
	if (!strcmp(what, "kvm"))
		return bench_kvm();
	if (!strcmp(what, "scale"))
		return bench_scale();
	if (!strcmp(what, "profile") && argc == 5)
		return bench_profile(argv[2], argv[3], argv[4]);
	if (!strcmp(what, "--help") && argc == 2) {
		fputs(help, stdout);
		return 0;
	}
	fputs(help, stderr);
	return 2;
}
