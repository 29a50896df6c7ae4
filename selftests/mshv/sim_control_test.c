// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device of mshv_sim, and what the driver does when the hypervisor
 * refuses. Needs the simulator: there is no way to make a real one fail.
 */
#include <linux/capability.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mshv_test.h"
#include "sim.h"

FIXTURE(control) {
	struct env env;
	int ctl, dev;
};

FIXTURE_SETUP(control)
{
	MSHV_SIM_SETUP(self);
	self->dev = OK(dev_open());
}

MSHV_TEARDOWN(control)

/* ------------------------------------------------------------ the commands */

static const struct {
	unsigned long command;
	uint32_t size;
} commands[] = {
	{ MSHV_SIM_PROBE, sizeof(struct mshv_sim_probe) },
	{ MSHV_SIM_FAULT_ADD, sizeof(struct mshv_sim_fault) },
	{ MSHV_SIM_FAULT_REMOVE, sizeof(struct mshv_sim_fault) },
	{ MSHV_SIM_FAULT_QUERY, sizeof(struct mshv_sim_fault) },
	{ MSHV_SIM_FAULT_NEXT, sizeof(struct mshv_sim_fault) },
	{ MSHV_SIM_FAULT_CLEAR, sizeof(struct mshv_sim_fault) },
	{ MSHV_SIM_RECORD_START, sizeof(struct mshv_sim_recording) },
	{ MSHV_SIM_RECORD_STOP, sizeof(struct mshv_sim_recording) },
	{ MSHV_SIM_RECORD_QUERY, sizeof(struct mshv_sim_recording) },
	{ MSHV_SIM_OVERRIDE_ADD, sizeof(struct mshv_sim_override) },
	{ MSHV_SIM_OVERRIDE_REMOVE, sizeof(struct mshv_sim_override) },
	{ MSHV_SIM_OVERRIDE_CLEAR, sizeof(struct mshv_sim_override) },
	{ MSHV_SIM_POST_MESSAGE, sizeof(struct mshv_sim_message) },
	{ MSHV_SIM_HOLD, sizeof(struct mshv_sim_hold) },
	{ MSHV_SIM_VIOLATIONS, sizeof(struct mshv_sim_violations) },
	{ MSHV_SIM_CHECK, sizeof(struct mshv_sim_check) },
	{ MSHV_SIM_LEDGER, sizeof(struct mshv_sim_ledger) },
	{ MSHV_SIM_SCRIPT_PUSH, sizeof(struct mshv_sim_step) },
	{ MSHV_SIM_SCRIPT_QUERY, sizeof(struct mshv_sim_script) },
	{ MSHV_SIM_SCRIPT_CLEAR, sizeof(struct mshv_sim_script) },
	{ MSHV_SIM_HYPERCALL, sizeof(struct mshv_sim_hypercall) },
	{ MSHV_SIM_SINT, sizeof(struct mshv_sim_sint) },
};

/* Sizes: too small, as it is, larger with a tail of zeroes and of something. */
TEST_F(control, sizes)
{
	uint32_t *page = PAGES(PAGE_BYTES);
	int exact, longer;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		uint32_t size = commands[i].size;
		unsigned long command = commands[i].command;

		memset(page, 0, PAGE_BYTES);
		page[0] = size - 4;
		EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, command, page));
		page[0] = 0;
		EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, command, page));

		memset(page, 0, PAGE_BYTES);
		page[0] = size;
		exact = sim_ioctl(self->ctl, command, page);
		EXPECT_NE(-E2BIG, exact);
		EXPECT_NE(-ENOTTY, exact);
		memset(page, 0, PAGE_BYTES);
		page[0] = size + 16;
		longer = sim_ioctl(self->ctl, command, page);
		EXPECT_EQ(exact, longer) {
			TH_LOG("command %zu", i);
		}
		memset(page, 0, PAGE_BYTES);
		page[0] = size + 16;
		((uint8_t *)page)[size + 15] = 1;
		EXPECT_EQ(-E2BIG, sim_ioctl(self->ctl, command, page));
		page[0] = UINT32_MAX;
		EXPECT_EQ(-E2BIG, sim_ioctl(self->ctl, command, page));
		EXPECT_EQ(-EFAULT, sim_ioctl(self->ctl, command, NULL));
	}
	EXPECT_EQ(-ENOTTY, sim_ioctl(self->ctl, _IO(MSHV_SIM_IOCTL, 0xff), page));
	EXPECT_EQ(-ENOTTY, sim_ioctl(self->ctl, MSHV_CREATE_PARTITION, page));
}

