/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_GRID_PICTURES_H
#define WCENC_TESTS_GRID_PICTURES_H

/* The frames that a cell is fed with, and what must have become of them once they are decoded. */

#include "../support/decoder.h"
#include "grid_cells.h"

#define GRID_FRAME_US INT64_C(33333)

wcenc_frame *grid_frame(const struct grid_cell *cell, int number);

/*
 * Fails the test where samples, depth or chroma are not those that were drawn; `reported` is of the decoder config.
 * False where the cell has no picture that can be compared.
 */
bool grid_check_pictures(const struct grid_cell *cell, const struct decoder *decoder,
                         const wcenc_color_space *reported);

#endif
