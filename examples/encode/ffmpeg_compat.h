/* SPDX-License-Identifier: MIT */
#ifndef FFMPEG_COMPAT_H
#define FFMPEG_COMPAT_H

/* What changed in FFmpeg's API between 5.1 and 9: the only place of this program with version conditions. */

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <stdbool.h>
#include <string.h>

/* The write callback of avio_alloc_context: const since FFmpeg 7. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t compat_write_byte;
#else
typedef uint8_t compat_write_byte;
#endif

/* Profiles and levels of codec parameters: renamed in FFmpeg 6.1, the old names gone with FFmpeg 8. */
#ifdef AV_PROFILE_UNKNOWN
#define COMPAT_PROFILE_UNKNOWN AV_PROFILE_UNKNOWN
#else
#define COMPAT_PROFILE_UNKNOWN FF_PROFILE_UNKNOWN
#endif

/* In units of the stream's time base; 0 where unknown. Renamed in FFmpeg 6.0. */
static inline int64_t compat_frame_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

/* Became flags in FFmpeg 6.1; the members are gone with FFmpeg 8. */
static inline bool compat_is_interlaced(const AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_INTERLACED
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
    return frame->interlaced_frame;
#endif
}

static inline bool compat_is_top_field_first(const AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_TOP_FIELD_FIRST
    return frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
    return frame->top_field_first;
#endif
}

/* Side data of a stream, or NULL if it has fewer bytes than that. It moved in FFmpeg 6.1. */
static inline const void *compat_side_data(const AVStream *stream, enum AVPacketSideDataType type, size_t least)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data =
        av_packet_side_data_get(stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);

    return data && data->size >= least ? data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, type, &size);

    return data && size >= least ? data : NULL;
#endif
}

/* Gives a stream to be written side data. Returns 0 or AVERROR(ENOMEM). */
static inline int compat_set_side_data(AVStream *stream, enum AVPacketSideDataType type, const void *bytes, size_t size)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVPacketSideData *side = av_packet_side_data_new(&stream->codecpar->coded_side_data,
                                                     &stream->codecpar->nb_coded_side_data, type, size, 0);
    uint8_t *data = side ? side->data : NULL;
#else
    uint8_t *data = av_stream_new_side_data(stream, type, size);
#endif

    if (!data)
        return AVERROR(ENOMEM);
    memcpy(data, bytes, size);
    return 0;
}

#endif
