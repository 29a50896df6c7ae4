// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_ROOT_HVCALL: what passes the gate, and what does not. */
#include "mshv_test.h"

/* Neither is on the driver's list. */
#define HVCALL_NOT_ALLOWED	HVCALL_DEPOSIT_MEMORY
#define HVCALL_UNKNOWN		0x7fff

FIXTURE(hvcall) {
	struct env env;
	int dev, pt, vp;
	struct hv_input_get_partition_property in;
	uint64_t out;
	struct mshv_root_hvcall good;
};

FIXTURE_SETUP(hvcall)
{
	MSHV_SETUP(self);
	self->dev = OK(dev_open());
	self->pt = OK(partition_create(self->dev, 0));
	OK(partition_initialize(self->pt));
	self->vp = OK(vp_create(self->pt, 0));
	self->in.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
	self->good = (struct mshv_root_hvcall) {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in_sz = sizeof(self->in),
		.out_sz = sizeof(self->out),
		.in_ptr = (uintptr_t)&self->in,
		.out_ptr = (uintptr_t)&self->out,
	};
}

MSHV_TEARDOWN(hvcall)

static int call(int fd, const struct mshv_root_hvcall *good,
		void (*spoil)(struct mshv_root_hvcall *args))
{
	struct mshv_root_hvcall args = *good;

	if (spoil)
		spoil(&args);
	return mshv_ioctl(fd, MSHV_ROOT_HVCALL, &args);
}

#define SPOIL(name, what) \
static void name(struct mshv_root_hvcall *args) { what; }

SPOIL(status_set, args->status = 1)
SPOIL(no_input, args->in_ptr = 0)
SPOIL(input_too_short, args->in_sz = sizeof(uint64_t) - 1)
SPOIL(input_too_long, args->in_sz = MSHV_HV_PAGE_SIZE + 1)
SPOIL(output_without_size, args->out_sz = 0)
SPOIL(output_too_long, args->out_sz = MSHV_HV_PAGE_SIZE + 1)
SPOIL(not_allowed, args->code = HVCALL_NOT_ALLOWED)
SPOIL(unknown, args->code = HVCALL_UNKNOWN)
SPOIL(input_unreadable, args->in_ptr = 1)
SPOIL(output_unwritable, args->out_ptr = 1)

TEST_F(hvcall, good)
{
	EXPECT_EQ(0, call(self->pt, &self->good, NULL));
	EXPECT_EQ(0, call(self->vp, &self->good, NULL));
}

TEST_F(hvcall, bad_arguments)
{
	const int fds[] = { self->dev, self->pt, self->vp };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, status_set));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, no_input));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, input_too_short));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, input_too_long));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, output_without_size));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, output_too_long));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, not_allowed));
		EXPECT_EQ(-EINVAL, call(fds[i], &self->good, unknown));
		EXPECT_EQ(-EFAULT, call(fds[i], &self->good, input_unreadable));
		EXPECT_EQ(-EFAULT, mshv_ioctl(fds[i], MSHV_ROOT_HVCALL, NULL));
	}
	EXPECT_EQ(-EFAULT, call(self->pt, &self->good, output_unwritable));
}

TEST_F(hvcall, reserved_bytes)
{
	struct mshv_root_hvcall args = self->good;
	unsigned int i;

	for (i = 0; i < sizeof(args.rsvd); i++) {
		args.rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->pt, MSHV_ROOT_HVCALL, &args));
		args.rsvd[i] = 0;
	}
	EXPECT_EQ(0, mshv_ioctl(self->pt, MSHV_ROOT_HVCALL, &args));
}

/* On the device the target is the root partition itself: properties only. */
TEST_F(hvcall, device_allows_properties_only)
{
	static const uint16_t refused[] = {
		HVCALL_SET_PARTITION_PROPERTY, HVCALL_INSTALL_INTERCEPT,
		HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS,
		HVCALL_ASSERT_VIRTUAL_INTERRUPT,
	};
	struct mshv_root_hvcall args;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		args = self->good;
		args.code = refused[i];
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->dev, MSHV_ROOT_HVCALL, &args)) {
			TH_LOG("hypercall 0x%x", refused[i]);
		}
	}
}

/*
 * Of all codes there are, those of the list are let through, and no other. What the
 * hypervisor refuses has a status, what the driver refuses has none.
 */
static bool on_the_list(uint32_t code, bool device)
{
	static const uint16_t list[] = {
		HVCALL_GET_PARTITION_PROPERTY, HVCALL_GET_PARTITION_PROPERTY_EX,
		/* from here on: not of the device */
		HVCALL_SET_PARTITION_PROPERTY, HVCALL_INSTALL_INTERCEPT,
		HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS,
		HVCALL_TRANSLATE_VIRTUAL_ADDRESS, HVCALL_CLEAR_VIRTUAL_INTERRUPT,
		HVCALL_REGISTER_INTERCEPT_RESULT, HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		HVCALL_GET_GPA_PAGES_ACCESS_STATES, HVCALL_SIGNAL_EVENT_DIRECT,
		HVCALL_POST_MESSAGE_DIRECT, HVCALL_GET_VP_CPUID_VALUES,
	};
	unsigned int i;

	for (i = 0; i < (device ? 2 : ARRAY_SIZE(list)); i++)
		if (list[i] == code)
			return true;
	return false;
}

