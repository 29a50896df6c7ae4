// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* All questions, asked of kernels of several kinds. */
#include "config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)
#define V1_FLAGS	(FLAG(LAPIC) | FLAG(X2APIC) | FLAG(GPA_SUPER_PAGES))
#define OWN		2	/* of struct kernel.codes: those of the device */

static struct kernel {
	bool root, vtl;
	uint64_t flags, isolations;
	const uint16_t *codes;		/* that are passed on; the first two ... */
	size_t code_count;		/* ... on the device, too, if own */
	bool own;
	bool no_caps;			/* the hypervisor refuses 0x101 */
	bool no_banks;			/* it has none to tell of */
	int odd_err;			/* of hypercalls that are passed on */
	int create_err, vp_err;
	uint8_t pages;			/* a VP's pages: 0 none */
	uint32_t state_sizes[8];	/* 0: the kernel doesn't know it */
	int state_err;

	int partition_fd, vp_fd;
	unsigned int created;
} k;

static const uint16_t all_codes[] = {
	0x44, 0x101, 0x45, 0x4d, 0x50, 0x51, 0x52, 0x56, 0x91, 0x94, 0xc0, 0xc1,
	0xc9, 0xf4,
};

static struct mshv_dev *dev;

static int refuse(int err)
{
	errno = err;
	return -1;
}

static int create(const struct mshv_create_partition *args)
{
	if (!k.root)
		return refuse(ENOTTY);
	if (args->pt_flags & ~k.flags || !(k.isolations >> args->pt_isolation & 1))
		return refuse(EINVAL);
	if (args->pt_flags & FLAG(CPU_AND_XSAVE_FEATURES))
		return refuse(EFAULT);
	if (k.create_err)
		return refuse(k.create_err);
	k.created++;
	return k.partition_fd = fake_no_page_fd();
}

static int create_vp(int fd)
{
	void *page;

	assert_int_equal(fd, k.partition_fd);
	if (k.vp_err)
		return refuse(k.vp_err);
	if (!k.pages)
		return k.vp_fd = fake_no_page_fd();
	k.vp_fd = fake_page_fd(&page);
	munmap(page, (size_t)sysconf(_SC_PAGESIZE));
	return k.vp_fd;
}

static int hvcall(int fd, struct mshv_root_hvcall *args)
{
	bool self = fd == mshv_dev_fd(dev);
	size_t i;

	assert_true(self || fd == k.partition_fd);
	for (i = 0; i < k.code_count; i++)
		if (k.codes[i] == args->code && (!self || (k.own && i < OWN)))
			break;
	if (i == k.code_count)
		return refuse(EINVAL);
	/* the question: an input that can't be read */
	if (args->in_sz == 8)
		return refuse(k.odd_err ? k.odd_err : EFAULT);

	if (args->code == 0x44) {
		*(uint64_t *)(uintptr_t)args->out_ptr = 0x1234;
		return 0;
	}
	assert_int_equal(args->code, 0x101);
	if (k.no_caps) {
		args->status = HV_STATUS_UNKNOWN_PROPERTY;
		return refuse(EIO);
	}
	((uint64_t *)(uintptr_t)args->out_ptr)[0] = !k.no_banks;
	((uint64_t *)(uintptr_t)args->out_ptr)[1] = 0x50;
	return 0;
}

static int get_state(int fd, struct mshv_get_set_vp_state *args)
{
	uint32_t room = args->buf_sz;

	assert_int_equal(fd, k.vp_fd);
	assert_true(args->type < ARRAY_SIZE(k.state_sizes));
	if (!k.state_sizes[args->type])
		return refuse(k.odd_err ? k.odd_err : EINVAL);
	memset((void *)(uintptr_t)args->buf_ptr, 1, room);
	args->buf_sz = k.state_sizes[args->type];
	if (args->buf_sz > room)
		return refuse(EINVAL);
	return k.state_err ? refuse(k.state_err) : 0;
}

static int kernel(int fd, uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_CHECK_EXTENSION:
		if (!k.vtl)
			return refuse(ENOTTY);
		if (*(uint32_t *)arg == MSHV_CAP_DR6_SHARED)
			return refuse(EOPNOTSUPP);
		return *(uint32_t *)arg == MSHV_CAP_REGISTER_PAGE;
	case MSHV_CREATE_PARTITION:
		return create(arg);
	case MSHV_INITIALIZE_PARTITION:
		return 0;
	case MSHV_CREATE_VP:
		return create_vp(fd);
	case MSHV_GET_VP_STATE:
		return get_state(fd, arg);
	case MSHV_ROOT_HVCALL:
		return k.root ? hvcall(fd, arg) : refuse(ENOTTY);
	}
	return refuse(ENOTTY);
}

