// SPDX-License-Identifier: GPL-2.0-only
/* MSHV_GET_VP_STATE and MSHV_SET_VP_STATE: every kind of state, there and back. */
#include "x86/guest_test.h"
#include "apic.h"

#define VECTOR		0x71

static volatile uint64_t taken;

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	taken++;
	apic_write(APIC_EOI, 0);
}

static void guest_programs_apic(uint64_t arg)
{
	(void)arg;
	guest_handle(VECTOR, on_interrupt);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xef);
	apic_write(APIC_LDR, 0x04000000);
	apic_write(APIC_DFR, 0);
	apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
	apic_write(APIC_LVT_ERROR, 0xfe);
	apic_write(APIC_DIVIDE, 0x3);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR);
	apic_write(APIC_ICR_HIGH, 0x5 << 24);
	guest_sync(0, 0);
	guest_sti();
	guest_sync(taken, 0);
	guest_sync(apic_read(APIC_LVT_LINT0), apic_read(APIC_SVR));
}

FIXTURE(vp_state) {
	struct env env;
	struct guest g;
	int vp;
	void *page;
};

FIXTURE_SETUP(vp_state)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, PT(LAPIC) | PT(X2APIC)));
	OK(guest_add_vp(&self->g, 0, guest_programs_apic, 0));
	self->vp = self->g.vp[0].fd;
	self->page = PAGES(PAGE_BYTES);
}

MSHV_TEARDOWN(vp_state)

TEST_F(vp_state, lapic_of_new_vp)
{
	const struct hv_local_interrupt_controller_state *s = self->page;
	int i;

	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	EXPECT_U64(0, s->apic_id);
	EXPECT_LE(0x10u, s->apic_version & 0xff);
	EXPECT_U64(0xff, s->apic_spurious & 0x1ff);
	EXPECT_U64(0xffffffff, s->apic_dfr);
	EXPECT_U64(APIC_LVT_MASKED, s->apic_lvt_timer);
	for (i = 0; i < 8; i++)
		EXPECT_U64(0, s->apic_irr[i] | s->apic_isr[i]);
}

TEST_F(vp_state, lapic_shows_what_the_guest_did)
{
	const struct hv_local_interrupt_controller_state *s = self->page;

	RUN(GUEST_SYNC, &self->g, 0);
	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	EXPECT_U64(APIC_SVR_ENABLE | 0xef, s->apic_spurious & 0x1ff);
	EXPECT_U64(0x04000000, s->apic_ldr);
	EXPECT_U64(0x0fffffff, s->apic_dfr);
	EXPECT_U64(APIC_DM_NMI, s->apic_lvt_lint1);
	EXPECT_U64(0xfe, s->apic_lvt_error);
	EXPECT_U64(APIC_LVT_MASKED | VECTOR, s->apic_lvt_timer);
	EXPECT_U64(0x3, s->apic_divide_configuration);
	EXPECT_U64(0x5u << 24, s->apic_icr_high);
}

