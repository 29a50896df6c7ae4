// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the driver loads and unloads below each kind of hypervisor, and what it leaves
 * when it does not: with each of its hypercalls refused, and without a hypervisor.
 * Loads and unloads both modules itself; vm/run says where they are.  Whoever comes
 * next finds what was there.
 */
#include <unistd.h>

#include <mshv/hv_status.h>
#include <mshv/hv_system.h>

#include "mshv_test.h"
#include "modules.h"
#include "sim.h"

#define RECORDS		256
#define SITES_MAX	32

/* ------------------------------------------------------------- witnesses */

static int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* How many lines with this came since the log was opened or asked last. */
static int log_count(int fd, const char *text)
{
	char record[4096];
	int found = 0;
	ssize_t n;

	while ((n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		found += strstr(record, text) != NULL;
	}
	return found;
}

/* Statistics pages that recorded calls have mapped and not unmapped again. */
static int stats_left(int ctl)
{
	struct mshv_sim_record r;
	int left = 0;

	while (read(ctl, &r, sizeof(r)) == sizeof(r)) {
		uint16_t code = r.control;

		if (r.status)
			continue;
		left += code == HVCALL_MAP_STATS_PAGE || code == HVCALL_MAP_STATS_PAGE2;
		left -= code == HVCALL_UNMAP_STATS_PAGE;
	}
	return left;
}

static int record(int ctl)
{
	struct mshv_sim_recording r = {
		.size = sizeof(r), .records = RECORDS, .code = MSHV_SIM_ANY_CODE,
	};

	return sim_ioctl(ctl, MSHV_SIM_RECORD_START, &r);
}

/* 0: the driver can be used. */
static int driver_works(void)
{
	int dev = dev_open(), pt, vp, ret;

	if (dev < 0)
		return dev;
	pt = partition_create(dev, 0);
	ret = pt < 0 ? pt : partition_initialize(pt);
	vp = ret ? ret : vp_create(pt, 0);
	if (vp >= 0)
		close(vp);
	if (pt >= 0)
		close(pt);
	close(dev);
	return vp < 0 ? vp : 0;
}

/* -------------------------------------------------------------- fixtures */

FIXTURE(load) {
	struct env env;
	int ctl, log;
};

FIXTURE_VARIANT(load) {
	const char *parameters;	/* of the simulator */
	const char *says;	/* what the driver tells the log about it */
};

FIXTURE_VARIANT_ADD(load, root) {
	.parameters = "sched=root", .says = "using root scheduler",
};
FIXTURE_VARIANT_ADD(load, core_smt) {
	.parameters = "sched=core_smt", .says = "using core scheduler",
};
FIXTURE_VARIANT_ADD(load, lp) {
	.parameters = "sched=lp", .says = "using classic scheduler without SMT",
};
FIXTURE_VARIANT_ADD(load, lp_smt) {
	.parameters = "sched=lp_smt", .says = "using classic scheduler with SMT",
};
FIXTURE_VARIANT_ADD(load, l1vh) {
	.parameters = "type=l1vh sched=core_smt", .says = "using core scheduler",
};
FIXTURE_VARIANT_ADD(load, l1vh_root) {
	.parameters = "type=l1vh sched=root", .says = "using root scheduler",
};
FIXTURE_VARIANT_ADD(load, overlay) {
	.parameters = "type=l1vh sched=root overlay=1", .says = "using root scheduler",
};
FIXTURE_VARIANT_ADD(load, old) {
	.parameters = "parent_stats=0 ext_properties=0 build=1000",
	.says = "unvalidated Hyper-V version",
};

#define SETUP(self, parameters) do {						\
	NEEDS_MODULES();							\
	OK(sim_want(parameters));						\
	(self)->ctl = OK(sim_open());						\
	(self)->log = OK(log_open());						\
	MSHV_SETUP(self);							\
} while (0)

FIXTURE_SETUP(load)
{
	SETUP(self, variant->parameters);
}

MSHV_TEARDOWN(load)

/* --------------------------------------------------------------- success */

