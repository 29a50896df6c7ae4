/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest gets from its hypervisor beyond a processor (TLFS): a synthetic
 * interrupt controller, synthetic timers, reference time, hypercalls.
 *
 *   vsynic.c     message slots, event flags, HVCALL_POST_MESSAGE_DIRECT and
 *                HVCALL_SIGNAL_EVENT_DIRECT (synic.c is the root's)
 *   stimer.c     synthetic timers
 *   reftime.c    reference time and the reference TSC page
 *   guest_call.c hypercalls of the guest; guest_hc.c: what they do
 *   assist.c     VP assist page
 *   cpuid_hv.c   the CPUID leaves that tell of it all
 *   overlay.c    pages of the hypervisor in the guest's map
 *   notify.c     the VMM asks when a VP can take an interrupt or a message
 *
 * A VP's SynIC belongs to who owns the VP, as its registers do; what the others
 * need, who post and signal, is under its lock.  That lock is inside of sim_vp.lock
 * and is never held when a VP is woken.
 */
#ifndef MSHV_SIM_SYNTH_H
#define MSHV_SIM_SYNTH_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <hyperv/hvhdk.h>

struct sim_vp;
struct sim_partition;
struct sim_call;

/* HV_PARTITION_SYNTHETIC_PROCESSOR_FEATURES, bank 0 (hyperv/hvhdk.h). */
enum sim_feature {
	SIM_FEATURE_HYPERVISOR		= 0,
	SIM_FEATURE_HV1			= 1,
	SIM_FEATURE_VP_RUNTIME		= 2,
	SIM_FEATURE_REFERENCE_COUNTER	= 3,
	SIM_FEATURE_SYNIC		= 4,
	SIM_FEATURE_STIMER		= 5,
	SIM_FEATURE_INTR_CTRL		= 6,
	SIM_FEATURE_HYPERCALL		= 7,
	SIM_FEATURE_VP_INDEX		= 8,
	SIM_FEATURE_REFERENCE_TSC	= 9,
	SIM_FEATURE_GUEST_IDLE		= 10,
	SIM_FEATURE_FREQUENCY		= 11,
	SIM_FEATURE_FAST_OUTPUT		= 18,
	SIM_FEATURE_DIRECT_STIMER	= 22,
	SIM_FEATURE_PROCESSOR_MASKS	= 24,
	SIM_FEATURE_FLUSH		= 25,
	SIM_FEATURE_CLUSTER_IPI		= 26,
	SIM_FEATURE_LONG_SPIN_WAIT	= 27,
	SIM_FEATURE_SIGNAL_EVENTS	= 29,
	SIM_FEATURE_VP_REGISTERS	= 38,
};

/* A page of the hypervisor in the guest's map; under sim_gpa.lock. */
struct sim_overlay {
	struct list_head link;
	bool placed;
	u64 gfn;
	void *page;
	u64 under;		/* the entry of the map that it hides */
};

/* --------------------------------------------------------------- overlay.c */

/*
 * A register that places a page: bit 0 says whether, bits 12 and up where.
 * HV_MAP_GPA_* rights are what the guest may do.  Returns an HV_STATUS_*.
 */
u64 sim_overlay_set(struct sim_partition *pt, struct sim_overlay *o, void *page, u64 reg,
		    u32 rights);
void sim_overlay_remove(struct sim_partition *pt, struct sim_overlay *o);

/* --------------------------------------------------------------- reftime.c */

struct sim_reftime {
	raw_spinlock_t lock;
	u64 offset;		/* to the host's TSC in units of 100 ns */
	bool frozen;
	u64 frozen_at;
	u32 sequence;		/* of the page */
	void *page;		/* reference TSC page, while the partition is active */
	u64 msr;		/* where the guest wants it */
	struct sim_overlay overlay;
};

void sim_reftime_init(struct sim_partition *pt);
/* With a page of the deposit, until it stops. */
void sim_reftime_start(struct sim_partition *pt, void *page);
void sim_reftime_stop(struct sim_partition *pt);
u64 sim_reftime_now(struct sim_partition *pt);
void sim_reftime_freeze(struct sim_partition *pt, bool frozen);
void sim_reftime_set(struct sim_partition *pt, u64 now);
/* The TSC of a VP was set, or there is another VP. */
void sim_reftime_tsc_changed(struct sim_partition *pt);

/* ---------------------------------------------------------------- stimer.c */

struct sim_stimer {
	struct hrtimer hrtimer;
	struct sim_vp *vp;
	u64 config, count;	/* the registers */
	u64 due;		/* reference time; 0: never */
	u64 expired;		/* when it was due, as its message says */
	bool undelivered;	/* the message waits for its slot */
};

void sim_stimers_init(struct sim_vp *vp);
void sim_stimers_destroy(struct sim_vp *vp);
void sim_stimers_time_changed(struct sim_partition *pt);
/* Under the SynIC's lock: send what waits, if it can be sent. */
void sim_stimers_continue(struct sim_vp *vp);
void sim_stimers_get(struct sim_vp *vp, struct hv_synthetic_timers_state *state);
u64 sim_stimers_set(struct sim_vp *vp, const struct hv_synthetic_timers_state *state);

/* ---------------------------------------------------------------- vsynic.c */

#define SIM_POST_DIRECT_SIZE	280

/* Statuses that the kernel's headers don't have (TLFS). */
#define SIM_STATUS_INVALID_SYNIC_STATE	0x18
#define SIM_STATUS_OBJECT_IN_USE	0x19

struct sim_vsynic {
	raw_spinlock_t lock;
	bool gone;		/* no page is there any more */
	u64 scontrol, simp, siefp;
	u64 sint[HV_SYNIC_SINT_COUNT];
	/* Vectors that need no EOI. */
	unsigned long auto_eoi[256 / BITS_PER_LONG];
	struct sim_overlay simp_overlay, siefp_overlay;
	struct list_head queue;		/* messages of ports that wait for their slot */
	struct sim_stimer timers[HV_SYNIC_STIMER_COUNT];
};

void sim_vsynic_init(struct sim_vp *vp);
/* The VP's pages go: nobody posts any more. */
void sim_vsynic_destroy(struct sim_vp *vp);
/* The guest has ended an interrupt: what waits for a slot may go on. */
void sim_vsynic_eoi(struct sim_vp *vp);
/* Of the SINTs in @sints, those that a message could be posted to now. */
u16 sim_vsynic_ready(struct sim_vp *vp, u16 sints);
/* Under the lock; the caller wakes the VP. */
u64 sim_vsynic_post(struct sim_vp *vp, u32 sint, const struct hv_message *m);
u64 sim_hc_post_message_direct(struct sim_call *c);
u64 sim_hc_signal_event_direct(struct sim_call *c);

/* ------------------------------------------------------------ guest_call.c */

struct sim_guest_calls {
	u64 os_id, msr;
	void *page;		/* hypercall page, while the partition is active */
	struct sim_overlay overlay;
};

void sim_guest_calls_start(struct sim_partition *pt, void *page);
void sim_guest_calls_stop(struct sim_partition *pt);

/* What the VP's VMMCALL comes to; the instruction has not been stepped over. */
enum sim_guest_call_end {
	SIM_GUEST_CALL_DONE,
	SIM_GUEST_CALL_YIELD,		/* likewise, and let others run */
	SIM_GUEST_CALL_UD,
	SIM_GUEST_CALL_INTERCEPT,
	SIM_GUEST_CALL_FAULT,		/* on the memory of its arguments */
};

struct sim_guest_fault {
	bool is;
	u8 access;			/* HV_INTERCEPT_ACCESS_* */
	u64 gpa;
};

enum sim_guest_call_end sim_guest_hypercall(struct sim_vp *vp, struct sim_guest_fault *fault);

/* ---------------------------------------------------------------- assist.c */

struct sim_assist {
	u64 msr;
	void *page;		/* a page of the deposit, as long as the VP lives */
	bool offered;		/* "no EOI required" was set for vector */
	u8 vector;
	struct sim_overlay overlay;
};

/* An interrupt is being delivered. */
void sim_assist_offer(struct sim_vp *vp, u8 vector);
void __sim_assist_sync(struct sim_vp *vp);
void sim_assist_destroy(struct sim_vp *vp);

/* -------------------------------------------------------------- cpuid_hv.c */

void sim_cpuid_hypervisor(struct sim_partition *pt, u32 leaf, u32 r[4]);
/* HV_PARTITION_PRIVILEGE_MASK (TLFS), as the features of the partition give it. */
u64 sim_hv_privileges(const struct sim_partition *pt);

/* ---------------------------------------------------------------- notify.c */

/* Register 0x10006 (TLFS, HvX64RegisterDeliverabilityNotifications). */
#define SIM_NOTIFY_NMI			BIT_ULL(0)
#define SIM_NOTIFY_INTERRUPT		BIT_ULL(1)
#define SIM_NOTIFY_PRIORITY		GENMASK_ULL(5, 2)
#define SIM_NOTIFY_PRIORITY_SHIFT	2
#define SIM_NOTIFY_SINTS_SHIFT		48
#define SIM_NOTIFY_SINTS		GENMASK_ULL(63, 48)

/*
 * Something has changed that the VMM may have asked for.  Both: the caller owns
 * the VP.
 */
void sim_notify_check(struct sim_vp *vp);
/* True: the VMM has its message, the VP is to be suspended. */
bool sim_notify_take(struct sim_vp *vp);
/* Told of as soon as IF and no shadow let an interrupt in; else of those, the TPR is first. */
bool sim_notify_waits_for_window(const struct sim_vp *vp);
/* Told of as soon as there is no shadow. */
bool sim_notify_waits_for_nmi(const struct sim_vp *vp);

#endif /* MSHV_SIM_SYNTH_H */
