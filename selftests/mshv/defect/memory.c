// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is not there, that cannot be had, or that changes when nobody looks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "defect.h"
#include "injection.h"

/* F3: memory that the process may only read, for a guest that may only read. */
int read_only_memory(void)
{
	void *host;

	begin(&nothing);
	host = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(memory_unmap(s.g.pt, 0, s.g.ram, SWEEP_RAM_PAGES * PAGE_BYTES));
	NEED(memory_map(s.g.pt, 0, s.g.ram, 8 * PAGE_BYTES, MEM_W | MEM_X));
	NEED(memory_map(s.g.pt, 0x8000, host, PAGE_BYTES, MEM_R));
	let_guest(0, 0x8000);
	NEED(run());
	return RIGHT;
}

/* F3: memory that the process has unmapped. */
int unmapped_memory(void)
{
	begin(&nothing);
	let_guest(1, 0x8000);
	munmap(s.g.ram + 0x8000, PAGE_BYTES);
	NEED(run());
	return RIGHT;
}

/* Gives each page that somebody wants, as a VMM does after the guest has moved. */
static void *fill_pages(void *arg)
{
	struct uffdio_zeropage zero = { .range.len = PAGE_BYTES };
	int fd = *(int *)arg;
	struct uffd_msg msg;

	while (read(fd, &msg, sizeof(msg)) == sizeof(msg)) {
		zero.range.start = msg.arg.pagefault.address & ~(PAGE_BYTES - 1);
		ioctl(fd, UFFDIO_ZEROPAGE, &zero);
	}
	return NULL;
}

/* F47: memory that user space fills when it is missed. */
int userfaultfd_memory(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	pthread_t thread;

	begin(&nothing);
	range.range.start = (uintptr_t)s.g.ram + 0x8000;
	range.range.len = PAGE_BYTES;
	if (madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED) ||
	    ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range) ||
	    pthread_create(&thread, NULL, fill_pages, &fd))
		return UNKNOWN;
	let_guest(0, 0x8000);
	NEED(run());
	if (s.g.vp[0].message.header.message_type == HVMSG_X64_HALT)
		return RIGHT;
	fprintf(stderr, "the guest did not get its page\n");
	return WRONG;
}

/* F48: a VP runs on, in another process, when the process with its memory has ended. */
int memory_of_a_dead_process(void)
{
	struct hv_message message;
	int fds[2], pidfd, vp;
	pid_t pid;

	if (pipe(fds))
		return UNKNOWN;
	pid = fork();
	if (!pid) {
		begin(&nothing);
		(void)!write(fds[1], &s.g.vp[0].fd, sizeof(int));
		for (;;)
			pause();
	}
	if (pid < 0 || read(fds[0], &vp, sizeof(vp)) != sizeof(vp))
		return UNKNOWN;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	vp = syscall(SYS_pidfd_getfd, pidfd, vp, 0);
	if (vp < 0 || kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		return UNKNOWN;
	vp_run(vp, &message);
	return RIGHT;
}

/* F23: the hypervisor refuses to take rights away from the guest. */
int invalidation_refused(void)
{
	struct mshv_sim_check check = { .size = sizeof(check) };

	begin(&nothing);
	fail_once(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED);
	if (madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED))
		return UNKNOWN;
	NEED(sim_ioctl(s.ctl, MSHV_SIM_CHECK, &check));
	return check.found ? WRONG : RIGHT;
}

/* F24: it needs memory for that. Only lockdep sees it. */
int invalidation_needs_memory(void)
{
	begin(&nothing);
	fail_once(HVCALL_MAP_GPA_PAGES, HV_STATUS_INSUFFICIENT_MEMORY);
	return madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED) ? UNKNOWN : RIGHT;
}

/* In a process of its own: only its first region needs a notifier for it. */
static int map_refused(int nth)
{
	static const struct sweep_op op = { .name = "nothing", .stage = SWEEP_INITIALIZED };
	int fd = injection_open(), ret;

	begin(&op);
	NEED(fd);
	s.more = pages_alloc(PAGE_BYTES);
	s.more_pages = 1;
	s.more[0] = 1;
	fail_once(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED);
	NEED(injection_set(fd, nth));
	ret = memory_map(s.g.pt, 0x10000, s.more, PAGE_BYTES, MEM_W);
	injection_set(fd, 0);
	sweep_end(&s);
	return ret ? RIGHT : WRONG;
}

