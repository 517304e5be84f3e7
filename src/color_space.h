/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_COLOR_SPACE_H
#define WCENC_SRC_COLOR_SPACE_H

#include <stdbool.h>

#include <wcenc/color_space.h>

extern const wcenc_color_space wcenc__color_space_srgb;       /* full-range RGB */
extern const wcenc_color_space wcenc__color_space_display_p3; /* full-range RGB */
extern const wcenc_color_space wcenc__color_space_bt709;      /* limited-range YCbCr */

/* True if every member is one of its enumerators, UNSPECIFIED included. */
bool wcenc__color_space_is_valid(const wcenc_color_space *color_space);

bool wcenc__color_space_equal(const wcenc_color_space *a, const wcenc_color_space *b);

/*
 * The colour space of a YCbCr stream for frames in `frame`, fully given: what `wish` gives (0: nothing), then what the
 * frame gives, with RGB becoming the matrix of its primaries in limited range, then BT.709.
 */
wcenc_color_space wcenc__color_space_for_stream(const wcenc_color_space *frame, const wcenc_color_space *wish);

#endif
