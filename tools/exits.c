// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "exits.h"
#include "report.h"

#define DELAY_PORT	0x80
#define EXIT_PORT	0xf4
#define RFLAGS_IF	0x200

/* Where the guest is, for messages: "0000:7c05" or "0x100005". */
struct place {
	char text[32];
};

static struct place place_of(const struct hv_x64_intercept_message_header *header)
{
	struct place place;

	if (header->execution_state.cr0_pe)
		snprintf(place.text, sizeof(place.text), "0x%" PRIx64,
			 (uint64_t)header->rip);
	else
		snprintf(place.text, sizeof(place.text), "%04x:%04" PRIx64,
			 header->cs_segment.selector, (uint64_t)header->rip);

	return place;
}

static int malformed(const struct hv_message *message)
{
	const char *name = mshv_message_type_name(mshv_message_type(message));

	complain("the hypervisor sent a malformed message of type %s", name);
	return COMPLAINED;
}

/* I/O ports. A device returns 0 or -errno; *status ends the run if it is set. */

struct port_access {
	unsigned int offset;	/* from the first port of the device */
	unsigned int size;	/* 1, 2 or 4 */
	bool write;
	uint32_t value;		/* to be written, or read */
};

static int com1_access(struct vmm *vmm, struct port_access *access, int *status)
{
	unsigned int i;

	(void)status;

	/* A wider access is as many accesses to neighbouring registers. */
	for (i = 0; i < access->size; i++) {
		unsigned int shift = 8 * i;

		if (access->write) {
			int ret = serial_write(&vmm->com1, access->offset + i,
					       (access->value >> shift) & 0xff);
			if (ret)
				return ret;
		} else {
			access->value |= (uint32_t)
				serial_read(&vmm->com1, access->offset + i)
				<< shift;
		}
	}

	return 0;
}

static int delay_access(struct vmm *vmm, struct port_access *access, int *status)
{
	(void)vmm;
	(void)status;

	if (!access->write)
		access->value = UINT32_MAX;

	return 0;
}

static int exit_access(struct vmm *vmm, struct port_access *access, int *status)
{
	(void)vmm;

	if (access->write)
		*status = access->value & 0xff;
	else
		access->value = UINT32_MAX;

	return 0;
}

static const struct port_device {
	uint16_t first;
	uint16_t nr_ports;
	int (*access)(struct vmm *vmm, struct port_access *access, int *status);
} port_devices[] = {
	{ DELAY_PORT, 1, delay_access },
	{ EXIT_PORT, 1, exit_access },
	{ SERIAL_COM1, SERIAL_NR_PORTS, com1_access },
};

/* The first port of an access decides. What reaches beyond the device floats. */
static const struct port_device *find_device(unsigned int port)
{
	size_t i;

	for (i = 0; i < sizeof(port_devices) / sizeof(port_devices[0]); i++) {
		const struct port_device *dev = &port_devices[i];

		if (port >= dev->first && port - dev->first < dev->nr_ports)
			return dev;
	}

	return NULL;
}

static int handle_io_port(struct vmm *vmm, const struct hv_message *message)
{
	const struct hv_x64_io_port_intercept_message *io;
	const struct port_device *dev;
	struct port_access access;
	int status = EXIT_HANDLED;
	int ret;

	io = mshv_message_x64_io_port(message);
	if (!io)
		return malformed(message);

	access.size = io->access_info.access_size;
	access.write = io->header.intercept_access_type ==
		       HV_INTERCEPT_ACCESS_WRITE;
	access.value = access.write ?
		       (uint32_t)io->rax & (0xffffffffU >> (32 - 8 * access.size)) : 0;

	dev = find_device(io->port_number);
	if (!dev || io->access_info.string_op) {
		complain("unhandled %s of %u byte%s %s I/O port 0x%x at %s",
			 io->access_info.string_op ?
			 (access.write ? "string write (OUTS)" : "string read (INS)") :
			 (access.write ? "write" : "read"),
			 access.size, access.size == 1 ? "" : "s",
			 access.write ? "to" : "from", io->port_number,
			 place_of(&io->header).text);
		return COMPLAINED;
	}

	access.offset = io->port_number - dev->first;
	ret = dev->access(vmm, &access, &status);
	if (ret) {
		complain("cannot write to standard output: %s", strerror(-ret));
		return COMPLAINED;
	}
	if (status != EXIT_HANDLED)
		return status;

	if (mshv_vp_complete_io(vmm->vp, access.value)) {
		complain_mshv("cannot finish an access to an I/O port");
		return COMPLAINED;
	}

	return EXIT_HANDLED;
}

