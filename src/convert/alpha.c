/* SPDX-License-Identifier: MIT */

/* The alpha plane of a converted picture: a plane's, a byte of RGB's, or opaque; of the same size or scaled. */

#include <string.h>

#include <libswscale/swscale.h>

#include "convert.h"
#include "mem.h"

/* Samples of one alpha plane, of 8 bits. */
struct alpha {
    const uint8_t *samples;
    ptrdiff_t stride;
    uint32_t width;
    uint32_t height;
};

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

static bool scale(const struct alpha *alpha, const struct picture *target)
{
    const uint8_t *from[4] = {alpha->samples};
    const int from_strides[4] = {(int)alpha->stride}, to_strides[4] = {(int)target->strides[3]};
    uint8_t *to[4] = {(uint8_t *)target->planes[3]};
    struct SwsContext *scaler =
        sws_getContext((int)alpha->width, (int)alpha->height, AV_PIX_FMT_GRAY8, (int)target->width, (int)target->height,
                       AV_PIX_FMT_GRAY8, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    bool done = scaler && sws_scale(scaler, from, from_strides, 0, (int)alpha->height, to, to_strides) > 0;

    sws_freeContext(scaler);
    return done;
}

static bool read_and_scale(const struct picture *source, const struct picture *target)
{
    enum { PADDING = 64 }; /* libswscale reads beyond rows */
    const size_t stride = (size_t)source->width + PADDING;
    uint8_t *samples = mem_zalloc(stride * source->height + PADDING);
    struct alpha alpha = {samples, (ptrdiff_t)stride, source->width, source->height};
    bool done;

    if (!samples)
        return false;
    for (uint32_t y = 0; y < source->height; y++)
        read_row(source, y, samples + y * stride);
    done = scale(&alpha, target);
    mem_free(samples);
    return done;
}

bool wcenc__convert_alpha(const struct picture *source, const struct picture *target)
{
    if (!wcenc__pixel_format(source->format)->has_alpha) {
        fill_opaque(target);
        return true;
    }
    if (source->width != target->width || source->height != target->height)
        return read_and_scale(source, target);
    for (uint32_t y = 0; y < source->height; y++)
        read_row(source, y, row_of(target, y));
    return true;
}
