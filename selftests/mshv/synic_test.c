// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic interrupt controller of a guest: what the VMM sends with
 * POST_MESSAGE_DIRECT and SIGNAL_EVENT_DIRECT, and when it could send. Its registers and
 * pages are in synic_page_test.c.
 */
#include <pthread.h>

#include "x86/guest_test.h"
#include "apic.h"
#include "msr.h"
#include "synic.h"

#define SINT		4
#define VECTOR		0x51
#define FEATURES	GUEST_FEATURES(.access_synic_regs = 1, .access_vp_index = 1)
#define TYPE		0x1234	/* of a message: up to who sends it */

#define INTERRUPT_SHADOW	1	/* in HV_REGISTER_INTERRUPT_STATE */

#define NOTIFY_NMI		(1ull << 0)
#define NOTIFY_INTERRUPT	(1ull << 1)
#define NOTIFY_PRIORITY(class)	((uint64_t)(class) << 2)
#define NOTIFY_SINT(sint)	(1ull << (48 + (sint)))

FIXTURE(synic) {
	struct env env;
	struct guest g;
	int vp;
};

FIXTURE_SETUP(synic)
{
	MSHV_SETUP(self);
	OK(guest_create_with(&self->g, PT(LAPIC) | PT(X2APIC), FEATURES));
}

MSHV_TEARDOWN(synic)

static int post(struct guest *g, uint32_t vp, uint32_t sint, uint32_t type, uint64_t payload,
		uint16_t *status)
{
	struct hv_input_post_message_direct in = { .vp_index = vp, .sint_index = sint };
	struct hvcall call = {
		.code = HVCALL_POST_MESSAGE_DIRECT,
		.in_bytes = sizeof(in),
		.in = &in,
	};
	struct hv_message m = {
		.header.message_type = type,
		.header.payload_size = 8,
		.header.sender = 77,
		.u.payload[0] = payload,
	};
	int ret;

	memcpy(in.message, &m, sizeof(m));
	ret = hvcall(g->pt, &call);
	*status = call.status;
	return ret;
}

static int signal_event(struct guest *g, uint32_t sint, uint32_t flag, bool *newly)
{
	struct hv_input_signal_event_direct in = { .target_sint = sint, .flag_number = flag };
	struct hv_output_signal_event_direct out = { .newly_signaled = 0xff };
	struct hvcall call = {
		.code = HVCALL_SIGNAL_EVENT_DIRECT,
		.in_bytes = sizeof(in),
		.out_bytes = sizeof(out),
		.in = &in,
		.out = &out,
	};
	int ret = hvcall(g->pt, &call);

	*newly = out.newly_signaled;
	return ret;
}

#define POST(payload) do {						\
	uint16_t post_status;						\
	OK(post(&self->g, 0, SINT, TYPE, payload, &post_status));	\
	ASSERT_EQ(HV_STATUS_SUCCESS, post_status);			\
} while (0)

#define POST_FAILS(expected, sint) do {					\
	uint16_t post_status = 0;					\
	EXPECT_GT(0, post(&self->g, 0, sint, TYPE, 0, &post_status));	\
	EXPECT_EQ(expected, post_status);				\
} while (0)

#define SIGNAL(expected, sint, flag) do {				\
	bool signal_newly;						\
	OK(signal_event(&self->g, sint, flag, &signal_newly));		\
	EXPECT_EQ(expected, signal_newly);				\
} while (0)

#define SYNC(a, b)	RUN_TO_SYNC(a, b, &self->g, 0)

/* What the guest's handler has seen. */
static volatile uint64_t taken, last_payload, was_in_service;

static void on_message(struct guest_frame *frame)
{
	taken++;
	was_in_service = apic_bit(APIC_ISR, frame->vector);
	last_payload = synic_slot(SINT)->u.payload[0];
	synic_release(SINT);
	if (was_in_service)
		apic_write(APIC_EOI, 0);
}

static void on_interrupt(struct guest_frame *frame)
{
	(void)frame;
	taken++;
	apic_write(APIC_EOI, 0);
}

static void enable_with(guest_handler_fn *handler, uint64_t config)
{
	guest_handle(VECTOR, handler);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	synic_enable(SINT, config);
}

