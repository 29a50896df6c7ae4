/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A partition with one VP for a job, made with libmshv; the paths then use the
 * handles, or the fds behind them.
 */
#ifndef BENCH_MSHV_H
#define BENCH_MSHV_H

#include <mshv/mshv.h>

#include "bench.h"

struct bench_vm {
	struct mshv_dev *dev;
	struct mshv_partition *partition;
	struct mshv_vp *vp;
	int vp_fd;
	struct hv_vp_register_page *page;
	void *ram, *range;
	uint32_t range_bytes;
	struct mshv_run_vp run;	/* for the paths that bring their own */
};

void vm_open(struct bench_vm *vm, enum bench_job job, uint32_t range_bytes);
void vm_close(struct bench_vm *vm);
/* Registers as they are when the guest starts. */
void vm_reset(struct bench_vm *vm);
/* Run once; anything but this message is the end. */
const struct hv_message *vm_expect(struct bench_vm *vm, uint32_t type);

/* A way to get a guest going again. */
struct bench_path {
	const char *name;
	bench_loop io, mmio;
};

extern const struct bench_path bench_paths[];
extern const size_t bench_nr_paths;

/* mshv.c: the guest waits for an interrupt, which another thread sends. */
void wake_open(struct bench_vm *vm);
void loop_wake(void *ctx, unsigned int n);

/* mshv.c: the guest does nothing, until a signal comes. */
void run_spin(void *ctx);

/* paths.c: only run, the guest does the same instruction again. */
void loop_run_raw(void *ctx, unsigned int n);
void loop_run_lib(void *ctx, unsigned int n);

#endif /* BENCH_MSHV_H */
