// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defects of mshv_vtl that end the machine, or make its log complain: each is for a
 * machine of its own, which scripts/check-defects --vtl starts.
 *
 *   vtl_defect_vm NAME
 *
 * Ends with 0 if the driver did what is right, and the kernel's log has nothing to
 * say; with 10 if it did not; with 1 if this program could not find out.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x86/vtl.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define RIGHT	0
#define UNKNOWN	1
#define WRONG	10

#define NEED(op) ({							\
	long need_result = (op);					\
	if (need_result < 0) {						\
		fprintf(stderr, "%s: %s\n", #op, strerror(-need_result)); \
		exit(UNKNOWN);						\
	}								\
	need_result;							\
})

#define SYS(op) NEED((op) < 0 ? -errno : 0)

static struct vtl v;

static int set_poll_file(int fd)
{
	struct mshv_vtl_set_poll_file args = { .cpu = 0, .fd = fd };

	return mshv_ioctl(v.fd, MSHV_SET_POLL_FILE, &args);
}

static int add_memory(uint64_t gpa, uint64_t bytes)
{
	struct mshv_vtl_ram_disposition args = {
		.start_pfn = gpa / PAGE_BYTES, .last_pfn = (gpa + bytes) / PAGE_BYTES,
	};

	return mshv_ioctl(v.fd, MSHV_ADD_VTL0_MEMORY, &args);
}

