// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation, from the first file to the last close, again and again: what the
 * kernel keeps for itself does not grow. The ledger of the simulator knows what the
 * driver gave away, and not what it forgot. The same of calls that are refused.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "mshv_test.h"
#include "kept.h"
#include "x86/sweep.h"

#define WARM_UP		4	/* what is allocated once, and stays */
#define CYCLES		24
#define MANY		(CYCLES * 2 / 3)	/* one a cycle, and other things come and go */
#define SETTLE_TICKS	200	/* of 100 ms: kfree_rcu() alone may wait for five seconds */

/*
 * Grace periods of RCU are what a cycle waits for most of the time; where the kernel can
 * be told to hurry, the test takes half as long.
 */
static void hurry(void)
{
	borrow_and_write("/sys/kernel/rcu_expedited", "1");
}

FIXTURE(leak) {
	struct env env;
	int ctl;
};

FIXTURE_VARIANT(leak) {
	const char *op;
};

#define VARIANT(name) FIXTURE_VARIANT_ADD(leak, name) { .op = #name };
SWEEP_OPS(VARIANT)

FIXTURE_SETUP(leak)
{
	MSHV_SIM_SETUP(self);
	hurry();
}

MSHV_TEARDOWN(leak)

static struct sweep s;

typedef int cycle_fn(const void *what, int ctl);

static int operate(const void *what, int ctl)
{
	const struct sweep_op *op = what;
	int ret = sweep_begin(&s, op, ctl);

	if (!ret)
		ret = op->operate(&s);
	if (!ret)
		ret = op->check(&s);
	sweep_end(&s);
	return ret;
}

static int cycles(cycle_fn *cycle, const void *what, int ctl, int count)
{
	int ret = 0;

	while (!ret && count--)
		ret = cycle(what, ctl);
	return ret;
}

/* What there is more of after some cycles, NULL if nothing. */
static const char *grows(cycle_fn *cycle, const void *what, int ctl, long *more)
{
	const struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };
	const struct timespec soon = { .tv_nsec = 50 * 1000 * 1000 };
	static struct kept before, after;
	const char *name = "a failure";
	int tries;

	*more = 1;
	/* What the last cycle freed is freed soon after somebody has looked. */
	if (kept_read(&before) || nanosleep(&soon, NULL) || kept_read(&before) ||
	    cycles(cycle, what, ctl, CYCLES))
		return name;
	for (tries = 0; tries < SETTLE_TICKS && name; tries++) {
		if (tries)
			nanosleep(&tick, NULL);
		if (kept_read(&after))
			break;
		name = kept_more(&before, &after, MANY, more);
	}
	return name;
}

/* The rest of the machine may take something for good, but not each time. */
static void nothing_grows(struct __test_metadata *_metadata, cycle_fn *cycle,
			  const void *what, int ctl)
{
	static struct kept unused;
	const char *name = "";
	long more = 0;
	int tries;

	/* To look needs memory, too, the first time. */
	if (kept_read(&unused) == -ENOENT)
		SKIP(return, "the kernel does not tell of its slabs: needs CONFIG_SLUB_DEBUG");
	OK(kept_read(&unused));
	OK(cycles(cycle, what, ctl, WARM_UP));
	for (tries = 0; tries < 3 && name; tries++)
		name = grows(cycle, what, ctl, &more);
	EXPECT_EQ(NULL, name) {
		TH_LOG("%s: %ld more after %d times", name, more, CYCLES);
	}
}

TEST_F(leak, again_and_again)
{
	const struct sweep_op *op = sweep_find(variant->op);
	const char *missing;

	ASSERT_NE(NULL, op);
	missing = sweep_missing(op, self->ctl);
	if (missing)
		SKIP(return, "%s", missing);
	nothing_grows(_metadata, operate, op, self->ctl);
}

/* ------------------------------------------------------------ what is refused */

#define GSI		0x51
#define BELL		0x80000000ull
#define OTHER_GPA	0x40000000ull

/* What is refused keeps nothing of what it had by then. 0: is not refused. */
#define REFUSED(err, call) do {						\
	long refused_result = (call);					\
									\
	if (refused_result != -(err)) {					\
		fprintf(stderr, "# %s: %ld\n", #call, refused_result);	\
		return -EPROTO;						\
	}								\
} while (0)

/* Pages of the kernel count when they are many. */
#define OFTEN	for (int often = 0; often < KEPT_PAGES; often++)

static char *two_pages;	/* only the first is there */

static int fail_next(uint16_t code)
{
	/* EIO in all kernels: status_errno_test */
	int id = sim_fail_once(s.ctl, code, 0, HV_STATUS_OPERATION_FAILED);

	return id < 0 ? id : 0;
}

