/* SPDX-License-Identifier: MIT */

/*
 * Every codec, through the public header and back through libavcodec's decoders: each frame there once, in its place,
 * with its timestamp, and looking as it should.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/decoder.h"
#include "../support/pattern.h"
#include "../support/recorder.h"

enum { WIDTH = 1280, HEIGHT = 720, SMALL_WIDTH = 320, SMALL_HEIGHT = 192 };

struct codec_case {
    const char *name;
    const char *codec;
    const char *encoder;
    int32_t annexb;
    /* dB, of each frame at 1280x720: measured with FFmpeg 5.1 (VP9 in realtime: 9, where it is less), minus 1 */
    double psnr_floor;
    double realtime_psnr_floor;
    bool realtime; /* has it */
    bool in_order; /* decoding order is presentation order without being asked to */
};

static const struct codec_case cases[] = {
    {"H.264 avc", "avc1.640028", "libx264", 0, 40.6, 40.8, true, true},
    {"H.264 annexb", "avc1.640028", "libx264", 1, 40.6, 40.8, true, true},
    {"H.264 baseline", "avc1.42001f", "libx264", 0, 41.1, 40.8, true, true},
    {"H.264 main", "avc1.4d401f", "libx264", 0, 41.1, 40.8, true, true},
    {"HEVC hevc", "hvc1.1.6.L93.B0", "libx265", 0, 41.8, 41.1, true, true},
    {"HEVC annexb", "hvc1.1.6.L93.B0", "libx265", 1, 41.8, 41.1, true, true},
    {"VP8", "vp8", "libvpx", 0, 41.3, 38.9, true, true},
    {"VP9", "vp09.00.31.08", "libvpx-vp9", 0, 41.8, 36.8, true, true},
    {"AV1 libaom", "av01.0.05M.08", "libaom-av1", 0, 42.4, 33.9, true, true},
    {"AV1 rav1e", "av01.0.05M.08", "librav1e", 0, 41.8, 0, false, true},
    {"AV1 SVT", "av01.0.05M.08", "libsvtav1", 0, 38.3, 0, false, true},
#ifdef WCENC_HAS_VPX
    {"VP8 native", "vp8", "native-vpx", 0, 41.3, 38.9, true, true},
    {"VP9 native", "vp09.00.31.08", "native-vpx", 0, 41.8, 36.8, true, true},
#endif
#ifdef WCENC_HAS_AOM
    {"AV1 native", "av01.0.05M.08", "native-aom", 0, 42.4, 35.1, true, true},
#endif
#ifdef WCENC_HAS_OPENH264
    {"H.264 native avc", "avc1.640028", "native-openh264", 0, 40.6, 40.8, true, true},
#endif
};

/* The major version of the SVT-AV1 that libavcodec brought into this process; 0 without one. */
static int svt_version(void)
{
    const char *(*get_version)(void) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "svt_av1_get_version");
    const char *version;

    if (!symbol)
        return 0;
    memcpy(&get_version, &symbol, sizeof symbol);
    version = get_version();
    return atoi(*version == 'v' ? version + 1 : version);
}

static double psnr_floor(const struct codec_case *test)
{
    /* Measured with 4.2, minus 1. */
    return strcmp(test->encoder, "libsvtav1") == 0 && svt_version() >= 4 ? 36.6 : test->psnr_floor;
}

static wcenc_config config_of(const struct codec_case *test, uint32_t width, uint32_t height)
{
    wcenc_config config = config_for(test->codec, width, height);

    config.encoder_name = test->encoder;
    config.bitstream_format = test->annexb;
    config.framerate = 30;
    config.bitrate = (uint64_t)width * height * 6;
    return config;
}

static void encode_pattern(struct recorder *recorder, uint32_t width, uint32_t height, int first, int count,
                           int key_every)
{
    for (int i = first; i < first + count; i++) {
        wcenc_frame *frame = pattern_frame(width, height, (unsigned)i, 1000 + 33333 * (int64_t)i);
        wcenc_encode_options options;

        wcenc_encode_options_init(&options, sizeof options);
        options.user_tag = (uint64_t)i + 100;
        options.key_frame = key_every && i % key_every == 0;
        assert_int_equal(wcenc_encoder_encode(recorder->encoder, frame, &options), WCENC_OK);
        wcenc_frame_unref(frame);
    }
}

