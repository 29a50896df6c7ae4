// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <mshv/hv_system.h>

#include "borrow.h"
#include "mshv_env.h"
#include "sim.h"

int sim_open(void)
{
	int fd;

	if (getenv("MSHV_NO_SIM"))
		return -ENOENT;
	fd = open(MSHV_SIM_DEVICE, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sim_ioctl(int ctl, unsigned long command, void *arg)
{
	int ret = ioctl(ctl, command, arg);

	return ret < 0 ? -errno : ret;
}

int sim_probe(int ctl, struct mshv_sim_probe *probe)
{
	memset(probe, 0, sizeof(*probe));
	probe->size = sizeof(*probe);
	return sim_ioctl(ctl, MSHV_SIM_PROBE, probe);
}

uint64_t sim_newest_partition(int ctl)
{
	struct mshv_sim_ledger l = { .size = sizeof(l) };

	return sim_ioctl(ctl, MSHV_SIM_LEDGER, &l) ? 0 : l.newest_partition;
}

int sim_fail_once(int ctl, uint16_t code, uint64_t partition, uint16_t status)
{
	struct mshv_sim_fault f = {
		.size = sizeof(f),
		.flags = MSHV_SIM_FAULT_STATUS,
		.code = code,
		.status = status,
		.partition = partition,
		.vp = MSHV_SIM_ANY_VP,
		.count = 1,
	};
	int ret = sim_ioctl(ctl, MSHV_SIM_FAULT_ADD, &f);

	return ret ? ret : (int)f.id;
}

long sim_fault_hits(int ctl, uint32_t id)
{
	struct mshv_sim_fault f = { .size = sizeof(f), .id = id };
	int ret = sim_ioctl(ctl, MSHV_SIM_FAULT_QUERY, &f);

	return ret ? ret : (long)f.hits;
}

int sim_record(int ctl, uint16_t code, uint64_t partition)
{
	struct mshv_sim_recording r = {
		.size = sizeof(r),
		.partition = partition,
		.code = code,
	};

	return sim_ioctl(ctl, MSHV_SIM_RECORD_START, &r);
}

int sim_forgive(int ctl, struct mshv_sim_violation *last)
{
	return sim_forgive_text(ctl, "", last, NULL);
}

int sim_forgive_text(int ctl, const char *text, struct mshv_sim_violation *last,
		     int *others)
{
	const char *const texts[] = { text, NULL };

	return sim_forgive_texts(ctl, texts, last, others);
}

static bool has_one(const char *text, const char *const *texts)
{
	while (*texts && !strstr(text, *texts))
		texts++;
	return *texts;
}

int sim_forgive_texts(int ctl, const char *const *texts, struct mshv_sim_violation *last,
		      int *others)
{
	struct mshv_sim_violations v;
	struct mshv_sim_violation entry;
	int ret, n = 0;

	for (;;) {
		memset(&v, 0, sizeof(v));
		v.size = sizeof(v);
		v.flags = MSHV_SIM_VIOLATIONS_FORGIVE;
		v.entries = (uintptr_t)&entry;
		v.count = 1;
		ret = sim_ioctl(ctl, MSHV_SIM_VIOLATIONS, &v);
		if (ret)
			return ret;
		if (!v.count)
			return n;
		if (!has_one(entry.text, texts)) {
			if (others)
				(*others)++;
			continue;
		}
		if (last)
			*last = entry;
		n++;
	}
}

int sim_set_parameter(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/mshv_sim/parameters/%s", name);
	return borrow_and_write(path, value);
}

char sim_parameter(const char *name)
{
	char path[128], value = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/module/mshv_sim/parameters/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, &value, 1) != 1)
			value = 0;
		close(fd);
	}
	return value;
}

bool sim_injects_at_dispatch(int ctl)
{
	struct mshv_sim_probe probe;

	return !sim_probe(ctl, &probe) && probe.scheduler == HV_SCHEDULER_TYPE_ROOT &&
	       sim_parameter("fast_irq") == 'Y';
}

#define FAST	(1ull << 16)

int64_t sim_hypercall(int ctl, uint64_t control, const void *in, uint32_t in_bytes,
		      void *out, uint32_t out_bytes)
{
	struct mshv_sim_hypercall h = {
		.size = sizeof(h),
		.control = control,
		.input = (uintptr_t)in,
		.input_bytes = in_bytes,
		.output = (uintptr_t)out,
		.output_bytes = out_bytes,
	};
	uint64_t regs[2] = { 0 };
	int ret;

	if (control & FAST) {
		memcpy(regs, in, in_bytes < sizeof(regs) ? in_bytes : sizeof(regs));
		h.flags = MSHV_SIM_CALL_RAW_INPUT | MSHV_SIM_CALL_RAW_OUTPUT;
		h.input = regs[0];
		h.output = regs[1];
		h.input_bytes = 0;
	} else if (!out) {
		h.flags = MSHV_SIM_CALL_RAW_OUTPUT;
	}
	ret = sim_ioctl(ctl, MSHV_SIM_HYPERCALL, &h);
	return ret ? ret : (int64_t)h.result;
}
