/* SPDX-License-Identifier: MIT */
#ifndef SCENE_DRAW_H
#define SCENE_DRAW_H

/*
 * The test scene: colour bars, a grey ramp, a gradient that moves, a circle and a box that bounce, a patch of noise,
 * and the frame's number, in digits and as a pattern that a program can read:
 *
 * The bottom rows hold SCENE_BLOCKS blocks side by side, each scene_block_size() pixels wide and high, starting at the
 * left edge: white, black, and then the number's bits, the highest first, white for 1.
 *
 * Every pixel follows from size and number alone.
 */

#include <stdint.h>

#define SCENE_BITS   16
#define SCENE_BLOCKS (SCENE_BITS + 2)

/* 0 where the picture is too small for the pattern. */
uint32_t scene_block_size(uint32_t width, uint32_t height);

/* Draws RGBA, rows without a gap. `seconds` moves things; `number` is shown. */
void scene_draw(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t number, double seconds);

#endif
