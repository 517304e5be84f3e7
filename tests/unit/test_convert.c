/* SPDX-License-Identifier: MIT */

/* Conversion by itself: colours against the formulas in double precision, shapes, and where memory ends. */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "color_space.h"
#include "convert.h"
#include "rgb.h"
#include "kernel.h"

struct matrix {
    wcenc_color_matrix matrix;
    double red, blue; /* Kr and Kb of H.273 */
};

static const struct matrix matrices[] = {
    {WCENC_COLOR_MATRIX_BT709, 0.2126, 0.0722},
    {WCENC_COLOR_MATRIX_SMPTE170M, 0.299, 0.114},
    {WCENC_COLOR_MATRIX_BT2020_NCL, 0.2627, 0.0593},
};

static const uint8_t colors[][3] = {{255, 0, 0},     {0, 255, 0},   {0, 0, 255},   {255, 255, 255}, {0, 0, 0},
                                    {128, 128, 128}, {255, 255, 0}, {12, 200, 99}, {1, 2, 3},       {254, 128, 0}};

/* Y, U, V at 8 bits of full-range levels, not rounded. */
static void exact(const struct matrix *m, bool full, const double rgb[3], double yuv[3])
{
    double r = rgb[0] / 255.0, g = rgb[1] / 255.0, b = rgb[2] / 255.0;
    double y = m->red * r + (1 - m->red - m->blue) * g + m->blue * b;

    yuv[0] = full ? 255 * y : 16 + 219 * y;
    yuv[1] = 128 + (full ? 255 : 224) * (b - y) / (2 * (1 - m->blue));
    yuv[2] = 128 + (full ? 255 : 224) * (r - y) / (2 * (1 - m->red));
}

static void reference(const struct matrix *m, bool full, const uint8_t rgb[3], double yuv[3])
{
    exact(m, full, (const double[]){rgb[0], rgb[1], rgb[2]}, yuv);
}

static void fill_rgb(struct picture *picture, const uint8_t rgb[3])
{
    bool bgr = picture->format == WCENC_PIXEL_FORMAT_BGRA || picture->format == WCENC_PIXEL_FORMAT_BGRX;

    for (uint32_t y = 0; y < picture->height; y++)
        for (uint32_t x = 0; x < picture->width; x++) {
            uint8_t *pixel = (uint8_t *)picture->planes[0] + (ptrdiff_t)y * picture->strides[0] + 4 * x;

            for (int i = 0; i < 3; i++)
                pixel[i] = rgb[bgr ? 2 - i : i];
            pixel[3] = (uint8_t)(x * 17); /* alpha of any kind must not matter */
        }
}

static struct picture make(wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    struct picture picture;

    assert_true(wcenc__pixels_create(format, width, height, &picture));
    return picture;
}

static int sample(const struct picture *picture, int plane, uint32_t x, uint32_t y)
{
    return picture->planes[plane][(ptrdiff_t)y * picture->strides[plane] + x];
}

static void test_flat_rgb_becomes_what_the_formulas_say(void **state)
{
    static const wcenc_pixel_format formats[] = {WCENC_PIXEL_FORMAT_RGBA, WCENC_PIXEL_FORMAT_RGBX,
                                                 WCENC_PIXEL_FORMAT_BGRA, WCENC_PIXEL_FORMAT_BGRX};
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (size_t n = 0; n < 4 * 3 * 2 * 10; n++) {
        const struct matrix *matrix = &matrices[n / 4 % 3];
        bool full = n / 12 % 2;
        const uint8_t *rgb = colors[n / 24];
        struct picture from = make(formats[n % 4], 34, 18), to = make(WCENC_PIXEL_FORMAT_I420, 34, 18);
        double yuv[3];

        to.color_space.matrix = matrix->matrix;
        to.color_space.range = full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
        fill_rgb(&from, rgb);
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        reference(matrix, full, rgb, yuv);
        for (int plane = 0; plane < 3; plane++)
            for (uint32_t y = 0; y < 9; y++)
                for (uint32_t x = 0; x < 17; x++)
                    assert_true(fabs(sample(&to, plane, x, y) - yuv[plane]) <= 1.5);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
    }
    wcenc__converter_destroy(converter);
}

