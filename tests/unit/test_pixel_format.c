/* SPDX-License-Identifier: MIT */

/* The table of pixel formats against the figures of WebCodecs. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "compiler.h"
#include "pixel_format.h"

struct expectation {
    wcenc_pixel_format format;
    const char *name;
    wcenc_pixel_format opaque;
    unsigned planes;
    unsigned bit_depth;
    uint64_t bytes_4x2;
    uint64_t bytes_3x3;
};

#define ID(format) WCENC_PIXEL_FORMAT_##format

/* FMT-001, FMT-002, FMT-004, FMT-008 */
static const struct expectation expectations[] = {
    {ID(I420), "I420", ID(I420), 3, 8, 12, 17},
    {ID(I420P10), "I420P10", ID(I420P10), 3, 10, 24, 34},
    {ID(I420P12), "I420P12", ID(I420P12), 3, 12, 24, 34},
    {ID(I420A), "I420A", ID(I420), 4, 8, 20, 26},
    {ID(I420AP10), "I420AP10", ID(I420P10), 4, 10, 40, 52},
    {ID(I420AP12), "I420AP12", ID(I420P12), 4, 12, 40, 52},
    {ID(I422), "I422", ID(I422), 3, 8, 16, 21},
    {ID(I422P10), "I422P10", ID(I422P10), 3, 10, 32, 42},
    {ID(I422P12), "I422P12", ID(I422P12), 3, 12, 32, 42},
    {ID(I422A), "I422A", ID(I422), 4, 8, 24, 30},
    {ID(I422AP10), "I422AP10", ID(I422P10), 4, 10, 48, 60}, /* DEF-06 */
    {ID(I422AP12), "I422AP12", ID(I422P12), 4, 12, 48, 60}, /* DEF-06 */
    {ID(I444), "I444", ID(I444), 3, 8, 24, 27},
    {ID(I444P10), "I444P10", ID(I444P10), 3, 10, 48, 54},
    {ID(I444P12), "I444P12", ID(I444P12), 3, 12, 48, 54},
    {ID(I444A), "I444A", ID(I444), 4, 8, 32, 36},
    {ID(I444AP10), "I444AP10", ID(I444P10), 4, 10, 64, 72},
    {ID(I444AP12), "I444AP12", ID(I444P12), 4, 12, 64, 72}, /* DEF-06 */
    {ID(NV12), "NV12", ID(NV12), 2, 8, 12, 17},
    {ID(RGBA), "RGBA", ID(RGBX), 1, 8, 32, 36},
    {ID(RGBX), "RGBX", ID(RGBX), 1, 8, 32, 36},
    {ID(BGRA), "BGRA", ID(BGRX), 1, 8, 32, 36},
    {ID(BGRX), "BGRX", ID(BGRX), 1, 8, 32, 36},
    /* beyond WebCodecs */
    {ID(NV21), "NV21", ID(NV21), 2, 8, 12, 17},
    {ID(P010), "P010", ID(P010), 2, 10, 24, 34},
    {ID(YUYV), "YUYV", ID(YUYV), 1, 8, 16, 24},
    {ID(UYVY), "UYVY", ID(UYVY), 1, 8, 16, 24},
    {ID(RGB24), "RGB24", ID(RGB24), 1, 8, 24, 27},
    {ID(BGR24), "BGR24", ID(BGR24), 1, 8, 24, 27},
    {ID(GRAY8), "GRAY8", ID(GRAY8), 1, 8, 8, 9},
};

enum { WEBCODECS_FORMATS = 23, FORMATS = 30 };

static uint64_t bytes(const struct pixel_format *format, uint32_t width, uint32_t height)
{
    uint64_t sum = 0;

    for (int plane = 0; plane < format->plane_count; plane++)
        sum += wcenc__plane_row_bytes(format, plane, width) * wcenc__plane_height(format, plane, height);
    return sum;
}

