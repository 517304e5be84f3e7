/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_BITS_H
#define WCENC_TESTS_BITS_H

/* Bits of a header, most significant first; the tests' own reading, apart from the library's. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
    const uint8_t *data;
    size_t size;
    size_t at;      /* the next bit */
    bool is_beyond; /* more was read than there is: zeros */
};

static inline uint32_t bits_get(struct bits *bits, unsigned count)
{
    uint32_t value = 0;

    for (; count > 0; count--, bits->at++) {
        bool is_there = bits->at / 8 < bits->size;

        bits->is_beyond = bits->is_beyond || !is_there;
        value = value << 1 | (is_there ? (uint32_t)bits->data[bits->at / 8] >> (7 - bits->at % 8) & 1 : 0);
    }
    return value;
}

/* ue(v) of H.264 and HEVC, uvlc() of AV1. */
static inline uint32_t bits_get_ue(struct bits *bits)
{
    unsigned zeros = 0;

    while (bits_get(bits, 1) == 0)
        if (bits->is_beyond || ++zeros > 31) {
            bits->is_beyond = true;
            return 0;
        }
    return (1u << zeros) - 1 + bits_get(bits, zeros);
}

#endif
