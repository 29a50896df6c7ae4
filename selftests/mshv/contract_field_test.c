// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inputs of hypercalls, field by field (TLFS, "Hypercall reference"), and lists
 * that are done a few elements at a time.
 */
#include "x86/contract.h"
#include "x86/guest_test.h"
#include "x86/intercept.h"
#include "sim.h"

#define STATUS_INVALID_SYNIC_STATE	0x18

FIXTURE(field) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id;
};

FIXTURE_SETUP(field)
{
	CONTRACT_SETUP(self);
}

MSHV_TEARDOWN(field)

/* ----------------------------------------------------------------- the fields */

/*
 * One field of an input that is zero but for the partition, which is active and has
 * VP 0; and for .base, if that is there.
 */
struct field {
	uint16_t code;
	uint16_t at;
	uint8_t bytes;
	uint64_t value;
	uint16_t status;
	uint16_t base_at;
	uint64_t base;
};

#define BAD	HV_STATUS_INVALID_PARAMETER

#define FIELD_IN(c, at, bytes, value, status, base_at, base) \
	{ HVCALL_##c, at, bytes, value, status, base_at, base }
#define FIELD(c, at, bytes, value, status)	FIELD_IN(c, at, bytes, value, status, 0, 0)

static const struct field fields[] = {
	/* Flags that there are not, padding, isolation. */
	FIELD(CREATE_PARTITION, 0, 8, 1ull << 40, BAD),
	FIELD(CREATE_PARTITION, 20, 4, 1, BAD),
	FIELD(CREATE_PARTITION, 48, 8, 2, BAD),

	FIELD(GET_PARTITION_PROPERTY, 8, 4, 0x7fffffff, HV_STATUS_UNKNOWN_PROPERTY),
	FIELD(GET_PARTITION_PROPERTY_EX, 8, 4, 0x7fffffff, HV_STATUS_UNKNOWN_PROPERTY),
	FIELD(GET_SYSTEM_PROPERTY, 0, 4, 0x7fffffff, BAD),
	FIELD(SET_PARTITION_PROPERTY, 8, 4, 0x7fffffff, HV_STATUS_UNKNOWN_PROPERTY),
	/* To be read only; to be set earlier; a value that there is not. */
	FIELD(SET_PARTITION_PROPERTY, 8, 4, HV_PARTITION_PROPERTY_XSAVE_STATES,
	      HV_STATUS_INVALID_PARTITION_STATE),
	FIELD(SET_PARTITION_PROPERTY, 8, 4, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
	      HV_STATUS_INVALID_PARTITION_STATE),
	FIELD_IN(SET_PARTITION_PROPERTY, 16, 8, 2, HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE, 8,
	         HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING),

	FIELD(UNMAP_GPA_PAGES, 16, 4, 0x10, BAD),
	FIELD(UNMAP_GPA_PAGES, 8, 8, 1ull << 52, BAD),
	FIELD_IN(UNMAP_GPA_PAGES, 8, 8, 1, BAD, 16, HV_UNMAP_GPA_LARGE_PAGE),
	FIELD(GET_GPA_PAGES_ACCESS_STATES, 8, 8, 0x10, BAD),
	FIELD(GET_GPA_PAGES_ACCESS_STATES, 16, 8, 1ull << 52, BAD),

	FIELD(INSTALL_INTERCEPT, 12, 4, 0x77, BAD),
	FIELD(INSTALL_INTERCEPT, 8, 4, 8, BAD),
	FIELD_IN(INSTALL_INTERCEPT, 16, 4, 32, BAD, 12, HV_INTERCEPT_TYPE_EXCEPTION),
	/* The first port of a range is behind the last. */
	FIELD_IN(INSTALL_INTERCEPT, 16, 4, 0x70 << 16 | 0x71, BAD,
		 12, INTERCEPT_X64_IO_PORT_RANGE),
	/* Types that have a number, and no public definition. */
	FIELD(INSTALL_INTERCEPT, 12, 4, HV_INTERCEPT_TYPE_MMIO, BAD),
	FIELD(INSTALL_INTERCEPT, 12, 4, HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID, BAD),
	FIELD(INSTALL_INTERCEPT, 12, 4, HV_INTERCEPT_TYPE_X64_APIC_SMI, BAD),
	FIELD(INSTALL_INTERCEPT, 12, 4, HV_INTERCEPT_TYPE_X64_APIC_WRITE, BAD),
	FIELD(INSTALL_INTERCEPT, 12, 4, INTERCEPT_X64_EXCEPTION_TRAP, BAD),
	/* Accesses that they are not made with. */
	FIELD_IN(INSTALL_INTERCEPT, 8, 4, HV_INTERCEPT_ACCESS_MASK_READ, BAD,
		 12, HV_INTERCEPT_TYPE_X64_CPUID),
	FIELD_IN(INSTALL_INTERCEPT, 8, 4, HV_INTERCEPT_ACCESS_MASK_EXECUTE, BAD,
		 12, HV_INTERCEPT_TYPE_X64_MSR),
	FIELD_IN(INSTALL_INTERCEPT, 8, 4, HV_INTERCEPT_ACCESS_MASK_WRITE, BAD,
		 12, HV_INTERCEPT_TYPE_EXCEPTION),
	FIELD_IN(INSTALL_INTERCEPT, 8, 4, HV_INTERCEPT_ACCESS_MASK_READ, BAD,
		 12, INTERCEPT_X64_APIC_EOI),

	/* The driver leaves what is in the padding. */
	FIELD(CREATE_VP, 8, 4, 256, HV_STATUS_INVALID_VP_INDEX),
	FIELD(CREATE_VP, 8, 4, 0, HV_STATUS_INVALID_VP_INDEX),

	FIELD(GET_VP_REGISTERS, 12, 1, 1, BAD),
	FIELD(GET_VP_REGISTERS, 13, 1, 1, BAD),
	FIELD(GET_VP_REGISTERS, 14, 2, 1, BAD),
	FIELD(GET_VP_REGISTERS, 16, 4, 0x7fffffff, BAD),
	FIELD(SET_VP_REGISTERS, 12, 1, 1, BAD),
	FIELD(SET_VP_REGISTERS, 13, 1, 1, BAD),
	FIELD(SET_VP_REGISTERS, 14, 2, 1, BAD),
	FIELD(SET_VP_REGISTERS, 16, 4, 0x7fffffff, BAD),
	/* A value of the first register, which is EXPLICIT_SUSPEND; one to be read only. */
	FIELD(SET_VP_REGISTERS, 32, 8, 2, HV_STATUS_INVALID_REGISTER_VALUE),
	FIELD(SET_VP_REGISTERS, 16, 4, HV_REGISTER_VP_ROOT_SIGNAL_COUNT, BAD),

	FIELD(TRANSLATE_VIRTUAL_ADDRESS, 12, 4, 1, BAD),
	FIELD(TRANSLATE_VIRTUAL_ADDRESS, 16, 8, 1ull << 40, BAD),

	FIELD(DELETE_PORT, 8, 4, 0xffffff, HV_STATUS_INVALID_PORT_ID),
	FIELD(DELETE_PORT, 12, 4, 1, BAD),
	FIELD(DISCONNECT_PORT, 8, 4, 0xffffff, HV_STATUS_INVALID_CONNECTION_ID),
	FIELD(DISCONNECT_PORT, 12, 4, 1, HV_STATUS_INVALID_CONNECTION_ID),
	FIELD(DISCONNECT_PORT, 12, 4, 2, BAD),
	FIELD(CREATE_PORT, 12, 1, 1, BAD),
	FIELD(CREATE_PORT, 13, 1, 1, BAD),
	FIELD(CREATE_PORT, 14, 2, 1, BAD),
	FIELD(CREATE_PORT, 28, 4, 1, BAD),
	FIELD(CREATE_PORT, 8, 4, 1ull << 24, HV_STATUS_INVALID_PORT_ID),
	FIELD(CREATE_PORT, 24, 4, HV_PORT_TYPE_MESSAGE, HV_STATUS_INVALID_PORT_ID),
	FIELD_IN(CREATE_PORT, 24, 4, HV_PORT_TYPE_MESSAGE, HV_STATUS_INVALID_PARTITION_ID, 8, 1),
	FIELD(CONNECT_PORT, 12, 1, 1, BAD),
	FIELD(CONNECT_PORT, 13, 1, 1, BAD),
	FIELD(CONNECT_PORT, 14, 2, 1, BAD),
	FIELD(CONNECT_PORT, 28, 4, 1, BAD),
	FIELD(CONNECT_PORT, 36, 4, 1, BAD),
	FIELD(CONNECT_PORT, 8, 4, 1, HV_STATUS_INVALID_PARTITION_ID),
	FIELD_IN(CONNECT_PORT, 8, 4, 0, HV_STATUS_INVALID_CONNECTION_ID, 16, SELF),
	FIELD(POST_MESSAGE, 8, 4, 1, HV_STATUS_INVALID_CONNECTION_ID),
	FIELD(POST_MESSAGE, 8, 4, 0, BAD),
	FIELD(POST_MESSAGE, 8, 4, 1u << 31, BAD),
	FIELD_IN(POST_MESSAGE, 4, 4, 1, BAD, 8, 1),
	FIELD_IN(POST_MESSAGE, 12, 4, 241, BAD, 8, 1),
	FIELD(SIGNAL_EVENT, 4, 2, 0, HV_STATUS_INVALID_CONNECTION_ID),
	FIELD(SIGNAL_EVENT, 6, 2, 1, BAD),
	FIELD(NOTIFY_PORT_RING_EMPTY, 0, 4, 16, BAD),
	FIELD(NOTIFY_PORT_RING_EMPTY, 0, 8, 1ull << 32, BAD),

	FIELD(MAP_STATS_PAGE, 0, 4, NO_STATS, BAD),

	FIELD(REGISTER_INTERCEPT_RESULT, 12, 4, HV_INTERCEPT_TYPE_EXCEPTION, BAD),
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 8, 4, 1, HV_STATUS_INVALID_VP_INDEX, 12,
	         HV_INTERCEPT_TYPE_X64_CPUID),
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 24, 1, 2, BAD, 12, HV_INTERCEPT_TYPE_X64_CPUID),
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 25, 1, 2, BAD, 12, HV_INTERCEPT_TYPE_X64_CPUID),
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 26, 2, 1, BAD, 12, HV_INTERCEPT_TYPE_X64_CPUID),
	/* For an MSR: no access, and one that there is not. */
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 16, 4, 1, BAD, 12, HV_INTERCEPT_TYPE_X64_MSR),
	FIELD_IN(REGISTER_INTERCEPT_RESULT, 20, 4, 4, BAD, 12, HV_INTERCEPT_TYPE_X64_MSR),

	/* Type FIXED is 0. */
	FIELD(ASSERT_VIRTUAL_INTERRUPT, 24, 4, 15, BAD),
	FIELD(ASSERT_VIRTUAL_INTERRUPT, 24, 4, 256, BAD),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 8, 4, 77, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 8, 8, 1ull << 34, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 16, 8, 77, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 16, 8, 1ull << 32, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 28, 1, 1, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 29, 1, 1, BAD, 24, 0x41),
	FIELD_IN(ASSERT_VIRTUAL_INTERRUPT, 30, 2, 1, BAD, 24, 0x41),

	FIELD(SIGNAL_EVENT_DIRECT, 12, 1, 1, BAD),
	FIELD(SIGNAL_EVENT_DIRECT, 13, 1, 16, BAD),
	FIELD(SIGNAL_EVENT_DIRECT, 14, 2, 2048, BAD),
	/* SINT, type and size of the message, which begins at 20; and behind it. */
	FIELD_IN(POST_MESSAGE_DIRECT, 16, 4, 16, BAD, 20, 1),
	FIELD_IN(POST_MESSAGE_DIRECT, 12, 1, 1, BAD, 20, 1),
	FIELD_IN(POST_MESSAGE_DIRECT, 13, 1, 1, BAD, 20, 1),
	FIELD_IN(POST_MESSAGE_DIRECT, 276, 4, 1, BAD, 20, 1),
	FIELD(POST_MESSAGE_DIRECT, 20, 4, 0, BAD),
	FIELD_IN(POST_MESSAGE_DIRECT, 24, 1, 241, BAD, 20, 1),
	FIELD(POST_MESSAGE_DIRECT, 20, 4, 1, STATUS_INVALID_SYNIC_STATE),

	FIELD(GET_VP_STATE, 16, 4, 0x77, BAD),
	FIELD_IN(GET_VP_STATE, 12, 1, 1, BAD, 16, 4),
	FIELD_IN(GET_VP_STATE, 13, 1, 1, BAD, 16, 4),
	FIELD_IN(GET_VP_STATE, 14, 2, 1, BAD, 16, 4),
	FIELD_IN(GET_VP_STATE, 20, 4, 1, BAD, 16, 4),
	FIELD_IN(GET_VP_STATE, 32, 8, 1, BAD, 16, 4),
	/* XSAVE without a page for it; of states that there are not, or of none. */
	FIELD_IN(GET_VP_STATE, 32, 8, 3, BAD, 16, 0x80000001),
	FIELD_IN(GET_VP_STATE, 32, 8, 1ull << 62, BAD, 16, 0x80000001),
	FIELD_IN(GET_VP_STATE, 32, 8, 0, BAD, 16, 0x80000001),
	FIELD(SET_VP_STATE, 16, 4, 0x77, BAD),
	FIELD_IN(SET_VP_STATE, 12, 1, 1, BAD, 16, 4),
	FIELD_IN(SET_VP_STATE, 20, 4, 1, BAD, 16, 4),
	/* Timers without the 200 bytes of them. */
	FIELD(SET_VP_STATE, 16, 4, 4, HV_STATUS_INVALID_HYPERCALL_INPUT),

	FIELD(GET_VP_CPUID_VALUES, 12, 4, 4, BAD),
	FIELD(GET_VP_CPUID_VALUES, 16, 4, 1, BAD),
	FIELD(GET_VP_CPUID_VALUES, 20, 4, 1, BAD),
};

