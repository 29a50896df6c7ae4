/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Behind /dev/mshv_sim: what its files share, and what the rest of the module
 * calls so that tests can interfere.
 *
 *   control.c   the device: files, arguments, commands of both modules
 *   commands.c  what the device can do: one table row per command
 *   watch.c     what happens around a hypercall while somebody is interested
 *   fault.c     rules that make hypercalls fail or take long
 *   record.c    who called what
 *   override.c  values that the driver reads
 *   inject.c    messages for the driver, raw or held back
 *   police.c    the log of violations, checks, the ledger
 *   call.c      hypercalls and SINTs of a root that does more than the driver
 *   owner.c     checks against the process that owns a guest's memory
 *   compare.c   the same at any time
 *   scripted.c  the engine that does what it is told
 */
#ifndef MSHV_SIM_INTERNAL_H
#define MSHV_SIM_INTERNAL_H

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "mshv_sim.h"
#include "mshv_sim_control.h"

struct sim_recorder;
struct sim_mailbox;

#define SIM_ARG_BYTES	576

/* An open file of the device. */
struct sim_file {
	struct mutex lock;		/* one command at a time */
	u64 violations_seen;
	u32 nr_faults, nr_overrides;
	struct sim_recorder *recorder;
	struct sim_mailbox *mailbox;
	struct pid *opener;
	struct delayed_work hold_watch;
	u16 sints;			/* that were configured */
	u64 arg[SIM_ARG_BYTES / 8];	/* the command's structure */
};

/* -------------------------------------------------------------- control.c */

int sim_control_init(void);
void sim_control_exit(void);

/* ------------------------------------------- commands.c, of either module */

struct sim_command {
	unsigned int cmd;
	u32 min;		/* size of the first version */
	u32 size;		/* size that this module knows */
	long (*fn)(struct sim_file *file, void *arg);
};

/* While there is but one version of each structure. */
#define COMMAND(_cmd, type, _fn)					\
	{ .cmd = MSHV_SIM_##_cmd, .min = sizeof(struct type),		\
	  .size = sizeof(struct type) +					\
		  BUILD_BUG_ON_ZERO(sizeof(struct type) > SIM_ARG_BYTES),	\
	  .fn = _fn }

/* Those of one module only; the last has .cmd 0. */
extern const struct sim_command sim_commands[];

void sim_commands_open(struct sim_file *file);
void sim_commands_close(struct sim_file *file);

/* ---------------------------------------------------------------- fault.c */

#define SIM_MAX_RULES		256
#define SIM_MAX_DELAY_US	20000

struct sim_fault_hit {
	u32 id;			/* 0: no rule hit */
	u32 flags;		/* MSHV_SIM_FAULT_* */
	u32 reps;
	u32 delay_us;
	u16 status;
};

long sim_fault_add(struct sim_file *file, void *arg);
long sim_fault_remove(struct sim_file *file, void *arg);
long sim_fault_query(struct sim_file *file, void *arg);
long sim_fault_next(struct sim_file *file, void *arg);
long sim_fault_clear(struct sim_file *file, void *arg);
void sim_fault_match(u16 code, u64 partition, u32 vp, struct sim_fault_hit *hit);
void sim_delay(u32 us);
/* How many rules, overrides and recorders there are: none costs one load. */
extern atomic_t sim_watchers;

/* ---------------------------------------------------------------- watch.c */

/* A hypercall that somebody is interested in. */
struct sim_watch {
	u64 partition;
	u32 vp;
	u16 input_bytes, output_bytes;
	struct sim_fault_hit fault;
	u8 input[MSHV_SIM_RECORD_INPUT];
	u8 output[MSHV_SIM_RECORD_OUTPUT];
};

static inline bool sim_watched(void)
{
	return unlikely(atomic_read(&sim_watchers));
}

void sim_watch_init(struct sim_watch *w);
/* Before the call; true: it ends here, with the status of w->fault. */
bool sim_watch_begin(struct sim_watch *w, struct sim_call *c);
/* After it; returns the status that the caller gets, and corrects *done. */
u64 sim_watch_end(struct sim_watch *w, struct sim_call *c, u64 status, u32 *done);

