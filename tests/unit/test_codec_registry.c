/* SPDX-License-Identifier: MIT */

/*
 * What the registry promises of codecs, profiles and levels: each level at its limit and one above it. Ids in comments
 * are rows of docs/conformance.md.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "compiler.h"
#include "profiles.h"
#include "registry.h"

#ifdef WCENC_TEST_STANDALONE
struct backend_ops {
    int unused;
};
extern const struct backend_ops wcenc__lavc_backend;
const struct backend_ops wcenc__lavc_backend = {0};
#endif

static struct failure why;

static struct codec_id id_of(const char *text)
{
    struct codec_id id;

    if (!wcenc__codec_string_parse(text, &id, &why))
        fail_msg("%s: %s", text, why.message);
    return id;
}

static bool allows(const struct codec_id *id, uint32_t width, uint32_t height, double framerate, uint64_t bitrate)
{
    const struct level_demand demand = {width, height, framerate, bitrate};
    memset(&why, 0, sizeof why);
    return wcenc__codec_level_allows(id, &demand, &why);
}

static void assert_allowed(const struct codec_id *id, uint32_t width, uint32_t height, double framerate,
                           uint64_t bitrate)
{
    if (!allows(id, width, height, framerate, bitrate))
        fail_msg("level %u, %ux%u: %s", id->level, width, height, why.message);
    assert_string_equal(why.message, "");
}

/* Refused, in words that contain `words`. */
static void assert_not_allowed(const struct codec_id *id, uint32_t width, uint32_t height, double framerate,
                               uint64_t bitrate, const char *words)
{
    if (allows(id, width, height, framerate, bitrate))
        fail_msg("level %u allows %ux%u, %g frames a second, %llu bits a second", id->level, width, height, framerate,
                 (unsigned long long)bitrate);
    if (!strstr(why.message, words))
        fail_msg("\"%s\" does not say \"%s\"", why.message, words);
}

static void each_family_has_its_limits(void **state)
{
    static const struct {
        enum codec_family family;
        struct codec_family_info info;
    } rows[] = {
        {CODEC_H264, {"H.264", 16880, 16880, 51, 51, 23, 6, 0, true}}, /* QP-002 */
        {CODEC_HEVC, {"HEVC", 16888, 16888, 51, 51, 28, 6, 0, true}},  /* QP-002 */
        {CODEC_VP8,
         {"VP8", 16383, 16383, 0, 63, 24, 0, WCENC_COLOR_MATRIX_SMPTE170M,
          false}},                                                    /* SUP-017, SUP-018, SUP-022, VP8-002, QP-011 */
        {CODEC_VP9, {"VP9", 65536, 65536, 255, 63, 32, 0, 0, false}}, /* SUP-017, QP-002, QP-012 */
        {CODEC_AV1, {"AV1", 65536, 65536, 255, 63, 32, 0, 0, false}}, /* SUP-017, QP-002 */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct codec_family_info *info = wcenc__codec_family(rows[i].family);
        assert_non_null(info);
        assert_string_equal(info->name, rows[i].info.name);
        assert_int_equal(info->max_width, rows[i].info.max_width);
        assert_int_equal(info->max_height, rows[i].info.max_height);
        assert_int_equal(info->quantizer_max, rows[i].info.quantizer_max);
        assert_int_equal(info->quality_max, rows[i].info.quality_max);
        assert_true(info->default_quality == rows[i].info.default_quality); /* RC-011 */
        assert_int_equal(info->quantizer_depth_step, rows[i].info.quantizer_depth_step);
        assert_int_equal(info->rgb_matrix, rows[i].info.rgb_matrix);
        assert_int_equal(info->has_description, rows[i].info.has_description);
    }
    assert_null(wcenc__codec_family(CODEC_NONE));
    assert_null(wcenc__codec_family(CODEC_FAMILY_COUNT));
}

