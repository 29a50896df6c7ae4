// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The calls of QEMU 11.1 (-accel mshv) in their order, by way of the library:
 * what accel/mshv and target/i386/mshv do by hand. Needs /dev/mshv and root;
 * scripts/check runs it in a virtual machine. TAP.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vm-client.h"

#define NOTIFY	0xfe000000	/* a notification register of virtio */

static struct mshv_dev *dev;
static struct client_state saved, again;

/* accel init: what the host has, less LA57; what is unknown is ignored. */
static void machine(void)
{
	int ret = client_open("processor host -la57\nsynthetic standard\n"
			      "property unimplemented_msr_action 1\n", dev);
	uint64_t features = 0;

	result(!ret, "a partition with the host's features");
	ret = ret ? ret : client_set_freeze(1);
	ret = ret ? ret : client_set_freeze(0);
	result(!ret, "time is stopped and goes on");
	ret = ret ? ret : mshv_partition_get_property(g.partition,
				HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
				&features);
	result(!ret && features, "the processors' features are read back");
}

static void memory(void)
{
	int ret = mshv_memory_map(g.memory, 0, g.ram, RAM_SIZE,
				  LIBMSHV_MEMORY_WRITABLE |
				  LIBMSHV_MEMORY_EXECUTABLE);

	/* PAM: a part of the RAM becomes read-only */
	ret = ret ? ret : mshv_memory_unmap(g.memory, 0);
	ret = ret ? ret : mshv_memory_map(g.memory, 0, g.ram, 0xf0000,
					  LIBMSHV_MEMORY_WRITABLE |
					  LIBMSHV_MEMORY_EXECUTABLE);
	ret = ret ? ret : mshv_memory_map(g.memory, 0xf0000,
					  (char *)g.ram + 0xf0000, 0x10000,
					  LIBMSHV_MEMORY_EXECUTABLE);
	result(!ret, "RAM, and a ROM made of it");
}

/* Each leaf with a full mask, as QEMU sets them. */
static void cpuid(void)
{
	static struct mshv_cpuid leaves[] = {
		{ .leaf = 0 }, { .leaf = 1 }, { .leaf = 2 }, { .leaf = 4 },
		{ .leaf = 4, .subleaf = 1 }, { .leaf = 6 }, { .leaf = 7 },
		{ .leaf = 0xb }, { .leaf = 0xb, .subleaf = 1 }, { .leaf = 0xd },
		{ .leaf = 0x80000000 }, { .leaf = 0x80000001 },
		{ .leaf = 0x80000008 },
	};
	const size_t count = sizeof(leaves) / sizeof(leaves[0]);
	struct mshv_cpuid check = { .leaf = 0x80000008 };
	size_t i;
	int ret = mshv_vp_get_cpuid(g.vp, leaves, count);

	result(!ret, "CPUID is read, all leaves in one call");
	for (i = 0; i < count; i++) {
		leaves[i].flags = LIBMSHV_CPUID_OVERRIDE | LIBMSHV_CPUID_SUBLEAF;
		memset(leaves[i].mask, 0xff, sizeof(leaves[i].mask));
	}
	leaves[count - 1].flags = LIBMSHV_CPUID_OVERRIDE;
	leaves[count - 1].value[1] = 0x12345678;
	ret = ret ? ret : mshv_vp_set_cpuid(g.vp, leaves, count);
	check.flags = 0;
	ret = ret ? ret : mshv_vp_get_cpuid(g.vp, &check, 1);
	result(!ret && check.value[1] == 0x12345678, "and what it returns is set");
}

static void processor(void)
{
	int ret = mshv_vp_create(g.partition, 0, &g.vp);

	result(!ret, "a VP");
	if (ret)
		return;
	cpuid();
	result(!client_set_boot_msrs(), "MSRs as after a reset");
	result(!client_set_lint(), "the local APIC's LINT0 and LINT1");
}

/* All state is stored, read back (the reset does that), stored again. */
static void state(void)
{
	int ret = client_save(&saved);

	ret = ret ? ret : client_restore(&saved);
	ret = ret ? ret : client_save(&again);
	result(!ret && client_same(&saved, &again),
	       "all state of the VP, stored and read back");
}

