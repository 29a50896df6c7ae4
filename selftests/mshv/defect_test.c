// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defects of the driver that the simulator can show without harm; each test looks
 * for the right behaviour, and is an expected failure where the driver does what
 * its entry in docs/driver-findings.md says. defect_vm.c has those that end the
 * machine.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "x86/guest_test.h"
#include "x86/sweep.h"
#include "apic.h"
#include "huge.h"

#define VECTOR		0x61
#define MORE_GPA	0x40000000ull

MSHV_SIM_FIXTURE(defect)

static int active_partition(int dev, uint64_t flags)
{
	int pt = partition_create(dev, flags), ret;

	if (pt < 0)
		return pt;
	ret = partition_initialize(pt);
	return ret ? ret : pt;
}

/* F5: to look at the bits is one operation, to set them another. */
TEST_F(defect, f5_bitmap_noop)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_NOOP,
		.page_count = 8,
		.gpap_base = MORE_GPA / PAGE_BYTES,
	};
	int pt = OK(active_partition(self->dev, 0));
	void *host = PAGES(8 * PAGE_BYTES);
	uint64_t before = 0, after = 0;

	OK(memory_map(pt, MORE_GPA, host, 8 * PAGE_BYTES, MEM_W));
	args.bitmap_ptr = (uintptr_t)&before;
	OK(mshv_ioctl(pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args));
	args.bitmap_ptr = (uintptr_t)&after;
	OK(mshv_ioctl(pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args));
	EXPECT_U64(0, before);
	if (after != before)
		DRIVER_DEFECT(return, "F5: reading the dirty bits has set them");
}

/* F7: what the hypervisor did not write is not the caller's to see. */
TEST_F(defect, f7_output_not_cleared)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	};
	uint8_t *out = PAGES(PAGE_BYTES);
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in_bytes = sizeof(in), .in = &in,
		.out_bytes = PAGE_BYTES, .out = out,
	};
	int pt = OK(active_partition(self->dev, 0)), vp = OK(vp_create(pt, 0));
	union hv_register_value values[256];
	uint32_t names[256];
	size_t i, leaked = 0;
	int tries;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = HV_X64_REGISTER_RFLAGS;
	for (tries = 0; tries < 50 && !leaked; tries++) {
		/* Pages that were just freed are the first to be used again. */
		OK(vp_get_registers(vp, 0, names, values, ARRAY_SIZE(names)));
		OK(hvcall(pt, &call));
		for (i = sizeof(uint64_t); i < PAGE_BYTES; i++)
			leaked += out[i] != 0;
	}
	if (leaked)
		DRIVER_DEFECT(return, "F7: %zu bytes of old memory in the output", leaked);
}

/* F8: a hypercall with output always has a place for it. */
TEST_F(defect, f8_output_without_place)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	};
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY, .in_bytes = sizeof(in), .in = &in,
	};
	int pt = OK(active_partition(self->dev, 0)), ret, found, others = 0;

	ret = hvcall(pt, &call);
	found = OK(sim_forgive_text(self->ctl, " without an output page", NULL, &others));
	EXPECT_EQ(0, others);
	if (found) {
		EXPECT_EQ(1, found);
		EXPECT_GT(0, ret);
		DRIVER_DEFECT(return, "F8: output to address 0");
	}
}

/* F9: reserved bits of the control word are not the caller's. */
TEST_F(defect, f9_repeat_count)
{
	struct hv_input_get_vp_registers in = { 0 };
	union hv_register_value out[16];
	struct hvcall call = {
		.code = HVCALL_GET_VP_REGISTERS, .reps = 4096 + 1,
		.in_bytes = sizeof(in) + 4, .in = PAGES(PAGE_BYTES),
		.out_bytes = sizeof(out), .out = out,
	};
	int pt = OK(active_partition(self->dev, 0)), found, others = 0;

	OK(vp_create(pt, 0));
	EXPECT_GT(0, hvcall(pt, &call));
	found = OK(sim_forgive_text(self->ctl, ": reserved bits in the control word", NULL,
				    &others));
	EXPECT_EQ(0, others);
	if (found)
		DRIVER_DEFECT(return, "F9: the count went into reserved bits");
}