/* By kernels and by libswscale, scaled and not. */
static void test_limited_rgb_becomes_what_the_formulas_say(void **state)
{
    static const uint8_t limited[][3] = {{235, 235, 235}, {16, 16, 16},  {126, 126, 126},
                                         {235, 16, 16},   {16, 235, 16}, {16, 16, 235},
                                         {28, 188, 101},  {0, 0, 0},     {255, 255, 255}};
    static const wcenc_pixel_format targets[] = {WCENC_PIXEL_FORMAT_I420, WCENC_PIXEL_FORMAT_NV12,
                                                 WCENC_PIXEL_FORMAT_I422, WCENC_PIXEL_FORMAT_I444};
    static const uint32_t sizes[][2] = {{34, 18}, {17, 9}, {60, 40}, {30, 16}};

    (void)state;
    for (size_t n = 0; n < 9 * 4 * 4 * 4 * 2 * 2; n++) {
        const uint8_t *given = limited[n % 9];
        const uint32_t *size = sizes[n / 9 % 4];
        const bool full = n / (9 * 4 * 4 * 4) % 2;
        struct converter *converter = wcenc__converter_create_with(n / (9 * 4 * 4 * 4 * 2) ? NULL : wcenc__kernels());
        struct picture from = make((wcenc_pixel_format)(WCENC_PIXEL_FORMAT_RGBA + (int)(n / (9 * 4 * 4) % 4)), 34, 18);
        struct picture to = make(targets[n / (9 * 4) % 4], size[0], size[1]);
        double yuv[3], rgb[3];

        from.color_space = wcenc__color_space_srgb;
        from.color_space.range = WCENC_COLOR_RANGE_LIMITED;
        to.color_space.matrix = matrices[n % 3].matrix;
        to.color_space.range = full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
        fill_rgb(&from, given);
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        for (int i = 0; i < 3; i++)
            rgb[i] = fmax(0, fmin(255, (given[i] - 16) * 255 / 219.0));
        exact(&matrices[n % 3], full, rgb, yuv);
        for (int plane = 0; plane < 3; plane++) {
            const bool pairs = to.format == WCENC_PIXEL_FORMAT_NV12 && plane > 0;
            const int made = sample(&to, pairs ? 1 : plane, pairs ? (uint32_t)(4 + plane - 1) : 4, 2);

            if (fabs(made - yuv[plane]) > 2) /* COL-002 */
                fail_msg("case %zu, plane %d: %d, not %.1f", n, plane, made, yuv[plane]);
        }
        if (given[0] == 235 && given[1] == 235 && given[2] == 235)
            assert_int_equal(sample(&to, 0, 8, 4), full ? 255 : 235);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
        wcenc__converter_destroy(converter);
    }
}

/* A YCbCr picture of one colour. */
static void fill_yuv(struct picture *picture, const double yuv[3])
{
    for (int plane = 0; plane < 3; plane++)
        memset((uint8_t *)picture->planes[plane], (int)lround(fmin(yuv[plane], 255)),
               (size_t)picture->strides[plane] * (plane ? (picture->height + 1) / 2 : picture->height));
}

static void test_another_matrix_or_range_is_converted(void **state)
{
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (size_t n = 0; n < 3 * 2 * 3 * 2 * 10; n++) {
        const struct matrix *a = &matrices[n % 3], *b = &matrices[n / 3 % 3];
        bool a_full = n / 9 % 2, b_full = n / 18 % 2;
        struct picture from = make(WCENC_PIXEL_FORMAT_I420, 64, 32), to = make(WCENC_PIXEL_FORMAT_I420, 64, 32);
        double source[3], target[3];

        from.color_space.matrix = a->matrix;
        from.color_space.range = a_full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
        to.color_space.matrix = b->matrix;
        to.color_space.range = b_full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
        reference(a, a_full, colors[n / 36], source);
        reference(b, b_full, colors[n / 36], target);
        fill_yuv(&from, source);
        assert_true(wcenc__convert_fits(&from, &to) == (a == b && a_full == b_full));
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        /* The source was rounded to 8 bits, which a change of matrix can make larger. */
        for (int plane = 0; plane < 3; plane++)
            if (fabs(sample(&to, plane, 8, 8) - target[plane]) > 2.5)
                fail_msg("case %zu, plane %d: %d, not %.1f", n, plane, sample(&to, plane, 8, 8), target[plane]);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
    }
    wcenc__converter_destroy(converter);
}

