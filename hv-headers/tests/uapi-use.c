/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Uses everything of <linux/mshv.h> of Linux 7.2 by name, so that it compiles only where nothing is missing and nothing
 * is there twice. The numbers are written out: they are what the kernel listens to.
 *
 * -DSYSTEM_FIRST, -DSYSTEM_LAST: <linux/mshv.h> of the system is included, too.
 */
#ifdef SYSTEM_FIRST
#include <linux/types.h>
#include <linux/mshv.h>
#endif
#include <mshv/uapi.h>
#ifdef SYSTEM_LAST
#include <linux/mshv.h>
#endif

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#define IS(name, value)	_Static_assert((name) == (value), #name);
#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type);

/* In the order of the ioctls' numbers; the size of the argument is in bits 29:16. */
IS(MSHV_CREATE_PARTITION, 0x4010b800)
IS(MSHV_INITIALIZE_PARTITION, 0xb800)
IS(MSHV_CREATE_VP, 0x4004b801)
IS(MSHV_SET_GUEST_MEMORY, 0x4020b802)
IS(MSHV_IRQFD, 0x4010b803)
IS(MSHV_IOEVENTFD, 0x4020b804)
IS(MSHV_SET_MSI_ROUTING, 0x4008b805)
IS(MSHV_GET_GPAP_ACCESS_BITMAP, 0xc020b806)
IS(MSHV_ROOT_HVCALL, 0xc020b807)
IS(MSHV_RUN_VP, 0x8100b800)
IS(MSHV_GET_VP_STATE, 0xc010b801)
IS(MSHV_SET_VP_STATE, 0xc010b802)
IS(MSHV_CHECK_EXTENSION, 0x4004b800)
IS(MSHV_GET_VP_REGISTERS, 0xc010b805)
IS(MSHV_SET_VP_REGISTERS, 0x4010b806)
IS(MSHV_CREATE_VTL, 0x8001b81d)
IS(MSHV_HVCALL_SETUP, 0x4010b81e)
IS(MSHV_HVCALL, 0xc030b81f)
IS(MSHV_ADD_VTL0_MEMORY, 0x4010b821)
IS(MSHV_SINT_SIGNAL_EVENT, 0x4008b822)
IS(MSHV_SINT_POST_MESSAGE, 0x4018b823)
IS(MSHV_SINT_SET_EVENTFD, 0x4008b824)
IS(MSHV_SINT_PAUSE_MESSAGE_STREAM, 0x4008b825)
IS(MSHV_SET_POLL_FILE, 0x4008b825)
IS(MSHV_RETURN_TO_LOWER_VTL, 0xb827)

IS(MSHV_IOCTL, 0xb8)
IS(MSHV_HV_PAGE_SIZE, 4096)
IS(MSHV_RUN_VP_BUF_SZ, 256)
IS(MSHV_MAX_RUN_MSG_SIZE, 256)
IS(MSHV_NUM_CPU_FEATURES_BANKS, 2)

IS(MSHV_PT_BIT_LAPIC, 0)
IS(MSHV_PT_BIT_X2APIC, 1)
IS(MSHV_PT_BIT_GPA_SUPER_PAGES, 2)
IS(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES, 3)
IS(MSHV_PT_BIT_NESTED_VIRTUALIZATION, 4)
IS(MSHV_PT_BIT_SMT_ENABLED_GUEST, 5)
IS(MSHV_PT_ISOLATION_NONE, 0)
IS(MSHV_SET_MEM_BIT_WRITABLE, 0)
IS(MSHV_SET_MEM_BIT_EXECUTABLE, 1)
IS(MSHV_SET_MEM_BIT_UNMAP, 2)
IS(MSHV_SET_MEM_FLAGS_MASK, 7)
IS(MSHV_IRQFD_BIT_DEASSIGN, 0)
IS(MSHV_IRQFD_BIT_RESAMPLE, 1)
IS(MSHV_IRQFD_FLAGS_MASK, 3)
IS(MSHV_IOEVENTFD_BIT_DATAMATCH, 0)
IS(MSHV_IOEVENTFD_BIT_PIO, 1)
IS(MSHV_IOEVENTFD_BIT_DEASSIGN, 2)
IS(MSHV_IOEVENTFD_FLAGS_MASK, 7)
IS(MSHV_GPAP_ACCESS_TYPE_ACCESSED, 0)
IS(MSHV_GPAP_ACCESS_TYPE_DIRTY, 1)
IS(MSHV_GPAP_ACCESS_OP_NOOP, 0)
IS(MSHV_GPAP_ACCESS_OP_CLEAR, 1)
IS(MSHV_GPAP_ACCESS_OP_SET, 2)
IS(MSHV_VP_MMAP_OFFSET_REGISTERS, 0)
IS(MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE, 1)
IS(MSHV_VP_MMAP_OFFSET_GHCB, 2)
IS(MSHV_VP_STATE_LAPIC, 0)
IS(MSHV_VP_STATE_XSAVE, 1)
IS(MSHV_VP_STATE_SIMP, 2)
IS(MSHV_VP_STATE_SIEFP, 3)
IS(MSHV_VP_STATE_SYNTHETIC_TIMERS, 4)
IS(MSHV_CAP_CORE_API_STABLE, 0)
IS(MSHV_CAP_REGISTER_PAGE, 1)
IS(MSHV_CAP_VTL_RETURN_ACTION, 2)
IS(MSHV_CAP_DR6_SHARED, 3)

/* Counts at the end of the lists: at least those of the oldest header. */
_Static_assert(MSHV_PT_BIT_COUNT >= 3 && MSHV_PT_FLAGS_MASK >= 7, "partition flags");
_Static_assert(MSHV_PT_ISOLATION_COUNT >= 1 && MSHV_SET_MEM_BIT_COUNT >= 3 && MSHV_IRQFD_BIT_COUNT >= 2 &&
	       MSHV_IOEVENTFD_BIT_COUNT >= 3 && MSHV_GPAP_ACCESS_TYPE_COUNT >= 2 && MSHV_GPAP_ACCESS_OP_COUNT >= 3 &&
	       MSHV_VP_MMAP_OFFSET_COUNT >= 3 && MSHV_VP_STATE_COUNT >= 5, "counts");

SIZE(mshv_create_partition, 16)
SIZE(mshv_create_partition_v2, 64)
SIZE(mshv_create_vp, 4)
SIZE(mshv_user_mem_region, 32)
SIZE(mshv_user_irqfd, 16)
SIZE(mshv_user_ioeventfd, 32)
SIZE(mshv_user_irq_entry, 16)
SIZE(mshv_user_irq_table, 8)
SIZE(mshv_gpap_access_bitmap, 32)
SIZE(mshv_root_hvcall, 32)
SIZE(mshv_run_vp, 256)
SIZE(mshv_get_set_vp_state, 16)
SIZE(mshv_vp_registers, 16)
SIZE(mshv_vtl_set_eventfd, 8)
SIZE(mshv_vtl_signal_event, 8)
SIZE(mshv_vtl_sint_post_msg, 24)
SIZE(mshv_vtl_ram_disposition, 16)
SIZE(mshv_vtl_set_poll_file, 8)
SIZE(mshv_vtl_hvcall_setup, 16)
SIZE(mshv_vtl_hvcall, 48)
SIZE(mshv_sint_mask, 8)
