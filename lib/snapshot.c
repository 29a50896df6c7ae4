// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Snapshots of VPs and partitions: first everything is read, checked and
 * compared, then it is written, and taken back if that fails half way. See
 * <mshv/snapshot.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

enum use {
	TO_KNOW,	/* of interest to the VMM */
	TO_COMPARE,	/* the guest relies on it */
	TO_SET,
};

/* Those that a hypervisor doesn't know are left out. */
static const struct property {
	uint32_t code;
	uint32_t use;
} properties[] = {
	{ HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET, TO_SET },
	{ HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, TO_SET },
	{ HV_PARTITION_PROPERTY_PROCESSOR_VENDOR, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, TO_KNOW },
	{ HV_PARTITION_PROPERTY_XSAVE_STATES, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, TO_KNOW },
	{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0, TO_COMPARE },
	{ HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1, TO_COMPARE },
};

/* Some VPs, and the partition if it goes with them. */
struct subject {
	struct mshv_partition *partition;
	struct mshv_vp *const *vps;
	size_t count;
};

static int fail_at(int errnum, const char *what, size_t index)
{
	int ret = libmshv_fail(errnum, what);

	libmshv_error_set_index(index);
	return ret;
}

/* ----------------------------------------------------------------- saving */

/*
 * The first two are what documentation and mshv_sim have for a register and a
 * property that isn't known; the others say the same by their names. All else,
 * such as OPERATION_FAILED, INVALID_VP_STATE or ACCESS_DENIED, says that there is
 * something that could not be had now: without it a snapshot would be a loss.
 */
bool libmshv_is_absent(void)
{
	switch (mshv_last_error()->hv_status) {
	case HV_STATUS_INVALID_PARAMETER:
	case HV_STATUS_UNKNOWN_PROPERTY:
	case HV_STATUS_FEATURE_UNAVAILABLE:
	case HV_STATUS_PROCESSOR_FEATURE_NOT_SUPPORTED:
		return true;
	}
	return false;
}

/* Whether there is one, or an error. */
static int get_property(struct mshv_partition *partition, uint32_t code,
			uint64_t *value)
{
	int ret = mshv_partition_get_property(partition, code, value);

	if (ret && libmshv_is_absent())
		return 0;
	return ret ? ret : 1;
}

static int save_partition(struct libmshv_blob *blob,
			  struct mshv_partition *partition)
{
	uint64_t value;
	size_t i;
	int ret;

	ret = libmshv_blob_section(blob, LIBMSHV_SNAPSHOT_PROPERTIES,
				   LIBMSHV_SNAPSHOT_NO_VP);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		ret = get_property(partition, properties[i].code, &value);
		if (ret < 0)
			return ret;
		if (ret && (libmshv_blob_put32(blob, properties[i].code) ||
			    libmshv_blob_put32(blob, properties[i].use) ||
			    libmshv_blob_put64(blob, value)))
			return -ENOMEM;
	}

	ret = get_property(partition, HV_PARTITION_PROPERTY_REFERENCE_TIME,
			   &value);
	if (ret <= 0)
		return ret;
	ret = libmshv_blob_section(blob, LIBMSHV_SNAPSHOT_REFERENCE_TIME,
				   LIBMSHV_SNAPSHOT_NO_VP);
	return ret ? ret : libmshv_blob_put64(blob, value);
}

/* The VP with the lowest index of those from @from on. */
static struct mshv_vp *next_vp(const struct subject *subject, uint64_t from)
{
	struct mshv_vp *next = NULL;
	size_t i;

	for (i = 0; i < subject->count; i++)
		if (subject->vps[i]->index >= from &&
		    (!next || subject->vps[i]->index < next->index))
			next = subject->vps[i];
	return next;
}

static int save(const struct subject *subject, struct libmshv_blob *blob)
{
	struct mshv_vp *vp;
	int ret;

	ret = libmshv_blob_begin(blob);
	if (!ret && subject->partition)
		ret = save_partition(blob, subject->partition);
	for (vp = next_vp(subject, 0); !ret && vp;
	     vp = next_vp(subject, (uint64_t)vp->index + 1))
		ret = libmshv_save_vp(blob, vp);
	if (!ret)
		ret = libmshv_blob_finish(blob);
	if (ret)
		free(blob->bytes);
	return ret;
}

