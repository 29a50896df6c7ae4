// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What a guest sees of what the VMM does: CPUID, the dirty log, an interrupt by
 * way of an irqfd, messages and events; and components written and read again.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "smoke.h"

/* Run up to a write to this port; the value, or -1. */
static int64_t run_to(struct guest *guest, uint16_t port)
{
	const struct hv_x64_io_port_intercept_message *io;
	const struct hv_message *message;

	if (mshv_vp_run(guest->vp, &message))
		return -1;
	io = mshv_message_x64_io_port(message);
	return io && io->port_number == port ? (int64_t)(uint32_t)io->rax : -1;
}

/* mov eax, 0x40000100; cpuid; mov eax, ebx; out 0x80, eax */
static const uint8_t cpuid_code[] = {
	0x66, 0xb8, 0x00, 0x01, 0x00, 0x40, 0x0f, 0xa2, 0x66, 0x89, 0xd8,
	0x66, 0xe7, 0x80,
};

static void cpuid(void)
{
	const struct mshv_cpuid all = {
		.leaf = 0x40000100, .value = { 1, 0x12345678, 3, 4 },
		.mask = { ~0u, ~0u, ~0u, ~0u },
	};
	const struct mshv_cpuid one = {
		.leaf = 0x40000100, .value = { 0, 0xff00, 0, 0 },
		.mask = { 0, 0xffff, 0, 0 },
	};
	struct mshv_cpuid got[2] = { { .leaf = 0 }, { .leaf = 0x40000100 } };
	int ret;

	ret = mshv_partition_set_cpuid(g.partition, &all, 1);
	ret = ret ? ret : mshv_vp_get_cpuid(g.vp, got, 2);
	result(!ret && got[0].value[0] >= 1 && got[0].value[1] &&
	       got[1].value[0] == 1 && got[1].value[1] == 0x12345678,
	       "CPUID of all VPs is changed, and several leaves are asked for");
	result(load(cpuid_code, sizeof(cpuid_code)) &&
	       run_to(&g, 0x80) == 0x12345678, "the guest sees it");
	ret = mshv_vp_set_cpuid(g.vp, &one, 1);
	ret = ret ? ret : mshv_vp_get_cpuid(g.vp, got + 1, 1);
	result(!ret && (got[1].value[1] & 0xffff) == 0xff00,
	       "some bits on one VP, also to 0");
	result(load(cpuid_code, sizeof(cpuid_code)) &&
	       (run_to(&g, 0x80) & 0xffff) == 0xff00, "the guest sees that, too");
}

/* mov [0x9000], al; mov [0xb123], al; out 0x80, al */
static const uint8_t write_two[] = {
	0xa2, 0x00, 0x90, 0xa2, 0x23, 0xb1, 0xe6, 0x80,
};

#define PAGES		(RAM_SIZE / MSHV_HV_PAGE_SIZE)

static void dirty_log(void)
{
	uint64_t bits[PAGES / 64] = { 0 }, again[PAGES / 64];
	unsigned int i, dirty = 0;
	int ret;

	ret = mshv_partition_start_dirty_log(g.partition);
	ret = ret ? ret : mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						       bits, LIBMSHV_DIRTY_CLEAR);
	result(!ret, "the dirty log is started");
	ret = ret || !load(write_two, sizeof(write_two)) ||
	      run_to(&g, 0x80) < 0;
	ret = ret || mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						  bits, 0);
	for (i = 0; i < PAGES; i++)
		dirty += bits[i / 64] >> i % 64 & 1;
	/* and the one that load() has put the program into, at CODE */
	result(!ret && dirty == 3 && bits[0] == (1 << 7 | 1 << 9 | 1 << 11),
	       "it has the pages that the guest and libmshv wrote, and no others");
	ret = ret || mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						  again, LIBMSHV_DIRTY_CLEAR);
	result(!ret && !memcmp(bits, again, sizeof(bits)),
	       "looking at it changed nothing");
	ret = ret || mshv_partition_get_dirty_log(g.partition, 0, RAM_SIZE,
						  again, 0);
	result(!ret && !again[0] && !again[1], "clearing it did");
	ret = ret || mshv_memory_stop_dirty_log(g.memory);
	result(!ret, "and it is stopped");
}

static void components(void)
{
	static const uint32_t types[] = {
		MSHV_VP_STATE_LAPIC, MSHV_VP_STATE_XSAVE, MSHV_VP_STATE_SIMP,
		MSHV_VP_STATE_SIEFP, MSHV_VP_STATE_SYNTHETIC_TIMERS,
	};
	static uint8_t old[16384], changed[16384], got[16384];
	struct mshv_fpu fpu = { 0 };
	size_t size, again, i;
	unsigned int same = 0;

	for (i = 0; i < 5; i++) {
		if (mshv_vp_get_state(g.vp, types[i], old, sizeof(old), &size))
			continue;
		memcpy(changed, old, size);
		/* a byte that may have any value */
		if (types[i] == MSHV_VP_STATE_XSAVE)
			changed[160] ^= 0x5a;	/* XMM0 */
		else if (types[i] != MSHV_VP_STATE_LAPIC)
			changed[types[i] == MSHV_VP_STATE_SYNTHETIC_TIMERS ?
				16 : size - 1] ^= 0x5a;
		if (mshv_vp_set_state(g.vp, types[i], changed, size) ||
		    mshv_vp_get_state(g.vp, types[i], got, sizeof(got), &again) ||
		    again != size || memcmp(changed, got, size)) {
			printf("# component %u\n", types[i]);
			continue;
		}
		if (types[i] == MSHV_VP_STATE_XSAVE &&
		    (mshv_vp_get_fpu(g.vp, &fpu) ||
		     memcmp(fpu.xmm, changed + 160, sizeof(fpu.xmm))))
			continue;
		same += !mshv_vp_set_state(g.vp, types[i], old, size);
	}
	result(same == 5, "all components, changed and read again");
}

