// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition properties and installed intercepts.
 *
 * Codes come from include/hyperv where the kernel has them; the others are
 * facts of the clients that use them (see shared notes on QEMU, cloud-hypervisor
 * and OpenVMM, and docs/simulator.md).
 */
#include <linux/module.h>

#include "engine.h"

static bool async;
module_param(async, bool, 0644);
MODULE_PARM_DESC(async, "SET_PARTITION_PROPERTY ends with a message, not with its return (default N)");

#define PROPERTY_TIME_FREEZE		0x00030003
#define PROPERTY_REFERENCE_TIME		0x00030005
#define PROPERTY_PROCESSORS_PER_SOCKET	0x00050003
#define PROPERTY_PROCESSOR_VENDOR	0x00060000
#define PROPERTY_PHYSICAL_ADDRESS_WIDTH	0x00060006
#define PROPERTY_PROCESSOR_FEATURES0	0x0006000a
#define PROPERTY_PROCESSOR_FEATURES1	0x0006000b
#define PROPERTY_ASSIGNABLE_SYNTHETIC	0x00090009

/*
 * What this hypervisor lets a partition have of the synthetic features.  QEMU asks
 * for all of them at once and gives up if one is refused; what CPUID then tells a
 * guest about is only what a guest can use here (cpuid.c).
 */
#define SIM_SYNTHETIC_FEATURES						\
	(BIT_ULL(SIM_FEATURE_HYPERVISOR) | BIT_ULL(SIM_FEATURE_HV1) |	\
	 BIT_ULL(SIM_FEATURE_VP_RUNTIME) | BIT_ULL(SIM_FEATURE_FAST_OUTPUT) | \
	 BIT_ULL(SIM_FEATURE_SYNIC) | BIT_ULL(SIM_FEATURE_INTR_CTRL) |	\
	 BIT_ULL(SIM_FEATURE_HYPERCALL) | BIT_ULL(SIM_FEATURE_VP_INDEX) | \
	 BIT_ULL(SIM_FEATURE_FREQUENCY) |				\
	 BIT_ULL(SIM_FEATURE_REFERENCE_COUNTER) | BIT_ULL(SIM_FEATURE_STIMER) | \
	 BIT_ULL(SIM_FEATURE_REFERENCE_TSC) | BIT_ULL(SIM_FEATURE_DIRECT_STIMER) | \
	 BIT_ULL(SIM_FEATURE_GUEST_IDLE) | BIT_ULL(SIM_FEATURE_PROCESSOR_MASKS) | \
	 BIT_ULL(SIM_FEATURE_FLUSH) | BIT_ULL(SIM_FEATURE_CLUSTER_IPI) | \
	 BIT_ULL(SIM_FEATURE_LONG_SPIN_WAIT) | BIT_ULL(SIM_FEATURE_SIGNAL_EVENTS) | \
	 BIT_ULL(SIM_FEATURE_VP_REGISTERS))

/*
 * Processor features on offer: what svm.c lets a guest use of the emulated or
 * real AMD CPU.  XSAVE and all that needs it are not among them.
 */
static u64 sim_host_features(int bank)
{
	u64 banks[HV_PARTITION_PROCESSOR_FEATURES_BANKS];

	sim_cpuid_banks(banks);
	return banks[bank];
}

struct sim_property {
	u32 code;
	bool early;		/* may be set before INITIALIZE only */
	bool self;		/* the parent may ask for its own */
	u64 (*get)(struct sim_partition *pt);
	bool (*set)(struct sim_partition *pt, u64 val);
};

#define FIELD(name)							\
static u64 get_##name(struct sim_partition *pt) { return pt->name; }
#define FIELD_SET(name, valid)						\
FIELD(name)								\
static bool set_##name(struct sim_partition *pt, u64 val)		\
{									\
	if (!(valid))							\
		return false;						\
	pt->name = val;							\
	return true;							\
}

