/* SPDX-License-Identifier: MIT */

/*
 * Frames: what they may be made of, what they say of themselves, and who holds the pixels. Pixels lie in blocks that
 * are exactly as long as they have to be, so that AddressSanitizer sees any byte read beyond them.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../support/mem_fault.h"
#include "compiler.h"
#include "color_space.h"
#include "frame.h"
#include "geometry.h"
#include "mem.h"
#include "thread.h"

#define ID(format) WCENC_PIXEL_FORMAT_##format

/* A block whose bytes count up. */
static uint8_t *counting(size_t size)
{
    uint8_t *bytes = mem_alloc(size);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i + 1);
    return bytes;
}

static wcenc_frame_desc init_of(wcenc_pixel_format format, uint32_t width, uint32_t height, const void *data,
                                size_t size)
{
    wcenc_frame_desc desc;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.data = data;
    desc.data_size = size;
    return desc;
}

static wcenc_frame *create(const wcenc_frame_desc *desc)
{
    wcenc_frame *frame = NULL;

    if (wcenc_frame_create_copy(desc, &frame) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return frame;
}

static wcenc_frame *i420_4x2(void)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);
    wcenc_frame *frame;

    desc.timestamp_us = 10;
    desc.duration_us = 15;
    frame = create(&desc);
    mem_free(bytes);
    return frame;
}

static void count_call(void *counter)
{
    atomic_fetch_add((atomic_int *)counter, 1);
}

static wcenc_frame *wrap(const wcenc_frame_desc *desc, atomic_int *released)
{
    wcenc_frame *frame = NULL;

    if (wcenc_frame_create_wrap(desc, count_call, released, &frame) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return frame;
}

/* Both ways of making a frame refuse it, with words that hold `words`; release is not called. */
static void expect_status(const wcenc_frame_desc *desc, wcenc_status status, const char *words)
{
    wcenc_frame *frame = (wcenc_frame *)&frame;
    atomic_int released = 0;

    assert_int_equal(wcenc_frame_create_copy(desc, &frame), status);
    assert_null(frame);
    if (!strstr(wcenc_last_error(), words))
        fail_msg("\"%s\" does not say \"%s\"", wcenc_last_error(), words);
    frame = (wcenc_frame *)&frame;
    assert_int_equal(wcenc_frame_create_wrap(desc, count_call, &released, &frame), status);
    assert_null(frame);
    assert_int_equal(released, 0);
}

static void expect_refused(const wcenc_frame_desc *desc, const char *words)
{
    expect_status(desc, WCENC_ERROR_TYPE, words);
}

/* The plane of the visible part, row after row. */
static void expect_plane(wcenc_frame *frame, int plane, const uint8_t *expected, size_t row_bytes, int rows)
{
    struct frame_view view;

    assert_true(wcenc__frame_view(frame, &view));
    for (int row = 0; row < rows; row++)
        assert_memory_equal(view.picture.planes[plane] + row * view.picture.strides[plane],
                            expected + (size_t)row * row_bytes, row_bytes);
    wcenc__frame_view_release(&view);
}

static void expect_size(const wcenc_frame *frame, uint32_t coded_width, uint32_t coded_height, wcenc_rect visible)
{
    wcenc_rect rect;

    assert_int_equal(wcenc_frame_get_coded_width(frame), coded_width);
    assert_int_equal(wcenc_frame_get_coded_height(frame), coded_height);
    assert_int_equal(wcenc_frame_get_visible_rect(frame, &rect), WCENC_OK);
    assert_memory_equal(&rect, &visible, sizeof rect);
}

static void expect_display(const wcenc_frame *frame, uint32_t width, uint32_t height)
{
    assert_int_equal(wcenc_frame_get_display_width(frame), width);
    assert_int_equal(wcenc_frame_get_display_height(frame), height);
}

static void a_frame_says_what_it_was_made_of(void **state)
{
    wcenc_frame *frame = i420_4x2();
    wcenc_color_space space;
    uint64_t duration;

    (void)state;
    assert_int_equal(wcenc_frame_get_format(frame), ID(I420));
    expect_size(frame, 4, 2, (wcenc_rect){0, 0, 4, 2}); /* DEF-03, VFA-001 */
    expect_display(frame, 4, 2);                        /* VFB-018 */
    assert_int_equal(wcenc_frame_get_timestamp_us(frame), 10);
    assert_int_equal(wcenc_frame_get_duration_us(frame, &duration), 1);
    assert_int_equal(duration, 15);
    assert_int_equal(wcenc_frame_get_rotation(frame), 0);
    assert_int_equal(wcenc_frame_get_flip(frame), 0);
    wcenc_frame_get_color_space(frame, &space);
    assert_true(wcenc__color_space_equal(&space, &wcenc__color_space_bt709)); /* VFB-025 */
    wcenc_frame_get_color_space(frame, NULL);
    assert_int_equal(wcenc_frame_is_closed(frame), 0);
    expect_plane(frame, 0, (const uint8_t *)"\1\2\3\4\5\6\7\10", 4, 2); /* VFB-007, VFB-019 */
    expect_plane(frame, 1, (const uint8_t *)"\11\12", 2, 1);
    expect_plane(frame, 2, (const uint8_t *)"\13\14", 2, 1);
    wcenc_frame_unref(frame);
}

static void times_may_be_anything(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};
    uint8_t pixel[3] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) { /* VFB-028, VFB-030 */
        wcenc_frame_desc desc = init_of(ID(I420), 1, 1, pixel, sizeof pixel);
        wcenc_frame *frame;
        uint64_t duration = 7;

        desc.timestamp_us = times[i];
        frame = create(&desc);
        assert_int_equal(wcenc_frame_get_timestamp_us(frame), times[i]);
        assert_int_equal(wcenc_frame_get_duration_us(frame, &duration), 0); /* VFB-022 */
        assert_int_equal(duration, 0);
        wcenc_frame_unref(frame);
        desc.has_duration = 1;
        frame = create(&desc);
        assert_int_equal(wcenc_frame_get_duration_us(frame, NULL), 1);
        wcenc_frame_unref(frame);
    }
}

/* Bytes of a tight picture. */
static size_t tight_size(wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    struct buffer_layout layout;

    assert_int_equal(
        wcenc__layout_compute(wcenc__pixel_format(format), (struct size){width, height}, NULL, 0, "", &layout),
        WCENC_OK);
    return layout.size;
}

static void every_format_needs_exactly_its_bytes(void **state)
{
    static const struct size sizes[] = {{4, 2}, {3, 3}, {1, 1}, {5, 1}, {65, 7}};

    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(BGRX); format++) { /* VFB-026 */
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
            size_t size = tight_size(format, sizes[i].width, sizes[i].height);
            uint8_t *bytes = counting(size);
            wcenc_frame_desc desc = init_of(format, sizes[i].width, sizes[i].height, bytes, size);
            atomic_int released = 0;

            wcenc_frame_unref(create(&desc));
            wcenc_frame_unref(wrap(&desc, &released));
            assert_int_equal(released, 1);
            desc.data_size--; /* VFB-005 */
            expect_refused(&desc, "desc.data_size");
            mem_free(bytes);
        }
    }
    assert_int_equal(tight_size(ID(I420), 3, 3), 17); /* VFB-015, WPT-026 */
    assert_int_equal(tight_size(ID(I420), 1, 1), 3);  /* VFB-016 */
}

static void more_bytes_than_needed_are_fine(void **state)
{
    uint8_t bytes[20] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);

    (void)state;
    wcenc_frame_unref(create(&desc)); /* VFB-006 */
}

