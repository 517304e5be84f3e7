/* SPDX-License-Identifier: MIT */

/* wcenc_is_config_supported: what it answers, why, and that configure agrees. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/pattern.h"
#include "../support/recorder.h"

struct question {
    const char *codec;
    uint32_t width, height;
    int32_t supported; /* 1, 0, or -1 where it depends on the installed FFmpeg */
    const char *word;  /* in the reason, where not supported */
};

static const struct question questions[] = {
    {"vp8", 640, 480, 1, NULL},
    {"vp8", 1000000, 480, 0, "width is 1000000, VP8 allows 16383"},  /* SUP-017, WPT-013 */
    {"vp8", 640, 1000000, 0, "height is 1000000, VP8 allows 16383"}, /* SUP-018 */
    {"vp8", 20000, 20000, 0, "width is 20000, VP8 allows 16383"},    /* SUP-022 */
    {"vp09.00.62.08", 20000, 20000, 0, "allows 13208 at a width of 20000"},
    {"vP8", 640, 480, 0, "vP8"},       /* SUP-021 */
    {"bogus", 640, 480, 0, "bogus"},   /* SUP-010, SUP-020 */
    {" vp8", 640, 480, 0, " vp8"},     /* VAL-004 */
    {"vorbis", 640, 480, 0, "vorbis"}, /* SUP-028 */
    {"vp9", 640, 480, 0, "vp9"},
    {"video/webm; codecs=\"vp9\"", 640, 480, 0, "webm"},
    {"avc1.42001E", 640, 480, 1, NULL}, /* STR-008 */
    {"avc1.42001e", 640, 480, 1, NULL},
    {"avc1.4d001e", 640, 480, 1, NULL}, /* STR-010 */
    {"avc1.64001e", 640, 480, 1, NULL},
    {"avc1.42E01E", 640, 480, 1, NULL},
    {"avc1.42001E", 641, 480, 0, "641"}, /* SUP-023 */
    {"avc1.42001E", 640, 481, 0, "481"},
    {"avc1.42001E", 1920, 1080, 0, "level"}, /* SUP-012, SUP-032 */
    {"avc1.640028", 1920, 1080, 1, NULL},
    {"avc1.FF000b", 320, 200, 0, NULL}, /* SUP-024 */
    {"avc1.zz", 640, 480, 0, NULL},
    {"avc1", 640, 480, 0, NULL},              /* STR-017 */
    {"hvc1.1.6.L93.B0", 1280, 720, -1, NULL}, /* HEV-006 */
    {"hvc1.1.6.L30.B0", 1280, 720, 0, NULL},
    {"hvc1.C99.6FFFFFF.L93", 640, 480, 0, NULL}, /* SUP-025 */
    {"vp09.00.10.08", 1280, 720, 1, NULL},       /* SUP-031 */
    {"vp09.99.99.08", 640, 480, 0, NULL},        /* SUP-026 */
    {"vp09.00.10.10", 640, 480, 0, NULL},        /* STR-014 */
    {"av01.0.04M.08", 1280, 720, -1, NULL},      /* SUP-030 */
    {"av01.9.99M.08", 640, 480, 0, NULL},        /* SUP-027 */
    {"vp8", 641, 481, 1, NULL},                  /* VP8-002 */
    {"vp8", 1, 1, 1, NULL},
    {"avc1.42001e", 14, 14, 1, NULL}, /* AVC-014 */
};

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)chunk;
    (void)metadata;
    ++*(int *)user;
}

static wcenc_status ended_with;

static void on_error(void *user, const wcenc_error *error)
{
    (void)user;
    ended_with = error->status;
}

