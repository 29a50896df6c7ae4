// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation, with each of its hypercalls refused in each way: the errno is
 * the right one, nothing is left behind, and the operation then succeeds.
 * Needs the simulator: nobody can make a real hypervisor refuse.
 */
#include <unistd.h>

#include <mshv/hv_status.h>

#include "mshv_test.h"
#include "x86/sweep.h"

#define SITES_MAX	64
#define NTH_MAX		4

static const uint16_t statuses[] = {
	HV_STATUS_INVALID_HYPERCALL_CODE, HV_STATUS_INVALID_PARAMETER,
	HV_STATUS_ACCESS_DENIED, HV_STATUS_INVALID_PARTITION_STATE,
	HV_STATUS_OPERATION_DENIED, HV_STATUS_INVALID_VP_STATE,
	HV_STATUS_NO_RESOURCES, HV_STATUS_PROCESSOR_FEATURE_NOT_SUPPORTED,
	HV_STATUS_OPERATION_FAILED, HV_STATUS_TIME_OUT,
	0x7abc,			/* none that anybody knows */
	HV_STATUS_INSUFFICIENT_MEMORY, HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY,
	HV_STATUS_INSUFFICIENT_ROOT_MEMORY, HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY,
};

static bool asks_for_root_memory(uint16_t status)
{
	return status == HV_STATUS_INSUFFICIENT_ROOT_MEMORY ||
	       status == HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY;
}

static bool asks_for_memory(uint16_t status)
{
	return status == HV_STATUS_INSUFFICIENT_MEMORY ||
	       status == HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY ||
	       asks_for_root_memory(status);
}

/* ------------------------------------------------- what the driver should do */

enum outcome {
	FAILS,		/* the status' errno */
	DEPOSITS,	/* the same, but for memory: it is given, the call made again */
	OPTIONAL,	/* as DEPOSITS, but INVALID_PARAMETER: there is none, go on */
	IGNORED,	/* the operation succeeds: nobody could do better */
	/*
	 * The same. Had the call no effect either, the hypervisor would keep what is
	 * taken apart for good: it does what it is told, and says that it did not.
	 */
	DONE_ANYWAY,
	ELSEWHERE,	/* ends the machine: see defects/ */
};

/* What happens instead: this and nothing else, see docs/driver-findings.md. */
enum defect {
	NO_DEFECT,
	UNMAP_LIES,	/* F31: success, without the effect */
	FINAL,		/* F32: the errno, and then the one of a partition that is finalized */
	ROOT_MEMORY,	/* F40: memory that the root shall have is the partition's */
};

static const char *const defects[] = {
	[UNMAP_LIES] = "the hypervisor still maps memory that was unmapped with success",
	[FINAL] = "a partition that was not initialized to the end never will be",
	[ROOT_MEMORY] = "who asks for memory of the root gets it for the partition",
};

struct rule {
	const char *op;		/* NULL: any */
	uint16_t code;		/* 0: any */
	int nth;		/* ANY_NTH: any */
	enum outcome outcome;
	enum defect defect;
};

#define ANY_NTH	(-1)

/* The first row that fits; the last one always does. */
static const struct rule rules[] = {
	/* Taking apart goes on whatever happens. */
	{ "close", HVCALL_GET_VP_REGISTERS, ANY_NTH, ELSEWHERE, NO_DEFECT },
	{ "close", 0, ANY_NTH, DONE_ANYWAY, NO_DEFECT },
	{ "close_uninitialized", 0, ANY_NTH, DONE_ANYWAY, NO_DEFECT },
	{ "ioeventfd_deassign", 0, ANY_NTH, DONE_ANYWAY, NO_DEFECT },
	{ "assert_interrupt", 0, ANY_NTH, DEPOSITS, NO_DEFECT },
	{ "access_states", 0, ANY_NTH, DEPOSITS, NO_DEFECT },
	/* An interrupt comes from a wake-up, which has nobody to tell. */
	{ NULL, HVCALL_ASSERT_VIRTUAL_INTERRUPT, ANY_NTH, IGNORED, NO_DEFECT },
	{ "unmap", HVCALL_UNMAP_GPA_PAGES, ANY_NTH, FAILS, UNMAP_LIES },
	{ "map", HVCALL_MAP_GPA_PAGES, ANY_NTH, DEPOSITS, ROOT_MEMORY },
	{ "map_batches", HVCALL_MAP_GPA_PAGES, ANY_NTH, DEPOSITS, ROOT_MEMORY },
	{ "initialize", HVCALL_MAP_STATS_PAGE, 0, DEPOSITS, FINAL },
	{ "initialize", HVCALL_MAP_STATS_PAGE, 1, OPTIONAL, FINAL },
	{ "initialize", HVCALL_MAP_STATS_PAGE2, ANY_NTH, DEPOSITS, FINAL },
	{ "create_vp", HVCALL_MAP_STATS_PAGE, 1, OPTIONAL, NO_DEFECT },
	/* The caller's own calls are all made again. */
	{ "get_registers", 0, ANY_NTH, DEPOSITS, NO_DEFECT },
	{ "set_registers", 0, ANY_NTH, DEPOSITS, NO_DEFECT },
	{ "get_property", 0, ANY_NTH, DEPOSITS, NO_DEFECT },
	{ NULL, HVCALL_DEPOSIT_MEMORY, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, HVCALL_GET_VP_REGISTERS, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, HVCALL_SET_VP_REGISTERS, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, HVCALL_GET_PARTITION_PROPERTY, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, HVCALL_GET_GPA_PAGES_ACCESS_STATES, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, HVCALL_DISPATCH_VP, ANY_NTH, FAILS, NO_DEFECT },
	{ NULL, 0, ANY_NTH, DEPOSITS, NO_DEFECT },
};

