// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic timers of a VP: TLFS, "Timers".  They run on the partition's
 * reference time and end in a message to a SINT or, in direct mode, in an
 * interrupt.
 *
 * Everything is under the lock of the VP's SynIC.  One hrtimer of the host stands
 * behind each; what it says is only when to look at the reference time again.
 */
#include <linux/hrtimer.h>
#include <linux/math64.h>

#include "regs.h"

#define CONFIG_ENABLE		BIT_ULL(0)
#define CONFIG_PERIODIC		BIT_ULL(1)
#define CONFIG_LAZY		BIT_ULL(2)
#define CONFIG_AUTO_ENABLE	BIT_ULL(3)
#define CONFIG_VECTOR(config)	((config) >> 4 & 0xff)
#define CONFIG_DIRECT		BIT_ULL(12)
#define CONFIG_SINT(config)	((config) >> 16 & 0xf)
#define CONFIG_RESERVED		(GENMASK_ULL(63, 20) | GENMASK_ULL(15, 13))

#define UNIT_NS			100
/* A shorter period would leave the host no time for anything else: 100 us. */
#define PERIOD_MIN		1000

/* Due in the far future, and in units that still fit. */
#define FAR_NS			(KTIME_MAX / 2)

static bool stimer_counts(const struct sim_stimer *t)
{
	return t->due && !t->undelivered && !READ_ONCE(t->vp->pt->reftime.frozen);
}

/* What the host's clock will say when the timer is due. */
static ktime_t stimer_expires(const struct sim_stimer *t)
{
	u64 now = sim_reftime_now(t->vp->pt);
	u64 left = t->due > now ? t->due - now : 0;

	return ktime_get() + min_t(u64, left, FAR_NS / UNIT_NS) * UNIT_NS;
}

static void stimer_arm(struct sim_stimer *t)
{
	if (stimer_counts(t) && !t->vp->vsynic.gone)
		hrtimer_start(&t->hrtimer, stimer_expires(t), HRTIMER_MODE_ABS_HARD);
	else
		/* A callback that can't be stopped any more finds nothing due. */
		hrtimer_try_to_cancel(&t->hrtimer);
}

/* What would come after the end of time is due then, and not in the past. */
static u64 stimer_after(u64 time, u64 units)
{
	return units < U64_MAX - time ? time + units : U64_MAX;
}

/*
 * When a periodic timer that was due at @due, and has been seen to now, is due
 * again: a lazy one drops what it has missed, others make up for it, with periods
 * half as long at most (TLFS).
 */
static u64 stimer_next(const struct sim_stimer *t, u64 due, u64 now)
{
	u64 period = max_t(u64, t->count, PERIOD_MIN);

	if (now < due)
		return due;
	if (t->config & CONFIG_LAZY)
		return stimer_after(due + period * div64_u64(now - due, period), period);
	return max(stimer_after(due, period), stimer_after(now, period / 2));
}

static bool stimer_deliver(struct sim_stimer *t, u64 now)
{
	struct hv_message m = {
		.header.message_type = HVMSG_TIMER_EXPIRED,
		.header.payload_size = sizeof(struct hv_timer_message_payload),
	};
	struct hv_timer_message_payload *p = (void *)m.u.payload;

	if (t->config & CONFIG_DIRECT) {
		sim_lapic_accept(t->vp, CONFIG_VECTOR(t->config), false);
		return true;
	}
	p->timer_index = t - t->vp->vsynic.timers;
	p->expiration_time = t->expired;
	p->delivery_time = now;
	return sim_vsynic_post(t->vp, CONFIG_SINT(t->config), &m) == HV_STATUS_SUCCESS;
}

/* The message has gone out: what comes next. */
static void stimer_done(struct sim_stimer *t, u64 now)
{
	t->undelivered = false;
	if ((t->config & CONFIG_PERIODIC) && (t->config & CONFIG_ENABLE))
		t->due = stimer_next(t, t->expired, now);
}

