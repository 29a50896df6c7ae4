// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What an exit costs in calls: one ioctl for the run, none for finishing it
 * through the register page, one hypercall for as many registers as fit into
 * its page; and nothing from the heap for any of it.
 */
#include "config.h"

#include "fake-vp.h"

static struct hv_message io_message, mmio_message;
static unsigned int allocs;

static void make_messages(void)
{
	struct hv_x64_io_port_intercept_message *io =
		(void *)io_message.u.payload;

	io_message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	io_message.header.payload_size = sizeof(*io);
	io->header.intercept_access_type = HV_INTERCEPT_ACCESS_READ;
	io->header.instruction_length = 2;
	io->access_info.access_size = 1;
	mmio_message.header.message_type = HVMSG_UNMAPPED_GPA;
	mmio_message.header.payload_size =
		sizeof(struct hv_x64_memory_intercept_message);
}

static int setup(void **state)
{
	int ret = fake_vp_setup(state);

	make_messages();
	allocs = fake_allocs();
	return ret;
}

/* Whatever the test did, it did without the heap. */
static int teardown(void **state)
{
	assert_int_equal(fake_allocs(), allocs);
	return fake_vp_teardown(state);
}

#define fast_path_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct hv_message *run_to(const struct hv_message *message)
{
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);
	const struct hv_message *got;

	answer->out = message;
	answer->out_size = sizeof(*message);
	assert_works(mshv_vp_run(vp, &got));
	assert_non_null(got);
	return got;
}

static void run_only(void **state)
{
	(void)state;
	run_to(&mmio_message);
	assert_int_equal(fake_calls(), 1);
}

#if defined(__x86_64__)

static void port_access(void **state)
{
	unsigned int i, before;

	(void)state;
	for (i = 0; i < 20; i++) {
		before = fake_calls();
		run_to(&io_message);
		assert_int_equal(fake_calls(), before + 1);
		assert_works(mshv_vp_complete_io(vp, 0x5a));
		assert_int_equal(fake_calls(), before + 1);
		assert_int_equal(page->rax, 0x5a);
		assert_int_equal(page->dirty, GENERAL | IP);
	}
}

static void memory_access(void **state)
{
	struct hv_register_assoc regs[2];
	unsigned int i, before;

	(void)state;
	memset(regs, 0, sizeof(regs));
	regs[0].name = HV_X64_REGISTER_RAX;
	regs[1].name = HV_X64_REGISTER_RIP;
	for (i = 0; i < 20; i++) {
		before = fake_calls();
		page->rip = 0x1000;
		assert_non_null(mshv_message_x64_memory(run_to(&mmio_message)));
		assert_works(mshv_vp_get_registers(vp, regs, 2));
		assert_int_equal(regs[1].value.reg64, 0x1000);
		regs[0].value.reg64 = i;
		regs[1].value.reg64 += 5;
		assert_works(mshv_vp_set_registers(vp, regs, 2));
		assert_int_equal(fake_calls(), before + 1);
		assert_int_equal(page->rax, i);
		assert_int_equal(page->rip, 0x1005);
	}
}

/* Registers that are not on the page. */
static void get_by_hvcall(void **state)
{
	static const unsigned int counts[] = { 1, 2, 16, 127, 128, 256 };
	struct hv_register_assoc regs[256];
	uint32_t names[256];
	unsigned int i, k, before;

	(void)state;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i].name = names[i] = HV_X64_REGISTER_CR2;
	for (k = 0; k < ARRAY_SIZE(counts); k++) {
		before = fake_calls();
		expect_get(names, counts[k], k);
		assert_works(mshv_vp_get_registers(vp, regs, counts[k]));
		assert_int_equal(fake_calls(), before + 1);
		assert_int_equal(regs[counts[k] - 1].value.reg64,
				 HV_X64_REGISTER_CR2 + k);
	}
}

static void set_by_hvcall(void **state)
{
	static const unsigned int counts[] = { 1, 2, 16, 127 };
	struct hv_register_assoc regs[127];
	unsigned int i, k, before;

	(void)state;
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i].name = HV_X64_REGISTER_CR2;
	for (k = 0; k < ARRAY_SIZE(counts); k++) {
		before = fake_calls();
		expect_set(regs, counts[k]);
		assert_works(mshv_vp_set_registers(vp, regs, counts[k]));
		assert_int_equal(fake_calls(), before + 1);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		fast_path_test(run_only),
#if defined(__x86_64__)
		fast_path_test(port_access),
		fast_path_test(memory_access),
		fast_path_test(get_by_hvcall),
		fast_path_test(set_by_hvcall),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
