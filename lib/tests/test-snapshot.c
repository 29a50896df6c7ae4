// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Snapshots of VPs, and of partitions; see fake-snapshot.h for whose. */
#include "config.h"

#include <stdlib.h>

#include "fake-snapshot.h"

static struct model copy;

static void round_trip(void **context)
{
	struct mshv_snapshot_info info;
	struct mshv_vp *swap;

	(void)context;
	assert_works(mshv_snapshot_check(blob, size, &info));
	assert_int_equal(info.vps, 2);
	assert_works(restore());
	assert_true(writes > 100);
	assert_same_as_blob();
	assert_int_equal(find(to.properties, PROPERTIES,
			      HV_PARTITION_PROPERTY_REFERENCE_TIME)->low,
			 find(from.properties, PROPERTIES,
			      HV_PARTITION_PROPERTY_REFERENCE_TIME)->low);
	/* in any order, and again */
	swap = vps_to[0];
	vps_to[0] = vps_to[1];
	vps_to[1] = swap;
	assert_works(restore());
	assert_same_as_blob();
}

static void assert_same_states(unsigned int vp)
{
	size_t i;

	for (i = 0; i < STATES; i++) {
#if !defined(__x86_64__)
		if (i == MSHV_VP_STATE_XSAVE)
			continue;
#endif
		assert_memory_equal(to.vp[vp].state[i], from.vp[vp].state[i],
				    sizeof(to.vp[vp].state[i]));
	}
}

static void one_vp(void **context)
{
	size_t n = 0, max;
	uint8_t *buf;

	(void)context;
	assert_fails(mshv_vp_save(vps_from[1], NULL, 0, &n), E2BIG);
	assert_true(n > 1000);
	max = n;
	buf = malloc(max);
	memset(buf, 0xa5, max);
	assert_fails(mshv_vp_save(vps_from[1], buf, max - 1, &n), E2BIG);
	assert_int_equal(buf[0], 0xa5);
	assert_works(mshv_vp_save(vps_from[1], buf, max, &n));
	assert_int_equal(n, max);

	assert_fails(mshv_vp_restore(vps_to[0], buf, n), ENOENT);
	assert_fails(mshv_partition_restore(partition_to, &vps_to[1], 1, buf,
					    n), ENOENT);
	assert_int_equal(writes, 0);
	assert_works(mshv_vp_restore(vps_to[1], buf, n));
	assert_same_states(1);
	free(buf);

	/* out of the blob of the partition; the rest of @to stays */
	writes = 0;
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_same_states(0);
	assert_int_equal(find(to.properties, PROPERTIES,
			      HV_PARTITION_PROPERTY_REFERENCE_TIME)->low, 0);
}

/* A component that is longer the second time that the kernel is asked. */
static int growing(int fd, uint32_t request, void *arg)
{
	struct mshv_get_set_vp_state *args = arg;
	int ret = hypervisor(fd, request, arg);

	if (request == MSHV_GET_VP_STATE && args->type == MSHV_VP_STATE_SIMP)
		state_size[MSHV_VP_STATE_SIMP]--;
	return ret;
}

static void changing_size(void **context)
{
	size_t before = state_size[MSHV_VP_STATE_SIMP], n;
	void *again = &n;

	(void)context;
	fake_instead = growing;
	assert_fails(mshv_vp_save_alloc(vps_from[0], &again, &n), EPROTO);
	assert_null(again);
	fake_instead = hypervisor;
	state_size[MSHV_VP_STATE_SIMP] = before;
}