/* Codes two frames with a config. True if both came. */
static bool really_encodes(const wcenc_config *config)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;
    int chunks = 0;
    wcenc_status status;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = &chunks;
    desc.on_output = on_output;
    desc.on_error = on_error;
    ended_with = WCENC_OK;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(encoder, config), WCENC_OK);
    for (int i = 0; i < 2; i++) {
        wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_RGBA, 64, 64, (const uint8_t[]){200, 50, 100}, NULL, i);

        status = wcenc_encoder_encode(encoder, frame, NULL);
        assert_true(status == WCENC_OK || status == WCENC_ERROR_INVALID_STATE);
        wcenc_frame_unref(frame);
    }
    (void)wcenc_encoder_flush(encoder);
    wcenc_encoder_destroy(encoder);
    assert_true(ended_with == WCENC_OK || ended_with == WCENC_ERROR_NOT_SUPPORTED);
    return chunks == 2;
}

static void expect_same_text(const char *given, const char *echoed)
{
    if (!given)
        assert_null(echoed);
    else
        assert_string_equal(echoed, given);
}

/* Every member as it was given, those that were not given included; texts are the answer's own. */
static void expect_echo(const wcenc_config *given, const wcenc_config *echoed)
{
    static const size_t texts[] = {
        offsetof(wcenc_config, codec),           offsetof(wcenc_config, scalability_mode),
        offsetof(wcenc_config, content_hint),    offsetof(wcenc_config, encoder_name),
        offsetof(wcenc_config, encoder_options),
    };
    wcenc_config a = *given, b = *echoed;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text_a, *text_b, *none = NULL;

        memcpy(&text_a, (char *)&a + texts[i], sizeof text_a);
        memcpy(&text_b, (char *)&b + texts[i], sizeof text_b);
        expect_same_text(text_a, text_b);
        memcpy((char *)&a + texts[i], &none, sizeof none);
        memcpy((char *)&b + texts[i], &none, sizeof none);
    }
    /* There is no padding between the members. */
    assert_memory_equal(&a, &b, sizeof a); /* SUP-003, SUP-004, SUP-006 */
}

/* The answer, held against what configure makes of it. */
static int32_t ask(const wcenc_config *config, char reason[512])
{
    wcenc_config_support *support;
    int32_t supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK); /* SUP-002 */
    supported = support->supported;
    reason[0] = '\0';
    if (supported) {
        assert_null(support->reason);
        assert_non_null(support->encoder_name);
    } else {
        assert_non_null(support->reason);
        assert_true(strlen(support->reason) > 10 && strlen(support->reason) < 512);
        strcpy(reason, support->reason);
        assert_null(support->encoder_name);
    }
    expect_echo(config, support->config);
    wcenc_config_support_free(support);
    assert_int_equal(really_encodes(config), supported); /* SUP-009 */
    return supported;
}

static void test_answers_are_right_and_configure_agrees(void **state)
{
    char reason[512];

    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        const struct question *question = &questions[i];
        wcenc_config config = config_for(question->codec, question->width, question->height);
        int32_t supported = ask(&config, reason);

        if (question->supported >= 0 && supported != question->supported)
            fail_msg("%s at %ux%u: %d %s", question->codec, question->width, question->height, supported, reason);
        if (question->word && !strstr(reason, question->word))
            fail_msg("\"%s\" does not name \"%s\"", reason, question->word);
    }
}

static void expect_unsupported(const wcenc_config *config, const char *word)
{
    char reason[512];

    if (ask(config, reason) != 0)
        fail_msg("supported, though %s", word);
    if (!strstr(reason, word))
        fail_msg("\"%s\" does not name \"%s\"", reason, word);
}

