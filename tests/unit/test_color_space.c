/* SPDX-License-Identifier: MIT */

/* Colour enums, and how the colour space of a stream follows from that of its frames. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include <wcenc/frame.h>

#include "compiler.h"
#include "color_space.h"

static const int32_t all_primaries[] = {0, 1, 5, 6, 9, 12};
static const int32_t all_transfers[] = {0, 1, 6, 8, 13, 16, 18};
static const int32_t all_matrices[] = {0, 1, 5, 6, 9, 256};
static const int32_t all_ranges[] = {0, 1, 2};

struct naming {
    int32_t value;
    const char *name;
};

/* VCS-002, VCS-003, VCS-004 */
static const struct naming primaries[] = {
    {1, "bt709"}, {5, "bt470bg"}, {6, "smpte170m"}, {9, "bt2020"}, {12, "smpte432"}};
static const struct naming transfers[] = {{1, "bt709"},         {6, "smpte170m"}, {8, "linear"},
                                          {13, "iec61966-2-1"}, {16, "pq"},       {18, "hlg"}};
static const struct naming matrices[] = {
    {1, "bt709"}, {5, "bt470bg"}, {6, "smpte170m"}, {9, "bt2020-ncl"}, {256, "rgb"}};

static void check_names(const struct naming *rows, size_t count, const char *(*name)(int32_t),
                        wcenc_status (*from_name)(const char *, int32_t *))
{
    int32_t value = 77;

    for (size_t i = 0; i < count; i++) {
        assert_string_equal(name(rows[i].value), rows[i].name);
        assert_int_equal(from_name(rows[i].name, &value), WCENC_OK);
        assert_int_equal(value, rows[i].value);
    }
    value = 77;
    assert_null(name(0));
    assert_null(name(2));
    assert_null(name(-1));
    assert_int_equal(from_name("BT709", &value), WCENC_ERROR_TYPE); /* VCS-006 */
    assert_int_equal(from_name("", &value), WCENC_ERROR_TYPE);
    assert_int_equal(from_name(NULL, &value), WCENC_ERROR_TYPE);
    assert_int_equal(from_name("bt709", NULL), WCENC_ERROR_TYPE);
    assert_int_equal(value, 77);
}

static void names_go_both_ways(void **state)
{
    (void)state;
    check_names(primaries, ARRAY_LENGTH(primaries), wcenc_color_primaries_name, wcenc_color_primaries_from_name);
    check_names(transfers, ARRAY_LENGTH(transfers), wcenc_color_transfer_name, wcenc_color_transfer_from_name);
    check_names(matrices, ARRAY_LENGTH(matrices), wcenc_color_matrix_name, wcenc_color_matrix_from_name);
}

/* The nth of the 6 x 7 x 6 x 3 combinations. */
static wcenc_color_space combination(size_t n)
{
    wcenc_color_space made;

    made.primaries = all_primaries[n % 6];
    n /= 6;
    made.transfer = all_transfers[n % 7];
    n /= 7;
    made.matrix = all_matrices[n % 6];
    n /= 6;
    made.range = all_ranges[n];
    return made;
}

enum { COMBINATIONS = 756 };

static void every_combination_is_valid_and_read_back_from_a_frame(void **state)
{
    static const uint8_t pixels[3] = {0};

    (void)state;
    for (size_t n = 0; n < COMBINATIONS; n++) { /* VCS-005 */
        wcenc_color_space space = combination(n), back;
        wcenc_frame_desc desc;
        wcenc_frame *frame;

        assert_true(wcenc__color_space_is_valid(&space));
        wcenc_frame_desc_init(&desc, sizeof desc);
        desc.format = WCENC_PIXEL_FORMAT_I420;
        desc.coded_width = desc.coded_height = 1;
        desc.data = pixels;
        desc.data_size = sizeof pixels;
        desc.color_space = space;
        desc.has_color_space = 1;
        assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
        wcenc_frame_get_color_space(frame, &back);
        assert_true(wcenc__color_space_equal(&space, &back)); /* VCS-001, VFB-023, VFB-024 */
        wcenc_frame_unref(frame);
    }
}

