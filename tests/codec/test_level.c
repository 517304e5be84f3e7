/* SPDX-License-Identifier: MIT */

/*
 * H.264 and HEVC: the level that framerate and bitrate need, in the stream, in the decoder config and in the answer of
 * the support query, and what a live change of either does to it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/nal.h"
#include "../support/pattern.h"

/* What the stream carries: `codec` again, or one with a higher level. */
static const struct level_case {
    const char *codec;
    const char *encoder;
    uint32_t width, height;
    double framerate;
    uint64_t bitrate;
    const char *stream_codec;
    int level_idc; /* of the SPS */
} cases[] = {
    {"avc1.42001e", "libx264", 640, 480, 0, 0, "avc1.42001e", 30},
    {"avc1.42001e", "libx264", 640, 480, 60, 0, "avc1.42001F", 31},
    {"avc3.64001f", "libx264", 1280, 720, 60, 0, "avc3.640020", 32},
    {"avc1.64001f", "libx264", 1280, 720, 0, 20000000, "avc1.640020", 32},
    {"avc1.42000a", "libx264", 176, 144, 0, 0, "avc1.42000B", 11}, /* counted at 30 */
    {"avc1.4d400a", "libx264", 176, 144, 15, 100000, "avc1.4D500B", 11},
    {"avc1.64000a", "libx264", 176, 144, 15, 100000, "avc1.640009", 9},
    {"hvc1.1.6.L60.B0", "libx265", 320, 192, 60, 0, "hvc1.1.6.L60.B0", 60},
    {"hvc1.1.6.L60.B0", "libx265", 320, 192, 61, 0, "hvc1.1.6.L63.B0", 63},
    {"hvc1.1.6.L60.B0", "libx265", 320, 192, 0, 2000000, "hvc1.1.6.L63.B0", 63},
    {"hvc1.1.6.L120.B0", "libx265", 320, 192, 0, 40000000, "hvc1.1.6.L153.B0", 153},
    {"hev1.1.6.H120.B0", "libx265", 320, 192, 0, 40000000, "hev1.1.6.H123.B0", 123},
};

static wcenc_config config_of(const struct level_case *test)
{
    wcenc_config config = config_for(test->codec, test->width, test->height);

    config.encoder_name = test->encoder;
    config.framerate = test->framerate;
    config.bitrate = test->bitrate;
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    return config;
}

static void check_support(const wcenc_config *config, const char *stream_codec)
{
    wcenc_config_support *support;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    if (!support->supported)
        fail_msg("%s: %s", config->codec, support->reason);
    assert_string_equal(support->codec, stream_codec);
    assert_string_equal(support->config->codec, config->codec); /* what was given stays given */
    wcenc_config_support_free(support);
}

static struct sps_claims sps_of(const wcenc_chunk *chunk, bool hevc)
{
    struct unit units[UNITS_MAX];
    int count = split_annexb(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), hevc, units);
    const struct unit *sps = find_unit(units, count, hevc ? HEVC_SPS : H264_SPS);

    assert_non_null(sps);
    return read_sps(sps, hevc);
}

static const char *codec_of(const wcenc_chunk *chunk)
{
    const wcenc_decoder_config *config = wcenc_chunk_get_metadata(chunk)->decoder_config;

    return config ? config->codec : NULL;
}

static void encode(struct recorder *recorder, const wcenc_config *config, int count)
{
    const int first = recorder->chunk_count;

    for (int i = first; i < first + count; i++)
        coding_encode(recorder, pattern_frame(config->width, config->height, (unsigned)i, 33333 * (int64_t)i), false);
    recorder_wait(recorder, &recorder->chunk_count, first + count);
}

/* AVC-006, SUP-012, SUP-032, DCF-004 */
static void test_the_stream_carries_the_level_that_its_rates_need(void **state)
{
    const struct level_case *test = *state;
    const bool hevc = strcmp(test->encoder, "libx265") == 0;
    const wcenc_config config = config_of(test);
    struct recorder recorder;
    struct sps_claims sps;

    if (!config_works(&config))
        skip();
    check_support(&config, test->stream_codec);
    coding_open(&recorder, &config);
    encode(&recorder, &config, 2);
    assert_string_equal(codec_of(recorder.chunks[0]), test->stream_codec);
    sps = sps_of(recorder.chunks[0], hevc);
    assert_int_equal(sps.level, test->level_idc);
    /* Level 1b of Baseline and Main is 1.1 with constraint_set3_flag. */
    if (!hevc)
        assert_int_equal(sps.constraints[0] & 0x10, strstr(test->stream_codec, "500B") ? 0x10 : 0);
    recorder_close(&recorder);
}