static void what_is_required_is_required(void **state)
{
    uint8_t bytes[12] = {0};
    const wcenc_frame_desc valid = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame_desc desc = valid;
    wcenc_frame *frame;

    (void)state;
    desc.format = ID(NONE);
    expect_refused(&desc, "desc.format"); /* VFB-001 */
    desc.format = 24;
    expect_refused(&desc, "desc.format is 24"); /* VFB-002 */
    desc = valid;
    desc.coded_width = 0;
    expect_refused(&desc, "desc.coded_width"); /* VFB-003 */
    desc = valid;
    desc.coded_height = 0;
    expect_refused(&desc, "desc.coded_height");
    desc = valid;
    desc.data = NULL;
    expect_refused(&desc, "desc.data");
    desc = valid;
    desc.struct_size = 16;
    expect_refused(&desc, "struct_size");
    assert_int_equal(wcenc_frame_create_copy(NULL, &frame), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_create_copy(&valid, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_create_wrap(&valid, NULL, NULL, NULL), WCENC_ERROR_TYPE);
}

static void unknown_members_are_not_supported(void **state)
{
    struct {
        wcenc_frame_desc desc;
        int64_t future;
    } longer;
    uint8_t bytes[12] = {0};

    (void)state;
    memset(&longer, 0, sizeof longer);
    longer.desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    longer.desc.struct_size = sizeof longer;
    wcenc_frame_unref(create(&longer.desc));
    longer.future = 1;
    expect_status(&longer.desc, WCENC_ERROR_NOT_SUPPORTED, "does not know");
}

static void sizes_that_overflow_are_refused(void **state)
{
    static const struct size sizes[] = {{UINT32_MAX, UINT32_MAX}, {UINT32_MAX, 1}, {1, UINT32_MAX}, {65536, 65536}};
    uint8_t bytes[16] = {0};

    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(BGRX); format++) {
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
            wcenc_frame_desc desc = init_of(format, sizes[i].width, sizes[i].height, bytes, SIZE_MAX);

            expect_refused(&desc, "2^32 - 1"); /* SEC-002, VFB-004 */
            desc.data = NULL;
            desc.data_size = 0;
            for (uint32_t plane = 0; plane < wcenc_pixel_format_plane_count(format); plane++)
                desc.planes[plane] = bytes;
            expect_refused(&desc, "2^32 - 1");
        }
    }
}

static wcenc_frame_desc with_layout(wcenc_pixel_format format, const wcenc_plane_layout *layout, uint32_t count,
                                    const uint8_t *bytes, size_t size)
{
    wcenc_frame_desc desc = init_of(format, 4, 2, bytes, size);

    memcpy(desc.layout, layout, count * sizeof *layout);
    desc.layout_count = count;
    return desc;
}

static void planes_may_lie_in_any_order_and_with_gaps(void **state)
{
    /* U, V, then Y in rows of 5, with gaps; 19 bytes as WebCodecs counts. */
    static const wcenc_plane_layout layout[] = {{9, 5}, {1, 3}, {5, 3}};
    uint8_t *bytes = counting(19);
    wcenc_frame_desc desc = with_layout(ID(I420), layout, 3, bytes, 19);
    wcenc_frame *frame = create(&desc); /* VFB-010 */

    (void)state;
    expect_plane(frame, 0, (const uint8_t *)"\12\13\14\15\17\20\21\22", 4, 2);
    expect_plane(frame, 1, (const uint8_t *)"\2\3", 2, 1);
    expect_plane(frame, 2, (const uint8_t *)"\6\7", 2, 1);
    wcenc_frame_unref(frame);
    desc.data_size = 18;
    expect_refused(&desc, "less than the 19 bytes");
    mem_free(bytes);
}

static void layouts_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        uint32_t count;
        wcenc_plane_layout layout[4];
        const char *words;
    } rows[] = {
        {ID(I420), 2, {{0, 4}, {8, 2}}, "layout_count is 2"},                          /* VFB-008 */
        {ID(I420), 4, {{0, 4}, {8, 2}, {10, 2}, {12, 2}}, "layout_count is 4"},        /* VFB-008 */
        {ID(NV12), 1, {{0, 4}}, "layout_count is 1"},                                  /* VFB-008 */
        {ID(I420), 3, {{0, 1}, {8, 2}, {10, 2}}, "layout[0].stride is 1"},             /* VFB-009 */
        {ID(I420), 3, {{0, 4}, {8, 1}, {10, 2}}, "layout[1].stride is 1"},             /* VFB-009 */
        {ID(I420), 3, {{0, 4}, {8, 2}, {10, 1}}, "layout[2].stride is 1"},             /* VFB-009 */
        {ID(I420A), 4, {{0, 4}, {8, 2}, {10, 2}, {12, 1}}, "layout[3].stride is 1"},   /* VFB-009 */
        {ID(NV12), 2, {{0, 4}, {8, 1}}, "layout[1].stride is 1"},                      /* VFB-009 */
        {ID(I420), 3, {{0, 4}, {7, 2}, {10, 2}}, "layout[1] overlaps desc.layout[0]"}, /* VFB-010 */
        {ID(I420), 3, {{0, 4}, {8, 2}, {8, 2}}, "layout[2] overlaps desc.layout[1]"},  /* VFB-010 */
        {ID(I420), 3, {{4, 4}, {0, 2}, {3, 2}}, "layout[2] overlaps desc.layout[0]"},  /* DEF-08, VFB-010 */
        {ID(I420), 3, {{0, 4}, {8, 2}, {UINT32_MAX - 1, 2}}, "2^32 - 1"},              /* VFB-011 */
        {ID(I420), 3, {{0, UINT32_MAX}, {8, 2}, {10, 2}}, "2^32 - 1"},                 /* VFB-011 */
    };
    uint8_t bytes[64] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_frame_desc desc = with_layout(rows[i].format, rows[i].layout, 0, bytes, sizeof bytes);

        memcpy(desc.layout, rows[i].layout, sizeof desc.layout);
        desc.layout_count = rows[i].count;
        expect_refused(&desc, rows[i].words);
    }
    /* A count of plane layouts that there is no room for. */
    {
        wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);

        desc.layout_count = UINT32_MAX;
        expect_refused(&desc, "layout_count");
    }
}

static void visible_rects_have_to_fit(void **state)
{
    static const struct {
        wcenc_pixel_format format;
        wcenc_rect rect;
        const char *words; /* NULL: fits */
    } rows[] = {
        {ID(I420), {0, 0, 0, 4}, "visible_rect.width is 0"},             /* VFB-012 */
        {ID(I420), {0, 0, 4, 0}, "visible_rect.height is 0"},            /* VFB-012 */
        {ID(I420), {2, 0, 4, 4}, "beyond the coded width"},              /* VFB-012 */
        {ID(I420), {0, 2, 4, 4}, "beyond the coded height"},             /* VFB-012 */
        {ID(I420), {UINT32_MAX - 1, 0, 4, 4}, "beyond the coded width"}, /* VFB-012 */
        {ID(I420), {2, 0, UINT32_MAX, 4}, "beyond the coded width"},     /* VFB-012 */
        {ID(I420), {1, 0, 1, 1}, "visible_rect.x is 1"},                 /* VFB-013 */
        {ID(I420), {0, 1, 1, 1}, "visible_rect.y is 1"},                 /* VFB-013 */
        {ID(NV12), {1, 0, 1, 1}, "visible_rect.x is 1"},                 /* VFB-013 */
        {ID(NV12), {0, 1, 1, 1}, "visible_rect.y is 1"},                 /* VFB-013 */
        {ID(I422), {1, 0, 1, 1}, "visible_rect.x is 1"},                 /* VFB-013 */
        {ID(I422), {0, 1, 1, 1}, NULL},                                  /* VFB-013 */
        {ID(I444), {1, 1, 1, 1}, NULL},                                  /* VFB-013 */
        {ID(RGBA), {1, 3, 1, 1}, NULL},                                  /* VFB-013 */
        {ID(I420), {2, 2, 1, 1}, NULL},                                  /* VFB-014 */
        {ID(I420), {0, 0, 3, 3}, NULL},                                  /* VFB-014 */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        size_t size = tight_size(rows[i].format, 4, 4);
        uint8_t *bytes = counting(size);
        wcenc_frame_desc desc = init_of(rows[i].format, 4, 4, bytes, size);

        desc.visible_rect = rows[i].rect;
        if (rows[i].words)
            expect_refused(&desc, rows[i].words);
        else
            wcenc_frame_unref(create(&desc));
        mem_free(bytes);
    }
}