/* --------------------------------------------------------------- record.c */

#define SIM_MAX_RECORDS		65536

long sim_record_start(struct sim_file *file, void *arg);
long sim_record_stop(struct sim_file *file, void *arg);
long sim_record_query(struct sim_file *file, void *arg);
ssize_t sim_record_read(struct sim_file *file, char __user *buf, size_t count);
void sim_record_close(struct sim_file *file);
void sim_record(const struct sim_watch *w, u64 control, u64 result, bool irqs_off);

/* ------------------------------------------------------------- override.c */

long sim_override_add(struct sim_file *file, void *arg);
long sim_override_remove(struct sim_file *file, void *arg);
long sim_override_clear(struct sim_file *file, void *arg);
/* The answer of a hypercall: may turn a failure into success. */
u64 sim_override_call(const struct sim_watch *w, struct sim_call *c, u64 status);
/* The same for one register of a list: @status is what became of reading it. */
u64 sim_override_register(const struct sim_vp *vp, u32 name, union hv_register_value *val,
			  u64 status);
u64 sim_override_msr(u32 msr, u64 value);
void sim_override_stats(u32 type, const union hv_stats_object_identity *id,
			struct hv_stats_page *page);

/* --------------------------------------------------------------- inject.c */

#define SIM_MAX_MESSAGES	64

long sim_inject_message(struct sim_file *file, void *arg);
long sim_inject_hold(struct sim_file *file, void *arg);
void sim_inject_open(struct sim_file *file);
void sim_inject_close(struct sim_file *file);
/* A message of ours that is held back instead of sent; and taken back after all. */
bool sim_hold_catch(struct sim_msg *m);
void sim_hold_cancel(struct sim_msg *m);

/* --------------------------------------------------------------- police.c */

u64 sim_violations_end(void);
long sim_police_violations(struct sim_file *file, void *arg);
long sim_police_check(struct sim_file *file, void *arg);
long sim_police_ledger(struct sim_file *file, void *arg);
void sim_ledger_read(u64 partition, struct mshv_sim_ledger *l);
void sim_violations_show(struct seq_file *m);
/* What must hold when the driver makes these calls. */
void sim_police_unmap(struct sim_partition *pt, u64 gfn, u64 pages);
void sim_police_finalize(struct sim_partition *pt);
void sim_police_withdraw(struct sim_partition *pt);
void sim_police_delete(struct sim_partition *pt);

/* ----------------------------------------------------------------- call.c */

long sim_call_hypercall(struct sim_file *file, void *arg);
long sim_call_sint(struct sim_file *file, void *arg);
void sim_call_close(struct sim_file *file);

/* ---------------------------------------------------------------- owner.c */

int sim_owner_attach(void);
void sim_owner_detach(void);
bool sim_owner_attached(void);
/* A MAP_GPA_PAGES of the driver from gfn on. */
void sim_owner_mapping(const struct sim_partition *pt, u64 gfn, bool access);
/* Does the driver watch what the process has for this page? */
bool sim_owner_watches(const struct sim_partition *pt, u64 gfn);
/* Regions that are not compared, or not any more. */
u64 sim_owner_missed(void);

/* -------------------------------------------------------------- compare.c */

/* Adds to .compared and .found; may sleep. */
int sim_compare(struct mshv_sim_check *result);
/* What was wrong with a region that is no more has been told after that. */
void sim_compare_settle(void);
void sim_audit_start(void);
void sim_audit_stop(void);
/* Pages that audits have compared. */
u64 sim_audit_pages(void);

/* ------------------------------------------------------------- scripted.c */

#define SIM_MAX_STEPS		4096

long sim_script_push(struct sim_file *file, void *arg);
long sim_script_query(struct sim_file *file, void *arg);
long sim_script_clear(struct sim_file *file, void *arg);
void sim_script_close(struct sim_file *file);

#endif /* MSHV_SIM_INTERNAL_H */
