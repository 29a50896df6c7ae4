/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The state of VPs and partitions as a blob of bytes, to be stored, sent, and
 * restored elsewhere.
 */
#ifndef MSHV_SNAPSHOT_H
#define MSHV_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/partition.h>
#include <mshv/vp.h>

LIBMSHV_BEGIN_DECLS

/**
 * DOC: snapshots
 *
 * A blob has the registers of mshv_register_list(), the MSRs of the partition's
 * list, the components of mshv_vp_get_state(), pending events and the activity
 * of one or more VPs; that of a partition also has its features and its
 * reference time. It does not have what the VMM knows and the hypervisor
 * doesn't tell: guest memory, CPUID overrides, intercepts, routes, irqfds and
 * doorbells, APIC ids, messages queued for the guest's SynIC. Nor has it the
 * two suspensions of struct mshv_activity, which are the driver's.
 *
 * Nor has it MSRs that neither list has, such as those of performance counters,
 * debug control (0x1d9) and nested virtualization, nor registers that this
 * hypervisor doesn't know. On x86_64 the shadow stack pointer (SSP), TSX_CTRL,
 * UMWAIT_CONTROL, XFD, XFD_ERR and TSC_DEADLINE are saved if the partition has
 * the feature and the hypervisor has the register; where a guest gets the
 * feature and the VMM no register, what is in it is lost. Their numbers were
 * not tried on a real hypervisor.
 *
 * To save: stop all VPs, finish what their last messages ask for (otherwise the
 * VP comes with the same message again where it is restored), and freeze the
 * time (HV_PARTITION_PROPERTY_TIME_FREEZE), so that the time stamp counters of
 * all VPs are read at the same moment. To restore: create a partition with the
 * same features, its VPs and memory, freeze the time, restore, thaw.
 *
 * The layout doesn't depend on the machine. All numbers are little-endian; the
 * header has 40 bytes:
 *
 * * 0: the bytes "MSHVSNAP"
 * * 8: version, 32 bits: LIBMSHV_SNAPSHOT_VERSION
 * * 12: architecture, 32 bits: 1 x86_64, 2 arm64
 * * 16: length of the blob in bytes, 64 bits
 * * 24: number of sections, 32 bits
 * * 28: CRC-32C of the blob with these 4 bytes as 0
 * * 32: 64 bits of 0
 *
 * Sections follow it, ascending by VP (those of the partition come first) and
 * type: 32 bits of type, flags, VP index and 0, 64 bits of length, then the
 * bytes, and zeroes up to a multiple of 8. A reader that doesn't know a
 * section refuses the blob if LIBMSHV_SNAPSHOT_CRITICAL is set, else skips it.
 *
 * * PROPERTIES: for each a code, a use (0 to be known, 1 to be compared, 2 to be
 *   set) of 32 bits and a value of 64
 * * REFERENCE_TIME: 64 bits, in units of 100 ns
 * * REGISTERS, EVENTS: for each a name and 0 of 32 bits, a value of 128
 * * MSRS: for each a number and 0 of 32 bits, a value of 64; ascending
 * * the others: the bytes of mshv_vp_get_state()
 */

/* The only version there is. */
#define LIBMSHV_SNAPSHOT_VERSION	1

/* A section without which the others must not be used. */
#define LIBMSHV_SNAPSHOT_CRITICAL	(1U << 0)
/* VP index of a section that belongs to the partition. */
#define LIBMSHV_SNAPSHOT_NO_VP		UINT32_MAX

/**
 * enum libmshv_snapshot_type - What is in a section
 * @LIBMSHV_SNAPSHOT_PROPERTIES: properties of the partition
 * @LIBMSHV_SNAPSHOT_REFERENCE_TIME: its reference time
 * @LIBMSHV_SNAPSHOT_REGISTERS: registers, except floating point on x86_64
 * @LIBMSHV_SNAPSHOT_MSRS: MSRs (x86_64)
 * @LIBMSHV_SNAPSHOT_XSAVE: MSHV_VP_STATE_XSAVE
 * @LIBMSHV_SNAPSHOT_LAPIC: MSHV_VP_STATE_LAPIC, with the interrupts that the
 *	driver had put on the register page
 * @LIBMSHV_SNAPSHOT_SIMP: MSHV_VP_STATE_SIMP
 * @LIBMSHV_SNAPSHOT_SIEFP: MSHV_VP_STATE_SIEFP
 * @LIBMSHV_SNAPSHOT_TIMERS: MSHV_VP_STATE_SYNTHETIC_TIMERS
 * @LIBMSHV_SNAPSHOT_EVENTS: registers that are restored last: pending events,
 *	whether the VP has halted, on x86_64 XFD, XFD_ERR and TSC_DEADLINE
 *
 * Since: 0.1
 */
