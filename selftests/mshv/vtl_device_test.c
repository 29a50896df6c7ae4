// SPDX-License-Identifier: GPL-2.0-only
/* The devices of mshv_vtl: what they are asked, the pages of a VTL, memory of VTL 0. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injection.h"
#include "mshv_test.h"
#include "x86/vtl.h"

#define BAD_POINTER	((void *)8)

FIXTURE(device) {
	struct env env;
	struct vtl vtl;
};

FIXTURE_SETUP(device)
{
	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
}

MSHV_TEARDOWN(device)

TEST_F(device, check_extension)
{
	struct vtl *v = &self->vtl;

	EXPECT_EQ(0, vtl_check_extension(v->dev, MSHV_CAP_CORE_API_STABLE));
	EXPECT_U64(v->caps.intercept_page_available,
		  vtl_check_extension(v->dev, MSHV_CAP_REGISTER_PAGE));
	EXPECT_U64(v->caps.return_action_available,
		  vtl_check_extension(v->dev, MSHV_CAP_VTL_RETURN_ACTION));
	EXPECT_U64(v->caps.dr6_shared, vtl_check_extension(v->dev, MSHV_CAP_DR6_SHARED));
	EXPECT_EQ(-EOPNOTSUPP, vtl_check_extension(v->dev, 4));
	EXPECT_EQ(-EOPNOTSUPP, vtl_check_extension(v->dev, 0xffffffff));
	EXPECT_EQ(-EFAULT, mshv_ioctl(v->dev, MSHV_CHECK_EXTENSION, NULL));
	EXPECT_EQ(-EFAULT, mshv_ioctl(v->dev, MSHV_CHECK_EXTENSION, BAD_POINTER));
}

/* What the driver has made of the hypervisor when it was loaded. */
TEST_F(device, platform)
{
	union hv_register_vsm_partition_config config;
	unsigned int cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		struct mshv_sim_vtl_info info;
		union hv_synic_sint sint;

		OK(vtl_info(&self->vtl, cpu, &info));
		EXPECT_U64(1, info.has_handler);
		config.as_uint64 = info.partition_config;
		EXPECT_U64(1, config.enable_vtl_protection);
		EXPECT_U64(0xf, config.default_vtl_protection_mask);
		EXPECT_U64(1, config.zero_memory_on_reset);
		EXPECT_U64(1, config.intercept_vp_startup);
		EXPECT_U64(1, config.intercept_cpuid_unimplemented);
		EXPECT_U64(self->vtl.caps.intercept_page_available, config.intercept_page);
		EXPECT_U64(0, config.mbz);

		/* One way or the other for intercepts. */
		EXPECT_U64(self->vtl.caps.intercept_page_available, info.register_page & 1);
		sint.as_uint64 = info.sint[0];
		EXPECT_U64(self->vtl.caps.intercept_page_available, sint.masked);
		if (!sint.masked) {
			EXPECT_U64(0xf3, sint.vector);
			EXPECT_U64(0, sint.auto_eoi);
		}
	}
}

TEST_F(device, create_vtl)
{
	char link[64], path[64];
	int fd, n;

	fd = OK(mshv_ioctl(self->vtl.dev, MSHV_CREATE_VTL, BAD_POINTER));
	EXPECT_NE(self->vtl.fd, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & O_ACCMODE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	ASSERT_LT(0, n);
	link[n] = '\0';
	EXPECT_STREQ("anon_inode:mshv_vtl", link);
	/* One that is closed takes nothing from the others. */
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(-EBADF, mshv_ioctl(fd, MSHV_RETURN_TO_LOWER_VTL, NULL));
	OK(vtl_push(&self->vtl, HVMSG_UNMAPPED_GPA, "x", 1));
	EXPECT_EQ(0, vtl_return(&self->vtl));
}

TEST_F(device, create_vtl_without_fd)
{
	struct rlimit limit;
	int fd;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	fd = dup(0);
	ASSERT_LE(0, fd);
	close(fd);
	limit.rlim_cur = fd;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, mshv_ioctl(self->vtl.dev, MSHV_CREATE_VTL, NULL));
	limit.rlim_cur = fd + 1;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(fd, mshv_ioctl(self->vtl.dev, MSHV_CREATE_VTL, NULL));
}

