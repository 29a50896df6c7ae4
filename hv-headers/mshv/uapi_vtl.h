/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Our statement of <linux/mshv.h>: the devices of a paravisor, which runs in a higher virtual trust level. Included by
 * uapi.h; the page that the VTL's file maps is in vtl_run.h.
 *
 * Linux 7.2, drivers/hv/mshv_vtl_main.c.
 */
#ifndef MSHV_UAPI_VTL_H
#define MSHV_UAPI_VTL_H

#include "uapi.h"

#ifndef MSHV_CAP_CORE_API_STABLE

/* MSHV_CHECK_EXTENSION: what can be asked for. */
#define MSHV_CAP_CORE_API_STABLE	0x0
#define MSHV_CAP_REGISTER_PAGE		0x1
#define MSHV_CAP_VTL_RETURN_ACTION	0x2
#define MSHV_CAP_DR6_SHARED		0x3
#define MSHV_MAX_RUN_MSG_SIZE		256

/* /dev/mshv_vtl: make a VTL, get its file. */
#define MSHV_CHECK_EXTENSION		_IOW(MSHV_IOCTL, 0x00, __u32)
#define MSHV_CREATE_VTL			_IOR(MSHV_IOCTL, 0x1D, char)

/* The VTL's file. */

/* Pages [start_pfn, last_pfn) belong to VTL 0. */
struct mshv_vtl_ram_disposition {
	__u64 start_pfn;
	__u64 last_pfn;
};

struct mshv_vtl_set_poll_file {
	__u32 cpu;
	__u32 fd;
};

struct mshv_vp_registers {
	__u32 count;			/* 1 */
	__u32 reserved;
	__u64 regs_ptr;			/* struct hv_register_assoc */
};

#define MSHV_GET_VP_REGISTERS		_IOWR(MSHV_IOCTL, 0x05, struct mshv_vp_registers)
#define MSHV_SET_VP_REGISTERS		_IOW(MSHV_IOCTL, 0x06, struct mshv_vp_registers)
#define MSHV_ADD_VTL0_MEMORY		_IOW(MSHV_IOCTL, 0x21, struct mshv_vtl_ram_disposition)
#define MSHV_SET_POLL_FILE		_IOW(MSHV_IOCTL, 0x25, struct mshv_vtl_set_poll_file)
#define MSHV_RETURN_TO_LOWER_VTL	_IO(MSHV_IOCTL, 0x27)

/* /dev/mshv_sint: messages and events of the host. */

struct mshv_vtl_signal_event {
	__u32 connection_id;
	__u32 flag;
};

struct mshv_vtl_sint_post_msg {
	__u64 message_type;
	__u32 connection_id;
	__u32 payload_size;		/* at most HV_MESSAGE_PAYLOAD_BYTE_COUNT */
	__u64 payload_ptr;
};

struct mshv_vtl_set_eventfd {
	__s32 fd;
	__u32 flag;
};

struct mshv_sint_mask {
	__u8 mask;
	__u8 reserved[7];
};

#define MSHV_SINT_SIGNAL_EVENT		_IOW(MSHV_IOCTL, 0x22, struct mshv_vtl_signal_event)
#define MSHV_SINT_POST_MESSAGE		_IOW(MSHV_IOCTL, 0x23, struct mshv_vtl_sint_post_msg)
#define MSHV_SINT_SET_EVENTFD		_IOW(MSHV_IOCTL, 0x24, struct mshv_vtl_set_eventfd)
#define MSHV_SINT_PAUSE_MESSAGE_STREAM	_IOW(MSHV_IOCTL, 0x25, struct mshv_sint_mask)

/* /dev/mshv_hvcall: hypercalls, once a bitmap of those allowed is set. */

struct mshv_vtl_hvcall_setup {
	__u64 bitmap_array_size;	/* bytes */
	__u64 allow_bitmap_ptr;
};

struct mshv_vtl_hvcall {
	__u64 control;			/* the control word, see hv_hypercall.h */
	__u64 input_size;
	__u64 input_ptr;
	__u64 status;			/* out: the result word */
	__u64 output_size;
	__u64 output_ptr;
};

#define MSHV_HVCALL_SETUP		_IOW(MSHV_IOCTL, 0x1E, struct mshv_vtl_hvcall_setup)
#define MSHV_HVCALL			_IOWR(MSHV_IOCTL, 0x1F, struct mshv_vtl_hvcall)

#endif

#endif /* MSHV_UAPI_VTL_H */
