// SPDX-License-Identifier: GPL-2.0-only
/* /dev/mshv_hvcall: hypercalls of user space in VTL 2, as far as it was allowed. */
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "injection.h"
#include "mshv_test.h"
#include "x86/vtl.h"

/* A code that only answers what the test has the simulator say. */
#define CODE	HVCALL_ASSERT_VIRTUAL_INTERRUPT

FIXTURE(gate) {
	struct env env;
	struct vtl vtl;
	int fd;
	uint8_t bitmap[8192];
};

FIXTURE_SETUP(gate)
{
	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
	self->fd = open(HVCALL_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	memset(self->bitmap, 0, sizeof(self->bitmap));
}

MSHV_TEARDOWN(gate)

static int setup_gate(int fd, const void *bitmap, uint64_t bytes)
{
	struct mshv_vtl_hvcall_setup args = {
		.bitmap_array_size = bytes, .allow_bitmap_ptr = (uintptr_t)bitmap,
	};

	return mshv_ioctl(fd, MSHV_HVCALL_SETUP, &args);
}

static void allow(uint8_t *bitmap, unsigned int code)
{
	bitmap[code / 8] |= 1 << code % 8;
}

static int call(int fd, uint64_t control, const void *in, size_t in_bytes, void *out,
		size_t out_bytes, uint64_t *status)
{
	struct mshv_vtl_hvcall args = {
		.control = control,
		.input_size = in_bytes, .input_ptr = (uintptr_t)in,
		.output_size = out_bytes, .output_ptr = (uintptr_t)out,
		.status = 0xdead,
	};
	int ret = mshv_ioctl(fd, MSHV_HVCALL, &args);

	if (status)
		*status = args.status;
	return ret;
}

static int answer(int ctl, uint16_t code, uint16_t status, uint16_t reps, const char *output)
{
	struct mshv_sim_vtl_answer a = {
		.size = sizeof(a), .code = code, .status = status, .reps = reps,
		.bytes = strlen(output),
	};

	memcpy(a.output, output, a.bytes);
	return sim_ioctl(ctl, MSHV_SIM_VTL_ANSWER, &a);
}

/* The same, with the first @bytes of the input. */
static int answer_echo(int ctl, uint16_t code, uint32_t bytes)
{
	struct mshv_sim_vtl_answer a = {
		.size = sizeof(a), .code = code, .flags = MSHV_SIM_VTL_ECHO, .bytes = bytes,
	};

	return sim_ioctl(ctl, MSHV_SIM_VTL_ANSWER, &a);
}

/* root, but for one capability */
static int drop_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

TEST_F(gate, capability)
{
	OK(drop_sys_admin());
	EXPECT_EQ(-1, open(HVCALL_DEVICE, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, open(LOW_DEVICE, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(EPERM, errno);
	/* Who has got the file may use it. */
	EXPECT_EQ(0, setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
}

TEST_F(gate, nothing_is_allowed_at_first)
{
	struct mshv_sim_record record;
	uint8_t in[16] = "";

	OK(sim_record(self->vtl.ctl, MSHV_SIM_ANY_CODE, MSHV_SIM_ANY_PARTITION));
	EXPECT_EQ(-EPERM, call(self->fd, CODE, in, 16, NULL, 0, NULL));
	OK(setup_gate(self->fd, NULL, 0));
	EXPECT_EQ(-EPERM, call(self->fd, CODE, in, 16, NULL, 0, NULL));
	EXPECT_EQ(-ENODATA, vtl_record(self->vtl.ctl, &record));
}

TEST_F(gate, one_code)
{
	uint64_t status;
	uint8_t in[16] = "";

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer(self->vtl.ctl, CODE, 0, 0, ""));
	EXPECT_EQ(0, call(self->fd, CODE, in, 16, NULL, 0, &status));
	EXPECT_U64(HV_STATUS_SUCCESS, status);
	EXPECT_EQ(-EPERM, call(self->fd, CODE - 1, in, 16, NULL, 0, NULL));
	EXPECT_EQ(-EPERM, call(self->fd, CODE + 1, in, 16, NULL, 0, NULL));
	EXPECT_EQ(-EPERM, call(self->fd, CODE ^ 0x8000, in, 16, NULL, 0, NULL));
	/* The code is 16 bits of the control word. */
	EXPECT_EQ(0, call(self->fd, CODE | 1ull << 32, in, 16, NULL, 0, &status));
}

TEST_F(gate, first_and_last_code)
{
	uint64_t status;

	allow(self->bitmap, 0);
	allow(self->bitmap, 0xffff);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	EXPECT_EQ(0, call(self->fd, 0, NULL, 0, NULL, 0, &status));
	EXPECT_U64(HV_STATUS_INVALID_HYPERCALL_CODE, status);
	EXPECT_EQ(0, call(self->fd, 0xffff, NULL, 0, NULL, 0, &status));
	EXPECT_U64(HV_STATUS_INVALID_HYPERCALL_CODE, status);
	EXPECT_EQ(-EPERM, call(self->fd, 1, NULL, 0, NULL, 0, NULL));
	EXPECT_EQ(-EPERM, call(self->fd, 0xfffe, NULL, 0, NULL, 0, NULL));
}

/* What a short bitmap does not reach is forbidden. */
TEST_F(gate, short_bitmap)
{
	memset(self->bitmap, 0xff, sizeof(self->bitmap));
	OK(setup_gate(self->fd, self->bitmap, 1));
	EXPECT_EQ(0, call(self->fd, 7, NULL, 0, NULL, 0, NULL));
	EXPECT_EQ(-EPERM, call(self->fd, 8, NULL, 0, NULL, 0, NULL));
}

/* Once for each file, and for no other. */
TEST_F(gate, set_up_once)
{
	int other = open(HVCALL_DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, other);
	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	allow(self->bitmap, CODE + 1);
	EXPECT_EQ(-EINVAL, setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	EXPECT_EQ(-EPERM, call(self->fd, CODE + 1, NULL, 0, NULL, 0, NULL));
	EXPECT_EQ(-EPERM, call(other, CODE, NULL, 0, NULL, 0, NULL));
	OK(setup_gate(other, self->bitmap, sizeof(self->bitmap)));
	EXPECT_EQ(0, call(other, CODE + 1, NULL, 0, NULL, 0, NULL));
}

TEST_F(gate, setup_arguments)
{
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_HVCALL_SETUP, NULL));
	EXPECT_EQ(-EINVAL, setup_gate(self->fd, self->bitmap, sizeof(self->bitmap) + 1));
	EXPECT_EQ(-EINVAL, setup_gate(self->fd, self->bitmap, ~0ull));
	EXPECT_EQ(-EFAULT, setup_gate(self->fd, (void *)8, 16));
	/* None of them counts as the one time. */
	EXPECT_EQ(0, setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
}

/* A bitmap of which a part can't be read allows nothing. */
TEST_F(gate, setup_half_readable)
{
	uint8_t *pages = PAGES(2 * PAGE_BYTES);

	memset(pages, 0xff, PAGE_BYTES);
	ASSERT_EQ(0, mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_NONE));
	ASSERT_EQ(-EFAULT, setup_gate(self->fd, pages, 8192));
	if (call(self->fd, 0, NULL, 0, NULL, 0, NULL) == -EPERM)
		return;
	DRIVER_DEFECT(return, "a setup that fails allows what it had read");
}

TEST_F(gate, input_and_output)
{
	char in[256], out[256];
	uint64_t status;
	size_t i;

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer_echo(self->vtl.ctl, CODE, sizeof(in)));
	for (i = 0; i < sizeof(in); i++)
		in[i] = i ^ 0x55;
	memset(out, 0xee, sizeof(out));
	ASSERT_EQ(0, call(self->fd, CODE, in, sizeof(in), out, sizeof(out), &status));
	EXPECT_U64(0, status);
	EXPECT_EQ(0, memcmp(in, out, sizeof(in)));

	/* No more than was asked for; and what was not written is zero. */
	OK(answer(self->vtl.ctl, CODE, 0, 0, "abcdef"));
	memset(out, 0xee, sizeof(out));
	ASSERT_EQ(0, call(self->fd, CODE, in, 8, out, 4, &status));
	EXPECT_EQ(0, memcmp("abcd\xee", out, 5));
	memset(out, 0xee, sizeof(out));
	ASSERT_EQ(0, call(self->fd, CODE, in, 8, out, 16, &status));
	EXPECT_EQ(0, memcmp("abcdef\0\0\0\0\0\0\0\0\0\0\xee", out, 17));
}

/* The hypervisor's result as it is; the system call has not failed. */
TEST_F(gate, status)
{
	uint64_t status;

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer(self->vtl.ctl, CODE, HV_STATUS_TIME_OUT, 3, ""));
	EXPECT_EQ(0, call(self->fd, CODE | 5ull << 32, NULL, 0, NULL, 0, &status));
	EXPECT_EQ(HV_STATUS_TIME_OUT | 3ull << 32, status);
}

/* As OpenHCL does it: registers of VTL 0, several in one call. */
TEST_F(gate, registers)
{
	WITH_ARRAY(struct hv_input_set_vp_registers, elements, 2) set = {
		.head = {
			.partition_id = HV_PARTITION_ID_SELF, .vp_index = HV_VP_INDEX_SELF,
			.input_vtl.as_uint8 = 0x10,
		},
	};
	WITH_ARRAY(struct hv_input_get_vp_registers, names, 2) get = {
		.head = {
			.partition_id = HV_PARTITION_ID_SELF, .vp_index = HV_VP_INDEX_SELF,
			.input_vtl.as_uint8 = 0x10,
		},
	};
	union hv_register_value values[2];
	struct hv_register_assoc reg = { .name = HV_X64_REGISTER_RIP };
	struct mshv_vp_registers args = { .count = 1, .regs_ptr = (uintptr_t)&reg };
	uint64_t status;

	set.head.elements[0] = (struct hv_register_assoc) {
		.name = HV_X64_REGISTER_RIP, .value.reg64 = 0x1111,
	};
	set.head.elements[1] = (struct hv_register_assoc) {
		.name = HV_X64_REGISTER_RSP, .value.reg64 = 0x2222,
	};
	get.head.names[0] = HV_X64_REGISTER_RSP;
	get.head.names[1] = HV_X64_REGISTER_RIP;
	allow(self->bitmap, HVCALL_GET_VP_REGISTERS);
	allow(self->bitmap, HVCALL_SET_VP_REGISTERS);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(call(self->fd, HVCALL_SET_VP_REGISTERS | 2ull << 32, &set, sizeof(set), NULL, 0, &status));
	EXPECT_EQ(2ull << 32, status);
	OK(call(self->fd, HVCALL_GET_VP_REGISTERS | 2ull << 32, &get, sizeof(get), values,
		sizeof(values), &status));
	EXPECT_EQ(2ull << 32, status);
	EXPECT_U64(0x2222, values[0].reg64);
	EXPECT_U64(0x1111, values[1].reg64);
	/* The other way to them. */
	OK(mshv_ioctl(self->vtl.fd, MSHV_GET_VP_REGISTERS, &args));
	EXPECT_U64(0x1111, reg.value.reg64);
}

TEST_F(gate, sizes)
{
	uint8_t *page = PAGES(2 * PAGE_BYTES);

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer(self->vtl.ctl, CODE, 0, 0, ""));
	memset(page, 0xee, 2 * PAGE_BYTES);
	EXPECT_EQ(0, call(self->fd, CODE, page, PAGE_BYTES, page, PAGE_BYTES, NULL));
	EXPECT_EQ(0, page[PAGE_BYTES - 1]);
	EXPECT_EQ(0xee, page[PAGE_BYTES]);
	EXPECT_EQ(-EINVAL, call(self->fd, CODE, page, PAGE_BYTES + 1, page, 8, NULL));
	EXPECT_EQ(-EINVAL, call(self->fd, CODE, page, 8, page, PAGE_BYTES + 1, NULL));
	EXPECT_EQ(-EINVAL, call(self->fd, CODE, page, ~0ull, page, 8, NULL));
}