static void profiles_that_are_encoded_are_found(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        const char *option;
        bool has_b_frames;
    } rows[] = {
        {"avc1.42001E", "Baseline", "baseline", false}, /* STR-008, SUP-036 */
        {"avc1.42001F", "Baseline", "baseline", false}, /* STR-009 */
        {"avc3.42E01E", "Baseline", "baseline", false}, /* SUP-013 */
        {"avc1.42C01E", "Baseline", "baseline", false},
        {"avc1.42000B", "Baseline", "baseline", false},
        {"avc1.42F00B", "Baseline", "baseline", false}, /* level 1b */
        {"avc1.420009", "Baseline", "baseline", false}, /* level 1b */
        {"avc1.420C1E", "Baseline", "baseline", false},
        {"avc1.4d001e", "Main", "main", true}, /* STR-010 */
        {"avc1.4D401E", "Main", "main", true},
        {"avc1.4D480B", "Main", "main", true},
        {"avc1.4D500B", "Main", "main", true}, /* level 1b */
        {"avc1.4D041E", "Main", "main", false},
        {"avc1.4D5C0B", "Main", "main", false},
        {"avc1.64001e", "High", "high", true}, /* STR-010 */
        {"avc1.64003e", "High", "high", true}, /* STR-010 */
        {"avc1.640028", "High", "high", true}, /* STR-011 */
        {"avc1.640828", "High", "high", true},
        {"avc1.640428", "High", "high", false},
        {"avc1.640C1F", "High", "high", false}, /* Constrained High */
        {"avc1.6E0028", "High 10", "high10", true},
        {"avc3.7A0028", "High 4:2:2", "high422", true},
        {"avc1.F40028", "High 4:4:4 Predictive", "high444", true},
        {"hvc1.2.4.L93.B0", "Main 10", "main10", true},
        {"hev1.4.10.L93.99.88", "Main 12", "main12", true},
        {"hvc1.4.10.L93.9D.8", "Main 4:2:2 10", "main422-10", true},
        {"hvc1.4.10.L93.99.8", "Main 4:2:2 12", "main422-12", true},
        {"hvc1.4.10.L93.9E.8", "Main 4:4:4", "main444-8", true},
        {"hvc1.4.10.L93.9C.8", "Main 4:4:4 10", "main444-10", true},
        {"hvc1.4.10.L93.98.8", "Main 4:4:4 12", "main444-12", true},
        {"vp09.01.10.08.02", "Profile 1", NULL, false},
        {"vp09.01.10.08.03", "Profile 1", NULL, false}, /* STR-003 */
        {"vp09.02.10.10", "Profile 2", NULL, false},    /* STR-004 */
        {"vp09.02.10.12", "Profile 2", NULL, false},
        {"vp09.03.10.10.03", "Profile 3", NULL, false}, /* STR-005 */
        {"av01.0.04M.10", "Main", NULL, false},
        {"av01.1.04M.08.0.000", "High", NULL, false}, /* STR-007 */
        {"av01.2.04M.12", "Professional", NULL, false},
        {"hvc1.1.6.L123.00", "Main", "main", true}, /* STR-012 */
        {"hvc1.1.2.L93.B0", "Main", "main", true},
        {"hvc1.1.6.L93.B0", "Main", "main", true},
        {"hvc1.1.6.L93.40", "Main", "main", true},
        {"hev1.1.6.H120.FF.FF.FF.FF.FF.FF", "Main", "main", true},  /* STR-013 */
        {"vp8", "VP8", NULL, false},                                /* STR-001 */
        {"vp09.00.10.08", "Profile 0", NULL, false},                /* STR-002 */
        {"vp09.00.10.08.01.09.16.09.01", "Profile 0", NULL, false}, /* STR-015 */
        {"av01.0.04M.08", "Main", NULL, false},                     /* STR-006 */
        {"av01.0.04M.08.0.110.09.16.09.1", "Main", NULL, false},    /* STR-015, STR-016 */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct codec_id id = id_of(rows[i].text);
        const struct codec_profile *profile;

        memset(&why, 0, sizeof why);
        profile = wcenc__codec_profile(&id, &why);
        if (!profile)
            fail_msg("%s: %s", rows[i].text, why.message);
        assert_string_equal(why.message, "");
        assert_int_equal(profile->family, id.family);
        assert_int_equal(profile->profile, id.profile);
        assert_int_equal(profile->bit_depth, id.bit_depth);
        assert_int_equal(profile->chroma, id.chroma);
        assert_string_equal(profile->name, rows[i].name);
        if (rows[i].option)
            assert_string_equal(profile->option, rows[i].option);
        else
            assert_null(profile->option);
        if (profile->has_b_frames != rows[i].has_b_frames)
            fail_msg("%s: B-frames", rows[i].text);
    }
}

