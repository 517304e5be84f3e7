/* SPDX-License-Identifier: MIT */

/*
 * Conversions between sizes of any ratio: flat colours stay, a slope stays a slope, and nothing is printed. Sizes are
 * random. Arguments: how many pairs of sizes up to 4096x4096, and a seed.
 */

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "color_space.h"
#include "convert.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID(format)   WCENC_PIXEL_FORMAT_##format

enum { SIZE_MAX_TRIED = 4096, SMALL_AREA = 1 << 18 };

static struct {
    unsigned count;
    uint32_t seed;
    bool large; /* sizes of any area */
} plan = {.count = 200, .seed = 1};

static const wcenc_pixel_format sources[] = {ID(I420), ID(I420P10), ID(I420AP12), ID(I422), ID(I422P12),
                                             ID(I444), ID(I444P10), ID(NV12),     ID(RGBA), ID(BGRX)};
static const wcenc_pixel_format targets[] = {ID(I420), ID(I420P10), ID(I420P12), ID(I422P10),
                                             ID(I444), ID(I444P12), ID(NV12),    ID(I420A)};

static const wcenc_color_space spaces[] = {
    {1, 1, WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED},
    {6, 6, WCENC_COLOR_MATRIX_SMPTE170M, WCENC_COLOR_RANGE_LIMITED},
    {9, 1, WCENC_COLOR_MATRIX_BT2020_NCL, WCENC_COLOR_RANGE_FULL},
};

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

struct conversion {
    wcenc_pixel_format from, to;
    uint32_t size[4]; /* width and height of the source, and of the target */
    wcenc_color_space from_space, to_space;
    bool has_kernels;
};

static void fail_conversion(const struct conversion *c, const char *what, double value)
{
    fail_msg("%s at %ux%u to %s at %ux%u, kernels %d, matrix %d to %d: %s (%.1f)", wcenc_pixel_format_name(c->from),
             c->size[0], c->size[1], wcenc_pixel_format_name(c->to), c->size[2], c->size[3], c->has_kernels,
             c->from_space.matrix, c->to_space.matrix, what, value);
}

/* A sample of a plane in levels of 8 bits. */
static double level(const struct picture *picture, int plane, uint32_t x, uint32_t y)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const uint8_t *row = picture->planes[plane == 2 && format->plane_count == 2 ? 1 : plane];
    uint16_t sample;

    row += (ptrdiff_t)y * picture->strides[plane && format->plane_count == 2 ? 1 : plane];
    if (format->plane_count == 2 && plane > 0)
        return row[2 * x + (uint32_t)(plane - 1)];
    if (format->bit_depth == 8)
        return row[x];
    memcpy(&sample, row + 2 * (size_t)x, sizeof sample);
    return (double)sample / (1 << (format->bit_depth - 8));
}

/* The slope runs from 32 on the left to 224 on the right, in luma or in all of R, G and B. */
static double slope(uint32_t x, uint32_t width)
{
    return width > 1 ? 32 + 192.0 * x / (width - 1) : 128;
}

static void set_sample(uint8_t *row, uint32_t x, int bit_depth, double value)
{
    const uint16_t sample = (uint16_t)lround(value * (1 << (bit_depth - 8)));

    if (bit_depth == 8)
        row[x] = (uint8_t)sample;
    else
        memcpy(row + 2 * (size_t)x, &sample, sizeof sample);
}

/* A slope, or 180 everywhere; chroma is neutral. */
static void fill(const struct picture *picture, bool is_slope)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);

    for (int plane = 0; plane < format->plane_count; plane++) {
        const uint32_t bytes = format->bytes_per_position[plane] / (format->bit_depth > 8 ? 2u : 1u);
        const uint32_t width = wcenc__plane_width(format, plane, picture->width);

        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, picture->height); y++)
            for (uint32_t i = 0; i < width * bytes; i++)
                set_sample((uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane], i,
                           format->bit_depth,
                           plane == 1 || plane == 2 ? 128
                           : is_slope               ? slope(i / bytes, width)
                                                    : 180);
    }
}

