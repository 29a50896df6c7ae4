// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of a guest of /dev/mshv.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/ioctl.h>

#include "mshv.h"

/* --------------------------------------------------------------- the machine */

static struct hv_register_assoc segment(uint32_t name, uint16_t selector, uint16_t attrib)
{
	struct hv_register_assoc r;

	memset(&r, 0, sizeof(r));
	r.name = name;
	r.value.segment.limit = 0xffffffff;
	r.value.segment.selector = selector;
	r.value.segment.attributes = attrib;
	return r;
}

static struct hv_register_assoc table(uint32_t name, uint64_t base, uint16_t limit)
{
	struct hv_register_assoc r;

	memset(&r, 0, sizeof(r));
	r.name = name;
	r.value.table.base = base;
	r.value.table.limit = limit;
	return r;
}

static struct hv_register_assoc plain(uint32_t name, uint64_t value)
{
	struct hv_register_assoc r;

	memset(&r, 0, sizeof(r));
	r.name = name;
	r.value.reg64 = value;
	return r;
}

void vm_reset(struct bench_vm *vm)
{
	struct hv_register_assoc regs[] = {
		segment(HV_X64_REGISTER_CS, GUEST_CODE_SELECTOR, GUEST_CODE_ATTRIB),
		segment(HV_X64_REGISTER_DS, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB),
		segment(HV_X64_REGISTER_ES, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB),
		segment(HV_X64_REGISTER_SS, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB),
		table(HV_X64_REGISTER_GDTR, GUEST_GDT, 23),
		table(HV_X64_REGISTER_IDTR, GUEST_IDT, 0x7ff),
		plain(HV_X64_REGISTER_CR0, 0x11),
		plain(HV_X64_REGISTER_RSP, GUEST_STACK),
		plain(HV_X64_REGISTER_RFLAGS, 2),
		plain(HV_X64_REGISTER_RIP, GUEST_CODE),
	};

	bench_ok(mshv_vp_set_registers(vm->vp, regs, ARRAY_SIZE(regs)));
}

void vm_open(struct bench_vm *vm, enum bench_job job, uint32_t range_bytes)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	uint32_t all = LIBMSHV_MEMORY_WRITABLE | LIBMSHV_MEMORY_EXECUTABLE;

	memset(vm, 0, sizeof(*vm));
	if (job == JOB_WAKE)
		options.flags = 1 << MSHV_PT_BIT_LAPIC;
	bench_ok(mshv_dev_open(NULL, &vm->dev));
	bench_ok(mshv_partition_create(vm->dev, &options, &vm->partition));
	bench_ok(mshv_partition_initialize(vm->partition));
	vm->ram = bench_memory(GUEST_RAM);
	guest_load(vm->ram, job, range_bytes);
	bench_ok(mshv_partition_map_memory(vm->partition, 0, vm->ram, GUEST_RAM, all));
	vm->range_bytes = range_bytes;
	if (range_bytes) {
		vm->range = bench_memory(range_bytes);
		bench_ok(mshv_partition_map_memory(vm->partition, GUEST_TOUCH, vm->range,
						   range_bytes, all));
	}
	bench_ok(mshv_vp_create(vm->partition, 0, &vm->vp));
	vm->vp_fd = mshv_vp_fd(vm->vp);
	vm->page = mshv_vp_register_page(vm->vp);
	if (!vm->page)
		bench_die("no register page");
	vm_reset(vm);
}

void vm_close(struct bench_vm *vm)
{
	mshv_vp_close(vm->vp);
	mshv_partition_close(vm->partition);
	mshv_dev_close(vm->dev);
	munmap(vm->ram, GUEST_RAM);
	if (vm->range)
		munmap(vm->range, vm->range_bytes);
}

const struct hv_message *vm_expect(struct bench_vm *vm, uint32_t type)
{
	const struct hv_message *m;

	bench_ok(mshv_vp_run(vm->vp, &m));
	if (m->header.message_type != type)
		bench_die("expected message %#x, got %#x", type, m->header.message_type);
	return m;
}

/* ------------------------------------------------------------------ the jobs */

