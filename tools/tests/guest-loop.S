/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Says that it runs, and then runs on. */
#include "guest.h"

	print	running
1:	jmp	1b

print_routine
running:
	.asciz	"running\n"
