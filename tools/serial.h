/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* COM1 as a guest sees it: a 16550A that sends, and never receives. */
#ifndef MSHV_RUN_SERIAL_H
#define MSHV_RUN_SERIAL_H

#include <stdint.h>
#include <stdio.h>

#define SERIAL_COM1		0x3f8
#define SERIAL_NR_PORTS		8

struct serial {
	FILE *out;		/* where the guest's characters go */
	uint8_t ier;		/* interrupt enable */
	uint8_t fcr;		/* FIFO control, only its enable bit is kept */
	uint8_t lcr;		/* line control; bit 7 is DLAB */
	uint8_t mcr;		/* modem control */
	uint8_t scr;		/* scratch */
	uint8_t divisor[2];	/* low and high byte, visible under DLAB */
	uint64_t sent;		/* characters */
};

/* The state after power-on. */
void serial_init(struct serial *com, FILE *out);

/* One byte access to the register at @offset (0 to 7) from the base port. */
uint8_t serial_read(const struct serial *com, unsigned int offset);

/* As serial_read(). Returns 0, or -errno if @out does not take the character. */
int serial_write(struct serial *com, unsigned int offset, uint8_t value);

#endif
