// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSHV_GET_VP_REGISTERS and MSHV_SET_VP_REGISTERS of a VTL: some registers are those
 * of the processor, the others are asked of the hypervisor.
 */
#include <stdio.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "mshv_test.h"
#include "x86/vtl.h"

#define MSR_MTRR_CAP		0xfe
#define MSR_MTRR_FIX64K		0x250
#define MSR_MTRR_DEF_TYPE	0x2ff

FIXTURE(registers) {
	struct env env;
	struct vtl vtl;
};

FIXTURE_SETUP(registers)
{
	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
}

MSHV_TEARDOWN(registers)

static int reg_ioctl(struct vtl *v, unsigned long request, struct hv_register_assoc *reg)
{
	struct mshv_vp_registers args = { .count = 1, .regs_ptr = (uintptr_t)reg };

	return mshv_ioctl(v->fd, request, &args);
}

static int get(struct vtl *v, uint32_t name, uint64_t *value)
{
	struct hv_register_assoc reg = { .name = name };
	int ret = reg_ioctl(v, MSHV_GET_VP_REGISTERS, &reg);

	*value = reg.value.reg64;
	return ret;
}

static int set(struct vtl *v, uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = { .name = name, .value.reg64 = value };

	return reg_ioctl(v, MSHV_SET_VP_REGISTERS, &reg);
}

TEST_F(registers, of_the_hypervisor)
{
	const uint32_t names[] = {
		HV_X64_REGISTER_RIP, HV_X64_REGISTER_RSP, HV_X64_REGISTER_CR0,
		HV_X64_REGISTER_CR8, HV_X64_REGISTER_EFER, HV_X64_REGISTER_DR7,
	};
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		OK(set(&self->vtl, names[i], 0x1234500 + i));
		OK(vtl_sim_register(self->vtl.ctl, 0, 0, names[i], &value, false));
		EXPECT_EQ(0x1234500 + i, value);
		value = 0x6789a00 + i;
		OK(vtl_sim_register(self->vtl.ctl, 0, 0, names[i], &value, true));
		OK(get(&self->vtl, names[i], &value));
		EXPECT_EQ(0x6789a00 + i, value);
	}
}

/* All 16 bytes. */
TEST_F(registers, wide)
{
	struct hv_register_assoc reg = { .name = HV_X64_REGISTER_CS };

	reg.value.reg128.low_part = 0x1122334455667788;
	reg.value.reg128.high_part = 0x99aabbccddeeff00;
	OK(reg_ioctl(&self->vtl, MSHV_SET_VP_REGISTERS, &reg));
	memset(&reg.value, 0, sizeof(reg.value));
	OK(reg_ioctl(&self->vtl, MSHV_GET_VP_REGISTERS, &reg));
	EXPECT_U64(0x1122334455667788, reg.value.reg128.low_part);
	EXPECT_EQ(0x99aabbccddeeff00, reg.value.reg128.high_part);
}

/* What the hypervisor is asked: one register, of VTL 0 of this VP. */
TEST_F(registers, hypercalls)
{
	struct hv_input_get_vp_registers *in;
	struct mshv_sim_record record;
	uint64_t value;

	OK(sim_record(self->vtl.ctl, MSHV_SIM_ANY_CODE, MSHV_SIM_ANY_PARTITION));
	OK(set(&self->vtl, HV_X64_REGISTER_RIP, 0x77));
	OK(get(&self->vtl, HV_X64_REGISTER_RIP, &value));

	OK(vtl_record(self->vtl.ctl, &record));
	EXPECT_EQ(HVCALL_SET_VP_REGISTERS | 1ull << 32, record.control);
	EXPECT_EQ(HV_STATUS_SUCCESS, record.status);
	EXPECT_U64(0, record.cpu);
	in = (void *)record.input;
	EXPECT_U64(HV_PARTITION_ID_SELF, in->partition_id);
	EXPECT_U64(HV_VP_INDEX_SELF, in->vp_index);
	EXPECT_EQ(0x10, in->input_vtl.as_uint8);

	OK(vtl_record(self->vtl.ctl, &record));
	EXPECT_EQ(HVCALL_GET_VP_REGISTERS | 1ull << 32, record.control);
	EXPECT_EQ(0x10, in->input_vtl.as_uint8);
	EXPECT_U64(HV_X64_REGISTER_RIP, in->names[0]);
	EXPECT_EQ(-ENODATA, vtl_record(self->vtl.ctl, &record));
}

