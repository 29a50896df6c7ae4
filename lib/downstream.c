// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Calls of Microsoft's own kernels. See <mshv/downstream.h>.
 *
 * Numbers and arguments: rust-vmm/mshv 0.7. They stay in this file, as a
 * <linux/mshv.h> of such a kernel defines them, too.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <mshv/downstream.h>
#include <mshv/hv_snp.h>
#include <mshv/uapi.h>

#include "internal.h"

struct create_device {
	uint32_t type;
	uint32_t fd;
	uint32_t flags;
};

#define CREATE_DEVICE_TEST	1
#define NO_FD			UINT32_MAX

struct device_attribute {
	uint32_t flags;
	uint32_t group;
	uint64_t attribute;
	uint64_t address;
};

/* Both calls on lists of pages. */
struct pages {
	uint8_t kind;
	uint8_t rsvd[7];
	uint64_t count;
	uint64_t gfns[];
};

struct two_words {
	uint64_t first, second;
};

struct translate_gva {
	uint64_t gva;
	uint64_t flags;
	uint64_t *result;
	uint64_t *gpa;
};

#define CREATE_DEVICE	_IOWR(MSHV_IOCTL, 0x08, struct create_device)
#define MODIFY_ACCESS	_IOW(MSHV_IOCTL, 0x09, struct pages)
#define IMPORT_PAGES	_IOW(MSHV_IOCTL, 0x0a, struct pages)
#define COMPLETE_IMPORT	_IOW(MSHV_IOCTL, 0xf4, \
			     union hv_partition_complete_isolated_import_data)
#define PSP_REQUEST	_IOW(MSHV_IOCTL, 0xf5, struct two_words)
#define AP_CREATE	_IOW(MSHV_IOCTL, 0xf6, struct two_words)
#define TRANSLATE_GVA	_IOWR(MSHV_IOCTL, 0xf2, struct translate_gva)
#define SET_ATTRIBUTE	_IOW(MSHV_IOCTL, 0x00, struct device_attribute)
/* On 6.6. On 6.18 there is no call that gets one, and its number is this one's. */
#define HAS_ATTRIBUTE	_IOW(MSHV_IOCTL, 0x02, struct device_attribute)
#define GET_ATTRIBUTE	_IOW(MSHV_IOCTL, 0x01, struct device_attribute)
#define HAS_ATTRIBUTE_6_18 GET_ATTRIBUTE

_Static_assert(sizeof(union hv_partition_complete_isolated_import_data) == 3334,
	       "another size than that of the kernel");

static const uint32_t requests[] = {
	[LIBMSHV_DOWNSTREAM_CREATE_DEVICE] = CREATE_DEVICE,
	[LIBMSHV_DOWNSTREAM_MODIFY_HOST_ACCESS] = MODIFY_ACCESS,
	[LIBMSHV_DOWNSTREAM_IMPORT_PAGES] = IMPORT_PAGES,
	[LIBMSHV_DOWNSTREAM_COMPLETE_IMPORT] = COMPLETE_IMPORT,
	[LIBMSHV_DOWNSTREAM_PSP_REQUEST] = PSP_REQUEST,
	[LIBMSHV_DOWNSTREAM_AP_CREATE] = AP_CREATE,
	[LIBMSHV_DOWNSTREAM_TRANSLATE_GVA] = TRANSLATE_GVA,
};

int mshv_downstream_probe(int fd, unsigned int call)
{
	struct mshv_error before = *mshv_last_error();
	int ret;

	if (call >= ARRAY_SIZE(requests))
		return libmshv_fail(EINVAL, "downstream: no such call");
	ret = libmshv_ioctl(fd, requests[call], NULL, "downstream: probe");
	if (ret != -EFAULT && ret != -ENOTTY)
		return ret < 0 ? ret : libmshv_fail(EPROTO, "downstream: probe");
	libmshv_error_restore(&before);
	return ret == -EFAULT;
}

int mshv_downstream_create_device(int partition_fd, uint32_t type)
{
	/*
	 * The kernel writes fd and, as KVM in the call that this one is made
	 * after, doesn't read it. 0 may be the answer, if stdin is closed.
	 */
	struct create_device args = { .type = type, .fd = NO_FD };
	int ret = libmshv_ioctl0(partition_fd, CREATE_DEVICE, &args,
				 "downstream: create device");

	if (ret)
		return ret;
	if (args.fd > INT32_MAX)
		return libmshv_fail_ioctl(EPROTO, CREATE_DEVICE,
					  "downstream: create device: no fd");
	return (int)args.fd;
}

int mshv_downstream_test_device(int partition_fd, uint32_t type)
{
	struct create_device args = { .type = type, .flags = CREATE_DEVICE_TEST };

	return libmshv_ioctl0(partition_fd, CREATE_DEVICE, &args,
			      "downstream: test device");
}