static int refused_hvcall(void)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	};
	struct mshv_root_hvcall args = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in_sz = sizeof(in), .out_sz = sizeof(uint64_t), .out_ptr = 1,
	};

	OFTEN {
		args.in_ptr = (uintptr_t)(two_pages + PAGE_BYTES);
		REFUSED(EFAULT, mshv_ioctl(s.g.pt, MSHV_ROOT_HVCALL, &args));
	}
	OFTEN {
		args.in_ptr = (uintptr_t)&in;
		args.status = 0;
		REFUSED(EFAULT, mshv_ioctl(s.g.pt, MSHV_ROOT_HVCALL, &args));
	}
	in.property_code = 0xdeadbeef;
	OFTEN {
		args.status = 0;
		if (!mshv_ioctl(s.g.pt, MSHV_ROOT_HVCALL, &args) ||
		    args.status != HV_STATUS_UNKNOWN_PROPERTY)
			return -EPROTO;
	}
	return 0;
}

static int refused_vp_state(void)
{
	static const unsigned long requests[] = { MSHV_GET_VP_STATE, MSHV_SET_VP_STATE };
	uint32_t bytes;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		bytes = 2 * PAGE_BYTES;
		REFUSED(EFAULT, vp_state(s.g.vp[0].fd, requests[i], MSHV_VP_STATE_LAPIC,
					 two_pages, &bytes));
		bytes = PAGE_BYTES;
		REFUSED(EFAULT, vp_state(s.g.vp[0].fd, requests[i], MSHV_VP_STATE_LAPIC,
					 two_pages + PAGE_BYTES, &bytes));
		bytes = PAGE_BYTES;
		REFUSED(0, fail_next(i ? HVCALL_SET_VP_STATE : HVCALL_GET_VP_STATE));
		REFUSED(EIO, vp_state(s.g.vp[0].fd, requests[i], MSHV_VP_STATE_LAPIC,
					 two_pages, &bytes));
	}
	return 0;
}

/* New ones each time: the context of an eventfd lives as long as its file anyway. */
static int refused_irqfd(void)
{
	struct mshv_user_irqfd args = { .fd = eventfd(0, EFD_CLOEXEC), .gsi = GSI }, other;
	int back = eventfd(0, EFD_CLOEXEC);

	REFUSED(0, mshv_ioctl(s.g.pt, MSHV_IRQFD, &args));
	REFUSED(EBUSY, mshv_ioctl(s.g.pt, MSHV_IRQFD, &args));
	other = args;
	other.flags = 1u << MSHV_IRQFD_BIT_RESAMPLE;
	other.resamplefd = back;
	REFUSED(EBUSY, mshv_ioctl(s.g.pt, MSHV_IRQFD, &other));
	args.flags = 1u << MSHV_IRQFD_BIT_DEASSIGN;
	args.gsi = GSI + 1;
	REFUSED(0, mshv_ioctl(s.g.pt, MSHV_IRQFD, &args));
	args.gsi = GSI;
	REFUSED(0, mshv_ioctl(s.g.pt, MSHV_IRQFD, &args));
	/* It is edge-triggered; and what is no eventfd. */
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_IRQFD, &other));
	other.resamplefd = s.g.pt;
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_IRQFD, &other));
	other.fd = s.g.pt;
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_IRQFD, &other));
	close(args.fd);
	close(back);
	return 0;
}

static int refused_ioeventfd(void)
{
	struct mshv_user_ioeventfd args = {
		.fd = eventfd(0, EFD_CLOEXEC), .addr = BELL, .len = 4,
	}, other;

	REFUSED(0, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &args));
	other = args;
	other.fd = eventfd(0, EFD_CLOEXEC);
	REFUSED(EEXIST, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &other));
	other.flags = 1u << MSHV_IOEVENTFD_BIT_DEASSIGN;
	REFUSED(ENOENT, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &other));
	other.flags = 0;
	other.addr += 8;
	REFUSED(0, fail_next(HVCALL_CREATE_PORT));
	REFUSED(EIO, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &other));
	REFUSED(0, fail_next(HVCALL_CONNECT_PORT));
	REFUSED(EIO, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &other));
	close(other.fd);
	args.flags = 1u << MSHV_IOEVENTFD_BIT_DEASSIGN;
	REFUSED(0, mshv_ioctl(s.g.pt, MSHV_IOEVENTFD, &args));
	close(args.fd);
	return 0;
}

static int refused_routes(void)
{
	WITH_ARRAY(struct mshv_user_irq_table, entries, 300) table = { .head.nr = 300 };
	struct mshv_user_irq_table *far = (void *)(two_pages + PAGE_BYTES - sizeof(*far));
	unsigned int i;

	for (i = 0; i < table.head.nr; i++)
		table.head.entries[i] = (struct mshv_user_irq_entry) {
			.gsi = i, .address_lo = 0xfee00000, .data = GSI,
		};
	/* The last one is wrong in one way or another. */
	table.head.entries[299].gsi = 0;
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_SET_MSI_ROUTING, &table));
	table.head.entries[299].gsi = 4096;
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_SET_MSI_ROUTING, &table));
	table.head.entries[299].gsi = 299;
	table.head.entries[299].address_hi = 1;
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_SET_MSI_ROUTING, &table));
	*far = table.head;
	REFUSED(EFAULT, mshv_ioctl(s.g.pt, MSHV_SET_MSI_ROUTING, far));
	return 0;
}

