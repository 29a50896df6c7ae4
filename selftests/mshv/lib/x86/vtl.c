// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vtl.h"

int vtl_check_extension(int dev, uint32_t extension)
{
	return mshv_ioctl(dev, MSHV_CHECK_EXTENSION, &extension);
}

static bool has_vtl_sim(void)
{
	struct mshv_sim_probe probe;
	int ctl = sim_open();
	bool yes;

	if (ctl < 0)
		return false;
	yes = !sim_probe(ctl, &probe) && (probe.features & MSHV_SIM_HAS_VTL);
	close(ctl);
	return yes;
}

/*
 * Does the kernel leave alone what the tests take for VTL 0's? NULL, or why not. To who
 * may not know them all addresses are 0.
 */
static const char *low_memory_taken(void)
{
	unsigned long long first, last, known = 0;
	const char *why = NULL;
	FILE *f = fopen("/proc/iomem", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx", &first, &last) != 2)
			continue;
		known |= last;
		if (strstr(line, "System RAM") && first < LOW_GPA + LOW_BYTES && last >= LOW_GPA)
			why = "the kernel has memory from 4 to 5 GiB, which the tests write to: vm/run --vtl, or mem=4G";
	}
	if (f)
		fclose(f);
	return known ? why : "/proc/iomem does not say what is from 4 to 5 GiB, which the tests write to";
}

int vtl_require(char *why, size_t size)
{
	int fd = dev_open(), ret;
	const char *taken;

	if (fd == -ENOENT && !geteuid() && !env_load_sim("mshv_vtl_sim")) {
		env_modprobe("mshv_vtl");
		fd = dev_open();
	}
	if (fd < 0) {
		snprintf(why, size, "cannot open /dev/mshv: %s%s", strerror(-fd),
			 geteuid() ? " (needs root)" :
			 " (needs CONFIG_MSHV_VTL, and mshv_vtl_sim.ko and mshv_vtl.ko for this kernel)");
		return fd;
	}
	ret = vtl_check_extension(fd, MSHV_CAP_CORE_API_STABLE);
	close(fd);
	if (ret) {
		snprintf(why, size, "/dev/mshv does not belong to the mshv_vtl driver");
		return -ENODEV;
	}
	/* A paravisor that tests its own VTL 0 would not live to tell. */
	if (!has_vtl_sim()) {
		snprintf(why, size, "mshv_vtl runs without mshv_vtl_sim: these tests need its VTL 0");
		return -ENODEV;
	}
	taken = low_memory_taken();
	if (taken) {
		snprintf(why, size, "%s", taken);
		return -EBUSY;
	}
	return env_watch_log(why, size);
}

int vtl_bind(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

void *vtl_page(int fd, uint64_t number)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  number * PAGE_BYTES);

	return page == MAP_FAILED ? NULL : page;
}

int vtl_open(struct vtl *vtl, unsigned int cpu)
{
	struct mshv_sim_vtl_info info;
	int ret;

	memset(vtl, 0, sizeof(*vtl));
	vtl->cpu = cpu;
	ret = vtl_bind(cpu);
	if (ret)
		return ret;
	vtl->dev = dev_open();
	if (vtl->dev < 0)
		return vtl->dev;
	vtl->ctl = sim_open();
	if (vtl->ctl < 0)
		return vtl->ctl;
	vtl->fd = mshv_ioctl(vtl->dev, MSHV_CREATE_VTL, NULL);
	if (vtl->fd < 0)
		return vtl->fd;
	vtl->run = vtl_page(vtl->fd, RUN_PAGE(cpu));
	if (!vtl->run)
		return -errno;
	ret = vtl_info(vtl, cpu, &info);
	vtl->caps.as_uint64 = info.capabilities;
	/* What an earlier test has left there is for nobody. */
	memset(vtl->run, 0, sizeof(*vtl->run));
	vtl->run->cpu_context.fx_state[0] = 0x7f;	/* FCW, and MXCSR, as after a reset */
	vtl->run->cpu_context.fx_state[1] = 0x03;
	vtl->run->cpu_context.fx_state[24] = 0x80;
	vtl->run->cpu_context.fx_state[25] = 0x1f;
	return ret;
}

