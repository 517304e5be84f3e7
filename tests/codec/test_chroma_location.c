/* SPDX-License-Identifier: MIT */

/*
 * Where chroma of 4:2:0 lies: what the stream and its decoder say, and where the edges of a picture really are after
 * decoding.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/claims.h"
#include "../support/coding.h"
#include "../support/nal.h"
#include "../support/pattern.h"

enum { SIDE = 64 };

enum {
    UNSPECIFIED = WCENC_CHROMA_LOCATION_UNSPECIFIED,
    LEFT = WCENC_CHROMA_LOCATION_LEFT,
    CENTER = WCENC_CHROMA_LOCATION_CENTER,
    TOP_LEFT = WCENC_CHROMA_LOCATION_TOP_LEFT,
    LOCATIONS
};

static bool is_codec(const struct codec_row *row, const char *prefix)
{
    return strncmp(row->codec, prefix, strlen(prefix)) == 0;
}

/* What the headers of the first chunk say. */
static wcenc_chroma_location claimed(const struct codec_row *row, const struct recorder *recorder)
{
    const wcenc_chunk *chunk = recorder->chunks[0];
    const uint8_t *data = wcenc_chunk_get_data(chunk);
    const size_t size = wcenc_chunk_get_byte_length(chunk);
    struct unit units[UNITS_MAX];
    struct stream_claims claims;

    if (is_codec(row, "av01")) {
        const int count = split_obus(data, size, units);

        assert_true(claims_of_av1(find_unit(units, count, OBU_SEQUENCE_HEADER), &claims));
    } else {
        const bool hevc = is_codec(row, "hvc1");
        const int count = split_annexb(data, size, hevc, units);
        const struct unit *sps = find_unit(units, count, hevc ? HEVC_SPS : H264_SPS);

        assert_true(hevc ? claims_of_hevc(sps, &claims) : claims_of_h264(sps, &claims));
    }
    return claims.chroma_location;
}

static enum AVChromaLocation av_location(wcenc_chroma_location location)
{
    return location == LEFT       ? AVCHROMA_LOC_LEFT
           : location == CENTER   ? AVCHROMA_LOC_CENTER
           : location == TOP_LEFT ? AVCHROMA_LOC_TOPLEFT
                                  : AVCHROMA_LOC_UNSPECIFIED;
}

/* H.264 and HEVC mean the left where they say nothing, AV1 has no word for the center, and VP8 and VP9 have none. */
static void check_signalled(const struct codec_row *row, const struct recorder *recorder, const AVFrame *frame,
                            wcenc_chroma_location wanted)
{
    if (is_codec(row, "vp"))
        return;
    if (is_codec(row, "av01"))
        wanted = wanted == CENTER ? UNSPECIFIED : wanted;
    else
        wanted = wanted == UNSPECIFIED ? LEFT : wanted;
    assert_int_equal(claimed(row, recorder), wanted);
    assert_int_equal(frame->chroma_location, av_location(wanted));
    if (is_codec(row, "av01")) {
        const wcenc_decoder_config *reported = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config;
        static const uint8_t positions[LOCATIONS] = {[UNSPECIFIED] = 0, [LEFT] = 1, [TOP_LEFT] = 2};

        assert_int_equal(((const uint8_t *)reported->container_private)[2] & 3, positions[wanted]);
    }
}

static wcenc_config config_of(const struct codec_row *row, wcenc_chroma_location location)
{
    wcenc_config config = row_config(row, SIDE, SIDE);

    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config.bitrate = 9000000;
    config.chroma_location = location;
    return config;
}

static wcenc_frame *frame_with(wcenc_pixel_format format, wcenc_chroma_location location)
{
    static const uint8_t color[] = {180, 60, 90};
    wcenc_frame *plain = flat_frame(format, SIDE, SIDE, color, NULL, 0), *frame;
    wcenc_frame_overrides overrides;

    wcenc_frame_overrides_init(&overrides, sizeof overrides);
    overrides.chroma_location = location;
    assert_int_equal(wcenc_frame_create_from(plain, &overrides, &frame), WCENC_OK);
    assert_int_equal(wcenc_frame_get_chroma_location(frame), location);
    wcenc_frame_unref(plain);
    return frame;
}

static void check_stream(const struct codec_row *row, wcenc_pixel_format format, wcenc_chroma_location of_frame,
                         wcenc_chroma_location of_config, wcenc_chroma_location wanted)
{
    wcenc_config config = config_of(row, of_config);
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, &config);
    coding_encode(&recorder, frame_with(format, of_frame), false);
    coding_finish(&recorder, &decoder, 1);
    check_signalled(row, &recorder, decoder.frames[0], wanted);
    coding_close(&recorder, &decoder);
}

static void test_the_stream_says_where_chroma_lies(void **state)
{
    static const wcenc_pixel_format converted[] = {WCENC_PIXEL_FORMAT_BGRA, WCENC_PIXEL_FORMAT_I422,
                                                   WCENC_PIXEL_FORMAT_I444};
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, UNSPECIFIED);

    if (!config_works(&config))
        skip();
    for (int location = 0; location < LOCATIONS; location++) {
        for (size_t i = 0; i < sizeof converted / sizeof converted[0]; i++)
            check_stream(row, converted[i], UNSPECIFIED, location, location ? location : LEFT);
        /* What a 4:2:0 frame states holds, whatever the configuration asks for. */
        for (int stated = 0; stated < LOCATIONS; stated++)
            check_stream(row, location % 2 ? WCENC_PIXEL_FORMAT_I420 : WCENC_PIXEL_FORMAT_NV12, stated, location,
                         stated ? stated : location);
    }
}