static int setup(void **state)
{
	fake_reset(state);
	k = (struct kernel) {
		.root = true, .isolations = 1,
		.flags = V1_FLAGS | FLAG(CPU_AND_XSAVE_FEATURES) |
			 FLAG(NESTED_VIRTUALIZATION) | FLAG(SMT_ENABLED_GUEST),
		.codes = all_codes, .code_count = ARRAY_SIZE(all_codes),
		.own = true, .pages = 3,
		.state_sizes = { 1024, 0x3000, 4096, 4096, 200 },
		.partition_fd = -1, .vp_fd = -1,
	};
	assert_works(mshv_dev_open("/dev/null", &dev));
	fake_instead = kernel;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (k.created) {
		assert_false(fake_fd_open(k.partition_fd));
		if (k.vp_fd >= 0)
			assert_false(fake_fd_open(k.vp_fd));
	}
	mshv_dev_close(dev);
	return 0;
}

#define ask_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct mshv_answer answers[LIBMSHV_ASK_COUNT + 2];

static void ask(uint32_t flags)
{
	size_t i;

	assert_works(mshv_dev_ask(dev, flags, answers, ARRAY_SIZE(answers)));
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		assert_non_null(answers[i].how);
		assert_true(answers[i].answer <= LIBMSHV_ANSWER_YES);
		assert_int_equal(answers[i].reserved, 0);
		if (answers[i].answer != LIBMSHV_ANSWER_YES)
			assert_int_equal(answers[i].value, 0);
	}
	for (i = LIBMSHV_ASK_COUNT; i < ARRAY_SIZE(answers); i++)
		assert_int_equal(answers[i].answer, LIBMSHV_ANSWER_UNKNOWN);
}

/* All from @first to @last, in the order of the enumeration. */
static void assert_answers(unsigned int first, unsigned int last,
			   uint32_t answer)
{
	for (; first <= last; first++)
		if (answers[first].answer != answer)
			fail_msg("%s: %u (%s)", mshv_question_name(first),
				 answers[first].answer, answers[first].how);
}

static void linux_7_2(void **state)
{
	(void)state;
	ask(0);
	assert_int_equal(k.created, 1);
	assert_answers(LIBMSHV_ASK_ROOT_DRIVER, LIBMSHV_ASK_ROOT_DRIVER,
		       LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_VTL_DRIVER, LIBMSHV_ASK_VTL_DRIVER,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_CREATE_V1, LIBMSHV_ASK_SMT, LIBMSHV_ANSWER_YES);
	assert_int_equal(answers[LIBMSHV_ASK_CREATE_V1].value, k.flags);
	assert_answers(LIBMSHV_ASK_ISOLATION_SNP, LIBMSHV_ASK_ISOLATION_SNP,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_OWN_PROPERTY, LIBMSHV_ASK_INTEGRATED_SCHEDULER,
		       LIBMSHV_ANSWER_YES);
	assert_int_equal(answers[LIBMSHV_ASK_HOST_FEATURES].value, 0x1234);
	assert_int_equal(answers[LIBMSHV_ASK_VMM_CAPABILITIES].value, 0x50);
	assert_answers(LIBMSHV_ASK_ROOT_SCHEDULER, LIBMSHV_ASK_ROOT_SCHEDULER,
		       LIBMSHV_ANSWER_UNKNOWN);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_YES);
	assert_int_equal(answers[LIBMSHV_ASK_STATE_LAPIC].value, 1024);
	assert_int_equal(answers[LIBMSHV_ASK_STATE_XSAVE].value, 0x3000);
	assert_int_equal(answers[LIBMSHV_ASK_STATE_TIMERS].value, 200);
	assert_answers(LIBMSHV_ASK_VTL_REGISTER_PAGE, LIBMSHV_ASK_VTL_DR6_SHARED,
		       LIBMSHV_ANSWER_NO);
}

static void linux_6_15(void **state)
{
	static const uint16_t codes[] = {
		0x44, 0x45, 0x4d, 0x50, 0x51, 0x52, 0x56, 0x91, 0x94, 0xc0, 0xc1,
		0xc9, 0xf4,
	};

	(void)state;
	k.flags = V1_FLAGS;
	k.codes = codes;
	k.code_count = ARRAY_SIZE(codes);
	k.own = false;
	ask(0);
	assert_answers(LIBMSHV_ASK_CREATE_V1, LIBMSHV_ASK_CREATE_V1,
		       LIBMSHV_ANSWER_YES);
	assert_int_equal(answers[LIBMSHV_ASK_CREATE_V1].value, V1_FLAGS);
	assert_answers(LIBMSHV_ASK_CREATE_V2, LIBMSHV_ASK_VMM_CAPABILITIES,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_INTEGRATED_SCHEDULER,
		       LIBMSHV_ASK_ROOT_SCHEDULER, LIBMSHV_ANSWER_UNKNOWN);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY,
		       LIBMSHV_ASK_HVCALL_GET_PROPERTY, LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY_EX,
		       LIBMSHV_ASK_HVCALL_GET_PROPERTY_EX, LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_HVCALL_SET_PROPERTY,
		       LIBMSHV_ASK_HVCALL_GET_CPUID, LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_REGISTER_PAGE, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_YES);
}

