/* SPDX-License-Identifier: MIT */

/*
 * Colours: what is decoded is the exact value of what was given in the colour space that the stream is tagged with, to
 * within two levels; and what the stream, its decoder and the decoder config call that colour space.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { SIDE = 64, TOLERANCE = 2 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum {
    RGBA = WCENC_PIXEL_FORMAT_RGBA,
    I420 = WCENC_PIXEL_FORMAT_I420,
    NV12 = WCENC_PIXEL_FORMAT_NV12,
    LIMITED = WCENC_COLOR_RANGE_LIMITED,
    FULL = WCENC_COLOR_RANGE_FULL,
    RGB = WCENC_COLOR_MATRIX_RGB,
    SRGB = WCENC_COLOR_TRANSFER_IEC61966_2_1
};

static const uint8_t patches[][3] = {
    {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {128, 128, 128}, {0, 0, 0},
};

enum { PATCHES = LENGTH(patches) };

/* Both ranges of each; H.273's code points, which are the library's and FFmpeg's as well. */
static const wcenc_color_space spaces[] = {
    {6, 6, 6, LIMITED}, {6, 6, 6, FULL}, {1, 1, 1, LIMITED}, {1, 1, 1, FULL}, {9, 1, 9, LIMITED}, {9, 1, 9, FULL},
};

static const wcenc_color_space bt709 = {1, 1, 1, LIMITED};

static const wcenc_pixel_format formats[] = {
    RGBA, WCENC_PIXEL_FORMAT_BGRA, WCENC_PIXEL_FORMAT_RGBX, WCENC_PIXEL_FORMAT_BGRX, I420,
    NV12, WCENC_PIXEL_FORMAT_I444,
};

static bool is_rgb(wcenc_pixel_format format)
{
    return format >= WCENC_PIXEL_FORMAT_RGBA;
}

static bool is_codec(const struct codec_row *row, const char *prefix)
{
    return strncmp(row->codec, prefix, strlen(prefix)) == 0;
}

static void patch_yuv(const uint8_t rgb[3], const wcenc_color_space *space, double yuv[3])
{
    const double values[] = {rgb[0], rgb[1], rgb[2]};

    exact_yuv(values, space->matrix, space->range, yuv);
}

/* A frame of an RGB colour: in `space` where the format is YCbCr, in sRGB where it is not. */
static wcenc_frame *patch_frame(wcenc_pixel_format format, const uint8_t rgb[3], const wcenc_color_space *space)
{
    double exact[3];
    uint8_t yuv[3];

    if (is_rgb(format))
        return flat_frame(format, SIDE, SIDE, rgb, NULL, 0);
    patch_yuv(rgb, space, exact);
    for (int i = 0; i < 3; i++)
        yuv[i] = (uint8_t)lround(exact[i]);
    return flat_frame(format, SIDE, SIDE, yuv, space, 0);
}

/* What a picture of `from` becomes in `to`, given the levels that it really had. */
static void converted_yuv(const uint8_t rgb[3], const wcenc_color_space *from, const wcenc_color_space *to,
                          double yuv[3])
{
    double levels[3], middle[3];

    patch_yuv(rgb, from, levels);
    for (int i = 0; i < 3; i++)
        levels[i] = (double)lround(levels[i]);
    exact_rgb(levels, from->matrix, from->range, middle);
    for (int i = 0; i < 3; i++)
        middle[i] = fmax(0, fmin(255, middle[i]));
    exact_yuv(middle, to->matrix, to->range, yuv);
}

static const wcenc_color_space *told_space(const struct recorder *recorder)
{
    return &wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config->color_space;
}

static void check_space(const wcenc_color_space *space, const wcenc_color_space *wanted)
{
    assert_int_equal(space->primaries, wanted->primaries);
    assert_int_equal(space->transfer, wanted->transfer);
    assert_int_equal(space->matrix, wanted->matrix);
    assert_int_equal(space->range, wanted->range);
}

/* DCF-012, DCF-013: the stream alone says what the decoder config says, as far as the codec can. */
static void check_tags(const AVFrame *frame, const struct codec_row *row, const wcenc_color_space *told)
{
    if (is_codec(row, "vp8"))
        return;
    assert_int_equal(frame->colorspace, told->matrix);
    assert_int_equal(frame->color_range, told->range);
    if (is_codec(row, "vp09"))
        return;
    assert_int_equal(frame->color_primaries, told->primaries);
    assert_int_equal(frame->color_trc, told->transfer);
}

