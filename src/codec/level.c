/* SPDX-License-Identifier: MIT */

/*
 * What the levels of H.264 (ITU-T H.264 Table A-1) and HEVC (ITU-T H.265 Tables A.8 to A.10) allow. Limits are taken
 * as the standards say them, about coded pictures: whole macroblocks of 16x16 pixels in H.264, whole coding blocks of
 * 8x8, the smallest there are, in HEVC. VP9 and AV1 have levels too, which browsers do not hold against anyone, and
 * neither does this room.
 */

#include <inttypes.h>

#include "compiler.h"
#include "profiles.h"

struct h264_level {
    uint8_t level_idc;
    const char *name;
    uint32_t max_mbps;    /* macroblocks a second */
    uint32_t max_fs;      /* macroblocks a picture */
    uint32_t max_dpb_mbs; /* macroblocks in the decoded picture buffer */
    uint32_t max_br;      /* in cpbBrVclFactor bits a second */
};

/* Level 1b is level_idc 9; where profiles write it as 11 with constraint_set3_flag, find_h264_level() knows. */
#define H264_LEVEL_1B  9
#define H264_LEVEL_1_1 11

static const struct h264_level h264_levels[] = {
    {10, "1.0", 1485, 99, 396, 64},
    {H264_LEVEL_1B, "1b", 1485, 99, 396, 128},
    {H264_LEVEL_1_1, "1.1", 3000, 396, 900, 192},
    {12, "1.2", 6000, 396, 2376, 384},
    {13, "1.3", 11880, 396, 2376, 768},
    {20, "2.0", 11880, 396, 2376, 2000},
    {21, "2.1", 19800, 792, 4752, 4000},
    {22, "2.2", 20250, 1620, 8100, 4000},
    {30, "3.0", 40500, 1620, 8100, 10000},
    {31, "3.1", 108000, 3600, 18000, 14000},
    {32, "3.2", 216000, 5120, 20480, 20000},
    {40, "4.0", 245760, 8192, 32768, 20000},
    {41, "4.1", 245760, 8192, 32768, 50000},
    {42, "4.2", 522240, 8704, 34816, 50000},
    {50, "5.0", 589824, 22080, 110400, 135000},
    {51, "5.1", 983040, 36864, 184320, 240000},
    {52, "5.2", 2073600, 36864, 184320, 240000},
    {60, "6.0", 4177920, 139264, 696320, 240000},
    {61, "6.1", 8355840, 139264, 696320, 480000},
    {62, "6.2", 16711680, 139264, 696320, 800000},
};

/* By profile: cpbBrVclFactor, and whether level 1b is written with constraint_set3_flag. */
static const struct {
    uint8_t profile;
    uint16_t bitrate_factor;
    bool set3_is_level_1b;
} h264_profiles[] = {
    {66, 1000, true},   {77, 1000, true},   {88, 1000, true},   {100, 1250, false},
    {110, 3000, false}, {122, 4000, false}, {244, 4000, false}, {44, 4000, false},
};

#define H264_SET3 0x10U

static bool h264_set3_is_level_1b(uint8_t profile)
{
    for (size_t i = 0; i < ARRAY_LENGTH(h264_profiles); i++) {
        if (h264_profiles[i].profile == profile)
            return h264_profiles[i].set3_is_level_1b;
    }
    return false;
}

static uint32_t h264_bitrate_factor(uint8_t profile)
{
    for (size_t i = 0; i < ARRAY_LENGTH(h264_profiles); i++) {
        if (h264_profiles[i].profile == profile)
            return h264_profiles[i].bitrate_factor;
    }
    return 1000;
}

static const struct h264_level *find_h264_level(const struct codec_id *id)
{
    uint8_t level_idc = id->level;
    if (level_idc == H264_LEVEL_1_1 && (id->constraints & H264_SET3) && h264_set3_is_level_1b(id->profile))
        level_idc = H264_LEVEL_1B;
    for (size_t i = 0; i < ARRAY_LENGTH(h264_levels); i++) {
        if (h264_levels[i].level_idc == level_idc)
            return &h264_levels[i];
    }
    return NULL;
}