/* Decodes what was recorded and holds every frame against what was drawn. */
static void check_pictures(struct recorder *recorder, uint32_t width, uint32_t height, int first, int count,
                           double psnr_floor)
{
    uint8_t *drawn = malloc(i420_size(width, height));
    struct decoder decoder;
    double least = 1000;

    assert_non_null(drawn);
    decode_all(&decoder, recorder->chunks, recorder->chunk_count);
    assert_int_equal(decoder.frame_count, count); /* DCF-020, OUT-009, VP9-003 */
    for (int i = 0; i < count; i++) {
        const AVFrame *frame = decoder.frames[i];
        double psnr;

        assert_int_equal(frame->width, width);
        assert_int_equal(frame->height, height);
        /* The picture's own number says which timestamp it must have. */
        assert_int_equal(pattern_read(frame->data[0], frame->linesize[0]), first + i); /* MEM-003, OUT-007 */
        assert_int_equal(frame->pts, 1000 + 33333 * (int64_t)(first + i));
        pattern_draw(drawn, width, height, (unsigned)(first + i));
        psnr = frame_psnr(frame, drawn);
        least = psnr < least ? psnr : least;
    }
    print_message("least PSNR %.1f dB\n", least);
    assert_true(least >= psnr_floor);
    decoder_close(&decoder);
    free(drawn);
}

static void check_order(struct recorder *recorder, int count)
{
    assert_int_equal(recorder->chunk_count, count); /* ENC-021, FLU-001, LAT-001, LAT-002, WPT-010 */
    for (int i = 0; i < count; i++) {
        wcenc_chunk *chunk = recorder->chunks[i];

        assert_int_equal(wcenc_chunk_get_timestamp_us(chunk), 1000 + 33333 * (int64_t)i); /* ENC-022, OUT-005 */
        assert_int_equal(wcenc_chunk_get_dts_us(chunk), wcenc_chunk_get_timestamp_us(chunk));
        assert_int_equal(wcenc_chunk_get_user_tag(chunk), i + 100);
        assert_int_equal(wcenc_chunk_get_duration_us(chunk, NULL), 0);
    }
    assert_int_equal(wcenc_chunk_get_type(recorder->chunks[0]), WCENC_CHUNK_TYPE_KEY); /* ENC-012 */
}

static void test_every_frame_comes_back_in_its_place(void **state)
{
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, WIDTH, HEIGHT);
    struct recorder recorder;
    enum { COUNT = 14 };

    if (!config_works(&config))
        skip();
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode_pattern(&recorder, WIDTH, HEIGHT, 0, COUNT, 0);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    check_order(&recorder, COUNT);
    check_pictures(&recorder, WIDTH, HEIGHT, 0, COUNT, psnr_floor(test));
    recorder_close(&recorder);
}

static void test_realtime_gives_one_chunk_for_one_frame(void **state)
{
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, WIDTH, HEIGHT);
    struct recorder recorder;
    enum { COUNT = 8, MORE = 3, ALL = COUNT + MORE + 1 };

    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    if (!test->realtime) {
        wcenc_config_support *support;

        assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
        assert_false(support->supported);
        wcenc_config_support_free(support);
        return;
    }
    if (!config_works(&config))
        skip();
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    for (int i = 0; i < COUNT; i++) {
        encode_pattern(&recorder, WIDTH, HEIGHT, i, 1, 0);
        /* Without further input and without a flush. */
        recorder_wait(&recorder, &recorder.chunk_count, i + 1); /* LAT-003, THR-005 */
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    check_order(&recorder, COUNT);
    /* A flush does not cost a key frame where nothing was delayed, be there frames to wait for or none. */
    encode_pattern(&recorder, WIDTH, HEIGHT, COUNT, MORE, 0);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    encode_pattern(&recorder, WIDTH, HEIGHT, COUNT + MORE, 1, 0);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    for (int i = COUNT; i < ALL; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA); /* FLU-007 */
    check_pictures(&recorder, WIDTH, HEIGHT, 0, ALL, test->realtime_psnr_floor);            /* LAT-004 */
    recorder_close(&recorder);
}