FIELD_SET(synthetic_features, !(val & ~SIM_SYNTHETIC_FEATURES))
FIELD_SET(unimplemented_msr_action, val <= 1)
FIELD_SET(access_tracking, val <= 1)
FIELD_SET(processors_per_socket, val && val <= SIM_MAX_VPS)

/* What has been set, with what the features come to. */
static u64 get_privileges(struct sim_partition *pt)
{
	return pt->privileges | sim_hv_privileges(pt);
}

static bool set_privileges(struct sim_partition *pt, u64 val)
{
	pt->privileges = val;
	return true;
}

static u64 get_time_freeze(struct sim_partition *pt)
{
	return READ_ONCE(pt->reftime.frozen);
}

static bool set_time_freeze(struct sim_partition *pt, u64 val)
{
	if (val > 1)
		return false;
	sim_reftime_freeze(pt, val);
	return true;
}

static u64 get_reference_time(struct sim_partition *pt)
{
	return sim_reftime_now(pt);
}

static bool set_reference_time(struct sim_partition *pt, u64 val)
{
	sim_reftime_set(pt, val);
	return true;
}

static u64 get_features(struct sim_partition *pt, int bank)
{
	return sim_host_features(bank) & ~pt->disabled_features.as_uint64[bank];
}

static u64 get_features0(struct sim_partition *pt)
{
	return get_features(pt, 0);
}

static u64 get_features1(struct sim_partition *pt)
{
	return get_features(pt, 1);
}

static u64 get_xsave_states(struct sim_partition *pt)
{
	return sim_xsave_states(pt);
}

static u64 get_xsave_size(struct sim_partition *pt)
{
	return sim_xsave_size(sim_xsave_states(pt));
}

/* What xsave.c and cpuid.c make of them. */
static u64 get_xsave_features(struct sim_partition *pt)
{
	return sim_cpuid_xsave_features(pt);
}

static u64 get_vendor(struct sim_partition *pt)
{
	return 0;		/* HV_PROCESSOR_VENDOR_AMD, TLFS */
}

static u64 get_clock_hz(struct sim_partition *pt)
{
	return (u64)tsc_khz * 1000;
}

static u64 get_address_width(struct sim_partition *pt)
{
	return boot_cpu_data.x86_phys_bits;
}

/* Sorted by code. */
static const struct sim_property sim_properties[] = {
	{ HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, true, true, get_privileges, set_privileges },
	{ HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, true, false,
	  get_synthetic_features, set_synthetic_features },
	{ PROPERTY_TIME_FREEZE, false, false, get_time_freeze, set_time_freeze },
	{ PROPERTY_REFERENCE_TIME, false, false, get_reference_time, set_reference_time },
	{ PROPERTY_PROCESSORS_PER_SOCKET, false, false, get_processors_per_socket,
	  set_processors_per_socket },
	{ HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, false, false,
	  get_access_tracking, set_access_tracking },
	{ HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, false, false,
	  get_unimplemented_msr_action, set_unimplemented_msr_action },
	{ PROPERTY_PROCESSOR_VENDOR, false, true, get_vendor },
	{ HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, false, true,
	  get_xsave_features },
	{ PROPERTY_PHYSICAL_ADDRESS_WIDTH, false, true, get_address_width },
	{ HV_PARTITION_PROPERTY_XSAVE_STATES, false, true, get_xsave_states },
	{ HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, false, true, get_xsave_size },
	{ HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, false, true, get_clock_hz },
	{ PROPERTY_PROCESSOR_FEATURES0, false, true, get_features0 },
	{ PROPERTY_PROCESSOR_FEATURES1, false, true, get_features1 },
};

static const struct sim_property *sim_property_find(u32 code)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sim_properties); i++)
		if (sim_properties[i].code == code)
			return &sim_properties[i];
	return NULL;
}

