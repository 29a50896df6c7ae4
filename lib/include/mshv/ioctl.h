/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The thin layer: one call per ioctl and per hypercall that /dev/mshv, the
 * partition fds and the VP fds take.
 *
 * No policy and no handles: arguments are passed on as they are. What is added
 * is the error contract of the library (negative errno, mshv_last_error()),
 * a restart after EINTR for everything but mshv_ioctl_run_vp(), a check of what
 * the kernel returns, and the split of register lists that don't fit a page.
 */
#ifndef MSHV_IOCTL_H
#define MSHV_IOCTL_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/error.h>
#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/uapi.h>

LIBMSHV_BEGIN_DECLS

/**
 * DOC: errors of the thin layer
 *
 * Each call returns the errno of the kernel, negated, and only these of its
 * own:
 *
 * * -EINVAL: a pointer that the call has to follow is NULL, or a size is out of
 *   the range that the kernel's argument can express
 * * -EPROTO: the kernel returned a positive number where there is none, or
 *   claims to have done more than it was asked for
 *
 * -ENOTTY: the fd is of another kind, or the kernel doesn't have this ioctl.
 * -EBADF: not an open fd. -EFAULT: a pointer into memory that isn't there.
 * -EIO or -EINVAL: the hypervisor refused; for hypercalls
 * mshv_last_error()->hv_status says why. -EAGAIN with the status
 * HV_STATUS_INSUFFICIENT_MEMORY, before Linux 6.18: it has got memory now, and
 * mshv_ioctl_root_hvcall() has to be called again. The typed hypercalls do that
 * by themselves.
 *
 * The calls on one partition fd run one after the other in the kernel, and so
 * do those on one VP fd; the latter wait while the VP runs. All can be used
 * from any thread and exist since 0.1.
 */

/**
 * mshv_ioctl_create_partition() - MSHV_CREATE_PARTITION
 * @dev_fd: /dev/mshv
 * @args: flags without MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES, and isolation
 *
 * Context: Any thread.
 * Return: the fd of the partition (close-on-exec), the caller closes it; or an
 * error, -EINVAL also for the flag that announces more arguments.
 * Since: 0.1
 */
int mshv_ioctl_create_partition(int dev_fd,
				const struct mshv_create_partition *args);

/**
 * mshv_ioctl_create_partition_v2() - MSHV_CREATE_PARTITION with features
 * @dev_fd: /dev/mshv
 * @args: flags with MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES, isolation, features
 *
 * The number of the ioctl is the same: it states the size of the first
 * version, and the flag tells the kernel to read on.
 *
 * Context: Any thread.
 * Return: the fd of the partition (close-on-exec), the caller closes it; or an
 * error, -EINVAL also without the flag, or if the kernel doesn't know it.
 * Since: 0.1
 */
int
mshv_ioctl_create_partition_v2(int dev_fd,
			       const struct mshv_create_partition_v2 *args);

/**
 * mshv_ioctl_check_extension() - MSHV_CHECK_EXTENSION
 * @dev_fd: /dev/mshv of the mshv_vtl driver
 * @capability: MSHV_CAP_*
 *
 * Context: Any thread.
 * Return: what the driver says, 0 or more; or an error, -ENOTTY if the driver
 * is mshv_root, -EOPNOTSUPP for an unknown capability.
 * Since: 0.1
 */
int mshv_ioctl_check_extension(int dev_fd, uint32_t capability);

/**
 * mshv_ioctl_initialize_partition() - MSHV_INITIALIZE_PARTITION
 * @partition_fd: a partition
 *
 * Context: Any thread.
 * Return: 0, also if it is initialized already; or an error.
 * Since: 0.1
 */
int mshv_ioctl_initialize_partition(int partition_fd);