static void profiles_that_are_not_encoded_are_refused_with_a_message(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"avc1.FF000b", "profile 255 of H.264"}, /* SUP-024 */
        {"avc1.58001E", "profile 88 of H.264"},  /* SUP-011 from here on */
        {"avc1.2C0028", "profile 44 of H.264"},
        {"avc1.6E1028", "constraint flags 10 of H.264 High 10"}, /* intra only */
        {"hvc1.2.2.L93.B0", "compatibility flags 2"},
        {"hvc1.4.10.L93.9F.A8", "intra"}, /* Main Intra */
        {"hvc1.4.10.L93.99.A8", "intra"}, /* Main 12 Intra */
        {"avc1.42101E", "level 1b"},      /* constraint_set3 without level_idc 11 */
        {"avc1.42F01E", "level 1b"},
        {"avc1.421009", "level 1b"},
        {"avc1.4D501E", "level 1b"},
        {"avc1.42011E", "constraint flags 01"}, /* reserved bits */
        {"avc1.42021E", "constraint flags 02"},
        {"avc1.4D801E", "constraint flags 80 of H.264 Main"}, /* SUP-013: obeys Baseline too */
        {"avc1.4D201E", "constraint flags 20 of H.264 Main"}, /* obeys Extended too */
        {"avc1.64801E", "constraint flags 80 of H.264 High"},
        {"avc1.64401E", "constraint flags 40 of H.264 High"}, /* obeys Main too */
        {"avc1.64100B", "constraint flags 10 of H.264 High"}, /* intra only */
        {"avc1.641028", "constraint flags 10 of H.264 High"},
        {"hvc1.3.E.L93", "profile 3 of HEVC"},
        {"hvc1.A1.6.L93", "profile space A"},
        {"hvc1.C1.6.L93", "profile space C"},
        {"hvc1.1.4.L93", "compatibility flags 4"}, /* flag 1 is missing */
        {"hvc1.1.0.L93", "compatibility flags 0"},
        {"hvc1.1.E.L93", "compatibility flags E"},               /* a still picture too */
        {"hvc1.1.60000000.L93", "compatibility flags 60000000"}, /* as in the bitstream, not reversed */
        {"av01.0.04M.08.1", "monochrome"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct codec_id id = id_of(rows[i].text);
        memset(&why, 0, sizeof why);
        if (wcenc__codec_profile(&id, &why))
            fail_msg("%s is accepted", rows[i].text);
        if (!strstr(why.message, rows[i].words))
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, why.message, rows[i].words);
    }
    const struct codec_id none = {.family = CODEC_NONE};
    assert_null(wcenc__codec_profile(&none, &why));
    assert_null(wcenc__codec_profile(&none, NULL));
}

/*
 * Every level of H.264: the largest frame of the standard's Table A-1 as width and height in macroblocks, and one row
 * or column more; rates at that size.
 */
static const struct {
    uint8_t level_idc;
    uint8_t constraints;
    uint32_t width_mbs;
    uint32_t height_mbs;
    uint32_t max_fs;
    uint32_t max_mbps;
    uint32_t max_dpb_mbs;
    uint32_t max_br;
    uint32_t max_side_mbs; /* floor(sqrt(8 * max_fs)) */
} h264_levels[] = {
    {10, 0x00, 11, 9, 99, 1485, 396, 64, 28},
    {9, 0x00, 11, 9, 99, 1485, 396, 128, 28},
    {11, 0x10, 11, 9, 99, 1485, 396, 128, 28}, /* 1b in Baseline and Main */
    {11, 0x00, 22, 18, 396, 3000, 900, 192, 56},
    {12, 0x00, 22, 18, 396, 6000, 2376, 384, 56},
    {13, 0x00, 22, 18, 396, 11880, 2376, 768, 56},
    {20, 0x00, 22, 18, 396, 11880, 2376, 2000, 56},
    {21, 0x00, 22, 36, 792, 19800, 4752, 4000, 79},
    {22, 0x00, 45, 36, 1620, 20250, 8100, 4000, 113},
    {30, 0x00, 45, 36, 1620, 40500, 8100, 10000, 113},
    {31, 0x00, 80, 45, 3600, 108000, 18000, 14000, 169},
    {32, 0x00, 80, 64, 5120, 216000, 20480, 20000, 202},
    {40, 0x00, 128, 64, 8192, 245760, 32768, 20000, 256},
    {41, 0x00, 128, 64, 8192, 245760, 32768, 50000, 256},
    {42, 0x00, 128, 68, 8704, 522240, 34816, 50000, 263},
    {50, 0x00, 160, 138, 22080, 589824, 110400, 135000, 420},
    {51, 0x00, 256, 144, 36864, 983040, 184320, 240000, 543},
    {52, 0x00, 256, 144, 36864, 2073600, 184320, 240000, 543},
    {60, 0x00, 512, 272, 139264, 4177920, 696320, 240000, 1055},
    {61, 0x00, 512, 272, 139264, 8355840, 696320, 480000, 1055},
    {62, 0x00, 512, 272, 139264, 16711680, 696320, 800000, 1055},
};

