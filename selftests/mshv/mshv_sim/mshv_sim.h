/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mshv_sim - plays the Microsoft hypervisor below the unmodified mshv_root
 * driver.  This header is the module's map: the objects, who locks what, and
 * what each file offers to the others.
 *
 *   seam.c       redirects the kernel's hypercalls and MSR accesses to us
 *   driver.c     the driver: whether it is there, its interrupt handler
 *   hypercall.c  control word, argument checks, one table row per hypercall
 *   partition.c  partitions: life cycle, properties
 *   memory.c     deposited pages, the ledger
 *   gpa.c        guest physical address map = nested page tables
 *   overlay.c    pages of the hypervisor in that map
 *   vp.c         virtual processors: life cycle, state pages
 *   regs*.c      registers by name: see regs.h
 *   msr.c        RDMSR and WRMSR of the guest
 *   sched.c      who runs a VP and when: both schedulers, suspend, signals
 *   synic*.c     the root's SynIC: MSRs, message slots, interrupts: see synic.h
 *   stats.c      statistics pages
 *   port.c       ports, connections, doorbells; ipc.c, monitor.c: what goes through
 *                the others
 *   install.c    intercepts that a VMM asks for
 *   svm*.c       the engine that executes guests with AMD SVM
 *   lapic*.c     the local APIC of guests: see lapic.h
 *   vsynic.c, ... synthetic devices of guests: see synth.h
 *   insn.c       instructions that access emulated memory
 *   state.c      state of a VP in bulk
 *   xsave.c      FPU, SSE, AVX
 *   message.c    intercept messages and the register page
 *   walk.c       guest page tables, instruction bytes
 *   cpuid.c      CPUID results and overrides
 *   debugfs.c    what a person or a test can read
 *   control.h    the map of /dev/mshv_sim, with which tests interfere
 *
 * Locks, outermost first:
 *   sim_vp.lock         a VP's suspend and run state
 *   sim_partition.lock  state, properties, VP table
 *   sim_gpa.lock        the GPA map (never held while waiting for a VP, except
 *                       for sim_vp.in_guest, which needs no lock to end)
 *   sim_mem.lock        deposited pages
 *   sim_synic_lock      the SynICs of all CPUs
 * All are raw and taken with interrupts off: hypercalls arrive that way.
 * Partitions and VPs are looked up under RCU; whoever outlives the read side
 * holds a reference.
 */
#ifndef MSHV_SIM_H
#define MSHV_SIM_H

#include <linux/bitops.h>
#include <linux/debugfs.h>
#include <linux/hashtable.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/mshyperv.h>
#include <hyperv/hvhdk.h>

#include "lapic.h"
#include "synth.h"

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#define SIM_MAX_VPS		256
#define SIM_PARTITION_BITS	10

struct sim_partition;
struct sim_vp;
struct sim_call;

/* ------------------------------------------------------------ sim_main.c */

struct sim_config {
	enum hv_scheduler_type sched;
	bool l1vh;
	u64 root_id;		/* the partition id that the driver runs in */
	bool overlay;		/* an L1VH parent brings state and statistics pages */
};

extern struct sim_config sim_config;
const char *sim_scheduler_name(void);

static inline bool sim_root_scheduler(void)
{
	return sim_config.sched == HV_SCHEDULER_TYPE_ROOT;
}

/* ---------------------------------------------------------------- seam.c */

int sim_seam_attach(void);
void sim_seam_detach(void);
/* Version numbers as in CPUID leaf 0x40000002. */
void sim_hypervisor_version(union hv_hypervisor_version_info *info);

/* -------------------------------------------------------------- driver.c */

/* While the module of this name is there, we stay. */
int sim_driver_watch(const char *name);
void sim_driver_unwatch(void);
/* Is this the address of something in it? */
bool sim_driver_has(unsigned long address);
/* In the place of the kernel's hv_setup_mshv_handler() and its like. */
void sim_driver_set_handler(void (*handler)(void));
bool sim_driver_has_handler(void);
/* Calls it, on this CPU. */
void sim_driver_interrupt(void);

/* -------------------------------------------------------------- memory.c */

