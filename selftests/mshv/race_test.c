// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pairs of operations at the same time. Who is first decides nothing here: each
 * result has to be one of those that either order gives, and what is left must
 * work. MSHV_STRESS=seconds makes each pair last so long.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"
#include "apic.h"
#include "sim.h"

#define VECTOR		0x61
#define OTHER_VECTOR	0x62
#define GSI		7
#define BELL		GUEST_HOLE_GPA
#define FIELD_PAGES	64

FIXTURE(race) {
	struct env env;
	struct guest g;
	struct race race;
};

FIXTURE_SETUP(race)
{
	MSHV_SETUP(self);
}

MSHV_TEARDOWN(race)

static void guest_spins(uint64_t arg)
{
	(void)arg;
	for (;;)
		;
}

static void guest_stores(uint64_t gpa)
{
	volatile uint32_t *p = guest_ptr(gpa);

	for (;;) {
		int i;

		for (i = 0; i < 20; i++)
			*p = i;
		guest_sync(0, 0);
	}
}

/* Writes each page's number into it, and finds that or zero. */
static void guest_ploughs(uint64_t gpa)
{
	uint64_t i;

	for (;;) {
		for (i = 0; i < FIELD_PAGES; i++) {
			volatile uint64_t *p = guest_ptr(gpa + i * 4096);
			uint64_t seen = *p;

			GUEST_ASSERT(seen == 0 || seen == i + 1);
			*p = i + 1;
		}
		guest_sync(0, 0);
	}
}

/* ------------------------------------------------------------- run, close */

static int run_until_closed(struct racer *r)
{
	struct guest *g = r->arg;
	struct hv_message message;
	int ret = vp_run(g->vp[r->index].fd, &message);

	return ret == -EINTR ? 0 : ret;
}

static void run_close(struct __test_metadata *_metadata, FIXTURE_DATA(race) *self,
		      guest_fn *main)
{
	struct guest *g = &self->g;
	struct racer runner;
	int ret;

	race_start(&self->race, 25);
	while (race_goes_on(&self->race)) {
		OK(guest_create(g, 0));
		OK(guest_add_vp(g, 0, main, 0));
		OK(racer_start(&runner, run_until_closed, g, 0));
		usleep(self->race.rounds % 8 * 500);
		/* The VP is the thread's until its call returns. */
		ASSERT_EQ(0, close(g->pt));
		ASSERT_EQ(0, close(g->vp[0].fd));
		ret = racer_stop(&runner);
		EXPECT_TRUE(!ret || ret == -EBADF) {
			TH_LOG("%s", strerror(-ret));
		}
		close(g->dev);
		munmap(g->ram, GUEST_RAM_BYTES);
	}
}

TEST_F_TIMEOUT(race, run_close_spinning, 3600)
{
	run_close(_metadata, self, guest_spins);
}

TEST_F_TIMEOUT(race, run_close_exiting, 3600)
{
	run_close(_metadata, self, race_guest);
}

/* --------------------------------------------------------- irqfds, eventfds */

static int route(int pt, uint32_t apic_id, uint32_t vector)
{
	return route_one(pt, GSI, 0xfee00000 | apic_id << 12, vector);
}

static int irqfd(int pt, int fd, uint32_t flags)
{
	struct mshv_user_irqfd args = { .fd = fd, .gsi = GSI, .flags = flags };

	return mshv_ioctl(pt, MSHV_IRQFD, &args);
}

static volatile uint64_t taken;

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	taken++;
	apic_write(APIC_EOI, 0);
}

