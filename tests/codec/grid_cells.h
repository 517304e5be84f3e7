/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_GRID_CELLS_H
#define WCENC_TESTS_GRID_CELLS_H

/*
 * The grid of configurations that the support query is held against: first each codec string by each encoder that has
 * it, in all forms that there are; then each single change of an ordinary configuration of each encoder; then random
 * combinations, as many as one likes.
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

enum { GRID_DESCRIPTION_MAX = 1024, GRID_FRAMES_MAX = 7 };

enum grid_picture {
    GRID_FLAT,    /* one colour, in the cell's format and in a size that is scaled */
    GRID_OWN,     /* the config's size: a pattern in I420 where it is large enough, else as above */
    GRID_SAMPLES, /* the codec's own format, with every level and the full resolution of chroma; the last one RGB */
};

struct grid_form;

struct grid_cell {
    uint32_t number;
    const struct grid_codec *codec;
    const struct grid_form *form; /* NULL but for the cells of all forms */
    wcenc_config config;
    enum grid_picture picture;
    wcenc_pixel_format frame_format;
    int frames;      /* that are coded */
    int key_every;   /* so many frames a key is asked for; 0: never */
    bool has_slices; /* several in a picture */
    int relaxed;
};

/*
 * Leaves out what the cell's encoder or profile may not have, and takes another size, step by step; false where nothing
 * is left that may be refused. Only cells of forms have such steps.
 */
bool grid_relax(struct grid_cell *cell);

/* How many cells come before the random ones. They are the same with every seed. */
uint32_t grid_fixed_cells(void);

/* How many of them are the forms of each codec string, which come first. */
uint32_t grid_form_cells(void);

/* The cell of a number, whatever other cells there are. */
struct grid_cell grid_cell(uint64_t seed, uint32_t number);

/* All that the cell is made of, on one line. */
void grid_describe(const struct grid_cell *cell, char out[GRID_DESCRIPTION_MAX]);

#endif