/*
 * Memory that the parent deposited for a partition.  The hypervisor's own
 * structures for that partition (nested page tables, VMCBs, state pages) are
 * built in these pages and nowhere else, so running out of them is real.
 */
struct sim_mem {
	raw_spinlock_t lock;
	struct list_head free;
	struct list_head lent;	/* free, too, but not to be taken */
	u32 nr_free;
	u32 nr_used;
};

void sim_mem_init(struct sim_mem *m);
/* A zeroed page of the partition's deposit, or NULL: INSUFFICIENT_MEMORY. */
void *sim_mem_take(struct sim_mem *m);
void sim_mem_give(struct sim_mem *m, void *page);
/* What the parent has mapped may be, or come to be, in a process: only for WITHDRAW. */
void sim_mem_give_lent(struct sim_mem *m, void *page);
/* All free pages of one that ends; how many.  Nobody asks who has them. */
u32 sim_mem_move(struct sim_mem *to, struct sim_mem *from);
bool sim_mem_deposit(struct sim_mem *m, u64 pfn);
bool sim_mem_withdraw(struct sim_mem *m, u64 *pfn);
bool sim_mem_is_deposited(struct page *page);
/* A page of the parent's for the hypervisor to use, or NULL if it can't be. */
void *sim_overlay_page(u64 pfn);
/* Hand all free pages back to the kernel: the root's, at unload. */
void sim_mem_release(struct sim_mem *m);

/* ----------------------------------------------------------------- gpa.c */

enum sim_gpa_state {
	SIM_GPA_UNMAPPED,	/* not in the map: HVMSG_UNMAPPED_GPA */
	SIM_GPA_NO_ACCESS,	/* mapped without access */
	SIM_GPA_MAPPED,
};

struct sim_gpa {
	raw_spinlock_t lock;
	void *root;		/* top nested page table, NULL until first use */
	atomic64_t gen;		/* raised when rights are reduced, or root or intercepts change */
	u64 nr_mapped;		/* 4K pages in the map, any access */
	struct list_head overlays;	/* pages of ours in it: overlay.c */
};

struct sim_gpa_leaf {
	enum sim_gpa_state state;
	u64 pfn;
	u32 flags;		/* HV_MAP_GPA_* rights */
	bool overlay;		/* the hypervisor's page, not the VMM's */
	bool device;		/* mapped as that of a device */
};

void sim_gpa_init(struct sim_gpa *g);
void sim_gpa_destroy(struct sim_partition *pt);
/* Drop tables that map nothing, so that their pages can be withdrawn. */
void sim_gpa_prune(struct sim_partition *pt);
struct sim_gpa_leaf sim_gpa_lookup(struct sim_partition *pt, u64 gfn);
/*
 * The first leaf from *gfn on and before end that the VMM has mapped with access,
 * and how many pages it maps from there on.
 */
bool sim_gpa_next(struct sim_partition *pt, u64 *gfn, u64 end, struct sim_gpa_leaf *leaf,
		  u64 *pages);
/*
 * Copy guest physical memory; false if a page is not mapped (readable or
 * writable as asked), or is not ordinary memory.
 */
bool sim_gpa_read(struct sim_partition *pt, u64 gpa, void *buf, u32 len);
bool sim_gpa_write(struct sim_partition *pt, u64 gpa, const void *buf, u32 len);
/* Returns once no VP of the partition runs on translations that were revoked. */
void sim_gpa_flush(struct sim_partition *pt);

/* ----------------------------------------------------------- partition.c */

enum sim_partition_state {
	SIM_UNINIT	= BIT(0),
	SIM_ACTIVE	= BIT(1),
	SIM_FINALIZED	= BIT(2),
};

