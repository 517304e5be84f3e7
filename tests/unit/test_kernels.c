/* SPDX-License-Identifier: MIT */

/*
 * The row kernels: every level against the formulas in double precision, the implementations against one another, and
 * memory that ends where the planes end.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/kernel_bench.h"
#include "depth.h"
#include "planes.h"
#include "rgb.h"

#define ID(format)   WCENC_PIXEL_FORMAT_##format
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A level is the rounded reference, but for what fixed-point coefficients add to the half of rounding. */
static const double tolerance = 0.51;

struct matrix {
    wcenc_color_matrix matrix;
    double red, blue; /* Kr and Kb of H.273 */
};

static const struct matrix matrices[] = {
    {WCENC_COLOR_MATRIX_BT709, 0.2126, 0.0722},
    {WCENC_COLOR_MATRIX_SMPTE170M, 0.299, 0.114},
    {WCENC_COLOR_MATRIX_BT470BG, 0.299, 0.114},
    {WCENC_COLOR_MATRIX_BT2020_NCL, 0.2627, 0.0593},
};

static const wcenc_pixel_format rgb_formats[] = {ID(RGBA), ID(RGBX), ID(BGRA), ID(BGRX)};

/* Around the width of a vector and of a block, and what has less than one 2x2. */
static const uint32_t widths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97, 130};
static const uint32_t heights[] = {1, 2, 3, 6};

/* One channel, 0 to 2 for red, green and blue; beyond an edge what is at the edge. */
static double channel(const struct picture *picture, int x, int y, int c)
{
    const bool is_bgr = picture->format == ID(BGRA) || picture->format == ID(BGRX);
    const int right = (int)picture->width - 1, bottom = (int)picture->height - 1;

    x = x < 0 ? 0 : x < right ? x : right;
    y = y < bottom ? y : bottom;
    return picture_row(picture, 0, (uint32_t)y)[4 * x + (is_bgr ? 2 - c : c)];
}

/* The pixels that a sample shows: from (x, y) on, so many rows, and columns that count so much. */
struct window {
    int x, y, rows, columns;
    double weights[3]; /* of the columns */
};

static struct window window_of(const struct picture *to, int plane, uint32_t x, uint32_t y)
{
    const struct pixel_format *format = wcenc__pixel_format(to->format);

    if (plane == 0 || format->chroma_shift_x == 0)
        return (struct window){(int)x, (int)y, 1, 1, {1}};
    if (to->chroma_location == WCENC_CHROMA_LOCATION_CENTER)
        return (struct window){2 * (int)x, 2 * (int)y, 2, 2, {0.5, 0.5}};
    return (struct window){2 * (int)x - 1, 2 * (int)y, 2, 3, {0.25, 0.5, 0.25}};
}

/* A level of the plane that shows these pixels; not rounded. */
static double reference(const struct matrix *m, bool full, const struct picture *picture, int plane,
                        const struct window *window)
{
    double rgb[3] = {0, 0, 0}, luma;

    for (int row = 0; row < window->rows; row++)
        for (int column = 0; column < window->columns; column++)
            for (int c = 0; c < 3; c++)
                rgb[c] += channel(picture, window->x + column, window->y + row, c) / 255 / window->rows *
                          window->weights[column];
    luma = m->red * rgb[0] + (1 - m->red - m->blue) * rgb[1] + m->blue * rgb[2];
    switch (plane) {
    case 0:
        return full ? 255 * luma : 16 + 219 * luma;
    case 1:
        return fmin(128 + (full ? 255 : 224) * (rgb[2] - luma) / (2 * (1 - m->blue)), 255);
    default:
        return fmin(128 + (full ? 255 : 224) * (rgb[0] - luma) / (2 * (1 - m->red)), 255);
    }
}

static int level(const struct picture *picture, int plane, uint32_t x, uint32_t y)
{
    if (picture->format == ID(NV12) && plane > 0)
        return picture_row(picture, 1, y)[2 * x + (uint32_t)(plane - 1)];
    return picture_row(picture, plane, y)[x];
}

