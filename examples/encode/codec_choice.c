/* SPDX-License-Identifier: MIT */

/*
 * Which codec string a short name stands for. Levels are rows of the codecs' specifications: ITU-T H.264 table A-1,
 * ITU-T H.265 tables A.8 and A.9 (main tier), the VP9 levels of the WebM project, AV1 annex A.3 (main tier).
 */

#include "codec_choice.h"

#include <stdio.h>
#include <string.h>

struct level {
    int code;            /* as the codec string has it */
    uint32_t max_kbps;   /* of the profile that is chosen */
    uint64_t max_pixels; /* of a picture */
    uint64_t max_rate;   /* pixels per second */
    uint32_t max_side;   /* of width and height; 0: what follows from max_pixels, see fits */
};

static const struct level h264_levels[] = {
    {0x0a, 80, 99 * 256, 1485 * 256, 0},          {0x0b, 240, 396 * 256, 3000 * 256, 0},
    {0x0c, 480, 396 * 256, 6000 * 256, 0},        {0x0d, 960, 396 * 256, 11880 * 256, 0},
    {0x14, 2500, 396 * 256, 11880 * 256, 0},      {0x15, 5000, 792 * 256, 19800 * 256, 0},
    {0x16, 5000, 1620 * 256, 20250 * 256, 0},     {0x1e, 12500, 1620 * 256, 40500 * 256, 0},
    {0x1f, 17500, 3600 * 256, 108000 * 256, 0},   {0x20, 25000, 5120 * 256, 216000 * 256, 0},
    {0x28, 25000, 8192 * 256, 245760 * 256, 0},   {0x29, 62500, 8192 * 256, 245760 * 256, 0},
    {0x2a, 62500, 8704 * 256, 522240 * 256, 0},   {0x32, 168750, 22080 * 256, 589824 * 256, 0},
    {0x33, 300000, 36864 * 256, 983040 * 256, 0}, {0x34, 300000, 36864 * 256, 2073600 * 256, 0},
};

static const struct level hevc_levels[] = {
    {30, 128, 36864, 552960, 0},
    {60, 1500, 122880, 3686400, 0},
    {63, 3000, 245760, 7372800, 0},
    {90, 6000, 552960, 16588800, 0},
    {93, 10000, 983040, 33177600, 0},
    {120, 12000, 2228224, 66846720, 0},
    {123, 20000, 2228224, 133693440, 0},
    {150, 25000, 8912896, 267386880, 0},
    {153, 40000, 8912896, 534773760, 0},
    {156, 60000, 8912896, 1069547520, 0},
    {180, 60000, 35651584, 1069547520, 0},
    {183, 120000, 35651584, 2139095040, 0},
    {186, 240000, 35651584, 4278190080, 0},
};

static const struct level vp9_levels[] = {
    {10, 200, 36864, 829440, 512},
    {11, 800, 73728, 2764800, 768},
    {20, 1800, 122880, 4608000, 960},
    {21, 3600, 245760, 9216000, 1344},
    {30, 7200, 552960, 20736000, 2048},
    {31, 12000, 983040, 36864000, 2752},
    {40, 18000, 2228224, 83558400, 4160},
    {41, 30000, 2228224, 160432128, 4160},
    {50, 60000, 8912896, 311951360, 8384},
    {51, 120000, 8912896, 588251136, 8384},
    {52, 180000, 8912896, 1176502272, 8384},
    {60, 180000, 35651584, 1176502272, 16832},
    {61, 240000, 35651584, 2353004544, 16832},
    {62, 480000, 35651584, 4706009088, 16832},
};

/* Widths only: no picture that fits in max_pixels is refused for its height in practice. */
static const struct level av1_levels[] = {
    {0, 1500, 147456, 4423680, 2048},          {1, 3000, 278784, 8363520, 2816},
    {4, 6000, 665856, 19975680, 4352},         {5, 10000, 1065024, 31950720, 5504},
    {8, 12000, 2359296, 70778880, 6144},       {9, 20000, 2359296, 141557760, 6144},
    {12, 30000, 8912896, 267386880, 8192},     {13, 40000, 8912896, 534773760, 8192},
    {14, 60000, 8912896, 1069547520, 8192},    {16, 60000, 35651584, 1069547520, 16384},
    {17, 100000, 35651584, 2139095040, 16384}, {18, 160000, 35651584, 4278190080, 16384},
};

static const struct level no_levels[] = {{0, 0, 0, 0, 0}};

