// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who runs a VP, and when.
 *
 * Under the hypervisor's own schedulers (lp, lp_smt, core_smt) a work item runs
 * each VP that is not suspended; an intercept suspends the VP and is announced
 * with an opaque intercept message through SINT0.  Under the root scheduler the
 * driver runs the VP itself with HVCALL_DISPATCH_VP, and is signalled when a VP
 * that blocked can be dispatched again.
 *
 * What both have in common: vp->running says that some context owns the VP's
 * registers.  It is set under vp->lock, with interrupts off until it is cleared,
 * so a context that waits for !running can't have displaced the owner.  It is
 * cleared under vp->lock, too, so that nobody overlooks what has become pending
 * for a VP that stops; but not after an intercept, which suspends the VP: what is
 * pending then waits for the next dispatch.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "engine.h"

static struct workqueue_struct *sim_wq;

static bool sim_vp_suspended(const struct sim_vp *vp)
{
	return vp->explicit_suspend || vp->intercept_suspend || vp->dispatch_suspend;
}

/* Under vp->lock. */
static bool sim_vp_runnable(const struct sim_vp *vp)
{
	return !vp->stopped && !vp->want_stop && READ_ONCE(vp->pt->state) == SIM_ACTIVE;
}

/*
 * The register page is the VP's registers while the VP can't run by itself;
 * while it can, the page says that it isn't valid.  Under the root scheduler
 * nothing runs between two dispatches.
 */
static void sim_vp_page_publish(struct sim_vp *vp)
{
	if (!sim_root_scheduler() && !sim_vp_suspended(vp))
		return;
	sim_register_page_publish(vp);
	vp->reg_page_valid = true;
}

static void sim_vp_page_absorb(struct sim_vp *vp)
{
	if (vp->reg_page_valid)
		sim_register_page_absorb(vp);
}

static void sim_vp_page_withdraw(struct sim_vp *vp)
{
	if (vp->reg_page_valid)
		sim_register_page_withdraw(vp);
	vp->reg_page_valid = false;
}

/* Under vp->lock: somebody owns the registers. */
static bool sim_vp_running(const struct sim_vp *vp)
{
	return smp_load_acquire(&vp->running);	/* pairs with sim_vp_dispatch() */
}

static bool bitset;
module_param(bitset, bool, 0644);
MODULE_PARM_DESC(bitset, "Signals to VPs of the root scheduler come as a set of VPs, not as pairs (default N)");

/* The driver takes both forms; when the hypervisor uses which is not known. */
static void sim_vp_signal_fill(const struct sim_vp *vp, struct hv_message *m)
{
	struct hv_vp_signal_bitset_scheduler_message *set = (void *)m->u.payload;
	struct hv_vp_signal_pair_scheduler_message *pair = (void *)m->u.payload;

	memset(m, 0, sizeof(*m));
	m->header.sender = vp->pt->id;
	if (READ_ONCE(bitset)) {
		m->header.message_type = HVMSG_SCHEDULER_VP_SIGNAL_BITSET;
		m->header.payload_size = sizeof(*set);
		set->partition_id = vp->pt->id;
		set->vp_count = 1;
		set->vp_bitset.bitset.format = HV_GENERIC_SET_SPARSE_4K;
		set->vp_bitset.bitset.valid_bank_mask =
			BIT_ULL(vp->index / HV_VCPUS_PER_SPARSE_BANK);
		set->vp_bitset.bitset.bank_contents[0] =
			BIT_ULL(vp->index % HV_VCPUS_PER_SPARSE_BANK);
		return;
	}
	m->header.message_type = HVMSG_SCHEDULER_VP_SIGNAL_PAIR;
	m->header.payload_size = sizeof(*pair);
	pair->vp_count = 1;
	pair->partition_ids[0] = vp->pt->id;
	pair->vp_indexes[0] = vp->index;
}

/* A DISPATCH that answered BLOCKED told the driver to wait for this. */
static void sim_vp_signal(struct sim_vp *vp)
{
	vp->blocked = false;
	/*
	 * Counter first: the driver's wait looks at both, and a kick that it
	 * sees with the counter still set is not repeated.
	 */
	sim_stats_vp_blocked(vp, false);
	smp_wmb();	/* pairs with the driver's wait for a kick */
	if (vp->signal_msg.queued)
		return;		/* the one on its way serves for both */
	vp->signal_count++;
	sim_vp_signal_fill(vp, &vp->signal_msg.msg);
	sim_synic_post(&vp->signal_msg);
}