static void check_levels(const struct matrix *m, bool full, const struct picture *from, const struct picture *to,
                         const char *implementation)
{
    const struct pixel_format *format = wcenc__pixel_format(to->format);

    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane ? 1 : 0, to->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane ? 1 : 0, to->width); x++) {
                const struct window window = window_of(to, plane, x, y);
                const double wanted = reference(m, full, from, plane, &window);

                if (fabs(level(to, plane, x, y) - wanted) > tolerance) /* COL-002, COL-006 */
                    fail_msg("%s, %s to %s, matrix %d, full %d, location %d, %ux%u: plane %d at %u, %u is %d, not %.3f",
                             implementation, wcenc_pixel_format_name(from->format), format->name, m->matrix, full,
                             to->chroma_location, to->width, to->height, plane, x, y, level(to, plane, x, y), wanted);
            }
}

/* What is tried with each size. */
struct conversion {
    const struct matrix *matrix;
    bool full;
    wcenc_pixel_format from, to;
    wcenc_chroma_location location;
    enum content content;
};

static void check_rgb(struct kernel_bench *bench, const struct conversion *c, enum guarded_place place, uint32_t width,
                      uint32_t height)
{
    struct picture from = guarded_picture(&bench->source, place, c->from, width, height);
    struct picture made[KERNEL_SETS_MAX];
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    picture_fill(&from, c->content);
    for (size_t i = 0; i < count; i++) {
        struct picture *to = &made[i];

        *to = kernel_target(bench, i, place, c->to, width, height);
        to->color_space.matrix = c->matrix->matrix;
        to->color_space.range = c->full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
        to->chroma_location = c->location;
        assert_true(wcenc__convert_rgb(kernels[i], &from, to));
        guarded_check_gaps(&bench->targets[i], to);
        check_same_picture(&made[0], to);
    }
    check_levels(c->matrix, c->full, &from, &made[0], "all");
}

static void check_rgb_sizes(struct kernel_bench *bench, const struct conversion *c)
{
    /* Every size meets every place and every content over the matrices. */
    for (size_t w = 0; w < COUNT(widths); w++)
        for (size_t h = 0; h < COUNT(heights); h++)
            for (int place = 0; place < GUARDED_PLACE_COUNT; place++)
                check_rgb(bench, c, (enum guarded_place)place, widths[w], heights[h]);
}

static void check_rgb_to(struct kernel_bench *bench, wcenc_pixel_format to, wcenc_chroma_location location)
{
    for (size_t n = 0; n < COUNT(rgb_formats) * COUNT(matrices) * 2 * CONTENT_COUNT; n++) {
        const size_t m = n / COUNT(rgb_formats) % COUNT(matrices);
        const size_t rest = n / COUNT(rgb_formats) / COUNT(matrices);

        check_rgb_sizes(bench, &(struct conversion){.matrix = &matrices[m],
                                                    .full = rest % 2,
                                                    .from = rgb_formats[n % COUNT(rgb_formats)],
                                                    .to = to,
                                                    .location = location,
                                                    .content = (enum content)(rest / 2)});
    }
}

static void test_rgb_becomes_i420_with_chroma_at_the_left(void **state)
{
    check_rgb_to(*state, ID(I420), WCENC_CHROMA_LOCATION_LEFT);
}

static void test_rgb_becomes_i420_with_chroma_in_the_center(void **state)
{
    check_rgb_to(*state, ID(I420), WCENC_CHROMA_LOCATION_CENTER);
}

static void test_rgb_becomes_nv12_with_chroma_at_the_left(void **state)
{
    check_rgb_to(*state, ID(NV12), WCENC_CHROMA_LOCATION_UNSPECIFIED);
}

static void test_rgb_becomes_nv12_with_chroma_in_the_center(void **state)
{
    check_rgb_to(*state, ID(NV12), WCENC_CHROMA_LOCATION_CENTER);
}

static void test_rgb_becomes_i444_as_the_formulas_say(void **state)
{
    check_rgb_to(*state, ID(I444), WCENC_CHROMA_LOCATION_UNSPECIFIED);
}

/* Red is given; green changes from row to row, blue from column to column. */
static void fill_with_colors_of(const struct picture *picture, int red)
{
    for (uint32_t y = 0; y < picture->height; y++)
        for (uint32_t x = 0; x < picture->width; x++)
            memcpy(picture_row(picture, 0, y) + 4 * x, (const uint8_t[]){(uint8_t)red, (uint8_t)y, (uint8_t)x, 0}, 4);
}