static const struct rule *rule_for(const struct sweep_op *op, const struct sweep_site *site)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules) - 1; i++)
		if ((!rules[i].op || !strcmp(rules[i].op, op->name)) &&
		    (!rules[i].code || rules[i].code == site->code) &&
		    (rules[i].nth == ANY_NTH || rules[i].nth == site->nth))
			break;
	return &rules[i];
}

/* Who is no root itself has no root's memory to give. */
static bool can_be_given(uint16_t status, bool l1vh)
{
	return asks_for_memory(status) && !(l1vh && asks_for_root_memory(status));
}

static bool succeeds(enum outcome outcome, uint16_t status, bool l1vh)
{
	switch (outcome) {
	case FAILS:
		return false;
	case IGNORED:
	case DONE_ANYWAY:
	case ELSEWHERE:
		return true;
	case OPTIONAL:
		if (status == HV_STATUS_INVALID_PARAMETER)
			return true;
		break;
	case DEPOSITS:
		break;
	}
	return can_be_given(status, l1vh);
}

FIXTURE(sweep) {
	struct env env;
	int ctl;
	bool l1vh;
	uint64_t root;
	unsigned int injected, defects;
	enum defect defect;
};

FIXTURE_VARIANT(sweep) {
	const char *op;
};

#define VARIANT(name) FIXTURE_VARIANT_ADD(sweep, name) { .op = #name };
SWEEP_OPS(VARIANT)

FIXTURE_SETUP(sweep)
{
	struct mshv_sim_probe probe;

	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &probe));
	self->l1vh = probe.l1vh;
	self->root = probe.root_partition;
}

MSHV_TEARDOWN(sweep)

struct attempt {
	const struct sweep_op *op;
	const struct rule *rule;
	struct sweep_site site;
	uint16_t status;
	bool known;		/* it was the rule's defect */
};

#define EXPECT_OF(a, condition, fmt, ...) do {					\
	EXPECT_TRUE(condition) {						\
		TH_LOG("%s, call %#x number %u answers %#x: " fmt,		\
		       (a)->op->name, (a)->site.code, (a)->site.nth,		\
		       (a)->status, ##__VA_ARGS__);				\
	}									\
} while (0)

/* Who was given memory when the call had failed; 0: nobody. */
static uint64_t given_to(int ctl, uint32_t fault)
{
	struct mshv_sim_record record;
	bool failed = false;

	while (read(ctl, &record, sizeof(record)) == sizeof(record)) {
		failed |= record.fault == fault;
		if (failed && (uint16_t)record.control == HVCALL_DEPOSIT_MEMORY)
			return *(uint64_t *)record.input;
	}
	return 0;
}

/* FINAL is for try_again() to see. */
static bool shows_defect(const struct attempt *a, struct sweep *s, int ret, int expected,
			 uint64_t owner)
{
	if (a->rule->defect == UNMAP_LIES)
		return !ret && expected && a->op->check(s);
	if (a->rule->defect == ROOT_MEMORY)
		return !ret && owner && owner == sim_newest_partition(s->ctl);
	return false;
}

static int try_again(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) *self,
		     struct attempt *a, struct sweep *s, const struct sweep_holdings *before,
		     int finalized)
{
	struct sweep_holdings after;
	const char *difference;
	int ret;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(before, &after);
	EXPECT_OF(a, !difference, "left behind: %s", difference);
	ret = a->op->operate(s);
	a->known = a->rule->defect == FINAL && ret == finalized;
	if (!a->known)
		EXPECT_OF(a, !ret, "again: %s", strerror(-ret));
	return ret;
}

