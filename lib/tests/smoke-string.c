// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Part of smoke: port instructions that move memory. */
#include "config.h"

#include <string.h>

#include "smoke.h"

static const uint8_t code[] = {
	0xbe, 0xfe, 0x1f,		/* mov si, 0x1ffe */
	0xb9, 0x05, 0x00,		/* mov cx, 5 */
	0xba, 0xf0, 0x01,		/* mov dx, 0x1f0 */
	0x64, 0xf3, 0x6e,		/* rep fs outsb */
	0xbf, 0x04, 0x30,		/* mov di, 0x3004 */
	0xb9, 0x03, 0x00,		/* mov cx, 3 */
	0xfd,				/* std */
	0xf3, 0x6d,			/* rep insw */
	0xe6, 0x80,			/* out 0x80, al */
};

struct device {
	char taken[16];
	size_t used;
	char next;
	int odd;
};

static int port(void *context, uint16_t number, int write, void *data,
		size_t size)
{
	struct device *device = context;
	char *bytes = data;
	size_t i;

	if (number != 0x1f0 || device->used + size > sizeof(device->taken)) {
		device->odd = 1;
		return -1;
	}
	for (i = 0; i < size; i++) {
		if (write)
			device->taken[device->used++] = bytes[i];
		else
			bytes[i] = device->next++;
	}
	return 0;
}

static int run_to_string(struct device *device)
{
	const struct hv_message *message;
	const struct hv_x64_io_port_intercept_message *io;
	struct mshv_walk walk;
	int ret = mshv_vp_run(g.vp, &message);

	if (ret)
		return ret;
	io = mshv_message_x64_io_port(message);
	if (!io || !io->access_info.string_op)
		return -1;
	return mshv_vp_complete_string_io(g.vp, g.memory, port, device, &walk);
}

void smoke_string(void)
{
	struct mshv_special_registers special;
	struct mshv_standard_registers standard;
	const struct hv_message *message = NULL;
	const struct hv_x64_io_port_intercept_message *io;
	struct device device = { .next = 'a' };
	char words[6];
	int ret;

	ret = !load(code, sizeof(code));
	ret = ret ? ret : mshv_vp_get_special_registers(g.vp, &special);
	special.fs.base = 0x2000;
	ret = ret ? ret : mshv_vp_set_special_registers(g.vp, &special);
	/* across the end of a page */
	ret = ret ? ret : mshv_memory_write(g.memory, 0x3ffe, "hello", 5);
	ret = ret ? ret : run_to_string(&device);
	result(!ret && !device.odd && device.used == 5 &&
	       !memcmp(device.taken, "hello", 5),
	       "REP OUTSB with a segment of its own");

	ret = ret ? ret : run_to_string(&device);
	ret = ret ? ret : mshv_memory_read(g.memory, 0x3000, words, 6);
	result(!ret && !device.odd && !memcmp(words, "efcdab", 6),
	       "REP INSW, downwards");
	ret = ret ? ret : mshv_vp_run(g.vp, &message);
	ret = ret ? ret : mshv_vp_get_standard_registers(g.vp, &standard);
	io = message ? mshv_message_x64_io_port(message) : NULL;
	result(!ret && io && io->port_number == 0x80 && !standard.rcx &&
	       standard.rsi == 0x2003 && standard.rdi == 0x2ffe,
	       "the guest goes on behind them");
}
