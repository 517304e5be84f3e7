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

#include "../support/claims.h"
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

/* H.273's, and FFmpeg's, for a value that is not specified. */
static int32_t code_point(int32_t value)
{
    return value ? value : 2;
}

/* DCF-012, DCF-013, WPT-010: the stream alone says what the decoder config says, as far as the codec can. */
static void check_tags(const AVFrame *frame, const struct codec_row *row, const wcenc_color_space *reported)
{
    if (is_codec(row, "vp8"))
        return;
    assert_int_equal(frame->colorspace, code_point(reported->matrix));
    assert_int_equal(frame->color_range, reported->range);
    if (is_codec(row, "vp09"))
        return;
    assert_int_equal(frame->color_primaries, code_point(reported->primaries));
    assert_int_equal(frame->color_trc, code_point(reported->transfer));
}

/* What the first chunk's own bytes say, whatever decoders make of it. VP8 says nothing, VP9 matrix and range. */
static wcenc_color_space space_in_stream(const struct recorder *recorder, const struct codec_row *row)
{
    const bool hevc = is_codec(row, "hvc1");
    const uint8_t *data = wcenc_chunk_get_data(recorder->chunks[0]);
    const size_t size = wcenc_chunk_get_byte_length(recorder->chunks[0]);
    const wcenc_decoder_config *reported = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config;
    struct unit units[UNITS_MAX];
    struct stream_claims claims = {0};
    struct frame_claims frame;
    int count;

    if (is_codec(row, "vp09")) {
        assert_true(claims_of_vp9_frame(data, size, &frame));
        return frame.stream.color;
    }
    if (is_codec(row, "av01")) {
        count = split_obus(data, size, units);
        assert_true(claims_of_av1(find_unit(units, count, OBU_SEQUENCE_HEADER), &claims));
    } else {
        /* With annexb in the chunk, else in the description. */
        count = !reported->description ? split_annexb(data, size, hevc, units)
                : hevc                 ? split_hvcc(reported->description, reported->description_size, units)
                                       : split_avcc(reported->description, reported->description_size, units);
        assert_true(hevc ? claims_of_hevc(find_unit(units, count, HEVC_SPS), &claims)
                         : claims_of_h264(find_unit(units, count, H264_SPS), &claims));
    }
    return claims.color;
}

/* H.273's code point, or what stands where there is none, for "not specified". */
static void check_code_point(int32_t coded, int32_t wanted)
{
    if (coded != code_point(wanted) && (coded != 0 || wanted != 0))
        fail_msg("%d is coded, %d is wanted", coded, wanted);
}