#define LEVELS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static const struct codec_row {
    enum codec codec;
    const char *short_name;
    const char *title;
    const char *prefixes[2]; /* of codec strings */
    const struct level *levels;
    size_t level_count;
    uint32_t block;       /* levels count whole blocks of so many pixels a side */
    const char *format_8; /* of the codec string, for the level's code */
    const char *format_10;
} codecs[] = {
    {CODEC_H264, "h264", "H.264", {"avc1.", "avc3."}, LEVELS(h264_levels), 16, "avc1.6400%02x", "avc1.6e00%02x"},
    {CODEC_HEVC, "hevc", "HEVC", {"hvc1.", "hev1."}, LEVELS(hevc_levels), 8, "hvc1.1.6.L%d.B0", "hvc1.2.4.L%d.B0"},
    {CODEC_VP8, "vp8", "VP8", {"vp8", "vp08"}, LEVELS(no_levels), 16, "vp8", "vp8"},
    {CODEC_VP9, "vp9", "VP9", {"vp09.", "vp9"}, LEVELS(vp9_levels), 8, "vp09.00.%02d.08", "vp09.02.%02d.10"},
    {CODEC_AV1, "av1", "AV1", {"av01.", "av1"}, LEVELS(av1_levels), 8, "av01.0.%02dM.08", "av01.0.%02dM.10"},
};

#define CODEC_COUNT (sizeof(codecs) / sizeof(codecs[0]))

struct named {
    const char *name;
    enum codec codec;
};

static const struct named nicknames[] = {
    {"h265", CODEC_HEVC}, {"h.265", CODEC_HEVC}, {"x265", CODEC_HEVC}, {"H265", CODEC_HEVC},
    {"HEVC", CODEC_HEVC}, {"h.264", CODEC_H264}, {"x264", CODEC_H264}, {"avc", CODEC_H264},
    {"H264", CODEC_H264}, {"AV1", CODEC_AV1},    {"VP8", CODEC_VP8},   {"VP9", CODEC_VP9},
};

/* Those that are not named after their codec, as h264_vaapi is. */
static const struct named encoders[] = {
    {"libx264", CODEC_H264},   {"libopenh264", CODEC_H264}, {"libx265", CODEC_HEVC},   {"libvpx", CODEC_VP8},
    {"libvpx-vp9", CODEC_VP9}, {"libaom-av1", CODEC_AV1},   {"libsvtav1", CODEC_AV1},  {"librav1e", CODEC_AV1},
    {"libaom", CODEC_AV1},     {"native-vpx", CODEC_VP9},   {"native-aom", CODEC_AV1},
};

static const struct codec_row *find_codec(enum codec codec)
{
    size_t i = 0;

    while (i + 1 < CODEC_COUNT && codecs[i].codec != codec)
        i++;
    return &codecs[i];
}

const char *codec_title(enum codec codec)
{
    return find_codec(codec)->title;
}

const char *codec_short_name(enum codec codec)
{
    return find_codec(codec)->short_name;
}

enum codec codec_from_short_name(const char *name)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (!strcmp(codecs[i].short_name, name))
            return codecs[i].codec;
    for (size_t i = 0; i < sizeof(nicknames) / sizeof(nicknames[0]); i++)
        if (!strcmp(nicknames[i].name, name))
            return nicknames[i].codec;
    return 0;
}

enum codec codec_from_encoder(const char *name)
{
    const char *underscore = strchr(name, '_');

    for (size_t i = 0; i < sizeof(encoders) / sizeof(encoders[0]); i++)
        if (!strcmp(encoders[i].name, name))
            return encoders[i].codec;
    for (size_t i = 0; underscore && i < CODEC_COUNT; i++)
        if (strlen(codecs[i].short_name) == (size_t)(underscore - name) &&
            !strncmp(codecs[i].short_name, name, (size_t)(underscore - name)))
            return codecs[i].codec;
    return 0;
}

enum codec codec_from_string(const char *string)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        for (size_t k = 0; k < 2; k++)
            if (!strncmp(codecs[i].prefixes[k], string, strlen(codecs[i].prefixes[k])))
                return codecs[i].codec;
    return 0;
}

static bool fits(const struct level *level, const struct codec_need *need, uint32_t block)
{
    uint64_t width = ((uint64_t)need->width + block - 1) / block * block;
    uint64_t height = ((uint64_t)need->height + block - 1) / block * block;
    uint64_t side = width > height ? width : height;
    double rate = need->framerate > 0 ? need->framerate : 30;

    if (width * height > level->max_pixels || (double)(width * height) * rate > (double)level->max_rate)
        return false;
    if (need->bitrate > (uint64_t)level->max_kbps * 1000)
        return false;
    /* H.264 and HEVC: neither side above the root of eight times the area. */
    return level->max_side ? side <= level->max_side : side * side <= 8 * level->max_pixels;
}

void codec_make_string(enum codec codec, const struct codec_need *need, char *out, size_t size)
{
    const struct codec_row *row = find_codec(codec);
    size_t i = 0;

    while (i + 1 < row->level_count && !fits(&row->levels[i], need, row->block))
        i++;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(out, size, need->bit_depth > 8 ? row->format_10 : row->format_8, row->levels[i].code);
#pragma GCC diagnostic pop
}

bool codec_parse_vp9(const char *string, int *profile, int *level, int *bit_depth, int *chroma)
{
    *chroma = 1;
    return sscanf(string, "vp09.%2d.%2d.%2d.%2d", profile, level, bit_depth, chroma) >= 3;
}
