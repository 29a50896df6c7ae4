/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types of HVCALL_INSTALL_INTERCEPT that only the TLFS has (HV_INTERCEPT_TYPE), not
 * the kernel's headers.
 */
#ifndef INTERCEPT_H
#define INTERCEPT_H

#define INTERCEPT_UNKNOWN_CONNECTION	0xd
#define INTERCEPT_X64_APIC_EOI		0xe
#define INTERCEPT_RETARGET		0xf	/* of an interrupt of an unknown device */
#define INTERCEPT_X64_EXCEPTION_TRAP	0x10
#define INTERCEPT_X64_IO_PORT_RANGE	0x11

#endif /* INTERCEPT_H */
