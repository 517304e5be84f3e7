/* SPDX-License-Identifier: MIT */

/* AV1: force_screen_content_tools sets allow_screen_content_tools of every frame header, or is not supported. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/claims.h"
#include "../support/coding.h"
#include "../support/pattern.h"

enum { SIDE = 128, COUNT = 20 };

/* Noise, which nothing takes for a screen. */
static wcenc_frame *noise_frame(int number)
{
    static uint8_t pixels[SIDE * SIDE * 3 / 2];
    static uint32_t random = 1;

    for (size_t i = 0; i < sizeof pixels; i++) {
        random = random * 1664525 + 1013904223;
        pixels[i] = (uint8_t)(96 + (random >> 26));
    }
    return i420_frame(pixels, SIDE, SIDE, 33333 * (int64_t)number);
}

static wcenc_config config_of(const char *codec, const char *encoder, wcenc_latency_mode latency)
{
    wcenc_config config = config_for(codec, SIDE, SIDE);

    config.encoder_name = encoder;
    config.latency_mode = latency;
    config.bitrate = 500000;
    return config;
}

/* Of the frames in a chunk, those with the tools; `*count` grows by those that are coded in it. */
static int count_tools(const wcenc_chunk *chunk, struct stream_claims *stream, int *count)
{
    struct unit units[UNITS_MAX];
    const int unit_count = split_obus(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), units);
    int tools = 0;

    assert_true(unit_count > 0);
    for (int i = 0; i < unit_count; i++) {
        struct frame_claims claims;

        if (units[i].type == OBU_SEQUENCE_HEADER)
            assert_true(claims_of_av1(&units[i], stream));
        if (units[i].type != OBU_FRAME && units[i].type != OBU_FRAME_HEADER)
            continue;
        claims = claims_of_av1_frame(&units[i], stream);
        if (claims.shows_existing)
            continue;
        ++*count;
        tools += claims.has_screen_content_tools;
    }
    return tools;
}

/* Frames without the tools. */
static int encode_without(const wcenc_config *config)
{
    struct stream_claims stream = {0};
    struct recorder recorder;
    int count = 0, tools = 0;

    coding_open(&recorder, config);
    for (int i = 0; i < COUNT; i++)
        coding_encode(&recorder, noise_frame(i), false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        tools += count_tools(recorder.chunks[i], &stream, &count);
    recorder_close(&recorder);
    assert_true(count >= COUNT);
    return count - tools;
}

static const char *const with_tools[] = {"libaom-av1", "native-aom"};

/* AV1-006, HNT-004, WPT-006 */
static void test_every_frame_may_use_the_tools(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof with_tools / sizeof with_tools[0]; i++)
        for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
            wcenc_config config = config_of("av01.0.04M.08", with_tools[i], latency);

            if (!config_works(&config))
                continue;
            assert_true(encode_without(&config) > 0);
            config.force_screen_content_tools = 1;
            assert_int_equal(encode_without(&config), 0);
        }
}

static void expect_reason(const wcenc_config *config, const char *words)
{
    wcenc_config_support *support;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    assert_false(support->supported);
    if (!strstr(support->reason, words))
        fail_msg("\"%s\" does not say \"%s\"", support->reason, words);
    wcenc_config_support_free(support);
}

static void test_encoders_that_cannot_do_not_support_it(void **state)
{
    static const char *const encoders[] = {"librav1e", "libsvtav1"};
    wcenc_config config;

    (void)state;
    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++) {
        config = config_of("av01.0.04M.08", encoders[i], WCENC_LATENCY_QUALITY);
        if (!config_works(&config))
            continue;
        config.force_screen_content_tools = 1;
        expect_reason(&config, "cannot be made to use them");
    }
    for (size_t i = 0; i < sizeof with_tools / sizeof with_tools[0]; i++) {
        config = config_of("av01.0.04M.10", with_tools[i], WCENC_LATENCY_REALTIME);
        if (!config_works(&config))
            continue;
        config.force_screen_content_tools = 1;
        expect_reason(&config, "would crash");
    }
    config = config_of("vp8", NULL, WCENC_LATENCY_REALTIME);
    config.force_screen_content_tools = 1; /* of another codec */
    assert_true(config_works(&config));
    config.force_screen_content_tools = 2;
    assert_int_equal(wcenc_is_config_supported(&config, &(wcenc_config_support *){NULL}), WCENC_ERROR_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_may_use_the_tools),
        cmocka_unit_test(test_encoders_that_cannot_do_not_support_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
