/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercalls that the driver, or a program through it, can make, and calls of
 * them in its place, through the simulator.
 *
 * Sizes and states are from the headers and from what the driver does, not from the
 * simulator.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#define SELF		(~0ull)
#define NO_STATS	0x77	/* not a kind of object */

/* States of a partition. */
#define UNINIT		1
#define ACTIVE		2
#define FINALIZED	4
#define LIVE		(UNINIT | ACTIVE)
#define ANY		(LIVE | FINALIZED)

/* Flags */
#define PART		0x01	/* begins with a partition's id */
#define VP		0x03	/* ... and a VP's index */
#define SELF_OK		0x04	/* which may be the caller's */
#define HEADER		0x08	/* of variable size */
#define STATS		0x10	/* begins with a kind of object */
#define PAGES_OF_ROOT	0x20	/* names pages: the simulator wants a partition that isn't */
#define OVERLAY		0x40	/* only where the parent can provide pages */

struct row {
	uint16_t code;
	uint16_t in, rep_in, out, rep_out;
	uint8_t reps;
	uint8_t flags;
	uint8_t states;
	const char *name;
};

extern const struct row rows[];
extern const unsigned int rows_count;

const struct row *row_of(uint16_t code);

#define FAST		(1ull << 16)
#define VARHEAD(n)	((uint64_t)(n) << 17)
#define REPS(n)		((uint64_t)(n) << 32)
#define REP_START(n)	((uint64_t)(n) << 48)

/* A call, and where in their pages its arguments are. */
struct probe {
	uint64_t control;
	const void *in;
	uint32_t in_bytes, in_at;
	uint32_t out_bytes, out_at;
	bool no_in, no_out;
	uint64_t raw;		/* what the register says then */
};

/* Status, and elements done << 32. */
int64_t probe(int ctl, const struct probe *p);

/* A call of a row that is well-formed and leads nowhere; @in has a page. */
struct probe to_nobody(const struct row *r, uint64_t *in, uint64_t nobody);

/*
 * MSHV_SIM_SETUP() of a fixture with "struct guest g" and "uint64_t id": a partition
 * that is active and has VP 0.
 */
#define CONTRACT_SETUP(self) do {					\
	MSHV_SIM_SETUP(self);						\
	OK(guest_create(&(self)->g, PT(LAPIC)));			\
	OK(vp_create((self)->g.pt, 0));					\
	(self)->id = sim_newest_partition((self)->ctl);			\
} while (0)

#define PROBE(expected, p) do {						\
	int64_t probe_result = probe(self->ctl, p);			\
	EXPECT_EQ((int64_t)(expected), probe_result) {			\
		TH_LOG("%s, control word %#llx", r->name,		\
		       (unsigned long long)(p)->control);		\
	}								\
} while (0)

#define EACH_ROW(r)							\
	for (r = rows; r < rows + rows_count; r++)			\
		if (!(r->flags & OVERLAY) || sim_parameter("overlay") == 'Y')

#endif /* CONTRACT_H */
