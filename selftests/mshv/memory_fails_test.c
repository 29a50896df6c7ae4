// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that fails outside of an operation of a partition: while the driver loads, in
 * the threads that bring a CPU up for it, and so that memory is pinned. Needs mshv_sim
 * and a kernel with fault injection (vm/run --debug); fail_nth_test has the operations.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <mshv/hv_stats.h>
#include <mshv/hv_status.h>

#include "x86/guest_test.h"
#include "injection.h"
#include "modules.h"
#include "sim.h"

#define NTH_MAX		20000	/* loading a module takes a page at a time */
#define LOADER_PLACES	40
#define GPA		GUEST_HOLE_GPA

/* -------------------------------------------------------- loading the driver */

FIXTURE(loading) {
	struct env env;
	int ctl, nth_fd, image;
};

FIXTURE_VARIANT(loading) {
	const char *parameters;
};

FIXTURE_VARIANT_ADD(loading, root) { .parameters = "sched=root" };
FIXTURE_VARIANT_ADD(loading, overlay) { .parameters = "type=l1vh sched=root overlay=1" };

FIXTURE_SETUP(loading)
{
	int ret;

	NEEDS_MODULES();
	ret = injection_open();
	if (ret == -ENOENT)
		SKIP(return, "needs FAILSLAB, FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY and their debugfs (vm/run --debug)");
	self->nth_fd = OK(ret);
	OK(sim_reload(variant->parameters));
	self->ctl = OK(sim_open());
	self->image = OK(driver_image());
	MSHV_SETUP(self);
	self->env.memory_fails = true;
}

FIXTURE_TEARDOWN_PARENT(loading)
{
	EXPECT_EQ(0, env_end(&self->env));
	EXPECT_EQ(0, modules_give_back());
}

static int record(int ctl)
{
	struct mshv_sim_recording r = {
		.size = sizeof(r), .records = 256, .code = MSHV_SIM_ANY_CODE,
	};

	return sim_ioctl(ctl, MSHV_SIM_RECORD_START, &r);
}

/* Statistics pages that are mapped, by whose they are. */
struct stats_pages {
	int calls;		/* of any kind; 0: the driver's code was not reached */
	int of_partitions, of_others;
	int of_vps_ever;
};

static struct stats_pages stats_left(int ctl)
{
	struct stats_pages left = { 0 };
	struct mshv_sim_record r;
	const struct hv_input_map_stats_page *in = (void *)r.input;
	int n;

	while (read(ctl, &r, sizeof(r)) == sizeof(r)) {
		uint16_t code = r.control;

		left.calls++;
		if (r.status)
			continue;
		n = code == HVCALL_MAP_STATS_PAGE || code == HVCALL_MAP_STATS_PAGE2;
		n -= code == HVCALL_UNMAP_STATS_PAGE;
		if (!n)
			continue;
		if (in->type == HV_STATS_OBJECT_PARTITION)
			left.of_partitions += n;
		else
			left.of_others += n;
		left.of_vps_ever += in->type == HV_STATS_OBJECT_VP && n > 0;
	}
	return left;
}

/*
 * F39: it has mapped the pages of its own partition, and was to map those of its VPs.
 * An L1VH parent has one of the two.
 */
static bool is_f39(const struct stats_pages *left, int ret, bool l1vh)
{
	return ret == -ENOMEM && left->of_partitions == (l1vh ? 1 : 2) && !left->of_others &&
	       !left->of_vps_ever;
}

/* How many places there are in all, if none fails. */
static int count_places(int nth_fd, int image)
{
	int ret = injection_set(nth_fd, NTH_MAX), left;

	if (!ret)
		ret = driver_load_image(image);
	left = injection_rest(nth_fd);
	injection_set(nth_fd, 0);
	return ret ? ret : NTH_MAX - left;
}

/*
 * Each place of the driver in the calling thread, from the last one on. Those of the
 * module loader come before them: what it does about a failure is not looked at, and
 * in places it warns, so that a few of its last are enough to be sure.
 */
