// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_CREATE_PARTITION, MSHV_INITIALIZE_PARTITION, and the end of a partition. */
#include <sys/ioctl.h>

#include "mshv_test.h"

FIXTURE(device) {
	struct env env;
	int dev;
};

FIXTURE_SETUP(device)
{
	MSHV_SETUP(self);
	self->dev = OK(dev_open());
}

MSHV_TEARDOWN(device)

static void create_and_initialize(struct __test_metadata *_metadata, int dev,
				  uint64_t pt_flags)
{
	int pt = OK(partition_create(dev, pt_flags));

	OK(partition_initialize(pt));
	ASSERT_EQ(0, close(pt));
}

FIXTURE_VARIANT(device) {
	uint64_t pt_flags;
};

FIXTURE_VARIANT_ADD(device, plain) {
	.pt_flags = 0,
};

FIXTURE_VARIANT_ADD(device, lapic) {
	.pt_flags = PT(LAPIC),
};

FIXTURE_VARIANT_ADD(device, x2apic) {
	.pt_flags = PT(LAPIC) | PT(X2APIC),
};

FIXTURE_VARIANT_ADD(device, super_pages) {
	.pt_flags = PT(GPA_SUPER_PAGES),
};

TEST_F(device, create_initialize_destroy)
{
	create_and_initialize(_metadata, self->dev, variant->pt_flags);
}

TEST_F(device, destroy_without_initialize)
{
	int pt = OK(partition_create(self->dev, variant->pt_flags));

	EXPECT_EQ(0, close(pt));
}

/* The second version of the arguments is announced by a flag. */
TEST_F(device, create_v2)
{
	struct mshv_create_partition_v2 args = {
		.pt_flags = variant->pt_flags | PT(CPU_AND_XSAVE_FEATURES),
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
	};
	int pt = OK(partition_create_v2(self->dev, &args));

	OK(partition_initialize(pt));
	EXPECT_EQ(0, close(pt));
}

FIXTURE(create) {
	struct env env;
	int dev;
};

FIXTURE_SETUP(create)
{
	MSHV_SETUP(self);
	self->dev = OK(dev_open());
}

MSHV_TEARDOWN(create)

/* Nobody else may open it, unless somebody changes that afterwards. */
TEST_F(create, is_for_its_owner)
{
	char line[64];
	unsigned int mode = 0;
	FILE *f = fopen("/sys/class/misc/mshv/uevent", "re");

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "DEVMODE=%o", &mode) != 1)
		;
	fclose(f);
	EXPECT_EQ(0600u, mode);
}

TEST_F(create, bad_flags)
{
	/* Linux 7.2 knows six; an older header says less of a newer kernel. */
	unsigned int bit = MSHV_PT_BIT_COUNT < 6 ? 6 : MSHV_PT_BIT_COUNT;

	for (; bit < 64; bit++) {
		EXPECT_EQ(-EINVAL, partition_create(self->dev, 1ull << bit)) {
			TH_LOG("bit %u", bit);
		}
	}
	EXPECT_EQ(-EINVAL, partition_create(self->dev, ~0ull));
}

TEST_F(create, bad_isolation)
{
	const uint64_t values[] = { MSHV_PT_ISOLATION_COUNT, 2, 1ull << 32, ~0ull };
	struct mshv_create_partition args = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		args.pt_isolation = values[i];
		EXPECT_EQ(-EINVAL, mshv_ioctl(self->dev, MSHV_CREATE_PARTITION, &args));
	}
}

TEST_F(create, v2_bad_number_of_banks)
{
	const uint16_t banks[] = {
		0, MSHV_NUM_CPU_FEATURES_BANKS - 1,
		MSHV_NUM_CPU_FEATURES_BANKS + 1, UINT16_MAX,
	};
	struct mshv_create_partition_v2 args = {
		.pt_flags = PT(CPU_AND_XSAVE_FEATURES),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(banks); i++) {
		args.pt_num_cpu_fbanks = banks[i];
		EXPECT_EQ(-EINVAL, partition_create_v2(self->dev, &args));
	}
}

TEST_F(create, v2_reserved_fields)
{
	const struct mshv_create_partition_v2 good = {
		.pt_flags = PT(CPU_AND_XSAVE_FEATURES),
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
	};
	struct mshv_create_partition_v2 args;
	unsigned int i;

	for (i = 0; i < sizeof(args.pt_rsvd); i++) {
		args = good;
		args.pt_rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, partition_create_v2(self->dev, &args));
	}
	for (i = 0; i < ARRAY_SIZE(args.pt_rsvd1); i++) {
		args = good;
		args.pt_rsvd1[i] = 1ull << 63;
		EXPECT_EQ(-EINVAL, partition_create_v2(self->dev, &args));
	}
}

