// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic interrupt controller of a guest's VP: TLFS, "Synthetic interrupt
 * controller".  Its pages are the hypervisor's and lie over the guest's memory
 * wherever SIMP and SIEFP say.
 */
#include "port.h"
#include "regs.h"

#define SINT_VECTOR	HV_SYNIC_SINT_VECTOR_MASK
#define SINT_MASKED	HV_SYNIC_SINT_MASKED
#define SINT_AUTO_EOI	HV_SYNIC_SINT_AUTO_EOI
#define SINT_POLLING	BIT_ULL(18)
#define SINT_PROXY	BIT_ULL(20)

#define PAGE_ENABLE	BIT_ULL(0)

/* -------------------------------------------------------------- delivery */

static struct hv_message *vsynic_slot(struct sim_vp *vp, u32 sint)
{
	return &((struct hv_message_page *)vp->simp)->sint_message[sint];
}

static unsigned long *vsynic_flags(struct sim_vp *vp, u32 sint)
{
	return vp->siefp + sint * HV_EVENT_FLAGS_BYTE_COUNT;
}

/* Under the lock. */
static bool vsynic_enabled(const struct sim_vsynic *s, u64 page)
{
	return !s->gone && (s->scontrol & HV_SYNIC_CONTROL_ENABLE) && (page & PAGE_ENABLE);
}

static bool vsynic_open(const struct sim_vsynic *s, u64 page, u32 sint)
{
	return vsynic_enabled(s, page) && !(s->sint[sint] & (SINT_MASKED | SINT_PROXY));
}

static void vsynic_interrupt(struct sim_vp *vp, u32 sint)
{
	u64 config = vp->vsynic.sint[sint];

	if (!(config & SINT_POLLING))
		sim_lapic_accept(vp, config & SINT_VECTOR, false);
}

/*
 * A guest that finds the flag when it has emptied the slot writes EOM.  It may
 * have looked just before: then the slot is empty at our second look.
 */
static bool vsynic_slot_free(struct hv_message *slot)
{
	if (READ_ONCE(slot->header.message_type) == HVMSG_NONE)
		return true;
	WRITE_ONCE(slot->header.message_flags.asu8, 1);	/* msg_pending */
	smp_mb();	/* the flag first, then the second look */
	return READ_ONCE(slot->header.message_type) == HVMSG_NONE;
}

/*
 * Under the lock.  The type is what makes it a message: it comes last.  The interrupt
 * of a masked SINT is lost (TLFS).
 */
static u64 vsynic_fill(struct sim_vp *vp, u32 sint, const struct hv_message *m)
{
	struct hv_message *slot = vsynic_slot(vp, sint);

	if (!vsynic_slot_free(slot))
		return SIM_STATUS_OBJECT_IN_USE;
	slot->header.payload_size = m->header.payload_size;
	slot->header.message_flags.asu8 = 0;
	*(u16 *)slot->header.reserved = 0;
	slot->header.sender = m->header.sender;
	memcpy(slot->u.payload, m->u.payload, sizeof(slot->u.payload));
	/* The guest reads the rest once it sees the type. */
	smp_store_release(&slot->header.message_type, m->header.message_type);
	if (vsynic_open(&vp->vsynic, vp->vsynic.simp, sint))
		vsynic_interrupt(vp, sint);
	return HV_STATUS_SUCCESS;
}

/* Not through a port: to a SINT that is masked there is no way (OpenVMM). */
u64 sim_vsynic_post(struct sim_vp *vp, u32 sint, const struct hv_message *m)
{
	if (!vsynic_open(&vp->vsynic, vp->vsynic.simp, sint))
		return SIM_STATUS_INVALID_SYNIC_STATE;
	return vsynic_fill(vp, sint, m);
}

u16 sim_vsynic_ready(struct sim_vp *vp, u16 sints)
{
	struct sim_vsynic *s = &vp->vsynic;
	unsigned long flags;
	u16 ready = 0;
	u32 i;

	raw_spin_lock_irqsave(&s->lock, flags);
	for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
		if ((sints & BIT(i)) && vsynic_open(s, s->simp, i) &&
		    vsynic_slot_free(vsynic_slot(vp, i)))
			ready |= BIT(i);
	raw_spin_unlock_irqrestore(&s->lock, flags);
	return ready;
}

/* ------------------------------------------------------- from ports: ipc.c */

/* Under the lock.  Each slot in the order in which its messages came. */
static void vsynic_deliver(struct sim_vp *vp)
{
	struct sim_port_message *m, *next;
	u16 behind = 0;

	if (!vsynic_enabled(&vp->vsynic, vp->vsynic.simp))
		return;
	list_for_each_entry_safe(m, next, &vp->vsynic.queue, link) {
		if ((behind & BIT(m->sint)) ||
		    vsynic_fill(vp, m->sint, &m->msg) != HV_STATUS_SUCCESS) {
			behind |= BIT(m->sint);
			continue;
		}
		list_del(&m->link);
		smp_store_release(&m->queued, false);	/* the port's again */
	}
}

