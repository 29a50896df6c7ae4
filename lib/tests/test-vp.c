// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The VP: creation, running, messages, finishing a port access. */
#include "config.h"

#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

static struct mshv_vp *vp;
static struct hv_vp_register_page *page;
static int fd;

/* A VP whose register page is there, but not (yet) valid. */
static int setup(void **state)
{
	void *mapped;

	fake_reset(state);
	fd = fake_page_fd(&mapped);
	page = mapped;
	vp = fake_vp_create(fd, 3);
	return 0;
}

static int teardown(void **state)
{
	mshv_vp_close(vp);
	munmap(page, MSHV_HV_PAGE_SIZE);
	return fake_done(state);
}

#define vp_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct fake_answer *expect_run(const struct hv_message *message)
{
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);

	answer->out = message;
	answer->out_size = sizeof(*message);
	return answer;
}

static void create(void **state)
{
	struct mshv_create_vp args = { .vp_index = 200 };
	struct mshv_partition *partition;
	struct mshv_vp *new = (void *)1;
	struct fake_answer *answer;
	int pt_fd = fake_no_page_fd();
	void *mapped;

	(void)state;
	assert_works(mshv_partition_from_fd(NULL, pt_fd, &partition));
	assert_fails(mshv_vp_create(partition, 0, NULL), EINVAL);
	assert_fails(mshv_vp_create(NULL, 0, &new), EINVAL);
	assert_null(new);

	fake_ioctl(pt_fd, MSHV_CREATE_VP, &args, 4)->err = EEXIST;
	assert_fails(mshv_vp_create(partition, 200, &new), EEXIST);
	assert_null(new);

	/* Nothing is asked of the kernel, which would keep the VP. */
	fake_fail_alloc(1);
	assert_fails(mshv_vp_create(partition, 200, &new), ENOMEM);
	assert_null(new);

	answer = fake_ioctl(pt_fd, MSHV_CREATE_VP, &args, 4);
	answer->ret = fake_page_fd(&mapped);
	assert_works(mshv_vp_create(partition, 200, &new));
	assert_int_equal(mshv_vp_index(new), 200);
	assert_int_equal(mshv_vp_fd(new), answer->ret);
	mshv_vp_close(new);
	munmap(mapped, MSHV_HV_PAGE_SIZE);
	mshv_partition_close(partition);
	assert_false(fake_fd_open(pt_fd));
}

/* The answer of the driver to what only a VP can be asked. */
static void expect_question(int vp_fd)
{
	fake_ioctl(vp_fd, MSHV_GET_VP_STATE, NULL, 0)->err = EFAULT;
}

static void from_fd(void **state)
{
	int other = fake_no_page_fd();
	struct mshv_vp *new = (void *)1;

	(void)state;
	assert_fails(mshv_vp_from_fd(NULL, other, 0, NULL), EINVAL);
	assert_fails(mshv_vp_from_fd(NULL, INT_MAX, 0, &new), EBADF);
	assert_null(new);
	expect_question(other);
	fake_fail_alloc(1);
	assert_fails(mshv_vp_from_fd(NULL, other, 0, &new), ENOMEM);
	assert_true(fake_fd_open(other));

	/* A kernel that has no register page is no error. */
	expect_question(other);
	assert_fails(mshv_vp_fd(NULL), EINVAL);
	assert_works(mshv_vp_from_fd(NULL, other, 0, &new));
	assert_string_equal(mshv_last_error()->what, "VP fd: NULL argument");
	assert_null(mshv_vp_register_page(new));
	errno = ENOENT;
	mshv_vp_close(new);
	assert_int_equal(errno, ENOENT);
	assert_false(fake_fd_open(other));

	/* The driver would find the question as harmless as it is meant. */
	other = fake_no_page_fd();
	mshv_vp_close(fake_vp_from_fd(NULL, other, 0));
}

/*
 * A file that can be mapped, but whose sender decides what is in it, or that
 * there is nothing (SIGBUS).
 */
static void from_fd_of_something_else(void **state)
{
	static const int errors[] = {
		ENOTTY, EINVAL, EIO, EPERM, ENOMEM, ENOSYS, ENODEV,
	};
	struct mshv_vp *new = (void *)1;
	int other = memfd_create("not a VP", MFD_CLOEXEC);
	size_t i;

	(void)state;
	assert_true(other >= 0);
	fake_ioctl(other, MSHV_GET_VP_STATE, NULL, 0)->real = true;
	assert_fails(mshv_vp_from_fd(NULL, other, 0, &new), ENOTTY);
	assert_null(new);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		fake_ioctl(other, MSHV_GET_VP_STATE, NULL, 0)->err = errors[i];
		assert_fails(mshv_vp_from_fd(NULL, other, 0, &new), ENOTTY);
		assert_int_equal(mshv_last_error()->request, MSHV_GET_VP_STATE);
	}
	fake_ioctl(other, MSHV_GET_VP_STATE, NULL, 0)->ret = 0;
	assert_fails(mshv_vp_from_fd(NULL, other, 0, &new), ENOTTY);
	fake_ioctl(other, MSHV_GET_VP_STATE, NULL, 0)->err = EBADF;
	assert_fails(mshv_vp_from_fd(NULL, other, 0, &new), EBADF);
	assert_true(fake_fd_open(other));
	close(other);
}