static void put64(uint8_t *bytes, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* Takes a section out, and seals what is left. */
static void take_out(uint32_t type, uint32_t vp)
{
	uint8_t *start = bytes_of(type, vp) - 24, *bytes = blob;
	size_t length = 24 + (section(type, vp).size_bytes + 7) / 8 * 8;

	memmove(start, start + length,
		size - (size_t)(start - bytes) - length);
	size -= length;
	put64(bytes + 16, size);
	bytes[24]--;	/* how many sections, of fewer than 256 */
	seal();
}

static void missing_sections(void **context)
{
	static const struct {
		uint32_t type;
		int err;
	} rows[] = {
		{ LIBMSHV_SNAPSHOT_REGISTERS, ENOENT },
		{ LIBMSHV_SNAPSHOT_EVENTS, EBADMSG },
#if defined(__x86_64__)
		{ LIBMSHV_SNAPSHOT_MSRS, EBADMSG },
		{ LIBMSHV_SNAPSHOT_XSAVE, EBADMSG },
#endif
	};
	size_t i, n, whole_size = size;
	void *whole = malloc(size);
	uint8_t *bytes;

	(void)context;
	memcpy(whole, blob, size);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		take_out(rows[i].type, 1);
		assert_works(mshv_snapshot_check(blob, size, NULL));
		assert_fails(restore(), rows[i].err);
		assert_int_equal(writes, 0);
		size = whole_size;
		memcpy(blob, whole, size);
	}
	free(whole);

	/* the name of one register that must be there */
	bytes = bytes_of(LIBMSHV_SNAPSHOT_EVENTS, 0);
	n = section(LIBMSHV_SNAPSHOT_EVENTS, 0).size_bytes;
	assert_true(n > 5 * 24);
	bytes[4] = 1;
	seal();
	assert_fails(restore(), EBADMSG);
	bytes[4] = 0;
	bytes[0] ^= 1;
	seal();
	assert_fails(restore(), EBADMSG);
	assert_int_equal(mshv_last_error()->index, 0);
	bytes[0] ^= 1;
	assert_int_equal(writes, 0);
	seal();
	assert_works(restore());
}

static void arguments(void **context)
{
	struct mshv_vp *twice[2] = { vps_to[0], vps_to[0] };
	void *out = &out;
	size_t n;

	(void)context;
	assert_fails(mshv_vp_save(NULL, NULL, 0, &n), EINVAL);
	assert_fails(mshv_vp_save(vps_to[0], NULL, 1, &n), EINVAL);
	assert_fails(mshv_vp_save(vps_to[0], NULL, 0, NULL), EINVAL);
	assert_fails(mshv_vp_save_alloc(NULL, &out, &n), EINVAL);
	assert_null(out);
	assert_fails(mshv_vp_save_alloc(vps_to[0], NULL, &n), EINVAL);
	assert_fails(mshv_vp_save_alloc(vps_to[0], &out, NULL), EINVAL);
	assert_fails(mshv_vp_restore(NULL, blob, size), EINVAL);
	assert_fails(mshv_vp_restore(vps_to[0], NULL, size), EINVAL);
	assert_fails(mshv_partition_save(NULL, vps_to, 2, NULL, 0, &n), EINVAL);
	assert_fails(mshv_partition_save(partition_to, NULL, 2, NULL, 0, &n),
		     EINVAL);
	assert_fails(mshv_partition_save(partition_to, vps_to, 0, NULL, 0, &n),
		     EINVAL);
	assert_fails(mshv_partition_save(partition_to, twice, 2, NULL, 0, &n),
		     EINVAL);
	assert_int_equal(mshv_last_error()->index, 1);
	out = &out;
	assert_fails(mshv_partition_save_alloc(NULL, vps_to, 2, &out, &n),
		     EINVAL);
	assert_null(out);
	assert_fails(mshv_partition_save_alloc(partition_to, vps_to, 2, NULL,
					       &n), EINVAL);
	assert_fails(mshv_partition_restore(NULL, vps_to, 2, blob, size), EINVAL);
	assert_fails(mshv_partition_restore(partition_to, vps_to, 1, blob, size),
		     ENOENT);
	assert_int_equal(writes, 0);
}

static void cut_short(void **context)
{
	uint8_t *exact;
	size_t n;

	(void)context;
	reads = 0;
	for (n = 0; n < size; n++) {
		exact = malloc(n ? n : 1);
		memcpy(exact, blob, n);
		assert_fails(mshv_partition_restore(partition_to, vps_to, 2,
						    exact, n), EBADMSG);
		free(exact);
	}
	assert_int_equal(reads, 0);
}

static void each_byte(void **context)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	uint8_t *bytes = blob;
	size_t n, i;

	(void)context;
	reads = 0;
	for (n = 0; n < size; n++) {
		for (i = 0; i < ARRAY_SIZE(flips); i++) {
			bytes[n] ^= flips[i];
			assert_true(restore() < 0);
			bytes[n] ^= flips[i];
		}
	}
	assert_int_equal(reads, 0);
	assert_works(restore());
}