/* ------------------------------------------------------------ state of its pages */

static void guest_state(uint64_t arg)
{
	(void)arg;
	enable_with(on_message, SINT_MASKED);
	synic_slot(SINT)->u.payload[3] = 0x1111;
	*synic_flags(SINT) = 0x2222;
	guest_sync(0, 0);
	GUEST_ASSERT_EQ(0x3333, synic_slot(SINT)->u.payload[3]);
	GUEST_ASSERT_EQ(0x4444, *synic_flags(SINT));
}

/* What MSHV_GET_VP_STATE shows is what the guest sees. */
TEST_F(synic, state)
{
	struct guest *g = &self->g;
	struct hv_message_page *simp = PAGES(PAGE_BYTES);
	uint64_t *siefp = PAGES(PAGE_BYTES);
	int vp;

	OK(guest_add_vp(g, 0, guest_state, 0));
	vp = g->vp[0].fd;
	SYNC(0, 0);
	OK(vp_get_state(vp, MSHV_VP_STATE_SIMP, simp));
	OK(vp_get_state(vp, MSHV_VP_STATE_SIEFP, siefp));
	EXPECT_U64(0x1111, simp->sint_message[SINT].u.payload[3]);
	EXPECT_U64(0x2222, siefp[SINT * HV_EVENT_FLAGS_BYTE_COUNT / 8]);
	simp->sint_message[SINT].u.payload[3] = 0x3333;
	siefp[SINT * HV_EVENT_FLAGS_BYTE_COUNT / 8] = 0x4444;
	OK(vp_set_state(vp, MSHV_VP_STATE_SIMP, simp));
	OK(vp_set_state(vp, MSHV_VP_STATE_SIEFP, siefp));
	RUN(GUEST_DONE, g, 0);
}

/* ----------------------------------------------------------------- messages */

static void guest_takes_messages(uint64_t arg)
{
	enable_with(on_message, VECTOR | arg);
	guest_sync(0, 0);
	guest_sti();
	guest_sync(taken, last_payload);
	guest_sync(taken, was_in_service);
}

TEST_F(synic, message)
{
	OK(guest_add_vp(&self->g, 0, guest_takes_messages, 0));
	SYNC(0, 0);
	POST(0xabc);
	SYNC(1, 0xabc);
	POST(0xdef);
	SYNC(2, 1);
}

/* Its interrupt is never in service, so that nobody has to end it. */
TEST_F(synic, auto_eoi)
{
	OK(guest_add_vp(&self->g, 0, guest_takes_messages, SINT_AUTO_EOI));
	SYNC(0, 0);
	POST(0xabc);
	SYNC(1, 0xabc);
	POST(0xdef);
	SYNC(2, 0);
}

static void guest_polls(uint64_t arg)
{
	(void)arg;
	enable_with(on_message, VECTOR | SINT_POLLING);
	guest_sti();
	guest_sync(0, 0);
	GUEST_ASSERT_EQ(0, taken);
	GUEST_ASSERT_EQ(TYPE, synic_slot(SINT)->header.message_type);
	GUEST_ASSERT_EQ(8, synic_slot(SINT)->header.payload_size);
	GUEST_ASSERT_EQ(77, synic_slot(SINT)->header.sender);
	GUEST_ASSERT_EQ(0, synic_slot(SINT)->header.message_flags.asu8);
	guest_sync(synic_slot(SINT)->u.payload[0], 0);
	GUEST_ASSERT_EQ(1, synic_slot(SINT)->header.message_flags.msg_pending);
	synic_release(SINT);
	guest_sync(0, 0);
	guest_sync(synic_slot(SINT)->u.payload[0], synic_slot(SINT)->header.message_flags.asu8);
}

/* A slot takes one message, and says that another one could not come. */
TEST_F(synic, slot_in_use)
{
	OK(guest_add_vp(&self->g, 0, guest_polls, 0));
	SYNC(0, 0);
	POST(0x10);
	SYNC(0x10, 0);
	POST_FAILS(HV_STATUS_OBJECT_IN_USE, SINT);
	SYNC(0, 0);
	POST(0x20);
	SYNC(0x20, 0);
}