static void every_format_is_as_webcodecs_says(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LENGTH(expectations), FORMATS); /* FMT-001 */
    for (size_t i = 0; i < ARRAY_LENGTH(expectations); i++) {
        const struct expectation *expected = &expectations[i];
        const struct pixel_format *format = wcenc__pixel_format(expected->format);

        assert_non_null(format);
        assert_string_equal(format->name, expected->name);
        assert_int_equal(format->opaque, expected->opaque); /* FMT-008 */
        assert_int_equal(format->plane_count, expected->planes);
        assert_int_equal(format->bit_depth, expected->bit_depth);
        assert_int_equal(format->is_extra, i >= WEBCODECS_FORMATS);
        assert_int_equal(expected->format >= 64, format->is_extra);
        assert_int_equal(format->has_alpha, !format->is_extra && strchr(expected->name, 'A') != NULL);
        assert_int_equal(format->is_rgb, strstr(expected->name, "RGB") || strstr(expected->name, "BGR"));
        assert_int_equal(bytes(format, 4, 2), expected->bytes_4x2); /* FMT-004 */
        assert_int_equal(bytes(format, 3, 3), expected->bytes_3x3); /* FMT-005, DEF-04 */
    }
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(expectations); i++) {
        wcenc_pixel_format format = ID(NONE);

        assert_string_equal(wcenc_pixel_format_name(expectations[i].format), expectations[i].name);
        assert_int_equal(wcenc_pixel_format_from_name(expectations[i].name, &format), WCENC_OK);
        assert_int_equal(format, expectations[i].format);
        assert_int_equal(wcenc_pixel_format_plane_count(format), expectations[i].planes); /* FMT-002 */
    }
}

static void what_is_no_format_is_reported(void **state)
{
    static const wcenc_pixel_format none[] = {ID(NONE), -1, 24, 63, 71, INT32_MAX, INT32_MIN};
    static const char *const no_names[] = {"", "ABCD", "i420", "I420 ", "I420P8", "NONE", "NV16"};
    wcenc_pixel_format format = 77;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        assert_null(wcenc__pixel_format(none[i]));
        assert_null(wcenc_pixel_format_name(none[i]));
        assert_int_equal(wcenc_pixel_format_plane_count(none[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(no_names); i++)
        assert_int_equal(wcenc_pixel_format_from_name(no_names[i], &format), WCENC_ERROR_TYPE); /* VFB-002 */
    assert_int_equal(wcenc_pixel_format_from_name(NULL, &format), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_pixel_format_from_name("I420", NULL), WCENC_ERROR_TYPE);
    assert_int_equal(format, 77);
}

static void planes_of_the_largest_size_do_not_wrap_around(void **state)
{
    const struct pixel_format *i420 = wcenc__pixel_format(ID(I420)), *rgba = wcenc__pixel_format(ID(RGBA));

    (void)state;
    assert_int_equal(wcenc__plane_width(i420, 0, UINT32_MAX), UINT32_MAX);
    assert_int_equal(wcenc__plane_width(i420, 1, UINT32_MAX), UINT32_C(0x80000000)); /* FMT-003 */
    assert_int_equal(wcenc__plane_height(i420, 2, UINT32_MAX), UINT32_C(0x80000000));
    assert_int_equal(wcenc__plane_row_bytes(rgba, 0, UINT32_MAX), UINT64_C(4) * UINT32_MAX);
    assert_int_equal(wcenc__plane_width(i420, 1, 1), 1); /* VFB-016 */
    assert_int_equal(wcenc__plane_width(i420, 1, 0), 0);
    assert_int_equal(wcenc__plane_height(wcenc__pixel_format(ID(I422)), 1, 7), 7);
    assert_int_equal(wcenc__plane_width(wcenc__pixel_format(ID(I420A)), 3, 7), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_as_webcodecs_says),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(what_is_no_format_is_reported),
        cmocka_unit_test(planes_of_the_largest_size_do_not_wrap_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
