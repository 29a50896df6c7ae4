// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mshv_ops.h"

/* Registers that fit into one page of hypercall input, with its header. */
#define SET_MAX	((PAGE_BYTES - sizeof(struct hv_input_set_vp_registers)) / \
		 sizeof(struct hv_register_assoc))
#define GET_MAX	256

int mshv_ioctl(int fd, unsigned long request, const void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int dev_open(void)
{
	int fd = open("/dev/mshv", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int partition_create(int dev, uint64_t pt_flags)
{
	struct mshv_create_partition args = {
		.pt_flags = pt_flags,
		.pt_isolation = MSHV_PT_ISOLATION_NONE,
	};

	return mshv_ioctl(dev, MSHV_CREATE_PARTITION, &args);
}

int partition_create_v2(int dev, const struct mshv_create_partition_v2 *args)
{
	/* The number of the ioctl stays that of the first version. */
	return mshv_ioctl(dev, MSHV_CREATE_PARTITION, args);
}

int partition_initialize(int pt)
{
	return mshv_ioctl(pt, MSHV_INITIALIZE_PARTITION, NULL);
}

int memory_map(int pt, uint64_t gpa, const void *host, uint64_t bytes,
	       unsigned int flags)
{
	struct mshv_user_mem_region args = {
		.size = bytes,
		.guest_pfn = gpa / PAGE_BYTES,
		.userspace_addr = (uintptr_t)host,
		.flags = flags,
	};

	return mshv_ioctl(pt, MSHV_SET_GUEST_MEMORY, &args);
}

int memory_unmap(int pt, uint64_t gpa, const void *host, uint64_t bytes)
{
	return memory_map(pt, gpa, host, bytes, MEM_UNMAP);
}

int vp_create(int pt, uint32_t vp_index)
{
	struct mshv_create_vp args = { .vp_index = vp_index };

	return mshv_ioctl(pt, MSHV_CREATE_VP, &args);
}

int route_one(int pt, uint32_t gsi, uint32_t address_lo, uint32_t data)
{
	WITH_ARRAY(struct mshv_user_irq_table, entries, 1) args = { .head.nr = 1 };

	args.head.entries[0] = (struct mshv_user_irq_entry) {
		.gsi = gsi, .address_lo = address_lo, .data = data,
	};
	return mshv_ioctl(pt, MSHV_SET_MSI_ROUTING, &args);
}

int vp_run(int vp, struct hv_message *message)
{
	struct mshv_run_vp args;
	int ret;

	_Static_assert(sizeof(*message) == sizeof(args), "size of a message");
	/* What the kernel does not write must not look like a message. */
	memset(&args, 0xa5, sizeof(args));
	ret = mshv_ioctl(vp, MSHV_RUN_VP, &args);
	memcpy(message, &args, sizeof(args));
	return ret;
}

void *vp_state_page(int vp, unsigned int offset, int prot)
{
	long page = sysconf(_SC_PAGESIZE);

	return mmap(NULL, page, prot, MAP_SHARED, vp, offset * page);
}

int vp_state(int vp, unsigned long request, unsigned int type, void *buf, uint32_t *bytes)
{
	struct mshv_get_set_vp_state args = {
		.type = type,
		.buf_sz = *bytes,
		.buf_ptr = (uintptr_t)buf,
	};
	int ret = mshv_ioctl(vp, request, &args);

	*bytes = args.buf_sz;
	return ret;
}

int vp_get_state(int vp, unsigned int type, void *page)
{
	uint32_t bytes = PAGE_BYTES;

	return vp_state(vp, MSHV_GET_VP_STATE, type, page, &bytes);
}

int vp_set_state(int vp, unsigned int type, void *page)
{
	uint32_t bytes = PAGE_BYTES;

	return vp_state(vp, MSHV_SET_VP_STATE, type, page, &bytes);
}

int hvcall(int fd, struct hvcall *call)
{
	struct mshv_root_hvcall args = {
		.code = call->code,
		.reps = call->reps,
		.in_sz = call->in_bytes,
		.out_sz = call->out_bytes,
		.in_ptr = (uintptr_t)call->in,
		.out_ptr = (uintptr_t)call->out,
	};
	int ret = mshv_ioctl(fd, MSHV_ROOT_HVCALL, &args);

	call->status = args.status;
	call->reps_done = args.reps;
	return ret;
}

int vp_get_registers(int fd, uint32_t vp_index, const uint32_t *names,
		     union hv_register_value *values, unsigned int count)
{
	uint64_t in[PAGE_BYTES / sizeof(uint64_t)] = { 0 };
	struct hv_input_get_vp_registers *input = (void *)in;
	struct hvcall call = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = count,
		.in_bytes = sizeof(*input) + count * sizeof(names[0]),
		.out_bytes = count * sizeof(values[0]),
		.in = in,
		.out = values,
	};

	if (count > GET_MAX)
		return -E2BIG;
	input->vp_index = vp_index;
	memcpy(input->names, names, count * sizeof(names[0]));
	return hvcall(fd, &call);
}

int vp_set_registers(int fd, uint32_t vp_index,
		     const struct hv_register_assoc *regs, unsigned int count)
{
	uint64_t in[PAGE_BYTES / sizeof(uint64_t)] = { 0 };
	struct hv_input_set_vp_registers *input = (void *)in;
	struct hvcall call = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = count,
		.in_bytes = sizeof(*input) + count * sizeof(regs[0]),
		.in = in,
	};

	if (count > SET_MAX)
		return -E2BIG;
	input->vp_index = vp_index;
	memcpy(input->elements, regs, count * sizeof(regs[0]));
	return hvcall(fd, &call);
}

int vp_get_reg64(int fd, uint32_t vp_index, uint32_t name, uint64_t *value)
{
	union hv_register_value reg;
	int ret = vp_get_registers(fd, vp_index, &name, &reg, 1);

	if (!ret)
		*value = reg.reg64;
	return ret;
}

int vp_set_reg64(int fd, uint32_t vp_index, uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.reg64 = value;
	return vp_set_registers(fd, vp_index, &reg, 1);
}

int partition_get_property(int fd, uint32_t code, uint64_t *value)
{
	struct hv_input_get_partition_property in = { .property_code = code };
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in_bytes = sizeof(in),
		.out_bytes = sizeof(*value),
		.in = &in,
		.out = value,
	};

	return hvcall(fd, &call);
}

static int set_property(int pt, uint32_t code, uint64_t value, struct hvcall *call)
{
	struct hv_input_set_partition_property in = {
		.property_code = code,
		.property_value = value,
	};

	*call = (struct hvcall){
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in_bytes = sizeof(in),
		.in = &in,
	};
	return hvcall(pt, call);
}

int partition_set_property(int pt, uint32_t code, uint64_t value)
{
	struct hvcall call;

	return set_property(pt, code, value, &call);
}

int partition_set_property_status(int pt, uint32_t code, uint64_t value)
{
	struct hvcall call;
	int ret = set_property(pt, code, value, &call);

	return call.status ? call.status : ret;
}

int partition_install_intercept(int pt, uint32_t type, uint32_t access,
				uint64_t parameter)
{
	struct hv_input_install_intercept in = {
		.access_type = access,
		.intercept_type = type,
	};
	struct hvcall call = {
		.code = HVCALL_INSTALL_INTERCEPT,
		.in_bytes = sizeof(in),
		.in = &in,
	};

	in.intercept_parameter.as_uint64 = parameter;
	return hvcall(pt, &call);
}

void *pages_alloc(uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}
