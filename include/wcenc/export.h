/* SPDX-License-Identifier: MIT */
#ifndef WCENC_EXPORT_H
#define WCENC_EXPORT_H

/**
 * @file export.h
 * WCENC_API, which declares an exported function of the library. The library is for POSIX systems.
 */

#ifdef __GNUC__
#define WCENC_API __attribute__((visibility("default")))
#else
#define WCENC_API
#endif

#endif /* WCENC_EXPORT_H */