/**
 * mshv_ioctl_create_vp() - MSHV_CREATE_VP
 * @partition_fd: a partition
 * @vp_index: number of the VP
 *
 * Context: Any thread.
 * Return: the fd of the VP (close-on-exec), the caller closes it; or an error,
 * -EEXIST if there is one with this number.
 * Since: 0.1
 */
int mshv_ioctl_create_vp(int partition_fd, uint32_t vp_index);

/**
 * mshv_ioctl_set_guest_memory() - MSHV_SET_GUEST_MEMORY
 * @partition_fd: a partition
 * @region: what to map or unmap
 *
 * Context: Any thread.
 * Return: 0 or an error, -EEXIST if it overlaps, -ENOENT if there is nothing
 * to unmap.
 * Since: 0.1
 */
int mshv_ioctl_set_guest_memory(int partition_fd,
				const struct mshv_user_mem_region *region);

/**
 * mshv_ioctl_irqfd() - MSHV_IRQFD
 * @partition_fd: a partition
 * @args: eventfd, interrupt and what to do
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_irqfd(int partition_fd, const struct mshv_user_irqfd *args);

/**
 * mshv_ioctl_ioeventfd() - MSHV_IOEVENTFD
 * @partition_fd: a partition
 * @args: eventfd, address and what to do
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_ioeventfd(int partition_fd,
			 const struct mshv_user_ioeventfd *args);

/**
 * mshv_ioctl_set_msi_routing() - MSHV_SET_MSI_ROUTING
 * @partition_fd: a partition
 * @table: the whole new table, with @table->nr entries behind it
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_set_msi_routing(int partition_fd,
			       const struct mshv_user_irq_table *table);

/**
 * mshv_ioctl_get_gpap_access_bitmap() - MSHV_GET_GPAP_ACCESS_BITMAP
 * @partition_fd: a partition
 * @args: which pages, what to look at, what to do, where to put it
 *
 * MSHV_GPAP_ACCESS_OP_NOOP sets the bits as MSHV_GPAP_ACCESS_OP_SET does in
 * Linux 7.2.
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_ioctl_get_gpap_access_bitmap(int partition_fd,
				      struct mshv_gpap_access_bitmap *args);

/**
 * mshv_ioctl_root_hvcall() - MSHV_ROOT_HVCALL: a hypercall by hand
 * @fd: /dev/mshv, a partition or a VP
 * @args: code, buffers and sizes; status and reps are written back
 *
 * The kernel puts the partition id into the first 8 bytes of the input,
 * supplies the hypervisor with memory when that asks for it, and repeats a rep
 * hypercall until it is complete. It allows few codes, fewer on /dev/mshv.
 *
 * Context: Any thread.
 * Return: 0 or an error; if the hypervisor refused, @args->status tells why
 * and @args->reps how many elements were done.
 * Since: 0.1
 */
int mshv_ioctl_root_hvcall(int fd, struct mshv_root_hvcall *args);

/**
 * mshv_ioctl_run_vp() - MSHV_RUN_VP
 * @vp_fd: a VP
 * @args: where to put the message
 *
 * Context: Any thread. The only call that is not restarted after a signal.
 * Return: 0 or an error, -EINTR if a signal arrived and there is no message.
 * Since: 0.1
 */
int mshv_ioctl_run_vp(int vp_fd, struct mshv_run_vp *args);

/**
 * mshv_ioctl_get_vp_state() - MSHV_GET_VP_STATE
 * @vp_fd: a VP
 * @args: kind and buffer, both address and size aligned to a page; buf_sz is
 *	set to the size that the data has
 *
 * Context: Any thread. Waits while the VP runs.
 * Return: 0 or an error, -EINVAL with a larger buf_sz if it doesn't fit.
 * Since: 0.1
 */
int mshv_ioctl_get_vp_state(int vp_fd, struct mshv_get_set_vp_state *args);

