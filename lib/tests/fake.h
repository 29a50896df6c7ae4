/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * A kernel that does as it is told: a queue of the ioctls that the library is
 * expected to make, in order, each with the answer it gets. The linker puts it
 * between the library and the C library (--wrap).
 *
 * A call that was not expected, comes with other bytes, or never comes, fails
 * the test.
 */
#ifndef LIBMSHV_TESTS_FAKE_H
#define LIBMSHV_TESTS_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/mshv.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The answer to one ioctl. Starts as "return 0, write nothing". */
struct fake_answer {
	int ret;		/* what ioctl() returns, unless err is set */
	int err;		/* errno with which it fails */

	/* MSHV_ROOT_HVCALL only */
	uint16_t status;
	uint16_t reps;		/* starts as all that were asked for */
	bool keep_args;		/* the kernel never got to write them back */

	/* Written to the argument (to the output of a hypercall) if !err. */
	const void *out;
	size_t out_size;

	void (*then)(void);	/* what else happens meanwhile */
	bool real;		/* ask the kernel instead */
};

/* For tests of many threads: all ioctls go here instead of to the queue. */
extern int (*fake_instead)(int fd, uint32_t request, void *arg);

#define FAKE_ANY_FD	(-2)

/* Expect an ioctl whose argument consists of the @size bytes at @arg. */
struct fake_answer *fake_ioctl(int fd, uint32_t request, const void *arg,
			       size_t size);
/* Expect a hypercall with this input and room for @out_size bytes of output. */
struct fake_answer *fake_hvcall(int fd, uint16_t code, uint16_t reps,
				const void *in, size_t in_size,
				size_t out_size);
/* How many ioctls have been made since fake_reset(). */
unsigned int fake_calls(void);

/* How often the library has asked for memory since fake_reset(). */
unsigned int fake_allocs(void);

/* Let the nth malloc() or calloc() of the library from now on fail; 1 is the
 * next. */
void fake_fail_alloc(unsigned int nth);

/* Let the nth mmap() from now on fail with @err; 1 is the next. */
void fake_fail_map(unsigned int nth, int err);

/*
 * A fd whose first page can be mapped like the register page of a VP, and the
 * same page for the test, zeroed. A fd that can't be mapped.
 */
int fake_page_fd(void **page);
int fake_no_page_fd(void);
bool fake_fd_open(int fd);

/*
 * Handles of VPs, for tests of other things than of how they are made: of @fd,
 * which is a VP's as far as the kernel knows, and of a VP created with that fd.
 * Neither counts as a call that was made.
 */
struct mshv_vp *fake_vp_from_fd(struct mshv_partition *partition, int fd,
				uint32_t vp_index);
struct mshv_vp *fake_vp_create(int fd, uint32_t vp_index);
/* What the driver says to the question whether that fd is a VP's: as fake_instead. */
int fake_vp_question(int fd, uint32_t request, void *arg);

/* Would copy_from_user() find all of it? */
bool fake_readable(const void *from, size_t size);

/* For cmocka: empty queue before each test, checked after it. */
int fake_reset(void **state);
int fake_done(void **state);

#define fake_test(f) \
	cmocka_unit_test_setup_teardown(f, fake_reset, fake_done)

/* The call fails with this errno, says so everywhere, and changes nothing. */
#define assert_fails(call, err) do { \
	errno = 0; \
	assert_int_equal(call, -(err)); \
	assert_int_equal(errno, err); \
	assert_int_equal(mshv_last_error()->errnum, err); \
	assert_non_null(mshv_last_error()->what); \
} while (0)

#define assert_works(call)	assert_int_equal(call, 0)

#endif /* LIBMSHV_TESTS_FAKE_H */
