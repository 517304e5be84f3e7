/* SPDX-License-Identifier: MIT */

/*
 * Pixels out of frames, as they are and as RGB. Sources and destinations lie in blocks that are exactly as long as they
 * have to be, so that AddressSanitizer sees any byte touched beyond them.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/mem_fault.h"
#include "compiler.h"
#include "frame.h"
#include "mem.h"

#define ID(format) WCENC_PIXEL_FORMAT_##format

static uint8_t *filled(size_t size, int value)
{
    uint8_t *bytes = mem_alloc(size);

    assert_non_null(bytes);
    memset(bytes, value, size);
    return bytes;
}

/* A frame whose bytes count up from 1; tight. The visible part is all of it unless `visible` has a width. */
static wcenc_frame *counting_frame(wcenc_pixel_format format, uint32_t width, uint32_t height, size_t size,
                                   wcenc_rect visible)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame = NULL;
    uint8_t *bytes = filled(size, 0);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i + 1);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.data = bytes;
    desc.data_size = size;
    desc.visible_rect = visible;
    if (wcenc_frame_create_wrap(&desc, mem_free, bytes, &frame) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return frame;
}

static const wcenc_rect whole = {0, 0, 0, 0};

static wcenc_copy_to_options no_options(void)
{
    wcenc_copy_to_options options;

    wcenc_copy_to_options_init(&options, sizeof options);
    return options;
}

