/* SPDX-License-Identifier: GPL-2.0-only */
/* The synthetic interrupt controller, as a guest uses it. */
#ifndef GUEST_SYNIC_H
#define GUEST_SYNIC_H

#include <mshv/hvhdk.h>
#include "guest.h"

#define SINT_MASKED	HV_SYNIC_SINT_MASKED
#define SINT_AUTO_EOI	HV_SYNIC_SINT_AUTO_EOI
#define SINT_POLLING	(1ull << 18)

/* Where the tests place the pages: RAM of the guest, to begin with. */
#define SIMP_GPA	0x700000ull
#define SIEFP_GPA	0x701000ull

static inline volatile struct hv_message *synic_slot(unsigned int sint)
{
	struct hv_message_page *page = guest_ptr(SIMP_GPA);

	return &page->sint_message[sint];
}

static inline volatile uint64_t *synic_flags(unsigned int sint)
{
	return guest_ptr(SIEFP_GPA + sint * HV_EVENT_FLAGS_BYTE_COUNT);
}

static inline void synic_enable(unsigned int sint, uint64_t config)
{
	guest_wrmsr(HV_X64_MSR_SIMP, SIMP_GPA | 1);
	guest_wrmsr(HV_X64_MSR_SIEFP, SIEFP_GPA | 1);
	guest_wrmsr(HV_X64_MSR_SINT0 + sint, config);
	guest_wrmsr(HV_X64_MSR_SCONTROL, 1);
}

/* Done with the message: the next one, if the hypervisor has one, may come. */
static inline void synic_release(unsigned int sint)
{
	volatile struct hv_message *slot = synic_slot(sint);

	slot->header.message_type = HVMSG_NONE;
	__sync_synchronize();
	if (slot->header.message_flags.msg_pending)
		guest_wrmsr(HV_X64_MSR_EOM, 0);
}

#endif /* GUEST_SYNIC_H */