TEST_F(gate, pointers)
{
	struct mshv_vtl_hvcall *args = PAGES(PAGE_BYTES);
	struct mshv_sim_record record;
	char data[16] = "";

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer(self->vtl.ctl, CODE, 0, 0, ""));
	OK(sim_record(self->vtl.ctl, CODE, MSHV_SIM_ANY_PARTITION));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_HVCALL, NULL));
	EXPECT_EQ(-EFAULT, call(self->fd, CODE, (void *)8, 16, data, 16, NULL));
	EXPECT_EQ(-ENODATA, vtl_record(self->vtl.ctl, &record));
	EXPECT_EQ(-EFAULT, call(self->fd, CODE, data, 16, (void *)8, 16, NULL));
	/* The status can't be told. */
	args->control = CODE;
	ASSERT_EQ(0, mprotect(args, PAGE_BYTES, PROT_READ));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_HVCALL, args));
}

static int call_gate(void *fd)
{
	char in[16] = "", out[16];

	return call(*(int *)fd, CODE, in, sizeof(in), out, sizeof(out), NULL);
}

/* Each allocation and user copy fails once; nothing else goes wrong. */
TEST_F(gate, call_fail_nth)
{
	int nth_fd = injection_open(), nth, ret, failures = 0;
	bool left = false;

	if (nth_fd == -ENOENT)
		SKIP(return, "needs FAILSLAB, FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY");
	OK(nth_fd);
	self->env.memory_fails = true;
	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer(self->vtl.ctl, CODE, 0, 0, ""));
	for (nth = 1; nth < 200; nth++) {
		ret = injection_try(nth_fd, nth, call_gate, &self->fd, &left);
		if (left)
			break;
		EXPECT_TRUE(!ret || ret == -ENOMEM || ret == -EFAULT);
		failures += ret < 0;
	}
	injection_set(nth_fd, 0);
	EXPECT_LT(nth, 200);
	/* two pages, three copies; writing the status, a put_user(), is never made to fail */
	EXPECT_LE(5, failures);
	EXPECT_EQ(0, call_gate(&self->fd));
}