static void a_copy_keeps_the_visible_part_only(void **state)
{
    uint8_t *bytes = counting(8 * 16 * 3 / 2);
    wcenc_frame_desc desc = init_of(ID(I420), 8, 16, bytes, 8 * 16 * 3 / 2);
    wcenc_frame *frame;
    uint8_t luma[4 * 8], u[2 * 4], v[2 * 4];

    (void)state;
    desc.visible_rect = (wcenc_rect){2, 2, 4, 8};
    frame = create(&desc);
    expect_size(frame, 4, 8, (wcenc_rect){0, 0, 4, 8}); /* VFB-020 */
    expect_display(frame, 4, 8);
    for (int y = 0; y < 8; y++)
        memcpy(luma + 4 * y, bytes + 8 * (y + 2) + 2, 4);
    for (int y = 0; y < 4; y++) { /* VFB-021 */
        memcpy(u + 2 * y, bytes + 128 + 4 * (y + 1) + 1, 2);
        memcpy(v + 2 * y, bytes + 160 + 4 * (y + 1) + 1, 2);
    }
    expect_plane(frame, 0, luma, 4, 8);
    expect_plane(frame, 1, u, 2, 4);
    expect_plane(frame, 2, v, 2, 4);
    wcenc_frame_unref(frame);
    mem_free(bytes);
}

static void a_copy_of_an_odd_part_keeps_its_chroma(void **state)
{
    uint8_t *bytes = counting(25 + 9 + 9);
    wcenc_frame_desc desc = init_of(ID(I420), 5, 5, bytes, 25 + 9 + 9);
    wcenc_frame *frame;

    (void)state;
    desc.visible_rect = (wcenc_rect){2, 2, 3, 3};
    frame = create(&desc);
    expect_size(frame, 3, 3, (wcenc_rect){0, 0, 3, 3});
    expect_plane(frame, 0, (const uint8_t *)"\15\16\17\22\23\24\27\30\31", 3, 3);
    expect_plane(frame, 1, (const uint8_t *)"\36\37\41\42", 2, 2); /* VFB-021 */
    expect_plane(frame, 2, (const uint8_t *)"\47\50\52\53", 2, 2);
    wcenc_frame_unref(frame);
    mem_free(bytes);
}

static void a_wrapped_frame_keeps_its_coded_size(void **state)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);
    atomic_int released = 0;
    wcenc_frame *frame;
    struct frame_view view;

    (void)state;
    desc.visible_rect = (wcenc_rect){2, 0, 2, 2};
    frame = wrap(&desc, &released);
    expect_size(frame, 4, 2, (wcenc_rect){2, 0, 2, 2});
    expect_display(frame, 2, 2);
    assert_true(wcenc__frame_view(frame, &view));
    assert_ptr_equal(view.picture.planes[0], bytes + 2); /* nothing is copied */
    assert_ptr_equal(view.picture.planes[1], bytes + 9);
    assert_ptr_equal(view.picture.planes[2], bytes + 11);
    assert_int_equal(view.picture.width, 2);
    wcenc_frame_unref(frame);
    assert_int_equal(released, 0);
    wcenc__frame_view_release(&view);
    assert_int_equal(released, 1);
    mem_free(bytes);
}

static void planes_may_be_given_by_pointers(void **state)
{
    uint8_t *luma = counting(5 + 4), *u = counting(2), *v = counting(2);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, NULL, 0);
    wcenc_frame *frame;

    (void)state;
    desc.planes[0] = luma;
    desc.planes[1] = u;
    desc.planes[2] = v;
    desc.strides[0] = 5;
    frame = create(&desc);
    expect_plane(frame, 0, (const uint8_t *)"\1\2\3\4\6\7\10\11", 4, 2);
    wcenc_frame_unref(frame);
    /* Bottom-up. */
    desc.planes[0] = luma + 5;
    desc.strides[0] = -5;
    frame = create(&desc);
    expect_plane(frame, 0, (const uint8_t *)"\6\7\10\11\1\2\3\4", 4, 2);
    wcenc_frame_unref(frame);
    desc.strides[0] = 3;
    expect_refused(&desc, "desc.strides[0] is 3");
    desc.strides[0] = -3;
    expect_refused(&desc, "desc.strides[0] is -3");
    desc.strides[0] = -5;
    desc.planes[2] = NULL;
    expect_refused(&desc, "desc.planes[2] is NULL");
    desc.planes[2] = v;
    desc.data = luma;
    expect_refused(&desc, "desc.planes and desc.data are both set");
    desc.data = NULL;
    desc.layout_count = 3;
    expect_refused(&desc, "desc.planes and desc.layout_count are both set");
    mem_free(luma);
    mem_free(u);
    mem_free(v);
}

/* The members that say where pixels are, each with a bit. */
enum { PLANES = 1, PLANE_SIZES = 2, DATA = 4, DATA_SIZE = 8, STRIDES = 16, LAYOUT = 32, LAYOUT_COUNT = 64, ALL = 128 };

static const char *const pixel_members[] = {"desc.planes",  "desc.plane_sizes", "desc.data",        "desc.data_size",
                                            "desc.strides", "desc.layout",      "desc.layout_count"};

/* A picture whose pixels are said in each of the ways that are set, all of which agree. */
static wcenc_frame_desc init_with(unsigned members, const uint8_t bytes[12])
{
    static const size_t offsets[] = {0, 8, 10}, sizes[] = {8, 2, 2};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, members & DATA ? bytes : NULL, members & DATA_SIZE ? 12 : 0);

    for (int plane = 0; plane < 3; plane++) {
        desc.planes[plane] = members & PLANES ? bytes + offsets[plane] : NULL;
        desc.plane_sizes[plane] = members & PLANE_SIZES ? sizes[plane] : 0;
        desc.strides[plane] = members & STRIDES ? (plane ? 2 : 4) : 0;
        if (members & LAYOUT)
            desc.layout[plane] = (wcenc_plane_layout){(uint32_t)offsets[plane], plane ? 2 : 4};
    }
    desc.layout_count = members & LAYOUT_COUNT ? 3 : 0;
    return desc;
}

static bool has_meaning(unsigned members)
{
    switch (members) {
    case PLANES:
    case PLANES | PLANE_SIZES:
    case PLANES | STRIDES:
    case PLANES | STRIDES | PLANE_SIZES:
    case DATA | DATA_SIZE:
    case DATA | DATA_SIZE | STRIDES:
    case DATA | DATA_SIZE | LAYOUT | LAYOUT_COUNT:
        return true;
    default:
        return false;
    }
}

/* How many of the members a message names; desc.data is not named by desc.data_size. */
static int count_named(const char *message)
{
    int count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(pixel_members); i++) {
        const char *at = strstr(message, pixel_members[i]);

        while (at && strspn(at + strlen(pixel_members[i]), "abcdefghijklmnopqrstuvwxyz_"))
            at = strstr(at + 1, pixel_members[i]);
        count += at != NULL;
    }
    return count;
}

