// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses of the guest to memory that its nested page tables don't grant: the
 * local APIC's registers, doorbells, and what the VMM has to deal with.
 */
#include <linux/bug.h>

#include "engine.h"
#include "intercept.h"

static bool svm_npf_allowed(const struct sim_gpa_leaf *leaf, u8 access)
{
	if (leaf->state != SIM_GPA_MAPPED)
		return false;
	if (access == HV_INTERCEPT_ACCESS_WRITE)
		return leaf->flags & HV_MAP_GPA_WRITABLE;
	if (access == HV_INTERCEPT_ACCESS_EXECUTE)
		return leaf->flags & HV_MAP_GPA_EXECUTABLE;
	return leaf->flags & HV_MAP_GPA_READABLE;
}

/* A store that a doorbell waits for does nothing else: port.c. */
static bool svm_doorbell(struct sim_vp *vp, u64 gpa, struct sim_mem_insn *insn)
{
	if (!sim_doorbell_at(vp, gpa) || !sim_insn_decode_mem(vp, insn) ||
	    insn->reads || !insn->writes ||
	    !sim_doorbell_ring(vp, gpa, insn->size,
			       insn->value & GENMASK_ULL(insn->size * 8 - 1, 0)))
		return false;
	sim_insn_execute(vp, insn, 0);
	vp->exits[SIM_EXIT_DOORBELL]++;
	return true;
}

/* Re-entries on one address without anything else happening in between. */
#define SVM_NPF_TRIES	64

/*
 * APM 15.25.6: EXITINFO1 is a page fault's error code, EXITINFO2 the guest
 * physical address.  The processor walks guest page tables as if writing, so
 * that is what the message says of a fault on one.
 */
int sim_svm_exit_npf(struct sim_vp *vp)
{
	struct sim_vmcb_control *c = &vp->vmcb->control;
	u64 gpa = c->exitinfo2;
	u8 access = HV_INTERCEPT_ACCESS_READ;
	struct sim_mem_insn insn;
	struct sim_gpa_leaf leaf;

	if (c->exitinfo1 & SVM_NPF_FETCH)
		access = HV_INTERCEPT_ACCESS_EXECUTE;
	else if (c->exitinfo1 & SVM_NPF_WRITE)
		access = HV_INTERCEPT_ACCESS_WRITE;

	/* Reserved bits in a nested page table: gpa.c has built it wrong. */
	if (WARN_ON_ONCE(c->exitinfo1 & SVM_NPF_RESERVED))
		return sim_intercept_unsupported(vp, SIM_UNSUPPORTED_INTERCEPT, gpa);

	if (sim_lapic_covers(vp, gpa) && access != HV_INTERCEPT_ACCESS_EXECUTE &&
	    sim_insn_decode_mem(vp, &insn)) {
		vp->exits[SIM_EXIT_APIC]++;
		sim_lapic_mmio(vp, gpa, &insn);
		return sim_svm_apic_written(vp, insn.length);
	}

	if (access == HV_INTERCEPT_ACCESS_WRITE && svm_doorbell(vp, gpa, &insn))
		return sim_svm_skip(vp, insn.length);

	leaf = sim_gpa_lookup(vp->pt, gpa >> HV_HYP_PAGE_SHIFT);
	if (leaf.state == SIM_GPA_UNMAPPED) {
		vp->exits[SIM_EXIT_UNMAPPED_GPA]++;
		return sim_intercept_memory(vp, HVMSG_UNMAPPED_GPA, access, gpa);
	}
	/* Not the VMM's to resolve (TLFS, "Overlay pages"). */
	if (leaf.overlay && !svm_npf_allowed(&leaf, access))
		return sim_svm_gp(vp);
	if (!svm_npf_allowed(&leaf, access)) {
		vp->exits[SIM_EXIT_GPA_INTERCEPT]++;
		return sim_intercept_memory(vp, HVMSG_GPA_INTERCEPT, access, gpa);
	}

	/* Mapped meanwhile, by another CPU: try again, though not for ever. */
	vp->exits[SIM_EXIT_OTHER]++;
	if (c->host.npf_gpa != gpa)
		c->host.npf_again = 0;
	c->host.npf_gpa = gpa;
	if (WARN_ON_ONCE(++c->host.npf_again > SVM_NPF_TRIES))
		return sim_intercept_unsupported(vp, SIM_UNSUPPORTED_INTERCEPT, gpa);
	sim_tlb_stale(vp);
	return SIM_RUN_AGAIN;
}
