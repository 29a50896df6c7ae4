/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MSHV_PROCESS_H
#define MSHV_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Does a thread of it wait, in a way that only a fatal signal can end, or not even that? */
bool process_waits(pid_t pid);

#endif /* MSHV_PROCESS_H */
