/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Halts with interrupts off: a way to end with status 0. */
#include "guest.h"

	cli
	hlt
	exit	1
