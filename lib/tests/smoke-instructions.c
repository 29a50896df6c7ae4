// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Instructions that the VMM does for the guest. */
#include "config.h"

#include <string.h>

#include "smoke.h"

#define LEAF	0x100		/* no processor has it */
#define MSR	0x12345678	/* nor that */
#define VALUE	0x0123456789abcdefULL

/*
 * mov eax, LEAF; cpuid; mov [0x9000], eax
 * mov ecx, MSR; rdmsr; mov [0x9004], eax; mov [0x9008], edx; wrmsr
 * out 0x80, al; out 0x81, al
 */
static const uint8_t code[] = {
	0x66, 0xb8, 0x00, 0x01, 0x00, 0x00, 0x0f, 0xa2, 0x66, 0xa3, 0x00, 0x90,
	0x66, 0xb9, 0x78, 0x56, 0x34, 0x12, 0x0f, 0x32, 0x66, 0xa3, 0x04, 0x90,
	0x66, 0x89, 0x16, 0x08, 0x90, 0x0f, 0x30,
	0xe6, 0x80, 0xe6, 0x81,
};

/* Whether the VP stops with a message of this type. */
static int stops(struct guest *guest, uint32_t type)
{
	const struct hv_message *message;

	return !mshv_vp_run(guest->vp, &message) &&
	       mshv_message_type(message) == type;
}

static int port_is(struct guest *guest, uint16_t port)
{
	const struct hv_x64_io_port_intercept_message *io =
		mshv_message_x64_io_port(mshv_vp_message(guest->vp));

	return io && io->port_number == port;
}

static int start(struct guest *guest)
{
	const uint32_t both = HV_INTERCEPT_ACCESS_MASK_READ |
			      HV_INTERCEPT_ACCESS_MASK_WRITE;

	return open_guest(guest) && load_guest(guest, code, sizeof(code)) &&
	       !mshv_partition_install_intercept(guest->partition,
			HV_INTERCEPT_ACCESS_MASK_EXECUTE,
			HV_INTERCEPT_TYPE_X64_CPUID, LEAF) &&
	       !mshv_partition_install_intercept(guest->partition, both,
			HV_INTERCEPT_TYPE_X64_MSR, 0);
}

void smoke_instructions(void)
{
	static const uint32_t cpuid[4] = { 0xa, 0xb, 0xc, 0xd };
	struct guest guest = { .ram = NULL };
	uint32_t seen[3] = { 0 };
	int ok;

	ok = start(&guest);
	result(ok, "a guest whose CPUID and MSRs are watched");
	ok = ok && stops(&guest, HVMSG_X64_CPUID_INTERCEPT) &&
	     !mshv_vp_complete_cpuid(guest.vp, cpuid);
	result(ok, "CPUID is finished");
	ok = ok && stops(&guest, HVMSG_X64_MSR_INTERCEPT) &&
	     !mshv_vp_complete_msr(guest.vp, VALUE) &&
	     stops(&guest, HVMSG_X64_MSR_INTERCEPT) &&
	     !mshv_vp_complete_msr(guest.vp, 0);
	result(ok, "RDMSR and WRMSR are");
	ok = ok && stops(&guest, HVMSG_X64_IO_PORT_INTERCEPT) &&
	     port_is(&guest, 0x80) && !mshv_vp_skip_instruction(guest.vp) &&
	     stops(&guest, HVMSG_X64_IO_PORT_INTERCEPT) && port_is(&guest, 0x81);
	result(ok, "an OUT is skipped");
	ok = ok && !mshv_memory_read(guest.memory, 0x9000, seen, sizeof(seen));
	result(ok && seen[0] == 0xa && seen[1] == (uint32_t)VALUE &&
	       seen[2] == VALUE >> 32, "the guest has the results");
	close_guest(&guest);
}
