// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * What the state of a VP consists of besides the registers that
 * register-list.c has, and in which order it is put back:
 * registers before MSRs (CR4 and EFER say what there is), XCR0 before the XSAVE
 * area, the APIC's base before the APIC, the SynIC's MSRs before its pages, and
 * at last what depends on all that or makes the VP act.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mshv/msr.h>
#include <mshv/state.h>

#include "register-list.h"
#include "snapshot.h"

#define REGISTERS_MAX	160
#define MSRS_MAX	256

static const struct libmshv_register_list *const lists =
	libmshv_register_lists[LIBMSHV_ARCH_BUILT];

/*
 * In ascending order, which is the one that they are put back in. The kernel
 * doesn't tell why the hypervisor refuses one; that it is there can be seen in
 * @count registers from @name on, every other one, if a bit of @bits is set.
 */
static const struct component {
	uint32_t section;
	uint32_t state;
	bool required;
	uint32_t name;
	uint8_t count;
	uint64_t bits;
} components[] = {
#if defined(__x86_64__)
	{ LIBMSHV_SNAPSHOT_XSAVE, MSHV_VP_STATE_XSAVE, true, 0, 0, 0 },
	{ LIBMSHV_SNAPSHOT_LAPIC, MSHV_VP_STATE_LAPIC, false,
	  HV_X64_REGISTER_APIC_BASE, 1, 1 << 11 },
#else
	{ LIBMSHV_SNAPSHOT_LAPIC, MSHV_VP_STATE_LAPIC, false, 0, 0, 0 },
#endif
	{ LIBMSHV_SNAPSHOT_SIMP, MSHV_VP_STATE_SIMP, false,
	  HV_REGISTER_SIMP, 1, 1 },
	{ LIBMSHV_SNAPSHOT_SIEFP, MSHV_VP_STATE_SIEFP, false,
	  HV_REGISTER_SIEFP, 1, 1 },
#if defined(__x86_64__)
	/* If there is none, the registers are among the MSRs. */
	{ LIBMSHV_SNAPSHOT_TIMERS, MSHV_VP_STATE_SYNTHETIC_TIMERS, false,
	  0, 0, 0 },
#else
	{ LIBMSHV_SNAPSHOT_TIMERS, MSHV_VP_STATE_SYNTHETIC_TIMERS, false,
	  HV_REGISTER_STIMER0_CONFIG, 4, 1 },
#endif
};

/* ----------------------------------------------------------------- saving */

static int put_registers(struct libmshv_blob *blob,
			 const struct hv_register_assoc *regs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (libmshv_blob_put32(blob, regs[i].name) ||
		    libmshv_blob_put32(blob, 0) ||
		    libmshv_blob_put64(blob, regs[i].value.reg128.low_part) ||
		    libmshv_blob_put64(blob, regs[i].value.reg128.high_part))
			return -ENOMEM;
	return 0;
}

/* The names of those that the hypervisor must have, or may have. */
static size_t list_names(const struct libmshv_register_list *list,
			 bool optional, struct hv_register_assoc *regs)
{
	size_t i, n = 0;
	uint32_t k;

	for (i = 0; i < list->count; i++)
		for (k = 0; list->ranges[i].optional == optional &&
			    k < list->ranges[i].count; k++)
			regs[n++].name = list->ranges[i].name + k;
	return n;
}

/* One that isn't there is left out. */
static int save_optional(struct libmshv_blob *blob, struct mshv_vp *vp,
			 uint32_t name)
{
	struct hv_register_assoc reg = { .name = name };
	int ret = mshv_vp_get_registers(vp, &reg, 1);

	if (ret && libmshv_is_absent())
		return 0;
	return ret ? ret : put_registers(blob, &reg, 1);
}

static int save_list(struct libmshv_blob *blob, struct mshv_vp *vp,
		     const struct libmshv_register_list *list,
		     const struct libmshv_granted *features)
{
	struct hv_register_assoc regs[REGISTERS_MAX];
	const struct libmshv_range *range;
	size_t i, n;
	uint32_t k;
	int ret;

	ret = libmshv_blob_section(blob, list->section, vp->index);
	if (ret)
		return ret;
	memset(regs, 0, sizeof(regs));
	n = list_names(list, false, regs);
	ret = mshv_vp_get_registers(vp, regs, n);
	if (!ret)
		ret = put_registers(blob, regs, n);

	for (i = 0; i < list->count; i++) {
		range = &list->ranges[i];
		if (!range->optional ||
		    !libmshv_is_granted(features,
					(enum libmshv_need)range->need))
			continue;
		for (k = 0; !ret && k < range->count; k++)
			ret = save_optional(blob, vp, range->name + k);
	}
	return ret;
}

