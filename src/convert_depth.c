/* SPDX-License-Identifier: MIT */

/*
 * Frames come from sources that nobody vouches for, and are scanned before anything else reads them. Alpha is not: its
 * readers limit each sample themselves (convert_alpha.c, frame_copy.c).
 */

#include "convert_depth.h"

enum { COLOR_PLANES = 3 };

static uint8_t *row_of(const struct picture *picture, int plane, uint32_t y)
{
    return (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static uint16_t highest_level(const struct pixel_format *format)
{
    return (uint16_t)((1u << format->bit_depth) - 1);
}

bool wcenc__samples_fit_depth(const struct kernels *kernels, const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const uint16_t excess = (uint16_t)~highest_level(format);

    if (format->bit_depth == 8)
        return true;
    for (int plane = 0; plane < COLOR_PLANES; plane++) {
        const size_t width = wcenc__plane_width(format, plane, picture->width);

        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, picture->height); y++)
            if (kernels->has_bits(row_of(picture, plane, y), width, excess))
                return false;
    }
    return true;
}

void wcenc__samples_limit(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(source->format);

    for (int plane = 0; plane < COLOR_PLANES; plane++) {
        const size_t width = wcenc__plane_width(format, plane, source->width);

        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, source->height); y++)
            kernels->limit(row_of(source, plane, y), row_of(target, plane, y), width, highest_level(format));
    }
}
