// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor under every hypervisor on this machine: a loop of VMRUN and an I/O
 * exit and nothing else, in the guest that mshv-bench uses for its OUT job.
 *
 * Loading the module measures; the result is the parameter "insns" (time stamp
 * units for 1000 rounds). The guest has nested paging, as everybody's has.
 * Nobody else may use SVM meanwhile.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <asm/msr.h>

#include "svm.h"	/* the simulator's, as the kernel's own is KVM's */

static unsigned int insns;
module_param(insns, uint, 0444);
MODULE_PARM_DESC(insns, "Result: time stamp units of 1000 rounds (read only)");

void bench_vmrun(u64 guest_pa, u64 *gpr, u64 host_pa, u64 rounds, u64 *rip);

enum { GUEST, HOST, HSAVE, CODE, TABLES, LEVELS = 5, NR_PAGES = TABLES + LEVELS };

static void *pages[NR_PAGES];
static void *everything;	/* permission map: all ports intercepted */
#define MAP_ORDER	2

#define CODE_GPA	0x1000ull
#define LONG_ENOUGH	100

/* out %al, $0x10, and as many more as there are rounds. */
static void load_code(u8 *code)
{
	int i;

	for (i = 0; i < PAGE_SIZE; i += 2) {
		code[i] = 0xe6;
		code[i + 1] = 0x10;
	}
}

/* One page at CODE_GPA; nested paging has the host's number of levels. */
static u64 make_tables(void)
{
	int levels = pgtable_l5_enabled() ? 5 : 4, i;

	for (i = 0; i < levels; i++) {
		u64 *table = pages[TABLES + i];
		void *next = i + 1 < levels ? pages[TABLES + i + 1] : pages[CODE];

		table[i + 1 < levels ? 0 : CODE_GPA >> PAGE_SHIFT] =
			__pa(next) | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER;
	}
	return __pa(pages[TABLES]);
}

static void set_segment(struct sim_vmcb_seg *seg, u16 attrib)
{
	*seg = (struct sim_vmcb_seg) { .attrib = attrib, .limit = 0xffffffff };
}

static void make_guest(struct sim_vmcb *vmcb)
{
	struct sim_vmcb_control *c = &vmcb->control;
	struct sim_vmcb_save *s = &vmcb->save;

	c->intercept_misc1 = SVM_INTERCEPT_IOIO;
	c->intercept_misc2 = SVM_INTERCEPT_VMRUN;
	c->iopm_base_pa = __pa(everything);
	c->asid = 1;
	c->nested_ctl = SVM_NP_ENABLE;
	c->nested_cr3 = make_tables();
	set_segment(&s->cs, 0xc9b);
	set_segment(&s->ds, 0xc93);
	set_segment(&s->es, 0xc93);
	set_segment(&s->ss, 0xc93);
	s->cr0 = X86_CR0_PE | X86_CR0_ET;
	s->efer = EFER_SVME;
	s->rflags = X86_EFLAGS_FIXED;
	s->dr6 = 0xffff0ff0;
	s->dr7 = 0x400;
	s->g_pat = 0x0007040600070406;
	s->rip = CODE_GPA;
}

static u64 least(struct sim_vmcb *vmcb, u32 rounds)
{
	static u64 gpr[16];
	u64 best = U64_MAX, start, took;
	unsigned long flags;
	int i;

	for (i = 0; i < 10; i++) {
		vmcb->save.rip = CODE_GPA;
		local_irq_save(flags);
		start = rdtsc_ordered();
		bench_vmrun(__pa(vmcb), gpr, __pa(pages[HOST]), rounds, &vmcb->save.rip);
		took = rdtsc_ordered() - start;
		local_irq_restore(flags);
		best = min(best, took);
		/* Each round was an exit at the port, or the number means nothing. */
		if (vmcb->control.exitcode != SVM_EXIT_IOIO ||
		    vmcb->save.rip != CODE_GPA + 2 * rounds)
			return 0;
	}
	return best;
}

static int measure(void)
{
	struct sim_vmcb *vmcb = pages[GUEST];
	u64 efer, shorter, longer;

	rdmsrq(MSR_EFER, efer);
	if (efer & EFER_SVME) {
		pr_err("mshv_bench: SVM is in use: unload kvm_amd and mshv_sim\n");
		return -EBUSY;
	}
	load_code(pages[CODE]);
	make_guest(vmcb);
	wrmsrq(MSR_EFER, efer | EFER_SVME);
	wrmsrq(MSR_VM_HSAVE_PA, __pa(pages[HSAVE]));
	shorter = least(vmcb, LONG_ENOUGH);
	longer = least(vmcb, 11 * LONG_ENOUGH);
	wrmsrq(MSR_VM_HSAVE_PA, 0);
	wrmsrq(MSR_EFER, efer);
	if (!shorter || !longer) {
		pr_err("mshv_bench: guest ended with exit %#x at %#llx\n",
		       (u32)vmcb->control.exitcode, vmcb->save.rip);
		return -EIO;
	}
	insns = longer - shorter;
	return 0;
}

static void free_all(void)
{
	int i;

	for (i = 0; i < NR_PAGES; i++)
		free_page((unsigned long)pages[i]);
	free_pages((unsigned long)everything, MAP_ORDER);
}

static int __init bench_init(void)
{
	int i, ret = -ENOMEM;

	if (!boot_cpu_has(X86_FEATURE_SVM) || !boot_cpu_has(X86_FEATURE_NPT)) {
		pr_err("mshv_bench: no AMD SVM with nested paging on this CPU\n");
		return -EOPNOTSUPP;
	}
	everything = (void *)__get_free_pages(GFP_KERNEL, MAP_ORDER);
	if (everything) {
		memset(everything, 0xff, PAGE_SIZE << MAP_ORDER);
		ret = 0;
	}
	for (i = 0; i < NR_PAGES && !ret; i++) {
		pages[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!pages[i])
			ret = -ENOMEM;
	}
	if (!ret) {
		/* On one CPU from first to last. */
		migrate_disable();
		ret = measure();
		migrate_enable();
	}
	free_all();
	return ret;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Cost of a bare VMRUN loop");
MODULE_INFO(test, "Y");
