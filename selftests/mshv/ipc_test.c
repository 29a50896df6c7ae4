// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages and events from one partition to another: ports and connections.
 *
 * The driver makes doorbells only, so that the test makes the calls of the root
 * itself, through the simulator.
 */
#include <pthread.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "hypercall.h"
#include "msr.h"
#include "synic.h"
#include "x86/sim_port.h"

#define SINT		4
#define VECTOR		0x51
#define PORT		0x1234
#define CONNECTION	0x4321
#define BUFFERS		16	/* of a port (TLFS) */
#define TYPE		0x77

static uint64_t features(void)
{
	return GUEST_FEATURES(
		.access_synic_regs = 1,
		.access_hypercall_regs = 1,
		.access_vp_index = 1,
		.signal_events = 1);
}

FIXTURE(ipc) {
	struct env env;
	struct guest g, other;
	int ctl;
	uint64_t id;
};

FIXTURE_SETUP(ipc)
{
	MSHV_SIM_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), features()));
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(ipc)

/* --------------------------------------------------------- calls of the root */

static int64_t port_create(int ctl, uint64_t owner, uint64_t sender, uint32_t type,
			   uint32_t sint, uint32_t flags)
{
	struct hv_port_info info = {
		.port_type = type,
		.message_port_info = { .target_sint = sint, .target_vp = ~0u },
	};

	if (type == HV_PORT_TYPE_EVENT) {
		info.event_port_info.base_flag_number = flags >> 16;
		info.event_port_info.flag_count = flags;
	}
	return sim_port_create(ctl, owner, PORT, sender, &info);
}

static int64_t port_connect(int ctl, uint64_t owner, uint64_t sender, uint32_t type)
{
	struct hv_connection_info info = { .port_type = type };

	return sim_port_connect(ctl, owner, PORT, sender, CONNECTION, &info);
}

static int64_t port_delete(int ctl, uint64_t owner)
{
	return sim_port_delete(ctl, owner, PORT);
}

static int64_t port_disconnect(int ctl, uint64_t sender)
{
	return sim_port_disconnect(ctl, sender, CONNECTION);
}

struct message {
	uint32_t connection, reserved, type, bytes;
	uint64_t payload[30];
};

static int64_t root_post(int ctl, uint64_t payload)
{
	struct message in = {
		.connection = CONNECTION, .type = TYPE, .bytes = 8, .payload = { payload },
	};

	return sim_hypercall(ctl, HVCALL_POST_MESSAGE, &in, sizeof(in), NULL, 0);
}

static int64_t root_signal(int ctl, uint64_t flag)
{
	uint64_t in = CONNECTION | flag << 32;

	return sim_hypercall(ctl, HVCALL_SIGNAL_EVENT | FAST, &in, sizeof(in), NULL, 0);
}

/* A port of @type from a guest to the root, or the other way. */
#define CHANNEL(owner, sender, type, sint, flags) do {			\
	EXPECT_EQ(0, port_create(self->ctl, owner, sender, type, sint, flags)); \
	EXPECT_EQ(0, port_connect(self->ctl, owner, sender, type));	\
} while (0)

#define CLOSE_CHANNEL(owner, sender) do {				\
	EXPECT_EQ(0, port_disconnect(self->ctl, sender));		\
	EXPECT_EQ(0, port_delete(self->ctl, owner));			\
} while (0)

#define SYNC(a, b)	RUN_TO_SYNC(a, b, &self->g, 0)

/* ------------------------------------------------------------- from a guest */

static uint64_t guest_post_one(uint64_t payload)
{
	struct message *in = guest_ptr(IN_GPA);

	*in = (struct message) {
		.connection = CONNECTION, .type = TYPE, .bytes = 8, .payload = { payload },
	};
	return call(HVCALL_POST_MESSAGE, IN_GPA, 0);
}

static uint64_t guest_signal_one(uint64_t flag)
{
	return call(HVCALL_SIGNAL_EVENT | FAST, CONNECTION | flag << 32, 0);
}