/**
 * mshv_ioctl_set_vp_state() - MSHV_SET_VP_STATE
 * @vp_fd: a VP
 * @args: kind and buffer, both address and size aligned to a page; buf_sz is
 *	set to the size that the data has
 *
 * Context: Any thread. Waits while the VP runs.
 * Return: 0 or an error, -EINVAL with a larger buf_sz if it is too small.
 * Since: 0.1
 */
int mshv_ioctl_set_vp_state(int vp_fd, struct mshv_get_set_vp_state *args);

/* What fits into the page that a register hypercall has for its input (set)
 * and its output (get). Longer lists are split. */
#define LIBMSHV_GET_REGISTERS_MAX	256
#define LIBMSHV_SET_REGISTERS_MAX	127

/**
 * mshv_hvcall_get_partition_property() - HVCALL_GET_PARTITION_PROPERTY
 * @fd: /dev/mshv (for the own partition), a partition or a VP
 * @code: HV_PARTITION_PROPERTY_*
 * @value: where to put it; not touched on failure
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_get_partition_property(int fd, uint32_t code, uint64_t *value);

/**
 * mshv_hvcall_set_partition_property() - HVCALL_SET_PARTITION_PROPERTY
 * @partition_fd: a partition; the kernel refuses it on other fds
 * @code: HV_PARTITION_PROPERTY_*
 * @value: the new value
 *
 * Context: Any thread. Waits for a hypervisor that finishes it later.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_set_partition_property(int partition_fd, uint32_t code,
				       uint64_t value);

/**
 * mshv_hvcall_get_partition_property_ex() - HVCALL_GET_PARTITION_PROPERTY_EX
 * @fd: /dev/mshv (for the own partition), a partition or a VP
 * @code: HV_PARTITION_PROPERTY_*
 * @arg: argument of the property, or 0
 * @buf: where to put it; not touched on failure
 * @size: 1 to HV_PARTITION_PROPERTY_EX_MAX_VAR_SIZE bytes
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_get_partition_property_ex(int fd, uint32_t code, uint64_t arg,
					  void *buf, size_t size);

/**
 * mshv_hvcall_install_intercept() - HVCALL_INSTALL_INTERCEPT
 * @fd: a partition or a VP
 * @access: HV_INTERCEPT_ACCESS_MASK_*
 * @type: HV_INTERCEPT_TYPE_*
 * @parameter: union hv_intercept_parameters.as_uint64
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_install_intercept(int fd, uint32_t access, uint32_t type,
				  uint64_t parameter);

/**
 * mshv_hvcall_get_vp_registers() - HVCALL_GET_VP_REGISTERS
 * @fd: a partition, which reaches any VP, also one that runs; or a VP
 * @vp_index: number of the VP
 * @input_vtl: union hv_input_vtl.as_uint8; 0 for the VTL that is active
 * @registers: array; name is read, value is written, the rest is ignored
 * @count: number of elements; any number, 0 does nothing
 *
 * Context: Any thread.
 * Return: 0 or an error; mshv_last_error()->index says which register. Then only
 * the elements before the batch of LIBMSHV_GET_REGISTERS_MAX that it is in have
 * their values; the others are as they were.
 * Since: 0.1
 */
int mshv_hvcall_get_vp_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
				 struct hv_register_assoc *registers,
				 size_t count);

/**
 * mshv_hvcall_set_vp_registers() - HVCALL_SET_VP_REGISTERS
 * @fd: a partition, which reaches any VP, also one that runs; or a VP
 * @vp_index: number of the VP
 * @input_vtl: union hv_input_vtl.as_uint8; 0 for the VTL that is active
 * @registers: array of names and values
 * @count: number of elements; any number, 0 does nothing
 *
 * Context: Any thread.
 * Return: 0 or an error; mshv_last_error()->index says which register, and the
 * elements before it were written.
 * Since: 0.1
 */
int mshv_hvcall_set_vp_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
				 const struct hv_register_assoc *registers,
				 size_t count);