static void null_handles(void **state)
{
	const struct hv_message *message = (void *)1;

	(void)state;
	mshv_vp_close(NULL);
	assert_fails(mshv_vp_fd(NULL), EINVAL);
	assert_int_equal(mshv_vp_index(NULL), UINT32_MAX);
	assert_null(mshv_vp_register_page(NULL));
	assert_null(mshv_vp_message(NULL));
	assert_fails(mshv_vp_run(NULL, &message), EINVAL);
	assert_null(message);
	assert_fails(mshv_vp_complete_io(NULL, 0), EINVAL);
}

#if defined(__x86_64__)
static void register_page_is_shared(void **state)
{
	struct hv_vp_register_page *seen = mshv_vp_register_page(vp);

	(void)state;
	assert_non_null(seen);
	page->rip = 0x1234;
	assert_int_equal(seen->rip, 0x1234);
	seen->dirty = 2;
	assert_int_equal(page->dirty, 2);
}

static void close_unmaps_the_page(void **state)
{
	struct hv_vp_register_page *seen;
	struct mshv_vp *other;
	unsigned char resident;

	(void)state;
	other = fake_vp_from_fd(NULL, dup(fd), 0);
	seen = mshv_vp_register_page(other);
	assert_int_equal(mincore(seen, MSHV_HV_PAGE_SIZE, &resident), 0);
	mshv_vp_close(other);
	assert_int_equal(mincore(seen, MSHV_HV_PAGE_SIZE, &resident), -1);
	assert_int_equal(errno, ENOMEM);
}
#endif

static void run(void **state)
{
	struct hv_message sent = {
		.header.message_type = HVMSG_X64_HALT,
		.header.sender = 0x1122,
	};
	const struct hv_message *message = NULL;

	(void)state;
	assert_null(mshv_vp_message(vp));
	expect_run(&sent);
	assert_works(mshv_vp_run(vp, &message));
	assert_memory_equal(message, &sent, sizeof(sent));
	assert_ptr_equal(message, mshv_vp_message(vp));

	sent.header.sender = 0x3344;
	expect_run(&sent);
	assert_works(mshv_vp_run(vp, NULL));
	assert_int_equal(mshv_vp_message(vp)->header.sender, 0x3344);
}

static void run_without_a_message(void **state)
{
	static const int errors[] = { EINTR, EIO, EINVAL, ENOTTY };
	struct hv_message sent = { .header.message_type = HVMSG_X64_HALT };
	const struct hv_message *message;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		expect_run(&sent);
		assert_works(mshv_vp_run(vp, &message));
		expect_run(&sent)->err = errors[i];
		message = (void *)1;
		/* once: it is not started again */
		assert_fails(mshv_vp_run(vp, &message), errors[i]);
		assert_null(message);
		assert_null(mshv_vp_message(vp));
	}
	expect_run(&sent)->ret = 3;
	assert_fails(mshv_vp_run(vp, &message), EPROTO);
	assert_null(mshv_vp_message(vp));
}

static void nothing_to_complete(void **state)
{
	struct hv_message sent = { .header.message_type = HVMSG_X64_HALT };

	(void)state;
#if defined(__x86_64__)
	assert_fails(mshv_vp_complete_io(vp, 0), EINVAL);
	expect_run(&sent);
	assert_works(mshv_vp_run(vp, NULL));
	assert_fails(mshv_vp_complete_io(vp, 0), EINVAL);
#else
	(void)sent;
	assert_fails(mshv_vp_complete_io(vp, 0), EOPNOTSUPP);
#endif
}

#if defined(__x86_64__)

static struct hv_message io_message;

static struct hv_x64_io_port_intercept_message *make_io(unsigned int size,
							bool in)
{
	struct hv_x64_io_port_intercept_message *io =
		(void *)io_message.u.payload;

	memset(&io_message, 0, sizeof(io_message));
	io_message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	io_message.header.payload_size = sizeof(*io);
	io->header.rip = 0x7c00;
	io->header.instruction_length = 2;
	io->header.intercept_access_type = in ? HV_INTERCEPT_ACCESS_READ :
						HV_INTERCEPT_ACCESS_WRITE;
	io->access_info.access_size = (uint8_t)(size & 7);
	io->port_number = 0x3f8;
	io->rax = 0x1122334455667788;
	return io;
}

/* The VP stops with the I/O message, and its page is filled. */
static void run_io(bool valid)
{
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->isvalid = valid;
	page->dirty = 0;
	page->rax = 0x1122334455667788;
	page->rip = 0x7c00;
	expect_run(&io_message);
	assert_works(mshv_vp_run(vp, NULL));
}

