/* SPDX-License-Identifier: MIT */

/* What native encoders do beyond those of FFmpeg: exact quantizers, flushes without a key chunk, translated options. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/video_enc_params.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192 };

#ifdef WCENC_HAS_VPX
static const bool has_vpx = true;
#else
static const bool has_vpx = false;
#endif

struct native_case {
    const char *codec;
    wcenc_latency_mode latency;
};

static wcenc_config config_of(const struct native_case *native)
{
    wcenc_config config = config_for(native->codec, WIDTH, HEIGHT);

    config.encoder_name = "native-vpx";
    config.latency_mode = native->latency;
    config.bitrate = 1000000;
    config.framerate = 30;
    config.threads = 1;
    return config;
}

static void encode(struct recorder *recorder, int number, int quantizer, bool key)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)number, 33333 * (int64_t)number);
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    options.has_quantizer = quantizer >= 0;
    options.quantizer = quantizer >= 0 ? (uint32_t)quantizer : 0;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

static void flush(struct recorder *recorder)
{
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("flush: %s", recorder->error_message);
}

/* The nearest of libvpx's 64 steps. */
static int nearest_step(int quantizer)
{
    int nearest = 0;

    for (int i = 0; i < 64; i++) {
        int step = i < 62 ? 4 * i : i == 62 ? 249 : 255;

        if (abs(step - quantizer) < abs(nearest - quantizer))
            nearest = step;
    }
    return nearest;
}

static int quantizer_in(const AVFrame *frame)
{
    const AVFrameSideData *side_data = av_frame_get_side_data(frame, AV_FRAME_DATA_VIDEO_ENC_PARAMS);
    const AVVideoEncParams *parameters;

    assert_non_null(side_data);
    parameters = (const AVVideoEncParams *)(const void *)side_data->data;
    for (unsigned i = 0; i < parameters->nb_blocks; i++)
        assert_int_equal(av_video_enc_params_block((AVVideoEncParams *)(void *)side_data->data, i)->delta_qp, 0);
    return parameters->qp;
}

static void assert_near(int quantizer, int asked)
{
    if (abs(quantizer - asked) != abs(nearest_step(asked) - asked))
        fail_msg("quantizer %d where %d was asked for, the nearest step is %d", quantizer, asked, nearest_step(asked));
}

static void test_vp9_has_the_quantizer_of_each_frame(void **state)
{
    static const int quantizers[] = {0,  255, 100, 1,  2,  3,  247, 248, 246, 251, 252, 128, 127, 126,
                                     64, 10,  9,   37, 41, 43, 200, 199, 30,  0,   252, 55,  55,  4};
    enum { COUNT = sizeof quantizers / sizeof quantizers[0], KEY = 12 };
    wcenc_config config = config_of(*state);
    struct recorder recorder;
    struct decoder decoder;

    if (!has_vpx)
        skip();
    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        wcenc_stats stats;

        encode(&recorder, i, quantizers[i], i == KEY);
        flush(&recorder);
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(recorder.encoder, &stats), WCENC_OK);
        assert_int_equal(stats.has_quantizer, 1);
        assert_near((int)stats.quantizer, quantizers[i]);
    }
    assert_int_equal(recorder.chunk_count, COUNT);
    decoder_open(&decoder, wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config);
    decoder.context->export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
    for (int i = 0; i < COUNT; i++)
        decoder_send(&decoder, recorder.chunks[i]);
    decoder_drain(&decoder);
    assert_int_equal(decoder.frame_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        bool is_key = i == 0 || i == KEY; /* a new quantizer makes no key chunk */

        assert_near(quantizer_in(decoder.frames[i]), quantizers[i]); /* QP-004, QP-012 */
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                         is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    }
    coding_close(&recorder, &decoder);
}

enum { ROUNDS = 4, OF_A_ROUND = 12, ALL_ROUNDS = ROUNDS * OF_A_ROUND };

static void encode_rounds(struct recorder *recorder, const wcenc_config *config, bool flushes)
{
    coding_open(recorder, config);
    for (int i = 0; i < ALL_ROUNDS; i++) {
        encode(recorder, i, -1, false);
        if (flushes && i % OF_A_ROUND == OF_A_ROUND - 1) {
            flush(recorder);
            assert_int_equal(recorder->chunk_count, i + 1);
        }
    }
}

/* VP8 makes key chunks by itself where it sees another picture, with and without flushes. */
static void test_a_flush_costs_no_key_chunk(void **state)
{
    wcenc_config config = config_of(*state);
    struct recorder flushed, plain;
    struct decoder decoder;

    if (!has_vpx)
        skip();
    encode_rounds(&plain, &config, false);
    flush(&plain);
    encode_rounds(&flushed, &config, true);
    coding_finish(&flushed, &decoder, ALL_ROUNDS);
    for (int i = 0; i < ALL_ROUNDS; i++) {
        assert_int_equal(wcenc_chunk_get_type(flushed.chunks[i]), wcenc_chunk_get_type(plain.chunks[i])); /* FLU-007 */
        assert_int_equal(wcenc_chunk_get_timestamp_us(flushed.chunks[i]), 33333 * (int64_t)i);
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), i);
    }
    assert_int_equal(wcenc_chunk_get_type(flushed.chunks[OF_A_ROUND]), WCENC_CHUNK_TYPE_DELTA);
    coding_close(&flushed, &decoder);
    recorder_close(&plain);
}

