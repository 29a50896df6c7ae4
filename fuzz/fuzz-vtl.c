// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The devices of a paravisor, with a kernel, a VTL 0 and a host that say
 * anything: what is on the run page, messages, registers, hypercalls.
 */
#include "config.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mshv/vtl_run.h>

#include "fuzz.h"

#define FILE_PAGES	(1 << 17)	/* run pages and register pages */

static struct mshv_vtl *vtl;
static struct mshv_sint *sint;
static struct mshv_gate *gate;
static struct mshv_vtl_low *low;
static int host;			/* the other end of @sint */

/* Whatever the message is, it can be looked at. */
static void look(const struct hv_message *message)
{
	char text[LIBMSHV_MESSAGE_TEXT_BYTES];
	const uint8_t *bytes;

	check(mshv_message_format(message, LIBMSHV_ARCH_X64, text,
				  sizeof(text)) > 0);
	check(mshv_message_format(message, LIBMSHV_ARCH_ARM64, text,
				  sizeof(text)) > 0);
	mshv_message_instruction(message, &bytes);
	mshv_message_timer(message);
}

#if defined(__x86_64__)

static struct mshv_vtl_cpu *cpu;
static struct mshv_vtl_run *run;

static void open_cpu(int fd)
{
	int number = sched_getcpu();
	cpu_set_t set;

	check(number >= 0);
	CPU_ZERO(&set);
	CPU_SET((unsigned int)number, &set);
	check(!sched_setaffinity(0, sizeof(set), &set));
	check(!mshv_vtl_cpu_open(vtl, (uint32_t)number, &cpu));
	run = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, number * sysconf(_SC_PAGESIZE));
	check(run != MAP_FAILED);
}

static void close_cpu(void)
{
	munmap(run, (size_t)sysconf(_SC_PAGESIZE));
	mshv_vtl_cpu_close(cpu);
}

/* VTL 0 and the kernel write to their page. */
static void in_vtl0(uint32_t request, void *arg)
{
	(void)arg;
	if (request != MSHV_RETURN_TO_LOWER_VTL)
		return;
	fuzz_bytes(run->exit_message, sizeof(run->exit_message));
	run->cancel = fuzz_u8();
}

static void run_cpu(void)
{
	const struct hv_message *message;
	int ret;

	fuzz_kernel.seen = in_vtl0;
	ret = checked(mshv_vtl_cpu_run(cpu, &message));
	fuzz_kernel.seen = NULL;
	check(!ret == !!message);
	check(ret != -EINTR || !run->cancel);
	if (!ret)
		look(message);
}

static void set_actions(void)
{
	size_t size = fuzz_u16() % 300;
	uint8_t *actions = malloc(size ? size : 1);
	int ret;

	check(actions);
	fuzz_bytes(actions, size);
	ret = checked(mshv_vtl_cpu_set_actions(cpu, actions, size));
	check(!ret == (size <= sizeof(run->vtl_ret_actions)));
	check(ret || (run->vtl_ret_action_size == size &&
		      !memcmp(run->vtl_ret_actions, actions, size)));
	check(!mshv_vtl_cpu_cancel(cpu) && run->cancel);
	free(actions);
}

#else

static void open_cpu(int fd)
{
	struct mshv_vtl_cpu *cpu;

	(void)fd;
	check(mshv_vtl_cpu_open(vtl, 0, &cpu) == -EOPNOTSUPP);
}

static void close_cpu(void)
{
}

static void run_cpu(void)
{
}

static void set_actions(void)
{
}

#endif

static void registers(bool set)
{
	struct hv_register_assoc regs[4];
	size_t i, n = fuzz_u8() % ARRAY_SIZE(regs);
	int ret;

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < n; i++)
		regs[i].name = fuzz_u32();
	ret = checked(set ? mshv_vtl_set_registers(vtl, regs, n) :
			    mshv_vtl_get_registers(vtl, regs, n));
	check(!ret || mshv_last_error()->index < n);
}

