// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which intercepts a VMM has installed: HvCallInstallIntercept, one table row per
 * type.  A type that is not here is one that the hypervisor does not know (TLFS:
 * INVALID_PARAMETER); docs/simulator.md says which those are, and why.
 */
#include "mshv_sim.h"

/* Types of the TLFS that the kernel's headers don't have. */
#define INTERCEPT_UNKNOWN_CONNECTION	0xd
#define INTERCEPT_X64_APIC_EOI		0xe
#define INTERCEPT_RETARGET		0xf
#define INTERCEPT_X64_IO_PORT_RANGE	0x11

/* BIT(access type); none of them removes the intercept. */
#define ACCESS_R	BIT(HV_INTERCEPT_ACCESS_READ)
#define ACCESS_W	BIT(HV_INTERCEPT_ACCESS_WRITE)
#define ACCESS_X	BIT(HV_INTERCEPT_ACCESS_EXECUTE)

struct sim_install_intercept {
	u64 partition_id;
	u32 access;
	u32 type;
	union hv_intercept_parameters param;
};

typedef u64 (*sim_install_fn)(struct sim_intercepts *s, u8 access,
			      const union hv_intercept_parameters *param);

/* An EXO partition intercepts all ports as it is. */
static u64 sim_install_io_port(struct sim_intercepts *s, u8 access,
			       const union hv_intercept_parameters *param)
{
	return HV_STATUS_SUCCESS;
}

static u64 sim_install_io_port_range(struct sim_intercepts *s, u8 access,
				     const union hv_intercept_parameters *param)
{
	u16 base = param->as_uint64, end = param->as_uint64 >> 16;

	return base <= end ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

static u64 sim_install_msr(struct sim_intercepts *s, u8 access,
			   const union hv_intercept_parameters *param)
{
	WRITE_ONCE(s->msr, access | (s->msr & SIM_MSR_SOME));
	return HV_STATUS_SUCCESS;
}

static u64 sim_install_msr_index(struct sim_intercepts *s, u8 access,
				 const union hv_intercept_parameters *param)
{
	u32 msr = param->msr_index, i;

	for (i = 0; i < s->nr_msrs; i++)
		if (s->msrs[i].msr == msr)
			break;
	if (i == SIM_MSR_INTERCEPTS)
		return HV_STATUS_NO_RESOURCES;
	if (access) {
		s->msrs[i].msr = msr;
		s->msrs[i].access = access;
		s->nr_msrs = max(s->nr_msrs, i + 1);
	} else if (i < s->nr_msrs) {
		s->msrs[i] = s->msrs[--s->nr_msrs];
	}
	WRITE_ONCE(s->msr, (s->msr & ~SIM_MSR_SOME) | (s->nr_msrs ? SIM_MSR_SOME : 0));
	return HV_STATUS_SUCCESS;
}

static u64 sim_install_cpuid(struct sim_intercepts *s, u8 access,
			     const union hv_intercept_parameters *param)
{
	u32 leaf = param->cpuid_index, i;

	for (i = 0; i < s->nr_cpuid; i++)
		if (s->cpuid[i] == leaf)
			break;
	if (access && i == s->nr_cpuid) {
		if (i == SIM_CPUID_INTERCEPTS)
			return HV_STATUS_NO_RESOURCES;
		s->cpuid[i] = leaf;
		WRITE_ONCE(s->nr_cpuid, i + 1);
	} else if (!access && i < s->nr_cpuid) {
		s->cpuid[i] = s->cpuid[s->nr_cpuid - 1];
		WRITE_ONCE(s->nr_cpuid, s->nr_cpuid - 1);
	}
	return HV_STATUS_SUCCESS;
}

static u64 sim_install_exception(struct sim_intercepts *s, u8 access,
				 const union hv_intercept_parameters *param)
{
	if (param->exception_vector >= 32)
		return HV_STATUS_INVALID_PARAMETER;
	if (access)
		s->exceptions |= BIT(param->exception_vector);
	else
		s->exceptions &= ~BIT(param->exception_vector);
	return HV_STATUS_SUCCESS;
}

/* Those that have no parameter, and nothing to do but to be there. */
#define INSTALL_FLAG(name)						\
static u64 sim_install_##name(struct sim_intercepts *s, u8 access,	\
			      const union hv_intercept_parameters *param) \
{									\
	WRITE_ONCE(s->name, access);					\
	return HV_STATUS_SUCCESS;					\
}

INSTALL_FLAG(hypercall)
INSTALL_FLAG(unknown_connection)
INSTALL_FLAG(retarget)
INSTALL_FLAG(eoi)
INSTALL_FLAG(sipi)

static const struct {
	u32 type;
	u8 permitted;		/* accesses that it can be installed for */
	sim_install_fn fn;
} sim_intercept_types[] = {
	{ HV_INTERCEPT_TYPE_X64_IO_PORT, ACCESS_R | ACCESS_W, sim_install_io_port },
	{ HV_INTERCEPT_TYPE_X64_MSR, ACCESS_R | ACCESS_W, sim_install_msr },
	{ HV_INTERCEPT_TYPE_X64_CPUID, ACCESS_X, sim_install_cpuid },
	{ HV_INTERCEPT_TYPE_EXCEPTION, ACCESS_X, sim_install_exception },
	{ HV_INTERCEPT_TYPE_HYPERCALL, ACCESS_X, sim_install_hypercall },
	{ HV_INTERCEPT_TYPE_X64_APIC_INIT_SIPI, ACCESS_R | ACCESS_W | ACCESS_X, sim_install_sipi },
	{ HV_INTERCEPT_TYPE_X64_MSR_INDEX, ACCESS_R | ACCESS_W, sim_install_msr_index },
	{ INTERCEPT_UNKNOWN_CONNECTION, ACCESS_X, sim_install_unknown_connection },
	{ INTERCEPT_X64_APIC_EOI, ACCESS_W, sim_install_eoi },
	{ INTERCEPT_RETARGET, ACCESS_X, sim_install_retarget },
	{ INTERCEPT_X64_IO_PORT_RANGE, ACCESS_R | ACCESS_W, sim_install_io_port_range },
};

/* Takes effect at each VP's next entry: svm.c looks at the set again. */
u64 sim_hc_install_intercept(struct sim_call *c)
{
	struct sim_install_intercept *in = c->in;
	u64 status = HV_STATUS_INVALID_PARAMETER;
	unsigned long flags;
	u32 i;

	raw_spin_lock_irqsave(&c->pt->lock, flags);
	for (i = 0; i < ARRAY_SIZE(sim_intercept_types); i++)
		if (sim_intercept_types[i].type == in->type &&
		    !(in->access & ~sim_intercept_types[i].permitted))
			status = sim_intercept_types[i].fn(&c->pt->intercepts, in->access,
							   &in->param);
	atomic64_inc(&c->pt->gpa.gen);
	raw_spin_unlock_irqrestore(&c->pt->lock, flags);
	return status;
}
