/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * A VP with a register page, for tests of its registers.
 */
#ifndef LIBMSHV_TESTS_FAKE_VP_H
#define LIBMSHV_TESTS_FAKE_VP_H

#include "fake.h"

/* The dirty bits of the page. */
#define GENERAL	(1u << HV_X64_REGISTER_CLASS_GENERAL)
#define IP	(1u << HV_X64_REGISTER_CLASS_IP)
#define XMM	(1u << HV_X64_REGISTER_CLASS_XMM)
#define SEGMENT	(1u << HV_X64_REGISTER_CLASS_SEGMENT)
#define FLAGS	(1u << HV_X64_REGISTER_CLASS_FLAGS)

/* Made anew for each test. The page is valid and otherwise 0. */
extern struct mshv_vp *vp;
extern struct hv_vp_register_page *page;
extern int fd;

/* Expect a hypercall that reads these registers; each gets its name plus @add. */
struct fake_answer *expect_get(const uint32_t *names, uint16_t count,
			       uint64_t add);
/* Expect one that writes these. */
struct fake_answer *expect_set(const struct hv_register_assoc *regs,
			       uint16_t count);
struct fake_answer *expect_set1(uint32_t name, uint64_t value);
/* Let the VP stop with a message, or without one if @err isn't 0. */
void run(int err);

int fake_vp_setup(void **state);
int fake_vp_teardown(void **state);

#define fake_vp_test(f) \
	cmocka_unit_test_setup_teardown(f, fake_vp_setup, fake_vp_teardown)

#endif /* LIBMSHV_TESTS_FAKE_VP_H */
