/* SPDX-License-Identifier: MIT */

/* The codec families and the profiles that are encoded: one row each. */

#include "profiles.h"

#include <inttypes.h>
#include <stdio.h>

#include "compiler.h"

static const struct codec_family_info families[CODEC_FAMILY_COUNT] = {
    /* Sizes of H.264 and HEVC: sqrt(8 * the largest picture of level 6.2), in whole macroblocks and 8x8 blocks. */
    [CODEC_H264] = {"H.264", 16880, 16880, 51, 51, 23, 6, 0, true},
    [CODEC_HEVC] = {"HEVC", 16888, 16888, 51, 51, 28, 6, 0, true},
    /* 14 bits hold the size; RFC 6386 knows no colour space but that of BT.601. */
    [CODEC_VP8] = {"VP8", 16383, 16383, 0, 63, 24, 0, WCENC_COLOR_MATRIX_SMPTE170M, false},
    [CODEC_VP9] = {"VP9", 65536, 65536, 255, 63, 32, 0, 0, false}, /* 16 bits hold the size minus one */
    [CODEC_AV1] = {"AV1", 65536, 65536, 255, 63, 32, 0, 0, false},
};

const struct codec_family_info *wcenc__codec_family(enum codec_family family)
{
    return family > CODEC_NONE && family < CODEC_FAMILY_COUNT ? &families[family] : NULL;
}

/* constraint_set flags of H.264. Set 3 is for codec_level.c to judge where it may mean level 1b. */
#define SET0 0x80U /* obeys Baseline */
#define SET1 0x40U /* obeys Main */
#define SET2 0x20U /* obeys Extended */
#define SET3 0x10U /* level 1b in Baseline and Main with level_idc 11; intra only in High */
#define SET4 0x08U /* frames only, no fields */
#define SET5 0x04U /* no B-frames */

/* general_profile_compatibility_flag of HEVC: a Main stream is a Main 10 stream too. */
#define COMPATIBLE_MAIN    0x2U
#define COMPATIBLE_MAIN_10 0x4U
#define COMPATIBLE_RANGE   0x10U /* format range extensions */

/*
 * Of rows that match, the first is taken. No encoder here makes what Baseline has and Main lacks (arbitrary slice
 * order, slice groups, redundant slices), so Baseline is always Constrained Baseline and obeys Main and Extended.
 * Pictures are always progressive.
 */