/* The VTL lives as long as its file, not as long as the device's. */
TEST_F(device, outlives_the_device)
{
	close(self->vtl.dev);
	OK(vtl_push(&self->vtl, HVMSG_UNMAPPED_GPA, "x", 1));
	EXPECT_EQ(0, vtl_return(&self->vtl));
}

TEST_F(device, other_ioctls)
{
	const unsigned long odd[] = {
		MSHV_CREATE_PARTITION, _IO(MSHV_IOCTL, 0xff), 0,
		/* right numbers, wrong sizes */
		_IOW(MSHV_IOCTL, 0x00, __u64), _IOW(MSHV_IOCTL, 0x21, __u32),
		_IO(MSHV_IOCTL, 0x1f), _IOW(MSHV_IOCTL, 0x22, __u32),
	};
	int sint, gate, low;
	size_t i;

	sint = open(SINT_DEVICE, O_RDWR);
	gate = open(HVCALL_DEVICE, O_RDWR);
	low = open(LOW_DEVICE, O_RDWR);
	ASSERT_LE(0, sint);
	ASSERT_LE(0, gate);
	ASSERT_LE(0, low);
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.dev, odd[i], NULL));
		EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.fd, odd[i], NULL));
		EXPECT_EQ(-ENOTTY, mshv_ioctl(sint, odd[i], NULL));
		EXPECT_EQ(-ENOTTY, mshv_ioctl(gate, odd[i], NULL));
		EXPECT_EQ(-ENOTTY, mshv_ioctl(low, odd[i], NULL));
	}
	/* Each on the file of another. */
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.dev, MSHV_RETURN_TO_LOWER_VTL, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.dev, MSHV_GET_VP_REGISTERS, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.fd, MSHV_CREATE_VTL, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->vtl.fd, MSHV_CHECK_EXTENSION, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(sint, MSHV_HVCALL, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(gate, MSHV_SINT_SIGNAL_EVENT, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(low, MSHV_RETURN_TO_LOWER_VTL, NULL));
}

static int create_and_close(void *dev)
{
	int fd = mshv_ioctl(*(int *)dev, MSHV_CREATE_VTL, NULL);

	return fd < 0 ? fd : close(fd);
}

/* Each allocation and user copy fails once; nothing else goes wrong. */
TEST_F(device, create_vtl_fail_nth)
{
	int nth_fd = injection_open(), nth, ret, failures = 0;
	bool left = false;

	if (nth_fd == -ENOENT)
		SKIP(return, "needs FAILSLAB, FAIL_PAGE_ALLOC, FAULT_INJECTION_USERCOPY");
	OK(nth_fd);
	self->env.memory_fails = true;
	for (nth = 1; nth < 200; nth++) {
		ret = injection_try(nth_fd, nth, create_and_close, &self->vtl.dev, &left);
		if (left)
			break;
		EXPECT_TRUE(!ret || ret == -ENOMEM);
		failures += ret < 0;
	}
	injection_set(nth_fd, 0);
	EXPECT_LT(nth, 200);
	EXPECT_LT(2, failures);
	EXPECT_EQ(0, create_and_close(&self->vtl.dev));
}

/* -------------------------------------------------------- pages of a VTL's file */

static sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/* The signal that reading there gives; 0: none. */
static int touch(const volatile void *p)
{
	struct sigaction action = { .sa_handler = on_fault };
	int signal;

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	signal = sigsetjmp(fault, 1);
	if (!signal)
		(void)*(const volatile char *)p;
	return signal;
}

