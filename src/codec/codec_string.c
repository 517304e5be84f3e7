/* SPDX-License-Identifier: MIT */

/*
 * Codec strings as ISO 14496-15 Annex E (avc1, avc3, hvc1, hev1), the VP9 and the AV1 binding to ISO BMFF define
 * them. A cursor walks once over the text; what a field may hold stands in tables. This file knows what a string
 * says and whether it contradicts itself, never what can be encoded: that is profiles.c.
 */

#include "codec_string.h"

#include <string.h>

#include "compiler.h"
#include "cursor_priv.h"

#define BIT(n) (1U << (n))

/* Samples that H.264 profiles imply; those without a row have 8 bits and 4:2:0. */
static const struct {
    uint8_t profile;
    uint8_t bit_depth;
    enum chroma chroma;
} h264_samples[] = {
    {110, 10, CHROMA_420},
    {122, 10, CHROMA_422},
    /* 8 to 14 bits, any chroma: the string does not say which. What is commonly meant is taken. */
    {244, 8, CHROMA_444},
    {44, 8, CHROMA_444},
};

static bool parse_h264(struct cursor *cursor, struct codec_id *id)
{
    uint32_t bytes;
    if (!take(cursor, '.') || !take_digits(cursor, 16, 6, 6, &bytes))
        return refuse(cursor, "H.264 takes exactly six hex digits after the dot: avc1.PPCCLL, such as avc1.42001E");
    id->profile = (uint8_t)(bytes >> 16);
    id->constraints = (uint8_t)(bytes >> 8);
    id->level = (uint8_t)bytes;
    id->bit_depth = 8;
    for (size_t i = 0; i < ARRAY_LENGTH(h264_samples); i++) {
        if (h264_samples[i].profile == id->profile) {
            id->bit_depth = h264_samples[i].bit_depth;
            id->chroma = h264_samples[i].chroma;
        }
    }
    return true;
}

/*
 * Format range extensions profiles, by the general_*_constraint_flags in the order of the bitstream: max_12bit,
 * max_10bit, max_8bit, max_422chroma, max_420chroma, max_monochrome, intra, one_picture_only, lower_bit_rate.
 */
#define RANGE_FLAGS_INTRA 0x1FEU /* lower_bit_rate is free in intra and still picture profiles */
#define RANGE_FLAGS_ALL   0x1FFU

static const struct {
    uint16_t mask;
    uint16_t flags;
    uint8_t bit_depth;
    enum chroma chroma;
} hevc_range_extensions[] = {
    {RANGE_FLAGS_ALL, 0x1F9, 8, CHROMA_400},    /* Monochrome */
    {RANGE_FLAGS_ALL, 0x1B9, 10, CHROMA_400},   /* Monochrome 10 */
    {RANGE_FLAGS_ALL, 0x139, 12, CHROMA_400},   /* Monochrome 12 */
    {RANGE_FLAGS_ALL, 0x039, 16, CHROMA_400},   /* Monochrome 16 */
    {RANGE_FLAGS_ALL, 0x131, 12, CHROMA_420},   /* Main 12 */
    {RANGE_FLAGS_ALL, 0x1A1, 10, CHROMA_422},   /* Main 4:2:2 10 */
    {RANGE_FLAGS_ALL, 0x121, 12, CHROMA_422},   /* Main 4:2:2 12 */
    {RANGE_FLAGS_ALL, 0x1C1, 8, CHROMA_444},    /* Main 4:4:4 */
    {RANGE_FLAGS_ALL, 0x181, 10, CHROMA_444},   /* Main 4:4:4 10 */
    {RANGE_FLAGS_ALL, 0x101, 12, CHROMA_444},   /* Main 4:4:4 12 */
    {RANGE_FLAGS_INTRA, 0x1F4, 8, CHROMA_420},  /* Main Intra */
    {RANGE_FLAGS_INTRA, 0x1B4, 10, CHROMA_420}, /* Main 10 Intra */
    {RANGE_FLAGS_INTRA, 0x134, 12, CHROMA_420}, /* Main 12 Intra */
    {RANGE_FLAGS_INTRA, 0x1A4, 10, CHROMA_422}, /* Main 4:2:2 10 Intra */
    {RANGE_FLAGS_INTRA, 0x124, 12, CHROMA_422}, /* Main 4:2:2 12 Intra */
    {RANGE_FLAGS_INTRA, 0x1C4, 8, CHROMA_444},  /* Main 4:4:4 Intra */
    {RANGE_FLAGS_INTRA, 0x184, 10, CHROMA_444}, /* Main 4:4:4 10 Intra */
    {RANGE_FLAGS_INTRA, 0x104, 12, CHROMA_444}, /* Main 4:4:4 12 Intra */
    {RANGE_FLAGS_INTRA, 0x004, 16, CHROMA_444}, /* Main 4:4:4 16 Intra */
    {RANGE_FLAGS_INTRA, 0x1C6, 8, CHROMA_444},  /* Main 4:4:4 Still Picture */
    {RANGE_FLAGS_INTRA, 0x006, 16, CHROMA_444}, /* Main 4:4:4 16 Still Picture */
};