static void test_members_that_cannot_be_honoured_are_refused_by_name(void **state)
{
    wcenc_config config = config_for("vp8", 320, 192);

    (void)state;
    config.scalability_mode = "ABC"; /* SUP-019, SVC-009, VAL-017 */
    expect_unsupported(&config, "ABC");
    config = config_for("avc1.42001e", 320, 192);
    config.scalability_mode = "L2T1"; /* SVC-009 */
    expect_unsupported(&config, "scalability_mode");
    config = config_for("vp09.02.10.10", 320, 192);
    config.alpha = WCENC_ALPHA_KEEP; /* ALP-004, SUP-014 */
    expect_unsupported(&config, "alpha");
    config = config_for("avc1.42001e", 320, 192);
    config.hardware_acceleration = WCENC_HARDWARE_REQUIRED; /* HWA-002 */
    expect_unsupported(&config, "hardware");
    config.encoder_name = "libx264";
    expect_unsupported(&config, "encoder_name \"libx264\" is software, hardware_acceleration is 64");
    config = config_for("avc1.42001e", 320, 192);
    config.framerate = -1; /* VAL-013 */
    expect_unsupported(&config, "framerate");
    config = config_for("avc1.4d401e", 320, 192);
    config.max_b_frames = 2;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    expect_unsupported(&config, "max_b_frames");
    config = config_for("avc1.42001e", 320, 192);
    config.max_b_frames = 2;
    expect_unsupported(&config, "Baseline");
    config = config_for("avc1.42001e", 320, 192);
    config.encoder_name = "libvpx";
    expect_unsupported(&config, "libvpx");
    config = config_for("avc1.42001e", 320, 192);
    config.encoder_options = "no-such-option=1";
    expect_unsupported(&config, "no-such-option");
    config = config_for("avc1.42001e", 320, 192);
    config.encoder_options = "preset=nonsense";
    expect_unsupported(&config, "libx264");
    config = config_for("avc1.42001e", 320, 192);
    config.encoder_options = "crf";
    expect_unsupported(&config, "encoder_options");
    config = config_for("vp8", 320, 192);
    config.effort = 3;
    expect_unsupported(&config, "effort is 3, libwcenc allows -2 to 2");
    config.effort = INT32_MIN;
    expect_unsupported(&config, "effort is -2147483648");
    config = config_for("vp8", 320, 192);
    config.bitrate_mode = WCENC_BITRATE_QUANTIZER; /* QP-011 */
    expect_unsupported(&config, "quantizer");
    config = config_for("avc1.64001e", 320, 192);
    config.max_delay_frames = 1;
    config.threads = 4;
    expect_unsupported(&config, "max_delay_frames");
    config = config_for("avc1.42001e", 640, 480);
    config.bitrate = 800000001; /* SUP-032: no level has as much */
    expect_unsupported(&config, "bitrate is 800000001, level 6.2 allows 800000000");
    config = config_for("avc1.42001e", 640, 480);
    config.framerate = 10000;
    config.bitrate = 900000000;
    expect_unsupported(&config, "level 6.2");
}

/* What the answer's capabilities say of it has to be so. */
static uint32_t capabilities_of(const wcenc_config *config)
{
    wcenc_config_support *support;
    uint32_t capabilities;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    capabilities = support->capabilities;
    wcenc_config_support_free(support);
    return capabilities;
}

static void test_temporal_layers_are_for_encoders_that_have_them(void **state)
{
    static const char *const with[] = {"vp8", "vp09.00.10.08", "vp09.02.10.10"};
#ifdef WCENC_HAS_AOM
    const bool has_aom = true;
#else
    const bool has_aom = false;
#endif
    static const char *const without[] = {"avc1.6e001e", "hvc1.1.6.L93.B0", "vp09.01.10.08.02", "vp09.03.10.10.03",
                                          "av01.0.04M.08"};
    static const char *const modes[] = {"L1T2", "L1T3"};
    char reason[512];
    wcenc_config config;
    bool is_in_build;

    (void)state;
    for (size_t k = 0; k < sizeof modes / sizeof modes[0]; k++) {
        for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
            config = config_for(with[i], 320, 200);
            config.scalability_mode = modes[k];
            assert_int_equal(ask(&config, reason), 1); /* SVC-006 */
            assert_true(capabilities_of(&config) & WCENC_CAPABILITY_TEMPORAL_LAYERS);
            config.encoder_options = "error-resilient=0";
            if (k == 0 && i > 0)
                expect_unsupported(&config, "error-resilient");
        }
        for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
            config = config_for(without[i], 320, 200);
            if (!config_works(&config))
                continue;
            is_in_build = has_aom && strncmp(without[i], "av01", 4) == 0; /* libaom-av1 has none, native-aom has */
            assert_int_equal((capabilities_of(&config) & WCENC_CAPABILITY_TEMPORAL_LAYERS) != 0, is_in_build);
            config.scalability_mode = modes[k];
            if (is_in_build)
                assert_int_equal(ask(&config, reason), 1);
            else
                expect_unsupported(&config, "scalability_mode"); /* SVC-006 */
        }
    }
    config = config_for("vp8", 800, 600);
    config.framerate = 60;
    config.scalability_mode = "L1T2";
    assert_int_equal(ask(&config, reason), 1); /* SVC-011 */
    config.encoder_options = "ts-parameters=ts_number_layers=3";
    expect_unsupported(&config, "scalability_mode");
}