TEST_F(hvcall, only_the_list)
{
	const int fds[] = { self->dev, self->pt, self->vp };
	uint8_t *page = PAGES(PAGE_BYTES);
	struct mshv_root_hvcall args;
	unsigned int i, reps;
	uint32_t code;
	int ret;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		for (code = 0; code <= UINT16_MAX; code++) {
			if (on_the_list(code, fds[i] == self->dev))
				continue;
			for (reps = 0; reps < 2; reps++) {
				args = (struct mshv_root_hvcall) {
					.code = code, .reps = reps,
					.in_sz = sizeof(self->in), .in_ptr = (uintptr_t)page,
					.out_sz = PAGE_BYTES, .out_ptr = (uintptr_t)page,
				};
				ret = mshv_ioctl(fds[i], MSHV_ROOT_HVCALL, &args);
				ASSERT_TRUE(ret == -EINVAL && !args.status) {
					TH_LOG("hypercall %#x: %d, status %#x", code, ret,
					       args.status);
				}
			}
		}
	}
}

/* It may complete later, and only the partition can wait for that. */
TEST_F(hvcall, set_property_needs_the_partition)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		.property_value = HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO,
	};
	struct hvcall set = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in,
		.in_bytes = sizeof(in),
	};
	uint64_t value = 0;

	EXPECT_EQ(-EINVAL, hvcall(self->vp, &set));
	OK(hvcall(self->pt, &set));
	EXPECT_EQ(HV_STATUS_SUCCESS, set.status);
	OK(partition_get_property(self->pt, in.property_code, &value));
	EXPECT_EQ(in.property_value, value);
	OK(partition_get_property(self->vp, in.property_code, &value));
	EXPECT_EQ(in.property_value, value);
}

/* The hypervisor's refusal comes through, beside the errno made of it. */
TEST_F(hvcall, status_of_the_hypervisor)
{
	WITH_ARRAY(struct hv_input_get_vp_registers, names, 1) in = { .head.vp_index = 1 };
	union hv_register_value value;
	struct hvcall get = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = 1,
		.in = &in,
		.in_bytes = sizeof(in),
		.out = &value,
		.out_bytes = sizeof(value),
	};

	in.head.names[0] = HV_REGISTER_EXPLICIT_SUSPEND;
	EXPECT_EQ(-EINVAL, hvcall(self->pt, &get));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, get.status);
	EXPECT_EQ(0, get.reps_done);

	in.head.vp_index = 0;
	OK(hvcall(self->pt, &get));
	EXPECT_EQ(HV_STATUS_SUCCESS, get.status);
	EXPECT_EQ(1, get.reps_done);
}

/* A list of which the third element is refused: so many are done, and nothing is given back. */
TEST_F(hvcall, list_refused_in_the_middle)
{
	static const uint32_t names[4] = {
		HV_X64_REGISTER_RBX, HV_X64_REGISTER_RCX, UINT32_MAX, HV_X64_REGISTER_RDX,
	};
	WITH_ARRAY(struct hv_input_get_vp_registers, names, 4) in = { 0 };
	WITH_ARRAY(struct hv_input_set_vp_registers, elements, 4) set_in = { 0 };
	union hv_register_value values[4];
	struct hvcall get = {
		.code = HVCALL_GET_VP_REGISTERS, .reps = 4,
		.in = &in, .in_bytes = sizeof(in),
		.out = values, .out_bytes = sizeof(values),
	};
	struct hvcall set = {
		.code = HVCALL_SET_VP_REGISTERS, .reps = 4,
		.in = &set_in, .in_bytes = sizeof(set_in),
	};
	unsigned int i;
	uint64_t value;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		in.head.names[i] = names[i];
		set_in.head.elements[i].name = names[i];
		set_in.head.elements[i].value.reg64 = 0x1100 + i;
	}
	EXPECT_GT(0, hvcall(self->pt, &set));
	EXPECT_NE(HV_STATUS_SUCCESS, set.status);
	EXPECT_EQ(2, set.reps_done);
	/* What came before has its effect, and what comes behind has none. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (i == 2)
			continue;
		OK(vp_get_reg64(self->vp, 0, names[i], &value));
		EXPECT_EQ(i < 2, value == 0x1100 + i);
	}

	memset(values, 0x5a, sizeof(values));
	EXPECT_GT(0, hvcall(self->pt, &get));
	EXPECT_NE(HV_STATUS_SUCCESS, get.status);
	EXPECT_EQ(2, get.reps_done);
	for (i = 0; i < sizeof(values); i++)
		ASSERT_EQ(0x5a, ((uint8_t *)values)[i]);
}

/* Whatever partition the caller names, it gets its own. */
TEST_F(hvcall, partition_id_is_not_the_callers)
{
	uint64_t mine = 0, other = 0;

	self->in.partition_id = ~0ull;
	OK(call(self->pt, &self->good, NULL));
	mine = self->out;
	self->in.partition_id = 0x1234567890ull;
	OK(call(self->pt, &self->good, NULL));
	other = self->out;
	EXPECT_EQ(mine, other);
}

MSHV_TEST_MAIN
