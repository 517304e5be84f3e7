/* SPDX-License-Identifier: MIT */

/*
 * Every pixel format, and frames of every shape: cropped, with gaps between rows, bottom-up, of odd sizes, of another
 * size than configured, and borrowed memory that ends where the process may read no further.
 */

/* For mmap and sysconf. */
#define _DEFAULT_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../support/coding.h"
#include "../support/pattern.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum {
    I420 = WCENC_PIXEL_FORMAT_I420,
    I422 = WCENC_PIXEL_FORMAT_I422,
    I444 = WCENC_PIXEL_FORMAT_I444,
    NV12 = WCENC_PIXEL_FORMAT_NV12,
    RGBA = WCENC_PIXEL_FORMAT_RGBA,
    RGBX = WCENC_PIXEL_FORMAT_RGBX,
    BGRA = WCENC_PIXEL_FORMAT_BGRA,
    I420P10 = WCENC_PIXEL_FORMAT_I420P10,
    TOLERANCE = 3,
    GARBAGE = 0xee
};

/* How the planes of some formats lie; the test's own knowledge. */
static const struct layout {
    wcenc_pixel_format format;
    int planes;
    int sample_bytes;     /* of one component */
    int components[3];    /* in a plane's group */
    int shift_x, shift_y; /* of planes after the first */
} layouts[] = {
    {I420, 3, 1, {1, 1, 1}, 1, 1}, {I422, 3, 1, {1, 1, 1}, 1, 0},    {I444, 3, 1, {1, 1, 1}, 0, 0},
    {NV12, 2, 1, {1, 2, 0}, 1, 1}, {RGBA, 1, 1, {4, 0, 0}, 0, 0},    {BGRA, 1, 1, {4, 0, 0}, 0, 0},
    {RGBX, 1, 1, {4, 0, 0}, 0, 0}, {I420P10, 3, 2, {1, 1, 1}, 1, 1},
};

static const struct layout *layout_of(wcenc_pixel_format format)
{
    size_t i = 0;

    while (layouts[i].format != format)
        i++;
    return &layouts[i];
}

/* A quarter of a picture in RGB, from the left above to the right below. */
static const double quadrants[4][3] = {{200, 180, 20}, {190, 30, 40}, {30, 60, 180}, {40, 160, 70}};

/* Everything is held against one matrix, which VP8 would not choose for RGB by itself. */
static wcenc_config sized_config(const struct codec_row *row, uint32_t width, uint32_t height)
{
    wcenc_config config = row_config(row, width, height);

    config.color_space.matrix = WCENC_COLOR_MATRIX_BT709;
    return config;
}

static void quadrant_yuv(size_t quadrant, double yuv[3])
{
    exact_yuv(quadrants[quadrant], WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED, yuv);
}

/* The value of component `c` of a plane in a quadrant, at 8 bits. */
static unsigned component(const struct layout *layout, int plane, int c, size_t quadrant)
{
    double yuv[3];

    if (layout->format >= RGBA)
        return c == 3 ? 255 : (unsigned)quadrants[quadrant][layout->format >= BGRA ? 2 - c : c];
    quadrant_yuv(quadrant, yuv);
    return (unsigned)lround(yuv[plane + c]);
}

/* Where a plane is drawn. */
struct canvas {
    uint8_t *pixels; /* of the first row */
    ptrdiff_t stride;
    wcenc_rect rect; /* the part that gets the quadrants, in the picture's pixels */
};

static void draw_plane(const struct layout *layout, int plane, const struct canvas *canvas)
{
    uint32_t shift_x = plane ? (uint32_t)layout->shift_x : 0, shift_y = plane ? (uint32_t)layout->shift_y : 0;
    const wcenc_rect *rect = &canvas->rect;
    size_t group = (size_t)layout->components[plane] * (size_t)layout->sample_bytes;

    for (uint32_t y = rect->y >> shift_y; y << shift_y < rect->y + rect->height; y++)
        for (uint32_t x = rect->x >> shift_x; x << shift_x < rect->x + rect->width; x++) {
            size_t quadrant = ((x << shift_x) >= rect->x + rect->width / 2 ? 1u : 0u) +
                              ((y << shift_y) >= rect->y + rect->height / 2 ? 2u : 0u);

            for (int c = 0; c < layout->components[plane]; c++) {
                uint16_t value =
                    (uint16_t)(component(layout, plane, c, quadrant) << (layout->sample_bytes == 2 ? 2 : 0));
                uint8_t *out = canvas->pixels + (ptrdiff_t)y * canvas->stride + x * group;

                if (layout->sample_bytes == 2)
                    memcpy(out + 2 * c, &value, 2);
                else
                    out[c] = (uint8_t)value;
            }
        }
}

