/* SPDX-License-Identifier: MIT */

/* The pixel formats, a row each; what is asked about a format is answered from its row. */

#include "pixel_format.h"

#include <string.h>

#include "compiler.h"
#include "status.h"

#define ID(format) WCENC_PIXEL_FORMAT_##format

/* Planar YCbCr of one subsampling and depth, without and with alpha. */
#define YCBCR(format, opaque_format, planes, shift_x, shift_y, depth, bytes)            \
    [ID(format)] = {                                                                    \
        .name = #format,                                                                \
        .opaque = ID(opaque_format),                                                    \
        .plane_count = (planes),                                                        \
        .chroma_shift_x = (shift_x),                                                    \
        .chroma_shift_y = (shift_y),                                                    \
        .bit_depth = (depth),                                                           \
        .bytes_per_position = {(bytes), (bytes), (bytes), (planes) == 4 ? (bytes) : 0}, \
        .has_alpha = (planes) == 4,                                                     \
    }

#define RGB(format, opaque_format, alpha) \
    [ID(format)] = {                      \
        .name = #format,                  \
        .opaque = ID(opaque_format),      \
        .plane_count = 1,                 \
        .bit_depth = 8,                   \
        .bytes_per_position = {4},        \
        .is_rgb = true,                   \
        .has_alpha = (alpha),             \
    }

/* Beyond WebCodecs: 4:2:0 with U and V in one plane; 4:2:2 in one; RGB of three bytes. */
#define PAIRS(format, depth, bytes)                   \
    [ID(format)] = {                                  \
        .name = #format,                              \
        .opaque = ID(format),                         \
        .plane_count = 2,                             \
        .chroma_shift_x = 1,                          \
        .chroma_shift_y = 1,                          \
        .bit_depth = (depth),                         \
        .bytes_per_position = {(bytes), 2 * (bytes)}, \
        .is_extra = true,                             \
    }

#define PACKED(format)             \
    [ID(format)] = {               \
        .name = #format,           \
        .opaque = ID(format),      \
        .plane_count = 1,          \
        .chroma_shift_x = 1,       \
        .bit_depth = 8,            \
        .bytes_per_position = {4}, \
        .is_packed = true,         \
        .is_extra = true,          \
    }

#define RGB24(format)              \
    [ID(format)] = {               \
        .name = #format,           \
        .opaque = ID(format),      \
        .plane_count = 1,          \
        .bit_depth = 8,            \
        .bytes_per_position = {3}, \
        .is_rgb = true,            \
        .is_extra = true,          \
    }

static const struct pixel_format rows[PIXEL_FORMAT_COUNT] = {
    YCBCR(I420, I420, 3, 1, 1, 8, 1),
    YCBCR(I420P10, I420P10, 3, 1, 1, 10, 2),
    YCBCR(I420P12, I420P12, 3, 1, 1, 12, 2),
    YCBCR(I420A, I420, 4, 1, 1, 8, 1),
    YCBCR(I420AP10, I420P10, 4, 1, 1, 10, 2),
    YCBCR(I420AP12, I420P12, 4, 1, 1, 12, 2),
    YCBCR(I422, I422, 3, 1, 0, 8, 1),
    YCBCR(I422P10, I422P10, 3, 1, 0, 10, 2),
    YCBCR(I422P12, I422P12, 3, 1, 0, 12, 2),
    YCBCR(I422A, I422, 4, 1, 0, 8, 1),
    YCBCR(I422AP10, I422P10, 4, 1, 0, 10, 2),
    YCBCR(I422AP12, I422P12, 4, 1, 0, 12, 2),
    YCBCR(I444, I444, 3, 0, 0, 8, 1),
    YCBCR(I444P10, I444P10, 3, 0, 0, 10, 2),
    YCBCR(I444P12, I444P12, 3, 0, 0, 12, 2),
    YCBCR(I444A, I444, 4, 0, 0, 8, 1),
    YCBCR(I444AP10, I444P10, 4, 0, 0, 10, 2),
    YCBCR(I444AP12, I444P12, 4, 0, 0, 12, 2),
    [ID(NV12)] = {.name = "NV12",
                  .opaque = ID(NV12),
                  .plane_count = 2,
                  .chroma_shift_x = 1,
                  .chroma_shift_y = 1,
                  .bit_depth = 8,
                  .bytes_per_position = {1, 2}},
    RGB(RGBA, RGBX, true),
    RGB(RGBX, RGBX, false),
    RGB(BGRA, BGRX, true),
    RGB(BGRX, BGRX, false),
    PAIRS(NV21, 8, 1),
    PAIRS(P010, 10, 2),
    PACKED(YUYV),
    PACKED(UYVY),
    RGB24(RGB24),
    RGB24(BGR24),
    [ID(GRAY8)] = {.name = "GRAY8",
                   .opaque = ID(GRAY8),
                   .plane_count = 1,
                   .bit_depth = 8,
                   .bytes_per_position = {1},
                   .is_extra = true},
};

const struct pixel_format *wcenc__pixel_format(wcenc_pixel_format format)
{
    return format > WCENC_PIXEL_FORMAT_NONE && format < PIXEL_FORMAT_COUNT && rows[format].name ? &rows[format] : NULL;
}

static uint32_t shift_up(uint32_t value, unsigned shift)
{
    uint32_t rest = value & ((1u << shift) - 1);

    return (value >> shift) + (rest != 0);
}

/* Whether a position of the plane is one of chroma. */
static bool is_subsampled(const struct pixel_format *format, int plane)
{
    return plane == 1 || plane == 2 || format->is_packed;
}

uint32_t wcenc__plane_width(const struct pixel_format *format, int plane, uint32_t width)
{
    return is_subsampled(format, plane) ? shift_up(width, format->chroma_shift_x) : width;
}

uint32_t wcenc__plane_height(const struct pixel_format *format, int plane, uint32_t height)
{
    return is_subsampled(format, plane) ? shift_up(height, format->chroma_shift_y) : height;
}

uint64_t wcenc__plane_row_bytes(const struct pixel_format *format, int plane, uint32_t width)
{
    return (uint64_t)wcenc__plane_width(format, plane, width) * format->bytes_per_position[plane];
}

const char *wcenc_pixel_format_name(wcenc_pixel_format format)
{
    const struct pixel_format *row = wcenc__pixel_format(format);

    return row ? row->name : NULL;
}

wcenc_status wcenc_pixel_format_from_name(const char *name, wcenc_pixel_format *out)
{
    if (!name || !out)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", name ? "out" : "name");
    for (wcenc_pixel_format format = WCENC_PIXEL_FORMAT_NONE + 1; format < PIXEL_FORMAT_COUNT; format++) {
        if (rows[format].name && strcmp(rows[format].name, name) == 0) {
            *out = format;
            return WCENC_OK;
        }
    }
    return wcenc__fail(WCENC_ERROR_TYPE, "\"%s\" is not a pixel format", name);
}

uint32_t wcenc_pixel_format_plane_count(wcenc_pixel_format format)
{
    const struct pixel_format *row = wcenc__pixel_format(format);

    return row ? row->plane_count : 0;
}
