// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Which ioctls does a program need? One row for each, with what it is needed
 * for. tools/tests/info.sh holds the table against the headers.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <mshv/ioctl.h>
#include <mshv/ioctl_vtl.h>

#include "ioctls.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *feature, *name;
	unsigned int request;
} ioctls[] = {
#define IOCTL(feature, name)	{ feature, #name, name }
	IOCTL("partition", MSHV_CREATE_PARTITION),
	IOCTL("partition", MSHV_INITIALIZE_PARTITION),
	IOCTL("partition", MSHV_ROOT_HVCALL),

	/* Registers and properties of a VP are hypercalls. */
	IOCTL("vp", MSHV_CREATE_VP),
	IOCTL("vp", MSHV_GET_VP_STATE),
	IOCTL("vp", MSHV_SET_VP_STATE),
	IOCTL("vp", MSHV_ROOT_HVCALL),

	IOCTL("memory", MSHV_SET_GUEST_MEMORY),
	IOCTL("memory", MSHV_GET_GPAP_ACCESS_BITMAP),
	/* States page by page, and translating addresses. */
	IOCTL("memory", MSHV_ROOT_HVCALL),

	/* An interrupt is asserted by a hypercall. */
	IOCTL("irq", MSHV_IRQFD),
	IOCTL("irq", MSHV_IOEVENTFD),
	IOCTL("irq", MSHV_SET_MSI_ROUTING),
	IOCTL("irq", MSHV_ROOT_HVCALL),

	/* The second completes an intercept where there is no register page. */
	IOCTL("run", MSHV_RUN_VP),
	IOCTL("run", MSHV_ROOT_HVCALL),

	/* mshv_vtl, with the devices mshv_sint and mshv_hvcall. */
	IOCTL("vtl", MSHV_CHECK_EXTENSION),
	IOCTL("vtl", MSHV_CREATE_VTL),
	IOCTL("vtl", MSHV_GET_VP_REGISTERS),
	IOCTL("vtl", MSHV_SET_VP_REGISTERS),
	IOCTL("vtl", MSHV_ADD_VTL0_MEMORY),
	IOCTL("vtl", MSHV_SET_POLL_FILE),
	IOCTL("vtl", MSHV_RETURN_TO_LOWER_VTL),
	IOCTL("vtl", MSHV_SINT_SIGNAL_EVENT),
	IOCTL("vtl", MSHV_SINT_POST_MESSAGE),
	IOCTL("vtl", MSHV_SINT_SET_EVENTFD),
	IOCTL("vtl", MSHV_SINT_PAUSE_MESSAGE_STREAM),
	IOCTL("vtl", MSHV_HVCALL_SETUP),
	IOCTL("vtl", MSHV_HVCALL),

	/* mshv_dev_probe() and mshv_dev_ask(), of either driver. */
	IOCTL("probe", MSHV_CHECK_EXTENSION),
	IOCTL("probe", MSHV_CREATE_PARTITION),
	IOCTL("probe", MSHV_INITIALIZE_PARTITION),
	IOCTL("probe", MSHV_CREATE_VP),
	IOCTL("probe", MSHV_GET_VP_STATE),
	IOCTL("probe", MSHV_ROOT_HVCALL),
};

void ioctls_print_features(const char *before)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++)
		if (!i || strcmp(ioctls[i].feature, ioctls[i - 1].feature))
			printf("%s%s", before, ioctls[i].feature);
}

/* Has a row before this one told of the same ioctl? */
static bool is_repeated(size_t row)
{
	size_t i;

	for (i = 0; i < row; i++)
		if (!strcmp(ioctls[i].name, ioctls[row].name))
			return true;
	return false;
}

int ioctls_print(const char *feature)
{
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		if (feature ? strcmp(ioctls[i].feature, feature) : is_repeated(i))
			continue;
		printf("%s 0x%08x\n", ioctls[i].name, ioctls[i].request);
		found = true;
	}
	return found ? 0 : -1;
}