static void test_only_what_is_the_same_fits(void **state)
{
    struct picture a = make(WCENC_PIXEL_FORMAT_I420, 64, 32), b = a;

    (void)state;
    a.color_space = b.color_space = (wcenc_color_space){1, 1, WCENC_COLOR_MATRIX_SMPTE170M, WCENC_COLOR_RANGE_LIMITED};
    assert_true(wcenc__convert_fits(&a, &b));
    b.color_space.matrix = WCENC_COLOR_MATRIX_BT470BG; /* another name for the same numbers */
    b.color_space.primaries = 9;                       /* no matter of pixels here */
    assert_true(wcenc__convert_fits(&a, &b));
    a.format = WCENC_PIXEL_FORMAT_I420A; /* alpha is left out by not looking at it */
    assert_true(wcenc__convert_fits(&a, &b));
    a.strides[0] = -a.strides[0];
    assert_false(wcenc__convert_fits(&a, &b));
    a.strides[0] = -a.strides[0];
    b.width = 66;
    assert_false(wcenc__convert_fits(&a, &b));
    b.width = 64;
    b.format = WCENC_PIXEL_FORMAT_NV12;
    assert_false(wcenc__convert_fits(&a, &b));
    wcenc__pixels_unref(a.pixels);
}

static void test_rows_from_the_bottom_come_out_upright(void **state)
{
    struct converter *converter = wcenc__converter_create();
    struct picture from = make(WCENC_PIXEL_FORMAT_RGBX, 32, 32), to = make(WCENC_PIXEL_FORMAT_I420, 32, 32);

    (void)state;
    to.color_space.matrix = WCENC_COLOR_MATRIX_BT709;
    memset((uint8_t *)from.planes[0], 0, (size_t)from.strides[0] * 32);
    memset((uint8_t *)from.planes[0] + from.strides[0] * 16, 255, (size_t)from.strides[0] * 16);
    from.planes[0] += from.strides[0] * 31;
    from.strides[0] = -from.strides[0];
    assert_true(wcenc__convert(converter, &from, &to, NULL));
    assert_int_equal(sample(&to, 0, 4, 2), 235);
    assert_int_equal(sample(&to, 0, 4, 29), 16);
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(to.pixels);
    wcenc__converter_destroy(converter);
}

/* Alpha of any kind in the fourth byte; the others change from pixel to pixel by no rule that scaling knows. */
static void fill_noise(const struct picture *picture)
{
    uint32_t state = 7;

    for (uint32_t y = 0; y < picture->height; y++)
        for (uint32_t i = 0; i < 4 * picture->width; i++) {
            state = state * 1664525 + 1013904223;
            ((uint8_t *)picture->planes[0])[(ptrdiff_t)y * picture->strides[0] + i] = (uint8_t)(state >> 24);
        }
}

static void test_rgb_of_the_right_size_goes_through_the_kernels(void **state)
{
    static const wcenc_pixel_format targets[] = {WCENC_PIXEL_FORMAT_I420, WCENC_PIXEL_FORMAT_NV12,
                                                 WCENC_PIXEL_FORMAT_I444};
    struct converter *converter = wcenc__converter_create();
    struct picture from = make(WCENC_PIXEL_FORMAT_BGRA, 67, 35);

    (void)state;
    fill_noise(&from);
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        const struct pixel_format *format = wcenc__pixel_format(targets[i]);
        struct picture to = make(targets[i], 67, 35), wanted = make(targets[i], 67, 35);

        to.color_space.matrix = wanted.color_space.matrix = WCENC_COLOR_MATRIX_BT2020_NCL;
        to.color_space.range = wanted.color_space.range = WCENC_COLOR_RANGE_FULL;
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        assert_true(wcenc__convert_rgb(&wcenc__kernels_c, &from, &wanted));
        for (int plane = 0; plane < format->plane_count; plane++)
            for (uint32_t y = 0; y < wcenc__plane_height(format, plane, 35); y++)
                assert_memory_equal(to.planes[plane] + (ptrdiff_t)y * to.strides[plane],
                                    wanted.planes[plane] + (ptrdiff_t)y * wanted.strides[plane],
                                    (size_t)wcenc__plane_row_bytes(format, plane, 67));
        wcenc__pixels_unref(to.pixels);
        wcenc__pixels_unref(wanted.pixels);
    }
    wcenc__pixels_unref(from.pixels);
    wcenc__converter_destroy(converter);
}

