/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the files of the library share. Names start with libmshv_ so that the
 * static library has no symbol outside its prefix.
 */
#ifndef LIBMSHV_INTERNAL_H
#define LIBMSHV_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mshv/error.h>
#include <mshv/mshv.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct mshv_dev {
	atomic_uint refs;
	int fd;
};

struct mshv_partition {
	atomic_uint refs;
	int fd;
	struct mshv_dev *dev;		/* NULL if made from a fd alone */
};

struct mshv_vp {
	int fd;
	uint32_t index;
	struct mshv_partition *partition;	/* NULL if made from a fd alone */
	struct hv_vp_register_page *page;	/* NULL if there is none */

	/* What is written after each run; together, so that it is one store. */
	struct vp_state {
		bool has_message;
		bool io_done;		/* the port access of that message */
		/* The page says what the hypervisor thinks (registers.c). */
		bool page_current;
		/* ... but not about the control registers. */
		bool control_stale;
	} state;

	/* During mshv_vp_run(): its argument, which only a failure needs again. */
	const struct hv_message **out;

	/*
	 * The kernel always copies the message here, so this copy is what the
	 * caller sees. Mapping the intercept message page as well would save
	 * nothing, and its bytes could change between a check and a use.
	 */
	union {
		struct mshv_run_vp run;
		struct hv_message message;
	} buf;
};

/* error.c */
int libmshv_fail(int errnum, const char *what);
int libmshv_fail_ioctl(int errnum, uint32_t request, const char *what);
void libmshv_error_set_hvcall(uint16_t code, uint16_t status);
void libmshv_error_set_index(size_t index);
void libmshv_error_set_what(const char *what);

/* sys.c */
int libmshv_ioctl(int fd, uint32_t request, const void *arg, const char *what);
int libmshv_ioctl0(int fd, uint32_t request, const void *arg, const char *what);
int libmshv_fd_check(int fd, const char *what);
void libmshv_fd_close(int fd);
bool libmshv_all_zero(const void *p, size_t size);

/* partition.c, device.c: references that children hold; NULL is fine */
struct mshv_dev *libmshv_dev_get(struct mshv_dev *dev);
struct mshv_partition *libmshv_partition_get(struct mshv_partition *partition);

/* registers.c, x86_64: through the page, if it can be; @rax may be NULL */
bool libmshv_page_finish(struct mshv_vp *vp, uint64_t rip, const uint64_t *rax);

/* What the compiler can't know: which way things usually go. */
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#endif /* LIBMSHV_INTERNAL_H */
