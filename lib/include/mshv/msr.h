/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * MSRs and CPUID of an x86_64 guest.
 */
#ifndef MSHV_MSR_H
#define MSHV_MSR_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/partition.h>
#include <mshv/vp.h>

LIBMSHV_BEGIN_DECLS

/**
 * mshv_msr_to_register() - The register that stands for an MSR
 * @msr: number of the MSR, as RDMSR takes it in ECX
 * @name: where to put HV_X64_REGISTER_* or HV_REGISTER_*; not touched on
 *	failure
 *
 * Context: Any thread, any time.
 * Return: 0, or -EINVAL if @name is NULL, -ENOENT if the hypervisor has no
 * register for it or libmshv doesn't know it.
 * Since: 0.1
 */
int mshv_msr_to_register(uint32_t msr, uint32_t *name);

/**
 * mshv_msr_from_register() - The MSR that a register stands for
 * @name: HV_X64_REGISTER_* or HV_REGISTER_*
 * @msr: where to put the number of the MSR; not touched on failure
 *
 * Context: Any thread, any time.
 * Return: 0, or -EINVAL if @msr is NULL, -ENOENT if the register is no MSR.
 * Since: 0.1
 */
int mshv_msr_from_register(uint32_t name, uint32_t *msr);

/**
 * mshv_partition_get_msr_list() - The MSRs whose values make up a VP
 * @partition: the handle, initialized
 * @msrs: array for their numbers, in ascending order; may be NULL if @max is 0
 * @max: number of elements that @msrs has room for
 * @count: how many there are, also if that is more than @max
 *
 * Those that have a register, can be read and written back, and that the
 * processor features and privileges of this partition provide: what has to be
 * saved and restored besides the other registers.
 *
 * TSC_DEADLINE (0x6e0) is not among them, since it must be written after the
 * APIC's state; mshv_register_list() has it, for hypervisors that have a
 * register for it. Nor are performance counters, debug control (0x1d9) and
 * those of nested virtualization, whatever the features say. XFD and XFD_ERR
 * (0x1c4, 0x1c5) are, and should be written after MSHV_VP_STATE_XSAVE. That a
 * hypervisor which provides XFD, UMWAIT_CONTROL (0xe1) or TSX_CTRL (0x122) has
 * the registers for them was not tried on a real one; if not,
 * mshv_vp_get_msrs() says which it lacks.
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -E2BIG: @max is too small; the first @max were written
 * * any error of mshv_partition_get_property()
 *
 * Since: 0.1
 */
int mshv_partition_get_msr_list(struct mshv_partition *partition,
				uint32_t *msrs, size_t max, size_t *count);

/**
 * struct mshv_msr - An MSR and its value
 * @msr: number of the MSR
 * @reserved: 0
 * @value: what is in it
 *
 * Since: 0.1
 */
struct mshv_msr {
	uint32_t msr;
	uint32_t reserved;
	uint64_t value;
};

/**
 * mshv_vp_get_msrs() - Read MSRs
 * @vp: the handle
 * @msrs: array; msr is read, value is written
 * @count: number of elements; any number, 0 does nothing
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -ENOENT: an MSR without a register; mshv_last_error()->index says which
 * * -ENOMEM: out of memory
 * * any error of mshv_vp_get_registers(), with index likewise
 *
 * Since: 0.1
 */
int mshv_vp_get_msrs(struct mshv_vp *vp, struct mshv_msr *msrs, size_t count);

/**
 * mshv_vp_set_msrs() - Write MSRs
 * @vp: the handle
 * @msrs: array of numbers and values
 * @count: number of elements; any number, 0 does nothing
 *
 * An MSR that has no register fails the call before anything is written. If the
 * hypervisor refuses one, those in front of it have been written.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_get_msrs().
 * Since: 0.1
 */
int mshv_vp_set_msrs(struct mshv_vp *vp, const struct mshv_msr *msrs,
		     size_t count);

/* The result depends on the subleaf (ECX), and is changed for this one only. */
#define LIBMSHV_CPUID_SUBLEAF		(1U << 0)
/* Wins over what the hypervisor computes at each CPUID, such as OSXSAVE. */
#define LIBMSHV_CPUID_OVERRIDE		(1U << 1)

/**
 * struct mshv_cpuid - What CPUID shall return
 * @leaf: EAX of the guest
 * @subleaf: ECX of the guest; means something with LIBMSHV_CPUID_SUBLEAF only
 * @flags: bitmask of LIBMSHV_CPUID_*
 * @reserved: 0
 * @value: EAX, EBX, ECX and EDX of the result
 * @mask: for each of them the bits that come from @value; the others stay what
 *	the hypervisor makes them. So a bit in @mask that is not in @value is
 *	cleared.
 *
 * Since: 0.1
 */
struct mshv_cpuid {
	uint32_t leaf;
	uint32_t subleaf;
	uint32_t flags;
	uint32_t reserved;
	uint32_t value[4];
	uint32_t mask[4];
};

/**
 * mshv_partition_set_cpuid() - Change what CPUID returns on all VPs
 * @partition: the handle, initialized
 * @entries: what to change
 * @count: number of elements; 0 does nothing
 *
 * Context: Any thread. Waits while another call on this partition is busy.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; unknown flags or a reserved member that is not
 *   0 (nothing was changed); or the hypervisor refused. Then
 *   mshv_last_error()->index says which entry; those in front of it hold.
 * * -EOPNOTSUPP: not x86_64
 * * -EIO, -ENOMEM, -ENOTTY: as in mshv_partition_set_property()
 *
 * Since: 0.1
 */
int mshv_partition_set_cpuid(struct mshv_partition *partition,
			     const struct mshv_cpuid *entries, size_t count);

/**
 * mshv_vp_set_cpuid() - Change what CPUID returns on one VP
 * @vp: the handle
 * @entries: what to change
 * @count: number of elements; 0 does nothing
 *
 * For what differs from VP to VP: APIC ids and topology.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_partition_set_cpuid().
 * Since: 0.1
 */
int mshv_vp_set_cpuid(struct mshv_vp *vp, const struct mshv_cpuid *entries,
		      size_t count);

/**
 * mshv_vp_get_cpuid() - What CPUID would return on a VP
 * @vp: the handle
 * @entries: array; leaf and subleaf are read, value is written, the rest is
 *	left alone
 * @count: number of elements; any number, 0 does nothing
 *
 * With the VP's own XCR0 and IA32_XSS, and with the changes made by
 * mshv_vp_set_cpuid() and mshv_partition_set_cpuid().
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_partition_set_cpuid(), with index likewise;
 * on failure the values of all elements are undefined.
 * Since: 0.1
 */
int mshv_vp_get_cpuid(struct mshv_vp *vp, struct mshv_cpuid *entries,
		      size_t count);

LIBMSHV_END_DECLS

#endif /* MSHV_MSR_H */