static void h264_levels_end_where_table_a_1_says(void **state)
{
    static const struct {
        uint8_t profile;
        uint32_t bitrate_factor;
    } profiles[] = {{66, 1000}, {77, 1000}, {100, 1250}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(h264_levels) * ARRAY_LENGTH(profiles); i++) {
        const size_t row = i / ARRAY_LENGTH(profiles);
        const size_t column = i % ARRAY_LENGTH(profiles);
        const uint32_t width = h264_levels[row].width_mbs * 16;
        const uint32_t height = h264_levels[row].height_mbs * 16;
        const uint32_t side = h264_levels[row].max_side_mbs * 16;
        const double rate = (double)h264_levels[row].max_mbps / h264_levels[row].max_fs;
        const uint64_t bitrate = (uint64_t)h264_levels[row].max_br * profiles[column].bitrate_factor;
        const struct codec_id id = {.family = CODEC_H264,
                                    .profile = profiles[column].profile,
                                    .level = h264_levels[row].level_idc,
                                    .constraints = h264_levels[row].constraints};

        if (id.profile == 100 && id.constraints)
            continue; /* no level 1b */
        assert_int_equal(h264_levels[row].width_mbs * h264_levels[row].height_mbs, h264_levels[row].max_fs);
        assert_allowed(&id, width, height, 0, 0); /* SUP-032 */
        assert_allowed(&id, width - 15, height - 15, 0, 0);
        assert_not_allowed(&id, width + 1, height, 0, 0, "macroblocks");
        assert_not_allowed(&id, width, height + 1, 0, 0, "macroblocks");
        assert_allowed(&id, side, 16, 0, 0);
        assert_allowed(&id, 16, side, 0, 0);
        assert_not_allowed(&id, side + 1, 16, 0, 0, "width");
        assert_not_allowed(&id, 16, side + 1, 0, 0, "height");
        assert_allowed(&id, width, height, rate, 0);
        assert_not_allowed(&id, width, height, rate * 1.001, 0, "framerate");
        assert_allowed(&id, width, height, 0, bitrate);
        assert_not_allowed(&id, width, height, 0, bitrate + 1, "bitrate");
        assert_allowed(&id, 1, 1, 1, 1);
    }
}

static void h264_reference_frames_fit_the_decoded_picture_buffer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(h264_levels); i++) {
        const struct codec_id id = {.family = CODEC_H264,
                                    .profile = 66,
                                    .level = h264_levels[i].level_idc,
                                    .constraints = h264_levels[i].constraints};
        const uint32_t width = h264_levels[i].width_mbs * 16;
        const uint32_t height = h264_levels[i].height_mbs * 16;

        assert_int_equal(wcenc__codec_level_max_refs(&id, width, height),
                         h264_levels[i].max_dpb_mbs / h264_levels[i].max_fs);
        assert_int_equal(wcenc__codec_level_max_refs(&id, 16, 16), 16);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width + 1, height), 1);
        assert_int_equal(wcenc__codec_level_max_refs(&id, 0, height), 1);
    }
    struct codec_id id = id_of("avc1.640028");
    assert_int_equal(wcenc__codec_level_max_refs(&id, 1920, 1080), 4);
    assert_int_equal(wcenc__codec_level_max_refs(&id, 1280, 720), 9);
}

/* Every level of HEVC, Tables A.8 and A.9, with a size that has exactly MaxLumaPs samples. */
static const struct {
    uint8_t level_idc;
    uint32_t width;
    uint32_t height;
    uint32_t max_luma_ps;
    uint64_t max_luma_sr;
    uint32_t max_br[2];
    uint32_t max_side; /* sqrt(8 * max_luma_ps), in whole blocks of 8 */
} hevc_levels[] = {
    {30, 256, 144, 36864, 552960, {128, 0}, 536},
    {60, 480, 256, 122880, 3686400, {1500, 0}, 984},
    {63, 640, 384, 245760, 7372800, {3000, 0}, 1400},
    {90, 960, 576, 552960, 16588800, {6000, 0}, 2096},
    {93, 1280, 768, 983040, 33177600, {10000, 0}, 2800},
    {120, 2048, 1088, 2228224, 66846720, {12000, 30000}, 4216},
    {123, 2048, 1088, 2228224, 133693440, {20000, 50000}, 4216},
    {150, 4096, 2176, 8912896, 267386880, {25000, 100000}, 8440},
    {153, 4096, 2176, 8912896, 534773760, {40000, 160000}, 8440},
    {156, 4096, 2176, 8912896, 1069547520, {60000, 240000}, 8440},
    {180, 8192, 4352, 35651584, 1069547520, {60000, 240000}, 16888},
    {183, 8192, 4352, 35651584, 2139095040, {120000, 480000}, 16888},
    {186, 8192, 4352, 35651584, 4278190080, {240000, 800000}, 16888},
};