TEST_F(field, refused)
{
	uint64_t in[PAGE_BYTES / 8];
	uint8_t *bytes = (void *)in;
	const struct field *f;

	for (f = fields; f < fields + ARRAY_SIZE(fields); f++) {
		const struct row *r = row_of(f->code);
		struct probe p = to_nobody(r, in, r->flags & PART ? self->id : 0);
		int64_t result;

		memcpy(bytes + f->base_at, &f->base, f->base ? sizeof(f->base) : 0);
		memcpy(bytes + f->at, &f->value, f->bytes);
		result = probe(self->ctl, &p);
		EXPECT_EQ((int64_t)f->status, result) {
			TH_LOG("%s, %#llx at %u", r->name, (unsigned long long)f->value, f->at);
		}
	}
	EXPECT_EQ(0, OK(sim_forgive(self->ctl, NULL)));
}

TEST_F(field, dispatch)
{
	struct mshv_sim_probe sim;
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r = row_of(HVCALL_DISPATCH_VP);
	struct probe p = to_nobody(r, in, self->id);

	OK(sim_probe(self->ctl, &sim));
	in[1] = 1ull << 63;	/* flags */
	PROBE(sim.scheduler == 4 ? BAD : HV_STATUS_OPERATION_DENIED, &p);
}

/* ------------------------------------------------------------ some at a time */

