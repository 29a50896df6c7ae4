// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same guests under KVM, with KVM_RUN used as plainly as can be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

struct kvm_vm {
	int dev, vm, vcpu;
	struct kvm_run *run;
	size_t run_bytes;
	void *ram, *range;
	uint32_t range_bytes;
};

static void map(struct kvm_vm *k, uint32_t slot, uint64_t gpa, void *at, uint64_t bytes)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .guest_phys_addr = gpa, .memory_size = bytes,
		.userspace_addr = (uintptr_t)at,
	};

	bench_ok(ioctl(k->vm, KVM_SET_USER_MEMORY_REGION, &r));
}

static void set_segment(struct kvm_segment *s, uint16_t selector, uint16_t attrib)
{
	*s = (struct kvm_segment) {
		.limit = 0xffffffff, .selector = selector, .type = attrib & 15, .s = 1,
		.present = 1, .db = 1, .g = 1,
	};
}

static void reset(struct kvm_vm *k)
{
	struct kvm_regs regs = { .rip = GUEST_CODE, .rsp = GUEST_STACK, .rflags = 2 };
	struct kvm_sregs s;

	bench_ok(ioctl(k->vcpu, KVM_GET_SREGS, &s));
	set_segment(&s.cs, GUEST_CODE_SELECTOR, GUEST_CODE_ATTRIB);
	set_segment(&s.ds, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB);
	set_segment(&s.es, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB);
	set_segment(&s.ss, GUEST_DATA_SELECTOR, GUEST_DATA_ATTRIB);
	s.gdt.base = GUEST_GDT;
	s.gdt.limit = 23;
	s.idt.base = GUEST_IDT;
	s.idt.limit = 0x7ff;
	s.cr0 = 0x11;
	bench_ok(ioctl(k->vcpu, KVM_SET_SREGS, &s));
	bench_ok(ioctl(k->vcpu, KVM_SET_REGS, &regs));
}

static void start(struct kvm_vm *k, enum bench_job job, uint32_t range_bytes)
{
	/* Local APICs in the kernel, nothing else: what /dev/mshv gives. */
	struct kvm_enable_cap local_apic = {
		.cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 },
	};

	memset(k, 0, sizeof(*k));
	k->dev = bench_ok(open("/dev/kvm", O_RDWR | O_CLOEXEC));
	k->vm = bench_ok(ioctl(k->dev, KVM_CREATE_VM, 0));
	if (job == JOB_WAKE)
		bench_ok(ioctl(k->vm, KVM_ENABLE_CAP, &local_apic));
	k->ram = bench_memory(GUEST_RAM);
	guest_load(k->ram, job, range_bytes);
	map(k, 0, 0, k->ram, GUEST_RAM);
	k->range_bytes = range_bytes;
	if (range_bytes) {
		k->range = bench_memory(range_bytes);
		map(k, 1, GUEST_TOUCH, k->range, range_bytes);
	}
	k->vcpu = bench_ok(ioctl(k->vm, KVM_CREATE_VCPU, 0));
	k->run_bytes = bench_ok(ioctl(k->dev, KVM_GET_VCPU_MMAP_SIZE, 0));
	k->run = mmap(NULL, k->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, k->vcpu, 0);
	if (k->run == MAP_FAILED)
		bench_die("no kvm_run");
	reset(k);
}

static void stop(struct kvm_vm *k)
{
	munmap(k->run, k->run_bytes);
	close(k->vcpu);
	close(k->vm);
	close(k->dev);
	munmap(k->ram, GUEST_RAM);
	if (k->range)
		munmap(k->range, k->range_bytes);
}

static void run_to(struct kvm_vm *k, uint32_t reason)
{
	bench_ok(ioctl(k->vcpu, KVM_RUN, 0));
	if (k->run->exit_reason != reason)
		bench_die("expected exit %u of KVM, got %u", reason, k->run->exit_reason);
}

static void loop_io(void *ctx, unsigned int n)
{
	struct kvm_vm *k = ctx;

	while (n--) {
		run_to(k, KVM_EXIT_IO);
		if (k->run->io.direction == KVM_EXIT_IO_IN)
			*((uint8_t *)k->run + k->run->io.data_offset) = GUEST_VALUE;
	}
}

static void loop_mmio(void *ctx, unsigned int n)
{
	struct kvm_vm *k = ctx;

	while (n--) {
		run_to(k, KVM_EXIT_MMIO);
		if (k->run->mmio.phys_addr != GUEST_DEVICE)
			bench_die("MMIO at %#llx", k->run->mmio.phys_addr);
		k->run->mmio.data[0] = GUEST_VALUE;
	}
}

static void loop_hlt(void *ctx, unsigned int n)
{
	while (n--)
		run_to(ctx, KVM_EXIT_HLT);
}

static void report(const char *name, enum bench_job job, bench_loop loop)
{
	struct kvm_vm k;

	start(&k, job, 0);
	bench_print(name, "kvm", "exit", bench_per_round(loop, &k));
	stop(&k);
}

#define TOUCH_BYTES	(16u << 20)

static uint64_t touch_once(void *ctx)
{
	struct kvm_vm k;
	uint64_t from, took;

	(void)ctx;
	start(&k, JOB_TOUCH, TOUCH_BYTES);
	from = bench_now();
	run_to(&k, KVM_EXIT_IO);
	took = bench_now() - from;
	stop(&k);
	return took;
}

static void run_spin(void *ctx)
{
	struct kvm_vm *k = ctx;

	if (!ioctl(k->vcpu, KVM_RUN, 0) || errno != EINTR)
		bench_die("the guest that does nothing has made an exit");
}

static void loop_wake(void *ctx, unsigned int n)
{
	while (n--) {
		bench_wake_next();
		run_to(ctx, KVM_EXIT_IO);
	}
}

static void bench_wake_kvm(void)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} table = {
		.head.nr = 1,
		.entry = {
			.gsi = 5, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = 0xfee00000, .data = GUEST_VECTOR },
		},
	};
	struct kvm_irqfd irqfd = { .gsi = 5 };
	struct kvm_vm k;

	start(&k, JOB_WAKE, 0);
	bench_ok(ioctl(k.vm, KVM_SET_GSI_ROUTING, &table));
	irqfd.fd = bench_ok(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	bench_ok(ioctl(k.vm, KVM_IRQFD, &irqfd));
	run_to(&k, KVM_EXIT_IO);
	bench_wake_start(irqfd.fd);
	bench_print("wake", "kvm", "wake-up", bench_per_round(loop_wake, &k));
	stop(&k);
}

int bench_kvm(void)
{
	struct kvm_vm k;

	report("out", JOB_OUT, loop_io);
	report("in", JOB_IN, loop_io);
	report("mmio", JOB_MMIO, loop_mmio);
	report("hlt", JOB_HLT, loop_hlt);
	bench_print("touch", "kvm", "page",
		    bench_least(touch_once, NULL, 3) / (TOUCH_BYTES / PAGE));
	start(&k, JOB_SPIN, 0);
	bench_print("kick", "kvm", "signal", bench_kick(run_spin, &k));
	stop(&k);
	bench_wake_kvm();
	return 0;
}