static int irqfd(int pt, int fd, int back, uint32_t gsi)
{
	struct mshv_user_irqfd args = {
		.fd = fd, .resamplefd = back, .gsi = gsi,
		.flags = back >= 0 ? 1u << MSHV_IRQFD_BIT_RESAMPLE : 0,
	};

	return mshv_ioctl(pt, MSHV_IRQFD, &args);
}

/* F13: without a route there is no interrupt, whatever the number. */
TEST_F(defect, f13_gsi_0_without_route)
{
	int pt = OK(active_partition(self->dev, PT(LAPIC)));
	int fd = eventfd(0, EFD_CLOEXEC), gsi;
	struct mshv_sim_record record;

	if (sim_injects_at_dispatch(self->ctl))
		SKIP(return, NOT_BY_A_CALL);
	OK(vp_create(pt, 0));
	for (gsi = 1; gsi >= 0; gsi--) {
		fd = eventfd(0, EFD_CLOEXEC);
		OK(irqfd(pt, fd, -1, gsi));
		OK(sim_record(self->ctl, HVCALL_ASSERT_VIRTUAL_INTERRUPT, 0));
		ASSERT_EQ(0, eventfd_write(fd, 1));
		if (read(self->ctl, &record, sizeof(record)) != sizeof(record))
			continue;
		ASSERT_EQ(0, gsi);
		DRIVER_DEFECT(return, "F13: an interrupt with vector 0");
	}
}

/* F19: what a hypercall does not use is zero. */
TEST_F(defect, f19_create_vp_input)
{
	int pt = OK(active_partition(self->dev, 0)), i;
	struct mshv_sim_record record;
	const struct hv_create_vp *in = (void *)record.input;
	unsigned int old = 0;

	OK(sim_record(self->ctl, HVCALL_CREATE_VP, 0));
	for (i = 0; i < 8; i++) {
		OK(vp_create(pt, i));
		ASSERT_U64(sizeof(record), read(self->ctl, &record, sizeof(record)));
		old += in->padding[0] || in->padding[1] || in->padding[2] || in->subnode_id;
	}
	if (old)
		DRIVER_DEFECT(return, "F19: %u of 8 calls had old bytes in reserved fields", old);
}

/* F21: what was mapped before a failure is unmapped, whole batches or not. */
TEST_F(defect, f21_partial_map)
{
	struct mshv_sim_ledger l = { .size = sizeof(l) };
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_MAP_GPA_PAGES, .status = HV_STATUS_OPERATION_FAILED,
		.vp = MSHV_SIM_ANY_VP, .count = 1, .reps = 3,
	};
	int pt = OK(active_partition(self->dev, 0));
	void *host = PAGES(8 * PAGE_BYTES);

	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &f));
	EXPECT_EQ(-EIO, memory_map(pt, MORE_GPA, host, 8 * PAGE_BYTES, MEM_W));
	OK(sim_ioctl(self->ctl, MSHV_SIM_LEDGER, &l));
	if (l.gpa_mappings)
		DRIVER_DEFECT(return, "F21: %llu pages stayed mapped", l.gpa_mappings);
}

/* F40: memory that the hypervisor wants for the root is not the child's. */
TEST_F(defect, f40_root_memory)
{
	int pt = OK(active_partition(self->dev, 0)), rule;
	void *host = PAGES(PAGE_BYTES);
	struct mshv_sim_record record;
	struct mshv_sim_probe probe;
	uint64_t id = sim_newest_partition(self->ctl), given;

	OK(sim_probe(self->ctl, &probe));
	rule = OK(sim_fail_once(self->ctl, HVCALL_MAP_GPA_PAGES, id,
				HV_STATUS_INSUFFICIENT_ROOT_MEMORY));
	OK(sim_record(self->ctl, HVCALL_DEPOSIT_MEMORY, 0));
	OK(memory_map(pt, MORE_GPA, host, PAGE_BYTES, MEM_W));
	EXPECT_EQ(1, sim_fault_hits(self->ctl, rule));
	ASSERT_U64(sizeof(record), read(self->ctl, &record, sizeof(record)));
	given = *(uint64_t *)record.input;
	if (given == id)
		DRIVER_DEFECT(return, "F40: %u pages for the partition, not for the root",
			      record.reps_done);
	EXPECT_TRUE(given == probe.root_partition || given == HV_PARTITION_ID_SELF);
}

