/* SPDX-License-Identifier: MIT */

/* OpenH264 called directly: what its streams say, the quantizer of each frame, and pictures that it has no memory for.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/video_enc_params.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192, SIDE_MAX = 322, PERIOD_US = 33333 };

struct openh264_case {
    const char *codec;
    const char *layers;
    uint32_t threads;
};

static wcenc_config config_of(const struct openh264_case *of)
{
    wcenc_config config = config_for(of->codec, WIDTH, HEIGHT);

    config.encoder_name = "native-openh264";
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.scalability_mode = of->layers;
    config.threads = of->threads;
    config.bitrate = 1000000;
    config.framerate = 30;
    return config;
}

static void encode(struct recorder *recorder, wcenc_frame *frame, int quantizer, bool key)
{
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    options.has_quantizer = quantizer >= 0;
    options.quantizer = quantizer >= 0 ? (uint32_t)quantizer : 0;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

enum content { SLOPE, NOISE };

/* A slope that moves, which costs little and not nothing; or noise of full contrast. */
static wcenc_frame *sized_frame(enum content content, uint32_t width, uint32_t height, int number)
{
    static uint8_t pixels[SIDE_MAX * SIDE_MAX * 3 / 2];
    const size_t luma = (size_t)width * height;
    uint32_t random = 88172645u + 2654435761u * (uint32_t)number;

    for (size_t i = 0; i < luma * 3 / 2; i++) {
        random = random * 1664525 + 1013904223;
        if (content == NOISE)
            pixels[i] = random >> 31 ? 255 : 0;
        else
            pixels[i] = i < luma ? (uint8_t)(i % width / 2 + i / width / 4 + 3 * (size_t)number) : 128;
    }
    return i420_frame(pixels, width, height, PERIOD_US * (int64_t)number);
}

static wcenc_frame *content_frame(enum content content, int number)
{
    return sized_frame(content, WIDTH, HEIGHT, number);
}

/* Every macroblock has it. */
static void expect_quantizer(const AVFrame *frame, int quantizer)
{
    const AVFrameSideData *side_data = av_frame_get_side_data(frame, AV_FRAME_DATA_VIDEO_ENC_PARAMS);
    AVVideoEncParams *parameters;

    assert_non_null(side_data);
    parameters = (AVVideoEncParams *)(void *)side_data->data;
    assert_true(parameters->nb_blocks > 0);
    for (unsigned i = 0; i < parameters->nb_blocks; i++)
        if (parameters->qp + av_video_enc_params_block(parameters, i)->delta_qp != quantizer)
            fail_msg("block %u has the quantizer %d, not %d", i,
                     parameters->qp + av_video_enc_params_block(parameters, i)->delta_qp, quantizer);
}

static void decode_with_quantizers(struct decoder *decoder, const struct recorder *recorder)
{
    decoder_open(decoder, wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config);
    decoder->context->export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
    for (int i = 0; i < recorder->chunk_count; i++)
        decoder_send(decoder, recorder->chunks[i]);
    decoder_drain(decoder);
    assert_int_equal(decoder->frame_count, recorder->chunk_count);
}

/* Layers have offsets of their own, which leave them less of the scale. */
static int clamp_to_layer(int quantizer, const char *layers, uint32_t layer)
{
    static const int of_two[] = {48, 51}, of_three[] = {47, 50, 51};
    const int most = !layers ? 51 : strcmp(layers, "L1T2") == 0 ? of_two[layer] : of_three[layer];

    return quantizer < most ? quantizer : most;
}

static void test_h264_has_the_quantizer_of_each_frame(void **state)
{
    static const int quantizers[] = {26, 12, 51, 20, -1, 30, 40, 51, 51, 50, 49, 48, 47, 46, 51, 51, 10, 9, 25, -1, 33};
    enum { COUNT = sizeof quantizers / sizeof quantizers[0], KEY = 10 };
    const struct openh264_case *of = *state;
    wcenc_config config = config_of(of);
    struct recorder recorder;
    struct decoder decoder;
    int last = 0;

    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++)
        encode(&recorder, content_frame(SLOPE, i), quantizers[i], i == KEY);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, COUNT);
    decode_with_quantizers(&decoder, &recorder);
    for (int i = 0; i < COUNT; i++) {
        const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(recorder.chunks[i]);
        int wanted;

        last = quantizers[i] >= 0 ? quantizers[i] : last;
        wanted = clamp_to_layer(last, of->layers, metadata->temporal_layer_id);
        expect_quantizer(decoder.frames[i], wanted); /* QP-004, QP-012 */
        assert_int_equal(metadata->has_quantizer, 1);
        assert_int_equal(metadata->quantizer, wanted);
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                         i == 0 || i == KEY ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    }
    coding_close(&recorder, &decoder);
}

