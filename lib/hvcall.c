// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Typed passthrough hypercalls. See <mshv/ioctl.h>.
 *
 * The kernel overwrites the first 8 bytes of every input with the partition
 * id, copies the output (before Linux 6.18 even if the hypercall failed), and
 * repeats a rep hypercall until all elements are done.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>

#include "internal.h"

/* 16 MiB; a hypervisor that wants more for one call won't stop. */
#define DEPOSITS_MAX	4096

/*
 * Before Linux 6.18, a kernel whose hypervisor runs out of memory gives it a
 * page and leaves it to us to make the call again.
 */
static bool again(const struct libmshv_call *call, int ret,
		  const struct mshv_root_hvcall *args)
{
	return ret == -EAGAIN && args->status == HV_STATUS_INSUFFICIENT_MEMORY &&
	       !(call->once && args->reps);
}

int libmshv_hvcall(int fd, const struct libmshv_call *call)
{
	const struct mshv_error before = *mshv_last_error();
	unsigned int deposits = 0;
	struct mshv_root_hvcall args;
	int ret;

	do {
		args = (struct mshv_root_hvcall) {
			.code = call->code,
			.reps = call->reps,
			.in_sz = (uint16_t)call->in_size,
			.out_sz = (uint16_t)call->out_size,
			.in_ptr = (uintptr_t)call->in,
			.out_ptr = (uintptr_t)call->out,
		};
		ret = mshv_ioctl_root_hvcall(fd, &args);
	} while (again(call, ret, &args) && ++deposits < DEPOSITS_MAX);

	if (ret) {
		libmshv_error_set_what(call->what);
		return ret;
	}
	/* A success that isn't one. Its status is not to be taken for a refusal. */
	if (args.reps != call->reps || args.status) {
		ret = libmshv_fail_ioctl(EPROTO, MSHV_ROOT_HVCALL, call->what);
		libmshv_error_set_hvcall(call->code, HV_STATUS_SUCCESS);
		if (args.reps < call->reps)
			libmshv_error_set_index(args.reps);
	} else if (deposits) {
		/* The first attempts were no failures of this call. */
		libmshv_error_restore(&before);
	}
	return ret;
}

int mshv_hvcall_get_partition_property(int fd, uint32_t code, uint64_t *value)
{
	struct hv_input_get_partition_property in = { .property_code = code };
	struct hv_output_get_partition_property out = { 0 };
	int ret;

	if (!value)
		return libmshv_fail(EINVAL, "get property: NULL argument");

	ret = libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "get partition property",
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in = &in,
		.in_size = sizeof(in),
		.out = &out,
		.out_size = sizeof(out),
	});
	if (!ret)
		*value = out.property_value;
	return ret;
}

int mshv_hvcall_set_partition_property(int partition_fd, uint32_t code,
				       uint64_t value)
{
	struct hv_input_set_partition_property in = {
		.property_code = code,
		.property_value = value,
	};

	return libmshv_hvcall(partition_fd, &(struct libmshv_call) {
		.what = "set partition property",
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in,
		.in_size = sizeof(in),
	});
}

int mshv_hvcall_get_partition_property_ex(int fd, uint32_t code, uint64_t arg,
					  void *buf, size_t size)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = code,
		.arg = arg,
	};

	if (!buf || !size || size > HV_PARTITION_PROPERTY_EX_MAX_VAR_SIZE)
		return libmshv_fail(EINVAL,
				    "get property: NULL buffer or size out of range");

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "get partition property (ex)",
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in = &in,
		.in_size = sizeof(in),
		.out = buf,
		.out_size = size,
	});
}

int mshv_hvcall_install_intercept(int fd, uint32_t access, uint32_t type,
				  uint64_t parameter)
{
	struct hv_input_install_intercept in = {
		.access_type = access,
		.intercept_type = type,
		.intercept_parameter.as_uint64 = parameter,
	};

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "install intercept",
		.code = HVCALL_INSTALL_INTERCEPT,
		.in = &in,
		.in_size = sizeof(in),
	});
}

_Static_assert(sizeof(union hv_register_value) * LIBMSHV_GET_REGISTERS_MAX <=
	       HV_HYP_PAGE_SIZE, "register values don't fit a page");
_Static_assert(sizeof(struct hv_input_set_vp_registers) +
	       sizeof(struct hv_register_assoc) * LIBMSHV_SET_REGISTERS_MAX <=
	       HV_HYP_PAGE_SIZE, "registers don't fit a page");

static int get_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
			 struct hv_register_assoc *registers, uint16_t count)
{
	union hv_register_value values[LIBMSHV_GET_REGISTERS_MAX];
	union {
		struct hv_input_get_vp_registers in;
		uint8_t space[sizeof(struct hv_input_get_vp_registers) +
			      sizeof(uint32_t) * LIBMSHV_GET_REGISTERS_MAX];
	} u;
	uint16_t i;
	int ret;

	u.in = (struct hv_input_get_vp_registers) {
		.vp_index = vp_index,
		.input_vtl.as_uint8 = input_vtl,
	};
	for (i = 0; i < count; i++)
		u.in.names[i] = registers[i].name;

	ret = libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "get VP registers",
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = count,
		.in = &u,
		.in_size = sizeof(u.in) + count * sizeof(uint32_t),
		.out = values,
		.out_size = count * sizeof(values[0]),
	});
	if (ret)
		return ret;

	for (i = 0; i < count; i++)
		registers[i].value = values[i];
	return 0;
}

static int set_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
			 const struct hv_register_assoc *registers,
			 uint16_t count)
{
	union {
		struct hv_input_set_vp_registers in;
		uint8_t space[HV_HYP_PAGE_SIZE];
	} u;

	u.in = (struct hv_input_set_vp_registers) {
		.vp_index = vp_index,
		.input_vtl.as_uint8 = input_vtl,
	};
	memcpy(u.space + sizeof(u.in), registers, count * sizeof(*registers));

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "set VP registers",
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = count,
		.in = &u,
		.in_size = sizeof(u.in) + count * sizeof(*registers),
	});
}