/* Decodes a chunk by itself, with the decoder config of its stream. */
static void check_decodes_alone(const wcenc_decoder_config *config, wcenc_chunk *chunk, int number)
{
    struct decoder decoder;

    decoder_open(&decoder, config);
    decoder_send(&decoder, chunk);
    decoder_drain(&decoder);
    assert_int_equal(decoder.frame_count, 1); /* OUT-009 */
    assert_int_equal(pattern_read(decoder.frames[0]->data[0], decoder.frames[0]->linesize[0]), number);
    decoder_close(&decoder);
}

static void test_requested_key_chunks_decode_alone(void **state)
{
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, SMALL_WIDTH, SMALL_HEIGHT);
    struct recorder recorder;
    const wcenc_decoder_config *decoder_config;
    enum { COUNT = 16, EVERY = 5 };

    for (int latency = 0; latency < (test->realtime ? 2 : 1); latency++) {
        config.latency_mode = latency;
        if (!config_works(&config))
            skip();
        recorder_open(&recorder);
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        encode_pattern(&recorder, SMALL_WIDTH, SMALL_HEIGHT, 0, COUNT, EVERY);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        check_order(&recorder, COUNT);
        decoder_config = wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config;
        assert_non_null(decoder_config);
        for (int i = 0; i < COUNT; i++) {
            if (i % EVERY == 0)
                assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_KEY); /* ENC-011 */
            if (wcenc_chunk_get_type(recorder.chunks[i]) == WCENC_CHUNK_TYPE_KEY)
                check_decodes_alone(decoder_config, recorder.chunks[i], i); /* DCF-018, DCF-021 */
            /* The config was reported with the first chunk, and nothing has changed since. */
            if (i > 0)
                assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config);
        }
        check_pictures(&recorder, SMALL_WIDTH, SMALL_HEIGHT, 0, COUNT, 30);
        recorder_close(&recorder);
    }
}

static void test_encoding_goes_on_after_a_flush(void **state)
{
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, SMALL_WIDTH, SMALL_HEIGHT);
    struct recorder recorder;
    enum { ROUNDS = 4, COUNT = 3 };

    if (!config_works(&config))
        skip();
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    for (int round = 0; round < ROUNDS; round++) {
        encode_pattern(&recorder, SMALL_WIDTH, SMALL_HEIGHT, round * COUNT, COUNT, 0);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, (round + 1) * COUNT); /* ENC-025, FLU-001 */
    }
    check_order(&recorder, ROUNDS * COUNT);
    for (int i = 1; i < recorder.chunk_count; i++)
        assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config); /* FLU-008 */
    check_pictures(&recorder, SMALL_WIDTH, SMALL_HEIGHT, 0, ROUNDS * COUNT, 30);
    recorder_close(&recorder);
}

static void test_the_support_answer_bounds_what_is_held_back(void **state)
{
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, SMALL_WIDTH, SMALL_HEIGHT);
    wcenc_config_support *support;
    struct recorder recorder;
    int bound;

    if (!config_works(&config))
        skip();
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    bound = (int)support->delay_frames;
    assert_string_equal(support->encoder_name, test->encoder);
    wcenc_config_support_free(support);

    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    for (int i = 0; i < bound + 1; i++)
        encode_pattern(&recorder, SMALL_WIDTH, SMALL_HEIGHT, i, 1, 0);
    /* One more than it may hold: a chunk has to come by itself. */
    recorder_wait(&recorder, &recorder.chunk_count, 1);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, bound + 1);
    recorder_close(&recorder);
}

/* The pixels of a frame as they are. */
static uint8_t *pixels_of(const wcenc_frame *frame, size_t *size)
{
    uint8_t *pixels;

    assert_int_equal(wcenc_frame_allocation_size(frame, NULL, size), WCENC_OK);
    pixels = malloc(*size);
    assert_non_null(pixels);
    assert_int_equal(wcenc_frame_copy_to(frame, NULL, pixels, *size, NULL), WCENC_OK);
    return pixels;
}