static void guest_takes_interrupts(uint64_t arg)
{
	(void)arg;
	guest_handle(VECTOR, on_interrupt);
	guest_handle(OTHER_VECTOR, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sti();
	for (;;) {
		volatile int delay;

		for (delay = 0; delay < 200; delay++)
			;
		guest_sync(taken, 0);
	}
}

static int signal_event(struct racer *r)
{
	int fd = *(int *)r->arg;

	/* Full, or another one has just taken its place: both are fine. */
	eventfd_write(fd, 1);
	return 0;
}

/* The file behind the number changes, the number is always there. */
static int replace_event(struct racer *r)
{
	int fd = *(int *)r->arg, fresh = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ret = 0;

	if (fresh < 0)
		return -errno;
	if (dup3(fresh, fd, O_CLOEXEC) < 0)
		ret = -errno;
	close(fresh);
	return ret;
}

/* An interrupt, sent through a new eventfd, comes through. */
static void interrupts_work(struct __test_metadata *_metadata, struct guest *g)
{
	volatile uint64_t *seen = guest_copy_of(g, (void *)&taken);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), i;
	uint64_t before;

	OK(route(g->pt, 0, VECTOR));
	OK(irqfd(g->pt, fd, 0));
	/* What is still under way comes first. */
	for (i = 0; i < 5; i++)
		RUN(GUEST_SYNC, g, 0);
	before = *seen;
	ASSERT_EQ(0, eventfd_write(fd, 1));
	for (i = 0; i < 1000 && *seen == before; i++)
		RUN(GUEST_SYNC, g, 0);
	EXPECT_EQ(before + 1, *seen);
}

TEST_F_TIMEOUT(race, irqfd_assign_signal_close, 3600)
{
	struct racer runner, signaler, replacer;
	struct guest *g = &self->g;
	int fd, ret;

	OK(guest_create(g, PT(LAPIC)));
	OK(guest_add_vp(g, 0, guest_takes_interrupts, 0));
	OK(route(g->pt, 0, VECTOR));
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, fd);
	OK(racer_start(&runner, race_run_vp, g, 0));
	OK(racer_start(&signaler, signal_event, &fd, 0));
	OK(racer_start(&replacer, replace_event, &fd, 0));
	race_start(&self->race, 100);
	while (race_goes_on(&self->race)) {
		ret = irqfd(g->pt, fd, 0);
		EXPECT_TRUE(!ret || ret == -EBUSY) {
			TH_LOG("assign: %s", strerror(-ret));
		}
		OK(irqfd(g->pt, fd, 1u << MSHV_IRQFD_BIT_DEASSIGN));
	}
	EXPECT_EQ(0, racer_stop(&replacer));
	EXPECT_EQ(0, racer_stop(&signaler));
	EXPECT_EQ(0, racer_wait(&runner, 1));
	EXPECT_EQ(0, racer_stop(&runner));
	interrupts_work(_metadata, g);
}

/* The partition goes while its interrupts come. */
TEST_F_TIMEOUT(race, irqfd_signal_teardown, 3600)
{
	struct guest *g = &self->g;
	struct racer signaler;
	int fd;

	race_start(&self->race, 25);
	while (race_goes_on(&self->race)) {
		OK(guest_create(g, PT(LAPIC)));
		OK(guest_add_vp(g, 0, guest_takes_interrupts, 0));
		OK(route(g->pt, 0, VECTOR));
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_LE(0, fd);
		OK(irqfd(g->pt, fd, 0));
		OK(racer_start(&signaler, signal_event, &fd, 0));
		RUN(GUEST_SYNC, g, 0);
		race_give_up(g);
		EXPECT_EQ(0, racer_stop(&signaler));
		close(fd);
	}
}

/* ---------------------------------------------------- routes while they are used */

static int change_route(struct racer *r)
{
	int pt = *(int *)r->arg;

	return r->index++ % 2 ? route(pt, 0, VECTOR) : route(pt, 1, OTHER_VECTOR);
}

