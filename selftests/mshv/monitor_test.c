// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitored notifications: a page that two partitions share with the hypervisor,
 * which signals an event for each trigger that one of them has set in it.
 *
 * The driver makes no such ports; the test makes the calls of the root itself,
 * through the simulator.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "hypercall.h"
#include "msr.h"
#include "synic.h"
#include "x86/sim_port.h"

#define SINT		4
#define VECTOR		0x51
#define EVENT		0x1234	/* numbers of a port and its connection */
#define MONITOR		0x1235
/* RAM of the guest, to begin with. */
#define MONITOR_GPA	0x70b000ull
#define BELOW		0x5a5a5a5a

/* TLFS 2.0, 14.8.10 */
struct monitor_page {
	uint32_t enabled, reserved1;
	struct {
		uint32_t pending, armed;
	} groups[4];
	uint8_t reserved2[536];
	uint16_t latency[4][32];	/* in 100 ns */
	uint8_t reserved3[256];
	struct {
		uint32_t connection;
		uint16_t flag, reserved;
	} parameters[4][32];
	uint8_t reserved4[1984];
};

_Static_assert(sizeof(struct monitor_page) == 4096, "a page");

FIXTURE(monitor) {
	struct env env;
	struct guest g, other;
	int ctl;
	uint64_t id;
	volatile struct monitor_page *page;	/* of the root's */
};

static uint64_t features(bool signals)
{
	union hv_partition_synthetic_processor_features f = {
		.hypervisor_present = 1,
		.hv1 = 1,
		.access_synic_regs = 1,
		.signal_events = signals,
	};

	return f.as_uint64[0];
}

FIXTURE_SETUP(monitor)
{
	MSHV_SIM_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), features(true)));
	self->id = sim_newest_partition(self->ctl);
	self->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->page);
	OK(sim_root_sint(self->ctl, SINT_POLLING | VECTOR, NULL, NULL));
}

MSHV_TEARDOWN(monitor)

/* --------------------------------------------------------- calls of the root */

static int64_t monitor_create(int ctl, uint64_t owner, uint64_t sender, uint64_t address)
{
	struct hv_port_info info = {
		.port_type = HV_PORT_TYPE_MONITOR,
		.monitor_port_info.monitor_address = address,
	};

	return sim_port_create(ctl, owner, MONITOR, sender, &info);
}

static int64_t monitor_connect(int ctl, uint64_t owner, uint64_t sender, uint64_t address)
{
	struct hv_connection_info info = {
		.port_type = HV_PORT_TYPE_MONITOR,
		.monitor_connection_info.monitor_address = address,
	};

	return sim_port_connect(ctl, owner, MONITOR, sender, MONITOR, &info);
}

static int64_t event_channel(int ctl, uint64_t owner, uint64_t sender, uint32_t sint)
{
	struct hv_port_info info = {
		.port_type = HV_PORT_TYPE_EVENT,
		.event_port_info = { .target_sint = sint, .target_vp = ~0u, .flag_count = 64 },
	};
	struct hv_connection_info connection = { .port_type = HV_PORT_TYPE_EVENT };
	int64_t ret = sim_port_create(ctl, owner, EVENT, sender, &info);

	return ret ? ret : sim_port_connect(ctl, owner, EVENT, sender, EVENT, &connection);
}

static int64_t close_channel(int ctl, uint64_t owner, uint64_t sender, uint32_t number)
{
	int64_t ret = sim_port_disconnect(ctl, sender, number);

	return ret ? ret : sim_port_delete(ctl, owner, number);
}

#define CHANNELS(owner, owners_address, sender, senders_address, sint) do {	\
	EXPECT_EQ(0, monitor_create(self->ctl, owner, sender, owners_address));	\
	EXPECT_EQ(0, monitor_connect(self->ctl, owner, sender, senders_address)); \
	EXPECT_EQ(0, event_channel(self->ctl, owner, sender, sint));		\
} while (0)

#define CLOSE_CHANNELS(owner, sender) do {					\
	EXPECT_EQ(0, close_channel(self->ctl, owner, sender, MONITOR));		\
	EXPECT_EQ(0, close_channel(self->ctl, owner, sender, EVENT));		\
} while (0)

/*
 * The events of the root. The page tells that a trigger was served, and another CPU may
 * signal its event after that.
 */
static void expect_events(struct __test_metadata *_metadata, int ctl, uint64_t expected)
{
	uint64_t events[32] = { 0 };
	struct hv_message m;
	int messages = 0;

	WAIT_FOR((messages += OK(sim_root_sint(ctl, 0, &m, events)),
		  (events[0] & expected) == expected));
	EXPECT_EQ(0, messages);
	EXPECT_U64(expected, events[0]);
}

#define EVENTS(expected)	expect_events(_metadata, self->ctl, expected)

