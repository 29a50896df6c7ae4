// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The calls of Cloud Hypervisor (mshv-ioctls 0.7) in their order, by way of the
 * library, up to a restore in another partition. Needs /dev/mshv and root;
 * scripts/check runs it in a virtual machine. TAP.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vm-client.h"

/* Its features: no AVX-512, AMX; what hypercalls need, beyond QEMU's. */
#define CONFIG \
	"processor host\n" \
	"xsave none +xsave +xsaveopt +avx +avx2 +fma +xsave_comp +xsave_supervisor\n" \
	"synthetic standard +access_vp_regs +flush_guest_physical_address_space\n" \
	"property unimplemented_msr_action 1\n"

static struct mshv_dev *dev;
static struct client_state saved, restored;

static int reference_time(uint64_t *ticks)
{
	return mshv_partition_get_property(g.partition,
					   HV_PARTITION_PROPERTY_REFERENCE_TIME,
					   ticks);
}

static int create(void)
{
	int ret = client_open(CONFIG, dev);

	ret = ret ? ret : client_set_freeze(1);
	ret = ret ? ret : mshv_memory_map(g.memory, 0, g.ram, RAM_SIZE,
					  LIBMSHV_MEMORY_WRITABLE |
					  LIBMSHV_MEMORY_EXECUTABLE);
	return ret ? ret : mshv_vp_create(g.partition, 0, &g.vp);
}

/* Only bits that are to be set, in leaves 1 and 0xb. */
static int cpuid(void)
{
	static const struct mshv_cpuid leaves[] = {
		{
			.leaf = 1, .flags = LIBMSHV_CPUID_OVERRIDE,
			.value = { 0, 0, 1u << 31, 0 }, .mask = { 0, 0, 1u << 31, 0 },
		}, {
			.leaf = 0xb, .subleaf = 1,
			.flags = LIBMSHV_CPUID_OVERRIDE | LIBMSHV_CPUID_SUBLEAF,
			.value = { 0, 1, 0, 0 }, .mask = { 0, 1, 0, 0 },
		},
	};

	return mshv_vp_set_cpuid(g.vp, leaves, 2);
}

static void boot(void)
{
	struct mshv_answer answers[LIBMSHV_ASK_COUNT];
	static uint32_t msrs[256];
	size_t count = 0;
	int ret;

	ret = mshv_dev_ask(dev, LIBMSHV_ASK_PASSIVE, answers, LIBMSHV_ASK_COUNT);
	result(!ret && answers[LIBMSHV_ASK_OWN_PROPERTY].answer ==
	       LIBMSHV_ANSWER_YES, "what the host has is asked");
	ret = create();
	result(!ret, "a partition, its memory and a VP, with time stopped");
	if (ret)
		return;
	ret = mshv_partition_get_msr_list(g.partition, msrs, 256, &count);
	result(!ret && count > 20, "the MSRs that the partition has");
	result(mshv_vp_register_page(g.vp) != NULL, "the register page");
	result(!cpuid(), "bits of CPUID are set");
	result(!client_set_boot_msrs() && !client_set_lint(),
	       "MSRs and the local APIC as after a reset");
}

static void devices(void)
{
	struct mshv_irq_table *table = NULL;
	int irq = eventfd(0, EFD_CLOEXEC), notify = eventfd(0, EFD_CLOEXEC);
	uint32_t gsi = 0;
	int ret;

	ret = mshv_irq_table_create(g.partition, &table);
	ret = ret ? ret : mshv_irq_table_add(table, 5, 0xfee00000, 0x31, &gsi);
	ret = ret ? ret : mshv_irq_table_commit(table);
	ret = ret ? ret : mshv_partition_assign_irqfd(g.partition, irq, -1, gsi);
	ret = ret ? ret : mshv_partition_assign_ioeventfd(g.partition, notify,
							  0xe8000000, 0, NULL);
	result(!ret, "an interrupt and a doorbell for a device");
	/* a device goes away while the guest is there */
	ret = mshv_irq_table_remove(table, gsi);
	ret = ret ? ret : mshv_partition_deassign_irqfd(g.partition, irq, gsi);
	ret = ret ? ret : mshv_irq_table_commit(table);
	ret = ret ? ret : mshv_partition_deassign_ioeventfd(g.partition, notify,
							    0xe8000000, 0, NULL);
	result(!ret, "both are given back");
	/* stays pending, as the guest takes none */
	result(!mshv_partition_assert_interrupt(g.partition,
						HV_X64_INTERRUPT_TYPE_FIXED, 0, 0,
						0x42), "an interrupt");
	mshv_irq_table_close(table);
	close(irq);
	close(notify);
}

static void run(const char *name)
{
	struct seen seen = { 0 };
	int ret = client_set_freeze(0);

	ret = ret ? ret : !load(client_program, client_program_size);
	ret = ret ? ret : client_run(&seen);
	result(!ret && seen.outs == 2 && seen.ins == 1 && seen.strings == 1 &&
	       seen.mmio_reads == 1 && seen.mmio_writes == 1, name);
}

/* Pause, save; then all of it in a new partition. */
static void migrate(void)
{
	uint64_t before = 0, after = 0;
	void *ram = malloc(RAM_SIZE);
	int ret = ram ? 0 : -1;

	ret = ret ? ret : client_set_freeze(1);
	ret = ret ? ret : reference_time(&before);
	ret = ret ? ret : client_save(&saved);
	ret = ret ? ret : mshv_memory_read(g.memory, 0, ram, RAM_SIZE);
	result(!ret, "paused and saved");
	client_close();

	ret = ret ? ret : mshv_dev_open(NULL, &dev);
	g.dev = dev;
	ret = ret ? ret : create();
	ret = ret ? ret : mshv_memory_write(g.memory, 0, ram, RAM_SIZE);
	ret = ret ? ret : cpuid();
	ret = ret ? ret : client_restore(&saved);
	ret = ret ? ret : mshv_partition_set_property(g.partition,
				HV_PARTITION_PROPERTY_REFERENCE_TIME, before);
	result(!ret, "restored in another partition");
	ret = ret ? ret : client_save(&restored);
	ret = ret ? ret : reference_time(&after);
	result(!ret && client_same(&saved, &restored) && after == before,
	       "where the state is the same");
	free(ram);
	if (!ret)
		run("and the guest goes on");
}

int main(void)
{
	if (mshv_dev_open(NULL, &dev)) {
		result(0, "the device");
		return smoke_end();
	}
	g.dev = dev;
	boot();
	if (g.vp) {
		run("the guest runs, its ports and devices are served");
		devices();
		migrate();
	}
	client_close();
	return smoke_end();
}
