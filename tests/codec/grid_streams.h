/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_GRID_STREAMS_H
#define WCENC_TESTS_GRID_STREAMS_H

/*
 * The truth is in the bitstream: the headers of what a cell was coded to have to keep what its codec string and its
 * config promise, and to agree with what the decoder config says beside the stream.
 */

#include "grid_cells.h"

/* Fails the test where they do not. As many chunks as the cell has frames, in decoding order. */
void grid_check_stream(const struct grid_cell *cell, wcenc_chunk *const *chunks);

#endif