/* What a grey of the source is in the target. */
static double grey(const struct conversion *c, double value)
{
    const bool is_rgb = wcenc__pixel_format(c->from)->is_rgb;
    const double part = is_rgb || c->from_space.range == WCENC_COLOR_RANGE_FULL ? value / 255 : (value - 16) / 219;

    return c->to_space.range == WCENC_COLOR_RANGE_FULL ? part * 255 : 16 + part * 219;
}

static void check_flat(const struct conversion *c, const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);

    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane ? 1 : 0, picture->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane ? 1 : 0, picture->width); x++) {
                const double made = level(picture, plane, x, y);

                if (fabs(made - (plane ? 128 : grey(c, 180))) > 2)
                    fail_conversion(c, plane ? "chroma is not neutral" : "luma does not stay", made);
            }
}

/* Where the slope ends, a cubic filter swings by a part of the step from one sample of the source to the next. */
static void check_slope(const struct conversion *c, const struct picture *picture)
{
    const uint32_t width = picture->width;
    const double swing = 3 + 0.15 * 192 / c->size[0];

    for (uint32_t y = 0; y < picture->height; y++) {
        double highest = 0;

        for (uint32_t x = 0; x < width; x++) {
            const double made = level(picture, 0, x, y);

            if (made < highest - swing)
                fail_conversion(c, "the slope falls", made);
            highest = fmax(highest, made);
        }
        if (c->size[0] >= 8 && width >= 8 &&
            (fabs(level(picture, 0, 0, y) - grey(c, slope(0, width))) > 30 ||
             fabs(level(picture, 0, width - 1, y) - grey(c, slope(width - 1, width))) > 30))
            fail_conversion(c, "the slope does not reach its ends", level(picture, 0, 0, y));
    }
}

static void convert(const struct conversion *c, bool is_slope)
{
    struct converter *converter = c->has_kernels ? wcenc__converter_create() : wcenc__converter_create_with(NULL);
    struct picture from, to;
    struct failure why;

    assert_non_null(converter);
    assert_true(wcenc__pixels_create(c->from, c->size[0], c->size[1], &from));
    assert_true(wcenc__pixels_create(c->to, c->size[2], c->size[3], &to));
    from.color_space = c->from_space;
    to.color_space = c->to_space;
    fill(&from, is_slope);
    /* Twice, since the second finds what the first has set up. */
    for (int i = 0; i < 2; i++)
        if (!wcenc__convert(converter, &from, &to, &why))
            fail_conversion(c, why.message, 0);
    if (is_slope)
        check_slope(c, &to);
    else
        check_flat(c, &to);
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(to.pixels);
    wcenc__converter_destroy(converter);
}

static void convert_both(const struct conversion *c)
{
    convert(c, false);
    convert(c, true);
}

/* RGB is full range, or has no matrix that could be another. */
static struct conversion conversion_of(uint32_t number, const uint32_t size[4])
{
    struct conversion c = {
        .from = sources[number % COUNT(sources)],
        .to = targets[number / COUNT(sources) % COUNT(targets)],
        .from_space = spaces[number / 3 % COUNT(spaces)],
        .to_space = spaces[number / 7 % COUNT(spaces)],
        .has_kernels = number % 4 != 0,
    };

    memcpy(c.size, size, sizeof c.size);
    if (wcenc__pixel_format(c.from)->is_rgb)
        c.from_space = wcenc__color_space_srgb;
    return c;
}

