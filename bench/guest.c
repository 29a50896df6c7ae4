// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests: a few bytes of 32-bit code each, in flat segments without paging.
 */
#include <string.h>

#include "bench.h"

#define DWORD(x)	(uint8_t)(x), (uint8_t)((x) >> 8), (uint8_t)((x) >> 16), \
			(uint8_t)((x) >> 24)
#define BYTES(...)	{ (const uint8_t[]){ __VA_ARGS__ }, \
			  sizeof((const uint8_t[]){ __VA_ARGS__ }) }

struct code {
	const uint8_t *bytes;
	size_t size;
};

static const struct code codes[] = {
	/* again: out %al, $PORT; jmp again */
	[JOB_OUT] = BYTES(0xe6, GUEST_PORT, 0xeb, 0xfc),
	/* again: in $PORT, %al; jmp again */
	[JOB_IN] = BYTES(0xe4, GUEST_PORT, 0xeb, 0xfc),
	/* again: mov DEVICE, %al; jmp again */
	[JOB_MMIO] = BYTES(0xa0, DWORD(GUEST_DEVICE), 0xeb, 0xf9),
	/* again: hlt; jmp again */
	[JOB_HLT] = BYTES(0xf4, 0xeb, 0xfd),
	/*
	 * mov $TOUCH, %ebx; mov $END, %ecx; next: mov (%ebx), %al;
	 * add $4096, %ebx; cmp %ecx, %ebx; jb next; again: out %al, $PORT;
	 * jmp again
	 */
	[JOB_TOUCH] = BYTES(0xbb, DWORD(GUEST_TOUCH), 0xb9, DWORD(0), 0x8a, 0x03,
			    0x81, 0xc3, DWORD(4096), 0x39, 0xcb, 0x72, 0xf4,
			    0xe6, GUEST_PORT, 0xeb, 0xfc),
	/* again: jmp again */
	[JOB_SPIN] = BYTES(0xeb, 0xfe),
	/*
	 * movl $0x1ff, SPURIOUS; out %al, $PORT: from now on the APIC takes
	 * interrupts; again: sti; hlt; jmp again
	 */
	[JOB_WAKE] = BYTES(0xc7, 0x05, DWORD(0xfee000f0), DWORD(0x1ff),
			   0xe6, GUEST_PORT, 0xfb, 0xf4, 0xeb, 0xfc),
};

#define TOUCH_END	6	/* where END is in the code */

/* movl $0, EOI; out %al, $PORT; iret */
static const uint8_t handler[] = {
	0xc7, 0x05, DWORD(0xfee000b0), DWORD(0), 0xe6, GUEST_PORT, 0xcf,
};

/* An interrupt loads CS from a descriptor: those that the segments came from. */
static const uint64_t gdt[] = { 0, 0x00cf9b000000ffffull, 0x00cf93000000ffffull };

static void load_tables(uint8_t *ram)
{
	uint64_t gate = (uint64_t)(GUEST_HANDLER >> 16) << 48 | 0x8e0000000000ull |
			GUEST_CODE_SELECTOR << 16 | (GUEST_HANDLER & 0xffff);

	memcpy(ram + GUEST_GDT, gdt, sizeof(gdt));
	memcpy(ram + GUEST_IDT + GUEST_VECTOR * 8, &gate, sizeof(gate));
}

void guest_load(void *memory, enum bench_job job, uint32_t bytes)
{
	uint8_t *ram = memory;
	uint32_t end = GUEST_TOUCH + bytes;

	memcpy(ram + GUEST_CODE, codes[job].bytes, codes[job].size);
	if (job == JOB_TOUCH)
		memcpy(ram + GUEST_CODE + TOUCH_END, &end, sizeof(end));
	memcpy(ram + GUEST_HANDLER, handler, sizeof(handler));
	load_tables(ram);
}