/* How much is read depends on the flag, and on nothing else. */
TEST_F(create, reads_what_the_flag_announces)
{
	char *pages = PAGES(2 * PAGE_BYTES);
	struct mshv_create_partition_v2 *at_end;

	ASSERT_EQ(0, mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_NONE));

	at_end = (void *)(pages + PAGE_BYTES - sizeof(struct mshv_create_partition));
	at_end->pt_flags = 0;
	at_end->pt_isolation = MSHV_PT_ISOLATION_NONE;
	EXPECT_EQ(0, close(OK(partition_create_v2(self->dev, at_end))));

	at_end->pt_flags = PT(CPU_AND_XSAVE_FEATURES);
	EXPECT_EQ(-EFAULT, partition_create_v2(self->dev, at_end));

	/* Without the flag the rest is not looked at. */
	memset(pages, 0xff, sizeof(*at_end));
	at_end = (void *)pages;
	at_end->pt_flags = 0;
	at_end->pt_isolation = MSHV_PT_ISOLATION_NONE;
	EXPECT_EQ(0, close(OK(partition_create_v2(self->dev, at_end))));
}

TEST_F(create, bad_pointer)
{
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->dev, MSHV_CREATE_PARTITION, NULL));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->dev, MSHV_CREATE_PARTITION, (void *)-1l));
}

TEST_F(create, unknown_ioctl)
{
	int pt = OK(partition_create(self->dev, 0));

	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->dev, _IO(MSHV_IOCTL, 0xfe), NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(pt, _IO(MSHV_IOCTL, 0xfe), NULL));
	/* An operation of a partition is none of the device, and the reverse. */
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->dev, MSHV_CREATE_VP, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(pt, MSHV_CREATE_PARTITION, NULL));
}

TEST_F(create, fd_is_close_on_exec)
{
	int pt = OK(partition_create(self->dev, 0));

	EXPECT_EQ(FD_CLOEXEC, fcntl(pt, F_GETFD));
}

TEST_F(create, initialize_twice)
{
	int pt = OK(partition_create(self->dev, 0));

	OK(partition_initialize(pt));
	EXPECT_EQ(0, partition_initialize(pt));
}

/* The device is only needed to create. */
TEST_F(create, outlives_the_device_fd)
{
	int pt = OK(partition_create(self->dev, 0));

	ASSERT_EQ(0, close(self->dev));
	OK(partition_initialize(pt));
	OK(vp_create(pt, 0));
}

TEST_F(create, several_at_a_time)
{
	int pt[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pt); i++)
		pt[i] = OK(partition_create(self->dev, 0));
	for (i = 0; i < ARRAY_SIZE(pt); i++)
		OK(partition_initialize(pt[i]));
	/* Not in the order in which they came. */
	for (i = 0; i < ARRAY_SIZE(pt); i += 2)
		EXPECT_EQ(0, close(pt[i]));
	for (i = 1; i < ARRAY_SIZE(pt); i += 2)
		OK(vp_create(pt[i], 0));
}

/* The last one who holds it ends it: here a child, after the test is over. */
TEST_F(create, shared_with_a_child)
{
	int pt = OK(partition_create(self->dev, 0));
	int status;
	pid_t child;

	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(partition_initialize(pt) ? 1 : 0);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	/* What the child did is done. */
	OK(vp_create(pt, 0));
}

/* What a VMM asks for before it initializes the partition, and not later. */
TEST_F(create, synthetic_features)
{
	const union hv_partition_synthetic_processor_features usual = {
		.hypervisor_present = 1,
		.hv1 = 1,
		.access_partition_reference_counter = 1,
		.access_synic_regs = 1,
		.access_synthetic_timer_regs = 1,
		.access_intr_ctrl_regs = 1,
		.access_hypercall_regs = 1,
		.access_vp_index = 1,
		.access_partition_reference_tsc = 1,
		.access_guest_idle_reg = 1,
		.access_frequency_regs = 1,
		.direct_synthetic_timers = 1,
		.tb_flush_hypercalls = 1,
		.synthetic_cluster_ipi = 1,
	};
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
	};
	struct hvcall set = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in,
		.in_bytes = sizeof(in),
	};
	int pt = OK(partition_create(self->dev, 0));
	uint64_t value = 0;

	in.property_value = 1ull << 63;
	EXPECT_GT(0, hvcall(pt, &set));
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE, set.status);

	in.property_value = usual.as_uint64[0];
	OK(hvcall(pt, &set));
	OK(partition_get_property(pt, in.property_code, &value));
	EXPECT_EQ(usual.as_uint64[0], value);

	OK(partition_initialize(pt));
	in.property_value = 0;
	EXPECT_GT(0, hvcall(pt, &set));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, set.status);
	OK(partition_get_property(pt, in.property_code, &value));
	EXPECT_EQ(usual.as_uint64[0], value);
}

MSHV_TEST_MAIN
