/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * A small hypervisor with two partitions of two VPs, which remember whatever is
 * written to them, and a snapshot of the first: for tests of snapshots.
 */
#ifndef LIBMSHV_TESTS_FAKE_SNAPSHOT_H
#define LIBMSHV_TESTS_FAKE_SNAPSHOT_H

#include "fake.h"
#include "snapshot.h"

#undef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define REGISTERS	300
#define PROPERTIES	20
#define STATES		5

/* Deliverability notifications: some hypervisors have them. */
#define MAY_LACK	HV_REGISTER_DELIVERABILITY_NOTIFICATIONS
/* HV_REGISTER_EXPLICIT_SUSPEND is 0: keep names apart from free places. */
#define NAMED(name)	((name) | 0x80000000)

struct value {
	uint32_t name;
	uint64_t low, high;
};

struct model_vp {
	struct value regs[REGISTERS];
	uint8_t state[STATES][700];
};

struct model {
	int fd, vp_fd[2];
	struct model_vp vp[2];
	struct value properties[PROPERTIES];
};

/* Made anew for each test: @from is full of values, which are in @blob; @to is empty. */
extern struct model from, to;
extern struct mshv_partition *partition_from, *partition_to;
extern struct mshv_vp *vps_from[2], *vps_to[2];
extern void *blob;
extern size_t size;

extern size_t state_size[STATES];
extern uint32_t lacks;		/* this register of all VPs */
extern bool asked;		/* for it */
extern uint32_t lacks_property;
extern uint16_t lacks_status;	/* with which these are refused */
extern uint32_t read_only;	/* this one can't be written */
extern int lacks_state, lacks_state_errno;
extern unsigned int writes, fail_write, reads;

/* The place of a value, which is made if need be. */
struct value *find(struct value *values, size_t count, uint32_t name);
/* All that there is to save gets a value of its own. */
void fill(struct model *m);
/* What fake_instead is. */
int hypervisor(int fd, uint32_t request, void *arg);

int setup(void **context);
int teardown(void **context);
#define snapshot_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int restore(void);
/* What a save writes of @to's VPs is what is in the blob. */
void assert_same_as_blob(void);
/* The checksum of what was changed on purpose. */
void seal(void);
struct mshv_snapshot_section section(uint32_t type, uint32_t vp);
uint8_t *bytes_of(uint32_t type, uint32_t vp);
/* Takes a section out, and seals what is left. */
void take_out(uint32_t type, uint32_t vp);

#endif
