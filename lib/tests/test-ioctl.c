// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The thin layer: number, bytes, and what becomes of each answer. */
#include "config.h"

#include "fake.h"

#define FD	9

static struct mshv_create_partition create_v1 = {
	.pt_flags = 1ULL << MSHV_PT_BIT_LAPIC,
	.pt_isolation = MSHV_PT_ISOLATION_NONE,
};
static struct mshv_create_partition_v2 create_v2 = {
	.pt_flags = 1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES,
	.pt_num_cpu_fbanks = 2,
	.pt_cpu_fbanks = { 0x11, 0x22 },
};
static struct mshv_create_vp create_vp = { .vp_index = 5 };
static uint32_t capability = MSHV_CAP_REGISTER_PAGE;
static struct mshv_user_mem_region region = {
	.size = 0x2000, .guest_pfn = 3, .userspace_addr = 0x7000,
	.flags = 1 << MSHV_SET_MEM_BIT_WRITABLE,
};
static struct mshv_user_irqfd irqfd = { .fd = 4, .gsi = 17 };
static struct mshv_user_ioeventfd ioeventfd = { .fd = 4, .addr = 0x1000 };
static struct mshv_gpap_access_bitmap bitmap = { .page_count = 12 };
static struct mshv_get_set_vp_state vp_state = { .buf_sz = 0x1000 };
static struct mshv_run_vp run;
static struct mshv_root_hvcall root_hvcall = { .code = 0x44, .in_sz = 8 };
static union {
	struct mshv_user_irq_table table;
	uint8_t space[sizeof(struct mshv_user_irq_table) +
		      2 * sizeof(struct mshv_user_irq_entry)];
} irqs = { .table.nr = 2 };

static int call_create_v1(int fd)
{
	return mshv_ioctl_create_partition(fd, &create_v1);
}

static int call_create_v2(int fd)
{
	return mshv_ioctl_create_partition_v2(fd, &create_v2);
}

static int call_check_extension(int fd)
{
	return mshv_ioctl_check_extension(fd, capability);
}

static int call_initialize(int fd)
{
	return mshv_ioctl_initialize_partition(fd);
}

static int call_create_vp(int fd)
{
	return mshv_ioctl_create_vp(fd, create_vp.vp_index);
}

static int call_memory(int fd)
{
	return mshv_ioctl_set_guest_memory(fd, &region);
}

static int call_irqfd(int fd)
{
	return mshv_ioctl_irqfd(fd, &irqfd);
}

static int call_ioeventfd(int fd)
{
	return mshv_ioctl_ioeventfd(fd, &ioeventfd);
}

static int call_msi_routing(int fd)
{
	return mshv_ioctl_set_msi_routing(fd, &irqs.table);
}

static int call_bitmap(int fd)
{
	return mshv_ioctl_get_gpap_access_bitmap(fd, &bitmap);
}

static int call_run(int fd)
{
	return mshv_ioctl_run_vp(fd, &run);
}

static int call_get_state(int fd)
{
	return mshv_ioctl_get_vp_state(fd, &vp_state);
}

static int call_set_state(int fd)
{
	return mshv_ioctl_set_vp_state(fd, &vp_state);
}

static int call_root_hvcall(int fd)
{
	return mshv_ioctl_root_hvcall(fd, &root_hvcall);
}

