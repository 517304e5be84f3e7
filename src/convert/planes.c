/* SPDX-License-Identifier: MIT */

/* The same picture in another form: samples keep their places and their meaning. */

#include "planes.h"

#include <math.h>
#include <string.h>

static uint8_t *row_of(const struct picture *picture, int plane, uint32_t y)
{
    return (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static void copy_luma(const struct picture *source, const struct picture *target)
{
    for (uint32_t y = 0; y < source->height; y++)
        memcpy(row_of(target, 0, y), row_of(source, 0, y), source->width);
}

/*
 * Levels of limited range are those of 8 bits with zeros behind. In full range 255 is the highest level of any depth,
 * and chroma lies around the middle one (H.273, equations 24 to 29).
 */
static struct widening widening_to(int bit_depth, bool full_range, bool is_chroma)
{
    const int shift = 22 - bit_depth; /* the largest for which the product fits */
    const double mul = full_range ? ((1 << bit_depth) - 1) / 255.0 : 1 << (bit_depth - 8);
    const double offset = full_range && is_chroma ? (1 << (bit_depth - 1)) - 128 * mul : 0;

    return (struct widening){.mul = (int16_t)lround(mul * (1 << shift)),
                             .add = (int16_t)lround((offset + 0.5) * (1 << shift)),
                             .shift = shift};
}

static void widen(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *from = wcenc__pixel_format(source->format);
    const int bit_depth = wcenc__pixel_format(target->format)->bit_depth;

    for (int plane = 0; plane < 3; plane++) {
        const struct widening widening =
            widening_to(bit_depth, source->color_space.range == WCENC_COLOR_RANGE_FULL, plane > 0);

        for (uint32_t y = 0; y < wcenc__plane_height(from, plane, source->height); y++)
            kernels->widen(&widening, row_of(source, plane, y), row_of(target, plane, y),
                           wcenc__plane_width(from, plane, source->width));
    }
}

static void interleave(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    copy_luma(source, target);
    for (uint32_t y = 0; y < (source->height + 1) / 2; y++)
        kernels->interleave(row_of(source, 1, y), row_of(source, 2, y), row_of(target, 1, y), (source->width + 1) / 2);
}

static void deinterleave(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    copy_luma(source, target);
    for (uint32_t y = 0; y < (source->height + 1) / 2; y++)
        kernels->deinterleave(row_of(source, 1, y), row_of(target, 1, y), row_of(target, 2, y),
                              (source->width + 1) / 2);
}

bool wcenc__convert_planes(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *from = wcenc__pixel_format(source->format), *to = wcenc__pixel_format(target->format);

    if (from->is_rgb || to->is_rgb || from->bit_depth != 8 || from->chroma_shift_x != to->chroma_shift_x ||
        from->chroma_shift_y != to->chroma_shift_y)
        return false;
    if (to->bit_depth > 8) {
        if (source->format == WCENC_PIXEL_FORMAT_NV12)
            return false;
        widen(kernels, source, target);
    } else if (target->format == WCENC_PIXEL_FORMAT_NV12) {
        interleave(kernels, source, target);
    } else if (source->format == WCENC_PIXEL_FORMAT_NV12) {
        deinterleave(kernels, source, target);
    } else {
        return false;
    }
    return true;
}