TEST_F(control, probe)
{
	struct mshv_sim_probe p;

	OK(sim_probe(self->ctl, &p));
	EXPECT_TRUE(!!(p.features & MSHV_SIM_HAS_FAULTS));
	/* An engine either runs guests or does what it is told. */
	EXPECT_EQ(1, !!(p.features & MSHV_SIM_HAS_SCRIPTS) +
		     !!(p.features & MSHV_SIM_HAS_GUESTS));
	EXPECT_EQ(sizeof(struct mshv_sim_record), p.record_size);
	EXPECT_TRUE(!!(p.root_partition));
	p.reserved = 1;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_PROBE, &p));
}

TEST_F(control, needs_cap_sys_admin)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	ASSERT_EQ(0, syscall(SYS_capget, &header, data));
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	ASSERT_EQ(0, syscall(SYS_capset, &header, data));
	EXPECT_EQ(-EPERM, sim_open());
}

/* ------------------------------------------------------------------ faults */

TEST_F(control, fault_rule_checks)
{
	const struct mshv_sim_fault good = {
		.size = sizeof(good), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_CREATE_VP, .status = 5, .vp = MSHV_SIM_ANY_VP,
	};
	struct mshv_sim_probe p;
	struct mshv_sim_fault f;
	uint32_t i;

	OK(sim_probe(self->ctl, &p));
#define BAD(...) do {								\
		f = good;							\
		f.__VA_ARGS__;							\
		EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f)) { \
			TH_LOG("%s", #__VA_ARGS__);				\
		}								\
	} while (0)
	BAD(flags |= 4);
	BAD(flags = 0);
	BAD(id = 1);
	BAD(reserved = 1);
	BAD(delay_us = p.max_delay_us + 1);
	BAD(reps = 1, f.flags |= MSHV_SIM_FAULT_AFTER);
#undef BAD
	for (i = 0; i < p.max_rules; i++) {
		f = good;
		OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	}
	f = good;
	EXPECT_EQ(-ENOSPC, sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));

	/* All of them are there, in order, and then none. */
	f = (struct mshv_sim_fault) { .size = sizeof(f) };
	for (i = 0; !sim_ioctl(self->ctl, MSHV_SIM_FAULT_NEXT, &f); i++)
		EXPECT_EQ(HVCALL_CREATE_VP, f.code);
	EXPECT_EQ(p.max_rules, i);
	f = (struct mshv_sim_fault) { .size = sizeof(f) };
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_CLEAR, &f));
	EXPECT_EQ(-ENOENT, sim_ioctl(self->ctl, MSHV_SIM_FAULT_NEXT, &f));
	EXPECT_EQ(-ENOENT, sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
}

TEST_F(control, fault_skip_and_count)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_CREATE_PARTITION, .status = HV_STATUS_INVALID_PARAMETER,
		.vp = MSHV_SIM_ANY_VP, .skip = 2, .count = 3,
	};
	int i, pt;

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	for (i = 0; i < 8; i++) {
		pt = partition_create(self->dev, 0);
		if (i < 2 || i >= 5) {
			EXPECT_LE(0, pt);
			close(pt);
		} else {
			EXPECT_EQ(-EINVAL, pt);
		}
	}
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	EXPECT_U64(3, f.hits);
	EXPECT_LE(8, (int64_t)(f.matches));
}

