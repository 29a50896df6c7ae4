// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver does with messages of the hypervisor that come late, in another form,
 * for somebody who has gone, or for nobody. Needs mshv_sim, which sends and holds them.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mshv/hv_root_scheduler.h>
#include <mshv/hv_status.h>
#include <mshv/hv_system.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "modules.h"
#include "sim.h"

#define GSI		0x61
#define NOBODY		0x123456	/* no partition's id */
#define VPS_MAX		256		/* of a partition: MSHV_MAX_VPS of the driver */

FIXTURE(message) {
	struct env env;
	struct guest g;
	struct mshv_sim_message m;
	int ctl;
	uint32_t scheduler;
};

FIXTURE_SETUP(message)
{
	struct mshv_sim_probe probe;

	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &probe));
	self->scheduler = probe.scheduler;
}

MSHV_TEARDOWN(message)

/* An empty message for CPU 0; returns its payload. */
static void *message(struct mshv_sim_message *m, uint32_t type, uint64_t sender)
{
	struct hv_message *msg = (void *)m->message;

	memset(m, 0, sizeof(*m));
	m->size = sizeof(*m);
	msg->header.message_type = type;
	msg->header.payload_size = sizeof(msg->u);
	msg->header.sender = sender;
	return msg->u.payload;
}

static int post(int ctl, struct mshv_sim_message *m)
{
	return sim_ioctl(ctl, MSHV_SIM_POST_MESSAGE, m);
}

static int hold(int ctl, uint32_t type, uint64_t *held)
{
	struct mshv_sim_hold h = { .size = sizeof(h), .message_type = type };
	int ret = sim_ioctl(ctl, MSHV_SIM_HOLD, &h);

	if (held)
		*held = h.held;
	return ret;
}

/* Until so many are held. */
static void wait_held(struct __test_metadata *_metadata, int ctl, uint32_t type, uint64_t count)
{
	uint64_t held = 0;

	WAIT_FOR((OK(hold(ctl, type, &held)), held >= count));
}

/* The message by which a VP is told to go on, or that it has stopped. */
static uint32_t vp_message(uint32_t scheduler)
{
	return scheduler == HV_SCHEDULER_TYPE_ROOT ? HVMSG_SCHEDULER_VP_SIGNAL_PAIR :
						     HVMSG_OPAQUE_INTERCEPT;
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static bool ended(pthread_t thread, void **result, unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return !pthread_timedjoin_np(thread, result, &until);
}

static void guest_says(uint64_t word)
{
	for (;;)
		guest_sync(word, 0);
}

/* ------------------------------------------------------------- signals to VPs */

static void *run_to_sync(void *g)
{
	return (void *)(long)guest_run(g, 0);
}

static void *run_sixth_to_sync(void *g)
{
	return (void *)(long)guest_run(g, 5);
}

/* As a set: the form that the simulator uses only if it is told to, and with two banks. */
TEST_F(message, bitset)
{
	struct hv_vp_signal_bitset_scheduler_message *s;
	pthread_t thread;
	void *result;

	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 0, guest_says, 0x5e1f));
	/* The first intercepts are the driver's own: the one that is held must be ours. */
	if (self->scheduler != HV_SCHEDULER_TYPE_ROOT)
		RUN(GUEST_SYNC, &self->g, 0);
	OK(hold(self->ctl, vp_message(self->scheduler), NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_to_sync, &self->g));
	wait_held(_metadata, self->ctl, vp_message(self->scheduler), 1);
	ASSERT_FALSE(ended(thread, &result, 100));

	s = message(&self->m, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 0);
	s->partition_id = sim_newest_partition(self->ctl);
	s->vp_count = 1;
	s->vp_bitset.bitset.format = HV_GENERIC_SET_SPARSE_4K;
	s->vp_bitset.bitset.valid_bank_mask = 3;
	s->vp_bitset.bitset_buffer[2] = 1;	/* VP 0; none of the second bank */
	OK(post(self->ctl, &self->m));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(GUEST_SYNC, (long)result);
	EXPECT_U64(0x5e1f, self->g.vp[0].args[0]);
	/* what is held goes with the partition */
	close(self->g.vp[0].fd);
	close(self->g.pt);
	OK(hold(self->ctl, 0, NULL));
}