/* What HVCALL_INSTALL_INTERCEPT asked for; access masks are BIT(access type). */
struct sim_intercepts {
	u8 msr;			/* HV_INTERCEPT_TYPE_X64_MSR: every MSR */
#define SIM_MSR_SOME		BIT(7)	/* ..._MSR_INDEX: those below, too */
	u8 cpuid_all;		/* more than SIM_CPUID_INTERCEPTS were asked for */
	u8 hypercall;
	u8 unknown_connection;	/* type 0xd: hypercalls to connections that nobody made */
	u8 retarget;		/* type 0xf: of interrupts of devices that nobody made */
	u8 eoi;			/* type 0xe: of level-triggered interrupts */
	u8 sipi;
	u32 exceptions;		/* bit per vector */
	u32 nr_cpuid;
#define SIM_CPUID_INTERCEPTS	64
	u32 cpuid[SIM_CPUID_INTERCEPTS];
	u32 nr_msrs;
#define SIM_MSR_INTERCEPTS	64
	struct {
		u32 msr;
		u8 access;
	} msrs[SIM_MSR_INTERCEPTS];
};

/* HVCALL_REGISTER_INTERCEPT_RESULT for CPUID: (default & ~mask) | (value & mask) */
struct sim_cpuid_override {
	struct list_head link;
	u32 vp_index;		/* HV_ANY_VP: the whole partition */
	u32 leaf, subleaf;
	bool subleaf_specific, always_override;
	u32 value[4], mask[4];	/* eax ebx ecx edx */
};

/* HVCALL_REGISTER_INTERCEPT_RESULT for an MSR: what if there is no such MSR. */
struct sim_msr_results {
	u32 nr;
#define SIM_MSR_RESULTS		64
	struct {
		u32 vp_index;		/* HV_ANY_VP: the whole partition */
		u32 msr;
		u8 access;		/* BIT(access type) */
		u8 action;		/* as unimplemented_msr_action */
	} results[SIM_MSR_RESULTS];
};

struct sim_partition {
	u64 id;
	refcount_t ref;
	struct rcu_head rcu;
	struct hlist_node hash;
	raw_spinlock_t lock;
	enum sim_partition_state state;
	u64 flags;		/* HV_PARTITION_CREATION_FLAG_* */
	union hv_partition_processor_features disabled_features;
	u64 disabled_xsave;
	struct sim_mem mem;
	struct sim_gpa gpa;
	struct sim_intercepts intercepts;
	struct list_head cpuid_overrides;
	struct list_head connections;	/* port.c */
	u64 privileges;
	u64 synthetic_features;
	u64 unimplemented_msr_action;	/* 0: #GP, 1: ignore writes, read 0 */
	struct sim_msr_results msr_results;
	struct sim_reftime reftime;
	struct sim_guest_calls hypercall;
	u64 tsc_offset;		/* of the VP whose TSC was set last; new VPs have it */
	u64 access_tracking;
	u64 processors_per_socket;
	struct sim_vp __rcu *vps[SIM_MAX_VPS];	/* by index: sim_for_each_vp() */
	u32 nr_vps;
	u32 vps_end;		/* behind the highest index that there was */
	u32 nr_state_pages;	/* mapped by HVCALL_MAP_VP_STATE_PAGE */
	struct sim_msg async_msg;	/* a call has ended that was pending */
	unsigned long async_busy;
	bool faulted;		/* a test made one of its hypercalls fail */
};

static inline bool sim_partition_has_lapic(const struct sim_partition *pt)
{
	return pt->flags & HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED;
}

int sim_partitions_init(void);
void sim_partitions_exit(void);
extern struct sim_partition *sim_root;		/* the driver's own partition */
extern struct hlist_head sim_partitions[1 << SIM_PARTITION_BITS];	/* by id */
/* Under RCU. */
static __always_inline struct sim_partition *sim_partition_find_child(u64 id)
{
	struct sim_partition *pt;

	hash_for_each_possible_rcu(sim_partitions, pt, hash, id)
		if (likely(pt->id == id))
			return pt;
	return NULL;
}

struct sim_partition *sim_partition_find(u64 id);

/* Between the two no partition comes, and none goes. */
void sim_partitions_freeze(unsigned long *flags);
void sim_partitions_thaw(unsigned long flags);