TEST_F(control, fault_ends_with_the_file)
{
	int other = OK(sim_open());

	OK(sim_fail_once(other, HVCALL_CREATE_PARTITION, 0, HV_STATUS_INVALID_PARAMETER));
	/* Nobody else's business. */
	EXPECT_EQ(-ENOENT, sim_fault_hits(self->ctl, 1));
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(0, close(OK(partition_create(self->dev, 0))));
}

TEST_F(control, fault_of_one_partition_and_vp)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_CREATE_VP, .status = HV_STATUS_INVALID_PARAMETER, .vp = 1,
	};
	int a = OK(partition_create(self->dev, 0)), b;

	OK(partition_initialize(a));
	f.partition = sim_newest_partition(self->ctl);
	ASSERT_TRUE(!!(f.partition));
	b = OK(partition_create(self->dev, 0));
	OK(partition_initialize(b));

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	OK(vp_create(a, 0));
	EXPECT_EQ(-EINVAL, vp_create(a, 1));
	OK(vp_create(b, 1));
	EXPECT_EQ(1, sim_fault_hits(self->ctl, f.id));
}

/* After the effect: the driver believes that it failed, the hypervisor did it. */
TEST_F(control, fault_after_the_effect)
{
	struct mshv_sim_ledger l = { .size = sizeof(l) };
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS | MSHV_SIM_FAULT_AFTER,
		.code = HVCALL_DELETE_VP, .status = HV_STATUS_OPERATION_DENIED,
		.vp = MSHV_SIM_ANY_VP, .count = 1,
	};
	int pt = OK(partition_create(self->dev, 0)), id;

	OK(partition_initialize(pt));
	l.partition = sim_newest_partition(self->ctl);
	/* The driver deletes the VP when a later step fails, and ignores the result. */
	id = OK(sim_fail_once(self->ctl, HVCALL_MAP_VP_STATE_PAGE, l.partition,
			      HV_STATUS_INVALID_PARAMETER));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	EXPECT_EQ(-EINVAL, vp_create(pt, 0));
	EXPECT_EQ(1, sim_fault_hits(self->ctl, id));
	EXPECT_EQ(1, sim_fault_hits(self->ctl, f.id));
	OK(sim_ioctl(self->ctl, MSHV_SIM_LEDGER, &l));
	EXPECT_U64(0, l.vps);
	OK(vp_create(pt, 0));
}

TEST_F(control, fault_after_some_elements)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_MAP_GPA_PAGES, .status = HV_STATUS_OPERATION_DENIED,
		.vp = MSHV_SIM_ANY_VP, .count = 1, .reps = 3,
	};
	struct mshv_sim_record r;
	int pt = OK(partition_create(self->dev, 0));
	void *mem = PAGES(8 * PAGE_BYTES);

	OK(partition_initialize(pt));
	memset(mem, 1, 8 * PAGE_BYTES);
	OK(mlock(mem, 8 * PAGE_BYTES));
	OK(memory_map(pt, 0x10000, mem, 8 * PAGE_BYTES, MEM_W));
	OK(memory_unmap(pt, 0x10000, mem, 8 * PAGE_BYTES));
	f.partition = sim_newest_partition(self->ctl);
	OK(sim_record(self->ctl, HVCALL_MAP_GPA_PAGES, f.partition));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	/* Whether this maps at once depends on how the driver treats the memory. */
	if (!memory_map(pt, 0x10000, mem, 8 * PAGE_BYTES, MEM_W))
		SKIP(return, "memory is mapped when the guest touches it");
	ASSERT_U64(sizeof(r), read(self->ctl, &r, sizeof(r)));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, r.status);
	EXPECT_EQ(3, r.reps_done);
	EXPECT_EQ(f.id, r.fault);
	OK(memory_map(pt, 0x10000, mem, 8 * PAGE_BYTES, MEM_W));
}