static void members_that_make_no_sense_together_are_refused(void **state)
{
    uint8_t *bytes = counting(12);

    (void)state;
    for (unsigned members = 0; members < ALL; members++) {
        wcenc_frame_desc desc = init_with(members, bytes);
        wcenc_frame *frame;

        if (!has_meaning(members)) {
            expect_refused(&desc, "desc.");
            if (count_named(wcenc_last_error()) < 2 && members != (DATA | DATA_SIZE | LAYOUT_COUNT))
                fail_msg("members %u: \"%s\" names fewer than two", members, wcenc_last_error());
            continue;
        }
        frame = create(&desc);
        expect_plane(frame, 0, (const uint8_t *)"\1\2\3\4\5\6\7\10", 4, 2);
        expect_plane(frame, 1, (const uint8_t *)"\11\12", 2, 1);
        expect_plane(frame, 2, (const uint8_t *)"\13\14", 2, 1);
        wcenc_frame_unref(frame);
    }
    mem_free(bytes);
}

static void planes_that_the_format_does_not_have_are_refused(void **state)
{
    uint8_t *bytes = counting(4 * 2 * 16);

    (void)state;
    for (wcenc_pixel_format format = 1; format < PIXEL_FORMAT_COUNT; format++)
        for (uint32_t plane = 0; plane < PLANES_MAX && wcenc__pixel_format(format); plane++) {
            const uint32_t count = wcenc_pixel_format_plane_count(format);
            const wcenc_frame_desc valid = init_of(format, 4, 2, bytes, 4 * 2 * 16);
            wcenc_frame_desc by_planes = valid, by_strides = valid, by_layout = valid;

            if (plane < count)
                continue;
            by_planes.data = NULL;
            by_planes.data_size = 0;
            for (uint32_t i = 0; i < count; i++)
                by_planes.planes[i] = bytes;
            wcenc_frame_unref(create(&by_planes));
            by_planes.plane_sizes[plane] = 8;
            expect_refused(&by_planes, "desc.plane_sizes[");
            by_planes.planes[plane] = bytes;
            expect_refused(&by_planes, "desc.planes[");
            by_strides.strides[plane] = 64;
            expect_refused(&by_strides, "desc.strides[");
            for (uint32_t i = 0; i < count; i++)
                by_layout.layout[i] = (wcenc_plane_layout){i * 32, 16};
            by_layout.layout_count = count;
            wcenc_frame_unref(create(&by_layout));
            by_layout.layout[plane].stride = 16;
            expect_refused(&by_layout, "desc.layout[");
        }
    mem_free(bytes);
}

/* Planes one after the other with gaps in their rows, from the top or from the bottom. */
static void one_buffer_may_have_strides(void **state)
{
    (void)state;
    for (wcenc_pixel_format id = 1; id < PIXEL_FORMAT_COUNT; id++)
        for (uint32_t height = 1; height < 6 && wcenc__pixel_format(id); height++)
            for (int bottom_up = 0; bottom_up < 2; bottom_up++) {
                const struct pixel_format *format = wcenc__pixel_format(id);
                const uint32_t width = 7;
                size_t offsets[PLANES_MAX], strides[PLANES_MAX], size = 0;
                wcenc_frame_desc desc = init_of(id, width, height, NULL, 0);
                wcenc_frame *frame;
                uint8_t *bytes;

                for (int plane = 0; plane < format->plane_count; plane++) {
                    strides[plane] = (size_t)wcenc__plane_row_bytes(format, plane, width) + 3 - (size_t)plane / 2;
                    offsets[plane] = size;
                    size += strides[plane] * wcenc__plane_height(format, plane, height);
                    desc.strides[plane] = bottom_up ? -(int32_t)strides[plane] : (int32_t)strides[plane];
                }
                desc.data = bytes = counting(size);
                desc.data_size = size;
                frame = create(&desc);
                for (int plane = 0; plane < format->plane_count; plane++) {
                    struct frame_view view;
                    const size_t rows = wcenc__plane_height(format, plane, height);

                    assert_true(wcenc__frame_view(frame, &view));
                    for (size_t row = 0; row < rows; row++)
                        assert_memory_equal(view.picture.planes[plane] + (ptrdiff_t)row * view.picture.strides[plane],
                                            bytes + offsets[plane] +
                                                (bottom_up ? rows - 1 - row : row) * strides[plane],
                                            wcenc__plane_row_bytes(format, plane, width));
                    wcenc__frame_view_release(&view);
                }
                wcenc_frame_unref(frame);
                desc.data_size = size - 1;
                expect_refused(&desc, "desc.data_size");
                desc.data_size = size;
                desc.strides[0] = bottom_up ? -6 : 6;
                expect_refused(&desc, "desc.strides[0] is"); /* VFB-009 */
                desc.strides[0] = bottom_up ? INT32_MIN : INT32_MAX;
                expect_refused(&desc, "desc.");
                mem_free(bytes);
            }
}

static void planes_have_to_fit_what_may_be_read(void **state)
{
    uint8_t *luma = counting(5 + 4), *chroma = counting(4);
    wcenc_frame_desc desc = init_of(ID(NV12), 3, 2, NULL, 0);

    (void)state;
    desc.planes[0] = luma;
    desc.planes[1] = chroma;
    desc.strides[0] = 6;
    desc.plane_sizes[0] = 9;
    desc.plane_sizes[1] = 4;
    wcenc_frame_unref(create(&desc));
    desc.planes[0] = luma + 6;
    desc.strides[0] = -6;
    wcenc_frame_unref(create(&desc));
    desc.plane_sizes[0] = 8;
    expect_refused(&desc, "desc.plane_sizes[0] is 8, less than the 9 bytes of the plane of NV12 at 3x2");
    desc.strides[0] = 6;
    expect_refused(&desc, "desc.plane_sizes[0] is 8");
    desc.plane_sizes[0] = 9;
    desc.plane_sizes[1] = 3;
    expect_refused(&desc, "desc.plane_sizes[1] is 3");
    desc.plane_sizes[1] = 0;
    desc.planes[0] = luma;
    wcenc_frame_unref(create(&desc));
    mem_free(luma);
    mem_free(chroma);
}

static void the_widest_negative_stride_is_no_overflow(void **state)
{
    uint8_t pixel[4] = {1, 2, 3, 4};
    wcenc_frame_desc desc = init_of(ID(RGBA), 1, 1, NULL, 0);
    atomic_int released = 0;

    (void)state;
    desc.planes[0] = pixel;
    desc.strides[0] = INT32_MIN;
    desc.plane_sizes[0] = 4;
    wcenc_frame_unref(create(&desc));
    wcenc_frame_unref(wrap(&desc, &released));
    assert_int_equal(released, 1);
}

static void copied_rows_are_aligned_for_vectors(void **state)
{
    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(BGRX); format++) {
        struct picture picture;

        assert_true(wcenc__pixels_create(format, 67, 5, &picture));
        for (int plane = 0; plane < wcenc__pixel_format(format)->plane_count; plane++) {
            int height = (int)wcenc__plane_height(wcenc__pixel_format(format), plane, 5);

            assert_int_equal((uintptr_t)picture.planes[plane] % 64, 0);
            assert_int_equal(picture.strides[plane] % 64, 0);
            /* All of it is ours, and 64 bytes more. */
            memset((uint8_t *)picture.planes[plane], plane, (size_t)(picture.strides[plane] * height + 64));
        }
        assert_false(wcenc__pixels_are_shared(picture.pixels));
        assert_ptr_equal(wcenc__pixels_ref(picture.pixels), picture.pixels);
        assert_true(wcenc__pixels_are_shared(picture.pixels));
        wcenc__pixels_unref(picture.pixels);
        wcenc__pixels_unref(picture.pixels);
    }
}

