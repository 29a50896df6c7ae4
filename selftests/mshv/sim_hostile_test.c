// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mshv_sim itself has to survive: values, and calls at the same time, that no
 * driver would come up with. A test may, in the place of the root's kernel.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mshv/hv_partition_property.h>
#include <mshv/hv_register_names.h>
#include <mshv/hv_status.h>
#include <mshv/hv_system.h>

#include "x86/contract.h"
#include "x86/guest_test.h"
#include "x86/race.h"
#include "process.h"
#include "sim.h"

#define BYTES(a)	((uint32_t)sizeof(a))

FIXTURE(hostile) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id;
};

FIXTURE_SETUP(hostile)
{
	MSHV_SIM_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(hostile)

/* ------------------------------------------------------------------- registers */

static const struct {
	uint32_t first, count;
} names[] = {
	{ 0x00000, 0x10 }, { 0x00200, 0x20 }, { 0x10000, 0x10 }, { 0x20000, 0x20 },
	{ 0x30000, 0x20 }, { 0x40000, 0x10 }, { 0x41000, 0x10 }, { 0x50000, 0x10 },
	{ 0x60000, 0x10 }, { 0x70000, 0x10 }, { 0x80000, 0x100 }, { 0x84800, 0x40 },
	{ 0x90000, 0x20 }, { 0xa0000, 0x30 }, { 0xb0000, 0x10 },
};

static const uint64_t values[] = { ~0ull, 1ull << 63, ~0ull >> 1, 0xffffffffull << 31 };

/* Each register that there is, and some that are not, takes a value or refuses it. */
TEST_F(hostile, register_values)
{
	struct hv_register_assoc reg;
	unsigned int i, n, taken = 0;
	uint64_t value;
	int vp = OK(vp_create(self->g.pt, 0));
	size_t v;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (n = 0; n < names[i].count; n++) {
			for (v = 0; v < ARRAY_SIZE(values); v++) {
				memset(&reg, 0, sizeof(reg));
				reg.name = names[i].first + n;
				reg.value.reg128.low_part = values[v];
				reg.value.reg128.high_part = values[v];
				taken += !vp_set_registers(vp, 0, &reg, 1);
				vp_get_reg64(vp, 0, reg.name, &value);
			}
		}
	}
	EXPECT_LT(100u, taken);
}

/* A time that is taken is kept; one that the processor cannot count is refused. */
TEST_F(hostile, runtime_that_is_too_long)
{
	int bit, longest = -1, vp = OK(vp_create(self->g.pt, 0));
	uint64_t value, seen;

	for (bit = 0; bit < 64; bit++) {
		value = ~0ull >> (63 - bit);
		if (vp_set_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, value))
			break;
		OK(vp_get_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, &seen));
		EXPECT_LE(value - 1, seen);
		EXPECT_LE(seen, value);
		longest = bit;
	}
	/* A hundred years of 100 ns. */
	EXPECT_LE(54, longest);
	for (; bit < 64; bit++)
		EXPECT_NE(0, vp_set_reg64(vp, 0, HV_REGISTER_VP_RUNTIME, ~0ull >> (63 - bit)));
}

/* --------------------------------------------------------- a VP that comes and goes */

#define PASSING_VP	7
#define LEAVES		169	/* as many as there is room for */

struct passing {
	int ctl;
	uint64_t id;
	volatile int64_t result;	/* that was not expected */
};

static int64_t vp_call(const struct passing *p, uint16_t code)
{
	struct hv_create_vp in = { .partition_id = p->id, .vp_index = PASSING_VP };

	/* DELETE_VP has the first two fields alone. */
	return sim_hypercall(p->ctl, code, &in, BYTES(in), NULL, 0);
}

static int reads_cpuid(struct racer *r)
{
	WITH_ARRAY(struct hv_input_get_vp_cpuid_values, cpuid_leaf_info, LEAVES) in = { 0 };
	struct passing *p = r->arg;
	uint32_t out[LEAVES][4];
	unsigned int i;
	int64_t result;

	in.head.partition_id = p->id;
	in.head.vp_index = PASSING_VP;
	for (i = 0; i < LEAVES; i++)
		in.head.cpuid_leaf_info[i].eax = 1;
	result = sim_hypercall(p->ctl, HVCALL_GET_VP_CPUID_VALUES | REPS(LEAVES), &in,
			       BYTES(in), out, BYTES(out));
	if (result != REPS(LEAVES) && (result & 0xffff) != HV_STATUS_INVALID_VP_INDEX)
		p->result = result;
	return 0;
}

