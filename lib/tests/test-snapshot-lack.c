// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Snapshots where something is missing: in the hypervisor, in the VP that is
 * restored, or in the blob. See fake-snapshot.h for whose they are.
 */
#include "config.h"

#include <stdlib.h>

#include "fake-snapshot.h"

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
	/* One that is on is enough: let that be the one below. */
	for (i = 0; i < 4; i++)
		switch_on(&from, HV_REGISTER_STIMER0_CONFIG + 2 * i, 1, false);
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

#if defined(__x86_64__)

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
		vp = fake_vp_from_fd(partition, from.vp_fd[0], 0);
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

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		snapshot_test(misfits),
		snapshot_test(refused_for_now),
		snapshot_test(refused_for_good),
		snapshot_test(component_in_use),
		snapshot_test(component_lost),
		snapshot_test(last_error),
		snapshot_test(more_than_the_blob),
#if defined(__x86_64__)
		snapshot_test(registers_of_features),
		snapshot_test(order),
		snapshot_test(no_lapic),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