static const struct row {
	int (*call)(int fd);
	uint32_t number;	/* as in Linux 7.2, not as in our header */
	const void *arg;
	size_t size;
	bool returns_value;	/* a fd or a number, else 0 */
} rows[] = {
	{ call_create_v1, 0x4010b800, &create_v1, 16, true },
	{ call_create_v2, 0x4010b800, &create_v2, 64, true },
	{ call_check_extension, 0x4004b800, &capability, 4, true },
	{ call_initialize, 0x0000b800, NULL, 0, false },
	{ call_create_vp, 0x4004b801, &create_vp, 4, true },
	{ call_memory, 0x4020b802, &region, 32, false },
	{ call_irqfd, 0x4010b803, &irqfd, 16, false },
	{ call_ioeventfd, 0x4020b804, &ioeventfd, 32, false },
	{ call_msi_routing, 0x4008b805, &irqs, sizeof(irqs), false },
	{ call_bitmap, 0xc020b806, &bitmap, 32, false },
	{ call_run, 0x8100b800, NULL, 0, false },
	{ call_get_state, 0xc010b801, &vp_state, 16, false },
	{ call_set_state, 0xc010b802, &vp_state, 16, false },
};

static const int errors[] = { EINVAL, ENOTTY, EBADF, EFAULT, EIO, ENOMEM,
			      EEXIST, EPERM };

static void number_and_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_ioctl(FD, rows[i].number, rows[i].arg, rows[i].size);
		assert_works(rows[i].call(FD));
	}
}

static void errors_are_passed_on(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset(NULL);
		for (j = 0; j < ARRAY_SIZE(errors); j++) {
			fake_ioctl(FD, rows[i].number, rows[i].arg,
				   rows[i].size)->err = errors[j];
			assert_fails(rows[i].call(FD), errors[j]);
			assert_int_equal(mshv_last_error()->request,
					 rows[i].number);
			assert_int_equal(mshv_last_error()->hv_status, 0);
		}
		assert_int_equal(fake_done(NULL), 0);
	}
}

static void positive_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_ioctl(FD, rows[i].number, NULL, 0)->ret = 42;
		if (rows[i].returns_value)
			assert_int_equal(rows[i].call(FD), 42);
		else
			assert_fails(rows[i].call(FD), EPROTO);
	}
}

static void interrupted_calls_start_again(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_ioctl(FD, rows[i].number, rows[i].arg,
			   rows[i].size)->err = EINTR;
		if (rows[i].call == call_run) {
			assert_fails(rows[i].call(FD), EINTR);
			continue;
		}
		fake_ioctl(FD, rows[i].number, rows[i].arg,
			   rows[i].size)->err = EINTR;
		fake_ioctl(FD, rows[i].number, rows[i].arg, rows[i].size);
		assert_works(rows[i].call(FD));
	}
}

