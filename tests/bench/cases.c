/* SPDX-License-Identifier: MIT */

#include "cases.h"

#include <stdio.h>
#include <string.h>

/*
 * The options name everything that libwcenc would set by itself, so that both encoders are opened alike and code the
 * same bits.
 */
const struct bench_codec bench_codecs[] = {
    {
        .name = "h264",
        .title = "H.264",
        .id = AV_CODEC_ID_H264,
        .encoder = "libx264",
        .codec_string = "avc1.640028",
        .options = "preset=superfast:tune=zerolatency:refs=1:aq-mode=0:bf=0:coder=ac:8x8dct=1:qmin=0:"
                   "x264-params=vbv-init=0.9",
        .implied = "level=40:forced-idr=1",
        .matrix = AVCOL_SPC_BT709,
    },
    {
        .name = "vp8",
        .title = "VP8",
        .id = AV_CODEC_ID_VP8,
        .encoder = "libvpx",
        .codec_string = "vp8",
        .options = "deadline=realtime:cpu-used=-6:lag-in-frames=0:auto-alt-ref=0:qmin=4:max-intra-rate=0",
        .matrix = AVCOL_SPC_SMPTE170M,
    },
    {
        .name = "vp9",
        .title = "VP9",
        .id = AV_CODEC_ID_VP9,
        .encoder = "libvpx-vp9",
        .codec_string = "vp09.00.40.08",
        .options = "deadline=realtime:cpu-used=7:row-mt=1:frame-parallel=0:lag-in-frames=0:aq-mode=3:tile-columns=1:"
                   "qmin=0:max-intra-rate=0",
        .matrix = AVCOL_SPC_BT709,
    },
    {
        .name = "av1",
        .title = "AV1",
        .id = AV_CODEC_ID_AV1,
        .encoder = "libaom-av1",
        .codec_string = "av01.0.08M.08",
        .options = "usage=realtime:cpu-used=8:row-mt=1:lag-in-frames=0:aq-mode=3:tile-columns=1:qmin=0:"
                   "aom-params=max-intra-rate=0",
        .matrix = AVCOL_SPC_BT709,
    },
    {.name = NULL},
};

const struct bench_codec bench_groups_codecs[] = {
    {.name = "h265", .title = "HEVC", .encoder = "libx265", .codec_string = "hvc1.1.6.L120.B0"},
    {.name = "rav1e", .title = "AV1, rav1e", .encoder = "librav1e", .codec_string = "av01.0.08M.08"},
    {.name = NULL},
};

const struct bench_size bench_sizes[] = {
    {"320x240", 320, 240, 500000, 150, 600},
    {"1280x720", 1280, 720, 2500000, 60, 240},
    {"1920x1080", 1920, 1080, 5000000, 30, 120},
    {.name = NULL},
};

const struct bench_format bench_formats[] = {
    {"RGBA", WCENC_PIXEL_FORMAT_RGBA, AV_PIX_FMT_RGBA, 32},
    {"BGRA", WCENC_PIXEL_FORMAT_BGRA, AV_PIX_FMT_BGRA, 32},
    {"I420", WCENC_PIXEL_FORMAT_I420, AV_PIX_FMT_YUV420P, 12},
    {.name = NULL},
};

const struct bench_codec *bench_codec(const char *name)
{
    static const struct bench_codec *const lists[] = {bench_codecs, bench_groups_codecs, NULL};

    for (const struct bench_codec *const *list = lists; *list; list++)
        for (const struct bench_codec *codec = *list; codec->name; codec++)
            if (strcmp(codec->name, name) == 0)
                return codec;
    return NULL;
}

const struct bench_size *bench_size(const char *name)
{
    for (const struct bench_size *size = bench_sizes; size->name; size++)
        if (strcmp(size->name, name) == 0)
            return size;
    return NULL;
}

const struct bench_format *bench_format(const char *name)
{
    for (const struct bench_format *format = bench_formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}

size_t case_picture_size(const struct bench_size *size, const struct bench_format *format)
{
    return (size_t)size->width * size->height * format->bits / 8;
}

void case_options(const struct bench_case *bench_case, char out[OPTIONS_SIZE])
{
    const char *options = bench_case->codec->options, *separator = options && options[0] ? ":" : "";
    const int bitrate = bench_case->size->bitrate;

    out[0] = '\0';
    if (!options)
        return;
    if (bench_case->is_variable)
        (void)snprintf(out, OPTIONS_SIZE, "%s%sb=%d:g=250:threads=%d", options, separator, bitrate,
                       bench_case->threads);
    else
        (void)snprintf(out, OPTIONS_SIZE, "%s%sb=%d:minrate=%d:maxrate=%d:bufsize=%d:g=250:threads=%d", options,
                       separator, bitrate, bitrate, bitrate, bitrate, bench_case->threads);
}
