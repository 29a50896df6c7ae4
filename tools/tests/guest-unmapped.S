/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads the first byte behind one megabyte of memory. */
#include "guest.h"

	movw	$0xffff, %ax
	movw	%ax, %ds
	movb	0x10, %al
	exit	1
