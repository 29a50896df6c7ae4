/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Calls that only Microsoft's own kernels have (Azure Linux 6.6, 6.18): devices
 * of VFIO, guests with encrypted memory. Optional: nothing else in libmshv needs
 * them, and <mshv/mshv.h> doesn't bring them in. What they take is known from
 * rust-vmm/mshv 0.7; nobody of this project has run them on such a kernel.
 *
 * They have no object: the fds are those of mshv_partition_fd() and
 * mshv_vp_fd(). On any other kernel they fail with -ENOTTY.
 */
#ifndef MSHV_DOWNSTREAM_H
#define MSHV_DOWNSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>

LIBMSHV_BEGIN_DECLS

union hv_partition_complete_isolated_import_data;

/**
 * enum libmshv_downstream - Calls that may be there
 * @LIBMSHV_DOWNSTREAM_CREATE_DEVICE: on a partition
 * @LIBMSHV_DOWNSTREAM_MODIFY_HOST_ACCESS: on a partition
 * @LIBMSHV_DOWNSTREAM_IMPORT_PAGES: on a partition
 * @LIBMSHV_DOWNSTREAM_COMPLETE_IMPORT: on a partition
 * @LIBMSHV_DOWNSTREAM_PSP_REQUEST: on a partition
 * @LIBMSHV_DOWNSTREAM_AP_CREATE: on a partition
 * @LIBMSHV_DOWNSTREAM_TRANSLATE_GVA: on a VP
 *
 * Since: 0.1
 */
enum libmshv_downstream {
	LIBMSHV_DOWNSTREAM_CREATE_DEVICE,
	LIBMSHV_DOWNSTREAM_MODIFY_HOST_ACCESS,
	LIBMSHV_DOWNSTREAM_IMPORT_PAGES,
	LIBMSHV_DOWNSTREAM_COMPLETE_IMPORT,
	LIBMSHV_DOWNSTREAM_PSP_REQUEST,
	LIBMSHV_DOWNSTREAM_AP_CREATE,
	LIBMSHV_DOWNSTREAM_TRANSLATE_GVA,
};

/**
 * mshv_downstream_probe() - Does this kernel have a call?
 * @fd: a partition, or a VP for LIBMSHV_DOWNSTREAM_TRANSLATE_GVA
 * @call: enum libmshv_downstream
 *
 * Makes it with arguments that aren't there. Remember the answer: Linux 7.2
 * writes a line to its log for each call on a VP that it doesn't know.
 *
 * Context: Any thread.
 * Return: 1 if it does, 0 if it doesn't, -EINVAL if there is no such @call, or
 * another error that leaves it open.
 * Since: 0.1
 */
int mshv_downstream_probe(int fd, unsigned int call);

/**
 * mshv_downstream_create_device() - Create a device, for VFIO
 * @partition_fd: a partition
 * @type: 0: VFIO, the only type there is
 *
 * Context: Any thread.
 * Return: the fd of the device, the caller closes it; or an error.
 * Since: 0.1
 */
int mshv_downstream_create_device(int partition_fd, uint32_t type);

/**
 * mshv_downstream_test_device() - Could such a device be created?
 * @partition_fd: a partition
 * @type: type of the device
 *
 * Context: Any thread.
 * Return: 0 if so, or an error. There is no fd.
 * Since: 0.1
 */
int mshv_downstream_test_device(int partition_fd, uint32_t type);

/**
 * mshv_downstream_set_attribute() - Set an attribute of a device
 * @device_fd: from mshv_downstream_create_device()
 * @group: 1: file of VFIO
 * @attribute: 1: add, 2: remove
 * @value: what the attribute points to, for VFIO its fd
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_downstream_set_attribute(int device_fd, uint32_t group,
				  uint64_t attribute, const void *value);

/**
 * mshv_downstream_has_attribute() - Does a device have an attribute?
 * @device_fd: from mshv_downstream_create_device()
 * @group: group
 * @attribute: attribute
 *
 * The number of this call differs between the kernels; the one that is there is
 * found.
 *
 * Context: Any thread.
 * Return: 0 if so, -ENXIO or another error if not.
 * Since: 0.1
 */
int mshv_downstream_has_attribute(int device_fd, uint32_t group,
				  uint64_t attribute);

