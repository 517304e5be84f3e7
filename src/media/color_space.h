/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_COLOR_SPACE_H
#define WCENC_MEDIA_COLOR_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/color_space.h>

extern const wcenc_color_space wcenc__color_space_srgb;       /* full-range RGB */
extern const wcenc_color_space wcenc__color_space_display_p3; /* full-range RGB */
extern const wcenc_color_space wcenc__color_space_bt709;      /* limited-range YCbCr */

/* True if every member is one of its enumerators, UNSPECIFIED included. */
bool wcenc__color_space_is_valid(const wcenc_color_space *color_space);

bool wcenc__chroma_location_is_valid(wcenc_chroma_location location);

/* H.273's code point for a member, whose own values differ for "not specified" and RGB only. */
uint8_t wcenc__color_code_point(int32_t member);

bool wcenc__color_space_equal(const wcenc_color_space *a, const wcenc_color_space *b);

/*
 * The colour space of a YCbCr stream whose first frame is in `frame`. Each member is what `requested` specifies, else
 * what the frame does; nothing is made up, so that primaries, transfer and matrix may stay unspecified. But:
 *     matrix  RGB frames are converted, and need one: that of the primaries. "rgb" counts as unspecified.
 *     range   limited for RGB frames, and where nobody specifies one
 * Primaries and their matrix: smpte170m and bt470bg go with smpte170m, bt2020 with bt2020-ncl, all others with bt709.
 */
wcenc_color_space wcenc__color_space_for_stream(const wcenc_color_space *frame, bool is_rgb,
                                                const wcenc_color_space *requested);

/*
 * How a YCbCr frame is read that goes into `stream`: a matrix that either leaves unspecified is the other's, so that
 * nothing is converted from or to a matrix that nobody named; a range that is not specified is limited.
 */
wcenc_color_space wcenc__color_space_in_stream(const wcenc_color_space *frame, const wcenc_color_space *stream);

/* How a YCbCr frame is read that becomes RGB, which takes a matrix: that of the primaries where none is specified. */
wcenc_color_space wcenc__color_space_to_rgb(const wcenc_color_space *frame);

#endif