static int check_subject(const struct subject *subject)
{
	size_t i, k;

	if (!subject->vps || !subject->count)
		return libmshv_fail(EINVAL, "snapshot: no VPs");
	for (i = 0; i < subject->count; i++) {
		if (!subject->vps[i])
			return fail_at(EINVAL, "snapshot: NULL argument", i);
		if (subject->vps[i]->index == LIBMSHV_SNAPSHOT_NO_VP)
			return fail_at(EINVAL, "snapshot: a VP without index", i);
		for (k = 0; k < i; k++)
			if (subject->vps[k]->index == subject->vps[i]->index)
				return fail_at(EINVAL,
					       "snapshot: a VP given twice", i);
	}
	return 0;
}

static int save_alloc(const struct subject *subject, void **out, size_t *size)
{
	struct mshv_error before = *mshv_last_error();
	struct libmshv_blob blob;
	int ret;

	if (out)
		*out = NULL;
	if (!out || !size)
		return libmshv_fail(EINVAL, "snapshot: NULL argument");
	ret = check_subject(subject);
	if (!ret)
		ret = save(subject, &blob);
	if (ret)
		return ret;
	/* What was refused on the way is an answer. */
	libmshv_error_restore(&before);
	*out = blob.bytes;
	*size = blob.used;
	return 0;
}

static int save_to(const struct subject *subject, void *buf, size_t max,
		   size_t *size)
{
	void *blob;
	int ret;

	if (!buf && max)
		return libmshv_fail(EINVAL, "snapshot: NULL argument");
	ret = save_alloc(subject, &blob, size);
	if (ret)
		return ret;
	if (*size > max)
		ret = libmshv_fail(E2BIG, "snapshot: buffer too small");
	else
		memcpy(buf, blob, *size);
	free(blob);
	return ret;
}

/* --------------------------------------------------------------- restoring */

static int check_property(struct mshv_partition *partition, uint32_t code,
			  uint32_t use, uint64_t value, size_t index)
{
	uint64_t own;
	int ret = get_property(partition, code, &own);

	if (ret < 0 || use == TO_KNOW)
		return ret < 0 ? ret : 0;
	if (!ret)
		return fail_at(ENXIO, "snapshot: the partition lacks a property",
			       index);
	if (use == TO_COMPARE && own != value)
		return fail_at(ENXIO, "snapshot: the partition has other features",
			       index);
	return 0;
}

static int check_properties(struct mshv_partition *partition,
			    const struct mshv_snapshot_section *s)
{
	size_t n = s->size_bytes / LIBMSHV_PROPERTY_BYTES, i, k = 0, at;
	int ret;

	for (i = 0, at = 0; i < n; i++, at += LIBMSHV_PROPERTY_BYTES) {
		uint32_t code = libmshv_get32(s->data, at);
		uint32_t use = libmshv_get32(s->data, at + 4);

		while (k < ARRAY_SIZE(properties) && properties[k].code != code)
			k++;
		if (k == ARRAY_SIZE(properties))
			return fail_at(EOPNOTSUPP,
				       "snapshot: an unknown property", i);
		if (properties[k++].use != use)
			return fail_at(EBADMSG,
				       "snapshot: a property with another use",
				       i);
		ret = check_property(partition, code, use,
				     libmshv_get64(s->data, at + 8), i);
		if (ret)
			return ret;
	}
	return 0;
}

/* What is so already may be a value that can't be written. */
static int set_property(struct mshv_partition *partition, uint32_t code,
			uint64_t value)
{
	uint64_t own;
	int ret = get_property(partition, code, &own);

	if (ret < 0 || (ret && own == value))
		return ret < 0 ? ret : 0;
	return mshv_partition_set_property(partition, code, value);
}

static int apply_properties(struct mshv_partition *partition, const void *blob,
			    size_t size)
{
	struct mshv_snapshot_section s;
	size_t n, i, at;
	int ret = 0;

	if (!libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_PROPERTIES,
				  LIBMSHV_SNAPSHOT_NO_VP, &s))
		return 0;
	n = s.size_bytes / LIBMSHV_PROPERTY_BYTES;
	for (i = 0, at = 0; !ret && i < n; i++, at += LIBMSHV_PROPERTY_BYTES) {
		if (libmshv_get32(s.data, at + 4) != TO_SET)
			continue;
		ret = set_property(partition, libmshv_get32(s.data, at),
				   libmshv_get64(s.data, at + 8));
		if (ret)
			libmshv_error_set_index(i);
	}
	return ret;
}

/* The last step: it doesn't have to be taken back. */
static int apply_time(struct mshv_partition *partition, const void *blob,
		      size_t size)
{
	struct mshv_snapshot_section s;

	if (!libmshv_find_section(blob, size, LIBMSHV_SNAPSHOT_REFERENCE_TIME,
				  LIBMSHV_SNAPSHOT_NO_VP, &s))
		return 0;
	return mshv_partition_set_property(partition,
					   HV_PARTITION_PROPERTY_REFERENCE_TIME,
					   libmshv_get64(s.data, 0));
}