static void guest_posts(uint64_t count)
{
	uint64_t i;

	enable_hypercalls();
	for (i = 0; i < count; i++)
		guest_sync(guest_post_one(i), i);
}

TEST_F(ipc, message_to_root)
{
	struct hv_message m;

	OK(sim_root_sint(self->ctl, SINT_POLLING | VECTOR, NULL, NULL));
	CHANNEL(ROOT, self->id, HV_PORT_TYPE_MESSAGE, ROOT_SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_posts, 2));
	SYNC(0, 0);
	SYNC(0, 1);
	ASSERT_EQ(1, sim_root_sint(self->ctl, 0, &m, NULL));
	EXPECT_U64(TYPE, m.header.message_type);
	EXPECT_U64(8, m.header.payload_size);
	EXPECT_U64(PORT, m.header.sender);
	EXPECT_U64(1, m.header.message_flags.msg_pending);
	EXPECT_U64(0, m.u.payload[0]);
	/* The second has waited for the slot. */
	ASSERT_EQ(1, sim_root_sint(self->ctl, 0, &m, NULL));
	EXPECT_U64(0, m.header.message_flags.msg_pending);
	EXPECT_U64(1, m.u.payload[0]);
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, NULL));
	CLOSE_CHANNEL(ROOT, self->id);
}

/* Behind the one in the slot, messages wait for as long as the port has buffers. */
TEST_F(ipc, buffers)
{
	struct hv_message m;
	unsigned int i;

	CHANNEL(ROOT, self->id, HV_PORT_TYPE_MESSAGE, ROOT_SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_posts, 1 + BUFFERS + 1));
	for (i = 0; i < 1 + BUFFERS; i++)
		SYNC(0, i);
	SYNC(HV_STATUS_INSUFFICIENT_BUFFERS, i);
	OK(sim_root_sint(self->ctl, SINT_POLLING | VECTOR, NULL, NULL));
	for (i = 0; i < 1 + BUFFERS; i++) {
		ASSERT_EQ(1, sim_root_sint(self->ctl, 0, &m, NULL));
		EXPECT_U64(i, m.u.payload[0]);
	}
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, NULL));
	RUN(GUEST_DONE, &self->g, 0);
	CLOSE_CHANNEL(ROOT, self->id);
}

/* A port that goes takes along what waits in it, and not what is in the slot. */
TEST_F(ipc, deleted_with_messages)
{
	struct hv_message m;

	CHANNEL(ROOT, self->id, HV_PORT_TYPE_MESSAGE, ROOT_SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_posts, 3));
	SYNC(0, 0);
	SYNC(0, 1);
	EXPECT_EQ(0, port_delete(self->ctl, ROOT));
	OK(sim_root_sint(self->ctl, SINT_POLLING | VECTOR, NULL, NULL));
	EXPECT_EQ(1, sim_root_sint(self->ctl, 0, &m, NULL));
	EXPECT_U64(0, m.u.payload[0]);
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, NULL));
	SYNC(HV_STATUS_INVALID_PORT_ID, 2);
	/* The connection is not one to a later port of the same number. */
	EXPECT_EQ(0, port_create(self->ctl, ROOT, self->id, HV_PORT_TYPE_MESSAGE, ROOT_SINT, 0));
	RUN(GUEST_DONE, &self->g, 0);
	CLOSE_CHANNEL(ROOT, self->id);
}

static void guest_signals(uint64_t arg)
{
	(void)arg;
	enable_hypercalls();
	guest_sync(guest_signal_one(0), 0);
	guest_sync(guest_signal_one(9), 0);
	guest_sync(guest_signal_one(10), 0);
	/* Not a port for messages. */
	guest_sync(guest_post_one(0), 0);
}