/* The encoder that the answer names, which is the one that runs. NULL if it is not supported. */
static const char *encoder_of(const wcenc_config *config)
{
    struct recorder recorder;
    wcenc_config_support *support;
    wcenc_frame *frame;
    const char *name;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    name = support->encoder_name; /* static */
    wcenc_config_support_free(support);
    if (!name)
        return NULL;
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, config), WCENC_OK);
    frame = pattern_frame(config->width, config->height, 0, 0);
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 1);
    assert_string_equal(wcenc_encoder_get_name(recorder.encoder), name);
    recorder_close(&recorder);
    return name;
}

/* NULL: no encoder of this build. */
static void test_native_encoders_come_first_and_leave_the_rest(void **state)
{
#ifdef WCENC_HAS_VPX
    const char *const vpx = "native-vpx";
#else
    const char *const vpx = NULL;
#endif
#ifdef WCENC_HAS_AOM
    const char *const aom = "native-aom";
#else
    const char *const aom = NULL;
#endif
    const struct {
        const char *codec, *layers, *options;
        wcenc_bitrate_mode mode;
        const char *native;   /* NULL: this build is without it, or it does not support the row */
        const char *fallback; /* what runs then; NULL: nothing */
    } rows[] = {
        {"vp8", NULL, NULL, WCENC_BITRATE_CONSTANT, vpx, "libvpx"},
        {"vp09.00.10.08", NULL, NULL, WCENC_BITRATE_VARIABLE, vpx, "libvpx-vp9"},
        {"av01.0.04M.08", NULL, NULL, WCENC_BITRATE_VARIABLE, aom, "libaom-av1"},
        {"vp8", NULL, "sharpness=2", WCENC_BITRATE_CONSTANT, NULL, "libvpx"},
        {"vp09.00.10.08", NULL, "sharpness=2", WCENC_BITRATE_CONSTANT, NULL, "libvpx-vp9"},
        {"av01.0.04M.08", NULL, "enable-filter-intra=0", WCENC_BITRATE_VARIABLE, NULL, "libaom-av1"},
        {"vp09.00.10.08", NULL, NULL, WCENC_BITRATE_QUANTIZER, vpx, NULL},
        {"av01.0.04M.08", NULL, NULL, WCENC_BITRATE_QUANTIZER, aom, NULL},
        {"vp8", "manual", NULL, WCENC_BITRATE_CONSTANT, vpx, NULL},
        {"vp09.00.10.08", "manual", NULL, WCENC_BITRATE_CONSTANT, vpx, NULL},
        {"av01.0.04M.08", "manual", NULL, WCENC_BITRATE_QUANTIZER, aom, NULL},
        {"av01.0.04M.08", "L1T3", NULL, WCENC_BITRATE_VARIABLE, aom, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const expected = rows[i].native ? rows[i].native : rows[i].fallback;
        wcenc_config config = config_for(rows[i].codec, 320, 200);
        const char *name;

        config.scalability_mode = rows[i].layers;
        config.encoder_options = rows[i].options;
        config.bitrate_mode = rows[i].mode;
        name = encoder_of(&config);
        if (expected) {
            assert_non_null(name);
            assert_string_equal(name, expected);
        } else {
            assert_null(name);
        }
    }
}

/* libx264 has none. */
static void test_layers_of_h264_are_left_to_openh264(void **state)
{
    static const char *const codecs[] = {"avc1.42001e", "avc1.4d001e", "avc1.64001e"};

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config config = config_for(codecs[i], 320, 200);

        if (!config_works(&config))
            continue;
        assert_string_equal(encoder_of(&config), "libx264");
        config.scalability_mode = "L1T3";
#ifdef WCENC_HAS_OPENH264
        assert_string_equal(encoder_of(&config), "native-openh264"); /* SVC-006 */
        assert_true(capabilities_of(&config) & WCENC_CAPABILITY_TEMPORAL_LAYERS);
        config.scalability_mode = NULL;
        config.max_delay_frames = 1; /* it stands in for nothing else */
        config.threads = 4;
        assert_null(encoder_of(&config));
        config.max_delay_frames = 0;
        config.encoder_name = "native-openh264";
        assert_string_equal(encoder_of(&config), "native-openh264");
        config.width = 321;
        expect_unsupported(&config, "321 is odd");
        config.width = 14;
        expect_unsupported(&config, "14");
#else
        expect_unsupported(&config, "libx264 codes no layers"); /* SVC-006 */
#endif
    }
}

