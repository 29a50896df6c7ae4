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

/* -------------------------------------------------------------------- rounds */

/* What a round is where it isn't from one entry of the driver to the next. */
static __attribute__((noinline)) void round_begins(void)
{
	__asm__ volatile("");
}

static __attribute__((noinline)) void round_ends(void)
{
	__asm__ volatile("" : : : "memory");
}

/* As many pages as the driver maps at once. */
#define TOUCH_PAGES	512u

/* To be touched for the first time again. */
static void map_again(struct bench_vm *vm)
{
	bench_ok(mshv_partition_unmap_memory(vm->partition, GUEST_TOUCH, vm->range,
					     vm->range_bytes));
	bench_ok(mshv_partition_map_memory(vm->partition, GUEST_TOUCH, vm->range,
					   vm->range_bytes,
					   LIBMSHV_MEMORY_WRITABLE | LIBMSHV_MEMORY_EXECUTABLE));
	vm_reset(vm);
}

static void loop_touch(void *ctx, unsigned int n)
{
	while (n--) {
		map_again(ctx);
		round_begins();
		vm_expect(ctx, HVMSG_X64_IO_PORT_INTERCEPT);
		round_ends();
	}
}

static void run_to_kick(void *ctx)
{
	round_begins();
	run_spin(ctx);
	round_ends();
}

static void loop_kick(void *ctx, unsigned int n)
{
	while (n--)
		bench_kick(run_to_kick, ctx);
}

/* What trace.py calls the marks. */
static void write_marks(const char *dir, bench_loop loop)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/marks", dir);
	out = fopen(path, "w");
	if (!out)
		bench_die("cannot write %s", path);
	if (loop == loop_touch || loop == loop_kick)
		fprintf(out, "round %lx %lx\n", (unsigned long)round_begins,
			(unsigned long)round_ends);
	if (loop == loop_touch)
		fprintf(out, "per %u\nrounds 1\n", TOUCH_PAGES);
	/* Called by the timer's interrupt, to send the signal. */
	if (loop == loop_kick)
		fputs("after posix_timer_fn\nrounds 5\n", out);
	if (fclose(out))
		bench_die("cannot write %s", path);
}

/* ---------------------------------------------------------------------- jobs */

static const struct {
	const char *name;
	enum bench_job guest;
	bench_loop loop;	/* NULL: of the path */
} profiles[] = {
	{ "out", JOB_OUT, NULL },
	{ "in", JOB_IN, NULL },
	{ "mmio", JOB_MMIO, NULL },
	{ "run", JOB_OUT, NULL },
	{ "touch", JOB_TOUCH, loop_touch },
	{ "wake", JOB_WAKE, loop_wake },
	{ "kick", JOB_SPIN, loop_kick },
};

static size_t find_profile(const char *job)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(job, profiles[i].name))
			return i;
	bench_die("no job '%s'; see mshv-bench --help", job);
}

static bench_loop find_loop(const char *job, const char *path, enum bench_job guest)
{
	size_t i;

	if (!strcmp(job, "run"))
		return strcmp(path, "raw") ? loop_run_lib : loop_run_raw;
	for (i = 0; i < bench_nr_paths; i++)
		if (!strcmp(path, bench_paths[i].name))
			return guest == JOB_MMIO ? bench_paths[i].mmio : bench_paths[i].io;
	bench_die("no path '%s'", path);
}

int bench_profile(const char *job, const char *path, const char *dir)
{
	size_t i = find_profile(job);
	enum bench_job guest = profiles[i].guest;
	bench_loop loop = profiles[i].loop ? profiles[i].loop : find_loop(job, path, guest);
	unsigned int rounds;
	struct bench_vm vm;
	char name[4096];

	if (guest == JOB_WAKE)
		wake_open(&vm);
	else
		vm_open(&vm, guest, guest == JOB_TOUCH ? TOUCH_PAGES * PAGE : 0);
	loop(&vm, 2);
	copy_file("/proc/kallsyms", dir, "symbols");
	copy_file("/proc/self/maps", dir, "maps");
	write_marks(dir, loop);
	copy_file("/dev/null", dir, "ready");
	snprintf(name, sizeof(name), "%s/done", dir);
	/* Each of these is a round by itself, or makes many. */
	rounds = profiles[i].loop == loop_touch || profiles[i].loop == loop_kick ? 1 : 2000;
	while (access(name, F_OK))
		loop(&vm, rounds);
	vm_close(&vm);
	return 0;
}