/* The vector whose stand-in for a BIOS routine (memory.h) halted, or -1. */
static int bios_vector(const struct hv_x64_intercept_message_header *header)
{
	if (header->execution_state.cr0_pe ||
	    header->cs_segment.selector != MEMORY_BIOS_SEGMENT ||
	    header->rip < MEMORY_BIOS_OFFSET ||
	    header->rip >= MEMORY_BIOS_OFFSET + MEMORY_NR_VECTORS)
		return -1;

	return (int)(header->rip - MEMORY_BIOS_OFFSET);
}

/* The return address that an interrupt left on the stack of real mode. */
static struct place return_place(struct vmm *vmm)
{
	struct hv_register_assoc registers[2] = {
		{ .name = HV_X64_REGISTER_RSP },
		{ .name = HV_X64_REGISTER_SS },
	};
	struct place place = { "an unknown place" };
	uint16_t frame[2];		/* IP, CS */
	uint64_t gpa;

	if (mshv_vp_get_registers(vmm->vp, registers, 2))
		return place;

	gpa = registers[1].value.segment.base +
	      (registers[0].value.reg64 & 0xffff);
	if (memory_read(vmm->memory, gpa, frame, sizeof(frame)) == 0)
		snprintf(place.text, sizeof(place.text), "%04x:%04x", frame[1],
			 frame[0]);

	return place;
}

static int handle_halt(struct vmm *vmm, const struct hv_message *message)
{
	const struct hv_x64_halt_message *halt = mshv_message_x64_halt(message);
	int vector;

	if (!halt)
		return malformed(message);

	vector = bios_vector(&halt->header);
	if (vector >= 0) {
		complain("interrupt 0x%02x in real mode, to return to %s; the guest has no handler for it, and there is no BIOS",
			 vector, return_place(vmm).text);
		return COMPLAINED;
	}
	if (halt->header.rflags & RFLAGS_IF) {
		complain("the guest waits for an interrupt (HLT) at %s, and there is nothing that could send one",
			 place_of(&halt->header).text);
		return COMPLAINED;
	}

	return 0;
}

static int handle_unmapped_gpa(struct vmm *vmm, const struct hv_message *message)
{
	static const char *const kinds[] = { "read", "write", "execution" };
	const struct hv_x64_memory_intercept_message *memory;
	unsigned int kind;

	memory = mshv_message_x64_memory(message);
	if (!memory)
		return malformed(message);

	kind = memory->header.intercept_access_type;
	complain("%s at guest physical address 0x%" PRIx64 ", where there is no memory, at %s; the guest has %zu MiB",
		 kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "access",
		 (uint64_t)memory->guest_physical_address,
		 place_of(&memory->header).text, vmm->memory->size_bytes >> 20);
	return COMPLAINED;
}

static int handle_triple_fault(struct vmm *vmm, const struct hv_message *message)
{
	const struct hv_x64_unrecoverable_exception_message *fault;

	(void)vmm;
	fault = mshv_message_x64_unrecoverable_exception(message);
	if (!fault)
		return malformed(message);

	complain("triple fault at %s: an exception, and the guest's interrupt table is of no use",
		 place_of(&fault->header).text);
	return COMPLAINED;
}

static int handle_other(struct vmm *vmm, const struct hv_message *message)
{
	const struct hv_x64_intercept_message_header *header =
		mshv_message_x64_header(message);
	uint32_t type = mshv_message_type(message);
	const char *name = mshv_message_type_name(type);

	(void)vmm;
	complain("unhandled exit of type 0x%x (%s)%s%s", type,
		 name ? name : "unknown", header ? " at " : "",
		 header ? place_of(header).text : "");
	return COMPLAINED;
}

static const struct exit_handler {
	uint32_t type;
	const char *name;
	int (*handle)(struct vmm *vmm, const struct hv_message *message);
} handlers[VMM_NR_EXIT_KINDS] = {
	[VMM_EXIT_IO_PORT] = {
		HVMSG_X64_IO_PORT_INTERCEPT, "io_port", handle_io_port
	},
	[VMM_EXIT_HALT] = {
		HVMSG_X64_HALT, "halt", handle_halt
	},
	[VMM_EXIT_UNMAPPED_GPA] = {
		HVMSG_UNMAPPED_GPA, "unmapped_gpa", handle_unmapped_gpa
	},
	[VMM_EXIT_TRIPLE_FAULT] = {
		HVMSG_UNRECOVERABLE_EXCEPTION, "triple_fault", handle_triple_fault
	},
	[VMM_EXIT_OTHER] = {
		HVMSG_NONE, "other", handle_other
	},
};

int exit_handle(struct vmm *vmm, const struct hv_message *message)
{
	uint32_t type = mshv_message_type(message);
	int kind = 0;

	while (kind < VMM_EXIT_OTHER && handlers[kind].type != type)
		kind++;
	vmm->exits[kind]++;

	return handlers[kind].handle(vmm, message);
}

const char *exit_kind_name(enum vmm_exit_kind kind)
{
	return handlers[kind].name;
}