u64 sim_vsynic_queue(struct sim_vp *vp, struct sim_port_message *m)
{
	struct sim_vsynic *s = &vp->vsynic;
	u64 status = SIM_STATUS_INVALID_SYNIC_STATE;
	unsigned long flags;

	raw_spin_lock_irqsave(&s->lock, flags);
	if (vsynic_enabled(s, s->simp)) {
		m->queued = true;
		list_add_tail(&m->link, &s->queue);
		vsynic_deliver(vp);
		status = HV_STATUS_SUCCESS;
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
	return status;
}

/* Under RCU: the VP may be on its way out. */
void sim_vsynic_unqueue(struct sim_port_message *m)
{
	struct sim_vp *vp = m->vp;
	unsigned long flags;

	if (!vp || !READ_ONCE(m->queued))
		return;
	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	if (m->queued) {
		list_del(&m->link);
		m->queued = false;
	}
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
}

/* A masked SINT takes no events (TLFS). */
u64 sim_vsynic_signal(struct sim_vp *vp, u32 sint, u32 flag)
{
	struct sim_vsynic *s = &vp->vsynic;
	u64 status = SIM_STATUS_INVALID_SYNIC_STATE;
	unsigned long flags;

	raw_spin_lock_irqsave(&s->lock, flags);
	if (vsynic_open(s, s->siefp, sint)) {
		if (!test_and_set_bit(flag, vsynic_flags(vp, sint)))
			vsynic_interrupt(vp, sint);
		status = HV_STATUS_SUCCESS;
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
	return status;
}

/* A slot may have become free, or one that is free may have become usable. */
static void vsynic_continue(struct sim_vp *vp)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	sim_stimers_continue(vp);
	vsynic_deliver(vp);
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
	if (vp->deliverability & SIM_NOTIFY_SINTS)
		sim_notify_check(vp);
}

/* As if EOM had been written, too: TLFS, "SynIC Messages". */
void sim_vsynic_eoi(struct sim_vp *vp)
{
	bool waits = !list_empty_careful(&vp->vsynic.queue);
	u32 i;

	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++)
		waits |= READ_ONCE(vp->vsynic.timers[i].undelivered);
	if (waits)
		vsynic_continue(vp);
}

/* ------------------------------------------------------------- registers */

static void get_sint(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vsynic.sint[i];
}

/* Vectors below 16 are the processor's own; a masked SINT needs none. */
static u64 set_sint(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	struct sim_vsynic *s = &vp->vsynic;
	u64 config = val->reg64;
	unsigned long flags;
	u32 n;

	if (!(config & SINT_MASKED) && (config & SINT_VECTOR) < HV_SYNIC_FIRST_VALID_VECTOR)
		return BAD_VALUE;
	raw_spin_lock_irqsave(&s->lock, flags);
	s->sint[i] = config;
	bitmap_zero(s->auto_eoi, 256);
	for (n = 0; n < HV_SYNIC_SINT_COUNT; n++)
		if ((s->sint[n] & (SINT_MASKED | SINT_AUTO_EOI)) == SINT_AUTO_EOI)
			__set_bit(s->sint[n] & SINT_VECTOR, s->auto_eoi);
	raw_spin_unlock_irqrestore(&s->lock, flags);
	vsynic_continue(vp);
	return HV_STATUS_SUCCESS;
}

static void vsynic_set(struct sim_vp *vp, u64 *reg, u64 val)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	*reg = val;
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
	vsynic_continue(vp);
}

static void get_scontrol(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vsynic.scontrol;
}

static u64 set_scontrol(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	vsynic_set(vp, &vp->vsynic.scontrol, val->reg64);
	return HV_STATUS_SUCCESS;
}

static void get_sversion(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = HV_SYNIC_VERSION_1;
}

static void get_simp(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vsynic.simp;
}

static void get_siefp(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = vp->vsynic.siefp;
}

static u64 set_simp(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 status = sim_overlay_set(vp->pt, &vp->vsynic.simp_overlay, vp->simp, val->reg64,
				     HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE);

	if (status == HV_STATUS_SUCCESS)
		vsynic_set(vp, &vp->vsynic.simp, val->reg64);
	return status;
}

static u64 set_siefp(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	u64 status = sim_overlay_set(vp->pt, &vp->vsynic.siefp_overlay, vp->siefp, val->reg64,
				     HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE);

	if (status == HV_STATUS_SUCCESS)
		vsynic_set(vp, &vp->vsynic.siefp, val->reg64);
	return status;
}

static void get_eom(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	val->reg64 = 0;
}

static u64 set_eom(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	vsynic_continue(vp);
	return HV_STATUS_SUCCESS;
}