static bool hevc_range_extension_samples(struct cursor *cursor, struct codec_id *id)
{
    /* The flags are bits 4 to 12 of the constraint bytes, after those on progressive and interlaced pictures. */
    uint32_t flags = (((uint32_t)id->constraint_bytes[0] << 8 | id->constraint_bytes[1]) >> 3) & RANGE_FLAGS_ALL;
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_range_extensions); i++) {
        if ((flags & hevc_range_extensions[i].mask) == hevc_range_extensions[i].flags) {
            id->bit_depth = hevc_range_extensions[i].bit_depth;
            id->chroma = hevc_range_extensions[i].chroma;
            return true;
        }
    }
    return refuse(cursor, "the constraint bytes name no format range extensions profile of HEVC");
}

uint32_t wcenc__hevc_range_flags(uint8_t bit_depth, enum chroma chroma)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_range_extensions); i++)
        if (hevc_range_extensions[i].mask == RANGE_FLAGS_ALL && hevc_range_extensions[i].bit_depth == bit_depth &&
            hevc_range_extensions[i].chroma == chroma)
            return hevc_range_extensions[i].flags;
    return 0;
}

static bool hevc_samples(struct cursor *cursor, struct codec_id *id)
{
    enum { HEVC_MAIN = 1, HEVC_MAIN_10, HEVC_MAIN_STILL_PICTURE, HEVC_RANGE_EXTENSIONS };

    switch (id->profile) {
    case HEVC_MAIN:
    case HEVC_MAIN_STILL_PICTURE:
        id->bit_depth = 8;
        return true;
    case HEVC_MAIN_10:
        id->bit_depth = 10;
        return true;
    case HEVC_RANGE_EXTENSIONS:
        return hevc_range_extension_samples(cursor, id);
    default:
        return refuse(cursor, "this profile of HEVC is unknown: known are 1 (Main) to 4 (format range extensions)");
    }
}

static bool parse_hevc(struct cursor *cursor, struct codec_id *id)
{
    uint32_t number;
    if (!take(cursor, '.'))
        return refuse(cursor, "HEVC needs profile, compatibility flags, tier and level, such as hvc1.1.6.L93.B0");
    if (*cursor->at >= 'A' && *cursor->at <= 'C')
        id->profile_space = (uint8_t)(*cursor->at++ - 'A' + 1);
    if (!take_number(cursor, 31, &number))
        return refuse(cursor, "the profile of HEVC is a decimal number from 1 to 31, with A, B or C before it or none");
    id->profile = (uint8_t)number;

    if (!take(cursor, '.') || !take_digits(cursor, 16, 1, 8, &id->profile_compatibility))
        return refuse(cursor, "the compatibility flags of HEVC are one to eight hex digits");

    if (!take(cursor, '.') || (*cursor->at != 'L' && *cursor->at != 'H'))
        return refuse(cursor, "the tier of HEVC is L or H, after a dot and before the level");
    id->tier = *cursor->at++ == 'H';
    if (!take_number(cursor, 255, &number))
        return refuse(cursor, "the level of HEVC is a decimal number from 1 to 255, 30 times the level");
    id->level = (uint8_t)number;

    for (size_t i = 0; i < ARRAY_LENGTH(id->constraint_bytes) && take(cursor, '.'); i++) {
        if (!take_digits(cursor, 16, 1, 2, &number))
            return refuse(cursor, "each constraint byte of HEVC is one or two hex digits");
        id->constraint_bytes[i] = (uint8_t)number;
    }
    return hevc_samples(cursor, id);
}