static size_t row_bytes(const struct layout *layout, int plane, uint32_t width)
{
    uint32_t samples = plane ? (width + (1u << layout->shift_x) - 1) >> layout->shift_x : width;

    return (size_t)samples * (size_t)layout->components[plane] * (size_t)layout->sample_bytes;
}

static uint32_t row_count(const struct layout *layout, int plane, uint32_t height)
{
    return plane ? (height + (1u << layout->shift_y) - 1) >> layout->shift_y : height;
}

/* A frame of quadrants and how its memory is laid out. */
struct shape {
    uint32_t width, height;
    wcenc_rect rect; /* all 0: the whole */
    size_t padding;  /* bytes of garbage after each row */
    bool bottom_up;
    bool copied;
};

static wcenc_frame *quadrant_frame(wcenc_pixel_format format, const struct shape *shape)
{
    const struct layout *layout = layout_of(format);
    uint8_t *memory = malloc((size_t)(shape->width + 1) * (shape->height + 1) * 8 + shape->padding * shape->height * 3);
    uint8_t *next = memory;
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    wcenc_status status;

    assert_non_null(memory);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = shape->width;
    desc.coded_height = shape->height;
    desc.visible_rect = shape->rect;
    desc.color_space =
        (wcenc_color_space){1, 1, layout->format >= RGBA ? WCENC_COLOR_MATRIX_RGB : 1, layout->format >= RGBA ? 2 : 1};
    for (int plane = 0; plane < layout->planes; plane++) {
        size_t stride = row_bytes(layout, plane, shape->width) + shape->padding;
        uint32_t rows = row_count(layout, plane, shape->height);
        struct canvas canvas = {next, (ptrdiff_t)stride, shape->rect};

        if (!canvas.rect.width)
            canvas.rect = (wcenc_rect){0, 0, shape->width, shape->height};
        memset(next, GARBAGE, stride * rows);
        if (shape->bottom_up) {
            canvas.pixels += stride * (rows - 1);
            canvas.stride = -canvas.stride;
        }
        draw_plane(layout, plane, &canvas);
        desc.planes[plane] = canvas.pixels;
        desc.strides[plane] = (int32_t)canvas.stride;
        next += stride * rows;
    }
    status =
        shape->copied ? wcenc_frame_create_copy(&desc, &frame) : wcenc_frame_create_wrap(&desc, free, memory, &frame);
    if (status != WCENC_OK)
        fail_msg("frame: %s", wcenc_last_error());
    if (shape->copied)
        free(memory);
    return frame;
}

/* Mean error in every plane at most 0.05 of the scale, as SCL-004 has it, and all but right inside the quadrants. */
static void check_quadrants(const AVFrame *frame, const char *what)
{
    for (int plane = 0; plane < 3; plane++) {
        int width = plane ? (frame->width + 1) / 2 : frame->width;
        int height = plane ? (frame->height + 1) / 2 : frame->height;
        double sum = 0, greatest = 0;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                double yuv[3], difference;
                /* Near the lines between quadrants scaling and coding may blur. */
                bool inside = fabs(x + 0.5 - width / 2.0) > width / 5.0 && fabs(y + 0.5 - height / 2.0) > height / 5.0;

                quadrant_yuv((x >= width / 2 ? 1u : 0u) + (y >= height / 2 ? 2u : 0u), yuv);
                difference = fabs(frame->data[plane][(ptrdiff_t)y * frame->linesize[plane] + x] - yuv[plane]);
                sum += difference;
                greatest = inside ? fmax(greatest, difference) : greatest;
            }
        if (sum / (width * height) > 0.05 * 255 || greatest > 8)
            fail_msg("%s: plane %d differs by %.1f on average and by %.1f at most", what, plane, sum / (width * height),
                     greatest);
    }
}