/* The hypervisor's schedulers: the VP has stopped with a message. */
static void sim_vp_post_intercept(struct sim_vp *vp)
{
	struct hv_opaque_intercept_message *p = (void *)vp->intercept_msg.msg.u.payload;

	/* One intercept at a time: the VP is suspended until it is resumed. */
	if (vp->intercept_msg.queued) {
		sim_violation("partition %llu VP %u resumed with its intercept undelivered",
			      vp->pt->id, vp->index);
		return;
	}
	memset(&vp->intercept_msg.msg, 0, sizeof(vp->intercept_msg.msg));
	vp->intercept_msg.msg.header.message_type = HVMSG_OPAQUE_INTERCEPT;
	vp->intercept_msg.msg.header.payload_size = sizeof(*p);
	vp->intercept_msg.msg.header.sender = vp->pt->id;
	p->vp_index = vp->index;
	vp->signal_count++;
	sim_synic_post(&vp->intercept_msg);
}

/*
 * Under vp->lock: what has become pending takes effect on a VP that does not
 * run.  INIT and SIPI wait while the VMM has the VP's registers in its hands.
 */
static void sim_vp_settle(struct sim_vp *vp)
{
	if (vp->dead || sim_vp_running(vp))
		return;
	if ((READ_ONCE(vp->pending) & BIT(SIM_PENDING_STARTUP)) && !sim_vp_suspended(vp)) {
		sim_vp_page_absorb(vp);
		sim_lapic_startup(vp);
		sim_vp_page_publish(vp);
	}
	if (vp->halted && sim_vp_deliverable(vp)) {
		vp->halted = false;
		vp->idle = false;
	}
	/* The VMM hears that it could interrupt the HLT, which goes on after that. */
	if (vp->halted && !sim_vp_suspended(vp) && sim_notify_take(vp)) {
		vp->intercept_suspend = true;
		sim_vp_page_publish(vp);
		if (!sim_root_scheduler())
			sim_vp_post_intercept(vp);
		else if (vp->blocked)
			sim_vp_signal(vp);
	}
}

/* Under vp->lock, after anything changed that could let the VP run. */
static void sim_vp_update(struct sim_vp *vp)
{
	sim_vp_settle(vp);
	if (!sim_vp_runnable(vp))
		return;
	if (sim_root_scheduler()) {
		if (vp->blocked)
			sim_vp_signal(vp);
	} else {
		sim_vp_get(vp);
		if (!queue_work(sim_wq, &vp->work))
			sim_vp_put(vp);
	}
}

void sim_vp_stop(struct sim_vp *vp, unsigned long *flags)
{
	raw_spin_lock_irqsave(&vp->lock, *flags);
	vp->want_stop++;
	while (sim_vp_running(vp)) {
		sim_engine->kick(vp);
		raw_spin_unlock_irqrestore(&vp->lock, *flags);
		/* It will not enter again before it has looked at want_stop. */
		do {
			cpu_relax();
		} while (READ_ONCE(vp->in_guest));
		raw_spin_lock_irqsave(&vp->lock, *flags);
	}
	vp->want_stop--;
	vp->xmm_page = NULL;	/* whoever stops a VP may change it */
	if (!vp->dead)
		sim_vp_page_absorb(vp);
}

void sim_vp_resume(struct sim_vp *vp, unsigned long flags)
{
	if (!vp->dead) {
		sim_vp_page_publish(vp);
		sim_vp_update(vp);
	}
	raw_spin_unlock_irqrestore(&vp->lock, flags);
}

void sim_vp_wake(struct sim_vp *vp)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->lock, flags);
	if (sim_vp_running(vp))
		sim_engine->kick(vp);
	else
		sim_vp_update(vp);
	raw_spin_unlock_irqrestore(&vp->lock, flags);
}

