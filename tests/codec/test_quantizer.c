/* SPDX-License-Identifier: MIT */

/* A quantizer for each frame, with the codecs that have one. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/video_enc_params.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192, QUANTIZER_MAX = 51, NONE = -1 };

static wcenc_config quantizer_config(const struct codec_row *row, wcenc_latency_mode latency)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    config.latency_mode = latency;
    return config;
}

/* Frame `number` with a quantizer, of any codec, or NONE. */
static void encode_as(struct recorder *recorder, int number, int quantizer, bool key)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)number, 33333 * (int64_t)number);
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    options.has_quantizer = quantizer != NONE;
    options.quantizer = quantizer != NONE ? (uint32_t)quantizer : 0;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

static void encode(struct recorder *recorder, int number, int quantizer)
{
    encode_as(recorder, number, quantizer, false);
}

/* The number that a decoded picture shows. */
static unsigned number_in(const AVFrame *frame)
{
    return pattern_read(frame->data[0], frame->linesize[0]);
}

static void test_every_quantizer_encodes_and_good_ones_can_be_read(void **state)
{
    enum { READABLE_MAX = 20 };
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder recorder;
        struct decoder decoder;

        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        for (int quantizer = 1; quantizer <= QUANTIZER_MAX; quantizer++)
            encode(&recorder, quantizer, quantizer);
        coding_finish(&recorder, &decoder, QUANTIZER_MAX); /* QP-003, QP-010: so many chunks, and pictures */
        for (int i = 0; i < QUANTIZER_MAX; i++)
            assert_int_equal(decoder.frames[i]->pts, 33333 * (int64_t)(i + 1)); /* QP-003, WPT-004 */
        for (int i = 0; i < READABLE_MAX; i++)
            assert_int_equal(number_in(decoder.frames[i]), i + 1); /* QP-005 */
        coding_close(&recorder, &decoder);
    }
}

/* A number of frames with a quantizer at the first, and at each other one where `at_all`. */
static void record(struct recorder *recorder, const wcenc_config *config, int quantizer, bool at_all)
{
    enum { COUNT = 12 };

    coding_open(recorder, config);
    for (int i = 0; i < COUNT; i++)
        encode(recorder, i, i == 0 || at_all ? quantizer : NONE);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

/* True if both made the same chunks, byte by byte. */
static bool are_same(const struct recorder *a, const struct recorder *b)
{
    bool same = a->chunk_count == b->chunk_count;

    for (int i = 0; same && i < a->chunk_count; i++) {
        size_t size = wcenc_chunk_get_byte_length(a->chunks[i]);

        same = wcenc_chunk_get_byte_length(b->chunks[i]) == size &&
               memcmp(wcenc_chunk_get_data(a->chunks[i]), wcenc_chunk_get_data(b->chunks[i]), size) == 0;
    }
    return same;
}

static void test_a_frame_without_a_quantizer_has_that_of_the_frame_before(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder first, all, other;

        if (!config_works(&config))
            skip();
        record(&first, &config, 45, false);
        record(&all, &config, 45, true);
        record(&other, &config, 30, true);
        assert_true(are_same(&first, &all)); /* QP-008 */
        assert_false(are_same(&first, &other));
        recorder_close(&first);
        recorder_close(&all);
        recorder_close(&other);
    }
}

static void test_the_bitrate_has_no_effect_on_quantizers(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder low, high;

        if (!config_works(&config))
            skip();
        config.bitrate = 1000;
        record(&low, &config, 25, true);
        config.bitrate = 5000000;
        record(&high, &config, 25, true);
        assert_true(are_same(&low, &high)); /* RC-004 */
        recorder_close(&low);
        recorder_close(&high);
    }
}

/* One that jumps from frame to frame, and comes to both ends of the scale, whose upper part is longer with 10 bits. */
static int jumping_quantizer(int i, int most)
{
    static const int quantizers[] = {30, 30, 12, 45, 0, QUANTIZER_MAX, 26, 27, 10, 10, 40, 1};
    int quantizer = quantizers[i % (int)(sizeof quantizers / sizeof quantizers[0])];

    return quantizer < 40 ? quantizer : quantizer + most - QUANTIZER_MAX;
}

struct exact_case {
    const char *codec;
    int most; /* of the scale */
};

static const struct exact_case exact_cases[] = {
    {"avc1.64001f", QUANTIZER_MAX}, {"avc1.6e0028", QUANTIZER_MAX + 12}, {"avc1.7a0028", QUANTIZER_MAX + 12}};