static wcenc_config color_config(const struct codec_row *row, const wcenc_color_space *space)
{
    wcenc_config config = row_config(row, SIDE, SIDE);

    if (space)
        config.color_space = *space;
    return config;
}

static void check_patch(const AVFrame *frame, const double yuv[3], const char *what, size_t patch)
{
    double difference = greatest_difference(frame, yuv);

    if (difference > TOLERANCE)
        fail_msg("%s, patch %zu: %d %d %d decoded, %.1f %.1f %.1f wanted", what, patch, frame->data[0][0],
                 frame->data[1][0], frame->data[2][0], yuv[0], yuv[1], yuv[2]);
}

static void test_flat_patches_decode_to_the_exact_levels(void **state)
{
    const struct codec_row *row = *state;

    for (size_t s = 0; s < LENGTH(spaces); s++)
        for (size_t f = 0; f < LENGTH(formats); f++) {
            wcenc_config config = color_config(row, &spaces[s]);
            struct recorder recorder;
            struct decoder decoder;

            if (!config_works(&config))
                skip();
            coding_open(&recorder, &config);
            for (int i = 0; i < PATCHES; i++)
                coding_encode(&recorder, patch_frame(formats[f], patches[i], &spaces[s]), true);
            coding_finish(&recorder, &decoder, PATCHES);
            check_space(told_space(&recorder), &spaces[s]); /* DCF-010, DCF-011 */
            for (size_t i = 0; i < PATCHES; i++) {
                double yuv[3];

                patch_yuv(patches[i], &spaces[s], yuv);
                /* COL-001, COL-002, COL-004 */
                check_patch(decoder.frames[i], yuv, wcenc_pixel_format_name(formats[f]), i);
                check_tags(decoder.frames[i], row, told_space(&recorder));
            }
            coding_close(&recorder, &decoder);
        }
}

/* Limited-range RGB: black is 16 and white 235 in each channel. */
static void test_limited_range_rgb_decodes_to_the_exact_levels(void **state)
{
    static const uint8_t greys[] = {16, 125, 235};
    const struct codec_row *row = *state;

    for (size_t s = 0; s < LENGTH(spaces); s++) {
        wcenc_config config = color_config(row, &spaces[s]);
        const wcenc_color_space space = {spaces[s].primaries, spaces[s].transfer, RGB, LIMITED};
        struct recorder recorder;
        struct decoder decoder;
        int count = 0;

        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        for (size_t f = 0; f < LENGTH(formats); f++)
            for (size_t i = 0; i < LENGTH(greys) && is_rgb(formats[f]); i++, count++)
                coding_encode(
                    &recorder,
                    flat_frame(formats[f], SIDE, SIDE, (const uint8_t[]){greys[i], greys[i], greys[i]}, &space, 0),
                    true);
        coding_finish(&recorder, &decoder, count);
        for (int i = 0; i < count; i++) {
            const double full = (greys[i % (int)LENGTH(greys)] - 16) * 255 / 219.0;
            double yuv[3];

            exact_yuv((const double[]){full, full, full}, spaces[s].matrix, spaces[s].range, yuv);
            check_patch(decoder.frames[i], yuv, "limited-range RGB", (size_t)i); /* COL-002 */
        }
        coding_close(&recorder, &decoder);
    }
}

/* What becomes of a first frame when nothing is wished for. */
static const struct {
    wcenc_pixel_format format;
    wcenc_color_space given; /* all 0: none */
    wcenc_color_space wanted;
    wcenc_color_space wanted_vp9;
} defaults[] = {
    {RGBA, {0}, {1, SRGB, 1, LIMITED}, {1, 1, 1, LIMITED}}, /* DCF-014 */
    {RGBA, {9, SRGB, RGB, FULL}, {9, SRGB, 9, LIMITED}, {9, 1, 9, LIMITED}},
    {WCENC_PIXEL_FORMAT_BGRX, {6, SRGB, RGB, FULL}, {6, SRGB, 6, LIMITED}, {6, 6, 6, LIMITED}},
    {WCENC_PIXEL_FORMAT_BGRA, {12, SRGB, RGB, FULL}, {12, SRGB, 1, LIMITED}, {1, 1, 1, LIMITED}},
    {I420, {0}, {1, 1, 1, LIMITED}, {1, 1, 1, LIMITED}},
    {I420, {6, 6, 6, FULL}, {6, 6, 6, FULL}, {6, 6, 6, FULL}},
    {I420, {5, 6, 5, LIMITED}, {5, 6, 5, LIMITED}, {5, 6, 5, LIMITED}},
    {NV12, {9, 16, 9, LIMITED}, {9, 16, 9, LIMITED}, {9, 1, 9, LIMITED}},
    {NV12, {1, 1, 1, FULL}, {1, 1, 1, FULL}, {1, 1, 1, FULL}}, /* COL-003 */
    {WCENC_PIXEL_FORMAT_I422, {9, 18, 9, FULL}, {9, 18, 9, FULL}, {9, 1, 9, FULL}},
};