static int load_driver(void)
{
	const char *path = getenv("MSHV_VTL_KO");
	int fd, ret;

	if (!path)
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int unload_driver(void)
{
	close(v.fd);
	close(v.dev);
	munmap(v.run, PAGE_BYTES);
	return syscall(SYS_delete_module, "mshv_vtl", O_NONBLOCK) ? -errno : 0;
}

/* Readers and writers of a FIFO wait in one place each: two for one file. */
static int poll_file_with_two_queues(void)
{
	int fd, ret;

	SYS(mkfifo("/dev/shm/fifo", 0600));
	fd = open("/dev/shm/fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	SYS(fd);
	ret = set_poll_file(fd);
	if (!ret)
		SYS(write(fd, "x", 1));
	return RIGHT;
}

/* The hypervisor says that VTL 0 has called VTL 2. */
static int lower_vtl_call(void)
{
	const struct mshv_sim_vtl_step step = {
		.action = MSHV_SIM_VTL_RAW, .reason = 1,
	};

	NEED(vtl_step(&v, &step));
	NEED(vtl_push(&v, HVMSG_X64_HALT, "h", 1));
	return vtl_return(&v) == 0 ? RIGHT : WRONG;
}

/* Bits 63:32 of DR6 must be zero. */
static int dr6_high_bits(void)
{
	struct hv_register_assoc reg = {
		.name = HV_X64_REGISTER_DR6, .value.reg64 = 1ull << 40,
	};
	struct mshv_vp_registers args = { .count = 1, .regs_ptr = (uintptr_t)&reg };
	int ret = mshv_ioctl(v.fd, MSHV_SET_VP_REGISTERS, &args);

	return ret == -EINVAL ? RIGHT : WRONG;
}

static int memory_twice(void)
{
	NEED(add_memory(LOW_GPA, 4 << 20));
	return add_memory(LOW_GPA, 4 << 20) < 0 ? RIGHT : WRONG;
}

/* Less than the kernel can keep books of. */
static int memory_of_one_page(void)
{
	add_memory(LOW_GPA, PAGE_BYTES);
	return RIGHT;
}

/* What the kernel itself runs in. */
static int memory_of_the_kernel(void)
{
	return add_memory(16 << 20, 2 << 20) < 0 ? RIGHT : WRONG;
}

/* Beyond what the processor can address. */
static int memory_nowhere(void)
{
	return add_memory(1ull << 60, 4 << 20) < 0 ? RIGHT : WRONG;
}

/* Memory of VTL 0 that has no pages is mapped as a huge one, and is to be read from. */
static int pin_huge_without_pages(void)
{
	const size_t huge = 2 << 20;
	int fd = open(LOW_DEVICE, O_RDWR | O_CLOEXEC), ends[2];
	struct iovec from = { .iov_len = 8 };
	char *p;

	SYS(fd);
	SYS(pipe(ends));
	p = mmap(NULL, 2 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p = (char *)(((uintptr_t)p + huge - 1) / huge * huge);
	p = mmap(p, huge, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, LOW_GPA);
	if (p == MAP_FAILED)
		return UNKNOWN;
	p[0] = 1;
	from.iov_base = p;
	return vmsplice(ends[1], &from, 1, 0) < 0 && errno == EFAULT ? RIGHT : WRONG;
}

/* The file of an earlier life of the driver wakes up. */
static int unload_with_poll_file(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	SYS(fd);
	NEED(set_poll_file(fd));
	NEED(unload_driver());
	SYS(eventfd_write(fd, 1));
	return RIGHT;
}

static int unload_and_load(void)
{
	NEED(unload_driver());
	NEED(load_driver());
	close(v.ctl);
	NEED(vtl_open(&v, 0));
	NEED(vtl_push(&v, HVMSG_X64_HALT, "h", 1));
	return vtl_return(&v) == 0 ? RIGHT : WRONG;
}

/*
 * A signalfd's queue goes with the process whose signals they are, and the waiters
 * are told; what is still in it then waits for signals of strangers.
 */
static int poll_file_of_the_dead(void)
{
	int status, i;
	pid_t pid;

	pid = fork();
	SYS(pid);
	if (!pid) {
		sigset_t set;
		int fd;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		fd = signalfd(-1, &set, SFD_CLOEXEC);
		_exit(fd < 0 || set_poll_file(fd) ? UNKNOWN : RIGHT);
	}
	SYS(waitpid(pid, &status, 0));
	if (status)
		return UNKNOWN;
	v.run->cancel = 0;
	for (i = 0; i < 300; i++) {
		pid = fork();
		SYS(pid);
		if (!pid) {
			sigset_t set;

			sigemptyset(&set);
			sigaddset(&set, SIGUSR1);
			sigprocmask(SIG_BLOCK, &set, NULL);
			raise(SIGUSR1);
			_exit(0);
		}
		SYS(waitpid(pid, &status, 0));
		if (v.run->cancel) {
			printf("a signal of another process has cancelled the run\n");
			return WRONG;
		}
	}
	return RIGHT;
}

/* CPU 1 is possible, and not there. */
static int offline_cpu(void)
{
	struct mshv_vtl_set_poll_file args = { .cpu = 1, .fd = 0 };
	int status;
	pid_t pid;

	if (mshv_ioctl(v.fd, MSHV_SET_POLL_FILE, &args) != -EINVAL)
		return WRONG;
	pid = fork();
	SYS(pid);
	if (!pid) {
		volatile char *page = vtl_page(v.fd, RUN_PAGE(1));

		_exit(page ? page[0] : 0);
	}
	SYS(waitpid(pid, &status, 0));
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS ? RIGHT : WRONG;
}

static const struct {
	const char *name;
	int (*show)(void);
} defects[] = {
#define DEFECT(name) { #name, name }
	DEFECT(poll_file_with_two_queues),
	DEFECT(poll_file_of_the_dead),
	DEFECT(lower_vtl_call),
	DEFECT(dr6_high_bits),
	DEFECT(memory_twice),
	DEFECT(memory_of_one_page),
	DEFECT(memory_of_the_kernel),
	DEFECT(memory_nowhere),
	DEFECT(pin_huge_without_pages),
	DEFECT(unload_with_poll_file),
	DEFECT(unload_and_load),
	DEFECT(offline_cpu),
};

int main(int argc, char **argv)
{
	char why[512];
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_SIZE(defects); i++) {
		if (strcmp(argv[1], defects[i].name))
			continue;
		if (vtl_require(why, sizeof(why))) {
			fprintf(stderr, "%s\n", why);
			return UNKNOWN;
		}
		NEED(vtl_open(&v, 0));
		return defects[i].show();
	}
	fprintf(stderr, "usage: vtl_defect_vm NAME, where NAME is one of\n");
	for (i = 0; i < ARRAY_SIZE(defects); i++)
		fprintf(stderr, "  %s\n", defects[i].name);
	return UNKNOWN;
}