/*
 * A handler at 0x8000 for vector 0x41: out 0x41, al. The guest sets TPR and
 * waits: sti; hlt; out 0x80, al
 */
static const uint8_t wait_irq[] = { 0xfb, 0xf4, 0xe6, 0x80 };
static const uint8_t handler[] = { 0xe6, 0x41 };

static void irqfd(void)
{
	const uint16_t vector[2] = { 0x8000, 0 };
	struct hv_local_interrupt_controller_state lapic;
	struct mshv_irq_table *table = NULL;
	uint32_t gsi = 0;
	uint64_t one = 1;
	int fd = eventfd(0, EFD_CLOEXEC), ret;

	ret = mshv_vp_get_lapic(g.vp, &lapic);
	lapic.apic_spurious = 0x1ff;	/* the APIC is on */
	ret = ret ? ret : mshv_vp_set_lapic(g.vp, &lapic);
	ret = ret ? ret : mshv_irq_table_create(g.partition, &table);
	ret = ret ? ret : mshv_irq_table_add(table, 30, 0xfee00000, 0x41, &gsi);
	ret = ret ? ret : mshv_irq_table_commit(table);
	ret = ret ? ret : mshv_partition_assign_irqfd(g.partition, fd, -1, gsi);
	ret = ret ? ret : mshv_memory_write(g.memory, 0x8000, handler, 2);
	ret = ret ? ret : mshv_memory_write(g.memory, 0x41 * 4, vector, 4);
	ret = ret || !load(wait_irq, sizeof(wait_irq));
	ret = ret || write(fd, &one, sizeof(one)) != sizeof(one);
	result(!ret && run_to(&g, 0x41) >= 0,
	       "an eventfd raises an interrupt, and the guest takes it");
	mshv_partition_deassign_irqfd(g.partition, fd, gsi);
	mshv_irq_table_close(table);
	close(fd);
}

/* A guest that has a SynIC, with its pages where it wants them. */
static int open_synic(struct guest *guest)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	const union hv_partition_synthetic_processor_features features = {
		.hypervisor_present = 1, .hv1 = 1, .access_synic_regs = 1,
		.access_intr_ctrl_regs = 1, .access_hypercall_regs = 1,
		.access_vp_index = 1,
	};
	const struct mshv_msr msrs[] = {
		{ .msr = HV_X64_MSR_SCONTROL, .value = 1 },
		{ .msr = HV_X64_MSR_SIMP, .value = 0xa001 },
		{ .msr = HV_X64_MSR_SIEFP, .value = 0xc001 },
		{ .msr = HV_X64_MSR_SINT0 + 2, .value = 0x50 },
	};

	options.flags = 1ULL << MSHV_PT_BIT_LAPIC;
	return !mshv_partition_create(g.dev, &options, &guest->partition) &&
	       !mshv_partition_set_property(guest->partition,
			HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
			features.as_uint64[0]) &&
	       !mshv_partition_initialize(guest->partition) &&
	       !mshv_vp_create(guest->partition, 0, &guest->vp) &&
	       !mshv_vp_set_msrs(guest->vp, msrs, 4);
}

static void synic(void)
{
	struct hv_message message = {
		.header.message_type = 1, .header.payload_size = 8,
	};
	static uint8_t simp[4096], siefp[4096];
	struct guest guest = { .ram = NULL };
	int ret, again, newly = -1, once_more = -1;
	size_t size;

	message.u.payload[0] = 0x1122334455667788;
	ret = !open_synic(&guest);
	result(!ret, "a partition with a SynIC");
	ret = ret || mshv_partition_post_message(guest.partition, 0, 2, &message);
	ret = ret || mshv_vp_get_state(guest.vp, MSHV_VP_STATE_SIMP, simp,
				       sizeof(simp), &size);
	result(!ret && !memcmp(simp + 2 * 256, &message, 24),
	       "a message arrives in its slot");
	again = mshv_partition_post_message(guest.partition, 0, 2, &message);
	result(again < 0 && mshv_last_error()->hv_status,
	       "a slot in use is refused");

	ret = ret || mshv_partition_signal_event(guest.partition, 0, 2, 77,
						 &newly);
	ret = ret || mshv_partition_signal_event(guest.partition, 0, 2, 77,
						 &once_more);
	ret = ret || mshv_vp_get_state(guest.vp, MSHV_VP_STATE_SIEFP, siefp,
				       sizeof(siefp), &size);
	result(!ret && newly == 1 && once_more == 0 &&
	       siefp[2 * 256 + 77 / 8] == 1 << 77 % 8,
	       "an event flag is set once");
	mshv_vp_close(guest.vp);
	mshv_partition_close(guest.partition);
}

void smoke_devices(void)
{
	cpuid();
	dirty_log();
	components();
	synic();
	irqfd();
}
