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

/* Whether a stream has side data of a type. */
static inline bool compat_has_side_data(const AVStream *stream, enum AVPacketSideDataType type)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    return av_packet_side_data_get(stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
#else
    return av_stream_get_side_data(stream, type, NULL);
#endif
}

/* A stream's display matrix, nine numbers, or NULL. Side data moved to the codec parameters in FFmpeg 6.1. */
static inline const int32_t *compat_display_matrix(const AVStream *stream)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);

    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);

    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
#endif
}

/* Gives a stream to be written a display matrix. Returns 0 or AVERROR(ENOMEM). */
static inline int compat_set_display_matrix(AVStream *stream, const int32_t matrix[9])
{
    const size_t size = 9 * sizeof(int32_t);
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVPacketSideData *data = av_packet_side_data_new(
        &stream->codecpar->coded_side_data, &stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX, size, 0);

    if (!data)
        return AVERROR(ENOMEM);
    memcpy(data->data, matrix, size);
#else
    uint8_t *data = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size);

    if (!data)
        return AVERROR(ENOMEM);
    memcpy(data, matrix, size);
#endif
    return 0;
}

#endif
