/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What to do when the VP stops. */
#ifndef MSHV_RUN_EXITS_H
#define MSHV_RUN_EXITS_H

#include "vmm.h"

/* The guest goes on. Everything from 0 on ends the run with that status. */
#define EXIT_HANDLED	(-1)

/* Deal with @message, or complain. Returns EXIT_HANDLED or an exit status. */
int exit_handle(struct vmm *vmm, const struct hv_message *message);

/* The name of @kind in the statistics. */
const char *exit_kind_name(enum vmm_exit_kind kind);

#endif
