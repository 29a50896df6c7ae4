/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The virtual processor: its registers, and running it.
 */
#ifndef MSHV_VP_H
#define MSHV_VP_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/message.h>
#include <mshv/partition.h>
#include <mshv/registers.h>

LIBMSHV_BEGIN_DECLS

struct mshv_memory;
struct mshv_vp;
struct mshv_walk;

/**
 * mshv_vp_create() - Create a virtual processor
 * @partition: an initialized partition; the VP keeps it alive
 * @vp_index: number of the VP in its partition, from 0
 * @out: where to put the handle; set to NULL on failure
 *
 * A new VP is suspended and in the state of the architecture's reset. Its
 * register page is mapped if the kernel has one; without it every register
 * access is a hypercall, and nothing else changes.
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, the caller closes @out with mshv_vp_close(), or
 *
 * * -EINVAL: a pointer is NULL; @vp_index is above what the kernel allows (255
 *   in Linux 7.2); the partition isn't initialized; or the hypervisor refused
 * * -EEXIST: the partition has this VP already
 * * -EIO: the hypervisor refused
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -EMFILE, -ENFILE: too many open files
 * * -ENOTTY: the fd is not that of a partition
 *
 * Since: 0.1
 */
int mshv_vp_create(struct mshv_partition *partition, uint32_t vp_index,
		   struct mshv_vp **out);

/**
 * mshv_vp_from_fd() - Make a handle of the fd of a VP
 * @partition: the partition that the handle shall keep alive, or NULL
 * @fd: fd of a VP, for instance received over a socket. On success the handle
 *	owns it; on failure it stays the caller's.
 * @vp_index: number of the VP; the fd doesn't tell, and a wrong one reaches
 *	the registers of another VP of the same partition
 * @out: where to put the handle; set to NULL on failure
 *
 * Asks the kernel whether @fd is that of a VP, with a request that it refuses
 * and that changes nothing. Which partition it belongs to can't be asked; and a
 * file of which the sender writes the file system (FUSE) can say what it likes.
 * So take fds from nobody who isn't trusted with the guest.
 *
 * Registers are read and written by hypercall until the VP has run: how its last
 * run ended is not known here (see mshv_vp_register_page_is_current()).
 *
 * Context: Any thread. Waits while the VP runs.
 * Return: 0, the caller closes @out with mshv_vp_close(), or
 *
 * * -EINVAL: @out is NULL
 * * -EBADF: @fd is not open, or with O_PATH
 * * -ENOTTY: @fd is not that of a VP
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_vp_from_fd(struct mshv_partition *partition, int fd, uint32_t vp_index,
		    struct mshv_vp **out);

/**
 * mshv_vp_close() - Give up a VP
 * @vp: the handle, or NULL
 *
 * This doesn't delete the VP: it goes away with its partition, and until then
 * its number can't be used again. errno is left alone.
 *
 * Context: The thread that uses the VP. The caller must not use @vp, its
 * message or its register page any more.
 * Since: 0.1
 */
void mshv_vp_close(struct mshv_vp *vp);

/**
 * mshv_vp_fd() - The fd of the VP
 * @vp: the handle
 *
 * Context: Any thread.
 * Return: the fd, which the handle goes on owning: duplicate it to keep it.
 * -EINVAL if @vp is NULL.
 * Since: 0.1
 */
int mshv_vp_fd(const struct mshv_vp *vp);

/**
 * mshv_vp_index() - Number of the VP in its partition
 * @vp: the handle
 *
 * Context: Any thread.
 * Return: the index with which it was made; UINT32_MAX if @vp is NULL.
 * Since: 0.1
 */
uint32_t mshv_vp_index(const struct mshv_vp *vp);

/**
 * mshv_vp_run() - Run the VP until it needs the caller
 * @vp: the handle
 * @message: where to put the reason, or NULL; set to NULL on failure. The
 *	message belongs to the handle and lives until the next mshv_vp_run() or
 *	mshv_vp_close().
 *
 * The first call also ends the suspension of a new VP. Accesses to guest
 * memory whose pages are not there yet are resolved by the kernel and are not
 * seen here.
 *
 * Look at the message with mshv_message_type() and the other functions of
 * <mshv/message.h>. The intercepted instruction has not been done: finish it
 * (mshv_vp_complete_io() does that for port I/O, mshv_vp_skip_instruction() for
 * what has no result) or change RIP before running again, otherwise the VP comes
 * back with the same message.
 *
 * Makes one system call; allocates and copies nothing.
 *
 * Context: The thread that uses the VP. Runs for as long as the guest likes;
 * all other calls on this VP's fd wait meanwhile.
 *
 * A signal with a handler ends the call. If the VP had stopped with a message
 * at that moment, the call returns 0 with the message; otherwise it returns
 * -EINTR, no message is lost, and the next call goes on. It is never started
 * again by the library or by SA_RESTART. A signal that arrives just before the
 * system call doesn't end it: to stop a VP without fail use mshv_vp_kick().
 *
 * Return: 0, or
 *
 * * -EINTR: a signal arrived or somebody kicked, there is no message
 * * -EDEADLK: mshv_vp_enable_kick() was called, and this thread blocks the
 *   signal; looked at when another thread than before runs the VP
 * * -EINVAL: @vp is NULL; or the hypervisor refused
 * * -EIO: the hypervisor refused
 * * -EPROTO: the kernel answered with something else than success or an error
 * * -ENOTTY: the fd is not that of a VP
 *
 * Since: 0.1
 */