static void display_sizes_are_given_in_pairs(void **state)
{
    uint8_t bytes[12] = {0};
    const wcenc_frame_desc valid = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame_desc desc = valid;
    wcenc_frame *frame;

    (void)state;
    desc.display_width = 10;
    expect_refused(&desc, "desc.display_width is set without display_height"); /* VFB-017 */
    desc = valid;
    desc.display_height = 20;
    expect_refused(&desc, "desc.display_height is set without display_width");
    desc.display_width = 10;
    desc.rotation = 90; /* Given sizes are not turned. */
    frame = create(&desc);
    expect_display(frame, 10, 20);
    wcenc_frame_unref(frame);
}

static void colour_spaces_have_defaults_by_format(void **state)
{
    uint8_t bytes[32] = {0};
    wcenc_frame_desc desc = init_of(ID(RGBX), 4, 2, bytes, sizeof bytes);
    wcenc_frame *frame = create(&desc);
    wcenc_color_space space, given = {6, 0, 5, 0};

    (void)state;
    wcenc_frame_get_color_space(frame, &space);
    assert_true(wcenc__color_space_equal(&space, &wcenc__color_space_srgb)); /* VFB-025 */
    wcenc_frame_unref(frame);
    desc.format = ID(I420);
    desc.color_space = given;
    frame = create(&desc);
    wcenc_frame_get_color_space(frame, &space);
    assert_true(wcenc__color_space_equal(&space, &given)); /* VFB-023 */
    desc.color_space = (wcenc_color_space){9, 16, 9, 2};
    wcenc_frame_get_color_space(frame, &space);
    assert_true(wcenc__color_space_equal(&space, &given)); /* VCS-007 */
    wcenc_frame_unref(frame);
    desc.color_space.primaries = 2;
    expect_refused(&desc, "desc.color_space");
}

static void rotations_are_rounded_to_quarters(void **state)
{
    static const struct {
        double degrees;
        int32_t rotation;
    } rows[] = {
        {0, 0},       {-0.0, 0},
        {90, 90},     {180, 180},
        {270, 270},   {360, 0},
        {450, 90},    {45, 90},
        {44.9, 0},    {-45, 0},
        {-45.1, 270}, {-315, 90},
        {405, 90},    {-90, 270},
        {-180, 180},  {135, 180},
        {134.9, 90},  {225, 270},
        {315, 0},     {314.9, 270},
        {-360, 0},    {-359, 0},
        {-405, 0},    {-406, 270},
        {3690, 90},   {-1e-300, 0},
        {1e300, -1},  {44.99999999999999, 0}, /* the last before 45: floor(r / 90 + 0.5) would round it up */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) { /* VFO-001, WPT-027 */
        int32_t rotation;

        assert_int_equal(wcenc__rotation_parse(rows[i].degrees, "rotation", &rotation), WCENC_OK);
        assert_true(rotation >= 0 && rotation <= 270 && rotation % 90 == 0);
        if (rows[i].rotation >= 0 && rotation != rows[i].rotation)
            fail_msg("%g gives %d", rows[i].degrees, rotation);
    }
}

static void rotations_that_are_no_numbers_are_refused(void **state)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY};
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) { /* VFO-002 */
        desc.rotation = wrong[i];
        expect_refused(&desc, "desc.rotation is not finite");
    }
}

static void a_quarter_turn_swaps_the_display_size_only(void **state)
{
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame *frame;

    (void)state;
    desc.rotation = 90;
    desc.flip = 1;
    frame = create(&desc);
    assert_int_equal(wcenc_frame_get_rotation(frame), 90); /* VFB-029 */
    assert_int_equal(wcenc_frame_get_flip(frame), 1);
    expect_display(frame, 2, 4);                        /* VFO-005 */
    expect_size(frame, 4, 2, (wcenc_rect){0, 0, 4, 2}); /* VFO-006 */
    wcenc_frame_unref(frame);
}

static wcenc_frame *frame_from(wcenc_frame *frame, const wcenc_frame_overrides *overrides)
{
    wcenc_frame *made = NULL;

    if (wcenc_frame_create_from(frame, overrides, &made) != WCENC_OK)
        fail_msg("%s", wcenc_last_error());
    return made;
}

static wcenc_frame_overrides no_overrides(void)
{
    wcenc_frame_overrides overrides;

    wcenc_frame_overrides_init(&overrides, sizeof overrides);
    return overrides;
}

static void orientations_combine(void **state)
{
    uint8_t bytes[12] = {0};

    (void)state;
    for (int n = 0; n < 64; n++) {
        int base = n % 4 * 90, turn = n / 4 % 4 * 90, base_flip = n / 16 % 2, flip = n / 32;
        int rotation = (base + (base_flip ? -turn : turn) + 360) % 360;
        wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
        wcenc_frame_overrides overrides = no_overrides();
        wcenc_frame *frame, *made;

        desc.rotation = base;
        desc.flip = base_flip;
        frame = create(&desc);
        overrides.rotation = turn - 360;
        overrides.flip = flip;
        made = frame_from(frame, &overrides);
        assert_int_equal(wcenc_frame_get_rotation(made), rotation);     /* VFO-003, VFF-011 */
        assert_int_equal(wcenc_frame_get_flip(made), base_flip ^ flip); /* VFO-004 */
        expect_display(made, rotation % 180 ? 2 : 4, rotation % 180 ? 4 : 2);
        wcenc_frame_unref(frame);
        wcenc_frame_unref(made);
    }
}

static void a_frame_of_a_frame_inherits(void **state)
{
    wcenc_frame *frame = i420_4x2(), *made;
    wcenc_frame_overrides overrides = no_overrides();
    wcenc_color_space space;
    struct frame_view one, other;
    uint64_t duration;

    (void)state;
    made = frame_from(frame, NULL);
    assert_int_equal(wcenc_frame_get_timestamp_us(made), 10); /* VFF-002 */
    assert_int_equal(wcenc_frame_get_duration_us(made, &duration), 1);
    assert_int_equal(duration, 15);
    assert_int_equal(wcenc_frame_get_format(made), ID(I420)); /* VFF-004 */
    expect_size(made, 4, 2, (wcenc_rect){0, 0, 4, 2});
    expect_display(made, 4, 2);
    wcenc_frame_get_color_space(made, &space);
    assert_true(wcenc__color_space_equal(&space, &wcenc__color_space_bt709)); /* VFF-013 */
    assert_true(wcenc__frame_view(frame, &one));
    assert_true(wcenc__frame_view(made, &other));
    assert_ptr_equal(one.picture.planes[0], other.picture.planes[0]); /* VFF-003 */
    wcenc__frame_view_release(&one);
    wcenc__frame_view_release(&other);
    wcenc_frame_unref(made);
    overrides.has_timestamp = 1;
    overrides.has_duration = 1;
    made = frame_from(frame, &overrides);
    assert_int_equal(wcenc_frame_get_timestamp_us(made), 0);
    assert_int_equal(wcenc_frame_get_duration_us(made, &duration), 1);
    assert_int_equal(duration, 0);
    wcenc_frame_close(frame); /* VFF-012 */
    expect_plane(made, 0, (const uint8_t *)"\1\2\3\4\5\6\7\10", 4, 2);
    wcenc_frame_unref(frame);
    wcenc_frame_unref(made);
}