static void test_the_first_frame_gives_the_colour_space(void **state)
{
    static const uint8_t color[] = {180, 60, 90};
    const struct codec_row *row = *state;
    wcenc_config config = color_config(row, NULL);

    if (!config_works(&config))
        skip();
    for (size_t i = 0; i < LENGTH(defaults); i++) {
        const wcenc_color_space *given = defaults[i].given.matrix ? &defaults[i].given : NULL;
        wcenc_color_space wanted = is_codec(row, "vp09") ? defaults[i].wanted_vp9 : defaults[i].wanted;
        struct recorder recorder;
        struct decoder decoder;
        double yuv[3] = {180, 60, 90};

        /* VP8 is BT.601 by its specification. */
        if (is_codec(row, "vp8") && is_rgb(defaults[i].format))
            wanted.matrix = WCENC_COLOR_MATRIX_SMPTE170M;
        coding_open(&recorder, &config);
        coding_encode(&recorder, flat_frame(defaults[i].format, SIDE, SIDE, color, given, 0), false);
        coding_finish(&recorder, &decoder, 1);
        check_space(told_space(&recorder), &wanted);
        check_tags(decoder.frames[0], row, &wanted);
        /* YCbCr is passed on as it is. */
        if (is_rgb(defaults[i].format))
            patch_yuv(color, &wanted, yuv);
        check_patch(decoder.frames[0], yuv, wcenc_pixel_format_name(defaults[i].format), i);
        coding_close(&recorder, &decoder);
    }
}

/* One member alone, of the frame or of the wish. */
static void test_a_colour_space_with_gaps_is_completed(void **state)
{
    static const wcenc_color_space partial[] = {
        {9, 0, 0, 0}, {0, 16, 0, 0}, {0, 0, 9, 0}, {0, 0, 0, FULL}, {6, 0, 1, 0}, {0, 13, 6, FULL},
    };
    static const uint8_t color[] = {180, 60, 90};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < LENGTH(partial); i++)
        for (int of_frame = 0; of_frame < 2; of_frame++)
            for (int rgb = 0; rgb < 2; rgb++) {
                wcenc_config config = color_config(row, of_frame ? NULL : &partial[i]);
                const wcenc_color_space *told;
                struct recorder recorder;
                struct decoder decoder;

                if (!config_works(&config))
                    skip();
                coding_open(&recorder, &config);
                coding_encode(&recorder,
                              flat_frame(rgb ? RGBA : I420, SIDE, SIDE, color, of_frame ? &partial[i] : NULL, 0),
                              false);
                coding_finish(&recorder, &decoder, 1); /* DCF-022 */
                told = told_space(&recorder);
                assert_non_null(wcenc_color_primaries_name(told->primaries));
                assert_non_null(wcenc_color_transfer_name(told->transfer));
                assert_non_null(wcenc_color_matrix_name(told->matrix));
                assert_int_not_equal(told->matrix, RGB);
                assert_true(told->range == LIMITED || told->range == FULL);
                check_tags(decoder.frames[0], row, told);
                coding_close(&recorder, &decoder);
            }
}

static void test_frames_of_another_matrix_or_range_are_converted_to_the_streams(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = color_config(row, NULL);
    const wcenc_pixel_format turns[] = {I420, NV12, WCENC_PIXEL_FORMAT_I444, WCENC_PIXEL_FORMAT_I420P10};

    if (!config_works(&config))
        skip();
    for (size_t first = 0; first < LENGTH(spaces); first++) {
        struct recorder recorder;
        struct decoder decoder;
        int count = 0;

        coding_open(&recorder, &config);
        /* The first makes the stream's colour space; it and then all others follow in all colours. */
        for (size_t s = 0; s < LENGTH(spaces); s++)
            for (size_t i = 0; i < PATCHES; i++, count++)
                coding_encode(
                    &recorder,
                    patch_frame(turns[(i + s) % LENGTH(turns)], patches[i], &spaces[(first + s) % LENGTH(spaces)]),
                    true);
        coding_finish(&recorder, &decoder, count);
        check_space(told_space(&recorder), &spaces[first]);
        for (int i = 0; i < count; i++) {
            const wcenc_color_space *from = &spaces[(first + (size_t)i / PATCHES) % LENGTH(spaces)];
            double yuv[3];

            if (i > 0)
                assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config); /* DCF-023 */
            converted_yuv(patches[i % PATCHES], from, &spaces[first], yuv);
            check_patch(decoder.frames[i], yuv, wcenc_color_matrix_name(from->matrix), (size_t)i);
        }
        coding_close(&recorder, &decoder);
    }
}

