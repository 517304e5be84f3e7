/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_ABI_H
#define WCENC_BASE_ABI_H

/*
 * Structs that a caller fills begin with their size and grow at the end only. Each entry point copies them in first and
 * never looks at the caller's memory again (what their pointers name excepted).
 */

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
 * TYPE if the caller's is NULL or shorter than `oldest`; NOT_SUPPORTED if it is longer than `known` and not all zero
 * there, in which case `target` has been filled all the same.
 */
wcenc_status wcenc__struct_copy_in(void *target, size_t known, const void *source, size_t oldest, const char *name);

/*
 * NOT_SUPPORTED if a reserved member is not zero: a later version may give it a meaning, and this one would ignore what
 * the caller asks for. `name` is the member's, for error messages: "desc.reserved".
 */
wcenc_status wcenc__reserved_check(int64_t value, const char *name);

/*
 * Copies a struct of this version out to a caller's of any version, as far as that goes; what the caller's has beyond
 * becomes 0. TYPE if the caller's is NULL, shorter than `oldest`, or of a size that no struct has.
 */
wcenc_status wcenc__struct_copy_out(void *target, const void *source, size_t known, size_t oldest, const char *name);

#endif
