// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Finishing MSR accesses and CPUID, and skipping what has no result. */
#include "config.h"

#include "fake-vp.h"

#if defined(__x86_64__)

static struct hv_message message;

static struct hv_x64_intercept_message_header *make(uint32_t type, size_t size)
{
	struct hv_x64_intercept_message_header *header =
		(void *)message.u.payload;

	memset(&message, 0, sizeof(message));
	message.header.message_type = type;
	message.header.payload_size = (uint8_t)size;
	header->rip = 0x7c00;
	header->instruction_length = 2;
	return header;
}

static struct hv_x64_intercept_message_header *make_msr(int access)
{
	struct hv_x64_intercept_message_header *header =
		make(HVMSG_X64_MSR_INTERCEPT,
		     sizeof(struct hv_x64_msr_intercept_message));

	header->intercept_access_type = (uint8_t)access;
	return header;
}

static struct hv_x64_intercept_message_header *make_cpuid(void)
{
	struct hv_x64_cpuid_intercept_message *cpuid =
		(void *)message.u.payload;

	make(HVMSG_X64_CPUID_INTERCEPT, sizeof(*cpuid));
	cpuid->default_result_rax = 0xffffffff00000001;
	cpuid->default_result_rcx = 3;
	cpuid->default_result_rdx = 4;
	cpuid->default_result_rbx = 2;
	return &cpuid->header;
}

/* The VP stops with the message, and its page is filled. */
static void run_message(void)
{
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);
	unsigned int i;

	answer->out = &message;
	answer->out_size = sizeof(message);
	page->dirty = 0;
	for (i = 0; i < 16; i++)
		page->gp_registers[i] = 0x1111111111111111ULL * (i + 1);
	page->rip = 0x7c00;
	assert_works(mshv_vp_run(vp, NULL));
}

/* RIP, RAX, RBX, RCX, RDX; and the others are as they were. */
static void assert_page(uint64_t rip, uint64_t rax, uint64_t rbx, uint64_t rcx,
			uint64_t rdx, uint32_t dirty)
{
	unsigned int i;

	assert_int_equal(page->rip, rip);
	assert_int_equal(page->rax, rax);
	assert_int_equal(page->rbx, rbx);
	assert_int_equal(page->rcx, rcx);
	assert_int_equal(page->rdx, rdx);
	for (i = 4; i < 16; i++)
		assert_int_equal(page->gp_registers[i],
				 0x1111111111111111ULL * (i + 1));
	assert_int_equal(page->dirty, dirty);
}

#define OLD_RAX	0x1111111111111111
#define OLD_RCX	0x2222222222222222
#define OLD_RDX	0x3333333333333333
#define OLD_RBX	0x4444444444444444

static void assert_unchanged(void)
{
	assert_page(0x7c00, OLD_RAX, OLD_RBX, OLD_RCX, OLD_RDX, 0);
}

static void msr(void **state)
{
	unsigned int calls;

	(void)state;
	make_msr(HV_INTERCEPT_ACCESS_READ);
	run_message();
	calls = fake_calls();
	assert_works(mshv_vp_complete_msr(vp, 0x0123456789abcdef));
	assert_int_equal(fake_calls(), calls);
	assert_page(0x7c02, 0x89abcdef, OLD_RBX, OLD_RCX, 0x01234567,
		    GENERAL | IP);
	/* once is enough, whichever way */
	assert_fails(mshv_vp_complete_msr(vp, 0), EINVAL);
	assert_fails(mshv_vp_skip_instruction(vp), EINVAL);
	assert_int_equal(page->rip, 0x7c02);

	make_msr(HV_INTERCEPT_ACCESS_WRITE);
	run_message();
	assert_works(mshv_vp_complete_msr(vp, 0x0123456789abcdef));
	assert_page(0x7c02, OLD_RAX, OLD_RBX, OLD_RCX, OLD_RDX, IP);
}

static void cpuid(void **state)
{
	static const uint32_t value[4] = { 0xa, 0xb, 0xffffffff, 0xd };

	(void)state;
	make_cpuid();
	run_message();
	assert_works(mshv_vp_complete_cpuid(vp, value));
	assert_page(0x7c02, 0xa, 0xb, 0xffffffff, 0xd, GENERAL | IP);

	/* what the hypervisor says; the upper half is none of CPUID's */
	make_cpuid();
	run_message();
	assert_works(mshv_vp_complete_cpuid(vp, NULL));
	assert_page(0x7c02, 1, 2, 3, 4, GENERAL | IP);
	assert_fails(mshv_vp_complete_cpuid(vp, NULL), EINVAL);
}

