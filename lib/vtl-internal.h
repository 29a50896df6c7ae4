/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the files about VTLs share.
 */
#ifndef LIBMSHV_VTL_INTERNAL_H
#define LIBMSHV_VTL_INTERNAL_H

#include <mshv/ioctl_vtl.h>
#include <mshv/vtl.h>
#include <mshv/vtl_devices.h>

#include "internal.h"

struct mshv_vtl {
	atomic_uint refs;
	int fd;
	bool has_register_page;
	struct mshv_dev *dev;		/* NULL if made from a fd alone */
};

/* vtl.c */
struct mshv_vtl *libmshv_vtl_get(struct mshv_vtl *vtl);

#endif /* LIBMSHV_VTL_INTERNAL_H */
