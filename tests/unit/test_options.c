/* SPDX-License-Identifier: MIT */

/* The table of encoders and what is made of it: every row of every available encoder is taken by that encoder. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/opt.h>

#include "profiles.h"
#include "registry.h"
#include "config.h"
#include "options.h"

static const char *const codecs[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = "avc1.64001f",  [CODEC_HEVC] = "hvc1.1.6.L93.B0", [CODEC_VP8] = "vp8",
    [CODEC_VP9] = "vp09.00.31.08", [CODEC_AV1] = "av01.0.05M.08",
};

static struct encoder_config *config_of(const char *codec, int32_t mode, int32_t latency, const char *options)
{
    wcenc_config given;
    struct encoder_config *config;

    wcenc_config_init(&given, sizeof given);
    given.codec = codec;
    given.width = 640;
    given.height = 360;
    given.bitrate = 1000000;
    given.threads = 2;
    given.bitrate_mode = mode;
    given.latency_mode = latency;
    given.encoder_options = options;
    assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
    return config;
}

/* Applies the options to a context that is never opened; `*context` is NULL where this FFmpeg lacks the encoder. */
static bool apply(const char *encoder, const struct encoder_config *config, AVCodecContext **context,
                  struct failure *failure)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(encoder);

    *context = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!codec)
        return false;
    assert_non_null(*context);
    (*context)->log_level_offset = 100;
    return wcenc__lavc_apply_options(*context, wcenc__lavc_encoder(encoder), config, failure);
}

static void test_every_row_is_an_option_of_its_encoder(void **state)
{
    int applied = 0;

    (void)state;
    for (int family = CODEC_H264; family < CODEC_FAMILY_COUNT; family++) {
        const struct codec_candidate *candidate;

        for (size_t n = 0; (candidate = wcenc__backend_candidate((enum codec_family)family, n)); n++)
            for (int32_t mode = 0; mode <= WCENC_BITRATE_CONSTANT_QUALITY; mode += mode == 2 ? 62 : 1)
                for (int32_t latency = 0; latency < 2; latency++) {
                    struct encoder_config *config = config_of(codecs[family], mode, latency, NULL);
                    AVCodecContext *context;
                    struct failure failure;

                    if (strncmp(candidate->name, "native-", strlen("native-")) == 0) {
                        wcenc__config_unref(config);
                        continue;
                    }
                    assert_non_null(wcenc__lavc_encoder(candidate->name));
                    if (!apply(candidate->name, config, &context, &failure) && context)
                        fail_msg("%s", failure.message);
                    applied += context != NULL;
                    avcodec_free_context(&context);
                    wcenc__config_unref(config);
                }
    }
    assert_true(applied >= 6);
}

static int64_t number(AVCodecContext *context, const char *name)
{
    int64_t value = -1;

    assert_true(av_opt_get_int(context, name, AV_OPT_SEARCH_CHILDREN, &value) >= 0);
    return value;
}

static void test_the_callers_options_win(void **state)
{
    struct encoder_config *config =
        config_of("avc1.64001f", 0, 0, "preset=fast:rc-lookahead=7:g=12:x264-params=me=dia");
    AVCodecContext *context;
    struct failure failure;

    (void)state;
    if (!avcodec_find_encoder_by_name("libx264"))
        skip();
    assert_true(apply("libx264", config, &context, &failure));
    assert_int_equal(number(context, "rc-lookahead"), 7);
    assert_int_equal(number(context, "g"), 12);
    assert_int_equal(number(context, "b"), 1000000);
    avcodec_free_context(&context);
    wcenc__config_unref(config);
}

static void test_plain_values_of_every_type_are_taken(void **state)
{
    static const char *const good[] = {
        "b=1M",
        "b=1.5M",
        "b=512Ki",
        "bufsize=100kB",
        "g=+12",
        "g=default",
        "crf=.5",
        "crf=2e1",
        "mbtree=1",
        "mbtree=true",
        "mbtree=auto",
        "threads=auto",
        "thread_type=slice",
        "flags=+cgop",
        "flags=cgop-psnr+loop",
        "aq-mode=variance",
        "aq-mode=2",
        "aq-strength=-1",
        "tune=film,grain",
        "psy-rd=1.0,0.2",
    };

    (void)state;
    if (!avcodec_find_encoder_by_name("libx264"))
        skip();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct encoder_config *config = config_of("avc1.64001f", 0, 0, good[i]);
        AVCodecContext *context;
        struct failure failure;

        if (!apply("libx264", config, &context, &failure))
            fail_msg("%s", failure.message);
        avcodec_free_context(&context);
        wcenc__config_unref(config);
    }
}

