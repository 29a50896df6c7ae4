// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Setting the machine up, and the loop that runs it. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "exits.h"
#include "report.h"
#include "stop.h"
#include "vmm.h"

static int open_device(struct vmm *vmm)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	int ret;

	ret = mshv_dev_open(NULL, &vmm->dev);
	if (ret) {
		complain_open(LIBMSHV_DEV_PATH, -ret);
		return ret;
	}

	ret = mshv_dev_probe(vmm->dev, &info);
	if (ret) {
		complain_mshv("cannot tell which driver is behind " LIBMSHV_DEV_PATH);
		return ret;
	}
	if (info.driver != LIBMSHV_DRIVER_ROOT) {
		complain("%s belongs to another driver than mshv_root, one that creates no partitions",
			 LIBMSHV_DEV_PATH);
		return -ENOTTY;
	}

	return 0;
}

/*
 * The flag that is missing is the one for a local APIC: with it the hypervisor
 * would keep a halted VP and wait for an interrupt, which nothing here sends.
 */
static int create_partition(struct vmm *vmm)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	int ret;

	options.flags = 1ULL << MSHV_PT_BIT_GPA_SUPER_PAGES;
	ret = mshv_partition_create(vmm->dev, &options, &vmm->partition);
	if (ret) {
		complain_mshv("cannot create a partition");
		return ret;
	}
	ret = mshv_partition_initialize(vmm->partition);
	if (ret) {
		complain_mshv("cannot initialize the partition");
		return ret;
	}
	ret = mshv_partition_map_memory(vmm->partition, 0, vmm->memory->base,
					vmm->memory->size_bytes,
					LIBMSHV_MEMORY_WRITABLE |
					LIBMSHV_MEMORY_EXECUTABLE);
	if (ret)
		complain_mshv("cannot give the partition its memory");

	return ret;
}

/* A segment of real mode: 64 KiB from 16 times the selector on. */
static struct hv_x64_segment_register real_mode_segment(uint16_t selector,
							unsigned int type)
{
	struct hv_x64_segment_register segment;

	memset(&segment, 0, sizeof(segment));
	segment.selector = selector;
	segment.base = (uint64_t)selector << 4;
	segment.limit = 0xffff;
	segment.segment_type = type;
	segment.non_system_segment = 1;
	segment.present = 1;

	return segment;
}

#define SEGMENT_CODE	0xb		/* execute, read, accessed */
#define SEGMENT_DATA	0x3		/* read, write, accessed */
#define CR0_ET		0x00000010	/* always 1 */
#define RFLAGS_FIXED	0x00000002	/* always 1 */

/* As after a reset, but for CS:IP, SP, and the caches, which a reset turns off. */
static int set_boot_registers(struct vmm *vmm)
{
	struct mshv_standard_registers standard;
	struct mshv_special_registers special;
	struct hv_x64_segment_register data = real_mode_segment(0, SEGMENT_DATA);
	int ret;

	ret = mshv_vp_get_special_registers(vmm->vp, &special);
	if (ret) {
		complain_mshv("cannot read the registers of the processor");
		return ret;
	}
	special.cs = real_mode_segment(0, SEGMENT_CODE);
	special.ds = data;
	special.es = data;
	special.fs = data;
	special.gs = data;
	special.ss = data;
	special.idtr.base = 0;
	special.idtr.limit = 4 * MEMORY_NR_VECTORS - 1;
	special.cr0 = CR0_ET;
	special.cr4 = 0;
	special.efer = 0;

	memset(&standard, 0, sizeof(standard));
	standard.rip = MEMORY_IMAGE_GPA;
	standard.rsp = MEMORY_IMAGE_GPA;
	standard.rflags = RFLAGS_FIXED;

	ret = mshv_vp_set_special_registers(vmm->vp, &special);
	if (!ret)
		ret = mshv_vp_set_standard_registers(vmm->vp, &standard);
	if (ret)
		complain_mshv("cannot set the registers of the processor");

	return ret;
}

int vmm_create(struct vmm *vmm, const struct memory *memory, FILE *out)
{
	int ret;

	memset(vmm, 0, sizeof(*vmm));
	vmm->memory = memory;
	serial_init(&vmm->com1, out);

	ret = open_device(vmm);
	if (!ret)
		ret = create_partition(vmm);
	if (!ret) {
		ret = mshv_vp_create(vmm->partition, 0, &vmm->vp);
		if (ret)
			complain_mshv("cannot create a processor");
	}
	if (!ret)
		ret = set_boot_registers(vmm);
	if (ret) {
		vmm_destroy(vmm);
		return -1;
	}

	return 0;
}

int vmm_run(struct vmm *vmm)
{
	int status = EXIT_HANDLED;

	while (status == EXIT_HANDLED) {
		const struct hv_message *message;
		int ret;

		if (stop_signal())
			return 128 + stop_signal();

		ret = mshv_vp_run(vmm->vp, &message);
		if (ret == -EINTR) {
			vmm->interrupted++;
			continue;
		}
		if (ret) {
			complain_mshv("cannot run the processor");
			return COMPLAINED;
		}
		status = exit_handle(vmm, message);
	}

	return status;
}

void vmm_print_stats(const struct vmm *vmm, int status, FILE *out)
{
	uint64_t sum = 0;
	int kind;

	for (kind = 0; kind < VMM_NR_EXIT_KINDS; kind++)
		sum += vmm->exits[kind];

	fprintf(out, "vps: 1\n");
	fprintf(out, "memory_mib: %zu\n", vmm->memory->size_bytes >> 20);
	fprintf(out, "image_bytes: %zu\n", vmm->memory->image_bytes);
	fprintf(out, "register_page: %s\n",
		mshv_vp_register_page(vmm->vp) ? "yes" : "no");
	fprintf(out, "exits: %" PRIu64 "\n", sum);
	for (kind = 0; kind < VMM_NR_EXIT_KINDS; kind++)
		fprintf(out, "exits_%s: %" PRIu64 "\n",
			exit_kind_name((enum vmm_exit_kind)kind),
			vmm->exits[kind]);
	fprintf(out, "interrupted: %" PRIu64 "\n", vmm->interrupted);
	fprintf(out, "serial_bytes: %" PRIu64 "\n", vmm->com1.sent);
	fprintf(out, "status: %d\n", status);
}

void vmm_destroy(struct vmm *vmm)
{
	mshv_vp_close(vmm->vp);
	mshv_partition_close(vmm->partition);
	mshv_dev_close(vmm->dev);
}