/* F6: memory that had to be pinned, and that the hypervisor does not map. */
int pinned_map_refused(void)
{
	int nth, status;
	pid_t pid;

	for (nth = 1; nth < 30; nth++) {
		pid = fork();
		if (!pid)
			_exit(map_refused(nth));
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			return UNKNOWN;
		if (WEXITSTATUS(status) != RIGHT) {
			if (WEXITSTATUS(status) == WRONG)
				fprintf(stderr, "success without a mapping\n");
			return WEXITSTATUS(status);
		}
	}
	return RIGHT;
}

/* F14: a deposit of which some pages were taken. */
int partial_deposit(void)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f), .flags = MSHV_SIM_FAULT_STATUS,
		.code = HVCALL_DEPOSIT_MEMORY, .status = HV_STATUS_OPERATION_FAILED,
		.vp = MSHV_SIM_ANY_VP, .count = 1, .reps = 30,
	};
	struct mshv_sim_violation v;

	begin(&nothing);
	NEED(sim_ioctl(s.ctl, MSHV_SIM_FAULT_ADD, &f));
	/* Whoever gets the pages now shares them with the hypervisor. */
	if (vp_create(s.g.pt, 1) >= 0)
		return UNKNOWN;
	vp_create(s.g.pt, 1);
	sweep_end(&s);
	return sim_forgive(s.ctl, &v) ? WRONG : RIGHT;
}

/* F62: a page that cannot be had, among those that are faulted in with another one. */
int bad_neighbour(void)
{
	begin(&nothing);
	let_guest(1, 0x8000);
	if (munmap(s.g.ram + 0x5000, PAGE_BYTES) ||
	    madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED))
		return UNKNOWN;
	NEED(run());
	if (s.g.vp[0].message.header.message_type == HVMSG_X64_HALT)
		return RIGHT;
	fprintf(stderr, "the guest did not get a page that is there\n");
	return WRONG;
}

/* F35: a region and, F63, a bitmap for which the kernel would need more than there is. */
int huge_region(void)
{
	begin(&nothing);
	return memory_map(s.g.pt, 1ull << 40, s.g.ram, 1ull << 42, MEM_W) < 0 ? RIGHT : UNKNOWN;
}

int huge_bitmap(void)
{
	struct mshv_gpap_access_bitmap args = {
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR, .page_count = 1ull << 40,
		.bitmap_ptr = (uintptr_t)s.page,
	};

	begin(&nothing);
	return mshv_ioctl(s.g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args) < 0 ? RIGHT : UNKNOWN;
}

/* F66: a process is killed that waits for a page which nobody gives. */
int userfaultfd_killed(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fds[2], status;
	char byte;
	pid_t pid;

	if (pipe(fds))
		return UNKNOWN;
	pid = fork();
	if (!pid) {
		int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

		begin(&nothing);
		range.range.start = (uintptr_t)s.g.ram + 0x8000;
		range.range.len = PAGE_BYTES;
		if (madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED) ||
		    ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
			_exit(UNKNOWN);
		let_guest(0, 0x8000);
		(void)!write(fds[1], "", 1);
		run();
		_exit(WRONG);
	}
	if (pid < 0 || read(fds[0], &byte, 1) != 1)
		return UNKNOWN;
	sleep(1);
	if (waitpid(pid, &status, WNOHANG) == pid)
		return WRONG;	/* F47 */
	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid ? RIGHT : UNKNOWN;
}

static void *close_partition(void *closed)
{
	close_all();
	__atomic_store_n((int *)closed, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* F67: memory changes when the hypervisor has let go of the partition, the driver not yet. */
int memory_changes_while_closing(void)
{
	int tries, closed, early;
	pthread_t thread;

	for (tries = 0; tries < 20; tries++) {
		struct mshv_sim_fault slow = {
			.size = sizeof(slow), .flags = MSHV_SIM_FAULT_AFTER, .count = 1,
			.code = HVCALL_FINALIZE_PARTITION, .vp = MSHV_SIM_ANY_VP,
			.delay_us = 20000,
		};

		closed = 0;
		begin(&nothing);
		slow.partition = sim_newest_partition(s.ctl);
		NEED(sim_ioctl(s.ctl, MSHV_SIM_FAULT_ADD, &slow));
		NEED(-pthread_create(&thread, NULL, close_partition, &closed));
		do {
			NEED(sim_ioctl(s.ctl, MSHV_SIM_FAULT_QUERY, &slow));
		} while (!slow.hits);
		usleep(1000);
		if (madvise(s.g.ram + 0x8000, PAGE_BYTES, MADV_DONTNEED))
			return UNKNOWN;
		early = !__atomic_load_n(&closed, __ATOMIC_ACQUIRE);
		pthread_join(thread, NULL);
		close(s.ctl);
		if (early)
			return RIGHT;
	}
	fprintf(stderr, "always too late\n");
	return UNKNOWN;
}
