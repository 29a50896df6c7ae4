// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The devices of the mshv_vtl driver, against a queue of expected ioctls. */
#include "config.h"

#include <limits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mshv/ioctl_vtl.h>
#include <mshv/vtl_run.h>

#include "fake.h"

static struct mshv_dev *dev;
static struct mshv_vtl *vtl;
static int fd;

static struct fake_answer *expect_extension(uint32_t capability)
{
	return fake_ioctl(mshv_dev_fd(dev), MSHV_CHECK_EXTENSION, &capability, 4);
}

/* A VTL; the file is as long as the driver's pages need. */
static int setup(void **state)
{
	fake_reset(state);
	assert_works(mshv_dev_open("/dev/null", &dev));
	fd = memfd_create("mshv_vtl", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)sysconf(_SC_PAGESIZE) << 17), 0);
	fake_ioctl(mshv_dev_fd(dev), MSHV_CREATE_VTL, NULL, 0)->ret = fd;
	expect_extension(MSHV_CAP_REGISTER_PAGE)->ret = 1;
	assert_works(mshv_vtl_create(dev, &vtl));
	assert_int_equal(mshv_vtl_fd(vtl), fd);
	return 0;
}

static int teardown(void **state)
{
	mshv_vtl_close(vtl);
	mshv_dev_close(dev);
	assert_false(fake_fd_open(fd));
	return fake_done(state);
}

#define vtl_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void creation(void **state)
{
	struct mshv_vtl *other = (void *)1;
	int other_fd;

	(void)state;
	assert_fails(mshv_vtl_create(dev, NULL), EINVAL);
	assert_fails(mshv_vtl_create(NULL, &other), EINVAL);
	assert_null(other);
	fake_ioctl(mshv_dev_fd(dev), MSHV_CREATE_VTL, NULL, 0)->err = ENOTTY;
	assert_fails(mshv_vtl_create(dev, &other), ENOTTY);

	other_fd = fake_no_page_fd();
	fake_ioctl(mshv_dev_fd(dev), MSHV_CREATE_VTL, NULL, 0)->ret = other_fd;
	fake_fail_alloc(1);
	assert_fails(mshv_vtl_create(dev, &other), ENOMEM);
	assert_false(fake_fd_open(other_fd));

	other_fd = fake_no_page_fd();
	assert_fails(mshv_vtl_from_fd(NULL, other_fd, NULL), EINVAL);
	assert_fails(mshv_vtl_from_fd(NULL, INT_MAX, &other), EBADF);
	assert_works(mshv_vtl_from_fd(NULL, other_fd, &other));
	mshv_vtl_close(other);
	assert_false(fake_fd_open(other_fd));
	mshv_vtl_close(NULL);
	assert_fails(mshv_vtl_fd(NULL), EINVAL);
}

static void memory_of_vtl0(void **state)
{
	struct mshv_vtl_ram_disposition args = { 0x100, 0x103 };

	(void)state;
	fake_ioctl(fd, MSHV_ADD_VTL0_MEMORY, &args, sizeof(args));
	assert_works(mshv_vtl_add_memory(vtl, 0x100000, 0x3000));
	args = (struct mshv_vtl_ram_disposition) { 0xfffffffffffff, 0x10000000000000 };
	fake_ioctl(fd, MSHV_ADD_VTL0_MEMORY, &args, sizeof(args))->err = EINVAL;
	assert_fails(mshv_vtl_add_memory(vtl, 0xfffffffffffff000, 0x1000), EINVAL);

	assert_fails(mshv_vtl_add_memory(NULL, 0, 0x1000), EINVAL);
	assert_fails(mshv_vtl_add_memory(vtl, 0, 0), EINVAL);
	assert_fails(mshv_vtl_add_memory(vtl, 0x800, 0x1000), EINVAL);
	assert_fails(mshv_vtl_add_memory(vtl, 0, 0x1001), EINVAL);
	assert_fails(mshv_vtl_add_memory(vtl, 0xfffffffffffff000, 0x2000), EINVAL);
}

