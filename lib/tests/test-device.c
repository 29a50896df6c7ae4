// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The device: open, close, and probing three generations of drivers. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fake.h"

static struct mshv_dev *open_null(void)
{
	struct mshv_dev *dev = NULL;

	/* Any character device will do for what the library looks at. */
	assert_works(mshv_dev_open("/dev/null", &dev));
	assert_non_null(dev);
	return dev;
}

static void open_and_close(void **state)
{
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	errno = ENOENT;
	mshv_dev_close(dev);
	assert_int_equal(errno, ENOENT);
	assert_false(fake_fd_open(fd));

	mshv_dev_close(NULL);
	assert_fails(mshv_dev_fd(NULL), EINVAL);
}

static void open_failures(void **state)
{
	struct mshv_dev *dev = (void *)1;
	int before, after;

	(void)state;
	assert_fails(mshv_dev_open("/nowhere/mshv", &dev), ENOENT);
	assert_null(dev);
	assert_fails(mshv_dev_open(NULL, NULL), EINVAL);

	before = dup(0);
	close(before);
	dev = (void *)1;
	assert_fails(mshv_dev_open("/proc/self/comm", &dev), ENOTTY);
	assert_null(dev);
	fake_fail_alloc(1);
	dev = (void *)1;
	assert_fails(mshv_dev_open("/dev/null", &dev), ENOMEM);
	assert_null(dev);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);	/* no fd is left behind */
}

static void from_fd(void **state)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct mshv_dev *dev = (void *)1;

	(void)state;
	assert_true(fd >= 0);
	assert_fails(mshv_dev_from_fd(fd, NULL), EINVAL);
	assert_fails(mshv_dev_from_fd(-1, &dev), EBADF);
	assert_null(dev);
	assert_fails(mshv_dev_from_fd(INT_MAX, &dev), EBADF);
	fake_fail_alloc(1);
	assert_fails(mshv_dev_from_fd(fd, &dev), ENOMEM);
	assert_true(fake_fd_open(fd));		/* still the caller's */

	assert_works(mshv_dev_from_fd(fd, &dev));
	assert_int_equal(mshv_dev_fd(dev), fd);
	mshv_dev_close(dev);
	assert_false(fake_fd_open(fd));
}

static void properties(void **state)
{
	struct hv_input_get_partition_property in = { .property_code = 1 };
	struct hv_input_get_partition_property_ex in_ex = {
		.property_code = 2, .arg = 3,
	};
	struct mshv_dev *dev = open_null();
	uint64_t sent = 42, got = 0;
	struct fake_answer *answer;

	(void)state;
	answer = fake_hvcall(mshv_dev_fd(dev), 0x44, 0, &in, 16, 8);
	answer->out = &sent;
	answer->out_size = 8;
	assert_works(mshv_dev_get_property(dev, 1, &got));
	assert_int_equal(got, 42);

	got = 0;
	answer = fake_hvcall(mshv_dev_fd(dev), 0x101, 0, &in_ex, 24, 8);
	answer->out = &sent;
	answer->out_size = 8;
	assert_works(mshv_dev_get_property_ex(dev, 2, 3, &got, sizeof(got)));
	assert_int_equal(got, 42);

	assert_fails(mshv_dev_get_property(NULL, 1, &got), EINVAL);
	assert_fails(mshv_dev_get_property(dev, 1, NULL), EINVAL);
	assert_fails(mshv_dev_get_property_ex(NULL, 2, 3, &got, 8), EINVAL);
	mshv_dev_close(dev);
}

static void expect_extension(int fd, int ret, int err)
{
	uint32_t capability = MSHV_CAP_CORE_API_STABLE;
	struct fake_answer *answer;

	answer = fake_ioctl(fd, MSHV_CHECK_EXTENSION, &capability, 4);
	answer->ret = ret;
	answer->err = err;
}

/* What the fake reads is 16 bytes: the page ends there. */
static struct fake_answer *expect_create(int fd, uint64_t flags,
					 uint64_t isolation, int err)
{
	struct mshv_create_partition args = {
		.pt_flags = flags | 1 << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES,
		.pt_isolation = isolation,
	};
	struct fake_answer *answer;

	answer = fake_ioctl(fd, MSHV_CREATE_PARTITION, &args, sizeof(args));
	answer->err = err;
	return answer;
}

static struct fake_answer *expect_property(int fd, int err, uint16_t status)
{
	struct hv_input_get_partition_property in = { .property_code = 0x6000a };
	struct fake_answer *answer = fake_hvcall(fd, 0x44, 0, &in, 16, 8);

	answer->err = err;
	answer->status = status;
	return answer;
}

static struct fake_answer *expect_caps(int fd, int err, uint16_t status)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = 0x90007,
	};
	struct fake_answer *answer;

	answer = fake_hvcall(fd, 0x101, 0, &in, 24,
		sizeof(struct hv_partition_property_vmm_capabilities));
	answer->err = err;
	answer->status = status;
	return answer;
}