static void a_display_size_scales_with_the_visible_rect(void **state)
{
    static const struct {
        struct size display; /* of the source, whose visible rect is 4x2 */
        double base_rotation;
        wcenc_rect rect; /* all 0: none */
        double rotation;
        struct size expected;
    } rows[] = {
        {{8, 2}, 0, {0, 0, 2, 2}, 0, {4, 2}},   /* VFF-007 */
        {{8, 4}, 0, {0, 0, 2, 2}, 0, {4, 4}},   /* VFF-007 */
        {{8, 2}, 0, {0, 0, 0, 0}, 0, {8, 2}},   /* VFF-004 */
        {{5, 3}, 90, {0, 0, 0, 0}, 0, {5, 3}},  /* DEF-07 */
        {{5, 3}, 90, {0, 0, 0, 0}, 90, {3, 5}}, /* DEF-07 */
        {{2, 8}, 270, {0, 0, 2, 2}, 0, {2, 4}}, /* DEF-07 */
        {{8, 2}, 0, {0, 0, 2, 2}, 90, {2, 4}},
        {{1, 1}, 0, {0, 0, 1, 1}, 0, {1, 1}}, /* 1/4 by 1/2: not less than a pixel */
        {{6, 2}, 0, {0, 0, 1, 2}, 0, {2, 2}}, /* 1.5: halves upwards */
    };
    uint8_t bytes[12] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
        wcenc_frame_overrides overrides = no_overrides();
        wcenc_frame *frame, *made;

        desc.display_width = rows[i].display.width;
        desc.display_height = rows[i].display.height;
        desc.rotation = rows[i].base_rotation;
        frame = create(&desc);
        overrides.visible_rect = rows[i].rect;
        overrides.rotation = rows[i].rotation;
        made = frame_from(frame, &overrides);
        expect_display(made, rows[i].expected.width, rows[i].expected.height);
        wcenc_frame_unref(frame);
        wcenc_frame_unref(made);
    }
}

static void a_display_size_that_does_not_fit_is_refused(void **state)
{
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame_overrides overrides = no_overrides();
    atomic_int released = 0;
    wcenc_frame *frame, *part, *made;

    (void)state;
    desc.visible_rect = (wcenc_rect){0, 0, 1, 2};
    desc.display_width = desc.display_height = UINT32_MAX;
    frame = wrap(&desc, &released);
    part = frame_from(frame, NULL);
    expect_display(part, UINT32_MAX, UINT32_MAX);
    overrides.visible_rect = (wcenc_rect){0, 0, 4, 2};
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE);
    assert_null(made);
    wcenc_frame_unref(part);
    wcenc_frame_unref(frame);
    assert_int_equal(released, 1);
}

static void overrides_that_are_not_valid_are_refused(void **state)
{
    wcenc_frame *frame = i420_4x2(), *made;
    const wcenc_frame_overrides none = no_overrides();
    wcenc_frame_overrides overrides;
    static const wcenc_rect rects[] = {{1, 0, 1, 1}, {0, 1, 1, 1}, {2, 0, 4, 2},
                                       {0, 0, 5, 2}, {0, 0, 4, 3}, {0, 0, 0, 2}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rects); i++) { /* VFF-005 */
        overrides = none;
        overrides.visible_rect = rects[i];
        assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE);
        assert_non_null(strstr(wcenc_last_error(), "overrides.visible_rect"));
        assert_null(made);
    }
    overrides = none;
    overrides.display_width = 1;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE); /* VFF-008 */
    overrides = none;
    overrides.display_height = 1;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE); /* VFF-008 */
    overrides = none;
    overrides.rotation = NAN;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE);
    overrides = none;
    overrides.metadata_size = 1;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE);
    overrides = none;
    overrides.chroma_location = 4;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_create_from(NULL, &none, &made), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_create_from(frame, &none, NULL), WCENC_ERROR_TYPE);
    wcenc_frame_unref(frame);
}

static void a_frame_says_where_its_chroma_lies(void **state)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);
    wcenc_frame_overrides overrides = no_overrides();
    wcenc_frame *frame, *made, *clone;

    (void)state;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(frame), WCENC_CHROMA_LOCATION_UNSPECIFIED);
    wcenc_frame_unref(frame);
    desc.chroma_location = WCENC_CHROMA_LOCATION_CENTER;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(frame), WCENC_CHROMA_LOCATION_CENTER);
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(made), WCENC_CHROMA_LOCATION_CENTER);
    wcenc_frame_unref(made);
    overrides.chroma_location = WCENC_CHROMA_LOCATION_TOP_LEFT;
    assert_int_equal(wcenc_frame_create_from(frame, &overrides, &made), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(made), WCENC_CHROMA_LOCATION_TOP_LEFT);
    assert_int_equal(wcenc_frame_clone(made, &clone), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(clone), WCENC_CHROMA_LOCATION_TOP_LEFT);
    wcenc_frame_close(made);
    assert_int_equal(wcenc_frame_get_chroma_location(made), WCENC_CHROMA_LOCATION_UNSPECIFIED);
    wcenc_frame_unref(clone);
    wcenc_frame_unref(made);
    wcenc_frame_unref(frame);
    desc.chroma_location = WCENC_CHROMA_LOCATION_TOP_LEFT + 1;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_ERROR_TYPE);
    desc.chroma_location = 0;
    desc.reserved0 = 1;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_ERROR_NOT_SUPPORTED);
    mem_free(bytes);
}

static void getters_of_no_frame_return_zero(void **state)
{
    wcenc_color_space color_space = {1, 1, 1, 1};
    uint64_t duration = 7;

    (void)state;
    assert_int_equal(wcenc_frame_is_closed(NULL), 1);
    assert_int_equal(wcenc_frame_get_format(NULL), WCENC_PIXEL_FORMAT_NONE);
    assert_int_equal(wcenc_frame_get_coded_width(NULL), 0);
    assert_int_equal(wcenc_frame_get_coded_height(NULL), 0);
    assert_int_equal(wcenc_frame_get_display_width(NULL), 0);
    assert_int_equal(wcenc_frame_get_display_height(NULL), 0);
    assert_int_equal(wcenc_frame_get_timestamp_us(NULL), 0);
    assert_int_equal(wcenc_frame_get_duration_us(NULL, &duration), 0);
    assert_int_equal(duration, 0);
    assert_int_equal(wcenc_frame_get_rotation(NULL), 0);
    assert_int_equal(wcenc_frame_get_flip(NULL), 0);
    wcenc_frame_get_color_space(NULL, &color_space);
    assert_int_equal(color_space.primaries | color_space.transfer | color_space.matrix | color_space.range, 0);
    assert_int_equal(wcenc_frame_get_chroma_location(NULL), WCENC_CHROMA_LOCATION_UNSPECIFIED);
    assert_int_equal(wcenc_frame_get_metadata(NULL, NULL, 0, NULL), WCENC_ERROR_TYPE);
}

static void a_visible_rect_is_relative_to_the_coded_picture(void **state)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);
    wcenc_frame_overrides overrides = no_overrides();
    atomic_int released = 0;
    wcenc_frame *frame, *made;

    (void)state;
    desc.visible_rect = (wcenc_rect){2, 0, 2, 2};
    frame = wrap(&desc, &released);
    overrides.visible_rect = (wcenc_rect){0, 0, 4, 2};
    overrides.display_width = 10;
    overrides.display_height = 20;
    made = frame_from(frame, &overrides);
    expect_plane(made, 0, bytes, 4, 2); /* VFF-006 */
    expect_display(made, 10, 20);       /* VFF-008 */
    wcenc_frame_unref(made);
    wcenc_frame_unref(frame);
    assert_int_equal(released, 1);
    mem_free(bytes);
}

