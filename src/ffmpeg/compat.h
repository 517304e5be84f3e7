/* SPDX-License-Identifier: MIT */
#ifndef WCENC_FFMPEG_COMPAT_H
#define WCENC_FFMPEG_COMPAT_H

/* The one place with conditions on FFmpeg's version: 5.1 (libavcodec 59) to 9 (libavcodec 63). */

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>

/*
 * AVFrame.duration came with libavutil 57.30; before, there was pkt_duration. The wrappers of libvpx and libaom read
 * ticks_per_frame in its place as long as there is that.
 */
static inline void compat_set_duration(AVCodecContext *context, AVFrame *frame, int64_t duration)
{
#if LIBAVCODEC_VERSION_MAJOR < 62
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    context->ticks_per_frame = (int)duration;
#pragma GCC diagnostic pop
#else
    (void)context;
#endif
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    frame->duration = duration;
#else
    frame->pkt_duration = duration;
#endif
}

/*
 * Whether FFmpeg passes the duration of a frame to libaom. It reads ticks_per_frame for it; without that field each
 * frame takes one tick.
 */
static inline int compat_libaom_has_durations(void)
{
    return LIBAVCODEC_VERSION_MAJOR < 62;
}

/* Formats that an encoder takes, ended by AV_PIX_FMT_NONE; NULL if it does not say. The field went with version 63. */
static inline const enum AVPixelFormat *compat_pixel_formats(const AVCodec *codec)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
    const void *formats = NULL;

    if (avcodec_get_supported_config(NULL, codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &formats, NULL) < 0)
        return NULL;
    return formats;
#else
    return codec->pix_fmts;
#endif
}

/*
 * FFmpeg 7 opens libaom with constant bitrate, which its realtime usage always has, by writing to memory that it has
 * freed: that brings the process down sooner or later.
 */
static inline int compat_libaom_has_constant_bitrate(void)
{
    return avcodec_version() >> 16 != 61;
}

#endif
