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

bool wcenc__chroma_location_is_valid(wcenc_chroma_location location);

bool wcenc__color_space_equal(const wcenc_color_space *a, const wcenc_color_space *b);

/*
 * The colour space of a YCbCr stream for frames in `frame`, fully given. Each member is what `wish` gives (0: nothing),
 * else what the frame gives, the matrix and range of RGB frames excepted. What is still missing:
 *     primaries  those of the matrix; bt709 for RGB frames and where there is no matrix
 *     matrix     that of the primaries; an RGB matrix that is wished for counts as missing
 *     transfer   iec61966-2-1 for RGB frames; else that of the primaries
 *     range      limited
 * where these go together:
 *     primaries             matrix                          transfer
 *     bt709                 bt709                           bt709
 *     smpte170m, bt470bg    smpte170m (bt470bg: the same)   smpte170m
 *     bt2020                bt2020-ncl                      bt709, whose curve is BT.2020's too
 *     smpte432              bt709                           iec61966-2-1
 */
wcenc_color_space wcenc__color_space_for_stream(const wcenc_color_space *frame, const wcenc_color_space *wish);

#endif
