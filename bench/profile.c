// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loop for scripts/bench to look into from outside: QEMU then writes down
 * each instruction, and the two files tell whose it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mshv.h"

static void copy_file(const char *from, const char *dir, const char *name)
{
	char path[4096], buf[65536];
	FILE *in, *out;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	in = fopen(from, "r");
	out = fopen(path, "w");
	if (!in || !out)
		bench_die("cannot copy %s to %s", from, path);
	while ((n = fread(buf, 1, sizeof(buf), in)))
		if (fwrite(buf, 1, n, out) != n)
			bench_die("cannot write %s", path);
	fclose(in);
	if (fclose(out))
		bench_die("cannot write %s", path);
}

static bench_loop find_loop(const char *job, const char *path, enum bench_job *guest)
{
	size_t i;

	*guest = JOB_OUT;
	if (!strcmp(job, "run"))
		return strcmp(path, "libmshv") ? loop_run_raw : loop_run_lib;
	if (!strcmp(job, "in"))
		*guest = JOB_IN;
	else if (!strcmp(job, "mmio"))
		*guest = JOB_MMIO;
	else if (!strcmp(job, "wake"))
		*guest = JOB_WAKE;
	else if (strcmp(job, "out"))
		bench_die("no job '%s'; see mshv-bench --help", job);
	if (*guest == JOB_WAKE)
		return loop_wake;
	for (i = 0; i < bench_nr_paths; i++)
		if (!strcmp(path, bench_paths[i].name))
			return *guest == JOB_MMIO ? bench_paths[i].mmio : bench_paths[i].io;
	bench_die("no path '%s'", path);
}

int bench_profile(const char *job, const char *path, const char *dir)
{
	enum bench_job guest;
	bench_loop loop = find_loop(job, path, &guest);
	struct bench_vm vm;
	char name[4096];

	if (guest == JOB_WAKE)
		wake_open(&vm);
	else
		vm_open(&vm, guest, 0);
	bench_print(job, path, "exit", bench_per_round(loop, &vm));
	copy_file("/proc/kallsyms", dir, "symbols");
	copy_file("/proc/self/maps", dir, "maps");
	copy_file("/dev/null", dir, "ready");
	snprintf(name, sizeof(name), "%s/done", dir);
	while (access(name, F_OK))
		loop(&vm, 2000);
	vm_close(&vm);
	return 0;
}