/* The same by somebody who can count: what is refused changes nothing. */
static void each_byte_sealed(void **context)
{
	uint8_t *bytes = blob, old;
	unsigned int refused = 0, taken = 0;
	size_t n;
	int ret;

	(void)context;
	copy = to;
	for (n = 0; n < size; n++) {
		if (n >= 28 && n < 32)
			continue;
		old = bytes[n];
		bytes[n] ^= (uint8_t)(1 << n % 8);
		seal();
		writes = 0;
		ret = restore();
		if (ret) {
			assert_true(ret == -EBADMSG || ret == -EOPNOTSUPP ||
				    ret == -ENXIO || ret == -ENOENT);
			assert_int_equal(writes, 0);
			refused++;
		} else {
			assert_same_as_blob();
			taken++;
			memcpy(&to.vp, &copy.vp, sizeof(to.vp));
		}
		bytes[n] = old;
	}
	assert_true(refused > 200 && taken > 1000);
}

/* The hypervisor refuses the nth thing: the VPs are as they were. */
static void taken_back(void **context)
{
	unsigned int n, total;
	int ret;

	(void)context;
	fill(&to);
	copy = to;
	assert_works(restore());
	total = writes;
	for (n = 1; n <= total; n++) {
		to = copy;
		writes = 0;
		fail_write = n;
		ret = restore();
		assert_true(ret == -EINVAL || ret == -EIO);
		assert_int_equal(errno, -ret);
		assert_memory_equal(&to.vp, &copy.vp, sizeof(to.vp));
		assert_memory_equal(&to.properties, &copy.properties,
				    sizeof(to.properties));
	}
	assert_true(total > 150);
}

static void out_of_memory(void **context)
{
	unsigned int n;
	void *again;
	size_t again_size;

	(void)context;
	for (n = 1; ; n++) {
		unsigned int before = fake_allocs();

		fake_fail_alloc(n);
		if (!mshv_partition_save_alloc(partition_from, vps_from, 2,
					       &again, &again_size)) {
			free(again);
			assert_true(fake_allocs() - before < n);
			break;
		}
		assert_int_equal(errno, ENOMEM);
		assert_null(again);
	}
	assert_true(n > 3);
	fake_fail_alloc(0);
	fake_fail_alloc(1);
	assert_fails(restore(), ENOMEM);
	assert_int_equal(writes, 0);
}

static void misfits(void **context)
{
	(void)context;
	/* a register, a component, a size, a feature */
	lacks = MAY_LACK;
	assert_fails(restore(), ENXIO);
	assert_string_equal(mshv_last_error()->what,
			    "snapshot: the VP lacks a register");
	lacks = HV_REGISTER_INTERNAL_ACTIVITY_STATE;
	assert_fails(restore(), EINVAL);
	lacks = ~0u;

	lacks_state = MSHV_VP_STATE_SIEFP;
	assert_fails(restore(), ENXIO);
	lacks_state = -1;
	state_size[MSHV_VP_STATE_SIEFP]++;
	assert_fails(restore(), ENXIO);
	state_size[MSHV_VP_STATE_SIEFP]--;

	find(to.properties, PROPERTIES,
	     HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE)->low = 1;
	assert_fails(restore(), ENXIO);
	assert_string_equal(mshv_last_error()->what,
			    "snapshot: the partition has other features");
	assert_true(mshv_last_error()->index < PROPERTIES);
	assert_int_equal(writes, 0);
}

/* Refused, but there: neither a snapshot without it nor a restore. */
static void refused_for_now(void **context)
{
	static const uint16_t statuses[] = {
		HV_STATUS_OPERATION_FAILED, HV_STATUS_TIME_OUT,
		HV_STATUS_INVALID_VP_STATE, HV_STATUS_ACCESS_DENIED,
		HV_STATUS_NO_RESOURCES,
	};
	void *out;
	size_t i, n;

	(void)context;
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		lacks_status = statuses[i];
		lacks = MAY_LACK;
		assert_fails(mshv_vp_save_alloc(vps_from[0], &out, &n), EIO);
		assert_int_equal(mshv_last_error()->hv_status, statuses[i]);
		assert_null(out);
		assert_fails(restore(), EIO);
		lacks = ~0u;

		lacks_property = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
		assert_fails(mshv_partition_save_alloc(partition_from, vps_from,
						       2, &out, &n), EIO);
		assert_int_equal(mshv_last_error()->hv_status, statuses[i]);
		assert_fails(restore(), EIO);
		lacks_property = ~0u;
	}
	assert_int_equal(writes, 0);
}

