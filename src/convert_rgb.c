/* SPDX-License-Identifier: MIT */

/* RGB to YCbCr: coefficients from the colour space, and the rows of a picture one after the other. */

#include "convert_rgb.h"

#include <math.h>

#include "attributes.h"

/* The weights of red and blue in luma (H.273, table 4). */
static const struct luma_weights {
    wcenc_color_matrix matrix;
    double red;
    double blue;
} luma_weights[] = {
    {WCENC_COLOR_MATRIX_BT709, 0.2126, 0.0722}, /* also stands for what is not given */
    {WCENC_COLOR_MATRIX_BT470BG, 0.299, 0.114},
    {WCENC_COLOR_MATRIX_SMPTE170M, 0.299, 0.114},
    {WCENC_COLOR_MATRIX_BT2020_NCL, 0.2627, 0.0593},
};

static const struct luma_weights *weights_of(wcenc_color_matrix matrix)
{
    for (size_t i = 0; i < ARRAY_LENGTH(luma_weights); i++)
        if (luma_weights[i].matrix == matrix)
            return &luma_weights[i];
    return &luma_weights[0];
}

static int16_t fixed(double value)
{
    return (int16_t)lround(value * (1 << MATRIX_BITS));
}

/*
 * One row of the matrix for red, green and blue in places 0, 1 and 2 of a pixel. Green takes what rounding leaves, so
 * that the sum is exact and grey stays grey.
 */
static void set_row(int16_t row[4], double red, double blue, double sum, bool is_bgr)
{
    const int16_t r = fixed(red), b = fixed(blue);

    row[0] = is_bgr ? b : r;
    row[1] = (int16_t)(fixed(sum) - r - b);
    row[2] = is_bgr ? r : b;
    row[3] = 0;
}

static struct rgb_matrix matrix_of(const wcenc_color_space *color_space, bool is_bgr)
{
    const struct luma_weights *weights = weights_of(color_space->matrix);
    const bool full = color_space->range == WCENC_COLOR_RANGE_FULL;
    const double y_scale = full ? 1 : 219 / 255.0, c_scale = full ? 1 : 224 / 255.0;
    const double red = weights->red, blue = weights->blue;
    struct rgb_matrix matrix = {.y_offset = full ? 0 : 16};

    set_row(matrix.y, y_scale * red, y_scale * blue, y_scale, is_bgr);
    set_row(matrix.u, c_scale * -red / (2 * (1 - blue)), c_scale / 2, 0, is_bgr);
    set_row(matrix.v, c_scale / 2, c_scale * -blue / (2 * (1 - red)), 0, is_bgr);
    return matrix;
}

static void convert_420(const struct kernels *kernels, const struct rgb_matrix *matrix, const struct picture *source,
                        const struct picture *target)
{
    const bool is_nv12 = target->format == WCENC_PIXEL_FORMAT_NV12;

    for (uint32_t y = 0; y < source->height; y += 2) {
        struct rgb_rows rows = {0};

        for (uint32_t i = 0; i < 2; i++) {
            const ptrdiff_t row = y + i < source->height ? y + i : y;

            rows.pixels[i] = source->planes[0] + row * source->strides[0];
            rows.y[i] = (uint8_t *)target->planes[0] + row * target->strides[0];
        }
        rows.u = (uint8_t *)target->planes[1] + (ptrdiff_t)(y / 2) * target->strides[1];
        if (!is_nv12)
            rows.v = (uint8_t *)target->planes[2] + (ptrdiff_t)(y / 2) * target->strides[2];
        (is_nv12 ? kernels->rgb_to_nv12 : kernels->rgb_to_i420)(matrix, &rows, source->width);
    }
}

bool wcenc__convert_rgb(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    const wcenc_pixel_format opaque = wcenc__pixel_format(source->format)->opaque;
    struct rgb_matrix matrix;

    if (!wcenc__pixel_format(source->format)->is_rgb || source->width != target->width ||
        source->height != target->height)
        return false;
    matrix = matrix_of(&target->color_space, opaque == WCENC_PIXEL_FORMAT_BGRX);
    switch (target->format) {
    case WCENC_PIXEL_FORMAT_I420:
    case WCENC_PIXEL_FORMAT_NV12:
        convert_420(kernels, &matrix, source, target);
        return true;
    default:
        return false;
    }
}
