// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turning SVM on and off on each CPU, and the pages that it takes (APM volume 2,
 * 15.4, 15.10, 15.11).
 *
 * Not covered: suspend of the machine (SVM is not turned on again on the boot
 * CPU).
 */
#include <linux/cc_platform.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/msr.h>

#include "svm_cpu.h"

#define SVM_IOPM_ORDER	2	/* three pages */
#define SVM_MSRPM_ORDER	1

DEFINE_PER_CPU(struct svm_cpu, sim_svm_cpus);
void *sim_svm_iopm, *sim_svm_msrpm, *sim_svm_msrpm_all, *sim_svm_no_memory;
u32 sim_svm_mxcsr_mask;
bool sim_svm_has_next_rip;
static enum cpuhp_state svm_hp_state;

static int svm_cpu_online(unsigned int cpu)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);
	u64 efer, hsave, vm_cr;

	/* VM_CR.SVMDIS: the firmware said no (15.29.1). */
	if (!rdmsrq_safe(MSR_VM_CR, &vm_cr) && (vm_cr & SVM_VM_CR_SVM_DIS_MASK))
		return -EOPNOTSUPP;
	rdmsrq(MSR_EFER, efer);
	if (efer & EFER_SVME)
		return -EBUSY;
	wrmsrq(MSR_EFER, efer | EFER_SVME);
	rdmsrq(MSR_VM_HSAVE_PA, hsave);
	if (hsave) {
		wrmsrq(MSR_EFER, efer);
		return -EBUSY;
	}
	wrmsrq(MSR_VM_HSAVE_PA, __pa(c->hsave));
	c->last = U64_MAX;	/* nobody's */
	WRITE_ONCE(c->enabled, true);
	return 0;
}

/* Runs on the CPU itself, where no VP can be in run(): that can't be preempted. */
static int svm_cpu_offline(unsigned int cpu)
{
	struct svm_cpu *c = this_cpu_ptr(&sim_svm_cpus);
	u64 efer;

	WRITE_ONCE(c->enabled, false);
	wrmsrq(MSR_VM_HSAVE_PA, 0);
	rdmsrq(MSR_EFER, efer);
	wrmsrq(MSR_EFER, efer & ~EFER_SVME);
	return 0;
}

/* APM 15.11: two bits per MSR, read and write, in three ranges. */
static void svm_msr_pass(u8 *map, u32 msr)
{
	u32 bit = 2 * (msr & 0x1fff);

	if (msr >> 13 == 0xc0000000 >> 13)
		map += 0x800;
	map[bit / 8] &= ~(3 << bit % 8);
}

static void svm_free_pages(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *c = per_cpu_ptr(&sim_svm_cpus, cpu);

		free_page((unsigned long)c->hsave);
		free_page((unsigned long)c->host);
		c->hsave = NULL;
		c->host = NULL;
	}
	free_page((unsigned long)sim_svm_no_memory);
	free_pages((unsigned long)sim_svm_iopm, SVM_IOPM_ORDER);
	free_pages((unsigned long)sim_svm_msrpm, SVM_MSRPM_ORDER);
	free_pages((unsigned long)sim_svm_msrpm_all, SVM_MSRPM_ORDER);
	sim_svm_no_memory = NULL;
	sim_svm_iopm = NULL;
	sim_svm_msrpm = NULL;
	sim_svm_msrpm_all = NULL;
}

static void *svm_map(unsigned int order)
{
	void *map = (void *)__get_free_pages(GFP_KERNEL, order);

	if (map)
		memset(map, 0xff, PAGE_SIZE << order);
	return map;
}

static bool svm_alloc_pages(void)
{
	int cpu;

	sim_svm_iopm = svm_map(SVM_IOPM_ORDER);
	sim_svm_msrpm = svm_map(SVM_MSRPM_ORDER);
	sim_svm_msrpm_all = svm_map(SVM_MSRPM_ORDER);
	sim_svm_no_memory = (void *)get_zeroed_page(GFP_KERNEL);
	if (!sim_svm_iopm || !sim_svm_msrpm || !sim_svm_msrpm_all || !sim_svm_no_memory)
		return false;
	for_each_possible_cpu(cpu) {
		struct svm_cpu *c = per_cpu_ptr(&sim_svm_cpus, cpu);

		c->hsave = (void *)get_zeroed_page(GFP_KERNEL);
		c->host = (void *)get_zeroed_page(GFP_KERNEL);
		if (!c->hsave || !c->host)
			return false;
	}
	return true;
}

/* MXCSR bits that this processor has; FXRSTOR faults on the others. */
static u32 svm_find_mxcsr_mask(void)
{
	static u8 image[512] __aligned(16);
	u32 mask;

	kernel_fpu_begin();
	asm volatile("fxsave64 %0" : "=m" (image));
	kernel_fpu_end();
	memcpy(&mask, image + 28, sizeof(mask));
	return mask ?: 0xffbf;	/* APM 4.2.2 of volume 1: 0 says "the default" */
}

int sim_svm_init(void)
{
	static const u32 pass[] = {
		MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_STAR, MSR_LSTAR,
		MSR_CSTAR, MSR_SYSCALL_MASK, MSR_IA32_SYSENTER_CS,
		MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	};
	int i, ret;

	if (!boot_cpu_has(X86_FEATURE_SVM)) {
		pr_err("no AMD SVM on this CPU: use an AMD machine, or QEMU with -cpu max\n");
		return -EOPNOTSUPP;
	}
	if (!boot_cpu_has(X86_FEATURE_NPT)) {
		pr_err("AMD SVM of this CPU lacks nested paging\n");
		return -EOPNOTSUPP;
	}
	/* Addresses in VMCBs and nested page tables would need the C-bit. */
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT)) {
		pr_err("memory encryption is on: boot with mem_encrypt=off\n");
		return -EOPNOTSUPP;
	}
	sim_svm_has_next_rip = boot_cpu_has(X86_FEATURE_NRIPS);
	sim_svm_mxcsr_mask = svm_find_mxcsr_mask();
	sim_xsave_init();

	if (!svm_alloc_pages()) {
		svm_free_pages();
		return -ENOMEM;
	}
	for (i = 0; i < ARRAY_SIZE(pass); i++)
		svm_msr_pass(sim_svm_msrpm, pass[i]);

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "mshv_sim/svm:online",
				svm_cpu_online, svm_cpu_offline);
	if (ret < 0) {
		if (ret == -EBUSY)
			pr_err("SVM is in use: unload kvm_amd\n");
		else if (ret == -EOPNOTSUPP)
			pr_err("SVM is disabled by the firmware\n");
		svm_free_pages();
		return ret;
	}
	svm_hp_state = ret;
	sim_svm_beat_start();
	return 0;
}

void sim_svm_exit_engine(void)
{
	sim_svm_beat_stop();
	cpuhp_remove_state(svm_hp_state);
	svm_free_pages();
}
