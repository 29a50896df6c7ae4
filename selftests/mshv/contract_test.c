// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each hypercall that the driver, or a program through it, can make: what a
 * hypervisor has to refuse, and how (TLFS, "Hypercall interface"). Most of it the
 * driver can't be made to do.
 */
#include "x86/contract.h"
#include "x86/guest_test.h"
#include "sim.h"

#define NOWHERE	(1ull << 51)	/* no memory there */

FIXTURE(contract) {
	struct env env;
	struct guest g;
	int ctl;
	uint64_t id, nobody;
};

FIXTURE_SETUP(contract)
{
	CONTRACT_SETUP(self);
	self->nobody = self->id + 1000;
	ASSERT_EQ('Y', sim_parameter("ext_properties"));
}

MSHV_TEARDOWN(contract)

/* ------------------------------------------------------------------- the form */

TEST_F(contract, codes)
{
	unsigned int code, known = 0, expected = 0;
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r)
		expected++;
	for (code = 0; code < 0x400; code++) {
		/* Without its arguments none has an effect. */
		struct probe p = { .control = code, .no_in = true, .no_out = true };
		int64_t result = probe(self->ctl, &p);
		bool there = false;

		EACH_ROW(r)
			there |= r->code == code;
		known += there;
		EXPECT_EQ(there, result != HV_STATUS_INVALID_HYPERCALL_CODE) {
			TH_LOG("code %#x: %#llx", code, (unsigned long long)result);
		}
	}
	EXPECT_EQ(expected, known);
	for (code = 0x400; code <= 0xffff; code = code * 2 - 1) {
		struct probe p = { .control = code, .in = in, .in_bytes = 8, .no_out = true };

		EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, probe(self->ctl, &p));
	}
	OK(sim_forgive(self->ctl, NULL));
}

TEST_F(contract, reserved_bits)
{
	uint64_t in[PAGE_BYTES / 8];
	unsigned int bit, n = 0;
	const struct row *r;

	for (bit = 27; bit < 64; bit++) {
		if ((bit > 31 && bit < 44) || (bit > 47 && bit < 60))
			continue;
		EACH_ROW(r) {
			struct probe p = to_nobody(r, in, self->nobody);

			p.control |= 1ull << bit;
			PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
			n++;
		}
		/* Each is told of, and was the test's fault. */
		EXPECT_EQ(n, OK(sim_forgive(self->ctl, NULL)));
		n = 0;
	}
}

TEST_F(contract, alignment)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;
	uint32_t at;

	EACH_ROW(r) {
		for (at = 1; at < 8; at++) {
			struct probe p = to_nobody(r, in, self->nobody);

			p.in_at = at;
			PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
			if (p.no_out)
				continue;
			p.in_at = 0;
			p.out_at = at;
			PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		}
	}
}

TEST_F(contract, page_crossing)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		const uint32_t in_bytes = (r->in + r->rep_in + 7) / 8 * 8;
		struct probe p = to_nobody(r, in, self->nobody);

		/* As far up as it can be, then 8 bytes more. */
		p.in_at = PAGE_BYTES - in_bytes + 8;
		if (in_bytes > 8)
			PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		p.in_at = 0;
		p.out_at = PAGE_BYTES - p.out_bytes / 8 * 8 + 8;
		if (p.out_bytes > 8)
			PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		/* A list that no page holds. */
		p.out_at = 0;
		p.control = r->code | REPS(4095);
		if (r->rep_in > 1 || r->rep_out > 1)
			PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
	}
}

TEST_F(contract, no_memory)
{
	uint64_t in[PAGE_BYTES / 8];
	unsigned int without = 0;
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->nobody);
		const bool output = !p.no_out;

		p.no_in = true;
		PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		p.raw = NOWHERE;
		PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		if (!output)
			continue;
		p.no_in = false;
		p.no_out = true;
		PROBE(HV_STATUS_INVALID_ALIGNMENT, &p);
		p.raw = 0;
		PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
		without++;
	}
	/* A call without a place for its output is one that the driver should not make. */
	EXPECT_EQ(without, OK(sim_forgive(self->ctl, NULL)));
}

TEST_F(contract, lists)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->nobody);

		if (!r->reps) {
			p.control = r->code | REPS(1);
			PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
			p.control = r->code | REP_START(1);
			PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
			continue;
		}
		p.control = r->code;
		PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
		/* What was done before is done, whatever comes of the rest. */
		p.control = r->code | REPS(2) | REP_START(2);
		PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT | REPS(2), &p);
		p.control = r->code | REPS(2) | REP_START(3);
		PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT | REPS(3), &p);
	}
}

TEST_F(contract, headers)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->nobody);

		p.control |= VARHEAD(1);
		if (r->flags & HEADER)
			PROBE(HV_STATUS_INVALID_PARTITION_ID, &p);
		else
			PROBE(HV_STATUS_INVALID_HYPERCALL_INPUT, &p);
	}
}

/* Two registers are 16 bytes, and nothing comes back in them. */
TEST_F(contract, fast)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->nobody);
		const bool fits = r->in + r->rep_in <= 16 && p.no_out;

		if (fits && !(r->flags & PART))
			continue;
		p.control |= FAST;
		p.no_in = true;
		p.no_out = true;
		p.raw = in[0];
		PROBE(fits ? HV_STATUS_INVALID_PARTITION_ID : HV_STATUS_INVALID_HYPERCALL_INPUT,
		      &p);
	}
}

