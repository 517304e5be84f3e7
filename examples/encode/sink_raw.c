/* SPDX-License-Identifier: MIT */

/*
 * Formats that are written here. Raw streams, Annex B and AV1's low-overhead format, are the chunks, one after the
 * other.
 *
 * IVF: a header of 32 bytes, and one of 12 before every chunk; all numbers little endian.
 *
 * The header's length field is the number of frames, as libvpx's tools write it and WebRTC's reader relies on. FFmpeg
 * reads and writes a duration there, in units of the time base. The two agree only where a frame lasts one unit; so a
 * stream that turns out to keep its framerate is given one frame as the unit at the end. One of varying rate keeps the
 * library's microseconds, and FFmpeg takes it for a short one until it has read it.
 */

#include <libavutil/rational.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"

enum { HEADER_SIZE = 32, CHUNK_HEADER_SIZE = 12, TIME_BASE_OFFSET = 16, FRAME_COUNT_OFFSET = 24 };

/* Matroska and others round to milliseconds, the first frame's time as well. */
static const double STEADY_WITHIN_US = 1100;

struct ivf {
    AVRational frame; /* how long one lasts, in seconds; 0/1 where that fits no header */
    int64_t first_us;
    bool is_steady; /* so far */
};

static void put_number(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static int64_t get_size(const uint8_t in[4])
{
    return in[0] | in[1] << 8 | in[2] << 16 | (int64_t)in[3] << 24;
}

static const char *fourcc(enum codec codec)
{
    return codec == CODEC_VP8 ? "VP80" : codec == CODEC_VP9 ? "VP90" : "AV01";
}

static bool ivf_open(struct sink *sink, struct fault *fault)
{
    struct ivf *ivf = calloc(1, sizeof(*ivf));

    sink->state = ivf;
    if (!ivf)
        return fault_set(fault, "out of memory");
    ivf->frame = av_inv_q(av_d2q(sink->framerate, 1001000));
    ivf->is_steady = ivf->frame.num > 0 && ivf->frame.den > 0;
    return true;
}

static void note_time(struct ivf *ivf, const struct sink *sink, int64_t timestamp)
{
    if (sink->chunks == 0)
        ivf->first_us = timestamp;
    if (ivf->is_steady) {
        double expected = (double)sink->chunks * av_q2d(ivf->frame) * 1e6;

        ivf->is_steady = fabs((double)(timestamp - ivf->first_us) - expected) < STEADY_WITHIN_US;
    }
}

static bool write_header(struct sink *sink, const wcenc_decoder_config *config)
{
    uint8_t header[HEADER_SIZE] = "DKIF";

    put_number(header + 6, HEADER_SIZE, 2);
    memcpy(header + 8, fourcc(sink->codec), 4);
    put_number(header + 12, config->coded_width, 2);
    put_number(header + 14, config->coded_height, 2);
    put_number(header + TIME_BASE_OFFSET, (uint64_t)sink->format->ticks, 4);
    put_number(header + TIME_BASE_OFFSET + 4, 1, 4);
    return outfile_write(&sink->file, header, sizeof(header));
}

static bool ivf_write(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    size_t delimiter = sink_lacks_delimiter(sink, chunk) ? sizeof(sink_delimiter) : 0;
    uint8_t header[CHUNK_HEADER_SIZE];

    if (sink->chunks == 0 && !chunk->decoder_config)
        return fault_set(fault, "the first chunk came without a decoder config");
    note_time(sink->state, sink, chunk->timestamp_us);
    put_number(header, chunk->size + delimiter, 4);
    put_number(header + 4, (uint64_t)chunk->timestamp_us, 8);
    return (sink->chunks > 0 || write_header(sink, chunk->decoder_config)) &&
                   outfile_write(&sink->file, header, sizeof(header)) &&
                   outfile_write(&sink->file, sink_delimiter, delimiter) &&
                   outfile_write(&sink->file, chunk->data, chunk->size)
               ? true
               : outfile_fault(&sink->file, fault);
}

/* Numbers the frames instead of giving their microseconds. */
static bool count_in_frames(struct sink *sink, AVRational frame)
{
    int64_t offset = HEADER_SIZE;
    uint8_t number[8];

    put_number(number, (uint64_t)frame.den, 4);
    put_number(number + 4, (uint64_t)frame.num, 4);
    if (!outfile_write_at(&sink->file, TIME_BASE_OFFSET, number, 8))
        return false;
    for (uint64_t i = 0; i < sink->chunks; i++) {
        uint8_t size[4];

        put_number(number, i, 8);
        if (!outfile_read_at(&sink->file, offset, size, 4) || !outfile_write_at(&sink->file, offset + 4, number, 8))
            return false;
        offset += CHUNK_HEADER_SIZE + get_size(size);
    }
    return true;
}

/* In a pipe the number of frames stays 0, which readers take for unknown. */
static bool ivf_finish(struct sink *sink, struct fault *fault)
{
    const struct ivf *ivf = sink->state;
    uint8_t count[4];

    if (!sink->file.seekable)
        return true;
    put_number(count, sink->chunks, 4);
    return (outfile_write_at(&sink->file, FRAME_COUNT_OFFSET, count, sizeof(count)) &&
            (!ivf->is_steady || count_in_frames(sink, ivf->frame))) ||
           outfile_fault(&sink->file, fault);
}

static void ivf_free(struct sink *sink)
{
    free(sink->state);
    sink->state = NULL;
}

const struct sink_ops sink_ivf_ops = {ivf_open, ivf_write, ivf_finish, ivf_free};

static bool raw_open(struct sink *sink, struct fault *fault)
{
    (void)sink;
    (void)fault;
    return true;
}

static bool raw_write(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    if (sink_lacks_delimiter(sink, chunk) && !outfile_write(&sink->file, sink_delimiter, sizeof(sink_delimiter)))
        return outfile_fault(&sink->file, fault);
    return outfile_write(&sink->file, chunk->data, chunk->size) || outfile_fault(&sink->file, fault);
}

static bool raw_finish(struct sink *sink, struct fault *fault)
{
    (void)sink;
    (void)fault;
    return true;
}

static void raw_free(struct sink *sink)
{
    (void)sink;
}

const struct sink_ops sink_raw_ops = {raw_open, raw_write, raw_finish, raw_free};