static int apply(const struct subject *subject, const void *blob, size_t size)
{
	size_t i;
	int ret = 0;

	if (subject->partition)
		ret = apply_properties(subject->partition, blob, size);
	for (i = 0; !ret && i < subject->count; i++)
		ret = libmshv_apply_vp(subject->vps[i], blob, size);
	return ret;
}

/* As much as can be had, and the error that there was before. */
static int take_back(const struct subject *subject,
		     const struct libmshv_blob *before, int ret)
{
	struct mshv_error error = *mshv_last_error();
	size_t i;

	if (subject->partition)
		apply_properties(subject->partition, before->bytes,
				 before->used);
	for (i = 0; i < subject->count; i++)
		libmshv_apply_vp(subject->vps[i], before->bytes, before->used);

	libmshv_error_restore(&error);
	errno = -ret;
	return ret;
}

static int check_fit(const struct subject *subject, const void *blob,
		     size_t size, const struct mshv_snapshot_info *info,
		     const struct libmshv_blob *before)
{
	struct mshv_snapshot_section s;
	size_t i;
	int ret;

	if (subject->partition) {
		if (!libmshv_find_section(blob, size,
					  LIBMSHV_SNAPSHOT_PROPERTIES,
					  LIBMSHV_SNAPSHOT_NO_VP, &s) ||
		    info->vps != subject->count)
			return libmshv_fail(ENOENT,
					    "snapshot: of another set of VPs, or of no partition");
		ret = check_properties(subject->partition, &s);
		if (ret)
			return ret;
	}
	for (i = 0; i < subject->count; i++) {
		ret = libmshv_fits_vp(subject->vps[i]->index, blob, size,
				      before);
		if (ret)
			return ret;
	}
	return 0;
}

static int restore(const struct subject *subject, const void *blob, size_t size)
{
	struct mshv_error error = *mshv_last_error();
	struct mshv_snapshot_info info;
	struct libmshv_blob before;
	int ret;

	ret = check_subject(subject);
	if (!ret)
		ret = mshv_snapshot_check(blob, size, &info);
	if (ret)
		return ret;
	if (info.arch != LIBMSHV_ARCH)
		return libmshv_fail(EOPNOTSUPP,
				    "snapshot: of another architecture");

	/* What the VPs have now: to compare with, and to give back. */
	ret = save(subject, &before);
	if (ret)
		return ret;
	ret = check_fit(subject, blob, size, &info, &before);
	if (!ret) {
		ret = apply(subject, blob, size);
		if (!ret && subject->partition)
			ret = apply_time(subject->partition, blob, size);
		if (ret)
			ret = take_back(subject, &before, ret);
		else
			libmshv_error_restore(&error);
	}
	free(before.bytes);
	return ret;
}

/* --------------------------------------------------------- what is exported */

int mshv_vp_save(struct mshv_vp *vp, void *buf, size_t max, size_t *size_bytes)
{
	return save_to(&(struct subject) { NULL, &vp, 1 }, buf, max,
		       size_bytes);
}

int mshv_vp_save_alloc(struct mshv_vp *vp, void **blob, size_t *size_bytes)
{
	return save_alloc(&(struct subject) { NULL, &vp, 1 }, blob,
			  size_bytes);
}

int mshv_vp_restore(struct mshv_vp *vp, const void *blob, size_t size_bytes)
{
	return restore(&(struct subject) { NULL, &vp, 1 }, blob, size_bytes);
}

static int no_partition(void)
{
	return libmshv_fail(EINVAL, "snapshot: NULL argument");
}

int mshv_partition_save(struct mshv_partition *partition,
			struct mshv_vp *const *vps, size_t count, void *buf,
			size_t max, size_t *size_bytes)
{
	if (!partition)
		return no_partition();
	return save_to(&(struct subject) { partition, vps, count }, buf, max,
		       size_bytes);
}

int mshv_partition_save_alloc(struct mshv_partition *partition,
			      struct mshv_vp *const *vps, size_t count,
			      void **blob, size_t *size_bytes)
{
	if (blob)
		*blob = NULL;
	if (!partition)
		return no_partition();
	return save_alloc(&(struct subject) { partition, vps, count }, blob,
			  size_bytes);
}

int mshv_partition_restore(struct mshv_partition *partition,
			   struct mshv_vp *const *vps, size_t count,
			   const void *blob, size_t size_bytes)
{
	if (!partition)
		return no_partition();
	return restore(&(struct subject) { partition, vps, count }, blob,
		       size_bytes);
}
