/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * A paravisor: what runs in a higher virtual trust level (VTL) of its partition
 * and serves the operating system in VTL 0. The driver is mshv_vtl.
 */
#ifndef MSHV_VTL_H
#define MSHV_VTL_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/device.h>
#include <mshv/export.h>
#include <mshv/hvhdk.h>

LIBMSHV_BEGIN_DECLS

struct hv_message;
struct hv_register_assoc;
struct hv_vp_register_page;
struct mshv_vtl_cpu_context;

/**
 * DOC: a paravisor
 *
 * There is one VP for each CPU, and a thread bound to the CPU is what runs it:
 * mshv_vtl_cpu_run() lets VTL 0 run until something happens that VTL 2 has to
 * deal with. General and floating point registers of VTL 0 are in
 * mshv_vtl_cpu_context(); instruction and stack pointer are not, they are in
 * the register page or behind mshv_vtl_get_registers().
 *
 * Messages of the host come from /dev/mshv_sint (struct mshv_sint), hypercalls
 * go through /dev/mshv_hvcall (struct mshv_gate), memory of VTL 0 is seen
 * through /dev/mshv_vtl_low (struct mshv_vtl_low).
 *
 * The driver exists on x86_64 only.
 */

struct mshv_vtl;

/**
 * mshv_vtl_create() - Get the VTL
 * @dev: /dev/mshv, driven by mshv_vtl; the handle keeps it alive
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_vtl_close(), or
 *
 * * -EINVAL: a pointer is NULL
 * * -ENOTTY: the driver is mshv_root
 * * -ENOMEM, -EMFILE, -ENFILE: out of memory, or too many open files
 *
 * Since: 0.1
 */
int mshv_vtl_create(struct mshv_dev *dev, struct mshv_vtl **out);

/**
 * mshv_vtl_from_fd() - Make a handle of the fd of a VTL
 * @dev: /dev/mshv, which knows whether there are register pages; or NULL for
 *	doing without them
 * @fd: fd of a VTL. On success the handle owns it; on failure it stays the
 *	caller's.
 * @out: where to put the handle; set to NULL on failure
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_vtl_close(); or -EINVAL if @out is
 * NULL, -EBADF if @fd is not open, -ENOMEM.
 * Since: 0.1
 */
int mshv_vtl_from_fd(struct mshv_dev *dev, int fd, struct mshv_vtl **out);

/**
 * mshv_vtl_close() - Give up the VTL
 * @vtl: the handle, or NULL
 *
 * The fd stays open as long as handles of its CPUs exist. errno is left alone.
 *
 * Context: Any thread. The caller must not use @vtl any more.
 * Since: 0.1
 */
void mshv_vtl_close(struct mshv_vtl *vtl);

/**
 * mshv_vtl_fd() - The fd of the VTL
 * @vtl: the handle
 *
 * Context: Any thread.
 * Return: the fd, which the handle goes on owning; or -EINVAL.
 * Since: 0.1
 */
int mshv_vtl_fd(const struct mshv_vtl *vtl);

/**
 * mshv_vtl_add_memory() - Tell the kernel what memory VTL 0 has
 * @vtl: the handle
 * @gpa: guest physical address, aligned to MSHV_HV_PAGE_SIZE
 * @size_bytes: how much, a multiple of MSHV_HV_PAGE_SIZE, not 0
 *
 * So that it can be mapped with huge pages and be pinned for direct I/O. There
 * is no way back as long as the kernel runs.
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: @vtl is NULL; something is misaligned, empty or wraps around
 * * -ENXIO: a part of the range is the kernel's own memory
 * * -ENOMEM: out of memory
 * * -ENOTTY: the fd is not that of a VTL
 *
 * Since: 0.1
 */
int mshv_vtl_add_memory(struct mshv_vtl *vtl, uint64_t gpa, uint64_t size_bytes);

/**
 * mshv_vtl_set_poll_file() - Let a file end the run of a CPU
 * @vtl: the handle
 * @cpu: number of the CPU
 * @fd: an eventfd, an io_uring or whatever can be polled
 *
 * When it becomes ready, mshv_vtl_cpu_run() on that CPU returns -EINTR, also if
 * VTL 0 is running; if it is not, the next one does. Replaces the earlier file
 * of that CPU. The kernel keeps the file; it can't be taken away again.
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: @vtl is NULL, or there is no such CPU
 * * -EBADFD: @fd is not open
 * * -ENOTTY: the fd of @vtl is not that of a VTL
 *
 * Since: 0.1
 */
int mshv_vtl_set_poll_file(struct mshv_vtl *vtl, uint32_t cpu, int fd);

/**
 * mshv_vtl_get_registers() - Read registers of VTL 0
 * @vtl: the handle
 * @registers: array; name is read, value is written
 * @count: number of elements; any number, 0 does nothing
 *
 * Of the VP whose CPU the thread runs on. One system call each. DR0 to DR3 (and
 * DR6, if it is shared) and the MTRRs are read from the CPU itself, everything
 * else is asked of the hypervisor.
 *
 * Context: A thread that is bound to its CPU.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the hypervisor refused a register. Then
 *   mshv_last_error()->index says which; those before it were read.
 * * -EIO, -ENOMEM: the hypervisor refused, likewise
 * * -ENOTTY: the fd is not that of a VTL
 *
 * Since: 0.1
 */