/**
 * mshv_downstream_get_attribute() - Read an attribute of a device
 * @device_fd: from mshv_downstream_create_device()
 * @group: group
 * @attribute: attribute
 * @value: where the kernel puts what it has
 *
 * Kernels since 6.18 don't have this call, and its number is another one's
 * there: so it is made only where mshv_downstream_has_attribute() has its first
 * number.
 *
 * Context: Any thread.
 * Return: 0; -ENOTTY if the kernel doesn't have it; -EINVAL also if @value is
 * NULL; or another error.
 * Since: 0.1
 */
int mshv_downstream_get_attribute(int device_fd, uint32_t group,
				  uint64_t attribute, void *value);

/**
 * enum libmshv_host_access - What the host may do with a guest's pages
 * @LIBMSHV_HOST_ACCESS_ACQUIRE: take the pages; without it, give them back
 * @LIBMSHV_HOST_ACCESS_READABLE: read
 * @LIBMSHV_HOST_ACCESS_WRITABLE: write
 * @LIBMSHV_HOST_ACCESS_LARGE_PAGE: the pages are large ones
 *
 * Since: 0.1
 */
enum libmshv_host_access {
	LIBMSHV_HOST_ACCESS_ACQUIRE = 1 << 0,
	LIBMSHV_HOST_ACCESS_READABLE = 1 << 1,
	LIBMSHV_HOST_ACCESS_WRITABLE = 1 << 2,
	LIBMSHV_HOST_ACCESS_LARGE_PAGE = 1 << 3,
};

/**
 * mshv_downstream_modify_host_access() - Share pages of an isolated guest
 * @partition_fd: a partition
 * @flags: LIBMSHV_HOST_ACCESS_*
 * @gfns: numbers of the pages
 * @count: how many, not 0
 *
 * Context: Any thread.
 * Return: 0, or -EINVAL for a NULL pointer, no pages or more than fit into
 * memory, -ENOMEM, or an error of the kernel.
 * Since: 0.1
 */
int mshv_downstream_modify_host_access(int partition_fd, uint8_t flags,
				       const uint64_t *gfns, size_t count);

/**
 * mshv_downstream_import_pages() - Make pages part of what is measured
 * @partition_fd: a partition
 * @type: 0 normal, 1 VMSA, 2 zero, 3 unmeasured, 4 secrets, 5 CPUID
 * @gfns: numbers of the pages
 * @count: how many, not 0
 *
 * Context: Any thread.
 * Return: 0, or -EINVAL for a NULL pointer, no pages or more than fit into
 * memory, -ENOMEM, or an error of the kernel.
 * Since: 0.1
 */
int mshv_downstream_import_pages(int partition_fd, uint8_t type,
				 const uint64_t *gfns, size_t count);

/**
 * mshv_downstream_complete_import() - Finish the launch of an isolated guest
 * @partition_fd: a partition
 * @data: id block and so on, as in <mshv/hv_snp.h>
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_downstream_complete_import(int partition_fd,
	const union hv_partition_complete_isolated_import_data *data);

/**
 * mshv_downstream_psp_request() - Hand a request of the guest to the PSP
 * @partition_fd: a partition
 * @request_gpa: where the request is
 * @response_gpa: where the response shall be
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_downstream_psp_request(int partition_fd, uint64_t request_gpa,
				uint64_t response_gpa);

/**
 * mshv_downstream_ap_create() - Start a VP of an isolated guest
 * @partition_fd: a partition
 * @vp_index: number of the VP
 * @vmsa_gpa: where its state is
 *
 * Context: Any thread.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_downstream_ap_create(int partition_fd, uint64_t vp_index,
			      uint64_t vmsa_gpa);

/**
 * mshv_downstream_translate_gva() - Translate, and touch what isn't there yet
 * @vp_fd: a VP
 * @gva: guest virtual address
 * @flags: HV_TRANSLATE_GVA_*
 * @result: union hv_translate_gva_result.as_uint64: whether it worked is in its
 *	result_code
 * @gpa: guest physical address, with the offset in its page
 *
 * Unlike the hypercall, works on memory that has not been touched yet.
 *
 * Context: Any thread. Waits while the VP runs.
 * Return: 0 or an error.
 * Since: 0.1
 */
int mshv_downstream_translate_gva(int vp_fd, uint64_t gva, uint64_t flags,
				  uint64_t *result, uint64_t *gpa);

LIBMSHV_END_DECLS

#endif /* MSHV_DOWNSTREAM_H */