static void skips(void **state)
{
	struct hv_x64_intercept_message_header *header;

	(void)state;
	header = make(HVMSG_X64_HALT, sizeof(struct hv_x64_halt_message));
	header->rip = 0xffffffff;
	run_message();
	assert_works(mshv_vp_skip_instruction(vp));
	assert_page(1, OLD_RAX, OLD_RBX, OLD_RCX, OLD_RDX, IP);
	assert_fails(mshv_vp_skip_instruction(vp), EINVAL);

	header->execution_state.efer_lma = 1;
	header->cs_segment._long = 1;
	run_message();
	assert_works(mshv_vp_skip_instruction(vp));
	assert_int_equal(page->rip, 0x100000001);

	/* also those that have a function of their own */
	make_msr(HV_INTERCEPT_ACCESS_READ);
	run_message();
	assert_works(mshv_vp_skip_instruction(vp));
	assert_page(0x7c02, OLD_RAX, OLD_RBX, OLD_RCX, OLD_RDX, IP);
	assert_fails(mshv_vp_complete_msr(vp, 0), EINVAL);
}

/* Without a page; one that fails can be tried again. */
static void by_hypercall(void **state)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg128 = { 0x7c02, 0 } },
		{ .name = HV_X64_REGISTER_RAX, .value.reg128 = { 2, 0 } },
		{ .name = HV_X64_REGISTER_RDX, .value.reg128 = { 1, 0 } },
	};
	struct fake_answer *answer;

	(void)state;
	page->isvalid = 0;
	make_msr(HV_INTERCEPT_ACCESS_READ);
	run_message();
	answer = expect_set(regs, 3);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_VP_STATE;
	answer->reps = 0;
	assert_fails(mshv_vp_complete_msr(vp, 0x100000002), EIO);
	expect_set(regs, 3);
	assert_works(mshv_vp_complete_msr(vp, 0x100000002));
	assert_unchanged();
}

static void refuses(void **state)
{
	(void)state;
	assert_fails(mshv_vp_skip_instruction(vp), EINVAL);
	assert_fails(mshv_vp_complete_msr(vp, 0), EINVAL);
	assert_fails(mshv_vp_complete_cpuid(vp, NULL), EINVAL);
	run(EINTR);
	assert_fails(mshv_vp_skip_instruction(vp), EINVAL);

	/* the other's message, and one without a header */
	make_msr(HV_INTERCEPT_ACCESS_READ);
	run_message();
	assert_fails(mshv_vp_complete_cpuid(vp, NULL), EINVAL);
	assert_fails(mshv_vp_complete_io(vp, 0), EINVAL);
	make_cpuid();
	run_message();
	assert_fails(mshv_vp_complete_msr(vp, 0), EINVAL);
	make(HVMSG_TIMER_EXPIRED, 0);
	run_message();
	assert_fails(mshv_vp_skip_instruction(vp), EINVAL);

	/* malformed */
	make_msr(HV_INTERCEPT_ACCESS_EXECUTE);
	run_message();
	assert_fails(mshv_vp_complete_msr(vp, 0), EBADMSG);
	make_msr(HV_INTERCEPT_ACCESS_READ)->instruction_length = 0;
	run_message();
	assert_fails(mshv_vp_complete_msr(vp, 0), EBADMSG);
	assert_fails(mshv_vp_skip_instruction(vp), EBADMSG);
	make_cpuid();
	message.header.payload_size--;
	run_message();
	assert_fails(mshv_vp_complete_cpuid(vp, NULL), EBADMSG);
	assert_fails(mshv_vp_skip_instruction(vp), EBADMSG);
	assert_unchanged();
}

#else

static void refuses(void **state)
{
	(void)state;
	assert_fails(mshv_vp_skip_instruction(vp), EOPNOTSUPP);
	assert_fails(mshv_vp_complete_msr(vp, 0), EOPNOTSUPP);
	assert_fails(mshv_vp_complete_cpuid(vp, NULL), EOPNOTSUPP);
}

#endif

static void null_handles(void **state)
{
	(void)state;
	assert_fails(mshv_vp_skip_instruction(NULL), EINVAL);
	assert_fails(mshv_vp_complete_msr(NULL, 0), EINVAL);
	assert_fails(mshv_vp_complete_cpuid(NULL, NULL), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
		fake_vp_test(msr),
		fake_vp_test(cpuid),
		fake_vp_test(skips),
		fake_vp_test(by_hypercall),
#endif
		fake_vp_test(refuses),
		fake_vp_test(null_handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
