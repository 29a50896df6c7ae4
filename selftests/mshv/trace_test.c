// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints of the driver: what happens is told once, in numbers that are right.
 */
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "sim.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/mshv_trace_test"
#define VP		3
#define GSI		7
#define BELL		(GUEST_HOLE_GPA + 0x10)
#define RAM_FLAGS	(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE | \
			 HV_MAP_GPA_ADJUSTABLE)

static char text[1 << 20];

FIXTURE(trace) {
	struct env env;
	struct guest g;
};

static int put(const char *name, const char *value)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), INSTANCE "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	if (fd < 0)
		return -errno;
	ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

FIXTURE_SETUP(trace)
{
	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (access(TRACEFS "/events", F_OK))
		SKIP(return, "no events in " TRACEFS ": needs CONFIG_EVENT_TRACING");
	MSHV_SETUP(self);
	ASSERT_EQ(0, access(TRACEFS "/events/mshv", F_OK)) {
		TH_LOG("no events of the driver in " TRACEFS);
	}
	/* A buffer of its own: whoever traces as well is left alone. */
	ASSERT_TRUE(!mkdir(INSTANCE, 0700) || errno == EEXIST);
	OK(put("trace", ""));
	OK(put("events/mshv/enable", "1"));
	OK(guest_create(&self->g, 0));
}

FIXTURE_TEARDOWN_PARENT(trace)
{
	rmdir(INSTANCE);
	EXPECT_EQ(0, env_end(&self->env));
}

