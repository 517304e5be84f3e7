/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_REALTIME_BOUNDS_H
#define WCENC_BACKEND_REALTIME_BOUNDS_H

/*
 * Bounds in realtime: of key frames, since a large one delays the frames behind it, and of the bits that a picture at
 * rest gets.
 */

#include "config.h"

/*
 * The maximum size of a key frame in per cent of the bits of an average frame: `step` times the framerate, at least
 * 450. A step of 20 is a fifth of a second's bits.
 */
uint32_t wcenc__key_frame_percent(struct rational framerate, uint32_t step);

/* Quantizers on the scale of an encoder's own. */
struct quantizer_min {
    uint8_t at_rest; /* a picture at rest is refined up to this one */
    uint8_t least;   /* the smallest, where there are bits enough for any */
    /*
     * In place of at_rest where the bitrate may vary, if not 0. With at_rest, VP9 and AV1 fall short of a variable
     * bitrate. With no minimum, VP9 spends 1.6 times the bitrate on a picture at rest, and with 2 just over 1.15 times.
     */
    uint8_t at_rest_if_variable;
};

/*
 * The smallest quantizer to use: `at_rest` below a fifth of a bit for each pixel, else `least`. Without `at_rest` the
 * whole bitrate goes into a picture that no longer changes, far beyond what can be seen.
 */
uint32_t wcenc__quantizer_min(const struct encoder_config *config, const struct quantizer_min *min);

/*
 * The minimum to use once the caller's options are applied: a maximum of theirs below the minimum of the tables,
 * `of_tables`, is the minimum as well. One that they set themselves stays.
 */
unsigned wcenc__quantizer_min_within(unsigned min, unsigned of_tables, unsigned max);

#endif
