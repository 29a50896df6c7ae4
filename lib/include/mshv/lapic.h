/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The local APIC of x86_64 as its page of registers: what KVM and many VMMs
 * keep. Nothing here asks the kernel, so it works on any host.
 */
#ifndef MSHV_LAPIC_H
#define MSHV_LAPIC_H

#include <stddef.h>

#include <mshv/export.h>
#include <mshv/hvhdk.h>

LIBMSHV_BEGIN_DECLS

/* How much of the page has registers; KVM's struct kvm_lapic_state is that long. */
#define LIBMSHV_LAPIC_PAGE_MIN	1024

/**
 * enum libmshv_lapic_offset - Where a register is in the page of a local APIC
 * @LIBMSHV_LAPIC_ID: APIC ID
 * @LIBMSHV_LAPIC_VERSION: version
 * @LIBMSHV_LAPIC_TPR: task priority; not in the hypervisor's structure
 * @LIBMSHV_LAPIC_APR: arbitration priority; not in the structure
 * @LIBMSHV_LAPIC_PPR: processor priority; not in the structure
 * @LIBMSHV_LAPIC_EOI: end of interrupt; write only
 * @LIBMSHV_LAPIC_REMOTE_READ: remote read
 * @LIBMSHV_LAPIC_LDR: logical destination
 * @LIBMSHV_LAPIC_DFR: destination format
 * @LIBMSHV_LAPIC_SPURIOUS: spurious interrupt vector
 * @LIBMSHV_LAPIC_ISR: in service, the first of 8 registers
 * @LIBMSHV_LAPIC_TMR: trigger mode, the first of 8 registers
 * @LIBMSHV_LAPIC_IRR: interrupt request, the first of 8 registers
 * @LIBMSHV_LAPIC_ESR: error status
 * @LIBMSHV_LAPIC_LVT_CMCI: local vector of corrected machine checks
 * @LIBMSHV_LAPIC_ICR_LOW: interrupt command, bits 0 to 31
 * @LIBMSHV_LAPIC_ICR_HIGH: interrupt command, bits 32 to 63
 * @LIBMSHV_LAPIC_LVT_TIMER: local vector of the timer
 * @LIBMSHV_LAPIC_LVT_THERMAL: local vector of the thermal sensor
 * @LIBMSHV_LAPIC_LVT_PERFMON: local vector of performance counters
 * @LIBMSHV_LAPIC_LVT_LINT0: local vector of the pin LINT0
 * @LIBMSHV_LAPIC_LVT_LINT1: local vector of the pin LINT1
 * @LIBMSHV_LAPIC_LVT_ERROR: local vector of errors
 * @LIBMSHV_LAPIC_INITIAL_COUNT: initial count of the timer
 * @LIBMSHV_LAPIC_CURRENT_COUNT: current count of the timer
 * @LIBMSHV_LAPIC_DIVIDE: divide configuration of the timer
 *
 * In bytes. Registers have 32 bits and are 16 bytes apart (Intel SDM volume 3,
 * "Local APIC Register Address Map").
 *
 * Since: 0.1
 */
enum libmshv_lapic_offset {
	LIBMSHV_LAPIC_ID		= 0x020,
	LIBMSHV_LAPIC_VERSION		= 0x030,
	LIBMSHV_LAPIC_TPR		= 0x080,
	LIBMSHV_LAPIC_APR		= 0x090,
	LIBMSHV_LAPIC_PPR		= 0x0a0,
	LIBMSHV_LAPIC_EOI		= 0x0b0,
	LIBMSHV_LAPIC_REMOTE_READ	= 0x0c0,
	LIBMSHV_LAPIC_LDR		= 0x0d0,
	LIBMSHV_LAPIC_DFR		= 0x0e0,
	LIBMSHV_LAPIC_SPURIOUS		= 0x0f0,
	LIBMSHV_LAPIC_ISR		= 0x100,
	LIBMSHV_LAPIC_TMR		= 0x180,
	LIBMSHV_LAPIC_IRR		= 0x200,
	LIBMSHV_LAPIC_ESR		= 0x280,
	LIBMSHV_LAPIC_LVT_CMCI		= 0x2f0,
	LIBMSHV_LAPIC_ICR_LOW		= 0x300,
	LIBMSHV_LAPIC_ICR_HIGH		= 0x310,
	LIBMSHV_LAPIC_LVT_TIMER		= 0x320,
	LIBMSHV_LAPIC_LVT_THERMAL	= 0x330,
	LIBMSHV_LAPIC_LVT_PERFMON	= 0x340,
	LIBMSHV_LAPIC_LVT_LINT0		= 0x350,
	LIBMSHV_LAPIC_LVT_LINT1		= 0x360,
	LIBMSHV_LAPIC_LVT_ERROR		= 0x370,
	LIBMSHV_LAPIC_INITIAL_COUNT	= 0x380,
	LIBMSHV_LAPIC_CURRENT_COUNT	= 0x390,
	LIBMSHV_LAPIC_DIVIDE		= 0x3e0,
};

/**
 * mshv_lapic_to_page() - Write a local APIC's state to a page of registers
 * @lapic: the state, as mshv_vp_get_lapic() gives it
 * @page: the page; need not be aligned
 * @size: its size in bytes, LIBMSHV_LAPIC_PAGE_MIN to 4096
 *
 * Only the registers that @lapic has are written: a new page has to be zeroed
 * before. Of a page that is already in use the task priority stays, for
 * instance; the hypervisor's is CR8, bits 4 to 7 of LIBMSHV_LAPIC_TPR.
 * @lapic->apic_error_status has no place in a page: it is apic_esr that is the
 * register.
 *
 * Values go over unchanged, also the APIC ID: whether it is in bits 24 to 31 or
 * is an x2APIC's of 32 bits is for the caller to know. What the hypervisor does
 * there is not published.
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or -EINVAL: a pointer is NULL, or @size is out of range.
 * Since: 0.1
 */
int mshv_lapic_to_page(const struct hv_local_interrupt_controller_state *lapic,
		       void *page, size_t size);

/**
 * mshv_lapic_from_page() - Read a local APIC's state from a page of registers
 * @lapic: where to put it; not touched on failure
 * @page: the page; need not be aligned
 * @size: its size in bytes, LIBMSHV_LAPIC_PAGE_MIN to 4096
 *
 * The reverse of mshv_lapic_to_page(). @lapic->apic_error_status, which the page
 * doesn't have, keeps its value: start from zero or from what
 * mshv_vp_get_lapic() gave. Task, arbitration and processor priority of the page
 * are not used. All else that @lapic has no place for, reserved bytes and
 * registers of an extended APIC, has to be zero. Reserved bits inside of
 * registers are left to the hypervisor, which knows what its APIC has.
 *
 * Context: Any thread; async-signal-safe.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @size is out of range
 * * -EBADMSG: a byte that has to be zero isn't; mshv_last_error()->index is its
 *   offset
 *
 * Since: 0.1
 */
int mshv_lapic_from_page(struct hv_local_interrupt_controller_state *lapic,
			 const void *page, size_t size);

LIBMSHV_END_DECLS

#endif /* MSHV_LAPIC_H */