int vtl_take_memory(uint64_t bytes, uint64_t *gpa)
{
	const uint64_t unit = 2 << 20;
	uint64_t used = 0;
	int fd = open("/dev/shm/mshv_vtl_memory", O_RDWR | O_CREAT | O_CLOEXEC, 0600), ret = 0;

	if (fd < 0)
		return -errno;
	bytes = (bytes + unit - 1) / unit * unit;
	if (flock(fd, LOCK_EX) || pread(fd, &used, sizeof(used), 0) < 0)
		ret = -errno;
	else if (bytes > LOW_BYTES - used)
		ret = -ENOSPC;
	*gpa = LOW_GPA + used;
	used += bytes;
	if (!ret && pwrite(fd, &used, sizeof(used), 0) != sizeof(used))
		ret = -errno;
	close(fd);
	return ret;
}

int vtl_return(struct vtl *vtl)
{
	return mshv_ioctl(vtl->fd, MSHV_RETURN_TO_LOWER_VTL, NULL);
}

int vtl_info(struct vtl *vtl, unsigned int cpu, struct mshv_sim_vtl_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->cpu = cpu;
	return sim_ioctl(vtl->ctl, MSHV_SIM_VTL_INFO, info);
}

int vtl_seen(struct vtl *vtl, unsigned int cpu, struct mshv_sim_vtl_cpu *seen)
{
	memset(seen, 0, sizeof(*seen));
	seen->size = sizeof(*seen);
	seen->cpu = cpu;
	return sim_ioctl(vtl->ctl, MSHV_SIM_VTL_QUERY, seen);
}

int vtl_step(struct vtl *vtl, const struct mshv_sim_vtl_step *step)
{
	struct mshv_sim_vtl_step s = *step;

	s.size = sizeof(s);
	s.cpu = vtl->cpu;
	return sim_ioctl(vtl->ctl, MSHV_SIM_VTL_PUSH, &s);
}

static void make_message(void *to, uint32_t type, const void *payload, size_t bytes)
{
	struct hv_message message = {
		.header = { .message_type = type, .payload_size = bytes },
	};

	memcpy(message.u.payload, payload, bytes);
	memcpy(to, &message, sizeof(message));
}

int vtl_push(struct vtl *vtl, uint32_t type, const void *payload, size_t bytes)
{
	struct mshv_sim_vtl_step step = { .action = MSHV_SIM_VTL_INTERCEPT };

	make_message(step.message, type, payload, bytes);
	return vtl_step(vtl, &step);
}

int vtl_post(int ctl, unsigned int cpu, uint32_t sint, uint32_t type, const char *text)
{
	struct mshv_sim_vtl_post post = {
		.size = sizeof(post), .cpu = cpu, .flags = MSHV_SIM_VTL_MESSAGE, .sint = sint,
	};

	make_message(post.message, type, text, strlen(text));
	return sim_ioctl(ctl, MSHV_SIM_VTL_POST, &post);
}

int vtl_event(int ctl, unsigned int cpu, uint32_t sint, uint32_t event)
{
	struct mshv_sim_vtl_post post = {
		.size = sizeof(post), .cpu = cpu, .flags = MSHV_SIM_VTL_EVENT,
		.sint = sint, .event = event,
	};

	return sim_ioctl(ctl, MSHV_SIM_VTL_POST, &post);
}

int vtl_sim_register(int ctl, unsigned int cpu, unsigned int vtl, uint32_t name, uint64_t *value,
		     bool write)
{
	struct mshv_sim_vtl_register r = {
		.size = sizeof(r), .cpu = cpu, .vtl = vtl, .name = name,
		.flags = write ? MSHV_SIM_VTL_WRITE : 0, .value = { *value },
	};
	int ret = sim_ioctl(ctl, MSHV_SIM_VTL_REGISTER, &r);

	*value = r.value[0];
	return ret;
}

int vtl_sim_memory(int ctl, uint64_t gpa, void *data, size_t bytes, bool write)
{
	struct mshv_sim_vtl_memory m = {
		.size = sizeof(m), .flags = write ? MSHV_SIM_VTL_WRITE : 0,
		.gpa = gpa, .bytes = bytes,
	};
	int ret;

	if (write)
		memcpy(m.data, data, bytes);
	ret = sim_ioctl(ctl, MSHV_SIM_VTL_MEMORY, &m);
	if (!ret && !write)
		memcpy(data, m.data, bytes);
	return ret;
}

int vtl_sim_posted(int ctl, struct mshv_sim_vtl_posted *posted)
{
	memset(posted, 0, sizeof(*posted));
	posted->size = sizeof(*posted);
	return sim_ioctl(ctl, MSHV_SIM_VTL_POSTED, posted);
}

int vtl_record(int ctl, struct mshv_sim_record *record)
{
	ssize_t n = read(ctl, record, sizeof(*record));

	return n < 0 ? -errno : n == sizeof(*record) ? 0 : -ENODATA;
}
