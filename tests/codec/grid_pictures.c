/* SPDX-License-Identifier: MIT */

#include "grid_pictures.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "../support/coding.h"
#include "../support/pattern.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { PSNR_LEAST = 30 }; /* dB */

static const uint8_t orange[3] = {230, 120, 30};

/* The shape of a planar format, as libavutil knows it. */
struct shape {
    int depth;
    int width[3], height[3];
};

static struct shape shape_of(const struct grid_cell *cell)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(cell->codec->decoded);
    struct shape shape = {.depth = descriptor->comp[0].depth};
    int width = (int)cell->config.width, height = (int)cell->config.height;

    for (int plane = 0; plane < 3; plane++) {
        shape.width[plane] = plane ? AV_CEIL_RSHIFT(width, descriptor->log2_chroma_w) : width;
        shape.height[plane] = plane ? AV_CEIL_RSHIFT(height, descriptor->log2_chroma_h) : height;
    }
    return shape;
}

/*
 * What the test picture has at a place, in samples of `depth` bits: in luma a slope that takes every value of the depth
 * in turn, in chroma slopes across the plane's own resolution.
 */
static int drawn(const struct shape *shape, int plane, int x, int y)
{
    int unit = 1 << (shape->depth - 8);

    if (plane == 0)
        return 40 * unit + x + 2 * (y / 2);
    return plane == 1 ? 60 * unit + 100 * unit * x / shape->width[1] : 60 * unit + 100 * unit * y / shape->height[2];
}

/* The library's name of what a decoder makes of the codec string. */
static wcenc_pixel_format format_of(enum AVPixelFormat decoded)
{
    static const struct {
        enum AVPixelFormat decoded;
        wcenc_pixel_format format;
    } formats[] = {
        {AV_PIX_FMT_YUV420P10, WCENC_PIXEL_FORMAT_I420P10}, {AV_PIX_FMT_YUV420P12, WCENC_PIXEL_FORMAT_I420P12},
        {AV_PIX_FMT_YUV422P, WCENC_PIXEL_FORMAT_I422},      {AV_PIX_FMT_YUV422P10, WCENC_PIXEL_FORMAT_I422P10},
        {AV_PIX_FMT_YUV422P12, WCENC_PIXEL_FORMAT_I422P12}, {AV_PIX_FMT_YUV444P, WCENC_PIXEL_FORMAT_I444},
        {AV_PIX_FMT_YUV444P10, WCENC_PIXEL_FORMAT_I444P10}, {AV_PIX_FMT_YUV444P12, WCENC_PIXEL_FORMAT_I444P12},
    };

    for (size_t i = 0; i < LENGTH(formats); i++)
        if (formats[i].decoded == decoded)
            return formats[i].format;
    fail_msg("no pixel format is %s", av_get_pix_fmt_name(decoded));
    return WCENC_PIXEL_FORMAT_I420;
}

static wcenc_frame *slope_frame(const struct grid_cell *cell, int64_t timestamp_us)
{
    struct shape shape = shape_of(cell);
    size_t bytes = shape.depth > 8 ? 2 : 1;
    uint8_t *pixels = malloc(3 * bytes * cell->config.width * cell->config.height), *out = pixels;
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < shape.height[plane]; y++)
            for (int x = 0; x < shape.width[plane]; x++, out += bytes) {
                uint16_t value = (uint16_t)drawn(&shape, plane, x, y);

                if (bytes == 2)
                    memcpy(out, &value, 2);
                else
                    *out = (uint8_t)(value > 255 ? 255 : value);
            }
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format_of(cell->codec->decoded);
    desc.coded_width = cell->config.width;
    desc.coded_height = cell->config.height;
    desc.timestamp_us = timestamp_us;
    desc.data = pixels;
    desc.data_size = (size_t)(out - pixels);
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    free(pixels);
    return frame;
}

static int sample_at(const AVFrame *frame, const struct shape *shape, int plane, int x, int y)
{
    const uint8_t *line = frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane];
    uint16_t value;

    if (shape->depth == 8)
        return line[x];
    memcpy(&value, line + 2 * x, 2);
    return value;
}

/* Mean difference from what was drawn, in levels of 8 bits. */
static double mean_difference(const AVFrame *frame, const struct shape *shape, int plane)
{
    double sum = 0;

    for (int y = 0; y < shape->height[plane]; y++)
        for (int x = 0; x < shape->width[plane]; x++) {
            int wanted = drawn(shape, plane, x, y), most = (1 << shape->depth) - 1;

            sum += abs(sample_at(frame, shape, plane, x, y) - (wanted > most ? most : wanted));
        }
    return sum / shape->width[plane] / shape->height[plane] / (1 << (shape->depth - 8));
}