/* From a monitor that has gone no event comes any more: those are all. */
#define CLOSE_CHANNELS_WITH(expected, owner, sender) do {			\
	EXPECT_EQ(0, close_channel(self->ctl, owner, sender, MONITOR));		\
	EVENTS(expected);							\
	EXPECT_EQ(0, close_channel(self->ctl, owner, sender, EVENT));		\
} while (0)

#define SYNC(a, b) do {							\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(a, self->g.vp[0].args[0]);				\
	EXPECT_U64(b, self->g.vp[0].args[1]);				\
} while (0)

/* ------------------------------------------------------ of guests and the root */

/* Flag @flag of the event port for a trigger, half a millisecond after it was set. */
static void trigger_prepare(volatile struct monitor_page *p, unsigned int group,
			    unsigned int trigger, uint32_t connection, uint16_t flag)
{
	p->latency[group][trigger] = 5000;
	p->parameters[group][trigger].connection = connection;
	p->parameters[group][trigger].flag = flag;
}

static void trigger_set(volatile struct monitor_page *p, unsigned int group,
			unsigned int trigger)
{
	__atomic_fetch_or(&p->groups[group].pending, 1u << trigger, __ATOMIC_SEQ_CST);
}

static volatile struct monitor_page *guest_page(void)
{
	return guest_ptr(MONITOR_GPA);
}

static void guest_wait(unsigned int group)
{
	while (guest_page()->groups[group].pending)
		;
	GUEST_ASSERT_EQ(0, guest_page()->groups[group].armed);
}

/* ------------------------------------------------------------------- the tests */

static void guest_sends(uint64_t arg)
{
	volatile struct monitor_page *p = guest_page();

	(void)arg;
	guest_sync(p->parameters[0][3].connection, p->enabled);
	trigger_set(p, 0, 3);
	trigger_set(p, 2, 31);
	guest_wait(0);
	guest_wait(2);
	guest_sync(0, 0);
	trigger_set(p, 2, 31);
	guest_wait(2);
	p->reserved4[0] = 0x77;
	guest_done(0);
}

TEST_F(monitor, guest_to_root)
{
	volatile struct monitor_page *p = self->page;

	trigger_prepare(p, 0, 3, EVENT, 9);
	trigger_prepare(p, 2, 31, EVENT, 63);
	p->enabled = 1 << 0 | 1 << 2;
	CHANNELS(ROOT, (uintptr_t)p, self->id, MONITOR_GPA, ROOT_SINT);
	OK(guest_add_vp(&self->g, 0, guest_sends, 0));
	SYNC(EVENT, 1 << 0 | 1 << 2);
	EVENTS(0);

	SYNC(0, 0);
	EVENTS(1ull << 9 | 1ull << 63);
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_EQ(0x77, p->reserved4[0]);
	CLOSE_CHANNELS_WITH(1ull << 63, ROOT, self->id);
}

/* Group 1 waits until it is enabled; that the other is served shows that time passes. */
static void guest_sends_to_disabled(uint64_t arg)
{
	volatile struct monitor_page *p = guest_page();

	(void)arg;
	trigger_set(p, 1, 0);
	trigger_set(p, 0, 0);
	guest_wait(0);
	trigger_set(p, 0, 1);
	guest_wait(0);
	guest_sync(p->groups[1].pending, p->groups[1].armed);
	p->enabled |= 1 << 1;
	guest_wait(1);
	guest_done(0);
}

TEST_F(monitor, group_enable)
{
	volatile struct monitor_page *p = self->page;

	trigger_prepare(p, 0, 0, EVENT, 1);
	trigger_prepare(p, 0, 1, EVENT, 3);
	trigger_prepare(p, 1, 0, EVENT, 2);
	p->enabled = 1 << 0;
	CHANNELS(ROOT, (uintptr_t)p, self->id, MONITOR_GPA, ROOT_SINT);
	OK(guest_add_vp(&self->g, 0, guest_sends_to_disabled, 0));
	SYNC(1 << 0, 0);
	EVENTS(1 << 1 | 1 << 3);
	RUN(GUEST_DONE, &self->g, 0);
	CLOSE_CHANNELS_WITH(1 << 2, ROOT, self->id);
}

/* A connection that is not there, one of another kind, a flag that the port lacks. */
static void guest_sends_wrong(uint64_t arg)
{
	volatile struct monitor_page *p = guest_page();
	unsigned int i;

	(void)arg;
	for (i = 0; i < 5; i++)
		trigger_set(p, 3, i);
	guest_wait(3);
	guest_done(0);
}