TEST_F(control, fault_delay)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .code = HVCALL_GET_PARTITION_PROPERTY,
		.vp = MSHV_SIM_ANY_VP, .delay_us = 5000, .count = 2,
	};
	int pt = OK(partition_create(self->dev, 0));
	struct mshv_sim_record r[2];
	uint64_t value;

	OK(partition_initialize(pt));
	f.partition = sim_newest_partition(self->ctl);
	OK(sim_record(self->ctl, f.code, f.partition));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	OK(partition_get_property(pt, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	OK(partition_get_property(pt, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	ASSERT_U64(sizeof(r), read(self->ctl, r, sizeof(r)));
	/* Never shorter; how much longer is the machine's affair. */
	EXPECT_LE(5000 * 1000, (int64_t)(r[1].time_ns - r[0].time_ns));
	EXPECT_EQ(0, r[0].status);
}

/* ------------------------------------- what the driver makes of a refusal */

enum operation { CREATE, INITIALIZE, CREATE_VP };

FIXTURE(sweep) {
	struct env env;
	int ctl, dev;
};

FIXTURE_SETUP(sweep)
{
	MSHV_SIM_SETUP(self);
	self->dev = OK(dev_open());
}

MSHV_TEARDOWN(sweep)

FIXTURE_VARIANT(sweep) {
	enum operation operation;
	uint16_t code;
	uint32_t nth;		/* call of that code in the operation, from 0 */
	bool no_deposit;	/* the driver does not deposit for this call */
};

FIXTURE_VARIANT_ADD(sweep, create_partition) {
	.operation = CREATE,
	.code = HVCALL_CREATE_PARTITION,
};

FIXTURE_VARIANT_ADD(sweep, initialize_partition) {
	.operation = INITIALIZE,
	.code = HVCALL_INITIALIZE_PARTITION,
};

FIXTURE_VARIANT_ADD(sweep, initialize_deposit) {
	.operation = INITIALIZE,
	.code = HVCALL_DEPOSIT_MEMORY,
	.no_deposit = true,
};

FIXTURE_VARIANT_ADD(sweep, create_vp) {
	.operation = CREATE_VP,
	.code = HVCALL_CREATE_VP,
};

FIXTURE_VARIANT_ADD(sweep, create_vp_deposit) {
	.operation = CREATE_VP,
	.code = HVCALL_DEPOSIT_MEMORY,
	.no_deposit = true,
};

FIXTURE_VARIANT_ADD(sweep, create_vp_first_state_page) {
	.operation = CREATE_VP,
	.code = HVCALL_MAP_VP_STATE_PAGE,
};

FIXTURE_VARIANT_ADD(sweep, create_vp_second_state_page) {
	.operation = CREATE_VP,
	.code = HVCALL_MAP_VP_STATE_PAGE,
	.nth = 1,
};

static int operate(enum operation operation, int dev, int pt)
{
	switch (operation) {
	case CREATE:
		return partition_create(dev, 0);
	case INITIALIZE:
		return partition_initialize(pt);
	case CREATE_VP:
		return vp_create(pt, 0);
	}
	return -ENOSYS;
}

static void refuse(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) *self,
		   const FIXTURE_VARIANT(sweep) *variant, uint16_t status, int expected)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS, .code = variant->code,
		.status = status, .vp = MSHV_SIM_ANY_VP, .skip = variant->nth, .count = 1,
	};
	int pt = -1, ret;

	if (variant->operation != CREATE) {
		pt = OK(partition_create(self->dev, 0));
		f.partition = sim_newest_partition(self->ctl);
		ASSERT_TRUE(!!(f.partition));
	}
	if (variant->operation == CREATE_VP)
		OK(partition_initialize(pt));

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	ret = operate(variant->operation, self->dev, pt);
	EXPECT_EQ(expected < 0 ? expected : 0, ret < 0 ? ret : 0);
	EXPECT_EQ(1, sim_fault_hits(self->ctl, f.id));
	if (ret < 0 || variant->operation == CREATE) {
		if (ret >= 0)
			close(ret);
		ret = operate(variant->operation, self->dev, pt);
		EXPECT_LE(0, ret) {
			TH_LOG("again: %s", strerror(-ret));
		}
	}
	if (ret >= 0 && variant->operation != INITIALIZE)
		EXPECT_EQ(0, close(ret));
	if (pt >= 0)
		EXPECT_EQ(0, close(pt));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
}