/**
 * mshv_hvcall_translate_virtual_address() - HVCALL_TRANSLATE_VIRTUAL_ADDRESS
 * @fd: a partition or a VP
 * @vp_index: number of the VP
 * @control_flags: HV_TRANSLATE_GVA_*
 * @gva: guest virtual address
 * @result: union hv_translate_gva_result.as_uint64: whether it worked is in its
 *	result_code (HV_TRANSLATE_GVA_*), not in the return value
 * @gpa: guest physical address with the offset in its page; means something
 *	only if result_code is HV_TRANSLATE_GVA_SUCCESS
 *
 * Fails to read page tables in guest memory that has not been touched yet.
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_translate_virtual_address(int fd, uint32_t vp_index,
					  uint64_t control_flags, uint64_t gva,
					  uint64_t *result, uint64_t *gpa);

/**
 * mshv_hvcall_assert_virtual_interrupt() - HVCALL_ASSERT_VIRTUAL_INTERRUPT
 * @fd: a partition or a VP
 * @control: union hv_interrupt_control.as_uint64: type, level, logical
 * @dest_addr: where it goes: APIC id or logical destination
 * @vector: interrupt vector
 * @target_vtl: VTL that gets it, 0 without VTLs
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_assert_virtual_interrupt(int fd, uint64_t control,
					 uint64_t dest_addr, uint32_t vector,
					 uint8_t target_vtl);

struct hv_register_x64_cpuid_result_parameters;
struct hv_register_x64_msr_result_parameters;

/**
 * mshv_hvcall_register_intercept_result_cpuid() - Change what CPUID returns
 * @fd: a partition or a VP
 * @vp_index: number of the VP, or HV_ANY_VP
 * @parameters: leaf, subleaf, and value and mask of each result register
 *
 * HVCALL_REGISTER_INTERCEPT_RESULT for one CPUID leaf.
 *
 * Context: Any thread.
 * Return: 0 or an error; -EOPNOTSUPP except on x86_64.
 * Since: 0.1
 */
int mshv_hvcall_register_intercept_result_cpuid(int fd, uint32_t vp_index,
	const struct hv_register_x64_cpuid_result_parameters *parameters);

/**
 * mshv_hvcall_register_intercept_result_msr() - What an MSR does that isn't there
 * @fd: a partition or a VP
 * @vp_index: number of the VP, or HV_ANY_VP
 * @parameters: number of the MSR, HV_INTERCEPT_ACCESS_MASK_READ, _WRITE or both,
 *	and an enum hv_unimplemented_msr_action
 *
 * HVCALL_REGISTER_INTERCEPT_RESULT for one MSR that the hypervisor doesn't
 * implement: an access faults, or a read gives 0 and a write is ignored, and no
 * message is sent. HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION says it for
 * all others.
 *
 * Context: Any thread.
 * Return: 0 or an error; -EINVAL also if @parameters is NULL; -EOPNOTSUPP except
 * on x86_64.
 * Since: 0.1
 */
int mshv_hvcall_register_intercept_result_msr(int fd, uint32_t vp_index,
	const struct hv_register_x64_msr_result_parameters *parameters);

