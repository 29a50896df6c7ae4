/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Writes a port that no device claims. */
#include "guest.h"

	movw	$0xcf8, %dx
	xorl	%eax, %eax
	outl	%eax, %dx
	exit	1
