/* SPDX-License-Identifier: MIT */

/* The colours that a codec's bitstream can signal. */

#include "profiles.h"

#include "compiler.h"

/* What a decoder of VP9 takes the colour space of the uncompressed header to mean. */
static const struct {
    wcenc_color_matrix matrix;
    wcenc_color_primaries primaries;
    wcenc_color_transfer transfer;
} vp9_colors[] = {
    {WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_BT709},
    {WCENC_COLOR_MATRIX_SMPTE170M, WCENC_COLOR_PRIMARIES_SMPTE170M, WCENC_COLOR_TRANSFER_SMPTE170M},
    {WCENC_COLOR_MATRIX_BT470BG, WCENC_COLOR_PRIMARIES_BT470BG, WCENC_COLOR_TRANSFER_SMPTE170M},
    {WCENC_COLOR_MATRIX_BT2020_NCL, WCENC_COLOR_PRIMARIES_BT2020, WCENC_COLOR_TRANSFER_BT709},
};

void wcenc__codec_limit_color(enum codec_family family, wcenc_color_space *color_space)
{
    if (family != CODEC_VP9)
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(vp9_colors); i++)
        if (vp9_colors[i].matrix == color_space->matrix) {
            color_space->primaries = vp9_colors[i].primaries;
            color_space->transfer = vp9_colors[i].transfer;
        }
}
