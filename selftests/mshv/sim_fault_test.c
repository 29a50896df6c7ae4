// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of mshv_sim by which hypercalls fail, and what the driver does then. Needs the
 * simulator: there is no way to make a real hypervisor fail.
 */
#include <unistd.h>

#include "mshv_test.h"
#include "sim.h"

MSHV_SIM_FIXTURE(control)

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
	int pt = OK(partition_create(self->dev, 0)), ret;
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
	ret = memory_map(pt, 0x10000, mem, 8 * PAGE_BYTES, MEM_W);
	if (!ret && !OK(sim_fault_hits(self->ctl, f.id)))
		SKIP(return, "memory is mapped when the guest touches it");
	EXPECT_GT(0, ret);
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

MSHV_SIM_FIXTURE(sweep)

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

MSHV_TEST_MAIN