static void test_colors_from_all_over_the_cube_are_as_the_formulas_say(void **state)
{
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);
    struct picture from, made[KERNEL_SETS_MAX];

    (void)state;
    assert_true(wcenc__pixels_create(ID(RGBX), 256, 256, &from));
    for (size_t i = 0; i < count; i++)
        assert_true(wcenc__pixels_create(ID(I444), 256, 256, &made[i]));
    for (int red = 0; red < 256; red += 5) {
        fill_with_colors_of(&from, red);
        for (size_t n = 0; n < COUNT(matrices) * 2; n++) {
            const struct matrix *m = &matrices[n / 2];

            for (size_t i = 0; i < count; i++) {
                made[i].color_space.matrix = m->matrix;
                made[i].color_space.range = n % 2 ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
                assert_true(wcenc__convert_rgb(kernels[i], &from, &made[i]));
                check_same_picture(&made[0], &made[i]);
            }
            check_levels(m, n % 2, &from, &made[0], "both");
        }
    }
    wcenc__pixels_unref(from.pixels);
    for (size_t i = 0; i < count; i++)
        wcenc__pixels_unref(made[i].pixels);
}

/* What a sample of 8 bits is with more, not rounded. */
static double widened(int value, bool full, bool is_chroma, int depth)
{
    const double highest = (1 << depth) - 1;

    if (!full)
        return value * (double)(1 << (depth - 8));
    return is_chroma ? fmax((1 << (depth - 1)) + (value - 128) * highest / 255, 0) : value * highest / 255;
}

static int wide_level(const struct picture *picture, int plane, uint32_t x, uint32_t y)
{
    uint16_t level;

    memcpy(&level, picture_row(picture, plane, y) + 2 * x, sizeof level);
    return level;
}

static void check_wide_levels(const struct picture *from, const struct picture *to, bool full)
{
    const struct pixel_format *format = wcenc__pixel_format(to->format);

    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, to->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane, to->width); x++) {
                const double wanted = widened(level(from, plane, x, y), full, plane > 0, format->bit_depth);

                if (fabs(wide_level(to, plane, x, y) - wanted) > (full ? 0.75 : 0)) /* HBD-004 */
                    fail_msg("%s, full %d: %d became %d, not %.3f", format->name, full, level(from, plane, x, y),
                             wide_level(to, plane, x, y), wanted);
            }
}

/* The levels are at the same places, whatever the planes are called. */
static void check_equal_levels(const struct picture *from, const struct picture *to)
{
    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < (plane ? (to->height + 1) / 2 : to->height); y++)
            for (uint32_t x = 0; x < (plane ? (to->width + 1) / 2 : to->width); x++)
                assert_int_equal(level(from, plane, x, y), level(to, plane, x, y));
}

static void check_planes(struct kernel_bench *bench, const struct conversion *c, enum guarded_place place,
                         uint32_t width, uint32_t height)
{
    struct picture from = guarded_picture(&bench->source, place, c->from, width, height);
    struct picture made[KERNEL_SETS_MAX];
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    picture_fill(&from, c->content);
    from.color_space.range = c->full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
    for (size_t i = 0; i < count; i++) {
        struct picture *to = &made[i];

        *to = kernel_target(bench, i, place, c->to, width, height);
        to->color_space = from.color_space;
        assert_true(wcenc__convert_planes(kernels[i], &from, to));
        if (wcenc__pixel_format(c->to)->bit_depth > 8)
            check_wide_levels(&from, to, c->full);
        else
            check_equal_levels(&from, to);
        guarded_check_gaps(&bench->targets[i], to);
        check_same_picture(&made[0], to);
    }
}

static void check_planes_sizes(struct kernel_bench *bench, const struct conversion *c)
{
    for (size_t w = 0; w < COUNT(widths); w++)
        for (size_t h = 0; h < COUNT(heights); h++)
            for (int place = 0; place < GUARDED_PLACE_COUNT; place++)
                check_planes(bench, c, (enum guarded_place)place, widths[w], heights[h]);
}

static void test_samples_become_wider_as_the_formulas_say(void **state)
{
    static const wcenc_pixel_format pairs[][2] = {{ID(I420), ID(I420P10)}, {ID(I420A), ID(I420P10)},
                                                  {ID(I422), ID(I422P10)}, {ID(I444), ID(I444P10)},
                                                  {ID(I420), ID(I420P12)}, {ID(I444), ID(I444P12)}};

    for (size_t i = 0; i < COUNT(pairs); i++)
        for (int full = 0; full < 2; full++)
            check_planes_sizes(*state, &(struct conversion){.from = pairs[i][0], .to = pairs[i][1], .full = full});
}

