/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The second error channel: what errno can't say about a failure.
 */
#ifndef MSHV_ERROR_H
#define MSHV_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>

LIBMSHV_BEGIN_DECLS

/* mshv_error.index: no element of an array is to blame. */
#define LIBMSHV_INDEX_NONE	UINT32_MAX

/**
 * struct mshv_error - Why the last failing call of this thread failed
 * @errnum: positive errno value, the same that the call returned negated
 * @hv_status: HV_STATUS_* with which the hypervisor refused, or 0 when it was
 *	not the hypervisor. The kernel folds most of them into EIO and EINVAL.
 * @hypercall: HVCALL_* code of the hypercall that failed, or 0 when no
 *	hypercall was involved, or it was one that the kernel made on its own and
 *	does not name
 * @index: index of the element of the caller's array (a register, a leaf) that
 *	failed, counted from 0, or LIBMSHV_INDEX_NONE. What became of the other
 *	elements is said with each function: a list is not always done in its
 *	order, and of what was read before the failure nothing may have come back.
 * @request: number of the ioctl that failed, as in <mshv/uapi.h>, or 0
 * @what: one line that names the step or the check that failed, in English.
 *	A constant, never NULL, for people and not for comparison.
 *
 * Later versions may append members; the library owns the structure.
 *
 * Since: 0.1
 */
struct mshv_error {
	int errnum;
	uint16_t hv_status;
	uint16_t hypercall;
	uint32_t index;
	uint32_t request;
	const char *what;
};

/**
 * mshv_last_error() - The failure that this thread saw last
 *
 * Each failing call of libmshv overwrites all members; a call that succeeds
 * leaves them alone. So read it only after a failure, like errno.
 *
 * Context: Any thread. Per thread, and valid as long as the thread lives.
 * Return: the thread's record, never NULL. Before the first failure errnum is
 * 0.
 * Since: 0.1
 */
const struct mshv_error *mshv_last_error(void);

/**
 * mshv_error_format() - One line that says all that is known about a failure
 * @error: what to describe, from mshv_last_error()
 * @buf: where to put the text, always terminated if @size is not 0
 * @size: size of @buf in bytes
 *
 * For example "set VP registers: Input/output error (hypercall 0x51:
 * HV_STATUS_INVALID_REGISTER_VALUE, element 3)".
 *
 * Context: Any thread.
 * Return: length of the whole text in bytes without the terminator, like
 * snprintf(): a value of @size or more means that it was cut short. -EINVAL if
 * @error is NULL, or @buf is NULL and @size is not 0.
 * Since: 0.1
 */
int mshv_error_format(const struct mshv_error *error, char *buf, size_t size);

/**
 * mshv_hv_status_name() - Name of a hypervisor status
 * @hv_status: HV_STATUS_*, as in mshv_error.hv_status
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: the name of the constant, "HV_STATUS_SUCCESS" for 0, or NULL if
 * libmshv doesn't know the value. A constant.
 * Since: 0.1
 */
const char *mshv_hv_status_name(uint16_t hv_status);

LIBMSHV_END_DECLS

#endif /* MSHV_ERROR_H */