/* The quantizer of every macroblock, as the decoder reads it. */
static void check_macroblocks(const AVFrame *frame, int quantizer)
{
    const AVFrameSideData *side_data = av_frame_get_side_data(frame, AV_FRAME_DATA_VIDEO_ENC_PARAMS);
    AVVideoEncParams *parameters;

    assert_non_null(side_data);
    parameters = (AVVideoEncParams *)(void *)side_data->data;
    assert_int_equal(parameters->nb_blocks, WIDTH / 16 * (HEIGHT / 16));
    for (unsigned i = 0; i < parameters->nb_blocks; i++)
        assert_int_equal(parameters->qp + av_video_enc_params_block(parameters, i)->delta_qp, quantizer); /* QP-006 */
}

static void test_h264_has_the_quantizer_of_each_frame_in_every_macroblock(void **state)
{
    enum { COUNT = 36, KEY = 17 };
    const struct exact_case *exact = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(&codec_rows[0], latency);
        struct recorder recorder;
        struct decoder decoder;

        config.codec = exact->codec;
        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        for (int i = 0; i < COUNT; i++)
            encode_as(&recorder, i, jumping_quantizer(i, exact->most), i == KEY);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        decoder_open(&decoder, wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config);
        decoder.context->export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
        for (int i = 0; i < COUNT; i++)
            decoder_send(&decoder, recorder.chunks[i]);
        decoder_drain(&decoder);
        assert_int_equal(decoder.frame_count, COUNT);
        for (int i = 0; i < COUNT; i++)
            check_macroblocks(decoder.frames[i], jumping_quantizer(i, exact->most));
        coding_close(&recorder, &decoder);
    }
}

/* The metadata of the chunk of frame `number`. */
static const wcenc_chunk_metadata *metadata_of(const struct recorder *recorder, int number)
{
    for (int i = 0; i < recorder->chunk_count; i++)
        if (wcenc_chunk_get_timestamp_us(recorder->chunks[i]) == 33333 * (int64_t)number)
            return wcenc_chunk_get_metadata(recorder->chunks[i]);
    fail_msg("no chunk of frame %d", number);
    return NULL;
}

static void expect_quantizer(const struct recorder *recorder, int number, int quantizer)
{
    const wcenc_chunk_metadata *metadata = metadata_of(recorder, number);

    if (!metadata->has_quantizer || metadata->quantizer != (uint32_t)quantizer)
        fail_msg("frame %d has the quantizer %u (%d), not %d", number, (unsigned)metadata->quantizer,
                 metadata->has_quantizer, quantizer);
}

static void expect_last_quantizer_in_stats(const struct recorder *recorder)
{
    const wcenc_chunk_metadata *last = wcenc_chunk_get_metadata(recorder->chunks[recorder->chunk_count - 1]);
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(recorder->encoder, &stats), WCENC_OK);
    assert_int_equal(stats.has_quantizer, last->has_quantizer);
    assert_int_equal(stats.quantizer, last->quantizer);
}

/* Every third frame has none of its own. Those of H.264 are held against the macroblocks above. */
static void test_chunks_have_the_quantizer_of_their_frame(void **state)
{
    static const char *const codecs[] = {"avc1.64001f", "avc1.6e0028", "hvc1.1.6.L93.B0", "hvc1.2.4.L93.B0"};
    enum { COUNT = 24 };

    (void)state;
    for (size_t c = 0; c < sizeof codecs / sizeof codecs[0]; c++) {
        const int most = c % 2 ? QUANTIZER_MAX + 12 : QUANTIZER_MAX;
        wcenc_config config = quantizer_config(&codec_rows[c / 2], WCENC_LATENCY_REALTIME);
        struct recorder recorder;

        config.codec = codecs[c];
        if (!config_works(&config))
            continue;
        recorder_open(&recorder);
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        for (int i = 0; i < COUNT; i++)
            encode(&recorder, i, i % 3 == 2 ? NONE : jumping_quantizer(i, most));
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        for (int i = 0; i < COUNT; i++)
            expect_quantizer(&recorder, i, jumping_quantizer(i % 3 == 2 ? i - 1 : i, most));
        expect_last_quantizer_in_stats(&recorder);
        recorder_close(&recorder);
    }
}

enum { STREAM_COUNT = 12 };

