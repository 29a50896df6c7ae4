/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Everything about the hypervisor that a virtual machine monitor or a test needs, but not the ioctls: those are uapi.h.
 */
#ifndef MSHV_HV_H
#define MSHV_HV_H

#include "hvhdk.h"
#include "hv_stats_counters.h"

#endif /* MSHV_HV_H */