/* One picture of each frame, every one a key chunk; takes the frames over. */
static void check_frames(const wcenc_config *config, wcenc_frame **frames, int count, const char *what)
{
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, config);
    for (int i = 0; i < count; i++)
        coding_encode(&recorder, frames[i], true);
    coding_finish(&recorder, &decoder, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(decoder.frames[i]->width, config->width); /* SCL-005 */
        assert_int_equal(decoder.frames[i]->height, config->height);
        check_quadrants(decoder.frames[i], what);
        if (i > 0)
            assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config);
    }
    coding_close(&recorder, &decoder);
}

static void check_flat(const wcenc_config *config, wcenc_pixel_format format)
{
    static const uint8_t yuv_levels[] = {96, 155, 104}, rgb_levels[] = {50, 100, 150}; /* HBD-004 */
    bool rgb = (format >= RGBA && format <= WCENC_PIXEL_FORMAT_BGRX) || format == WCENC_PIXEL_FORMAT_RGB24 ||
               format == WCENC_PIXEL_FORMAT_BGR24;
    double wanted[] = {96, 155, 104}, exact[] = {50, 100, 150}, difference;
    struct recorder recorder;
    struct decoder decoder;
    const AVFrame *frame;

    if (rgb)
        exact_yuv(exact, WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED, wanted);
    if (format == WCENC_PIXEL_FORMAT_GRAY8)
        wanted[1] = wanted[2] = 128;
    coding_open(&recorder, config);
    coding_encode(&recorder, flat_frame(format, config->width, config->height, rgb ? rgb_levels : yuv_levels, NULL, 0),
                  false);
    coding_finish(&recorder, &decoder, 1);
    frame = decoder.frames[0];
    assert_int_equal(frame->width, config->width);
    assert_int_equal(frame->height, config->height);
    difference = greatest_difference(frame, wanted);
    /* To a single pixel libvpx gives no more bits than it has uncoded. */
    if (difference > (config->width * config->height == 1 ? 12 : TOLERANCE))
        fail_msg("%s of %ux%u: %d %d %d at first, %.1f %.1f %.1f wanted, %.1f at most beside",
                 wcenc_pixel_format_name(format), config->width, config->height, frame->data[0][0], frame->data[1][0],
                 frame->data[2][0], wanted[0], wanted[1], wanted[2], difference);
    coding_close(&recorder, &decoder);
}

static void test_every_pixel_format_can_be_encoded(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = sized_config(row, 64, 48); /* HBD-005 */

    if (!config_works(&config))
        skip();
    for (wcenc_pixel_format format = I420; format <= WCENC_PIXEL_FORMAT_GRAY8; format++)
        if (wcenc_pixel_format_name(format))
            check_flat(&config, format); /* ALP-002, ENC-016, FMT-006, HBD-001, HBD-002, HBD-006, WPT-018 */
}

static const uint32_t odd_sizes[][2] = {{33, 17}, {65, 49}, {64, 49}, {65, 48}, {1, 1}, {3, 5}};

static void test_odd_sizes_are_coded_exactly(void **state)
{
    static const wcenc_pixel_format formats[] = {I420, NV12, RGBA, I444};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < LENGTH(odd_sizes); i++)
        for (size_t f = 0; f < LENGTH(formats); f++) {
            wcenc_config config = sized_config(row, odd_sizes[i][0], odd_sizes[i][1]);

            /* AV1 is not asked for pictures smaller than its blocks. */
            if (strncmp(row->codec, "av01", 4) == 0 && odd_sizes[i][0] < 16)
                continue;
            if (!config_works(&config))
                skip();
            check_flat(&config, formats[f]); /* VP8-002 */
        }
}

static const struct shape shapes[] = {
    {96, 80, {16, 8, 64, 48}, 0, false, false}, /* as large as configured, SCL-003 */
    {96, 80, {2, 2, 64, 48}, 0, false, false},   {96, 80, {2, 2, 64, 48}, 0, false, true},
    {96, 80, {30, 30, 63, 47}, 0, false, false},                                           /* odd, and to be scaled */
    {95, 79, {30, 30, 65, 49}, 0, false, false},                                           /* to the very corner */
    {96, 80, {0, 0, 33, 21}, 0, false, true},    {64, 48, {0, 0, 0, 0}, 24, false, false}, /* gaps between rows */
    {64, 48, {0, 0, 0, 0}, 3, false, true},      {64, 48, {0, 0, 0, 0}, 0, true, false},   /* bottom-up */
    {64, 48, {0, 0, 0, 0}, 40, true, false},     {96, 80, {30, 30, 64, 48}, 16, true, false},
    {90, 70, {2, 4, 71, 55}, 10, true, true},
};

