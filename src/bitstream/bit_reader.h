/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_BIT_READER_H
#define WCENC_BITSTREAM_BIT_READER_H

/*
 * Bits from bytes, most significant first, for the header parsers. Reading past the end gives zeros and sets `failed`,
 * so that a parser may read on and look once, but every loop bound that comes from the stream has to be checked
 * against `failed` or a limit.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bit_reader {
    const uint8_t *data;
    size_t size;
    size_t position;    /* of the next byte to load */
    uint8_t byte;       /* the one being read */
    unsigned bits_left; /* in `byte` */
    unsigned zeros;     /* zero bytes loaded in a row */
    bool escaped;       /* H.264 and HEVC: a 3 after two zero bytes is no data */
    bool failed;
};

static inline struct bit_reader bits_begin(const uint8_t *data, size_t size, bool escaped)
{
    return (struct bit_reader){.data = data, .size = size, .escaped = escaped};
}

static inline bool bits_load_byte(struct bit_reader *reader)
{
    if (reader->escaped && reader->zeros >= 2 && reader->position < reader->size &&
        reader->data[reader->position] == 3) {
        reader->position++;
        reader->zeros = 0;
    }
    if (reader->position >= reader->size) {
        reader->failed = true;
        return false;
    }
    reader->byte = reader->data[reader->position++];
    reader->zeros = reader->byte ? 0 : reader->zeros + 1;
    reader->bits_left = 8;
    return true;
}

/* At most 32 bits. */
static inline uint32_t bits_read(struct bit_reader *reader, unsigned count)
{
    uint32_t value = 0;

    while (count > 0) {
        if (reader->bits_left == 0 && !bits_load_byte(reader))
            return 0;
        unsigned taken = count < reader->bits_left ? count : reader->bits_left;
        reader->bits_left -= taken;
        count -= taken;
        value = value << taken | ((uint32_t)reader->byte >> reader->bits_left & ((1u << taken) - 1));
    }
    return value;
}

static inline bool bits_read_flag(struct bit_reader *reader)
{
    return bits_read(reader, 1) != 0;
}

static inline void bits_skip(struct bit_reader *reader, unsigned count)
{
    for (; count > 32; count -= 32)
        bits_read(reader, 32);
    bits_read(reader, count);
}

/* ue(v) of H.264 and HEVC, uvlc() of AV1. More than 31 leading zeros is no value that either allows. */
static inline uint32_t bits_read_ue(struct bit_reader *reader)
{
    unsigned zeros = 0;

    while (!bits_read_flag(reader)) {
        if (reader->failed || ++zeros > 31) {
            reader->failed = true;
            return 0;
        }
    }
    return ((uint32_t)1 << zeros) - 1 + bits_read(reader, zeros);
}

#endif
