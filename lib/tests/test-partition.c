// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The partition: creation, lifetime, properties, memory. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "fake.h"

#define FEATURES	(1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)

static struct mshv_dev *dev;
static int dev_fd;

static int setup(void **state)
{
	fake_reset(state);
	assert_works(mshv_dev_open("/dev/null", &dev));
	dev_fd = mshv_dev_fd(dev);
	return 0;
}

static int teardown(void **state)
{
	mshv_dev_close(dev);
	return fake_done(state);
}

#define partition_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct mshv_partition *create(const struct mshv_partition_options *o)
{
	struct mshv_partition *partition = NULL;

	assert_works(mshv_partition_create(dev, o, &partition));
	assert_non_null(partition);
	return partition;
}

static struct fake_answer *expect_v1(uint64_t flags, uint64_t isolation)
{
	struct mshv_create_partition args = {
		.pt_flags = flags, .pt_isolation = isolation,
	};
	struct fake_answer *answer;

	answer = fake_ioctl(dev_fd, MSHV_CREATE_PARTITION, &args, sizeof(args));
	answer->ret = fake_no_page_fd();
	return answer;
}

static struct mshv_partition *create_plain(void)
{
	expect_v1(0, 0);
	return create(NULL);
}

static void version_1(void **state)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_partition *partition;
	int fd;

	(void)state;
	fd = expect_v1(0, 0)->ret;
	partition = create(NULL);
	assert_int_equal(mshv_partition_fd(partition), fd);
	mshv_partition_close(partition);
	assert_false(fake_fd_open(fd));

	/* The flag alone says nothing that version 1 doesn't. */
	options.flags = FEATURES | 1 << MSHV_PT_BIT_LAPIC;
	options.isolation = 7;
	expect_v1(1 << MSHV_PT_BIT_LAPIC, 7);
	mshv_partition_close(create(&options));
}

static void version_2(void **state)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_create_partition_v2 args = {
		.pt_flags = FEATURES | 1 << MSHV_PT_BIT_X2APIC,
		.pt_num_cpu_fbanks = 2,
		.pt_cpu_fbanks = { 0, 0x8000000000000001 },
	};

	(void)state;
	options.flags = args.pt_flags;
	options.disabled_processor_features[1] = 0x8000000000000001;
	fake_ioctl(dev_fd, MSHV_CREATE_PARTITION, &args, sizeof(args))->ret =
		fake_no_page_fd();
	mshv_partition_close(create(&options));

	options.disabled_processor_features[1] = 0;
	options.disabled_xsave_features = 0x42;
#if defined(__x86_64__)
	args.pt_cpu_fbanks[1] = 0;
	args.pt_disabled_xsave = 0x42;
	fake_ioctl(dev_fd, MSHV_CREATE_PARTITION, &args, sizeof(args))->ret =
		fake_no_page_fd();
	mshv_partition_close(create(&options));
#else
	struct mshv_partition *partition;

	assert_fails(mshv_partition_create(dev, &options, &partition), EINVAL);
#endif
}

static void refused_options(void **state)
{
	union {
		struct mshv_partition_options options;
		uint8_t bytes[5000];
	} u = { .options = LIBMSHV_PARTITION_OPTIONS_INIT };
	struct mshv_partition *partition = (void *)1;

	(void)state;
	assert_fails(mshv_partition_create(dev, NULL, NULL), EINVAL);
	assert_fails(mshv_partition_create(NULL, NULL, &partition), EINVAL);
	assert_null(partition);

	/* features without the flag would be lost */
	u.options.disabled_processor_features[0] = 1;
	assert_fails(mshv_partition_create(dev, &u.options, &partition),
		     EINVAL);
	u.options.disabled_processor_features[0] = 0;

	u.options.size = 0;
	assert_fails(mshv_partition_create(dev, &u.options, &partition),
		     EINVAL);
	u.options.size = sizeof(u.options) - 8;
	assert_fails(mshv_partition_create(dev, &u.options, &partition),
		     EINVAL);
	u.options.size = 4097;
	assert_fails(mshv_partition_create(dev, &u.options, &partition),
		     E2BIG);

	/* options of a later version: only if they are 0 */
	u.options.size = sizeof(u.options) + 16;
	u.bytes[sizeof(u.options) + 15] = 1;
	assert_fails(mshv_partition_create(dev, &u.options, &partition),
		     E2BIG);
	u.bytes[sizeof(u.options) + 15] = 0;
	u.bytes[sizeof(u.options) + 16] = 1;
	expect_v1(0, 0);
	mshv_partition_close(create(&u.options));
}