/* Refused as unknown: it isn't there, and the rest is saved. */
static void refused_for_good(void **context)
{
	static const uint16_t statuses[] = {
		HV_STATUS_INVALID_PARAMETER, HV_STATUS_UNKNOWN_PROPERTY,
		HV_STATUS_FEATURE_UNAVAILABLE,
		HV_STATUS_PROCESSOR_FEATURE_NOT_SUPPORTED,
	};
	size_t i, n;
	void *out;

	(void)context;
	lacks = MAY_LACK;
	lacks_property = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION;
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		lacks_status = statuses[i];
		assert_works(mshv_partition_save_alloc(partition_from, vps_from,
						       2, &out, &n));
		assert_int_equal(n, size - 2 * LIBMSHV_REGISTER_BYTES -
				    LIBMSHV_PROPERTY_BYTES);
		free(out);
	}
}

/* On both VPs of @m. */
static void switch_on(struct model *m, uint32_t name, uint64_t bit, bool on)
{
	unsigned int vp;
	uint64_t *low;

	for (vp = 0; vp < 2; vp++) {
		low = &find(m->vp[vp].regs, REGISTERS, NAMED(name))->low;
		*low = on ? *low | bit : *low & ~bit;
	}
}

/* Components whose use can be seen in a register. */
static const struct {
	uint32_t section;
	int state;
	uint32_t name;
	uint64_t bit;
	bool in_blob;		/* the register */
} used[] = {
#if defined(__x86_64__)
	{ LIBMSHV_SNAPSHOT_LAPIC, MSHV_VP_STATE_LAPIC,
	  HV_X64_REGISTER_APIC_BASE, 1 << 11, true },
#else
	{ LIBMSHV_SNAPSHOT_TIMERS, MSHV_VP_STATE_SYNTHETIC_TIMERS,
	  HV_REGISTER_STIMER2_CONFIG, 1, false },
#endif
	{ LIBMSHV_SNAPSHOT_SIMP, MSHV_VP_STATE_SIMP, HV_REGISTER_SIMP, 1, true },
	{ LIBMSHV_SNAPSHOT_SIEFP, MSHV_VP_STATE_SIEFP, HV_REGISTER_SIEFP, 1,
	  true },
};

/* None is left out that the VP uses, nor one that is refused for now. */
static void component_in_use(void **context)
{
	struct mshv_snapshot_section s;
	size_t i, n;
	void *out;

	(void)context;
	for (i = 0; i < ARRAY_SIZE(used); i++) {
		lacks_state = used[i].state;
		switch_on(&from, used[i].name, used[i].bit, true);
		assert_fails(mshv_vp_save_alloc(vps_from[0], &out, &n), EINVAL);
		assert_null(out);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(mshv_last_error()->request, MSHV_GET_VP_STATE);
		assert_string_equal(mshv_last_error()->what,
				    "snapshot: a component is refused, and in use");

		switch_on(&from, used[i].name, used[i].bit, false);
		assert_works(mshv_vp_save_alloc(vps_from[0], &out, &n));
		assert_false(libmshv_find_section(out, n, used[i].section, 0,
						  &s));
		free(out);

		lacks_state_errno = EIO;
		assert_fails(mshv_vp_save_alloc(vps_from[0], &out, &n), EIO);
		assert_fails(mshv_vp_restore(vps_to[0], blob, size), EIO);
		lacks_state_errno = EINVAL;
	}
	assert_int_equal(writes, 0);

	/* It has one, but whether it is used can't be found out. */
	lacks_state = MSHV_VP_STATE_SIMP;
	lacks = HV_REGISTER_SIMP;
	lacks_status = HV_STATUS_INVALID_VP_STATE;
	assert_fails(mshv_vp_save_alloc(vps_from[0], &out, &n), EIO);
}