void sim_partition_get(struct sim_partition *pt);
/* Of one that was found under RCU and nothing else; false: it is on its way out. */
bool sim_partition_tryget(struct sim_partition *pt);
void sim_partition_put(struct sim_partition *pt);
/* Out of the table, empty, and with one reference less. */
void sim_partition_drop(struct sim_partition *pt);
u64 sim_orphaned_pages(void);
/* Calls fn for each child; fn must not sleep. */
void sim_partitions_for_each(void (*fn)(struct sim_partition *pt, void *arg), void *arg);

/* ------------------------------------------------------------------ vp.c */

struct sim_vmcb;

/* Why a VP left the guest, as counted for people. */
enum sim_exit {
	SIM_EXIT_IO, SIM_EXIT_UNMAPPED_GPA, SIM_EXIT_GPA_INTERCEPT, SIM_EXIT_CPUID,
	SIM_EXIT_MSR, SIM_EXIT_HLT, SIM_EXIT_TRIPLE_FAULT, SIM_EXIT_EXCEPTION,
	SIM_EXIT_HYPERCALL, SIM_EXIT_INTERRUPT, SIM_EXIT_APIC, SIM_EXIT_DOORBELL,
	SIM_EXIT_OTHER, SIM_NR_EXITS,
};

/* A page shared with the driver: the VP's own, or while mapped the parent's. */
struct sim_state_page {
	void *own;
	bool mapped, overlay;
	bool lent;		/* the VP's own was mapped, and may still be in a process */
};

/* What the scripted engine does with a VP: scripted.c. */
struct sim_script {
	raw_spinlock_t lock;	/* the list; the rest is the executing context's */
	struct list_head steps;
	u32 waiting;
	u32 last_vector, last_status;
	u64 done, intercepts, interrupts;
	u8 data[240];
};

#define SIM_NR_STORED	192	/* registers that are only kept: see regs.c */

struct sim_vp {
	struct sim_partition *pt;
	u32 index;
	refcount_t ref;
	struct rcu_head rcu;

	/* Run state, under lock. */
	raw_spinlock_t lock;
	union {
		struct {
			bool explicit_suspend;
			bool intercept_suspend;
			bool dispatch_suspend;
			bool startup_suspend;	/* waits for a SIPI */
			bool dead;
			bool running;	/* the executing context owns everything below */
			bool halted;	/* HLT, waiting for an interrupt */
		};
		u64 stopped;		/* 0: none of these */
	};
	bool idle;		/* halted, until an interrupt comes, even if RFLAGS.IF is 0 */
	bool blocked;		/* root scheduler: DISPATCH answered BLOCKED */
	u32 want_stop;		/* others wait for !running: do not enter */
	int cpu;		/* where it runs, for the kick */
	u64 signal_count;	/* signals generated: VP_ROOT_SIGNAL_COUNT */

	/* Shared with gpa.c without a lock: see sim_gpa_flush(). */
	int in_guest;
	u64 gpa_gen_seen;

	/* Interrupts asserted and not yet taken by the guest; atomic bit ops. */
	unsigned long irr[256 / BITS_PER_LONG];
	struct sim_lapic lapic;
	unsigned long pending;	/* SIM_PENDING_* bits, atomic */

	/*
	 * Registers.  Those that VMRUN switches live in the VMCB's save area
	 * (both engines use its layout); the rest here.  gpr[] is in encoding
	 * order (rax rcx rdx rbx rsp rbp rsi rdi r8..r15) and holds rax and
	 * rsp too while the VP is not in the guest.
	 */
	struct sim_vmcb *vmcb;
	u64 gpr[16];
	u64 dr[4];
	u64 xfem;
	bool osxsave;		/* CR4.OSXSAVE: the guest can see XCR0 */
	bool timed;		/* its runs are measured: HV_X64_MSR_VP_RUNTIME */
	u64 runtime, run_start;	/* so far; since when it runs: of the host's TSC */
	u64 cr8;
	u64 apic_base;
	union hv_x64_pending_interruption_register pending_interruption;
	u64 stored[SIM_NR_STORED];
	u64 tsc_adjust;
	u64 crash_ctl;		/* what the guest has written to HV_X64_MSR_CRASH_CTL */
	u64 tsc_offset;		/* to the host's; the VMCB has it too */
	bool nmi_masked;
	u64 shadow_rip;		/* where the last entry in an interrupt shadow was */
	struct hv_u128 pending_event[2];
	u64 deliverability;	/* notifications asked for, register 0x10006 */
	void *fpu;		/* XSAVE image, at the start of a page */
	void *xmm_page;		/* the register page that has its XMM registers, or NULL */
	void *simp, *siefp;	/* pages of the SynIC, wherever the guest sees them */
	struct sim_vsynic vsynic;
	struct sim_assist assist;

