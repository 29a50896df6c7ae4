/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Brackets around the declarations of every libmshv header: C linkage for C++,
 * and default visibility, because the library itself is built with
 * -fvisibility=hidden.
 */
#ifndef MSHV_EXPORT_H
#define MSHV_EXPORT_H

#ifdef __cplusplus
#define LIBMSHV_BEGIN_DECLS \
	extern "C" { _Pragma("GCC visibility push(default)")
#define LIBMSHV_END_DECLS \
	_Pragma("GCC visibility pop") }
#else
#define LIBMSHV_BEGIN_DECLS	_Pragma("GCC visibility push(default)")
#define LIBMSHV_END_DECLS	_Pragma("GCC visibility pop")
#endif

#endif /* MSHV_EXPORT_H */
