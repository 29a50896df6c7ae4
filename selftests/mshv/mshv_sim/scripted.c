// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine that executes nothing: a test says, step by step, what a VP does.
 * It needs no virtualization hardware, and it makes messages that no processor
 * could be brought to make.
 *
 * The registers of a VP live where the other engine has them, in the layout of
 * a VMCB; the processor never sees that page.
 *
 * Steps are appended at any time, taken by whoever runs the VP, and thrown away
 * only while the VP is stopped.
 */
#include <linux/entry-virt.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "control.h"
#include "engine.h"
#include "intercept.h"

#define SCRIPTED_NMI		0x100	/* as a vector: no interrupt has it */
#define SCRIPTED_TRIES		64	/* accesses that fail for no reason */

struct sim_step {
	struct list_head link;
	struct sim_file *file;		/* who pushed it */
	bool started;
	u32 tries;
	u64 deadline;
	struct mshv_sim_step s;
	u32 nr_regs;
	struct mshv_sim_register regs[] __counted_by(nr_regs);
};

static struct sim_step *scripted_head(struct sim_vp *vp)
{
	struct sim_script *q = &vp->script;
	struct sim_step *st;
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	st = list_first_entry_or_null(&q->steps, struct sim_step, link);
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return st;
}

static void scripted_done(struct sim_vp *vp, struct sim_step *st)
{
	struct sim_script *q = &vp->script;
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	list_del(&st->link);
	q->waiting--;
	q->done++;
	raw_spin_unlock_irqrestore(&q->lock, flags);
	kfree(st);
}

/* ------------------------------------------------------------------- steps */

static int scripted_message(struct sim_vp *vp, struct sim_step *st)
{
	return sim_intercept_raw(vp, st->s.message_type, st->s.payload, st->s.payload_bytes,
				 st->s.flags & MSHV_SIM_STEP_HEADER);
}

/*
 * Highest vector first, an NMI before all.  The guest's handler is imagined: it
 * has run when this returns, EOI included.
 */
static bool scripted_take_interrupt(struct sim_vp *vp)
{
	int vector = sim_lapic_highest(vp);

	if (test_and_clear_bit(SIM_PENDING_NMI, &vp->pending)) {
		vector = SCRIPTED_NMI;
	} else if (vector >= 0) {
		sim_lapic_ack(vp, vector);
		if (sim_partition_has_lapic(vp->pt))
			sim_lapic_eoi(vp);
	} else {
		vector = sim_lapic_extint(vp);
		if (vector < 0)
			return false;
		sim_lapic_ack_extint(vp);
	}
	vp->script.last_vector = vector;
	vp->script.interrupts++;
	return true;
}

static int scripted_halt(struct sim_vp *vp, struct sim_step *st)
{
	if (sim_partition_has_lapic(vp->pt))
		return sim_vp_deliverable(vp) ? SIM_RUN_AGAIN : SIM_RUN_HALTED;
	return sim_intercept_header(vp, HVMSG_X64_HALT, HV_INTERCEPT_ACCESS_EXECUTE, 1);
}

static bool scripted_allowed(const struct sim_gpa_leaf *leaf, u32 action)
{
	static const u32 right[] = {
		[MSHV_SIM_STEP_READ]	= HV_MAP_GPA_READABLE,
		[MSHV_SIM_STEP_WRITE]	= HV_MAP_GPA_WRITABLE,
		[MSHV_SIM_STEP_EXECUTE]	= HV_MAP_GPA_EXECUTABLE,
	};

	return leaf->state == SIM_GPA_MAPPED && (leaf->flags & right[action]);
}