static bool parse_vp8(struct cursor *cursor, struct codec_id *id)
{
    (void)cursor;
    id->bit_depth = 8;
    return true;
}

/* What samples a profile of VP9 or AV1 may have. A profile has a row for each set of depths with chromas of its own. */
struct sample_rule {
    uint8_t profile;
    uint16_t depths;  /* BIT(bits a sample) */
    uint16_t chromas; /* BIT(enum chroma) */
    const char *wrong_depth;
    const char *wrong_chroma;
};

static bool check_samples(struct cursor *cursor, const struct codec_id *id, const struct sample_rule *rules,
                          size_t count)
{
    const char *why = "this profile is unknown";
    for (size_t i = 0; i < count; i++) {
        if (rules[i].profile != id->profile)
            continue;
        if (!(rules[i].depths & BIT(id->bit_depth))) {
            why = rules[i].wrong_depth;
            continue;
        }
        if (!(rules[i].chromas & BIT(id->chroma)))
            return refuse(cursor, rules[i].wrong_chroma);
        return true;
    }
    return refuse(cursor, why);
}

static bool is_bit_depth(uint32_t bits)
{
    return bits == 8 || bits == 10 || bits == 12;
}

static const struct sample_rule vp9_rules[] = {
    {0, BIT(8), BIT(CHROMA_420), "profile 0 of VP9 has 8 bits a sample, the string says more",
     "profile 0 of VP9 is 4:2:0, the string says otherwise"},
    {1, BIT(8), BIT(CHROMA_422) | BIT(CHROMA_444), "profile 1 of VP9 has 8 bits a sample, the string says more",
     "profile 1 of VP9 is 4:2:2 or 4:4:4, the string says 4:2:0"},
    {2, BIT(10) | BIT(12), BIT(CHROMA_420), "profile 2 of VP9 has 10 or 12 bits a sample, the string says 8",
     "profile 2 of VP9 is 4:2:0, the string says otherwise"},
    {3, BIT(10) | BIT(12), BIT(CHROMA_422) | BIT(CHROMA_444),
     "profile 3 of VP9 has 10 or 12 bits a sample, the string says 8",
     "profile 3 of VP9 is 4:2:2 or 4:4:4, the string says 4:2:0"},
};

static const uint8_t vp9_levels[] = {10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 52, 60, 61, 62};

/* 4:2:0 has two codes, for the vertical place of the chroma samples. */
static const enum chroma vp9_chromas[] = {CHROMA_420, CHROMA_420, CHROMA_422, CHROMA_444};

/* The identity matrix of H.273, which is RGB, is coded in 4:4:4 only. */
#define MATRIX_IDENTITY 0

/*
 * The VP9 binding wants the optional fields all or none, yet vp09.01.10.08.03 is in wide use: any number of them is
 * accepted. Colours are checked in form only, the frames have the say there.
 */
static bool parse_vp9_optional(struct cursor *cursor, struct codec_id *id)
{
    enum { CHROMA, PRIMARIES, TRANSFER, MATRIX, RANGE, COUNT };
    /* The binding's default is 4:2:0. Profiles 1 and 3 have no 4:2:0: what they are used for is 4:4:4. */
    uint32_t values[COUNT] = {id->profile & 1 ? 3 : 1, 1, 1, 1, 0};
    for (size_t i = 0; i < COUNT && *cursor->at == '.'; i++) {
        if (!take_field(cursor, 2, &values[i]))
            return refuse(cursor, "the optional fields of VP9 are .CC.cp.tc.mc.FF with two digits each");
    }
    if (values[CHROMA] >= ARRAY_LENGTH(vp9_chromas))
        return refuse(cursor, "chroma subsampling of VP9 is 00 to 03");
    id->chroma = vp9_chromas[values[CHROMA]];
    if (values[MATRIX] == MATRIX_IDENTITY && id->chroma != CHROMA_444)
        return refuse(cursor, "matrix coefficients 00 (RGB) of VP9 need 4:4:4");
    if (values[RANGE] > 1)
        return refuse(cursor, "the range of VP9 is 00 (video) or 01 (full)");
    return true;
}