static void interrupts(void)
{
	struct mshv_irq_table *table = NULL;
	int irq = eventfd(0, EFD_CLOEXEC), notify = eventfd(0, EFD_CLOEXEC);
	uint64_t match = 3;
	uint32_t gsi = 0;
	int ret;

	/* lines 0 to 23 are the IOAPIC's */
	ret = mshv_irq_table_create(g.partition, &table);
	ret = ret ? ret : mshv_irq_table_add(table, 24, 0xfee00000, 0x41, &gsi);
	ret = ret ? ret : mshv_irq_table_commit(table);
	ret = ret ? ret : mshv_partition_assign_irqfd(g.partition, irq, -1, gsi);
	ret = ret ? ret : (int)write(irq, &(uint64_t){ 1 }, 8) != 8;
	ret = ret ? ret : mshv_partition_deassign_irqfd(g.partition, irq, gsi);
	result(!ret && gsi == 24, "an MSI by way of an irqfd");
	ret = mshv_partition_assert_interrupt(g.partition,
					      HV_X64_INTERRUPT_TYPE_FIXED, 0, 0,
					      0x42);
	result(!ret, "an interrupt of the IOAPIC");

	ret = mshv_partition_assign_ioeventfd(g.partition, notify, NOTIFY, 0,
					      NULL);
	ret = ret ? ret : mshv_partition_deassign_ioeventfd(g.partition, notify,
							    NOTIFY, 0, NULL);
	ret = ret ? ret : mshv_partition_assign_ioeventfd(g.partition, notify,
							  NOTIFY, 4, &match);
	/* this is where QEMU's own calls fail */
	ret = ret ? ret : mshv_partition_deassign_ioeventfd(g.partition, notify,
							    NOTIFY, 4, &match);
	result(!ret, "doorbells with and without a value, and removed again");
	mshv_irq_table_close(table);
	close(irq);
	close(notify);
}

static void check_program(const char *name)
{
	struct seen seen = { 0 };
	uint8_t bytes[4] = { 0 }, in = 0;
	int ret = !load(client_program, client_program_size);

	ret = ret ? ret : client_run(&seen);
	ret = ret ? ret : mshv_memory_read(g.memory, 0x500, &in, 1);
	ret = ret ? ret : mshv_memory_read(g.memory, 0x600, bytes, 4);
	printf("# out %u, in %u, string %u, read %u, write %u\n", seen.outs,
	       seen.ins, seen.strings, seen.mmio_reads, seen.mmio_writes);
	result(!ret && seen.outs == 2 && seen.ins == 1 && seen.strings == 1 &&
	       seen.mmio_reads == 1 && seen.mmio_writes == 1 &&
	       seen.written == 0x5a && seen.last_out == 0x77 && in == 0x33 &&
	       !memcmp(bytes, "\xa5\xa5\xa5\xa5", 4), name);
}

static void migration(void)
{
	uint64_t bitmap[RAM_SIZE / 4096 / 64];
	int ret = mshv_partition_start_dirty_log(g.partition);

	ret = ret ? ret : mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						       bitmap,
						       LIBMSHV_DIRTY_CLEAR);
	result(!ret, "the dirty log starts");
	check_program("the guest runs while it is on");
	ret = ret ? ret : mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						       bitmap,
						       LIBMSHV_DIRTY_CLEAR);
	/* the first page, to which the program writes, and not the second */
	printf("# pages 0 to 63: 0x%llx\n", (unsigned long long)bitmap[0]);
	result(!ret && bitmap[0] & 1 && !(bitmap[0] & 2),
	       "what the guest wrote is in it");
	ret = ret ? ret : client_save(&saved);
	result(!ret, "the state is saved");
	ret = ret ? ret : mshv_memory_stop_dirty_log(g.memory);
	result(!ret, "and the log stops");
}

int main(void)
{
	if (mshv_dev_open(NULL, &dev)) {
		result(0, "the device");
		return smoke_end();
	}
	g.dev = dev;
	machine();
	if (g.partition) {
		memory();
		processor();
	}
	if (g.vp) {
		state();
		interrupts();
		check_program("ports, strings and memory that isn't there");
		migration();
	}
	client_close();
	return smoke_end();
}