/* The same quantizer in every block; one that is finer than the memory allows becomes a coarser one. */
static void test_noise_gets_the_quantizer_that_is_reported(void **state)
{
    static const int quantizers[] = {0, 10, 20, 30, 45};
    enum { COUNT = sizeof quantizers / sizeof quantizers[0] };
    wcenc_config config = config_of(*state);
    struct recorder recorder;
    struct decoder decoder;

    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++)
        encode(&recorder, content_frame(NOISE, i), quantizers[i], false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, COUNT);
    decode_with_quantizers(&decoder, &recorder);
    for (int i = 0; i < COUNT; i++) {
        const int used = (int)wcenc_chunk_get_metadata(recorder.chunks[i])->quantizer;

        expect_quantizer(decoder.frames[i], used);
        assert_true(quantizers[i] < 20 ? used >= 20 && used < 40 : used >= quantizers[i]);
    }
    assert_int_equal(wcenc_chunk_get_metadata(recorder.chunks[COUNT - 1])->quantizer, 45);
    coding_close(&recorder, &decoder);
}

/* Rate control is at its finest quantizer where noise begins. */
static void test_noise_behind_calm_pictures_keeps_to_the_rate(void **state)
{
    enum { PART = 30, COUNT = 3 * PART };
    static const enum content contents[] = {SLOPE, NOISE, SLOPE};
    wcenc_config config = config_of(*state);
    struct recorder recorder;
    struct decoder decoder;
    size_t bytes = 0;

    config.bitrate = 8000000;
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++)
        encode(&recorder, content_frame(contents[i / PART], i), -1, i == PART + PART / 2);
    coding_finish(&recorder, &decoder, COUNT);
    for (int i = PART; i < 2 * PART; i++)
        bytes += wcenc_chunk_get_byte_length(recorder.chunks[i]);
    print_message("noise has %.2f of its rate\n", (double)bytes * 8 / (double)config.bitrate);
    assert_true((double)bytes * 8 < 1.5 * (double)config.bitrate);
    coding_close(&recorder, &decoder);
}

/* Profile, constraint flags and level: of the codec string and of the avcC, which has them from the SPS. */
static void test_parameter_sets_have_the_profile_and_level_of_the_codec_string(void **state)
{
    static const char *const codecs[] = {"avc1.42000d", "avc1.42c01e", "avc1.42001f", "avc1.4d0028", "avc1.4d4033",
                                         "avc1.64001e", "avc1.640c2a", "avc1.640034", "avc1.64003e", "avc1.42003c"};

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        for (int is_layered = 0; is_layered < 2; is_layered++) {
            wcenc_config config = config_of(&(struct openh264_case){codecs[i], is_layered ? "L1T3" : NULL, 2});
            const wcenc_decoder_config *decoder_config;
            struct recorder recorder;
            struct decoder decoder;
            const uint8_t *avcc;
            unsigned promised;
            char said[16];

            config.framerate = i % 2 ? 60 : 10;
            coding_open(&recorder, &config);
            for (int k = 0; k < 4; k++)
                encode(&recorder, content_frame(SLOPE, k), -1, false);
            coding_finish(&recorder, &decoder, 4);
            decoder_config = wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config;
            avcc = decoder_config->description;
            assert_true(decoder_config->description_size > 4);
            (void)snprintf(said, sizeof said, "avc1.%02x%02x%02x", avcc[1], avcc[2], avcc[3]);
            assert_memory_equal(said, decoder_config->codec, strlen("avc1.42"));
            assert_string_equal(said + strlen("avc1.42c0"), decoder_config->codec + strlen("avc1.42c0"));
            /* It may keep more promises than were asked for. */
            promised = (unsigned)strtoul(decoder_config->codec + strlen("avc1.42"), NULL, 16) >> 8;
            assert_int_equal(promised & ~(unsigned)avcc[2], 0);
            coding_close(&recorder, &decoder);
        }
}

