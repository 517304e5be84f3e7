/* SPDX-License-Identifier: MIT */

#include "pattern.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

size_t i420_size(uint32_t width, uint32_t height)
{
    return (size_t)width * height + 2 * (size_t)((width + 1) / 2) * ((height + 1) / 2);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void draw_background(uint8_t *pixels, uint32_t width, uint32_t height, unsigned number)
{
    uint32_t random = 2463534242u + number * 7919u;
    uint32_t chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
    uint8_t *chroma = pixels + (size_t)width * height;

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            pixels[(size_t)y * width + x] =
                (uint8_t)(40 + ((x + 3 * number) % 128 + (y + number) % 64) * 2 / 3 + next_random(&random) % 7);
    for (uint32_t y = 0; y < chroma_height; y++)
        for (uint32_t x = 0; x < chroma_width; x++) {
            chroma[(size_t)y * chroma_width + x] = (uint8_t)(96 + (x + number) % 64);
            chroma[(size_t)(chroma_height + y) * chroma_width + x] = (uint8_t)(160 - (y + number) % 64);
        }
}

/* A bright square that travels over the picture. */
static void draw_square(uint8_t *pixels, uint32_t width, uint32_t height, unsigned number)
{
    uint32_t side = height / 6;
    uint32_t left = (number * 9) % (width - side),
             top = 32 + (number * 5) % (height - 32 - (side < height - 33 ? side : 0));

    for (uint32_t y = top; y < top + side && y < height; y++)
        memset(pixels + (size_t)y * width + left, 210, side);
}

static void draw_number(uint8_t *pixels, uint32_t width, unsigned number)
{
    for (unsigned bit = 0; bit < PATTERN_BITS; bit++)
        for (unsigned y = 0; y < PATTERN_BLOCK; y++)
            memset(pixels + (size_t)y * width + bit * PATTERN_BLOCK, number >> bit & 1 ? 235 : 16, PATTERN_BLOCK);
}

void pattern_draw(uint8_t *pixels, uint32_t width, uint32_t height, unsigned number)
{
    draw_background(pixels, width, height, number);
    if (height > 64)
        draw_square(pixels, width, height, number);
    draw_number(pixels, width, number);
}

unsigned pattern_read(const uint8_t *luma, int stride)
{
    unsigned number = 0;

    for (unsigned bit = 0; bit < PATTERN_BITS; bit++) {
        unsigned sum = 0;

        for (unsigned y = 4; y < 12; y++)
            for (unsigned x = 4; x < 12; x++)
                sum += luma[(ptrdiff_t)y * stride + bit * PATTERN_BLOCK + x];
        number |= (sum / 64 > 125 ? 1u : 0u) << bit;
    }
    return number;
}

static wcenc_frame *make_frame(wcenc_frame_desc *desc)
{
    wcenc_frame *frame;

    if (wcenc_frame_create_copy(desc, &frame) != WCENC_OK)
        fail_msg("frame: %s", wcenc_last_error());
    return frame;
}

wcenc_frame *i420_frame(const uint8_t *pixels, uint32_t width, uint32_t height, int64_t timestamp_us)
{
    wcenc_frame_desc desc;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.timestamp_us = timestamp_us;
    desc.data = pixels;
    desc.data_size = i420_size(width, height);
    return make_frame(&desc);
}

wcenc_frame *pattern_frame(uint32_t width, uint32_t height, unsigned number, int64_t timestamp_us)
{
    uint8_t *pixels = malloc(i420_size(width, height));
    wcenc_frame *frame;

    assert_non_null(pixels);
    pattern_draw(pixels, width, height, number);
    frame = i420_frame(pixels, width, height, timestamp_us);
    free(pixels);
    return frame;
}

/* How the planes of a format are filled; the test's own knowledge, apart from the library's table. */
struct flat_plane {
    uint32_t width, height;
    int components[4]; /* which of the colour's components follow one another; -1 ends, 3 is opaque alpha */
};

/* Formats beyond WebCodecs; a position of YUYV and UYVY is two pixels. */
static int extra_planes(wcenc_pixel_format format, uint32_t width, uint32_t height, struct flat_plane planes[4])
{
    const uint32_t half_width = (width + 1) / 2, half_height = (height + 1) / 2;

    planes[0] = (struct flat_plane){width, height, {0, -1}};
    switch (format) {
    case WCENC_PIXEL_FORMAT_NV21:
        planes[1] = (struct flat_plane){half_width, half_height, {2, 1, -1}};
        return 2;
    case WCENC_PIXEL_FORMAT_P010:
        planes[1] = (struct flat_plane){half_width, half_height, {1, 2, -1}};
        return 2;
    case WCENC_PIXEL_FORMAT_YUYV:
        planes[0] = (struct flat_plane){half_width, height, {0, 1, 0, 2}};
        return 1;
    case WCENC_PIXEL_FORMAT_UYVY:
        planes[0] = (struct flat_plane){half_width, height, {1, 0, 2, 0}};
        return 1;
    case WCENC_PIXEL_FORMAT_RGB24:
        planes[0] = (struct flat_plane){width, height, {0, 1, 2, -1}};
        return 1;
    case WCENC_PIXEL_FORMAT_BGR24:
        planes[0] = (struct flat_plane){width, height, {2, 1, 0, -1}};
        return 1;
    default:
        return 1;
    }
}

static int flat_planes(wcenc_pixel_format format, uint32_t width, uint32_t height, struct flat_plane planes[4])
{
    static const int rgba[] = {0, 1, 2, 3}, bgra[] = {2, 1, 0, 3};
    uint32_t half_width = (width + 1) / 2, half_height = (height + 1) / 2;
    int group = (format - WCENC_PIXEL_FORMAT_I420) / 6; /* 420, 422, 444 */
    bool has_alpha = (format - WCENC_PIXEL_FORMAT_I420) % 6 >= 3;

    if (format >= WCENC_PIXEL_FORMAT_NV21)
        return extra_planes(format, width, height, planes);
    if (format >= WCENC_PIXEL_FORMAT_RGBA) {
        planes[0] = (struct flat_plane){width, height, {0}};
        memcpy(planes[0].components, format >= WCENC_PIXEL_FORMAT_BGRA ? bgra : rgba, sizeof rgba);
        return 1;
    }
    planes[0] = (struct flat_plane){width, height, {0, -1}};
    if (format == WCENC_PIXEL_FORMAT_NV12) {
        planes[1] = (struct flat_plane){half_width, half_height, {1, 2, -1}};
        return 2;
    }
    for (int i = 1; i < 3; i++)
        planes[i] = (struct flat_plane){group < 2 ? half_width : width, group < 1 ? half_height : height, {i, -1}};
    planes[3] = (struct flat_plane){width, height, {3, -1}};
    return has_alpha ? 4 : 3;
}

static int flat_depth(wcenc_pixel_format format)
{
    static const int depths[] = {8, 10, 12};

    if (format == WCENC_PIXEL_FORMAT_P010)
        return 16; /* ten bits in the upper ones */
    return format < WCENC_PIXEL_FORMAT_NV12 ? depths[(format - WCENC_PIXEL_FORMAT_I420) % 3] : 8;
}

wcenc_frame *flat_frame(wcenc_pixel_format format, uint32_t width, uint32_t height, const uint8_t color[3],
                        const wcenc_color_space *color_space, int64_t timestamp_us)
{
    struct flat_plane planes[4];
    int plane_count = flat_planes(format, width, height, planes);
    int depth = flat_depth(format);
    uint8_t *pixels = malloc((size_t)width * height * 8 + 64), *out = pixels;
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    for (int plane = 0; plane < plane_count; plane++)
        for (size_t i = 0; i < (size_t)planes[plane].width * planes[plane].height; i++)
            for (int c = 0; c < 4 && planes[plane].components[c] >= 0; c++) {
                int component = planes[plane].components[c];
                uint16_t value = (uint16_t)((component == 3 ? 255 : color[component]) << (depth - 8));

                if (depth == 8) {
                    *out++ = (uint8_t)value;
                } else {
                    memcpy(out, &value, 2);
                    out += 2;
                }
            }
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.timestamp_us = timestamp_us;
    desc.data = pixels;
    desc.data_size = (size_t)(out - pixels);
    desc.has_color_space = color_space != NULL;
    if (color_space)
        desc.color_space = *color_space;
    frame = make_frame(&desc);
    free(pixels);
    return frame;
}
