/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_PACE_H
#define WCENC_ENCODER_PACE_H

/*
 * How long each frame lasts to rate control. Without a framerate that is the mean of the last steps between timestamps,
 * as far as these make sense; the time until the next frame is not known while the frame is encoded.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

enum {
    PACE_STEP_MIN_US = 1000,
    PACE_STEP_MAX_US = 10000000,
    PACE_STEP_DEFAULT_US = 1000000 / CONFIG_FRAMERATE_DEFAULT,
};

/* All 0 before the first frame. */
struct pace {
    int64_t last_us;     /* timestamp of the last frame, if there was one */
    int64_t step_us;     /* the last good step, if there was one */
    int64_t duration_us; /* mean of the last steps */
    int32_t count;       /* of the steps that it is the mean of */
    bool has_last;
};

struct pace_frame {
    int64_t timestamp_us;
    uint64_t duration_us;
    bool has_duration;
};

/*
 * The duration of the next frame. With a framerate it is that of one frame. Otherwise it is the mean of the last steps.
 * A step that is not positive, too short or too long counts as the last good one; before there is one, the frame's own
 * duration counts, or that of the default framerate.
 */
int64_t wcenc__pace_next(struct pace *pace, const struct encoder_config *config, const struct pace_frame *frame);

#endif