static void alpha_is_discarded_by_name_only(void **state)
{
    uint8_t bytes[64] = {0};

    (void)state;
    for (wcenc_pixel_format format = ID(I420); format <= ID(BGRX); format++) {
        wcenc_frame_desc desc = init_of(format, 4, 2, bytes, sizeof bytes);
        wcenc_frame_overrides overrides = no_overrides();
        wcenc_frame *frame = create(&desc), *kept = frame_from(frame, &overrides), *made;
        struct frame_view one, other;

        overrides.discard_alpha = 1;
        made = frame_from(frame, &overrides);
        assert_int_equal(wcenc_frame_get_format(kept), format);
        assert_int_equal(wcenc_frame_get_format(made), wcenc__pixel_format(format)->opaque); /* VFF-009, WPT-028 */
        assert_true(wcenc__frame_view(frame, &one));
        assert_true(wcenc__frame_view(made, &other));
        assert_ptr_equal(one.picture.planes[0], other.picture.planes[0]);
        assert_null(other.picture.planes[3]);
        wcenc__frame_view_release(&one);
        wcenc__frame_view_release(&other);
        wcenc_frame_unref(frame);
        wcenc_frame_unref(kept);
        wcenc_frame_unref(made);
    }
}

static size_t metadata_of(const wcenc_frame *frame, char *text, size_t size)
{
    size_t length = 99;

    memset(text, '.', size);
    assert_int_equal(wcenc_frame_get_metadata(frame, text, size, &length), WCENC_OK);
    return length;
}

static void metadata_travels_with_a_frame_and_its_clones(void **state)
{
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame_overrides overrides = no_overrides();
    wcenc_frame *frame, *clone, *made;
    char given[] = "abc", text[6];

    (void)state;
    desc.metadata = given;
    desc.metadata_size = 3;
    frame = create(&desc);
    given[0] = 'x'; /* VFB-027 */
    assert_int_equal(metadata_of(frame, text, 6), 3);
    assert_memory_equal(text, "abc...", 6); /* VFM-002 */
    text[0] = 'y';                          /* VFM-001 */
    assert_int_equal(metadata_of(frame, text, 2), 3);
    assert_memory_equal(text, "ab", 2);
    assert_int_equal(wcenc_frame_get_metadata(frame, NULL, 0, NULL), WCENC_OK);
    assert_int_equal(wcenc_frame_get_metadata(frame, NULL, 1, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_get_metadata(NULL, text, 1, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_frame_clone(frame, &clone), WCENC_OK);
    made = frame_from(frame, NULL);
    wcenc_frame_unref(frame);
    assert_int_equal(metadata_of(clone, text, 6), 3); /* VFL-001 */
    assert_memory_equal(text, "abc...", 6);
    assert_int_equal(metadata_of(made, text, 6), 0); /* VFF-010 */
    wcenc_frame_unref(made);
    overrides.metadata = "new";
    overrides.metadata_size = 3;
    made = frame_from(clone, &overrides);
    assert_int_equal(metadata_of(made, text, 6), 3);
    assert_memory_equal(text, "new...", 6);
    wcenc_frame_unref(made);
    wcenc_frame_unref(clone);
    desc.metadata = NULL;
    expect_refused(&desc, "desc.metadata is NULL");
}

static void a_clone_is_equal_and_lives_on_its_own(void **state)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);
    atomic_int released = 0;
    wcenc_frame *frame, *clone;
    wcenc_color_space space;

    (void)state;
    desc.timestamp_us = -7;
    desc.rotation = 270;
    desc.flip = 1;
    desc.display_width = 3;
    desc.display_height = 5;
    desc.visible_rect = (wcenc_rect){2, 0, 1, 1};
    desc.color_space = (wcenc_color_space){6, 6, 6, 2};
    frame = wrap(&desc, &released);
    assert_int_equal(wcenc_frame_clone(frame, &clone), WCENC_OK);
    wcenc_frame_close(frame);
    assert_int_equal(released, 0); /* MEM-001, VFL-003 */
    assert_int_equal(wcenc_frame_get_timestamp_us(clone), -7);
    assert_int_equal(wcenc_frame_get_rotation(clone), 270);
    assert_int_equal(wcenc_frame_get_flip(clone), 1);
    expect_display(clone, 3, 5);
    expect_size(clone, 4, 2, (wcenc_rect){2, 0, 1, 1});
    wcenc_frame_get_color_space(clone, &space);
    assert_memory_equal(&space, &desc.color_space, sizeof space);
    expect_plane(clone, 0, bytes + 2, 1, 1);
    wcenc_frame_close(clone);
    assert_int_equal(released, 1);
    wcenc_frame_unref(frame);
    wcenc_frame_unref(clone);
    assert_int_equal(released, 1);
    assert_int_equal(wcenc_frame_clone(NULL, &clone), WCENC_ERROR_TYPE);
    mem_free(bytes);
}

static void a_closed_frame_keeps_its_times_only(void **state)
{
    wcenc_frame *frame = i420_4x2(), *made = frame;
    wcenc_color_space space, none = {0, 0, 0, 0};
    wcenc_rect rect = {1, 1, 1, 1};
    struct frame_view view;
    uint64_t duration;
    size_t size;

    (void)state;
    wcenc_frame_close(frame);
    wcenc_frame_close(frame); /* VFL-007 */
    wcenc_frame_close(NULL);
    assert_int_equal(wcenc_frame_is_closed(frame), 1);
    assert_int_equal(wcenc_frame_get_format(frame), ID(NONE)); /* VFL-004 */
    assert_int_equal(wcenc_frame_get_coded_width(frame), 0);
    assert_int_equal(wcenc_frame_get_coded_height(frame), 0);
    expect_display(frame, 0, 0);
    assert_int_equal(wcenc_frame_get_rotation(frame), 0);
    assert_int_equal(wcenc_frame_get_flip(frame), 0);
    assert_int_equal(wcenc_frame_get_visible_rect(frame, &rect), WCENC_ERROR_INVALID_STATE); /* VFA-002 */
    assert_memory_equal(&rect, &(wcenc_rect){0}, sizeof rect);
    wcenc_frame_get_color_space(frame, &space);
    assert_memory_equal(&space, &none, sizeof space);          /* DEF-09, VFL-006 */
    assert_int_equal(wcenc_frame_get_timestamp_us(frame), 10); /* DEF-09, VFL-005 */
    assert_int_equal(wcenc_frame_get_duration_us(frame, &duration), 1);
    assert_int_equal(duration, 15);
    assert_int_equal(wcenc_frame_clone(frame, &made), WCENC_ERROR_INVALID_STATE); /* VFL-002 */
    assert_null(made);
    made = frame;
    assert_int_equal(wcenc_frame_create_from(frame, NULL, &made), WCENC_ERROR_INVALID_STATE); /* VFF-001 */
    assert_null(made);
    assert_int_equal(wcenc_frame_get_metadata(frame, NULL, 0, &size), WCENC_ERROR_INVALID_STATE); /* VFL-008 */
    assert_int_equal(wcenc_frame_allocation_size(frame, NULL, &size), WCENC_ERROR_INVALID_STATE);
    assert_int_equal(wcenc_frame_copy_to(frame, NULL, &rect, sizeof rect, NULL), WCENC_ERROR_INVALID_STATE);
    assert_false(wcenc__frame_view(frame, &view));
    wcenc_frame_unref(frame); /* VFL-009 */
    wcenc_frame_unref(NULL);
    assert_null(wcenc_frame_ref(NULL));
}