TEST_F_TIMEOUT(loading, places, 1800)
{
	int nth, places, ret, in_driver = 0, before = 0;
	struct stats_pages left;
	struct mshv_sim_probe probe;
	unsigned int lost = 0;

	OK(sim_probe(self->ctl, &probe));
	OK(driver_load());
	OK(driver_unload());
	places = OK(count_places(self->nth_fd, self->image));
	OK(driver_unload());
	ASSERT_GT(NTH_MAX, places);
	for (nth = places; nth > 0 && before < LOADER_PLACES; nth--) {
		OK(record(self->ctl));
		OK(injection_set(self->nth_fd, nth));
		ret = driver_load_image(self->image);
		OK(injection_set(self->nth_fd, 0));
		left = stats_left(self->ctl);
		if (ret)
			EXPECT_TRUE(ret == -ENOMEM || ret == -EFAULT) {
				TH_LOG("place %d: %s", nth, strerror(-ret));
			}
		if (ret)
			EXPECT_EQ(-ENOENT, dev_open());
		if (!left.calls) {
			before++;
		} else {
			in_driver += ret < 0;
			before = 0;
		}
		if (ret && (left.of_partitions || left.of_others)) {
			ksft_print_msg("place %d: %d pages of statistics stay mapped\n", nth,
				       left.of_partitions + left.of_others);
			EXPECT_TRUE(is_f39(&left, ret, probe.l1vh)) {
				TH_LOG("place %d: %s, pages of partitions: %d, of others: %d",
				       nth, strerror(-ret), left.of_partitions, left.of_others);
			}
			/* Only a simulator that forgets them lets it load again. */
			lost++;
			ASSERT_EQ(0, close(self->ctl));
			OK(sim_reload(variant->parameters));
			self->ctl = OK(sim_open());
			OK(driver_load());
		}
		OK(driver_unload());
	}
	EXPECT_LT(5, in_driver);
	OK(driver_load());
	close(OK(dev_open()));
	ksft_print_msg("%d of %d places failed in the driver\n", in_driver, places);
	if (lost)
		DRIVER_DEFECT(return, "F39: statistics pages stay mapped for want of memory (%u of %d)",
			      lost, in_driver);
}

/* The thread of the kernel that brings up @cpu for drivers. */
static int cpuhp_thread(int cpu)
{
	char path[64], name[32], wanted[32];
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	int pid = 0;
	FILE *f;

	snprintf(wanted, sizeof(wanted), "cpuhp/%d\n", cpu);
	while (dir && !pid && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.20s/comm", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f) && !strcmp(name, wanted))
			pid = atoi(entry->d_name);
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return pid ? pid : -ESRCH;
}

static int cpuhp_fail(int pid, int nth)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	snprintf(text, sizeof(text), "%d", nth);
	return borrow_and_write(path, text);
}

static int cpuhp_left(int pid)
{
	char path[64], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	close(fd);
	return atoi(text);
}

/* What a CPU needs for the driver is not there: on the first, and on the last. */
TEST_F(loading, cpus)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), cpu, nth, pid, ret, failed = 0;
	struct stats_pages left;

	for (cpu = 0; cpu < cpus; cpu++) {
		pid = OK(cpuhp_thread(cpu));
		for (nth = 1; nth < 20; nth++) {
			OK(record(self->ctl));
			OK(cpuhp_fail(pid, nth));
			ret = driver_load_image(self->image);
			if (cpuhp_left(pid))
				break;
			if (!ret) {
				/* A page for the slab allocator, which takes a smaller one instead. */
				close(OK(dev_open()));
				OK(driver_unload());
				continue;
			}
			EXPECT_TRUE(ret == -ENOMEM || ret == -EFAULT) {
				TH_LOG("CPU %d, place %d: %s", cpu, nth, strerror(-ret));
			}
			failed++;
			EXPECT_EQ(-ENOENT, dev_open());
			left = stats_left(self->ctl);
			EXPECT_EQ(0, left.of_partitions);
			EXPECT_EQ(0, left.of_others);
		}
		OK(cpuhp_fail(pid, 0));
		OK(driver_unload());
	}
	EXPECT_LE(cpus, failed);
	OK(driver_load());
	close(OK(dev_open()));
}

/* ------------------------------------------------------------- pinned memory */

/*
 * Without memory for a notifier of the process the driver pins a region: the first of
 * a process, so each test has its own.
 */
FIXTURE(pinned) {
	struct env env;
	struct guest g;
	int ctl, nth_fd;
};

FIXTURE_SETUP(pinned)
{
	int ret;

	MSHV_SIM_SETUP(self);
	ret = injection_open();
	if (ret == -ENOENT)
		SKIP(return, "needs FAILSLAB, FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY and their debugfs (vm/run --debug)");
	self->env.memory_fails = true;
	self->nth_fd = OK(ret);
	self->g.dev = OK(dev_open());
	self->g.pt = OK(partition_create(self->g.dev, 0));
	OK(partition_initialize(self->g.pt));
}

