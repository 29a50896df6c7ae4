/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the benchmark share.
 *
 * A "job" is what a guest does to leave its processor, a "path" is how a VMM
 * gets it going again. Each job has one guest, which is the same for all paths.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE		4096ul
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ----------------------------------------------------------------- measure.c */

/* A loop of @n rounds. */
typedef void (*bench_loop)(void *ctx, unsigned int n);

/* Units of the time stamp counter: instructions under vm/run --icount. */
static inline uint64_t bench_now(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/*
 * What one more round costs: the difference of two lengths of the loop, so that
 * what comes once cancels out, each the middle of many tries.
 */
double bench_per_round(bench_loop loop, void *ctx);

/* The least of some calls that can't be repeated in one go. */
double bench_least(uint64_t (*once)(void *ctx), void *ctx, unsigned int tries);

/* One line of the result: job, path, what is counted, per what, how much. */
void bench_print(const char *job, const char *path, const char *what, double value);

/* Says why, and ends the program. */
__attribute__((noreturn, format(printf, 1, 2)))
void bench_die(const char *format, ...);
/* Of a system call or library function: negative is an error. */
#define bench_ok(call) \
	bench_check((call), #call, __FILE__, __LINE__)
__attribute__((noreturn, cold))
void bench_failed(const char *what, const char *file, int line);

static inline long bench_check(long ret, const char *what, const char *file, int line)
{
	if (__builtin_expect(ret < 0, 0))
		bench_failed(what, file, line);
	return ret;
}

/* ------------------------------------------------------------------- guest.c */

enum bench_job {
	JOB_OUT,	/* OUT to a port: nothing comes back */
	JOB_IN,		/* IN from a port: a byte comes back */
	JOB_MMIO,	/* read of an address without memory: a byte comes back */
	JOB_HLT,	/* HLT that the VMM sees: no interrupt controller */
	JOB_TOUCH,	/* one byte of each page of a range, then OUT */
	JOB_SPIN,	/* nothing, for ever */
	JOB_WAKE,	/* HLT that the hypervisor sees; EOI, OUT after each interrupt */
};

#define GUEST_RAM		(64 * PAGE)
#define GUEST_CODE		0x1000u
#define GUEST_HANDLER		0x1800u
#define GUEST_IDT		0x2000u
#define GUEST_GDT		0x3000u
#define GUEST_STACK		0x8000u
#define GUEST_PORT		0x10
#define GUEST_VALUE		0x5a
#define GUEST_DEVICE		0x40000000u
#define GUEST_VECTOR		0x40
#define GUEST_TOUCH		0x10000000u	/* where the range begins */
#define GUEST_CODE_ATTRIB	0xc09b		/* flat, 32 bits */
#define GUEST_DATA_ATTRIB	0xc093
#define GUEST_CODE_SELECTOR	8
#define GUEST_DATA_SELECTOR	16

/* Put the guest of this job into its memory. @bytes: of the range to touch. */
void guest_load(void *ram, enum bench_job job, uint32_t bytes);

void *bench_memory(size_t bytes);

/* ------------------------------------------------------ mshv.c, kvm.c, scale.c */

int bench_mshv(void);
int bench_kvm(void);
int bench_scale(void);
int bench_profile(const char *job, const char *path, const char *dir);

/* A signal at a known time, to end a run: returns how late run() returned. */
double bench_kick(void (*run)(void *ctx), void *ctx);

/* For the wake-up job: a thread that signals @fd whenever it is told to. */
void bench_wake_start(int fd);
void bench_wake_next(void);

#endif /* BENCH_H */
