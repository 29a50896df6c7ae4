// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a level-triggered interrupt, as its source gets to know it:
 * HVMSG_X64_APIC_EOI {VP, vector}.
 *
 * How it reaches the parent of a partition with mapped intercept messages is not
 * known.  The driver looks for it in the SINT0 slot, where it serves irqfds with
 * a resample eventfd; VMMs look for it among the messages of MSHV_RUN_VP.  Both
 * are here: the parameter eoi_intercept chooses, and a VMM that installs an
 * intercept for it gets one.
 *
 * The driver leaves a message in the slot that no resampling irqfd is there for,
 * and nothing would get through any more on that CPU; real machines survive
 * that somehow.  See sim_synic_unclaimed().
 */
#include <linux/module.h>

#include "engine.h"

static bool eoi_intercept;
module_param(eoi_intercept, bool, 0644);
MODULE_PARM_DESC(eoi_intercept, "EOI of a level-triggered interrupt is an intercept of the VP, not a message to SINT0 (default N)");

/* Under eoi_busy. */
static bool lapic_eoi_fill(struct sim_vp *vp)
{
	struct sim_lapic *l = &vp->lapic;
	struct hv_message *m = &l->eoi_msg.msg;
	struct hv_x64_apic_eoi_message *p = (void *)m->u.payload;
	unsigned long vector = find_first_bit(l->eoi, 256);

	if (vector >= 256)
		return false;
	clear_bit(vector, l->eoi);
	memset(m, 0, sizeof(*m));
	m->header.message_type = HVMSG_X64_APIC_EOI;
	m->header.payload_size = sizeof(*p);
	m->header.sender = vp->pt->id;
	p->vp_index = vp->index;
	p->interrupt_vector = vector;
	return true;
}

/*
 * Whoever sets eoi_busy sends; a vector that was added after the sender has seen
 * none is seen by the second look.
 */
static bool lapic_eoi_begin(struct sim_vp *vp)
{
	struct sim_lapic *l = &vp->lapic;

	while (!bitmap_empty(l->eoi, 256)) {
		if (test_and_set_bit(0, &l->eoi_busy))
			return false;
		if (lapic_eoi_fill(vp))
			return true;
		clear_bit_unlock(0, &l->eoi_busy);
		smp_mb__after_atomic();		/* then look again */
	}
	return false;
}

static bool lapic_eoi_next(struct sim_msg *m)
{
	struct sim_vp *vp = container_of(m, struct sim_vp, lapic.eoi_msg);

	if (lapic_eoi_fill(vp))
		return true;
	clear_bit_unlock(0, &vp->lapic.eoi_busy);
	smp_mb__after_atomic();		/* then look again */
	return lapic_eoi_begin(vp);
}

void sim_lapic_eoi_init(struct sim_vp *vp)
{
	vp->lapic.eoi_msg.next = lapic_eoi_next;
}

void sim_lapic_eoi_notify(struct sim_vp *vp, u8 vector)
{
	if (READ_ONCE(eoi_intercept) || READ_ONCE(vp->pt->intercepts.eoi)) {
		vp->lapic.exit = SIM_LAPIC_EOI;
		vp->lapic.exit_vp = vp->index;
		vp->lapic.exit_vector = vector;
		return;
	}
	set_bit(vector, vp->lapic.eoi);
	smp_mb__after_atomic();		/* pairs with those before a second look */
	if (lapic_eoi_begin(vp))
		sim_synic_post(&vp->lapic.eoi_msg);
}