static void guest_not_ready(uint64_t arg)
{
	(void)arg;
	guest_sync(0, 0);
	synic_enable(SINT, SINT_MASKED | VECTOR);
	guest_sync(1, 0);
	synic_enable(SINT, VECTOR);
	guest_wrmsr(HV_X64_MSR_SIMP, 0);
	guest_sync(2, 0);
	synic_enable(SINT, VECTOR);
	guest_wrmsr(HV_X64_MSR_SCONTROL, 0);
	guest_sync(3, 0);
}

TEST_F(synic, not_ready)
{
	unsigned int i;

	OK(guest_add_vp(&self->g, 0, guest_not_ready, 0));
	for (i = 0; i < 4; i++) {
		SYNC(i, 0);
		POST_FAILS(HV_STATUS_INVALID_SYNIC_STATE, SINT);
	}
}

TEST_F(synic, bad_messages)
{
	struct hv_input_post_message_direct in = { .sint_index = SINT };
	struct hvcall call = {
		.code = HVCALL_POST_MESSAGE_DIRECT,
		.in_bytes = sizeof(in),
		.in = &in,
	};
	struct hv_message *m = (void *)in.message;
	uint16_t status;

	OK(guest_add_vp(&self->g, 0, guest_takes_messages, 0));
	SYNC(0, 0);
	EXPECT_EQ(-EINVAL, post(&self->g, 0, HV_SYNIC_SINT_COUNT, TYPE, 0, &status));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, status);
	EXPECT_EQ(-EINVAL, post(&self->g, 0, SINT, HVMSG_NONE, 0, &status));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, status);
	EXPECT_EQ(-EINVAL, post(&self->g, 1, SINT, TYPE, 0, &status));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, status);
	in.vtl = 1;
	m->header.message_type = TYPE;
	EXPECT_EQ(-EINVAL, hvcall(self->g.pt, &call));
	in.vtl = 0;
	m->header.payload_size = HV_MESSAGE_PAYLOAD_BYTE_COUNT + 1;
	EXPECT_EQ(-EINVAL, hvcall(self->g.pt, &call));
	m->header.payload_size = HV_MESSAGE_PAYLOAD_BYTE_COUNT;
	OK(hvcall(self->g.pt, &call));
}

/* ------------------------------------------------------------------- events */

static void guest_takes_events(uint64_t arg)
{
	enable_with(on_interrupt, VECTOR | arg);
	guest_sync(taken, 0);
	guest_sti();
	guest_sync(taken, *synic_flags(SINT));
	guest_sync(taken, synic_flags(SINT)[2047 / 64]);
}

TEST_F(synic, event)
{
	OK(guest_add_vp(&self->g, 0, guest_takes_events, 0));
	SIGNAL(false, SINT, 1);		/* not enabled: nothing happens */
	SYNC(0, 0);
	SIGNAL(true, SINT, 5);
	SIGNAL(false, SINT, 5);
	SIGNAL(true, SINT, 7);
	SYNC(1, 1 << 5 | 1 << 7);
	SIGNAL(true, SINT, 2047);
	SYNC(2, 1ull << 63);
}

TEST_F(synic, event_polled)
{
	OK(guest_add_vp(&self->g, 0, guest_takes_events, SINT_POLLING));
	SYNC(0, 0);
	SIGNAL(true, SINT, 0);
	SYNC(0, 1);
}

TEST_F(synic, event_masked)
{
	OK(guest_add_vp(&self->g, 0, guest_takes_events, SINT_MASKED));
	SYNC(0, 0);
	SIGNAL(false, SINT, 0);
	SYNC(0, 0);
}

TEST_F(synic, bad_events)
{
	bool newly;

	OK(guest_add_vp(&self->g, 0, guest_takes_events, 0));
	SYNC(0, 0);
	EXPECT_EQ(-EINVAL, signal_event(&self->g, HV_SYNIC_SINT_COUNT, 0, &newly));
	EXPECT_EQ(-EINVAL, signal_event(&self->g, SINT, HV_EVENT_FLAGS_COUNT, &newly));
}

/* ------------------------------------------------- to a guest that runs or waits */

static void guest_waits(uint64_t arg)
{
	(void)arg;
	enable_with(on_message, VECTOR);
	guest_sync(0, 0);
	GUEST_HALT_UNTIL(taken >= 100);
	guest_sync(taken, last_payload);
}

