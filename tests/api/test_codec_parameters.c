/* SPDX-License-Identifier: MIT */

/*
 * wcenc_codec_string: the level is the lowest that is enough, the strings parse, and whatever has an encoder here is
 * supported.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/recorder.h"

enum { WIDTH = 320, HEIGHT = 192 };

static wcenc_codec_parameters parameters_for(wcenc_codec codec, uint32_t width, uint32_t height)
{
    wcenc_codec_parameters parameters;

    wcenc_codec_parameters_init(&parameters, sizeof parameters);
    parameters.codec = codec;
    parameters.width = width;
    parameters.height = height;
    return parameters;
}

static const struct known {
    wcenc_codec codec;
    uint32_t width, height;
    double framerate;
    uint64_t bitrate;
    int32_t profile, tier, in_band;
    uint32_t depth;
    wcenc_chroma_format chroma;
    const char *text;
} knowns[] = {
    {WCENC_CODEC_H264, 1920, 1080, 30, 0, 0, 0, 0, 0, 0, "avc1.640028"},
    {WCENC_CODEC_H264, 1920, 1080, 0, 0, 0, 0, 0, 0, 0, "avc1.640028"}, /* counted at 30 */
    {WCENC_CODEC_H264, 1920, 1080, 60, 0, 0, 0, 0, 0, 0, "avc1.64002A"},
    {WCENC_CODEC_H264, 3840, 2160, 30, 0, 0, 0, 0, 0, 0, "avc1.640033"},
    {WCENC_CODEC_H264, 3840, 2160, 60, 0, 0, 0, 0, 0, 0, "avc1.640034"},
    {WCENC_CODEC_H264, 7680, 4320, 60, 0, 0, 0, 0, 0, 0, "avc1.64003D"},
    {WCENC_CODEC_H264, 640, 480, 30, 0, 66, 0, 0, 0, 0, "avc1.42E01E"},
    {WCENC_CODEC_H264, 640, 480, 30, 10000001, 77, 0, 1, 0, 0, "avc3.4D401F"},
    {WCENC_CODEC_H264, 176, 144, 15, 64001, 66, 0, 0, 0, 0, "avc1.42F00B"}, /* level 1b */
    {WCENC_CODEC_H264, 176, 144, 15, 80001, 100, 0, 0, 0, 0, "avc1.640009"},
    {WCENC_CODEC_H264, 1280, 720, 30, 0, 0, 0, 0, 10, 0, "avc1.6E001F"},
    {WCENC_CODEC_H264, 1280, 720, 30, 0, 0, 0, 0, 10, WCENC_CHROMA_FORMAT_422, "avc1.7A001F"},
    {WCENC_CODEC_H264, 1280, 720, 30, 0, 0, 0, 0, 8, WCENC_CHROMA_FORMAT_444, "avc1.F4001F"},
    {WCENC_CODEC_HEVC, 1920, 1080, 30, 0, 0, 0, 0, 0, 0, "hvc1.1.6.L120.B0"},
    {WCENC_CODEC_HEVC, 1920, 1080, 60, 0, 1, 0, 1, 0, 0, "hev1.1.6.L123.B0"},
    {WCENC_CODEC_HEVC, 3840, 2160, 60, 0, 0, 0, 0, 10, 0, "hvc1.2.4.L153.B0"},
    {WCENC_CODEC_HEVC, 3840, 2160, 60, 100000000, 0, 0, 0, 10, 0, "hvc1.2.4.L183.B0"},
    {WCENC_CODEC_HEVC, 3840, 2160, 60, 100000000, 0, 1, 0, 10, 0, "hvc1.2.4.H153.B0"},
    {WCENC_CODEC_HEVC, 640, 480, 30, 0, 0, 1, 0, 0, 0, "hvc1.1.6.H120.B0"}, /* the lowest of the tier */
    {WCENC_CODEC_HEVC, 1280, 720, 30, 0, 0, 0, 0, 8, WCENC_CHROMA_FORMAT_444, "hvc1.4.10.L93.BE.08"},
    {WCENC_CODEC_HEVC, 1280, 720, 30, 0, 4, 0, 0, 12, 0, "hvc1.4.10.L93.B9.88"},
    {WCENC_CODEC_VP8, 16383, 16383, 10000, UINT64_MAX, 0, 0, 0, 0, 0, "vp8"},
    {WCENC_CODEC_VP9, 1920, 1080, 30, 0, 0, 0, 0, 0, 0, "vp09.00.40.08"},
    {WCENC_CODEC_VP9, 1920, 1080, 60, 0, 0, 0, 0, 0, 0, "vp09.00.41.08"},
    {WCENC_CODEC_VP9, 3840, 2160, 60, 0, 0, 0, 0, 10, 0, "vp09.02.51.10"},
    {WCENC_CODEC_VP9, 1280, 720, 30, 0, 0, 0, 0, 8, WCENC_CHROMA_FORMAT_422, "vp09.01.31.08.02"},
    {WCENC_CODEC_VP9, 1280, 720, 30, 12000001, 1, 0, 0, 8, WCENC_CHROMA_FORMAT_444, "vp09.01.40.08.03"},
    {WCENC_CODEC_VP9, 1280, 720, 30, 0, 3, 0, 0, 12, WCENC_CHROMA_FORMAT_444, "vp09.03.31.12.03"},
    {WCENC_CODEC_AV1, 1920, 1080, 30, 0, 0, 0, 0, 0, 0, "av01.0.08M.08"},
    {WCENC_CODEC_AV1, 1920, 1080, 60, 0, 0, 0, 0, 10, WCENC_CHROMA_FORMAT_420, "av01.0.09M.10"},
    {WCENC_CODEC_AV1, 3840, 2160, 60, 0, 0, 0, 0, 0, 0, "av01.0.13M.08"},
    {WCENC_CODEC_AV1, 3840, 2160, 60, 100000000, 0, 1, 0, 0, 0, "av01.0.13H.08"},
    {WCENC_CODEC_AV1, 1280, 720, 30, 0, 1, 0, 0, 8, WCENC_CHROMA_FORMAT_444, "av01.1.05M.08"},
    {WCENC_CODEC_AV1, 1280, 720, 30, 0, 2, 0, 0, 10, WCENC_CHROMA_FORMAT_422, "av01.2.05M.10"},
    {WCENC_CODEC_AV1, 1280, 720, 30, 0, 0, 0, 0, 12, WCENC_CHROMA_FORMAT_444, "av01.2.05M.12.0.000.02.02.02.0"},
};

