/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_ABI_H
#define WCENC_BASE_ABI_H

/*
 * Structs that a caller fills begin with their size and `reserved0`, and grow at the end only. Each entry point copies
 * them in first and never looks at the caller's memory again (what their pointers name excepted).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/status.h>

/* Zeroes `size` bytes of a caller's struct and stores the size in it. */
void wcenc__struct_init(void *target, size_t size);

/*
 * Copies a caller's struct of any version into this version's.
 *     oldest  the size in the first version that had the struct
 *     known   the size in this version: of `target`, whose struct_size becomes `known`
 *     name    of the struct, for error texts
 * `sets_unknown` becomes true if the caller sets reserved0, or a member beyond `known`. TYPE if the caller's struct is
 * NULL or shorter than `oldest`.
 */
wcenc_status wcenc__struct_copy_known(void *target, size_t known, const void *source, size_t oldest, const char *name,
                                      bool *sets_unknown);

/* wcenc__struct_copy_known, with NOT_SUPPORTED where the caller sets what is unknown. */
wcenc_status wcenc__struct_copy_in(void *target, size_t known, const void *source, size_t oldest, const char *name);

/*
 * NOT_SUPPORTED if the caller sets a reserved member, or one that this version does not know: a later version may give
 * it a meaning, and this one would ignore what the caller asks for. `name` is the struct's, for error texts.
 */
wcenc_status wcenc__unknown_check(bool sets_unknown, const char *name);

/*
 * Copies a struct of this version out to a caller's of any version, as far as that goes; what the caller's has beyond
 * becomes 0. TYPE if the caller's is NULL, shorter than `oldest`, or of a size that no struct has.
 */
wcenc_status wcenc__struct_copy_out(void *target, const void *source, size_t known, size_t oldest, const char *name);

#endif
