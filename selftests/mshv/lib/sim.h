/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control device of mshv_sim for tests: what only a simulator can do. Each
 * function gives 0, a value, or -errno.
 */
#ifndef MSHV_SIM_TEST_H
#define MSHV_SIM_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "../mshv_sim/mshv_sim_control.h"

int sim_open(void);

/*
 * MSHV_SETUP() of a test that steers the simulator, whose fixture has a field
 * "int ctl" too; without a simulator the test is skipped.
 */
#define MSHV_SIM_SETUP(self) do {					\
	int sim_fd = sim_open();					\
									\
	if (sim_fd == -ENOENT)						\
		SKIP(return, "no " MSHV_SIM_DEVICE ": needs mshv_sim");	\
	MSHV_SETUP(self);						\
	(self)->ctl = OK(sim_fd);					\
} while (0)

/* The fixture of tests that start with the device alone; it has "int dev" as well. */
#define MSHV_SIM_FIXTURE(name)						\
	FIXTURE(name) {							\
		struct env env;						\
		int ctl, dev;						\
	};								\
									\
	FIXTURE_SETUP(name)						\
	{								\
		MSHV_SIM_SETUP(self);					\
		self->dev = OK(dev_open());				\
	}								\
									\
	MSHV_TEARDOWN(name)

int sim_ioctl(int ctl, unsigned long command, void *arg);
int sim_probe(int ctl, struct mshv_sim_probe *probe);

/*
 * A parameter of the module that can be changed while it is loaded, until the test ends;
 * -ENOENT: there is none.
 */
int sim_set_parameter(const char *name, const char *value);

/* The first letter of a parameter; 0: there is none. */
char sim_parameter(const char *name);

/*
 * With fast_irq=1 and the root scheduler interrupts go onto the register page, and only
 * what it has no place for is a call.
 */
bool sim_injects_at_dispatch(int ctl);
#define NOT_BY_A_CALL	"interrupts do not come by a call (fast_irq=1)"

/* The id of the partition that was created last; 0 if there is none. */
uint64_t sim_newest_partition(int ctl);

/* One call of the driver fails with an HV_STATUS_*; returns the rule's id. */
int sim_fail_once(int ctl, uint16_t code, uint64_t partition, uint16_t status);
/* How often the rule has hit. */
long sim_fault_hits(int ctl, uint32_t id);

int sim_record(int ctl, uint16_t code, uint64_t partition);

/* Violations since the file was opened or asked last; they are forgiven. */
int sim_forgive(int ctl, struct mshv_sim_violation *last);
/* The same for those with @text; @others grows by those without. */
int sim_forgive_text(int ctl, const char *text, struct mshv_sim_violation *last,
		     int *others);
/* And for those with one of @texts, of which the last is followed by NULL. */
int sim_forgive_texts(int ctl, const char *const *texts, struct mshv_sim_violation *last,
		      int *others);

/*
 * A hypercall in the place of the root's kernel: its result, status and elements done
 * << 32. If bit 16 of @control says "fast", @in has the two registers.
 */
int64_t sim_hypercall(int ctl, uint64_t control, const void *in, uint32_t in_bytes,
		      void *out, uint32_t out_bytes);

#endif /* MSHV_SIM_TEST_H */