static void attempt(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) *self,
		    struct attempt *a)
{
	struct mshv_sim_fault fault = {
		.size = sizeof(fault),
		.flags = MSHV_SIM_FAULT_STATUS |
			 (a->rule->outcome == DONE_ANYWAY ? MSHV_SIM_FAULT_AFTER : 0),
		.code = a->site.code,
		.status = a->status,
		.vp = MSHV_SIM_ANY_VP,
		.skip = a->site.nth,
		.count = 1,
	};
	const bool success = succeeds(a->rule->outcome, a->status, self->l1vh);
	const bool for_root = asks_for_root_memory(a->status) &&
			      (a->rule->outcome == DEPOSITS || a->rule->outcome == OPTIONAL);
	const int finalized = sweep_errno(self->ctl, HV_STATUS_INVALID_PARTITION_STATE);
	struct mshv_sim_recording recording = {
		.size = sizeof(recording), .code = MSHV_SIM_ANY_CODE,
	};
	int expected = success ? 0 : asks_for_memory(a->status) ? -ENOMEM :
				     sweep_errno(self->ctl, a->status);
	struct sweep_holdings start, before, after;
	uint64_t owner = 0;
	const char *difference;
	struct sweep s;
	int ret, others = 0;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &start));
	ASSERT_EQ(0, sweep_begin(&s, a->op, self->ctl));
	ASSERT_EQ(0, sweep_holdings(self->ctl, &before));
	if (for_root)
		OK(sim_ioctl(self->ctl, MSHV_SIM_RECORD_START, &recording));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &fault));
	ret = a->op->operate(&s);
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &fault));
	if (for_root) {
		OK(sim_ioctl(self->ctl, MSHV_SIM_RECORD_STOP, &recording));
		owner = given_to(self->ctl, fault.id);
	}
	/* The host's interrupts may have dispatched a VP again each time it was recorded. */
	if (!fault.hits && a->site.code == HVCALL_DISPATCH_VP && a->site.nth)
		expected = 0;
	else
		ASSERT_U64(1, fault.hits);
	a->known = shows_defect(a, &s, ret, expected, owner);
	if (!a->known) {
		EXPECT_OF(a, ret == expected, "%s, and not %s", strerror(-ret),
			  strerror(-expected));
		if (for_root && success)
			EXPECT_OF(a, owner == self->root || owner == HV_PARTITION_ID_SELF,
				  "memory for partition %#llx", (unsigned long long)owner);
	}
	if (ret)
		ret = try_again(_metadata, self, a, &s, &before, finalized);
	if (!ret && !(a->known && a->rule->defect == UNMAP_LIES)) {
		ret = a->op->check(&s);
		EXPECT_OF(a, !ret, "no effect: %s", strerror(-ret));
	}
	sweep_end(&s);
	/* The guest can still reach it, as the simulator has found. */
	if (a->known && a->rule->defect == UNMAP_LIES) {
		EXPECT_LE(0, sim_forgive_text(self->ctl, ": not pinned or watched", NULL, &others));
		EXPECT_EQ(0, others);
	}
	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(&start, &after);
	EXPECT_OF(a, !difference, "left in the end: %s", difference);
	self->injected++;
	if (a->known) {
		self->defects++;
		self->defect = a->rule->defect;
	}
}

/* What the driver does without the hypervisor. */
static bool has_sites(const struct sweep_op *op)
{
	static const char *const without[] = { "route", "irqfd", "irqfd_deassign" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(without); i++)
		if (!strcmp(op->name, without[i]))
			return false;
	return true;
}

TEST_F_TIMEOUT(sweep, hypercalls, 300)
{
	const struct sweep_op *op = sweep_find(variant->op);
	const char *missing;
	struct sweep_site sites[SITES_MAX];
	struct attempt a;
	int i, n;
	size_t k;

	ASSERT_NE(NULL, op);
	missing = sweep_missing(op, self->ctl);
	if (missing)
		SKIP(return, "%s", missing);
	n = sweep_sites(op, self->ctl, sites, SITES_MAX, NTH_MAX);
	ASSERT_LE(0, n) {
		TH_LOG("cannot be recorded: %s", strerror(-n));
	}
	ASSERT_GT(SITES_MAX, n);
	ASSERT_LE(has_sites(op), n);
	for (i = 0; i < n; i++) {
		if (rule_for(op, &sites[i])->outcome == ELSEWHERE)
			continue;
		for (k = 0; k < ARRAY_SIZE(statuses); k++) {
			a = (struct attempt) {
				.op = op, .rule = rule_for(op, &sites[i]),
				.site = sites[i], .status = statuses[k],
			};
			attempt(_metadata, self, &a);
		}
	}
	ksft_print_msg("%s: %d call sites, %u failures injected\n", op->name, n,
		       self->injected);
	if (self->defects)
		DRIVER_DEFECT(return, "%s (%u of %u)", defects[self->defect], self->defects,
			      self->injected);
}

MSHV_TEST_MAIN
