/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * From guest virtual to guest physical addresses: by asking the hypervisor, or
 * by walking the guest's page tables.
 */
#ifndef MSHV_TRANSLATE_H
#define MSHV_TRANSLATE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>
#include <mshv/memory.h>
#include <mshv/vp.h>

LIBMSHV_BEGIN_DECLS

/**
 * DOC: which translation to use
 *
 * mshv_vp_translate_gva() is a hypercall. It fails if a page table lies in
 * memory that the driver hasn't faulted in yet, or has taken away again: then
 * the hypervisor has no access to what the guest could reach at once.
 * mshv_vp_walk_gva() reads the tables through the VMM's own mapping, where they
 * always are, without a system call if the register page is valid. And it tells
 * which exception the guest would get.
 *
 * Both take the same flags: HV_TRANSLATE_GVA_VALIDATE_READ, _WRITE and _EXECUTE
 * name the access whose rights are checked; without them the address is
 * translated whatever the rights are. The privilege is that of the VP, unless
 * _USER_ACCESS, _SUPERVISOR_ACCESS or _PRIVILEGE_EXEMPT (no check of user pages
 * at all, but of read-only and no-execute as for a supervisor) says otherwise.
 *
 * An address is translated for the page it is in. More bytes than
 * struct mshv_walk.page_bytes leaves in that page need another translation.
 */

/**
 * mshv_vp_translate_gva() - Let the hypervisor translate an address
 * @vp: the handle
 * @gva: guest virtual address
 * @flags: HV_TRANSLATE_GVA_*
 * @gpa: where to put the guest physical address, with the offset in its page;
 *	not touched on failure
 * @result: where to put HV_TRANSLATE_GVA_* result code, also if the return value
 *	is -EFAULT or -ENXIO; or NULL
 *
 * Context: The thread that uses the VP. Waits while the VP runs.
 * Return: 0, or
 *
 * * -EFAULT: the guest would get an exception; @result tells why
 * * -ENXIO: guest memory on the way isn't accessible to the hypervisor; @result
 *   tells why. mshv_vp_walk_gva() may succeed.
 * * -EINVAL: @vp or @gpa is NULL; or the hypervisor refused
 * * -EPROTO: a result code that can't be
 * * -EIO, -ENOMEM, -ENOTTY: as in mshv_vp_get_registers()
 *
 * Since: 0.1
 */
int mshv_vp_translate_gva(struct mshv_vp *vp, uint64_t gva, uint64_t flags,
			  uint64_t *gpa, uint32_t *result);

/**
 * struct mshv_x64_paging - What a translation on x86_64 depends on
 * @cr0: HV_X64_REGISTER_CR0
 * @cr3: HV_X64_REGISTER_CR3
 * @cr4: HV_X64_REGISTER_CR4
 * @efer: HV_X64_REGISTER_EFER
 * @rflags: HV_X64_REGISTER_RFLAGS
 * @cpl: current privilege level, 0 to 3: that of SS
 * @physical_bits: width of the guest's physical addresses (CPUID 0x80000008), 32
 *	to 52. Address bits above it are reserved in page table entries. 0 stands
 *	for 52.
 *
 * Since: 0.1
 */
struct mshv_x64_paging {
	uint64_t cr0, cr3, cr4, efer, rflags;
	uint8_t cpl;
	uint8_t physical_bits;
};

/**
 * mshv_vp_get_paging() - Read what a translation depends on (x86_64)
 * @vp: the handle
 * @paging: where to put it, physical_bits as 0; undefined on failure
 *
 * Context: The thread that uses the VP. Waits while the VP runs. No system call
 * if the register page is valid.
 * Return: 0, or an error of mshv_vp_get_registers(); -EOPNOTSUPP if the
 * architecture is another.
 * Since: 0.1
 */
int mshv_vp_get_paging(struct mshv_vp *vp, struct mshv_x64_paging *paging);

/**
 * struct mshv_walk - Result of a walk
 * @gva: the address that was asked for; of more than one byte, the first that
 *	has this result
 * @gpa: guest physical address, with the offset in its page. If a page table
 *	couldn't be read (-ENXIO), the address of that entry.
 * @page_bytes: size of the page: 4 KiB, 2 MiB, 4 MiB or 1 GiB; 0 without
 *	translation
 * @result: HV_TRANSLATE_GVA_SUCCESS, _PAGE_NOT_PRESENT, _PRIVILEGE_VIOLATION,
 *	_INVALIDE_PAGE_TABLE_FLAGS (a reserved bit is set) or _GPA_UNMAPPED (a
 *	page table couldn't be read); of an access also that if the guest has no
 *	memory at @gpa, and _GPA_NO_WRITE_ACCESS if it may only read it
 * @vector: exception that the guest would get: 14 (page fault), 13 if the
 *	address isn't canonical (12 in its stead for one of the stack), or 0
 * @error_code: what a page fault would push; @gva goes to CR2
 *
 * Since: 0.1
 */
struct mshv_walk {
	uint64_t gva;
	uint64_t gpa;
	uint64_t page_bytes;
	uint32_t result;
	uint32_t vector;
	uint32_t error_code;
};

