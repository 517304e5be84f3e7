/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_CONVERT_H
#define WCENC_SRC_CONVERT_H

/* From a picture of any format, size and colour space to one of another. Alpha is left out; nothing is blended. */

#include <stdbool.h>

#include "frame.h"

struct converter; /* remembers what it set up for the last pair of shapes; used by one thread at a time */

struct converter *wcenc__converter_create(void);
void wcenc__converter_destroy(struct converter *converter);

/* True if `source` can stand for `target` as it is: same format (alpha aside), size and colour matrix and range. */
bool wcenc__convert_fits(const struct picture *source, const struct picture *target);

/*
 * Fills the planes of `target`, which are writable memory of the caller's with positive strides; format, size and
 * colour space say what is wanted.
 */
wcenc_status wcenc__convert(struct converter *converter, const struct picture *source, const struct picture *target);

#endif