TEST_F(sweep, invalid_parameter)
{
	refuse(_metadata, self, variant, HV_STATUS_INVALID_PARAMETER, -EINVAL);
}

TEST_F(sweep, invalid_partition_state)
{
	refuse(_metadata, self, variant, HV_STATUS_INVALID_PARTITION_STATE, -EIO);
}

/* The one status that is a request: memory is deposited, the call made again. */
TEST_F(sweep, insufficient_memory)
{
	refuse(_metadata, self, variant, HV_STATUS_INSUFFICIENT_MEMORY,
	       variant->no_deposit ? -ENOMEM : 0);
}

/* --------------------------------------------------------------- recording */

TEST_F(control, recording)
{
	struct mshv_sim_recording q = { .size = sizeof(q) };
	struct mshv_sim_record r[2];
	uint64_t id, value;
	int a = OK(partition_create(self->dev, 0));
	int b = OK(partition_create(self->dev, 0));

	EXPECT_EQ(-1, read(self->ctl, r, sizeof(r)));
	EXPECT_EQ(ENODATA, errno);
	id = sim_newest_partition(self->ctl);
	OK(sim_record(self->ctl, HVCALL_GET_PARTITION_PROPERTY, id));
	EXPECT_EQ(0, read(self->ctl, r, sizeof(r)));

	/* Not what the other partition does, nor other calls. */
	OK(partition_get_property(a, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	OK(partition_get_property(b, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	OK(partition_initialize(b));
	EXPECT_EQ(-1, read(self->ctl, r, sizeof(r[0]) - 1));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_U64(sizeof(r[0]), read(self->ctl, r, sizeof(r)));
	EXPECT_EQ(id, r[0].partition);
	EXPECT_EQ(id, *(uint64_t *)r[0].input);
	EXPECT_U64(HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, *(uint32_t *)(r[0].input + 8));
	EXPECT_EQ(value, *(uint64_t *)r[0].output);
	EXPECT_EQ(16, r[0].input_bytes);
	EXPECT_EQ(8, r[0].output_bytes);
	EXPECT_EQ(0, r[0].status);
	EXPECT_U64(HVCALL_GET_PARTITION_PROPERTY, r[0].control & 0xffff);

	/* Room for one: the second is lost and counted. */
	q.records = 1;
	q.partition = id;
	q.code = MSHV_SIM_ANY_CODE;
	OK(sim_ioctl(self->ctl, MSHV_SIM_RECORD_START, &q));
	OK(partition_get_property(b, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	OK(partition_get_property(b, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	OK(sim_ioctl(self->ctl, MSHV_SIM_RECORD_STOP, &q));
	EXPECT_U64(1, q.ready);
	EXPECT_U64(1, q.lost);
	OK(partition_get_property(b, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value));
	ASSERT_U64(sizeof(r[0]), read(self->ctl, r, sizeof(r)));
	EXPECT_EQ(0, read(self->ctl, r, sizeof(r)));
}

/* --------------------------------------------------------------- overrides */

TEST_F(control, override_property)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = MSHV_SIM_OVERRIDE_PROPERTY, .index = 0x12345,
		.vp = MSHV_SIM_ANY_VP, .value = 0xabcd1234, .mask = ~0ull,
	};
	int pt = OK(partition_create(self->dev, 0));
	uint64_t value = 0;

	OK(partition_initialize(pt));
	o.partition = sim_newest_partition(self->ctl);
	EXPECT_NE(0, partition_get_property(pt, o.index, &value));
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	OK(partition_get_property(pt, o.index, &value));
	EXPECT_EQ(0xabcd1234, value);
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_REMOVE, &o));
	EXPECT_U64(1, o.uses);
	EXPECT_NE(0, partition_get_property(pt, o.index, &value));

	o.id = 0;
	o.mask = 0;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	o.mask = 1;
	o.kind = 0;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	o.kind = MSHV_SIM_OVERRIDE_STATS;
	o.word = 512;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
}

TEST_F(control, override_register)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = MSHV_SIM_OVERRIDE_REGISTER,
		.index = HV_X64_REGISTER_RAX, .value = 0xff00, .mask = 0xff00,
	};
	int pt = OK(partition_create(self->dev, 0)), vp;
	uint64_t value;

	OK(partition_initialize(pt));
	vp = OK(vp_create(pt, 0));
	o.partition = sim_newest_partition(self->ctl);
	OK(vp_set_reg64(vp, 0, HV_X64_REGISTER_RAX, 0x12345678));
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	OK(vp_get_reg64(vp, 0, HV_X64_REGISTER_RAX, &value));
	EXPECT_U64(0x1234ff78, value);
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_CLEAR, &o));
	OK(vp_get_reg64(vp, 0, HV_X64_REGISTER_RAX, &value));
	EXPECT_U64(0x12345678, value);
}