TEST_F(device, run_page)
{
	struct mshv_vtl_run *again, *other_cpu, *other_vtl;
	int fd = OK(mshv_ioctl(self->vtl.dev, MSHV_CREATE_VTL, NULL));

	again = vtl_page(self->vtl.fd, RUN_PAGE(0));
	other_cpu = vtl_page(self->vtl.fd, RUN_PAGE(1));
	other_vtl = vtl_page(fd, RUN_PAGE(0));
	ASSERT_NE(NULL, again);
	ASSERT_NE(NULL, other_cpu);
	ASSERT_NE(NULL, other_vtl);
	/* One page for each CPU, whatever the file. */
	other_cpu->pad[0] = 1;
	self->vtl.run->pad[0] = 0x12345678;
	EXPECT_U64(0x12345678, again->pad[0]);
	EXPECT_U64(0x12345678, other_vtl->pad[0]);
	EXPECT_U64(1, other_cpu->pad[0]);
	self->vtl.run->pad[0] = 0;
	other_cpu->pad[0] = 0;
}

TEST_F(device, run_pages_in_one_piece)
{
	struct mshv_vtl_run *both;

	both = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, self->vtl.fd, 0);
	ASSERT_NE(MAP_FAILED, both);
	self->vtl.run->pad[1] = 7;
	EXPECT_U64(7, both->pad[1]);
	EXPECT_EQ(0, touch((char *)both + PAGE_BYTES));
	self->vtl.run->pad[1] = 0;
}

/* What a process keeps to itself does not reach the driver. */
TEST_F(device, run_page_private)
{
	struct mshv_vtl_run *mine;

	mine = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->vtl.fd, 0);
	ASSERT_NE(MAP_FAILED, mine);
	mine->cancel = 1;
	EXPECT_U64(0, self->vtl.run->cancel);
	OK(vtl_push(&self->vtl, HVMSG_UNMAPPED_GPA, "x", 1));
	EXPECT_EQ(0, vtl_return(&self->vtl));
}

TEST_F(device, pages_of_no_cpu)
{
	const uint64_t numbers[] = {
		RUN_PAGE(64), RUN_PAGE(0xffff), REGISTER_PAGE(64), REGISTER_PAGE(0xffff),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		void *page = vtl_page(self->vtl.fd, numbers[i]);

		ASSERT_NE(NULL, page);
		EXPECT_EQ(SIGBUS, touch(page));
	}
}

/* A page number has more bits than the driver looks at. */
TEST_F(device, page_number_is_whole)
{
	volatile struct mshv_vtl_run *page = (void *)vtl_page(self->vtl.fd, 1ull << 48);
	bool same;

	ASSERT_NE(NULL, page);
	if (touch(page) == SIGBUS)
		return;
	self->vtl.run->pad[0] = 0x5a5a;
	same = page->pad[0] == 0x5a5a;
	self->vtl.run->pad[0] = 0;
	ASSERT_TRUE(same);
	DRIVER_DEFECT(return, "page 2^48 of a VTL is that of CPU 0");
}

/* The run page comes first, then the register page, and then nothing. */
TEST_F(device, pages_of_no_kind)
{
	void *page = vtl_page(self->vtl.fd, 2 << 16);
	int status, tries;
	pid_t pid;

	ASSERT_NE(NULL, page);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(touch(page));
	for (tries = 0; tries < 100; tries++) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			EXPECT_TRUE(WIFEXITED(status));
			EXPECT_EQ(SIGBUS, WEXITSTATUS(status));
			return;
		}
		usleep(20000);
	}
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	DRIVER_DEFECT(return, "touching page 2 << 16 of a VTL never ends");
}