static void poll_file(void **state)
{
	struct mshv_vtl_set_poll_file args = { .cpu = 3, .fd = 9 };

	(void)state;
	fake_ioctl(fd, MSHV_SET_POLL_FILE, &args, sizeof(args));
	assert_works(mshv_vtl_set_poll_file(vtl, 3, 9));
	args.fd = (uint32_t)-1;
	fake_ioctl(fd, MSHV_SET_POLL_FILE, &args, sizeof(args))->err = EBADFD;
	assert_fails(mshv_vtl_set_poll_file(vtl, 3, -1), EBADFD);
	assert_fails(mshv_vtl_set_poll_file(NULL, 3, 9), EINVAL);
}

static struct hv_register_assoc regs[3];

static int one_register(int on, uint32_t request, void *arg)
{
	const struct mshv_vp_registers *args = arg;
	struct hv_register_assoc *reg = (void *)(uintptr_t)args->regs_ptr;

	assert_int_equal(on, fd);
	assert_int_equal(args->count, 1);
	assert_int_equal(args->reserved, 0);
	if (reg->name == 0xbad) {
		errno = EIO;
		return -1;
	}
	if (request == MSHV_GET_VP_REGISTERS)
		reg->value.reg64 = reg->name + 1;
	else
		assert_int_equal(reg->value.reg64, reg->name + 1);
	return 0;
}

static void registers(void **state)
{
	(void)state;
	fake_instead = one_register;
	regs[0].name = 7;
	regs[1].name = 8;
	regs[2].name = 9;
	assert_works(mshv_vtl_get_registers(vtl, regs, 3));
	assert_int_equal(regs[2].value.reg64, 10);
	assert_works(mshv_vtl_set_registers(vtl, regs, 3));
	regs[1].name = 0xbad;
	assert_fails(mshv_vtl_get_registers(vtl, regs, 3), EIO);
	assert_int_equal(mshv_last_error()->index, 1);
	assert_fails(mshv_vtl_set_registers(vtl, regs, 3), EIO);
	assert_int_equal(mshv_last_error()->index, 1);

	assert_works(mshv_vtl_get_registers(vtl, NULL, 0));
	assert_works(mshv_vtl_set_registers(vtl, NULL, 0));
	assert_fails(mshv_vtl_get_registers(vtl, NULL, 1), EINVAL);
	assert_fails(mshv_vtl_set_registers(vtl, NULL, 1), EINVAL);
	assert_fails(mshv_vtl_get_registers(NULL, regs, 1), EINVAL);
	assert_fails(mshv_vtl_set_registers(NULL, regs, 1), EINVAL);
}

#if defined(__x86_64__)

/* Bind this thread to the CPU that it is on. */
static uint32_t bind_thread(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	assert_true(cpu >= 0);
	CPU_ZERO(&set);
	CPU_SET((unsigned int)cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
	return (uint32_t)cpu;
}

static struct mshv_vtl_run *map_run(uint32_t page)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       (off_t)(page * size));

	assert_true(p != MAP_FAILED);
	return p;
}

static struct mshv_vtl_cpu *the_cpu;

static void cancel_meanwhile(void)
{
	assert_works(mshv_vtl_cpu_cancel(the_cpu));
}