/* ---------------------------------------------------------------- messages */

static void *set_property(void *arg)
{
	int pt = *(int *)arg;
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
	};
	struct hvcall call = {
		.code = HVCALL_SET_PARTITION_PROPERTY, .in_bytes = sizeof(in), .in = &in,
	};

	return (void *)(long)hvcall(pt, &call);
}

/*
 * The hypervisor says "later", and later a message says how it ended: the
 * caller sleeps until then and gets that status.
 */
TEST_F(control, message_completes_a_call)
{
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;
	struct {
		uint64_t partition;
		uint32_t status, count;
		uint64_t sub_status;
	} *payload = (void *)(m.message + sizeof(message->header));
	const uint32_t statuses[] = { 0, HV_STATUS_INVALID_PARAMETER };
	int pt = OK(partition_create(self->dev, 0)), id, i, k;
	pthread_t thread;
	void *result;

	OK(partition_initialize(pt));
	message->header.message_type = HVMSG_ASYNC_CALL_COMPLETION;
	message->header.payload_size = sizeof(*payload);
	payload->partition = sim_newest_partition(self->ctl);
	payload->count = 1;
	for (i = 0; i < 2; i++) {
		payload->status = statuses[i];
		id = OK(sim_fail_once(self->ctl, HVCALL_SET_PARTITION_PROPERTY,
				      payload->partition, HV_STATUS_CALL_PENDING));
		ASSERT_EQ(0, pthread_create(&thread, NULL, set_property, &pt));
		for (k = 0; k < 1000 && !sim_fault_hits(self->ctl, id); k++)
			usleep(1000);
		ASSERT_EQ(1, sim_fault_hits(self->ctl, id));
		OK(sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
		ASSERT_EQ(0, pthread_join(thread, &result));
		EXPECT_EQ(statuses[i] ? -EINVAL : 0, (long)result);
	}
}

/* The same for all calls, by the hypervisor itself: success, failure, and again. */
TEST_F(control, calls_that_complete_later)
{
	const uint32_t code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
	int pt = OK(partition_create(self->dev, 0)), good, bad, i;
	uint64_t value;

	OK(partition_initialize(pt));
	OK(sim_set_parameter("async", "Y"));
	for (i = 0; i < 20; i++) {
		good = partition_set_property(pt, code, i & 1);
		bad = partition_set_property(pt, code, 7);
		if (good || bad != -EIO || partition_get_property(pt, code, &value) ||
		    value != (i & 1))
			break;
	}
	OK(sim_set_parameter("async", "N"));
	EXPECT_EQ(20, i);
	EXPECT_EQ(0, good);
	EXPECT_EQ(-EIO, bad);
}

/* More than fit into the slot: they queue, and the driver fetches them all. */
TEST_F(control, messages_queue)
{
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;
	int i, ret, tries = 0;

	/* For a partition that does not exist: the driver takes it and does nothing. */
	message->header.message_type = HVMSG_SCHEDULER_VP_SIGNAL_PAIR;
	message->header.payload_size = 240;
	for (i = 0; i < 500 && tries < 5000;) {
		ret = sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m);
		if (ret == -EAGAIN) {
			tries++;
			usleep(1000);
			continue;
		}
		ASSERT_EQ(0, ret);
		i++;
	}
	EXPECT_EQ(500, i);
	m.cpu = 4096;
	EXPECT_EQ(-ENXIO, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	m.cpu = 0;
	m.flags = 1;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	m.flags = 0;
	message->header.message_type = 0;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
}

/* -------------------------------------------------------------- violations */

TEST_F(control, violations)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
	};
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY, .in_bytes = sizeof(in), .in = &in,
	};
	struct mshv_sim_violations skip = {
		.size = sizeof(skip), .flags = MSHV_SIM_VIOLATIONS_SKIP,
	};
	struct mshv_sim_violation v = { 0 };
	int pt = OK(partition_create(self->dev, 0));
	int late;

	/* The driver passes a call on although its output has no place to go. */
	EXPECT_NE(0, hvcall(pt, &call));
	late = OK(sim_open());
	EXPECT_EQ(0, sim_forgive(late, NULL));
	OK(sim_ioctl(late, MSHV_SIM_VIOLATIONS, &skip));
	EXPECT_U64(0, skip.count);
	EXPECT_EQ(1, sim_forgive(self->ctl, &v));
	EXPECT_NE(NULL, strstr(v.text, "GET_PARTITION_PROPERTY"));
	EXPECT_U64(getpid(), v.pid);
	EXPECT_EQ(0, sim_forgive(self->ctl, &v));
}

