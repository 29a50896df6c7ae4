/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Our statement of <linux/mshv.h>: /dev/mshv, partitions, virtual processors. Included by uapi.h.
 *
 * Linux 7.2; Documentation and drivers/hv/mshv_root_main.c say what each call does.
 */
#ifndef MSHV_UAPI_ROOT_H
#define MSHV_UAPI_ROOT_H

#include "uapi.h"

#ifndef MSHV_CREATE_PARTITION

#define MSHV_IOCTL			0xB8
#define MSHV_HV_PAGE_SIZE		0x1000

/* /dev/mshv: make a partition, get its file. */

enum {
	MSHV_PT_BIT_LAPIC			= 0,
	MSHV_PT_BIT_X2APIC			= 1,
	MSHV_PT_BIT_GPA_SUPER_PAGES		= 2,
	MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES	= 3,	/* the argument is struct mshv_create_partition_v2 */
	MSHV_PT_BIT_NESTED_VIRTUALIZATION	= 4,
	MSHV_PT_BIT_SMT_ENABLED_GUEST		= 5,
	MSHV_PT_BIT_COUNT			= 6,
};

#define MSHV_PT_FLAGS_MASK		((1 << MSHV_PT_BIT_COUNT) - 1)

enum {
	MSHV_PT_ISOLATION_NONE			= 0,
	MSHV_PT_ISOLATION_COUNT			= 1,
};

struct mshv_create_partition {
	__u64 pt_flags;			/* 1 << MSHV_PT_BIT_* */
	__u64 pt_isolation;		/* MSHV_PT_ISOLATION_* */
};

#define MSHV_CREATE_PARTITION		_IOW(MSHV_IOCTL, 0x00, struct mshv_create_partition)

/* The partition's file. */

struct mshv_create_vp {
	__u32 vp_index;
};

enum {
	MSHV_SET_MEM_BIT_WRITABLE		= 0,
	MSHV_SET_MEM_BIT_EXECUTABLE		= 1,
	MSHV_SET_MEM_BIT_UNMAP			= 2,	/* the other bits are ignored */
	MSHV_SET_MEM_BIT_COUNT			= 3,
};

#define MSHV_SET_MEM_FLAGS_MASK		((1 << MSHV_SET_MEM_BIT_COUNT) - 1)

/* Size and address are multiples of MSHV_HV_PAGE_SIZE; to unmap, name the region exactly as it was mapped. */
struct mshv_user_mem_region {
	__u64 size;			/* bytes */
	__u64 guest_pfn;
	__u64 userspace_addr;
	__u8 flags;			/* 1 << MSHV_SET_MEM_BIT_* */
	__u8 rsvd[7];
};

enum {
	MSHV_IRQFD_BIT_DEASSIGN			= 0,
	MSHV_IRQFD_BIT_RESAMPLE			= 1,
	MSHV_IRQFD_BIT_COUNT			= 2,
};

#define MSHV_IRQFD_FLAGS_MASK		((1 << MSHV_IRQFD_BIT_COUNT) - 1)

struct mshv_user_irqfd {
	__s32 fd;
	__s32 resamplefd;
	__u32 gsi;
	__u32 flags;			/* 1 << MSHV_IRQFD_BIT_* */
};

enum {
	MSHV_IOEVENTFD_BIT_DATAMATCH		= 0,
	MSHV_IOEVENTFD_BIT_PIO			= 1,	/* refused by Linux 7.2 */
	MSHV_IOEVENTFD_BIT_DEASSIGN		= 2,
	MSHV_IOEVENTFD_BIT_COUNT		= 3,
};

#define MSHV_IOEVENTFD_FLAGS_MASK	((1 << MSHV_IOEVENTFD_BIT_COUNT) - 1)

struct mshv_user_ioeventfd {
	__u64 datamatch;
	__u64 addr;			/* guest physical address, or port */
	__u32 len;			/* 1, 2, 4 or 8; 0 for any */
	__s32 fd;
	__u32 flags;			/* 1 << MSHV_IOEVENTFD_BIT_* */
	__u8 rsvd[4];
};

struct mshv_user_irq_entry {
	__u32 gsi;
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
};

/* The whole routing table: a call replaces the one before. */
__extension__ struct mshv_user_irq_table {
	__u32 nr;
	__u32 rsvd;
	struct mshv_user_irq_entry entries[];
};

enum {
	MSHV_GPAP_ACCESS_TYPE_ACCESSED		= 0,
	MSHV_GPAP_ACCESS_TYPE_DIRTY		= 1,
	MSHV_GPAP_ACCESS_TYPE_COUNT		= 2,
};