/* Debug registers that the VTLs share are the processor's; nobody is asked. */
TEST_F(registers, debug)
{
	struct mshv_sim_record record;
	uint64_t value;
	uint32_t i;

	OK(sim_record(self->vtl.ctl, MSHV_SIM_ANY_CODE, MSHV_SIM_ANY_PARTITION));
	for (i = 0; i < 4; i++)
		OK(set(&self->vtl, HV_X64_REGISTER_DR0 + i, 0x7000 + i));
	/* Each processor has its own. */
	OK(vtl_bind(1));
	for (i = 0; i < 4; i++)
		OK(set(&self->vtl, HV_X64_REGISTER_DR0 + i, 0));
	OK(vtl_bind(0));
	for (i = 0; i < 4; i++) {
		OK(get(&self->vtl, HV_X64_REGISTER_DR0 + i, &value));
		EXPECT_EQ(0x7000 + i, value);
		OK(set(&self->vtl, HV_X64_REGISTER_DR0 + i, 0));
	}
	EXPECT_EQ(-ENODATA, vtl_record(self->vtl.ctl, &record));
}

TEST_F(registers, dr6)
{
	uint64_t value, theirs = 0xffff0ff0;

	OK(vtl_sim_register(self->vtl.ctl, 0, 0, HV_X64_REGISTER_DR6, &theirs, true));
	OK(set(&self->vtl, HV_X64_REGISTER_DR6, 0xffff0ff1));
	OK(get(&self->vtl, HV_X64_REGISTER_DR6, &value));
	EXPECT_EQ(0xffff0ff1, value);
	OK(vtl_sim_register(self->vtl.ctl, 0, 0, HV_X64_REGISTER_DR6, &theirs, false));
	EXPECT_EQ(self->vtl.caps.dr6_shared ? 0xffff0ff0 : 0xffff0ff1, theirs);
	OK(set(&self->vtl, HV_X64_REGISTER_DR6, 0xffff0ff0));
}

static uint64_t rdmsr(unsigned int msr)
{
	int fd = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
	uint64_t value = 0xdead;

	if (fd < 0)
		return 0xbad;
	if (pread(fd, &value, sizeof(value), msr) != sizeof(value))
		value = 0xdead;
	close(fd);
	return value;
}

TEST_F(registers, mtrr)
{
	struct mshv_sim_record record;
	uint64_t value, before;

	OK(sim_record(self->vtl.ctl, MSHV_SIM_ANY_CODE, MSHV_SIM_ANY_PARTITION));
	OK(get(&self->vtl, HV_X64_REGISTER_MSR_MTRR_CAP, &value));
	EXPECT_EQ(rdmsr(MSR_MTRR_CAP), value);
	OK(get(&self->vtl, HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, &value));
	EXPECT_EQ(rdmsr(MSR_MTRR_DEF_TYPE), value);
	before = rdmsr(MSR_MTRR_FIX64K);
	/* Write-back, from write-back: the kernel lives there. */
	OK(set(&self->vtl, HV_X64_REGISTER_MSR_MTRR_FIX64K00000, 0x0606060606060606));
	EXPECT_U64(0x0606060606060606, rdmsr(MSR_MTRR_FIX64K));
	OK(get(&self->vtl, HV_X64_REGISTER_MSR_MTRR_FIX64K00000, &value));
	EXPECT_U64(0x0606060606060606, value);
	OK(set(&self->vtl, HV_X64_REGISTER_MSR_MTRR_FIX64K00000, before));
	EXPECT_EQ(-ENODATA, vtl_record(self->vtl.ctl, &record));
}

/* Each MTRR that the driver knows, and the MSR behind it: TLFS and Intel SDM. */
TEST_F(registers, every_mtrr)
{
	static const struct {
		uint32_t name, msr, count, stride;
	} ranges[] = {
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 0x200, 8, 2 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, 0x201, 8, 2 },
		{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000, 0x250, 1, 1 },
		{ HV_X64_REGISTER_MSR_MTRR_FIX16K80000, 0x258, 1, 1 },
		{ HV_X64_REGISTER_MSR_MTRR_FIX16KA0000, 0x259, 1, 1 },
		{ HV_X64_REGISTER_MSR_MTRR_FIX4KC0000, 0x268, 8, 1 },
	};
	uint64_t value;
	uint32_t k;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (k = 0; k < ranges[i].count; k++) {
			OK(get(&self->vtl, ranges[i].name + k, &value));
			EXPECT_EQ(rdmsr(ranges[i].msr + k * ranges[i].stride), value);
		}
	}
}

