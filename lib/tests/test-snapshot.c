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
		snapshot_test(read_only_register),
		snapshot_test(contents),
#if defined(__x86_64__)
		snapshot_test(msrs),
		snapshot_test(pending_vectors),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