/* Copies into a block of exactly the size that is asked for, whose bytes are 0 before; the caller frees it. */
static uint8_t *copy(const wcenc_frame *frame, const wcenc_copy_to_options *options, size_t expected_size,
                     wcenc_plane_layout layout[4])
{
    size_t size = 0;
    uint8_t *bytes;

    if (wcenc_frame_allocation_size(frame, options, &size) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    assert_int_equal(size, expected_size);
    bytes = filled(size, 0);
    if (wcenc_frame_copy_to(frame, options, bytes, size, layout) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return bytes;
}

/* Both functions give this status. */
static void expect_status(const wcenc_frame *frame, const wcenc_copy_to_options *options, wcenc_status status,
                          const char *words)
{
    uint8_t bytes[64];
    size_t size = 77;

    memset(bytes, 0xee, sizeof bytes);
    assert_int_equal(wcenc_frame_allocation_size(frame, options, &size), status);
    assert_int_equal(size, 77);
    assert_int_equal(wcenc_frame_copy_to(frame, options, bytes, sizeof bytes, NULL), status);
    if (!strstr(wcenc_last_error(), words))
        fail_msg("\"%s\" does not say \"%s\"", wcenc_last_error(), words);
    for (size_t i = 0; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0xee);
}

static void planes_follow_one_another_by_default(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        uint32_t width;
        uint32_t height;
        size_t size;
        wcenc_plane_layout layout[4];
    } rows[] = {
        /* CPY-001, CPY-009, CPY-010 */
        {ID(I420), 4, 2, 12, {{0, 4}, {8, 2}, {10, 2}}},
        {ID(RGBA), 2, 2, 16, {{0, 8}}},
        {ID(NV12), 4, 2, 12, {{0, 4}, {8, 4}}},
        {ID(I420), 3, 3, 17, {{0, 3}, {9, 2}, {13, 2}}},
        {ID(I420A), 4, 2, 20, {{0, 4}, {8, 2}, {10, 2}, {12, 4}}},
        {ID(I422P10), 4, 2, 32, {{0, 8}, {16, 4}, {24, 4}}}, /* CPY-021 */
        {ID(NV21), 3, 3, 17, {{0, 3}, {9, 4}}},
        {ID(P010), 3, 3, 34, {{0, 6}, {18, 8}}},
        {ID(YUYV), 3, 2, 16, {{0, 8}}},
        {ID(UYVY), 4, 2, 16, {{0, 8}}},
        {ID(RGB24), 3, 2, 18, {{0, 9}}},
        {ID(BGR24), 1, 3, 9, {{0, 3}}},
        {ID(GRAY8), 5, 2, 10, {{0, 5}}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_frame *frame = counting_frame(rows[i].format, rows[i].width, rows[i].height, rows[i].size, whole);
        wcenc_plane_layout layout[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
        uint8_t *bytes = copy(frame, NULL, rows[i].size, layout);

        assert_memory_equal(layout, rows[i].layout, sizeof layout);
        for (size_t n = 0; n < rows[i].size; n++)
            assert_int_equal(bytes[n], n + 1);
        mem_free(bytes);
        wcenc_frame_unref(frame);
    }
}

static void a_destination_that_is_too_small_is_left_alone(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);
    uint8_t bytes[12] = {0};
    static const uint8_t zeros[12];

    (void)state;
    assert_int_equal(wcenc_frame_copy_to(frame, NULL, bytes, 11, NULL), WCENC_ERROR_TYPE); /* CPY-003 */
    assert_memory_equal(bytes, zeros, sizeof bytes);
    assert_int_equal(wcenc_frame_copy_to(frame, NULL, NULL, 12, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_copy_to(NULL, NULL, bytes, 12, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_allocation_size(frame, NULL, NULL), WCENC_ERROR_TYPE);
    wcenc_frame_unref(frame);
}

static void planes_may_be_put_anywhere(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        uint32_t count;
        wcenc_plane_layout layout[4];
        size_t size;
        const char *expected;
    } rows[] = {
        /* CPY-011 */
        {ID(I420), 3, {{4, 4}, {0, 2}, {2, 2}}, 12, "\11\12\13\14\1\2\3\4\5\6\7\10"},
        {ID(NV12), 2, {{4, 4}, {0, 4}}, 12, "\11\12\13\14\1\2\3\4\5\6\7\10"},
        {ID(I420A), 4, {{8, 4}, {16, 2}, {18, 2}, {0, 4}}, 20, "\15\16\17\20\21\22\23\24\1\2\3\4\5\6\7\10\11\12\13\14"},
        /* CPY-012, CPY-013: padding stays as it was, and the last row counts in full */
        {ID(I420), 3, {{9, 5}, {1, 3}, {5, 3}}, 19, "\0\11\12\0\0\13\14\0\0\1\2\3\4\0\5\6\7\10\0"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_frame *frame = counting_frame(rows[i].format, 4, 2, rows[i].format == ID(I420A) ? 20 : 12, whole);
        wcenc_copy_to_options options = no_options();
        wcenc_plane_layout layout[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
        uint8_t *bytes;

        memcpy(options.layout, rows[i].layout, sizeof options.layout);
        options.layout_count = rows[i].count;
        bytes = copy(frame, &options, rows[i].size, layout);
        assert_memory_equal(bytes, rows[i].expected, rows[i].size);
        assert_memory_equal(layout, rows[i].layout, sizeof layout); /* DEF-05 */
        mem_free(bytes);
        wcenc_frame_unref(frame);
    }
}

static void layouts_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        uint32_t count;
        wcenc_plane_layout layout[4];
        const char *words;
    } rows[] = {
        {2, {{0, 4}, {8, 2}}, "options.layout_count is 2"},                   /* CPY-014 */
        {4, {{0, 4}, {8, 2}, {10, 2}, {12, 4}}, "options.layout_count is 4"}, /* CPY-014 */
        {3, {{0, 3}, {8, 2}, {10, 2}}, "options.layout[0].stride is 3"},      /* CPY-015 */
        {0, {{0, 4}, {8, 2}, {10, 2}}, "options.layout[0] is set, but options.layout_count is 0"},
        {3, {{0, 4}, {8, 2}, {10, 2}, {12, 4}}, "options.layout[3] is set, but options.layout_count is 3"},
        {3, {{0, 4}, {8, 2}, {UINT32_MAX - 1, 2}}, "2^32 - 1"}, /* CPY-016, SEC-002 */
        {3, {{0, 4}, {7, 2}, {10, 2}}, "overlaps"},             /* CPY-017 */
    };
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_copy_to_options options = no_options();

        memcpy(options.layout, rows[i].layout, sizeof options.layout);
        options.layout_count = rows[i].count;
        expect_status(frame, &options, WCENC_ERROR_TYPE, rows[i].words);
    }
    wcenc_frame_unref(frame);
}

static void a_rect_is_cut_out(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);
    wcenc_copy_to_options options = no_options();
    wcenc_plane_layout layout[4];
    uint8_t *bytes;

    (void)state;
    options.rect = (wcenc_rect){2, 0, 2, 2};
    bytes = copy(frame, &options, 6, layout); /* CPY-018, WPT-025 */
    assert_memory_equal(bytes, "\3\4\7\10\12\14", 6);
    assert_memory_equal(layout, ((wcenc_plane_layout[3]){{0, 2}, {4, 1}, {5, 1}}), 3 * sizeof *layout);
    mem_free(bytes);
    options.rect = (wcenc_rect){0, 0, 3, 1};
    bytes = copy(frame, &options, 7, NULL); /* CPY-007 */
    assert_memory_equal(bytes, "\1\2\3\11\12\13\14", 7);
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void a_rect_may_begin_further_down(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 4, 24, whole);
    wcenc_copy_to_options options = no_options();
    uint8_t *bytes;

    (void)state;
    options.rect = (wcenc_rect){2, 2, 2, 2};
    bytes = copy(frame, &options, 6, NULL); /* CPY-018 */
    assert_memory_equal(bytes, "\13\14\17\20\24\30", 6);
    mem_free(bytes);
    options.rect = (wcenc_rect){0, 2, 4, 1};
    bytes = copy(frame, &options, 8, NULL); /* CPY-007 */
    assert_memory_equal(bytes, "\11\12\13\14\23\24\27\30", 8);
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void pairs_of_pixels_are_cut_out_whole(void **state)
{
    wcenc_frame *frame = counting_frame(ID(YUYV), 5, 2, 24, whole);
    wcenc_copy_to_options options = no_options();
    uint8_t *bytes;

    (void)state;
    options.rect = (wcenc_rect){2, 1, 3, 1};
    bytes = copy(frame, &options, 8, NULL); /* CPY-007, CPY-018 */
    assert_memory_equal(bytes, "\21\22\23\24\25\26\27\30", 8);
    mem_free(bytes);
    options.rect.x = 1;
    expect_status(frame, &options, WCENC_ERROR_TYPE, "options.rect.x is 1"); /* CPY-006 */
    wcenc_frame_unref(frame);
}

static void the_rect_is_the_visible_one_by_default(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, (wcenc_rect){2, 0, 2, 2});
    wcenc_copy_to_options options = no_options();
    uint8_t *bytes = copy(frame, NULL, 6, NULL); /* CPY-004 */

    (void)state;
    assert_memory_equal(bytes, "\3\4\7\10\12\14", 6);
    mem_free(bytes);
    options.rect = (wcenc_rect){0, 0, 4, 2};
    bytes = copy(frame, &options, 12, NULL); /* CPY-008 */
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void rects_have_to_fit(void **state)
{
    static const struct {
        wcenc_rect rect;
        const char *words;
    } rows[] = {
        {{0, 0, 0, 2}, "options.rect.width is 0"},  /* CPY-005 */
        {{0, 0, 4, 0}, "options.rect.height is 0"}, /* CPY-005 */
        {{0, 0, 4, 4}, "beyond the coded height"},  /* CPY-005 */
        {{2, 0, 4, 2}, "beyond the coded width"},   /* CPY-005 */
        {{1, 0, 1, 1}, "options.rect.x is 1"},      /* CPY-006 */
        {{0, 1, 1, 1}, "options.rect.y is 1"},      /* CPY-006 */
    };
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);
    wcenc_copy_to_options options = no_options();

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        options = no_options();
        options.rect = rows[i].rect;
        expect_status(frame, &options, WCENC_ERROR_TYPE, rows[i].words);
        options.format = ID(RGBA); /* CPY-006: by the source's format also where that is converted */
        expect_status(frame, &options, WCENC_ERROR_TYPE, rows[i].words);
    }
    wcenc_frame_unref(frame);
}