static void complete_through_the_page(void **state)
{
	static const struct {
		unsigned int size;
		bool in;
		uint64_t rax;
	} rows[] = {
		{ 1, true, 0x11223344556677dd },
		{ 2, true, 0x112233445566ccdd },
		{ 4, true, 0x00000000aabbccdd },
		{ 1, false, 0x1122334455667788 },
		{ 4, false, 0x1122334455667788 },
	};
	uint32_t dirty;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int calls;

		make_io(rows[i].size, rows[i].in);
		run_io(true);
		calls = fake_calls();
		assert_works(mshv_vp_complete_io(vp, 0xaabbccdd));
		assert_int_equal(fake_calls(), calls);	/* no system call */
		assert_int_equal(page->rip, 0x7c02);
		assert_int_equal(page->rax, rows[i].rax);
		dirty = 1u << HV_X64_REGISTER_CLASS_IP;
		if (rows[i].in)
			dirty |= 1u << HV_X64_REGISTER_CLASS_GENERAL;
		assert_int_equal(page->dirty, dirty);

		/* once is enough */
		assert_fails(mshv_vp_complete_io(vp, 0), EINVAL);
		assert_int_equal(page->rip, 0x7c02);
	}
}

/* RIP, and RAX if @rax isn't NULL. */
static void expect_set(uint64_t rip, const uint64_t *rax, int err)
{
	struct hv_input_set_vp_registers header = { .vp_index = 3 };
	struct hv_register_assoc regs[2] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg128 = { rip, 0 } },
		{ .name = HV_X64_REGISTER_RAX },
	};
	uint16_t count = rax ? 2 : 1;
	uint8_t in[16 + sizeof(regs)];
	struct fake_answer *answer;

	if (rax)
		regs[1].value.reg64 = *rax;
	memcpy(in, &header, 16);
	memcpy(in + 16, regs, sizeof(regs));
	answer = fake_hvcall(fd, HVCALL_SET_VP_REGISTERS, count, in,
			     16 + count * 32u, 0);
	answer->err = err;
	if (err)
		answer->status = HV_STATUS_INVALID_VP_STATE;
}

static void complete_by_hypercall(void **state)
{
	uint64_t rax = 0x112233445566ccdd;

	(void)state;
	make_io(2, true);
	run_io(false);
	expect_set(0x7c02, &rax, 0);
	assert_works(mshv_vp_complete_io(vp, 0xaabbccdd));
	assert_int_equal(page->dirty, 0);

	/* one that fails can be tried again */
	make_io(1, false);
	run_io(false);
	expect_set(0x7c02, NULL, EINVAL);
	assert_fails(mshv_vp_complete_io(vp, 0), EINVAL);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INVALID_VP_STATE);
	expect_set(0x7c02, NULL, 0);
	assert_works(mshv_vp_complete_io(vp, 0));
}

static void complete_wraps_around(void **state)
{
	struct hv_x64_io_port_intercept_message *io;

	(void)state;
	io = make_io(1, false);
	io->header.rip = 0xffffffff;
	run_io(true);
	assert_works(mshv_vp_complete_io(vp, 0));
	assert_int_equal(page->rip, 1);

	io = make_io(1, false);
	io->header.rip = 0xffffffff;
	io->header.execution_state.efer_lma = 1;
	io->header.cs_segment._long = 1;
	run_io(true);
	assert_works(mshv_vp_complete_io(vp, 0));
	assert_int_equal(page->rip, 0x100000001);
}

static void complete_refuses(void **state)
{
	struct hv_x64_io_port_intercept_message *io;

	(void)state;
	io = make_io(1, true);
	io->access_info.string_op = 1;
	run_io(true);
	assert_fails(mshv_vp_complete_io(vp, 0), EOPNOTSUPP);

	io = make_io(1, true);
	io->header.instruction_length = 0;
	run_io(true);
	assert_fails(mshv_vp_complete_io(vp, 0), EBADMSG);

	make_io(3, true);
	run_io(true);
	assert_fails(mshv_vp_complete_io(vp, 0), EBADMSG);

	make_io(1, true);
	io_message.header.payload_size = 20;
	run_io(true);
	assert_fails(mshv_vp_complete_io(vp, 0), EBADMSG);

	assert_int_equal(page->rip, 0x7c00);
	assert_int_equal(page->rax, 0x1122334455667788);
	assert_int_equal(page->dirty, 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		vp_test(create),
		vp_test(from_fd),
		vp_test(from_fd_of_something_else),
		vp_test(null_handles),
		vp_test(run),
		vp_test(run_without_a_message),
		vp_test(nothing_to_complete),
#if defined(__x86_64__)
		vp_test(register_page_is_shared),
		vp_test(close_unmaps_the_page),
		vp_test(complete_through_the_page),
		vp_test(complete_by_hypercall),
		vp_test(complete_wraps_around),
		vp_test(complete_refuses),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