static void test_alpha_is_kept_by_every_codec_of_8_bits(void **state)
{
    static const char *const with[] = {"avc1.42001e", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08", "av01.0.04M.08"};
    static const char *const without[] = {"avc1.6e001e",   "avc1.f4001e",      "hvc1.2.4.L93.B0",
                                          "vp09.02.10.10", "vp09.01.10.08.03", "av01.0.04M.10"};
    char reason[512];
    wcenc_config config;

    (void)state;
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        config = config_for(with[i], 320, 200);
        config.alpha = WCENC_ALPHA_KEEP;
        assert_int_equal(ask(&config, reason), 1); /* ALP-004 */
        assert_true(capabilities_of(&config) & WCENC_CAPABILITY_ALPHA);
        config.scalability_mode = "L1T2";
        expect_unsupported(&config, i < 2 ? "layers" : "L1T2");
    }
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        config = config_for(without[i], 320, 192);
        if (!config_works(&config))
            continue;
        assert_false(capabilities_of(&config) & WCENC_CAPABILITY_ALPHA);
        config.alpha = WCENC_ALPHA_KEEP;
        expect_unsupported(&config, "alpha"); /* ALP-004 */
    }
    config = config_for("avc1.64001e", 320, 192);
    config.alpha = WCENC_ALPHA_KEEP;
    config.max_b_frames = 2;
    expect_unsupported(&config, "max_b_frames");
    config.max_b_frames = 0;
    config.encoder_options = "bf=2";
    expect_unsupported(&config, "\"bf\"");
    config.encoder_options = "x264-params=ref=2:bframes=2";
    expect_unsupported(&config, "\"bframes\"");
    config.encoder_options = "x264-params=ref=2";
    assert_int_equal(ask(&config, reason), 1);
}

static void test_common_configs_are_supported(void **state)
{
    wcenc_config config = config_for("avc1.42001E", 640, 480);
    char reason[512];

    (void)state;
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config.bitrate = 5000000;
    config.framerate = 24;
    if (ask(&config, reason) != 1) /* SUP-036 */
        fail_msg("%s", reason);
    config = config_for("vp09.00.10.08", 1280, 720);
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    if (ask(&config, reason) != 1)
        fail_msg("%s", reason);
}

