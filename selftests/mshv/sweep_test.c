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

static bool asks_for_memory(uint16_t status)
{
	return status == HV_STATUS_INSUFFICIENT_MEMORY ||
	       status == HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY ||
	       status == HV_STATUS_INSUFFICIENT_ROOT_MEMORY ||
	       status == HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY;
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

struct rule {
	const char *op;		/* NULL: any */
	uint16_t code;		/* 0: any */
	int nth;		/* ANY_NTH: any */
	enum outcome outcome;
	const char *defect;	/* of the driver: what happens instead */
};

#define ANY_NTH	(-1)
#define FINAL		"a partition that was not initialized to the end never will be"
#define ROOT_MEMORY	"who asks for memory of the root gets it for the partition"
#define UNMAP_LIES	"the hypervisor still maps memory that was unmapped with success"

/* The first row that fits; the last one always does. */
static const struct rule rules[] = {
	/* Taking apart goes on whatever happens. */
	{ "close", HVCALL_GET_VP_REGISTERS, ANY_NTH, ELSEWHERE, NULL },
	{ "close", 0, ANY_NTH, DONE_ANYWAY, NULL },
	{ "close_uninitialized", 0, ANY_NTH, DONE_ANYWAY, NULL },
	{ "ioeventfd_deassign", 0, ANY_NTH, DONE_ANYWAY, NULL },
	{ "assert_interrupt", 0, ANY_NTH, DEPOSITS, NULL },
	{ "access_states", 0, ANY_NTH, DEPOSITS, NULL },
	/* An interrupt comes from a wake-up, which has nobody to tell. */
	{ NULL, HVCALL_ASSERT_VIRTUAL_INTERRUPT, ANY_NTH, IGNORED, NULL },
	{ "unmap", HVCALL_UNMAP_GPA_PAGES, ANY_NTH, FAILS, UNMAP_LIES },
	{ "map", HVCALL_MAP_GPA_PAGES, ANY_NTH, DEPOSITS, ROOT_MEMORY },
	{ "map_batches", HVCALL_MAP_GPA_PAGES, ANY_NTH, DEPOSITS, ROOT_MEMORY },
	{ "initialize", HVCALL_MAP_STATS_PAGE, 0, DEPOSITS, FINAL },
	{ "initialize", HVCALL_MAP_STATS_PAGE, 1, OPTIONAL, FINAL },
	{ "initialize", HVCALL_MAP_STATS_PAGE2, ANY_NTH, DEPOSITS, FINAL },
	{ "create_vp", HVCALL_MAP_STATS_PAGE, 1, OPTIONAL, NULL },
	/* The caller's own calls are all made again. */
	{ "get_registers", 0, ANY_NTH, DEPOSITS, NULL },
	{ "set_registers", 0, ANY_NTH, DEPOSITS, NULL },
	{ "get_property", 0, ANY_NTH, DEPOSITS, NULL },
	{ NULL, HVCALL_DEPOSIT_MEMORY, ANY_NTH, FAILS, NULL },
	{ NULL, HVCALL_GET_VP_REGISTERS, ANY_NTH, FAILS, NULL },
	{ NULL, HVCALL_SET_VP_REGISTERS, ANY_NTH, FAILS, NULL },
	{ NULL, HVCALL_GET_PARTITION_PROPERTY, ANY_NTH, FAILS, NULL },
	{ NULL, HVCALL_GET_GPA_PAGES_ACCESS_STATES, ANY_NTH, FAILS, NULL },
	{ NULL, HVCALL_DISPATCH_VP, ANY_NTH, FAILS, NULL },
	{ NULL, 0, ANY_NTH, DEPOSITS, NULL },
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
	return asks_for_memory(status) &&
	       !(l1vh && (status == HV_STATUS_INSUFFICIENT_ROOT_MEMORY ||
			  status == HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY));
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
	int ctl, dev;
	bool l1vh;
	unsigned int injected, defects;
	const char *defect;
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
	self->dev = OK(dev_open());
}

MSHV_TEARDOWN(sweep)

/* What this driver's errno for the status is; status_errno_test knows if it is right. */
static int errno_of(FIXTURE_DATA(sweep) *self, uint16_t status)
{
	int rule, ret;

	if (asks_for_memory(status))
		return -ENOMEM;
	rule = sim_fail_once(self->ctl, HVCALL_CREATE_PARTITION, 0, status);
	if (rule < 0)
		return rule;
	ret = partition_create(self->dev, 0);
	if (ret >= 0)
		close(ret);
	return sim_fault_hits(self->ctl, rule) == 1 ? ret : -ENODATA;
}

struct attempt {
	const struct sweep_op *op;
	const struct rule *rule;
	struct sweep_site site;
	uint16_t status;
	bool bad;
};

/* Not as it should be: a defect that is known, or a failure of the test. */
#define BAD(a, fmt, ...) do {							\
	(a)->bad = true;							\
	if (!(a)->rule->defect) {						\
		EXPECT_FALSE((a)->bad) {					\
			TH_LOG("%s, call %#x number %u answers %#x: " fmt,	\
			       (a)->op->name, (a)->site.code, (a)->site.nth,	\
			       (a)->status, ##__VA_ARGS__);			\
		}								\
	}									\
} while (0)

static void try_again(struct __test_metadata *_metadata, FIXTURE_DATA(sweep) *self,
		      struct attempt *a, struct sweep *s, const struct sweep_holdings *before)
{
	struct sweep_holdings after;
	const char *difference;
	int ret;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(before, &after);
	if (difference)
		BAD(a, "left behind: %s", difference);
	ret = a->op->operate(s);
	if (ret)
		BAD(a, "again: %s", strerror(-ret));
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
	int expected = succeeds(a->rule->outcome, a->status, self->l1vh) ? 0 : errno_of(self, a->status);
	struct sweep_holdings start, before, after;
	const char *difference;
	struct sweep s;
	int ret;

	ASSERT_EQ(0, sweep_holdings(self->ctl, &start));
	ASSERT_EQ(0, sweep_begin(&s, a->op, self->ctl));
	ASSERT_EQ(0, sweep_holdings(self->ctl, &before));
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &fault));
	ret = a->op->operate(&s);
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &fault));
	/* The host's interrupts may have dispatched a VP again each time it was recorded. */
	if (!fault.hits && a->site.code == HVCALL_DISPATCH_VP && a->site.nth)
		expected = 0;
	else
		ASSERT_U64(1, fault.hits);
	if (ret != expected)
		BAD(a, "%s, and not %s", strerror(-ret), strerror(-expected));
	if (ret)
		try_again(_metadata, self, a, &s, &before);
	ret = a->bad ? 0 : a->op->check(&s);
	if (ret)
		BAD(a, "no effect: %s", strerror(-ret));
	sweep_end(&s);
	ASSERT_EQ(0, sweep_holdings(self->ctl, &after));
	difference = sweep_difference(&start, &after);
	if (difference)
		BAD(a, "left in the end: %s", difference);
	self->injected++;
	if (a->bad && a->rule->defect) {
		self->defects++;
		self->defect = a->rule->defect;
	}
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
		DRIVER_DEFECT(return, "%s (%u of %u)", self->defect, self->defects,
			      self->injected);
}

MSHV_TEST_MAIN