/* Memory that the partition has and does not need: room for a VP, unknown to the driver. */
static int make_room(const struct guest *g, void *page)
{
	return memory_map(g->pt, GUEST_HOLE_GPA, page, PAGE_BYTES, MEM_W);
}

TEST_F(hostile, cpuid_of_a_vp_that_goes)
{
	/* One command of a file at a time. */
	struct passing reader = { .ctl = OK(sim_open()), .id = self->id };
	struct passing owner = { .ctl = self->ctl, .id = self->id };
	struct racer racer;
	int i;

	OK(vp_create(self->g.pt, 0));
	OK(make_room(&self->g, PAGES(PAGE_BYTES)));
	OK(racer_start(&racer, reads_cpuid, &reader, 0));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, vp_call(&owner, HVCALL_CREATE_VP));
		ASSERT_EQ(0, vp_call(&owner, HVCALL_DELETE_VP));
	}
	EXPECT_EQ(0, racer_stop(&racer));
	EXPECT_EQ(0, reader.result);
}

/* ------------------------------------------------------------------- pages */

static void *deposits(void *arg)
{
	struct passing *p = arg;
	/* Of no memory: the hypervisor would say so. */
	const uint64_t in[2] = { p->id, 1ull << 39 };

	p->result = sim_hypercall(p->ctl, HVCALL_DEPOSIT_MEMORY | REPS(1), in, BYTES(in), NULL, 0);
	return NULL;
}

/* Pages named by number are for nobody: not for a partition that comes meanwhile, either. */
TEST_F(hostile, deposit_for_one_that_comes)
{
	struct passing p = { .ctl = OK(sim_open()), .id = self->id + 1 };
	struct mshv_sim_fault slow = {
		.size = sizeof(slow), .code = HVCALL_DEPOSIT_MEMORY,
		.partition = p.id, .vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	pthread_t thread;
	int pt;

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &slow));
	ASSERT_EQ(0, pthread_create(&thread, NULL, deposits, &p));
	/* The partition comes after the call has looked for it: how soon is up to the host. */
	WAIT_FOR(OK(sim_fault_hits(self->ctl, slow.id)) >= 1);
	pt = OK(partition_create(self->g.dev, 0));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(p.id, sim_newest_partition(self->ctl));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, p.result);
	ASSERT_EQ(0, close(pt));
}

/* What a process has mapped is nobody else's, whatever has become of the VP. */
TEST_F(hostile, state_page_of_a_vp_that_is_deleted)
{
	const uint64_t in[2] = { self->id, 0 };
	uint64_t *page, i;
	int other, vp = OK(vp_create(self->g.pt, 0));

	page = vp_state_page(vp, MSHV_VP_MMAP_OFFSET_REGISTERS, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, sim_hypercall(self->ctl, HVCALL_DELETE_VP, in, BYTES(in), NULL, 0));
	memset(page, 0xa5, PAGE_BYTES);
	/* Three tables and a VP. */
	OK(make_room(&self->g, PAGES(PAGE_BYTES)));
	other = OK(vp_create(self->g.pt, 1));
	for (i = 0; i < PAGE_BYTES / 8; i++)
		ASSERT_U64(0xa5a5a5a5a5a5a5a5, page[i]);

	/* The driver does not know: it takes leave of a VP that is not there. */
	ASSERT_EQ(0, munmap(page, PAGE_BYTES));
	race_give_up(&self->g);
	close(vp);
	close(other);
	OK(sim_forgive(self->ctl, NULL));
}

/* ----------------------------------------------------- a partition that comes and goes */

static int creates_ports(struct racer *r)
{
	struct passing *p = r->arg;
	struct hv_input_create_port in = {
		.port_partition_id = p->id, .connection_partition_id = SELF,
		.port_info.port_type = HV_PORT_TYPE_MESSAGE,
		.port_info.message_port_info = { .target_sint = 3, .target_vp = HV_ANY_VP },
	};

	in.port_id.u.id = 1;
	sim_hypercall(p->ctl, HVCALL_CREATE_PORT, &in, BYTES(in), NULL, 0);
	return 0;
}

