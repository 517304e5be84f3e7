/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_RGB_H
#define WCENC_CONVERT_RGB_H

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

/*
 * RGB of four bytes a pixel to 8-bit YCbCr of the same size, by row kernels: each level is within one of what the
 * formulas of H.273 give, and chroma is that of the mean of the pixels that share it. False, and nothing is written, if
 * that is not what is asked for.
 */
bool wcenc__convert_rgb(const struct kernels *kernels, const struct picture *source, const struct picture *target);

#endif