static void cpu_runs(void **state)
{
	const struct hv_message *message = (void *)1;
	uint32_t number = bind_thread();
	struct mshv_vtl_run *run = map_run(number);
	uint8_t *page = (void *)map_run(1 << 16 | number);
	static const uint8_t actions[256] = { 1, 2, 3 };
	struct fake_answer *answer;
	struct mshv_vtl_cpu *cpu;

	(void)state;
	assert_works(mshv_vtl_cpu_open(vtl, number, &cpu));
	the_cpu = cpu;

	/* the pages are the driver's */
	mshv_vtl_cpu_context(cpu)->r15 = 0x1234;
	assert_int_equal(run->cpu_context.r15, 0x1234);
	*(uint8_t *)mshv_vtl_cpu_register_page(cpu) = 0x56;
	assert_int_equal(*page, 0x56);

	((struct hv_message *)(void *)run->exit_message)->header.message_type =
		HVMSG_X64_HALT;
	fake_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL, 0);
	assert_works(mshv_vtl_cpu_run(cpu, &message));
	assert_int_equal(mshv_message_type(message), HVMSG_X64_HALT);
	fake_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL, 0);
	assert_works(mshv_vtl_cpu_run(cpu, NULL));

	/* a cancel ends one run, and is not repeated by the library */
	assert_works(mshv_vtl_cpu_cancel(cpu));
	assert_int_equal(run->cancel, 1);
	fake_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL, 0)->err = EINTR;
	assert_fails(mshv_vtl_cpu_run(cpu, &message), EINTR);
	assert_null(message);
	assert_int_equal(run->cancel, 0);

	/* one that comes with a message is for the next run */
	answer = fake_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL, 0);
	answer->then = cancel_meanwhile;
	assert_works(mshv_vtl_cpu_run(cpu, &message));
	assert_int_equal(run->cancel, 1);

	assert_works(mshv_vtl_cpu_set_actions(cpu, actions, sizeof(actions)));
	assert_int_equal(run->vtl_ret_action_size, 256);
	assert_memory_equal(run->vtl_ret_actions, actions, sizeof(actions));
	assert_works(mshv_vtl_cpu_set_actions(cpu, NULL, 0));
	assert_int_equal(run->vtl_ret_action_size, 0);
	assert_fails(mshv_vtl_cpu_set_actions(cpu, actions, 257), EINVAL);
	assert_fails(mshv_vtl_cpu_set_actions(cpu, NULL, 1), EINVAL);

	/* it keeps the VTL alive */
	mshv_vtl_close(vtl);
	vtl = NULL;
	assert_true(fake_fd_open(fd));
	fake_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL, 0)->err = ENOTTY;
	assert_fails(mshv_vtl_cpu_run(cpu, &message), ENOTTY);
	mshv_vtl_cpu_close(cpu);
	munmap(run, (size_t)sysconf(_SC_PAGESIZE));
	munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

static void cpu_refused(void **state)
{
	const struct hv_message *message = (void *)1;
	uint32_t number = bind_thread();
	struct mshv_vtl_cpu *cpu = (void *)1;
	struct mshv_vtl *other;

	(void)state;
	assert_fails(mshv_vtl_cpu_open(vtl, number, NULL), EINVAL);
	assert_fails(mshv_vtl_cpu_open(NULL, number, &cpu), EINVAL);
	assert_null(cpu);
	assert_fails(mshv_vtl_cpu_open(vtl, number + 1, &cpu), EINVAL);
	assert_fails(mshv_vtl_cpu_open(vtl, 1 << 16, &cpu), EINVAL);
	fake_fail_alloc(1);
	assert_fails(mshv_vtl_cpu_open(vtl, number, &cpu), ENOMEM);

	assert_works(mshv_vtl_from_fd(NULL, fake_no_page_fd(), &other));
	assert_fails(mshv_vtl_cpu_open(other, number, &cpu), ENODEV);
	mshv_vtl_close(other);

	/* without a dev nobody knows whether there is a register page */
	assert_works(mshv_vtl_from_fd(NULL, dup(fd), &other));
	assert_works(mshv_vtl_cpu_open(other, number, &cpu));
	assert_null(mshv_vtl_cpu_register_page(cpu));
	mshv_vtl_cpu_close(cpu);
	mshv_vtl_close(other);

	assert_fails(mshv_vtl_cpu_run(NULL, &message), EINVAL);
	assert_null(message);
	assert_fails(mshv_vtl_cpu_cancel(NULL), EINVAL);
	assert_fails(mshv_vtl_cpu_set_actions(NULL, NULL, 0), EINVAL);
	assert_null(mshv_vtl_cpu_context(NULL));
	assert_null(mshv_vtl_cpu_register_page(NULL));
	mshv_vtl_cpu_close(NULL);
}

#else