	/* Pages that the driver can map. */
	struct hv_vp_register_page *reg_page;
	struct hv_message *intercept_page;
	struct sim_state_page reg_state, intercept_state;
	bool reg_page_valid;
	struct hv_stats_page *stats[2];	/* by enum hv_stats_area_type */

	struct work_struct work;	/* runs the VP under the hypervisor's scheduler */
	struct sim_msg intercept_msg;	/* opaque intercept notice */
	struct sim_msg signal_msg;	/* root scheduler: "VP can be dispatched" */

	struct sim_script script;

	u64 exits[SIM_NR_EXITS];
};

/* intercept_suspend, in sim_vp.stopped */
#define SIM_STOPPED_BY_INTERCEPT					\
	(0xffULL << 8 * (offsetof(struct sim_vp, intercept_suspend) -	\
			 offsetof(struct sim_vp, stopped)))

#define SIM_PENDING_NMI		0
#define SIM_PENDING_STARTUP	1	/* what lapic.startup says; the guest is stopped for it */
#define SIM_PENDING_NOTIFY	3	/* the VMM's message may be due: notify.c */
#define SIM_PENDING_IRQ		4	/* there may be something in irr or lapic.extint */

/* To be called after irr or lapic.extint was set. */
static inline void sim_irq_pending(struct sim_vp *vp)
{
	smp_mb__before_atomic();	/* who finds the bit finds the interrupt */
	set_bit(SIM_PENDING_IRQ, &vp->pending);
}

static inline bool sim_lapic_enabled(const struct sim_vp *vp)
{
	return sim_partition_has_lapic(vp->pt) &&
	       (READ_ONCE(vp->apic_base) & MSR_IA32_APICBASE_ENABLE);
}

static inline bool sim_lapic_x2(const struct sim_vp *vp)
{
	return READ_ONCE(vp->apic_base) & X2APIC_ENABLE;
}

/* Under RCU: the VP with the lowest index from this one on, or NULL. */
static inline struct sim_vp *sim_vp_from(const struct sim_partition *pt, u32 index)
{
	struct sim_vp *vp = NULL;

	for (; !vp && index < READ_ONCE(pt->vps_end); index++)
		vp = rcu_dereference(pt->vps[index]);
	return vp;
}

/* Under RCU, with which the VP may go meanwhile. */
#define sim_for_each_vp(pt, vp)						\
	for ((vp) = sim_vp_from(pt, 0); (vp); (vp) = sim_vp_from(pt, (vp)->index + 1))

static inline void sim_assist_sync(const struct sim_vp *vp)
{
	if (unlikely(vp->assist.offered))
		__sim_assist_sync((struct sim_vp *)vp);
}

void sim_vp_get(struct sim_vp *vp);
bool sim_vp_tryget(struct sim_vp *vp);	/* as sim_partition_tryget() */
void sim_vp_put(struct sim_vp *vp);
void sim_vp_destroy(struct sim_vp *vp);	/* takes it out of its partition */

/* ---------------------------------------------------------------- regs.c */

/*
 * Both work on a VP that nobody else runs: the caller is the executing context
 * or has stopped the VP with sim_vp_stop().  They return an HV_STATUS_*.
 */
u64 sim_reg_get(struct sim_vp *vp, u32 name, union hv_register_value *val);
u64 sim_reg_set(struct sim_vp *vp, u32 name, const union hv_register_value *val);
/* RDMSR and WRMSR of the guest; false: the MSR does not exist or refuses, #GP. */
bool sim_msr_read(struct sim_vp *vp, u32 msr, u64 *val, bool *unknown);
bool sim_msr_write(struct sim_vp *vp, u32 msr, u64 val, bool *unknown);
/* Of an MSR that is unknown: writes are ignored and 0 is read, instead of a #GP. */
bool sim_msr_ignored(struct sim_vp *vp, u32 msr, bool write);
/* This write, of HV_X64_MSR_RESET, is one for the VMM. */
bool sim_msr_resets(const struct sim_vp *vp, u32 msr, u64 val);
void sim_regs_reset(struct sim_vp *vp);
int sim_regs_init(void);