/* F22: a completion that nobody waits for is nobody's. */
TEST_F(defect, f22_spurious_completion)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	};
	struct hvcall call = {
		.code = HVCALL_SET_PARTITION_PROPERTY, .in_bytes = sizeof(in), .in = &in,
	};
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;
	struct {
		uint64_t partition;
		uint32_t status, count;
		uint64_t sub_status;
	} *payload = (void *)(m.message + sizeof(message->header));
	int pt = OK(active_partition(self->dev, 0)), i, ret = 0;

	OK(hvcall(pt, &call));
	message->header.message_type = HVMSG_ASYNC_CALL_COMPLETION;
	message->header.payload_size = sizeof(*payload);
	payload->partition = sim_newest_partition(self->ctl);
	payload->count = 1;
	OK(sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	for (i = 0; i < 100 && !ret; i++) {
		ret = hvcall(pt, &call);
		usleep(1000);
	}
	if (!ret)
		return;
	/* And it stays so. */
	EXPECT_EQ(-EPERM, ret);
	EXPECT_EQ(-EPERM, hvcall(pt, &call));
	DRIVER_DEFECT(return, "F22: properties can't be set any more");
}

/* --------------------------------------------------------- with a guest */

static volatile uint64_t taken;

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	taken++;
	apic_write(APIC_EOI, 0);
}