/* DCF-013, DCF-014: the stream, and what a container gets, say the same as the decoder config. */
static void check_stream(const struct recorder *recorder, const struct codec_row *row, const wcenc_color_space *wanted)
{
    const wcenc_decoder_config *reported = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config;
    const uint8_t *vpcc = reported->container_private;
    wcenc_color_space stream;

    if (is_codec(row, "vp")) {
        assert_int_equal(reported->container_private_size, 12);
        assert_int_equal(vpcc[6] & 1, wanted->range == FULL);
        assert_int_equal(vpcc[7], code_point(wanted->primaries));
        assert_int_equal(vpcc[8], code_point(wanted->transfer));
        assert_int_equal(vpcc[9], code_point(wanted->matrix));
    }
    if (is_codec(row, "vp8"))
        return;
    stream = space_in_stream(recorder, row);
    assert_int_equal(stream.range, wanted->range);
    check_code_point(stream.matrix, wanted->matrix);
    if (is_codec(row, "vp09"))
        return;
    check_code_point(stream.primaries, wanted->primaries);
    check_code_point(stream.transfer, wanted->transfer);
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

/* What becomes of a first frame when nothing is requested. */
static const struct {
    wcenc_pixel_format format;
    wcenc_color_space given; /* all 0: none */
    wcenc_color_space wanted;
} defaults[] = {
    {RGBA, {0}, {1, SRGB, 1, LIMITED}},
    {RGBA, {9, SRGB, RGB, FULL}, {9, SRGB, 9, LIMITED}},
    {RGBA, {9, 16, RGB, FULL}, {9, 16, 9, LIMITED}},
    {WCENC_PIXEL_FORMAT_BGRX, {6, SRGB, RGB, FULL}, {6, SRGB, 6, LIMITED}},
    {WCENC_PIXEL_FORMAT_BGRA, {12, SRGB, RGB, FULL}, {12, SRGB, 1, LIMITED}},
    {I420, {0}, {1, 1, 1, LIMITED}},
    {I420, {6, 6, 6, FULL}, {6, 6, 6, FULL}},
    {I420, {5, 6, 5, LIMITED}, {5, 6, 5, LIMITED}},
    {I420, {12, SRGB, 1, LIMITED}, {12, SRGB, 1, LIMITED}}, /* Display P3 */
    {NV12, {9, 16, 9, LIMITED}, {9, 16, 9, LIMITED}},       /* HDR10 */
    {NV12, {9, 18, 9, LIMITED}, {9, 18, 9, LIMITED}},       /* HLG */
    {NV12, {1, 1, 1, FULL}, {1, 1, 1, FULL}},               /* COL-003 */
    {WCENC_PIXEL_FORMAT_I422, {9, 18, 9, FULL}, {9, 18, 9, FULL}},
};

/* DCF-014: of sRGB, and of nothing else, VP9 has the transfer that decoders read into it. */
static void call_srgb_bt709(const struct codec_row *row, wcenc_color_space *wanted)
{
    if (is_codec(row, "vp09") && wanted->primaries == 1 && wanted->transfer == SRGB)
        wanted->transfer = 1;
}

static void test_the_first_frame_gives_the_colour_space(void **state)
{
    static const uint8_t color[] = {180, 60, 90};
    const struct codec_row *row = *state;
    wcenc_config config = color_config(row, NULL);

    if (!config_works(&config))
        skip();
    for (size_t i = 0; i < LENGTH(defaults); i++) {
        const wcenc_color_space *given = defaults[i].given.matrix ? &defaults[i].given : NULL;
        wcenc_color_space wanted = defaults[i].wanted;
        struct recorder recorder;
        struct decoder decoder;
        double yuv[3] = {180, 60, 90};

        /* VP8 is BT.601 by its specification. */
        if (is_codec(row, "vp8") && is_rgb(defaults[i].format))
            wanted.matrix = WCENC_COLOR_MATRIX_SMPTE170M;
        call_srgb_bt709(row, &wanted);
        coding_open(&recorder, &config);
        coding_encode(&recorder, flat_frame(defaults[i].format, SIDE, SIDE, color, given, 0), false);
        coding_finish(&recorder, &decoder, 1);
        check_space(told_space(&recorder), &wanted);
        check_tags(decoder.frames[0], row, &wanted);
        check_stream(&recorder, row, &wanted);
        /* YCbCr is passed on as it is. */
        if (is_rgb(defaults[i].format))
            patch_yuv(color, &wanted, yuv);
        check_patch(decoder.frames[0], yuv, wcenc_pixel_format_name(defaults[i].format), i);
        coding_close(&recorder, &decoder);
    }
}

/* Each set of members, of the frame or of the config. */
struct gaps {
    unsigned members; /* primaries 1, transfer 2, matrix 4, range 8 */
    bool of_frame;
    bool rgb;
    bool annexb;
};

static wcenc_color_space with_gaps(const struct gaps *gaps)
{
    const bool rgb = gaps->of_frame && gaps->rgb;

    return (wcenc_color_space){
        .primaries = gaps->members & 1 ? WCENC_COLOR_PRIMARIES_BT2020 : 0,
        .transfer = gaps->members & 2 ? WCENC_COLOR_TRANSFER_PQ : 0,
        .matrix = !(gaps->members & 4) ? 0
                  : rgb                ? RGB
                                       : WCENC_COLOR_MATRIX_BT2020_NCL,
        .range = gaps->members & 8 ? FULL : 0,
    };
}

/* What the frame or the config specify; of RGB the matrix that it is converted with; and limited range. */
static wcenc_color_space without_inventions(const struct codec_row *row, const struct gaps *gaps)
{
    const wcenc_color_space partial = with_gaps(gaps), none = {0, 0, 0, 0};
    const wcenc_color_space srgb = {1, SRGB, RGB, FULL}, whole = gaps->rgb ? srgb : bt709;
    const wcenc_color_space frame = gaps->of_frame ? partial : whole, config = gaps->of_frame ? none : partial;
    wcenc_color_space wanted = {
        .primaries = config.primaries ? config.primaries : frame.primaries,
        .transfer = config.transfer ? config.transfer : frame.transfer,
        .matrix = config.matrix ? config.matrix : frame.matrix,
        .range = config.range ? config.range
                 : gaps->rgb  ? 0
                              : frame.range,
    };

    if (gaps->rgb && !config.matrix)
        wanted.matrix = is_codec(row, "vp8")    ? WCENC_COLOR_MATRIX_SMPTE170M
                        : wanted.primaries == 9 ? WCENC_COLOR_MATRIX_BT2020_NCL
                                                : WCENC_COLOR_MATRIX_BT709;
    if (!wanted.range)
        wanted.range = LIMITED;
    call_srgb_bt709(row, &wanted);
    return wanted;
}

static void check_gaps(const struct codec_row *row, const struct gaps *gaps)
{
    static const uint8_t color[] = {180, 60, 90};
    const wcenc_color_space partial = with_gaps(gaps), wanted = without_inventions(row, gaps);
    wcenc_config config = color_config(row, gaps->of_frame ? NULL : &partial);
    double yuv[3] = {180, 60, 90};
    struct recorder recorder;
    struct decoder decoder;

    config.bitstream_format = gaps->annexb;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    coding_encode(&recorder,
                  flat_frame(gaps->rgb ? RGBA : I420, SIDE, SIDE, color, gaps->of_frame ? &partial : NULL, 0), false);
    coding_finish(&recorder, &decoder, 1); /* DCF-022, WPT-007 */
    check_space(told_space(&recorder), &wanted);
    check_tags(decoder.frames[0], row, &wanted);
    check_stream(&recorder, row, &wanted);
    /* Converted with what the stream says; YCbCr with gaps is not converted at all. */
    if (gaps->rgb)
        patch_yuv(color, &wanted, yuv);
    if (gaps->rgb || gaps->of_frame)
        check_patch(decoder.frames[0], yuv, gaps->rgb ? "RGB" : "YCbCr", gaps->members);
    coding_close(&recorder, &decoder);
}

static void test_what_nobody_specifies_stays_unspecified(void **state)
{
    const struct codec_row *row = *state;

    for (unsigned members = 0; members < 16; members++)
        for (int of_frame = 0; of_frame < 2; of_frame++)
            for (int rgb = 0; rgb < 2; rgb++)
                check_gaps(row, &(struct gaps){members, of_frame, rgb, (members + (unsigned)rgb) % 2});
}

/* A matrix of the stream is taken to be that of frames without one, which are not converted. */
static void test_frames_without_a_matrix_are_taken_as_they_are(void **state)
{
    static const wcenc_color_space nothing = {0, 0, 0, 0}, bt601 = {6, 6, 6, LIMITED};
    static const uint8_t color[] = {180, 60, 90};
    const double yuv[3] = {180, 60, 90};
    const struct codec_row *row = *state;

    for (int first = 0; first < 2; first++) {
        wcenc_config config = color_config(row, NULL);
        struct recorder recorder;
        struct decoder decoder;

        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        coding_encode(&recorder, flat_frame(I420, SIDE, SIDE, color, first ? &bt601 : &nothing, 0), false);
        coding_encode(&recorder, flat_frame(NV12, SIDE, SIDE, color, first ? &nothing : &bt601, 1), false);
        coding_finish(&recorder, &decoder, 2);
        check_space(told_space(&recorder), first ? &bt601 : &(wcenc_color_space){0, 0, 0, LIMITED});
        assert_null(wcenc_chunk_get_metadata(recorder.chunks[1])->decoder_config); /* DCF-023 */
        check_patch(decoder.frames[0], yuv, "first", 0);
        check_patch(decoder.frames[1], yuv, "second", 1);
        coding_close(&recorder, &decoder);
    }
}

/* What a conversion used is signalled, from the frame on that needs it. */
static void test_rgb_gives_a_stream_the_matrix_that_it_had_not(void **state)
{
    static const wcenc_color_space partial = {9, 0, 0, FULL};
    static const uint8_t color[] = {180, 60, 90};
    const struct codec_row *row = *state;
    wcenc_color_space wanted = partial;
    wcenc_config config = color_config(row, NULL);
    struct recorder recorder;
    struct decoder decoder;

    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    for (int i = 0; i < 6; i++)
        coding_encode(
            &recorder,
            flat_frame(i == 2 || i == 4 ? RGBA : I420, SIDE, SIDE, color, i == 2 || i == 4 ? NULL : &partial, i),
            false);
    coding_finish(&recorder, &decoder, 6);
    check_space(told_space(&recorder), &wanted);
    wanted.matrix = is_codec(row, "vp8") ? WCENC_COLOR_MATRIX_SMPTE170M : WCENC_COLOR_MATRIX_BT2020_NCL;
    for (int i = 1; i < 6; i++) {
        const wcenc_decoder_config *reported = wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config;
        double yuv[3] = {180, 60, 90};

        assert_int_equal(reported != NULL, i == 2); /* DCF-022 */
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]) == WCENC_CHUNK_TYPE_KEY, i == 2);
        if (reported)
            check_space(&reported->color_space, &wanted);
        if (i == 2 || i == 4)
            patch_yuv(color, &wanted, yuv);
        check_patch(decoder.frames[i], yuv, i == 2 || i == 4 ? "RGB" : "YCbCr", (size_t)i);
    }
    coding_close(&recorder, &decoder);
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
    wcenc_frame_desc desc;
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
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = desc.coded_height = SIDE;
    desc.data = pixels;
    desc.data_size = size;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
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
        FOR_FAST_CODECS(test_what_nobody_specifies_stays_unspecified),
        FOR_FAST_CODECS(test_frames_without_a_matrix_are_taken_as_they_are),
        FOR_FAST_CODECS(test_rgb_gives_a_stream_the_matrix_that_it_had_not),
        FOR_FAST_CODECS(test_frames_of_another_matrix_or_range_are_converted_to_the_streams),
        FOR_FAST_CODECS(test_the_format_may_change_from_frame_to_frame),
        FOR_FAST_CODECS(test_alpha_is_left_out_and_not_blended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
