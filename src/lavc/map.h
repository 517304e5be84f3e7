/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_LAVC_MAP_H
#define WCENC_SRC_LAVC_MAP_H

/* Between the library's enumerations and FFmpeg's. */

#include <libavutil/pixfmt.h>

#include <wcenc/color_space.h>
#include <wcenc/frame.h>

/* Alpha planes are left out: I420A maps to yuv420p, and RGBA to rgb0. AV_PIX_FMT_NONE for NONE. */
enum AVPixelFormat wcenc__lavc_pixel_format(wcenc_pixel_format format);

enum AVChromaLocation wcenc__lavc_chroma_location(wcenc_chroma_location location);

enum AVColorPrimaries wcenc__lavc_primaries(wcenc_color_primaries primaries);
enum AVColorTransferCharacteristic wcenc__lavc_transfer(wcenc_color_transfer transfer);
enum AVColorSpace wcenc__lavc_matrix(wcenc_color_matrix matrix);
enum AVColorRange wcenc__lavc_range(wcenc_color_range range);

#endif
