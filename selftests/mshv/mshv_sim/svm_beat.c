// SPDX-License-Identifier: GPL-2.0-only
/*
 * For QEMU's emulation, which loses interrupts of a processor that leaves a guest: with
 * each #VMEXIT it takes "virtual interrupt" out of the set of what the processor has to look
 * at, by a plain read, change and write, and what another thread of QEMU adds to that set
 * meanwhile is gone: "look at the APIC". The interrupt stays in the IRR; if it was that of
 * the timer, there is no other one, as Linux programs the next from there.
 *
 * Any interrupt that comes later makes QEMU look again, so the first processor, which
 * should run no guests there (docs/simulator.md), sends one to the others now and then.
 */
#include <linux/smp.h>
#include <linux/timer.h>
#include <asm/cpuid/api.h>
#include <trace/events/ipi.h>

#include "svm_cpu.h"

#define SVM_BEAT	(HZ / 10)

static struct timer_list svm_timer;

/* In a soft interrupt, during which no processor can go offline. */
static void svm_beat(struct timer_list *timer)
{
	int cpu;

	for_each_online_cpu(cpu)
		if (cpu)
			smp_send_reschedule(cpu);
	mod_timer(timer, jiffies + SVM_BEAT);
}

/* What QEMU says without a hypervisor's help. */
static bool svm_is_tcg(void)
{
	u32 max, name[3];

	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return false;
	cpuid(0x40000000, &max, &name[0], &name[1], &name[2]);
	return !memcmp(name, "TCGTCGTCGTCG", sizeof(name));
}

void sim_svm_beat_start(void)
{
	timer_setup(&svm_timer, svm_beat, TIMER_PINNED);
	if (!svm_is_tcg())
		return;
	svm_timer.expires = jiffies + SVM_BEAT;
	add_timer_on(&svm_timer, 0);
}

void sim_svm_beat_stop(void)
{
	timer_shutdown_sync(&svm_timer);
}