/**
 * mshv_x64_walk_gva() - Walk the page tables of an x86_64 guest
 * @paging: mode and privilege
 * @gva: guest virtual (linear) address. Above 4 GiB nothing is present without
 *	long mode.
 * @flags: HV_TRANSLATE_GVA_*
 * @read: puts @size (4 or 8) bytes of guest physical memory at @gpa, which is
 *	aligned to @size, into @buf and returns 0, or fails with anything else.
 *	If VPs run, it should read them in one go.
 * @context: first argument of @read
 * @walk: where to put the result, also if the return value is -EFAULT or
 *	-ENXIO
 *
 * A pure function, on any architecture: reads nothing but through @read, at most
 * once for each of up to 5 levels, and writes no guest memory. So accessed and
 * dirty bits are neither set nor looked at: where a processor would set one
 * first, the translation is the same.
 *
 * Differences to a processor: in PAE mode the four top entries are read from
 * memory, a processor may have read them when CR3 was loaded; 1 GiB pages are
 * taken as supported; translation caches don't exist here. What no partition has
 * (protection keys, linear address masking, shadow stacks) is refused where it
 * would matter.
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EFAULT: the guest would get an exception, see @walk
 * * -ENXIO: @read failed, see @walk
 * * -EINVAL: a pointer is NULL; physical_bits or cpl out of range; long mode
 *   without PAE; flags that are unknown or exclude each other
 * * -EOPNOTSUPP: HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS or _SHADOW_STACK; a VTL in
 *   @flags; protection keys are on
 *
 * Since: 0.1
 */
int mshv_x64_walk_gva(const struct mshv_x64_paging *paging, uint64_t gva,
		      uint64_t flags,
		      int (*read)(void *context, uint64_t gpa, void *buf,
				  size_t size),
		      void *context, struct mshv_walk *walk);

/**
 * mshv_vp_walk_gva() - Translate an address by way of the VMM's own mapping
 * @vp: the handle
 * @memory: the guest's memory
 * @gva: guest virtual address
 * @flags: HV_TRANSLATE_GVA_*
 * @walk: where to put the result
 *
 * mshv_vp_get_paging() and mshv_x64_walk_gva() in one.
 *
 * Context: The thread that uses the VP. Waits while the VP runs. Others may
 * change @memory meanwhile.
 * Return: 0, or an error of the two functions.
 * Since: 0.1
 */
int mshv_vp_walk_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		     uint64_t gva, uint64_t flags, struct mshv_walk *walk);

/**
 * mshv_vp_read_gva() - Read guest memory at a guest virtual address (x86_64)
 * @vp: the handle, for its control registers
 * @memory: the guest's memory
 * @gva: guest virtual (linear) address: with the base of the segment
 * @flags: HV_TRANSLATE_GVA_*, as for mshv_x64_walk_gva()
 * @buf: where to put it; undefined on failure
 * @size_bytes: how much; any number, over as many pages as it takes
 * @walk: what became of the last page that was looked at: if this fails, what
 *	exception the guest would get and for which address
 *
 * Context: The thread that uses the VP. Waits while the VP runs. No system call
 * if the register page is valid. Others may change @memory meanwhile.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, the range wraps around, or wrong flags
 * * -EFAULT: the guest's page tables refuse
 * * -ENXIO: the guest has no memory there: it may be a device
 * * any error of mshv_vp_get_paging() and mshv_x64_walk_gva()
 *
 * Since: 0.1
 */
int mshv_vp_read_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		     uint64_t gva, uint64_t flags, void *buf, size_t size_bytes,
		     struct mshv_walk *walk);

/**
 * mshv_vp_write_gva() - Write guest memory at a guest virtual address (x86_64)
 * @vp: the handle, for its control registers
 * @memory: the guest's memory
 * @gva: guest virtual (linear) address: with the base of the segment
 * @flags: HV_TRANSLATE_GVA_*, as for mshv_x64_walk_gva()
 * @buf: what to write
 * @size_bytes: how much; any number, over as many pages as it takes
 * @walk: as of mshv_vp_read_gva()
 *
 * As mshv_vp_read_gva(), but for the guest: memory that was mapped without
 * LIBMSHV_MEMORY_WRITABLE is not written, whatever @flags say. (Who has to, for
 * a debugger perhaps, calls mshv_vp_walk_gva() and mshv_memory_write().) If it
 * fails behind the first page, the pages before @walk->gva have been written.
 * Those are dirty then to mshv_partition_get_dirty_log().
 *
 * Context: The thread that uses the VP. Waits while the VP runs. No system call
 * if the register page is valid. Others may change @memory meanwhile.
 * Return: 0, or an error of mshv_vp_read_gva(); -ENXIO also if the guest may
 * only read what is there: @walk->result is HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS.
 * Since: 0.1
 */
int mshv_vp_write_gva(struct mshv_vp *vp, const struct mshv_memory *memory,
		      uint64_t gva, uint64_t flags, const void *buf,
		      size_t size_bytes, struct mshv_walk *walk);

LIBMSHV_END_DECLS

#endif /* MSHV_TRANSLATE_H */
