// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timer of a local APIC: counts down at SIM_LAPIC_HZ divided, or waits for
 * the guest's TSC to reach a value.  One hrtimer of the host per VP.
 *
 * The hrtimer's callback runs in an interrupt on any CPU, while the owner of the
 * VP may change the timer: what both use is under the timer's lock.
 */
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <asm/tsc.h>

#include "engine.h"

#define TICK_NS		(NSEC_PER_SEC / SIM_LAPIC_HZ)
static_assert(TICK_NS * SIM_LAPIC_HZ == NSEC_PER_SEC);

/* A shorter period would leave the host no time for anything else. */
#define PERIOD_MIN_NS	(100 * NSEC_PER_USEC)

static u32 timer_mode(const struct sim_vp *vp)
{
	return vp->lapic.lvt[SIM_LVT(APIC_REG_LVT_TIMER)] & SIM_LVT_TIMER_MODE;
}

/* Bits 0, 1 and 3 of the divide register; 111b is "by 1". */
static u64 timer_tick_ns(u32 divide)
{
	u32 code = (divide & 3) | (divide & 8) >> 1;

	return TICK_NS << ((code + 1) & 7);
}

static enum hrtimer_restart timer_fires(struct hrtimer *hrtimer)
{
	struct sim_lapic_timer *t = container_of(hrtimer, struct sim_lapic_timer, hrtimer);
	struct sim_vp *vp = container_of(t, struct sim_vp, lapic.timer);
	ktime_t now = ktime_get();
	bool due, again = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	due = t->armed && !hrtimer_is_queued(hrtimer) && t->deadline <= now;
	if (due && t->period_ns) {
		/* Periods that have been missed are lost. */
		t->deadline += t->period_ns *
			(1 + div64_u64(now - t->deadline, t->period_ns));
	} else if (due) {
		t->armed = false;
	}
	if (t->armed && !hrtimer_is_queued(hrtimer)) {
		hrtimer_set_expires(hrtimer, t->deadline);
		again = true;
	}
	if (due)
		t->tsc_deadline = 0;
	raw_spin_unlock_irqrestore(&t->lock, flags);

	if (due) {
		sim_lapic_local(vp, APIC_REG_LVT_TIMER);
		sim_vp_wake(vp);
	}
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* Under t->lock. */
static void timer_arm(struct sim_lapic_timer *t, ktime_t deadline, u64 period_ns)
{
	t->armed = true;
	t->deadline = deadline;
	t->period_ns = period_ns;
	hrtimer_start(&t->hrtimer, deadline, HRTIMER_MODE_ABS_HARD);
}

/* Under t->lock.  The callback finds it not armed if it is too late to cancel. */
static void timer_disarm(struct sim_lapic_timer *t)
{
	t->armed = false;
	hrtimer_try_to_cancel(&t->hrtimer);
}

static u64 timer_period(const struct sim_vp *vp, u32 initial, u32 divide)
{
	if (timer_mode(vp) != SIM_LVT_PERIODIC)
		return 0;
	return max_t(u64, initial * timer_tick_ns(divide), PERIOD_MIN_NS);
}

/* Under t->lock: let @ticks pass, and then, if periodic, the initial count. */
static void timer_count(struct sim_vp *vp, u64 ticks)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;

	if (!t->initial || !ticks || timer_mode(vp) == SIM_LVT_TSC_DEADLINE) {
		timer_disarm(t);
		return;
	}
	timer_arm(t, ktime_add_ns(ktime_get(), ticks * timer_tick_ns(t->divide)),
		  timer_period(vp, t->initial, t->divide));
}

static u32 timer_current(const struct sim_lapic_timer *t)
{
	s64 left = t->deadline - ktime_get();
	u64 late;

	if (!t->armed || t->tsc_deadline)
		return 0;
	if (left < 0 && t->period_ns) {
		div64_u64_rem(-left, t->period_ns, &late);
		left = t->period_ns - late;
	}
	if (left <= 0)
		return 0;
	return min_t(u64, div64_u64(left, timer_tick_ns(t->divide)), t->initial);
}

void sim_lapic_timer_load(struct sim_vp *vp, u32 initial, u32 current_count)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	t->initial = initial;
	timer_count(vp, current_count);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void sim_lapic_timer_start(struct sim_vp *vp, u32 initial)
{
	/* In TSC-deadline mode the count does nothing (SDM). */
	if (timer_mode(vp) != SIM_LVT_TSC_DEADLINE)
		sim_lapic_timer_load(vp, initial, initial);
}

u32 sim_lapic_timer_current(struct sim_vp *vp)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	unsigned long flags;
	u32 count;

	raw_spin_lock_irqsave(&t->lock, flags);
	count = timer_current(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
	return count;
}

/* What is left of the count goes on at the new speed. */
void sim_lapic_timer_divide(struct sim_vp *vp, u32 divide)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	unsigned long flags;
	u32 left;

	raw_spin_lock_irqsave(&t->lock, flags);
	left = timer_current(t);
	t->divide = divide;
	if (left)
		timer_count(vp, left);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void sim_lapic_timer_mode(struct sim_vp *vp, u32 old)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	u32 mode = timer_mode(vp);
	unsigned long flags;

	old &= SIM_LVT_TIMER_MODE;
	if (mode == old)
		return;
	raw_spin_lock_irqsave(&t->lock, flags);
	if (mode == SIM_LVT_TSC_DEADLINE || old == SIM_LVT_TSC_DEADLINE) {
		timer_disarm(t);
		t->initial = 0;
		t->tsc_deadline = 0;
	} else {
		t->period_ns = timer_period(vp, t->initial, t->divide);
	}
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void sim_lapic_timer_deadline(struct sim_vp *vp, u64 tsc)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	u64 now = rdtsc() + vp->vmcb->control.tsc_offset, ns = 0;
	unsigned long flags;

	if (timer_mode(vp) != SIM_LVT_TSC_DEADLINE)
		return;
	if (tsc > now)
		ns = mul_u64_u64_div_u64(min(tsc - now, (u64)S64_MAX / 16), NSEC_PER_MSEC, tsc_khz);
	raw_spin_lock_irqsave(&t->lock, flags);
	t->tsc_deadline = tsc;
	if (tsc)
		timer_arm(t, ktime_add_safe(ktime_get(), min_t(u64, ns, KTIME_MAX)), 0);
	else
		timer_disarm(t);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void sim_lapic_timer_stop(struct sim_vp *vp)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	timer_disarm(t);
	t->tsc_deadline = 0;
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void sim_lapic_timer_init(struct sim_vp *vp)
{
	struct sim_lapic_timer *t = &vp->lapic.timer;

	raw_spin_lock_init(&t->lock);
	hrtimer_setup(&t->hrtimer, timer_fires, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
}

/* Without vp->lock, which the callback takes; waits for a callback that runs. */
void sim_lapic_timer_destroy(struct sim_vp *vp)
{
	sim_lapic_timer_stop(vp);
	hrtimer_cancel(&vp->lapic.timer.hrtimer);
}
