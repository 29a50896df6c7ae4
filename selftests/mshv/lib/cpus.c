// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "borrow.h"
#include "cpus.h"

int cpu_set_online(int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	return borrow_and_write(path, online ? "1" : "0");
}
