// SPDX-License-Identifier: GPL-2.0-only
/*
 * The statistics that the driver shows in debugfs: each counter has its name, its place
 * and its value. Needs mshv_sim, which lets a test choose the values.
 */
#include <stdlib.h>
#include <unistd.h>

#include <mshv/hv_stats.h>
#include <mshv/hv_stats_counters.h>

#include "mshv_test.h"
#include "sim.h"

#define DEBUGFS	"/sys/kernel/debug/mshv"

struct counter {
	unsigned int number;
	const char *name;
};

#define ROW(constant, number, name) { number, name },
static const struct counter hypervisor[] = { HV_STATS_HYPERVISOR_COUNTERS(ROW) };
static const struct counter processor[] = { HV_STATS_LP_COUNTERS(ROW) };
static const struct counter partition[] = { HV_STATS_PARTITION_COUNTERS(ROW) };
static const struct counter vp[] = { HV_STATS_VP_COUNTERS(ROW) };

FIXTURE(stats) {
	struct env env;
	struct mshv_sim_probe probe;
	int ctl, dev, pt, vp;
	uint64_t id;
};

FIXTURE_SETUP(stats)
{
	MSHV_SIM_SETUP(self);
	OK(sim_probe(self->ctl, &self->probe));
	self->dev = OK(dev_open());
	self->pt = OK(partition_create(self->dev, 0));
	OK(partition_initialize(self->pt));
	self->vp = OK(vp_create(self->pt, 0));
	self->id = sim_newest_partition(self->ctl);
}

MSHV_TEARDOWN(stats)

static int set(int ctl, uint32_t type, uint64_t id, uint32_t area, uint32_t word, uint64_t value)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = MSHV_SIM_OVERRIDE_STATS, .index = type,
		.partition = id, .vp = MSHV_SIM_ANY_VP, .area = area, .word = word,
		.value = value, .mask = ~0ull,
	};

	return sim_ioctl(ctl, MSHV_SIM_OVERRIDE_ADD, &o);
}

/* "name   : value" in each line, in the order of the numbers. */
static int next_line(FILE *f, char *name, unsigned long long *value)
{
	char line[256], *colon;

	if (!fgets(line, sizeof(line), f))
		return -ENOENT;
	colon = strrchr(line, ':');
	if (!colon)
		return -EPROTO;
	*colon = '\0';
	*value = strtoull(colon + 1, NULL, 10);
	return sscanf(line, "%127s", name) == 1 ? 0 : -EPROTO;
}

static const struct counter *find(const struct counter *c, size_t n, const char *name)
{
	while (n--)
		if (!strcmp(c[n].name, name))
			return &c[n];
	return NULL;
}

/* All counters are there, once each; those that were set have their values. */
static void check(struct __test_metadata *_metadata, const char *path, const struct counter *c,
		  size_t n, uint64_t first, uint64_t last)
{
	const struct counter *k;
	unsigned long long value;
	unsigned int before = 0;
	char name[128];
	size_t lines = 0;
	FILE *f = fopen(path, "re");

	ASSERT_NE(NULL, f) {
		TH_LOG("%s: %s", path, strerror(errno));
	}
	while (!next_line(f, name, &value)) {
		k = find(c, n, name);
		ASSERT_NE(NULL, k) {
			TH_LOG("%s: unknown counter %s", path, name);
		}
		EXPECT_LT(before, k->number);
		before = k->number;
		lines++;
		if (lines == 1)
			EXPECT_U64(first, value);
		if (lines == n)
			EXPECT_U64(last, value);
	}
	EXPECT_EQ(n, lines);
	fclose(f);
}

/* The numbers of the first and the last counter. */
static void ends(const struct counter *c, size_t n, uint32_t *low, uint32_t *high)
{
	size_t i;

	*low = *high = c[0].number;
	for (i = 1; i < n; i++) {
		if (c[i].number < *low)
			*low = c[i].number;
		if (c[i].number > *high)
			*high = c[i].number;
	}
}