/* Make the index of a failing element one of the whole list. */
int libmshv_batch_failed(int ret, size_t done)
{
	uint32_t index = mshv_last_error()->index;

	if (index != LIBMSHV_INDEX_NONE)
		libmshv_error_set_index(done + index);
	return ret;
}

uint16_t libmshv_batch_size(size_t left, size_t max)
{
	return (uint16_t)(left < max ? left : max);
}

int mshv_hvcall_get_vp_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
				 struct hv_register_assoc *registers,
				 size_t count)
{
	size_t done;
	uint16_t n;
	int ret;

	if (!registers && count)
		return libmshv_fail(EINVAL, "get VP registers: NULL argument");

	for (done = 0; done < count; done += n) {
		n = libmshv_batch_size(count - done, LIBMSHV_GET_REGISTERS_MAX);
		ret = get_registers(fd, vp_index, input_vtl, registers + done,
				    n);
		if (ret)
			return libmshv_batch_failed(ret, done);
	}
	return 0;
}

int mshv_hvcall_set_vp_registers(int fd, uint32_t vp_index, uint8_t input_vtl,
				 const struct hv_register_assoc *registers,
				 size_t count)
{
	size_t done;
	uint16_t n;
	int ret;

	if (!registers && count)
		return libmshv_fail(EINVAL, "set VP registers: NULL argument");

	for (done = 0; done < count; done += n) {
		n = libmshv_batch_size(count - done, LIBMSHV_SET_REGISTERS_MAX);
		ret = set_registers(fd, vp_index, input_vtl, registers + done,
				    n);
		if (ret)
			return libmshv_batch_failed(ret, done);
	}
	return 0;
}

int mshv_hvcall_translate_virtual_address(int fd, uint32_t vp_index,
					  uint64_t control_flags, uint64_t gva,
					  uint64_t *result, uint64_t *gpa)
{
	struct hv_input_translate_virtual_address in = {
		.vp_index = vp_index,
		.control_flags = control_flags,
		.gva_page = gva >> HV_HYP_PAGE_SHIFT,
	};
	struct hv_output_translate_virtual_address out = { 0 };
	int ret;

	if (!result || !gpa)
		return libmshv_fail(EINVAL, "translate: NULL argument");

	ret = libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "translate virtual address",
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
		.in = &in,
		.in_size = sizeof(in),
		.out = &out,
		.out_size = sizeof(out),
	});
	if (ret)
		return ret;

	*result = out.translation_result.as_uint64;
	*gpa = out.gpa_page << HV_HYP_PAGE_SHIFT |
	       (gva & (HV_HYP_PAGE_SIZE - 1));
	return 0;
}

int mshv_hvcall_assert_virtual_interrupt(int fd, uint64_t control,
					 uint64_t dest_addr, uint32_t vector,
					 uint8_t target_vtl)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.as_uint64 = control,
		.dest_addr = dest_addr,
		.vector = vector,
		.target_vtl = target_vtl,
	};

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = "assert virtual interrupt",
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in = &in,
		.in_size = sizeof(in),
	});
}

#if defined(__x86_64__)

static int register_result(int fd, uint32_t vp_index, uint32_t type,
			   const union hv_register_intercept_result_parameters *parameters,
			   const char *what)
{
	const struct hv_input_register_intercept_result in = {
		.vp_index = vp_index,
		.intercept_type = type,
		.parameters = *parameters,
	};

	return libmshv_hvcall(fd, &(struct libmshv_call) {
		.what = what,
		.code = HVCALL_REGISTER_INTERCEPT_RESULT,
		.in = &in,
		.in_size = sizeof(in),
	});
}

int mshv_hvcall_register_intercept_result_cpuid(int fd, uint32_t vp_index,
	const struct hv_register_x64_cpuid_result_parameters *parameters)
{
	union hv_register_intercept_result_parameters u;

	if (!parameters)
		return libmshv_fail(EINVAL, "register CPUID result: NULL argument");
	memset(&u, 0, sizeof(u));
	u.cpuid = *parameters;
	return register_result(fd, vp_index, HV_INTERCEPT_TYPE_X64_CPUID, &u,
			       "register CPUID result");
}

int mshv_hvcall_register_intercept_result_msr(int fd, uint32_t vp_index,
	const struct hv_register_x64_msr_result_parameters *parameters)
{
	union hv_register_intercept_result_parameters u;

	if (!parameters)
		return libmshv_fail(EINVAL, "register MSR result: NULL argument");
	/* The rest of the larger one goes to the hypervisor as well. */
	memset(&u, 0, sizeof(u));
	u.msr = *parameters;
	return register_result(fd, vp_index, HV_INTERCEPT_TYPE_X64_MSR, &u,
			       "register MSR result");
}

#else

static int no_result(const void *parameters)
{
	if (!parameters)
		return libmshv_fail(EINVAL,
				    "register intercept result: NULL argument");
	return libmshv_fail(EOPNOTSUPP,
			    "register intercept result: x86_64 only");
}

int mshv_hvcall_register_intercept_result_cpuid(int fd, uint32_t vp_index,
	const struct hv_register_x64_cpuid_result_parameters *parameters)
{
	(void)fd;
	(void)vp_index;
	return no_result(parameters);
}

int mshv_hvcall_register_intercept_result_msr(int fd, uint32_t vp_index,
	const struct hv_register_x64_msr_result_parameters *parameters)
{
	(void)fd;
	(void)vp_index;
	return no_result(parameters);
}

#endif