/* Each interrupt is one of the two that were ever routed. */
TEST_F_TIMEOUT(race, route_signal, 3600)
{
	const struct hv_input_assert_virtual_interrupt *in;
	struct guest *g = &self->g;
	struct mshv_sim_record record;
	struct racer changer;
	unsigned long sent = 0, torn = 0;
	int fd, ctl, i;

	if (!self->env.sim)
		SKIP(return, "the hypervisor is not mshv_sim");
	ctl = OK(sim_open());
	OK(guest_create(g, PT(LAPIC)));
	OK(guest_add_vp(g, 0, guest_takes_interrupts, 0));
	OK(guest_add_vp(g, 1, guest_takes_interrupts, 0));
	OK(route(g->pt, 0, VECTOR));
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, fd);
	OK(irqfd(g->pt, fd, 0));
	OK(racer_start(&changer, change_route, &g->pt, 0));
	/* A processor that is given no time would begin when all is over. */
	OK(racer_wait(&changer, 2));
	race_start(&self->race, 40);
	while (race_goes_on(&self->race)) {
		OK(sim_record(ctl, HVCALL_ASSERT_VIRTUAL_INTERRUPT,
			      sim_newest_partition(ctl)));
		for (i = 0; i < 500; i++)
			ASSERT_EQ(0, eventfd_write(fd, 1));
		while (read(ctl, &record, sizeof(record)) == sizeof(record)) {
			in = (void *)record.input;
			sent++;
			torn += !((in->vector == VECTOR && in->dest_addr == 0) ||
				  (in->vector == OTHER_VECTOR && in->dest_addr == 1));
		}
	}
	EXPECT_EQ(0, racer_stop(&changer));
	/* All of them, unless the hypervisor takes vectors on the register page. */
	ksft_print_msg("%lu interrupts, %lu changes of the route, %lu torn\n", sent,
		       (unsigned long)changer.steps, torn);
	if (torn)
		DRIVER_DEFECT(return, "an interrupt went out with halves of two routes");
}

/* ------------------------------------------------------------------- memory */

/* The host takes pages away that the guest is about to touch. */
TEST_F_TIMEOUT(race, fault_madvise, 3600)
{
	struct mshv_sim_check check = { .size = sizeof(check) };
	struct guest *g = &self->g;
	struct racer runner;
	unsigned int seed = 1;
	uint64_t field;
	int ctl;

	/* Parts of huge pages are another matter: F46, and a test of its own. */
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	OK(guest_create(g, 0));
	field = guest_alloc(g, FIELD_PAGES * PAGE_BYTES);
	ASSERT_NE(0ull, field);
	OK(guest_add_vp(g, 0, guest_ploughs, field));
	OK(racer_start(&runner, race_run_vp, g, 0));
	race_start(&self->race, 300);
	while (race_goes_on(&self->race)) {
		unsigned int first = rand_r(&seed) % FIELD_PAGES;
		unsigned int count = 1 + rand_r(&seed) % (FIELD_PAGES - first);

		ASSERT_EQ(0, madvise(guest_host(g, field + first * PAGE_BYTES),
				     count * PAGE_BYTES, MADV_DONTNEED));
	}
	EXPECT_EQ(0, racer_wait(&runner, 1));
	EXPECT_EQ(0, racer_stop(&runner));
	RUN(GUEST_SYNC, g, 0);
	if (self->env.sim) {
		ctl = OK(sim_open());
		OK(sim_ioctl(ctl, MSHV_SIM_CHECK, &check));
		EXPECT_U64(0, check.found);
	}
}

/* Refused accesses are exits, and are made again. */
TEST_F_TIMEOUT(race, run_map_unmap, 3600)
{
	struct guest *g = &self->g;
	struct racer runner;
	uint32_t *page = PAGES(PAGE_BYTES);

	OK(guest_create(g, 0));
	OK(guest_add_vp(g, 0, guest_stores, BELL));
	OK(racer_start(&runner, race_run_vp_without_memory, g, 0));
	race_start(&self->race, 200);
	while (race_goes_on(&self->race)) {
		OK(memory_map(g->pt, BELL, page, PAGE_BYTES, MEM_W));
		OK(memory_unmap(g->pt, BELL, page, PAGE_BYTES));
	}
	EXPECT_EQ(0, racer_stop(&runner));
	OK(memory_map(g->pt, BELL, page, PAGE_BYTES, MEM_W));
	*page = 0;
	RUN(GUEST_SYNC, g, 0);
	RUN(GUEST_SYNC, g, 0);
	EXPECT_EQ(19u, *page);
}