static bool in_list(const struct libmshv_register_list *list, uint32_t name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (name - list->ranges[i].name < list->ranges[i].count)
			return true;
	return false;
}

/* The timers' registers are in a component, and writing them starts a timer. */
static bool is_msr_of_its_own(uint32_t msr, bool has_timers)
{
	uint32_t name;

	if (mshv_msr_to_register(msr, &name) || in_list(&lists[0], name) ||
	    in_list(&lists[1], name))
		return false;
	return !has_timers || name - HV_REGISTER_STIMER0_CONFIG >= 8;
}

static int get_msrs(struct mshv_vp *vp,
		    const struct libmshv_granted *features, bool has_timers,
		    struct mshv_msr *msrs, size_t *count)
{
	uint32_t list[MSRS_MAX];
	size_t i, n = 0;
	int ret;

	*count = 0;
	ret = libmshv_msr_list(features, list, ARRAY_SIZE(list), &n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		if (is_msr_of_its_own(list[i], has_timers))
			msrs[(*count)++] = (struct mshv_msr) { .msr = list[i] };
	return mshv_vp_get_msrs(vp, msrs, *count);
}

static int save_msrs(struct libmshv_blob *blob, struct mshv_vp *vp,
		     const struct libmshv_granted *features, bool has_timers)
{
	struct mshv_msr msrs[MSRS_MAX];
	size_t i, n;
	int ret;

	ret = get_msrs(vp, features, has_timers, msrs, &n);
	if (ret || !n)
		return ret;
	ret = libmshv_blob_section(blob, LIBMSHV_SNAPSHOT_MSRS, vp->index);
	for (i = 0; !ret && i < n; i++)
		if (libmshv_blob_put32(blob, msrs[i].msr) ||
		    libmshv_blob_put32(blob, 0) ||
		    libmshv_blob_put64(blob, msrs[i].value))
			return -ENOMEM;
	return ret;
}

/* Whether the VP uses a component, or an error. */
static int in_use(struct mshv_vp *vp, const struct component *c)
{
	struct hv_register_assoc reg = { .name = c->name };
	uint32_t i;
	int ret;

	/* The bit is what the VMM or the guest has put there. */
	if (c->section == LIBMSHV_SNAPSHOT_LAPIC && vp->partition &&
	    vp->partition->no_lapic)
		return 0;
	for (i = 0; i < c->count; i++, reg.name += 2) {
		ret = mshv_vp_get_registers(vp, &reg, 1);
		if (ret && !libmshv_is_absent())
			return ret;
		if (!ret && reg.value.reg64 & c->bits)
			return 1;
	}
	return 0;
}

/*
 * How long it is; 0 if there is none. What the hypervisor doesn't know it refuses
 * with INVALID_PARAMETER, which becomes EINVAL.
 */
static int component_size(struct mshv_vp *vp, const struct component *c,
			  size_t *size)
{
	int ret = mshv_vp_get_state(vp, c->state, NULL, 0, size), used;
	struct mshv_error refused;

	if (ret == -E2BIG)
		return 0;
	*size = 0;
	if (ret != -EINVAL || c->required)
		return ret;
	refused = *mshv_last_error();
	used = in_use(vp, c);
	if (used <= 0)
		return used;
	libmshv_error_restore(&refused);
	libmshv_error_set_what("snapshot: a component is refused, and in use");
	errno = EINVAL;
	return ret;
}

/*
 * Interrupts that the driver has put on the register page, for the hypervisor
 * to take over at the next dispatch. They are edge-triggered. The driver may
 * add another at any time, so this is one load.
 */
static void add_vectors(const struct mshv_vp *vp, uint8_t *lapic, size_t size)
{
#if defined(__x86_64__)
	union hv_vp_register_page_interrupt_vectors pending;
	size_t irr = offsetof(struct hv_local_interrupt_controller_state,
			      apic_irr);
	unsigned int i, vector;

	if (!vp->page || vp->page->version != HV_VP_REGISTER_PAGE_VERSION_1 ||
	    size < sizeof(struct hv_local_interrupt_controller_state))
		return;
	pending.as_uint64 = *(const volatile __u64 *)
			    &vp->page->interrupt_vectors;
	for (i = 0; i < pending.vector_count &&
		    i < HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT; i++) {
		vector = pending.vector[i];
		if (vector >= 16)
			lapic[irr + vector / 8] |= (uint8_t)(1u << vector % 8);
	}
#else
	(void)vp;
	(void)lapic;
	(void)size;
#endif
}

static int save_component(struct libmshv_blob *blob, struct mshv_vp *vp,
			  const struct component *c, size_t size)
{
	uint8_t *bytes;
	size_t got;
	int ret;

	if (!size)
		return 0;
	ret = libmshv_blob_section(blob, c->section, vp->index);
	if (ret)
		return ret;
	bytes = libmshv_blob_space(blob, size);
	if (!bytes)
		return -ENOMEM;
	ret = mshv_vp_get_state(vp, c->state, bytes, size, &got);
	if (ret)
		return ret;
	if (got != size)
		return libmshv_fail(EPROTO, "snapshot: a component changes its size");
	if (c->section == LIBMSHV_SNAPSHOT_LAPIC)
		add_vectors(vp, bytes, size);
	return 0;
}

int libmshv_save_vp(struct libmshv_blob *blob, struct mshv_vp *vp)
{
	size_t sizes[ARRAY_SIZE(components)], i;
	struct libmshv_granted features;
	int ret;

	ret = libmshv_granted_get(vp->fd, &features);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(components); i++) {
		ret = component_size(vp, &components[i], &sizes[i]);
		if (ret)
			return ret;
	}
	ret = save_list(blob, vp, &lists[0], &features);
	if (!ret)
		ret = save_msrs(blob, vp, &features,
				sizes[ARRAY_SIZE(sizes) - 1] != 0);
	for (i = 0; !ret && i < ARRAY_SIZE(components); i++)
		ret = save_component(blob, vp, &components[i], sizes[i]);
	if (!ret)
		ret = save_list(blob, vp, &lists[1], &features);
	return ret;
}