/* All signals in that form: one is looked at on its way, and the driver takes it. */
TEST_F(message, signals_as_sets)
{
	const bool root = self->scheduler == HV_SCHEDULER_TYPE_ROOT;
	pthread_t thread;
	void *result;
	int i;

	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 5, guest_says, 0x5e15));
	OK(sim_set_parameter("bitset", "Y"));
	OK(hold(self->ctl, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_sixth_to_sync, &self->g));
	/* Another scheduler has no signals. */
	if (root)
		wait_held(_metadata, self->ctl, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 1);
	OK(hold(self->ctl, 0, NULL));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(GUEST_SYNC, (long)result);
	EXPECT_U64(0x5e15, self->g.vp[5].args[0]);
	for (i = 0; i < 3; i++)
		RUN(GUEST_SYNC, &self->g, 5);
}

static void *run_to_exit(void *vp)
{
	struct hv_message m = { 0 };
	int ret = vp_run(*(int *)vp, &m);

	return (void *)(long)(ret ? ret : (int)m.header.message_type);
}

/*
 * VPs 1 and 64 wait for their first signal, or with another scheduler for the message of
 * their first exit: at the reset vector there is no memory. One message wakes both.
 */
static void wakes_both(struct __test_metadata *_metadata, FIXTURE_DATA(message) *self,
		       void (*name)(struct mshv_sim_message *m, uint64_t id))
{
	pthread_t thread[2];
	void *result;
	int vp[2], i;

	OK(guest_create(&self->g, 0));
	for (i = 0; i < 2; i++) {
		vp[i] = OK(vp_create(self->g.pt, i ? 64 : 1));
		OK(hold(self->ctl, vp_message(self->scheduler), NULL));
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, run_to_exit, &vp[i]));
		wait_held(_metadata, self->ctl, vp_message(self->scheduler), i + 1);
		ASSERT_FALSE(ended(thread[i], &result, 100));
	}
	name(&self->m, sim_newest_partition(self->ctl));
	OK(post(self->ctl, &self->m));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &result));
		EXPECT_U64(HVMSG_UNMAPPED_GPA, (uint32_t)(long)result);
		close(vp[i]);
	}
	/* what is held goes with the partition */
	close(self->g.pt);
	OK(hold(self->ctl, 0, NULL));
}

static void name_two_banks(struct mshv_sim_message *m, uint64_t id)
{
	struct hv_vp_signal_bitset_scheduler_message *s =
		message(m, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 0);

	s->partition_id = id;
	s->vp_count = 2;
	s->vp_bitset.bitset.format = HV_GENERIC_SET_SPARSE_4K;
	s->vp_bitset.bitset.valid_bank_mask = 3;
	s->vp_bitset.bitset_buffer[2] = 1 << 1;		/* VP 1 */
	s->vp_bitset.bitset_buffer[3] = 1 << 0;		/* VP 64 */
}

static void name_pair(struct mshv_sim_message *m, uint64_t id)
{
	struct hv_vp_signal_pair_scheduler_message *p =
		message(m, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0);

	p->vp_count = 2;
	p->partition_ids[0] = p->partition_ids[1] = id;
	p->vp_indexes[0] = 1;
	p->vp_indexes[1] = 64;
}

TEST_F(message, bitset_of_two_banks)
{
	wakes_both(_metadata, self, name_two_banks);
}

TEST_F(message, pair)
{
	wakes_both(_metadata, self, name_pair);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* What it waits for: a signal that comes before it does so is lost. */
static void interrupt(struct __test_metadata *_metadata, pthread_t thread, void **result)
{
	do {
		ASSERT_EQ(0, pthread_kill(thread, SIGALRM));
	} while (!ended(thread, result, 20));
}

static void *close_all(void *arg)
{
	struct guest *g = arg;

	close(g->vp[0].fd);
	close(g->pt);
	return NULL;
}

/*
 * With the root scheduler a partition's end waits for a signal that is under way: until
 * it comes, or until somebody interrupts.
 */
static void close_with_signal(struct __test_metadata *_metadata, FIXTURE_DATA(message) *self,
			      bool interrupted)
{
	const struct sigaction action = { .sa_handler = on_signal };
	const bool root = self->scheduler == HV_SCHEDULER_TYPE_ROOT;
	pthread_t runner, closer;
	void *result;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 0, guest_says, 0));
	OK(hold(self->ctl, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, NULL));
	ASSERT_EQ(0, pthread_create(&runner, NULL, run_to_sync, &self->g));
	if (root) {
		wait_held(_metadata, self->ctl, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 1);
		interrupt(_metadata, runner, &result);
	} else {
		ASSERT_EQ(0, pthread_join(runner, &result));
	}
	EXPECT_EQ(root ? -EINTR : GUEST_SYNC, (long)result);

	ASSERT_EQ(0, pthread_create(&closer, NULL, close_all, &self->g));
	if (root) {
		ASSERT_FALSE(ended(closer, &result, 200));
	}
	if (root && interrupted) {
		interrupt(_metadata, closer, &result);
	} else {
		OK(hold(self->ctl, 0, NULL));
		ASSERT_EQ(0, pthread_join(closer, &result));
	}
	OK(hold(self->ctl, 0, NULL));
}

