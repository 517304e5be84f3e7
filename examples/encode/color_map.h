/* SPDX-License-Identifier: MIT */
#ifndef COLOR_MAP_H
#define COLOR_MAP_H

/* Colour spaces and orientations: FFmpeg's and WebCodecs'. */

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>
#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

/*
 * The colour space of a decoded frame. What a YCbCr frame does not say is filled in the way players guess it: BT.601 up
 * to 576 lines and BT.709 above, limited range.
 */
wcenc_color_space color_from_frame(const AVFrame *frame);

/* What the frame says, where the library has a value for it. */
wcenc_chroma_location chroma_location_from_frame(const AVFrame *frame);

bool color_is_rgb(enum AVPixelFormat format);

/* Into the parameters of a stream to be written. */
void color_to_parameters(const wcenc_color_space *color, AVCodecParameters *parameters);

/* The quarter turn clockwise, and the mirroring after it, that a display matrix stands for; NULL is none. */
void orientation_from_matrix(const int32_t *matrix, int32_t *rotation, int32_t *flip);

void orientation_to_matrix(int32_t rotation, int32_t flip, int32_t matrix[9]);

#endif