/* --------------------------------------------------------------- checking */

static int misfit(int errnum, const char *what, size_t index)
{
	int ret = libmshv_fail(errnum, what);

	libmshv_error_set_index(index);
	return ret;
}

/*
 * A list of registers has those of the table, in its order: all that are
 * required, and optional ones only if the VP has them as well.
 */
static int check_list(const struct libmshv_register_list *list,
		      uint32_t vp_index,
		      const struct mshv_snapshot_section *s,
		      const struct libmshv_blob *before)
{
	size_t n = s->size_bytes / LIBMSHV_REGISTER_BYTES, at = 0, i, has, b;
	struct hv_register_assoc regs[REGISTERS_MAX];
	struct mshv_snapshot_section own;
	size_t required, optional, k = 0;

	if (!libmshv_find_section(before->bytes, before->used, list->section,
				  vp_index, &own))
		return libmshv_fail(EPROTO, "snapshot: nothing to compare with");
	has = own.size_bytes / LIBMSHV_REGISTER_BYTES;

	required = list_names(list, false, regs);
	optional = list_names(list, true, regs + required);
	for (i = 0, b = required; i < n; i++, at += LIBMSHV_REGISTER_BYTES) {
		uint32_t name = libmshv_get32(s->data, at);

		if (libmshv_get32(s->data, at + 4))
			return libmshv_fail(EBADMSG,
					    "snapshot: reserved bits are set");
		if (k < required) {
			if (regs[k++].name != name)
				return misfit(EBADMSG,
					      "snapshot: a register is missing",
					      i);
			continue;
		}
		while (k < required + optional && regs[k].name != name)
			k++;
		if (k++ >= required + optional)
			return misfit(EOPNOTSUPP,
				      "snapshot: an unknown register", i);
		while (b < has && libmshv_get32(own.data, b *
						LIBMSHV_REGISTER_BYTES) != name)
			b++;
		if (b == has)
			return misfit(ENXIO, "snapshot: the VP lacks a register",
				      i);
	}
	if (n < required)
		return misfit(EBADMSG, "snapshot: a register is missing", n);
	return 0;
}

