/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Prints a line and ends with status 42. */
#include "guest.h"

	print	hello
	exit	42

print_routine
hello:
	.asciz	"hello\n"
