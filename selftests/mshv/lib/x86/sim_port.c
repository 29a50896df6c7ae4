// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "hypercall.h"
#include "sim_port.h"

int64_t sim_port_create(int ctl, uint64_t owner, uint32_t port, uint64_t sender,
			const struct hv_port_info *info)
{
	struct hv_input_create_port in = {
		.port_partition_id = owner,
		.port_id.u.id = port,
		.connection_partition_id = sender,
		.port_info = *info,
	};

	return sim_hypercall(ctl, HVCALL_CREATE_PORT, &in, sizeof(in), NULL, 0);
}

int64_t sim_port_connect(int ctl, uint64_t owner, uint32_t port, uint64_t sender,
			 uint32_t connection, const struct hv_connection_info *info)
{
	struct hv_input_connect_port in = {
		.connection_partition_id = sender,
		.connection_id.u.id = connection,
		.port_partition_id = owner,
		.port_id.u.id = port,
		.connection_info = *info,
	};

	return sim_hypercall(ctl, HVCALL_CONNECT_PORT, &in, sizeof(in), NULL, 0);
}

int64_t sim_port_delete(int ctl, uint64_t owner, uint32_t port)
{
	union hv_input_delete_port in = { .port_partition_id = owner, .port_id.u.id = port };

	return sim_hypercall(ctl, HVCALL_DELETE_PORT | FAST, &in, sizeof(in), NULL, 0);
}

int64_t sim_port_disconnect(int ctl, uint64_t sender, uint32_t connection)
{
	union hv_input_disconnect_port in = {
		.connection_partition_id = sender,
		.connection_id.u.id = connection,
	};

	return sim_hypercall(ctl, HVCALL_DISCONNECT_PORT | FAST, &in, sizeof(in), NULL, 0);
}

int sim_root_sint(int ctl, uint64_t config, struct hv_message *message, uint64_t *events)
{
	struct mshv_sim_sint s = { .size = sizeof(s), .sint = ROOT_SINT };
	int err, n = 0;

	for (s.cpu = 0; ; s.cpu++) {
		s.flags = message ? MSHV_SIM_SINT_TAKE : MSHV_SIM_SINT_CONFIGURE;
		s.config = config;
		err = sim_ioctl(ctl, MSHV_SIM_SINT, &s);
		if (err == -ENXIO)
			return n;
		if (err)
			return err;
		if (message && ((struct hv_message *)s.message)->header.message_type) {
			memcpy(message, s.message, sizeof(*message));
			n++;
		}
		for (int i = 0; events && i < 32; i++)
			events[i] |= s.events[i];
	}
}
