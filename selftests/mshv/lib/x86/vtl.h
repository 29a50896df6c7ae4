/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the mshv_vtl driver: its devices, and the simulator that plays the
 * hypervisor and VTL 0 around it.  Each function gives 0, a value, or -errno.
 */
#ifndef MSHV_VTL_TEST_H
#define MSHV_VTL_TEST_H

#include <stdbool.h>

#include <mshv/hv_vtl.h>
#include <mshv/vtl_run.h>

#include "mshv_env.h"
#include "mshv_ops.h"
#include "sim.h"

#define SINT_DEVICE	"/dev/mshv_sint"
#define HVCALL_DEVICE	"/dev/mshv_hvcall"
#define LOW_DEVICE	"/dev/mshv_vtl_low"

/* Of messages and events for user space in VTL 2: drivers/hv/mshv_vtl_main.c */
#define VTL_SINT	7

/* Memory that must be nobody's: vm/run --vtl keeps this GiB from the kernel. */
#define LOW_GPA		(4ull << 30)
#define LOW_BYTES	(1ull << 30)

/* Page numbers in the file of a VTL */
#define RUN_PAGE(cpu)		((uint64_t)(cpu))
#define REGISTER_PAGE(cpu)	(1ull << 16 | (cpu))

/* As in struct mshv_vtl_cpu_context.gp_regs */
enum { RAX, RCX, RDX, RBX, CR2, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* 0 if the devices of mshv_vtl and the simulator can be used; else the reason. */
int vtl_require(char *why, size_t size);

struct vtl {
	int dev, fd, ctl;
	unsigned int cpu;		/* this thread is bound to it */
	struct mshv_vtl_run *run;
	union hv_register_vsm_capabilities caps;
};

/* A VTL, on this CPU. */
int vtl_open(struct vtl *vtl, unsigned int cpu);
int vtl_bind(unsigned int cpu);
void *vtl_page(int fd, uint64_t number);
/*
 * Memory of VTL 0 that no test has had yet, aligned to 2 MiB: what is given to the
 * driver stays there until the machine is off.  *gpa is in its GiB.
 */
int vtl_take_memory(uint64_t bytes, uint64_t *gpa);
int vtl_check_extension(int dev, uint32_t extension);
int vtl_return(struct vtl *vtl);

/* The simulator */
int vtl_info(struct vtl *vtl, unsigned int cpu, struct mshv_sim_vtl_info *info);
int vtl_seen(struct vtl *vtl, unsigned int cpu, struct mshv_sim_vtl_cpu *seen);
int vtl_step(struct vtl *vtl, const struct mshv_sim_vtl_step *step);
/* VTL 0 is intercepted with this message. */
int vtl_push(struct vtl *vtl, uint32_t type, const void *payload, size_t bytes);
/* A message or an event flag for a SINT. */
int vtl_post(int ctl, unsigned int cpu, uint32_t sint, uint32_t type, const char *text);
int vtl_event(int ctl, unsigned int cpu, uint32_t sint, uint32_t event);
int vtl_sim_register(int ctl, unsigned int cpu, unsigned int vtl, uint32_t name, uint64_t *value,
		     bool write);
int vtl_sim_memory(int ctl, uint64_t gpa, void *data, size_t bytes, bool write);
int vtl_sim_posted(int ctl, struct mshv_sim_vtl_posted *posted);
/* The next record of a call; -ENODATA if there is none. */
int vtl_record(int ctl, struct mshv_sim_record *record);

#define VTL_TEST_MAIN MSHV_TEST_MAIN_OF(vtl_require)

#endif /* MSHV_VTL_TEST_H */