static void test_options_that_would_break_the_codec_string_are_refused(void **state)
{
    wcenc_config config = config_for("avc1.42001e", 320, 192);

    (void)state;
    config.encoder_options = "profile=high:8x8dct=1:coder=ac";
    expect_unsupported(&config, "profile");
    config = config_for("avc1.42001e", 320, 192);
    config.encoder_options = "level=51";
    expect_unsupported(&config, "level");
    config = config_for("avc1.64001e", 320, 192);
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.encoder_options = "tune=film:rc-lookahead=20";
    expect_unsupported(&config, "realtime");
}

static void test_options_may_not_change_what_the_config_says(void **state)
{
    static const struct {
        const char *codec, *options;
    } bad[] = {
        {"vp8", "video_size=640x480"},
        {"avc1.42001e", "video_size=64x64"},
        {"vp09.00.10.08", "pixel_format=yuv444p"},
        {"avc1.42001e", "time_base=1/7"},
        {"avc1.42001e", "colorspace=bt2020nc"},
        {"avc1.42001e", "color_range=jpeg"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        wcenc_config config = config_for(bad[i].codec, 320, 192);

        config.encoder_options = bad[i].options;
        expect_unsupported(&config, "encoder_options");
    }
}

static void test_bounds_are_named(void **state)
{
    wcenc_config config = config_for("avc1.64001e", 320, 192);

    (void)state;
    config.max_b_frames = 1000;
    expect_unsupported(&config, "max_b_frames is 1000, libwcenc allows 16");
    config.max_b_frames = 0;
    config.threads = 100000;
    expect_unsupported(&config, "threads is 100000, libwcenc allows 1024");
    config.threads = 0;
    config.width = 16384;
    config.height = 16384;
    config.codec = "vp09.00.62.08";
    expect_unsupported(&config, "allows 16128 at a width of 16384");
}

static void test_what_parallel_groups_exclude_is_named(void **state)
{
    static const char *const modes[] = {"L1T2", "manual"};
    wcenc_config config = config_for("vp8", 320, 192);
    char reason[512];

    (void)state;
    config.parallel_groups = 1025;
    expect_unsupported(&config, "parallel_groups is 1025, libwcenc allows 1024");
    config.parallel_groups = 2;
    assert_int_equal(ask(&config, reason), 1);
    config.latency_mode = WCENC_LATENCY_REALTIME;
    expect_unsupported(&config, "parallel_groups with latency_mode \"realtime\"");
    config.latency_mode = WCENC_LATENCY_QUALITY;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    expect_unsupported(&config, "parallel_groups with bitrate_mode \"constant\"");
    config.bitrate_mode = WCENC_BITRATE_VARIABLE;
    config.key_interval = UINT32_MAX;
    expect_unsupported(&config, "parallel_groups with key_interval 4294967295");
    config.key_interval = 0;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        config.scalability_mode = modes[i];
        expect_unsupported(&config, "parallel_groups excludes scalability_mode");
        expect_unsupported(&config, modes[i]);
    }
}