static void cpu_not_here(void **state)
{
	struct mshv_vtl_cpu *cpu = (void *)1;

	(void)state;
	assert_fails(mshv_vtl_cpu_open(vtl, 0, &cpu), EOPNOTSUPP);
	assert_null(cpu);
	assert_fails(mshv_vtl_cpu_open(vtl, 0, NULL), EOPNOTSUPP);
	assert_fails(mshv_vtl_cpu_run(NULL, NULL), EINVAL);
	assert_fails(mshv_vtl_cpu_cancel(NULL), EINVAL);
	assert_fails(mshv_vtl_cpu_set_actions(NULL, NULL, 0), EINVAL);
	assert_null(mshv_vtl_cpu_context(NULL));
	assert_null(mshv_vtl_cpu_register_page(NULL));
	mshv_vtl_cpu_close(NULL);
}

#endif

static void sint_messages(void **state)
{
	struct hv_message message, sent;
	struct mshv_sint *sint = (void *)1;
	int pair[2];

	(void)state;
	assert_fails(mshv_sint_open(NULL, 0, NULL), EINVAL);
	assert_fails(mshv_sint_open("/nonexistent/mshv_sint", 1, &sint), ENOENT);
	assert_null(sint);
	fake_fail_alloc(1);
	assert_fails(mshv_sint_open("/dev/null", 1, &sint), ENOMEM);
	assert_works(mshv_sint_open("/dev/null", 1, &sint));
	/* end of file: paused */
	assert_fails(mshv_sint_read(sint, &message), ENODATA);
	mshv_sint_close(sint);

	assert_fails(mshv_sint_from_fd(0, NULL), EINVAL);
	assert_fails(mshv_sint_from_fd(INT_MAX, &sint), EBADF);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				    pair), 0);
	assert_works(mshv_sint_from_fd(pair[0], &sint));
	assert_int_equal(mshv_sint_fd(sint), pair[0]);
	assert_fails(mshv_sint_read(sint, &message), EAGAIN);
	memset(&sent, 0x5a, sizeof(sent));
	assert_int_equal(write(pair[1], &sent, sizeof(sent)), sizeof(sent));
	assert_works(mshv_sint_read(sint, &message));
	assert_memory_equal(&message, &sent, sizeof(sent));
	assert_int_equal(write(pair[1], &sent, 100), 100);
	assert_fails(mshv_sint_read(sint, &message), EPROTO);
	assert_fails(mshv_sint_read(sint, NULL), EINVAL);
	assert_fails(mshv_sint_read(NULL, &message), EINVAL);
	mshv_sint_close(sint);
	assert_false(fake_fd_open(pair[0]));
	close(pair[1]);
	mshv_sint_close(NULL);
	assert_fails(mshv_sint_fd(NULL), EINVAL);
}