/* The mean colour of a part of a picture, all of whose pixels count as much. */
static void mean_rgb(const struct picture *picture, uint32_t x, uint32_t y, uint32_t side, uint8_t rgb[3])
{
    for (uint32_t channel = 0; channel < 3; channel++) {
        uint32_t sum = side * side / 2;

        for (uint32_t i = 0; i < side * side; i++)
            sum += picture->planes[0][(ptrdiff_t)(y + i / side) * picture->strides[0] + 4 * (x + i % side) + channel];
        rgb[channel] = (uint8_t)(sum / (side * side));
    }
}

/* To a third: 3x3 pixels become one of luma, and 6x6 one of chroma. */
static void test_rgb_becomes_smaller_by_the_mean(void **state)
{
    const struct matrix *matrix = &matrices[0];
    struct converter *converter = wcenc__converter_create();
    struct picture from = make(WCENC_PIXEL_FORMAT_RGBX, 102, 66), to = make(WCENC_PIXEL_FORMAT_I420, 34, 22);

    (void)state;
    to.color_space.matrix = matrix->matrix;
    to.chroma_location = WCENC_CHROMA_LOCATION_CENTER;
    fill_noise(&from);
    assert_true(wcenc__convert(converter, &from, &to, NULL));
    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < (plane ? 11 : 22); y++)
            for (uint32_t x = 0; x < (plane ? 17 : 34); x++) {
                const uint32_t side = plane ? 6 : 3;
                uint8_t rgb[3];
                double yuv[3];

                mean_rgb(&from, x * side, y * side, side, rgb);
                reference(matrix, false, rgb, yuv);
                /* Rounded twice, and the reference once. */
                assert_true(fabs(sample(&to, plane, x, y) - yuv[plane]) <= 1.6);
            }
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(to.pixels);
    wcenc__converter_destroy(converter);
}

/* NV12 in and out: the same samples as by way of I420. */
static void test_nv12_becomes_smaller_as_i420_does(void **state)
{
    struct converter *converter = wcenc__converter_create();
    struct picture from = make(WCENC_PIXEL_FORMAT_NV12, 67, 35), planar = make(WCENC_PIXEL_FORMAT_I420, 67, 35);
    struct picture to = make(WCENC_PIXEL_FORMAT_NV12, 41, 21), wanted = make(WCENC_PIXEL_FORMAT_I420, 41, 21);

    (void)state;
    for (size_t i = 0; i < (size_t)from.strides[0] * 35; i++)
        ((uint8_t *)from.planes[0])[i] = (uint8_t)(i * i >> 3);
    for (size_t i = 0; i < (size_t)from.strides[1] * 18; i++)
        ((uint8_t *)from.planes[1])[i] = (uint8_t)(i * 29 >> 2);
    assert_true(wcenc__convert(converter, &from, &planar, NULL));
    assert_true(wcenc__convert(converter, &planar, &wanted, NULL));
    assert_true(wcenc__convert(converter, &from, &to, NULL));
    for (uint32_t y = 0; y < 21; y++)
        for (uint32_t x = 0; x < 41; x++)
            assert_int_equal(sample(&to, 0, x, y), sample(&wanted, 0, x, y));
    for (uint32_t y = 0; y < 11; y++)
        for (uint32_t x = 0; x < 21; x++) {
            assert_int_equal(sample(&to, 1, 2 * x, y), sample(&wanted, 1, x, y));
            assert_int_equal(sample(&to, 1, 2 * x + 1, y), sample(&wanted, 2, x, y));
        }
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(planar.pixels);
    wcenc__pixels_unref(to.pixels);
    wcenc__pixels_unref(wanted.pixels);
    wcenc__converter_destroy(converter);
}

