/* SPDX-License-Identifier: MIT */

/* What H.264 and HEVC codec strings promise, against options that would break it: is_config_supported and configure. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/pattern.h"
#include "../support/recorder.h"

enum { FRAMES = 12 };

/* Codes frames with the config; false where configure's work ended in NOT_SUPPORTED. */
static bool really_encodes(const wcenc_config *config, char error[512])
{
    struct recorder recorder;
    bool encodes;

    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, config), WCENC_OK);
    for (int i = 0; i < FRAMES; i++) {
        wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, config->width, config->height,
                                        (const uint8_t[]){(uint8_t)(16 * i), 128, 128}, NULL, 33333 * (int64_t)i);

        (void)wcenc_encoder_encode(recorder.encoder, frame, NULL);
        wcenc_frame_unref(frame);
    }
    (void)wcenc_encoder_flush(recorder.encoder);
    encodes = recorder.chunk_count == FRAMES;
    if (!encodes) {
        /* An encoder that is closed already refuses a flush before on_error has come. */
        recorder_wait(&recorder, &recorder.error_count, 1);
        assert_int_equal(recorder.error, WCENC_ERROR_NOT_SUPPORTED);
    }
    (void)snprintf(error, 512, "%s", recorder.error_message);
    recorder_close(&recorder);
    return encodes;
}

/* Asks, and sees that configure agrees. */
static bool works(const wcenc_config *config, char reason[512])
{
    wcenc_config_support *support;
    char error[512];
    bool supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    supported = support->supported;
    (void)snprintf(reason, 512, "%s", support->reason ? support->reason : "");
    wcenc_config_support_free(support);
    assert_int_equal(really_encodes(config, error), supported); /* SUP-009 */
    if (!supported)
        assert_string_equal(error, reason);
    return supported;
}

static bool has_encoder(const char *codec)
{
    wcenc_config config = config_for(codec[0] == 'h' ? "hvc1.1.6.L93.B0" : "avc1.64001f", 320, 240);

    return config_works(&config);
}

struct breach {
    const char *codec;
    uint32_t width, height;
    const char *options;
    const char *option; /* to be named */
    const char *word;   /* of the promise */
};

#define SET5   "avc1.64041f", 320, 240
#define SET4   "avc1.64081f", 320, 240
#define L31    "avc1.64001f", 1280, 720
#define PROG   "hvc1.1.6.L93.80", 320, 240
#define FRAMED "hvc1.1.6.L93.10", 320, 240

static const struct breach breaches[] = {
    {SET5, "bf=3", "bf", "B-frames"},
    {SET5, "x264-params=bframes=1", "bframes", "B-frames"},
    {SET5, "x264opts=bframes=2", "bframes", "B-frames"},
    {SET5, "x264-params=b-adapt=0\\:b_frames=1:bf=1", "b-adapt", "B-frames"},
    {"avc1.4d041f", 320, 240, "bf=1", "bf", "B-frames"},
    {"avc1.42e01f", 320, 240, "bf=1", "bf", "B-frames"},
    {"avc1.42001f", 320, 240, "coder=ac", "coder", "profile 77"},
    {"avc1.42001f", 320, 240, "x264-params=cabac=1", "cabac", "profile 77"},
    {"avc1.42001f", 320, 240, "weightp=1", "weightp", "profile 77"},
    {"avc1.4d001f", 320, 240, "8x8dct=1", "8x8dct", "profile 100"},
    {"avc1.64001f", 320, 240, "qp=0", "qp", "profile 244"},
    {SET4, "flags=+ildct", "flags", "fields"},
    {SET4, "flags=262144", "flags", "is not valid"}, /* flags are named, not numbered */
    {SET4, "flags=+262144", "flags", "is not valid"},
    {SET4, "x264-params=interlaced=1", "interlaced", "fields"},
    {SET4, "x264-params=tff=1", "tff", "fields"},
    {SET4, "x264opts=bff=1", "bff", "fields"},
    {SET4, "x264-params=fake-interlaced=1", "fake-interlaced", "fields"},
    {SET4, "x264-params=fake_interlaced=1", "fake-interlaced", "fields"},
    {SET4, "x264-params=nofake-interlaced=0", "nofake-interlaced", "fields"},
    {SET4, "x264-params=no-interlaced=0", "no-interlaced", "fields"},
    {"avc1.64000d", 320, 240, "flags=+ildct", "flags", "fields"}, /* level 1.3 has none */
    {"avc1.64002a", 320, 240, "flags=+ildct", "flags", "fields"}, /* and neither has 4.2 */
    {L31, "refs=16", "refs", "16 frames, 5 at most"},
    {L31, "refs=6", "refs", "6 frames, 5 at most"},
    {L31, "x264-params=ref=16", "ref", "16 frames"},
    {L31, "x264-params=frameref=16", "frameref", "16 frames"},
    {L31, "x264-params=dpb-size=16", "dpb-size", "16 frames"},
    {L31, "x264-params=dpb_size=16", "dpb-size", "16 frames"},
    {PROG, "x265-params=interlace=1", "interlace", "source"},
    {PROG, "x265-params=interlace=tff", "interlace", "source"},
    {PROG, "x265-params=--interlace=bff", "interlace", "source"},
    {FRAMED, "x265-params=interlace=bff", "interlace", "fields"},
    /* the codec string and members of the config set them, however they are spelled */
    {SET5, "level=51", "level", "codec string"},
    {SET5, "x264-params=level=51", "level", "member of the config"},
    {SET5, "x264-params=level-idc=51", "level-idc", "member of the config"},
    {SET5, "x264-params=level_idc=51", "level-idc", "member of the config"},
    {SET5, "x264-params= level=51", "level", "member of the config"},
    {SET5, "x264-params='level'=51", "level", "member of the config"},
    {SET5, "x264-params=le\\\\vel=51", "level", "member of the config"},
    {SET5, "x264opts=fullrange=1", "fullrange", "member of the config"},
    {SET5, "x264-params=fps=3", "fps", "member of the config"},
    {SET5, "x264-params=annexb=0", "annexb", "member of the config"},
    {SET5, "x264-params=no-annexb=1", "annexb", "member of the config"},
    {SET5, "x264-params=noannexb=1", "annexb", "member of the config"},
    {SET5, "x264-params=dump-yuv=/dev/null", "dump-yuv", "member of the config"},
    {SET5, "forced-idr=0", "forced-idr", "key frame"},
    {SET5, "field_order=tt", "field_order", "progressive"},
    {SET5, "flags=+512", "encoder_options", "encoder_options"},
    {PROG, "x265-params=level=153", "level", "member of the config"},
    {PROG, "x265-params=level-idc=153", "level-idc", "member of the config"},
    {PROG, "x265-params=level_idc=153", "level-idc", "member of the config"},
    {PROG, "x265-params=--level-idc=153", "level-idc", "member of the config"},
    {PROG, "x265-params=Level-IDC=153", "level-idc", "member of the config"},
    {PROG, "x265-params=high-tier=1", "high-tier", "member of the config"},
    {PROG, "x265-params=annexb=0", "annexb", "member of the config"},
    {PROG, "x265-params=no-annexb=1", "annexb", "member of the config"},
    {PROG, "x265-params=input-res=64x64", "input-res", "member of the config"},
};