/* As many frames, and their chunks through a decoder that reports the quantizers of the bitstream. */
static void encode_and_decode(struct recorder *recorder, struct decoder *decoder, const wcenc_config *config)
{
    coding_open(recorder, config);
    for (int i = 0; i < STREAM_COUNT; i++)
        encode_as(recorder, i, NONE, i == 7);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, STREAM_COUNT);
    decoder_open(decoder, wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config);
    decoder->context->export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS;
    for (int i = 0; i < STREAM_COUNT; i++)
        decoder_send(decoder, recorder->chunks[i]);
    decoder_drain(decoder);
    assert_int_equal(decoder->frame_count, STREAM_COUNT);
}

/* Without what varies it inside of a picture, each macroblock has the quantizer that x264 reports. */
static void test_h264_chunks_have_the_quantizer_of_the_bitstream(void **state)
{
    (void)state;
    for (int is_deep = 0; is_deep < 2; is_deep++) {
        wcenc_config config = row_config(&codec_rows[0], WIDTH, HEIGHT);
        struct recorder recorder;
        struct decoder decoder;

        config.codec = is_deep ? "avc1.6e0028" : "avc1.64001f";
        config.bitrate_mode = WCENC_BITRATE_CONSTANT_QUALITY;
        config.has_quality = 1;
        config.quality = 30;
        config.encoder_options = "aq-mode=0:x264-params=mbtree=0";
        if (!config_works(&config))
            continue;
        encode_and_decode(&recorder, &decoder, &config);
        for (int i = 0; i < STREAM_COUNT; i++) {
            const wcenc_chunk_metadata *metadata = metadata_of(&recorder, i);

            assert_int_equal(metadata->has_quantizer, 1);
            check_macroblocks(decoder.frames[i], (int)metadata->quantizer);
        }
        coding_close(&recorder, &decoder);
    }
}

/* base_q_idx, as FFmpeg's decoder reads it. */
static void test_vp9_chunks_have_the_quantizer_of_the_bitstream(void **state)
{
    static const struct {
        const char *codec, *layers;
        wcenc_latency_mode latency;
    } cases[] = {
        {"vp09.00.31.08", NULL, WCENC_LATENCY_QUALITY},    {"vp09.00.31.08", NULL, WCENC_LATENCY_REALTIME},
        {"vp09.00.31.08", "L1T3", WCENC_LATENCY_REALTIME}, {"vp09.01.31.08.03", NULL, WCENC_LATENCY_REALTIME},
        {"vp09.02.31.10", NULL, WCENC_LATENCY_REALTIME},   {"vp09.03.31.10.03", NULL, WCENC_LATENCY_REALTIME},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        wcenc_config config = row_config(&codec_rows[3], WIDTH, HEIGHT);
        struct recorder recorder;
        struct decoder decoder;

        config.codec = cases[c].codec;
        config.scalability_mode = cases[c].layers;
        config.latency_mode = cases[c].latency;
        config.bitrate = 200000;
        if (!config_works(&config))
            continue;
        encode_and_decode(&recorder, &decoder, &config);
        for (int i = 0; i < STREAM_COUNT; i++) {
            const AVFrameSideData *side_data =
                av_frame_get_side_data(decoder.frames[i], AV_FRAME_DATA_VIDEO_ENC_PARAMS);

            assert_non_null(side_data);
            expect_quantizer(&recorder, i, ((const AVVideoEncParams *)(const void *)side_data->data)->qp);
        }
        expect_last_quantizer_in_stats(&recorder);
        coding_close(&recorder, &decoder);
    }
}

/* Whose scales are the same. */
static void test_vp8_chunks_have_the_quality_as_quantizer(void **state)
{
    static const int qualities[] = {0, 4, 24, 63};

    (void)state;
    for (size_t q = 0; q < sizeof qualities / sizeof qualities[0]; q++) {
        wcenc_config config = row_config(&codec_rows[2], WIDTH, HEIGHT);
        struct recorder recorder;

        config.bitrate = 0;
        config.bitrate_mode = WCENC_BITRATE_CONSTANT_QUALITY;
        config.has_quality = 1;
        config.quality = qualities[q];
        recorder_open(&recorder);
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        for (int i = 0; i < STREAM_COUNT; i++)
            encode(&recorder, i, NONE);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        for (int i = 0; i < STREAM_COUNT; i++)
            expect_quantizer(&recorder, i, qualities[q]);
        recorder_close(&recorder);
    }
}

