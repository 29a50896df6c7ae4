// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defects of the driver that end the machine, or make its log complain: each is
 * for a machine of its own, which scripts/check-defects starts.
 *
 *   defect_vm NAME
 *
 * Ends with 0 if the driver did what is right, and the kernel's log has nothing to
 * say; with 10 if it did not; with 1 if this program could not find out.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "cpus.h"
#include "defect/defect.h"

#define GSI	20
#define VECTOR	0x61

/* ---------------------------------------------------------------- interrupts */

static int irqfd(int fd, int back)
{
	struct mshv_user_irqfd args = {
		.fd = fd, .resamplefd = back, .gsi = GSI,
		.flags = back >= 0 ? 1u << MSHV_IRQFD_BIT_RESAMPLE : 0,
	};

	return mshv_ioctl(s.g.pt, MSHV_IRQFD, &args);
}

/* F4, with fast_irq=1: an interrupt for a VP that is not there. */
static int irqfd_without_vp(void)
{
	static const struct sweep_op op = {
		.name = "nothing", .stage = SWEEP_INITIALIZED, .pt_flags = PT(LAPIC),
	};
	int fd = eventfd(0, EFD_CLOEXEC);

	begin(&op);
	NEED(route_one(s.g.pt, GSI, 0xfee00000, VECTOR));
	NEED(irqfd(fd, -1));
	return eventfd_write(fd, 1) ? UNKNOWN : RIGHT;
}

/* F25: a route that stops being level-triggered below a resampling irqfd. */
static int resample_route_removed(void)
{
	int fd = eventfd(0, EFD_CLOEXEC), back = eventfd(0, EFD_CLOEXEC);

	begin(&with_lapic);
	NEED(route_one(s.g.pt, GSI, 0xfee00000, 0x8000 | VECTOR));
	NEED(irqfd(fd, back));
	NEED(mshv_ioctl(s.g.pt, MSHV_SET_MSI_ROUTING, &(struct mshv_user_irq_table) { 0 }));
	return eventfd_write(fd, 1) ? UNKNOWN : RIGHT;
}

/* F26, with fast_irq=1: a number of vectors that user space wrote. UBSAN sees it. */
static int vector_count(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct hv_vp_register_page *page;

	begin(&with_lapic);
	NEED(route_one(s.g.pt, GSI, 0xfee00000, VECTOR));
	NEED(irqfd(fd, -1));
	page = vp_state_page(s.g.vp[0].fd, MSHV_VP_MMAP_OFFSET_REGISTERS,
			     PROT_READ | PROT_WRITE);
	if (page == MAP_FAILED)
		return UNKNOWN;
	page->interrupt_vectors.as_uint64 = 0xffffffffffffff00 | 200;
	return eventfd_write(fd, 1) ? UNKNOWN : RIGHT;
}

/* ------------------------------------------------------------------ running */

/* F27: a VP that its owner suspends. */
static int explicit_suspend(void)
{
	begin(&nothing);
	NEED(vp_set_reg64(s.g.vp[0].fd, 0, HV_REGISTER_EXPLICIT_SUSPEND, 1));
	return comes_back(run, 60);
}

/* F10: a message that the driver does not know, for each CPU. */
static int unknown_message(void)
{
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;

	begin(&nothing);
	message->header.message_type = 0x70001234;
	for (m.cpu = 0; !sim_ioctl(s.ctl, MSHV_SIM_POST_MESSAGE, &m); m.cpu++)
		;
	return m.cpu ? comes_back(run, 5) : UNKNOWN;
}

#define VPS		16
#define FLAG		0x2100	/* in the page to which the guest has stored */

/*
 * The simulator runs guests of the core scheduler in workers, which may run anywhere. From
 * now on they have the last CPU, and this process the others.
 */
static int part_from_guests(void)
{
	FILE *f = fopen("/sys/devices/virtual/workqueue/cpumask", "we");
	const int cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	cpu_set_t others;

	if (!f)
		return -errno;
	fprintf(f, "%x\n", 1u << cpu);
	if (fclose(f) || sched_getaffinity(0, sizeof(others), &others))
		return -errno;
	CPU_CLR(cpu, &others);
	return sched_setaffinity(0, sizeof(others), &others) ? -errno : 0;
}