/**
 * mshv_hvcall_clear_virtual_interrupt() - HVCALL_CLEAR_VIRTUAL_INTERRUPT
 * @fd: a partition or a VP
 *
 * Takes back the interrupt that was asserted for the partition's external
 * interrupt controller (HV_X64_INTERRUPT_TYPE_EXTINT) and is not yet delivered.
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_clear_virtual_interrupt(int fd);

/**
 * mshv_hvcall_signal_event_direct() - HVCALL_SIGNAL_EVENT_DIRECT
 * @fd: a partition or a VP
 * @vp_index: number of the VP
 * @vtl: its VTL, 0 without VTLs
 * @sint: synthetic interrupt source, 0 to HV_SYNIC_SINT_COUNT - 1
 * @flag: number of the event flag, 0 to 2047
 * @newly_signaled: set to 1 if the flag was clear, 0 if it was set; or NULL
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_hvcall_signal_event_direct(int fd, uint32_t vp_index, uint8_t vtl,
				    uint8_t sint, uint16_t flag,
				    int *newly_signaled);

/**
 * mshv_hvcall_post_message_direct() - HVCALL_POST_MESSAGE_DIRECT
 * @fd: a partition or a VP
 * @vp_index: number of the VP
 * @vtl: its VTL, 0 without VTLs
 * @sint: synthetic interrupt source, 0 to HV_SYNIC_SINT_COUNT - 1
 * @message: as the guest shall find it in its slot: struct hv_message
 * @size: its length in bytes, 1 to HV_MESSAGE_SIZE; the rest is zeroes
 *
 * Context: Any thread.
 * Return: 0 or an error, -EINVAL also if @message is NULL or @size out of
 * range. The slot is in use: hv_status is HV_STATUS_INSUFFICIENT_BUFFERS.
 * Since: 0.1
 */
int mshv_hvcall_post_message_direct(int fd, uint32_t vp_index, uint8_t vtl,
				    uint32_t sint, const void *message,
				    size_t size);

/**
 * mshv_hvcall_get_gpa_pages_access_states() - Which pages were used
 * @fd: a partition or a VP
 * @flags: union hv_gpa_page_access_state_flags.as_uint64: what to do to the
 *	bits after they were read; 0 only reads
 * @gfn: number of the first page of the guest
 * @states: array of union hv_gpa_page_access_state.as_uint8, one for each page
 * @count: number of pages; any number, 0 does nothing
 *
 * HVCALL_GET_GPA_PAGES_ACCESS_STATES, which means something only while
 * HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING is set. MSHV_ROOT_HVCALL can
 * do what MSHV_GET_GPAP_ACCESS_BITMAP can't: look without touching.
 *
 * Context: Any thread.
 * Return: 0 or an error; mshv_last_error()->index says which page, and the
 * elements before the batch of LIBMSHV_GET_GPA_PAGES_MAX that it is in were read.
 * If @flags clear bits, pages of that batch may have lost theirs, too, and @states
 * doesn't say which had them: count all of them as used.
 * Since: 0.1
 */
int mshv_hvcall_get_gpa_pages_access_states(int fd, uint64_t flags,
					    uint64_t gfn, uint8_t *states,
					    size_t count);

/* How many elements one call of these takes; longer lists are split. */
#define LIBMSHV_GET_GPA_PAGES_MAX	4095
#define LIBMSHV_GET_CPUID_MAX		169

struct hv_cpuid_leaf_info;
union hv_output_get_vp_cpuid_values;

/**
 * mshv_hvcall_get_vp_cpuid_values() - HVCALL_GET_VP_CPUID_VALUES
 * @fd: a partition or a VP
 * @vp_index: number of the VP
 * @flags: union hv_get_vp_cpuid_values_flags.as_uint32
 * @leaves: array: leaf in eax, subleaf in ecx; xfem and xss stand for XCR0 and
 *	IA32_XSS of the VP, unless use_vp_xfem_xss is set in @flags
 * @results: array of as many results
 * @count: number of elements; any number, 0 does nothing
 *
 * Context: Any thread.
 * Return: 0 or an error, -EOPNOTSUPP except on x86_64;
 * mshv_last_error()->index says which leaf. Then only the elements before the
 * batch of LIBMSHV_GET_CPUID_MAX that it is in have results; the others are
 * undefined.
 * Since: 0.1
 */
int mshv_hvcall_get_vp_cpuid_values(int fd, uint32_t vp_index, uint32_t flags,
				    const struct hv_cpuid_leaf_info *leaves,
				    union hv_output_get_vp_cpuid_values *results,
				    size_t count);

LIBMSHV_END_DECLS

#endif /* MSHV_IOCTL_H */