static const struct codec_profile profiles[] = {
    {CODEC_H264, 66, 8, CHROMA_420, 0, SET0 | SET1 | SET2 | SET3 | SET4 | SET5, "Baseline", "baseline", false},
    {CODEC_H264, 77, 8, CHROMA_420, 0, SET1 | SET3 | SET4, "Main", "main", true},
    {CODEC_H264, 77, 8, CHROMA_420, SET5, SET1 | SET3 | SET4 | SET5, "Main", "main", false},
    {CODEC_H264, 100, 8, CHROMA_420, 0, SET4, "High", "high", true},
    {CODEC_H264, 100, 8, CHROMA_420, SET5, SET4 | SET5, "High", "high", false},
    {CODEC_H264, 110, 10, CHROMA_420, 0, 0, "High 10", "high10", true},
    {CODEC_H264, 122, 10, CHROMA_422, 0, 0, "High 4:2:2", "high422", true},
    {CODEC_H264, 244, 8, CHROMA_444, 0, 0, "High 4:4:4 Predictive", "high444", true},
    {CODEC_HEVC, 1, 8, CHROMA_420, COMPATIBLE_MAIN, COMPATIBLE_MAIN | COMPATIBLE_MAIN_10, "Main", "main", true},
    {CODEC_HEVC, 2, 10, CHROMA_420, COMPATIBLE_MAIN_10, COMPATIBLE_MAIN_10, "Main 10", "main10", true},
    {CODEC_HEVC, 4, 12, CHROMA_420, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 12", "main12", true},
    {CODEC_HEVC, 4, 10, CHROMA_422, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 4:2:2 10", "main422-10", true},
    {CODEC_HEVC, 4, 12, CHROMA_422, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 4:2:2 12", "main422-12", true},
    {CODEC_HEVC, 4, 8, CHROMA_444, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 4:4:4", "main444-8", true},
    {CODEC_HEVC, 4, 10, CHROMA_444, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 4:4:4 10", "main444-10", true},
    {CODEC_HEVC, 4, 12, CHROMA_444, COMPATIBLE_RANGE, COMPATIBLE_RANGE, "Main 4:4:4 12", "main444-12", true},
    {CODEC_VP8, 0, 8, CHROMA_420, 0, 0, "VP8", NULL, false},
    {CODEC_VP9, 0, 8, CHROMA_420, 0, 0, "Profile 0", NULL, false},
    {CODEC_VP9, 1, 8, CHROMA_422, 0, 0, "Profile 1", NULL, false},
    {CODEC_VP9, 1, 8, CHROMA_444, 0, 0, "Profile 1", NULL, false},
    {CODEC_VP9, 2, 10, CHROMA_420, 0, 0, "Profile 2", NULL, false},
    {CODEC_VP9, 2, 12, CHROMA_420, 0, 0, "Profile 2", NULL, false},
    {CODEC_VP9, 3, 10, CHROMA_422, 0, 0, "Profile 3", NULL, false},
    {CODEC_VP9, 3, 12, CHROMA_422, 0, 0, "Profile 3", NULL, false},
    {CODEC_VP9, 3, 10, CHROMA_444, 0, 0, "Profile 3", NULL, false},
    {CODEC_VP9, 3, 12, CHROMA_444, 0, 0, "Profile 3", NULL, false},
    {CODEC_AV1, 0, 8, CHROMA_420, 0, 0, "Main", NULL, false},
    {CODEC_AV1, 0, 10, CHROMA_420, 0, 0, "Main", NULL, false},
    {CODEC_AV1, 1, 8, CHROMA_444, 0, 0, "High", NULL, false},
    {CODEC_AV1, 1, 10, CHROMA_444, 0, 0, "High", NULL, false},
    {CODEC_AV1, 2, 8, CHROMA_422, 0, 0, "Professional", NULL, false},
    {CODEC_AV1, 2, 10, CHROMA_422, 0, 0, "Professional", NULL, false},
    {CODEC_AV1, 2, 12, CHROMA_420, 0, 0, "Professional", NULL, false},
    {CODEC_AV1, 2, 12, CHROMA_422, 0, 0, "Professional", NULL, false},
    {CODEC_AV1, 2, 12, CHROMA_444, 0, 0, "Professional", NULL, false},
};

static const char *chroma_name(enum chroma chroma)
{
    static const char *const names[] = {
        [CHROMA_420] = "4:2:0", [CHROMA_422] = "4:2:2",      [CHROMA_444] = "4:4:4",
        [CHROMA_440] = "4:4:0", [CHROMA_400] = "monochrome",
    };
    return names[chroma];
}

/* What the string promises beyond its profile. */
static uint32_t flags_of(const struct codec_id *id)
{
    switch (id->family) {
    case CODEC_H264:
        return id->constraints;
    case CODEC_HEVC:
        return id->profile_compatibility;
    default:
        return 0;
    }
}

static bool same_samples(const struct codec_profile *row, const struct codec_id *id)
{
    return row->bit_depth == id->bit_depth && row->chroma == id->chroma;
}

static bool flags_fit(const struct codec_profile *row, uint32_t flags)
{
    return (flags & row->flags_needed) == row->flags_needed && (flags & ~row->flags_met) == 0;
}

/* Words for a profile without any row that fits; `closest` is the last row with the same profile, if any. */
static void explain(const struct codec_id *id, const struct codec_profile *closest, struct failure *failure)
{
    const char *family = families[id->family].name;
    if (!closest) {
        (void)wcenc__refuse(failure, "profile %u of %s is not encoded", id->profile, family);
    } else if (!same_samples(closest, id)) {
        (void)wcenc__refuse(failure, "%s %s with %u bits a sample and %s is not encoded, only %u bits and %s", family,
                            closest->name, id->bit_depth, chroma_name(id->chroma), closest->bit_depth,
                            chroma_name(closest->chroma));
    } else if (id->family == CODEC_HEVC) {
        (void)wcenc__refuse(failure,
                            "compatibility flags %" PRIX32 " of HEVC %s are not met: %" PRIX32 " is needed, %" PRIX32
                            " possible",
                            id->profile_compatibility, closest->name, closest->flags_needed, closest->flags_met);
    } else {
        (void)wcenc__refuse(failure, "constraint flags %02X of %s %s are not met, at most %02" PRIX32 " are",
                            id->constraints, family, closest->name, closest->flags_met);
    }
}

/* In Baseline and Main constraint_set3_flag says level 1b and, without level_idc 11, nothing that is defined. */
static bool set3_is_defined(const struct codec_id *id)
{
    return id->family != CODEC_H264 || !(id->constraints & SET3) || id->level == 11;
}

/* general_intra_constraint_flag of HEVC's format range extensions: a promise that no encoder here keeps. */
static bool promises_intra_only(const struct codec_id *id)
{
    enum { RANGE_EXTENSIONS = 4, INTRA = 0x20 };

    return id->family == CODEC_HEVC && id->profile == RANGE_EXTENSIONS && (id->constraint_bytes[1] & INTRA);
}

static bool check_kind(const struct codec_id *id, struct failure *failure)
{
    if (!wcenc__codec_family(id->family))
        return wcenc__refuse(failure, "there is no codec");
    if (id->profile_space != 0)
        return wcenc__refuse(failure, "profile space %c of HEVC is not defined", 'A' + id->profile_space - 1);
    if (promises_intra_only(id))
        return wcenc__refuse(failure, "intra profiles of HEVC are not encoded");
    return true;
}

const struct codec_profile *wcenc__codec_profile(const struct codec_id *id, struct failure *failure)
{
    const struct codec_profile *closest = NULL;

    if (!check_kind(id, failure))
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(profiles); i++) {
        const struct codec_profile *row = &profiles[i];
        if (row->family != id->family || row->profile != id->profile)
            continue;
        /* Flags are worth words only once the samples are right. */
        if (!closest || same_samples(row, id))
            closest = row;
        if (!same_samples(row, id) || !flags_fit(row, flags_of(id)))
            continue;
        if (!set3_is_defined(id)) {
            (void)wcenc__refuse(
                failure, "constraint_set3_flag of H.264 %s stands for level 1b and needs level_idc 11 (0B)", row->name);
            return NULL;
        }
        return row;
    }
    explain(id, closest, failure);
    return NULL;
}

const struct codec_profile *wcenc__codec_profile_at(size_t n)
{
    return n < ARRAY_LENGTH(profiles) ? &profiles[n] : NULL;
}

void wcenc__codec_limit_color(enum codec_family family, wcenc_color_space *color_space)
{
    if (family == CODEC_VP9 && color_space->primaries == WCENC_COLOR_PRIMARIES_BT709 &&
        color_space->transfer == WCENC_COLOR_TRANSFER_IEC61966_2_1)
        color_space->transfer = WCENC_COLOR_TRANSFER_BT709;
}