/* ---------------------------------------------------------------- the target */

TEST_F(contract, partitions)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->nobody);

		if (!(r->flags & PART))
			continue;
		PROBE(HV_STATUS_INVALID_PARTITION_ID, &p);
		in[0] = 0;
		PROBE(HV_STATUS_INVALID_PARTITION_ID, &p);
		if (r->flags & (SELF_OK | PAGES_OF_ROOT))
			continue;
		in[0] = SELF;
		PROBE(HV_STATUS_INVALID_PARTITION_ID, &p);
	}
}

TEST_F(contract, vps)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	EACH_ROW(r) {
		struct probe p = to_nobody(r, in, self->id);

		if ((r->flags & VP) != VP || (r->flags & PAGES_OF_ROOT))
			continue;
		in[1] = 1;
		PROBE(HV_STATUS_INVALID_VP_INDEX, &p);
		in[1] = 256;
		PROBE(HV_STATUS_INVALID_VP_INDEX, &p);
		in[1] = HV_ANY_VP;
		PROBE(HV_STATUS_INVALID_VP_INDEX, &p);
	}
}

/* What is valid in the state is not called: it could succeed. */
#define NOT_IN_STATE(partition, state) do {				\
	EACH_ROW(r) {							\
		struct probe p = to_nobody(r, in, partition);		\
		if (!(r->flags & PART) || (r->flags & PAGES_OF_ROOT) ||	\
		    (r->states & (state)))				\
			continue;					\
		PROBE(HV_STATUS_INVALID_PARTITION_STATE, &p);		\
	}								\
} while (0)

TEST_F(contract, states)
{
	int pt = OK(partition_create(self->g.dev, 0));
	const uint64_t id = sim_newest_partition(self->ctl);
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;

	NOT_IN_STATE(id, UNINIT);
	EXPECT_EQ(0, OK(sim_forgive(self->ctl, NULL)));
	NOT_IN_STATE(self->id, ACTIVE);
	/* To delete it while it is active. */
	EXPECT_EQ(1, OK(sim_forgive(self->ctl, NULL)));
	OK(partition_initialize(pt));
	EXPECT_EQ(0, sim_hypercall(self->ctl, HVCALL_FINALIZE_PARTITION, &id, 8, NULL, 0));
	NOT_IN_STATE(id, FINALIZED);
	close(pt);
	OK(sim_forgive(self->ctl, NULL));
}

/* ------------------------------------------------------------------ the counts */

/* The lines of "hypercalls": code, name, calls, elements, failures. */
static int count_of(const char *code, unsigned long long counts[3])
{
	char name[64], at[16];
	FILE *file = fopen("/sys/kernel/debug/mshv_sim/hypercalls", "r");
	int n;

	if (!file)
		return -errno;
	do
		n = fscanf(file, "%15s %63s %llu %llu %llu", at, name, &counts[0], &counts[1],
			   &counts[2]);
	while (n == 5 && strcmp(at, code));
	fclose(file);
	return n == 5 ? 0 : -ENOENT;
}

TEST_F(contract, counted)
{
	struct probe p = { .control = 0x3fff, .no_in = true, .no_out = true };
	unsigned long long before[3], after[3];
	uint64_t in[PAGE_BYTES / 8];

	OK(count_of("----", before));
	probe(self->ctl, &p);
	OK(count_of("----", after));
	EXPECT_EQ(before[2] + 1, after[2]);

	p = to_nobody(row_of(HVCALL_GET_VP_REGISTERS), in, self->nobody);
	OK(count_of("0050", before));
	probe(self->ctl, &p);
	OK(count_of("0050", after));
	EXPECT_EQ(before[0] + 1, after[0]);
	EXPECT_EQ(before[1], after[1]);
	EXPECT_EQ(before[2] + 1, after[2]);
}

/* ---------------------------------------------------------------- the command */

TEST_F(contract, command)
{
	uint64_t in[PAGE_BYTES / 8];
	const struct row *r;
	struct probe p;

	/* What names pages of the root has no effect from here. */
	EACH_ROW(r) {
		if (!(r->flags & (PAGES_OF_ROOT | STATS)))
			continue;
		p = to_nobody(r, in, self->id);
		if (r->flags & STATS)
			in[0] = HV_STATS_OBJECT_PARTITION;
		PROBE(-EPERM, &p);
	}
	/* Memory that is anybody's. */
	r = row_of(HVCALL_GET_SYSTEM_PROPERTY);
	p = to_nobody(r, in, 0);
	p.no_in = true;
	p.raw = 0x1000;
	PROBE(-EPERM, &p);
	p.no_in = false;
	p.no_out = true;
	PROBE(-EPERM, &p);
	p.no_out = false;
	p.in_at = PAGE_BYTES;
	PROBE(-EINVAL, &p);
	p.in_at = 0;
	p.out_bytes = PAGE_BYTES + 1;
	PROBE(-EINVAL, &p);
	p.out_bytes = 8;
	p.in = NULL;
	PROBE(-EFAULT, &p);
}

MSHV_TEST_MAIN
