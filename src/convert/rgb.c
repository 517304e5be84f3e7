/* SPDX-License-Identifier: MIT */

/* RGB to YCbCr: coefficients from the colour space, and the rows of a picture one after the other. */

#include "rgb.h"

#include <math.h>

#include "compiler.h"

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

void wcenc__luma_weights(wcenc_color_matrix matrix, double *red, double *blue)
{
    const struct luma_weights *weights = weights_of(matrix);

    *red = weights->red;
    *blue = weights->blue;
}

static int16_t fixed(double value)
{
    return (int16_t)lround(value * (1 << MATRIX_BITS));
}

/*
 * One row of the matrix for red, green and blue in places 0, 1 and 2 of a pixel. Green takes what rounding leaves, so
 * that the sum is exact and greys have no error at all.
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

/* Formats that there is a kernel for; the rows of luma that it makes at once. */
struct target_format {
    wcenc_pixel_format format;
    uint32_t rows;
    rgb_kernel *kernel;
};

static bool find_format(const struct kernels *kernels, const struct picture *target, struct target_format *found)
{
    const bool center = target->chroma_location == WCENC_CHROMA_LOCATION_CENTER;
    const struct target_format formats[] = {
        {WCENC_PIXEL_FORMAT_I420, 2, center ? kernels->rgb_to_i420_center : kernels->rgb_to_i420_left},
        {WCENC_PIXEL_FORMAT_NV12, 2, center ? kernels->rgb_to_nv12_center : kernels->rgb_to_nv12_left},
        {WCENC_PIXEL_FORMAT_I444, 1, kernels->rgb_to_i444},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (formats[i].format == target->format) {
            *found = formats[i];
            return formats[i].rows == 1 || target->chroma_location != WCENC_CHROMA_LOCATION_TOP_LEFT;
        }
    }
    return false;
}

static uint8_t *row_of(const struct picture *picture, int plane, uint32_t y)
{
    return picture->planes[plane] ? (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane] : NULL;
}

bool wcenc__convert_rgb(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *from = wcenc__pixel_format(source->format);
    struct target_format to;
    struct rgb_matrix matrix;

    if (!from->is_rgb || source->width != target->width || source->height != target->height ||
        !find_format(kernels, target, &to))
        return false;
    matrix = matrix_of(&target->color_space, from->opaque == WCENC_PIXEL_FORMAT_BGRX);
    for (uint32_t y = 0; y < source->height; y += to.rows) {
        const uint32_t second = y + 1 < source->height ? y + 1 : y;

        to.kernel(&matrix,
                  &(struct rgb_rows){
                      .pixels = {row_of(source, 0, y), row_of(source, 0, second)},
                      .y = {row_of(target, 0, y), row_of(target, 0, second)},
                      .u = row_of(target, 1, y / to.rows),
                      .v = row_of(target, 2, y / to.rows),
                  },
                  source->width);
    }
    return true;
}

void wcenc__rgb_make_full(const struct kernels *kernels, const struct picture *source, const struct picture *target)
{
    for (uint32_t y = 0; y < source->height; y++)
        kernels->expand(row_of(source, 0, y), row_of(target, 0, y), 4 * (size_t)source->width);
}