enum libmshv_snapshot_type {
	LIBMSHV_SNAPSHOT_PROPERTIES = 1,
	LIBMSHV_SNAPSHOT_REFERENCE_TIME = 2,
	LIBMSHV_SNAPSHOT_REGISTERS = 16,
	LIBMSHV_SNAPSHOT_MSRS = 17,
	LIBMSHV_SNAPSHOT_XSAVE = 18,
	LIBMSHV_SNAPSHOT_LAPIC = 19,
	LIBMSHV_SNAPSHOT_SIMP = 20,
	LIBMSHV_SNAPSHOT_SIEFP = 21,
	LIBMSHV_SNAPSHOT_TIMERS = 22,
	LIBMSHV_SNAPSHOT_EVENTS = 23,
};

/**
 * mshv_vp_save() - Save a VP
 * @vp: the handle
 * @buf: where to put the blob; may be NULL if @max is 0
 * @max: size of @buf in bytes
 * @size_bytes: how long the blob is, also if that is more than @max
 *
 * Changes nothing in the VP, except that what was written to its register page
 * goes to the hypervisor.
 *
 * What not every hypervisor has is left out if it is refused as unknown: with
 * HV_STATUS_INVALID_PARAMETER, HV_STATUS_UNKNOWN_PROPERTY,
 * HV_STATUS_FEATURE_UNAVAILABLE or HV_STATUS_PROCESSOR_FEATURE_NOT_SUPPORTED. Any
 * other refusal fails the call, because there may be something that would be
 * missing; that includes HV_STATUS_ACCESS_DENIED.
 *
 * The kernel doesn't tell the status of mshv_vp_get_state(). A component that is
 * refused with EINVAL is taken for one that isn't there, unless the VP uses it:
 * the APIC if APIC_BASE (bit 11) says that it is on, except if libmshv created the
 * partition without one; the SynIC's pages if SIMP or SIEFP (bit 0) say so; the
 * synthetic timers, if one is on, on arm64 (on x86_64 MSRs are saved instead). Of
 * a partition that came by mshv_partition_from_fd(), APIC_BASE is all that is
 * known, and on arm64 nothing tells whether there is an interrupt controller's
 * state to be had.
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the hypervisor refused, also a component that
 *   is in use
 * * -EIO: the hypervisor refused with a status that the kernel has no errno for;
 *   if mshv_last_error()->hv_status is one that passes, try again
 * * -E2BIG: @max is too small; @buf was not touched
 * * -ENOMEM: out of memory
 * * any error of mshv_vp_get_registers(), mshv_vp_get_msrs() and
 *   mshv_vp_get_state()
 *
 * Since: 0.1
 */
int mshv_vp_save(struct mshv_vp *vp, void *buf, size_t max, size_t *size_bytes);

/**
 * mshv_vp_save_alloc() - Save a VP into memory made for it
 * @vp: the handle
 * @blob: where to put the blob, which the caller gives to free(); set to NULL on
 *	failure
 * @size_bytes: its length
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or an error of mshv_vp_save(), except -E2BIG.
 * Since: 0.1
 */
int mshv_vp_save_alloc(struct mshv_vp *vp, void **blob, size_t *size_bytes);

/**
 * mshv_vp_restore() - Give a VP the state of another
 * @vp: the handle
 * @blob: what mshv_vp_save() or mshv_partition_save() made; need not be aligned
 * @size_bytes: its length
 *
 * Uses what the blob has about the VP with the same index. All of the blob is
 * checked, and compared with what this VP has, before anything is changed.
 * What this VP has beyond the blob stays as it is, but a component that the other
 * VP used, as mshv_vp_save() finds it out, must not be missing.
 *
 * If the hypervisor refuses a value in the end, the VP gets back what it had
 * (its time stamp counter falls behind by the time of this call).
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; or the hypervisor refused
 * * -EBADMSG: not a blob, or a damaged one; mshv_last_error()->what says more
 * * -EOPNOTSUPP: another version or architecture, or something that is unknown
 *   here and was declared critical
 * * -ENOENT: the blob has nothing about this VP
 * * -ENXIO: the VP doesn't fit: it lacks a register, an MSR or a component that
 *   the blob has, or a component has another size, or the blob lacks one that the
 *   VP has and that was in use. If it is a register or MSR,
 *   mshv_last_error()->index is its place in its section.
 * * -ENOMEM: out of memory
 * * any error of mshv_vp_save(), mshv_vp_set_registers(), mshv_vp_set_msrs()
 *   and mshv_vp_set_state()
 *
 * Since: 0.1
 */
int mshv_vp_restore(struct mshv_vp *vp, const void *blob, size_t size_bytes);

/**
 * mshv_partition_save() - Save a partition and its VPs
 * @partition: the handle
 * @vps: all its VPs, in any order
 * @count: how many, 1 or more
 * @buf: where to put the blob; may be NULL if @max is 0
 * @max: size of @buf in bytes
 * @size_bytes: how long the blob is, also if that is more than @max
 *
 * Context: The thread that uses the VPs. Waits while one runs, and while
 * another call on this partition is busy.
 * Return: 0, or an error of mshv_vp_save() or mshv_partition_get_property();
 * -EINVAL also if @count is 0 or a VP is given twice.
 * Since: 0.1
 */