static int scripted_access(struct sim_vp *vp, struct sim_step *st)
{
	static const u8 access[] = {
		[MSHV_SIM_STEP_READ]	= HV_INTERCEPT_ACCESS_READ,
		[MSHV_SIM_STEP_WRITE]	= HV_INTERCEPT_ACCESS_WRITE,
		[MSHV_SIM_STEP_EXECUTE]	= HV_INTERCEPT_ACCESS_EXECUTE,
	};
	struct mshv_sim_step *s = &st->s;
	struct sim_gpa_leaf leaf = sim_gpa_lookup(vp->pt, s->gpa >> HV_HYP_PAGE_SHIFT);
	u64 value = 0;
	bool ok;

	if (s->action == MSHV_SIM_STEP_WRITE && s->payload_bytes <= sizeof(value)) {
		memcpy(&value, s->payload, s->payload_bytes);
		if (sim_doorbell_ring(vp, s->gpa, s->payload_bytes, value)) {
			vp->exits[SIM_EXIT_DOORBELL]++;
			scripted_done(vp, st);
			return SIM_RUN_AGAIN;
		}
	}
	if (leaf.state == SIM_GPA_UNMAPPED) {
		vp->exits[SIM_EXIT_UNMAPPED_GPA]++;
		return sim_intercept_memory(vp, HVMSG_UNMAPPED_GPA, access[s->action], s->gpa);
	}
	if (!scripted_allowed(&leaf, s->action)) {
		vp->exits[SIM_EXIT_GPA_INTERCEPT]++;
		return sim_intercept_memory(vp, HVMSG_GPA_INTERCEPT, access[s->action], s->gpa);
	}
	if (s->action == MSHV_SIM_STEP_WRITE)
		ok = sim_gpa_write(vp->pt, s->gpa, s->payload, s->payload_bytes);
	else
		ok = sim_gpa_read(vp->pt, s->gpa, vp->script.data, s->payload_bytes);
	/* Revoked just now, or memory of a device: look again, not for ever. */
	if (!ok && ++st->tries < SCRIPTED_TRIES)
		return SIM_RUN_AGAIN;
	scripted_done(vp, st);
	return ok ? SIM_RUN_AGAIN :
		    sim_intercept_unsupported(vp, SIM_UNSUPPORTED_INTERCEPT, s->gpa);
}

static void scripted_set_registers(struct sim_vp *vp, const struct sim_step *st)
{
	u32 i;

	for (i = 0; i < st->nr_regs; i++) {
		union hv_register_value val;
		u64 status;

		val.reg128.low_part = st->regs[i].value[0];
		val.reg128.high_part = st->regs[i].value[1];
		status = sim_reg_set(vp, st->regs[i].name, &val);
		if (status != HV_STATUS_SUCCESS)
			vp->script.last_status = status;
	}
}

static int scripted_step(struct sim_vp *vp, struct sim_step *st)
{
	int res;

	if (!st->started) {
		st->started = true;
		st->deadline = ktime_get_mono_fast_ns() + (u64)st->s.delay_us * NSEC_PER_USEC;
	}
	if (ktime_get_mono_fast_ns() < st->deadline) {
		cpu_relax();
		return SIM_RUN_AGAIN;
	}
	scripted_set_registers(vp, st);
	st->nr_regs = 0;

	switch (st->s.action) {
	case MSHV_SIM_STEP_READ:
	case MSHV_SIM_STEP_WRITE:
	case MSHV_SIM_STEP_EXECUTE:
		/* Stays the next step until the access succeeds. */
		return scripted_access(vp, st);
	case MSHV_SIM_STEP_INTERRUPT:
		if (!scripted_take_interrupt(vp)) {
			cpu_relax();
			return SIM_RUN_AGAIN;
		}
		res = SIM_RUN_AGAIN;
		break;
	case MSHV_SIM_STEP_MESSAGE:
		res = scripted_message(vp, st);
		break;
	case MSHV_SIM_STEP_HALT:
		res = scripted_halt(vp, st);
		break;
	default:
		res = SIM_RUN_AGAIN;
	}
	scripted_done(vp, st);
	return res;
}

/* ------------------------------------------------------------- the engine */

/*
 * The same reasons as those of the SVM engine: there a host interrupt ends the
 * guest, here the tick does.
 */
static bool scripted_must_leave(const struct sim_vp *vp, unsigned long start)
{
	if (READ_ONCE(vp->want_stop) || time_after(jiffies, start))
		return true;
	if (current->flags & PF_KTHREAD)
		return sim_must_yield();
	return __xfer_to_guest_mode_work_pending();
}

