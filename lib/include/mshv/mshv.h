/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * libmshv: create and run guests through /dev/mshv.
 *
 * This header brings in all objects of the library and the definitions of the
 * hypervisor and the kernel that they need. The thin calls without policy are
 * in <mshv/ioctl.h> and <mshv/ioctl_vtl.h>, and what only Microsoft's own
 * kernels have is in <mshv/downstream.h>; these have to be included on their
 * own.
 */
#ifndef MSHV_MSHV_H
#define MSHV_MSHV_H

#include <mshv/device.h>
#include <mshv/error.h>
#include <mshv/export.h>
#include <mshv/irq.h>
#include <mshv/lapic.h>
#include <mshv/memory.h>
#include <mshv/message.h>
#include <mshv/msr.h>
#include <mshv/partition.h>
#include <mshv/partition_config.h>
#include <mshv/probe.h>
#include <mshv/registers.h>
#include <mshv/snapshot.h>
#include <mshv/state.h>
#include <mshv/trace.h>
#include <mshv/translate.h>
#include <mshv/vp.h>
#include <mshv/vtl.h>
#include <mshv/vtl_devices.h>
#include <mshv/xsave.h>

/**
 * DOC: libmshv
 *
 * Objects. A device (struct mshv_dev) is an open /dev/mshv. It creates
 * partitions (struct mshv_partition), and a partition creates virtual
 * processors (struct mshv_vp). The handles are opaque. A child holds a
 * reference on its parent, so the handles may be closed in any order; the
 * kernel destroys a partition when the last handle that belongs to it is gone.
 * Every close function accepts NULL.
 *
 * Return values. Unless it says otherwise a function returns 0, or a negative
 * errno value with errno set to the same value. What errno can't say (which
 * hypervisor status, which of many registers, which check) is in
 * mshv_last_error(). The library never prints, aborts or exits.
 *
 * Memory. Nothing on the path from mshv_vp_run() to the next mshv_vp_run()
 * allocates memory. Views that point into a handle say how long they live.
 *
 * Threads. Different handles may be used by different threads at the same
 * time; the device, partition and memory functions may be called by any thread
 * at any time. A VP handle belongs to one thread at a time: the register page
 * and the last message in it are not locked. While a VP runs, the kernel makes
 * every other call on the fd of this VP wait until it stops.
 *
 * Signals. Only mshv_vp_run(), mshv_vtl_cpu_run() and mshv_sint_read() return
 * -EINTR. Every other call is started again when a signal interrupts it before
 * it has done anything.
 *
 * fork() and exec(). All fds are close-on-exec. A child of fork() must not use
 * the handles of its parent: guest memory is bound to the address space that
 * mapped it.
 *
 * Trust. Everything that comes from the kernel, the hypervisor or the guest is
 * checked before it is used as a length, an index or a type.
 */

/* The version of these headers; mshv_version() is the version that runs. */
#define LIBMSHV_VERSION_MAJOR	0
#define LIBMSHV_VERSION_MINOR	1
#define LIBMSHV_VERSION_PATCH	0

LIBMSHV_BEGIN_DECLS

/**
 * mshv_version() - Version of the library that is in use
 *
 * Differs from LIBMSHV_VERSION_* when a program runs with another libmshv.so
 * than the one whose headers it was compiled with.
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: "MAJOR.MINOR.PATCH". A constant; never NULL.
 * Since: 0.1
 */
const char *mshv_version(void);

LIBMSHV_END_DECLS

#endif /* MSHV_MSHV_H */