/* Left out: pictures that become a little smaller, which libswscale keeps sharper. */
static void test_the_mean_is_for_pictures_that_become_much_smaller(void **state)
{
    static const struct {
        uint32_t width, height;
        bool by_mean;
    } sizes[] = {{96, 40, true},  {96, 32, true},  {64, 40, true},  {67, 64, true},  {67, 44, true},
                 {68, 44, false}, {67, 45, false}, {95, 63, false}, {48, 63, false}, {95, 32, false}};
    struct picture from = make(WCENC_PIXEL_FORMAT_I420, 96, 64);

    (void)state;
    for (int plane = 0; plane < 3; plane++)
        for (uint32_t i = 0; i < (uint32_t)from.strides[plane] * (plane ? 32 : 64); i++)
            ((uint8_t *)from.planes[plane])[i] = (uint8_t)(i * i >> 4);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct converter *converter = wcenc__converter_create(), *plain = wcenc__converter_create_with(NULL);
        struct picture to = make(WCENC_PIXEL_FORMAT_I420, sizes[i].width, sizes[i].height);
        struct picture other = make(WCENC_PIXEL_FORMAT_I420, sizes[i].width, sizes[i].height);
        bool same = true;

        assert_true(wcenc__convert(converter, &from, &to, NULL));
        assert_true(wcenc__convert(plain, &from, &other, NULL));
        for (uint32_t y = 0; y < sizes[i].height; y++)
            same = same && memcmp(to.planes[0] + y * to.strides[0], other.planes[0] + y * other.strides[0],
                                  sizes[i].width) == 0;
        assert_true(same == !sizes[i].by_mean);
        wcenc__pixels_unref(to.pixels);
        wcenc__pixels_unref(other.pixels);
        wcenc__converter_destroy(converter);
        wcenc__converter_destroy(plain);
    }
    wcenc__pixels_unref(from.pixels);
}

static void test_a_smaller_picture_of_another_range_is_converted_too(void **state)
{
    static const wcenc_pixel_format formats[] = {WCENC_PIXEL_FORMAT_I420, WCENC_PIXEL_FORMAT_NV12};
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct picture from = make(formats[i], 64, 32), to = make(WCENC_PIXEL_FORMAT_I420, 32, 16);

        from.color_space = to.color_space =
            (wcenc_color_space){1, 1, WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED};
        from.color_space.range = WCENC_COLOR_RANGE_FULL;
        memset((uint8_t *)from.planes[0], 255, (size_t)from.strides[0] * 32);
        for (int plane = 1; plane < wcenc__pixel_format(formats[i])->plane_count; plane++)
            memset((uint8_t *)from.planes[plane], 128, (size_t)from.strides[plane] * 16);
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        assert_true(abs((int)sample(&to, 0, 8, 8) - 235) <= 1);
        assert_true(abs((int)sample(&to, 1, 8, 4) - 128) <= 1);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
    }
    wcenc__converter_destroy(converter);
}

/* Samples of the first kind up to an edge in chroma: where it lies, in samples, is how many there are. */
static double edge_of(const struct picture *picture)
{
    const uint32_t count = wcenc__plane_width(wcenc__pixel_format(picture->format), 2, picture->width);
    const int first = sample(picture, 2, 0, 4), last = sample(picture, 2, count - 1, 4);
    double sum = 0;

    for (uint32_t x = 0; x < count; x++)
        sum += (double)(sample(picture, 2, x, 4) - last) / (first - last);
    return sum;
}

/* Every other column of 4:2:2 is where chroma of 4:2:0 at the left is, half a pixel before the center of the two. */
static void test_chroma_moves_to_where_it_is_to_lie(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        wcenc_chroma_location from, to;
        uint32_t scale;
        double edge; /* in samples of chroma, at half the width; in pixels it is at 32 */
    } rows[] = {
        {WCENC_PIXEL_FORMAT_I444, 0, WCENC_CHROMA_LOCATION_LEFT, 1, 16.25},
        {WCENC_PIXEL_FORMAT_I444, 0, WCENC_CHROMA_LOCATION_CENTER, 1, 16},
        {WCENC_PIXEL_FORMAT_I422, 0, WCENC_CHROMA_LOCATION_LEFT, 1, 16},
        {WCENC_PIXEL_FORMAT_I422, 0, WCENC_CHROMA_LOCATION_CENTER, 1, 15.75},
        {WCENC_PIXEL_FORMAT_I420, 0, WCENC_CHROMA_LOCATION_CENTER, 1, 16},
        {WCENC_PIXEL_FORMAT_I420, WCENC_CHROMA_LOCATION_LEFT, WCENC_CHROMA_LOCATION_CENTER, 1, 16}, /* unchanged */
        {WCENC_PIXEL_FORMAT_I420, WCENC_CHROMA_LOCATION_CENTER, 0, 2, 16},
        {WCENC_PIXEL_FORMAT_I420, WCENC_CHROMA_LOCATION_LEFT, 0, 2, 16.125},
        {WCENC_PIXEL_FORMAT_I420, WCENC_CHROMA_LOCATION_LEFT, WCENC_CHROMA_LOCATION_CENTER, 2, 15.875},
        {WCENC_PIXEL_FORMAT_I420, WCENC_CHROMA_LOCATION_CENTER, WCENC_CHROMA_LOCATION_LEFT, 2, 16.25},
    };
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct picture from = make(rows[i].format, 64 * rows[i].scale, 32 * rows[i].scale);
        struct picture to = make(WCENC_PIXEL_FORMAT_I420, 64, 32);
        double found;

        for (int plane = 0; plane < 3; plane++) {
            const struct pixel_format *format = wcenc__pixel_format(from.format);
            const uint32_t half = wcenc__plane_width(format, plane, from.width) / 2;

            for (uint32_t y = 0; y < wcenc__plane_height(format, plane, from.height); y++) {
                memset((uint8_t *)from.planes[plane] + y * from.strides[plane], 70, half);
                memset((uint8_t *)from.planes[plane] + y * from.strides[plane] + half, 170, half);
            }
        }
        from.chroma_location = rows[i].from;
        to.chroma_location = rows[i].to;
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        found = edge_of(&to);
        if (fabs(found - rows[i].edge) > 0.03)
            fail_msg("row %zu: the edge is at %.3f, not %.3f", i, found, rows[i].edge);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
    }
    wcenc__converter_destroy(converter);
}