/* Frames of the top layer are referenced by none, those of the base layer are. */
static void test_reference_marks_follow_the_layers(void **state)
{
    enum { COUNT = 9, REFERENCE = 0x60 };
    static const char *const modes[] = {"L1T2", "L1T3"};

    (void)state;
    for (uint32_t m = 0; m < 2; m++) {
        wcenc_config config = config_of(&(struct openh264_case){"avc1.64001f", modes[m], 2});
        struct recorder recorder;

        coding_open(&recorder, &config);
        for (int i = 0; i < COUNT; i++)
            encode(&recorder, content_frame(SLOPE, i), -1, false);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        for (int i = 0; i < COUNT; i++) {
            const uint32_t layer = wcenc_chunk_get_metadata(recorder.chunks[i])->temporal_layer_id;
            const uint8_t *data = wcenc_chunk_get_data(recorder.chunks[i]); /* a length of four bytes, then a header */

            assert_int_equal((data[4] & REFERENCE) != 0, layer < m + 1);
        }
        recorder_close(&recorder);
    }
}

/* Whatever the threads, which each have a slice where there is room for it. */
static void test_every_even_size_opens_and_comes_back(void **state)
{
    static const uint32_t sides[] = {16, 18, 34, 64, 98, 112, 130, SIDE_MAX};
    enum { SIDES = sizeof sides / sizeof sides[0] };

    (void)state;
    for (uint32_t n = 0; n < SIDES * SIDES; n++) {
        wcenc_config config =
            config_of(&(struct openh264_case){n % 2 ? "avc1.42001f" : "avc1.64001f", NULL, 1 + n % 4});
        struct recorder recorder;
        struct decoder decoder;

        config.width = sides[n / SIDES];
        config.height = sides[n % SIDES];
        coding_open(&recorder, &config);
        for (int i = 0; i < 2; i++)
            encode(&recorder, sized_frame(i ? NOISE : SLOPE, config.width, config.height, i), -1, false);
        coding_finish(&recorder, &decoder, 2);
        assert_int_equal(decoder.frames[1]->width, config.width);
        assert_int_equal(decoder.frames[1]->height, config.height);
        coding_close(&recorder, &decoder);
    }
}

static void test_two_threads_make_the_same_stream_each_time(void **state)
{
    enum { COUNT = 12 };
    wcenc_config config = config_of(*state);
    struct recorder first, second;

    coding_open(&first, &config);
    coding_open(&second, &config);
    for (int i = 0; i < COUNT; i++) {
        encode(&first, content_frame(SLOPE, i), -1, false);
        encode(&second, content_frame(SLOPE, i), -1, false);
    }
    assert_int_equal(wcenc_encoder_flush(first.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(second.encoder), WCENC_OK);
    for (int i = 0; i < COUNT; i++) {
        const size_t size = wcenc_chunk_get_byte_length(first.chunks[i]);

        assert_int_equal(wcenc_chunk_get_byte_length(second.chunks[i]), size);
        assert_memory_equal(wcenc_chunk_get_data(second.chunks[i]), wcenc_chunk_get_data(first.chunks[i]), size);
    }
    recorder_close(&first);
    recorder_close(&second);
}

static void test_a_flush_costs_no_key_chunk(void **state)
{
    enum { COUNT = 8 };
    wcenc_config config = config_of(*state);
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        encode(&recorder, content_frame(SLOPE, i), -1, false);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    }
    coding_finish(&recorder, &decoder, COUNT);
    for (int i = 1; i < COUNT; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA); /* FLU-007 */
    coding_close(&recorder, &decoder);
}