enum { HEVC_COUNT = 16, HEVC_WIDTH = 640, HEVC_HEIGHT = 384 };

/* Grain that costs bits at every quantizer: sizes of a few bytes jump about. */
static void draw_grain(uint8_t *pixels, int number)
{
    uint32_t random = 88172645u + (uint32_t)number * 2654435761u;

    pattern_draw(pixels, HEVC_WIDTH, HEVC_HEIGHT, (unsigned)number);
    for (size_t i = 0; i < (size_t)HEVC_WIDTH * HEVC_HEIGHT; i++) {
        random = random * 1664525u + 1013904223u;
        pixels[i] = (uint8_t)(pixels[i] / 2 + 32 + random / (1u << 25));
    }
}

/* What libx265 makes of the same pictures where it has one quantizer for all; with the library's own options. */
static void encode_plainly(int quantizer, size_t sizes[HEVC_COUNT])
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx265");
    AVCodecContext *context = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    uint8_t *pixels = malloc(i420_size(HEVC_WIDTH, HEVC_HEIGHT));
    char parameters[128];

    assert_true(context && frame && packet && pixels);
    context->width = frame->width = HEVC_WIDTH;
    context->height = frame->height = HEVC_HEIGHT;
    context->pix_fmt = frame->format = AV_PIX_FMT_YUV420P;
    context->time_base = (AVRational){1, 30};
    context->gop_size = 300;
    context->max_b_frames = 0;
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    (void)snprintf(parameters, sizeof parameters, "log-level=none:info=0:pools=1:open-gop=0:ipratio=1:pbratio=1:qp=%d",
                   quantizer);
    av_opt_set(context->priv_data, "preset", "ultrafast", 0);
    av_opt_set(context->priv_data, "tune", "zerolatency", 0);
    av_opt_set(context->priv_data, "x265-params", parameters, 0);
    assert_int_equal(avcodec_open2(context, codec, NULL), 0);
    for (int i = 0; i < HEVC_COUNT; i++) {
        draw_grain(pixels, i);
        assert_true(av_image_fill_arrays(frame->data, frame->linesize, pixels, AV_PIX_FMT_YUV420P, HEVC_WIDTH,
                                         HEVC_HEIGHT, 1) > 0);
        frame->pts = i;
        assert_int_equal(avcodec_send_frame(context, frame), 0);
        assert_int_equal(avcodec_receive_packet(context, packet), 0);
        sizes[i] = (size_t)packet->size;
        av_packet_unref(packet);
    }
    free(pixels);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&context);
}

static void encode_grain(struct recorder *recorder, int number, int quantizer)
{
    wcenc_encode_options options;
    wcenc_frame_desc desc;
    wcenc_frame *frame;
    uint8_t *pixels = malloc(i420_size(HEVC_WIDTH, HEVC_HEIGHT));

    assert_non_null(pixels);
    draw_grain(pixels, number);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = HEVC_WIDTH;
    desc.coded_height = HEVC_HEIGHT;
    desc.timestamp_us = number;
    desc.data = pixels;
    desc.data_size = i420_size(HEVC_WIDTH, HEVC_HEIGHT);
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    free(pixels);
    wcenc_encode_options_init(&options, sizeof options);
    options.has_quantizer = 1;
    options.quantizer = (uint32_t)quantizer;
    assert_int_equal(wcenc_encoder_encode(recorder->encoder, frame, &options), WCENC_OK);
    wcenc_frame_unref(frame);
}

/* Its offsets are in the coding units, which FFmpeg's decoder does not report: the sizes have to do. */
static void test_hevc_comes_to_the_sizes_of_a_constant_quantizer(void **state)
{
    static const int quantizers[] = {14, 22, 30, 38};
    wcenc_config config = quantizer_config(&codec_rows[1], WCENC_LATENCY_REALTIME);

    (void)state;
    config.threads = 1;
    config.width = HEVC_WIDTH;
    config.height = HEVC_HEIGHT;
    if (!config_works(&config))
        skip();
    for (size_t q = 0; q < sizeof quantizers / sizeof quantizers[0]; q++) {
        size_t sizes[HEVC_COUNT];
        double sum = 0, plain_sum = 0;
        struct recorder recorder;

        encode_plainly(quantizers[q], sizes);
        coding_open(&recorder, &config);
        for (int i = 0; i < HEVC_COUNT; i++)
            encode_grain(&recorder, i, quantizers[q]);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, HEVC_COUNT);
        for (int i = 0; i < HEVC_COUNT; i++) {
            double size = (double)wcenc_chunk_get_byte_length(recorder.chunks[i]), plain = (double)sizes[i];

            print_message("%d: %.0f of %.0f\n", quantizers[q], size, plain);
            assert_true(fabs(size / plain - 1) <= 0.06); /* QP-006 */
            sum += size;
            plain_sum += plain;
        }
        assert_true(fabs(sum / plain_sum - 1) <= 0.02);
        recorder_close(&recorder);
    }
}