/* One converter, as for a stream whose frames change: each picture comes out as from a new one. */
static void test_a_converter_takes_pictures_of_all_kinds_in_turn(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        uint32_t width, height;
    } sources[] = {
        {WCENC_PIXEL_FORMAT_RGBA, 64, 48}, {WCENC_PIXEL_FORMAT_RGBA, 96, 64}, {WCENC_PIXEL_FORMAT_BGRX, 96, 64},
        {WCENC_PIXEL_FORMAT_RGBA, 40, 30}, {WCENC_PIXEL_FORMAT_RGBA, 96, 48}, {WCENC_PIXEL_FORMAT_RGBA, 96, 64},
    };
    struct converter *kept = wcenc__converter_create();

    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct picture from = make(sources[i].format, sources[i].width, sources[i].height);
        struct picture to = make(WCENC_PIXEL_FORMAT_I420, 64, 48), wanted = make(WCENC_PIXEL_FORMAT_I420, 64, 48);
        struct converter *fresh = wcenc__converter_create();

        fill_noise(&from);
        assert_true(wcenc__convert(kept, &from, &to, NULL));
        assert_true(wcenc__convert(fresh, &from, &wanted, NULL));
        for (int plane = 0; plane < 3; plane++)
            for (uint32_t y = 0; y < (plane ? 24 : 48); y++)
                assert_memory_equal(to.planes[plane] + (ptrdiff_t)y * to.strides[plane],
                                    wanted.planes[plane] + (ptrdiff_t)y * wanted.strides[plane], plane ? 32 : 64);
        wcenc__converter_destroy(fresh);
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
        wcenc__pixels_unref(wanted.pixels);
    }
    wcenc__converter_destroy(kept);
}

/* Every format to itself, with other strides: what was in the target before must not stay. */
static void test_the_same_shape_is_copied_whole(void **state)
{
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (wcenc_pixel_format format = WCENC_PIXEL_FORMAT_I420; format < PIXEL_FORMAT_COUNT; format++) {
        const struct pixel_format *row = wcenc__pixel_format(format);
        struct picture from, to;

        if (!row || row->is_extra) /* nothing is converted to those */
            continue;
        from = make(format, 37, 21);
        to = make(format, 37, 21);
        for (int plane = 0; plane < row->plane_count; plane++) {
            size_t bytes = (size_t)from.strides[plane] * wcenc__plane_height(row, plane, 21);

            /* Two bytes are at most the highest level of 10 bits. */
            for (size_t i = 0; i < bytes; i++)
                ((uint8_t *)from.planes[plane])[i] =
                    (uint8_t)((i * 7 + (size_t)plane) & (row->bit_depth > 8 ? 3 : 255));
            memset((uint8_t *)to.planes[plane], 0xee, bytes);
        }
        assert_true(wcenc__convert(converter, &from, &to, NULL));
        for (int plane = 0; plane < row->plane_count && plane < 3; plane++)
            for (uint32_t y = 0; y < wcenc__plane_height(row, plane, 21); y++)
                assert_memory_equal(from.planes[plane] + (ptrdiff_t)y * from.strides[plane],
                                    to.planes[plane] + (ptrdiff_t)y * to.strides[plane],
                                    (size_t)wcenc__plane_row_bytes(row, plane, 37));
        wcenc__pixels_unref(from.pixels);
        wcenc__pixels_unref(to.pixels);
    }
    wcenc__converter_destroy(converter);
}

