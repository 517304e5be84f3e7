/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_GAMUT_H
#define WCENC_CONVERT_GAMUT_H

/*
 * RGB of one set of primaries and one transfer function to another: to sRGB and to Display P3. Frames of standard and
 * high definition are read as sRGB, as browsers do: the transfers bt709 and smpte170m, the primaries smpte170m, and
 * what is not specified. Of PQ and HLG, 203 cd/m2 is white (ITU-R BT.2408). Colours out of the target's gamut are
 * clipped.
 */

#include <stdbool.h>

#include "frame.h"

/* True if the same R, G and B are another colour in the other colour space. */
bool wcenc__gamut_differs(const wcenc_color_space *a, const wcenc_color_space *b);

/*
 * Fills R, G and B of `target`, whose fourth bytes are left alone. `source` has the same size and is RGB, or planar
 * YCbCr of any depth with chroma for every sample, a matrix and no sample above its depth. `target` is full-range RGB
 * with sRGB's transfer. The two are not the same memory.
 */
void wcenc__gamut_convert(const struct picture *source, const struct picture *target);

#endif