TEST_F(registers, arguments)
{
	const unsigned long requests[] = { MSHV_GET_VP_REGISTERS, MSHV_SET_VP_REGISTERS };
	struct hv_register_assoc regs[2] = {
		{ .name = HV_X64_REGISTER_RIP }, { .name = HV_X64_REGISTER_RSP },
	};
	struct mshv_vp_registers args;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, requests[i], NULL));
		EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, requests[i], (void *)8));
		args = (struct mshv_vp_registers) { .count = 1, .regs_ptr = 8 };
		EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, requests[i], &args));
		args.regs_ptr = (uintptr_t)regs;
		args.count = 0;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->vtl.fd, requests[i], &args));
		args.count = 2;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->vtl.fd, requests[i], &args));
		args.count = 0xffffffff;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->vtl.fd, requests[i], &args));
		/* No such register. */
		regs[0].name = 0x12345678;
		args.count = 1;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->vtl.fd, requests[i], &args));
		regs[0].name = HV_X64_REGISTER_RIP;
	}
}

/* A value that can't be told. */
TEST_F(registers, get_to_read_only)
{
	struct hv_register_assoc *reg = PAGES(PAGE_BYTES);
	struct mshv_vp_registers args = { .count = 1, .regs_ptr = (uintptr_t)reg };

	reg->name = HV_X64_REGISTER_RIP;
	ASSERT_EQ(0, mprotect(reg, PAGE_BYTES, PROT_READ));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, MSHV_GET_VP_REGISTERS, &args));
	EXPECT_EQ(0, mshv_ioctl(self->vtl.fd, MSHV_SET_VP_REGISTERS, &args));
}

TEST_F(registers, reserved)
{
	struct hv_register_assoc reg = { .name = HV_X64_REGISTER_RIP };
	struct mshv_vp_registers args = {
		.count = 1, .reserved = 1, .regs_ptr = (uintptr_t)&reg,
	};
	int ret = mshv_ioctl(self->vtl.fd, MSHV_GET_VP_REGISTERS, &args);

	if (ret == -EINVAL)
		return;
	ASSERT_EQ(0, ret);
	DRIVER_DEFECT(return, "reserved fields of the VTL's ioctls are not looked at");
}

/* What the hypervisor refuses, in the kernel's words, of which 7.3 knows more. */
TEST_F(registers, status)
{
	static const struct {
		uint16_t status;
		int err, since_7_3;
	} table[] = {
		{ HV_STATUS_INVALID_HYPERCALL_INPUT, -EINVAL, -EINVAL },
		{ HV_STATUS_INVALID_PARAMETER, -EINVAL, -EINVAL },
		{ HV_STATUS_ACCESS_DENIED, -EIO, -EACCES },
		{ HV_STATUS_OPERATION_DENIED, -EIO, -EACCES },
		{ HV_STATUS_INSUFFICIENT_MEMORY, -ENOMEM, -ENOMEM },
		{ HV_STATUS_INVALID_VP_INDEX, -EINVAL, -EINVAL },
		{ HV_STATUS_INVALID_VP_STATE, -EIO, -EIO },
		{ HV_STATUS_INVALID_REGISTER_VALUE, -EINVAL, -EINVAL },
		{ 0x7fff, -EIO, -EIO },
	};
	bool is_7_3;
	uint64_t value;
	size_t i;

	OK(sim_fail_once(self->vtl.ctl, HVCALL_GET_VP_REGISTERS, 0, HV_STATUS_ACCESS_DENIED));
	is_7_3 = get(&self->vtl, HV_X64_REGISTER_RIP, &value) == -EACCES;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		int err = is_7_3 ? table[i].since_7_3 : table[i].err;

		OK(sim_fail_once(self->vtl.ctl, HVCALL_GET_VP_REGISTERS, 0, table[i].status));
		EXPECT_EQ(err, get(&self->vtl, HV_X64_REGISTER_RIP, &value));
		OK(sim_fail_once(self->vtl.ctl, HVCALL_SET_VP_REGISTERS, 0, table[i].status));
		EXPECT_EQ(err, set(&self->vtl, HV_X64_REGISTER_RIP, 1));
	}
	OK(set(&self->vtl, HV_X64_REGISTER_RIP, 2));
	OK(get(&self->vtl, HV_X64_REGISTER_RIP, &value));
	EXPECT_U64(2, value);
}

VTL_TEST_MAIN