/* What the largest level of H.264 allows is not only supported in words: SUP-033. */
static void test_the_largest_level_codes_its_largest_pictures(void **state)
{
    enum { FRAMES = 2 };
    wcenc_config config = config_for("avc1.64003e", 7680, 4320);
    struct recorder recorder;
    struct decoder decoder;

    (void)state;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.framerate = 30;
    config.bitrate = 40000000;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    for (int i = 0; i < FRAMES; i++)
        coding_encode(&recorder, pattern_frame(7680, 4320, (unsigned)i + 5, i), false);
    coding_finish(&recorder, &decoder, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(decoder.frames[i]->width, 7680);
        assert_int_equal(decoder.frames[i]->height, 4320);
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), i + 5);
    }
    assert_true(decoder.context->level >= 60 && decoder.context->level <= 62); /* no smaller one allows them */
    coding_close(&recorder, &decoder);
}

static void test_only_what_is_visible_is_coded(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = sized_config(row, 64, 48);

    if (!config_works(&config))
        skip();
    for (size_t f = 0; f < LENGTH(layouts); f++)
        for (size_t i = 0; i < LENGTH(shapes); i++) {
            wcenc_frame *frame = quadrant_frame(layouts[f].format, &shapes[i]);
            char what[64];

            (void)snprintf(what, sizeof what, "%s in shape %zu", wcenc_pixel_format_name(layouts[f].format), i);
            check_frames(&config, &frame, 1, what); /* COL-006 */
        }
}

static void test_frames_of_another_size_are_stretched(void **state)
{
    static const uint32_t sizes[][4] = {
        {64, 64, 128, 128}, {128, 128, 128, 128}, {128, 128, 64, 64},  {32, 32, 96, 96},
        {192, 192, 64, 64}, {64, 32, 128, 64},    {128, 256, 64, 128}, {64, 64, 128, 192},
        {128, 192, 64, 64}, {320, 200, 640, 480}, /* SCL-007 */
    };                                            /* SCL-004 */
    static const wcenc_pixel_format formats[] = {RGBX, BGRA, I420, NV12};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (size_t f = 0; f < LENGTH(formats); f++) {
            const struct shape shape = {.width = sizes[i][0], .height = sizes[i][1]};
            wcenc_config config = sized_config(row, sizes[i][2], sizes[i][3]);
            wcenc_frame *frame;
            char what[64];

            if (!config_works(&config))
                skip();
            frame = quadrant_frame(formats[f], &shape);
            (void)snprintf(what, sizeof what, "%s, case %zu", wcenc_pixel_format_name(formats[f]), i);
            check_frames(&config, &frame, 1, what); /* ENC-017, SCL-001, SCL-002, WPT-020 */
        }
}

static void test_the_size_may_change_from_frame_to_frame(void **state)
{
    static const struct shape turns[] = {
        {.width = 64, .height = 48},   {.width = 128, .height = 96}, {.width = 64, .height = 48},
        {.width = 33, .height = 17},   {.width = 320, .height = 64}, {96, 80, {16, 8, 64, 48}, 0, false, false},
        {.width = 640, .height = 480}, {.width = 64, .height = 48},
    };
    static const wcenc_pixel_format formats[] = {I420, RGBA, NV12};
    const struct codec_row *row = *state;
    wcenc_config config = sized_config(row, 64, 48);
    wcenc_frame *frames[LENGTH(turns) * LENGTH(formats)];
    int count = 0;

    if (!config_works(&config))
        skip();
    for (size_t i = 0; i < LENGTH(turns) * LENGTH(formats); i++)
        frames[count++] = quadrant_frame(formats[i % LENGTH(formats)], &turns[i % LENGTH(turns)]);
    check_frames(&config, frames, count, "changing sizes"); /* SCL-006 */
}

/* A frame of quadrants that differs in what the overrides give. */
static wcenc_frame *overridden_frame(uint32_t width, uint32_t height, const wcenc_frame_overrides *overrides)
{
    const struct shape shape = {.width = width, .height = height};
    wcenc_frame *frame = quadrant_frame(I420, &shape), *other;

    assert_int_equal(wcenc_frame_create_from(frame, overrides, &other), WCENC_OK);
    wcenc_frame_unref(frame);
    return other;
}