static void stimer_expire(struct sim_stimer *t, u64 now)
{
	t->expired = t->due;
	if (!(t->config & CONFIG_PERIODIC)) {
		t->due = 0;
		t->config &= ~CONFIG_ENABLE;
	}
	if (stimer_deliver(t, now))
		stimer_done(t, now);
	else
		t->undelivered = true;
}

static enum hrtimer_restart stimer_fires(struct hrtimer *hrtimer)
{
	struct sim_stimer *t = container_of(hrtimer, struct sim_stimer, hrtimer);
	struct sim_vsynic *s = &t->vp->vsynic;
	bool fired = false, again = false;
	unsigned long flags;
	u64 now;

	raw_spin_lock_irqsave(&s->lock, flags);
	now = sim_reftime_now(t->vp->pt);
	if (!s->gone && !hrtimer_is_queued(hrtimer) && stimer_counts(t) && t->due <= now) {
		stimer_expire(t, now);
		fired = true;
	}
	if (!s->gone && !hrtimer_is_queued(hrtimer) && stimer_counts(t)) {
		hrtimer_set_expires(hrtimer, stimer_expires(t));
		again = true;
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
	if (fired)
		sim_vp_wake(t->vp);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

void sim_stimers_continue(struct sim_vp *vp)
{
	u64 now = sim_reftime_now(vp->pt);
	u32 i;

	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		struct sim_stimer *t = &vp->vsynic.timers[i];

		if (!t->undelivered || !stimer_deliver(t, now))
			continue;
		stimer_done(t, now);
		stimer_arm(t);
	}
}

/* The partition's time was set, frozen or let go on. */
void sim_stimers_time_changed(struct sim_partition *pt)
{
	struct sim_vp *vp;
	unsigned long flags;
	u32 n;

	sim_for_each_vp(pt, vp) {
		raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
		for (n = 0; n < HV_SYNIC_STIMER_COUNT; n++)
			stimer_arm(&vp->vsynic.timers[n]);
		raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
	}
}

/* ------------------------------------------------------------- registers */

/* A timer that sends a message needs a SINT, and SINT 0 is none for it (TLFS). */
static bool stimer_usable(const struct sim_stimer *t)
{
	return (t->config & CONFIG_ENABLE) && t->count &&
	       ((t->config & CONFIG_DIRECT) || CONFIG_SINT(t->config));
}

/* @left: until a periodic timer is due; 0: a period. */
static void stimer_start(struct sim_stimer *t, u64 left)
{
	t->due = 0;
	if (!stimer_usable(t))
		return;
	if (t->config & CONFIG_PERIODIC)
		t->due = stimer_after(sim_reftime_now(t->vp->pt),
				      left ?: max_t(u64, t->count, PERIOD_MIN));
	else
		t->due = t->count;
}

static void get_stimer(struct sim_vp *vp, u32 i, union hv_register_value *val)
{
	struct sim_stimer *t = &vp->vsynic.timers[i / 2];
	unsigned long flags;

	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	val->reg64 = i & 1 ? t->count : t->config;
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
}

/* Under the lock. */
static void stimer_set_config(struct sim_stimer *t, u64 config)
{
	if (!(config & CONFIG_DIRECT) && !CONFIG_SINT(config))
		config &= ~CONFIG_ENABLE;
	t->config = config;
}

static void stimer_set_count(struct sim_stimer *t, u64 count)
{
	t->count = count;
	if (!count)
		t->config &= ~CONFIG_ENABLE;
	else if (t->config & CONFIG_AUTO_ENABLE)
		t->config |= CONFIG_ENABLE;
}

static bool stimer_config_ok(const struct sim_vp *vp, u64 config)
{
	u64 reserved = CONFIG_RESERVED;

	if (!(vp->pt->synthetic_features & BIT_ULL(SIM_FEATURE_DIRECT_STIMER)))
		reserved |= CONFIG_DIRECT;
	return !(config & reserved);
}

/* Either write takes a message back that has not found its slot. */
static u64 set_stimer(struct sim_vp *vp, u32 i, const union hv_register_value *val)
{
	struct sim_stimer *t = &vp->vsynic.timers[i / 2];
	unsigned long flags;

	if (!(i & 1) && !stimer_config_ok(vp, val->reg64))
		return BAD_VALUE;
	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	t->undelivered = false;
	if (i & 1)
		stimer_set_count(t, val->reg64);
	else
		stimer_set_config(t, val->reg64);
	stimer_start(t, 0);
	stimer_arm(t);
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
	return HV_STATUS_SUCCESS;
}

static struct sim_reg stimer_rows[] = {
	/* Config and count of each. */
	{ HV_REGISTER_STIMER0_CONFIG, 2 * HV_SYNIC_STIMER_COUNT, KIND_FN,
	  .msr = HV_X64_MSR_STIMER0_CONFIG, .msr_stride = 1,
	  .feature = BIT_ULL(SIM_FEATURE_STIMER), .get = get_stimer, .set = set_stimer },
};

const struct sim_reg_table sim_regs_stimer = { stimer_rows, ARRAY_SIZE(stimer_rows) };

/* ----------------------------------------------------------------- state */

/*
 * What "adjustment" means to a real hypervisor is not known.  Here it is the time
 * that is left of a period, which the registers can't say.
 */
void sim_stimers_get(struct sim_vp *vp, struct hv_synthetic_timers_state *state)
{
	u64 now = sim_reftime_now(vp->pt);
	unsigned long flags;
	u32 i;

	memset(state, 0, sizeof(*state));
	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		const struct sim_stimer *t = &vp->vsynic.timers[i];
		struct hv_stimer_state *to = &state->timers[i];

		to->flags.undelivered_msg_pending = t->undelivered;
		to->config = t->config;
		to->count = t->count;
		if (t->due && (t->config & CONFIG_PERIODIC))
			to->adjustment = t->due > now ? t->due - now : 1;
		if (t->undelivered)
			to->undelivered_exp_time = t->expired;
	}
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
}

