// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scripted engine of mshv_sim (engine=scripted, or a CPU without SVM): what
 * the driver passes on of exits that no processor has made.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mshv_test.h"
#include "sim.h"

#define RAM_BYTES	(16 * PAGE_BYTES)
#define HEADER_BYTES	40
#define HEADER_RIP	24
#define HEADER_ACCESS	5
#define MEMORY_GPA	56

FIXTURE(scripted) {
	struct env env;
	int ctl, dev, pt, vp;
	uint64_t id;
	uint8_t *ram;
	struct hv_message message;
};

FIXTURE_VARIANT(scripted) {
	uint64_t pt_flags;
};

FIXTURE_VARIANT_ADD(scripted, plain) {
	.pt_flags = 0,
};

FIXTURE_VARIANT_ADD(scripted, lapic) {
	.pt_flags = PT(LAPIC),
};

static void on_signal(int sig)
{
	(void)sig;
}

FIXTURE_SETUP(scripted)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct mshv_sim_probe probe;

	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &probe));
	if (!(probe.features & MSHV_SIM_HAS_SCRIPTS))
		SKIP(return, "mshv_sim runs guests: load it with engine=scripted");
	self->dev = OK(dev_open());
	self->pt = OK(partition_create(self->dev, variant->pt_flags));
	OK(partition_initialize(self->pt));
	self->id = sim_newest_partition(self->ctl);
	self->ram = PAGES(RAM_BYTES);
	memset(self->ram, 0x11, RAM_BYTES);
	OK(memory_map(self->pt, 0, self->ram, RAM_BYTES, MEM_W | MEM_X));
	self->vp = OK(vp_create(self->pt, 0));
	ASSERT_EQ(0, sigaction(SIGALRM, &sa, NULL));
}

MSHV_TEARDOWN(scripted)

static struct mshv_sim_step step(const FIXTURE_DATA(scripted) *self, uint32_t action)
{
	return (struct mshv_sim_step) {
		.size = sizeof(struct mshv_sim_step), .action = action,
		.partition = self->id,
	};
}

static const uint8_t *payload(const FIXTURE_DATA(scripted) *self)
{
	return (const uint8_t *)self->message.u.payload;
}

static uint64_t payload64(const FIXTURE_DATA(scripted) *self, unsigned int at)
{
	uint64_t value;

	memcpy(&value, payload(self) + at, sizeof(value));
	return value;
}

static int push(const FIXTURE_DATA(scripted) *self, struct mshv_sim_step *s)
{
	return sim_ioctl(self->ctl, MSHV_SIM_SCRIPT_PUSH, s);
}

static struct mshv_sim_script query(const FIXTURE_DATA(scripted) *self)
{
	struct mshv_sim_script q = { .size = sizeof(q), .partition = self->id };

	if (sim_ioctl(self->ctl, MSHV_SIM_SCRIPT_QUERY, &q))
		q.waiting = UINT64_MAX;
	return q;
}

/* An idle VP runs until a signal comes. */
static int run_until_alarm(FIXTURE_DATA(scripted) *self)
{
	ualarm(50 * 1000, 20 * 1000);
	int ret = vp_run(self->vp, &self->message);

	ualarm(0, 0);
	return ret;
}

TEST_F(scripted, idle_until_signal)
{
	EXPECT_EQ(-EINTR, run_until_alarm(self));
	EXPECT_EQ(-EINTR, run_until_alarm(self));
}

/* Any message reaches the VMM as it is. */
TEST_F(scripted, message_is_passed_on)
{
	const uint32_t types[] = {
		HVMSG_UNRECOVERABLE_EXCEPTION, HVMSG_UNSUPPORTED_FEATURE,
		HVMSG_X64_IO_PORT_INTERCEPT, HVMSG_X64_SIPI_INTERCEPT, 0x80abcdef, 1,
	};
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);
	unsigned int i, k;

	s.payload_bytes = sizeof(s.payload);
	for (k = 0; k < sizeof(s.payload); k++)
		s.payload[k] = k;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		s.message_type = types[i];
		OK(push(self, &s));
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		OK(vp_run(self->vp, &self->message));
		EXPECT_EQ(types[i], self->message.header.message_type);
		EXPECT_EQ(sizeof(s.payload), self->message.header.payload_size);
		EXPECT_EQ(self->id, self->message.header.sender);
		EXPECT_EQ(0, memcmp(payload(self), s.payload, sizeof(s.payload)));
	}
	EXPECT_EQ(ARRAY_SIZE(types), query(self).done);
	EXPECT_EQ(ARRAY_SIZE(types), query(self).intercepts);
	EXPECT_EQ(-EINTR, run_until_alarm(self));
}

