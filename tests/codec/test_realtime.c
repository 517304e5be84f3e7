/* SPDX-License-Identifier: MIT */

/* Bounds of realtime, with each encoder that has them: of key frames, and of what pictures at rest get. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192, CONSTANT = 1 << WCENC_BITRATE_CONSTANT, VARIABLE = 1 << WCENC_BITRATE_VARIABLE };

struct bounded {
    const char *encoder;
    const char *codec;
    const char *without_key_bound; /* options that take the bound away */
    const char *without_rest;      /* options that let quantizers be as small as they are at high bitrates */
    int keys;                      /* the bitrate modes that bound key frames */
    int rests;                     /* those that leave bits where pictures are at rest */
};

static const struct bounded encoders[] = {
    {"libx264", "avc1.42001f", "x264-params=vbv-init=0.9", "qmin=0", CONSTANT, CONSTANT | VARIABLE},
    {"libvpx", "vp8", "max-intra-rate=0", "qmin=4", CONSTANT | VARIABLE, CONSTANT | VARIABLE},
    {"native-vpx", "vp8", "max-intra-rate=0", "qmin=4", CONSTANT | VARIABLE, CONSTANT | VARIABLE},
    {"libvpx-vp9", "vp09.00.31.08", "max-intra-rate=0", "qmin=0", CONSTANT | VARIABLE, CONSTANT},
    {"native-vpx", "vp09.00.31.08", "max-intra-rate=0", "qmin=0", CONSTANT | VARIABLE, CONSTANT},
    /* libaom does not make up for a small key frame where the bitrate may vary. */
    {"libaom-av1", "av01.0.05M.08", "aom-params=max-intra-rate=0", "qmin=2", CONSTANT, CONSTANT},
    {"native-aom", "av01.0.05M.08", "max-intra-rate=0", "qmin=2", CONSTANT, CONSTANT},
};

enum { ENCODERS = sizeof encoders / sizeof encoders[0] };

static wcenc_config config_of(const struct bounded *bounded, wcenc_bitrate_mode mode, uint64_t bitrate)
{
    wcenc_config config = config_for(bounded->codec, WIDTH, HEIGHT);

    config.encoder_name = bounded->encoder;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.bitrate_mode = mode;
    config.bitrate = bitrate;
    config.framerate = 30;
    config.threads = 1;
    return config;
}

/* What a stream is made of: each frame of a kind is the same picture. */
typedef wcenc_frame *(*make_fn)(int64_t timestamp_us);

static wcenc_frame *plain_frame(int64_t timestamp_us)
{
    return pattern_frame(WIDTH, HEIGHT, 0, timestamp_us);
}

/* A slope with noise, which takes seconds to become as good as it can. */
static wcenc_frame *detailed_frame(int64_t timestamp_us)
{
    static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];
    uint32_t random = 1;

    for (size_t i = 0; i < sizeof pixels; i++) {
        random = random * 1664525 + 1013904223;
        pixels[i] = (uint8_t)(64 + (i % WIDTH + i / WIDTH) / 4 + (random >> 28));
    }
    return i420_frame(pixels, WIDTH, HEIGHT, timestamp_us);
}

static size_t bytes_of_frames(wcenc_config config, int count, const char *options, make_fn make)
{
    struct recorder recorder;
    size_t bytes = 0;

    config.encoder_options = options;
    coding_open(&recorder, &config);
    for (int i = 0; i < count; i++)
        coding_encode(&recorder, make(33333 * (int64_t)i), false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, count);
    for (int i = 0; i < count; i++)
        bytes += wcenc_chunk_get_byte_length(recorder.chunks[i]);
    recorder_close(&recorder);
    return bytes;
}

static size_t bytes_of(wcenc_config config, int count, const char *options)
{
    return bytes_of_frames(config, count, options, plain_frame);
}