/* STR-018 */
static void test_the_level_is_the_lowest_that_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof knowns / sizeof knowns[0]; i++) {
        const struct known *known = &knowns[i];
        wcenc_codec_parameters parameters = parameters_for(known->codec, known->width, known->height);
        char text[WCENC_CODEC_STRING_SIZE];

        parameters.framerate = known->framerate;
        parameters.bitrate = known->bitrate;
        parameters.profile = known->profile;
        parameters.tier = known->tier;
        parameters.in_band_parameter_sets = known->in_band;
        parameters.bit_depth = known->depth;
        parameters.chroma_format = known->chroma;
        if (wcenc_codec_string(&parameters, text, sizeof text) != WCENC_OK)
            fail_msg("%s: %s", known->text, wcenc_last_error());
        assert_string_equal(text, known->text);
    }
}

/* Whether it is supported, with the very string; for want of an encoder that takes the samples alone it may not be. */
static bool is_supported(const char *text, double framerate, uint64_t bitrate)
{
    wcenc_config config = config_for(text, WIDTH, HEIGHT);
    wcenc_config_support *support;
    bool supported;

    config.framerate = framerate;
    config.bitrate = bitrate;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    supported = support->supported;
    if (supported)
        assert_string_equal(support->codec, text);
    else if (!strstr(support->reason, "does not take") && !strstr(support->reason, "no encoder"))
        fail_msg("%s: %s", text, support->reason);
    wcenc_config_support_free(support);
    return supported;
}

static int count_supported(wcenc_codec codec, uint32_t depth, wcenc_chroma_format chroma, int32_t tier)
{
    static const int32_t profiles[] = {0, 1, 2, 3, 4, 66, 77, 100, 110, 122, 244};
    int count = 0;

    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        for (int rate = 0; rate < 2; rate++) {
            wcenc_codec_parameters parameters = parameters_for(codec, WIDTH, HEIGHT);
            char text[WCENC_CODEC_STRING_SIZE];
            wcenc_status status;

            parameters.profile = profiles[i];
            parameters.tier = tier;
            parameters.bit_depth = depth;
            parameters.chroma_format = chroma;
            parameters.in_band_parameter_sets = rate && codec <= WCENC_CODEC_HEVC;
            parameters.framerate = rate ? 100 : 0;
            parameters.bitrate = rate ? 4000000 : 0;
            status = wcenc_codec_string(&parameters, text, sizeof text);
            if (status == WCENC_OK)
                count += is_supported(text, parameters.framerate, parameters.bitrate);
            else
                assert_int_equal(status, WCENC_ERROR_NOT_SUPPORTED);
        }
    return count;
}

