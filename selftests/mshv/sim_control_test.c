// SPDX-License-Identifier: GPL-2.0-only
/* The control device of mshv_sim; what makes hypercalls fail is in sim_fault_test.c. */
#include <glob.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mshv_test.h"
#include "sim.h"

MSHV_SIM_FIXTURE(control)

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

/* One that does not exist: then it does, in the middle of a list, too. */
TEST_F(control, override_register_that_is_not_there)
{
	struct mshv_sim_override o = {
		.size = sizeof(o), .kind = MSHV_SIM_OVERRIDE_REGISTER,
		.index = 0xdead0000, .value = 0x5555, .mask = 0xff0f,
	};
	const uint32_t names[] = { HV_X64_REGISTER_RAX, o.index, HV_X64_REGISTER_RBX };
	union hv_register_value values[3];
	int pt = OK(partition_create(self->dev, 0)), vp;

	OK(partition_initialize(pt));
	vp = OK(vp_create(pt, 0));
	o.partition = sim_newest_partition(self->ctl);
	OK(vp_set_reg64(vp, 0, HV_X64_REGISTER_RAX, 1));
	OK(vp_set_reg64(vp, 0, HV_X64_REGISTER_RBX, 3));
	EXPECT_NE(0, vp_get_registers(vp, 0, names, values, 3));
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_ADD, &o));
	memset(values, 0xff, sizeof(values));
	OK(vp_get_registers(vp, 0, names, values, 3));
	EXPECT_U64(1, values[0].reg64);
	EXPECT_U64(0x5505, values[1].reg64);
	EXPECT_U64(0, values[1].reg128.high_part);
	EXPECT_U64(3, values[2].reg64);
	OK(sim_ioctl(self->ctl, MSHV_SIM_OVERRIDE_REMOVE, &o));
	EXPECT_U64(1, o.uses);
	EXPECT_NE(0, vp_get_registers(vp, 0, names, values, 3));
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
	int pt = OK(partition_create(self->dev, 0)), id, i;
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
		WAIT_FOR(OK(sim_fault_hits(self->ctl, id)) >= 1);
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
		bad = partition_set_property_status(pt, code, 7);
		if (good || bad != HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE ||
		    partition_get_property(pt, code, &value) || value != (i & 1))
			break;
	}
	EXPECT_EQ(20, i);
	EXPECT_EQ(0, good);
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE, bad);
}

/* More than fit into the slot: they queue, and the driver fetches them all. */
TEST_F(control, messages_queue)
{
	struct mshv_sim_message m = { .size = sizeof(m) }, empty = m;
	struct hv_message *message = (void *)m.message;
	int i, ret;

	/* For a partition that does not exist: the driver takes it and does nothing. */
	message->header.message_type = HVMSG_SCHEDULER_VP_SIGNAL_PAIR;
	message->header.payload_size = 240;
	for (i = 0; i < 500; i++) {
		while ((ret = sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m)) == -EAGAIN) {
			/* What is wrong is wrong, with or without room for it. */
			ASSERT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &empty));
			usleep(1000);
		}
		ASSERT_EQ(0, ret);
	}
	m.cpu = 4096;
	EXPECT_EQ(-ENXIO, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	m.cpu = 0;
	m.flags = 1;
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &m));
	EXPECT_EQ(-EINVAL, sim_ioctl(self->ctl, MSHV_SIM_POST_MESSAGE, &empty));
}

/* -------------------------------------------------------------- violations */

/* The driver passes a call on although its output has no place to go. */
static int violate(int pt)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
	};
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY, .in_bytes = sizeof(in), .in = &in,
	};

	return hvcall(pt, &call);
}

TEST_F(control, violations)
{
	struct mshv_sim_violations skip = {
		.size = sizeof(skip), .flags = MSHV_SIM_VIOLATIONS_SKIP,
	};
	struct mshv_sim_violation v = { 0 };
	int pt = OK(partition_create(self->dev, 0));
	int late;

	EXPECT_NE(0, violate(pt));
	late = OK(sim_open());
	EXPECT_EQ(0, sim_forgive(late, NULL));
	OK(sim_ioctl(late, MSHV_SIM_VIOLATIONS, &skip));
	EXPECT_U64(0, skip.count);
	EXPECT_EQ(1, sim_forgive(self->ctl, &v));
	EXPECT_NE(NULL, strstr(v.text, "GET_PARTITION_PROPERTY"));
	EXPECT_U64(getpid(), v.pid);
	EXPECT_EQ(0, sim_forgive(self->ctl, &v));
}