static void test_what_openh264_does_not_encode_is_refused(void **state)
{
    static const struct {
        const char *codec, *options, *refusal; /* the last is part of the reason; NULL: supported */
        uint32_t width, height, b_frames;
        wcenc_bitrate_mode mode;
    } rows[] = {
        {"avc1.64001f", "coder=cavlc:loopfilter=0:qmin=14", NULL, 320, 192, 0, 0},
        {"avc1.64001f", "coder=c\\abac", NULL, 320, 192, 0, 0},
        {"avc1.42001f", "coder=cabac", "Baseline", 320, 192, 0, 0},
        {"avc1.64001f", "coder=1", "coder", 320, 192, 0, 0},
        {"avc1.64001f", "qmin=11", "12 to 50", 320, 192, 0, 0},
        {"avc1.64001f", "qmin=12", "20 to 50", 64, 64, 0, 0},
        {"avc1.64001f", "qmin=30", "qmin", 320, 192, 0, WCENC_BITRATE_QUANTIZER},
        {"avc1.64001f", "preset=fast", "preset", 320, 192, 0, 0},
        {"avc1.64001f", "slices=2", "slices", 320, 192, 0, 0},
        {"avc1.64001f", "coder", "name=value", 320, 192, 0, 0},
        {"avc1.64001f", NULL, "odd", 321, 192, 0, 0},
        {"avc1.64001f", NULL, "odd", 320, 191, 0, 0},
        {"avc1.64001f", NULL, "at least 16", 14, 192, 0, 0},
        {"avc1.64003e", NULL, NULL, 4096, 2304, 0, 0},
        {"avc1.64003e", NULL, "macroblocks", 4096, 2320, 0, 0},
        {"avc1.64001f", NULL, "B-frames", 320, 192, 1, 0},
        {"avc1.6e001f", NULL, "Baseline, Main and High", 320, 192, 0, 0},
        {"avc1.f4001f", NULL, "Baseline, Main and High", 320, 192, 0, 0},
        {"vp8", NULL, "native-openh264", 320, 192, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_config config = config_of(&(struct openh264_case){rows[i].codec, NULL, 2});
        wcenc_config_support *support;

        config.width = rows[i].width;
        config.height = rows[i].height;
        config.latency_mode = rows[i].b_frames ? WCENC_LATENCY_QUALITY : WCENC_LATENCY_REALTIME;
        config.max_b_frames = rows[i].b_frames;
        config.bitrate_mode = rows[i].mode;
        config.encoder_options = rows[i].options;
        assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
        if (!support->supported != (rows[i].refusal != NULL) ||
            (rows[i].refusal && !strstr(support->reason, rows[i].refusal)))
            fail_msg("row %zu: %s", i, support->reason ? support->reason : "supported");
        wcenc_config_support_free(support);
    }
}

#define CASE(test, codec, layers, threads) \
    cmocka_unit_test_prestate(test, (&(struct openh264_case){codec, layers, threads}))

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_h264_has_the_quantizer_of_each_frame, "avc1.42001f", NULL, 1),
        CASE(test_h264_has_the_quantizer_of_each_frame, "avc1.64001f", NULL, 2),
        CASE(test_h264_has_the_quantizer_of_each_frame, "avc1.4d001f", "L1T2", 1),
        CASE(test_h264_has_the_quantizer_of_each_frame, "avc1.64001f", "L1T3", 2),
        CASE(test_noise_gets_the_quantizer_that_is_reported, "avc1.42001f", NULL, 1),
        CASE(test_noise_gets_the_quantizer_that_is_reported, "avc1.64001f", NULL, 2),
        CASE(test_noise_behind_calm_pictures_keeps_to_the_rate, "avc1.42001f", NULL, 1),
        CASE(test_noise_behind_calm_pictures_keeps_to_the_rate, "avc1.64001f", NULL, 1),
        CASE(test_noise_behind_calm_pictures_keeps_to_the_rate, "avc1.42001f", "L1T2", 2),
        CASE(test_noise_behind_calm_pictures_keeps_to_the_rate, "avc1.64001f", "L1T3", 2),
        cmocka_unit_test(test_parameter_sets_have_the_profile_and_level_of_the_codec_string),
        cmocka_unit_test(test_reference_marks_follow_the_layers),
        cmocka_unit_test(test_every_even_size_opens_and_comes_back),
        CASE(test_two_threads_make_the_same_stream_each_time, "avc1.64001f", NULL, 2),
        CASE(test_a_flush_costs_no_key_chunk, "avc1.64001f", NULL, 2),
        cmocka_unit_test(test_what_openh264_does_not_encode_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
