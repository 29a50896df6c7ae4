// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions that are no RAM: the memory of a PCI device, mapped by its file in sysfs, which
 * keeps the page frame number in vm_pgoff. VFIO does not (F55). Needs mshv_sim, which
 * knows what the driver has mapped.
 */
#include <glob.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <stdio.h>
#include <unistd.h>

#include "x86/guest_test.h"
#include "sim.h"

#define GPA		GUEST_HOLE_GPA
#define VENDOR_VIRTIO	0x1af4
#define BAR_IS_MEMORY	0x200	/* IORESOURCE_MEM: flags in "resource" */

FIXTURE(device) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t start, bytes;	/* of the BAR */
	uint64_t at;		/* of the register in it: see find_register() */
	char *host;		/* all of it, to be read */
	int file;
};

/* The first bytes of a file of the device. */
static ssize_t read_some(const char *dir, const char *name, void *to, size_t bytes)
{
	char path[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, to, bytes);
	close(fd);
	return n;
}

/* First and last address and flags of a BAR, one line each in this file. */
static int read_bar(const char *dir, int bar, uint64_t *start, uint64_t *bytes)
{
	unsigned long long first, last, flags;
	char path[256];
	int i, ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/resource", dir);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	for (i = 0; i <= bar && !ret; i++)
		ret = fscanf(f, "%llx %llx %llx", &first, &last, &flags) == 3 ? 0 : -EPROTO;
	fclose(f);
	if (ret || !(flags & BAR_IS_MEMORY))
		return ret ? ret : -ENODEV;
	*start = first;
	*bytes = last - first + 1;
	return 0;
}

/*
 * Where a virtio device has num_queues, which only says something: the device does not
 * mind if it is written to (virtio 1.2, 4.1.4.3). Returns the BAR.
 */
static int find_register(const char *dir, uint64_t *at)
{
	uint8_t config[256];
	uint16_t vendor, command, status;
	struct virtio_pci_cap cap;
	unsigned int next, n;

	if (read_some(dir, "config", config, sizeof(config)) != sizeof(config))
		return -ENODEV;
	memcpy(&vendor, config + PCI_VENDOR_ID, sizeof(vendor));
	memcpy(&command, config + PCI_COMMAND, sizeof(command));
	memcpy(&status, config + PCI_STATUS, sizeof(status));
	if (vendor != VENDOR_VIRTIO || !(command & PCI_COMMAND_MEMORY) ||
	    !(status & PCI_STATUS_CAP_LIST))
		return -ENODEV;
	next = config[PCI_CAPABILITY_LIST];
	/* A list that leads in a circle has no end. */
	for (n = 0; n < 48 && next && next + sizeof(cap) <= sizeof(config); n++) {
		memcpy(&cap, config + next, sizeof(cap));
		if (cap.cap_vndr == PCI_CAP_ID_VNDR && cap.cfg_type == VIRTIO_PCI_CAP_COMMON_CFG &&
		    cap.bar < PCI_STD_NUM_BARS) {
			*at = (uint64_t)cap.offset + VIRTIO_PCI_COMMON_NUMQ;
			return cap.bar;
		}
		next = cap.cap_next;
	}
	return -ENODEV;
}

static uint16_t num_queues(const FIXTURE_DATA(device) *self)
{
	return *(volatile uint16_t *)(self->host + self->at);
}

/* One that sleeps says all ones. */
static int try_device(FIXTURE_DATA(device) *self, const char *dir)
{
	int bar = find_register(dir, &self->at);
	char path[256];

	if (bar < 0 || read_bar(dir, bar, &self->start, &self->bytes) ||
	    self->bytes < 2 * PAGE_BYTES || self->at % sizeof(uint16_t) ||
	    self->at > self->bytes - sizeof(uint16_t))
		return -ENODEV;
	snprintf(path, sizeof(path), "%s/resource%d", dir, bar);
	self->file = open(path, O_RDWR | O_CLOEXEC);
	if (self->file < 0)
		return -errno;
	self->host = mmap(NULL, self->bytes, PROT_READ, MAP_SHARED, self->file, 0);
	if (self->host != MAP_FAILED) {
		if (num_queues(self) && num_queues(self) != UINT16_MAX)
			return 0;
		munmap(self->host, self->bytes);
	}
	close(self->file);
	return -ENODEV;
}