/* What the parent may know is shown; where it knows nothing, what the object knows itself. */
static void check_areas(struct __test_metadata *_metadata, FIXTURE_DATA(stats) *self,
			uint32_t type, uint64_t id, bool parent, const char *path,
			const struct counter *c, size_t n)
{
	uint32_t low, high;

	ends(c, n, &low, &high);
	OK(set(self->ctl, type, id, HV_STATS_AREA_SELF, low, 1001));
	OK(set(self->ctl, type, id, HV_STATS_AREA_SELF, high, 1002));
	if (parent)
		OK(set(self->ctl, type, id, HV_STATS_AREA_PARENT, high, 2002));
	check(_metadata, path, c, n, 1001, parent ? 2002 : 1002);
}

TEST_F(stats, of_a_partition)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/partition/%llu/stats", (unsigned long long)self->id);
	check_areas(_metadata, self, HV_STATS_OBJECT_PARTITION, self->id, true, path, partition,
		    ARRAY_SIZE(partition));
}

TEST_F(stats, of_a_vp)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/partition/%llu/vp/0/stats",
		 (unsigned long long)self->id);
	check_areas(_metadata, self, HV_STATS_OBJECT_VP, self->id, true, path, vp, ARRAY_SIZE(vp));
}

/* An L1VH parent sees itself from inside only, and does not know its number. */
TEST_F(stats, of_the_parent)
{
	char path[128], name[32] = "self";

	if (!self->probe.l1vh)
		snprintf(name, sizeof(name), "%llu", (unsigned long long)self->probe.root_partition);
	snprintf(path, sizeof(path), DEBUGFS "/partition/%s/stats", name);
	check_areas(_metadata, self, HV_STATS_OBJECT_PARTITION, self->probe.root_partition,
		    !self->probe.l1vh, path, partition, ARRAY_SIZE(partition));
}

/* Only a root partition may know of the machine. */
TEST_F(stats, of_the_machine)
{
	uint32_t low, high;

	if (self->probe.l1vh) {
		EXPECT_EQ(-1, access(DEBUGFS "/stats", F_OK));
		EXPECT_EQ(-1, access(DEBUGFS "/lp", F_OK));
		return;
	}
	ends(hypervisor, ARRAY_SIZE(hypervisor), &low, &high);
	OK(set(self->ctl, HV_STATS_OBJECT_HYPERVISOR, 0, HV_STATS_AREA_SELF, high, 3002));
	check(_metadata, DEBUGFS "/stats", hypervisor, ARRAY_SIZE(hypervisor),
	      sysconf(_SC_NPROCESSORS_CONF), 3002);
	ends(processor, ARRAY_SIZE(processor), &low, &high);
	OK(set(self->ctl, HV_STATS_OBJECT_LOGICAL_PROCESSOR, 0, HV_STATS_AREA_SELF, low, 4001));
	OK(set(self->ctl, HV_STATS_OBJECT_LOGICAL_PROCESSOR, 0, HV_STATS_AREA_SELF, high, 4002));
	check(_metadata, DEBUGFS "/lp/0/stats", processor, ARRAY_SIZE(processor), 4001, 4002);
}

/* What is created appears; what is closed goes, and a file that is open does not hold it. */
TEST_F(stats, come_and_go)
{
	char dir[96], path[128], name[128];
	unsigned long long value;
	int other;
	FILE *f;

	snprintf(dir, sizeof(dir), DEBUGFS "/partition/%llu", (unsigned long long)self->id);
	snprintf(path, sizeof(path), "%s/vp/1/stats", dir);
	EXPECT_EQ(-1, access(path, F_OK));
	other = OK(vp_create(self->pt, 1));
	f = fopen(path, "re");
	ASSERT_NE(NULL, f);
	ASSERT_EQ(0, close(other));
	ASSERT_EQ(0, close(self->vp));
	EXPECT_EQ(0, access(path, F_OK));
	ASSERT_EQ(0, close(self->pt));
	EXPECT_EQ(-1, access(dir, F_OK));
	EXPECT_NE(0, next_line(f, name, &value));
	fclose(f);
}

MSHV_TEST_MAIN