/* Let VP 0 execute its first instruction, at 0: the page is mapped then. */
static int touch_memory(int ctl, uint64_t id, int pt, uint8_t *mem)
{
	struct mshv_sim_step s = {
		.size = sizeof(s), .partition = id, .action = MSHV_SIM_STEP_EXECUTE,
	};
	struct hv_register_assoc regs[2] = {
		{ .name = HV_X64_REGISTER_RIP }, { .name = HV_X64_REGISTER_CS },
	};
	struct mshv_sim_probe probe;
	struct hv_message message;
	int ret, vp = vp_create(pt, 0);

	if (vp < 0)
		return vp;
	ret = sim_probe(ctl, &probe);
	if (!ret && (probe.features & MSHV_SIM_HAS_SCRIPTS)) {
		ret = sim_ioctl(ctl, MSHV_SIM_SCRIPT_PUSH, &s);
		s.action = MSHV_SIM_STEP_HALT;
		ret = ret ? ret : sim_ioctl(ctl, MSHV_SIM_SCRIPT_PUSH, &s);
	} else if (!ret) {
		mem[0] = 0xf4;	/* hlt */
		regs[1].value.segment.limit = 0xffff;
		regs[1].value.segment.attributes = 0x9b;
		ret = vp_set_registers(vp, 0, regs, 2);
	}
	ret = ret ? ret : vp_run(vp, &message);
	close(vp);
	return ret ? ret : message.header.message_type == HVMSG_X64_HALT ? 0 : -EPROTO;
}

