/* SPDX-License-Identifier: MIT */

/*
 * The levels: ITU-T H.264 Table A-1, ITU-T H.265 Tables A.8 to A.10, the VP9 levels of the WebM project, and Annex A.3
 * of AV1. Limits of H.264 and HEVC are about coded pictures: whole macroblocks of 16x16 pixels, and whole coding blocks
 * of 8x8, the smallest that there are. AV1's rate is that of the pictures shown.
 */

#include "level_priv.h"

#include "compiler.h"

static const struct level_row h264_rows[] = {
    {10, "1.0", 1485, 99, {64, 0}, {0, 0}, 396},
    {H264_LEVEL_1B, "1b", 1485, 99, {128, 0}, {0, 0}, 396},
    {H264_LEVEL_1_1, "1.1", 3000, 396, {192, 0}, {0, 0}, 900},
    {12, "1.2", 6000, 396, {384, 0}, {0, 0}, 2376},
    {13, "1.3", 11880, 396, {768, 0}, {0, 0}, 2376},
    {20, "2.0", 11880, 396, {2000, 0}, {0, 0}, 2376},
    {21, "2.1", 19800, 792, {4000, 0}, {0, 0}, 4752},
    {22, "2.2", 20250, 1620, {4000, 0}, {0, 0}, 8100},
    {30, "3.0", 40500, 1620, {10000, 0}, {0, 0}, 8100},
    {31, "3.1", 108000, 3600, {14000, 0}, {0, 0}, 18000},
    {32, "3.2", 216000, 5120, {20000, 0}, {0, 0}, 20480},
    {40, "4.0", 245760, 8192, {20000, 0}, {0, 0}, 32768},
    {41, "4.1", 245760, 8192, {50000, 0}, {0, 0}, 32768},
    {42, "4.2", 522240, 8704, {50000, 0}, {0, 0}, 34816},
    {50, "5.0", 589824, 22080, {135000, 0}, {0, 0}, 110400},
    {51, "5.1", 983040, 36864, {240000, 0}, {0, 0}, 184320},
    {52, "5.2", 2073600, 36864, {240000, 0}, {0, 0}, 184320},
    {60, "6.0", 4177920, 139264, {240000, 0}, {0, 0}, 696320},
    {61, "6.1", 8355840, 139264, {480000, 0}, {0, 0}, 696320},
    {62, "6.2", 16711680, 139264, {800000, 0}, {0, 0}, 696320},
};

static const struct level_row hevc_rows[] = {
    {30, "1.0", 552960, 36864, {128, 0}, {0, 0}, 0},
    {60, "2.0", 3686400, 122880, {1500, 0}, {0, 0}, 0},
    {63, "2.1", 7372800, 245760, {3000, 0}, {0, 0}, 0},
    {90, "3.0", 16588800, 552960, {6000, 0}, {0, 0}, 0},
    {93, "3.1", 33177600, 983040, {10000, 0}, {0, 0}, 0},
    {120, "4.0", 66846720, 2228224, {12000, 30000}, {0, 0}, 0},
    {123, "4.1", 133693440, 2228224, {20000, 50000}, {0, 0}, 0},
    {150, "5.0", 267386880, 8912896, {25000, 100000}, {0, 0}, 0},
    {153, "5.1", 534773760, 8912896, {40000, 160000}, {0, 0}, 0},
    {156, "5.2", 1069547520, 8912896, {60000, 240000}, {0, 0}, 0},
    {180, "6.0", 1069547520, 35651584, {60000, 240000}, {0, 0}, 0},
    {183, "6.1", 2139095040, 35651584, {120000, 480000}, {0, 0}, 0},
    {186, "6.2", 4278190080, 35651584, {240000, 800000}, {0, 0}, 0},
};

static const struct level_row vp9_rows[] = {
    {10, "1.0", 829440, 36864, {200, 0}, {512, 512}, 0},
    {11, "1.1", 2764800, 73728, {800, 0}, {768, 768}, 0},
    {20, "2.0", 4608000, 122880, {1800, 0}, {960, 960}, 0},
    {21, "2.1", 9216000, 245760, {3600, 0}, {1344, 1344}, 0},
    {30, "3.0", 20736000, 552960, {7200, 0}, {2048, 2048}, 0},
    {31, "3.1", 36864000, 983040, {12000, 0}, {2752, 2752}, 0},
    {40, "4.0", 83558400, 2228224, {18000, 0}, {4160, 4160}, 0},
    {41, "4.1", 160432128, 2228224, {30000, 0}, {4160, 4160}, 0},
    {50, "5.0", 311951360, 8912896, {60000, 0}, {8384, 8384}, 0},
    {51, "5.1", 588251136, 8912896, {120000, 0}, {8384, 8384}, 0},
    {52, "5.2", 1176502272, 8912896, {180000, 0}, {8384, 8384}, 0},
    {60, "6.0", 1176502272, 35651584, {180000, 0}, {16832, 16832}, 0},
    {61, "6.1", 2353004544, 35651584, {240000, 0}, {16832, 16832}, 0},
    {62, "6.2", 4706009088, 35651584, {480000, 0}, {16832, 16832}, 0},
};

