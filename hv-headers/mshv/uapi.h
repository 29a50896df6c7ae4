/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The ioctl interface of /dev/mshv and its relatives: the system's <linux/mshv.h>, and what that does not have.
 *
 * The system's header is used when there is one, so it does not matter which of the two a program includes first. What
 * an older one lacks is added from our own statement of Linux 7.2, in three steps that a macro tells apart:
 *
 *	partitions and VPs, from the start (Linux 6.15)		uapi_root.h
 *	processor features at the creation of a partition	uapi_create_v2.h
 *	virtual trust levels					uapi_vtl.h
 *
 * The counts and masks at the end of a list (MSHV_PT_BIT_COUNT, MSHV_PT_FLAGS_MASK and so on) are those of the header
 * in use. They say what a header knows, never what the running kernel does.
 */
#ifndef MSHV_UAPI_H
#define MSHV_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#if defined(__has_include)
#if __has_include(<linux/mshv.h>)
#include <linux/mshv.h>
#endif
#endif

#include "uapi_root.h"
#include "uapi_create_v2.h"
#include "uapi_vtl.h"

#endif /* MSHV_UAPI_H */