static void sint_ioctls(void **state)
{
	struct mshv_sint_mask mask = { .mask = 1 };
	struct mshv_vtl_set_eventfd eventfd = { .fd = 5, .flag = 2047 };
	struct mshv_vtl_signal_event event = { .connection_id = 6, .flag = 7 };
	uint8_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT];
	struct mshv_vtl_sint_post_msg post = {
		.message_type = 8, .connection_id = 9,
		.payload_size = sizeof(payload),
		.payload_ptr = (uintptr_t)payload,
	};
	struct mshv_sint *sint;
	int on;

	(void)state;
	assert_works(mshv_sint_from_fd(on = fake_no_page_fd(), &sint));
	fake_ioctl(on, MSHV_SINT_PAUSE_MESSAGE_STREAM, &mask, sizeof(mask));
	assert_works(mshv_sint_pause(sint, 77));
	mask.mask = 0;
	fake_ioctl(on, MSHV_SINT_PAUSE_MESSAGE_STREAM, &mask, sizeof(mask));
	assert_works(mshv_sint_pause(sint, 0));
	fake_ioctl(on, MSHV_SINT_SET_EVENTFD, &eventfd, sizeof(eventfd));
	assert_works(mshv_sint_set_eventfd(sint, 2047, 5));
	eventfd.fd = -1;
	eventfd.flag = 2048;
	fake_ioctl(on, MSHV_SINT_SET_EVENTFD, &eventfd, sizeof(eventfd))->err = EINVAL;
	assert_fails(mshv_sint_set_eventfd(sint, 2048, -1), EINVAL);
	fake_ioctl(on, MSHV_SINT_SIGNAL_EVENT, &event, sizeof(event))->err = EIO;
	assert_fails(mshv_sint_signal_event(sint, 6, 7), EIO);
	fake_ioctl(on, MSHV_SINT_POST_MESSAGE, &post, sizeof(post));
	assert_works(mshv_sint_post_message(sint, 9, 8, payload, sizeof(payload)));
	post.payload_size = 0;
	post.payload_ptr = 0;
	fake_ioctl(on, MSHV_SINT_POST_MESSAGE, &post, sizeof(post));
	assert_works(mshv_sint_post_message(sint, 9, 8, NULL, 0));
	/* a status of the hypervisor, which looks like success */
	fake_ioctl(on, MSHV_SINT_POST_MESSAGE, &post, sizeof(post))->ret =
		HV_STATUS_INVALID_CONNECTION_ID;
	assert_fails(mshv_sint_post_message(sint, 9, 8, NULL, 0), EIO);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(mshv_last_error()->hypercall, HVCALL_POST_MESSAGE);

	assert_fails(mshv_sint_post_message(sint, 9, 8, NULL, 1), EINVAL);
	assert_fails(mshv_sint_post_message(sint, 9, 8, payload,
					    sizeof(payload) + 1), EINVAL);
	assert_fails(mshv_sint_post_message(NULL, 9, 8, NULL, 0), EINVAL);
	assert_fails(mshv_sint_pause(NULL, 0), EINVAL);
	assert_fails(mshv_sint_set_eventfd(NULL, 0, 0), EINVAL);
	assert_fails(mshv_sint_signal_event(NULL, 0, 0), EINVAL);
	mshv_sint_close(sint);
}

static void low_memory(void **state)
{
	struct mshv_vtl_low *low = (void *)1;
	void *addr = (void *)1;
	char byte = 'x';

	(void)state;
	assert_fails(mshv_vtl_low_open(NULL, NULL), EINVAL);
	assert_fails(mshv_vtl_low_open("/nonexistent/low", &low), ENOENT);
	assert_null(low);
	assert_fails(mshv_vtl_low_from_fd(0, NULL), EINVAL);
	assert_works(mshv_vtl_low_from_fd(dup(fd), &low));
	assert_int_equal(pwrite(fd, &byte, 1, 0x10000), 1);
	assert_works(mshv_vtl_low_map(low, 0x10000, 0x10000, 1, &addr));
	assert_int_equal(*(char *)addr, 'x');
	*(char *)addr = 'y';
	assert_int_equal(pread(fd, &byte, 1, 0x10000), 1);
	assert_int_equal(byte, 'y');
	munmap(addr, 0x10000);
	assert_works(mshv_vtl_low_map(low, 0, 0x1000, 0, &addr));
	munmap(addr, 0x1000);

	fake_fail_map(1, EPERM);
	assert_fails(mshv_vtl_low_map(low, 0, 0x1000, 0, &addr), EPERM);
	assert_null(addr);
	assert_fails(mshv_vtl_low_map(NULL, 0, 0x1000, 0, &addr), EINVAL);
	assert_fails(mshv_vtl_low_map(low, 0, 0x1000, 0, NULL), EINVAL);
	assert_fails(mshv_vtl_low_map(low, 0, 0, 0, &addr), EINVAL);
	assert_fails(mshv_vtl_low_map(low, 1, 0x1000, 0, &addr), EINVAL);
	assert_fails(mshv_vtl_low_map(low, 0, 0x800, 0, &addr), EINVAL);
	assert_fails(mshv_vtl_low_map(low, 1ULL << 63, 0x1000, 0, &addr), EINVAL);
	assert_fails(mshv_vtl_low_map(low, (1ULL << 63) - 0x1000, 0x2000, 0, &addr),
		     EINVAL);
	mshv_vtl_low_close(low);
	mshv_vtl_low_close(NULL);
}