FIXTURE(partial) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id;
};

FIXTURE_SETUP(partial)
{
	CONTRACT_SETUP(self);
}

MSHV_TEARDOWN(partial)

#define AT_ONCE	3

/* From where it stopped to the end; the result is that of the last call. */
static int64_t call_on(int ctl, uint64_t control, unsigned int reps, const void *in,
		       uint32_t in_bytes, void *out, uint32_t out_bytes)
{
	unsigned int done = 0, now;
	int64_t result;

	while (done < reps) {
		uint8_t some[PAGE_BYTES];
		uint32_t before, bytes;

		result = sim_hypercall(ctl, control | REPS(reps) | REP_START(done), in, in_bytes,
				       out ? some : NULL, out_bytes);
		if (result < 0)
			return result;
		now = result >> 32 & 0xfff;
		if (now < done || now > done + AT_ONCE)
			return -EPROTO;
		/* Only the elements of this call are written. */
		before = reps ? out_bytes / reps * done : 0;
		bytes = out_bytes / reps * (now - done);
		if (out)
			memcpy((uint8_t *)out + before, some + before, bytes);
		if ((result & 0xffff) || now == done)
			return result;
		done = now;
	}
	return result;
}

#define COUNT	10

TEST_F(partial, registers)
{
	struct {
		uint64_t partition, vp;
		uint32_t names[COUNT];
	} get = { .partition = self->id };
	struct {
		uint64_t partition, vp;
		struct hv_register_assoc reg[COUNT];
	} set = { .partition = self->id };
	union hv_register_value values[COUNT];
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		get.names[i] = HV_X64_REGISTER_RAX + i;
		set.reg[i].name = HV_X64_REGISTER_RAX + i;
		set.reg[i].value.reg64 = 0x1000 + i;
	}
	OK(sim_set_parameter("partial_reps", "3"));
	EXPECT_EQ((int64_t)REPS(COUNT), call_on(self->ctl, HVCALL_SET_VP_REGISTERS, COUNT, &set,
						sizeof(set), NULL, 0));
	memset(values, 0xff, sizeof(values));
	EXPECT_EQ((int64_t)REPS(COUNT), call_on(self->ctl, HVCALL_GET_VP_REGISTERS, COUNT, &get,
						sizeof(get), values, sizeof(values)));
	for (i = 0; i < COUNT; i++)
		EXPECT_U64(0x1000 + i, values[i].reg64);
	/* The first that fails ends it; what was before is done. */
	set.reg[7].name = 0x7fffffff;
	for (i = 0; i < COUNT; i++)
		set.reg[i].value.reg64 = 0x2000 + i;
	EXPECT_EQ((int64_t)(REPS(7) | HV_STATUS_INVALID_PARAMETER),
		  call_on(self->ctl, HVCALL_SET_VP_REGISTERS, COUNT, &set, sizeof(set), NULL, 0));
	call_on(self->ctl, HVCALL_GET_VP_REGISTERS, COUNT, &get, sizeof(get), values,
		sizeof(values));
	for (i = 0; i < COUNT; i++)
		EXPECT_U64((i < 7 ? 0x2000 : 0x1000) + i, values[i].reg64);
}

