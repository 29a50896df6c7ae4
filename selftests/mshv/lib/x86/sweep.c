// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest.h"
#include "mshv_env.h"
#include "sweep.h"

#define RECORDS	4096

/*
 * A VP that a host interrupt takes out of its guest is dispatched once more. Only
 * calls that come each time can be made to fail.
 */
#define RECORDINGS	3

/* For ever: store AL at 0x2000, tell port 0x10. */
static const uint8_t code[] = {
	0xb0, 0x2e,		/* mov $'.', %al */
	0xa2, 0x00, 0x20,	/* mov %al, 0x2000 */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xf7,		/* jmp to the start */
};

static int add_vp(struct sweep *s)
{
	struct guest *g = &s->g;
	const uint64_t bytes = SWEEP_RAM_PAGES * PAGE_BYTES;
	int ret;

	g->ram = pages_alloc(bytes);
	if (!g->ram)
		return -ENOMEM;
	ret = memory_map(g->pt, 0, g->ram, bytes, MEM_W | MEM_X);
	if (ret)
		return ret;
	ret = guest_add_real_vp(g, 0, code, sizeof(code));
	if (ret < 0)
		return ret;
	ret = guest_run(g, 0);
	if (ret != GUEST_EXIT)
		return ret < 0 ? ret : -EPROTO;
	return guest_skip_instruction(g, 0);
}

int sweep_begin(struct sweep *s, const struct sweep_op *op, int ctl)
{
	int ret = 0;

	memset(s, 0, sizeof(*s));
	s->ctl = ctl;
	s->g.pt = s->g.vp[0].fd = s->event[0] = s->event[1] = -1;
	s->g.dev = dev_open();
	if (s->g.dev < 0)
		return s->g.dev;
	if (op->stage >= SWEEP_CREATED) {
		s->g.pt = partition_create(s->g.dev, op->pt_flags);
		if (s->g.pt < 0)
			return s->g.pt;
	}
	if (op->stage >= SWEEP_INITIALIZED)
		ret = partition_initialize(s->g.pt);
	if (!ret && op->stage >= SWEEP_VP)
		ret = add_vp(s);
	if (!ret && op->prepare)
		ret = op->prepare(s);
	return ret;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void sweep_end(struct sweep *s)
{
	close_fd(&s->event[0]);
	close_fd(&s->event[1]);
	close_fd(&s->g.vp[0].fd);
	close_fd(&s->g.pt);
	close_fd(&s->g.dev);
	if (s->g.ram)
		munmap(s->g.ram, SWEEP_RAM_PAGES * PAGE_BYTES);
	if (s->more)
		munmap(s->more, s->more_pages * PAGE_BYTES);
	s->g.ram = s->more = NULL;
}

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

int sweep_holdings(int ctl, struct sweep_holdings *h)
{
	int ret;

	memset(h, 0, sizeof(*h));
	h->fds = count_fds();
	if (h->fds < 0)
		return h->fds;
	ret = env_sim_info("orphaned_pages:", &h->orphaned);
	if (ret)
		return ret;
	h->ledger.size = sizeof(h->ledger);
	return sim_ioctl(ctl, MSHV_SIM_LEDGER, &h->ledger);
}

/*
 * Not what is deposited or used: memory that a partition was given for an
 * operation stays with it, until the partition goes.
 */
const char *sweep_difference(const struct sweep_holdings *before,
			     const struct sweep_holdings *after)
{
	static char text[128];
	const struct mshv_sim_ledger *b = &before->ledger, *a = &after->ledger;
	const struct {
		const char *name;
		long long before, after;
	} rows[] = {
		{ "open files", before->fds, after->fds },
		{ "orphaned pages", before->orphaned, after->orphaned },
		{ "partitions", b->partitions, a->partitions },
		{ "VPs", b->vps, a->vps },
		{ "GPA mappings", b->gpa_mappings, a->gpa_mappings },
		{ "state pages", b->state_pages, a->state_pages },
		{ "statistics pages", b->stats_pages, a->stats_pages },
		{ "ports", b->ports, a->ports },
		{ "deposited pages without a partition",
		  b->partitions ? 0 : b->deposited_pages,
		  a->partitions ? 0 : a->deposited_pages },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].before == rows[i].after)
			continue;
		snprintf(text, sizeof(text), "%s: %lld, before %lld", rows[i].name,
			 rows[i].after, rows[i].before);
		return text;
	}
	return NULL;
}

int sweep_errno(int ctl, uint16_t status)
{
	int rule, ret, dev = dev_open();

	if (dev < 0)
		return dev;
	rule = sim_fail_once(ctl, HVCALL_CREATE_PARTITION, 0, status);
	ret = rule < 0 ? rule : partition_create(dev, 0);
	if (ret >= 0)
		close(ret);
	close(dev);
	return rule < 0 || sim_fault_hits(ctl, rule) == 1 ? ret : -ENODATA;
}

static int add_site(struct sweep_site *sites, int count, int max, unsigned int max_nth,
		    uint16_t call)
{
	unsigned int nth = 0;
	int i;

	for (i = 0; i < count; i++)
		nth += sites[i].code == call;
	if (nth >= max_nth || count == max)
		return count;
	sites[count] = (struct sweep_site) { .code = call, .nth = nth };
	return count + 1;
}

static int record_sites(const struct sweep_op *op, int ctl, struct sweep_site *sites, int max,
			unsigned int max_nth)
{
	struct mshv_sim_recording r = {
		.size = sizeof(r),
		.records = RECORDS,
		.code = MSHV_SIM_ANY_CODE,
	};
	struct mshv_sim_record record;
	struct sweep s;
	int ret, count = 0;

	ret = sweep_begin(&s, op, ctl);
	if (!ret)
		ret = sim_ioctl(ctl, MSHV_SIM_RECORD_START, &r);
	if (!ret)
		ret = op->operate(&s);
	if (!ret)
		ret = sim_ioctl(ctl, MSHV_SIM_RECORD_STOP, &r);
	if (!ret && r.lost)
		ret = -ENOSPC;
	while (!ret && read(ctl, &record, sizeof(record)) == sizeof(record))
		count = add_site(sites, count, max, max_nth, (uint16_t)record.control);
	if (!ret)
		ret = op->check(&s);
	sweep_end(&s);
	return ret ? ret : count;
}

/* Those of @sites that are among @others, too. */
static int common_sites(struct sweep_site *sites, int count, const struct sweep_site *others,
			int other_count)
{
	int i, j, kept = 0;

	for (i = 0; i < count; i++)
		for (j = 0; j < other_count; j++)
			if (sites[i].code == others[j].code && sites[i].nth == others[j].nth) {
				sites[kept++] = sites[i];
				break;
			}
	return kept;
}

int sweep_sites(const struct sweep_op *op, int ctl, struct sweep_site *sites, int max,
		unsigned int max_nth)
{
	int count = record_sites(op, ctl, sites, max, max_nth), again, i;

	for (i = 1; i < RECORDINGS && count >= 0; i++) {
		struct sweep_site others[max];

		again = record_sites(op, ctl, others, max, max_nth);
		if (again < 0)
			return again;
		count = common_sites(sites, count, others, again);
	}
	return count;
}