/* A VP that has less than those of any driver so far. */
static void bare_vp(void **state)
{
	(void)state;
	k.pages = 0;
	k.state_sizes[MSHV_VP_STATE_SYNTHETIC_TIMERS] = 0;
	ask(0);
	assert_answers(LIBMSHV_ASK_REGISTER_PAGE, LIBMSHV_ASK_GHCB_PAGE,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_STATE_LAPIC, LIBMSHV_ASK_STATE_SIEFP,
		       LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_STATE_TIMERS, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_NO);
}

static void assert_how(unsigned int question, uint32_t answer, const char *how)
{
	assert_int_equal(answers[question].answer, answer);
	assert_string_equal(answers[question].how, how);
}

/* The first two mappings are those of the probe and of the questions. */
static void odd_answers(void **state)
{
	(void)state;
	fake_fail_map(3, EINVAL);
	k.no_banks = true;
	ask(0);
	assert_how(LIBMSHV_ASK_REGISTER_PAGE, LIBMSHV_ANSWER_NO,
		   "the kernel doesn't know it");
	assert_how(LIBMSHV_ASK_VMM_CAPABILITIES, LIBMSHV_ANSWER_NO,
		   "the hypervisor has no banks of flags");
	fake_fail_map(4, ENOMEM);
	k.odd_err = EBUSY;
	k.state_sizes[MSHV_VP_STATE_SIMP] = 0;
	ask(0);
	assert_how(LIBMSHV_ASK_INTERCEPT_PAGE, LIBMSHV_ANSWER_UNKNOWN,
		   "mapping it failed for another reason");
	assert_how(LIBMSHV_ASK_HVCALL_GET_CPUID, LIBMSHV_ANSWER_UNKNOWN,
		   "an answer that was not expected");
	assert_how(LIBMSHV_ASK_STATE_SIMP, LIBMSHV_ANSWER_UNKNOWN,
		   "reading it failed for another reason");
}

static void no_memory(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	unsigned int i;

	(void)state;
	for (i = 1; i <= 2; i++) {
		fake_fail_map(i, ENOMEM);
		assert_fails(mshv_dev_ask(dev, 0, answers, LIBMSHV_ASK_COUNT),
			     ENOMEM);
	}
	fake_fail_map(1, ENOMEM);
	assert_fails(mshv_dev_probe(dev, &info), ENOMEM);
	assert_int_equal(k.created, 0);
}

static void passive(void **state)
{
	(void)state;
	ask(LIBMSHV_ASK_PASSIVE);
	assert_int_equal(k.created, 0);
	assert_answers(LIBMSHV_ASK_CREATE_V1, LIBMSHV_ASK_SMT, LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_UNKNOWN);
	assert_string_equal(answers[LIBMSHV_ASK_REGISTER_PAGE].how,
			    "not asked, as it needs a partition");
}

static void no_trial(void **state)
{
	(void)state;
	k.create_err = ENOMEM;
	ask(0);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_UNKNOWN);
	k.create_err = 0;
	k.vp_err = EIO;
	ask(0);
	assert_answers(LIBMSHV_ASK_HVCALL_GET_PROPERTY,
		       LIBMSHV_ASK_HVCALL_GET_CPUID, LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_REGISTER_PAGE, LIBMSHV_ASK_STATE_TIMERS,
		       LIBMSHV_ANSWER_UNKNOWN);
	assert_string_equal(answers[LIBMSHV_ASK_REGISTER_PAGE].how,
			    "no VP could be created for the trial");
}

static void refusing_hypervisor(void **state)
{
	(void)state;
	k.no_caps = true;
	k.state_err = EIO;
	ask(0);
	assert_answers(LIBMSHV_ASK_OWN_PROPERTY_EX, LIBMSHV_ASK_OWN_PROPERTY_EX,
		       LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_HOST_SYNTHETIC, LIBMSHV_ASK_VMM_CAPABILITIES,
		       LIBMSHV_ANSWER_NO);
	assert_string_equal(answers[LIBMSHV_ASK_VMM_CAPABILITIES].how,
			    "the hypervisor refused");
	assert_answers(LIBMSHV_ASK_STATE_LAPIC, LIBMSHV_ASK_STATE_LAPIC,
		       LIBMSHV_ANSWER_NO);
	assert_string_equal(answers[LIBMSHV_ASK_STATE_SIMP].how,
			    "the hypervisor refused");
}