TEST_F(load, works)
{
	OK(record(self->ctl));
	OK(driver_load());
	EXPECT_EQ(1, log_count(self->log, variant->says));
	EXPECT_EQ(0, driver_works());
	OK(driver_unload());
	EXPECT_EQ(-ENOENT, dev_open());
	EXPECT_EQ(0, stats_left(self->ctl));
}

/* -------------------------------------------------------- a call is refused */

FIXTURE(refusal) {
	struct env env;
	int ctl, log;
};

/* Kinds of hypervisor that are asked other things. */
FIXTURE_VARIANT(refusal) {
	const char *parameters;
	bool l1vh;
};

FIXTURE_VARIANT_ADD(refusal, root) { .parameters = "sched=root" };
FIXTURE_VARIANT_ADD(refusal, l1vh) { .parameters = "type=l1vh sched=root", .l1vh = true };
FIXTURE_VARIANT_ADD(refusal, overlay) {
	.parameters = "type=l1vh sched=root overlay=1", .l1vh = true,
};

FIXTURE_SETUP(refusal)
{
	SETUP(self, variant->parameters);
}

MSHV_TEARDOWN(refusal)

struct site {
	uint16_t code, nth;
	bool parent;	/* statistics of the parent's area */
};

static int find_sites(int ctl, struct site *sites)
{
	struct mshv_sim_record r;
	int n = 0, i;

	while (read(ctl, &r, sizeof(r)) == sizeof(r) && n < SITES_MAX) {
		const struct hv_input_map_stats_page *in = (void *)r.input;

		sites[n] = (struct site) { .code = r.control };
		for (i = 0; i < n; i++)
			sites[n].nth += sites[i].code == sites[n].code;
		sites[n].parent = sites[n].code == HVCALL_MAP_STATS_PAGE &&
				  in->identity.hv.stats_area_type == HV_STATS_AREA_PARENT;
		n++;
	}
	return n;
}

static const struct {
	uint16_t status;
	int error;
} answers[] = {
	{ HV_STATUS_OPERATION_FAILED, -EIO },
	{ HV_STATUS_INVALID_PARAMETER, -EINVAL },
	{ HV_STATUS_INSUFFICIENT_MEMORY, -ENOMEM },
};

/* What loading gives if the hypervisor answers so. */
static int expected(const struct site *site, uint16_t status, int error, bool l1vh)
{
	switch (site->code) {
	case HVCALL_MAP_STATS_PAGE:
	case HVCALL_MAP_STATS_PAGE2:
		if (status == HV_STATUS_INSUFFICIENT_MEMORY)
			return 0;	/* it is given, and the call made again */
		/* hypervisors without a parent's area say this */
		if (site->parent && status == HV_STATUS_INVALID_PARAMETER)
			return 0;
		return error;
	case HVCALL_GET_PARTITION_PROPERTY_EX:
		return l1vh ? error : 0;	/* a root has no need of the capabilities */
	default:
		return error;
	}
}

TEST_F_TIMEOUT(refusal, load, 600)
{
	struct site sites[SITES_MAX];
	int n, i, ret, want;
	size_t k;

	/* the first time memory is deposited for good */
	OK(driver_load());
	OK(driver_unload());
	OK(record(self->ctl));
	OK(driver_load());
	n = find_sites(self->ctl, sites);
	OK(driver_unload());
	/* the capabilities or the scheduler, and statistics of the partition and a VP */
	ASSERT_LE(3, n);
	ASSERT_GT(SITES_MAX, n);
	for (i = 0; i < n; i++) {
		for (k = 0; k < ARRAY_SIZE(answers); k++) {
			struct mshv_sim_fault f = {
				.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
				.code = sites[i].code, .status = answers[k].status,
				.vp = MSHV_SIM_ANY_VP, .skip = sites[i].nth, .count = 1,
			};

			want = expected(&sites[i], f.status, answers[k].error, variant->l1vh);
			OK(record(self->ctl));
			OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
			ret = driver_load();
			OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
			EXPECT_EQ(want, ret) {
				TH_LOG("call %#x number %u answers %#x", f.code, f.skip, f.status);
			}
			EXPECT_U64(1, f.hits);
			EXPECT_EQ(ret ? -ENOENT : 0, driver_works());
			OK(driver_unload());
			EXPECT_EQ(0, stats_left(self->ctl)) {
				TH_LOG("call %#x number %u answers %#x", f.code, f.skip, f.status);
			}
		}
	}
	OK(driver_load());
	EXPECT_EQ(0, driver_works());
	ksft_print_msg("%d calls, each refused in %zu ways\n", n, ARRAY_SIZE(answers));
}