TEST_F(ipc, event_to_root)
{
	uint64_t events[32] = { 0 };
	struct hv_message m;

	OK(sim_root_sint(self->ctl, SINT_POLLING | VECTOR, NULL, NULL));
	CHANNEL(ROOT, self->id, HV_PORT_TYPE_EVENT, ROOT_SINT, 70 << 16 | 10);
	OK(guest_add_vp(&self->g, 0, guest_signals, 0));
	SYNC(0, 0);
	SYNC(0, 0);
	SYNC(HV_STATUS_INVALID_PARAMETER, 0);
	SYNC(HV_STATUS_INVALID_PORT_ID, 0);
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, events));
	EXPECT_U64(1 << 6 | 1 << 15, events[1]);
	memset(events, 0, sizeof(events));
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, events));
	EXPECT_U64(0, events[1]);
	CLOSE_CHANNEL(ROOT, self->id);
}

/* --------------------------------------------------------------- to a guest */

static volatile uint64_t taken, sum, flags;

static void on_message(struct guest_frame *frame)
{
	volatile struct hv_message *slot = synic_slot(SINT);
	volatile uint64_t *events = synic_flags(SINT);

	(void)frame;
	if (slot->header.message_type) {
		GUEST_ASSERT_EQ(TYPE, slot->header.message_type);
		GUEST_ASSERT_EQ(PORT, slot->header.sender);
		taken++;
		sum += slot->u.payload[0];
		synic_release(SINT);
	}
	flags |= events[0];
	events[0] = 0;
	x2apic_write(APIC_EOI, 0);
}

static void prepare(void)
{
	guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
	guest_handle(VECTOR, on_message);
	x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
}

static void guest_takes(uint64_t arg)
{
	(void)arg;
	prepare();
	guest_sync(0, 0);
	synic_enable(SINT, VECTOR);
	GUEST_HALT_UNTIL(taken >= 3);
	guest_sync(taken, sum);
	GUEST_HALT_UNTIL(flags);
	guest_sync(flags, 0);
}

static void *post_later(void *arg)
{
	int ctl = *(int *)arg;
	int64_t ret = 0;
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		/* Until the guest has switched its SynIC on. */
		do
			ret = root_post(ctl, i * 16);
		while (ret == HV_STATUS_INVALID_SYNIC_STATE);
		if (ret)
			break;
	}
	return (void *)(intptr_t)ret;
}

TEST_F(ipc, message_from_root)
{
	pthread_t thread;
	void *ret;

	CHANNEL(self->id, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0);
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, root_post(self->ctl, 0));
	OK(guest_add_vp(&self->g, 0, guest_takes, 0));
	SYNC(0, 0);
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, root_post(self->ctl, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, post_later, &self->ctl));
	SYNC(3, 96);
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(NULL, ret);
	CLOSE_CHANNEL(self->id, ROOT);

	CHANNEL(self->id, ROOT, HV_PORT_TYPE_EVENT, SINT, 8 << 16 | 4);
	EXPECT_EQ(0, root_signal(self->ctl, 3));
	SYNC(1 << 11, 0);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, root_signal(self->ctl, 4));
	CLOSE_CHANNEL(self->id, ROOT);
}

static void guest_unmasks(uint64_t arg)
{
	(void)arg;
	prepare();
	synic_enable(SINT, SINT_MASKED);
	guest_sync(0, 0);
	guest_sti();
	guest_sync(taken, synic_slot(SINT)->header.message_type);
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	guest_sync(taken, synic_slot(SINT)->u.payload[0]);
	synic_release(SINT);
	while (!taken)
		;
	guest_sync(taken, sum);
}

/* The interrupt of a masked SINT is lost, its message is not; events are refused. */
TEST_F(ipc, masked)
{
	CHANNEL(self->id, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_unmasks, 0));
	SYNC(0, 0);
	EXPECT_EQ(0, root_post(self->ctl, 1));
	EXPECT_EQ(0, root_post(self->ctl, 2));
	SYNC(0, TYPE);
	SYNC(0, 1);
	SYNC(1, 2);
	CLOSE_CHANNEL(self->id, ROOT);
}

static void guest_masks(uint64_t arg)
{
	(void)arg;
	prepare();
	enable_hypercalls();
	synic_enable(SINT, SINT_MASKED);
	guest_sync(0, 0);
	guest_sync(guest_signal_one(0), synic_flags(SINT)[0]);
}

