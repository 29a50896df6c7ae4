/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the fuzz targets share: a target is one LLVMFuzzerTestOneInput(), which
 * libFuzzer or replay.c calls.
 */
#ifndef LIBMSHV_FUZZ_H
#define LIBMSHV_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/mshv.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the input is, this holds. */
#define check(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
			#condition); \
		abort(); \
	} \
} while (0)

/* The contract of every function that returns 0 or -errno. */
static inline int checked(int ret)
{
	check(ret <= 0);
	check(!ret || (errno == -ret && mshv_last_error()->errnum == -ret));
	return ret;
}

/* The input as a stream; zeros when it has run dry. */
void fuzz_begin(const uint8_t *data, size_t size);
size_t fuzz_left(void);
void fuzz_bytes(void *to, size_t size);
uint8_t fuzz_u8(void);
uint16_t fuzz_u16(void);
uint32_t fuzz_u32(void);
uint64_t fuzz_u64(void);

/*
 * A kernel that answers all ioctls with what comes next in the input: odd
 * return values, odd errno, odd bytes; but only where a kernel may write.
 */
struct fuzz_kernel {
	bool obeys;		/* it says 0 and writes nothing */
	bool willing;		/* it never fails, and does all it is asked for */
	bool blind;		/* follows no pointer: some lead nowhere */
	uint32_t request;	/* of the last ioctl */
	const void *arg;
	void (*seen)(uint32_t request, void *arg);
};
extern struct fuzz_kernel fuzz_kernel;

/* Handles of fds that stand for the driver's; fuzz_close() all at the end. */
struct fuzz_objects {
	struct mshv_dev *dev;
	struct mshv_partition *partition;
	struct mshv_vp *vp;
	void *page;		/* the VP's register page, seen from the kernel */
};
void fuzz_open(struct fuzz_objects *objects);
void fuzz_close(struct fuzz_objects *objects);
/* Memory of the partition: @ram at address 0. The kernel makes no trouble. */
struct mshv_memory *fuzz_memory(struct fuzz_objects *objects, void *ram, size_t bytes);

#endif /* LIBMSHV_FUZZ_H */