static void a_view_outlives_the_closing_of_its_frame(void **state)
{
    wcenc_frame *frame = i420_4x2();
    struct frame_view view;

    (void)state;
    assert_true(wcenc__frame_view(frame, &view));
    wcenc_frame_close(frame);
    wcenc_frame_unref(frame);
    assert_int_equal(view.picture.planes[0][view.picture.strides[0] + 3], 8);
    assert_int_equal(view.timestamp_us, 10);
    assert_int_equal(view.duration_us, 15);
    assert_true(view.has_duration);
    wcenc__frame_view_release(&view);
}

/* Uses the frame's own functions from inside `release`, where a held lock would never be had. */
static void use_the_frame(void *slot)
{
    wcenc_frame *frame = *(wcenc_frame **)slot, *clone;

    assert_int_equal(wcenc_frame_is_closed(frame), 1);
    assert_int_equal(wcenc_frame_clone(frame, &clone), WCENC_ERROR_INVALID_STATE);
    wcenc_frame_close(frame);
    *(wcenc_frame **)slot = NULL;
}

static void release_may_use_the_frame(void **state)
{
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    wcenc_frame *frame, *slot;

    (void)state;
    assert_int_equal(wcenc_frame_create_wrap(&desc, use_the_frame, &slot, &frame), WCENC_OK);
    slot = frame;
    wcenc_frame_close(frame);
    assert_null(slot);
    wcenc_frame_unref(frame);
    assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void short_memory_is_an_error_and_takes_nothing(void **state)
{
    uint8_t bytes[12] = {0};
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, sizeof bytes);
    atomic_int released = 0;
    wcenc_frame *frame, *made;
    wcenc_status status = WCENC_ERROR_NO_MEMORY;
    long n;

    (void)state;
    desc.metadata = "abc";
    desc.metadata_size = 3;
    for (n = 0; status == WCENC_ERROR_NO_MEMORY; n++) {
        mem_fault_after(n);
        status = wcenc_frame_create_wrap(&desc, count_call, &released, &frame);
        assert_int_equal(released, 0);
        assert_true(status == WCENC_OK || !frame);
    }
    assert_int_equal(n, 4); /* three allocations */
    wcenc_frame_unref(frame);
    assert_int_equal(released, 1);
    status = WCENC_ERROR_NO_MEMORY;
    for (n = 0; status == WCENC_ERROR_NO_MEMORY; n++) {
        mem_fault_after(n);
        status = wcenc_frame_create_copy(&desc, &frame);
    }
    assert_int_equal(n, 4);
    mem_fault_after(0);
    assert_int_equal(wcenc_frame_clone(frame, &made), WCENC_ERROR_NO_MEMORY);
    mem_fault_after(0);
    assert_int_equal(wcenc_frame_create_from(frame, NULL, &made), WCENC_ERROR_NO_MEMORY);
    mem_fault_after(-1);
    wcenc_frame_unref(frame);
}

enum { ROUNDS = 300 };

struct contest {
    wcenc_frame *frame;
    atomic_int *go; /* 1: begin */
};

/* All that may meet a close: each either works or finds the frame closed. */
static void *use(void *argument)
{
    struct contest *contest = argument;
    wcenc_frame *frame = contest->frame, *clone;
    struct frame_view view;
    wcenc_rect rect;
    uint8_t copy[12];

    while (atomic_load(contest->go) == 0)
        ;
    if (wcenc__frame_view(frame, &view)) {
        assert_int_equal(view.picture.planes[0][0], 1);
        wcenc__frame_view_release(&view);
    }
    if (wcenc_frame_clone(frame, &clone) == WCENC_OK) {
        assert_int_equal(wcenc_frame_get_coded_width(clone), 4);
        wcenc_frame_unref(clone);
    }
    if (wcenc_frame_get_visible_rect(frame, &rect) == WCENC_OK)
        assert_int_equal(rect.width, 4);
    if (wcenc_frame_copy_to(frame, NULL, copy, sizeof copy, NULL) == WCENC_OK)
        assert_int_equal(copy[11], 12);
    wcenc_frame_unref(frame);
    return NULL;
}

static void close_may_meet_anything(void **state)
{
    uint8_t *bytes = counting(12);
    wcenc_frame_desc desc = init_of(ID(I420), 4, 2, bytes, 12);

    (void)state;
    desc.metadata = "abc";
    desc.metadata_size = 3;
    for (int round = 0; round < ROUNDS; round++) {
        atomic_int released = 0, go = 0;
        struct contest contest = {wrap(&desc, &released), &go};
        struct thread threads[2];

        for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
            (void)wcenc_frame_ref(contest.frame);
            assert_int_equal(wcenc__thread_start(&threads[i], "user", use, &contest), 0);
        }
        atomic_store(&go, 1);
        wcenc_frame_close(contest.frame);
        wcenc_frame_unref(contest.frame);
        for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
            thread_join(&threads[i]);
        assert_int_equal(released, 1);
    }
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_says_what_it_was_made_of),
        cmocka_unit_test(times_may_be_anything),
        cmocka_unit_test(every_format_needs_exactly_its_bytes),
        cmocka_unit_test(more_bytes_than_needed_are_fine),
        cmocka_unit_test(what_is_required_is_required),
        cmocka_unit_test(unknown_members_are_not_supported),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(planes_may_lie_in_any_order_and_with_gaps),
        cmocka_unit_test(layouts_that_do_not_fit_are_refused),
        cmocka_unit_test(visible_rects_have_to_fit),
        cmocka_unit_test(a_copy_keeps_the_visible_part_only),
        cmocka_unit_test(a_copy_of_an_odd_part_keeps_its_chroma),
        cmocka_unit_test(a_wrapped_frame_keeps_its_coded_size),
        cmocka_unit_test(planes_may_be_given_by_pointers),
        cmocka_unit_test(members_that_make_no_sense_together_are_refused),
        cmocka_unit_test(planes_that_the_format_does_not_have_are_refused),
        cmocka_unit_test(one_buffer_may_have_strides),
        cmocka_unit_test(planes_have_to_fit_what_may_be_read),
        cmocka_unit_test(the_widest_negative_stride_is_no_overflow),
        cmocka_unit_test(copied_rows_are_aligned_for_vectors),
        cmocka_unit_test(display_sizes_are_given_in_pairs),
        cmocka_unit_test(colour_spaces_have_defaults_by_format),
        cmocka_unit_test(rotations_are_rounded_to_quarters),
        cmocka_unit_test(rotations_that_are_no_numbers_are_refused),
        cmocka_unit_test(a_quarter_turn_swaps_the_display_size_only),
        cmocka_unit_test(orientations_combine),
        cmocka_unit_test(a_frame_of_a_frame_inherits),
        cmocka_unit_test(a_display_size_scales_with_the_visible_rect),
        cmocka_unit_test(a_display_size_that_does_not_fit_is_refused),
        cmocka_unit_test(overrides_that_are_not_valid_are_refused),
        cmocka_unit_test(a_frame_says_where_its_chroma_lies),
        cmocka_unit_test(getters_of_no_frame_return_zero),
        cmocka_unit_test(a_visible_rect_is_relative_to_the_coded_picture),
        cmocka_unit_test(alpha_is_discarded_by_name_only),
        cmocka_unit_test(metadata_travels_with_a_frame_and_its_clones),
        cmocka_unit_test(a_clone_is_equal_and_lives_on_its_own),
        cmocka_unit_test(a_closed_frame_keeps_its_times_only),
        cmocka_unit_test(a_view_outlives_the_closing_of_its_frame),
        cmocka_unit_test(release_may_use_the_frame),
        cmocka_unit_test(short_memory_is_an_error_and_takes_nothing),
        cmocka_unit_test(close_may_meet_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