/* Buffers that are as long as is said, for the sanitizers. */
static void hypercall(void)
{
	struct mshv_gate_call call = {
		.code = fuzz_u8(), .reps = fuzz_u8() % 20,
		.header_qwords = fuzz_u8() & 3,
		.in_size = fuzz_u8(), .out_size = fuzz_u8(),
	};
	void *in, *out;
	int ret;

	if (call.reps && fuzz_u8() & 1)
		call.out_size -= call.out_size % call.reps;
	in = calloc(1, call.in_size + 1);
	out = calloc(1, call.out_size + 1);
	check(in && out);
	call.in = (char *)in + 1;
	call.out = (char *)out + 1;
	ret = checked(mshv_gate_call(gate, &call));
	check(!ret || mshv_last_error()->index == LIBMSHV_INDEX_NONE ||
	      mshv_last_error()->index < call.reps);
	free(in);
	free(out);
}

static void receive(void)
{
	uint8_t bytes[sizeof(struct hv_message) + 16];
	struct hv_message message;
	size_t size = fuzz_u16() % sizeof(bytes);
	int ret;

	/* an empty packet would be the end of the file */
	fuzz_bytes(bytes, size);
	if (size)
		check(send(host, bytes, size, 0) == (ssize_t)size);
	ret = checked(mshv_sint_read(sint, &message));
	check(size || ret == -EAGAIN);
	check(!size || !ret == (size >= sizeof(message)));
	if (!ret) {
		check(!memcmp(&message, bytes, sizeof(message)));
		look(&message);
	}
}

static void send_out(void)
{
	uint8_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT + 20];
	size_t size = fuzz_u16() % sizeof(payload);
	int ret;

	fuzz_bytes(payload, sizeof(payload));
	ret = checked(mshv_sint_post_message(sint, fuzz_u32(), fuzz_u64(),
					     payload, size));
	check(ret || size <= HV_MESSAGE_PAYLOAD_BYTE_COUNT);
	checked(mshv_sint_signal_event(sint, fuzz_u32(), fuzz_u32()));
	checked(mshv_sint_set_eventfd(sint, fuzz_u32(), (int)fuzz_u32()));
	checked(mshv_sint_pause(sint, fuzz_u8()));
}

static void memory(void)
{
	/* up to 1 MiB: qemu-user keeps a record of each page that is mapped */
	uint64_t gpa = fuzz_u64(), size = fuzz_u16() << 4;
	void *addr = &addr;
	int ret;

	if (fuzz_u8() & 3) {
		gpa &= ~4095ull;
		size &= ~4095ull;
	}
	ret = checked(mshv_vtl_low_map(low, gpa, size, fuzz_u8(), &addr));
	check(!ret == !!addr);
	if (!ret)
		check(!munmap(addr, size));
	ret = checked(mshv_vtl_add_memory(vtl, gpa, size));
	check(ret || !((gpa | size) % 4096));
	checked(mshv_vtl_set_poll_file(vtl, fuzz_u32(), (int)fuzz_u32()));
}

static void step(uint8_t what)
{
	switch (what % 10) {
	case 0:
	case 1:
		run_cpu();
		break;
	case 2:
		set_actions();
		break;
	case 3:
	case 4:
		registers(what & 1);
		break;
	case 5:
	case 6:
		hypercall();
		break;
	case 7:
		receive();
		break;
	case 8:
		send_out();
		break;
	default:
		memory();
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_objects o;
	int fd, pair[2];

	fuzz_begin(data, size);
	fuzz_open(&o);
	fd = memfd_create("mshv_vtl", MFD_CLOEXEC);
	check(fd >= 0 && !ftruncate(fd, (off_t)FILE_PAGES * sysconf(_SC_PAGESIZE)));
	check(!mshv_vtl_from_fd(o.dev, fd, &vtl));
	check(!mshv_vtl_low_from_fd(dup(fd), &low));
	check(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
	host = pair[1];
	check(!mshv_sint_from_fd(pair[0], &sint));
	check(!mshv_gate_from_fd(dup(fd), &gate));
	open_cpu(fd);

	while (fuzz_left())
		step(fuzz_u8());

	close_cpu();
	mshv_gate_close(gate);
	mshv_sint_close(sint);
	close(host);
	mshv_vtl_low_close(low);
	mshv_vtl_close(vtl);
	fuzz_close(&o);
	return 0;
}
