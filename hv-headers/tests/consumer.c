/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A C program that knows nothing but the installed headers: it builds a hypercall and takes a message apart. */
#include <stdio.h>
#include <string.h>

#include <mshv/hvhdk.h>
#include <mshv/uapi.h>

#define ROW(name, value) { #name, value },
static const struct {
	const char *name;
	unsigned int value;
} names[] = {
	HV_REGISTER_NAMES(ROW)
	HV_X64_REGISTER_NAMES(ROW)
	HV_ARM64_REGISTER_NAMES(ROW)
};

static const char *register_name(unsigned int value)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].value == value)
			return names[i].name;
	}
	return "?";
}

int main(void)
{
	__u64 page[HV_HYP_PAGE_SIZE / sizeof(__u64)] = { 0 };
	struct hv_input_get_vp_registers *input = (struct hv_input_get_vp_registers *)page;
	struct mshv_root_hvcall call = { 0 };
	struct hv_message message = { 0 };
	struct hv_x64_io_port_intercept_message port = { 0 };

	input->vp_index = 1;
	input->names[0] = HV_X64_REGISTER_RIP;
	input->names[1] = HV_REGISTER_VP_INDEX;
	call.code = HVCALL_GET_VP_REGISTERS;
	call.reps = 2;
	call.in_sz = sizeof(*input) + 2 * sizeof(input->names[0]);
	call.in_ptr = (__u64)(unsigned long)page;

	port.header.intercept_access_type = HV_INTERCEPT_ACCESS_WRITE;
	port.port_number = 0x3f8;
	port.access_info.access_size = 1;
	message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	message.header.payload_size = sizeof(port);
	memcpy(message.u.payload, &port, sizeof(port));

	printf("%#x %d bytes %s %s ioctl %#lx\n", call.code, call.in_sz, register_name(input->names[0]),
	       register_name(input->names[1]), (unsigned long)MSHV_ROOT_HVCALL);
	return call.in_sz == 24 && message.header.payload_size <= HV_MESSAGE_PAYLOAD_BYTE_COUNT &&
	       ((unsigned char *)message.u.payload)[sizeof(port.header) + 2] == 1 ? 0 : 1;
}