/* Two groups of five frames: samples of planes, alpha and depth. */
static void test_the_bytes_of_parallel_groups_are_those_of_their_frames(void **state)
{
    static const struct {
        const char *codec;
        wcenc_alpha_option alpha;
        uint64_t frame_bytes;
    } rows[] = {
        {"vp8", WCENC_ALPHA_DISCARD, 96 * 64 * 3 / 2},
        {"vp8", WCENC_ALPHA_KEEP, 96 * 64 * 5 / 2},
        {"vp09.01.10.08.03", WCENC_ALPHA_DISCARD, 96 * 64 * 3},
        {"vp09.02.10.10", WCENC_ALPHA_DISCARD, 96 * 64 * 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_config config = config_for(rows[i].codec, 96, 64);
        wcenc_config_support *support;

        config.alpha = rows[i].alpha;
        config.key_interval = 5;
        for (uint32_t groups = 0; groups <= 2; groups++) {
            config.parallel_groups = groups;
            assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
            if (support->supported)
                assert_int_equal(support->parallel_groups_bytes, groups * 5 * rows[i].frame_bytes);
            wcenc_config_support_free(support);
        }
    }
}

static void test_reasons_are_one_line_of_utf8(void **state)
{
    wcenc_config config = config_for("avc1.64001e", 320, 192);
    char reason[512];

    (void)state;
    config.encoder_options = "preset=fa\nst\xc3";
    assert_int_equal(ask(&config, reason), 0);
    assert_null(strchr(reason, '\n'));
    assert_null(strchr(reason, '\xc3'));
}

static void test_hints_and_unused_members_do_not_matter(void **state)
{
    char reason[512];
    wcenc_config config = config_for("vp8", 1280, 720);

    (void)state;
    config.bitrate = 5000000; /* SUP-029 */
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.framerate = 25;
    config.content_hint = "text"; /* HNT-001 */
    assert_int_equal(ask(&config, reason), 1);
    config.content_hint = "no such hint";                          /* HNT-001, SUP-015 */
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;              /* SUP-007, CFG-020 */
    config.hardware_acceleration = WCENC_HARDWARE_PREFER_SOFTWARE; /* HWA-001 */
    config.scalability_mode = "L1T1";                              /* SVC-002 */
    assert_int_equal(ask(&config, reason), 1);
}

static void test_software_runs_where_hardware_is_only_preferred(void **state)
{
    static const char *const codecs[] = {"avc1.42001e", "vp8", "vp09.00.10.08"};

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config config = config_for(codecs[i], 320, 192);
        const char *software = encoder_of(&config), *hardware, *preferred;

        config.hardware_acceleration = WCENC_HARDWARE_REQUIRED;
        hardware = encoder_of(&config); /* HWA-002 */
        config.hardware_acceleration = WCENC_HARDWARE_PREFER_HARDWARE;
        preferred = encoder_of(&config); /* SUP-016 */
        if (software || hardware)
            assert_string_equal(preferred, hardware ? hardware : software);
    }
}

static void test_the_answer_owns_its_config(void **state)
{
    char codec[] = "avc1.42001e";
    wcenc_config config = config_for(codec, 640, 480);
    wcenc_config_support *support;

    (void)state;
    config.bitrate = 123456;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK); /* SUP-001 */
    memset(codec, 'x', 4);                                                    /* SUP-008 */
    assert_string_equal(support->config->codec, "avc1.42001e");
    assert_int_equal(support->config->bitrate, 123456);
    assert_int_equal(support->config->framerate, 0); /* SUP-006 */
    wcenc_config_support_free(support);
    wcenc_config_support_free(NULL);
}

/* Everything that H.264 can be asked for, each member with a value of its own. */
static wcenc_config full_config(void)
{
    wcenc_config config = config_for("avc1.64001f", 320, 192);

    config.bitrate = 1234567;
    config.framerate = 23.976;
    config.scalability_mode = "L1T1";
    config.content_hint = "detail";
    config.encoder_name = "libx264";
    config.encoder_options = "preset=fast";
    config.display_width = 640;
    config.display_height = 360;
    config.hardware_acceleration = WCENC_HARDWARE_PREFER_SOFTWARE;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config.threads = 2;
    config.key_interval = 77;
    config.max_b_frames = 3;
    config.max_delay_frames = 99;
    config.color_space = (wcenc_color_space){
        WCENC_COLOR_PRIMARIES_SMPTE170M,
        WCENC_COLOR_TRANSFER_BT709,
        WCENC_COLOR_MATRIX_BT470BG,
        WCENC_COLOR_RANGE_FULL,
    };
    return config;
}