/* A page that was freed although the hypervisor still maps it is found. */
TEST_F(control, check_finds_freed_pages)
{
	struct mshv_sim_check check = { .size = sizeof(check) };
	struct mshv_sim_fault lie = {
		.size = sizeof(lie), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_UNMAP_GPA_PAGES, .vp = MSHV_SIM_ANY_VP,
	};
	int pt = OK(partition_create(self->dev, 0));
	const uint64_t bytes = 64 * PAGE_BYTES;
	void *mem = PAGES(bytes);

	OK(partition_initialize(pt));
	lie.partition = sim_newest_partition(self->ctl);
	check.partition = lie.partition;
	memset(mem, 1, bytes);
	OK(memory_map(pt, 0, mem, bytes, MEM_W | MEM_X));
	OK(touch_memory(self->ctl, lie.partition, pt, mem));
	OK(sim_ioctl(self->ctl, MSHV_SIM_CHECK, &check));
	EXPECT_U64(0, check.found);
	EXPECT_LE(1, (int64_t)check.pages);

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &lie));
	OK(memory_unmap(pt, 0, mem, bytes));
	ASSERT_EQ(0, munmap(mem, bytes));
	OK(sim_ioctl(self->ctl, MSHV_SIM_CHECK, &check));
	/* Some may have found a new owner meanwhile. */
	EXPECT_LT(0, (int64_t)(check.found));
	EXPECT_U64(check.found, sim_forgive(self->ctl, NULL));
}

TEST_F(control, ledger)
{
	struct mshv_sim_ledger l = { .size = sizeof(l) };
	int pt = OK(partition_create(self->dev, 0)), vp;

	OK(partition_initialize(pt));
	l.partition = sim_newest_partition(self->ctl);
	OK(sim_ioctl(self->ctl, MSHV_SIM_LEDGER, &l));
	EXPECT_U64(1, l.partitions);
	EXPECT_U64(0, l.vps);
	EXPECT_LT(0, (int64_t)(l.deposited_pages));
	vp = OK(vp_create(pt, 0));
	OK(sim_ioctl(self->ctl, MSHV_SIM_LEDGER, &l));
	EXPECT_U64(1, l.vps);
	EXPECT_U64(2, l.state_pages);
	close(vp);
	close(pt);
	OK(sim_ioctl(self->ctl, MSHV_SIM_LEDGER, &l));
	EXPECT_U64(0, l.partitions);
	EXPECT_U64(0, l.deposited_pages);
}

/* ------------------------------------------------------------------ hostile */

static uint32_t seed = 12345;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* Whatever is asked, the answer is an errno. */
/* Twenty thousand calls take long where KASAN looks at each. */
TEST_F_TIMEOUT(control, nonsense, 300)
{
	uint8_t *page = PAGES(PAGE_BYTES);
	int ctl = -1;
	int i, k;

	for (i = 0; i < 20000; i++) {
		const size_t c = rnd() % ARRAY_SIZE(commands);
		uint32_t *words = (uint32_t *)page;

		if (ctl < 0 || rnd() % 64 == 0) {
			if (ctl >= 0)
				close(ctl);
			ctl = OK(sim_open());
		}
		memset(page, 0, PAGE_BYTES);
		words[0] = rnd() % 16 ? commands[c].size : rnd() % 600;
		for (k = rnd() % 8; k > 0; k--) {
			uint32_t at = 1 + rnd() % (commands[c].size / 4 - 1);

			words[at] = rnd() % 2 ? rnd() % 9 : rnd();
		}
		/* A message that the driver does not know would block its slot. */
		if (commands[c].command == MSHV_SIM_POST_MESSAGE)
			((struct mshv_sim_message *)page)->message[0] = 0,
			*(uint32_t *)((struct mshv_sim_message *)page)->message =
				rnd() % 2 ? HVMSG_SCHEDULER_VP_SIGNAL_PAIR : 0;
		sim_ioctl(ctl, commands[c].command, page);
		if (rnd() % 16 == 0)
			(void)!read(ctl, page, rnd() % PAGE_BYTES);
	}
	close(ctl);
	EXPECT_EQ(0, close(OK(partition_create(self->dev, 0))));
}

MSHV_TEST_MAIN
