// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <stdlib.h>

#include "fake-snapshot.h"

struct model from, to;
size_t state_size[STATES] = { 176, 600, 64, 72, 200 };
uint32_t lacks, lacks_property;
uint16_t lacks_status;
bool asked;
uint32_t read_only;
int lacks_state = -1, lacks_state_errno;
unsigned int writes, fail_write, reads;

struct mshv_partition *partition_from, *partition_to;
struct mshv_vp *vps_from[2], *vps_to[2];

struct value *find(struct value *values, size_t count, uint32_t name)
{
	for (; count--; values++) {
		if (!values->name)
			values->name = name;
		if (values->name == name)
			return values;
	}
	fail_msg("no room for 0x%x", name);
	return NULL;
}

/* ---------------------------------------------------------- the hypervisor */

static int registers(struct mshv_root_hvcall *args, struct model *m, bool set)
{
	const struct hv_input_get_vp_registers *get =
		(const void *)(uintptr_t)args->in_ptr;
	const struct hv_input_set_vp_registers *put = (const void *)get;
	union hv_register_value *out = (void *)(uintptr_t)args->out_ptr;
	struct model_vp *vp = &m->vp[get->vp_index];
	uint16_t i;

	assert_true(get->vp_index < 2);
	for (i = 0; i < args->reps; i++) {
		uint32_t name = set ? put->elements[i].name : get->names[i];
		struct value *v = find(vp->regs, REGISTERS, NAMED(name));
		bool refuse = name == lacks;

		if (set)
			refuse |= ++writes == fail_write || name == read_only;
		if (name == lacks)
			asked = true;
		if (refuse) {
			args->reps = i;
			args->status = name == lacks ? lacks_status :
						       HV_STATUS_INVALID_PARAMETER;
			errno = args->status == HV_STATUS_INVALID_PARAMETER ?
				EINVAL : EIO;
			return -1;
		}
		if (set) {
			v->low = put->elements[i].value.reg128.low_part;
			v->high = put->elements[i].value.reg128.high_part;
		} else {
			out[i].reg128 = (struct hv_u128) { v->low, v->high };
		}
	}
	return 0;
}

static int property(struct mshv_root_hvcall *args, struct model *m, bool set)
{
	const struct hv_input_set_partition_property *in =
		(const void *)(uintptr_t)args->in_ptr;
	struct value *v;

	if (in->property_code == HV_PARTITION_PROPERTY_PROCESSOR_VENDOR) {
		args->status = HV_STATUS_UNKNOWN_PROPERTY;
		errno = EIO;
		return -1;
	}
	if (!set && in->property_code == lacks_property) {
		args->status = lacks_status;
		errno = EIO;
		return -1;
	}
	if (set && ++writes == fail_write) {
		args->status = HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		errno = EIO;
		return -1;
	}
	v = find(m->properties, PROPERTIES, in->property_code);
	if (set)
		v->low = in->property_value;
	else
		*(uint64_t *)(uintptr_t)args->out_ptr = v->low;
	return 0;
}

static int state(struct mshv_get_set_vp_state *args, struct model *m,
		 unsigned int vp, bool set)
{
	void *buf = (void *)(uintptr_t)args->buf_ptr;
	void *own = m->vp[vp].state[args->type];

	args->buf_sz = (uint32_t)state_size[args->type];
	if (args->type == lacks_state) {
		errno = lacks_state_errno;
		return -1;
	}
	if (set && ++writes == fail_write) {
		errno = EINVAL;
		return -1;
	}
	memcpy(set ? own : buf, set ? buf : own, args->buf_sz);
	return 0;
}

static struct model *model_of(int fd, int *vp)
{
	struct model *m = fd == from.fd || fd == from.vp_fd[0] ||
			  fd == from.vp_fd[1] ? &from : &to;

	*vp = fd == m->vp_fd[0] ? 0 : fd == m->vp_fd[1] ? 1 : -1;
	assert_true(*vp >= 0 || fd == m->fd);
	return m;
}

int hypervisor(int fd, uint32_t request, void *arg)
{
	struct mshv_root_hvcall *args = arg;
	int vp;
	struct model *m = model_of(fd, &vp);

	reads++;
	if (request == MSHV_GET_VP_STATE || request == MSHV_SET_VP_STATE)
		return state(arg, m, (unsigned int)vp,
			     request == MSHV_SET_VP_STATE);
	assert_int_equal(request, MSHV_ROOT_HVCALL);
	switch (args->code) {
	case HVCALL_GET_VP_REGISTERS:
		return registers(args, m, false);
	case HVCALL_SET_VP_REGISTERS:
		return registers(args, m, true);
	case HVCALL_GET_PARTITION_PROPERTY:
		return property(args, m, false);
	case HVCALL_SET_PARTITION_PROPERTY:
		return property(args, m, true);
	}
	fail_msg("hypercall 0x%x", args->code);
	return -1;
}