/* A blob that lacks what its VP used, and this one has. */
static void component_lost(void **context)
{
	size_t i;
	int on;

	(void)context;
	for (i = 0; i < ARRAY_SIZE(used); i++) {
		for (on = 0; used[i].in_blob && on < 2; on++) {
			switch_on(&from, used[i].name, used[i].bit, on);
			free(blob);
			assert_works(mshv_vp_save_alloc(vps_from[1], &blob,
							&size));
			take_out(used[i].section, 1);
			writes = 0;
			if (!on) {
				assert_works(mshv_vp_restore(vps_to[1], blob,
							     size));
				continue;
			}
			assert_fails(mshv_vp_restore(vps_to[1], blob, size),
				     ENXIO);
			assert_int_equal(mshv_last_error()->index,
					 LIBMSHV_INDEX_NONE);
			assert_int_equal(writes, 0);
			/* nothing that could be lost */
			lacks_state = used[i].state;
			switch_on(&to, used[i].name, used[i].bit, false);
			assert_works(mshv_vp_restore(vps_to[1], blob, size));
			lacks_state = -1;
			switch_on(&to, used[i].name, used[i].bit, false);
		}
	}
}

/* A call that succeeds doesn't touch the record of the last failure. */
static void last_error(void **context)
{
	const struct mshv_error *last = mshv_last_error();
	struct mshv_error before;
	static uint8_t buf[1 << 16];
	void *out;
	size_t n;

	(void)context;
	lacks = MAY_LACK;
	assert_works(mshv_partition_save_alloc(partition_from, vps_from, 2,
					       &out, &n));
	free(blob);
	blob = out;
	size = n;
	assert_fails(mshv_partition_set_property(NULL, 0, 0), EINVAL);
	before = *last;
	assert_works(mshv_vp_save(vps_from[0], buf, sizeof(buf), &n));
	assert_memory_equal(last, &before, sizeof(before));
	assert_works(mshv_vp_save_alloc(vps_from[0], &out, &n));
	free(out);
	assert_works(mshv_partition_save(partition_from, vps_from, 2, buf,
					 sizeof(buf), &n));
	assert_memory_equal(last, &before, sizeof(before));
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_memory_equal(last, &before, sizeof(before));
	assert_works(restore());
	assert_memory_equal(last, &before, sizeof(before));
}

/* The target may have what the blob lacks; it keeps it. */
static void more_than_the_blob(void **context)
{
	(void)context;
	free(blob);
	lacks = MAY_LACK;
	lacks_state = MSHV_VP_STATE_LAPIC;
	switch_on(&from, HV_X64_REGISTER_APIC_BASE, 1 << 11, false);
	assert_works(mshv_partition_save_alloc(partition_from, vps_from, 2,
					       &blob, &size));
	lacks = ~0u;
	lacks_state = -1;
	memset(to.vp[0].state[MSHV_VP_STATE_LAPIC], 0x77, 176);
	assert_works(restore());
	assert_int_equal(to.vp[0].state[MSHV_VP_STATE_LAPIC][5], 0x77);
	assert_memory_equal(to.vp[0].state[MSHV_VP_STATE_SIMP],
			    from.vp[0].state[MSHV_VP_STATE_SIMP], 64);
}

/* An optional register that has its value already isn't written. */
static void read_only_register(void **context)
{
	struct value *v = find(to.vp[1].regs, REGISTERS, NAMED(MAY_LACK));

	(void)context;
	*v = *find(from.vp[1].regs, REGISTERS, NAMED(MAY_LACK));
	read_only = MAY_LACK;
	assert_works(mshv_vp_restore(vps_to[1], blob, size));
	assert_same_states(1);

	v->high ^= 1;
	copy = to;
	assert_fails(mshv_vp_restore(vps_to[1], blob, size), EINVAL);
	/* behind activity, interruption, interrupt state and two events */
	assert_int_equal(mshv_last_error()->index, 5);
	assert_memory_equal(&to.vp, &copy.vp, sizeof(to.vp));
}