static void probe_linux_7_2(void **state)
{
	struct hv_partition_property_vmm_capabilities caps = {
		.bank_count = 1, .as_uint64[0] = 0x25,
	};
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev);
	struct fake_answer *answer;
	unsigned int bit;

	(void)state;
	expect_extension(fd, 0, ENOTTY);
	expect_create(fd, 0, 0, EFAULT);
	for (bit = 0; bit <= 5; bit++)
		expect_create(fd, 1u << bit, 0, bit == 4 ? EINVAL : EFAULT);
	expect_create(fd, 0, 1, EINVAL);
	expect_property(fd, 0, 0);
	answer = expect_caps(fd, 0, 0);
	answer->out = &caps;
	answer->out_size = sizeof(caps);

	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.size, sizeof(info));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_ROOT);
	assert_int_equal(info.reserved, 0);
	assert_int_equal(info.features,
			 LIBMSHV_DEV_CREATE_V2 | LIBMSHV_DEV_PROPERTY |
			 LIBMSHV_DEV_PROPERTY_EX |
			 LIBMSHV_DEV_VMM_CAPABILITIES);
	assert_int_equal(info.create_flags, 0x3f & ~0x10);
	assert_int_equal(info.isolations, 1);
	assert_int_equal(info.vmm_capabilities, 0x25);
	mshv_dev_close(dev);
}

/* No features at creation, no hypercalls on the device. */
static void probe_linux_6_15(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev);

	(void)state;
	expect_extension(fd, 0, ENOTTY);
	expect_create(fd, 0, 0, EINVAL);
	expect_property(fd, ENOTTY, 0)->keep_args = true;
	expect_caps(fd, ENOTTY, 0)->keep_args = true;

	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_ROOT);
	assert_int_equal(info.features, 0);
	assert_int_equal(info.create_flags, 7);
	assert_int_equal(info.isolations, 1);
	assert_int_equal(info.vmm_capabilities, 0);
	mshv_dev_close(dev);
}

/* The kernel passes the hypercalls on, the hypervisor refuses. */
static void probe_refusing_hypervisor(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev);
	unsigned int i;

	(void)state;
	expect_extension(fd, 0, ENOTTY);
	expect_create(fd, 0, 0, EFAULT);
	for (i = 0; i <= 5; i++)
		expect_create(fd, 1u << i, 0, EFAULT);
	for (i = 1; i <= 2; i++)
		expect_create(fd, 0, i, i == 1 ? EFAULT : EINVAL);
	expect_property(fd, EIO, HV_STATUS_ACCESS_DENIED);
	expect_caps(fd, EIO, HV_STATUS_ACCESS_DENIED);

	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.features,
			 LIBMSHV_DEV_CREATE_V2 | LIBMSHV_DEV_PROPERTY |
			 LIBMSHV_DEV_PROPERTY_EX);
	assert_int_equal(info.create_flags, 0x3f);
	assert_int_equal(info.isolations, 3);
	mshv_dev_close(dev);
}

/* A driver that gives a partition where none should be: it is given back. */
static void probe_that_creates(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev), partition = fake_no_page_fd();

	(void)state;
	expect_extension(fd, 0, ENOTTY);
	expect_create(fd, 0, 0, 0)->ret = partition;
	expect_property(fd, ENOTTY, 0)->keep_args = true;
	expect_caps(fd, ENOTTY, 0)->keep_args = true;
	assert_works(mshv_dev_probe(dev, &info));
	assert_false(fake_fd_open(partition));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_ROOT);
	assert_int_equal(info.create_flags, 7);
	mshv_dev_close(dev);
}

static void probe_other_drivers(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_dev *dev = open_null();
	int fd = mshv_dev_fd(dev);

	(void)state;
	expect_extension(fd, 0, 0);
	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_VTL);
	assert_int_equal(info.features, 0);
	assert_int_equal(info.create_flags, 0);

	expect_extension(fd, 0, ENOTTY);
	expect_create(fd, 0, 0, ENOTTY);
	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_UNKNOWN);
	assert_int_equal(info.isolations, 0);
	mshv_dev_close(dev);
}

static void probe_sizes(void **state)
{
	union {
		struct mshv_dev_info info;
		uint8_t bytes[4097];
	} u;
	struct mshv_dev *dev = open_null();
	size_t i;

	(void)state;
	memset(&u, 0xee, sizeof(u));
	u.info.size = 0;
	assert_fails(mshv_dev_probe(dev, &u.info), EINVAL);
	u.info.size = sizeof(u.info) - 1;
	assert_fails(mshv_dev_probe(dev, &u.info), EINVAL);
	u.info.size = 4097;
	assert_fails(mshv_dev_probe(dev, &u.info), E2BIG);
	assert_fails(mshv_dev_probe(dev, NULL), EINVAL);
	assert_fails(mshv_dev_probe(NULL, &u.info), EINVAL);
	assert_int_equal(u.bytes[sizeof(u.info) - 1], 0xee);

	/* A newer caller gets zeroes for what this library doesn't know. */
	expect_extension(mshv_dev_fd(dev), 0, 0);
	u.info.size = sizeof(u.info) + 100;
	assert_works(mshv_dev_probe(dev, &u.info));
	for (i = sizeof(u.info); i < sizeof(u.info) + 100; i++)
		assert_int_equal(u.bytes[i], 0);
	assert_int_equal(u.bytes[sizeof(u.info) + 100], 0xee);
	mshv_dev_close(dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(open_and_close),
		fake_test(open_failures),
		fake_test(from_fd),
		fake_test(properties),
		fake_test(probe_linux_7_2),
		fake_test(probe_linux_6_15),
		fake_test(probe_refusing_hypervisor),
		fake_test(probe_that_creates),
		fake_test(probe_other_drivers),
		fake_test(probe_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
