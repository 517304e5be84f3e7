/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_GRID_CELLS_H
#define WCENC_TESTS_GRID_CELLS_H

/*
 * The grid of configurations that the support query is held against: first each codec string and each single change of
 * an ordinary configuration of each encoder, then random combinations, as many as one likes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavutil/pixfmt.h>

#include <wcenc/wcenc.h>

struct grid_codec {
    const char *text;
    enum AVPixelFormat decoded; /* what a decoder makes of it; NONE: is never supported */
};

enum { GRID_DESCRIPTION_MAX = 1024 };

struct grid_cell {
    uint32_t number;
    const struct grid_codec *codec;
    wcenc_config config;
    wcenc_pixel_format frame_format;
    bool has_own_size; /* frames come in the size of the config, else in one that is scaled */
    bool second_is_key;
};

/* The codec strings that are encoded where FFmpeg has the encoder, one after the other; NULL beyond the last. */
const struct grid_codec *grid_encoded_codec(uint32_t number);

/* How many cells come before the random ones. They are the same with every seed. */
uint32_t grid_fixed_cells(void);

/* The cell of a number, whatever other cells there are. */
struct grid_cell grid_cell(uint64_t seed, uint32_t number);

/* All that the cell is made of, on one line. */
void grid_describe(const struct grid_cell *cell, char out[GRID_DESCRIPTION_MAX]);

#endif
