/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_PATTERN_H
#define WCENC_TESTS_PATTERN_H

/*
 * Pictures that differ after coding: each carries its number as black and white blocks, in front of a moving
 * background with noise, so that a wrong, repeated or lost frame shows.
 */

#include <stdint.h>

#include <wcenc/wcenc.h>

enum { PATTERN_BITS = 8, PATTERN_BLOCK = 16 };

/* Bytes of a tight I420 picture. */
size_t i420_size(uint32_t width, uint32_t height);

/* Draws picture `number` as tight I420; the size must be at least 128x32. */
void pattern_draw(uint8_t *pixels, uint32_t width, uint32_t height, unsigned number);

/* The number in a picture's luma plane, of the size that was drawn. */
unsigned pattern_read(const uint8_t *luma, int stride);

/* A frame that copies a tight I420 picture. */
wcenc_frame *i420_frame(const uint8_t *pixels, uint32_t width, uint32_t height, int64_t timestamp_us);

/* A frame of picture `number`. */
wcenc_frame *pattern_frame(uint32_t width, uint32_t height, unsigned number, int64_t timestamp_us);

/* A frame of one flat colour, in any format: for RGB formats the three are R, G, B, else Y, U, V at 8 bits. */
wcenc_frame *flat_frame(wcenc_pixel_format format, uint32_t width, uint32_t height, const uint8_t color[3],
                        const wcenc_color_space *color_space, int64_t timestamp_us);

#endif
