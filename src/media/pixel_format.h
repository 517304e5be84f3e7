/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_PIXEL_FORMAT_H
#define WCENC_MEDIA_PIXEL_FORMAT_H

/* One table row per VideoPixelFormat, and the arithmetic of planes that follows from it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/frame.h>

/* Values are below the count; between those of WebCodecs and those beyond there are some of no format. */
enum { PIXEL_FORMAT_COUNT = WCENC_PIXEL_FORMAT_GRAY8 + 1, PLANES_MAX = 4 };

struct pixel_format {
    const char *name;
    wcenc_pixel_format opaque; /* the same without alpha */
    uint8_t plane_count;
    uint8_t chroma_shift_x;                 /* log2 of the horizontal subsampling of planes 1 and 2 */
    uint8_t chroma_shift_y;                 /* log2 of the vertical subsampling of planes 1 and 2 */
    uint8_t bit_depth;                      /* of a sample: 8, 10 or 12 */
    uint8_t bytes_per_position[PLANES_MAX]; /* from one sample position of the plane to the next, in bytes */
    bool is_rgb;
    bool has_alpha;
    bool is_packed; /* one plane, in which a position is one of chroma and has all its pixels */
    bool is_extra;  /* beyond WebCodecs */
};

/* The row of a format; NULL for NONE and for values that are not formats. */
const struct pixel_format *wcenc__pixel_format(wcenc_pixel_format format);

/* Size of a plane in sample positions, for a picture of this width or height; rounds up. */
uint32_t wcenc__plane_width(const struct pixel_format *format, int plane, uint32_t width);
uint32_t wcenc__plane_height(const struct pixel_format *format, int plane, uint32_t height);

/* Bytes of a plane's row without a gap. */
uint64_t wcenc__plane_row_bytes(const struct pixel_format *format, int plane, uint32_t width);

#endif