static void test_options_that_break_a_promise_are_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        const struct breach *row = &breaches[i];
        wcenc_config config = config_for(row->codec, row->width, row->height);
        char reason[512];

        if (!has_encoder(row->codec))
            continue;
        config.encoder_options = row->options;
        if (works(&config, reason))
            fail_msg("%s with %s is supported", row->codec, row->options); /* SUP-013 */
        if (!strstr(reason, "encoder_options") || !strstr(reason, row->option) || !strstr(reason, row->word))
            fail_msg("%s with %s: \"%s\" does not name %s and %s", row->codec, row->options, reason, row->option,
                     row->word);
    }
}

static void test_options_that_keep_the_promises_are_taken(void **state)
{
    static const struct {
        const char *codec;
        uint32_t width, height;
        const char *options;
    } good[] = {
        {"avc1.64001f", 320, 240, "bf=3"},
        {"avc1.64001f", 320, 240, "flags=+ildct"},
        {"avc1.64001f", 1280, 720, "refs=5"},
        {SET5, "x264-params=bframes=0"},
        {SET5, "g=1"}, /* the parameter sets of intra profiles do not say that there are no B-frames */
        {SET4, "x264-params=no-interlaced=1"},
        {"hvc1.1.6.L93", 320, 240, "preset=fast"},
        {PROG, "x265-params=interlace=0"},
        {"hvc1.1.6.L93.B0", 1280, 720, "x265-params=ref=5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        wcenc_config config = config_for(good[i].codec, good[i].width, good[i].height);
        char reason[512];

        if (!has_encoder(good[i].codec))
            continue;
        config.encoder_options = good[i].options;
        if (!works(&config, reason))
            fail_msg("%s with %s: %s", good[i].codec, good[i].options, reason);
    }
}

/* Members of the config may ask for more than the level has as well: small levels have a buffer of two frames. */
static void test_b_frames_fit_into_the_buffer_of_the_level(void **state)
{
    static const struct {
        const char *codec;
        uint32_t width, height;
    } rows[] = {
        {"avc1.4d000a", 176, 144},     {"avc1.64000b", 352, 288},      {"avc1.64001e", 720, 576},
        {"avc1.64001f", 1280, 720},    {"avc1.640020", 1280, 1024},    {"hvc1.1.6.L30.B0", 128, 96},
        {"hvc1.1.6.L60.B0", 352, 288}, {"hvc1.1.6.L93.B0", 1280, 720},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t b_frames = 0; b_frames <= 3; b_frames++) {
            wcenc_config config = config_for(rows[i].codec, rows[i].width, rows[i].height);
            char reason[512];

            config.max_b_frames = b_frames;
            config.bitrate = 60000;
            config.framerate = 7;
            if (!has_encoder(rows[i].codec))
                continue;
            if (!works(&config, reason))
                fail_msg("%s with %u B-frames: %s", rows[i].codec, b_frames, reason);
        }
}

static void test_a_source_that_is_interlaced_cannot_be_promised(void **state)
{
    static const char *const codecs[] = {"hvc1.1.6.L93.40", "hvc1.1.6.L93.D0"};

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config config = config_for(codecs[i], 320, 240);
        char reason[512];

        if (!has_encoder(codecs[i]))
            skip();
        assert_false(works(&config, reason));
        assert_non_null(strstr(reason, "source"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_that_break_a_promise_are_refused_by_name),
        cmocka_unit_test(test_options_that_keep_the_promises_are_taken),
        cmocka_unit_test(test_b_frames_fit_into_the_buffer_of_the_level),
        cmocka_unit_test(test_a_source_that_is_interlaced_cannot_be_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