int mshv_vp_run(struct mshv_vp *vp, const struct hv_message **message);

/**
 * mshv_vp_enable_kick() - Prepare a VP for mshv_vp_kick()
 * @vp: the handle
 * @signo: a signal that the process has no other use for, such as SIGRTMIN; the
 *	same for all VPs is fine
 *
 * If @signo has its default action, it gets a handler that does nothing, with
 * SA_RESTART, so that it disturbs no other system call of the thread. A handler
 * that is there already stays. Threads that run the VP must not block @signo.
 *
 * Costs two fds. After a fork() the child must not use the handle.
 *
 * Context: The thread that uses the VP, once.
 * Return: 0, or (nothing was changed, but @signo may have got its handler)
 *
 * * -EINVAL: @vp is NULL; or there is no signal @signo that can be handled
 * * -EALREADY: done before
 * * -EBUSY: @signo is ignored (SIG_IGN), and so wouldn't end a system call
 * * -EMFILE, -ENFILE: too many open files
 *
 * Since: 0.1
 */
int mshv_vp_enable_kick(struct mshv_vp *vp, int signo);

/**
 * mshv_vp_kick() - Make the VP stop soon
 * @vp: the handle, after mshv_vp_enable_kick()
 *
 * Each kick makes mshv_vp_run() return -EINTR: the call that is running, and if
 * that has a message, the one after it; or the next one if none is running. It
 * can't be lost, however close to the start or the end of a run it comes.
 * Several kicks may be answered by one return: whatever was stored in memory
 * before the kick can be seen after that return. And a run may return -EINTR
 * once more than there were kicks. So store what you want from the thread, then
 * kick; and there look at it after each -EINTR.
 *
 * Takes two system calls, waits for nothing. Leaves errno and mshv_last_error()
 * alone.
 *
 * Context: Any thread of the process and any signal handler, also of the thread
 * that runs the VP; async-signal-safe. Not during or after mshv_vp_close().
 * Return: 0, or
 *
 * * -EINVAL: @vp is NULL, or mshv_vp_enable_kick() has not been called
 * * -EBADF: the fds of @vp were closed behind its back
 *
 * Since: 0.1
 */
int mshv_vp_kick(struct mshv_vp *vp);

/**
 * mshv_vp_message() - The last message
 * @vp: the handle
 *
 * Context: The thread that uses the VP.
 * Return: the message of the last mshv_vp_run() if that succeeded, else NULL.
 * Lives until the next mshv_vp_run() or mshv_vp_close().
 * Since: 0.1
 */
const struct hv_message *mshv_vp_message(const struct mshv_vp *vp);

/**
 * mshv_vp_complete_io() - Finish the port access that the last message is about
 * @vp: the handle
 * @value: what an IN reads; its low access_size bytes count. Ignored for OUT.
 *
 * For IN puts @value into AL, AX or EAX as the instruction would (the upper
 * half of RAX is cleared by a 4-byte access and kept by a smaller one); for
 * both moves RIP behind the instruction. Goes through the register page if
 * that is valid, without a system call, otherwise by hypercall.
 *
 * Context: The thread that uses the VP, after mshv_vp_run() and before the
 * next one; once per message.
 * Return: 0, or (nothing was changed)
 *
 * * -EINVAL: @vp is NULL; or there is no last message, or it is not a port
 *   access; or it is finished already
 * * -EBADMSG: the message is malformed, or doesn't tell how long the
 *   instruction is
 * * -EOPNOTSUPP: a string instruction (INS, OUTS), which moves memory: see
 *   mshv_vp_complete_string_io(); or the architecture has no ports
 * * any error of mshv_vp_set_registers()
 *
 * Since: 0.1
 */
int mshv_vp_complete_io(struct mshv_vp *vp, uint32_t value);