static void guest_waits(uint64_t arg)
{
	(void)arg;
	guest_handle(VECTOR, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	for (;;) {
		uint64_t seen = taken;

		guest_sync(taken, 0);
		GUEST_HALT_UNTIL(taken != seen);
	}
}

/* F11: the guest's EOI belongs to the GSI whose interrupt it ends. */
TEST_F(defect, f11_resample_other_vector)
{
	int fd = eventfd(0, EFD_CLOEXEC), back = eventfd(0, EFD_CLOEXEC);
	struct pollfd p = { .fd = back, .events = POLLIN };
	struct guest g;

	NEEDS_GUESTS();
	OK(guest_create(&g, PT(LAPIC)));
	OK(guest_add_vp(&g, 0, guest_waits, 0));
	RUN(GUEST_SYNC, &g, 0);
	OK(route_one(g.pt, 9, 0xfee00000, 0x8000 | VECTOR));
	OK(irqfd(g.pt, fd, back, 9));
	ASSERT_EQ(0, eventfd_write(fd, 1));
	RUN(GUEST_SYNC, &g, 0);
	ASSERT_U64(1, g.vp[0].args[0]);
	/* The message is an interrupt, which may be behind the guest. */
	if (poll(&p, 1, 1000) != 1)
		DRIVER_DEFECT(return, "F11: GSI 9 with vector %#x has no resampling", VECTOR);
}

static void guest_looks(uint64_t gpa)
{
	for (;;)
		guest_sync(*(volatile uint8_t *)guest_ptr(gpa), 0);
}

/* F46: a page in the middle of a huge one is replaced; the guest has to follow. */
TEST_F(defect, f46_part_of_huge_page)
{
	const uint64_t huge = 2ull << 20, gpa = GUEST_HOLE_GPA;
	struct mshv_sim_check check = { .size = sizeof(check) };
	uint8_t *p = PAGES(2 * huge), *host, *page;
	struct guest g;
	int others = 0;
	char text[64];

	NEEDS_GUESTS();
	host = (uint8_t *)(((uintptr_t)p + huge - 1) & ~(huge - 1));
	page = host + 8 * PAGE_BYTES;
	NEEDS_HUGE_PAGES((char *)host, huge);
	memset(host, 1, huge);
	OK(guest_create(&g, 0));
	OK(memory_map(g.pt, gpa, host, huge, MEM_W));
	OK(guest_add_vp(&g, 0, guest_looks, gpa + (page - host)));
	RUN(GUEST_SYNC, &g, 0);
	ASSERT_U64(1, g.vp[0].args[0]);

	ASSERT_EQ(0, madvise(page, PAGE_BYTES, MADV_DONTNEED));
	*page = 2;
	RUN(GUEST_SYNC, &g, 0);
	check.partition = sim_newest_partition(self->ctl);
	OK(sim_ioctl(self->ctl, MSHV_SIM_CHECK, &check));
	if (g.vp[0].args[0] != 2) {
		/* An audit (audit_ms=) may have found it, too. */
		close(g.vp[0].fd);
		close(g.pt);
		snprintf(text, sizeof(text), ": 1 pages from gfn %#llx on: pfn",
			 (unsigned long long)(gpa + (page - host)) / PAGE_BYTES);
		EXPECT_LE((int64_t)check.found,
			  sim_forgive_text(self->ctl, text, NULL, &others));
		EXPECT_EQ(0, others);
		DRIVER_DEFECT(return, "F46: the guest sees the page that was replaced");
	}
	EXPECT_U64(0, check.found);
}

/* Holes between the pages: the driver unmaps each of them with a call of its own. */
#define COMB_PAGES	32

static void guest_combs(uint64_t gpa)
{
	int i;

	for (i = 0; i < COMB_PAGES; i++)
		guest_sync(*(volatile uint8_t *)guest_ptr(gpa + i * PAGE_BYTES), 0);
	guest_done(0);
}

/*
 * F54: memory is looked after until it is unmapped. A child unmaps, since the
 * processor that does so has its interrupts off, and a thread would be waited for
 * when pages are taken from the process.
 */
TEST_F(defect, f54_unmap_after_notifier)
{
	struct mshv_sim_check check = { .size = sizeof(check) };
	struct mshv_sim_fault slow = {
		.size = sizeof(slow), .code = HVCALL_UNMAP_GPA_PAGES,
		.vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	const uint64_t bytes = COMB_PAGES * PAGE_BYTES;
	uint8_t *host = PAGES(bytes);
	/* Free, or somebody else's by now. */
	static const char *const unguarded[] = {
		" leads to free pfn ", " leads to deposited pfn ", ": not pinned or watched", NULL
	};
	int go[2], status, i, others = 0;
	struct guest g;
	char byte = 0;
	pid_t pid;

	NEEDS_GUESTS();
	ASSERT_EQ(0, pipe(go));
	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_combs, GUEST_HOLE_GPA));
	OK(memory_map(g.pt, GUEST_HOLE_GPA, host, bytes, MEM_W));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		_exit(memory_unmap(g.pt, GUEST_HOLE_GPA, host, bytes) != 0);
	}
	for (i = 0; i < COMB_PAGES; i++)
		RUN(GUEST_SYNC, &g, 0);
	RUN(GUEST_DONE, &g, 0);
	for (i = 0; i < COMB_PAGES; i += 2)
		ASSERT_EQ(0, madvise(host + i * PAGE_BYTES, PAGE_BYTES, MADV_DONTNEED));
	slow.partition = check.partition = sim_newest_partition(self->ctl);
	OK(sim_ioctl(self->ctl, MSHV_SIM_CHECK, &check));
	ASSERT_U64(0, check.found);
	OK(sim_ioctl(self->ctl, MSHV_SIM_FAULT_ADD, &slow));

	ASSERT_EQ(1, write(go[1], &byte, 1));
	WAIT_FOR(OK(sim_fault_hits(self->ctl, slow.id)) >= 1);
	ASSERT_EQ(0, madvise(host, bytes, MADV_DONTNEED));
	OK(sim_ioctl(self->ctl, MSHV_SIM_CHECK, &check));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	if (check.found) {
		EXPECT_LE(1, sim_forgive_texts(self->ctl, unguarded, NULL, &others));
		EXPECT_EQ(0, others);
		DRIVER_DEFECT(return, "F54: pages that are still mapped, and that nobody watches");
	}
}

MSHV_TEST_MAIN