static void hevc_levels_end_where_tables_a_8_and_a_9_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_levels) * 2; i++) {
        const size_t row = i / 2;
        const uint8_t tier = i % 2;
        const uint32_t width = hevc_levels[row].width;
        const uint32_t height = hevc_levels[row].height;
        const uint32_t side = hevc_levels[row].max_side;
        const double rate = (double)hevc_levels[row].max_luma_sr / hevc_levels[row].max_luma_ps;
        const uint64_t bitrate = (uint64_t)hevc_levels[row].max_br[tier] * 1000;
        const struct codec_id id = {
            .family = CODEC_HEVC, .profile = 1, .level = hevc_levels[row].level_idc, .tier = tier};

        if (bitrate == 0) {
            assert_not_allowed(&id, 64, 64, 0, 0, "high tier");
            continue;
        }
        assert_int_equal(width * height, hevc_levels[row].max_luma_ps);
        assert_allowed(&id, width, height, 0, 0);
        assert_allowed(&id, width - 7, height - 7, 0, 0);
        assert_not_allowed(&id, width + 1, height, 0, 0, "luma samples");
        assert_not_allowed(&id, width, height + 1, 0, 0, "luma samples");
        assert_allowed(&id, side, 8, 0, 0);
        assert_allowed(&id, 8, side, 0, 0);
        assert_not_allowed(&id, side + 1, 8, 0, 0, "width");
        assert_not_allowed(&id, 8, side + 1, 0, 0, "height");
        assert_allowed(&id, width, height, rate, 0);
        assert_not_allowed(&id, width, height, rate * 1.001, 0, "framerate");
        assert_allowed(&id, width, height, 0, bitrate);
        assert_not_allowed(&id, width, height, 0, bitrate + 1, "bitrate");
    }
}

static void hevc_reference_frames_leave_room_for_the_picture_in_work(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_levels); i++) {
        const struct codec_id id = {.family = CODEC_HEVC, .profile = 1, .level = hevc_levels[i].level_idc};
        const uint32_t width = hevc_levels[i].width;
        const uint32_t height = hevc_levels[i].height;

        assert_int_equal(wcenc__codec_level_max_refs(&id, width, height), 5);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width * 3 / 4, height), 7);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width * 3 / 4 + 8, height), 5);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width, height / 2), 11);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width, height / 2 + 8), 7);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width / 2, height / 2), 15);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width / 2 + 8, height / 2), 11);
        assert_int_equal(wcenc__codec_level_max_refs(&id, width + 1, height), 1);
    }
}

static void levels_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    for (unsigned level = 0; level < 256; level++) {
        struct codec_id id = {.family = CODEC_H264, .profile = 100, .level = (uint8_t)level};
        bool known = false;
        for (size_t i = 0; i < ARRAY_LENGTH(h264_levels); i++)
            known = known || h264_levels[i].level_idc == level;
        assert_int_equal(allows(&id, 16, 16, 0, 0), known);
        assert_int_equal(*why.message == '\0', known);
        assert_int_equal(wcenc__codec_level_max_refs(&id, 16, 16), known ? 16 : 1);

        id.family = CODEC_HEVC;
        id.profile = 1;
        known = false;
        for (size_t i = 0; i < ARRAY_LENGTH(hevc_levels); i++)
            known = known || hevc_levels[i].level_idc == level;
        assert_int_equal(allows(&id, 16, 16, 0, 0), known);
        assert_int_equal(*why.message == '\0', known);
        assert_int_equal(wcenc__codec_level_max_refs(&id, 16, 16), known ? 15 : 1);
    }
}

static void level_1b_is_distinguished_from_1_1_by_constraint_set3(void **state)
{
    struct codec_id level_1b = id_of("avc1.42F00B");
    struct codec_id level_1_1 = id_of("avc1.42E00B");
    (void)state;
    assert_not_allowed(&level_1b, 352, 288, 0, 0, "level 1b");
    assert_allowed(&level_1b, 176, 144, 15, 128000);
    assert_not_allowed(&level_1b, 176, 144, 15, 128001, "level 1b");
    assert_allowed(&level_1_1, 352, 288, 7.5, 192000);

    struct codec_id high = id_of("avc1.640009");
    assert_allowed(&high, 176, 144, 15, 160000);
    assert_not_allowed(&high, 176, 144, 15, 160001, "level 1b");
    /* Elsewhere than in Baseline and Main the flag has nothing to do with levels. */
    high = id_of("avc1.64100B");
    assert_allowed(&high, 352, 288, 7.5, 240000);
}

