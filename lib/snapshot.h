/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the files of the snapshot share. The layout is in <mshv/snapshot.h>.
 */
#ifndef LIBMSHV_SNAPSHOT_INTERNAL_H
#define LIBMSHV_SNAPSHOT_INTERNAL_H

#include <mshv/snapshot.h>

#include "internal.h"

#if defined(__x86_64__)
#define LIBMSHV_ARCH	1
#else
#define LIBMSHV_ARCH	2
#endif

/* Sizes of what sections are lists of. */
#define LIBMSHV_PROPERTY_BYTES	16
#define LIBMSHV_REGISTER_BYTES	24
#define LIBMSHV_MSR_BYTES	16

/* A blob that grows. After a failure to allocate all else is ignored. */
struct libmshv_blob {
	uint8_t *bytes;
	size_t used, room;
	uint32_t sections;
	size_t open;		/* where the header of the last section is */
};

/* snapshot-blob.c: writing */
int libmshv_blob_begin(struct libmshv_blob *blob);
int libmshv_blob_section(struct libmshv_blob *blob, uint32_t type,
			 uint32_t vp_index);
int libmshv_blob_put32(struct libmshv_blob *blob, uint32_t value);
int libmshv_blob_put64(struct libmshv_blob *blob, uint64_t value);
uint8_t *libmshv_blob_space(struct libmshv_blob *blob, size_t size);
int libmshv_blob_finish(struct libmshv_blob *blob);

/* ... and reading; of the bytes of a section that was checked */
uint32_t libmshv_get32(const void *data, size_t at);
uint64_t libmshv_get64(const void *data, size_t at);
/* Whether there is one, with 0 and -1 alike. */
bool libmshv_find_section(const void *blob, size_t size, uint32_t type,
			  uint32_t vp_index,
			  struct mshv_snapshot_section *section);

/* snapshot.c: the last hypercall failed because there is no such thing */
bool libmshv_is_absent(void);

/* snapshot-vp.c: blobs that have been checked */
int libmshv_save_vp(struct libmshv_blob *blob, struct mshv_vp *vp);
/* Could the VP of which @before is a snapshot take @blob? */
int libmshv_fits_vp(uint32_t vp_index, const void *blob, size_t size,
		    const struct libmshv_blob *before);
int libmshv_apply_vp(struct mshv_vp *vp, const void *blob, size_t size);

#endif /* LIBMSHV_SNAPSHOT_INTERNAL_H */
