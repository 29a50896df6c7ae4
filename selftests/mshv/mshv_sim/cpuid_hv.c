// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID leaves 0x40000000 and up (TLFS, "Feature and interface discovery"): what
 * the partition was given, in the words of the guest.
 */
#include <linux/string.h>

#include "engine.h"

enum { EAX, EBX, ECX, EDX };

#define LEAF_FIRST	HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS
#define LEAF_LAST	(LEAF_FIRST + 6)

/* Bits of HV_PARTITION_PRIVILEGE_MASK: EAX and EBX of HYPERV_CPUID_FEATURES. */
struct hv_privilege {
	u8 feature;		/* enum sim_feature */
	u8 bit;
};

static const struct hv_privilege hv_privileges[] = {
	{ SIM_FEATURE_VP_RUNTIME, 0 },
	{ SIM_FEATURE_REFERENCE_COUNTER, 1 },
	{ SIM_FEATURE_SYNIC, 2 },
	{ SIM_FEATURE_STIMER, 3 },
	{ SIM_FEATURE_INTR_CTRL, 4 },
	{ SIM_FEATURE_HYPERCALL, 5 },
	{ SIM_FEATURE_VP_INDEX, 6 },
	{ SIM_FEATURE_REFERENCE_TSC, 9 },
	{ SIM_FEATURE_GUEST_IDLE, 10 },
	{ SIM_FEATURE_FREQUENCY, 11 },
	{ SIM_FEATURE_SYNIC, 32 + 4 },		/* post messages */
	{ SIM_FEATURE_SIGNAL_EVENTS, 32 + 5 },
	{ SIM_FEATURE_VP_REGISTERS, 32 + 17 },
};

u64 sim_hv_privileges(const struct sim_partition *pt)
{
	/* No feature is behind this one: the privilege itself is set. */
	u64 mask = pt->privileges & HV_MSR_RESET_AVAILABLE;
	int i;

	for (i = 0; i < ARRAY_SIZE(hv_privileges); i++)
		if (pt->synthetic_features & BIT_ULL(hv_privileges[i].feature))
			mask |= BIT_ULL(hv_privileges[i].bit);
	return mask;
}

/* Single bits that a feature stands for; without APICs there are no such MSRs. */
struct hv_bit {
	u8 feature;
	u8 reg;
	u32 leaf;
	u32 bits;
};

#define FEATURES	HYPERV_CPUID_FEATURES
#define RECOMMENDS	HYPERV_CPUID_ENLIGHTMENT_INFO

static const struct hv_bit hv_bits[] = {
	{ SIM_FEATURE_FREQUENCY, EDX, FEATURES, HV_FEATURE_FREQUENCY_MSRS_AVAILABLE },
	{ SIM_FEATURE_GUEST_IDLE, EDX, FEATURES, HV_X64_GUEST_IDLE_STATE_AVAILABLE },
	{ SIM_FEATURE_DIRECT_STIMER, EDX, FEATURES, HV_STIMER_DIRECT_MODE_AVAILABLE },
	{ SIM_FEATURE_FLUSH, EAX, RECOMMENDS, HV_X64_REMOTE_TLB_FLUSH_RECOMMENDED },
	{ SIM_FEATURE_INTR_CTRL, EAX, RECOMMENDS, HV_X64_APIC_ACCESS_RECOMMENDED },
	{ SIM_FEATURE_CLUSTER_IPI, EAX, RECOMMENDS, HV_X64_CLUSTER_IPI_RECOMMENDED },
	{ SIM_FEATURE_PROCESSOR_MASKS, EAX, RECOMMENDS,
	  HV_X64_EX_PROCESSOR_MASKS_RECOMMENDED },
	{ SIM_FEATURE_HV1, EAX, RECOMMENDS, HV_X64_RELAXED_TIMING_RECOMMENDED },
	{ SIM_FEATURE_HV1, EDX, FEATURES, HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE },
	{ SIM_FEATURE_HYPERCALL, EDX, FEATURES, HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE },
	{ SIM_FEATURE_FAST_OUTPUT, EDX, FEATURES, HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE },
};

/* How often to try for a lock before telling the hypervisor; all ones: never. */
#define SPINS		4096

static void hv_lapic_limits(const struct sim_partition *pt, u32 leaf, u32 r[4])
{
	if (sim_partition_has_lapic(pt))
		return;
	if (leaf == FEATURES) {
		r[EAX] &= ~(HV_MSR_APIC_ACCESS_AVAILABLE | HV_ACCESS_FREQUENCY_MSRS);
		r[EDX] &= ~HV_FEATURE_FREQUENCY_MSRS_AVAILABLE;
	} else if (leaf == RECOMMENDS) {
		r[EAX] &= ~HV_X64_APIC_ACCESS_RECOMMENDED;
	}
}

void sim_cpuid_hypervisor(struct sim_partition *pt, u32 leaf, u32 r[4])
{
	const u64 needed = BIT_ULL(SIM_FEATURE_HYPERVISOR) | BIT_ULL(SIM_FEATURE_HV1);
	union hv_hypervisor_version_info version;
	u64 privileges = sim_hv_privileges(pt);
	int i;

	memset(r, 0, 4 * sizeof(*r));
	if ((pt->synthetic_features & needed) != needed)
		return;
	switch (leaf) {
	case HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS:
		r[EAX] = LEAF_LAST;
		memcpy(&r[EBX], "Microsoft Hv", 12);
		break;
	case HYPERV_CPUID_INTERFACE:
		memcpy(&r[EAX], "Hv#1", 4);
		break;
	case HYPERV_CPUID_VERSION:
		sim_hypervisor_version(&version);
		memcpy(r, &version, sizeof(version));
		break;
	case FEATURES:
		r[EAX] = privileges;
		r[EBX] = privileges >> 32;
		break;
	case RECOMMENDS:
		r[EAX] = privileges & HV_MSR_RESET_AVAILABLE ?
			 HV_X64_SYSTEM_RESET_RECOMMENDED : 0;
		r[EBX] = pt->synthetic_features & BIT_ULL(SIM_FEATURE_LONG_SPIN_WAIT) ?
			     SPINS : U32_MAX;
		break;
	case HYPERV_CPUID_IMPLEMENT_LIMITS:
		r[EAX] = SIM_MAX_VPS;
		r[EBX] = num_possible_cpus();
		break;
	}
	for (i = 0; i < ARRAY_SIZE(hv_bits); i++)
		if (hv_bits[i].leaf == leaf &&
		    (pt->synthetic_features & BIT_ULL(hv_bits[i].feature)))
			r[hv_bits[i].reg] |= hv_bits[i].bits;
	hv_lapic_limits(pt, leaf, r);
}
