/* SPDX-License-Identifier: GPL-2.0-only */
/* What the engine has for each CPU, and for all VPs: svm_init.c makes it. */
#ifndef MSHV_SIM_SVM_CPU_H
#define MSHV_SIM_SVM_CPU_H

#include <linux/percpu.h>

#include "engine.h"

struct svm_cpu {
	bool enabled;
	/* What has to be put back after a run; seldom anything. */
	union {
		struct {
			bool fpu;	/* the FPU has the guest's state */
			bool debug;	/* DR0-3 are the guest's */
			bool xcr0;	/* XCR0 is the guest's */
			bool breakpoints;	/* the host's are off */
		};
		u32 switched;		/* 0: none of these */
	};
	u64 cr0;		/* the guest's while CR0.TS is set for it */
	unsigned long dr[4];	/* ... and these the host's */
	unsigned long dr7;
	void *hsave;		/* VM_HSAVE_PA: the processor's own */
	void *host;		/* VMCB for what VMLOAD and VMSAVE switch */
	u64 last;		/* serial of the VP whose translations this CPU has */
};

DECLARE_PER_CPU(struct svm_cpu, sim_svm_cpus);

extern void *sim_svm_iopm;
extern void *sim_svm_msrpm;	/* intercepts what VMLOAD and VMSAVE don't switch */
extern void *sim_svm_msrpm_all;
extern void *sim_svm_no_memory;	/* nested page table of a partition without any */
extern u32 sim_svm_mxcsr_mask;	/* bits that FXRSTOR does not fault on */

int sim_svm_init(void);
void sim_svm_exit_engine(void);

/* svm_beat.c */
void sim_svm_beat_start(void);
void sim_svm_beat_stop(void);

#endif /* MSHV_SIM_SVM_CPU_H */