static void sizes_and_rates_are_held_against_the_level_of_the_codec_string(void **state)
{
    static const struct {
        const char *text;
        uint32_t width;
        uint32_t height;
        double framerate;
        uint64_t bitrate;
        const char *words; /* NULL: allowed */
    } rows[] = {
        /* SUP-032 */
        {"avc1.42001E", 1920, 1080, 0, 0, "1920x1080 is 8160 macroblocks, level 3.0 allows 1620"},
        {"avc1.42001E", 640, 480, 24, 5000000, NULL}, /* SUP-036 */
        {"avc1.42001F", 800, 600, 30, 0, NULL},       /* STR-009 */
        {"avc1.42001E", 320, 200, 30, 1000000, NULL}, /* AVC-012 */
        {"avc1.42001E", 14, 14, 0, 0, NULL},          /* AVC-014 */
        {"avc1.64003e", 7680, 4320, 30, 0, NULL},     /* SUP-033 */
        {"avc1.640028", 1920, 1080, 30, 20000000, NULL},
        {"avc1.640028", 1920, 1080, 60, 0, "framerate is 60, at 1920x1080 level 4.0 allows 30.1176"},
        {"avc1.640028", 1920, 1080, 0, 25000001, "bitrate is 25000001, level 4.0 allows 25000000"},
        {"avc1.42001E", 1824, 64, 0, 0, "width is 1824, level 3.0 allows 1808"},
        {"avc1.42001E", 64, 1809, 0, 0, "height is 1809, level 3.0 allows 1808"},
        {"avc1.64003e", UINT32_MAX, UINT32_MAX, 0, 0, "macroblocks"},
        {"avc1.64003e", UINT32_MAX, 1, 0, 0, "macroblocks"},
        {"avc1.64003e", 7680, 4320, 1e300, 0, "framerate"},
        {"avc1.64003e", 7680, 4320, 0, UINT64_MAX, "bitrate"},
        {"hvc1.1.6.L123.00", 1920, 1080, 60, 0, NULL}, /* STR-012 */
        {"hvc1.1.6.L90.00", 1280, 720, 0, 0, "1280x720 is 921600 luma samples, level 3.0 allows 552960"},
        {"hvc1.1.6.H93.00", 640, 480, 0, 0, "level 3.1 of HEVC has no high tier"},
        {"hvc1.1.6.L94.00", 640, 480, 0, 0, "L94"},
        {"hvc1.1.6.L186.00", UINT32_MAX, UINT32_MAX, 0, 0, "luma samples"},
        {"hvc1.1.6.L186.00", UINT32_MAX, 0, 0, 0, "width"},
        {"av01.0.04M.08", 1280, 720, 0, 0, NULL}, /* SUP-030 */
        {"av01.0.00M.08", 65536, 65536, 1e6, UINT64_MAX, NULL},
        {"vp09.00.10.08", 1280, 720, 0, 0, NULL}, /* SUP-031 */
        {"vp09.00.10.08", 65535, 65535, 1e6, UINT64_MAX, NULL},
        {"vp8", 1280, 720, 25, 5000000, NULL}, /* SUP-029 */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct codec_id id = id_of(rows[i].text);
        if (rows[i].words)
            assert_not_allowed(&id, rows[i].width, rows[i].height, rows[i].framerate, rows[i].bitrate, rows[i].words);
        else
            assert_allowed(&id, rows[i].width, rows[i].height, rows[i].framerate, rows[i].bitrate);
    }
}

static void families_without_levels_that_bind_have_16_reference_frames(void **state)
{
    static const char *const texts[] = {"vp8", "vp09.00.10.08", "av01.0.00M.08"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct codec_id id = id_of(texts[i]);
        assert_int_equal(wcenc__codec_level_max_refs(&id, 16000, 16000), 16);
    }
}