/* The part of luma samples that 8 bits, made longer, could not hold. */
static double part_of_fine_samples(const AVFrame *frame, const struct shape *shape)
{
    int fine = 0;

    for (int y = 0; y < shape->height[0]; y++)
        for (int x = 0; x < shape->width[0]; x++)
            fine += sample_at(frame, shape, 0, x, y) % (1 << (shape->depth - 8)) != 0;
    return (double)fine / (shape->width[0] * shape->height[0]);
}

wcenc_frame *grid_frame(const struct grid_cell *cell, int number)
{
    static const uint8_t colors[2][3] = {{200, 90, 140}, {60, 150, 100}};
    uint32_t width = cell->picture == GRID_FLAT ? 72 : cell->config.width;
    uint32_t height = cell->picture == GRID_FLAT ? 54 : cell->config.height;
    int64_t timestamp_us = number * GRID_FRAME_US;

    if (cell->picture == GRID_SAMPLES && number < cell->frames - 1)
        return slope_frame(cell, timestamp_us);
    if (cell->picture == GRID_SAMPLES)
        return flat_frame(WCENC_PIXEL_FORMAT_RGBA, width, height, orange, NULL, timestamp_us);
    if (cell->picture == GRID_OWN && width >= 128 && height >= 64)
        return pattern_frame(width, height, (unsigned)number + 1, timestamp_us);
    return flat_frame(cell->frame_format, width, height, colors[number % 2], NULL, timestamp_us);
}

static void check_slopes(const struct grid_cell *cell, const AVFrame *frame)
{
    struct shape shape = shape_of(cell);
    double fine = part_of_fine_samples(frame, &shape);

    for (int plane = 0; plane < 3; plane++)
        if (mean_difference(frame, &shape, plane) > 1)
            fail_msg("plane %d differs by %.2f levels", plane, mean_difference(frame, &shape, plane));
    if (shape.depth > 8 && fine < 0.5)
        fail_msg("only %.2f of the samples use the depth", fine); /* HBD-003 */
}

/* RGB becomes YUV of any depth and chroma. */
static void check_orange(const struct grid_cell *cell, const AVFrame *frame, const wcenc_color_space *reported)
{
    struct shape shape = shape_of(cell);
    double yuv[3];

    exact_yuv((const double[]){orange[0], orange[1], orange[2]}, reported->matrix, reported->range, yuv);
    for (int plane = 0; plane < 3; plane++)
        for (int at = 0; at < 4; at++) {
            int x = shape.width[plane] * at / 4, y = shape.height[plane] * at / 4;
            double level = (double)sample_at(frame, &shape, plane, x, y) / (1 << (shape.depth - 8));

            if (fabs(level - yuv[plane]) > 2) /* COL-002 */
                fail_msg("plane %d is %.2f, not %.2f", plane, level, yuv[plane]);
        }
}

/* Patterns are read where they are coded as they were drawn. */
static bool is_readable(const struct grid_cell *cell)
{
    return cell->form && cell->picture == GRID_OWN && cell->config.width >= 128 && !cell->config.color_space.matrix &&
           cell->codec->decoded == AV_PIX_FMT_YUV420P;
}

/* dB. SVT-AV1 2.3 codes one of the small pictures at 29.4. */
static double least_psnr(const struct grid_cell *cell)
{
    return strcmp(cell->config.encoder_name, "libsvtav1") == 0 ? PSNR_LEAST - 2 : PSNR_LEAST;
}

static void check_pattern(const struct grid_cell *cell, const AVFrame *frame, int number)
{
    uint8_t *drawn = malloc(i420_size(cell->config.width, cell->config.height));
    double psnr;

    assert_non_null(drawn);
    pattern_draw(drawn, cell->config.width, cell->config.height, (unsigned)number + 1);
    psnr = frame_psnr(frame, drawn);
    free(drawn);
    assert_int_equal(pattern_read(frame->data[0], frame->linesize[0]), number + 1);
    if (psnr < least_psnr(cell))
        fail_msg("picture %d comes back with %.1f dB", number, psnr);
}

bool grid_check_pictures(const struct grid_cell *cell, const struct decoder *decoder, const wcenc_color_space *reported)
{
    for (int i = 0; i < cell->frames; i++) {
        if (cell->picture == GRID_SAMPLES && i < cell->frames - 1)
            check_slopes(cell, decoder->frames[i]);
        else if (cell->picture == GRID_SAMPLES)
            check_orange(cell, decoder->frames[i], reported);
        else if (is_readable(cell))
            check_pattern(cell, decoder->frames[i], i);
    }
    return cell->picture == GRID_SAMPLES || is_readable(cell);
}
