/* SPDX-License-Identifier: MIT */

/* Rate control without a framerate: it follows the timestamps, as far as they make sense. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 160, HEIGHT = 128, STEPS_MAX = 8 };

/* Set by the argument --long: every kind of steps in every latency mode, and longer streams. */
static bool is_long;

/* How timestamps go on: steps in turn, ended by 0. */
struct pace {
    const char *name;
    int64_t steps_us[STEPS_MAX];
    bool is_quick; /* also without --long */
};

static const struct pace paces[] = {
    {"5 frames a second", {200000}, true},
    {"60 frames a second", {16667, 16666, 16667}, false},
    {"varying steps", {33333, 100000, 16667, 250000, 20000, 66667, 200000, 10000}, true},
    {"30 frames a second", {33333, 33334, 33333}, false},
};

static int64_t step_of(const struct pace *pace, int number)
{
    int count = 0;

    while (count < STEPS_MAX && pace->steps_us[count])
        count++;
    return pace->steps_us[number % count];
}

/* The time of `count` frames, in seconds. */
static double seconds_of(const struct pace *pace, int count)
{
    int64_t sum_us = 0;

    for (int i = 0; i < count; i++)
        sum_us += step_of(pace, i);
    return (double)sum_us / 1e6;
}

static void encode(struct recorder *recorder, const struct pace *pace, int count)
{
    int64_t timestamp_us = 7000000;

    for (int i = 0; i < count; i++) {
        coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, timestamp_us), false);
        timestamp_us += step_of(pace, i);
    }
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("%s: %s", pace->name, recorder->error_message);
    assert_int_equal(recorder->chunk_count, count);
}

static wcenc_capabilities capabilities_of(const wcenc_config *config)
{
    wcenc_config_support *support;
    wcenc_capabilities capabilities;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    capabilities = support->capabilities;
    wcenc_config_support_free(support);
    return capabilities;
}

/* What comes out, as a part of the bitrate. */
static double rate_of(const wcenc_config *config, const struct pace *pace, int count)
{
    struct recorder recorder;
    size_t bytes = 0;

    coding_open(&recorder, config);
    encode(&recorder, pace, count);
    for (int i = 0; i < count; i++)
        bytes += wcenc_chunk_get_byte_length(recorder.chunks[i]);
    recorder_close(&recorder);
    return (double)bytes * 8 / seconds_of(pace, count) / (double)config->bitrate;
}

/* Each pace has the bits that the pictures need: otherwise the pictures decide. */
static void check_pace(wcenc_config config, const struct pace *pace)
{
    const int count = is_long ? 300 : 100;
    const double bits = config.bitrate_mode == WCENC_BITRATE_CONSTANT ? 12000 : 8000;
    double rate;

    config.bitrate = (uint64_t)(bits * count / seconds_of(pace, count));
    rate = rate_of(&config, pace, count);
    print_message("%s, latency %d, mode %d, %s: %.3f\n", config.encoder_name, config.latency_mode, config.bitrate_mode,
                  pace->name, rate);
    assert_true(fabs(rate - 1) <= 0.15); /* RC-007 */
}

static wcenc_config config_of(const struct codec_row *row, wcenc_latency_mode latency, wcenc_bitrate_mode mode)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.framerate = 0;
    config.latency_mode = latency;
    config.bitrate_mode = mode;
    config.key_interval = 300;
    return config;
}

/* Only libx264 follows in quality in another way than in realtime. */
static bool has_to_be_seen(const wcenc_config *config)
{
    return config->latency_mode == WCENC_LATENCY_REALTIME || strcmp(config->encoder_name, "libx264") == 0;
}

static void test_rate_control_follows_timestamps(void **state)
{
    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
            const wcenc_config config = config_of(*state, latency, mode);

            if (!config_works(&config) || !(capabilities_of(&config) & WCENC_CAPABILITY_VARIABLE_FRAMERATE))
                continue;
            for (size_t i = 0; i < sizeof paces / sizeof paces[0]; i++)
                if (is_long || (paces[i].is_quick && has_to_be_seen(&config)))
                    check_pace(config, &paces[i]);
        }
}

