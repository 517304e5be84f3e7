/* SPDX-License-Identifier: MIT */

/*
 * Scaling down by area: every sample against the mean in double precision, the implementations against one another, and
 * memory that ends where the planes end.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../support/kernel_bench.h"
#include "../support/mem_fault.h"
#include "scale.h"

#define ID(format)   WCENC_PIXEL_FORMAT_##format
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Half a level of rounding, and what weights of 14 bits and sums of 15 add to it. */
static const double tolerance = 0.6;

static const wcenc_pixel_format formats[][2] = {
    {ID(I420), ID(I420)}, {ID(I420A), ID(I420)}, {ID(I422), ID(I422)}, {ID(I444), ID(I444)}};

/* From, to. Halves, thirds and quarters; what goes on evenly and what does not; one direction; hardly; to nothing. */
static const uint32_t sizes[][4] = {
    {2, 2, 1, 1},       {64, 48, 32, 24},  {130, 66, 65, 33},  {66, 34, 33, 17},  {254, 6, 127, 3},
    {192, 48, 128, 32}, {96, 33, 32, 11},  {96, 32, 24, 8},    {65, 33, 43, 21},  {130, 6, 97, 5},
    {97, 31, 13, 4},    {33, 17, 32, 16},  {33, 17, 33, 16},   {33, 17, 31, 17},  {33, 17, 1, 1},
    {3, 3, 2, 2},       {17, 16, 16, 8},   {150, 100, 64, 48}, {48, 20, 20, 9},   {200, 40, 9, 3},
    {16, 9, 15, 8},     {101, 41, 51, 21}, {500, 60, 1, 1},    {280, 12, 140, 6}, {266, 6, 133, 3},
};

/* What a sample of the target covers along one axis, in samples of the source. */
struct cover {
    double begin, end;
};

static struct cover cover_of(uint32_t i, uint32_t from, uint32_t to, uint32_t plane_from)
{
    return (struct cover){(double)i * from / to, fmin((i + 1.0) * from / to, plane_from)};
}

/* Chroma that lies at the first of two pixels: a quarter of a sample before the middle, in both pictures. */
static struct cover first_cover_of(uint32_t i, uint32_t from, uint32_t to)
{
    const double scale = (double)from / to, sooner = (scale - 1) / 4;

    return (struct cover){i * scale - sooner, (i + 1.0) * scale - sooner};
}

/* Beyond the edges the samples at the edges count. */
static double share(struct cover cover, uint32_t sample, uint32_t samples)
{
    const double begin = sample == 0 ? fmin(cover.begin, 0) : sample;
    const double end = sample == samples - 1 ? fmax(cover.end, samples) : sample + 1.0;

    return fmax(fmin(cover.end, end) - fmax(cover.begin, begin), 0) / (cover.end - cover.begin);
}

static double mean(const struct picture *from, int plane, struct cover across, struct cover down)
{
    const struct pixel_format *format = wcenc__pixel_format(from->format);
    const uint32_t width = wcenc__plane_width(format, plane, from->width);
    const uint32_t height = wcenc__plane_height(format, plane, from->height);
    double sum = 0;

    for (uint32_t y = (uint32_t)fmax(down.begin, 0); y < fmin(down.end, height); y++)
        for (uint32_t x = (uint32_t)fmax(across.begin, 0); x < fmin(across.end, width); x++)
            sum += share(across, x, width) * share(down, y, height) * picture_row(from, plane, y)[x];
    return sum;
}

static void check_means(const struct picture *from, const struct picture *to, const char *implementation)
{
    const struct pixel_format *format = wcenc__pixel_format(to->format);

    for (int plane = 0; plane < 3; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, to->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane, to->width); x++) {
                const bool first_across =
                    plane && format->chroma_shift_x && to->chroma_location != WCENC_CHROMA_LOCATION_CENTER;
                const bool first_down =
                    plane && format->chroma_shift_y && to->chroma_location == WCENC_CHROMA_LOCATION_TOP_LEFT;
                const struct cover across =
                    first_across ? first_cover_of(x, from->width, to->width)
                                 : cover_of(x, from->width, to->width, wcenc__plane_width(format, plane, from->width));
                const struct cover down = first_down ? first_cover_of(y, from->height, to->height)
                                                     : cover_of(y, from->height, to->height,
                                                                wcenc__plane_height(format, plane, from->height));
                const double wanted = mean(from, plane, across, down);
                const int made = picture_row(to, plane, y)[x];

                if (fabs(made - wanted) > tolerance) /* SCL-002, SCL-004 */
                    fail_msg("%s, %s, location %d, %ux%u to %ux%u: plane %d at %u, %u is %d, not %.3f", implementation,
                             format->name, to->chroma_location, from->width, from->height, to->width, to->height, plane,
                             x, y, made, wanted);
            }
}