struct hevc_level {
    uint8_t level_idc;
    const char *name;
    uint32_t max_luma_ps; /* luma samples a picture */
    uint64_t max_luma_sr; /* luma samples a second */
    uint32_t max_br[2];   /* by tier, in 1000 bits a second; 0: the level has no such tier */
};

static const struct hevc_level hevc_levels[] = {
    {30, "1.0", 36864, 552960, {128, 0}},
    {60, "2.0", 122880, 3686400, {1500, 0}},
    {63, "2.1", 245760, 7372800, {3000, 0}},
    {90, "3.0", 552960, 16588800, {6000, 0}},
    {93, "3.1", 983040, 33177600, {10000, 0}},
    {120, "4.0", 2228224, 66846720, {12000, 30000}},
    {123, "4.1", 2228224, 133693440, {20000, 50000}},
    {150, "5.0", 8912896, 267386880, {25000, 100000}},
    {153, "5.1", 8912896, 534773760, {40000, 160000}},
    {156, "5.2", 8912896, 1069547520, {60000, 240000}},
    {180, "6.0", 35651584, 1069547520, {60000, 240000}},
    {183, "6.1", 35651584, 2139095040, {120000, 480000}},
    {186, "6.2", 35651584, 4278190080, {240000, 800000}},
};

/* CpbVclFactor of the profiles that are encoded (Table A.10); Main and Main 10 are the last row. */
static const struct {
    uint8_t profile;
    uint8_t bit_depth;
    enum chroma chroma;
    uint32_t factor;
} hevc_factors[] = {
    {4, 12, CHROMA_420, 1500}, {4, 10, CHROMA_422, 1667}, {4, 12, CHROMA_422, 2000},
    {4, 8, CHROMA_444, 2000},  {4, 10, CHROMA_444, 2500}, {4, 12, CHROMA_444, 3000},
};

static uint32_t hevc_bitrate_factor(const struct codec_id *id)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_factors); i++)
        if (hevc_factors[i].profile == id->profile && hevc_factors[i].bit_depth == id->bit_depth &&
            hevc_factors[i].chroma == id->chroma)
            return hevc_factors[i].factor;
    return 1000;
}

static const struct hevc_level *find_hevc_level(const struct codec_id *id)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hevc_levels); i++) {
        if (hevc_levels[i].level_idc == id->level)
            return &hevc_levels[i];
    }
    return NULL;
}

/* A level of either codec in the same terms. */
struct limits {
    const char *name;
    const char *unit;         /* of area */
    uint32_t block;           /* pixels to the side of what the size is rounded up to */
    uint32_t units_per_block; /* of area */
    uint64_t max_area;
    uint64_t max_rate; /* area a second */
    uint64_t max_bitrate;
};

static bool find_limits(const struct codec_id *id, struct limits *limits, struct failure *failure)
{
    if (id->family == CODEC_H264) {
        const struct h264_level *level = find_h264_level(id);
        if (!level)
            return wcenc__refuse(failure, "level_idc %u (%02X) of H.264 is no level", id->level, id->level);
        *limits = (struct limits){level->name,
                                  "macroblocks",
                                  16,
                                  1,
                                  level->max_fs,
                                  level->max_mbps,
                                  (uint64_t)level->max_br * h264_bitrate_factor(id->profile)};
        return true;
    }
    const struct hevc_level *level = find_hevc_level(id);
    if (!level)
        return wcenc__refuse(failure, "L%u or H%u of HEVC is no level", id->level, id->level);
    if (level->max_br[id->tier] == 0)
        return wcenc__refuse(failure, "level %s of HEVC has no high tier, which begins with level 4.0 (H120)",
                             level->name);
    *limits = (struct limits){level->name,
                              "luma samples",
                              8,
                              64,
                              level->max_luma_ps,
                              level->max_luma_sr,
                              (uint64_t)level->max_br[id->tier] * hevc_bitrate_factor(id)};
    return true;
}

static uint64_t blocks(uint32_t pixels, uint32_t block)
{
    return ((uint64_t)pixels + block - 1) / block;
}

/* The longest side, in pixels: neither side may exceed sqrt(8 * the area). */
static uint32_t max_side(const struct limits *limits)
{
    uint64_t max = 8 * limits->max_area / limits->units_per_block;
    uint32_t side = 0;
    while ((uint64_t)(side + 1) * (side + 1) <= max)
        side++;
    return side * limits->block;
}

