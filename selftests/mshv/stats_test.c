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

/*
 * No two words of any two areas have the same, and none fits into 32 bits; a word that is no
 * counter's stays 0.
 */
#define OF_SELF		(1ull << 40)
#define OF_PARENT	(2ull << 40)
#define NOTHING		0

/* The simulator says this itself; the driver reads it when it is loaded. */
static bool is_fixed(const struct counter *c)
{
	return !strcmp(c->name, "HvLogicalProcessors");
}

/* Each counter of an area is @base and its number, or nothing. They stay when the rules go. */
static int set_all(int ctl, uint32_t type, uint64_t id, uint32_t area, const struct counter *c,
		   size_t n, uint64_t base)
{
	struct mshv_sim_override all = { .size = sizeof(all) };
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++)
		if (!is_fixed(&c[i]))
			ret = set(ctl, type, id, area, c[i].number,
				  base ? base + c[i].number : NOTHING);
	return ret ? ret : sim_ioctl(ctl, MSHV_SIM_OVERRIDE_CLEAR, &all);
}

/* CPUs that are there, online or not: a list of numbers and ranges. */
static uint64_t cpus_present(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/present", "re");
	int first, last, n = 0;

	while (f && fscanf(f, "%d", &first) == 1) {
		last = first;
		if (fscanf(f, "-%d", &last) < 0)
			last = first;
		n += last - first + 1;
		(void)!fscanf(f, ",");
	}
	if (f)
		fclose(f);
	return n;
}

/* All counters are there, once each, in order, with the values that were set. */
static void check(struct __test_metadata *_metadata, const char *path, const struct counter *c,
		  size_t n, uint64_t base)
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
		EXPECT_U64(is_fixed(k) ? cpus_present() : base + k->number, value) {
			TH_LOG("%s: %s", path, name);
		}
	}
	EXPECT_EQ(n, lines);
	fclose(f);
}

/* What the parent may know is shown; where it knows nothing, what the object knows itself. */
static void check_areas(struct __test_metadata *_metadata, FIXTURE_DATA(stats) *self,
			uint32_t type, uint64_t id, bool parent, const char *path,
			const struct counter *c, size_t n)
{
	if (parent)
		OK(set_all(self->ctl, type, id, HV_STATS_AREA_PARENT, c, n, NOTHING));
	OK(set_all(self->ctl, type, id, HV_STATS_AREA_SELF, c, n, OF_SELF));
	check(_metadata, path, c, n, OF_SELF);
	if (parent) {
		OK(set_all(self->ctl, type, id, HV_STATS_AREA_PARENT, c, n, OF_PARENT));
		check(_metadata, path, c, n, OF_PARENT);
		OK(set_all(self->ctl, type, id, HV_STATS_AREA_PARENT, c, n, NOTHING));
	}
	OK(set_all(self->ctl, type, id, HV_STATS_AREA_SELF, c, n, NOTHING));
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
	if (self->probe.l1vh) {
		EXPECT_EQ(-1, access(DEBUGFS "/stats", F_OK));
		EXPECT_EQ(-1, access(DEBUGFS "/lp", F_OK));
		return;
	}
	check_areas(_metadata, self, HV_STATS_OBJECT_HYPERVISOR, 0, false, DEBUGFS "/stats",
		    hypervisor, ARRAY_SIZE(hypervisor));
	check_areas(_metadata, self, HV_STATS_OBJECT_LOGICAL_PROCESSOR, 0, false,
		    DEBUGFS "/lp/0/stats", processor, ARRAY_SIZE(processor));
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
