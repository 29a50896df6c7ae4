// SPDX-License-Identifier: GPL-2.0-only
/*
 * More pairs, as in race_test.c: partitions and VPs that are made, run, asked and
 * signalled at the same time.
 */
#include <signal.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"

#define VPS		8

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

/* --------------------------------------------------------------------- VPs */

TEST_F_TIMEOUT(race, create_vp_run, 3600)
{
	struct racer runner[VPS];
	struct guest *g = &self->g;
	unsigned int i;

	race_start(&self->race, 8);
	while (race_goes_on(&self->race)) {
		OK(guest_create(g, PT(LAPIC)));
		for (i = 0; i < VPS; i++) {
			OK(guest_add_vp(g, i, race_guest, i));
			/* The others would wait for a SIPI. */
			OK(guest_set_reg(g, i, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
			OK(racer_start(&runner[i], race_run_vp, g, i));
		}
		for (i = 0; i < VPS; i++) {
			EXPECT_EQ(0, racer_wait(&runner[i], 1));
			EXPECT_EQ(0, racer_stop(&runner[i]));
		}
		race_give_up(g);
	}
}

/* Two that want the same index: one gets it. */
static int create_again(struct racer *r)
{
	int ret = vp_create(*(int *)r->arg, 0);

	return ret == -EEXIST ? 0 : ret < 0 ? ret : -EPROTO;
}

TEST_F_TIMEOUT(race, create_vp_twice, 3600)
{
	struct racer other;
	int dev = OK(dev_open()), pt, vp;

	race_start(&self->race, 50);
	while (race_goes_on(&self->race)) {
		pt = OK(partition_create(dev, 0));
		OK(partition_initialize(pt));
		OK(racer_start(&other, create_again, &pt, 0));
		vp = vp_create(pt, 0);
		if (vp >= 0) {
			EXPECT_EQ(0, racer_stop(&other));
			close(vp);
		} else {
			EXPECT_EQ(-EEXIST, vp);
			EXPECT_EQ(-EPROTO, racer_stop(&other));
			/* its file ends with the process of the test */
		}
		close(pt);
	}
}

/* ------------------------------------------------------------------ partitions */

static int make_partition(struct racer *r)
{
	int pt = partition_create(*(int *)r->arg, r->index++ % 2 ? PT(LAPIC) : 0), ret, vp;

	if (pt < 0)
		return pt;
	ret = partition_initialize(pt);
	vp = ret ? ret : vp_create(pt, 0);
	if (vp >= 0)
		close(vp);
	close(pt);
	return vp < 0 ? vp : 0;
}

/* Partitions of one device, made and closed by several threads. */
TEST_F_TIMEOUT(race, create_create, 3600)
{
	int dev = OK(dev_open());
	struct racer other[2], self_racer = { .arg = &dev };

	OK(racer_start(&other[0], make_partition, &dev, 0));
	OK(racer_start(&other[1], make_partition, &dev, 1));
	race_start(&self->race, 20);
	while (race_goes_on(&self->race))
		OK(make_partition(&self_racer));
	EXPECT_EQ(0, racer_wait(&other[0], 1));
	EXPECT_EQ(0, racer_wait(&other[1], 1));
	EXPECT_EQ(0, racer_stop(&other[0]));
	EXPECT_EQ(0, racer_stop(&other[1]));
}

static int initialize(struct racer *r)
{
	return partition_initialize(*(int *)r->arg);
}

/* Initialized by two at once: both may believe that they did it, and VPs can be made. */
TEST_F_TIMEOUT(race, initialize_initialize, 3600)
{
	int dev = OK(dev_open()), pt;
	struct racer other;

	race_start(&self->race, 20);
	while (race_goes_on(&self->race)) {
		pt = OK(partition_create(dev, 0));
		OK(racer_start(&other, initialize, &pt, 0));
		OK(partition_initialize(pt));
		EXPECT_EQ(0, racer_stop(&other));
		close(OK(vp_create(pt, 0)));
		close(pt);
	}
}

/* ------------------------------------------------------------------- VPs' state */

static int get_and_set_lapic(struct racer *r)
{
	struct guest *g = r->arg;
	struct hv_local_interrupt_controller_state *lapic = (void *)r->index;
	int ret = vp_get_state(g->vp[0].fd, MSHV_VP_STATE_LAPIC, lapic);

	if (!ret && !lapic->apic_version)
		ret = -EPROTO;
	if (!ret)
		ret = vp_set_state(g->vp[0].fd, MSHV_VP_STATE_LAPIC, lapic);
	return ret == -EINTR ? 0 : ret;
}

/* State is read and written between the runs of a VP: never in one. */
TEST_F_TIMEOUT(race, run_vp_state, 3600)
{
	struct guest *g = &self->g;
	struct racer runner, reader;

	OK(guest_create(g, PT(LAPIC)));
	OK(guest_add_vp(g, 0, race_guest, 5));
	OK(racer_start(&runner, race_run_vp, g, 0));
	OK(racer_start(&reader, get_and_set_lapic, g, (uintptr_t)PAGES(PAGE_BYTES)));
	race_start(&self->race, 20);
	while (race_goes_on(&self->race))
		EXPECT_EQ(0, racer_wait(&runner, self->race.rounds));
	EXPECT_EQ(0, racer_wait(&reader, 1));
	EXPECT_EQ(0, racer_stop(&reader));
	EXPECT_EQ(0, racer_stop(&runner));
	RUN(GUEST_SYNC, g, 0);
}

static int map_state_page(struct racer *r)
{
	struct guest *g = r->arg;
	volatile uint64_t *page;
	uint64_t i, sum = 0;

	page = vp_state_page(g->vp[0].fd, r->index++ % 2, PROT_READ);
	if (page == MAP_FAILED)
		return -errno;
	for (i = 0; i < PAGE_BYTES / sizeof(*page); i++)
		sum += page[i];
	(void)sum;
	return munmap((void *)page, PAGE_BYTES) ? -errno : 0;
}

static int signal_runner(struct racer *r)
{
	struct racer *runner = r->arg;

	pthread_kill(runner->thread, SIGUSR1);
	return 0;
}

/* Signals at any moment, and readers of the pages, lose no exit. */
TEST_F_TIMEOUT(race, run_signal_state_pages, 3600)
{
	struct racer mapper, signaler, self_racer = { .thread = pthread_self() };
	struct guest *g = &self->g;
	uint64_t i = 0;
	int event;

	OK(guest_create(g, 0));
	OK(guest_add_vp(g, 0, race_guest, 77));
	OK(racer_start(&mapper, map_state_page, g, 0));
	OK(racer_start(&signaler, signal_runner, &self_racer, 0));
	race_start(&self->race, 500);
	while (race_goes_on(&self->race)) {
		event = guest_run(g, 0);
		if (event == -EINTR)
			continue;
		ASSERT_EQ(GUEST_SYNC, event);
		ASSERT_U64(77, g->vp[0].args[0]);
		i++;
	}
	EXPECT_EQ(0, racer_stop(&signaler));
	EXPECT_EQ(0, racer_stop(&mapper));
	ksft_print_msg("%lu exits in %u calls\n", (unsigned long)i, self->race.rounds - 1);
	RUN(GUEST_SYNC, g, 0);
}

GUEST_TEST_MAIN