static void null_never_reaches_the_kernel(void **state)
{
	(void)state;
	assert_fails(mshv_ioctl_create_partition(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_create_partition_v2(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_set_guest_memory(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_irqfd(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_ioeventfd(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_set_msi_routing(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_get_gpap_access_bitmap(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_root_hvcall(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_run_vp(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_get_vp_state(FD, NULL), EINVAL);
	assert_fails(mshv_ioctl_set_vp_state(FD, NULL), EINVAL);
	assert_int_equal(fake_calls(), 0);
}

/* Mixed up, the kernel would read too much, or ignore the features. */
static void create_versions_are_kept_apart(void **state)
{
	struct mshv_create_partition v1 = { .pt_flags = create_v2.pt_flags };
	struct mshv_create_partition_v2 v2 = { .pt_flags = create_v1.pt_flags };

	(void)state;
	assert_fails(mshv_ioctl_create_partition(FD, &v1), EINVAL);
	assert_fails(mshv_ioctl_create_partition_v2(FD, &v2), EINVAL);
	assert_int_equal(fake_calls(), 0);
}

static void message_lands_in_the_buffer(void **state)
{
	struct mshv_run_vp sent, got = { { 0 } };

	(void)state;
	memset(&sent, 0xa5, sizeof(sent));
	*fake_ioctl(FD, MSHV_RUN_VP, NULL, 0) = (struct fake_answer) {
		.out = &sent, .out_size = sizeof(sent),
	};
	assert_works(mshv_ioctl_run_vp(FD, &got));
	assert_memory_equal(&got, &sent, sizeof(got));
}

static void state_size_comes_back(void **state)
{
	struct mshv_get_set_vp_state args = vp_state, out = vp_state;

	(void)state;
	out.buf_sz = 200;
	*fake_ioctl(FD, MSHV_GET_VP_STATE, &args, sizeof(args)) =
		(struct fake_answer) { .out = &out, .out_size = sizeof(out) };
	assert_works(mshv_ioctl_get_vp_state(FD, &args));
	assert_int_equal(args.buf_sz, 200);
}

static struct fake_answer *expect_root_hvcall(uint16_t reps)
{
	root_hvcall = (struct mshv_root_hvcall) {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = reps,
		.in_sz = 8,
		.in_ptr = (uintptr_t)"inputs..",
	};
	return fake_hvcall(FD, HVCALL_SET_VP_REGISTERS, reps, "inputs..", 8, 0);
}

static void hvcall_number(void **state)
{
	(void)state;
	assert_int_equal(MSHV_ROOT_HVCALL, 0xc020b807);
	expect_root_hvcall(0);
	assert_works(call_root_hvcall(FD));
	expect_root_hvcall(0)->ret = 1;
	assert_fails(call_root_hvcall(FD), EPROTO);
	expect_root_hvcall(0)->err = EINTR;
	fake_hvcall(FD, HVCALL_SET_VP_REGISTERS, 0, "inputs..", 8, 0);
	assert_works(call_root_hvcall(FD));
}

static void hvcall_refused_by_the_hypervisor(void **state)
{
	struct fake_answer *answer;

	(void)state;
	answer = expect_root_hvcall(9);
	answer->err = EIO;
	answer->status = HV_STATUS_ACCESS_DENIED;
	answer->reps = 4;
	assert_fails(call_root_hvcall(FD), EIO);
	assert_int_equal(mshv_last_error()->hv_status, HV_STATUS_ACCESS_DENIED);
	assert_int_equal(mshv_last_error()->hypercall, HVCALL_SET_VP_REGISTERS);
	assert_int_equal(mshv_last_error()->index, 4);
	assert_int_equal(root_hvcall.status, HV_STATUS_ACCESS_DENIED);
	assert_int_equal(root_hvcall.reps, 4);

	/* nonsense: more done than there is */
	answer = expect_root_hvcall(9);
	answer->err = EIO;
	answer->status = HV_STATUS_ACCESS_DENIED;
	answer->reps = 4000;
	assert_fails(call_root_hvcall(FD), EIO);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);
}

static void hvcall_refused_by_the_kernel(void **state)
{
	struct fake_answer *answer;

	(void)state;
	answer = expect_root_hvcall(9);
	answer->err = EFAULT;
	answer->keep_args = true;
	assert_fails(call_root_hvcall(FD), EFAULT);
	assert_int_equal(mshv_last_error()->hv_status, 0);
	assert_int_equal(mshv_last_error()->hypercall, HVCALL_SET_VP_REGISTERS);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);
}

/* A status in the argument is the caller's mistake, not the hypervisor's. */
static void hvcall_status_of_the_caller(void **state)
{
	struct mshv_root_hvcall args = { .status = HV_STATUS_TIME_OUT };

	(void)state;
	fake_ioctl(FD, MSHV_ROOT_HVCALL, &args, sizeof(args))->err = EINVAL;
	assert_fails(mshv_ioctl_root_hvcall(FD, &args), EINVAL);
	assert_int_equal(mshv_last_error()->hv_status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(number_and_bytes),
		fake_test(errors_are_passed_on),
		fake_test(positive_answers),
		fake_test(interrupted_calls_start_again),
		fake_test(null_never_reaches_the_kernel),
		fake_test(create_versions_are_kept_apart),
		fake_test(message_lands_in_the_buffer),
		fake_test(state_size_comes_back),
		fake_test(hvcall_number),
		fake_test(hvcall_refused_by_the_hypervisor),
		fake_test(hvcall_refused_by_the_kernel),
		fake_test(hvcall_status_of_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