static void test_one_frame_may_be_encoded_again_and_by_several_encoders(void **state)
{
    enum { TIMES = 3, ENCODERS = 2, NUMBER = 77, TIMESTAMP = 4321 };
    const struct codec_case *test = *state;
    wcenc_config config = config_of(test, SMALL_WIDTH, SMALL_HEIGHT);
    wcenc_frame *frame = pattern_frame(SMALL_WIDTH, SMALL_HEIGHT, NUMBER, TIMESTAMP);
    struct recorder recorders[ENCODERS];
    uint8_t *before, *after;
    size_t size;

    if (!config_works(&config)) {
        wcenc_frame_unref(frame);
        skip();
    }
    before = pixels_of(frame, &size);
    for (int i = 0; i < ENCODERS; i++) {
        recorder_open(&recorders[i]);
        assert_int_equal(wcenc_encoder_configure(recorders[i].encoder, &config), WCENC_OK);
    }
    for (int i = 0; i < ENCODERS * TIMES; i++)
        assert_int_equal(wcenc_encoder_encode(recorders[i % ENCODERS].encoder, frame, NULL), WCENC_OK); /* ENC-005 */
    for (int i = 0; i < ENCODERS; i++) {
        struct decoder decoder;

        assert_int_equal(wcenc_encoder_flush(recorders[i].encoder), WCENC_OK);
        assert_int_equal(recorders[i].chunk_count, TIMES);
        decode_all(&decoder, recorders[i].chunks, TIMES);
        assert_int_equal(decoder.frame_count, TIMES);
        for (int k = 0; k < TIMES; k++) {
            assert_int_equal(wcenc_chunk_get_timestamp_us(recorders[i].chunks[k]), TIMESTAMP);
            assert_int_equal(pattern_read(decoder.frames[k]->data[0], decoder.frames[k]->linesize[0]), NUMBER);
        }
        decoder_close(&decoder);
        recorder_close(&recorders[i]);
    }
    after = pixels_of(frame, &size);
    assert_memory_equal(after, before, size); /* ENC-005: no encoder writes to them */
    free(after);
    free(before);
    wcenc_frame_unref(frame);
}

#define CASE(test, number) cmocka_unit_test_prestate(test, (void *)&cases[number])

#ifdef WCENC_TEST_NATIVE_ROWS
#if CODEC_ROWS_NATIVE == 1
#define FOR_EACH_CODEC(test) CASE(test, 11)
#elif CODEC_ROWS_NATIVE == 2
#define FOR_EACH_CODEC(test) CASE(test, 11), CASE(test, 12)
#elif CODEC_ROWS_NATIVE == 3
#define FOR_EACH_CODEC(test) CASE(test, 11), CASE(test, 12), CASE(test, 13)
#else
#define FOR_EACH_CODEC(test) CASE(test, 11), CASE(test, 12), CASE(test, 13), CASE(test, 14)
#endif
#define FOR_EACH_CASE(test) FOR_EACH_CODEC(test)
#else
/* Large pictures are the same with either framing of NAL units. */
#define FOR_EACH_CODEC(test)                                                                                 \
    CASE(test, 0), CASE(test, 2), CASE(test, 3), CASE(test, 4), CASE(test, 6), CASE(test, 7), CASE(test, 8), \
        CASE(test, 9), CASE(test, 10)
#define FOR_EACH_CASE(test) FOR_EACH_CODEC(test), CASE(test, 1), CASE(test, 5)
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EACH_CODEC(test_every_frame_comes_back_in_its_place),
        FOR_EACH_CODEC(test_realtime_gives_one_chunk_for_one_frame),
        FOR_EACH_CASE(test_requested_key_chunks_decode_alone),
        FOR_EACH_CASE(test_encoding_goes_on_after_a_flush),
        FOR_EACH_CASE(test_the_support_answer_bounds_what_is_held_back),
        FOR_EACH_CASE(test_one_frame_may_be_encoded_again_and_by_several_encoders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