/* Each bit beyond 8 makes the scale 6 longer: 0 to 63 with 10 bits. */
static void test_the_quantizer_has_the_scale_of_the_depth(void **state)
{
    static const char *const codecs[] = {"avc1.6e0028", "avc1.7a0028", "hvc1.2.4.L93.B0"};
    static const uint32_t quantizers[] = {8, 20, 32, 44, 51, 63};
    enum { COUNT = sizeof quantizers / sizeof quantizers[0] };

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config config = config_for(codecs[i], WIDTH, HEIGHT);
        struct recorder recorder;

        config.latency_mode = WCENC_LATENCY_REALTIME;
        config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
        config.threads = 1;
        if (!config_works(&config))
            continue;
        coding_open(&recorder, &config);
        for (int k = 0; k <= COUNT; k++) {
            wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)k, k);
            wcenc_encode_options options;

            wcenc_encode_options_init(&options, sizeof options);
            options.key_frame = 1;
            options.quantizer = k < COUNT ? quantizers[k] : 64;
            assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options),
                             k < COUNT ? WCENC_OK : WCENC_ERROR_TYPE); /* QP-009 */
            wcenc_frame_unref(frame);
        }
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, COUNT);
        for (int k = 1; k < COUNT; k++) { /* QP-006 */
            size_t before = wcenc_chunk_get_byte_length(recorder.chunks[k - 1]);
            size_t size = wcenc_chunk_get_byte_length(recorder.chunks[k]);

            if (size * 10 > before * 9)
                fail_msg("%s: %zu bytes at %u, %zu at %u", codecs[i], before, quantizers[k - 1], size, quantizers[k]);
        }
        recorder_close(&recorder);
    }
}

#define H264_AND_HEVC(test) \
    cmocka_unit_test_prestate(test, (void *)&codec_rows[0]), cmocka_unit_test_prestate(test, (void *)&codec_rows[1])
#ifdef WCENC_HAS_VPX
#define AND_VP9(test) , cmocka_unit_test_prestate(test, (void *)&codec_rows[CODEC_ROWS_LAVC + 1])
#else
#define AND_VP9(test)
#endif
#ifdef WCENC_HAS_AOM
#define AND_AV1(test) , cmocka_unit_test_prestate(test, (void *)&codec_rows[CODEC_ROWS_LAVC + CODEC_ROWS_VPX])
#else
#define AND_AV1(test)
#endif
#define THAT_HAVE_THEM(test) H264_AND_HEVC(test) AND_VP9(test) AND_AV1(test)

#define EXACTLY(number)                                                                      \
    cmocka_unit_test_prestate(test_h264_has_the_quantizer_of_each_frame_in_every_macroblock, \
                              (void *)&exact_cases[number])

int main(void)
{
    const struct CMUnitTest tests[] = {
        THAT_HAVE_THEM(test_every_quantizer_encodes_and_good_ones_can_be_read),
        THAT_HAVE_THEM(test_a_frame_without_a_quantizer_has_that_of_the_frame_before),
        THAT_HAVE_THEM(test_the_bitrate_has_no_effect_on_quantizers),
        EXACTLY(0),
        EXACTLY(1),
        EXACTLY(2),
        cmocka_unit_test(test_hevc_comes_to_the_sizes_of_a_constant_quantizer),
        cmocka_unit_test(test_the_quantizer_has_the_scale_of_the_depth),
        cmocka_unit_test(test_chunks_have_the_quantizer_of_their_frame),
        cmocka_unit_test(test_h264_chunks_have_the_quantizer_of_the_bitstream),
        cmocka_unit_test(test_vp9_chunks_have_the_quantizer_of_the_bitstream),
        cmocka_unit_test(test_vp8_chunks_have_the_quality_as_quantizer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