static void other_drivers(void **state)
{
	(void)state;
	k.root = false;
	k.vtl = true;
	ask(0);
	assert_answers(LIBMSHV_ASK_ROOT_DRIVER, LIBMSHV_ASK_ROOT_DRIVER,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_VTL_DRIVER, LIBMSHV_ASK_VTL_DRIVER,
		       LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_CREATE_V1, LIBMSHV_ASK_VMM_CAPABILITIES,
		       LIBMSHV_ANSWER_NO);
	assert_answers(LIBMSHV_ASK_VTL_REGISTER_PAGE,
		       LIBMSHV_ASK_VTL_REGISTER_PAGE, LIBMSHV_ANSWER_YES);
	assert_answers(LIBMSHV_ASK_VTL_RETURN_ACTION, LIBMSHV_ASK_VTL_DR6_SHARED,
		       LIBMSHV_ANSWER_NO);
	k.vtl = false;
	ask(0);
	assert_answers(LIBMSHV_ASK_ROOT_DRIVER, LIBMSHV_ASK_ISOLATION_SNP,
		       LIBMSHV_ANSWER_UNKNOWN);
	assert_answers(LIBMSHV_ASK_VTL_REGISTER_PAGE, LIBMSHV_ASK_VTL_DR6_SHARED,
		       LIBMSHV_ANSWER_UNKNOWN);
}

static void text(void **state)
{
	char buf[8192], small[30];
	int length;

	(void)state;
	ask(0);
	length = mshv_answers_format(answers, LIBMSHV_ASK_COUNT, buf, sizeof(buf));
	assert_true(length > 0 && (size_t)length < sizeof(buf));
	assert_int_equal(strlen(buf), length);
	assert_non_null(strstr(buf, "\nregister-page: yes (it was mapped)\n"));
	assert_non_null(strstr(buf, "\nstate-xsave: yes 0x3000 (its size was told)\n"));
	assert_non_null(strstr(buf, "\nroot-scheduler: unknown (no call of the driver tells)\n"));
	assert_int_equal(mshv_answers_format(answers, LIBMSHV_ASK_COUNT, small,
					     sizeof(small)), length);
	assert_memory_equal(small, buf, sizeof(small) - 1);
	assert_int_equal(small[sizeof(small) - 1], 0);
	assert_int_equal(mshv_answers_format(answers, ARRAY_SIZE(answers), NULL, 0),
			 length);
	assert_int_equal(mshv_answers_format(NULL, 0, buf, sizeof(buf)), 0);
	assert_int_equal(buf[0], 0);
	assert_null(mshv_question_name(LIBMSHV_ASK_COUNT));
}

/* What the kernel refuses is an answer, not a failure. */
static void no_failure(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_error before;

	(void)state;
	k.no_caps = true;
	assert_fails(mshv_dev_ask(NULL, 0, NULL, 0), EINVAL);
	before = *mshv_last_error();
	ask(0);
	assert_memory_equal(mshv_last_error(), &before, sizeof(before));
	assert_works(mshv_dev_probe(dev, &info));
	assert_memory_equal(mshv_last_error(), &before, sizeof(before));
}

static void bad_arguments(void **state)
{
	char c;

	(void)state;
	assert_fails(mshv_dev_ask(NULL, 0, answers, 1), EINVAL);
	assert_fails(mshv_dev_ask(dev, 0, NULL, 1), EINVAL);
	assert_fails(mshv_dev_ask(dev, 2, answers, 1), EINVAL);
	assert_works(mshv_dev_ask(dev, LIBMSHV_ASK_PASSIVE, NULL, 0));
	assert_works(mshv_dev_ask(dev, 0, answers, 1));
	assert_fails(mshv_answers_format(NULL, 1, &c, 1), EINVAL);
	assert_fails(mshv_answers_format(answers, 1, NULL, 1), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ask_test(linux_7_2),
		ask_test(linux_6_15),
		ask_test(bare_vp),
		ask_test(odd_answers),
		ask_test(no_memory),
		ask_test(passive),
		ask_test(no_trial),
		ask_test(refusing_hypervisor),
		ask_test(other_drivers),
		ask_test(text),
		ask_test(no_failure),
		ask_test(bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
