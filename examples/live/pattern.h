/* SPDX-License-Identifier: MIT */
#ifndef PATTERN_H
#define PATTERN_H

/*
 * A row of blocks at the bottom left of a picture, which a program can read from its pixels: white, black, then 16 bits
 * of the picture's number and 16 of the time when it was drawn, the highest first, white for 1. The time is in quarters
 * of a millisecond since 1970.
 */

#include <stdbool.h>
#include <stdint.h>

enum { PATTERN_BLOCKS = 34 };

/* The width and height of a block, an even number, so that no two share a chroma sample. */
static inline uint32_t pattern_block_size(uint32_t width, uint32_t height)
{
    uint32_t size = width / PATTERN_BLOCKS;

    return (size > height / 8 ? height / 8 : size) / 2 * 2;
}

static inline bool pattern_is_white(unsigned block, uint32_t number, int64_t unix_us)
{
    uint32_t bits = (number & 0xFFFF) << 16 | (uint32_t)((uint64_t)unix_us / 250 & 0xFFFF);

    return block == 0 || (block >= 2 && bits >> (PATTERN_BLOCKS - 1 - block) & 1);
}

#endif