static void test_lists_of_options_are_added_to(void **state)
{
    struct encoder_config *config = config_of("hvc1.1.6.L93.B0", 0, 0, "x265-params=ref=2\\:rc-lookahead=5");
    AVCodecContext *context;
    AVDictionary *list = NULL;
    struct failure failure;

    (void)state;
    if (!avcodec_find_encoder_by_name("libx265"))
        skip();
    assert_true(apply("libx265", config, &context, &failure));
    assert_true(av_opt_get_dict_val(context, "x265-params", AV_OPT_SEARCH_CHILDREN, &list) >= 0);
    assert_string_equal(av_dict_get(list, "log-level", NULL, 0)->value, "none");
    assert_string_equal(av_dict_get(list, "level-idc", NULL, 0)->value, "31");
    assert_string_equal(av_dict_get(list, "pools", NULL, 0)->value, "2");
    assert_string_equal(av_dict_get(list, "ref", NULL, 0)->value, "2");
    assert_string_equal(av_dict_get(list, "rc-lookahead", NULL, 0)->value, "5");
    av_dict_free(&list);
    avcodec_free_context(&context);
    wcenc__config_unref(config);
}

static void test_bad_options_are_refused_by_name(void **state)
{
    static const struct {
        const char *options, *word;
    } bad[] = {
        {"no-such-option=1", "no-such-option"},
        {"preset=zzz", "zzz"},
        {"tune=film,zzz", "zzz"},
        {"crf=many", "many"},
        {"g=1+many", "1+many"},
        {"aq-mode=some", "some"},
        {"mbtree=perhaps", "perhaps"},
        {"flags=+nonsense", "nonsense"},
        {"preset", "preset"},
        {"g=1:=2", "no option"},
        {"profile=high", "profile"},
        {"drop-threshold=30", "max_queued_frames"}, /* LAT-001 */
        {"preset=fast:level=9", "level"},
        {"tune=", "tune"},
        {"aspect=1/1i", "aspect"},
        {"aspect=1/1", "aspect"},
        {"log_level_offset=0", "log_level_offset"},
        {"max_pixels=100", "max_pixels"},
        {"debug=mb_type", "debug"},
        {"g=auto", "auto"},
        {"g=yes", "yes"},
        {"g=max", "max"},
        {"g=", "g"},
        {"g=12i", "12i"},
        {"g=1e400", "1e400"},
        {"g=99999999999", "99999999999"},
        {"threads=2147483647", "2147483647"},
        {"b=999", "999"},
        {"g=0x10", "0x10"},
        {"crf=nan", "nan"},
        {"crf=inf", "inf"},
        {"crf=-", "-"},
        {"mbtree=2", "2"},
        {"flags=512", "512"},
        {"flags=+psnr+", "flags"},
        {"stats=here.log", "stats"},
        {"x264-params=ref=2\\:dump-yuv=here.yuv", "dump-yuv"},
        {"x264-params=no_asm=1", "asm"},
        {"x264opts=opencl_clbin=here", "opencl-clbin"},
    };

    (void)state;
    if (!avcodec_find_encoder_by_name("libx264"))
        skip();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct encoder_config *config = config_of("avc1.64001f", 0, 0, bad[i].options);
        AVCodecContext *context;
        struct failure failure;

        if (apply("libx264", config, &context, &failure))
            fail_msg("%s was taken", bad[i].options);
        assert_int_equal(failure.status, WCENC_ERROR_NOT_SUPPORTED);
        assert_non_null(strstr(failure.message, "encoder_options"));
        if (!strstr(failure.message, bad[i].word))
            fail_msg("\"%s\" does not name \"%s\"", failure.message, bad[i].word);
        avcodec_free_context(&context);
        wcenc__config_unref(config);
    }
}