static void gate_setup(void **state)
{
	static const uint16_t codes[] = { 0x50, 0x51, 0xffff };
	struct mshv_gate *gate = (void *)1;

	(void)state;
	assert_fails(mshv_gate_open("/dev/null", codes, 1, NULL), EINVAL);
	assert_fails(mshv_gate_open("/dev/null", NULL, 1, &gate), EINVAL);
	assert_null(gate);
	assert_fails(mshv_gate_open("/nonexistent/gate", codes, 3, &gate), ENOENT);
	fake_ioctl(FAKE_ANY_FD, MSHV_HVCALL_SETUP, NULL, 0)->err = ENOTTY;
	assert_fails(mshv_gate_open("/dev/null", codes, 3, &gate), ENOTTY);
	assert_null(gate);
	fake_ioctl(FAKE_ANY_FD, MSHV_HVCALL_SETUP, NULL, 0);
	assert_works(mshv_gate_open("/dev/null", codes, 3, &gate));
	mshv_gate_close(gate);
	mshv_gate_close(NULL);
	assert_fails(mshv_gate_from_fd(0, NULL), EINVAL);
}

static const uint8_t *bitmap;

static int look_at_bitmap(int on, uint32_t request, void *arg)
{
	const struct mshv_vtl_hvcall_setup *args = arg;
	unsigned int i, bits = 0;

	(void)on;
	assert_int_equal(request, MSHV_HVCALL_SETUP);
	assert_int_equal(args->bitmap_array_size, 8192);
	bitmap = (const void *)(uintptr_t)args->allow_bitmap_ptr;
	for (i = 0; i < 65536; i++)
		bits += bitmap[i / 8] >> i % 8 & 1;
	assert_int_equal(bits, 2);
	assert_true(bitmap[0x50 / 8] & 1 << 0x50 % 8);
	assert_true(bitmap[8191] & 0x80);
	return 0;
}

static void gate_bitmap(void **state)
{
	static const uint16_t codes[] = { 0x50, 0xffff, 0x50 };
	struct mshv_gate *gate;

	(void)state;
	fake_instead = look_at_bitmap;
	assert_works(mshv_gate_open("/dev/null", codes, 3, &gate));
	mshv_gate_close(gate);
}

/* A hypervisor that does @step elements of a list in one go. */
static struct {
	unsigned int calls, step;
	uint64_t status;
	int err;
} hv;

static int hypervisor(int on, uint32_t request, void *arg)
{
	struct mshv_vtl_hvcall *args = arg;
	uint32_t reps = args->control >> 32 & 0xfff, start = args->control >> 48;
	uint32_t *out = (void *)(uintptr_t)args->output_ptr, i;

	(void)on;
	assert_int_equal(request, MSHV_HVCALL);
	assert_int_equal(args->status, 0);
	hv.calls++;
	if (hv.err) {
		errno = hv.err;
		return -1;
	}
	memset(out, 0, args->output_size);
	if (hv.status) {
		args->status = hv.status;
		return 0;
	}
	if (!reps) {
		assert_int_equal(args->control, 0x1234 | 2 << 17);
		*out = 77;
		return 0;
	}
	for (i = start; i < reps && i < start + hv.step; i++)
		out[i] = i + 1;
	args->status = (uint64_t)i << 32 | (i < reps ? HV_STATUS_TIME_OUT : 0);
	return 0;
}