static void failed_creation(void **state)
{
	struct mshv_partition *partition = (void *)1;
	struct fake_answer *answer;

	(void)state;
	answer = expect_v1(0, 0);
	close(answer->ret);
	answer->err = EPERM;
	assert_fails(mshv_partition_create(dev, NULL, &partition), EPERM);
	assert_null(partition);

	answer = expect_v1(0, 0);
	fake_fail_alloc(1);
	assert_fails(mshv_partition_create(dev, NULL, &partition), ENOMEM);
	assert_null(partition);
	assert_false(fake_fd_open(answer->ret));
}

static void from_fd(void **state)
{
	struct mshv_partition *partition = (void *)1;
	int fd = fake_no_page_fd();

	(void)state;
	assert_fails(mshv_partition_from_fd(dev, fd, NULL), EINVAL);
	assert_fails(mshv_partition_from_fd(dev, INT_MAX, &partition), EBADF);
	assert_null(partition);
	fake_fail_alloc(1);
	assert_fails(mshv_partition_from_fd(dev, fd, &partition), ENOMEM);
	assert_true(fake_fd_open(fd));

	assert_works(mshv_partition_from_fd(NULL, fd, &partition));
	assert_int_equal(mshv_partition_fd(partition), fd);
	mshv_partition_close(partition);
	assert_false(fake_fd_open(fd));
}

static void children_keep_parents_alive(void **state)
{
	struct mshv_partition *partition = create_plain();
	struct mshv_vp *vps[2];
	struct mshv_create_vp args = { .vp_index = 0 };
	int fd = mshv_partition_fd(partition), i;

	(void)state;
	for (i = 0; i < 2; i++) {
		args.vp_index = (uint32_t)i;
		fake_ioctl(fd, MSHV_CREATE_VP, &args, sizeof(args))->ret =
			fake_no_page_fd();
		assert_works(mshv_vp_create(partition, (uint32_t)i, &vps[i]));
	}

	mshv_dev_close(dev);
	assert_true(fake_fd_open(dev_fd));
	mshv_partition_close(partition);
	assert_true(fake_fd_open(fd));
	mshv_vp_close(vps[0]);
	assert_true(fake_fd_open(fd));
	assert_true(fake_fd_open(dev_fd));
	mshv_vp_close(vps[1]);
	assert_false(fake_fd_open(fd));
	assert_false(fake_fd_open(dev_fd));
	dev = NULL;
}

static void null_handles(void **state)
{
	uint64_t value;

	(void)state;
	mshv_partition_close(NULL);
	assert_fails(mshv_partition_fd(NULL), EINVAL);
	assert_fails(mshv_partition_initialize(NULL), EINVAL);
	assert_fails(mshv_partition_get_property(NULL, 0, &value), EINVAL);
	assert_fails(mshv_partition_set_property(NULL, 0, 0), EINVAL);
	assert_fails(mshv_partition_get_property_ex(NULL, 0, 0, &value, 8),
		     EINVAL);
	assert_fails(mshv_partition_install_intercept(NULL, 0, 0, 0), EINVAL);
	assert_fails(mshv_partition_map_memory(NULL, 0, NULL, 0x1000, 0),
		     EINVAL);
	assert_fails(mshv_partition_unmap_memory(NULL, 0, NULL, 0x1000),
		     EINVAL);
	assert_int_equal(fake_calls(), 0);
}

