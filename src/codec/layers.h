/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_LAYERS_H
#define WCENC_CODEC_LAYERS_H

/*
 * Temporal layers as patterns of frames: which of an encoder's buffers each frame reads and which it writes. No frame
 * reads what a frame of a higher layer has written, so that a receiver may leave out a layer and those above it. With
 * the scalability mode "manual" there is no pattern: the caller makes the step of each frame.
 */

#include <stdint.h>

#include "config.h"

enum { LAYER_PERIOD_MAX = 4 };

/* Buffers of an encoder for pictures that later frames read, as bits. */
enum {
    LAYER_BUFFER_0 = 1,
    LAYER_BUFFER_1 = 2,
    LAYER_BUFFER_2 = 4,
};

/* One frame. Key frames stand at the first step of a pattern; they read nothing and write every buffer. */
struct layer_step {
    uint8_t layer;
    uint8_t references; /* buffers that it may read */
    uint8_t updates;    /* buffers that it writes, and no others */
};

struct layer_pattern {
    uint32_t period;
    struct layer_step steps[LAYER_PERIOD_MAX];
    uint8_t decimators[WCENC_TEMPORAL_LAYERS_MAX]; /* of the frame rate, for a layer and all below it */
    uint8_t percents[WCENC_TEMPORAL_LAYERS_MAX];   /* of the bitrate, likewise */
};

/* NULL for a single layer. */
const struct layer_pattern *wcenc__layer_pattern(uint32_t layers);

/* The step of the frame that is `distance` frames behind the last key frame. */
const struct layer_step *wcenc__layer_step(const struct layer_pattern *pattern, int64_t distance);

#endif
