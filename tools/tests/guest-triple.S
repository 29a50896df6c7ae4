/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Has no interrupt table left when an exception comes. */
#include "guest.h"

	lidt	no_table
	ud2
	exit	1

no_table:
	.word	0
	.long	0