static void calls_go_to_the_partition(void **state)
{
	struct mshv_partition *partition = create_plain();
	int fd = mshv_partition_fd(partition);
	struct hv_input_get_partition_property get = { .property_code = 9 };
	struct hv_input_set_partition_property set = {
		.property_code = 9, .property_value = 8,
	};
	struct hv_input_get_partition_property_ex ex = { .property_code = 9 };
	struct hv_input_install_intercept intercept = {
		.access_type = 3, .intercept_type = 0,
		.intercept_parameter.io_port = 0xf4,
	};
	uint64_t value;

	(void)state;
	fake_ioctl(fd, MSHV_INITIALIZE_PARTITION, NULL, 0);
	assert_works(mshv_partition_initialize(partition));
	fake_hvcall(fd, 0x44, 0, &get, 16, 8);
	assert_works(mshv_partition_get_property(partition, 9, &value));
	fake_hvcall(fd, 0x45, 0, &set, 24, 0);
	assert_works(mshv_partition_set_property(partition, 9, 8));
	fake_hvcall(fd, 0x101, 0, &ex, 24, 8);
	assert_works(mshv_partition_get_property_ex(partition, 9, 0, &value,
						    8));
	fake_hvcall(fd, 0x4d, 0, &intercept, 24, 0);
	assert_works(mshv_partition_install_intercept(partition, 3, 0, 0xf4));
	mshv_partition_close(partition);
}

/* By way of the partition, so that it works while the VP runs. */
static void registers_of_a_vp(void **state)
{
	struct mshv_partition *partition = create_plain();
	uint32_t get[5] = { [2] = 7, [4] = HV_REGISTER_VP_RUNTIME };
	uint32_t set[12] = {
		[2] = 7, [4] = HV_REGISTER_VP_RUNTIME, [8] = 5, [10] = 6,
	};
	struct hv_register_assoc reg = { .name = HV_REGISTER_VP_RUNTIME };
	union hv_register_value value = { .reg128 = { 5, 6 } };
	struct fake_answer *answer;
	int fd = mshv_partition_fd(partition);

	(void)state;
	answer = fake_hvcall(fd, HVCALL_GET_VP_REGISTERS, 1, get, 20, 16);
	answer->out = &value;
	answer->out_size = 16;
	assert_works(mshv_partition_get_vp_registers(partition, 7, &reg, 1));
	assert_memory_equal(&reg.value, &value, 16);

	fake_hvcall(fd, HVCALL_SET_VP_REGISTERS, 1, set, 48, 0);
	assert_works(mshv_partition_set_vp_registers(partition, 7, &reg, 1));

	answer = fake_hvcall(fd, HVCALL_SET_VP_REGISTERS, 1, set, 48, 0);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_VP_INDEX;
	answer->reps = 0;
	assert_fails(mshv_partition_set_vp_registers(partition, 7, &reg, 1), EIO);
	assert_int_equal(mshv_last_error()->hv_status, HV_STATUS_INVALID_VP_INDEX);
	assert_int_equal(mshv_last_error()->index, 0);

	assert_works(mshv_partition_get_vp_registers(partition, 7, NULL, 0));
	assert_fails(mshv_partition_get_vp_registers(partition, 7, NULL, 1), EINVAL);
	assert_fails(mshv_partition_set_vp_registers(partition, 7, NULL, 1), EINVAL);
	assert_fails(mshv_partition_get_vp_registers(NULL, 7, &reg, 1), EINVAL);
	assert_fails(mshv_partition_set_vp_registers(NULL, 7, &reg, 1), EINVAL);
	mshv_partition_close(partition);
}

static struct fake_answer *expect_region(int fd, uint64_t gfn, uint64_t hva,
					 uint64_t size, uint8_t flags)
{
	struct mshv_user_mem_region region = {
		.size = size, .guest_pfn = gfn, .userspace_addr = hva,
		.flags = flags,
	};

	return fake_ioctl(fd, MSHV_SET_GUEST_MEMORY, &region, sizeof(region));
}

static void map_and_unmap(void **state)
{
	struct mshv_partition *partition = create_plain();
	int fd = mshv_partition_fd(partition);
	void *addr = (void *)0x7f0000001000;

	(void)state;
	expect_region(fd, 0x100000, 0x7f0000001000, 0x3000, 3);
	assert_works(mshv_partition_map_memory(partition, 0x100000000, addr,
					       0x3000,
					       LIBMSHV_MEMORY_WRITABLE |
					       LIBMSHV_MEMORY_EXECUTABLE));
	expect_region(fd, 0x100000, 0x7f0000001000, 0x3000, 4);
	assert_works(mshv_partition_unmap_memory(partition, 0x100000000, addr,
						 0x3000));

	/* up to the very end of both address spaces */
	expect_region(fd, 0xfffffffffffff, 0xfffffffffffff000, 0x1000, 0);
	assert_works(mshv_partition_map_memory(partition, 0xfffffffffffff000,
					       (void *)0xfffffffffffff000,
					       0x1000,
					       LIBMSHV_MEMORY_READABLE));
	mshv_partition_close(partition);
}

