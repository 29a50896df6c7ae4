/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Hypercall codes, the control word that is passed in, the result word that comes back.
 *
 * TLFS "Hypercall Interface" and appendix "Hypercall Code Reference". A call marked (pass) may be made from user space
 * through MSHV_ROOT_HVCALL, on Linux 7.2.
 */
#ifndef MSHV_HV_HYPERCALL_H
#define MSHV_HV_HYPERCALL_H

#include "hv_types.h"

/* Address translation caches and inter-processor interrupts. */
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE		0x0002
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST		0x0003
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX		0x0013
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX		0x0014
#define HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_SPACE	0x00af
#define HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_LIST	0x00b0
#define HVCALL_SEND_IPI					0x000b
#define HVCALL_SEND_IPI_EX				0x0015
#define HVCALL_NOTIFY_LONG_SPIN_WAIT			0x0008

/* Partitions. */
#define HVCALL_CREATE_PARTITION		0x0040
#define HVCALL_INITIALIZE_PARTITION	0x0041
#define HVCALL_FINALIZE_PARTITION	0x0042
#define HVCALL_DELETE_PARTITION		0x0043
#define HVCALL_GET_PARTITION_ID		0x0046
#define HVCALL_NOTIFY_PARTITION_EVENT	0x0087

/* (pass) for all three. */
#define HVCALL_GET_PARTITION_PROPERTY		0x0044
#define HVCALL_SET_PARTITION_PROPERTY		0x0045
#define HVCALL_GET_PARTITION_PROPERTY_EX	0x0101

/* Memory: the hypervisor's pool, guest physical space, and who may see a page. */
#define HVCALL_DEPOSIT_MEMORY				0x0048
#define HVCALL_WITHDRAW_MEMORY				0x0049
#define HVCALL_MAP_GPA_PAGES				0x004b
#define HVCALL_UNMAP_GPA_PAGES				0x004c
#define HVCALL_ACQUIRE_SPARSE_SPA_PAGE_HOST_ACCESS	0x00d7
#define HVCALL_RELEASE_SPARSE_SPA_PAGE_HOST_ACCESS	0x00d8
#define HVCALL_MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY	0x00db

/* (pass) GET_GPA_PAGES_ACCESS_STATES. The other two, of rust-vmm/mshv 0.7, are refused by Linux 7.2. */
#define HVCALL_GET_GPA_PAGES_ACCESS_STATES	0x00c9
#define HVCALL_READ_GPA				0x0053
#define HVCALL_WRITE_GPA			0x0054

/* Virtual processors. (pass): the register calls, TRANSLATE_VIRTUAL_ADDRESS, GET_VP_CPUID_VALUES. */
#define HVCALL_CREATE_VP			0x004e
#define HVCALL_DELETE_VP			0x004f
#define HVCALL_GET_VP_REGISTERS			0x0050
#define HVCALL_SET_VP_REGISTERS			0x0051
#define HVCALL_TRANSLATE_VIRTUAL_ADDRESS	0x0052
#define HVCALL_START_VP				0x0099
#define HVCALL_ENABLE_VP_VTL			0x000f
#define HVCALL_GET_VP_INDEX_FROM_APIC_ID	0x009a
#define HVCALL_DISPATCH_VP			0x00c2
#define HVCALL_MAP_VP_STATE_PAGE		0x00e1
#define HVCALL_UNMAP_VP_STATE_PAGE		0x00e2
#define HVCALL_GET_VP_STATE			0x00e3
#define HVCALL_SET_VP_STATE			0x00e4
#define HVCALL_GET_VP_CPUID_VALUES		0x00f4

/* Intercepts. (pass) both. */
#define HVCALL_INSTALL_INTERCEPT		0x004d
#define HVCALL_REGISTER_INTERCEPT_RESULT	0x0091