struct flag_setter {
	int ctl;
	uint32_t rule;
	char *flag;
};

/* Both pages of VP 0 have been unmapped, and the next VP's turn has come. */
static void *set_flag(void *arg)
{
	struct flag_setter *f = arg;

	while (sim_fault_hits(f->ctl, f->rule) < 3)
		;
	*f->flag = 1;
	return NULL;
}

/*
 * F56, with the core scheduler: VP 0 runs, though nobody is in MSHV_RUN_VP, and makes an
 * exit when the driver has forgotten it, and is busy with the other VPs. The guest of
 * another partition, on the same CPU, must still get its messages.
 */
static int vp_runs_while_closed(void)
{
	static const uint8_t code[] = {
		0xa0, FLAG & 0xff, FLAG >> 8,	/* mov FLAG, %al */
		0x84, 0xc0, 0x74, 0xf9,		/* test %al, %al; jz to the start */
		0xe6, 0x10, 0xf4,		/* out %al, $0x10; hlt */
	};
	static const struct hv_register_assoc resume[] = {
		{ .name = HV_REGISTER_INTERCEPT_SUSPEND },
		{ .name = HV_REGISTER_EXPLICIT_SUSPEND },
	};
	struct mshv_sim_fault slow = {
		.size = sizeof(slow), .code = HVCALL_UNMAP_VP_STATE_PAGE,
		.vp = MSHV_SIM_ANY_VP, .delay_us = 20000,
	};
	struct mshv_sim_message m = { .size = sizeof(m) };
	struct hv_message *message = (void *)m.message;
	struct flag_setter setter;
	pthread_t thread;
	static struct sweep victim;
	int vp[VPS], i, result;

	NEED(part_from_guests());
	begin(&nothing);
	message->header.sender = sim_newest_partition(s.ctl);
	NEED(sweep_begin(&victim, &nothing, s.ctl));
	for (i = 1; i < VPS; i++)
		NEED(vp[i] = vp_create(victim.g.pt, i));
	memcpy(guest_host(&victim.g, 0x1100), code, sizeof(code));
	NEED(guest_set_reg(&victim.g, 0, HV_X64_REGISTER_RIP, 0x1100));
	slow.partition = sim_newest_partition(s.ctl);
	NEED(sim_ioctl(s.ctl, MSHV_SIM_FAULT_ADD, &slow));
	setter = (struct flag_setter) { s.ctl, slow.id, victim.g.ram + FLAG };
	NEED(vp_set_registers(victim.g.pt, 0, resume, ARRAY_SIZE(resume)));
	NEED(-pthread_create(&thread, NULL, set_flag, &setter));
	for (i = 1; i < VPS; i++)
		close(vp[i]);
	close(victim.g.vp[0].fd);
	close(victim.g.pt);
	pthread_join(thread, NULL);
	result = comes_back(run, 5);
	/* By CPU 0: else nothing ends that process, and the machine (F60). */
	message->header.message_type = HVMSG_OPAQUE_INTERCEPT;
	while (result == WRONG && !waitpid(-1, NULL, WNOHANG)) {
		sim_ioctl(s.ctl, MSHV_SIM_POST_MESSAGE, &m);
		usleep(100000);
	}
	return result;
}

/* F28: the last question about a VP is not answered. */
static int close_without_count(void)
{
	begin(&nothing);
	fail_once(HVCALL_GET_VP_REGISTERS, HV_STATUS_OPERATION_FAILED);
	/* The last copies of the files are the child's. */
	return comes_back(close_all, 20);
}

/* --------------------------------------------------------- loading, unloading */

/* F16, with debugfs=off: that one gets so far is enough. */
static int loaded(void)
{
	NEED(dev_open());
	return RIGHT;
}

/* F18, with maxcpus=2: a CPU, the last one, that came after the driver. */
static int unload_after_hotplug(void)
{
	NEED(cpu_set_online(sysconf(_SC_NPROCESSORS_CONF) - 1, true));
	return syscall(SYS_delete_module, "mshv_root", 0) ? UNKNOWN : RIGHT;
}

/*
 * F17, with vp_index_offset=8: the second of the root's VPs has no statistics. The
 * driver is $MSHV_ROOT_KO.
 */
