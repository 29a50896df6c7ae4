// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU of the root has not looked at yet when it goes. A program of its own, as
 * it takes a CPU away from whatever else runs.
 */
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mshv/hv_system.h>

#include "x86/guest_test.h"
#include "cpus.h"
#include "modules.h"
#include "sim.h"

#define BELL		GUEST_HOLE_GPA
#define BELLS		3
#define UNKNOWN_TYPE	0x80001234

/* The message of no known type stays: a simulator, and a driver, of their own for it. */
FIXTURE(going) {
	struct env env;
	struct guest g;
	int ctl, cpu;
};

/* The last of several that we may run on; this thread stays there from now on. */
static int stay_on_last_cpu(void)
{
	cpu_set_t may, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(may), &may) || CPU_COUNT(&may) < 2)
		return -ENODEV;
	for (cpu = CPU_SETSIZE - 1; !CPU_ISSET(cpu, &may); cpu--)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) ? -errno : cpu;
}

FIXTURE_SETUP(going)
{
	struct mshv_sim_probe probe;

	NEEDS_MODULES();
	OK(sim_reload(modules_before()));
	OK(driver_load());
	MSHV_SETUP(self);
	self->ctl = OK(sim_open());
	OK(sim_probe(self->ctl, &probe));
	if (probe.scheduler != HV_SCHEDULER_TYPE_ROOT)
		SKIP(return, "VPs run where the thread does with the root scheduler only");
	self->cpu = stay_on_last_cpu();
	if (self->cpu < 0 || cpu_set_online(self->cpu, true))
		SKIP(return, "no second CPU that can be taken offline");
}

FIXTURE_TEARDOWN_PARENT(going)
{
	EXPECT_EQ(0, env_end(&self->env));
	EXPECT_EQ(0, modules_give_back());
}

static void guest_rings(uint64_t gpa)
{
	uint64_t i;

	guest_sync(0, 0);
	for (i = 0; i < BELLS; i++)
		*(volatile uint32_t *)guest_ptr(gpa + 8 * i) = 1;
	guest_done(0);
}

static int add_bell(int pt, int i)
{
	struct mshv_user_ioeventfd args = { .addr = BELL + 8 * i, .len = 4 };

	args.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return args.fd < 0 || mshv_ioctl(pt, MSHV_IOEVENTFD, &args) ? -1 : args.fd;
}

/* Doorbells that this CPU has in its ring, and has not heard of, are another one's. */
TEST_F(going, doorbells)
{
	struct mshv_sim_message m = { .size = sizeof(m), .cpu = self->cpu };
	struct hv_message *message = (void *)m.message;
	struct pollfd bell[BELLS];
	int i;

	OK(guest_create(&self->g, 0));
	for (i = 0; i < BELLS; i++) {
		bell[i] = (struct pollfd) { .fd = add_bell(self->g.pt, i), .events = POLLIN };
		ASSERT_LE(0, bell[i].fd);
	}
	OK(guest_add_vp(&self->g, 0, guest_rings, BELL));
	RUN(GUEST_SYNC, &self->g, 0);

	/* Whatever comes after this one has to wait. */
	message->header.message_type = UNKNOWN_TYPE;
	message->header.payload_size = sizeof(message->u);
	OK(sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	RUN(GUEST_DONE, &self->g, 0);
	EXPECT_EQ(0, poll(bell, BELLS, 100));

	OK(cpu_set_online(self->cpu, false));
	for (i = 0; i < BELLS; i++) {
		EXPECT_EQ(1, poll(&bell[i], 1, LONG_MS)) {
			TH_LOG("doorbell %d", i);
		}
	}
	OK(cpu_set_online(self->cpu, true));
}

static int require(char *why, size_t size)
{
	int ret = guest_require(why, size);

	return ret ? ret : modules_borrow(why, size);
}

MSHV_TEST_MAIN_OF(require)