static void check_scaling(struct kernel_bench *bench, const wcenc_pixel_format format[2], const uint32_t size[4],
                          enum guarded_place place, wcenc_chroma_location location)
{
    struct picture from = guarded_picture(&bench->source, place, format[0], size[0], size[1]);
    struct picture made[KERNEL_SETS_MAX];
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);
    struct area_scaler *scaler;

    picture_fill(&from, location % 2 ? CONTENT_EXTREMES : CONTENT_NOISE);
    for (size_t i = 0; i < count; i++) {
        made[i] = kernel_target(bench, i, place, format[1], size[2], size[3]);
        made[i].chroma_location = location;
    }
    assert_true(wcenc__area_scaler_takes(&from, &made[0]));
    scaler = wcenc__area_scaler_create(&from, &made[0]);
    assert_non_null(scaler);
    for (size_t i = 0; i < count; i++) {
        wcenc__area_scale(scaler, kernels[i], &from, &made[i]);
        check_means(&from, &made[i], kernels[i]->name);
        guarded_check_gaps(&bench->targets[i], &made[i]);
        check_same_picture(&made[0], &made[i]);
    }
    wcenc__area_scaler_destroy(scaler);
}

static void test_samples_are_the_means_of_what_they_cover(void **state)
{
    for (size_t format = 0; format < COUNT(formats); format++)
        for (size_t size = 0; size < COUNT(sizes); size++)
            for (int n = 0; n < (int)GUARDED_PLACE_COUNT * 4; n++)
                check_scaling(*state, formats[format], sizes[size], (enum guarded_place)(n / 4), n % 4);
}

/* No rounding may move a flat picture. */
static void test_a_flat_picture_stays_as_it_is(void **state)
{
    struct kernel_bench *bench = *state;
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    for (size_t n = 0; n < COUNT(sizes) * 256; n++) {
        const uint32_t *size = sizes[n / 256];
        const size_t i = n % count;
        struct picture from = guarded_picture(&bench->source, GUARDED_END, ID(I420), size[0], size[1]);
        struct picture to = kernel_target(bench, i, GUARDED_END, ID(I420), size[2], size[3]);
        struct area_scaler *scaler = wcenc__area_scaler_create(&from, &to);

        assert_non_null(scaler);
        for (uint32_t y = 0; y < size[1]; y++)
            memset(picture_row(&from, 0, y), (int)(n % 256), size[0]);
        wcenc__area_scale(scaler, kernels[i], &from, &to);
        for (uint32_t y = 0; y < size[3]; y++)
            for (uint32_t x = 0; x < size[2]; x++)
                assert_int_equal(picture_row(&to, 0, y)[x], n % 256);
        wcenc__area_scaler_destroy(scaler);
    }
}

static void test_only_what_becomes_smaller_is_taken(void **state)
{
    const struct picture i420 = {.format = ID(I420), .width = 64, .height = 48};
    struct picture other = i420;

    (void)state;
    other.width = 63;
    assert_true(wcenc__area_scaler_takes(&i420, &other));
    assert_false(wcenc__area_scaler_takes(&other, &i420));
    other.height = 49;
    assert_false(wcenc__area_scaler_takes(&i420, &other));
    other = (struct picture){.format = ID(NV12), .width = 32, .height = 24};
    assert_false(wcenc__area_scaler_takes(&i420, &other));
    assert_false(wcenc__area_scaler_takes(&(struct picture){.format = ID(NV12), .width = 64, .height = 48}, &other));
    other.format = ID(I420P10);
    assert_false(wcenc__area_scaler_takes(&(struct picture){.format = ID(I420P10), .width = 64, .height = 48}, &other));
    other.format = ID(RGBX);
    assert_false(wcenc__area_scaler_takes(&(struct picture){.format = ID(RGBX), .width = 64, .height = 48}, &other));
}

static void test_a_scaler_fits_the_sizes_and_the_format_that_it_was_made_for(void **state)
{
    const struct picture from = {.format = ID(I420), .width = 64, .height = 48};
    const struct picture to = {.format = ID(I420), .width = 32, .height = 40};
    struct area_scaler *scaler = wcenc__area_scaler_create(&from, &to);
    struct picture other = from;

    (void)state;
    assert_non_null(scaler);
    other.format = ID(I420A);
    assert_true(wcenc__area_scaler_fits(scaler, &other, &to));
    other.width = 65;
    assert_false(wcenc__area_scaler_fits(scaler, &other, &to));
    other = to;
    other.height = 39;
    assert_false(wcenc__area_scaler_fits(scaler, &from, &other));
    other = to;
    other.format = ID(I444);
    assert_false(wcenc__area_scaler_fits(scaler, &from, &other));
    wcenc__area_scaler_destroy(scaler);
}

static void test_nothing_is_lost_when_out_of_memory(void **state)
{
    const struct picture from = {.format = ID(I420), .width = 64, .height = 48};
    const struct picture to = {.format = ID(I420), .width = 48, .height = 40};
    struct area_scaler *scaler = NULL;
    long allocations = 0;

    (void)state;
    while (!scaler) {
        mem_fault_after(allocations++);
        scaler = wcenc__area_scaler_create(&from, &to);
        assert_true((scaler == NULL) == (mem_fault_happened() != 0));
    }
    mem_fault_after(-1);
    assert_true(allocations > 10);
    wcenc__area_scaler_destroy(scaler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_are_the_means_of_what_they_cover),
        cmocka_unit_test(test_a_flat_picture_stays_as_it_is),
        cmocka_unit_test(test_only_what_becomes_smaller_is_taken),
        cmocka_unit_test(test_a_scaler_fits_the_sizes_and_the_format_that_it_was_made_for),
        cmocka_unit_test(test_nothing_is_lost_when_out_of_memory),
    };

    return cmocka_run_group_tests(tests, kernel_bench_create, kernel_bench_destroy);
}
