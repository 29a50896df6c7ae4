// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver asks the hypervisor for, where the result of an operation would be the
 * same if it asked for something else. Needs mshv_sim, which records it.
 */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <mshv/hv_status.h>
#include <mshv/hv_system.h>

#include "x86/guest_test.h"
#include "sim.h"

#define VPS_MAX		256	/* of a partition: MSHV_MAX_VPS of the driver */
#define DONE(control)	((control) >> 48 & 0xfff)

FIXTURE(calls) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id;
	uint32_t scheduler;
};

FIXTURE_SETUP(calls)
{
	struct mshv_sim_probe probe;

	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &probe));
	self->scheduler = probe.scheduler;
	OK(guest_create(&self->g, 0));
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(calls)

/* How many of the recorded calls there are; the last one is left in @r. */
static int recorded(int ctl, struct mshv_sim_record *r)
{
	struct mshv_sim_record next;
	int n = 0;

	while (read(ctl, &next, sizeof(next)) == sizeof(next)) {
		*r = next;
		n++;
	}
	return n;
}

/* The hypervisor would say the same of a VP that cannot be: nobody asks it. */
TEST_F(calls, none_for_a_vp_out_of_range)
{
	struct mshv_sim_record r;

	OK(sim_record(self->ctl, HVCALL_CREATE_VP, self->id));
	EXPECT_EQ(-EINVAL, vp_create(self->g.pt, VPS_MAX));
	EXPECT_EQ(-EINVAL, vp_create(self->g.pt, UINT32_MAX));
	EXPECT_EQ(0, recorded(self->ctl, &r));
	OK(vp_create(self->g.pt, VPS_MAX - 1));
	EXPECT_EQ(1, recorded(self->ctl, &r));
}

static void guest_outs(uint64_t arg)
{
	for (;;)
		guest_outl(0x100, arg);
}

/* Memory was wanted between two elements: it is given, and the call goes on there. */
TEST_F(calls, list_goes_on_where_it_stopped)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_SET_VP_REGISTERS, .status = HV_STATUS_INSUFFICIENT_MEMORY,
		.partition = self->id, .vp = MSHV_SIM_ANY_VP, .count = 1, .reps = 2,
	};
	struct hv_register_assoc regs[4] = {
		{ .name = HV_X64_REGISTER_RAX, .value.reg64 = 1 },
		{ .name = HV_X64_REGISTER_RBX, .value.reg64 = 2 },
		{ .name = HV_X64_REGISTER_RCX, .value.reg64 = 3 },
		{ .name = HV_X64_REGISTER_RDX, .value.reg64 = 4 },
	};
	struct mshv_sim_record r = { 0 };
	uint64_t value;
	unsigned int i;

	OK(guest_add_vp(&self->g, 0, guest_outs, 0));
	OK(sim_record(self->ctl, f.code, self->id));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	OK(vp_set_registers(self->g.vp[0].fd, 0, regs, ARRAY_SIZE(regs)));
	ASSERT_EQ(2, recorded(self->ctl, &r));
	EXPECT_EQ(HV_STATUS_SUCCESS, r.status);
	EXPECT_U64(2, DONE(r.control));
	EXPECT_EQ(4, r.reps_done);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		OK(guest_get_reg(&self->g, 0, regs[i].name, &value));
		EXPECT_U64(regs[i].value.reg64, value);
	}
}

/*
 * Where the hypervisor schedules, the VP may run as soon as it is no longer suspended
 * explicitly: what suspends it because of an intercept has to be cleared before, or the
 * next intercept would be cleared with it.
 */
TEST_F(calls, suspends_are_cleared_in_order)
{
	const struct hv_register_assoc *regs;
	struct mshv_sim_record r;
	unsigned int both = 0;
	int i;

	OK(guest_add_vp(&self->g, 0, guest_outs, 0));
	OK(sim_record(self->ctl, HVCALL_SET_VP_REGISTERS, self->id));
	for (i = 0; i < 3; i++)
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	while (read(self->ctl, &r, sizeof(r)) == sizeof(r)) {
		/* An input has more than is recorded; two names are in it. */
		regs = (void *)(r.input + sizeof(struct hv_input_set_vp_registers));
		if (regs[0].name != HV_REGISTER_INTERCEPT_SUSPEND &&
		    regs[0].name != HV_REGISTER_EXPLICIT_SUSPEND)
			continue;
		if (r.reps_done == 2) {
			EXPECT_U64(HV_REGISTER_INTERCEPT_SUSPEND, regs[0].name);
			EXPECT_U64(HV_REGISTER_EXPLICIT_SUSPEND, regs[1].name);
			both++;
		}
	}
	/* With the root scheduler a VP is dispatched, and a flag says the first. */
	if (self->scheduler == HV_SCHEDULER_TYPE_ROOT) {
		EXPECT_EQ(0u, both);
	} else {
		EXPECT_LE(3u, both);
	}
}

/* More than one call can hand back: all of it is (the ledger), call after call. */
TEST_F(calls, memory_is_withdrawn_to_the_end)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_MAP_GPA_PAGES, .status = HV_STATUS_INSUFFICIENT_MEMORY,
		.partition = self->id, .vp = MSHV_SIM_ANY_VP, .count = 4,
	};
	void *host = PAGES(PAGE_BYTES);
	struct mshv_sim_record r = { 0 };
	uint64_t id = self->id;

	/* Each time it says so, the partition gets some hundred pages. */
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	OK(memory_map(self->g.pt, GUEST_HOLE_GPA, host, PAGE_BYTES, MEM_W));
	EXPECT_EQ(4, sim_fault_hits(self->ctl, f.id));
	/* Faults excuse what follows, and no more are wanted. */
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	OK(sim_record(self->ctl, HVCALL_WITHDRAW_MEMORY, id));
	ASSERT_EQ(0, close(self->g.pt));
	EXPECT_LE(3, recorded(self->ctl, &r));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, r.status);
}

MSHV_TEST_MAIN