/* --------------------------------------------------------------- sched.c */

int sim_sched_init(void);
void sim_sched_exit(void);
void sim_sched_vp_init(struct sim_vp *vp);
/*
 * Stop a VP and keep it stopped; returns with vp->lock held and !vp->running.
 * sim_vp_resume() lets it go on if its suspend state allows.
 */
void sim_vp_stop(struct sim_vp *vp, unsigned long *flags);
void sim_vp_resume(struct sim_vp *vp, unsigned long flags);
/* An interrupt, NMI or the like was made pending: end a HLT, leave the guest. */
void sim_vp_wake(struct sim_vp *vp);
/* HVCALL_DISPATCH_VP. */
u64 sim_vp_dispatch(struct sim_vp *vp, const struct hv_input_dispatch_vp *in,
		    struct hv_output_dispatch_vp *out);

/* --------------------------------------------------------------- synic.c */

int sim_synic_init(void);
void sim_synic_exit(void);
u64 sim_synic_rdmsr(u32 msr);
void sim_synic_wrmsr(u32 msr, u64 val);
/* Queue a message for the SINT0 slot of this CPU and raise its interrupt. */
void sim_synic_post(struct sim_msg *m);
/* The same for another CPU; -1: for whichever sim_synic_post() would take. */
void sim_synic_post_to(struct sim_msg *m, int cpu);
/* Take back a message that has not reached a slot yet. */
void sim_synic_cancel(struct sim_msg *m);
/* For a test that plays another driver of the root: a SINT, and what has come there. */
void sim_synic_configure(int cpu, u32 sint, u64 config);
void sim_synic_take(int cpu, u32 sint, struct hv_message *message, void *events);
/* Messages that the driver's handler has left in their slot, and we took out. */
u64 sim_synic_unclaimed(void);

/* An event on its way into the ring of the parent; embedded, at most once. */
struct sim_ring_entry {
	struct list_head link;
	bool queued;		/* waits because the ring is full */
	u32 port_id;
};

/* Queue a port's id in this CPU's ring of a SINT and notify the parent. */
void sim_ring_add(struct sim_ring_entry *e, u32 sint);
void sim_ring_cancel(struct sim_ring_entry *e);
u64 sim_hc_notify_ring_empty(struct sim_call *c);

/* ---------------------------------------------------------------- port.c */

u32 sim_ports_count(void);
void sim_ports_exit(void);
void sim_disconnect_all(struct sim_partition *pt);
void sim_delete_ports(struct sim_partition *pt);
bool sim_doorbell_at(struct sim_vp *vp, u64 gpa);
/* A write of the guest: true if a doorbell consumed it. */
bool sim_doorbell_ring(struct sim_vp *vp, u64 gpa, u32 size, u64 value);

/* --------------------------------------------------------------- stats.c */

#define SIM_STATS_VP_BLOCKED	202	/* VpRootDispatchThreadBlocked, x64 */

void sim_stats_exit(void);
void sim_stats_vp_blocked(struct sim_vp *vp, bool blocked);
u32 sim_stats_nr_children(void);
/* Write what a test overrides to the pages that are mapped already. */
void sim_stats_refresh(void);

/* --------------------------------------------------- the engines (svm*.c, scripted.c) */

enum sim_run {
	SIM_RUN_PREEMPTED,	/* a host interrupt, or vp->want_stop */
	SIM_RUN_INTERCEPT,	/* vp->intercept_page holds a message */
	SIM_RUN_HALTED,		/* HLT on a partition with a LAPIC, nothing pending */
};

