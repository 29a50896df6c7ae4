// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The functions of a paravisor, with the real mshv_vtl driver and a VTL 0 that is
 * played. Needs the devices and root; scripts/check runs it in a virtual machine.
 * TAP.
 */
#define _GNU_SOURCE
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <mshv/vtl_run.h>

#include "smoke.h"

/* Of vm/run --vtl: the memory that is not the kernel's. */
#define LOW_GPA		(4ULL << 30)
#define LOW_SIZE	(4ULL << 20)

static struct mshv_dev *dev;
static struct mshv_vtl *vtl;
static struct mshv_vtl_cpu *cpu;

static int failed(int ret, int err)
{
	return ret == -err && errno == err && mshv_last_error()->errnum == err;
}

/* Does VTL 0 do nothing but to halt, or not even that? */
static int let_halt(const char *yes)
{
	int fd = open("/sys/module/mshv_vtl_sim/parameters/halt", O_WRONLY);
	int ok = fd >= 0 && write(fd, yes, 1) == 1;

	close(fd);
	return ok;
}

static void on_signal(int number)
{
	(void)number;
}

static void bind_to(unsigned int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void opening(void)
{
	struct mshv_vtl_cpu *other = (void *)1;
	struct mshv_answer answers[LIBMSHV_ASK_COUNT];

	result(!mshv_dev_ask(dev, 0, answers, LIBMSHV_ASK_COUNT) &&
		       answers[LIBMSHV_ASK_VTL_DRIVER].answer == LIBMSHV_ANSWER_YES &&
		       answers[LIBMSHV_ASK_ROOT_DRIVER].answer == LIBMSHV_ANSWER_NO,
	       "the driver says which one it is");
	result(!mshv_vtl_create(dev, &vtl), "a VTL");
	bind_to(0);
	result(!mshv_vtl_cpu_open(vtl, 0, &cpu), "its CPU");
	result(failed(mshv_vtl_cpu_open(vtl, 1, &other), EINVAL) && !other,
	       "no other CPU");
	result(mshv_vtl_cpu_context(cpu) &&
		       !mshv_vtl_cpu_register_page(cpu) ==
		       (answers[LIBMSHV_ASK_VTL_REGISTER_PAGE].answer != LIBMSHV_ANSWER_YES),
	       "a register page if the driver has it");
}

static void running(void)
{
	const struct itimerval often = {
		.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000,
	};
	const struct itimerval never = { { 0 }, { 0 } };
	struct sigaction action = { .sa_handler = on_signal };
	struct mshv_vtl_cpu_context *context = mshv_vtl_cpu_context(cpu);
	struct hv_vp_register_page *page = mshv_vtl_cpu_register_page(cpu);
	const struct hv_message *message = NULL;
	static const uint8_t actions[16];
	int i, ok = 1;

	result(let_halt("1"), "VTL 0 halts");
	context->rbx = 0x1122334455667788;
	for (i = 0; i < 100; i++)
		ok = ok && !mshv_vtl_cpu_run(cpu, &message) && message &&
		     message->header.message_type == HVMSG_X64_HALT;
	result(ok, "and is intercepted, a hundred times");
	result(context->rbx == 0x1122334455667788, "its registers stay");
	result(!page || (page->isvalid && page->rbx == 0x1122334455667788),
	       "and are on the register page");
	result(!mshv_vtl_cpu_set_actions(cpu, actions, sizeof(actions)) &&
		       !mshv_vtl_cpu_run(cpu, &message), "with return actions");

	result(let_halt("0") && !sigaction(SIGALRM, &action, NULL) &&
		       !setitimer(ITIMER_REAL, &often, NULL) &&
		       failed(mshv_vtl_cpu_run(cpu, &message), EINTR) && !message,
	       "a signal ends a run");
	setitimer(ITIMER_REAL, &never, NULL);
	result(!mshv_vtl_cpu_cancel(cpu) &&
		       failed(mshv_vtl_cpu_run(cpu, NULL), EINTR), "so does a cancel");
	result(let_halt("1") && !mshv_vtl_cpu_run(cpu, NULL), "only once");
	bind_to(1);
	result(failed(mshv_vtl_cpu_run(cpu, NULL), EINVAL), "not on another CPU");
	bind_to(0);
}

static void poll_file(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), other = eventfd(0, EFD_CLOEXEC);

	result(!mshv_vtl_set_poll_file(vtl, 0, fd) && !eventfd_write(fd, 1) &&
		       failed(mshv_vtl_cpu_run(cpu, NULL), EINTR) &&
		       !mshv_vtl_cpu_run(cpu, NULL), "a file ends a run, once");
	result(!mshv_vtl_set_poll_file(vtl, 0, other) && !eventfd_write(fd, 1) &&
		       !mshv_vtl_cpu_run(cpu, NULL), "not when another took its place");
	result(failed(mshv_vtl_set_poll_file(vtl, 0, -1), EBADFD) &&
		       failed(mshv_vtl_set_poll_file(vtl, 1000, fd), EINVAL),
	       "no file, no CPU");
	close(fd);
	close(other);
}