/* The memory of a virtio device of this machine; of one that is in use only if need be. */
static int find_device(FIXTURE_DATA(device) *self)
{
	int used, ret = -ENODEV;
	char path[256];
	glob_t found;
	size_t i;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &found))
		return -ENODEV;
	for (used = 0; used < 2 && ret; used++) {
		for (i = 0; i < found.gl_pathc && ret; i++) {
			snprintf(path, sizeof(path), "%s/driver", found.gl_pathv[i]);
			if (used == !access(path, F_OK))
				ret = try_device(self, found.gl_pathv[i]);
		}
	}
	globfree(&found);
	return ret;
}

FIXTURE_SETUP(device)
{
	MSHV_SIM_SETUP(self);
	if (find_device(self))
		SKIP(return, "no virtio device whose common configuration can be mapped");
	OK(guest_create(&self->g, 0));
}

MSHV_TEARDOWN(device)

/* What the driver has the hypervisor map for a region: flags, first frame; how many. */
static int read_map(int ctl, uint32_t *flags, uint64_t *pfn)
{
	const struct hv_input_map_gpa_pages *in;
	struct mshv_sim_record record;

	if (read(ctl, &record, sizeof(record)) != sizeof(record))
		return -ENODATA;
	in = (const void *)record.input;
	if (record.input_bytes < sizeof(*in) + sizeof(*pfn))
		return -EPROTO;
	*flags = in->map_flags;
	memcpy(pfn, record.input + sizeof(*in), sizeof(*pfn));
	return record.reps_done;
}

/* F36: what the driver leaves mapped is a violation at the partition's end: forgive that. */
static int end(FIXTURE_DATA(device) *self)
{
	int others = 0, ret;

	if (self->g.vp[0].fd > 0)
		close(self->g.vp[0].fd);
	close(self->g.pt);
	ret = sim_forgive_text(self->ctl, "pages mapped", NULL, &others);
	return ret < 0 ? ret : -others;
}

static void guest_reads(uint64_t gpa)
{
	for (;;)
		guest_sync(*(volatile uint16_t *)guest_ptr(gpa), 0);
}

/* The guest reads the device itself. */
TEST_F(device, guest_reads)
{
	const uint16_t value = num_queues(self);
	uint32_t flags = 0;
	uint64_t pfn = 0;

	OK(guest_add_vp(&self->g, 0, guest_reads, GPA + self->at));
	OK(sim_record(self->ctl, HVCALL_MAP_GPA_PAGES, 0));
	OK(memory_map(self->g.pt, GPA, self->host, self->bytes, MEM_R));
	OK(read_map(self->ctl, &flags, &pfn));
	EXPECT_U64(self->start / PAGE_BYTES, pfn);
	EXPECT_U64(HV_MAP_GPA_READABLE | HV_MAP_GPA_NOT_CACHED,
		   flags & ~(uint32_t)HV_MAP_GPA_WRITABLE);
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(value, self->g.vp[0].args[0]);
	EXPECT_EQ(0, end(self));
}

static void guest_writes(uint64_t gpa)
{
	*(volatile uint16_t *)guest_ptr(gpa) = 1;
	guest_sync(0, 0);
}

/* F55: neither a region nor a mapping of the process that is read-only can be written. */
static void writes(struct __test_metadata *_metadata, FIXTURE_DATA(device) *self, int prot,
		   uint32_t rights)
{
	/* Begins with the page of the register: see second_page for what else would happen. */
	char *host = mmap(NULL, PAGE_BYTES, prot, MAP_SHARED, self->file,
			  self->at / PAGE_BYTES * PAGE_BYTES);
	int event;

	ASSERT_NE(MAP_FAILED, host);
	OK(guest_add_vp(&self->g, 0, guest_writes, GPA + self->at % PAGE_BYTES));
	/* A driver may also refuse it. */
	if (memory_map(self->g.pt, GPA, host, PAGE_BYTES, rights))
		return;
	event = guest_run(&self->g, 0);
	if (event == GUEST_SYNC) {
		EXPECT_EQ(0, end(self));
		DRIVER_DEFECT(return, "F55: the guest writes to a device that it may only read");
	}
	ASSERT_EQ(GUEST_EXIT, event);
	EXPECT_EQ((uint32_t)HVMSG_GPA_INTERCEPT, self->g.vp[0].message.header.message_type);
	EXPECT_EQ(0, end(self));
}

TEST_F(device, read_only_region)
{
	writes(_metadata, self, PROT_READ | PROT_WRITE, MEM_R);
}

TEST_F(device, read_only_for_the_process)
{
	writes(_metadata, self, PROT_READ, MEM_W);
}