/* As tests are judged by it: violations that nobody has forgiven. */
static long open_violations(void)
{
	FILE *f = fopen("/sys/kernel/debug/mshv_sim/violations", "re");
	long n = -EPROTO;

	if (!f)
		return -errno;
	if (fscanf(f, "%ld", &n) != 1)
		n = -EPROTO;
	fclose(f);
	return n;
}

/* Two files have seen it, and both forgive: that is one violation less, not two. */
TEST_F(control, violation_forgiven_twice)
{
	int pt = OK(partition_create(self->dev, 0)), other = OK(sim_open());
	long before = OK(open_violations());

	EXPECT_NE(0, violate(pt));
	EXPECT_EQ(before + 1, open_violations());
	EXPECT_EQ(1, sim_forgive(self->ctl, NULL));
	EXPECT_EQ(1, sim_forgive(other, NULL));
	EXPECT_EQ(before, open_violations());
	/* The next one counts. */
	EXPECT_NE(0, violate(pt));
	EXPECT_EQ(before + 1, open_violations());
	EXPECT_EQ(1, sim_forgive(self->ctl, NULL));
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

/* The memory of some PCI device, which nobody touches. */
static void *device_memory(void)
{
	void *host = MAP_FAILED;
	glob_t found;
	size_t i;
	int fd;

	if (glob("/sys/bus/pci/devices/*/resource[0-5]", 0, NULL, &found))
		return host;
	for (i = 0; i < found.gl_pathc && host == MAP_FAILED; i++) {
		fd = open(found.gl_pathv[i], O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		host = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	globfree(&found);
	return host;
}

/* Nothing is there to be finalized, but memory is mapped. */
TEST_F(control, police_of_a_partition_without_vps)
{
	int pt = OK(partition_create(self->dev, 0)), others = 0;
	const uint64_t id = sim_newest_partition(self->ctl);
	void *host = device_memory();

	if (host == MAP_FAILED)
		SKIP(return, "no device with memory that can be mapped");
	OK(memory_map(pt, 0, host, PAGE_BYTES, MEM_W));
	ASSERT_EQ(0, sim_hypercall(self->ctl, HVCALL_DELETE_PARTITION, &id, sizeof(id), NULL, 0));
	EXPECT_EQ(1, sim_forgive_text(self->ctl, "deleted with 1 pages mapped", NULL, &others));
	/* Nor was the deposit withdrawn. */
	EXPECT_EQ(1, others);
	ASSERT_EQ(0, close(pt));
}

/* What is unmapped was mapped before: all of it, and once. */
TEST_F(control, police_of_the_balance)
{
	const uint64_t control = HVCALL_UNMAP_GPA_PAGES | 4ull << 32;
	struct hv_input_unmap_gpa_pages in = { .target_gpa_base = 0 };
	int pt = OK(partition_create(self->dev, 0)), i;
	void *mem = PAGES(4 * PAGE_BYTES);

	OK(partition_initialize(pt));
	in.target_partition_id = sim_newest_partition(self->ctl);
	OK(memory_map(pt, 0, mem, 4 * PAGE_BYTES, MEM_W));
	for (i = 0; i < 3; i++) {
		EXPECT_U64(4ull << 32, sim_hypercall(self->ctl, control, &in, sizeof(in), NULL, 0));
		EXPECT_EQ(i ? 4 : 0, sim_forgive_text(self->ctl, "1 pages not mapped", NULL, NULL));
	}
	in.unmap_flags = HV_UNMAP_GPA_LARGE_PAGE;
	OK(memory_map(pt, 3 * PAGE_BYTES + (1 << 21), mem, PAGE_BYTES, MEM_W));
	EXPECT_U64(2ull << 32, sim_hypercall(self->ctl, HVCALL_UNMAP_GPA_PAGES | 2ull << 32, &in,
					     sizeof(in), NULL, 0));
	EXPECT_EQ(1, sim_forgive_text(self->ctl, "511 pages not mapped", NULL, &i));
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