TEST_F(device, register_page)
{
	struct hv_vp_register_page *page;
	uint64_t rip = 0xfff0, rflags = 0x202, seen;

	page = vtl_page(self->vtl.fd, REGISTER_PAGE(0));
	ASSERT_NE(NULL, page);
	if (!self->vtl.caps.intercept_page_available) {
		EXPECT_EQ(SIGBUS, touch(page));
		return;
	}
	OK(vtl_sim_register(self->vtl.ctl, 0, 0, HV_X64_REGISTER_RIP, &rip, true));
	OK(vtl_sim_register(self->vtl.ctl, 0, 0, HV_X64_REGISTER_RFLAGS, &rflags, true));
	OK(vtl_push(&self->vtl, HVMSG_X64_IO_PORT_INTERCEPT, "x", 1));
	self->vtl.run->cpu_context.rbx = 0xb0b;
	ASSERT_EQ(0, vtl_return(&self->vtl));
	EXPECT_EQ(1, page->isvalid);
	EXPECT_U64(0xfff0, page->rip);
	EXPECT_U64(0x202, page->rflags);
	EXPECT_U64(0xb0b, page->rbx);

	/* And back: what is marked as dirty. */
	page->rip = 0xfff2;
	page->rflags = 2;
	page->dirty = 1 << HV_X64_REGISTER_CLASS_IP;
	OK(vtl_push(&self->vtl, HVMSG_X64_IO_PORT_INTERCEPT, "x", 1));
	ASSERT_EQ(0, vtl_return(&self->vtl));
	OK(vtl_sim_register(self->vtl.ctl, 0, 0, HV_X64_REGISTER_RIP, &seen, false));
	EXPECT_U64(0xfff2, seen);
	EXPECT_U64(0xfff2, page->rip);
	EXPECT_U64(0x202, page->rflags);
	EXPECT_U64(0, page->dirty);
}

/* A mapping keeps the page, whatever becomes of the file. */
TEST_F(device, mapping_outlives_the_file)
{
	close(self->vtl.fd);
	self->vtl.run->pad[0] = 3;
	self->vtl.fd = OK(mshv_ioctl(self->vtl.dev, MSHV_CREATE_VTL, NULL));
	EXPECT_U64(3, ((struct mshv_vtl_run *)vtl_page(self->vtl.fd, RUN_PAGE(0)))->pad[0]);
	self->vtl.run->pad[0] = 0;
}

/* --------------------------------------------------------------- memory of VTL 0 */

static int add_memory(struct vtl *v, uint64_t first, uint64_t end)
{
	struct mshv_vtl_ram_disposition args = { .start_pfn = first, .last_pfn = end };

	return mshv_ioctl(v->fd, MSHV_ADD_VTL0_MEMORY, &args);
}

/* In KiB: what the kernel can reach without mapping it first. */
static long direct_map(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long sum = 0, value;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "DirectMap%*[^:]: %ld", &value) == 1)
			sum += value;
	if (f)
		fclose(f);
	return sum;
}

/* What no processor can address is no memory of VTL 0; the simulator says no more to it. */
TEST_F(device, memory_that_cannot_be)
{
	uint64_t value = 0;

	EXPECT_EQ(-ENXIO, vtl_sim_memory(self->vtl.ctl, 1ull << 60, &value, sizeof(value), false));
	EXPECT_EQ(-EINVAL, vtl_sim_memory(self->vtl.ctl, ~0ull - 6, &value, sizeof(value), false));
}

TEST_F(device, add_memory)
{
	uint64_t gpa = 0, bytes = 4 << 20;
	long before = direct_map();

	/* There is no way back, and a test may run twice. */
	OK(vtl_take_memory(bytes, &gpa));
	ASSERT_EQ(0, add_memory(&self->vtl, gpa / PAGE_BYTES, (gpa + bytes) / PAGE_BYTES));
	EXPECT_EQ(before + (long)(bytes >> 10), direct_map());
}

TEST_F(device, add_memory_arguments)
{
	long before = direct_map();

	EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, MSHV_ADD_VTL0_MEMORY, NULL));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->vtl.fd, MSHV_ADD_VTL0_MEMORY, BAD_POINTER));
	EXPECT_EQ(before, direct_map());
}

TEST_F(device, add_memory_empty)
{
	const uint64_t pfn = LOW_GPA / PAGE_BYTES;
	int ret = add_memory(&self->vtl, pfn, pfn);

	EXPECT_EQ(ret, add_memory(&self->vtl, pfn + 512, pfn));
	EXPECT_EQ(ret, add_memory(&self->vtl, ~0ull, 0));
	if (ret == -EINVAL)
		return;
	ASSERT_EQ(-EFAULT, ret);
	DRIVER_DEFECT(return, "a range without pages is EFAULT, not EINVAL");
}

VTL_TEST_MAIN