/* ------------------------------------------------------------------ set up */

static void make(struct model *m, struct mshv_partition **partition,
		 struct mshv_vp **vps)
{
	static const uint32_t features[] = {
		HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
		HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES,
	};
	uint32_t i;

	memset(m, 0, sizeof(*m));
	m->fd = fake_no_page_fd();
	assert_works(mshv_partition_from_fd(NULL, m->fd, partition));
	for (i = 0; i < 2; i++) {
		m->vp_fd[i] = fake_no_page_fd();
		vps[i] = fake_vp_from_fd(*partition, m->vp_fd[i], i);
	}
	for (i = 0; i < ARRAY_SIZE(features); i++)
		find(m->properties, PROPERTIES, features[i])->low = UINT64_MAX;
}

static uint64_t seed = 1;

static uint64_t next(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 13;
}

void fill(struct model *m)
{
	size_t vp, i, k;

	for (vp = 0; vp < 2; vp++) {
		for (i = 0; i < REGISTERS; i++) {
			struct value *v = &m->vp[vp].regs[i];
			uint32_t msr;

			v->low = next();
			/* MSRs have 64 bits */
			if (mshv_msr_from_register(v->name & ~NAMED(0), &msr))
				v->high = next();
		}
		for (i = 0; i < STATES; i++)
			for (k = 0; k < state_size[i]; k++)
				m->vp[vp].state[i][k] = (uint8_t)next();
	}
	find(m->properties, PROPERTIES,
	     HV_PARTITION_PROPERTY_REFERENCE_TIME)->low = next();
	find(m->properties, PROPERTIES,
	     HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION)->low = next();
}

void *blob;
size_t size;

int setup(void **context)
{
	fake_reset(context);
	fake_instead = hypervisor;
	lacks = lacks_property = read_only = ~0u;
	lacks_status = HV_STATUS_INVALID_PARAMETER;
	lacks_state = -1;
	lacks_state_errno = EINVAL;
	fail_write = 0;
	make(&from, &partition_from, vps_from);
	make(&to, &partition_to, vps_to);
	/* the first time tells the model what there is */
	assert_works(mshv_partition_save_alloc(partition_to, vps_to, 2, &blob,
					       &size));
	free(blob);
	assert_works(mshv_partition_save_alloc(partition_from, vps_from, 2,
					       &blob, &size));
	free(blob);
	fill(&from);
	assert_works(mshv_partition_save_alloc(partition_from, vps_from, 2,
					       &blob, &size));
	writes = 0;
	return 0;
}

int teardown(void **context)
{
	int i;

	for (i = 0; i < 2; i++) {
		mshv_vp_close(vps_from[i]);
		mshv_vp_close(vps_to[i]);
	}
	mshv_partition_close(partition_from);
	mshv_partition_close(partition_to);
	free(blob);
	return fake_done(context);
}

int restore(void)
{
	return mshv_partition_restore(partition_to, vps_to, 2, blob, size);
}

void assert_same_as_blob(void)
{
	struct mshv_snapshot_section s;
	size_t again_size = 0, first;
	void *again;

	assert_true(libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_REGISTERS,
					 0, &s));
	first = (size_t)((const char *)s.data - (const char *)blob);
	assert_works(mshv_partition_save_alloc(partition_to, vps_to, 2, &again,
					       &again_size));
	assert_int_equal(again_size, size);
	assert_memory_equal((char *)again + first, (char *)blob + first,
			    size - first);
	free(again);
}

void seal(void)
{
	uint8_t *bytes = blob;
	uint32_t crc = ~0u;
	size_t i, bit;

	memset(bytes + 28, 0, 4);
	for (i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	crc = ~crc;
	for (i = 0; i < 4; i++)
		bytes[28 + i] = (uint8_t)(crc >> 8 * i);
}

struct mshv_snapshot_section section(uint32_t type, uint32_t vp)
{
	struct mshv_snapshot_section s;

	assert_true(libmshv_find_section(blob, size, type, vp, &s));
	return s;
}

uint8_t *bytes_of(uint32_t type, uint32_t vp)
{
	return (uint8_t *)(uintptr_t)section(type, vp).data;
}

static void put64(uint8_t *bytes, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

void take_out(uint32_t type, uint32_t vp)
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