int mshv_downstream_set_attribute(int device_fd, uint32_t group,
				  uint64_t attribute, const void *value)
{
	struct device_attribute args = {
		.group = group, .attribute = attribute,
		.address = (uintptr_t)value,
	};

	return libmshv_ioctl0(device_fd, SET_ATTRIBUTE, &args,
			      "downstream: set attribute");
}

int mshv_downstream_has_attribute(int device_fd, uint32_t group,
				  uint64_t attribute)
{
	struct device_attribute args = { .group = group, .attribute = attribute };
	const struct mshv_error before = *mshv_last_error();
	int ret = libmshv_ioctl0(device_fd, HAS_ATTRIBUTE, &args,
				 "downstream: has attribute");

	if (ret != -ENOTTY)
		return ret;
	ret = libmshv_ioctl0(device_fd, HAS_ATTRIBUTE_6_18, &args,
			     "downstream: has attribute");
	if (!ret)
		libmshv_error_restore(&before);
	return ret;
}

int mshv_downstream_get_attribute(int device_fd, uint32_t group,
				  uint64_t attribute, void *value)
{
	struct device_attribute args = { .group = group, .attribute = attribute };
	int ret;

	if (!value)
		return libmshv_fail(EINVAL, "downstream: get attribute: NULL argument");
	ret = libmshv_ioctl0(device_fd, HAS_ATTRIBUTE, &args,
			     "downstream: get attribute");
	if (ret)
		return ret;
	args.address = (uintptr_t)value;
	return libmshv_ioctl0(device_fd, GET_ATTRIBUTE, &args,
			      "downstream: get attribute");
}

static int call_on_pages(int fd, uint32_t request, uint8_t kind,
			 const uint64_t *gfns, size_t count, const char *what)
{
	struct pages *pages;
	int ret;

	if (!gfns || !count || count > (SIZE_MAX - sizeof(*pages)) / sizeof(*gfns))
		return libmshv_fail(EINVAL, what);
	pages = calloc(1, sizeof(*pages) + count * sizeof(*gfns));
	if (!pages)
		return libmshv_fail(ENOMEM, what);
	pages->kind = kind;
	pages->count = count;
	memcpy(pages->gfns, gfns, count * sizeof(*gfns));
	ret = libmshv_ioctl0(fd, request, pages, what);
	free(pages);
	return ret;
}

int mshv_downstream_modify_host_access(int partition_fd, uint8_t flags,
				       const uint64_t *gfns, size_t count)
{
	return call_on_pages(partition_fd, MODIFY_ACCESS, flags, gfns, count,
			     "downstream: modify host access");
}

int mshv_downstream_import_pages(int partition_fd, uint8_t type,
				 const uint64_t *gfns, size_t count)
{
	return call_on_pages(partition_fd, IMPORT_PAGES, type, gfns, count,
			     "downstream: import pages");
}

int mshv_downstream_complete_import(int partition_fd,
	const union hv_partition_complete_isolated_import_data *data)
{
	if (!data)
		return libmshv_fail(EINVAL, "downstream: complete import: NULL argument");
	return libmshv_ioctl0(partition_fd, COMPLETE_IMPORT, data,
			      "downstream: complete import");
}

int mshv_downstream_psp_request(int partition_fd, uint64_t request_gpa,
				uint64_t response_gpa)
{
	struct two_words args = { request_gpa, response_gpa };

	return libmshv_ioctl0(partition_fd, PSP_REQUEST, &args,
			      "downstream: PSP request");
}

int mshv_downstream_ap_create(int partition_fd, uint64_t vp_index,
			      uint64_t vmsa_gpa)
{
	struct two_words args = { vp_index, vmsa_gpa };

	return libmshv_ioctl0(partition_fd, AP_CREATE, &args,
			      "downstream: AP create");
}

int mshv_downstream_translate_gva(int vp_fd, uint64_t gva, uint64_t flags,
				  uint64_t *result, uint64_t *gpa)
{
	uint64_t in_page = gva & (MSHV_HV_PAGE_SIZE - 1), found = 0, code = 0;
	struct translate_gva args = {
		.gva = gva, .flags = flags, .result = &code, .gpa = &found,
	};
	int ret;

	if (!result || !gpa)
		return libmshv_fail(EINVAL, "downstream: translate: NULL argument");
	ret = libmshv_ioctl0(vp_fd, TRANSLATE_GVA, &args, "downstream: translate");
	if (ret)
		return ret;
	/* On some processors the kernel leaves the offset out. */
	*gpa = (found & ~(uint64_t)(MSHV_HV_PAGE_SIZE - 1)) | in_page;
	*result = code;
	return 0;
}