TEST_F(ipc, event_masked)
{
	uint64_t events[32] = { 0 };
	struct hv_message m;

	CHANNEL(self->id, ROOT, HV_PORT_TYPE_EVENT, SINT, 4);
	OK(guest_add_vp(&self->g, 0, guest_masks, 0));
	SYNC(0, 0);
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, root_signal(self->ctl, 1));
	CLOSE_CHANNEL(self->id, ROOT);

	OK(sim_root_sint(self->ctl, SINT_MASKED, NULL, NULL));
	CHANNEL(ROOT, self->id, HV_PORT_TYPE_EVENT, ROOT_SINT, 16);
	SYNC(HV_STATUS_INVALID_SYNIC_STATE, 0);
	EXPECT_EQ(0, sim_root_sint(self->ctl, 0, &m, events));
	EXPECT_U64(0, events[0]);
	CLOSE_CHANNEL(ROOT, self->id);
}

/* A guest that ends the interrupt need not end the message, too. */
static void on_message_eoi(struct guest_frame *frame)
{
	volatile struct hv_message *slot = synic_slot(SINT);

	(void)frame;
	taken++;
	sum += slot->u.payload[0];
	slot->header.message_type = HVMSG_NONE;
	x2apic_write(APIC_EOI, 0);
}

static void guest_takes_by_eoi(uint64_t count)
{
	prepare();
	guest_handle(VECTOR, on_message_eoi);
	synic_enable(SINT, VECTOR);
	guest_sync(0, 0);
	guest_sti();
	while (taken < count)
		;
	guest_sync(taken, sum);
}

TEST_F(ipc, end_of_interrupt)
{
	CHANNEL(self->id, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_takes_by_eoi, 3));
	SYNC(0, 0);
	EXPECT_EQ(0, root_post(self->ctl, 1));
	EXPECT_EQ(0, root_post(self->ctl, 10));
	EXPECT_EQ(0, root_post(self->ctl, 100));
	SYNC(3, 111);
	CLOSE_CHANNEL(self->id, ROOT);
}

/* What is left goes with the partition, messages that wait and the port. */
TEST_F(ipc, left_behind)
{
	CHANNEL(self->id, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0);
	OK(guest_add_vp(&self->g, 0, guest_unmasks, 0));
	SYNC(0, 0);
	EXPECT_EQ(0, root_post(self->ctl, 1));
	close(self->g.vp[0].fd);
	close(self->g.pt);
	munmap(self->g.ram, GUEST_RAM_BYTES);
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, root_post(self->ctl, 2));
	EXPECT_EQ(0, port_disconnect(self->ctl, ROOT));
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID, root_post(self->ctl, 2));
}

/* ------------------------------------------------------- from guest to guest */

static void guest_posts_until_it_works(uint64_t arg)
{
	uint64_t i;

	enable_hypercalls();
	for (i = 1; i <= 3; i++)
		while (guest_post_one(i * arg))
			;
	guest_sync(0, 0);
	guest_sync(guest_signal_one(2), 0);
}

static void *run_first(void *arg)
{
	return (void *)(intptr_t)guest_run(arg, 0);
}

TEST_F(ipc, guest_to_guest)
{
	pthread_t thread;
	uint64_t other;
	void *event;

	OK(guest_create_with(&self->other, PT(LAPIC) | PT(X2APIC), features()));
	other = sim_newest_partition(self->ctl);
	OK(guest_add_vp(&self->g, 0, guest_takes, 0));
	OK(guest_add_vp(&self->other, 0, guest_posts_until_it_works, 5));
	CHANNEL(self->id, other, HV_PORT_TYPE_MESSAGE, SINT, 0);
	SYNC(0, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_first, &self->g));
	RUN(GUEST_SYNC, &self->other, 0);
	ASSERT_EQ(0, pthread_join(thread, &event));
	EXPECT_EQ(GUEST_SYNC, (intptr_t)event);
	EXPECT_U64(3, self->g.vp[0].args[0]);
	EXPECT_U64(30, self->g.vp[0].args[1]);
	CLOSE_CHANNEL(self->id, other);

	CHANNEL(self->id, other, HV_PORT_TYPE_EVENT, SINT, 1 << 16 | 3);
	RUN(GUEST_SYNC, &self->other, 0);
	EXPECT_U64(0, self->other.vp[0].args[0]);
	SYNC(1 << 3, 0);
	CLOSE_CHANNEL(self->id, other);
}

