/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads a port that no device claims. */
#include "guest.h"

	inb	$0x60, %al
	exit	1