/* Of a bitrate that the picture's details exceed. Frames that are half as long leave a key frame as many bytes. */
static void test_key_frames_have_a_share_of_a_second(void **state)
{
    const struct bounded *bounded = *state;

    for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
        wcenc_config config = config_of(bounded, mode, mode == WCENC_BITRATE_CONSTANT ? 360000 : 200000);
        size_t bytes;

        if (!(bounded->keys & 1 << mode) || !config_works(&config))
            continue;
        bytes = bytes_of(config, 1, NULL);
        assert_true(bytes < bytes_of(config, 1, bounded->without_key_bound));
        /* x264's buffer bounds a quantizer that depends on the framerate. */
        if (strcmp(bounded->encoder, "libx264") == 0)
            continue;
        config.framerate = 60;
        assert_int_equal(bytes_of(config, 1, NULL), bytes);
    }
}

static void test_pictures_at_rest_leave_bits_unspent(void **state)
{
    enum { COUNT = 60 };
    const struct bounded *bounded = *state;

    for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
        const wcenc_config low = config_of(bounded, mode, 360000), high = config_of(bounded, mode, 3000000);
        size_t bytes, all;

        if (!(bounded->rests & 1 << mode) || !config_works(&low))
            continue;
        bytes = bytes_of(low, COUNT, NULL);
        all = bytes_of(low, COUNT, bounded->without_rest);
        print_message("%s, %s: %zu of %zu bytes\n", bounded->encoder, bounded->codec, bytes, all);
        assert_true(bytes < all * 3 / 4);
        /* Where there are bits enough, pictures become as good as they can. */
        assert_int_equal(bytes_of(high, COUNT, NULL), bytes_of(high, COUNT, bounded->without_rest));
    }
}

/* RC-001. What is not spent at first is not made up for by more than the bitrate later. */
static void test_a_picture_at_rest_keeps_to_a_variable_bitrate(void **state)
{
    enum { SECONDS = 10, RATE = 30, BITRATE = 200000 };
    const wcenc_config config = config_of(*state, WCENC_BITRATE_VARIABLE, BITRATE);
    double spent;

    if (!config_works(&config))
        return;
    spent = (double)bytes_of_frames(config, SECONDS * RATE, NULL, detailed_frame) * 8 / SECONDS / BITRATE;
    print_message("%s, %s: %.2f of the bitrate\n", config.encoder_name, config.codec, spent);
    assert_true(spent <= 1.15);
}

/* A caller who limits quantizers from above, or sets a quality, gets that. */
static void test_options_come_before_the_bounds(void **state)
{
    const struct bounded *bounded = *state;
    const wcenc_config config = config_of(bounded, WCENC_BITRATE_CONSTANT, 360000);

    char own_quality[64];

    if (!config_works(&config))
        return;
    assert_true(bytes_of(config, 1, "qmax=6") > bytes_of(config, 1, NULL));
    /* Native encoders do not translate it. */
    if (strncmp(bounded->encoder, "native-", strlen("native-")) == 0)
        return;
    (void)snprintf(own_quality, sizeof own_quality, "crf=5:%s", bounded->without_rest);
    assert_int_equal(bytes_of(config, 8, "crf=5"), bytes_of(config, 8, own_quality));
}

int main(void)
{
    struct CMUnitTest tests[4 * ENCODERS];
    size_t count = 0;

    for (int i = 0; i < ENCODERS; i++) {
        void *bounded = (void *)&encoders[i];

        tests[count++] =
            (struct CMUnitTest)cmocka_unit_test_prestate(test_key_frames_have_a_share_of_a_second, bounded);
        tests[count++] =
            (struct CMUnitTest)cmocka_unit_test_prestate(test_pictures_at_rest_leave_bits_unspent, bounded);
        tests[count++] =
            (struct CMUnitTest)cmocka_unit_test_prestate(test_a_picture_at_rest_keeps_to_a_variable_bitrate, bounded);
        tests[count++] = (struct CMUnitTest)cmocka_unit_test_prestate(test_options_come_before_the_bounds, bounded);
    }
    return _cmocka_run_group_tests("test_realtime", tests, count, NULL, NULL);
}