/* Which encoders can, and in which modes; docs/codecs.md has the figures of the others. */
static void test_the_capability_is_that_of_the_modes_that_follow(void **state)
{
    const struct codec_row *row = *state;
    const bool is_aom = strstr(row->encoder, "aom") != NULL;
    static const char *const others[] = {"libx265", "librav1e", "libsvtav1", "native-openh264"};
    bool follows = true;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        follows = follows && strcmp(row->encoder, others[i]) != 0;
    /* From FFmpeg 8 on libavcodec passes it no durations. */
    follows = follows && (strcmp(row->encoder, "libaom-av1") != 0 || avcodec_version() >> 16 < 62);
    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_QUANTIZER; mode++) {
            const bool expected =
                follows && mode != WCENC_BITRATE_QUANTIZER && !(is_aom && latency == WCENC_LATENCY_QUALITY);
            wcenc_config config = config_of(row, latency, mode);

            if (!config_works(&config))
                continue;
            assert_int_equal((capabilities_of(&config) & WCENC_CAPABILITY_VARIABLE_FRAMERATE) != 0, expected);
        }
}

/* Timestamps and framerates change as they like; each frame becomes a chunk with its own timestamp. */
static void check_jumps(wcenc_config config, bool keeps_alpha)
{
    static const int64_t timestamps_us[] = {0,         33333, 66666, -9000000, -8800000, -8600000,      INT64_MAX,
                                            INT64_MIN, 5,     5,     10000005, 10020005, INT64_MAX - 1, 7};
    enum { COUNT = sizeof timestamps_us / sizeof timestamps_us[0], FLUSHED = 4, WITH = 6, CHANGED = 8, WITHOUT = 10 };
    struct recorder recorder;

    config.alpha = keeps_alpha ? WCENC_ALPHA_KEEP : WCENC_ALPHA_DISCARD;
    if (!config_works(&config))
        return;
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        if (i == FLUSHED)
            assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        if (i == WITH || i == CHANGED || i == WITHOUT) {
            config.framerate = i == WITH ? 50 : i == CHANGED ? 30 : 0;
            assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        }
        coding_encode(&recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i, timestamps_us[i]), i == WITHOUT + 1);
    }
    if (wcenc_encoder_flush(recorder.encoder) != WCENC_OK)
        fail_msg("%s", recorder.error_message);
    assert_int_equal(recorder.chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(wcenc_chunk_get_timestamp_us(recorder.chunks[i]) == timestamps_us[i]);
    recorder_close(&recorder);
}

static void test_timestamps_may_jump_where_rate_control_follows_them(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = config_of(row, latency, WCENC_BITRATE_VARIABLE);

        if (!config_works(&config) || !(capabilities_of(&config) & WCENC_CAPABILITY_VARIABLE_FRAMERATE))
            continue;
        check_jumps(config, false);
        if (latency == WCENC_LATENCY_REALTIME)
            check_jumps(config, true);
        config.scalability_mode = "L1T3";
        if (capabilities_of(&config) & WCENC_CAPABILITY_TEMPORAL_LAYERS)
            check_jumps(config, false);
    }
}

/* A default that is made explicit changes nothing, and costs no key chunk, where rate control counts frames anyway. */
static void test_the_default_framerate_may_be_made_explicit(void **state)
{
    enum { COUNT = 6, AT = 3 };
    wcenc_config config = row_config(*state, WIDTH, HEIGHT);
    struct recorder recorder;

    config.framerate = 0;
    if (!config_works(&config) || (capabilities_of(&config) & WCENC_CAPABILITY_VARIABLE_FRAMERATE))
        skip();
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        if (i == AT) {
            config.framerate = 30;
            assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        }
        coding_encode(&recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i, 33333 * (int64_t)i), false);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, COUNT);
    for (int i = 1; i < COUNT; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA);
    recorder_close(&recorder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_the_capability_is_that_of_the_modes_that_follow),
        FOR_ALL_CODECS(test_timestamps_may_jump_where_rate_control_follows_them),
        FOR_ALL_CODECS(test_the_default_framerate_may_be_made_explicit),
        FOR_ALL_CODECS(test_rate_control_follows_timestamps),
    };

    is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