/* Planes whose last byte is the last that may be read, with gaps that hold nothing. */
static uint8_t *guarded(size_t size, uint8_t **mapping, size_t *mapped)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (size + page - 1) / page * page;

    *mapped = whole + page;
    *mapping = mmap(NULL, *mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(*mapping != MAP_FAILED);
    assert_int_equal(mprotect(*mapping + whole, page, PROT_NONE), 0);
    return *mapping + whole - size;
}

static void convert_at_the_end(struct converter *converter, wcenc_pixel_format format, uint32_t width, uint32_t height,
                               uint32_t to_width, uint32_t to_height)
{
    const struct pixel_format *row = wcenc__pixel_format(format);
    struct picture from = {.format = format, .width = width, .height = height}, to;
    uint8_t *mappings[PLANES_MAX];
    size_t mapped[PLANES_MAX];

    from.color_space = (wcenc_color_space){1, 1, WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED};
    for (int plane = 0; plane < row->plane_count; plane++) {
        size_t stride = (size_t)wcenc__plane_row_bytes(row, plane, width);
        size_t size = stride * wcenc__plane_height(row, plane, height);
        uint8_t *bytes = guarded(size, &mappings[plane], &mapped[plane]);

        memset(bytes, 1, size);
        from.planes[plane] = bytes;
        from.strides[plane] = (ptrdiff_t)stride;
    }
    to = make(WCENC_PIXEL_FORMAT_I420, to_width, to_height);
    to.color_space = from.color_space;
    assert_true(wcenc__convert(converter, &from, &to, NULL));
    wcenc__pixels_unref(to.pixels);
    for (int plane = 0; plane < row->plane_count; plane++)
        munmap(mappings[plane], mapped[plane]);
}

static void test_nothing_is_read_beyond_the_end_of_a_plane(void **state)
{
    static const uint32_t sizes[][2] = {{2, 2}, {16, 16}, {18, 10}, {34, 18}, {62, 34}, {66, 6}, {130, 50}, {33, 17}};
    struct converter *converter = wcenc__converter_create();

    (void)state;
    for (wcenc_pixel_format format = WCENC_PIXEL_FORMAT_I420; format < PIXEL_FORMAT_COUNT; format++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && wcenc__pixel_format(format); i++) {
            convert_at_the_end(converter, format, sizes[i][0], sizes[i][1], sizes[i][0], sizes[i][1]);
            convert_at_the_end(converter, format, sizes[i][0], sizes[i][1], 64, 48);
            convert_at_the_end(converter, format, sizes[i][0], sizes[i][1], 16, 16);
        }
    wcenc__converter_destroy(converter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat_rgb_becomes_what_the_formulas_say),
        cmocka_unit_test(test_limited_rgb_becomes_what_the_formulas_say),
        cmocka_unit_test(test_another_matrix_or_range_is_converted),
        cmocka_unit_test(test_only_what_is_the_same_fits),
        cmocka_unit_test(test_rows_from_the_bottom_come_out_upright),
        cmocka_unit_test(test_rgb_of_the_right_size_goes_through_the_kernels),
        cmocka_unit_test(test_rgb_becomes_smaller_by_the_mean),
        cmocka_unit_test(test_nv12_becomes_smaller_as_i420_does),
        cmocka_unit_test(test_the_mean_is_for_pictures_that_become_much_smaller),
        cmocka_unit_test(test_a_smaller_picture_of_another_range_is_converted_too),
        cmocka_unit_test(test_chroma_moves_to_where_it_is_to_lie),
        cmocka_unit_test(test_a_converter_takes_pictures_of_all_kinds_in_turn),
        cmocka_unit_test(test_the_same_shape_is_copied_whole),
        cmocka_unit_test(test_nothing_is_read_beyond_the_end_of_a_plane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