struct poster {
	struct guest *g;
	unsigned int posted, errors;
};

/* Each message as soon as the guest has taken the one before. */
static void *post_many(void *arg)
{
	struct poster *p = arg;
	uint16_t status;

	while (p->posted < 100) {
		if (!post(p->g, 0, SINT, TYPE, p->posted, &status))
			p->posted++;
		else if (status != HV_STATUS_OBJECT_IN_USE)
			p->errors++;
		if (p->errors)
			break;
	}
	return NULL;
}

TEST_F(synic, wakes_a_halted_guest)
{
	struct poster p = { .g = &self->g };
	pthread_t thread;

	OK(guest_add_vp(&self->g, 0, guest_waits, 0));
	SYNC(0, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, post_many, &p));
	/* Interrupts of messages that came close together are one. */
	while (p.posted < 100 && !p.errors) {
		int event = guest_run(&self->g, 0);

		if (event == GUEST_SYNC)
			break;
		ASSERT_EQ(GUEST_EXIT, event);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0u, p.errors);
	EXPECT_EQ(100u, p.posted);
	EXPECT_U64(99, self->g.vp[0].args[1]);
}

/* ------------------------------------------------ deliverability notifications */

#define DELIVERABILITY	HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS

static void guest_frees_the_slot(uint64_t arg)
{
	(void)arg;
	enable_with(on_message, VECTOR | SINT_POLLING);
	guest_sync(0, 0);
	synic_release(SINT);
	guest_sync(1, 0);
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, SINT_MASKED);
	guest_sync(2, 0);
	guest_wrmsr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	guest_sync(3, 0);
}

TEST_F(synic, notify_sint)
{
	struct guest *g = &self->g;
	uint64_t value;

	OK(guest_add_vp(g, 0, guest_frees_the_slot, 0));
	SYNC(0, 0);
	POST(1);
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_SINT(SINT)));
	RUN_TO(HVMSG_SYNIC_SINT_DELIVERABLE, g, 0);
	EXPECT_U64(1 << SINT, guest_payload(g, 0, hv_x64_sint_deliverable_message)
			->deliverable_sints);
	OK(guest_get_reg(g, 0, DELIVERABILITY, &value));
	EXPECT_U64(0, value);
	POST(2);
	SYNC(1, 0);
	SYNC(2, 0);
	/* A masked source takes nothing, whatever its slot holds. */
	OK(vp_set_state(g->vp[0].fd, MSHV_VP_STATE_SIMP, PAGES(PAGE_BYTES)));
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_SINT(SINT) | NOTIFY_SINT(9)));
	RUN_TO(HVMSG_SYNIC_SINT_DELIVERABLE, g, 0);
	OK(guest_get_reg(g, 0, DELIVERABILITY, &value));
	EXPECT_U64(NOTIFY_SINT(9), value);
	SYNC(3, 0);
	RUN(GUEST_DONE, g, 0);
}

static void guest_opens_windows(uint64_t arg)
{
	(void)arg;
	guest_sync(0, 0);
	guest_outb(0x80, 1);
	guest_sti();
	guest_outb(0x80, 2);
	guest_set_cr8(9);
	guest_sync(1, 0);
	guest_outb(0x80, 3);
	guest_set_cr8(8);
	guest_outb(0x80, 4);
	guest_sync(2, 0);
}

#define RUN_TO_PORT(value) do {						\
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, g, 0);			\
	EXPECT_U64(value, guest_payload(g, 0,				\
		hv_x64_io_port_intercept_message)->rax & 0xff);		\
	OK(guest_skip_instruction(g, 0));				\
} while (0)

#define RUN_TO_DELIVERABLE(type) do {					\
	RUN_TO(HVMSG_X64_INTERRUPTION_DELIVERABLE, g, 0);		\
	EXPECT_U64(type, guest_payload(g, 0,				\
		hv_x64_interruption_deliverable_message)->deliverable_type); \
} while (0)