static bool parse_vp9(struct cursor *cursor, struct codec_id *id)
{
    uint32_t profile, level, depth;
    if (!take_field(cursor, 2, &profile) || !take_field(cursor, 2, &level) || !take_field(cursor, 2, &depth))
        return refuse(cursor, "VP9 needs profile, level and bit depth in two digits each, such as vp09.00.10.08");
    if (profile > 3)
        return refuse(cursor, "the profile of VP9 is 00 to 03");
    if (!memchr(vp9_levels, (int)level, sizeof vp9_levels))
        return refuse(cursor, "this level of VP9 is unknown: it is ten times the level, from 10 to 62");
    if (!is_bit_depth(depth))
        return refuse(cursor, "the bit depth of VP9 is 08, 10 or 12");
    id->profile = (uint8_t)profile;
    id->level = (uint8_t)level;
    id->bit_depth = (uint8_t)depth;
    return parse_vp9_optional(cursor, id) && check_samples(cursor, id, vp9_rules, ARRAY_LENGTH(vp9_rules));
}

static const struct sample_rule av1_rules[] = {
    {0, BIT(8) | BIT(10), BIT(CHROMA_420) | BIT(CHROMA_400),
     "profile 0 (Main) of AV1 has 8 or 10 bits a sample, the string says 12",
     "profile 0 (Main) of AV1 is 4:2:0 or monochrome, the string says otherwise"},
    {1, BIT(8) | BIT(10), BIT(CHROMA_444), "profile 1 (High) of AV1 has 8 or 10 bits a sample, the string says 12",
     "profile 1 (High) of AV1 is 4:4:4, the string says otherwise"},
    {2, BIT(8) | BIT(10), BIT(CHROMA_422), "",
     "profile 2 (Professional) of AV1 is 4:2:2 below 12 bits a sample, the string says otherwise"},
    {2, BIT(12), BIT(CHROMA_420) | BIT(CHROMA_422) | BIT(CHROMA_444) | BIT(CHROMA_400), "", ""},
};

/* subsampling_x, subsampling_y, chroma_sample_position, which only 4:2:0 has. */
static const struct {
    uint8_t code;
    enum chroma chroma;
} av1_chromas[] = {{0, CHROMA_444}, {100, CHROMA_422}, {110, CHROMA_420}, {111, CHROMA_420}, {112, CHROMA_420}};

static bool av1_chroma(uint32_t code, enum chroma *chroma)
{
    for (size_t i = 0; i < ARRAY_LENGTH(av1_chromas); i++) {
        if (av1_chromas[i].code == code) {
            *chroma = av1_chromas[i].chroma;
            return true;
        }
    }
    return false;
}

/* The binding's default of 4:2:0 contradicts profile 1 and, below 12 bits, profile 2: these have one chroma only. */
static uint32_t av1_default_chroma(const struct codec_id *id)
{
    if (id->profile == 1)
        return 0;
    return id->profile == 2 && id->bit_depth < 12 ? 100 : 110;
}

static bool parse_av1_optional(struct cursor *cursor, struct codec_id *id)
{
    enum { MONOCHROME, CHROMA, PRIMARIES, TRANSFER, MATRIX, RANGE, COUNT };
    static const uint8_t digits[COUNT] = {1, 3, 2, 2, 2, 1};
    uint32_t values[COUNT] = {0, av1_default_chroma(id), 1, 1, 1, 0};
    bool given[COUNT] = {false};
    for (size_t i = 0; i < COUNT && *cursor->at == '.'; i++) {
        if (!take_field(cursor, digits[i], &values[i]))
            return refuse(cursor, "the optional fields of AV1 are .M.CCC.cp.tc.mc.F with as many digits as letters");
        given[i] = true;
    }
    if (values[MONOCHROME] > 1)
        return refuse(cursor, "monochrome of AV1 is 0 or 1");
    if (!av1_chroma(values[CHROMA], &id->chroma))
        return refuse(cursor, "chroma subsampling of AV1 is 000, 100, 110, 111 or 112");
    if (values[MONOCHROME]) {
        if (given[CHROMA] && id->chroma != CHROMA_420)
            return refuse(cursor, "monochrome AV1 has chroma subsampling 110");
        id->chroma = CHROMA_400;
    }
    if (values[MATRIX] == MATRIX_IDENTITY && id->chroma != CHROMA_444)
        return refuse(cursor, "matrix coefficients 00 (RGB) of AV1 need 4:4:4");
    if (values[RANGE] > 1)
        return refuse(cursor, "the range of AV1 is 0 (video) or 1 (full)");
    return true;
}