TEST_F(message, signal_under_way_at_close)
{
	close_with_signal(_metadata, self, false);
}

TEST_F(message, close_is_interrupted)
{
	close_with_signal(_metadata, self, true);
}

/* What names nobody is dropped, and nothing waits behind it. */
TEST_F(message, signals_for_nobody)
{
	struct hv_vp_signal_bitset_scheduler_message *s;
	struct hv_vp_signal_pair_scheduler_message *p;
	const struct {
		uint64_t partition, format, banks, bits;
		uint16_t count;
	} sets[] = {
		{ NOBODY, HV_GENERIC_SET_SPARSE_4K, 1, 1, 1 },
		{ 0, HV_GENERIC_SET_ALL, 1, 1, 1 },
		{ 0, HV_GENERIC_SET_SPARSE_4K, 1, 1, 0 },		/* none */
		{ 0, HV_GENERIC_SET_SPARSE_4K, 1, 1 << 5, 1 },		/* no such VP */
		{ 0, HV_GENERIC_SET_SPARSE_4K, 1 << VPS_MAX / 64, 1, 1 },
		{ 0, HV_GENERIC_SET_SPARSE_4K, 0, 0, 1 },		/* fewer than it says */
	};
	const struct {
		uint64_t partition;
		uint32_t vp;
	} pairs[] = { { NOBODY, 0 }, { 0, 5 }, { 0, VPS_MAX } };
	const int cpu = sched_getcpu();
	cpu_set_t here;
	uint64_t id;
	size_t i;

	/* the VP's own messages come to this CPU, too, or are not needed */
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(here), &here));
	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 0, guest_says, 7));
	id = sim_newest_partition(self->ctl);
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		s = message(&self->m, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 0);
		s->partition_id = sets[i].partition ? sets[i].partition : id;
		s->vp_count = sets[i].count;
		s->vp_bitset.bitset.format = sets[i].format;
		s->vp_bitset.bitset.valid_bank_mask = sets[i].banks;
		s->vp_bitset.bitset_buffer[2] = sets[i].bits;
		self->m.cpu = cpu;
		OK(post(self->ctl, &self->m));
	}
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		p = message(&self->m, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0);
		p->vp_count = 1;
		p->partition_ids[0] = pairs[i].partition ? pairs[i].partition : id;
		p->vp_indexes[0] = pairs[i].vp;
		self->m.cpu = cpu;
		OK(post(self->ctl, &self->m));
	}
	for (i = 0; i < 20; i++) {
		RUN(GUEST_SYNC, &self->g, 0);
		EXPECT_U64(7, self->g.vp[0].args[0]);
	}
}

/* ------------------------------------------------------------------- EOIs */

static int irqfd(int pt, int fd, int back, uint32_t flags)
{
	const struct mshv_user_irqfd args = {
		.fd = fd, .resamplefd = back, .gsi = GSI, .flags = flags,
	};

	return mshv_ioctl(pt, MSHV_IRQFD, &args);
}

#define RESAMPLE	(1u << MSHV_IRQFD_BIT_RESAMPLE)
#define DEASSIGN	(1u << MSHV_IRQFD_BIT_DEASSIGN)
#define MSI_LEVEL	0x8000
#define MSI_EXTINT	0x700