TEST_F(hostile, port_of_a_partition_that_goes)
{
	struct hv_input_create_partition in = { .flags = 0 };
	struct passing p = { .ctl = OK(sim_open()) };
	struct racer racer;
	uint64_t id;
	int i;

	OK(racer_start(&racer, creates_ports, &p, 0));
	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(0, sim_hypercall(self->ctl, HVCALL_CREATE_PARTITION, &in, BYTES(in),
					   &id, BYTES(id)));
		p.id = id;
		ASSERT_EQ(0, sim_hypercall(self->ctl, HVCALL_DELETE_PARTITION, &id, BYTES(id),
					   NULL, 0));
	}
	EXPECT_EQ(0, racer_stop(&racer));
}

/* ------------------------------------------------------------------ held messages */

/* @type: HVMSG_NONE lets go; how many there were. */
static int64_t hold(int ctl, uint32_t type)
{
	struct mshv_sim_hold hold = { .size = sizeof(hold), .message_type = type };
	int ret = sim_ioctl(ctl, MSHV_SIM_HOLD, &hold);

	return ret ? ret : (int64_t)hold.held;
}

static int sets_property(struct racer *r)
{
	const struct passing *p = r->arg;
	struct hv_input_set_partition_property in = {
		.partition_id = p->id,
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	};
	int64_t result = sim_hypercall(p->ctl, HVCALL_SET_PARTITION_PROPERTY, &in, BYTES(in),
				       NULL, 0);

	return !result || result == HV_STATUS_CALL_PENDING ? 0 : -EPROTO;
}

/*
 * Each call completes with a message, and as soon as that is in its slot, the next call
 * on another CPU wants it, and has it held. It goes with its partition all the same.
 */
TEST_F(hostile, held_message_of_a_partition_that_goes)
{
	struct passing p[2] = { { .ctl = OK(sim_open()) }, { .ctl = OK(sim_open()) } };
	struct racer setter[2];
	int i, k, pt, ret = 0;

	OK(sim_set_parameter("async", "Y"));
	for (i = 0; i < 20 && !ret; i++) {
		pt = partition_create(self->g.dev, 0);
		for (k = 0; k < 2; k++) {
			p[k].id = sim_newest_partition(self->ctl);
			OK(racer_start(&setter[k], sets_property, &p[k], 0));
		}
		ret = racer_wait(&setter[0], 20) ?: racer_wait(&setter[1], 20);
		EXPECT_EQ(0, hold(self->ctl, HVMSG_ASYNC_CALL_COMPLETION));
		for (k = 0; k < 2; k++)
			ret = racer_stop(&setter[k]) ?: ret;
		close(pt);
		EXPECT_EQ(0, hold(self->ctl, HVMSG_NONE));
	}
	EXPECT_EQ(0, ret);
}

/* What it waits for comes, or it would be there for ever (F60), with all that is its. */
TEST_F(hostile, hold_of_a_process_that_is_killed)
{
	const uint32_t code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
	int ready = eventfd(0, EFD_CLOEXEC);
	eventfd_t result;
	pid_t child;

	OK(sim_set_parameter("async", "Y"));
	child = fork();
	if (!child) {
		eventfd_write(ready, hold(sim_open(), HVMSG_ASYNC_CALL_COMPLETION) ? 2 : 1);
		partition_set_property(self->g.pt, code, 1);
		_exit(1);
	}
	ASSERT_LE(0, child);
	ASSERT_EQ(0, eventfd_read(ready, &result));
	ASSERT_EQ(1u, result);
	WAIT_FOR(process_waits(child));
	EXPECT_EQ(-EBUSY, hold(self->ctl, HVMSG_ASYNC_CALL_COMPLETION));
	ASSERT_EQ(0, kill(child, SIGKILL));
	WAIT_FOR(waitpid(child, NULL, WNOHANG) == child);
	EXPECT_EQ(0, hold(self->ctl, HVMSG_ASYNC_CALL_COMPLETION));
	EXPECT_EQ(0, hold(self->ctl, HVMSG_NONE));
}

MSHV_TEST_MAIN