/* F55: what lies behind the process' mapping is not its to give. */
TEST_F(device, longer_than_its_mapping)
{
	char *host = mmap(NULL, 2 * PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t flags;
	uint64_t pfn;
	int ret;

	ASSERT_NE(MAP_FAILED, host);
	ASSERT_EQ(host, mmap(host, PAGE_BYTES, PROT_READ, MAP_SHARED | MAP_FIXED, self->file,
			     0));
	OK(sim_record(self->ctl, HVCALL_MAP_GPA_PAGES, 0));
	ret = memory_map(self->g.pt, GPA, host, 2 * PAGE_BYTES, MEM_R);
	if (!ret) {
		EXPECT_EQ(2, read_map(self->ctl, &flags, &pfn));
		EXPECT_EQ(0, end(self));
		DRIVER_DEFECT(return, "F55: the guest got a page that the process has not mapped");
	}
	EXPECT_TRUE(ret == -EINVAL || ret == -EFAULT);
}

/* F36: after the region has gone the guest reaches the device no more. */
TEST_F(device, unmapped)
{
	const uint16_t value = num_queues(self);
	int event;

	OK(guest_add_vp(&self->g, 0, guest_reads, GPA + self->at));
	OK(memory_map(self->g.pt, GPA, self->host, self->bytes, MEM_R));
	RUN(GUEST_SYNC, &self->g, 0);
	OK(memory_unmap(self->g.pt, GPA, self->host, self->bytes));
	event = guest_run(&self->g, 0);
	if (event == GUEST_SYNC && self->g.vp[0].args[0] == value) {
		EXPECT_EQ(0, end(self));
		DRIVER_DEFECT(return, "F36: the guest still has a device that was unmapped");
	}
	ASSERT_EQ(GUEST_EXIT, event);
	EXPECT_EQ((uint32_t)HVMSG_UNMAPPED_GPA, self->g.vp[0].message.header.message_type);
}

/* F36: a region that begins in the middle of the process' mapping. */
TEST_F(device, second_page)
{
	uint64_t pfn = 0;
	uint32_t flags;

	OK(sim_record(self->ctl, HVCALL_MAP_GPA_PAGES, 0));
	OK(memory_map(self->g.pt, GPA, self->host + PAGE_BYTES, PAGE_BYTES, MEM_R));
	OK(read_map(self->ctl, &flags, &pfn));
	EXPECT_EQ(0, end(self));
	if (pfn == self->start / PAGE_BYTES)
		DRIVER_DEFECT(return, "F36: the second page of a device is its first");
	EXPECT_U64(self->start / PAGE_BYTES + 1, pfn);
}

struct vvar {
	char *host;
	uint64_t bytes;
	bool is_device;		/* for the kernel: VM_IO or VM_PFNMAP */
};

static int find_vvar(struct vvar *vvar)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long first, last;
	bool inside = false;
	char line[256];
	int ret = -ENOENT;

	while (f && ret && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &first, &last) == 2) {
			inside = strstr(line, "[vvar]");
			vvar->host = (char *)first;
			vvar->bytes = last - first;
		} else if (inside && !strncmp(line, "VmFlags:", 8)) {
			vvar->is_device = strstr(line, " io ") || strstr(line, " pf ");
			ret = 0;
		}
	}
	if (f)
		fclose(f);
	return ret;
}

/*
 * F36: memory of the kernel that the process may read (the clock of the vDSO) is mapped
 * like a device up to 7.2, but is none. Its first page must not become the machine's
 * first page; more of it would be RAM, which the driver does refuse. From 7.3 on it is
 * mapped like any other memory. Only its process can fault it in, though: a guest that
 * touched it would make the driver warn (F3).
 */
TEST_F(device, clock_of_the_vdso)
{
	struct vvar vvar = { 0 };
	uint64_t pfn = ~0ull;
	uint32_t flags;
	int ret;

	OK(find_vvar(&vvar));
	if (!vvar.is_device) {
		OK(memory_map(self->g.pt, GPA, vvar.host, vvar.bytes, MEM_R));
		OK(memory_unmap(self->g.pt, GPA, vvar.host, vvar.bytes));
		return;
	}
	if (vvar.bytes > PAGE_BYTES)
		EXPECT_EQ(-EINVAL, memory_map(self->g.pt, GPA, vvar.host, vvar.bytes, MEM_R));
	OK(sim_record(self->ctl, HVCALL_MAP_GPA_PAGES, 0));
	ret = memory_map(self->g.pt, GPA, vvar.host, PAGE_BYTES, MEM_R);
	if (ret)
		return;
	OK(read_map(self->ctl, &flags, &pfn));
	EXPECT_U64(0, pfn);
	EXPECT_EQ(0, end(self));
	DRIVER_DEFECT(return, "F36: the guest got page frame %llu for memory of the kernel",
		      (unsigned long long)pfn);
}

GUEST_TEST_MAIN