int mshv_vtl_get_registers(struct mshv_vtl *vtl,
			   struct hv_register_assoc *registers, size_t count);

/**
 * mshv_vtl_set_registers() - Write registers of VTL 0
 * @vtl: the handle
 * @registers: array of names and values
 * @count: number of elements; any number, 0 does nothing
 *
 * As mshv_vtl_get_registers(). An MTRR is that of the real CPU.
 *
 * Context: A thread that is bound to its CPU.
 * Return: 0, or an error of mshv_vtl_get_registers(); the registers before the
 * one that is refused have been written.
 * Since: 0.1
 */
int mshv_vtl_set_registers(struct mshv_vtl *vtl,
			   const struct hv_register_assoc *registers,
			   size_t count);

struct mshv_vtl_cpu;

/**
 * mshv_vtl_cpu_open() - Get hold of a CPU
 * @vtl: the handle, which is kept alive
 * @cpu: number of the CPU that this thread is bound to
 * @out: where to put the handle; set to NULL on failure
 *
 * Maps the run page of the CPU and, if the driver has them, its register page.
 *
 * Context: The thread that will run it, bound to @cpu.
 * Return: 0, the caller closes @out with mshv_vtl_cpu_close(), or
 *
 * * -EINVAL: a pointer is NULL, or this thread is on another CPU
 * * -ENODEV: the fd can't be mapped: it is not that of a VTL
 * * -ENOMEM: out of memory
 * * -EOPNOTSUPP: not on x86_64
 *
 * Since: 0.1
 */
int mshv_vtl_cpu_open(struct mshv_vtl *vtl, uint32_t cpu,
		      struct mshv_vtl_cpu **out);

/**
 * mshv_vtl_cpu_close() - Give up a CPU
 * @cpu: the handle, or NULL
 *
 * Context: Any thread, while it doesn't run. errno is left alone.
 * Since: 0.1
 */
void mshv_vtl_cpu_close(struct mshv_vtl_cpu *cpu);

/**
 * mshv_vtl_cpu_run() - Return to VTL 0 until it needs something
 * @cpu: the handle
 * @message: where to put the message, which lives in the run page until the
 *	next run; or NULL
 *
 * -EINTR is how mshv_vtl_cpu_cancel(), the poll file and signals end it. A
 * cancel is never lost: it ends the run that is under way, or else the next one.
 * The return takes all of them that came before it.
 *
 * Context: The thread that opened it, still bound to the CPU. No allocation.
 * Return: 0 and a message, or
 *
 * * -EINTR: see above; there is no message
 * * -EINVAL: @cpu is NULL, or this thread is on another CPU
 * * -ENOTTY: the fd is not that of a VTL
 *
 * Since: 0.1
 */
int mshv_vtl_cpu_run(struct mshv_vtl_cpu *cpu, const struct hv_message **message);

/**
 * mshv_vtl_cpu_cancel() - Let the run return soon
 * @cpu: the handle
 *
 * The kernel looks before each entry into VTL 0. A VTL 0 that is running is not
 * interrupted by this, but by a signal to the thread or by the poll file.
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: 0, or -EINVAL if @cpu is NULL.
 * Since: 0.1
 */
int mshv_vtl_cpu_cancel(struct mshv_vtl_cpu *cpu);

/**
 * mshv_vtl_cpu_context() - Registers that go in and out of VTL 0
 * @cpu: the handle
 *
 * struct mshv_vtl_cpu_context of <mshv/vtl_run.h>: RAX to R15 except RSP, CR2,
 * and what FXSAVE writes.
 *
 * Context: The thread that runs it, between two runs.
 * Return: a pointer into the run page, valid as long as the handle; NULL if @cpu
 * is NULL.
 * Since: 0.1
 */
struct mshv_vtl_cpu_context *mshv_vtl_cpu_context(struct mshv_vtl_cpu *cpu);

/**
 * mshv_vtl_cpu_register_page() - The page of registers of VTL 0
 * @cpu: the handle
 *
 * Context: The thread that runs it, between two runs.
 * Return: the page, valid as long as the handle; NULL if there is none (compare
 * LIBMSHV_ASK_VTL_REGISTER_PAGE), or @cpu is NULL.
 * Since: 0.1
 */
struct hv_vp_register_page *mshv_vtl_cpu_register_page(struct mshv_vtl_cpu *cpu);

/**
 * mshv_vtl_cpu_set_actions() - What the hypervisor shall do on the way to VTL 0
 * @cpu: the handle
 * @actions: the actions, one after the other, as the TLFS says; or NULL
 * @size: their length in bytes, up to MSHV_MAX_RUN_MSG_SIZE; 0 for none
 *
 * For one run. A driver without LIBMSHV_ASK_VTL_RETURN_ACTION ignores them.
 *
 * Context: The thread that runs it, between two runs.
 * Return: 0, or -EINVAL if @cpu is NULL, @actions is NULL and @size isn't 0, or
 * they are too long.
 * Since: 0.1
 */
int mshv_vtl_cpu_set_actions(struct mshv_vtl_cpu *cpu, const void *actions,
			     size_t size);

LIBMSHV_END_DECLS

#endif /* MSHV_VTL_H */