/* STR-019 */
static void test_every_string_is_supported_where_there_is_an_encoder(void **state)
{
    static const struct {
        wcenc_codec codec;
        const char *plain;
    } codecs[] = {
        {WCENC_CODEC_H264, "avc1.42001e"},  {WCENC_CODEC_HEVC, "hvc1.1.6.L93.B0"}, {WCENC_CODEC_VP8, "vp8"},
        {WCENC_CODEC_VP9, "vp09.00.10.08"}, {WCENC_CODEC_AV1, "av01.0.04M.08"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        const wcenc_config plain = config_for(codecs[i].plain, WIDTH, HEIGHT);
        int count = 0;

        if (!config_works(&plain))
            continue;
        for (uint32_t depth = 8; depth <= 12; depth += 2)
            for (wcenc_chroma_format chroma = WCENC_CHROMA_FORMAT_420; chroma <= WCENC_CHROMA_FORMAT_444; chroma++)
                for (int32_t tier = 0; tier < 2; tier++)
                    count += count_supported(codecs[i].codec, depth, chroma, tier);
        assert_true(count >= 2);
    }
}

static void expect_error(const wcenc_codec_parameters *parameters, wcenc_status status, const char *words)
{
    char text[WCENC_CODEC_STRING_SIZE] = "untouched";

    assert_int_equal(wcenc_codec_string(parameters, text, sizeof text), status);
    assert_string_equal(text, "");
    if (!strstr(wcenc_last_error(), words))
        fail_msg("\"%s\" does not say \"%s\"", wcenc_last_error(), words);
}

static void test_what_no_level_allows_is_not_supported(void **state)
{
    wcenc_codec_parameters parameters = parameters_for(WCENC_CODEC_H264, 7680, 4320);

    (void)state;
    parameters.framerate = 129;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "framerate is 129, at 7680x4320 level 6.2 allows 128.948");
    parameters = parameters_for(WCENC_CODEC_HEVC, 1920, 1080);
    parameters.bitrate = 240000001;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "bitrate is 240000001, level 6.2 allows 240000000");
    parameters = parameters_for(WCENC_CODEC_VP9, 16833, 16);
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "width is 16833, level 6.2 allows 16832");
    parameters = parameters_for(WCENC_CODEC_AV1, 16, 8705);
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "height is 8705, level 6.2 allows 8704");
    parameters = parameters_for(WCENC_CODEC_VP8, 16384, 16);
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "width is 16384, VP8 allows 16383");
}

static void test_what_a_codec_does_not_have_is_not_supported(void **state)
{
    wcenc_codec_parameters parameters = parameters_for(WCENC_CODEC_VP9, WIDTH, HEIGHT);

    (void)state;
    parameters.tier = 1;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "tier is 1, but VP9 has no tiers");
    parameters.tier = 0;
    parameters.in_band_parameter_sets = 1;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "VP9 has no parameter sets");
    parameters.in_band_parameter_sets = 0;
    parameters.profile = 2;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "VP9 Profile 2 with 8 bits a sample");
    parameters = parameters_for(WCENC_CODEC_H264, WIDTH, HEIGHT);
    parameters.bit_depth = 12;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "H.264 of 12 bits a sample");
    parameters.bit_depth = 8;
    parameters.profile = 88;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "profile 88 of H.264 is not encoded");
    parameters.profile = 0;
    parameters.framerate = -1;
    expect_error(&parameters, WCENC_ERROR_NOT_SUPPORTED, "framerate -1 is outside of 0.001 to 10000");
}

static void test_members_that_are_not_valid_are_type_errors(void **state)
{
    const wcenc_codec_parameters valid = parameters_for(WCENC_CODEC_VP8, WIDTH, HEIGHT);
    wcenc_codec_parameters parameters;
    char text[4];

    (void)state;
#define INVALID(member, value, words)                       \
    do {                                                    \
        parameters = valid;                                 \
        parameters.member = (value);                        \
        expect_error(&parameters, WCENC_ERROR_TYPE, words); \
    } while (0)
    INVALID(codec, 0, "codec is 0; use 1 to 5");
    INVALID(codec, 6, "codec is 6; use 1 to 5");
    INVALID(profile, -1, "profile is -1");
    INVALID(profile, 256, "profile is 256");
    INVALID(tier, 2, "tier is 2; use 0 to 1");
    INVALID(in_band_parameter_sets, -1, "in_band_parameter_sets is -1");
    INVALID(chroma_format, 4, "chroma_format is 4");
    INVALID(bit_depth, 9, "bit_depth is 9; use 8, 10 or 12");
    INVALID(width, 0, "width is 0");
    INVALID(height, 0, "height is 0");
    INVALID(framerate, NAN, "framerate");
    INVALID(struct_size, 8, "struct_size is 8");
#undef INVALID
    expect_error(NULL, WCENC_ERROR_TYPE, "parameters is NULL");
    assert_int_equal(wcenc_codec_string(&valid, NULL, 4), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_codec_string(&valid, text, 0), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_codec_string(&valid, text, 4), WCENC_OK);
    assert_string_equal(text, "vp8");
    assert_int_equal(wcenc_codec_string(&valid, text, 3), WCENC_ERROR_TYPE);
    assert_string_equal(text, "");
    assert_non_null(strstr(wcenc_last_error(), "\"vp8\" needs 4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_level_is_the_lowest_that_is_enough),
        cmocka_unit_test(test_every_string_is_supported_where_there_is_an_encoder),
        cmocka_unit_test(test_what_no_level_allows_is_not_supported),
        cmocka_unit_test(test_what_a_codec_does_not_have_is_not_supported),
        cmocka_unit_test(test_members_that_are_not_valid_are_type_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