static void test_extreme_ratios_are_converted(void **state)
{
    static const uint32_t sizes[][4] = {
        {256, 2, 4, 128},   {1, 1, 8000, 2},    {1, 1, 2, 8000},    {2, 256, 128, 4},   {4096, 1, 1, 4096},
        {1, 4096, 4096, 1}, {4096, 4, 4, 4096}, {16384, 1, 1, 1},   {1, 16384, 1, 1},   {1, 1, 16384, 1},
        {1, 2, 8000, 2},    {600, 600, 9, 600}, {600, 600, 600, 9}, {170, 3, 10, 3000}, {3, 3, 3000, 1},
    };

    (void)state;
    for (uint32_t i = 0; i < COUNT(sizes); i++)
        for (uint32_t n = 0; n < COUNT(sources); n++) {
            const struct conversion c = conversion_of(n + i * 17, sizes[i]);

            convert_both(&c);
        }
}

/* As many small sizes as large ones. */
static uint32_t random_size(uint32_t *state)
{
    const double bits = next_random(state) % 1000 / 1000.0 * 12;

    return plan.large && next_random(state) % 2 ? next_random(state) % SIZE_MAX_TRIED + 1 : (uint32_t)exp2(bits);
}

static void test_random_sizes_are_converted(void **state)
{
    uint32_t random = plan.seed;

    (void)state;
    for (unsigned i = 0; i < plan.count; i++) {
        uint32_t size[4];
        struct conversion c;

        do
            for (int n = 0; n < 4; n++)
                size[n] = random_size(&random);
        while (!plan.large && (size[0] * size[1] > SMALL_AREA || size[2] * size[3] > SMALL_AREA));
        c = conversion_of(next_random(&random) >> 8, size);
        convert_both(&c);
    }
}

/* Every format to every one, sizes that differ in every way, other colours or the same. */
static void convert_small_pictures(void)
{
    uint32_t number = 0;

    for (uint32_t from = 1; from <= 16; from++)
        for (uint32_t to = 1; to <= 16; to++)
            for (uint32_t n = 0; n < COUNT(sources) * 3; n++, number++) {
                const struct conversion c = conversion_of(number, (const uint32_t[]){from + n % 3 * 7, from, to, to});
                const struct conversion recolored = conversion_of(number, (const uint32_t[]){to, from, to, from});

                convert(&c, false);
                convert(&recolored, false);
            }
}

/* Bytes that the child has written. */
static long printed_by_child(void (*run)(void))
{
    FILE *file = tmpfile();
    long size;
    int status;
    pid_t child;

    assert_non_null(file);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        dup2(fileno(file), STDOUT_FILENO);
        dup2(fileno(file), STDERR_FILENO);
        run();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    fclose(file);
    return size;
}

/* What frames give back as RGB, through the same converter. */
static void convert_to_rgb(void)
{
    struct converter *converter = wcenc__converter_create();

    for (uint32_t height = 1; height <= 16; height++)
        for (size_t i = 0; i < COUNT(sources); i++)
            for (size_t s = 0; s < COUNT(spaces) && !wcenc__pixel_format(sources[i])->is_rgb; s++) {
                struct picture from, to;

                if (!wcenc__pixels_create(wcenc__pixel_format(sources[i])->opaque, 20, height, &from) ||
                    !wcenc__pixels_create(ID(RGBX), 20, height, &to))
                    _exit(1);
                from.color_space = spaces[s];
                to.color_space = wcenc__color_space_srgb;
                fill(&from, false);
                if (!wcenc__convert(converter, &from, &to, NULL))
                    _exit(2);
                wcenc__pixels_unref(from.pixels);
                wcenc__pixels_unref(to.pixels);
            }
    wcenc__converter_destroy(converter);
}

static void test_small_pictures_are_converted_without_a_word(void **state)
{
    (void)state;
    assert_int_equal(printed_by_child(convert_small_pictures), 0);
    assert_int_equal(printed_by_child(convert_to_rgb), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extreme_ratios_are_converted),
        cmocka_unit_test(test_random_sizes_are_converted),
        cmocka_unit_test(test_small_pictures_are_converted_without_a_word),
    };

    if (argc > 1) {
        plan.count = (unsigned)strtoul(argv[1], NULL, 10);
        plan.seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) | 1 : 1;
        plan.large = true;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
