/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_CONVERT_H
#define WCENC_CONVERT_CONVERT_H

/*
 * From a picture of any format, size and colour space to one of another. Alpha is kept where the target has a plane for
 * it (I420A), and otherwise left out; nothing is blended.
 */

#include <stdbool.h>

#include "failure.h"
#include "frame.h"

struct kernels;
struct converter; /* remembers what it set up for the last pair of shapes; used by one thread at a time */

struct converter *wcenc__converter_create(void);

/* With row kernels of the caller's choice, or NULL: without any. */
struct converter *wcenc__converter_create_with(const struct kernels *kernels);

void wcenc__converter_destroy(struct converter *converter);

/*
 * True if `source` can stand for `target` as it is: same format, size and colour matrix and range; alpha that the
 * target does not have does not matter.
 */
bool wcenc__convert_fits(const struct picture *source, const struct picture *target);

/*
 * True if a picture that fits may go to an encoder as it is; false if a sample is above the highest level of the
 * format's depth, which wcenc__convert makes the highest level.
 */
bool wcenc__convert_can_pass(const struct picture *picture);

/*
 * Fills the planes of `target`, which are writable memory of the caller's with positive strides; format, size, colour
 * space and chroma location say what is wanted. Chroma of RGB goes to the left where no location is wanted; a picture
 * of the same format, size, matrix and range is copied wherever its chroma lies. False with `failure` set if memory is
 * short or libswscale has no way.
 */
bool wcenc__convert(struct converter *converter, const struct picture *source, const struct picture *target,
                    struct failure *failure);

/*
 * Fills the fourth plane of an I420A `target` with the source's alpha, or 255 where it has none. `converter` is one of
 * its own, for scaling. (alpha.c; part of wcenc__convert)
 */
bool wcenc__convert_alpha(struct converter *converter, const struct picture *source, const struct picture *target,
                          struct failure *failure);

#endif
