// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <sys/mman.h>

#include "fake-vp.h"

#define VP	3

struct mshv_vp *vp;
struct hv_vp_register_page *page;
int fd;

int fake_vp_setup(void **state)
{
	void *mapped;

	fake_reset(state);
	fd = fake_page_fd(&mapped);
	page = mapped;
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->isvalid = 1;
	vp = fake_vp_create(fd, VP);
	return 0;
}

int fake_vp_teardown(void **state)
{
	mshv_vp_close(vp);
	munmap(page, MSHV_HV_PAGE_SIZE);
	return fake_done(state);
}

struct fake_answer *expect_get(const uint32_t *names, uint16_t count,
			       uint64_t add)
{
	static union hv_register_value pool[2048];
	static size_t used;
	union hv_register_value *values = &pool[used];
	struct hv_input_get_vp_registers header = { .vp_index = VP };
	uint8_t in[16 + 4 * 256];
	struct fake_answer *answer;
	uint16_t i;

	assert_true(used + count <= ARRAY_SIZE(pool));
	used += count;
	memcpy(in, &header, 16);
	memcpy(in + 16, names, count * 4u);
	for (i = 0; i < count; i++)
		values[i].reg128 = (struct hv_u128) { names[i] + add, 0 };
	answer = fake_hvcall(fd, HVCALL_GET_VP_REGISTERS, count, in,
			     16 + count * 4u, count * 16u);
	answer->out = values;
	answer->out_size = count * 16u;
	return answer;
}

struct fake_answer *expect_set(const struct hv_register_assoc *regs,
			       uint16_t count)
{
	struct hv_input_set_vp_registers header = { .vp_index = VP };
	uint8_t in[4096];

	memcpy(in, &header, 16);
	memcpy(in + 16, regs, count * 32u);
	return fake_hvcall(fd, HVCALL_SET_VP_REGISTERS, count, in,
			   16 + count * 32u, 0);
}

struct fake_answer *expect_set1(uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = {
		.name = name, .value.reg128 = { value, 0 },
	};

	return expect_set(&reg, 1);
}

void run(int err)
{
	static const struct hv_message message = {
		.header.message_type = HVMSG_X64_HALT,
	};
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);

	answer->err = err;
	answer->out = &message;
	answer->out_size = sizeof(message);
	if (err)
		assert_fails(mshv_vp_run(vp, NULL), err);
	else
		assert_works(mshv_vp_run(vp, NULL));
}