TEST_F(partial, others)
{
	struct {
		uint64_t partition, flags, gfn;
	} states = { .partition = self->id };
	struct {
		uint64_t partition, vp, reserved;
		struct {
			uint32_t leaf, subleaf;
			uint64_t xfem, xss;
		} in[COUNT];
	} cpuid = { .partition = self->id };
	uint8_t bits[COUNT];
	uint32_t whole[COUNT][4], parts[COUNT][4];
	unsigned int i;

	for (i = 0; i < COUNT; i++)
		cpuid.in[i].leaf = i < 5 ? i : 0x80000000u + i;
	EXPECT_EQ((int64_t)REPS(COUNT),
		  sim_hypercall(self->ctl, HVCALL_GET_VP_CPUID_VALUES | REPS(COUNT), &cpuid,
				sizeof(cpuid), whole, sizeof(whole)));
	OK(sim_set_parameter("partial_reps", "3"));
	EXPECT_EQ((int64_t)REPS(COUNT), call_on(self->ctl, HVCALL_GET_VP_CPUID_VALUES, COUNT,
						&cpuid, sizeof(cpuid), parts, sizeof(parts)));
	EXPECT_EQ(0, memcmp(whole, parts, sizeof(whole)));
	EXPECT_EQ((int64_t)REPS(COUNT),
		  call_on(self->ctl, HVCALL_GET_GPA_PAGES_ACCESS_STATES, COUNT, &states,
			  sizeof(states), bits, sizeof(bits)));
	/* Where nothing is mapped, nothing is to be done, but to ask why. */
	states.flags = GUEST_HOLE_GPA / PAGE_BYTES;
	states.gfn = 0;
	EXPECT_EQ((int64_t)REPS(COUNT), call_on(self->ctl, HVCALL_UNMAP_GPA_PAGES, COUNT, &states,
						sizeof(states), NULL, 0));
	EXPECT_EQ(COUNT, sim_forgive_text(self->ctl, "not mapped", NULL, NULL));
}

/* The driver goes on by itself: memory, registers, the bitmap, a guest that runs. */
static void guest_says(uint64_t arg)
{
	guest_sync(arg, 0);
}

TEST_F(partial, driver)
{
	struct guest g;

	NEEDS_GUESTS();
	OK(sim_set_parameter("partial_reps", "3"));
	OK(guest_create(&g, PT(LAPIC)));
	OK(guest_add_vp(&g, 0, guest_says, 0x77));
	RUN(GUEST_SYNC, &g, 0);
	EXPECT_U64(0x77, g.vp[0].args[0]);
	OK(memory_unmap(g.pt, 0, g.ram, GUEST_RAM_BYTES));
}

MSHV_TEST_MAIN
