// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* State in bulk, from a kernel that states any size. */
#include "config.h"

#include "fuzz.h"

#define ROOM	10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hv_local_interrupt_controller_state lapic;
	struct fuzz_objects o;
	size_t max, got;
	uint8_t type;
	char *buf;

	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		type = fuzz_u8() % 7;
		max = fuzz_u16() % ROOM;
		buf = malloc(max + 1);
		check(buf);
		if (!checked(mshv_vp_get_state(o.vp, type, buf, max, &got))) {
			check(got <= max);
			checked(mshv_vp_set_state(o.vp, type, buf, got));
		}
		free(buf);
		if (!checked(mshv_vp_get_lapic(o.vp, &lapic)))
			checked(mshv_vp_set_lapic(o.vp, &lapic));
	}
	fuzz_close(&o);
	return 0;
}
