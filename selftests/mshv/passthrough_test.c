// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls of MSHV_ROOT_HVCALL that no other test is about: each with its effect
 * as the guest sees it, or another interface.
 */
#include "x86/guest_test.h"
#include "apic.h"

#define LEAF	0x4000ff00u	/* no processor has it */
#define NO_MSR	0x12345678u
#define VECTOR	0x61

FIXTURE(passthrough) {
	struct env env;
	struct guest g;
};

FIXTURE_SETUP(passthrough)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC)));
}

MSHV_TEARDOWN(passthrough)

static void guest_cpuids(uint64_t leaf)
{
	uint32_t regs[4];

	for (;;) {
		guest_cpuid(leaf, 0, regs);
		guest_sync((uint64_t)regs[1] << 32 | regs[0], (uint64_t)regs[3] << 32 | regs[2]);
	}
}

static int cpuid_values(int fd, const uint32_t leaves[2], uint32_t values[8])
{
	WITH_ARRAY(struct hv_input_get_vp_cpuid_values, cpuid_leaf_info, 2) in = { 0 };
	struct hvcall call = {
		.code = HVCALL_GET_VP_CPUID_VALUES, .reps = 2,
		.in_bytes = sizeof(in), .in = &in,
		.out_bytes = 8 * sizeof(values[0]), .out = values,
	};
	int i;

	for (i = 0; i < 2; i++)
		in.head.cpuid_leaf_info[i].eax = leaves[i];
	return hvcall(fd, &call);
}

/* What the hypercall says is what the guest gets. */
TEST_F(passthrough, cpuid_values)
{
	const uint32_t leaves[2] = { 0, 0x80000002 };
	uint32_t values[8];
	int i;

	for (i = 0; i < 2; i++) {
		OK(guest_add_vp(&self->g, i, guest_cpuids, leaves[i]));
		OK(guest_set_reg(&self->g, i, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
		OK(cpuid_values(self->g.vp[i].fd, leaves, values));
		RUN(GUEST_SYNC, &self->g, i);
		EXPECT_U64((uint64_t)values[4 * i + 1] << 32 | values[4 * i],
			   self->g.vp[i].args[0]);
		EXPECT_U64((uint64_t)values[4 * i + 3] << 32 | values[4 * i + 2],
			   self->g.vp[i].args[1]);
	}
	EXPECT_NE(0u, values[0]);
}

/* The hypervisor answers for the VMM, with the bits that the mask names. */
TEST_F(passthrough, cpuid_result)
{
	struct hv_input_register_intercept_result in = {
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid = {
			.input = { .eax = LEAF, .always_override = 1 },
			.result = {
				.eax = 0xa, .eax_mask = UINT32_MAX, .ebx = 0xb, .ebx_mask = UINT32_MAX,
				.ecx = 0xc, .ecx_mask = UINT32_MAX, .edx = 0xd, .edx_mask = UINT32_MAX,
			},
		},
	};
	struct hvcall call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in_bytes = sizeof(in), .in = &in,
	};

	OK(guest_add_vp(&self->g, 0, guest_cpuids, LEAF));
	OK(hvcall(self->g.vp[0].fd, &call));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(0xbull << 32 | 0xa, self->g.vp[0].args[0]);
	EXPECT_U64(0xdull << 32 | 0xc, self->g.vp[0].args[1]);
}

static volatile uint64_t faults;

static void on_gp(struct guest_frame *frame)
{
	faults++;
	frame->rip += 2;	/* RDMSR, WRMSR */
}

static void guest_tries_msr(uint64_t msr)
{
	unsigned int i;

	guest_handle(13, on_gp);
	for (i = 0; i < 4; i++) {
		uint64_t value = guest_rdmsr(msr), reads = faults;

		guest_wrmsr(msr, 0x77);
		guest_sync(reads << 32 | faults, value);
		faults = 0;
	}
}

static int register_msr_result(int fd, uint32_t access, uint32_t action)
{
	struct hv_input_register_intercept_result in = {
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_MSR,
		.parameters.msr = {
			.msr_index = NO_MSR, .access_type = access, .action = action,
		},
	};
	struct hvcall call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in_bytes = sizeof(in), .in = &in,
	};

	return hvcall(fd, &call);
}

/* Faults of reading << 32 | of both. */
#define FAULTS(n) do {							\
	RUN(GUEST_SYNC, &self->g, 0);					\
	EXPECT_U64(n, self->g.vp[0].args[0]);				\
} while (0)

