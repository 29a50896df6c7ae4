/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The numbers of the ioctls, for whoever writes a seccomp filter. */
#ifndef MSHV_INFO_IOCTLS_H
#define MSHV_INFO_IOCTLS_H

/* Print the names of the features, each with this in front of it. */
void ioctls_print_features(const char *before);

/*
 * Print a line for each ioctl of a feature, of all if @feature is NULL: its name,
 * and the number of the request. Returns 0, or -1 if there is no such feature.
 */
int ioctls_print(const char *feature);

#endif