/* Unloading cannot fail: it tells the log of each page, and goes on. */
TEST_F(refusal, unload)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS | MSHV_SIM_FAULT_AFTER,
		.code = HVCALL_UNMAP_STATS_PAGE, .status = HV_STATUS_OPERATION_FAILED,
		.vp = MSHV_SIM_ANY_VP,
	};

	OK(driver_load());
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	log_count(self->log, "");
	OK(driver_unload());
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_REMOVE, &f));
	EXPECT_LE(2u, f.hits);
	EXPECT_EQ((int)f.hits, log_count(self->log, "failed to unmap"));
	OK(driver_load());
	EXPECT_EQ(0, driver_works());
}

/* ------------------------------------------------ what the hypervisor says */

static int say(int ctl, uint32_t kind, uint32_t index, uint32_t word, uint64_t value,
	       uint64_t mask)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = kind, .index = index, .vp = MSHV_SIM_ANY_VP,
		.word = word, .value = value, .mask = mask,
	};

	return sim_ioctl(ctl, MSHV_SIM_OVERRIDE_ADD, &o);
}

/* A scheduler that nobody knows: the one and only place that names it is for a root. */
TEST_F(refusal, unknown_scheduler)
{
	OK(say(self->ctl, MSHV_SIM_OVERRIDE_SYSTEM, HV_SYSTEM_PROPERTY_SCHEDULER_TYPE, 0,
	       HV_SCHEDULER_TYPE_MAX + 2, ~0ull));
	OK(record(self->ctl));
	EXPECT_EQ(variant->l1vh ? 0 : -EOPNOTSUPP, driver_load());
	EXPECT_EQ(variant->l1vh ? 0 : 1, log_count(self->log, "using unknown scheduler"));
	OK(driver_unload());
	EXPECT_EQ(0, stats_left(self->ctl));
}

/* An L1VH parent may schedule VPs itself, but does not have to. */
TEST_F(refusal, integrated_scheduler)
{
	const struct hv_partition_property_vmm_capabilities caps = {
		.vmm_enable_integrated_scheduler = 1,
	};
	bool on;
	int i;

	for (i = 0; i < 2; i++) {
		on = i;
		OK(say(self->ctl, MSHV_SIM_OVERRIDE_PROPERTY_EX,
		       HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 1, caps.as_uint64[0],
		       caps.as_uint64[0]));
		OK(say(self->ctl, MSHV_SIM_OVERRIDE_PROPERTY_EX,
		       HV_PARTITION_PROPERTY_INTEGRATED_SCHEDULER_ENABLED, 0, on, ~0ull));
		log_count(self->log, "");
		OK(driver_load());
		EXPECT_EQ(1, log_count(self->log, !variant->l1vh ? "Hypervisor using" :
				       on ? "using root scheduler" : "using core scheduler"));
		OK(driver_unload());
	}
}

/* ---------------------------------------------------------- no hypervisor */

FIXTURE(bare) {
	struct env env;
	int ctl, log;
};

FIXTURE_SETUP(bare)
{
	SETUP(self, "");
	ASSERT_EQ(0, close(self->ctl));
	OK(sim_unload());
	MSHV_SETUP(self);
}

MSHV_TEARDOWN(bare)

TEST_F(bare, no_hypervisor)
{
	EXPECT_EQ(-ENODEV, driver_load());
	EXPECT_EQ(-ENOENT, dev_open());
}

static int require(char *why, size_t size)
{
	int ret = env_require_device(why, size);

	return ret ? ret : modules_borrow(why, size);
}

MSHV_TEST_MAIN_OF(require)
