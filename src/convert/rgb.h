/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_RGB_H
#define WCENC_CONVERT_RGB_H

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

/* The parts that red and blue have in luma; BT.709's for a matrix that is not specified. */
void wcenc__luma_weights(wcenc_color_matrix matrix, double *red, double *blue);

/*
 * RGB of four bytes a pixel to 8-bit YCbCr of the same size, by row kernels: each level is within one of what the
 * formulas of H.273 give. Chroma of 4:2:0 lies where the target says, at the left unless it says anything. False, and
 * nothing is written, if that is not what is asked for, or if it is to lie at the top left.
 */
bool wcenc__convert_rgb(const struct kernels *kernels, const struct picture *source, const struct picture *target);

/*
 * RGB of limited range to full range; what lies beyond black and white becomes black and white. `target` is writable
 * and has the size and format of `source`. The fourth byte of a pixel has no meaning afterwards.
 */
void wcenc__rgb_make_full(const struct kernels *kernels, const struct picture *source, const struct picture *target);

#endif