static void report(const char *name, enum bench_job job, const char *path, bench_loop loop)
{
	struct bench_vm vm;

	vm_open(&vm, job, 0);
	bench_print(name, path, "exit", bench_per_round(loop, &vm));
	vm_close(&vm);
}

static void loop_hlt(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;

	while (n--) {
		bench_ok(ioctl(vm->vp_fd, MSHV_RUN_VP, &vm->run));
		if (((struct hv_message *)&vm->run)->header.message_type != HVMSG_X64_HALT)
			bench_die("expected HLT");
		vm->page->rip = GUEST_CODE + 1;
		vm->page->dirty |= 1u << HV_X64_REGISTER_CLASS_IP;
	}
}

/* Per page: the driver maps 512 at a time. */
#define TOUCH_BYTES	(16u << 20)

static uint64_t touch_once(void *ctx)
{
	struct bench_vm vm;
	uint64_t start, took;

	(void)ctx;
	vm_open(&vm, JOB_TOUCH, TOUCH_BYTES);
	start = bench_now();
	vm_expect(&vm, HVMSG_X64_IO_PORT_INTERCEPT);
	took = bench_now() - start;
	vm_close(&vm);
	return took;
}

void run_spin(void *ctx)
{
	struct bench_vm *vm = ctx;

	if (!ioctl(vm->vp_fd, MSHV_RUN_VP, &vm->run) || errno != EINTR)
		bench_die("the guest that does nothing has made an exit");
}

static void bench_kick_mshv(void)
{
	struct bench_vm vm;

	vm_open(&vm, JOB_SPIN, 0);
	bench_print("kick", "raw", "signal", bench_kick(run_spin, &vm));
	vm_close(&vm);
}

void loop_wake(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	const struct hv_message *m;

	while (n--) {
		bench_wake_next();
		bench_ok(mshv_vp_run(vm->vp, &m));
		if (m->header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
			bench_die("expected a port access after the interrupt, got %#x",
				  m->header.message_type);
		bench_ok(mshv_vp_complete_io(vm->vp, 0));
	}
}

void wake_open(struct bench_vm *vm)
{
	struct {
		struct mshv_user_irq_table head;
		struct mshv_user_irq_entry entry;
	} table = { .head.nr = 1, .entry = { 5, 0xfee00000, 0, GUEST_VECTOR } };
	struct mshv_user_irqfd irqfd = { .gsi = 5, .resamplefd = -1 };
	int pt_fd;

	vm_open(vm, JOB_WAKE, 0);
	pt_fd = mshv_partition_fd(vm->partition);
	irqfd.fd = bench_ok(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	bench_ok(mshv_ioctl_set_msi_routing(pt_fd, &table.head));
	bench_ok(mshv_ioctl_irqfd(pt_fd, &irqfd));
	vm_expect(vm, HVMSG_X64_IO_PORT_INTERCEPT);
	bench_ok(mshv_vp_complete_io(vm->vp, 0));
	bench_wake_start(irqfd.fd);
}

static void bench_wake_mshv(void)
{
	struct bench_vm vm;

	wake_open(&vm);
	bench_print("wake", "libmshv", "wake-up", bench_per_round(loop_wake, &vm));
	vm_close(&vm);
}

int bench_mshv(void)
{
	size_t i;

	report("run", JOB_OUT, "raw", loop_run_raw);
	report("run", JOB_OUT, "libmshv", loop_run_lib);
	for (i = 0; i < bench_nr_paths; i++) {
		report("out", JOB_OUT, bench_paths[i].name, bench_paths[i].io);
		report("in", JOB_IN, bench_paths[i].name, bench_paths[i].io);
		report("mmio", JOB_MMIO, bench_paths[i].name, bench_paths[i].mmio);
	}
	report("hlt", JOB_HLT, "raw", loop_hlt);
	bench_print("touch", "libmshv", "page",
		    bench_least(touch_once, NULL, 3) / (TOUCH_BYTES / PAGE));
	bench_kick_mshv();
	bench_wake_mshv();
	return 0;
}