/* Of the coded picture; does not wrap for any size. */
static uint64_t coded_area(const struct limits *limits, uint32_t width, uint32_t height)
{
    uint64_t count = blocks(width, limits->block) * blocks(height, limits->block);
    return count > UINT64_MAX / limits->units_per_block ? UINT64_MAX : count * limits->units_per_block;
}

static bool size_allowed(const struct limits *limits, const struct level_demand *demand, struct failure *failure)
{
    uint64_t area = coded_area(limits, demand->width, demand->height);
    if (area > limits->max_area)
        return wcenc__refuse(failure, "%" PRIu32 "x%" PRIu32 " is %" PRIu64 " %s, level %s allows %" PRIu64,
                             demand->width, demand->height, area, limits->unit, limits->name, limits->max_area);
    uint32_t longest = max_side(limits);
    if (demand->width > longest || demand->height > longest) {
        bool wide = demand->width > longest;

        return wcenc__refuse(failure, "%s is %" PRIu32 ", level %s allows %" PRIu32, wide ? "width" : "height",
                             wide ? demand->width : demand->height, limits->name, longest);
    }
    return true;
}

static bool rate_allowed(const struct limits *limits, const struct level_demand *demand, struct failure *failure)
{
    uint64_t area = coded_area(limits, demand->width, demand->height);
    if (demand->framerate > 0 && (double)area * demand->framerate > (double)limits->max_rate)
        return wcenc__refuse(failure,
                             "framerate is %g, at %" PRIu32 "x%" PRIu32 " level %s allows %g (%" PRIu64 " %s a second)",
                             demand->framerate, demand->width, demand->height, limits->name,
                             (double)limits->max_rate / (double)area, limits->max_rate, limits->unit);
    if (demand->bitrate > limits->max_bitrate)
        return wcenc__refuse(failure, "bitrate is %" PRIu64 ", level %s allows %" PRIu64, demand->bitrate, limits->name,
                             limits->max_bitrate);
    return true;
}

static bool has_binding_levels(enum codec_family family)
{
    return family == CODEC_H264 || family == CODEC_HEVC;
}

bool wcenc__codec_level_allows(const struct codec_id *id, const struct level_demand *demand, struct failure *failure)
{
    struct limits limits = {.name = NULL};

    if (!has_binding_levels(id->family))
        return true;
    return find_limits(id, &limits, failure) && size_allowed(&limits, demand, failure) &&
           rate_allowed(&limits, demand, failure);
}

#define MAX_FRAMES 16U

static uint32_t h264_max_refs(const struct h264_level *level, uint32_t width, uint32_t height)
{
    uint64_t frames = level->max_dpb_mbs / (blocks(width, 16) * blocks(height, 16));
    return frames < MAX_FRAMES ? (uint32_t)frames : MAX_FRAMES;
}

/* MaxDpbSize counts the picture in work too. */
static uint32_t hevc_max_refs(const struct hevc_level *level, uint32_t width, uint32_t height)
{
    uint64_t area = blocks(width, 8) * blocks(height, 8) * 64;
    uint32_t dpb = 6;
    if (area <= level->max_luma_ps >> 2)
        dpb = 16;
    else if (area <= level->max_luma_ps >> 1)
        dpb = 12;
    else if (area <= (3 * (uint64_t)level->max_luma_ps) >> 2)
        dpb = 8;
    return dpb - 1;
}

uint32_t wcenc__codec_level_max_refs(const struct codec_id *id, uint32_t width, uint32_t height)
{
    const struct level_demand size = {width, height, 0, 0};
    if (!has_binding_levels(id->family))
        return MAX_FRAMES;
    if (width == 0 || height == 0 || !wcenc__codec_level_allows(id, &size, NULL))
        return 1;
    return id->family == CODEC_H264 ? h264_max_refs(find_h264_level(id), width, height)
                                    : hevc_max_refs(find_hevc_level(id), width, height);
}

bool wcenc__codec_level_has_fields(const struct codec_id *id)
{
    enum { FIRST = 21, LAST = 41 };

    return id->family != CODEC_H264 || (id->level >= FIRST && id->level <= LAST);
}