static void contents(void **context)
{
	uint8_t *regs = bytes_of(LIBMSHV_SNAPSHOT_REGISTERS, 0);
	uint8_t *events = bytes_of(LIBMSHV_SNAPSHOT_EVENTS, 1);
	uint8_t *properties = bytes_of(LIBMSHV_SNAPSHOT_PROPERTIES,
				       LIBMSHV_SNAPSHOT_NO_VP);
	uint8_t old[48];
	size_t n = section(LIBMSHV_SNAPSHOT_EVENTS, 1).size_bytes;

	(void)context;
	/* required registers in another order */
	memcpy(old, regs, 48);
	memcpy(regs, old + 24, 24);
	memcpy(regs + 24, old, 24);
	seal();
	assert_fails(restore(), EBADMSG);
	memcpy(regs, old, 48);

	/* one that must not be written: HV_REGISTER_EXPLICIT_SUSPEND */
	memcpy(old, events + n - 24, 24);
	memset(events + n - 24, 0, 4);
	seal();
	assert_fails(restore(), EOPNOTSUPP);
	assert_int_equal(mshv_last_error()->index, n / 24 - 1);
	memcpy(events + n - 24, old, 24);

	/* a property to be set that isn't one of those */
	memcpy(old, properties, 16);
	properties[4] = 2;
	seal();
	assert_fails(restore(), EBADMSG);
	properties[4] = old[4];
	properties[0] ^= 0x55;
	seal();
	assert_fails(restore(), EOPNOTSUPP);
	properties[0] ^= 0x55;

	/* the other architecture */
	((uint8_t *)blob)[12] ^= 3;
	seal();
	assert_fails(restore(), EOPNOTSUPP);
	assert_works(mshv_snapshot_check(blob, size, NULL));
	((uint8_t *)blob)[12] ^= 3;
	assert_int_equal(writes, 0);
	seal();
	assert_works(restore());
}

#if defined(__x86_64__)

static void msrs(void **context)
{
	uint8_t *data = bytes_of(LIBMSHV_SNAPSHOT_MSRS, 1);
	size_t n = section(LIBMSHV_SNAPSHOT_MSRS, 1).size_bytes / 16, i;
	uint8_t old[32];

	(void)context;
	assert_true(n > 40);
	/* neither what is a register of its own nor the timers */
	for (i = 0; i < n; i++) {
		uint32_t msr = libmshv_get32(data, i * 16);

		assert_true(msr != 0x1b && msr != 0xc0000080 &&
			    msr - 0x400000b0 >= 8);
	}
	memcpy(old, data, 32);
	memcpy(data, old + 16, 16);
	memcpy(data + 16, old, 16);
	seal();
	assert_fails(restore(), EBADMSG);
	assert_int_equal(mshv_last_error()->index, 1);
	memcpy(data, old, 32);
	data[16] ^= 1;
	seal();
	assert_fails(restore(), ENXIO);
	data[16] ^= 1;
	assert_int_equal(writes, 0);

	/* a partition without RDTSCP and RDPID, so without TSC_AUX */
	seal();
	find(to.properties, PROPERTIES,
	     HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0)->low &=
		~(1ULL << 38 | 1ULL << 57);
	assert_fails(mshv_vp_restore(vps_to[0], blob, size), ENXIO);
	assert_string_equal(mshv_last_error()->what,
			    "snapshot: the VP lacks an MSR");
	assert_int_equal(writes, 0);
}

static int without_lapic(int fd, uint32_t request, void *arg)
{
	if (request == MSHV_CREATE_PARTITION)
		return fake_no_page_fd();
	return hypervisor(fd, request, arg);
}

/* What a VMM says of its own APIC means nothing if there is no other. */
static void no_lapic(void **context)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_partition *partition;
	struct mshv_dev *dev;
	struct mshv_vp *vp;
	size_t n;
	void *out;
	int lapic;

	(void)context;
	fake_instead = without_lapic;
	lacks_state = MSHV_VP_STATE_LAPIC;
	switch_on(&from, HV_X64_REGISTER_APIC_BASE, 1 << 11, true);
	assert_works(mshv_dev_open("/dev/null", &dev));
	for (lapic = 0; lapic < 2; lapic++) {
		options.flags = lapic ? 1ULL << MSHV_PT_BIT_LAPIC : 0;
		assert_works(mshv_partition_create(dev, &options, &partition));
		from.vp_fd[0] = fake_no_page_fd();
		assert_works(mshv_vp_from_fd(partition, from.vp_fd[0], 0, &vp));
		if (lapic) {
			assert_fails(mshv_vp_save_alloc(vp, &out, &n), EINVAL);
		} else {
			assert_works(mshv_vp_save_alloc(vp, &out, &n));
			free(out);
		}
		mshv_vp_close(vp);
		mshv_partition_close(partition);
	}
	mshv_dev_close(dev);
}