static int scripted_steps(struct sim_vp *vp)
{
	unsigned long start = jiffies;
	int res = SIM_RUN_AGAIN;
	struct sim_step *st;

	while (res == SIM_RUN_AGAIN) {
		if (scripted_must_leave(vp, start)) {
			vp->exits[SIM_EXIT_INTERRUPT]++;
			return SIM_RUN_PREEMPTED;
		}
		st = scripted_head(vp);
		if (st)
			res = scripted_step(vp, st);
		else
			cpu_relax();
	}
	return res;
}

/* The tick has to come: it ends the run. */
static enum sim_run scripted_run(struct sim_vp *vp)
{
	enum sim_run res;

	WRITE_ONCE(vp->cpu, smp_processor_id());
	preempt_disable();
	local_irq_enable();
	res = scripted_steps(vp);
	local_irq_disable();
	preempt_enable();
	if (res == SIM_RUN_INTERCEPT)
		vp->script.intercepts++;
	return res;
}

/* It looks at want_stop all the time. */
static void scripted_kick(struct sim_vp *vp)
{
}

static int scripted_init(void)
{
	return 0;
}

static void scripted_exit(void)
{
}

static void scripted_vp_init(struct sim_vp *vp)
{
	/* The state after reset is the processor's, whoever plays it. */
	sim_engine_svm.vp_init(vp);
	raw_spin_lock_init(&vp->script.lock);
	INIT_LIST_HEAD(&vp->script.steps);
}

static void scripted_vp_reset(struct sim_vp *vp)
{
	sim_engine_svm.vp_reset(vp);
}

static void scripted_vp_start(struct sim_vp *vp, u8 vector)
{
	sim_engine_svm.vp_start(vp, vector);
}

static void scripted_free_list(struct list_head *list)
{
	struct sim_step *st, *next;

	list_for_each_entry_safe(st, next, list, link)
		kfree(st);
}

static void scripted_vp_free(struct sim_vp *vp)
{
	scripted_free_list(&vp->script.steps);
}

const struct sim_engine sim_engine_scripted = {
	.name = "scripted",
	.init = scripted_init,
	.exit = scripted_exit,
	.vp_init = scripted_vp_init,
	.vp_free = scripted_vp_free,
	.vp_reset = scripted_vp_reset,
	.vp_start = scripted_vp_start,
	.run = scripted_run,
	.kick = scripted_kick,
};

/* --------------------------------------------------------------- commands */

static struct sim_vp *sim_script_vp(u64 partition, u32 index)
{
	struct sim_partition *pt;
	struct sim_vp *vp = NULL;

	if (sim_engine != &sim_engine_scripted)
		return ERR_PTR(-EOPNOTSUPP);
	rcu_read_lock();
	pt = sim_partition_find(partition);
	if (pt && pt != sim_root && index < SIM_MAX_VPS)
		vp = rcu_dereference(pt->vps[index]);
	/* It may be on its way out; it still has memory until RCU says so. */
	if (vp && !sim_vp_tryget(vp))
		vp = NULL;
	rcu_read_unlock();
	return vp ?: ERR_PTR(-ENOENT);
}

static bool sim_step_valid(const struct mshv_sim_step *s)
{
	bool message = s->action == MSHV_SIM_STEP_MESSAGE;
	bool data = s->action == MSHV_SIM_STEP_READ || s->action == MSHV_SIM_STEP_WRITE;
	bool memory = data || s->action == MSHV_SIM_STEP_EXECUTE;

	if (s->action < MSHV_SIM_STEP_MESSAGE || s->action > MSHV_SIM_STEP_EXECUTE)
		return false;
	if (s->flags & ~MSHV_SIM_STEP_HEADER || (s->flags && !message))
		return false;
	if (s->register_count > MSHV_SIM_MAX_REGISTERS || s->payload_bytes > MSHV_SIM_PAYLOAD)
		return false;
	if (message ? s->message_type == HVMSG_NONE : s->message_type)
		return false;
	if (!memory && s->gpa)
		return false;
	if (s->action == MSHV_SIM_STEP_RUN && !s->delay_us)
		return false;
	if (data && (!s->payload_bytes ||
		     (s->gpa & (HV_HYP_PAGE_SIZE - 1)) + s->payload_bytes > HV_HYP_PAGE_SIZE))
		return false;
	return message || data || !s->payload_bytes;
}