/* The end of a run that came to a HLT, unless the VMM wants to know of that. */
static enum sim_run sim_vp_halt(struct sim_vp *vp)
{
	vp->halted = true;
	if (!sim_notify_take(vp))
		return SIM_RUN_HALTED;
	vp->intercept_suspend = true;
	return SIM_RUN_INTERCEPT;
}

/* Interrupts are off: it is one processor's TSC. */
static noinline enum sim_run sim_vp_run_timed(struct sim_vp *vp)
{
	enum sim_run res;

	vp->run_start = rdtsc();
	res = sim_engine->run(vp);
	vp->runtime += rdtsc() - vp->run_start;
	return res;
}

static __always_inline enum sim_run sim_vp_enter(struct sim_vp *vp)
{
	return unlikely(vp->timed) ? sim_vp_run_timed(vp) : sim_engine->run(vp);
}

/*
 * A run begins and ends under vp->lock, which is dropped around the guest.
 * Interrupts stay off: what ends the guest is taken when the caller is done.
 */
static enum sim_run sim_vp_left(struct sim_vp *vp, enum sim_run res)
{
	vp->running = false;
	if (res == SIM_RUN_INTERCEPT)
		vp->intercept_suspend = true;
	else if (res == SIM_RUN_HALTED && !sim_vp_deliverable(vp))
		res = sim_vp_halt(vp);
	sim_vp_page_publish(vp);
	return res;
}

/* ------------------------------------------- the hypervisor's schedulers */

static enum sim_run sim_vp_run(struct sim_vp *vp)
{
	enum sim_run res;

	vp->running = true;
	sim_vp_page_withdraw(vp);
	raw_spin_unlock(&vp->lock);

	res = sim_vp_enter(vp);

	raw_spin_lock(&vp->lock);
	return sim_vp_left(vp, res);
}

static void sim_vp_work(struct work_struct *work)
{
	struct sim_vp *vp = container_of(work, struct sim_vp, work);
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->lock, flags);
	while (sim_vp_runnable(vp)) {
		if (sim_vp_run(vp) == SIM_RUN_INTERCEPT)
			sim_vp_post_intercept(vp);
		raw_spin_unlock_irqrestore(&vp->lock, flags);
		if (sim_must_yield())
			schedule();
		raw_spin_lock_irqsave(&vp->lock, flags);
		sim_vp_settle(vp);
	}
	raw_spin_unlock_irqrestore(&vp->lock, flags);
	sim_vp_put(vp);
}

/* ---------------------------------------------------- the root scheduler */

/* Vectors that the driver put on the register page for us to inject. */
static void sim_vp_scan_vectors(struct sim_vp *vp)
{
	union hv_vp_register_page_interrupt_vectors v;
	int i, n;

	v.as_uint64 = xchg(&vp->reg_page->interrupt_vectors.as_uint64, 0);
	n = min_t(int, v.vector_count, HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT);
	for (i = 0; i < n; i++)
		if (v.vector[i] >= 16)	/* the others are the processor's own */
			sim_lapic_accept(vp, v.vector[i], false);
}

#define SIM_DISPATCH_FLAGS	0x7f

/*
 * Nearly always: the VP is suspended by the intercept that the VMM is done with, or
 * not even that, and nothing has come for it since.
 */
static __always_inline bool sim_dispatch_at_once(const struct sim_vp *vp, u32 flags)
{
	u64 stopped = smp_load_acquire(&vp->stopped);	/* as in sim_vp_running() */

	if (flags == HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND)
		stopped &= ~SIM_STOPPED_BY_INTERCEPT;
	else if (flags)
		return false;
	return !(stopped | vp->blocked | vp->want_stop |
		 (READ_ONCE(vp->pending) & BIT(SIM_PENDING_STARTUP))) &&
	       READ_ONCE(vp->pt->state) == SIM_ACTIVE;
}

static noinline u64 sim_dispatch_prepare(struct sim_vp *vp, u32 flags)
{
	if (vp->dead || vp->dispatch_suspend)
		return HV_STATUS_INVALID_VP_STATE;
	if (sim_vp_running(vp)) {
		sim_violation("partition %llu VP %u dispatched twice at once",
			      vp->pt->id, vp->index);
		return HV_STATUS_INVALID_VP_STATE;
	}
	if (flags & HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND)
		vp->intercept_suspend = false;
	if (flags & HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION)
		sim_vp_scan_vectors(vp);
	if (vp->blocked) {
		/* It was vectors on the register page that ended the wait. */
		vp->blocked = false;
		sim_stats_vp_blocked(vp, false);
	}
	sim_vp_settle(vp);
	return HV_STATUS_SUCCESS;
}