u64 sim_stimers_set(struct sim_vp *vp, const struct hv_synthetic_timers_state *state)
{
	unsigned long flags;
	u32 i;

	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		const struct hv_stimer_state *from = &state->timers[i];

		if (from->flags.reserved || from->resvd || !stimer_config_ok(vp, from->config))
			return HV_STATUS_INVALID_PARAMETER;
	}
	raw_spin_lock_irqsave(&vp->vsynic.lock, flags);
	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		const struct hv_stimer_state *from = &state->timers[i];
		struct sim_stimer *t = &vp->vsynic.timers[i];

		t->count = from->count;
		stimer_set_config(t, from->config);
		t->undelivered = from->flags.undelivered_msg_pending;
		t->expired = from->undelivered_exp_time;
		stimer_start(t, from->adjustment);
		stimer_arm(t);
	}
	sim_stimers_continue(vp);
	raw_spin_unlock_irqrestore(&vp->vsynic.lock, flags);
	return HV_STATUS_SUCCESS;
}

/* ----------------------------------------------------------- life of a VP */

void sim_stimers_init(struct sim_vp *vp)
{
	u32 i;

	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++) {
		struct sim_stimer *t = &vp->vsynic.timers[i];

		t->vp = vp;
		hrtimer_setup(&t->hrtimer, stimer_fires, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	}
}

/* After sim_vsynic_destroy(), without vp->lock: a callback may be waiting for it. */
void sim_stimers_destroy(struct sim_vp *vp)
{
	u32 i;

	for (i = 0; i < HV_SYNIC_STIMER_COUNT; i++)
		hrtimer_cancel(&vp->vsynic.timers[i].hrtimer);
}