static void gate_calls(void **state)
{
	uint32_t in[4] = { 0 }, out[10];
	struct mshv_gate_call call = {
		.code = 0x1234, .header_qwords = 2, .in = in,
		.in_size = sizeof(in), .out = out, .out_size = sizeof(out[0]),
	};
	struct mshv_gate *gate;
	unsigned int i;

	(void)state;
	assert_works(mshv_gate_from_fd(fake_no_page_fd(), &gate));
	fake_instead = hypervisor;
	assert_works(mshv_gate_call(gate, &call));
	assert_int_equal(out[0], 77);

	/* a list in three parts: the output is all of it */
	call.header_qwords = 0;
	call.reps = 10;
	call.out_size = sizeof(out);
	memset(out, 0xff, sizeof(out));
	hv.step = 4;
	hv.calls = 0;
	assert_works(mshv_gate_call(gate, &call));
	assert_int_equal(hv.calls, 3);
	for (i = 0; i < 10; i++)
		assert_int_equal(out[i], i + 1);

	hv.status = HV_STATUS_INVALID_PARAMETER | 3ULL << 32;
	assert_fails(mshv_gate_call(gate, &call), EIO);
	assert_int_equal(mshv_last_error()->hypercall, 0x1234);
	assert_int_equal(mshv_last_error()->hv_status, HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(mshv_last_error()->index, 3);
	hv.status = 11ULL << 32;	/* more than there are */
	assert_fails(mshv_gate_call(gate, &call), EPROTO);
	hv.status = 9ULL << 32;		/* done, but not with all */
	assert_fails(mshv_gate_call(gate, &call), EPROTO);
	assert_int_equal(mshv_last_error()->index, 9);
	/* stands still at an element */
	hv.calls = 0;
	hv.status = HV_STATUS_TIME_OUT | 3ULL << 32;
	assert_fails(mshv_gate_call(gate, &call), EIO);
	assert_int_equal(mshv_last_error()->hv_status, HV_STATUS_TIME_OUT);
	assert_int_equal(mshv_last_error()->index, 3);
	assert_int_equal(hv.calls, 1 + 4096);
	hv.status = HV_STATUS_TIME_OUT;
	call.reps = 0;
	assert_fails(mshv_gate_call(gate, &call), EIO);
	assert_int_equal(mshv_last_error()->index, LIBMSHV_INDEX_NONE);
	hv.status = 0;
	hv.err = EPERM;
	assert_fails(mshv_gate_call(gate, &call), EPERM);
	assert_int_equal(mshv_last_error()->hypercall, 0x1234);
	mshv_gate_close(gate);
}

static void gate_refused(void **state)
{
	static const struct mshv_gate_call bad[] = {
		{ .in_size = 1 }, { .out_size = 1 },
		{ .in = "", .in_size = 4097 }, { .out = (void *)1, .out_size = 4097 },
		{ .reps = 4096 }, { .header_qwords = 1024 }, { .reserved = 1 },
		{ .reps = 3, .out = (void *)1, .out_size = 8 },
	};
	struct mshv_gate *gate;
	size_t i;

	(void)state;
	assert_works(mshv_gate_from_fd(fake_no_page_fd(), &gate));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(mshv_gate_call(gate, &bad[i]), EINVAL);
	assert_fails(mshv_gate_call(gate, NULL), EINVAL);
	assert_fails(mshv_gate_call(NULL, &bad[0]), EINVAL);
	mshv_gate_close(gate);
}

static void null_arguments(void **state)
{
	unsigned int calls = fake_calls();

	(void)state;
	assert_fails(mshv_ioctl_get_vp_registers(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_set_vp_registers(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_add_vtl0_memory(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_set_poll_file(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_sint_signal_event(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_sint_post_message(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_sint_set_eventfd(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_sint_pause_message_stream(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_hvcall_setup(fd, NULL), EINVAL);
	assert_fails(mshv_ioctl_hvcall(fd, NULL), EINVAL);
	assert_int_equal(fake_calls(), calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		vtl_test(creation),
		vtl_test(memory_of_vtl0),
		vtl_test(poll_file),
		vtl_test(registers),
#if defined(__x86_64__)
		vtl_test(cpu_runs),
		vtl_test(cpu_refused),
#else
		vtl_test(cpu_not_here),
#endif
		vtl_test(sint_messages),
		vtl_test(sint_ioctls),
		vtl_test(low_memory),
		vtl_test(gate_setup),
		vtl_test(gate_bitmap),
		vtl_test(gate_calls),
		vtl_test(gate_refused),
		vtl_test(null_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