/* A step changes registers before it intercepts; the VMM sees them everywhere. */
TEST_F(scripted, registers_and_header)
{
	struct mshv_sim_register regs[] = {
		{ .name = HV_X64_REGISTER_RIP, .value = { 0x4321 } },
		{ .name = HV_X64_REGISTER_RBX, .value = { 0x1122334455667788 } },
		{ .name = HV_X64_REGISTER_CR0, .value = { ~0ull } },	/* refused */
	};
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);
	const struct hv_vp_register_page *page =
		vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_REGISTERS, PROT_READ);
	uint64_t value;

	ASSERT_NE(MAP_FAILED, (void *)page);
	s.message_type = HVMSG_X64_HALT;
	s.flags = MSHV_SIM_STEP_HEADER;
	s.payload_bytes = HEADER_BYTES;
	s.payload[4] = 2;			/* instruction length */
	s.payload[HEADER_ACCESS] = HV_INTERCEPT_ACCESS_EXECUTE;
	s.register_count = ARRAY_SIZE(regs);
	s.registers = (uintptr_t)regs;
	OK(push(self, &s));
	OK(vp_run(self->vp, &self->message));
	EXPECT_U64(0x4321, payload64(self, HEADER_RIP));
	EXPECT_U64(2, payload(self)[4] & 15);
	EXPECT_U64(HV_INTERCEPT_ACCESS_EXECUTE, payload(self)[HEADER_ACCESS]);
	EXPECT_EQ(1, page->isvalid);
	EXPECT_U64(0x4321, page->rip);
	EXPECT_U64(0x1122334455667788, page->rbx);
	OK(vp_get_reg64(self->vp, 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_U64(0x1122334455667788, value);
	EXPECT_TRUE(!!(query(self).last_status));
}

TEST_F(scripted, halt)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_HALT);

	OK(push(self, &s));
	if (variant->pt_flags & PT(LAPIC)) {
		/* The hypervisor waits itself. */
		EXPECT_EQ(-EINTR, run_until_alarm(self));
	} else {
		OK(vp_run(self->vp, &self->message));
		EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
	}
	EXPECT_U64(1, query(self).done);
}

TEST_F(scripted, runs_for_a_while)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_RUN);
	struct timespec before, after;

	s.delay_us = 20000;
	OK(push(self, &s));
	s = step(self, MSHV_SIM_STEP_MESSAGE);
	s.message_type = HVMSG_X64_HALT;
	OK(push(self, &s));
	clock_gettime(CLOCK_MONOTONIC, &before);
	OK(vp_run(self->vp, &self->message));
	clock_gettime(CLOCK_MONOTONIC, &after);
	EXPECT_LE(20 * 1000 * 1000, (after.tv_sec - before.tv_sec) * 1000000000ll +
		  after.tv_nsec - before.tv_nsec);
	EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
}

/* Steps can come while the VP runs. */
static void *push_later(void *arg)
{
	FIXTURE_DATA(scripted) *self = arg;
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);

	s.message_type = HVMSG_X64_HALT;
	usleep(50 * 1000);
	return (void *)(long)push(self, &s);
}

TEST_F(scripted, step_for_a_running_vp)
{
	pthread_t thread;
	void *result;

	ASSERT_EQ(0, pthread_create(&thread, NULL, push_later, self));
	OK(vp_run(self->vp, &self->message));
	EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(NULL, result);
}

TEST_F(scripted, guest_memory)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_WRITE);

	s.gpa = 0x2ff0;
	s.payload_bytes = 16;
	memcpy(s.payload, "sixteen bytes...", 16);
	OK(push(self, &s));
	self->ram[0x3000] = 0x77;
	s = step(self, MSHV_SIM_STEP_READ);
	s.gpa = 0x3000;
	s.payload_bytes = 2;
	OK(push(self, &s));
	s = step(self, MSHV_SIM_STEP_EXECUTE);
	s.gpa = 0x3000;
	OK(push(self, &s));
	s = step(self, MSHV_SIM_STEP_MESSAGE);
	s.message_type = HVMSG_X64_HALT;
	OK(push(self, &s));

	/* Memory that the driver brings in when it is touched needs no exit to here. */
	OK(vp_run(self->vp, &self->message));
	EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
	EXPECT_EQ(0, memcmp(self->ram + 0x2ff0, "sixteen bytes...", 16));
	EXPECT_EQ(0x77, query(self).data[0]);
	EXPECT_EQ(0x11, query(self).data[1]);
	EXPECT_U64(4, query(self).done);
}