/* seq_level_idx 0 is level 2.0, 23 is 7.3; 31 stands for no limits. Below level 4.0 there is one tier. */
#define AV1_LEVEL_4_0      8
#define AV1_LEVEL_LAST     23
#define AV1_LEVEL_NO_LIMIT 31

static bool parse_av1(struct cursor *cursor, struct codec_id *id)
{
    uint32_t profile, level, depth;
    if (!take_field(cursor, 1, &profile) || !take_field(cursor, 2, &level))
        return refuse(cursor, "AV1 needs profile, level with tier and bit depth, such as av01.0.04M.08");
    if (*cursor->at != 'M' && *cursor->at != 'H')
        return refuse(cursor, "the tier of AV1 is M or H, right after the level");
    id->tier = *cursor->at++ == 'H';
    if (!take_field(cursor, 2, &depth) || !is_bit_depth(depth))
        return refuse(cursor, "the bit depth of AV1 is 08, 10 or 12");
    if (profile > 2)
        return refuse(cursor, "the profile of AV1 is 0 to 2");
    if (level > AV1_LEVEL_LAST && level != AV1_LEVEL_NO_LIMIT)
        return refuse(cursor, "the level of AV1 is 00 to 23, or 31");
    if (id->tier && level < AV1_LEVEL_4_0)
        return refuse(cursor, "AV1 has a high tier from level 08 (4.0) on only");
    id->profile = (uint8_t)profile;
    id->level = (uint8_t)level;
    id->bit_depth = (uint8_t)depth;
    return parse_av1_optional(cursor, id) && check_samples(cursor, id, av1_rules, ARRAY_LENGTH(av1_rules));
}

static const struct {
    const char *name;
    enum codec_family family;
    bool in_band_parameter_sets;
    bool (*parse)(struct cursor *cursor, struct codec_id *id); /* from behind the name on */
} codecs[] = {
    {"avc1", CODEC_H264, false, parse_h264}, {"avc3", CODEC_H264, true, parse_h264},
    {"hvc1", CODEC_HEVC, false, parse_hevc}, {"hev1", CODEC_HEVC, true, parse_hevc},
    {"vp8", CODEC_VP8, false, parse_vp8},    {"vp09", CODEC_VP9, false, parse_vp9},
    {"av01", CODEC_AV1, false, parse_av1},
};

static bool parse(struct cursor *cursor, struct codec_id *id)
{
    for (size_t i = 0; i < ARRAY_LENGTH(codecs); i++) {
        size_t length = strlen(codecs[i].name);
        if (strncmp(cursor->at, codecs[i].name, length) != 0)
            continue;
        cursor->at += length;
        id->family = codecs[i].family;
        id->in_band_parameter_sets = codecs[i].in_band_parameter_sets;
        if (!codecs[i].parse(cursor, id))
            return false;
        return *cursor->at == '\0' || refuse(cursor, "the codec string goes on after its last field");
    }
    return refuse(cursor, "this codec is unknown: known are avc1, avc3, hvc1, hev1, vp8, vp09 and av01, in lower case");
}

bool wcenc__codec_string_parse(const char *text, struct codec_id *id, struct failure *failure)
{
    struct cursor cursor = {text, text, failure};
    struct codec_id parsed;
    memset(&parsed, 0, sizeof parsed); /* padding too: an id can be compared as bytes */
    memset(id, 0, sizeof *id);
    if (!parse(&cursor, &parsed))
        return false;
    memcpy(id, &parsed, sizeof parsed);
    return true;
}
