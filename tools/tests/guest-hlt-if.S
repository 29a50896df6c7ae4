/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Waits for an interrupt that nothing can send. */
#include "guest.h"

	sti
	nop
	hlt
	exit	1
