/* SPDX-License-Identifier: GPL-2.0-only */
/* How an ioctl number is put together on x86 and arm64: number 7:0, type 15:8, size 29:16, direction 31:30. */
#ifndef MSHV_SHIM_LINUX_IOCTL_H
#define MSHV_SHIM_LINUX_IOCTL_H

#define _IOC(dir, type, nr, size) \
	(((dir) << 30) | ((unsigned int)(size) << 16) | ((unsigned int)(type) << 8) | (unsigned int)(nr))
#define _IO(type, nr)		_IOC(0U, type, nr, 0)
#define _IOW(type, nr, arg)	_IOC(1U, type, nr, sizeof(arg))
#define _IOR(type, nr, arg)	_IOC(2U, type, nr, sizeof(arg))
#define _IOWR(type, nr, arg)	_IOC(3U, type, nr, sizeof(arg))

#endif