/**
 * mshv_vp_complete_msr() - Finish the RDMSR or WRMSR of the last message
 * @vp: the handle
 * @value: what RDMSR reads; ignored for WRMSR
 *
 * For RDMSR puts @value into EDX and EAX, as the instruction would (the upper
 * halves of RDX and RAX are cleared); for both moves RIP behind it. To refuse
 * the access, queue a #GP with mshv_vp_set_events() instead.
 *
 * Context: The thread that uses the VP, after mshv_vp_run() and before the
 * next one; once per message.
 * Return: 0, or
 *
 * * -EINVAL: @vp is NULL; or there is no last message, it is no
 *   HVMSG_X64_MSR_INTERCEPT, or was finished already
 * * -EBADMSG: the message is malformed, or doesn't tell how long the
 *   instruction is
 * * -EOPNOTSUPP: not x86_64
 * * any error of mshv_vp_set_registers()
 *
 * Since: 0.1
 */
int mshv_vp_complete_msr(struct mshv_vp *vp, uint64_t value);

/**
 * mshv_vp_complete_cpuid() - Finish the CPUID of the last message
 * @vp: the handle
 * @value: EAX, EBX, ECX and EDX, as in struct mshv_cpuid; NULL for what the
 *	hypervisor would have returned (default_result_* of the message)
 *
 * Puts them there, clears the upper halves, and moves RIP behind the
 * instruction. Results that don't change are better told to the hypervisor, with
 * mshv_partition_set_cpuid().
 *
 * Context: The thread that uses the VP, after mshv_vp_run() and before the
 * next one; once per message.
 * Return: 0, or an error of mshv_vp_complete_msr(), for
 * HVMSG_X64_CPUID_INTERCEPT.
 * Since: 0.1
 */
int mshv_vp_complete_cpuid(struct mshv_vp *vp, const uint32_t *value);

/**
 * mshv_vp_skip_instruction() - Go on behind the instruction of the last message
 * @vp: the handle
 *
 * Moves RIP, in the size that the guest's code has; no other register is
 * changed. For an instruction without a result, or whose result the caller has
 * written: any intercept with a header (see mshv_message_x64_header()) that tells
 * how long the instruction is. Of a string instruction with REP all that is left
 * is skipped.
 *
 * Whether the message is about an instruction that can be skipped is for the
 * caller to know: an exception, or an interrupt that could be delivered, isn't.
 *
 * Context: The thread that uses the VP, after mshv_vp_run() and before the
 * next one; once per message, whichever function finishes it.
 * Return: 0, or an error of mshv_vp_complete_msr(); -EINVAL for a message whose
 * type has no header.
 * Since: 0.1
 */
int mshv_vp_skip_instruction(struct mshv_vp *vp);

/**
 * mshv_vp_complete_string_io() - Do a string port access (INS, OUTS; x86_64)
 * @vp: the handle
 * @memory: the guest's memory, that the elements come from or go to
 * @port: called for each element: puts what is read from @port into @data, or,
 *	if @write isn't 0, takes it from there; @size is 1, 2 or 4 bytes. Returns
 *	0; anything else ends it, and the element has not been.
 * @context: first argument of @port
 * @walk: if the return value is -EFAULT or -ENXIO: what was wrong, for which
 *	address; else undefined
 *
 * Takes the segment, the address size, the direction, and REP into account.
 * The guest's page tables are walked in @memory, and before @port is called. At
 * most 4096 elements are moved: then, or if it ends before, RCX, RSI and RDI say
 * how far it came and RIP stays, so that the guest goes on with the rest when
 * the VP runs again. After -EFAULT that is after the exception, which the caller
 * queues (compare mshv_vp_set_events()).
 *
 * What an INS has written is dirty to mshv_partition_get_dirty_log().
 *
 * Whether a segment is present, and may be read or written, is not checked: its
 * limit is. Prefixes are taken from the message; a message without the bytes of
 * the instruction counts as one without prefixes.
 *
 * Context: The thread that uses the VP, after mshv_vp_run() and before the
 * next one; once per message, unless nothing was moved. Others may change
 * @memory meanwhile, and so may @port.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or there is no last message, it is not a string
 *   port access, or was finished already
 * * -EBADMSG: the message is malformed, or doesn't tell how long the
 *   instruction is
 * * -EFAULT: the guest gets the exception that @walk has
 * * -ENXIO: there is no guest memory at @walk->gpa, or none that the guest may
 *   write, so that an INS has nowhere to go: @walk->result is
 *   HV_TRANSLATE_GVA_GPA_UNMAPPED or _GPA_NO_WRITE_ACCESS. @port was not called
 *   for this element.
 * * -ECANCELED: @port ended it
 * * -EOPNOTSUPP: the architecture has no ports; or see mshv_x64_walk_gva()
 * * any error of mshv_vp_get_registers() and mshv_vp_set_registers()
 *
 * Since: 0.1
 */