static void values_of_no_enum_are_not_valid(void **state)
{
    static const wcenc_color_space wrong[] = {{2, 0, 0, 0}, {-1, 0, 0, 0}, {0, 2, 0, 0},  {0, 14, 0, 0},
                                              {0, 0, 2, 0}, {0, 0, 10, 0}, {0, 0, 0, -1}, {0, 0, 0, 3}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(wcenc__color_space_is_valid(&wrong[i])); /* VCS-006 */
}

static void equal_means_every_member(void **state)
{
    wcenc_color_space a = {1, 1, 1, 1};

    (void)state;
    for (size_t member = 0; member < 4; member++) {
        wcenc_color_space b = a;

        assert_true(wcenc__color_space_equal(&a, &b));
        memset((char *)&b + member * sizeof(int32_t), 0, sizeof(int32_t));
        assert_false(wcenc__color_space_equal(&a, &b));
    }
}

static void the_named_sets_are_those_of_webcodecs(void **state)
{
    (void)state;
    assert_true(wcenc__color_space_equal(&wcenc__color_space_srgb, &(wcenc_color_space){1, 13, 256, 2})); /* VCS-009 */
    assert_true(wcenc__color_space_equal(&wcenc__color_space_display_p3, &(wcenc_color_space){12, 13, 256, 2}));
    assert_true(wcenc__color_space_equal(&wcenc__color_space_bt709, &(wcenc_color_space){1, 1, 1, 1}));
}

static int32_t ycbcr(int32_t matrix)
{
    return matrix == WCENC_COLOR_MATRIX_RGB ? 0 : matrix;
}

static void a_stream_says_what_is_specified_and_nothing_else(void **state)
{
    (void)state;
    for (size_t n = 0; n < COMBINATIONS; n++) {
        wcenc_color_space frame = combination(n), none = {0, 0, 0, 0};
        wcenc_color_space planar = wcenc__color_space_for_stream(&frame, false, &none);
        wcenc_color_space rgb = wcenc__color_space_for_stream(&frame, true, &none);
        wcenc_color_space requested = wcenc__color_space_for_stream(&none, false, &frame);

        assert_int_equal(planar.primaries, frame.primaries); /* DCF-022 */
        assert_int_equal(planar.transfer, frame.transfer);
        assert_int_equal(planar.matrix, ycbcr(frame.matrix));
        assert_int_equal(planar.range, frame.range ? frame.range : WCENC_COLOR_RANGE_LIMITED);
        assert_true(wcenc__color_space_equal(&requested, &planar));
        assert_int_equal(rgb.primaries, frame.primaries);
        assert_int_equal(rgb.transfer, frame.transfer);
        assert_true(rgb.matrix && rgb.matrix != WCENC_COLOR_MATRIX_RGB);
        assert_int_equal(rgb.range, WCENC_COLOR_RANGE_LIMITED);
    }
}

static void rgb_takes_the_matrix_of_its_primaries_and_requests_win(void **state)
{
    static const struct {
        wcenc_color_space frame;
        bool is_rgb;
        wcenc_color_space request;
        wcenc_color_space stream;
    } rows[] = {
        {{1, 13, 256, 2}, true, {0, 0, 0, 0}, {1, 13, 1, 1}},   /* sRGB */
        {{12, 13, 256, 2}, true, {0, 0, 0, 0}, {12, 13, 1, 1}}, /* Display P3 */
        {{9, 16, 256, 2}, true, {0, 0, 0, 0}, {9, 16, 9, 1}},   /* BT.2100 as RGB */
        {{6, 6, 256, 2}, true, {0, 0, 0, 0}, {6, 6, 6, 1}},     /* BT.601 as RGB */
        {{5, 0, 256, 2}, true, {0, 0, 0, 0}, {5, 0, 6, 1}},     /* the same with PAL's primaries */
        {{0, 0, 256, 2}, true, {0, 0, 0, 0}, {0, 0, 1, 1}},     /* RGB and nothing else */
        {{0, 0, 0, 0}, true, {0, 0, 0, 0}, {0, 0, 1, 1}},       /* nothing at all */
        {{1, 1, 1, 1}, true, {0, 0, 0, 0}, {1, 1, 1, 1}},       /* what RGB cannot be */
        {{1, 1, 1, 1}, false, {0, 0, 0, 2}, {1, 1, 1, 2}},      /* a request for one member */
        {{1, 13, 256, 2}, true, {0, 0, 6, 0}, {1, 13, 6, 1}},   /* a request for a matrix for RGB */
        {{0, 0, 256, 2}, true, {0, 0, 9, 0}, {0, 0, 9, 1}},     /* which says nothing of RGB's primaries */
        {{1, 13, 256, 2}, true, {0, 0, 0, 2}, {1, 13, 1, 2}},   /* full range for RGB */
        {{1, 13, 256, 2}, true, {9, 0, 0, 0}, {9, 13, 9, 1}},   /* primaries that bring their matrix */
        {{9, 0, 0, 0}, false, {0, 0, 0, 0}, {9, 0, 0, 1}},      /* which those of YCbCr do not */
        {{1, 1, 1, 1}, false, {9, 16, 9, 2}, {9, 16, 9, 2}},    /* a request for all */
        {{6, 6, 6, 1}, false, {0, 0, 256, 0}, {6, 6, 6, 1}},    /* RGB is no stream's matrix */
        {{1, 1, 256, 2}, false, {0, 0, 0, 0}, {1, 1, 0, 2}},    /* nor that of planes of Y, U and V */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_color_space stream = wcenc__color_space_for_stream(&rows[i].frame, rows[i].is_rgb, &rows[i].request);

        if (!wcenc__color_space_equal(&stream, &rows[i].stream))
            fail_msg("row %zu gives {%d, %d, %d, %d}", i, stream.primaries, stream.transfer, stream.matrix,
                     stream.range);
    }
}

static void nothing_is_converted_from_or_to_a_matrix_that_nobody_named(void **state)
{
    (void)state;
    for (size_t n = 0; n < COMBINATIONS; n++)
        for (size_t m = 0; m < ARRAY_LENGTH(all_matrices) - 1; m++) { /* a stream's is never RGB */
            const wcenc_color_space frame = combination(n), stream = {1, 1, all_matrices[m], 1};
            const wcenc_color_space read = wcenc__color_space_in_stream(&frame, &stream);
            const wcenc_color_space to_rgb = wcenc__color_space_to_rgb(&frame);

            if (ycbcr(frame.matrix) && stream.matrix)
                assert_int_equal(read.matrix, frame.matrix);
            else
                assert_int_equal(read.matrix, stream.matrix);
            assert_int_equal(read.range, frame.range ? frame.range : WCENC_COLOR_RANGE_LIMITED);
            assert_true(to_rgb.matrix && to_rgb.matrix != WCENC_COLOR_MATRIX_RGB);
            assert_int_equal(to_rgb.range, read.range);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(every_combination_is_valid_and_read_back_from_a_frame),
        cmocka_unit_test(values_of_no_enum_are_not_valid),
        cmocka_unit_test(equal_means_every_member),
        cmocka_unit_test(the_named_sets_are_those_of_webcodecs),
        cmocka_unit_test(a_stream_says_what_is_specified_and_nothing_else),
        cmocka_unit_test(rgb_takes_the_matrix_of_its_primaries_and_requests_win),
        cmocka_unit_test(nothing_is_converted_from_or_to_a_matrix_that_nobody_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
