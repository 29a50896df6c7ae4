// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver asks the hypervisor for, where the result of an operation would be the
 * same if it asked for something else. Needs mshv_sim, which records it.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include <mshv/hv_root_scheduler.h>
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

/* What a processor of the partition shall not have: each bank is its own. */
TEST_F(calls, features_are_disabled_as_asked)
{
	const struct mshv_create_partition_v2 args = {
		.pt_flags = PT(CPU_AND_XSAVE_FEATURES),
		.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS,
		.pt_cpu_fbanks = { 1 << 3, 1 << 5 }, .pt_disabled_xsave = 1 << 2,
	};
	const struct hv_partition_creation_properties *disabled;
	struct mshv_sim_record r = { 0 };
	int i, pt;

	for (i = 0; i < 2; i++) {
		OK(sim_record(self->ctl, HVCALL_CREATE_PARTITION, MSHV_SIM_ANY_PARTITION));
		pt = i ? partition_create(self->g.dev, 0) :
			 partition_create_v2(self->g.dev, &args);
		OK(pt);
		close(pt);
		ASSERT_EQ(1, recorded(self->ctl, &r));
		disabled = &((struct hv_input_create_partition *)r.input)->partition_creation_properties;
		EXPECT_U64(i ? 0 : args.pt_cpu_fbanks[0],
			   disabled->disabled_processor_features.as_uint64[0]);
		EXPECT_U64(i ? 0 : args.pt_cpu_fbanks[1],
			   disabled->disabled_processor_features.as_uint64[1]);
		EXPECT_U64(i ? 0 : args.pt_disabled_xsave,
			   disabled->disabled_processor_xsave_features.as_uint64);
	}
}

/* A partition has the features of the version that it is compatible with. */
TEST_F(calls, partitions_are_of_one_version)
{
	struct mshv_sim_record r = { 0 };

	OK(sim_record(self->ctl, HVCALL_CREATE_PARTITION, MSHV_SIM_ANY_PARTITION));
	close(OK(partition_create(self->g.dev, PT(LAPIC))));
	ASSERT_EQ(1, recorded(self->ctl, &r));
	EXPECT_U64(HV_COMPATIBILITY_21_H2,
		   ((struct hv_input_create_partition *)r.input)->compatibility_version);
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

	NEEDS_GUESTS();
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

/* A VP is dispatched until something happens, without limit or setting of its own. */
TEST_F(calls, dispatch_has_no_limit)
{
	const struct hv_input_dispatch_vp *in;
	struct mshv_sim_record r;
	int i, n = 0;

	NEEDS_GUESTS();
	OK(guest_add_vp(&self->g, 1, guest_outs, 0));
	OK(sim_record(self->ctl, HVCALL_DISPATCH_VP, self->id));
	for (i = 0; i < 3; i++)
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 1);
	while (read(self->ctl, &r, sizeof(r)) == sizeof(r)) {
		in = (void *)r.input;
		EXPECT_EQ(self->id, in->partition_id);
		EXPECT_U64(1, in->vp_index);
		EXPECT_U64(0, in->time_slice);
		EXPECT_U64(0, in->spec_ctrl);
		n++;
	}
	if (self->scheduler == HV_SCHEDULER_TYPE_ROOT) {
		EXPECT_LE(3, n);
	} else {
		EXPECT_EQ(0, n);
	}
}

