/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mshv_vtl_sim: what a driver in VTL 2 finds around it.  The hypervisor answers
 * its few hypercalls; VTL 0 is a function that does what a test has told it.
 *
 *   main.c      parameters, start and end
 *   seam.c      how the kernel's way to the hypervisor is turned to us
 *   call.c      the hypercalls, and what they answer if a test says so
 *   regs.c      registers of the VPs, of VTL 0 and of VTL 2
 *   lower.c     VTL 0, entered from entry.S
 *   synic.c     messages and event flags for VTL 2
 *   commands.c  what /dev/mshv_sim can do here
 *
 * Device, fault rules and recording are those of mshv_sim: control.h.  So is what
 * knows about the driver: driver.c.
 */
#ifndef MSHV_SIM_VTL_H
#define MSHV_SIM_VTL_H

#include "../control.h"

/* What HV_REGISTER_VSM_CAPABILITIES says. */
extern bool vtl_intercept_page, vtl_return_action, vtl_dr6_shared;

/* ----------------------------------------------------------------- seam.c */

/* Where the code that returns to VTL 0 is in our hypercall page. */
#define VTL_RETURN_OFFSET	0x1c0

int vtl_seam_attach(void);
void vtl_seam_detach(void);
/* The pages of a CPU's SynIC. */
struct hv_message *vtl_seam_message(unsigned int cpu, u32 sint);
unsigned long *vtl_seam_event_flags(unsigned int cpu, u32 sint);

/* ----------------------------------------------------------------- call.c */

u64 vtl_hypercall(u64 control, u64 p1, u64 p2);
long vtl_call_answer(struct sim_file *file, void *arg);
long vtl_call_posted(struct sim_file *file, void *arg);
void vtl_call_close(struct sim_file *file);

/* ----------------------------------------------------------------- regs.c */

/* @vtl: whose registers, 0 or 2.  HV_STATUS_* */
u64 vtl_reg_get(unsigned int cpu, u8 vtl, u32 name, union hv_register_value *value);
u64 vtl_reg_set(unsigned int cpu, u8 vtl, u32 name, const union hv_register_value *value);
/* The register page of VTL 0: NULL if VTL 2 has none there. */
struct hv_vp_register_page *vtl_reg_page(unsigned int cpu);

/* ---------------------------------------------------------------- lower.c */

/* In the order of struct mshv_vtl_cpu_context */
enum { VTL_RAX, VTL_RCX, VTL_CR2 = 4, VTL_GPRS = 16 };

void vtl_return_entry(void);		/* entry.S; with its own conventions */
void vtl_lower(u64 *gprs);
int vtl_lower_init(void);
long vtl_lower_push(struct sim_file *file, void *arg);
long vtl_lower_query(struct sim_file *file, void *arg);
void vtl_lower_close(struct sim_file *file);

/* ---------------------------------------------------------------- synic.c */

void vtl_synic_init(void);
void vtl_synic_exit(void);
u64 vtl_synic_rdmsr(unsigned int msr);
void vtl_synic_wrmsr(unsigned int msr, u64 value);
/* On the own CPU, interrupts off: into the slot, or behind what is there. */
void vtl_synic_message(u32 sint, const struct hv_message *message);
long vtl_synic_post(struct sim_file *file, void *arg);
void vtl_synic_info(struct mshv_sim_vtl_info *info);

#endif /* MSHV_SIM_VTL_H */