static void test_chroma_goes_to_one_plane_and_back(void **state)
{
    check_planes_sizes(*state, &(struct conversion){.from = ID(I420), .to = ID(NV12)});
    check_planes_sizes(*state, &(struct conversion){.from = ID(I420A), .to = ID(NV12)});
    check_planes_sizes(*state, &(struct conversion){.from = ID(NV12), .to = ID(I420)});
}

static void set_wide_level(const struct picture *picture, int plane, uint32_t x, uint32_t y, uint16_t level)
{
    memcpy(picture_row(picture, plane, y) + 2 * x, &level, sizeof level);
}

/* Noise within the depth. */
static void fill_within(const struct picture *picture, uint16_t most)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);

    picture_fill(picture, CONTENT_NOISE);
    for (int plane = 0; plane < format->plane_count; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, picture->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane, picture->width); x++)
                set_wide_level(picture, plane, x, y, (uint16_t)(wide_level(picture, plane, x, y) & most));
}

static void check_limited(const struct picture *from, const struct picture *to, int most)
{
    const struct pixel_format *format = wcenc__pixel_format(from->format);

    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, from->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane, from->width); x++) {
                const int given = wide_level(from, plane, x, y), made = wide_level(to, plane, x, y);

                if (made != (given < most ? given : most))
                    fail_msg("%s, plane %d at %u, %u: %d became %d", format->name, plane, x, y, given, made);
            }
}

/* A sample of each value at the places that a plane ends with, or where a vector may end. */
static void check_depth(struct kernel_bench *bench, wcenc_pixel_format id, enum guarded_place place, uint32_t width,
                        uint32_t height)
{
    static const uint16_t values[] = {0x0400, 0x1000, 0x8000, 0xffff};
    const struct pixel_format *format = wcenc__pixel_format(id);
    const uint16_t most = (uint16_t)((1 << format->bit_depth) - 1);
    const struct picture from = guarded_picture(&bench->source, place, id, width, height);
    struct picture made[KERNEL_SETS_MAX];
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    fill_within(&from, most);
    for (size_t i = 0; i < count; i++)
        assert_true(wcenc__samples_fit_depth(kernels[i], &from));
    for (int plane = 0; plane < 3; plane++) {
        /* Every value meets every plane and place over the sizes. */
        const uint16_t value = values[(width + height + (uint32_t)plane) % COUNT(values)];
        const uint32_t x = wcenc__plane_width(format, plane, width) - 1,
                       y = wcenc__plane_height(format, plane, height) - 1;
        const uint32_t at_x = (width + height) % 3 ? x : x * 2 / 3, at_y = width % 2 ? y : 0;
        const uint16_t before = (uint16_t)wide_level(&from, plane, at_x, at_y);

        set_wide_level(&from, plane, at_x, at_y, value);
        for (size_t i = 0; i < count; i++) {
            made[i] = kernel_target(bench, i, place, format->opaque, width, height);
            assert_true(wcenc__samples_fit_depth(kernels[i], &from) == (value <= most));
            wcenc__samples_limit(kernels[i], &from, &made[i]);
            guarded_check_gaps(&bench->targets[i], &made[i]);
            check_same_picture(&made[0], &made[i]);
        }
        check_limited(&from, &made[0], most);
        set_wide_level(&from, plane, at_x, at_y, before);
    }
}

static void test_samples_above_the_depth_are_found_and_limited(void **state)
{
    for (wcenc_pixel_format id = ID(I420); id <= ID(I444AP12); id++)
        for (size_t w = 0; w < COUNT(widths) && wcenc__pixel_format(id)->bit_depth > 8; w++)
            for (size_t h = 0; h < COUNT(heights); h++)
                for (int place = 0; place < GUARDED_PLACE_COUNT; place++)
                    check_depth(*state, id, (enum guarded_place)place, widths[w], heights[h]);
}