static void test_the_format_may_change_from_frame_to_frame(void **state)
{
    const struct codec_row *row = *state;
    enum { ROUNDS = 3, EACH = LENGTH(formats) };

    for (size_t s = 0; s < LENGTH(spaces); s++) {
        wcenc_config config = color_config(row, &spaces[s]);
        struct recorder recorder;
        struct decoder decoder;

        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        for (int i = 0; i < ROUNDS * EACH; i++)
            coding_encode(&recorder, patch_frame(formats[i % EACH], patches[i % PATCHES], &spaces[s]), true);
        coding_finish(&recorder, &decoder, ROUNDS * EACH);
        for (int i = 0; i < ROUNDS * EACH; i++) {
            double yuv[3];

            patch_yuv(patches[i % PATCHES], &spaces[s], yuv);
            check_patch(decoder.frames[i], yuv, wcenc_pixel_format_name(formats[i % EACH]), (size_t)i);
        }
        coding_close(&recorder, &decoder);
    }
}

/* One colour with an alpha that is the same everywhere. */
static wcenc_frame *translucent_frame(wcenc_pixel_format format, const uint8_t color[3], uint8_t alpha)
{
    static const int bgra[] = {2, 1, 0};
    uint8_t pixels[SIDE * SIDE * 4];
    size_t count = SIDE * SIDE, size = 0;
    wcenc_frame_init init;
    wcenc_frame *frame;

    if (format == WCENC_PIXEL_FORMAT_I420A) {
        for (size_t plane = 0; plane < 3; plane++)
            for (size_t i = 0; i < (plane ? count / 4 : count); i++)
                pixels[size++] = color[plane];
        memset(pixels + size, alpha, count);
        size += count;
    } else {
        for (size_t i = 0; i < count; i++, size += 4) {
            for (int c = 0; c < 3; c++)
                pixels[size + (size_t)c] = color[format == RGBA ? c : bgra[c]];
            pixels[size + 3] = alpha;
        }
    }
    wcenc_frame_init_init(&init, sizeof init);
    init.format = format;
    init.coded_width = init.coded_height = SIDE;
    init.data = pixels;
    init.data_size = size;
    assert_int_equal(wcenc_frame_create_copy(&init, &frame), WCENC_OK);
    return frame;
}

static void test_alpha_is_left_out_and_not_blended(void **state)
{
    static const wcenc_pixel_format with_alpha[] = {RGBA, WCENC_PIXEL_FORMAT_BGRA, WCENC_PIXEL_FORMAT_I420A};
    static const uint8_t alphas[] = {0, 128, 255}, color[] = {200, 90, 140};
    const struct codec_row *row = *state;
    wcenc_config config = color_config(row, &bt709);

    if (!config_works(&config))
        skip();
    for (size_t f = 0; f < LENGTH(with_alpha); f++) {
        struct recorder recorder;
        struct decoder decoder;
        double yuv[3] = {200, 90, 140};

        if (is_rgb(with_alpha[f]))
            patch_yuv(color, &bt709, yuv);
        coding_open(&recorder, &config);
        for (size_t i = 0; i < LENGTH(alphas); i++)
            coding_encode(&recorder, translucent_frame(with_alpha[f], color, alphas[i]), true);
        coding_finish(&recorder, &decoder, LENGTH(alphas));
        for (size_t i = 0; i < LENGTH(alphas); i++)
            /* ALP-001, ALP-002, ALP-003 */
            check_patch(decoder.frames[i], yuv, wcenc_pixel_format_name(with_alpha[f]), i);
        coding_close(&recorder, &decoder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_FAST_CODECS(test_flat_patches_decode_to_the_exact_levels),
        FOR_FAST_CODECS(test_limited_range_rgb_decodes_to_the_exact_levels),
        FOR_FAST_CODECS(test_the_first_frame_gives_the_colour_space),
        FOR_FAST_CODECS(test_a_colour_space_with_gaps_is_completed),
        FOR_FAST_CODECS(test_frames_of_another_matrix_or_range_are_converted_to_the_streams),
        FOR_FAST_CODECS(test_the_format_may_change_from_frame_to_frame),
        FOR_FAST_CODECS(test_alpha_is_left_out_and_not_blended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