/* An MSI as a processor sends it (APM vol. 2, "APIC"), and what an irqfd makes of it. */
TEST_F(calls, irqfd_sends_what_its_route_says)
{
	static const struct {
		uint32_t address, data;
		uint32_t vector, dest, type;
		bool level, logical;
	} msi[] = {
		{ 0xfee00000, 0x0031, 0x31, 0x00, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0 },
		{ 0xfee9c000, 0x00fe, 0xfe, 0x9c, HV_X64_INTERRUPT_TYPE_FIXED, 0, 0 },
		{ 0xfeeff004, 0x0031, 0x31, 0xff, HV_X64_INTERRUPT_TYPE_FIXED, 0, 1 },
		{ 0xfee05008, 0x0131, 0x31, 0x05, HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY, 0, 0 },
		{ 0xfee00000, 0x0400, 0x00, 0x00, HV_X64_INTERRUPT_TYPE_NMI, 0, 0 },
		{ 0xfee00000, 0x8700 | 0x31, 0x31, 0, HV_X64_INTERRUPT_TYPE_EXTINT, 1, 0 },
	};
	struct mshv_user_irqfd irqfd = { .gsi = 5 };
	const struct hv_input_assert_virtual_interrupt *in;
	struct mshv_sim_record r = { 0 };
	unsigned int i;

	if (sim_injects_at_dispatch(self->ctl))
		SKIP(return, NOT_BY_A_CALL);
	irqfd.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, irqfd.fd);
	/* It follows: there is one irqfd, and one route after the other. */
	OK(mshv_ioctl(self->g.pt, MSHV_IRQFD, &irqfd));
	for (i = 0; i < ARRAY_SIZE(msi); i++) {
		OK(route_one(self->g.pt, irqfd.gsi, msi[i].address, msi[i].data));
		OK(sim_record(self->ctl, HVCALL_ASSERT_VIRTUAL_INTERRUPT, self->id));
		ASSERT_EQ(0, eventfd_write(irqfd.fd, 1));
		ASSERT_EQ(1, recorded(self->ctl, &r));
		in = (void *)r.input;
		EXPECT_U64(msi[i].vector, in->vector);
		EXPECT_U64(msi[i].dest, in->dest_addr);
		EXPECT_U64(msi[i].type, in->control.interrupt_type);
		EXPECT_U64(msi[i].level, in->control.level_triggered);
		EXPECT_U64(msi[i].logical, in->control.logical_dest_mode);
	}
	/* No route: no interrupt. */
	OK(mshv_ioctl(self->g.pt, MSHV_SET_MSI_ROUTING, &(struct mshv_user_irq_table) { 0 }));
	OK(sim_record(self->ctl, HVCALL_ASSERT_VIRTUAL_INTERRUPT, self->id));
	ASSERT_EQ(0, eventfd_write(irqfd.fd, 1));
	EXPECT_EQ(0, recorded(self->ctl, &r));
}

/* How many interrupts an eventfd sends to a partition, and to others. */
static int interrupts(int ctl, int fd, uint64_t id, unsigned int *others)
{
	struct mshv_sim_record r;
	int mine = 0, ret = sim_record(ctl, HVCALL_ASSERT_VIRTUAL_INTERRUPT,
				       MSHV_SIM_ANY_PARTITION);

	*others = 0;
	if (ret || eventfd_write(fd, 1))
		return -EIO;
	while (read(ctl, &r, sizeof(r)) == sizeof(r)) {
		mine += r.partition == id;
		*others += r.partition != id;
	}
	return mine;
}

/* One eventfd for two partitions: both are interrupted, or the second is refused. F64. */
TEST_F(calls, one_eventfd_for_two_partitions)
{
	struct mshv_user_irqfd irqfd = { .gsi = 5 };
	unsigned int first, second;
	int other, ret;

	if (sim_injects_at_dispatch(self->ctl))
		SKIP(return, NOT_BY_A_CALL);
	other = OK(partition_create(self->g.dev, PT(LAPIC)));
	OK(partition_initialize(other));
	OK(route_one(self->g.pt, irqfd.gsi, 0xfee00000, 0x31));
	OK(route_one(other, irqfd.gsi, 0xfee00000, 0x32));
	irqfd.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, irqfd.fd);
	OK(mshv_ioctl(self->g.pt, MSHV_IRQFD, &irqfd));
	ret = mshv_ioctl(other, MSHV_IRQFD, &irqfd);
	first = OK(interrupts(self->ctl, irqfd.fd, self->id, &second));
	if (ret) {
		EXPECT_EQ(-EBUSY, ret);
		EXPECT_EQ(1u, first);
		EXPECT_EQ(0u, second);
		return;
	}
	if (first + second == 1) {
		/* It is not that the other one can't. */
		irqfd.flags = 1u << MSHV_IRQFD_BIT_DEASSIGN;
		OK(mshv_ioctl(first ? self->g.pt : other, MSHV_IRQFD, &irqfd));
		ret = OK(interrupts(self->ctl, irqfd.fd, self->id, &second));
		EXPECT_EQ(1u, first ? second : (unsigned int)ret);
		DRIVER_DEFECT(return, "one of them does not get the interrupt");
	}
	EXPECT_EQ(1u, first);
	EXPECT_EQ(1u, second);
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
