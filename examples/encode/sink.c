/* SPDX-License-Identifier: MIT */

/* The table of output formats, and what all of them have in common. */

#include "sink.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MPEG (CODEC_H264 | CODEC_HEVC)
#define WEB  (CODEC_VP8 | CODEC_VP9 | CODEC_AV1)
#define MP4  (MPEG | CODEC_VP9 | CODEC_AV1)

const uint8_t sink_delimiter[2] = {0x12, 0x00};

/* QuickTime warns of more than 100,000 ticks a second; MP4 takes the library's microseconds as they are. */
static const struct sink_format formats[] = {
    {".mp4", "MP4", MP4, CODEC_H264, false, true, "mp4", 1000000, &sink_container_ops},
    {".m4v", "MP4", MP4, CODEC_H264, false, true, "mp4", 1000000, &sink_container_ops},
    {".mov", "QuickTime", MPEG, CODEC_H264, false, true, "mov", 90000, &sink_container_ops},
    {".mkv", "Matroska", MPEG | WEB, CODEC_H264, false, false, "matroska", 1000, &sink_container_ops},
    {".webm", "WebM", WEB, CODEC_VP9, false, false, "webm", 1000, &sink_container_ops},
    {".ivf", "IVF", WEB, CODEC_VP9, false, false, NULL, 1000000, &sink_ivf_ops},
    {".h264", "raw H.264", CODEC_H264, CODEC_H264, true, false, NULL, 0, &sink_raw_ops},
    {".264", "raw H.264", CODEC_H264, CODEC_H264, true, false, NULL, 0, &sink_raw_ops},
    {".avc", "raw H.264", CODEC_H264, CODEC_H264, true, false, NULL, 0, &sink_raw_ops},
    {".h265", "raw HEVC", CODEC_HEVC, CODEC_HEVC, true, false, NULL, 0, &sink_raw_ops},
    {".265", "raw HEVC", CODEC_HEVC, CODEC_HEVC, true, false, NULL, 0, &sink_raw_ops},
    {".hevc", "raw HEVC", CODEC_HEVC, CODEC_HEVC, true, false, NULL, 0, &sink_raw_ops},
    {".obu", "AV1 OBU", CODEC_AV1, CODEC_AV1, false, false, NULL, 0, &sink_raw_ops},
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

/* The extensions, with their dots or without. */
static void list_formats(char *out, size_t size, bool dots)
{
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; i < FORMAT_COUNT && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "", formats[i].extension + !dots);
}

const struct sink_format *sink_format_find(const char *path, const char *name, struct fault *fault)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    const char *extension = name ? name + (*name == '.') : dot ? dot + 1 : "";
    char known[160];

    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (!strcasecmp(extension, formats[i].extension + 1) ||
            (name && formats[i].muxer && !strcasecmp(name, formats[i].muxer)))
            return &formats[i];
    list_formats(known, sizeof(known), !name && strcmp(path, "/dev/stdout"));
    if (name)
        fault_set(fault, "--format: \"%s\" is not valid; use one of %s", name, known);
    else if (!strcmp(path, "/dev/stdout"))
        fault_set(fault, "standard output has no extension: name its format with -f, one of %s", known);
    else
        fault_set(fault, "%s: the extension names no known format (known: %s); -f FORMAT names one", path, known);
    return NULL;
}

bool sink_format_holds(const struct sink_format *format, enum codec codec, struct fault *fault)
{
    char codecs[64] = "";

    if (format->codecs & codec)
        return true;
    for (unsigned bit = 1; bit <= CODEC_AV1; bit <<= 1) {
        size_t used = strlen(codecs);

        if (format->codecs & bit)
            snprintf(codecs + used, sizeof(codecs) - used, "%s%s", used ? ", " : "", codec_title(bit));
    }
    return fault_set(fault, "%s (%s) cannot hold %s, only %s", format->name, format->extension, codec_title(codec),
                     codecs);
}

bool sink_open(struct sink *sink, const struct sink_format *format, enum codec codec, double framerate,
               const char *path, const char *input, bool overwrite, struct fault *fault)
{
    memset(sink, 0, sizeof(*sink));
    sink->format = format;
    sink->codec = codec;
    sink->framerate = framerate;
    if (!outfile_open(&sink->file, path, input, overwrite, fault))
        return false;
    if (format->ops->open(sink, fault))
        return true;
    format->ops->free(sink);
    outfile_close(&sink->file, false, fault);
    return false;
}

struct sink_chunk sink_chunk_from(const wcenc_chunk *chunk)
{
    const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(chunk);
    struct sink_chunk out = {
        .data = wcenc_chunk_get_data(chunk),
        .size = wcenc_chunk_get_byte_length(chunk),
        .timestamp_us = wcenc_chunk_get_timestamp_us(chunk),
        .dts_us = wcenc_chunk_get_dts_us(chunk),
        .is_key = wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY,
    };

    wcenc_chunk_get_duration_us(chunk, &out.duration_us);
    if (metadata) {
        out.alpha = metadata->alpha_side_data;
        out.alpha_size = metadata->alpha_side_data_size;
        out.decoder_config = metadata->decoder_config;
    }
    return out;
}

bool sink_write(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    if (!sink->format->ops->write(sink, chunk, fault))
        return false;
    sink->chunks++;
    return true;
}

bool sink_close(struct sink *sink, bool keep, int64_t *size, struct fault *fault)
{
    keep = keep && sink->chunks > 0 && sink->format->ops->finish(sink, fault);
    sink->format->ops->free(sink);
    *size = outfile_size(&sink->file);
    return outfile_close(&sink->file, keep, fault) && keep;
}

bool sink_is_fragmented(const struct sink *sink)
{
    return sink->format->muxer && sink->format->ticks != 1000 && !sink->file.seekable;
}

/* WebM has no element for it, and libavformat writes no fiel box beside an avcC one. */
bool sink_says_interlaced(const struct sink *sink)
{
    const char *muxer = sink->format->muxer;

    return muxer && strcmp(muxer, "webm") != 0 && (!strcmp(muxer, "matroska") || sink->codec != CODEC_H264);
}

bool sink_says_hdr(const struct sink *sink)
{
    return sink->format->muxer || !(sink->codec & (CODEC_VP8 | CODEC_VP9));
}

bool sink_lacks_delimiter(const struct sink *sink, const struct sink_chunk *chunk)
{
    const int temporal_delimiter = 2;

    return sink->codec == CODEC_AV1 && chunk->size > 0 && (chunk->data[0] >> 3 & 15) != temporal_delimiter;
}