u64 sim_hc_get_partition_property(struct sim_call *c)
{
	struct hv_input_get_partition_property *in = c->in;
	struct hv_output_get_partition_property *out = c->out;
	const struct sim_property *p = sim_property_find(in->property_code);

	if (!p || (c->pt == sim_root && !p->self))
		return HV_STATUS_UNKNOWN_PROPERTY;
	out->property_value = p->get(c->pt);
	return HV_STATUS_SUCCESS;
}

/* The message has got its slot. */
static bool sim_async_sent(struct sim_msg *m)
{
	struct sim_partition *pt = container_of(m, struct sim_partition, async_msg);

	clear_bit_unlock(0, &pt->async_busy);
	return false;
}

/* What the driver waits for (mshv_async_hvcall_handler()), with the call's end. */
static u64 sim_complete_later(struct sim_partition *pt, u64 status)
{
	struct sim_msg *m = &pt->async_msg;
	struct hv_async_completion_message_payload *p = (void *)m->msg.u.payload;
	unsigned long flags;

	/* One at a time; a second call at the same moment ends at once. */
	if (test_and_set_bit(0, &pt->async_busy))
		return status;
	memset(&m->msg, 0, sizeof(m->msg));
	m->msg.header.message_type = HVMSG_ASYNC_CALL_COMPLETION;
	m->msg.header.payload_size = sizeof(*p);
	m->msg.header.sender = pt->id;
	m->next = sim_async_sent;
	p->partition_id = pt->id;
	p->status = status;
	p->completion_count = 1;
	raw_spin_lock_irqsave(&pt->lock, flags);
	/* One that is being deleted has taken back, or will, what it has sent so far. */
	if (pt->state) {
		sim_synic_post(m);
		status = HV_STATUS_CALL_PENDING;
	}
	raw_spin_unlock_irqrestore(&pt->lock, flags);
	return status;
}

static u64 sim_set_property(struct sim_call *c)
{
	struct hv_input_set_partition_property *in = c->in;
	const struct sim_property *p = sim_property_find(in->property_code);
	unsigned long flags;
	bool ok;

	if (!p)
		return HV_STATUS_UNKNOWN_PROPERTY;
	/*
	 * Read-only and early properties refuse with the partition's state
	 * (mshv-ioctls test_set_partition_property_invalid expects status 7).
	 */
	if (!p->set || (p->early && c->pt->state != SIM_UNINIT))
		return HV_STATUS_INVALID_PARTITION_STATE;
	raw_spin_lock_irqsave(&c->pt->lock, flags);
	ok = p->set(c->pt, in->property_value);
	raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	return ok ? HV_STATUS_SUCCESS : HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
}

u64 sim_hc_set_partition_property(struct sim_call *c)
{
	u64 status = sim_set_property(c);

	return READ_ONCE(async) ? sim_complete_later(c->pt, status) : status;
}

/* Both extended properties here are a bank count and one bank of bits. */
u64 sim_hc_get_partition_property_ex(struct sim_call *c)
{
	struct hv_input_get_partition_property_ex *in = c->in;
	struct hv_partition_property_vmm_capabilities *out = c->out;

	switch (in->property_code) {
	case HV_PARTITION_PROPERTY_VMM_CAPABILITIES:
		memset(out, 0, sizeof(*out));
		out->bank_count = HV_PARTITION_VMM_CAPABILITIES_BANK_COUNT;
		out->assignable_synthetic_proc_features = 1;
		out->vmm_can_provide_overlay_gpfn = sim_config.overlay;
		out->vmm_enable_integrated_scheduler =
			sim_config.l1vh && sim_root_scheduler();
		return HV_STATUS_SUCCESS;
	case PROPERTY_ASSIGNABLE_SYNTHETIC:
		memset(out, 0, sizeof(*out));
		out->bank_count = 1;
		out->as_uint64[0] = SIM_SYNTHETIC_FEATURES;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_INTEGRATED_SCHEDULER_ENABLED:
		*(u64 *)c->out = sim_root_scheduler();
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_UNKNOWN_PROPERTY;
}