static int read_dirty(struct racer *r)
{
	struct guest *g = r->arg;
	uint64_t bitmap[2];
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = FIELD_PAGES,
		.gpap_base = r->index / PAGE_BYTES,
		.bitmap_ptr = (uintptr_t)bitmap,
	};

	return mshv_ioctl(g->pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args);
}

/* Bits are read and cleared while the guest sets them and pages go. */
TEST_F_TIMEOUT(race, run_dirty_bitmap_madvise, 3600)
{
	struct guest *g = &self->g;
	struct racer runner, reader;
	uint64_t field;

	/* Parts of huge pages are another matter: F46, and a test of its own. */
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	OK(guest_create(g, 0));
	field = guest_alloc(g, FIELD_PAGES * PAGE_BYTES);
	ASSERT_NE(0ull, field);
	OK(guest_add_vp(g, 0, guest_ploughs, field));
	OK(racer_start(&runner, race_run_vp, g, 0));
	OK(racer_start(&reader, read_dirty, g, field));
	race_start(&self->race, 200);
	while (race_goes_on(&self->race))
		ASSERT_EQ(0, madvise(guest_host(g, field), FIELD_PAGES * PAGE_BYTES,
				     MADV_DONTNEED));
	EXPECT_EQ(0, racer_stop(&reader));
	EXPECT_EQ(0, racer_stop(&runner));
	RUN(GUEST_SYNC, g, 0);
}

/* -------------------------------------------------------------- doorbells */

static int bell(int pt, int fd, uint32_t flags)
{
	struct mshv_user_ioeventfd args = { .fd = fd, .addr = BELL, .len = 4, .flags = flags };

	return mshv_ioctl(pt, MSHV_IOEVENTFD, &args);
}

TEST_F_TIMEOUT(race, doorbell_assign_deassign, 3600)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd event = { .fd = fd, .events = POLLIN };
	struct guest *g = &self->g;
	struct racer runner;
	eventfd_t rung;

	OK(guest_create(g, 0));
	OK(guest_add_vp(g, 0, guest_stores, BELL));
	OK(racer_start(&runner, race_run_vp_without_memory, g, 0));
	race_start(&self->race, 100);
	while (race_goes_on(&self->race)) {
		OK(bell(g->pt, fd, 0));
		OK(bell(g->pt, fd, 1u << MSHV_IOEVENTFD_BIT_DEASSIGN));
	}
	EXPECT_EQ(0, racer_stop(&runner));
	/* What rang meanwhile may be lost (F57); from now on nothing is. */
	eventfd_read(fd, &rung);
	OK(bell(g->pt, fd, 0));
	RUN(GUEST_SYNC, g, 0);
	RUN(GUEST_SYNC, g, 0);
	EXPECT_EQ(1, poll(&event, 1, LONG_MS));
}

TEST_F_TIMEOUT(race, doorbell_teardown, 3600)
{
	struct guest *g = &self->g;
	struct racer runner;
	int fd, ret;

	race_start(&self->race, 25);
	while (race_goes_on(&self->race)) {
		OK(guest_create(g, 0));
		OK(guest_add_vp(g, 0, guest_stores, BELL));
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_LE(0, fd);
		OK(bell(g->pt, fd, 0));
		OK(racer_start(&runner, run_until_closed, g, 0));
		usleep(self->race.rounds % 8 * 500);
		/* Doorbells go with the partition's file, the VP runs on. */
		ASSERT_EQ(0, close(g->pt));
		close(fd);
		ASSERT_EQ(0, close(g->vp[0].fd));
		ret = racer_stop(&runner);
		EXPECT_TRUE(!ret || ret == -EBADF);
		close(g->dev);
		munmap(g->ram, GUEST_RAM_BYTES);
	}
}

GUEST_TEST_MAIN