int mshv_vp_complete_string_io(struct mshv_vp *vp,
			       const struct mshv_memory *memory,
			       int (*port)(void *context, uint16_t port,
					   int write, void *data, size_t size),
			       void *context, struct mshv_walk *walk);

/**
 * DOC: registers of a VP
 *
 * The hypervisor shares a register page with the VMM on x86_64: general
 * registers, RIP, RFLAGS, XMM0-5 and the segment registers can be read and
 * written there without a system call; CR0, CR3, CR4, CR8 and EFER can be read.
 * The functions that take a VP use it by themselves whenever it is mapped and
 * valid, and the hypercalls for everything else, and keep both coherent: what
 * was written through one is seen through the other. A register that was
 * changed behind the back of the handle (through another fd, or <mshv/ioctl.h>)
 * may be seen with its old value until the VP has run.
 *
 * All 16 bytes of a value reach the hypervisor. An initializer like
 * { .value.reg64 = 1 } leaves the other 8 to the compiler, and some leave
 * garbage: clear the array with memset(), or set reg128.
 *
 * The VP must not be running: the calls would wait until it stops, and the
 * register page means nothing meanwhile.
 */

/**
 * mshv_vp_get_registers() - Read any registers
 * @vp: the handle
 * @registers: array; name is read, value is written, the rest is ignored
 * @count: number of elements; any number, 0 does nothing
 *
 * Split into as many hypercalls as the kernel's limits ask for; the registers
 * that are in a valid register page cost none.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the hypervisor refused a register. Then
 *   mshv_last_error()->index says which; the values of all elements are
 *   undefined.
 * * -EIO: the hypervisor refused, likewise
 * * -ENOMEM: out of memory, also when the hypervisor is
 * * -EPROTO: the kernel answered with nonsense
 * * -ENOTTY: the fd is not that of a VP
 *
 * Since: 0.1
 */
int mshv_vp_get_registers(struct mshv_vp *vp,
			  struct hv_register_assoc *registers, size_t count);

/**
 * mshv_vp_set_registers() - Write any registers
 * @vp: the handle
 * @registers: array of names and values; reserved fields must be 0
 * @count: number of elements; any number, 0 does nothing
 *
 * Not atomic: first the registers that need a hypercall are written, in the
 * order of the array, then those that go through the register page, which can't
 * fail. If a register is refused, those hypercall registers that stand in front
 * of it have been written.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_registers().
 * Since: 0.1
 */
int mshv_vp_set_registers(struct mshv_vp *vp,
			  const struct hv_register_assoc *registers,
			  size_t count);

/**
 * mshv_vp_register_page() - The page of registers shared with the hypervisor
 * @vp: the handle
 *
 * For code that wants to touch registers with no call in between, such as an
 * instruction emulator. Rules: use it only while
 * mshv_vp_register_page_is_current() returns 1; after a write set the bit 1 <<
 * HV_X64_REGISTER_CLASS_* of the class in dirty; never write
 * interrupt_vectors. Writes made here are seen by the other functions.
 *
 * A dirty bit hands over all registers of its class. So setting it in a page
 * that isn't current reverts the others of the class to what they once were.
 *
 * Context: The thread that uses the VP, while the VP doesn't run.
 * Return: the page, shared and writable, which lives as long as @vp; or NULL
 * if @vp is NULL or the kernel has no register page for it (arm64, encrypted
 * guests).
 * Since: 0.1
 */
struct hv_vp_register_page *mshv_vp_register_page(const struct mshv_vp *vp);

/**
 * mshv_vp_register_page_is_current() - Whether the page holds the registers
 * @vp: the handle
 *
 * It does if it is valid (isvalid isn't 0, version is
 * HV_VP_REGISTER_PAGE_VERSION_1), and
 *
 * * the last mshv_vp_run() returned 0, or the handle is from mshv_vp_create()
 *   and has never been run; and
 * * mshv_vp_set_state() has not been called since.
 *
 * After a run that failed, also with -EINTR, nobody promises that the page was
 * filled: mshv_vp_get_registers() and mshv_vp_set_registers() use hypercalls
 * then, and the page keeps the old values. So ask after each run; no system call is made.
 *
 * CR0, CR3, CR4, CR8 and EFER in the page may also be old after
 * mshv_vp_set_registers(), and whatever uses it, wrote a register that is not in
 * the page. mshv_vp_get_registers() knows when.
 *
 * Context: The thread that uses the VP, while the VP doesn't run.
 * Return: 1 if it does, 0 if it doesn't, or there is none, or @vp is NULL.
 * Since: 0.1
 */
int mshv_vp_register_page_is_current(const struct mshv_vp *vp);

LIBMSHV_END_DECLS

#endif /* MSHV_VP_H */
