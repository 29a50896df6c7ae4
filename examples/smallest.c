// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The smallest guest: it writes a line to port 0xe9, byte by byte, and halts.
 * All that is needed is in this file.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <mshv/mshv.h>

#define PORT	0xe9
#define CODE	0x1000

/* mov si, text; next: lodsb; test al, al; jz end; out PORT, al; jmp next; end: hlt */
static const char guest[] =
	"\xbe\x0d\x10\xac\x84\xc0\x74\x04\xe6\xe9\xeb\xf7\xf4"
	"Hello from a guest of the Microsoft Hypervisor.\n";

static int failed(const char *what)
{
	char text[256];

	mshv_error_format(mshv_last_error(), text, sizeof(text));
	fprintf(stderr, "%s: %s\n", what, text);
	return 1;
}

/* Real mode: after reset the code segment is elsewhere. */
static int start_at(struct mshv_vp *vp, uint64_t rip)
{
	struct mshv_standard_registers standard = { .rip = rip, .rflags = 2 };
	struct mshv_special_registers special;
	int ret = mshv_vp_get_special_registers(vp, &special);

	special.cs.base = 0;
	special.cs.selector = 0;
	ret = ret ? ret : mshv_vp_set_special_registers(vp, &special);
	return ret ? ret : mshv_vp_set_standard_registers(vp, &standard);
}

static int run(struct mshv_vp *vp)
{
	const struct hv_x64_io_port_intercept_message *io;
	char text[LIBMSHV_MESSAGE_TEXT_BYTES];
	const struct hv_message *message;

	while (!mshv_vp_run(vp, &message)) {
		if (mshv_message_x64_halt(message))
			return 0;
		io = mshv_message_x64_io_port(message);
		if (!io || io->port_number != PORT) {
			mshv_message_format(message, LIBMSHV_ARCH_NATIVE, text,
					    sizeof(text));
			fprintf(stderr, "unexpected: %s\n", text);
			return 1;
		}
		putchar((int)(io->rax & 0xff));
		if (mshv_vp_complete_io(vp, 0))
			return failed("complete the port access");
	}
	return failed("run");
}

int main(void)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_dev *dev = NULL;
	struct mshv_partition *partition = NULL;
	struct mshv_vp *vp = NULL;
	size_t size = 4 * MSHV_HV_PAGE_SIZE;
	char *ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (ram == MAP_FAILED) {
		perror("memory");
		return 1;
	}
	memcpy(ram + CODE, guest, sizeof(guest));

	/* No local APIC, so that HLT ends the run. */
	if (mshv_dev_open(NULL, &dev) ||
	    mshv_partition_create(dev, &options, &partition) ||
	    mshv_partition_initialize(partition) ||
	    mshv_partition_map_memory(partition, 0, ram, size,
				      LIBMSHV_MEMORY_WRITABLE |
				      LIBMSHV_MEMORY_EXECUTABLE) ||
	    mshv_vp_create(partition, 0, &vp) || start_at(vp, CODE))
		ret = failed("set up the guest");
	else
		ret = run(vp);

	/* In any order, and NULL is fine. */
	mshv_dev_close(dev);
	mshv_partition_close(partition);
	mshv_vp_close(vp);
	munmap(ram, size);
	return ret;
}