static void only_rgb_can_be_converted_to(void **state)
{
    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(NV12); format++) { /* CPY-022 */
        wcenc_frame *frame = counting_frame(format, 4, 2, 64, whole);
        wcenc_copy_to_options options = no_options();

        options.format = format;
        expect_status(frame, &options, WCENC_ERROR_NOT_SUPPORTED, "options.format");
        options.format = ID(I420);
        expect_status(frame, &options, WCENC_ERROR_NOT_SUPPORTED, "options.format is I420");
        for (options.format = ID(NV21); options.format <= ID(GRAY8); options.format++)
            expect_status(frame, &options, WCENC_ERROR_NOT_SUPPORTED, "options.format is");
        options.format = 24;
        expect_status(frame, &options, WCENC_ERROR_TYPE, "options.format is 24");
        options.format = ID(RGBA);
        options.color_space = 2;
        expect_status(frame, &options, WCENC_ERROR_TYPE, "options.color_space is 2");
        wcenc_frame_unref(frame);
    }
}

static void the_color_space_means_nothing_without_conversion(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);
    wcenc_copy_to_options options = no_options();

    (void)state;
    options.color_space = WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3; /* CPY-024 */
    mem_free(copy(frame, &options, 12, NULL));
    options.struct_size = 8;
    expect_status(frame, &options, WCENC_ERROR_TYPE, "options.struct_size");
    wcenc_frame_unref(frame);
}