/* Where in the list of registers, or -1. */
static long place(uint32_t type, uint32_t name)
{
	const uint8_t *regs = bytes_of(type, 0);
	size_t n = section(type, 0).size_bytes / 24, i;

	for (i = 0; i < n; i++)
		if (libmshv_get32(regs, i * 24) == name)
			return (long)i;
	return -1;
}

static void save_again(void)
{
	free(blob);
	assert_works(mshv_vp_save_alloc(vps_from[0], &blob, &size));
}

static const struct {
	uint32_t section, name;
	uint32_t property;
	unsigned int bit;
} featured[] = {
	{ LIBMSHV_SNAPSHOT_REGISTERS, HV_X64_REGISTER_SSP,
	  HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, 8 },
	{ LIBMSHV_SNAPSHOT_REGISTERS, HV_X64_REGISTER_TSX_CTRL,
	  HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0, 62 },
	{ LIBMSHV_SNAPSHOT_REGISTERS, HV_X64_REGISTER_UMWAIT_CONTROL,
	  HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, 12 },
	{ LIBMSHV_SNAPSHOT_EVENTS, HV_X64_REGISTER_XFD,
	  HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, 26 },
	{ LIBMSHV_SNAPSHOT_EVENTS, HV_X64_REGISTER_XFD_ERR,
	  HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, 26 },
	{ LIBMSHV_SNAPSHOT_EVENTS, HV_X64_REGISTER_TSC_DEADLINE,
	  HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, 17 },
};

/* Registers that a feature brings, if the hypervisor knows them. */
static void registers_of_features(void **context)
{
	uint8_t *msrs = bytes_of(LIBMSHV_SNAPSHOT_MSRS, 0);
	size_t n = section(LIBMSHV_SNAPSHOT_MSRS, 0).size_bytes / 16, i, k;
	uint32_t msr;

	(void)context;
	for (i = 0; i < ARRAY_SIZE(featured); i++) {
		struct value *v = find(from.vp[0].regs, REGISTERS,
				       NAMED(featured[i].name));
		long at = place(featured[i].section, featured[i].name);
		uint64_t *features = &find(from.properties, PROPERTIES,
					   featured[i].property)->low;

		assert_true(at >= 0 && v->low);
		assert_int_equal(libmshv_get64(bytes_of(featured[i].section, 0),
					       (size_t)at * 24 + 8), v->low);
		/* once */
		for (k = 0; !mshv_msr_from_register(featured[i].name, &msr) &&
			    k < n; k++)
			assert_int_not_equal(libmshv_get32(msrs, k * 16), msr);

		lacks = featured[i].name;
		asked = false;
		save_again();
		assert_true(asked);
		assert_int_equal(place(featured[i].section, featured[i].name),
				 -1);
		/* without the feature nobody asks */
		*features &= ~(1ULL << featured[i].bit);
		asked = false;
		save_again();
		assert_false(asked);
		assert_int_equal(place(featured[i].section, featured[i].name),
				 -1);
		*features = UINT64_MAX;
		lacks = ~0u;
		save_again();
		msrs = bytes_of(LIBMSHV_SNAPSHOT_MSRS, 0);
		n = section(LIBMSHV_SNAPSHOT_MSRS, 0).size_bytes / 16;
	}
	lacks = HV_X64_REGISTER_SSP;
	assert_fails(mshv_vp_restore(vps_to[0], blob, size), ENXIO);
	assert_string_equal(mshv_last_error()->what,
			    "snapshot: the VP lacks a register");
	assert_int_equal(writes, 0);
}

/* When each of them was written, counted from 1. */
static unsigned int now, when_xsave, when_lapic, when_tsc, when_xfd,
		    when_deadline;

static int clocked(int fd, uint32_t request, void *arg)
{
	const struct mshv_get_set_vp_state *state = arg;
	const struct mshv_root_hvcall *args = arg;
	const struct hv_input_set_vp_registers *in;
	uint16_t i;

	now++;
	if (request == MSHV_SET_VP_STATE) {
		if (state->type == MSHV_VP_STATE_XSAVE)
			when_xsave = now;
		else if (state->type == MSHV_VP_STATE_LAPIC)
			when_lapic = now;
	} else if (request == MSHV_ROOT_HVCALL &&
		   args->code == HVCALL_SET_VP_REGISTERS) {
		in = (const void *)(uintptr_t)args->in_ptr;
		for (i = 0; i < args->reps; i++) {
			if (in->elements[i].name == HV_X64_REGISTER_TSC)
				when_tsc = now;
			else if (in->elements[i].name == HV_X64_REGISTER_XFD)
				when_xfd = now;
			else if (in->elements[i].name ==
				 HV_X64_REGISTER_TSC_DEADLINE)
				when_deadline = now;
		}
	}
	return hypervisor(fd, request, arg);
}