struct sim_engine {
	const char *name;
	int (*init)(void);	/* may sleep; refuses if the CPU can't */
	void (*exit)(void);
	/* Fill vp->vmcb and vp->fpu (zeroed pages) for a VP out of reset. */
	void (*vp_init)(struct sim_vp *vp);
	/* Optional: the last reference to the VP has gone. */
	void (*vp_free)(struct sim_vp *vp);
	/* INIT, and SIPI: registers only, and only those that change then. */
	void (*vp_reset)(struct sim_vp *vp);
	void (*vp_start)(struct sim_vp *vp, u8 vector);
	/* Caller owns vp (running), interrupts are off, and so they are on return. */
	enum sim_run (*run)(struct sim_vp *vp);
	/* Make the CPU that runs vp leave the guest soon; any context. */
	void (*kick)(struct sim_vp *vp);
};

extern const struct sim_engine sim_engine_svm;
extern const struct sim_engine sim_engine_scripted;
extern const struct sim_engine *sim_engine;

/* ------------------------------------------------------------- message.c */

/* Write all of the VP's registers to its register page and mark it valid. */
void sim_register_page_publish(struct sim_vp *vp);
/* Take over what the VMM marked dirty, and clear the marks. */
void sim_register_page_absorb(struct sim_vp *vp);
/* The same, and the page isn't valid any more. */
void sim_register_page_withdraw(struct sim_vp *vp);

/* ---------------------------------------------------------------- walk.c */

struct sim_walk {
	bool ok;
	/*
	 * HV_TRANSLATE_GVA_*: 0 ok, 1 page not present, 2 privilege, 3 invalid
	 * page table flags, 4 GPA unmapped, 5 no read, 6 no write
	 */
	u32 result;
	u64 gpa;
};

/* access: HV_INTERCEPT_ACCESS_*; user: as CPL 3. Caller owns the VP. */
struct sim_walk sim_walk(struct sim_vp *vp, u64 gva, u32 access, bool user);
/* Instruction bytes at CS:RIP, as many as are readable, at most 16. */
u32 sim_fetch(struct sim_vp *vp, u8 *buf);

/* ----------------------------------------------------------- hypercall.c */

/* One hypercall in flight. */
struct sim_call {
	const struct sim_hypercall *row;
	void *in, *out;
	u32 in_size, out_size;	/* with lists and variable headers */
	u32 rep_count;
	u32 varhead;		/* qwords */
	u32 rep_limit;		/* complete no more elements; 0: all */
	bool fast;
	struct sim_partition *pt;	/* looked up if the row says so */
	struct sim_vp *vp;
	struct sim_partition *flush;	/* rights were reduced: flush before return */
};

typedef u64 (*sim_simple_fn)(struct sim_call *c);
typedef u64 (*sim_rep_fn)(struct sim_call *c, u32 i);

#define SIM_CALL_PARTITION	BIT(0)	/* input starts with a partition id */
#define SIM_CALL_VP		BIT(1)	/* ... and a VP index at offset 8 */
#define SIM_CALL_SELF_OK	BIT(2)	/* may be the caller's own partition */
#define SIM_CALL_VARHEAD	BIT(3)
#define SIM_CALL_OUT_OPTIONAL	BIT(4)
#define SIM_CALL_STOP_VP	BIT(5)	/* c->vp is stopped, its lock held, meanwhile */

struct sim_hypercall {
	u16 code;
	const char *name;
	u16 in, out;		/* fixed sizes in bytes */
	u16 rep_in, rep_out;	/* per element; both 0 and rep == NULL: simple */
	u8 flags;
	u8 states;		/* partition states it is valid in; 0: any */
	sim_simple_fn simple;
	sim_rep_fn rep;
};

struct sim_hypercall_count {
	u64 calls, reps, errors;
};

u64 sim_hypercall(u64 control, u64 p1, u64 p2);
int sim_hypercalls_init(void);
void sim_hypercalls_show(struct seq_file *m);

