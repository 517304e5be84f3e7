/* SPDX-License-Identifier: MIT */
#ifndef CONTROL_H
#define CONTROL_H

/* What is not about one control: arguments, a picture that moves, an encoder with its callbacks on a thread. */

#include <stdint.h>
#include <stdio.h>
#include <wcenc/wcenc.h>

#include "check.h"
#include "video_file.h"

enum {
    CONTROL_WIDTH = 320,
    CONTROL_HEIGHT = 240,
    CONTROL_RATE = 30,
    CONTROL_BYTES = CONTROL_WIDTH * CONTROL_HEIGHT * 4
};

/*
 * Prints `help` and ends the program: well where the first argument is --help, and as an error where there are fewer
 * than `least` arguments or more than `most`.
 */
void control_arguments(int argc, char **argv, int least, int most, const char *help);

/* A configuration for those pictures. */
wcenc_config control_config(const char *codec, uint64_t bitrate);

/*
 * The WCENC_CAPABILITY_ bits of a configuration; prints which encoder they are of. A configuration that is not
 * supported ends the program, in the library's words.
 */
uint32_t control_capabilities(const wcenc_config *config);

/*
 * An encoder that is configured. It calls `on_output` with `user` on its own thread; what that has done can be seen
 * after a flush. At most eight frames wait for it: encode waits for room.
 */
wcenc_encoder *control_start(const wcenc_config *config, wcenc_output_fn on_output, void *user);

/* The n-th picture, opaque, as RGBA: bands of colour that move to the left, with a grain that no encoder foresees. */
void control_draw(unsigned char rgba[CONTROL_BYTES], unsigned n);

/* A frame of such pixels, with the time of the n-th. The caller owns it. */
wcenc_frame *control_frame(const unsigned char rgba[CONTROL_BYTES], unsigned n);

#endif
