// SPDX-License-Identifier: GPL-2.0-only
/*
 * VPs run while a CPU goes and comes back. A program of its own, as it takes a CPU
 * away from whatever else runs.
 */
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"
#include "apic.h"
#include "cpus.h"
#include "sim.h"

#define CPU		1
#define BELL		GUEST_HOLE_GPA
#define EDGE		0x51	/* GSIs, and vectors */
#define LEVEL		0x61
#define MSI_LEVEL	0x8000

FIXTURE(hotplug) {
	struct env env;
	struct guest g;
	struct race race;
};

FIXTURE_SETUP(hotplug)
{
	MSHV_SETUP(self);
}

MSHV_TEARDOWN(hotplug)

TEST_F_TIMEOUT(hotplug, run, 3600)
{
	struct guest *g = &self->g;
	struct racer runner[2];
	int ret;

	ret = cpu_set_online(CPU, true);
	if (ret)
		SKIP(return, "no second CPU that can be taken offline: %s", strerror(-ret));
	OK(guest_create(g, 0));
	OK(guest_add_vp(g, 0, race_guest, 0));
	OK(guest_add_vp(g, 1, race_guest, 1));
	OK(racer_start(&runner[0], race_run_vp, g, 0));
	OK(racer_start(&runner[1], race_run_vp, g, 1));
	race_start(&self->race, 5);
	while (race_goes_on(&self->race)) {
		EXPECT_EQ(0, cpu_set_online(CPU, false));
		EXPECT_EQ(0, cpu_set_online(CPU, true));
	}
	EXPECT_EQ(0, racer_stop(&runner[0]));
	EXPECT_EQ(0, racer_stop(&runner[1]));
	RUN(GUEST_SYNC, g, 0);
	RUN(GUEST_SYNC, g, 1);
}

static volatile uint64_t taken;

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	taken++;
	apic_write(APIC_EOI, 0);
}

static void guest_rings(uint64_t gpa)
{
	guest_handle(EDGE, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sti();
	for (;;) {
		*(volatile uint32_t *)guest_ptr(gpa) = 1;
		guest_sync(taken, 0);
	}
}

static bool fired(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	eventfd_t count;

	return poll(&p, 1, LONG_MS) == 1 && !eventfd_read(fd, &count);
}

static int set_routes(int pt)
{
	WITH_ARRAY(struct mshv_user_irq_table, entries, 2) table = { .head.nr = 2 };

	table.head.entries[0] = (struct mshv_user_irq_entry) {
		.gsi = EDGE, .address_lo = 0xfee00000, .data = EDGE,
	};
	table.head.entries[1] = (struct mshv_user_irq_entry) {
		.gsi = LEVEL, .address_lo = 0xfee00000, .data = MSI_LEVEL | LEVEL,
	};
	return mshv_ioctl(pt, MSHV_SET_MSI_ROUTING, &table);
}

/* The hypervisor tells the CPU of an EOI; only mshv_sim can be made to. */
static int post_eoi(uint64_t *partition)
{
	struct mshv_sim_message m = { .size = sizeof(m), .cpu = CPU };
	struct hv_message *message = (void *)m.message;
	struct hv_x64_apic_eoi_message *eoi = (void *)message->u.payload;
	int ctl = sim_open(), ret;

	if (ctl < 0)
		return ctl;
	if (!*partition)
		*partition = sim_newest_partition(ctl);
	message->header.message_type = HVMSG_X64_APIC_EOI;
	message->header.payload_size = sizeof(*eoi);
	message->header.sender = *partition;
	eoi->interrupt_vector = LEVEL;
	ret = sim_ioctl(ctl, MSHV_SIM_POST_MESSAGE, &m);
	close(ctl);
	return ret;
}

/* The CPU that came back runs VPs, and takes doorbells, interrupts and messages. */
TEST_F(hotplug, serves_again)
{
	struct mshv_user_ioeventfd bell = { .addr = BELL, .len = 4 };
	struct mshv_user_irqfd edge = { .gsi = EDGE };
	struct mshv_user_irqfd level = {
		.gsi = LEVEL, .flags = 1u << MSHV_IRQFD_BIT_RESAMPLE,
	};
	struct guest *g = &self->g;
	volatile uint64_t *seen;
	uint64_t partition = 0, before;
	cpu_set_t anywhere, there;
	int ret, round;

	ret = cpu_set_online(CPU, true);
	if (ret)
		SKIP(return, "no second CPU that can be taken offline: %s", strerror(-ret));
	OK(guest_create(g, PT(LAPIC)));
	OK(guest_add_vp(g, 0, guest_rings, BELL));
	seen = guest_copy_of(g, (void *)&taken);
	bell.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	edge.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	level.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	level.resamplefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	OK(set_routes(g->pt));
	OK(mshv_ioctl(g->pt, MSHV_IOEVENTFD, &bell));
	OK(mshv_ioctl(g->pt, MSHV_IRQFD, &edge));
	OK(mshv_ioctl(g->pt, MSHV_IRQFD, &level));
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(anywhere), &anywhere));
	CPU_ZERO(&there);
	CPU_SET(CPU, &there);
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(anywhere), &anywhere));
		ASSERT_EQ(0, cpu_set_online(CPU, false));
		/* The others serve meanwhile. */
		RUN(GUEST_SYNC, g, 0);
		EXPECT_TRUE(fired(bell.fd));
		ASSERT_EQ(0, cpu_set_online(CPU, true));
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(there), &there));
		ASSERT_EQ(CPU, sched_getcpu());

		RUN(GUEST_SYNC, g, 0);
		EXPECT_TRUE(fired(bell.fd));
		before = *seen;
		ASSERT_EQ(0, eventfd_write(edge.fd, 1));
		while (*seen == before)
			RUN(GUEST_SYNC, g, 0);
		EXPECT_U64(before + 1, *seen);
		if (self->env.sim) {
			OK(post_eoi(&partition));
			EXPECT_TRUE(fired(level.resamplefd));
		}
		/* Of the runs in which the interrupt came. */
		RUN(GUEST_SYNC, g, 0);
		EXPECT_TRUE(fired(bell.fd));
	}
}

GUEST_TEST_MAIN