static void test_the_answer_has_the_config_as_it_was_given(void **state)
{
    wcenc_config config = full_config();
    wcenc_config_support *support;
    char reason[512];

    (void)state;
    if (ask(&config, reason) != 1) /* SUP-003 */
        fail_msg("%s", reason);
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    assert_string_equal(support->config->content_hint, "detail"); /* HNT-003 */
    wcenc_config_support_free(support);
    config.alpha = WCENC_ALPHA_KEEP;
    config.content_hint = "no such hint";
    config.latency_mode = WCENC_LATENCY_REALTIME;
    assert_int_equal(ask(&config, reason), 0); /* SUP-004 */
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    assert_string_equal(support->config->content_hint, "no such hint"); /* HNT-003 */
    wcenc_config_support_free(support);
    config = config_for("vp8", 320, 192);
    config.bitrate = 0;
    assert_int_equal(ask(&config, reason), 1); /* SUP-006 */
}

static void test_invalid_configs_are_errors_not_answers(void **state)
{
    wcenc_config config = config_for("vp8", 0, 480);
    wcenc_config_support *support = (wcenc_config_support *)&config;

    (void)state;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_ERROR_TYPE); /* VAL-020 */
    assert_null(support);
    assert_int_equal(wcenc_is_config_supported(NULL, &support), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_is_config_supported(&config, NULL), WCENC_ERROR_TYPE);
}

static void test_a_longer_struct_with_a_tail_is_not_supported(void **state)
{
    size_t size = sizeof(wcenc_config) + 8;
    wcenc_config *longer = calloc(1, size);
    wcenc_config_support *support;
    char before[512];

    (void)state;
    assert_int_equal(wcenc_is_config_supported(NULL, &support), WCENC_ERROR_TYPE);
    (void)snprintf(before, sizeof before, "%s", wcenc_last_error());
    assert_non_null(longer);
    *longer = config_for("vp8", 640, 480);
    longer->struct_size = (uint32_t)size;
    ((char *)longer)[size - 1] = 1;
    assert_int_equal(wcenc_is_config_supported(longer, &support), WCENC_OK);
    assert_int_equal(support->supported, 0);
    assert_string_equal(wcenc_last_error(), before); /* an answer is no error */
    wcenc_config_support_free(support);
    free(longer);
}

static void test_what_cannot_be_read_in_nested_options_is_not_printed(void **state)
{
    wcenc_config config = config_for("avc1.42001e", 320, 192);
    wcenc_config_support *support;

    (void)state;
    /* Whatever x264 thinks of it, the answer and configure agree and nothing is printed. */
    config.encoder_options = "x264-params=no-such-key=1";
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    assert_int_equal(really_encodes(&config), support->supported);
    wcenc_config_support_free(support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_right_and_configure_agrees),
        cmocka_unit_test(test_members_that_cannot_be_honoured_are_refused_by_name),
        cmocka_unit_test(test_temporal_layers_are_for_encoders_that_have_them),
        cmocka_unit_test(test_native_encoders_come_first_and_leave_the_rest),
        cmocka_unit_test(test_layers_of_h264_are_left_to_openh264),
        cmocka_unit_test(test_alpha_is_kept_by_every_codec_of_8_bits),
        cmocka_unit_test(test_common_configs_are_supported),
        cmocka_unit_test(test_options_that_would_break_the_codec_string_are_refused),
        cmocka_unit_test(test_options_may_not_change_what_the_config_says),
        cmocka_unit_test(test_bounds_are_named),
        cmocka_unit_test(test_what_parallel_groups_exclude_is_named),
        cmocka_unit_test(test_the_bytes_of_parallel_groups_are_those_of_their_frames),
        cmocka_unit_test(test_reasons_are_one_line_of_utf8),
        cmocka_unit_test(test_hints_and_unused_members_do_not_matter),
        cmocka_unit_test(test_software_runs_where_hardware_is_only_preferred),
        cmocka_unit_test(test_the_answer_owns_its_config),
        cmocka_unit_test(test_the_answer_has_the_config_as_it_was_given),
        cmocka_unit_test(test_invalid_configs_are_errors_not_answers),
        cmocka_unit_test(test_a_longer_struct_with_a_tail_is_not_supported),
        cmocka_unit_test(test_what_cannot_be_read_in_nested_options_is_not_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
