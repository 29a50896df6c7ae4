// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partitions: the life cycle of the TLFS ("Partition management").
 *
 *   CREATE -> UNINIT -> INITIALIZE -> ACTIVE -> FINALIZE -> FINALIZED -> DELETE
 *
 * FINALIZE drops the VPs.  What is mapped stays so until it is unmapped or until
 * the first WITHDRAW: nobody can touch it any more, but the driver has to let go
 * of it before it takes the deposit back.  It deletes a partition that was never
 * initialized without FINALIZE.
 */
#include <linux/slab.h>

#include "control.h"

DEFINE_HASHTABLE(sim_partitions, SIM_PARTITION_BITS);
static DEFINE_RAW_SPINLOCK(sim_partitions_lock);
static u64 sim_next_id;
struct sim_partition *sim_root;

struct sim_partition *sim_partition_find(u64 id)
{
	struct sim_partition *pt = sim_partition_find_child(id);

	if (pt)
		return pt;
	return id == HV_PARTITION_ID_SELF || id == sim_root->id ? sim_root : NULL;
}

void sim_partitions_for_each(void (*fn)(struct sim_partition *pt, void *arg), void *arg)
{
	struct sim_partition *pt;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(sim_partitions, bucket, pt, hash)
		fn(pt, arg);
	rcu_read_unlock();
}

void sim_partitions_freeze(unsigned long *flags)
{
	raw_spin_lock_irqsave(&sim_partitions_lock, *flags);
}

void sim_partitions_thaw(unsigned long flags)
{
	raw_spin_unlock_irqrestore(&sim_partitions_lock, flags);
}

static struct sim_partition *sim_partition_alloc(gfp_t gfp)
{
	struct sim_partition *pt = kzalloc_obj(*pt, gfp);

	if (!pt)
		return NULL;
	refcount_set(&pt->ref, 1);
	raw_spin_lock_init(&pt->lock);
	sim_mem_init(&pt->mem);
	sim_gpa_init(&pt->gpa);
	sim_reftime_init(pt);
	INIT_LIST_HEAD(&pt->cpuid_overrides);
	INIT_LIST_HEAD(&pt->connections);
	pt->state = SIM_UNINIT;
	return pt;
}

void sim_partition_get(struct sim_partition *pt)
{
	refcount_inc(&pt->ref);
}

bool sim_partition_tryget(struct sim_partition *pt)
{
	return refcount_inc_not_zero(&pt->ref);
}

void sim_partition_put(struct sim_partition *pt)
{
	if (refcount_dec_and_test(&pt->ref))
		kfree_rcu(pt, rcu);
}

int sim_partitions_init(void)
{
	sim_root = sim_partition_alloc(GFP_KERNEL);
	if (!sim_root)
		return -ENOMEM;
	sim_root->id = sim_config.root_id;
	sim_root->state = SIM_ACTIVE;
	sim_next_id = sim_config.root_id + 1;
	return 0;
}

void sim_partitions_exit(void)
{
	struct sim_partition *pt;
	struct hlist_node *next;
	int bucket;

	/* The driver has gone; what it left behind is its own defect. */
	hash_for_each_safe(sim_partitions, bucket, next, pt, hash) {
		pr_warn("partition %llu was never deleted\n", pt->id);
		sim_partition_drop(pt);
	}
	sim_disconnect_all(sim_root);
	rcu_barrier();
	sim_ports_exit();
	sim_stats_exit();
	sim_mem_release(&sim_root->mem);
	kfree(sim_root);
}

/* ------------------------------------------------------------ life cycle */

#define SIM_CREATION_FLAGS						\
	(HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST |			\
	 HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE |	\
	 HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED |		\
	 HV_PARTITION_CREATION_FLAG_EXO_PARTITION |			\
	 HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED |			\
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED |	\
	 HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)