/* ----------------------------------------------------------------- refusals */

static int64_t create_for_vp(int ctl, uint64_t owner, uint64_t sender, uint32_t vp)
{
	struct hv_port_info info = {
		.port_type = HV_PORT_TYPE_MESSAGE,
		.message_port_info = { .target_sint = SINT, .target_vp = vp },
	};

	return sim_port_create(ctl, owner, PORT, sender, &info);
}

TEST_F(ipc, refused)
{
	const struct hv_connection_info message_connection = {
		.port_type = HV_PORT_TYPE_MESSAGE,
	};
	const struct hv_port_info message_info = {
		.port_type = HV_PORT_TYPE_MESSAGE,
		.message_port_info = { .target_sint = SINT, .target_vp = ~0u },
	};
	const int ctl = self->ctl;
	const uint64_t id = self->id;

#define CREATE(...) port_create(ctl, __VA_ARGS__)
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  CREATE(id + 100, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  CREATE(id, id + 100, HV_PORT_TYPE_MESSAGE, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, 0, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, HV_PORT_TYPE_DOORBELL + 1, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, HV_PORT_TYPE_DOORBELL, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, HV_PORT_TYPE_MESSAGE, 16, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, HV_PORT_TYPE_MESSAGE, 0, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, CREATE(id, id, HV_PORT_TYPE_MESSAGE, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, create_for_vp(ctl, id, ROOT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, create_for_vp(ctl, ROOT, id, 4096));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, CREATE(id, ROOT, HV_PORT_TYPE_EVENT, SINT, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  CREATE(id, ROOT, HV_PORT_TYPE_EVENT, SINT, 2040u << 16 | 9));
	EXPECT_EQ(0, CREATE(id, ROOT, HV_PORT_TYPE_EVENT, SINT, 2040u << 16 | 8));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, CREATE(id, ROOT, HV_PORT_TYPE_MESSAGE, SINT, 0));
	/* Another partition's numbers are its own. */
	EXPECT_EQ(0, CREATE(ROOT, id, HV_PORT_TYPE_MESSAGE, ROOT_SINT, 0));

	/* Of another type; from somebody else; to nobody. */
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, port_connect(ctl, id, ROOT, HV_PORT_TYPE_MESSAGE));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, port_connect(ctl, id, id, HV_PORT_TYPE_EVENT));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  port_connect(ctl, id + 100, ROOT, HV_PORT_TYPE_EVENT));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  port_connect(ctl, id, ROOT, HV_PORT_TYPE_DOORBELL + 1));
	EXPECT_EQ(0, port_connect(ctl, id, ROOT, HV_PORT_TYPE_EVENT));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, port_connect(ctl, id, ROOT, HV_PORT_TYPE_EVENT));
	/* The port is free, but not the connection's number. */
	EXPECT_EQ(0, sim_port_create(ctl, id, PORT + 1, ROOT, &message_info));
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID,
		  sim_port_connect(ctl, id, PORT + 1, ROOT, CONNECTION, &message_connection));
	EXPECT_EQ(0, sim_port_delete(ctl, id, PORT + 1));

	EXPECT_EQ(0, port_disconnect(ctl, ROOT));
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID, port_disconnect(ctl, ROOT));
	EXPECT_EQ(0, port_delete(ctl, id));
	EXPECT_EQ(0, port_delete(ctl, ROOT));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, port_delete(ctl, id));
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID, root_post(ctl, 0));
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID, root_signal(ctl, 0));
}

GUEST_TEST_MAIN