static void test_neither_display_size_nor_orientation_has_an_effect_on_what_is_coded(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = sized_config(row, 64, 48);
    wcenc_frame_overrides wide, turned;
    wcenc_frame *frame;

    if (!config_works(&config))
        skip();
    wcenc_frame_overrides_init(&wide, sizeof wide);
    wide.display_width = 640;
    wide.display_height = 10;
    wcenc_frame_overrides_init(&turned, sizeof turned);
    turned.rotation = 90;
    turned.flip = 1;
    for (uint32_t factor = 1; factor <= 2; factor++) {
        frame = overridden_frame(64 * factor, 48 * factor, &wide);
        check_frames(&config, &frame, 1, "a wide display"); /* ENC-018 */
        frame = overridden_frame(64 * factor, 48 * factor, &turned);
        assert_int_equal(wcenc_frame_get_display_width(frame), 48 * factor);
        check_frames(&config, &frame, 1, "turned and flipped"); /* SCL-008 */
    }
}

/* A plane whose last byte is the last that may be read. */
struct guarded {
    uint8_t *memory;
    size_t size; /* with the page behind it */
    size_t readable;
};

static uint8_t *guarded_map(struct guarded *guarded, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (size + page - 1) / page;

    guarded->size = (pages + 1) * page;
    guarded->readable = pages * page;
    guarded->memory = mmap(NULL, guarded->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(guarded->memory != MAP_FAILED);
    assert_int_equal(mprotect(guarded->memory + pages * page, page, PROT_NONE), 0);
    return guarded->memory + pages * page - size;
}

static void check_guarded(const wcenc_config *config, wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    const struct layout *layout = layout_of(format);
    struct guarded planes[3] = {{0}};
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    char what[64];

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    for (int plane = 0; plane < layout->planes; plane++) {
        size_t stride = row_bytes(layout, plane, width);
        struct canvas canvas = {guarded_map(&planes[plane], stride * row_count(layout, plane, height)),
                                (ptrdiff_t)stride,
                                {0, 0, width, height}};

        draw_plane(layout, plane, &canvas);
        /* MEM-002: a write to it ends the process. */
        assert_int_equal(mprotect(planes[plane].memory, planes[plane].readable, PROT_READ), 0);
        desc.planes[plane] = canvas.pixels;
    }
    assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
    (void)snprintf(what, sizeof what, "%s of %ux%u", wcenc_pixel_format_name(format), width, height);
    check_frames(config, &frame, 1, what);
    for (int plane = 0; plane < layout->planes; plane++)
        assert_int_equal(munmap(planes[plane].memory, planes[plane].size), 0);
}

static void test_wrapped_pixels_are_not_written_to_and_nothing_is_read_beyond_them(void **state)
{
    static const uint32_t sizes[][2] = {{66, 50}, {64, 48}, {130, 98}, {47, 35}, {322, 66}, {1030, 16}};
    static const wcenc_pixel_format formats[] = {I420, NV12, I420P10, RGBA, BGRA, I422, I444};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (size_t f = 0; f < LENGTH(formats); f++) {
            wcenc_config scaled = sized_config(row, 66, 50), same = sized_config(row, sizes[i][0], sizes[i][1]);

            if (!config_works(&scaled))
                skip();
            check_guarded(&scaled, formats[f], sizes[i][0], sizes[i][1]);
            if ((sizes[i][0] % 2 == 0 || !row->even_size) && config_works(&same))
                check_guarded(&same, formats[f], sizes[i][0], sizes[i][1]);
        }
}

#define ROW(test, row) cmocka_unit_test_prestate(test, (void *)&codec_rows[row])

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_FAST_CODECS(test_every_pixel_format_can_be_encoded),
        FOR_FAST_CODECS(test_only_what_is_visible_is_coded),
        FOR_FAST_CODECS(test_frames_of_another_size_are_stretched),
        FOR_FAST_CODECS(test_the_size_may_change_from_frame_to_frame),
        FOR_FAST_CODECS(test_neither_display_size_nor_orientation_has_an_effect_on_what_is_coded),
        ROW(test_odd_sizes_are_coded_exactly, 2),
        ROW(test_odd_sizes_are_coded_exactly, 3),
        ROW(test_odd_sizes_are_coded_exactly, 4),
        cmocka_unit_test(test_the_largest_level_codes_its_largest_pictures),
        /* Last, since what they look for ends the process. */
        FOR_FAST_CODECS(test_wrapped_pixels_are_not_written_to_and_nothing_is_read_beyond_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
