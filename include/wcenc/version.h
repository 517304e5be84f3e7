/* SPDX-License-Identifier: MIT */
#ifndef WCENC_VERSION_H
#define WCENC_VERSION_H

#include <stdint.h>

#include <wcenc/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file version.h
 * The version of these headers (macros) and of the library in use (functions). Versions follow semver: minor versions
 * add members and functions. The SONAME contains the minor version before 1.0 (libwcenc.so.0.2), and the number of the
 * ABI from 1.0 on.
 */

/** Version of these headers. */
#define WCENC_VERSION_MAJOR 0
#define WCENC_VERSION_MINOR 2
#define WCENC_VERSION_PATCH 0

/**
 * Returns the version of the library in use, as (major << 16) | (minor << 8) | patch.
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_version(void);

/**
 * Returns the version of the library in use as a string, such as "0.2.0".
 *
 * The string is static.
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_version_string(void);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_VERSION_H */