static void candidates_stand_in_order_of_preference(void **state)
{
    static const struct {
        enum codec_family family;
        size_t n;
        const char *name; /* NULL: none */
        bool by_name_only;
        bool is_hardware;
    } rows[] = {
        {CODEC_NONE, 0, NULL, false, false},
        {CODEC_H264, 0, "libx264", false, false},
        {CODEC_H264, 1, "native-openh264", false, false},
        {CODEC_H264, 2, "h264_nvenc", false, true},
        {CODEC_H264, 3, "h264_qsv", false, true},
        {CODEC_H264, 4, "h264_vaapi", false, true},
        {CODEC_H264, 5, "h264_amf", false, true},
        {CODEC_H264, 6, "h264_v4l2m2m", false, true},
        {CODEC_H264, 7, NULL, false, false},
        {CODEC_HEVC, 0, "libx265", false, false},
        {CODEC_HEVC, 1, "hevc_nvenc", false, true},
        {CODEC_HEVC, 6, NULL, false, false},
        {CODEC_VP8, 0, "native-vpx", false, false},
        {CODEC_VP8, 1, "libvpx", false, false},
        {CODEC_VP8, 2, "vp8_vaapi", false, true},
        {CODEC_VP8, 4, NULL, false, false},
        {CODEC_VP9, 0, "native-vpx", false, false},
        {CODEC_VP9, 1, "libvpx-vp9", false, false},
        {CODEC_VP9, 2, "vp9_qsv", false, true},
        {CODEC_VP9, 4, NULL, false, false},
        {CODEC_AV1, 0, "native-aom", false, false},
        {CODEC_AV1, 1, "libaom-av1", false, false},
        {CODEC_AV1, 2, "librav1e", false, false},
        {CODEC_AV1, 3, "libsvtav1", true, false},
        {CODEC_AV1, 4, "av1_nvenc", false, true},
        {CODEC_AV1, 8, NULL, false, false},
        {CODEC_AV1, SIZE_MAX, NULL, false, false},
        {CODEC_FAMILY_COUNT, 0, NULL, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct codec_candidate *candidate = wcenc__backend_candidate(rows[i].family, rows[i].n);
        if (!rows[i].name) {
            assert_null(candidate);
            continue;
        }
        assert_non_null(candidate);
        assert_int_equal(candidate->family, rows[i].family);
        assert_string_equal(candidate->name, rows[i].name);
        assert_int_equal(candidate->by_name_only, rows[i].by_name_only);
        assert_int_equal(candidate->is_hardware, rows[i].is_hardware);
        assert_non_null(candidate->backend);
    }
}

/* The level, ten times it, or 62 where none is enough. */
static uint8_t vp9_level(uint32_t width, uint32_t height, double framerate, uint64_t bitrate)
{
    const struct level_demand demand = {width, height, framerate, bitrate};
    struct codec_id id = {.family = CODEC_VP9};

    (void)wcenc__codec_level_find(&id, &demand, NULL);
    return id.level;
}

static void the_vp9_level_is_the_lowest_that_holds_every_limit(void **state)
{
    (void)state;
    assert_int_equal(vp9_level(0, 0, 0, 0), 10);
    assert_int_equal(vp9_level(256, 144, 15, 200000), 10);
    assert_int_equal(vp9_level(256, 144, 15, 200001), 11);
    assert_int_equal(vp9_level(256, 144, 30, 0), 11);
    assert_int_equal(vp9_level(514, 16, 0, 0), 11);
    assert_int_equal(vp9_level(16, 514, 0, 0), 11);
    assert_int_equal(vp9_level(640, 480, 30, 1000000), 30);
    assert_int_equal(vp9_level(1280, 720, 30, 0), 31);
    assert_int_equal(vp9_level(1920, 1080, 30, 0), 40);
    assert_int_equal(vp9_level(1920, 1080, 60, 0), 41);
    assert_int_equal(vp9_level(3840, 2160, 30, 0), 50);
    assert_int_equal(vp9_level(3840, 2160, 60, 0), 51);
    assert_int_equal(vp9_level(3840, 2160, 120, 0), 52);
    assert_int_equal(vp9_level(7680, 4320, 30, 0), 60);
    assert_int_equal(vp9_level(7680, 4320, 120, 0), 62);
    assert_int_equal(vp9_level(UINT32_MAX, UINT32_MAX, 1e9, UINT64_MAX), 62);
    assert_int_equal(vp9_level(64, 48, NAN, 0), 10);
    assert_int_equal(vp9_level(64, 48, INFINITY, 0), 62);
}

/* AV1 counts the rate of what is shown; below level 4.0 there is no high tier, and width and height have limits. */
static void the_av1_level_is_the_lowest_that_holds_every_limit(void **state)
{
    static const struct {
        uint8_t profile, tier;
        uint32_t width, height;
        double framerate;
        uint64_t bitrate;
        uint8_t level;
    } rows[] = {
        {0, 0, 320, 200, 30, 0, 0},          {0, 0, 1280, 720, 30, 0, 5},         {0, 0, 1920, 1080, 30, 0, 8},
        {0, 0, 1920, 1080, 60, 0, 9},        {0, 0, 3840, 2160, 30, 0, 12},       {0, 0, 3840, 2160, 60, 0, 13},
        {0, 0, 3840, 2160, 120, 0, 14},      {0, 0, 7680, 4320, 30, 0, 16},       {0, 0, 7680, 4320, 120, 0, 18},
        {0, 1, 320, 200, 30, 0, 8},          {0, 0, 1920, 1080, 30, 12000001, 9}, {1, 0, 1920, 1080, 30, 24000000, 8},
        {2, 0, 1920, 1080, 30, 36000000, 8}, {2, 0, 1920, 1080, 30, 36000001, 9}, {0, 1, 1920, 1080, 30, 30000000, 8},
        {0, 0, 2049, 16, 30, 0, 1},          {0, 0, 16, 1153, 30, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct level_demand demand = {rows[i].width, rows[i].height, rows[i].framerate, rows[i].bitrate};
        struct codec_id id = {.family = CODEC_AV1, .profile = rows[i].profile, .tier = rows[i].tier};

        assert_true(wcenc__codec_level_find(&id, &demand, &why));
        assert_int_equal(id.level, rows[i].level);
    }
}

static void levels_rise_to_what_the_rates_need_and_no_further(void **state)
{
    static const struct {
        const char *text;
        uint32_t width, height;
        double framerate;
        uint64_t bitrate;
        const char *raised;
    } rows[] = {
        /* SUP-032 */
        {"avc1.42001E", 640, 480, 30, 10000000, "avc1.42001E"},
        {"avc1.42001E", 640, 480, 60, 0, "avc1.42001F"},
        {"avc3.4d401e", 640, 480, 30, 10000001, "avc3.4D401F"},
        {"avc1.640028", 1920, 1080, 60, 0, "avc1.64002A"},
        {"avc1.640028", 1920, 1080, 30, 25000001, "avc1.640029"},
        {"avc1.640033", 640, 480, 60, 0, "avc1.640033"}, /* higher than necessary */
        /* Level 1b, as each profile writes it. */
        {"avc1.42000A", 176, 144, 15, 64001, "avc1.42100B"},
        {"avc1.64000A", 176, 144, 15, 80001, "avc1.640009"},
        {"avc1.42F00B", 176, 144, 15, 128001, "avc1.42E00B"},
        {"avc1.420009", 176, 144, 15, 128001, "avc1.42000B"},
        /* Within the tier. */
        {"hvc1.1.6.L93.B0", 1280, 720, 60, 0, "hvc1.1.6.L120.B0"},
        {"hvc1.1.6.L120.B0", 1920, 1080, 30, 30000000, "hvc1.1.6.L153.B0"},
        {"hvc1.1.6.H120.B0", 1920, 1080, 30, 30000001, "hvc1.1.6.H123.B0"},
        {"hev1.2.4.L120.90.00.00.08.00", 1920, 1080, 60, 0, "hev1.2.4.L123.90.00.00.08"},
        /* None is enough: the highest, whose limit the error then names. */
        {"avc1.640028", 1920, 1080, 1e6, 0, "avc1.64003E"},
        {"hvc1.1.6.L120.B0", 1920, 1080, 0, 240000001, "hvc1.1.6.L186.B0"},
        /* The size is beyond the level: as it is. */
        {"avc1.42001E", 1920, 1080, 120, 0, "avc1.42001E"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct level_demand demand = {rows[i].width, rows[i].height, rows[i].framerate, rows[i].bitrate};
        const struct codec_id asked = id_of(rows[i].text), expected = id_of(rows[i].raised);
        struct codec_id raised = asked;
        char text[CODEC_STRING_SIZE];

        wcenc__codec_level_raise(&raised, &demand);
        wcenc__codec_string_write(&raised, text);
        if (memcmp(&raised, &expected, sizeof raised) != 0)
            fail_msg("%s becomes %s, not %s", rows[i].text, text, rows[i].raised);
        assert_int_equal(wcenc__codec_level_is_above(&raised, &asked), memcmp(&raised, &asked, sizeof raised) != 0);
        if (wcenc__codec_level_is_above(&raised, &asked))
            assert_string_equal(text, rows[i].raised);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_has_its_limits),
        cmocka_unit_test(profiles_that_are_encoded_are_found),
        cmocka_unit_test(profiles_that_are_not_encoded_are_refused_with_a_message),
        cmocka_unit_test(h264_levels_end_where_table_a_1_says),
        cmocka_unit_test(h264_reference_frames_fit_the_decoded_picture_buffer),
        cmocka_unit_test(hevc_levels_end_where_tables_a_8_and_a_9_say),
        cmocka_unit_test(hevc_reference_frames_leave_room_for_the_picture_in_work),
        cmocka_unit_test(levels_that_do_not_exist_are_refused),
        cmocka_unit_test(level_1b_is_distinguished_from_1_1_by_constraint_set3),
        cmocka_unit_test(sizes_and_rates_are_held_against_the_level_of_the_codec_string),
        cmocka_unit_test(levels_rise_to_what_the_rates_need_and_no_further),
        cmocka_unit_test(the_vp9_level_is_the_lowest_that_holds_every_limit),
        cmocka_unit_test(the_av1_level_is_the_lowest_that_holds_every_limit),
        cmocka_unit_test(families_without_levels_that_bind_have_16_reference_frames),
        cmocka_unit_test(candidates_stand_in_order_of_preference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
