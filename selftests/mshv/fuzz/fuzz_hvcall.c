// SPDX-License-Identifier: GPL-2.0-only
/* The fuzzer's MSHV_ROOT_HVCALL: all of those that the driver lets pass. */
#include <string.h>

#include <mshv/hvhdk.h>

#include "kselftest.h"
#include "fuzz.h"

struct shape {
	uint16_t code, in_bytes, element_bytes, out_bytes;
};

static const struct shape shapes[] = {
	{ HVCALL_GET_PARTITION_PROPERTY, sizeof(struct hv_input_get_partition_property), 0, 8 },
	{ HVCALL_GET_PARTITION_PROPERTY_EX, sizeof(struct hv_input_get_partition_property_ex),
	  0, 4096 },
	{ HVCALL_SET_PARTITION_PROPERTY, sizeof(struct hv_input_set_partition_property), 0, 0 },
	{ HVCALL_INSTALL_INTERCEPT, sizeof(struct hv_input_install_intercept), 0, 0 },
	{ HVCALL_GET_VP_REGISTERS, sizeof(struct hv_input_get_vp_registers), 4, 256 },
	{ HVCALL_SET_VP_REGISTERS, sizeof(struct hv_input_set_vp_registers),
	  sizeof(struct hv_register_assoc), 0 },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, sizeof(struct hv_input_translate_virtual_address),
	  0, 16 },
	{ HVCALL_CLEAR_VIRTUAL_INTERRUPT, 8, 0, 0 },
	{ HVCALL_REGISTER_INTERCEPT_RESULT, sizeof(struct hv_input_register_intercept_result),
	  0, 0 },
	{ HVCALL_ASSERT_VIRTUAL_INTERRUPT, sizeof(struct hv_input_assert_virtual_interrupt),
	  0, 0 },
	{ HVCALL_GET_GPA_PAGES_ACCESS_STATES,
	  sizeof(struct hv_input_get_gpa_pages_access_state), 0, 256 },
	{ HVCALL_SIGNAL_EVENT_DIRECT, sizeof(struct hv_input_signal_event_direct), 0, 8 },
	{ HVCALL_POST_MESSAGE_DIRECT, sizeof(struct hv_input_post_message_direct), 0, 0 },
	{ HVCALL_GET_VP_CPUID_VALUES, sizeof(struct hv_input_get_vp_cpuid_values),
	  sizeof(struct hv_cpuid_leaf_info), 256 },
};

static uint32_t register_name(struct fuzz *f)
{
	static const uint32_t bases[] = {
		HV_X64_REGISTER_RAX, HV_X64_REGISTER_CR0, HV_X64_REGISTER_ES,
		HV_X64_REGISTER_TSC, HV_X64_REGISTER_XMM0, HV_X64_REGISTER_DR0, 0x00090000,
		0x000a0000, 0x00000000,
	};
	uint32_t name = fuzz_one_in(f, 8) ? fuzz_random(f) :
			bases[fuzz_below(f, ARRAY_SIZE(bases))] + fuzz_below(f, 24);

	/* The driver warns when a VP that it runs was suspended by others. */
	if (!f->wild && (name == HV_REGISTER_EXPLICIT_SUSPEND ||
			 name == HV_REGISTER_INTERCEPT_SUSPEND ||
			 name == HV_REGISTER_DISPATCH_SUSPEND))
		name = HV_X64_REGISTER_RAX;
	return name;
}

/* The right input as far as one can tell it from outside. */
static void fill_input(struct fuzz *f, const struct shape *shape, unsigned int reps,
		       uint32_t vp_index)
{
	uint8_t *in = f->page;
	unsigned int i;

	memset(in, 0, PAGE_BYTES);
	if (shape->in_bytes >= 16)
		*(uint32_t *)(in + 8) = vp_index;
	switch (shape->code) {
	case HVCALL_GET_VP_REGISTERS:
	case HVCALL_SET_VP_REGISTERS:
		for (i = 0; i < reps; i++) {
			uint8_t *element = in + shape->in_bytes + i * shape->element_bytes;

			*(uint32_t *)element = register_name(f);
			if (shape->element_bytes > 4)
				*(uint64_t *)(element + 16) = fuzz_odd_number(f);
		}
		break;
	case HVCALL_GET_PARTITION_PROPERTY:
	case HVCALL_SET_PARTITION_PROPERTY:
		*(uint32_t *)(in + 8) = fuzz_below(f, 9) << 16 | fuzz_below(f, 24);
		*(uint64_t *)(in + 16) = fuzz_below(f, 4);
		break;
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
		*(uint64_t *)(in + 8) = fuzz_below(f, 12) | (fuzz_one_in(f, 4) ? 1ull << 32 : 0);
		*(uint64_t *)(in + 16) = fuzz_below(f, 4);
		*(uint32_t *)(in + 24) = fuzz_below(f, 256);
		break;
	case HVCALL_INSTALL_INTERCEPT:
		*(uint32_t *)(in + 8) = fuzz_below(f, 8);
		*(uint32_t *)(in + 12) = fuzz_below(f, 16);
		break;
	}
	for (i = fuzz_below(f, 3); i > 0 && shape->code != HVCALL_SET_VP_REGISTERS; i--)
		in[8 + fuzz_below(f, shape->in_bytes - 7)] = fuzz_random(f);
}

long fuzz_step_hypercall(struct fuzz *f)
{
	const struct shape *shape = &shapes[fuzz_below(f, ARRAY_SIZE(shapes))];
	unsigned int reps = shape->element_bytes ? 1 + fuzz_below(f, 8) : 0;
	struct fuzz_fd *slot = fuzz_any(f, fuzz_one_in(f, 16) ? FUZZ_DEV :
				      fuzz_one_in(f, 2) ? FUZZ_VP : FUZZ_PARTITION);
	struct mshv_root_hvcall args;

	if (!slot)
		return FUZZ_IDLE;
	if (shape->code == HVCALL_GET_GPA_PAGES_ACCESS_STATES)
		reps = 1 + fuzz_below(f, 64);
	fill_input(f, shape, reps, fuzz_one_in(f, 16) ? fuzz_odd_number(f) : slot->vp_index);
	args = (struct mshv_root_hvcall) {
		.code = shape->code,
		.reps = reps,
		.in_sz = shape->in_bytes + reps * shape->element_bytes,
		.out_sz = shape->out_bytes,
		.in_ptr = (uintptr_t)f->page,
		.out_ptr = shape->out_bytes ? (uintptr_t)f->page + PAGE_BYTES : 0,
	};
	/*
	 * What is not given is what lies there: perhaps the name of a register that
	 * suspends the VP, see register_name().
	 */
	if (!f->wild && shape->code == HVCALL_SET_VP_REGISTERS)
		return mshv_ioctl(slot->fd, MSHV_ROOT_HVCALL, &args);
	switch (fuzz_below(f, 16)) {
	case 0:
		args.code = fuzz_random(f);
		break;
	case 1:
		args.in_sz = fuzz_below(f, 2 * PAGE_BYTES);
		break;
	case 2:
		args.out_sz = shape->out_bytes ? fuzz_below(f, 2 * PAGE_BYTES) : 0;
		break;
	case 3:
		args.in_ptr = fuzz_one_in(f, 2) ? 0 : fuzz_odd_number(f);
		break;
	case 4:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	case 5:
		args.reps = fuzz_below(f, f->wild ? 65536 : 200);
		break;
	}
	return mshv_ioctl(slot->fd, MSHV_ROOT_HVCALL, &args);
}