/* Interrupts. (pass): CLEAR_ and ASSERT_VIRTUAL_INTERRUPT. */
#define HVCALL_CLEAR_VIRTUAL_INTERRUPT	0x0056
#define HVCALL_ASSERT_VIRTUAL_INTERRUPT	0x0094
#define HVCALL_MAP_DEVICE_INTERRUPT	0x007c
#define HVCALL_UNMAP_DEVICE_INTERRUPT	0x007d
#define HVCALL_RETARGET_INTERRUPT	0x007e

/* Messages and events between partitions. (pass): the two _DIRECT calls. */
#define HVCALL_CREATE_PORT		0x0095
#define HVCALL_DELETE_PORT		0x0058
#define HVCALL_CONNECT_PORT		0x0096
#define HVCALL_DISCONNECT_PORT		0x005b
#define HVCALL_POST_MESSAGE		0x005c
#define HVCALL_SIGNAL_EVENT		0x005d
#define HVCALL_POST_MESSAGE_DIRECT	0x00c1
#define HVCALL_SIGNAL_EVENT_DIRECT	0x00c0
#define HVCALL_NOTIFY_PORT_RING_EMPTY	0x008b

/* Partitions with encrypted memory: rust-vmm/mshv 0.7. */
#define HVCALL_IMPORT_ISOLATED_PAGES		0x00ef
#define HVCALL_COMPLETE_ISOLATED_IMPORT		0x00f1
#define HVCALL_ISSUE_SNP_PSP_GUEST_REQUEST	0x00f2

/* The machine: processors, properties, statistics, sleep, the debugger's channel. */
#define HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME	0x0004
#define HVCALL_ADD_LOGICAL_PROCESSOR		0x0076
#define HVCALL_GET_SYSTEM_PROPERTY		0x007b
#define HVCALL_SET_SYSTEM_PROPERTY		0x006f
#define HVCALL_MAP_STATS_PAGE			0x006c
#define HVCALL_UNMAP_STATS_PAGE			0x006d
#define HVCALL_MAP_STATS_PAGE2			0x0131
#define HVCALL_ENTER_SLEEP_STATE		0x0084
#define HVCALL_DISABLE_HYP_EX			0x010f
#define HVCALL_POST_DEBUG_DATA			0x0069
#define HVCALL_RETRIEVE_DEBUG_DATA		0x006a
#define HVCALL_RESET_DEBUG_SESSION		0x006b

/* Memory mapped I/O done by the host for an isolated guest. */
#define HVCALL_MMIO_READ		0x0106
#define HVCALL_MMIO_WRITE		0x0107

/*
 * The control word: code 15:0, fast 16, variable header size in qwords 26:17, nested 31, rep count 43:32, first rep
 * 59:48. The result word has the status in 15:0 and the number of completed reps in 43:32.
 */
#define HV_HYPERCALL_RESULT_MASK	0xffff
#define HV_HYPERCALL_FAST_BIT		(1UL << 16)
#define HV_HYPERCALL_VARHEAD_OFFSET	17
#define HV_HYPERCALL_VARHEAD_MASK	0x7fe0000
#define HV_HYPERCALL_NESTED		(1UL << 31)
#define HV_HYPERCALL_REP_COMP_OFFSET	32
#define HV_HYPERCALL_REP_COMP_1		0x100000000
#define HV_HYPERCALL_REP_COMP_MASK	0xfff00000000
#define HV_HYPERCALL_REP_START_OFFSET	48
#define HV_HYPERCALL_REP_START_MASK	0xfff000000000000

/* What must be zero in the control word. */
#define HV_HYPERCALL_RSVD0_MASK		0xf8000000
#define HV_HYPERCALL_RSVD1_MASK		0xf00000000000
#define HV_HYPERCALL_RSVD2_MASK		0xf000000000000000ULL
#define HV_HYPERCALL_RSVD_MASK		(HV_HYPERCALL_RSVD0_MASK | HV_HYPERCALL_RSVD1_MASK | HV_HYPERCALL_RSVD2_MASK)

/* How many XMM registers a fast call of x86 can use, input and output together. */
#define HV_HYPERCALL_MAX_XMM_REGISTERS	6

#endif /* MSHV_HV_HYPERCALL_H */