/* Two lines share an interrupt of the PIC: its end is told to both, and it is cleared. */
TEST_F(message, eoi_of_extint)
{
	struct hv_x64_apic_eoi_message *eoi;
	struct mshv_sim_record record;
	int fd[2], back[2], i, cleared = 0;
	eventfd_t count;
	uint64_t id;

	OK(guest_create(&self->g, PT(LAPIC)));
	OK(guest_add_vp(&self->g, 0, guest_says, 0));
	id = sim_newest_partition(self->ctl);
	OK(route_one(self->g.pt, GSI, 0xfee00000, MSI_LEVEL | MSI_EXTINT | GSI));
	for (i = 0; i < 2; i++) {
		fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		back[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		OK(irqfd(self->g.pt, fd[i], back[i], RESAMPLE));
	}
	OK(sim_record(self->ctl, HVCALL_CLEAR_VIRTUAL_INTERRUPT, id));
	eoi = message(&self->m, HVMSG_X64_APIC_EOI, id);
	eoi->interrupt_vector = GSI;
	OK(post(self->ctl, &self->m));
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(readable(back[i], LONG_MS));
		ASSERT_EQ(0, eventfd_read(back[i], &count));
	}
	while (read(self->ctl, &record, sizeof(record)) == sizeof(record))
		cleared++;
	EXPECT_EQ(2, cleared);

	/* One goes; the other stays. */
	OK(irqfd(self->g.pt, fd[0], 0, DEASSIGN));
	OK(post(self->ctl, &self->m));
	EXPECT_TRUE(readable(back[1], LONG_MS));
	EXPECT_FALSE(readable(back[0], 0));
}

/* ----------------------------------------- messages that stay in their slot */

/*
 * The driver leaves a message in its slot that it has no use for, and all that come
 * behind it wait for ever (docs/driver-findings.md, F10); and it says so once: each gets
 * a simulator, and a driver, of its own.
 */
FIXTURE(stuck) {
	struct env env;
	struct mshv_sim_message m;
};

FIXTURE_SETUP(stuck)
{
	NEEDS_MODULES();
	MSHV_SETUP(self);
}

FIXTURE_TEARDOWN_PARENT(stuck)
{
	EXPECT_EQ(0, env_end(&self->env));
	EXPECT_EQ(0, modules_give_back());
}

static const struct {
	const char *what;
	uint32_t type;
	uint64_t sender;	/* 0: the partition of the test */
	uint32_t word;		/* first of the payload */
} useless[] = {
	{ "SINT of no doorbell", HVMSG_SYNIC_SINT_INTERCEPT, 0, 3 },
	{ "completion for nobody", HVMSG_ASYNC_CALL_COMPLETION, 0, NOBODY },
	{ "intercept of nobody", HVMSG_OPAQUE_INTERCEPT, NOBODY, 0 },
	{ "intercept of no VP", HVMSG_OPAQUE_INTERCEPT, 0, 5 },
	{ "intercept of an impossible VP", HVMSG_OPAQUE_INTERCEPT, 0, VPS_MAX },
	{ "intercept that is not opaque", HVMSG_UNMAPPED_GPA, 0, 0 },
	{ "EOI that nobody waits for", HVMSG_X64_APIC_EOI, 0, 0 },
};

static int count_log(const char *text)
{
	static int fd = -1;
	char record[4096];
	int found = 0;
	ssize_t n;

	if (fd < 0) {
		fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		lseek(fd, 0, SEEK_END);
	}
	while ((n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		found += strstr(record, text) != NULL;
	}
	return found;
}

TEST_F(stuck, useless)
{
	uint32_t *payload;
	int ctl, dev, pt, vp, told;
	size_t i;

	count_log("");
	for (i = 0; i < ARRAY_SIZE(useless); i++) {
		OK(sim_reload(modules_before()));
		OK(driver_load());
		ctl = OK(sim_open());
		dev = OK(dev_open());
		pt = OK(partition_create(dev, 0));
		OK(partition_initialize(pt));
		vp = OK(vp_create(pt, 0));
		payload = message(&self->m, useless[i].type, useless[i].sender ? useless[i].sender :
				  sim_newest_partition(ctl));
		payload[0] = useless[i].word;
		OK(post(ctl, &self->m));
		WAIT_FOR((told = count_log("unknown message type")));
		EXPECT_EQ(1, told) {
			TH_LOG("%s", useless[i].what);
		}
		/* it did no harm: all of it can be taken apart */
		EXPECT_EQ(0, close(vp));
		EXPECT_EQ(0, close(pt));
		EXPECT_EQ(0, close(dev));
		EXPECT_EQ(0, close(ctl));
	}
}

static int require(char *why, size_t size)
{
	int ret = guest_require(why, size);

	return ret ? ret : modules_borrow(why, size);
}

MSHV_TEST_MAIN_OF(require)
