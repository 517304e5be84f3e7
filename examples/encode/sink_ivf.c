/* SPDX-License-Identifier: MIT */

/*
 * IVF: a header of 32 bytes, and one of 12 before every chunk; all numbers little endian. Timestamps are the library's
 * microseconds.
 */

#include <stdio.h>
#include <string.h>

#include "sink.h"

enum { HEADER_SIZE = 32, CHUNK_HEADER_SIZE = 12, FRAME_COUNT_OFFSET = 24 };

static void put_number(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static const char *fourcc(enum codec codec)
{
    return codec == CODEC_VP8 ? "VP80" : codec == CODEC_VP9 ? "VP90" : "AV01";
}

static bool ivf_open(struct sink *sink, struct fault *fault)
{
    (void)sink;
    (void)fault;
    return true;
}

static bool write_header(struct sink *sink, const wcenc_decoder_config *config)
{
    uint8_t header[HEADER_SIZE] = "DKIF";

    put_number(header + 6, HEADER_SIZE, 2);
    memcpy(header + 8, fourcc(sink->codec), 4);
    put_number(header + 12, config->coded_width, 2);
    put_number(header + 14, config->coded_height, 2);
    put_number(header + 16, (uint64_t)sink->format->ticks, 4);
    put_number(header + 20, 1, 4);
    return outfile_write(&sink->file, header, sizeof(header));
}

static bool ivf_write(struct sink *sink, const wcenc_chunk *chunk, struct fault *fault)
{
    const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(chunk);
    size_t size = wcenc_chunk_byte_length(chunk);
    size_t delimiter = sink_lacks_delimiter(sink, chunk) ? sizeof(sink_delimiter) : 0;
    uint8_t header[CHUNK_HEADER_SIZE];

    if (sink->chunks == 0 && (!metadata || !metadata->decoder_config))
        return fault_set(fault, "the first chunk came without a decoder config");
    put_number(header, size + delimiter, 4);
    put_number(header + 4, (uint64_t)wcenc_chunk_timestamp_us(chunk), 8);
    return (sink->chunks > 0 || write_header(sink, metadata->decoder_config)) &&
                   outfile_write(&sink->file, header, sizeof(header)) &&
                   outfile_write(&sink->file, sink_delimiter, delimiter) &&
                   outfile_write(&sink->file, wcenc_chunk_data(chunk), size)
               ? true
               : outfile_fault(&sink->file, fault);
}

/* The header tells how many chunks follow; in a pipe it stays 0, which readers take for unknown. */
static bool ivf_finish(struct sink *sink, struct fault *fault)
{
    uint8_t count[4];

    put_number(count, sink->chunks, 4);
    if (outfile_seek(&sink->file, FRAME_COUNT_OFFSET, SEEK_SET) < 0)
        return true;
    return outfile_write(&sink->file, count, sizeof(count)) || outfile_fault(&sink->file, fault);
}

static void ivf_free(struct sink *sink)
{
    (void)sink;
}

const struct sink_ops sink_ivf_ops = {ivf_open, ivf_write, ivf_finish, ivf_free};
