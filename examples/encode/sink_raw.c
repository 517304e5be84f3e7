/* SPDX-License-Identifier: MIT */

/* Raw streams: Annex B, and AV1's low-overhead format. The chunks, one after the other. */

#include "sink.h"

static bool raw_open(struct sink *sink, struct fault *fault)
{
    (void)sink;
    (void)fault;
    return true;
}

static bool raw_write(struct sink *sink, const wcenc_chunk *chunk, struct fault *fault)
{
    if (sink_lacks_delimiter(sink, chunk) && !outfile_write(&sink->file, sink_delimiter, sizeof(sink_delimiter)))
        return outfile_fault(&sink->file, fault);
    return outfile_write(&sink->file, wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk)) ||
           outfile_fault(&sink->file, fault);
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