static void test_limited_rgb_becomes_full_range(void **state)
{
    struct kernel_bench *bench = *state;
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    for (int place = 0; place < GUARDED_PLACE_COUNT; place++)
        for (size_t w = 0; w < COUNT(widths); w++)
            for (uint32_t first = 0; first < 256; first += 51) {
                struct picture from =
                    guarded_picture(&bench->source, (enum guarded_place)place, ID(RGBX), widths[w], 3);
                struct picture made[KERNEL_SETS_MAX];

                for (uint32_t i = 0; i < 3 * 4 * widths[w]; i++)
                    picture_row(&from, 0, i / (4 * widths[w]))[i % (4 * widths[w])] = (uint8_t)(first + i);
                for (size_t i = 0; i < count; i++) {
                    made[i] = kernel_target(bench, i, (enum guarded_place)place, ID(RGBX), widths[w], 3);
                    wcenc__rgb_make_full(kernels[i], &from, &made[i]);
                    guarded_check_gaps(&bench->targets[i], &made[i]);
                    check_same_picture(&made[0], &made[i]);
                }
                for (uint32_t i = 0; i < 3 * 4 * widths[w]; i++) {
                    const double level = fmax(0, fmin(255, (double)((int)((first + i) & 255) - 16) * 255 / 219));

                    assert_int_equal(picture_row(&made[0], 0, i / (4 * widths[w]))[i % (4 * widths[w])], lround(level));
                }
            }
}

static void test_what_is_no_rgb_of_the_same_size_is_left_alone(void **state)
{
    struct kernel_bench *bench = *state;
    struct picture from = guarded_picture(&bench->source, GUARDED_END, ID(RGBA), 16, 16);
    struct picture to = guarded_picture(&bench->targets[0], GUARDED_END, ID(I420), 16, 16);

    from.width = 17;
    assert_false(wcenc__convert_rgb(&wcenc__kernels_c, &from, &to));
    from.width = 16;
    from.height = 15;
    assert_false(wcenc__convert_rgb(&wcenc__kernels_c, &from, &to));
    from = guarded_picture(&bench->source, GUARDED_END, ID(I444), 16, 16);
    assert_false(wcenc__convert_rgb(&wcenc__kernels_c, &from, &to));
    from = guarded_picture(&bench->source, GUARDED_END, ID(RGBA), 16, 16);
    to.chroma_location = WCENC_CHROMA_LOCATION_TOP_LEFT;
    assert_false(wcenc__convert_rgb(&wcenc__kernels_c, &from, &to));
    to = guarded_picture(&bench->targets[0], GUARDED_END, ID(BGRA), 16, 16);
    assert_false(wcenc__convert_rgb(&wcenc__kernels_c, &from, &to));
    guarded_check_gaps(&bench->targets[0], &(struct picture){.format = ID(I420)});
}

#if defined(__linux__) && defined(__x86_64__)
/* Whether the system lists this flag of the CPU. */
static bool cpu_has_flag(const char *flag)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[8192];
    bool has = false;

    assert_non_null(file);
    while (!has && fgets(line, sizeof line, file))
        has = strncmp(line, "flags", 5) == 0 && strstr(line, flag);
    (void)fclose(file);
    return has;
}

static void test_the_fastest_set_that_the_cpu_has_is_chosen(void **state)
{
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const bool has_sse41 = cpu_has_flag(" sse4_1 "), has_avx2 = cpu_has_flag(" avx2 ");
    const size_t count = wcenc__kernel_sets(kernels);

    (void)state;
    assert_int_equal(count, 1 + has_sse41 + has_avx2);
    assert_string_equal(kernels[0]->name, "c");
    if (has_sse41)
        assert_string_equal(kernels[1]->name, "sse4.1");
    assert_string_equal(wcenc__kernels()->name, has_avx2 ? "avx2" : has_sse41 ? "sse4.1" : "c");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rgb_becomes_i420_with_chroma_at_the_left),
        cmocka_unit_test(test_rgb_becomes_i420_with_chroma_in_the_center),
        cmocka_unit_test(test_rgb_becomes_nv12_with_chroma_at_the_left),
        cmocka_unit_test(test_rgb_becomes_nv12_with_chroma_in_the_center),
        cmocka_unit_test(test_rgb_becomes_i444_as_the_formulas_say),
        cmocka_unit_test(test_colors_from_all_over_the_cube_are_as_the_formulas_say),
        cmocka_unit_test(test_samples_become_wider_as_the_formulas_say),
        cmocka_unit_test(test_chroma_goes_to_one_plane_and_back),
        cmocka_unit_test(test_samples_above_the_depth_are_found_and_limited),
        cmocka_unit_test(test_limited_rgb_becomes_full_range),
        cmocka_unit_test(test_what_is_no_rgb_of_the_same_size_is_left_alone),
#if defined(__linux__) && defined(__x86_64__)
        cmocka_unit_test(test_the_fastest_set_that_the_cpu_has_is_chosen),
#endif
    };

    return cmocka_run_group_tests(tests, kernel_bench_create, kernel_bench_destroy);
}