TEST_F(monitor, errors_are_discarded)
{
	volatile struct monitor_page *p = self->page;

	trigger_prepare(p, 3, 0, EVENT + 10, 0);
	trigger_prepare(p, 3, 1, MONITOR, 0);
	trigger_prepare(p, 3, 2, EVENT, 64);
	trigger_prepare(p, 3, 3, EVENT, 3);
	trigger_prepare(p, 3, 4, EVENT, 4);
	p->parameters[3][4].reserved = 1;
	p->enabled = 1 << 3;
	CHANNELS(ROOT, (uintptr_t)p, self->id, MONITOR_GPA, ROOT_SINT);
	OK(guest_add_vp(&self->g, 0, guest_sends_wrong, 0));
	RUN(GUEST_DONE, &self->g, 0);
	CLOSE_CHANNELS_WITH(1 << 3, ROOT, self->id);
}

/* It may not make the hypercall: nor is it made for it. */
TEST_F(monitor, sender_without_privilege)
{
	volatile struct monitor_page *p = self->page;
	uint64_t other;

	OK(guest_create_with(&self->other, PT(LAPIC) | PT(X2APIC), features(false)));
	other = sim_newest_partition(self->ctl);
	trigger_prepare(p, 3, 0, EVENT, 0);
	p->enabled = 1 << 3;
	CHANNELS(ROOT, (uintptr_t)p, other, MONITOR_GPA, ROOT_SINT);
	OK(guest_add_vp(&self->other, 0, guest_sends_wrong, 0));
	RUN(GUEST_DONE, &self->other, 0);
	CLOSE_CHANNELS_WITH(0, ROOT, other);
}

/* ------------------------------------------------------------------ to a guest */

static volatile uint64_t flags;

static void on_event(struct guest_frame *frame)
{
	volatile uint64_t *events = synic_flags(SINT);

	(void)frame;
	flags |= events[0];
	events[0] = 0;
	x2apic_write(APIC_EOI, 0);
}

/* The page lies over RAM; what the guest writes to it, its peer can read. */
static void guest_takes(uint64_t enabled)
{
	volatile struct monitor_page *p = guest_page();

	guest_wrmsr(APIC_BASE_MSR, guest_rdmsr(APIC_BASE_MSR) | APIC_BASE_X2APIC);
	guest_handle(VECTOR, on_event);
	x2apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	synic_enable(SINT, VECTOR);
	guest_sync(p->enabled, 0);
	trigger_prepare(p, 1, 7, EVENT, 5);
	p->enabled = enabled;
	guest_sync(p->enabled, 0);
	GUEST_HALT_UNTIL(flags);
	guest_sync(flags, p->groups[1].pending);
	guest_sync(p->enabled, 0);
}

TEST_F(monitor, root_to_guest)
{
	volatile struct monitor_page *p = self->page;

	EXPECT_EQ(0, monitor_create(self->ctl, self->id, ROOT, MONITOR_GPA));
	EXPECT_EQ(0, event_channel(self->ctl, self->id, ROOT, SINT));
	OK(guest_add_vp(&self->g, 0, guest_takes, 1 << 1));
	SYNC(0, 0);
	SYNC(1 << 1, 0);
	/* What is in the page stays when the root's becomes the common one. */
	EXPECT_EQ(0, monitor_connect(self->ctl, self->id, ROOT, (uintptr_t)p));
	EXPECT_EQ(1u << 1, p->enabled);
	EXPECT_EQ((uint32_t)EVENT, p->parameters[1][7].connection);
	trigger_set(p, 1, 7);
	SYNC(1 << 5, 0);
	p->enabled = 0xb;
	SYNC(0xb, 0);
	EXPECT_EQ(0, sim_port_disconnect(self->ctl, ROOT, MONITOR));
	EXPECT_EQ(0, monitor_connect(self->ctl, self->id, ROOT, (uintptr_t)p));
	EXPECT_EQ(0xbu, p->enabled);
	CLOSE_CHANNELS(self->id, ROOT);
}

static void guest_sends_to_peer(uint64_t arg)
{
	volatile struct monitor_page *p = guest_page();

	(void)arg;
	while (!p->enabled)
		;
	trigger_set(p, 1, 7);
	guest_wait(1);
	guest_sync(p->parameters[1][7].connection, 0);
	guest_done(p->enabled);
}

static void *run_other(void *arg)
{
	return (void *)(intptr_t)guest_run(arg, 0);
}

