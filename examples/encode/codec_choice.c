/* SPDX-License-Identifier: MIT */

/* Short names of codecs, and the codec strings that they stand for. */

#include "codec_choice.h"

#include <stdio.h>
#include <string.h>

#include <wcenc/wcenc.h>

static const struct codec_row {
    enum codec codec;
    const char *short_name;
    const char *title;
    const char *prefixes[2]; /* of codec strings */
    wcenc_codec library_codec;
    int max_bit_depth;
} codecs[] = {
    {CODEC_H264, "h264", "H.264", {"avc1.", "avc3."}, WCENC_CODEC_H264, 10},
    {CODEC_HEVC, "hevc", "HEVC", {"hvc1.", "hev1."}, WCENC_CODEC_HEVC, 10},
    {CODEC_VP8, "vp8", "VP8", {"vp8", "vp08"}, WCENC_CODEC_VP8, 8},
    {CODEC_VP9, "vp9", "VP9", {"vp09.", "vp9"}, WCENC_CODEC_VP9, 10},
    {CODEC_AV1, "av1", "AV1", {"av01.", "av1"}, WCENC_CODEC_AV1, 10},
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
    {"libaom", CODEC_AV1},     {"native-vpx", CODEC_VP9},   {"native-aom", CODEC_AV1}, {"native-openh264", CODEC_H264},
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

bool codec_make_string(enum codec codec, const struct codec_need *need, char *out, size_t size, struct fault *fault)
{
    const struct codec_row *row = find_codec(codec);
    wcenc_codec_parameters parameters;

    wcenc_codec_parameters_init(&parameters, sizeof(parameters));
    parameters.codec = row->library_codec;
    parameters.width = need->width;
    parameters.height = need->height;
    parameters.framerate = need->framerate;
    parameters.bitrate = need->bitrate;
    parameters.bit_depth = need->bit_depth > 8 && row->max_bit_depth > 8 ? 10 : 8;
    if (wcenc_codec_string(&parameters, out, size) == WCENC_OK)
        return true;
    return fault_set(fault, "%s: %s", row->title, wcenc_last_error());
}

bool codec_parse_vp9(const char *string, int *profile, int *level, int *bit_depth, int *chroma)
{
    *chroma = 1;
    return sscanf(string, "vp09.%2d.%2d.%2d.%2d", profile, level, bit_depth, chroma) >= 3;
}
