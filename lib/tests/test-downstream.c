// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Calls that only some kernels have. */
#include "config.h"

#include <sys/ioctl.h>

#include <mshv/downstream.h>
#include <mshv/hv_snp.h>

#include "fake.h"

#define FD	77	/* nothing but the fake looks at it */

#define CREATE_DEVICE	_IOC(_IOC_READ | _IOC_WRITE, 0xb8, 0x08, 12)

static void probe(void **state)
{
	static const uint32_t requests[] = {
		0xc00cb808, 0x4010b809, 0x4010b80a, 0x4d06b8f4, 0x4010b8f5,
		0x4010b8f6, 0xc020b8f2,
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		fake_ioctl(FD, requests[i], NULL, 0)->err = EFAULT;
		assert_int_equal(mshv_downstream_probe(FD, i), 1);
		fake_ioctl(FD, requests[i], NULL, 0)->err = ENOTTY;
		assert_int_equal(mshv_downstream_probe(FD, i), 0);
	}
	fake_ioctl(FD, requests[0], NULL, 0)->err = EBADF;
	assert_fails(mshv_downstream_probe(FD, 0), EBADF);
	fake_ioctl(FD, requests[0], NULL, 0);
	assert_fails(mshv_downstream_probe(FD, 0), EPROTO);
	assert_fails(mshv_downstream_probe(FD, i), EINVAL);
}

static void devices(void **state)
{
	uint32_t create[3] = { 0, UINT32_MAX, 0 }, created[3] = { 0, 9, 0 },
		 test[3] = { 0, 0, 1 };
	uint64_t attribute[3] = { 1ULL << 32, 2, 0 };
	struct fake_answer *answer;
	int value;

	(void)state;
	answer = fake_ioctl(FD, CREATE_DEVICE, create, sizeof(create));
	answer->out = created;
	answer->out_size = sizeof(created);
	assert_int_equal(mshv_downstream_create_device(FD, 0), 9);
	/* 0 in a process without stdin: a device like any other, not to be lost */
	created[1] = 0;
	answer = fake_ioctl(FD, CREATE_DEVICE, create, sizeof(create));
	answer->out = created;
	answer->out_size = sizeof(created);
	assert_int_equal(mshv_downstream_create_device(FD, 0), 0);
	/* a fd that the kernel didn't write is not stdin */
	fake_ioctl(FD, CREATE_DEVICE, create, sizeof(create));
	assert_fails(mshv_downstream_create_device(FD, 0), EPROTO);
	fake_ioctl(FD, CREATE_DEVICE, create, sizeof(create))->err = ENOTTY;
	assert_fails(mshv_downstream_create_device(FD, 0), ENOTTY);
	fake_ioctl(FD, CREATE_DEVICE, test, sizeof(test));
	assert_works(mshv_downstream_test_device(FD, 0));

	fake_ioctl(FD, 0x4018b802, attribute, sizeof(attribute));
	assert_works(mshv_downstream_has_attribute(FD, 1, 2));
	fake_ioctl(FD, 0x4018b802, attribute, sizeof(attribute))->err = ENXIO;
	assert_fails(mshv_downstream_has_attribute(FD, 1, 2), ENXIO);
	fake_ioctl(FD, 0x4018b802, attribute, sizeof(attribute))->err = ENOTTY;
	fake_ioctl(FD, 0x4018b801, attribute, sizeof(attribute));
	assert_works(mshv_downstream_has_attribute(FD, 1, 2));
	/* not where its number is another call's */
	fake_ioctl(FD, 0x4018b802, attribute, sizeof(attribute))->err = ENOTTY;
	assert_fails(mshv_downstream_get_attribute(FD, 1, 2, &value), ENOTTY);
	fake_ioctl(FD, 0x4018b802, attribute, sizeof(attribute));
	attribute[2] = (uintptr_t)&value;
	fake_ioctl(FD, 0x4018b801, attribute, sizeof(attribute));
	assert_works(mshv_downstream_get_attribute(FD, 1, 2, &value));
	fake_ioctl(FD, 0x4018b800, attribute, sizeof(attribute));
	assert_works(mshv_downstream_set_attribute(FD, 1, 2, &value));
	assert_fails(mshv_downstream_get_attribute(FD, 1, 2, NULL), EINVAL);
}

static void pages(void **state)
{
	static const uint64_t gfns[] = { 5, 6, 7 };
	uint64_t args[5] = { 3, 3, 5, 6, 7 };

	(void)state;
	fake_ioctl(FD, 0x4010b809, args, sizeof(args));
	assert_works(mshv_downstream_modify_host_access(FD,
		LIBMSHV_HOST_ACCESS_ACQUIRE | LIBMSHV_HOST_ACCESS_READABLE, gfns, 3));
	fake_ioctl(FD, 0x4010b80a, args, sizeof(args))->err = EIO;
	assert_fails(mshv_downstream_import_pages(FD, 3, gfns, 3), EIO);
	fake_fail_alloc(1);
	assert_fails(mshv_downstream_import_pages(FD, 3, gfns, 3), ENOMEM);
	assert_fails(mshv_downstream_import_pages(FD, 3, gfns, 0), EINVAL);
	assert_fails(mshv_downstream_import_pages(FD, 3, NULL, 3), EINVAL);
	assert_fails(mshv_downstream_modify_host_access(FD, 0, gfns, SIZE_MAX / 4),
		     EINVAL);
	assert_fails(mshv_downstream_modify_host_access(FD, 0, NULL, 1), EINVAL);
}

static void launch(void **state)
{
	union hv_partition_complete_isolated_import_data data;
	uint64_t words[2] = { 0x1000, 0x2000 };

	(void)state;
	memset(&data, 3, sizeof(data));
	fake_ioctl(FD, 0x4d06b8f4, &data, sizeof(data));
	assert_works(mshv_downstream_complete_import(FD, &data));
	assert_fails(mshv_downstream_complete_import(FD, NULL), EINVAL);
	fake_ioctl(FD, 0x4010b8f5, words, sizeof(words));
	assert_works(mshv_downstream_psp_request(FD, 0x1000, 0x2000));
	fake_ioctl(FD, 0x4010b8f6, words, sizeof(words));
	assert_works(mshv_downstream_ap_create(FD, 0x1000, 0x2000));
}

static int translate_answer(int fd, uint32_t request, void *arg)
{
	uint64_t *args = arg;

	assert_int_equal(fd, FD);
	assert_int_equal(request, 0xc020b8f2);
	assert_int_equal(args[0], 0x12345);
	assert_int_equal(args[1], 1);
	*(uint64_t *)(uintptr_t)args[2] = 4;
	*(uint64_t *)(uintptr_t)args[3] = 0x9000;
	return 0;
}

static void translate(void **state)
{
	uint64_t result, gpa;

	(void)state;
	fake_ioctl(FD, 0xc020b8f2, NULL, 0)->err = ENOTTY;
	assert_fails(mshv_downstream_translate_gva(FD, 0, 0, &result, &gpa), ENOTTY);
	assert_fails(mshv_downstream_translate_gva(FD, 0, 0, NULL, &gpa), EINVAL);
	assert_fails(mshv_downstream_translate_gva(FD, 0, 0, &result, NULL), EINVAL);
	fake_instead = translate_answer;
	assert_works(mshv_downstream_translate_gva(FD, 0x12345, 1, &result, &gpa));
	assert_int_equal(result, 4);
	assert_int_equal(gpa, 0x9345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(probe),
		fake_test(devices),
		fake_test(pages),
		fake_test(launch),
		fake_test(translate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
