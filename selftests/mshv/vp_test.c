// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_CREATE_VP, and what a VP refuses before it runs. */
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "mshv_test.h"

/* The driver's limit for one partition. */
#define VPS_MAX	256

FIXTURE(processor) {
	struct env env;
	int dev, pt;
};

FIXTURE_SETUP(processor)
{
	MSHV_SETUP(self);
	self->dev = OK(dev_open());
	self->pt = OK(partition_create(self->dev, 0));
	OK(partition_initialize(self->pt));
}

MSHV_TEARDOWN(processor)

TEST_F(processor, create)
{
	int vp = OK(vp_create(self->pt, 0));

	EXPECT_EQ(FD_CLOEXEC, fcntl(vp, F_GETFD));
	EXPECT_EQ(0, close(vp));
}

TEST_F(processor, create_several)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		OK(vp_create(self->pt, i));
}

TEST_F(processor, duplicate)
{
	int vp = OK(vp_create(self->pt, 0));

	EXPECT_EQ(-EEXIST, vp_create(self->pt, 0));
	OK(vp_create(self->pt, 1));
	/* A VP lives as long as its partition, whoever holds it. */
	ASSERT_EQ(0, close(vp));
	EXPECT_EQ(-EEXIST, vp_create(self->pt, 0));
}

TEST_F(processor, out_of_range)
{
	EXPECT_EQ(-EINVAL, vp_create(self->pt, VPS_MAX));
	EXPECT_EQ(-EINVAL, vp_create(self->pt, VPS_MAX + 1));
	EXPECT_EQ(-EINVAL, vp_create(self->pt, INT32_MAX));
	EXPECT_EQ(-EINVAL, vp_create(self->pt, UINT32_MAX));
}

TEST_F(processor, bad_pointer)
{
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->pt, MSHV_CREATE_VP, NULL));
}

/*
 * The hypervisor refuses a VP of a partition that is not active; the driver
 * makes EIO of the status.
 */
TEST_F(processor, before_initialize)
{
	int pt = OK(partition_create(self->dev, 0));

	EXPECT_EQ(-EIO, vp_create(pt, 0));
	OK(partition_initialize(pt));
	OK(vp_create(pt, 0));
}

TEST_F(processor, unknown_ioctl)
{
	int vp = OK(vp_create(self->pt, 0));

	EXPECT_EQ(-ENOTTY, mshv_ioctl(vp, _IO(MSHV_IOCTL, 0xfe), NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(vp, MSHV_SET_GUEST_MEMORY, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->pt, MSHV_RUN_VP, NULL));
}

/* Each VP has its own file, which outlives that of the partition. */
TEST_F(processor, outlives_the_partition_fd)
{
	int vp = OK(vp_create(self->pt, 0));

	ASSERT_EQ(0, close(self->pt));
	ASSERT_EQ(0, close(self->dev));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(vp, _IO(MSHV_IOCTL, 0xfe), NULL));
}

/* The table of file descriptors is full: no VP, and none is left behind. */
TEST_F(processor, no_file_descriptor_left)
{
	const struct rlimit few = { .rlim_cur = 64, .rlim_max = 64 };
	int fd, highest = self->pt;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &few));
	while ((fd = dup(self->dev)) >= 0)
		highest = fd;
	ASSERT_EQ(EMFILE, errno);
	EXPECT_EQ(-EMFILE, vp_create(self->pt, 0));
	EXPECT_EQ(-EMFILE, partition_create(self->dev, 0));

	ASSERT_EQ(0, close(highest));
	OK(vp_create(self->pt, 0));
}

MSHV_TEST_MAIN
