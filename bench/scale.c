// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one page, one register, one object costs while their number grows.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <stdio.h>
#include <stdlib.h>

#include <mshv/ioctl.h>

#include "mshv.h"

static void print(const char *what, const char *unit, unsigned int n, double per_unit)
{
	char path[16];

	snprintf(path, sizeof(path), "%u", n);
	bench_print(what, path, unit, per_unit);
}

/* ----------------------------------------------------------------- registers */

#define REGISTERS_MAX	512

struct registers {
	struct bench_vm vm;
	unsigned int n;
	struct hv_register_assoc regs[REGISTERS_MAX];
};

static void loop_get(void *ctx, unsigned int rounds)
{
	struct registers *r = ctx;

	while (rounds--)
		bench_ok(mshv_vp_get_registers(r->vm.vp, r->regs, r->n));
}

static void loop_set(void *ctx, unsigned int rounds)
{
	struct registers *r = ctx;

	while (rounds--)
		bench_ok(mshv_vp_set_registers(r->vm.vp, r->regs, r->n));
}

/* Registers that the register page does not have: system calls are for them. */
static void scale_registers(const char *job, uint32_t name)
{
	static const unsigned int counts[] = { 1, 4, 16, 64, 127, 256, 512 };
	static struct registers r;
	char get[32], set[32];
	size_t i, k;

	snprintf(get, sizeof(get), "%s-get", job);
	snprintf(set, sizeof(set), "%s-set", job);
	vm_open(&r.vm, JOB_OUT, 0);
	vm_expect(&r.vm, HVMSG_X64_IO_PORT_INTERCEPT);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memset(r.regs, 0, sizeof(r.regs));
		for (k = 0; k < counts[i]; k++)
			r.regs[k].name = name;
		r.n = counts[i];
		print(get, "call", r.n, bench_per_round(loop_get, &r));
		print(set, "call", r.n, bench_per_round(loop_set, &r));
	}
	vm_close(&r.vm);
}

/* -------------------------------------------------------------------- memory */

struct range {
	struct bench_vm vm;
	unsigned int pages;
	void *memory;
	uint64_t *bitmap;
	uint64_t (*what)(struct range *r);
};

static uint64_t range_once(void *ctx)
{
	struct range *r = ctx;
	uint64_t took;

	vm_open(&r->vm, JOB_TOUCH, r->pages * PAGE);
	took = r->what(r);
	vm_close(&r->vm);
	return took;
}

static uint64_t first_touch(struct range *r)
{
	uint64_t start = bench_now();

	vm_expect(&r->vm, HVMSG_X64_IO_PORT_INTERCEPT);
	return bench_now() - start;
}

/* One region, mapped and unmapped; the guest has touched none of it. */
static uint64_t map_untouched(struct range *r)
{
	const uint64_t gpa = 1ull << 32;
	uint64_t start = bench_now();

	bench_ok(mshv_partition_map_memory(r->vm.partition, gpa, r->vm.range,
					   r->pages * PAGE, LIBMSHV_MEMORY_WRITABLE));
	bench_ok(mshv_partition_unmap_memory(r->vm.partition, gpa, r->vm.range,
					     r->pages * PAGE));
	return bench_now() - start;
}

static uint64_t unmap_touched(struct range *r)
{
	uint64_t start;

	vm_expect(&r->vm, HVMSG_X64_IO_PORT_INTERCEPT);
	start = bench_now();
	bench_ok(mshv_partition_unmap_memory(r->vm.partition, GUEST_TOUCH,
					     r->vm.range, r->pages * PAGE));
	return bench_now() - start;
}

/* Which pages are dirty, and clean from now on. */
static uint64_t dirty_log(struct range *r)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = r->pages,
		.gpap_base = GUEST_TOUCH / PAGE,
		.bitmap_ptr = (uintptr_t)r->bitmap,
	};
	int pt = mshv_partition_fd(r->vm.partition);
	uint64_t start;

	vm_expect(&r->vm, HVMSG_X64_IO_PORT_INTERCEPT);
	bench_ok(mshv_partition_set_property(r->vm.partition,
		HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, 1));
	bench_ok(mshv_ioctl_get_gpap_access_bitmap(pt, &args));
	start = bench_now();
	bench_ok(mshv_ioctl_get_gpap_access_bitmap(pt, &args));
	return bench_now() - start;
}

static void scale_memory(const char *name, uint64_t (*what)(struct range *r))
{
	/* 512 pages: what the driver maps at once. */
	static const unsigned int counts[] = { 512, 1024, 4096, 16384, 51200 };
	struct range r = { .what = what };
	size_t i;

	r.bitmap = calloc(1, 51200 / 8);
	if (!r.bitmap)
		bench_die("no memory");
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		r.pages = counts[i];
		print(name, "page", r.pages, bench_least(range_once, &r, 2) / r.pages);
	}
	free(r.bitmap);
}

/* ------------------------------------------------------------------- objects */

#define OBJECTS_MAX	200

struct objects {
	unsigned int n;
	bool destroy;		/* count that part */
};

static void make_partition(struct mshv_dev *dev, struct mshv_partition **out)
{
	bench_ok(mshv_partition_create(dev, NULL, out));
	bench_ok(mshv_partition_initialize(*out));
}

static uint64_t partitions_once(void *ctx)
{
	static struct mshv_partition *all[OBJECTS_MAX];
	struct objects *o = ctx;
	struct mshv_dev *dev;
	uint64_t start, made, gone;
	unsigned int i;

	bench_ok(mshv_dev_open(NULL, &dev));
	start = bench_now();
	for (i = 0; i < o->n; i++)
		make_partition(dev, &all[i]);
	made = bench_now();
	for (i = 0; i < o->n; i++)
		mshv_partition_close(all[i]);
	gone = bench_now();
	mshv_dev_close(dev);
	return o->destroy ? gone - made : made - start;
}

static uint64_t vps_once(void *ctx)
{
	static struct mshv_vp *all[OBJECTS_MAX];
	struct objects *o = ctx;
	struct mshv_partition *pt;
	struct mshv_dev *dev;
	uint64_t start, made, gone;
	unsigned int i;

	bench_ok(mshv_dev_open(NULL, &dev));
	make_partition(dev, &pt);
	start = bench_now();
	for (i = 0; i < o->n; i++)
		bench_ok(mshv_vp_create(pt, i, &all[i]));
	made = bench_now();
	for (i = 0; i < o->n; i++)
		mshv_vp_close(all[i]);
	/* VPs go with their partition. */
	mshv_partition_close(pt);
	gone = bench_now();
	mshv_dev_close(dev);
	return o->destroy ? gone - made : made - start;
}

static void scale_objects(const char *name, uint64_t (*once)(void *ctx), bool destroy)
{
	static const unsigned int counts[] = { 2, 5, 20, 50, 200 };
	struct objects o = { .destroy = destroy };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		o.n = counts[i];
		print(name, "object", o.n, bench_least(once, &o, 2) / o.n);
	}
}

int bench_scale(void)
{
	scale_registers("page-registers", HV_X64_REGISTER_RBX);
	scale_registers("other-registers", HV_X64_REGISTER_CR2);
	scale_memory("first-touch", first_touch);
	scale_memory("map-unmap", map_untouched);
	scale_memory("unmap-touched", unmap_touched);
	scale_memory("dirty-log", dirty_log);
	scale_objects("partition-create", partitions_once, false);
	scale_objects("partition-destroy", partitions_once, true);
	scale_objects("vp-create", vps_once, false);
	scale_objects("vp-destroy", vps_once, true);
	return 0;
}
