// SPDX-License-Identifier: GPL-2.0-only
/* More operations that are swept: hypercalls that the driver only passes on. */
#include <errno.h>
#include <string.h>

#include "sweep.h"

#define LEAF	0x4000ff00u	/* no processor has it */
#define VECTOR	0x61

static int wanted(bool there)
{
	return there ? 0 : -EPROTO;
}

static int assert_interrupt(struct sweep *s)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = HV_X64_INTERRUPT_TYPE_FIXED,
		.vector = VECTOR,
	};
	struct hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT, .in_bytes = sizeof(in), .in = &in,
	};

	return hvcall(s->g.pt, &call);
}

/* The guest has IF clear: it waits in IRR. */
static int check_asserted(struct sweep *s)
{
	const struct hv_local_interrupt_controller_state *lapic = (void *)s->page;
	int ret = vp_get_state(s->g.vp[0].fd, MSHV_VP_STATE_LAPIC, s->page);

	return ret ? ret : wanted(lapic->apic_irr[VECTOR / 32] >> VECTOR % 32 & 1);
}

/* An APIC takes interrupts once it is enabled. */
static int prepare_assert(struct sweep *s)
{
	struct hv_local_interrupt_controller_state *lapic = (void *)s->page;
	int ret = vp_get_state(s->g.vp[0].fd, MSHV_VP_STATE_LAPIC, s->page);

	if (ret)
		return ret;
	lapic->apic_spurious |= 0x1ff;
	return vp_set_state(s->g.vp[0].fd, MSHV_VP_STATE_LAPIC, s->page);
}

static int intercept_result(struct sweep *s)
{
	struct hv_input_register_intercept_result in = {
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid = {
			.input = { .eax = LEAF, .always_override = 1 },
			.result = { .eax = 0xa, .eax_mask = UINT32_MAX },
		},
	};
	struct hvcall call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in_bytes = sizeof(in), .in = &in,
	};

	return hvcall(s->g.vp[0].fd, &call);
}

/* The guest asks for it. */
static int check_result(struct sweep *s)
{
	/* mov $LEAF, %eax; cpuid; hlt */
	static const uint8_t cpuid[] = {
		0x66, 0xb8, LEAF & 0xff, LEAF >> 8 & 0xff, LEAF >> 16 & 0xff, LEAF >> 24,
		0x0f, 0xa2, 0xf4,
	};
	uint64_t rax = 0;
	int ret;

	memcpy(guest_host(&s->g, 0x3000), cpuid, sizeof(cpuid));
	ret = guest_set_reg(&s->g, 0, HV_X64_REGISTER_RIP, 0x3000);
	if (!ret)
		ret = guest_run(&s->g, 0);
	if (ret != GUEST_EXIT || s->g.vp[0].message.header.message_type != HVMSG_X64_HALT)
		return ret < 0 ? ret : -EPROTO;
	ret = guest_get_reg(&s->g, 0, HV_X64_REGISTER_RAX, &rax);
	return ret ? ret : wanted((uint32_t)rax == 0xa);
}

static int access_states(struct sweep *s)
{
	struct hv_input_get_gpa_pages_access_state in = { 0 };
	struct hvcall call = {
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES, .reps = SWEEP_RAM_PAGES,
		.in_bytes = sizeof(in), .in = &in,
		.out_bytes = SWEEP_RAM_PAGES, .out = s->page,
	};

	return hvcall(s->g.pt, &call);
}

/* The guest has written to its third page, and not to the last one. */
static int check_states(struct sweep *s)
{
	const union hv_gpa_page_access_state *states = (void *)s->page;

	return wanted(states[2].dirty && !states[SWEEP_RAM_PAGES - 1].dirty);
}

static int cpuid_values(struct sweep *s)
{
	/* of leaf 0 */
	WITH_ARRAY(struct hv_input_get_vp_cpuid_values, cpuid_leaf_info, 1) in = { 0 };
	struct hvcall call = {
		.code = HVCALL_GET_VP_CPUID_VALUES, .reps = 1,
		.in_bytes = sizeof(in), .in = &in,
		.out_bytes = 16, .out = s->page,
	};

	return hvcall(s->g.vp[0].fd, &call);
}

/* The highest leaf, and a name that is not empty. */
static int check_cpuid(struct sweep *s)
{
	const uint32_t *values = (void *)s->page;

	return wanted(values[0] && values[1]);
}

const struct sweep_op sweep_passthrough_ops[] = {
	{ "assert_interrupt", SWEEP_VP, PT(LAPIC), prepare_assert, assert_interrupt,
	  check_asserted },
	{ "intercept_result", SWEEP_VP, 0, NULL, intercept_result, check_result },
	{ "access_states", SWEEP_VP, 0, NULL, access_states, check_states },
	{ "cpuid_values", SWEEP_VP, 0, NULL, cpuid_values, check_cpuid },
};

_Static_assert(sizeof(sweep_passthrough_ops) / sizeof(sweep_passthrough_ops[0]) ==
	       SWEEP_PASSTHROUGH_COUNT, "as many as SWEEP_PASSTHROUGH_COUNT says");
