/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that come and go. */
#ifndef MSHV_CPUS_H
#define MSHV_CPUS_H

#include <stdbool.h>

/* Until the test ends.  0, also if it is already so, or -errno: -ENOENT, there is no such CPU, or it must stay. */
int cpu_set_online(int cpu, bool online);

#endif /* MSHV_CPUS_H */