static int refused_bitmap(void)
{
	struct mshv_gpap_access_bitmap args = {
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR, .page_count = SWEEP_RAM_PAGES,
		.bitmap_ptr = (uintptr_t)(two_pages + PAGE_BYTES),
	};

	REFUSED(EFAULT, mshv_ioctl(s.g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args));
	args.bitmap_ptr = (uintptr_t)two_pages;
	REFUSED(0, fail_next(HVCALL_GET_GPA_PAGES_ACCESS_STATES));
	REFUSED(EIO, mshv_ioctl(s.g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args));
	return 0;
}

static int refused_memory(void)
{
	const uint64_t bytes = SWEEP_RAM_PAGES * PAGE_BYTES;

	REFUSED(EEXIST, memory_map(s.g.pt, PAGE_BYTES, two_pages, PAGE_BYTES, MEM_W));
	REFUSED(EINVAL, memory_map(s.g.pt, OTHER_GPA, two_pages + PAGE_BYTES, PAGE_BYTES, MEM_W));
	REFUSED(ENOENT, memory_unmap(s.g.pt, OTHER_GPA, two_pages, PAGE_BYTES));
	REFUSED(EINVAL, memory_unmap(s.g.pt, 0, s.g.ram, bytes - PAGE_BYTES));
	REFUSED(0, fail_next(HVCALL_MAP_GPA_PAGES));
	REFUSED(EIO, memory_map(s.g.pt, OTHER_GPA, two_pages, PAGE_BYTES, MEM_W));
	return 0;
}

static int no_more_files(bool none)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	limit.rlim_cur = none ? 0 : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

/*
 * Of a partition that is new each time: what it got for a VP that was not to be is its
 * own until it goes.
 */
static int refused_creation(void)
{
	int pt = partition_create(s.g.dev, PT(LAPIC));
	struct mshv_create_vp vp = { .vp_index = 256 };
	struct mshv_create_partition create = { .pt_flags = PT(LAPIC), .pt_isolation = 99 };

	REFUSED(0, partition_initialize(pt));
	REFUSED(EINVAL, mshv_ioctl(s.g.dev, MSHV_CREATE_PARTITION, &create));
	REFUSED(EINVAL, mshv_ioctl(s.g.pt, MSHV_CREATE_VP, &vp));
	REFUSED(EEXIST, vp_create(s.g.pt, 0));
	REFUSED(0, no_more_files(true));
	REFUSED(EMFILE, partition_create(s.g.dev, PT(LAPIC)));
	REFUSED(EMFILE, vp_create(pt, 0));
	REFUSED(0, no_more_files(false));
	REFUSED(0, fail_next(HVCALL_CREATE_PARTITION));
	REFUSED(EIO, partition_create(s.g.dev, PT(LAPIC)));
	close(pt);
	return 0;
}

FIXTURE(refused) {
	struct env env;
	int ctl;
};

FIXTURE_VARIANT(refused) {
	int (*calls)(void);
};

FIXTURE_VARIANT_ADD(refused, hvcall) { .calls = refused_hvcall };
FIXTURE_VARIANT_ADD(refused, vp_state) { .calls = refused_vp_state };
FIXTURE_VARIANT_ADD(refused, irqfd) { .calls = refused_irqfd };
FIXTURE_VARIANT_ADD(refused, ioeventfd) { .calls = refused_ioeventfd };
FIXTURE_VARIANT_ADD(refused, routes) { .calls = refused_routes };
FIXTURE_VARIANT_ADD(refused, bitmap) { .calls = refused_bitmap };
FIXTURE_VARIANT_ADD(refused, memory) { .calls = refused_memory };
FIXTURE_VARIANT_ADD(refused, creation) { .calls = refused_creation };

FIXTURE_SETUP(refused)
{
	static const struct sweep_op nothing = {
		.name = "nothing", .stage = SWEEP_VP, .pt_flags = PT(LAPIC),
	};

	MSHV_SIM_SETUP(self);
	if (sweep_missing(&nothing, self->ctl))
		SKIP(return, "%s", sweep_missing(&nothing, self->ctl));
	hurry();
	two_pages = PAGES(2 * PAGE_BYTES);
	ASSERT_EQ(0, munmap(two_pages + PAGE_BYTES, PAGE_BYTES));
	OK(sweep_begin(&s, &nothing, self->ctl));
}

MSHV_TEARDOWN(refused)

static int refuse(const void *what, int ctl)
{
	struct mshv_sim_fault all = { .size = sizeof(all) };
	int (*const *calls)(void) = what;
	int ret = (*calls)();

	return ret ? ret : sim_ioctl(ctl, MSHV_SIM_FAULT_CLEAR, &all);
}

/* Of one partition, that is as it was afterwards. */
TEST_F(refused, again_and_again)
{
	nothing_grows(_metadata, refuse, &variant->calls, self->ctl);
	ASSERT_EQ(GUEST_EXIT, guest_run(&s.g, 0));
}

MSHV_TEST_MAIN