/* Without a rate that has to be held the encoder writes the lowest level that it finds enough. */
static void test_the_level_is_enough_whatever_the_bitrate_mode(void **state)
{
    const wcenc_bitrate_mode modes[] = {WCENC_BITRATE_QUANTIZER, WCENC_BITRATE_CONSTANT,
                                        WCENC_BITRATE_CONSTANT_QUALITY};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < sizeof modes / sizeof modes[0]; k++) {
            const bool hevc = strcmp(cases[i].encoder, "libx265") == 0;
            struct level_case test = cases[i];
            struct recorder recorder;
            wcenc_config config;

            if (test.bitrate && modes[k] == WCENC_BITRATE_QUANTIZER)
                continue; /* it has no effect */
            config = config_of(&test);
            config.bitrate_mode = modes[k];
            if (!config_works(&config))
                continue;
            check_support(&config, test.stream_codec);
            coding_open(&recorder, &config);
            encode(&recorder, &config, 1);
            assert_string_equal(codec_of(recorder.chunks[0]), test.stream_codec);
            assert_true(sps_of(recorder.chunks[0], hevc).level <= test.level_idc);
            recorder_close(&recorder);
        }
}

static void configure(struct recorder *recorder, wcenc_config *config, uint64_t bitrate, double framerate)
{
    config->bitrate = bitrate;
    config->framerate = framerate;
    assert_int_equal(wcenc_encoder_configure(recorder->encoder, config), WCENC_OK);
}

/* A change within the level that the stream has goes on without a key chunk; so does one that needs less. */
static void test_a_live_change_reopens_the_encoder_where_it_needs_a_higher_level(void **state)
{
    static const struct {
        uint64_t bitrate;
        double framerate;
        const char *codec; /* with a key chunk; NULL: without */
        int level_idc;
    } steps[] = {
        {1000000, 30, "avc1.42001e", 30},  {8000000, 30, NULL, 0},
        {12000000, 30, "avc1.42001F", 31}, {1000000, 30, NULL, 0},
        {13000000, 30, NULL, 0},           {1000000, 90, NULL, 0},
        {1000000, 120, "avc1.420020", 32}, {1000000, 30, NULL, 0},
    };
    const wcenc_config before = config_of(&cases[0]);
    wcenc_config config = before;
    struct recorder recorder;

    (void)state;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const int first = recorder.chunk_count;

        configure(&recorder, &config, steps[i].bitrate, steps[i].framerate);
        encode(&recorder, &config, 3);
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[first]),
                         steps[i].codec ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
        if (steps[i].codec) {
            assert_string_equal(codec_of(recorder.chunks[first]), steps[i].codec);
            assert_int_equal(sps_of(recorder.chunks[first], false).level, steps[i].level_idc);
        } else {
            assert_null(codec_of(recorder.chunks[first]));
        }
        for (int k = first + 1; k < recorder.chunk_count; k++)
            assert_int_equal(wcenc_chunk_get_type(recorder.chunks[k]), WCENC_CHUNK_TYPE_DELTA);
    }
    assert_int_equal(recorder.error_count, 0);
    recorder_close(&recorder);
}

/* The default bitrate is one that the level allows, which is that of size and framerate. */
static void test_the_default_bitrate_raises_no_level(void **state)
{
    wcenc_config config = config_for("hvc1.1.6.L156.B0", 4096, 2160);

    (void)state;
    config.framerate = 120;
    config.encoder_name = "libx265";
    config.latency_mode = WCENC_LATENCY_REALTIME;
    if (!config_works(&config))
        skip();
    check_support(&config, "hvc1.1.6.L156.B0");
}

#define CASE(n) cmocka_unit_test_prestate(test_the_stream_carries_the_level_that_its_rates_need, (void *)&cases[n])

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(0),
        CASE(1),
        CASE(2),
        CASE(3),
        CASE(4),
        CASE(5),
        CASE(6),
        CASE(7),
        CASE(8),
        CASE(9),
        CASE(10),
        CASE(11),
        cmocka_unit_test(test_the_level_is_enough_whatever_the_bitrate_mode),
        cmocka_unit_test(test_a_live_change_reopens_the_encoder_where_it_needs_a_higher_level),
        cmocka_unit_test(test_the_default_bitrate_raises_no_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