/* Ends what sim_vp_dispatch() has begun, if the VP does not come from an intercept. */
static noinline u64 sim_dispatch_end(struct sim_vp *vp, struct hv_output_dispatch_vp *out,
				     unsigned long flags, u64 status)
{
	out->dispatch_state = HV_VP_DISPATCH_STATE_READY;
	out->dispatch_event = HV_VP_DISPATCH_EVENT_INVALID;
	if (status != HV_STATUS_SUCCESS)
		goto out;
	if (vp->explicit_suspend) {
		out->dispatch_state = HV_VP_DISPATCH_STATE_BLOCKED;
		out->dispatch_event = HV_VP_DISPATCH_EVENT_SUSPEND;
	} else if (vp->intercept_suspend) {
		out->dispatch_event = HV_VP_DISPATCH_EVENT_INTERCEPT;
	} else if (vp->halted || vp->startup_suspend) {
		out->dispatch_state = HV_VP_DISPATCH_STATE_BLOCKED;
	}
	if (out->dispatch_state == HV_VP_DISPATCH_STATE_BLOCKED) {
		vp->blocked = true;
		sim_stats_vp_blocked(vp, true);
	}
out:
	raw_spin_unlock_irqrestore(&vp->lock, flags);
	return status;
}

static noinline u64 sim_dispatch_left(struct sim_vp *vp, struct hv_output_dispatch_vp *out,
				      unsigned long flags, enum sim_run res)
{
	raw_spin_lock(&vp->lock);
	sim_vp_left(vp, res);
	/* Who saw it running has woken nobody: an INIT and a SIPI may be there by its HLT. */
	sim_vp_settle(vp);
	return sim_dispatch_end(vp, out, flags, HV_STATUS_SUCCESS);
}

u64 sim_vp_dispatch(struct sim_vp *vp, const struct hv_input_dispatch_vp *in,
		    struct hv_output_dispatch_vp *out)
{
	u32 what = READ_ONCE(in->flags);
	unsigned long flags;
	enum sim_run res;
	u64 status;

	if (!sim_root_scheduler())
		return HV_STATUS_OPERATION_DENIED;
	if (what & ~SIM_DISPATCH_FLAGS)
		return HV_STATUS_INVALID_PARAMETER;

	local_irq_save(flags);
	raw_spin_lock(&vp->lock);
	if (unlikely(!sim_dispatch_at_once(vp, what))) {
		status = sim_dispatch_prepare(vp, what);
		if (status != HV_STATUS_SUCCESS || !sim_vp_runnable(vp))
			return sim_dispatch_end(vp, out, flags, status);
	}
	vp->intercept_suspend = false;
	vp->running = true;
	sim_register_page_withdraw(vp);
	raw_spin_unlock(&vp->lock);

	res = sim_vp_enter(vp);
	if (unlikely(res != SIM_RUN_INTERCEPT))
		return sim_dispatch_left(vp, out, flags, res);

	/* Without the lock: see the top. */
	vp->intercept_suspend = true;
	sim_register_page_publish(vp);
	smp_store_release(&vp->running, false);	/* pairs with sim_vp_running() */
	out->dispatch_state = HV_VP_DISPATCH_STATE_READY;
	out->dispatch_event = HV_VP_DISPATCH_EVENT_INTERCEPT;
	local_irq_restore(flags);
	return HV_STATUS_SUCCESS;
}

/* --------------------------------------------------------- start and end */

void sim_sched_vp_init(struct sim_vp *vp)
{
	INIT_WORK(&vp->work, sim_vp_work);
}

int sim_sched_init(void)
{
	/* Unbound: a guest may run long, and one CPU may serve many VPs. */
	sim_wq = alloc_workqueue("mshv_sim", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return sim_wq ? 0 : -ENOMEM;
}

void sim_sched_exit(void)
{
	destroy_workqueue(sim_wq);
}