static int read_trace(void)
{
	int fd = open(INSTANCE "/trace", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while (n < sizeof(text) - 1 && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += got;
	close(fd);
	text[n] = '\0';
	return 0;
}

/* How often it was told, in these words or in words that begin like that. */
__attribute__((format(printf, 1, 2)))
static int told(const char *format, ...)
{
	char what[256] = ": mshv_";
	const char *p;
	va_list args;
	int n = 0;

	va_start(args, format);
	vsnprintf(what + 7, sizeof(what) - 7, format, args);
	va_end(args);
	for (p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

#define TOLD(n, ...) do {						\
	EXPECT_EQ(n, told(__VA_ARGS__)) {				\
		TH_LOG(__VA_ARGS__);					\
	}								\
} while (0)

/* The partition is known by the number of its file. */
static unsigned long long partition_of(int pt)
{
	const char *line = text;
	unsigned long long id;
	int fd;

	while ((line = strstr(line, ": mshv_create_partition: "))) {
		if (sscanf(line, ": mshv_create_partition: partition_id=%llu vm_fd=%d", &id,
			   &fd) == 2 && fd == pt)
			return id;
		line++;
	}
	return 0;
}

static void guest_touches(uint64_t gpa)
{
	*(volatile uint32_t *)guest_ptr(gpa) = 1;
	for (;;)
		guest_outl(0x100, 1);
}

TEST_F(trace, partition_and_vp)
{
	struct guest *g = &self->g;
	unsigned long long id;
	char *page = PAGES(PAGE_BYTES);
	int pt = g->pt, vp, exits = 3, i;

	OK(memory_map(pt, GUEST_HOLE_GPA, page, PAGE_BYTES, MEM_W));
	OK(guest_add_vp(g, VP, guest_touches, GUEST_HOLE_GPA));
	vp = g->vp[VP].fd;
	for (i = 0; i < exits; i++) {
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, g, VP);
		OK(guest_skip_instruction(g, VP));
	}
	OK(read_trace());
	id = partition_of(pt);
	ASSERT_NE(0ull, id);
	TOLD(1, "create_partition: partition_id=%llu vm_fd=%d\n", id, pt);
	TOLD(1, "hvcall_create_partition: flags=");
	TOLD(1, "hvcall_initialize_partition: partition_id=%llu status=0x0\n", id);
	TOLD(1, "map_user_memory: partition_id=%llu start_uaddr=%#lx start_gfn=0x0 nr_pages=%u map_flags=%#x ret=0\n",
	     id, (unsigned long)g->ram, (unsigned int)(GUEST_RAM_BYTES / PAGE_BYTES), RAM_FLAGS);
	TOLD(1, "create_vp: partition_id=%llu vp_index=%d vp_fd=%d\n", id, VP, vp);
	for (i = 0; i < 2; i++)
		TOLD(1, "hvcall_map_vp_state_page: partition_id=%llu vp_index=%d page_type=%u status=0x0\n",
		     id, VP, i ? HV_VP_STATE_PAGE_INTERCEPT_MESSAGE : HV_VP_STATE_PAGE_REGISTERS);
	TOLD(exits, "run_vp_entry: partition_id=%llu vp_index=%d\n", id, VP);
	TOLD(exits, "run_vp_exit: partition_id=%llu vp_index=%d hv_message_type=%#x ret=0\n", id,
	     VP, HVMSG_X64_IO_PORT_INTERCEPT);
	TOLD(1, "handle_gpa_intercept: partition_id=%llu vp_index=%d gfn=%#llx access_type=W handled=1\n",
	     id, VP, GUEST_HOLE_GPA / PAGE_BYTES);
	TOLD(0, "destroy_partition: partition_id=%llu\n", id);

	ASSERT_EQ(0, close(vp));
	ASSERT_EQ(0, close(pt));
	OK(read_trace());
	TOLD(1, "vp_release: partition_id=%llu vp_index=%d\n", id, VP);
	TOLD(1, "partition_release: partition_id=%llu\n", id);
	TOLD(1, "destroy_partition: partition_id=%llu\n", id);
	TOLD(1, "hvcall_finalize_partition: partition_id=%llu status=0x0", id);
	TOLD(1, "hvcall_delete_partition: partition_id=%llu status=0x0\n", id);
}

TEST_F(trace, routes_and_doorbells)
{
	struct mshv_user_ioeventfd bell = {
		.addr = BELL, .len = 2, .datamatch = 0x1234,
		.flags = 1u << MSHV_IOEVENTFD_BIT_DATAMATCH,
	};
	struct guest *g = &self->g;
	unsigned long long id;

	bell.fd = eventfd(0, EFD_CLOEXEC);
	OK(route_one(g->pt, GSI, 0xfee00000, 0x61));
	OK(mshv_ioctl(g->pt, MSHV_IOEVENTFD, &bell));
	bell.flags |= 1u << MSHV_IOEVENTFD_BIT_DEASSIGN;
	OK(mshv_ioctl(g->pt, MSHV_IOEVENTFD, &bell));
	bell.flags = 0;
	bell.len = 8;
	OK(mshv_ioctl(g->pt, MSHV_IOEVENTFD, &bell));
	OK(read_trace());
	id = partition_of(g->pt);
	EXPECT_EQ(1, told("update_routing_table: partition_id=%llu ", id));
	EXPECT_NE(NULL, strstr(text, " numents=1\n"));
	/* The kernel counts "0x" as two of 16 places, and has it before a zero, too. */
	TOLD(1, "assign_ioeventfd: partition_id=%llu addr=0x%014llx length=0x2 datamatch=0x1234 wildcard=0 ",
	     id, BELL);
	TOLD(1, "assign_ioeventfd: partition_id=%llu addr=0x%014llx length=0x8 datamatch=0x0 wildcard=1 ",
	     id, BELL);
	TOLD(1, "deassign_ioeventfd: partition_id=%llu addr=0x%014llx length=0x2 datamatch=0x1234 wildcard=0 ",
	     id, BELL);
}

/* Where the root schedules, each dispatch is told, with what came of it. */
TEST_F(trace, dispatch)
{
	struct mshv_sim_probe probe;
	struct guest *g = &self->g;
	unsigned long long id;
	bool root;
	int ctl;

	if (!self->env.sim)
		SKIP(return, "nothing but mshv_sim says which scheduler there is");
	ctl = OK(sim_open());
	OK(sim_probe(ctl, &probe));
	root = probe.scheduler == HV_SCHEDULER_TYPE_ROOT;
	OK(guest_add_vp(g, 0, guest_touches, guest_alloc(g, PAGE_BYTES)));
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, g, 0);
	OK(read_trace());
	id = partition_of(g->pt);
	EXPECT_EQ(root, told("hvcall_dispatch_vp: partition_id=%llu vp_index=0 flags=", id) > 0);
	EXPECT_EQ(root, told("vp_clear_explicit_suspend: partition_id=%llu vp_index=0 ret=0\n",
			     id) > 0);
	ASSERT_EQ(0, close(g->vp[0].fd));
	ASSERT_EQ(0, close(g->pt));
	OK(read_trace());
	TOLD(root, "disable_vp_dispatch: partition_id=%llu vp_index=0 ret=0\n", id);
	TOLD(root, "drain_vp_signals: partition_id=%llu vp_index=0\n", id);
}

/* As many pages are told as came back; F61. */
TEST_F(trace, withdrawn_memory)
{
	struct mshv_sim_record record;
	unsigned long long id, withdrawn, pages = 0;
	struct guest *g = &self->g;
	const char *line;
	int ctl;

	if (!self->env.sim)
		SKIP(return, "nothing but mshv_sim says how many pages came back");
	ctl = OK(sim_open());
	OK(read_trace());
	id = partition_of(g->pt);
	OK(sim_record(ctl, HVCALL_WITHDRAW_MEMORY, id));
	ASSERT_EQ(0, close(g->pt));
	while (read(ctl, &record, sizeof(record)) == sizeof(record))
		pages += record.reps_done;
	ASSERT_LT(0ull, pages);
	OK(read_trace());
	TOLD(1, "hvcall_withdraw_memory: partition_id=%llu ", id);
	line = strstr(text, ": mshv_hvcall_withdraw_memory: ");
	ASSERT_NE(NULL, line);
	ASSERT_EQ(1, sscanf(strstr(line, "withdrawn="), "withdrawn=%llu", &withdrawn));
	EXPECT_LE(withdrawn, pages);
	if (withdrawn < pages)
		DRIVER_DEFECT(return, "%llu pages came back, %llu are told", pages, withdrawn);
}

GUEST_TEST_MAIN
