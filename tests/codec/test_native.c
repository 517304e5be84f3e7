/* SPDX-License-Identifier: MIT */

/* What native encoders do beyond those of FFmpeg: exact quantizers, flushes without a key chunk, translated options. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/bsf.h>
#include <libavutil/video_enc_params.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192 };

/* Encoders of libraries that a build may be without. */
static const struct native {
    const char *name;
    const char *codec;
    bool is_built;
} natives[] = {
#ifdef WCENC_HAS_VPX
    {"native-vpx", "vp8", true},
#else
    {"native-vpx", "vp8", false},
#endif
#ifdef WCENC_HAS_AOM
    {"native-aom", "av01.0.05M.08", true},
#else
    {"native-aom", "av01.0.05M.08", false},
#endif
};

enum { NATIVES = sizeof natives / sizeof natives[0], VPX = 0, AOM = 1 };

struct native_case {
    const char *codec;
    wcenc_latency_mode latency;
    const char *layers;
};

static const struct native *native_of(const char *codec)
{
    return &natives[strncmp(codec, "av01", strlen("av01")) == 0 ? AOM : VPX];
}

static wcenc_config config_of(const struct native_case *native)
{
    wcenc_config config = config_for(native->codec, WIDTH, HEIGHT);

    config.encoder_name = native_of(native->codec)->name;
    config.latency_mode = native->latency;
    config.scalability_mode = native->layers;
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

/* The nearest of the 64 steps of libvpx and libaom. The first is lossless, which libaom's layers have not. */
static int nearest_step(int quantizer, int first)
{
    int nearest = 4 * first;

    for (int i = first; i < 64; i++) {
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

static void assert_near(int quantizer, int asked, int first)
{
    const int nearest = nearest_step(asked, first);

    if (abs(quantizer - asked) != abs(nearest - asked))
        fail_msg("quantizer %d where %d was asked for, the nearest step is %d", quantizer, asked, nearest);
}

static const int quantizers[] = {0,  255, 100, 1,  2,  3,  247, 248, 246, 251, 252, 128, 127, 126,
                                 64, 10,  9,   37, 41, 43, 200, 199, 30,  0,   252, 55,  55,  4};

enum { COUNT = sizeof quantizers / sizeof quantizers[0], KEY = 12 };

/* In quality mode libaom makes a key frame of the frame behind one that was to be a key frame, too. */
static bool makes_two_keys(const struct native_case *native)
{
    return native_of(native->codec) == &natives[AOM] && native->latency == WCENC_LATENCY_QUALITY && !native->layers;
}

/* Each frame with its quantizer, which the library reports after it. A new one makes no key chunk. */
static void encode_quantizers(struct recorder *recorder, const struct native_case *native)
{
    const int first = native->layers ? 1 : 0;
    wcenc_config config = config_of(native);

    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    coding_open(recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        wcenc_stats stats;

        encode(recorder, i, quantizers[i], i == KEY);
        flush(recorder);
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(recorder->encoder, &stats), WCENC_OK);
        assert_int_equal(stats.has_quantizer, 1);
        assert_near((int)stats.quantizer, quantizers[i], first);
    }
    assert_int_equal(recorder->chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const bool is_key = i == 0 || i == KEY || (i == KEY + 1 && makes_two_keys(native));

        assert_int_equal(wcenc_chunk_get_type(recorder->chunks[i]),
                         is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    }
}

static void test_vp9_has_the_quantizer_of_each_frame(void **state)
{
    struct recorder recorder;
    struct decoder decoder;

    if (!natives[VPX].is_built)
        skip();
    encode_quantizers(&recorder, *state);
    decoder_open(&decoder, wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config);
    decoder.context->export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
    for (int i = 0; i < COUNT; i++)
        decoder_send(&decoder, recorder.chunks[i]);
    decoder_drain(&decoder);
    assert_int_equal(decoder.frame_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_near(quantizer_in(decoder.frames[i]), quantizers[i], 0); /* QP-004, QP-012, WPT-004 */
    coding_close(&recorder, &decoder);
}

/* What FFmpeg's reader of headers logs of the packet that it reads; -1 where it has said nothing. */
static struct {
    int base_q_idx, segmentation_enabled, delta_q_present;
} trace;

static void read_trace(void *context, int level, const char *format, va_list arguments)
{
    static const struct {
        const char *name;
        int *value;
    } fields[] = {{"base_q_idx", &trace.base_q_idx},
                  {"segmentation_enabled", &trace.segmentation_enabled},
                  {"delta_q_present", &trace.delta_q_present}};
    char line[256];
    const char *equals;

    (void)context;
    (void)level;
    (void)vsnprintf(line, sizeof line, format, arguments);
    equals = strrchr(line, '=');
    for (size_t i = 0; equals && i < sizeof fields / sizeof fields[0]; i++)
        if (strstr(line, fields[i].name))
            *fields[i].value = atoi(equals + 1);
}

/* Reads the frame header of every chunk with FFmpeg's reader, which shares nothing with the library. */
static void check_av1_quantizers(const struct recorder *recorder, int first)
{
    AVBSFContext *reader = NULL;
    AVPacket *packet = av_packet_alloc();

    assert_non_null(packet);
    assert_int_equal(av_bsf_alloc(av_bsf_get_by_name("trace_headers"), &reader), 0);
    reader->par_in->codec_id = AV_CODEC_ID_AV1;
    assert_int_equal(av_bsf_init(reader), 0);
    av_log_set_level(AV_LOG_INFO);
    av_log_set_callback(read_trace);
    for (int i = 0; i < COUNT; i++) {
        const wcenc_chunk *chunk = recorder->chunks[i];

        trace.base_q_idx = trace.segmentation_enabled = trace.delta_q_present = -1;
        assert_int_equal(av_new_packet(packet, (int)wcenc_chunk_get_byte_length(chunk)), 0);
        memcpy(packet->data, wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk));
        assert_int_equal(av_bsf_send_packet(reader, packet), 0);
        assert_int_equal(av_bsf_receive_packet(reader, packet), 0);
        av_packet_unref(packet);
        assert_true(trace.base_q_idx >= 0);
        assert_near(trace.base_q_idx, quantizers[i], first); /* QP-004, QP-012, WPT-004 */
        /* Nothing moves blocks from it. */
        assert_int_equal(trace.segmentation_enabled, 0);
        assert_true(trace.delta_q_present <= 0); /* absent where the frame is lossless */
    }
    av_log_set_callback(av_log_default_callback);
    av_bsf_free(&reader);
    av_packet_free(&packet);
}

static void test_av1_has_the_quantizer_of_each_frame(void **state)
{
    const struct native_case *native = *state;
    struct recorder recorder;
    struct decoder decoder;

    if (!natives[AOM].is_built)
        skip();
    encode_quantizers(&recorder, native);
    check_av1_quantizers(&recorder, native->layers ? 1 : 0);
    coding_finish(&recorder, &decoder, COUNT);
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

static void check_rounds(struct recorder *recorder)
{
    struct decoder decoder;

    coding_finish(recorder, &decoder, ALL_ROUNDS);
    for (int i = 0; i < ALL_ROUNDS; i++) {
        assert_int_equal(wcenc_chunk_get_timestamp_us(recorder->chunks[i]), 33333 * (int64_t)i);
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), i);
    }
    decoder_close(&decoder);
}

/* VP8 makes key chunks by itself where it sees another picture, with and without flushes. */
static void test_a_flush_costs_no_key_chunk(void **state)
{
    wcenc_config config = config_of(*state);
    struct recorder flushed, plain;

    if (!native_of(config.codec)->is_built)
        skip();
    encode_rounds(&plain, &config, false);
    flush(&plain);
    encode_rounds(&flushed, &config, true);
    check_rounds(&flushed);
    for (int i = 0; i < ALL_ROUNDS; i++)
        assert_int_equal(wcenc_chunk_get_type(flushed.chunks[i]), wcenc_chunk_get_type(plain.chunks[i])); /* FLU-007 */
    assert_int_equal(wcenc_chunk_get_type(flushed.chunks[OF_A_ROUND]), WCENC_CHUNK_TYPE_DELTA);
    recorder_close(&flushed);
    recorder_close(&plain);
}

/* Where libaom looks ahead, it begins with a key frame behind what it drained, and goes on. */
static void test_a_flush_of_av1_in_quality_costs_a_key_chunk(void **state)
{
    wcenc_config config = config_of(*state);
    struct recorder recorder;

    if (!natives[AOM].is_built)
        skip();
    encode_rounds(&recorder, &config, true);
    check_rounds(&recorder);
    for (int i = 0; i < ALL_ROUNDS; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                         i % OF_A_ROUND == 0 ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    recorder_close(&recorder);
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
        {"av01.0.05M.08", "cpu-used=8:aq-mode=none:row-mt=0:tile-columns=1:enable-cdef=0", NULL, 1, 0, NULL},
        {"av01.0.05M.08", "qmin=10:qmax=40:max-intra-rate=300:tune-content=screen", NULL, 1, 1, NULL},
        {"av01.0.05M.08", "cpu-used=10", NULL, 1, 0, NULL},
        {"av01.0.05M.08", "cpu-used=10", "at most 9", 0, 0, NULL},
        {"av01.0.05M.08", "cpu-used=11", "0 to 10", 1, 0, NULL},
        {"av01.0.05M.08", "lag-in-frames=3:auto-alt-ref=1", NULL, 0, 0, NULL},
        {"av01.0.05M.08", "lag-in-frames=3", "realtime", 1, 0, NULL},
        {"av01.0.05M.08", "lag-in-frames=3", "layers", 0, 0, "L1T2"},
        {"av01.0.05M.08", "lag-in-frames=49", "0 to 48", 0, 0, NULL},
        {"av01.0.05M.08", "qmin=0", NULL, 1, 0, NULL},
        {"av01.0.05M.08", "qmin=0", "qmin=1", 1, 0, "L1T3"},
        {"av01.0.05M.08", "lossless=1:aq-mode=none", NULL, 1, 0, NULL},
        {"av01.0.05M.08", "lossless=1", "aq-mode", 1, 0, NULL},
        {"av01.0.05M.08", "lossless=1:aq-mode=none", "lossless=0", 1, 0, "L1T2"},
        {"av01.0.05M.08", "qmax=10", "quantizer", 1, WCENC_BITRATE_QUANTIZER, NULL},
        {"av01.0.05M.08", "aq-mode=cyclic", "quantizer", 1, WCENC_BITRATE_QUANTIZER, NULL},
        {"av01.0.05M.10", "tune-content=screen", "more than 8 bits", 1, 0, NULL},
        {"av01.0.05M.10", "tune-content=screen", NULL, 0, 0, NULL},
        {"av01.0.05M.08", "usage=good", "usage", 1, 0, NULL},
        {"av01.0.05M.08", "aom-params=cpu-used\\=9", "aom-params", 1, 0, NULL},
        {"av01.0.05M.08", "threads=2", "threads", 1, 0, NULL},
        {"avc1.42001e", NULL, "native-vpx", 1, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_config config = config_of(&(struct native_case){rows[i].codec, rows[i].latency, rows[i].layers});
        const char *refusal;

        if (!native_of(rows[i].codec)->is_built)
            continue;
        config.encoder_options = rows[i].options;
        config.bitrate_mode = rows[i].mode;
        refusal = refusal_of(&config);
        if (!refusal != !rows[i].refusal || (refusal && !strstr(refusal, rows[i].refusal)))
            fail_msg("%s with %s: %s", rows[i].codec, rows[i].options, refusal ? refusal : "supported");
    }
}

static void test_without_the_library_the_encoder_is_not_supported(void **state)
{
    (void)state;
    for (size_t i = 0; i < NATIVES; i++) {
        wcenc_config config = config_of(&(struct native_case){natives[i].codec, WCENC_LATENCY_REALTIME, NULL});
        const char *refusal = refusal_of(&config);

        assert_int_equal(natives[i].is_built, refusal == NULL);
        assert_true(!refusal || (strstr(refusal, "without") && strstr(refusal, natives[i].name)));
    }
}

#define LAYERS(test, codec, latency, layers) \
    cmocka_unit_test_prestate(test, (&(struct native_case){codec, WCENC_LATENCY_##latency, layers}))
#define CASE(test, codec, latency) LAYERS(test, codec, latency, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.00.31.08", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.00.31.08", QUALITY),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.01.31.08.03", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.02.31.10", REALTIME),
        CASE(test_vp9_has_the_quantizer_of_each_frame, "vp09.03.31.12.02", QUALITY),
        CASE(test_av1_has_the_quantizer_of_each_frame, "av01.0.05M.08", REALTIME),
        CASE(test_av1_has_the_quantizer_of_each_frame, "av01.0.05M.08", QUALITY),
        CASE(test_av1_has_the_quantizer_of_each_frame, "av01.1.05M.10.0.000", REALTIME),
        CASE(test_av1_has_the_quantizer_of_each_frame, "av01.2.05M.12", QUALITY),
        LAYERS(test_av1_has_the_quantizer_of_each_frame, "av01.0.05M.08", REALTIME, "L1T3"),
        LAYERS(test_av1_has_the_quantizer_of_each_frame, "av01.0.05M.10", QUALITY, "L1T2"),
        CASE(test_a_flush_costs_no_key_chunk, "vp8", REALTIME),
        CASE(test_a_flush_costs_no_key_chunk, "vp8", QUALITY),
        CASE(test_a_flush_costs_no_key_chunk, "vp09.00.31.08", REALTIME),
        CASE(test_a_flush_costs_no_key_chunk, "vp09.00.31.08", QUALITY),
        CASE(test_a_flush_costs_no_key_chunk, "av01.0.05M.08", REALTIME),
        CASE(test_a_flush_of_av1_in_quality_costs_a_key_chunk, "av01.0.05M.08", QUALITY),
        cmocka_unit_test(test_options_are_translated_or_refused),
        cmocka_unit_test(test_without_the_library_the_encoder_is_not_supported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
