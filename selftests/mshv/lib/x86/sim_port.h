/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports and connections that the root's driver does not make: the simulator makes the
 * root's calls for a test.  Each function gives an HV_STATUS_*, or -errno.
 */
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include <mshv/hvhdk.h>

#include "sim.h"

#define ROOT		(~0ull)
#define ROOT_SINT	7	/* which no driver uses */

int64_t sim_port_create(int ctl, uint64_t owner, uint32_t port, uint64_t sender,
			const struct hv_port_info *info);
int64_t sim_port_connect(int ctl, uint64_t owner, uint32_t port, uint64_t sender,
			 uint32_t connection, const struct hv_connection_info *info);
int64_t sim_port_delete(int ctl, uint64_t owner, uint32_t port);
int64_t sim_port_disconnect(int ctl, uint64_t sender, uint32_t connection);

/*
 * The root's SINT, which it polls: on all of its processors.  Without @message it is
 * configured; else the last message and all event flags are taken.  Gives the number
 * of messages.
 */
int sim_root_sint(int ctl, uint64_t config, struct hv_message *message, uint64_t *events);

#endif /* SIM_PORT_H */