static int root_statistics_refused(void)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_MAP_STATS_PAGE, .status = HV_STATUS_OPERATION_FAILED,
		.vp = 9,
	};
	const char *path = getenv("MSHV_ROOT_KO");
	struct mshv_sim_violation v;
	int ctl = sim_open(), fd = path ? open(path, O_RDONLY) : -1;

	NEED(ctl);
	if (fd < 0 || syscall(SYS_delete_module, "mshv_root", 0))
		return UNKNOWN;
	NEED(sim_ioctl(ctl, MSHV_SIM_FAULT_ADD, &f));
	if (!syscall(SYS_finit_module, fd, "", 0) || sim_fault_hits(ctl, f.id) < 1)
		return UNKNOWN;
	if (sim_forgive(ctl, &v) < 1)
		return RIGHT;
	fprintf(stderr, "violation: %s\n", v.text);
	return WRONG;
}

/* --------------------------------------------------------------- arguments */

/* F29: a buffer of 4 GiB. */
static int huge_state(void)
{
	struct mshv_get_set_vp_state args = {
		.type = MSHV_VP_STATE_LAPIC,
		.buf_sz = 0xfffff000,
		.buf_ptr = 0x10000,
	};

	begin(&with_lapic);
	return mshv_ioctl(s.g.vp[0].fd, MSHV_GET_VP_STATE, &args) < 0 ? RIGHT : UNKNOWN;
}

/* F30: a bitmap of fewer pages than a word has bytes. KASAN sees it. */
static int small_bitmap(void)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = 3,
		.bitmap_ptr = (uintptr_t)s.page,
	};

	begin(&nothing);
	NEED(mshv_ioctl(s.g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args));
	return RIGHT;
}

static void right(int signal)
{
	(void)signal;
	_exit(RIGHT);
}

/* F38: what is left of a mapping of two pages of a VP is the page that it does not have. */
static int state_page_split(void)
{
	volatile char *p;

	begin(&nothing);
	p = mmap(NULL, 2 * PAGE_BYTES, PROT_READ, MAP_SHARED, s.g.vp[0].fd,
		 MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE * PAGE_BYTES);
	if (p == MAP_FAILED)
		return RIGHT;
	if (munmap((char *)p, PAGE_BYTES))
		return UNKNOWN;
	signal(SIGBUS, right);
	printf("%d\n", p[PAGE_BYTES]);
	fprintf(stderr, "a page that no VP has was read\n");
	return WRONG;
}

static const struct {
	const char *name;
	int (*show)(void);
} defects[] = {
	{ "read_only_memory", read_only_memory },
	{ "unmapped_memory", unmapped_memory },
	{ "userfaultfd_memory", userfaultfd_memory },
	{ "memory_of_a_dead_process", memory_of_a_dead_process },
	{ "invalidation_refused", invalidation_refused },
	{ "invalidation_needs_memory", invalidation_needs_memory },
	{ "partial_deposit", partial_deposit },
	{ "irqfd_without_vp", irqfd_without_vp },
	{ "resample_route_removed", resample_route_removed },
	{ "vector_count", vector_count },
	{ "explicit_suspend", explicit_suspend },
	{ "unknown_message", unknown_message },
	{ "vp_runs_while_closed", vp_runs_while_closed },
	{ "close_without_count", close_without_count },
	{ "huge_state", huge_state },
	{ "small_bitmap", small_bitmap },
	{ "state_page_split", state_page_split },
	{ "pinned_map_refused", pinned_map_refused },
	{ "loads_without_debugfs", loaded },
	{ "unload_after_hotplug", unload_after_hotplug },
	{ "root_statistics_refused", root_statistics_refused },
	{ "bad_neighbour", bad_neighbour },
	{ "huge_region", huge_region },
	{ "huge_bitmap", huge_bitmap },
	{ "userfaultfd_killed", userfaultfd_killed },
	{ "memory_changes_while_closing", memory_changes_while_closing },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_SIZE(defects); i++)
		if (!strcmp(argv[1], defects[i].name))
			return defects[i].show();
	fprintf(stderr, "usage: defect_vm NAME, where NAME is one of\n");
	for (i = 0; i < ARRAY_SIZE(defects); i++)
		fprintf(stderr, "  %s\n", defects[i].name);
	return UNKNOWN;
}
