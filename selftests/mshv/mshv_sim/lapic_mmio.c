// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page of registers of an APIC in xAPIC mode.  An access to it is a nested
 * page fault, since no VMM maps memory there; if one does, its memory hides the
 * APIC (a real hypervisor's page lies over it).
 */
#include "engine.h"

bool sim_lapic_covers(const struct sim_vp *vp, u64 gpa)
{
	return sim_lapic_enabled(vp) && !sim_lapic_x2(vp) &&
	       (vp->apic_base ^ gpa) >> PAGE_SHIFT == 0;
}

/*
 * Registers are the first four of sixteen bytes; what else an access touches is
 * reserved and reads as zero here.
 */
static u64 lapic_load(struct sim_vp *vp, u32 offset, u8 size)
{
	u32 low = 0;
	u64 v;

	if ((offset & 0xf) < 4)
		sim_lapic_read(vp, offset >> 4, &low);
	v = low;
	v >>= 8 * (offset & 3);
	return size == 8 ? v : v & (BIT_ULL(8 * size) - 1);
}

/* Only whole registers can be written (APM volume 2, 16.3.2). */
static void lapic_store(struct sim_vp *vp, u32 offset, u8 size, u64 val)
{
	if (!(offset & 0xf) && size >= 4)
		sim_lapic_write(vp, offset >> 4, val);
}

void sim_lapic_mmio(struct sim_vp *vp, u64 gpa, const struct sim_mem_insn *insn)
{
	u32 offset = gpa & ~PAGE_MASK;
	u64 mem = 0;

	if (insn->reads)
		mem = lapic_load(vp, offset, insn->size);
	mem = sim_insn_execute(vp, insn, mem);
	if (insn->writes)
		lapic_store(vp, offset, insn->size, mem);
}