static int check_msrs(uint32_t vp_index, const struct mshv_snapshot_section *s,
		      const struct libmshv_blob *before)
{
	size_t n = s->size_bytes / LIBMSHV_MSR_BYTES, i, b = 0, has = 0;
	struct mshv_snapshot_section own;

	if (libmshv_find_section(before->bytes, before->used,
				 LIBMSHV_SNAPSHOT_MSRS, vp_index, &own))
		has = own.size_bytes / LIBMSHV_MSR_BYTES;
	for (i = 0; i < n; i++) {
		uint32_t msr = libmshv_get32(s->data, i * LIBMSHV_MSR_BYTES);

		if (libmshv_get32(s->data, i * LIBMSHV_MSR_BYTES + 4))
			return libmshv_fail(EBADMSG,
					    "snapshot: reserved bits are set");
		if (i && msr <= libmshv_get32(s->data,
					      (i - 1) * LIBMSHV_MSR_BYTES))
			return misfit(EBADMSG, "snapshot: MSRs out of order", i);
		/* Both ascend. */
		while (b < has && libmshv_get32(own.data,
						b * LIBMSHV_MSR_BYTES) < msr)
			b++;
		if (b == has || libmshv_get32(own.data,
					      b * LIBMSHV_MSR_BYTES) != msr)
			return misfit(ENXIO, "snapshot: the VP lacks an MSR", i);
	}
	return 0;
}

/* Registers and MSRs alike begin with the name, and have the value at 8. */
static bool has_bits(const struct mshv_snapshot_section *s, size_t item,
		     uint32_t name, uint64_t bits)
{
	size_t at;

	for (at = 0; at < s->size_bytes; at += item)
		if (libmshv_get32(s->data, at) == name)
			return libmshv_get64(s->data, at + 8) & bits;
	return false;
}

/* As in_use(), of the VP that was saved, as far as the blob says. */
static bool was_in_use(const struct component *c, uint32_t vp_index,
		       const void *blob, size_t size)
{
	struct mshv_snapshot_section s;
	uint32_t msr;

	if (in_list(&lists[0], c->name))
		return libmshv_find_section(blob, size, lists[0].section,
					    vp_index, &s) &&
		       has_bits(&s, LIBMSHV_REGISTER_BYTES, c->name, c->bits);
	return !mshv_msr_from_register(c->name, &msr) &&
	       libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_MSRS,
				    vp_index, &s) &&
	       has_bits(&s, LIBMSHV_MSR_BYTES, msr, c->bits);
}

static int check_component(const struct component *c, uint32_t vp_index,
			   const void *blob, size_t size,
			   const struct libmshv_blob *before)
{
	struct mshv_snapshot_section s, own;
	bool there = libmshv_find_section(before->bytes, before->used,
					  c->section, vp_index, &own);

	if (!libmshv_find_section(blob, size, c->section, vp_index, &s)) {
		if (c->required)
			return libmshv_fail(EBADMSG,
					    "snapshot: a component is missing");
		if (there && c->count && was_in_use(c, vp_index, blob, size))
			return libmshv_fail(ENXIO,
					    "snapshot: lacks a component of the VP that was in use");
		return 0;
	}
	if (!there)
		return libmshv_fail(ENXIO, "snapshot: the VP lacks a component");
	if (s.size_bytes != own.size_bytes)
		return libmshv_fail(ENXIO,
				    "snapshot: a component has another size");
	return 0;
}

/* A section that would have to be put back, and that nobody here would. */
static int check_types(uint32_t vp_index, const void *blob, size_t size)
{
	struct mshv_snapshot_section s = { 0 };
	size_t i;

	while (mshv_snapshot_next(blob, size, &s) > 0) {
		bool known = s.type == LIBMSHV_SNAPSHOT_REGISTERS ||
			     s.type == LIBMSHV_SNAPSHOT_MSRS ||
			     s.type == LIBMSHV_SNAPSHOT_EVENTS;

		for (i = 0; i < ARRAY_SIZE(components); i++)
			known |= s.type == components[i].section;
		if (!known && s.vp_index == vp_index &&
		    s.flags & LIBMSHV_SNAPSHOT_CRITICAL)
			return libmshv_fail(EOPNOTSUPP,
					    "snapshot: a section of another architecture");
	}
	return 0;
}