long sim_script_push(struct sim_file *file, void *arg)
{
	struct mshv_sim_step *s = arg;
	u32 n = s->register_count, i;
	struct sim_script *q;
	struct sim_step *st;
	unsigned long flags;
	struct sim_vp *vp;
	long err = 0;

	if (!sim_step_valid(s))
		return -EINVAL;
	st = kzalloc_flex(*st, regs, n, GFP_KERNEL_ACCOUNT);
	if (!st)
		return -ENOMEM;
	st->nr_regs = n;
	if (copy_from_user(st->regs, u64_to_user_ptr(s->registers), n * sizeof(st->regs[0])))
		err = -EFAULT;
	for (i = 0; !err && i < n; i++)
		if (st->regs[i].reserved)
			err = -EINVAL;
	st->s = *s;
	st->file = file;
	vp = err ? ERR_PTR(err) : sim_script_vp(s->partition, s->vp);
	if (IS_ERR(vp)) {
		kfree(st);
		return PTR_ERR(vp);
	}

	q = &vp->script;
	raw_spin_lock_irqsave(&q->lock, flags);
	if (q->waiting == SIM_MAX_STEPS) {
		err = -ENOSPC;
	} else {
		list_add_tail(&st->link, &q->steps);
		q->waiting++;
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	if (err)
		kfree(st);
	sim_vp_put(vp);
	return err;
}

long sim_script_query(struct sim_file *file, void *arg)
{
	struct mshv_sim_script *a = arg;
	struct sim_vp *vp = sim_script_vp(a->partition, a->vp);
	const struct sim_script *q;
	unsigned long flags;

	if (IS_ERR(vp))
		return PTR_ERR(vp);
	q = &vp->script;
	sim_vp_stop(vp, &flags);
	a->waiting = q->waiting;
	a->done = q->done;
	a->intercepts = q->intercepts;
	a->interrupts = q->interrupts;
	a->last_vector = q->last_vector;
	a->last_status = q->last_status;
	memcpy(a->data, q->data, sizeof(a->data));
	sim_vp_resume(vp, flags);
	sim_vp_put(vp);
	return 0;
}

/* The steps that a file has pushed, or all. */
static void sim_script_drop(struct sim_vp *vp, const struct sim_file *file)
{
	struct sim_step *st, *next;
	unsigned long flags;
	LIST_HEAD(dropped);

	sim_vp_stop(vp, &flags);
	raw_spin_lock(&vp->script.lock);
	list_for_each_entry_safe(st, next, &vp->script.steps, link) {
		if (file && st->file != file)
			continue;
		list_move_tail(&st->link, &dropped);
		vp->script.waiting--;
	}
	raw_spin_unlock(&vp->script.lock);
	sim_vp_resume(vp, flags);
	scripted_free_list(&dropped);
}

long sim_script_clear(struct sim_file *file, void *arg)
{
	struct mshv_sim_script *a = arg;
	struct sim_vp *vp = sim_script_vp(a->partition, a->vp);

	if (IS_ERR(vp))
		return PTR_ERR(vp);
	sim_script_drop(vp, NULL);
	sim_vp_put(vp);
	return 0;
}

static void sim_script_close_one(struct sim_partition *pt, void *arg)
{
	struct sim_vp *vp;

	sim_for_each_vp(pt, vp)
		if (READ_ONCE(vp->script.waiting))
			sim_script_drop(vp, arg);
}

void sim_script_close(struct sim_file *file)
{
	if (sim_engine == &sim_engine_scripted)
		sim_partitions_for_each(sim_script_close_one, file);
}
