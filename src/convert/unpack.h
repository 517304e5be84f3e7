/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_UNPACK_H
#define WCENC_CONVERT_UNPACK_H

/*
 * Formats beyond WebCodecs: each becomes the format of WebCodecs that has the same samples, from which everything else
 * is made. NV21 becomes I420, P010 I420P10, YUYV and UYVY I422, RGB24 RGBX, BGR24 BGRX. GRAY8 becomes I420 without
 * colour.
 */

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

/* True if a picture of the format has to be unpacked before anything else can be made of it. */
bool wcenc__unpack_is_due(wcenc_pixel_format format);

/* What such a format becomes. */
wcenc_pixel_format wcenc__unpack_format(wcenc_pixel_format format);

/*
 * Makes `target` the picture that `source` is, in that format and the same size and colours, in memory that it has or
 * in new memory. False if out of memory.
 */
bool wcenc__unpack(const struct kernels *kernels, const struct picture *source, struct picture *target);

#endif