TEST_F(synic, notify_interrupt)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_opens_windows, 0));
	SYNC(0, 0);
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_INTERRUPT));
	RUN_TO_PORT(1);
	RUN_TO_DELIVERABLE(HV_X64_PENDING_INTERRUPT);
	/* Once. */
	RUN_TO_PORT(2);
	SYNC(1, 0);
	/* Of class 9: the TPR lets it through when it has gone below. */
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_INTERRUPT | NOTIFY_PRIORITY(9)));
	RUN_TO_PORT(3);
	RUN_TO_DELIVERABLE(HV_X64_PENDING_INTERRUPT);
	RUN_TO_PORT(4);
	SYNC(2, 0);
}

static void on_nmi(struct guest_frame *frame)
{
	(void)frame;
	guest_sync(1, 0);
	guest_outb(0x80, 1);
}

static void guest_takes_nmi(uint64_t arg)
{
	(void)arg;
	guest_handle(2, on_nmi);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
	apic_ipi(0, APIC_DM_NMI | APIC_ASSERT);
	guest_sync(2, 0);
}

TEST_F(synic, notify_nmi)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_takes_nmi, 0));
	SYNC(1, 0);
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_NMI));
	RUN_TO_PORT(1);
	RUN_TO_DELIVERABLE(HV_X64_PENDING_NMI);
	SYNC(2, 0);
}

/* At STI, which is a byte long, as is the NOP behind it: as if a host's interrupt had come between. */
static int between_sti_and_nop(struct guest *g, uint64_t *nop)
{
	uint64_t rflags;
	int ret = guest_get_reg(g, 0, HV_X64_REGISTER_RIP, nop);

	ret = ret ?: guest_get_reg(g, 0, HV_X64_REGISTER_RFLAGS, &rflags);
	ret = ret ?: guest_set_reg(g, 0, HV_X64_REGISTER_RFLAGS, rflags | 1 << 9);
	ret = ret ?: guest_set_reg(g, 0, HV_X64_REGISTER_RIP, ++*nop);
	return ret ?: guest_set_reg(g, 0, HV_REGISTER_INTERRUPT_STATE, INTERRUPT_SHADOW);
}

#define NOTIFIED_BEHIND_SHADOW(notify, type) do {			\
	struct guest *g = &self->g;					\
	uint64_t nop, rip;						\
									\
	OK(guest_add_vp(g, 0, guest_opens_windows, 0));			\
	SYNC(0, 0);							\
	RUN_TO_PORT(1);							\
	OK(between_sti_and_nop(g, &nop));				\
	OK(guest_set_reg(g, 0, DELIVERABILITY, notify));		\
	RUN_TO_DELIVERABLE(type);					\
	OK(guest_get_reg(g, 0, HV_X64_REGISTER_RIP, &rip));		\
	EXPECT_U64(nop + 1, rip);					\
	RUN_TO_PORT(2);							\
} while (0)

TEST_F(synic, notify_interrupt_behind_shadow)
{
	NOTIFIED_BEHIND_SHADOW(NOTIFY_INTERRUPT, HV_X64_PENDING_INTERRUPT);
}

TEST_F(synic, notify_nmi_behind_shadow)
{
	NOTIFIED_BEHIND_SHADOW(NOTIFY_NMI, HV_X64_PENDING_NMI);
}

static void guest_halts(uint64_t arg)
{
	(void)arg;
	enable_with(on_message, VECTOR);
	guest_sync(0, 0);
	guest_sti_hlt();
	guest_sync(taken, last_payload);
}

/* The HLT is interrupted for the VMM only. */
TEST_F(synic, notify_halted)
{
	struct guest *g = &self->g;

	OK(guest_add_vp(g, 0, guest_halts, 0));
	SYNC(0, 0);
	OK(guest_set_reg(g, 0, DELIVERABILITY, NOTIFY_INTERRUPT));
	RUN_TO_DELIVERABLE(HV_X64_PENDING_INTERRUPT);
	POST(0x55);
	SYNC(1, 0x55);
}

TEST_F(synic, notify_refuses)
{
	OK(guest_add_vp(&self->g, 0, guest_halts, 0));
	EXPECT_EQ(-EINVAL, guest_set_reg(&self->g, 0, DELIVERABILITY, 1 << 6));
	EXPECT_EQ(-EINVAL, guest_set_reg(&self->g, 0, DELIVERABILITY, 1ull << 47));
}

GUEST_TEST_MAIN