static void registers(void)
{
	struct hv_register_assoc regs[3] = {
		{ .name = HV_X64_REGISTER_RIP, .value.reg64 = 0x1000 },
		{ .name = HV_X64_REGISTER_DR0, .value.reg64 = 0x2000 },
		{ .name = HV_X64_REGISTER_RSP, .value.reg64 = 0x3000 },
	};
	int i, ok;

	ok = !mshv_vtl_set_registers(vtl, regs, 3);
	for (i = 0; i < 3; i++)
		regs[i].value.reg64 = 0;
	ok = ok && !mshv_vtl_get_registers(vtl, regs, 3);
	result(ok && regs[0].value.reg64 == 0x1000 && regs[1].value.reg64 == 0x2000 &&
		       regs[2].value.reg64 == 0x3000, "registers, there and back");
	regs[1].name = 0x12345678;
	result(failed(mshv_vtl_get_registers(vtl, regs, 3), EINVAL) &&
		       mshv_last_error()->index == 1, "the one that is refused is named");
}

static void memory(void)
{
	struct mshv_vtl_low *low;
	uint32_t *a = NULL, *b = NULL;
	int ok;

	result(!mshv_vtl_add_memory(vtl, LOW_GPA + (512 << 20), LOW_SIZE),
	       "memory of VTL 0");
	ok = !mshv_vtl_low_open(NULL, &low);
	result(ok, "the memory device");
	if (!ok)
		return;
	ok = !mshv_vtl_low_map(low, LOW_GPA + (512 << 20), LOW_SIZE, 1, (void **)&a) &&
	     !mshv_vtl_low_map(low, LOW_GPA + (512 << 20), LOW_SIZE, 0, (void **)&b);
	if (ok)
		a[LOW_SIZE / 4 - 1] = 0xabcdef;
	result(ok && b[LOW_SIZE / 4 - 1] == 0xabcdef, "mapped twice, it is the same");
	mshv_vtl_low_close(low);
	if (ok)
		munmap(a, LOW_SIZE), munmap(b, LOW_SIZE);
}

static void messages(void)
{
	struct hv_message message;
	struct mshv_sint *sint;
	int fd = eventfd(0, EFD_CLOEXEC);
	int ok = !mshv_sint_open(NULL, 1, &sint);

	result(ok, "the message device");
	if (!ok)
		return;
	result(failed(mshv_sint_read(sint, &message), ENODATA), "paused, it has an end");
	result(!mshv_sint_pause(sint, 0) &&
		       failed(mshv_sint_read(sint, &message), EAGAIN),
	       "otherwise it has not");
	result(!mshv_sint_set_eventfd(sint, 2047, fd) &&
		       !mshv_sint_set_eventfd(sint, 2047, -1) &&
		       failed(mshv_sint_set_eventfd(sint, 2048, fd), EINVAL) &&
		       failed(mshv_sint_set_eventfd(sint, 0, 1000), EBADF),
	       "eventfds of flags");
	result(!mshv_sint_signal_event(sint, 7, 1) &&
		       failed(mshv_sint_signal_event(sint, 0, 1), EINVAL), "a signal");
	result(!mshv_sint_post_message(sint, 7, 1, "text", 4) &&
		       !mshv_sint_post_message(sint, 7, 1, NULL, 0), "a message");
	result(mshv_sint_post_message(sint, 0, 1, "text", 4) < 0,
	       "a message to nowhere");
	mshv_sint_pause(sint, 1);
	mshv_sint_close(sint);
	close(fd);
}

static void hypercalls(void)
{
	static const uint16_t codes[] = { HVCALL_GET_VP_REGISTERS, 0x4242 };
	static const uint32_t names[] = {
		HV_X64_REGISTER_RSP, HV_X64_REGISTER_RIP, 0x12345678
	};
	_Alignas(8) uint8_t room[sizeof(struct hv_input_get_vp_registers) + sizeof(names)] = { 0 };
	struct hv_input_get_vp_registers *in = (void *)room;
	union hv_register_value out[3];
	struct mshv_gate_call call = {
		.code = HVCALL_GET_VP_REGISTERS, .reps = 2,
		.in = in, .in_size = sizeof(*in) + 8,
		.out = out, .out_size = 2 * sizeof(out[0]),
	};
	struct mshv_gate *gate;
	int ok = !mshv_gate_open(NULL, codes, 2, &gate);

	in->partition_id = HV_PARTITION_ID_SELF;
	in->vp_index = HV_VP_INDEX_SELF;
	in->input_vtl.as_uint8 = 0x10;
	memcpy(in + 1, names, sizeof(names));
	result(ok, "the hypercall device");
	if (!ok)
		return;
	result(!mshv_gate_call(gate, &call) && out[0].reg64 == 0x3000 &&
		       out[1].reg64 == 0x1000, "registers by hypercall");
	call.reps = 3;
	call.in_size = sizeof(room);
	call.out_size = sizeof(out);
	result(failed(mshv_gate_call(gate, &call), EIO) &&
		       mshv_last_error()->hv_status == HV_STATUS_INVALID_PARAMETER &&
		       mshv_last_error()->index == 2, "the element that was refused");
	call = (struct mshv_gate_call) { .code = HVCALL_SET_VP_REGISTERS };
	result(failed(mshv_gate_call(gate, &call), EPERM), "not what was not allowed");
	call.code = 0x4242;
	result(failed(mshv_gate_call(gate, &call), EIO) &&
		       mshv_last_error()->hv_status == HV_STATUS_INVALID_HYPERCALL_CODE,
	       "nor what there is not");
	mshv_gate_close(gate);
}

int main(void)
{
	int ret = mshv_dev_open(NULL, &dev);

	result(!ret, "the device");
	if (ret)
		return smoke_end();
	opening();
	if (vtl && cpu) {
		running();
		poll_file();
		registers();
		memory();
		messages();
		hypercalls();
		let_halt("0");
	}
	mshv_vtl_cpu_close(cpu);
	mshv_vtl_close(vtl);
	mshv_dev_close(dev);
	return smoke_end();
}