/*
 * A fast hypercall has its input in registers. There is no way to give it one here:
 * it should be refused, instead of getting the address of a page of the kernel.
 */
TEST_F(gate, fast)
{
	struct mshv_sim_vtl_posted before, after;
	uint64_t in = 5, status;
	int ret;

	allow(self->bitmap, HVCALL_SIGNAL_EVENT);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(vtl_sim_posted(self->vtl.ctl, &before));
	ret = call(self->fd, HVCALL_SIGNAL_EVENT | 1 << 16, &in, sizeof(in), NULL, 0, &status);
	OK(vtl_sim_posted(self->vtl.ctl, &after));
	if (ret == -EINVAL || (!ret && after.signal == in))
		return;
	ASSERT_EQ(0, ret);
	ASSERT_EQ(before.signals + 1, after.signals);
	ASSERT_U64(0, after.signal % PAGE_BYTES);
	DRIVER_DEFECT(return, "a fast hypercall gets a physical address as its input");
}

/* What the caller doesn't give, the hypervisor doesn't get. */
TEST_F(gate, input_is_cleared)
{
	uint8_t *page = PAGES(PAGE_BYTES), out[64], zero[64] = "";
	int i;

	allow(self->bitmap, CODE);
	OK(setup_gate(self->fd, self->bitmap, sizeof(self->bitmap)));
	OK(answer_echo(self->vtl.ctl, CODE, sizeof(out)));
	for (i = 0; i < 100; i++) {
		memset(page, 0xa5, PAGE_BYTES);
		OK(call(self->fd, CODE, page, PAGE_BYTES, page, PAGE_BYTES, NULL));
		OK(call(self->fd, CODE, NULL, 0, out, sizeof(out), NULL));
		if (memcmp(out, zero, sizeof(out)))
			DRIVER_DEFECT(return, "the input page of a hypercall holds old bytes");
	}
}

VTL_TEST_MAIN