/* NULL if it is supported; the reason lives until the next call. */
static const char *refusal_of(const wcenc_config *config)
{
    static char reason[512];
    wcenc_config_support *support;
    bool is_refused;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    is_refused = !support->supported;
    if (is_refused)
        strncpy(reason, support->reason, sizeof reason - 1);
    wcenc_config_support_free(support);
    return is_refused ? reason : NULL;
}

static void test_options_are_translated_or_refused(void **state)
{
    static const struct {
        const char *codec;
        const char *options;
        const char *refusal; /* part of the reason; NULL: supported */
        wcenc_latency_mode latency;
        wcenc_bitrate_mode mode;
        const char *layers;
    } rows[] = {
        {"vp8", "cpu-used=-4:static-thresh=0:noise-sensitivity=1", NULL, 1, 0, NULL},
        {"vp09.00.31.08", "cpu-used=7:aq-mode=cyclic:row-mt=0:tile-columns=1", NULL, 1, 0, NULL},
        {"vp09.00.31.08", "deadline=good:qmin=10:qmax=40", NULL, 0, 1, NULL},
        {"vp09.00.31.08", "lag-in-frames=3", NULL, 0, 0, NULL},
        {"vp09.00.31.08", "lag-in-frames=3", "realtime", 1, 0, NULL},
        {"vp09.00.31.08", "lag-in-frames=3", "layers", 0, 0, "L1T2"},
        {"vp09.00.31.08", "lag-in-frames=26", "0 to 25", 0, 0, NULL},
        {"vp09.00.31.08", "tune-content=s\\creen", NULL, 1, 0, NULL},
        {"vp09.00.31.08", "tune-content=screens", "tune-content", 1, 0, NULL},
        {"vp09.00.31.08", "row-mt=1:", NULL, 1, 0, NULL},
        {"vp09.00.31.08", "qmin=40:qmax=10", "qmax", 1, 0, NULL},
        {"vp09.00.31.08", "qmax=10", "quantizer", 1, WCENC_BITRATE_QUANTIZER, NULL},
        {"vp09.00.31.08", "lossless=1", "quantizer", 1, WCENC_BITRATE_QUANTIZER, NULL},
        {"vp09.00.31.08", "preset=fast", "preset", 1, 0, NULL},
        {"vp09.00.31.08", "threads=2", "threads", 1, 0, NULL},
        {"vp09.00.31.08", "error-resilient=1", "error-resilient", 1, 0, NULL},
        {"vp09.00.31.08", "cpu-used", "name=value", 1, 0, NULL},
        {"vp09.00.31.08", "cpu-used=", "cpu-used", 1, 0, NULL},
        {"vp09.00.31.08", "cpu-used=1.5", "cpu-used", 1, 0, NULL},
        {"vp09.00.31.08", "cpu-used=99999999999999999999", "cpu-used", 1, 0, NULL},
        {"vp09.00.31.08", "=5", "native-vpx", 1, 0, NULL},
        {"vp8", "aq-mode=3", "aq-mode", 1, 0, NULL},
        {"vp8", "auto-alt-ref=1", "auto-alt-ref", 0, 0, NULL},
        {"vp8", NULL, "quantizer", 1, WCENC_BITRATE_QUANTIZER, NULL},
        {"avc1.42001e", NULL, "native-vpx", 1, 0, NULL},
    };

    (void)state;
    if (!has_vpx)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_config config = config_of(&(struct native_case){rows[i].codec, rows[i].latency});
        const char *refusal;

        config.encoder_options = rows[i].options;
        config.bitrate_mode = rows[i].mode;
        config.scalability_mode = rows[i].layers;
        refusal = refusal_of(&config);
        if (!refusal != !rows[i].refusal || (refusal && !strstr(refusal, rows[i].refusal)))
            fail_msg("%s with %s: %s", rows[i].codec, rows[i].options, refusal ? refusal : "supported");
    }
}

static void test_without_the_library_the_encoder_is_not_supported(void **state)
{
    wcenc_config config = config_of(&(struct native_case){"vp8", WCENC_LATENCY_REALTIME});
    const char *refusal = refusal_of(&config);

    (void)state;
    assert_int_equal(has_vpx, refusal == NULL);
    assert_true(has_vpx || strstr(refusal, "without native-vpx"));
}

#define CASE(test, codec, latency) \
    cmocka_unit_test_prestate(test, (&(struct native_case){codec, WCENC_LATENCY_##latency}))

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.00.31.08", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.00.31.08", QUALITY),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.01.31.08.03", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.02.31.10", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.03.31.12.02", QUALITY),
        CASE(test_a_flush_costs_no_key_chunk, "vp8", REALTIME),
        CASE(test_a_flush_costs_no_key_chunk, "vp8", QUALITY),
        CASE(test_a_flush_costs_no_key_chunk, "vp09.00.31.08", REALTIME),
        CASE(test_a_flush_costs_no_key_chunk, "vp09.00.31.08", QUALITY),
        cmocka_unit_test(test_options_are_translated_or_refused),
        cmocka_unit_test(test_without_the_library_the_encoder_is_not_supported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
