/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_NAL_WRITER_H
#define WCENC_BITSTREAM_NAL_WRITER_H

/* A NAL unit has no 00 00 00 to 00 00 03 in it: a 03 goes before the third byte (emulation prevention). */

#include "bitstream.h"

struct nal_writer {
    struct byte_buffer *out;
    unsigned zeros; /* that were written last */
};

static inline void nal_put_byte(struct nal_writer *writer, uint8_t byte)
{
    static const uint8_t prevention = 3;

    if (writer->zeros == 2 && byte <= prevention) {
        wcenc__buffer_append(writer->out, &prevention, 1);
        writer->zeros = 0;
    }
    wcenc__buffer_append(writer->out, &byte, 1);
    writer->zeros = byte == 0 ? writer->zeros + 1 : 0;
}

#endif
