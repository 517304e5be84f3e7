/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_REALTIME_BOUNDS_H
#define WCENC_BACKEND_REALTIME_BOUNDS_H

/* Bounds that realtime has and quality has not: of key frames, which delay others, and of what is spent on pictures at
 * rest. */

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
};

/*
 * The smallest quantizer to use. Without `at_rest` all of the bitrate goes into a picture that no longer changes, far
 * beyond what can be seen: it is left out from a fifth of a bit a pixel on.
 */
uint32_t wcenc__quantizer_min(const struct encoder_config *config, const struct quantizer_min *min);

#endif