TEST_F(monitor, guest_to_guest)
{
	pthread_t thread;
	uint64_t other;
	void *event;

	OK(guest_create_with(&self->other, PT(LAPIC) | PT(X2APIC), features(true)));
	other = sim_newest_partition(self->ctl);
	*(uint32_t *)guest_host(&self->g, MONITOR_GPA) = BELOW;
	*(uint32_t *)guest_host(&self->other, MONITOR_GPA + 0x1000) = BELOW;
	CHANNELS(self->id, MONITOR_GPA, other, MONITOR_GPA, SINT);
	OK(guest_add_vp(&self->g, 0, guest_takes, 1 << 1));
	OK(guest_add_vp(&self->other, 0, guest_sends_to_peer, 0));
	SYNC(0, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_other, &self->other));
	SYNC(1 << 1, 0);
	SYNC(1 << 5, 0);
	ASSERT_EQ(0, pthread_join(thread, &event));
	EXPECT_EQ(GUEST_SYNC, (intptr_t)event);
	EXPECT_U64(EVENT, self->other.vp[0].args[0]);

	/* Without its connection the sender has its memory again; the owner has the page. */
	*(uint32_t *)guest_host(&self->other, MONITOR_GPA) = BELOW;
	EXPECT_EQ(0, sim_port_disconnect(self->ctl, other, MONITOR));
	RUN(GUEST_DONE, &self->other, 0);
	EXPECT_U64(BELOW, self->other.vp[0].args[0]);
	SYNC(1 << 1, 0);
	EXPECT_EQ(0, sim_port_delete(self->ctl, self->id, MONITOR));
	EXPECT_EQ(0, close_channel(self->ctl, self->id, other, EVENT));
}

static void guest_looks(uint64_t arg)
{
	(void)arg;
	guest_sync(guest_page()->enabled, 0);
	guest_sync(guest_page()->enabled, 0);
}

/* The page goes with its port, from both sides; nothing is left to look at. */
TEST_F(monitor, deleted)
{
	self->page->enabled = 0xf;
	*(uint32_t *)guest_host(&self->g, MONITOR_GPA) = BELOW;
	EXPECT_EQ(0, monitor_create(self->ctl, ROOT, self->id, (uintptr_t)self->page));
	EXPECT_EQ(0, monitor_connect(self->ctl, ROOT, self->id, MONITOR_GPA));
	OK(guest_add_vp(&self->g, 0, guest_looks, 0));
	SYNC(0xf, 0);
	EXPECT_EQ(0, sim_port_delete(self->ctl, ROOT, MONITOR));
	SYNC(BELOW, 0);
	EXPECT_EQ(0, sim_port_disconnect(self->ctl, self->id, MONITOR));
}

/* Partitions end with all that they have: first the one that has the page. */
TEST_F(monitor, left_behind)
{
	uint64_t other;

	OK(guest_create_with(&self->other, PT(LAPIC) | PT(X2APIC), features(true)));
	other = sim_newest_partition(self->ctl);
	*(uint32_t *)guest_host(&self->other, MONITOR_GPA) = BELOW;
	CHANNELS(self->id, MONITOR_GPA, other, MONITOR_GPA, SINT);
	OK(guest_add_vp(&self->other, 0, guest_looks, 0));
	RUN(GUEST_SYNC, &self->other, 0);
	EXPECT_U64(0, self->other.vp[0].args[0]);
	close(self->g.pt);
	munmap(self->g.ram, GUEST_RAM_BYTES);
	RUN(GUEST_SYNC, &self->other, 0);
	EXPECT_U64(BELOW, self->other.vp[0].args[0]);
}

TEST_F(monitor, refused)
{
	const uint64_t mine = (uintptr_t)self->page, id = self->id;
	const int ctl = self->ctl;

	EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT, monitor_create(ctl, id, ROOT, MONITOR_GPA + 8));
	EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT, monitor_create(ctl, ROOT, id, mine + 8));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, monitor_create(ctl, id, ROOT, 1ull << 48));
	EXPECT_EQ(-EFAULT, monitor_create(ctl, ROOT, id, 0));
	EXPECT_EQ(0, monitor_create(ctl, id, ROOT, MONITOR_GPA));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, monitor_create(ctl, id, ROOT, MONITOR_GPA));

	EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT, monitor_connect(ctl, id, ROOT, mine + 8));
	EXPECT_EQ(HV_STATUS_INVALID_PORT_ID, monitor_connect(ctl, id, id, MONITOR_GPA));
	EXPECT_EQ(0, monitor_connect(ctl, id, ROOT, mine));
	EXPECT_EQ(0, close_channel(ctl, id, ROOT, MONITOR));

	EXPECT_EQ(0, monitor_create(ctl, ROOT, id, mine));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, monitor_connect(ctl, ROOT, id, 1ull << 48));
	EXPECT_EQ(0, monitor_connect(ctl, ROOT, id, MONITOR_GPA));
	/* One page, one port. */
	EXPECT_EQ(0, event_channel(ctl, ROOT, id, ROOT_SINT));
	EXPECT_EQ(0, monitor_create(ctl, id, ROOT, MONITOR_GPA + 0x1000));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, monitor_connect(ctl, id, ROOT, mine));
	EXPECT_EQ(0, sim_port_delete(ctl, id, MONITOR));
	EXPECT_EQ(0, close_channel(ctl, ROOT, id, EVENT));
	EXPECT_EQ(0, close_channel(ctl, ROOT, id, MONITOR));
}

GUEST_TEST_MAIN