/* What an MSR does that does not exist: as all of them, until something else is said. */
TEST_F(passthrough, msr_result)
{
	const uint32_t ignore = HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO;

	OK(guest_add_vp(&self->g, 0, guest_tries_msr, NO_MSR));
	FAULTS(1ull << 32 | 2);
	OK(register_msr_result(self->g.pt, HV_INTERCEPT_ACCESS_MASK_READ, ignore));
	FAULTS(1);
	EXPECT_U64(0, self->g.vp[0].args[1]);
	OK(register_msr_result(self->g.pt, HV_INTERCEPT_ACCESS_MASK_WRITE, ignore));
	FAULTS(0);
	OK(register_msr_result(self->g.pt, HV_INTERCEPT_ACCESS_MASK_READ,
			       HV_UNIMPLEMENTED_MSR_ACTION_FAULT));
	FAULTS(1ull << 32 | 1);
}

static volatile uint64_t taken;

static void on_extint(struct guest_frame *frame)
{
	(void)frame;
	taken++;
}

static void guest_opens_the_door(uint64_t arg)
{
	(void)arg;
	guest_handle(VECTOR, on_extint);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	guest_sync(taken, 0);
	guest_sti();
	guest_sync(taken, 0);
	guest_sync(taken, 0);
}

static int assert_extint(int pt)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = HV_X64_INTERRUPT_TYPE_EXTINT,
		.vector = VECTOR,
	};
	struct hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT, .in_bytes = sizeof(in), .in = &in,
	};

	return hvcall(pt, &call);
}

/* An external interrupt that waits is taken back; the next one comes. */
TEST_F(passthrough, clear_interrupt)
{
	uint64_t in = 0;
	struct hvcall call = {
		.code = HVCALL_CLEAR_VIRTUAL_INTERRUPT, .in_bytes = sizeof(in), .in = &in,
	};

	OK(guest_add_vp(&self->g, 0, guest_opens_the_door, 0));
	RUN(GUEST_SYNC, &self->g, 0);
	OK(assert_extint(self->g.pt));
	OK(hvcall(self->g.pt, &call));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(0, self->g.vp[0].args[0]);
	OK(assert_extint(self->g.pt));
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(1, self->g.vp[0].args[0]);
}

/* The root's own: all the device's file may ask for. */
TEST_F(passthrough, property_ex)
{
	struct hv_input_get_partition_property_ex in = {
		.property_code = HV_PARTITION_PROPERTY_VMM_CAPABILITIES,
	};
	uint64_t *out = PAGES(PAGE_BYTES);
	struct hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in_bytes = sizeof(in), .in = &in, .out_bytes = PAGE_BYTES, .out = out,
	};
	const struct hv_partition_property_vmm_capabilities *caps = (void *)out;
	int ret;

	ret = hvcall(self->g.dev, &call);
	if (call.status)
		SKIP(return, "this hypervisor does not have the call: status %#x", call.status);
	OK(ret);
	EXPECT_EQ(HV_PARTITION_VMM_CAPABILITIES_BANK_COUNT, caps->bank_count);
	in.property_code = 0x7fffffff;
	EXPECT_GT(0, hvcall(self->g.dev, &call));
	EXPECT_NE(0, call.status);
}

static void guest_writes(uint64_t gpa)
{
	for (;;) {
		*(volatile uint64_t *)guest_ptr(gpa + PAGE_BYTES) = 1;
		guest_sync(0, 0);
	}
}

/*
 * The same bits as MSHV_GET_GPAP_ACCESS_BITMAP, a byte for each page. The first time
 * a large page may be dirty as a whole.
 */
TEST_F(passthrough, access_states)
{
	struct hv_input_get_gpa_pages_access_state in = { 0 };
	union hv_gpa_page_access_state states[8];
	struct hvcall call = {
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES, .reps = 8,
		.in_bytes = sizeof(in), .in = &in,
		.out_bytes = sizeof(states), .out = states,
	};
	uint64_t gpa = guest_alloc(&self->g, 8 * PAGE_BYTES), bits = 0;
	struct mshv_gpap_access_bitmap bitmap = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = 8, .gpap_base = gpa / PAGE_BYTES, .bitmap_ptr = (uintptr_t)&bits,
	};
	int i, round;

	ASSERT_NE(0ull, gpa);
	OK(guest_add_vp(&self->g, 0, guest_writes, gpa));
	for (round = 0; round < 2; round++) {
		RUN(GUEST_SYNC, &self->g, 0);
		in.hv_gpa_page_number = gpa / PAGE_BYTES;
		OK(hvcall(self->g.pt, &call));
		EXPECT_EQ(8, call.reps_done);
		OK(mshv_ioctl(self->g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &bitmap));
		for (i = 0; i < 8; i++)
			EXPECT_U64(bits >> i & 1, states[i].dirty);
		EXPECT_U64(1, states[1].dirty);
		EXPECT_U64(1, states[1].accessed);
	}
	/* They were cleared in the first round. */
	EXPECT_U64(1 << 1, bits & 0xff);
}

GUEST_TEST_MAIN