static void order(void **context)
{
	(void)context;
	fake_instead = clocked;
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_true(when_xsave && when_lapic && when_tsc);
	assert_true(when_xfd > when_xsave);
	assert_true(when_deadline > when_lapic && when_deadline > when_tsc);

	/* The timer was stopped with the APIC: what it has isn't enough. */
	when_xfd = when_deadline = 0;
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_int_equal(when_xfd, 0);
	assert_true(when_deadline > when_lapic);

	/* 0 starts none */
	find(from.vp[0].regs, REGISTERS,
	     NAMED(HV_X64_REGISTER_TSC_DEADLINE))->low = 0;
	save_again();
	when_deadline = 0;
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_true(when_deadline != 0);
	when_deadline = 0;
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_int_equal(when_deadline, 0);
}

/* Interrupts that the driver has put on the register page. */
static void pending_vectors(void **context)
{
	struct hv_vp_register_page *page;
	struct mshv_vp *vp;
	void *mapped;
	uint8_t *irr;

	(void)context;
	from.vp_fd[0] = fake_page_fd(&mapped);
	page = mapped;
	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->isvalid = 1;
	page->interrupt_vectors.vector_count = 3;
	page->interrupt_vectors.vector[0] = 0x41;
	page->interrupt_vectors.vector[1] = 3;	/* no such thing */
	page->interrupt_vectors.vector[2] = 0xff;
	page->interrupt_vectors.vector[3] = 0x60;
	memset(from.vp[0].state[MSHV_VP_STATE_LAPIC], 0, 176);
	/* and registers that the hypervisor doesn't know of yet */
	page->rax = 0x1234;
	page->xmm_registers[2].low_part = 0x5678;
	page->dirty = 1 << HV_X64_REGISTER_CLASS_GENERAL |
		      1 << HV_X64_REGISTER_CLASS_XMM;

	free(blob);
	vp = fake_vp_from_fd(NULL, from.vp_fd[0], 0);
	assert_works(mshv_vp_save_alloc(vp, &blob, &size));
	irr = bytes_of(LIBMSHV_SNAPSHOT_LAPIC, 0) +
	      offsetof(struct hv_local_interrupt_controller_state, apic_irr);
	assert_int_equal(irr[8], 2);
	assert_int_equal(irr[31], 0x80);
	assert_int_equal(irr[0] | irr[12], 0);
	assert_int_equal(page->dirty, 0);
	assert_int_equal(find(from.vp[0].regs, REGISTERS,
			      NAMED(HV_X64_REGISTER_XMM2))->low, 0x5678);
	assert_works(mshv_vp_restore(vps_to[0], blob, size));
	assert_int_equal(find(to.vp[0].regs, REGISTERS,
			      NAMED(HV_X64_REGISTER_RAX))->low, 0x1234);
	mshv_vp_close(vp);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		snapshot_test(round_trip),
		snapshot_test(one_vp),
		snapshot_test(arguments),
		snapshot_test(cut_short),
		snapshot_test(each_byte),
		snapshot_test(each_byte_sealed),
		snapshot_test(taken_back),
		snapshot_test(out_of_memory),
		snapshot_test(changing_size),
		snapshot_test(missing_sections),
		snapshot_test(misfits),
		snapshot_test(refused_for_now),
		snapshot_test(refused_for_good),
		snapshot_test(component_in_use),
		snapshot_test(component_lost),
		snapshot_test(last_error),
		snapshot_test(more_than_the_blob),
		snapshot_test(read_only_register),
		snapshot_test(contents),
#if defined(__x86_64__)
		snapshot_test(msrs),
		snapshot_test(registers_of_features),
		snapshot_test(order),
		snapshot_test(no_lapic),
		snapshot_test(pending_vectors),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
