/* SPDX-License-Identifier: MIT */

#include "unpack.h"

#include <string.h>

#include "compiler.h"

typedef void unpack_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                        uint32_t y);

static uint8_t *row_of(const struct picture *picture, int plane, uint32_t y)
{
    return (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static void nv21_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                     uint32_t y)
{
    memcpy(row_of(target, 0, y), row_of(source, 0, y), source->width);
    if (y % 2 == 0)
        kernels->deinterleave(row_of(source, 1, y / 2), row_of(target, 2, y / 2), row_of(target, 1, y / 2),
                              ((size_t)source->width + 1) / 2);
}

static void p010_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                     uint32_t y)
{
    kernels->lower(row_of(source, 0, y), row_of(target, 0, y), source->width);
    if (y % 2 == 0)
        kernels->lower_pairs(row_of(source, 1, y / 2), row_of(target, 1, y / 2), row_of(target, 2, y / 2),
                             ((size_t)source->width + 1) / 2);
}

/* At an odd width the second luma sample of the last pair is no pixel. */
static void split_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                      uint32_t y, bool luma_first)
{
    const uint8_t *from = row_of(source, 0, y);
    uint8_t *luma = row_of(target, 0, y), *u = row_of(target, 1, y), *v = row_of(target, 2, y);
    const size_t pairs = source->width / 2;

    kernels->split_pairs(from, luma, u, v, pairs, luma_first);
    if (source->width % 2) {
        luma[2 * pairs] = from[4 * pairs + !luma_first];
        u[pairs] = from[4 * pairs + luma_first];
        v[pairs] = from[4 * pairs + 2 + luma_first];
    }
}

static void yuyv_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                     uint32_t y)
{
    split_row(kernels, source, target, y, true);
}

static void uyvy_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                     uint32_t y)
{
    split_row(kernels, source, target, y, false);
}

static void rgb24_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                      uint32_t y)
{
    kernels->add_fourth(row_of(source, 0, y), row_of(target, 0, y), source->width);
}

static void gray8_row(const struct kernels *kernels, const struct picture *source, const struct picture *target,
                      uint32_t y)
{
    enum { NO_COLOR = 128 };

    (void)kernels;
    memcpy(row_of(target, 0, y), row_of(source, 0, y), source->width);
    for (int plane = 1; plane < 3 && y % 2 == 0; plane++)
        memset(row_of(target, plane, y / 2), NO_COLOR, ((size_t)source->width + 1) / 2);
}

/* A row of luma, and where a row of chroma begins with it, that too. */
static const struct unpacking {
    wcenc_pixel_format format;
    wcenc_pixel_format unpacked;
    unpack_row *row;
} unpackings[] = {
    {WCENC_PIXEL_FORMAT_NV21, WCENC_PIXEL_FORMAT_I420, nv21_row},
    {WCENC_PIXEL_FORMAT_P010, WCENC_PIXEL_FORMAT_I420P10, p010_row},
    {WCENC_PIXEL_FORMAT_YUYV, WCENC_PIXEL_FORMAT_I422, yuyv_row},
    {WCENC_PIXEL_FORMAT_UYVY, WCENC_PIXEL_FORMAT_I422, uyvy_row},
    {WCENC_PIXEL_FORMAT_RGB24, WCENC_PIXEL_FORMAT_RGBX, rgb24_row},
    {WCENC_PIXEL_FORMAT_BGR24, WCENC_PIXEL_FORMAT_BGRX, rgb24_row},
    {WCENC_PIXEL_FORMAT_GRAY8, WCENC_PIXEL_FORMAT_I420, gray8_row},
};

static const struct unpacking *find(wcenc_pixel_format format)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unpackings); i++)
        if (unpackings[i].format == format)
            return &unpackings[i];
    return NULL;
}

bool wcenc__unpack_is_due(wcenc_pixel_format format)
{
    return find(format) != NULL;
}

wcenc_pixel_format wcenc__unpack_format(wcenc_pixel_format format)
{
    return find(format)->unpacked;
}

bool wcenc__unpack(const struct kernels *kernels, const struct picture *source, struct picture *target)
{
    const struct unpacking *unpacking = find(source->format);

    if (!wcenc__picture_make_like(target, &(struct picture){
                                              .format = unpacking->unpacked,
                                              .width = source->width,
                                              .height = source->height,
                                              .color_space = source->color_space,
                                              .chroma_location = source->chroma_location,
                                          }))
        return false;
    for (uint32_t y = 0; y < source->height; y++)
        unpacking->row(kernels, source, target, y);
    return true;
}