u64 sim_hc_create_partition(struct sim_call *c)
{
	struct hv_input_create_partition *in = c->in;
	struct hv_output_create_partition *out = c->out;
	const struct hv_partition_creation_properties *props =
		&in->partition_creation_properties;
	struct sim_partition *pt;
	unsigned long flags;

	if (in->flags & ~SIM_CREATION_FLAGS || in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	/* Isolated partitions need hardware that nobody can emulate here. */
	if (in->isolation_properties.as_uint64)
		return HV_STATUS_INVALID_PARAMETER;

	pt = sim_partition_alloc(GFP_ATOMIC | __GFP_NOWARN);
	if (!pt)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	pt->flags = in->flags;
	pt->disabled_features = props->disabled_processor_features;
	pt->disabled_xsave = props->disabled_processor_xsave_features.as_uint64;

	raw_spin_lock_irqsave(&sim_partitions_lock, flags);
	pt->id = sim_next_id++;
	hash_add_rcu(sim_partitions, &pt->hash, pt->id);
	raw_spin_unlock_irqrestore(&sim_partitions_lock, flags);

	out->partition_id = pt->id;
	return HV_STATUS_SUCCESS;
}

static u64 sim_partition_advance(struct sim_partition *pt, u8 from,
				 enum sim_partition_state to)
{
	u64 status = HV_STATUS_INVALID_PARTITION_STATE;
	unsigned long flags;

	raw_spin_lock_irqsave(&pt->lock, flags);
	if (pt->state & from) {
		WRITE_ONCE(pt->state, to);
		status = HV_STATUS_SUCCESS;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return status;
}

u64 sim_hc_initialize_partition(struct sim_call *c)
{
	void *tsc_page = sim_mem_take(&c->pt->mem);
	void *hypercall_page = sim_mem_take(&c->pt->mem);
	u64 status = HV_STATUS_INSUFFICIENT_MEMORY;

	if (tsc_page && hypercall_page)
		status = sim_partition_advance(c->pt, SIM_UNINIT, SIM_ACTIVE);
	if (status == HV_STATUS_SUCCESS) {
		sim_reftime_start(c->pt, tsc_page);
		sim_guest_calls_start(c->pt, hypercall_page);
	} else {
		sim_mem_give(&c->pt->mem, tsc_page);
		sim_mem_give(&c->pt->mem, hypercall_page);
	}
	return status;
}

static void sim_partition_empty(struct sim_partition *pt)
{
	struct sim_vp *vp;

	sim_for_each_vp(pt, vp)
		sim_vp_destroy(vp);
	sim_reftime_stop(pt);
	sim_guest_calls_stop(pt);
	sim_cpuid_free_overrides(pt);
	sim_disconnect_all(pt);
	sim_delete_ports(pt);
}

u64 sim_hc_finalize_partition(struct sim_call *c)
{
	u64 status = sim_partition_advance(c->pt, SIM_UNINIT | SIM_ACTIVE, SIM_FINALIZED);

	if (status == HV_STATUS_SUCCESS) {
		sim_police_finalize(c->pt);
		sim_partition_empty(c->pt);
	}
	return status;
}

/*
 * Pages that the parent did not withdraw before it deleted the partition are
 * lost to it.  What a real hypervisor does with them is not known; here they
 * go to the root's pool, where they stay, and are counted.
 */
static atomic64_t sim_orphans;

u64 sim_orphaned_pages(void)
{
	return atomic64_read(&sim_orphans);
}

void sim_partition_drop(struct sim_partition *pt)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim_partitions_lock, flags);
	hash_del_rcu(&pt->hash);
	raw_spin_unlock_irqrestore(&sim_partitions_lock, flags);

	sim_synic_cancel(&pt->async_msg);
	rcu_read_lock();
	sim_partition_empty(pt);
	sim_gpa_destroy(pt);
	rcu_read_unlock();
	atomic64_add(sim_mem_move(&sim_root->mem, &pt->mem), &sim_orphans);
	sim_partition_put(pt);
}

u64 sim_hc_delete_partition(struct sim_call *c)
{
	u64 status;

	sim_police_delete(c->pt);
	/* Nobody else may come in between the check and the end. */
	status = sim_partition_advance(c->pt, SIM_UNINIT | SIM_FINALIZED, 0);

	if (status == HV_STATUS_SUCCESS)
		sim_partition_drop(c->pt);
	return status;
}

u64 sim_hc_get_system_property(struct sim_call *c)
{
	struct hv_input_get_system_property *in = c->in;
	struct hv_output_get_system_property *out = c->out;

	if (in->property_id != HV_SYSTEM_PROPERTY_SCHEDULER_TYPE)
		return HV_STATUS_INVALID_PARAMETER;
	out->scheduler_type = sim_config.sched;
	return HV_STATUS_SUCCESS;
}