static const struct level_row av1_rows[] = {
    {0, "2.0", 4423680, 147456, {1500, 0}, {2048, 1152}, 0},
    {1, "2.1", 8363520, 278784, {3000, 0}, {2816, 1584}, 0},
    {4, "3.0", 19975680, 665856, {6000, 0}, {4352, 2448}, 0},
    {5, "3.1", 31950720, 1065024, {10000, 0}, {5504, 3096}, 0},
    {8, "4.0", 70778880, 2359296, {12000, 30000}, {6144, 3456}, 0},
    {9, "4.1", 141557760, 2359296, {20000, 50000}, {6144, 3456}, 0},
    {12, "5.0", 267386880, 8912896, {30000, 100000}, {8192, 4352}, 0},
    {13, "5.1", 534773760, 8912896, {40000, 160000}, {8192, 4352}, 0},
    {14, "5.2", 1069547520, 8912896, {60000, 240000}, {8192, 4352}, 0},
    {16, "6.0", 1069547520, 35651584, {60000, 240000}, {16384, 8704}, 0},
    {17, "6.1", 2139095040, 35651584, {100000, 480000}, {16384, 8704}, 0},
    {18, "6.2", 4278190080, 35651584, {160000, 800000}, {16384, 8704}, 0},
};

static const struct level_table tables[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = {"macroblocks", 16, 1, ARRAY_LENGTH(h264_rows), h264_rows},
    [CODEC_HEVC] = {"luma samples", 8, 64, ARRAY_LENGTH(hevc_rows), hevc_rows},
    [CODEC_VP9] = {"luma samples", 1, 1, ARRAY_LENGTH(vp9_rows), vp9_rows},
    [CODEC_AV1] = {"luma samples", 1, 1, ARRAY_LENGTH(av1_rows), av1_rows},
};

const struct level_table *wcenc__level_table(enum codec_family family)
{
    return tables[family].rows ? &tables[family] : NULL;
}

/* H.264: cpbBrVclFactor, and whether level 1b is written with constraint_set3_flag. */
static const struct {
    uint8_t profile;
    uint16_t bitrate_factor;
    bool set3_is_level_1b;
} h264_profiles[] = {
    {66, 1000, true},   {77, 1000, true},   {88, 1000, true},   {100, 1250, false},
    {110, 3000, false}, {122, 4000, false}, {244, 4000, false}, {44, 4000, false},
};

/* HEVC: CpbVclFactor of the profiles that are encoded (Table A.10); Main and Main 10 have 1000. */
static const struct {
    uint8_t profile;
    uint8_t bit_depth;
    enum chroma chroma;
    uint32_t factor;
} hevc_factors[] = {
    {4, 12, CHROMA_420, 1500}, {4, 10, CHROMA_422, 1667}, {4, 12, CHROMA_422, 2000},
    {4, 8, CHROMA_444, 2000},  {4, 10, CHROMA_444, 2500}, {4, 12, CHROMA_444, 3000},
};

/* AV1: BitrateProfileFactor. */
static const uint32_t av1_factors[] = {1000, 2000, 3000};

uint32_t wcenc__level_bitrate_factor(const struct codec_id *id)
{
    for (size_t i = 0; id->family == CODEC_H264 && i < ARRAY_LENGTH(h264_profiles); i++)
        if (h264_profiles[i].profile == id->profile)
            return h264_profiles[i].bitrate_factor;
    for (size_t i = 0; id->family == CODEC_HEVC && i < ARRAY_LENGTH(hevc_factors); i++)
        if (hevc_factors[i].profile == id->profile && hevc_factors[i].bit_depth == id->bit_depth &&
            hevc_factors[i].chroma == id->chroma)
            return hevc_factors[i].factor;
    return id->family == CODEC_AV1 && id->profile < ARRAY_LENGTH(av1_factors) ? av1_factors[id->profile] : 1000;
}

bool wcenc__level_1b_is_set3(uint8_t profile)
{
    for (size_t i = 0; i < ARRAY_LENGTH(h264_profiles); i++)
        if (h264_profiles[i].profile == profile)
            return h264_profiles[i].set3_is_level_1b;
    return false;
}
