/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The hypervisor's page: 4 KiB on each processor, whatever the size of the kernel's pages is.
 *
 * TLFS "Guest Physical Address Spaces".
 */
#ifndef MSHV_HV_PAGE_H
#define MSHV_HV_PAGE_H

#define HV_HYP_PAGE_SHIFT		12
#define HV_HYP_PAGE_SIZE		(1UL << HV_HYP_PAGE_SHIFT)
#define HV_HYP_PAGE_MASK		(~(HV_HYP_PAGE_SIZE - 1))
#define HV_HYP_LARGE_PAGE_SHIFT		21

#endif /* MSHV_HV_PAGE_H */