int libmshv_fits_vp(uint32_t vp_index, const void *blob, size_t size,
		    const struct libmshv_blob *before)
{
	struct mshv_snapshot_section s;
	size_t i;
	int ret;

	ret = check_types(vp_index, blob, size);
	if (ret)
		return ret;
	for (i = 0; i < LIBMSHV_REGISTER_LISTS; i++) {
		if (!libmshv_find_section(blob, size, lists[i].section,
					  vp_index, &s))
			return libmshv_fail(i ? EBADMSG : ENOENT,
					    "snapshot: no registers of this VP");
		ret = check_list(&lists[i], vp_index, &s, before);
		if (ret)
			return ret;
	}
	if (libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_MSRS, vp_index,
				 &s)) {
		ret = check_msrs(vp_index, &s, before);
		if (ret)
			return ret;
	} else if (LIBMSHV_ARCH == 1) {
		return libmshv_fail(EBADMSG, "snapshot: no MSRs of this VP");
	}
	for (i = 0; i < ARRAY_SIZE(components); i++) {
		ret = check_component(&components[i], vp_index, blob, size,
				      before);
		if (ret)
			return ret;
	}
	return 0;
}

/* --------------------------------------------------------------- applying */

/* The APIC's timer was stopped, or made for another time, by what came before. */
static bool starts_timer(const struct hv_register_assoc *reg)
{
	return reg->name == HV_X64_REGISTER_TSC_DEADLINE && reg->value.reg64;
}

/* What a hypervisor may lack it may also let nobody write: not unless it has to. */
static int apply_optional(struct mshv_vp *vp,
			  const struct hv_register_assoc *reg, size_t index)
{
	struct hv_register_assoc now = { .name = reg->name };
	int ret = mshv_vp_get_registers(vp, &now, 1);

	if (!ret && (starts_timer(reg) ||
		     memcmp(&now.value, &reg->value, sizeof(now.value))))
		ret = mshv_vp_set_registers(vp, reg, 1);
	if (ret)
		libmshv_error_set_index(index);
	return ret;
}

static int apply_list(struct mshv_vp *vp,
		      const struct libmshv_register_list *list,
		      const void *blob, size_t size)
{
	struct hv_register_assoc regs[REGISTERS_MAX];
	struct mshv_snapshot_section s;
	size_t i, n, at, required = list_names(list, false, regs);
	int ret;

	if (!libmshv_find_section(blob, size, list->section, vp->index, &s))
		return libmshv_fail(ENOENT, "snapshot: no registers of this VP");
	n = s.size_bytes / LIBMSHV_REGISTER_BYTES;
	memset(regs, 0, sizeof(regs));
	for (i = 0, at = 0; i < n; i++, at += LIBMSHV_REGISTER_BYTES) {
		regs[i].name = libmshv_get32(s.data, at);
		regs[i].value.reg128.low_part = libmshv_get64(s.data, at + 8);
		regs[i].value.reg128.high_part = libmshv_get64(s.data, at + 16);
	}
	ret = mshv_vp_set_registers(vp, regs, required);
	for (i = required; !ret && i < n; i++)
		ret = apply_optional(vp, &regs[i], i);
	return ret;
}

static int apply_msrs(struct mshv_vp *vp, const void *blob, size_t size)
{
	struct mshv_msr msrs[MSRS_MAX];
	struct mshv_snapshot_section s;
	size_t i, n;

	if (!libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_MSRS, vp->index,
				  &s))
		return 0;
	n = s.size_bytes / LIBMSHV_MSR_BYTES;
	for (i = 0; i < n; i++)
		msrs[i] = (struct mshv_msr) {
			.msr = libmshv_get32(s.data, i * LIBMSHV_MSR_BYTES),
			.value = libmshv_get64(s.data,
					       i * LIBMSHV_MSR_BYTES + 8),
		};
	return mshv_vp_set_msrs(vp, msrs, n);
}

int libmshv_apply_vp(struct mshv_vp *vp, const void *blob, size_t size)
{
	struct mshv_snapshot_section s;
	size_t i;
	int ret;

	ret = apply_list(vp, &lists[0], blob, size);
	if (!ret)
		ret = apply_msrs(vp, blob, size);
	for (i = 0; !ret && i < ARRAY_SIZE(components); i++)
		if (libmshv_find_section(blob, size, components[i].section,
					 vp->index, &s))
			ret = mshv_vp_set_state(vp, components[i].state,
						s.data, s.size_bytes);
	if (!ret)
		ret = apply_list(vp, &lists[1], blob, size);
	return ret;
}
