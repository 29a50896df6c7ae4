/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Calls a BIOS that is not there. */
#include "guest.h"

	movw	$0x0e41, %ax
	int	$0x10
	exit	1