static void rgb_becomes_rgb_in_another_order(void **state)
{
    static const struct {
        wcenc_pixel_format from;
        wcenc_pixel_format to;
        const char *expected; /* of the pixels 1 2 3 4 and 5 6 7 8 */
    } rows[] = {
        /* CPY-026, CPY-027 */
        {ID(RGBA), ID(RGBA), "\1\2\3\4\5\6\7\10"},    {ID(RGBA), ID(RGBX), "\1\2\3\377\5\6\7\377"},
        {ID(RGBA), ID(BGRA), "\3\2\1\4\7\6\5\10"},    {ID(RGBA), ID(BGRX), "\3\2\1\377\7\6\5\377"},
        {ID(RGBX), ID(RGBA), "\1\2\3\377\5\6\7\377"}, {ID(RGBX), ID(RGBX), "\1\2\3\377\5\6\7\377"},
        {ID(RGBX), ID(BGRA), "\3\2\1\377\7\6\5\377"}, {ID(RGBX), ID(BGRX), "\3\2\1\377\7\6\5\377"},
        {ID(BGRA), ID(RGBA), "\3\2\1\4\7\6\5\10"},    {ID(BGRA), ID(BGRA), "\1\2\3\4\5\6\7\10"},
        {ID(BGRX), ID(RGBA), "\3\2\1\377\7\6\5\377"}, {ID(BGRX), ID(BGRX), "\1\2\3\377\5\6\7\377"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_frame *frame = counting_frame(rows[i].from, 2, 1, 8, whole);
        wcenc_copy_to_options options = no_options();
        wcenc_plane_layout layout[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
        uint8_t *bytes;

        options.format = rows[i].to;
        bytes = copy(frame, &options, 8, layout); /* CPY-023 */
        assert_memory_equal(bytes, rows[i].expected, 8);
        assert_int_equal(layout[0].stride, 8);
        mem_free(bytes);
        wcenc_frame_unref(frame);
    }
}

static void limited_rgb_becomes_full_range_where_it_is_converted(void **state)
{
    static const uint8_t given[] = {16, 235, 125, 16, 0, 255, 17, 235};
    static const uint8_t expected[] = {127, 255, 0, 16, 1, 255, 0, 235}; /* as BGRA; alpha has no range */
    wcenc_copy_to_options options = no_options();
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    uint8_t *bytes;

    (void)state;
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = ID(RGBA);
    desc.coded_width = 2;
    desc.coded_height = 1;
    desc.data = given;
    desc.data_size = sizeof given;
    desc.color_space = (wcenc_color_space){WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_IEC61966_2_1,
                                           WCENC_COLOR_MATRIX_RGB, WCENC_COLOR_RANGE_LIMITED};
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    bytes = copy(frame, &options, 8, NULL);
    assert_memory_equal(bytes, given, 8);
    mem_free(bytes);
    options.format = ID(BGRA);
    bytes = copy(frame, &options, 8, NULL); /* CPY-024 */
    assert_memory_equal(bytes, expected, 8);
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

/* Y, U, V of a colour, on the scale of a bit depth. */
struct ycbcr {
    double y, u, v;
};

struct color_rule {
    wcenc_color_space space;
    double kr, kb;
    int is_full;
};

static const struct color_rule rules[] = {
    {{0, 0, 0, 0}, 0.2126, 0.0722, 0}, /* nothing given: BT.709 */
    {{1, 1, 1, 1}, 0.2126, 0.0722, 0},   {{6, 6, 6, 1}, 0.299, 0.114, 0},    {{5, 6, 5, 1}, 0.299, 0.114, 0},
    {{9, 1, 9, 1}, 0.2627, 0.0593, 0},   {{1, 1, 1, 2}, 0.2126, 0.0722, 1},  {{6, 6, 6, 2}, 0.299, 0.114, 1},
    {{12, 13, 1, 1}, 0.2126, 0.0722, 0}, {{1, 8, 1, 2}, 0.2126, 0.0722, 1},  {{12, 8, 1, 1}, 0.2126, 0.0722, 0},
    {{9, 16, 9, 1}, 0.2627, 0.0593, 0},  {{9, 18, 9, 1}, 0.2627, 0.0593, 0}, {{9, 16, 9, 2}, 0.2627, 0.0593, 1},
};

static struct ycbcr encode(const uint8_t rgb[3], const struct color_rule *rule, int depth)
{
    double r = rgb[0] / 255.0, g = rgb[1] / 255.0, b = rgb[2] / 255.0, unit = 1 << (depth - 8), top = (1 << depth) - 1;
    double y = rule->kr * r + (1 - rule->kr - rule->kb) * g + rule->kb * b;
    double u = (b - y) / (2 - 2 * rule->kb), v = (r - y) / (2 - 2 * rule->kr);

    if (rule->is_full)
        return (struct ycbcr){round(y * top), round(fmin(u * top + 128 * unit, top)),
                              round(fmin(v * top + 128 * unit, top))};
    return (struct ycbcr){round((16 + 219 * y) * unit), round((128 + 224 * u) * unit), round((128 + 224 * v) * unit)};
}

static int to_byte(double value)
{
    return (int)round(fmin(fmax(value, 0), 1) * 255);
}

/* R, G and B from 0 to 1. */
static void decode(struct ycbcr color, const struct color_rule *rule, int depth, double rgb[3])
{
    double unit = 1 << (depth - 8), top = (1 << depth) - 1;
    double y = rule->is_full ? color.y / top : (color.y / unit - 16) / 219;
    double u = rule->is_full ? (color.u - 128 * unit) / top : (color.u / unit - 128) / 224;
    double v = rule->is_full ? (color.v - 128 * unit) / top : (color.v / unit - 128) / 224;
    double r = y + (2 - 2 * rule->kr) * v, b = y + (2 - 2 * rule->kb) * u;

    rgb[0] = fmin(fmax(r, 0), 1);
    rgb[1] = fmin(fmax((y - rule->kr * r - rule->kb * b) / (1 - rule->kr - rule->kb), 0), 1);
    rgb[2] = fmin(fmax(b, 0), 1);
}

/* Linear light of one set of primaries to another, as published (CSS Color 4, ITU-R BT.2407 and BT.470). */
static const struct gamut_rule {
    int32_t primaries;
    int32_t target;
    double rows[3][3];
} gamut_rules[] = {
    {1, 12, {{0.8224621, 0.1775380, 0}, {0.0331941, 0.9668058, 0}, {0.0170827, 0.0723974, 0.9105199}}},
    {12, 1, {{1.2249401, -0.2249404, 0}, {-0.0420569, 1.0420571, 0}, {-0.0196376, -0.0786361, 1.0982735}}},
    {9,
     12,
     {{1.3435783, -0.2821797, -0.0613986}, {-0.0652975, 1.0757879, -0.0104905}, {0.0028218, -0.0195985, 1.0167767}}},
    {9,
     1,
     {{1.6604910, -0.5876411, -0.0728499}, {-0.1245505, 1.1328999, -0.0083494}, {-0.0181508, -0.1005789, 1.1187297}}},
    {5, 1, {{1.0440432, -0.0440432, 0}, {0, 1, 0}, {0, 0.0117934, 0.9882066}}},
    {5, 12, {{0.8586860, 0.1413140, 0}, {0.0346561, 0.9653439, 0}, {0.0178351, 0.0823830, 0.8997818}}},
};

/* The whole of H.273's formulas, of a display where white has 203 cd/m2. */
static double light_of(int32_t transfer, double value)
{
    double root;

    switch (transfer) {
    case WCENC_COLOR_TRANSFER_LINEAR:
        return value;
    case WCENC_COLOR_TRANSFER_PQ:
        root = pow(value, 1 / 78.84375);
        return 10000 / 203.0 * pow(fmax(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root), 1 / 0.1593017578125);
    case WCENC_COLOR_TRANSFER_HLG:
        return value > 0.5 ? (exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12 : value * value / 3;
    default:
        return value > 0.04045 ? pow((value + 0.055) / 1.055, 2.4) : value / 12.92;
    }
}

static double srgb_value(double light)
{
    const double within = fmin(fmax(light, 0), 1);

    return within > 0.0031308 ? 1.055 * pow(within, 1 / 2.4) - 0.055 : within * 12.92;
}

/* Read as sRGB: primaries and transfers of standard and high definition, and unspecified ones. */
static int32_t primaries_read(const wcenc_color_space *space)
{
    return space->primaries == 0 || space->primaries == 6 ? 1 : space->primaries;
}

static void to_target(const wcenc_color_space *space, wcenc_predefined_color_space target, const double rgb[3],
                      int bytes[3])
{
    const int32_t from = primaries_read(space), to = target == WCENC_PREDEFINED_COLOR_SPACE_SRGB ? 1 : 12;
    double light[3], sum[3], gain = 1;

    for (int i = 0; i < 3; i++)
        light[i] = light_of(space->transfer, rgb[i]);
    if (space->transfer == WCENC_COLOR_TRANSFER_HLG) /* the tests have it with BT.2020's primaries only */
        gain = 1000 / 203.0 * pow(0.2627 * light[0] + 0.678 * light[1] + 0.0593 * light[2], 0.2);
    for (int i = 0; i < 3; i++)
        sum[i] = gain * light[i];
    for (size_t r = 0; r < ARRAY_LENGTH(gamut_rules); r++) {
        const struct gamut_rule *rule = &gamut_rules[r];

        for (int i = 0; i < 3 && rule->primaries == from && rule->target == to; i++)
            sum[i] = gain * (rule->rows[i][0] * light[0] + rule->rows[i][1] * light[1] + rule->rows[i][2] * light[2]);
    }
    for (int i = 0; i < 3; i++)
        bytes[i] = to_byte(srgb_value(sum[i]));
}

static void put(uint8_t *at, size_t index, double value, int depth)
{
    uint16_t sample = (uint16_t)value;

    if (depth == 8)
        at[index] = (uint8_t)sample;
    else
        memcpy(at + 2 * index, &sample, 2);
}

/* The sample in this place of a plane. What P010 ignores is set. */
static double sample_in(wcenc_pixel_format format, int plane, size_t i, struct ycbcr color)
{
    const double chroma[] = {color.u, color.v};

    switch (format) {
    case ID(NV12):
        return plane == 0 ? color.y : chroma[i % 2];
    case ID(NV21):
        return plane == 0 ? color.y : chroma[1 - i % 2];
    case ID(P010):
        return (plane == 0 ? color.y : chroma[i % 2]) * 64 + (double)(i % 64);
    case ID(YUYV):
        return i % 2 == 0 ? color.y : chroma[i / 2 % 2];
    case ID(UYVY):
        return i % 2 == 1 ? color.y : chroma[i / 2 % 2];
    default:
        return plane == 0   ? color.y
               : plane == 3 ? (double)(i % (1u << wcenc__pixel_format(format)->bit_depth))
                            : chroma[plane - 1];
    }
}

/* A frame of one colour; the sides are even. Alpha, where there is some, counts up from 0. */
static wcenc_frame *flat(wcenc_pixel_format format, uint32_t width, uint32_t height, struct ycbcr color,
                         const wcenc_color_space *space)
{
    const struct pixel_format *row = wcenc__pixel_format(format);
    wcenc_frame_desc desc;
    wcenc_frame *frame = NULL;
    size_t sample_bytes = row->bit_depth > 8 ? 2 : 1, offset = 0, size = 0;
    uint8_t *bytes;

    for (int plane = 0; plane < row->plane_count; plane++)
        size += (size_t)(wcenc__plane_row_bytes(row, plane, width) * wcenc__plane_height(row, plane, height));
    bytes = filled(size, 0);
    for (int plane = 0; plane < row->plane_count; plane++) {
        size_t plane_size =
            (size_t)(wcenc__plane_row_bytes(row, plane, width) * wcenc__plane_height(row, plane, height));

        for (size_t i = 0; i < plane_size / sample_bytes; i++) {
            put(bytes + offset, i, sample_in(format, plane, i, color), row->bit_depth);
        }
        offset += plane_size;
    }
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.data = bytes;
    desc.data_size = size;
    desc.color_space = *space;
    desc.has_color_space = 1;
    if (wcenc_frame_create_wrap(&desc, mem_free, bytes, &frame) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return frame;
}

static void expect_color(const uint8_t *pixels, size_t count, const int rgb[3], const char *what)
{
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++)
            if (abs(pixels[4 * i + (size_t)c] - rgb[c]) > 1)
                fail_msg("%s: pixel %zu is %d %d %d, not %d %d %d", what, i, pixels[4 * i], pixels[4 * i + 1],
                         pixels[4 * i + 2], rgb[0], rgb[1], rgb[2]);
}

static const uint8_t colors[][3] = {{0, 0, 0},     {255, 255, 255}, {255, 0, 0},   {0, 255, 0},     {0, 0, 255},
                                    {9, 40, 3},    {0, 255, 255},   {255, 0, 255}, {128, 128, 128}, {17, 99, 200},
                                    {255, 200, 9}, {250, 3, 1},     {1, 90, 2}};

/* A frame of one colour is that colour in the target, and what else is copied stays. */
static void expect_converted(wcenc_pixel_format format, const struct color_rule *rule, const uint8_t color[3],
                             wcenc_predefined_color_space target)
{
    int depth = wcenc__pixel_format(format)->bit_depth;
    struct ycbcr coded = encode(color, rule, depth);
    wcenc_frame *frame = flat(format, 38, 4, coded, &rule->space);
    wcenc_copy_to_options options = no_options();
    double rgb[3];
    int expected[3];
    uint8_t *bytes;

    options.format = ID(RGBX);
    options.color_space = target;
    bytes = copy(frame, &options, 38 * 4 * 4, NULL);
    decode(coded, rule, depth, rgb);
    to_target(&rule->space, target, rgb, expected);
    expect_color(bytes, 38 * 4, expected, wcenc_pixel_format_name(format));
    for (size_t i = 0; i < 38 * 4; i++)
        assert_int_equal(bytes[4 * i + 3], 255); /* CPY-026 */
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void ycbcr_becomes_rgb_within_one_level(void **state)
{
    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(UYVY); format++) /* CPY-024, CPY-025, CPY-029, FMT-006 */
        for (size_t r = 0; r < ARRAY_LENGTH(rules); r++)
            for (size_t c = 0; c < ARRAY_LENGTH(colors) && wcenc__pixel_format(format); c++)
                for (int32_t target = 0; target < 2 && !wcenc__pixel_format(format)->is_rgb; target++)
                    expect_converted(format, &rules[r], colors[c], target);
}

/* Each level of each channel beside levels of the others, as RGB of a colour space and range. */
static void fill_levels(uint8_t pixels[256 * 4 * 4])
{
    for (int row = 0; row < 4; row++) {
        for (int x = 0; x < 256; x++) {
            uint8_t *pixel = pixels + 4 * (row * 256 + x);

            pixel[0] = (uint8_t)(row == 0 || row == 3 ? x : x * 7 % 256);
            pixel[1] = (uint8_t)(row == 1 || row == 3 ? x : x * 11 % 64);
            pixel[2] = (uint8_t)(row == 2 || row == 3 ? x : 255 - x);
            pixel[3] = (uint8_t)(x ^ 0x5a);
        }
    }
}

static void expect_levels(const uint8_t *source, const uint8_t *bytes, wcenc_pixel_format format,
                          const wcenc_color_space *space, wcenc_predefined_color_space target)
{
    const bool is_limited = space->range == WCENC_COLOR_RANGE_LIMITED;

    for (int i = 0; i < 256 * 4; i++) {
        double rgb[3];
        int expected[3], swap = format == ID(BGRA) || format == ID(BGRX);

        for (int c = 0; c < 3; c++) {
            const double level = source[4 * i + (swap ? 2 - c : c)];

            rgb[c] = is_limited ? fmin(fmax((level - 16) / 219, 0), 1) : level / 255;
        }
        to_target(space, target, rgb, expected);
        expect_color(bytes + 4 * i, 1, expected, wcenc_pixel_format_name(format));
        assert_int_equal(bytes[4 * i + 3], format == ID(RGBA) || format == ID(BGRA) ? source[4 * i + 3] : 255);
    }
}

static void rgb_changes_its_color_space_within_one_level(void **state)
{
    static const wcenc_color_space spaces[] = {
        {1, 13, 256, 2}, {12, 13, 256, 2}, {6, 6, 6, 1},   {1, 1, 1, 1},     {0, 0, 0, 0},
        {9, 16, 256, 2}, {9, 18, 256, 2},  {1, 8, 256, 2}, {12, 13, 256, 1}, {5, 1, 256, 2},
    };
    uint8_t pixels[256 * 4 * 4];

    (void)state;
    fill_levels(pixels);
    for (wcenc_pixel_format format = ID(RGBA); format <= ID(BGRX); format++) { /* CPY-024, CPY-027 */
        for (size_t i = 0; i < ARRAY_LENGTH(spaces); i++) {
            for (int32_t target = 0; target < 2; target++) {
                wcenc_copy_to_options options = no_options();
                wcenc_frame_desc desc;
                wcenc_frame *frame;
                uint8_t *bytes;

                wcenc_frame_desc_init(&desc, sizeof desc);
                desc.format = format;
                desc.coded_width = 256;
                desc.coded_height = 4;
                desc.data = pixels;
                desc.data_size = sizeof pixels;
                desc.color_space = spaces[i];
                desc.has_color_space = 1;
                assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
                options.format = ID(RGBA);
                options.color_space = target;
                bytes = copy(frame, &options, sizeof pixels, NULL);
                expect_levels(pixels, bytes, format, &spaces[i], target);
                mem_free(bytes);
                wcenc_frame_unref(frame);
            }
        }
    }
}

static void rgb_of_three_bytes_and_grey_are_converted(void **state)
{
    static const uint8_t given[] = {255, 0, 0, 10, 20, 30}; /* two pixels of three bytes, or six of grey */
    static const struct {
        wcenc_pixel_format format;
        uint32_t width;
        wcenc_predefined_color_space target;
        const char *expected; /* RGBA */
    } rows[] = {
        {ID(RGB24), 2, WCENC_PREDEFINED_COLOR_SPACE_SRGB, "\377\0\0\377\12\24\36\377"},
        {ID(BGR24), 2, WCENC_PREDEFINED_COLOR_SPACE_SRGB, "\0\0\377\377\36\24\12\377"},
        {ID(RGB24), 1, WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3, "\352\63\43\377"},
        {ID(GRAY8), 6, WCENC_PREDEFINED_COLOR_SPACE_SRGB,
         "\377\377\377\377\0\0\0\377\0\0\0\377\12\12\12\377\24\24\24\377\36\36\36\377"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) { /* CPY-029, FMT-006 */
        wcenc_copy_to_options options = no_options();
        wcenc_frame_desc desc;
        wcenc_frame *frame;
        uint8_t *bytes;

        wcenc_frame_desc_init(&desc, sizeof desc);
        desc.format = rows[i].format;
        desc.coded_width = rows[i].width;
        desc.coded_height = 1;
        desc.data = given;
        desc.data_size = sizeof given;
        assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
        options.format = ID(RGBA);
        options.color_space = rows[i].target;
        bytes = copy(frame, &options, (size_t)4 * rows[i].width, NULL);
        for (uint32_t n = 0; n < 4 * rows[i].width; n++)
            assert_true(abs(bytes[n] - (uint8_t)rows[i].expected[n]) <= (rows[i].format == ID(GRAY8)));
        mem_free(bytes);
        wcenc_frame_unref(frame);
    }
}

static void srgb_primaries_in_display_p3_are_the_known_ones(void **state)
{
    static const uint8_t given[] = {255, 0, 0, 7, 0, 255, 0, 8, 0, 0, 255, 9, 255, 255, 255, 10};
    static const uint8_t expected[] = {35, 51, 234, 7, 76, 251, 117, 8, 245, 0, 0, 9, 255, 255, 255, 10}; /* BGRA */
    wcenc_copy_to_options options = no_options();
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    uint8_t bytes[20];

    (void)state;
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = ID(RGBA);
    desc.coded_width = 4;
    desc.coded_height = 1;
    desc.data = given;
    desc.data_size = sizeof given;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    options.format = ID(BGRA);
    options.color_space = WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3;
    options.layout[0] = (wcenc_plane_layout){2, 16};
    options.layout_count = 1;
    memset(bytes, 0xee, sizeof bytes);
    assert_int_equal(wcenc_frame_copy_to(frame, &options, bytes, sizeof bytes, NULL), WCENC_OK); /* CPY-024 */
    assert_memory_equal(bytes + 2, expected, sizeof expected);
    assert_memory_equal(bytes, "\xee\xee", 2); /* CPY-028 */
    assert_memory_equal(bytes + 18, "\xee\xee", 2);
    wcenc_frame_unref(frame);
}

static void the_smallest_and_odd_rects_are_converted(void **state)
{
    static const uint8_t red[3] = {255, 0, 0};
    static const wcenc_rect rects[] = {{0, 0, 1, 1}, {2, 2, 1, 1},  {2, 2, 2, 2},
                                       {0, 0, 3, 3}, {4, 2, 13, 5}, {0, 0, 17, 7}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rects); i++) {
        struct ycbcr color = encode(red, &rules[1], 8);
        wcenc_frame *frame = flat(ID(I420), 18, 8, color, &rules[1].space);
        wcenc_copy_to_options options = no_options();
        uint32_t count = rects[i].width * rects[i].height;

        options.format = ID(RGBA);
        options.rect = rects[i];
        for (int32_t target = 0; target < 2; target++) {
            double rgb[3];
            int expected[3];
            uint8_t *bytes;

            options.color_space = target;
            bytes = copy(frame, &options, (size_t)4 * count, NULL);
            decode(color, &rules[1], 8, rgb);
            to_target(&rules[1].space, target, rgb, expected);
            expect_color(bytes, count, expected, "a rect");
            mem_free(bytes);
        }
        wcenc_frame_unref(frame);
    }
}

static void conversion_leaves_offset_and_margins_alone(void **state)
{
    static const uint8_t white[3] = {255, 255, 255};
    struct ycbcr color = encode(white, &rules[1], 8);
    wcenc_frame *frame = flat(ID(I420), 4, 2, color, &rules[1].space);
    wcenc_copy_to_options options = no_options();
    uint8_t *bytes;

    (void)state;
    options.format = ID(RGBA);
    options.layout[0] = (wcenc_plane_layout){5, 40};
    options.layout_count = 1;
    bytes = copy(frame, &options, 85, NULL); /* CPY-028 */
    for (size_t i = 0; i < 85; i++) {
        size_t in_row = i < 5 ? 40 : (i - 5) % 40;

        assert_true(in_row < 16 ? bytes[i] >= 254 : bytes[i] == 0);
    }
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void the_visible_part_is_what_is_converted(void **state)
{
    /* Black on the left, white on the right. */
    uint8_t pixels[12] = {16, 16, 235, 235, 16, 16, 235, 235, 128, 128, 128, 128};
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    wcenc_copy_to_options options = no_options();
    uint8_t *bytes;

    (void)state;
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = ID(I420);
    desc.coded_width = 4;
    desc.coded_height = 2;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.visible_rect = (wcenc_rect){2, 0, 2, 2};
    assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
    options.format = ID(BGRX);
    bytes = copy(frame, &options, 16, NULL); /* CPY-030 */
    expect_color(bytes, 4, (const int[]){255, 255, 255}, "visible");
    mem_free(bytes);
    options.rect = (wcenc_rect){0, 0, 2, 1}; /* rects are in the coded picture, visible or not */
    bytes = copy(frame, &options, 8, NULL);
    expect_color(bytes, 2, (const int[]){0, 0, 0}, "invisible");
    mem_free(bytes);
    wcenc_frame_unref(frame);
}

static void alpha_of_ycbcr_is_kept_on_the_scale_of_bytes(void **state)
{
    static const uint8_t gray[3] = {128, 128, 128};
    static const wcenc_pixel_format formats[] = {ID(I420A), ID(I422A), ID(I444A), ID(I420AP10), ID(I444AP12)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        int depth = wcenc__pixel_format(formats[i])->bit_depth;
        wcenc_frame *frame = flat(formats[i], 64, 64, encode(gray, &rules[1], depth), &rules[1].space), *opaque;
        wcenc_frame_overrides overrides;
        wcenc_copy_to_options options = no_options();
        uint8_t *bytes;
        unsigned top = (1u << depth) - 1;

        options.format = ID(BGRA);
        for (options.color_space = 1; options.color_space >= 0; options.color_space--) {
            bytes = copy(frame, &options, 64 * 64 * 4, NULL);
            for (unsigned n = 0; n < 64 * 64; n++)
                assert_int_equal(bytes[4 * n + 3], (int)round((n % (top + 1)) * 255.0 / top));
            mem_free(bytes);
        }
        options.color_space = WCENC_PREDEFINED_COLOR_SPACE_SRGB;
        wcenc_frame_overrides_init(&overrides, sizeof overrides);
        overrides.discard_alpha = 1;
        assert_int_equal(wcenc_frame_create_from(frame, &overrides, &opaque), WCENC_OK);
        bytes = copy(opaque, &options, 64 * 64 * 4, NULL);
        for (unsigned n = 0; n < 64 * 64; n++)
            assert_int_equal(bytes[4 * n + 3], 255); /* CPY-027 */
        mem_free(bytes);
        wcenc_frame_unref(opaque);
        wcenc_frame_unref(frame);
    }
}

static void samples_above_their_depth_do_no_harm(void **state)
{
    static const wcenc_pixel_format formats[] = {ID(I420P10), ID(I422P12), ID(I444AP10), ID(I420AP12)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) { /* FMT-007 */
        wcenc_frame *frame = flat(formats[i], 16, 4, (struct ycbcr){65535, 65535, 65535}, &rules[1].space);
        wcenc_copy_to_options options = no_options();

        options.format = ID(RGBA);
        mem_free(copy(frame, &options, 16 * 4 * 4, NULL));
        options.color_space = WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3;
        mem_free(copy(frame, &options, 16 * 4 * 4, NULL));
        wcenc_frame_unref(frame);
    }
}

static void short_memory_is_an_error_and_writes_nothing(void **state)
{
    wcenc_frame *frame = counting_frame(ID(I420), 4, 2, 12, whole);
    wcenc_copy_to_options options = no_options();
    static const uint8_t zeros[32];

    (void)state;
    options.format = ID(RGBA);
    for (long n = 0; n < 4; n++) {
        uint8_t bytes[32] = {0};

        options.color_space = (int32_t)(n / 2);
        mem_fault_after(n % 2);
        assert_int_equal(wcenc_frame_copy_to(frame, &options, bytes, sizeof bytes, NULL), WCENC_ERROR_NO_MEMORY);
        mem_fault_after(-1);
        assert_memory_equal(bytes, zeros, sizeof zeros);
    }
    wcenc_frame_unref(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_follow_one_another_by_default),
        cmocka_unit_test(a_destination_that_is_too_small_is_left_alone),
        cmocka_unit_test(planes_may_be_put_anywhere),
        cmocka_unit_test(layouts_that_do_not_fit_are_refused),
        cmocka_unit_test(a_rect_is_cut_out),
        cmocka_unit_test(a_rect_may_begin_further_down),
        cmocka_unit_test(pairs_of_pixels_are_cut_out_whole),
        cmocka_unit_test(the_rect_is_the_visible_one_by_default),
        cmocka_unit_test(rects_have_to_fit),
        cmocka_unit_test(only_rgb_can_be_converted_to),
        cmocka_unit_test(the_color_space_means_nothing_without_conversion),
        cmocka_unit_test(rgb_becomes_rgb_in_another_order),
        cmocka_unit_test(limited_rgb_becomes_full_range_where_it_is_converted),
        cmocka_unit_test(ycbcr_becomes_rgb_within_one_level),
        cmocka_unit_test(rgb_changes_its_color_space_within_one_level),
        cmocka_unit_test(rgb_of_three_bytes_and_grey_are_converted),
        cmocka_unit_test(srgb_primaries_in_display_p3_are_the_known_ones),
        cmocka_unit_test(the_smallest_and_odd_rects_are_converted),
        cmocka_unit_test(conversion_leaves_offset_and_margins_alone),
        cmocka_unit_test(the_visible_part_is_what_is_converted),
        cmocka_unit_test(alpha_of_ycbcr_is_kept_on_the_scale_of_bytes),
        cmocka_unit_test(samples_above_their_depth_do_no_harm),
        cmocka_unit_test(short_memory_is_an_error_and_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