TEST_F(vp_state, lapic_round_trip)
{
	struct hv_local_interrupt_controller_state *s = self->page;
	struct hv_local_interrupt_controller_state first;

	RUN(GUEST_SYNC, &self->g, 0);
	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	/* A vector pending, and what QEMU sets before the first run. */
	s->apic_irr[VECTOR / 32] |= 1u << VECTOR % 32;
	s->apic_lvt_lint0 = (s->apic_lvt_lint0 & ~0x700) | APIC_DM_EXTINT;
	first = *s;
	OK(vp_set_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	memset(self->page, 0x5a, PAGE_BYTES);
	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	EXPECT_EQ(0, memcmp(&first, s, sizeof(first)));

	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(1, self->g.vp[0].args[0]);
	RUN(GUEST_SYNC, &self->g, 0);
	EXPECT_U64(APIC_DM_EXTINT, self->g.vp[0].args[0] & 0x700);
}

TEST_F(vp_state, needs_a_lapic)
{
	struct guest g;

	OK(guest_create(&g, 0));
	OK(guest_add_vp(&g, 0, guest_programs_apic, 0));
	EXPECT_EQ(-EINVAL, vp_get_state(g.vp[0].fd, MSHV_VP_STATE_LAPIC, self->page));
	EXPECT_EQ(-EINVAL, vp_set_state(g.vp[0].fd, MSHV_VP_STATE_LAPIC, self->page));
	OK(vp_get_state(g.vp[0].fd, MSHV_VP_STATE_XSAVE, self->page));
}

/* The compacted format of XSAVE: legacy area, then the header. */
struct xsave {
	uint16_t fcw, fsw;
	uint8_t other[20];
	uint32_t mxcsr;
	uint8_t more[132];
	uint64_t xmm[16][2];
	uint8_t rest[96];
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};

#define COMPACTED	(1ull << 63)

TEST_F(vp_state, xsave)
{
	struct hv_register_assoc xmm3 = { .name = HV_X64_REGISTER_XMM3 };
	uint32_t name = HV_X64_REGISTER_XMM4;
	union hv_register_value value;
	struct xsave *x = self->page;
	uint64_t size;

	_Static_assert(sizeof(*x) == 576, "legacy area and header");
	OK(partition_get_property(self->g.pt, HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, &size));
	EXPECT_LE(sizeof(*x), size);

	xmm3.value.reg128.low_part = 0x1111222233334444ull;
	xmm3.value.reg128.high_part = 0x5555666677778888ull;
	OK(vp_set_registers(self->vp, 0, &xmm3, 1));
	OK(vp_get_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	EXPECT_U64(COMPACTED, x->xcomp_bv & COMPACTED);
	EXPECT_U64(0, x->xstate_bv & ~x->xcomp_bv);
	ASSERT_U64(2, x->xstate_bv & 2);
	EXPECT_EQ(xmm3.value.reg128.low_part, x->xmm[3][0]);
	EXPECT_EQ(xmm3.value.reg128.high_part, x->xmm[3][1]);
	EXPECT_U64(0x1f80, x->mxcsr);

	x->xmm[4][0] = 0xabcdef;
	x->mxcsr = 0x1fa0;
	OK(vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	OK(vp_get_registers(self->vp, 0, &name, &value, 1));
	EXPECT_U64(0xabcdef, value.reg128.low_part);
	memset(self->page, 0, PAGE_BYTES);
	OK(vp_get_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	EXPECT_U64(0x1fa0, x->mxcsr);
	EXPECT_EQ(0x1111222233334444ull, x->xmm[3][0]);
}

TEST_F(vp_state, xsave_refuses)
{
	struct xsave *x = self->page;
	struct xsave good;

	OK(vp_get_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	good = *x;
	x->xcomp_bv &= ~COMPACTED;
	EXPECT_GT(0, vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	*x = good;
	x->xstate_bv = 1ull << 62;
	EXPECT_GT(0, vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	*x = good;
	x->reserved[3] = 1;
	EXPECT_GT(0, vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	*x = good;
	x->mxcsr = 0xffffffff;
	EXPECT_GT(0, vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
	*x = good;
	OK(vp_set_state(self->vp, MSHV_VP_STATE_XSAVE, self->page));
}

TEST_F(vp_state, synthetic_timers)
{
	struct hv_synthetic_timers_state *s = self->page;
	struct hv_synthetic_timers_state first;
	int i;

	OK(vp_get_state(self->vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, self->page));
	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		EXPECT_U64(0, s->timers[i].config);
		EXPECT_U64(0, s->timers[i].count);
	}
	/* Not enabled, so that none goes off. */
	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		s->timers[i].config = (2 + i) << 16;
		s->timers[i].count = 1000 + i;
	}
	first = *s;
	OK(vp_set_state(self->vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, self->page));
	memset(self->page, 0x5a, PAGE_BYTES);
	OK(vp_get_state(self->vp, MSHV_VP_STATE_SYNTHETIC_TIMERS, self->page));
	EXPECT_EQ(0, memcmp(&first, s, sizeof(first)));
}

/* Message and event pages of the guest's SynIC. */
TEST_F(vp_state, synthetic_pages)
{
	static const unsigned int types[] = { MSHV_VP_STATE_SIMP, MSHV_VP_STATE_SIEFP };
	uint8_t *page = self->page;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		OK(vp_get_state(self->vp, types[i], page));
		EXPECT_U64(0, page[0]);
		memset(page, 0x11 * (i + 1), PAGE_BYTES);
		OK(vp_set_state(self->vp, types[i], page));
	}
	for (i = 0; i < 2; i++) {
		OK(vp_get_state(self->vp, types[i], page));
		EXPECT_U64(0x11 * (i + 1), page[0]);
		EXPECT_U64(0x11 * (i + 1), page[PAGE_BYTES - 1]);
	}
}

/*
 * What is written into memory stays there, even if the process said before that its
 * content may go (MADV_FREE), and memory gets scarce. F65.
 */
TEST_F(vp_state, written_after_madv_free)
{
	char *page = PAGES(PAGE_BYTES);

	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, self->page));
	memset(page, 0x5a, PAGE_BYTES);
	ASSERT_EQ(0, madvise(page, PAGE_BYTES, MADV_FREE));
	OK(vp_get_state(self->vp, MSHV_VP_STATE_LAPIC, page));
	EXPECT_EQ(0, memcmp(self->page, page, sizeof(struct hv_local_interrupt_controller_state)));
	ASSERT_EQ(0, madvise(page, PAGE_BYTES, MADV_PAGEOUT));
	if (memcmp(self->page, page, sizeof(struct hv_local_interrupt_controller_state)))
		DRIVER_DEFECT(return, "the state that was read is lost");
}

TEST_F(vp_state, bad_arguments)
{
	uint32_t bytes = PAGE_BYTES - 1;
	char *page = self->page;

	EXPECT_EQ(-EINVAL, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_LAPIC, page, &bytes));
	bytes = 0;
	EXPECT_EQ(-EINVAL, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_LAPIC, page, &bytes));
	bytes = PAGE_BYTES;
	EXPECT_EQ(-EINVAL, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_COUNT, page, &bytes));
	bytes = PAGE_BYTES;
	EXPECT_EQ(-EINVAL, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_LAPIC, page + 8,
				 &bytes));
	bytes = PAGE_BYTES;
	EXPECT_EQ(-EFAULT, vp_state(self->vp, MSHV_GET_VP_STATE, MSHV_VP_STATE_SYNTHETIC_TIMERS,
				 NULL, &bytes));
}

GUEST_TEST_MAIN