/* A frame of another location than the stream's, after a new configuration, begins a stream of its own. */
static void test_a_new_configuration_may_change_the_location(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, LEFT);
    struct recorder recorder;
    struct decoder decoder;

    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    coding_encode(&recorder, frame_with(WCENC_PIXEL_FORMAT_RGBA, UNSPECIFIED), false);
    config.chroma_location = TOP_LEFT;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    coding_encode(&recorder, frame_with(WCENC_PIXEL_FORMAT_RGBA, UNSPECIFIED), false);
    coding_finish(&recorder, &decoder, 2);
    assert_int_equal(wcenc_chunk_get_type(recorder.chunks[1]), WCENC_CHUNK_TYPE_KEY);
    if (!is_codec(row, "vp"))
        assert_int_equal(decoder.frames[1]->chroma_location, AVCHROMA_LOC_TOPLEFT);
    coding_close(&recorder, &decoder);
}

/* Blue up to the edge, red from there on; along x, or along y. */
static wcenc_frame *edge_frame(uint32_t scale, uint32_t edge, bool along_y)
{
    const uint32_t side = SIDE * scale;
    uint8_t *pixels = malloc((size_t)side * side * 4);
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    for (uint32_t i = 0; i < side * side; i++) {
        const bool before = (along_y ? i / side : i % side) < edge * scale;

        memcpy(pixels + 4 * (size_t)i,
               before ? (const uint8_t[]){40, 40, 160, 255} : (const uint8_t[]){160, 40, 40, 255}, 4);
    }
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = desc.coded_height = side;
    desc.data = pixels;
    desc.data_size = (size_t)side * side * 4;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    free(pixels);
    return frame;
}

/* In samples of chroma from the edge of the plane: how many it takes of the first to make the sum. */
static double edge_in_chroma(const AVFrame *frame, bool along_y)
{
    const int count = SIDE / 2, step = along_y ? frame->linesize[2] : 1, across = along_y ? 1 : frame->linesize[2];
    const bool deep = frame->format != AV_PIX_FMT_YUV420P;
    double levels[SIDE / 2], sum = 0;

    for (int i = 0; i < count; i++) {
        levels[i] = 0;
        for (int n = count / 4; n < count * 3 / 4; n++) {
            const int at = (deep && !along_y ? 2 * i : i * step) + (deep && along_y ? 2 * n : n * across);
            uint16_t sample;

            memcpy(&sample, frame->data[2] + at, deep ? 2 : 1);
            levels[i] += deep ? sample : frame->data[2][at];
        }
    }
    for (int i = 0; i < count; i++)
        sum += (levels[i] - levels[count - 1]) / (levels[0] - levels[count - 1]);
    return sum;
}

/* A sample in the middle of two pixels has half of each: those before an edge are half as many. At the first of the
 * two, it is for what lies half a pixel before, and it takes a quarter of a sample more. */
static void check_edge(const struct codec_row *row, const char *codec, wcenc_chroma_location location, uint32_t edge,
                       uint32_t scale, bool along_y)
{
    const bool is_first = along_y ? location == TOP_LEFT : location != CENTER;
    const double wanted = edge / 2.0 + (is_first ? 0.25 : 0);
    wcenc_config config = config_of(row, location);
    struct recorder recorder;
    struct decoder decoder;
    double found;

    config.codec = codec;
    config.encoder_options = is_codec(row, "vp09") ? "lossless=1" : NULL;
    coding_open(&recorder, &config);
    coding_encode(&recorder, edge_frame(scale, edge, along_y), false);
    coding_finish(&recorder, &decoder, 1);
    found = edge_in_chroma(decoder.frames[0], along_y);
    if (fabs(found - wanted) > 0.08)
        fail_msg("%s, location %d, scale %u, edge at %u along %c: %.3f samples, not %.3f", codec, location, scale, edge,
                 along_y ? 'y' : 'x', found, wanted);
    coding_close(&recorder, &decoder);
}

static void check_edges(const struct codec_row *row, const char *codec)
{
    static const uint32_t edges[] = {32, 33, 30};

    for (int location = 0; location < LOCATIONS; location++)
        for (uint32_t scale = 1; scale <= 3; scale++)
            for (int n = 0; n < 6; n++)
                check_edge(row, codec, location, edges[n / 2], scale, n % 2);
}

/* By the kernels, which scale too, and for the top left by libswscale. */
static void test_edges_of_colour_are_where_the_location_says(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, UNSPECIFIED);

    if (!config_works(&config))
        skip();
    check_edges(row, row->codec);
}

/* To 10 bits, which libswscale makes of RGB; without loss, since the swings of its filter cost many bits. */
static void test_edges_of_colour_in_ten_bits_are_there_too(void **state)
{
    static const struct codec_row row = {"VP9", "vp09.02.31.10", "libvpx-vp9", true, false};
    wcenc_config config = config_of(&row, UNSPECIFIED);

    (void)state;
    if (!config_works(&config))
        skip();
    check_edges(&row, row.codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_the_stream_says_where_chroma_lies),
        FOR_FAST_CODECS(test_a_new_configuration_may_change_the_location),
        FOR_FAST_CODECS(test_edges_of_colour_are_where_the_location_says),
        cmocka_unit_test(test_edges_of_colour_in_ten_bits_are_there_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