/* An access that is refused is made again when the VP goes on. */
TEST_F(scripted, unmapped_memory)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_WRITE);
	const uint64_t gpa = 0x100000;
	uint8_t *more = PAGES(PAGE_BYTES);
	int i;

	s.gpa = gpa + 8;
	s.payload_bytes = 1;
	s.payload[0] = 0x5a;
	OK(push(self, &s));
	s = step(self, MSHV_SIM_STEP_MESSAGE);
	s.message_type = HVMSG_X64_HALT;
	OK(push(self, &s));
	for (i = 0; i < 2; i++) {
		OK(vp_run(self->vp, &self->message));
		EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->message.header.message_type);
		EXPECT_EQ(gpa + 8, payload64(self, MEMORY_GPA));
		EXPECT_U64(HV_INTERCEPT_ACCESS_WRITE, payload(self)[HEADER_ACCESS]);
	}
	OK(memory_map(self->pt, gpa, more, PAGE_BYTES, MEM_W));
	OK(vp_run(self->vp, &self->message));
	EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
	EXPECT_EQ(0x5a, more[8]);
}

TEST_F(scripted, read_only_memory)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_WRITE);
	uint8_t *rom = PAGES(PAGE_BYTES);

	memset(rom, 0x33, PAGE_BYTES);
	OK(memory_map(self->pt, 0x200000, rom, PAGE_BYTES, MEM_R));
	s.gpa = 0x200000;
	s.payload_bytes = 1;
	OK(push(self, &s));
	OK(vp_run(self->vp, &self->message));
	EXPECT_EQ(HVMSG_GPA_INTERCEPT, self->message.header.message_type);
	EXPECT_U64(0x200000, payload64(self, MEMORY_GPA));
	EXPECT_EQ(0x33, rom[0]);
}

struct asserter {
	int pt;
	uint32_t vector, type;
};

static void *assert_interrupt(void *arg)
{
	struct asserter *a = arg;
	struct hv_input_assert_virtual_interrupt in = { .vector = a->vector };
	struct hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT, .in_bytes = sizeof(in), .in = &in,
	};

	in.control.interrupt_type = a->type;
	usleep(50 * 1000);
	return (void *)(long)hvcall(a->pt, &call);
}

TEST_F(scripted, interrupt)
{
	struct asserter a[] = {
		{ self->pt, 0x41, HV_X64_INTERRUPT_TYPE_FIXED },
		{ self->pt, 0, HV_X64_INTERRUPT_TYPE_NMI },
	};
	struct mshv_sim_step s;
	pthread_t thread;
	void *result;
	int i;

	/* Out of reset an APIC is disabled and takes NMIs only. */
	for (i = variant->pt_flags & PT(LAPIC) ? 1 : 0; i < 2; i++) {
		s = step(self, MSHV_SIM_STEP_INTERRUPT);
		OK(push(self, &s));
		s = step(self, MSHV_SIM_STEP_MESSAGE);
		s.message_type = HVMSG_X64_HALT;
		OK(push(self, &s));
		ASSERT_EQ(0, pthread_create(&thread, NULL, assert_interrupt, &a[i]));
		OK(vp_run(self->vp, &self->message));
		ASSERT_EQ(0, pthread_join(thread, &result));
		EXPECT_EQ(NULL, result);
		EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
		EXPECT_U64(i ? 0x100 : 0x41, query(self).last_vector);
		EXPECT_LE(1, (int64_t)query(self).interrupts);
	}
}

TEST_F(scripted, many_exits)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);
	int i;

	s.payload_bytes = 4;
	s.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	for (i = 0; i < 1000; i++) {
		memcpy(s.payload, &i, sizeof(i));
		OK(push(self, &s));
	}
	for (i = 0; i < 1000; i++) {
		OK(vp_run(self->vp, &self->message));
		ASSERT_EQ(0, memcmp(payload(self), &i, sizeof(i)));
	}
}

/* -------------------------------------------------- the driver and messages */

static void *run_vp(void *arg)
{
	FIXTURE_DATA(scripted) *self = arg;

	return (void *)(long)vp_run(self->vp, &self->message);
}

