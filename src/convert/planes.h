/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_PLANES_H
#define WCENC_CONVERT_PLANES_H

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

/*
 * YCbCr of 8 bits to the same picture in another form: with its chroma in one plane (NV12) or in two, or with 10 or 12
 * bits; of the same size, subsampling, matrix and range, which the caller has made sure of. False, and nothing is
 * written, if that is not what is asked for.
 */
bool wcenc__convert_planes(const struct kernels *kernels, const struct picture *source, const struct picture *target);

#endif