#define ROW(_n, _c, _msr, _stride, _name)				\
	{ _n, _c, KIND_FN, .msr = _msr, .msr_stride = _stride,		\
	  .feature = BIT_ULL(SIM_FEATURE_SYNIC), .get = get_##_name, .set = set_##_name }

static struct sim_reg synic_rows[] = {
	ROW(HV_REGISTER_SINT0, HV_SYNIC_SINT_COUNT, HV_X64_MSR_SINT0, 1, sint),
	ROW(HV_REGISTER_SCONTROL, 1, HV_X64_MSR_SCONTROL, 0, scontrol),
	{ HV_REGISTER_SVERSION, 1, KIND_FN, .msr = HV_X64_MSR_SVERSION,
	  .feature = BIT_ULL(SIM_FEATURE_SYNIC), .get = get_sversion },
	ROW(HV_REGISTER_SIEFP, 1, HV_X64_MSR_SIEFP, 0, siefp),
	ROW(HV_REGISTER_SIMP, 1, HV_X64_MSR_SIMP, 0, simp),
	ROW(HV_REGISTER_EOM, 1, HV_X64_MSR_EOM, 0, eom),
};

const struct sim_reg_table sim_regs_synic = { synic_rows, ARRAY_SIZE(synic_rows) };

/* ----------------------------------------------------------- life of a VP */

void sim_vsynic_init(struct sim_vp *vp)
{
	struct sim_vsynic *s = &vp->vsynic;
	int i;

	raw_spin_lock_init(&s->lock);
	INIT_LIST_HEAD(&s->queue);
	for (i = 0; i < HV_SYNIC_SINT_COUNT; i++)
		s->sint[i] = SINT_MASKED;
	sim_stimers_init(vp);
}

void sim_vsynic_destroy(struct sim_vp *vp)
{
	struct sim_port_message *m, *next;
	struct sim_vsynic *s = &vp->vsynic;
	unsigned long flags;

	sim_overlay_remove(vp->pt, &s->simp_overlay);
	sim_overlay_remove(vp->pt, &s->siefp_overlay);
	raw_spin_lock_irqsave(&s->lock, flags);
	s->gone = true;
	list_for_each_entry_safe(m, next, &s->queue, link) {
		list_del(&m->link);
		smp_store_release(&m->queued, false);	/* the port's again */
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
}

/* ------------------------------------------------------------ hypercalls */

/* Layouts: rust-vmm's mshv-bindings; the kernel's headers don't have them. */
struct sim_input_post_message_direct {
	u64 partition_id;
	u32 vp_index;
	u8 vtl;
	u8 padding[3];
	u32 sint_index;
	struct hv_message message;
	u32 padding2;
} __packed;

static_assert(sizeof(struct sim_input_post_message_direct) == SIM_POST_DIRECT_SIZE);

struct sim_input_signal_event_direct {
	u64 partition_id;
	u32 vp_index;
	u8 vtl;
	u8 sint;
	u16 flag_number;
} __packed;

struct sim_output_signal_event_direct {
	u8 newly_signaled;
	u8 reserved[7];
};

/*
 * Whoever gets OBJECT_IN_USE asks to be notified (notify.c) and tries again:
 * OpenVMM does.  It is also where the two statuses are from.
 */
u64 sim_hc_post_message_direct(struct sim_call *c)
{
	const struct sim_input_post_message_direct *in = c->in;
	struct sim_vsynic *s = &c->vp->vsynic;
	unsigned long flags;
	u64 status;

	if (in->vtl || in->padding[0] || in->padding[1] || in->padding[2] || in->padding2 ||
	    in->sint_index >= HV_SYNIC_SINT_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->message.header.message_type == HVMSG_NONE ||
	    in->message.header.payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&s->lock, flags);
	status = sim_vsynic_post(c->vp, in->sint_index, &in->message);
	raw_spin_unlock_irqrestore(&s->lock, flags);
	if (status == HV_STATUS_SUCCESS)
		sim_vp_wake(c->vp);
	return status;
}

/*
 * A flag that is set already has been announced.  A SINT that takes none is no
 * error: OpenVMM's SynIC says "not newly signaled", and it dies of an error of
 * the real one.
 */
u64 sim_hc_signal_event_direct(struct sim_call *c)
{
	const struct sim_input_signal_event_direct *in = c->in;
	struct sim_output_signal_event_direct *out = c->out;
	struct sim_vsynic *s = &c->vp->vsynic;
	unsigned long flags;
	bool newly = false;
	u32 sint = in->sint, flag = in->flag_number;

	if (in->vtl || sint >= HV_SYNIC_SINT_COUNT || flag >= HV_EVENT_FLAGS_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	raw_spin_lock_irqsave(&s->lock, flags);
	if (vsynic_open(s, s->siefp, sint)) {
		newly = !test_and_set_bit(flag, vsynic_flags(c->vp, sint));
		if (newly)
			vsynic_interrupt(c->vp, sint);
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
	*out = (struct sim_output_signal_event_direct) { .newly_signaled = newly };
	if (newly)
		sim_vp_wake(c->vp);
	return HV_STATUS_SUCCESS;
}
