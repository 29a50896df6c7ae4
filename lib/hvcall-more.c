// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * More of the passthrough hypercalls: interrupts and events into the guest,
 * which pages it used, what CPUID tells it. See <mshv/ioctl.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>

#include "internal.h"

int mshv_hvcall_clear_virtual_interrupt(int fd)
{
	uint64_t partition_id = 0;

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "clear virtual interrupt",
		.code = HVCALL_CLEAR_VIRTUAL_INTERRUPT,
		.in = &partition_id,
		.in_size = sizeof(partition_id),
	});
}

int mshv_hvcall_signal_event_direct(int fd, uint32_t vp_index, uint8_t vtl,
				    uint8_t sint, uint16_t flag,
				    int *newly_signaled)
{
	struct hv_input_signal_event_direct in = {
		.target_vp = vp_index,
		.target_vtl = vtl,
		.target_sint = sint,
		.flag_number = flag,
	};
	struct hv_output_signal_event_direct out = { 0 };
	int ret;

	ret = libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "signal event",
		.code = HVCALL_SIGNAL_EVENT_DIRECT,
		.in = &in,
		.in_size = sizeof(in),
		.out = &out,
		.out_size = sizeof(out),
	});
	if (!ret && newly_signaled)
		*newly_signaled = !!out.newly_signaled;
	return ret;
}

int mshv_hvcall_post_message_direct(int fd, uint32_t vp_index, uint8_t vtl,
				    uint32_t sint, const void *message,
				    size_t size)
{
	struct hv_input_post_message_direct in = {
		.vp_index = vp_index,
		.vtl = vtl,
		.sint_index = sint,
	};

	if (!message || !size || size > sizeof(in.message))
		return libmshv_fail(EINVAL,
				    "post message: NULL message or size out of range");
	memcpy(in.message, message, size);

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "post message",
		.code = HVCALL_POST_MESSAGE_DIRECT,
		.in = &in,
		.in_size = sizeof(in),
	});
}

static int get_access_states(int fd, uint64_t flags, uint64_t gfn,
			     uint8_t *states, uint16_t count)
{
	struct hv_input_get_gpa_pages_access_state in = {
		.flags.as_uint64 = flags,
		.hv_gpa_page_number = gfn,
	};

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "get access states of pages",
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES,
		.reps = count,
		.in = &in,
		.in_size = sizeof(in),
		.out = states,
		.out_size = count,
		.once = flags,
	});
}

int mshv_hvcall_get_gpa_pages_access_states(int fd, uint64_t flags,
					    uint64_t gfn, uint8_t *states,
					    size_t count)
{
	size_t done;
	uint16_t n;
	int ret;

	if (!states && count)
		return libmshv_fail(EINVAL,
				    "get access states of pages: NULL argument");

	for (done = 0; done < count; done += n) {
		n = libmshv_batch_size(count - done, LIBMSHV_GET_GPA_PAGES_MAX);
		ret = get_access_states(fd, flags, gfn + done, states + done, n);
		if (ret)
			return libmshv_batch_failed(ret, done);
	}
	return 0;
}

#if defined(__x86_64__)

_Static_assert(sizeof(struct hv_input_get_vp_cpuid_values) +
	       sizeof(struct hv_cpuid_leaf_info) * LIBMSHV_GET_CPUID_MAX <=
	       HV_HYP_PAGE_SIZE, "leaves don't fit a page");

static int get_cpuid(int fd, uint32_t vp_index, uint32_t flags,
		     const struct hv_cpuid_leaf_info *leaves,
		     union hv_output_get_vp_cpuid_values *results,
		     uint16_t count)
{
	union {
		struct hv_input_get_vp_cpuid_values in;
		uint8_t space[HV_HYP_PAGE_SIZE];
	} u;

	u.in = (struct hv_input_get_vp_cpuid_values) {
		.vp_index = vp_index,
		.flags.as_uint32 = flags,
	};
	memcpy(u.space + sizeof(u.in), leaves, count * sizeof(*leaves));

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "get CPUID values",
		.code = HVCALL_GET_VP_CPUID_VALUES,
		.reps = count,
		.in = &u,
		.in_size = sizeof(u.in) + count * sizeof(*leaves),
		.out = results,
		.out_size = count * sizeof(*results),
	});
}

#else

static int get_cpuid(int fd, uint32_t vp_index, uint32_t flags,
		     const struct hv_cpuid_leaf_info *leaves,
		     union hv_output_get_vp_cpuid_values *results,
		     uint16_t count)
{
	(void)fd;
	(void)vp_index;
	(void)flags;
	(void)leaves;
	(void)results;
	(void)count;
	return libmshv_fail(EOPNOTSUPP, "get CPUID values: x86_64 only");
}

#endif

int mshv_hvcall_get_vp_cpuid_values(int fd, uint32_t vp_index, uint32_t flags,
				    const struct hv_cpuid_leaf_info *leaves,
				    union hv_output_get_vp_cpuid_values *results,
				    size_t count)
{
	size_t done;
	uint16_t n;
	int ret;

	if ((!leaves || !results) && count)
		return libmshv_fail(EINVAL, "get CPUID values: NULL argument");

	for (done = 0; done < count; done += n) {
		n = libmshv_batch_size(count - done, LIBMSHV_GET_CPUID_MAX);
		ret = get_cpuid(fd, vp_index, flags, leaves + done,
				results + done, n);
		if (ret)
			return libmshv_batch_failed(ret, done);
	}
	return 0;
}