/* The handlers, by the file they live in. */
u64 sim_hc_create_partition(struct sim_call *c);		/* partition.c */
u64 sim_hc_initialize_partition(struct sim_call *c);
u64 sim_hc_finalize_partition(struct sim_call *c);
u64 sim_hc_delete_partition(struct sim_call *c);
u64 sim_hc_get_system_property(struct sim_call *c);
u64 sim_hc_get_partition_property(struct sim_call *c);		/* property.c */
u64 sim_hc_set_partition_property(struct sim_call *c);
u64 sim_hc_get_partition_property_ex(struct sim_call *c);
u64 sim_hc_install_intercept(struct sim_call *c);		/* install.c */
u64 sim_hc_deposit(struct sim_call *c, u32 i);			/* memory.c */
u64 sim_hc_withdraw(struct sim_call *c, u32 i);
u64 sim_hc_map_gpa(struct sim_call *c, u32 i);			/* gpa.c */
u64 sim_hc_unmap_gpa(struct sim_call *c, u32 i);
u64 sim_hc_access_states(struct sim_call *c, u32 i);
u64 sim_hc_create_vp(struct sim_call *c);			/* vp.c */
u64 sim_hc_delete_vp(struct sim_call *c);
u64 sim_hc_map_vp_state_page(struct sim_call *c);
u64 sim_hc_unmap_vp_state_page(struct sim_call *c);
u64 sim_hc_get_vp_registers(struct sim_call *c, u32 i);	/* regs.c */
u64 sim_hc_set_vp_registers(struct sim_call *c, u32 i);
u64 sim_hc_assert_interrupt(struct sim_call *c);		/* lapic_ipi.c */
u64 sim_hc_clear_interrupt(struct sim_call *c);
u64 sim_hc_get_vp_state(struct sim_call *c);			/* state.c */
u64 sim_hc_set_vp_state(struct sim_call *c);
u64 sim_hc_map_stats_page(struct sim_call *c);			/* stats.c */
u64 sim_hc_map_stats_page2(struct sim_call *c);
u64 sim_hc_unmap_stats_page(struct sim_call *c);
u64 sim_hc_create_port(struct sim_call *c);			/* port.c */
u64 sim_hc_delete_port(struct sim_call *c);
u64 sim_hc_connect_port(struct sim_call *c);
u64 sim_hc_disconnect_port(struct sim_call *c);
u64 sim_hc_post_message(struct sim_call *c);			/* ipc.c */
u64 sim_hc_signal_event(struct sim_call *c);
u64 sim_hc_translate(struct sim_call *c);			/* walk.c */
u64 sim_hc_register_intercept_result(struct sim_call *c);	/* cpuid.c */
u64 sim_hc_get_vp_cpuid(struct sim_call *c, u32 i);

/* HvCallRegisterInterceptResult; contract, row 91 and section 2.1. */
struct sim_input_register_result {
	u64 partition_id;
	u32 vp_index;
	u32 intercept_type;
	union {
		struct {
			u32 eax, ecx;
			u8 subleaf_specific;
			u8 always_override;
			u16 padding;
			struct {
				u32 value, mask;
			} result[4];		/* eax ebx ecx edx */
		} __packed;
		struct {
			u32 msr;
			u32 msr_access;		/* BIT(access type) */
			u32 msr_action;
		} __packed;
	};
} __packed;

static_assert(sizeof(struct sim_input_register_result) == 60);

u64 sim_msr_register_result(struct sim_partition *pt,			/* msr.c */
			    const struct sim_input_register_result *in);

/* --------------------------------------------------------------- cpuid.c */

struct sim_cpuid { u32 eax, ebx, ecx, edx; };
/* What the guest sees before overrides, and after them. */
struct sim_cpuid sim_cpuid_default(struct sim_vp *vp, u32 leaf, u32 subleaf);
struct sim_cpuid sim_cpuid_guest(struct sim_vp *vp, u32 leaf, u32 subleaf);
void sim_cpuid_free_overrides(struct sim_partition *pt);

/* ------------------------------------------------------------- debugfs.c */

int sim_debugfs_init(void);
void sim_debugfs_exit(void);
/* The driver broke the contract: counted, kept, readable, fails a test. */
__printf(1, 2) void sim_violation(const char *fmt, ...);
/* A VP is about to go: keep what it counted. */
void sim_exits_retire(const struct sim_vp *vp);

#endif /* MSHV_SIM_H */