int mshv_partition_save(struct mshv_partition *partition,
			struct mshv_vp *const *vps, size_t count, void *buf,
			size_t max, size_t *size_bytes);

/**
 * mshv_partition_save_alloc() - Save a partition into memory made for it
 * @partition: the handle
 * @vps: all its VPs, in any order
 * @count: how many, 1 or more
 * @blob: where to put the blob, which the caller gives to free(); set to NULL on
 *	failure
 * @size_bytes: its length
 *
 * Context: The thread that uses the VPs. Waits like mshv_partition_save().
 * Return: 0, or an error of mshv_partition_save(), except -E2BIG.
 * Since: 0.1
 */
int mshv_partition_save_alloc(struct mshv_partition *partition,
			      struct mshv_vp *const *vps, size_t count,
			      void **blob, size_t *size_bytes);

/**
 * mshv_partition_restore() - Give a partition the state of another
 * @partition: the handle, initialized
 * @vps: all its VPs, in any order
 * @count: how many, 1 or more
 * @blob: what mshv_partition_save() made
 * @size_bytes: its length
 *
 * The features of the partition (PROPERTIES with use 1) have to be those of the
 * blob. As mshv_vp_restore(), this changes nothing before all is checked, and
 * takes everything back if the hypervisor refuses a part.
 *
 * Context: The thread that uses the VPs. Waits like mshv_partition_save().
 * Return: 0, or an error of mshv_vp_restore() or mshv_partition_save();
 * -ENOENT also if the blob has another set of VPs than @vps, or is not of a
 * partition; -ENXIO also if a property differs, with mshv_last_error()->index
 * as its place in its section.
 * Since: 0.1
 */
int mshv_partition_restore(struct mshv_partition *partition,
			   struct mshv_vp *const *vps, size_t count,
			   const void *blob, size_t size_bytes);

/**
 * struct mshv_snapshot_info - What the header of a blob says
 * @version: version of the layout
 * @arch: 1 x86_64, 2 arm64
 * @sections: number of sections
 * @vps: number of VPs; 0 if the blob wasn't read so far
 *
 * Since: 0.1
 */
struct mshv_snapshot_info {
	uint32_t version;
	uint32_t arch;
	uint32_t sections;
	uint32_t vps;
};

/**
 * mshv_snapshot_check() - Is this a blob that could be restored?
 * @blob: any bytes, need not be aligned
 * @size_bytes: how many
 * @info: where to put what is in the header, also on -EOPNOTSUPP; or NULL
 *
 * Reads the blob and nothing else; also one of another architecture.
 *
 * Context: Any thread.
 * Return: 0, or -EINVAL if @blob is NULL, -EBADMSG, -EOPNOTSUPP as in
 * mshv_vp_restore().
 * Since: 0.1
 */
int mshv_snapshot_check(const void *blob, size_t size_bytes,
			struct mshv_snapshot_info *info);

/**
 * struct mshv_snapshot_section - A section of a blob
 * @type: enum libmshv_snapshot_type, or one that is not known
 * @flags: LIBMSHV_SNAPSHOT_CRITICAL or 0
 * @vp_index: number of the VP, or LIBMSHV_SNAPSHOT_NO_VP
 * @reserved: 0
 * @size_bytes: how many bytes it has
 * @data: the bytes, in the blob; not aligned
 *
 * Since: 0.1
 */
struct mshv_snapshot_section {
	uint32_t type;
	uint32_t flags;
	uint32_t vp_index;
	uint32_t reserved;
	uint64_t size_bytes;
	const void *data;
};

/**
 * mshv_snapshot_next() - List the sections of a blob
 * @blob: a blob
 * @size_bytes: its length
 * @section: the section before, or all zeroes for the first one; becomes the
 *	next one. Not touched unless the return value is 1.
 *
 * Safe with any bytes, but doesn't repeat mshv_snapshot_check().
 *
 * Context: Any thread.
 * Return: 1, or 0 if there are no more, or -EINVAL if a pointer is NULL or
 * @section not of this blob, -EBADMSG if the blob is damaged, -EOPNOTSUPP if
 * its version is another.
 * Since: 0.1
 */
int mshv_snapshot_next(const void *blob, size_t size_bytes,
		       struct mshv_snapshot_section *section);

/**
 * mshv_snapshot_type_name() - Name of a type of section
 * @type: enum libmshv_snapshot_type
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: for example "REGISTERS", or NULL if it isn't known. A constant.
 * Since: 0.1
 */
const char *mshv_snapshot_type_name(uint32_t type);

LIBMSHV_END_DECLS

#endif /* MSHV_SNAPSHOT_H */