static void refused_memory(void **state)
{
	static const struct {
		uint64_t gpa, hva, size;
		const char *what;
	} rows[] = {
		{ 0x1000, 0x1000, 0, "guest memory: size is 0" },
		{ 0x1000, 0x1000, 0x1fff,
		  "guest memory: size is not a multiple of 4096" },
		{ 0x1001, 0x1000, 0x1000,
		  "guest memory: guest address is not a multiple of 4096" },
		{ 0x1000, 0x1800, 0x1000,
		  "guest memory: address is not a multiple of 4096" },
		{ 0xfffffffffffff000, 0x1000, 0x2000,
		  "guest memory: guest address range wraps around" },
		{ 0x1000, 0xfffffffffffff000, 0x2000,
		  "guest memory: address range wraps around" },
		{ 0x2000, 0x1000, 0xfffffffffffff000,
		  "guest memory: guest address range wraps around" },
	};
	struct mshv_partition *partition = create_plain();
	unsigned int calls = fake_calls();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t gpa = rows[i].gpa;
		void *addr = (void *)(uintptr_t)rows[i].hva;

		assert_fails(mshv_partition_map_memory(partition, gpa, addr,
						       rows[i].size, 0),
			     EINVAL);
		assert_string_equal(mshv_last_error()->what, rows[i].what);
		assert_fails(mshv_partition_unmap_memory(partition, gpa, addr,
							 rows[i].size), EINVAL);
		assert_string_equal(mshv_last_error()->what, rows[i].what);
	}

	for (i = 2; i < 32; i++) {
		assert_fails(mshv_partition_map_memory(partition, 0x1000,
						       (void *)0x1000, 0x1000,
						       1u << i), EINVAL);
		assert_string_equal(mshv_last_error()->what,
				    "guest memory: unknown flags");
	}
	assert_int_equal(fake_calls(), calls);
	mshv_partition_close(partition);
}

static void memory_refused_by_the_kernel(void **state)
{
	static const struct {
		int err;
		const char *map, *unmap;
	} rows[] = {
		{ EEXIST,
		  "map guest memory: overlaps memory that the guest has",
		  "unmap guest memory" },
		{ EINVAL,
		  "map guest memory: nothing mapped at the address, or refused by the hypervisor",
		  "unmap guest memory: not exactly one earlier mapping" },
		{ ENOENT, "map guest memory",
		  "unmap guest memory: the guest has none there" },
		{ ENOMEM, "map guest memory", "unmap guest memory" },
	};
	struct mshv_partition *partition = create_plain();
	int fd = mshv_partition_fd(partition);
	void *addr = (void *)0x4000;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		expect_region(fd, 1, 0x4000, 0x1000, 0)->err = rows[i].err;
		assert_fails(mshv_partition_map_memory(partition, 0x1000, addr,
						       0x1000, 0), rows[i].err);
		assert_string_equal(mshv_last_error()->what, rows[i].map);
		assert_int_equal(mshv_last_error()->request,
				 MSHV_SET_GUEST_MEMORY);
		expect_region(fd, 1, 0x4000, 0x1000, 4)->err = rows[i].err;
		assert_fails(mshv_partition_unmap_memory(partition, 0x1000,
							 addr, 0x1000),
			     rows[i].err);
		assert_string_equal(mshv_last_error()->what, rows[i].unmap);
	}
	mshv_partition_close(partition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		partition_test(version_1),
		partition_test(version_2),
		partition_test(refused_options),
		partition_test(failed_creation),
		partition_test(from_fd),
		partition_test(children_keep_parents_alive),
		partition_test(null_handles),
		partition_test(calls_go_to_the_partition),
		partition_test(registers_of_a_vp),
		partition_test(map_and_unmap),
		partition_test(refused_memory),
		partition_test(memory_refused_by_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