/* While the message that a VP has stopped, or may go on, is late, RUN_VP waits. */
TEST_F(scripted, waits_for_a_late_message)
{
	struct mshv_sim_hold hold = { .size = sizeof(hold), .partition = self->id };
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);
	struct mshv_sim_probe probe;
	struct timespec until;
	pthread_t thread;
	void *result = (void *)1;

	OK(sim_probe(self->ctl, &probe));
	s.message_type = HVMSG_X64_HALT;
	OK(push(self, &s));
	/* HV_SCHEDULER_TYPE_ROOT: the first dispatch of a VP is told to wait. */
	hold.message_type = probe.scheduler == 4 ? HVMSG_SCHEDULER_VP_SIGNAL_PAIR :
						   HVMSG_OPAQUE_INTERCEPT;
	OK(sim_ioctl(self->ctl, MSHV_SIM_HOLD, &hold));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_vp, self));
	WAIT_FOR((OK(sim_ioctl(self->ctl, MSHV_SIM_HOLD, &hold)), hold.held));
	EXPECT_U64(1, hold.held);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100 * 1000 * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	EXPECT_EQ(ETIMEDOUT, pthread_timedjoin_np(thread, &result, &until));
	hold.message_type = 0;
	OK(sim_ioctl(self->ctl, MSHV_SIM_HOLD, &hold));
	EXPECT_U64(1, hold.held);
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(NULL, result);
	EXPECT_EQ(HVMSG_X64_HALT, self->message.header.message_type);
}

/* ------------------------------------------------------------- the commands */

TEST_F(scripted, bad_steps)
{
	const struct mshv_sim_step good = {
		.size = sizeof(good), .action = MSHV_SIM_STEP_MESSAGE,
		.partition = self->id, .message_type = 1,
	};
	struct mshv_sim_register reg = { .reserved = 1 };
	struct mshv_sim_step s;

#define BAD(errno_, ...) do {							\
		s = good;							\
		s.__VA_ARGS__;							\
		EXPECT_EQ(-errno_, push(self, &s)) {				\
			TH_LOG("%s", #__VA_ARGS__);				\
		}								\
	} while (0)
	BAD(EINVAL, action = 0);
	BAD(EINVAL, action = 99);
	BAD(EINVAL, flags = 2);
	BAD(EINVAL, message_type = 0);
	BAD(EINVAL, payload_bytes = 241);
	BAD(EINVAL, gpa = 1);
	BAD(EINVAL, register_count = MSHV_SIM_MAX_REGISTERS + 1);
	BAD(EFAULT, register_count = 1);
	BAD(EINVAL, register_count = 1, s.registers = (uintptr_t)&reg);
	BAD(EINVAL, action = MSHV_SIM_STEP_HALT);	/* with a message */
	BAD(EINVAL, action = MSHV_SIM_STEP_RUN, s.message_type = 0);
	BAD(EINVAL, action = MSHV_SIM_STEP_READ, s.message_type = 0);
	BAD(EINVAL, action = MSHV_SIM_STEP_WRITE, s.message_type = 0, s.gpa = 0xfff,
	    s.payload_bytes = 2);
	BAD(ENOENT, vp = 1);
	BAD(ENOENT, vp = UINT32_MAX);
	BAD(ENOENT, partition = 0);
	BAD(ENOENT, partition = 1);
	BAD(ENOENT, partition = ~0ull);
#undef BAD
}

TEST_F(scripted, script_is_bounded_and_ends_with_the_file)
{
	struct mshv_sim_step s = step(self, MSHV_SIM_STEP_MESSAGE);
	struct mshv_sim_script q = { .size = sizeof(q), .partition = self->id };
	struct mshv_sim_probe probe;
	int other = OK(sim_open());
	uint32_t i;

	OK(sim_probe(self->ctl, &probe));
	s.message_type = HVMSG_X64_HALT;
	OK(push(self, &s));
	for (i = 1; i < probe.max_script; i++)
		OK(sim_ioctl(other, MSHV_SIM_SCRIPT_PUSH, &s));
	EXPECT_EQ(-ENOSPC, sim_ioctl(other, MSHV_SIM_SCRIPT_PUSH, &s));
	EXPECT_EQ(probe.max_script, query(self).waiting);
	ASSERT_EQ(0, close(other));
	EXPECT_U64(1, query(self).waiting);
	OK(sim_ioctl(self->ctl, MSHV_SIM_SCRIPT_CLEAR, &q));
	EXPECT_U64(0, query(self).waiting);
}

MSHV_TEST_MAIN
