// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The VMM behind the programs that go the way of a known one. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "vm-client.h"

const uint8_t client_program[] = {
	0xe6, 0x80,			/* out 0x80, al */
	0xe4, 0x71,			/* in al, 0x71 */
	0xa2, 0x00, 0x05,		/* mov [0x500], al */
	0xb8, 0xff, 0xff,		/* mov ax, 0xffff */
	0x8e, 0xd8,			/* mov ds, ax */
	0xc6, 0x06, 0x10, 0x00, 0x5a,	/* mov byte [0x10], 0x5a: at HOLE */
	0xa0, 0x14, 0x00,		/* mov al, [0x14]: 4 bytes behind */
	0xe6, 0x81,			/* out 0x81, al */
	0x31, 0xc0,			/* xor ax, ax */
	0x8e, 0xd8,			/* mov ds, ax */
	0x8e, 0xc0,			/* mov es, ax */
	0xbf, 0x00, 0x06,		/* mov di, 0x600 */
	0xb9, 0x04, 0x00,		/* mov cx, 4 */
	0xba, 0x00, 0x03,		/* mov dx, 0x300 */
	0xf3, 0x6c,			/* rep insb */
	0xe6, PORT_END,			/* out PORT_END, al */
};
const size_t client_program_size = sizeof(client_program);

int client_open(const char *lines, struct mshv_dev *dev)
{
	struct mshv_partition_config *config = NULL;
	struct mshv_config_error error = { .text = "" };
	char text[1024];
	int length, ret;

	length = snprintf(text, sizeof(text), "mshv-partition 1\n%s", lines);
	g.ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ret = g.ram == MAP_FAILED ? -ENOMEM : 0;
	ret = ret ? ret : mshv_partition_config_parse(text, (size_t)length,
						      &config, &error);
	/* these VMMs take what there is */
	ret = ret ? ret : mshv_partition_config_fit(config, dev, &error);
	ret = ret ? ret : mshv_partition_config_build(config, dev, &g.partition,
						      &error);
	if (ret)
		printf("# %u:%u: %s\n", error.line, error.column, error.text);
	mshv_partition_config_close(config);
	return ret ? ret : mshv_memory_create(g.partition, &g.memory);
}

void client_close(void)
{
	close_guest(&g);
	memset(&g, 0, sizeof(g));
}

int client_set_freeze(uint64_t freeze)
{
	return mshv_partition_set_property(g.partition,
					   HV_PARTITION_PROPERTY_TIME_FREEZE,
					   freeze);
}

int client_set_boot_msrs(void)
{
	static const struct mshv_msr msrs[] = {
		{ .msr = 0x174 }, { .msr = 0x175 }, { .msr = 0x176 },
		{ .msr = 0xc0000081 }, { .msr = 0xc0000082 },
		{ .msr = 0xc0000083 }, { .msr = 0xc0000084 },
		{ .msr = 0xc0000102 }, { .msr = 0x2ff, .value = 0x806 },
	};

	return mshv_vp_set_msrs(g.vp, msrs, 9);
}

/* LINT0 is the PIC's, LINT1 the NMI. */
int client_set_lint(void)
{
	struct hv_local_interrupt_controller_state lapic;
	int ret = mshv_vp_get_lapic(g.vp, &lapic);

	lapic.apic_lvt_lint0 = (lapic.apic_lvt_lint0 & ~0x700u) | 7 << 8;
	lapic.apic_lvt_lint1 = (lapic.apic_lvt_lint1 & ~0x700u) | 4 << 8;
	return ret ? ret : mshv_vp_set_lapic(g.vp, &lapic);
}

/* REP INSB, by way of a translation of where it goes to. */
static int string_io(const struct hv_x64_io_port_intercept_message *io,
		     struct seen *seen)
{
	uint64_t gva = io->es_segment.base + io->rdi, gpa;
	struct mshv_standard_registers regs;
	uint8_t bytes[16];
	int ret;

	if (io->rcx > sizeof(bytes) || io->access_info.access_size != 1 ||
	    io->header.intercept_access_type != HV_INTERCEPT_ACCESS_READ)
		return -ENOTSUP;
	memset(bytes, 0xa5, sizeof(bytes));
	ret = mshv_vp_translate_gva(g.vp, gva, HV_TRANSLATE_GVA_VALIDATE_WRITE,
				    &gpa, NULL);
	ret = ret ? ret : mshv_memory_write(g.memory, gpa, bytes, io->rcx);
	ret = ret ? ret : mshv_vp_get_standard_registers(g.vp, &regs);
	regs.rdi += io->rcx;
	regs.rcx -= io->rcx;
	regs.rip += io->header.instruction_length;
	seen->strings++;
	return ret ? ret : mshv_vp_set_standard_registers(g.vp, &regs);
}

static int port_io(const struct hv_x64_io_port_intercept_message *io,
		   struct seen *seen)
{
	if (io->access_info.string_op)
		return string_io(io, seen);
	if (io->header.intercept_access_type == HV_INTERCEPT_ACCESS_WRITE) {
		seen->outs++;
		seen->last_out = (uint8_t)io->rax;
		return mshv_vp_complete_io(g.vp, 0);
	}
	seen->ins++;
	return mshv_vp_complete_io(g.vp, 0x33);
}