MSHV_TEARDOWN(pinned)

/* What a guest can reach: all of a pinned region at once, nothing of a movable one. */
static uint64_t reachable(int ctl)
{
	struct mshv_sim_check check = { .size = sizeof(check) };

	return sim_ioctl(ctl, MSHV_SIM_CHECK, &check) || check.found ? ~0ull : check.pages;
}

/* In a child, where the region is the first: is it pinned if the nth place fails? */
static int try_place(FIXTURE_DATA(pinned) *self, void *host, uint64_t bytes, int nth)
{
	int fd = injection_open(), ret;

	if (fd < 0 || injection_set(fd, nth))
		return -EIO;
	ret = memory_map(self->g.pt, GPA, host, bytes, MEM_W);
	injection_set(fd, 0);
	if (ret)
		return 0;
	ret = reachable(self->ctl) == bytes / PAGE_BYTES;
	memory_unmap(self->g.pt, GPA, host, bytes);
	return ret;
}

/* The place of the notifier; 0: none was found. */
static int notifier_place(FIXTURE_DATA(pinned) *self, void *host, uint64_t bytes)
{
	int nth, status;
	pid_t pid;

	for (nth = 1; nth < 40; nth++) {
		pid = fork();
		if (!pid)
			_exit(try_place(self, host, bytes, nth) == 1);
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			return 0;
		if (WEXITSTATUS(status))
			return nth;
	}
	return 0;
}

static int map_pinned(FIXTURE_DATA(pinned) *self, void *host, uint64_t bytes, int nth)
{
	int ret = injection_set(self->nth_fd, nth);

	if (!ret)
		ret = memory_map(self->g.pt, GPA, host, bytes, MEM_W);
	injection_set(self->nth_fd, 0);
	return ret;
}

/* Mapped at once, and for good: what the process does with its memory changes nothing. */
TEST_F(pinned, stays)
{
	const uint64_t pages = 700;	/* more than one hypercall takes */
	char *host = PAGES(pages * PAGE_BYTES);
	int nth;

	memset(host, 0x5a, pages * PAGE_BYTES);
	nth = notifier_place(self, host, pages * PAGE_BYTES);
	ASSERT_LT(0, nth);
	ASSERT_U64(0, reachable(self->ctl));
	OK(map_pinned(self, host, pages * PAGE_BYTES, nth));
	EXPECT_U64(pages, reachable(self->ctl));
	ASSERT_EQ(0, madvise(host, pages * PAGE_BYTES, MADV_DONTNEED));
	EXPECT_U64(pages, reachable(self->ctl));
	OK(memory_unmap(self->g.pt, GPA, host, pages * PAGE_BYTES));
	EXPECT_U64(0, reachable(self->ctl));
}

/* Memory that ends in the middle: what was pinned is let go. */
TEST_F(pinned, hole)
{
	const uint64_t pages = 8;
	char *probe = PAGES(pages * PAGE_BYTES), *host = PAGES(pages * PAGE_BYTES);
	int nth = notifier_place(self, probe, pages * PAGE_BYTES);

	ASSERT_LT(0, nth);
	ASSERT_EQ(0, munmap(host + 3 * PAGE_BYTES, 5 * PAGE_BYTES));
	EXPECT_EQ(-ENOMEM, map_pinned(self, host, pages * PAGE_BYTES, nth));
	EXPECT_U64(0, reachable(self->ctl));
	EXPECT_EQ(-ENOENT, memory_unmap(self->g.pt, GPA, host, pages * PAGE_BYTES));
	/* nothing holds the place, and what is there again works */
	OK(memory_map(self->g.pt, GPA, probe, pages * PAGE_BYTES, MEM_W));
}

/* Memory that may only be read cannot be pinned for a guest. */
TEST_F(pinned, read_only)
{
	char *probe = PAGES(4 * PAGE_BYTES), *host;
	int nth = notifier_place(self, probe, 4 * PAGE_BYTES);

	ASSERT_LT(0, nth);
	host = mmap(NULL, 4 * PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, host);
	EXPECT_EQ(-EFAULT, map_pinned(self, host, 4 * PAGE_BYTES, nth));
	EXPECT_U64(0, reachable(self->ctl));
	EXPECT_EQ(-ENOENT, memory_unmap(self->g.pt, GPA, host, 4 * PAGE_BYTES));
}

static int require(char *why, size_t size)
{
	int ret = env_require_device(why, size);

	return ret ? ret : modules_borrow(why, size);
}

MSHV_TEST_MAIN_OF(require)
