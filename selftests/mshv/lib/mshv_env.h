/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What surrounds a test: the device (and the modules that bring it), and the
 * witnesses that are asked after each test: the kernel's log, and on mshv_sim
 * its list of violations and its ledger.
 */
#ifndef MSHV_ENV_H
#define MSHV_ENV_H

#include <stdbool.h>
#include <stddef.h>

/*
 * 0 if /dev/mshv of the root driver can be used, after loading the modules if
 * need be. Otherwise -errno and the reason in words.
 */
int env_require_device(char *why, size_t size);

/* Parts of it, for programs that test another driver. 0 or -errno. */
int env_modprobe(const char *module);
/* The simulator beside the test program, else an installed one. */
int env_load_sim(const char *module);
/* From now on the kernel's log is read, by env_begin() and env_end(). */
int env_watch_log(char *why, size_t size);

/*
 * Is the hypervisor mshv_sim? With $MSHV_NO_SIM set it is treated as if it were the real
 * one: to see what a real root partition leaves out.
 */
bool env_is_sim(void);

#define ENV_LEDGER_MAX 64

struct env_ledger {
	unsigned int count;
	struct {
		char name[48];
		long long value;
	} entry[ENV_LEDGER_MAX];
};

/* The ledger of the sim: what partitions hold at the moment. -errno if it cannot be read. */
int env_ledger_read(struct env_ledger *ledger);

/* A number of the sim's "info" by its name there. -errno if it has none. */
int env_sim_info(const char *name, long long *value);

/* What the witnesses said before the test. */
struct env {
	bool sim;
	bool memory_fails;	/* set by a test that lets it: reports of that are fine */
	int late;		/* complaints between the test before and this one */
	long long violations;
	struct env_ledger ledger;
};

/*
 * Waits for what the tests before have left to go. Complaints that came since then are
 * counted by env_end().
 */
int env_begin(struct env *env);

/*
 * Give back what the test has borrowed, and ask the witnesses. Returns the number of complaints and prints each on
 * stderr. Call it when nothing of the test holds a file descriptor any more.
 */
int env_end(const struct env *env);

#endif /* MSHV_ENV_H */