/* The two instructions of the program; each by its first byte. */
static int mmio(const struct hv_message *message, struct seen *seen)
{
	const struct hv_x64_memory_intercept_message *memory =
		mshv_message_x64_memory(message);
	struct mshv_standard_registers regs;
	int ret;

	if (!memory || !memory->instruction_byte_count)
		return -ENOTSUP;
	ret = mshv_vp_get_standard_registers(g.vp, &regs);
	if (memory->instruction_bytes[0] == 0xc6 &&
	    memory->guest_physical_address == HOLE) {
		seen->mmio_writes++;
		seen->written = memory->instruction_bytes[4];
		regs.rip += 5;
	} else if (memory->instruction_bytes[0] == 0xa0 &&
		   memory->guest_physical_address == HOLE + 4) {
		seen->mmio_reads++;
		regs.rax = (regs.rax & ~0xffULL) | 0x77;
		regs.rip += 3;
	} else {
		return -ENOTSUP;
	}
	return ret ? ret : mshv_vp_set_standard_registers(g.vp, &regs);
}

int client_run(struct seen *seen)
{
	const struct hv_x64_io_port_intercept_message *io;
	const struct hv_message *message;
	int ret, exits;

	for (exits = 0; exits < 100; exits++) {
		ret = mshv_vp_run(g.vp, &message);
		if (ret == -EINTR)
			continue;
		if (ret)
			return ret;
		switch (mshv_message_type(message)) {
		case HVMSG_X64_IO_PORT_INTERCEPT:
			io = mshv_message_x64_io_port(message);
			if (!io)
				return -EPROTO;
			if (io->port_number == PORT_END)
				return mshv_vp_complete_io(g.vp, 0);
			ret = port_io(io, seen);
			break;
		case HVMSG_UNMAPPED_GPA:
		case HVMSG_GPA_INTERCEPT:
			ret = mmio(message, seen);
			break;
		default:
			printf("# message 0x%x\n", mshv_message_type(message));
			ret = -ENOTSUP;
		}
		if (ret)
			return ret;
	}
	return -ELOOP;
}

int client_save(struct client_state *state)
{
	static uint32_t list[256];
	uint32_t type;
	size_t i;
	int ret;

	memset(state, 0, sizeof(*state));
	ret = mshv_vp_get_standard_registers(g.vp, &state->standard);
	ret = ret ? ret : mshv_vp_get_special_registers(g.vp, &state->special);
	ret = ret ? ret : mshv_vp_get_xcr0(g.vp, &state->xcr0);
	ret = ret ? ret : mshv_vp_get_fpu(g.vp, &state->fpu);
	ret = ret ? ret : mshv_vp_get_debug_registers(g.vp, &state->debug);
	ret = ret ? ret : mshv_vp_get_events(g.vp, &state->events);
	ret = ret ? ret : mshv_partition_get_msr_list(g.partition, list, 256,
						      &state->msr_count);
	for (i = 0; !ret && i < state->msr_count; i++)
		state->msrs[i].msr = list[i];
	ret = ret ? ret : mshv_vp_get_msrs(g.vp, state->msrs, state->msr_count);
	for (type = 0; !ret && type < 5; type++)
		ret = mshv_vp_get_state(g.vp, type, state->components[type],
					sizeof(state->components[type]),
					&state->sizes[type]);
	return ret;
}

int client_restore(const struct client_state *state)
{
	uint32_t type;
	int ret;

	ret = mshv_vp_set_xcr0(g.vp, state->xcr0);
	ret = ret ? ret : mshv_vp_set_special_registers(g.vp, &state->special);
	ret = ret ? ret : mshv_vp_set_msrs(g.vp, state->msrs, state->msr_count);
	for (type = 0; !ret && type < 5; type++)
		ret = mshv_vp_set_state(g.vp, type, state->components[type],
					state->sizes[type]);
	ret = ret ? ret : mshv_vp_set_fpu(g.vp, &state->fpu);
	ret = ret ? ret : mshv_vp_set_debug_registers(g.vp, &state->debug);
	ret = ret ? ret : mshv_vp_set_events(g.vp, &state->events);
	return ret ? ret : mshv_vp_set_standard_registers(g.vp, &state->standard);
}

/* But for the time, which goes on. */
static int same_msrs(const struct client_state *a, const struct client_state *b)
{
	size_t i;

	for (i = 0; i < a->msr_count; i++) {
		if (a->msrs[i].msr == 0x10)
			continue;
		if (memcmp(&a->msrs[i], &b->msrs[i], sizeof(a->msrs[i]))) {
			printf("# MSR 0x%x\n", a->msrs[i].msr);
			return 0;
		}
	}
	return a->msr_count == b->msr_count;
}

int client_same(const struct client_state *a, const struct client_state *b)
{
	const struct {
		const char *name;
		int same;
	} parts[] = {
#define PART(x)	{ #x, !memcmp(&a->x, &b->x, sizeof(a->x)) }
		PART(standard), PART(special), PART(fpu), PART(debug),
		PART(events), PART(xcr0), PART(components[MSHV_VP_STATE_XSAVE]),
		PART(components[MSHV_VP_STATE_SIMP]),
		PART(components[MSHV_VP_STATE_SIEFP]),
		{ "MSRs", same_msrs(a, b) },
	};
	int same = 1;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].same)
			printf("# another %s\n", parts[i].name);
		same &= parts[i].same;
	}
	return same;
}