/* What crashes is neither chosen by the library nor taken from the caller. */
static void test_combinations_that_crash_are_avoided(void **state)
{
    static const struct {
        const char *encoder, *codec, *hint, *options, *word; /* NULL: taken */
    } cases[] = {
        {"libvpx-vp9", "vp09.00.31.08", NULL, "tile-columns=1", NULL},
        {"libvpx-vp9", "vp09.01.31.08.03", NULL, NULL, NULL},
        {"libvpx-vp9", "vp09.01.31.08.03", NULL, "tile-columns=1", "tile-columns=0"},
        {"libvpx-vp9", "vp09.01.31.08.03", NULL, "tile-columns=-1", "tile-columns=0"},
        {"libvpx-vp9", "vp09.01.31.08.03", NULL, "tile-columns=1:threads=1", NULL},
        {"libvpx-vp9", "vp09.02.31.10", NULL, "tile-columns=1", "tile-columns=0"},
        {"libaom-av1", "av01.0.05M.08", "text", "aom-params=tune-content=screen", NULL},
        {"libaom-av1", "av01.0.05M.10", "text", NULL, NULL},
        {"libaom-av1", "av01.0.05M.10", NULL, "aom-params=tune-content=screen", "tune-content=default"},
        {"libaom-av1", "av01.0.05M.10", NULL, "aom-params=tune-content=film", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct encoder_config *config = config_of(cases[i].codec, 0, WCENC_LATENCY_REALTIME, cases[i].options);
        AVCodecContext *context;
        struct failure failure;
        bool applied;

        if (avcodec_find_encoder_by_name(cases[i].encoder)) {
            config->given.content_hint = cases[i].hint;
            applied = apply(cases[i].encoder, config, &context, &failure);
            config->given.content_hint = NULL;
            if (applied != !cases[i].word || (!applied && !strstr(failure.message, cases[i].word)))
                fail_msg("%s, \"%s\": %s", cases[i].codec, cases[i].options, applied ? "taken" : failure.message);
            avcodec_free_context(&context);
        }
        wcenc__config_unref(config);
    }
}

static void test_low_and_deep_pictures_have_one_tile_column(void **state)
{
    struct encoder_config *config = config_of("vp09.00.31.08", 0, WCENC_LATENCY_REALTIME, NULL);
    const struct lavc_encoder *vp9 = wcenc__lavc_encoder("libvpx-vp9");

    (void)state;
    assert_int_equal(wcenc__lavc_avoid(vp9->name, config), 0);
    config->given.height = 63;
    assert_int_equal(wcenc__lavc_avoid(vp9->name, config), AVOID_TILE_COLUMNS);
    config->given.width = 4097;
    assert_int_equal(wcenc__lavc_avoid(vp9->name, config), AVOID_TILE_COLUMNS | AVOID_THREADS);
    config->given.height = 64;
    assert_int_equal(wcenc__lavc_avoid(vp9->name, config), 0);
    config->codec.bit_depth = 10;
    assert_int_equal(wcenc__lavc_avoid(vp9->name, config), AVOID_TILE_COLUMNS | AVOID_THREADS);
    wcenc__config_unref(config);
}

static void test_the_requested_bound_shortens_the_lookahead(void **state)
{
    wcenc_config given;
    struct encoder_config *config;
    const struct lavc_encoder *encoder = wcenc__lavc_encoder("libx264");

    (void)state;
    wcenc_config_init(&given, sizeof given);
    given.codec = "avc1.64001f";
    given.width = 640;
    given.height = 360;
    given.threads = 1;
    for (given.max_delay_frames = 2; given.max_delay_frames < 60; given.max_delay_frames++) {
        assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
        assert_true(wcenc__lavc_frames_held(encoder, config) <= given.max_delay_frames);
        wcenc__config_unref(config);
    }
    given.latency_mode = WCENC_LATENCY_REALTIME;
    assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
    assert_int_equal(wcenc__lavc_frames_held(encoder, config), 0);
    wcenc__config_unref(config);
}

static void test_huge_and_tiny_bitrates_stay_in_the_encoders_range(void **state)
{
    static const uint64_t bitrates[] = {1, 999, 1000, 1000000, INT32_MAX, UINT64_MAX};
    const struct lavc_encoder *encoder = wcenc__lavc_encoder("libvpx");

    (void)state;
    for (size_t i = 0; i < sizeof bitrates / sizeof bitrates[0]; i++)
        for (int32_t mode = 0; mode < 2; mode++) {
            struct encoder_config config = {
                .bitrate = bitrates[i], .framerate = {30, 1}, .given = {.bitrate_mode = mode}};
            struct lavc_rate rate = wcenc__lavc_rate(encoder, &config, config.framerate);

            assert_true(rate.bitrate >= 1000 && rate.bitrate <= INT32_MAX); /* VAL-015, RC-009 */
            assert_true(rate.max_rate >= rate.bitrate && rate.max_rate <= INT32_MAX);
            assert_true(rate.buffer_size >= 1000);
            assert_true(mode == 0 || rate.max_rate == rate.bitrate); /* RC-003 */
        }
}

/* Frames have the same bits whatever framerate the encoder is set to. */
static void test_the_bits_of_a_frame_do_not_depend_on_other_settings(void **state)
{
    static const double framerates[] = {0.001, 0.5, 5, 30, 120, 121, 10000};
    const struct lavc_encoder *encoder = wcenc__lavc_encoder("libvpx");

    (void)state;
    for (size_t i = 0; i < sizeof framerates / sizeof framerates[0]; i++) {
        struct encoder_config *config;
        struct rational reported;
        struct lavc_rate rate;
        wcenc_config given;

        wcenc_config_init(&given, sizeof given);
        given.codec = "vp8";
        given.width = given.height = 64;
        given.framerate = framerates[i];
        given.bitrate = (uint64_t)(20000 * framerates[i]);
        assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
        reported = wcenc__lavc_framerate(encoder, config);
        rate = wcenc__lavc_rate(encoder, config, reported);
        assert_true((double)reported.numerator / reported.denominator >= encoder->min_framerate);
        assert_true((double)reported.numerator / reported.denominator <= encoder->max_framerate);
        assert_int_equal(rate.bitrate * reported.denominator / reported.numerator, 20000); /* RC-001 */
        assert_true(rate.buffer_size >= 5 * 20000);
        wcenc__config_unref(config);
    }
}

/* How slow a value of a speed option is: words by their place from fastest to slowest, numbers by how small they are.
 */
static int slowness_of(const char *value)
{
    static const char *const words[] = {
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
        "p1",        "p2",        "p3",       "p4",     "p5",   "p6",     "p7",   "speed",  "quality",
    };

    for (int i = 0; i < (int)(sizeof words / sizeof words[0]); i++)
        if (strcmp(words[i], value) == 0)
            return i;
    return -abs(atoi(value));
}

static bool is_of_speed(const char *key)
{
    static const char *const keys[] = {"preset", "cpu-used", "speed", "compression_level", "quality"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

/* Streams that differ (test_effort) do not show which step is meant to take longer. */
static void check_direction(const struct effort_row *row)
{
    int first = -1, last = -1;

    for (int i = 0; i < EFFORT_STEPS; i++) {
        if (!*row->values[i])
            continue;
        if (last >= 0 && slowness_of(row->values[i]) < slowness_of(row->values[last]))
            fail_msg("%s: %s=%s comes after %s", row->encoder, row->key, row->values[i], row->values[last]);
        first = first < 0 ? i : first;
        last = i;
    }
    assert_true(slowness_of(row->values[first]) < slowness_of(row->values[last]));
}

static void test_more_effort_is_a_slower_setting_of_every_encoder(void **state)
{
    int checked = 0;

    (void)state;
    for (enum codec_family family = CODEC_NONE + 1; family < CODEC_FAMILY_COUNT; family++) {
        const struct codec_candidate *candidate;

        for (size_t n = 0; (candidate = wcenc__backend_candidate(family, n)); n++) {
            const struct effort_row *row;

            for (size_t k = 0; (row = wcenc__lavc_effort_row(candidate->name, k)); k++)
                if (is_of_speed(row->key)) {
                    check_direction(row);
                    checked++;
                }
        }
    }
    assert_true(checked > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_an_option_of_its_encoder),
        cmocka_unit_test(test_the_callers_options_win),
        cmocka_unit_test(test_plain_values_of_every_type_are_taken),
        cmocka_unit_test(test_lists_of_options_are_added_to),
        cmocka_unit_test(test_bad_options_are_refused_by_name),
        cmocka_unit_test(test_combinations_that_crash_are_avoided),
        cmocka_unit_test(test_low_and_deep_pictures_have_one_tile_column),
        cmocka_unit_test(test_the_requested_bound_shortens_the_lookahead),
        cmocka_unit_test(test_the_bits_of_a_frame_do_not_depend_on_other_settings),
        cmocka_unit_test(test_huge_and_tiny_bitrates_stay_in_the_encoders_range),
        cmocka_unit_test(test_more_effort_is_a_slower_setting_of_every_encoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
