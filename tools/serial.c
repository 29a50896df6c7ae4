// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * COM1. Register numbers and bits: PC16550D data sheet, table 2.
 *
 * The transmitter is always ready and raises no interrupt; nothing is ever
 * received. What a driver writes to probe for the chip can be read back.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "serial.h"

enum {
	REG_DATA,		/* RBR/THR; divisor low under DLAB */
	REG_IER,		/* divisor high under DLAB */
	REG_IIR_FCR,
	REG_LCR,
	REG_MCR,
	REG_LSR,
	REG_MSR,
	REG_SCR,
};

#define IER_MASK		0x0f
#define IIR_NONE_PENDING	0x01
#define IIR_FIFOS_ON		0xc0
#define FCR_ENABLE		0x01
#define LCR_DLAB		0x80
#define MCR_MASK		0x1f
#define MCR_LOOP		0x10
#define LSR_ALWAYS_READY	0x60	/* THR and shift register empty */
#define MSR_CONNECTED		0xb0	/* DCD, DSR and CTS */

void serial_init(struct serial *com, FILE *out)
{
	memset(com, 0, sizeof(*com));
	com->out = out;
}

/* In loopback the outputs OUT2, OUT1, RTS and DTR are the four inputs. */
static uint8_t modem_status(const struct serial *com)
{
	uint8_t mcr = com->mcr;

	if (!(mcr & MCR_LOOP))
		return MSR_CONNECTED;

	return ((mcr & 0x0c) << 4) | ((mcr & 0x02) << 3) | ((mcr & 0x01) << 5);
}

uint8_t serial_read(const struct serial *com, unsigned int offset)
{
	switch (offset) {
	case REG_DATA:
		return com->lcr & LCR_DLAB ? com->divisor[0] : 0;
	case REG_IER:
		return com->lcr & LCR_DLAB ? com->divisor[1] : com->ier;
	case REG_IIR_FCR:
		return IIR_NONE_PENDING |
		       (com->fcr & FCR_ENABLE ? IIR_FIFOS_ON : 0);
	case REG_LCR:
		return com->lcr;
	case REG_MCR:
		return com->mcr;
	case REG_LSR:
		return LSR_ALWAYS_READY;
	case REG_MSR:
		return modem_status(com);
	case REG_SCR:
		return com->scr;
	default:
		return 0xff;
	}
}

static int transmit(struct serial *com, uint8_t c)
{
	if (com->mcr & MCR_LOOP)
		return 0;

	errno = 0;
	if (putc(c, com->out) == EOF)
		return errno ? -errno : -EIO;
	com->sent++;

	return 0;
}

int serial_write(struct serial *com, unsigned int offset, uint8_t value)
{
	switch (offset) {
	case REG_DATA:
		if (!(com->lcr & LCR_DLAB))
			return transmit(com, value);
		com->divisor[0] = value;
		break;
	case REG_IER:
		if (com->lcr & LCR_DLAB)
			com->divisor[1] = value;
		else
			com->ier = value & IER_MASK;
		break;
	case REG_IIR_FCR:
		com->fcr = value & FCR_ENABLE;
		break;
	case REG_LCR:
		com->lcr = value;
		break;
	case REG_MCR:
		com->mcr = value & MCR_MASK;
		break;
	case REG_SCR:
		com->scr = value;
		break;
	default:		/* LSR and MSR are read-only */
		break;
	}

	return 0;
}
