/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The customary delay: port 80h takes anything and reads as ones. */
#include "guest.h"

	movb	$0x5a, %al
	outb	%al, $0x80
	xorb	%al, %al
	inb	$0x80, %al
	outb	%al, $EXIT_PORT
