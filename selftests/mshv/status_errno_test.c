// SPDX-License-Identifier: GPL-2.0-only
/*
 * The errno that stands for each HV_STATUS_*. What a VMM can tell apart without
 * the status itself depends on it, and it has changed: 7.3 knows more classes.
 * A driver must follow one of the editions in all of its answers.
 */
#include <errno.h>
#include <string.h>

#include "mshv_test.h"
#include "sim.h"

#include <mshv/hv_status.h>

enum edition { KERNEL_6_15, KERNEL_7_3, EDITIONS };

/*
 * Not here: the statuses that ask for memory, after which the driver deposits
 * some and calls again (sim_fault_test, memory_test).
 */
static const struct {
	const char *name;
	uint16_t status;
	int error[EDITIONS];
} expected[] = {
#define ROW(status, before, since) { #status, HV_STATUS_##status, { before, since } }
	ROW(INVALID_HYPERCALL_CODE,		-EINVAL, -EINVAL),
	ROW(INVALID_HYPERCALL_INPUT,		-EINVAL, -EINVAL),
	ROW(INVALID_ALIGNMENT,			-EIO,	 -EIO),
	ROW(INVALID_PARAMETER,			-EINVAL, -EINVAL),
	ROW(ACCESS_DENIED,			-EIO,	 -EACCES),
	ROW(INVALID_PARTITION_STATE,		-EIO,	 -EIO),
	ROW(OPERATION_DENIED,			-EIO,	 -EACCES),
	ROW(UNKNOWN_PROPERTY,			-EIO,	 -EINVAL),
	ROW(PROPERTY_VALUE_OUT_OF_RANGE,	-EIO,	 -EINVAL),
	ROW(INVALID_PARTITION_ID,		-EINVAL, -EINVAL),
	ROW(INVALID_VP_INDEX,			-EINVAL, -EINVAL),
	ROW(INVALID_PORT_ID,			-EINVAL, -EINVAL),
	ROW(INVALID_CONNECTION_ID,		-EINVAL, -EINVAL),
	ROW(INSUFFICIENT_BUFFERS,		-EIO,	 -EIO),
	ROW(NOT_ACKNOWLEDGED,			-EIO,	 -EIO),
	ROW(INVALID_VP_STATE,			-EIO,	 -EIO),
	ROW(NO_RESOURCES,			-EIO,	 -EIO),
	ROW(PROCESSOR_FEATURE_NOT_SUPPORTED,	-EIO,	 -EOPNOTSUPP),
	ROW(INVALID_LP_INDEX,			-EINVAL, -EINVAL),
	ROW(INVALID_REGISTER_VALUE,		-EINVAL, -EINVAL),
	ROW(OPERATION_FAILED,			-EIO,	 -EIO),
	ROW(TIME_OUT,				-EIO,	 -EIO),
	ROW(CALL_PENDING,			-EIO,	 -EIO),
	ROW(VTL_ALREADY_ENABLED,		-EIO,	 -EIO),
#undef ROW
};

MSHV_SIM_FIXTURE(status_errno)

/* What the driver says if the hypervisor refuses a partition with that status. */
static int refused_with(int ctl, int dev, uint16_t status)
{
	int rule = sim_fail_once(ctl, HVCALL_CREATE_PARTITION, 0, status);
	int ret;

	if (rule < 0)
		return rule;
	ret = partition_create(dev, 0);
	if (ret >= 0)
		close(ret);
	return sim_fault_hits(ctl, rule) == 1 ? ret : -ENODATA;
}

TEST_F(status_errno, one_edition)
{
	enum edition e = refused_with(self->ctl, self->dev, HV_STATUS_ACCESS_DENIED) == -EIO ?
			 KERNEL_6_15 : KERNEL_7_3;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		int ret = refused_with(self->ctl, self->dev, expected[i].status);

		EXPECT_EQ(expected[i].error[e], ret) {
			TH_LOG("HV_STATUS_%s gives %s", expected[i].name,
			       ret < 0 ? strerror(-ret) : "success");
		}
	}
}

/* What no driver has heard of is an error all the same. */
TEST_F(status_errno, unknown_status)
{
	EXPECT_EQ(-EIO, refused_with(self->ctl, self->dev, 0x7fff));
	EXPECT_EQ(-EIO, refused_with(self->ctl, self->dev, 0xffff));
}

MSHV_TEST_MAIN
