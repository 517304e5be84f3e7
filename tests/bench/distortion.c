/* SPDX-License-Identifier: MIT */

#include "distortion.h"

#include <math.h>
#include <stddef.h>

enum { PLANES = 3, BLOCK = 4 /* SSIM looks at windows of two blocks by two */ };

/* The width or height of a plane of a picture that is so wide or high. */
static int plane_side(int side, int plane)
{
    return plane ? (side + 1) / 2 : side;
}

struct picture picture_of_i420(const uint8_t *i420, int width, int height)
{
    struct picture picture;

    for (int plane = 0; plane < PLANES; plane++) {
        picture.planes[plane] = i420;
        picture.strides[plane] = plane_side(width, plane);
        i420 += (size_t)plane_side(width, plane) * (size_t)plane_side(height, plane);
    }
    return picture;
}

static uint64_t squared_error(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride, int width, int height)
{
    uint64_t sum = 0;

    for (int y = 0; y < height; y++, a += a_stride, b += b_stride) {
        uint32_t row = 0; /* 65025 * 16384 fits */

        for (int x = 0; x < width; x++)
            row += (uint32_t)((a[x] - b[x]) * (a[x] - b[x]));
        sum += row;
    }
    return sum;
}

/* What SSIM needs to know of a block in both pictures. */
struct sums {
    int a;
    int b;
    int squares; /* of both */
    int products;
};

static struct sums sums_of_block(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride)
{
    struct sums sums = {0};

    for (int y = 0; y < BLOCK; y++, a += a_stride, b += b_stride)
        for (int x = 0; x < BLOCK; x++) {
            sums.a += a[x];
            sums.b += b[x];
            sums.squares += a[x] * a[x] + b[x] * b[x];
            sums.products += a[x] * b[x];
        }
    return sums;
}

/* Of a window of 64 samples. */
static double ssim_of_window(const struct sums *above, const struct sums *below)
{
    static const double c1 = 0.01 * 0.01 * 255 * 255 * 64, c2 = 0.03 * 0.03 * 255 * 255 * 64 * 63;
    const double a = above[0].a + above[1].a + below[0].a + below[1].a;
    const double b = above[0].b + above[1].b + below[0].b + below[1].b;
    const double squares = above[0].squares + above[1].squares + below[0].squares + below[1].squares;
    const double products = above[0].products + above[1].products + below[0].products + below[1].products;
    const double variances = squares * 64 - a * a - b * b, covariance = products * 64 - a * b;

    return (2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (variances + c2));
}

/* Windows overlap by a block. Samples beyond the last whole block do not count. */
static double ssim_of_plane(const uint8_t *a, int a_stride, const uint8_t *b, int b_stride, int width, int height)
{
    enum { BLOCKS_MAX = 4096 };
    static _Thread_local struct sums rows[2][BLOCKS_MAX];
    const int columns = width / BLOCK, lines = height / BLOCK;
    double sum = 0;

    if (columns < 2 || lines < 2 || columns > BLOCKS_MAX)
        return 1;
    for (int y = 0; y < lines; y++) {
        struct sums *below = rows[y % 2], *above = rows[(y + 1) % 2];

        for (int x = 0; x < columns; x++)
            below[x] = sums_of_block(a + (ptrdiff_t)y * BLOCK * a_stride + (ptrdiff_t)x * BLOCK, a_stride,
                                     b + (ptrdiff_t)y * BLOCK * b_stride + (ptrdiff_t)x * BLOCK, b_stride);
        for (int x = 0; y > 0 && x + 1 < columns; x++)
            sum += ssim_of_window(above + x, below + x);
    }
    return sum / ((columns - 1) * (lines - 1));
}

void distortion_add(struct distortion *distortion, const struct picture *coded, const struct picture *source, int width,
                    int height)
{
    double ssim = 0, samples = 0;

    for (int plane = 0; plane < PLANES; plane++) {
        const int columns = plane_side(width, plane), lines = plane_side(height, plane);
        const double size = (double)columns * lines;
        const uint8_t *a = coded->planes[plane], *b = source->planes[plane];

        distortion->squares +=
            (double)squared_error(a, coded->strides[plane], b, source->strides[plane], columns, lines);
        ssim += size * ssim_of_plane(a, coded->strides[plane], b, source->strides[plane], columns, lines);
        samples += size;
    }
    distortion->samples += samples;
    distortion->ssim += ssim / samples;
    distortion->frames++;
}

double distortion_psnr(const struct distortion *distortion)
{
    if (distortion->squares == 0)
        return 99;
    return 10 * log10(255.0 * 255.0 * distortion->samples / distortion->squares);
}

double distortion_ssim(const struct distortion *distortion)
{
    return distortion->frames ? distortion->ssim / distortion->frames : 0;
}
