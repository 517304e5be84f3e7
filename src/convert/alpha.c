/* SPDX-License-Identifier: MIT */

/* The alpha plane of a converted picture: a plane's, a byte of RGB's, or opaque; of the same size or scaled. */

#include <string.h>

#include "convert.h"

static uint8_t *row_of(const struct picture *target, uint32_t y)
{
    return (uint8_t *)target->planes[3] + (ptrdiff_t)y * target->strides[3];
}

static void fill_opaque(const struct picture *target)
{
    for (uint32_t y = 0; y < target->height; y++)
        memset(row_of(target, y), 255, target->width);
}

/* From 8 bits of a plane or of RGB, or from more bits, which are rounded. */
static void read_row(const struct picture *source, uint32_t y, uint8_t *out)
{
    enum { BYTES_OF_RGB = 4, PLACE = 3 };
    const struct pixel_format *format = wcenc__pixel_format(source->format);
    const int shift = format->bit_depth - 8, most = 255;

    if (format->is_rgb) {
        const uint8_t *row = source->planes[0] + (ptrdiff_t)y * source->strides[0];

        for (uint32_t x = 0; x < source->width; x++)
            out[x] = row[(size_t)x * BYTES_OF_RGB + PLACE];
    } else if (shift == 0) {
        memcpy(out, source->planes[3] + (ptrdiff_t)y * source->strides[3], source->width);
    } else {
        const uint8_t *row = source->planes[3] + (ptrdiff_t)y * source->strides[3];

        for (uint32_t x = 0; x < source->width; x++) {
            int sample = row[2 * (size_t)x] | row[2 * (size_t)x + 1] << 8;
            int rounded = (sample + (1 << (shift - 1))) >> shift;

            out[x] = (uint8_t)(rounded < most ? rounded : most);
        }
    }
}

/* As the luma of a picture of its own, whose chroma is the same everywhere. */
static bool scale(struct converter *converter, const struct picture *from, const struct picture *to,
                  struct failure *failure)
{
    for (int plane = 1; plane < 3; plane++)
        memset((uint8_t *)from->planes[plane], 128, (size_t)from->strides[plane] * ((from->height + 1) / 2));
    return wcenc__convert(converter, from, to, failure);
}

static bool read_and_scale(struct converter *converter, const struct picture *source, const struct picture *target,
                           struct failure *failure)
{
    const wcenc_pixel_format format = WCENC_PIXEL_FORMAT_I420;
    struct picture from = {.pixels = NULL}, to = {.pixels = NULL};
    bool is_done;

    if (!wcenc__pixels_create(format, source->width, source->height, &from) ||
        !wcenc__pixels_create(format, target->width, target->height, &to)) {
        wcenc__pixels_unref(from.pixels);
        return wcenc__lack_memory(failure);
    }
    for (uint32_t y = 0; y < source->height; y++)
        read_row(source, y, (uint8_t *)from.planes[0] + (ptrdiff_t)y * from.strides[0]);
    is_done = scale(converter, &from, &to, failure);
    for (uint32_t y = 0; is_done && y < target->height; y++)
        memcpy(row_of(target, y), to.planes[0] + (ptrdiff_t)y * to.strides[0], target->width);
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(to.pixels);
    return is_done;
}

bool wcenc__convert_alpha(struct converter *converter, const struct picture *source, const struct picture *target,
                          struct failure *failure)
{
    if (!wcenc__pixel_format(source->format)->has_alpha)
        fill_opaque(target);
    else if (source->width != target->width || source->height != target->height)
        return read_and_scale(converter, source, target, failure);
    else
        for (uint32_t y = 0; y < source->height; y++)
            read_row(source, y, row_of(target, y));
    return true;
}
