// SPDX-License-Identifier: GPL-2.0-only
/*
 * VPs run while a CPU goes and comes back. A program of its own, as it takes a CPU
 * away from whatever else runs.
 */
#include <unistd.h>

#include "x86/guest_test.h"
#include "x86/race.h"

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

static int set_online(const char *value)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, 1) != 1)
		ret = -errno;
	close(fd);
	return ret;
}

TEST_F_TIMEOUT(hotplug, run, 3600)
{
	struct guest *g = &self->g;
	struct racer runner[2];
	int ret;

	ret = set_online("1");
	if (ret)
		SKIP(return, "no second CPU that can be taken offline: %s", strerror(-ret));
	OK(guest_create(g, 0));
	OK(guest_add_vp(g, 0, race_guest, 0));
	OK(guest_add_vp(g, 1, race_guest, 1));
	OK(racer_start(&runner[0], race_run_vp, g, 0));
	OK(racer_start(&runner[1], race_run_vp, g, 1));
	race_start(&self->race, 5);
	while (race_goes_on(&self->race)) {
		EXPECT_EQ(0, set_online("0"));
		EXPECT_EQ(0, set_online("1"));
	}
	EXPECT_EQ(0, racer_stop(&runner[0]));
	EXPECT_EQ(0, racer_stop(&runner[1]));
	RUN(GUEST_SYNC, g, 0);
	RUN(GUEST_SYNC, g, 1);
}

MSHV_TEST_MAIN