/* What happens to the bits after they were read. */
enum {
	MSHV_GPAP_ACCESS_OP_NOOP		= 0,
	MSHV_GPAP_ACCESS_OP_CLEAR		= 1,
	MSHV_GPAP_ACCESS_OP_SET			= 2,
	MSHV_GPAP_ACCESS_OP_COUNT		= 3,
};

struct mshv_gpap_access_bitmap {
	__u8 access_type;		/* MSHV_GPAP_ACCESS_TYPE_* */
	__u8 access_op;			/* MSHV_GPAP_ACCESS_OP_* */
	__u8 rsvd[6];
	__u64 page_count;
	__u64 gpap_base;		/* page number */
	__u64 bitmap_ptr;		/* room for (page_count + 7) / 8 bytes */
};

/* A hypercall. The kernel writes the partition's id into the input when the file is a partition's or a VP's. */
struct mshv_root_hvcall {
	__u16 code;			/* HVCALL_* */
	__u16 reps;			/* in: how many; out: how many are done */
	__u16 in_sz;			/* with the elements of all reps; at most a page */
	__u16 out_sz;			/* at most a page */
	__u16 status;			/* out: HV_STATUS_* */
	__u8 rsvd[6];
	__u64 in_ptr;
	__u64 out_ptr;			/* may be 0 */
};

#define MSHV_INITIALIZE_PARTITION	_IO(MSHV_IOCTL, 0x00)
#define MSHV_CREATE_VP			_IOW(MSHV_IOCTL, 0x01, struct mshv_create_vp)
#define MSHV_SET_GUEST_MEMORY		_IOW(MSHV_IOCTL, 0x02, struct mshv_user_mem_region)
#define MSHV_IRQFD			_IOW(MSHV_IOCTL, 0x03, struct mshv_user_irqfd)
#define MSHV_IOEVENTFD			_IOW(MSHV_IOCTL, 0x04, struct mshv_user_ioeventfd)
#define MSHV_SET_MSI_ROUTING		_IOW(MSHV_IOCTL, 0x05, struct mshv_user_irq_table)
#define MSHV_GET_GPAP_ACCESS_BITMAP	_IOWR(MSHV_IOCTL, 0x06, struct mshv_gpap_access_bitmap)

/* On a partition, a VP, and /dev/mshv itself. */
#define MSHV_ROOT_HVCALL		_IOWR(MSHV_IOCTL, 0x07, struct mshv_root_hvcall)

/* The VP's file. */

#define MSHV_RUN_VP_BUF_SZ		256

struct mshv_run_vp {
	__u8 msg_buf[MSHV_RUN_VP_BUF_SZ];	/* struct hv_message */
};

enum {
	MSHV_VP_STATE_LAPIC			= 0,
	MSHV_VP_STATE_XSAVE			= 1,	/* x86, compacted */
	MSHV_VP_STATE_SIMP			= 2,
	MSHV_VP_STATE_SIEFP			= 3,
	MSHV_VP_STATE_SYNTHETIC_TIMERS		= 4,
	MSHV_VP_STATE_COUNT			= 5,
};

/* The buffer starts at a page and is whole pages; after EINVAL look at buf_sz: was it too small? */
struct mshv_get_set_vp_state {
	__u8 type;			/* MSHV_VP_STATE_* */
	__u8 rsvd[3];
	__u32 buf_sz;			/* in: bytes there are; out: bytes of state */
	__u64 buf_ptr;
};

/* Pages of a VP to mmap(): the offset is one of these in pages of the system's size. */
enum {
	MSHV_VP_MMAP_OFFSET_REGISTERS		= 0,	/* struct hv_vp_register_page */
	MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE	= 1,	/* struct hv_message */
	MSHV_VP_MMAP_OFFSET_GHCB		= 2,
	MSHV_VP_MMAP_OFFSET_COUNT		= 3,
};

#define MSHV_RUN_VP			_IOR(MSHV_IOCTL, 0x00, struct mshv_run_vp)
#define MSHV_GET_VP_STATE		_IOWR(MSHV_IOCTL, 0x01, struct mshv_get_set_vp_state)
#define MSHV_SET_VP_STATE		_IOWR(MSHV_IOCTL, 0x02, struct mshv_get_set_vp_state)

#else

/* An older header may lack these enumerators; a macro of the same value does no harm to one that has. */
#define MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES	3
#define MSHV_PT_BIT_NESTED_VIRTUALIZATION	4
#define MSHV_PT_BIT_SMT_ENABLED_GUEST		5

#endif

#endif /* MSHV_UAPI_ROOT_H */
